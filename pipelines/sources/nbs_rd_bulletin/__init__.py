"""National bulletin on science and technology expenditure: R&D by province, dropped by a person.

raw/inbox/nbs_rd_bulletin/: the bulletin's pages as saved from the bureau's site (*.html), sheets of
its table by region (地区, RD经费, RD强度) and the tidy form (*.xlsx). Not here: what a good cell is
(contracts/nbs_rd_bulletin.py), rules between cells (contracts/rules/by_region.py).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from contracts.nbs_rd_bulletin import Observation
from contracts.regions import PROVINCES, area
from contracts.rules import by_region
from contracts.rules.region_cells import Rules, Whole
from pipelines import html_tables, regional_tidy
from pipelines.regional import (
    BY_SIZE,
    NATION,
    YEAR,
    Place,
    Publication,
    Row,
    frame,
    named_year,
    row,
    squeezed,
    unit_by_size,
)
from pipelines.sheets import Cell, Sheet, address, sheets
from pipelines.source import Cadence, Licence, Parsed, Payload, Source, SourceFormatError

__all__ = ["SOURCE", "parse"]

#: Series by what the squeezed heading of a column holds; the first that fits.
_HEADINGS: Final = {"强度": "cn_rd_intensity", "经费": "cn_rd_expenditure"}
_VARIABLES: Final = {"v4_ztr_jf_RD": "cn_rd_expenditure", "v4_ztr_qd_RD": "cn_rd_intensity"}
_TITLE: Final = f"({YEAR})年全国科技经费投入统计公报"
_DATE: Final = f"财政部({YEAR})年([0-9]{{1,2}})月([0-9]{{1,2}})日"
#: The bulletin of a year is published in the next one.
_LAG: Final = 1

RULES: Final = Rules(
    dataset="nbs_rd_bulletin.observation",
    wholes={"cn_rd_expenditure": (Whole("CHN", PROVINCES),)},
    columns=(("cn_rd_expenditure", "cn_rd_intensity"),),
)


def parse(payload: Payload) -> Parsed:
    """Rows of a page or a workbook. Raises SourceFormatError naming file, table or sheet, cell."""
    if payload.name.casefold().endswith((".html", ".htm")):
        rows = _page(payload)
    else:
        rows = [
            each
            for sheet in sheets(payload.name, payload.content)
            for each in (_tidy if regional_tidy.is_tidy(sheet) else _sheet)(payload, sheet)
        ]
    return Parsed({"observation": frame(rows, Observation)}, payload.release_date)


def _page(payload: Payload) -> list[Row]:
    try:
        page = payload.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceFormatError(
            f"{payload.name}: byte {error.start} is not UTF-8; save the page as UTF-8"
        ) from error
    tables, text = html_tables.read(page)
    years = set(re.findall(_TITLE, squeezed(text)))
    if len(years) != 1:
        raise SourceFormatError(
            f"{payload.name}: the page is titled as the bulletin of "
            f"{' and '.join(sorted(years)) or 'no year'}; expected one year"
        )
    (year,) = years
    found = [
        Sheet(payload.name, f"table {number}", list(map(list, table)))
        for number, table in enumerate(tables, 1)
        if any(line and squeezed(line[0]) == "地区" for line in table)
    ]
    if not found:
        raise SourceFormatError(f"{payload.name}: no table has a row headed 地区")
    first, *copies = found
    for copy in copies:  # newer pages hold the bulletin once for screens and once for phones
        if _squeezed(copy) != _squeezed(first):
            raise SourceFormatError(
                f"{payload.name}: {first.name} and {copy.name} by region are not the same"
            )
    days = re.findall(_DATE, squeezed(text))
    day = dt.date(*map(int, days[0])) if days else None
    return _table(first, year, _publication(payload, year, "", "primary", day))


def _squeezed(sheet: Sheet) -> list[list[str]]:
    return [[squeezed(cell) for cell in line] for line in sheet.rows]


def _sheet(payload: Payload, sheet: Sheet) -> list[Row]:
    year = named_year(payload)
    if year is None:
        raise SourceFormatError(
            f"{sheet.at(0, 0)}: the sheet names no year, so the file must: raw-2021.xlsx"
        )
    return _table(sheet, year, _publication(payload, year, "sheet", "mirror"))


def _tidy(payload: Payload, sheet: Sheet) -> list[Row]:
    return regional_tidy.read(
        payload,
        sheet,
        _VARIABLES,
        lambda _, year: _publication(payload, year, "tidy", "mirror"),
        lambda _: NATION,
    )


def _table(sheet: Sheet, year: str, publication: Publication) -> list[Row]:
    """Rows of a table headed 地区; units stand in its headings, or follow from the nation."""
    head = next(
        (at for at, line in enumerate(sheet.rows) if line and squeezed(line[0]) == "地区"), None
    )
    if head is None:
        raise SourceFormatError(f"{sheet.at(0, 0)}: no row headed 地区 in the first column")
    above = {y for line in sheet.rows[:head] for c in line for y in re.findall(YEAR, squeezed(c))}
    if above - {year}:
        raise SourceFormatError(
            f"{sheet.at(0, 0)}: the table is headed {' and '.join(sorted(above))}; expected {year}"
        )
    body = [(at, line) for at, line in enumerate(sheet.rows) if at > head and _says(line)]
    nation = [line for _, line in body if area(str(line[0])) == "nation"]
    found = []
    for column, series in _columns(sheet, head).items():
        unit = _printed_unit(squeezed(sheet.rows[head][column]))
        noted = publication if unit else publication.noted(BY_SIZE)
        unit = unit or unit_by_size(series, [line[column] for line in nation])
        for at, line in body:
            if column >= len(line):
                raise SourceFormatError(f"{sheet.at(at, 0)}: the row ends before column {column}")
            place = Place(at + 1, sheet.name, address(at, column))
            found.append(row(series, str(line[0]), year, line[column], unit, place, noted, NATION))
    return found


def _says(line: list[Cell]) -> bool:
    """Whether a row says anything: pages end their tables with an empty one."""
    return any(squeezed(cell) for cell in line)


def _columns(sheet: Sheet, head: int) -> dict[int, str]:
    found: dict[int, str] = {}
    for column, cell in enumerate(sheet.rows[head][1:], 1):
        heading = squeezed(cell)
        series = next((key for word, key in _HEADINGS.items() if word in heading), None)
        if series is None or series in found.values():
            raise SourceFormatError(
                f"{sheet.at(head, column)}: {heading!r} is no heading of the table by region, or "
                "stands twice"
            )
        found[column] = series
    if len(found) != len(_HEADINGS):
        raise SourceFormatError(f"{sheet.at(head, 0)}: expected columns of 经费 and 强度")
    return found


def _printed_unit(heading: str) -> str | None:
    found = re.search(r"\(([^()&]+)\)$", heading)
    return found[1] if found else None


def _publication(
    payload: Payload, year: str, kind: str, trust: str, day: dt.date | None = None
) -> Publication:
    """The bulletin's own day, or the one given with the file; else some day of the next year."""
    known = payload.release_date or day
    given = payload.release_date.isoformat() if payload.release_date else ""
    return Publication(
        known or dt.date(int(year) + _LAG, 12, 31),
        "day" if known else "year",
        "-".join(part for part in ("nbs-rd-bulletin", year, kind, given) if part),
        f"Bulletin on science and technology expenditure {year}" + (f" ({kind})" if kind else ""),
        trust,
    )


def review(tables: Mapping[str, pl.DataFrame]) -> list[Mapping[str, object]]:
    """Findings over all landed tables."""
    return list(by_region.review(tables["observation"], RULES))


SOURCE = Source(
    id="nbs_rd_bulletin",
    title="National bulletin on science and technology expenditure: R&D by province",
    publisher="National Bureau of Statistics, Ministry of Science and Technology and Ministry of "
    "Finance of China",
    licence=Licence(
        id="cite-source",
        attribution="National Bureau of Statistics of China: bulletin on science and technology "
        "expenditure, by year",
        url="https://www.stats.gov.cn/",
    ),
    cadence=Cadence.YEARLY,
    tables={"observation": Observation},
    parse=parse,
    review=review,
    default_base_url="",
    accepts=("*.html", "*.htm", "*.xlsx", "*.xls"),
    covers=("observation", "time_period"),
)
