"""Contestant (b): SQL that tests each year, with all the memory that DuckDB wants."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
from measuring import COUNTS, work

from pipelines.build import DBT_PROJECT
from pipelines.simulation.lives import END

SQL = Path(__file__).with_suffix(".sql")


def count(landed: Path, folder: Path) -> None:
    """Facts, then every year-end against every patent."""
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": False}) as database:
        values: dict[str, str | dt.date] = {
            "landed": str(landed), "seeds": str(DBT_PROJECT / "seeds"), "day": END
        }  # fmt: skip
        for name, value in values.items():
            database.execute(f"set variable {name} = ?", [value])
        database.execute(SQL.read_text())
        database.table("counts").write_parquet(str(folder / COUNTS))


if __name__ == "__main__":
    work(count)
