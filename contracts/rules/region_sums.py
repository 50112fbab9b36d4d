"""Rules within one table by province: each area is there, parts make their whole, units fit.

Not here: other years (region_neighbours.py), other files (region_copies.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from contracts.regional import SERIES
from contracts.regions import PROVINCES, area_name
from contracts.rules.region_cells import (
    MEMBERS,
    Cell,
    Finding,
    Rules,
    Table,
    Whole,
    finding,
    half_a_unit,
    number,
)


def every_province_present(table: Table, rules: Rules) -> Iterator[Finding]:
    for series, cells in table.items():
        lost = [code for code in PROVINCES if code not in cells]
        any_cell = next(iter(cells.values()))
        for code in lost:
            yield finding(
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
                return f"; the total leaves {number(total - sum(parts))} for it"
    return ""


def parts_make_the_whole(table: Table, rules: Rules) -> Iterator[Finding]:
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


def members_make_the_region(table: Table, rules: Rules) -> Iterator[Finding]:
    for cells in table.values():
        for region, members in MEMBERS.items():
            total = cells.get(region)
            parts = [cells[code] for code in members if code in cells]
            if total and total["obs_value"] is not None and len(parts) == len(members):
                yield from _sum(rules, "members_make_the_region", total, parts)


def types_make_the_total(table: Table, rules: Rules) -> Iterator[Finding]:
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
    tolerance = sum(half_a_unit(cell) for cell in (total, *parts))
    if abs(gap) <= tolerance * (1 + 1e-9) + 1e-6 or (gap > 0 and not complete):
        return
    unplaced = whole.unplaced if whole else 0.0
    loose = whole is not None and not whole.exact
    placed = 0 < gap <= unplaced * abs(total["obs_value"])
    yield finding(
        rules, total, rule,
        severity="info" if placed else "warning" if (gap > 0 and blank) or loose else "error",
        expected=number(parts_sum) + f", the sum of {len(known)} parts"
        + (f" (blank: {'、'.join(blank)})" if blank else ""),
        found=number(total["obs_value"]),
        complaint=f"the total differs by {number(gap)} from the sum of its parts",
        explanation=whole.because if placed and whole else None,
    )  # fmt: skip


def nation_has_its_size(table: Table, rules: Rules) -> Iterator[Finding]:
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
            yield finding(
                rules, cell, "nation_has_its_size",
                expected=f"{bounds[0]:g} to {bounds[1]:g} {cell['unit_measure']}",
                found=number(cell["obs_value"]),
                complaint=f"the unit {cell['unit_as_published']} does not fit the figures",
            )  # fmt: skip


def _wholes(series: str, rules: Rules) -> tuple[Whole, ...]:
    return next((wholes for start, wholes in rules.wholes.items() if series.startswith(start)), ())
