"""Rules that compare one indicator with itself at another time: growth, change, average growth,
multiples, and what the growth of a part and its whole imply for their share.

Products are compared rather than quotients, so no bound is widened and nothing divides by zero.
Values published before their period was over are no evidence: the current year still grows.
Not here: relations between indicators of one period (across_indicators), plans (of_plans).
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product

from contracts.rules import periods, wording
from contracts.rules.context import Context, Reading, target_reading
from contracts.rules.figures import Relation, Target
from contracts.rules.interval import Interval
from contracts.rules.outcomes import Outcome, judged, no_claim

_ONE = Interval.point(1)


def growth(ctx: Context) -> Iterator[Outcome]:
    """Printed year-on-year growth (percent) must follow from some published value and some
    published value one year before. A growth target is held against the level target of the
    same release. With one of the two levels missing, that level is computed."""
    for relation, result, operand in _claims(ctx, "growth"):
        for claim in ctx.all_series(result):
            levels = ctx.beside(claim, operand, claim.period)
            yield _growth(ctx, relation, operand, claim, levels)
        for target in ctx.all_targets(result):
            wanted = target_reading(target)
            if wanted:
                yield _growth(ctx, relation, operand, wanted, _level_targets(ctx, operand, target))


def _growth(
    ctx: Context, relation: Relation | None, operand: str, claim: Reading, levels: list[Reading]
) -> Outcome:
    before = periods.one_year_before(claim.period)
    earlier = ctx.beside(claim, operand, before)
    ratio = 1 + claim.value.scaleb(-2)
    if levels and not earlier and ratio:
        implied = levels[0].value / ratio
        return no_claim("growth", claim, relation, implied, f"implied value of {before}")
    if earlier and not levels:
        implied = earlier[0].value * ratio
        return no_claim("growth", claim, relation, implied, f"implied value of {claim.period}")
    pairs = [(level, old) for level, old in product(levels, earlier) if old.value]
    if not pairs:
        return no_claim("growth", claim, relation)
    factor = _ONE + claim.interval.scaled(-2)
    fits = [(a, b) for a, b in pairs if (b.interval * factor).overlaps(a.interval)]
    level, old = (fits or pairs)[0]
    computed = (level.value / old.value - 1) * 100
    expected = wording.with_unit(f"{computed:.1f}", "PT_YOY")
    if old.interval.low > 0:
        expected = wording.between((level.interval / old.interval - _ONE).scaled(2), "PT_YOY")
    return judged(
        "growth",
        claim,
        bool(fits),
        computed=computed,
        claimed=claim.value,
        relation=relation,
        expected=expected,
        complaint=f"published growth {wording.quantity(claim, 'PT_YOY')} does not follow from "
        f"{wording.dated(old)} and {wording.dated(level)}, which give {expected}",
    )


def change(ctx: Context) -> Iterator[Outcome]:
    """A printed change (unit of the level) must equal some published value minus some published
    value one year before. With one of the two missing, that one is computed."""
    for relation, result, operand in _claims(ctx, "change"):
        for claim in ctx.all_series(result):
            yield _change(ctx, relation, operand, claim)


def _change(ctx: Context, relation: Relation | None, operand: str, claim: Reading) -> Outcome:
    before = periods.one_year_before(claim.period)
    levels = ctx.beside(claim, operand, claim.period)
    earlier = ctx.beside(claim, operand, before)
    if levels and not earlier:
        implied = levels[0].value - claim.value
        return no_claim("change", claim, relation, implied, f"implied value of {before}")
    if earlier and not levels:
        implied = earlier[0].value + claim.value
        return no_claim("change", claim, relation, implied, f"implied value of {claim.period}")
    if not levels:
        return no_claim("change", claim, relation)
    pairs = list(product(levels, earlier))
    fits = [(a, b) for a, b in pairs if (a.interval - b.interval).overlaps(claim.interval)]
    level, old = (fits or pairs)[0]
    expected = wording.between(level.interval - old.interval, claim.row.unit_measure, digits=2)
    return judged(
        "change",
        claim,
        bool(fits),
        computed=level.value - old.value,
        claimed=claim.value,
        relation=relation,
        expected=expected,
        complaint=f"published change {wording.quantity(claim)} does not follow from "
        f"{wording.dated(old)} and {wording.dated(level)}, which give {expected}",
    )


def cagr(ctx: Context) -> Iterator[Outcome]:
    """Printed average annual growth (percent a year) must lead from some published value of the
    first year to some published value of the last (params `from`, `to`: years)."""
    for relation in ctx.of_kind("cagr"):
        first, last = relation.params["from"], relation.params["to"]
        for claim in ctx.all_series(relation.result):
            if _covers(claim.period, int(first), int(last)):
                starts = ctx.beside(claim, relation.operands[0], first)
                stops = ctx.beside(claim, relation.operands[0], last)
                yield _cagr(relation, claim, starts, stops, int(last) - int(first))


def _cagr(
    relation: Relation, claim: Reading, starts: list[Reading], stops: list[Reading], years: int
) -> Outcome:
    pairs = [(a, b) for a, b in product(starts, stops) if a.value > 0 and b.value > 0]
    if not pairs:
        return no_claim("cagr", claim, relation)
    factor = (_ONE + claim.interval.scaled(-2)) ** years
    fits = [(a, b) for a, b in pairs if (a.interval * factor).overlaps(b.interval)]
    start, stop = (fits or pairs)[0]
    computed = ((stop.value / start.value) ** (Decimal(1) / years) - 1) * 100
    expected = wording.with_unit(f"{computed:.1f}", "PT_PA")
    return judged(
        "cagr",
        claim,
        bool(fits),
        computed=computed,
        claimed=claim.value,
        relation=relation,
        expected=expected,
        complaint=f"published average growth {wording.quantity(claim, 'PT_PA')} does not lead from "
        f"{wording.dated(start)} to {wording.dated(stop)}, which takes {expected} a year",
    )


def multiple(ctx: Context) -> Iterator[Outcome]:
    """A printed multiple (times) must equal some value of the first operand divided by some value
    of the last operand in the base period (param `base`)."""
    for relation in ctx.of_kind("multiple"):
        for claim in ctx.all_series(relation.result):
            tops = ctx.beside(claim, relation.operands[0], claim.period)
            bottoms = ctx.beside(claim, relation.operands[-1], relation.params["base"])
            pairs = [(a, b) for a, b in product(tops, bottoms) if b.value]
            if not pairs:
                yield no_claim("multiple", claim, relation)
                continue
            fits = [(a, b) for a, b in pairs if (claim.interval * b.interval).overlaps(a.interval)]
            top, bottom = (fits or pairs)[0]
            computed = top.value / bottom.value
            yield judged(
                "multiple",
                claim,
                bool(fits),
                computed=computed,
                claimed=claim.value,
                relation=relation,
                expected=f"{computed:.2f}",
                complaint=f"published multiple {wording.number(claim.value)} does not follow from "
                f"{wording.dated(bottom)} and {wording.dated(top)}, which give {computed:.2f}",
            )


def share_growth(ctx: Context) -> Iterator[Outcome]:
    """A share (percent) and the growth of its part and of its whole imply the share one year
    before; it must agree with a published one of that period or of the year it lies in.

    A disagreement is a break in the series (scope or revision), hence a warning.
    """
    for relation in ctx.of_kind("share_growth"):
        for claim in ctx.all_series(relation.result):
            yield _share_growth(ctx, relation, claim)


def _share_growth(ctx: Context, relation: Relation, claim: Reading) -> Outcome:
    before = periods.one_year_before(claim.period)
    parts = ctx.beside(claim, relation.params["part_growth"], claim.period)
    wholes = ctx.beside(claim, relation.params["whole_growth"], claim.period)
    if before is None or not parts or not wholes or parts[0].interval.low <= -100:
        return no_claim("share_growth", claim, relation)
    part, whole = (_ONE + reading[0].interval.scaled(-2) for reading in (parts, wholes))
    implied = claim.interval * whole / part
    computed = claim.value * (100 + wholes[0].value) / (100 + parts[0].value)
    shares = ctx.beside(claim, relation.result, before) or ctx.beside(
        claim, relation.result, before[:4]
    )
    if not shares:
        return no_claim("share_growth", claim, relation, computed, f"implied share of {before}")
    fits = [share for share in shares if share.interval.overlaps(implied)]
    share = (fits or shares)[0]
    expected = wording.between(implied, claim.row.unit_measure)
    return judged(
        "share_growth",
        claim,
        bool(fits),
        computed=computed,
        claimed=share.value,
        relation=relation,
        severity="warning",
        expected=expected,
        found=wording.dated(share),
        complaint=f"{wording.quantity(claim)}, with growth of the part by "
        f"{wording.quantity(parts[0], 'PT_YOY')} and of the whole by "
        f"{wording.quantity(wholes[0], 'PT_YOY')}, implies {expected} for {before}, but "
        f"{wording.dated(share)} was published: the series is broken",
    )


def _claims(ctx: Context, kind: str) -> Iterator[tuple[Relation | None, str, str]]:
    """(relation, result, operand): declared relations, then ids that end in `__growth` …"""
    declared = {relation.result: relation for relation in ctx.of_kind(kind)}
    for result, relation in sorted(declared.items()):
        yield relation, result, relation.operands[0]
    for indicator in ctx.indicators():
        if indicator.endswith(f"__{kind}") and indicator not in declared:
            yield None, indicator, indicator.removesuffix(f"__{kind}")


def _level_targets(ctx: Context, operand: str, target: Target) -> list[Reading]:
    levels = map(target_reading, ctx.targets(operand, target.ref_area))
    wanted = (target.target_period, target.release_id)
    return [r for r in levels if r and (r.period, r.row.release_id) == wanted]


def _covers(period: str, first: int, last: int) -> bool:
    # "2015–2019" is coded from the base year or from the year after it, or as its last year.
    begin, end = (day.year for day in periods.bounds(period))
    return period == str(last) or (begin in (first, first + 1) and end in (last - 1, last))
