"""What the marts of the first indicator must hold, by the reference, and whether they do.

Not here: which register (generated ones: test_high_value_agrees.py; real exports:
test_high_value_real.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import pycountry
import warehouse_runs as wr
from reference import (
    CONDITIONS,
    FALSE,
    RULES,
    STATE_ON,
    TRUE,
    UNKNOWN,
    Parameters,
    Patent,
    Register,
    Stock,
    condition_states,
    high_value,
    high_value_spans,
    in_force,
    regions,
    stock_of,
)

#: The marts' words for a state, and their bits for a condition.
WORDS: Final = {TRUE: "true", UNKNOWN: "unknown", FALSE: "false"}
BITS: Final = {condition: 1 << at for at, condition in enumerate(CONDITIONS)}


def inventions(register: Register) -> list[Patent]:
    """The patents that the marts are about."""
    return [p for p in register.patents if p.ip_type == "invention"]


def verdict(register: Register, patent: Patent, rule: str, day: date) -> dict[str, Any]:
    """A row of mart_high_value_patent as of a day, by the default parameters."""
    p = Parameters()
    spans = high_value_spans(register, patent, rule, p)
    sure = [span for span in spans if span.state is TRUE]
    first = {}
    if sure:
        states = condition_states(register, patent, p)
        first = {
            c: min(s.since for s in states[c] if s.state is TRUE)
            for c in RULES[rule]
            if any(s.state is TRUE for s in states[c])
        }
    return {
        "in_force_state": WORDS[in_force(register, patent, day)],
        "high_value_state": WORDS[high_value(register, patent, rule, p, day)],
        "high_value_from": sure[0].since if sure else None,
        "high_value_until": sure[-1].until if sure else None,
        "possible_from": spans[0].since if spans else None,
        "possible_until": spans[-1].until if spans else None,
        "first_condition": min(first, key=lambda c: (first[c], CONDITIONS.index(c)), default=None),
        **{
            f"{c}_state": WORDS[STATE_ON[c](register, patent, p, day)] if c in RULES[rule] else None
            for c in CONDITIONS
        },
    }


def areas(patent: Patent, day: date) -> set[str]:
    """Areas of the warehouse in whose counts a patent stands."""
    found = {"WLD"}
    for region in regions(patent, day):
        if len(region) == 2:
            country = pycountry.countries.get(alpha_2=region)
            assert country is not None
            found.add(country.alpha_3)
        else:
            found.add(region)
        if region.startswith("CN-") or region == "CHN":
            found.add("CHN_HKMT")
    return found


def stocks(register: Register, rule: str, p: Parameters, day: date) -> dict[tuple[str, str], Stock]:
    """Stocks by office and area, of patents that are or may be in force."""
    here: dict[tuple[str, str], list[Patent]] = defaultdict(list)
    for patent in inventions(register):
        if in_force(register, patent, day) is not FALSE:
            for area in areas(patent, day):
                here[patent.office, area].append(patent)
    return {key: stock_of(register, patents, rule, p, day) for key, patents in here.items()}


def counts(stock: Stock, rule: str) -> dict[str, int | None]:
    """A stock as the marts name its parts."""
    found: dict[str, int | None] = {
        "valid_inventions": stock.valid,
        "valid_inventions_upper": stock.valid_upper,
        "high_value_lower": stock.lower,
        "high_value_upper": stock.upper,
    }
    for c in CONDITIONS:
        found[f"{c}_gross"] = stock.gross[c] if c in RULES[rule] else None
        found[f"{c}_gross_upper"] = stock.gross_upper[c] if c in RULES[rule] else None
        found[f"{c}_unique"] = stock.unique[c] if c in RULES[rule] else None
    return found


def agree(rows: Iterable[wr.Row], register: Register, rule: str, p: Parameters, day: date) -> None:
    """Rows of a mart of stocks, of one rule version and day, are the reference's stocks."""
    by_area = {(row["office"], row["ref_area"]): row for row in rows}
    for key, stock in stocks(register, rule, p, day).items():
        wanted = counts(stock, rule)
        row = by_area.pop(key)
        assert {name: row[name] for name in wanted} == wanted, (key, rule, day)
    # Areas without a patent on the day have counts of none.
    for row in by_area.values():
        assert row["valid_inventions_upper"] == row["high_value_upper"] == 0
