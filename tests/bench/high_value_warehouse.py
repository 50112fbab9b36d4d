"""Contestant (a): our models, one by one as dbt compiled them, into the build's database file.

The folder holds models.json (DuckDB's settings, a statement for each model, in order) and the
database of reference tables.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb
from measuring import COUNTS, work

MODELS = "models.json"
DATABASE = "models.duckdb"


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


if __name__ == "__main__":
    work(build)
    write_counts(Path(sys.argv[2]))
