"""CNIPA's standardised XML (`business:`, `base:`): published documents and legal status records.

Here: `PatentDocumentAndRelated` (one publication with its bibliographic data; the text is passed
over) and `PRSRecord` (one event of the legal status data), alone or many in a file. Not here: how
XML is read safely (xml_stream.py), what event codes mean (contracts/legal_events.py).

Names are taken without their namespace. Rules:
- numbers are the office's own (`dataFormat="original"`); the 15-digit standard form of an
  application number does not tell applications entered from the PCT, and is not taken apart;
- a granted document names its patentees (Assignee): they are the owners, from the day of the grant
  where they are not the applicants; else the applicants are;
- the grant's day is the document's where its kind is a grant's (contracts/kind_codes.py);
- an event took effect on the day that its text gives for it (终止日期, 登记生效日, 解除日 …), else
  the day of the gazette stands for it;
- priorities give the earliest day and no family members; citations are left out;
- `0` fills what an address does not tell and counts as blank;
- a file made by a simulation says so by `is_simulated="true"` on its records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element

from contracts import ipc, kind_codes, legal_events, patent_numbers
from contracts.regions import place
from pipelines.source import Batch, Notes, SourceFormatError
from pipelines.sources.patent_register import xml_stream
from pipelines.sources.patent_register.cells import day, flag
from pipelines.sources.patent_register.rows import Rows
from pipelines.sources.patent_register.unpack import whole

ADAPTER: Final = "cnipa_xml"
DOCUMENT: Final = "PatentDocumentAndRelated"
EVENT: Final = "PRSRecord"
#: Parts of a document that the register has no use for.
PASSED_OVER: Final = frozenset(
    {
        "Abstract",
        "AgentDetails",
        "Claims",
        "DesignBriefExplanation",
        "DesignFigure",
        "DesignFigures",
        "Description",
        "Drawings",
        "ExaminerDetails",
        "InventorDetails",
        "ReferencesCited",
        "RelatedDocuments",
        "SearchReport",
    }
)
#: First days of the editions that records before 2006 count (WIPO, Guide to the IPC).
_EDITIONS: Final = {
    "1": "1968.09",
    "2": "1974.07",
    "3": "1980.01",
    "4": "1985.01",
    "5": "1990.01",
    "6": "1995.01",
    "7": "2000.01",
    "8": "2006.01",
}
#: Days of effect, as the office's texts label them; other days (filing, grant) have other labels.
_EFFECTIVE: Final = re.compile(
    r"(?:终止日期|终止日|生效日期|生效日|解除日期|解除日|决定日期|决定日)[:：] *"
    r"([0-9]{8}|[0-9]{4}[-./年][0-9]{1,2}[-./月][0-9]{1,2}日?)"
)


def read(path: Path, name: str, _notes: Notes) -> Iterator[Batch]:
    """Frames of patent, patent_owner and ipc_assignment, or of legal_event.

    raw_row counts the records of the file. Raises SourceFormatError naming the line where the file
    is no well-formed XML, declares entities, or holds neither kind of record.
    """
    rows = Rows("patent", "patent_owner", "ipc_assignment", "legal_event")
    raw_row = 0
    for part in xml_stream.parts(whole(path, name), {DOCUMENT, EVENT}, PASSED_OVER):
        if part.at == "start":
            continue
        raw_row, record = raw_row + 1, part.element
        if record.tag == DOCUMENT:
            _add_document(rows, raw_row, record)
        else:
            _add_event(rows, raw_row, record)
        yield from rows.full()
    if not raw_row:
        raise SourceFormatError(f"{name}: no element {DOCUMENT} or {EVENT}; not CNIPA's XML")
    yield from rows.rest()


def _add_document(rows: Rows, raw_row: int, record: Element) -> None:
    bibliographic = record.find("BibliographicData")
    data = bibliographic if bibliographic is not None else Element("BibliographicData")
    document, application = (
        _reference(data, kind) for kind in ("PublicationReference", "ApplicationReference")
    )
    office = document.get("office") or record.get("country")
    number = document.get("number") or record.get("docNumber")
    kind = document.get("kind") or record.get("kind")
    published = document.get("date") or day(record.get("datePublication"))
    applied = application.get("number")
    written = f"{office or ''}{number}"
    of = {
        "office": office,
        "application_number": patent_numbers.application_number(
            application.get("office") or office or "", applied
        ),
        "publication_number": number and (patent_numbers.publication(written)[1] or number),
        "adapter": ADAPTER,
        "is_simulated": flag(record.get("is_simulated")),
        "raw_row": raw_row,
    }
    applicants = [a for a in data.iter("Applicant") if a.get("dataFormat") != "standard"]
    names = [_name(applicant) for applicant in applicants]
    granted = kind_codes.is_grant(office, kind, published)
    rows.add(
        "patent",
        {
            **of,
            "kind_code": kind,
            "ip_type": kind_codes.ip_type(office, kind) or (kind and f"unknown kind {kind}"),
            "priority_date": _earliest(data),
            "filing_date": application.get("date"),
            "publication_date": published,
            "grant_date": published if granted else None,
            "title": _text(data, "InventionTitle") or _text(data, "DesignTitle"),
            "applicants": ";".join(filter(None, names)) or None,
        },
    )
    named = {**of, "publication_date": published}
    _add_owners(rows, named, data, applicants, published if granted else None)
    seen: set[str] = set()
    for text, version in _symbols(data):
        symbol = ipc.normalise(text) or text
        if symbol not in seen:
            seen.add(symbol)
            row = {"ipc_symbol": symbol, "position": len(seen), "ipc_version": version}
            rows.add("ipc_assignment", {**of, **row})


def _add_owners(
    rows: Rows, of: dict[str, Any], data: Element, applicants: list[Element], granted: str | None
) -> None:
    assignees = [a for a in data.iter("Assignee") if a.get("dataFormat") != "standard"]
    since = granted if [_name(a) for a in assignees] != [_name(a) for a in applicants] else None
    owners = assignees or applicants
    for seq, owner in enumerate(owners, start=1):
        country, region = _home(owner)
        rows.add(
            "patent_owner",
            {
                **of,
                "seq": seq,
                "owner_name": _name(owner),
                "owner_country": country,
                "owner_region": region,
                "valid_from": since if assignees else None,
            },
        )


def _add_event(rows: Rows, raw_row: int, record: Element) -> None:
    application = _reference(record, "ApplicationReference")
    office = application.get("office") or "CN"
    code = _text(record, "PRSCode")
    gazetted = day(_text(record, "PRSPublicationDate/Date"))
    told = (_text(record, "PRSValue"), _text(record, "PRSInformation"))
    effective = _EFFECTIVE.search(told[1] or "")
    rows.add(
        "legal_event",
        {
            "office": office,
            "application_number": patent_numbers.application_number(
                office, application.get("number")
            ),
            "adapter": ADAPTER,
            "is_simulated": flag(record.get("is_simulated")),
            "raw_row": raw_row,
            "event_date": day(effective[1]) if effective else gazetted,
            "event_code": code,
            "event_kind": legal_events.event_kind(office, code),
            "gazette_date": gazetted,
            "detail": "\n".join(filter(None, told)) or None,
        },
    )


def _text(element: Element, path: str) -> str | None:
    """Text at a path; blank, and the `0` that fills empty fields, is None."""
    found = element.find(path)
    if found is None:
        return None
    text = " ".join(("".join(found.itertext()) if len(found) else found.text or "").split())
    return None if text in ("", "0") else text


def _reference(element: Element, tag: str) -> dict[str, str]:
    """Office, number, kind and day of a reference, in the office's own form where there is one."""
    references = sorted(element.findall(tag), key=lambda r: r.get("dataFormat") != "original")
    identity = references[0].find("DocumentID") if references else None
    if identity is None:
        return {}
    fields = {
        "office": _text(identity, "WIPOST3Code"),
        "number": _text(identity, "DocNumber"),
        "kind": _text(identity, "Kind"),
        "date": day(_text(identity, "Date")),
    }
    return {field: value for field, value in fields.items() if value is not None}


def _name(party: Element) -> str | None:
    return _text(party, "AddressBook/Name") or _text(party, "AddressBook/OrganizationName")


def _home(party: Element) -> tuple[str | None, str | None]:
    """Country and region; the province counts where the country is China or is not told."""
    country = _text(party, "AddressBook/Address/WIPOST3Code")
    province = _text(party, "AddressBook/Address/Province")
    if country not in (None, "CN"):
        return country, place(country)[1]
    known, region = place(province)
    return known or country, region


def _earliest(data: Element) -> str | None:
    days = [
        day(_text(priority, "Date") or _text(priority, "DocumentID/Date"))
        for priority in data.findall("PriorityDetails/Priority")
    ]
    return min(filter(None, days), default=None)


def _symbols(data: Element) -> Iterator[tuple[str, str | None]]:
    """Symbols as written, with the version of the IPC, in their order."""
    for symbol in data.iter("ClassificationIPCR"):
        written = _text(symbol, "Text")
        if written is None:
            parts = [_text(symbol, part) or "" for part in ("Section", "MainClass", "Subclass")]
            group = [symbol.findtext(part, "").strip() for part in ("MainGroup", "Subgroup")]
            written = "".join(parts) + "/".join(filter(None, group))
        since = _text(symbol, "IPCVersionDate") or ""
        yield written, (f"{since[:4]}.{since[4:6]}" if len(since) == 8 else since) or None
    for edition in data.iter("ClassificationIPC"):
        told = _text(edition, "EditionStatement")
        for tag in ("MainClassification", "FurtherClassification"):
            for symbol in edition.findall(tag):
                text = "".join(symbol.itertext()).strip()
                if text and symbol.get("dataFormat") != "standard":
                    yield text, _EDITIONS.get(told or "", told)
