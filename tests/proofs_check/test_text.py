"""Decimal and exact text."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from proofs_check.text import bound_text, decimal_text, exact_rational, fraction_text, rounding_of

numbers = (
    st.builds(
        lambda m, k: Fraction(m) * Fraction(10) ** k,
        st.integers(-(10**9), 10**9),
        st.integers(-400, 400),
    )
    | st.fractions()
)


@given(numbers)
def test_fractions_read_back_exactly(value):
    assert Fraction(fraction_text(value)) == value


@given(numbers, st.integers(1, 40))
def test_decimals_are_within_half_a_unit_and_not_longer_than_asked(value, digits):
    text = decimal_text(value, digits)
    assert rounding_of(value, digits) * 2 <= abs(Fraction(text)) * Fraction(10) ** (1 - digits)
    mantissa = text.lstrip("-").split("e")[0].replace(".", "").lstrip("0")
    assert len(mantissa) <= digits or Fraction(text) == value


@given(numbers.map(abs))
def test_bounds_are_rounded_up(value):
    printed = Fraction(bound_text(value))
    assert value <= printed <= value * Fraction(102, 100)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_count_with_their_binary_value(value):
    assert exact_rational(value) == Fraction(value)
