"""Rows that were kept out: counted, shown, and judged again once a contract or parser is mended.

Reads what landings left in warehouse/landed/operations. Not here: judging (pipelines/landing.py),
printing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from contracts.operations import OPERATIONS
from pipelines import ingest, landed_files
from pipelines.files import is_parquet
from pipelines.lock import writer
from pipelines.settings import Settings
from pipelines.sources import all_sources

#: What tells one row that was kept out from another.
ROW: Final = ("source_id", "table_name", "raw_sha256", "raw_row", "row_json")


@dataclass(frozen=True)
class Kept:
    """Rows of a table kept out by one rule; example: the first of them."""

    source_id: str
    table_name: str
    file: str
    column_name: str | None
    check: str
    rows: int
    example: str | None


@dataclass(frozen=True)
class Table:
    """What became of a table's rows that had been kept out.

    left: no longer kept out; stayed: still; more: kept out now and not before.
    """

    source_id: str
    table_name: str
    left: int
    stayed: int
    more: int


@dataclass(frozen=True)
class Replayed:
    """judged: payloads judged again, by outcome (landed, refused). refused: why, by file."""

    tables: list[Table]
    judged: dict[str, int]
    refused: list[str]


def rows(settings: Settings, source: str | None = None, check: str | None = None) -> pl.DataFrame:
    """Every broken rule with its row: the columns of contracts.operations.Quarantine."""
    files = filter(is_parquet, sorted(_records(settings, "quarantine")))
    none = landed_files.empty(OPERATIONS["quarantine"])
    found = pl.concat([none, *(pl.read_parquet(path) for path in files)])
    if source:
        found = found.filter(pl.col("source_id") == source)
    if check:
        found = found.filter(pl.col("check") == check)
    return found.sort(*ROW, "column_name", "check", nulls_last=True)


def summary(settings: Settings, source: str | None = None) -> list[Kept]:
    """Rows kept out, by table, file, column and rule."""
    grouped = (
        rows(settings, source)
        .group_by("source_id", "table_name", "file", "column_name", "check", maintain_order=True)
        .agg(pl.struct(ROW).n_unique().alias("rows"), pl.col("value").first().alias("example"))
    )
    return [Kept(**row) for row in grouped.iter_rows(named=True)]


def replay(settings: Settings, source: str | None = None) -> Replayed:
    """Judge again, from the stored bytes, what a mended contract or parser may see otherwise.

    Payloads whose parser and contract are as they were are not judged again: their rows stay. The
    next run publishes what landed.
    """
    before = rows(settings, source)
    refusals = {path.name.partition("__")[0] for path in _records(settings, "landing", "__refused")}
    wanted = [source] if source else sorted({*before["source_id"], *refusals})
    with writer(settings):
        done = [one for name in wanted for one in ingest.land(all_sources()[name], settings)]
    after = rows(settings, source).filter(pl.col("source_id").is_in(wanted))
    places = {row for frame in (before, after) for row in frame.select(ROW[:2]).rows()}
    tables = [
        Table(source_id, table, len(old - new), len(old & new), len(new - old))
        for source_id, table in sorted(places)
        for old, new in [(_in(before, source_id, table), _in(after, source_id, table))]
    ]
    outcomes = {(one.file, one.raw_sha256): one.outcome for one in done}
    refused = [f"{one.file}: {one.message}" for one in done if one.outcome == "refused"]
    return Replayed(tables, dict(Counter(outcomes.values())), refused)


def _records(settings: Settings, kind: str, ending: str = "") -> list[Path]:
    return list((settings.landed / "operations" / kind).glob(f"*__*{ending}.parquet"))


def _in(frame: pl.DataFrame, source_id: str, table: str) -> set[tuple[Any, ...]]:
    """A table's rows, known by their place: a mended parser may write them otherwise."""
    chosen = frame.filter(source_id=source_id, table_name=table)
    return set(chosen.select("raw_sha256", "raw_row").rows())
