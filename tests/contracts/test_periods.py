"""Periods: begin, end, the year before, the year-ends a publisher could divide by."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules import periods


@pytest.mark.parametrize(
    ("period", "first", "last", "before"),
    [
        ("2021", date(2021, 1, 1), date(2021, 12, 31), "2020"),
        ("2022-S1", date(2022, 1, 1), date(2022, 6, 30), "2021-S1"),
        ("2022-S2", date(2022, 7, 1), date(2022, 12, 31), "2021-S2"),
        ("2023-Q4", date(2023, 10, 1), date(2023, 12, 31), "2022-Q4"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "2023-02"),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29), "2023-02-28"),
        ("2023-01-01/P11M", date(2023, 1, 1), date(2023, 11, 30), "2022-01-01/P11M"),
        ("2016-01-01/P5Y", date(2016, 1, 1), date(2020, 12, 31), None),
    ],
)
def test_bounds_and_the_year_before(
    period: str, first: date, last: date, before: str | None
) -> None:
    assert periods.bounds(period) == (first, last)
    assert periods.one_year_before(period) == before


@pytest.mark.parametrize(
    "text",
    ["", "21", "2021-S3", "2021-Q5", "2021-13", "2021-H1", "2021/P5Y", "2016-01-01/P", "2021\n"],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"SDMX period|month"):
        periods.bounds(text)


def test_year_ends_known_when_a_period_ends() -> None:
    assert periods.year_ends_before("2022") == ("2022", "2021")
    assert periods.year_ends_before("2022-S2") == ("2022", "2021")
    assert periods.year_ends_before("2025-06") == ("2024", "2023")


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.integers(1, 120))
def test_a_span_ends_the_day_before_its_successor_begins(first: date, months: int) -> None:
    start = first.replace(day=1)
    last = periods.end(f"{start.isoformat()}/P{months}M")
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    assert (date(years, month + 1, 1) - last).days == 1
