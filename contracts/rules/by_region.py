"""Rules between the cells of tables by province: sums, presence, neighbours, other publications.

Takes landed rows of contracts.regional with their provenance and returns rows of the findings
table. Pure functions. Not here: rules over one row (contracts/regional.py), the arithmetic of
official figures (the other modules of this package).
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any, Final, Literal

import polars as pl

from contracts.regional import SERIES
from contracts.regions import PROVINCES, area_name
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


def review(cells: pl.DataFrame, rules: Rules) -> list[Finding]:
    """All findings, in the order of files, series, periods and areas."""
    rows = sorted(cells.iter_rows(named=True), key=_order)
    files: dict[tuple[str, str, str], dict[str, dict[str, Cell]]] = {}
    for cell in rows:
        key = (cell["raw_file"], cell["raw_sha256"], cell["time_period"])
        files.setdefault(key, {}).setdefault(cell["indicator_id"], {})[cell["ref_area"]] = cell
    found: list[Finding] = []
    for table in files.values():
        for rule in _OF_A_TABLE:
            found += rule(table, rules)
    for across in _ACROSS_TABLES:
        found += across(rows, rules)
    return sorted(found, key=lambda f: tuple(str(f[name]) for name in _ORDER))


_ORDER: Final = ("file", "indicator_id", "time_period", "ref_area", "rule", "message")


def _order(cell: Cell) -> tuple[Any, ...]:
    return (cell["raw_file"], cell["raw_sha256"], cell["raw_row"], cell["cell"] or "")


def _every_province_present(table: Table, rules: Rules) -> Iterator[Finding]:
    for series, cells in table.items():
        lost = [code for code in PROVINCES if code not in cells]
        any_cell = next(iter(cells.values()))
        for code in lost:
            yield _finding(
                rules, any_cell, "every_province_present", on="table", code=code,
                expected=f"a row for {area_name(code)}" + _remainder(cells, series, rules, lost),
                found="none",
                complaint=f"{area_name(code)} has no row",
            )  # fmt: skip


def _remainder(cells: Mapping[str, Cell], series: str, rules: Rules, lost: list[str]) -> str:
    """What the total leaves for the one province that is missing."""
    for whole in _wholes(series, rules):
        parts = [cells[code]["obs_value"] for code in whole.parts if code in cells]
        if (
            len(lost) == 1
            and _is_complete(whole, cells)
            and whole.area in cells
            and not whole.unplaced
        ):
            total = cells[whole.area]["obs_value"]
            if total is not None and None not in parts:
                return f"; the total leaves {_number(total - sum(parts))} for it"
    return ""


def _parts_make_the_whole(table: Table, rules: Rules) -> Iterator[Finding]:
    for series, cells in table.items():
        for whole in _wholes(series, rules):
            total = cells.get(whole.area)
            if total is None or total["obs_value"] is None:
                continue
            if any(code in PROVINCES and code not in cells for code in whole.parts):
                continue  # every_province_present tells
            parts = [cells[code] for code in whole.parts if code in cells]
            yield from _sum(
                rules, "parts_make_the_whole", total, parts,
                complete=_is_complete(whole, cells), whole=whole,
            )  # fmt: skip


def _is_complete(whole: Whole, cells: Mapping[str, Cell]) -> bool:
    """A publisher's table prints all parts of its total; somebody's mirror of it may not."""
    mirror = any(cell["trust"] == "mirror" for cell in cells.values())
    return not mirror or whole.needs is None or whole.needs in cells


def _members_make_the_region(table: Table, rules: Rules) -> Iterator[Finding]:
    for cells in table.values():
        for region, members in MEMBERS.items():
            total = cells.get(region)
            parts = [cells[code] for code in members if code in cells]
            if total and total["obs_value"] is not None and len(parts) == len(members):
                yield from _sum(rules, "members_make_the_region", total, parts)


def _types_make_the_total(table: Table, rules: Rules) -> Iterator[Finding]:
    for total_series, parts_series in rules.types.items():
        for code, total in table.get(total_series, {}).items():
            parts = [table[key][code] for key in parts_series if code in table.get(key, {})]
            if total["obs_value"] is not None and len(parts) == len(parts_series):
                yield from _sum(rules, "types_make_the_total", total, parts)


def _sum(
    rules: Rules,
    rule: str,
    total: Cell,
    parts: list[Cell],
    *,
    complete: bool = True,
    whole: Whole | None = None,
) -> Iterator[Finding]:
    """Compare a total with its parts, each as exact as it is printed; blank parts count nothing."""
    known = [part["obs_value"] for part in parts if part["obs_value"] is not None]
    blank = [area_name(p["ref_area"]) for p in parts if p["obs_value"] is None]
    if not known:
        return
    parts_sum = math.fsum(known)
    gap = total["obs_value"] - parts_sum
    tolerance = sum(_half_a_unit(cell) for cell in (total, *parts))
    if abs(gap) <= tolerance * (1 + 1e-9) + 1e-6 or (gap > 0 and not complete):
        return
    unplaced = whole.unplaced if whole else 0.0
    loose = whole is not None and not whole.exact
    placed = 0 < gap <= unplaced * abs(total["obs_value"])
    yield _finding(
        rules, total, rule,
        severity="info" if placed else "warning" if (gap > 0 and blank) or loose else "error",
        expected=_number(parts_sum) + f", the sum of {len(known)} parts"
        + (f" (blank: {'、'.join(blank)})" if blank else ""),
        found=_number(total["obs_value"]),
        complaint=f"the total differs by {_number(gap)} from the sum of its parts",
        explanation=whole.because if placed and whole else None,
    )  # fmt: skip


def _half_a_unit(cell: Cell) -> float:
    """Half of the last printed digit, in plain units; a count is exact."""
    if cell["unit_measure"] == "NUMBER" and UNITS[cell["unit_as_published"]][1] == 0:
        return 0.0
    text = str(cell["value_as_published"] or "")
    decimals = min(len(text.partition(".")[2]), 6)
    return 0.5 * 10.0 ** (UNITS[cell["unit_as_published"]][1] - decimals)


def _nation_has_its_size(table: Table, rules: Rules) -> Iterator[Finding]:
    """A national value of another order of magnitude stands under another unit than printed."""
    for series, cells in table.items():
        bounds = SERIES[series].nation
        cell = cells.get("CHN")
        if (
            bounds
            and cell
            and cell["obs_value"]
            and not bounds[0] <= cell["obs_value"] <= bounds[1]
        ):
            yield _finding(
                rules, cell, "nation_has_its_size",
                expected=f"{bounds[0]:g} to {bounds[1]:g} {cell['unit_measure']}",
                found=_number(cell["obs_value"]),
                complaint=f"the unit {cell['unit_as_published']} does not fit the figures",
            )  # fmt: skip


def _no_jump(rows: Sequence[Cell], rules: Rules) -> Iterator[Finding]:
    """A value within the bounds that the years around it allow, unless a footnote says why not."""
    lines: dict[tuple[str, ...], dict[int, Cell]] = defaultdict(dict)
    for cell in sorted(rows, key=lambda c: (c["vintage"], *_order(c))):
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
    said = "; ".join(f"{o['time_period']}: {_number(o['obs_value'])}" for o in near)
    yield _finding(
        rules, cell, "no_jump",
        severity="warning",
        expected=f"{_number(low)} to {_number(high)} ({said})",
        found=_number(value),
        complaint=f"it is outside {factor:g} times what the years around it allow",
        explanation=f"footnote of the table: {cell['note']}" if _is_footnote(cell) else None,
    )  # fmt: skip


def _is_footnote(cell: Cell) -> bool:
    return str(cell["note"] or "").startswith(("注", "Note"))


def _columns_in_place(rows: Sequence[Cell], rules: Rules) -> Iterator[Finding]:
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
            yield _finding(
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


def _years_in_place(rows: Sequence[Cell], rules: Rules) -> Iterator[Finding]:
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
        if len(years) < 4 or len(lines) < _MOST:
            continue
        one, other, better = max(
            ((i, j, _smoother(lines, i, j)) for j in range(len(years)) for i in range(j)),
            key=lambda swap: swap[2],
        )
        if better >= _MOST:
            cell = next(iter(areas.values()))[years[one]]
            yield _finding(
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


def _no_year_twice(rows: Sequence[Cell], rules: Rules) -> Iterator[Finding]:
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
                if one < two and _same(series[one], series[two]) >= _MOST]  # fmt: skip
        borne_out = {key for one, two in same if one[0] == two[0] for key in (one, two)}
        told = set()
        for one, two in same:
            # The later year repeats the earlier one, unless only the later one is borne out.
            wrong, right = (one, two) if two in borne_out and one not in borne_out else (two, one)
            if one[0] == two[0] or wrong in borne_out or wrong in told:
                continue
            told.add(wrong)
            yield _finding(
                rules, next(iter(series[wrong].values())), "no_year_twice", on="table",
                expected=f"other figures than those of {right[0]} in {right[1]}",
                found=f"the same in {_same(series[one], series[two])} provinces",
                complaint=f"the figures are those of {right[0]}",
            )  # fmt: skip


def _same(one: Mapping[str, Cell], two: Mapping[str, Cell]) -> int:
    """In how many areas two tables have the same figure."""
    return sum(one[code]["obs_value"] == two[code]["obs_value"] for code in one.keys() & two.keys())


#: How many of 31 provinces make a pattern rather than a coincidence.
_MOST: Final = 20


def _publications_agree(rows: Sequence[Cell], rules: Rules) -> Iterator[Finding]:
    """Files of one year's publication give the same figure, as exact as each is printed."""
    first: dict[tuple[Any, ...], Cell] = {}
    differing: dict[tuple[str, ...], list[tuple[Cell, Cell]]] = defaultdict(list)
    for cell in rows:
        if cell["obs_value"] is None:
            continue
        key = (cell["indicator_id"], cell["ref_area"], cell["time_period"], cell["vintage"].year)
        other = first.setdefault(key, cell)
        tolerance = _half_a_unit(cell) + _half_a_unit(other)
        if abs(cell["obs_value"] - other["obs_value"]) > tolerance * (1 + 1e-9) + 1e-6:
            table = (cell["raw_file"], other["raw_file"], cell["indicator_id"], cell["time_period"])
            differing[table].append((cell, other))
    for pairs in differing.values():
        whole_table = len(pairs) > _FEW
        for cell, other in pairs[:1] if whole_table else pairs:
            yield _finding(
                rules, cell, "publications_agree", on="table" if whole_table else "cell",
                expected=f"{_number(other['obs_value'])}, as in {other['raw_file']}"
                + (f", for {area_name(cell['ref_area'])}" if whole_table else ""),
                found=_number(cell["obs_value"]),
                complaint=f"another file of the same publication ({other['raw_file']}) differs"
                + (f" in {len(pairs)} areas" if whole_table else ""),
            )  # fmt: skip


#: Differing cells of a table above which the table is told of, and not each cell.
_FEW: Final = 5


def _no_period_in_the_future(rows: Sequence[Cell], rules: Rules) -> Iterator[Finding]:
    """No file holds a year that had not ended when the file was got."""
    told = set()
    for cell in rows:
        year = int(cell["time_period"][:4])
        key = (cell["raw_file"], cell["indicator_id"], year)
        if cell["freq"] == "A" and year >= _got(cell).year and key not in told:
            told.add(key)
            yield _finding(
                rules, cell, "no_period_in_the_future", on="table",
                expected=f"a year before {_got(cell).year}",
                found=str(year),
                complaint="the year had not ended when the file was got",
            )  # fmt: skip


def _got(cell: Cell) -> dt.date:
    return dt.date.fromisoformat(cell["retrieved_at"][:10])


_OF_A_TABLE: Final[tuple[Callable[[Table, Rules], Iterable[Finding]], ...]] = (
    _every_province_present,
    _parts_make_the_whole,
    _members_make_the_region,
    _types_make_the_total,
    _nation_has_its_size,
)
_ACROSS_TABLES: Final[tuple[Callable[[Sequence[Cell], Rules], Iterable[Finding]], ...]] = (
    _no_jump,
    _columns_in_place,
    _years_in_place,
    _no_year_twice,
    _publications_agree,
    _no_period_in_the_future,
)


def _wholes(series: str, rules: Rules) -> tuple[Whole, ...]:
    return next((wholes for start, wholes in rules.wholes.items() if series.startswith(start)), ())


def _finding(
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


def _number(value: float) -> str:
    """Shortest text of a number, whole numbers without a point."""
    return repr(round(value, 4)).removesuffix(".0")
