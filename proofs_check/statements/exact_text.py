"""Exact numbers as text: fractions, and decimals rounded to a stated number of digits."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from numerics.numbers.exact import rational_of_mpf, rational_text, rounded

#: Significant digits of an error that is printed beside a value.
_ERROR_DIGITS = 2


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
    plain = rational_text(value)
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


def signed_bound_text(value: Fraction) -> str:
    """`bound_text` of a number of any sign, rounded away from zero."""
    return "-" + bound_text(-value) if value < 0 else bound_text(value)


def measured(value: str, error: str, most: int | None = None) -> tuple[str, str]:
    """Round a value to the digits that its error leaves; the error then covers the rounding.

    The last digit printed of the value is not below the leading digit of the error; a value that
    is not larger than its error is printed as 0. Errors have two digits, rounded up.

    Parameters
    ----------
    value, error : str
        Decimal texts; ``"0"`` is no error.
    most : int, optional
        Significant digits of the value beyond which nothing is printed.

    Examples
    --------
    >>> measured("36.000599822497009", "3.02e-15"), measured("1.0799927480358171e-42", "6.26e-17")
    (('36.000599822497009', '3.1e-15'), ('0', '6.3e-17'))
    >>> measured("2.718281828", "0"), measured("2.718281828", "0", most=3)
    (('2.718281828', '0'), ('2.72', '0.0018'))
    """
    exact, radius = Decimal(value), Decimal(error).copy_abs()
    wide = Context(len(exact.as_tuple().digits) + 10, Emin=MIN_EMIN, Emax=MAX_EMAX)
    upwards = Context(_ERROR_DIGITS, ROUND_CEILING, Emin=MIN_EMIN, Emax=MAX_EMAX)
    if not radius and (most is None or len(exact.normalize(wide).as_tuple().digits) <= most):
        return value, "0"
    if exact.copy_abs() <= radius:
        return "0", _decimal_placed(upwards.add(exact.copy_abs(), radius))
    places = [int(exact.as_tuple().exponent), *([radius.adjusted()] if radius else [])]
    if most is not None:
        places.append(exact.adjusted() - most + 1)
    place = max(places)
    while True:
        unit = Decimal((0, (1,), place))
        rounded = exact.quantize(unit, ROUND_HALF_EVEN, wide)
        total = upwards.add(wide.subtract(exact, rounded).copy_abs(), radius)
        if not total or total.adjusted() <= place:
            return _decimal_placed(rounded), _decimal_placed(total)
        place = total.adjusted()


def with_error(value: str, error: str, most: int | None = None) -> str:
    """`measured` as one text.

    Examples
    --------
    >>> with_error("0.123456", "0.00031")
    '0.1235 +/- 0.00036'
    """
    return " +/- ".join(measured(value, error, most))


def outward(low: float, high: float, places: int = 4) -> tuple[str, str]:
    """Bounds to some decimal places, rounded so that the printed ones hold, too.

    Examples
    --------
    >>> outward(-3.60001, -3.59999, 3)
    ('-3.601', '-3.599')
    """
    down, up = floor(Fraction(low) * 10**places), ceil(Fraction(high) * 10**places)
    texts = (f"{Decimal((int(n < 0), _digits(abs(n)), -places)):f}" for n in (down, up))
    first, second = texts
    return first, second


def rounding_of(value: Fraction, significant: int) -> Fraction:
    """Distance between a value and its `decimal_text`."""
    return abs(value - Fraction(decimal_text(value, significant)))


def _digits(value: int) -> tuple[int, ...]:
    return tuple(map(int, rational_text(Fraction(value))))


def _decimal_placed(value: Decimal) -> str:
    sign, digits, exponent = value.as_tuple()
    return ("-" if sign else "") + _spread("".join(map(str, digits)), int(exponent))


def _placed(mantissa: int, exponent: int) -> str:
    return _spread(rational_text(Fraction(mantissa)), exponent)


def _spread(digits: str, exponent: int) -> str:
    """Plain decimal where that is short, scientific otherwise; keeps trailing zeros."""
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
    return ("-" if numerator < 0 else "") + _placed(abs(numerator), exponent)
