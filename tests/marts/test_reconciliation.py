"""Two figures of one fact, side by side: what agrees, what is explained, what nobody can say.

Expected figures are read from the files by openpyxl, csv and decimal, or copied by hand. SAFE's
months are made up so that the twelve of 2020 give the official total; the World Bank's flows and
rates are real ones, in the shape of its bulk files; Eurostat and the OECD answer on loopback. Not
here: the sources themselves.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sdmx_server as sdmx
import warehouse_runs as wr
from pytest_httpserver import HTTPServer
from regional_drops import cells, contents
from safe_workbook import workbook

from pipelines.build import DBT_PROJECT

Shared = Callable[[str], Path]
Row = dict[str, Any]

SHEETS = (
    "patent_01-accept_raw-2018.xlsx", "patent_01-accept_raw-2020.xlsx",
    "patent_01-accept_raw-2021.xlsx", "patent_03-valid_raw-2020.xlsx",
    "patent_03-valid_raw-2023.xlsx",
)  # fmt: skip
APPLICATIONS = "data/world_bank/ds2_release_2026-01/API_IP.PAT.RESD_DS2_en_csv_v2_226.csv"
FLOWS = ("BX.GSR.ROYL.CD", "BM.GSR.ROYL.CD", "PA.NUS.FCRF")


def rows(home: Path, comparison: str, where: str = "true") -> list[Row]:
    """The mart's rows of a pair, in the order of periods and areas."""
    return wr.rows(
        home,
        f"select * from mart_reconciliation where comparison = ? and {where} "  # noqa: S608
        "order by time_period, ref_area, counterpart_vintage",
        [comparison],
    )


def row(home: Path, comparison: str, period: str, area: str) -> Row:
    """Its one row of a period and area."""
    (found,) = rows(home, comparison, f"time_period = '{period}' and ref_area = '{area}'")
    return found


def of_the_world_bank(shared_path: Shared, series: str, economy: str = "CHN") -> dict[str, Decimal]:
    """An economy's line of a reshaped World Bank file, by year."""
    with shared_path(f"data/world_bank/wide_release_2024/{series}.csv").open() as stream:
        line = next(r for r in csv.DictReader(stream) if r.pop("country_code") == economy)
    return {year: Decimal(value) for year, value in line.items() if value}


def fetch(place: Path) -> None:
    """Let the real command ask Eurostat and the OECD on loopback.

    Ireland's payments and Sweden's receipts are made up, its receipts fit those in US$.
    """
    royalties = sdmx.eurostat(flow="BOP_ITS6_DET").replace(
        ",unit,", ",currency,bop_item,stk_flow,partner,"
    )
    for line in (
        "CRE,WRL_REST,IE,2023,15300.0", "DEB,WRL_REST,IE,2023,134029.5",
        "CRE,WRL_REST,SE,2023,:", "CRE,CN_X_HK,IE,2023,9.5",
    ):  # fmt: skip
        royalties += f"\nESTAT:BOP_ITS6_DET(1.0),01/10/26 23:00:00,A,MIO_EUR,SH,{line},,"
    pct = sdmx.oecd(sdmx.oecd_line("CHN", "2020", "65432.1", role="APPLICANT"))
    answers = {"bop_its6_det": royalties, "AP.PATN.PRIORITY.._T+_Z.APPLICANT": pct}
    with HTTPServer(host="127.0.0.1", threaded=True) as http:
        for source, empty in (("eurostat", sdmx.eurostat_empty()), ("oecd", sdmx.oecd_empty())):
            http.clear()
            service = sdmx.SdmxServer(http, empty)
            service.data = answers
            address = {f"IPW_{source.upper()}_BASE_URL": service.url}
            done = wr.ipw(place, "fetch", source, **address)
            assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, shared_path: Shared) -> Path:
    """A warehouse with the real files that the pairs need, and a made-up SAFE workbook."""
    place = tmp_path_factory.mktemp("reconciled")
    yearbook = shared_path("data/cn_yearbook/raw")
    files = {f"cn_yearbook/{name}": (yearbook / name).read_bytes() for name in SHEETS}
    for folder in ("nbs_province_2024", "cn_province_population_gdp"):
        for name, content in contents(shared_path(f"data/{folder}")).items():
            files[f"nbs_province/{name}"] = content
    for name in ("html_2018.html", "raw_raw-2018.xlsx", "html_2019.html"):
        path = shared_path(f"data/nbs_rd_bulletin/{name}")
        files[f"nbs_rd_bulletin/{name}"] = path.read_bytes()
    applications = shared_path(APPLICATIONS)
    for name in (applications.name, f"Metadata_Country_{applications.name}"):
        files[f"world_bank/{name}"] = (applications.parent / name).read_bytes()
    flows = {
        (series, economy): of_the_world_bank(shared_path, series, economy)
        for series in FLOWS
        for economy in ("CHN", "DEU", "IRL")
    }
    years = sorted(flows["PA.NUS.FCRF", "CHN"])
    lines = [["Country Name", "Country Code", "Indicator Name", "Indicator Code", *years]]
    for (series, economy), values in flows.items():
        cells_of = (str(values.get(year, "")) for year in years)
        lines.append([economy, economy, series, series, *cells_of])
    files["world_bank/2024-12-16/flows.csv"] = "\n".join(map(",".join, lines)).encode()
    months = [f"2020.{month}" for month in range(1, 13)]
    files["safe_bop/2023-03-31/trade.xlsx"] = workbook(months, [46.2] * 12, [-220] * 12)
    for name, content in files.items():
        path = place / "raw" / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    fetch(place)
    return wr.served_models(place, "mart_reconciliation")


# On the carried figures alone


def test_the_31_provinces_against_the_printed_total(published_home: Path) -> None:
    gap = row(published_home, "in_force_31_provinces_and_total", "2020", "CHN")
    assert (gap["obs_value"], gap["counterpart_value"]) == (2_212_722, 2_279_123)
    latest = row(published_home, "in_force_31_provinces_and_total", "2023", "CHN")
    assert latest["difference"] == -73_815
    assert {gap["verdict"], latest["verdict"]} == {"explained"}
    assert "Hong Kong, Macao and Taiwan" in latest["scope"]
    whole = row(published_home, "in_force_34_regions_and_total", "2023", "CHN_HKMT")
    # 6 547 of Hong Kong, 315 of Macao and 66 953 of Taiwan close the gap.
    assert whole["obs_value"] - latest["obs_value"] == 6_547 + 315 + 66_953
    assert (whole["difference"], whole["verdict"]) == (0, "equal")


def test_an_announcement_that_rounds_agrees(published_home: Path) -> None:
    found = row(published_home, "in_force_31_provinces_and_mainland", "2021", "CHN")
    assert (found["obs_value"], found["counterpart_value"]) == (2_704_102, 2_704_000)
    assert found["verdict"] == "within_rounding"


def test_the_provinces_lack_the_active_military(published_home: Path) -> None:
    found = rows(published_home, "residents_31_provinces_and_nation")
    assert [r["time_period"] for r in found] == [str(year) for year in range(2019, 2025)]
    # 1 410 130 000 residents of the provinces, 1 412 120 000 of the nation.
    assert {r["time_period"]: r["difference"] for r in found}["2020"] == -1_990_000
    assert {r["verdict"] for r in found} == {"explained"}
    assert all("active military" in r["scope"] for r in found)


def test_publications_of_one_figure(published_home: Path) -> None:
    population = rows(
        published_home,
        "other_publication",
        "indicator_id = 'population_mainland' and time_period = '2020'",
    )
    # A third one, 2021 less its growth, was computed: what stands in for a figure or is derived
    # from others is no second source.
    assert [(r["obs_value"], r["counterpart_value"], r["verdict"]) for r in population] == [
        (1_412_120_000, 1_411_780_000, "explained"),
    ]
    assert "1 November" in population[0]["explanation"]
    (guangxi,) = rows(
        published_home,
        "other_publication",
        "indicator_id = 'valid_invention_patents_by_province' and ref_area = 'CN-GX' "
        "and time_period = '2020'",
    )
    assert (guangxi["difference"], guangxi["verdict"]) == (24_776 - 25_163, "differs")


# With the files of the sources dropped in


@pytest.mark.parametrize(
    ("year", "yearbook", "world_bank", "verdict"),
    [
        ("2018", 1_393_815, 1_393_815, "equal"),
        ("2020", 1_344_817, 1_344_817, "equal"),
        ("2021", 1_427_845, 1_426_644, "differs"),
    ],
)
def test_applications_of_the_yearbook_and_the_world_bank(
    home: Path, shared_path: Shared, year: str, yearbook: int, world_bank: int, verdict: str
) -> None:
    sheet = shared_path(f"data/cn_yearbook/raw/patent_01-accept_raw-{year}.xlsx")
    (lines,) = cells(sheet.read_bytes()).values()
    (national,) = [line for line in lines if "".join(str(line[0]).split()) == "全国"]
    assert int(national[3]) == yearbook
    assert wr.wide_cells(shared_path(APPLICATIONS))["IP.PAT.RESD", "CHN", year] == str(world_bank)
    found = row(home, "applications_office_and_world_bank", year, "CHN_HKMT")
    assert (found["obs_value"], found["counterpart_value"]) == (yearbook, world_bank)
    assert found["difference"] == yearbook - world_bank == {"2021": 1_201}.get(year, 0)
    assert found["verdict"] == verdict
    sources = (found["source_id"], found["counterpart_source_id"])
    assert sources == ("cn_yearbook", "world_bank")


def test_regions_of_the_sheets_against_their_totals(home: Path) -> None:
    for kind in ("total", "invention", "utility_model", "design"):
        series = f"indicator_id = 'cn_patents_in_force_{kind}'"
        found = rows(home, "patents_34_regions_and_total", series)
        assert {r["time_period"]: r["verdict"] for r in found} == {"2020": "equal", "2023": "equal"}
    gaps = rows(
        home, "patents_31_provinces_and_total", "indicator_id = 'cn_patents_in_force_invention'"
    )
    assert [(r["time_period"], r["difference"]) for r in gaps] == [
        ("2020", 2_212_722 - 2_279_123),
        ("2023", -73_815),
    ]
    carried = rows(home, "in_force_carried_and_table")
    assert len(carried) == 2 * 34
    assert {r["verdict"] for r in carried} == {"equal"}


def test_residents_of_2020_in_three_vintages(home: Path, shared_path: Shared) -> None:
    with shared_path(
        "data/cn_province_population_gdp/census2020_province_population.csv"
    ).open() as stream:
        census = [int(r["population_2020_11_01"]) for r in csv.DictReader(stream)]
    found = rows(home, "residents_census_and_year_end")
    assert len(found) == 31
    assert sorted(r["obs_value"] for r in found) == sorted(census)
    assert {r["verdict"] for r in found} == {"within_tolerance"}
    revised = rows(
        home,
        "other_publication",
        "indicator_id = 'cn_resident_population' and time_period = '2020'",
    )
    assert len({r["ref_area"] for r in revised}) == 31
    by_vintage = [
        {r["vintage"].year for r in found},
        {r["counterpart_vintage"].year for r in found},
        {r["counterpart_vintage"].year for r in revised},
    ]
    assert by_vintage == [{2021}, {2025}, {2023}]
    guangdong = next(r for r in found if r["ref_area"] == "CN-GD")
    assert (guangdong["obs_value"], guangdong["counterpart_value"]) == (126_012_510, 126_240_000)
    # The older vintage, 21.54 million people in Beijing, was revised to 21.90 after the census.
    older = rows(
        home,
        "other_publication",
        "indicator_id = 'cn_resident_population' and time_period = '2019' and ref_area = 'CN-BJ'",
    )
    assert [(r["counterpart_value"], r["verdict"]) for r in older] == [
        (21_540_000, "revised"),
        (21_900_000, "equal"),
    ]
    nation = rows(home, "residents_31_provinces_and_nation_tables", "time_period >= '2015'")
    assert [(r["time_period"], r["verdict"]) for r in nation] == [
        (str(year), "explained") for year in range(2015, 2023)
    ]


def test_royalties_in_yuan_and_in_dollars(home: Path, shared_path: Shared) -> None:
    receipts, payments, rate = (of_the_world_bank(shared_path, series) for series in FLOWS)
    official = {"2020": "319.44e9", "2022": "387.25e9", "2023": "376.52e9"}
    found = {r["time_period"]: r for r in rows(home, "royalties_official_and_world_bank")}
    assert set(found) == set(official)
    for year, printed in official.items():
        yuan = (receipts[year] + payments[year]) * rate[year]
        assert found[year]["obs_value"] == pytest.approx(float(printed))
        assert found[year]["counterpart_value"] == pytest.approx(float(yuan))
        assert found[year]["difference"] == pytest.approx(float(Decimal(printed) - yuan))
        assert found[year]["greatest_difference"] == pytest.approx(float(yuan) * 0.02)
        assert found[year]["verdict"] == "within_tolerance"
    (dollars,) = rows(home, "royalties_official_and_world_bank_usd", "time_period = '2023'")
    assert dollars["counterpart_value"] == pytest.approx(float(receipts["2023"] + payments["2023"]))
    assert (dollars["obs_value"], dollars["verdict"]) == (53.7e9, "within_rounding")
    # 12 × (46.2 + 220) hundred million yuan.
    (safe,) = rows(home, "royalties_official_and_safe")
    assert safe["counterpart_value"] == pytest.approx(319.44e9)
    assert safe["verdict"] == "equal"


def test_royalties_of_eurostat_in_euro_and_of_the_world_bank(
    home: Path, shared_path: Shared
) -> None:
    receipts, payments, rate = (of_the_world_bank(shared_path, s, "IRL") for s in FLOWS)
    (received,) = rows(home, "royalty_receipts_eurostat_and_world_bank")
    (paid,) = rows(home, "royalty_payments_eurostat_and_world_bank")
    for found, value, flow, verdict in (
        (received, 15_300.0e6, receipts, "within_tolerance"),
        (paid, 134_029.5e6, payments, "differs"),
    ):
        dollars = flow["2023"] * rate["2023"]
        assert (found["ref_area"], found["time_period"]) == ("IRL", "2023")
        assert (found["obs_value"], found["unit_measure"]) == (pytest.approx(value), "EUR")
        assert found["counterpart_value"] == pytest.approx(float(dollars))
        assert found["verdict"] == verdict


def test_counts_that_are_unlike_stand_side_by_side_without_a_judgement(home: Path) -> None:
    (found,) = rows(home, "pct_oecd_and_wipo")
    assert (found["obs_value"], found["counterpart_value"]) == (65_432.1, 68_720)
    assert (found["verdict"], found["least_difference"]) == ("not_judged", None)
    assert "fractions" in found["scope"]


def test_a_copy_with_the_figures_of_another_year_differs(home: Path) -> None:
    found = rows(home, "other_publication", "source_id = 'nbs_rd_bulletin' and verdict = 'differs'")
    assert {r["counterpart_release_id"] for r in found} == {"nbs-rd-bulletin-2018-sheet"}
    nation = next(r for r in found if (r["unit_measure"], r["ref_area"]) == ("CNY", "CHN"))
    # 19 678 hundred million yuan of 2018 beside 22 144 of 2019.
    assert nation["difference"] == pytest.approx(1_967_790e6 - 2_214_360e6)
    assert not rows(home, "rd_31_provinces_and_nation", "verdict = 'differs'")


def test_every_tolerance_is_reviewed_and_told(home: Path) -> None:
    """Where a difference passes, the row itself says how wide the gate is, why and since when."""
    bare = wr.rows(
        home,
        "select * from mart_reconciliation where verdict in ('within_tolerance', 'explained') "
        "and explanation is null and (difference not between least_difference and "
        "greatest_difference or length(tolerance_because) < 20 or tolerance_since is null)",
    )
    assert bare == []
    # No number from anybody's memory: a gate that is open, or a reason with a number, has a source.
    for pair in wr.read_csv(DBT_PROJECT / "seeds" / "reconciliation_pairs.csv"):
        gate = {pair["least_difference"], pair["greatest_difference"]}
        assert pair["source"] or (gate <= {"0", ""} and not re.search("[0-9]", pair["because"])), (
            pair
        )
    assert not wr.rows(home, "select * from mart_reconciliation where source_id = 'wipo_ipstats'")
