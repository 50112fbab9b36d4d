"""Hand-reviewed figures from official publications: what raw/official_releases/*.csv must be.

The columns of `observation` and `target` that a parser computes (normalised value, bounds of
rounding) stand beside those that a person typed. Not here: the arithmetic that holds figures
against each other (contracts/rules).
"""

from __future__ import annotations

import polars as pl
from pandera.polars import PolarsData, check, dataframe_check

from contracts import vocabulary as v
from contracts.base import Contract, RejectLimit, column, terms
from contracts.rules import periods
from contracts.rules.figures import RELATION_PARAMS
from contracts.rules.figures import Relation as ReadRelation
from contracts.units import UNIT_MEASURES, UNITS

FIGURES = RejectLimit(
    because="figures typed by people: a handful of slips must not keep the others from readers",
    since="2026-11",
    share=0.05,
)


def _period_exists(data: PolarsData) -> pl.LazyFrame:
    """False for what only looks like a period, such as 2022-13 or 2022-02-30."""

    def exists(period: str) -> bool:
        try:
            return periods.bounds(period)[0].year >= 1900
        except (ValueError, OverflowError):
            return False

    column = pl.col(str(data.key))
    return data.lazyframe.select(column.map_elements(exists, return_dtype=pl.Boolean))


class Release(Contract):
    """One publication that figures were read in."""

    release_id: str = column("key of the release", matches=v.SLUG)
    title: str = column("title as published")
    publisher: str = column("who published it; a copy names its host too", nullable=True)
    published: pl.Date = column(
        "day of publication; the last day of the month, season or year where only that is known"
    )
    published_precision: str = column("how exactly the day is known", isin=v.DATE_PRECISION)
    address: str = column("public address where it was read", nullable=True, matches=r"https?://.+")
    trust: str = column(
        "primary: issuer's own page; quoted: a named medium; mirror: a copy elsewhere; "
        "machine_translation; review: our own search, for gaps",
        isin=v.TRUST,
    )
    licence: str = column("terms of reuse", matches=v.SLUG)
    note: str = column("reviewer's remark", nullable=True)
    raw_row: int = column("line of the file", ge=2)

    class Config:
        unique = ["release_id"]


class Plan(Contract):
    """A policy plan with a term, national or provincial."""

    plan_id: str = column("key of the plan", matches=v.PLAN_ID)
    title_en: str = column("English title")
    title_zh: str = column("Chinese title", nullable=True)
    level: str = column("level of government", isin=["national", "provincial"])
    ref_area: str = column("area the plan is for", matches=v.REF_AREA)
    period_start: int = column("first year of the plan", unit="year", ge=1949, le=2100)
    period_end: int = column("last year of the plan", unit="year", ge=1949, le=2100)
    issuer: str = column("issuing body", nullable=True)
    published: pl.Date = column("day of issue; see published_precision", nullable=True)
    published_precision: str = column(
        "how exactly the day is known", isin=v.DATE_PRECISION, nullable=True
    )
    address: str = column("public address", nullable=True, matches=r"https?://.+")
    note: str = column("reviewer's remark", nullable=True)
    raw_row: int = column("line of the file", ge=2)

    class Config:
        unique = ["plan_id"]

    @dataframe_check
    @classmethod
    def term_in_order(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("period_start") <= pl.col("period_end"))


class Indicator(Contract):
    """What is measured: name, definition and traps of one indicator."""

    indicator_id: str = column("key of the indicator", matches=v.INDICATOR_ID)
    name_en: str = column("English name")
    name_zh: str = column("official Chinese name, where known", nullable=True)
    definition: str = column("what is counted, in the project's words")
    definition_source: str = column("where the definition stands", nullable=True)
    unit_measure: str = column("unit of the normalised value", isin=sorted(UNIT_MEASURES))
    direction: str = column("whether higher or lower is better", isin=v.DIRECTION)
    stock_or_flow: str = column(
        "kind of quantity", isin=["stock", "flow", "ratio", "index", "rank", "text"]
    )
    scope: str = column("population and territory", nullable=True)
    since: int = column("first year of the series or definition", nullable=True, ge=1949, le=2100)
    usage_warning: str = column("what a user must know before using it", nullable=True)
    raw_row: int = column("line of the file", ge=2)

    class Config:
        unique = ["indicator_id"]


class RefArea(Contract):
    """An area of China that figures are published for: nation, province, city or group."""

    ref_area: str = column(
        "ISO 3166-1 alpha-3, ISO 3166-2:CN or a group's code", matches=v.REF_AREA
    )
    name_en: str = column("English name")
    name_zh: str = column("Chinese name", nullable=True)
    kind: str = column(
        "kind of area",
        isin=["country", "province", "sar", "city", "district", "region", "scope"],
    )
    parent: str = column("area it lies in", nullable=True, matches=v.REF_AREA)
    gb_code: str = column("GB/T 2260 code", nullable=True, matches=r"[0-9]{6}")
    geo_scope: str = column("which China, or part of it", isin=v.GEO_SCOPE)
    is_aggregate: bool = column("true for groups that must never be summed with their members")
    note: str = column("reviewer's remark", nullable=True)
    raw_row: int = column("line of the file", ge=2)

    class Config:
        unique = ["ref_area"]


class Observation(Contract):
    """One published figure: as printed, and normalised to plain units."""

    indicator_id: str = column("what is measured", matches=v.INDICATOR_ID)
    ref_area: str = column("where", matches=v.REF_AREA)
    freq: str = column("SDMX frequency of time_period", isin=v.FREQ)
    time_period: str = column("period the value is really for, SDMX", matches=v.TIME_PERIOD)
    time_period_as_published: str = column("period as printed", matches=v.TIME_PERIOD)
    obs_value: float = column("value in plain units of unit_measure", nullable=True)
    value_low: float = column(
        "least value the printed figure can stand for; NULL: no bound", nullable=True
    )
    value_high: float = column(
        "greatest value the printed figure can stand for; NULL: no bound", nullable=True
    )
    unit_measure: str = column("unit of obs_value", isin=sorted(UNIT_MEASURES))
    obs_status: str = column("SDMX observation status; M: not published", isin=v.OBS_STATUS)
    value_as_published: str = column("number as printed", nullable=True, matches=v.PRINTED_NUMBER)
    unit_as_published: str = column("unit as printed", isin=sorted(UNITS))
    obs_value_as_written: float = column(
        "what the printed number and unit say literally, in plain units", nullable=True
    )
    qualifier: str = column("how the number is hedged", nullable=True, isin=v.QUALIFIER)
    correction_kind: str = column("what was corrected", nullable=True, isin=v.CORRECTION_KIND)
    correction_reason: str = column("why it was corrected", nullable=True)
    is_derived: bool = column("computed from other published figures, not itself published")
    is_proxy: bool = column("stands in for an official series; never shown as it")
    release_id: str = column("release it was read in", matches=v.SLUG)
    place: str = column("document, section, item", nullable=True)
    note: str = column("reviewer's remark; for a gap, why", nullable=True)
    raw_row: int = column("line of the file", ge=2)

    class Config:
        unique = ["indicator_id", "ref_area", "time_period", "release_id", "is_derived"]
        metadata = terms(
            reject_limit=FIGURES,
            references={
                "indicator_id": "indicator",
                "ref_area": "ref_area",
                "release_id": "release",
            },
        )

    @check("time_period", "time_period_as_published")
    @classmethod
    def period_exists(cls, data: PolarsData) -> pl.LazyFrame:
        return _period_exists(data)

    @dataframe_check
    @classmethod
    def missing_value_has_status_m(cls, data: PolarsData) -> pl.LazyFrame:
        text = pl.col("unit_measure") == "TEXT"
        return data.lazyframe.select(
            text | (pl.col("obs_value").is_null() == (pl.col("obs_status") == "M"))
        )

    @dataframe_check
    @classmethod
    def correction_has_a_reason(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(
            pl.col("correction_kind").is_null() == pl.col("correction_reason").is_null()
        )

    @dataframe_check
    @classmethod
    def gap_says_why(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select((pl.col("obs_status") != "M") | pl.col("note").is_not_null())


class Target(Contract):
    """What a plan wants to reach, by when, from which baseline; values in plain units."""

    plan_id: str = column(
        "plan that sets it; NULL where a report outside the plans does",
        nullable=True,
        matches=v.PLAN_ID,
    )
    indicator_no: int = column("number in the plan's table of main indicators", nullable=True, ge=1)
    indicator_id: str = column("what is to be reached", matches=v.INDICATOR_ID)
    ref_area: str = column("where", matches=v.REF_AREA)
    target_period: str = column("deadline, SDMX period", matches=v.TIME_PERIOD)
    target_value: float = column("value to be reached", nullable=True)
    target_low: float = column("least value the printed target can stand for", nullable=True)
    target_high: float = column("greatest value the printed target can stand for", nullable=True)
    operator: str = column("what must hold for the target to be met", isin=["ge", "gt", "le", "lt"])
    qualifier: str = column("how the number is hedged", nullable=True, isin=v.QUALIFIER)
    unit_measure: str = column("unit of the values", isin=sorted(UNIT_MEASURES))
    target_as_published: str = column("number as printed", nullable=True, matches=v.PRINTED_NUMBER)
    unit_as_published: str = column("unit as printed", isin=sorted(UNITS))
    target_value_as_written: float = column("what is printed, taken literally", nullable=True)
    baseline_value: float = column("baseline the plan prints", nullable=True)
    baseline_as_published: str = column(
        "baseline as printed", nullable=True, matches=v.PRINTED_NUMBER
    )
    baseline_period: str = column(
        "period the baseline is really for", nullable=True, matches=v.TIME_PERIOD
    )
    baseline_period_as_published: str = column(
        "period the baseline is printed under", nullable=True, matches=v.TIME_PERIOD
    )
    change_value: float = column("cumulative change the plan prints", nullable=True)
    change_as_published: str = column(
        "cumulative change as printed", nullable=True, matches=v.PRINTED_NUMBER
    )
    kind: str = column(
        "anticipated, binding or not stated", isin=["anticipated", "binding", "unstated"]
    )
    correction_kind: str = column("what was corrected", nullable=True, isin=v.CORRECTION_KIND)
    correction_reason: str = column("why it was corrected", nullable=True)
    release_id: str = column("release it was read in", matches=v.SLUG)
    place: str = column("document, section, item", nullable=True)
    note: str = column("reviewer's remark", nullable=True)
    raw_row: int = column("line of the file", ge=2)

    class Config:
        unique = ["plan_id", "indicator_id", "ref_area", "target_period", "release_id"]
        metadata = terms(
            reject_limit=FIGURES,
            references={
                "plan_id": "plan",
                "indicator_id": "indicator",
                "ref_area": "ref_area",
                "release_id": "release",
            },
        )

    @dataframe_check
    @classmethod
    def correction_has_a_reason(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(
            pl.col("correction_kind").is_null() == pl.col("correction_reason").is_null()
        )

    @check("target_period", "baseline_period", "baseline_period_as_published")
    @classmethod
    def period_exists(cls, data: PolarsData) -> pl.LazyFrame:
        return _period_exists(data)

    @dataframe_check
    @classmethod
    def baseline_has_a_period(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(
            pl.col("baseline_value").is_null() | pl.col("baseline_period").is_not_null()
        )


class Relation(Contract):
    """How indicators hang together, so that arithmetic can hold figures against each other."""

    relation_id: str = column("key of the relation", matches=v.SLUG)
    kind: str = column(
        "kind of arithmetic",
        isin=sorted(RELATION_PARAMS),
    )
    result: str = column("indicator that the arithmetic gives", matches=v.INDICATOR_ID)
    operands: str = column("indicators it starts from, joined by ;")
    params: str = column("periods or further indicators, key=value joined by ;", nullable=True)
    note: str = column("why the relation holds", nullable=True)
    raw_row: int = column("line of the file", ge=2)

    class Config:
        unique = ["relation_id"]

    @dataframe_check
    @classmethod
    def params_fit_the_kind(cls, data: PolarsData) -> pl.LazyFrame:
        def fits(row: dict[str, str | None]) -> bool:
            names = ("kind", "result", "operands", "params")
            try:
                read = ReadRelation.from_text("", *(row[name] or "" for name in names))
            except ValueError:
                return False
            years = (read.params.get(name, "1900") for name in ("from", "to"))
            return all(len(year) == 4 and year.isdecimal() for year in years)

        return data.lazyframe.select(
            pl.struct("kind", "result", "operands", "params").map_elements(
                fits, return_dtype=pl.Boolean
            )
        )


class Explanation(Contract):
    """Why a finding of a rule stands and is no mistake of ours; empty cells match anything."""

    rule: str = column("rule that found it", matches=v.SLUG)
    indicator_id: str = column("indicator found", nullable=True, matches=v.INDICATOR_ID)
    ref_area: str = column("area found", nullable=True, matches=v.REF_AREA)
    time_period: str = column("period found", nullable=True, matches=v.TIME_PERIOD)
    explanation: str = column("why")
    raw_row: int = column("line of the file", ge=2)

    class Config:
        unique = ["rule", "indicator_id", "ref_area", "time_period"]
        metadata = terms(may_be_empty=True)
