"""Interval arithmetic must never lose a value that the operands could stand for."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.rules import Interval, printed

NUMBERS = st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=4)
WHOLE = Decimal("Infinity")


@st.composite
def interval_and_member(draw: st.DrawFn) -> tuple[Interval, Decimal]:
    low, member, high = sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
    return Interval(low, high), member


def contains(interval: Interval, value: Fraction) -> bool:
    return (not interval.low.is_finite() or Fraction(interval.low) <= value) and (
        not interval.high.is_finite() or value <= Fraction(interval.high)
    )


@given(interval_and_member(), interval_and_member())
def test_sum_difference_and_product_contain_every_combination(
    a: tuple[Interval, Decimal], b: tuple[Interval, Decimal]
) -> None:
    x, y = Fraction(a[1]), Fraction(b[1])
    assert contains(a[0] + b[0], x + y)
    assert contains(a[0] - b[0], x - y)
    assert contains(a[0] * b[0], x * y)


@given(interval_and_member(), interval_and_member())
def test_quotient_contains_every_combination_or_raises_when_zero_is_possible(
    a: tuple[Interval, Decimal], b: tuple[Interval, Decimal]
) -> None:
    if b[0].low <= 0 <= b[0].high:
        with pytest.raises(ZeroDivisionError):
            a[0] / b[0]
    else:
        assert contains(a[0] / b[0], Fraction(a[1]) / Fraction(b[1]))


@given(interval_and_member(), st.integers(0, 5))
def test_power_contains_the_power_of_every_member(
    a: tuple[Interval, Decimal], exponent: int
) -> None:
    assert contains(a[0] ** exponent, Fraction(a[1]) ** exponent)


@given(interval_and_member(), st.integers(-12, 12))
def test_scaling_moves_members_by_the_power_of_ten(a: tuple[Interval, Decimal], power: int) -> None:
    assert contains(a[0].scaled(power), Fraction(a[1]) * Fraction(10) ** power)


@given(interval_and_member(), interval_and_member())
def test_overlap_is_symmetric_and_holds_exactly_when_the_difference_may_be_zero(
    a: tuple[Interval, Decimal], b: tuple[Interval, Decimal]
) -> None:
    assert a[0].overlaps(b[0]) == b[0].overlaps(a[0])
    assert a[0].overlaps(b[0]) == (Decimal(0) in a[0] - b[0])


@given(NUMBERS, st.sampled_from(["", "approximately", "more_than", "less_than"]))
def test_a_printed_number_may_mean_itself(value: Decimal, qualifier: str) -> None:
    assert value in printed(value, qualifier)


@given(st.integers(1, 10**9), st.integers(0, 4))
def test_rounding_half_up_stays_inside_the_printed_interval(exact: int, places: int) -> None:
    value = Decimal(exact).scaleb(-6)
    rounded = round(value, places)
    assume(rounded)
    assert value in printed(rounded)


@pytest.mark.parametrize(
    ("text", "qualifier", "low", "high"),
    [
        ("3098", "", "3097.5", "3098.5"),
        ("132.4", "", "132.35", "132.45"),
        ("13.0", "", "12.95", "13.05"),
        ("70", "", "69.5", "70.5"),
        ("73200", "", "73150", "73250"),
        ("40000", "", "35000", "45000"),
        ("0", "", "-0.5", "0.5"),
        ("-2", "", "-2.5", "-1.5"),
        ("70", "approximately", "65", "75"),
        ("198", "approximately", "188.1", "207.9"),
        ("0.3", "approximately", "0.25", "0.35"),
        ("4", "more_than", "4", "Infinity"),
        ("9", "less_than", "-Infinity", "9"),
    ],
)
def test_printed_precision(text: str, qualifier: str, low: str, high: str) -> None:
    assert printed(Decimal(text), qualifier) == Interval(Decimal(low), Decimal(high))


def test_open_ends_stay_open() -> None:
    above = printed(Decimal(4), "more_than")
    assert (above * Interval.point(2)) == Interval(Decimal(8), WHOLE)
    assert (above * Interval.point(0)) == Interval.point(0)
    assert (Interval.point(1) / above) == Interval(Decimal(0), Decimal("0.25"))
    assert (Interval.point(1) - above) == Interval(-WHOLE, Decimal(-3))
    assert not above.width().is_finite()


@pytest.mark.parametrize(
    ("low", "high"),
    [("2", "1"), ("NaN", "1"), ("Infinity", "Infinity"), ("-Infinity", "-Infinity")],
)
def test_bounds_that_hold_no_value_are_refused(low: str, high: str) -> None:
    with pytest.raises(ValueError, match=r"not an interval|no finite value"):
        Interval(Decimal(low), Decimal(high))


def test_unknown_qualifier_and_infinite_value_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown qualifier"):
        printed(Decimal(1), "roughly")
    with pytest.raises(ValueError, match="not a finite number"):
        printed(Decimal("Infinity"))
    with pytest.raises(ValueError, match="negative exponent"):
        Interval.point(2) ** -1
