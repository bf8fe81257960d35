r"""Double-double arithmetic: a number is an unevaluated sum of two doubles, about 106 bits.

The error-free transformations are Knuth's two-sum and Dekker's product; sums, products and
quotients are correct to a unit of :math:`2^{-104}`, exponentials of arguments up to 60 to sixteen.
Arrays of any shape, as NumPy's.

T. J. Dekker, A floating-point technique for extending the available precision, Numer. Math. 18
(1971); Y. Hida, X. S. Li, D. H. Bailey, Algorithms for quad-double precision floating point
arithmetic, ARITH-15 (2001).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

#: Bits of a result that can be relied on.
BITS = 104
_SPLIT = 2.0**27 + 1
_HALVINGS = 8  # of the argument of the exponential
_TERMS = 14  # of its series, at arguments up to ln 2/2^9


class DoubleDouble:
    """An array of double-doubles.

    Parameters
    ----------
    high, low : arrays of doubles
        Of one shape, ``high`` the sum rounded to double.

    Examples
    --------
    >>> third = DoubleDouble.of(1) / DoubleDouble.of(3)
    >>> abs(third.fraction() - Fraction(1, 3)) < Fraction(1, 2**104)
    True
    """

    __array_priority__ = 100.0  # array * DoubleDouble is ours
    __slots__ = ("high", "low")

    def __init__(self, high: Doubles, low: Doubles) -> None:
        self.high, self.low = high, low

    @classmethod
    def of(cls, values: Any) -> DoubleDouble:
        """Round exact numbers (nested lists of integers or Fractions) to double-doubles."""
        exact = np.array(values, dtype=object)
        high = np.array([float(v) for v in exact.flat]).reshape(exact.shape)
        rest = [Fraction(v) - Fraction(h) for v, h in zip(exact.flat, high.flat, strict=True)]
        return cls(high, np.array([float(v) for v in rest]).reshape(exact.shape))

    def fraction(self) -> Fraction:
        """Return the exact value of a single number."""
        return Fraction(float(self.high)) + Fraction(float(self.low))

    def __getitem__(self, key: Any) -> DoubleDouble:
        return DoubleDouble(np.asarray(self.high[key]), np.asarray(self.low[key]))

    def __neg__(self) -> DoubleDouble:
        return DoubleDouble(-self.high, -self.low)

    def __add__(self, other: Any) -> DoubleDouble:
        other = _lift(other)
        s, e = _two_sum(self.high, other.high)
        t, f = _two_sum(self.low, other.low)
        s, e = _fast_two_sum(s, e + t)
        return DoubleDouble(*_fast_two_sum(s, e + f))

    __radd__ = __add__

    def __sub__(self, other: Any) -> DoubleDouble:
        return self + (-_lift(other))

    def __rsub__(self, other: Any) -> DoubleDouble:
        return _lift(other) + (-self)

    def __mul__(self, other: Any) -> DoubleDouble:
        other = _lift(other)
        p, e = _two_product(self.high, other.high)
        return DoubleDouble(*_fast_two_sum(p, e + (self.high * other.low + self.low * other.high)))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> DoubleDouble:
        other = _lift(other)
        first = self.high / other.high
        rest = self - other * first
        second = rest.high / other.high
        rest = rest - other * second
        third = _lift(rest.high / other.high)
        return third + DoubleDouble(*_fast_two_sum(first, second))

    def sum(self) -> DoubleDouble:
        """Sum over the last axis, pairwise."""
        total = self
        while (size := total.high.shape[-1]) > 1:
            half = size // 2
            paired = total[..., :half] + total[..., half : 2 * half]
            if size % 2:
                paired = DoubleDouble(
                    np.concatenate([paired.high, total.high[..., -1:]], axis=-1),
                    np.concatenate([paired.low, total.low[..., -1:]], axis=-1),
                )
            total = paired
        return total[..., 0]

    def exp(self) -> DoubleDouble:
        """Exponential: ``x = k ln 2 + 2^8 r``, Taylor's series at ``r``, eight squarings.

        Squared is ``exp - 1``, which keeps the relative accuracy.
        """
        whole = np.rint(self.high / np.log(2.0))
        rest = (self - _log2() * whole) * 2.0**-_HALVINGS
        series = rest * _inverse_factorial(_TERMS)
        for k in range(_TERMS - 1, 0, -1):
            series = (series + _inverse_factorial(k)) * rest
        for _ in range(_HALVINGS):
            series = series * 2.0 + series * series
        total = _lift(series + 1.0)
        scale = np.maximum(whole, -1000.0)
        return DoubleDouble(np.ldexp(total.high, scale.astype(int)),
                            np.ldexp(total.low, scale.astype(int)))  # fmt: skip


def maximum(left: DoubleDouble, right: DoubleDouble) -> DoubleDouble:
    """Return the entrywise larger one.

    Examples
    --------
    >>> maximum(DoubleDouble.of([1, 5]), DoubleDouble.of([2, 3])).high.tolist()
    [2.0, 5.0]
    """
    difference = left - right
    first = (difference.high > 0) | ((difference.high == 0) & (difference.low > 0))
    return DoubleDouble(
        np.where(first, left.high, right.high), np.where(first, left.low, right.low)
    )


def _lift(value: Any) -> DoubleDouble:
    if isinstance(value, DoubleDouble):
        return value
    high = np.asarray(value, dtype=np.float64)
    return DoubleDouble(high, np.zeros_like(high))


def _two_sum(a: Doubles, b: Doubles) -> tuple[Doubles, Doubles]:
    """``a + b`` exactly, as rounded sum and error (Knuth)."""
    s = a + b
    z = s - a
    return s, (a - (s - z)) + (b - z)


def _fast_two_sum(a: Doubles, b: Doubles) -> tuple[Doubles, Doubles]:
    """`_two_sum` for ``|a| >= |b|`` (Dekker)."""
    s = a + b
    return s, b - (s - a)


def _split(a: Doubles) -> tuple[Doubles, Doubles]:
    """Two halves of 26 bits."""
    t = _SPLIT * a
    high = t - (t - a)
    return high, a - high


def _two_product(a: Doubles, b: Doubles) -> tuple[Doubles, Doubles]:
    """``a * b`` exactly, as rounded product and error (Dekker)."""
    p = a * b
    (ah, al), (bh, bl) = _split(a), _split(b)
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


@lru_cache(maxsize=1)
def _log2() -> DoubleDouble:
    """``ln 2``, whose product with an integer below 2^11 is good to 2^-100."""
    import mpmath

    with mpmath.workprec(200):
        value = mpmath.log(2)
        return DoubleDouble.of(Fraction(int(value * mpmath.mpf(2) ** 180), 2**180))


@lru_cache(maxsize=32)
def _inverse_factorial(k: int) -> DoubleDouble:
    factorial = 1
    for i in range(2, k + 1):
        factorial *= i
    return DoubleDouble.of(Fraction(1, factorial))
