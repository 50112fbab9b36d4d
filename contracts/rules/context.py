"""The figures, targets and relations of one review, indexed for the rules.

Not here: any rule, and what a rule yields (outcomes).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from contracts.rules import periods
from contracts.rules.figures import Figure, Relation, Row, Target
from contracts.rules.interval import Interval

TRUST = ("primary", "quoted", "mirror", "machine_translation", "review")
"""Trust in a release, best first; anything else ranks last."""

COUNTED_UNITS = frozenset({"NUMBER", "PERSONS", "CNY", "USD"})
"""Counts and amounts: they have the size of their neighbours, and a period not yet over holds less
than it will."""

NATIONAL_SCOPES = ("CHN", "CHN_HKMT", "CHN_REG", "CHN_FOR")
"""Codes that all mean China with another scope: mainland, with Hong Kong, Macao and Taiwan, the
whole register, foreign owners in the register. Some indicators carry their scope in their name
and are published under one of these codes only."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A number that is there: the value of a figure or target, or the baseline of a target."""

    row: Row
    period: str
    value: Decimal
    interval: Interval

    @property
    def trust_rank(self) -> int:
        """0 for the best-trusted kind of release."""
        return TRUST.index(self.row.trust) if self.row.trust in TRUST else len(TRUST)

    @property
    def is_published(self) -> bool:
        """True for a figure somebody printed: not derived by us, no stand-in, no target."""
        row = self.row
        return isinstance(row, Figure) and not row.is_derived and not row.is_proxy

    @property
    def came_early(self) -> bool:
        """True for a figure of a period that was not over when it was published."""
        row = self.row
        if not isinstance(row, Figure) or row.published is None:
            return False
        return row.published < periods.end(self.period)

    @property
    def is_open(self) -> bool:
        """True for a count or an amount that came early: it still grew. Ranks, scores and shares
        are given once."""
        return self.row.unit_measure in COUNTED_UNITS and self.came_early

    @property
    def sort_key(self) -> tuple[int, date, str, str, int]:
        """Best trusted, then earliest: the order in which readings are named in messages."""
        row = self.row
        return (self.trust_rank, row.published or date.max, row.release_id, row.file, row.row)


class Context:
    """Everything the rules may look at. Figures without a value are not readings."""

    def __init__(
        self, figures: Iterable[Figure], targets: Iterable[Target], relations: Iterable[Relation]
    ) -> None:
        self.relations = sorted(relations, key=lambda relation: relation.relation_id)
        self._figures: dict[tuple[str, str], list[Reading]] = defaultdict(list)
        self._targets: dict[tuple[str, str], list[Target]] = defaultdict(list)
        self._areas: dict[str, set[str]] = defaultdict(set)
        for figure in figures:
            if figure.value is not None and figure.interval is not None:
                reading = Reading(figure, figure.time_period, figure.value, figure.interval)
                self._figures[figure.indicator_id, figure.ref_area].append(reading)
                self._areas[figure.indicator_id].add(figure.ref_area)
        for target in targets:
            self._targets[target.indicator_id, target.ref_area].append(target)
        for readings in self._figures.values():
            readings.sort(key=lambda reading: (periods.end(reading.period), reading.sort_key))
        self._units = {
            indicator: readings[0].row.unit_measure
            for (indicator, _), readings in sorted(self._figures.items())
        }

    def series_keys(self) -> list[tuple[str, str]]:
        """(indicator, area) of every series with at least one figure or target, sorted."""
        return sorted(self._figures.keys() | self._targets.keys())

    def indicators(self) -> list[str]:
        """Every indicator with a figure or target, sorted."""
        return sorted({indicator for indicator, _ in self.series_keys()})

    def series(self, indicator: str, area: str) -> list[Reading]:
        """The figures of one series in order of time, best-trusted first within a period."""
        return self._figures.get((indicator, area), [])

    def targets(self, indicator: str, area: str) -> list[Target]:
        """The targets set for one series, as they came."""
        return self._targets.get((indicator, area), [])

    def all_targets(self, indicator: str) -> list[Target]:
        """The targets of one indicator in every area."""
        areas = sorted(area for name, area in self._targets if name == indicator)
        return [target for area in areas for target in self._targets[indicator, area]]

    def all_series(self, indicator: str) -> Iterator[Reading]:
        """The figures of one indicator in every area."""
        for area in sorted(self._areas.get(indicator, ())):
            yield from self.series(indicator, area)

    def operand_series(self, indicator: str, area: str) -> list[Reading]:
        """The series to use beside figures of `area`.

        That is the series of the area itself; for China, where the indicator is published under
        one national scope only, the series of that scope.
        """
        if (indicator, area) in self._figures or area not in NATIONAL_SCOPES:
            return self.series(indicator, area)
        scopes = self._areas.get(indicator, set()).intersection(NATIONAL_SCOPES)
        return self.series(indicator, next(iter(scopes))) if len(scopes) == 1 else []

    def at(self, indicator: str, area: str, period: str | None) -> list[Reading]:
        """All publications of one value beside figures of `area`, best-trusted first."""
        return [r for r in self.operand_series(indicator, area) if r.period == period]

    def beside(self, claim: Reading, indicator: str, period: str | None) -> list[Reading]:
        """As `at`, what a claim about growth can be held against: no value of a period that was
        not over, unless claim and value tell of the same one in the same release."""
        return [
            level
            for level in self.at(indicator, claim.row.ref_area, period)
            if (
                claim.came_early
                and level.period == claim.period
                and level.row.release_id == claim.row.release_id
            )
            or (not level.is_open and not (claim.came_early and level.period == claim.period))
        ]

    def unit(self, row: Row) -> str:
        """Unit of a row; a target without one has that of its indicator's figures."""
        return row.unit_measure or self._units.get(row.indicator_id, "")

    def of_kind(self, kind: str) -> list[Relation]:
        """The relations of one kind, by id."""
        return [relation for relation in self.relations if relation.kind == kind]


def target_reading(target: Target) -> Reading | None:
    """The target value, or None for a target without a number."""
    if target.value is None or target.interval is None:
        return None
    return Reading(target, target.target_period, target.value, target.interval)


def baseline_reading(target: Target) -> Reading | None:
    """The baseline printed with a target, or None where there is none."""
    if target.baseline_value is None or target.baseline_interval is None:
        return None
    if target.baseline_period is None:
        return None
    return Reading(target, target.baseline_period, target.baseline_value, target.baseline_interval)
