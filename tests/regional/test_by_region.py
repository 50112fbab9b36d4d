"""Rules between cells on real sheets that the test damages: each fires on its damage alone.

Not here: what the rules find in the real files as they are (test_cn_yearbook.py and its like).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from regional_drops import Drop, Row, altered, judged

from pipelines.sources.cn_yearbook import SOURCE

Shared = Callable[[str], Path]
Alter = Callable[[Worksheet], None]

RAW = "data/cn_yearbook/raw"
#: Patents in force over years in which nothing is wrong, and the market in its newest edition.
YEARS = (2016, 2017, 2018, 2019, 2020, 2021)
IN_FORCE = tuple(f"patent_03-valid_raw-{year}.xlsx" for year in YEARS)
MARKET = "techmarket-pull_raw-type-funds-2023.xlsx"


@pytest.fixture(scope="module")
def whole(shared_path: Shared) -> dict[str, bytes]:
    """The sheets as they are."""
    return {name: (shared_path(RAW) / name).read_bytes() for name in (*IN_FORCE, MARKET)}


def found(whole: dict[str, bytes], name: str, alter: Alter) -> list[Row]:
    """Findings when one of the sheets is altered."""
    dropped = judged(SOURCE, {**whole, name: altered(whole[name], alter)})
    assert dropped.landings == []
    return dropped.findings


def told(findings: list[Row]) -> set[tuple[str, str, str | None]]:
    """Rule, file and area of each finding."""
    return {(f["rule"], f["file"], f["ref_area"]) for f in findings}


def row_of(sheet: Worksheet, name: str) -> int:
    names = ["".join(str(row[0].value or "").split()) for row in sheet.iter_rows()]
    return names.index(name) + 1


def value(sheet: Worksheet, cell: str) -> int:
    return int(str(sheet[cell].value))


def test_nothing_is_found_in_the_sheets_as_they_are(whole: dict[str, bytes]) -> None:
    dropped = judged(SOURCE, whole)
    assert (dropped.findings, dropped.quarantine, dropped.landings) == ([], [], [])


def test_a_wrong_digit_breaks_both_sums_at_its_cell(whole: dict[str, bytes]) -> None:
    name = IN_FORCE[3]

    def alter(sheet: Worksheet) -> None:
        cell = sheet[f"D{row_of(sheet, '四川')}"]
        cell.value = int(str(cell.value)) + 10_000

    findings = found(whole, name, alter)
    assert told(findings) == {
        ("types_make_the_total", name, "CN-SC"), ("parts_make_the_whole", name, "CHN_HKMT"),
    }  # fmt: skip
    types = next(f for f in findings if f["rule"] == "types_make_the_total")
    assert types["message"].startswith(f"{name}, sheet '1', cell C30: ")
    assert int(types["expected"].partition(",")[0]) - int(types["found"]) == 10_000


@pytest.mark.parametrize(("one", "other"), list(combinations("CDEF", 2)))
@pytest.mark.parametrize("name", [IN_FORCE[0], IN_FORCE[3], IN_FORCE[5]])
def test_swapped_columns(whole: dict[str, bytes], name: str, one: str, other: str) -> None:
    """Figures under each other's heading: sums may hold, the years around tell."""

    def alter(sheet: Worksheet) -> None:
        for at in range(row_of(sheet, "全国"), sheet.max_row + 1):
            cells = sheet[f"{one}{at}"], sheet[f"{other}{at}"]
            cells[0].value, cells[1].value = cells[1].value, cells[0].value

    findings = [f for f in found(whole, name, alter) if f["rule"] == "columns_in_place"]
    headed = dict(
        zip("CDEF", ("all three types", "inventions", "utility models", "designs"), strict=True)
    )
    assert {(f["file"], f["expected"].split(" of ")[0], f["found"]) for f in findings} == {
        (name, f"figures like Domestic patents in force: {headed[a]}",
         f"figures like Domestic patents in force: {headed[b]}")
        for a, b in ((one, other), (other, one))
    }  # fmt: skip


def test_a_missing_province_is_named_with_what_the_total_leaves_for_it(
    whole: dict[str, bytes],
) -> None:
    def alter(sheet: Worksheet) -> None:
        sheet.delete_rows(row_of(sheet, "贵州"))

    findings = found(whole, IN_FORCE[4], alter)
    assert told(findings) == {("every_province_present", IN_FORCE[4], "CN-GZ")}
    assert {f["expected"] for f in findings} == {
        f"a row for 贵州; the total leaves {n} for it" for n in (94_160, 12_280, 69_322, 12_558)
    }


def test_a_missing_part_that_is_no_province(whole: dict[str, bytes]) -> None:
    def alter(sheet: Worksheet) -> None:
        sheet.delete_rows(row_of(sheet, "台湾"))

    findings = found(whole, IN_FORCE[4], alter)
    assert told(findings) == {("parts_make_the_whole", IN_FORCE[4], "CHN_HKMT")}


def test_rows_exchanged_keep_all_sums_and_jump(whole: dict[str, bytes]) -> None:
    """北京 and 天津 under each other's Chinese and English name."""

    def alter(sheet: Worksheet) -> None:
        for at, name, english in ((8, "天 津", "Tianjin"), (9, "北 京", "Beijing")):
            sheet[f"A{at}"], sheet[f"B{at}"] = name, english

    findings = found(whole, IN_FORCE[3], alter)
    jumps = [f for f in findings if f["file"] == IN_FORCE[3]]
    assert {(f["rule"], f["ref_area"]) for f in jumps} == {
        ("no_jump", "CN-BJ"), ("no_jump", "CN-TJ")
    }  # fmt: skip
    assert all(f["severity"] == "warning" and "2018: " in f["expected"] for f in jumps)


def raise_guangxi(sheet: Worksheet) -> None:
    """Five times the designs of 广西, with all totals made to fit."""
    at, nation = row_of(sheet, "广西"), row_of(sheet, "全国")
    more = 4 * value(sheet, f"F{at}")
    for cell in (f"F{at}", f"C{at}", f"F{nation}", f"C{nation}"):
        sheet[cell] = value(sheet, cell) + more


def test_a_jump_is_told_unless_a_footnote_says_why(whole: dict[str, bytes]) -> None:
    (jump,) = found(whole, IN_FORCE[3], raise_guangxi)
    assert (jump["rule"], jump["ref_area"], jump["status"]) == ("no_jump", "CN-GX", "open")
    assert jump["indicator_id"] == "cn_patents_in_force_design"

    def with_note(sheet: Worksheet) -> None:
        raise_guangxi(sheet)
        sheet.append(["注：广西2019年为调整口径后的数据。"])

    (jump,) = found(whole, IN_FORCE[3], with_note)
    assert jump["status"] == "explained"
    assert "广西2019年为调整口径后的数据" in jump["explanation"]


def test_the_figures_of_one_year_under_the_title_of_another(whole: dict[str, bytes]) -> None:
    name = "patent_03-valid_raw-2022.xlsx"

    def alter(sheet: Worksheet) -> None:
        sheet["A1"] = str(sheet["A1"].value).replace("2021", "2022")

    dropped = judged(SOURCE, {**whole, name: altered(whole[IN_FORCE[5]], alter)})
    twice = [f for f in dropped.findings if f["rule"] == "no_year_twice"]
    assert {(f["file"], f["found"]) for f in twice} == {(name, "the same in 31 provinces")}
    assert {f["expected"] for f in twice} == {f"other figures than those of 2021 in {IN_FORCE[5]}"}
    assert len(twice) == 4


def test_a_regional_subtotal_that_is_not_the_sum_of_its_provinces(whole: dict[str, bytes]) -> None:
    def alter(sheet: Worksheet) -> None:
        at = row_of(sheet, "东北地区")
        sheet[f"D{at}"] = value(sheet, f"D{at}") + 1
        sheet[f"C{at}"] = value(sheet, f"C{at}") + 1

    findings = found(whole, IN_FORCE[0], alter)
    assert told(findings) == {("members_make_the_region", IN_FORCE[0], "CN-NORTHEAST")}
    assert {f["expected"] for f in findings} == {
        "197003, the sum of 3 parts", "53307, the sum of 3 parts"
    }  # fmt: skip


def test_year_columns_exchanged(whole: dict[str, bytes]) -> None:
    """2021 and 2023 of the technology market under each other's heading."""

    def alter(sheet: Worksheet) -> None:
        for at in range(row_of(sheet, "全国"), sheet.max_row + 1):
            cells = sheet[f"H{at}"], sheet[f"J{at}"]
            cells[0].value, cells[1].value = cells[1].value, cells[0].value

    findings = found(whole, MARKET, alter)
    (exchanged,) = [f for f in findings if f["rule"] == "years_in_place"]
    assert (exchanged["expected"], exchanged["found"]) == (
        "figures of 2021", "figures of 2023, and the other way round"
    )  # fmt: skip


def test_two_files_of_one_edition_that_differ(whole: dict[str, bytes]) -> None:
    """A copy with one other figure, in the printed precision: 0.4 of 万元 is no difference."""

    def alter(sheet: Worksheet) -> None:
        sheet["J14"] = value(sheet, "J14") + 7
        sheet["J15"] = value(sheet, "J15") + 0.4

    copy = altered(whole[MARKET], alter)
    dropped = judged(SOURCE, {MARKET: whole[MARKET], "copy-of-funds-2023.xlsx": copy})
    found_here = [f for f in dropped.findings if f["rule"] == "publications_agree"]
    assert [(f["ref_area"], f["time_period"]) for f in found_here] == [("CN-SX", "2023")]


def test_a_year_that_had_not_ended_when_the_file_was_got(whole: dict[str, bytes]) -> None:
    def alter(sheet: Worksheet) -> None:
        sheet["A1"] = str(sheet["A1"].value).replace("2021", "2030")

    name = "patent_03-valid_raw-2030.xlsx"
    dropped = judged(SOURCE, {name: altered(whole[IN_FORCE[5]], alter)})
    future = [f for f in dropped.findings if f["rule"] == "no_period_in_the_future"]
    assert len(future) == 4
    assert {(f["expected"], f["found"]) for f in future} == {("a year before 2026", "2030")}


def test_what_is_found_names_file_place_and_expectation(yearbook: Drop) -> None:
    for finding in yearbook.findings:
        assert finding["file"] in finding["message"]
        assert finding["expected"]
        assert finding["found"]
        assert finding["dataset"] == "cn_yearbook.observation"
