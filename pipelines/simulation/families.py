"""Families of simulated patents and their members outside the mainland.

Not here: the patents themselves (patents.py).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.simulation.calibration import figures, value
from pipelines.simulation.draws import Draws, Ints
from pipelines.simulation.lives import END, LAST_DAY, Life, dates


def draw_families(draws: Draws, index: Ints, life: Life) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Columns family_id and jurisdictions, and the members outside the mainland."""
    offices = list(figures("member_office"))
    weights = [w if o != "HK" else 0.0 for o, w in figures("member_office").items()]
    shares = [value(f"family_{kind}_share") for kind in ("granted", "hong_kong", "pct", "pending")]
    domestic = draws.pick([*shares, 1 - sum(shares)])
    at_home = value("foreign_family_granted_share")
    foreign = draws.pick([at_home, 0, 0, (1 - at_home) / 2, (1 - at_home) / 2])
    kind = np.where(life.is_domestic, domestic, foreign)
    first, second = draws.pick(weights), draws.pick(weights)
    first = np.where(kind == 1, offices.index("HK"), first)
    has_second = draws.happens(0.35) & (second != first) & (kind == 0)
    by_pct = (kind == 2) | (draws.happens(0.5) & np.isin(kind, (0, 3)))
    published = life.filed + draws.between(540, 560)
    parts = []
    for office, is_it in ((first, np.isin(kind, (0, 1, 3))), (second, has_second)):
        granted = life.filed + draws.between(700, 2200)
        is_granted = (granted <= LAST_DAY) & np.isin(kind, (0, 1))
        parts.append(
            pl.DataFrame(
                {
                    "index": index[is_it],
                    "office": pl.Series(offices).gather(office[is_it]),
                    "is_granted": is_granted[is_it],
                    "published": dates(published[is_it]),
                    "granted": dates(granted[is_it]),
                }
            )
        )
    parts.append(
        pl.DataFrame(
            {
                "index": index[by_pct],
                "office": pl.repeat("WO", int(by_pct.sum()), eager=True, dtype=pl.String),
                "is_granted": np.zeros(int(by_pct.sum()), dtype=np.bool_),
                "published": dates(published[by_pct]),
                "granted": dates(published[by_pct]),
            }
        )
    )
    drawn = pl.concat(parts).sort("index", maintain_order=True)
    members = drawn.select(
        "index",
        "office",
        _member_number().alias("number"),
        pl.when("is_granted")
        .then(pl.col("office").replace_strict({"EP": "B1", "US": "B2"}, default="B"))
        .otherwise(
            pl.col("office").replace_strict({"WO": "A1", "US": "A1", "EP": "A1"}, default="A")
        )
        .alias("kind_code"),
        pl.when("is_granted").then("granted").otherwise("published").alias("publication_date"),
        pl.when("is_granted").then("granted").alias("grant_date"),
    ).filter(pl.col("publication_date") <= END)
    abroad = members.group_by("index", maintain_order=True).agg(pl.col("office").str.join(";;"))
    in_lens = draws.happens(value("in_lens_share"))
    families = (
        pl.DataFrame({"index": index, "in_lens": in_lens})
        .join(abroad, on="index", how="left", maintain_order="left")
        .select(
            (90_000_000 + pl.col("index")).cast(pl.String).alias("family_id"),
            pl.when("in_lens")
            .then(pl.concat_str(pl.lit("CN"), "office", separator=";;", ignore_nulls=True))
            .alias("jurisdictions"),
        )
    )
    return families, members


def _member_number() -> pl.Expr:
    """A number of the office's length: in WO and published US ones, a year and a serial number."""
    index = pl.col("index")
    million = pl.concat_str(
        (2004 + index // 10**6).cast(pl.String),
        (index % 10**6).cast(pl.String).str.zfill(6),
    )
    plain = pl.when(pl.col("office") == "US").then(10**7 + index).otherwise(index)
    return (
        pl.when(pl.col("office") == "WO")
        .then(million)
        .when((pl.col("office") == "US") & ~pl.col("is_granted"))
        .then(pl.format("{}{}", million.str.slice(0, 4), million.str.slice(4).str.zfill(7)))
        .otherwise(plain.cast(pl.String).str.zfill(7))
    )
