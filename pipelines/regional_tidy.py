"""The tidy form in which people pass on tables by province: a row for each area and variable.

Here: reading it. Not here: which variables a source has, what a year is published in (the sources).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from contracts.regional import SERIES
from contracts.regions import area
from contracts.units import UNITS
from pipelines.regional import (
    BY_SIZE,
    Place,
    Publication,
    Row,
    named_year,
    printed,
    row,
    squeezed,
    unit_by_size,
)
from pipelines.sheets import Sheet, address
from pipelines.source import Payload, SourceFormatError

_HEADER: Final = ["province", "year", "chn_block4", "value", "units", "variables"]


def is_tidy(sheet: Sheet) -> bool:
    """Whether the first row has the headings of the tidy form."""
    return [str(cell).strip() for cell in sheet.rows[0]] == _HEADER


def read(
    payload: Payload,
    sheet: Sheet,
    variables: Mapping[str, str],
    published: Callable[[str, str], Publication],
    words: Callable[[str], Mapping[str, str]],
) -> list[Row]:
    """The rows of a sheet of one year.

    variables: series by the file's name of a variable. published: the publication of a series and
    year. words: what groups of areas are in a series' table. Raises SourceFormatError naming the
    cell when a variable is unknown, or years differ from each other or from the file's name.
    """
    lines = [(at, line) for at, line in enumerate(sheet.rows) if at and any(c != "" for c in line)]
    if not lines:
        raise SourceFormatError(f"{sheet.at(0, 0)}: nothing stands below the headings")
    year = named_year(payload) or squeezed(lines[0][1][1])
    nation = [line for _, line in lines if area(str(line[0])) == "nation"]
    by_size = {
        variable: unit_by_size(series, [line[3] for line in nation if printed(line[5]) == variable])
        for variable, series in variables.items()
    }
    found: list[Row] = []
    for at, line in lines:
        if squeezed(line[1]) != year:
            raise SourceFormatError(
                f"{sheet.at(at, 1)}: the year {printed(line[1])!r} is out of place; expected {year}"
            )
        variable, units = printed(line[5]), printed(line[4])
        if variable not in variables:
            raise SourceFormatError(
                f"{sheet.at(at, 5)}: {variable!r} ({line[2]}) is no known variable"
            )
        series = variables[variable]
        publication = published(series, year)
        if not units:
            publication = publication.noted(BY_SIZE)
        unit = _unit(series, units) if units else by_size[variable]
        place = Place(at + 1, sheet.name, address(at, 3))
        name = str(line[0])
        found.append(row(series, name, year, line[3], unit, place, publication, words(series)))
    return found


def _unit(series: str, units: str) -> str:
    """The unit of a series; a table of several series may name them all (个,亿元)."""
    fitting = [
        unit
        for unit in re.split("[,.，、]", units)
        if UNITS.get(unit, ("", 0))[0] == SERIES[series].unit
    ]
    return fitting[0] if len(fitting) == 1 else units
