"""Numbers, owners, dates and symbols of simulated patents.

Not here: how long they live (lives.py), their kin abroad (families.py).
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import polars as pl

from pipelines.simulation import calibration
from pipelines.simulation.calibration import figures, value
from pipelines.simulation.draws import Draws, Ints
from pipelines.simulation.lives import EPOCH, LAST_DAY, Life, dates

#: Since this day a granted invention is published as B, before it as C.
_KIND_B: Final = (dt.date(2010, 4, 7) - EPOCH).days
_CHECK_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_MAX_SYMBOLS: Final = 5


def draw_patents(draws: Draws, index: Ints, life: Life) -> pl.DataFrame:
    regions, countries = figures("in_force_by_region"), figures("foreign_residence")
    names = np.array([*regions, *countries])
    home = np.where(
        life.is_domestic,
        draws.pick(list(regions.values())),
        len(regions) + draws.pick(list(countries.values())),
    )
    is_known = ~draws.happens(value("unknown_residence_share"))
    abroad_first = draws.happens(0.05) | ~life.is_domestic
    priority = life.filed - draws.between(180, 365)
    first, second = draws.between(1, 400_000), draws.between(1, 400_000)
    is_joint = draws.happens(value("second_applicant_share")) & (first != second)
    # 8: the application came in by the PCT.
    by_pct = draws.happens(0.5) & ~life.is_domestic
    years = life.filed.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    number = years * 10**8 + np.where(by_pct, 8, 1) * 10**7 + index
    check = sum(number // 10 ** (11 - i) % 10 * weight for i, weight in enumerate(_CHECK_WEIGHTS))
    named = pl.DataFrame(
        {
            "index": index,
            "number": number,
            "check": check % 11,
            "filing_date": dates(life.filed),
            "grant_date": dates(life.granted),
            "priority_date": dates(priority),
            "has_priority": abroad_first,
            "is_c": life.granted < _KIND_B,
            "first": first,
            "second": second,
            "is_joint": is_joint,
            "residence": pl.Series(names).gather(home),
            "is_known": is_known,
            "is_in_force": life.ended > LAST_DAY,
        }
    )
    applicant = pl.format("模拟申请人{}", "first")
    return named.select(
        "index",
        pl.format("CN{}", "number").alias("application_number"),
        pl.when(pl.col("check") == 10)
        .then(pl.lit("X"))
        .otherwise(pl.col("check").cast(pl.String))
        .alias("check_digit"),
        (100_000_000 + pl.col("index")).cast(pl.String).alias("publication_number"),
        pl.when("is_c").then(pl.lit("C")).otherwise(pl.lit("B")).alias("kind_code"),
        "filing_date",
        "grant_date",
        pl.when("has_priority").then("priority_date").alias("priority_date"),
        pl.format("模拟专利{}", "index").alias("title"),
        pl.when("is_joint")
        .then(pl.concat_str(applicant, pl.format(";模拟申请人{}", "second")))
        .otherwise(applicant)
        .alias("applicants"),
        pl.when("is_known").then("residence").alias("residence"),
        "is_in_force",
        _symbols(draws).alias("symbols"),
    )


def _symbols(draws: Draws) -> pl.Series:
    """Distinct symbols of each patent, joined; one of them decides its strategic state."""
    pools = calibration.symbols()
    names = [*pools["false"], *pools["unknown"], *pools["true"]]
    ends = np.cumsum([len(pools[state]) for state in ("false", "unknown", "true")])
    starts = np.array([0, *ends[:-1]])
    certain, limited = value("sei_certain_share"), value("sei_limited_share")
    state = draws.pick([1 - certain - limited, limited, certain])
    count = 1 + draws.pick([45, 30, 15, 7, 3])
    decisive = draws.between(0, count - 1)
    columns: list[Ints] = []
    for place in range(_MAX_SYMBOLS):
        others = draws.between(0, ends[np.minimum(state, 1)] - 1)
        own = draws.between(starts[state], ends[state] - 1)
        drawn = np.where(place == decisive, own, others)
        for before in columns:  # each symbol once
            drawn = np.where(drawn == before, -1, drawn)
        columns.append(np.where(place < count, drawn, -1))
    texts = pl.Series([*names, None], dtype=pl.String)  # -1: the last, none
    return pl.select(
        pl.concat_str(
            [texts.gather(np.where(drawn < 0, len(names), drawn)) for drawn in columns],
            separator=";",
            ignore_nulls=True,
        )
    ).to_series()
