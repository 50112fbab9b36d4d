"""Residents and GDP by province in three vintages: all stand, and the wrong value is found.

Here: real files, read a second time by the csv module, and files written by the test for faults.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from regional_drops import Drop, drop, judged

from contracts.regions import PROVINCES
from pipelines.source import Payload, SourceFormatError
from pipelines.sources.nbs_province import SOURCE, parse

Shared = Callable[[str], Path]

POPULATION = "cn_resident_population"
OLD = "data/cn_province_population_gdp"
NEW = "data/nbs_province_2024"
#: File to its rows, years, power of ten, vintage, series.
FILES = {
    f"{NEW}/historical_population.csv": (31, 20, 4, 2025, POPULATION),
    f"{NEW}/historical_gdp.csv": (31, 20, 8, 2025, "cn_gdp"),
    f"{NEW}/population_from_national_data.csv": (32, 8, 4, 2023, POPULATION),
    f"{OLD}/China_Statistics_Yearbook.csv": (32, 20, 4, 2020, POPULATION),
    f"{OLD}/GDP_raw_2010_2019_extract.csv": (32, 10, 8, 2020, "cn_gdp"),
    f"{OLD}/census2020_province_population.csv": (31, 1, 0, 2021, POPULATION),
}


def test_every_real_file_lands_whole(provinces: Drop) -> None:
    assert provinces.outcomes() == {
        Path(path).name: ("landed", rows * years, 0) for path, (rows, years, *_) in FILES.items()
    }
    assert provinces.quarantine == []
    notes = {row["file"]: row["message"] for row in provinces.landings if row["message"]}
    left_out = "left out, computed by the maker of the file: sum, difference"
    assert notes == {"China_Statistics_Yearbook.csv": left_out}


@pytest.mark.parametrize("path", FILES)
def test_every_cell_has_the_value_that_stands_in_the_file(
    provinces: Drop, shared_path: Shared, path: str
) -> None:
    rows, years, power, edition, series = FILES[path]
    lines = shared_path(path).read_text(encoding="utf-8-sig").splitlines()
    table = [line for line in csv.reader(lines) if not line[0].startswith("#")]
    census = "gb2260" in table[0]
    names = 1 if census else 0
    expected = {
        (line[names].strip(), "2020-11-01" if census else heading): round(float(cell) * 10**power)
        for line in table[1:]
        for heading, cell in zip(table[0][names + 1 :], line[names + 1 :], strict=True)
        if line[names] not in ("sum", "difference")
    }
    landed = provinces.accepted.filter(raw_file=Path(path).name)
    found = {
        (name, period): round(value)
        for name, period, value in landed.select(
            "ref_area_name", "time_period", "obs_value"
        ).iter_rows()
    }
    assert found == expected
    assert len(found) == rows * years
    assert set(landed["indicator_id"].to_list()) == {series}
    assert {day.year for day in landed["vintage"].to_list()} == {edition}
    areas = set(landed["ref_area"].to_list())
    assert areas == set(PROVINCES) | ({"CHN"} if rows == 32 else set())


def test_three_vintages_of_one_fact_stand_side_by_side(provinces: Drop) -> None:
    """Heilongjiang as estimated, as revised after the census, and on the day of the census."""
    cells = provinces.accepted.filter(indicator_id=POPULATION, ref_area="CN-HL")
    by_vintage = {
        (day.year, period): value
        for day, period, value in cells.select("vintage", "time_period", "obs_value").rows()
    }
    assert by_vintage[2020, "2019"] == 37_510_000
    assert by_vintage[2023, "2019"] == by_vintage[2025, "2019"] == 32_550_000
    assert by_vintage[2021, "2020-11-01"] == 31_850_088
    # One province, two spellings.
    assert provinces.value(POPULATION, "CN-NM", "2024") == 23_880_000
    assert provinces.value("cn_gdp", "CN-NM", "2024") == 2_631_460_000_000


def test_the_wrong_value_and_the_military_are_found_by_rules(provinces: Drop) -> None:
    (jump,) = [f for f in provinces.findings if f["rule"] == "no_jump"]
    assert (jump["file"], jump["ref_area"], jump["time_period"], jump["found"]) == (
        "China_Statistics_Yearbook.csv", "CN-HL", "2013", "35350000"
    )  # fmt: skip
    assert "cell O17" in jump["message"]
    assert "2012: 38340000; 2014: 38330000" in jump["expected"]
    explained = [f for f in provinces.findings if f["status"] == "explained"]
    revised = {f["time_period"]: f["message"] for f in explained if "national_data" in f["file"]}
    assert sorted(revised) == [str(year) for year in range(2015, 2023)]
    assert "differs by 2000000 from the sum of its parts" in revised["2022"]
    assert all("military" in f["explanation"] for f in explained)
    rest = Counter(
        (f["rule"], f["severity"], f["indicator_id"])
        for f in provinces.findings
        if f["status"] == "open" and f["rule"] != "no_jump"
    )
    # Estimates of the provinces that never added up to the nation's.
    assert rest == {
        ("parts_make_the_whole", "warning", POPULATION): 19,
        ("parts_make_the_whole", "warning", "cn_gdp"): 10,
    }


TEN_THOUSAND = b"# 10000 persons\n"
HEADER = b"region,2020,2021,2022\n"
BEIJING = "北京,2189,2189,2184\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (TEN_THOUSAND + HEADER + BEIJING.encode("gbk"), "byte 38 is not UTF-8"),
        (TEN_THOUSAND + b"region,2020,2022,2021\nBeijing,1,2,3\n",
         "line 2, cell D2: 2021 is out of place after 2022; years rise"),
        (TEN_THOUSAND + b"region,2022,2021,2021\nBeijing,1,2,3\n",
         "line 2, cell D2: 2021 is out of place after 2021; years fall"),
        (TEN_THOUSAND + b"region,2020,20 21a\nBeijing,1,2\n", "cell C2: '20 21a' is no year"),
        (TEN_THOUSAND + b"place,2020\nBeijing,1\n", "one column must be headed region or"),
        (TEN_THOUSAND + HEADER + b"Beijing,1,2\n", "line 3: 3 cells, the header has 4"),
        (b"", "no heading and no figures"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_by_line(content: bytes, message: str) -> None:
    with pytest.raises(SourceFormatError, match=f"population.csv.*{message}"):
        parse(Payload(content, "population.csv"))


def test_what_a_file_is_must_be_said_once() -> None:
    for name in ("figures.csv", "gdp-and-population.csv"):
        with pytest.raises(SourceFormatError, match=f"{name}: .* must say population or gdp"):
            parse(Payload(HEADER + BEIJING.encode(), name))


def test_without_a_unit_the_size_of_the_nation_tells_it_or_nothing_does() -> None:
    nation = b"National Total,141212,141260,141175\n"
    told = judged(SOURCE, {"population.csv": HEADER + nation + BEIJING.encode()})
    assert told.value(POPULATION, "CN-BJ", "2022") == 21_840_000
    assert "only this one gives the nation its size" in told.accepted["note"].to_list()[0]
    frame = parse(Payload(HEADER + BEIJING.encode(), "population.csv")).tables["observation"]
    assert set(frame["unit_measure"].to_list()) == {None}  # which the contract rejects


def test_other_files_of_the_drop_land_beside_bad_ones(tmp_path: Path) -> None:
    good = TEN_THOUSAND + HEADER + BEIJING.encode() + "上 海,2488,2489,2475\n".encode()
    dropped = drop(
        tmp_path,
        SOURCE,
        {
            "population_gbk.csv": TEN_THOUSAND + HEADER + BEIJING.encode("gbk"),
            "2023-11-01/population.csv": good,
            "population_bad.csv": good.replace("北京".encode(), "北平".encode()).replace(
                b"2475", "２４７５".encode()
            ),
        },
    )
    outcomes = dropped.outcomes()
    assert outcomes["population.csv"] == ("landed", 6, 0)
    assert outcomes["population_gbk.csv"][0] == "refused"
    # Four of six cells are bad: no such file passes, and each is named.
    assert outcomes["population_bad.csv"] == ("refused", 2, 4)
    assert dropped.reasons()["population_bad.csv"] == {
        ("ref_area", "known_area", "北平"),
        ("obs_value", "type:Float64", "２４７５"),
    }
    days = set(dropped.accepted.select("release_id", "vintage_precision").rows())
    assert days == {("nbs-population-2023-11-01", "day")}
