"""Workbooks that are none, or none of ours: a message for each, and no harm to the files beside."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from regional_drops import drop, workbook

from pipelines.sheets import sheets
from pipelines.source import SourceFormatError
from pipelines.sources.cn_yearbook import SOURCE

Shared = Callable[[str], Path]

TABLE: list[list[Any]] = [
    ["8-9 国内三种专利有效数按地区分布(2023年)"],
    ["单位:件"],
    ["地区", "Region", "合计", "发明", "实用新型", "外观设计"],
    ["全国", "National Total", 10, 5, 3, 2],
    ["北京", "Beijing", 10, 5, 3, 2],
]
GOOD = workbook(TABLE)


def encrypted(content: bytes) -> bytes:
    buffer = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt("secret", buffer)
    return buffer.getvalue()


def with_member(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one member of its zip changed."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            part = old.read(member)
            new.writestr(member, change(part) if member == name else part)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def bomb(content: bytes) -> bytes:
    return with_member(content, SHEET, lambda part: part + b" " * 200_000_000)


def far_cell(content: bytes) -> bytes:
    """A cell at the end of the sheet: read densely, the sheet would take 400 GB."""
    return with_member(
        content,
        SHEET,
        lambda part: part.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
    )


def wide(content: bytes) -> bytes:
    return workbook([[*row, *range(494)] for row in TABLE])


def hidden(content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.create_sheet("empty")
    book.worksheets[0].sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


FAULTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "encrypted.xlsx": (encrypted, "protected with a password"),
    "cut.xlsx": (lambda content: content[: len(content) // 2], "no whole zip"),
    "bomb.xlsx": (bomb, f"{SHEET}: .* never packed"),
    "far.xlsx": (far_cell, "damaged|reaches to"),
    "wide.xlsx": (wide, "sheet 'Sheet' reaches to row 5, column 500"),
    "broken.xlsx": (lambda c: with_member(c, SHEET, lambda part: part[:200]), "damaged"),
    "hidden.xlsx": (hidden, "no visible sheet holds anything"),
    "page.xls": (lambda _: b"<html><table>", "no Excel workbook; it begins with b'<html>"),
    "empty.xlsx": (lambda _: b"", "no Excel workbook"),
}


def test_each_fault_is_named_and_the_good_file_beside_it_lands(tmp_path: Path) -> None:
    files = {name: make(GOOD) for name, (make, _) in FAULTS.items()}
    dropped = drop(tmp_path, SOURCE, {**files, "good-2023.xlsx": GOOD})
    messages = {row["file"]: row["message"] for row in dropped.landings}
    for name, (_, message) in FAULTS.items():
        assert re.search(f"{re.escape(name)}.*({message})", messages[name], re.DOTALL), messages
        assert dropped.outcomes()[name][0] == "refused"
    assert dropped.outcomes()["good-2023.xlsx"] == ("landed", 8, 0)
    assert dropped.value("cn_patents_in_force_invention", "CN-BJ", "2023") == 5


def test_a_damaged_xls_ends_no_process_but_its_own(shared_path: Shared) -> None:
    """One of these asks the reading library for 80 GB, which aborts it."""
    name = "data/cn_yearbook/raw/techmarket-pull_raw-type-funds-2020.xls"
    whole = shared_path(name).read_bytes()
    dice = random.Random(20201231)  # noqa: S311 - the same damage each time
    outcomes = []
    for _ in range(40):
        damaged = bytearray(whole)
        for _ in range(dice.choice([1, 5, 50])):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            sheets("damaged.xls", bytes(damaged))
        except SourceFormatError as error:
            outcomes.append(str(error))
        else:
            outcomes.append("read")
    assert "read" in outcomes
    assert any(message.startswith("damaged.xls: ") for message in outcomes)


@given(st.binary(max_size=300))
def test_junk_raises_nothing_but_source_format_errors(junk: bytes) -> None:
    with pytest.raises(SourceFormatError, match="junk"):
        sheets("junk.xlsx", junk)
