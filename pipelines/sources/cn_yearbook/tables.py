"""The yearbook's own sheets: a title, a unit, headings on one to four rows, a row for each area.

Here: which tables there are and how a sheet is read. Not here: the tidy form (tidy.py), rules
between rows (contracts/rules/by_region.py).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from contracts.regions import area, country
from pipelines.regional import (
    FOUR,
    NATION,
    REGISTER,
    THREE,
    YEAR,
    Place,
    Publication,
    Row,
    is_figure,
    named_year,
    row,
    squeezed,
)
from pipelines.sheets import Cell, Sheet, address
from pipelines.source import Payload, SourceFormatError

TITLE: Final = "China Statistical Yearbook on Science and Technology"
_TYPES: Final = {
    "合计": "total",
    "发明": "invention",
    "实用新型": "utility_model",
    "外观设计": "design",
}


@dataclass(frozen=True)
class Table:
    """One table of the yearbook.

    title: pattern of its squeezed title. words: what its groups of areas are. columns: series by
    heading; where there is one series for all columns, they are headed by years.
    """

    title: str
    words: Mapping[str, str]
    columns: Mapping[str, str]
    by_year: str | None = None


def _patents(title: str, key: str) -> Table:
    return Table(title, REGISTER, {head: f"cn_{key}_{kind}" for head, kind in _TYPES.items()})


def _market(title: str, key: str) -> Table:
    return Table(title, NATION, {}, by_year=f"cn_technology_{key}")


TABLES: Final = (
    _patents("国内三种专利申请(受理)?数按地区分布", "patent_applications"),
    _patents("国内三种专利(申请)?授权数按地区分布", "patent_grants"),
    _patents("国内三种专利有效数按地区分布", "patents_in_force"),
    Table(
        "农业植物新品种权申请和授权",
        REGISTER,
        {"申请": "cn_plant_variety_applications", "授权": "cn_plant_variety_grants"},
    ),
    _market("技术市场技术流向地域.*合同数", "inflow_contracts"),
    _market("技术市场技术流向地域.*合同金额", "inflow_value"),
    _market("技术市场技术输出地域.*合同数", "outflow_contracts"),
    _market("技术市场技术输出地域.*合同金额", "outflow_value"),
)


def read(payload: Payload, sheet: Sheet) -> list[Row]:
    """The rows of a sheet.

    Raises SourceFormatError naming the cell when the sheet has no title, unit or headings of a
    known table, when a column of figures has no heading, and when years do not fit together.
    """
    rows = sheet.rows
    head = _heading_row(sheet)
    table = _table(sheet, head)
    unit = _unit(sheet, head)
    first = _first_area(sheet, head)
    columns = _columns(payload, sheet, table, head, first)
    publication = _publication(payload, sheet, columns, first)
    division = FOUR if any(area(_name(line)) == "northeast" for line in rows[first:]) else THREE
    words = {**table.words, **division}
    found = []
    for at, line in enumerate(rows[first:], first):
        name = _name(line)
        if _is_blank(line, columns) and not _is_area(name):
            continue
        for column, (series, period) in columns.items():
            cell = line[column]
            place = Place(at + 1, sheet.name, address(at, column))
            where = _with_english(name, line)
            code = country(name) if area(name) is None else None
            found.append(row(series, where, period, cell, unit, place, publication, words, code))
    return found


def _heading_row(sheet: Sheet) -> int:
    for at, line in enumerate(sheet.rows):
        if squeezed(line[0]) in ("地区", "项目"):
            return at
        if sum(is_figure(cell) for cell in line[1:]) > 1:
            raise SourceFormatError(
                f"{sheet.at(at, 0)}: figures above the headings; the row headed 地区 must come "
                "before the first of them"
            )
    raise SourceFormatError(
        f"{sheet.at(0, 0)}: no row headed 地区 (or 项目) in the first column; a yearbook table has "
        "one below its title and unit"
    )


def _table(sheet: Sheet, head: int) -> Table:
    titles = [squeezed(cell) for line in sheet.rows[:head] for cell in line if cell != ""]
    for table in TABLES:
        if any(re.search(table.title, title) for title in titles):
            return table
    raise SourceFormatError(
        f"{sheet.at(0, 0)}: {' / '.join(titles)[:120]!r} is the title of no known table: "
        f"{', '.join(table.title for table in TABLES)}"
    )


def _unit(sheet: Sheet, head: int) -> str:
    for line in sheet.rows[:head]:
        for cell in line:
            if found := re.fullmatch("单位:(.+)", squeezed(cell)):
                return found[1]
    raise SourceFormatError(
        f"{sheet.at(head, 0)}: no unit (单位:…) above the headings; nothing tells what is counted"
    )


def _first_area(sheet: Sheet, head: int) -> int:
    """The row below the headings: the first that is named like an area or holds two figures."""
    for at, line in enumerate(sheet.rows[head + 1 :], head + 1):
        if _name(line) or sum(is_figure(cell) for cell in line[1:]) > 1:
            return at
    raise SourceFormatError(f"{sheet.at(head, 0)}: nothing stands below the headings")


def _columns(
    payload: Payload, sheet: Sheet, table: Table, head: int, first: int
) -> dict[int, tuple[str, str]]:
    """Series and period of each column of figures."""
    found: dict[int, tuple[str, str]] = {}
    group = ""
    year = None if table.by_year else _year(payload, sheet, head, first)
    for column in range(1, len(sheet.rows[head])):
        own = "".join(squeezed(line[column]) for line in sheet.rows[head:first])
        group = squeezed(sheet.rows[head][column]) or group
        if table.by_year:
            if re.fullmatch(YEAR, own):
                found[column] = (table.by_year, own)
        else:
            named = [series for heading, series in table.columns.items() if heading in own]
            if len(named) == 1:
                found[column] = (named[0], _span(group) or str(year))
        if column not in found and any(is_figure(line[column]) for line in sheet.rows[first:]):
            expected = "a year" if table.by_year else "、".join(table.columns)
            raise SourceFormatError(
                f"{sheet.at(head, column)}: figures under {own!r}; expected {expected}"
            )
    _complete(payload, sheet, table, head, found)
    return found


def _complete(
    payload: Payload, sheet: Sheet, table: Table, head: int, found: dict[int, tuple[str, str]]
) -> None:
    """Every heading of the table is there, no column twice, years rise to the file's own."""
    missing = set(table.columns.values()) - {series for series, _ in found.values()}
    lost = [heading for heading, series in table.columns.items() if series in missing]
    if lost or not found:
        raise SourceFormatError(
            f"{sheet.at(head, 0)}: no column headed {'、'.join(lost) or 'with a year'}"
        )
    seen: dict[tuple[str, str], int] = {}
    before = None
    for column, what in found.items():
        if what in seen:
            raise SourceFormatError(
                f"{sheet.at(head, column)}: the same heading as column {address(0, seen[what])[0]}"
            )
        seen[what] = column
        if table.by_year and before is not None and what[1] < before:
            raise SourceFormatError(
                f"{sheet.at(head, column)}: {what[1]} is out of place after {before}; years rise "
                "from left to right"
            )
        before = what[1]
    if table.by_year:
        _agree(payload, sheet, head, max(found), str(before))


def _span(group: str) -> str | None:
    """A period of several years, SDMX, for a group of columns such as 1999-2009年累计."""
    found = re.search(f"({YEAR})-({YEAR})年累计", group)
    return f"{found[1]}-01-01/P{int(found[2]) - int(found[1]) + 1}Y" if found else None


def _year(payload: Payload, sheet: Sheet, head: int, first: int) -> str:
    """The year of a table of one year: in its title, else in a heading, else in the file's name."""
    for lines, least in ((range(head), 0), (range(head, first), 1)):
        for at in lines:
            for column, cell in enumerate(sheet.rows[at][least:], least):
                years = re.findall(f"(?<![0-9-])({YEAR})年", squeezed(cell))
                if years and "累计" not in squeezed(cell):
                    return _agree(payload, sheet, at, column, years[0])
    named = named_year(payload)
    if named is None:
        raise SourceFormatError(
            f"{sheet.at(0, 0)}: no year in the title, the headings or the name of the file"
        )
    return named


def _agree(payload: Payload, sheet: Sheet, at: int, column: int, year: str) -> str:
    named = named_year(payload)
    if named not in (None, year):
        raise SourceFormatError(
            f"{sheet.at(at, column)}: {year}, but the file is named after {named}; one of the two "
            "years is out of place"
        )
    return year


def _publication(
    payload: Payload, sheet: Sheet, columns: Mapping[int, tuple[str, str]], first: int
) -> Publication:
    """The edition that the sheet names, else the one of the year after its last (as all are)."""
    texts = [squeezed(cell) for line in sheet.rows for cell in line if isinstance(cell, str)]
    named = [m[1] for text in texts if (m := re.search(f"统计年鉴[^0-9]?({YEAR})", text))]
    last = max(_last_year(period) for _, period in columns.values())
    edition = int(named[0]) if named else last + 1
    excerpt = any("摘编" in text for text in texts)
    return published(
        payload,
        edition,
        kind="excerpt" if excerpt else "",
        trust="quoted" if excerpt else "primary",
        note="; ".join(_notes(sheet, columns, first)) or None,
    )


def published(
    payload: Payload, edition: int, *, kind: str, trust: str, note: str | None
) -> Publication:
    """An edition's day: the one given with the file, else some day of the edition's year.

    kind: the form of the file where it is not the yearbook's own sheet.
    """
    given = payload.release_date
    parts = ["cn-yearbook-st", str(edition), kind, given.isoformat() if given else ""]
    return Publication(
        given or dt.date(edition, 12, 31),
        "day" if given else "year",
        "-".join(part for part in parts if part),
        f"{TITLE} {edition}" + (f" ({kind})" if kind else ""),
        trust,
        note,
    )


def _last_year(period: str) -> int:
    year, _, span = period.partition("-01-01/P")
    return int(year) + int(span.removesuffix("Y") or 1) - 1


def _notes(sheet: Sheet, columns: Mapping[int, tuple[str, str]], first: int) -> Iterator[str]:
    """Footnotes: what stands below the first area and is neither an area nor a figure."""
    for line in sheet.rows[first:]:
        text = squeezed(line[0])
        if text.startswith(("注", "Note")) and _is_blank(line, columns):
            yield " ".join(str(line[0]).split())


def _name(line: list[Cell]) -> str:
    return str(line[0]).strip()


def _is_area(name: str) -> bool:
    return bool(name) and (area(name) or country(name)) is not None


def _is_blank(line: list[Cell], columns: Mapping[int, tuple[str, str]]) -> bool:
    return all(str(line[column]).strip() == "" for column in columns)


def _with_english(name: str, line: list[Cell]) -> str:
    """The name; with the English one beside it where that names another province."""
    beside = str(line[1]).strip()
    here, there = area(name), area(beside)
    return f"{name} ({beside})" if here and there and here != there and "CN-" in there else name
