"""A thin, strict door to python-flint: scoped precision, and balls from exact values only.

python-flint takes floats silently (``arb(0.1)`` is the binary neighbour of 0.1 with radius 0),
which would smuggle an unproved number into a proof. `ball` refuses them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from operator import methodcaller
from typing import Any

import flint
from flint import acb, acb_series, arb

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
    if isinstance(value, arb):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return arb(value)
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


class ArbArithmetic:
    """`numerics.numbers.protocols.ScalarArithmetic` in balls: the radius accounts for rounding."""

    name, rigorous = "ball", True

    exp, expm1, erfc = map(staticmethod, map(methodcaller, ("exp", "expm1", "erfc")))
    sqrt, log, sin, cos = map(staticmethod, map(methodcaller, ("sqrt", "log", "sin", "cos")))
    pi, constant, upper = staticmethod(arb.pi), staticmethod(ball), staticmethod(arb.abs_upper)
    maximum, is_zero = staticmethod(arb.max), staticmethod(arb.is_zero)
    exact: Any = staticmethod(arb)
    complex: Any = staticmethod(acb)
    precision = staticmethod(precision)

    def number(self, value: Any) -> arb:
        """Refuse anything but a finite ball."""
        if not isinstance(value, arb) or not value.is_finite():
            raise InputError("inputs", value, "finite balls (numerics.numbers.balls.ball)")
        return value

    def symmetric(self, bound: arb) -> arb:
        """Return a ball about 0 with everything of modulus at most ``|bound|``."""
        return arb(0, arb(bound).abs_upper())

    def set_precision(self, bits: int) -> None:
        """Set Arb's precision."""
        flint.ctx.prec = bits

    def to_float(self, value: arb) -> float:
        """Return a float near the upper end: it only ever chooses."""
        return float(value.upper())

    def nearest_integer(self, value: arb) -> int:
        """Return an integer near the midpoint."""
        return round(exact_rational(value))

    def wide(self, value: arb, bits: int) -> bool:
        """Whether the radius is much larger than rounding at ``bits`` explains."""
        return not value.is_exact() and value.rel_accuracy_bits() < bits - 24

    def rounding(self, amplification: Any, bits: int) -> arb:
        """Return 0: the radius tells."""
        return arb(0)

    def result(self, value: arb, error: arb) -> tuple[arb, arb]:
        """Return the ball and its radius."""
        return value, value.rad()

    def missing_bits(self, values: Iterable[arb], digits: int) -> float:
        """Bits by which the worst radius misses ``10^-digits max(1, |value|)``."""
        worst = 0.0
        with precision(64):
            goal = arb(10) ** (-digits)
            for value in values:
                if not value.is_finite():
                    return math.inf
                radius = value.rad()
                if radius <= goal or radius <= goal * value.abs_lower():
                    continue
                worst = max(worst, float((radius / goal).log()) / math.log(2), 1.0)
        return worst

    @contextmanager
    def pole_series(self, kappa: acb, count: int) -> Iterator[Callable[[acb, acb, acb], Any]]:
        """By Arb's power series."""
        cap = flint.ctx.cap
        try:
            flint.ctx.cap = count
            wave = acb_series([acb(0), kappa][:count], count).exp()

            def coefficients(pole: acb, unit: acb, factor: acb) -> Any:
                if count == 1:
                    return [factor / (1 - unit)]
                numerator = acb_series([0, kappa - pole, -0.5], count).exp()
                return numerator / (1 - wave * unit) * factor

            yield coefficients
        finally:
            flint.ctx.cap = cap


BALL = ArbArithmetic()
