"""The marts of the first indicator against the independent reference, on made-up registers.

Thousands of registers are laid side by side, landed, built by dbt as in a run, and read back: every
span of every condition, every patent's verdict, every stock. Here: that the two agree. Not here:
that the reference is right (test_reference.py), real exports (test_high_value_real.py).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

import duckdb
import pytest
import warehouse_runs as wr
from expected_marts import BITS, WORDS, agree, areas, counts, inventions, stocks, verdict
from generated_registers import (
    BY_PATTERN,
    IPC_SYMBOLS,
    flags_to_landed,
    many,
    parameters,
    side_by_side,
    to_landed,
)
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from reference import (
    BEGINNING,
    END,
    FALSE,
    RULES,
    TRUE,
    UNKNOWN,
    Parameters,
    Patent,
    Register,
    Satellite,
    Span,
    State,
    Stock,
    condition_states,
    in_force,
)

from pipelines.settings import Settings

REGISTERS = 3_000
#: Lists that name all of an office's patents; those of DE and KR may be parts of all.
LISTS: Final[tuple[Satellite, ...]] = ("pledges", "awards")
WHOLE: Final = frozenset(
    (office, table)
    for office in BY_PATTERN.values()
    for table in LISTS
    if (office, table) not in {("DE", "pledges"), ("KR", "awards")}
)
#: Marts are as of this day; the made-up dates go beyond it.
AS_OF = date(2013, 7, 1)
MODELS = (
    "fct_patent_condition",
    "mart_high_value_patent",
    "mart_high_value_stock",
    "mart_high_value_overlap",
    "mart_high_value_by_industry",
    "high_value_stock_at",
)


@pytest.fixture(scope="module")
def laid() -> Register:
    """The generated registers side by side, without what their symbols mean."""
    return replace(side_by_side(many(REGISTERS), {}), whole=WHOLE)


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, laid: Register
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts on the generated registers."""
    home = wr.land(tmp_path_factory.mktemp("generated"))
    landed = Settings(home=home).landed
    to_landed(laid, landed / "patent_register")
    flags_to_landed(laid, landed / "sei_flags")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPW_WHOLE_LISTS", ";".join(sorted(f"{t}:{office}" for office, t in WHOLE)))
        database = wr.models(home, tmp_path_factory.mktemp("built"), *MODELS, day=AS_OF)
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def register(built: duckdb.DuckDBPyConnection, laid: Register) -> Register:
    """The same registers, with what their symbols mean by the published table."""
    meaning: dict[str, dict[str, State]] = {symbol: {} for symbol in IPC_SYMBOLS}
    for row in wr.fetch(built, "select * from intermediate.int_sei__symbol_state"):
        meaning[row["ipc_symbol"]][row["sei_code"]] = {"true": TRUE, "unknown": UNKNOWN}[
            row["state"]
        ]
    states = {state for codes in meaning.values() for state in codes.values()}
    assert states == {TRUE, UNKNOWN}, "the symbols must be of every kind"
    return replace(laid, symbol_states=meaning)


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
    for patent in inventions(register):
        states = condition_states(register, patent, Parameters())
        for rule, conditions in RULES.items():
            for condition in conditions:
                expected[patent.patent_id, rule, condition] = [
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
    patents = {p.patent_id: p for p in inventions(register)}
    assert len(rows) == 2 * len(patents)
    wrong = []
    for row in rows:
        expected = verdict(register, patents[row["patent_id"]], row["rule_version"], AS_OF)
        differs = {n: (row[n], v) for n, v in expected.items() if row[n] != v}
        if differs:
            wrong.append((patents[row["patent_id"]], differs))
    assert not wrong, (len(wrong), wrong[:2])


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
        agree(rows, register, rule, Parameters(), date(year, 12, 31))


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
    expected = stocks(register, rule, Parameters(), date(2012, 12, 31))
    for (office, area), stock in expected.items():
        for met, count in stock.overlap.items():
            assert found.pop((office, area, sum(BITS[c] for c in met))) == count
    assert not any(found.values())


def industries(register: Register, patent: Patent) -> dict[str, State]:
    """What a patent is of each industry and of each group of one: true or unknown.

    The office's flag of a group wins; its flag against all of them leaves none by symbols. Its flag
    for all of them does not say which.
    """
    states: dict[str, State] = {}
    if patent.flags.get(None) is not False:
        for symbol in patent.symbols:
            for code, state in register.symbol_states.get(symbol.ipc_symbol, {}).items():
                states[code] = max(state, states.get(code, FALSE))
    states |= {
        code: TRUE if flag else FALSE for code, flag in patent.flags.items() if code is not None
    }
    for code, state in list(states.items()):
        industry = code.partition(".")[0]
        states[industry] = max(state, states.get(industry, FALSE))
    return {code: state for code, state in states.items() if state is not FALSE}


@pytest.mark.parametrize("year", [2004, 2012])
def test_each_industry_counts_its_patents(
    built: duckdb.DuckDBPyConnection, register: Register, year: int
) -> None:
    day = date(year, 12, 31)
    lower, upper = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for patent in inventions(register):
        force = in_force(register, patent, day)
        if force is FALSE:
            continue
        for code, state in industries(register, patent).items():
            places = [(patent.office, area, code) for area in areas(patent, day)]
            upper.update(places)
            if force is TRUE and state is TRUE:
                lower.update(places)
    assert len(upper) > 100
    found = {
        (row["office"], row["ref_area"], row["industry_code"]): (
            row["valid_inventions_lower"],
            row["valid_inventions_upper"],
        )
        for row in wr.fetch(
            built, "select * from mart_high_value_by_industry where time_period = ?", [str(year)]
        )
    }
    assert {place: counts for place, counts in found.items() if counts[1]} == {
        place: (lower[place], count) for place, count in upper.items()
    }


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
        agree(rows, register, rule, p, day)

    ask()
    assert asked == 60


def test_a_day_outside_the_year_ends_agrees_with_the_mart_on_them(
    built: duckdb.DuckDBPyConnection,
) -> None:
    day = dt.date(2010, 12, 31)
    nothing = Stock(0, 0, 0, 0, defaultdict(int), defaultdict(int), defaultdict(int), {})
    names = ", ".join(counts(nothing, "v2021_five"))
    mart = f"""select rule_version, office, ref_area, {names} from mart_high_value_stock
        where time_period = '2010' and valid_inventions_upper > 0"""  # noqa: S608 - our names
    function = f"""select rule_version, office, ref_area, {names}
        from high_value_stock_at(?)"""  # noqa: S608 - our names
    assert (
        built.execute(f"{mart} order by all").fetchall()
        == built.execute(f"{function} order by all", [day]).fetchall()
    )
