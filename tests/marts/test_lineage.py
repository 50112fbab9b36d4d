"""Every served row leads back to bytes; every column to the columns it is computed from.

On real runs. What a record says is read here from the stored object, by the csv module.
"""

# ruff: noqa: S608 - names are of the catalogue
import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
import warehouse_runs as wr

#: Above so many rows, some are drawn.
MANY = 20_000
DRAWN = 200
TWIN = "simulated__"


@pytest.fixture(params=["published_home", "simulated_home", "world_bank_home"])
def home(request: pytest.FixtureRequest) -> Path:
    """Homes that differ in what has landed."""
    found: Path = request.getfixturevalue(request.param)
    return found


def test_every_row_of_every_table_leads_to_landed_rows(home: Path) -> None:
    with duckdb.connect(str(wr.served(home)), read_only=True) as connection:
        served = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema = 'main' and table_type = 'BASE TABLE' "
            "or table_schema = 'simulated' and regexp_matches(table_name, '^(fct|mart)_')"
        ).fetchall()
        assert len(served) > 30
        for schema, table in served:
            view = f'lineage."{TWIN if schema == "simulated" else ""}{table}"'
            told = {c[0] for c in connection.execute(f"describe {view}").fetchall()}
            key = [
                c[0]
                for c in connection.execute(f'describe "{schema}"."{table}"').fetchall()
                if c[0] in told and c[0] not in ("raw_sha256", "raw_row")
            ]
            same = " and ".join(f'drawn."{k}" is not distinct from told."{k}"' for k in key)
            # A dataset that never landed has nothing to lead to.
            landed = "where rows_in > 0" if table == "mart_data_quality" else ""
            count = f'select count(*) from "{schema}"."{table}"'
            [(rows,)] = connection.execute(count).fetchall()
            draw = f"using sample {DRAWN} rows (reservoir, 1)" if rows > MANY else ""
            if schema == "simulated" and "stock" not in table and "patent" not in table:
                continue  # they stand on the stock, row by row
            rows_of = f'(from "{schema}"."{table}" {landed})'
            connection.execute(f"create or replace temp table drawn as from {rows_of} {draw}")
            lost = connection.execute(
                f"select count(*) from drawn anti join "
                f"(from {view} where raw_sha256 is not null) as told on {same}"
            ).fetchall()
            assert lost == [(0,)], (schema, table)


def test_a_figure_is_traced_to_the_line_that_prints_it(published_home: Path) -> None:
    drawn = wr.rows(
        published_home,
        "from fct_observation where source_id = 'official_releases' "
        "using sample 40 rows (reservoir, 7)",
    )
    assert len(drawn) == 40
    for row in drawn:
        [receipt] = wr.rows(
            published_home,
            "select * from lineage.receipt where raw_sha256 = ? limit 1",
            [row["raw_sha256"]],
        )
        sha256 = receipt["raw_sha256"]
        content = (published_home / "raw/objects" / sha256[:2] / sha256).read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256
        written = json.loads((published_home / "raw" / receipt["receipt"]).read_text())
        assert (written["sha256"], written["size"]) == (sha256, len(content))
        # The record: lines of a CSV, counted as an editor does.
        lines = io.StringIO(content.decode("utf-8-sig"), newline="")
        reader = csv.DictReader(lines)
        at, record = 1, None
        for cells in reader:
            if at < row["raw_row"] <= reader.line_num:
                record = cells
                break
            at = reader.line_num
        assert record is not None
        assert record["indicator_id"] == row["indicator_id"]
        assert record["value_as_published"] == (row["value_as_published"] or "")
        assert record["release_id"] == row["release_id"]


def traced(home: Path, *arguments: str) -> list[dict[str, Any]]:
    """What `ipw trace --json` says."""
    done = wr.ipw(home, "trace", *arguments, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_verdict_is_traced_to_target_value_and_release(published_home: Path) -> None:
    [one] = traced(
        published_home,
        "mart_plan_scorecard",
        "--where",
        "plan_id = 'NAT-IP-FYP14' and indicator_id = 'high_value_invention_patents_per_10k'",
    )
    told = {table for origin in one["origins"] for table in origin["landed"]}
    assert told == {
        "official_releases.observation",
        "official_releases.target",
        "official_releases.release",
    }
    assert {origin["bytes"]["state"] for origin in one["origins"]} == {"verified"}
    values = [
        row["obs_value"]
        for origin in one["origins"]
        for row in origin["landed"].get("official_releases.observation", [])
    ]
    assert values == [one["row"]["latest_value"]]


def test_what_stands_on_a_reviewed_table_names_the_file(published_home: Path) -> None:
    [one] = traced(published_home, "dim_rule_version", "--where", "rule_version = 'v2021_five'")
    [origin] = one["origins"]
    assert origin["bytes"]["path"] == "dbt_project/seeds/rule_versions.csv"
    assert origin["bytes"]["state"] == "verified"


def test_altered_bytes_are_told(published_home: Path, tmp_path: Path) -> None:
    home = wr.copy(published_home, tmp_path / "home")
    where = "indicator_id = 'patent_intensive_va_share_gdp' and time_period = '2022'"
    [one, *_] = traced(home, "fct_observation", "--where", where)
    path = Path(one["origins"][0]["bytes"]["path"])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    done = wr.ipw(home, "trace", "fct_observation", "--where", where)
    assert done.returncode == 1
    assert "was altered" in " ".join(done.stderr.split())


def test_what_cannot_be_traced_is_said(published_home: Path) -> None:
    for arguments, message in {
        ("no_such_mart",): "no table 'no_such_mart'; there are",
        ("fct_observation", "--where", "no_such_column = 1"): "no_such_column",
        ("fct_observation", "--where", "true); drop table fct_observation; --"): "one condition",
    }.items():
        done = wr.ipw(published_home, "trace", *arguments)
        assert done.returncode == 1
        assert message in " ".join(done.stderr.split()), done.stderr


def test_columns_lead_to_landed_columns(published_home: Path) -> None:
    with duckdb.connect(str(wr.served(published_home)), read_only=True) as connection:
        told = connection.execute(
            "select table_name, column_name, origin_table_schema, origin_table_name, "
            "origin_column_name from lineage.column_origin"
        ).fetchall()
        known = connection.execute(
            "select table_name, column_name from information_schema.columns "
            "where table_schema = 'main'"
        ).fetchall()
    leads: dict[tuple[str, str], set[tuple[str, ...]]] = {name: set() for name in known}
    for table, column, *origin in told:
        leads.get((table, column), set()).add(tuple(origin))
    figure = ("official_releases", "observation", "obs_value")
    assert figure in leads["mart_plan_scorecard", "latest_value"]
    assert figure in leads["mart_region_measure", "national_share"]
    target = ("official_releases", "target", "target_value")
    assert target in leads["mart_plan_scorecard", "progress_ratio"]
    assert figure not in leads["mart_plan_scorecard", "target_value"]
    assert leads["dim_plan", "title_zh"] == {("official_releases", "plan", "title_zh")}
    # What no column is computed from is a constant of the SQL: few are.
    constant = {name for name, origins in leads.items() if not origins}
    assert len(constant) < len(leads) / 20, constant
