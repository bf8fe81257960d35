r"""Stationary points on a line, with coincident components, and the signs of their Hessian.

``k`` coincident components of equal weight move like one component of the summed weight as long as
they stay together, so stationary points with coincident components are those of the merged mixture.
At such a point the full Hessian splits, for each group, into the merged one (moving the group) and
``k - 1`` equal blocks ``H_ii - H_ij`` (splitting it). On a line, in a perpendicular direction, the
latter vanish identically: there the Hessian's integrand has no Kronecker delta
(`derive.slices.collinear`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import arb

from numerics.evaluation.expectation import expectation
from numerics.kernels import load_program
from numerics.mixtures.problem import EnclosedProblem, Teacher
from numerics.numbers.balls import ball, precision
from numerics.validated.inertia import Inertia, inertia_across, inertia_of_balls
from numerics.validated.interval import Box, Interval
from numerics.validated.krawczyk import Balls, Matrix

if TYPE_CHECKING:
    from derive.losses.objectives import Objective


@dataclass(frozen=True)
class Grouping:
    """Groups of coincident components of equal weight.

    Attributes
    ----------
    multiplicities : tuple of int
        Components in each group.
    weights : tuple of Fraction
        Weight of each group.

    Examples
    --------
    >>> Grouping.uniform((1, 3)).weights
    (Fraction(1, 4), Fraction(3, 4))
    """

    multiplicities: tuple[int, ...]
    weights: tuple[Fraction, ...]

    @classmethod
    def uniform(cls, multiplicities: Sequence[int]) -> Grouping:
        """Groups of components that all have the same weight."""
        total = sum(multiplicities)
        return cls(tuple(multiplicities), tuple(Fraction(k, total) for k in multiplicities))


@dataclass(frozen=True)
class LineSystem:
    """An objective's gradient at groups on a line, as a system in their places.

    Attributes
    ----------
    weights : tuple of Fraction
        Of the groups.
    digits : int
        Accuracy of values at exact points.
    objective : str or Objective
        As for `numerics.evaluate`.
    teacher : Teacher or None
        A mixture on the same line, one coordinate a mean; None is ``N(0, I)``.

    Examples
    --------
    >>> from numerics.validated.interval import box_around
    >>> from numerics.validated.krawczyk import prove_zero
    >>> half = Fraction(1, 2)
    >>> near = box_around([Fraction(0), Fraction("2.45628")], Fraction(1, 10**4))
    >>> prove_zero(LineSystem((half, half)), near) is not None
    True
    """

    weights: tuple[Fraction, ...]
    digits: int = 15
    objective: str | Objective = "forward"
    teacher: Teacher | None = None

    def value(self, point: Sequence[Fraction]) -> Balls:
        """Enclose the gradient at an exact point."""
        box = tuple(Interval(x, x) for x in point)
        return [entry for (entry,) in self._expect("gradient", box)]

    def jacobian(self, box: Box) -> Matrix:
        """Enclose the Hessian over a box."""
        return self.blocks(box)[0]

    def blocks(self, box: Box) -> tuple[Matrix, Matrix]:
        """Blocks of the Hessian along the line and in a perpendicular direction."""
        found = self._expect("hessian", box, columns=2)
        size = range(len(box))
        along, across = ([[found[i][c][k][c] for k in size] for i in size] for c in (0, 1))
        return along, across

    def _expect(self, quantity: str, box: Box, columns: int = 1) -> Any:
        padding = [arb(0)] * (columns - 1)

        def means() -> list[list[arb]]:
            return [[side.ball(), *padding] for side in box]

        if self.teacher is None:
            program = load_program(self.objective, quantity)
            problem = EnclosedProblem(means, self.weights, 1 if len(box) > 1 else 0)
            return expectation(program, problem, self.digits, "ball").balls
        places = [place for (place,) in self.teacher.means]
        origin = places[0]  # a mixture's kernel wants the origin among the teacher's means

        def centred() -> list[list[arb]]:
            return [
                [ball(side.low - origin).union(ball(side.high - origin)), *padding] for side in box
            ]

        def teacher() -> list[list[arb]]:
            return [[ball(place - origin), *padding] for place in places]

        program = load_program(self.objective, quantity, "mixture")
        shares = self.teacher.weights
        problem = EnclosedProblem(centred, self.weights, 1, teacher, shares)
        return expectation(program, problem, self.digits, "ball").balls


@dataclass(frozen=True)
class LineInertia:
    """Signs at a stationary point on a line.

    Attributes
    ----------
    along : Inertia
        ``d = 1``.
    across : Inertia
        What each further dimension adds.
    """

    along: Inertia
    across: Inertia

    def inertia(self, dimension: int) -> Inertia:
        """Signs of the Hessian in ``R^d``."""
        return self.along + self.across * (dimension - 1)


def line_inertia(grouping: Grouping, box: Box, digits: int = 15) -> LineInertia:
    """Signs of the full Hessian at the stationary point of groups on a line in a box.

    Examples
    --------
    >>> root = Fraction("2.45628225477967493110")
    >>> box = tuple(Interval(x - Fraction(1, 10**20), x + Fraction(1, 10**20)) for x in (0, root))
    >>> found = line_inertia(Grouping.uniform((2, 2)), box)
    >>> str(found.along), str(found.across)
    ('2 positive, 2 negative, 0 zero', '1 positive, 0 negative, 3 zero')
    """
    along, across = LineSystem(grouping.weights, digits).blocks(box)
    with precision(4 * digits + 64):
        signs = inertia_of_balls(along)
        perpendicular = inertia_across(across, [side.ball() for side in box])
    for number, count in enumerate(grouping.multiplicities):
        if count > 1:
            with precision(4 * digits + 64):
                split = inertia_of_balls([[_splitting(grouping, box, number, digits)]])
            signs += split * (count - 1)
            perpendicular += Inertia(0, 0, count - 1, 0)
    return LineInertia(signs, perpendicular)


def _splitting(grouping: Grouping, box: Box, number: int, digits: int) -> arb:
    """``H_ii - H_ij`` for two components of a group, along the line.

    The group is evaluated as one component and the rest; the rest's entry is the sum of ``k - 1``
    equal ones.
    """
    count, weight = grouping.multiplicities[number], grouping.weights[number]
    single = weight / count
    weights = list(grouping.weights)
    weights[number] = single
    system = LineSystem((*weights, weight - single), digits)
    along = system.jacobian((*box, box[number]))
    return along[number][number] - along[number][len(box)] / (count - 1)
