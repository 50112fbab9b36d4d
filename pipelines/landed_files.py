"""The files of warehouse/landed beside the payloads' own, and whether all are as they were left.

Not here: what lands (pipelines/landing.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from contracts.base import Contract, polars_schema
from contracts.operations import OPERATIONS
from pipelines.files import is_parquet, write_parquet
from pipelines.landing_table import PROVENANCE
from pipelines.source import Source


def ensure_tables(root: Path, source: Source) -> None:
    """The source's tables exist, also when nothing has landed: dbt reads every one of them."""
    for table, contract in source.tables.items():
        path = root / source.id / table / "_schema.parquet"
        if not is_parquet(path):
            write_parquet(path, empty(contract, PROVENANCE))


def ensure_operations(root: Path) -> None:
    """The operations tables exist, also when nothing has happened."""
    for table, contract in OPERATIONS.items():
        path = root / "operations" / table / "_schema.parquet"
        if not is_parquet(path):
            write_parquet(path, empty(contract))


def files_of(record: Path) -> dict[str, str]:
    """The landed files that a landing's record tells of, by place, with the hash of their bytes."""
    frame = pl.read_parquet(record)
    told: dict[str, str] = json.loads(frame["files"][0]) if "files" in frame.columns else {}
    return told


def unaccounted(root: Path, found: Mapping[str, str]) -> list[str]:
    """Landed files (place below the root: hash) that no record tells of so, or that are gone.

    A landing that died, or a hand, left them; a build must not be made of them.
    """
    records = (root / "operations" / "landing").glob("*.parquet")
    told: dict[str, str] = {}
    for record in records:
        if record.stem != "_schema":
            told.update(files_of(record))
    rows = {
        place: sha256
        for place, sha256 in found.items()
        if not place.startswith("operations/") and Path(place).stem != "_schema"
    }
    return sorted(place for place in rows | told if rows.get(place) != told.get(place))


def write_findings(root: Path, source_id: str, findings: Iterable[Mapping[str, object]]) -> int:
    """Replace a source's findings; returns how many there are."""
    rows = [dict(finding) for finding in findings]
    frame = pl.DataFrame(rows, schema=polars_schema(OPERATIONS["finding"]))
    write_parquet(findings_of(root, source_id), frame)
    return frame.height


def findings_of(root: Path, source_id: str) -> Path:
    """Where a source's findings lie."""
    return root / "operations" / "finding" / f"{source_id}.parquet"


def empty(contract: type[Contract], extra: Mapping[str, pl.DataType] | None = None) -> pl.DataFrame:
    """No rows of a contract's columns and some more."""
    return pl.DataFrame(schema={**polars_schema(contract), **(extra or {})})
