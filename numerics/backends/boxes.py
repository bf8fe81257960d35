"""Product trapezoid sums over wide boxes of coordinates, without progressions.

A geometric progression multiplies a ball by a ball at every node, so that the width of a box would
grow exponentially along a line. Here every exponential is taken of a coordinate that occurs in it
once, and along each axis only once for the whole grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from derive.program import Base
from numerics.backends.base import Inputs
from numerics.backends.emit import Kernel
from numerics.backends.product import Grid, centre_intervals, lines_in_balls
from numerics.backends.sweep import ScalarArithmetic, constants, log_shift
from numerics.quadrature import AxisPlan


@dataclass(frozen=True)
class _Axis:
    """Tables of one axis for wide coordinates: every ball depends on one or two of them, once."""

    points: list[float]
    squares: list[Any]
    gaussians: list[list[Any]]
    quotients: list[list[list[Any]]]


def _tabulate(arithmetic: ScalarArithmetic, inputs: Inputs, plan: AxisPlan, axis: int) -> _Axis:
    """``x^2/2``, ``exp(-(x - s_i)^2/2)`` and ``exp((x - s_i)^2/2 - (x - s_j)^2/2)``, ``i > j``."""
    exp = arithmetic.exp
    column = [row[axis] for row in inputs.coordinates]
    squares, gaussians, quotients = [], [], []
    for k in range(plan.first, plan.last + 1):
        x = arithmetic.constant(k * plan.step)
        gaps = [x - value for value in column]
        halves = [gap * gap / 2 for gap in gaps]  # Arb: (0 +- r) ** 2 is not finite
        squares.append(x * x / 2)
        gaussians.append([exp(-half) for half in halves])
        quotients.append(
            [[exp(upper - lower) for lower in halves[:i]] for i, upper in enumerate(halves)]
        )
    points = [float(k * plan.step) for k in range(plan.first, plan.last + 1)]
    return _Axis(points, squares, gaussians, quotients)


def box_sum(
    arithmetic: ScalarArithmetic, kernel: Kernel, inputs: Inputs, base: Base, grid: Grid
) -> tuple[list[Any], int]:
    """Like `product_sum`, for wide boxes of coordinates (see `sweep.explicit_sum`).

    ``psi_j = 1/(1 + sum_{k != j} (pi_k/pi_j) exp((|x - s_j|^2 - |x - s_k|^2)/2))``, the exponential
    a product over the axes: for two components every coordinate occurs once.
    """
    order = list(range(len(grid.plans)))
    axes = [_tabulate(arithmetic, inputs, plan, a) for a, plan in enumerate(grid.plans)]
    centres = centre_intervals(arithmetic, inputs, base, order)
    lines = list(lines_in_balls([axis.points for axis in axes], centres, grid.radius))
    walk = _Walk(arithmetic, kernel, inputs, base, grid)
    zeros = [arithmetic.constant(0) for _ in kernel.entries]
    nodes = walk.nodes(axes, lines)
    result: list[Any] = kernel.explicit(nodes, zeros, constants(arithmetic, inputs))
    return result, sum(end - begin + 1 for _, begin, end in lines)


class _Walk:
    """Nodes for `Kernel.explicit` from the tables of the axes."""

    def __init__(
        self,
        arithmetic: ScalarArithmetic,
        kernel: Kernel,
        inputs: Inputs,
        base: Base,
        grid: Grid,
    ) -> None:
        self.arithmetic, self.base, self.logarithm = arithmetic, base, kernel.logarithm
        self.weights = inputs.weights
        self.odds = [[pk / pj for pk in inputs.weights] for pj in inputs.weights]
        self.shift = log_shift(arithmetic, inputs, base)
        root = arithmetic.sqrt(2 * arithmetic.pi())
        self.scale = arithmetic.constant(1)
        for plan in grid.plans:
            self.scale = self.scale * arithmetic.constant(plan.step) / root

    def nodes(
        self, axes: Sequence[_Axis], lines: Sequence[tuple[tuple[int, ...], int, int]]
    ) -> Iterator[tuple[Any, list[Any], Any]]:
        """``(weight, responsibilities, log_student)`` at every node."""
        for numbers, begin, end in lines:
            for last in range(begin, end + 1):
                yield self._node(axes, (*numbers, last))

    def _node(self, axes: Sequence[_Axis], numbers: Sequence[int]) -> tuple[Any, list[Any], Any]:
        at = list(zip(axes, numbers, strict=True))
        square = _sum([axis.squares[k] for axis, k in at])
        density = None
        if self.base == "student" or self.logarithm:
            density = _sum(
                [
                    share * _product([axis.gaussians[k][i] for axis, k in at])
                    for i, share in enumerate(self.weights)
                ]
            )
        if self.base == "student":
            weight = self.scale * density
        else:
            weight = self.scale * self.arithmetic.exp(-square)
        log_student = None
        if self.logarithm:
            log_student = self.arithmetic.log(density) + square + self.shift
        return weight, self._responsibilities(at), log_student

    def _responsibilities(self, at: Sequence[tuple[_Axis, int]]) -> list[Any]:
        one, count = self.arithmetic.constant(1), range(len(self.weights))
        ratio = [[one for _ in count] for _ in count]
        for i in count:
            for j in range(i):
                grown = _product([axis.quotients[k][i][j] for axis, k in at])
                ratio[i][j], ratio[j][i] = grown * self.odds[i][j], self.odds[j][i] / grown
        return [one / _sum(row) for row in ratio]


def _sum(values: Sequence[Any]) -> Any:
    return reduce(lambda a, b: a + b, values)


def _product(values: Sequence[Any]) -> Any:
    return reduce(lambda a, b: a * b, values)
