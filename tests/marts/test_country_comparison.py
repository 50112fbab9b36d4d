"""Economies side by side, and OECD and Eurostat figures as observations, from small dropped files.

World Bank figures are made up and worked out by hand; OECD figures are the OECD's own where the
test names them. Not here: how the files are read (tests/pipeline).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
import sdmx_server as sdmx
import warehouse_runs as wr

from pipelines.build import DBT_PROJECT

Row = dict[str, Any]
WIDE = """\
Country Name,Country Code,Indicator Name,Indicator Code,2011,2012
China,CHN,"Patent applications, residents",IP.PAT.RESD,400000,500000
China,CHN,"Patent applications, nonresidents",IP.PAT.NRES,,100000
China,CHN,"Population, total",SP.POP.TOTL,1000000000,1250000000
China,CHN,GDP (current US$),NY.GDP.MKTP.CD,,8000000000000
Japan,JPN,"Patent applications, residents",IP.PAT.RESD,300000,250000
Japan,JPN,"Population, total",SP.POP.TOTL,125000000,125000000
Australia,AUS,"Population, total",SP.POP.TOTL,,20000000
Australia,AUS,"Charges for the use of intellectual property, receipts",BX.GSR.ROYL.CD,,600000000
Australia,AUS,"Charges for the use of intellectual property, payments",BM.GSR.ROYL.CD,,4000000000
Australia,AUS,GDP (current US$),NY.GDP.MKTP.CD,,1500000000000
World,WLD,"Patent applications, residents",IP.PAT.RESD,1300000,1500000
World,WLD,"Population, total",SP.POP.TOTL,7000000000,7000000000
"""
OECD = sdmx.oecd(
    # The OECD's own figure for Australia; thousands for China, to be multiplied.
    sdmx.oecd_line("AUS", "2012", "1614.0917"),
    sdmx.oecd_line("CHN", "2012", "16.5", mult="3"),
    sdmx.oecd_line("W", "2012", "200000"),
    # Co-operation with others is no count of all.
    sdmx.oecd_line("AUS", "2012", "99", partner="USA"),
    # Where a total stands under both codes, _T is it.
    sdmx.oecd_line("JPN", "2012", "40000", partner="_T"),
    sdmx.oecd_line("JPN", "2012", "40001", partner="_Z"),
)
EUROSTAT = sdmx.eurostat(
    "A,NR,EL,2012,67.59,e,",
    "A,NR,UK,2012,:,c,",
    "A,P_MHAB,EL,2012,6.1,,",
    "A,NR,EU27_2020,2012,5,,",
)
ROYALTIES = (
    "DATAFLOW,LAST UPDATE,freq,currency,bop_item,stk_flow,partner,geo,TIME_PERIOD,OBS_VALUE,"
    "OBS_FLAG,CONF_STATUS\nESTAT:BOP_ITS6_DET(1.0),01/10/26 23:00:00,A,MIO_EUR,SH,DEB,WRL_REST,IE,"
    "2023,134029.5,p,\n"
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models on these files."""
    home = tmp_path_factory.mktemp("comparison")
    for place, content in {
        "world_bank/2025-07-01/wide.csv": WIDE,
        "oecd/2026-06-30/pct.csv": OECD,
        "eurostat/pat.csv": EUROSTAT,
        "eurostat/bop.csv": ROYALTIES,
    }.items():
        path = home / "raw" / "inbox" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    marts = ("mart_country_comparison", "dim_indicator", "dim_release")
    return wr.models(wr.land(home), home, *marts)


@pytest.fixture(scope="module")
def economies(database: Path) -> dict[tuple[str, str], Row]:
    """The comparison's rows by area and year."""
    found = query(database, "select * from mart_country_comparison")
    return {(row["ref_area"], row["time_period"]): row for row in found}


def query(database: Path, sql: str, parameters: list[Any] | None = None) -> list[Row]:
    """Rows of a query."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return wr.fetch(connection, sql, parameters)


def observations(database: Path, source_id: str) -> dict[tuple[str, str, str], Row]:
    """A source's observations by indicator, area and year."""
    rows = query(database, "select * from fct_observation where source_id = ?", [source_id])
    return {(r["indicator_id"], r["ref_area"], r["time_period"]): r for r in rows}


def test_ratios_and_ranks(economies: dict[tuple[str, str], Row]) -> None:
    china, japan = economies["CHN", "2012"], economies["JPN", "2012"]
    # 500 000 of 1.25 bn people are 400 a million; 250 000 of 125 m are 2 000.
    assert china["resident_patents_per_million"] == pytest.approx(400)
    assert japan["resident_patents_per_million"] == pytest.approx(2000)
    assert china["resident_patents_per_billion_usd"] == pytest.approx(62.5)
    assert china["patent_applications_at_office"] == 600_000
    assert (japan["resident_patents_per_million_rank"], china["resident_patents_per_million_rank"]
            ) == (1, 2)  # fmt: skip
    assert japan["resident_patents_per_million_ranked"] == 2
    australia = economies["AUS", "2012"]
    # 1614.0917 of 20 m people.
    assert australia["pct_applications_per_million"] == pytest.approx(80.704585)
    assert australia["royalty_receipts_pct_gdp"] == pytest.approx(0.04)
    assert australia["royalty_balance_usd"] == -3.4e9
    assert australia["royalty_receipts_pct_gdp_rank"] == 1


def test_what_is_not_published_is_null_and_has_no_rank(
    economies: dict[tuple[str, str], Row],
) -> None:
    early, australia = economies["CHN", "2011"], economies["AUS", "2012"]
    # Without non-residents there is no total, without GDP no ratio to it.
    assert early["patent_applications_at_office"] is None
    assert early["resident_patents_per_billion_usd"] is None
    assert early["resident_patents_per_billion_usd_rank"] is None
    assert early["resident_patents_per_million_rank"] == 2
    assert australia["patent_applications_residents"] is None
    assert australia["resident_patents_per_million_rank"] is None


def test_aggregates_have_values_and_no_ranks(economies: dict[tuple[str, str], Row]) -> None:
    world = economies["WLD", "2012"]
    assert world["is_aggregate"] is True
    assert world["resident_patents_per_million"] == pytest.approx(1.5e6 / 7e9 * 1e6)
    # The OECD's W is the world.
    assert world["pct_applications_inventor"] == 200_000
    assert {name: world[name] for name in world if name.endswith(("_rank", "_ranked"))} == {
        name: None for name in world if name.endswith(("_rank", "_ranked"))
    }
    assert economies["EU27_2020", "2012"]["epo_applications"] == 5


def test_ranks_are_permutations(economies: dict[tuple[str, str], Row]) -> None:
    for name in ("resident_patents_per_million", "royalty_receipts_pct_gdp"):
        for year in ("2011", "2012"):
            rows = [r for (_, y), r in economies.items() if y == year and r[f"{name}_rank"]]
            assert sorted(r[f"{name}_rank"] for r in rows) == list(range(1, len(rows) + 1))
            assert all(r[f"{name}_ranked"] == len(rows) for r in rows)


def test_peers_are_named(economies: dict[tuple[str, str], Row]) -> None:
    assert economies["CHN", "2012"]["peer_groups"] == "BRICS;IP5"
    assert economies["JPN", "2012"]["peer_groups"] == "G7;IP5"
    assert economies["AUS", "2012"]["peer_groups"] is None


def test_oecd_counts_are_observations_in_plain_units(database: Path) -> None:
    found = observations(database, "oecd")
    pct = "OECD.9P50_1.AP.PATN.PRIORITY.INVENTOR"
    values = {area: row["obs_value"] for (indicator, area, _), row in found.items()}
    assert {indicator for indicator, _, _ in found} == {pct}
    assert values == {"AUS": 1614.0917, "CHN": 16500, "WLD": 200_000, "JPN": 40_000}
    row = found[pct, "AUS", "2012"]
    assert (str(row["vintage"]), row["release_id"]) == ("2026-06-30", "oecd-patents-2026-06-30")
    assert (row["trust"], row["is_derived"], row["value_as_published"]) == (
        "primary", False, "1614.0917",
    )  # fmt: skip
    (indicator,) = query(database, "select * from dim_indicator where indicator_id = ?", [pct])
    assert "fractional" in indicator["definition"]
    assert "last two to four years are not complete" in indicator["usage_warning"]


def test_eurostat_areas_units_and_flags(database: Path) -> None:
    found = observations(database, "eurostat")
    royalties = "EUROSTAT.BOP_ITS6_DET.MIO_EUR.SH.DEB.WRL_REST"
    # Greece is EL there; a confidential value is no observation; millions stand plain.
    assert {key: row["obs_value"] for key, row in found.items()} == {
        ("EUROSTAT.PAT_EP_NTOT.NR", "GRC", "2012"): 67.59,
        ("EUROSTAT.PAT_EP_NTOT.NR", "EU27_2020", "2012"): 5,
        ("EUROSTAT.PAT_EP_NTOT.P_MHAB", "GRC", "2012"): 6.1,
        (royalties, "IRL", "2023"): pytest.approx(134_029.5e6),
    }
    greece = found["EUROSTAT.PAT_EP_NTOT.NR", "GRC", "2012"]
    assert (greece["obs_status"], greece["note"]) == ("E", "flags of Eurostat: e")
    ireland = found[royalties, "IRL", "2023"]
    assert (ireland["unit_measure"], ireland["value_as_published"]) == ("EUR", "134029.5")
    assert str(ireland["vintage"]) == "2026-10-01"


def test_no_code_is_two_areas() -> None:
    """EA is the euro area of one publisher and a patent office of another: here it is one."""
    names: dict[str, set[str]] = {}
    for seed, code in (
        ("wipo_areas", "ref_area"), ("sdmx_areas", "ref_area"), ("iso_3166_1", "alpha_3"),
        ("world_bank_areas", "ref_area"),
    ):  # fmt: skip
        for row in wr.read_csv(DBT_PROJECT / "seeds" / f"{seed}.csv"):
            names.setdefault(row[code], set()).add(row["name"])
    assert {code: found for code, found in names.items() if len(found) > 1} == {}
