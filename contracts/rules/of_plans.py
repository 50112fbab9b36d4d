"""Rules on the three columns of a plan's table: baseline, target, change.

Not here: whether a target was met; that is an indicator, not an error.
"""

from collections.abc import Iterator
from datetime import date

from contracts.rules import periods, wording
from contracts.rules.context import Context, Reading, baseline_reading, target_reading
from contracts.rules.figures import Target
from contracts.rules.outcomes import Outcome, judged, no_claim


def cumulative_change(ctx: Context) -> Iterator[Outcome]:
    """Target minus baseline must equal the printed change (all in the unit of the target)."""
    for target in _all_targets(ctx):
        goal, base = target_reading(target), baseline_reading(target)
        if goal is None or target.change_value is None or target.change_interval is None:
            continue
        if base is None:
            yield no_claim("cumulative_change", goal)
            continue
        difference = goal.interval - base.interval
        unit = ctx.unit(target)
        expected = wording.with_unit(wording.number(goal.value - base.value), unit)
        change = wording.with_unit(wording.number(target.change_value), unit)
        yield judged(
            "cumulative_change",
            goal,
            difference.overlaps(target.change_interval),
            computed=goal.value - base.value,
            claimed=target.change_value,
            expected=expected,
            found=change,
            complaint=f"printed change {change} is not target {wording.quantity(goal, unit)} minus "
            f"baseline {wording.quantity(base, unit)}, which is {expected}",
        )


def baseline_period(ctx: Context) -> Iterator[Outcome]:
    """A baseline must be a value of the period it is printed under.

    Violated when the value is already published for an earlier period, and the plan could not
    have known one for the printed period (others published it only later) or the published one
    is another number. `computed` is the change the published value of the printed period would
    give, `claimed` the printed change. Figures that restate the baseline are judged with it.
    """
    for target in _all_targets(ctx):
        baseline = baseline_reading(target)
        if baseline is None or target.published is None:
            continue
        restated = [
            figure
            for figure in ctx.series(target.indicator_id, target.ref_area)
            if figure.row.release_id == target.release_id
            and figure.period in (target.baseline_period, target.written_baseline_period)
            and figure.interval.overlaps(baseline.interval)
        ]
        for claim in (baseline, *restated):
            yield _baseline_period(ctx, target, target.published, claim)


def _baseline_period(ctx: Context, target: Target, plan_day: date, claim: Reading) -> Outcome:
    figures = [
        reading
        for reading in ctx.series(target.indicator_id, target.ref_area)
        if reading.is_published
    ]
    same = [
        reading
        for reading in figures
        if reading.period == claim.period and reading.row.release_id != target.release_id
    ]
    earlier = [
        reading
        for reading in figures
        if periods.end(reading.period) < periods.end(claim.period)
        and not periods.is_span(reading.period)
        and reading.row.published is not None
        and reading.row.published <= plan_day
        and reading.interval.overlaps(claim.interval)
    ]
    other = [reading for reading in same if not reading.interval.overlaps(claim.interval)]
    days = [reading.row.published for reading in same if reading.row.published]
    only_later = bool(days) and min(days) > plan_day
    goal = target_reading(target)
    true_base = (other or same or [claim])[0]
    computed = goal.value - true_base.value if goal else None
    if not earlier:
        return no_claim("baseline_period", claim, computed=computed)
    source = earlier[-1]
    reason = (
        f"{wording.dated(other[0], ctx.unit(target))} was published for that period"
        if other
        else "no value of that period was out when the plan was published"
    )
    return judged(
        "baseline_period",
        claim,
        not (only_later or other),
        computed=computed,
        claimed=target.change_value,
        expected=source.period,
        found=claim.period,
        complaint=f"baseline {wording.quantity(claim, ctx.unit(target))} printed under "
        f"{claim.period} is the value of {source.period}; {reason}",
    )


def _all_targets(ctx: Context) -> Iterator[Target]:
    for indicator, area in ctx.series_keys():
        yield from ctx.targets(indicator, area)
