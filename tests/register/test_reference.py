"""The reference implementation itself: hand-worked edges, and what must hold of every register.

Not here: the warehouse (test_high_value_agrees.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from generated_registers import (
    BY_PATTERN,
    IPC_SYMBOLS,
    names_of,
    neighbours,
    parameters,
    registers,
    side_by_side,
    to_landed,
    year_ends,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import (
    BEGINNING,
    CONDITIONS,
    DAY,
    END,
    FALSE,
    MAINLAND,
    PROVINCES,
    RULES,
    STATE_ON,
    TRUE,
    UNKNOWN,
    Award,
    Condition,
    Event,
    Member,
    Owner,
    Parameters,
    Patent,
    Pledge,
    Register,
    Span,
    State,
    Symbol,
    add_years,
    change_days,
    condition_states,
    high_value,
    high_value_spans,
    in_force_intervals,
    regions,
    stock,
    stocks,
)

FIVE, FOUR = "v2021_five", "v2026_four"
FILED, GRANTED = date(2010, 3, 1), date(2013, 6, 4)
DEFAULTS = Parameters()
GUANGDONG = Owner(1, "CN", "CN-GD")
#: Another patent of the office, through which the register observes all satellites.
WITNESS = Patent(
    "CN",
    "CN201010000001",
    ip_type="utility_model",
    members=(Member("US"),),
    events=(Event(GRANTED, "fee_payment"),),
    pledges=(Pledge(GRANTED),),
    awards=(Award(2014),),
)
PLAIN = Patent(
    "CN",
    "CN201010000002",
    filed=FILED,
    granted=GRANTED,
    events=(Event(GRANTED, "grant"),),
    owners=(GUANGDONG,),
    symbols=(Symbol("A47G1/06", 1),),
    members=(Member("CN", True, GRANTED),),
)
MEANING = {"G06F11/07": {"1.1": TRUE, "1.2": UNKNOWN}, "B41J3/00": {"1.1": UNKNOWN}}


def of(patent: Patent, *others: Patent) -> Register:
    """A register that observes everything of the patent's office."""
    return Register((patent, *(others or (WITNESS,))), MEANING)


def forced(patent: Patent, *others: Patent) -> list[tuple[date, date, State]]:
    return [(s.since, s.until, s.state) for s in in_force_intervals(of(patent, *others), patent)]


def state(condition: str, patent: Patent, t: date, p: Parameters = DEFAULTS) -> State:
    return {str(c): ask for c, ask in STATE_ON.items()}[condition](of(patent), patent, p, t)


def happening(*events: tuple[date, str]) -> Patent:
    told = (*PLAIN.events, *(Event(day, kind) for day, kind in events))
    return replace(PLAIN, events=told)


# --- days and in force ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2010, 3, 1), 10, date(2020, 3, 1)),
        (date(2012, 2, 29), 10, date(2022, 2, 28)),
        (date(2012, 2, 29), 20, date(2032, 2, 29)),
        (date(2011, 2, 28), 1, date(2012, 2, 28)),
    ],
)
def test_terms_in_years_end_on_the_same_day_or_the_last_of_february(
    day: date, years: int, expected: date
) -> None:
    assert add_years(day, years) == expected


def test_a_right_runs_from_its_grant_to_twenty_years_from_filing() -> None:
    assert forced(PLAIN) == [(GRANTED, date(2030, 3, 1), TRUE)]
    by_event = replace(PLAIN, granted=None)
    assert forced(by_event) == [(GRANTED, date(2030, 3, 1), TRUE)]


def test_what_the_documents_say_of_the_grant_goes_before_what_an_event_says() -> None:
    assert forced(happening((date(2012, 1, 1), "grant")))[0][0] == GRANTED


def test_without_evidence_of_a_grant_nothing_is_in_force() -> None:
    assert forced(replace(PLAIN, granted=None, events=())) == []


def test_only_inventions_count() -> None:
    assert forced(replace(PLAIN, ip_type="utility_model")) == []
    assert forced(replace(PLAIN, ip_type=None)) == []


@pytest.mark.parametrize(
    "kind", ["fee_lapse", "expiry", "abandonment", "revocation", "invalidation"]
)
def test_each_terminating_event_ends_the_right_on_its_day(kind: str) -> None:
    lapse = date(2016, 9, 1)
    assert forced(happening((lapse, kind))) == [(GRANTED, lapse, TRUE)]


@pytest.mark.parametrize("kind", ["partial_invalidation", "fee_payment", "transfer", "other"])
def test_other_events_leave_it_standing(kind: str) -> None:
    assert forced(happening((date(2016, 9, 1), kind))) == forced(PLAIN)


def test_a_restoration_revives_it_from_its_day() -> None:
    lapse, again = date(2016, 9, 1), date(2017, 2, 1)
    assert forced(happening((lapse, "fee_lapse"), (again, "restoration"))) == [
        (GRANTED, lapse, TRUE),
        (again, date(2030, 3, 1), TRUE),
    ]


def test_a_restoration_of_before_heals_nothing_and_one_of_the_same_day_does() -> None:
    lapse = date(2016, 9, 1)
    early = happening((date(2016, 8, 31), "restoration"), (lapse, "fee_lapse"))
    assert forced(early) == [(GRANTED, lapse, TRUE)]
    assert forced(happening((lapse, "restoration"), (lapse, "fee_lapse"))) == forced(PLAIN)


def test_no_restoration_outlives_the_term() -> None:
    late = happening((date(2029, 1, 1), "fee_lapse"), (date(2031, 1, 1), "restoration"))
    assert forced(late) == [(GRANTED, date(2029, 1, 1), TRUE)]


def test_an_invalidation_whole_or_partial_leaves_the_right_unknown() -> None:
    day = date(2016, 9, 1)
    assert forced(happening((day, "invalidation_unclear"))) == [
        (GRANTED, day, TRUE),
        (day, date(2030, 3, 1), UNKNOWN),
    ]


@pytest.mark.parametrize("kind", ["", "transfer", "publication", "pledge_in_force"])
def test_a_patent_whose_life_no_event_tells_is_unknown_until_its_term(kind: str) -> None:
    told = (Event(date(2016, 9, 1), kind),) if kind else ()
    # The witness's own events tell nothing of it.
    assert forced(replace(PLAIN, events=told)) == [(GRANTED, date(2030, 3, 1), UNKNOWN)]


def test_a_right_of_unknown_filing_is_gone_twenty_years_after_its_grant() -> None:
    assert forced(replace(PLAIN, filed=None)) == [(GRANTED, date(2033, 6, 4), UNKNOWN)]


# --- the conditions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("symbols", "p", "expected"),
    [
        (["G06F11/07"], DEFAULTS, TRUE),
        (["B41J3/00"], DEFAULTS, UNKNOWN),
        (["B41J3/00"], Parameters(sei_keyword_limited="counted"), TRUE),
        (["A47G1/06"], Parameters(sei_keyword_limited="counted"), FALSE),
        (["A47G1/06", "G06F11/07"], DEFAULTS, TRUE),
        (["A47G1/06", "G06F11/07"], Parameters(sei_symbols="first"), FALSE),
        (["G06F11/07", "A47G1/06"], Parameters(sei_symbols="first"), TRUE),
        (["B41J3/00", "G06F11/07"], Parameters(sei_symbols="first"), UNKNOWN),
        ([], DEFAULTS, UNKNOWN),
    ],
)
def test_strategic_industries(symbols: list[str], p: Parameters, expected: State) -> None:
    patent = replace(PLAIN, symbols=tuple(Symbol(s, at) for at, s in enumerate(symbols, 1)))
    assert state("sei", patent, GRANTED, p) is expected


def test_without_a_first_symbol_the_first_is_not_known() -> None:
    patent = replace(PLAIN, symbols=(Symbol("G06F11/07", 2),))
    assert state("sei", patent, GRANTED, Parameters(sei_symbols="first")) is UNKNOWN


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"1.1": False}, UNKNOWN),  # of 1.2 the office says nothing
        ({"1.1": False, "1.2": False}, FALSE),
        ({"1.1": False, "1.2": True}, TRUE),
        ({None: False}, FALSE),
        ({None: True, "1.1": False}, TRUE),
    ],
)
def test_the_offices_own_flags_win(flags: dict[str | None, bool], expected: State) -> None:
    patent = replace(PLAIN, symbols=(Symbol("G06F11/07", 1),), flags=flags)
    assert state("sei", patent, GRANTED) is expected


def test_flags_alone_do_not_say_what_else_the_patent_is() -> None:
    patent = replace(PLAIN, symbols=(), flags={"1.1": False})
    assert state("sei", patent, GRANTED) is UNKNOWN


ABROAD = date(2015, 5, 5)
PUBLISHED = Parameters(family_needs="published")


@pytest.mark.parametrize(
    ("members", "p", "day", "expected"),
    [
        ([Member("US", True, ABROAD)], DEFAULTS, ABROAD, TRUE),
        ([Member("US", True, ABROAD)], DEFAULTS, date(2015, 5, 4), FALSE),
        ([Member("US", None, ABROAD)], DEFAULTS, ABROAD, TRUE),
        ([Member("US", True)], DEFAULTS, ABROAD, UNKNOWN),
        ([Member("US", None)], DEFAULTS, ABROAD, UNKNOWN),
        ([Member("US", False, ABROAD)], DEFAULTS, ABROAD, FALSE),
        ([Member("US", False), Member("EP", None)], DEFAULTS, ABROAD, UNKNOWN),
        ([Member("CN", True, ABROAD)], DEFAULTS, ABROAD, FALSE),
        ([Member("WO", None, None, ABROAD)], PUBLISHED, ABROAD, FALSE),
        ([Member("TW", True, ABROAD)], DEFAULTS, ABROAD, TRUE),
        ([Member("HK", True, ABROAD)], DEFAULTS, ABROAD, TRUE),
        ([Member("HK", True, ABROAD)], Parameters(family_counts_hong_kong=False), ABROAD, FALSE),
        ([Member("US", False, None, ABROAD)], PUBLISHED, ABROAD, TRUE),
        ([Member("US", None, None, ABROAD)], PUBLISHED, date(2015, 5, 4), FALSE),
        ([Member("US", None)], PUBLISHED, ABROAD, UNKNOWN),
        ([Member("US", True, date(2017, 1, 1), ABROAD)], PUBLISHED, ABROAD, TRUE),
        ([Member("US", True, ABROAD)], PUBLISHED, ABROAD, TRUE),
        ([], DEFAULTS, ABROAD, UNKNOWN),
    ],
)
def test_overseas_family(members: list[Member], p: Parameters, day: date, expected: State) -> None:
    assert state("family", replace(PLAIN, members=tuple(members)), day, p) is expected


@pytest.mark.parametrize(
    ("filed", "p", "last_false"),
    [
        (date(2010, 3, 1), DEFAULTS, date(2020, 3, 1)),
        (date(2012, 2, 29), DEFAULTS, date(2022, 2, 28)),
        (date(2010, 3, 1), Parameters(maintenance_from="grant"), date(2023, 6, 4)),
        (date(2010, 3, 1), Parameters(maintenance_years=5), date(2015, 3, 1)),
    ],
)
def test_ten_years_to_the_day_are_not_more_than_ten(
    filed: date, p: Parameters, last_false: date
) -> None:
    patent = replace(PLAIN, filed=filed)
    spans = condition_states(of(patent), patent, p)["maintenance"]
    first_true = date.fromordinal(last_false.toordinal() + 1)
    assert spans == [Span(BEGINNING, first_true, FALSE), Span(first_true, END, TRUE)]


def test_granted_after_its_tenth_year_a_patent_is_high_value_from_its_grant() -> None:
    late = replace(PLAIN, granted=date(2021, 1, 5))
    assert high_value_spans(of(late), late, FOUR, DEFAULTS) == [
        Span(date(2021, 1, 5), date(2030, 3, 1), TRUE)
    ]


def test_maintenance_of_unknown_start_is_unknown() -> None:
    assert state("maintenance", replace(PLAIN, filed=None), date(2029, 1, 1)) is UNKNOWN


BEGUN, ENDED = date(2016, 1, 1), date(2018, 1, 1)
MILLION = Parameters(pledge_min_amount=1e6)
MILLION_NOW = Parameters(pledge_min_amount=1e6, pledge_mode="in_force")


@pytest.mark.parametrize(
    ("pledge", "p", "day", "expected"),
    [
        (Pledge(BEGUN, ENDED, 1e9), DEFAULTS, BEGUN, UNKNOWN),
        (Pledge(BEGUN, ENDED, 1e9), DEFAULTS, date(2015, 12, 31), FALSE),
        (Pledge(BEGUN, ENDED, 1e6), MILLION, BEGUN, TRUE),
        (Pledge(BEGUN, ENDED, 999_999.99), MILLION, BEGUN, FALSE),
        (Pledge(BEGUN, ENDED), MILLION, BEGUN, UNKNOWN),
        (Pledge(BEGUN, ENDED, 1e6, "USD"), MILLION, BEGUN, UNKNOWN),
        (Pledge(BEGUN, ENDED, 1e6), MILLION, ENDED, TRUE),
        (Pledge(BEGUN, ENDED, 1e6), MILLION_NOW, date(2017, 12, 31), TRUE),
        (Pledge(BEGUN, ENDED, 1e6), MILLION_NOW, ENDED, FALSE),
        (Pledge(BEGUN, None, 1e6), MILLION_NOW, ENDED, TRUE),
        (Pledge(BEGUN, BEGUN, 1e6), MILLION_NOW, BEGUN, FALSE),
        (Pledge(BEGUN, ENDED), MILLION_NOW, ENDED, FALSE),
    ],
)
def test_pledges(pledge: Pledge, p: Parameters, day: date, expected: State) -> None:
    assert state("pledge", replace(PLAIN, pledges=(pledge,)), day, p) is expected


GOLD = Parameters(award_grades=frozenset({"patent_gold"}))


@pytest.mark.parametrize(
    ("award", "p", "day", "expected"),
    [
        (Award(2012, "patent_gold", date(2012, 11, 9)), DEFAULTS, date(2012, 11, 8), FALSE),
        (Award(2012, "patent_gold", date(2012, 11, 9)), DEFAULTS, date(2012, 11, 9), TRUE),
        (Award(2012, "patent_silver", date(2012, 11, 9)), GOLD, date(2012, 11, 9), FALSE),
        (Award(2012), DEFAULTS, date(2011, 12, 31), FALSE),
        (Award(2012), DEFAULTS, date(2012, 6, 30), UNKNOWN),
        (Award(2012), DEFAULTS, date(2012, 12, 31), TRUE),
    ],
)
def test_awards(award: Award, p: Parameters, day: date, expected: State) -> None:
    assert state("award", replace(PLAIN, awards=(award,)), day, p) is expected


def test_an_award_of_before_the_grant_counts_from_the_grant() -> None:
    patent = replace(PLAIN, awards=(Award(2012, announced=date(2012, 1, 1)),))
    assert high_value_spans(of(patent), patent, FOUR, DEFAULTS)[0].since == GRANTED


@pytest.mark.parametrize("condition", ["pledge", "award"])
def test_what_an_office_never_tells_is_unknown_and_what_it_tells_of_others_is_false(
    condition: str,
) -> None:
    blind = Register((PLAIN,), MEANING)
    ask = {str(c): ask for c, ask in STATE_ON.items()}[condition]
    assert ask(blind, PLAIN, DEFAULTS, GRANTED) is UNKNOWN
    assert ask(of(PLAIN), PLAIN, DEFAULTS, GRANTED) is FALSE
    # Nor does a list that may be a part of all tell of who is not on it.
    assert ask(replace(of(PLAIN), whole=frozenset()), PLAIN, DEFAULTS, GRANTED) is UNKNOWN


def test_the_union_is_false_only_where_all_is_known() -> None:
    plain, day = of(PLAIN), date(2014, 1, 1)
    assert high_value(plain, PLAIN, FIVE, DEFAULTS, day) is FALSE
    pledged = replace(PLAIN, pledges=(Pledge(GRANTED),))
    assert high_value(of(pledged), pledged, FIVE, DEFAULTS, day) is UNKNOWN
    assert high_value(of(pledged), pledged, FOUR, DEFAULTS, day) is FALSE
    known = replace(pledged, symbols=(Symbol("G06F11/07", 1),))
    assert high_value(of(known), known, FIVE, DEFAULTS, day) is TRUE


def test_a_lapse_interrupts_what_is_high_value() -> None:
    patent = happening((date(2024, 1, 1), "fee_lapse"), (date(2024, 9, 1), "restoration"))
    assert high_value_spans(of(patent), patent, FOUR, DEFAULTS) == [
        Span(date(2020, 3, 2), date(2024, 1, 1), TRUE),
        Span(date(2024, 9, 1), date(2030, 3, 1), TRUE),
    ]


# --- regions and stocks ---------------------------------------------------------------------


def owned(*owners: Owner) -> Patent:
    return replace(PLAIN, owners=owners)


MOVE = date(2019, 7, 1)


@pytest.mark.parametrize(
    ("patent", "day", "expected"),
    [
        (PLAIN, MOVE, {"CN-GD", MAINLAND}),
        (owned(Owner(1, "CN", None)), MOVE, {MAINLAND}),
        (owned(Owner(1, "CN", "CN-HK")), MOVE, {"CN-HK"}),
        (owned(Owner(1, "US", None)), MOVE, {"US"}),
        (owned(Owner(1, None, None)), MOVE, set()),
        (owned(), MOVE, set()),
        (owned(Owner(2, "US", None), GUANGDONG), MOVE, {"CN-GD", MAINLAND}),
        (owned(Owner(1, "US", None, None, date(2019, 7, 1))), date(2019, 7, 2), {"US"}),
        (
            owned(Owner(1, "US", None, None, date(2019, 6, 30)), Owner(1, "JP", None, MOVE)),
            date(2019, 6, 30),
            {"US"},
        ),
        (
            owned(Owner(1, "US", None, None, date(2019, 6, 30)), Owner(1, "JP", None, MOVE)),
            MOVE,
            {"JP"},
        ),
        (owned(Owner(1, "JP", None, MOVE), Owner(1, "US", None)), MOVE, {"JP"}),
        # The last day as owner is one of them; then the second is the first.
        (owned(Owner(1, "US", None, None, MOVE), Owner(2, "JP", None)), MOVE, {"US"}),
        (owned(Owner(1, "US", None, None, MOVE), Owner(2, "JP", None)), MOVE + DAY, {"JP"}),
        # No owner on the day: the one of the grant.
        (owned(Owner(1, "JP", None, GRANTED, date(2014, 1, 1))), MOVE, {"JP"}),
        (owned(Owner(1, "JP", None, date(2014, 1, 1), date(2014, 2, 1))), MOVE, set()),
    ],
)
def test_regions_are_those_of_the_first_owner_on_the_day(
    patent: Patent, day: date, expected: set[str]
) -> None:
    assert regions(patent, day) == expected


def test_there_are_31_provinces() -> None:
    assert len(PROVINCES) == 31
    assert not PROVINCES & {"CN-HK", "CN-MO", "CN-TW"}


def test_a_stock_counts_bounds_parts_and_overlaps() -> None:
    day = date(2021, 12, 31)
    old = replace(PLAIN, application="CN201010000003")
    both = replace(old, symbols=(Symbol("G06F11/07", 1),))
    young = replace(old, filed=date(2013, 1, 1))
    maybe = replace(young, pledges=(Pledge(GRANTED),))
    silent = replace(old, office="EP", events=())
    found = stock(
        Register((old, both, young, maybe, silent, WITNESS), MEANING), FIVE, DEFAULTS, day, "CN-GD"
    )
    assert (found.valid, found.valid_upper, found.lower, found.upper) == (4, 5, 2, 4)
    assert found.gross == {"sei": 1, "family": 0, "maintenance": 2, "pledge": 0, "award": 0}
    assert found.unique == {"sei": 0, "family": 0, "maintenance": 1, "pledge": 0, "award": 0}
    assert found.overlap == {
        frozenset(): 2,
        frozenset({"maintenance"}): 1,
        frozenset({"maintenance", "sei"}): 1,
    }


# --- what holds of every register -----------------------------------------------------------

DAYS = year_ends(1995, 2045)


@settings(deadline=None)
@given(registers(), parameters())
def test_spans_say_on_every_day_what_the_rules_say(register: Register, p: Parameters) -> None:
    for patent in register.patents:
        spans = condition_states(register, patent, p)
        value = high_value_spans(register, patent, FIVE, p)
        for t in neighbours(change_days(patent, p)[1:] or [FILED]):
            for condition in CONDITIONS:
                holding = [s for s in spans[condition] if s.since <= t < s.until]
                assert [s.state for s in holding] == [STATE_ON[condition](register, patent, p, t)]
            at_t = [s.state for s in value if s.since <= t < s.until]
            assert (at_t or [FALSE]) == [high_value(register, patent, FIVE, p, t)]


@settings(deadline=None)
@given(registers(), parameters(), st.sampled_from(sorted(RULES)), st.sampled_from(DAYS))
def test_parts_unions_and_bounds_fit_together(
    register: Register, p: Parameters, rule: str, day: date
) -> None:
    for region in (None, MAINLAND, "CN-GD"):
        found = stock(register, rule, p, day, region)
        assert found.lower <= found.upper <= found.valid_upper
        assert found.lower <= found.valid <= found.valid_upper
        assert max(found.gross.values()) <= found.lower <= sum(found.gross.values())
        assert all(found.unique[c] <= found.gross[c] for c in RULES[rule])
        assert all(found.gross[c] <= found.gross_upper[c] for c in RULES[rule])
        assert max(found.gross_upper.values()) <= found.upper <= sum(found.gross_upper.values())
        assert sum(found.overlap.values()) == found.valid
        assert found.lower == found.valid - found.overlap.get(frozenset(), 0)


@settings(deadline=None)
@given(registers(), parameters(), st.sampled_from(DAYS))
def test_dropping_a_condition_never_adds_a_patent(
    register: Register, p: Parameters, day: date
) -> None:
    five, four = (stock(register, rule, p, day, None) for rule in (FIVE, FOUR))
    assert four.lower <= five.lower
    assert four.upper <= five.upper
    assert five.lower - four.lower == five.unique["pledge"]


@settings(deadline=None)
@given(registers(), parameters(), st.sampled_from(DAYS))
def test_the_provinces_are_within_the_mainland(
    register: Register, p: Parameters, day: date
) -> None:
    mainland = stock(register, FIVE, p, day, MAINLAND)
    provinces = [stock(register, FIVE, p, day, region) for region in ("CN-GD", "CN-BJ", "CN-XZ")]
    unplaced = [x for x in register.patents if regions(x, day) == {MAINLAND}]
    nowhere = stock(replace(register, patents=tuple(unplaced)), FIVE, p, day, None)
    if not unplaced:
        assert sum(s.lower for s in provinces) == mainland.lower
    assert sum(s.lower for s in provinces) <= mainland.lower
    assert nowhere.lower <= mainland.valid_upper


@settings(deadline=None)
@given(registers(), parameters(), st.sampled_from(DAYS))
def test_entries_less_exits_are_the_stock(register: Register, p: Parameters, day: date) -> None:
    spans = [s for x in register.patents for s in high_value_spans(register, x, FIVE, p)]
    sure = [s for s in spans if s.state is TRUE]
    running = sum(s.since <= day for s in sure) - sum(s.until <= day for s in sure)
    assert running == stock(register, FIVE, p, day, None).lower


@settings(deadline=None)
@given(registers(), parameters(), st.sampled_from(DAYS), st.data())
def test_whatever_the_unknown_turns_out_to_be_the_bounds_hold(
    register: Register, p: Parameters, day: date, data: st.DataObject
) -> None:
    """Fill in amounts, symbols, fates abroad and days of awards: the count stays in its bounds."""

    def symbol_state(found: State) -> State:
        return found if found is TRUE else data.draw(st.sampled_from([TRUE, FALSE]))

    def pledge(found: Pledge) -> Pledge:
        if found.amount is not None and found.currency == "CNY":
            return found
        return replace(found, currency="CNY", amount=data.draw(st.sampled_from([0.0, 1e9])))

    def member(found: Member) -> Member:
        if found.granted is not None or found.is_granted is False:
            return found
        granted = found.is_granted is True or data.draw(st.booleans())
        # Where the publication is not known either, the grant tells the latest day of it.
        return replace(
            found, is_granted=granted, granted=data.draw(st.dates(FILED, END)) if granted else None
        )

    def award(found: Award) -> Award:
        in_year = st.dates(date(found.year, 1, 1), date(found.year, 12, 31))
        return found if found.announced else replace(found, announced=data.draw(in_year))

    completed = Register(
        tuple(
            replace(
                x,
                pledges=tuple(pledge(y) for y in x.pledges),
                members=tuple(member(y) for y in x.members),
                awards=tuple(award(y) for y in x.awards),
            )
            for x in register.patents
        ),
        {
            symbol: {code: symbol_state(s) for code, s in codes.items()}
            for symbol, codes in register.symbol_states.items()
        },
    )
    before, after = (stock(r, FIVE, p, day, None) for r in (register, completed))
    assert before.lower <= after.lower <= after.upper <= before.upper


@settings(deadline=None, max_examples=50)
@given(st.lists(registers(), max_size=4), parameters())
def test_laid_side_by_side_no_state_changes_and_stocks_add_up(
    found: list[Register], p: Parameters
) -> None:
    meaning = {symbol: {"1.1": UNKNOWN} for symbol in IPC_SYMBOLS[:3]}
    alone = [replace(register, symbol_states=meaning) for register in found]
    merged = side_by_side(found, meaning)
    assert len({x.patent_id for x in merged.patents}) == len(merged.patents)
    assert {x.office for x in merged.patents} <= set(BY_PATTERN.values())
    flat = [(register, patent) for register in alone for patent in register.patents]
    for (register, patent), laid in zip(flat, merged.patents, strict=True):
        assert high_value_spans(merged, laid, FIVE, p) == high_value_spans(
            register, patent, FIVE, p
        )
    for day in DAYS[::10]:
        whole = stock(merged, FIVE, p, day, MAINLAND)
        assert stocks(merged, FIVE, p, day).get(MAINLAND, whole) == whole
        parts = [stock(register, FIVE, p, day, MAINLAND) for register in alone]
        assert whole.upper == sum(s.upper for s in parts)
        cells: Counter[frozenset[Condition]] = Counter()
        for part in parts:
            cells.update(part.overlap)
        assert whole.overlap == cells


@settings(deadline=None, max_examples=20)
@given(st.lists(registers(), min_size=1, max_size=3))
def test_landed_tables_hold_what_the_registers_hold(
    tmp_path_factory: pytest.TempPathFactory, found: list[Register]
) -> None:
    folder: Path = tmp_path_factory.mktemp("landed")
    merged = side_by_side(found, {})
    to_landed(merged, folder)
    landed = {path.name: pl.read_parquet(path / "*.parquet") for path in folder.iterdir()}
    counts = Counter(
        patent=sum(len(x.documents) for x in merged.patents),
        family_member=sum(len(x.members) for x in merged.patents),
        legal_event=sum(len(x.events) for x in merged.patents),
        pledge=sum(len(x.pledges) for x in merged.patents),
        award=sum(len(x.awards) for x in merged.patents),
    )
    assert {table: landed[table].height for table in counts} == counts
    owner = {name: x for x in merged.patents for name in names_of(x)}
    for frame in landed.values():
        for name in frame.select("application_number", "publication_number").iter_rows():
            assert name in owner
