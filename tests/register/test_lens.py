"""Lens exports: the three real generations, one that nobody has seen, and every trap of theirs."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import adapted
import polars as pl
import pytest
from adapted import divided, noted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.base import split
from contracts.patent_register import TABLES
from pipelines.source import Notes, SourceFormatError
from pipelines.sources.patent_register import delimited, lens, rows, slash_dates

HEADER = (
    "Display Key,Lens ID,Jurisdiction,Kind,Publication Date,Publication Year,Application Number,"
    "Application Date,Priority Numbers,Earliest Priority Date,Title,Applicants,Owners,"
    "Document Type,Legal Status,IPCR Classifications,Simple Family Members,"
    "Simple Family Member Jurisdictions,Extended Family Members,"
    "Extended Family Member Jurisdictions,is_simulated"
)
GOOD = {
    "Display Key": "CN 112256133 B",
    "Jurisdiction": "CN",
    "Kind": "B",
    "Publication Date": "2021-08-17",
    "Application Number": "CN 202011172919 A",
    "Application Date": "2020-10-28",
    "Title": "A thing",
    "Applicants": "UNIV A;;B CO LTD",
    "Document Type": "Granted Patent",
}


def tables(path: Path) -> dict[str, pl.DataFrame]:
    return adapted.tables(lens, path)


def written(tmp_path: Path, *records: dict[str, str], header: str = HEADER) -> Path:
    path = tmp_path / "lens.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header.split(","), restval="")
        writer.writeheader()
        writer.writerows(records)
    return path


def one(tmp_path: Path, **changes: str) -> dict[str, object]:
    """The row of `patent` of one record that differs from GOOD; spaces of headings as _."""
    record = {**GOOD, **{name.replace("_", " "): value for name, value in changes.items()}}
    return tables(written(tmp_path, record))["patent"].row(0, named=True)


def real(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


Shared = Callable[[str], Path]


# The real files, counted by the csv module alone.


def test_2026_export_lands_whole(shared_path: Shared) -> None:
    path = shared_path("data/lens_export/lens_export_2026_short.csv")
    records, frames = real(path), tables(path)
    verdict = divided(frames, "patent")
    assert verdict.rejected.is_empty()
    patents = verdict.accepted
    assert patents.height == len(records) == 14_373
    assert patents["raw_row"].to_list() == list(range(2, len(records) + 2))
    assert Counter(patents["office"]) == Counter(r["Jurisdiction"] for r in records)
    assert Counter(patents["kind_code"]) == Counter(r["Display Key"].split()[-1] for r in records)
    assert Counter(patents["legal_status_as_published"]) == Counter(
        r["Legal Status"] for r in records
    )
    assert patents["publication_date"].cast(pl.String).to_list() == [
        r["Publication Date"] for r in records
    ]
    assert patents["filing_date"].cast(pl.String).to_list() == [
        r["Application Date"] for r in records
    ]
    chinese = patents.filter(office="CN")
    assert chinese.height == 951
    assert chinese["legal_status_as_published"].null_count() == 0
    limited = [r for r in records if r["Document Type"] == "Limited Patent"]
    assert patents.filter(ip_type="utility_model").height == len(limited) == 17
    symbols = divided(frames, "ipc_assignment")
    assert symbols.rejected.is_empty()
    assert symbols.accepted.height == sum(
        len(set(r["IPCR Classifications"].split(";;"))) for r in records
    )
    assert set(chinese["raw_row"]) <= set(symbols.accepted["raw_row"])
    assert "patent.application_number" in noted(lens, path).lacks
    assert not {c for c in noted(lens, path).lacks if c.startswith("ipc_assignment.ipc_symbol")}
    assert noted(lens, path).unread == []


def test_2026_export_dates_grants_of_three_offices_only(shared_path: Shared) -> None:
    path = shared_path("data/lens_export/lens_export_2026_short.csv")
    patents = tables(path)["patent"]
    # Kinds that Lens itself calls a granted, limited or amended patent, written out by hand here.
    granting = {("US", k) for k in ("A", "B1", "B2", "E")} | {("EP", "B1")}
    granting |= {("CN", k) for k in ("B", "C", "U")}
    expected = [
        r["Publication Date"]
        if (r["Jurisdiction"], r["Display Key"].split()[-1]) in granting
        else None
        for r in real(path)
    ]
    assert patents["grant_date"].to_list() == expected
    types = {r["Document Type"] for r, day in zip(real(path), expected, strict=True) if day}
    assert types == {"Granted Patent", "Limited Patent", "Amended Patent"}


def test_2023_export_has_families_and_owners(shared_path: Shared) -> None:
    path = shared_path("data/lens_export/lens_export_full_columns.csv")
    records, frames = real(path), tables(path)
    assert all(divided(frames, table).rejected.is_empty() for table in frames)
    members = divided(frames, "family_member").accepted
    for family, heading in (("simple", "Simple"), ("extended", "Extended")):
        lists = [r[f"{heading} Family Member Jurisdictions"].split(";;") for r in records]
        assert Counter(members.filter(family_type=family)["member_office"]) == Counter(
            office for offices in lists for office in offices
        )
    assert members["member_is_granted"].null_count() == members.height
    patents = divided(frames, "patent").accepted
    families = [frozenset(r["Simple Family Members"].split(";;")) for r in records]
    assert patents["family_id"].n_unique() == len(set(families))
    assert all(key in family for key, family in zip(patents["family_id"], families, strict=True))
    owners = divided(frames, "patent_owner").accepted
    dates = re.findall(r"\((\d{4}-\d\d-\d\d)\)", ";".join(r["Owners"] for r in records))
    assert Counter(owners["valid_from"].drop_nulls().cast(pl.String)) == Counter(dates)
    assert owners.filter(pl.col("valid_from").is_null()).height == sum(
        len(r["Applicants"].split(";;")) for r in records
    )
    assert patents["priority_date"].cast(pl.String).to_list() == [
        r["Earliest Priority Date"] for r in records
    ]
    assert all(re.fullmatch("US([0-9]{8}|[0-9]{11})", n) for n in patents["application_number"])
    assert noted(lens, path).unread == []


def test_2015_dates_are_resolved_by_what_the_file_proves(shared_path: Shared) -> None:
    path = shared_path("data/lens_export/lens_export_2015.csv")
    records, frames = real(path, "latin-1"), tables(path)
    verdict = divided(frames, "patent")
    assert verdict.rejected.is_empty()
    assert verdict.accepted.height == len(records) == 700
    for record, row in zip(records, verdict.accepted.iter_rows(named=True), strict=True):
        day, month, _ = record["Publication Date"].split("/")
        assert row["publication_date"] == dt.date(
            int(record["Publication Year"]), int(month), int(day)
        )
        own = re.search(
            re.escape(record["Application Number"]) + r" ([0-9]{8})", record["Priority Numbers"]
        )
        if own:
            assert row["filing_date"] == dt.datetime.strptime(own[1], "%Y%m%d").date()
        if row["filing_date"]:
            assert record["Application Date"].startswith(f"{row['filing_date']:%d/%m}")
            assert (row["publication_date"] - row["filing_date"]).days < 36_525
    assert Counter(verdict.accepted["kind_code"]) == Counter(r["Kind"] for r in records)
    assert Counter(verdict.accepted["office"]) == Counter(r["Jurisdiction"] for r in records)
    designs = [r for r in records if r["Application Number"].endswith(" F")]
    assert verdict.accepted.filter(ip_type="design").height == len(designs)
    limited = [
        r
        for r in records
        if r["Application Number"].endswith(" U") or r["Type"] == "Limited Patent"
    ]
    assert verdict.accepted.filter(ip_type="utility_model").height == len(limited)


def test_2015_names_that_are_no_text_are_quarantined(shared_path: Shared) -> None:
    path = shared_path("data/lens_export/lens_export_2015.csv")
    unreadable = sum(not r["Applicants"].isascii() for r in real(path, "latin-1"))
    verdict = divided(tables(path), "patent_owner")
    assert verdict.rejected.height == unreadable == 6
    assert set(verdict.failures["check"]) == {"name_is_readable"}
    assert {"family_member.member_office", "patent.legal_status_as_published"} <= set(
        noted(lens, path).lacks
    )
    assert noted(lens, path).unread == []


# Traps, by hand.


def test_columns_may_come_in_any_order_and_company(tmp_path: Path) -> None:
    header = "New Thing,Application Date,JURISDICTION, display key ,Publication Date"
    path = tmp_path / "unseen.csv"
    path.write_text(f"{header}\nx,2014-01-02,KR,KR 200477500 Y1,2015-01-05\n", encoding="utf-8")
    verdict = divided(tables(path), "patent")
    assert verdict.rejected.is_empty()
    row = verdict.accepted.row(0, named=True)
    assert (row["office"], row["publication_number"], row["kind_code"]) == (
        "KR", "200477500", "Y1",
    )  # fmt: skip
    assert row["ip_type"] == "utility_model"
    assert row["grant_date"] is None  # a grant, but not known of which day
    assert noted(lens, path).unread == ["New Thing"]
    lacks = noted(lens, path).lacks
    assert "ipc_assignment.ipc_symbol" in lacks
    assert "patent.kind_code" not in lacks


@pytest.mark.parametrize(
    ("changes", "ip_type"),
    [
        ({"Display_Key": "AU 2004/100456 A4", "Jurisdiction": "AU", "Kind": "A4"}, "utility_model"),
        ({"Display_Key": "US D533981 S1", "Jurisdiction": "US", "Kind": "S1"}, "design"),
        ({"Display_Key": "US PP12345 P2", "Jurisdiction": "US", "Kind": "P2"}, "plant"),
        ({"Display_Key": "GB 0122448 D0", "Jurisdiction": "GB", "Kind": "D0"}, "invention"),
        ({"Kind": "U", "Display_Key": "CN 201120567554 U"}, "utility_model"),
        # the application is one for a utility model, though the document is an A
        (
            {"Display_Key": "FI 9999 A", "Jurisdiction": "FI", "Kind": "A",
             "Application_Number": "FI 20105 U"},
            "utility_model",
        ),
        # the letter tells nothing, the document type does
        ({"Display_Key": "XX 1 N1", "Jurisdiction": "XX", "Kind": "N1"}, "invention"),
        (
            {"Display_Key": "XX 1 N1", "Jurisdiction": "XX", "Kind": "N1",
             "Document_Type": "Unknown"},
            "unknown:N1",
        ),
    ],
)  # fmt: skip
def test_kind_of_right(tmp_path: Path, changes: dict[str, str], ip_type: str) -> None:
    assert one(tmp_path, **changes)["ip_type"] == ip_type


@pytest.mark.parametrize(
    ("key", "published", "granted"),
    [
        ("CN 112256133 B", "2021-08-17", True),
        ("CN 1038223 B", "1989-05-10", False),  # examined, open to opposition
        ("CN 100590554 C", "2010-02-17", True),
        ("CN 112256133 A", "2021-01-22", False),
        ("US 5681602 A", "1997-10-28", True),
        ("US 5681602 B1", "1999-10-28", False),  # a re-examination certificate
        ("US 9833479 B2", "2017-12-05", True),
        ("US 2020/0102577 A1", "2020-04-02", False),
        ("EP 3243562 B1", "2019-03-13", True),
        ("EP 3243562 B2", "2022-03-13", False),  # after opposition: granted long before
        ("EP 3243562 B9", "2020-03-13", False),  # a correction
        ("KR 200477500 B1", "2015-01-05", False),  # granted, but some weeks before
    ],
)
def test_day_of_grant(tmp_path: Path, key: str, published: str, granted: bool) -> None:
    row = one(
        tmp_path,
        Display_Key=key,
        Jurisdiction=key[:2],
        Kind=key.split()[-1],
        Publication_Date=published,
        Application_Number="",
        Application_Date="",
    )
    assert row["grant_date"] == (published if granted else None)


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"Jurisdiction": "EP"}, "office", "EP, elsewhere CN"),
        ({"Kind": "A"}, "kind_code", "A, elsewhere B"),
        ({"Application_Date": "2020-13-41"}, "filing_date", "2020-13-41"),
        ({"Publication_Date": "soon"}, "publication_date", "soon"),
        # no file-wide proof of what 28/12/20 means: it stays and is named
        ({"Application_Date": "28/12/20"}, "filing_date", "28/12/20"),
        ({"is_simulated": "yes"}, "is_simulated", "yes"),
        ({"Display_Key": "一种方法"}, "publication_number", "一种方法"),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, changes: dict[str, str], column: str, value: str
) -> None:
    record = {**GOOD, **{n.replace("_", " ") if n != "is_simulated" else n: v
                         for n, v in changes.items()}}  # fmt: skip
    frames = tables(written(tmp_path, record))
    verdict = divided(frames, "patent")
    assert verdict.accepted.is_empty()
    assert (column, value) in set(verdict.failures.select("column", "value").iter_rows())


def test_filed_after_publication_is_quarantined_by_its_order(tmp_path: Path) -> None:
    verdict = divided(
        tables(written(tmp_path, {**GOOD, "Application Date": "2022-01-01"})), "patent"
    )
    assert verdict.failures["check"].to_list() == ["dates_in_order"]


def test_a_wrong_check_digit_is_quarantined(tmp_path: Path) -> None:
    wrong = {**GOOD, "Application Number": "CN 202011172919.5"}
    verdict = divided(tables(written(tmp_path, wrong)), "patent")
    assert set(verdict.failures["column"].drop_nulls()) == {"application_number"}


def test_no_symbol_is_quarantined_and_repeats_are_one(tmp_path: Path) -> None:
    record = {**GOOD, "IPCR Classifications": "H01L21/02;;Y02E 10/50;;H01L  21/02;;A61K"}
    verdict = divided(tables(written(tmp_path, record)), "ipc_assignment")
    assert verdict.accepted.select("ipc_symbol", "position").rows() == [
        ("H01L21/02", 1), ("A61K", 3),
    ]  # fmt: skip
    assert verdict.failures["value"].to_list() == ["Y02E 10/50"]


def test_owners_with_and_without_dates(tmp_path: Path) -> None:
    columns = ("seq", "owner_name", "valid_from")
    dated = {**GOOD, "Owners": "C (HK) LTD (2021-02-03);;D (2022-05-06)"}
    frames = tables(written(tmp_path, dated))
    assert divided(frames, "patent_owner").rejected.is_empty()
    assert frames["patent_owner"].select(columns).rows() == [
        (1, "UNIV A", None),
        (2, "B CO LTD", None),
        (1, "C (HK) LTD", "2021-02-03"),
        (2, "D", "2022-05-06"),
    ]
    undated = {**GOOD, "Owners": "C (HK) LTD;;D (2022-05-06)"}
    assert tables(written(tmp_path, undated))["patent_owner"].select(columns).rows() == [
        (1, "C (HK) LTD", None),
        (2, "D", "2022-05-06"),
    ]


def test_priority_is_the_earliest_only_where_all_have_dates(tmp_path: Path) -> None:
    some = "US 17439471 A 19710824;;US 88088069 A 19691128"
    assert one(tmp_path, Priority_Numbers=some)["priority_date"] == "1969-11-28"
    assert one(tmp_path, Priority_Numbers=some + ";;CA 892506T A")["priority_date"] is None
    told = one(tmp_path, Priority_Numbers=some, Earliest_Priority_Date="1968-01-01")
    assert told["priority_date"] == "1968-01-01"


def test_simulated_only_where_the_file_says_so(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {**GOOD, "is_simulated": "true", "IPCR Classifications": "A01B1/00"},
        {**GOOD, "is_simulated": "False"},
        {**GOOD, "is_simulated": ""},
    )
    frames = tables(path)
    assert frames["patent"]["is_simulated"].to_list() == [True, False, False]
    assert frames["ipc_assignment"]["is_simulated"].to_list() == [True]
    assert frames["patent_owner"].filter("is_simulated").height == 2


def test_line_numbers_are_of_the_file(tmp_path: Path) -> None:
    path = written(
        tmp_path, {**GOOD, "Title": "two\r\nlines"}, {**GOOD, "Display Key": "CN 112256133 A"}
    )
    assert tables(path)["patent"]["raw_row"].to_list() == [2, 4]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_any_line_end(tmp_path: Path, end: str) -> None:
    path = tmp_path / "x.csv"
    lines = ["Display Key,Title", "CN 112256133 A,a", "", '"CN 112256133 B","b, c"']
    path.write_bytes(end.join(lines).encode("utf-8-sig"))
    frames = tables(path)
    assert frames["patent"]["title"].to_list() == ["a", "b, c"]
    assert frames["patent"]["raw_row"].to_list() == [2, 4]


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("CN 112256133 A,A thing,2021-01-22,x", "office", "4 cells, the header has 3"),
        ("CN 112256133 A,A thing", "office", "2 cells, the header has 3"),
        ('CN 112256133 A,"A, thing,2021-01-22', "office", "quotes that do not pair"),
        ('CN 112256133 A,"A thing,"2021-01-22"', "publication_date", '"2021-01-22"'),
    ],
)
def test_a_damaged_record_is_quarantined_alone(
    tmp_path: Path, line: str, column: str, value: str
) -> None:
    path = tmp_path / "x.csv"
    good = [f"CN {112256200 + i} A,A thing,2021-01-22" for i in range(5)]
    lines = ["Display Key,Title,Publication Date", *good[:2], line, *good[2:]]
    path.write_text("\n".join(lines), encoding="utf-8")
    verdict = divided(tables(path), "patent")
    assert verdict.accepted.height == 5
    assert verdict.rejected["raw_row"].to_list() == [4]
    assert any(value in told for told in verdict.failures.filter(column=column)["value"])


def test_empty_columns_after_the_last_are_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Display Key,Title\nCN 112256133 A,A thing,,\n", encoding="utf-8")
    assert divided(tables(path), "patent").rejected.is_empty()


def test_a_cell_longer_than_the_csv_module_likes(tmp_path: Path) -> None:
    header = HEADER + ",NPL Citations"
    path = written(tmp_path, {**GOOD, "NPL Citations": "x" * 300_000}, header=header)
    assert divided(tables(path), "patent").rejected.is_empty()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: no column"),
        (b"a,b\n1,2\n", "line 1: no column is named display key"),
        ("申请号,申请日\n1,2\n".encode(), "the columns are: 申请号, 申请日"),
        (b"Display Key,Title,title\n", "columns that stand twice: title"),
        (b"PK\x03\x04" + bytes(range(256)), "line 1: no column"),
    ],
)
def test_another_format_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(SourceFormatError, match=re.escape(message)) as caught:
        list(lens.read(path, "inbox/lens/x.csv", Notes()))
    assert "inbox/lens/x.csv, line" in str(caught.value)


def test_a_record_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "LINE", 1_000)
    path = tmp_path / "x.csv"
    path.write_text("Display Key\n" + "x" * 2_000, encoding="utf-8")
    with pytest.raises(SourceFormatError, match="line 2: no end of the record"):
        list(lens.read(path, "x.csv", Notes()))


def test_batches_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "BATCH", 7)
    monkeypatch.setattr(lens, "Rows", lambda *names: rows.Rows(*names, batch=7))
    records = [{**GOOD, "Display Key": f"CN {112256133 + i} B"} for i in range(30)]
    path = written(tmp_path, *records)
    batches = list(lens.read(path, "x.csv", Notes()))
    assert {frame.height for _, frame in batches} <= set(range(1, 15))
    for table in {table for table, _ in batches}:  # a record's rows are not torn apart
        records_of = [set(frame["raw_row"]) for name, frame in batches if name == table]
        assert sum(map(len, records_of)) == len(set.union(*records_of))
    assert sum(frame.height for table, frame in batches if table == "patent") == 30
    assert sum(frame.height for table, frame in batches if table == "patent_owner") == 60
    for table, frame in batches:
        assert split(frame, TABLES[table]).rejected.is_empty()


# Dates whose reading must be proved.

days = st.dates(dt.date(1900, 1, 1), dt.date(2090, 12, 31))


def printed(date: dt.date, reading: slash_dates.Reading) -> str:
    """As a program with this habit prints it; the year of the week is found by strftime."""
    year = date.year
    if reading.by_week and (date.month, date.day) >= (12, 26):
        new_year = dt.date(date.year + 1, 1, 1)
        year += int(date.strftime("%U") == "52" or date.strftime("%U") == "53") and int(
            date >= new_year - dt.timedelta(days=int(new_year.strftime("%w")))
        )
    first, second = (date.day, date.month) if reading.day_first else (date.month, date.day)
    return f"{first:02}/{second:02}/{year % 100:02}"


@settings(deadline=None)
@given(st.lists(days, min_size=1, max_size=40), days, st.sampled_from(slash_dates.ALL))
def test_a_resolved_date_is_the_right_one(
    published: list[dt.date], filed: dt.date, reading: slash_dates.Reading
) -> None:
    pairs = [(printed(date, reading), str(date.year)) for date in published]
    found = slash_dates.readings(pairs)
    assert reading in found
    for date, (text, year) in zip(published, pairs, strict=True):
        assert slash_dates.publication_date(text, year, found) in (text, date.isoformat())
    last = max(published)
    if filed <= last and last.year - filed.year < 99:
        text = printed(filed, reading)
        resolved = slash_dates.earlier_date(text, last.isoformat(), found)
        assert resolved in (text, filed.isoformat())
        # named elsewhere in full, it is never missed
        again = slash_dates.earlier_date(text, last.isoformat(), found, [filed.isoformat()])
        assert again == filed.isoformat()


def test_order_and_year_must_both_be_proved() -> None:
    both = slash_dates.readings([("03/04/12", "2012")])
    assert len(both) == 4
    assert slash_dates.publication_date("03/04/12", "2012", both) == "03/04/12"
    day_first = slash_dates.readings([("03/04/12", "2012"), ("13/04/12", "2012")])
    assert slash_dates.publication_date("03/04/12", "2012", day_first) == "2012-04-03"
    # 29 December 2008 is printed with the year of its week; nothing yet says which habit this is
    assert slash_dates.earlier_date("29/12/09", "2012-01-31", day_first) == "29/12/09"
    by_week = slash_dates.readings([("13/04/12", "2012"), ("30/12/87", "1986")])
    assert slash_dates.earlier_date("29/12/09", "2012-01-31", by_week) == "2008-12-29"
    calendar = slash_dates.readings([("13/04/12", "2012"), ("30/12/86", "1986")])
    assert slash_dates.earlier_date("29/12/09", "2012-01-31", calendar) == "2009-12-29"


def test_a_date_that_no_reading_explains_stays(tmp_path: Path) -> None:
    header = "Display Key,Publication Date,Publication Year"
    records = [
        {"Display Key": "US 4632836 A", "Publication Date": "30/12/87", "Publication Year": "1986"},
        {"Display Key": "US 4632837 A", "Publication Date": "21/09/76", "Publication Year": "1976"},
        {"Display Key": "US 4632838 A", "Publication Date": "21/09/76", "Publication Year": "1977"},
    ]
    verdict = divided(tables(written(tmp_path, *records, header=header)), "patent")
    assert verdict.accepted["publication_date"].cast(pl.String).to_list() == [
        "1986-12-30", "1976-09-21",
    ]  # fmt: skip
    assert verdict.failures.select("column", "value").rows() == [("publication_date", "21/09/76")]


def test_centuries_are_told_by_the_publication() -> None:
    day_first = slash_dates.readings([("13/04/27", "1927")])
    assert slash_dates.earlier_date("15/03/26", "1927-04-13", day_first) == "1926-03-15"
    assert slash_dates.earlier_date("15/03/28", "1927-04-13", day_first) == "1828-03-15"


# Anything at all.

junk = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=150,
    deadline=None,
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def landed_or_refused(path: Path) -> None:
    try:
        frames = tables(path)
    except SourceFormatError:
        return
    for table in frames:
        divided(frames, table)


@junk
@given(content=st.binary(max_size=400))
def test_junk_is_refused_or_quarantined(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "junk.csv"
    path.write_bytes(content)
    landed_or_refused(path)
    path.write_bytes(HEADER.encode() + b"\n" + content)
    landed_or_refused(path)


@junk
@given(cells=st.lists(st.lists(text, min_size=21, max_size=21), max_size=6))
def test_no_record_vanishes(tmp_path: Path, cells: list[list[str]]) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(cells)
    path = tmp_path / "any.csv"
    path.write_bytes((HEADER + "\r\n" + buffer.getvalue()).encode())
    filled = [row for row in cells if any(cell.strip() for cell in row)]
    frames = tables(path)
    patents = frames.get("patent", pl.DataFrame({"title": [], "raw_row": []}))
    assert patents["title"].to_list() == [row[10].strip() or None for row in filled]
    assert patents["raw_row"].is_unique().all()
    for table in frames:
        divided(frames, table)


@junk
@given(junk_lines=st.lists(st.text('ab,"\t x', max_size=12).map(lambda t: t or "a"), max_size=6))
def test_every_line_comes_out_of_a_damaged_file(tmp_path: Path, junk_lines: list[str]) -> None:
    good = [f"CN {112256200 + i} A,A thing,2021-01-22" for i in range(4)]
    path = tmp_path / "x.csv"
    lines = ["Display Key,Title,Publication Date", *good[:2], *junk_lines, *good[2:]]
    path.write_text("\n".join(lines), encoding="utf-8")
    verdict = divided(tables(path), "patent")
    seen = set(verdict.accepted["raw_row"]) | set(verdict.rejected["raw_row"])
    assert {2, 3} <= seen
    assert len(verdict.accepted.filter(title="A thing")) >= 2
