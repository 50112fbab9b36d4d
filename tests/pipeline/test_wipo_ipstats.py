"""Exports of WIPO's IP Statistics, dropped by a person: every cell as it stands, every fault named.

The real export is compared with somebody else's tidy copy of it. Not here: what may be shown of
these values (tests/marts/test_technology_profile.py).
"""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import warehouse_runs as wr
from hypothesis import given, settings
from hypothesis import strategies as st
from inbox import Inbox

from contracts.base import split
from pipelines.source import Payload, SourceFormatError
from pipelines.sources.wipo_ipstats import SOURCE, parse

FOLDER = "data/wipo_ipstats_2015"
EXPORT = (
    f"{FOLDER}/raw_patent_5 - Patent grants by technology_Resident and non-resident count by "
    "filing office_1980_2013.csv"
)
Shared = Callable[[str], Path]

PREAMBLE = (
    "Intellectual property right :Patent",
    "",
    "Indicator :5 - Patent grants by technology",
    "",
    "Source: WIPO statistics database. Last updated: March 2015",
    "",
)
HEADER = "Office,Office Code,Origin,Technology,2012,2013"


def export(*lines: str, header: str = HEADER, end: str = "\r") -> bytes:
    """An export with these lines below its header."""
    return end.join([*PREAMBLE, header, *lines]).encode()


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """An empty inbox."""
    return Inbox(SOURCE, tmp_path)


# Real files


@pytest.mark.parametrize(
    ("file", "outcome", "rows", "says"),
    [
        (EXPORT, "landed", 5920 * 34, None),
        # Somebody's tidy copies and a workbook: no exports.
        (f"{FOLDER}/wipo_tech_region.csv", "refused", 0, "line 1: 'type,office,office_code"),
        (f"{FOLDER}/wipo_tech_instrument.csv", "refused", 0, "line 1: 'type,office,office_code"),
        (f"{FOLDER}/wipotrends_cleaned.csv", "refused", 0, "line 1: 'Year,Applications,Growth"),
        (f"{FOLDER}/raw_wipotrends.zip", "refused", 0, "wipotrends.xlsx: a workbook or a zip"),
        # Shapes of today's service, with made-up values.
        ("samples/wipo/ips_downloadCsv_SYNTHETIC_VALUES.csv", "landed", 3 * 45, "1 lines with"),
        ("samples/wipo/ips_table_result_SYNTHETIC_VALUES.json", "refused", 0, "pack several"),
        ("samples/wipo/pmh_table_result_SYNTHETIC_VALUES.json", "refused", 0, "thousands sep"),
    ],
)
def test_every_file_lands_or_is_refused_with_a_reason(
    inbox: Inbox, shared_path: Shared, file: str, outcome: str, rows: int, says: str | None
) -> None:
    path = shared_path(file)
    (landed,) = inbox.drop(path.read_bytes(), path.name)
    assert (landed.outcome, landed.rows_accepted, landed.rows_quarantined) == (outcome, rows, 0)
    assert (says or "") in (landed.message or "")
    assert (says is None) == (landed.message is None)


def test_every_file_of_the_folder_is_in_the_list_above(shared_path: Shared) -> None:
    mark = test_every_file_lands_or_is_refused_with_a_reason.pytestmark[0]  # type: ignore[attr-defined]
    listed = {Path(case[0]).name for case in mark.args[1]}
    there = {p.name for f in (FOLDER, "samples/wipo") for p in shared_path(f).iterdir()}
    assert listed == there


@pytest.mark.parametrize(
    ("tidy", "codes"),
    [("wipo_tech_region.csv", "^R[1-6]$"), ("wipo_tech_instrument.csv", "^W[1-4]$")],
)
def test_the_export_holds_what_others_read_in_it(
    inbox: Inbox, shared_path: Shared, tidy: str, codes: str
) -> None:
    inbox.drop(shared_path(EXPORT).read_bytes(), "export.csv")
    theirs = {
        (r["office_code"], r["origin"], int(r["technology_number"]), r["year"]): float(r["count"])
        for r in wr.read_csv(shared_path(f"{FOLDER}/{tidy}"))
    }
    rows = inbox.cells().filter(
        pl.col("office_code").str.contains(codes), pl.col("obs_value").is_not_null()
    )
    ours = {
        (r["office_code"], r["origin_name"], r["technology_number"], r["time_period"]): r[
            "obs_value"
        ]
        for r in rows.iter_rows(named=True)
    }
    assert ours == theirs


def test_blank_is_missing_and_the_release_is_the_month(inbox: Inbox, shared_path: Shared) -> None:
    path = shared_path(EXPORT)
    inbox.drop(path.read_bytes(), path.name)
    cells = inbox.cells()
    # Bare CR ends lines: read by hand from the bytes.
    lines = list(csv.reader(path.read_bytes().decode().split("\r")))[8:]
    by_hand = [cell for line in lines for cell in line[4:]]
    missing = cells.filter(pl.col("obs_status") == "M")
    assert missing.height == by_hand.count("") > 90_000
    assert missing["obs_value"].is_null().all()
    assert cells["obs_value"].sum() == sum(int(cell) for cell in by_hand if cell)
    assert cells["release_date"].unique().to_list() == [dt.date(2015, 3, 31)]
    # The line of the bytes, where the file's third field of Zimbabwe's non-residents stands.
    row = cells.filter(
        office_code="ZW", origin_name="Non-Resident", technology_number=34, time_period="1983"
    ).row(0, named=True)
    assert row["obs_value"] == 12
    assert lines[row["raw_row"] - 9][:4] == [
        "Zimbabwe", "ZW", "Non-Resident", "34 - Other consumer goods",
    ]  # fmt: skip
    # Nothing in the real export contradicts itself.
    assert inbox.findings() == []


def test_regions_that_do_not_sum_to_the_offices_are_found(
    inbox: Inbox, shared_path: Shared
) -> None:
    content = shared_path(EXPORT).read_bytes()
    damaged = content.replace(b"\rJapan,JP,Resident,6 - Computer technology,", b"\rJapan,JP,Resi"
                              b"dent,6 - Computer technology,9", 1)  # fmt: skip
    assert damaged != content
    inbox.drop(damaged, "export.csv")
    (finding,) = inbox.findings()
    assert (finding["rule"], finding["severity"]) == ("regions_sum_to_offices", "error")
    assert "Resident, 6 - Computer technology: in 1 years" in str(finding["message"])
    assert finding["time_period"] == "1980"


# Damaged files


FILLER = [
    f'Office {n},{chr(65 + n // 26)}{chr(65 + n % 26)},Resident,"14 - Organic fine chemistry",1,2'
    for n in range(400)
]


@pytest.mark.parametrize(
    ("cell", "column", "check"),
    [
        ('"19800,23000,3200"', None, "one_number_not_several_packed_by_position"),
        ('"12,345"', None, "no_thousands_separators"),
        ("n/a", "obs_value", "type:Float64"),
        ("１２３", "obs_value", "type:Float64"),
        ("-5", None, "counts_are_whole_and_not_negative"),
        ("1.5", None, "counts_are_whole_and_not_negative"),
    ],
)
def test_a_bad_cell_is_kept_out_by_name_and_the_others_land(
    inbox: Inbox, cell: str, column: str | None, check: str
) -> None:
    bad = f"China,CN,Resident,6 - Computer technology,7,{cell}"
    (landed,) = inbox.drop(export(*FILLER, bad), "export.csv")
    assert (landed.outcome, landed.rows_accepted, landed.rows_quarantined) == ("landed", 801, 1)
    (row,) = inbox.quarantine().to_dicts()
    assert (row["file"], row["raw_row"]) == ("export.csv", 408)
    assert (row["column_name"], row["check"]) == (column, check)
    assert '"time_period":"2013"' in row["row_json"]
    assert cell.strip('"') in row["row_json"]


def test_swapped_columns_are_refused_whole(inbox: Inbox) -> None:
    lines = ["CN,China,Resident,6 - Computer technology,1,2"] * 5
    (landed,) = inbox.drop(export(*lines), "export.csv")
    assert landed.outcome == "refused"
    assert "column office_code, value 'China'" in str(landed.message)
    # By their names columns may stand in any order.
    header = "Office Code,Office,Origin,Technology,2012,2013"
    (landed,) = inbox.drop(export(lines[0], header=header), "other.csv")
    assert (landed.outcome, landed.rows_accepted) == ("landed", 2)


GOOD = "China,CN,Resident,6 - Computer technology,1,2"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no header that begins with Office"),
        (export(GOOD)[:100], "no header that begins with Office"),
        (export(), "nothing below the header"),
        (export(GOOD + ",3"), "line 8: 7 cells, the header has 6"),
        (export("China,CN,Resident"), "line 8: 3 cells, the header has 6"),
        (export(GOOD, header="Office,Origin,Technology,2013,2012"), "the years must stand last"),
        (export(GOOD, header="Office,Origin,2012,Technology,2013"), "the years must stand last"),
        (export(GOOD, header="Office,Technology,2012,2013"), "column 'origin_name' is gone"),
        (
            export(GOOD, header="Office,Origin,Gender,2012"),
            "line 7: the columns are not those of an export: column 'Gender' is new",
        ),
        (export(GOOD).replace(b"March 2015", b"2015"), "must say when WIPO last updated it"),
        (export(GOOD).replace(b"5 - Patent", b"Patent"), "must say Indicator: number - name"),
        (export(GOOD.replace("China", "中国")).decode().encode("gbk"), "is not UTF-8"),
        (export('"China,CN,Resident'), "unexpected end of data"),
    ],
)
def test_what_is_no_whole_export_is_refused_by_line(content: bytes, says: str) -> None:
    with pytest.raises(SourceFormatError, match=r"^export\.csv") as caught:
        parse(Payload(content, "export.csv"))
    assert says in str(caught.value)


def test_a_day_of_another_month_contradicts_the_bytes() -> None:
    day = dt.date(2015, 4, 1)
    with pytest.raises(SourceFormatError, match="updated in 2015-03, but it was given"):
        parse(Payload(export(GOOD), "export.csv", day))


# Properties

NAMES = st.text("abc ,'é中", min_size=1, max_size=8).map(lambda t: f"N{t.strip()}")
CELLS = st.none() | st.integers(0, 10**9)
TABLE = st.dictionaries(
    st.tuples(NAMES, st.sampled_from(["Resident", "Non-Resident"]), st.integers(1, 35)),
    st.lists(CELLS, min_size=3, max_size=3),
    min_size=1,
    max_size=8,
)


@given(
    table=TABLE,
    newer=st.booleans(),
    end=st.sampled_from(["\r", "\n", "\r\n"]),
    month=st.integers(1, 12),
)
@settings(deadline=None)
def test_any_export_comes_through_unchanged(
    table: dict[tuple[str, str, int], list[int | None]], newer: bool, end: str, month: int
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator=end)
    spare = [""] if newer else []
    titles = ["Origin", "Office", "Field of technology"] if newer else ["Origin", "Office",
                                                                       "Technology"]  # fmt: skip
    for line in PREAMBLE[:4]:
        writer.writerow([line])
    writer.writerow([f"Source: WIPO statistics database. Last updated: "
                     f"{calendar.month_name[month]} 2026"])  # fmt: skip
    writer.writerow([*titles, "2021", "2022", "2023", *spare])
    for (office, origin, field), cells in table.items():
        writer.writerow([origin, office, f"{field} - Field, {field}", *cells, *spare])
    content = ("\ufeff" if newer else "").encode() + buffer.getvalue().encode()
    parsed = parse(Payload(content, "export.csv"))
    assert parsed.release_date is not None
    assert (parsed.release_date.month, parsed.release_date.year) == (month, 2026)
    verdict = split(parsed.tables["observation"], SOURCE.tables["observation"])
    assert verdict.failures.is_empty()
    found = {
        (r["office_name"], r["origin_name"], r["technology_number"], r["time_period"]): r[
            "obs_value"
        ]
        for r in verdict.accepted.iter_rows(named=True)
    }
    assert found == {
        (*key, year): cell
        for key, cells in table.items()
        for year, cell in zip(("2021", "2022", "2023"), cells, strict=True)
    }


@given(
    content=st.binary(max_size=200)
    | st.binary(max_size=60).map(lambda tail: b"PK\x03\x04" + tail)
    | st.integers(0, len(export(GOOD)) - 20).map(lambda cut: export(GOOD)[:cut])
    | st.text(max_size=60).map(lambda text: export(text + ","))
)
@settings(deadline=None)
def test_junk_is_refused_and_never_a_crash(content: bytes) -> None:
    with pytest.raises(SourceFormatError, match=r"^junk"):
        parse(Payload(content, "junk"))
