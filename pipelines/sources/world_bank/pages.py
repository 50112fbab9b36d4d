"""Answers of the World Bank API v2: a page of a series, a page of the list of economies, an error.

Not here: asking for them (world_bank.py), bulk files (files.py).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from typing import Any, Final, NamedTuple

from pipelines.headings import Heading
from pipelines.json_objects import once
from pipelines.source import SourceFormatError
from pipelines.sources.world_bank.rows import SERIES, Part, day, economies, observations, stripped

#: Numbers of the API's messages: what was asked for does not exist; there are no data for it.
INVALID: Final = {"120", "175"}
NO_DATA: Final = {"160"}
#: Names in an entry of a page. Those that are not read may be missing.
SERIES_ENTRY: Final = Heading(
    "a page of a series",
    (
        "indicator", "country", "countryiso3code", "date", "value", "unit", "obs_status", "decimal",
        "footnote",
    ),
    numbers=frozenset({"value"}),
    optional=frozenset({"unit", "obs_status", "decimal", "footnote"}),
)  # fmt: skip
_UNREAD: Final = ("adminregion", "lendingType", "capitalCity", "longitude", "latitude")
ECONOMY_ENTRY: Final = Heading(
    "the list of economies",
    ("id", "iso2Code", "name", "region", "adminregion", "incomeLevel", *_UNREAD[1:]),
    optional=frozenset(_UNREAD),
)


class ApiMessage(SourceFormatError):
    """The API's own error, which it sends with HTTP status 200; ids: its numbers."""

    def __init__(self, name: str, messages: list[Any]) -> None:
        self.ids = {_text(message, "id") for message in messages}
        told = "; ".join(
            f"{_text(m, 'id')} ({_text(m, 'key')}): {_text(m, 'value')}" for m in messages
        )
        super().__init__(f"{name}: the World Bank answers with message {told}")


class Page(NamedTuple):
    """A page's header and its items; of_series: the header is that of a series."""

    number: int
    pages: int
    total: int
    released: dt.date | None
    items: list[Any]
    of_series: bool


def page(name: str, content: bytes) -> Page:
    """The page in an answer. Raises ApiMessage, or SourceFormatError naming what is wrong."""
    body = _body(name, content)
    head = body[0] if isinstance(body, list) and body else None
    if not isinstance(head, dict):
        raise SourceFormatError(f"{name}: JSON, but no list that begins with a page's header")
    if isinstance(head.get("message"), list):
        raise ApiMessage(name, head["message"])
    number, pages, total = (_whole(name, head, key) for key in ("page", "pages", "total"))
    items = body[1] if len(body) > 1 else None
    if not isinstance(items, list | None):
        raise SourceFormatError(f"{name}: the second element of the answer is no list")
    if total and not items:
        raise SourceFormatError(
            f"{name}: a page without data, but its header tells of {total} rows"
        )
    updated = _text(head, "lastupdated")
    released = day(f"{name}, lastupdated", updated) if updated else None
    return Page(number, pages, total, released, items or [], "lastupdated" in head)


def parse_page(name: str, content: bytes) -> Part:
    """Rows of an answer: observations or economies; none, with a note, where it gives none."""
    try:
        found = page(name, content)
    except ApiMessage as message:
        if message.ids != NO_DATA:
            raise
        return Part({"observation": observations([])}, notes=(str(message),))
    kinds = {kind for item in found.items for kind in ("indicator", "region") if _has(item, kind)}
    if kinds == {"indicator"}:
        return _observations(name, found)
    if kinds == {"region"}:
        drift = ECONOMY_ENTRY.judge(name, _keys(found.items))
        rows = [_economy(item, at) for at, item in enumerate(found.items, 1)]
        return Part({"economy": economies(rows)}, drift=drift)
    if found.items:
        raise SourceFormatError(f"{name}: neither a page of a series nor of the list of economies")
    notes = (f"{name}: the World Bank gives no rows",)
    if found.of_series:
        return Part({"observation": observations([])}, found.released, notes)
    return Part({"economy": economies([])}, notes=notes)


def _keys(items: list[Any]) -> list[str]:
    """Names in the entries of a page, in the order in which they come."""
    return list(dict.fromkeys(key for item in items if isinstance(item, dict) for key in item))


def _observations(name: str, found: Page) -> Part:
    values = [_text(item, "value") for item in found.items]
    drift = SERIES_ENTRY.judge(name, _keys(found.items), {"value": values})
    rows = []
    unknown: Counter[str] = Counter()
    for at, item in enumerate(found.items, 1):
        series = _text(item, "indicator", "id")
        if series and series not in SERIES:
            unknown[series] += 1
            continue
        value = _text(item, "value")
        row = {
            "indicator_id": series,
            "indicator_name": _text(item, "indicator", "value"),
            # "" for what has no ISO code, such as "Not classified".
            "ref_area": _text(item, "countryiso3code") or _text(item, "country", "id"),
            "ref_area_name": _text(item, "country", "value"),
            "period": _text(item, "date"),
            "value_as_published": value,
            "obs_status": None,
            "raw_row": at,
        }
        if value is not None:
            row["obs_status"] = _text(item, "obs_status") or "A"
        elif _has(item, "value"):
            row["obs_status"] = "M"
        rows.append(row)
    return Part({"observation": observations(rows)}, found.released, (), unknown, drift)


def _economy(item: Any, at: int) -> dict[str, Any]:
    region = _text(item, "region", "id")
    country = region != "NA"
    return {
        "ref_area": _text(item, "id"),
        "iso2_code": stripped(_text(item, "iso2Code")),
        "name": _text(item, "name"),
        "region": stripped(_text(item, "region", "value")) if country else None,
        "income_level": stripped(_text(item, "incomeLevel", "value")) if country else None,
        "is_aggregate": not country if region else None,
        "raw_row": at,
    }


def _body(name: str, content: bytes) -> Any:
    """The JSON value, with each number as the text that stands in the bytes."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceFormatError(f"{name}: byte {error.start} is not UTF-8") from error
    if text.lstrip().startswith("<"):
        start = text.strip()[:80]
        raise SourceFormatError(f"{name}: HTML or XML instead of JSON; it starts with {start!r}")
    try:
        return json.loads(
            text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=once
        )
    except json.JSONDecodeError as error:
        at = len(text[: error.pos].encode())
        raise SourceFormatError(
            f"{name}: not JSON at byte {at} of {len(content)} ({error.msg}); the body was cut "
            "short or altered: fetch it again"
        ) from error
    except RecursionError as error:
        raise SourceFormatError(f"{name}: JSON nested deeper than any page") from error
    except ValueError as error:
        raise SourceFormatError(f"{name}: {error}") from error


def _has(item: Any, key: str) -> bool:
    return isinstance(item, dict) and key in item


def _text(item: Any, *path: str) -> str | None:
    """What stands at a path of an item, as text; None where there is nothing."""
    for key in path:
        item = item.get(key) if isinstance(item, dict) else None
    # Half of a surrogate pair, which JSON can write, is no text that can be stored.
    return None if item is None else str(item).encode("utf-8", "replace").decode()


def _whole(name: str, head: dict[str, Any], key: str) -> int:
    value = head.get(key)
    if not isinstance(value, str) or not re.fullmatch("[0-9]{1,9}", value):
        raise SourceFormatError(f"{name}: {key} of the page's header is {value!r}, no whole number")
    return int(value)
