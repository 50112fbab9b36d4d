"""Royalty trade in dollars and yuan, worked out by hand from a few made-up dollar figures.

The official yuan totals beside them are the reviewed ones; SAFE's months are made up so that the
twelve of 2020 give its official total. Not here: parsing, other marts.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
import warehouse_runs as wr
from safe_workbook import workbook

Row = dict[str, Any]
#: As in a bulk file without a release date; the folder's name gives it. Empty: not published.
WIDE = """\
Country Name,Country Code,Indicator Name,Indicator Code,2020,2021,2022,2023
China,CHN,"Charges for the use of intellectual property, receipts",BX.GSR.ROYL.CD,\
8000000000,11700000000,13000000000,11000000000
China,CHN,"Charges for the use of intellectual property, payments",BM.GSR.ROYL.CD,\
38000000000,,44500000000,43000000000
China,CHN,"Official exchange rate (LCU per US$, period average)",PA.NUS.FCRF,6.9,6.45,6.73,
Japan,JPN,"Charges for the use of intellectual property, payments",BM.GSR.ROYL.CD,,,27000000000,
Japan,JPN,"Official exchange rate (LCU per US$, period average)",PA.NUS.FCRF,106.8,109.8,131.5,
United States,USA,"Charges for the use of intellectual property, receipts",BX.GSR.ROYL.CD,\
,,100000000000,
United States,USA,"Charges for the use of intellectual property, payments",BM.GSR.ROYL.CD,\
,,50000000000,
"""


@pytest.fixture(scope="module")
def trade(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Row]:
    """The mart's rows by area and year."""
    home = tmp_path_factory.mktemp("royalties")
    folder = home / "raw" / "inbox" / "world_bank" / "2025-07-01"
    folder.mkdir(parents=True)
    (folder / "royalties.csv").write_text(WIDE, encoding="utf-8")
    safe = home / "raw" / "inbox" / "safe_bop" / "2023-03-31"
    safe.mkdir(parents=True)
    # 46.2 + 220 in each month of 2020; December 2021 not published; November 2022 without payments.
    months = [f"{year}.{month}" for year in (2020, 2021) for month in range(1, 13)][:-1]
    (safe / "trade.xlsx").write_bytes(workbook(months, [46.2] * 23, [-220] * 23))
    months = [f"2022.{month}" for month in range(1, 13)]
    (safe / "more.xlsx").write_bytes(workbook(months, [50] * 12, [-270] * 10 + [None, -270]))
    database = wr.models(wr.land(home), home, "mart_ip_royalty_trade")
    with duckdb.connect(str(database), read_only=True) as connection:
        found = wr.fetch(connection, "select * from mart_ip_royalty_trade")
    return {(row["ref_area"], row["time_period"]): row for row in found}


@pytest.mark.parametrize(
    ("year", "receipts", "payments", "rate", "official"),
    [
        # 46 bn US$ at 6.90 are 317.4 bn yuan, 2.04 bn less than the official 319.44 bn.
        ("2020", 8.0e9, 38.0e9, 6.90, 319.44e9),
        # 57.5 bn US$ at 6.73 are 386.975 bn yuan, 0.275 bn less than the official 387.25 bn.
        ("2022", 13.0e9, 44.5e9, 6.73, 387.25e9),
    ],
)
def test_both_directions_known(
    trade: dict[tuple[str, str], Row],
    year: str,
    receipts: float,
    payments: float,
    rate: float,
    official: float,
) -> None:
    row = trade["CHN", year]
    total_cny = {"2020": 317.4e9, "2022": 386.975e9}[year]
    difference = {"2020": -2.04e9, "2022": -0.275e9}[year]
    assert (row["receipts_usd"], row["payments_usd"]) == (receipts, payments)
    assert row["balance_usd"] == {"2020": -30e9, "2022": -31.5e9}[year]
    assert row["total_usd"] == {"2020": 46e9, "2022": 57.5e9}[year]
    assert row["cny_per_usd"] == rate
    assert row["receipts_cny"] == pytest.approx({"2020": 55.2e9, "2022": 87.49e9}[year])
    assert row["payments_cny"] == pytest.approx({"2020": 262.2e9, "2022": 299.485e9}[year])
    assert row["balance_cny"] == pytest.approx({"2020": -207.0e9, "2022": -211.995e9}[year])
    assert row["total_cny"] == pytest.approx(total_cny)
    assert row["official_total_cny"] == pytest.approx(official)
    assert row["difference_cny"] == pytest.approx(difference)
    assert row["difference_ratio"] == pytest.approx(difference / official)
    assert row["usd_vintage"].isoformat() == "2025-07-01"


def test_one_direction_missing_is_unknown_not_zero(trade: dict[tuple[str, str], Row]) -> None:
    row = trade["CHN", "2021"]
    assert row["receipts_usd"] == 11.7e9
    assert row["receipts_cny"] == pytest.approx(75.465e9)
    unknown = {
        "payments_usd", "balance_usd", "total_usd", "payments_cny", "balance_cny", "total_cny",
        "difference_cny", "difference_ratio",
    }  # fmt: skip
    assert {name for name in unknown if row[name] is not None} == set()
    # The yuan total of 2021 is somebody's division: no official figure.
    assert row["official_total_cny"] is None
    japan = trade["JPN", "2022"]
    assert (japan["receipts_usd"], japan["total_usd"], japan["balance_usd"]) == (None, None, None)
    # Yuan are yuan everywhere: not the country's own currency.
    assert japan["payments_cny"] == pytest.approx(27e9 * 6.73)


def test_no_rate_no_yuan(trade: dict[tuple[str, str], Row]) -> None:
    row = trade["CHN", "2023"]
    assert (row["total_usd"], row["cny_per_usd"], row["total_cny"]) == (54e9, None, None)
    assert (row["official_total_cny"], row["difference_cny"]) == (376.52e9, None)


def test_other_economies_have_no_official_yuan(trade: dict[tuple[str, str], Row]) -> None:
    row = trade["USA", "2022"]
    assert row["balance_cny"] == pytest.approx(336.5e9)
    assert row["total_cny"] == pytest.approx(1009.5e9)
    assert (row["official_total_cny"], row["difference_cny"]) == (None, None)


def test_official_years_stand_alone(trade: dict[tuple[str, str], Row]) -> None:
    row = trade["CHN", "2024"]
    assert row["official_total_cny"] == pytest.approx(398.71e9)
    assert (row["receipts_usd"], row["total_cny"], row["difference_cny"]) == (None, None, None)
    # What nobody published is no row.
    assert ("USA", "2020") not in trade
    assert ("CHN", "2025") not in trade


def test_safe_months_make_the_official_total(trade: dict[tuple[str, str], Row]) -> None:
    row = trade["CHN", "2020"]
    assert row["safe_months"] == 12
    assert row["safe_receipts_cny"] == pytest.approx(55.44e9)
    assert row["safe_payments_cny"] == pytest.approx(264e9)
    # 12 × (46.2 + 220) hundred million yuan are the 319.44 bn that were published.
    assert row["safe_total_cny"] == pytest.approx(319.44e9)
    assert row["safe_difference_cny"] == pytest.approx(0, abs=1)
    # 317.4 bn at the year's average rate.
    assert row["usd_to_safe_difference_ratio"] == pytest.approx(317.4 / 319.44 - 1)
    assert row["safe_vintage"].isoformat() == "2023-03-31"


def test_a_year_with_a_month_missing_has_no_total(trade: dict[tuple[str, str], Row]) -> None:
    early, late = trade["CHN", "2021"], trade["CHN", "2022"]
    totals = ("safe_receipts_cny", "safe_payments_cny", "safe_total_cny", "safe_difference_cny")
    assert early["safe_months"] == 11
    assert [early[name] for name in totals] == [None] * 4
    assert late["safe_months"] == 11
    assert late["safe_receipts_cny"] == pytest.approx(60e9)
    assert [late[name] for name in totals[1:]] == [None] * 3
    assert trade["JPN", "2022"]["safe_months"] is None
