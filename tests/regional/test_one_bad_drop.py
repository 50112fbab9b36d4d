"""One drop with a damage of each kind: each is told by file, sheet, cell and rule, the rest lands.

Real sheets, each damaged by the test in one way, dropped together as a person does. Workbooks that
cannot be opened at all: test_workbooks.py. Each rule by itself: test_by_region.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from regional_drops import Drop, altered, drop

from pipelines.sources.cn_yearbook import SOURCE

Shared = Callable[[str], Path]

IN_FORCE = "patent_03-valid_raw-{}.xlsx"
APPLIED = "patent_01-accept_raw-{}.xlsx"
MARKET = "techmarket-pull_raw-type-funds-2023.xlsx"


def rows_of(sheet: Worksheet) -> dict[str, int]:
    """Row by the squeezed name of the area."""
    names = ("".join(str(row[0].value or "").split()) for row in sheet.iter_rows())
    return {name: at for at, name in enumerate(names, 1)}


def text_and_full_width(sheet: Worksheet) -> None:
    at = rows_of(sheet)
    sheet[f"D{at['浙江']}"] = "若干"
    sheet[f"E{at['河北']}"] = "１２３４"


def swap_columns(sheet: Worksheet) -> None:
    for at in range(rows_of(sheet)["全国"], sheet.max_row + 1):
        one, other = sheet[f"D{at}"], sheet[f"E{at}"]
        one.value, other.value = other.value, one.value


def lose_a_province(sheet: Worksheet) -> None:
    sheet.delete_rows(rows_of(sheet)["贵州"])


def shift_the_headings(sheet: Worksheet) -> None:
    """The headings one column to the right of their figures."""
    at = rows_of(sheet)["地区"]
    cells = [cell.value for cell in sheet[at]]
    for column, value in enumerate(cells[2:], 4):
        sheet.cell(at, column, value)
    sheet.cell(at, 3).value = None


def misplace_a_year(sheet: Worksheet) -> None:
    for at in range(1, rows_of(sheet)["全国"]):
        years = [c for c in sheet[at] if re.fullmatch("20(21|22)年?", str(c.value or "").strip())]
        if len(years) == 2:
            years[0].value, years[1].value = years[1].value, years[0].value
            return
    raise AssertionError("no row of years")


DAMAGE: dict[str, Callable[[Worksheet], None]] = {
    IN_FORCE.format(2017): text_and_full_width,
    IN_FORCE.format(2019): swap_columns,
    IN_FORCE.format(2021): lose_a_province,
    APPLIED.format(2021): shift_the_headings,
    MARKET: misplace_a_year,
}
GOOD = (*(IN_FORCE.format(year) for year in (2016, 2018, 2020)), APPLIED.format(2020))


@pytest.fixture(scope="module")
def dropped(tmp_path_factory: pytest.TempPathFactory, shared_path: Shared) -> Drop:
    """What became of them all."""
    folder = shared_path("data/cn_yearbook/raw")
    files = {name: (folder / name).read_bytes() for name in (*DAMAGE, *GOOD)}
    files |= {name: altered(files[name], alter) for name, alter in DAMAGE.items()}
    files["from-a-text-editor.xls"] = "地区,合计\n北京,1\n".encode("gbk")
    return drop(tmp_path_factory.mktemp("bad_drop"), SOURCE, files)


def test_the_good_files_land_whole(dropped: Drop) -> None:
    for name in GOOD:
        outcome, accepted, kept_out = dropped.outcomes()[name]
        assert (outcome, kept_out) == ("landed", 0)
        assert accepted >= 4 * 35
    assert {f["file"] for f in dropped.findings if f["severity"] == "error"}.isdisjoint(GOOD)


def test_bad_cells_are_kept_out_by_their_address_and_the_others_land(dropped: Drop) -> None:
    name = IN_FORCE.format(2017)
    found = {
        (json.loads(row["row_json"])["sheet"], json.loads(row["row_json"])["cell"], row["check"],
         row["value"])
        for row in dropped.quarantine if row["file"] == name
    }  # fmt: skip
    assert {(cell[0], check, value) for _, cell, check, value in found} == {
        ("D", "type:Float64", "若干"), ("E", "type:Float64", "１２３４"),
    }  # fmt: skip
    assert all(sheet for sheet, *_ in found)
    outcome, accepted, kept_out = dropped.outcomes()[name]
    assert (outcome, kept_out) == ("landed", 2)
    assert accepted > 130


@pytest.mark.parametrize(
    ("year", "rule", "expected"),
    [
        (2019, "columns_in_place", "figures like Domestic patents in force: inventions"),
        (2021, "every_province_present", "a row for 贵州; the total leaves"),
    ],
)
def test_what_no_single_cell_shows_is_a_finding(
    dropped: Drop, year: int, rule: str, expected: str
) -> None:
    name = IN_FORCE.format(year)
    found = [f for f in dropped.findings if (f["file"], f["rule"]) == (name, rule)]
    assert any(f["expected"].startswith(expected) for f in found)
    assert all(re.match(rf"{name}, sheet '[^']+': ", f["message"]) for f in found)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (APPLIED.format(2021), r"sheet '[^']+', cell [A-Z]+[0-9]+: figures under ''; expected"),
        (MARKET, r"sheet '[^']+', cell [A-Z]+[0-9]+: 202[12] is out of place after 202"),
        ("from-a-text-editor.xls", "no Excel workbook; it begins with b'"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_place(
    dropped: Drop, name: str, message: str
) -> None:
    assert dropped.outcomes()[name] == ("refused", 0, 0)
    (told,) = [row["message"] for row in dropped.landings if row["file"] == name]
    assert re.search(f"{re.escape(name)}.*{message}", told), told
