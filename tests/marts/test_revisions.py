"""Figures as of a day, and what changed between vintages; counted in the files by another path."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import warehouse_runs as wr
from conftest import WORLD_BANK

PLAN = "NAT-IP-FYP14"


@pytest.mark.parametrize("day", ["2021-11-01", "2023-06-30", "2025-02-01"])
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
    paths = [shared_path(f"data/world_bank/{name}") for name in WORLD_BANK]
    cells: dict[str, list[dict[tuple[str, str, str], str]]] = {}
    releases = wr.rows(
        world_bank_home,
        "select distinct vintage, raw_file from fct_observation where source_id = 'world_bank' "
        "and indicator_id = 'IP.PAT.RESD' order by vintage",
    )
    by_name = {path.name: path for path in paths}
    for release in releases:
        if (path := by_name.get(release["raw_file"])) is not None:
            cells.setdefault("IP.PAT.RESD", []).append(wr.wide_cells(path))
    found = Counter(
        row["kind"]
        for row in wr.rows(
            world_bank_home,
            "select kind from mart_revision where source_id = 'world_bank' "
            "and indicator_id = 'IP.PAT.RESD'",
        )
    )
    if len(cells.get("IP.PAT.RESD", [])) == 2:
        old, new = cells["IP.PAT.RESD"]
        expected: Counter[str] = Counter()
        for place in old.keys() & new.keys():
            before, after = old[place], new[place]
            if bool(before) != bool(after):
                expected["filled_in" if after else "taken_back"] += 1
            elif before and float(before) != float(after):
                expected["revised"] += 1
        assert found == expected
    assert found["revised"] > 0
