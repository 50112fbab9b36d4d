"""Runs every rule over the figures and says which rows are wrong, and which corrections hold.

Each correction carries its own guard: the rules must object to the value as written. On the day
the publisher repairs it they no longer do, and the correction itself becomes a finding.
Not here: the rules (over_time, across_indicators, of_plans, of_publications).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from contracts.rules import across_indicators, of_plans, of_publications, over_time
from contracts.rules.context import Context
from contracts.rules.figures import (
    Evaluation,
    Explanation,
    Figure,
    Finding,
    Relation,
    Row,
    Target,
)
from contracts.rules.outcomes import Outcome

Rule = Callable[[Context], Iterator[Outcome]]

RULES: tuple[Rule, ...] = (
    over_time.growth,
    over_time.change,
    over_time.cagr,
    over_time.multiple,
    over_time.share_growth,
    across_indicators.share,
    across_indicators.ratio,
    across_indicators.sum_of_parts,
    across_indicators.union,
    across_indicators.subset,
    across_indicators.total,
    of_plans.cumulative_change,
    of_plans.baseline_period,
    of_publications.scale,
    of_publications.power_of_ten,
    of_publications.stale_repeat,
    of_publications.contradiction,
)
"""Every rule; a new one is a function here and nothing else."""

GUARD = "correction_not_needed"
_GUARDED_CORRECTIONS = ("scale", "period")  # a label changes no arithmetic


def review(
    figures: Sequence[Figure],
    targets: Sequence[Target],
    relations: Sequence[Relation],
    explanations: Sequence[Explanation] = (),
    *,
    as_written: bool = False,
) -> tuple[list[Finding], list[Evaluation]]:
    """Findings and evaluations of all rules, sorted, without duplicates.

    Normally: violations among the corrected values are `open`, or `explained` where an
    explanation covers them; every violation a corrected row would cause as written is an
    `explained` finding on that row; a correction nothing objects to is an open
    `correction_not_needed`. With `as_written` all corrections are taken back at once and every
    finding is open: what the documents say when fed as they stand.

    Raises ValueError for a period that is not SDMX, KeyError for a relation without a parameter
    its kind needs.
    """
    if as_written:
        figures = [figure.as_written() for figure in figures]
        targets = [target.as_written() for target in targets]
        explanations = ()
    outcomes = _evaluate(figures, targets, relations)
    findings = {_finding(outcome, explanations) for outcome in _violations(outcomes)}
    if not as_written:
        rows: list[Row] = [*figures, *targets]
        for row in rows:
            if row.correction_kind in _GUARDED_CORRECTIONS:
                findings.update(_guard(row, figures, targets, relations, explanations))
    return sorted(findings, key=_finding_order), _unique_evaluations(outcomes)


def _evaluate(
    figures: Sequence[Figure], targets: Sequence[Target], relations: Sequence[Relation]
) -> list[Outcome]:
    context = Context(figures, targets, relations)
    return [outcome for rule in RULES for outcome in rule(context)]


def _guard(
    row: Row,
    figures: Sequence[Figure],
    targets: Sequence[Target],
    relations: Sequence[Relation],
    explanations: Sequence[Explanation],
) -> Iterator[Finding]:
    """What the rules object to when this one row is taken as written."""
    near = _neighbourhood(row.indicator_id, relations)
    figures = [figure for figure in figures if figure.indicator_id in near]
    targets = [target for target in targets if target.indicator_id in near]
    relations = [relation for relation in relations if relation.participants <= near]
    written_figures = [f.as_written() if f is row else f for f in figures]
    written_targets = [t.as_written() if t is row else t for t in targets]
    before = {_identity(o) for o in _violations(_evaluate(figures, targets, relations))}
    after = _violations(_evaluate(written_figures, written_targets, relations))
    caused = [outcome for outcome in after if _identity(outcome) not in before]
    for outcome in caused:
        yield replace(
            _finding(outcome, ()),
            dataset=row.dataset,
            file=row.file,
            row=row.row,
            indicator_id=row.indicator_id,
            ref_area=row.ref_area,
            time_period=row.time_period,
            status="explained",
            explanation=row.correction_reason,
        )
    if all(outcome.severity == "info" for outcome in caused):
        yield _unneeded(row, explanations)


def _neighbourhood(indicator: str, relations: Sequence[Relation]) -> set[str]:
    """Every indicator that some rule reads together with this one."""
    near = {indicator}
    for relation in relations:
        if indicator in relation.participants:
            near |= relation.participants
    bases = {name.removesuffix(suffix) for name in near for suffix in ("__growth", "__change")}
    return near | bases | {base + suffix for base in bases for suffix in ("__growth", "__change")}


def _violations(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.evaluation.verdict == "violated"]


def _identity(outcome: Outcome) -> tuple[str, ...]:
    """Names a violation by rule and row, not by its numbers, which a correction moves."""
    found, row = outcome.evaluation, outcome.row
    place = (row.dataset, row.file, str(row.row), found.time_period)
    return (found.rule, found.relation_id or "", *place)


def _finding(outcome: Outcome, explanations: Sequence[Explanation]) -> Finding:
    found, row = outcome.evaluation, outcome.row
    key = (found.rule, found.indicator_id, found.ref_area, found.time_period)
    explanation = next((e.explanation for e in explanations if e.covers(*key)), None)
    return Finding(
        dataset=row.dataset,
        file=row.file,
        row=row.row,
        rule=found.rule,
        severity=outcome.severity,
        indicator_id=found.indicator_id,
        ref_area=found.ref_area,
        time_period=found.time_period,
        expected=outcome.expected,
        found=outcome.found,
        message=outcome.message,
        status="open" if explanation is None else "explained",
        explanation=explanation,
    )


def _unneeded(row: Row, explanations: Sequence[Explanation]) -> Finding:
    key = (GUARD, row.indicator_id, row.ref_area, row.time_period)
    explanation = next((e.explanation for e in explanations if e.covers(*key)), None)
    return Finding(
        dataset=row.dataset,
        file=row.file,
        row=row.row,
        rule=GUARD,
        severity="warning",
        indicator_id=row.indicator_id,
        ref_area=row.ref_area,
        time_period=row.time_period,
        expected="a rule that objects to the value as written",
        found="no objection",
        message=f"{row.indicator_id} {row.ref_area} {row.time_period}: no rule objects to the "
        f"figure as written; the {row.correction_kind} correction may no longer be needed",
        status="open" if explanation is None else "explained",
        explanation=explanation,
    )


def _finding_order(finding: Finding) -> tuple[str, str, int, str, str, str, str]:
    place = (finding.dataset, finding.file, finding.row)
    return (*place, finding.rule, finding.time_period, finding.message, finding.status)


def _unique_evaluations(outcomes: Sequence[Outcome]) -> list[Evaluation]:
    unique = {outcome.evaluation for outcome in outcomes}
    return sorted(unique, key=_evaluation_order)


def _evaluation_order(item: Evaluation) -> tuple[str, ...]:
    key = (item.rule, item.indicator_id, item.ref_area, item.time_period, item.relation_id or "")
    return (*key, str(item.computed), str(item.claimed), item.verdict, item.detail)
