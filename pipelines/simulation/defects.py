"""Dirty rows on request: for each adapter, defects that a contract must catch, and where.

A defect changes one cell of a sheet (files.py), or cuts the line off. Not here: clean rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from pipelines.simulation.draws import Draws

#: Column that marks lines to be cut off; no sheet has such a heading.
CUT: Final = "_cut"


@dataclass(frozen=True)
class Defect:
    """A way of being wrong. tables: those in which rows of the line must be quarantined."""

    kind: str
    column: str
    becomes: pl.Expr
    tables: tuple[str, ...]


def _check_digit(column: str) -> pl.Expr:
    last = pl.col(column).str.slice(-1)
    other = pl.when(last == "0").then(pl.lit("1")).otherwise(pl.lit("0"))
    return pl.concat_str(pl.col(column).str.head(-1), other)


_OF_CNIPA: Final = ("patent", "patent_owner", "ipc_assignment")
DEFECTS: Final[dict[str, tuple[Defect, ...]]] = {
    "cnipa_export": (
        Defect("wrong check digit", "申请号", _check_digit("申请号"), _OF_CNIPA),
        Defect("impossible date", "申请日", pl.lit("2019-02-30"), ("patent",)),
        Defect("grant before filing", "授权公告日", pl.lit("1990-01-03"), ("patent",)),
        Defect("unknown province", "申请人国别省市", pl.lit("蓬莱省"), ("patent_owner",)),
        Defect(
            "unreadable symbol",
            "IPC分类号",
            pl.concat_str(pl.col("IPC分类号"), pl.lit(";G06X/??")),
            ("ipc_assignment",),
        ),
        Defect("missing cells", CUT, pl.lit("true"), ("patent",)),
        Defect("label missing", "is_simulated", pl.lit(""), _OF_CNIPA),
    ),
    "lens": (
        Defect("impossible date", "Publication Date", pl.lit("2019-13-01"), ("patent",)),
        Defect("label missing", "is_simulated", pl.lit(""), ("patent", "family_member")),
    ),
    "google_patents": (
        Defect("impossible date", "grant_date", pl.lit("20191345"), ("patent",)),
        Defect("missing cells", CUT, pl.lit("true"), ("patent",)),
    ),
    "epo_ops": (
        Defect("unknown event code", "code", pl.lit("ZZ99"), ("legal_event",)),
        Defect("impossible date", "effective", pl.lit("2021-02-29"), ("legal_event",)),
    ),
    "pledges": (
        Defect("amount in words", "金额", pl.lit("若干万元"), ("pledge",)),
        Defect("cancelled before registered", "解除日", pl.lit("2001-01-01"), ("pledge",)),
    ),
    "awards": (
        Defect("unknown grade", "等级", pl.lit("铜奖"), ("award",)),
        Defect("patent missing", "专利号", pl.lit(""), ("award",)),
    ),
}


def plant(
    adapter: str, sheet: pl.DataFrame, share: float, draws: Draws
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The sheet with this share of its rows spoilt, each in one way; and which, and how.

    The second frame has a row for each spoilt one: place in the sheet (from 0) and kind.
    """
    kinds = DEFECTS[adapter]
    chosen = np.where(draws.happens(share), draws.pick([1] * len(kinds)), -1)
    sheet = sheet.with_columns(
        pl.Series("_defect", chosen), pl.lit(None, dtype=pl.String).alias(CUT)
    )
    spoilt = sheet.with_columns(
        pl.coalesce(
            *[
                pl.when(pl.col("_defect") == at).then(defect.becomes)
                for at, defect in enumerate(kinds)
                if defect.column == column
            ],
            column,
        ).alias(column)
        for column in {defect.column for defect in kinds}
    )
    ledger = (
        spoilt.select("_defect")
        .with_row_index("place")
        .filter(pl.col("_defect") >= 0)
        .with_columns(
            pl.col("_defect")
            .replace_strict(dict(enumerate(d.kind for d in kinds)), return_dtype=pl.String)
            .alias("kind")
        )
        .drop("_defect")
    )
    return spoilt.drop("_defect"), ledger
