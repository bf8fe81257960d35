"""MPFR numbers (gmpy2) as an arithmetic of the scalar backends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import gmpy2
import mpmath


class MpArithmetic:
    """`ScalarArithmetic` in MPFR numbers, at the precision of gmpy2's current context."""

    def constant(self, value: int | Fraction) -> Any:
        """Round an exact rational."""
        if isinstance(value, int):
            return gmpy2.mpfr(value)
        return gmpy2.mpfr(gmpy2.mpq(value.numerator, value.denominator))

    def exp(self, value: Any) -> Any:
        """Exponential."""
        return gmpy2.exp(value)

    def expm1(self, value: Any) -> Any:
        """``exp(value) - 1``."""
        return gmpy2.expm1(value)

    def erfc(self, value: Any) -> Any:
        """Complementary error function."""
        return gmpy2.erfc(value)

    def sqrt(self, value: Any) -> Any:
        """Square root."""
        return gmpy2.sqrt(value)

    def log(self, value: Any) -> Any:
        """Natural logarithm."""
        return gmpy2.log(value)

    def cos(self, value: Any) -> Any:
        """Cosine."""
        return gmpy2.cos(value)

    def pi(self) -> Any:
        """Return the number pi."""
        return gmpy2.const_pi()

    def upper(self, value: Any) -> Any:
        """Absolute value."""
        return abs(value)

    def maximum(self, left: Any, right: Any) -> Any:
        """Return the larger number."""
        return max(left, right)

    def symmetric(self, bound: Any) -> Any:
        """Return zero: coefficients that vanish are rounding, which is estimated as a whole."""
        return gmpy2.mpfr(0)

    def set_precision(self, bits: int) -> None:
        """Set the precision of the context that `mpfr_precision` entered."""
        gmpy2.get_context().precision = bits

    def to_float(self, value: Any) -> float:
        """Return the nearest float (infinite beyond its range)."""
        return float(value)

    def nearest_integer(self, value: Any) -> int:
        """Return the nearest integer."""
        return int(gmpy2.rint(value))

    def is_zero(self, value: Any) -> bool:
        """Whether the value is zero."""
        return bool(value == 0)

    def wide(self, value: Any, bits: int) -> bool:
        """Points are never wide."""
        return False


MP = MpArithmetic()


@contextmanager
def mpfr_precision(bits: int) -> Iterator[None]:
    """Work in MPFR with ``bits`` bits and its full exponent range; restored on exit.

    Examples
    --------
    >>> before = gmpy2.get_context().precision
    >>> with mpfr_precision(100):
    ...     print(gmpy2.get_context().precision)
    100
    >>> gmpy2.get_context().precision == before
    True
    """
    extremes = {"emax": gmpy2.get_emax_max(), "emin": gmpy2.get_emin_min()}
    with gmpy2.context(precision=bits, **extremes):
        yield


def to_mpfr(value: Any) -> Any:
    """Convert an mpf, int or Fraction to MPFR at the current precision.

    Examples
    --------
    >>> to_mpfr(mpmath.mpf("-0.375"))
    mpfr('-0.375')
    """
    if isinstance(value, Fraction | int):
        return MP.constant(value)
    sign, mantissa, exponent, _ = mpmath.mpf(value)._mpf_
    number = gmpy2.mpfr(-mantissa if sign else mantissa)
    shift = gmpy2.mul_2exp if exponent >= 0 else gmpy2.div_2exp
    return shift(number, abs(exponent))


def to_mpf(value: Any) -> Any:
    """Convert MPFR to mpf without rounding.

    Examples
    --------
    >>> to_mpf(gmpy2.mpfr("1.5"))
    mpf('1.5')
    """
    mantissa, exponent = value.as_mantissa_exp()
    raw = mpmath.libmp.from_man_exp(mpmath.libmp.MPZ(mantissa), int(exponent))
    return mpmath.mp.make_mpf(raw)
