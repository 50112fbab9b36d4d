"""Made-up registers: a hypothesis strategy, many laid side by side, written as landed tables.

Dates crowd around each other's anniversaries and year-ends, where rules go wrong. Nothing here is
of the real world. Not here: what the registers must give (reference.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise, product
from math import prod
from pathlib import Path
from typing import Any, Final

import polars as pl
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from reference import (
    DAY,
    SATELLITES,
    TERMINATING,
    TRUE,
    UNCLEAR,
    UNKNOWN,
    Award,
    Document,
    Event,
    Member,
    Owner,
    Parameters,
    Patent,
    Pledge,
    Register,
    Symbol,
    SymbolStates,
    add_years,
)

from contracts.base import Contract, polars_schema, split
from contracts.patent_register import SIMULATED, TABLES
from contracts.sei_flags import Flag
from pipelines.landing import PROVENANCE

#: Symbols that the published table takes in without and with keyword limit, and not at all.
IPC_SYMBOLS: Final = ("G06F11/07", "H04L1/00", "H01L21/02", "A47G1/06", "E05B1/00", "B42D1/00")
GRADES: Final = ("patent_gold", "patent_silver", "patent_excellence")
#: Offices of patents and offices of family members: none is both but CN, which is never overseas;
#: OWN stands for the patent's.
OFFICES: Final = ("CN", "DE", "KR")
OWN: Final = "own"
MEMBER_OFFICES: Final = ("CN", "WO", "HK", "US", "EP", "TW", OWN)
RESIDENCES: Final = (
    ("CN", "CN-GD"),
    ("CN", "CN-BJ"),
    ("CN", "CN-XZ"),
    ("CN", "CN-HK"),
    ("CN", "CN-TW"),
    ("CN", None),
    ("US", None),
    ("JP", None),
    (None, None),
)
ENDING: Final = (*sorted(TERMINATING | UNCLEAR), "fee_lapse", "fee_lapse")
HARMLESS: Final = (
    *("publication", "examination", "fee_payment", "partial_invalidation", "lapse_in_state"),
    *("transfer", "owner_change", "correction", "other"),
)
EVENTS: Final = (*ENDING, *["restoration"] * 5, *HARMLESS)
FATES: Final = (
    *["granted"] * 3,
    *("dated alone", "undated", "withdrawn", "given up", "unknown"),
)
AMOUNTS: Final = (None, 0.0, 999_999.99, 1_000_000.0, 1_000_000.0, 1e7, 5e8)
CURRENCIES: Final = ("CNY", "CNY", "CNY", "USD")
SOMETIMES: Final = (True, False, False, False)
MOSTLY: Final = (True, True, True, False)
ALMOST: Final = (*[True] * 9, False)
IP_TYPES: Final = (*["invention"] * 10, "utility_model", None)


def picks(*pools: Sequence[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """One of each pool; a single draw, which is what makes thousands of registers affordable.

    Of more than 2**24 combinations hypothesis would prefer those that begin alike.
    """
    assert prod(map(len, pools)) <= 2**24

    def pick(number: int) -> tuple[Any, ...]:
        found = []
        for pool in pools:
            number, at = divmod(number, len(pool))
            found.append(pool[at])
        return tuple(found)

    return st.integers(0, prod(map(len, pools)) - 1).map(pick)


# --- days -----------------------------------------------------------------------------------

LEAP_DAYS: Final = (date(1996, 2, 29), date(2004, 2, 29), date(2008, 2, 29), date(2012, 2, 29))
EDGES: Final = (date(2005, 2, 28), date(1999, 3, 1), date(2010, 12, 31), date(2011, 1, 1))
FILINGS: Final = (
    *LEAP_DAYS * 10,
    *EDGES * 10,
    *(date(1988, 1, 1) + 53 * n * DAY for n in range(250)),
)
Distance = tuple[str, int, int]
#: A distance: in what, how many, and a day more or less.
DISTANCES: Final[tuple[Distance, ...]] = tuple(
    product(("years", "year_ends", "days"), range(22), (0, 1, -1))
)


def after(day: date, distance: Distance) -> date:
    """The day at a distance from another, never before it."""
    unit, number, more = distance
    if unit == "years":
        found = add_years(day, number)
    elif unit == "year_ends":
        found = date(day.year + number, 12, 31)
    else:
        found = day + number * 97 * DAY
    return max(day, found + more * DAY)


# --- one patent -----------------------------------------------------------------------------


@st.composite
def owners(draw: st.DrawFn, filed: date) -> tuple[Owner, ...]:
    """A chain of first owners, perhaps with gaps, and perhaps a second owner beside it."""
    moves = sorted({after(filed, d) for (d,) in draw(st.lists(picks(DISTANCES), max_size=2))})
    moves = [day for day in moves if day > filed]
    *places, second, has_second, has_end, has_gap, gap = draw(
        picks(*[RESIDENCES] * 4, SOMETIMES, SOMETIMES, SOMETIMES, range(3))
    )
    starts: list[date | None] = [None, *moves]
    last = after(moves[-1], ("days", 9, 0)) if moves and has_end else None
    ends: list[date | None] = [*(day - DAY for day in moves), last]
    chain = [
        Owner(1, country, region, begin, end)
        for begin, end, (country, region) in zip(starts, ends, places, strict=False)
    ]
    if has_gap and gap < len(chain):
        del chain[gap]
    return (*chain, Owner(2, *second)) if has_second else tuple(chain)


@st.composite
def symbols(draw: st.DrawFn) -> tuple[Symbol, ...]:
    """Distinct symbols in some order; sometimes none, sometimes not the first."""
    count, first, *found = draw(picks((1, 1, 2, 3, 0), (1, 1, 1, 1, 2), *[IPC_SYMBOLS] * 3))
    distinct = list(dict.fromkeys(found[:count]))
    return tuple(Symbol(symbol, at) for at, symbol in enumerate(distinct, first))


@st.composite
def members(draw: st.DrawFn, home: str, filed: date) -> tuple[Member, ...]:
    """Family members: granted, withdrawn or given up, or of unknown fate; some of unknown day."""

    def member(office: str, fate: str, publication: bool, distance: Distance) -> Member:
        office = home if office == OWN else office
        day = after(filed, distance)
        published = max(filed, day - 400 * DAY) if publication else None
        match fate:
            case "granted":
                return Member(office, True, day, published)
            case "dated alone":
                return Member(office, None, day, published)
            case "undated":
                return Member(office, True, None, published)
            case "withdrawn":
                return Member(office, False, None, published)
            case "given up":
                return Member(office, False, day, published)
            case _:
                return Member(office, None, None, published)

    found = draw(st.lists(picks(MEMBER_OFFICES, FATES, (True, False), DISTANCES), max_size=3))
    return tuple(member(*one) for one in found)


@st.composite
def events(draw: st.DrawFn, start: date) -> tuple[Event, ...]:
    """Lapses, restorations and harmless events from a day on, some on the same day."""
    found = draw(st.lists(picks(EVENTS, DISTANCES), max_size=4))
    return tuple(Event(after(start, distance), kind) for kind, distance in found)


@st.composite
def pledges(draw: st.DrawFn, filed: date) -> tuple[Pledge, ...]:
    """Pledges with and without amount and end."""

    def one(begin: Distance, end: Distance | None, amount: float | None, money: str) -> Pledge:
        registered = after(filed, begin)
        return Pledge(registered, end and after(registered, end), amount, money)

    ends = (*DISTANCES, *[None] * len(DISTANCES))
    found = draw(st.lists(picks(DISTANCES, ends, AMOUNTS, CURRENCIES), max_size=2))
    return tuple(one(*each) for each in found)


@st.composite
def awards(draw: st.DrawFn, filed: date) -> tuple[Award, ...]:
    """Prizes, dated by day or by year."""
    found = draw(st.lists(picks(DISTANCES, GRADES, (True, False)), max_size=1))
    days = [(after(filed, distance), grade, dated) for distance, grade, dated in found]
    return tuple(Award(day.year, grade, day if dated else None) for day, grade, dated in days)


#: Codes that symbols are of and one that none is of; None: all together.
FLAGGED: Final = (None, "1.1", "1.2", "2.1", "9.2")


@st.composite
def flags(draw: st.DrawFn) -> dict[str | None, bool]:
    """The office's own verdicts: seldom any, then one or two."""
    is_flagged, *found = draw(picks(SOMETIMES, FLAGGED, FLAGGED, (True, False), (True, False)))
    return dict(zip(found[:2], found[2:], strict=True)) if is_flagged else {}


DOCUMENTS: Final = (
    (Document(None, "B"),),
    (Document("1", "B"),),
    (Document("1", "A", tells_grant=False), Document("2", "B")),
    (Document("1", "A", tells_grant=False), Document("2", "B", tells_filing=False)),
    (Document("1", "A", tells_grant=False), Document("1", "B")),
)


@st.composite
def patents(draw: st.DrawFn, office: str, observed: frozenset[str], number: int) -> Patent:
    """A patent of an office that tells of it what is observed."""
    filed, distance = draw(picks(FILINGS, DISTANCES))
    is_granted, tells_filing, tells_grant, has_event, early, ip_type, told, is_applied = draw(
        picks(*[ALMOST] * 3, MOSTLY, SOMETIMES, IP_TYPES, DOCUMENTS, MOSTLY)
    )
    documents: tuple[Document, ...] = told if ip_type else ()
    granted = after(filed, distance) if is_granted else None
    happened: tuple[Event, ...] = ()
    if "events" in observed:
        # An abandoned application can be revived and granted: events of before the grant occur.
        happened = draw(events(granted if granted and not early else filed))
        if granted and has_event:
            happened = (*happened, Event(granted, "grant"))
    # A publication alone names a patent only where all its documents share the number.
    is_lone = len({d.publication for d in documents}) == 1 and documents[0].publication is not None
    return Patent(
        office=office,
        application=f"{office}20201{number:07}" if is_applied or not is_lone else None,
        ip_type=ip_type,
        filed=filed if tells_filing and ip_type else None,
        granted=granted if tells_grant and ip_type else None,
        documents=documents,
        owners=draw(owners(filed)),
        symbols=draw(symbols()),
        members=draw(members(office, filed)) if "members" in observed else (),
        events=happened,
        pledges=draw(pledges(filed)) if "pledges" in observed else (),
        awards=draw(awards(filed)) if "awards" in observed else (),
        flags=draw(flags()),
    )


# --- registers ------------------------------------------------------------------------------

#: What the symbols mean where no table is asked: both states, both in one, and neither.
SYMBOL_STATES: Final[st.SearchStrategy[SymbolStates]] = st.dictionaries(
    st.sampled_from(IPC_SYMBOLS),
    st.dictionaries(st.sampled_from(["1.1", "2.1"]), st.sampled_from([UNKNOWN, TRUE])),
)


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """A small register of one or two offices, each of which tells some things and not others."""
    found: list[Patent] = []
    *tells, offices = draw(picks(*[MOSTLY] * (2 * len(SATELLITES)), (1, 2)))
    for at in range(offices):
        told = tells[at * len(SATELLITES) :]
        observed = frozenset(s for s, is_told in zip(SATELLITES, told, strict=False) if is_told)
        for _ in range(draw(st.integers(1, 3))):
            found.append(draw(patents(OFFICES[at], observed, len(found) + 1)))
    return Register(tuple(found), draw(SYMBOL_STATES))


def parameters() -> st.SearchStrategy[Parameters]:
    """Every choice that the definitions leave."""
    return st.builds(
        Parameters,
        maintenance_from=st.sampled_from(["filing", "grant"]),
        maintenance_years=st.sampled_from([10, 10, 5, 15]),
        family_needs=st.sampled_from(["granted", "published"]),
        family_counts_hong_kong=st.booleans(),
        sei_symbols=st.sampled_from(["any", "first"]),
        sei_keyword_limited=st.sampled_from(["unknown", "counted"]),
        pledge_min_amount=st.sampled_from([None, 0.0, 1_000_000.0]),
        pledge_mode=st.sampled_from(["ever", "in_force"]),
        award_grades=st.none() | st.frozensets(st.sampled_from(GRADES)),
    )


def many(count: int, start: int = 0) -> list[Register]:
    """As many generated registers, the same ones for the same start."""
    found: list[Register] = []

    @seed(start)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(registers())
    def collect(register: Register) -> None:
        found.append(register)

    collect()
    return found


#: An office for each of the sixteen patterns of what an office tells; CN tells everything.
BY_PATTERN: Final = dict(
    zip(
        [tuple(bool(15 - n >> bit & 1) for bit in range(len(SATELLITES))) for n in range(16)],
        "CN DE KR FR GB IT ES SE CH AT BE NL DK FI NO PL".split(),  # noqa: SIM905
        strict=True,
    )
)


def side_by_side(found: Iterable[Register], symbol_states: SymbolStates) -> Register:
    """One register of all of them.

    Patents of one register meet only in what their office tells, so patents of offices that tell
    the same may share an office; test_reference.py proves that no state changes.
    """
    laid: list[Patent] = []
    for register in found:
        for patent in register.patents:
            office = BY_PATTERN[register.pattern(patent.office)]
            number = len(laid)
            laid.append(
                replace(
                    patent,
                    office=office,
                    application=patent.application and f"{office}20201{number:07}",
                    members=tuple(
                        replace(m, office=office) if m.office == patent.office else m
                        for m in patent.members
                    ),
                    documents=tuple(
                        replace(d, publication=d.publication and f"{number:06}{d.publication}")
                        for d in patent.documents
                    ),
                )
            )
    return Register(tuple(laid), symbol_states)


# --- landed tables --------------------------------------------------------------------------

Row = dict[str, Any]
#: Application and publication number, as far as a record names them.
Names = tuple[str | None, str | None]


def names_of(patent: Patent) -> list[Names]:
    """The ways in which a record can name the patent, those of its documents first."""
    documents = list(dict.fromkeys((patent.application, d.publication) for d in patent.documents))
    if patent.application is None:
        return documents
    # A document names both, so its publication alone leads to the application.
    alone: list[Names] = [(None, publication) for _, publication in documents if publication]
    return [*documents, *alone, (patent.application, None)]


def landed_rows(patent: Patent, at: int) -> Iterator[tuple[str, Row]]:
    """The rows of all tables that tell of one patent; `at` varies how they name it."""
    names = names_of(patent)
    # Each document carries owners and symbols of its own.
    spoken = [name for name in names if patent.documents and name[0] == patent.application]
    carriers = spoken[: len(patent.documents)] if at % 2 else [names[at // 2 % len(names)]]

    row: Row

    def named(count: int, row: Row) -> Row:
        application, publication = names[(at + count) % len(names)]
        return {"application_number": application, "publication_number": publication, **row}

    for document in patent.documents:
        row = {
            "application_number": patent.application,
            "publication_number": document.publication,
            "kind_code": document.kind,
            "ip_type": patent.ip_type,
            "filing_date": patent.filed if document.tells_filing else None,
            "grant_date": patent.granted if document.tells_grant else None,
        }
        yield "patent", row
    for application, publication in dict.fromkeys(carriers):
        name = {"application_number": application, "publication_number": publication}
        for owner in patent.owners:
            row = {
                "seq": owner.seq,
                "owner_name": "somebody",
                "owner_country": owner.country,
                "owner_region": owner.region,
                "valid_from": owner.valid_from,
                "valid_to": owner.valid_to,
            }
            yield "patent_owner", {**name, **row}
        for symbol in patent.symbols:
            row = {"ipc_symbol": symbol.ipc_symbol, "position": symbol.position}
            yield "ipc_assignment", {**name, **row}
    for count, member in enumerate(patent.members):
        row = {
            "family_type": "simple" if (at + count) % 3 else "extended",
            "member_office": member.office,
            "member_number": f"{at}M{count}",
            "member_publication_date": member.published,
            "member_grant_date": member.granted,
            "member_is_granted": member.is_granted,
        }
        yield "family_member", named(count, row)
    for count, event in enumerate(patent.events):
        row = {"event_date": event.day, "event_code": event.kind, "event_kind": event.kind}
        yield "legal_event", named(count, row)
    for count, pledge in enumerate(patent.pledges):
        row = {
            "registration_number": f"Y{at}N{count}",
            "registration_date": pledge.registered,
            "cancellation_date": pledge.cancelled,
            "amount": pledge.amount,
            "currency": None if pledge.amount is None else pledge.currency,
            "assets": 1,
        }
        yield "pledge", named(count, row)
    for count, award in enumerate(patent.awards):
        row = {
            "award": "china_patent_award",
            "edition": count + 1,
            "award_year": award.year,
            "grade": award.grade,
            "announced": award.announced,
        }
        yield "award", named(count, row)


def to_landed(register: Register, folder: Path, *, simulated: bool = False) -> None:
    """Write the register as the landed tables of a source: <folder>/<table>/generated.parquet.

    Every row keeps its contract; which IPC symbol is strategic is not part of a register.
    """
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
    for at, patent in enumerate(register.patents):
        for table, row in landed_rows(patent, at):
            common = {
                "office": patent.office,
                "adapter": "google_patents",
                "is_simulated": simulated,
                "raw_row": len(rows[table]) + 1,
            }
            rows[table].append({**common, **row})
    for table, contract in (SIMULATED if simulated else TABLES).items():
        _write(rows[table], contract, folder / table)


def flags_to_landed(register: Register, folder: Path) -> None:
    """Write the offices' flags as a source lands them: <folder>/flag/generated.parquet."""
    rows: list[Row] = []
    for at, patent in enumerate(register.patents):
        application, publication = names_of(patent)[at % len(names_of(patent))]
        for code, flag in patent.flags.items():
            rows.append(
                {
                    "office": patent.office,
                    "application_number": application,
                    "publication_number": publication,
                    "sei_code": code,
                    "is_sei": flag,
                    "is_simulated": False,
                    "raw_row": len(rows) + 2,
                }
            )
    _write(rows, Flag, folder / "flag")


def _write(rows: list[Row], contract: type[Contract], folder: Path) -> None:
    frame = pl.DataFrame(rows, schema=polars_schema(contract))
    verdict = split(frame, contract)
    assert verdict.rejected.is_empty(), (folder.name, verdict.failures)
    provenance = {
        "release_date": date(2026, 11, 1),
        "raw_file": "generated.jsonl",
        "raw_sha256": "0" * 64,
        "retrieved_at": "2026-11-01T00:00:00Z",
    }
    columns = [pl.lit(provenance[name], kind).alias(name) for name, kind in PROVENANCE.items()]
    folder.mkdir(parents=True, exist_ok=True)
    verdict.accepted.with_columns(columns).write_parquet(folder / "generated.parquet")


def year_ends(first: int, last: int) -> list[date]:
    """31 December of each year, both included."""
    return [date(year, 12, 31) for year in range(first, last + 1)]


def neighbours(days: Sequence[date]) -> list[date]:
    """The days, those just before and after each, and one in the middle of each two."""
    near = {day + more * DAY for day in days for more in (-1, 0, 1)}
    return sorted(near | {a + (b - a) / 2 for a, b in pairwise(sorted(days))})
