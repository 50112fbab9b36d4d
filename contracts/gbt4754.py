"""Industrial classification for national economic activities (GB/T 4754): one entry per industry.

Not here: which industries are patent-intensive; the announcements name categories, no codes.
"""

from __future__ import annotations

import polars as pl
from pandera.polars import PolarsData, dataframe_check

from contracts.base import Contract, column

#: Section, division, group, class.
CODE = "[A-T]([0-9]{2}([0-9]{1,2})?)?"


class Industry(Contract):
    """An industry of the standard, at one of four levels."""

    code: str = column("code: a letter, then two to four digits", matches=CODE)
    level: int = column("1 section, 2 division, 3 group, 4 class", ge=1, le=4)
    name: str = column("official name, Chinese")
    parent_code: str = column("industry above it; NULL for a section", nullable=True, matches=CODE)
    raw_row: int = column("line of a table, or place in a list, counted from 1", ge=1)

    class Config:
        unique = ["code"]

    @dataframe_check
    @classmethod
    def code_is_as_long_as_its_level(cls, data: PolarsData) -> pl.LazyFrame:
        long = pl.col("level").replace_strict({1: 1, 2: 3, 3: 4, 4: 5}, default=0)
        return data.lazyframe.select(pl.col("code").str.len_chars() == long)

    @dataframe_check
    @classmethod
    def parent_begins_the_code(cls, data: PolarsData) -> pl.LazyFrame:
        above = pl.when(pl.col("level") == 2).then(1).otherwise(pl.col("level"))
        expected = pl.when(pl.col("level") > 1).then(pl.col("code").str.head(above))
        return data.lazyframe.select(pl.col("parent_code").eq_missing(expected))
