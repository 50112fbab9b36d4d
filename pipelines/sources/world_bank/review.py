"""Rules over all that landed from the World Bank: changes between payloads and releases.

Not here: rules over one row (contracts/world_bank.py), which release a reader sees (dbt).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import polars as pl

_SERIES: Final = ["indicator_id", "ref_area"]
_CELL: Final = [*_SERIES, "time_period"]

Findings = list[Mapping[str, object]]


def review(tables: Mapping[str, pl.DataFrame]) -> Findings:
    """One finding for each rule, series and area; its message counts cells and names periods."""
    # The order in which we got to know the values.
    cells = tables["observation"].sort("retrieved_at", "raw_file", "raw_row")
    return [*_revised(cells), *_unknown(cells, tables["economy"]), *_withdrawn(cells)]


def _revised(cells: pl.DataFrame) -> Iterable[dict[str, object]]:
    """Cells whose value changed while the World Bank gave the same date of release."""
    values = pl.col("obs_value").unique(maintain_order=True)
    changed = (
        cells.group_by(*_CELL, "release_date")
        .agg(
            values.len().alias("values"),
            values.first().alias("before"),
            values.last().alias("after"),
            pl.col("raw_file").last(),
        )
        .filter(pl.col("values") > 1)
    )
    for row in _by_series(changed):
        yield _finding(
            row,
            rule="revision_without_release",
            severity="warning",
            message=f"{row['cells']} values differ between payloads of the release of "
            f"{row['release_date']} ({_periods(row)}); in {row['last']}, "
            f"{_number(row['before']) or 'no value'} became {_number(row['after']) or 'no value'}",
        )


def _unknown(cells: pl.DataFrame, economies: pl.DataFrame) -> Iterable[dict[str, object]]:
    """Values of areas that the World Bank's own list lacks; silent while no list has landed.

    Without a value there is nothing to miss: each file has an empty line of "Not classified".
    """
    if economies.is_empty():
        return
    lost = (
        cells.filter(pl.col("obs_value").is_not_null())
        .join(economies, on="ref_area", how="anti")
        .with_columns(before=pl.lit(None, pl.Float64), after=pl.lit(None, pl.Float64))
    )
    for row in _by_series(lost.unique(_CELL, keep="last", maintain_order=True)):
        yield _finding(
            row,
            rule="unknown_ref_area",
            severity="warning",
            message=f"{row['ref_area']} is not in the World Bank's list of economies; "
            f"{row['cells']} values ({_periods(row)})",
        )


def _withdrawn(cells: pl.DataFrame) -> Iterable[dict[str, object]]:
    """Cells that had a value in one release and have none in the next."""
    releases = (
        cells.unique([*_CELL, "release_date"], keep="last", maintain_order=True)
        .sort("release_date")
        .with_columns(
            pl.col("obs_value").shift().over(_CELL).alias("before"),
            pl.col("obs_value").alias("after"),
        )
    )
    for row in _by_series(
        releases.filter(pl.col("before").is_not_null() & pl.col("after").is_null())
    ):
        yield _finding(
            row,
            rule="withdrawn_value",
            severity="info",
            message=f"{row['cells']} values of earlier releases are withdrawn in the release of "
            f"{row['release_date']} ({_periods(row)}); in {row['last']} it was "
            f"{_number(row['before'])}",
        )


def _by_series(cells: pl.DataFrame) -> Iterable[dict[str, Any]]:
    """One row for each series and area: how many cells, which periods, the last one's values."""
    found = cells.sort("time_period", "release_date").group_by(_SERIES)
    yield from (
        found.agg(
            pl.len().alias("cells"),
            pl.col("time_period").unique().sort().alias("periods"),
            pl.col("time_period").last().alias("last"),
            pl.col("release_date", "before", "after", "raw_file").last(),
        )
        .sort(_SERIES)
        .iter_rows(named=True)
    )


def _finding(
    row: Mapping[str, Any], *, rule: str, severity: str, message: str
) -> dict[str, object]:
    return {
        "dataset": "world_bank.observation",
        "file": row["raw_file"],
        "row": None,
        "rule": rule,
        "severity": severity,
        "indicator_id": row["indicator_id"],
        "ref_area": row["ref_area"],
        "time_period": row["last"] if len(row["periods"]) == 1 else None,
        "expected": _number(row["before"]),
        "found": _number(row["after"]),
        "message": message,
        "status": "open",
        "explanation": None,
    }


def _periods(row: Mapping[str, Any]) -> str:
    periods: list[str] = row["periods"]
    if len(periods) > 6:
        return f"{periods[0]} … {periods[-1]}"
    return ", ".join(periods)


def _number(value: float | None) -> str | None:
    """Shortest text of a number, whole numbers without a point."""
    return None if value is None else repr(value).removesuffix(".0")
