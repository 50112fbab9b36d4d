"""World Bank World Development Indicators: one value per indicator, economy, period and release."""

from __future__ import annotations

import polars as pl
from pandera.polars import PolarsData, dataframe_check

from contracts import vocabulary as v
from contracts.base import Contract, Level, RejectLimit, column, terms
from contracts.units import UNIT_MEASURES


class Observation(Contract):
    """One cell of a series as the World Bank gave it, also where it gave none."""

    indicator_id: str = column("the World Bank's series code", matches=v.INDICATOR_ID)
    indicator_name: str = column("the World Bank's name of the series")
    ref_area: str = column(
        "the World Bank's code of an economy or aggregate: ISO 3166-1 alpha-3 where there is one",
        matches=v.REF_AREA,
        is_open_list=True,
    )
    ref_area_name: str = column("the World Bank's name of it")
    freq: str = column("SDMX frequency of time_period", isin=v.FREQ)
    time_period: str = column("period, SDMX", matches=v.TIME_PERIOD)
    obs_value: float = column("value in unit_measure; NULL: none in this release", nullable=True)
    obs_status: str = column("M where the release gives no value", isin=v.OBS_STATUS)
    unit_measure: str = column("unit of obs_value", isin=sorted(UNIT_MEASURES))
    value_as_published: str = column("the value as it stands in the bytes", nullable=True)
    raw_row: int = column("line of a file, or place in a page's list, counted from 1", ge=1)

    class Config:
        unique = ["indicator_id", "ref_area", "time_period"]
        metadata = terms(
            reject_limit=RejectLimit(
                because="a release holds some 17,000 cells a series; a bad economy must not lose "
                "the rest, a bad file must not pass",
                since="2026-11",
                share=0.01,
            ),
            level=Level(("indicator_id",)),
            data_set="indicator_id",
        )

    @dataframe_check
    @classmethod
    def missing_value_has_status_m(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("obs_value").is_null() == (pl.col("obs_status") == "M"))

    @dataframe_check
    @classmethod
    def counts_are_not_negative(cls, data: PolarsData) -> pl.LazyFrame:
        # Royalty payments and receipts can be negative (reversals); counts and people cannot.
        count = pl.col("unit_measure").is_in(["NUMBER", "PERSONS"])
        return data.lazyframe.select(~count | (pl.col("obs_value").fill_null(0) >= 0))


class Economy(Contract):
    """An entry of the World Bank's list of economies and aggregates."""

    ref_area: str = column("the World Bank's three-letter code", matches=v.REF_AREA)
    iso2_code: str = column("two-letter code", nullable=True)
    name: str = column("name of the economy or group")
    region: str = column("region; NULL for aggregates", nullable=True)
    income_level: str = column("income group; NULL for aggregates", nullable=True)
    is_aggregate: bool = column("true for groups, which must never be summed with members")
    raw_row: int = column("line of a file, or place in a page's list, counted from 1", ge=1)

    class Config:
        unique = ["ref_area"]
