"""From a landed row back to the bytes it was read from: the stored object, checked, and the record.

Not here: what a record means, printing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal

from pipelines.raw_store import DamagedObject, RawStore

#: Characters of a record that are given.
RECORD: Final = 1_000
#: First bytes of files that hold no lines.
_SNIFFED: Final = 1 << 10
#: Adapters of tables that may be written in GB 18030 (pipelines/sources/patent_register/delimited).
_CHINESE_TABLES: Final = ("cnipa_export", "awards", "pledges")


@dataclass(frozen=True)
class Bytes:
    """A row's place in a stored object, and whether the object still is what was landed.

    state: `verified` (read through, hashes to its name), `altered`, or `missing`; message says more
    of the latter two. place: where the row is in the object, in words. record: the text of a row of
    a text format, as it stands; is_cut: whether it goes on beyond RECORD characters.
    """

    sha256: str
    path: str
    state: Literal["verified", "altered", "missing"]
    size: int | None = None
    place: str | None = None
    record: str | None = None
    is_cut: bool = False
    message: str | None = None


def bytes_of(store: RawStore, sha256: str, row: int, adapter: str | None) -> Bytes:
    """The stored bytes that row `row` (line, record or row, as raw_row counts) was read from.

    An object that is altered or missing is told, not shown. Reads the object through.
    """
    path = store.path(sha256)
    try:
        store.verified(sha256)
    except DamagedObject as error:
        state: Literal["altered", "missing"] = "altered" if path.exists() else "missing"
        return Bytes(sha256, str(path), state, message=str(error))
    size = path.stat().st_size
    if form := _form(path):
        return Bytes(sha256, str(path), "verified", size, f"record {row} of {form}")
    text = _record(path, row, adapter)
    if text is None:
        message = f"raw object {path} has no line {row}"
        return Bytes(sha256, str(path), "verified", size, f"line {row}", message=message)
    is_cut = len(text) > RECORD
    return Bytes(sha256, str(path), "verified", size, f"line {row}", text[:RECORD], is_cut)


def _form(path: Path) -> str | None:
    """What a file without lines is, by its first bytes; None for text."""
    with path.open("rb") as file:
        head = file.read(_SNIFFED)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "the data file in the zip"
    if head.startswith(b"PAR1"):
        return "the Parquet file"
    plain = head.lstrip(b"\xef\xbb\xbf \t\r\n") if not _is_utf16(head) else b""
    return "the XML file" if plain.startswith(b"<") else None


def _is_utf16(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _record(path: Path, row: int, adapter: str | None) -> str | None:
    """The line, and those that a cell in quotes goes on to, without its last line end."""
    with path.open("rb") as file:
        utf16 = _is_utf16(file.read(2))
    # One character a byte: lines end where they do, before it is known how a line is written.
    encoding = "utf-16" if utf16 else "latin-1"
    with path.open(encoding=encoding, errors="backslashreplace", newline="") as file:
        lines = islice(file, row - 1, None)
        record = next(lines, None)
        if record is None:
            return None
        record += _rest(record, lines)
    text = record if utf16 else _decoded(record.encode("latin-1"), adapter)
    return text.removeprefix("\ufeff").rstrip("\r\n")


def _rest(record: str, lines: Iterator[str]) -> str:
    """Further lines of a record whose quotes are open; a JSON object stands on one."""
    more, is_open = "", record.count('"') % 2 == 1 and not record.lstrip().startswith("{")
    while is_open and len(more) <= 8 * RECORD and (line := next(lines, None)) is not None:
        more += line
        is_open = line.count('"') % 2 == 0
    return more


def _decoded(line: bytes, adapter: str | None) -> str:
    """Text as the adapters read it: bytes of no known encoding stay visible as `\\x93`."""
    for encoding in ("utf-8", "gb18030") if adapter in _CHINESE_TABLES else ("utf-8",):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("utf-8", errors="backslashreplace")
