"""What must hold of a home whatever died in it, and what two homes have in common.

Here: assertions and fingerprints on real files, worked out without the code that wrote them. Not
here: how anything dies.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

#: Columns that tell when a run took place: two runs differ in them, and in nothing else.
CLOCK = {"retrieved_at", "landed_at", "last_landed_at", "mark", "files"}


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def shown(folder: Path, pattern: str) -> list[Path]:
    """Files under final names: neither they nor a folder of theirs is hidden."""
    return sorted(
        path
        for path in folder.rglob(pattern)
        if path.is_file() and not any(p[0] == "." for p in path.relative_to(folder).parts)
    )


def hidden(home: Path) -> list[str]:
    """What a dead run has left unfinished."""
    folders = (home / "raw", home / "warehouse" / "landed", home / "warehouse" / "builds")
    found = [path for folder in folders for path in folder.rglob(".*")]
    found += (home / "warehouse").glob(".current*")
    return sorted(str(path.relative_to(home)) for path in found)


def receipts_and_bytes_agree(home: Path) -> int:
    """Each receipt can be read, its bytes are there and are those; returns the bytes verified."""
    objects = {path.name: path for path in shown(home / "raw" / "objects", "*")}
    for name, path in objects.items():
        assert digest(path) == name
    for path in shown(home / "raw" / "receipts", "*"):
        receipt = json.loads(path.read_text(encoding="utf-8"))
        if receipt["outcome"] in ("stored", "unchanged"):
            assert objects[receipt["sha256"]].stat().st_size == receipt["size"], path
    return sum(path.stat().st_size for path in objects.values())


def landed_rows(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every landed file, but for what tells of a clock; each file must be whole."""
    landed = home / "warehouse" / "landed"
    return {
        str(path.relative_to(landed)): sorted(
            pl.read_parquet(path).drop(CLOCK, strict=False).rows(), key=repr
        )
        for path in shown(landed, "*.parquet")
    }


def build_is_whole(folder: Path) -> int:
    """A build's files are those of its manifest, to the byte; returns the bytes verified."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["build_id"] == folder.name
    tables = manifest["tables"].values()
    for file in [manifest["database"], *(table["parquet"] for table in tables)]:
        assert digest(folder / file["file"]) == file["sha256"], file["file"]
    return sum(path.stat().st_size for path in shown(folder, "*"))


def builds_are_whole(home: Path) -> int:
    """Every build under its final name is whole, and one is served; returns the bytes verified."""
    builds = [p for p in (home / "warehouse" / "builds").iterdir() if p.name[0] != "."]
    assert (home / "warehouse" / "current").resolve() in builds
    return sum(build_is_whole(build) for build in builds)


def serving(home: Path) -> str:
    """The id of the served build."""
    return (home / "warehouse" / "current").resolve().name


def marts(home: Path) -> dict[str, tuple[int, str]]:
    """Rows and a hash of each served table, but for what tells of a clock."""
    found: dict[str, tuple[int, str]] = {}
    path = home / "warehouse" / "current" / "ip_warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select table_name, list(column_name order by column_index) from duckdb_columns() "
            "where schema_name = 'main' and not internal group by all order by all"
        ).fetchall()
        for table, columns in tables:
            named = ", ".join(f'"{c}"' for c in columns if c not in CLOCK)
            (row,) = connection.execute(
                f'select count(*), sum(hash(({named})))::varchar from main."{table}"'  # noqa: S608
            ).fetchall()
            found[table] = row
    return found
