"""Records of a CSV export, one at a time and in bounded memory, however large or damaged the file.

Here: lines, cells, headings, and what is done with a record that does not fit its header. Not here:
what any column means.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from pipelines.source import SourceFormatError

#: Characters of one line; beyond it the file is no list of records.
LINE: Final = 64 << 20
#: Characters of one cell. Lists of citations exceed the csv module's 128 Ki; a quote that is never
#: closed swallows at most this much.
CELL: Final = 8 << 20
#: Lines of one record: texts in quotes may stand on several.
LINES: Final = 100_000


class Record(NamedTuple):
    """A record by its headings (lower case; blank cells are not there).

    line: where it begins in the file, from 1. fault: why its cells cannot be told apart, or None.
    """

    line: int
    cells: dict[str, str]
    fault: str | None = None


class _Lines:
    """Lines of a file, with those of the record at hand kept."""

    def __init__(self, file: TextIO, name: str) -> None:
        self._file, self._name = file, name
        self.number = 0
        self.held: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) >= LINE or len(self.held) >= LINES:
            raise SourceFormatError(
                f"{self._name}, line {self.number}: no end of the record within {LINE} characters "
                f"and {LINES} lines; this is not a CSV export"
            )
        self.held.append(line)
        return line


class CsvFile:
    """A CSV file opened for reading its records once.

    Lines end with LF, CR LF or CR alone. Bytes that are not UTF-8 stay visible as `\\x93`: which
    encoding they were is not known, and what cannot be read is not guessed.

    preamble: how the first cell begins, in lower case, where a line may stand before the header;
    has_preamble: whether it does. headings: the header, in lower case.
    """

    def __init__(
        self, file: TextIO, name: str, preamble: str | None = None, delimiter: str = ","
    ) -> None:
        csv.field_size_limit(max(CELL, csv.field_size_limit()))
        self._lines, self._name = _Lines(file, name), name
        self._delimiter = delimiter
        self._reader = csv.reader(self._lines, delimiter=delimiter)
        self.headings = self._next_header()
        self.has_preamble = bool(
            preamble and self.headings and self.headings[0].startswith(preamble)
        )
        if self.has_preamble:
            self.headings = self._next_header()

    def _next_header(self) -> list[str]:
        try:
            cells = next(self._reader, [])
        except csv.Error as error:
            raise SourceFormatError(f"{self._name}, line {self._lines.number}: {error}") from error
        return [" ".join(cell.split()).casefold() for cell in cells]

    def require(self, *any_of: str) -> None:
        """Raise SourceFormatError unless one of these headings is there, and every one once."""
        line = f"{self._name}, line {max(self._lines.number, 1)}"
        if not set(any_of) & set(self.headings):
            raise SourceFormatError(
                f"{line}: no column is named {' or '.join(any_of)}; "
                f"the columns are: {', '.join(self.headings)[:500] or 'none'}"
            )
        twice = {h for h in self.headings if h and self.headings.count(h) > 1}
        if twice:
            raise SourceFormatError(f"{line}: columns that stand twice: {', '.join(sorted(twice))}")

    def __iter__(self) -> Iterator[Record]:
        lines = self._lines
        while True:
            lines.held, line = [], lines.number + 1
            try:
                cells = next(self._reader, None)
            except csv.Error:
                self._reader = csv.reader(lines, delimiter=self._delimiter)
                cells = []  # a quote without end
            if cells is None:
                return
            if len(lines.held) > 1 and not self._fits(cells):
                # Several lines became one record by a stray quote: each stands for itself.
                for number, text in enumerate(lines.held, start=line):
                    yield from self._record(number, self._alone(text), text)
            else:
                yield from self._record(line, cells, lines.held[0] if lines.held else "")

    def _alone(self, text: str) -> list[str]:
        try:
            return next(csv.reader([text], delimiter=self._delimiter), [])
        except csv.Error:
            return [text]

    def _fits(self, cells: list[str]) -> bool:
        width = len(self.headings)
        return len(cells) >= width and not any(cell.strip() for cell in cells[width:])

    def _record(self, line: int, cells: list[str], text: str) -> Iterator[Record]:
        if not any(cell.strip() for cell in cells):
            return  # a blank line is no record
        if self._fits(cells):
            filled = zip(self.headings, cells, strict=False)
            yield Record(line, {h: value for h, cell in filled if (value := cell.strip())})
        else:
            width = len(self.headings)
            fault = f"{len(cells)} cells, the header has {width}: {text.strip()[:80]}"
            yield Record(line, {}, fault)


def open_text(path: Path) -> TextIO:
    """The file as text: UTF-8, with or without mark; other bytes as `\\x93`; line ends stay."""
    return path.open(encoding="utf-8-sig", errors="backslashreplace", newline="")
