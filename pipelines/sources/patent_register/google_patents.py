"""Google Patents: the public data set as CSV, JSON Lines or Parquet, and the search download.

The data set's columns are those of `patents-public-data.patents.publications`, nested as BigQuery
exports them (`ipc: [{code, first, …}]`) or flattened by whoever asked (`ipc_codes: "A,B"`); dates
are whole numbers, 0 = none. The search download is a CSV whose first line is the address of the
search. What a file is, its bytes say: Parquet, an object a line, or CSV. Not here: numbers, kinds
and symbols (contracts).

Decisions.
- ip_type: the office's use of the kind code; then application_kind (U, F); then the kind's letter.
  Where all are silent the contract rejects `unknown:<kind>`.
- grant_date: as the source tells it; where it tells none, the publication date of documents that
  are the grant itself (kind_codes.is_grant: US, CN, EP).
- The search download writes 1900-01-01, a holiday, for a publication date that it does not know,
  beside blank priority and filing dates: such a date is none.
- Owners are `assignee_harmonized`, else assignees. A flattened list is divided at `;`, `|` or a
  comma without a blank after it. The search download joins names by a comma and a blank, which
  names contain too ("Gearbox, Inc."): the cell stays whole, as one owner's name.
- Symbols keep the source's order, those marked `first` before the others.
- family_id is Google's key of the simple family. Members are the records that share it; there are
  no rows of family_member.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import duckdb

from contracts import ipc, kind_codes, patent_numbers
from pipelines.source import Batch, Notes, SourceFormatError
from pipelines.sources.patent_register.cells import agreed, flag
from pipelines.sources.patent_register.delimited import LINE, open_table
from pipelines.sources.patent_register.rows import Rows
from pipelines.sources.patent_register.unpack import whole

ADAPTER: Final = "google_patents"
TABLES: Final = ("patent", "patent_owner", "ipc_assignment")

_PUBLICATION: Final = ("publication_number", "publication number", "id")
_APPLICATION: Final = ("application_number", "application number")
_PUBLISHED: Final = ("publication_date", "publication date")
_GRANTED: Final = ("grant_date", "grant date")
_FILED: Final = ("filing_date", "filing date", "filing/creation date")
_PRIORITY: Final = ("priority_date", "priority date")
_TITLE: Final = ("title_localized", "title")
_ASSIGNEES: Final = ("assignee", "assignees")
_OWNERS: Final = ("assignee_harmonized", "assignees_harmonized", *_ASSIGNEES)
_IPC: Final = ("ipc", "ipc_codes", "ipc_code")
_OTHERS: Final = (
    "application_kind",
    "country_code",
    "family_id",
    "is_simulated",
    "kind_code",
)
#: Columns that are read; a Parquet file is read for these alone.
USED: Final = frozenset(
    _PUBLICATION
    + _APPLICATION
    + _PUBLISHED
    + _GRANTED
    + _FILED
    + _PRIORITY
    + _TITLE
    + _OWNERS
    + _IPC
    + _OTHERS
)
#: Columns that the register has no use for, known so that they are ignored by name.
IGNORED: Final = frozenset(
    {
        "abstract",
        "abstract_localized",
        "application_number_formatted",
        "art_unit",
        "child",
        "citation",
        "claims_localized",
        "claims_localized_html",
        "cpc",
        "description_localized",
        "description_localized_html",
        "entity_status",
        "examiner",
        "fi",
        "fterm",
        "inventor",
        "inventor/author",
        "inventor_harmonized",
        "parent",
        "pct_number",
        "priority_claim",
        "representative figure link",
        "result link",
        "spif_application_number",
        "spif_publication_number",
        "uspc",
    }
)
#: Contract column to the columns of which one fills it; none: no Google export ever does.
_FILLED_BY: Final[dict[str, tuple[str, ...]]] = {
    "patent.office": (*_PUBLICATION, "country_code"),
    "patent.application_number": _APPLICATION,
    "patent.publication_number": _PUBLICATION,
    "patent.kind_code": (*_PUBLICATION, "kind_code"),
    "patent.ip_type": (*_PUBLICATION, "kind_code", "application_kind"),
    "patent.priority_date": _PRIORITY,
    "patent.filing_date": _FILED,
    "patent.publication_date": _PUBLISHED,
    "patent.grant_date": (*_GRANTED, *_PUBLISHED),
    "patent.title": _TITLE,
    "patent.applicants": (*_ASSIGNEES, *_OWNERS),
    "patent.legal_status_as_published": (),
    "patent.family_id": ("family_id",),
    "patent_owner.owner_name": _OWNERS,
    "patent_owner.owner_country": ("assignee_harmonized", "assignees_harmonized"),
    "patent_owner.owner_region": (),  # but for Hong Kong, Macao and Taiwan, by their country code
    "patent_owner.valid_from": (),
    "patent_owner.valid_to": (),
    "ipc_assignment.ipc_symbol": _IPC,
    "ipc_assignment.ipc_version": (),
}
#: Of the regions of ISO 3166-2:CN, those that have a country's code of their own.
_OWN_CODE: Final = ("TW", "HK", "MO")
_PREAMBLE: Final = "search url"
_APPLICATION_KINDS: Final = {"U": "utility_model", "F": "design"}
#: Rows of a Parquet file held at once, nested as they are.
_SLICE: Final = 50_000

Record = Mapping[str, Any]
#: Place in the file, record, why it cannot be read (or None), whether of a search download.
_Read = tuple[int, Record, str | None, bool]
_UNREADABLE: Final = (duckdb.Error, UnicodeDecodeError, OSError)


def read(path: Path, name: str, notes: Notes) -> Iterator[Batch]:
    """Batches of the register's tables; every record of the file is a row of `patent`.

    Raises SourceFormatError naming file and line when no column gives the publications' numbers, a
    column stands twice, or a record has no end.
    """
    rows = Rows(*TABLES)
    columns: dict[str, None] = {}
    for raw_row, record, fault, is_search in _form(path, name)(path, name, columns):
        _add(rows, raw_row, record, fault, is_search)
        yield from rows.full()
    yield from rows.rest()
    notes.lacks += [c for c, names in _FILLED_BY.items() if not columns.keys() & {*names}]
    notes.unread += [c for c in columns if c and c.casefold() not in USED | IGNORED]


def _form(path: Path, name: str) -> Callable[[Path, str, dict[str, None]], Iterator[_Read]]:
    """What reads a file, by its first bytes, and gathers the names of its columns."""
    with path.open("rb") as file:
        start = file.read(1 << 10)
    if start.startswith(b"PAR1"):
        return _parquet
    first = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if first == b"[":
        raise SourceFormatError(
            f"{name}, byte 0: one JSON array; export the table as JSON Lines (one object a line)"
        )
    return _json_lines if first == b"{" else _csv


def _csv(path: Path, name: str, columns: dict[str, None]) -> Iterator[_Read]:
    named = {heading: [heading] for heading in USED}
    required = (*_PUBLICATION, *_APPLICATION)
    table = open_table(whole(path, name), named, required, IGNORED, preamble=_PREAMBLE)
    columns.update(dict.fromkeys([*table.columns, *table.unread]))
    for line, cells, fault in table.records():
        yield line, cells, fault, table.has_preamble


def _parquet(path: Path, name: str, columns: dict[str, None]) -> Iterator[_Read]:
    """Records of a Parquet file, by DuckDB: a damaged one is an error, memory is bounded."""
    with duckdb.connect() as memory:
        try:
            memory.execute("set memory_limit = '1GB'; set enable_progress_bar = false")
            table = memory.read_parquet(str(path))
            columns.update(dict.fromkeys(column.casefold() for column in table.columns))
            used = [column for column in table.columns if column.casefold() in USED]
            names = [column.casefold() for column in used]
            _require(set(names), f"{name}, byte 0", table.columns)
            listed = ", ".join(f'"{column}"' for column in used)  # USED, but for their case
            memory.execute(f"select {listed} from read_parquet(?)", [str(path)])  # noqa: S608
            place = 0
            while part := memory.fetchmany(_SLICE):
                for row in part:
                    place += 1
                    yield place, dict(zip(names, row, strict=True)), None, False
        except _UNREADABLE as error:
            raise SourceFormatError(f"{name}: no readable Parquet file: {error}") from error


def _json_lines(path: Path, name: str, columns: dict[str, None]) -> Iterator[_Read]:
    line = 0
    told = False
    with path.open(encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
        while text := file.readline(LINE):
            line += 1
            if len(text) >= LINE:
                raise SourceFormatError(f"{name}, line {line}: longer than {LINE} characters")
            if not text.strip():
                continue
            record, fault = _json_object(text)
            if not told and record:
                _require(set(record), f"{name}, line {line}", list(record))
                told = True
            if not record.keys() <= columns.keys():  # NULLs are left out: any may bring a new one
                columns.update(dict.fromkeys(record))
            yield line, record, fault, False
    if line and not told:
        raise SourceFormatError(f"{name}, line 1: no line is a JSON object that can be read")


def _json_object(text: str) -> tuple[Record, str | None]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return {}, f"no JSON object: {text.strip()[:80]}"
    return {str(key).casefold(): item for key, item in value.items()}, None


def _require(there: set[str], where: str, columns: list[str]) -> None:
    if not there & set(_PUBLICATION + _APPLICATION):
        raise SourceFormatError(
            f"{where}: no column is named {' or '.join(_PUBLICATION + _APPLICATION)}; "
            f"the columns are: {', '.join(columns)[:500]}"
        )


def _text(value: Any) -> str | None:
    """A cell as text; blank is None. Half a surrogate pair, which JSON can write, is escaped."""
    if value is None or value != value:  # not a number: what pandas writes for none
        return None
    text = (value if isinstance(value, str) else str(value)).strip()
    if not text.isprintable():
        text = text.encode("utf-8", "backslashreplace").decode()
    return text or None


def _first(record: Record, names: tuple[str, ...]) -> Any:
    for name in names:
        value = record.get(name)
        if value is not None and value != "" and value != []:
            return value
    return None


def _items(value: Any, key: str, divide: re.Pattern[str] | None) -> list[dict[str, Any]]:
    """A list of objects, of texts, or in one text, as objects that have their text under `key`."""
    if isinstance(value, str):
        if value.startswith("["):
            try:
                return _items(json.loads(value), key, divide)
            except (ValueError, RecursionError):
                pass
        value = divide.split(value) if divide else [value]
    if not isinstance(value, list):
        value = [] if value is None else [value]
    objects = (item if isinstance(item, dict) else {key: item} for item in value)
    return [item for item in objects if _text(item.get(key))]


def _date(value: Any) -> str | None:
    """20170405 as 2017-04-05; 0 is none; anything else stays as written."""
    text = _text(value)
    if text is None or text in ("0", "0.0"):
        return None
    found = _WHOLE_NUMBER.fullmatch(text)
    return f"{found[1]}-{found[2]}-{found[3]}" if found else text


_WHOLE_NUMBER: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(\.0)?")
_SYMBOLS: Final = re.compile(r"[,;|]")
_NAMES: Final = re.compile(r"[;|]|,(?!\s)")


def _title(value: Any) -> str | None:
    """The English title where there is one, else the first."""
    titles = _items(value, "text", None)
    english = [t for t in titles if t.get("language") == "en"]
    return _text((english or titles)[0]["text"]) if titles else None


def _add(rows: Rows, raw_row: int, record: Record, fault: str | None, is_search: bool) -> None:
    office, number, kind = patent_numbers.publication(_text(_first(record, _PUBLICATION)))
    office = agreed(_text(record.get("country_code")), office)
    kind = agreed(_text(record.get("kind_code")), kind)
    applied = _text(_first(record, _APPLICATION))
    priority, filed, published, granted = (
        _date(_first(record, names)) for names in (_PRIORITY, _FILED, _PUBLISHED, _GRANTED)
    )
    if is_search and published == "1900-01-01" and priority is None and filed is None:
        published = None
    if granted is None and kind_codes.is_grant(office, kind, published):
        granted = published
    told = _APPLICATION_KINDS.get(_text(record.get("application_kind")) or "")
    divide = None if is_search else _NAMES
    owners = _items(_first(record, _OWNERS), "name", divide)
    applicants = _items(_first(record, _ASSIGNEES), "name", divide) or owners
    of = {
        "office": fault or office,
        "application_number": patent_numbers.application_number(office or "", applied),
        "publication_number": number,
        "adapter": ADAPTER,
        "is_simulated": flag(_text(record.get("is_simulated"))),
        "raw_row": raw_row,
    }
    rows.add(
        "patent",
        {
            **of,
            "kind_code": kind,
            "ip_type": kind_codes.ip_type(office, kind, told)
            or (f"unknown:{kind}" if kind else None),
            "priority_date": priority,
            "filing_date": filed,
            "publication_date": published,
            "grant_date": granted,
            "title": _title(_first(record, _TITLE)),
            "applicants": ";".join(str(_text(item["name"])) for item in applicants) or None,
            "family_id": _family(record.get("family_id")),
        },
    )
    for seq, owner in enumerate(owners, start=1):
        country = _text(owner.get("country_code"))
        rows.add(
            "patent_owner",
            {
                **of,
                "seq": seq,
                "owner_name": _text(owner["name"]),
                "owner_country": country,
                "owner_region": f"CN-{country}" if country in _OWN_CODE else None,
                "publication_date": published,
            },
        )
    codes = _items(_first(record, _IPC), "code", _SYMBOLS)
    codes.sort(key=lambda item: not _is_true(item.get("first")))
    texts = (str(_text(item["code"])) for item in codes)
    symbols = dict.fromkeys(ipc.normalise(text) or text for text in texts)
    for position, symbol in enumerate(symbols, start=1):
        rows.add("ipc_assignment", {**of, "ipc_symbol": symbol, "position": position})


def _family(value: Any) -> str | None:
    """Google's key of the family; -1 and 0 stand for none."""
    text = _text(value)
    return None if text in ("-1", "0") else text


def _is_true(value: Any) -> bool:
    return value is True or str(value).strip().lower() == "true"
