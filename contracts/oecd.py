"""OECD patent statistics: fractional counts by priority year, of families and applications.

Not here: which series are asked for (pipelines/sources/oecd), which make an indicator (dbt).
"""

from __future__ import annotations

import polars as pl
from pandera.polars import PolarsData, dataframe_check

from contracts import vocabulary as v
from contracts.base import Level, RejectLimit, column, terms
from contracts.cells import PublishedCell

_CODE = "[A-Za-z0-9_@-]+"


class PatentCount(PublishedCell):
    """One observation of a patent data flow, with every dimension that the OECD gives it."""

    dataflow: str = column("agency, data structure, flow and version")
    patent_authorities: str = column(
        "offices: 9P50_1 PCT, 9P50_2 triadic families, 9P50_3 IP5 families; others: OECD's list",
        matches=_CODE,
        is_open_list=True,
    )
    measure: str = column(
        "AP applications, GR grants, PF families …", matches=_CODE, is_open_list=True
    )
    unit: str = column(
        "PATN patents, PATN_FM families, PT_PATN % of patents …", matches=_CODE, is_open_list=True
    )
    date_type: str = column("PRIORITY, APPLICATION, GRANT: which date counts", matches=_CODE)
    ref_area: str = column("economy or group; W: the world", matches=v.REF_AREA, is_open_list=True)
    ref_area_name: str = column(
        "the OECD's name of it; NULL in a file without labels", nullable=True
    )
    partner_area: str = column("partner in co-operation; _Z: none", matches=_CODE)
    agent_role: str = column("INVENTOR or APPLICANT: whose residence counts", matches=_CODE)
    cooperation_type: str = column(
        "kind of co-operation; _Z: none", matches=_CODE, is_open_list=True
    )
    wipo_technology: str = column(
        "WIPO field of technology; _T or _Z: all", matches=_CODE, is_open_list=True
    )
    oecd_technology: str = column(
        "technology as the OECD defines it; _T or _Z: all", matches=_CODE, is_open_list=True
    )
    series_name: str = column("labels of the dimensions, joined; codes in a file without labels")
    unit_mult: int = column("power of ten still to be applied", ge=-6, le=12)

    class Config:
        unique = [
            "dataflow", "patent_authorities", "measure", "unit", "date_type", "ref_area",
            "partner_area", "agent_role", "cooperation_type", "wipo_technology",
            "oecd_technology", "freq", "time_period",
        ]  # fmt: skip
        metadata = terms(
            reject_limit=RejectLimit(
                because="a series holds some 200 economies by 40 years; a bad line must not lose "
                "the rest, a file of another flow must not pass",
                since="2026-11",
                share=0.01,
            ),
            level=Level(("patent_authorities", "measure", "unit", "agent_role")),
            data_set="dataflow",
        )

    @dataframe_check
    @classmethod
    def counts_are_not_negative(cls, data: PolarsData) -> pl.LazyFrame:
        """A patent of two countries counts half for each; less than none is no count."""
        return data.lazyframe.select(pl.col("obs_value").fill_null(0) >= 0)
