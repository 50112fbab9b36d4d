"""High-value inventions on a day, under a rule and parameters: what is asked for is checked, and
the published table function answers.

Not here: how patents are counted (dbt_project/macros/high_value), printing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from pipelines import serve
from pipelines.settings import Settings

#: Areas that hold others, in the order in which they are listed around the provinces.
_MAINLAND: Final = "CHN"
_TOTALS: Final = ("CHN_HKMT", "WLD")
#: Days that a record of a register can be of (contracts/patent_register).
_DAYS: Final = (dt.date(1700, 1, 1), dt.date(2199, 12, 31))


class Unknown(LookupError):
    """A rule, office, region, parameter or value that the warehouse does not know."""


@dataclass(frozen=True)
class Chosen:
    """A parameter whose value is not the default, and why the default is what it is."""

    parameter: str
    value: str
    default: str | None
    reason: str


@dataclass(frozen=True)
class Stock:
    """An office's valid and high-value inventions on a day.

    areas: rows of high_value_stock_at, each with the area's name_en; of one region, or of the
    mainland, the provinces that have any, and the totals. covered_until: newest day that any record
    of the office tells of.
    """

    is_simulated: bool
    day: dt.date
    rule: dict[str, Any]
    office: str
    covered_until: dt.date | None
    is_covered: bool
    chosen: list[Chosen]
    areas: list[dict[str, Any]]


def stock(
    settings: Settings,
    day: dt.date,
    *,
    rule: str,
    office: str = "CN",
    region: str | None = None,
    chosen: Mapping[str, str] | None = None,
    simulated: bool = False,
) -> Stock:
    """The stock on a day. chosen: parameters by name, values as dim_rule_parameter writes them.

    Raises Unknown naming what is known, and serve.NothingPublished.
    """
    if not _DAYS[0] <= day <= _DAYS[1]:
        raise Unknown(f"no day {day}: patents are of {_DAYS[0]} to {_DAYS[1]}")
    register = serve.register(simulated=simulated)
    with serve.connect(settings) as connection:
        ruled = rule_versions(connection, rule)[0]
        parameters = serve.rows(connection, "select * from dim_rule_parameter order by all")
        values = _values(connection, parameters, chosen or {})
        covered = _offices(connection, register)
        if office not in covered:
            raise Unknown(_no_office(connection, office, list(covered), simulated))
        if region is not None:
            _check_region(connection, region)
        areas = _areas(connection, register, day, rule, office, region, values)
    until = covered[office]
    return Stock(
        is_simulated=simulated,
        day=day,
        rule=ruled,
        office=office,
        covered_until=until,
        is_covered=until is not None and day <= until,
        chosen=[
            Chosen(p["parameter"], value, p["default_value"], p["reason"])
            for p in parameters
            if (value := (chosen or {}).get(p["parameter"])) is not None
            and p["parameter"] in values
            and value != p["default_value"]
        ],
        areas=areas,
    )


def rule_versions(
    connection: duckdb.DuckDBPyConnection, rule: str | None = None
) -> list[dict[str, Any]]:
    """All versions of the rule, or the one of that name. Raises Unknown."""
    known = serve.rows(connection, "select * from dim_rule_version order by valid_from")
    found = [row for row in known if rule in (None, row["rule_version"])]
    if not found:
        names = ", ".join(row["rule_version"] for row in known)
        raise Unknown(f"no rule {rule!r}; known: {names}")
    return found


def _areas(
    connection: duckdb.DuckDBPyConnection,
    register: serve.Register,
    day: dt.date,
    rule: str,
    office: str,
    region: str | None,
    values: Mapping[str, Any],
) -> list[dict[str, Any]]:
    # Names of schema and parameters are the warehouse's own; whatever was typed is bound.
    arguments = "".join(f", {name} := ${name}" for name in values)
    sql = f"""
        select area.name_en, stock.*
        from {register.marts}.high_value_stock_at($day{arguments}) as stock
        left join dim_ref_area as area on stock.ref_area = area.ref_area
        where stock.rule_version = $rule and stock.office = $office
        order by stock.ref_area
    """  # noqa: S608
    found = serve.rows(connection, sql, {**values, "day": day, "rule": rule, "office": office})
    by_area = {row["ref_area"]: row for row in found}
    provinces = [area for area in by_area if area.startswith("CN-")]
    wanted = [region] if region else [_MAINLAND, *provinces, *_TOTALS]
    return [by_area[area] for area in wanted if area in by_area]


def _values(
    connection: duckdb.DuckDBPyConnection,
    parameters: list[dict[str, Any]],
    chosen: Mapping[str, str],
) -> dict[str, Any]:
    """What was chosen, as the table function takes it. Raises Unknown."""
    by_name = {p["parameter"]: p for p in parameters}
    if strange := [name for name in chosen if name not in by_name]:
        raise Unknown(f"no parameter {strange[0]!r}; known: {', '.join(by_name)}")
    values: dict[str, Any] = {}
    for name, text in chosen.items():
        if text == (by_name[name]["default_value"] or ""):
            continue  # the function's own default, which may be none
        values[name] = _value(connection, by_name[name], text)
    return values


def _value(connection: duckdb.DuckDBPyConnection, parameter: dict[str, Any], text: str) -> Any:
    name, default = parameter["parameter"], parameter["default_value"]
    match name:
        case "maintenance_years":
            if not (text.isascii() and text.isdigit() and len(text) <= 2):
                raise _refused(name, text, "whole years, 0 to 99")
            return int(text)
        case "pledge_min_amount":
            # Digits alone: "nan" and "inf" are numbers to Python.
            if not (text.isascii() and text.replace(".", "", 1).isdigit()):
                raise _refused(name, text, "an amount in yuan, such as 1000000; blank: none is set")
            return float(text)
        case "award_grades":
            grades = serve.rows(
                connection,
                "select grade from reference.award_grades where counts_for_invention order by all",
            )
            known = [row["grade"] for row in grades]
            if not set(text.split(";")) <= set(known):
                raise _refused(name, text, f"grades joined by ;, of {', '.join(known)}")
            return text.split(";")
    allowed = [default, *(parameter["alternatives"] or "").split("|")]
    if text not in allowed:
        raise _refused(name, text, ", ".join(allowed))
    return {"true": True, "false": False}.get(text, text)


def _refused(name: str, text: str, allowed: str) -> Unknown:
    return Unknown(f"parameter {name}: no value {text!r}; it takes {allowed}")


def _offices(
    connection: duckdb.DuckDBPyConnection, register: serve.Register
) -> dict[str, dt.date | None]:
    """Offices that the register holds patents of, and until when it tells of them."""
    sql = f"""
        select office, covered_until from {register.models}.int_register__office
        where office in (select office from {register.models}.int_register__patent)
        order by office
    """  # noqa: S608 - a schema's own name
    return {row["office"]: row["covered_until"] for row in serve.rows(connection, sql)}


def _no_office(
    connection: duckdb.DuckDBPyConnection, office: str, known: list[str], simulated: bool
) -> str:
    if known:
        return f"no patents of office {office!r} in this register; it has: {', '.join(known)}"
    if simulated:
        return "no simulated register has landed: `ipw simulate` writes one, `ipw run` lands it"
    other = _offices(connection, serve.register(simulated=True))
    hint = "; a simulated register is here: --simulated" if other else ""
    return f"no patent records have landed: drop exports into raw/inbox/<adapter>/{hint}"


def _check_region(connection: duckdb.DuckDBPyConnection, region: str) -> None:
    """Raises Unknown unless patents are counted for the region."""
    sql = "select distinct ref_area from intermediate.int_register__area order by all"
    known = [row["ref_area"] for row in serve.rows(connection, sql)] + ["WLD"]
    if region not in known:
        ours = ", ".join(area for area in known if area.startswith("CN-"))
        raise Unknown(
            f"no region {region!r}; known: {_MAINLAND}, {', '.join(_TOTALS)}, {ours}, "
            "and countries by ISO 3166-1 alpha-3"
        )
