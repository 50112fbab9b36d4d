"""National data of the National Bureau of Statistics of China, from its two interfaces.

The old interface (easyquery.htm) is closed since March 2026: answers of it that people kept are
dropped into raw/inbox/nbs_easyquery/, as recordings (YAML) or one by one (JSON) in a folder named
by their day. The new one is asked only where IPW_NBS_EASYQUERY_LIVE=true says so: it stands behind
a guard that shuts out who asks quickly, so one request a second, and an end at the first refusal.
Here: which series are asked for and how. Not here: what an answer means (answers.py), recordings
(recordings.py), what a good row is (contracts/nbs_easyquery.py).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from contracts import nbs_easyquery as c
from contracts.base import Contract, polars_schema
from pipelines.answers import Refused
from pipelines.fetch import Batch, Client
from pipelines.source import Cadence, Licence, Parsed, Payload, Source, SourceFormatError
from pipelines.sources.nbs_easyquery import answers, recordings

__all__ = ["SERIES", "SOURCE", "fetch", "parse"]

log = logging.getLogger("ipw")

#: Series that are asked of the new interface, by the names it shows. The ids of a series change
#: with the years that its leaf of the tree covers, so they are looked up by name.
SERIES: Final = (
    "专利申请数",
    "发明专利申请数",
    "专利申请授权数",
    "发明专利申请授权数",
    "国家技术发明奖",
    "国家科学技术进步奖",
    "年末总人口",
    "国内生产总值",
)
API: Final = "/publicrelease/web/external"
#: The tree of yearly national data.
ROOT: Final = "884c062607104a91967b22742537f44f"
#: The nation among the areas of the new interface.
NATION: Final = {"text": "全国", "value": "000000000000"}
FIRST_YEAR: Final = 1985  # the patent law's
_TABLES: Final[Mapping[str, type[Contract]]] = {
    "observation": c.Observation,
    "catalogue_entry": c.CatalogueEntry,
}


def parse(payload: Payload) -> Parsed:
    """Cells and tree entries of an answer or a recording of several; a cell without data is NULL.

    The bureau gives no date of release: it is the day of the answer, which a recording holds and
    the folder of a single answer names. An answer that is an error of the interface is left out
    with a note where others stand beside it. Raises SourceFormatError when nothing is left, for
    bytes of no known shape, and when the day is not known or answers are of several days.
    """
    try:
        text = payload.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceFormatError(f"{payload.name}: byte {error.start} is not UTF-8") from error
    notes: list[str] = []
    found: dict[str, list[answers.Row]] = {table: [] for table in _TABLES}
    days: set[dt.date | None] = set()
    for place, body, database, day in _answers(payload, text):
        try:
            rows = list(answers.rows(place, answers.body(place, body), database))
        except answers.Failure as failure:
            notes.append(str(failure))
            continue
        except (AttributeError, KeyError, TypeError) as error:
            raise SourceFormatError(
                f"{place}: a part of the answer is missing or of another kind ({error})"
            ) from error
        days.add(day)
        for table, row in rows:
            found[table].append({**row, "raw_row": len(found[table]) + 1})
    if not days:
        raise SourceFormatError("; ".join(notes))
    day = days.pop()
    if days or day is None:
        raise SourceFormatError(
            f"{payload.name}: the day of the answers is not known or not one; move it to "
            "raw/inbox/nbs_easyquery/2026-03-03/ if the bureau answered on that day"
        )
    tables = {name: _frame(name, rows) for name, rows in found.items() if rows}
    return Parsed(tables, day, tuple(notes if tables else [*notes, "no cells, no entries"]))


def _answers(payload: Payload, text: str) -> Iterator[recordings.Answer]:
    if text.lstrip()[:1] in ("{", "[", "<"):
        yield recordings.Answer(payload.name, text, None, payload.release_date)
        return
    for answer in recordings.answers(payload.name, text):
        yield answer._replace(day=payload.release_date or answer.day)


def _frame(table: str, rows: list[answers.Row]) -> pl.DataFrame:
    """Rows as the contract's columns; values stay text, which the landing casts. A cell that two
    answers of a recording give alike stands once."""
    columns = list(polars_schema(_TABLES[table]))
    text = {name: [_text(row.get(name)) for row in rows] for name in columns}
    frame = pl.DataFrame(text, schema=dict.fromkeys(columns, pl.String))
    alike = [name for name in columns if name != "raw_row"]
    return frame.unique(subset=alike, keep="first", maintain_order=True).with_columns(
        pl.col("raw_row").cast(pl.Int64)
    )


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    # Half of a surrogate pair, which JSON can write, is no text that can be stored.
    return text.encode("utf-8", "replace").decode()


def fetch(client: Client) -> None:
    """Look the series up by name and ask for their years; nothing unless the setting says so.

    A refusal (403, a redirect, a page instead of JSON) ends the fetch; its message names the inbox.
    """
    if not client.settings.nbs_easyquery_live:
        log.info("nbs_easyquery: not asked; IPW_NBS_EASYQUERY_LIVE=true asks the new interface")
        return
    with client.batch("session") as batch:
        batch.get("/page.html", {}, redirects=False)  # its cookie goes with what is asked next
        batch.forget()
    for series in SERIES:
        if client.refused:
            return
        with client.batch(series) as batch:
            for catalogue, indicators in _looked_up(client, batch, series).items():
                _years(client, batch, catalogue, indicators)


def _looked_up(client: Client, batch: Batch, series: str) -> dict[str, list[str]]:
    """Ids of the indicators of that very name in yearly national data, by leaf of the tree."""
    params = {"search": series, "pagenum": "1", "pageSize": "50"}
    answer = _json(client, batch, batch.get(f"{API}/query", params, " search", redirects=False))
    batch.forget()
    try:
        hits = [
            (hit["cid"], hit["indic_id"])
            for hit in answer["data"]["data"]
            if answers.name_of(hit["show_name"]) == series
            and "年" in hit["dt_name"]
            and str(hit["da"]).startswith(NATION["value"])
        ]
    except (KeyError, TypeError) as error:
        raise SourceFormatError(
            f"{batch.label}: the search's answer has no {error}; its shape has changed"
        ) from error
    if not hits:
        raise SourceFormatError(f"{batch.label}: the bureau's search knows no such series by year")
    leaves: dict[str, list[str]] = {}
    for catalogue, indicator in hits:
        leaves.setdefault(catalogue, []).append(indicator)
    return leaves


def _years(client: Client, batch: Batch, catalogue: str, indicators: list[str]) -> None:
    """Ask for all years of a leaf's indicators; the answer is dated by its own header."""
    this_year = dt.datetime.now(dt.UTC).year
    question = {
        "cid": catalogue,
        "indicatorIds": indicators,
        "daCatalogId": "",
        "das": [NATION],
        "showType": "1",
        "dts": [f"{FIRST_YEAR}YY-{this_year}YY"],  # closed ranges, as a list; others give garbage
        "rootId": ROOT,
    }
    path, part = f"{API}/getEsDataByCidAndDt", f" {catalogue}"
    content = batch.get(path, {}, part, question=question, redirects=False)
    for _ in answers.rows(batch.label, _json(client, batch, content)):
        pass  # an error of the interface ends the unit here, not in the landing
    receipt = batch.pending[-1].receipt
    day = recordings.day_of(receipt.headers.get("date"))
    batch.released(day.isoformat() if day else receipt.finished_at[:10])


def _json(client: Client, batch: Batch, content: bytes) -> Any:
    """An answer's JSON. Raises Refused for the guard's page, which comes with status 200."""
    if content.lstrip()[:1] == b"<":
        raise Refused(f"{batch.label}: the bureau's guard answers with a page{client.by_hand}")
    return answers.body(batch.label, content.decode("utf-8", "replace"))


SOURCE = Source(
    id="nbs_easyquery",
    title="National data: patents, awards, population, GDP",
    publisher="National Bureau of Statistics of China",
    licence=Licence(
        id="cite-source",
        attribution="National Bureau of Statistics of China (国家统计局), data.stats.gov.cn",
        url="https://www.stats.gov.cn",
    ),
    cadence=Cadence.YEARLY,
    tables=_TABLES,
    parse=parse,
    fetch=fetch,
    default_base_url="https://data.stats.gov.cn/dg/website",
    accepts=("*.yaml", "*.yml", "*.json"),
    covers=("observation", "time_period"),
    seconds_between_requests=1.0,
)
