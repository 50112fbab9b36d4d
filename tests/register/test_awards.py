"""Lists of awards: names and grades by their definitions, one row for each patent."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from adapted import divided, noted, rejected, tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.patent_register import AWARD_GRADES
from pipelines.settings import CHECKOUT
from pipelines.source import SourceFormatError
from pipelines.sources.patent_register import awards

HEADER = "奖项,届次,年份,等级,专利号,专利名称,专利权人,公布日期"


def listed(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "awards.csv"
    path.write_bytes("\n".join((*lines, "")).encode(encoding))
    return path


def test_the_seed_has_the_grades_of_the_contract_once_each() -> None:
    path = CHECKOUT / "dbt_project/seeds/award_grades.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["grade"] for row in rows] == AWARD_GRADES
    assert all(row[c] for row in rows for c in ("award", "name_zh", "name_en", "source"))
    assert {row["counts_for_invention"] for row in rows} == {"true", "false"}
    for row in rows:
        assert awards.award_and_grade(row["name_zh"], None) == (row["award"], row["grade"])
        assert awards.award_and_grade(row["award"], row["grade"]) == (row["award"], row["grade"])
        assert awards.award_and_grade(row["name_en"], None) == (row["award"], row["grade"])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_list_in_chinese(tmp_path: Path, encoding: str) -> None:
    path = listed(
        tmp_path,
        HEADER,
        "中国专利奖,第二十四届,2023,金奖,ZL202011172919.0,一种方法,甲大学,2023年7月20日",
        "中国专利奖,24,2023年,金奖,ZL202130128529.X,椅子,乙公司,2023-07-20",
        "国家技术发明奖,,2019,二等奖,ZL98123456.9;CN112256133B,项目,丙,2020.01.10",
        "中国外观设计银奖,第20届,2018,,CN305996757S,壶,丁,",
        encoding=encoding,
    )
    result = tables(awards, path)
    columns = ("raw_row", "application_number", "publication_number", "award", "edition")
    cpa, national = awards.CHINA_PATENT_AWARD, awards.NATIONAL
    second = "technological_invention_second"
    assert result["award"].select(*columns, "award_year", "grade", "announced").rows() == [
        (2, "CN202011172919", None, cpa, "24", "2023", "patent_gold", "2023-07-20"),
        (3, "ZL202130128529.X", None, cpa, "24", "2023", "patent_gold", "2023-07-20"),
        (4, "CN98123456", None, national, "2019", "2019", second, "2020-01-10"),
        (4, None, "112256133", national, "2019", "2019", second, "2020-01-10"),
        (5, None, "305996757", cpa, "20", "2018", "design_silver", None),
    ]
    assert rejected(result, "award") == {3: {("application_number", "ZL202130128529.X")}}


def test_a_design_of_a_list_that_calls_both_gold(tmp_path: Path) -> None:
    path = listed(tmp_path, HEADER, "中国专利奖,21,2020,金奖,ZL202030128529.8,椅子,乙,2020-07-14")
    assert tables(awards, path)["award"]["grade"].to_list() == ["design_gold"]


def test_a_list_in_english(tmp_path: Path) -> None:
    path = listed(
        tmp_path,
        "award,edition,year,grade,patent_number,title,patentee,announced,is_simulated",
        "China Patent Award,24th,2023,Silver,CN112256133B,A method,Acme,2023-07-20,true",
        "national_science_technology_award,,2019,progress_first,CN202011172919.0,X,Y,,true",
    )
    verdict = divided(tables(awards, path), "award", simulated=True)
    assert verdict.failures.is_empty()
    assert verdict.accepted.select("edition", "award_year", "grade", "is_simulated").rows() == [
        (24, 2023, "patent_silver", True),
        (2019, 2019, "progress_first", True),
    ]
    assert noted(awards, path).unread == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("广东专利奖,9,2023,金奖,ZL202011172919.0,,,", ("award", "广东专利奖")),
        ("中国专利奖,24,2023,特别奖,ZL202011172919.0,,,", ("grade", "特别奖")),
        ("中国专利奖,24,2023,,ZL202011172919.0,,,", ("grade", "None")),
        ("中国专利奖,最近,2023,金奖,ZL202011172919.0,,,", ("edition", "最近")),
        ("中国专利奖,24,前年,金奖,ZL202011172919.0,,,", ("award_year", "前年")),
        ("中国专利奖,24,2023,金奖,,,,", (None, "names_its_patent")),
        ("中国专利奖,24,2023,金奖,ZL202011172919.5,,,", ("application_number", "ZL202011172919.5")),
        ("中国专利奖,24,2023,金奖,ZL202011172919.0,,,明天", ("announced", "明天")),
        ("国家自然科学奖,,2019,优秀,ZL202011172919.0,,,", ("grade", "优秀")),
        (
            "中国专利奖,24,2023,金奖",
            ("office", "4 cells, the header has 8: 中国专利奖,24,2023,金奖"),
        ),
    ],
)
def test_a_malformed_line_is_rejected_by_its_own_fault(
    tmp_path: Path, line: str, reason: tuple[str | None, str]
) -> None:
    good = "中国专利奖,24,2023,金奖,CN112256133B,,,"
    result = tables(awards, listed(tmp_path, HEADER, line, good))
    assert result["award"]["raw_row"].to_list() == [2, 3]
    reasons = rejected(result, "award")
    assert list(reasons) == [2]
    assert reason in {(column, str(value)) for column, value in reasons[2]}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_junk_raises_nothing_but_source_format_errors(
    tmp_path: Path, junk: bytes, headed: bool
) -> None:
    path = tmp_path / "junk.csv"
    path.write_bytes((HEADER.encode() + b"\n" if headed else b"") + junk)
    try:
        result = tables(awards, path)
    except SourceFormatError:
        assert not headed
        return
    for table in result:
        split = divided(result, table)
        assert split.accepted.height + split.rejected.height == result[table].height
