"""Answers of EPO Open Patent Services (XML): families, legal events, bibliographic data.

Read are: family (with biblio, with legal, or neither), legal, published-data biblio and search
(with constituents or as bare references), equivalents. A fault, an answer of the classification or
register services, and JSON are refused by name. Not here: numbers, kinds, symbols and codes
(contracts).

Decisions.
- raw_row: the n-th family-member, exchange-document, search result or equivalent of the file; for
  legal_event the n-th `legal` element.
- patent: a row for each of those records, but none for equivalents, which are bare references.
- grant_date: the publication date of documents that are the grant itself (contracts.kind_codes).
- priority_date: the earliest of the priority claims' dates. Family answers claim the application
  itself and, for a national phase, the international one: then it is the filing date.
- patent_owner: applicants in EPODOC's spelling, whose brackets hold the country; without them those
  of the document, without country. They are owners since filing.
- family_member: the family service gives the extended family, and `family-id` the simple one within
  it; a file of several answers holds several. For each application of a family there is a row for
  each member: `simple` where both have the same family-id, else `extended`. Rows of an
  application's own publications are left out unless the answer shows the whole family
  (`total-result-count`): they are the evidence that the family is known, and the legal service
  shows one member of many.
- member_is_granted: true where the member's kind is a grant; else NULL, as it may be granted later
  or by a document that is not in the answer.
- legal_event: `event_date` is the effective day (L525), else the day of payment (L518), else the
  gazette's (L007). US assignments (AS) take the day they were recorded, and their kind from their
  text; where a US text cites the office's own code, that code tells the kind.
- is_simulated: the attribute `is-simulated="true"` of the outermost element.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from xml.etree.ElementTree import Element

from contracts import ipc, kind_codes, legal_events, patent_numbers
from pipelines.source import Batch, Notes, SourceFormatError
from pipelines.sources.patent_register import xml_stream
from pipelines.sources.patent_register.cells import REGION_OF, day, joined
from pipelines.sources.patent_register.rows import Rows
from pipelines.sources.patent_register.unpack import whole

ADAPTER: Final = "epo_ops"
TABLES: Final = ("patent", "patent_owner", "ipc_assignment", "family_member", "legal_event")

#: Elements that hold what the register takes; every other is ignored by name.
_RECORDS: Final = frozenset({"family-member", "exchange-document", "inquiry-result"})
_REFERENCE: Final = "publication-reference"
#: Parts of a record that the register has no use for.
IGNORED: Final = frozenset(
    {
        "abstract",
        "classification-national",
        "classifications-cpci",
        "inventors",
        "patent-classifications",
        "pre",
        "references-cited",
        "cycle",
        "full-cycle",
        "images-inquiry",
    }
)
#: Services whose answers hold no patents.
_OTHERS: Final = {
    "classification-scheme": "the classification service",
    "classification-search": "the classification service",
    "register-search": "the register service",
    "register-documents": "the register service",
    "fulltext-documents": "the full-text service",
    "document-inquiry": "the images service",
    "standardization": "the number service",
}
_ORIGINAL_CODE: Final = re.compile(r"ORIGINAL EVENT CODE: ?([A-Z0-9.]+)")
_COUNTRY: Final = re.compile(r"(.*\S)\s*\[([A-Z]{2})\]", re.DOTALL)
#: IPCR texts have the version after the symbol (20060101).
_VERSION: Final = re.compile(r"\s((?:19|20)[0-9]{2})(0[1-9]|1[0-2])[0-9]{2}")


class _Document(NamedTuple):
    """A publication or application as a reference names it."""

    office: str | None
    number: str | None
    kind: str | None
    date: str | None


class _Patent(NamedTuple):
    """Whom rows are about."""

    office: str | None
    application_number: str | None
    publication_number: str | None


class _Member(NamedTuple):
    raw_row: int
    family_id: str | None
    patent: _Patent
    kind: str | None
    date: str | None
    grant_date: str | None


def read(path: Path, name: str, notes: Notes) -> Iterator[Batch]:
    """Rows of an answer by table, in frames of bounded size.

    Raises SourceFormatError naming the place, or code and message of a fault.
    """
    reader = _Answer(name, notes)
    with path.open("rb") as file:
        if file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            raise SourceFormatError(f"{name}: this is JSON; ask OPS for application/xml")
    for part in xml_stream.parts(whole(path, name), reader.records):
        if part.at == "start" and part.tag == "patent-family":
            yield from reader.families()
        reader.take(part)
        yield from reader.rows.full()
    yield from reader.end()


class _Answer:
    """What has been read of one answer."""

    records = _RECORDS | {_REFERENCE, "fault"}

    def __init__(self, name: str, notes: Notes) -> None:
        self.name, self.left_out = name, notes.left_out
        self.rows = Rows(*TABLES)
        self.simulated = False
        self.root = ""
        self.count = Counter[str]()
        self.asked: _Document | None = None
        self.members: list[_Member] = []
        self.expected: str | None = None

    def take(self, part: xml_stream.Part) -> None:
        tag = part.tag
        if not self.root:
            self._root(part)
        if tag == "fault":
            told = [" ".join((part.element.findtext(t) or "").split()) for t in ("code", "message")]
            raise SourceFormatError(f"{self.name}: OPS answered with a fault: {': '.join(told)}")
        if tag in _OTHERS:
            raise SourceFormatError(
                f"{self.name}: an answer of {_OTHERS[tag]}, which holds no patents ({tag})"
            )
        if part.at == "start":
            if tag == "patent-family":
                self.expected = part.element.get("total-result-count")
        elif tag == "family-member":
            self._member(part.element)
        elif tag == "exchange-document":
            self._exchange_document(part.element)
        elif tag == "inquiry-result":
            self._equivalent(part.element)
        elif tag == _REFERENCE:
            if part.within and part.within[-1] == "search-result":
                self._reference(part.element)
            else:
                self.asked = _document(part.element)

    def end(self) -> Iterator[Batch]:
        yield from self.families()
        yield from self.rows.rest()

    def _root(self, part: xml_stream.Part) -> None:
        self.root = part.tag
        self.simulated = part.element.get("is-simulated") == "true"
        if self.root not in ("world-patent-data", "fault"):
            raise SourceFormatError(
                f"{self.name}: the outermost element is {self.root}, not the world-patent-data "
                "of an OPS answer"
            )

    def _row(self, patent: _Patent, raw_row: int) -> dict[str, Any]:
        return {
            **patent._asdict(),
            "adapter": ADAPTER,
            "is_simulated": self.simulated,
            "raw_row": raw_row,
        }

    def _member(self, element: Element) -> None:
        self.count["record"] += 1
        at = self.count["record"]
        biblio = element.find("exchange-document")
        published = _document(element.find(_REFERENCE), biblio)
        family_id = element.get("family-id") or (
            biblio.get("family-id") if biblio is not None else None
        )
        patent, grant_date = self._patent(element, biblio, published, family_id, at)
        self.members.append(
            _Member(at, family_id, patent, published.kind, published.date, grant_date)
        )
        for legal in element.iter("legal"):
            self.count["legal"] += 1
            self._legal(legal, patent, self.count["legal"])

    def _exchange_document(self, element: Element) -> None:
        if element.get("status") == "not found":
            self.left_out["documents that OPS did not find"] += 1
            return
        self.count["record"] += 1
        published = _document(element.find(f"bibliographic-data/{_REFERENCE}"), element)
        self._patent(element, element, published, element.get("family-id"), self.count["record"])

    def _reference(self, element: Element) -> None:
        self.count["record"] += 1
        published = _document(element)
        self._patent(element, None, published, element.get("family-id"), self.count["record"])

    def _patent(
        self,
        record: Element,
        biblio: Element | None,
        published: _Document,
        family_id: str | None,
        at: int,
    ) -> tuple[_Patent, str | None]:
        """Rows of a publication; the patent, and the grant's day if this is the grant."""
        data = biblio.find("bibliographic-data") if biblio is not None else None
        application = record.find("application-reference")
        if application is None and data is not None:
            application = data.find("application-reference")
        applied = _document(application)
        patent = _Patent(
            published.office, _application_number(published.office, applied), _number(published)
        )
        claims = [*record.iter("priority-claim")]
        priorities = [d for claim in claims if (d := _document(claim).date)]
        owners = _applicants(data)
        granted = kind_codes.is_grant(published.office, published.kind, published.date)
        grant_date = published.date if granted else None
        right = kind_codes.ip_type(published.office, published.kind)
        row = self._row(patent, at)
        self.rows.add(
            "patent",
            {
                **row,
                "kind_code": published.kind,
                "ip_type": right or f"unknown:{published.kind or ''}",
                "priority_date": min(priorities, default=None),
                "filing_date": applied.date,
                "publication_date": published.date,
                "grant_date": grant_date,
                "title": _title(data),
                "applicants": joined(owner for owner, _ in owners),
                "family_id": family_id,
            },
        )
        for seq, (owner, country) in enumerate(owners, start=1):
            self.rows.add(
                "patent_owner",
                {
                    **row,
                    "seq": seq,
                    "owner_name": owner,
                    "owner_country": country,
                    "owner_region": REGION_OF.get(country or ""),
                    "publication_date": published.date,
                },
            )
        for position, (symbol, version) in enumerate(_symbols(data), start=1):
            self.rows.add(
                "ipc_assignment",
                {**row, "ipc_symbol": symbol, "position": position, "ipc_version": version},
            )
        return patent, grant_date

    def _equivalent(self, element: Element) -> None:
        """A publication of the asked one's simple family, named in EPODOC's way without a kind."""
        asked = self.asked or _Document(None, None, None, None)
        subject = _Patent(asked.office, None, _number(asked))
        self.count["record"] += 1
        member = _document(element.find(_REFERENCE))
        self.rows.add(
            "family_member",
            {
                **self._row(subject, self.count["record"]),
                "family_type": "simple",
                "member_office": member.office,
                "member_number": _number(member),
                "member_kind_code": member.kind,
                "member_publication_date": member.date,
            },
        )

    def families(self) -> Iterator[Batch]:
        """Members of each application of the family at hand, which ends here."""
        whole = self.expected == str(len(self.members))
        subjects = dict[_Patent, str | None]()
        for member in self.members:
            number = member.patent.application_number
            subject = member.patent._replace(publication_number=None) if number else member.patent
            subjects.setdefault(subject, member.family_id)
        for subject, family_id in subjects.items():
            for member in self.members:
                own = member.patent.application_number or member.patent.publication_number
                if own == (subject.application_number or subject.publication_number) and not whole:
                    continue
                simple = family_id is not None and family_id == member.family_id
                self.rows.add(
                    "family_member",
                    {
                        **self._row(subject, member.raw_row),
                        "family_id": family_id,
                        "family_type": "simple" if simple else "extended",
                        "member_office": member.patent.office,
                        "member_number": member.patent.publication_number,
                        "member_kind_code": member.kind,
                        "member_publication_date": member.date,
                        "member_grant_date": member.grant_date,
                        "member_is_granted": True if member.grant_date else None,
                    },
                )
            yield from self.rows.full()
        self.members, self.expected = [], None

    def _legal(self, element: Element, patent: _Patent, at: int) -> None:
        fields = {f.tag: " ".join((f.text or "").split()) for f in element.iter()}
        code = (element.get("code") or fields.get("L008EP") or "").strip() or None
        office = fields.get("L001EP") or patent.office
        text = fields.get("L510EP")
        gazette = day(fields.get("L007EP"))
        effective = day(fields.get("L525EP")) or day(fields.get("L518EP")) or gazette
        kind = legal_events.event_kind(office, code)
        if office == "US" and code == "AS":
            effective = gazette or effective
            words = legal_events.conveyance((text or "").partition(";")[0])
            kind = legal_events.event_kind(office, words)
        elif office == "US" and (original := _ORIGINAL_CODE.search(text or "")):
            known = legal_events.CODES.get(("US", original[1]))
            kind = known.event_kind if known else kind
        self.rows.add(
            "legal_event",
            {
                **self._row(patent, at),
                "event_date": effective,
                "event_code": code,
                "event_kind": kind,
                "gazette_date": gazette,
                "detail": joined(
                    (
                        f"{f.get('desc')}: {fields[f.tag]}"
                        for f in element.iter()
                        if re.fullmatch("L5[0-9]{2}EP", f.tag) and f.get("desc") and fields[f.tag]
                    ),
                    "; ",
                ),
            },
        )


def _text(element: Element | None, tag: str) -> str | None:
    found = element.findtext(tag) if element is not None else None
    return " ".join(found.split()) or None if found else None


def _document(reference: Element | None, attributes: Element | None = None) -> _Document:
    """A reference, in DOCDB's spelling if it has one, else by an exchange-document's `attributes`.

    The date is that of the DOCDB reference, or of any other spelling of the same document.
    """
    ids = list(reference.iter("document-id")) if reference is not None else []
    by_type = {i.get("document-id-type") or "docdb": i for i in reversed(ids)}
    docdb, epodoc = by_type.get("docdb"), by_type.get("epodoc")
    date = next((d for i in (docdb, epodoc, *ids) if (d := _text(i, "date"))), None)
    office, number, kind = (_text(docdb, t) for t in ("country", "doc-number", "kind"))
    if number is None and (text := _text(epodoc, "doc-number")):
        office, number = text[:2], text[2:]
    if attributes is not None:
        office = office or attributes.get("country")
        number = number or attributes.get("doc-number")
        kind = kind or attributes.get("kind")
    return _Document(office, number, None if kind == "%%" else kind, day(date))


def _number(published: _Document) -> str | None:
    """Publication number in the register's spelling; one that cannot be read stays as written."""
    if published.number is None:
        return None
    _, number, _ = patent_numbers.publication(
        f"{published.office or ''} {published.number} {published.kind or 'A'}"
    )
    return number


def _application_number(office: str | None, applied: _Document) -> str | None:
    if applied.number is None:
        return None
    if applied.kind == "W":  # an international application, named by its receiving office
        return patent_numbers.application_number("WO", f"{applied.office} {applied.number} W")
    return patent_numbers.application_number(
        applied.office or office or "", f"{applied.number} {applied.kind or 'A'}"
    )


def _title(data: Element | None) -> str | None:
    """The English title, or the first."""
    titles = data.findall("invention-title") if data is not None else []
    titles.sort(key=lambda title: title.get("lang") != "en")
    return next((t for title in titles if (t := " ".join((title.text or "").split()))), None)


def _applicants(data: Element | None) -> list[tuple[str, str | None]]:
    """Names and countries of the applicants."""
    by_format: dict[str | None, list[tuple[str, str | None]]] = {}
    for applicant in data.iter("applicant") if data is not None else ():
        name = _text(applicant, "applicant-name/name")
        if name:
            found = _COUNTRY.fullmatch(name)
            pair = (found[1], found[2]) if found else (name.rstrip(" ,"), None)
            names = by_format.setdefault(applicant.get("data-format"), [])
            if pair not in names:
                names.append(pair)
    return by_format.get("epodoc") or next(iter(by_format.values()), [])


def _symbols(data: Element | None) -> Iterable[tuple[str, str | None]]:
    """Symbols and versions, each symbol once; what is no symbol stays as written."""
    if data is None:
        return ()
    texts = [
        text
        for group in ("classifications-ipcr", "classification-ipc")
        for e in data.iterfind(f"{group}//text")
        if (text := (e.text or "").strip())
    ]
    found: dict[str, str | None] = {}
    for text in texts:
        version = _VERSION.search(text)
        symbol = ipc.normalise(text) or " ".join(text.split())
        found.setdefault(symbol, f"{version[1]}.{version[2]}" if version else None)
    return found.items()
