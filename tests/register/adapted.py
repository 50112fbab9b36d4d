"""What tests of adapters share: a file's tables, and how the contract divides them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import polars as pl

from contracts.base import Split, polars_schema, split
from contracts.patent_register import SIMULATED, TABLES
from pipelines.source import Notes


def tables(adapter: ModuleType, path: Path) -> dict[str, pl.DataFrame]:
    """All rows of a file by table; every frame has the contract's columns and a bounded size."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for table, frame in adapter.read(path, path.name, Notes()):
        assert frame.columns == list(polars_schema(TABLES[table]))
        assert 0 < frame.height <= 200_000
        parts.setdefault(table, []).append(frame)
    return {table: pl.concat(frames, how="vertical_relaxed") for table, frames in parts.items()}


def noted(adapter: ModuleType, path: Path) -> Notes:
    """What the adapter says of a file besides its rows."""
    notes = Notes()
    for _ in adapter.read(path, path.name, notes):
        pass
    return notes


def divided(found: dict[str, pl.DataFrame], table: str, *, simulated: bool = False) -> Split:
    """A table as its contract divides it: the one of a real register, or of a simulated one."""
    return split(found[table], (SIMULATED if simulated else TABLES)[table])


def rejected(found: dict[str, pl.DataFrame], table: str) -> dict[int, set[tuple[str | None, str]]]:
    """Columns and values for which rows were rejected, by raw_row."""
    reasons: dict[int, set[tuple[str | None, str]]] = {}
    for row in divided(found, table).failures.iter_rows(named=True):
        value = row["value"] if row["column"] else row["check"]
        reasons.setdefault(row["raw_row"], set()).add((row["column"], value))
    return reasons
