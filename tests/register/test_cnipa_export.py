"""CNIPA's search export: real rows come out as they stand, and no trap swallows a record."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from adapted import divided, noted, rejected, tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.source import Notes, SourceFormatError
from pipelines.sources.patent_register import cnipa_export, delimited

REAL = "data/cnipa_pss_export/cnipa_pss_query_2021.csv"
HEADER = (
    "申请号,申请号_无校验位,申请日,公开公告号,公开公告日,发明名称,申请人,申请人国别省市,文献状态"
)
WIDE = (
    "公开（公告）号,申请号,申请日,公开（公告）日,名称,申请人,国省代码,主分类号,IPC分类号,优先权,"
    "优先权日,代理机构,授权公告日,法律状态,is_simulated"
)
A = "CN202011172919.0,CN202011172919,2020.10.28,CN112256133A,2021.01.22,一种方法,甲大学;,湖北,PUB"


def file(tmp_path: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    path = tmp_path / "export.csv"
    path.write_bytes(end.join((*lines, "")).encode(encoding))
    return path


def found(
    tmp_path: Path, *lines: str, encoding: str = "utf-8", end: str = "\n"
) -> dict[str, pl.DataFrame]:
    return tables(cnipa_export, file(tmp_path, *lines, encoding=encoding, end=end))


def test_the_real_export_counts_as_its_rows_do(shared_path: Callable[[str], Path]) -> None:
    path = shared_path(REAL)
    with path.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    result = tables(cnipa_export, path)
    patents = result["patent"]
    assert divided(result, "patent").accepted.height == patents.height == len(rows)
    assert patents["raw_row"].to_list() == list(range(2, len(rows) + 2))

    def counted(column: str) -> Counter[str | None]:
        return Counter(patents[column].to_list())

    assert counted("kind_code") == Counter(re.sub(".*[0-9]", "", r["公开公告号"]) for r in rows)
    assert counted("office") == Counter(r["公开公告号"][:2] for r in rows)
    assert counted("legal_status_as_published") == Counter(r["文献状态"] for r in rows)
    assert counted("application_number") == Counter(r["申请号_无校验位"] for r in rows)
    assert counted("filing_date") == Counter(r["申请日"].replace(".", "-") for r in rows)
    granted = Counter(
        r["公开公告日"].replace(".", "-") for r in rows if r["公开公告号"][-1] in "BUS"
    )
    assert counted("grant_date") == granted + Counter({None: len(rows) - granted.total()})
    rights = {"A": "invention", "B": "invention", "U": "utility_model", "S": "design"}
    assert counted("ip_type") == Counter(rights[r["公开公告号"][-1]] for r in rows)

    owners = result["patent_owner"]
    names = [n for r in rows for n in r["申请人"].split(";") if n]
    assert owners["owner_name"].to_list() == names
    assert divided(result, "patent_owner").accepted.height == len(names)
    first = owners.filter(pl.col("seq") == 1)
    homes = Counter(r["申请人国别省市"] for r in rows if r["申请人"])
    regions = Counter(first["owner_region"].to_list())
    assert regions["CN-LN"] == homes["辽宁"] + homes["沈阳"]
    assert regions["CN-JL"] == homes["吉林"] + homes["长春"]
    assert regions["CN-NM"] == homes["内蒙"]
    assert regions["CN-BJ"] == homes["北京"]
    abroad = {"美国": "US", "丹麦": "DK", "葡萄牙": "PT", "德国": "DE", "台湾": "TW"}
    countries = Counter(first["owner_country"].to_list())
    assert {c: countries[c] for c in abroad.values()} == {abroad[n]: homes[n] for n in abroad}
    assert countries[None] == homes[""]
    assert owners.filter(pl.col("seq") > 1)["owner_country"].null_count() == len(names) - len(rows)
    assert "ipc_assignment" not in result
    assert set(noted(cnipa_export, path).lacks) >= {"IPC分类号", "授权公告日", "法律状态"}
    assert noted(cnipa_export, path).unread == []


def test_further_columns_are_read_by_name(tmp_path: Path) -> None:
    result = found(
        tmp_path,
        WIDE,
        "CN112256133B,ZL 2020 1 1172919.0,2020年10月28日,20210122,名,甲大学；乙公司；,湖北;42,"
        "G06F3/01,A61B5/0476 (2006.01)I;G06F3/01(2006.01)I;不是分类号,CN201911000001.0 2019.11.08;"
        "US62/123456 2019-10-30,,某代理,2021-01-22,有效,",
        "WO2021082696A1,PCT/CN2020/123456,2020.10.28,2021.05.06,名,甲;乙,北京;美国,,,,"
        "2020.1.5;2019.10.30,,,,true",
    )
    assert rejected(result, "patent") == {3: {("is_simulated", "true")}}
    first, second = result["patent"].to_dicts()
    assert first["application_number"] == "CN202011172919"
    assert first["priority_date"] == "2019-10-30"
    assert (first["filing_date"], first["publication_date"]) == ("2020-10-28", "2021-01-22")
    assert (first["grant_date"], first["is_simulated"]) == ("2021-01-22", "false")
    assert first["legal_status_as_published"] == "有效"
    assert first["applicants"] == "甲大学;乙公司"
    assert (second["office"], second["application_number"]) == ("WO", "WOCN2020123456")
    assert (second["ip_type"], second["grant_date"]) == ("invention", None)
    assert (second["priority_date"], second["is_simulated"]) == ("2019-10-30", "true")
    assert divided(result, "patent").accepted["is_simulated"].to_list() == [False]
    assert divided(result, "patent", simulated=True).accepted["raw_row"].to_list() == [3]
    owners = result["patent_owner"].select("raw_row", "seq", "owner_country", "owner_region").rows()
    assert owners == [
        (2, 1, "CN", "CN-HB"),
        (2, 2, None, None),  # the office prints the first one's residence
        (3, 1, "CN", "CN-BJ"),
        (3, 2, "US", None),  # as many residences as applicants
    ]
    symbols = result["ipc_assignment"].select("ipc_symbol", "position", "ipc_version").rows()
    assert symbols == [
        ("G06F3/01", 1, None),
        ("A61B5/0476", 2, "2006.01"),
        ("不是分类号", 3, None),
    ]
    assert rejected(result, "ipc_assignment") == {2: {("ipc_symbol", "不是分类号")}}
    path = file(tmp_path, WIDE + ",新列")
    assert noted(cnipa_export, path).unread == ["新列"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_it_does_not_matter_how_the_table_is_written(
    tmp_path: Path, encoding: str, end: str, delimiter: str
) -> None:
    lines = [line.replace(",", delimiter) for line in (HEADER, A, "", A.replace("A,", "B,"))]
    result = found(tmp_path, *lines, encoding=encoding, end=end)
    assert result["patent"].select("kind_code", "title", "raw_row").rows() == [
        ("A", "一种方法", 2),
        ("B", "一种方法", 4),
    ]
    # A and B share their number: both keep their owners.
    assert divided(result, "patent_owner").accepted.height == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (A.replace("19.0,", "19.5,"), ("application_number", "CN202011172919.5")),
        (A.replace("2919.0,", "2918.8,", 1), ("application_number", "CN202011172918.8")),
        (A.replace("CN202011172919,", "CN202011172920,"), ("application_number", "elsewhere")),
        (A.replace("2020.10.28", "2020.02.30"), ("filing_date", "2020-02-30")),
        (A.replace("2020.10.28", "去年"), ("filing_date", "去年")),
        (A.replace("2021.01.22", "2020.01.22"), (None, "dates_in_order")),
        (A.replace("133A", "133Q"), ("ip_type", "unknown kind Q")),
        (A.replace("一种方法", "一种,方法"), ("office", "10 cells, the header has 9")),
        ("CN202011172919.0", ("office", "1 cells, the header has 9")),
        (A.replace("一种方法", '"一种,方法'), ("office", "quotes that do not pair")),
        (",,2020.10.28,,,名,甲,湖北,PUB", (None, "names_its_patent")),
    ],
)
def test_a_malformed_record_is_rejected_by_its_own_fault(
    tmp_path: Path, line: str, reason: tuple[str | None, str]
) -> None:
    good = A.replace("112256133", "112256134")
    result = found(tmp_path, HEADER, line, good)
    assert result["patent"]["raw_row"].to_list() == [2, 3]
    reasons = rejected(result, "patent")
    assert list(reasons) == [2]
    column, value = reason
    assert any(c == column and value in v for c, v in reasons[2]), reasons


def test_a_quote_that_never_closes_is_text_where_the_cells_are_as_many_as_the_headings(
    tmp_path: Path,
) -> None:
    result = found(tmp_path, HEADER, A.replace("一种方法", '"一种方法'), A)
    assert result["patent"]["title"].to_list() == ['"一种方法', "一种方法"]


@pytest.mark.parametrize(
    ("number", "granted", "in_order"),
    [
        ("CN112256133A", "2021.06.01", True),
        ("CN112256133A", "2021.01.22", True),
        ("CN112256133A", "2021.01.21", False),  # published the day after its grant
        ("CN112256133B9", "2021.01.21", True),  # corrected and published again
    ],
)
def test_a_chinese_document_is_published_no_later_than_granted(
    tmp_path: Path, number: str, granted: str, in_order: bool
) -> None:
    line = A.replace("CN112256133A", number) + f",{granted}"
    result = found(tmp_path, HEADER + ",授权公告日", line)
    expected = {} if in_order else {2: {(None, "chinese_publication_not_after_grant")}}
    assert rejected(result, "patent") == expected


def test_an_unknown_region_rejects_the_owner_by_its_name_and_keeps_the_patent(
    tmp_path: Path,
) -> None:
    result = found(tmp_path, HEADER, A.replace("湖北", "亚特兰蒂斯"))
    assert rejected(result, "patent") == {}
    assert rejected(result, "patent_owner") == {2: {("owner_region", "亚特兰蒂斯")}}


def test_texts_in_quotes_may_hold_commas_and_line_breaks(tmp_path: Path) -> None:
    result = found(tmp_path, HEADER, A.replace("一种方法", '"一种,\n""新""方法"'), A)
    assert result["patent"].select("title", "raw_row").rows() == [
        ('一种,\n"新"方法', 2),
        ("一种方法", 4),
    ]


def test_a_stray_quote_does_not_swallow_the_records_after_it(tmp_path: Path) -> None:
    stray = A.replace("一种方法", '"5寸,管')
    others = [A.replace("112256133", str(112256134 + i)) for i in range(300)]
    for close in ([], [A.replace("一种方法", '6寸",管')]):
        result = found(tmp_path, HEADER, stray, *others, *close)
        assert result["patent"].height == 301 + len(close)
        reasons = rejected(result, "patent")
        assert 2 in reasons
        assert not set(reasons) & set(range(3, 303))


def test_bytes_that_are_not_of_the_encoding_stay_visible(tmp_path: Path) -> None:
    path = file(tmp_path, HEADER, A)
    path.write_bytes(path.read_bytes().replace("方法".encode(), "方".encode() + b"\xff"))
    assert tables(cnipa_export, path)["patent"]["title"].to_list() == ["一种方\\xff"]


def test_a_flag_that_is_neither_true_nor_false_is_rejected(tmp_path: Path) -> None:
    result = found(tmp_path, HEADER + ",is_simulated", A + ",maybe", A + ",TRUE")
    assert rejected(result, "patent")[2] == {("is_simulated", "maybe")}


def test_records_come_in_bounded_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BATCH", 10)
    lines = [A.replace("112256133", str(112256133 + i)) for i in range(35)]
    path = file(tmp_path, HEADER, *lines)
    heights = [f.height for t, f in cnipa_export.read(path, "x", Notes()) if t == "patent"]
    assert heights == [10, 10, 10, 5]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"a,b\n1,2\n",
        HEADER.encode()[:3],
        b"PK\x03\x04",
        b"\xff\xfe",
    ],
)
def test_another_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(SourceFormatError, match=r"x\.csv, line 1"):
        list(cnipa_export.read(path, path.name, Notes()))


def test_a_column_that_stands_twice_and_a_line_without_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(tmp_path, HEADER + ",申请日", A + ",2020.10.28")
    with pytest.raises(SourceFormatError, match="stand twice: 申请日"):
        list(cnipa_export.read(path, path.name, Notes()))
    monkeypatch.setattr(delimited, "LINE", 2000)
    path = file(tmp_path, HEADER, "x" * 3000)
    with pytest.raises(SourceFormatError, match="line 2"):
        list(cnipa_export.read(path, path.name, Notes()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_junk_raises_nothing_but_source_format_errors(
    tmp_path: Path, junk: bytes, headed: bool
) -> None:
    path = tmp_path / "junk.csv"
    path.write_bytes((HEADER.encode() + b"\n" if headed else b"") + junk)
    try:
        result = tables(cnipa_export, path)
    except SourceFormatError:
        assert not headed
        return
    for table in result:
        split = divided(result, table)
        assert split.accepted.height + split.rejected.height == result[table].height


_CELL = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"])
    | st.sampled_from('",\n;'),
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(_CELL, min_size=9, max_size=9), min_size=1, max_size=6))
def test_what_a_csv_writer_wrote_comes_out_record_by_record(
    tmp_path: Path, records: list[list[str]]
) -> None:
    records = [[*r[:5], r[5] or "x", *r[6:]] for r in records]
    path = tmp_path / "written.csv"
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADER.split(","))
        writer.writerows(records)
    result = tables(cnipa_export, path)["patent"]
    assert result["title"].to_list() == [r[5].strip() or None for r in records]
