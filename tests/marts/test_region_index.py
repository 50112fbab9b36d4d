"""The index of regions, worked out again in plain Python from the weights, variation by variation.

Not here: whether the figures that it stands on are right (test_region_profile.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
import warehouse_runs as wr

from pipelines.build import DBT_PROJECT

Marts = dict[str, list[wr.Row]]
Positions = dict[str, dict[str, float | None]]

WEIGHTS = wr.read_csv(DBT_PROJECT / "seeds" / "region_index_weights.csv")
GROUPS = wr.read_csv(DBT_PROJECT / "seeds" / "region_groups.csv")
FACTORS = {"none": 1.0, "left_out": 0.0, "less": 0.8, "more": 1.2}
YEARS = ("2022", "2023")


def weights(group: str) -> dict[str, float]:
    return {w["indicator"]: float(w["weight"]) for w in WEIGHTS if w["region_group"] == group}


def positions(marts: Marts, year: str) -> Positions:
    """Each indicator's position of each province between the lowest and the highest."""
    cells = {
        (row["measure"], row["ref_area"]): row
        for row in marts["mart_region_measure"]
        if row["time_period"] == year
    }
    found: Positions = {}
    for indicator in WEIGHTS[:8]:
        values: dict[str, float | None] = {}
        for group in GROUPS:
            area = group["ref_area"]
            row = cells[indicator["measure"], area]
            if indicator["basis"] == "per_gdp":
                value = row["obs_value"] / cells["gdp", area]["obs_value"]
            else:
                value = row[indicator["basis"]]
            values[area] = value
        known = [value for value in values.values() if value is not None]
        low, high = min(known), max(known)
        found[indicator["indicator"]] = {
            area: None if value is None else (value - low) / (high - low)
            for area, value in values.items()
        }
    return found


def scores(at: Positions, by: dict[str, float]) -> dict[str, float]:
    """Weighted mean of the positions, of provinces that have all of them."""
    whole = sum(by.values())
    return {
        area: 100 * sum(by[i] * (at[i][area] or 0) for i in by) / whole
        for area in at["rd_intensity"]
        if all(at[i][area] is not None for i in at)
    }


def ranks(of: dict[str, float]) -> dict[str, int]:
    return {
        area: 1 + sum(other > score + 1e-9 for other in of.values()) for area, score in of.items()
    }


@pytest.mark.parametrize("year", YEARS)
def test_every_variation_of_the_weights_gives_what_plain_arithmetic_gives(
    region_marts: Marts, year: str
) -> None:
    at = positions(region_marts, year)
    assert len(at) == 8
    kept = [r for r in region_marts["mart_region_index_sensitivity"] if r["time_period"] == year]
    assert len(kept) == 3 * (1 + 3 * 8) * 31
    reached: dict[tuple[str, str], set[int]] = defaultdict(set)
    for group in ("leading", "supporting", "characteristic"):
        for variation, factor in FACTORS.items():
            varied_indicators: list[str | None] = [None] if variation == "none" else [*at]
            for varied in varied_indicators:
                by = {i: w * (factor if i == varied else 1) for i, w in weights(group).items()}
                expected = scores(at, by)
                placed = ranks(expected)
                of_kind = (group, variation, varied)
                rows = {
                    r["ref_area"]: r
                    for r in kept
                    if (r["weights_of"], r["variation"], r["varied_indicator"]) == of_kind
                }
                assert len(rows) == 31
                for area, row in rows.items():
                    assert row["score"] == pytest.approx(expected.get(area)), (of_kind, area)
                    assert row["score_rank"] == placed.get(area), (of_kind, area)
                    if area in placed:
                        reached[group, area].add(placed[area])
    for row in region_marts["mart_region_index"]:
        if row["time_period"] == year:
            found = reached.get((row["weights_of"], row["ref_area"]))
            span = (min(found), max(found)) if found else (None, None)
            assert (row["best_rank"], row["worst_rank"]) == span
            assert (row["indicators_used"], row["weight_published"]) == (8, 1)


def test_ranks_move_with_the_weights_and_the_mart_says_how_far(region_marts: Marts) -> None:
    own = [r for r in region_marts["mart_region_index"] if r["is_own_group"] and r["score"]]
    assert any(row["worst_rank"] - row["best_rank"] >= 10 for row in own)
    beijing = [row for row in own if row["ref_area"] == "CN-BJ" and row["time_period"] in YEARS]
    assert [(row["best_rank"], row["worst_rank"]) for row in beijing] == [(1, 1), (1, 1)]
    for row in own:
        assert row["best_rank"] <= row["best_rank_20_percent"] <= row["score_rank"]
        assert row["score_rank"] <= row["worst_rank_20_percent"] <= row["worst_rank"]
        assert row["best_rank"] <= row["best_rank_left_out"] <= row["worst_rank_left_out"]


def test_a_province_without_an_indicator_has_no_score_under_any_weights(
    region_marts: Marts,
) -> None:
    """Tibet's cell of plant varieties is blank in 2022: not the lowest of the year, but unknown."""
    rows = of(region_marts, "mart_region_index", lambda r: r["time_period"] == "2022")
    tibet = [row for row in rows if row["ref_area"] == "CN-XZ"]
    assert [(r["score"], r["score_rank"], r["best_rank"]) for r in tibet] == 3 * [(None,) * 3]
    assert {row["indicators_lacking"] for row in tibet} == {"plant_varieties"}
    assert {row["provinces_ranked"] for row in rows} == {30}
    varied = of(
        region_marts,
        "mart_region_index_sensitivity",
        lambda r: (r["ref_area"], r["time_period"]) == ("CN-XZ", "2022"),
    )
    assert {row["score"] for row in varied} == {None}


def test_a_year_without_some_tables_says_how_much_of_the_index_it_is(region_marts: Marts) -> None:
    """2020: of the sheets dropped here and the figures carried, patents and the market's table."""
    rows = of(
        region_marts,
        "mart_region_index",
        lambda r: (r["time_period"], r["weights_of"]) == ("2020", "leading"),
    )
    missing = {"hightech_revenue", "plant_varieties", "rd_intensity"}
    assert {row["indicators_not_published"] for row in rows} == {";".join(sorted(missing))}
    rest = sum(weight for i, weight in weights("leading").items() if i not in missing)
    assert all(row["weight_published"] == pytest.approx(rest) for row in rows)
    assert {row["indicators_used"] for row in rows} == {5}


def test_group_ranks_are_permutations_within_the_group(region_marts: Marts) -> None:
    placed = defaultdict(list)
    for row in region_marts["mart_region_index"]:
        assert (row["group_rank"] is None) == (not row["is_own_group"] or row["score"] is None)
        if row["group_rank"]:
            placed[row["region_group"], row["time_period"]].append(row["group_rank"])
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in placed.values())
    assert len(placed["leading", "2023"]) + len(placed["supporting", "2023"]) + len(
        placed["characteristic", "2023"]
    ) == 31  # fmt: skip


def test_weights_and_groups_say_what_they_rest_on() -> None:
    assert len(GROUPS) == len({row["ref_area"] for row in GROUPS}) == 31
    documented = {r["ref_area"]: r["region_group"] for r in GROUPS if r["is_assumption"] == "false"}
    assert documented == {
        "CN-GD": "leading", "CN-JS": "leading", "CN-HN": "supporting", "CN-HA": "supporting",
        "CN-JX": "characteristic", "CN-GS": "characteristic",
    }  # fmt: skip
    for group in ("leading", "supporting", "characteristic"):
        assert sum(weights(group).values()) == pytest.approx(1)
        assert set(weights(group)) == set(weights("leading"))
    assert all(row["reason"] and row["source"] for row in WEIGHTS + GROUPS)
    # No document fixes a weight; the data must not say otherwise.
    assert {row["is_assumption"] for row in WEIGHTS} == {"true"}


def of(marts: Marts, mart: str, fits: Callable[[dict[str, Any]], bool]) -> list[wr.Row]:
    return [row for row in marts[mart] if fits(row)]
