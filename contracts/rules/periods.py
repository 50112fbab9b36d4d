"""SDMX periods as far as the rules need them: begin and end, one year earlier, year-ends.

Periods stay strings in the data; here is the only code of this package that looks inside one.
Not here: which periods a source may use (that is the contract of the landed rows).
"""

import calendar
import re
from datetime import date, timedelta
from functools import cache

_PATTERN = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:-S(?P<half>[12])|-Q(?P<quarter>[1-4])|-(?P<month>[0-9]{2})"
    r"(?:-(?P<day>[0-9]{2})(?:/P(?=[0-9])(?:(?P<years>[0-9]+)Y)?(?:(?P<months>[0-9]+)M)?)?)?)?"
)


@cache
def bounds(period: str) -> tuple[date, date]:
    """First and last day of an SDMX period: `2021`, `2025-S1`, `2023-Q1`, `2025-06`,
    `2022-08-11`, `2016-01-01/P5Y`, `2023-01-01/P11M`. Raises ValueError for anything else."""
    match = _PATTERN.fullmatch(period)
    if match is None:
        raise ValueError(f"not an SDMX period: {period!r}")
    year = int(match["year"])
    if is_span(period):
        first = date(year, int(match["month"]), int(match["day"]))
        length = 12 * int(match["years"] or 0) + int(match["months"] or 0)
        return first, _months_later(first, length) - timedelta(days=1)
    if match["day"]:
        day = date(year, int(match["month"]), int(match["day"]))
        return day, day
    if match["half"]:
        start, length = 6 * int(match["half"]) - 5, 6
    elif match["quarter"]:
        start, length = 3 * int(match["quarter"]) - 2, 3
    elif match["month"]:
        start, length = int(match["month"]), 1
    else:
        start, length = 1, 12
    first = date(year, start, 1)
    return first, _months_later(first, length) - timedelta(days=1)


def is_span(period: str) -> bool:
    """True for a period written with a length (`…/P5Y`, `…/P11M`): a total or a cumulation."""
    return "/" in period


def end(period: str) -> date:
    """Last day of the period. Raises ValueError as `bounds` does."""
    return bounds(period)[1]


def one_year_before(period: str) -> str | None:
    """The same period of the year before; None for a period longer than a year.

    Raises ValueError as `bounds` does.
    """
    first, last = bounds(period)
    if last >= _months_later(first, 12):
        return None
    shifted = f"{int(period[:4]) - 1:04d}{period[4:]}"
    return shifted.replace("-02-29", "-02-28")


def year_ends_before(period: str) -> tuple[str, str]:
    """The two latest year-ends known when the period ends: 2022 -> 2022, 2021;
    2025-06 -> 2024, 2023. Raises ValueError as `bounds` does."""
    last = end(period)
    latest = last.year if (last.month, last.day) == (12, 31) else last.year - 1
    return str(latest), str(latest - 1)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
