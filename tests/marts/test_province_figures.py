"""The provincial figures that the repository carries, held against the sheets they cite.

The workbooks are read as zips of XML, and regions by their English names, so that no code of the
warehouse stands on both sides. Not here: the sources that land such sheets themselves.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import warehouse_runs as wr

Shared = Callable[[str], Path]
XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PROVINCES = {
    "Beijing": "BJ", "Tianjin": "TJ", "Hebei": "HE", "Shanxi": "SX", "InnerMongolia": "NM",
    "Liaoning": "LN", "Jilin": "JL", "Heilongjiang": "HL", "Shanghai": "SH", "Jiangsu": "JS",
    "Zhejiang": "ZJ", "Anhui": "AH", "Fujian": "FJ", "Jiangxi": "JX", "Shandong": "SD",
    "Henan": "HA", "Hubei": "HB", "Hunan": "HN", "Guangdong": "GD", "Guangxi": "GX",
    "Hainan": "HI", "Chongqing": "CQ", "Sichuan": "SC", "Guizhou": "GZ", "Yunnan": "YN",
    "Tibet": "XZ", "Xizang": "XZ", "Shaanxi": "SN", "Gansu": "GS", "Qinghai": "QH",
    "Ningxia": "NX", "Xinjiang": "XJ",
}  # fmt: skip
OUTSIDE = {"Hongkong": "HK", "HongKong": "HK", "Macao": "MO", "Taiwan": "TW"}
#: Sheet, table number, indicator by area, indicator of the total.
TABLES = {
    "in force": (
        "patent_03-valid", "8-9", "valid_invention_patents_by_province",
        "valid_invention_patents_domestic_incl_hkmt",
    ),
    "granted": (
        "patent_02-authority", "8-8", "invention_patents_granted_by_province",
        "invention_patents_granted_domestic_incl_hkmt",
    ),
}  # fmt: skip


def inventions(workbook: Path) -> dict[str, int]:
    """Column D (inventions) of the first sheet by the English name of column B, without blanks."""
    with zipfile.ZipFile(workbook) as parts:
        texts = [
            "".join(node.text or "" for node in item.iter(f"{XML}t"))
            for item in ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))  # noqa: S314
        ]
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))  # noqa: S314
    found = {}
    for row in sheet.iter(f"{XML}row"):
        cells = {}
        for cell in row.iter(f"{XML}c"):
            value = cell.findtext(f"{XML}v")
            text = texts[int(value)] if value and cell.get("t") == "s" else value
            cells[re.sub("[0-9]", "", cell.attrib["r"])] = text or ""
        if re.fullmatch(r"[0-9]+", cells.get("D", "").strip()):
            found[re.sub(r"\s", "", cells["B"])] = int(cells["D"])
    return found


@pytest.mark.parametrize("year", range(2019, 2024))
@pytest.mark.parametrize("kind", TABLES)
def test_inventions_by_province_are_those_of_the_yearbook(
    published_home: Path, shared_path: Shared, kind: str, year: int
) -> None:
    file, table, by_area, total = TABLES[kind]
    sheet = inventions(shared_path(f"data/cn_yearbook/raw/{file}_raw-{year}.xlsx"))
    national = sheet.pop("NationalTotal")
    expected = {f"CN-{(PROVINCES | OUTSIDE)[name]}": value for name, value in sheet.items()}
    assert len(expected) == 34
    assert sum(expected.values()) == national

    edition = f"nbs-most-yearbook-{year + 1}"
    carried = wr.rows(
        published_home,
        "select indicator_id, ref_area, obs_value from intermediate.int_observation__unioned "
        "where release_id = ? and time_period = ? and place = ?",
        [edition, str(year), f"table {table}"],
    )
    assert {(r["indicator_id"], r["ref_area"]): r["obs_value"] for r in carried} == {
        (by_area, area): value for area, value in expected.items()
    } | {(total, "CHN_HKMT"): national}
    (release,) = wr.rows(
        published_home, "select title, address from dim_release where release_id = ?", [edition]
    )
    assert str(year + 1) in release["title"]
    assert release["address"]


def test_the_31_provinces_alone_fall_short_of_the_printed_total(published_home: Path) -> None:
    """The total takes in Hong Kong, Macao and Taiwan; figures typed from the yearbook's readers."""
    sums = wr.rows(
        published_home,
        "select time_period, sum(obs_value) filter (where ref_area = 'CHN_HKMT') as total, "
        "sum(obs_value) filter (where kind = 'province' and ref_area != 'CN-TW') as inside "
        "from intermediate.int_observation__unioned join dim_ref_area using (ref_area) "
        "where place = 'table 8-9' and time_period in ('2020', '2023') "
        "group by time_period order by time_period",
    )
    assert [row["time_period"] for row in sums] == ["2020", "2023"]
    assert sums[0]["inside"] == 2_212_722
    assert sums[1]["total"] - sums[1]["inside"] == 73_815


def test_residents_by_province_are_those_of_the_bureau(
    published_home: Path, shared_path: Shared
) -> None:
    lines = shared_path("data/nbs_province_2024/historical_population.csv").read_text("utf-8-sig")
    rows = csv.DictReader(line for line in lines.splitlines() if not line.startswith("#"))
    expected = {
        (f"CN-{PROVINCES[row['region'].replace(' ', '')]}", str(year)): float(row[str(year)]) * 1e4
        for row in rows
        for year in range(2019, 2025)
    }
    assert len(expected) == 31 * 6
    carried = wr.rows(
        published_home,
        "select ref_area, time_period, obs_value, unit_measure from fct_observation_latest "
        "where indicator_id = 'population_by_province'",
    )
    assert {(r["ref_area"], r["time_period"]): r["obs_value"] for r in carried} == expected
    assert {r["unit_measure"] for r in carried} == {"PERSONS"}


def test_the_nation_has_about_two_million_more_residents_than_its_provinces(
    published_home: Path, shared_path: Shared
) -> None:
    sheet = shared_path("data/nbs_province_2024/population_from_national_data.csv")
    with sheet.open(encoding="utf-8-sig", newline="") as stream:
        national = next(row for row in csv.DictReader(stream) if row["Region"] == "National Total")
    nation = {
        row["time_period"]: row["obs_value"]
        for row in wr.rows(
            published_home,
            "select time_period, obs_value from fct_observation where release_id = ? "
            "and indicator_id = 'population_mainland' and ref_area = 'CHN'",
            ["nbs-yearbook-2023"],
        )
    }
    assert nation == {str(year): float(national[str(year)]) * 1e4 for year in range(2019, 2023)}
    provinces = wr.rows(
        published_home,
        "select time_period, sum(obs_value) as people from fct_observation_latest "
        "where indicator_id = 'population_by_province' group by time_period",
    )
    gaps = [
        nation[row["time_period"]] - row["people"]
        for row in provinces
        if row["time_period"] in nation
    ]
    assert len(gaps) == 4
    assert all(1_900_000 < gap < 2_100_000 for gap in gaps), gaps
