"""Tables of text of China's office and its gazettes: CSV or tabs, UTF-8, UTF-16 or GB 18030.

Here: finding out how a file is written, and its records as frames of text columns in bounded
memory, however large or damaged the file. Not here: what a column means (the adapters).
"""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from pipelines.source import SourceFormatError

#: Records of a frame; what follows from a record (owners, symbols) makes more rows than that.
BATCH: Final = 50_000
#: Characters of one line, beyond which the file is no table of text.
LINE: Final = 1 << 20
#: Lines on which one record may stand: a cell in quotes holds line breaks.
LINES: Final = 200
_SNIFFED: Final = 1 << 16
_DELIMITERS: Final = (",", "\t", ";")
#: Column of the frames that tells why a record's cells cannot be told apart; NULL where they can.
FAULT: Final = "fault"


@dataclass(frozen=True)
class Table:
    """How a file is written. columns: place of each column that is read, by the adapter's name.

    unread: headings that are neither read nor known to be left out.
    """

    path: Path
    name: str
    encoding: str
    delimiter: str
    width: int
    columns: Mapping[str, int]
    lacks: list[str]
    unread: list[str]

    def frames(self) -> Iterator[pl.DataFrame]:
        """Records as text columns: all that the adapter reads, raw_row and `fault`.

        Blanks around a cell go, a blank cell is NULL, and so is a column that the file has not.
        Bytes that are not of the encoding stay visible as `\\x93`.
        """
        rows: list[_Record] = []
        for record in _records(self):
            rows.append(record)
            if len(rows) >= BATCH:
                yield self._frame(rows)
                rows = []
        if rows:
            yield self._frame(rows)

    def _frame(self, rows: list[_Record]) -> pl.DataFrame:
        lines, cells, faults = zip(*rows, strict=True)
        blank = (None,) * self.width
        cells_by_place = list(zip(*(row or blank for row in cells), strict=True))
        frame = pl.DataFrame(
            [pl.Series(c, cells_by_place[at], dtype=pl.String) for c, at in self.columns.items()]
        )
        text = pl.all().str.strip_chars()
        return frame.select(pl.when(text != "").then(text)).with_columns(
            *[pl.lit(None, pl.String).alias(column) for column in self.lacks],
            pl.Series("raw_row", lines, dtype=pl.Int64),
            pl.Series(FAULT, faults, dtype=pl.String),
        )


#: Line on which it begins, cells (None where they cannot be told apart), and why not.
_Record = tuple[int, list[str] | None, str | None]


def open_table(
    path: Path,
    name: str,
    columns: Mapping[str, tuple[str, ...]],
    required: tuple[str, ...],
    left_out: tuple[str, ...] = (),
) -> Table:
    """Find out encoding, delimiter and columns of a file.

    columns: the adapter's name of a column to the headings it goes by; the first one found counts.
    required: at least one of these columns, and any other one, must be there. left_out: headings
    that are known and not read. Raises SourceFormatError naming the line where it is no such table.
    """
    with path.open("rb") as file:
        head = file.read(_SNIFFED)
    names = {_plain(h): column for column, headings in columns.items() for h in headings}
    found = max(
        (
            (sum(_plain(h) in names for h in header), -at, encoding, delimiter, header)
            for at, encoding in enumerate(_encodings(head))
            for delimiter in _DELIMITERS
            if (header := _header(head, encoding, delimiter))
        ),
        default=(0, 0, "", "", []),
        key=lambda found: found[:2],
    )
    known, _, encoding, delimiter, header = found
    places: dict[str, int] = {}
    plain = [_plain(heading) for heading in header]
    for column, headings in columns.items():
        at = [plain.index(h) for h in map(_plain, headings) if h in plain]
        if at:
            places[column] = at[0]
    if known < 2 or not set(places) & set(required):
        wanted = " or ".join(columns[column][0] for column in required)
        raise SourceFormatError(
            f"{name}, line 1: not a table with a column {wanted} and others of the format, in "
            f"UTF-8, UTF-16 or GB 18030, with commas or tabs; it begins with {head[:60]!r}"
        )
    twice = sorted({h for h in plain if h and plain.count(h) > 1 and h in names})
    if twice:
        raise SourceFormatError(f"{name}, line 1: columns that stand twice: {', '.join(twice)}")
    if encoding == "utf-8" and head.isascii():
        encoding = _of_the_rest(path)
    used = {plain[at] for at in places.values()} | {_plain(h) for h in left_out}
    return Table(
        path=path,
        name=name,
        encoding=encoding,
        delimiter=delimiter,
        width=len(header),
        columns=places,
        lacks=[column for column in columns if column not in places],
        unread=[h for h, p in zip(header, plain, strict=True) if p and p not in used],
    )


def _plain(heading: str) -> str:
    """A heading without blanks, in half-width small letters: （ and (, Ａ and a are the same."""
    return "".join(unicodedata.normalize("NFKC", heading).casefold().split())


def _encodings(head: bytes) -> tuple[str, ...]:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    return ("utf-8-sig",) if head.startswith(codecs.BOM_UTF8) else ("utf-8", "gb18030")


def _header(head: bytes, encoding: str, delimiter: str) -> list[str]:
    line = re.split("[\r\n]", head.decode(encoding, errors="replace").lstrip("\r\n"), maxsplit=1)[0]
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _of_the_rest(path: Path) -> str:
    """Encoding of a file whose beginning is ASCII; UTF-8 where it is neither it nor GB 18030."""
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while chunk := file.read(1 << 20):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    return "utf-8"


def _records(table: Table) -> Iterator[_Record]:
    """Every record after the header; blank lines are none.

    A line without quotes is split at once. A quote that opens and does not close within LINES
    lines, or only by spoiling the number of cells, makes its own line faulty, not the next ones.
    """
    lines = _Lines(table)
    for number, line in _header_skipped(lines):
        text = line.rstrip("\r\n")
        if not text.strip():
            continue
        cells = text.split(table.delimiter) if '"' not in text else _quoted(line, table, lines)
        if cells is not None and len(cells) != table.width:
            surplus = cells[table.width :]
            if len(cells) < table.width or any(cell.strip() for cell in surplus):
                fault = f"{len(cells)} cells, the header has {table.width}: {text.strip()[:80]}"
                yield number, None, fault
                continue
            cells = cells[: table.width]
        if cells is None:
            yield number, None, f"quotes that do not pair: {text.strip()[:80]}"
        else:
            yield number, cells, None


class _Lines:
    """Numbered lines of a file, which can be looked at ahead."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._ahead: deque[str] = deque()
        self._number = 0

    def __iter__(self) -> Iterator[tuple[int, str]]:
        with self._table.path.open(
            encoding=self._table.encoding, errors="backslashreplace", newline=""
        ) as self._file:
            while line := self._take():
                self._number += 1
                yield self._number, line

    def _take(self) -> str:
        return self._ahead.popleft() if self._ahead else self._read()

    def _read(self) -> str:
        line = self._file.readline(LINE)
        if len(line) >= LINE:
            raise SourceFormatError(
                f"{self._table.name}, line {self._number + len(self._ahead) + 1}: no end within "
                f"{LINE} characters; this is no table of text"
            )
        return line

    def peek(self, count: int) -> str | None:
        """The line after the next `count` ones, or None at the end."""
        while len(self._ahead) <= count:
            line = self._read()
            if not line:
                return None
            self._ahead.append(line)
        return self._ahead[count]

    def skip(self, count: int) -> None:
        for _ in range(count):
            self._ahead.popleft()
        self._number += count


def _header_skipped(lines: _Lines) -> Iterator[tuple[int, str]]:
    numbered = iter(lines)
    for _, line in numbered:
        if line.strip("\r\n"):
            break
    yield from numbered


def _quoted(line: str, table: Table, lines: _Lines) -> list[str] | None:
    """Cells of a record that begins with this line; takes the further lines that belong to it."""
    record, taken = line, 0
    while True:
        cells, is_open = _cells(record, table.delimiter)
        if cells is not None and (taken == 0 or len(cells) == table.width):
            lines.skip(taken)
            return cells
        if not is_open:
            break
        while True:  # to the next line that could close the quote
            more = lines.peek(taken)
            if more is None or taken >= LINES:
                break
            record, taken = record + more, taken + 1
            if '"' in more:
                break
        if more is None or taken >= LINES:
            break
    literal = line.rstrip("\r\n").split(table.delimiter)
    return literal if len(literal) == table.width else None


def _cells(record: str, delimiter: str) -> tuple[list[str] | None, bool]:
    """Cells of a complete record; else None, and whether a quote is still open."""
    reader = csv.reader([record], delimiter=delimiter, strict=True)
    try:
        return next(reader, []), False
    except csv.Error as error:
        return None, "unexpected end of data" in str(error)
