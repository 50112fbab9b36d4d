"""Rules over all that landed of WIPO's exports: groups of offices against the offices.

Not here: rules over one cell (contracts/wipo_ipstats.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

_CELL: Final = ["release_date", "indicator_code", "origin_name", "technology", "time_period"]
#: R1 to R6, the regions of the world: each office is in one of them.
_REGION: Final = pl.col("office_code").str.contains("^R[0-9]$")
_INCOME_GROUP: Final = pl.col("office_code").str.contains("^W[0-9]$")


def review(tables: Mapping[str, pl.DataFrame]) -> list[Mapping[str, object]]:
    """One finding for each indicator, origin and field whose regions do not sum to the offices.

    Income groups are no such test: former countries are in none of them.
    """
    cells = tables["observation"].filter(
        pl.col("office_code").is_not_null(), pl.col("obs_value").is_not_null(), ~_INCOME_GROUP
    )
    # A table of some offices alone has no regions to hold them against.
    whole = cells.filter(_REGION).select("raw_file", "raw_sha256").unique()
    sums = (
        cells.join(whole, on=["raw_file", "raw_sha256"], how="semi")
        .group_by("raw_file", *_CELL)
        .agg(
            pl.col("obs_value").filter(_REGION).sum().alias("regions"),
            pl.col("obs_value").filter(~_REGION).sum().alias("offices"),
        )
        .filter(pl.col("regions") != pl.col("offices"))
        .sort("raw_file", *_CELL)
    )
    by_series = sums.group_by(
        ["raw_file", *(c for c in _CELL if c != "time_period")], maintain_order=True
    ).agg(
        pl.len().alias("cells"),
        pl.col("time_period").first(),
        pl.col("regions", "offices").first(),
    )
    return [_finding(row) for row in by_series.iter_rows(named=True)]


def _finding(row: Mapping[str, object]) -> Mapping[str, object]:
    what = f"indicator {row['indicator_code']}, {row['origin_name']}, {row['technology'] or 'all'}"
    return {
        "dataset": "wipo_ipstats.observation",
        "file": row["raw_file"],
        "row": None,
        "rule": "regions_sum_to_offices",
        "severity": "error",
        "indicator_id": None,
        "ref_area": None,
        "time_period": row["time_period"] if row["cells"] == 1 else None,
        "expected": f"{row['offices']:.0f}",
        "found": f"{row['regions']:.0f}",
        "message": f"{what}: in {row['cells']} years the regions do not sum to the offices; in "
        f"{row['time_period']} they give {row['regions']:.0f}, the offices {row['offices']:.0f}",
        "status": "open",
        "explanation": None,
    }
