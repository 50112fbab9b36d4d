"""Rules on publications of one series: size against its neighbours, possible range, slipped
decimal powers, old values shown as new, publications that contradict each other.

Not here: arithmetic between indicators (across_indicators) or growth (over_time).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

from contracts.rules import periods, wording
from contracts.rules.context import (
    COUNTED_UNITS,
    Context,
    Reading,
    baseline_reading,
    target_reading,
)
from contracts.rules.figures import Severity, Target
from contracts.rules.interval import Interval
from contracts.rules.outcomes import Outcome, judged, no_claim

_MAGNITUDE = Decimal("0.9")
"""Powers of ten from the neighbours that make a value impossible. A slipped unit moves a figure by
1, 3 or 4 powers; 0.9 leaves room for a little growth beside the slip (2021-11)."""
_NEIGHBOURS = 4
_NEIGHBOUR_WITHIN = timedelta(days=6 * 366)
"""Farther away, honest growth can reach the magnitude above: the stock of Hubei grew elevenfold
from 2014 to 2025."""
_COMPARABLE_SCOPES = ("CHN", "CHN_HKMT", "CHN_REG")
"""National scopes of one order of magnitude; foreign owners are not among them."""
_RANGES = {
    "PT": Interval(Decimal(0), Decimal(100)),
    "POINTS": Interval(Decimal(0), Decimal(100)),
    "RANK": Interval(Decimal(1), Decimal("Infinity")),
}
_STALE_DIGITS = 4  # fewer digits repeat by chance
_REVISION_AFTER = timedelta(days=180)
_REVISION_WITHIN = Decimal("0.1")
"""A value at least half a year younger and within a tenth is a revision, not a contradiction."""


@dataclass(frozen=True, slots=True)
class _Magnitude:
    ratio: Decimal  # value / middle of the neighbours
    distance: Decimal  # powers of ten away from the middle of the neighbours
    nearest: str
    trusted: bool  # the neighbours may accuse this reading


def scale(ctx: Context) -> Iterator[Outcome]:
    """Counts and amounts must have the size of their neighbours in time; shares, scores and ranks
    must lie in their range (percent and points 0–100, ranks from 1; growth has no range).

    The neighbours are up to four values of the same series nearest in time (within six years),
    one of each other release where there are any, because one release shares one unit. `computed`
    is value / median (times, the median taken on the logarithm). With two neighbours any value
    between them is a fair median: one of them may be wrong. A baseline stands for its target.
    """
    for indicator, area in ctx.series_keys():
        readings = ctx.series(indicator, area)
        targets = ctx.targets(indicator, area)
        goals = [r for target in targets for r in _readings_of(target)]
        for claim in (*readings, *goals):
            unit = ctx.unit(claim.row)
            if unit in _RANGES:
                yield _range(claim, unit, _RANGES[unit])
            elif unit in COUNTED_UNITS and _is_comparable(claim):
                yield _scale(ctx, claim, unit)


def _range(claim: Reading, unit: str, allowed: Interval) -> Outcome:
    is_free = claim.row.indicator_id.endswith(("__growth", "__change"))
    limits = wording.between(allowed, unit)
    return judged(
        "scale",
        claim,
        is_free or claim.interval.overlaps(allowed),
        computed=None,
        claimed=claim.value,
        expected=limits,
        found=wording.quantity(claim, unit),
        complaint=f"{wording.quantity(claim, unit)} is impossible: the range is {limits}",
    )


def _scale(ctx: Context, claim: Reading, unit: str) -> Outcome:
    size = _magnitude(ctx, claim)
    if size is None:
        return no_claim("scale", claim)
    return judged(
        "scale",
        claim,
        size.distance < _MAGNITUDE or not size.trusted,
        computed=size.ratio,
        claimed=None,
        expected=f"about {wording.with_unit(wording.number(_middle(claim, size)), unit)}",
        found=wording.quantity(claim, unit),
        complaint=f"{wording.quantity(claim, unit)} is impossible: it is "
        f"{wording.number(_rounded(size.ratio))} times the size of its neighbours in time "
        f"({size.nearest})",
    )


def power_of_ten(ctx: Context) -> Iterator[Outcome]:
    """Two publications of one figure that differ by exactly a power of ten, within rounding: one
    has a slipped unit, namely the one farther from the neighbours in time, else the less trusted.
    `computed` is the accused value divided by the other (times)."""
    for same in _publications(ctx):
        for accused, other in _slips(ctx, same):
            yield judged(
                "power_of_ten",
                accused,
                False,
                computed=accused.value / other.value,
                claimed=None,
                expected=wording.quantity(other),
                complaint=f"{wording.quantity(accused)} differs from {wording.quantity(other)} in "
                f"{other.row.release_id} by a power of ten",
            )


def _slips(ctx: Context, same: list[Reading]) -> Iterator[tuple[Reading, Reading]]:
    """(accused, other) for every two publications a power of ten apart."""
    for first, second in combinations(same, 2):
        if first.value * second.value <= 0:
            continue
        power = round((first.value / second.value).log10())
        if power and second.interval.scaled(power).overlaps(first.interval):
            other, accused = sorted((first, second), key=lambda r: _suspicion(ctx, r))
            yield accused, other


def stale_repeat(ctx: Context) -> Iterator[Outcome]:
    """One value of at least four digits printed by two releases for two different periods: the
    later is probably the earlier one repeated. Warning on the later."""
    for indicator, area in ctx.series_keys():
        seen: dict[Decimal, list[Reading]] = {}
        for claim in ctx.series(indicator, area):
            if not claim.is_published or _digits(claim.value) < _STALE_DIGITS:
                continue
            for old in seen.setdefault(claim.value, []):
                if old.row.release_id == claim.row.release_id:
                    continue
                if periods.end(old.period) == periods.end(claim.period):
                    continue
                yield judged(
                    "stale_repeat",
                    claim,
                    False,
                    computed=old.value,
                    claimed=claim.value,
                    severity="warning",
                    expected=f"a value of {claim.period}",
                    complaint=f"{wording.quantity(claim)} is exactly the value of {old.period} in "
                    f"{old.row.release_id}: probably repeated, not new",
                )
                break
            seen[claim.value].append(claim)


def contradiction(ctx: Context) -> Iterator[Outcome]:
    """Publications of one figure (neither derived nor proxies) must agree within rounding. Each is
    compared with the most precise of the best-trusted ones; `computed` is that one. What the
    rule power_of_ten accuses is left to it."""
    for publications in _publications(ctx):
        slipped = [accused for accused, _ in _slips(ctx, publications)]
        same = [reading for reading in publications if reading not in slipped]
        best = min(same, key=lambda r: (r.trust_rank, r.interval.width(), r.sort_key))
        for claim in same:
            if claim is best:
                continue
            severity, word = _disagreement(best, claim)
            yield judged(
                "contradiction",
                claim,
                claim.interval.overlaps(best.interval),
                computed=best.value,
                claimed=claim.value,
                severity=severity,
                expected=wording.quantity(best),
                complaint=f"{wording.quantity(claim)} in {claim.row.release_id} {word} "
                f"{wording.quantity(best)} in {best.row.release_id}",
            )


def _disagreement(best: Reading, claim: Reading) -> tuple[Severity, str]:
    early, late = sorted((best, claim), key=lambda r: r.row.published or date.min)
    if early.is_open and early.value <= late.value:
        return "info", "tells of a period that was not over, or came after it, beside"
    days = sorted(reading.row.published or date.min for reading in (best, claim))
    close = abs(best.value - claim.value) <= _REVISION_WITHIN * abs(best.value)
    if close and days[0] > date.min and days[1] - days[0] > _REVISION_AFTER:
        return "info", "is a revised value beside"
    return "warning", "contradicts"


def _publications(ctx: Context) -> Iterator[list[Reading]]:
    """Groups of two or more published values of one indicator, area and period."""
    for indicator, area in ctx.series_keys():
        groups: dict[str, list[Reading]] = {}
        for reading in ctx.series(indicator, area):
            if reading.is_published:
                groups.setdefault(reading.period, []).append(reading)
        yield from (group for group in groups.values() if len(group) > 1)


def _magnitude(ctx: Context, claim: Reading) -> _Magnitude | None:
    near = _neighbours(ctx, claim)
    if not near or claim.value <= 0:
        return None
    values = sorted(reading.value for reading in near)
    low, high = values[(len(values) - 1) // 2], values[len(values) // 2]
    median = (low * high).sqrt()
    if len(values) > 2:
        low = high = median
    distance = Decimal(0)
    if claim.interval.low > high:
        distance = (claim.interval.low / high).log10()
    elif 0 < claim.interval.high < low:
        distance = (low / claim.interval.high).log10()
    # One release alone can be the one that is wrong: it accuses no better-trusted figure.
    lone = len({reading.row.release_id for reading in near}) == 1
    trusted = not lone or near[0].trust_rank <= claim.trust_rank
    nearest = ", ".join(wording.dated(r, ctx.unit(r.row)) for r in near[:2])
    return _Magnitude(claim.value / median, distance, nearest, trusted)


def _neighbours(ctx: Context, claim: Reading) -> list[Reading]:
    areas = [claim.row.ref_area]
    near = _comparable(ctx, claim, areas)
    if not near and claim.row.ref_area in _COMPARABLE_SCOPES:
        areas = [area for area in _COMPARABLE_SCOPES if area != claim.row.ref_area]
        near = _comparable(ctx, claim, areas)
    near.sort(key=lambda r: (_days_apart(r, claim), r.sort_key))
    voices: dict[str, Reading] = {}  # one release shares one unit, so it has one voice
    for reading in near:
        if reading.row.release_id != claim.row.release_id:
            voices.setdefault(reading.row.release_id, reading)
    return (list(voices.values()) or near)[:_NEIGHBOURS]


def _comparable(ctx: Context, claim: Reading, areas: list[str]) -> list[Reading]:
    indicator = claim.row.indicator_id
    found = [reading for area in areas for reading in ctx.series(indicator, area)]
    # A goal is no measurement: it may judge another goal, where figures are few, never a figure.
    if isinstance(claim.row, Target) and len(found) < 2:
        goals = (target_reading(t) for area in areas for t in ctx.targets(indicator, area))
        found += [goal for goal in goals if goal]
    return [
        reading
        for reading in found
        if reading.row is not claim.row
        and reading.value > 0
        and ctx.unit(reading.row) == ctx.unit(claim.row)
        and not periods.is_span(reading.period)
        and _days_apart(reading, claim) <= _NEIGHBOUR_WITHIN
    ]


def _days_apart(one: Reading, other: Reading) -> timedelta:
    return abs(periods.end(one.period) - periods.end(other.period))


def _readings_of(target: Target) -> list[Reading]:
    return [r for r in (target_reading(target), baseline_reading(target)) if r]


def _is_comparable(claim: Reading) -> bool:
    # Changes may be of any size, and a multi-year total is no neighbour of a year.
    return not periods.is_span(claim.period) and not claim.row.indicator_id.endswith("__change")


def _suspicion(ctx: Context, reading: Reading) -> tuple[Decimal, int, str]:
    size = _magnitude(ctx, reading)
    return (size.distance if size else Decimal(0), reading.trust_rank, reading.row.release_id)


def _digits(value: Decimal) -> int:
    return len(value.normalize().as_tuple().digits)


def _middle(claim: Reading, size: _Magnitude) -> Decimal:
    return _rounded(claim.value / size.ratio)


def _rounded(value: Decimal) -> Decimal:
    """Three significant digits, for reading."""
    return round(value, 2 - value.adjusted()) if value else value
