"""National Bureau of Statistics: residents and GDP by province and year, dropped as CSV.

raw/inbox/nbs_province/*.csv: a row for each province, a column for each year, any vintage; and the
population of a census. The files come from people who copied the bureau's tables, so what they are
is read from their first lines and their name. Not here: what a good cell is
(contracts/nbs_province.py), rules between cells (contracts/rules/by_region.py).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final

import polars as pl

from contracts.nbs_province import Observation
from contracts.regional import SERIES
from contracts.regions import PROVINCES, area
from contracts.rules import by_region
from contracts.rules.region_cells import Rules, Whole
from contracts.units import UNITS
from pipelines.csv_lines import csv_lines, even
from pipelines.regional import (
    BY_SIZE,
    NATION,
    YEAR,
    Place,
    Publication,
    Row,
    frame,
    row,
    squeezed,
    unit_by_size,
)
from pipelines.sheets import address
from pipelines.source import Cadence, Licence, Parsed, Payload, Source, SourceFormatError

__all__ = ["SOURCE", "parse"]

#: Series by the word that the first lines or the name of a file must hold.
_SUBJECTS: Final = {"population": "cn_resident_population", "gdp": "cn_gdp"}
#: Headings of the column of names, and columns that are left out by name.
_NAMES: Final = ("region", "province", "province.name", "地区")
_LEFT_OUT: Final = ("gb2260",)
#: Rows that the maker of a file computed from the others.
_COMPUTED: Final = ("sum", "difference")
#: The heading of a census: population_2020_11_01.
_CENSUS: Final = re.compile("population_([0-9]{4})_([0-9]{2})_([0-9]{2})")

RULES: Final = Rules(
    dataset="nbs_province.observation",
    wholes={
        "cn_resident_population": (
            Whole(
                "CHN",
                PROVINCES,
                unplaced=0.002,
                because="the nation counts the active military, some 2 million people, no province "
                "does",
                exact=False,
            ),
        ),
        "cn_gdp": (Whole("CHN", PROVINCES, exact=False),),
    },
    same_vintage=True,
)


def parse(payload: Payload) -> Parsed:
    """Rows of a file. Its vintage is the day given with it, else the year after its last year.

    Left out by name: rows `sum` and `difference`, the column gb2260. Raises SourceFormatError
    naming file, line and column when the file is not UTF-8, says neither population nor GDP, or
    its headings are not years that rise or fall.
    """
    words, lines = [], []
    for line, cells in csv_lines(payload.name, payload.content):
        if cells[0].startswith("#"):
            words.append(",".join(cells))
        else:
            lines.append((line, cells))
    if not lines:
        raise SourceFormatError(f"{payload.name}: no heading and no figures")
    at, header = lines[0]
    names, columns = _columns(payload, at, header)
    about = " ".join((*words, payload.name, *header))
    series = _series(payload, about)
    rows = list(even(payload.name, header, iter(lines[1:])))
    unit, note = _unit(series, words, [cells for _, cells in rows if _is_nation(cells[names])],
                       columns)  # fmt: skip
    publication = _publication(payload, series, columns.values(), note)
    computed = [cells[names] for _, cells in rows if cells[names].strip() in _COMPUTED]
    found: list[Row] = [
        row(
            series, cells[names], period, cells[column], unit,
            Place(line, cell=address(line - 1, column)), publication, NATION,
        )
        for line, cells in rows
        if cells[names].strip() not in _COMPUTED
        for column, period in columns.items()
    ]  # fmt: skip
    notes = (f"left out, computed by the maker of the file: {', '.join(computed)}",)
    return Parsed(
        {"observation": frame(found, Observation)}, payload.release_date, notes if computed else ()
    )


def _columns(payload: Payload, line: int, header: list[str]) -> tuple[int, dict[int, str]]:
    """The column of names, and the period of each column of figures."""
    names = [at for at, text in enumerate(header) if text.strip().casefold() in _NAMES]
    if len(names) != 1:
        raise SourceFormatError(
            f"{payload.name}, line {line}: one column must be headed {' or '.join(_NAMES)}; the "
            f"headings are {', '.join(header)[:200]}"
        )
    columns = {}
    for at, text in enumerate(header):
        heading = squeezed(text)
        if at in names or heading in _LEFT_OUT:
            continue
        census = _CENSUS.fullmatch(heading)
        if not census and not re.fullmatch(YEAR, heading):
            raise SourceFormatError(
                f"{payload.name}, line {line}, cell {address(line - 1, at)}: {text!r} is no year"
            )
        columns[at] = "-".join(census.groups()) if census else heading
    if not columns:
        raise SourceFormatError(f"{payload.name}, line {line}: no column is headed with a year")
    rising = list(columns.values())
    falls = rising[0] > rising[-1]
    for (_, before), (at, year) in pairwise(columns.items()):
        if before == year or (before > year) != falls:
            raise SourceFormatError(
                f"{payload.name}, line {line}, cell {address(line - 1, at)}: {year} is out of "
                f"place after {before}; years {'fall' if falls else 'rise'} from left to right"
            )
    return names[0], columns


def _series(payload: Payload, about: str) -> str:
    found = [series for word, series in _SUBJECTS.items() if word in about.casefold()]
    if len(found) != 1:
        raise SourceFormatError(
            f"{payload.name}: its name or first lines must say population or gdp, and not both"
        )
    return found[0]


def _unit(
    series: str, words: list[str], nation: list[list[str]], columns: Mapping[int, str]
) -> tuple[str, str | None]:
    """The unit that the first lines name, else the one that the national figures allow."""
    if any(not re.fullmatch(YEAR, period) for period in columns.values()):
        return "人", None  # a census counts persons
    for unit in sorted(UNITS, key=len, reverse=True):  # 10000 persons before persons
        measure, _ = UNITS[unit]
        plain = rf"(?<![0-9]){re.escape(unit)}(?![a-z])"
        if measure == SERIES[series].unit and any(re.search(plain, text) for text in words):
            return unit, None
    cells = (cells[column] for cells in nation for column in columns)
    return unit_by_size(series, cells), BY_SIZE


def _is_nation(name: str) -> bool:
    return area(name) == "nation"


def _publication(
    payload: Payload, series: str, periods: Iterable[str], note: str | None
) -> Publication:
    last = max(periods)
    given = payload.release_date
    kind = "census" if len(last) > 4 else "gdp" if series == "cn_gdp" else "population"
    edition = int(last[:4]) + 1
    return Publication(
        given or dt.date(edition, 12, 31),
        "day" if given else "year",
        "-".join(("nbs", kind, str(given or edition))),
        f"{SERIES[series].name} by province, {'census of ' if kind == 'census' else 'to '}{last}",
        "mirror",
        note,
    )


def review(tables: Mapping[str, pl.DataFrame]) -> list[Mapping[str, object]]:
    """Findings over all landed tables."""
    return list(by_region.review(tables["observation"], RULES))


SOURCE = Source(
    id="nbs_province",
    title="Residents and GDP of China's provinces, by vintage",
    publisher="National Bureau of Statistics of China",
    licence=Licence(
        id="cite-source",
        attribution="National Bureau of Statistics of China, with the year of the release",
        url="https://data.stats.gov.cn/",
    ),
    cadence=Cadence.YEARLY,
    tables={"observation": Observation},
    parse=parse,
    review=review,
    default_base_url="",
    accepts=("*.csv",),
    covers=("observation", "time_period"),
)
