"""China Statistical Yearbook on Science and Technology: its tables by province, a row a cell."""

from __future__ import annotations

from contracts.base import RejectLimit, terms
from contracts.regional import RegionalCell


class Observation(RegionalCell):
    """One cell of a yearbook table: patents, plant varieties, technology market, high-tech."""

    class Config:
        unique = ["indicator_id", "ref_area", "time_period"]
        metadata = terms(
            reject_limit=RejectLimit(
                because="a table has 1 to 18 series of 32 rows: some series under a wrong unit, or "
                "a few misread names, must not lose the others; a misread sheet must not pass",
                since="2026-11",
                share=0.33,
            )
        )
