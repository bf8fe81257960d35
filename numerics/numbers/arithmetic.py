"""Numbers for descent: one small arithmetic per backend, from exact rationals to decimal text.

The iterates of gradient descent live in NumPy arrays of a backend's own numbers (``float64``,
``mpf``, ``arb``). An `Arithmetic` makes such numbers from exact rationals, bounds them by exact
rationals (so that fate criteria are decided in exact arithmetic), prints them, and writes them to
a checkpoint without losing a bit. Precision contexts of mpmath and python-flint are entered and
restored by `Arithmetic.context`.
"""

from __future__ import annotations

import copyreg
import math
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
from numpy.typing import NDArray

from numerics.errors import InputError
from numerics.numbers.balls import ball as exact_ball
from numerics.numbers.balls import exact_rational, precision
from numerics.numbers.exact import dyadic, rational_of_mpf, to_float

Array = NDArray[Any]

#: Larger doubles have infinite squares (and norms).
_LARGEST_FLOAT = 1e150

#: Bits kept beyond the requested decimal digits.
GUARD_BITS = 16


def digits_to_bits(digits: int) -> int:
    """Binary precision for ``digits`` decimal digits, with `GUARD_BITS` to spare.

    Examples
    --------
    >>> digits_to_bits(50)
    183
    """
    return math.ceil(digits * math.log2(10)) + GUARD_BITS


@dataclass(frozen=True)
class Arithmetic(ABC):
    """Numbers of one backend at ``digits`` working digits."""

    digits: int

    name: str = "abstract"

    #: Whether results are enclosures.
    rigorous: bool = False

    @abstractmethod
    def context(self) -> AbstractContextManager[Any]:
        """Set the working precision; the previous one is restored on exit, also after an error."""

    @abstractmethod
    def number(self, value: Fraction) -> Any:
        """Return the backend's number nearest to (or enclosing) an exact rational."""

    def sqrt(self, value: Fraction) -> Any:
        """Return the square root of a nonnegative rational."""
        return self.root(self.number(value))

    @abstractmethod
    def root(self, value: Any) -> Any:
        """Return the square root of a nonnegative number (ball: of its nonnegative part)."""

    @abstractmethod
    def exp(self, value: Fraction) -> Any:
        """Return ``e**value``."""

    @abstractmethod
    def bounds(self, value: Any) -> tuple[Fraction, Fraction]:
        """Return exact rational lower and upper bounds of a finite number."""

    @abstractmethod
    def finite(self, values: Array) -> bool:
        """Whether all entries (and, in float64, their squares) are finite."""

    @abstractmethod
    def text(self, value: Any, digits: int) -> str:
        """Return decimal text with ``digits`` significant digits (ball: the midpoint's)."""

    @abstractmethod
    def dump(self, value: Any) -> str:
        """Return text from which `load` restores every bit."""

    @abstractmethod
    def load(self, text: str) -> Any:
        """Inverse of `dump`; raises ValueError on foreign text."""

    def radius_text(self, value: Any, digits: int) -> str:
        """Return the radius belonging to `text` (``"0"`` for numbers that are not enclosures)."""
        return "0"

    def radius(self, value: Any) -> Fraction:
        """Return half the distance of the bounds (0 for numbers that are not enclosures)."""
        lower, upper = self.bounds(value)
        return (upper - lower) / 2

    def array(self, rows: list[list[Any]]) -> Array:
        """Return a two-dimensional array of the backend's numbers."""
        return np.array(rows, dtype=object)

    def norm(self, row: Array) -> Any:
        """Return the Euclidean norm of a vector."""
        square = self.squared_norms(np.array([row]))[0]
        return self.root(square)

    def squared_norms(self, rows: Array) -> list[Any]:
        """Return the squared Euclidean norm of each row."""
        return [
            sum((entry * entry for entry in row), start=self.number(Fraction(0))) for row in rows
        ]


@dataclass(frozen=True)
class FloatArithmetic(Arithmetic):
    """IEEE double precision.

    Examples
    --------
    >>> arithmetic = FloatArithmetic(15)
    >>> arithmetic.load(arithmetic.dump(arithmetic.sqrt(Fraction(2)))) == 2**0.5
    True
    """

    name: str = "float64"

    def context(self) -> AbstractContextManager[Any]:
        """Return a context that does nothing."""
        return nullcontext()

    def number(self, value: Fraction) -> float:
        """Return the nearest double (infinite beyond their range)."""
        return to_float(value)

    def sqrt(self, value: Fraction) -> float:
        """Return the nearest double to the root."""
        # The square root of a rational far outside the range of floats may still be inside it.
        with mpmath.workprec(120):
            return float(mpmath.sqrt(_to_mpf(value)))

    def root(self, value: Any) -> float:
        """Return the nearest double to the root."""
        return math.sqrt(value)

    def exp(self, value: Fraction) -> float:
        """Return the nearest double to the exponential."""
        with mpmath.workprec(120):
            return float(mpmath.exp(_to_mpf(value)))

    def bounds(self, value: Any) -> tuple[Fraction, Fraction]:
        """Return the double's exact value twice."""
        exact = Fraction(float(value))
        return exact, exact

    def finite(self, values: Array) -> bool:
        """Whether all entries and their squares are finite."""
        return bool((np.abs(values) < _LARGEST_FLOAT).all())

    def text(self, value: Any, digits: int) -> str:
        """Return the shortest text that reads back as the same double from 15 digits on."""
        return repr(float(value)) if digits >= 15 else f"{float(value):.{digits}g}"

    def dump(self, value: Any) -> str:
        """Return hexadecimal text."""
        return float(value).hex()

    def load(self, text: str) -> float:
        """Read hexadecimal text."""
        return float.fromhex(text)

    def array(self, rows: list[list[Any]]) -> Array:
        """Return an array of doubles."""
        return np.array(rows, dtype=np.float64)


@dataclass(frozen=True)
class MpArithmetic(Arithmetic):
    """Multiple precision with mpmath.

    Examples
    --------
    >>> arithmetic = MpArithmetic(30)
    >>> with arithmetic.context():
    ...     root = arithmetic.sqrt(Fraction(2))
    ...     arithmetic.text(root, 25), arithmetic.load(arithmetic.dump(root)) == root
    ('1.414213562373095048801689', True)
    """

    name: str = "mpmath"

    def context(self) -> AbstractContextManager[Any]:
        """Set mpmath's precision."""
        return mpmath.workprec(digits_to_bits(self.digits))  # type: ignore[no-any-return]

    def number(self, value: Fraction) -> Any:
        """Return the rounded quotient."""
        return _to_mpf(value)

    def root(self, value: Any) -> Any:
        """Return the rounded root."""
        return mpmath.sqrt(value)

    def exp(self, value: Fraction) -> Any:
        """Return the rounded exponential."""
        return mpmath.exp(_to_mpf(value))

    def bounds(self, value: Any) -> tuple[Fraction, Fraction]:
        """Return the number's exact value twice."""
        exact = rational_of_mpf(mpmath.mpf(value))
        return exact, exact

    def finite(self, values: Array) -> bool:
        """Whether no entry is infinite or nan."""
        return all(bool(mpmath.isfinite(entry)) for entry in values.flat)

    def text(self, value: Any, digits: int) -> str:
        """Return decimal text, trailing zeros kept."""
        return str(mpmath.nstr(value, digits, strip_zeros=False))

    def dump(self, value: Any) -> str:
        """Return mantissa and binary exponent."""
        sign, mantissa, exponent, _ = mpmath.mpf(value)._mpf_
        return f"{'-' if sign else ''}{int(mantissa):x}p{int(exponent)}"

    def load(self, text: str) -> Any:
        """Read mantissa and binary exponent."""
        mantissa, exponent = _split_dump(text)
        return mpmath.mpf((mantissa, exponent)) if mantissa else mpmath.mpf(0)


@dataclass(frozen=True)
class BallArithmetic(Arithmetic):
    """Enclosures with python-flint's Arb.

    Examples
    --------
    >>> arithmetic = BallArithmetic(30)
    >>> with arithmetic.context():
    ...     lower, upper = arithmetic.bounds(arithmetic.sqrt(Fraction(2)))
    >>> lower**2 < 2 < upper**2
    True
    """

    name: str = "ball"
    rigorous: bool = True

    def context(self) -> AbstractContextManager[Any]:
        """Set python-flint's precision."""
        return precision(digits_to_bits(self.digits))

    def number(self, value: Fraction) -> Any:
        """Return an enclosure of the rational."""
        return exact_ball(value)

    def root(self, value: Any) -> Any:
        """Return an enclosure of the root, also where rounding lets the square reach below 0."""
        if value.lower() > 0:
            return value.sqrt()
        return flint.arb(0).union(value.abs_upper().sqrt())

    def exp(self, value: Fraction) -> Any:
        """Return an enclosure of the exponential."""
        return self.number(value).exp()

    def bounds(self, value: Any) -> tuple[Fraction, Fraction]:
        """Return midpoint minus and plus radius, exactly."""
        middle, radius = exact_rational(value), exact_rational(value.rad())
        return middle - radius, middle + radius

    def finite(self, values: Array) -> bool:
        """Whether all entries are bounded enclosures."""
        return all(bool(entry.is_finite()) for entry in values.flat)

    def text(self, value: Any, digits: int) -> str:
        """Return the midpoint as Arb prints it beside its outward-rounded radius."""
        return _ball_text(value, digits)[0]

    def radius_text(self, value: Any, digits: int) -> str:
        """Return a radius that covers the enclosure around the printed midpoint."""
        return _ball_text(value, digits)[1]

    def dump(self, value: Any) -> str:
        """Return midpoint and radius, each as mantissa and binary exponent."""
        parts = []
        for part in (value.mid(), value.rad()):
            mantissa, exponent = part.man_exp()
            parts.append(f"{int(mantissa):x}p{int(exponent)}")
        return "+/-".join(parts)

    def load(self, text: str) -> Any:
        """Read midpoint and radius."""
        middle, separator, radius = text.partition("+/-")
        if not separator:
            raise ValueError(f"not an enclosure: {text[:40]}")
        mid = flint.arb(_split_dump(middle))
        mantissa, exponent = _split_dump(radius)
        if not mantissa:
            return mid
        # Arb rounds a radius up when it converts it to its 30-bit form: undo that one unit.
        shift = max(0, 30 - mantissa.bit_length())
        wanted = dyadic(mantissa, exponent)
        for lower in (mantissa << shift, (mantissa << shift) - 1):
            ball = flint.arb(mid, flint.arb((lower, exponent - shift)))
            if exact_rational(ball.rad()) == wanted:
                return ball
        return flint.arb(mid, flint.arb((mantissa, exponent)))


def _pickled(value: flint.arb) -> tuple[Any, tuple[str]]:
    """Every bit of a ball, for another process; python-flint does not pickle balls itself."""
    arithmetic = BallArithmetic(1)
    return arithmetic.load, (arithmetic.dump(value),)


copyreg.pickle(flint.arb, _pickled)


_CLASSES: dict[str, type[Arithmetic]] = {
    "float64": FloatArithmetic,
    "mpmath": MpArithmetic,
    "ball": BallArithmetic,
}


def make_arithmetic(backend: str, digits: int) -> Arithmetic:
    """Return the arithmetic of a backend by name.

    Raises
    ------
    InputError
        If the backend is unknown.

    Examples
    --------
    >>> make_arithmetic("mpmath", 40).name
    'mpmath'
    """
    if backend not in _CLASSES:
        raise InputError("backend", backend, ", ".join(_CLASSES))
    return _CLASSES[backend](digits)


def _to_mpf(value: Fraction) -> Any:
    return mpmath.mpf(value.numerator) / value.denominator


def _split_dump(text: str) -> tuple[int, int]:
    mantissa, separator, exponent = text.partition("p")
    if not separator:
        raise ValueError(f"not a dumped number: {text[:40]}")
    return int(mantissa, 16), int(exponent)


def _ball_text(value: Any, digits: int) -> tuple[str, str]:
    """Split Arb's own outward-rounded printing ``[mid +/- rad]`` into its two texts."""
    text = value.str(digits, more=True).strip("[]")
    middle, separator, radius = text.partition("+/-")
    if not separator:
        return middle.strip(), "0"
    return middle.strip() or "0", radius.strip()
