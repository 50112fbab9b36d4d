"""Words that several contracts share: code lists and patterns, from SDMX and ISO.

Not here: units (contracts/units.py) and anything that one table alone needs.
"""

from __future__ import annotations

from typing import Final

import polars as pl

SLUG: Final = r"[a-z0-9][a-z0-9_.-]*"
INDICATOR_ID: Final = r"[A-Za-z0-9][A-Za-z0-9_.]*"
PLAN_ID: Final = r"[A-Z][A-Z0-9-]*"
#: ISO 3166-1 alpha-3, ISO 3166-2:CN, GB/T 2260 of a city, and the groups of ref_areas.csv.
REF_AREA: Final = r"[A-Z0-9][A-Z0-9_-]*"
#: SDMX time periods: year, half-year, quarter, month, day, or start and duration.
TIME_PERIOD: Final = (
    r"[0-9]{4}(-S[12]|-Q[1-4]|-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])(/P[0-9]+[YM])?)?)?"
)
SHA256: Final = r"[0-9a-f]{64}"
#: A number as publications print it.
PRINTED_NUMBER: Final = r"-?[0-9]{1,18}(\.[0-9]{1,18})?"

#: SDMX CL_FREQ; _O: another span, such as the total of five years.
FREQ: Final = ["A", "S", "Q", "M", "D", "_O"]
#: SDMX CL_OBS_STATUS, the codes in use here.
OBS_STATUS: Final = ["A", "B", "E", "M", "P"]
QUALIFIER: Final = ["more_than", "less_than", "approximately"]
DATE_PRECISION: Final = ["day", "month", "season", "year"]
TRUST: Final = ["primary", "quoted", "mirror", "machine_translation", "review"]
CORRECTION_KIND: Final = ["scale", "period", "label"]
DIRECTION: Final = ["higher", "lower", "none"]
SEVERITY: Final = ["error", "warning", "info"]
GEO_SCOPE: Final = [
    "mainland",
    "incl_hkmt",
    "all_origins",
    "foreign_origin",
    "subnational",
    "economy",
]


def days_exist(*names: str) -> pl.Expr:
    """False where a period of these columns begins on a day that no calendar has, 2021-02-30."""
    return pl.all_horizontal(
        pl.col(name).is_null()
        | (pl.col(name).str.len_chars() < 10)
        | pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).is_not_null()
        for name in names
    )


def freq_of(time_period: str) -> str:
    """SDMX frequency of a time period.

    >>> [freq_of(p) for p in ("2021", "2025-S1", "2023-Q1", "2025-06", "2016-01-01/P5Y")]
    ['A', 'S', 'Q', 'M', '_O']
    """
    if "/" in time_period:
        return "_O"
    if "-S" in time_period or "-Q" in time_period:
        return time_period[5]
    return {4: "A", 7: "M", 10: "D"}[len(time_period)]
