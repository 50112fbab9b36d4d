"""From landed rows of the official releases to the rules' records, and back to findings.

Not here: the rules themselves (contracts/rules).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import polars as pl

from contracts.rules.figures import Explanation, Figure, Relation, Target
from contracts.rules.interval import Interval, printed
from contracts.rules.review import review as apply_rules
from contracts.units import UNITS

Row = Mapping[str, Any]


def review(
    tables: Mapping[str, pl.DataFrame], *, as_written: bool = False
) -> list[Mapping[str, object]]:
    """Findings of the arithmetic rules over all landed figures and targets.

    as_written: take the documents as they stand, without our corrections.
    """
    releases = {row["release_id"]: row for row in tables["release"].iter_rows(named=True)}
    figures = [_figure(r, releases[r["release_id"]]) for r in _rows(tables, "observation")]
    targets = [_target(r, releases[r["release_id"]]) for r in _rows(tables, "target")]
    relations = [
        Relation.from_text(
            r["relation_id"], r["kind"], r["result"], r["operands"], r["params"] or ""
        )
        for r in _rows(tables, "relation")
    ]
    explanations = [
        Explanation(
            r["rule"], r["indicator_id"] or "", r["ref_area"] or "", r["time_period"] or "",
            r["explanation"],
        )
        for r in _rows(tables, "explanation")
    ]  # fmt: skip
    findings, _ = apply_rules(figures, targets, relations, explanations, as_written=as_written)
    return [asdict(finding) for finding in findings]


def _rows(tables: Mapping[str, pl.DataFrame], name: str) -> list[Row]:
    return list(tables[name].iter_rows(named=True))


def _figure(row: Row, release: Row) -> Figure:
    qualifier = row["qualifier"] or ""
    return Figure(
        dataset="official_releases.observation",
        file=row["raw_file"],
        row=row["raw_row"],
        indicator_id=row["indicator_id"],
        ref_area=row["ref_area"],
        time_period=row["time_period"],
        value=_exact(row["obs_value"]),
        interval=_interval(row["obs_value"], row["value_low"], row["value_high"]),
        written_value=_exact(row["obs_value_as_written"]),
        written_interval=_as_printed(
            row["value_as_published"], row["unit_as_published"], qualifier
        ),
        written_period=row["time_period_as_published"],
        unit_measure=row["unit_measure"],
        qualifier=qualifier,
        is_derived=row["is_derived"],
        is_proxy=row["is_proxy"],
        release_id=row["release_id"],
        published=release["published"],
        trust=release["trust"],
        correction_kind=row["correction_kind"],
        correction_reason=row["correction_reason"],
    )


def _target(row: Row, release: Row) -> Target:
    qualifier = row["qualifier"] or ""
    unit = row["unit_as_published"]
    # Baseline and change are printed in the target's unit; a corrected unit moves all three.
    shift = _power(row["target_value"], row["target_as_published"])
    return Target(
        dataset="official_releases.target",
        file=row["raw_file"],
        row=row["raw_row"],
        plan_id=row["plan_id"],
        indicator_id=row["indicator_id"],
        ref_area=row["ref_area"],
        target_period=row["target_period"],
        value=_exact(row["target_value"]),
        interval=_interval(row["target_value"], row["target_low"], row["target_high"]),
        written_value=_exact(row["target_value_as_written"]),
        written_interval=_as_printed(row["target_as_published"], unit, qualifier),
        baseline_value=_exact(row["baseline_value"]),
        baseline_interval=_shifted(row["baseline_as_published"], shift),
        written_baseline_value=_literal(row["baseline_as_published"], unit),
        written_baseline_interval=_as_printed(row["baseline_as_published"], unit, ""),
        baseline_period=row["baseline_period"],
        written_baseline_period=row["baseline_period_as_published"],
        change_value=_exact(row["change_value"]),
        change_interval=_shifted(row["change_as_published"], shift),
        operator=row["operator"],
        release_id=row["release_id"],
        published=release["published"],
        correction_kind=row["correction_kind"],
        correction_reason=row["correction_reason"],
        unit_measure=row["unit_measure"],
        trust=release["trust"],
    )


def _exact(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def _interval(value: float | None, low: float | None, high: float | None) -> Interval | None:
    if value is None:
        return None
    open_ends = Decimal("-Infinity"), Decimal("Infinity")
    return Interval(
        open_ends[0] if low is None else Decimal(repr(low)),
        open_ends[1] if high is None else Decimal(repr(high)),
    )


def _literal(text: str | None, unit: str) -> Decimal | None:
    return None if text is None else Decimal(text).scaleb(UNITS[unit][1])


def _as_printed(text: str | None, unit: str, qualifier: str) -> Interval | None:
    return None if text is None else printed(Decimal(text), qualifier).scaled(UNITS[unit][1])


def _power(plain: float | None, text: str | None) -> int | None:
    """Power of ten between a printed number and its plain value; None when there is neither."""
    if not plain or text is None or not Decimal(text):
        return None
    return (Decimal(repr(plain)) / Decimal(text)).adjusted()


def _shifted(text: str | None, power: int | None) -> Interval | None:
    return None if text is None or power is None else printed(Decimal(text)).scaled(power)
