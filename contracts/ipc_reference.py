"""Reference files on the IPC that a user drops in: its tree of symbols, and lists of green ones.

Not here: how a symbol is spelt (contracts/ipc.py), and which symbols make an industry or a field of
technology (seeds of dbt, because they are part of the product).
"""

from __future__ import annotations

from typing import Final

import polars as pl
from pandera.polars import PolarsData, dataframe_check

from contracts.base import Contract, RejectLimit, column, terms

SYMBOL: Final = r"[A-H]([0-9]{2}([A-Z]([0-9]{1,4}/[0-9]{2,6})?)?)?"
#: Levels of the tree; each dot of a subgroup is one more than MAIN_GROUP.
SECTION, CLASS, SUBCLASS, MAIN_GROUP = 1, 2, 3, 4
GREEN_LISTS: Final = ["wipo_green_inventory", "oecd_env_tech"]


class Symbol(Contract):
    """A symbol of one edition of the IPC, and what it stands under; titles are WIPO's, not kept."""

    symbol: str = column("symbol in one spelling; a section is one letter", matches=SYMBOL)
    parent: str = column("symbol above it; NULL for a section", nullable=True, matches=SYMBOL)
    level: int = column(
        "1 section, 2 class, 3 subclass, 4 main group, 4 + n subgroup with n dots", ge=1, le=20
    )
    is_indexing: bool = column("true where it may only accompany classifying symbols")
    raw_row: int = column("entry of the file in its order, notes included, from 1", ge=1)

    class Config:
        unique = ["symbol"]
        metadata = terms(
            reject_limit=RejectLimit(
                because="a tree with holes makes real symbols look unknown",
                since="2026-11",
                share=0.001,
            )
        )

    @dataframe_check
    @classmethod
    def only_sections_stand_alone(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("parent").is_null() == (pl.col("level") == SECTION))


class Green(Contract):
    """A symbol on a list of environmentally sound technologies; a subclass means all of it."""

    green_list: str = column("list that names it", isin=GREEN_LISTS)
    symbol: str = column("symbol in one spelling", matches=SYMBOL)
    raw_row: int = column("line of the file, from 1", ge=1)

    class Config:
        unique = ["green_list", "symbol"]
