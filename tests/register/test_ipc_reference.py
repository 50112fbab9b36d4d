"""The IPC tree and the green lists that a user drops: which rows come of which bytes.

Here: pipelines/sources/ipc. Not here: what the rows are used for (test_sei.py).
"""

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.base import polars_schema, split
from pipelines.source import Parsed, Payload, SourceFormatError
from pipelines.sources.ipc import SOURCE, parse

TREE = {
    "kind": "s", "symbol": "H", "entryType": "K", "title": [["ELECTRICITY"]],
    "children": [
        {"kind": "n", "symbol": "H", "entryType": "K", "title": []},
        {"kind": "t", "symbol": "H", "title": [["a heading"]]},
        {"kind": "c", "symbol": "H01", "entryType": "K", "children": [
            {"kind": "u", "symbol": "H01L", "entryType": "K", "children": [
                {"kind": "i", "symbol": "H01L", "entryType": "K"},
                {"kind": "g", "symbol": "H01L0021000000", "entryType": "K"},
                {"kind": "m", "symbol": "H01L0021000000", "entryType": "K", "children": [
                    {"kind": "1", "symbol": "H01L0021020000", "entryType": "K", "children": [
                        {"kind": "A", "symbol": "H01L0021824200", "entryType": "I"},
                    ]},
                ]},
            ]},
        ]},
    ],
}  # fmt: skip


def _parsed(content: Any, name: str = "x") -> Parsed:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return parse(Payload(raw, name))


def _accepted(parsed: Parsed) -> pl.DataFrame:
    ((table, frame),) = parsed.tables.items()
    verdict = split(frame, SOURCE.tables[table])
    assert verdict.failures.is_empty()
    return verdict.accepted


def test_a_tree_gives_each_symbol_once_with_what_it_stands_under() -> None:
    assert _accepted(_parsed(TREE)).rows() == [
        ("H", None, 1, False, 1),
        ("H01", "H", 2, False, 4),
        ("H01L", "H01", 3, False, 5),
        ("H01L21/00", "H01L", 4, False, 8),
        ("H01L21/02", "H01L21/00", 5, False, 9),
        ("H01L21/8242", "H01L21/02", 14, True, 10),
    ]
    assert _accepted(_parsed([TREE])).equals(_accepted(_parsed(TREE)))


@pytest.mark.parametrize(
    ("change", "column", "value"),
    [
        ({"symbol": "H01L21"}, "symbol", "H01L21"),
        ({"symbol": None}, "symbol", None),
        ({"symbol": 7}, "symbol", "7"),
        ({"symbol": "H\ud800"}, "symbol", "H\\ud800"),
        ({"symbol": "H01"}, None, None),
        ({"kind": "z"}, "level", "z"),
        ({"kind": None}, "level", None),
        ({"kind": "s", "symbol": "A"}, None, None),
        ({"entryType": "X"}, "is_indexing", "X"),
        ({"entryType": None}, "is_indexing", None),
    ],
)
def test_a_bad_entry_is_a_row_that_the_contract_names(
    change: dict[str, Any], column: str | None, value: str | None
) -> None:
    bad = {"kind": "u", "symbol": "H02B", "entryType": "K", **change}
    tree = {**TREE, "children": [*TREE["children"], bad]}
    frame = _parsed(tree).tables["symbol"]
    verdict = split(frame, SOURCE.tables["symbol"])
    assert frame.height == 7
    named = verdict.failures.filter(pl.col("raw_row") == 11).row(0, named=True)
    assert named["column"] == column
    if column is not None:
        assert named["value"] == value


def test_the_real_tree(shared_path: Callable[[str], Path]) -> None:
    """Counts by level, by a walk of the test's own."""
    for section in "bcdefgh":
        path = shared_path(f"data/ipc_scheme/ipc_class_{section}.json")
        expected: Counter[str] = Counter()
        stack = [json.loads(path.read_text())]
        while stack:
            entry = stack.pop()
            stack += entry.get("children") or []
            expected[entry["kind"]] += 1
        rows = _accepted(_parsed(path.read_bytes(), path.name))
        levels = Counter(rows["level"])
        kinds = ["", *"scum123456789AB"]
        assert {kinds[level]: n for level, n in levels.items()} == {
            kind: n for kind, n in expected.items() if kind not in "ngi"
        }
        assert set(rows["parent"].drop_nulls()) <= set(rows["symbol"])
        assert "title" not in rows.columns


def test_the_real_green_lists(shared_path: Callable[[str], Path]) -> None:
    inventory = shared_path("data/green_ipc/IPC_green_codes.csv")
    rows = _accepted(_parsed(inventory.read_bytes()))
    with inventory.open(encoding="utf-8-sig", newline="") as stream:
        assert [symbol for symbol, _ in csv.reader(stream)] == rows["symbol"].to_list()
    assert set(rows["green_list"]) == {"wipo_green_inventory"}
    assert rows["raw_row"].to_list() == list(range(1, 1215))
    env_tech = shared_path("data/green_ipc/ENVTECH_univoco.csv")
    parsed = _parsed(env_tech.read_bytes())
    rows = _accepted(parsed)
    with env_tech.open(encoding="utf-8-sig", newline="") as stream:
        written = [row["Code"].replace(" ", "") for row in csv.DictReader(stream)]
    assert rows["symbol"].to_list() == [symbol for symbol in written if symbol[0] != "Y"]
    assert set(rows["green_list"]) == {"oecd_env_tech"}
    assert parsed.notes == ("387 CPC symbols of section Y left out: no IPC",)


def test_a_list_with_a_header_of_its_own() -> None:
    text = "green_list,symbol\noecd_env_tech,B01D 53/34\n\nmine,C02F\noecd_env_tech\nx,B01D 53\n"
    frame = _parsed(text.encode()).tables["green"]
    verdict = split(frame, SOURCE.tables["green"])
    assert verdict.accepted.rows() == [("oecd_env_tech", "B01D53/34", 2)]
    assert verdict.failures.select("raw_row", "column", "value").unique().sort(
        "raw_row", "column"
    ).rows() == [
        (4, "green_list", "mine"),
        (5, "symbol", None),
        (6, "green_list", "x"),
        (6, "symbol", "B01D 53"),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "line 1: neither a tree"),
        (b"a,b\n1,2\n", "line 1: neither a tree"),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        (b'{"kind": ', "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"[]", None),
        (b"[1]", "entry 1: not an entry"),
        (b'{"symbol": "H"}', "entry 1: not an entry"),
        (b'{"kind": "s", "symbol": "H", "children": {"a": 1}}', "children are no list"),
        (b'Code\nB01D 53/34\n"B01D', "line 3"),
    ],
)
def test_other_bytes_are_refused_by_name_and_place(content: bytes, says: str | None) -> None:
    if says is None:
        assert _accepted(_parsed(content)).is_empty()
        return
    with pytest.raises(SourceFormatError, match=says) as raised:
        _parsed(content, "tree.json")
    assert str(raised.value).startswith("tree.json")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "symbol", "children", "entryType"]), inner)
    ),
    max_leaves=12,
)


@given(
    st.binary(max_size=60)
    | st.binary(max_size=40).map(lambda b: b"Code\n" + b)
    | st.binary(max_size=40).map(lambda b: b"green_list,symbol\n" + b)
    | _JSON.map(lambda value: json.dumps(value).encode())
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    try:
        parsed = _parsed(content)
    except SourceFormatError:
        return
    for table, frame in parsed.tables.items():
        assert frame.columns == list(polars_schema(SOURCE.tables[table]))
        verdict = split(frame, SOURCE.tables[table])
        assert verdict.accepted.height + verdict.rejected.height == frame.height
