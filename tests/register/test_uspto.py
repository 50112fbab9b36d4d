"""Files of the USPTO: every table, layout and trap, and what is refused before it is unpacked."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from adapted import divided, rejected, tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import legal_events, patent_numbers
from pipelines.source import Notes, SourceFormatError
from pipelines.sources.patent_register import (
    delimited,
    unpack,
    uspto,
    uspto_fees,
    uspto_patentsview,
    xml_stream,
)

PATENT = ("patent_id", "patent_type", "patent_date", "patent_title", "wipo_kind", "num_claims",
          "withdrawn", "filename")  # fmt: skip
APPLICATION = ("application_id", "patent_id", "patent_application_type", "filing_date",
               "series_code", "rule_47_flag")  # fmt: skip
IPC = ("patent_id", "ipc_sequence", "classification_level", "section", "ipc_class", "subclass",
       "main_group", "subgroup", "symbol_position", "classification_value",
       "classification_status", "classification_data_source", "action_date",
       "ipc_version_indicator")  # fmt: skip
ASSIGNEE = ("patent_id", "assignee_sequence", "assignee_id",
            "disambig_assignee_individual_name_first", "disambig_assignee_individual_name_last",
            "disambig_assignee_organization", "assignee_type", "location_id")  # fmt: skip
LOCATION = ("location_id", "disambig_city", "disambig_state", "disambig_country", "latitude",
            "longitude", "county", "state_fips", "county_fips")  # fmt: skip

Cells = Sequence[str]


def tsv(header: Cells, *rows: Cells) -> bytes:
    """As PatentsView writes it: tabs, text in quotes, doubled quotes."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([header, *rows])
    return out.getvalue().encode()


def zipped(tmp_path: Path, **members: bytes) -> Path:
    path = tmp_path / "dropped.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in members.items():
            bundle.writestr(name.replace("__", "."), content)
    return path


def plain(tmp_path: Path, content: bytes, name: str = "dropped.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


# PatentsView.


def test_patents(tmp_path: Path) -> None:
    path = zipped(
        tmp_path,
        g_patent__tsv=tsv(
            PATENT,
            (
                "10000000",
                "utility",
                "2018-06-19",
                'Laser "radar"\nwith lines',
                "B2",
                "20",
                "0",
                "x",
            ),
            ("D500000", "design", "2005-01-04", "Chair", "S1", "1", "0", "x"),
            ("PP12345", "plant", "2002-01-01", "Rose", "P2", "1", "0", "x"),
            ("RE35000", "reissue", "1995-06-20", "Again", "E", "9", "0", "x"),
            ("H001234", "statutory invention registration", "1999-01-05", "", "H", "1", "0", "x"),
            ("9999999", "utility", "2018-06-05", "Never issued", "B2", "20", "1", "x"),
            ("4000000", "utility", "1976-12-28", "Old", "A", "3", "0", "x"),
        ),
    )
    rows = divided(tables(uspto, path), "patent").accepted
    assert rows.select(
        "publication_number", "kind_code", "ip_type", "legal_status_as_published"
    ).rows() == [
        ("10000000", "B2", "invention", None),
        ("D500000", "S1", "design", None),
        ("PP12345", "P2", "plant", None),
        ("RE35000", "E", "invention", None),
        ("H1234", "H", "other", None),
        ("9999999", "B2", "invention", "withdrawn"),
        ("4000000", "A", "invention", None),
    ]
    assert rows["title"].to_list()[0] == 'Laser "radar"\nwith lines'
    assert rows["raw_row"].to_list() == [2, 4, 5, 6, 7, 8, 9]  # the first stands on two lines
    assert [d is not None for d in rows["grant_date"]] == [True] * 4 + [False, False, True]
    assert rows["publication_date"].null_count() == 0


def test_dirty_patents_come_out_and_are_rejected_by_value(tmp_path: Path) -> None:
    content = tsv(
        PATENT,
        ("10000001", "novelty", "2018-06-19", "t", "", "1", "0", "x"),
        ("10000002", "utility", "June 2018", "t", "B2", "1", "0", "x"),
        ("", "utility", "2018-06-19", "t", "B2", "1", "0", "x"),
        ("10000004", "utility", "2018-06-19", "t", "B22", "1", "0", "x"),
        ("10000005", "utility", "2018-06-19", "good", "B2", "1", "0", "x"),
    )
    found = tables(uspto, plain(tmp_path, content + b'"10000006"\t"cut"\n'))
    assert found["patent"].height == 6
    assert {row: {c for c, _ in reasons} for row, reasons in rejected(found, "patent").items()} == {
        2: {"ip_type"},
        3: {"publication_date", "grant_date"},
        4: {None},
        5: {"kind_code"},
        7: {"ip_type", None},
    }
    assert rejected(found, "patent")[2] == {("ip_type", "novelty")}
    assert "2 cells, the header has 8" in dict(rejected(found, "patent")[7])["ip_type"]


def test_applications(tmp_path: Path) -> None:
    path = zipped(
        tmp_path,
        g_application__tsv=tsv(
            APPLICATION,
            ("14823956", "10000000", "14", "2015-08-11", "14", "0"),
            ("29/123,456", "D500000", "29", "2004-01-02", "29", "0"),
            ("06537062", "4593999", "06", "1-1-1", "06", "0"),
            ("", "4593998", "06", "1983-09-29", "06", "0"),
        ),
    )
    found = tables(uspto, path)
    rows = divided(found, "patent").accepted
    assert rows.select(
        "application_number", "publication_number", "ip_type", "kind_code", "grant_date"
    ).rows() == [
        ("US14823956", "10000000", "invention", None, None),
        ("US29123456", "D500000", "design", None, None),
        (None, "4593998", "invention", None, None),
    ]
    assert rejected(found, "patent") == {4: {(None, "dates_are_possible")}}  # year 1


def test_symbols_are_put_together(tmp_path: Path) -> None:
    def row(at: str, *parts: str, version: str = "2006-01-01") -> Cells:
        return ("10000000", at, "A", *parts, "F", "I", "B", "H", "2018-06-19", version)

    path = zipped(
        tmp_path,
        g_ipc_at_issue__tsv=tsv(
            IPC,
            row("0", "G", "01", "S", "7", "486"),
            row("1", "g", "1", "s", "0017", "00", version="2020-01-01"),
            row("2", "H", "01", "L", "21", "0200", version=""),
            row("3", "H", "01", "L", "", ""),
            row("4", "H", "01", "L", "21", "5"),
            row("5", "", "", "", "", ""),
            row("x", "A", "61", "K", "9", "00"),
        ),
    )
    found = tables(uspto, path)
    rows = divided(found, "ipc_assignment").accepted
    assert rows.select("position", "ipc_symbol", "ipc_version").rows() == [
        (1, "G01S7/486", "2006.01"),
        (2, "G01S17/00", "2020.01"),
        (3, "H01L21/02", None),
        (4, "H01L", "2006.01"),
    ]
    reasons = rejected(found, "ipc_assignment")
    assert reasons[6] == {("ipc_symbol", "H01L21/5")}  # 05 or 50: not guessed
    assert set(reasons) == {6, 7, 8}
    assert reasons[8] == {("position", "x")}


OWNERS = tsv(
    ASSIGNEE,
    ("10000000", "0", "a", "", "", "Raytheon Company", "2", "L1"),
    ("10000001", "1", "b", "Ada", "Lovelace", "", "5", "L2"),
    ("10000002", "0", "c", "", "", "Acer", "3", "L3"),
    ("10000003", "0", "d", "", "", "Nowhere", "3", "L9"),
    ("10000004", "0", "e", "", "", "", "3", "L1"),
    ("10000005", "first", "f", "", "", "Odd", "3", "L1"),
)
PLACES = tsv(
    LOCATION,
    ("L1", "Waltham", "MA", "US", "1", "1", "", "", ""),
    ("L2", "London", "", "GB", "1", "1", "", "", ""),
    ("L3", "Taipei", "", "TW", "1", "1", "", "", ""),
)
NAMES = [(1, "Raytheon Company"), (2, "Ada Lovelace"), (1, "Acer"), (1, "Nowhere")]


def test_owners_without_locations_have_no_country(tmp_path: Path) -> None:
    found = tables(uspto, zipped(tmp_path, g_assignee_disambiguated__tsv=OWNERS))
    rows = divided(found, "patent_owner").accepted
    assert rows.select("seq", "owner_name").rows() == NAMES
    assert rows["owner_country"].null_count() == 4
    reasons = rejected(found, "patent_owner")
    assert {row: {c for c, _ in r} for row, r in reasons.items()} == {6: {"owner_name"}, 7: {"seq"}}


def test_owners_with_locations_have_countries(tmp_path: Path) -> None:
    path = zipped(
        tmp_path,
        g_assignee_disambiguated__tsv=OWNERS,
        g_location_disambiguated__tsv=PLACES,
    )
    rows = divided(tables(uspto, path), "patent_owner").accepted
    assert rows.select("owner_country", "owner_region").rows() == [
        ("US", None),
        ("GB", None),
        ("TW", "CN-TW"),
        (None, None),
    ]


def test_tables_without_use_are_ignored_by_name(tmp_path: Path) -> None:
    skipped = Notes()
    path = zipped(tmp_path, g_foreign_priority__tsv=b"patent_id\tfiling_date\n1\t2\n")
    assert list(uspto.read(path, path.name, skipped)) == []
    assert skipped.left_out == {"files ignored by name: g_foreign_priority": 1}
    path = zipped(tmp_path, g_location_disambiguated__tsv=PLACES)
    skipped = Notes()
    assert list(uspto.read(path, path.name, skipped)) == []
    assert skipped.left_out == {"files ignored by name: g_location_disambiguated": 1}


def test_every_official_column_is_read_or_ignored_by_name(
    shared_path: Callable[[str], Path],
) -> None:
    text = shared_path("samples/patentsview/table_config_bulk_exp_granted.json").read_text("utf-8")
    official = {table: list(config["fields"]) for table, config in json.loads(text).items()}
    for table, columns in official.items():
        if table in uspto_patentsview.IGNORED:
            read = uspto_patentsview._TABLES[table].columns
            assert set(columns) <= {*read, *uspto_patentsview.IGNORED[table]}, table
            assert uspto_patentsview.table_of("\t".join(columns)) == table
        elif table != "g_location_disambiguated":
            assert table.startswith(uspto.IGNORED), table


def test_a_simulated_column_is_believed(tmp_path: Path) -> None:
    content = tsv(
        (*PATENT, "is_simulated"),
        ("1", "utility", "1836-07-13", "t", "A", "1", "0", "x", "true"),
        ("2", "utility", "1836-07-29", "t", "A", "1", "0", "x", ""),
        ("3", "utility", "1836-08-11", "t", "A", "1", "0", "x", "perhaps"),
    )
    found = tables(uspto, plain(tmp_path, content))
    assert divided(found, "patent").accepted["raw_row"].to_list() == [3]
    assert divided(found, "patent", simulated=True).accepted["raw_row"].to_list() == [2]
    assert rejected(found, "patent") == {
        2: {("is_simulated", "true")},
        4: {("is_simulated", "perhaps")},
    }


def test_bytes_that_are_not_utf8_stay_visible(tmp_path: Path) -> None:
    good = tsv(PATENT, ("10000000", "utility", "2018-06-19", "TITLE", "B2", "1", "0", "x"))
    found = tables(uspto, plain(tmp_path, good.replace(b"TITLE", b"caf\xe9")))
    assert found["patent"]["title"].to_list() == ["caf\\xe9"]


# Maintenance fees.


@pytest.mark.parametrize(
    ("name", "width"),
    [("MaintFeeEvents_2018_layout.txt", 13), ("MaintFeeEvents_pre2014_layout.txt", 7)],
)
def test_both_layouts(name: str, width: int, shared_path: Callable[[str], Path]) -> None:
    path = shared_path(f"samples/uspto_maintfee/{name}")
    lines = path.read_text(encoding="ascii").splitlines()
    rows = divided(tables(uspto, path), "legal_event").accepted
    assert rows["raw_row"].to_list() == list(range(1, len(lines) + 1))
    for line, row in zip(lines, rows.iter_rows(named=True), strict=True):
        number, application, _, _, _, day, code = line.split()
        assert len(number) == width
        assert row["publication_number"] == number.lstrip("0")
        assert row["application_number"] == f"US{application}"
        assert row["event_date"].strftime("%Y%m%d") == day
        assert row["event_code"] == code
        assert row["event_kind"] == legal_events.event_kind("US", code)


def line(number: str = "0000005123456", code: str = "M1551", day: str = "19960201") -> str:
    return f"{number} 07123456 Y 19900101 19920714 {day} {code:<5}"


def test_expiry_and_its_cancellation_are_two_events(tmp_path: Path) -> None:
    text = "\n".join([line(code="EXP.", day="20001015"), line(code="EXPX", day="20010301")])
    rows = tables(uspto, plain(tmp_path, text.encode()))["legal_event"]
    assert rows["event_kind"].to_list() == ["fee_lapse", "restoration"]


def test_lines_that_fit_no_layout_come_out_and_are_rejected(tmp_path: Path) -> None:
    lines = [line()] * 30
    lines[3] = line(code="M9999")
    lines[7] = lines[7][:40]
    lines[9] = line(day="20001332")
    lines[11] = ""
    found = tables(uspto, plain(tmp_path, "\r\n".join(lines).encode()))
    assert found["legal_event"].height == 29  # the blank line is no record
    reasons = rejected(found, "legal_event")
    assert reasons[4] == {("event_kind", "unknown:M9999")}
    assert reasons[10] == {("event_date", "20001332")}
    assert {c for c, _ in reasons[8]} == {"event_kind", "event_date", "event_code"}
    assert set(reasons) == {4, 8, 10}


@pytest.mark.parametrize("good", [8, 9])
def test_a_file_of_which_less_than_nine_tenths_fit_is_refused(tmp_path: Path, good: int) -> None:
    lines = [line()] * good + ["something else altogether"] * (10 - good)
    path = plain(tmp_path, "\n".join(lines).encode())
    if good == 9:
        assert tables(uspto, path)["legal_event"].height == 10
    else:
        with pytest.raises(SourceFormatError, match=r"dropped\.txt.*90% fit a layout"):
            tables(uspto, path)


def test_simulated_lines_say_so(tmp_path: Path) -> None:
    text = f"{line()} SIMULATED\n{line()}\n"
    rows = tables(uspto, plain(tmp_path, text.encode()))
    assert rows["legal_event"]["is_simulated"].to_list() == [True, False]
    assert divided(rows, "legal_event").accepted["raw_row"].to_list() == [2]
    assert divided(rows, "legal_event", simulated=True).accepted["raw_row"].to_list() == [1]


def test_the_zip_with_its_list_of_codes(tmp_path: Path) -> None:
    path = zipped(
        tmp_path,
        MaintFeeEvents_20260101__txt=line().encode(),
        MaintFeeEventsDesc_20260101__txt=b"M1551 Payment of Maintenance Fee, 4th Year",
    )
    skipped = Notes()
    assert [frame.height for _, frame in uspto.read(path, path.name, skipped)] == [1]
    assert skipped.left_out == {"files ignored by name: maintfeeeventsdesc_20260101": 1}


FEE_CODES = {
    code.event_code: code.event_kind
    for code in legal_events.CODES.values()
    if code.source in (legal_events.FEES, legal_events.INPADOC, legal_events.RECALLED)
}


@given(
    width=st.sampled_from([7, 13]),
    number=st.integers(1, 9_999_999),
    letters=st.sampled_from(["", "RE"]),
    application=st.integers(0, 99_999_999),
    day=st.dates(),
    code=st.sampled_from(sorted(FEE_CODES)),
)
def test_numbers_round_trip(
    width: int, number: int, letters: str, application: int, day: date, code: str
) -> None:
    digits = f"{number}"[: width - len(letters)]
    printed = f"{letters}{digits}".rjust(width, "0")
    stamp = day.isoformat().replace("-", "")
    text = f"{printed} {application:08d} N 19900101 19920714 {stamp} {code:<5}"
    assert uspto_fees.layout(text.encode()) == width
    row = uspto_fees._events([(1, text)], width).row(0, named=True)
    assert row["publication_number"] == letters + digits
    assert row["application_number"] == f"US{application:08d}"
    assert row["event_date"] == day.isoformat()
    assert row["event_kind"] == FEE_CODES[code]


@given(texts=st.lists(st.text("0123456789REDPH/,. x", max_size=14), max_size=20))
def test_numbers_are_read_alike_in_columns_and_one_by_one(texts: list[str]) -> None:
    column = pl.Series("number", texts, dtype=pl.String)
    assert uspto_fees.publications(column).to_list() == [
        patent_numbers.publication(f"US{text}")[1] if text else None for text in texts
    ]
    assert uspto_fees.applications(column).to_list() == [
        patent_numbers.application_number("US", text) if text else None for text in texts
    ]


# Assignments.


def document(number: str, kind: str, country: str = "US") -> str:
    return (
        f"<document-id><country>{country}</country><doc-number>{number}</doc-number>"
        f"<kind>{kind}</kind><date>20110526</date></document-id>"
    )


def assignment(
    text: str, *properties: str, reel: str = "053520", purged: str = "N", day: str = "20200817"
) -> str:
    listed = "".join(f"<patent-property>{p}</patent-property>" for p in properties)
    return (
        f"<patent-assignment><assignment-record><reel-no>{reel}</reel-no><frame-no>0064</frame-no>"
        f"<purge-indicator>{purged}</purge-indicator><recorded-date><date>{day}</date>"
        f"</recorded-date><conveyance-text>{text}</conveyance-text></assignment-record>"
        "<patent-assignors><patent-assignor><name>OWNER ONE</name><execution-date><date>20200806"
        "</date></execution-date></patent-assignor><patent-assignor><name>OWNER TWO</name>"
        "</patent-assignor></patent-assignors><patent-assignees><patent-assignee><name>A BANK, N.A."
        "</name></patent-assignee></patent-assignees>"
        f"<patent-properties>{listed}</patent-properties></patent-assignment>"
    )


def assignments(tmp_path: Path, *records: str, attributes: str = "", head: str = "") -> Path:
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head}<us-patent-assignments{attributes}>'
        "<action-key-code>DA</action-key-code><patent-assignments>"
        f"{''.join(records)}</patent-assignments></us-patent-assignments>"
    )
    return plain(tmp_path, text.encode(), "ad20200818.xml")


DOCTYPE = '<!DOCTYPE us-patent-assignments SYSTEM "us-patent-assignments-v0.dtd">\n'
FIRST = document("13116504", "X0") + document("20110289741", "A1") + document("9255631", "B2")
SECOND = document("15458258", "X0") + document("20180186718", "A1")


def test_security_interests_are_pledges_and_events(tmp_path: Path) -> None:
    path = assignments(
        tmp_path,
        assignment("SECURITY INTEREST (SEE DOCUMENT FOR DETAILS).", FIRST, SECOND),
        assignment("RELEASE BY SECURED PARTY", FIRST, reel="054000", day="20220301"),
        assignment("ASSIGNMENT OF ASSIGNORS INTEREST", SECOND),
        head=DOCTYPE,
    )
    found = tables(uspto, path)
    events = divided(found, "legal_event").accepted
    assert events.select("raw_row", "publication_number", "event_code", "event_kind").rows() == [
        (1, "9255631", "security", "pledge_in_force"),
        (1, "20180186718", "security", "pledge_in_force"),
        (2, "9255631", "release", "pledge_cancelled"),
        (3, "20180186718", "assignment", "transfer"),
    ]
    assert events["application_number"].to_list()[:2] == ["US13116504", "US15458258"]
    assert events["event_date"].to_list()[0].isoformat() == "2020-08-17"
    assert events["detail"].to_list()[0] == (
        "reel/frame 53520/64; SECURITY INTEREST (SEE DOCUMENT FOR DETAILS).; executed 2020-08-06; "
        "to A BANK, N.A."
    )
    pledges = divided(found, "pledge").accepted
    assert pledges.height == 2
    row = pledges.row(0, named=True)
    assert (row["registration_number"], str(row["registration_date"])) == ("53520/64", "2020-08-17")
    assert (row["amount"], row["currency"], row["cancellation_date"]) == (None, None, None)
    assert (row["assets"], row["pledgor"], row["pledgee"]) == (
        2,
        "OWNER ONE;OWNER TWO",
        "A BANK, N.A.",
    )


def test_purged_records_are_left_out_and_counted(tmp_path: Path) -> None:
    path = assignments(
        tmp_path,
        assignment("SECURITY INTEREST", FIRST, purged="Y"),
        assignment("SECURITY INTEREST", SECOND),
    )
    skipped = Notes()
    frames = dict(uspto.read(path, path.name, skipped))
    assert skipped.left_out == {"assignments that the USPTO has purged": 1}
    assert frames["pledge"]["raw_row"].to_list() == [2]


def test_records_without_patents_or_days_come_out_and_are_rejected(tmp_path: Path) -> None:
    path = assignments(
        tmp_path,
        assignment("SECURITY INTEREST"),
        assignment("SECURITY INTEREST", FIRST, day="20201301"),
        assignment("SECURITY INTEREST", document("", "X0")),
        "<patent-assignment/>",
    )
    found = tables(uspto, path)
    assert found["legal_event"]["raw_row"].to_list() == [1, 2, 3, 4]
    reasons = rejected(found, "legal_event")
    assert reasons[1] == {(None, "names_its_patent")}
    assert reasons[2] == {("event_date", "20201301")}
    assert reasons[3] == {(None, "names_its_patent")}
    assert set(rejected(found, "pledge")) == {2, 3}


def test_foreign_documents_keep_their_office(tmp_path: Path) -> None:
    path = assignments(
        tmp_path, assignment("SECURITY AGREEMENT", document("PCTUS2010012345", "X0", "WO"))
    )
    rows = divided(tables(uspto, path), "pledge").accepted
    assert rows.select("office", "application_number").rows() == [("WO", "WOUS2010012345")]


def test_real_assignments(shared_path: Callable[[str], Path]) -> None:
    path = shared_path("samples/uspto_assignment/padx_MIT_31066_972.xml")
    root = ElementTree.parse(path).getroot()  # noqa: S314 - the reference file
    rows = divided(tables(uspto, path), "legal_event").accepted
    assert rows.height == len(root.findall(".//patent-property"))
    row = rows.row(0, named=True)
    assert row["application_number"] == "US" + root.findtext(".//document-id[1]/doc-number", "")
    assert row["publication_number"] == root.findtext(".//document-id[2]/doc-number")
    assert row["event_date"].strftime("%Y%m%d") == root.findtext(".//recorded-date/date")
    assert row["event_kind"] == "transfer"

    header = shared_path("samples/uspto_assignment/padx_biolectron_4271_859_header_only.xml")
    assert rejected(tables(uspto, header), "legal_event") == {1: {(None, "names_its_patent")}}


def test_simulated_assignments_say_so(tmp_path: Path) -> None:
    path = assignments(
        tmp_path, assignment("SECURITY INTEREST", FIRST), attributes=' is-simulated="true"'
    )
    assert all(frame["is_simulated"].all() for frame in tables(uspto, path).values())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<html><body>Sign in</body></html>", "the outermost element is html"),
        (b"<us-patent-assignments><patent-assignment>", "no well-formed XML"),
        (b'<!DOCTYPE a [<!ENTITY x "ha">]><us-patent-assignments/>', "declares an entity"),
        (b"<a>" * 100, "the outermost element is a"),
        (b"<us-patent-assignments>" + b"<b>" * 100, "deeper than 64"),
    ],
)
def test_other_xml_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(SourceFormatError, match=rf"dropped\.txt.*{told}"):
        tables(uspto, plain(tmp_path, content))


def test_nothing_outside_an_xml_file_is_read(tmp_path: Path) -> None:
    secret = plain(tmp_path, b"<!ENTITY secret 'told'>", "secret.dtd")
    head = f'<!DOCTYPE us-patent-assignments SYSTEM "{secret.as_uri()}">'
    path = assignments(tmp_path, assignment("SECURITY &secret; INTEREST", FIRST), head=head)
    with pytest.raises(SourceFormatError, match="undefined entity"):
        tables(uspto, path)


# The economists' tables.

OCE_ASSIGNMENT = """rf_id,file_id,cname,reel_no,frame_no,convey_text,record_dt,page_count,purge_in
535200064,1,X,53520,64,"SECURITY INTEREST, AND MORE",2020-08-17,4,N
540000064,1,X,54000,64,RELEASE BY SECURED PARTY,01mar2022,4,N
310660972,1,X,31066,972,ASSIGNMENT OF ASSIGNORS INTEREST,20130823,4,N
999990001,1,X,99999,1,SECURITY INTEREST,2020-08-17,4,Y
"""
OCE_CONVEYANCE = """rf_id,convey_ty,employer_assign
535200064,security,0
540000064,release,0
310660972,assignment,1
999990001,security,0
"""
OCE_DOCUMENTS = """rf_id,title,lang,appno_doc_num,appno_date,appno_country,pgpub_doc_num,\
pgpub_date,pgpub_country,grant_doc_num,grant_date,grant_country
535200064,A,en,13116504,2011-05-26,US,20110289741,2011-12-01,US,9255631,2016-02-09,US
535200064,B,en,15458258,2017-03-14,US,20180186718,2018-07-05,US,,,
540000064,A,en,13116504,2011-05-26,US,20110289741,2011-12-01,US,9255631,2016-02-09,US
310660972,A,en,13116504,2011-05-26,US,20110289741,2011-12-01,US,D365706,2016-02-09,US
999990001,A,en,13116504,2011-05-26,US,,,,,,
123,A,en,13116504,2011-05-26,US,,,,,,
"""
OCE = {
    "csv/assignment__csv": OCE_ASSIGNMENT.encode(),
    "csv/assignment_conveyance__csv": OCE_CONVEYANCE.encode(),
    "csv/documentid__csv": OCE_DOCUMENTS.encode(),
    "csv/documentid_admin__csv": b"rf_id,appno_doc_num\n",
    "csv/assignee__csv": b"rf_id,ee_name\n",
    "csv/assignor__csv": b"rf_id,or_name\n",
}


def test_the_oce_tables_are_read_together(tmp_path: Path) -> None:
    path = zipped(tmp_path, **OCE)
    skipped = Notes()
    found: dict[str, pl.DataFrame] = dict(uspto.read(path, path.name, skipped))
    events = divided(found, "legal_event").accepted
    assert events.select(
        "raw_row", "application_number", "publication_number", "event_kind", "detail"
    ).rows() == [
        (2, "US13116504", "9255631", "pledge_in_force",
         "reel/frame 53520/64; SECURITY INTEREST, AND MORE"),
        (3, "US15458258", "20180186718", "pledge_in_force",
         "reel/frame 53520/64; SECURITY INTEREST, AND MORE"),
        (4, "US13116504", "9255631", "pledge_cancelled",
         "reel/frame 54000/64; RELEASE BY SECURED PARTY"),
        (5, "US13116504", "D365706", "transfer", None),
    ]  # fmt: skip
    assert [d.isoformat() for d in events["event_date"]] == [
        "2020-08-17",
        "2020-08-17",
        "2022-03-01",
        "2013-08-23",
    ]
    pledges = divided(found, "pledge").accepted
    assert pledges.select("registration_number", "assets").rows() == [
        ("53520/64", 2),
        ("53520/64", 2),
    ]
    assert skipped.left_out["assignments that the USPTO has purged"] == 1
    reasons = rejected(found, "legal_event")  # the document of no record is there, and named
    assert ("event_kind", "no conveyance of 123") in reasons[7]
    assert set(reasons) == {7}


def test_an_oce_table_alone_is_refused_with_advice(tmp_path: Path) -> None:
    path = plain(tmp_path, OCE_DOCUMENTS.encode(), "documentid.csv")
    with pytest.raises(SourceFormatError, match="drop the three as one zip"):
        tables(uspto, path)


# Zips.


def test_a_zip_of_several_data_files_is_refused(tmp_path: Path) -> None:
    patents = tsv(PATENT, ("1", "utility", "1836-07-13", "t", "A", "1", "0", "x"))
    path = zipped(tmp_path, g_patent__tsv=patents, MaintFeeEvents__txt=line().encode())
    with pytest.raises(SourceFormatError, match=r"holds 2 data files.*drop each alone"):
        tables(uspto, path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("g_patent.tsv", b" " * (unpack.SMALL + 1))
    with pytest.raises(SourceFormatError, match=r"bomb\.zip, g_patent\.tsv: .* for one"):
        tables(uspto, path)


def test_too_many_members_and_too_many_bytes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path, a__txt=line().encode(), b__txt=line().encode())
    monkeypatch.setattr(unpack, "MEMBERS", 1)
    with pytest.raises(SourceFormatError, match="2 members, more than 1"):
        tables(uspto, path)
    monkeypatch.undo()
    monkeypatch.setattr(unpack, "TOTAL", 100)
    with pytest.raises(SourceFormatError, match="bytes unpacked, more than 100"):
        tables(uspto, path)


def test_damaged_zips_are_refused(tmp_path: Path) -> None:
    content = zipped(tmp_path, MaintFeeEvents__txt=(line() + "\n").encode() * 500).read_bytes()
    for damaged in (content[:60], content[:40] + b"\xff" * 20 + content[60:], b"PK\x03\x04junk"):
        path = plain(tmp_path, damaged, "damaged.zip")
        with pytest.raises(SourceFormatError, match=r"damaged\.zip"):
            tables(uspto, path)
    empty = tmp_path / "empty.zip"
    zipfile.ZipFile(empty, "w").close()
    with pytest.raises(SourceFormatError, match="a zip with nothing in it"):
        tables(uspto, empty)


# Anything else.


@given(content=st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_junk_raises_nothing_but_source_format_error(tmp_path: Path, content: bytes) -> None:
    for head in (
        b"",
        b"PK\x03\x04",
        b"<us-patent-assignments>",
        "\t".join(PATENT).encode() + b"\n",
    ):
        with suppress(SourceFormatError):
            tables(uspto, plain(tmp_path, head + content))


_cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)


@given(rows=st.lists(st.lists(_cells, min_size=14, max_size=14), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_the_cells_say_no_record_vanishes(tmp_path: Path, rows: list[list[str]]) -> None:
    rows = [["1", *row[1:]] for row in rows]  # a blank line is no record
    for header, table in ((PATENT, "patent"), (APPLICATION, "patent"), (IPC, "ipc_assignment"),
                          (ASSIGNEE, "patent_owner")):  # fmt: skip
        content = tsv(header, *(row[: len(header)] for row in rows))
        found = tables(uspto, plain(tmp_path, content))
        assert found[table].height == len(rows)
        verdict = divided(found, table)
        assert verdict.accepted.height + verdict.rejected.height == len(rows)


def test_memory_is_bounded_by_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the file, a frame holds no more than a batch."""
    monkeypatch.setattr(uspto_fees, "_BATCH", 10)
    monkeypatch.setattr(delimited, "BATCH", 10)
    fees = plain(tmp_path, "\n".join([line()] * 25).encode())
    assert [frame.height for _, frame in uspto.read(fees, "fees", Notes())] == [10, 10, 5]
    patents = [(f"{n}", "utility", "2018-06-19", "t", "B2", "1", "0", "x") for n in range(1, 26)]
    path = plain(tmp_path, tsv(PATENT, *patents))
    frames = [frame for _, frame in uspto.read(path, "patents", Notes())]
    assert [frame.height for frame in frames] == [10, 10, 5]
    assert frames[2]["raw_row"].to_list() == list(range(22, 27))


def test_a_record_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_stream, "ELEMENTS", 40)
    path = assignments(tmp_path, assignment("SECURITY INTEREST", FIRST))
    assert tables(uspto, path)["pledge"].height == 1
    path = assignments(tmp_path, assignment("SECURITY INTEREST", *[FIRST] * 5))
    with pytest.raises(SourceFormatError, match="patent-assignment 1 with more than 40 elements"):
        tables(uspto, path)


def test_records_are_forgotten_once_read(tmp_path: Path) -> None:
    records = [assignment("SECURITY INTEREST", FIRST)] * 2_000
    path = assignments(tmp_path, *records)
    parts = xml_stream.parts(unpack.whole(path, "x"), {"patent-assignment"})
    around = next(p.element for p in parts if p.tag == "patent-assignments")
    seen = [(len(part.element), len(around)) for part in parts if part.at == "end"]
    assert {length for length, _ in seen} == {4}
    assert len(seen) == 2_000
    assert max(beside for _, beside in seen) < 200  # those of the chunk that the parser has read
