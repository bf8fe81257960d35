r"""Krawczyk's operator: existence, uniqueness and exclusion of zeros of systems, in balls.

For a box ``X`` with centre ``x``, an approximate inverse ``Y`` and enclosures of ``f(x)`` and of
the Jacobian ``J`` over ``X``,

.. math:: K(X) = x - Y f(x) + (I - Y J(X)) (X - x).

Every zero in ``X`` lies in ``K(X)``; if ``K(X)`` lies in the interior of ``X``, then ``X`` has
exactly one zero and every matrix in ``J(X)`` is regular (Krawczyk 1969; Neumaier, *Interval Methods
for Systems of Equations*, chapter 5). Boxes have exact ends, so that boxes cover without gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from flint import arb

from numerics.flint_context import ball, precision
from numerics.roots import Interval, interval_of

Box = tuple[Interval, ...]
Balls = list[arb]
Matrix = list[Balls]

#: Bits of the linear algebra around the enclosures, beyond the accuracy of these.
_BITS = 96


class System(Protocol):
    """As many differentiable functions as unknowns, with enclosures."""

    def value(self, point: Sequence[Fraction]) -> Balls:
        """Enclose ``f`` at an exact point."""
        ...

    def jacobian(self, box: Box) -> Matrix:
        """Enclose the Jacobian at every point of a box."""
        ...


@dataclass(frozen=True)
class Zero:
    """A proved zero.

    Attributes
    ----------
    enclosure : Box
        Contains it.
    isolation : Box
        Contains it and no other zero.
    """

    enclosure: Box
    isolation: Box

    @property
    def centre(self) -> tuple[Fraction, ...]:
        """Middle of the enclosure."""
        return centre(self.enclosure)


def centre(box: Box) -> tuple[Fraction, ...]:
    """Dyadic points near the middles of the sides."""
    return tuple(side.middle for side in box)


def box_around(point: Sequence[Fraction], radius: Fraction) -> Box:
    """Cube around a point.

    Examples
    --------
    >>> box_around([Fraction(1)], Fraction(1, 2)) == (Interval(Fraction(1, 2), Fraction(3, 2)),)
    True
    """
    return tuple(Interval(x - radius, x + radius) for x in point)


def inside(inner: Box, outer: Box) -> bool:
    """Whether a box lies in the interior of another."""
    return all(a.inside(b) for a, b in zip(inner, outer, strict=True))


def meet(first: Box, second: Box) -> Box | None:
    """Intersection of two boxes, None when it is empty."""
    sides = []
    for a, b in zip(first, second, strict=True):
        shared = a.meet(b)
        if shared is None:
            return None
        sides.append(shared)
    return tuple(sides)


def approximate_inverse(matrix: Matrix) -> Matrix | None:
    """Inverse of the midpoints by floats, as exact balls; None where that fails.

    Any matrix may precondition: a poor one only makes proofs fail.

    Examples
    --------
    >>> approximate_inverse([[arb(2)]])
    [[0.500000000000000]]
    """
    try:
        inverse = np.linalg.inv(np.array([[float(x.mid()) for x in row] for row in matrix]))
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(inverse).all():
        return None
    return [[arb(float(entry)) for entry in row] for row in inverse]


def product(left: Matrix, right: Matrix) -> Matrix:
    """Matrix product."""
    columns = list(zip(*right, strict=True))
    return [
        [sum((a * b for a, b in zip(row, column, strict=True)), arb(0)) for column in columns]
        for row in left
    ]


def apply(matrix: Matrix, vector: Balls) -> Balls:
    """Matrix times vector."""
    return [sum((a * b for a, b in zip(row, vector, strict=True)), arb(0)) for row in matrix]


def mean_value_form(value: Balls, jacobian: Matrix, offsets: Balls) -> Balls:
    """``f(x) + J (X - x)``: an enclosure of ``f`` over the box."""
    return [v + step for v, step in zip(value, apply(jacobian, offsets), strict=True)]


def image(middle: Sequence[Fraction], value: Balls, jacobian: Matrix, offsets: Balls) -> Box | None:
    """``K(X)`` from enclosures of ``f`` at the middle and of the Jacobian, None if unbounded."""
    inverse = approximate_inverse(jacobian)
    if inverse is None:
        return None
    contraction = defect(inverse, jacobian)
    moved = apply(inverse, value)
    spread = apply(contraction, offsets)
    sides = []
    for x, step, rest in zip(middle, moved, spread, strict=True):
        side = interval_of(ball(x) - step + rest)
        if side is None:
            return None
        sides.append(side)
    return tuple(sides)


def defect(inverse: Matrix, jacobian: Matrix) -> Matrix:
    """``I - Y J``."""
    return [
        [arb(int(i == k)) - entry for k, entry in enumerate(row)]
        for i, row in enumerate(product(inverse, jacobian))
    ]


def offsets(box: Box, middle: Sequence[Fraction]) -> Balls:
    """``X - x`` as balls."""
    return [
        ball(side.low - x).union(ball(side.high - x)) for side, x in zip(box, middle, strict=True)
    ]


def prove_zero(system: System, box: Box) -> Zero | None:
    """Prove that a box has exactly one zero, None if the operator does not show it.

    Examples
    --------
    >>> class Square:
    ...     def value(self, point):
    ...         return [ball(point[0]) ** 2 - 2]
    ...     def jacobian(self, box):
    ...         return [[2 * box[0].ball()]]
    >>> zero = prove_zero(Square(), box_around([Fraction(7, 5)], Fraction(1, 10)))
    >>> zero is not None, prove_zero(Square(), box_around([Fraction(3)], Fraction(1, 10)))
    (True, None)
    """
    with precision(_BITS):
        middle = centre(box)
        found = image(middle, system.value(middle), system.jacobian(box), offsets(box, middle))
    if found is None or not inside(found, box):
        return None
    return Zero(found, box)


def refine(system: System, zero: Zero, radius: Fraction, rounds: int = 8) -> Zero:
    """Contract an enclosure by repeated images until it is narrow or no longer shrinks.

    Examples
    --------
    >>> class Square:
    ...     def value(self, point):
    ...         return [ball(point[0]) ** 2 - 2]
    ...     def jacobian(self, box):
    ...         return [[2 * box[0].ball()]]
    >>> zero = prove_zero(Square(), box_around([Fraction(7, 5)], Fraction(1, 10)))
    >>> refined = refine(Square(), zero, Fraction(1, 10**20))
    >>> max(side.width for side in refined.enclosure) < Fraction(1, 10**19)
    True
    """
    box = zero.enclosure
    for _ in range(rounds):
        width = max(side.width for side in box)
        if width <= 2 * radius:
            break
        with precision(_BITS):
            middle = centre(box)
            found = image(middle, system.value(middle), system.jacobian(box), offsets(box, middle))
        smaller = None if found is None else meet(found, box)
        if smaller is None:
            break
        box = smaller
        if 2 * max(side.width for side in box) > width:
            break
    return Zero(box, zero.isolation)
