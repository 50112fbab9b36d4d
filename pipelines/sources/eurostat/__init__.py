"""Eurostat: European patent applications, EU trade marks and designs, charges for the use of IP.

SDMX 2.1 as SDMX-CSV. Here: which data sets are asked for, how, and how an answer becomes rows. Not
here: reading SDMX-CSV (pipelines/sdmx_csv.py), what a good row is (contracts/eurostat.py), which
area and unit a code is (dbt).
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

import polars as pl

from contracts.base import polars_schema
from contracts.eurostat import Observation
from pipelines import sdmx_csv
from pipelines.fetch import Batch, Client
from pipelines.headings import Heading
from pipelines.source import Cadence, Licence, Parsed, Payload, Source, SourceFormatError

__all__ = ["DATASETS", "SOURCE", "fetch", "parse"]

#: Data sets with the key that is asked for, empty for all of it.
#: bop_its6_det: frequency . currency . item (SH: charges for the use of intellectual property) .
#: flow . partner . area.
DATASETS: Final = {
    "pat_ep_ntot": "",
    "ipr_ta_reg": "",
    "ipr_da_reg": "",
    "bop_its6_det": "A.MIO_EUR.SH.CRE+DEB.WRL_REST.",
}
#: First year that is asked for, and the spans into which an answer too large is cut.
START: Final = 2000
SPAN: Final = 5
#: Columns that are no dimension of a series.
_NO_DIMENSION: Final = {
    "DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "ACTION", "LAST UPDATE", "freq", "geo", "TIME_PERIOD",
    "OBS_VALUE", "OBS_FLAG", "CONF_STATUS", "raw_row",
}  # fmt: skip
#: What every data set has. Its other columns are dimensions: their names land with each row, and a
#: new one is a new code of the open list `dimensions`.
HEADING: Final = Heading(
    "Eurostat's data sets",
    ("LAST UPDATE", "freq", "geo", "TIME_PERIOD", "OBS_VALUE", "OBS_FLAG", "CONF_STATUS"),
    numbers=frozenset({"OBS_VALUE"}),
    optional=frozenset({"OBS_FLAG", "CONF_STATUS"}),
)
#: Dimensions that say the unit, the first that a data set has.
_UNITS: Final = ("unit", "currency")


class TooLarge(SourceFormatError):
    """The service will not send the answer at once: ask for less, not again."""


def parse(payload: Payload) -> Parsed:
    """Rows of an SDMX-CSV file; none, with a note, for Eurostat's NO_RESULTS.

    The release is the day of LAST UPDATE. `:` and a blank are missing; a confidential value is
    missing with flag c. Raises SourceFormatError when the bytes are no such file, are one of
    Eurostat's messages, or tell of several updates.
    """
    said = _message(payload.name, payload.content)
    if said:
        return Parsed({"observation": _frame()}, payload.release_date, (said,))
    csv = sdmx_csv.read(payload.name, payload.content)
    names, cells = sdmx_csv.told(csv)
    common = [name for name in names if name in HEADING.columns]
    drift = HEADING.judge(f"{payload.name}, {csv.dataflow}", common, cells)
    unit = next((name for name in _UNITS if name in csv.frame.columns), None)
    if unit is None:
        raise SourceFormatError(
            f"{payload.name}: {csv.dataflow} lacks unit and currency; download it as SDMX-CSV, "
            "with codes"
        )
    dimensions = [
        name
        for name in csv.frame.columns
        if name not in _NO_DIMENSION and name not in csv.labels.values()
    ]
    value = sdmx_csv.value()
    flag = pl.col("OBS_FLAG") if "OBS_FLAG" in csv.frame.columns else pl.lit(None, pl.String)
    # A confidential observation may have its mark in a column of its own.
    if "CONF_STATUS" in csv.frame.columns:
        flag = pl.coalesce(flag, pl.when(pl.col("CONF_STATUS").is_not_null()).then(pl.lit("c")))
    status = (
        pl.when(value.is_null()).then(pl.lit("M"))
        .when(flag.str.contains("[efs]")).then(pl.lit("E"))
        .when(flag.str.contains("b")).then(pl.lit("B"))
        .when(flag.str.contains("p")).then(pl.lit("P"))
        .otherwise(pl.lit("A"))
    )  # fmt: skip
    # A blank code leaves the key NULL, for the contract to name.
    rows = csv.frame.with_columns(
        pl.col("TIME_PERIOD").alias("time_period"),
        value.alias("value_as_published"),
        value.alias("obs_value"),
        status.alias("obs_status"),
        flag.alias("obs_flag"),
        pl.lit(csv.dataflow.partition(":")[2].partition("(")[0] or csv.dataflow).alias("dataset"),
        pl.concat_str(dimensions, separator=".").alias("series_key"),
        pl.lit(".".join(dimensions)).alias("dimensions"),
        pl.col(unit).alias("unit"),
    )
    table = rows.select(list(_frame().columns))
    return Parsed({"observation": table}, _updated(payload, csv), drift=drift)


def _frame() -> pl.DataFrame:
    return pl.DataFrame(schema=polars_schema(Observation))


def _updated(payload: Payload, csv: sdmx_csv.SdmxCsv) -> dt.date:
    """The day of LAST UPDATE, such as 22/05/26 11:00:00 or 2026-05-22."""
    told = csv.frame["LAST UPDATE"].unique().to_list()
    text = str(told[0]).partition(" ")[0].partition("T")[0]
    for shape in ("%d/%m/%y", "%d/%m/%Y", "%Y-%m-%d"):
        try:
            day = dt.datetime.strptime(text, shape).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
        if len(told) > 1:
            break
        if payload.release_date and payload.release_date != day:
            raise SourceFormatError(
                f"{payload.name}: its bytes say that it was updated on {day}, but it was given as "
                f"released on {payload.release_date}"
            )
        return day
    raise SourceFormatError(
        f"{payload.name}: LAST UPDATE must be one day in all lines; it is "
        f"{', '.join(map(str, told))[:120]}"
    )


def _message(name: str, content: bytes) -> str | None:
    """What Eurostat says in place of data when there is none; None for anything else.

    Raises TooLarge, or SourceFormatError for its other messages.
    """
    try:
        body: Any = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    warning, errors = body.get("warning"), body.get("error")
    if isinstance(warning, dict) and str(warning.get("status")) == "413":
        raise TooLarge(
            f"{name}: Eurostat would send it later, the answer is too large (413); ask for less, "
            "or drop its file into raw/inbox/eurostat/"
        )
    found = errors if isinstance(errors, list) else []
    labels = [str(error.get("label")) for error in found if isinstance(error, dict)]
    if labels == ["NO_RESULTS"]:
        return f"{name}: Eurostat has no results for it"
    if labels:
        raise SourceFormatError(f"{name}: Eurostat answers {'; '.join(labels)[:200]}")
    return None


def _is_empty(content: bytes) -> bool:
    return b'"NO_RESULTS"' in content[:1000]


def fetch(client: Client) -> None:
    """Ask for each data set; one that fails costs no other, a refusal ends the attempt.

    An answer that Eurostat would only send later is asked for again in spans of years, once.
    """
    for dataset, key in DATASETS.items():
        cut = False
        with client.batch(dataset) as batch:
            try:
                _ask(client, batch, dataset, key)
            except TooLarge:
                batch.forget()
                cut = True
        if cut:
            with client.batch(dataset) as batch:
                for first in range(START, _this_year() + 1, SPAN):
                    _ask(client, batch, dataset, key, (first, first + SPAN - 1))
        if client.refused:
            return


def _this_year() -> int:
    return dt.datetime.now(dt.UTC).year


def _ask(
    client: Client, batch: Batch, dataset: str, key: str, span: tuple[int, int] | None = None
) -> None:
    """One answer, which is data or the word that there is none."""
    params = {"format": "SDMX-CSV", "startPeriod": str(span[0] if span else START)}
    part = ""
    if span:
        params["endPeriod"] = str(span[1])
        part = f" {span[0]}–{span[1]}"
    content = batch.get(f"/data/{dataset}/{key}".rstrip("/"), params, part, also=(413,))
    name = dataset + part
    if _message(name, content):
        if client.had_data(name, _is_empty):
            raise SourceFormatError(
                f"{name}: Eurostat answers NO_RESULTS, but it had some before; its codes have "
                "changed"
            )
        return
    csv = sdmx_csv.read(name, content)
    batch.released(_updated(Payload(content, name), csv).isoformat())


SOURCE = Source(
    id="eurostat",
    title="Eurostat: patent applications to the EPO, EU trade marks and designs, royalties",
    publisher="Eurostat",
    licence=Licence(
        id="CC-BY-4.0",
        attribution="Eurostat, with the code of the data set and the day of its update",
        url="https://ec.europa.eu/eurostat/help/copyright-notice",
    ),
    cadence=Cadence.QUARTERLY,
    tables={"observation": Observation},
    parse=parse,
    fetch=fetch,
    default_base_url="https://ec.europa.eu/eurostat/api/dissemination/sdmx/2.1",
    accepts=("*.csv", "*.json"),
    covers=("observation", "time_period"),
    links={
        "documentation": "https://ec.europa.eu/eurostat/web/user-guides/data-browser/api-data-access"
    },
)
