"""OECD: patent families and applications by economy, as SDMX-CSV.

https://sdmx.oecd.org, 60 downloads an hour. Here: which series are asked for and how an answer
becomes rows. Not here: reading SDMX-CSV (pipelines/sdmx_csv.py), what a good row is
(contracts/oecd.py), which rows make an indicator (dbt).
"""

from __future__ import annotations

from typing import Final

import polars as pl

from contracts.base import polars_schema
from contracts.oecd import PatentCount
from pipelines import sdmx_csv
from pipelines.fetch import Client
from pipelines.headings import Heading
from pipelines.source import Cadence, Licence, Parsed, Payload, Source, SourceFormatError

__all__ = ["FLOWS", "SOURCE", "fetch", "parse"]

_AGENCY: Final = "OECD.STI.PIE"
_ALL: Final = "_T+_Z"
#: What is asked for: a label, the data flow, and its key without partner, role and co-operation.
#: Authorities . frequency . measure . unit . date; the area is left open.
FLOWS: Final = {
    "pct": ("DSD_PATENTS@DF_PATENTS", "9P50_1.A.AP.PATN.PRIORITY", _ALL),
    "triadic": ("DSD_PATENTS@DF_PATENTS", "9P50_2.A.PF.PATN_FM.PRIORITY", _ALL),
    "ip5": ("DSD_PATENTS@DF_PATENTS", "9P50_3.A.PF.PATN_FM.PRIORITY", _ALL),
    "ip5-by-field": ("DSD_PATENTS@DF_PATENTS_WIPO", "9P50_3.A.PF.PATN_FM.PRIORITY", ""),
}
#: First priority year that is asked for.
START: Final = "2000"
ROLES: Final = ("INVENTOR", "APPLICANT")
#: SDMX component to the contract's column.
_DIMENSIONS: Final = {
    "PATENT_AUTHORITIES": "patent_authorities",
    "FREQ": "freq",
    "MEASURE": "measure",
    "UNIT_MEASURE": "unit",
    "DATE_TYPE": "date_type",
    "REF_AREA": "ref_area",
    "PARTNER_AREA": "partner_area",
    "AGENT_ROLE": "agent_role",
    "COOPERATION_TYPE": "cooperation_type",
    "WIPO": "wipo_technology",
    "OECD_TECHNOLOGY_PATENT": "oecd_technology",
    "TIME_PERIOD": "time_period",
}
_ATTRIBUTES: Final = ("OBS_STATUS", "UNIT_MULT", "DECIMALS")
#: Components of a flow in the OECD's order; a new one may be an attribute, or a dimension.
HEADING: Final = Heading(
    "the OECD's patent flows",
    (*_DIMENSIONS, "OBS_VALUE", *_ATTRIBUTES),
    numbers=frozenset({"OBS_VALUE"}),
    optional=frozenset(_ATTRIBUTES),
)
#: Dimensions whose labels name a series: not the area, nor what is the same for all.
_NAMING: Final = (
    "PATENT_AUTHORITIES", "MEASURE", "UNIT_MEASURE", "DATE_TYPE", "AGENT_ROLE", "PARTNER_AREA",
    "COOPERATION_TYPE", "WIPO", "OECD_TECHNOLOGY_PATENT",
)  # fmt: skip
_NOT_APPLICABLE: Final = ["_T", "_Z"]
_NO_RECORDS: Final = (b"NoRecordsFound", b"NoResultsFound")


def parse(payload: Payload) -> Parsed:
    """Rows of an SDMX-CSV file of a patent flow; none, with a note, for the OECD's NoRecordsFound.

    The OECD does not date its releases: the day given with a dropped file counts, else the day on
    which the bytes were first got. Ignored by name: ACTION, DECIMALS and labels of attributes.
    Raises SourceFormatError when the bytes are no such file or its components are others.
    """
    if is_empty(payload.content):
        note = f"{payload.name}: the OECD has no records of it"
        return Parsed({"patent_count": _frame()}, payload.release_date, (note,))
    csv = sdmx_csv.read(payload.name, payload.content)
    drift = HEADING.judge(f"{payload.name}, {csv.dataflow}", *sdmx_csv.told(csv))
    value = sdmx_csv.value()
    frame = csv.frame
    optional = {name: name in frame.columns for name in ("OBS_STATUS", "UNIT_MULT")}
    status = pl.col("OBS_STATUS") if optional["OBS_STATUS"] else pl.lit(None, pl.String)
    # A file without the column is in plain units; a value beside a blank one has no known size.
    multiplier = pl.lit("0")
    if optional["UNIT_MULT"]:
        multiplier = pl.coalesce("UNIT_MULT", pl.when(value.is_null()).then(pl.lit("0")))
    rows = frame.with_columns(
        *(pl.col(component).alias(column) for component, column in _DIMENSIONS.items()),
        pl.lit(csv.dataflow).alias("dataflow"),
        value.alias("value_as_published"),
        value.alias("obs_value"),
        pl.when(value.is_null()).then(pl.lit("M")).otherwise(status.fill_null("A"))
        .alias("obs_status"),
        (pl.col(csv.labels["REF_AREA"]) if csv.labels else pl.lit(None, pl.String))
        .alias("ref_area_name"),
        _series_name(csv).alias("series_name"),
        multiplier.alias("unit_mult"),
    )  # fmt: skip
    table = rows.select(list(_frame().columns))
    return Parsed({"patent_count": table}, payload.release_date, drift=drift)


def is_empty(content: bytes) -> bool:
    """Whether an answer is the OECD's way to say that it has no such records."""
    return content.strip() in _NO_RECORDS


def _frame() -> pl.DataFrame:
    return pl.DataFrame(schema=polars_schema(PatentCount))


def _series_name(csv: sdmx_csv.SdmxCsv) -> pl.Expr:
    """The labels of what is special about a series, without totals."""
    parts = [
        pl.when(~pl.col(name).is_in(_NOT_APPLICABLE)).then(pl.col(csv.labels.get(name, name)))
        for name in _NAMING
    ]
    return pl.concat_str(parts, separator=", ", ignore_nulls=True)


def fetch(client: Client) -> None:
    """Ask for each flow and role; one that fails costs no other, a refusal ends the attempt."""
    for label, (flow, key, technology) in FLOWS.items():
        for role in ROLES:
            name = f"{label} {role.lower()}"
            with client.batch(name) as batch:
                # Partner, role, co-operation, WIPO field, the OECD's technology.
                path = f"/data/{_AGENCY},{flow},1.0/{key}..{_ALL}.{role}.{_ALL}.{technology}.{_ALL}"
                params = {
                    "startPeriod": START,
                    "dimensionAtObservation": "AllDimensions",
                    "format": "csvfilewithlabels",
                }
                content = batch.get(path, params, also=(404,))
                if not is_empty(content):
                    sdmx_csv.read(name, content)
                elif client.had_data(name, is_empty):
                    raise SourceFormatError(
                        f"{name}: the OECD answers that it has no records, but it had some before; "
                        "its codes or flows have changed"
                    )
            if client.refused:
                return


SOURCE = Source(
    id="oecd",
    title="OECD patent statistics: PCT applications, triadic and IP5 families, fractional counts",
    publisher="OECD",
    licence=Licence(
        id="CC-BY-4.0",
        attribution="OECD, Patents (DSD_PATENTS), with year, address and the day of access",
        url="https://www.oecd.org/en/about/terms-conditions.html",
    ),
    cadence=Cadence.QUARTERLY,
    tables={"patent_count": PatentCount},
    parse=parse,
    fetch=fetch,
    default_base_url="https://sdmx.oecd.org/public/rest",
    accepts=("*.csv",),
    covers=("patent_count", "time_period"),
    downloads_an_hour=60,
    links={
        "documentation": "https://www.oecd.org/en/data/insights/data-explainers/2024/09/api.html"
    },
)
