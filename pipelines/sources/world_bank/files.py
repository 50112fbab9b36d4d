"""The World Bank's bulk files: wide CSV (DS2 and the older one), Metadata_*.csv, and zips of them.

Not here: pages of the API (pages.py), the rule about release dates (world_bank.py).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from typing import Final

import polars as pl

from pipelines.csv_lines import Lines, csv_lines, even
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

_WIDE: Final = ["Country Name", "Country Code", "Indicator Name", "Indicator Code"]
_METADATA: Final = ["Country Code", "Region", "IncomeGroup", "TableName"]


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
            case "Country Name":
                return _wide(name, line, cells, lines, released)
            case "Country Code":
                return _metadata(name, line, cells, lines)
            case "INDICATOR_CODE":
                return Part(notes=(f"{name}: descriptions of series, left out",))
            case other:
                raise SourceFormatError(
                    f"{name}, line {line}: begins with {other[:60]!r}; a World Bank file begins "
                    "with Data Source, Country Name, Country Code or INDICATOR_CODE"
                )
    raise SourceFormatError(f"{name}: no line that begins with Country Name; download it again")


def _wide(name: str, line: int, header: list[str], lines: Lines, released: dt.date | None) -> Part:
    """A line for each series and economy, a column for each period."""
    spare = header[-1] == ""  # DS2 files end each line with a comma
    periods = header[4 : -1 if spare else None]
    if header[:4] != _WIDE or not periods or len(set(periods)) < len(periods):
        raise SourceFormatError(
            f"{name}, line {line}: the header must be {', '.join(_WIDE)} and each period once; "
            f"it is {', '.join(header)[:200]}"
        )
    for at, period in enumerate(periods, 5):
        if not re.fullmatch(PERIOD, period):
            raise SourceFormatError(f"{name}, line {line}, column {at}: {period!r} is no period")
    numbers: list[int] = []
    kept: list[list[str]] = []
    unknown: Counter[str] = Counter()
    for number, cells in even(name, header, lines):
        if spare and cells[-1]:
            raise SourceFormatError(
                f"{name}, line {number}: {cells[-1]!r} stands in the last column, which has no name"
            )
        if cells[3] and cells[3] not in SERIES:
            unknown[cells[3]] += 1
            continue
        numbers.append(number)
        kept.append(cells)
    if not kept:
        if not unknown:
            raise SourceFormatError(f"{name}: nothing below the header; download it again")
        return Part({"observation": observations([])}, released, unknown=unknown)
    columns = dict(zip(header, map(list, zip(*kept, strict=True)), strict=True))
    columns.pop("", None)
    wide = pl.DataFrame({"raw_row": numbers, **columns}).unpivot(
        on=periods, index=["raw_row", *_WIDE], variable_name="period", value_name="cell"
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
    return Part({"observation": observations(frame)}, released, unknown=unknown)


def _metadata(name: str, line: int, header: list[str], lines: Lines) -> Part:
    """Metadata_Country: a line for each economy; one without a region is an aggregate."""
    if not set(_METADATA) <= set(header):
        raise SourceFormatError(
            f"{name}, line {line}: the header must hold {', '.join(_METADATA)}; it is "
            f"{', '.join(header)[:200]}"
        )
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
    return Part({"economy": economies(rows)})
