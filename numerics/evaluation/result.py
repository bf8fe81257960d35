"""What an evaluation on float64 or mpmath returns: the value with its error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.algebra.program import Program
from numerics import markup


@dataclass(frozen=True)
class Evaluation:
    """A value with its error estimate.

    Attributes
    ----------
    value : float, array, mpf or object array of mpf
        Loss (scalar), gradient (``n x d``) or Hessian (``nd x nd``, rows and columns ordered by
        component, then coordinate); of `numerics.expectation` shaped like the integrand.
    error : like value
        Absolute error. Rank at most 3: bound of discretisation and truncation plus an estimate of
        rounding. Higher rank: half-width of a 99.9% confidence interval over randomizations.
    digits : int
        What was asked for: ``error <= 10^-digits * max(1, |value|)``.
    met : bool
        Whether every entry's error is that small. (float64 sums in extended precision where NumPy
        has it; elsewhere, and for large rank-3 grids, 15 digits may be missed by a factor.)
    backend : str
    nodes : int
        Quadrature nodes used.
    rank : int
        Dimension of the integral.
    objective, quantity : str
        Empty for an integrand of one's own.
    """

    value: Any
    error: Any
    digits: int
    met: bool
    backend: str
    nodes: int
    rank: int
    objective: str = ""
    quantity: str = ""

    def _repr_html_(self) -> str:
        title = " ".join(filter(None, (self.objective, self.quantity))) or "expectation"
        met = "" if self.met else "; the error is larger than asked for"
        about = f"{title}, {self.digits} digits, {self.backend}, rank {self.rank}{met}"
        return markup.html_table(about, *markup.number_rows(self.value, self.error))

    def _repr_latex_(self) -> str:
        return markup.latex_number(self.value, self.error)


@dataclass(frozen=True)
class FloatValues:
    """Values by quantity, the largest error of their entries (or how to get it), nodes used."""

    values: tuple[Any, ...]
    error: Any
    nodes: int

    def largest_error(self) -> Any:
        """Return the largest error; a descent, which never asks, does not pay for it."""
        return self.error() if callable(self.error) else self.error


@dataclass(frozen=True)
class NativeTeacher:
    """A mixture teacher for an engine: means (k x d) in the backend's numbers, exact weights.

    The origin of all coordinates lies in the means' affine hull.
    """

    means: Any
    weights: Sequence[Fraction]


@dataclass(frozen=True)
class Setting:
    """What an engine evaluates: programs at means of one shape, weights and teacher."""

    programs: Sequence[Program]
    weights: Sequence[Fraction]
    dimension: int
    rank: int
    teacher: NativeTeacher | None = None
