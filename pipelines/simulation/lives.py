"""When a simulated patent is granted, when it ends, and the events of its right.

Days are counted from 1970. Not here: whose it is (patents.py), what was pledged (rights.py).
"""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from pipelines.simulation.calibration import figures, value
from pipelines.simulation.draws import Draws, Flags, Ints

#: The register tells what happened, and was gazetted, until this day.
END: Final = dt.date(2025, 12, 31)
TERM_YEARS: Final = 20
EPOCH: Final = dt.date(1970, 1, 1)
LAST_DAY: Final = (END - EPOCH).days
_NEVER: Final = np.int64(1 << 40)


class Life(NamedTuple):
    """Days (since 1970) of a patent, and whether its owner lives in China, in any part of it."""

    filed: Ints
    granted: Ints
    ended: Ints
    is_domestic: Flags


def draw_grants(draws: Draws) -> tuple[Flags, Ints]:
    """Origin, and the day of grant in its year."""
    domestic, foreign = figures("grants_domestic"), figures("grants_foreign")
    cell = draws.pick([*domestic.values(), *foreign.values()])
    years = np.array([int(year) for year in (*domestic, *foreign)])
    first = np.array([(dt.date(year, 1, 1) - EPOCH).days for year in years])
    days = np.array([(dt.date(year + 1, 1, 1) - EPOCH).days for year in years]) - first
    return cell < len(domestic), draws.between(first[cell], first[cell] + days[cell] - 1)


def _anniversary(day: Ints, years: Ints) -> Ints:
    """The same day so many years later; 28 February where there is no 29th."""
    months = day.astype("M8[D]").astype("M8[M]")
    of_month = day - months.astype("M8[D]").astype(np.int64)
    month = months.astype(np.int64) + 12 * years
    last = (month + 1).astype("M8[M]").astype("M8[D]").astype(np.int64) - 1
    found: Ints = np.minimum(
        month.astype("M8[M]").astype("M8[D]").astype(np.int64) + of_month, last
    )
    return found


def _ending_age(draws: Draws, first: Ints, is_domestic: Flags) -> Ints:
    """Full years since filing at which the fee is not paid; 20: the term runs out.

    first: the first anniversary on which it can happen.
    """
    raw = draws.raw() / (1 << 32)
    ages = np.full(first.shape, TERM_YEARS, dtype=np.int64)
    early, late = value("lapse_before_10_years"), value("lapse_after_10_years")
    foreign = value("lapse_foreign")
    for group, hazards in (
        (is_domestic, [early] * 10 + [late] * 9),
        (~is_domestic, [foreign] * 19),
    ):
        alive = [1.0]
        for hazard in hazards:
            alive.append(alive[-1] * (1 - hazard))
        survival = np.array([*alive, 0.0])
        limit = raw[group] * survival[first[group] - 1]
        ages[group] = np.searchsorted(-survival, -limit, side="left")
    return ages


def draw_fate(
    draws: Draws, index: Ints, filed: Ints, granted: Ints, is_domestic: Flags
) -> tuple[Life, pl.DataFrame]:
    """When each patent ends, and the events of its right; some ends are taken back."""
    full_years = (granted - filed) * 10_000 // 3_652_425
    age = _ending_age(draws, full_years + 1, is_domestic)
    ended = _anniversary(filed, age)
    expires = age == TERM_YEARS
    given_up = draws.happens(value("abandoned_share")) & ~expires
    ended = np.where(given_up, np.maximum(ended - draws.between(30, 300), granted + 30), ended)
    opposed = granted + draws.between(180, 2500)
    invalidated = draws.happens(value("invalidated_share")) & (opposed < ended)
    ended = np.where(invalidated, opposed, ended)
    lapses = ~expires & ~given_up & ~invalidated
    restored = lapses & draws.happens(value("restored_share"))
    back = ended + draws.between(120, 400)
    in_part = draws.happens(value("invalidated_in_part_share")) & (opposed < ended)
    unclear = draws.happens(value("invalidated_unclear_share")) & (opposed < ended)
    moved = granted + draws.between(30, 4000)
    is_moved = draws.happens(value("transferred_share")) & (moved < ended)
    late = draws.between(20, 200)
    # The grant is the day of its announcement.
    announced = _events(index, np.ones_like(expires), "GR01", granted, np.zeros_like(granted))
    events = pl.concat(
        [
            announced,
            *(
                _events(index, is_it, code, day, late)
                for is_it, code, day in (
                    (expires, "CX01", ended),
                    (given_up & ~invalidated, "AV01", ended),
                    (invalidated, "IW01", ended),
                    (lapses, "CF01", ended),
                    (restored, "RR01", back),
                    (in_part, "IP01", opposed),
                    (unclear & ~in_part, "C35", opposed),
                    (is_moved, "TR01", moved),
                )
            ),
        ]
    )
    # What is gazetted after the last day has not happened for the register.
    lives = (restored & (back + late <= LAST_DAY)) | (ended + late > LAST_DAY)
    return Life(filed, granted, np.where(lives, _NEVER, ended), is_domestic), events


def _events(index: Ints, is_it: Flags, code: str, day: Ints, late: Ints) -> pl.DataFrame:
    """Events of one code, gazetted some days after they took effect."""
    return pl.DataFrame(
        {
            "index": index[is_it],
            "event_code": pl.repeat(code, int(is_it.sum()), eager=True, dtype=pl.String),
            "event_date": dates(day[is_it]),
            "gazette_date": dates(day[is_it] + late[is_it]),
        }
    )


def dates(days: Ints) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)
