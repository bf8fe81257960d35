r"""Stationary points in a plane, as zeros of a system that also fixes the rotation.

Rotations make the Hessian singular at a stationary point. With ``J`` the rotation by 90 degrees,
``w`` fixed vectors and one more unknown, the system

.. math:: \nabla L(v) + \lambda J v = 0, \qquad \sum_j (J w_j) \cdot v_j = 0

has as many equations as unknowns, and its zeros are stationary: the loss is invariant, so
:math:`\sum_j (J v_j) \cdot \nabla_j L = 0` for every ``v``, and multiplying the first equation by
``J v`` leaves :math:`\lambda |v|^2 = 0`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from numerics.evaluation.expectation import expectation
from numerics.kernels import load_program
from numerics.mixtures.problem import EnclosedProblem
from numerics.numbers.balls import ball, precision
from numerics.validated.inertia import Inertia, inertia_across
from numerics.validated.interval import Box, Interval
from numerics.validated.krawczyk import Balls, Matrix


@dataclass(frozen=True)
class PlanarSystem:
    """The bordered system in ``(v_1x, v_1y, ..., v_nx, v_ny, lambda)``.

    Attributes
    ----------
    weights : tuple of Fraction
    reference : tuple of (Fraction, Fraction)
        ``w``: the zero is looked for near it, in the direction that ``w`` fixes.
    digits : int
        Accuracy of gradients at exact points.
    box_digits : int
        Accuracy of the quadrature over boxes, whose width dominates.
    """

    weights: tuple[Fraction, ...]
    reference: tuple[tuple[Fraction, Fraction], ...]
    digits: int = 8
    box_digits: int = 3

    def value(self, point: Sequence[Fraction]) -> Balls:
        """Enclose the bordered gradient at an exact point."""
        *means, multiplier = (Interval(x, x) for x in point)
        gradient = self._expect("gradient", means, self.digits)
        places = [side.ball() for side in means]
        turned = _turned(places)
        factor = multiplier.ball()
        border = sum((w * v for w, v in zip(self._gauge(), places, strict=True)), arb(0))
        flat = [entry for row in gradient for entry in row]
        return [*(g + factor * t for g, t in zip(flat, turned, strict=True)), border]

    def jacobian(self, box: Box) -> Matrix:
        """Enclose the bordered Hessian over a box."""
        *means, multiplier = box
        hessian = self.hessian(tuple(means))
        size, factor = len(means), multiplier.ball()
        for k in range(0, size, 2):  # J itself, once per component
            hessian[k][k + 1] -= factor
            hessian[k + 1][k] += factor
        turned = _turned([side.ball() for side in means])
        rows = [[*row, entry] for row, entry in zip(hessian, turned, strict=True)]
        return [*rows, [*self._gauge(), arb(0)]]

    def hessian(self, means: Box) -> Matrix:
        """Enclose the Hessian over a box of means."""
        found = self._expect("hessian", means, self.box_digits)
        size = len(self.weights)
        return [
            [found[i][a][k][b] for k in range(size) for b in range(2)]
            for i in range(size)
            for a in range(2)
        ]

    def inertia(self, means: Box) -> Inertia:
        """Signs of the Hessian at the stationary point in a box; the rotation's zero is exact."""
        with precision(96):
            return inertia_across(self.hessian(means), _turned([side.ball() for side in means]))

    def _gauge(self) -> Balls:
        return _turned([ball(x) for row in self.reference for x in row])

    def _expect(self, quantity: str, means: Sequence[Interval], digits: int) -> Any:
        def places() -> list[Balls]:
            return [[means[k].ball(), means[k + 1].ball()] for k in range(0, len(means), 2)]

        problem = EnclosedProblem(places, self.weights, 2)
        return expectation(load_program("forward", quantity), problem, digits, "ball").balls


def _turned(flat: Balls) -> Balls:
    """``J v``: every vector turned by 90 degrees."""
    result: Balls = []
    for k in range(0, len(flat), 2):
        result += [-flat[k + 1], flat[k]]
    return result
