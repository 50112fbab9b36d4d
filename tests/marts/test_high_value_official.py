"""The published figures of the first indicator, and whether they fit each other.

Expected values are read from the reviewed file by another path. Not here: counting a register
(tests/register).
"""

import csv
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import warehouse_runs as wr

from pipelines.settings import CHECKOUT

PARTS = [
    "hv_cond1_strategic_emerging",
    "hv_cond2_overseas_family",
    "hv_cond3_maintained_over_10y",
    "hv_cond4_higher_pledge",
    "hv_cond5_awards",
]
SCALES = {"10,000 pieces": 10_000, "pieces": 1, "million": 1_000_000}


def printed(indicator: str, period: str) -> Iterator[Decimal]:
    """Plain values of a national figure that the file holds."""
    with (CHECKOUT / "raw" / "official_releases" / "observations.csv").open() as stream:
        for row in csv.DictReader(stream):
            if (row["indicator_id"], row["ref_area"], row["time_period"]) == (
                indicator, "CHN", period,
            ) and row["value_as_published"]:  # fmt: skip
                yield Decimal(row["value_as_published"]) * SCALES[row["unit_as_published"]]


def official(home: Path, measure: str, period: str) -> wr.Row:
    [row] = wr.rows(
        home,
        "from mart_high_value_official where rule_version = 'v2021_five' and measure = ? "
        "and time_period = ?",
        [measure, period],
    )
    return row


def test_at_least_249_000_patents_counted_twice_in_june_2025(published_home: Path) -> None:
    """Three of the five parts are published, and they alone sum to more than their union."""
    parts = [next(printed(part, "2025-06"), Decimal(0)) for part in PARTS]
    union = next(printed("high_value_invention_patents", "2025-06"))
    assert sum(part > 0 for part in parts) == 3
    assert sum(parts) - union == 249_000

    overlap = official(published_home, "overlap_at_least", "2025-06")
    assert (overlap["official_value"], overlap["day"]) == (249_000, dt.date(2025, 6, 30))
    assert overlap["official_is_derived"]
    assert overlap["check_holds"]
    # No register of the world is landed here, so nothing of ours stands beside it.
    assert overlap["register_lower"] is None
    assert overlap["no_register_because"] is not None


@pytest.mark.parametrize("period", ["2021", "2022", "2023-06", "2025-06"])
def test_a_union_is_held_against_the_parts_where_those_published_reach_it(
    published_home: Path, period: str
) -> None:
    parts = sum(next(printed(part, period), Decimal(0)) for part in PARTS)
    union = official(published_home, "high_value", period)
    assert union["official_value"] <= parts
    assert union["check_rule"] == "at most the valid stock, at most the sum of the parts"
    assert union["check_holds"]


def test_parts_that_are_not_published_accuse_no_union(published_home: Path) -> None:
    union = official(published_home, "high_value", "2025")
    assert sum(next(printed(part, "2025"), Decimal(0)) for part in PARTS) < union["official_value"]
    assert union["check_rule"] == "at most the valid stock"
    assert union["check_holds"]
