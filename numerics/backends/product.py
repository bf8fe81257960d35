"""Product trapezoid rules in two and three dimensions, walked line by line.

Exponentials of inner products are products of one-dimensional geometric progressions; a line is
walked along the axis with the most nodes and cut where it leaves the balls of truncation.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.program import Base, Program
from numerics.backends.base import Inputs
from numerics.backends.emit import Kernel
from numerics.backends.sweep import (
    Geometry,
    ScalarArithmetic,
    constants,
    log_shift,
)
from numerics.majorant import majorant, reads_logarithm
from numerics.quadrature import AxisPlan, truncation_radius


def radius_for(
    arithmetic: ScalarArithmetic, programs: Sequence[Program], shape: Geometry, goal: float
) -> float:
    """Choose the radius outside which nodes are left out, for an error of ``exp(-goal)/4``."""
    one = arithmetic.constant(1)
    sizes = (majorant(arithmetic, program, shape.sizes, one) for program in programs)
    largest = max(arithmetic.to_float(arithmetic.log(1 + size)) for size in sizes)
    if reads_logarithm(programs):
        radius = arithmetic.to_float(shape.radius)
        constant = abs(arithmetic.to_float(shape.shift))
        reach = math.sqrt(2 * (goal + largest)) + 2
        largest += math.log(4 + radius * (2 * reach + 2 * radius) + constant)
    return truncation_radius(goal + largest + math.log(8.0), len(shape.spreads))


def widen(
    arithmetic: ScalarArithmetic, plan: AxisPlan, shape: Geometry, axis: int, radius: float
) -> AxisPlan:
    """Let a grid cover the balls of truncation."""
    low, high = (arithmetic.to_float(ends[axis]) for ends in (shape.lows, shape.highs))
    reach = Fraction(radius)
    first = math.floor((Fraction(low) - reach) / plan.step)
    last = math.ceil((Fraction(high) + reach) / plan.step)
    return AxisPlan(plan.step, first, last, plan.strip)


def predicted_nodes(plans: Sequence[AxisPlan], base: Base) -> int:
    """Nodes of the product grid; for base "teacher" only those in the ball."""
    share = {2: math.pi / 4, 3: math.pi / 6}.get(len(plans), 1.0) if base == "teacher" else 1.0
    return math.ceil(math.prod(plan.nodes for plan in plans) * share)


@dataclass(frozen=True)
class _Axis:
    """Tables of one axis: Gaussian weights and the components' exponentials at every node."""

    points: list[float]
    weights: list[Any]
    factors: list[list[Any]]


def _tabulate(
    arithmetic: ScalarArithmetic, inputs: Inputs, base: Base, plan: AxisPlan, axis: int
) -> _Axis:
    """Tabulate ``h phi(x - c)`` and ``exp(x (s_j - s_0))`` by progressions."""
    exp = arithmetic.exp
    step, start = arithmetic.constant(plan.step), arithmetic.constant(plan.first * plan.step)
    first = inputs.coordinates[0][axis]
    offset = start - first if base == "student" else start
    weight = step / arithmetic.sqrt(2 * arithmetic.pi()) * exp(-offset * offset / 2)
    decay, ratio = exp(-(step * offset) - step * step / 2), exp(-step * step)
    differences = [row[axis] - first for row in inputs.coordinates[1:]]
    factors = [exp(start * difference) for difference in differences]
    growth = [exp(step * difference) for difference in differences]
    weights, table = [], []
    for _ in range(plan.nodes):
        weights.append(weight)
        table.append(factors)
        weight, decay = weight * decay, decay * ratio
        factors = [factor * grown for factor, grown in zip(factors, growth, strict=True)]
    points = [float(k * plan.step) for k in range(plan.first, plan.last + 1)]
    return _Axis(points, weights, table)


def product_sum(
    arithmetic: ScalarArithmetic,
    kernel: Kernel,
    inputs: Inputs,
    base: Base,
    plans: Sequence[AxisPlan],
    radius: float,
) -> tuple[list[Any], int]:
    """Sum of ``weight * kernel`` over the grid points in the balls of truncation, and their number.

    Parameters
    ----------
    arithmetic : ScalarArithmetic
    kernel : Kernel
    inputs : Inputs
    base : {"teacher", "student"}
    plans : sequence of AxisPlan
    radius : float
        No point within this distance of a centre is left out.
    """
    order = sorted(range(len(plans)), key=lambda axis: plans[axis].nodes)
    axes = [_tabulate(arithmetic, inputs, base, plans[axis], axis) for axis in order]
    walk = _Walk(arithmetic, inputs, base, plans[order[-1]], order)
    centres = [[float(row[axis]) for axis in order] for row in inputs.coordinates]
    if base == "teacher":
        centres = [[0.0] * len(order)]
    totals = [arithmetic.constant(0) for _ in kernel.entries]
    shared = constants(arithmetic, inputs)
    nodes = 0
    for numbers in itertools.product(*(range(len(axis.points)) for axis in axes[:-1])):
        outer = [axis.points[k] for axis, k in zip(axes, numbers, strict=False)]
        span = _span(outer, centres, radius, axes[-1].points)
        if span is None:
            continue
        begin, end = span
        state, ratios = walk.start(axes, (*numbers, begin), kernel.logarithm)
        _, totals = kernel.progression(end - begin + 1, state, ratios, totals, shared)
        nodes += end - begin + 1
    return totals, nodes


def _span(
    outer: Sequence[float], centres: Sequence[Sequence[float]], radius: float, points: list[float]
) -> tuple[int, int] | None:
    """First and last node of a line within the radius of some centre (rounded outwards)."""
    low, high = math.inf, -math.inf
    for centre in centres:
        distance = sum((x - c) ** 2 for x, c in zip(outer, centre, strict=False))
        if distance <= radius * radius * (1 + 1e-12):
            half = math.sqrt(max(radius * radius - distance, 0.0)) + 1e-6
            low, high = min(low, centre[-1] - half), max(high, centre[-1] + half)
    if low > high:
        return None
    step = points[1] - points[0]
    begin = max(math.floor((low - points[0]) / step), 0)
    end = min(math.ceil((high - points[0]) / step), len(points) - 1)
    return (begin, end) if begin <= end else None


class _Walk:
    """Starting states of the lines."""

    def __init__(
        self,
        arithmetic: ScalarArithmetic,
        inputs: Inputs,
        base: Base,
        plan: AxisPlan,
        order: Sequence[int],
    ) -> None:
        exp = arithmetic.exp
        self.arithmetic = arithmetic
        self.order = order
        self.first = inputs.coordinates[0]
        inner, step = order[-1], arithmetic.constant(plan.step)
        squares = [sum(value * value for value in row) for row in inputs.coordinates]
        self.leading = inputs.weights[0] if base == "student" else arithmetic.constant(1)
        self.constants = [
            weight / inputs.weights[0] * exp((squares[0] - square) / 2)
            for weight, square in zip(inputs.weights[1:], squares[1:], strict=True)
        ]
        self.ratios = [exp(-step * step), step * self.first[inner]]
        self.ratios += [
            exp(step * (row[inner] - self.first[inner])) for row in inputs.coordinates[1:]
        ]
        self.logarithm = (
            arithmetic.log(inputs.weights[0]) - squares[0] / 2 + log_shift(arithmetic, inputs, base)
        )

    def start(
        self, axes: Sequence[_Axis], numbers: Sequence[int], logarithm: bool
    ) -> tuple[list[Any], list[Any]]:
        """State at one grid point, and the ratios along the innermost axis."""
        weight, terms = self.leading, self.constants
        for axis, number in zip(axes, numbers, strict=True):
            weight = weight * axis.weights[number]
            factors = axis.factors[number]
            terms = [term * factor for term, factor in zip(terms, factors, strict=True)]
        inner, number = axes[-1], numbers[-1]
        decay = self._decay(inner, number)
        value = self.logarithm
        if logarithm:
            for axis, k, coordinate in zip(axes, numbers, self.order, strict=True):
                point = self.arithmetic.constant(Fraction(axis.points[k]))
                value = value + point * self.first[coordinate]
        return [weight, decay, value, *terms], self.ratios

    def _decay(self, axis: _Axis, number: int) -> Any:
        """Quotient of the weight at the next node and at this one."""
        if number + 1 < len(axis.weights):
            return axis.weights[number + 1] / axis.weights[number]
        return self.arithmetic.constant(0)
