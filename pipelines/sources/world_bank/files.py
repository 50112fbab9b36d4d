"""The World Bank's bulk files: wide CSV (DS2 and the older one), Metadata_*.csv, and zips of them.

Not here: pages of the API (pages.py), the rule about release dates (world_bank.py).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from typing import Final

import polars as pl

from contracts.base import Severity
from pipelines.csv_lines import Lines, csv_lines, even
from pipelines.headings import BY_NAME, Drift, Heading
from pipelines.source import SourceFormatError
from pipelines.sources.world_bank.rows import (
    PERIOD,
    SERIES,
    Part,
    day,
    economies,
    observations,
    stripped,
)

#: Beside a column for each period. Whatever is new may be a period that is written otherwise.
WIDE: Final = Heading(
    "a bulk file",
    ("Country Name", "Country Code", "Indicator Name", "Indicator Code"),
    numbers=frozenset({"periods"}),
    answers={**BY_NAME, Drift.ADDED: Severity.FAIL},
)
METADATA: Final = Heading(
    "Metadata_Country",
    ("Country Code", "Region", "IncomeGroup", "SpecialNotes", "TableName"),
    optional=frozenset({"SpecialNotes"}),
)


def parse_csv(name: str, content: bytes) -> Part:
    """Rows of a CSV file, whose first cells say which of the four kinds it is."""
    lines = csv_lines(name, content)
    released = None
    for line, cells in lines:
        match cells[0]:
            case "Data Source":
                continue
            case "Last Updated Date":
                released = day(f"{name}, line {line}", "".join(cells[1:2]))
            case "INDICATOR_CODE":
                return Part(notes=(f"{name}: descriptions of series, left out",))
            case _ if "Indicator Code" in cells or cells[0] == "Country Name":
                return _wide(name, line, cells, lines, released)
            case _ if "Country Code" in cells:
                return _metadata(name, line, cells, lines)
            case other:
                raise SourceFormatError(
                    f"{name}, line {line}: begins with {other[:60]!r}; a World Bank file begins "
                    "with Data Source, Country Name, Country Code or INDICATOR_CODE"
                )
    raise SourceFormatError(f"{name}: no line that begins with Country Name; download it again")


def _wide(name: str, line: int, header: list[str], lines: Lines, released: dt.date | None) -> Part:
    """A line for each series and economy, a column for each period."""
    spare = header[-1] == ""  # DS2 files end each line with a comma
    named = header[:-1] if spare else header
    periods = [heading for heading in named if re.fullmatch(PERIOD, heading)]
    others = [heading for heading in named if heading not in periods]
    WIDE.judge(f"{name}, line {line}", others)
    if not periods or len(set(periods)) < len(periods):
        raise SourceFormatError(
            f"{name}, line {line}: the header must hold periods, each once; "
            f"it is {', '.join(header)[:200]}"
        )
    series = header.index("Indicator Code")
    numbers: list[int] = []
    kept: list[list[str]] = []
    unknown: Counter[str] = Counter()
    for number, cells in even(name, header, lines):
        if spare and cells[-1]:
            raise SourceFormatError(
                f"{name}, line {number}: {cells[-1]!r} stands in the last column, which has no name"
            )
        if cells[series] and cells[series] not in SERIES:
            unknown[cells[series]] += 1
            continue
        numbers.append(number)
        kept.append(cells)
    if not kept:
        if not unknown:
            raise SourceFormatError(f"{name}: nothing below the header; download it again")
        return Part({"observation": observations([])}, released, (), unknown)
    columns = dict(zip(header, map(list, zip(*kept, strict=True)), strict=True))
    values = [cell for period in periods for cell in columns[period]]
    drift = WIDE.judge(f"{name}, line {line}", others, {"periods": values})
    columns.pop("", None)
    wide = pl.DataFrame({"raw_row": numbers, **columns}).unpivot(
        on=periods, index=["raw_row", *WIDE.columns], variable_name="period", value_name="cell"
    )
    empty = pl.col("cell") == ""
    frame = wide.select(
        pl.col("Indicator Code").alias("indicator_id"),
        pl.col("Indicator Name").alias("indicator_name"),
        pl.col("Country Code").alias("ref_area"),
        pl.col("Country Name").alias("ref_area_name"),
        pl.col("period"),
        pl.when(~empty).then("cell").alias("value_as_published"),
        pl.when(empty).then(pl.lit("M")).otherwise(pl.lit("A")).alias("obs_status"),
        pl.col("raw_row"),
    )
    return Part({"observation": observations(frame)}, released, (), unknown, drift)


def _metadata(name: str, line: int, header: list[str], lines: Lines) -> Part:
    """Metadata_Country: a line for each economy; one without a region is an aggregate."""
    drift = METADATA.judge(f"{name}, line {line}", [heading for heading in header if heading])
    rows = []
    for number, cells in even(name, header, lines):
        row = {key: stripped(cell) for key, cell in zip(header, cells, strict=True)}
        rows.append(
            {
                "ref_area": row["Country Code"],
                "iso2_code": None,
                "name": row["TableName"],
                "region": row["Region"],
                "income_level": row["IncomeGroup"],
                "is_aggregate": row["Region"] is None,
                "raw_row": number,
            }
        )
    return Part({"economy": economies(rows)}, drift=drift)
