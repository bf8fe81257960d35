"""MPFR numbers (gmpy2) as an arithmetic of the scalar backends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import gmpy2
import mpmath


@contextmanager
def mpfr_precision(bits: int) -> Iterator[None]:
    """Work with ``bits`` bits in MPFR (its full exponent range) and mpmath; restored on exit.

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
    with gmpy2.context(precision=bits, **extremes), mpmath.workprec(bits):
        yield


def rounded(value: int | Fraction) -> Any:
    """Round an exact rational."""
    if isinstance(value, int):
        return gmpy2.mpfr(value)
    return gmpy2.mpfr(gmpy2.mpq(value.numerator, value.denominator))


def to_mpfr(value: Any) -> Any:
    """Convert an mpf, int or Fraction to MPFR at the current precision.

    Examples
    --------
    >>> to_mpfr(mpmath.mpf("-0.375"))
    mpfr('-0.375')
    """
    if isinstance(value, Fraction | int):
        return rounded(value)
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
    if not gmpy2.is_finite(value):
        return mpmath.mpf(str(value))
    mantissa, exponent = value.as_mantissa_exp()
    raw = mpmath.libmp.from_man_exp(mpmath.libmp.MPZ(mantissa), int(exponent))
    return mpmath.mp.make_mpf(raw)


class MpfrArithmetic:
    """`numerics.numbers.protocols.ScalarArithmetic` in MPFR numbers; rounding is estimated.

    The precision is that of gmpy2's current context; mpmath's is at least as high.
    """

    name, rigorous = "mpmath", False

    exp, expm1, erfc = map(staticmethod, (gmpy2.exp, gmpy2.expm1, gmpy2.erfc))
    sqrt, log, sin, cos = map(staticmethod, (gmpy2.sqrt, gmpy2.log, gmpy2.sin, gmpy2.cos))
    pi, complex, exact = map(staticmethod, (gmpy2.const_pi, gmpy2.mpc, gmpy2.mpfr))
    upper, maximum, to_float = staticmethod(abs), staticmethod(max), staticmethod(float)
    number, constant = staticmethod(to_mpfr), staticmethod(rounded)
    precision = staticmethod(mpfr_precision)

    def symmetric(self, bound: Any) -> Any:
        """Return zero: errors are kept apart from values."""
        return gmpy2.mpfr(0)

    def set_precision(self, bits: int) -> None:
        """Set MPFR's precision, and raise mpmath's to it (its setter takes long)."""
        gmpy2.get_context().precision = bits
        if mpmath.mp.prec < bits:
            mpmath.mp.prec = bits

    def nearest_integer(self, value: Any) -> int:
        """Return the nearest integer."""
        return int(gmpy2.rint(value))

    def is_zero(self, value: Any) -> bool:
        """Whether the value is zero."""
        return bool(value == 0)

    def wide(self, value: Any, bits: int) -> bool:
        """Points are never wide."""
        return False

    def rounding(self, amplification: Any, bits: int) -> Any:
        """``amplification * 2^-bits``."""
        return gmpy2.div_2exp(gmpy2.mpfr(amplification), bits)

    def result(self, value: Any, error: Any) -> tuple[Any, Any]:
        """Convert both to mpf."""
        return to_mpf(value), to_mpf(error)

    def missing_bits(self, values: Iterable[Any], digits: int) -> float:
        """None: the estimate has chosen the precision."""
        return 0.0

    @contextmanager
    def pole_series(
        self, kappa: Any, count: int
    ) -> Iterator[Callable[[Any, Any, Any], Sequence[Any]]]:
        """By the recurrences of the numerator, and of a quotient."""
        wave = [gmpy2.mpc(1)]
        for m in range(1, count):
            wave.append(wave[-1] * kappa / m)

        def coefficients(pole: Any, unit: Any, factor: Any) -> list[Any]:
            upper, quotient = [gmpy2.mpc(1)], [1 / (1 - unit)]
            for m in range(1, count):
                before = upper[m - 2] if m > 1 else 0
                upper.append(((kappa - pole) * upper[m - 1] - before) / m)
                rest = unit * sum(wave[i] * quotient[m - i] for i in range(1, m + 1))
                quotient.append((upper[m] + rest) * quotient[0])
            return [factor * value for value in quotient]

        yield coefficients


MP = MpfrArithmetic()
