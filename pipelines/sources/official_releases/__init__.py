"""Official releases: figures that people read in publications and reviewed, in the checkout.

Here: how the CSV files become rows, with printed numbers turned into plain units and into the
bounds of their rounding. Not here: what a row must look like (contracts/official_releases.py), the
units' vocabulary (contracts/units.py), the arithmetic between figures (contracts/rules).
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from contracts import official_releases as c
from contracts.base import polars_schema
from contracts.rules.interval import Interval, printed
from contracts.units import UNITS
from contracts.vocabulary import PRINTED_NUMBER, QUALIFIER, TIME_PERIOD, freq_of
from pipelines.fetch import Client
from pipelines.headings import EXACT, Heading
from pipelines.settings import CHECKOUT
from pipelines.source import Cadence, Keep, Licence, Parsed, Payload, Source, SourceFormatError
from pipelines.sources.official_releases.review import review

Row = dict[str, Any]

TABLES = {
    "release": c.Release,
    "indicator": c.Indicator,
    "ref_area": c.RefArea,
    "plan": c.Plan,
    "observation": c.Observation,
    "target": c.Target,
    "relation": c.Relation,
    "explanation": c.Explanation,
}


def parse(payload: Payload) -> Parsed:
    """Rows of one file; its name (observations.csv) says which table (observation).

    Values are in plain units: 8539.9 of `100 million yuan` becomes 853 990 000 000 CNY.
    Raises SourceFormatError naming file and line when the bytes are not UTF-8, the file is not one
    of the eight, or a line has another number of cells than the header.
    """
    table = payload.name.removesuffix(".csv").removesuffix("s")
    if table not in TABLES:
        raise SourceFormatError(
            f"{payload.name}: not one of {', '.join(f'{t}s.csv' for t in TABLES)}"
        )
    rows = _rows(payload, _header(table))
    if table in _COMPUTED:
        rows = [_COMPUTED[table](row) for row in rows]
    # Text columns stay text: the landing casts them and names what does not fit.
    names = polars_schema(TABLES[table])
    columns = {name: [row[name] for row in rows] for name in names}
    return Parsed({table: pl.DataFrame(columns, strict=False)})


def _header(table: str) -> list[str]:
    """The columns that a person types: those of the contract, less the computed ones."""
    computed = {"raw_row", *_DERIVED[table]}
    return [c for c in polars_schema(TABLES[table]) if c not in computed] + sorted(_TYPED[table])


def _rows(payload: Payload, columns: list[str]) -> list[Row]:
    """Cells of each row by header; empty cells are None; raw_row is its first line's number."""
    try:
        text = payload.content.decode("utf-8-sig")  # spreadsheets put a mark in front
    except UnicodeDecodeError as error:
        raise SourceFormatError(
            f"{payload.name}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = next(reader, [])
        Heading("this file", tuple(columns), answers=EXACT).judge(f"{payload.name}, line 1", header)
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) != len(header):
                raise SourceFormatError(
                    f"{payload.name}, line {reader.line_num}: {len(cells)} cells, the header has "
                    f"{len(header)}; a text with a comma stands in double quotes"
                )
            row: Row = {name: cell or None for name, cell in zip(header, cells, strict=True)}
            rows.append({**row, "raw_row": line})
            line = reader.line_num + 1  # a text may stand on several lines
    except csv.Error as error:
        raise SourceFormatError(f"{payload.name}, line {reader.line_num}: {error}") from error
    return rows


def _decimal(text: str | None) -> Decimal | None:
    """A printed number; None also for what is none, which the contract then rejects by its text."""
    return Decimal(text) if text and re.fullmatch(PRINTED_NUMBER, text) else None


def _plain(text: str | None, unit: str | None) -> float | None:
    """Printed number and unit as a plain number, exact before the last rounding to a float."""
    value = _decimal(text)
    return None if value is None else float(value.scaleb(UNITS.get(unit or "", ("", 0))[1]))


def _bounds(text: str | None, unit: str | None, qualifier: str | None) -> tuple[Any, Any]:
    """Least and greatest plain value that a printed number can stand for; None: unbounded."""
    value = _decimal(text)
    if value is None or (qualifier is not None and qualifier not in QUALIFIER):
        return None, None
    interval: Interval = printed(value, qualifier).scaled(UNITS.get(unit or "", ("", 0))[1])
    low, high = float(interval.low), float(interval.high)
    return (low if abs(low) != float("inf") else None, high if abs(high) != float("inf") else None)


def _value(row: Row, published: str, unit: str | None) -> float | str | None:
    """The plain value; a correction that is no number stays text, for the contract to name it."""
    corrected: str | None = row["corrected_value"]
    if corrected is not None and _decimal(corrected) is None:
        return corrected
    return _plain(corrected or row[published], unit)


def _measure(unit: str | None) -> str | None:
    """The unit's code; an unknown unit stays as printed, for the contract to name it."""
    return UNITS[unit][0] if unit in UNITS else unit


def _observation(row: Row) -> Row:
    number = row["corrected_value"] or row["value_as_published"]
    unit = row["corrected_unit"] or row["unit_as_published"]
    low, high = _bounds(number, unit, row["qualifier"])
    return {
        **row,
        "freq": freq_of(row["time_period"]) if _is_period(row["time_period"]) else None,
        "time_period_as_published": row["time_period_as_published"] or row["time_period"],
        "obs_value": _value(row, "value_as_published", unit),
        "value_low": low,
        "value_high": high,
        "unit_measure": _measure(unit),
        "obs_value_as_written": _plain(row["value_as_published"], row["unit_as_published"]),
    }


def _target(row: Row) -> Row:
    number = row["corrected_value"] or row["target_as_published"]
    unit = row["corrected_unit"] or row["unit_as_published"]
    low, high = _bounds(number, unit, row["qualifier"])
    return {
        **row,
        "target_value": _value(row, "target_as_published", unit),
        "target_low": low,
        "target_high": high,
        "unit_measure": _measure(unit),
        "target_value_as_written": _plain(row["target_as_published"], row["unit_as_published"]),
        "baseline_value": _plain(row["baseline_as_published"], unit),
        "baseline_period_as_published": row["baseline_period_as_published"]
        or row["baseline_period"],
        "change_value": _plain(row["change_as_published"], unit),
    }


def _is_period(text: str | None) -> bool:
    return text is not None and re.fullmatch(TIME_PERIOD, text) is not None


_COMPUTED: dict[str, Callable[[Row], Row]] = {"observation": _observation, "target": _target}
#: Columns that the parser computes …
_DERIVED = defaultdict[str, set[str]](
    set,
    observation={
        "freq",
        "obs_value",
        "value_low",
        "value_high",
        "unit_measure",
        "obs_value_as_written",
    },
    target={
        "target_value",
        "target_low",
        "target_high",
        "unit_measure",
        "target_value_as_written",
        "baseline_value",
        "change_value",
    },
)
#: … from these among others, which a person types and the contract does not carry on.
_TYPED = defaultdict[str, set[str]](
    set,
    observation={"corrected_value", "corrected_unit"},
    target={"corrected_value", "corrected_unit"},
)


def fetch(client: Client) -> None:
    """Take the files from the checkout, or from the folder IPW_OFFICIAL_RELEASES_BASE_URL names."""
    for path in sorted(Path(client.base_url).glob("*.csv")):
        client.take(path, path.name)


SOURCE = Source(
    id="official_releases",
    title="Official releases on China's intellectual-property plans",
    publisher="State Council, CNIPA, NBS and other issuers, each named with its release",
    licence=Licence(
        id="cite-source",
        attribution="Cite the release that each figure names (title, publisher, date, address)",
        url="",
    ),
    cadence=Cadence.IRREGULAR,
    tables=TABLES,
    parse=parse,
    default_base_url=str(CHECKOUT / "raw" / "official_releases"),
    keep=Keep.NEWEST,
    offline=True,
    review=review,
    fetch=fetch,
    covers=("observation", "time_period"),
)
