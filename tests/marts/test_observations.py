"""Observations, areas and what is built straight on them: every value is one that was published.

World Bank cells are read here from the files by the csv module. Not here: parsing of odd files
(tests/pipeline), plans (test_scorecard.py).
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pycountry
import pytest
import warehouse_runs as wr

from pipelines.build import DBT_PROJECT

FOLDER = "data/world_bank"
TOPIC_2021 = f"{FOLDER}/ds2_release_2021-09/science-and-technology-raw-2021.csv"
PATENTS_2026 = f"{FOLDER}/ds2_release_2026-01/API_IP.PAT.RESD_DS2_en_csv_v2_226.csv"
PEOPLE_2024 = f"{FOLDER}/ds2_release_2026-01/API_SP.POP.TOTL_DS2_en_csv_v2_45183.csv"
AREAS_2026 = f"{FOLDER}/ds2_release_2026-01/Metadata_Country_API_IP.PAT.RESD_DS2_en_csv_v2_226.csv"
OLD, NEW = dt.date(2021, 9, 15), dt.date(2026, 1, 28)
PATENTS = "IP.PAT.RESD"

Shared = Callable[[str], Path]
Cells = dict[tuple[str, str, str], str]


@pytest.fixture(scope="module")
def old_cells(shared_path: Shared) -> Cells:
    """Filled cells of the release of 2021-09-15."""
    return wr.wide_cells(shared_path(TOPIC_2021))


@pytest.fixture(scope="module")
def new_cells(shared_path: Shared) -> Cells:
    """Filled cells of the release of 2026-01-28."""
    return wr.wide_cells(shared_path(PATENTS_2026))


# --- official figures -----------------------------------------------------------------------


def test_one_row_per_indicator_area_period_and_vintage(world_bank_home: Path) -> None:
    assert wr.rows(
        world_bank_home,
        "select count(*) as n, "
        "count(distinct (indicator_id, ref_area, time_period, vintage)) as keys "
        "from fct_observation having n != keys or n = 0",
    ) == []  # fmt: skip
    assert wr.rows(
        world_bank_home,
        "select count(*) as n, count(distinct (indicator_id, ref_area, time_period)) as keys, "
        "(select count(distinct (indicator_id, ref_area, time_period)) from fct_observation) "
        "as ever "
        "from fct_observation_latest having n != keys or n != ever",
    ) == []  # fmt: skip


def test_vintages_of_the_patent_intensive_share(published_home: Path) -> None:
    """12.71 for 2022 came first; after the census others derive 12.60, which is no official one."""
    query = (
        "select vintage, obs_value, is_derived from {} where ref_area = 'CHN' "
        "and indicator_id = 'patent_intensive_va_share_gdp' and time_period = '2022'"
    )
    every = wr.rows(published_home, query.format("fct_observation"))
    values = {row["vintage"].isoformat(): (row["obs_value"], row["is_derived"]) for row in every}
    assert values["2023-12-29"] == (12.71, False)
    assert values["2024-03-30"] == (12.7, False)
    assert values["2024-12-31"] == (12.6, True)
    (latest,) = wr.rows(published_home, query.format("fct_observation_latest"))
    # Newer publications round it to 12.7 and agree: the most precise one stands.
    assert (latest["obs_value"], latest["vintage"]) == (12.71, dt.date(2023, 12, 29))


def test_units_are_plain_and_what_was_printed_stays(published_home: Path) -> None:
    (row,) = wr.rows(
        published_home,
        "select * from fct_observation where indicator_id = 'ip_pledge_financing_registered' "
        "and time_period = '2020' and release_id = 'doc-001'",
    )
    assert (row["value_as_published"], row["unit_as_published"]) == ("2180", "billion yuan")
    assert (row["obs_value"], row["unit_measure"], row["unit_mult"]) == (218e9, "CNY", 0)
    assert "billion" in row["correction_reason"]


def test_baselines_printed_under_2020_belong_to_2019(published_home: Path) -> None:
    found = wr.rows(
        published_home,
        "select indicator_id, time_period, obs_value from fct_observation where release_id = "
        "'doc-001' and indicator_id in "
        "('patent_intensive_va_share_gdp', 'copyright_industry_va_share_gdp') order by all",
    )
    assert [(row["time_period"], row["obs_value"]) for row in found] == [
        ("2019", 7.39),
        ("2019", 11.6),
    ]


# --- World Bank releases ----------------------------------------------------------------------


def test_releases_of_chinas_residents_filings(world_bank_home: Path) -> None:
    found = wr.rows(
        world_bank_home,
        "select vintage, time_period, obs_value from fct_observation where indicator_id = ? "
        "and ref_area = 'CHN' and time_period in ('2018', '2019', '2021')",
        [PATENTS],
    )
    assert {(r["vintage"], r["time_period"]): r["obs_value"] for r in found} == {
        (OLD, "2018"): 1_393_815,
        (OLD, "2019"): 1_243_568,
        (NEW, "2018"): 1_393_815,
        (NEW, "2019"): 1_243_568,
        (NEW, "2021"): 1_426_644,
    }


def test_revisions_are_those_between_the_files(
    world_bank_home: Path, old_cells: Cells, new_cells: Cells
) -> None:
    """Cells whose value changed, and cells that the later release emptied: the same two ways."""
    both = {key for key in old_cells if key in new_cells}
    changed = {key for key in both if float(old_cells[key]) != float(new_cells[key])}
    emptied = {key for key in old_cells if key[0] == PATENTS and key not in new_cells}
    added = {key for key in new_cells if key not in old_cells}
    assert changed
    assert emptied
    (found,) = wr.rows(
        world_bank_home,
        """
        select
            count(*) filter (where n.obs_value != o.obs_value) as changed,
            count(*) filter (where n.obs_value is null and o.obs_value is not null) as emptied,
            count(*) filter (where n.obs_value is not null and o.obs_value is null) as added
        from (select * from fct_observation where vintage = ? and indicator_id = ?) as n
        full join (select * from fct_observation where vintage = ? and indicator_id = ?) as o
        using (indicator_id, ref_area, time_period)
        """,
        [NEW, PATENTS, OLD, PATENTS],
    )
    assert found == {"changed": len(changed), "emptied": len(emptied), "added": len(added)}


def test_latest_is_the_newest_release(
    world_bank_home: Path, old_cells: Cells, new_cells: Cells
) -> None:
    """Every cell of the series; what the newest release emptied is empty today."""
    found = wr.rows(
        world_bank_home,
        "select ref_area, time_period, obs_value, vintage from fct_observation_latest "
        "where indicator_id = ?",
        [PATENTS],
    )
    latest = {(r["ref_area"], r["time_period"]): r["obs_value"] for r in found}
    ever = {key[1:] for cells in (old_cells, new_cells) for key in cells if key[0] == PATENTS}
    assert latest == {
        place: float(new_cells[PATENTS, *place]) if (PATENTS, *place) in new_cells else None
        for place in ever
    }
    # Series that only the older release holds still have it.
    (china,) = wr.rows(
        world_bank_home,
        "select obs_value, vintage from fct_observation_latest where indicator_id = 'IP.PAT.NRES' "
        "and ref_area = 'CHN' and time_period = '2019'",
    )
    assert china == {"obs_value": float(old_cells["IP.PAT.NRES", "CHN", "2019"]), "vintage": OLD}


def test_every_value_carries_its_line(
    world_bank_home: Path, shared_path: Shared, new_cells: Cells
) -> None:
    """raw_row of a wide file counts its lines from 1, four header lines and a blank included."""
    lines = shared_path(PATENTS_2026).read_text(encoding="utf-8-sig").split("\n")
    sample = wr.rows(
        world_bank_home,
        "select distinct ref_area, raw_row from fct_observation "
        "where vintage = ? and indicator_id = ?",
        [NEW, PATENTS],
    )
    assert len(sample) > 100
    for row in sample:
        assert f'"{row["ref_area"]}"' in lines[row["raw_row"] - 1]


def test_landed_twice_or_in_another_order_is_the_same(
    world_bank_home: Path, shared_path: Shared, tmp_path: Path
) -> None:
    """Newest first, landed; then the older one, and the newest once more under another name."""
    inbox = tmp_path / "raw" / "inbox" / "world_bank"
    inbox.mkdir(parents=True)
    for name in (PATENTS_2026, AREAS_2026, PEOPLE_2024):
        shutil.copy(shared_path(name), inbox)
    wr.land(tmp_path)
    for path in shared_path(f"{FOLDER}/ds2_release_2021-09").iterdir():
        shutil.copy(path, inbox)
    for path in shared_path(f"{FOLDER}/ds2_release_2026-01").glob("Metadata_*"):
        shutil.copy(path, inbox)
    shutil.copy(shared_path(PATENTS_2026), inbox / "again.csv")
    database = wr.models(
        wr.land(tmp_path), tmp_path, "fct_observation_latest", "mart_country_ip_activity"
    )

    content = """
        select indicator_id, ref_area, time_period, vintage, obs_value, obs_status, unit_measure
        from {} where source_id = 'world_bank'
    """
    places = "select ref_area, kind, is_aggregate, region, income_level from dim_ref_area"
    activity = "select * from mart_country_ip_activity"
    with duckdb.connect() as both:
        both.execute(f"attach '{wr.served(world_bank_home)}' as one (read_only)")
        both.execute(f"attach '{database}' as other (read_only)")
        for query in (
            content.format("fct_observation"),
            content.format("fct_observation_latest"),
            places,
            activity,
        ):
            both.execute("use one")
            both.execute(f"create or replace temp table mine as {query}")
            both.execute("use other")
            both.execute(f"create or replace temp table theirs as {query}")
            assert both.execute("select count(*) from temp.mine").fetchall()[0][0] > 100
            for one, other in (("mine", "theirs"), ("theirs", "mine")):
                left = f"from temp.{one} except all from temp.{other}"
                assert both.execute(left).fetchall() == []


# --- areas --------------------------------------------------------------------------------------


def test_aggregates_are_marked_and_stay_out_of_sums(
    world_bank_home: Path, shared_path: Shared, new_cells: Cells
) -> None:
    """WLD already holds its members: a sum over economies is a sum without it, and is not twice."""
    groups = {
        row["Country Code"]
        for row in wr.read_csv(shared_path(AREAS_2026))
        if not row["Region"].strip()
    }
    assert "WLD" in groups
    found = wr.rows(world_bank_home, "select ref_area, is_aggregate from dim_ref_area")
    marked = {row["ref_area"]: row["is_aggregate"] for row in found}
    codes = {area for _, area, _ in new_cells}
    assert {area: marked[area] for area in codes} == {area: area in groups for area in codes}

    members = sum(
        float(value)
        for (_, area, year), value in new_cells.items()
        if year == "2019" and area not in groups
    )
    (total,) = wr.rows(
        world_bank_home,
        "select sum(patent_applications_residents) filter (where not is_aggregate) as members, "
        "any_value(patent_applications_residents) filter (where ref_area = 'WLD') as world "
        "from mart_country_ip_activity where time_period = '2019'",
    )
    assert total["members"] == members
    assert total["world"] == float(new_cells[PATENTS, "WLD", "2019"])
    assert total["members"] == pytest.approx(total["world"], rel=0.05)


def test_every_area_is_known(world_bank_home: Path) -> None:
    """31 provinces with Hong Kong, Macao and Taiwan by ISO 3166-2, and each code that data name."""
    iso = {entry.code for entry in pycountry.subdivisions if entry.country_code == "CN"}
    assert len(iso) == 34
    areas = {
        row["ref_area"]: row
        for row in wr.rows(world_bank_home, "select * from dim_ref_area where ref_area like 'CN-%'")
    }
    sars = {"CN-HK", "CN-MO"}
    provinces = {area for area, row in areas.items() if row["kind"] == "province"}
    assert {area for area, row in areas.items() if row["kind"] == "sar"} == sars
    assert provinces | sars == iso
    for area in iso:
        assert areas[area]["gb_code"][2:] == "0000"
        assert areas[area]["name_zh"]
    assert len({areas[area]["gb_code"] for area in iso}) == 34
    assert wr.rows(
        world_bank_home,
        "select distinct ref_area from fct_observation anti join dim_ref_area using (ref_area)",
    ) == []  # fmt: skip
    assert wr.rows(
        world_bank_home, "select ref_area from dim_ref_area where kind = 'unlisted'"
    ) == []  # fmt: skip


# --- marts on top -------------------------------------------------------------------------------


def test_country_activity_is_the_published_cells(
    world_bank_home: Path, shared_path: Shared, old_cells: Cells, new_cells: Cells
) -> None:
    people = wr.wide_cells(shared_path(PEOPLE_2024))
    columns = {
        "patent_applications_residents": (PATENTS, new_cells),
        "patent_applications_nonresidents": ("IP.PAT.NRES", old_cells),
        "trademark_applications_direct_residents": ("IP.TMK.RESD", old_cells),
        "trademark_applications_direct_nonresidents": ("IP.TMK.NRES", old_cells),
        "royalty_receipts_usd": ("BX.GSR.ROYL.CD", old_cells),
        "royalty_payments_usd": ("BM.GSR.ROYL.CD", old_cells),
        "rd_expenditure_pct_gdp": ("GB.XPD.RSDV.GD.ZS", old_cells),
        "population": ("SP.POP.TOTL", people),
    }
    found = wr.rows(world_bank_home, "select * from mart_country_ip_activity")
    for name, (series, cells) in columns.items():
        stored = {
            (row["ref_area"], row["time_period"]): row[name]
            for row in found
            if row[name] is not None
        }
        read = {key[1:]: float(value) for key, value in cells.items() if key[0] == series}
        assert stored == pytest.approx(read, rel=1e-12), name
    # What no file holds is unknown, never zero.
    assert {row["gdp_usd"] for row in found} == {None}
    (china,) = (r for r in found if (r["ref_area"], r["time_period"]) == ("CHN", "2019"))
    residents, foreign = 1_243_568, float(old_cells["IP.PAT.NRES", "CHN", "2019"])
    population = float(people["SP.POP.TOTL", "CHN", "2019"])
    assert china["resident_patents_per_million"] == pytest.approx(residents / population * 1e6)
    assert china["resident_share_of_patent_applications"] == pytest.approx(
        residents / (residents + foreign)
    )
    assert china["resident_patents_per_billion_usd_gdp"] is None


def test_every_column_is_described_and_typed_as_promised(published_home: Path) -> None:
    """Comments stand in the file itself; the types are those of the contracts beside the models."""
    found = wr.rows(
        published_home,
        "select table_name, column_name, lower(data_type) as data_type, comment "
        "from duckdb_columns() where schema_name = 'main' and not internal",
    )
    silent = [(r["table_name"], r["column_name"]) for r in found if not r["comment"]]
    assert silent == []
    tables = wr.rows(
        published_home, "select table_name, comment from duckdb_tables where schema_name = 'main'"
    )
    assert [row["table_name"] for row in tables if not row["comment"]] == []

    manifest = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text())
    models = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["schema"] == "main"
        and node["config"]["materialized"] == "table"
    }
    assert set(models) == {row["table_name"] for row in tables}
    assert Counter(name.split("_")[0] for name in models).keys() == {"dim", "fct", "mart"}
    for name, node in models.items():
        assert node["contract"]["enforced"] is True, name
        promised = {c: column["data_type"] for c, column in node["columns"].items()}
        built = {r["column_name"]: r["data_type"] for r in found if r["table_name"] == name}
        assert built == promised, name
