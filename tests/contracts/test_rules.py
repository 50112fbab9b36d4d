"""Single rules at work: what each accuses, and the near misses it must leave alone."""

from dataclasses import replace
from functools import partial

import pytest
from figure_samples import evaluated, figure, growth_2022, named, reported, target

from contracts.rules import Relation, review

# --- near misses ----------------------------------------------------------------------------


@pytest.mark.parametrize(("percent", "level"), [("20.2", "95.2"), ("20.1", "95.2")])
def test_growth_within_rounding_passes(percent: str, level: str) -> None:
    # 95.15 / 79.25 = 1.2006 and 95.25 / 79.15 = 1.2034, in units of 10,000
    findings, evaluations = review(growth_2022(percent, level), [], [])
    assert findings == []
    assert evaluated(evaluations, "growth") == ["ok"]


def test_6951_of_9760_is_71_2_percent_but_not_71_3() -> None:
    rule = Relation.from_text("s", "share", "share", "part;whole", "")
    part, whole = figure("part", "2022-S1", "6951"), figure("whole", "2022-S1", "9760")
    right = figure("share", "2022-S1", "71.2", unit="PT")
    wrong = figure("share", "2022-S1", "71.3", unit="PT")
    assert review([part, whole, right], [], [rule])[0] == []
    assert [f.rule for f in review([part, whole, wrong], [], [rule])[0]] == ["share"]


def test_a_ratio_needs_both_denominators_before_it_accuses() -> None:
    rule = Relation.from_text("r", "ratio", "rate", "stock;people", "")
    stock = figure("stock", "2020", "2213")
    rate = figure("rate", "2020", "15.8", unit="PER_10K_POP")
    now = figure("people", "2020", "1411780", unit="PERSONS")
    revised = figure("people", "2019", "1410080", unit="PERSONS")
    first = figure("people", "2019", "1400050", unit="PERSONS")
    assert review([stock, rate, now], [], [rule])[0] == []
    assert [f.rule for f in review([stock, rate, now, revised], [], [rule])[0]] == ["ratio"]
    findings, _ = review([stock, rate, now, revised, first], [], [rule])
    assert named(findings, "ratio") == []


@pytest.mark.parametrize(("people", "found"), [("69184000", []), ("65690000", ["ratio"])])
def test_a_table_that_states_its_divisor_is_held_to_it(people: str, found: list[str]) -> None:
    rule = Relation.from_text("r", "ratio", "rate", "stock;people", "")
    figures = [
        figure("stock", "2020-11", "55313"),
        figure("people", "2020-11", people, unit="PERSONS"),
        figure("rate", "2020-11", "8.00", unit="PER_10K_POP"),
    ]
    assert [f.rule for f in review(figures, [], [rule])[0]] == found


@pytest.mark.parametrize(("value", "is_found"), [("790000", False), ("80000000", True)])
def test_scale_tolerates_growth_by_less_than_its_threshold(value: str, is_found: bool) -> None:
    figures = [figure("x", str(2018 + i), v) for i, v in enumerate(["100000", "110000", "120000"])]
    figures.append(figure("x", "2021", value, release="other"))
    findings, _ = review(figures, [], [])
    assert bool(named(findings, "scale")) == is_found


def test_multi_year_totals_are_no_neighbours_of_a_year() -> None:
    figures = [
        figure("x", "2020", "218000", release="a"),
        figure("x", "2016-01-01/P5Y", "7095000", release="b"),
        figure("x", "2023-01-01/P11M", "9900000", release="c"),
    ]
    assert review(figures, [], [])[0] == []


def test_honest_growth_over_eleven_years_and_a_goal_far_surpassed_pass() -> None:
    hubei = [figure("x", "2014-09", "17807", release="a"), figure("x", "2025", "195300")]
    assert review(hubei, [], [])[0] == []
    goals = [
        target("software", "2020", "200000", release="action-plan"),
        target("software", "2020", "440000", release="13th-plan"),
    ]
    assert review([figure("software", "2022", "1835000")], goals, [])[0] == []


@pytest.mark.parametrize("rows", [2, 4])
def test_a_release_does_not_vouch_for_its_own_unit_nor_outvote_others(rows: int) -> None:
    table = [figure("x", str(2019 - i), "4", release="plan") for i in range(rows)]
    good = [figure("x", "2020", "53770", release="a", trust="primary")]
    good += [figure("x", "2020", "53770", release="b", trust="primary")] if rows == 4 else []
    findings, _ = review([*table, *good], [], [])
    assert {f.row for f in named(findings, "scale")} == {row.row for row in table}


def test_a_part_is_held_against_a_wider_scope_and_a_near_year_but_no_far_one() -> None:
    rule = Relation.from_text("s", "subset", "marks", "madrid", "")
    part = figure("madrid", "2020", "44000000", area="CHN")
    domestic = figure("marks", "2020", "30000000", area="CHN_HKMT")
    register = figure("marks", "2020", "31000000", area="CHN_REG")
    near = figure("marks", "2021", "37000000")
    far = figure("marks", "2023", "37000000")
    for whole in ([domestic, register], [near]):
        assert [f.rule for f in review([part, *whole], [], [rule])[0]] == ["subset"]
    assert review([part, far], [], [rule])[0] == []


def test_a_less_trusted_release_alone_does_not_accuse_a_better_one() -> None:
    good = figure("x", "2021", "53770", release="yearbook", trust="primary")
    bad = figure("x", "2020", "4", release="plan", trust="machine_translation")
    findings, _ = review([good, bad], [], [])
    assert [(f.rule, f.row) for f in findings] == [("scale", bad.row)]


@pytest.mark.parametrize(
    ("unit", "value", "is_found"),
    [
        ("PT", "101.2", True),
        ("PT", "100", False),
        ("PT_YOY", "150.4", False),
        ("POINTS", "-3", True),
        ("RANK", "0.1", True),
        ("RANK", "1", False),
    ],
)
def test_ranges(unit: str, value: str, is_found: bool) -> None:
    findings, _ = review([figure("x", "2020", value, unit=unit)], [], [])
    assert [f.rule for f in findings] == ["scale"] * is_found


# --- years and totals, change, union --------------------------------------------------------


def test_years_that_add_up_to_more_than_their_total_are_found() -> None:
    rule = Relation.from_text("t", "total", "five", "x", "")
    total = figure("five", "2016-01-01/P5Y", "400", unit="CNY")
    years = [figure("x", y, v, unit="CNY") for y, v in [("2018", "122.4"), ("2019", "151.5")]]
    half = figure("x", "2020-S1", "390", unit="CNY")  # inside the year 2020, added to no sum
    assert review([total, half, *years], [], [rule])[0] == []
    last = figure("x", "2020", "218.0", unit="CNY")
    (finding,), _ = review([total, half, *years, last], [], [rule])
    assert (finding.rule, finding.row) == ("total", total.row)
    assert "491.9" in finding.message


def test_a_change_is_held_against_the_year_before() -> None:
    figures = [figure("x", "2020", "6.3"), figure("x", "2021", "7.5")]
    assert review([*figures, figure("x__change", "2021", "1.2")], [], [])[0] == []
    (finding,), _ = review([*figures, figure("x__change", "2021", "1.4")], [], [])
    assert finding.rule == "change"


@pytest.mark.parametrize(
    ("published", "found"), [("2021-07-01", []), ("2021-12-30", []), ("2021-12-31", ["growth"])]
)
def test_no_growth_follows_from_a_year_that_was_not_over(published: str, found: list[str]) -> None:
    before = figure("x", "2020", "101", published="2021-02-01")
    so_far = figure("x", "2021", "61", release="half", published=published)
    claim = figure("x__growth", "2021", "20.8", unit="PT_YOY", release="year")
    assert [f.rule for f in review([before, so_far, claim], [], [])[0]] == found
    # The year's own value, once it is there, is held against the claim.
    whole = figure("x", "2021", "122", release="year", published="2022-02-01")
    assert named(review([before, so_far, whole, claim], [], [])[0], "growth") == []
    wrong = figure("x__growth", "2021", "30.8", unit="PT_YOY", release="year")
    assert len(named(review([before, so_far, whole, wrong], [], [])[0], "growth")) == 1


def test_a_claim_about_a_year_so_far_is_held_against_its_own_release_alone() -> None:
    """113 by October is 12 more than the 101 of the year before, whatever the year came to."""
    before = figure("x", "2024", "101", published="2025-02-01")
    early = partial(figure, release="october", published="2025-10-20")
    so_far = early("x", "2025", "113")
    more = early("x__change", "2025", "12")
    growth = early("x__growth", "2025", "11.9", unit="PT_YOY")
    whole = figure("x", "2025", "137", release="year", published="2026-02-01")
    findings, evaluations = review([before, so_far, more, growth, whole], [], [])
    assert [f.rule for f in findings if f.severity == "error"] == []
    assert evaluated(evaluations, "growth") == ["ok"]
    wrong = early("x__growth", "2025", "21.9", unit="PT_YOY")
    found = review([before, so_far, wrong, whole], [], [])[0]
    assert [f.rule for f in found if f.severity == "error"] == ["growth"]


@pytest.mark.parametrize(("union", "found"), [("79", ["union"]), ("215.5", []), ("245", ["union"])])
def test_a_union_lies_between_its_largest_part_and_their_sum(union: str, found: list[str]) -> None:
    rule = Relation.from_text("u", "union", "all", "a;b", "")
    figures = [figure("a", "2025", "147.2"), figure("b", "2025", "93.2")]
    findings, _ = review([*figures, figure("all", "2025", union)], [], [rule])
    assert [f.rule for f in findings] == found


def test_a_total_of_the_register_is_the_sum_of_scopes_published_under_other_codes() -> None:
    rule = Relation.from_text("s", "sum", "all", "domestic;foreign", "")
    figures = [
        figure("domestic", "2022", "3351453", area="CHN_HKMT"),
        figure("foreign", "2022", "860735", area="CHN_FOR"),
    ]
    right = figure("all", "2022", "4212188", area="CHN_REG")
    wrong = figure("all", "2022", "4212198", area="CHN_REG")
    findings, evaluations = review([*figures, right], [], [rule])
    assert findings == []
    assert evaluated(evaluations, "sum") == ["ok"]
    assert [f.rule for f in review([*figures, wrong], [], [rule])[0]] == ["sum"]


# --- publications ---------------------------------------------------------------------------


def test_a_value_repeated_for_a_later_period_by_another_release_is_a_warning() -> None:
    old = reported("firms", "2020", "5729")
    stale = figure("firms", "2022-08-11", "5729", release="reply")
    (finding,), _ = review([old, stale], [], [])
    assert (finding.rule, finding.row, finding.severity) == ("stale_repeat", stale.row, "warning")
    same_release = replace(stale, release_id=old.release_id)
    other_value = figure("firms", "2022-08-11", "5730", release="reply")
    short = [figure("x", "2019", "7.39", unit="PT"), figure("x", "2020", "7.39", release="b")]
    for fine in ([old, same_release], [old, other_value], short):
        assert named(review(fine, [], [])[0], "stale_repeat") == []


def test_contradictions_accuse_the_less_trusted_and_spare_rounding_derived_and_proxies() -> None:
    best = figure("x", "2023", "166.5", release="a", trust="primary", published="2024-01-16")
    rounded = figure("x", "2023", "166", release="b", published="2024-02-15")
    above = figure("x", "2023", "160", qualifier="more_than", release="c")
    assert review([best, rounded, above], [], [])[0] == []
    wrong = figure("x", "2023", "161.5", release="d", published="2024-02-15")
    for spared in (replace(wrong, is_derived=True), replace(wrong, is_proxy=True)):
        assert review([best, rounded, spared], [], [])[0] == []
    (finding,), _ = review([best, rounded, wrong], [], [])
    assert (finding.rule, finding.row, finding.severity) == ("contradiction", wrong.row, "warning")


def test_a_close_value_half_a_year_later_is_a_revision() -> None:
    first = figure("x", "2022", "12.71", unit="PT", release="a", published="2023-12-29")
    later = figure("x", "2022", "12.60", unit="PT", release="b", published="2024-12-31")
    (finding,), _ = review([first, later], [], [])
    assert (finding.rule, finding.severity) == ("contradiction", "info")


@pytest.mark.parametrize(
    ("first", "published", "unit", "severity"),
    [
        ("60", "2022-07-01", "NUMBER", "info"),
        ("60", "2022-12-31", "NUMBER", "warning"),  # the year was over
        ("140", "2022-07-01", "NUMBER", "warning"),  # a count does not shrink by the year's end
        ("60", "2022-07-01", "RANK", "warning"),  # a rank is given once
    ],
)
def test_a_year_that_was_not_over_contradicts_nothing(
    first: str, published: str, unit: str, severity: str
) -> None:
    early = figure("x", "2022", first, unit=unit, release="a", published=published)
    late = figure("x", "2022", "120", unit=unit, release="b", published="2023-02-01")
    (finding,) = named(review([early, late], [], [])[0], "contradiction")
    assert finding.severity == severity


def test_a_slipped_power_of_ten_is_charged_to_the_value_away_from_its_neighbours() -> None:
    figures = [
        figure("x", "2016", "545514600000", unit="CNY", release="slip"),
        figure("x", "2016", "5460000000000", unit="CNY", release="other"),
        figure("x", "2015", "5005000000000", unit="CNY", release="c"),
        figure("x", "2017", "6080000000000", unit="CNY", release="d"),
    ]
    findings, _ = review(figures, [], [])
    assert {f.row for f in findings} == {figures[0].row}
    assert {"power_of_ten", "scale"} <= {f.rule for f in findings}


def test_1070_9_billion_is_found_by_the_sum_of_its_parts() -> None:
    values = ["32833", "21551", "19472", "14130", "9465", "7215", "2424"]
    figures = [
        figure(f"part{i}", "2018", value + "00000000", unit="CNY") for i, value in enumerate(values)
    ]
    total = figure(
        "all", "2018", "10709000000000", written="1070900000000", unit="CNY", correction="scale"
    )
    parts = Relation.from_text("s", "sum", "all", ";".join(f.indicator_id for f in figures), "")
    findings, _ = review([*figures, total], [], [parts])
    assert [(f.rule, f.row, f.status) for f in findings] == [("sum", total.row, "explained")]


@pytest.mark.parametrize(
    ("kind", "operands", "params"),
    [("guess", "a", ""), ("share", "", ""), ("cagr", "a", "from=2015"), ("share", "a;b", "base=1")],
)
def test_a_relation_must_be_complete(kind: str, operands: str, params: str) -> None:
    with pytest.raises(ValueError, match="r: "):
        Relation.from_text("r", kind, "x", operands, params)
