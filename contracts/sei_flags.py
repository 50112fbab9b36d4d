"""An office's own flags: which patents it counts among the strategic emerging industries.

Not here: what the published table says of a patent's symbols (dbt: int_sei__pattern), and the names
of the codes (seed sei_codes).
"""

from __future__ import annotations

from typing import Final

import polars as pl
from pandera.polars import PolarsData, dataframe_check

from contracts.base import Contract, column, terms
from contracts.patent_register import (
    APPLICATION_NUMBER,
    EXPORTS,
    OFFICE,
    PUBLICATION_NUMBER,
    real_only,
)

_GROUPS: Final = {1: 5, 2: 5, 3: 7, 4: 5, 5: 4, 6: 5, 7: 3, 8: 4, 9: 2}
#: The codes of the seed sei_codes: 1.1 to 9.2.
SEI_CODES: Final = [f"{one}.{two}" for one, last in _GROUPS.items() for two in range(1, last + 1)]


class Flag(Contract):
    """Whether the office counts a patent under a code; it wins over the published table."""

    office: str = column("office of the patent, WIPO ST.3", matches=OFFICE)
    application_number: str = column(
        "office and number of the application, without check digit",
        nullable=True,
        matches=APPLICATION_NUMBER,
    )
    publication_number: str = column(
        "number of the publication, without office and kind",
        nullable=True,
        matches=PUBLICATION_NUMBER,
    )
    sei_code: str = column(
        "code of the industry group; NULL: the flag is of all groups together",
        nullable=True,
        isin=SEI_CODES,
    )
    is_sei: bool = column("the office's flag")
    is_simulated: bool = real_only()
    raw_row: int = column("line of the file, from 1: the first below the header is 2", ge=1)

    class Config:
        unique = ["office", "application_number", "publication_number", "sei_code"]
        metadata = terms(reject_limit=EXPORTS)

    @dataframe_check
    @classmethod
    def names_its_patent(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(
            pl.col("application_number").is_not_null() | pl.col("publication_number").is_not_null()
        )
