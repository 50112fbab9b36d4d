"""Symbols of the International Patent Classification in one spelling: `H01L21/02`, `H01L`, `H01`.

Here: reading one symbol, however a source writes it. Not here: whether the symbol exists (the IPC
tree, contracts/ipc_reference.py), what it stands for (dbt), splitting a list of symbols (adapters).
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import Final

import polars as pl

#: Full-width forms (U+FF01 to U+FF5E) and the ideographic space, which Chinese sources type.
_WIDE: Final = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}
#: ASCII alone: letters of other scripts have no place in a symbol.
_UPPER: Final = {ord(letter): ord(letter.upper()) for letter in string.ascii_lowercase}
_BLANKS: Final = re.compile("[ \t\r\n\u00a0\u2000-\u200b\ufeff]+")
#: What most sources write most of the time: H01L21/02, H01L  21/02.
_USUAL: Final = re.compile("([A-H][0-9]{2}[A-Z]) *([1-9][0-9]{0,3}/[0-9]{2}(?:[0-9]{0,3}[1-9])?)")
#: Version, level, position and value, then date of action, status, source and office, as they
#: follow a symbol: `(2006.01)I`, `A I 20060101`, `20060101AFI20190523BHEP` (WIPO ST.8).
_SUFFIX: Final = r"""(?:
      [ ]?[(\[][0-9]{4}\.?(?:[0-9]{2}){1,2}[)\]] (?:[ ]?[ACS])?(?:[ ]?[FL])?(?:[ ]?[IN])?
    | [ ](?:[ACS][ ]?)?(?:[FL][ ]?)?(?:[IN][ ]?)? (?:[0-9]{8})?
    | [ ][0-9]{8} [ ]?[ACS]?[ ]?[FL]?[ ]?[IN]? (?:[ ]?[0-9]{8}[BCDRV]?[GHM]?(?:[A-Z]{2})?)?
    )?"""
_ANY: Final = re.compile(
    rf"""
    # H01L 21/02, H01L0021/020000, H01L 21/ 02, H 01 L 21/02, H01L-021/02, C12R 1:46
      ([A-H])[ ]?([0-9]{{2}})[ ]?([A-Z])(?:[ ]?-[ ]?|[ ]?)
      ([0-9]{{1,4}})[ ]?[/:][ ]?([0-9]{{2}})([0-9]{{0,4}}) {_SUFFIX}
    # H01L0021020000
    | ([A-H])([0-9]{{2}})([A-Z])([0-9]{{4}})([0-9]{{2}})([0-9]{{4}}) {_SUFFIX}
    # H01L, H01L/ (no group given); H01
    | (?P<subclass>[A-H][0-9]{{2}}[A-Z]) [ ]?/? {_SUFFIX}
    | (?P<class>[A-H][0-9]{{2}}) (?:[ ]?\([0-9]{{4}}\.[0-9]{{2}}\))?
    """,
    re.VERBOSE,
)


@lru_cache(maxsize=1 << 17)
def normalise(text: str) -> str | None:
    """The one spelling of a symbol, or None where the text is no symbol of sections A to H.

    Class and subclass stay what they are. Zeros that only fill up go: those before the main group,
    and those after the second digit of the subgroup (21/0200 is 21/02: a subgroup's digits are read
    like decimals, and none ends in 0 beyond its second). Nothing is guessed: a main group without
    `/` and a subgroup of one digit can be read in two ways and are no symbols.

    >>> [normalise(t) for t in ("H01L  21/02", "h01l0021020000", "A61K31/00 A I 20060101", "A01B")]
    ['H01L21/02', 'H01L21/02', 'A61K31/00', 'A01B']
    >>> [normalise(t) for t in ("A01B1", "A61K 9/2", "Y02E 10/50", "")]
    [None, None, None, None]
    """
    usual = _USUAL.fullmatch(text)
    if usual:
        return usual[1] + usual[2]
    plain = _BLANKS.sub(" ", text.translate(_WIDE).translate(_UPPER)).strip(" ")
    found = _ANY.fullmatch(plain)
    if found is None:
        return None
    whole: str | None = found["subclass"] or found["class"]
    if whole:
        return whole
    section, number, letter, main, sub, rest = (
        found.groups()[:6] if found[1] else found.groups()[6:12]
    )
    main = main.lstrip("0")
    return f"{section}{number}{letter}{main}/{sub}{rest.rstrip('0')}" if main else None


def normalise_expr(column: str) -> pl.Expr:
    """`normalise` of a text column; a text that stands in many rows is read once a batch."""
    return pl.col(column).map_batches(_normalised, return_dtype=pl.String, is_elementwise=True)


def _normalised(texts: pl.Series) -> pl.Series:
    distinct = texts.cast(pl.String).drop_nulls().unique()
    symbols = pl.Series([normalise(text) for text in distinct], dtype=pl.String)
    return texts.cast(pl.String).replace_strict(
        distinct, symbols, default=None, return_dtype=pl.String
    )
