"""Dates such as 30/12/87, read only as far as the file itself proves how they are to be read.

Lens exports of about 2015 print day, month and two digits of a year, and the publication's year in
a column of its own. Their year is not the calendar's: the last days of December carry the year of
the week that they share with 1 January (30/12/87 beside the year 1986), as programs print that
mistake YYYY for yyyy. All 700 publication dates of the export at hand, and all 520 filing dates
that its priority numbers repeat in full, fit this reading; 4 and 8 of them contradict any other.

The rule. A reading is an order (day first, month first) and a year (calendar, week). The readings
of a file are those that the fewest of its publication dates contradict. A date is resolved when all
of them give one and the same day: a publication date within its Publication Year, an earlier date
within the hundred years before the publication. Where several days are possible, a full date that
the record gives elsewhere (its own number among the priorities) decides. Everything else stays as
written, and the contract rejects it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_SLASHED: Final = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{2}|[0-9]{4})")
_YEARS: Final = range(1700, 2200)


class Reading(NamedTuple):
    """day_first: 30/12, not 12/30. by_week: the year is that of the week (Sunday to Saturday)."""

    day_first: bool
    by_week: bool


ALL: Final = tuple(Reading(d, w) for d, w in itertools.product((True, False), repeat=2))


def is_slashed(text: str | None) -> bool:
    """Whether this is a date whose order and year must be proved."""
    return text is not None and _SLASHED.fullmatch(text) is not None


def readings(published: Iterable[tuple[str, str]]) -> tuple[Reading, ...]:
    """The readings that the fewest pairs (publication date, publication year) contradict."""
    misfits = dict.fromkeys(ALL, 0)
    seen = 0
    for text, year in published:
        if is_slashed(text) and _is_year(year):
            seen += 1
            for reading in ALL:
                misfits[reading] += _in_year(text, int(year), reading) is None
    fewest = min(misfits.values())
    if seen == 0 or fewest == seen:
        return ()
    return tuple(reading for reading, count in misfits.items() if count == fewest)


def publication_date(text: str, year: str | None, file: Iterable[Reading]) -> str:
    """The day as YYYY-MM-DD where the file's readings and the Publication Year prove it."""
    if not is_slashed(text) or year is None or not _is_year(year):
        return text
    return _one({d for reading in file if (d := _in_year(text, int(year), reading))}) or text


def earlier_date(
    text: str, before: str | None, file: Iterable[Reading], elsewhere: Iterable[str] = ()
) -> str:
    """The day as YYYY-MM-DD within the hundred years until `before` (a day or a year).

    elsewhere: full dates (YYYY-MM-DD), of which one of the possible days may be one.
    """
    if not is_slashed(text) or before is None or not _is_year(before[:4]):
        return text
    last = before if len(before) > 4 else f"{before}-12-31"
    latest = int(before[:4])
    found = {
        day
        for reading in file
        for year in range(latest - 99, latest + 1)
        if (day := _in_year(text, year, reading)) and day.isoformat() <= last
    }
    return _one(found) or _one({d for d in found if d.isoformat() in set(elsewhere)}) or text


def _is_year(text: str) -> bool:
    return re.fullmatch(r"[0-9]{4}", text) is not None and int(text) in _YEARS


def _one(days: set[dt.date]) -> str | None:
    return days.pop().isoformat() if len(days) == 1 else None


def _in_year(text: str, year: int, reading: Reading) -> dt.date | None:
    """The day of this calendar year that the text stands for under a reading, if any."""
    found = _SLASHED.fullmatch(text)
    if found is None:
        return None
    first, second, printed = (int(part) for part in found.groups())
    day, month = (first, second) if reading.day_first else (second, first)
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None
    told = _week_year(date) if reading.by_week else date.year
    return date if told % 10 ** len(found[3]) == printed else None


def _week_year(date: dt.date) -> int:
    """Year of the week's Saturday: the week of 1 January is the first, and weeks begin on Sunday.

    >>> _week_year(dt.date(1986, 12, 30)), _week_year(dt.date(1989, 12, 26))
    (1987, 1989)
    """
    return (date + dt.timedelta(days=(5 - date.weekday()) % 7)).year
