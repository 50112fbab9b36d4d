"""Reference files on the IPC: the tree of its symbols (JSON) and lists of green symbols (CSV).

Files that a user drops into raw/inbox/ipc/, each replacing the one of the same name. Not here: how
a symbol is spelt (contracts/ipc.py), what a good row is (contracts/ipc_reference.py).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from contracts import ipc_reference as c
from contracts.ipc import normalise
from pipelines.json_objects import once
from pipelines.source import Cadence, Keep, Licence, Parsed, Payload, Source, SourceFormatError

__all__ = ["SOURCE", "parse"]

#: Kinds of entries in WIPO's scheme: section, class, subclass, main group, subgroups by their dots.
_LEVELS: Final = {
    "s": c.SECTION,
    "c": c.CLASS,
    "u": c.SUBCLASS,
    "m": c.MAIN_GROUP,
    **{dots: c.MAIN_GROUP + n for n, dots in enumerate("123456789ABCDEF", 1)},
}
#: Ignored by name, because they carry a symbol that is another entry's: subsection titles, notes,
#: indexes, guidance headings.
_NOTES: Final = set("ting")
#: Classifying and indexing entries.
_INDEXING: Final = {"K": "false", "I": "true"}
_OWN_HEADER: Final = ["green_list", "symbol"]


def parse(payload: Payload) -> Parsed:
    """Rows of a tree (JSON: kind, symbol, entryType, children) or of a list of green symbols (CSV).

    Lists: WIPO's Green Inventory as `symbol,topic` without a header, OECD's ENV-TECH as one column
    headed `Code`, or any with the header `green_list,symbol`. Titles and topics are left out; so
    are CPC symbols of section Y, which are no IPC, with their number in the notes.
    Raises SourceFormatError when the bytes are none of these.
    """
    try:
        text = payload.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceFormatError(f"{payload.name}: byte {error.start} is not UTF-8") from error
    if text.lstrip()[:1] in ("{", "["):
        rows = list(_entries(payload.name, _tree(payload.name, text)))
        schema = dict.fromkeys(c.Symbol.to_schema().columns, pl.String) | {"raw_row": pl.Int64}
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        return Parsed({"symbol": frame}, payload.release_date)
    green, left_out = _green(payload.name, text)
    notes = (f"{left_out} CPC symbols of section Y left out: no IPC",) if left_out else ()
    return Parsed({"green": green}, payload.release_date, notes)


def _tree(name: str, text: str) -> list[Any]:
    try:
        found = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise SourceFormatError(f"{name}: not JSON: {error}") from error
    return found if isinstance(found, list) else [found]


def _entries(name: str, roots: list[Any]) -> Iterator[tuple[str | int | None, ...]]:
    """Symbol, parent, level, is_indexing and place of every entry that is no note."""
    stack: list[tuple[Any, str | None]] = [(root, None) for root in reversed(roots)]
    place = 0
    while stack:
        entry, parent = stack.pop()
        place += 1
        if not (isinstance(entry, dict) and {"kind", "symbol"} <= entry.keys()):
            raise SourceFormatError(
                f"{name}, entry {place}: not an entry of the IPC tree (kind, symbol, children)"
            )
        children = entry.get("children") or []
        if not isinstance(children, list):
            raise SourceFormatError(f"{name}, entry {place}: its children are no list")
        kind, written = _text(entry["kind"]), _text(entry["symbol"])
        symbol = written and (written if kind == "s" else normalise(written) or written)
        stack += [(child, symbol) for child in reversed(children)]
        if kind in _NOTES:
            continue
        kind_of_entry = _text(entry.get("entryType"))
        yield (
            symbol,
            parent,
            str(_LEVELS[kind]) if kind in _LEVELS else kind,
            _INDEXING.get(kind_of_entry or "", kind_of_entry),
            place,
        )


def _text(value: Any) -> str | None:
    """A JSON value as text; half a surrogate pair, which is no text, by its number."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "backslashreplace").decode() or None


def _green(name: str, text: str) -> tuple[pl.DataFrame, int]:
    """The rows of a list, and how many CPC symbols were left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[str | None, str | None, int]] = []
    left_out = 0
    green_list: str | None = None
    line = 1
    try:
        first = next(reader, [])
        if first == ["Code"]:
            green_list = "oecd_env_tech"
        elif len(first) == 2 and normalise(first[0]):
            green_list = "wipo_green_inventory"
            rows.append((green_list, normalise(first[0]), line))
        elif first != _OWN_HEADER:
            raise SourceFormatError(
                f"{name}, line 1: neither a tree of the IPC (JSON) nor a list of green symbols: "
                "no header green_list,symbol, none of ENV-TECH (Code), no symbol and topic"
            )
        line = reader.line_num + 1
        for cells in reader:
            if first == _OWN_HEADER:
                listed, written = [*cells, "", ""][:2]
            else:
                listed, written = green_list or "", [*cells, ""][0]
            if listed == "oecd_env_tech" and written[:1] == "Y":
                left_out += 1
            elif cells:
                rows.append((listed or None, normalise(written) or written or None, line))
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceFormatError(f"{name}, line {reader.line_num}: {error}") from error
    schema = {"green_list": pl.String, "symbol": pl.String, "raw_row": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row"), left_out


SOURCE = Source(
    id="ipc",
    title="International Patent Classification: tree of symbols, and lists of green symbols",
    publisher="WIPO; OECD for ENV-TECH; as a user dropped it",
    licence=Licence(
        id="wipo-ipc",
        attribution="WIPO: International Patent Classification and IPC Green Inventory; OECD: "
        "ENV-TECH; the symbols alone, without titles",
        url="https://www.wipo.int/classifications/ipc/en/",
    ),
    cadence=Cadence.YEARLY,
    tables={"symbol": c.Symbol, "green": c.Green},
    parse=parse,
    default_base_url="",
    keep=Keep.NEWEST,
    offline=True,
    accepts=("*.json", "*.csv"),
)
