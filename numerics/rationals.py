"""Rationals of any size as logarithms, doubles and decimal text."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction


def log10_fraction(value: Fraction) -> float:
    """Return ``log10`` of a positive rational of any size (for planning digits, never for a bound).

    Examples
    --------
    >>> round(log10_fraction(Fraction(1, 10**400)), 9)
    -400.0
    """
    return (math.log2(value.numerator) - math.log2(value.denominator)) / math.log2(10)


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
