"""What rules between cells of tables by province share: their words, and the finding they return.

Not here: the rules themselves (region_sums.py, region_neighbours.py, region_copies.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from contracts.regional import SERIES
from contracts.regions import area_name
from contracts.units import UNITS

Cell = Mapping[str, Any]
Finding = dict[str, object]
#: A file's cells of one period: by series, then by area.
Table = Mapping[str, Mapping[str, Cell]]

_SARS: Final = ("CN-HK", "CN-MO", "CN-TW")
_WEST: Final = (
    "CN-NM", "CN-GX", "CN-CQ", "CN-SC", "CN-GZ", "CN-YN", "CN-XZ", "CN-SN", "CN-GS", "CN-QH",
    "CN-NX", "CN-XJ",
)  # fmt: skip
_NORTHEAST: Final = ("CN-LN", "CN-JL", "CN-HL")
_CENTRAL: Final = ("CN-SX", "CN-AH", "CN-JX", "CN-HA", "CN-HB", "CN-HN")
_EAST: Final = (
    "CN-BJ", "CN-TJ", "CN-HE", "CN-SH", "CN-JS", "CN-ZJ", "CN-FJ", "CN-SD", "CN-GD", "CN-HI",
)  # fmt: skip
#: Members of the regions, as raw/official_releases/ref_areas.csv notes them.
MEMBERS: Final = {
    "CN-EAST": _EAST,
    "CN-CENTRAL": _CENTRAL,
    "CN-WEST": _WEST,
    "CN-NORTHEAST": _NORTHEAST,
    "CN-EAST-3": (*_EAST, "CN-LN"),
    "CN-CENTRAL-3": (*_CENTRAL, "CN-JL", "CN-HL"),
}


@dataclass(frozen=True)
class Whole:
    """A total and the areas that make it up.

    needs: the area without which a mirror of a table has not all of its parts; it then can only say
    that the parts are not more than the whole. unplaced: share of the whole that may belong to no
    part, and because says why. exact: false where the parts are estimated apart from the whole.
    """

    area: str
    parts: tuple[str, ...]
    needs: str | None = None
    unplaced: float = 0.0
    because: str = ""
    exact: bool = True


@dataclass(frozen=True)
class Rules:
    """What a source's tables are held against.

    wholes: by the beginning of the series' keys. types: a total and the series that make it up.
    columns: groups of series that stand side by side in one table. same_vintage: neighbours in time
    count only within one file, because the files differ in vintage.
    """

    dataset: str
    wholes: Mapping[str, tuple[Whole, ...]] = field(default_factory=dict)
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: tuple[tuple[str, ...], ...] = ()
    same_vintage: bool = False


def order(cell: Cell) -> tuple[Any, ...]:
    return (cell["raw_file"], cell["raw_sha256"], cell["raw_row"], cell["cell"] or "")


def half_a_unit(cell: Cell) -> float:
    """Half of the last printed digit, in plain units; a count is exact."""
    if cell["unit_measure"] == "NUMBER" and UNITS[cell["unit_as_published"]][1] == 0:
        return 0.0
    text = str(cell["value_as_published"] or "")
    decimals = min(len(text.partition(".")[2]), 6)
    return 0.5 * 10.0 ** (UNITS[cell["unit_as_published"]][1] - decimals)


#: How many of 31 provinces make a pattern rather than a coincidence.
MOST: Final = 20


def finding(
    rules: Rules,
    cell: Cell,
    rule: str,
    *,
    expected: str,
    found: str,
    complaint: str,
    severity: str = "error",
    explanation: str | None = None,
    on: Literal["cell", "table"] = "cell",
    code: str | None = None,
) -> Finding:
    """A finding on a cell, or on the table that it stands in and, in that, an area `code`."""
    code = cell["ref_area"] if on == "cell" else code
    sheet = f", sheet {cell['sheet']!r}" if cell["sheet"] else ""
    address = f", cell {cell['cell']}" if cell["cell"] and on == "cell" else ""
    where = f"{cell['raw_file']}{sheet}{address}"
    what = SERIES[cell["indicator_id"]].name
    subject = f"{what}, {area_name(code)}, " if code else f"{what}, "
    return {
        "dataset": rules.dataset,
        "file": cell["raw_file"],
        "row": cell["raw_row"] if on == "cell" else None,
        "rule": rule,
        "severity": severity,
        "indicator_id": cell["indicator_id"],
        "ref_area": code,
        "time_period": cell["time_period"],
        "expected": expected,
        "found": found,
        "message": f"{where}: {subject}{cell['time_period']}: {complaint}",
        "status": "open" if explanation is None else "explained",
        "explanation": explanation,
    }


def number(value: float) -> str:
    """Shortest text of a number, whole numbers without a point."""
    return repr(round(value, 4)).removesuffix(".0")
