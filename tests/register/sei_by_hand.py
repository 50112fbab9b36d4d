"""Strategic industries of IPC symbols, by reading the published rules one by one.

A pattern is read as the transcription's README says. Not here: the SQL, which joins them (dbt).
"""

from __future__ import annotations

import re
from collections import defaultdict

import warehouse_runs as wr

from pipelines.build import DBT_PROJECT

#: Code, number, patterns taken in, patterns left out, whether a keyword limit stands with it.
Rule = tuple[str, int, list[str], list[str], bool]


def rules_of_table() -> list[Rule]:
    """The seed's rules; test_sei.py proves that they are the transcribed ones."""
    return [
        (
            r["sei_code"],
            int(r["rule_no"]),
            r["ipc_include"].split(";"),
            [p for p in r["ipc_exclude"].split(";") if p],
            r["is_keyword_limited"] == "true",
        )
        for r in wr.read_csv(DBT_PROJECT / "seeds" / "sei_ipc_rules.csv")
    ]


def covers(pattern: str, symbol: str) -> bool:
    """Whether a pattern takes in a symbol; none reaches beyond a class, its first three letters."""
    if pattern[:3] != symbol[:3]:
        return False
    stem = pattern.removesuffix("*")
    is_main_group = re.fullmatch("[A-H][0-9]{2}[A-Z][0-9]+", stem) is not None
    if pattern.endswith("*"):
        return symbol.split("/")[0] == stem if is_main_group else symbol.startswith(stem)
    return symbol == (f"{stem}/00" if is_main_group else stem)


def industries(rules: list[Rule], symbol: str) -> dict[str, tuple[str, int]]:
    """State and first deciding rule by industry code."""
    held: dict[str, list[tuple[bool, int]]] = defaultdict(list)
    for code, number, include, exclude, limited in rules:
        if any(covers(p, symbol) for p in include) and not any(covers(p, symbol) for p in exclude):
            held[code].append((limited, number))
    return {
        code: ("unknown" if min(found)[0] else "true", min(found)[1])
        for code, found in held.items()
    }
