"""Short ways to write figures and targets down in a test, and to pick from what a review says."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count

from contracts.rules import Evaluation, Figure, Finding, Interval, Target, printed

_ROWS = count(1)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _means(text: str | None, qualifier: str = "") -> Interval | None:
    return None if text is None else printed(Decimal(text), qualifier)


def figure(
    indicator: str,
    period: str,
    value: str,
    *,
    written: str | None = None,
    written_period: str | None = None,
    area: str = "CHN",
    unit: str = "NUMBER",
    qualifier: str = "",
    derived: bool = False,
    proxy: bool = False,
    release: str = "bulletin",
    published: str | None = "2026-01-01",
    trust: str = "quoted",
    correction: str | None = None,
) -> Figure:
    """A figure in plain units; `written` is the uncorrected value where it differs."""
    as_printed = value if written is None else written
    return Figure(
        dataset="observations",
        file="observations.csv",
        row=next(_ROWS),
        indicator_id=indicator,
        ref_area=area,
        time_period=period,
        value=_number(value),
        interval=_means(value, qualifier),
        written_value=_number(as_printed),
        written_interval=_means(as_printed, qualifier),
        written_period=written_period or period,
        unit_measure=unit,
        qualifier=qualifier,
        is_derived=derived,
        is_proxy=proxy,
        release_id=release,
        published=None if published is None else date.fromisoformat(published),
        trust=trust,
        correction_kind=correction,
        correction_reason="the page misprints it" if correction else None,
    )


def target(
    indicator: str,
    period: str,
    value: str | None,
    baseline: str | None = None,
    change: str | None = None,
    *,
    baseline_period: str | None = "2020",
    written_baseline_period: str | None = None,
    written_power: int = 0,
    area: str = "CHN",
    unit: str = "",
    qualifier: str = "",
    release: str = "plan",
    published: str = "2021-10-09",
    correction: str | None = None,
) -> Target:
    """A target row; as written, its three numbers are `written_power` powers of ten larger."""

    def wrong(text: str | None) -> str | None:
        return None if text is None else format(Decimal(text).scaleb(written_power), "f")

    return Target(
        dataset="targets",
        file="targets.csv",
        row=next(_ROWS),
        plan_id="PLAN",
        indicator_id=indicator,
        ref_area=area,
        target_period=period,
        value=_number(value),
        interval=_means(value, qualifier),
        written_value=_number(wrong(value)),
        written_interval=_means(wrong(value), qualifier),
        baseline_value=_number(baseline),
        baseline_interval=_means(baseline),
        written_baseline_value=_number(wrong(baseline)),
        written_baseline_interval=_means(wrong(baseline)),
        baseline_period=baseline_period,
        written_baseline_period=written_baseline_period or baseline_period,
        change_value=_number(change),
        change_interval=_means(change),
        operator="ge",
        release_id=release,
        published=date.fromisoformat(published),
        correction_kind=correction,
        correction_reason="the plan misprints it" if correction else None,
        unit_measure=unit,
        trust="machine_translation",
    )


def reported(
    indicator: str,
    period: str,
    value: str,
    written: str | None = None,
    correction: str | None = None,
) -> Figure:
    """A figure of the work report of January 2021, read in a machine translation."""
    return figure(
        indicator,
        period,
        value,
        written=written,
        correction=correction,
        release="report",
        published="2021-01-22",
        trust="machine_translation",
    )


def counted(indicator: str, period: str, tens_of_thousands: str) -> Figure:
    """A count printed in units of 10,000, in plain units as the loader hands it over."""
    plain = figure(indicator, period, tens_of_thousands)
    interval = printed(Decimal(tens_of_thousands)).scaled(4)
    return replace(plain, value=Decimal(tens_of_thousands).scaleb(4), interval=interval)


def growth_2022(percent: str = "18.7", level: str = "95.2") -> list[Figure]:
    return [
        counted("sei", "2021", "79.2"),
        counted("sei", "2022", level),
        figure("sei__growth", "2022", percent, unit="PT_YOY"),
    ]


def named(findings: list[Finding], rule: str) -> list[Finding]:
    return [finding for finding in findings if finding.rule == rule]


def evaluated(evaluations: list[Evaluation], rule: str) -> list[str]:
    return [item.verdict for item in evaluations if item.rule == rule]
