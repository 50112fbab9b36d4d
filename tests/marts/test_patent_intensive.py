"""Patent-intensive industries by category, year and release: printed figures and their arithmetic.

Expected numbers come from the reference table of the announcements, read by the csv module, or
are worked out by hand here. Not here: the rules that judge the figures (tests/contracts).
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import warehouse_runs as wr

Shared = Callable[[str], Path]
ANNOUNCED = {"2019": "nbs-cnipa-2020-12-31", "2023": "nbs-cnipa-2024-12-31"}
TOTAL = "专利密集型产业"


def test_the_tables_of_2019_and_2023_are_those_of_the_announcements(
    published_home: Path, shared_path: Shared
) -> None:
    table = shared_path(
        "data/patent_intensive_transcribed/patent_intensive_value_added_2019_2023.tsv"
    )
    with table.open(encoding="utf-8", newline="") as stream:
        expected = {
            (row["year"], row["category"]): (
                round(Decimal(row["value_added_100m_cny"])) if row["share_pct"] == "100.0"
                else Decimal(row["value_added_100m_cny"]),
                None if row["share_pct"] == "100.0" else float(row["share_pct"]),
            )
            for row in csv.DictReader(stream, delimiter="\t")
        }  # fmt: skip
    assert len(expected) == 16
    found = {
        (row["time_period"], row["category_name_zh"]): (
            Decimal(row["value_as_published"]),
            row["share_of_total_as_published"],
        )
        for year, release in ANNOUNCED.items()
        for row in wr.rows(
            published_home,
            "select * from mart_patent_intensive_industry "
            "where time_period = ? and release_id = ? and value_added is not null",
            [year, release],
        )
    }
    names = {name for _, name in expected}
    assert {
        (year, name if name in names else TOTAL): value for (year, name), value in found.items()
    } == expected


def test_computed_shares_are_the_printed_ones_within_rounding(published_home: Path) -> None:
    rows = wr.rows(
        published_home,
        "select share_of_total, share_of_total_as_published as printed "
        "from mart_patent_intensive_industry where share_of_total_as_published is not null",
    )
    assert len(rows) == 21
    assert all(abs(row["share_of_total"] - row["printed"]) <= 0.05 for row in rows)


def test_the_announcement_of_2022_with_growth_by_category(
    published_home: Path, shared_path: Shared
) -> None:
    table = shared_path("samples/cnipa/patent_intensive_va_bulletin_tables.csv")
    with table.open(encoding="utf-8", newline="") as stream:
        expected = {
            row["category_zh"]: (
                float(row["va_100m_cny"]) * 1e8,
                float(row["nominal_growth_pct"]),
                None if row["category_zh"] == TOTAL else float(row["share_pct"]),
            )
            for row in csv.DictReader(stream)
            if row["year"] == "2022"
        }
    assert len(expected) == 8
    rows = wr.rows(
        published_home,
        "select * from mart_patent_intensive_industry where release_id = 'nbs-cnipa-2023-12-29'",
    )
    assert {
        TOTAL if row["category"] == "total" else row["category_name_zh"]: (
            row["value_added"], row["growth"], row["share_of_total_as_published"],
        )
        for row in rows
    } == expected  # fmt: skip
    # Growth follows from the year before where that is known: four of seven categories.
    known = [r for r in rows if r["category"] != "total" and r["change_on_year_before"] is not None]
    assert len(known) == 4
    assert all(abs(row["change_on_year_before"] - row["growth"]) <= 0.05 for row in known)


@pytest.mark.parametrize(
    ("year", "release", "known", "check", "parts_sum"),
    [
        # 23 020.5 + 34 004.1 + 13 983.4 + 9 974.3 + 2 599.6 + 22 822.9 + 8 225.9
        ("2019", "nbs-cnipa-2020-12-31", 7, "adds_up", 114_630.7e8),
        ("2019", "doc-004", 7, "adds_up", 114_630.7e8),  # printed as 11.5 trillion
        ("2021", "nbs-cnipa-2022-12-28", 4, "incomplete", None),
        ("2022", "nbs-cnipa-2023-12-29", 7, "adds_up", 153_176e8),
        ("2023", "nbs-cnipa-2024-12-31", 7, "adds_up", 168_713e8),
        ("2024", "xinhua-2025-12-31", 3, "incomplete", None),
    ],
)
def test_parts_against_the_total(
    published_home: Path, year: str, release: str, known: int, check: str, parts_sum: float | None
) -> None:
    (row,) = wr.rows(
        published_home,
        "select parts_known, parts_check, parts_sum from mart_patent_intensive_industry "
        "where category = 'total' and ref_area = 'CHN' and time_period = ? and release_id = ?",
        [year, release],
    )
    assert (row["parts_known"], row["parts_check"]) == (known, check)
    assert row["parts_sum"] == (parts_sum and pytest.approx(parts_sum, abs=1))


def test_both_vintages_of_2022_stay_and_the_derived_one_says_so(published_home: Path) -> None:
    rows = wr.rows(
        published_home,
        "select release_id, share_gdp, share_gdp_is_derived, is_preferred_share_gdp "
        "from mart_patent_intensive_industry "
        "where category = 'total' and time_period = '2022' and share_gdp is not null",
    )
    assert {
        row["share_gdp"]: (row["share_gdp_is_derived"], row["is_preferred_share_gdp"])
        for row in rows
        if row["release_id"].startswith("nbs-")
    } == {12.71: (False, True), 12.6: (True, False)}


def test_the_change_on_the_year_before_names_its_base_and_is_no_growth(
    published_home: Path,
) -> None:
    """121 289 / 114 631 = +5.81 %: the announcement of 2019, not the later, coarser 11.5 trillion.
    In 2023 the year before was revised: 168 713 / 153 176 = +10.1 %, and no growth is printed."""
    first, second = wr.rows(
        published_home,
        "select growth, change_on_year_before, year_before_release_id "
        "from mart_patent_intensive_industry where category = 'total' and ref_area = 'CHN' "
        "and time_period in ('2020', '2023') and value_added is not null order by time_period",
    )
    assert first["growth"] == 5.8
    assert first["year_before_release_id"] == "nbs-cnipa-2020-12-31"
    assert first["change_on_year_before"] == pytest.approx(100 * (121_289 / 114_631 - 1))
    assert second["growth"] is None
    assert second["year_before_release_id"] == "nbs-cnipa-2023-12-29"
    assert second["change_on_year_before"] == pytest.approx(100 * (168_713 / 153_176 - 1))


def test_what_is_not_published_is_a_row_without_a_value_that_says_why(
    published_home: Path,
) -> None:
    gaps = wr.rows(
        published_home,
        "select time_period, category, note, is_preferred_value_added "
        "from mart_patent_intensive_industry "
        "where value_added is null and share_gdp is null and category != 'total'",
    )
    services = "rd_design_technical_services"
    three = {"new_materials", "pharma_medical", services}
    assert {(gap["time_period"], gap["category"]) for gap in gaps} == {
        (year, category) for year in ("2020", "2021", "2024") for category in three
    } | {("2024", "environmental_protection")}
    assert all("not found" in gap["note"] for gap in gaps)
    assert not any(gap["is_preferred_value_added"] for gap in gaps)


def test_a_hedged_share_of_a_province_stays_a_bound(published_home: Path) -> None:
    rows = wr.rows(
        published_home,
        "select ref_area, share_gdp, qualifier, value_added "
        "from mart_patent_intensive_industry where ref_area != 'CHN'",
    )
    assert {(r["ref_area"], r["share_gdp"], r["qualifier"]) for r in rows} == {
        ("CN-ZJ", 20.0, "more_than"),
        ("CN-330100", 30.8, None),
    }
    assert {r["value_added"] for r in rows} == {None}
