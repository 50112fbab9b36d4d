"""The science and technology yearbook on its real sheets: what lands, what is kept out and why.

Values are compared with cells that openpyxl reads, and with figures copied by hand. Not here: what
the rules find in damaged sheets (test_by_region.py).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.worksheet.worksheet import Worksheet
from regional_drops import Drop, altered, cells, judged, workbook

from contracts.base import split
from contracts.regions import PROVINCES
from pipelines.source import Payload, SourceFormatError
from pipelines.sources.cn_yearbook import SOURCE, parse

Shared = Callable[[str], Path]
Reason = tuple[str | None, str, str | None]

FOLDER = "data/cn_yearbook"
WRONG_UNIT: set[Reason] = {("unit_as_published", "unit_fits_the_series", "万元")}


def unknown(name: str) -> set[Reason]:
    return {("ref_area", "known_area", name)}


#: All that is kept out of the real files: names that no table of names knows (each a misread
#: 江西 or 西藏), regions with fewer than no varieties, two figures beside no name, and counts under
#: a unit of money.
KEPT_OUT: dict[str, set[Reason]] = {
    "patent_01-accept_raw-2014.xlsx": unknown("江两"),
    "patent_01-accept_2014.xlsx": unknown("江两"),
    "patent_03-valid_raw-2015.xlsx": unknown("江四"),
    "patent_03-valid_2015.xlsx": unknown("江四"),
    "plant-variety_raw-2012.xlsx": unknown("两藏")
    | {("obs_value", "only_signed_series_are_negative", v) for v in ("-219.0", "-795.0", "-440.0")},
    "plant-variety_2012.xlsx": unknown("两藏"),
    "plant-variety_raw-2010.xlsx": {("ref_area", "not_nullable", None)},
    "hitech-RD_2018.xlsx": WRONG_UNIT,
    "hitech-RD_2019.xlsx": WRONG_UNIT,
    "hitech-RD_2020.xlsx": WRONG_UNIT,
    "hitech-RD_2022.xlsx": WRONG_UNIT,
}


def test_every_real_file_lands_and_what_is_kept_out_has_a_reason(
    yearbook: Drop, shared_path: Shared
) -> None:
    books = {p.name for p in shared_path(FOLDER).rglob("*.xls*")}
    outcomes = yearbook.outcomes()
    assert set(outcomes) == books
    assert {outcome for outcome, _, _ in outcomes.values()} == {"landed"}
    assert yearbook.reasons() == KEPT_OUT
    assert sum(kept_out for _, _, kept_out in outcomes.values()) == 249
    # The list of variables holds no figures; every other file has.
    assert [name for name, (_, rows, _) in outcomes.items() if not rows] == ["varsList.xlsx"]


POWER = {"件": 0, "项": 0, "个": 0, "人年": 0, "万元": 4, "亿元": 8}


@pytest.mark.parametrize(("form", "most"), [("raw", 12_000), ("tidy", 12_000)])
def test_every_cell_has_the_value_that_stands_in_the_sheet(
    yearbook: Drop, shared_path: Shared, form: str, most: int
) -> None:
    compared = 0
    for path in sorted(shared_path(f"{FOLDER}/{form}").glob("*.xlsx")):
        sheets = cells(path.read_bytes())
        rows = yearbook.accepted.filter(raw_file=path.name)
        for row in rows.iter_rows(named=True):
            line, column = coordinate_to_tuple(row["cell"])
            printed = sheets[row["sheet"]][line - 1][column - 1]
            text = "" if printed is None else str(printed).strip()
            power = POWER[row["unit_as_published"]]
            expected = float(Decimal(text).scaleb(power)) if text else None
            assert row["obs_value"] == expected, (path.name, row["cell"], text)
            assert row["raw_row"] == line
        compared += rows.height
    assert compared > most / 2


def test_no_figure_of_the_own_sheets_is_left_out(yearbook: Drop, shared_path: Shared) -> None:
    """Figures below the title are landed or kept out; headings that are years are none."""
    for path in sorted(shared_path(f"{FOLDER}/raw").glob("*.xlsx")):
        ((_, lines),) = cells(path.read_bytes()).items()
        head = next(at for at, line in enumerate(lines) if squeezed(line[0]) in ("地区", "项目"))
        figures = sum(
            bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", str(cell).strip()))
            for line in lines[head + 1 :]
            for cell in line[1:]
        )
        landed = yearbook.accepted.filter(pl.col("obs_value").is_not_null(), raw_file=path.name)
        kept_out = {
            (row["raw_row"], json.loads(row["row_json"])["cell"])
            for row in yearbook.quarantine
            if row["file"] == path.name
        }
        assert figures == landed.height + len(kept_out), path.name


def squeezed(cell: object) -> str:
    return "".join(str(cell or "").split())


def test_figures_copied_by_hand(yearbook: Drop) -> None:
    """From the sheets as a person sees them."""
    expected = {
        ("cn_patents_in_force_invention", "CN-GD", "2023"): 665_592,
        ("cn_patents_in_force_total", "CHN_HKMT", "2023"): 19_279_828,
        ("cn_patent_applications_invention", "CHN_HKMT", "2018"): 1_393_815,
        ("cn_patent_applications_invention", "CHN_HKMT", "2020"): 1_344_817,
        ("cn_patent_applications_invention", "CHN_HKMT", "2021"): 1_427_845,
        ("cn_patent_applications_design", "CN-NM", "2010"): 574,
        ("cn_patent_applications_total", "CN-EAST-3", "2010"): 814_367,
        ("cn_patent_applications_total", "CN-EAST", "2013"): 1_572_329,
        ("cn_plant_variety_applications", "CHN_REG", "2009"): 978,
        ("cn_plant_variety_applications", "CHN_REG", "1999-01-01/P11Y"): 6_541,
        ("cn_plant_variety_grants", "CN-SC", "1999-01-01/P11Y"): 327,
        ("cn_plant_variety_applications", "NL", "2017"): 74,
        ("cn_plant_variety_applications", "CHN_FOR", "2020"): 467,
        ("cn_technology_inflow_contracts", "CN-XJ", "2023"): 11_372,
    }
    for (indicator, area, period), value in expected.items():
        assert yearbook.value(indicator, area, period) == value
    inflow = ("cn_technology_inflow_value", "CN-HMT", "2023")
    assert yearbook.value(*inflow) == 49_425_150_000
    assert yearbook.value("cn_hightech_revenue", "CHN", "2010", "operation_2010") is not None
    # Blank in the sheet: neither zero nor left out.
    blank = yearbook.accepted.filter(
        indicator_id="cn_plant_variety_applications", ref_area="CN-XZ", time_period="2017"
    )
    assert blank.select("obs_value", "obs_status").unique().rows() == [(None, "M")]


def test_the_31_provinces_and_what_the_nation_has_besides(yearbook: Drop) -> None:
    cells = yearbook.accepted.filter(
        pl.col("raw_file").str.contains("raw"), indicator_id="cn_patents_in_force_invention"
    )
    provinces = pl.col("ref_area").is_in(PROVINCES)
    by_year = cells.filter(provinces).group_by("time_period").agg(pl.col("obs_value").sum())
    sums = dict(by_year.iter_rows())
    assert sums["2020"] == 2_212_722
    assert yearbook.value("cn_patents_in_force_invention", "CHN_HKMT", "2023") - sums["2023"] == (
        6_547 + 315 + 66_953
    )


def test_the_years_that_each_table_covers(yearbook: Drop) -> None:
    own = yearbook.accepted.filter(pl.col("raw_file").str.contains("raw"), freq="A")
    years = {
        name: "".join(sorted(y[2:] + " " for y in set(group["time_period"].to_list()))).split()
        for (name,), group in own.group_by("indicator_id")
    }
    tens = [str(y) for y in range(10, 24)]
    assert years["cn_patent_applications_design"] == [y for y in tens if y != "19"]
    assert years["cn_patent_grants_design"] == [y for y in tens if y != "12"]
    assert years["cn_patents_in_force_design"] == [y for y in tens if y != "14"]
    assert years["cn_plant_variety_grants"] == [y for y in tens if y != "19"]
    assert years["cn_technology_outflow_value"] == [
        "00", "05", "10", "15", "16", "17", "18", "19", "20", "21", "22", "23",
    ]  # fmt: skip


def test_editions_are_vintages(yearbook: Drop) -> None:
    """The 2013 sheet names its edition, the excerpt another; the others follow the same rule."""
    editions = {
        name: set(group.select("release_id", "trust").rows())
        for (name,), group in yearbook.accepted.group_by("raw_file")
    }
    assert editions["patent_02-authority_raw-2013.xlsx"] == {("cn-yearbook-st-2014", "primary")}
    assert editions["patent_02-authority_2013.xlsx"] == {("cn-yearbook-st-2014-tidy", "mirror")}
    assert editions["techmarket-pull_raw-type-funds-2023.xlsx"] == {
        ("cn-yearbook-st-2024", "primary")
    }
    assert editions["techmarket-pull_raw-type-funds-2020-edited.xlsx"] == {
        ("cn-yearbook-st-2021-excerpt", "quoted")
    }
    west = yearbook.accepted.filter(
        indicator_id="cn_technology_inflow_value", ref_area="CN-WEST", time_period="2020"
    )
    revised = {
        (v.year, round(value / 1e4)) for v, value in west.select("vintage", "obs_value").rows()
    }
    assert revised == {(2021, 68_978_499), (2022, 68_978_499), (2024, 44_437_006)}


#: All findings on the real files except those on regional subtotals, as (rule, file, area, period).
FOUND = Counter(
    {
        **{
            ("every_province_present", file, "CN-JX", year): 4
            for file, year in (
                ("patent_01-accept_2014.xlsx", "2014"),
                ("patent_01-accept_raw-2014.xlsx", "2014"),
                ("patent_03-valid_2015.xlsx", "2015"),
                ("patent_03-valid_raw-2015.xlsx", "2015"),
            )
        },
        ("every_province_present", "plant-variety_raw-2012.xlsx", "CN-XZ", "2012"): 2,
        ("every_province_present", "plant-variety_2010.xlsx", "CN-XZ", "2010"): 1,
        ("every_province_present", "plant-variety_2012.xlsx", "CN-XZ", "2012"): 2,
        ("every_province_present", "plant-variety_2017.xlsx", "CN-XZ", "2017"): 1,
        ("every_province_present", "plant-variety_2017.xlsx", "CN-QH", "2017"): 1,
        ("every_province_present", "plant-variety_2018.xlsx", "CN-XZ", "2018"): 1,
        ("every_province_present", "plant-variety_2020.xlsx", "CN-XZ", "2020"): 1,
        ("every_province_present", "plant-variety_2020.xlsx", "CN-QH", "2020"): 1,
        ("every_province_present", "plant-variety_2021.xlsx", "CN-XZ", "2021"): 1,
        ("every_province_present", "plant-variety_2022.xlsx", "CN-XZ", "2022"): 1,
        ("parts_make_the_whole", "plant-variety_raw-2013.xlsx", "CHN_HKMT", "2013"): 1,
        ("parts_make_the_whole", "plant-variety_2013.xlsx", "CHN_HKMT", "2013"): 1,
        ("parts_make_the_whole", "plant-variety_raw-2014.xlsx", "CHN_HKMT", "2014"): 1,
        ("parts_make_the_whole", "plant-variety_raw-2016.xlsx", "CHN_HKMT", "2016"): 1,
        ("parts_make_the_whole", "plant-variety_2016.xlsx", "CHN_HKMT", "2016"): 1,
        ("no_jump", "patent_02-authority_raw-2014.xlsx", "CN-MO", "2014"): 1,
        ("no_jump", "plant-variety_raw-2012.xlsx", "CN-EAST-3", "2012"): 1,
        ("no_jump", "techmarket-push_funds-2012.xlsx", "CN-HI", "2012"): 1,
        ("no_jump", "techmarket-push_funds-2013.xlsx", "CN-HI", "2013"): 1,
        ("no_jump", "techmarket-push_raw-type-funds-2021.xlsx", "CN-XZ", "2016"): 1,
        ("no_jump", "techmarket-push_raw-type-funds-2023.xlsx", "CN-GX", "2021"): 1,
    }
)


def test_what_the_rules_find_in_the_real_files(yearbook: Drop) -> None:
    found = Counter(
        (f["rule"], f["file"], f["ref_area"], f["time_period"])
        for f in yearbook.findings
        if f["rule"] != "members_make_the_region"
    )
    assert found == FOUND
    # Subtotals that are not the sum of their provinces: varieties in 2012 to 2016, and the
    # technology market of 2020 and 2021, where the edition of 2023 has the sums right.
    subtotals = {
        (re.sub(r"[-_].*", "", f["file"]), f["time_period"], f["ref_area"])
        for f in yearbook.findings
        if f["rule"] == "members_make_the_region"
    }
    assert {s for s in subtotals if s[0] == "techmarket"} == {
        ("techmarket", "2020", "CN-WEST"), ("techmarket", "2021", "CN-WEST"),
        ("techmarket", "2021", "CN-EAST"),
    }  # fmt: skip
    assert {s for s in subtotals if s[0] != "techmarket"} == {("plant", "2012", "CN-EAST-3")} | {
        ("plant", str(year), f"CN-{region}-3")
        for year in (2013, 2014, 2015, 2016)
        for region in ("EAST", "CENTRAL")
    }
    jiangxi = [
        f for f in yearbook.findings
        if f["file"] == "patent_01-accept_raw-2014.xlsx"
        and f["indicator_id"] == "cn_patent_applications_invention"
    ]  # fmt: skip
    assert [f["expected"] for f in jiangxi] == ["a row for 江西; the total leaves 4688 for it"]
    assert all(f["file"] in f["message"] for f in yearbook.findings)


# Sheets as they must not be: what a person would have to be told


TABLE: list[list[Any]] = [
    ["8-9 国内三种专利有效数按地区分布(2023年)"],
    ["单位:件"],
    ["地区", "Region", "合计", "发明", "实用新型", "外观设计"],
    ["全国", "National Total", 10, 5, 3, 2],
    ["北　京", "Beijing", 10, 5, 3, 2],
]


def changed(row: int, *cells: object) -> bytes:
    return workbook([*TABLE[:row], list(cells), *TABLE[row + 1 :]])


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (changed(0, "某表(2023年)"), "a-2023.xlsx", "cell A1: .*title of no known table"),
        (changed(1, "件"), "a-2023.xlsx", "cell A3: no unit"),
        (changed(2, "省", "Region", "合计"), "a-2023.xlsx", "cell A4: figures above the headings"),
        (
            changed(2, "地区", "合计", "发明", "实用新型", "外观设计", ""),
            "a-2023.xlsx",
            "cell F3: figures under ''; expected 合计、发明、实用新型、外观设计",
        ),
        (
            changed(2, "地区", "Region", "合计", "发明", "发明", "外观设计"),
            "a-2023.xlsx",
            "cell A3: no column headed 实用新型",
        ),
        (changed(4, *TABLE[4])[:100], "a-2023.xlsx", "no whole zip"),
        (workbook(TABLE), "a-2022.xlsx", "cell A1: 2023, but the file is named after 2022"),
        (
            changed(0, "国内三种专利有效数按地区分布"),
            "a.xlsx",
            "cell A1: no year in the title, the headings or the name",
        ),
        (workbook(TABLE[:3]), "a-2023.xlsx", "cell A3: nothing stands below the headings"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_refused_by_cell(
    content: bytes, name: str, message: str
) -> None:
    with pytest.raises(SourceFormatError, match=rf"(?s){re.escape(name)}.*{message}"):
        parse(Payload(content, name))


@pytest.mark.parametrize(
    ("years", "message"),
    [
        ((2020, 2022, 2021), "cell E3: 2021 is out of place after 2022"),
        ((2020, 2021, 2021), "cell E3: the same heading as column D"),
        ((2019, 2020, 2021), "cell E3: 2021, but the file is named after 2022"),
        ((2020, 2021, "合计"), "cell E3: figures under '合计'; expected a year"),
    ],
)
def test_a_year_out_of_place_is_refused_by_cell(years: tuple[object, ...], message: str) -> None:
    content = workbook(
        [
            ["8-39 技术市场技术流向地域(合同金额)"],
            ["单位：万元"],
            ["地区", "Region", *years],
            ["全国", "National Total", 1, 2, 3],
        ]
    )
    with pytest.raises(SourceFormatError, match=message):
        parse(Payload(content, "funds-2022.xlsx"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("若干", ("obs_value", "type:Float64", "若干")),
        ("１２３", ("obs_value", "type:Float64", "１２３")),
        ("12,34", ("obs_value", "type:Float64", "12,34")),
        ("-5", ("obs_value", "only_signed_series_are_negative", "-5.0")),
        ("#REF!", ("obs_value", "type:Float64", "#REF!")),
        ("=SUM(D8:D19)", ("obs_value", "type:Float64", "=SUM(D8:D19)")),
    ],
)
def test_a_bad_cell_is_kept_out_by_its_address_and_the_others_land(
    yearbook: Drop, shared_path: Shared, text: str, reason: tuple[str, str, str]
) -> None:
    name = "patent_03-valid_raw-2023.xlsx"
    whole = (shared_path(f"{FOLDER}/raw") / name).read_bytes()

    def alter(sheet: Worksheet) -> None:
        sheet["D20"] = text

    found = judged(SOURCE, {name: altered(whole, alter)})
    assert found.reasons() == {name: {reason}}
    assert found.accepted.height == yearbook.outcomes()[name][1] - 1
    assert "D20" not in found.accepted["cell"].to_list()


@pytest.mark.parametrize(
    ("cell", "text", "reason", "rows"),
    [
        ("A19", "安輝", ("ref_area", "known_area", "安輝"), 4),
        # A city of sub-provincial rank, as CNIPA lists beside the provinces, is no province.
        ("A19", "大连", ("ref_area", "known_area", "大连"), 4),
        # Two names of one row that are not the same province.
        ("A19", "北京", ("ref_area", "known_area", "北京 (Anhui)"), 4),
        ("A3", "单位:万元", ("unit_as_published", "unit_fits_the_series", "万元"), 140),
        ("A3", "单位:斤", ("unit_as_published", "unit_fits_the_series", "斤"), 140),
    ],
)
def test_a_name_or_unit_that_does_not_fit_is_an_error_by_name(
    shared_path: Shared, cell: str, text: str, reason: tuple[str, str, str], rows: int
) -> None:
    name = "patent_03-valid_raw-2023.xlsx"
    whole = (shared_path(f"{FOLDER}/raw") / name).read_bytes()

    def alter(sheet: Worksheet) -> None:
        assert sheet["A19"].value == "安徽"
        sheet[cell] = text

    parsed = parse(Payload(altered(whole, alter), name)).tables["observation"]
    found = split(parsed, SOURCE.tables["observation"])
    failures = found.failures.select("column", pl.col("check").str.replace(r"\(.*", ""), "value")
    assert reason in failures.rows()
    assert (parsed.height, found.rejected.height) == (140, rows)
