"""Simulated records stay apart: by lineage no real model stands on one, and no real mart changes.

Not here: that the contracts keep them out of the real register (tests/simulation).
"""

import json
from pathlib import Path

import warehouse_runs as wr

from pipelines import build

#: Says of every dataset how many rows of it landed, simulated ones under their own name.
ABOUT_DATASETS = {"mart_data_quality"}


def served(home: Path) -> dict[str, list[wr.Row]]:
    """Rows of the real marts, without the moment at which their bytes were got."""
    tables = wr.rows(
        home,
        "select table_name as name, list(column_name) as columns from information_schema.columns "
        "where table_schema = 'main' group by table_name",
    )
    found = {}
    for table in tables:
        if table["name"] not in ABOUT_DATASETS:
            columns = ", ".join(sorted(set(table["columns"]) - {"retrieved_at"}))
            sql = f"select {columns} from {table['name']} order by all"  # noqa: S608 - our own
            found[table["name"]] = wr.rows(home, sql)
    return found


def test_no_model_of_the_real_world_stands_on_a_simulated_one_nor_the_other_way_round() -> None:
    manifest = json.loads(build.ensure_manifest().read_text())
    parents = manifest["parent_map"]
    models = {n: node for n, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    twins = {n for n, node in models.items() if node["schema"] == "simulated"}
    twins |= {n for n, node in models.items() if "stg_simulated_register" in node["name"]}
    real_records = {n for n in parents if n.startswith("source.ip_warehouse.patent_register.")}
    real_records |= {n for n in parents if n.startswith("source.ip_warehouse.sei_flags.")}

    def stands_on(name: str) -> set[str]:
        above = set(parents.get(name, []))
        return above.union(*(stands_on(other) for other in above)) if above else above

    assert len(twins) > 20
    for name in models:
        if name in twins:
            # A twin needs every simulated table that its model needs, and no real record.
            assert not stands_on(name) & real_records, name
        else:
            below = {n for n in stands_on(name) if n in twins or "simulated_register" in n}
            assert not below, (name, below)


def test_every_model_of_the_register_has_a_twin_of_the_same_columns(simulated_home: Path) -> None:
    columns = wr.rows(
        simulated_home,
        "select table_schema, table_name, list(column_name order by ordinal_position) as columns "
        "from information_schema.columns group by all",
    )
    found = {(r["table_schema"], r["table_name"]): r["columns"] for r in columns}
    twins = {name for schema, name in found if schema == "simulated"}
    for name in twins - {"mart_high_value_calibration"}:
        [real] = [s for s, n in found if n == name and s not in ("simulated", "lineage")]
        assert found["simulated", name] == found[real, name], name
    # The official figures stand beside real counts alone.
    missing = {n for s, n in found if s == "main" and n.startswith("mart_high_value")} - twins
    assert missing == {"mart_high_value_official"}


def test_a_simulated_register_changes_no_mart_of_the_real_world(
    published_home: Path, simulated_home: Path
) -> None:
    without = served(published_home)
    assert served(simulated_home) == without
    assert {"mart_plan_scorecard", "mart_high_value_official", "mart_high_value_stock"} <= set(
        without
    )
    [real] = wr.rows(simulated_home, "select count(*) as n from mart_high_value_patent")
    [made_up] = wr.rows(
        simulated_home,
        "select count(*) as n, bool_and(is_simulated) as labelled "
        "from simulated.mart_high_value_patent",
    )
    assert real["n"] == 0
    assert made_up["labelled"]
    assert made_up["n"] >= 2 * 20_000


def test_every_simulated_mart_says_so_in_every_row(simulated_home: Path) -> None:
    marts = wr.rows(
        simulated_home,
        "select table_name as name from information_schema.tables "
        "where table_schema = 'simulated' and regexp_full_match(table_name, '(mart|fct)_.*')",
    )
    assert len(marts) == 7
    for mart in marts:
        name = mart["name"]
        counted = f"count(*) as n, bool_and(is_simulated) as labelled from simulated.{name}"
        [row] = wr.rows(simulated_home, f"select {counted}")
        assert row["n"] > 0, mart
        assert row["labelled"], mart


def test_the_function_says_what_it_counts_and_has_the_columns_of_its_mart(
    simulated_home: Path,
) -> None:
    asked = wr.rows(simulated_home, "from simulated.high_value_stock_at('2025-12-31')")
    assert {row["is_simulated"] for row in asked} == {True}
    mart = wr.rows(simulated_home, "describe simulated.mart_high_value_stock")
    assert {row["column_name"] for row in mart} - {"time_period"} == set(asked[0]) - {"day"}
