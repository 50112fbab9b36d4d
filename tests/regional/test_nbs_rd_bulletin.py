"""The R&D bulletins: official pages, sheets and tidy form of one table, held against each other.

Here: real files, pages compared with sheets that openpyxl reads, and pages written by the test.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest
import warehouse_runs
from openpyxl.worksheet.worksheet import Worksheet
from regional_drops import Drop, altered, cells, contents, drop, judged, workbook

from contracts.regions import PROVINCES
from pipelines.source import Payload, SourceFormatError
from pipelines.sources.nbs_rd_bulletin import SOURCE, parse

Shared = Callable[[str], Path]

FOLDER = "data/nbs_rd_bulletin"
EXPENDITURE, INTENSITY = "cn_rd_expenditure", "cn_rd_intensity"


def test_every_real_file_lands_whole(bulletins: Drop, shared_path: Shared) -> None:
    names = {path.name for path in shared_path(FOLDER).iterdir()}
    assert bulletins.outcomes() == dict.fromkeys(names, ("landed", 64, 0))
    assert len(names) == 32
    for _, file in bulletins.accepted.group_by("raw_file"):
        assert set(file["ref_area"].to_list()) == {*PROVINCES, "CHN"}


@pytest.mark.parametrize("year", [2018, 2019, 2020, 2021, 2022, 2023])
def test_a_page_has_the_figures_of_the_tidy_sheet(
    bulletins: Drop, shared_path: Shared, year: int
) -> None:
    (rows,) = cells(shared_path(f"{FOLDER}/tidy_{year}.xlsx").read_bytes()).values()
    expected = {
        (row[0], row[2]): round(row[3] * (1e8 if row[2] == "RD经费" else 1), 2) for row in rows[1:]
    }
    page = bulletins.accepted.filter(raw_file=f"html_{year}.html")
    heads = {EXPENDITURE: "RD经费", INTENSITY: "RD强度"}
    found = {
        (re.sub(r"\s", "", name), heads[series]): round(value, 2)
        for name, series, value in page.select(
            "ref_area_name", "indicator_id", "obs_value"
        ).iter_rows()
    }
    assert found == expected


def test_figures_copied_by_hand_and_the_days_of_the_bulletins(bulletins: Drop) -> None:
    assert bulletins.value(EXPENDITURE, "CN-GD", "2023", "html") == 480_260_000_000
    assert bulletins.value(INTENSITY, "CN-BJ", "2023", "html") == 6.73
    assert bulletins.value(EXPENDITURE, "CN-AH", "2011", "raw_raw") == 21_460_000_000
    days = bulletins.accepted.filter(trust="primary").select("time_period", "vintage").unique()
    assert dict(days.iter_rows()) == {
        "2018": dt.date(2019, 8, 30), "2019": dt.date(2020, 8, 27), "2020": dt.date(2021, 9, 22),
        "2021": dt.date(2022, 8, 31), "2022": dt.date(2023, 9, 18), "2023": dt.date(2024, 10, 2),
    }  # fmt: skip
    units = bulletins.accepted.filter(pl.col("raw_file").str.starts_with("html"))
    assert set(units["unit_as_published"].to_list()) == {"亿元", "%"}


def test_a_sheet_with_the_figures_of_another_year_is_found(bulletins: Drop) -> None:
    found = {
        (f["rule"], f["file"], f["indicator_id"], f["time_period"]) for f in bulletins.findings
    }
    assert found == {
        (rule, "raw_raw-2018.xlsx", series, "2018")
        for rule in ("no_year_twice", "publications_agree")
        for series in (EXPENDITURE, INTENSITY)
    }
    repeated = next(f for f in bulletins.findings if f["rule"] == "no_year_twice")
    assert "the figures are those of 2019" in repeated["message"]


def test_swapped_columns_are_found(shared_path: Shared) -> None:
    names = [f"raw_raw-{year}.xlsx" for year in (2020, 2021, 2022)]
    files = {name: (shared_path(FOLDER) / name).read_bytes() for name in names}
    assert judged(SOURCE, files).findings == []

    def alter(sheet: Worksheet) -> None:
        for at in range(2, sheet.max_row + 1):
            one, other = sheet[f"B{at}"], sheet[f"C{at}"]
            one.value, other.value = other.value, one.value

    files[names[1]] = altered(files[names[1]], alter)
    # Its units are told by the nation's size: none gives it 2.44 of expenditure, so nothing passes.
    bad = judged(SOURCE, files)
    assert bad.reasons() == {
        names[1]: {
            ("unit_measure", "not_nullable", None),
            ("unit_as_published", "unit_fits_the_series", ""),
        }
    }
    assert set(bad.accepted["raw_file"].to_list()) == {names[0], names[2]}


PAGE = (
    "<title>2021年全国科技经费投入统计公报</title><p>国家统计局 科学技术部 财政部</p>"
    "<p>2022年8月31日</p><table><tr><td>地 区<td>R&amp;D经费<br>（亿元）"
    "<td>R&amp;D经费投入强度（%）"
    "<tr><td>全 国<td>27956.3<td>2.44<tr><td>北 京<td>2629.3<td>6.53</table>"
)


def test_a_page_in_its_shape() -> None:
    frame = parse(Payload(PAGE.encode(), "page.html")).tables["observation"]
    assert frame.select("ref_area", "obs_value", "vintage", "cell").rows() == [
        ("CHN", "2795630000000.0", dt.date(2022, 8, 31), "B2"),
        ("CN-BJ", "262930000000.0", dt.date(2022, 8, 31), "B3"),
        ("CHN", "2.44", dt.date(2022, 8, 31), "C2"),
        ("CN-BJ", "6.53", dt.date(2022, 8, 31), "C3"),
    ]


def test_swapped_columns_of_a_page_that_prints_its_units(shared_path: Shared) -> None:
    page = PAGE.replace("27956.3<td>2.44", "2.44<td>27956.3").replace(
        "2629.3<td>6.53", "6.53<td>2629.3"
    )
    names = [f"html_{year}.html" for year in (2020, 2022)]
    files = {name: (shared_path(FOLDER) / name).read_bytes() for name in names}
    found = judged(SOURCE, {**files, "page.html": page.encode()}).findings
    told = {(f["rule"], f["indicator_id"]) for f in found if f["file"] == "page.html"}
    assert told >= {
        (rule, series)
        for rule in ("nation_has_its_size", "columns_in_place")
        for series in (EXPENDITURE, INTENSITY)
    }


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (PAGE.encode("gbk"), "byte 11 is not UTF-8"),
        (PAGE.replace("2021年全国", "").encode(), "the bulletin of no year"),
        ((PAGE + "2020年全国科技经费投入统计公报").encode(), "of 2020 and 2021; expected one year"),
        (PAGE.replace("地 区", "省 份").encode(), "no table has a row headed 地区"),
        (PAGE.replace("<tr><td>地 区", "<tr><td>附表 2019年<tr><td>地 区").encode(),
         "headed 2019; expected 2021"),
        ((PAGE + PAGE.replace("6.53", "6.35")).encode(), "table 1 and table 2 .* are not the same"),
        (PAGE.replace("投入强度", "").encode(), "cell C1: .* stands twice"),
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_read_is_refused(page: bytes, message: str) -> None:
    with pytest.raises(SourceFormatError, match=f"page.html.*{message}"):
        parse(Payload(page, "page.html"))


def test_a_sheet_must_say_its_year_in_its_name() -> None:
    content = workbook([["地区", "RD经费", "RD强度"], ["全国", 27956.3, 2.44]])
    with pytest.raises(SourceFormatError, match="the sheet names no year"):
        parse(Payload(content, "raw.xlsx"))


def test_the_bulletins_own_page_is_preferred_to_later_copies(
    tmp_path: Path, shared_path: Shared
) -> None:
    """In the warehouse: a copy carries the page's day, so that a wrong one cannot displace it."""
    everything = contents(shared_path(FOLDER))
    files = {n: everything[n] for n in ("html_2018.html", "raw_raw-2018.xlsx", "tidy_2018.xlsx")}
    drop(tmp_path, SOURCE, files)
    warehouse_runs.land(tmp_path)
    database = warehouse_runs.models(
        tmp_path, tmp_path, "fct_observation_latest", "dim_release", "dim_indicator"
    )
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = warehouse_runs.fetch(
            connection,
            "select l.obs_value, l.vintage, l.trust, r.title, i.unit_measure "
            "from fct_observation_latest l join dim_release r using (release_id) "
            "join dim_indicator i using (indicator_id) "
            "where l.indicator_id = 'cn_rd_expenditure' and l.ref_area = 'CN-AH'",
        )
        kept = warehouse_runs.fetch(
            connection,
            "select count(*) as n, count(distinct obs_value) as v from "
            "intermediate.int_observation__unioned "
            "where indicator_id = 'cn_rd_expenditure' and ref_area = 'CN-AH'",
        )
    assert rows == [
        {
            "obs_value": 64_900_000_000.0,
            "vintage": dt.date(2019, 8, 30),
            "trust": "primary",
            "title": "Bulletin on science and technology expenditure 2018",
            "unit_measure": "CNY",
        }
    ]
    assert kept == [{"n": 3, "v": 2}]
