"""The real exports, read by the csv module, an XML parser and plain Python: what each record says.

A second path beside the adapters, which it shares nothing with: what it makes of the files is what
the marts are held against. It takes what these very files hold and no more. Not here: the rules of
the indicator (reference.py), what IPC symbols mean (sei_by_hand.py).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from reference import Document, Event, Member, Owner, Patent, Symbol

#: Names of provinces and countries in the Chinese files, by hand; a city stands for its province.
PLACES: Final = {
    **{"北京": "CN-BJ", "广东": "CN-GD", "浙江": "CN-ZJ", "陕西": "CN-SN", "江苏": "CN-JS"},
    **{"天津": "CN-TJ", "山东": "CN-SD", "上海": "CN-SH", "湖北": "CN-HB", "福建": "CN-FJ"},
    **{"云南": "CN-YN", "重庆": "CN-CQ", "四川": "CN-SC", "湖南": "CN-HN", "河南": "CN-HA"},
    **{"辽宁": "CN-LN", "沈阳": "CN-LN", "黑龙江": "CN-HL", "河北": "CN-HE", "安徽": "CN-AH"},
    **{"江西": "CN-JX", "吉林": "CN-JL", "长春": "CN-JL", "山西": "CN-SX", "内蒙": "CN-NM"},
    **{"海南": "CN-HI", "甘肃": "CN-GS", "广西": "CN-GX", "台湾": "CN-TW"},
    **{"中国": "CN", "美国": "US", "丹麦": "DK", "葡萄牙": "PT", "德国": "DE"},
}
#: Regions of China's list that are countries of their own in another.
ABROAD: Final = {"CN-TW", "CN-HK", "CN-MO"}
#: Rights that are no inventions: kinds of documents, by office where it stands alone with it.
UTILITY_MODELS: Final = {"AU A4", "AU B3", "FR A3", "FR B3", "HU V0", "U", "U1", "Y", "Y1"}
DESIGNS: Final = {"S", "S1"}
#: The events at hand that tell how a right fares: Canada's expiry, the end for want of a fee, fees
#: paid, lapses in one state of many. All others are names, examination, procedure.
LIFE_CODES: Final = {
    **{"MKEX": "expiry", "EXP.": "fee_lapse"},
    **dict.fromkeys(["MAFP", "PGFP", "M170", "M171", "M1551"], "fee_payment"),
    **dict.fromkeys(["PG25", "BERE", "GBPC"], "lapse_in_state"),
}


@dataclass(frozen=True)
class Record:
    """What one record of one file says of a publication; kind None: it is no document of it."""

    file: str
    office: str
    number: str
    kind: str | None = None
    application: str | None = None
    right: str | None = None
    filed: date | None = None
    published: date | None = None
    granted: date | None = None
    status: str | None = None
    residence: str | None = None
    symbols: tuple[str, ...] = ()
    family: str | None = None
    members: tuple[Member, ...] = ()
    events: tuple[Event, ...] = ()
    #: Inbox of the file.
    source: str = ""


#: Office and the last of its publication numbers, which no other patent has.
Key = tuple[str, str]


@dataclass
class Said:
    """All records of one patent, documents and others."""

    records: list[Record] = field(default_factory=list)

    @property
    def documents(self) -> list[Record]:
        return [r for r in self.records if r.kind]

    @property
    def key(self) -> Key:
        return self.records[0].office, max(r.number for r in self.documents or self.records)

    @property
    def kinds(self) -> str:
        return ";".join(sorted({r.kind for r in self.documents if r.kind}))

    @property
    def status(self) -> str | None:
        """As printed last."""
        found = [(r.published or date.min, r.status) for r in self.records if r.status]
        return max(found)[1] if found else None

    @property
    def owners(self) -> list[Owner]:
        """First owners of its documents, those of a known region before those of a country.

        Where documents differ, the one published last; of one day, the first by name.
        """
        told = sorted((r for r in self.records if r.residence), key=lambda r: r.residence or "")
        told.sort(key=lambda r: r.published or date.min, reverse=True)
        told.sort(key=lambda r: len(r.residence or ""), reverse=True)
        found = dict.fromkeys(r.residence for r in told if r.residence)
        return [
            Owner(1, place[3:] if place in ABROAD else place[:2], place if "-" in place else None)
            for place in found
        ] or [Owner(1, None, None)]


# --- how these files write -------------------------------------------------------------------


def iso(text: str) -> date | None:
    """2021-01-22, 2021.01.22 or 20210122; blank and 0 are none."""
    digits = re.sub("[^0-9]", "", text)
    return datetime.strptime(digits, "%Y%m%d").date() if len(digits) == 8 else None


def publication(office: str, number: str) -> str:
    """The office's number as the register spells it."""
    number = re.sub("[^0-9A-Z]", "", number)
    if office == "US" and re.fullmatch("20[0-9]{8}", number):
        return f"{number[:4]}0{number[4:]}"
    if office == "WO" and re.fullmatch("[0-9]{7,8}", number):
        century = "19" if number >= "78" else "20"
        return f"{century}{number[:2]}{number[2:]:0>6}"
    if office == "EP":
        return number.zfill(7)
    return re.sub("^([A-Z]*)0+", r"\1", number) if office == "US" else number


def right_of(office: str, kind: str, *said: str) -> str:
    """By the kind of the document, and by what a file says besides: its type, its application's."""
    if {kind, *said} & (DESIGNS | {"F", "Design Right", "Design right"}):
        return "design"
    is_model = {kind, f"{office} {kind}", *said} & (UTILITY_MODELS | {"Limited Patent"})
    return "utility_model" if is_model else "invention"


def grant_of(office: str, kind: str, published: date | None) -> date | None:
    """The publication's day, where the document is the grant; of other offices it is not known."""
    if published is None:
        return None
    grants = {
        "CN": {"B", "U", "S"} if published >= date(2010, 4, 7) else {"C", "Y", "D"},
        "US": {"B1", "B2", "E", "E1", "S1"} | ({"A"} if published <= date(2001, 1, 1) else set()),
        "EP": {"B1"},
    }
    return published if kind in grants.get(office, set()) else None


def listed(text: str | None, mark: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in (text or "").split(mark) if part.strip()))


def table(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        if path.name == "gp-search.csv":
            file.readline()  # the address of the search
        return list(csv.DictReader(file))


# --- file by file ----------------------------------------------------------------------------


def cnipa_search(path: Path) -> Iterator[Record]:
    for row in table(path):
        office, number, kind = re.fullmatch("(..)([0-9]+)(.)", row["公开公告号"]).groups()  # type: ignore[union-attr]
        published = iso(row["公开公告日"])
        yield Record(
            path.name, office, number, kind,
            application=row["申请号"].partition(".")[0],
            right=right_of(office, kind),
            filed=iso(row["申请日"]),
            published=published,
            granted=grant_of(office, kind, published),
            status=row["文献状态"],
            residence=PLACES[row["申请人国别省市"]] if row["申请人国别省市"] else None,
        )  # fmt: skip


def lens_2015_day(text: str, last: date, exact: str | None) -> date | None:
    """A day such as 24/08/71 not after another day: of the last century that fits.

    The year is that of the week; days of its turn are taken only where the file repeats them.
    """
    if exact:
        return iso(exact)
    if not text:
        return None
    day, month, year = (int(part) for part in text.split("/"))
    if month == 12 and day > 25:
        return None
    year += last.year // 100 * 100
    found = date(year, month, day)
    return found if found <= last else date(year - 100, month, day)


def lens(path: Path) -> Iterator[Record]:
    is_first = path.name == "lens_export_2015.csv"
    for row in table(path, "latin-1" if is_first else "utf-8-sig"):
        office, *middle, kind = (row.get("Display Key") or row["Publication Number"]).split()
        applied = row.get("Application Number") or ""
        said = row.get("Document Type") or row["Type"]
        if is_first:
            day, month, _ = row["Publication Date"].split("/")
            published = date(int(row["Publication Year"]), int(month), int(day))
            own = re.search(re.escape(applied) + " ([0-9]{8})", row["Priority Numbers"])
            filed = lens_2015_day(row["Application Date"], published, own and own[1])
        else:
            published = date.fromisoformat(row["Publication Date"])
            filed = iso(row["Application Date"])
        lists = (f"{kin} Family Member" for kin in ("Simple", "Extended"))
        yield Record(
            path.name, office, publication(office, "".join(middle)), kind,
            application="".join(re.findall("[0-9A-Z]+", applied)[:-1]) or None,
            right=right_of(office, kind, said, applied[-1:]),
            filed=filed,
            published=published,
            granted=grant_of(office, kind, published),
            status=row.get("Legal Status"),
            symbols=listed(row["IPCR Classifications"], ";;"),
            family=min(listed(row.get("Simple Family Members"), ";;"), default=None),
            members=tuple(
                Member(at) for one in lists for at in listed(row.get(f"{one} Jurisdictions"), ";;")
            ),
        )  # fmt: skip


def google(path: Path) -> Iterator[Record]:
    for row in table(path):
        office, number, kind = (row.get("publication_number") or row["id"]).split("-")
        published = iso(row.get("publication_date") or row.get("publication date") or "")
        granted = iso(row.get("grant date") or "")
        yield Record(
            path.name, office, publication(office, number), kind,
            right=right_of(office, kind),
            filed=iso(row.get("filing_date") or row.get("filing/creation date") or ""),
            published=published,
            granted=granted or grant_of(office, kind, published),
            symbols=listed(row.get("ipc_codes"), ","),
        )  # fmt: skip


Tree = ElementTree.Element


def parsed(path: Path) -> Tree:
    """The tree, its tags without their namespaces."""
    tree = ElementTree.parse(path).getroot()  # noqa: S314 - files of our own shelf
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    return tree


def cnipa_xml(path: Path) -> Iterator[Record]:
    tree = parsed(path)
    data = tree.find("BibliographicData")
    assert data is not None
    kind, published = tree.attrib["kind"], iso(tree.attrib["datePublication"])
    granted = grant_of("CN", kind, published)
    holders = (data.find(f".//{tag}") for tag in ("Assignee", "Applicant"))
    first = next(h for h in holders if h is not None)
    province = first.findtext(".//Province") or ""
    parts = ("Section", "MainClass", "Subclass", "MainGroup", "Subgroup")
    coded = [[s.findtext(part) for part in parts] for s in data.iter("ClassificationIPCR")]
    symbols = [f"{a}{b}{c}{d}/{e}" for a, b, c, d, e in coded]
    symbols += [e.text or "" for e in data.iterfind("ClassificationIPC/*[@dataFormat='original']")]
    applied = data.findtext("ApplicationReference/DocumentID/DocNumber") or ""
    yield Record(
        path.name, "CN", tree.attrib["docNumber"], kind,
        application="CN" + applied.partition(".")[0],
        right=right_of("CN", kind),
        filed=iso(data.findtext("ApplicationReference/DocumentID/Date") or ""),
        published=published,
        granted=granted,
        residence=PLACES.get(re.sub("[省市]$", "", province))
        or first.findtext(".//WIPOST3Code"),
        symbols=tuple(dict.fromkeys(symbols)),
    )  # fmt: skip


def ops_symbols(record: Tree) -> tuple[str, ...]:
    """Symbols in columns (H04W  84/    20            A I), or without blanks."""
    texts = [t.text or "" for part in ("classifications-ipcr", "classification-ipc")
             for t in record.iterfind(f".//{part}//text")]  # fmt: skip
    found = (re.match(r"([A-H]\d\d[A-Z]) *(\d+) */ *(\d+)", text.strip()) for text in texts)
    return tuple(dict.fromkeys(f"{m[1]}{m[2]}/{m[3]}" for m in found if m))


def ops_event(legal: Tree) -> Event:
    """An event on its effective day, else of payment, else of the gazette."""
    days = (iso(legal.findtext(f".//L{n}EP") or "") for n in (525, 518, "007"))
    return Event(next(d for d in days if d), LIFE_CODES.get(legal.attrib["code"].strip(), "other"))


def epo_ops(path: Path) -> Iterator[Record]:
    """Publications of an answer; those of a family tell the members of other applications."""
    tree = parsed(path)
    members = tree.findall(".//family-member")
    found = [ops_record(path.name, r) for r in members or tree.findall(".//exchange-document")]
    for record in found:
        others = [o for o in found if members and o.application != record.application]
        yield replace(record, members=tuple(as_member(o) for o in others))
    asked = tree.find("equivalents-inquiry/publication-reference/document-id")
    if asked is not None:
        office, number = (asked.findtext(tag) or "" for tag in ("country", "doc-number"))
        kin = [n.text or "" for n in tree.iterfind(".//inquiry-result//doc-number")]
        yield Record(path.name, office, number, members=tuple(Member(text[:2]) for text in kin))


def ops_record(file: str, record: Tree) -> Record:
    reference = record.find(".//publication-reference/document-id")
    applied = record.find(".//application-reference")
    assert reference is not None
    assert applied is not None
    office, number, kind, day = (
        reference.findtext(tag) or "" for tag in ("country", "doc-number", "kind", "date")
    )
    owner = record.findtext(".//applicant[@data-format='epodoc']//name") or ""
    home = re.search(r"\[([A-Z]{2})\]", owner)
    published = iso(day)
    return Record(
        file,
        office,
        publication(office, number),
        kind,
        application="".join(applied.findtext(f".//{t}") or "" for t in ("country", "doc-number")),
        right=right_of(office, kind),
        filed=iso(applied.findtext(".//date") or ""),
        published=published,
        granted=grant_of(office, kind, published),
        residence=home and home[1],
        symbols=ops_symbols(record),
        family=record.get("family-id"),
        events=tuple(ops_event(legal) for legal in record.iter("legal")),
    )


def as_member(*documents: Record) -> Member:
    """A patent as a member of another's family: granted, or nobody knows."""
    granted, published = (
        min((d for d in days if d), default=None)
        for days in ([r.granted for r in documents], [r.published for r in documents])
    )
    return Member(documents[0].office, True if granted else None, granted, published)


def uspto(path: Path) -> Iterator[Record]:
    """Events of patents that no export at hand has a document of."""
    if path.suffix == ".txt":
        for line in path.read_text().splitlines():
            number, *_, day, code = line.split()
            happened = Event(datetime.strptime(day, "%Y%m%d").date(), LIFE_CODES.get(code, code))
            yield Record(path.name, "US", number.lstrip("0"), events=(happened,))
    else:
        tree = parsed(path)
        number = tree.findall(".//document-id")[-1].findtext("doc-number") or ""
        recorded = iso(tree.findtext(".//recorded-date/date") or "")
        assert recorded
        yield Record(path.name, "US", number, events=(Event(recorded, "transfer"),))


#: Inbox to what its files are read by, and where they are on the shelf of shared material.
Read = Callable[[Path], Iterator[Record]]
FILES: Final[Mapping[str, tuple[Read, tuple[str, ...]]]] = {
    "cnipa_export": (cnipa_search, ("data/cnipa_pss_export",)),
    "cnipa_xml": (cnipa_xml, ("data/cnipa_xml",)),
    "lens": (lens, ("data/lens_export",)),
    "google_patents": (google, ("data/google_patents_export", "data/google_patents_search")),
    "epo_ops": (epo_ops, ("data/epo_ops_responses",)),
    "uspto": (uspto, ("samples/uspto_maintfee", "samples/uspto_assignment/padx_MIT_31066_972.xml")),
}


# --- records to patents ----------------------------------------------------------------------


def by_patent(records: Iterable[Record]) -> list[Said]:
    """Records by application; a publication alone is of the one application that it stands with."""
    records = list(records)
    applications: dict[tuple[str, str], set[str]] = defaultdict(set)
    for record in records:
        if record.application and record.kind:
            applications[record.office, record.number].add(record.application)
    found: dict[tuple[str, str], Said] = defaultdict(Said)
    for record in records:
        known = applications[record.office, record.number]
        own = record.application or (min(known) if len(known) == 1 else f"P{record.number}")
        found[record.office, own].records.append(record)
    return list(found.values())


def kin(patents: Iterable[Said]) -> dict[Key, list[Member]]:
    """Patents of other offices that a source counts to the same family, by the patent's key."""
    families: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for patent in patents:
        for family in {(r.source, r.family) for r in patent.documents if r.family}:
            families[family].append(patent)
    found: dict[Key, list[Member]] = defaultdict(list)
    for family, members in families.items():
        for patent in members:
            for other in members:
                if other.key[0] != patent.key[0]:
                    told = [r for r in other.documents if (r.source, r.family) == family]
                    found[patent.key].append(as_member(*told))
    return found


def as_patents(found: Iterable[Said]) -> list[Patent]:
    """The patents of which there is a document or anything else, as the reference knows them."""
    found = list(found)
    relatives = kin(found)
    return [
        Patent(
            office=said.key[0],
            application=" ".join(said.key),
            ip_type=min((r.right for r in said.documents if r.right), default=None),
            filed=min((r.filed for r in said.documents if r.filed), default=None),
            granted=min((r.granted for r in said.documents if r.granted), default=None),
            documents=tuple(Document(r.number, r.kind) for r in said.documents if r.kind),
            owners=tuple(said.owners),
            symbols=tuple(Symbol(s, at) for r in said.records for at, s in enumerate(r.symbols, 1)),
            members=tuple(m for r in said.records for m in r.members),
            kin=tuple(relatives[said.key]),
            events=tuple(e for r in said.records for e in r.events),
        )
        for said in found
    ]
