"""A thin, strict door to python-flint: scoped precision, and balls from exact values only.

python-flint takes floats silently (``arb(0.1)`` is the binary neighbour of 0.1 with radius 0),
which would smuggle an unproved number into a proof. `ball` refuses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import flint
from flint import arb

from numerics.errors import InputError
from numerics.numbers.exact import dyadic


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Set the working precision of Arb; the previous one is restored on exit, also on error.

    Examples
    --------
    >>> before = flint.ctx.prec
    >>> with precision(200):
    ...     print(flint.ctx.prec)
    200
    >>> flint.ctx.prec == before
    True
    """
    before = flint.ctx.prec
    try:
        flint.ctx.prec = bits
        yield
    finally:
        flint.ctx.prec = before


def ball(value: int | Fraction | str | flint.arb) -> flint.arb:
    """Return a ball that contains an exactly given number, at the current precision.

    Parameters
    ----------
    value : int, Fraction, str or arb
        Text is a decimal or ``"p/q"``. A float, even an integral one, is refused.

    Returns
    -------
    arb

    Raises
    ------
    InputError
        For floats and anything else.

    Examples
    --------
    >>> with precision(53):
    ...     ball("1/3").contains(ball(1) / 3), ball(Fraction(1, 4)).is_exact()
    (True, True)
    >>> ball(0.5)
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: value: got 0.5; allowed: an int, a Fraction, decimal text or an arb
    """
    if isinstance(value, flint.arb):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return flint.arb(value)
    if isinstance(value, Fraction):
        return flint.arb(flint.fmpq(value.numerator, value.denominator))
    if isinstance(value, str):
        try:
            if "/" in value:
                return ball(Fraction(value))
            return flint.arb(value.strip())
        except (ValueError, ZeroDivisionError):
            pass
    raise InputError("value", value, "an int, a Fraction, decimal text or an arb")


def exact_rational(value: flint.arb) -> Fraction:
    """Return the midpoint of a ball as a Fraction (use with moderate exponents).

    Raises
    ------
    ArithmeticError
        If it is not finite.

    Examples
    --------
    >>> exact_rational(flint.arb(3) / 8)
    Fraction(3, 8)
    """
    middle = value.mid()
    if not middle.is_finite():
        raise ArithmeticError(f"not a finite number: {value}")
    mantissa, exponent = middle.man_exp()
    return dyadic(int(mantissa), int(exponent))


class BallArithmetic:
    """`numerics.numbers.protocols.BoundArithmetic` and `ScalarArithmetic` in balls."""

    def constant(self, value: int | Fraction) -> arb:
        """Return an enclosure of an exact rational."""
        return ball(value)

    def exp(self, value: arb) -> arb:
        """Exponential."""
        return value.exp()

    def expm1(self, value: arb) -> arb:
        """``exp(value) - 1``."""
        return value.expm1()

    def erfc(self, value: arb) -> arb:
        """Complementary error function."""
        return value.erfc()

    def sqrt(self, value: arb) -> arb:
        """Square root."""
        return value.sqrt()

    def log(self, value: arb) -> arb:
        """Natural logarithm."""
        return value.log()

    def cos(self, value: arb) -> arb:
        """Cosine."""
        return value.cos()

    def pi(self) -> arb:
        """Return the number pi."""
        return arb.pi()

    def upper(self, value: arb) -> arb:
        """Return a number that is certainly at least ``|value|``."""
        return arb(value).abs_upper()

    def maximum(self, left: arb, right: arb) -> arb:
        """Enclose the larger of two numbers."""
        return left.max(right)

    def symmetric(self, bound: arb) -> arb:
        """Return a ball about 0 with everything of modulus at most ``|bound|``."""
        return arb(0, arb(bound).abs_upper())

    def set_precision(self, bits: int) -> None:
        """Set Arb's precision; callers hold `numerics.numbers.balls.precision`."""
        flint.ctx.prec = bits

    def to_float(self, value: arb) -> float:
        """Return a float near the upper end: it only ever chooses."""
        return float(value.upper())

    def nearest_integer(self, value: arb) -> int:
        """Return an integer near the midpoint."""
        return round(exact_rational(value))

    def is_zero(self, value: arb) -> bool:
        """Whether the value is exactly zero."""
        return bool(value.is_zero())

    def wide(self, value: arb, bits: int) -> bool:
        """Whether the radius is much larger than rounding at ``bits`` explains."""
        return not value.is_exact() and value.rel_accuracy_bits() < bits - 24


BALL = BallArithmetic()
