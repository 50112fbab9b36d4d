"""What the yearbook's tables are held against: which parts make which total.

Not here: the rules themselves (contracts/rules/by_region.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from contracts.regions import PROVINCES
from contracts.rules import by_region
from contracts.rules.region_cells import Rules, Whole

_PATENTS = ("patent_applications", "patent_grants", "patents_in_force")
_TYPES = ("invention", "utility_model", "design")
_BY_ORIGIN = (*PROVINCES, "CN-HK", "CN-MO", "CN-TW")
_REGISTER = Whole("CHN_REG", ("CHN_HKMT", "CHN_FOR"))

RULES = Rules(
    dataset="cn_yearbook.observation",
    wholes={
        # The tidy form leaves Hong Kong, Macao and Taiwan out.
        "cn_patent": (Whole("CHN_HKMT", _BY_ORIGIN, needs="CN-TW"),),
        "cn_plant_variety": (Whole("CHN_HKMT", _BY_ORIGIN, needs="CN-TW"), _REGISTER),
        "cn_technology": (Whole("CHN", (*PROVINCES, "CN-HMT", "CN-OTHER"), needs="CN-OTHER"),),
        "cn_hightech": (Whole("CHN", PROVINCES),),
    },
    types={f"cn_{key}_total": tuple(f"cn_{key}_{kind}" for kind in _TYPES) for key in _PATENTS},
    columns=(
        *(tuple(f"cn_{key}_{kind}" for kind in ("total", *_TYPES)) for key in _PATENTS),
        ("cn_plant_variety_applications", "cn_plant_variety_grants"),
        ("cn_hightech_enterprises", "cn_hightech_revenue", "cn_hightech_profit"),
    ),
)


def review(tables: Mapping[str, pl.DataFrame]) -> list[Mapping[str, object]]:
    """Findings over all landed tables of the yearbook."""
    return list(by_region.review(tables["observation"], RULES))
