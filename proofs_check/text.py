"""Exact numbers as text: fractions, and decimals rounded to a stated number of digits."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from numerics.rationals import rational_of_mpf, rounded


def exact_rational(value: Any) -> Fraction:
    """Exact value of an int, float, Fraction or mpmath number.

    Examples
    --------
    >>> exact_rational(0.5)
    Fraction(1, 2)
    """
    if hasattr(value, "_mpf_"):
        return rational_of_mpf(value)
    return Fraction(value) if isinstance(value, int | Fraction) else Fraction(float(value))


def fraction_text(value: Fraction) -> str:
    """Text of a fraction that reads back exactly: ``"3"``, ``"-1/3"``, or ``"1e-400"``.

    Powers of ten are kept as exponents, so that a separation of ``1e-400`` stays readable.

    Examples
    --------
    >>> fraction_text(Fraction(-1, 3)), fraction_text(Fraction("1.5e-12"))
    ('-1/3', '1.5e-12')
    >>> Fraction(fraction_text(Fraction("1.5e-12"))) == Fraction("1.5e-12")
    True
    """
    plain = str(value)
    if len(plain) <= 8:
        return plain
    denominator, places = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while denominator % prime == 0:
            denominator //= prime
            count += 1
        places = max(places, count)
    if denominator != 1:
        return plain
    return _scientific(value.numerator * (10**places // value.denominator), -places)


def decimal_text(value: Fraction, significant: int) -> str:
    """Round to ``significant`` decimal digits, half to even, and print.

    Examples
    --------
    >>> decimal_text(Fraction(2, 3), 5), decimal_text(Fraction(1, 10**9), 3)
    ('0.66667', '1.00e-9')
    """
    if value == 0:
        return "0"
    mantissa, exponent = rounded(abs(value), significant, up=False)
    text = _placed(mantissa, exponent)
    return "-" + text if value < 0 else text


def bound_text(value: Fraction, significant: int = 3) -> str:
    """Print a nonnegative bound, rounded up, so that the printed bound still bounds.

    Examples
    --------
    >>> bound_text(Fraction(1, 3))
    '0.334'
    """
    if value == 0:
        return "0"
    return _placed(*rounded(value, significant, up=True))


def rounding_of(value: Fraction, significant: int) -> Fraction:
    """Distance between a value and its `decimal_text`."""
    return abs(value - Fraction(decimal_text(value, significant)))


def _placed(mantissa: int, exponent: int) -> str:
    """Plain decimal where that is short, scientific otherwise; keeps trailing zeros."""
    digits = str(mantissa)
    leading = len(digits) + exponent  # digits before the decimal point
    if exponent == 0:
        return digits
    if 0 < leading <= len(digits):
        return f"{digits[:leading]}.{digits[leading:]}".rstrip(".")
    if -4 <= leading <= 0:
        return "0." + "0" * -leading + digits
    point = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{point}e{leading - 1}"


def _scientific(numerator: int, exponent: int) -> str:
    """Shortest text of ``numerator * 10**exponent``."""
    while numerator % 10 == 0:
        numerator //= 10
        exponent += 1
    sign, digits = ("-" if numerator < 0 else ""), str(abs(numerator))
    return sign + _placed(int(digits), exponent)
