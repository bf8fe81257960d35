"""Rationals of any size as logarithms, doubles and decimal text."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any


def log10_fraction(value: Fraction) -> float:
    """Return ``log10`` of a positive rational of any size (for planning digits, never for a bound).

    Examples
    --------
    >>> round(log10_fraction(Fraction(1, 10**400)), 9)
    -400.0
    """
    return (math.log2(value.numerator) - math.log2(value.denominator)) / math.log2(10)


def dyadic(mantissa: int, exponent: int) -> Fraction:
    """Return ``mantissa 2^exponent``.

    Examples
    --------
    >>> dyadic(3, -2)
    Fraction(3, 4)
    """
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)


def rational_of_mpf(value: Any) -> Fraction:
    """Return the exact value of an mpmath real.

    Raises
    ------
    ArithmeticError
        If it is not finite.

    Examples
    --------
    >>> import mpmath
    >>> rational_of_mpf(mpmath.mpf("-0.75"))
    Fraction(-3, 4)
    """
    sign, mantissa, exponent, _ = value._mpf_
    if not mantissa and exponent:  # mpmath's code for nan and the infinities
        raise ArithmeticError(f"not a finite number: {value}")
    return dyadic(-int(mantissa) if sign else int(mantissa), int(exponent))


def rounded(value: Fraction, significant: int, *, up: bool) -> tuple[int, int]:
    """Round a positive rational to decimal digits, up or to the nearest.

    Returns
    -------
    (int, int)
        Mantissa of exactly ``significant`` digits, and decimal exponent.

    Examples
    --------
    >>> rounded(Fraction(2, 3), 2, up=False), rounded(Fraction(1000001), 3, up=True)
    ((67, -2), (101, 4))
    """
    # digits(numerator) - digits(denominator) is the decimal exponent to within one
    guess = (value.numerator.bit_length() - value.denominator.bit_length()) * 30103 // 100000
    exponent = guess - significant - 1
    while True:
        scaled = value / Fraction(10) ** exponent
        mantissa = -((-scaled.numerator) // scaled.denominator) if up else round(scaled)
        if mantissa < 10**significant:
            return mantissa, exponent
        exponent += 1


def decimal_text(value: Fraction, digits: int = 20) -> str:
    """Return a rational as decimal text with at most ``digits`` significant digits.

    Examples
    --------
    >>> decimal_text(Fraction(1, 10) * 3), decimal_text(Fraction(1, 3), 5)
    ('0.3', '0.33333')
    """
    with localcontext() as context:
        context.prec = digits
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
        return f"{quotient:f}" if -8 < quotient.adjusted() < digits else str(quotient)


def to_float(value: Fraction) -> float:
    """Return the nearest double, infinite beyond the range of doubles.

    Examples
    --------
    >>> to_float(Fraction(10) ** 400)
    inf
    """
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf if value > 0 else -math.inf
