"""Enclosures as decimal text: ``mid`` and ``rad`` as printed contain the true value.

The radius is rounded up and includes the rounding of the printed midpoint. Everything is exact
arithmetic on the ball's mantissas and exponents, in FLINT's rationals.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import flint
from flint import fmpq

from numerics.errors import InputError
from numerics.numbers.balls import precision

#: Significant digits of a printed radius.
RADIUS_DIGITS = 3
#: Binary exponents beyond this are first brought near zero by a rigorous power of ten.
_MODERATE = 200_000
#: More than the rounding of a decimal logarithm in floats.
_ROUNDING = 1e-6

Nested = Any  # str, arb, or lists of them


def map_nested(function: Callable[[Any], Any], nested: Nested) -> Nested:
    """Apply a function to every leaf of nested lists.

    Examples
    --------
    >>> map_nested(str, [[1, 2], [3]])
    [['1', '2'], ['3']]
    """
    if isinstance(nested, list):
        return [map_nested(function, item) for item in nested]
    return function(nested)


def flatten(nested: Nested) -> list[Any]:
    """Leaves of nested lists in order.

    Examples
    --------
    >>> flatten([[1, [2]], 3])
    [1, 2, 3]
    """
    if isinstance(nested, list):
        return [leaf for item in nested for leaf in flatten(item)]
    return [nested]


def meets(ball: flint.arb, digits: int) -> bool:
    """Whether the radius is certainly at most ``10^-digits * max(1, |value|)``.

    Examples
    --------
    >>> meets(flint.arb(1, "1e-11"), 10), meets(flint.arb(1, "1e-9"), 10)
    (True, False)
    """
    with precision(64):
        goal = flint.arb(10) ** (-digits)
        return bool(ball.rad() <= goal) or bool(ball.rad() <= goal * ball.abs_lower())


def decimal_ball(ball: flint.arb, digits: int) -> tuple[str, str]:
    """Decimal text ``(mid, rad)`` with ``[mid - rad, mid + rad]`` containing the ball.

    Parameters
    ----------
    ball : arb
        Finite.
    digits : int
        The midpoint gets at most ``digits + 2`` significant digits, and no digit far below the
        radius.

    Raises
    ------
    InputError
        If the ball is not finite.

    Examples
    --------
    >>> decimal_ball(flint.arb("1.25", "0.001"), 15)
    ('1.25000', '0.00101')
    >>> decimal_ball(flint.arb(3) / 8, 15)
    ('0.375', '0')
    """
    if not ball.is_finite():
        raise InputError("ball", ball, "a finite ball (the computation lost all accuracy)")
    shift, middle, radius = _as_fractions(ball, digits)
    if middle == 0 and radius == 0:
        return "0", "0"
    place = _place(middle, radius, digits)
    unit = fmpq(10) ** place
    scaled = middle / unit
    rounded = (scaled + fmpq(1, 2)).floor()
    total = radius + abs(scaled - rounded) * unit
    if total == 0:
        while rounded and rounded % 10 == 0 and place < 0:
            rounded, place = rounded // 10, place + 1
    return _text(int(rounded), place + shift), _round_up(total, shift)


def _as_fractions(ball: flint.arb, digits: int) -> tuple[int, fmpq, fmpq]:
    """``(k, mid, rad)`` with the ball inside ``10^k (mid +- rad)``; ``k = 0`` normally."""
    parts = [part.man_exp() for part in (ball.mid(), ball.rad())]
    sizes = [int(e) + int(m).bit_length() for m, e in parts if int(m)]
    shift = 0
    if any(abs(size) > _MODERATE for size in sizes):
        shift = max(sizes) * 30103 // 100000
        with precision(4 * digits + 64 + max(size.bit_length() for size in sizes)):
            ball = ball * flint.arb(10) ** (-shift)
        parts = [part.man_exp() for part in (ball.mid(), ball.rad())]
    fractions = [_dyadic(int(m), int(e), up=k == 1) for k, (m, e) in enumerate(parts)]
    lost = fmpq(0)
    if fractions[0] == 0 and int(parts[0][0]):
        lost = fmpq(1, 2**_MODERATE)  # a midpoint too small to write out
    return shift, fractions[0], fractions[1] + lost


def _dyadic(mantissa: int, exponent: int, *, up: bool) -> fmpq:
    """``mantissa * 2^exponent``; hopelessly small values become 0 (a bound if ``up``)."""
    if mantissa and exponent + mantissa.bit_length() < -4 * _MODERATE:
        return fmpq(1, 2**_MODERATE) if up else fmpq(0)
    return fmpq(mantissa) * fmpq(2) ** exponent


def _place(middle: fmpq, radius: fmpq, digits: int) -> int:
    """Decimal place (power of ten) of the last printed digit of the midpoint."""
    places = []
    if middle:
        places.append(_exponent(abs(middle)) - digits - 1)
    if radius:
        places.append(_exponent(radius) - RADIUS_DIGITS + 1)
    return max(places)


def _exponent(value: fmpq) -> int:
    """Return ``floor(log10(value))`` for a positive rational, exactly."""
    logarithm = math.log10(int(value.p)) - math.log10(int(value.q))
    guess = math.floor(logarithm)
    if _ROUNDING < logarithm - guess < 1 - _ROUNDING:
        return guess
    power = fmpq(10) ** round(logarithm)  # next to a power of ten: compared with it
    return round(logarithm) - int(value < power)


def _round_up(value: fmpq, shift: int) -> str:
    """Text of the smallest decimal with `RADIUS_DIGITS` digits that is at least ``value``."""
    if value == 0:
        return "0"
    place = _exponent(value) - RADIUS_DIGITS + 1
    scaled = value / fmpq(10) ** place
    return _text(int(scaled.ceil()), place + shift)


def _text(integer: int, place: int) -> str:
    """Text of ``integer * 10^place``: positional near 1, else with an exponent."""
    sign = "-" if integer < 0 else ""
    digits = _integer_text(abs(integer))
    exponent = len(digits) - 1 + place
    if integer == 0:
        return "0"
    if place >= 0 and exponent <= 20:
        return sign + digits + "0" * place
    if place < 0 and exponent >= -4:
        padded = digits.rjust(1 - place, "0")
        return f"{sign}{padded[:place]}.{padded[place:]}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{exponent}"


def _integer_text(value: int) -> str:
    """Decimal digits of any non-negative integer (Python limits ``str`` of long ones)."""
    return str(flint.fmpz(value))
