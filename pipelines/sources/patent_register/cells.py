"""Single cells that more than one format writes alike. Not here: any format."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Final

_COMPACT: Final = re.compile("[0-9]{8}")
#: Countries of residence that are regions of ISO 3166-2:CN too.
REGION_OF: Final = {"TW": "CN-TW", "HK": "CN-HK", "MO": "CN-MO"}


def day(text: str | None) -> str | None:
    """A day written as 20111228 or 2011-12-28 in the second way; any other text as written.

    >>> day("20111228"), day("2011-12-28"), day("20111328"), day(" ")
    ('2011-12-28', '2011-12-28', '20111328', None)
    """
    stripped = (text or "").strip()
    if _COMPACT.fullmatch(stripped):
        iso = f"{stripped[:4]}-{stripped[4:6]}-{stripped[6:]}"
        try:
            dt.date.fromisoformat(iso)
        except ValueError:
            return stripped
        return iso
    return stripped or None


def joined(texts: Iterable[str], by: str = ";") -> str | None:
    """Texts in one cell; None where there is none."""
    return by.join(texts) or None
