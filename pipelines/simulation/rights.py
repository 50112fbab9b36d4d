"""Pledges and awards of simulated patents.

Not here: the events of the right itself (lives.py).
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from pipelines.simulation.calibration import value
from pipelines.simulation.draws import Draws, Ints
from pipelines.simulation.lives import END, EPOCH, LAST_DAY, Life


def draw_pledges(
    draws: Draws, chunk: int, index: Ints, life: Life
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Registrations of one patent or several that were pledged about the same time."""
    since = np.maximum(life.granted, (dt.date(2010, 10, 1) - EPOCH).days)
    # The later of two days: pledges have grown from year to year.
    day = np.maximum(draws.between(since, LAST_DAY), draws.between(since, LAST_DAY))
    is_pledged = draws.happens(value("pledged_share")) & life.is_domestic & (day < life.ended)
    starts = draws.happens(0.4)
    drawn = pl.DataFrame(
        {
            "index": index,
            "day": day,
            "ended": life.ended,
            "starts": starts,
            "is_cancelled": draws.happens(value("pledge_cancelled_share")),
            "cancelled_after": draws.between(180, 1100),
            "amount": draws.pick([30, 25, 20, 15, 7, 3]),
            "is_unknown": draws.happens(value("amount_unknown_share")),
            "late": draws.between(5, 60),
        }
    ).filter(is_pledged)
    amounts = {0: 100, 1: 300, 2: 500, 3: 1000, 4: 3000, 5: 10_000}
    of_group = ["is_cancelled", "cancelled_after", "amount", "is_unknown", "late"]
    grouped = (
        drawn.sort("day", "index")
        .with_columns(pl.col("starts").cast(pl.Int64).cum_sum().alias("group"))
        .with_columns(pl.col(of_group).first().over("group"), pl.col("day").max().over("group"))
        .filter(pl.col("day") < pl.col("ended"))
        .with_columns(
            pl.col("day").cast(pl.Int32).cast(pl.Date).alias("registration_date"),
            (pl.col("day") + pl.col("cancelled_after"))
            .cast(pl.Int32)
            .cast(pl.Date)
            .alias("cancelled"),
        )
    )
    pledges = grouped.select(
        "index",
        pl.format(
            "Y{}{}{}",
            pl.col("registration_date").dt.year(),
            pl.lit(f"{chunk:03}"),
            pl.col("group").cast(pl.String).str.zfill(6),
        ).alias("registration_number"),
        "registration_date",
        pl.when(pl.col("is_cancelled") & (pl.col("cancelled") <= END))
        .then("cancelled")
        .alias("cancellation_date"),
        pl.when(~pl.col("is_unknown"))
        .then(pl.col("amount").replace_strict(amounts, return_dtype=pl.Int64))
        .alias("amount"),
        "late",
    )
    events = [
        pledges.select(
            "index",
            pl.lit(code).alias("event_code"),
            pl.col(day_of).alias("event_date"),
            (pl.col(day_of) + pl.duration(days="late")).alias("gazette_date"),
        ).drop_nulls()
        for code, day_of in (("PE01", "registration_date"), ("PC01", "cancellation_date"))
    ]
    return pledges.drop("late"), pl.concat(events)


def draw_awards(draws: Draws, index: Ints, life: Life) -> pl.DataFrame:
    """Awards from the year after the grant on."""
    after = life.granted.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1971
    year = draws.between(np.maximum(after, 2010), END.year)
    wins = draws.happens(value("award_share")) & life.is_domestic & (after <= END.year)
    is_national = draws.happens(0.1)
    patent_grades = ["patent_excellence", "patent_silver", "patent_gold"]
    national_grades = ["progress_second", "technological_invention_second", "progress_first"]
    grade = draws.pick([85, 10, 5]) + np.where(is_national, 3, 0)
    return (
        pl.DataFrame(
            {
                "index": index,
                "is_national": is_national,
                "year": year,
                "grade": pl.Series(patent_grades + national_grades).gather(grade),
            }
        )
        .filter(wins)
        .with_columns(
            pl.when(~pl.col("is_national")).then(pl.date("year", 7, 15)).alias("announced")
        )
    )
