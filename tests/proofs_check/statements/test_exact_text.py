"""Decimal and exact text."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.numbers.exact import parse_number
from proofs_check.statements.exact_text import (
    bound_text,
    decimal_text,
    exact_rational,
    fraction_text,
    measured,
    outward,
    rounding_of,
    with_error,
)

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


@given(st.integers(4200, 9000), st.integers(-9, 9), st.sampled_from([-9000, -5000, -3, 0]))
def test_texts_of_numbers_longer_than_python_prints(length, last, exponent):
    value = (10**length + last) * Fraction(10) ** exponent
    assert parse_number(fraction_text(value)) == value
    printed = parse_number(decimal_text(value, length))
    assert abs(printed - value) <= abs(value) / Fraction(10) ** (length - 1)
    assert parse_number(bound_text(value, 4500)) >= value
    low, high = outward(1e300, 1e300, length)
    assert parse_number(low) <= Fraction(1e300) <= parse_number(high)


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


mantissas = st.integers(-(10**25), 10**25)
decimals = st.builds(lambda m, k: f"{m}e{k}", mantissas, st.integers(-60, 30))
errors = st.builds(lambda m, k: f"{m}e{k}", st.integers(0, 999), st.integers(-60, 30))


@given(decimals, errors, st.none() | st.integers(1, 30))
def test_printed_values_lie_within_the_printed_error_and_show_no_digit_beyond(value, error, most):
    shown, radius = measured(value, error, most)
    exact, given_error = Fraction(value), Fraction(error)
    # the printed interval contains the original one
    assert abs(Fraction(shown) - exact) + given_error <= Fraction(radius)
    if shown != "0" and Fraction(radius):
        assert Decimal(shown).as_tuple().exponent >= Decimal(radius).adjusted()
    if exact and given_error >= abs(exact):
        assert shown == "0"
    if most is not None and Fraction(radius):
        assert len(Decimal(shown).as_tuple().digits) <= most + 1
    # and is hardly larger than it must be: rounding a value costs at most half a last digit
    if shown != "0" and most is None and Fraction(radius):
        assert Fraction(radius) <= Fraction(111, 100) * (given_error + Fraction(10) ** _last(shown))


def _last(text):
    return Decimal(text).as_tuple().exponent


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        ("1.0799927480358171e-42", "6.26e-17", "0 +/- 6.3e-17"),
        ("36.000599822497009", "3.02e-15", "36.000599822497009 +/- 3.1e-15"),
        ("-0.99999", "0.00096", "-1.0000 +/- 0.00097"),
        ("1e-10000000", "3e-10000003", "1e-10000000 +/- 3e-10000003"),
        ("0.5", "0", "0.5 +/- 0"),
        ("0", "0", "0 +/- 0"),
        ("97", "96", "1.0e2 +/- 99"),
    ],
)
def test_values_with_errors(value, error, text):
    assert with_error(value, error) == text


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(0, 8))
def test_bounds_are_rounded_outwards(first, second, places):
    low, high = sorted((first, second))
    down, up = map(Fraction, outward(low, high, places))
    assert down <= Fraction(low) < down + Fraction(1, 10**places)
    assert up - Fraction(1, 10**places) < Fraction(high) <= up
