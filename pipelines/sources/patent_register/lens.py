"""Exports of The Lens (CSV): three generations of its columns, and whatever comes after them.

2015: `Publication Number`, `Type`, day/month/year in two digits (slash_dates), bare CR line ends.
2023 and later: `Display Key`, `Lens ID`, simple and extended families, `Legal Status`, `Owners`.
2026: ten columns. Columns are taken by name, lists are joined by `;;`; what a file cannot fill is
NULL, and `lacks` says what that is. Not here: numbers, kinds and symbols (contracts).

Decisions.
- ip_type: the office's use of the kind code; then the kind of the application (`US 22309605 F` is a
  design, `KR 20080000965 U` a utility model) or a Document Type that names a right; then the kind's
  letter; then the Document Type. Where all are silent the contract rejects `unknown:<kind>`.
- grant_date: the publication date of documents that are the grant itself (kind_codes.is_grant: US,
  CN, EP); Lens tells no other. `Granted Patent` of other offices is a grant of unknown date.
- priority_date: `Earliest Priority Date`; else the earliest of the dates that end the priority
  numbers, if all of them have one.
- Owners: `NAME (2017-01-05)` is an owner from that day; applicants are owners since filing. Where
  an owner has no date, the owners alone come out.
- Families: Lens names the members by Lens IDs and, apart from them, the jurisdictions that occur. A
  family's key is the smallest Lens ID of its members; there is a row for each jurisdiction, with
  the member's number, kind and grant NULL. The record itself is a member.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final

from contracts import ipc, kind_codes, patent_numbers
from pipelines.source import Batch, Notes
from pipelines.sources.patent_register import slash_dates
from pipelines.sources.patent_register.cells import agreed, flag
from pipelines.sources.patent_register.delimited import Record, Table, open_table
from pipelines.sources.patent_register.rows import Rows
from pipelines.sources.patent_register.unpack import whole

ADAPTER: Final = "lens"
TABLES: Final = ("patent", "patent_owner", "ipc_assignment", "family_member")

_NUMBER: Final = ("display key", "publication number")
_TYPE: Final = ("document type", "type")
_IPC: Final = ("ipcr classifications", "ipc classifications")
_FAMILIES: Final = {
    "simple": ("simple family members", "simple family member jurisdictions"),
    "extended": ("extended family members", "extended family member jurisdictions"),
}
#: Contract column to the headings of which one fills it; none: no Lens export ever does.
_FILLED_BY: Final[dict[str, tuple[str, ...]]] = {
    "patent.office": ("jurisdiction", *_NUMBER),
    "patent.application_number": ("application number",),
    "patent.publication_number": _NUMBER,
    "patent.kind_code": ("kind", *_NUMBER),
    "patent.ip_type": ("kind", *_NUMBER, *_TYPE),
    "patent.priority_date": ("earliest priority date", "priority numbers"),
    "patent.filing_date": ("application date",),
    "patent.publication_date": ("publication date",),
    "patent.grant_date": ("publication date",),
    "patent.title": ("title",),
    "patent.applicants": ("applicants",),
    "patent.legal_status_as_published": ("legal status",),
    "patent.family_id": ("simple family members",),
    "patent_owner.owner_name": ("applicants", "owners"),
    "patent_owner.owner_country": (),
    "patent_owner.owner_region": (),
    "patent_owner.valid_from": ("owners",),
    "patent_owner.valid_to": (),
    "ipc_assignment.ipc_symbol": _IPC,
    "ipc_assignment.ipc_version": (),
    "family_member.family_id": ("simple family members", "extended family members"),
    "family_member.member_office": tuple(of for _, of in _FAMILIES.values()),
    "family_member.member_number": (),
    "family_member.member_kind_code": (),
    "family_member.member_publication_date": (),
    "family_member.member_grant_date": (),
    "family_member.member_is_granted": (),
}
USED: Final = frozenset(
    {"is_simulated", "lens id", "publication year", *chain.from_iterable(_FILLED_BY.values())}
)
#: Headings of Lens that the register has no use for, known so that they are ignored by name.
IGNORED: Final = frozenset(
    {
        "#",
        "abstract",
        "cited by patent count",
        "cited count",
        "cites patent count",
        "cpc classifications",
        "doi(s)",
        "extended family size",
        "full text",
        "has full text",
        "inventors",
        "non-patent citations",
        "npl citation count",
        "npl citations",
        "npl resolved citation count",
        "npl resolved external id(s)",
        "npl resolved lens id(s)",
        "pubmed id(s)",
        "sequence count",
        "simple family size",
        "url",
        "us classifications",
    }
)
#: Document types that name a right; the others only say how far it has come.
_RIGHTS: Final = {
    "limited patent": "utility_model",
    "design right": "design",
    "plant patent": "plant",
    "spc": "other",
    "statutory invention registration": "other",
}
_APPLICATION_KINDS: Final = {"U": "utility_model", "F": "design"}
_INVENTIONS: Final = frozenset(
    {
        "amended application",
        "amended patent",
        "ammended patent",  # so spelt in 2015
        "granted patent",
        "patent application",
        "patent of addition",
        "search report",
    }
)
_OWNER: Final = re.compile(r"(.*\S)\s*\(([0-9]{4}-[0-9]{2}-[0-9]{2})\)")
_DATED_NUMBER: Final = re.compile(r"(.+) ([0-9]{4})([0-9]{2})([0-9]{2})")


def read(path: Path, name: str, notes: Notes) -> Iterator[Batch]:
    """Batches of the register's tables; every record of the file is a row of `patent`.

    Raises SourceFormatError naming file and line when no column gives the numbers of documents, a
    column stands twice, or a record has no end.
    """
    columns = {heading: [heading] for heading in USED}
    required = (*_NUMBER, "application number")
    table = open_table(whole(path, name), columns, required, IGNORED)
    notes.lacks += [c for c, headings in _FILLED_BY.items() if not {*table.columns} & {*headings}]
    notes.unread += table.unread
    file_readings = _readings(table)
    rows = Rows(*TABLES)
    for record in table.records():
        _add(rows, record, file_readings)
        yield from rows.full()
    yield from rows.rest()


def _readings(table: Table) -> tuple[slash_dates.Reading, ...]:
    """How the file writes its dates: a pass of its own, only where the first one is not ISO."""
    dated = (
        (text, record.cells.get("publication year", ""))
        for record in table.records()
        if (text := record.cells.get("publication date"))
    )
    first = next(dated, None)
    if first is None or not slash_dates.is_slashed(first[0]):
        return ()
    return slash_dates.readings(chain([first], dated))


def _first(cells: dict[str, str], headings: tuple[str, ...]) -> str | None:
    return next((cells[heading] for heading in headings if heading in cells), None)


def _list(text: str | None) -> list[str]:
    return [part for item in text.split(";;") if (part := item.strip())] if text else []


def _add(rows: Rows, record: Record, readings: tuple[slash_dates.Reading, ...]) -> None:
    cells = record.cells
    number = _first(cells, _NUMBER)
    office, publication, kind = patent_numbers.publication(number)
    office = agreed(cells.get("jurisdiction"), office)
    kind = agreed(cells.get("kind"), kind)
    applied = cells.get("application number")
    names = _list(cells.get("applicants"))
    of = {
        "office": record.fault or office,
        "application_number": patent_numbers.application_number(office or "", applied),
        "publication_number": publication,
        "adapter": ADAPTER,
        "is_simulated": flag(cells.get("is_simulated")),
        "raw_row": record.line,
    }
    families = {
        family: min(_list(cells.get(members)), default=None)
        for family, (members, _) in _FAMILIES.items()
    }
    published, filed, priority = _dates(cells, readings)
    rows.add(
        "patent",
        {
            **of,
            "kind_code": kind,
            "ip_type": _ip_type(office, kind, applied, _first(cells, _TYPE)),
            "priority_date": priority,
            "filing_date": filed,
            "publication_date": published,
            "grant_date": published if kind_codes.is_grant(office, kind, published) else None,
            "title": cells.get("title"),
            "applicants": ";".join(names) or None,
            "legal_status_as_published": cells.get("legal status"),
            "family_id": families["simple"],
        },
    )
    named = {**of, "publication_date": published}
    _add_owners(rows, named, names, _list(cells.get("owners")))
    symbols = (ipc.normalise(text) or text for text in _list(_first(cells, _IPC)))
    for position, symbol in enumerate(dict.fromkeys(symbols), start=1):
        rows.add("ipc_assignment", {**of, "ipc_symbol": symbol, "position": position})
    for family, (_, jurisdictions) in _FAMILIES.items():
        for member in dict.fromkeys(_list(cells.get(jurisdictions))):
            member_of = {"family_id": families[family], "family_type": family}
            rows.add("family_member", {**of, **member_of, "member_office": member})


def _add_owners(rows: Rows, of: dict[str, Any], applicants: list[str], owners: list[str]) -> None:
    dated = [(owner, _OWNER.fullmatch(owner)) for owner in owners]
    periods = [(found[1], found[2]) if found else (owner, None) for owner, found in dated]
    if all(since for _, since in periods):
        for seq, owner in enumerate(applicants, start=1):
            rows.add("patent_owner", {**of, "seq": seq, "owner_name": owner})
    for seq, (owner, since) in enumerate(periods, start=1):
        rows.add("patent_owner", {**of, "seq": seq, "owner_name": owner, "valid_from": since})


def _ip_type(
    office: str | None, kind: str | None, applied: str | None, document: str | None
) -> str | None:
    document = (document or "").casefold()
    application_kind = (applied or "").rpartition(" ")[2]
    told = _RIGHTS.get(document) or _APPLICATION_KINDS.get(application_kind)
    found = kind_codes.ip_type(office, kind, told)
    if found is None and document in _INVENTIONS:
        found = "invention"
    return found or (f"unknown:{kind}" if kind else None)


def _dates(
    cells: dict[str, str], readings: tuple[slash_dates.Reading, ...]
) -> tuple[str | None, str | None, str | None]:
    """Publication, filing and earliest priority, as YYYY-MM-DD or as written."""
    published, filed = cells.get("publication date"), cells.get("application date")
    year = cells.get("publication year")
    priorities = _list(cells.get("priority numbers"))
    ends = [_DATED_NUMBER.fullmatch(text) for text in priorities]
    days = {found[1]: "-".join(found.groups()[1:]) for found in ends if found}
    priority = cells.get("earliest priority date")
    if priority is None and priorities and all(ends):
        priority = min(days.values())
    if published is not None:
        published = slash_dates.publication_date(published, year, readings)
    before = published if published and not slash_dates.is_slashed(published) else year
    if filed is not None:
        own = days.get(cells.get("application number", ""))
        filed = slash_dates.earlier_date(filed, before, readings, [own] if own else [])
    if priority is not None:
        priority = slash_dates.earlier_date(priority, before, readings)
    return published, filed, priority
