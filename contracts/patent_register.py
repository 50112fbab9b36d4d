"""A register of patents, of any office: what the records of exports, gazettes and lists must be.

Every table is jurisdiction-neutral: `office` is a column (WIPO ST.3). A record names its patent by
application number, by publication number, or both; which records are of one patent is decided in
dbt, not here. Rows made by a simulation say so, and the contracts of a real register take none of
them; those of a simulated one (`SIMULATED`) are the same but for taking nothing else. Not here: how
a file is read (pipelines/sources/patent_register), how symbols and numbers are spelt
(contracts/patent_numbers.py, contracts/ipc.py).
"""

from __future__ import annotations

import datetime as dt
from types import new_class
from typing import Any, Final

import polars as pl
from pandera.polars import PolarsData, dataframe_check

from contracts.base import Contract, RejectLimit, Severity, column, terms
from contracts.patent_numbers import CN_APPLICATION

OFFICE: Final = r"[A-Z]{2}"
#: CN202011172919 (no check digit), US15458258, EP12345678: office, then the office's digits.
APPLICATION_NUMBER: Final = r"[A-Z]{2}[0-9A-Z]+"
#: The office's number of the publication, without office and kind: 112256133, 9833479, 20250100135.
PUBLICATION_NUMBER: Final = r"[0-9A-Z]+"
KIND_CODE: Final = r"[A-Z][0-9A-Z]?"
#: One space-free IPC symbol, as far as the source gives it: H01L, H01L21/02, H01L21/2003.
IPC_SYMBOL: Final = r"[A-H][0-9]{2}([A-Z]([0-9]{1,4}/[0-9]{2,6})?)?"
REGION: Final = r"CN-[A-Z]{2}"
ADAPTERS: Final = [
    "cnipa_export",
    "cnipa_xml",
    "lens",
    "google_patents",
    "epo_ops",
    "uspto",
    "awards",
    "pledges",
]
IP_TYPES: Final = ["invention", "utility_model", "design", "plant", "other"]
#: What an event does to the right; the vocabulary of contracts/legal_events.
EVENT_KINDS: Final = [
    "publication",
    "grant",
    "fee_payment",
    "fee_lapse",
    "lapse_in_state",
    "expiry",
    "abandonment",
    "revocation",
    "invalidation",
    "partial_invalidation",
    "invalidation_unclear",
    "restoration",
    "application_withdrawn",
    "application_rejected",
    "application_restored",
    "examination",
    "term_adjustment",
    "transfer",
    "owner_change",
    "licence",
    "licence_changed",
    "licence_cancelled",
    "pledge_in_force",
    "pledge_changed",
    "pledge_cancelled",
    "preservation",
    "preservation_ended",
    "correction",
    "other",
]
#: Grades of the awards; dbt_project/seeds/award_grades.csv says what each is.
AWARD_GRADES: Final = [
    "patent_gold",
    "patent_silver",
    "patent_excellence",
    "design_gold",
    "design_silver",
    "design_excellence",
    "natural_science_special",
    "natural_science_first",
    "natural_science_second",
    "natural_science_third",
    "natural_science_fourth",
    "technological_invention_special",
    "technological_invention_first",
    "technological_invention_second",
    "technological_invention_third",
    "technological_invention_fourth",
    "progress_special",
    "progress_first",
    "progress_second",
    "progress_third",
    "highest_award",
    "international_cooperation",
]
EXPORTS = RejectLimit(
    because="exports of millions of rows carry some malformed ones; a tenth means a wrong format",
    since="2026-11",
    share=0.1,
)


def real_only() -> Any:
    """The column is_simulated of a table about the real world."""
    return column(
        "true for records made by a simulation, which this table does not take", isin=[False]
    )


#: Later days stand for none; terms of rights granted today end long before.
_LAST: Final = dt.date(2199, 12, 31)


class _Record(Contract):
    """What every record of the register says of itself."""

    office: str = column("office of the patent, WIPO ST.3", matches=OFFICE)
    application_number: str = column(
        "office and number of the application, without check digit",
        nullable=True,
        matches=APPLICATION_NUMBER,
    )
    publication_number: str = column(
        "number of the publication, without office and kind",
        nullable=True,
        matches=PUBLICATION_NUMBER,
    )
    adapter: str = column("format that the record was read from", isin=ADAPTERS)
    is_simulated: bool = real_only()
    raw_row: int = column("row, line or record of the file, counted from 1", ge=1)

    class Config:
        metadata = terms(reject_limit=EXPORTS)

    @dataframe_check
    @classmethod
    def names_its_patent(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(
            pl.col("application_number").is_not_null() | pl.col("publication_number").is_not_null()
        )

    @dataframe_check
    @classmethod
    def dates_are_possible(cls, data: PolarsData) -> pl.LazyFrame:
        """No day before patents as we know them, and none that stands for "never" (9999-12-31)."""
        dates = [n for n, dtype in data.lazyframe.collect_schema().items() if dtype == pl.Date]
        return data.lazyframe.select(
            pl.all_horizontal(
                pl.col("raw_row").is_not_null(),
                *(
                    pl.col(n).is_null() | pl.col(n).is_between(dt.date(1700, 1, 1), _LAST)
                    for n in dates
                ),
            )
        )

    @dataframe_check
    @classmethod
    def chinese_application_number(cls, data: PolarsData) -> pl.LazyFrame:
        """Year, kind of right, serial number: a check digit that was wrong is still there."""
        number = pl.col("application_number")
        return data.lazyframe.select(
            number.is_null()
            | ~number.str.starts_with("CN")
            | number.str.contains(f"^{CN_APPLICATION}$")
        )


def _in_order(*names: str) -> pl.Expr:
    """True where the dates that are known come in this order."""
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    return pl.all_horizontal(
        [pl.col(a).is_null() | pl.col(b).is_null() | (pl.col(a) <= pl.col(b)) for a, b in pairs]
    )


def _unreadable(name: str) -> pl.Expr:
    r"""Whether bytes of a column were no text: they stand as `\x93`, or as U+FFFD."""
    return pl.col(name).str.contains(r"\\x[0-9a-f]{2}|\x{FFFD}")


class Patent(_Record):
    """One publication of a patent document: its numbers, dates, and what the source says of it."""

    kind_code: str = column("kind of document, WIPO ST.16", nullable=True, matches=KIND_CODE)
    ip_type: str = column("kind of right", isin=IP_TYPES)
    priority_date: pl.Date = column("earliest priority", nullable=True)
    filing_date: pl.Date = column("filing of the application", nullable=True)
    publication_date: pl.Date = column("publication of this document", nullable=True)
    grant_date: pl.Date = column("grant, where the source tells it", nullable=True)
    title: str = column("title", nullable=True)
    applicants: str = column("applicants, joined by ;", nullable=True)
    legal_status_as_published: str = column("status in the source's words", nullable=True)
    family_id: str = column("simple family, the source's own key", nullable=True)

    class Config:
        unique = ["office", "application_number", "publication_number", "kind_code"]
        # A title that reads badly says as much of the right as it did.
        metadata = terms(reject_limit=EXPORTS, severities={"title_is_readable": Severity.WARN})

    @dataframe_check
    @classmethod
    def dates_in_order(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(
            _in_order("priority_date", "filing_date", "publication_date")
            & _in_order("priority_date", "filing_date", "grant_date")
        )

    @dataframe_check
    @classmethod
    def chinese_publication_not_after_grant(cls, data: PolarsData) -> pl.LazyFrame:
        """An application is published before its grant, and the grant is the announcement.

        Of China alone: the register of other offices (JP, KR) grants weeks before the document is
        out, and what is published again or corrected (kinds such as A8, B9, C1) comes later.
        """
        first = pl.col("office").eq("CN") & pl.col("kind_code").str.contains("^[ABCSUYD]$")
        return data.lazyframe.select(
            ~first.fill_null(value=False) | _in_order("publication_date", "grant_date")
        )

    @dataframe_check
    @classmethod
    def title_is_readable(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(~_unreadable("title").fill_null(value=False))


class PatentOwner(_Record):
    """An owner or applicant of a patent, and the period for which it is one."""

    seq: int = column("place among the owners, 1 first", ge=1)
    owner_name: str = column("name as published")
    owner_country: str = column("ISO 3166-1 alpha-2 of residence", nullable=True, matches=OFFICE)
    owner_region: str = column("ISO 3166-2:CN of residence", nullable=True, matches=REGION)
    publication_date: pl.Date = column(
        "publication of the document that names the owner; NULL: a record of its own", nullable=True
    )
    valid_from: pl.Date = column("first day as owner; NULL: since filing", nullable=True)
    valid_to: pl.Date = column("last day as owner; NULL: still, or not known", nullable=True)

    class Config:
        # raw_row: A and B of a Chinese application share their number and may stand in one file.
        unique = [
            "office",
            "application_number",
            "publication_number",
            "seq",
            "valid_from",
            "raw_row",
        ]

    @dataframe_check
    @classmethod
    def period_in_order(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(_in_order("valid_from", "valid_to"))

    @dataframe_check
    @classmethod
    def name_is_readable(cls, data: PolarsData) -> pl.LazyFrame:
        r"""Bytes that were no text stand as `\x93` (or as U+FFFD); a name, but whose?"""
        return data.lazyframe.select(~_unreadable("owner_name"))


class IpcAssignment(_Record):
    """An IPC symbol that a patent document carries."""

    ipc_symbol: str = column("symbol in one spelling, see contracts/ipc.py", matches=IPC_SYMBOL)
    position: int = column("place among the symbols, 1 first", ge=1)
    ipc_version: str = column("version of the IPC", nullable=True, matches=r"[0-9]{4}(\.[0-9]{2})?")

    class Config:
        unique = ["office", "application_number", "publication_number", "ipc_symbol", "raw_row"]


class FamilyMember(_Record):
    """A member of a patent's family at some office."""

    family_id: str = column("family, the source's own key", nullable=True)
    family_type: str = column("simple (DOCDB) or extended (INPADOC)", isin=["simple", "extended"])
    member_office: str = column("office of the member", matches=OFFICE)
    member_number: str = column("number of the member's publication", nullable=True)
    member_kind_code: str = column("kind of the member", nullable=True, matches=KIND_CODE)
    member_publication_date: pl.Date = column("publication of the member", nullable=True)
    member_grant_date: pl.Date = column("grant of the member", nullable=True)
    member_is_granted: bool = column("whether it is granted; NULL: not known", nullable=True)

    class Config:
        unique = [
            "office",
            "application_number",
            "publication_number",
            "family_type",
            "member_office",
            "member_number",
            "member_kind_code",
            "raw_row",
        ]


class LegalEvent(_Record):
    """Something that happened to a patent or its application."""

    event_date: pl.Date = column("day it took effect, or was gazetted where only that is told")
    event_code: str = column("the source's code")
    event_kind: str = column("what it does to the right", isin=EVENT_KINDS)
    gazette_date: pl.Date = column("day it was gazetted", nullable=True)
    detail: str = column("what the source adds", nullable=True)

    class Config:
        unique = [
            "raw_row",
            "office",
            "application_number",
            "publication_number",
            "event_code",
            "event_date",
        ]


class Pledge(_Record):
    """A patent in a registered pledge."""

    registration_number: str = column("number of the registration")
    registration_date: pl.Date = column("day of registration")
    cancellation_date: pl.Date = column("day of cancellation; NULL: none known", nullable=True)
    amount: float = column(
        "amount of the whole registration; NULL: not published", nullable=True, ge=0
    )
    currency: str = column("currency of the amount, ISO 4217", nullable=True, matches="[A-Z]{3}")
    assets: int = column("patents in the registration", nullable=True, ge=1)
    pledgor: str = column("who pledges", nullable=True)
    pledgee: str = column("who lends", nullable=True)

    class Config:
        unique = ["office", "application_number", "publication_number", "registration_number"]
        metadata = terms(reject_limit=EXPORTS, severities={"amount_is_not_zero": Severity.WARN})

    @dataframe_check
    @classmethod
    def period_in_order(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(_in_order("registration_date", "cancellation_date"))

    @dataframe_check
    @classmethod
    def amount_has_currency(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("amount").is_null() | pl.col("currency").is_not_null())

    @dataframe_check
    @classmethod
    def amount_is_not_zero(cls, data: PolarsData) -> pl.LazyFrame:
        """Nobody pledges for nothing: where it is not published, lists may print 0."""
        return data.lazyframe.select(pl.col("amount").fill_null(1) != 0)


class Award(_Record):
    """A patent that won an award."""

    award: str = column("award", isin=["china_patent_award", "national_science_technology_award"])
    edition: int = column("edition, or year for awards without one", ge=1)
    award_year: int = column("year it was given", unit="year", ge=1985, le=2100)
    grade: str = column("grade, key of the seed award_grades", isin=AWARD_GRADES)
    announced: pl.Date = column("day of announcement", nullable=True)

    class Config:
        unique = ["office", "application_number", "publication_number", "award", "edition"]


#: Table name to contract, in landing order.
TABLES: Final[dict[str, type[Contract]]] = {
    "patent": Patent,
    "patent_owner": PatentOwner,
    "ipc_assignment": IpcAssignment,
    "family_member": FamilyMember,
    "legal_event": LegalEvent,
    "pledge": Pledge,
    "award": Award,
}


def _simulated(contract: type[Contract]) -> type[Contract]:
    """The same contract for records made by a simulation."""
    mark = column("true: made by a simulation, never of the real world", isin=[True])
    body = {
        "__doc__": f"{contract.__doc__} Simulated.",
        "__module__": __name__,
        "__annotations__": {"is_simulated": bool},
        "is_simulated": mark,
    }
    made: type[Contract] = new_class(contract.__name__, (contract,), {}, lambda ns: ns.update(body))
    return made


#: The tables of a simulated register: all that holds for a real one holds for it.
SIMULATED: Final = {table: _simulated(contract) for table, contract in TABLES.items()}
