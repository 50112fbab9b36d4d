"""Eurostat: observations of its data sets on patents, trade marks, designs and royalties.

Not here: which data sets are asked for (pipelines/sources/eurostat), which area a code is (seed
eurostat_areas), how a series is called (dbt).
"""

from __future__ import annotations

from contracts.base import Level, RejectLimit, Severity, column, terms
from contracts.cells import PublishedCell


class Observation(PublishedCell):
    """One observation of a data set; its dimensions beside frequency and area are one key."""

    dataset: str = column("Eurostat's code of the data set", matches="[A-Z0-9_$-]+")
    series_key: str = column(
        "codes of the dimensions but frequency and area, joined by points in the file's order",
        matches="[A-Z0-9_.+-]+",
        is_open_list=True,
    )
    dimensions: str = column(
        "names of those dimensions, in the same order", matches="[a-z0-9_.]+", is_open_list=True
    )
    geo: str = column("area, Eurostat's code: ISO 3166-1 alpha-2 but EL, UK; NUTS; EU27_2020 …",
                      matches="[A-Z0-9_]+", is_open_list=True)  # fmt: skip
    unit: str = column("code of the unit or currency", matches="[A-Z0-9_]+", is_open_list=True)
    obs_flag: str = column(
        "Eurostat's flags: b break, c confidential, d definition differs, e estimated, f forecast, "
        "n not significant, p provisional, r revised, s Eurostat's estimate, u unreliable, z not "
        "applicable",
        matches="[bcdefnprsuz]+",
        nullable=True,
    )

    class Config:
        unique = ["dataset", "series_key", "geo", "freq", "time_period"]
        metadata = terms(
            reject_limit=RejectLimit(
                because="a data set holds thousands of cells; a bad line must not lose the rest, "
                "a file in another form must not pass",
                since="2026-11",
                share=0.01,
            ),
            # A whole file is of one data set.
            severities={"dataset": Severity.FAIL, "dimensions": Severity.FAIL},
            level=Level(("dataset", "series_key")),
            data_set="dataset",
        )
