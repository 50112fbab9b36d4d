"""WIPO IP Statistics: counts by office, origin and field of technology.

Not here: how the export is written (pipelines/sources/wipo_ipstats), which area a code is (seed
wipo_areas), what may be published of it (dbt).
"""

from __future__ import annotations

import polars as pl
from pandera.polars import PolarsData, dataframe_check

from contracts.base import Level, RejectLimit, column, terms
from contracts.cells import PublishedCell

#: WIPO ST.3 and WIPO's own codes of regions (R1 …) and income groups (W1 …).
WIPO_CODE = "[A-Z][A-Z0-9]{1,2}"
#: Digits and commas that read as one number with thousands separators; 12,345 could also be two.
THOUSANDS = "^[0-9]{1,3}(,[0-9]{3})+$"


class Observation(PublishedCell):
    """One cell of an export of WIPO's IP Statistics Data Center. Not to be published onward."""

    ip_right: str = column("intellectual property right, as the export names it")
    indicator_code: str = column("WIPO's number of the indicator", matches="[0-9]+[a-z]?")
    indicator_name: str = column("WIPO's name of the indicator")
    office_name: str = column("office, as the export names it; Total: all offices")
    office_code: str = column(
        "WIPO's code of the office or group of offices; NULL where the export has none",
        matches=WIPO_CODE,
        nullable=True,
        is_open_list=True,
    )
    origin_name: str = column("origin of the applicant, or Resident or Non-Resident")
    origin_code: str = column(
        "WIPO's code of the origin; NULL where the export has none",
        matches=WIPO_CODE,
        nullable=True,
        is_open_list=True,
    )
    technology: str = column(
        "field of technology, as the export names it; NULL: not broken down",
        nullable=True,
        is_open_list=True,
    )
    technology_number: int = column(
        "number of the field, 1 to 35; 0: unknown to WIPO; NULL: not broken down",
        ge=0,
        le=35,
        nullable=True,
    )

    class Config:
        unique = ["indicator_code", "office_name", "origin_name", "technology", "time_period"]
        metadata = terms(
            reject_limit=RejectLimit(
                because="an export holds some 200,000 cells; a bad cell must not lose the rest, "
                "a file in another format must not pass",
                since="2026-11",
                share=0.01,
            ),
            level=Level(("indicator_code",)),
            data_set="indicator_code",
        )

    @dataframe_check
    @classmethod
    def counts_are_whole_and_not_negative(cls, data: PolarsData) -> pl.LazyFrame:
        value = pl.col("obs_value").fill_null(0)
        return data.lazyframe.select((value >= 0) & (value == value.floor()))

    @dataframe_check
    @classmethod
    def one_number_not_several_packed_by_position(cls, data: PolarsData) -> pl.LazyFrame:
        """19800,23000,3200 are the counts of several kinds; the export does not say which."""
        cell = pl.col("value_as_published").fill_null("")
        packed = cell.str.contains(",", literal=True) & ~cell.str.contains(THOUSANDS)
        return data.lazyframe.select(~packed)

    @dataframe_check
    @classmethod
    def no_thousands_separators(cls, data: PolarsData) -> pl.LazyFrame:
        """12,345 is one number of a PCT table and two of another: as a CSV cell it is neither."""
        cell = pl.col("value_as_published").fill_null("")
        return data.lazyframe.select(~cell.str.contains(THOUSANDS))

    @dataframe_check
    @classmethod
    def a_field_has_its_number(cls, data: PolarsData) -> pl.LazyFrame:
        named, numbered = (pl.col(n).is_not_null() for n in ("technology", "technology_number"))
        return data.lazyframe.select(named == numbered)
