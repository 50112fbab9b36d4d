"""Numbers of patents in one spelling, however a source writes them.

Here: application numbers (`CN202011172919`), publication numbers (office, number, kind), and the
check digits that some offices print, which are verified before they go. A text that cannot be read,
or whose check digit is wrong, comes back as published, so that the contract rejects it by its
value. Not here: what a kind code stands for (contracts/kind_codes.py), which records are of one
patent (dbt).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

import polars as pl

#: CN applications: two-digit year until September 2003, four digits since, then one digit for the
#: kind of right (1 and 8 invention, 2 and 9 utility model, 3 design; 8 and 9 entered from the PCT;
#: CNIPA standard ZC 0006-2003, which reserves the other digits) and the serial number.
CN_APPLICATION: Final = (
    r"CN((8[5-9]|9[0-9]|0[0-3])[12389][0-9]{5}|20(0[3-9]|[1-9][0-9])[12389][0-9]{7})"
)
_CN_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_CN_CHECK: Final = "0123456789X"

_KIND: Final = "[A-Z][0-9A-Z]?"
_SEPARATED_KIND: Final = re.compile(rf"(.*[0-9][A-Z]?)[ -]+({_KIND})", re.DOTALL)
_COMPACT_KIND: Final = re.compile(r"(.*[0-9])([A-Z][0-9]?)", re.DOTALL)
_PUNCTUATION: Final = str.maketrans("", "", " -/.,")
_NUMBER: Final = re.compile("[0-9A-Z]+")
#: What Chinese sources print most of the time; anything else takes the longer way.
_USUAL_CN: Final = re.compile(r"(?:CN|ZL)?(20(?:0[4-9]|[1-9][0-9])[12389][0-9]{7})\.([0-9X])")
_USUAL_CN_PUBLICATION: Final = "^(CN)([0-9]{7,9})([A-WYZ][0-9]?)$"


class Named(NamedTuple):
    """A patent as a list names it: by application, by publication, or (1985 to 1988) by both."""

    office: str | None
    application_number: str | None
    publication_number: str | None
    kind_code: str | None


def cn_check_digit(digits: str) -> str:
    """Check digit of the 8 or 12 digits of a Chinese application number (ZC 0006-2003).

    >>> cn_check_digit("202011172919"), cn_check_digit("202010966101")
    ('0', 'X')
    """
    return _CN_CHECK[sum(int(d) * w for d, w in zip(digits, _CN_WEIGHTS, strict=False)) % 11]


def ep_check_digit(digits: str) -> str:
    """Check digit of the 8 digits of a European application number.

    >>> ep_check_digit("10167109")
    '7'
    """
    products = (int(d) * (1 + i % 2) for i, d in enumerate(digits))
    return str(-sum(p // 10 + p % 10 for p in products) % 10)


def application_number(office: str, text: str | None) -> str | None:
    """Office and number of an application, without check digit and punctuation; None for blank.

    Takes what offices, DOCDB, Lens and Google print, with or without office and kind. What cannot
    be read, and a number whose check digit is wrong, comes back as published. Give the kind where
    the source has one ("94268010 A"): the older of DOCDB's two US spellings cannot be told from a
    US number without it. As that spelling leaves the series out, and the series of a serial number
    and year is not certain, it becomes EPODOC's: year, then the serial number in seven digits.

    >>> application_number("CN", "CN202011172919.0"), application_number("CN", "ZL98123456.9")
    ('CN202011172919', 'CN98123456')
    >>> application_number("CN", "202011172919.5")
    '202011172919.5'
    >>> application_number("US", "US 201715458258 A"), application_number("US", "15/458,258")
    ('US15458258', 'US15458258')
    >>> application_number("US", "US-93109611-A"), application_number("EP", "10167109.7")
    ('US20110931096', 'EP10167109')
    >>> application_number("WO", "PCT/CN02/00123"), application_number("WO", "CN 2020123456 W")
    ('WOCN2002000123', 'WOCN2020123456')
    """
    if text is None or not text.strip():
        return None
    usual = _USUAL_CN.fullmatch(text)
    if usual and office == "CN" and usual[2] == cn_check_digit(usual[1]):
        return f"CN{usual[1]}"
    cleaned = _cleaned(text)
    read = _pct(cleaned) if office == "WO" or cleaned.startswith("PCT") else None
    if read is None:
        body = cleaned.removeprefix(office).lstrip(" -") if office else cleaned
        read = _OFFICES.get(office, _any)(body)
        read = office + read if read else None
    return read or text.strip()


def publication(text: str | None) -> tuple[str | None, str | None, str | None]:
    """Office, number and kind of a publication; (None, text as published, None) if unreadable.

    >>> publication("CN112256133A"), publication("US-2018186718-A1")
    (('CN', '112256133', 'A'), ('US', '20180186718', 'A1'))
    >>> publication("WO 02/054790 A1"), publication("US RE049461 E"), publication("一种方法")
    (('WO', '2002054790', 'A1'), ('US', 'RE49461', 'E'), (None, '一种方法', None))
    """
    if text is None or not text.strip():
        return None, None, None
    cleaned = _cleaned(text)
    office, rest = cleaned[:2], cleaned[2:].lstrip(" -")
    if not re.fullmatch("[A-Z]{2}", office):
        return None, text.strip(), None
    kind = None
    split = _SEPARATED_KIND.fullmatch(rest)
    if split is None and not (office == "SG" and re.fullmatch("[0-9]{10,11}[A-Z]", rest)):
        split = _COMPACT_KIND.fullmatch(rest)
    if split is not None:
        rest, kind = split[1], split[2]
    number = rest.translate(_PUNCTUATION)
    if not _NUMBER.fullmatch(number) or not any(c.isdigit() for c in number):
        return None, text.strip(), None
    return office, _publication_number(office, number), kind


def named(text: str | None) -> Named:
    """A patent as Chinese lists name it: ZL202010000000.X, CN112256133B, US 9,833,479 B2.

    A number without office is a Chinese application number. Publications of 1985 to 1988 carry the
    application's number. An unreadable text is both, as published.

    >>> named("ZL 2020 1 1172919.0"), named("CN112256133B").publication_number
    (Named(office='CN', application_number='CN202011172919', publication_number=None, \
kind_code=None), '112256133')
    """
    if text is None or not text.strip():
        return Named(None, None, None, None)
    if _USUAL_CN.fullmatch(text):
        return Named("CN", application_number("CN", text), None, None)
    cleaned = _cleaned(text)
    if cleaned.startswith(("ZL", "CN ZL", "CNZL", "PCT")) or cleaned[0].isdigit():
        number = application_number("CN", text)
        office = number[:2] if number and _NUMBER.fullmatch(number) else "CN"
        return Named(office, number, None, None)
    if not cleaned.startswith("CN"):
        office_, number, kind = publication(text)
        return Named(office_, None, number, kind)
    digits = re.sub("[^0-9]", "", cleaned)
    # Publications have 7 digits, or 9 that begin with 1, 2 or 3; with its check digit an
    # application of the old numbering has 9 that begin with 8, 9 or 0.
    if "." not in cleaned and (len(digits) == 7 or (len(digits) == 9 and digits[0] in "123")):
        office_, number, kind = publication(text)
        return Named(office_, None, number, kind)
    number = application_number("CN", text)
    if re.fullmatch("CN8[5-8][0-9]{6}", number or "") and (published := publication(text))[2]:
        return Named("CN", number, published[1], published[2])
    return Named("CN", number, None, None)


def application_numbers(office: pl.Series, text: pl.Series) -> pl.Series:
    """`application_number` of two columns; the usual Chinese spelling is read at once."""
    frame = pl.DataFrame({"office": office, "text": text.cast(pl.String)})
    digits = pl.col("text").str.extract(r"^CN(20[0-9]{2}[12389][0-9]{7})\.[0-9X]$")
    number = digits.cast(pl.Int64)
    total = pl.sum_horizontal(
        [number // 10 ** (11 - i) % 10 * weight for i, weight in enumerate(_CN_WEIGHTS)]
    )
    check = pl.Series(list(_CN_CHECK))
    right = pl.lit(check).gather(total % 11) == pl.col("text").str.slice(15, 1)
    frame = frame.with_columns(
        pl.when((pl.col("office") == "CN") & digits.is_not_null() & right)
        .then("CN" + digits)
        .alias("read")
    ).with_row_index("at")
    rest = frame.filter(pl.col("read").is_null() & pl.col("text").is_not_null())
    slow = pl.DataFrame(
        {
            "at": rest["at"],
            "slow": pl.Series(
                [
                    application_number(o or "", t)
                    for o, t in zip(rest["office"], rest["text"], strict=True)
                ],
                dtype=pl.String,
            ),
        }
    )
    return (
        frame.join(slow, on="at", how="left", maintain_order="left")
        .select(pl.coalesce("read", "slow"))
        .to_series()
        .alias(text.name)
    )


def publications(text: pl.Series) -> pl.DataFrame:
    """`publication` of a column, as columns office, publication_number and kind_code."""
    frame = pl.DataFrame({"text": text.cast(pl.String)})
    parts = ["office", "publication_number", "kind_code"]
    frame = frame.with_columns(
        pl.col("text").str.extract(_USUAL_CN_PUBLICATION, i + 1).alias(part)
        for i, part in enumerate(parts)
    ).with_row_index("at")
    rest = frame.filter(pl.col("office").is_null() & pl.col("text").is_not_null())
    slow = pl.DataFrame(
        [publication(t) for t in rest["text"]],
        schema={f"{part}_slow": pl.String for part in parts},
        orient="row",
    ).with_columns(rest["at"])
    return frame.join(slow, on="at", how="left", maintain_order="left").select(
        pl.coalesce(part, f"{part}_slow").alias(part) for part in parts
    )


def _cleaned(text: str) -> str:
    """Capitals, plain digits for full-width ones, single blanks and plain hyphens."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    plain = " ".join(plain.upper().split())
    return plain if text.isascii() else re.sub("[‐‑–—−]", "-", plain)


def _without_kind(body: str) -> tuple[str, str | None]:
    split = _SEPARATED_KIND.fullmatch(body)
    return (split[1], split[2]) if split else (body, None)


def _cn(body: str) -> str | None:
    compact = re.sub("[ -]", "", body.removeprefix("ZL").lstrip(" -."))
    found = re.fullmatch(r"([0-9]{12}|[0-9]{8})\.?([0-9X])?([A-WYZ][0-9]?)?", compact)
    if found is None or not re.fullmatch(CN_APPLICATION, f"CN{found[1]}"):
        return None
    wrong = found[2] is not None and found[2] != cn_check_digit(found[1])
    return None if wrong else found[1]


def _us(body: str) -> str | None:
    bare, kind = _without_kind(body)
    slashed = re.fullmatch(r"([0-9]{1,2})/ ?([0-9]{3}),?([0-9]{3})", bare)
    if slashed:
        return slashed[1].zfill(2) + slashed[2] + slashed[3]
    compact = re.fullmatch("([0-9]+)([A-Z])?", bare.translate(_PUNCTUATION))
    if compact is None:
        return _any(body)
    digits, kind = compact[1], kind or compact[2]
    if len(digits) == 12 and re.match("19[7-9]|20", digits):
        return digits[4:]
    if kind and 3 <= len(digits) <= 8:
        year = int(digits[-2:])
        return f"{(2000 if year <= 12 else 1900) + year}{digits[:-2].zfill(7)}"
    return digits.zfill(8) if len(digits) == 7 else digits


def _ep(body: str) -> str | None:
    bare, _ = _without_kind(body)
    found = re.fullmatch(r"([0-9]{8})(?:\.([0-9]))?[A-Z]?", bare.replace(" ", ""))
    if found:
        wrong = found[2] is not None and found[2] != ep_check_digit(found[1])
        return None if wrong else found[1]
    epodoc = re.fullmatch("(?:19|20)([0-9]{2})0([0-9]{6})", bare)
    return epodoc[1] + epodoc[2] if epodoc else None


def _pct(cleaned: str) -> str | None:
    """PCT/CN2020/123456, CN 2020123456 W, WO2020CN123456; two-digit years and short serials too."""
    found = (
        re.fullmatch("PCT[/ -]?([A-Z]{2})[/ -]?([0-9]{2}|[0-9]{4})[/ -]([0-9]{5,6})", cleaned)
        or re.fullmatch("PCT([A-Z]{2})((?:19|20)[0-9]{2})([0-9]{6})", cleaned)
        or re.fullmatch("(?:WO ?)?([A-Z]{2})[ -]?([0-9]{4})([0-9]{6})[ -]*W?", cleaned)
        or re.fullmatch("(?:WO ?)?([A-Z]{2})[ -]?([0-9]{2})([0-9]{5})[ -]*W", cleaned)
    )
    if found:
        return f"WO{found[1]}{_year(found[2])}{found[3].zfill(6)}"
    epodoc = re.fullmatch("WO ?([0-9]{4})([A-Z]{2})([0-9]{5,6})", cleaned)
    return f"WO{epodoc[2]}{epodoc[1]}{epodoc[3].zfill(6)}" if epodoc else None


def _any(body: str) -> str | None:
    number = _without_kind(body)[0].translate(_PUNCTUATION)
    return number if _NUMBER.fullmatch(number) and any(c.isdigit() for c in number) else None


_OFFICES: Final = {"CN": _cn, "US": _us, "EP": _ep}


def _year(digits: str) -> str:
    """Four digits of a PCT year; the treaty's first applications are of 1978."""
    if len(digits) == 4:
        return digits
    return ("19" if digits >= "78" else "20") + digits


def _publication_number(office: str, number: str) -> str:
    if office == "US":
        if re.fullmatch("20[0-9]{8}", number):
            return f"{number[:4]}0{number[4:]}"
        lettered = re.fullmatch("0*([A-Z]*)0*([0-9]+)", number)
        return lettered[1] + lettered[2] if lettered else number
    if office == "EP" and number.isdigit():
        return number.zfill(7)
    if office == "WO" and number.isdigit() and len(number) in (7, 8):
        return _year(number[:2]) + number[2:].zfill(6)
    return number
