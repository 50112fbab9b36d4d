"""Rules between the cells of tables by province: sums, presence, neighbours, other publications.

Takes landed rows of contracts.regional with their provenance and returns rows of the findings
table. Pure functions. Here: which rules there are. Not here: the rules (region_*.py), rules over
one row (contracts/regional.py), the arithmetic of official figures (the other modules of this
package).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import polars as pl

from contracts.rules.region_cells import Cell, Finding, Rules, Table, order
from contracts.rules.region_copies import no_period_in_the_future, no_year_twice, publications_agree
from contracts.rules.region_neighbours import columns_in_place, no_jump, years_in_place
from contracts.rules.region_sums import (
    every_province_present,
    members_make_the_region,
    nation_has_its_size,
    parts_make_the_whole,
    types_make_the_total,
)


def review(cells: pl.DataFrame, rules: Rules) -> list[Finding]:
    """All findings, in the order of files, series, periods and areas."""
    rows = sorted(cells.iter_rows(named=True), key=order)
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


_OF_A_TABLE: Final[tuple[Callable[[Table, Rules], Iterable[Finding]], ...]] = (
    every_province_present,
    parts_make_the_whole,
    members_make_the_region,
    types_make_the_total,
    nation_has_its_size,
)
_ACROSS_TABLES: Final[tuple[Callable[[Sequence[Cell], Rules], Iterable[Finding]], ...]] = (
    no_jump,
    columns_in_place,
    years_in_place,
    no_year_twice,
    publications_agree,
    no_period_in_the_future,
)
