"""Contestant (a): our models, one by one as dbt compiled them, into the build's database file.

The folder holds models.json (DuckDB's settings, a statement for each model, in order) and the
database of reference tables. What the statements read is written beside them, for the floor.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from measuring import COUNTS, work

MODELS = "models.json"
DATABASE = "models.duckdb"
#: Columns by landed table.
COLUMNS = "columns.json"


def build(_landed: Path, folder: Path) -> None:
    """Make every model."""
    plan = json.loads((folder / MODELS).read_text())
    with duckdb.connect(str(folder / DATABASE), config=plan["settings"]) as database:
        for statement in plan["statements"]:
            database.execute(statement)


def write_counts(folder: Path) -> None:
    """What the contestants must agree on, from the mart."""
    with duckdb.connect(str(folder / DATABASE), read_only=True) as database:
        database.sql(
            """
            select
                ref_area, cast(time_period as integer) as year, valid_inventions as valid_lower,
                valid_inventions_upper as valid_upper, high_value_lower, high_value_upper
            from simulated.mart_high_value_stock
            where
                rule_version = 'v2021_five' and office = 'CN' and valid_inventions_upper > 0
                and (
                    ref_area = 'CHN'
                    or ref_area like 'CN-__' and ref_area not in ('CN-HK', 'CN-MO', 'CN-TW')
                )
            order by ref_area, year
            """
        ).write_parquet(str(folder / COUNTS))


def write_columns(folder: Path) -> None:
    """The landed columns that the models read, by DuckDB's own plans."""
    found: dict[str, set[str]] = defaultdict(set)
    with duckdb.connect(str(folder / DATABASE)) as database:
        for statement in json.loads((folder / MODELS).read_text())["statements"]:
            [(_, plan)] = database.execute(f"explain (format json) {statement}").fetchall()
            for scan in _scans(json.loads(plan)):
                read = scan["Projections"]
                table = Path(scan["Filename(s)"].split(",")[0]).parent.name
                found[table] |= {read} if isinstance(read, str) else set(read)
    (folder / COLUMNS).write_text(json.dumps({table: sorted(c) for table, c in found.items()}))


def _scans(plan: Any) -> Iterator[dict[str, Any]]:
    """What is told of every scan of Parquet files in a plan."""
    for node in plan.values() if isinstance(plan, dict) else plan:
        if isinstance(node, dict) and "Filename(s)" in node:
            yield node
        elif isinstance(node, dict | list):
            yield from _scans(node)


if __name__ == "__main__":
    work(build)
    write_counts(Path(sys.argv[2]))
    write_columns(Path(sys.argv[2]))
