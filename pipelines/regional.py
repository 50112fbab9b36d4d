"""Tables of China by province as rows: what every regional source does with a cell.

Here: reading a printed number, and the row of contracts.regional that a cell becomes. Not here:
where cells stand in a file (the sources), what a good row is (contracts/regional.py).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import polars as pl

from contracts.base import Contract, polars_schema
from contracts.regional import SERIES
from contracts.regions import area
from contracts.units import UNITS
from contracts.vocabulary import PRINTED_NUMBER, freq_of
from pipelines.sheets import Cell
from pipelines.source import Payload

Row = dict[str, Any]

#: What a word of contracts.regions.area is in a table that counts the register by origin.
REGISTER: Final = {
    "nation": "CHN_HKMT",
    "domestic": "CHN_HKMT",
    "total": "CHN_REG",
    "abroad": "CHN_FOR",
}
#: The same in a table whose total is the nation.
NATION: Final = {"nation": "CHN", "hkmt": "CN-HMT", "others": "CN-OTHER"}
#: Regional subtotals, where the table divides China into four, or into three.
FOUR: Final = {
    "east": "CN-EAST",
    "centre": "CN-CENTRAL",
    "west": "CN-WEST",
    "northeast": "CN-NORTHEAST",
}
THREE: Final = {"east": "CN-EAST-3", "centre": "CN-CENTRAL-3", "west": "CN-WEST"}

#: Four digits that can be a year.
YEAR: Final = "(?:19|20)[0-9]{2}"
_GROUPED: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


@dataclass(frozen=True)
class Publication:
    """What a file's rows were published in; see the columns of contracts.regional.RegionalCell."""

    vintage: dt.date
    vintage_precision: str
    release_id: str
    release_title: str
    trust: str
    note: str | None = None

    def noted(self, note: str) -> Publication:
        """The same with one more note."""
        return replace(self, note=f"{self.note}; {note}" if self.note else note)


@dataclass(frozen=True)
class Place:
    """Where a cell stands: line or sheet row from 1; sheet and address in workbooks."""

    raw_row: int
    sheet: str | None = None
    cell: str | None = None


def squeezed(cell: Cell) -> str:
    """Text as headings are compared: compatible forms made one, no blanks.

    >>> squeezed("合　计 Total"), squeezed("（2011年）"), squeezed(2020.0)
    ('合计Total', '(2011年)', '2020')
    """
    return "".join(unicodedata.normalize("NFKC", printed(cell)).split())


def named_year(payload: Payload) -> str | None:
    """The year that the file's name ends with, if it holds one."""
    found = re.findall(f"(?<![0-9]){YEAR}(?![0-9])", payload.name)
    return found[-1] if found else None


def printed(cell: Cell) -> str:
    """A cell as text; whole numbers without a point. Blanks around it are dropped."""
    text = str(cell).strip()
    return text.removesuffix(".0") if isinstance(cell, float) else text


def is_figure(cell: Cell) -> bool:
    """Whether a cell holds a number, or text that begins like one."""
    text = unicodedata.normalize("NFKC", printed(cell))
    return bool(re.match(r"[-+]?[.]?[0-9]", text))


def number(cell: Cell) -> Decimal | None:
    """A printed number, thousands grouped or not; None for blank and for what is none.

    Full-width digits are none: the contract names such a cell, for a person to look at.

    >>> number("1109428   "), number("1,234.5"), number("1,23"), number("１２"), number("")
    (Decimal('1109428'), Decimal('1234.5'), None, None, None)
    """
    text = printed(cell)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return Decimal(text)
    return Decimal(text) if re.fullmatch(PRINTED_NUMBER, text) else None


#: Units in which China's statistics print a measure.
_USUAL: Final = {
    "NUMBER": ("个",),
    "PERSONS": ("人", "万人"),
    "CNY": ("元", "万元", "亿元"),
    "PT": ("%",),
}
#: What a note says of a unit that the file does not name.
BY_SIZE: Final = "the file names no unit; of those in use only this one gives the nation its size"


def unit_by_size(series: str, nation: Iterable[Cell]) -> str:
    """The one usual unit in which all national values are of the nation's size; "" if not one.

    >>> unit_by_size("cn_resident_population", [141212]), unit_by_size("cn_gdp", [12])
    ('万人', '')
    """
    about = SERIES[series]
    values = [value for cell in nation if (value := number(cell)) is not None]
    if about.nation is None or not values:
        return ""
    low, high = about.nation
    fitting = [
        unit
        for unit in _USUAL[about.unit]
        if all(low <= float(value.scaleb(UNITS[unit][1])) <= high for value in values)
    ]
    return fitting[0] if len(fitting) == 1 else ""


def row(
    series: str,
    where: str,
    period: str,
    cell: Cell,
    unit: str,
    place: Place,
    publication: Publication,
    words: Mapping[str, str],
    code: str | None = None,
) -> Row:
    """A cell as a row of the contract, in plain units: 6507519 of 万元 becomes 65075190000 CNY.

    where: the printed name of the area; words: what the groups of contracts.regions.area are here;
    code: the area, where the source itself knows it. What is unknown (area, unit, text for a
    number) stays as printed, for the contract to reject it by name.
    """
    about = SERIES[series]
    measure, power = UNITS.get(unit, (None, 0))
    value = number(cell)
    known = area(where)
    text = printed(cell) or None
    return {
        "indicator_id": series,
        "indicator_name": about.name,
        "definition": about.definition,
        "ref_area": code or words.get(known or "", known) or where.strip() or None,
        "ref_area_name": where.strip(),
        "freq": freq_of(period),
        "time_period": period,
        "obs_value": text if value is None else str(float(value.scaleb(power))),
        "obs_status": "M" if text is None else "A",
        "unit_measure": measure,
        "unit_as_published": unit,
        "value_as_published": text,
        **vars(publication),
        **vars(place),
    }


def frame(rows: Iterable[Row], contract: type[Contract]) -> pl.DataFrame:
    """Rows as the contract's columns; text stays text, which the landing casts."""
    found = list(rows)
    return pl.DataFrame(
        {name: [each[name] for each in found] for name in polars_schema(contract)}, strict=False
    )
