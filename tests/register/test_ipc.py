"""One spelling of IPC symbols: every way sources write them, and what is no symbol.

Here: contracts/ipc.py alone. Not here: whether symbols exist, what they stand for (test_sei.py).
"""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts import patent_register
from contracts.ipc import normalise, normalise_expr

SPELLINGS = {
    "H01L21/02": [
        "H01L21/02",
        "H01L  21/02",
        "H01L 21/02",
        "H01L\t21/02\n",
        "H01L\u00a021/02",
        "\ufeffH01L 21/02",
        "h01l21/02",
        "H 01 L 21/02",
        "H01L 0021/020000",
        "H01L0021020000",
        "h01l0021020000",
        "H01L  21/   02",
        "H01L-021/02",
        "H01L 21:02",
        "H01L 21/0200",
        "H01L 21/02 (2006.01)",
        "H01L21/02(2006.01)I",
        "H01L 21/02 (2006.01) I",
        "H01L 21/02 [2006.01]",
        "H01L   21/02    (20060101)",
        "H01L  21/   02            A I                    ",
        "H01L21/02 A I 20060101",
        "H01L21/02 20060101",
        "H01L  21/02        20060101AFI20190523BHEP",
        "Ｈ０１Ｌ　２１／０２",
        "ｈ０１ｌ２１／０２（２００６．０１）",
    ],
    "H01L27/115524": ["H01L 27/115524", "H01L0027115524", "H01L 27/115524 (2017.01)"],
    "A61K31/00": ["A61K31/00 A I 20060101", "A61K0031000000", "A61K 31/0000"],
    "A61K2039/5156": ["A61K2039/5156", "A61K2039515600"],
    "G06F16/10": ["G06F 16/10", "G06F0016100000", "G06F16/100"],
    "C12R1/46": ["C12R 1:46", "C12R1/46"],
    "A01B": ["A01B", "a01b ", "A01B (2006.01)", "A01B/"],
    "A01": ["A01", " a01"],
}
#: A main group without /, a subgroup of one digit, group 0, CPC's Y, other things of the same look.
NO_SYMBOLS = [
    "", " ", "A", "A1", "A01B1", "A01B 1", "A61K 9/2", "A61K/00", "A01B0/00",
    "A01B0000000000", "H01L21/0200001", "H01L00210200", "H01L12345/00", "Y02E 10/50", "I01L21/02",
    "H01L21/02I", "H01LI", "H01L21/02 and H01L21/04", "H01L21/02;H01L21/04", "G06F17/30T2",
    "PCT/CN2020/123456", "CN112256133A", "Ｈ０１Ｌ２１／０²", "H٠1L21/02", "H01L21/02\0",
    "ſ01L21/02",
]  # fmt: skip


@pytest.mark.parametrize(("symbol", "text"), [(s, t) for s, ts in SPELLINGS.items() for t in ts])
def test_every_spelling_gives_the_one_spelling(symbol: str, text: str) -> None:
    assert normalise(text) == symbol


@pytest.mark.parametrize("text", NO_SYMBOLS)
def test_what_can_be_read_in_two_ways_or_not_at_all_is_no_symbol(text: str) -> None:
    assert normalise(text) is None


def test_the_expression_gives_the_same_answers_and_keeps_null() -> None:
    texts = [*(t for ts in SPELLINGS.values() for t in ts), *NO_SYMBOLS, None]
    frame = pl.DataFrame({"ipc": texts, "other": range(len(texts))}).with_columns(
        normalise_expr("ipc")
    )
    assert frame["ipc"].to_list() == [None if t is None else normalise(t) for t in texts]
    assert frame.columns == ["ipc", "other"]
    lazy = pl.LazyFrame({"ipc": texts}).select(normalise_expr("ipc")).collect()
    assert lazy["ipc"].to_list() == frame["ipc"].to_list()
    assert pl.DataFrame({"ipc": [None, None]}).select(normalise_expr("ipc")).dtypes == [pl.String]


SYMBOLS = st.builds(
    lambda section, number, letter, main, sub: f"{section}{number:02}{letter}{main}/{sub}",
    st.sampled_from("ABCDEFGH"),
    st.integers(1, 99),
    st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    st.integers(1, 9999),
    st.from_regex("[0-9]{2}([0-9]{0,3}[1-9])?", fullmatch=True),
).filter(lambda symbol: re.fullmatch(patent_register.IPC_SYMBOL, symbol) is not None)  # fmt: skip


@given(SYMBOLS)
def test_a_symbol_survives_every_way_of_writing_it(symbol: str) -> None:
    subclass, main, sub = symbol[:4], *symbol[4:].split("/")
    for text in (
        symbol,
        f"{subclass} {main:>4}/{sub:<6}    20060101AFI20060101BHJP",
        f"{subclass}{main:0>4}{sub:0<6}",
        f"{subclass.lower()}  {main} / {sub} (2006.01)I",
        "".join(chr(ord(c) + 0xFEE0) for c in symbol),
    ):
        assert normalise(text) == symbol


_LOOKALIKE = st.text(alphabet="AFHILNlh0129/ :()-.\t\u3000\u00a0Ｈ０１／ſ", max_size=24)


@given(st.one_of(st.text(), _LOOKALIKE, SYMBOLS.flatmap(lambda s: _LOOKALIKE.map(lambda t: s + t))))
@example("H01L21/02 ")
def test_whatever_comes_out_is_a_symbol_that_stays_itself(text: str) -> None:
    symbol = normalise(text)
    assert pl.DataFrame({"a": [text]}).select(normalise_expr("a")).item() == symbol
    if symbol is not None:
        assert re.fullmatch(patent_register.IPC_SYMBOL, symbol)
        assert normalise(symbol) == symbol


def test_every_symbol_of_the_scheme_is_read_and_none_becomes_another(
    shared_path: Callable[[str], Path],
) -> None:
    written: set[str] = set()
    for section in "bcdefgh":
        stack = [json.loads(shared_path(f"data/ipc_scheme/ipc_class_{section}.json").read_text())]
        while stack:
            entry = stack.pop()
            stack += entry.get("children") or []
            if entry["kind"] not in "sngi":
                written.add(entry["symbol"])
    read = {normalise(text) for text in written}
    assert None not in read
    assert len(read) == len(written) > 67_000


def test_symbols_of_real_exports_are_read(shared_path: Callable[[str], Path]) -> None:
    texts: set[str] = set()
    with shared_path("data/lens_export/lens_export_2026_short.csv").open(
        encoding="utf-8-sig", newline=""
    ) as stream:
        for row in csv.DictReader(stream):
            for name, cell in row.items():
                if name and "IPC" in name:
                    texts |= {t for t in cell.split(";;") if t}
    assert len(texts) > 3_000
    assert {t for t in texts if normalise(t) is None} == set()


@pytest.mark.parametrize(
    "text", [f"H01L21/02 20060101{' ' * 200_000}x", "H" * 300_000, f"H01L{' ' * 200_000}21/02 x"]
)
def test_long_texts_cost_no_more_than_their_length(text: str) -> None:
    assert normalise(text) is None
