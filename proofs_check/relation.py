"""Statements ``left = right``, ``left <= right``, ``left < right`` between computed quantities.

Both sides are functions of a `Point`: a mixture together with a way to evaluate losses, gradients,
Hessians and other expectations there. The same sides are evaluated by ``numerics`` to look for
a counterexample and by independent code to confirm one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, Protocol

from proofs_check.mixture import Mixture

if TYPE_CHECKING:
    from derive.objectives import Objective
    from derive.program import Program

Sign = Literal["=", "<=", "<"]
Ball = Any  # a flint.arb; typed loosely so that listing claims does not load python-flint
Nested = Any  # a ball, or lists of balls nested to the depth of the quantity


class Point(Protocol):
    """A mixture at which quantities can be evaluated; all numbers are Arb balls."""

    @property
    def mixture(self) -> Mixture:
        """The exact point."""
        ...

    @property
    def means(self) -> list[list[Ball]]:
        """The means as balls."""
        ...

    @property
    def weights(self) -> list[Ball]:
        """The weights as balls."""
        ...

    def loss(self, objective: str | Objective) -> Ball:
        """Loss of an objective."""
        ...

    def gradient(self, objective: str | Objective) -> list[list[Ball]]:
        """Gradient in the means, ``n x d``."""
        ...

    def hessian(self, objective: str | Objective) -> list[list[Ball]]:
        """Hessian in the means, ``nd x nd``, rows ordered (component, coordinate)."""
        ...

    def expectation(self, program: Program) -> Nested:
        """Expectation of a lowered integrand, nested in the order of its free labels."""
        ...

    def elsewhere(self, mixture: Mixture) -> Point:
        """Return the same kind of evaluation at another mixture (for symmetries)."""
        ...


Side = Callable[[Point], Nested]


@dataclass(frozen=True)
class Outcome:
    """What an evaluation says about a relation at one point.

    Attributes
    ----------
    holds : bool
        Every component is certified (``<=``, ``<``) by separated enclosures.
    violated : pair of balls or None
        The two sides of a component whose enclosures exclude the relation.
    margin : Fraction
        ``=``: the largest ``|left - right| / max(1, |left|, |right|)`` the enclosures allow;
        ``<=``, ``<``: the smallest certified ``right - left`` (negative when not certified).
    """

    holds: bool
    violated: tuple[Ball, Ball] | None
    margin: Fraction


@dataclass(frozen=True)
class Relation:
    """A statement about every mixture of a family.

    Attributes
    ----------
    text : str
        The statement in plain text.
    left, right : callable
        Functions of a `Point`; nested lists are compared entry by entry.
    sign : {"=", "<=", "<"}
        How left and right compare.

    Examples
    --------
    >>> de_bruijn = Relation(
    ...     "sum_j v_j . grad_j K = L",
    ...     lambda at: dot(at.means, at.gradient("kl")),
    ...     "=",
    ...     lambda at: at.loss("forward"),
    ... )
    >>> de_bruijn.sign
    '='
    """

    text: str
    left: Side
    sign: Sign
    right: Side

    def judge(self, at: Point) -> Outcome:
        """Compare both sides at a point.

        Raises
        ------
        ValueError
            If the sides have different shapes, or no entries.
        """
        left, right = list(flatten(self.left(at))), list(flatten(self.right(at)))
        if len(left) != len(right) or not left:
            raise ValueError(f"{self.text}: sides have {len(left)} and {len(right)} entries")
        compare = _compare_equal if self.sign == "=" else _compare_order
        outcomes = [compare(a, b, self.sign) for a, b in zip(left, right, strict=True)]
        violated = [
            (gap, pair)
            for (_, gap, broken), pair in zip(outcomes, zip(left, right, strict=True), strict=True)
            if broken
        ]
        margins = [margin for margin, _, _ in outcomes]
        worst = max(margins) if self.sign == "=" else min(margins)
        certified = self.sign != "=" and all(
            a <= b if self.sign == "<=" else a < b for a, b in zip(left, right, strict=True)
        )
        most = max(violated, key=lambda item: item[0])[1] if violated else None
        return Outcome(bool(certified), most, worst)


def _compare_equal(left: Ball, right: Ball, sign: Sign) -> tuple[Fraction, Fraction, bool]:
    """Margin, size of a violation, and whether there is one."""
    difference = abs(left - right)
    scale = max(Fraction(1), exact(left.mid()), -exact(left.mid()), abs(exact(right.mid())))
    margin = exact(difference.upper()) / scale
    return margin, exact(difference.lower()), not left.overlaps(right)


def _compare_order(left: Ball, right: Ball, sign: Sign) -> tuple[Fraction, Fraction, bool]:
    difference = right - left
    broken = bool(left > right) if sign == "<=" else bool(left >= right)
    return exact(difference.lower()), -exact(difference.upper()), broken


def exact(end: Ball) -> Fraction:
    """Rational value of an exact ball (a midpoint, or an end from ``lower`` or ``upper``).

    Raises
    ------
    ArithmeticError
        If the number is not finite.
    """
    if not end.is_finite():
        raise ArithmeticError(f"not a finite number: {end}")
    mantissa, exponent = (int(part) for part in end.mid().man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent


def flatten(value: Nested) -> Iterator[Ball]:
    """Yield the entries of nested lists in order.

    Examples
    --------
    >>> list(flatten([[1, 2], [3]]))
    [1, 2, 3]
    """
    if isinstance(value, list | tuple):
        for entry in value:
            yield from flatten(entry)
    else:
        yield value


def dot(left: Nested, right: Nested) -> Ball:
    """Sum of the entrywise products of two equally nested lists.

    Examples
    --------
    >>> dot([[1, 2], [3, 4]], [[1, 0], [0, 1]])
    5
    """
    return sum(a * b for a, b in zip(flatten(left), flatten(right), strict=True))


def scaled(factor: Any, value: Nested) -> Nested:
    """Multiply every entry of nested lists.

    Examples
    --------
    >>> scaled(2, [[1, 2], [3]])
    [[2, 4], [6]]
    """
    if isinstance(value, list | tuple):
        return [scaled(factor, entry) for entry in value]
    return factor * value


def outer_sum(left: Sequence[Sequence[Ball]], right: Sequence[Sequence[Ball]]) -> list[list[Ball]]:
    """``sum_j left_j right_j^T`` of two ``n x d`` tables: a ``d x d`` matrix.

    Examples
    --------
    >>> outer_sum([[1, 2]], [[3, 4]])
    [[3, 4], [6, 8]]
    """
    rows, columns = range(len(left[0])), range(len(right[0]))
    return [
        [sum(a[p] * b[q] for a, b in zip(left, right, strict=True)) for q in columns] for p in rows
    ]
