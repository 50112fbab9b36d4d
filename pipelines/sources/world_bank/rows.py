"""What the World Bank's pages and files have in common: known series, rows, and a date's spelling.

Not here: any one format (pages.py, files.py), what a good row is
(contracts/world_bank.py), what a series means (dbt).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from contracts.base import polars_schema
from contracts.world_bank import Economy, Observation
from pipelines.source import Drifted, SourceFormatError

#: Series that are asked of the API, with the unit that the World Bank's names of them give.
FETCHED: Final = {
    "IP.PAT.RESD": "NUMBER",
    "IP.PAT.NRES": "NUMBER",
    "IP.TMK.RESD": "NUMBER",
    "IP.TMK.NRES": "NUMBER",
    "IP.TMK.RSCT": "NUMBER",
    "IP.TMK.NRCT": "NUMBER",
    "IP.IDS.RSCT": "NUMBER",
    "IP.IDS.NRCT": "NUMBER",
    "BX.GSR.ROYL.CD": "USD",
    "BM.GSR.ROYL.CD": "USD",
    "SP.POP.TOTL": "PERSONS",
    "NY.GDP.MKTP.CD": "USD",
    "NY.GDP.MKTP.CN": "LCU",
    "PA.NUS.FCRF": "LCU_PER_USD",
    "GB.XPD.RSDV.GD.ZS": "PT",
}
#: Every series that lands: the fetched ones, and those that only bulk files bring.
SERIES: Final = {
    **FETCHED,
    "IP.TMK.TOTL": "NUMBER",
    "IP.TMK.AGGD": "NUMBER",
    "IP.TMK.MDRD": "NUMBER",
    "IP.JRN.ARTC.SC": "NUMBER",
    "SP.POP.SCIE.RD.P6": "PER_1M_POP",
    "SP.POP.TECH.RD.P6": "PER_1M_POP",
    "TX.VAL.TECH.CD": "USD",
    "TX.VAL.TECH.MF.ZS": "PT",
}
#: A period as the World Bank writes it: 2025, 2025Q4, 2026M02.
PERIOD: Final = "[0-9]{4}(Q[1-4]|M(0[1-9]|1[0-2]))?"

_PUBLISHED: Final = {
    "indicator_id": pl.String,
    "indicator_name": pl.String,
    "ref_area": pl.String,
    "ref_area_name": pl.String,
    "period": pl.String,
    "value_as_published": pl.String,
    "obs_status": pl.String,
    "raw_row": pl.Int64,
}


@dataclass(frozen=True)
class Part:
    """What one page or file holds.

    unknown: series left out, with the number of their lines. drift: changes of its columns that
    warn.
    """

    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    released: dt.date | None = None
    notes: tuple[str, ...] = ()
    unknown: Counter[str] = field(default_factory=Counter)
    drift: tuple[Drifted, ...] = ()

    @property
    def left_out(self) -> str:
        """The unknown series in words, at most ten by name."""
        names = [f"{series} ({count} lines)" for series, count in sorted(self.unknown.items())]
        rest = f" and {len(names) - 10} more" if len(names) > 10 else ""
        return ", ".join(names[:10]) + rest


def observations(rows: list[dict[str, Any]] | pl.DataFrame) -> pl.DataFrame:
    """Cells as published (see _PUBLISHED) as the contract's columns.

    Values stay text, which the landing casts, so that what is no number is named as it stands. A
    period of another shape stays too, without a frequency.
    """
    frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(rows, schema=_PUBLISHED)
    period = pl.col("period")
    freq = {"": "A", "Q": "Q", "M": "M"}
    return frame.with_columns(
        period.str.replace("^([0-9]{4})Q([1-4])$", "${1}-Q${2}")
        .str.replace("^([0-9]{4})M(0[1-9]|1[0-2])$", "${1}-${2}")
        .alias("time_period"),
        pl.when(period.str.contains(f"^{PERIOD}$"))
        .then(period.str.slice(4, 1).replace_strict(freq, default=None, return_dtype=pl.String))
        .alias("freq"),
        pl.col("value_as_published").alias("obs_value"),
        pl.col("indicator_id")
        .replace_strict(SERIES, default=None, return_dtype=pl.String)
        .alias("unit_measure"),
    ).select(list(polars_schema(Observation)))


def economies(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as the contract's columns."""
    return pl.DataFrame(rows, schema=polars_schema(Economy))


def day(where: str, text: str) -> dt.date:
    """A date of release. Raises SourceFormatError naming the place."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise SourceFormatError(f"{where}: {text!r} is not a date like 2026-01-28") from error


def stripped(text: str | None) -> str | None:
    """Text without the blanks around it; None where nothing is left."""
    return (text or "").strip() or None
