"""SAFE balance of payments: charges for the use of intellectual property.

Not here: how the workbook is laid out (pipelines/sources/safe_bop), sums of months (dbt).
"""

from __future__ import annotations

import polars as pl
from pandera.polars import PolarsData, dataframe_check

from contracts.base import Level, RejectLimit, column, terms
from contracts.cells import PublishedCell


class RoyaltyFlow(PublishedCell):
    """Charges for the use of intellectual property in a month or quarter, with the printed sign."""

    flow: str = column(
        "credit: receipts from abroad; debit: payments abroad, negative; balance: their sum",
        isin=["credit", "debit", "balance"],
    )
    unit_measure: str = column("currency of the sheet", isin=["CNY", "USD"])
    unit_mult: int = column("power of ten of the sheet's unit: 8, hundred millions", isin=[8])
    sheet: str = column("sheet of the workbook")
    cell: str = column("address of the cell on its sheet", matches="[A-Z]{1,3}[0-9]+")

    class Config:
        unique = ["unit_measure", "flow", "time_period"]
        metadata = terms(
            reject_limit=RejectLimit(
                because="a month that cannot be read leaves its year without a total; a sheet with "
                "many of them is another sheet",
                since="2026-11",
                share=0.1,
            ),
            level=Level(("unit_measure", "flow")),
        )

    @dataframe_check
    @classmethod
    def credits_are_positive_and_debits_negative(cls, data: PolarsData) -> pl.LazyFrame:
        value, flow = pl.col("obs_value").fill_null(0), pl.col("flow")
        wrong = ((flow == "credit") & (value < 0)) | ((flow == "debit") & (value > 0))
        return data.lazyframe.select(~wrong)
