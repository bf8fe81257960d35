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
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np
from flint import arb

from numerics.numbers.balls import ball, precision
from numerics.validated.interval import Box, box_around, centre, inside, interval_of, meet, split
from numerics.validated.subdivision import Undecided, Zero, find_zeros, locate, only_zero

Balls = list[arb]
Matrix = list[Balls]

#: Bits of the linear algebra around the enclosures, beyond the accuracy of these.
_BITS = 96
#: Boxes wider than this are halved without being looked at.
_WIDEST = Fraction(1, 2)


class System(Protocol):
    """As many differentiable functions as unknowns, with enclosures."""

    def value(self, point: Sequence[Fraction]) -> Balls:
        """Enclose ``f`` at an exact point."""
        ...

    def jacobian(self, box: Box) -> Matrix:
        """Enclose the Jacobian at every point of a box."""
        ...


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


def krawczyk_image(system: System, box: Box) -> Box | None:
    """``K(X)``, which contains every zero in ``X``; None if it is unbounded."""
    with precision(_BITS):
        middle = centre(box)
        return image(middle, system.value(middle), system.jacobian(box), offsets(box, middle))


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
    return only_zero(box, krawczyk_image(system, box))


def prove_zero_near(
    system: System, point: Sequence[Fraction], radii: Sequence[Fraction]
) -> Zero | None:
    """Prove that one of the cubes around a point, tried in order, has exactly one zero."""
    attempts = (prove_zero(system, box_around(point, radius)) for radius in radii)
    return next((zero for zero in attempts if zero is not None), None)


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
        found = krawczyk_image(system, box)
        smaller = None if found is None else meet(found, box)
        if smaller is None:
            break
        box = smaller
        if 2 * max(side.width for side in box) > width:
            break
    return Zero(box, zero.isolation)


@dataclass(frozen=True)
class Search:
    """Outcome of `all_zeros`.

    Attributes
    ----------
    region : Box
    zeros : tuple of Zero
        All zeros in the region; some may lie just outside, within their isolation.
    undecided : tuple of Box
        Sub-boxes about which nothing is proved.
    boxes : int
        Sub-boxes looked at.
    """

    region: Box
    zeros: tuple[Zero, ...]
    undecided: tuple[Box, ...]
    boxes: int

    @property
    def complete(self) -> bool:
        """Whether every zero in the region is listed."""
        return not self.undecided


def all_zeros(
    system: System,
    region: Box,
    *,
    least: Fraction = Fraction(1, 10**4),
    max_boxes: int = 100_000,
    known: Sequence[Zero] = (),
) -> Search:
    """Find all zeros of a system in a box, with proof.

    Parameters
    ----------
    system : System
    region : Box
    least : Fraction
        Boxes narrower than this are given up.
    max_boxes : int
        Boxes to look at; what is left is reported as undecided.
    known : sequence of Zero
        Zeros that are proved already: within their isolation nothing needs to be looked at.

    Examples
    --------
    >>> from numerics.numbers.balls import ball
    >>> from numerics.validated.interval import Interval
    >>> class Square:
    ...     def value(self, point):
    ...         return [ball(point[0]) ** 2 - 2]
    ...     def jacobian(self, box):
    ...         return [[2 * box[0].ball()]]
    >>> found = all_zeros(Square(), (Interval(Fraction(-3), Fraction(3)),))
    >>> found.complete, [round(float(zero.centre[0]), 2) for zero in found.zeros]
    (True, [-1.42, 1.42])
    """
    search = _BranchAndBound(system, least, max_boxes, zeros=list(known))
    zeros, undecided = find_zeros(region, search.decide)
    return Search(region, zeros, tuple(item.box for item in undecided), search.looked)


@dataclass
class _BranchAndBound:
    """Decides boxes by the mean value form and Krawczyk's operator."""

    system: System
    least: Fraction
    budget: int
    looked: int = 0
    zeros: list[Zero] = field(default_factory=list)

    def decide(self, box: Box) -> list[Box] | tuple[Zero | Undecided, ...]:
        """Decide a box, or return its halves."""
        width = max(side.width for side in box)
        if width > _WIDEST:
            return split(box)
        if self.looked >= self.budget:
            return (Undecided(box, f"budget of {self.budget} boxes spent"),)
        self.looked += 1
        found = self.contract(box)
        if found is not None:
            self.zeros.extend(found)
            return found
        return (Undecided(box, "box of least width"),) if width < self.least else split(box)

    def contract(self, box: Box) -> tuple[Zero, ...] | None:
        """Exclude a box or find its only zero."""
        for known in self.zeros:
            if inside(box, known.isolation):
                return () if meet(box, known.enclosure) is None else (known,)
        with precision(_BITS):
            middle = centre(box)
            reach = offsets(box, middle)
            value, jacobian = self.system.value(middle), self.system.jacobian(box)
            form = mean_value_form(value, jacobian, reach)
            if any(entry.is_finite() and not entry.contains(0) for entry in form):
                return ()
            found = image(middle, value, jacobian, reach)
        return locate(box, found, lambda wider: krawczyk_image(self.system, wider))
