"""The cells of an Excel workbook (xlsx, xls), read within bounds and without trusting it.

Here: opening, bounds, the address of a cell. Not here: what a table means (the sources). Merged
cells hold their value in the first cell, the others are blank, as in the files.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from pipelines import sheet_reader
from pipelines.source import SourceFormatError
from pipelines.zips import is_zip, within_bounds

Cell = str | float | int | bool

_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
#: The stream that holds an encrypted xlsx within an OLE file, as its directory spells it.
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
#: More than the reader's own limit of processor time: it may have to wait for a processor.
_PATIENCE: Final = 300


@dataclass(frozen=True)
class Sheet:
    """A sheet's rows from A1 on; blank cells are ""."""

    where: str
    name: str
    rows: list[list[Cell]]

    def at(self, row: int, column: int) -> str:
        """File, sheet and address of a cell, counted from 0, for messages."""
        return f"{self.where}, sheet {self.name!r}, cell {address(row, column)}"


def address(row: int, column: int) -> str:
    """The name of a cell counted from 0.

    >>> address(6, 2), address(0, 26), address(0, 701), address(0, 702)
    ('C7', 'AA1', 'ZZ1', 'AAA1')
    """
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"


def sheets(name: str, content: bytes) -> list[Sheet]:
    """The visible sheets that hold anything.

    Raises SourceFormatError naming the file, and the sheet where one is at fault, when it is no
    workbook, damaged, encrypted, larger than a table of statistics, or holds nothing.
    """
    if content.startswith(_OLE) and _ENCRYPTED in content:
        raise _encrypted(name)
    if is_zip(content):
        within_bounds(name, content)
    elif not content.startswith(_OLE):
        start = content[:40]
        raise SourceFormatError(f"{name}: no Excel workbook; it begins with {start!r}")
    try:
        done = subprocess.run(  # noqa: S603 - this project's own module
            [sys.executable, "-m", sheet_reader.__name__],
            input=content, capture_output=True, timeout=_PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise SourceFormatError(
            f"{name}: reading it did not end; the workbook is damaged"
        ) from error
    if done.returncode or not done.stdout:
        raise SourceFormatError(
            f"{name}: reading it took more than {sheet_reader.MEMORY >> 30} GiB or "
            f"{sheet_reader.SECONDS} s; the workbook is damaged"
        )
    found = json.loads(done.stdout)
    if found.get("error") == "password":
        raise _encrypted(name)
    if "error" in found:
        raise SourceFormatError(f"{name}: {found['error']}")
    read = [
        Sheet(name, sheet["name"], sheet["rows"])
        for sheet in found["sheets"]
        if any(cell != "" for row in sheet["rows"] for cell in row)
    ]
    if not read:
        raise SourceFormatError(f"{name}: no visible sheet holds anything")
    return read


def _encrypted(name: str) -> SourceFormatError:
    return SourceFormatError(
        f"{name}: protected with a password; save it without one and drop it again"
    )
