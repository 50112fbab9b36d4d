"""The lines of a CSV payload with their numbers, for small files with a preamble.

Not here: files too large to hold or of unknown encoding (sources/patent_register/delimited.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from pipelines.source import SourceFormatError

Lines = Iterator[tuple[int, list[str]]]


def csv_lines(name: str, content: bytes) -> Lines:
    """Cells of each line that is not blank, with the number of the line in which they begin.

    Lines end in CR, LF or both. Raises SourceFormatError naming byte or line where the payload is
    not UTF-8 or its quotes do not pair.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceFormatError(
            f"{name}: byte {error.start} is not UTF-8; take the file as it was downloaded"
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceFormatError(f"{name}, line {reader.line_num}: {error}") from error


def even(name: str, header: list[str], lines: Lines) -> Lines:
    """The lines, as long as each has as many cells as the header. Raises SourceFormatError."""
    for number, cells in lines:
        if len(cells) != len(header):
            raise SourceFormatError(
                f"{name}, line {number}: {len(cells)} cells, the header has {len(header)}; the "
                "file was cut short or edited: download it again"
            )
        yield number, cells
