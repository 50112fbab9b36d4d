"""Reads one workbook from standard input and writes its cells as JSON; run as a process of its own.

A damaged workbook can make the reading library ask for more memory than there is, which ends the
process: so it is not the process that lands the other files. Not here: what a cell means, messages
for people (pipelines/sheets.py).
"""

from __future__ import annotations

import functools
import html
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any, Final

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

#: Address space and processor time of the process; a yearbook sheet needs some 200 MB and 0.1 s.
MEMORY: Final = 2 << 30
SECONDS: Final = 30
#: A table of provinces has 60 rows and some 20 columns, the longest tidy one 700 rows; a balance of
#: payments by month since 2015 has 150 columns.
MAX_ROWS: Final = 10_000
MAX_COLUMNS: Final = 400
MAX_SHEETS: Final = 50
_ATTRIBUTE: Final = r'([\w:]+)="([^"]*)"'


def read(content: bytes) -> dict[str, Any]:
    """Sheets with name and rows; or, in `error`, why not. Hidden sheets are named, not read."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError:
        return {"error": "password"}
    sheets = []
    unread = _unread(content) if content.startswith(b"PK") else {}
    if len(book.sheets_metadata) > MAX_SHEETS:
        return {"error": f"{len(book.sheets_metadata)} sheets, more than {MAX_SHEETS}"}
    for about in book.sheets_metadata:
        if about.typ is not SheetTypeEnum.WorkSheet:
            continue
        if about.visible is not SheetVisibleEnum.Visible:
            sheets.append({"name": about.name, "hidden": True, "rows": []})
            continue
        sheet = book.get_sheet_by_name(about.name)
        rows, columns = (at + 1 for at in sheet.end or (0, 0))
        if rows > MAX_ROWS or columns > MAX_COLUMNS:
            return {
                "error": f"sheet {about.name!r} reaches to row {rows}, column {columns}; a table "
                f"here has at most {MAX_ROWS} rows and {MAX_COLUMNS} columns"
            }
        cells = sheet.to_python(skip_empty_area=False)
        for row, column, text in unread.get(about.name, ()):
            if row < rows and column < columns:
                cells[row][column] = text
        sheets.append({"name": about.name, "hidden": False, "rows": cells})
    return {"sheets": sheets}


def _unread(content: bytes) -> dict[str, list[tuple[int, int, str]]]:
    """Cells of an xlsx that the library gives as blank: errors (#REF!) and formulas never computed.

    By sheet: row and column from 0, and the error or formula as text.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name.removeprefix("xl/"): name for name in book.namelist()}
        targets = {
            each["Id"]: each["Target"].removeprefix("/xl/")
            for each in _elements("Relationship", book.read("xl/_rels/workbook.xml.rels").decode())
        }
        return {
            sheet["name"]: list(_unread_cells(book.read(parts[target]).decode()))
            for sheet in _elements("sheet", book.read("xl/workbook.xml").decode())
            if (target := targets.get(sheet.get("r:id", ""), "")) in parts
        }


def _elements(tag: str, xml: str) -> Iterator[dict[str, str]]:
    """Attributes of each element of a name."""
    for element in re.findall(rf"<{tag}\s([^>]*)>", xml):
        yield {key: html.unescape(value) for key, value in re.findall(_ATTRIBUTE, element)}


def _unread_cells(xml: str) -> Iterator[tuple[int, int, str]]:
    for attributes, body in re.findall(r"<c\s([^>]*[^/>])>(.*?)</c>", xml, re.DOTALL):
        about = dict(re.findall(_ATTRIBUTE, attributes))
        value = re.search("<v[^>]*>([^<]+)</v>", body)
        formula = re.search("<f[^>]*>([^<]*)</f>", body)
        at = re.fullmatch("([A-Z]+)([0-9]+)", about.get("r", ""))
        if at is None or (about.get("t") != "e" and (value or not formula)):
            continue
        column = functools.reduce(lambda n, letter: n * 26 + ord(letter) - 64, at[1], 0)
        text = value[1] if value else f"={html.unescape(formula[1])}" if formula else "error"
        yield int(at[2]) - 1, column - 1, text


def main() -> None:
    """Bytes in, JSON out; whatever the library raises becomes the `error`."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        found = read(sys.stdin.buffer.read())
    except BaseException as error:  # a panic of the library is no Exception
        found = {"error": f"damaged: {error}"}
    json.dump(found, sys.stdout, default=str)


if __name__ == "__main__":
    main()
