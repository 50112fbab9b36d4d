"""Population and GDP by province of the National Bureau of Statistics, in any vintage."""

from __future__ import annotations

from contracts.base import RejectLimit, terms
from contracts.regional import RegionalCell


class Observation(RegionalCell):
    """One cell of a table of residents or GDP: an area, a year and the vintage of the file."""

    class Config:
        unique = ["indicator_id", "ref_area", "time_period"]
        metadata = terms(
            reject_limit=RejectLimit(
                because="a table has 31 provinces and some 20 years: one misread name or a bad "
                "year must not lose the others; a misread file must not pass",
                since="2026-11",
                share=0.1,
            )
        )
