"""What a number type must offer: for bounds, and for sweeps along lines of nodes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Protocol


class BoundArithmetic(Protocol):
    """What a number type must offer for the bounds to be evaluated in it."""

    def constant(self, value: int | Fraction) -> Any:
        """Return the exact rational as a number of this type (for balls: an enclosure)."""

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

    def cos(self, value: Any) -> Any:
        """Cosine."""

    def pi(self) -> Any:
        """Return the number pi."""

    def upper(self, value: Any) -> Any:
        """Return a number that is certainly at least ``|value|``."""

    def maximum(self, left: Any, right: Any) -> Any:
        """Return a number that is certainly at least both."""


class ScalarArithmetic(BoundArithmetic, Protocol):
    """A number type for sweeps: the bounds' operations and the working precision."""

    def set_precision(self, bits: int) -> None:
        """Set the working precision; the backend restores the caller's on exit."""

    def to_float(self, value: Any) -> float:
        """Return a float near an upper bound of the value (it only ever chooses)."""

    def nearest_integer(self, value: Any) -> int:
        """Return an integer near the value (it only ever chooses)."""

    def is_zero(self, value: Any) -> bool:
        """Whether the value is exactly zero."""

    def wide(self, value: Any, bits: int) -> bool:
        """Whether the value is a ball much wider than the working precision explains."""
