"""What the rules read and what they report: plain records, nothing else.

The loader fills Figure, Target, Relation and Explanation from the landed tables; `review` returns
Finding and Evaluation. Not here: parsing of files, units, or any judgement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from contracts.rules.interval import Interval

Severity = Literal["error", "warning", "info"]
Status = Literal["open", "explained"]
Verdict = Literal["ok", "violated", "no_claim"]

RELATION_PARAMS: dict[str, tuple[str, ...]] = {
    "share": (),
    "growth": (),
    "change": (),
    "multiple": ("base",),
    "cagr": ("from", "to"),
    "ratio": (),
    "sum": (),
    "union": (),
    "subset": (),
    "total": (),
    "share_growth": ("part_growth", "whole_growth"),
}
"""The kinds of relation and the parameters each must carry."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One published (or derived) value.

    `value` and `interval` are normalised, in plain units of `unit_measure` (yuan, pieces,
    percent); `written_*` is what the page prints, read literally, equal to them when nothing was
    corrected. A value of None is a known gap. `published` is the day of the release.
    """

    dataset: str
    file: str
    row: int
    indicator_id: str
    ref_area: str
    time_period: str
    value: Decimal | None
    interval: Interval | None
    written_value: Decimal | None
    written_interval: Interval | None
    written_period: str
    unit_measure: str
    qualifier: str
    is_derived: bool
    is_proxy: bool
    release_id: str
    published: date | None
    trust: str
    correction_kind: str | None = None
    correction_reason: str | None = None

    def as_written(self) -> "Figure":
        """The figure as the page prints it, without our correction."""
        return replace(
            self,
            value=self.written_value,
            interval=self.written_interval,
            time_period=self.written_period or self.time_period,
        )


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a plan with the baseline and the change printed beside it.

    All three are in plain units of one `unit_measure`; `written_*` as in Figure. A target without
    `unit_measure` is read in the unit of the indicator's figures; one without `trust` ranks last.
    """

    dataset: str
    file: str
    row: int
    plan_id: str | None
    indicator_id: str
    ref_area: str
    target_period: str
    value: Decimal | None
    interval: Interval | None
    written_value: Decimal | None
    written_interval: Interval | None
    baseline_value: Decimal | None
    baseline_interval: Interval | None
    written_baseline_value: Decimal | None
    written_baseline_interval: Interval | None
    baseline_period: str | None
    written_baseline_period: str | None
    change_value: Decimal | None
    change_interval: Interval | None
    operator: str
    release_id: str
    published: date | None
    correction_kind: str | None = None
    correction_reason: str | None = None
    unit_measure: str = ""
    trust: str = ""

    @property
    def time_period(self) -> str:
        """The period the target is set for, named as in Figure."""
        return self.target_period

    def as_written(self) -> "Target":
        """The target as the page prints it; the printed change follows the printed unit."""
        change_value, change_interval = self.change_value, self.change_interval
        if self.value and self.written_value and change_value is not None and change_interval:
            factor = self.written_value / self.value
            change_value = change_value * factor
            change_interval = change_interval * Interval.point(factor)
        return replace(
            self,
            value=self.written_value,
            interval=self.written_interval,
            baseline_value=self.written_baseline_value,
            baseline_interval=self.written_baseline_interval,
            baseline_period=self.written_baseline_period or self.baseline_period,
            change_value=change_value,
            change_interval=change_interval,
        )


Row = Figure | Target


@dataclass(frozen=True, slots=True)
class Relation:
    """How one indicator follows from others; structure only, never a list of known errors."""

    relation_id: str
    kind: str
    result: str
    operands: tuple[str, ...]
    params: Mapping[str, str]

    @classmethod
    def from_text(
        cls, relation_id: str, kind: str, result: str, operands: str, params: str
    ) -> "Relation":
        """A relation from its cells: `operands` "a;b", `params` "from=2015;to=2019".

        Raises ValueError for an unknown kind, no operand, or parameters other than those the
        kind needs.
        """
        names = tuple(name.strip() for name in operands.split(";") if name.strip())
        pairs = dict(part.strip().split("=", 1) for part in params.split(";") if part.strip())
        if kind not in RELATION_PARAMS:
            raise ValueError(f"{relation_id}: unknown kind of relation {kind!r}")
        if not names or set(pairs) != set(RELATION_PARAMS[kind]):
            raise ValueError(f"{relation_id}: a {kind} needs operands and {RELATION_PARAMS[kind]}")
        return cls(relation_id, kind, result, names, pairs)

    @property
    def participants(self) -> frozenset[str]:
        """Every indicator the relation reads."""
        growths = (
            self.params[key] for key in ("part_growth", "whole_growth") if key in self.params
        )
        return frozenset((self.result, *self.operands, *growths))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why findings of a rule are no error; an empty field matches anything."""

    rule: str
    indicator_id: str
    ref_area: str
    time_period: str
    explanation: str

    def covers(self, rule: str, indicator_id: str, ref_area: str, time_period: str) -> bool:
        """True when every field that is filled equals the given one."""
        wanted = (self.rule, self.indicator_id, self.ref_area, self.time_period)
        given = (rule, indicator_id, ref_area, time_period)
        return all(not w or w == g for w, g in zip(wanted, given, strict=True))


@dataclass(frozen=True, slots=True)
class Finding:
    """One violated rule on one landed row, as a sentence a statistician can act on."""

    dataset: str
    file: str
    row: int
    rule: str
    severity: Severity
    indicator_id: str
    ref_area: str
    time_period: str
    expected: str
    found: str
    message: str
    status: Status
    explanation: str | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One rule applied once, whatever came out.

    `computed` is what the other figures give, `claimed` what is printed, both in plain units (or
    percent, times). With `no_claim` there is nothing to compare; `computed` is then the value
    that would have to stand in the gap. `claimed` is None where a rule states a bound. `detail`
    says which of several readings was used or what else follows.
    """

    rule: str
    relation_id: str | None
    indicator_id: str
    ref_area: str
    time_period: str
    computed: float | None
    claimed: float | None
    verdict: Verdict
    detail: str = ""
