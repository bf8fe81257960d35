"""Trapezoid sums where the means are only known to lie in boxes: every node by itself.

A geometric progression multiplies a ball by a ball at every node, so that the width of a box would
grow exponentially along a line. Here every exponential is taken of a coordinate that occurs in it
once, and along each axis only once for the whole grid:

    psi_j = 1/(1 + sum_{k != j} (pi_k/pi_j) exp((|x - s_j|^2 - |x - s_k|^2)/2)),

the exponential a product over the axes. For two components every coordinate occurs once, so that
the enclosure is the range. A mixture teacher's responsibilities are made in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from derive.algebra.program import Base
from numerics.kernels.straight_line import Kernel
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature.geometry import log_shift
from numerics.quadrature.inputs import Inputs, TeacherInputs
from numerics.quadrature.line import constants
from numerics.quadrature.product import Grid, axis_points, centre_intervals, lines_in_balls
from numerics.quadrature.trapezoid import AxisPlan


@dataclass(frozen=True)
class _Table:
    """One axis of one mixture: every ball depends on one or two coordinates, once.

    ``exp(-(x - s_i)^2/2)`` and ``exp((x - s_i)^2/2 - (x - s_j)^2/2)``, ``i > j``, at every node.
    """

    gaussians: list[list[Any]]
    quotients: list[list[list[Any]]]


def _tabulate(arithmetic: ScalarArithmetic, column: Sequence[Any], points: Sequence[Any]) -> _Table:
    exp = arithmetic.exp
    gaussians, quotients = [], []
    for x in points:
        gaps = [x - value for value in column]
        halves = [gap * gap / 2 for gap in gaps]  # Arb: (0 +- r) ** 2 is not finite
        gaussians.append([exp(-half) for half in halves])
        quotients.append(
            [[exp(upper - lower) for lower in halves[:i]] for i, upper in enumerate(halves)]
        )
    return _Table(gaussians, quotients)


class _MixtureOnGrid:
    """Density and responsibilities of a mixture at the nodes of a grid."""

    def __init__(
        self,
        arithmetic: ScalarArithmetic,
        mixture: Inputs | TeacherInputs,
        points: Sequence[Sequence[Any]],
    ) -> None:
        self.weights = mixture.weights
        self.one = arithmetic.constant(1)
        self.odds = [[pk / pj for pk in self.weights] for pj in self.weights]
        columns = list(zip(*mixture.coordinates, strict=True))
        self.tables = [
            _tabulate(arithmetic, column, axis)
            for column, axis in zip(columns, points, strict=True)
        ]

    def density(self, numbers: Sequence[int]) -> Any:
        """``sum_i pi_i exp(-|x - s_i|^2/2)``."""
        at = list(zip(self.tables, numbers, strict=True))
        return _sum(
            [
                share * _product([table.gaussians[k][i] for table, k in at])
                for i, share in enumerate(self.weights)
            ]
        )

    def responsibilities(self, numbers: Sequence[int]) -> list[Any]:
        """Return one number for each component."""
        at, count = list(zip(self.tables, numbers, strict=True)), range(len(self.weights))
        ratio = [[self.one for _ in count] for _ in count]
        for i in count:
            for j in range(i):
                grown = _product([table.quotients[k][i][j] for table, k in at])
                ratio[i][j], ratio[j][i] = grown * self.odds[i][j], self.odds[j][i] / grown
        return [self.one / _sum(row) for row in ratio]


def box_sum(
    arithmetic: ScalarArithmetic, kernel: Kernel, inputs: Inputs, base: Base, grid: Grid
) -> tuple[list[Any], int]:
    """Like `line.line_sum` and `product.product_sum`, for wide boxes of coordinates."""
    zeros = [arithmetic.constant(0) for _ in kernel.entries]
    sums, nodes = zeros, 0
    for window in grid.windows:
        points = [axis_points(plan) for plan in window.plans]
        centres = centre_intervals(arithmetic, inputs, base, range(len(points)))
        lines = list(lines_in_balls(points, centres, window.radius))
        numbers = ((*outer, last) for outer, begin, end in lines for last in range(begin, end + 1))
        nodes_here = _nodes(arithmetic, kernel, inputs, base, window.plans, numbers)
        part = kernel.explicit(nodes_here, zeros, constants(arithmetic, inputs))
        sums = [total + value for total, value in zip(sums, part, strict=True)]
        nodes += sum(end - begin + 1 for _, begin, end in lines)
    return sums, nodes


def _nodes(
    arithmetic: ScalarArithmetic,
    kernel: Kernel,
    inputs: Inputs,
    base: Base,
    plans: Sequence[AxisPlan],
    numbers: Iterator[tuple[int, ...]],
) -> Iterator[tuple[Any, ...]]:
    """Weight, responsibilities and ``log_student``, and the same of a mixture teacher."""
    points = [
        [arithmetic.constant(k * plan.step) for k in range(plan.first, plan.last + 1)]
        for plan in plans
    ]
    student = _MixtureOnGrid(arithmetic, inputs, points)
    teacher = _MixtureOnGrid(arithmetic, inputs.teacher, points) if inputs.teacher else None
    leading = student if base == "student" else teacher
    root, scale = arithmetic.sqrt(2 * arithmetic.pi()), arithmetic.constant(1)
    for plan in plans:
        scale = scale * arithmetic.constant(plan.step) / root
    shift = log_shift(arithmetic, inputs, base)
    for at in numbers:
        square = _sum([axis[k] * axis[k] / 2 for axis, k in zip(points, at, strict=True)])

        def logarithm(
            mixture: _MixtureOnGrid, at: tuple[int, ...] = at, square: Any = square
        ) -> Any:
            return arithmetic.log(mixture.density(at)) + square if kernel.logarithm else None

        density = leading.density(at) if leading else arithmetic.exp(-square)
        log_student = logarithm(student)
        node = (
            scale * density,
            student.responsibilities(at),
            log_student + shift if kernel.logarithm else None,
        )
        yield (*node, teacher.responsibilities(at), logarithm(teacher)) if teacher else node


def _sum(values: Sequence[Any]) -> Any:
    return reduce(lambda a, b: a + b, values)


def _product(values: Sequence[Any]) -> Any:
    return reduce(lambda a, b: a * b, values)
