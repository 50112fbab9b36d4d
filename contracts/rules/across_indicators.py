"""Rules that compare indicators of one area and period: shares, ratios per head, sums, unions of
overlapping parts, parts of a whole, years inside a multi-year total.

Not here: comparisons over time (over_time), publications of one figure (of_publications).
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import product

from contracts.rules import periods, wording
from contracts.rules.context import Context, Reading
from contracts.rules.figures import Relation
from contracts.rules.interval import Interval
from contracts.rules.outcomes import Outcome, judged, no_claim

_WIDER_SCOPES = {"CHN": ("CHN_HKMT", "CHN_REG"), "CHN_HKMT": ("CHN_REG",)}
"""A part counted for the mainland also lies inside the whole of a wider scope."""

_NEAREST_WHOLE = timedelta(days=2 * 366)
"""A part without a whole of its period is held against the nearest one within two years: a stock
can double in more time than that (2021-11, growth of the Chinese patent stock)."""


def share(ctx: Context) -> Iterator[Outcome]:
    """A printed share (percent) must equal part / whole × 100 of the same area and period."""
    for relation in ctx.of_kind("share"):
        part_id, whole_id = relation.operands[0], relation.operands[-1]
        for claim in ctx.all_series(relation.result):
            area = claim.row.ref_area
            parts, wholes = (ctx.at(name, area, claim.period) for name in (part_id, whole_id))
            pairs = [(a, b) for a, b in product(parts, wholes) if b.value]
            if not pairs:
                yield no_claim("share", claim, relation)
                continue
            fits = [
                (a, b)
                for a, b in pairs
                if (claim.interval.scaled(-2) * b.interval).overlaps(a.interval)
            ]
            part, whole = (fits or pairs)[0]
            computed = part.value / whole.value * 100
            expected = wording.with_unit(f"{computed:.1f}", "PT")
            yield judged(
                "share",
                claim,
                bool(fits),
                computed=computed,
                claimed=claim.value,
                relation=relation,
                expected=expected,
                complaint=f"published share {wording.quantity(claim)} does not follow from "
                f"{wording.dated(part)} of {wording.dated(whole)}, which is {expected}",
            )


def ratio(ctx: Context) -> Iterator[Outcome]:
    """A printed ratio must equal numerator / denominator × 10 000, with the denominator of the
    latest year-end at the period's end or of the year-end before; where one is published for
    the very period (a month's table that states its divisor), with that one.

    Publishers divide by whichever population was out when they wrote, so either year-end will do,
    and with one of the two unknown a mismatch proves nothing. The evaluation's detail names the
    denominator that reproduces the figure.
    """
    for relation in ctx.of_kind("ratio"):
        top_id, bottom_id = relation.operands[0], relation.operands[-1]
        for claim in ctx.all_series(relation.result):
            area = claim.row.ref_area
            tops = ctx.at(top_id, area, claim.period)
            year_ends = periods.year_ends_before(claim.period)
            bottoms = [ctx.at(bottom_id, area, year) for year in year_ends]
            stated = ctx.at(bottom_id, area, claim.period)
            if claim.period not in year_ends and stated:
                bottoms = [stated]
            yield _ratio(relation, claim, tops, bottoms)


def _ratio(
    relation: Relation, claim: Reading, tops: list[Reading], bottoms: list[list[Reading]]
) -> Outcome:
    pairs = [(a, b) for b, a in product((r for known in bottoms for r in known), tops) if b.value]
    if not pairs:
        return no_claim("ratio", claim, relation)
    fits = [
        (a, b) for a, b in pairs if (claim.interval * b.interval).overlaps(a.interval.scaled(4))
    ]
    top, bottom = (fits or pairs)[0]
    computed = top.value / bottom.value * 10_000
    detail = ", ".join(
        f"with the denominator of {b.period}: {a.value / b.value * 10_000:.2f}"
        + (" (agrees)" if (a, b) in fits else "")
        for a, b in pairs
    )
    if not fits and not all(bottoms):
        return no_claim("ratio", claim, relation, computed, detail)
    return judged(
        "ratio",
        claim,
        bool(fits),
        computed=computed,
        claimed=claim.value,
        relation=relation,
        detail=detail,
        expected=f"{computed:.2f}",
        complaint=f"published ratio {wording.number(claim.value)} does not follow from "
        f"{wording.number(top.value)}: {detail}",
    )


def sum_of_parts(ctx: Context) -> Iterator[Outcome]:
    """A result must equal the sum of all its parts of the same period, for some choice among the
    publications of each part. With a part missing nothing is claimed."""
    for relation in ctx.of_kind("sum"):
        for claim in ctx.all_series(relation.result):
            parts = [ctx.at(name, claim.row.ref_area, claim.period) for name in relation.operands]
            known = [readings[0].value for readings in parts if readings]
            computed = sum(known, Decimal(0))
            if len(known) < len(parts):
                detail = f"sum of the {len(known)} known of {len(parts)} parts"
                yield no_claim("sum", claim, relation, computed if known else None, detail)
                continue
            totals = {Interval.point(0)}
            for readings in parts:
                totals = {total + reading.interval for total in totals for reading in readings}
            expected = wording.number(computed)
            yield judged(
                "sum",
                claim,
                any(total.overlaps(claim.interval) for total in totals),
                computed=computed,
                claimed=claim.value,
                relation=relation,
                expected=expected,
                complaint=f"published total {wording.quantity(claim)} is not the sum of its "
                f"{len(parts)} parts, which is {expected}",
            )


def union(ctx: Context) -> Iterator[Outcome]:
    """A union of overlapping parts is at least as large as each of them and, with all parts
    known, at most their sum. `computed` is the sum of the known parts, `claimed` the union; their
    difference, the least possible overlap, stands in the detail."""
    for relation in ctx.of_kind("union"):
        for claim in ctx.all_series(relation.result):
            found = [ctx.at(name, claim.row.ref_area, claim.period) for name in relation.operands]
            known = [readings for readings in found if readings]
            if not known:
                yield no_claim("union", claim, relation)
                continue
            computed = sum((readings[0].value for readings in known), Decimal(0))
            too_large = [
                readings[0]
                for readings in known
                if all(part.interval.low > claim.interval.high for part in readings)
            ]
            most = sum((max(p.interval.high for p in readings) for readings in known), Decimal(0))
            too_small = len(known) == len(found) and most < claim.interval.low
            complaint = (
                f"{wording.quantity(claim)} is less than its part {too_large[0].row.indicator_id} "
                f"with {wording.quantity(too_large[0])}"
                if too_large
                else f"{wording.quantity(claim)} is more than all its parts together, "
                f"{wording.number(computed)}"
            )
            overlap = max(computed - claim.value, Decimal(0))
            yield judged(
                "union",
                claim,
                not too_large and not too_small,
                computed=computed,
                claimed=claim.value,
                relation=relation,
                detail=f"parts overlap by at least {wording.number(overlap)}",
                expected=f"between the largest part and the sum {wording.number(computed)}",
                complaint=complaint,
            )


def subset(ctx: Context) -> Iterator[Outcome]:
    """A part may not exceed its whole: of the same period, else of the nearest within two years;
    of the same area, else of a wider scope. `computed` is part / whole (times)."""
    for relation in ctx.of_kind("subset"):
        for claim in ctx.all_series(relation.operands[0]):
            wholes = _wholes(ctx, relation.result, claim)
            if not wholes or not wholes[0].value:
                yield no_claim("subset", claim, relation)
                continue
            whole = wholes[0]
            yield judged(
                "subset",
                claim,
                any(claim.interval.low <= whole.interval.high for whole in wholes),
                computed=claim.value / whole.value,
                claimed=None,
                relation=relation,
                expected=f"at most {wording.quantity(whole)}",
                complaint=f"{wording.quantity(claim)} is impossible: it is more than the whole it "
                f"is part of, {whole.row.indicator_id} with {wording.dated(whole)}",
            )


def _wholes(ctx: Context, indicator: str, part: Reading) -> list[Reading]:
    """All publications of the whole in the one period that fits the part best."""
    for area in (part.row.ref_area, *_WIDER_SCOPES.get(part.row.ref_area, ())):
        same = ctx.at(indicator, area, part.period)
        if same:
            return same
        day = periods.end(part.period)
        near = [
            (abs(periods.end(whole.period) - day), whole.period)
            for whole in ctx.operand_series(indicator, area)
        ]
        if near and min(near)[0] <= _NEAREST_WHOLE:
            return ctx.at(indicator, area, min(near)[1])
    return []


def total(ctx: Context) -> Iterator[Outcome]:
    """Every year inside a multi-year total is at most that total, and so is the sum of the known
    years. For a year `computed` is year / total (times); for the sum it is the sum, and the total
    stands as `claimed`."""
    for relation in ctx.of_kind("total"):
        for claim in ctx.all_series(relation.result):
            first, last = periods.bounds(claim.period)
            totals = ctx.at(relation.result, claim.row.ref_area, claim.period)
            if claim is not totals[0]:
                continue  # further publications of one total are compared by the contradiction rule
            inside = [
                reading
                for reading in ctx.operand_series(relation.operands[0], claim.row.ref_area)
                if first <= periods.bounds(reading.period)[0]
                and periods.end(reading.period) <= last
            ]
            if not inside or not claim.value:
                yield no_claim("total", claim, relation)
                continue
            most = max(reading.interval.high for reading in totals)
            for year in inside:
                yield judged(
                    "total",
                    year,
                    year.interval.low <= most,
                    computed=year.value / claim.value,
                    claimed=None,
                    relation=relation,
                    expected=f"at most {wording.quantity(claim)}",
                    complaint=f"{wording.quantity(year)} is impossible: it is more than the total "
                    f"of all years, {wording.dated(claim)}",
                )
            yield _sum_of_years(relation, claim, inside, most)


def _sum_of_years(
    relation: Relation, claim: Reading, inside: list[Reading], most: Decimal
) -> Outcome:
    least: dict[str, Reading] = {}  # the smallest publication of each whole year
    for reading in sorted(inside, key=lambda reading: reading.interval.low):
        if reading.period == reading.period[:4]:
            least.setdefault(reading.period, reading)
    computed = sum((reading.value for reading in least.values()), Decimal(0))
    years = ", ".join(sorted(least))
    return judged(
        "total",
        claim,
        sum((reading.interval.low for reading in least.values()), Decimal(0)) <= most,
        computed=computed,
        claimed=claim.value,
        relation=relation,
        detail=f"sum of {years}",
        expected=f"at least {wording.number(computed)}",
        complaint=f"total {wording.quantity(claim)} is less than the sum of the years {years}, "
        f"{wording.number(computed)}",
    )
