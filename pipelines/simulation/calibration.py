"""The figures that the simulated register is calibrated to, each with its publisher.

calibration.csv is reviewed by hand. `status` says what a figure is: published; derived from
published ones as `place` says; fitted, a parameter of the simulation that makes published figures
come out (tests/simulation measures them); or an assumption, because nobody published it. Where
`place` names observations.csv, `publication` is a release_id of raw/official_releases. Not here:
what is done with the figures (population.py).
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Final

STATUSES: Final = ("published", "derived", "fitted", "assumption")
_HERE: Final = Path(__file__).resolve().parent


@cache
def rows() -> list[dict[str, str]]:
    """The rows of calibration.csv, as text."""
    with (_HERE / "calibration.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def figures(figure: str) -> dict[str, float]:
    """Values of a figure by key. Raises KeyError where there is no such figure."""
    found = {row["key"]: float(row["value"]) for row in rows() if row["figure"] == figure}
    if not found:
        raise KeyError(figure)
    return found


def value(figure: str) -> float:
    """A figure that has one value. Raises KeyError where it has several, or none."""
    return figures(figure)[""]


@cache
def symbols() -> dict[str, list[str]]:
    """IPC symbols to draw from, by what the strategic-industry table says of them.

    true: a rule without keyword limit takes the symbol in; unknown: only limited rules do; false:
    none does.
    """
    found: dict[str, list[str]] = {"true": [], "unknown": [], "false": []}
    with (_HERE / "symbols.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["sei_state"]].append(row["ipc_symbol"])
    return found
