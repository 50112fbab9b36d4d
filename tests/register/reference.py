"""High-value invention patents by the book: plain Python, patent by patent, day by day.

Every rule is a question about one day ("does it hold on day t?"), next to the sentence it rests
on; spans of time are found by asking on each day on which an answer may change. Slow on purpose.
Quotations are from the reference definitions (§0–2) and the issue; "Decision" marks what they
leave open. Not here: SQL, reading of files, which IPC symbol is in which strategic industry
(an input), population.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from functools import cached_property
from typing import Final, Literal

#: Open ends of a span.
BEGINNING: Final = date.min
END: Final = date.max
DAY: Final = timedelta(days=1)
TERM_YEARS: Final = 20


class State(IntEnum):
    """Three-valued truth, ordered: `max` is Kleene's or, `min` is Kleene's and."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


FALSE, UNKNOWN, TRUE = State.FALSE, State.UNKNOWN, State.TRUE


def is_so(answer: bool) -> State:
    """A question whose answer is known."""
    return TRUE if answer else FALSE


# --- a register -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Owner:
    """An owner, 1 first, and the first and last day as one (None: since filing; still)."""

    seq: int
    country: str | None
    region: str | None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Symbol:
    """An IPC symbol and its place among the symbols of the document, 1 first."""

    ipc_symbol: str
    position: int


@dataclass(frozen=True)
class Member:
    """A family member at some office; is_granted None: not known."""

    office: str
    is_granted: bool | None = None
    granted: date | None = None
    published: date | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened to the right, by what it does to it."""

    day: date
    kind: str


@dataclass(frozen=True)
class Pledge:
    """A registered pledge; amount None: not published; cancelled None: never."""

    registered: date
    cancelled: date | None = None
    amount: float | None = None
    currency: str = "CNY"


@dataclass(frozen=True)
class Award:
    """A prize; announced None: the year alone is told."""

    year: int
    grade: str = "gold"
    announced: date | None = None


@dataclass(frozen=True)
class Document:
    """A record of the patent in the register, and which of the patent's dates it tells."""

    publication: str | None
    kind: str
    tells_filing: bool = True
    tells_grant: bool = True


@dataclass(frozen=True)
class Patent:
    """One patent with all that the register says of it.

    filed, granted: as the documents tell them; a grant may be known from an event alone.
    application None: known by its publication only. ip_type None: the register has no document of
    it, only what others say about it, such as an award.
    """

    office: str
    application: str | None = None
    ip_type: str | None = "invention"
    filed: date | None = None
    granted: date | None = None
    documents: tuple[Document, ...] = ()
    owners: tuple[Owner, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    members: tuple[Member, ...] = ()
    #: Patents of the register that a source counts to the same family: perhaps a part of it.
    kin: tuple[Member, ...] = ()
    events: tuple[Event, ...] = ()
    pledges: tuple[Pledge, ...] = ()
    awards: tuple[Award, ...] = ()
    #: The office's own verdict by strategic industry code (None: all together), where there is one.
    flags: Mapping[str | None, bool] = field(default_factory=dict)

    @property
    def patent_id(self) -> str:
        """Its application's number, else office and publication."""
        return self.application or f"{self.office}{self.documents[0].publication}"

    @cached_property
    def grant_day(self) -> date | None:
        """The day of grant, by the documents, else by the earliest grant event; None: no evidence.

        "grant from grant_date or the grant event"
        """
        events = [e.day for e in self.events if e.kind == "grant"]
        return self.granted or min(events, default=None)


#: What an office may tell of its patents, or not at all.
Satellite = Literal["events", "members", "pledges", "awards"]
SATELLITES: Final[tuple[Satellite, ...]] = ("events", "members", "pledges", "awards")
#: Strategic industry codes of an IPC symbol: TRUE or UNKNOWN; what is not listed does not match.
SymbolStates = Mapping[str, Mapping[str, State]]


@dataclass(frozen=True)
class Register:
    """All patents, and what their IPC symbols mean."""

    patents: tuple[Patent, ...]
    symbol_states: SymbolStates = field(default_factory=dict)
    #: Lists that name every patent of an office; None: all that the register has.
    whole: frozenset[tuple[str, Satellite]] | None = None

    @cached_property
    def _observed(self) -> frozenset[tuple[str, Satellite]]:
        return frozenset((p.office, s) for p in self.patents for s in SATELLITES if getattr(p, s))

    def observes(self, office: str, satellite: Satellite) -> bool:
        """Whether what the register holds of an office's patents is all there is.

        "false only if all are known false": a list that may be a part of all tells nothing of the
        patents that are not on it, and no list at all tells nothing of any.
        """
        named = (office, satellite)
        return named in self._observed and (self.whole is None or named in self.whole)

    def pattern(self, office: str) -> tuple[bool, ...]:
        """What the register observes of an office: all that one patent can mean to another."""
        return tuple(self.observes(office, s) for s in SATELLITES)


# --- the rule -------------------------------------------------------------------------------

Condition = Literal["sei", "family", "maintenance", "pledge", "award"]
CONDITIONS: Final[tuple[Condition, ...]] = ("sei", "family", "maintenance", "pledge", "award")
#: "compute both `v2021_five` and `v2026_four`"; "four conditions: pledge financing dropped".
RULES: Final[Mapping[str, tuple[Condition, ...]]] = {
    "v2021_five": CONDITIONS,
    "v2026_four": ("sei", "family", "maintenance", "award"),
}


@dataclass(frozen=True)
class Parameters:
    """What the definitions leave to choose, named as in the rule table."""

    maintenance_from: Literal["filing", "grant"] = "filing"
    maintenance_years: int = 10
    family_needs: Literal["granted", "published"] = "granted"
    family_counts_hong_kong: bool = True
    sei_symbols: Literal["any", "first"] = "any"
    sei_keyword_limited: Literal["unknown", "counted"] = "unknown"
    #: None: no threshold is published, so no amount is known to be high or low.
    pledge_min_amount: float | None = None
    pledge_mode: Literal["ever", "in_force"] = "ever"
    #: None: all of them.
    award_grades: frozenset[str] | None = None


def add_years(day: date, years: int) -> date:
    """The same day of a later year; 29 February falls on the 28th where there is none.

    A term in years ends on the corresponding day, and where the month lacks it on its last day.
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


# --- in force -------------------------------------------------------------------------------

#: "terminating event (lapse, expiry filing+20y, abandonment, whole invalidation)"; revocation is
#: whole invalidation by another name, partial invalidation leaves the right standing.
TERMINATING: Final = frozenset({"fee_lapse", "expiry", "abandonment", "revocation", "invalidation"})
#: Decision: where the source does not tell whole from partial, the right is unknown from then on.
UNCLEAR: Final = frozenset({"invalidation_unclear"})


#: Events by which a source tells how a right fares.
FOLLOWING: Final = (
    TERMINATING
    | UNCLEAR
    | {"grant", "fee_payment", "partial_invalidation", "restoration", "lapse_in_state"}
)


def is_ended(patent: Patent, kinds: frozenset[str], t: date) -> bool:
    """Not "no terminating event effective <= t, unless restored <= t".

    Each termination needs a restoration on its day or later: one of before heals nothing.
    """
    restored = [e.day for e in patent.events if e.kind == "restoration" and e.day <= t]
    ended = [e.day for e in patent.events if e.kind in kinds and e.day <= t]
    return any(all(again < end for again in restored) for end in ended)


def in_force(register: Register, patent: Patent, t: date) -> State:
    """Valid: "type = invention AND grant_date <= t AND no terminating event"."""
    if patent.ip_type != "invention":
        return FALSE
    # "patents without any grant evidence are not in force (not unknown)"
    if patent.grant_day is None or t < patent.grant_day:
        return FALSE
    # "term 20 years from filing (until = filing + 20 years)"; no restoration outlives it.
    # Decision: where the filing is not known it was by the day of grant.
    if t >= add_years(patent.filed or patent.grant_day, TERM_YEARS):
        return FALSE
    if is_ended(patent, TERMINATING, t):
        return FALSE
    # Decision: unknown where no event tells how the patent itself fares. Events of other patents
    # tell nothing of it, for answers about single patents are no list; nor does a change of owner.
    if not any(e.kind in FOLLOWING for e in patent.events) or is_ended(patent, UNCLEAR, t):
        return UNKNOWN
    # Decision: without a filing date the end of the term is not known, only its latest day.
    return TRUE if patent.filed else UNKNOWN


# --- the five conditions --------------------------------------------------------------------


def sei(register: Register, patent: Patent, p: Parameters, t: date) -> State:
    """C1: "any IPC symbol (or main only?) matches any pattern".

    "true (a rule without a limit matches), unknown (only limited rules match), false (none
    matches)"; "the office's own flags … win": the one of all codes alone, else code by code.
    Neither symbols nor flags are dated.
    """
    if None in patent.flags:
        return is_so(patent.flags[None])
    symbols = [s for s in patent.symbols if p.sei_symbols == "any" or s.position == 1]
    by_code: dict[str, State] = {}
    for symbol in symbols:
        for code, state in register.symbol_states.get(symbol.ipc_symbol, {}).items():
            counted = p.sei_keyword_limited == "counted" and state is UNKNOWN
            by_code[code] = max(by_code.get(code, FALSE), TRUE if counted else state)
    by_code |= {str(code): is_so(flag) for code, flag in patent.flags.items()}
    # Decision: every invention is classified, so none or no first symbol means one not recorded.
    unrecorded = FALSE if symbols else UNKNOWN
    return max([unrecorded, *by_code.values()])


def is_overseas(office: str, home: str, p: Parameters) -> bool:
    """A "member outside mainland China"; "PCT publication alone (not a right: exclude by default)".

    Decision: the parameter turns Hong Kong only; Taiwan and Macao count as outside the mainland.
    Decision: a member at the patent's own office is at home, whichever office that is.
    """
    is_abroad = office not in {"CN", "WO", home}
    return is_abroad and (office != "HK" or p.family_counts_hong_kong)


def member_counts(member: Member, p: Parameters, t: date) -> State:
    """Whether an overseas member is granted (or published) by t."""
    if p.family_needs == "published":
        # Decision: what is granted is published by then; of any other undated one nothing is known.
        since = member.published or member.granted
        return UNKNOWN if since is None else is_so(since <= t)
    # "family member withdrawn": what is told not to be granted is no right, whatever else is told.
    if member.is_granted is False:
        return FALSE
    # Decision: granted on a day that is not told, or perhaps granted: on no day is it known.
    return UNKNOWN if member.granted is None else is_so(member.granted <= t)


def family(register: Register, patent: Patent, p: Parameters, t: date) -> State:
    """C2: "same simple (DOCDB) family, or INPADOC family, holds >= 1 member outside mainland".

    "absence of family rows for that patent is unknown; a family listed without an overseas member
    is false"
    """
    members = [*patent.members, *patent.kin]
    overseas = [m for m in members if is_overseas(m.office, patent.office, p)]
    # Decision: kin are members, but that a source shows none, or only some, tells nothing.
    unlisted = FALSE if patent.members else UNKNOWN
    return max([unlisted, *(member_counts(m, p, t) for m in overseas)])


def maintenance(register: Register, patent: Patent, p: Parameters, t: date) -> State:
    """C3: "years between start and t > 10, strictly".

    "first true on the day after start + 10 years"; a start that is not known is not guessed.
    """
    start = patent.filed if p.maintenance_from == "filing" else patent.grant_day
    return UNKNOWN if start is None else is_so(t > add_years(start, p.maintenance_years))


def pledge_counts(pledge: Pledge, p: Parameters, t: date) -> State:
    """Whether one pledge is high enough, and registered (and in force) on day t."""
    if t < pledge.registered:
        return FALSE
    # "pledge in force at t, or ever?"; cancelled on t is no longer in force on t.
    if p.pledge_mode == "in_force" and pledge.cancelled is not None and pledge.cancelled <= t:
        return FALSE
    # "threshold not published: a pledge with any or no amount is unknown"; "amount NULL unknown".
    # Decision: the threshold is in yuan, and no rate of exchange is known here.
    if p.pledge_min_amount is None or pledge.amount is None or pledge.currency != "CNY":
        return UNKNOWN
    return is_so(pledge.amount >= p.pledge_min_amount)


def pledge(register: Register, patent: Patent, p: Parameters, t: date) -> State:
    """C4: "Higher amount of pledge financing"."""
    others = FALSE if register.observes(patent.office, "pledges") else UNKNOWN
    return max([others, *(pledge_counts(one, p, t) for one in patent.pledges)])


def award_counts(award: Award, p: Parameters, t: date) -> State:
    """Whether one prize is of a grade that counts and given by t.

    Decision: of a year alone it is known that it was not given before, and was by the last day.
    """
    if p.award_grades is not None and award.grade not in p.award_grades:
        return FALSE
    if award.announced is not None:
        return is_so(award.announced <= t)
    if date(award.year, 1, 1) <= t < date(award.year, 12, 31):
        return UNKNOWN
    return is_so(t >= date(award.year, 12, 31))


def award(register: Register, patent: Patent, p: Parameters, t: date) -> State:
    """C5: "Text does not limit grade: include all; flag grade"; given before grant counts too."""
    others = FALSE if register.observes(patent.office, "awards") else UNKNOWN
    return max([others, *(award_counts(one, p, t) for one in patent.awards)])


STATE_ON: Final[Mapping[Condition, Callable[[Register, Patent, Parameters, date], State]]] = {
    "sei": sei,
    "family": family,
    "maintenance": maintenance,
    "pledge": pledge,
    "award": award,
}


def union(register: Register, patent: Patent, rule: str, p: Parameters, t: date) -> State:
    """Any of them: "true if any is true; false only if all are known false; else unknown"."""
    return max(STATE_ON[c](register, patent, p, t) for c in RULES[rule])


def high_value(register: Register, patent: Patent, rule: str, p: Parameters, t: date) -> State:
    """A "valid" patent of "HV(t) = distinct application_no where C1 or C2 or C3 or C4 or C5"."""
    return min(in_force(register, patent, t), union(register, patent, rule, p, t))


# --- over time ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """The state on every day from `since` up to, not including, `until`."""

    since: date
    until: date
    state: State


def change_days(patent: Patent, p: Parameters) -> list[date]:
    """Every day on which a state of the patent may change, and the beginning of time."""
    starts = [d for d in (patent.filed, patent.grant_day) if d is not None]
    days: set[date | None] = {BEGINNING, *starts}
    days |= {add_years(d, TERM_YEARS) for d in starts}
    days |= {add_years(d, p.maintenance_years) + DAY for d in starts}
    days |= {e.day for e in patent.events}
    days |= {d for m in (*patent.members, *patent.kin) for d in (m.granted, m.published)}
    days |= {d for one in patent.pledges for d in (one.registered, one.cancelled)}
    for one in patent.awards:
        days |= {one.announced, date(one.year, 1, 1), date(one.year, 12, 31)}
    return sorted(d for d in days if d is not None)


def timeline(days: Iterable[date], state_on: Callable[[date], State]) -> list[Span]:
    """The spans of equal state, from the beginning to the end of time."""
    spans: list[Span] = []
    for day in days:
        state = state_on(day)
        if not spans:
            spans.append(Span(day, END, state))
        elif spans[-1].state is not state:
            spans[-1:] = [Span(spans[-1].since, day, spans[-1].state), Span(day, END, state)]
    return spans


def in_force_intervals(register: Register, patent: Patent) -> list[Span]:
    """When the right is, or may be, in force."""
    days = change_days(patent, Parameters())
    spans = timeline(days, lambda t: in_force(register, patent, t))
    return [span for span in spans if span.state is not FALSE]


def condition_states(
    register: Register, patent: Patent, p: Parameters
) -> dict[Condition, list[Span]]:
    """Each condition over all time, in force or not."""
    days = change_days(patent, p)
    return {
        c: timeline(days, lambda t, c=c: STATE_ON[c](register, patent, p, t))  # type: ignore[misc]
        for c in CONDITIONS
    }


def high_value_spans(register: Register, patent: Patent, rule: str, p: Parameters) -> list[Span]:
    """When the patent is, or may be, high-value: several spans with lapses and restorations."""
    days = change_days(patent, p)
    spans = timeline(days, lambda t: high_value(register, patent, rule, p, t))
    return [span for span in spans if span.state is not FALSE]


# --- regions and stocks ---------------------------------------------------------------------

#: "first-named owner address in 31 provinces"; "does not include Hong Kong, Macao and Taiwan".
PROVINCES: Final = frozenset(
    [
        *("CN-AH", "CN-BJ", "CN-CQ", "CN-FJ", "CN-GD", "CN-GS", "CN-GX", "CN-GZ", "CN-HA", "CN-HB"),
        *("CN-HE", "CN-HI", "CN-HL", "CN-HN", "CN-JL", "CN-JS", "CN-JX", "CN-LN", "CN-NM", "CN-NX"),
        *("CN-QH", "CN-SC", "CN-SD", "CN-SH", "CN-SN", "CN-SX", "CN-TJ", "CN-XJ", "CN-XZ", "CN-YN"),
        "CN-ZJ",
    ]
)
MAINLAND: Final = "CHN"


def first_owner(patent: Patent, t: date) -> Owner | None:
    """The first: "use period-end owner; fall back to grant-time owner".

    Decision: of two periods of one place that overlap, the later begun holds.
    """
    for day in (t, patent.grant_day):
        owners = [
            o
            for o in patent.owners
            if day is not None
            and (o.valid_from is None or o.valid_from <= day)
            and (o.valid_to is None or day <= o.valid_to)
        ]
        if owners:
            first = min(o.seq for o in owners)
            same = [o for o in owners if o.seq == first]
            return max(same, key=lambda o: o.valid_from or BEGINNING)
    return None


def regions(patent: Patent, t: date) -> frozenset[str]:
    """The regions whose stock the patent is in on day t; a country by its two letters.

    Decision: an owner in China of no known province is in the mainland's total alone, one in Hong
    Kong, Macao or Taiwan in that region alone, one of no known country nowhere.
    """
    owner = first_owner(patent, t)
    if owner is None:
        return frozenset()
    if owner.region is not None:
        return frozenset({owner.region, MAINLAND} if owner.region in PROVINCES else {owner.region})
    if owner.country == "CN":
        return frozenset({MAINLAND})
    return frozenset({owner.country} if owner.country else ())


@dataclass(frozen=True)
class Stock:
    """What a region holds on a day.

    valid: in force; valid_upper: with those of which it is not known. lower: surely high-value;
    upper: with those that may be. gross: valid ones for which a condition is true; gross_upper:
    with those of which neither is known to be false; unique: for which it is the only true one.
    overlap: valid ones by their set of true conditions.
    """

    valid: int
    valid_upper: int
    lower: int
    upper: int
    gross: Mapping[Condition, int]
    gross_upper: Mapping[Condition, int]
    unique: Mapping[Condition, int]
    overlap: Mapping[frozenset[Condition], int]


def stock_of(
    register: Register, patents: Iterable[Patent], rule: str, p: Parameters, day: date
) -> Stock:
    """The stock that some patents of the register make up on a day.

    "each condition's gross count, its unique contribution (only this condition), all … overlap
    cells"; "stocks are published as lower bound (true) and upper bound (true + unknown)". A right
    of which it is not known whether it is in force counts "in the upper bound only".
    """
    valid = valid_upper = lower = upper = 0
    overlap: Counter[frozenset[Condition]] = Counter()
    possible: Counter[Condition] = Counter()
    for patent in patents:
        force = in_force(register, patent, day)
        value = high_value(register, patent, rule, p, day)
        valid += force is TRUE
        valid_upper += force is not FALSE
        lower += value is TRUE
        upper += value is not FALSE
        if force is not FALSE:
            possible.update(
                c for c in RULES[rule] if STATE_ON[c](register, patent, p, day) is not FALSE
            )
        if force is TRUE:
            overlap[true_conditions(register, patent, rule, p, day)] += 1
    return Stock(
        valid=valid,
        valid_upper=valid_upper,
        lower=lower,
        upper=upper,
        gross={c: sum(n for cell, n in overlap.items() if c in cell) for c in RULES[rule]},
        gross_upper={c: possible[c] for c in RULES[rule]},
        unique={c: overlap[frozenset({c})] for c in RULES[rule]},
        overlap=overlap,
    )


def true_conditions(
    register: Register, patent: Patent, rule: str, p: Parameters, day: date
) -> frozenset[Condition]:
    """The conditions of the rule that are surely met on a day."""
    return frozenset(c for c in RULES[rule] if STATE_ON[c](register, patent, p, day) is TRUE)


def stock(register: Register, rule: str, p: Parameters, day: date, region: str | None) -> Stock:
    """The stock of a region on a day; None: of all patents, also those of no known region."""
    here = [x for x in register.patents if region is None or region in regions(x, day)]
    return stock_of(register, here, rule, p, day)


def stocks(register: Register, rule: str, p: Parameters, day: date) -> dict[str, Stock]:
    """The stock of every region that has a patent, in force or not."""
    here: dict[str, list[Patent]] = {}
    for patent in register.patents:
        for region in regions(patent, day):
            here.setdefault(region, []).append(patent)
    return {region: stock_of(register, x, rule, p, day) for region, x in here.items()}
