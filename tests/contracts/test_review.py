"""The review as a whole: which rows it accuses, which corrections it upholds, what it leaves alone.

The figures are those of the five plan documents and the series around them.
"""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from figure_samples import evaluated, figure, growth_2022, named, reported, target
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.rules import (
    GUARD,
    Explanation,
    Figure,
    Relation,
    Target,
    review,
)

PlanCase = Callable[[], tuple[list[Figure], Target]]


def designs() -> list[Figure]:
    return [
        reported("designs", "2020", "732000", "732000000", "scale"),
        figure("designs", "2022", "720907", release="yearbook", trust="primary"),
        figure("designs", "2025", "666000", area="CHN_REG", release="briefing"),
    ]


def madrid() -> tuple[list[Figure], Relation]:
    figures = [
        reported("madrid", "2020", "44230", "44230000", "scale"),
        reported("marks", "2020", "30173000"),
    ]
    return figures, Relation.from_text("madrid", "subset", "marks", "madrid", "")


def pledge() -> tuple[list[Figure], Target]:
    figures = [
        figure(
            "pledge",
            "2020",
            "218000000000",
            written="2180000000000",
            unit="CNY",
            release="plan",
            published="2021-10-09",
            trust="machine_translation",
            correction="scale",
        ),
        figure("pledge", "2018", "122400000000", unit="CNY", release="a", published="2019-02-01"),
        figure("pledge", "2020", "218000000000", unit="CNY", release="b", published="2021-03-09"),
        figure("pledge", "2021", "309800000000", unit="CNY", release="c", published="2022-01-12"),
        figure("pledge", "2022", "486880000000", unit="CNY", release="d", published="2023-04-24"),
        figure("pledge", "2023", "853990000000", unit="CNY", release="e", published="2024-01-08"),
    ]
    plan = target(
        "pledge",
        "2025",
        "320000000000",
        "218000000000",
        "102000000000",
        written_power=1,
        correction="scale",
    )
    return figures, plan


def royalties() -> tuple[list[Figure], Target]:
    figures = [
        figure("royalties", "2018", "272320000000", unit="CNY", release="a", derived=True),
        figure(
            "royalties",
            "2020",
            "319440000000",
            written="3194400000000",
            unit="CNY",
            release="plan",
            published="2021-10-09",
            trust="machine_translation",
            correction="scale",
        ),
        figure(
            "royalties", "2020", "319440000000", unit="CNY", published="2025-07-17", release="b"
        ),
        figure(
            "royalties", "2022", "387250000000", unit="CNY", published="2023-04-24", release="c"
        ),
        figure(
            "royalties", "2024", "398710000000", unit="CNY", published="2025-04-24", release="d"
        ),
    ]
    plan = target(
        "royalties",
        "2025",
        "350000000000",
        "319440000000",
        "30560000000",
        written_power=1,
        correction="scale",
    )
    return figures, plan


def patent_intensive() -> tuple[list[Figure], Target]:
    """Indicator 5: 11.6 is 2019's; 2020 came out as 11.97 after the plan."""
    figures = [
        figure("pi", "2018", "11.6", unit="PT", release="a", published="2020-06-15"),
        figure("pi", "2019", "11.6", unit="PT", release="b", published="2020-12-31"),
        figure("pi", "2020", "11.97", unit="PT", release="c", published="2022-01-01"),
    ]
    plan = target(
        "pi",
        "2025",
        "13.0",
        "11.6",
        "1.4",
        baseline_period="2019",
        written_baseline_period="2020",
        correction="period",
        unit="PT",
    )
    return figures, plan


def copyright_share() -> tuple[list[Figure], Target]:
    """Indicator 6: 7.39 is 2019's; 2020 came out later, at 7.39 too."""
    figures = [
        figure("cr", "2019", "7.39", unit="PT", release="a", published="2021-01-13"),
        figure("cr", "2020", "7.39", unit="PT", release="b", published="2022-01-31"),
    ]
    plan = target(
        "cr",
        "2025",
        "7.5",
        "7.39",
        "0.11",
        baseline_period="2019",
        written_baseline_period="2020",
        correction="period",
        unit="PT",
    )
    return figures, plan


# --- as written -----------------------------------------------------------------------------


def test_732_million_designs_are_found_and_the_right_years_are_not() -> None:
    figures = designs()
    findings, _ = review(figures, [], [], as_written=True)
    assert {(f.row, f.rule) for f in findings} == {(figures[0].row, "scale")}
    assert findings[0].status == "open"
    assert findings[0].severity == "error"
    assert "732,000,000 is impossible" in findings[0].message


def test_madrid_marks_beyond_all_marks_are_found() -> None:
    figures, part_of = madrid()
    findings, _ = review(figures, [], [part_of], as_written=True)
    assert [(f.row, f.rule) for f in findings] == [(figures[0].row, "subset")]
    assert "30,173,000 (2020)" in findings[0].message


@pytest.mark.parametrize("case", [pledge, royalties])
def test_billions_for_hundreds_of_millions_are_found_in_figure_and_target(
    case: PlanCase,
) -> None:
    figures, plan = case()
    wrong = next(f for f in figures if f.correction_kind)
    findings, _ = review(figures, [plan], [], as_written=True)
    scale = {(f.dataset, f.row) for f in named(findings, "scale")}
    assert scale == {("observations", wrong.row), ("targets", plan.row)}
    assert {f.row for f in named(findings, "power_of_ten")} == {wrong.row}
    assert {f.row for f in findings} == {wrong.row, plan.row}
    assert not named(findings, "cumulative_change")  # the plan's own subtraction is right


@pytest.mark.parametrize("case", [patent_intensive, copyright_share])
def test_a_baseline_printed_under_the_wrong_year_is_found(case: PlanCase) -> None:
    figures, plan = case()
    findings, _ = review(figures, [plan], [], as_written=True)
    assert [(f.dataset, f.row, f.rule) for f in findings] == [
        ("targets", plan.row, "baseline_period")
    ]
    assert (findings[0].expected, findings[0].found) == ("2019", "2020")
    assert findings[0].time_period == "2020"


def test_a_figure_that_restates_the_baseline_is_found_with_it() -> None:
    figures, plan = copyright_share()
    restated = figure(
        "cr",
        "2019",
        "7.39",
        written_period="2020",
        unit="PT",
        release="plan",
        published="2021-10-09",
        correction="period",
    )
    findings, _ = review([*figures, restated], [plan], [], as_written=True)
    assert {(f.dataset, f.row) for f in named(findings, "baseline_period")} == {
        ("targets", plan.row),
        ("observations", restated.row),
    }
    findings, _ = review([*figures, restated], [plan], [])
    assert {f.status for f in findings} == {"explained"}
    assert {f.row for f in findings} == {plan.row, restated.row}


def test_baselines_of_the_other_indicators_are_left_alone() -> None:
    figures = [
        # 1: only the plan itself; 2: a later value only
        figure("hv", "2020", "6.3", unit="PER_10K_POP", release="plan", published="2021-10-09"),
        figure("hv", "2021", "7.5", unit="PER_10K_POP", published="2022-01-14"),
        figure("overseas", "2021", "53770", published="2023-12-31"),
        # 4: the 2020 value is repeated years later, and no earlier figure equals it
        figure("royalties", "2018", "272320000000", unit="CNY", derived=True),
        figure("royalties", "2020", "319440000000", unit="CNY", published="2025-07-17"),
        # 7: the year before is known and is another number
        figure("score", "2019", "78.98", unit="POINTS", published="2020-04-29"),
        figure("score", "2020", "80.05", unit="POINTS", published="2021-04-26"),
    ]
    pledge_figures, pledge_plan = pledge()
    targets = [
        target("hv", "2025", "12", "6.3", "5.7"),
        target("overseas", "2025", "90000", "40000", "50000"),
        target("royalties", "2025", "350000000000", "319440000000", "30560000000"),
        target("score", "2025", "82", "80.05", "1.95", unit="POINTS"),
        replace(pledge_plan, correction_kind=None),
    ]
    findings, evaluations = review([*figures, *pledge_figures], targets, [])
    assert not named(findings, "baseline_period")
    assert not named(findings, "cumulative_change")
    assert evaluated(evaluations, "cumulative_change") == ["ok"] * 5


def test_a_baseline_equal_to_the_year_before_is_fine_when_its_own_year_was_out() -> None:
    figures, plan = copyright_share()
    known = replace(figures[1], published=plan.published)
    assert review([figures[0], known], [plan], [], as_written=True)[0] == []


def test_a_baseline_contradicted_by_an_earlier_value_of_its_year_is_found() -> None:
    figures, plan = patent_intensive()
    known = replace(figures[2], published=plan.published)
    findings, _ = review([*figures[:2], known], [plan], [], as_written=True)
    assert [(f.rule, f.expected) for f in findings] == [("baseline_period", "2019")]


def test_an_earlier_value_published_after_the_plan_is_no_evidence() -> None:
    figures, plan = copyright_share()
    late = replace(figures[0], published=figures[1].published)
    assert review([late, figures[1]], [plan], [], as_written=True)[0] == []


def test_the_printed_change_is_read_in_the_printed_unit() -> None:
    figures, plan = pledge()
    _, evaluations = review(figures, [plan], [], as_written=True)
    (change,) = [e for e in evaluations if e.rule == "cumulative_change"]
    assert (change.computed, change.claimed, change.verdict) == (1.02e12, 1.02e12, "ok")


def test_growth_that_does_not_follow_is_found_with_a_sentence_that_says_why() -> None:
    figures = growth_2022()
    (finding,), _ = review(figures, [], [])
    assert (finding.row, finding.rule, finding.severity) == (figures[2].row, "growth", "error")
    assert finding.message == (
        "sei__growth CHN 2022: published growth 18.7 % does not follow from 792,000 (2021) and "
        "952,000 (2022), which give 20.1–20.3 %"
    )
    assert (finding.expected, finding.found) == ("20.1–20.3 %", "18.7 %")


# --- corrections, explanations, the guard ---------------------------------------------------


def everything() -> tuple[list[Figure], list[Target], list[Relation]]:
    marks, part_of = madrid()
    figures, targets = [*designs(), *marks], []
    for more, plan in (pledge(), royalties(), patent_intensive(), copyright_share()):
        figures += more
        targets.append(plan)
    return figures, targets, [part_of]


def test_every_correction_is_upheld_by_a_rule_and_explained_on_its_row() -> None:
    figures, targets, relations = everything()
    findings, _ = review(figures, targets, relations)
    corrected = {(f.dataset, f.row) for f in figures if f.correction_kind}
    corrected |= {(t.dataset, t.row) for t in targets if t.correction_kind}
    assert {f.status for f in findings} == {"explained"}
    assert {(f.dataset, f.row) for f in findings} == corrected
    assert {f.explanation for f in findings} == {"the page misprints it", "the plan misprints it"}


@pytest.mark.parametrize("index", range(3))
def test_the_guard_speaks_on_the_day_the_publisher_repairs_the_value(index: int) -> None:
    figures, targets, relations = everything()
    corrected = [f for f in figures if f.correction_kind]
    repaired = replace(
        corrected[index],
        written_value=corrected[index].value,
        written_interval=corrected[index].interval,
    )
    figures[figures.index(corrected[index])] = repaired
    findings, _ = review(figures, targets, relations)
    (guard,) = [f for f in findings if f.row == repaired.row]
    assert (guard.rule, guard.severity, guard.status) == (GUARD, "warning", "open")


def test_a_correction_is_charged_only_with_what_it_causes() -> None:
    # 120 is out of step with 132 and 10 % whether or not 2020 is corrected.
    figures = [
        figure("x", "2020", "100", written="100000", correction="scale"),
        figure("x", "2021", "120", release="a"),
        figure("x", "2022", "125", release="b"),
        figure("x__growth", "2022", "10", unit="PT_YOY"),
    ]
    findings, _ = review(figures, [], [])
    assert {(f.rule, f.row, f.status) for f in findings} == {
        ("growth", figures[3].row, "open"),
        ("scale", figures[0].row, "explained"),
    }


def test_a_mere_revision_is_no_objection_to_the_value_as_written() -> None:
    corrected = figure(
        "x", "2022", "12.60", written="12.71", unit="PT", published="2023-01-01", correction="scale"
    )
    later = figure("x", "2022", "12.60", unit="PT", release="later", published="2024-12-31")
    findings, _ = review([corrected, later], [], [])
    assert {(f.rule, f.severity, f.status) for f in findings} == {
        ("contradiction", "info", "explained"),
        (GUARD, "warning", "open"),
    }


def test_a_label_correction_needs_no_objection() -> None:
    relabelled = figure("x", "2022-S1", "6951", correction="label")
    assert review([relabelled], [], [])[0] == []


@pytest.mark.parametrize(
    ("explanation", "status"),
    [
        (Explanation("growth", "sei__growth", "CHN", "2022", "re-mapped"), "explained"),
        (Explanation("growth", "", "", "", "re-mapped"), "explained"),
        (Explanation("growth", "sei__growth", "CHN", "2021", "re-mapped"), "open"),
        (Explanation("share", "", "", "", "re-mapped"), "open"),
    ],
)
def test_an_explanation_covers_what_it_names(explanation: Explanation, status: str) -> None:
    (finding,), _ = review(growth_2022(), [], [], [explanation])
    assert finding.status == status
    assert finding.explanation == ("re-mapped" if status == "explained" else None)
    (as_written,), _ = review(growth_2022(), [], [], [explanation], as_written=True)
    assert as_written.status == "open"


# --- the whole ------------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_the_rows_does_not_matter(shuffled: random.Random, as_written: bool) -> None:
    figures, targets, relations = everything()
    first = review(figures, targets, relations, as_written=as_written)
    shuffled.shuffle(figures)
    shuffled.shuffle(targets)
    assert review(figures, targets, relations, as_written=as_written) == first
    findings = first[0]
    assert len(set(findings)) == len(findings)


def test_a_known_gap_is_no_figure() -> None:
    gap = replace(figure("x", "2024", "1"), value=None, interval=None)
    assert review([gap, *growth_2022("20.2")], [], [])[0] == []


def test_a_thousand_figures_take_less_than_two_seconds() -> None:
    figures, targets, relations = everything()
    for i in range(1000):
        value = Decimal(1000 + 7 * i)
        figures.append(figure(f"x{i % 150}", str(2010 + i % 15), str(value), release=f"r{i % 40}"))
    start = time.perf_counter()
    review(figures, targets, relations)
    assert time.perf_counter() - start < 2
