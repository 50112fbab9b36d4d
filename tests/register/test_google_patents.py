"""Google Patents: real flat exports and search download; nested rows in all three forms."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import adapted
import polars as pl
import pytest
from adapted import divided, noted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.source import Notes, SourceFormatError
from pipelines.sources.patent_register import google_patents, rows

Shared = Callable[[str], Path]
EXPORTS = ["patents.csv", "ro_membrane_patents.csv"]
SEARCH = "data/google_patents_search/gp-search.csv"
GOOD: dict[str, Any] = {
    "publication_number": "CN-112256133-B",
    "application_number": "CN-202011172919-A",
    "country_code": "CN",
    "kind_code": "B",
    "application_kind": "A",
    "family_id": "74261234",
    "publication_date": 20210817,
    "filing_date": 20201028,
    "grant_date": 20210817,
    "priority_date": 20201028,
    "title_localized": [
        {"text": "一种东西", "language": "zh", "truncated": False},
        {"text": "A thing", "language": "en", "truncated": False},
    ],
    "assignee": ["某大学", "某某有限公司"],
    "assignee_harmonized": [
        {"name": "UNIV A", "country_code": "CN"},
        {"name": "B CO LTD", "country_code": "TW"},
        {"name": "C", "country_code": ""},
    ],
    "ipc": [
        {"code": "H01L21/02", "inventive": True, "first": False, "tree": []},
        {"code": "A61K31/00", "inventive": True, "first": True, "tree": []},
        {"code": "H01L21/02", "inventive": False, "first": False, "tree": []},
    ],
}


def tables(path: Path) -> dict[str, pl.DataFrame]:
    return adapted.tables(google_patents, path)


def json_lines(path: Path, *records: dict[str, Any]) -> Path:
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def flat(path: Path, *records: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    return path


def real(path: Path, skip: int = 0) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(skip):
            file.readline()
        return list(csv.DictReader(file))


def iso(number: str) -> str:
    return dt.datetime.strptime(number, "%Y%m%d").date().isoformat()


# The real files, counted by the csv module alone.


@pytest.mark.parametrize("name", EXPORTS)
def test_flat_export_lands_whole(shared_path: Shared, name: str) -> None:
    path = shared_path(f"data/google_patents_export/{name}")
    records, found = real(path), tables(path)
    assert all(divided(found, table).rejected.is_empty() for table in found)
    patents = divided(found, "patent").accepted
    assert patents.height == len(records) == {"patents.csv": 100}.get(name, 4_484)
    parts = [r["publication_number"].split("-") for r in records]
    assert patents["office"].to_list() == [office for office, _, _ in parts]
    assert patents["kind_code"].to_list() == [kind for _, _, kind in parts]
    assert patents["publication_date"].cast(pl.String).to_list() == [
        iso(r["publication_date"]) for r in records
    ]
    filed = [iso(r["filing_date"]) if "filing_date" in r else None for r in records]
    assert patents["filing_date"].cast(pl.String).to_list() == filed
    innovations = [office + kind for office, _, kind in parts].count("AUA4")
    utility_models = sum(kind[0] in "UY" for _, _, kind in parts) + innovations
    assert patents.filter(ip_type="utility_model").height == utility_models
    assert patents.filter(ip_type="invention").height == len(records) - utility_models
    symbols = divided(found, "ipc_assignment").accepted
    assert symbols.height == sum(len(set(r["ipc_codes"].split(","))) for r in records)
    owners = divided(found, "patent_owner").accepted
    assert owners["owner_name"].to_list() == [
        name.strip() for r in records for name in r["assignees"].split(",") if name.strip()
    ]
    granting = {("CN", "B"), ("CN", "U"), ("US", "B2"), ("EP", "B1")}
    granted = [(office, kind) in granting for office, _, kind in parts]
    assert patents["grant_date"].is_not_null().to_list() == granted
    assert noted(google_patents, path).unread == []
    assert "patent.family_id" in noted(google_patents, path).lacks
    assert ("patent.filing_date" in noted(google_patents, path).lacks) == (name != "patents.csv")


def test_search_download_lands_whole(shared_path: Shared) -> None:
    path = shared_path(SEARCH)
    records, found = real(path, skip=1), tables(path)
    assert all(divided(found, table).rejected.is_empty() for table in found)
    patents = divided(found, "patent").accepted
    assert patents.height == len(records) == 536
    assert patents["raw_row"].to_list() == list(range(3, len(records) + 3))
    for column, heading in (
        ("priority_date", "priority date"),
        ("filing_date", "filing/creation date"),
        ("grant_date", "grant date"),
    ):
        assert patents[column].cast(pl.String).to_list() == [r[heading] or None for r in records]
    unknown = [r["publication date"] == "1900-01-01" for r in records]
    assert patents["publication_date"].is_null().to_list() == unknown
    assert sum(unknown) == 3
    owners = divided(found, "patent_owner").accepted
    assert owners["owner_name"].to_list() == [r["assignee"] for r in records if r["assignee"]]
    assert noted(google_patents, path).unread == []
    assert "ipc_assignment.ipc_symbol" in noted(google_patents, path).lacks


def test_the_rule_of_grants_agrees_with_what_google_tells(
    shared_path: Shared, tmp_path: Path
) -> None:
    """Without the column, US, CN and EP documents get the very dates that it holds."""
    records = real(shared_path(SEARCH), skip=1)
    told = {r["id"]: r["grant date"] or None for r in records}
    bare = [{k: r[k] for k in ("id", "publication date")} for r in records]
    patents = tables(flat(tmp_path / "bare.csv", *bare))["patent"]
    ruled = dict(zip([r["id"] for r in records], patents["grant_date"], strict=True))
    ours = {key for key in told if key[:2] in ("US", "CN", "EP")}
    assert len(ours) == 198
    assert {key: ruled[key] for key in ours} == {key: told[key] for key in ours}
    assert not any(ruled[key] for key in told.keys() - ours)


# Nested rows, in all three forms.


def as_json_lines(folder: Path) -> Path:
    """As BigQuery writes it: whole numbers as text, NULL left out."""
    record = {k: str(v) if isinstance(v, int) else v for k, v in GOOD.items()}
    return json_lines(folder / "x.jsonl", record)


def as_parquet(folder: Path) -> Path:
    pl.DataFrame([GOOD]).write_parquet(folder / "x.parquet")
    return folder / "x.parquet"


def as_csv_of_json(folder: Path) -> Path:
    cells = {k: v if isinstance(v, str) else json.dumps(v) for k, v in GOOD.items()}
    return flat(folder / "x.csv", cells)


@pytest.mark.parametrize("form", [as_json_lines, as_parquet, as_csv_of_json])
def test_nested_rows(tmp_path: Path, form: Callable[[Path], Path]) -> None:
    path = form(tmp_path)
    found = tables(path)
    assert all(divided(found, table).rejected.is_empty() for table in found)
    row = found["patent"].row(0, named=True)
    assert row["raw_row"] == (2 if path.suffix == ".csv" else 1)
    assert row | {"raw_row": 0} == {
        "office": "CN",
        "application_number": "CN202011172919",
        "publication_number": "112256133",
        "kind_code": "B",
        "ip_type": "invention",
        "priority_date": "2020-10-28",
        "filing_date": "2020-10-28",
        "publication_date": "2021-08-17",
        "grant_date": "2021-08-17",
        "title": "A thing",
        "applicants": "某大学;某某有限公司",
        "legal_status_as_published": None,
        "family_id": "74261234",
        "adapter": "google_patents",
        "is_simulated": False,
        "raw_row": 0,
    }
    owners = found["patent_owner"].select("seq", "owner_name", "owner_country", "owner_region")
    assert owners.rows() == [
        (1, "UNIV A", "CN", None),
        (2, "B CO LTD", "TW", "CN-TW"),
        (3, "C", None, None),
    ]
    symbols = found["ipc_assignment"].select("ipc_symbol", "position")
    assert symbols.rows() == [("A61K31/00", 1), ("H01L21/02", 2)]  # `first` is the first
    assert noted(google_patents, path).unread == []
    assert "ipc_assignment.ipc_symbol" not in noted(google_patents, path).lacks
    assert "patent.legal_status_as_published" in noted(google_patents, path).lacks


def test_zero_is_no_date_and_no_family(tmp_path: Path) -> None:
    record = GOOD | {"kind_code": "A", "publication_number": "CN-112256133-A"}
    record |= {"grant_date": 0, "priority_date": "0", "filing_date": None, "family_id": "-1"}
    found = tables(json_lines(tmp_path / "x.jsonl", record))
    assert divided(found, "patent").rejected.is_empty()
    row = found["patent"].row(0, named=True)
    assert [row[c] for c in ("grant_date", "priority_date", "filing_date", "family_id")] == [
        None
    ] * 4


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"publication_date": 20210230}, "publication_date", "2021-02-30"),
        ({"publication_date": 2021}, "publication_date", "2021"),
        ({"filing_date": "20201028?"}, "filing_date", "20201028?"),
        ({"country_code": "US"}, "office", "US, elsewhere CN"),
        ({"kind_code": "A"}, "kind_code", "A, elsewhere B"),
        (
            {"publication_number": "CN-112256133-Q", "kind_code": "Q", "application_kind": "A"},
            "ip_type",
            "unknown:Q",
        ),
        ({"is_simulated": "perhaps"}, "is_simulated", "perhaps"),
        ({"title_localized": [], "publication_number": {"a": 1}}, "publication_number", None),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, changes: dict[str, Any], column: str, value: str | None
) -> None:
    found = tables(json_lines(tmp_path / "x.jsonl", GOOD | changes))
    verdict = divided(found, "patent")
    assert verdict.accepted.is_empty()
    assert column in set(verdict.failures["column"])
    if value is not None:
        assert value in set(verdict.failures.filter(column=column)["value"])


def test_application_kind_tells_the_right(tmp_path: Path) -> None:
    record = GOOD | {"publication_number": "FI-20105-A", "country_code": "FI", "kind_code": "A"}
    record |= {"application_kind": "U", "application_number": "FI-20105-U"}
    found = tables(json_lines(tmp_path / "x.jsonl", record))
    assert found["patent"]["ip_type"].to_list() == ["utility_model"]


def test_simulated_only_where_the_file_says_so(tmp_path: Path) -> None:
    records = [GOOD | {"is_simulated": v} for v in (True, "true", False, None)] + [GOOD]
    found = tables(json_lines(tmp_path / "x.jsonl", *records))
    assert found["patent"]["is_simulated"].to_list() == [True, True, False, False, False]


def test_damaged_lines_are_quarantined_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    good = [json.dumps(GOOD | {"publication_number": f"CN-{112256133 + i}-B"}) for i in range(3)]
    deep = '{"ipc":' + "[" * 50_000
    lines = [good[0], '{"publication_number": "CN-1', good[1], "", "[1, 2]", deep, good[2], "7"]
    path.write_text("\n".join(lines), encoding="utf-8")
    verdict = divided(tables(path), "patent")
    assert verdict.accepted["raw_row"].to_list() == [1, 3, 7]
    assert verdict.rejected["raw_row"].to_list() == [2, 5, 6, 8]
    faults = verdict.failures.filter(column="office")["value"]
    assert faults.str.starts_with("no JSON object: ").all()


def test_half_a_surrogate_pair_stays_visible(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    record = GOOD | {"title_localized": [{"text": "a HALF b", "language": "en"}]}
    path.write_text(json.dumps(record).replace("HALF", "\\ud83d"), encoding="utf-8")
    assert tables(path)["patent"]["title"].to_list() == ["a \\ud83d b"]


def test_names_of_flat_lists(tmp_path: Path) -> None:
    path = flat(
        tmp_path / "x.csv",
        {"publication_number": "US-9833479-B2", "assignees": "A CO LTD,UNIV B", "ipc": "A01B; C"},
        {"publication_number": "US-9833480-B2", "assignees": "Gearbox, Inc.", "ipc": "H01L21/02"},
        {"publication_number": "US-9833481-B2", "assignees": "X, Inc.;Y", "ipc": ""},
    )
    found = tables(path)
    assert found["patent_owner"]["owner_name"].to_list() == [
        "A CO LTD", "UNIV B", "Gearbox, Inc.", "X, Inc.", "Y",
    ]  # fmt: skip
    verdict = divided(found, "ipc_assignment")
    assert verdict.accepted["ipc_symbol"].to_list() == ["A01B", "H01L21/02"]
    assert verdict.failures["value"].to_list() == ["C"]


def test_search_names_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    lines = ["search URL:,https://example.org", "id,assignee", 'US-9833479-B2,"Gearbox, Inc., B"']
    path.write_text("\n".join(lines), encoding="utf-8")
    found = tables(path)
    assert found["patent_owner"]["owner_name"].to_list() == ["Gearbox, Inc., B"]
    assert found["patent"]["raw_row"].to_list() == [3]


def test_1900_is_a_date_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    lines = [
        "search URL:,https://example.org",
        "id,publication date,filing/creation date",
        "BE-494299-A,1900-01-01,",
        "BE-1-A,1900-01-01,1899-05-06",
        "BE-2-A,1900-01-02,",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert tables(path)["patent"]["publication_date"].to_list() == [
        None, "1900-01-01", "1900-01-02",
    ]  # fmt: skip


def test_dates_that_pandas_made_floats(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "publication_number": ["CN-112256133-B", "CN-112256134-B"],
            "publication_date": [20210817.0, float("nan")],
        }
    )
    frame.write_parquet(tmp_path / "x.parquet")
    found = tables(tmp_path / "x.parquet")
    assert found["patent"]["publication_date"].to_list() == ["2021-08-17", None]


def test_parquet_is_read_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_patents, "_SLICE", 10)
    monkeypatch.setattr(google_patents, "Rows", lambda *names: rows.Rows(*names, batch=7))
    numbers = [f"CN-{112256133 + i}-B" for i in range(30)]
    path = tmp_path / "x.parquet"
    pl.DataFrame({"Publication_Number": numbers, "claims": ["x"] * 30}).write_parquet(
        path, row_group_size=4
    )
    batches = list(google_patents.read(path, "x", Notes()))
    assert max(frame.height for _, frame in batches) == 7
    found = tables(path)["patent"]
    assert found["raw_row"].to_list() == list(range(1, 31))
    assert found["publication_number"].to_list() == [number[3:-2] for number in numbers]
    assert noted(google_patents, path).unread == ["claims"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: no column is named"),
        (b"a,b\n1,2\n", "line 1: no column is named"),
        (b"search URL:,https://example.org\na,b\n", "line 2: no column is named"),
        (b"search URL:,https://example.org\n", "no column is named"),
        (b'{"a": 1}\n', "line 1: no column is named"),
        (b'{"a": \n{"b"\n', "no line is a JSON object"),
        (b'[{"publication_number": "CN-1-A"}]', "export the table as JSON Lines"),
        (b"PAR1 and no more", "no readable Parquet file"),
        (b"publication_number,title,title\n", "columns that stand twice: title"),
    ],
)
def test_another_format_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(SourceFormatError, match=re.escape(message)) as caught:
        list(google_patents.read(path, "inbox/google_patents/x", Notes()))
    assert "inbox/google_patents/x" in str(caught.value)


# Anything at all.

junk = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=150,
    deadline=None,
)
texts = st.text(max_size=20)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def landed_or_refused(path: Path) -> None:
    try:
        found = tables(path)
    except SourceFormatError:
        return
    for table in found:
        divided(found, table)


@junk
@given(
    content=st.binary(max_size=400),
    start=st.sampled_from([b"", b"PAR1", b'{"publication_number":', b"id,title\n", b"search URL"]),
)
def test_junk_is_refused_or_quarantined(tmp_path: Path, content: bytes, start: bytes) -> None:
    path = tmp_path / "junk"
    path.write_bytes(start + content)
    landed_or_refused(path)


@junk
@given(at=st.integers(0, 2_000), byte=st.integers(0, 255))
def test_a_damaged_parquet_file_is_refused_or_quarantined(
    tmp_path: Path, at: int, byte: int
) -> None:
    content = bytearray(as_parquet(tmp_path).read_bytes())
    content[at % len(content)] = byte
    path = tmp_path / "damaged.parquet"
    path.write_bytes(content)
    landed_or_refused(path)


@junk
@given(changes=st.lists(st.dictionaries(st.sampled_from(sorted(GOOD)), values), max_size=4))
def test_every_object_comes_out(tmp_path: Path, changes: list[dict[str, Any]]) -> None:
    path = tmp_path / "x.jsonl"
    records = [GOOD, *({"publication_number": "CN-1-A"} | change for change in changes)]
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    found = tables(path)
    assert found["patent"]["raw_row"].to_list() == list(range(1, len(records) + 1))
    for table in found:
        divided(found, table)


@junk
@given(
    numbers=st.lists(st.integers(1_000_000, 999_999_999), min_size=1, max_size=5),
    days=st.lists(st.dates(dt.date(1800, 1, 1)), min_size=5, max_size=5),
)
def test_numbers_and_dates_round_trip(
    tmp_path: Path, numbers: list[int], days: list[dt.date]
) -> None:
    records = [
        {
            "publication_number": f"KR-{number}-B1",
            "publication_date": f"{day:%Y%m%d}",
        }
        for number, day in zip(numbers, days, strict=False)
    ]
    patents = tables(flat(tmp_path / "x.csv", *records))["patent"]
    assert patents["publication_number"].to_list() == [str(number) for number in numbers]
    assert patents["publication_date"].to_list() == [
        day.isoformat() for _, day in zip(numbers, days, strict=False)
    ]
    assert Counter(patents["ip_type"]) == {"invention": len(numbers)}
