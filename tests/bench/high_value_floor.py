"""The floor (d): DuckDB reads every value of the columns that our models read, once, and no more.

The values are hashed: a bare count, or a maximum, would be answered from statistics.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
from measuring import work

#: Columns by landed table.
COLUMNS = "columns.json"


def scan(landed: Path, folder: Path) -> None:
    """Read the columns of each table."""
    with duckdb.connect(config={"threads": 2}) as database:
        for table, columns in json.loads((folder / COLUMNS).read_text()).items():
            hashes = [
                duckdb.FunctionExpression(
                    "bit_xor", duckdb.FunctionExpression("hash", duckdb.ColumnExpression(column))
                )
                for column in columns
            ]
            files = database.read_parquet(f"{landed}/{table}/*.parquet", union_by_name=True)
            files.aggregate(hashes).fetchall()


if __name__ == "__main__":
    work(scan)
