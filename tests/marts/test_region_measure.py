"""Provinces by measure: cells held against the sheets, ratios worked out again.

Workbooks are read as zips of XML and by openpyxl, regions by their English names, so that no code
of the warehouse stands on both sides. Not here: what lands of a sheet (tests/regional).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
import warehouse_runs as wr
from test_province_figures import PROVINCES, inventions

Shared = Callable[[str], Path]
Cells = dict[tuple[str, str, str], wr.Row]

IN_FORCE, GRANTS = "patents_in_force_invention", "patent_grants_invention"
HIGH_VALUE = "high_value_invention_patents_per_10k"


def by_cell(rows: list[wr.Row]) -> Cells:
    return {(row["measure"], row["ref_area"], row["time_period"]): row for row in rows}


@pytest.fixture(scope="module")
def profile(region_marts: dict[str, list[wr.Row]]) -> Cells:
    """The profile's rows by measure, area and year."""
    rows = region_marts["mart_region_measure"]
    cells = by_cell(rows)
    assert len(cells) == len(rows)
    return cells


def of_sheet(shared_path: Shared, year: int) -> dict[str, int]:
    """Inventions in force of the 31 provinces, by their code."""
    sheet = inventions(shared_path(f"data/cn_yearbook/raw/patent_03-valid_raw-{year}.xlsx"))
    found = {f"CN-{PROVINCES[name]}": n for name, n in sheet.items() if name in PROVINCES}
    assert len(found) == 31
    return found


def residents(shared_path: Shared, year: int) -> dict[str, int]:
    """Residents at year-end, by province, in ten thousand."""
    lines = shared_path("data/nbs_province_2024/historical_population.csv").read_text("utf-8-sig")
    rows = csv.DictReader(line for line in lines.splitlines() if not line.startswith("#"))
    return {f"CN-{PROVINCES[r['region'].replace(' ', '')]}": int(r[str(year)]) for r in rows}


def test_ratios_share_and_rank_follow_from_the_sheets(profile: Cells, shared_path: Shared) -> None:
    before, now = of_sheet(shared_path, 2022), of_sheet(shared_path, 2023)
    people = residents(shared_path, 2023)
    total = sum(now.values())
    for area, value in now.items():
        row = profile[IN_FORCE, area, "2023"]
        assert row["obs_value"] == value
        assert row["residents"] == people[area] * 10_000
        assert row["per_10k_residents"] == pytest.approx(value / people[area])
        assert row["growth"] == pytest.approx((value - before[area]) / before[area])
        assert row["national_share"] == pytest.approx(value / total)
        assert row["national_rank"] == 1 + sum(other > value for other in now.values())
        density = {a: now[a] / people[a] for a in now}
        assert row["per_10k_rank"] == 1 + sum(d > density[area] for d in density.values())
        assert (row["provinces_compared"], row["in_table"]) == (31, True)
    # By hand: 574 323 inventions, 21.86 million residents; 477 790 a year before.
    beijing = profile[IN_FORCE, "CN-BJ", "2023"]
    assert round(beijing["per_10k_residents"], 2) == 262.73
    assert round(beijing["growth"], 4) == 0.202
    assert (beijing["national_rank"], beijing["per_10k_rank"]) == (2, 1)
    assert beijing["residents_release_id"] == "nbs-population-2025"


def test_figures_copied_by_hand(profile: Cells) -> None:
    """From the sheets as a person sees them; amounts printed in 万元 and 亿元 stand in yuan."""
    expected = {
        ("patents_in_force_total", "CN-BJ", "2022"): 1_046_715,
        ("patents_in_force_utility_model", "CN-BJ", "2022"): 451_923,
        ("patents_in_force_design", "CN-BJ", "2022"): 117_002,
        ("patents_in_force_invention", "CHN_HKMT", "2022"): 3_351_453,
        ("patent_applications_invention", "CN-HE", "2014"): 8_332,
        ("plant_variety_grants", "CN-TJ", "2022"): 28,
        ("technology_outflow_value", "CN-BJ", "2021"): 700_565_170_000,
        ("technology_inflow_value", "CN-BJ", "2023"): 502_472_660_000,
        ("rd_expenditure", "CN-BJ", "2023"): 294_710_000_000,
        ("rd_intensity", "CN-BJ", "2023"): 6.73,
        ("rd_intensity", "CHN", "2022"): 2.54,
        ("hightech_enterprises", "CN-LN", "2022"): 561,
        ("hightech_revenue", "CN-BJ", "2022"): 764_200_000_000,
    }
    for key, value in expected.items():
        assert profile[key]["obs_value"] == value, key
    # A ratio has a rank, and neither share nor growth nor a count of people.
    intensity = profile["rd_intensity", "CN-BJ", "2023"]
    assert intensity["national_rank"] == 1
    assert (intensity["national_share"], intensity["growth"], intensity["per_10k_residents"]) == (
        None, None, None,
    )  # fmt: skip


def test_what_is_not_published_has_a_reason_and_counts_for_nothing(profile: Cells) -> None:
    # 江西 is misread in the sheet of 2014, so its row is kept out; 30 provinces are compared.
    jiangxi = profile["patent_applications_invention", "CN-JX", "2014"]
    assert jiangxi["no_value_because"].startswith("no row of the table that could be taken")
    blank = profile["plant_variety_applications", "CN-XZ", "2022"]
    assert blank["no_value_because"] == "blank in the table"
    for row in (jiangxi, blank):
        derived = ("obs_value", "growth", "national_share", "national_rank", "per_10k_residents",
                   "per_10k_rank", "ties")  # fmt: skip
        assert {row[name] for name in derived} == {None}
        assert row["provinces_compared"] == 30
    # The year after a gap has no growth.
    assert profile["patent_applications_invention", "CN-BJ", "2014"]["growth"] is None


def test_shares_sum_to_one_and_ranks_are_permutations(profile: Cells) -> None:
    tables: dict[tuple[str, str], list[wr.Row]] = defaultdict(list)
    for (measure, _, year), row in profile.items():
        if row["area_kind"] == "province" and row["provinces_compared"]:
            tables[measure, year].append(row)
    tied = 0
    for (measure, year), rows in tables.items():
        values = [row["obs_value"] for row in rows if row["obs_value"] is not None]
        assert len(rows) == 31
        assert {row["provinces_compared"] for row in rows} == {len(values)}
        for row in rows:
            value = row["obs_value"]
            if value is None:
                continue
            # With ties, ranks are those of the sorted values: 1, 2, 2, 4.
            assert row["national_rank"] == sorted(values, reverse=True).index(value) + 1
            assert row["ties"] == values.count(value) - 1
            tied += row["ties"]
        shares = [row["national_share"] for row in rows if row["national_share"] is not None]
        assert bool(shares) == (measure not in ("rd_intensity", "hightech_profit")), measure
        if shares:
            assert sum(shares) == pytest.approx(1), (measure, year)
    assert tied
    assert len(tables) > 50


def test_the_nation_and_what_lies_outside_the_plan_are_told_apart(profile: Cells) -> None:
    kinds = {row["ref_area"]: row["area_kind"] for row in profile.values()}
    assert {area for area, kind in kinds.items() if kind == "nation"} == {"CHN", "CHN_HKMT"}
    assert {area for area, kind in kinds.items() if kind == "outside_plan_scope"} == {
        "CN-HK", "CN-MO", "CN-TW",
    }  # fmt: skip
    assert sum(kind == "province" for kind in kinds.values()) == 31
    for area in ("CHN_HKMT", "CN-TW"):
        row = profile[IN_FORCE, area, "2023"]
        assert row["growth"] is not None
        assert (row["national_rank"], row["national_share"], row["per_10k_residents"]) == (
            None, None, None,
        )  # fmt: skip
    # The nation in the plan's scope over its residents: 4.015 million over 1 409.67 million.
    assert profile[IN_FORCE, "CHN", "2023"]["per_10k_residents"] == pytest.approx(28.48, abs=0.005)


def test_each_province_has_its_own_targets_and_their_verdicts(profile: Cells) -> None:
    def target(area: str, measure: str = HIGH_VALUE) -> tuple[object, ...]:
        row = profile[measure, area, "2025"]
        names = ("value", "status", "latest_period", "latest_value")
        return tuple(row[f"target_{name}"] for name in names)

    assert target("CN-SH") == (30, "reached_unconfirmed", "2024", 57.9)
    assert target("CN-ZJ") == (17, "no_data", None, None)
    assert target("CN-HB") == (12, "met", "2025", 13.7)
    # Of the others' plans no page with a number was read: a row says so, and nothing is filled in.
    goals = {
        row["ref_area"]: row["target_value"]
        for (measure, _, year), row in profile.items()
        if (measure, year) == (HIGH_VALUE, "2025") and (row["target_value"] or row["target_note"])
    }
    assert set(goals) == {f"CN-{code}" for code in PROVINCES.values()}
    assert {area: goal for area, goal in goals.items() if goal is not None} == {
        "CN-SH": 30, "CN-ZJ": 17, "CN-HB": 12,
    }  # fmt: skip
    # A target for what a table gives stands beside the table's figures.
    assert target("CN-HB", GRANTS)[:2] == (28_000, "reached_unconfirmed")
    hebei = profile[HIGH_VALUE, "CN-HE", "2025"]
    assert hebei["target_value"] is None
    assert hebei["target_not_evaluated_because"] == "the target has no number"
    assert "no target found" in hebei["target_note"]
    # Four provinces do not make a ranking.
    beijing = profile[HIGH_VALUE, "CN-BJ", "2024"]
    assert (beijing["obs_value"], beijing["national_rank"], beijing["in_table"]) == (
        159.81, None, False,
    )  # fmt: skip


def test_a_local_release_does_not_displace_the_table(profile: Cells) -> None:
    """Hebei's newspaper says 51 946 for 2022, the table 51 959; no table has Beijing's 2024."""
    hebei = profile[IN_FORCE, "CN-HE", "2022"]
    assert (hebei["obs_value"], hebei["in_table"]) == (51_959, True)
    later = profile[IN_FORCE, "CN-BJ", "2024"]
    assert (later["obs_value"], later["in_table"], later["national_rank"]) == (663_490, False, None)
    assert later["growth"] is None


def test_offline_the_carried_figures_show(published_home: Path, shared_path: Shared) -> None:
    rows = wr.rows(
        published_home,
        "from mart_region_measure where in_table and area_kind = 'province'",
    )
    cells = by_cell(rows)
    years = defaultdict(set)
    for measure, _, year in cells:
        years[measure].add(int(year))
    assert dict(years) == {
        IN_FORCE: set(range(2019, 2024)),
        GRANTS: set(range(2019, 2024)),
        "resident_population": set(range(2019, 2025)),
    }
    assert len(cells) == 31 * (5 + 5 + 6)
    assert all(row["obs_value"] is not None for row in rows)
    for area, value in of_sheet(shared_path, 2019).items():
        row = cells[IN_FORCE, area, "2019"]
        assert row["obs_value"] == value
        density = value / residents(shared_path, 2019)[area]
        assert row["per_10k_residents"] == pytest.approx(density)
        assert row["residents_release_id"] == "nbs-data-2025-province-population"
