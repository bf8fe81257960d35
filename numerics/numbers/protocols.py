"""What a number type must offer for expectations: bounds, sums along lines, and their rounding.

Two types do, `numerics.numbers.balls.BALL` and `numerics.numbers.mpfr.MP`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import Any, Protocol


class ScalarArithmetic(Hashable, Protocol):
    """A number type of the scalar backends, at a working precision that is raised as needed."""

    @property
    def name(self) -> str:
        """Name of the backend."""

    @property
    def rigorous(self) -> bool:
        """Whether rounding is enclosed in every number; otherwise it is estimated."""

    def number(self, value: Any) -> Any:
        """Return a caller's number as one of this type, or raise InputError."""

    def constant(self, value: int | Fraction) -> Any:
        """Return the exact rational as a number of this type (for balls: an enclosure)."""

    def exact(self, value: float) -> Any:
        """Return a float of few bits, without rounding."""

    def complex(self, real: Any, imaginary: Any) -> Any:
        """Return a complex number; `exp` takes it, too."""

    def exp(self, value: Any) -> Any:
        """Exponential."""

    def expm1(self, value: Any) -> Any:
        """``exp(value) - 1``."""

    def erfc(self, value: Any) -> Any:
        """Complementary error function."""

    def sqrt(self, value: Any) -> Any:
        """Square root."""

    def log(self, value: Any) -> Any:
        """Natural logarithm."""

    def sin(self, value: Any) -> Any:
        """Sine."""

    def cos(self, value: Any) -> Any:
        """Cosine."""

    def pi(self) -> Any:
        """Return the number pi."""

    def upper(self, value: Any) -> Any:
        """Return a number that is certainly at least ``|value|``."""

    def maximum(self, left: Any, right: Any) -> Any:
        """Return a number that is certainly at least both."""

    def symmetric(self, bound: Any) -> Any:
        """Enclose everything of modulus at most ``|bound|`` (0 where errors are kept apart)."""

    def precision(self, bits: int) -> AbstractContextManager[None]:
        """Set the working precision; the previous one is restored on exit, also on error."""

    def set_precision(self, bits: int) -> None:
        """Set the working precision inside `precision`."""

    def to_float(self, value: Any) -> float:
        """Return a float near an upper bound of the value (it only ever chooses)."""

    def nearest_integer(self, value: Any) -> int:
        """Return an integer near the value (it only ever chooses)."""

    def is_zero(self, value: Any) -> bool:
        """Whether the value is exactly zero."""

    def wide(self, value: Any, bits: int) -> bool:
        """Whether the value is a ball much wider than the working precision explains."""

    def rounding(self, amplification: Any, bits: int) -> Any:
        """Estimate ``amplification`` roundings at ``bits`` bits (balls: 0, the radius tells)."""

    def result(self, value: Any, error: Any) -> tuple[Any, Any]:
        """Return value and error for the caller; balls that enclose it give their radius."""

    def missing_bits(self, values: Iterable[Any], digits: int) -> float:
        """Bits by which the worst radius misses its digits (at most 0 if none does)."""

    def pole_series(
        self, kappa: Any, count: int
    ) -> AbstractContextManager[Callable[[Any, Any, Any], Sequence[Any]]]:
        r"""Taylor coefficients of :math:`P e^{(\kappa - z)w - w^2/2}/(1 - Ue^{\kappa w})`.

        As a function of ``(z, U, P)``; the first ``count`` of them.
        """
