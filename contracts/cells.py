"""What the tables of statistical sources have in common: one cell of a published table.

Here: the columns that every such cell has and the rules over them. Not here: what a cell is about
(the contract of a source), how SDMX and its kin are written (pipelines).
"""

from __future__ import annotations

import polars as pl
from pandera.polars import PolarsData, dataframe_check

from contracts import vocabulary as v
from contracts.base import Contract, column


class PublishedCell(Contract):
    """One cell of a published table, also where it holds no value."""

    freq: str = column("SDMX frequency of time_period", isin=v.FREQ)
    time_period: str = column("period, SDMX", matches=v.TIME_PERIOD)
    obs_value: float = column("value as published; NULL: none in this release", nullable=True)
    obs_status: str = column("SDMX: M where the release gives no value", isin=v.OBS_STATUS)
    value_as_published: str = column("the value as it stands in the bytes", nullable=True)
    raw_row: int = column("line or sheet row of the file, counted from 1", ge=1)

    @dataframe_check
    @classmethod
    def missing_value_has_status_m(cls, data: PolarsData) -> pl.LazyFrame:
        missing = pl.col("value_as_published").is_null()
        return data.lazyframe.select(missing == (pl.col("obs_status") == "M"))

    @dataframe_check
    @classmethod
    def period_exists(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(v.days_exist("time_period"))
