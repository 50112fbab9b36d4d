"""The plan scorecard on the figures at hand: every verdict, and which bytes it rests on.

Expected values are typed from the publications or computed here by another path. Not here: how the
figures got into the warehouse (test_observations.py), small made-up cases (dbt's unit tests).
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
import warehouse_runs as wr

PLAN = "NAT-IP-FYP14"
Row = dict[str, Any]


class Expected(NamedTuple):
    """One line of the scorecard, in plain units."""

    status: str
    latest_period: str
    latest_value: float
    first_met: str | None
    baseline: tuple[str, float] | None
    target: float
    progress: float | None


#: The eight indicators as the plan prints them (corrected to plain units), and what was published.
#: Progress is (latest - baseline) / (target - baseline), worked out by hand.
TODAY = {
    1: Expected("met", "2025", 16.0, "2024", ("2020", 6.3), 12.0, 9.7 / 5.7),
    2: Expected("not_yet_reported", "2021", 53_770.0, None, ("2020", 40e3), 90e3, 0.2754),
    3: Expected(
        "reached_unconfirmed", "2023", 853.99e9, "2022", ("2020", 218e9), 320e9, 635.99 / 102
    ),
    4: Expected(
        "reached_unconfirmed", "2024", 398.71e9, "2022", ("2020", 319.44e9), 350e9, 79.27 / 30.56
    ),
    5: Expected("reached_unconfirmed", "2024", 13.38, "2023", ("2019", 11.6), 13.0, 1.78 / 1.4),
    6: Expected("not_yet_reported", "2023", 7.44, None, ("2019", 7.39), 7.5, 0.05 / 0.11),
    7: Expected("met", "2025", 82.81, "2023", ("2020", 80.05), 82.0, 2.76 / 1.95),
    8: Expected("reached_unconfirmed", "2023", 91.9, "2023", None, 85.0, None),
}


@pytest.fixture(scope="module")
def main_indicators(published_home: Path) -> dict[int, Row]:
    """The rows of the plan's eight numbered indicators."""
    found = wr.rows(
        published_home,
        "select * from mart_plan_scorecard where plan_id = ? and indicator_no is not null",
        [PLAN],
    )
    assert sorted(row["indicator_no"] for row in found) == list(TODAY)
    return {row["indicator_no"]: row for row in found}


@pytest.mark.parametrize("number", TODAY)
def test_plan_today(main_indicators: dict[int, Row], number: int) -> None:
    row, expected = main_indicators[number], TODAY[number]
    assert row["status"] == expected.status
    assert row["latest_period"] == expected.latest_period
    assert row["latest_value"] == pytest.approx(expected.latest_value, rel=1e-12)
    assert row["first_met_period"] == expected.first_met
    assert (row["target_period"], row["operator"]) == ("2025", "ge")
    assert row["target_value"] == pytest.approx(expected.target, rel=1e-12)
    assert row["gap_to_target"] == pytest.approx(expected.target - expected.latest_value)
    assert row["final_value_published"] is (expected.latest_period == "2025")
    if expected.baseline is None:
        assert row["baseline_period"] is None
        assert row["baseline_value"] is None
        assert row["progress_ratio"] is None
        assert "no baseline" in row["note"]
    else:
        assert row["baseline_period"] == expected.baseline[0]
        assert row["baseline_value"] == pytest.approx(expected.baseline[1], rel=1e-12)
        assert row["progress_ratio"] == pytest.approx(expected.progress, rel=1e-9)


def test_progress_as_people_quote_it(main_indicators: dict[int, Row]) -> None:
    quoted = {no: row["progress_ratio"] and round(row["progress_ratio"], 2)
              for no, row in main_indicators.items()}  # fmt: skip
    assert quoted == {1: 1.70, 2: 0.28, 3: 6.24, 4: 2.59, 5: 1.27, 6: 0.45, 7: 1.42, 8: None}


def test_every_value_leads_to_its_line(published_home: Path) -> None:
    """raw_sha256 and raw_row of a scorecard row name the very line that a person reviewed."""
    path = wr.FIGURES / "observations.csv"
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader)
        lines = {}
        for cells in reader:
            lines[reader.line_num] = dict(zip(header, cells, strict=True))
    releases = {r["release_id"]: r for r in wr.read_csv(wr.FIGURES / "releases.csv")}
    powers = {"10,000 pieces": 1e4, "100 million yuan": 1e8, "billion yuan": 1e9}

    found = wr.rows(published_home, "select * from mart_plan_scorecard where latest_value notnull")
    assert len(found) > len(TODAY)
    for row in found:
        line = lines[row["raw_row"]]
        assert row["raw_sha256"] == sha256
        names = ("indicator_id", "ref_area", "release_id")
        assert [row[name] for name in names] == [line[name] for name in names]
        assert row["latest_period"] == line["time_period"]
        assert (line["is_derived"], line["is_proxy"]) == ("false", "false")
        number = float(line["corrected_value"] or line["value_as_published"])
        unit = line["corrected_unit"] or line["unit_as_published"]
        if row["unit"] in ("CNY", "NUMBER"):
            number *= powers.get(unit, 1)
        assert row["latest_value"] == pytest.approx(number, rel=1e-12), row["indicator_id"]
        release = releases[row["release_id"]]
        assert row["release_title"] == release["title"]
        assert row["publisher"] == release["publisher"]
        assert row["release_address"] == (release["address"] or None)
        assert row["release_trust"] == release["trust"]
        assert row["latest_vintage"].isoformat() == release["published"]


def test_derived_figures_and_stand_ins_decide_nothing(published_home: Path) -> None:
    """Indicator 4 had 378.2 bn in 2021 by somebody's division; indicator 8 has only stand-ins."""
    stored = wr.rows(
        published_home,
        "select time_period, is_derived from fct_observation "
        "where indicator_id = 'ip_royalties_trade_total' and time_period = '2021'",
    )
    assert stored == [{"time_period": "2021", "is_derived": True}]
    stand_ins = wr.rows(
        published_home,
        "select time_period from fct_observation where is_proxy and ref_area = 'CHN' "
        "and indicator_id = 'first_instance_no_appeal_proxy' order by all",
    )
    assert [row["time_period"] for row in stand_ins] == ["2020", "2022", "2023"]
    history = wr.rows(
        published_home,
        "select indicator_no, time_period, obs_value from mart_plan_indicator_history "
        "where plan_id = ? and indicator_no in (4, 8) and obs_value notnull order by all",
        [PLAN],
    )
    years = {(row["indicator_no"], row["time_period"]) for row in history}
    assert (4, "2021") not in years
    assert {year for number, year in years if number == 8} == {"2023"}


@pytest.fixture(scope="module")
def judged(
    published_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], list[Row]]:
    """The scorecard as it would have been on a day, YYYY-MM-DD."""
    scratch = tmp_path_factory.mktemp("judged")

    @cache
    def on(day: str) -> list[Row]:
        return wr.scorecard_on(published_home, dt.date.fromisoformat(day), scratch)

    return on


# What was published by each day, from the releases' dates; the path is the straight line from the
# baseline to 2025 at the year of the latest value.
# 2023-06-30, the plan runs:
#   1: 2022 = 9.4 (2023-01-17);     path 6.3 + 5.7 * 2/5 = 8.58           ahead
#   2: 2020 = 40 000, the baseline; the 2021 value came on 2023-12-31     on the path
#   3: 2022 = 486.88 bn (2023-04);  path 218 + 102 * 2/5 = 258.8          ahead, above the target
#   4: 2022 = 387.25 bn (2023-04);  path 319.44 + 30.56 * 2/5 = 331.664   ahead, above the target
#   5: 2021 = 12.44 (2022-12-28);   path 11.6 + 1.4 * 2/6 = 12.0667       ahead
#   6: 2021 = 7.41 (2023-04-10);    path 7.39 + 0.11 * 2/6 = 7.42667      behind
#   7: 2022 = 81.25 (2023-04-24);   path 80.05 + 1.95 * 2/5 = 80.83       ahead
#   8: nothing before 2024-03-30
# 2025-12-31, its last day: it still runs; the 2025 values of 1 and 7 come in January.
#   2: 2021 = 53 770;  path 40 000 + 50 000 / 5 = 50 000                  ahead
#   5: 2024 = 13.38, published that very day
#   6: 2023 = 7.44;    path 7.39 + 0.11 * 4/6 = 7.46333                   behind
#   8: 91.9 in 2023 is above 85, but there is no baseline and so no path
# 2026-01-22, it has ended, no 2025 value is published yet (1: the next day, 7: a week later).
ON_DAYS: dict[str, dict[int, tuple[str, str | None, float | None, str | None, float | None]]] = {
    "2023-06-30": {
        1: ("on_track", "2022", 9.4, None, 8.58),
        2: ("not_yet_reported", "2020", 40_000, None, 40_000),
        3: ("on_track", "2022", 486.88e9, "2022", 258.8e9),
        4: ("on_track", "2022", 387.25e9, "2022", 331.664e9),
        5: ("on_track", "2021", 12.44, None, 11.6 + 1.4 / 3),
        6: ("behind", "2021", 7.41, None, 7.39 + 0.11 / 3),
        7: ("on_track", "2022", 81.25, None, 80.83),
        8: ("no_data", None, None, None, None),
    },
    "2025-12-31": {
        1: ("on_track", "2024", 14.0, "2024", 10.86),
        2: ("on_track", "2021", 53_770, None, 50_000),
        3: ("on_track", "2023", 853.99e9, "2022", 279.2e9),
        4: ("on_track", "2024", 398.71e9, "2022", 343.888e9),
        5: ("on_track", "2024", 13.38, "2023", 11.6 + 7 / 6),
        6: ("behind", "2023", 7.44, None, 7.39 + 0.22 / 3),
        7: ("on_track", "2024", 82.36, "2023", 81.61),
        8: ("reached_unconfirmed", "2023", 91.9, "2023", None),
    },
    "2026-01-22": {
        1: ("reached_unconfirmed", "2024", 14.0, "2024", 10.86),
        2: ("not_yet_reported", "2021", 53_770, None, 50_000),
        3: ("reached_unconfirmed", "2023", 853.99e9, "2022", 279.2e9),
        4: ("reached_unconfirmed", "2024", 398.71e9, "2022", 343.888e9),
        5: ("reached_unconfirmed", "2024", 13.38, "2023", 11.6 + 7 / 6),
        6: ("not_yet_reported", "2023", 7.44, None, 7.39 + 0.22 / 3),
        7: ("reached_unconfirmed", "2024", 82.36, "2023", 81.61),
        8: ("reached_unconfirmed", "2023", 91.9, "2023", None),
    },
}


@pytest.mark.parametrize("day", ON_DAYS)
def test_only_what_was_published_by_the_day(judged: Callable[[str], list[Row]], day: str) -> None:
    rows = [r for r in judged(day) if r["plan_id"] == PLAN and r["indicator_no"]]
    assert {row["evaluation_date"].isoformat() for row in rows} == {day}
    found = {
        row["indicator_no"]: (row["status"], row["latest_period"], row["first_met_period"])
        for row in rows
    }
    assert found == {no: (e[0], e[1], e[3]) for no, e in ON_DAYS[day].items()}
    for row in rows:
        _, _, value, _, path = ON_DAYS[day][row["indicator_no"]]
        assert _same(row["latest_value"], value)
        assert _same(row["required_path_value"], path)
        assert row["latest_vintage"] is None or row["latest_vintage"].isoformat() <= day


def test_next_plan_wants_more_than_22(judged: Callable[[str], list[Row]]) -> None:
    """The 15th plan's target is a target like any other, once its outline is published."""
    assert not [r for r in judged("2026-01-22") if r["plan_id"] == "NAT-FYP15"]
    (row,) = (r for r in judged("2026-04-01") if r["plan_id"] == "NAT-FYP15")
    assert row["indicator_id"] == "high_value_invention_patents_per_10k"
    assert (row["operator"], row["target_value"], row["target_period"]) == ("gt", 22.0, "2030")
    assert (row["baseline_period"], row["baseline_value"]) == ("2025", 16.0)
    # 16 in 2025 is where the path starts: it is no news of the plan's term.
    assert (row["latest_period"], row["latest_value"]) == ("2025", 16.0)
    assert (row["status"], row["progress_ratio"], row["gap_to_target"]) == (
        "not_yet_reported",
        0.0,
        6.0,
    )
    assert row["first_met_period"] is None
    assert row["final_value_published"] is False


def test_every_row_of_every_plan_recomputed(published_home: Path) -> None:
    """Status, progress, path and first met year of all plans, by plain Python from the figures."""
    with duckdb.connect(str(wr.served(published_home)), read_only=True) as connection:
        figures = wr.fetch(connection, "select * from intermediate.int_observation__unioned")
        starts = dict(
            connection.execute("select plan_id, period_start from dim_plan").fetchall()
        )  # fmt: skip
        card = wr.fetch(connection, "select * from mart_plan_scorecard")
    day = card[0]["evaluation_date"]
    official: dict[tuple[str, str], dict[int, list[Row]]] = {}
    for figure in figures:
        good = figure["freq"] == "A" and figure["obs_value"] is not None
        good = good and not (figure["is_derived"] or figure["is_proxy"] or figure["qualifier"])
        if good and figure["vintage"] <= day:
            years = official.setdefault((figure["indicator_id"], figure["ref_area"]), {})
            years.setdefault(int(figure["time_period"]), []).append(figure)

    assert len(card) > 50
    seen = set()
    for row in card:
        if not row["target_period"].isdigit():
            # A target for a span of years: no annual value can judge it.
            assert (row["status"], row["latest_period"]) == (None, None)
            continue
        base_year = int(row["baseline_period"]) if row["baseline_period"] else None
        first = base_year or starts[row["plan_id"]] - 1
        last = int(row["target_period"])
        series = {
            year: _to_use(publications)["obs_value"]
            for year, publications in official.get(
                (row["indicator_id"], row["ref_area"]), {}
            ).items()
            if first <= year <= last
        }
        mine = _verdict(row, series, base_year, first, last, day)
        theirs = {name: row[name] for name in mine}
        for name in ("progress_ratio", "required_path_value"):
            assert _same(theirs.pop(name), mine.pop(name)), (row["plan_id"], row["indicator_id"])
        assert theirs == mine, (row["plan_id"], row["indicator_id"])
        seen.add(row["status"])
    assert {"met", "not_yet_reported", "reached_unconfirmed", "no_data"} <= seen


def _to_use(publications: list[Row]) -> Row:
    """Newest decides what the value is; the most precise of those that agree with it is used."""

    def width(figure: Row) -> float:
        low, high = figure["value_low"], figure["value_high"]
        return math.inf if low is None or high is None else float(high - low)

    def age(figure: Row) -> int:
        return -int(figure["vintage"].toordinal())

    def bound(figure: Row, name: str, otherwise: float) -> float:
        return otherwise if figure[name] is None else float(figure[name])

    newest = min(publications, key=lambda f: (age(f), width(f), f["trust_rank"]))
    agreeing = [
        f
        for f in publications
        if bound(f, "value_low", -math.inf) <= bound(newest, "value_high", math.inf)
        and bound(f, "value_high", math.inf) >= bound(newest, "value_low", -math.inf)
    ]
    return min(agreeing, key=lambda f: (width(f), f["trust_rank"], age(f), f["release_id"]))


def _verdict(
    row: Row, series: dict[int, float], base_year: int | None, first: int, last: int, day: dt.date
) -> Row:
    base, target = row["baseline_value"], row["target_value"]
    meets: dict[str, Callable[[float], bool]] = {
        "ge": lambda value: value >= target,
        "gt": lambda value: value > target,
        "le": lambda value: value <= target,
        "lt": lambda value: value < target,
    }
    met = meets[row["operator"]]
    won = [year for year in sorted(series) if year > first and met(series[year])]
    latest_year = max(series, default=None)
    latest = None if latest_year is None else series[latest_year]
    progress = path = None
    if latest is not None and latest_year is not None and base is not None and base_year:
        if target != base:
            progress = (latest - base) / (target - base)
        if last != base_year:
            path = base + (target - base) * (latest_year - base_year) / (last - base_year)
    ended = dt.date(last, 12, 31) < day
    if ended and last in series:
        status = "met" if met(series[last]) else "not_met"
    elif latest is None:
        status = "no_data"
    elif not ended and path is not None and (latest_year or 0) > (base_year or 0):
        ahead = latest >= path if target >= base else latest <= path
        status = "on_track" if ahead or met(latest) else "behind"
    else:
        status = "reached_unconfirmed" if won else "not_yet_reported"
    return {
        "status": status,
        "latest_period": None if latest_year is None else str(latest_year),
        "latest_value": latest,
        "first_met_period": str(won[0]) if won else None,
        "final_value_published": last in series,
        "progress_ratio": progress,
        "required_path_value": path,
    }


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


@pytest.mark.parametrize("day", ["2023-06-30", "2026-01-22"])
def test_each_period_known_by_a_day_has_one_preferred_vintage(
    day: str, published_home: Path, tmp_path: Path
) -> None:
    """The history names one vintage to use for each period, of what was published by then."""
    rows = wr.mart_on(
        published_home, dt.date.fromisoformat(day), tmp_path, "mart_plan_indicator_history"
    )
    periods: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("plan_id", "indicator_id", "ref_area", "target_period"))
        periods.setdefault((*key, row["time_period"]), []).append(row)
    assert len(periods) > 50
    for found in periods.values():
        (preferred,) = (row for row in found if row["is_preferred"])
        assert preferred["vintage"] <= dt.date.fromisoformat(day)
        known = [row["obs_value"] for row in found if row["obs_value"] is not None]
        assert preferred["obs_value"] in known or not known
