"""Printed enclosures contain the ball, whatever its size."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import flint
import pytest
from flint import arb, fmpz
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.evaluation.enclosure import Enclosure
from numerics.numbers.balls import exact_rational, precision
from numerics.numbers.decimal_balls import decimal_ball, flatten, meets


def make(mantissa: int, exponent: int, radius: int, radius_exponent: int) -> arb:
    """``mantissa 2^exponent +- radius 2^radius_exponent``, exactly (up to a rounded-up radius)."""
    with precision(4000):
        two = arb(2)
        return arb(
            arb(mantissa) * two ** arb(fmpz(exponent)),
            arb(radius) * two ** arb(fmpz(radius_exponent)),
        )


def as_fraction(text: str) -> Fraction:
    return Fraction(Decimal(text))


integers = st.integers(min_value=-(2**300), max_value=2**300)


@settings(max_examples=300)
@given(
    integers,
    st.integers(-5000, 2000),
    st.integers(min_value=0, max_value=2**30 - 1),
    st.integers(-6000, 2000),
    st.integers(min_value=1, max_value=120),
)
def test_printed_ball_contains_the_ball(
    mantissa: int, exponent: int, radius: int, radius_exponent: int, digits: int
) -> None:
    value = make(mantissa, exponent, radius, radius_exponent)
    mid, rad = (as_fraction(text) for text in decimal_ball(value, digits))
    middle, width = exact_rational(value), exact_rational(value.rad())
    assert abs(mid - middle) + width <= rad
    # Not much wider: the radius rounds up in its third digit, mid in its digits + 2nd.
    assert rad <= Fraction(102, 100) * width + abs(middle) * Fraction(1, 10 ** (digits + 1))


@pytest.mark.parametrize("power", [-(10**7), -250_000, 250_000, 10**7])
def test_extreme_exponents(power: int) -> None:
    value = make(5, power, 1, power - 80)
    mid, rad = decimal_ball(value, 15)
    with precision(400):
        printed = arb(arb(mid), arb(rad))
        assert printed.contains(value)
        assert printed.rel_accuracy_bits() > 45


def test_tiny_radius_and_tiny_midpoint() -> None:
    mid, rad = decimal_ball(make(1, 0, 1, -(10**7)), 20)
    assert mid == "1.00000000000000000000" or mid == "1.000000000000000000000"
    assert 0 < as_fraction(rad) < Fraction(1, 10**1000)
    mid, rad = decimal_ball(make(1, -(10**7), 1, 0), 20)
    assert abs(as_fraction(mid)) + 1 <= as_fraction(rad) + Fraction(1, 10**100) * 2


def test_texts() -> None:
    assert decimal_ball(arb(0), 10) == ("0", "0")
    assert decimal_ball(arb(-5) / 4, 10) == ("-1.25", "0")
    assert decimal_ball(arb(123456), 10) == ("123456", "0")
    assert decimal_ball(arb(0, 1), 10)[0] == "0"
    mid, rad = decimal_ball(arb("1e-300", "1e-310"), 15)
    assert (mid, rad) == ("1.000000000000e-300", "1.01e-310")


def test_long_integers_are_printed() -> None:
    with precision(9000):
        value = arb(3**5000)
    mid, rad = decimal_ball(value, 6000)
    assert as_fraction(mid) == 3**5000
    assert rad == "0"


@pytest.mark.parametrize("value", [arb.nan(), arb.pos_inf()])
def test_infinite_balls_are_refused(value: arb) -> None:
    with pytest.raises(InputError, match="finite"):
        decimal_ball(value, 10)


def test_enclosure_keeps_the_shape() -> None:
    with precision(100):
        balls = [[arb(1) / 3, arb(2)], [arb(0, "1e-3"), arb(10) / 7]]
        result = Enclosure.from_balls(balls, 20, nodes=5, rank=1, objective="kl", quantity="loss")
    assert [len(row) for row in result.mid] == [2, 2]
    assert [len(row) for row in result.rad] == [2, 2]
    assert not result.met
    assert result.balls is balls
    scalar = Enclosure.from_balls(arb(2), 5)
    assert (scalar.mid, scalar.rad, scalar.met) == ("2", "0", True)
    for mid, rad, ball in zip(*map(flatten, (result.mid, result.rad, result.balls)), strict=True):
        middle = exact_rational(ball)
        assert abs(as_fraction(mid) - middle) + exact_rational(ball.rad()) <= as_fraction(rad)


def test_meets_is_relative_above_one() -> None:
    assert meets(arb("1e30", "1e15"), 14)
    assert not meets(arb("1e30", "1e17"), 14)
    assert not meets(arb("1e-30", "1e-10"), 14)
    assert flint.ctx.prec == 53
