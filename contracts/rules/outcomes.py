"""What a rule yields for one reading: an evaluation and, if violated, the sentence to report.

Not here: any rule; which violations become open findings (review).
"""

from dataclasses import dataclass
from decimal import Decimal

from contracts.rules import wording
from contracts.rules.context import Reading
from contracts.rules.figures import Evaluation, Relation, Row, Severity, Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """One evaluation, the row it judges and, when violated, what to say about that row."""

    evaluation: Evaluation
    row: Row
    severity: Severity = "error"
    expected: str = ""
    found: str = ""
    message: str = ""


def no_claim(
    rule: str,
    claim: Reading,
    relation: Relation | None = None,
    computed: Decimal | None = None,
    detail: str = "",
) -> Outcome:
    """Nothing to compare with; `computed` is what would have to stand in the gap."""
    return Outcome(
        _evaluation(rule, claim, "no_claim", relation, computed, None, detail), claim.row
    )


def judged(
    rule: str,
    claim: Reading,
    fits: bool,
    *,
    computed: Decimal | None,
    claimed: Decimal | None,
    expected: str,
    complaint: str,
    found: str = "",
    relation: Relation | None = None,
    severity: Severity = "error",
    detail: str = "",
) -> Outcome:
    """A comparison that fits or is violated; `complaint` continues "<indicator area period>:"."""
    verdict: Verdict = "ok" if fits else "violated"
    evaluation = _evaluation(rule, claim, verdict, relation, computed, claimed, detail)
    if fits:
        return Outcome(evaluation, claim.row)
    message = f"{wording.subject(claim)}: {complaint}"
    found = found or wording.quantity(claim)
    return Outcome(evaluation, claim.row, severity, expected, found, message)


def _evaluation(
    rule: str,
    claim: Reading,
    verdict: Verdict,
    relation: Relation | None,
    computed: Decimal | None,
    claimed: Decimal | None,
    detail: str,
) -> Evaluation:
    return Evaluation(
        rule=rule,
        relation_id=relation.relation_id if relation else None,
        indicator_id=claim.row.indicator_id,
        ref_area=claim.row.ref_area,
        time_period=claim.period,
        computed=None if computed is None else float(computed),
        claimed=None if claimed is None else float(claimed),
        verdict=verdict,
        detail=detail,
    )
