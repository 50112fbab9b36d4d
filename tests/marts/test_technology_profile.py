"""Technology profiles from WIPO's real export and real patent records, worked out by another path.

Not here: how the export is read (tests/pipeline/test_wipo_ipstats.py).
"""

from __future__ import annotations

import csv
import math
import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import warehouse_runs as wr

Row = dict[str, Any]
Shared = Callable[[str], Path]
EXPORT = (
    "data/wipo_ipstats_2015/raw_patent_5 - Patent grants by technology_Resident and non-resident "
    "count by filing office_1980_2013.csv"
)
RECORDS = "data/lens_export/lens_export_full_columns.csv"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, shared_path: Shared) -> Path:
    """The models on the real export and a file of real records."""
    home = tmp_path_factory.mktemp("technology")
    for source, file in (("wipo_ipstats", EXPORT), ("lens", RECORDS)):
        (home / "raw" / "inbox" / source).mkdir(parents=True)
        shutil.copy(shared_path(file), home / "raw" / "inbox" / source)
    marts = ("mart_technology_profile", "fct_observation_latest", "dim_indicator")
    return wr.models(wr.land(home), home, *marts)


def query(database: Path, sql: str, parameters: wr.Parameters = None) -> list[Row]:
    """Rows of a query."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return wr.fetch(connection, sql, parameters)


@pytest.fixture(scope="module")
def by_hand(shared_path: Shared) -> dict[tuple[str, str, int, int], int]:
    """Filled cells of the fields 1 to 35 by office code, origin, field and year."""
    lines = list(csv.reader(shared_path(EXPORT).read_bytes().decode().split("\r")))
    header = lines[7]
    return {
        (line[1], line[2], int(line[3].split(" - ")[0]), int(year)): int(cell)
        for line in lines[8:]
        if len(line) > 4 and line[3] != "Unknown"
        for year, cell in zip(header[4:], line[4:], strict=True)
        if cell
    }


@pytest.mark.parametrize(
    ("code", "area", "group", "field", "year"),
    [
        ("CN", "CHN", "Resident", 4, 2012),
        ("JP", "JPN", "Resident", 16, 2012),
        ("US", "USA", "Non-Resident", 6, 2005),
        ("EP", "EPO", "Resident", 32, 1999),
        ("DD", "DDR", "Resident", 32, 1985),
        # A group of offices is compared with the world, and is not in it.
        ("R3", "WIPO_R3", "Resident", 32, 2010),
    ],
)
def test_share_growth_and_specialisation(
    database: Path,
    by_hand: dict[tuple[str, str, int, int], int],
    code: str,
    area: str,
    group: str,
    field: int,
    year: int,
) -> None:
    (row,) = query(
        database,
        "select * from mart_technology_profile where source_id = 'wipo_ipstats' and ref_area = ? "
        "and origin_group = ? and field_number = ? and time_period = ?",
        [area, group.replace("-", "").lower(), field, str(year)],
    )
    mine = {f: v for (c, g, f, y), v in by_hand.items() if (c, g, y) == (code, group, year)}
    everyone: dict[int, int] = defaultdict(int)
    for (c, g, f, y), value in by_hand.items():
        # Offices have two letters, WIPO's groups a letter and a digit.
        if (g, y) == (group, year) and not c[1:].isdigit():
            everyone[f] += value
    share = mine[field] / sum(mine.values())
    world = everyone[field] / sum(everyone.values())
    before = by_hand[code, group, field, year - 1]
    assert row["field_share"] == pytest.approx(share)
    assert row["world_share"] == pytest.approx(world)
    assert row["specialisation"] == pytest.approx(share / world)
    assert row["relative_specialisation_index"] == pytest.approx(math.log10(share / world))
    assert row["growth"] == pytest.approx(mine[field] / before - 1)
    assert row["fields_published"] == len(mine)
    assert row["is_aggregate"] == (code == "R3")
    assert row["citation"] == "Derived from: WIPO Statistics Database, March 2015"


def test_shares_sum_to_one_and_no_blank_became_a_row(
    database: Path, by_hand: dict[tuple[str, str, int, int], int]
) -> None:
    sums = query(
        database,
        "select sum(field_share) as total, max(fields_published) as fields, count(*) as n "
        "from mart_technology_profile group by measure_id, counted_by, origin_group, ref_area, "
        "time_period",
    )
    assert len(sums) > 4000
    assert all(abs(row["total"] - 1) < 1e-9 and row["fields"] == row["n"] for row in sums)
    (count,) = query(
        database,
        "select count(*) as n from mart_technology_profile where source_id = 'wipo_ipstats'",
    )
    assert count["n"] == len(by_hand)


def test_growth_needs_the_year_before(
    database: Path, by_hand: dict[tuple[str, str, int, int], int]
) -> None:
    rows = query(
        database,
        "select field_number, time_period, growth from mart_technology_profile where "
        "source_id = 'wipo_ipstats' and ref_area = 'ZWE' and origin_group = 'nonresident'",
    )
    zimbabwe = {
        (f, y): v for (c, g, f, y), v in by_hand.items() if (c, g) == ("ZW", "Non-Resident")
    }
    gaps = 0
    for row in rows:
        field, year = row["field_number"], int(row["time_period"])
        before = zimbabwe.get((field, year - 1))
        gaps += before is None
        assert (row["growth"] is None) == (not before)
        if before:
            assert row["growth"] == pytest.approx(zimbabwe[field, year] / before - 1)
    # There are both: years after a blank, and years after a year.
    assert 0 < gaps < len(rows)


def test_wipos_values_leave_no_mart(database: Path) -> None:
    for mart in ("fct_observation", "fct_observation_latest"):
        assert query(database, f"select 1 from {mart} where source_id = 'wipo_ipstats'") == []  # noqa: S608
    shown = query(
        database,
        "select distinct source_id from mart_technology_profile where patents is not null",
    )
    assert shown == [{"source_id": "patent_register"}]
    # They are known inside, and say that they may not leave.
    inside = query(
        database,
        "select distinct may_publish from intermediate.int_observation__unioned "
        "where source_id = 'wipo_ipstats'",
    )
    assert inside == [{"may_publish": False}]
    (warned,) = query(
        database,
        "select distinct usage_warning from dim_indicator where source_id = 'wipo_ipstats'",
    )
    assert "forbid republishing" in warned["usage_warning"]


def test_records_are_counted_by_fractions(database: Path) -> None:
    """A patent of several fields is a part of each, and one in all."""
    rows = query(
        database,
        "select sum(patents) as patents, bool_and(patents > 0) as positive, count(*) as n "
        "from mart_technology_profile where measure_id = 'REGISTER.FILINGS' "
        "and counted_by = 'office'",
    )
    # Each application of an invention with a filing date and a known field counts once in all.
    landed = database.parent / "warehouse" / "landed" / "patent_register"
    (expected,) = query(
        database,
        """
        select count(*) as n from (
            select office, coalesce(application_number, publication_number) as patent
            from read_parquet($patent)
            where ip_type = 'invention' and filing_date is not null and not is_simulated
            intersect
            select a.office, coalesce(a.application_number, a.publication_number)
            from read_parquet($ipc_assignment) as a
            where exists (
                select 1
                from reference.wipo_technology as t,
                    unnest(string_split(t.ipc_include, ';')) as u (pattern)
                where starts_with(a.ipc_symbol, rtrim(u.pattern, '*'))
                and (length(rtrim(u.pattern, '*')) = 4
                     or split_part(a.ipc_symbol, '/', 1) = rtrim(u.pattern, '*'))
            )
        )
        """,
        {name: f"{landed}/{name}/*.parquet" for name in ("patent", "ipc_assignment")},
    )
    assert rows[0]["positive"]
    assert expected["n"] > 100
    assert rows[0]["patents"] == pytest.approx(expected["n"])


def test_a_published_build_holds_none_of_wipos_values(tmp_path: Path, shared_path: Shared) -> None:
    """The served file has the profile, and no table of any schema that gives a count of WIPO's."""
    folder = tmp_path / "raw" / "inbox" / "wipo_ipstats"
    folder.mkdir(parents=True)
    shutil.copy(shared_path(EXPORT), folder)
    home = wr.run(tmp_path)
    (derived,) = wr.rows(
        home, "select count(*) as n from mart_technology_profile where source_id = 'wipo_ipstats'"
    )
    assert derived["n"] > 100_000
    tables = wr.rows(
        home, "select table_schema as s, table_name as t from information_schema.tables"
    )
    assert not [t for t in tables if "wipo_ipstats" in t["t"] or t["s"] == "withheld"]
    with_source = wr.rows(
        home,
        "select table_schema || '.' || table_name as name from information_schema.columns "
        "where column_name = 'source_id'",
    )
    holding = [
        table["name"]
        for table in with_source
        if wr.rows(home, f"select 1 from {table['name']} where source_id = 'wipo_ipstats' limit 1")  # noqa: S608
    ]
    # What the warehouse says of the source, and what is derived of its values.
    assert sorted(holding) == [
        "lineage.landing",
        "lineage.receipt",
        "main.dim_indicator",
        "main.dim_release",
        "main.mart_data_quality",
        "main.mart_technology_profile",
        "staging.stg_operations__dataset",
        "staging.stg_operations__landing",
    ]
    # Nor does a freed block of the file hold them; what the build can do is still there.
    (size,) = wr.rows(home, "select free_blocks from pragma_database_size()")
    assert size["free_blocks"] == 0
    assert wr.rows(home, "select count(*) as n from observations_as_of('2024-01-01')")[0]["n"] > 0
