"""Lists of pledges: a row for each patent, amounts in plain units or none."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from adapted import divided, rejected, tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.source import SourceFormatError
from pipelines.sources.patent_register import delimited, pledges

HEADER = "登记号,质权生效日,解除日,出质人,质权人,专利号,金额,币种"
P1, P2, P3 = "ZL202011172919.0", "ZL98123456.9", "CN112256133B"


def listed(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "pledges.csv"
    path.write_text("\n".join((*lines, "")), encoding="utf-8")
    return path


def test_a_row_for_each_patent_with_the_number_of_the_registrations_patents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "BATCH", 2)
    result = tables(
        pledges,
        listed(
            tmp_path,
            HEADER,
            f"Y1,2021.03.01,2022.03.01,甲,某银行,{P1}；{P2};{P1},500万元,",
            f"Y2,2021-04-01,,乙,某银行,{P3},,",
            f"Y1,2021.03.01,2022.03.01,甲,某银行,{P3},500万元,",
            f'Y3,20210501,,丙,某银行,{P2},"1,234,567.89",人民币',
        ),
    )
    assert rejected(result, "pledge") == {}
    found = divided(result, "pledge").accepted
    columns = ("raw_row", "application_number", "publication_number", "registration_number")
    assert found.select(*columns, "assets", "amount", "currency").rows() == [
        (2, "CN202011172919", None, "Y1", 3, 5_000_000.0, "CNY"),
        (2, "CN98123456", None, "Y1", 3, 5_000_000.0, "CNY"),
        (3, None, "112256133", "Y2", 1, None, None),
        (4, None, "112256133", "Y1", 3, 5_000_000.0, "CNY"),
        (5, "CN98123456", None, "Y3", 1, 1_234_567.89, "CNY"),
    ]
    days = found.select("registration_date", "cancellation_date").rows()
    assert [tuple(str(d) for d in row) for row in days][:3] == [
        ("2021-03-01", "2022-03-01"),
        ("2021-03-01", "2022-03-01"),
        ("2021-04-01", "None"),
    ]


def test_a_list_in_english_with_its_own_number_of_assets(tmp_path: Path) -> None:
    path = listed(
        tmp_path,
        "registration_number,registration_date,cancellation_date,pledgor,pledgee,patent_numbers,"
        "amount,currency,assets,is_simulated",
        "Y1,2021-03-01,,Acme,Bank,CN202011172919.0;CN112256133B,1000000,USD,7,true",
    )
    found = divided(tables(pledges, path), "pledge", simulated=True).accepted
    assert found.select("amount", "currency", "assets", "is_simulated").rows() == [
        (1e6, "USD", 7, True),
        (1e6, "USD", 7, True),
    ]


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("500", "CNY", ("500", "CNY")),
        ("500万元", "", ("5000000", "CNY")),
        ("500 万元", "人民币", ("5000000", "CNY")),
        ("1.5亿元", "", ("150000000", "CNY")),
        ("300万美元", "", ("3000000", "USD")),
        ("人民币1000万元整", "", ("10000000", "CNY")),
        ("500", "万元", ("5000000", "CNY")),
        ("500", "万美元", ("5000000", "USD")),
        ("￥12.34", "", ("12.34", "CNY")),
        ("５００万元", "", ("5000000", "CNY")),
        ("500", "", ("500", None)),
        ("500万元", "美元", ("5000000", "USD, elsewhere CNY")),
        ("若干", "人民币", ("若干", "CNY")),
        ("500万", "万元", ("500万", "CNY")),
        ("", "", (None, None)),
        ("", "人民币", (None, "CNY")),
    ],
)
def test_amounts(
    tmp_path: Path, amount: str, currency: str, expected: tuple[str | None, str | None]
) -> None:
    path = listed(tmp_path, HEADER, f"Y1,2021-03-01,,甲,乙,{P1},{amount},{currency}")
    assert tables(pledges, path)["pledge"].select("amount", "currency").row(0) == expected


def test_an_amount_in_ten_thousands_by_its_heading(tmp_path: Path) -> None:
    path = listed(tmp_path, "登记号,登记日,专利号,金额（万元）", f"Y1,2021-03-01,{P1},1200.5")
    assert tables(pledges, path)["pledge"].select("amount", "currency").row(0) == (
        "12005000",
        "CNY",
    )


@given(
    st.decimals(min_value=0, max_value=10**12, places=4, allow_nan=False),
    st.sampled_from(["", "万", "亿"]),
)
def test_an_amount_keeps_its_value(value: Decimal, unit: str) -> None:
    record = {"currency": None, "amount": f"{value:f}{unit}元", "amount_10k": None}
    amount, currency = pledges._amount(record)
    assert currency == "CNY"
    assert Decimal(amount or "") == value * {"": 1, "万": 10**4, "亿": 10**8}[unit]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f",2021-03-01,,甲,乙,{P1},,", ("registration_number", "None")),
        (f"Y1,,,甲,乙,{P1},,", ("registration_date", "None")),
        (f"Y1,2021-03-01,2020-03-01,甲,乙,{P1},,", (None, "period_in_order")),
        ("Y1,2021-03-01,,甲,乙,,,", (None, "names_its_patent")),
        (f"Y1,2021-03-01,,甲,乙,{P1},500,", (None, "amount_has_currency")),
        (f"Y1,2021-03-01,,甲,乙,{P1},-5,CNY", ("amount", "-5.0")),
        (f"Y1,2021-03-01,,甲,乙,{P1},若干,CNY", ("amount", "若干")),
        ("Y1,2021-03-01,,甲,乙,ZL202011172919.5,,", ("application_number", "ZL202011172919.5")),
        (
            f"Y1,2021-03-01,,甲,乙,{P1}",
            ("office", f"6 cells, the header has 8: Y1,2021-03-01,,甲,乙,{P1}"),
        ),
    ],
)
def test_a_malformed_line_is_rejected_by_its_own_fault(
    tmp_path: Path, line: str, reason: tuple[str | None, str]
) -> None:
    good = f"Y9,2021-03-01,,甲,乙,{P2},,"
    result = tables(pledges, listed(tmp_path, HEADER, line, good))
    assert result["pledge"]["raw_row"].to_list() == [2, 3]
    reasons = rejected(result, "pledge")
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
        result = tables(pledges, path)
    except SourceFormatError:
        assert not headed
        return
    for table in result:
        split = divided(result, table)
        assert split.accepted.height + split.rejected.height == result[table].height
