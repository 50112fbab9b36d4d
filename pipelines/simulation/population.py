"""The simulated patents, chunk by chunk: who owns them, what they are about, what becomes of them.

A chunk depends on the seed, its own number and how many patents it holds, so chunks can be made in
any order and forgotten. Frames here are facts in plain types. Not here: what is drawn of a patent
(lives.py, patents.py, families.py, rights.py), the figures behind the shares (calibration.py), how
a format writes them (files.py), dirt (defects.py).

The register has the inventions filed since October 2003, when application numbers got four-digit
years, and granted from 2006 to its last day, END. Conditions, region and age are drawn
independently of each other: with the published shares that gives the published union to within a
percentage point.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from pipelines.simulation.calibration import figures
from pipelines.simulation.draws import Draws
from pipelines.simulation.families import draw_families
from pipelines.simulation.lives import END, EPOCH, draw_fate, draw_grants
from pipelines.simulation.patents import draw_patents
from pipelines.simulation.rights import draw_awards, draw_pledges

#: Patents of a chunk; also of one file.
CHUNK: Final = 200_000
#: A filing year has seven digits for serial numbers, and a serial number here is used once.
MOST: Final = 10_000_000
_FIRST_FILING: Final = (dt.date(2003, 10, 1) - EPOCH).days
#: Regions counted as domestic but outside the mainland.
OUTSIDE: Final = ("CN-HK", "CN-MO", "CN-TW")


class Chunk(NamedTuple):
    """Facts of a run of patents, in frames.

    patents: one row each, in order: index, application_number (CN2019…, without check digit),
    check_digit, publication_number, kind_code, filing_date, grant_date, priority_date (or NULL),
    title, applicants (joined by ;), residence (ISO 3166, or NULL), is_in_force at END, symbols
    (joined by ;), family_id, jurisdictions (joined by ;; or NULL: the family is not known).
    members: index, office, number, kind_code, publication_date, grant_date (or NULL), of families
    with members outside the mainland. events: index, event_code, event_date, gazette_date.
    pledges: index, registration_number, registration_date, cancellation_date, amount (10,000 CNY
    or NULL), sorted by registration. awards: index, is_national, year, grade, announced (or NULL).
    """

    number: int
    patents: pl.DataFrame
    members: pl.DataFrame
    events: pl.DataFrame
    pledges: pl.DataFrame
    awards: pl.DataFrame


def chunks(count: int, seed: int) -> Iterator[Chunk]:
    """The register of `count` patents. Raises ValueError for a count or seed out of range."""
    if not 1 <= count <= MOST:
        raise ValueError(f"the register can have 1 to {MOST:,} patents, not {count:,}")
    if not 0 <= seed < 1 << 63:
        raise ValueError(f"the seed must be from 0 to 2**63 - 1, not {seed}")
    for number, start in enumerate(range(0, count, CHUNK)):
        yield _chunk(number, start, min(CHUNK, count - start), seed)


def _chunk(number: int, start: int, count: int, seed: int) -> Chunk:
    draws = Draws(seed, number, count)
    index = np.arange(start, start + count, dtype=np.int64)
    is_domestic, granted = draw_grants(draws)
    lag = draws.from_quantiles(
        {float(share): int(days) for share, days in figures("days_to_grant").items()}
    )
    filed = np.maximum(granted - lag, _FIRST_FILING)
    life, events = draw_fate(draws, index, filed, granted, is_domestic)
    families, members = draw_families(draws, index, life)
    patents = draw_patents(draws, index, life).with_columns(families)
    pledges, pledge_events = draw_pledges(draws, number, index, life)
    told = pl.concat([events, pledge_events]).filter(pl.col("gazette_date") <= END)
    return Chunk(
        number,
        patents,
        members,
        told.sort("index", "event_date", "event_code"),
        pledges,
        draw_awards(draws, index, life),
    )
