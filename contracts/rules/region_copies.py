"""Rules on tables by province that repeat others, or tell of a year that had not ended.

Not here: what other years make likely (region_neighbours.py).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from contracts.regions import PROVINCES, area_name
from contracts.rules.region_cells import MOST, Cell, Finding, Rules, finding, half_a_unit, number


def no_year_twice(rows: Sequence[Cell], rules: Rules) -> Iterator[Finding]:
    """Two years of one series in which most provinces have the same figures are one year.

    Told of the table that no other file of its year bears out.
    """
    tables: dict[str, dict[tuple[str, str], dict[str, Cell]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for cell in rows:
        if cell["freq"] == "A" and cell["obs_value"] and cell["ref_area"] in PROVINCES:
            key = (cell["time_period"], cell["raw_file"])
            tables[cell["indicator_id"]][key][cell["ref_area"]] = cell
    for series in tables.values():
        same = [(one, two) for one in series for two in series
                if one < two and _same(series[one], series[two]) >= MOST]  # fmt: skip
        borne_out = {key for one, two in same if one[0] == two[0] for key in (one, two)}
        told = set()
        for one, two in same:
            # The later year repeats the earlier one, unless only the later one is borne out.
            wrong, right = (one, two) if two in borne_out and one not in borne_out else (two, one)
            if one[0] == two[0] or wrong in borne_out or wrong in told:
                continue
            told.add(wrong)
            yield finding(
                rules, next(iter(series[wrong].values())), "no_year_twice", on="table",
                expected=f"other figures than those of {right[0]} in {right[1]}",
                found=f"the same in {_same(series[one], series[two])} provinces",
                complaint=f"the figures are those of {right[0]}",
            )  # fmt: skip


def _same(one: Mapping[str, Cell], two: Mapping[str, Cell]) -> int:
    """In how many areas two tables have the same figure."""
    return sum(one[code]["obs_value"] == two[code]["obs_value"] for code in one.keys() & two.keys())


def publications_agree(rows: Sequence[Cell], rules: Rules) -> Iterator[Finding]:
    """Files of one year's publication give the same figure, as exact as each is printed."""
    first: dict[tuple[Any, ...], Cell] = {}
    differing: dict[tuple[str, ...], list[tuple[Cell, Cell]]] = defaultdict(list)
    for cell in rows:
        if cell["obs_value"] is None:
            continue
        key = (cell["indicator_id"], cell["ref_area"], cell["time_period"], cell["vintage"].year)
        other = first.setdefault(key, cell)
        tolerance = half_a_unit(cell) + half_a_unit(other)
        if abs(cell["obs_value"] - other["obs_value"]) > tolerance * (1 + 1e-9) + 1e-6:
            table = (cell["raw_file"], other["raw_file"], cell["indicator_id"], cell["time_period"])
            differing[table].append((cell, other))
    for pairs in differing.values():
        whole_table = len(pairs) > _FEW
        for cell, other in pairs[:1] if whole_table else pairs:
            yield finding(
                rules, cell, "publications_agree", on="table" if whole_table else "cell",
                expected=f"{number(other['obs_value'])}, as in {other['raw_file']}"
                + (f", for {area_name(cell['ref_area'])}" if whole_table else ""),
                found=number(cell["obs_value"]),
                complaint=f"another file of the same publication ({other['raw_file']}) differs"
                + (f" in {len(pairs)} areas" if whole_table else ""),
            )  # fmt: skip


#: Differing cells of a table above which the table is told of, and not each cell.
_FEW: Final = 5


def no_period_in_the_future(rows: Sequence[Cell], rules: Rules) -> Iterator[Finding]:
    """No file holds a year that had not ended when the file was got."""
    told = set()
    for cell in rows:
        year = int(cell["time_period"][:4])
        key = (cell["raw_file"], cell["indicator_id"], year)
        if cell["freq"] == "A" and year >= _got(cell).year and key not in told:
            told.add(key)
            yield finding(
                rules, cell, "no_period_in_the_future", on="table",
                expected=f"a year before {_got(cell).year}",
                found=str(year),
                complaint="the year had not ended when the file was got",
            )  # fmt: skip


def _got(cell: Cell) -> dt.date:
    return dt.date.fromisoformat(cell["retrieved_at"][:10])
