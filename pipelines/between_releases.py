"""What a release has that none before it had: codes of an open list, values of another size.

Rules that hold for every source whose releases stay, by what its contracts say of their columns
(`is_open_list`) and series (`Level`). Periods that were not over when a release was made are left
out: their values still grow. Not here: columns (headings.py), rules of one source (its review),
revisions as such (mart_revision).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from contracts.base import RAW_ROW, Contract, Level, key, open_lists, polars_schema, terms_of
from contracts.rules.periods import end

Finding = Mapping[str, object]
_SHOWN: Final = 5


def review(dataset: str, contract: type[Contract], rows: pl.LazyFrame) -> Iterator[Finding]:
    """Findings on the landed rows of a table, release by release.

    rows: accepted rows with their provenance; those without a release date are left out.
    """
    lists, level = open_lists(contract), terms_of(contract)["level"]
    if not lists and not level:
        return
    dated = rows.filter(pl.col("release_date").is_not_null())
    releases = dated.select("release_date").unique().collect()["release_date"].sort().to_list()
    if len(releases) < 2:
        return
    for column in lists:
        yield from _new_codes(dataset, column, dated, releases[0])
    if level:
        yield from _shifted(dataset, level, _cells(contract, level, dated))


def _new_codes(dataset: str, column: str, rows: pl.LazyFrame, first: dt.date) -> Iterator[Finding]:
    """Codes that stand in no release before; one finding for each release."""
    codes = (
        rows.filter(pl.col(column).is_not_null())
        .group_by(column)
        .agg(pl.col("release_date").min(), pl.col("raw_file").sort_by("release_date").first())
        .filter(pl.col("release_date") > first)
        .group_by("release_date")
        .agg(pl.col(column).sort().alias("codes"), pl.col("raw_file").min())
        .sort("release_date")
        .collect()
    )
    for release in codes.iter_rows(named=True):
        named = release["codes"]
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        yield _finding(
            dataset,
            release["raw_file"],
            "new_code",
            f"the release of {release['release_date']} has {len(named)} codes of {column} that no "
            f"release before it had: {', '.join(map(str, named[:_SHOWN]))}{more}",
            found=named[0],
        )


def _cells(contract: type[Contract], level: Level, rows: pl.LazyFrame) -> pl.DataFrame:
    """One value for each series, area, period and release, of periods that were over by then."""
    names = [name for name in key(contract) if name not in (RAW_ROW, "time_period")]
    power = pl.col("unit_mult") if "unit_mult" in polars_schema(contract) else pl.lit(0)
    cells = (
        rows.filter(pl.col("obs_value") != 0)
        .select(
            *names,
            "time_period",
            "release_date",
            (pl.col("obs_value").abs() * pl.lit(10.0).pow(power)).alias("obs_value"),
            "raw_file",
        )
        .unique([*names, "time_period", "release_date"], keep="last", maintain_order=True)
        .collect()
    )
    ends = {period: end(period) for period in cells["time_period"].unique()}
    over = pl.col("time_period").replace_strict(ends, return_dtype=pl.Date)
    unit = [pl.col(name) for name in names]
    return (
        cells.filter(over <= pl.col("release_date"))
        .with_columns(over.alias("end"), pl.struct(unit).alias("unit"))
        .with_columns(pl.struct(list(level.series)).alias("series"))
    )


def _shifted(dataset: str, level: Level, cells: pl.DataFrame) -> Iterator[Finding]:
    """Series of which half of the values, or of a new period's, are of another size."""
    ordered = cells.sort("release_date")
    again = ordered.with_columns(
        pl.col("obs_value").shift().over("unit", "time_period").alias("before"),
        pl.lit("than in the release before").alias("beside"),
    )
    # A period that comes new is held against the same area's period before it.
    first = pl.col("release_date") == pl.col("release_date").min().over("unit", "time_period")
    is_new = first & (pl.col("release_date") > pl.col("release_date").min().over("unit"))
    later = (
        cells.with_columns(is_new.alias("is_new"))
        .sort("end")
        .with_columns(
            pl.col("obs_value").shift().over("unit", "release_date").alias("before"),
            pl.lit("than in the period before").alias("beside"),
        )
        .filter("is_new")
        .drop("is_new")
    )
    power = (pl.col("obs_value") / pl.col("before")).log10().alias("power")
    pairs = pl.concat([again, later]).filter(pl.col("before").is_not_null()).with_columns(power)
    of_series = ["series", "release_date", "beside"]
    whole = _medians(pairs, of_series, level)
    # One period of another size is not seen among many: each is looked at by itself too.
    periods = (
        _medians(pairs, [*of_series, "time_period"], level)
        .join(whole, on=of_series, how="anti")
        .group_by(of_series)
        .agg(
            pl.col("power").median(),
            pl.col("values").sum(),
            pl.col("raw_file", "low").min(),
            pl.col("high").max(),
        )
    )
    found = pl.concat([whole, periods.select(whole.columns)]).sort(*of_series[1:], "series")
    for shift in found.iter_rows(named=True):
        series: dict[str, Any] = shift["series"]
        times = f"{10 ** shift['power']:.3g}"
        yield _finding(
            dataset,
            shift["raw_file"],
            "shifted_distribution",
            f"{', '.join(map(str, series.values()))}: half of {shift['values']} values of "
            f"{shift['low']} to {shift['high']} in the release of {shift['release_date']} are "
            f"{times} times as large {shift['beside']}, or beyond: a change of unit or scope",
            found=times,
            expected=f"within a factor of {level.factor:g}",
            indicator_id=series.get("indicator_id"),
        )


def _medians(pairs: pl.DataFrame, by: list[str], level: Level) -> pl.DataFrame:
    """Groups of values of which half are of another size than those beside them."""
    period = pl.col("time_period")
    groups = pairs.with_columns(period.alias("low"), period.alias("high")).group_by(by)
    medians = groups.agg(
        pl.col("power").median(),
        pl.len().alias("values"),
        pl.col("raw_file", "low").min(),
        pl.col("high").max(),
    )
    return medians.filter(
        pl.col("values") >= level.values, pl.col("power").abs() >= math.log10(level.factor)
    )


def _finding(
    dataset: str,
    file: str,
    rule: str,
    message: str,
    *,
    found: str,
    expected: str | None = None,
    indicator_id: str | None = None,
) -> Finding:
    return {
        "dataset": dataset,
        "file": file,
        "rule": rule,
        "severity": "warning",
        "indicator_id": indicator_id,
        "expected": expected,
        "found": found,
        "message": message,
        "status": "open",
    }
