"""What a printed number can mean: closed intervals and their arithmetic.

A statistician who prints 132.4 says "between 132.35 and 132.45". Rules compare such intervals, so
rounding is never mistaken for an error. Bounds are Decimals rounded outwards: a result always
contains every value it could stand for. Not here: figures, units, periods, rules.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

_DOWN = Context(prec=40, rounding=ROUND_FLOOR)
_UP = Context(prec=40, rounding=ROUND_CEILING)
_INFINITY = Decimal("Infinity")
_LEAST_APPROXIMATION = Decimal("0.05")  # "about 198" is never read more sharply than 5 %
QUALIFIERS = ("", "more_than", "less_than", "approximately")


@dataclass(frozen=True, slots=True)
class Interval:
    """All values from `low` to `high`, both included; a bound may be infinite.

    Raises ValueError when a bound is not a number, the bounds are swapped, or no finite value
    lies between them.
    """

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if self.low.is_nan() or self.high.is_nan() or self.low > self.high:
            raise ValueError(f"not an interval: {self.low} … {self.high}")
        if self.low == _INFINITY or self.high == -_INFINITY:
            raise ValueError(f"no finite value in: {self.low} … {self.high}")

    @classmethod
    def point(cls, value: Decimal | int) -> "Interval":
        """The interval that holds exactly one value."""
        return cls(Decimal(value), Decimal(value))

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(_DOWN.add(self.low, other.low), _UP.add(self.high, other.high))

    def __sub__(self, other: "Interval") -> "Interval":
        return Interval(_DOWN.subtract(self.low, other.high), _UP.subtract(self.high, other.low))

    def __mul__(self, other: "Interval") -> "Interval":
        corners = [(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(
            min(_product(_DOWN, a, b) for a, b in corners),
            max(_product(_UP, a, b) for a, b in corners),
        )

    def __truediv__(self, other: "Interval") -> "Interval":
        """Quotient. Raises ZeroDivisionError when the divisor could be zero."""
        if Decimal(0) in other:
            raise ZeroDivisionError(f"divisor may be zero: {other.low} … {other.high}")
        one = Decimal(1)
        return self * Interval(_DOWN.divide(one, other.high), _UP.divide(one, other.low))

    def __pow__(self, exponent: int) -> "Interval":
        """Whole power by repeated multiplication. Raises ValueError for a negative exponent."""
        if exponent < 0:
            raise ValueError(f"negative exponent: {exponent}")
        result = Interval.point(1)
        for _ in range(exponent):
            result = result * self
        return result

    def __contains__(self, value: Decimal) -> bool:
        return self.low <= value <= self.high

    def scaled(self, power: int) -> "Interval":
        """The interval times ten to the `power`."""
        return Interval(_DOWN.scaleb(self.low, power), _UP.scaleb(self.high, power))

    def overlaps(self, other: "Interval") -> bool:
        """True when at least one value lies in both intervals."""
        return self.low <= other.high and other.low <= self.high

    def width(self) -> Decimal:
        """Distance between the bounds; infinite for an open end."""
        return _UP.subtract(self.high, self.low)


def printed(value: Decimal, qualifier: str | None = "") -> Interval:
    """What a number means as printed, in the printed unit.

    Plain: half a unit of the last printed digit either side; a whole number ending in two or more
    zeros is read as rounded to its last other digit (73200 -> ±50). `approximately`: half a unit
    of the last digit that is not a trailing zero, at least ±5 %. `more_than` and `less_than`
    leave one end open. Raises ValueError for another qualifier or a value that is not finite.
    """
    if not value.is_finite():
        raise ValueError(f"not a finite number: {value}")
    if qualifier == "more_than":
        return Interval(value, _INFINITY)
    if qualifier == "less_than":
        return Interval(-_INFINITY, value)
    if qualifier == "approximately":
        half = max(_half_unit(value, zeros_kept=0), abs(value) * _LEAST_APPROXIMATION)
    elif not qualifier:
        half = _half_unit(value, zeros_kept=1)
    else:
        raise ValueError(f"unknown qualifier: {qualifier!r}")
    return Interval(_DOWN.subtract(value, half), _UP.add(value, half))


def _half_unit(value: Decimal, zeros_kept: int) -> Decimal:
    """Half a unit of the last meaningful digit; more than `zeros_kept` final zeros are rounding."""
    exponent = int(value.as_tuple().exponent)
    if exponent >= 0 and value:
        digits = str(abs(int(value)))
        zeros = len(digits) - len(digits.rstrip("0"))
        exponent = max(exponent, zeros if zeros > zeros_kept else 0)
    return Decimal(5).scaleb(exponent - 1)


def _product(context: Context, a: Decimal, b: Decimal) -> Decimal:
    # A bound of zero times an open end is zero: the open end is a limit, never a value.
    return Decimal(0) if not a or not b else context.multiply(a, b)
