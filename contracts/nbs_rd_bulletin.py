"""National bulletin on science and technology expenditure: R&D by province."""

from __future__ import annotations

from contracts.base import RejectLimit, terms
from contracts.regional import RegionalCell


class Observation(RegionalCell):
    """One cell of the bulletin's table by region: R&D expenditure or its share of GDP."""

    class Config:
        unique = ["indicator_id", "ref_area", "time_period"]
        metadata = terms(
            reject_limit=RejectLimit(
                because="a table has 32 rows and two columns: a misread name must not lose the "
                "others; a misread table must not pass",
                since="2026-11",
                share=0.1,
            )
        )
