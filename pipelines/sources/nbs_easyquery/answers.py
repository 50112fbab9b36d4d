"""Answers of the bureau's two interfaces as rows: cells of a table, entries of the tree.

The old interface (easyquery.htm, closed in March 2026) marks what is missing by `hasdata: false`
and gives 0.0 beside it; the new one writes text, and nothing, `无` or no entry for what is
missing. Not here: recordings of several answers (recordings.py), asking (the package).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from contracts import regions
from pipelines.json_objects import once
from pipelines.source import SourceFormatError

Row = dict[str, Any]

#: Unit as printed to unit of measure and power of ten.
UNITS: Final = {
    "亿元": ("CNY", 8),
    "万元": ("CNY", 4),
    "元": ("CNY", 0),
    "亿美元": ("USD", 8),
    "万美元": ("USD", 4),
    "%": ("PT", 0),
    "万人": ("PERSONS", 4),
    "人": ("PERSONS", 0),
    "个": ("NUMBER", 0),
    "件": ("NUMBER", 0),
    "项": ("NUMBER", 0),
    "万件": ("NUMBER", 4),
}
#: What the new interface writes where there is no value.
BLANKS: Final = ("", "无")
#: Last letters of a database of the old interface by frequency.
_SUFFIX: Final = {"A": "nd", "Q": "jd", "M": "yd"}
_MONTH: Final = re.compile("([0-9]{4})(0[1-9]|1[0-2])(?:MM)?")
_QUARTER: Final = re.compile("([0-9]{4})(?:0([1-4])SS|([A-D]))")
_YEAR: Final = re.compile("([0-9]{4})(?:YY)?")


class Failure(SourceFormatError):
    """The interface's own error, which it sends with HTTP status 200."""


def rows(name: str, answer: Any, database: str | None = None) -> Iterator[tuple[str, Row]]:
    """(table, row) for each cell or entry of one answer; `raw_row` is for the caller to count.

    database: as the request named it; else it follows from what the answer holds.
    Raises Failure for an error of the interface, SourceFormatError naming the place for an answer
    of no known shape.
    """
    match answer:
        case {"returncode": 200, "returndata": {"datanodes": list(), "wdnodes": list()} as data}:
            yield from (("observation", row) for row in _old_cells(name, data, database))
        case {"returncode": code, **rest}:
            raise Failure(f"{name}: the bureau answers {code}: {rest.get('returndata')!r}"[:300])
        case {"success": True, "data": list(periods)}:
            yield from (("observation", row) for row in _new_cells(name, periods))
        case {"success": False, **rest}:
            raise Failure(f"{name}: the bureau answers {rest.get('message')!r}"[:300])
        case list():
            yield from (("catalogue_entry", row) for row in _entries(name, answer))
        case _:
            raise SourceFormatError(
                f"{name}: neither a table nor a tree of the bureau's interfaces; it starts with "
                f"{json.dumps(answer, ensure_ascii=False)[:80]}"
            )


def body(name: str, text: str) -> Any:
    """The JSON value of an answer, each fraction as the text that stands in it.

    Raises SourceFormatError for a page instead of JSON and for JSON that is cut short.
    """
    if text.lstrip().startswith("<"):
        raise SourceFormatError(
            f"{name}: HTML instead of JSON, as the bureau's guard sends to who asks too often; it "
            f"starts with {text.strip()[:60]!r}"
        )
    try:
        return json.loads(text, parse_float=str, parse_constant=str, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise SourceFormatError(
            f"{name}: not JSON at character {error.pos} of {len(text)} ({error.msg})"
        ) from error
    except RecursionError as error:
        raise SourceFormatError(f"{name}: JSON nested deeper than any answer") from error
    except ValueError as error:  # a number of thousands of digits, or a name that stands twice
        raise SourceFormatError(f"{name}: {error}") from error


def _old_cells(name: str, data: Row, database: str | None) -> Iterator[Row]:
    labels: dict[tuple[str, str], Row] = {
        (axis.get("wdcode"), node.get("code")): node
        for axis in data["wdnodes"]
        for node in axis.get("nodes") or []
        if node  # an axis without entries holds one null
    }
    for at, node in enumerate(data["datanodes"], start=1):
        try:
            place = {axis["wdcode"]: str(axis["valuecode"]) for axis in node["wds"]}
            cell = node["data"]
            code, period, has_data = place["zb"], place["sj"], cell["hasdata"]
        except (KeyError, TypeError) as error:
            raise SourceFormatError(f"{name}: data node {at} has no {error}") from error
        series, area = labels.get(("zb", code), {}), labels.get(("reg", place.get("reg", "")), {})
        printed = str(cell.get("strdata") or cell.get("data")) if has_data is True else None
        freq, time_period = _period(period)
        own = ("fs" if "reg" in place else "hg") + _SUFFIX.get(freq or "", "")
        yield {
            "database": database or own,
            "series_code": code,
            "series_name": name_of(series.get("cname") or series.get("name")),
            # Without a region the answer is of the nation, whatever the request asked for.
            "ref_area": _area(area.get("cname") or place["reg"]) if "reg" in place else "CHN",
            "freq": freq,
            "time_period": time_period,
            **_value(printed, str(series.get("unit") or ""), name_of(series.get("cname"))),
        }


def _new_cells(name: str, periods: list[Any]) -> Iterator[Row]:
    for at, entry in enumerate(periods, start=1):
        if not isinstance(entry, dict) or not isinstance(entry.get("values"), list):
            raise SourceFormatError(f"{name}: period {at} has no list of values")
        freq, time_period = _period(str(entry.get("code")))
        for cell in entry["values"]:
            text = str(cell.get("value") if cell.get("value") is not None else "").strip()
            area = cell.get("da_name")
            series_name = name_of(cell.get("i_showname"))
            yield {
                "database": ("hg" if _area(area) == "CHN" else "fs") + _SUFFIX.get(freq or "", ""),
                "series_code": cell.get("_id"),
                "series_name": series_name,
                "ref_area": _area(area),
                "freq": freq,
                "time_period": time_period,
                **_value(
                    None if text in BLANKS else text, str(cell.get("du_name") or ""), series_name
                ),
            }


def _entries(name: str, entries: list[Any]) -> Iterator[Row]:
    for at, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or not {"id", "dbcode", "isParent", "name"} <= set(entry):
            raise SourceFormatError(f"{name}: entry {at} of the tree has no id, dbcode or name")
        yield {
            "database": entry["dbcode"],
            "series_code": entry["id"],
            "name": name_of(entry["name"]),
            "parent_code": entry.get("pid") or None,
            "has_children": entry["isParent"],
        }


def _value(printed: str | None, unit: str, series_name: str | None) -> Row:
    """Value, status and unit of a cell; an unknown unit stays as printed, for the contract."""
    if not unit and series_name and "=100" in series_name:
        unit_measure, unit_mult = "INDEX", 0  # the base stands in the name
    else:
        unit_measure, unit_mult = UNITS.get(unit, (unit, 0))
    return {
        "obs_value": printed,
        "obs_status": "M" if printed is None else "A",
        "value_as_published": printed,
        "unit_measure": unit_measure or None,
        "unit_mult": unit_mult,
        "unit_as_published": unit or None,
    }


def _area(text: str | None) -> str | None:
    """ISO code of an area by its name; an unknown name stays, for the contract to name it."""
    found = regions.area(text) if text else None
    return "CHN" if text in ("全国", "中国") else found or text


def name_of(text: str | None) -> str | None:
    """A name without blanks, brackets as ASCII: the same series is spelt in two ways."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)) or None if text else None


def _period(text: str) -> tuple[str | None, str]:
    """SDMX frequency and period of 202201, 2022A, 2022, 202201MM, 202201SS, 2022YY.

    >>> [_period(p) for p in ("202212", "2022D", "202203SS", "2022YY", "2022-13")]
    [('M', '2022-12'), ('Q', '2022-Q4'), ('Q', '2022-Q3'), ('A', '2022'), (None, '2022-13')]
    """
    if found := _MONTH.fullmatch(text):
        return "M", f"{found[1]}-{found[2]}"
    if found := _QUARTER.fullmatch(text):
        return "Q", f"{found[1]}-Q{found[2] or 'ABCD'.index(found[3]) + 1}"
    if found := _YEAR.fullmatch(text):
        return "A", found[1]
    return None, text
