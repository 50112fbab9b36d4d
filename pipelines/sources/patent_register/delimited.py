"""Tables of text (CSV, tabs), record by record in bounded memory, however large or damaged.

Here: finding out how a file is written, its records as frames or one at a time, and what becomes of
a record that does not fit its header. Not here: what a column means (the adapters).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from _csv import Dialect
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Final, NamedTuple, TextIO

import polars as pl

from pipelines.source import Notes, SourceFormatError
from pipelines.sources.patent_register.unpack import Member

#: Records of a frame; what follows from a record (owners, symbols) makes more rows than that.
BATCH: Final = 50_000
#: Characters of one line, beyond which the file is no table of text.
LINE: Final = 64 << 20
#: Characters of one cell. Lists of citations exceed the csv module's 128 Ki; a quote that is never
#: closed swallows at most this much.
CELL: Final = 8 << 20
#: Lines on which one record may stand: a cell in quotes holds line breaks.
LINES: Final = 100_000
#: Encodings that a file may have where no mark at its beginning tells; the first that fits counts.
UTF_8: Final = ("utf-8",)
CHINESE: Final = ("utf-8", "gb18030")
_SNIFFED: Final = 1 << 16
_DELIMITERS: Final = (",", "\t", ";")
#: Column of the frames that tells why a record's cells cannot be told apart; NULL where they can.
FAULT: Final = "fault"


class Record(NamedTuple):
    """A record's cells by the adapter's name of the column; blank cells are not there.

    line: where it begins in the file, from 1. fault: why its cells cannot be told apart, or None.
    """

    line: int
    cells: dict[str, str]
    fault: str | None


csv.field_size_limit(CELL)

#: The same with the cells of a record in their places; None where they cannot be told apart.
_Cells = tuple[int, list[str] | None, str | None]


@dataclass(frozen=True)
class Table:
    """How a file is written. columns: place of each column that is read, by the adapter's name.

    header: its line, from 1. lacks: columns that the file has not, with a heading they go by.
    unread: headings that are neither read nor known to be left out. has_preamble: whether a line
    stands before them.
    """

    member: Member
    encoding: str
    delimiter: str
    header: int
    width: int
    columns: Mapping[str, int]
    lacks: Mapping[str, str]
    unread: list[str]
    has_preamble: bool

    def frames(self) -> Iterator[pl.DataFrame]:
        """Records as text columns: all that the adapter reads, raw_row and `fault`.

        Blanks around a cell go, a blank cell is NULL, and so is a column that the file has not.
        Bytes that are not of the encoding stay visible as `\\x93`.
        """
        rows: list[_Cells] = []
        for record in self._records():
            rows.append(record)
            if len(rows) >= BATCH:
                yield self._frame(rows)
                rows = []
        if rows:
            yield self._frame(rows)

    def records(self) -> Iterator[Record]:
        """The same, one at a time."""
        places = self.columns.items()
        for line, cells, fault in self._records():
            filled = {c: text for c, at in places if (text := cells[at].strip())} if cells else {}
            yield Record(line, filled, fault)

    def _frame(self, rows: list[_Cells]) -> pl.DataFrame:
        blank = [None] * self.width
        cells = [cells or blank for _, cells, _ in rows]
        frame = pl.DataFrame(
            [pl.Series(c, [row[at] for row in cells], pl.String) for c, at in self.columns.items()]
        )
        text = pl.all().str.strip_chars()
        return frame.select(pl.when(text != "").then(text)).with_columns(
            *[pl.lit(None, pl.String).alias(column) for column in self.lacks],
            pl.Series("raw_row", [line for line, _, _ in rows], pl.Int64),
            pl.Series(FAULT, [fault for _, _, fault in rows], pl.String),
        )

    def _records(self) -> Iterator[_Cells]:
        """Every record after the header; blank lines are none.

        A line without quotes is split at once. A quote that opens and does not close, or only by
        spoiling the number of cells, makes its own line faulty, not the next ones.
        """
        delimiter, width = self.delimiter, self.width
        # Made once: a reader for each line would make it anew.
        dialect = csv.reader((), delimiter=delimiter, strict=True).dialect
        with (
            self.member.open() as file,
            io.TextIOWrapper(file, self.encoding, errors="backslashreplace", newline="") as text,
        ):
            lines = _Lines(text, self.member.name)
            while line := lines.take():
                if lines.number <= self.header or not line.replace(delimiter, "").strip():
                    continue
                number = lines.number
                cells: list[str] | None
                if '"' in line:
                    cells = self._quoted(line, lines, dialect)
                else:
                    cells = line.rstrip("\r\n").split(delimiter)
                if cells is not None and len(cells) != width:
                    if not self._fits(cells):
                        start = line.strip()[:80]
                        yield number, None, f"{len(cells)} cells, the header has {width}: {start}"
                        continue
                    cells = cells[:width]
                fault = f"quotes that do not pair: {line.strip()[:80]}" if cells is None else None
                yield number, cells, fault

    def _quoted(self, line: str, lines: _Lines, dialect: Dialect) -> list[str] | None:
        """Cells of a record that begins with this line; takes the further lines that belong to it.

        None where its quotes do not pair.
        """
        try:  # the line alone is mostly enough
            return next(csv.reader((line,), dialect))
        except csv.Error:
            pass
        reader = csv.reader(chain((line,), lines.ahead()), dialect)
        with suppress(csv.Error):
            cells = next(reader, [])
            if self._fits(cells):
                lines.skip(reader.line_num - 1)
                return cells
        literal = line.rstrip("\r\n").split(self.delimiter)
        return literal if len(literal) == self.width else None

    def _fits(self, cells: list[str]) -> bool:
        surplus = cells[self.width :]
        return len(cells) >= self.width and not any(cell.strip() for cell in surplus)


def open_table(
    member: Member,
    columns: Mapping[str, Collection[str]],
    required: Collection[str],
    left_out: Collection[str] = (),
    encodings: tuple[str, ...] = UTF_8,
    preamble: str | None = None,
    notes: Notes | None = None,
) -> Table:
    """Find out encoding, delimiter and columns of a file.

    columns: the adapter's name of a column to the headings it goes by; the first one found counts.
    required: at least one of these columns must be there. left_out: headings that are known and not
    read. preamble: how a line begins that may stand before the header. notes: takes what the file
    lacks and what is not known. Raises SourceFormatError naming the line where it is no such table.
    """
    with member.open() as file:
        head = file.read(_SNIFFED)
    names = {_plain(h): column for column, headings in columns.items() for h in headings}
    first = max(
        (
            _first_lines(head, encoding, delimiter, preamble)
            for encoding in _encodings(head, encodings)
            for delimiter in _DELIMITERS
        ),
        key=lambda lines: sum(_plain(heading) in names for heading in lines.header),
    )
    header, encoding = first.header, first.encoding
    plain = [_plain(heading) for heading in header]
    places: dict[str, int] = {}
    for column, headings in columns.items():
        at = [plain.index(h) for h in map(_plain, headings) if h in plain]
        if at:
            places[column] = at[0]
    where = f"{member.name}, line {first.number}"
    if not set(places) & set(required):
        wanted = " or ".join(next(iter(columns[column])) for column in required)
        shown = ", ".join(" ".join(heading.split()) for heading in header)[:500]
        raise SourceFormatError(
            f"{where}: no column is named {wanted}; the columns are: {shown or 'none'}"
        )
    twice = sorted({h for h in plain if h and plain.count(h) > 1 and h in names})
    if twice:
        raise SourceFormatError(f"{where}: columns that stand twice: {', '.join(twice)}")
    told = any(not h.isascii() for h in plain if h in names) or (
        not head.isascii() and _is_of(encoding, [head])
    )
    if encodings == CHINESE and encoding == CHINESE[0] and not told:
        encoding = _of_the_rest(member)
    used = {plain[at] for at in places.values()} | {_plain(h) for h in left_out}
    table = Table(
        member=member,
        encoding=encoding,
        delimiter=first.delimiter,
        header=first.number,
        width=len(header),
        columns=places,
        lacks={c: next(iter(headings)) for c, headings in columns.items() if c not in places},
        unread=[h for h, p in zip(header, plain, strict=True) if p and p not in used],
        has_preamble=first.has_preamble,
    )
    if notes is not None:
        # A register of the real world has no such column, and lacks nothing by it.
        notes.lacks += [table.lacks[c] for c in table.lacks if c != "is_simulated"]
        notes.unread += table.unread
    return table


def _plain(heading: str) -> str:
    """A heading without blanks, in half-width small letters: （ and (, Ａ and a are the same."""
    return "".join(unicodedata.normalize("NFKC", heading).casefold().split())


def _encodings(head: bytes, usual: tuple[str, ...]) -> tuple[str, ...]:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    return ("utf-8-sig",) if head.startswith(codecs.BOM_UTF8) else usual


class _FirstLines(NamedTuple):
    """A reading of a file's beginning: its header and on which line it stands."""

    encoding: str
    delimiter: str
    number: int
    header: list[str]
    has_preamble: bool


def _first_lines(head: bytes, encoding: str, delimiter: str, preamble: str | None) -> _FirstLines:
    has_preamble = False
    text = head.decode(encoding, errors="replace")
    for number, line in enumerate(re.split("\r\n|\r|\n", text), start=1):
        if not line.strip():
            continue
        if not has_preamble and preamble and line.strip(' "').casefold().startswith(preamble):
            has_preamble = True
            continue
        with suppress(csv.Error):
            header = next(csv.reader([line], delimiter=delimiter, strict=True))
            return _FirstLines(encoding, delimiter, number, header, has_preamble)
        break
    return _FirstLines(encoding, delimiter, 1, [], has_preamble)


def _of_the_rest(member: Member) -> str:
    """Encoding of a file whose headings do not tell; UTF-8 where it is neither it nor GB 18030."""
    for encoding in CHINESE:
        with member.open() as file:
            if _is_of(encoding, iter(partial(file.read, 1 << 20), b"")):
                return encoding
    return CHINESE[0]


def _is_of(encoding: str, pieces: Iterable[bytes]) -> bool:
    """Whether bytes are of an encoding, but for a character that their end cuts off."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in pieces:
            decoder.decode(piece)
    except UnicodeDecodeError:
        return False
    return True


class _Lines:
    """Lines of a file, which can be looked at ahead."""

    def __init__(self, text: TextIO, name: str) -> None:
        self._text, self._name = text, name
        self._ahead: deque[str] = deque()
        self.number = 0

    def take(self) -> str:
        """The next line, which is then the line `number`; empty at the end."""
        line = self._ahead.popleft() if self._ahead else self._read()
        self.number += 1
        return line

    def _read(self) -> str:
        line = self._text.readline(LINE)
        if len(line) >= LINE:
            raise SourceFormatError(
                f"{self._name}, line {self.number + len(self._ahead) + 1}: no end of the record "
                f"within {LINE} characters; this is no table of text"
            )
        return line

    def ahead(self) -> Iterator[str]:
        """The lines after it, as many as one record may have; they stay to be taken."""
        for at in range(LINES):
            if at == len(self._ahead):
                line = self._read()
                if not line:
                    return
                self._ahead.append(line)
            yield self._ahead[at]

    def skip(self, count: int) -> None:
        """Take lines that were looked at."""
        for _ in range(count):
            self._ahead.popleft()
        self.number += count
