"""Economies side by side on real files of the World Bank: cells worked out again from the files.

Files of three releases: filings and residents of 2026, trademarks and royalties of 2021, GDP of
2013, each read here by the csv module. Not here: what columns mean (test_country_comparison.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import warehouse_runs as wr

Shared = Callable[[str], Path]
Economies = dict[tuple[str, str], wr.Row]

FOLDER = "data/world_bank"
NEW = "ds2_release_2026-01"
FILINGS = f"{NEW}/API_IP.PAT.RESD_DS2_en_csv_v2_226.csv"
RESIDENTS = f"{NEW}/API_SP.POP.TOTL_DS2_en_csv_v2_45183.csv"
OLD = "ds2_release_2021-09/science-and-technology-raw-2021.csv"
PRODUCT = "wdi_release_2013/NY.GDP.MKTP.CD_WDI.csv"


def metadata(name: str, kind: str = "Country") -> str:
    folder, _, file = name.partition("/")
    return f"{folder}/Metadata_{kind}_{file}"


@pytest.fixture(scope="module")
def cells(shared_path: Shared) -> dict[tuple[str, str, str], float]:
    """Cells by series, economy and year: a series is the one of its newest release.

    That of 2026 withdrew some 800 cells of 2021; they are not to come back.
    """
    found: dict[tuple[str, str, str], str] = {}
    for name in (PRODUCT, OLD, RESIDENTS, FILINGS):
        newer = wr.wide_cells(shared_path(f"{FOLDER}/{name}"))
        series = {key[0] for key in newer}
        found = {key: value for key, value in found.items() if key[0] not in series} | newer
    return {key: float(value) for key, value in found.items()}


@pytest.fixture(scope="module")
def economies(tmp_path_factory: pytest.TempPathFactory, shared_path: Shared) -> Economies:
    """The comparison's rows by area and year."""
    home = tmp_path_factory.mktemp("real_economies")
    inbox = home / "raw" / "inbox" / "world_bank"
    for name in (FILINGS, metadata(FILINGS), RESIDENTS, metadata(RESIDENTS), OLD, PRODUCT):
        day = "2013-12-18" if name == PRODUCT else ""
        path = inbox / day / Path(name).name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(shared_path(f"{FOLDER}/{name}").read_bytes())
    for file in ("Metadata_Country_API_14_DS2_en_csv_v2_3054360.csv",
                 "Metadata_Indicator_API_14_DS2_en_csv_v2_3054360.csv"):  # fmt: skip
        content = shared_path(f"{FOLDER}/ds2_release_2021-09/{file}").read_bytes()
        (inbox / file).write_bytes(content)
    database = wr.models(wr.land(home), home, "mart_country_comparison")
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = wr.fetch(connection, "from main.mart_country_comparison")
    return {(row["ref_area"], row["time_period"]): row for row in rows}


@pytest.mark.parametrize(
    ("column", "series", "least"),
    [
        ("patent_applications_residents", "IP.PAT.RESD", 4_000),
        ("patent_applications_nonresidents", "IP.PAT.NRES", 4_500),
        ("trademark_applications_direct_residents", "IP.TMK.RESD", 4_500),
        ("royalty_receipts_usd", "BX.GSR.ROYL.CD", 7_000),
        ("population", "SP.POP.TOTL", 14_000),
        ("gdp_usd", "NY.GDP.MKTP.CD", 8_000),
    ],
)
def test_values_are_those_of_the_files(
    economies: Economies, cells: dict[tuple[str, str, str], float],
    column: str, series: str, least: int,
) -> None:  # fmt: skip
    expected = {(area, year): value for (s, area, year), value in cells.items() if s == series}
    found = {key: row[column] for key, row in economies.items() if row[column] is not None}
    assert found == pytest.approx(expected)
    assert len(found) > least


@pytest.mark.parametrize(
    ("column", "amount", "scale", "base"),
    [
        ("resident_patents_per_million", "IP.PAT.RESD", 1e6, "SP.POP.TOTL"),
        ("resident_patents_per_billion_usd", "IP.PAT.RESD", 1e9, "NY.GDP.MKTP.CD"),
        ("royalty_receipts_pct_gdp", "BX.GSR.ROYL.CD", 100, "NY.GDP.MKTP.CD"),
    ],
)
def test_ratios_and_ranks_follow_from_the_files(
    economies: Economies, cells: dict[tuple[str, str, str], float], shared_path: Shared,
    column: str, amount: str, scale: float, base: str,
) -> None:  # fmt: skip
    countries = {
        line["Country Code"]
        for line in wr.read_csv(shared_path(f"{FOLDER}/{metadata(RESIDENTS)}"))
        if line["Region"]
    }
    expected = {
        (area, year): cells[amount, area, year] * scale / cells[base, area, year]
        for series, area, year in cells
        if series == amount and (base, area, year) in cells
    }
    found = {key: row[column] for key, row in economies.items() if row[column] is not None}
    assert found == pytest.approx(expected)
    for year in ("2000", "2005", "2010"):
        of_year = {a: v for (a, y), v in expected.items() if y == year and a in countries}
        ranks = {area: economies[area, year][f"{column}_rank"] for area in of_year}
        assert ranks == {
            area: 1 + sum(other > value for other in of_year.values())
            for area, value in of_year.items()
        }
        assert len(ranks) > 50
        # Groups of economies have values and no rank.
        world = economies["WLD", year]
        assert (world["is_aggregate"], world[f"{column}_rank"]) == (True, None)


def test_china_as_a_person_reads_it(economies: Economies) -> None:
    china = economies["CHN", "2018"]
    assert china["patent_applications_residents"] == 1_393_815
    assert china["patent_applications_nonresidents"] == 148_187
    assert china["patent_applications_at_office"] == 1_393_815 + 148_187
    assert china["royalty_balance_usd"] == pytest.approx(5_561_288_668.09 - 35_782_953_953.25)
    # No release here has its product of 2018: no ratio to it, and no rank.
    assert (china["gdp_usd"], china["royalty_receipts_pct_gdp_rank"]) == (None, None)
