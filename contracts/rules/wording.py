"""How numbers are written in messages. Not here: sentences; each rule writes its own."""

from decimal import Decimal

from contracts.rules.context import Reading
from contracts.rules.interval import Interval

_LARGE = ((12, "trillion"), (9, "billion"))
_PERCENT = ("PT", "PT_YOY", "PT_PA")
_UNITS = {"CNY": "yuan", "USD": "US dollars", "PP": "percentage points", "POINTS": "points"}


def number(value: Decimal) -> str:
    """952,000 or 2.18 trillion: no trailing zeros, no exponent."""
    for power, name in _LARGE:
        if abs(value) >= Decimal(10) ** power:
            return f"{_plain(value.scaleb(-power))} {name}"
    return _plain(value)


def quantity(reading: Reading, unit: str = "") -> str:
    """A value with its unit: 18.7 %, 218 billion yuan, 952,000."""
    return with_unit(number(reading.value), unit or reading.row.unit_measure)


def dated(reading: Reading, unit: str = "") -> str:
    """A value with unit and period: 952,000 (2022)."""
    return f"{quantity(reading, unit)} ({reading.period})"


def between(interval: Interval, unit: str = "", digits: int = 1) -> str:
    """20.1–20.3 %: the bounds rounded for reading; an open end is said in words."""
    low, high = (
        number(round(bound, digits)) if bound.is_finite() else ""
        for bound in (interval.low, interval.high)
    )
    if not low or not high:
        words = f"at least {low}" if low else f"at most {high}" if high else "any value"
    else:
        words = low if low == high else f"{low}–{high}"
    return with_unit(words, unit)


def with_unit(text: str, unit: str) -> str:
    """Text followed by the unit where the unit is not a plain count."""
    if unit in _PERCENT:
        return f"{text} %"
    return f"{text} {_UNITS[unit]}" if unit in _UNITS else text


def subject(reading: Reading) -> str:
    """Which figure a sentence is about: indicator, area and period."""
    return f"{reading.row.indicator_id} {reading.row.ref_area} {reading.period}"


def _plain(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
