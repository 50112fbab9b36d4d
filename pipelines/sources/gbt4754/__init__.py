"""The industrial classification GB/T 4754, as a table or as the nested list of a web form.

raw/inbox/gbt4754/*.tsv (columns code, level, name) or *.js, *.json (children, title, value), each
replacing the one of the same name. Not here: what a good entry is (contracts/gbt4754.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from contracts.base import Severity, polars_schema
from contracts.gbt4754 import Industry
from pipelines.headings import EXACT, Drift, Heading
from pipelines.json_objects import once
from pipelines.source import Cadence, Keep, Licence, Parsed, Payload, Source, SourceFormatError

__all__ = ["SOURCE", "parse", "review"]

#: Cells are read by their places.
TABLE: Final = Heading(
    "the table",
    ("code", "level", "name"),
    answers={**EXACT, Drift.REORDERED: Severity.FAIL},
)
_LEVEL: Final = {1: 1, 3: 2, 4: 3, 5: 4}  # by length of the code
_Entry = tuple[str, str, str]
"""code, level as given, name"""


def parse(payload: Payload) -> Parsed:
    """Entries with the level and parent that their codes say.

    Raises SourceFormatError naming line or place when the bytes are not UTF-8, the header is
    another, a line has another number of cells, or an item of the list has no title or value.
    """
    try:
        text = payload.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceFormatError(f"{payload.name}: byte {error.start} is not UTF-8") from error
    is_table = text.startswith("code\t")
    entries = _lines(payload.name, text) if is_table else _items(payload.name, text)
    rows = [
        {
            "code": code,
            "level": level,
            "name": name,
            "parent_code": code[:-2] if len(code) == 3 else code[:-1] or None,
            "raw_row": at,
        }
        for at, (code, level, name) in entries
    ]
    schema = {**polars_schema(Industry), "level": pl.String()}
    return Parsed({"industry": pl.DataFrame(rows, schema=schema)})


def _lines(name: str, text: str) -> Iterator[tuple[int, _Entry]]:
    header, *lines = text.splitlines()
    TABLE.judge(f"{name}, line 1", header.split("\t"))
    for at, line in enumerate(lines, start=2):
        cells = line.split("\t")
        if len(cells) != 3:
            raise SourceFormatError(f"{name}, line {at}: {len(cells)} cells, the header has 3")
        yield at, (cells[0], cells[1], cells[2])


def _items(name: str, text: str) -> Iterator[tuple[int, _Entry]]:
    """Items of the nested list, a parent before its children."""
    begin, end = text.find("["), text.rfind("]")
    try:
        nested = json.loads(text[begin : end + 1], object_pairs_hook=once)
    except ValueError as error:
        raise SourceFormatError(f"{name}: neither a table nor a nested list: {error}") from error
    except RecursionError as error:
        raise SourceFormatError(f"{name}: nested deeper than any classification") from error
    waiting: list[Any] = list(reversed(nested))
    at = 0
    while waiting:
        at += 1
        item = waiting.pop()
        match item:
            case {"title": str(title), "value": str(code)}:
                level = str(_LEVEL.get(len(code), 0))
                title = title.removeprefix(code).removeprefix("-")
                yield at, (_storable(code), level, _storable(title))
            case _:
                raise SourceFormatError(f"{name}: item {at} of the list has no title or no value")
        children = item.get("children") or []
        if not isinstance(children, list):
            raise SourceFormatError(f"{name}: the children of item {at} are no list")
        waiting += reversed(children)


def _storable(text: str) -> str:
    """Half of a surrogate pair, which JSON can write and no file can hold, by its number."""
    return text.encode("utf-8", "backslashreplace").decode()


def review(tables: Mapping[str, pl.DataFrame]) -> list[Mapping[str, object]]:
    """Entries whose parent is in no landed file: a part of the tree was lost."""
    entries = tables["industry"]
    orphans = entries.filter(
        pl.col("parent_code").is_not_null()
        & ~pl.col("parent_code").is_in(entries["code"].implode())
    )
    return [
        {
            "dataset": "gbt4754.industry",
            "file": row["raw_file"],
            "row": row["raw_row"],
            "rule": "parent_is_known",
            "severity": "error",
            "indicator_id": None,
            "ref_area": None,
            "time_period": None,
            "expected": f"an entry {row['parent_code']}",
            "found": "none",
            "message": f"{row['raw_file']}: {row['code']} stands below {row['parent_code']}, "
            "which is in no file",
            "status": "open",
            "explanation": None,
        }
        for row in orphans.iter_rows(named=True)
    ]


SOURCE = Source(
    id="gbt4754",
    title="Industrial classification for national economic activities (GB/T 4754)",
    publisher="Standardization Administration of China, National Bureau of Statistics",
    licence=Licence(
        id="national-standard",
        attribution="GB/T 4754, National Bureau of Statistics of China",
        url="",
        publish=False,
    ),
    cadence=Cadence.IRREGULAR,
    tables={"industry": Industry},
    parse=parse,
    default_base_url="",
    keep=Keep.NEWEST,
    review=review,
    accepts=("*.tsv", "*.js", "*.json"),
)
