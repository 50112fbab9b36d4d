"""One row per province and year: held against the sheets, and against the mart by measure.

Not here: what growth, share and rank are (test_region_measure.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import warehouse_runs as wr
from test_province_figures import PROVINCES, inventions

from pipelines.build import DBT_PROJECT

Shared = Callable[[str], Path]
Profile = dict[tuple[str, str], wr.Row]
#: Column of the mart by measure, and what the end of its name is here.
BESIDE = {
    "obs_value": "", "per_10k_residents": "_per_10k", "growth": "_growth",
    "national_share": "_share", "national_rank": "_rank",
}  # fmt: skip


@pytest.fixture(scope="module")
def profile(region_marts: dict[str, list[wr.Row]]) -> Profile:
    """Rows by province and year."""
    return {(r["ref_area"], r["time_period"]): r for r in region_marts["mart_region_profile"]}


def test_a_row_for_each_of_the_31_provinces_in_each_year(
    profile: Profile, region_marts: dict[str, list[wr.Row]]
) -> None:
    years = {year for _, year in profile}
    areas = {f"CN-{code}" for code in PROVINCES.values()}
    assert set(profile) == {(area, year) for area in areas for year in years}
    assert len(region_marts["mart_region_profile"]) == len(profile)
    assert {"2014", "2022", "2023", "2025"} <= years


def test_cells_are_those_of_the_sheets(profile: Profile, shared_path: Shared) -> None:
    sheet = inventions(shared_path("data/cn_yearbook/raw/patent_03-valid_raw-2023.xlsx"))
    values = {PROVINCES[name]: n for name, n in sheet.items() if name in PROVINCES}
    for code, value in values.items():
        row = profile[f"CN-{code}", "2023"]
        assert row["patents_in_force_invention"] == value
        share = value / sum(values.values())
        assert row["patents_in_force_invention_share"] == pytest.approx(share)
        rank = 1 + sum(other > value for other in values.values())
        assert row["patents_in_force_invention_rank"] == rank


def test_a_province_as_a_person_reads_it(profile: Profile) -> None:
    """Beijing: 574 323 inventions, 477 790 a year before, 21.86 million residents."""
    beijing = profile["CN-BJ", "2023"]
    assert beijing["ref_area_name"] == "Beijing"
    assert beijing["patents_in_force_invention_per_10k"] == pytest.approx(574_323 / 2_186)
    assert beijing["patents_in_force_invention_growth"] == pytest.approx(574_323 / 477_790 - 1)
    assert (beijing["rd_intensity"], beijing["rd_intensity_rank"]) == (6.73, 1)
    assert beijing["technology_inflow_value"] == 502_472_660_000
    assert profile["CN-BJ", "2022"]["hightech_revenue"] == 764_200_000_000
    assert profile["CN-BJ", "2022"]["patents_in_force_design"] == 117_002


def test_own_targets_and_their_verdicts(profile: Profile) -> None:
    names = ("target", "target_status", "target_latest_period", "target_latest_value")
    shanghai, hubei = profile["CN-SH", "2025"], profile["CN-HB", "2025"]
    assert [shanghai[f"high_value_{n}"] for n in names] == [30, "reached_unconfirmed", "2024", 57.9]
    assert [hubei[f"high_value_{n}"] for n in names] == [12, "met", "2025", 13.7]
    assert (shanghai["own_targets"], hubei["own_targets"]) == (6, 7)
    assert "high_value_invention_patents_per_10k: 12, met" in hubei["own_targets_told"]
    assert profile["CN-ZJ", "2025"]["high_value_target"] == 17
    # No target was found, which is not the same as none.
    beijing = profile["CN-BJ", "2025"]
    assert (beijing["high_value_target"], beijing["own_targets"]) == (None, None)
    assert profile["CN-BJ", "2024"]["high_value_per_10k"] == 159.81


def test_what_is_not_published_is_null(profile: Profile) -> None:
    tibet = profile["CN-XZ", "2022"]
    assert {tibet[f"plant_variety_applications{end}"] for end in BESIDE.values()} == {None}


def test_every_measure_has_its_column_with_the_same_cells(
    profile: Profile, region_marts: dict[str, list[wr.Row]]
) -> None:
    measures = {m["measure"] for m in wr.read_csv(DBT_PROJECT / "seeds" / "region_measures.csv")}
    compared = 0
    for cell in region_marts["mart_region_measure"]:
        if cell["area_kind"] == "province" and cell["measure"] in measures:
            row = profile[cell["ref_area"], cell["time_period"]]
            for column, end in BESIDE.items():
                name = f"{cell['measure']}{end}"
                if not end or name in row:
                    assert row[name] == cell[column], (name, cell["ref_area"], cell["time_period"])
                    compared += cell[column] is not None
    assert compared > 5_000
