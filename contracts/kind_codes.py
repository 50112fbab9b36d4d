"""What kinds of documents are: which right they are about, and whether their publication grants it.

Here: WIPO ST.16 and what CN, US and EP make of it. Not here: how a number and its kind are split
(contracts/patent_numbers.py), what an export says of a grant in words (adapters).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

#: WIPO ST.16 by the first letter, for any office (a report R or a translation T is of a patent) …
_RIGHTS: Final = {
    "A": "invention",
    "B": "invention",
    "C": "invention",
    "E": "invention",
    "M": "invention",
    "R": "invention",
    "T": "invention",
    "U": "utility_model",
    "Y": "utility_model",
    "Z": "utility_model",
    "S": "design",
    "P": "plant",
}
#: … and where an office uses a kind, or all of a letter, otherwise.
_RIGHTS_OF: Final = {
    ("AU", "A4"): "utility_model",  # innovation patent: eight years, second tier
    ("AU", "B3"): "utility_model",  # petty patent
    ("AU", "B4"): "utility_model",  # certified innovation patent
    ("AU", "D"): "invention",  # D0: an application was filed
    ("CN", "D"): "design",  # granted designs from 1993 to 2010
    ("CN", "F"): "design",
    ("DE", "D"): "invention",  # D1: German part of a European patent
    ("ES", "R"): "invention",  # search report
    ("FR", "A3"): "utility_model",  # certificat d'utilité
    ("FR", "B3"): "utility_model",
    ("GB", "D"): "invention",
    ("HU", "D"): "invention",
    ("HU", "V"): "utility_model",
    ("IE", "S"): "utility_model",  # short-term patent
    ("IL", "D"): "invention",
    ("US", "F"): "design",
    ("US", "H"): "other",  # statutory invention registration, excludes nobody
    ("US", "T"): "other",  # defensive publication
}

#: Office, kinds, first and last day: documents whose publication is the grant, so that their date
#: is the grant's. Corrections (B8, B9, C1 …) carry their own date and are none of these.
#: CN: CNIPA standard ZC 0008 and Patent Law art. 39, 40 (the right takes effect on the day of the
#: announcement). Until 1992 B, U and S announced an examined application, open to opposition; C, Y
#: and D stood for grants from 1993 to 6 April 2010, B, U and S do since.
#: US: 35 U.S.C. 153; A was the patent itself until 2 January 2001, when B1 and B2 took over, and
#: its applications are A1, A2 and A9 (B1 before that day was a re-examination certificate; DOCDB
#: and Lens write S1 and E for documents of any age). EP: Art. 97(3) and 98 EPC (the mention of the
#: grant and the specification are published on one day); B2 and B3 are after opposition or
#: limitation.
_EVER: Final = "9999-12-31"
_GRANTS: Final = (
    ("CN", "B", "2010-04-07", _EVER),
    ("CN", "[CYD]", "1993-01-01", "2010-04-06"),
    ("CN", "[US]", "1993-01-01", _EVER),
    ("US", "A|P|S", "1790-07-31", "2001-01-01"),
    ("US", "B[12]|P[23]", "2001-01-02", _EVER),
    ("US", "E[1-9]?|S1", "1790-07-31", _EVER),
    ("EP", "B1", "1978-06-01", _EVER),
)


def ip_type(office: str | None, kind: str | None, told: str | None = None) -> str | None:
    """Kind of right that a document is about; None where nothing tells.

    First the office's own use of the kind, then what the source tells besides, then the letter.

    >>> ip_type("CN", "B"), ip_type("CN", "D"), ip_type("JP", "U"), ip_type("CN", "Q")
    ('invention', 'design', 'utility_model', None)
    >>> ip_type("KR", "A", "utility_model"), ip_type("CN", None, "design")
    ('utility_model', 'design')
    """
    whole = kind or ""
    own = _RIGHTS_OF.get((office or "", whole)) or _RIGHTS_OF.get((office or "", whole[:1]))
    return own or told or _RIGHTS.get(whole[:1])


@lru_cache(maxsize=1 << 12)
def _grants(office: str | None, kind: str | None) -> tuple[str, str] | None:
    for of, kinds, first, last in _GRANTS:
        if office == of and kind and re.fullmatch(kinds, kind):
            return first, last
    return None


def grants_since(office: str | None, kind: str | None) -> str | None:
    """First day (YYYY-MM-DD) on which a document of this kind was a grant; None: it never was.

    >>> grants_since("CN", "B"), grants_since("CN", "A"), grants_since("EP", "B1")
    ('2010-04-07', None, '1978-06-01')
    """
    days = _grants(office, kind)
    return days[0] if days else None


def is_grant(office: str | None, kind: str | None, published: str | None) -> bool:
    """Whether the publication of this document on that day (YYYY-MM-DD) is the grant itself.

    >>> is_grant("CN", "B", "2019-08-02"), is_grant("CN", "B", "1990-01-03")
    (True, False)
    >>> is_grant("US", "A", "1998-03-03"), is_grant("US", "A1", None)
    (True, False)
    """
    days = _grants(office, kind)
    return days is not None and published is not None and days[0] <= published <= days[1]
