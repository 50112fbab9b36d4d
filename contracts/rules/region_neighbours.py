"""Rules on tables by province and their years: no jump, and each column under its own heading.

Not here: sums within a table (region_sums.py), figures that stand twice (region_copies.py).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Final

from contracts.regional import SERIES
from contracts.regions import PROVINCES
from contracts.rules.region_cells import MOST, Cell, Finding, Rules, finding, number, order
from contracts.units import UNITS


def no_jump(rows: Sequence[Cell], rules: Rules) -> Iterator[Finding]:
    """A value within the bounds that the years around it allow, unless a footnote says why not."""
    lines: dict[tuple[str, ...], dict[int, Cell]] = defaultdict(dict)
    for cell in sorted(rows, key=lambda c: (c["vintage"], *order(c))):
        if cell["freq"] == "A" and cell["obs_value"] is not None and _jump(cell):
            file = cell["raw_file"] if rules.same_vintage else ""
            lines[(cell["indicator_id"], cell["ref_area"], file)][int(cell["time_period"])] = cell
    for line in lines.values():
        for year in sorted(line):
            yield from _judge_jump(rules, line[year], [line[y] for y in _around(line, year)])


#: Years beyond which a value is no neighbour.
_NEAR: Final = 3
#: Printed figures below which a jump means nothing.
_SMALL: Final = 100


def _around(years: Iterable[int], year: int) -> list[int]:
    """The nearest year before and after, as far as they are near."""
    before = max((y for y in years if year - _NEAR <= y < year), default=None)
    after = min((y for y in years if year < y <= year + _NEAR), default=None)
    return [y for y in (before, after) if y is not None]


def _jump(cell: Cell) -> float | None:
    return SERIES[cell["indicator_id"]].jump


def _judge_jump(rules: Rules, cell: Cell, near: list[Cell]) -> Iterator[Finding]:
    factor = _jump(cell) or 0.0
    values = [other["obs_value"] for other in near]
    # At the end of a series one neighbour must vouch alone.
    factor = factor if len(values) > 1 else factor**2
    scale = 1 if cell["unit_measure"] == "PT" else 10.0 ** UNITS[cell["unit_as_published"]][1]
    least = 0.0 if cell["unit_measure"] == "PT" else _SMALL * scale
    value = cell["obs_value"]
    if not values or max(value, *values) < least:
        return
    low, high = min(values) / factor, max(values) * factor
    if low <= value <= high:
        return
    said = "; ".join(f"{o['time_period']}: {number(o['obs_value'])}" for o in near)
    yield finding(
        rules, cell, "no_jump",
        severity="warning",
        expected=f"{number(low)} to {number(high)} ({said})",
        found=number(value),
        complaint=f"it is outside {factor:g} times what the years around it allow",
        explanation=f"footnote of the table: {cell['note']}" if _is_footnote(cell) else None,
    )  # fmt: skip


def _is_footnote(cell: Cell) -> bool:
    return str(cell["note"] or "").startswith(("注", "Note"))


def columns_in_place(rows: Sequence[Cell], rules: Rules) -> Iterator[Finding]:
    """Side by side columns resemble their own series of other years more than each other's."""
    by_year: dict[str, dict[str, dict[int, dict[str, Cell]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(dict))
    )
    for cell in rows:
        if cell["freq"] == "A" and (cell["obs_value"] or 0) > 0 and cell["ref_area"] in PROVINCES:
            year = int(cell["time_period"])
            for file in ("", cell["raw_file"]):
                by_year[file][cell["indicator_id"]][year].setdefault(cell["ref_area"], cell)
    for file, series in by_year.items():
        if not file:
            continue
        for group in rules.columns:
            years = set.intersection(*(set(series.get(key, {})) for key in group))
            for year in sorted(years):
                others = by_year[""]
                known = set.intersection(*(set(others[key]) for key in group)) - {year}
                near = _around(known, year)
                if near:
                    yield from _judge_columns(rules, group, series, others, year, near)


def _judge_columns(
    rules: Rules,
    group: tuple[str, ...],
    own: Mapping[str, Mapping[int, Mapping[str, Cell]]],
    others: Mapping[str, Mapping[int, Mapping[str, Cell]]],
    year: int,
    near: list[int],
) -> Iterator[Finding]:
    def distance(column: str, as_series: str) -> float:
        """Median over provinces of the ratio to what the years around it make likely, as a log."""
        as_printed = SERIES[column].unit != SERIES[as_series].unit
        ratios = sorted(
            abs(_logarithm(cell, as_printed) - sum(logs) / len(logs))
            for code, cell in own[column][year].items()
            if (
                logs := [
                    _logarithm(others[as_series][y][code], as_printed)
                    for y in near
                    if code in others[as_series][y]
                ]
            )
        )
        return ratios[len(ratios) // 2] if ratios else math.inf

    table = {(c, s): distance(c, s) for c in group for s in group}

    def gain(order: tuple[str, ...]) -> float:
        """How far the columns that `order` moves are where it moves them, by how far as headed."""
        moved = [(c, s) for c, s in zip(group, order, strict=True) if c != s]
        as_headed = sum(table[c, c] for c, _ in moved)
        return sum(table[pair] for pair in moved) / as_headed if as_headed else math.inf

    best = min((p for p in permutations(group) if p != group), key=gain)
    if gain(best) > _BETTER:
        return
    for column, series in zip(group, best, strict=True):
        if column != series:
            cell = next(iter(own[column][year].values()))
            yield finding(
                rules, cell, "columns_in_place", on="table",
                expected=f"figures like {SERIES[column].name} of {', '.join(map(str, near))}",
                found=f"figures like {SERIES[series].name}",
                complaint="the column seems to stand under another heading",
            )  # fmt: skip


def _logarithm(cell: Cell, as_printed: bool) -> float:
    """Of the plain value, or of the printed one, where columns of two units are compared."""
    power = UNITS[cell["unit_as_published"]][1] if as_printed else 0
    return math.log(cell["obs_value"]) - power * math.log(10)


#: Share of the distance that a swap of columns must leave at most, to be believed.
_BETTER: Final = 0.75


def years_in_place(rows: Sequence[Cell], rules: Rules) -> Iterator[Finding]:
    """Year columns of a table run on from each other more smoothly than with any two exchanged."""
    tables: dict[tuple[str, str], dict[str, dict[int, Cell]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for cell in rows:
        if cell["freq"] == "A" and (cell["obs_value"] or 0) > 0 and cell["ref_area"] in PROVINCES:
            key = (cell["raw_file"], cell["indicator_id"])
            tables[key][cell["ref_area"]][int(cell["time_period"])] = cell
    for areas in tables.values():
        years = sorted(set().union(*areas.values()))
        lines = [
            [math.log(line[y]["obs_value"]) for y in years]
            for line in areas.values()
            if len(line) == len(years)
        ]
        if len(years) < 4 or len(lines) < MOST:
            continue
        one, other, better = max(
            ((i, j, _smoother(lines, i, j)) for j in range(len(years)) for i in range(j)),
            key=lambda swap: swap[2],
        )
        if better >= MOST:
            cell = next(iter(areas.values()))[years[one]]
            yield finding(
                rules, cell, "years_in_place", on="table",
                expected=f"figures of {years[one]}",
                found=f"figures of {years[other]}, and the other way round",
                complaint=f"the columns {years[one]} and {years[other]} seem exchanged: {better} "
                f"of {len(lines)} provinces run on more smoothly so",
            )  # fmt: skip


def _smoother(lines: Sequence[Sequence[float]], i: int, j: int) -> int:
    """How many lines get shorter by a quarter of their way around i and j with these exchanged."""
    count = 0
    for line in lines:
        swapped = list(line)
        swapped[i], swapped[j] = line[j], line[i]
        steps = {s for at in (i, j) for s in (at - 1, at) if 0 <= s < len(line) - 1}
        as_headed = sum(abs(line[s + 1] - line[s]) for s in steps)
        count += sum(abs(swapped[s + 1] - swapped[s]) for s in steps) < _BETTER * as_headed
    return count
