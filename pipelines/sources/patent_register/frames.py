"""Frames of the register made from frames of text: owners, symbols, columns.

Here: what the adapters of Chinese tables do alike to whole columns. Not here: rows made one by one
(rows.py), single cells (cells.py), how a file is written (delimited.py), what columns mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from contracts import ipc
from contracts.base import polars_schema
from contracts.patent_register import TABLES
from contracts.regions import places
from pipelines.source import Batch
from pipelines.sources.patent_register.delimited import FAULT

#: Rows of a frame, at most.
MOST: Final = 200_000


def parts(text: pl.Expr, separators: str = "[;；]") -> pl.Expr:
    """A joined text as a list of its parts, without blank ones."""
    part = pl.element().str.strip_chars()
    return text.str.replace_all(separators, ";").str.split(";").list.eval(part.filter(part != ""))


def owners(records: pl.DataFrame, names: str, homes: str) -> pl.DataFrame:
    """One row per owner. names: column of joined names; homes: of the names of their residence.

    Where as many residences as owners are given, each is its owner's. Else the first one is the
    first owner's, as the office prints the first-named owner's alone.
    """
    home = pl.col("_homes").list.get(pl.col("seq") - 1, null_on_oob=True)
    own = (pl.col("_homes").list.len() == pl.col("_count")) | (pl.col("seq") == 1)
    rows = (
        records.filter(pl.col(FAULT).is_null())
        .with_columns(
            parts(pl.col(names)).alias("owner_name"),
            # 北京;11 is one place and its number
            parts(pl.col(homes).str.replace_all(r"[;；] *[0-9]{2}\b", "")).alias("_homes"),
        )
        .filter(pl.col("owner_name").list.len() > 0)
        .with_columns(
            pl.col("owner_name").list.len().alias("_count"),
            pl.int_ranges(1, pl.col("owner_name").list.len() + 1).alias("seq"),
        )
        .explode("owner_name", "seq")
        .with_columns(pl.when(own).then(home).alias("_home"))
    )
    return rows.with_columns(*places(rows["_home"]))


def symbols(records: pl.DataFrame, joined: str) -> pl.DataFrame:
    """One row per IPC symbol of a record, each once; what is no symbol stays as written."""
    rows = (
        records.filter(pl.col(FAULT).is_null())
        .with_columns(parts(pl.col(joined), "[;；,，|\n]").alias("_written"))
        .filter(pl.col("_written").list.len() > 0)
        .explode("_written")
    )
    return (
        rows.with_columns(
            pl.coalesce(ipc.normalise_expr("_written"), "_written").alias("ipc_symbol"),
            pl.col("_written")
            .str.extract(r"[(（\[]([0-9]{4}\.[0-9]{2})[)）\]]")
            .alias("ipc_version"),
        )
        .unique(["raw_row", "ipc_symbol"], keep="first", maintain_order=True)
        .with_columns(pl.int_range(1, pl.len() + 1).over("raw_row").alias("position"))
    )


def frames(table: str, rows: pl.DataFrame) -> Iterator[Batch]:
    """The contract's columns of a table, those that `rows` lacks NULL, in frames of MOST rows."""
    shaped = rows.select(
        pl.col(column) if column in rows.columns else pl.lit(None, pl.String).alias(column)
        for column in polars_schema(TABLES[table])
    )
    for start in range(0, shaped.height, MOST):
        yield table, shaped.slice(start, MOST)
