"""Rows of the register gathered into frames of bounded size, with the columns of the contracts.

Here: columns, batches, types. Not here: single cells (cells.py), any format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from contracts.base import polars_schema
from contracts.patent_register import TABLES
from pipelines.source import Batch

#: Rows of a batch; a frame has at most twice as many.
BATCH: Final = 100_000
_TYPED: Final = {
    "raw_row": pl.Int64(),
    "seq": pl.Int64(),
    "position": pl.Int64(),
    "is_simulated": pl.Boolean(),
    "member_is_granted": pl.Boolean(),
}


class Rows:
    """Collects rows by table; hands out frames when a batch is full, and the rest at the end."""

    def __init__(self, *tables: str, batch: int = BATCH) -> None:
        self._schemas: dict[str, list[str]] = {t: list(polars_schema(TABLES[t])) for t in tables}
        self._batch = batch
        self._rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in tables}

    def add(self, table: str, row: Mapping[str, Any]) -> None:
        """One row; columns that it lacks are NULL."""
        self._rows[table].append(tuple(map(row.get, self._schemas[table])))

    def full(self) -> Iterator[Batch]:
        """Frames of the tables whose batch is full; call it after each record."""
        for table, rows in self._rows.items():
            if len(rows) >= self._batch:
                yield from self._frames(table)

    def rest(self) -> Iterator[Batch]:
        """Frames of what is left."""
        for table in self._rows:
            yield from self._frames(table)

    def _frames(self, table: str) -> Iterator[Batch]:
        rows, names = self._rows[table], self._schemas[table]
        self._rows[table] = []
        most = 2 * self._batch  # the last record's rows stay with it, unless they are very many
        for start in range(0, len(rows), most):
            columns = zip(names, zip(*rows[start : start + most], strict=True), strict=True)
            yield table, pl.DataFrame([_series(name, values) for name, values in columns])


def _series(name: str, values: tuple[Any, ...]) -> pl.Series:
    """A column; a flag that is neither true nor false makes it text: the contract names it."""
    dtype = _TYPED.get(name, pl.String())
    if dtype == pl.Boolean and not all(v is None or isinstance(v, bool) for v in values):
        words = {True: "true", False: "false"}
        return pl.Series(name, [words.get(v, v) for v in values], dtype=pl.String)
    return pl.Series(name, values, dtype=dtype)
