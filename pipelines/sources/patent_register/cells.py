"""Single cells that more than one format writes alike, one at a time or a column of them.

Here: days, flags, lists in one cell. Not here: any format; numbers, symbols and places (contracts).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Final

import polars as pl

#: Countries of residence that are regions of ISO 3166-2:CN too.
REGION_OF: Final = {"TW": "CN-TW", "HK": "CN-HK", "MO": "CN-MO"}
_DATE: Final = (
    r"^([0-9]{4})(?:[-./年])([0-9]{1,2})(?:[-./月])([0-9]{1,2})日?(?:[ T]00:00(?::00(?:\.0+)?)?)?$"
)
_COMPACT_DATE: Final = r"^([0-9]{4})([0-9]{2})([0-9]{2})$"


def days(text: pl.Expr) -> pl.Expr:
    """2020.10.28, 2020年1月5日, 20201028, 2020-10-28 00:00:00 as YYYY-MM-DD; others stay."""
    usual = (
        text.str.replace(_DATE, "${1}-${2}-${3}")
        .str.replace("-([0-9])-", "-0${1}-")
        .str.replace("-([0-9])$", "-0${1}")
    )
    return (
        pl.when(text.str.contains(_DATE))
        .then(usual)
        .otherwise(text.str.replace(_COMPACT_DATE, "${1}-${2}-${3}"))
    )


def day(text: str | None) -> str | None:
    """`days` of one text; what is no day of the calendar stays as written, blank is None.

    >>> day("2020.1.5"), day("20111228"), day("20111328"), day("soon"), day(" ")
    ('2020-01-05', '2011-12-28', '20111328', 'soon', None)
    """
    stripped = (text or "").strip()
    found = re.fullmatch(_DATE, stripped) or re.fullmatch(_COMPACT_DATE, stripped)
    if found is None:
        return stripped or None
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return stripped


def flags(text: pl.Expr) -> pl.Expr:
    """The column is_simulated: blank is false, a word that is neither stays for the contract."""
    return text.str.to_lowercase().fill_null("false")


def flag(text: str | None) -> bool | str:
    """Whether a record says that it is simulated; a word that is neither stays as written."""
    return {"true": True, "false": False}.get((text or "false").strip().lower(), text or False)


def agreed(one: str | None, other: str | None) -> str | None:
    """What two columns say of one thing; both where they differ, for the contract to name them."""
    if one and other and one != other:
        return f"{one}, elsewhere {other}"
    return one or other


def joined(texts: Iterable[str], by: str = ";") -> str | None:
    """Texts in one cell; None where there is none."""
    return by.join(texts) or None
