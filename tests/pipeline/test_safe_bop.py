"""SAFE's workbooks, laid out as they are published: which months, which flow, which currency.

The workbooks are written by openpyxl, with made-up values in the published layout. Not here:
yearly sums (tests/marts/test_royalty_trade.py), damage to any workbook (test_sheets.py).
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inbox import Inbox
from safe_workbook import workbook

from pipelines.sources.safe_bop import SOURCE, periods

DAY = dt.date(2026, 9, 29)
MONTHS: list[Any] = [2015.1, 2015.2, "2015.03", *(f"2015.{m}" for m in range(4, 10)), 2015.1,
                     2015.11, 2015.12, "2016.01"]  # fmt: skip


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """An empty inbox."""
    return Inbox(SOURCE, tmp_path)


def values(inbox: Inbox, flow: str) -> dict[str, float | None]:
    """What landed of a flow, by period."""
    rows = inbox.cells("royalty_flow").filter(flow=flow)
    return {row["time_period"]: row["obs_value"] for row in rows.to_dicts()}


def test_months_and_flows_are_read_where_they_stand(inbox: Inbox) -> None:
    credit = [round(5.0 + n / 10, 1) for n in range(13)]
    debit = [-30.0 - n for n in range(13)]
    debit[4] = None  # type: ignore[call-overload]
    (landed,) = inbox.drop(workbook(MONTHS, credit, debit), "trade.xlsx", DAY)
    assert (landed.outcome, landed.rows_accepted, landed.rows_quarantined) == ("landed", 39, 0)
    months = [f"2015-{m:02d}" for m in range(1, 13)] + ["2016-01"]
    assert values(inbox, "credit") == dict(zip(months, credit, strict=True))
    assert values(inbox, "debit") == dict(zip(months, debit, strict=True))
    october = inbox.cells("royalty_flow").filter(flow="debit", time_period="2015-10")
    row = october.row(0, named=True)
    # Row 10 of the sheet, the tenth month in column K.
    assert (row["sheet"], row["cell"], row["raw_row"]) == ("月度", "K10", 10)
    assert (row["unit_measure"], row["unit_mult"], row["freq"]) == ("CNY", 8, "M")
    assert (row["value_as_published"], row["release_date"]) == ("-39", DAY)
    blank = inbox.cells("royalty_flow").filter(flow="debit", time_period="2015-05")
    assert blank.select("obs_value", "obs_status").rows() == [(None, "M")]
    assert inbox.findings() == []


def test_quarters_and_dollars(inbox: Inbox) -> None:
    content = workbook(
        ["2025Q3", "2025Q4", "2026Q1"], [20, 21, 22], [-80, -81, -82], unit="单位: 亿美元",
        labels=("1.A.b.8 知识产权使用费", "贷方", "借方"),
    )  # fmt: skip
    inbox.drop(content, "bop.xlsx", DAY)
    assert values(inbox, "debit") == {"2025-Q3": -80, "2025-Q4": -81, "2026-Q1": -82}
    assert set(inbox.cells("royalty_flow")["unit_measure"]) == {"USD"}


def test_a_wrong_balance_is_found(inbox: Inbox) -> None:
    months = ["2026.1", "2026.2"]
    content = workbook(months, [10.04, 10], [-30, -30], balance=[-20, -25])
    inbox.drop(content, "trade.xlsx", DAY)
    (finding,) = inbox.findings()
    assert (finding["rule"], finding["time_period"]) == ("balance_is_credit_plus_debit", "2026-02")
    assert (finding["found"], finding["expected"]) == ("-25", "-20")


@pytest.mark.parametrize(
    ("cell", "column", "check"),
    [
        ("暂缺", "obs_value", "type:Float64"),
        ("１２.3", "obs_value", "type:Float64"),
        (-12.3, None, "credits_are_positive_and_debits_negative"),
    ],
)
def test_a_bad_cell_is_kept_out_with_its_address(
    inbox: Inbox, cell: Any, column: str | None, check: str
) -> None:
    credit: list[Any] = [10.0] * 13
    credit[2] = cell
    (landed,) = inbox.drop(workbook(MONTHS, credit, [-30] * 13), "trade.xlsx", DAY)
    assert (landed.rows_accepted, landed.rows_quarantined) == (38, 1)
    (row,) = inbox.quarantine().to_dicts()
    assert (row["file"], row["raw_row"], row["column_name"]) == ("trade.xlsx", 9, column)
    assert row["check"] == check
    assert '"sheet":"月度","cell":"D9"' in row["row_json"]


def test_swapped_flows_are_refused(inbox: Inbox) -> None:
    (landed,) = inbox.drop(workbook(MONTHS, [-30] * 13, [10] * 13), "trade.xlsx", DAY)
    assert landed.outcome == "refused"
    assert "credits_are_positive_and_debits_negative" in str(landed.message)


TEN = [10.0, 11.0]
MINUS = [-30.0, -31.0]


def bomb() -> bytes:
    """A workbook with a sheet of a hundred megabytes of blanks."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 100_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (workbook(["2026.1", "2026.3"], TEN, MINUS), "cell C4: '2026.3' stands where 2026-02 must"),
        (workbook(["2026.2", "2025.3"], TEN, MINUS), "cell C4: '2025.3' stands where 2026-03 must"),
        (workbook(["2026.1", "２０２６.2"], TEN, MINUS), "no row of months like 2015.1"),
        (workbook(["2026.7", "2026.8", "８月"], [1] * 3, [-1] * 3), "cell D4: '８月' stands"),
        (workbook(["2026Q1", "2026Q3"], TEN, MINUS), "cell C4: '2026Q3' stands where 2026-Q2"),
        (workbook([2026.1], [10], [-30]), "cell B4: '2026.1' is January or October"),
        (workbook(["2026.1", "2026.2"], TEN, MINUS, unit="单位：亿日元"), "A2: the unit is"),
        (workbook(["2026.1", "2026.2"], TEN, MINUS, before=1), "no line above says the unit"),
        (
            workbook(["2026.1", "2026.2"], TEN, MINUS, labels=("知识产权使用费", "借方", "贷方")),
            "cell A9: '借方' stands where 贷方 of 知识产权使用费 must stand",
        ),
        (
            workbook(["2026.1", "2026.2"], TEN, MINUS, labels=("特许费", "贷方", "借方")),
            "no row 知识产权使用费 in the sheets 月度",
        ),
        (workbook(["2026.1", "2026.2"], TEN, MINUS)[:900], "no whole zip"),
        (bomb(), "a file of statistics is never packed 200-fold"),
        ("知识产权使用费,10".encode("gbk"), "no Excel workbook"),
    ],
)  # fmt: skip
def test_a_bad_workbook_is_refused_and_the_next_one_lands(
    inbox: Inbox, content: bytes, says: str
) -> None:
    (landed,) = inbox.drop(content, "bad.xlsx", DAY)
    assert landed.outcome == "refused"
    assert str(landed.message).startswith("bad.xlsx")
    assert says in str(landed.message)
    (landed,) = inbox.drop(workbook(MONTHS, [10] * 13, [-30] * 13), "good.xlsx", DAY)
    assert (landed.outcome, landed.rows_accepted) == ("landed", 39)


def test_a_workbook_without_a_day_asks_for_one(inbox: Inbox) -> None:
    (landed,) = inbox.drop(workbook(MONTHS, [10] * 13, [-30] * 13), "trade.xlsx")
    assert landed.outcome == "refused"
    assert "raw/inbox/safe_bop/2026-09-29/" in str(landed.message)


@given(
    start=st.integers(2000 * 12, 2030 * 12),
    count=st.integers(2, 40),
    spelling=st.lists(st.sampled_from(["dot", "zero", "float"]), min_size=40, max_size=40),
    damage=st.none() | st.integers(0, 39),
)
@settings(deadline=None)
def test_months_follow_whatever_excel_made_of_them(
    start: int, count: int, spelling: list[str], damage: int | None
) -> None:
    """As numbers January and October are both 2015.1; the neighbours always tell which."""
    months = [divmod(start + n, 12) for n in range(count)]
    texts = []
    for (year, month), way in zip(months, spelling, strict=False):
        text = f"{year}.{month + 1}" if way != "zero" else f"{year}.{month + 1:02d}"
        texts.append(repr(float(text)).removesuffix(".0") if way == "float" else text)
    expected = [f"{year}-{month + 1:02d}" for year, month in months]
    assert periods("M", texts) == expected
    if damage is not None and damage < count:
        texts[damage] = "1999.7"
        with pytest.raises(ValueError, match=r"1999|must follow"):
            periods("M", texts)
