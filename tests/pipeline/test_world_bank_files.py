"""The World Bank's bulk files, dropped by a person: every release stands, every fault is named.

Real files where the reference material is here, small ones written by the test for the faults. Not
here: the API (test_world_bank_fetch.py).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import inbox as inbox_of
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.base import split
from pipelines import ingest
from pipelines.landing import Landing
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.source import Payload, SourceFormatError
from pipelines.sources.world_bank import SERIES, SOURCE, parse

FOLDER = "data/world_bank"
TOPIC = f"{FOLDER}/ds2_release_2021-09/science-and-technology-raw-2021.csv"
COUNTRIES_2021 = f"{FOLDER}/ds2_release_2021-09/Metadata_Country_API_14_DS2_en_csv_v2_3054360.csv"
LATER = f"{FOLDER}/ds2_release_2026-01"
PATENTS = f"{LATER}/API_IP.PAT.RESD_DS2_en_csv_v2_226.csv"
OLD = f"{FOLDER}/wdi_release_2013/IP.PAT.RESD_WDI.csv"
OLD_DAY = dt.date(2013, 12, 18)

Shared = Callable[[str], Path]


class Inbox(inbox_of.Inbox):
    """The World Bank's inbox."""

    def by_release(self, series: str, area: str, period: str) -> dict[str, float | None]:
        """A cell's value in each release."""
        rows = self.cells().filter(indicator_id=series, ref_area=area, time_period=period)
        return {str(r["release_date"]): r["obs_value"] for r in rows.to_dicts()}


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """An empty inbox."""
    return Inbox(SOURCE, tmp_path)


def as_csv(*lines: str) -> bytes:
    """Lines as DS2 files have them."""
    return ("\ufeff" + "".join(f"{line}\r\n" for line in lines)).encode()


def ds2(*lines: str, day: str = "2026-01-28", years: str = '"2020","2021",') -> bytes:
    """A DS2 file with these data lines."""
    return as_csv(
        '"Data Source","World Development Indicators",',
        "",
        f'"Last Updated Date","{day}",',
        "",
        f'"Country Name","Country Code","Indicator Name","Indicator Code",{years}',
        *lines,
    )


CHINA = '"China","CHN","Patent applications, residents","IP.PAT.RESD","1344817","1426644",'


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def read_by_hand(path: Path) -> dict[tuple[str, str, str], str]:
    """Every cell of a wide file by series, economy and year, read without the product's code."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = [line for line in csv.reader(stream) if line and line[0] not in PREAMBLE]
    header, *rows = lines
    return {
        (row[3], row[1], year): cell
        for row in rows
        for year, cell in zip(header[4:], row[4:], strict=True)
        if year
    }


PREAMBLE = ("Data Source", "Last Updated Date")


# Real files


@pytest.mark.parametrize("order", [[0, 1], [1, 0], [0, 1, 0, 1], [1, 1, 0]])
def test_two_releases_stand_side_by_side_in_any_order(
    inbox: Inbox, shared_path: Shared, order: list[int]
) -> None:
    files = [shared_path(TOPIC), shared_path(PATENTS)]
    for which in order:
        inbox.drop(files[which].read_bytes(), files[which].name)
    series = "IP.PAT.RESD"
    assert inbox.by_release(series, "CHN", "2018") == {"2021-09-15": 1393815, "2026-01-28": 1393815}
    assert inbox.by_release(series, "CHN", "2019") == {"2021-09-15": 1243568, "2026-01-28": 1243568}
    assert inbox.by_release(series, "CHN", "2021") == {"2026-01-28": 1426644}
    assert inbox.by_release(series, "CHN", "2020") == {"2021-09-15": None, "2026-01-28": 1344817}
    # The aggregate was revised, and is rounded since.
    assert inbox.by_release(series, "WLD", "2019") == {"2021-09-15": 2144825, "2026-01-28": 2239200}
    expected = [cell for path in files for cell in read_by_hand(path)]
    assert inbox.cells().height == len(expected) == 13 * 266 * 61 + 266 * 65


@pytest.mark.parametrize(
    ("file", "released", "given"),
    [
        (TOPIC, "2021-09-15", None),
        (PATENTS, "2026-01-28", None),
        # Lies beside the release of 2026, but says itself that it is older.
        (f"{LATER}/API_SP.POP.TOTL_DS2_en_csv_v2_45183.csv", "2024-05-30", None),
        (OLD, "2013-12-18", OLD_DAY),
    ],
)
def test_every_cell_lands_as_it_stands(
    inbox: Inbox, shared_path: Shared, file: str, released: str, given: dt.date | None
) -> None:
    path = shared_path(file)
    (landed,) = inbox.drop(path.read_bytes(), path.name, given)
    assert (landed.outcome, landed.rows_quarantined) == ("landed", 0)
    assert str(landed.release_date) == released
    cells = inbox.cells()
    by_hand = read_by_hand(path)
    published = {
        (r["indicator_id"], r["ref_area"], r["time_period"]): r["value_as_published"] or ""
        for r in cells.iter_rows(named=True)
    }
    assert published == by_hand
    values = {cell: float(text) for cell, text in by_hand.items() if text}
    landed_values = cells.filter(pl.col("obs_value").is_not_null())
    assert {
        (r["indicator_id"], r["ref_area"], r["time_period"]): r["obs_value"]
        for r in landed_values.iter_rows(named=True)
    } == values
    assert set(landed_values["obs_status"]) == {"A"}
    assert cells.filter(obs_status="M").height == len(by_hand) - len(values)


def test_rows_name_the_line_they_come_from(inbox: Inbox, shared_path: Shared) -> None:
    path = shared_path(PATENTS)
    inbox.drop(path.read_bytes(), path.name)
    lines = path.read_text("utf-8-sig").splitlines()
    assert lines[5].startswith('"Aruba","ABW"')
    for area, line in inbox.cells().select("ref_area", "raw_row").unique().iter_rows():
        assert f'"{area}"' in lines[line - 1]
    assert inbox.cells()["raw_row"].min() == 6


def test_economies_of_a_metadata_file(inbox: Inbox, shared_path: Shared) -> None:
    path = shared_path(f"{LATER}/Metadata_Country_API_IP.PAT.RESD_DS2_en_csv_v2_226.csv")
    (landed,) = inbox.drop(path.read_bytes(), path.name)
    assert (landed.table_name, landed.rows_in, landed.rows_quarantined) == ("economy", 265, 0)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        by_hand = {r["Country Code"]: r["Region"] for r in csv.DictReader(stream)}
    rows = {r["ref_area"]: r for r in inbox.cells("economy").to_dicts()}
    assert {code for code, r in rows.items() if r["is_aggregate"]} == {
        code for code, region in by_hand.items() if not region
    }
    assert rows["WLD"]["is_aggregate"]
    assert rows["CHN"]["name"] == "China"
    assert rows["CHN"]["region"] == "East Asia & Pacific"
    assert rows["CHN"]["income_level"] == "Upper middle income"
    # Notes of other economies go over several lines.
    lines = path.read_text("utf-8-sig").split("\n")
    assert lines[rows["CHN"]["raw_row"] - 1].startswith('"CHN"')
    assert lines[rows["ZWE"]["raw_row"] - 1].startswith('"ZWE"')


def test_a_file_of_descriptions_is_left_out_by_name(inbox: Inbox, shared_path: Shared) -> None:
    path = shared_path(f"{LATER}/Metadata_Indicator_API_IP.PAT.RESD_DS2_en_csv_v2_226.csv")
    (landed,) = inbox.drop(path.read_bytes(), path.name)
    assert (landed.outcome, landed.rows_in) == ("landed", 0)
    assert landed.message == f"{path.name}: descriptions of series, left out"
    assert inbox.landing.history()["file"].to_list() == [path.name]
    assert inbox.landing.run() == []


def test_a_zip_as_it_is_downloaded(inbox: Inbox, shared_path: Shared) -> None:
    name = "API_IP.PAT.RESD_DS2_en_csv_v2_226.csv"
    members = {
        prefix + name: shared_path(f"{LATER}/{prefix}{name}").read_bytes()
        for prefix in ("", "Metadata_Country_", "Metadata_Indicator_")
    }
    landed = inbox.drop(zipped(members), "API_IP.PAT.RESD_DS2_en_csv_v2_226.zip")
    assert [(x.table_name, x.outcome, x.rows_in) for x in landed] == [
        ("economy", "landed", 265),
        ("observation", "landed", 17290),
    ]
    assert "Metadata_Indicator_" in str(landed[0].message)
    assert set(inbox.cells("economy")["release_date"]) == {dt.date(2026, 1, 28)}
    assert inbox.by_release("IP.PAT.RESD", "CHN", "2021") == {"2026-01-28": 1426644}


def test_the_old_file_needs_its_day_and_lands_with_it(inbox: Inbox, shared_path: Shared) -> None:
    path = shared_path(OLD)
    (refused,) = inbox.drop(path.read_bytes(), path.name)
    assert refused.outcome == "refused"
    assert "move it to raw/inbox/world_bank/2013-12-18/" in str(refused.message)
    assert inbox.cells().is_empty()
    (landed,) = inbox.drop(path.read_bytes(), path.name, OLD_DAY)
    assert (landed.outcome, landed.rows_in) == ("landed", 252 * 54)
    assert inbox.by_release("IP.PAT.RESD", "CHN", "2011") == {"2013-12-18": 415829}
    assert inbox.by_release("IP.PAT.RESD", "CHN", "2012") == {"2013-12-18": None}
    assert inbox.cells()["raw_row"].min() == 2


def test_all_releases_of_one_cell(inbox: Inbox, shared_path: Shared) -> None:
    for file, day in ((OLD, OLD_DAY), (TOPIC, None), (PATENTS, None)):
        path = shared_path(file)
        inbox.drop(path.read_bytes(), path.name, day)
    days = {"2013-12-18", "2021-09-15", "2026-01-28"}
    assert set(inbox.by_release("IP.PAT.RESD", "CHN", "2010")) == days
    assert inbox.by_release("IP.PAT.RESD", "CHN", "2010")["2026-01-28"] == 293066


def test_areas_of_old_files_that_the_list_lost_are_found(inbox: Inbox, shared_path: Shared) -> None:
    for file, day in ((OLD, OLD_DAY), (COUNTRIES_2021, None)):
        path = shared_path(file)
        inbox.drop(path.read_bytes(), path.name, day)
    assert SOURCE.review is not None
    tables = {table: inbox.cells(table) for table in SOURCE.tables}
    found = {f["ref_area"]: f for f in SOURCE.review(tables)}
    assert {f["rule"] for f in found.values()} == {"unknown_ref_area"}
    with shared_path(COUNTRIES_2021).open(encoding="utf-8-sig", newline="") as stream:
        known = {row["Country Code"] for row in csv.DictReader(stream)}
    lost = {area for (_, area, _), v in read_by_hand(shared_path(OLD)).items() if v} - known
    assert set(found) == lost
    assert {"ROM", "ZAR"} & lost  # Romania and Congo, now ROU and COD


@pytest.mark.parametrize("order", [(TOPIC, PATENTS), (PATENTS, TOPIC)])
def test_values_that_a_later_release_withdrew_are_found(
    inbox: Inbox, shared_path: Shared, order: tuple[str, str]
) -> None:
    for file in order:
        inbox.drop(shared_path(file).read_bytes(), Path(file).name)
    old, new = read_by_hand(shared_path(TOPIC)), read_by_hand(shared_path(PATENTS))
    withdrawn = {cell for cell, text in old.items() if text and new.get(cell, text) == ""}
    assert SOURCE.review is not None
    findings = SOURCE.review({table: inbox.cells(table) for table in SOURCE.tables})
    found = {f["ref_area"]: str(f["message"]) for f in findings if f["rule"] == "withdrawn_value"}
    assert set(found) == {area for _, area, _ in withdrawn}
    arab_world = sum(area == "ARB" for _, area, _ in withdrawn)
    assert found["ARB"].startswith(f"{arab_world} values of earlier releases are withdrawn")


def test_a_large_file_is_read_quickly(shared_path: Shared) -> None:
    payload = Payload(shared_path(TOPIC).read_bytes(), "topic.csv")
    start = time.perf_counter()
    rows = parse(payload).tables["observation"].height
    assert time.perf_counter() - start < 2
    assert rows == 3458 * 61


@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("wb_gdp_all_1_NY.GDP.MKTP.CD.json", 17290),
        ("wb_named_vector_long_bg_1_SP.POP.TOTL.json", 5),
        ("wb_region_totals_1_SP.POP.TOTL.json", 35),
    ],
)
def test_recorded_answers_land(inbox: Inbox, shared_path: Shared, file: str, rows: int) -> None:
    content = shared_path(f"{FOLDER}/api_v2_bodies/{file}").read_bytes()
    (landed,) = inbox.drop(content, file)
    assert (landed.rows_in, landed.rows_accepted) == (rows, rows)
    assert str(landed.release_date) == "2025-07-01"
    by_hand = {
        (item["countryiso3code"] or item["country"]["id"], item["date"]): item["value"]
        for item in json.loads(content)[1]
    }
    cells = inbox.cells().select("ref_area", "time_period", "obs_value")
    assert {(area, period): value for area, period, value in cells.iter_rows()} == by_hand


def test_what_has_no_iso_code_keeps_the_banks_own(inbox: Inbox, shared_path: Shared) -> None:
    path = shared_path("samples/world_bank/indicator_NY.GDP.MKTP.CD_4rows.json")
    inbox.drop(path.read_bytes(), path.name)
    rows = inbox.cells().sort("raw_row").select("ref_area", "obs_value", "obs_status")
    assert rows.rows() == [
        ("MEX", 1832641364775.52, "A"),
        ("MEX", 1830489311088.89, "A"),
        ("EMU", None, "M"),
        ("XX", 5.0, "A"),
    ]


# What has gone wrong is named, and costs no more than it must


def test_a_small_file_lands(inbox: Inbox) -> None:
    inbox.drop(ds2(CHINA), "small.csv")
    assert inbox.by_release("IP.PAT.RESD", "CHN", "2021") == {"2026-01-28": 1426644}


def test_a_bad_cell_is_named_and_its_neighbours_land(inbox: Inbox) -> None:
    years = ",".join(f'"{year}"' for year in range(1900, 2100)) + ","
    cells = [f'"{year}"' for year in range(1900, 2100)]
    cells[121] = '"1.4 million"'
    line = '"China","CHN","Patent applications, residents","IP.PAT.RESD",' + ",".join(cells) + ","
    (landed,) = inbox.drop(ds2(line, years=years), "edited.csv")
    assert (landed.outcome, landed.rows_accepted, landed.rows_quarantined) == ("landed", 199, 1)
    quarantine = pl.read_parquet(inbox.home / "landed/operations/quarantine/*.parquet").row(
        0, named=True
    )
    assert (quarantine["file"], quarantine["raw_row"]) == ("edited.csv", 6)
    assert (quarantine["column_name"], quarantine["value"]) == ("obs_value", "1.4 million")
    assert json.loads(quarantine["row_json"])["time_period"] == "2021"


def test_a_series_that_nobody_knows_is_left_out_by_name(inbox: Inbox) -> None:
    other = CHINA.replace("IP.PAT.RESD", "AG.LND.AGRI.ZS")
    (landed,) = inbox.drop(ds2(CHINA, other), "mixed.csv")
    assert (landed.outcome, landed.rows_in, landed.rows_quarantined) == ("landed", 2, 0)
    assert landed.message == "left out, unit not known: AG.LND.AGRI.ZS (1 lines)"
    assert set(inbox.cells()["indicator_id"]) == {"IP.PAT.RESD"}


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        pytest.param(ds2(CHINA), OLD_DAY, id="a wrong day"),
        pytest.param(as_csv(*ds2(CHINA).decode().splitlines()[4:]), None, id="no day"),
    ],
)
def test_the_right_day_takes_a_refusal_off_the_record(
    tmp_path: Path, content: bytes, wrong: dt.date | None
) -> None:
    home = Settings(home=tmp_path)
    folder = home.inbox / "world_bank"
    first = folder / (str(wrong) if wrong else "") / "patents.csv"
    right = folder / "2026-01-28" / "patents.csv"
    first.parent.mkdir(parents=True)
    right.parent.mkdir(parents=True)
    first.write_bytes(content)
    assert outcomes(home) == {"refused"}
    assert outcomes(home) == {"refused"}  # it still lies there
    first.rename(right)
    assert outcomes(home) == {"landed"}
    landing = Landing(SOURCE, RawStore(home.raw), home.landed)
    assert landing.accepted("observation").height == 2
    right.unlink()  # what landed stays landed
    assert outcomes(home) == {"landed"}
    assert landing.accepted("observation").height == 2


def test_a_bad_file_taken_away_is_forgotten_until_it_comes_back(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    file = home.inbox / "world_bank" / "junk.csv"
    file.parent.mkdir(parents=True)
    for _ in range(2):
        file.write_bytes(b"neither a table nor JSON")
        assert outcomes(home) == {"refused"}
        file.unlink()
        assert outcomes(home) == set()


def outcomes(home: Settings) -> set[str]:
    """One run over the inbox; what became of the payloads."""
    ingest.collect(SOURCE, home, live=False)
    ingest.land(SOURCE, home)
    return set(Landing(SOURCE, RawStore(home.raw), home.landed).history()["outcome"])


def test_a_good_landing_survives_a_bad_file(inbox: Inbox) -> None:
    inbox.drop(ds2(CHINA), "good.csv")
    (refused,) = inbox.drop(ds2(CHINA, CHINA), "doubled.csv")
    assert refused.outcome == "refused"
    assert "row 6" in str(refused.message)
    assert "unique(indicator_id, ref_area, time_period)" in str(refused.message)
    assert inbox.cells().height == 2


TWO_DAYS = zipped({"a.csv": ds2(CHINA), "b.csv": ds2(CHINA, day="2025-10-07")})
HEADER = "Country Name,Country Code,Indicator Name,Indicator Code"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "f: empty"),
        (b" \r\n", "f: empty"),
        (b"\xff\xfeC\x00o\x00", "f: byte 0 is not UTF-8"),
        (b"geo,1980,1981\nCHN,1,2\n", "f, line 1: begins with 'geo'"),
        (b"<html>Service Unavailable</html>", "f: HTML or XML instead of JSON"),
        (ds2(), "f: nothing below the header"),
        (ds2(CHINA.removesuffix(',"1426644",')), "f, line 6: 5 cells, the header has 7"),
        (ds2(CHINA[:-12]), "f, line 6: unexpected end of data"),
        (ds2(CHINA + '"7"'), "f, line 6: '7' stands in the last column"),
        (ds2(CHINA, years='"2020","2021 [YR2021]",'), "column '2021 [YR2021]' is new"),
        (ds2(CHINA, years='"2021","2021",'), "f, line 5: the header must hold periods, each once"),
        (ds2(CHINA, day="28 January 2026"), "f, line 3: '28 January 2026' is not a date"),
        (ds2(CHINA.replace("IP.PAT", "XX.PAT")), "f: no known series; it holds XX.PAT.RESD (1 l"),
        (f"{HEADER},2021\nChina,CHN,Patents,IP.PAT.RESD,7\n".encode(), "move it to raw/inbox/worl"),
        (
            b'"Country Code","Short Name",\n"CHN","China",\n',
            "f, line 1: the columns are not those of Metadata_Country: column 'Region' is",
        ),
        (TWO_DAYS, "f: holds files released on 2025-10-07 and 2026-01-28"),
        (TWO_DAYS[:400], "f: no whole zip"),
        (zipped({"inner.zip": TWO_DAYS}), "f/inner.zip: a zip within a zip"),
        (zipped({"readme.txt": b"hello"}), "f/readme.txt, line 1: begins with 'hello'"),
        (zipped({"bomb.csv": bytes(2**22)}), "f/bomb.csv: 4194304 bytes packed into"),
        (zipped({f"{n}.csv": ds2(CHINA) for n in range(51)}), "f: 51 members"),
        (zipped({}), "f: 0 members"),
        (b'[{"page":1,"pages":1,"total":1},[{"id":"2"}]]', "f: neither a page of a series nor"),
        (b'{"message":"Forbidden"}', "f: JSON, but no list that begins with a page's header"),
        (b"[" * 100_000, "f: JSON nested deeper than any page"),
        (b'[{"page":1,"pages":1,"total":1},{"a":1}]', "f: the second element of the answer"),
    ],
)
def test_what_is_no_world_bank_file_is_refused_by_name(content: bytes, told: str) -> None:
    with pytest.raises(SourceFormatError) as error:
        parse(Payload(content, "f"))
    assert told in str(error.value)


def test_a_damaged_member_is_named() -> None:
    content = bytearray(zipped({"a.csv": ds2(CHINA)}))
    content[60] ^= 0xFF
    with pytest.raises(SourceFormatError, match=r"^f/a\.csv: damaged"):
        parse(Payload(bytes(content), "f"))


def test_a_zip_that_would_fill_the_memory_is_not_unpacked() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for n in range(40):
            archive.writestr(f"{n}.csv", bytes(4099))
    content = buffer.getvalue()
    directory = content.index(b"PK\x01\x02")
    small, large = (size.to_bytes(4, "little") for size in (4099, 14 * 2**20))
    claimed = content[:directory] + content[directory:].replace(small, large)
    with pytest.raises(SourceFormatError, match=r"40 members with 587202560 bytes in all"):
        parse(Payload(claimed, "f"))


def test_the_day_in_the_bytes_and_the_day_given_must_agree() -> None:
    assert parse(Payload(ds2(CHINA), "f", dt.date(2026, 1, 28))).release_date == dt.date(
        2026, 1, 28
    )
    with pytest.raises(SourceFormatError) as error:
        parse(Payload(ds2(CHINA), "f", dt.date(2013, 12, 18)))
    assert "released on 2026-01-28" in str(error.value)
    assert "given as released on 2013-12-18" in str(error.value)


def test_quarters_and_months_are_written_as_sdmx_writes_them() -> None:
    line = '"China","CHN","Rate","PA.NUS.FCRF","6.5","7.25","6.75",'
    rows = parse(Payload(ds2(line, years='"2025","2025Q4","2026M02",'), "f")).tables["observation"]
    assert rows.select("time_period", "freq", "obs_value").rows() == [
        ("2025", "A", "6.5"),
        ("2025-Q4", "Q", "7.25"),
        ("2026-02", "M", "6.75"),
    ]


UNIT_IN_NAME = {
    "current US$": "USD",
    "per million people": "PER_1M_POP",
    "% of": "PT",
    "LCU per US$": "LCU_PER_USD",
    "Population": "PERSONS",
}


IN_2013 = [
    *("IP.PAT.RESD", "IP.PAT.NRES", "IP.TMK.RESD", "IP.TMK.NRES", "IP.TMK.TOTL"),
    *("IP.TMK.AGGD", "IP.TMK.MDRD", "BX.GSR.ROYL.CD", "BM.GSR.ROYL.CD", "SP.POP.TOTL"),
    *("NY.GDP.MKTP.CD", "PA.NUS.FCRF", "GB.XPD.RSDV.GD.ZS"),
]


@pytest.mark.parametrize("file", [TOPIC, *(OLD.replace("IP.PAT.RESD", s) for s in IN_2013)])
def test_units_are_those_in_the_banks_names_of_the_series(shared_path: Shared, file: str) -> None:
    rows = parse(Payload(shared_path(file).read_bytes(), file, None if file == TOPIC else OLD_DAY))
    named = rows.tables["observation"].select("indicator_name", "unit_measure").unique()
    for name, unit in named.iter_rows():
        told = [code for words, code in UNIT_IN_NAME.items() if words in name]
        assert unit == (told[0] if told else "NUMBER"), name


def test_every_series_has_a_unit_that_is_described() -> None:
    isin = SOURCE.tables["observation"].to_schema().columns["unit_measure"].metadata
    assert isin is not None
    assert set(SERIES.values()) <= set(isin["isin"])


# Any page


def item(series: str, area: str, period: str, value: float | None) -> dict[str, Any]:
    """An item as the API sends it."""
    return {
        "indicator": {"id": series, "value": "name"},
        "country": {"id": area[:2], "value": "name"},
        "countryiso3code": area,
        "date": period,
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 0,
    }


AREAS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3)
PERIODS = st.one_of(
    st.integers(1960, 2030).map(str),
    st.builds("{}Q{}".format, st.integers(1960, 2030), st.integers(1, 4)),
    st.builds("{}M{:02}".format, st.integers(1960, 2030), st.integers(1, 12)),
)
VALUES = st.one_of(
    st.none(), st.integers(0, 10**15), st.floats(0, allow_nan=False, allow_infinity=False)
)
CELLS = st.dictionaries(
    st.tuples(st.sampled_from(sorted(SERIES)), AREAS, PERIODS), VALUES, min_size=1, max_size=20
)


@given(cells=CELLS, day=st.dates(dt.date(2000, 1, 1)), indent=st.sampled_from([None, 1]))
@settings(deadline=None)
def test_any_page_comes_through_unchanged(
    cells: dict[tuple[str, str, str], float | None], day: dt.date, indent: int | None
) -> None:
    items = [item(*cell, value) for cell, value in cells.items()]
    head = {"page": 1, "pages": 1, "per_page": "50", "total": len(items), "lastupdated": str(day)}
    parsed = parse(Payload(json.dumps([head, items], indent=indent).encode(), "page"))
    assert parsed.release_date == day
    verdict = split(parsed.tables["observation"], SOURCE.tables["observation"])
    assert verdict.failures.is_empty()
    rows = verdict.accepted.to_dicts()
    assert [r["raw_row"] for r in rows] == list(range(1, len(items) + 1))
    for row, ((series, area, period), value) in zip(rows, cells.items(), strict=True):
        assert (row["indicator_id"], row["ref_area"]) == (series, area)
        assert row["time_period"] == period.replace("Q", "-Q").replace("M", "-")
        assert row["freq"] == ("Q" if "Q" in period else "M" if "M" in period else "A")
        assert row["obs_value"] == value
        assert row["obs_status"] == ("M" if value is None else "A")
        assert row["value_as_published"] == (None if value is None else repr(value))


JUNK = st.one_of(
    st.binary(max_size=300),
    st.binary(max_size=100).map(lambda tail: b"PK\x03\x04" + tail),
    st.text(max_size=100).map(lambda text: text.encode()),
    st.builds(lambda cut: TWO_DAYS[:cut], st.integers(0, len(TWO_DAYS) - 1)),
    st.builds(lambda cut: ds2(CHINA)[:cut], st.integers(0, len(ds2(CHINA)) - 40)),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["page", "message", "id", "value"]), inner, max_size=4
            )
        ),
    ).map(lambda value: json.dumps(value).encode()),
    st.lists(
        st.none() | st.text(max_size=5) | st.dictionaries(st.text(max_size=3), st.integers()),
        min_size=1,
        max_size=5,
    ).map(lambda items: json.dumps([{"page": 1, "pages": 1, "total": 9}, items]).encode()),
)


@given(content=JUNK)
@example(content=b'[{"message":[null]}]')
@example(content=b'[{"page":1,"pages":1,"total":"' + b"9" * 5000 + b'"},[]]')
@example(content=b'[{"page":1,"pages":1,"total":1},[{"indicator":{"id":"\\ud800"}}]]')
@settings(deadline=None)
def test_junk_is_refused_and_never_a_crash(content: bytes) -> None:
    with pytest.raises(SourceFormatError, match=r"^junk"):
        parse(Payload(content, "junk"))


def test_a_page_may_hold_bad_items_beside_good_ones() -> None:
    good = item("IP.PAT.RESD", "CHN", "2021", 1426644)
    bad: list[Any] = [
        None,
        "text",
        {**good, "date": "2021M13"},
        {**good, "date": "2020", "value": float("nan")},
        {**good, "date": "2019", "value": 1e400},
        {**good, "date": "2018", "value": True},
        {**good, "date": "2017", "value": -1},
        {**good, "countryiso3code": "", "country": None},
        {**good, "indicator": {"id": None}},
        {k: v for k, v in good.items() if k != "value"} | {"date": "2016"},
        {**good, "indicator": {"id": "IP.PAT.RESD", "value": "\ud800"}, "date": "2015"},
    ]
    head = {"page": 1, "pages": 1, "total": 12, "lastupdated": "2026-01-28"}
    parsed = parse(Payload(json.dumps([head, [good, *bad]]).encode(), "page"))
    verdict = split(parsed.tables["observation"], SOURCE.tables["observation"])
    # The last bad one is only badly spelt.
    assert verdict.accepted["raw_row"].to_list() == [1, 12]
    assert sorted(verdict.rejected["raw_row"].to_list()) == list(range(2, 12))
    named = {(f["raw_row"], f["column"], f["value"]) for f in verdict.failures.to_dicts()}
    assert {
        (4, "time_period", "2021M13"),
        (5, "obs_value", "NaN"),
        (6, "obs_value", "Infinity"),
        (7, "obs_value", "True"),
    } <= named
