"""Figures as of a day, and what changed between vintages; counted in the files by another path."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import warehouse_runs as wr
from conftest import WORLD_BANK, WORLD_BANK_ZIPPED

PLAN = "NAT-IP-FYP14"


@pytest.mark.parametrize("day", ["2021-11-01", "2025-02-01"])
def test_the_scorecard_as_of_a_day_is_that_of_a_build_on_that_day(
    published_home: Path, tmp_path: Path, day: str
) -> None:
    built = wr.scorecard_on(published_home, dt.date.fromisoformat(day), tmp_path)
    told = wr.rows(published_home, "from plan_scorecard_as_of(?, ?)", [PLAN, day])
    expected = [row for row in built if row["plan_id"] == PLAN]
    assert len(told) == len(expected) > 0

    def by_target(rows: list[wr.Row]) -> list[str]:
        return sorted(repr(sorted(row.items())) for row in rows)

    assert by_target(told) == by_target(expected)


def test_figures_as_of_a_day_know_nothing_later(published_home: Path) -> None:
    # 12.44 % of 2021 was published on 2022-12-30 at the earliest, 11.97 % of 2020 a year before.
    found = wr.rows(
        published_home,
        "select time_period, obs_value from observations_as_of('2022-06-30') "
        "where indicator_id = 'patent_intensive_va_share_gdp' and freq = 'A' "
        "and time_period in ('2020', '2021')",
    )
    assert [(row["time_period"], row["obs_value"]) for row in found] == [("2020", 11.97)]
    [later] = wr.rows(
        published_home, "select max(vintage) as day from observations_as_of('2022-06-30')"
    )
    assert later["day"] <= dt.date(2022, 6, 30)
    [before] = wr.rows(
        published_home,
        "select count(*) as n from observations_as_of('2030-01-01', learnt_by := '2020-01-01')",
    )
    assert before["n"] == 0


def test_revisions_of_the_world_bank_are_those_in_its_files(
    world_bank_home: Path, shared_path: Callable[[str], Path]
) -> None:
    """Both releases, cell by cell: who gave a number, who gave a blank."""
    old = wr.wide_grid(shared_path(f"data/world_bank/{WORLD_BANK[0]}"))
    new = wr.wide_grid(shared_path(f"data/world_bank/{WORLD_BANK_ZIPPED[0]}"))
    expected: dict[tuple[str, str, str], tuple[str, float | None, float | None]] = {}
    for place in old.keys() & new.keys():
        # The World Bank's files give each number in full.
        before, after = (float(text) if text else None for text in (old[place], new[place]))
        if before != after:
            kind = "filled_in" if before is None else "taken_back" if after is None else "revised"
            expected[place] = (kind, before, after)
    found = wr.rows(world_bank_home, "from mart_revision where source_id = 'world_bank'")
    assert {
        (row["indicator_id"], row["ref_area"], row["time_period"]): (
            row["kind"],
            row["value_before"],
            row["obs_value"],
        )
        for row in found
    } == expected
    assert Counter(kind for kind, *_ in expected.values()).keys() == {
        "revised",
        "taken_back",
        "filled_in",
    }
