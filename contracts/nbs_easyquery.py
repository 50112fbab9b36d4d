"""National data of China's National Bureau of Statistics: cells, and the tree they hang in.

Not here: the shapes of the bureau's answers (pipelines/sources/nbs_easyquery), what a series is
used for (dbt).
"""

from __future__ import annotations

import polars as pl
from pandera.polars import PolarsData, dataframe_check

from contracts import vocabulary as v
from contracts.base import Contract, Level, RejectLimit, column, terms
from contracts.cells import PublishedCell
from contracts.units import UNIT_MEASURES

#: Databases of the old interface: nation (hg), provinces (fs), cities (cs) by month, quarter, year.
DATABASE = "(hg|fs|cs)(yd|jd|nd)"


class Observation(PublishedCell):
    """One cell of an answer: an indicator, an area and a period, also where it holds no value."""

    database: str = column(
        "database of the old interface (nation, provinces or cities by month, quarter or year), "
        "whose codes differ; the new one has one set of codes, and its cells stand in the like",
        matches=DATABASE,
    )
    series_code: str = column("the bureau's code of the indicator", matches=v.INDICATOR_ID)
    series_name: str = column("its name, without blanks", nullable=True)
    ref_area: str = column(
        "ISO 3166-2:CN of a province, CHN for the nation", matches="CHN|CN-[A-Z]{2}"
    )
    unit_measure: str = column("unit of obs_value", isin=sorted(UNIT_MEASURES))
    unit_mult: int = column("power of ten that brings obs_value to plain units", ge=0, le=12)
    unit_as_published: str = column("unit as printed; NULL for an index", nullable=True)

    class Config:
        unique = ["database", "series_code", "ref_area", "time_period"]
        metadata = terms(
            reject_limit=RejectLimit(
                because="an answer is a table somebody asked for: a cell of an unknown unit or "
                "area must not lose the rest, an answer full of them is another one",
                since="2026-11",
                share=0.5,
            ),
            level=Level(("database", "series_code")),
            data_set="series_code",
        )

    @dataframe_check
    @classmethod
    def counts_are_not_negative(cls, data: PolarsData) -> pl.LazyFrame:
        count = pl.col("unit_measure").is_in(["NUMBER", "PERSONS", "INDEX"])
        return data.lazyframe.select(~count | (pl.col("obs_value").fill_null(0) >= 0))


class CatalogueEntry(Contract):
    """An entry of the bureau's tree of indicators: a group of indicators or an indicator."""

    database: str = column("database that the tree belongs to", matches=DATABASE)
    series_code: str = column("code of the entry", matches=v.INDICATOR_ID)
    name: str = column("its name, without blanks")
    parent_code: str = column("entry above it; NULL for the top", nullable=True)
    has_children: bool = column("true for a group")
    raw_row: int = column("place among the entries of the file, counted from 1", ge=1)

    class Config:
        unique = ["database", "series_code"]
