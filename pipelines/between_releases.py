"""What the newest release has that none before it had: new codes, values of another size.

Rules that hold for every source whose releases stay, by what its contracts say of their columns
(`is_open_list`), data sets and series (`Level`). A data set's newest release is looked at, against
the ones before it; values of periods that were not over by the release before still grow, and are
left out. Not here: columns (headings.py), rules of one source (its review), revisions as such
(mart_revision).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from contracts.base import RAW_ROW, Contract, Level, key, open_lists, polars_schema, terms_of
from contracts.rules.periods import end

Finding = Mapping[str, object]
#: Codes that a message names.
_SHOWN: Final = 5
#: The day of a release: the source's own, else the one on which its bytes were got.
_DAY: Final = pl.coalesce("release_date", pl.col("retrieved_at").str.slice(0, 10).str.to_date())


def review(dataset: str, contract: type[Contract], rows: pl.LazyFrame) -> Iterator[Finding]:
    """Findings on the newest release of each data set of a table.

    rows: accepted rows with their provenance.
    """
    terms = terms_of(contract)
    lists, level = open_lists(contract), terms["level"]
    if not lists and not level:
        return
    data_set = pl.col(terms["data_set"]) if terms["data_set"] else pl.lit(dataset)
    told = rows.with_columns(data_set.alias("_data_set"), _DAY.alias("_day"))
    days = pl.col("_day").unique().sort()
    releases = (
        told.group_by("_data_set")
        .agg(days.last().alias("_newest"), days.get(-2, null_on_oob=True).alias("_before"))
        .filter(pl.col("_before").is_not_null())
        .collect(engine="streaming")
    )
    if releases.is_empty():
        return
    judged = told.join(releases.lazy(), on="_data_set")
    for column in lists:
        yield from _new_codes(dataset, column, judged)
    if level:
        two = judged.filter(pl.col("_day") >= pl.col("_before"))
        yield from _shifted(dataset, level, _cells(contract, level, two))


def _new_codes(dataset: str, column: str, rows: pl.LazyFrame) -> Iterator[Finding]:
    """Codes that stand in no release before the newest; one finding for each data set."""
    codes = (
        rows.filter(pl.col(column).is_not_null())
        .group_by("_data_set", "_newest", column)
        .agg(pl.col("_day").min(), pl.col("raw_file").min())
        .filter(pl.col("_day") == pl.col("_newest"))
        .group_by("_data_set", "_newest")
        .agg(pl.col(column).sort().alias("codes"), pl.col("raw_file").min())
        .sort("_data_set")
        .collect(engine="streaming")
    )
    for release in codes.iter_rows(named=True):
        named = release["codes"]
        some = ", ".join(map(str, named[:_SHOWN]))
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        yield _finding(
            dataset,
            release["raw_file"],
            "new_code",
            f"{release['_data_set']}: the release of {release['_newest']} has {len(named)} codes "
            f"of {column} that no release before it had: {some}{more}",
            found=named[0],
        )


def _cells(contract: type[Contract], level: Level, rows: pl.LazyFrame) -> pl.DataFrame:
    """One value for each area and period of a series in the newest release and the one before.

    Columns of ours begin with an underscore. _unit: hash of what names series and area; _end: last
    day of the period.
    """
    columns = polars_schema(contract)
    names = [name for name in key(contract) if name not in (RAW_ROW, "time_period")]
    names += ["freq"] if "freq" in columns and "freq" not in names else []
    power = pl.col("unit_mult") if "unit_mult" in columns else pl.lit(0)
    cells = (
        rows.filter(pl.col("obs_value") != 0)
        .select(
            pl.struct(names).hash().alias("_unit"),
            *dict.fromkeys(["_data_set", *level.series]),
            "time_period",
            "_day",
            "_newest",
            "_before",
            "raw_file",
            (pl.col("obs_value").abs() * pl.lit(10.0).pow(power)).alias("_value"),
        )
        .collect(engine="streaming")
        .unique(["_unit", "time_period", "_day"], keep="last", maintain_order=True)
    )
    ends = {period: end(period) for period in cells["time_period"].unique()}
    return cells.with_columns(
        pl.col("time_period").replace_strict(ends, return_dtype=pl.Date).alias("_end")
    )


def _shifted(dataset: str, level: Level, cells: pl.DataFrame) -> Iterator[Finding]:
    """Series of which half of the values, or of a new period's, are of another size."""
    closed = cells.filter(pl.col("_end") <= pl.col("_day"))
    newest = closed.filter(pl.col("_day") == pl.col("_newest"))
    before = closed.filter(pl.col("_day") == pl.col("_before"))
    again = newest.join(
        before.select("_unit", "time_period", _was="_value"), on=["_unit", "time_period"]
    ).with_columns(pl.lit("than in the release before").alias("_beside"))
    # A period that came new is held against the same area's period before it. One that was not
    # over by the release before is neither: all of it is not held against a part.
    known = cells.filter(pl.col("_day") == pl.col("_before")).select("_unit", "time_period")
    later = (
        newest.sort("_end")
        .with_columns(pl.col("_value").shift().over("_unit").alias("_was"))
        .join(known, on=["_unit", "time_period"], how="anti")
        .join(known, on="_unit", how="semi")
        .filter(pl.col("_was").is_not_null())
        .with_columns(pl.lit("than in the period before").alias("_beside"))
    )
    power = (pl.col("_value") / pl.col("_was")).log10().alias("_power")
    pairs = pl.concat([again, later.select(again.columns)]).with_columns(power)
    of_series = list(dict.fromkeys(["_data_set", *level.series, "_newest", "_beside"]))
    whole = _medians(pairs, of_series, level)
    # One period of another size is not seen among many: each is looked at by itself too.
    periods = (
        _medians(pairs, [*of_series, "time_period"], level)
        .join(whole, on=of_series, how="anti", nulls_equal=True)
        .group_by(of_series)
        .agg(
            pl.col("_power").median(),
            pl.col("_values").sum(),
            pl.col("raw_file", "_low").min(),
            pl.col("_high").max(),
        )
    )
    found = pl.concat([whole, periods.select(whole.columns)])
    for shift in found.sort(of_series).iter_rows(named=True):
        series: dict[str, Any] = {name: shift[name] for name in level.series}
        times = f"{10 ** shift['_power']:.3g}"
        yield _finding(
            dataset,
            shift["raw_file"],
            "shifted_distribution",
            f"{', '.join(map(str, series.values()))}: half of {shift['_values']} values of "
            f"{shift['_low']} to {shift['_high']} in the release of {shift['_newest']} are "
            f"{times} times as large {shift['_beside']}, or beyond: a change of unit or scope",
            found=times,
            expected=f"within a factor of {level.factor:g}",
            indicator_id=series.get("indicator_id"),
        )


def _medians(pairs: pl.DataFrame, by: list[str], level: Level) -> pl.DataFrame:
    """Groups of values of which half are of another size than those beside them."""
    period = pl.col("time_period")
    groups = pairs.with_columns(period.alias("_low"), period.alias("_high")).group_by(by)
    medians = groups.agg(
        pl.col("_power").median(),
        pl.len().alias("_values"),
        pl.col("raw_file", "_low").min(),
        pl.col("_high").max(),
    )
    return medians.filter(
        pl.col("_values") >= level.values, pl.col("_power").abs() >= math.log10(level.factor)
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
