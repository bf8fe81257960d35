"""Floating-point arithmetics of any width with one interface, so that a run can be repeated.

Nothing here is rigorous: these are the arithmetics a user would take. float32, float64 and long
double are NumPy's; double-double is `numerics.studies.precision.double_double`; ``p`` bits are
MPFR's, correctly rounded (through gmpy2, in object arrays).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import gmpy2
import numpy as np

from numerics.errors import InputError
from numerics.numbers.exact import rational_of_mpf
from numerics.studies.precision.double_double import BITS as DOUBLE_DOUBLE_BITS
from numerics.studies.precision.double_double import DoubleDouble
from numerics.studies.precision.double_double import maximum as double_double_maximum

Numbers = Any  # numbers or arrays of a system


@dataclass(frozen=True)
class NumberSystem(ABC):
    """One floating-point arithmetic.

    Attributes
    ----------
    name : str
    bits : int
        Bits of the significand: a rounding changes a number by at most ``2^-bits`` of its size.
    """

    name: str
    bits: int

    @abstractmethod
    def round(self, values: Sequence[Any]) -> Numbers:
        """Array of the numbers nearest to exact rationals (nested lists)."""

    @abstractmethod
    def exact(self, value: Numbers) -> Fraction:
        """Return the exact value of one finite number."""

    @abstractmethod
    def exp(self, values: Numbers) -> Numbers:
        """Exponential."""

    def double(self, value: Numbers) -> float:
        """Return one number as a double (it only ever chooses)."""
        return float(value)

    def log(self, value: Fraction) -> Fraction:
        """Rational within the system's rounding of the logarithm of a positive rational."""
        import mpmath

        with mpmath.workprec(self.bits + 20):
            return rational_of_mpf(mpmath.log(mpmath.mpf(value.numerator) / value.denominator))

    def maximum(self, left: Numbers, right: Numbers) -> Numbers:
        """Entrywise larger one."""
        return np.maximum(left, right)

    @contextmanager
    def active(self) -> Iterator[None]:
        """Set what the arithmetic needs; restored on exit."""
        with np.errstate(all="ignore"):
            yield


@dataclass(frozen=True)
class NativeSystem(NumberSystem):
    """A float type of NumPy.

    Examples
    --------
    >>> single = native("float32")
    >>> single.bits, single.exact(single.round([Fraction(1, 3)])[0])
    (24, Fraction(11184811, 33554432))
    """

    dtype: type[np.floating[Any]] = np.float64

    def round(self, values: Sequence[Any]) -> Numbers:
        """Array of the numbers nearest to exact rationals."""
        exact = np.array(values, dtype=object)
        flat = [self._nearest(Fraction(value)) for value in exact.flat]
        return np.array(flat, dtype=self.dtype).reshape(exact.shape)

    def _nearest(self, value: Fraction) -> Any:
        with gmpy2.context(gmpy2.get_context(), precision=self.bits):
            rounded = gmpy2.mpfr(gmpy2.mpq(value))
        mantissa, exponent = map(int, rounded.as_mantissa_exp())
        whole, place = self.dtype(0), 0
        left = abs(mantissa)
        while left:  # 16 bits at a time: NumPy may convert long integers by way of double
            whole = whole + np.ldexp(self.dtype(left & 0xFFFF), place)
            left, place = left >> 16, place + 16
        return np.ldexp(-whole if mantissa < 0 else whole, exponent)

    def exact(self, value: Numbers) -> Fraction:
        """Return the exact value of one finite number."""
        return Fraction(*self.dtype(value).as_integer_ratio())

    def exp(self, values: Numbers) -> Numbers:
        """Exponential."""
        return np.exp(values)


@dataclass(frozen=True)
class DoubleDoubleSystem(NumberSystem):
    """Double-doubles."""

    def round(self, values: Sequence[Any]) -> Numbers:
        """Array of the numbers nearest to exact rationals."""
        return DoubleDouble.of(values)

    def exact(self, value: Numbers) -> Fraction:
        """Return the exact value of one finite number."""
        found: Fraction = value.fraction()
        return found

    def double(self, value: Numbers) -> float:
        """Return one number as a double."""
        return float(value.high)

    def exp(self, values: Numbers) -> Numbers:
        """Exponential."""
        return values.exp()

    def maximum(self, left: Numbers, right: Numbers) -> Numbers:
        """Entrywise larger one."""
        return double_double_maximum(left, right)


@dataclass(frozen=True)
class MultipleSystem(NumberSystem):
    """MPFR with a significand of ``bits`` bits.

    Examples
    --------
    >>> system = multiple(100)
    >>> with system.active():
    ...     system.exact(system.round([Fraction(1, 3)])[0]).denominator == 2**101
    True
    """

    def round(self, values: Sequence[Any]) -> Numbers:
        """Array of the numbers nearest to exact rationals."""
        exact = np.array(values, dtype=object)
        out = np.empty(exact.shape, dtype=object)
        for index, value in enumerate(exact.flat):
            out.flat[index] = gmpy2.mpfr(gmpy2.mpq(Fraction(value)))
        return out

    def exact(self, value: Numbers) -> Fraction:
        """Return the exact value of one finite number."""
        found = value.item() if isinstance(value, np.ndarray) else value
        return Fraction(*map(int, found.as_integer_ratio()))

    def exp(self, values: Numbers) -> Numbers:
        """Exponential."""
        return _mpfr_exp(values)

    @contextmanager
    def active(self) -> Iterator[None]:
        """Set MPFR's precision; restored on exit."""
        with gmpy2.context(gmpy2.get_context(), precision=self.bits):
            yield


_mpfr_exp = np.frompyfunc(gmpy2.exp, 1, 1)
_NATIVE: dict[str, type[np.floating[Any]]] = {
    "float32": np.float32,
    "float64": np.float64,
    "long double": np.longdouble,
}


def native(name: str) -> NativeSystem:
    """Return float32, float64 or long double.

    Raises
    ------
    InputError
        For other names.
    """
    if name not in _NATIVE:
        raise InputError("number system", name, "one of " + ", ".join(_NATIVE))
    dtype = _NATIVE[name]
    return NativeSystem(name, int(np.finfo(dtype).nmant) + 1, dtype)


def long_double() -> NativeSystem | None:
    """Return long double where it is a wider binary format of IEEE's kind, else None.

    None where it is just double (Windows, most ARM), and for pairs of doubles (old PowerPC).
    """
    info = np.finfo(np.longdouble)
    if info.nmant <= np.finfo(np.float64).nmant or info.nmant not in (63, 112):
        return None
    return native("long double")


def double_double() -> DoubleDoubleSystem:
    """Return double-double arithmetic."""
    return DoubleDoubleSystem("double-double", DOUBLE_DOUBLE_BITS)


def multiple(bits: int) -> MultipleSystem:
    """Return MPFR at a precision.

    Raises
    ------
    InputError
        If it is not from 2 to 100,000 bits.
    """
    if not 2 <= bits <= 100_000:
        raise InputError("bits", bits, "an integer from 2 to 100000")
    return MultipleSystem(f"{bits} bits", bits)


def fixed_systems() -> list[NumberSystem]:
    """Every arithmetic of fixed width that this platform has, narrowest first."""
    wide = long_double()
    extended: list[NumberSystem] = [] if wide is None else [wide]
    return [native("float32"), native("float64"), *extended, double_double()]
