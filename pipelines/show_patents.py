"""How the command line shows patents to a person: one explained, many counted.

No decisions, no data access. Text of records is data from outside: control characters in it are
shown, never sent to the terminal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from pipelines import show
from pipelines.explain import Evidence, Explained
from pipelines.high_value import Stock

_CONDITIONS: Final = {
    "sei": "1 strategic industry (sei)",
    "family": "2 family abroad (family)",
    "maintenance": "3 over ten years (maintenance)",
    "pledge": "4 pledge (pledge)",
    "award": "5 award (award)",
}
#: Documents, owners and spans that are shown; --json has all.
_SHOWN: Final = 12


def explained(told: Explained) -> None:
    """One patent, from what it is to what proves it."""
    if told.is_simulated:
        show.line("SIMULATED: this is no real patent; a simulation made every record of it.")
    patent = told.patent
    show.line(show.plain(f"{told.patent_id}  {patent['title'] or '(no title told)'}"))
    differ = " (documents differ; the earliest counts)" if patent["dates_differ"] else ""
    grant = told.verdicts[0]["grant_date"] if told.verdicts else patent["grant_date"]
    facts = {
        "application": patent["application_number"],
        "publications": _several(_document(document) for document in told.documents),
        "kind of right": patent["ip_type"],
        "filed, granted": f"{_day(patent['filing_date'])}, {_day(grant)}{differ}",
        "status as published": patent["legal_status_as_published"],
        "in force": _several(_life(span) for span in told.in_force) or "on no day that is known",
        "owners": _several(_owner(owner) for owner in told.owners),
    }
    for name, fact in facts.items():
        show.line(show.plain(f"  {name + ':':21}{fact or 'not told'}"))
    if not told.verdicts:
        show.line("The rule is about invention patents alone: it says nothing of this one.")
        return
    show.table(
        f"Conditions on {told.as_of}",
        [
            {
                "condition": _CONDITIONS[one.condition],
                "state": one.state,
                "spans": ", ".join(map(_span, one.spans)),
                "in rule": ", ".join(one.rule_versions),
            }
            for one in told.conditions
        ],
    )
    show.line("Evidence")
    by_condition = {one.condition: one for one in told.evidence}
    shown: dict[tuple[str, int], str] = {}
    for condition in told.conditions:
        _evidence(condition.condition, by_condition.get(condition.condition), shown)
    show.table(
        f"Verdict on {told.as_of}",
        [
            {
                "rule": row["rule_version"],
                "in force": row["in_force_state"],
                "high-value": row["high_value_state"],
                "from": row["high_value_from"] or "–",
                "until": row["high_value_until"] or "–",
                "perhaps from": row["possible_from"] or "–",
                "perhaps until": row["possible_until"] or "–",
                "first condition": row["first_condition"] or "–",
            }
            for row in told.verdicts
        ],
    )
    show.line("until: the first day on which it is so no more.")


def _evidence(name: str, evidence: Evidence | None, shown: dict[tuple[str, int], str]) -> None:
    """The row of a condition; shown: conditions by the record that was shown with them."""
    if evidence is None:
        show.line(f"  {name}: no landed row speaks for or against it")
        return
    stored = evidence.bytes
    show.line(show.plain(f"  {name}: {evidence.table}, {evidence.file}, row {evidence.row}"))
    record = (evidence.sha256, evidence.row)
    if record in shown:
        show.line(f"    the record shown for {shown[record]}")
    else:
        shown[record] = name
        size = "" if stored.size is None else f", {stored.size:,} bytes"
        show.line(f"    sha256 {evidence.sha256}: {stored.state}{size}, {stored.path}")
        if stored.record is not None:
            show.line(
                show.plain(f"    {stored.place}: {stored.record}{' …' if stored.is_cut else ''}")
            )
        elif stored.place:
            show.line(f"    {stored.place}")
    for row in evidence.rows:
        show.line(show.plain("    read as " + ", ".join(_cell(*cell) for cell in row.items())))
    if not evidence.rows:
        show.line("    the landed row was replaced after this build: run `ipw run`")
    if evidence.rows_in_all > len(evidence.rows):
        show.line(f"    and {evidence.rows_in_all - len(evidence.rows)} further rows")


def _cell(name: str, value: Any) -> str:
    return f"{name} {'; '.join(value) or 'none' if isinstance(value, list) else value}"


def _document(document: dict[str, Any]) -> str:
    number = f"{document['office']}{document['publication_number'] or ' (no number)'}"
    return f"{number}{document['kind_code'] or ''} of {_day(document['publication_date'])}"


def _owner(owner: dict[str, Any]) -> str:
    where = owner["owner_region"] or owner["owner_country"] or "residence not told"
    since, until = owner["valid_from"], owner["valid_to"]
    period = f", {since or 'filing'} to {until or 'not told'}" if since or until else ""
    return f"{owner['owner_name']} ({where}{period})"


def _life(span: dict[str, Any]) -> str:
    sure = "" if span["is_certain"] else "perhaps "
    where = span["residence"] or "owner's residence not told"
    return f"{sure}{span['from_date']} until {span['until_date']} ({where})"


def _span(span: dict[str, Any]) -> str:
    since, until = span["from_date"], span["until_date"]
    words = [f"from {since}"] if since else []
    words += [f"until {until}"] if until else []
    return " ".join([span["state"], *(words or ["always"])])


def stock(told: Stock) -> None:
    """An office's stock on a day: areas, conditions, and what was asked for differently."""
    if told.is_simulated:
        show.line("SIMULATED: counted on a simulated register, of no real patent.")
    unconfirmed = "" if told.rule["is_confirmed"] else " (unconfirmed)"
    show.line(
        f"Inventions of office {told.office} on {told.day} by {told.rule['rule_version']}: "
        f"{told.rule['name_en']}{unconfirmed}"
    )
    if not told.areas:
        show.line("No invention of that area is, or may be, in force on that day in this register.")
    else:
        show.table("High-value: at least, at most", [_area(row) for row in told.areas])
        for period, vintage in sorted(
            {
                (row["population_period"], row["population_vintage"])
                for row in told.areas
                if row["population"] is not None
            }
        ):
            show.line(f"per 10,000 residents at the end of {period}, as published {vintage}")
        if any(row["population"] is None for row in told.areas):
            show.line("– per 10,000: no population of the year-end before is at hand")
        first = told.areas[0]
        conditions = [
            {
                "condition": words,
                "meet it": f"{first[f'{name}_gross']:,}",
                "may meet it": f"{first[f'{name}_gross_upper']:,}",
                "meet it alone": f"{first[f'{name}_unique']:,}",
            }
            for name, words in _CONDITIONS.items()
            if first[f"{name}_gross"] is not None
        ]
        show.table(f"Valid inventions in {first['ref_area']} that surely (or may)", conditions)
    show.line(_covered(told))
    for one in told.chosen:
        default = "none" if one.default is None else one.default
        show.line(f"{one.parameter} = {one.value}; default {default}, because: {one.reason}")
    if not told.chosen:
        show.line("All parameters have their defaults (table dim_rule_parameter says why).")


def _area(row: dict[str, Any]) -> dict[str, str]:
    per_10k = [row["high_value_lower_per_10k"], row["high_value_upper_per_10k"]]
    valid, valid_upper = row["valid_inventions"], row["valid_inventions_upper"]
    return {
        "area": row["ref_area"],
        "name": row["name_en"] or "",
        "valid": f"{valid:,}" + (f" to {valid_upper:,}" if valid_upper != valid else ""),
        "at least": f"{row['high_value_lower']:,}",
        "at most": f"{row['high_value_upper']:,}",
        "per 10,000": "–" if None in per_10k else " to ".join(f"{value:,.4g}" for value in per_10k),
    }


def _covered(told: Stock) -> str:
    if told.is_covered:
        return f"The register tells of this office until {told.covered_until}: the day is covered."
    return (
        f"NOT COVERED: the register tells of this office until {_day(told.covered_until)} only; "
        "what came later it cannot know."
    )


def _several(words: Iterable[str]) -> str:
    listed = list(dict.fromkeys(words))
    more = [f"and {len(listed) - _SHOWN} more"] if len(listed) > _SHOWN else []
    return "; ".join([*listed[:_SHOWN], *more])


def _day(day: dt.date | None) -> str:
    return str(day) if day else "not told"
