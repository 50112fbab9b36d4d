"""The marts of the first indicator against the independent reference, on made-up registers.

Thousands of registers are laid side by side, landed, built by dbt as in a run, and read back: every
span of every condition, every patent's verdict, every stock. Here: that the two agree. Not here:
that the reference is right (test_reference.py), real exports (test_high_value_real.py).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pycountry
import pytest
import warehouse_runs as wr
from generated_registers import IPC_SYMBOLS, many, parameters, side_by_side, to_landed
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from reference import (
    BEGINNING,
    CONDITIONS,
    END,
    FALSE,
    RULES,
    TRUE,
    UNKNOWN,
    Parameters,
    Patent,
    Register,
    Span,
    State,
    Stock,
    condition_states,
    high_value,
    high_value_spans,
    in_force,
    regions,
    stock_of,
)

from pipelines.settings import Settings

REGISTERS = 3_000
#: Marts are as of this day; the made-up dates go beyond it.
AS_OF = date(2013, 7, 1)
MODELS = (
    "fct_patent_condition",
    "mart_high_value_patent",
    "mart_high_value_stock",
    "mart_high_value_overlap",
    "high_value_stock_at",
)
WORDS = {TRUE: "true", UNKNOWN: "unknown", FALSE: "false"}
BITS = {condition: 1 << at for at, condition in enumerate(CONDITIONS)}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts on the generated registers."""
    home = wr.land(tmp_path_factory.mktemp("generated"))
    to_landed(side_by_side(many(REGISTERS), {}), Settings(home=home).landed / "patent_register")
    database = wr.models(home, tmp_path_factory.mktemp("built"), *MODELS, day=AS_OF)
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def register(built: duckdb.DuckDBPyConnection) -> Register:
    """The same registers, with what their symbols mean by the published table."""
    meaning: dict[str, dict[str, State]] = {symbol: {} for symbol in IPC_SYMBOLS}
    for row in wr.fetch(built, "select * from intermediate.int_sei__symbol_state"):
        meaning[row["ipc_symbol"]][row["sei_code"]] = {"true": TRUE, "unknown": UNKNOWN}[
            row["state"]
        ]
    states = {state for codes in meaning.values() for state in codes.values()}
    assert states == {TRUE, UNKNOWN}, "the symbols must be of every kind"
    return side_by_side(many(REGISTERS), meaning)


def inventions(register: Register) -> dict[str, Patent]:
    return {p.patent_id: p for p in register.patents if p.ip_type == "invention"}


def days(span: Span) -> tuple[date | None, date | None]:
    """First day and the day after the last; None: open."""
    return (
        None if span.since == BEGINNING else span.since,
        None if span.until == END else span.until,
    )


def test_every_condition_has_the_spans_of_the_reference(
    built: duckdb.DuckDBPyConnection, register: Register
) -> None:
    found: dict[tuple[str, str, str], list[tuple[date | None, date | None, str]]] = defaultdict(
        list
    )
    for row in wr.fetch(built, "select * from fct_patent_condition order by from_date nulls first"):
        found[row["patent_id"], row["rule_version"], row["condition"]].append(
            (row["from_date"], row["until_date"], row["state"])
        )
    expected = {}
    for name, patent in inventions(register).items():
        states = condition_states(register, patent, Parameters())
        for rule, conditions in RULES.items():
            for condition in conditions:
                expected[name, rule, condition] = [
                    (*days(span), WORDS[span.state]) for span in states[condition]
                ]
    assert len(expected) > 25_000
    wrong = {k: (found.get(k), v) for k, v in expected.items() if found.get(k) != v}
    assert not wrong, (len(wrong), list(wrong.items())[:3])
    assert set(found) == set(expected)


def test_every_patent_has_the_verdict_of_the_reference(
    built: duckdb.DuckDBPyConnection, register: Register
) -> None:
    rows = wr.fetch(built, "select * from mart_high_value_patent")
    patents = inventions(register)
    assert len(rows) == 2 * len(patents)
    p = Parameters()
    wrong = []
    for row in rows:
        patent, rule = patents[row["patent_id"]], row["rule_version"]
        spans = high_value_spans(register, patent, rule, p)
        sure = [span for span in spans if span.state is TRUE]
        states = condition_states(register, patent, p)
        first = {
            c: min(s.since for s in states[c] if s.state is TRUE)
            for c in RULES[rule]
            if any(s.state is TRUE for s in states[c])
        }
        expected: dict[str, Any] = {
            "in_force_state": WORDS[in_force(register, patent, AS_OF)],
            "high_value_state": WORDS[high_value(register, patent, rule, p, AS_OF)],
            "high_value_from": sure[0].since if sure else None,
            "high_value_until": sure[-1].until if sure else None,
            "possible_from": spans[0].since if spans else None,
            "possible_until": spans[-1].until if spans else None,
            "first_condition": min(first, key=lambda c: (first[c], CONDITIONS.index(c)))
            if sure
            else None,
        }
        for c in CONDITIONS:
            [on_day] = [s.state for s in states[c] if s.since <= AS_OF < s.until]
            expected[f"{c}_state"] = WORDS[on_day] if c in RULES[rule] else None
        if any(row[name] != value for name, value in expected.items()):
            wrong.append((patent, {n: (row[n], v) for n, v in expected.items() if row[n] != v}))
    assert not wrong, (len(wrong), wrong[:2])


def in_stock(
    register: Register, rule: str, p: Parameters, day: date
) -> dict[tuple[str, str], Stock]:
    """Stocks by office and area of the warehouse, of patents that are or may be in force."""
    here: dict[tuple[str, str], list[Patent]] = defaultdict(list)
    for patent in inventions(register).values():
        if in_force(register, patent, day) is FALSE:
            continue
        areas = {"WLD"}
        for region in regions(patent, day):
            if len(region) == 2:
                country = pycountry.countries.get(alpha_2=region)
                assert country is not None
                areas.add(country.alpha_3)
            else:
                areas.add(region)
            if region.startswith("CN-") or region == "CHN":
                areas.add("CHN_HKMT")
        for area in areas:
            here[patent.office, area].append(patent)
    return {key: stock_of(register, patents, rule, p, day) for key, patents in here.items()}


def columns(stock: Stock, rule: str) -> dict[str, int | None]:
    """A stock as the marts name its parts."""
    counts: dict[str, int | None] = {
        "valid_inventions": stock.valid,
        "valid_inventions_upper": stock.valid_upper,
        "high_value_lower": stock.lower,
        "high_value_upper": stock.upper,
    }
    for c in CONDITIONS:
        counts[f"{c}_gross"] = stock.gross[c] if c in RULES[rule] else None
        counts[f"{c}_unique"] = stock.unique[c] if c in RULES[rule] else None
    return counts


def agree(found: list[wr.Row], expected: dict[tuple[str, str], Stock], rule: str) -> None:
    by_area = {(row["office"], row["ref_area"]): row for row in found}
    for key, stock in expected.items():
        wanted = columns(stock, rule)
        row = by_area.pop(key)
        assert {name: row[name] for name in wanted} == wanted, (key, rule)
    # Areas without a patent on the day have counts of none.
    for row in by_area.values():
        assert row["valid_inventions_upper"] == row["high_value_upper"] == 0


@pytest.mark.parametrize("rule", RULES)
def test_stocks_at_year_ends_are_those_of_the_reference(
    built: duckdb.DuckDBPyConnection, register: Register, rule: str
) -> None:
    for year in (1989, 1999, 2004, 2009, 2010, 2011, 2012):
        rows = wr.fetch(
            built,
            "select * from mart_high_value_stock where rule_version = ? and time_period = ?",
            [rule, str(year)],
        )
        agree(rows, in_stock(register, rule, Parameters(), date(year, 12, 31)), rule)


@pytest.mark.parametrize("rule", RULES)
def test_overlaps_are_those_of_the_reference(
    built: duckdb.DuckDBPyConnection, register: Register, rule: str
) -> None:
    rows = wr.fetch(
        built,
        "select * from mart_high_value_overlap where rule_version = ? and time_period = '2012'",
        [rule],
    )
    found = {(r["office"], r["ref_area"], r["combination"]): r["valid_inventions"] for r in rows}
    cells = 1 << len(RULES[rule])
    assert len(rows) == cells * len({key[:2] for key in found})
    expected = in_stock(register, rule, Parameters(), date(2012, 12, 31))
    for (office, area), stock in expected.items():
        for met, count in stock.overlap.items():
            assert found.pop((office, area, sum(BITS[c] for c in met))) == count
    assert not any(found.values())


def test_stocks_on_any_day_by_any_parameters_are_those_of_the_reference(
    built: duckdb.DuckDBPyConnection, register: Register
) -> None:
    asked = 0

    @seed(0)
    @settings(
        max_examples=60,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        parameters(),
        st.dates(date(1995, 1, 1), date(2030, 12, 31)),
        st.sampled_from(sorted(RULES)),
    )
    def ask(p: Parameters, day: date, rule: str) -> None:
        nonlocal asked
        asked += 1
        rows = wr.fetch(
            built,
            """select * from high_value_stock_at(
                $day,
                maintenance_from := $maintenance_from, maintenance_years := $maintenance_years,
                family_needs := $family_needs, family_counts_hong_kong := $family_counts_hong_kong,
                sei_symbols := $sei_symbols, sei_keyword_limited := $sei_keyword_limited,
                pledge_min_amount := $pledge_min_amount, pledge_mode := $pledge_mode,
                award_grades := $award_grades
            ) where rule_version = $rule""",
            {
                **vars(p),
                "award_grades": None if p.award_grades is None else sorted(p.award_grades),
                "day": day,
                "rule": rule,
            },
        )
        agree(rows, in_stock(register, rule, p, day), rule)

    ask()
    assert asked == 60


def test_a_day_outside_the_year_ends_agrees_with_the_mart_on_them(
    built: duckdb.DuckDBPyConnection,
) -> None:
    day = dt.date(2010, 12, 31)
    nothing = Stock(0, 0, 0, 0, defaultdict(int), defaultdict(int), {})
    names = ", ".join(columns(nothing, "v2021_five"))
    mart = f"""select rule_version, office, ref_area, {names} from mart_high_value_stock
        where time_period = '2010' and valid_inventions_upper > 0"""  # noqa: S608 - our names
    function = f"""select rule_version, office, ref_area, {names}
        from high_value_stock_at(?)"""  # noqa: S608 - our names
    assert (
        built.execute(f"{mart} order by all").fetchall()
        == built.execute(f"{function} order by all", [day]).fetchall()
    )
