r"""Product trapezoid rules in two and three dimensions, walked line by line.

Exponentials of inner products are products of one-dimensional geometric progressions; a line is
walked along the axis with the most nodes and cut where it leaves the balls of truncation.

Which nodes are left out is decided in floats, and the proof needs that every grid point within the
*proved* radius of some centre is summed. The proved radius is the chosen one, ``R``, less `SLACK`.
Let ``d`` be a centre's distance from a line and ``t`` the distance along it to a grid point, with
:math:`d^2 + t^2 \le (R - \epsilon)^2 \le R^2 - \epsilon R`. Coordinates are at most `LARGEST`
in size, so that rounding perturbs :math:`d^2` by less than :math:`\epsilon R/2`, and the half
chord as computed is at least :math:`\sqrt{t^2 + \epsilon R/2} \ge t + \epsilon/8`, more than the
rounding of the ends (below ``1e-8``) can take away. Boxes of centres count by their nearest points.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.algebra.program import Base, Program
from numerics.errors import InputError, NodeLimitError
from numerics.kernels.handle import reads_logarithm
from numerics.kernels.straight_line import Kernel
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature import geometry
from numerics.quadrature.geometry import Geometry, log_shift, real_bound, strip_bound
from numerics.quadrature.inputs import Inputs, TeacherInputs
from numerics.quadrature.line import constants
from numerics.quadrature.majorant import majorant
from numerics.quadrature.trapezoid import (
    AxisPlan,
    check_range,
    product_discretisation_bound,
    radial_truncation_bound,
    truncation_radius,
)
from numerics.quadrature.windows import Window, plan_windows, windows_bound

#: Largest dimension of an integral.
MAX_RANK = 3
#: Grids with more nodes are refused unless the caller sets a limit: product grids, and lines.
MAX_NODES = 5_000_000
MAX_LINE_NODES = 20_000_000
#: Smaller grids are taken as they are: planning windows would cost as much.
FEWEST_NODES = 4096
#: By this much the radius in the proof is smaller than the one that chooses the nodes.
SLACK = Fraction(1, 1024)
#: Coordinates up to this size are chosen among in floats.
LARGEST = 2.0**20
#: Means farther away are refused before anything is planned: products of floats would overflow.
FARTHEST = 1e100

#: A centre's coordinates as closed intervals, one for each axis.
Centre = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Grid:
    """A product grid; points farther than ``radius`` from every centre may be left out.

    Attributes
    ----------
    plans : tuple of AxisPlan
        Every axis covers the balls of truncation.
    radius : float
        Infinite if every node counts, as in fewer than two dimensions.
    nodes : int
        Predicted number of nodes.
    boxes : tuple of Window
        If there are any, they are summed instead (`numerics.quadrature.windows`).
    """

    plans: tuple[AxisPlan, ...]
    radius: float
    nodes: int
    boxes: tuple[Window, ...] = ()

    @property
    def windows(self) -> tuple[Window, ...]:
        """What is summed."""
        return self.boxes or (Window(self.plans, self.radius),)


def product_grid(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    inputs: Inputs,
    shape: Geometry,
    goal: float,
    base: Base,
    max_nodes: int | None = None,
    times: int = 1,
) -> Grid:
    """Plan a grid with an error of about ``exp(-goal)``, in windows where those have fewer nodes.

    It is summed so many ``times``.

    Raises
    ------
    NodeLimitError
        If more than ``max_nodes`` nodes (default `MAX_NODES`, on a line `MAX_LINE_NODES`) are
        predicted.
    InputError
        If centres are farther than `LARGEST` from the origin.
    """
    if len(shape.widest) > 1:
        check_range(arithmetic.to_float(shape.reach), FARTHEST)
    plans = geometry.plan_grid(arithmetic, programs, shape, -goal - math.log(2))
    rank = len(plans)
    limit = max_nodes
    if limit is None:
        limit = MAX_NODES if rank >= 2 else MAX_LINE_NODES
    if rank < 2:
        grid = Grid(plans, math.inf, math.prod(plan.nodes for plan in plans))
    else:
        needed = _needed(arithmetic, programs, shape, goal)
        grid = _in_balls(arithmetic, plans, shape, base, needed)
        if grid.nodes > FEWEST_NODES:
            grid = _in_windows(arithmetic, programs, inputs, shape, base, goal, needed, grid)
    if times * grid.nodes > limit:
        raise NodeLimitError(times * grid.nodes, limit)
    if rank >= 2:
        size = max(
            max(-plan.first, plan.last) * plan.step
            for window in grid.windows
            for plan in window.plans
        )
        if size > LARGEST:
            raise InputError("means", f"a coordinate of about {float(size):g}", "at most 1e6")
    return grid


def _in_balls(
    arithmetic: ScalarArithmetic,
    plans: Sequence[AxisPlan],
    shape: Geometry,
    base: Base,
    needed: float,
) -> Grid:
    """One grid, of which the nodes in the balls of truncation are summed."""
    radius = _radius(needed, len(plans))
    widened = [_widen(arithmetic, plan, shape, a, radius) for a, plan in enumerate(plans)]
    sizes = shape.sizes
    count = sizes.components if base == "student" else max(sizes.teachers, 1)
    return Grid(tuple(widened), radius, predicted_nodes(widened, radius, count))


def _in_windows(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    inputs: Inputs,
    shape: Geometry,
    base: Base,
    goal: float,
    needed: float,
    grid: Grid,
) -> Grid:
    """Windows of their own steps, or the grid that is given if they would not save nodes."""
    target = -goal - math.log(4)
    windows = plan_windows(arithmetic, programs, inputs, shape, base, target, needed)
    nodes = sum(math.prod(plan.nodes for plan in window.plans) for window in windows)
    return Grid(windows[0].plans, math.inf, nodes, windows) if 2 * nodes < grid.nodes else grid


def _needed(
    arithmetic: ScalarArithmetic, programs: Sequence[Program], shape: Geometry, goal: float
) -> float:
    """Negative logarithm of the mass that may be left out, for an error of ``exp(-goal)/8``."""
    one = arithmetic.constant(1)
    sizes = (majorant(arithmetic, program, shape.sizes, one, one) for program in programs)
    largest = max(arithmetic.to_float(arithmetic.log(1 + size)) for size in sizes)
    if reads_logarithm(programs):
        radius = arithmetic.to_float(shape.reach)
        constant = abs(arithmetic.to_float(shape.shift))
        reach = math.sqrt(2 * (goal + largest)) + 2
        largest += math.log(4 + radius * (2 * reach + 2 * radius) + constant)
    return goal + largest + math.log(8.0)


def _radius(needed: float, rank: int) -> float:
    """Choose the radius outside which nodes are left out."""
    return truncation_radius(needed, rank) + float(SLACK)


def _widen(
    arithmetic: ScalarArithmetic, plan: AxisPlan, shape: Geometry, axis: int, radius: float
) -> AxisPlan:
    """Let a grid cover the balls of truncation."""
    low, high = -arithmetic.to_float(-shape.lows[axis]), arithmetic.to_float(shape.highs[axis])
    reach = Fraction(radius)
    first = math.floor((Fraction(low) - reach) / plan.step)
    last = math.ceil((Fraction(high) + reach) / plan.step)
    return AxisPlan(plan.step, first, last, plan.strip)


def predicted_nodes(plans: Sequence[AxisPlan], radius: float, count: int) -> int:
    """Nodes of the product grid, in two and three dimensions at most those of ``count`` balls.

    Examples
    --------
    >>> plan = AxisPlan(Fraction(1, 2), -100, 100, 1.0)
    >>> predicted_nodes([plan], 0.0, 1), predicted_nodes([plan, plan], 5.0, 2)
    (201, 762)
    """
    box = math.prod(plan.nodes for plan in plans)
    share = {2: math.pi / 4, 3: math.pi / 6}.get(len(plans))
    if share is None:
        return box
    around = [min(plan.nodes, math.ceil(2 * radius / plan.step) + 2) for plan in plans]
    return min(box, count * math.ceil(math.prod(around) * Fraction(share)))


def error_bound(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    inputs: Inputs,
    shape: Geometry,
    base: Base,
    grid: Grid,
) -> Any:
    """Proved bound of truncation and discretisation in two or more dimensions."""
    if grid.boxes:
        return windows_bound(arithmetic, programs, inputs, shape, base, grid.boxes)
    bounds = [
        strip_bound(arithmetic, programs, shape, plan.strip, axis)
        for axis, plan in enumerate(grid.plans)
    ]
    discretisation = product_discretisation_bound(arithmetic, grid.plans, bounds)
    truncation = radial_truncation_bound(
        arithmetic,
        grid.plans,
        radius=arithmetic.constant(Fraction(grid.radius) - SLACK),
        bound=real_bound(arithmetic, programs, shape),
    )
    return discretisation + truncation


@dataclass(frozen=True)
class Axis:
    """Tables of one axis: Gaussian weights and the components' exponentials at every node.

    Those of a mixture teacher's components follow the student's.
    """

    points: list[float]
    weights: list[Any]
    factors: list[list[Any]]


def tabulate(
    arithmetic: ScalarArithmetic, inputs: Inputs, base: Base, plan: AxisPlan, axis: int
) -> Axis:
    """Tabulate ``h phi(x - c)`` and ``exp(x (s_j - s_0))`` by progressions."""
    exp = arithmetic.exp
    step, start = arithmetic.constant(plan.step), arithmetic.constant(plan.first * plan.step)
    offset = start - inputs.centres(base, arithmetic.constant(0))[0][axis]
    weight = step / arithmetic.sqrt(2 * arithmetic.pi()) * exp(-offset * offset / 2)
    decay, ratio = exp(-(step * offset) - step * step / 2), exp(-step * step)
    differences = [
        row[axis] - mixture.coordinates[0][axis]
        for mixture in mixtures(inputs)
        for row in mixture.coordinates[1:]
    ]
    factors = [exp(start * difference) for difference in differences]
    growth = [exp(step * difference) for difference in differences]
    weights, table = [], []
    for _ in range(plan.nodes):
        weights.append(weight)
        table.append(factors)
        weight, decay = weight * decay, decay * ratio
        factors = [factor * grown for factor, grown in zip(factors, growth, strict=True)]
    return Axis(axis_points(plan), weights, table)


def mixtures(inputs: Inputs) -> list[Inputs | TeacherInputs]:
    """Return the student, then the teacher if it is a mixture."""
    return [inputs, *([inputs.teacher] if inputs.teacher else [])]


def product_sum(
    arithmetic: ScalarArithmetic, kernel: Kernel, inputs: Inputs, base: Base, grid: Grid
) -> tuple[list[Any], int]:
    """Sum of ``weight * kernel`` over the grid points in the balls of truncation, and their number.

    Every grid point within ``grid.radius - SLACK`` of a centre is summed.
    """
    totals = [arithmetic.constant(0) for _ in kernel.entries]
    shared = constants(arithmetic, inputs)
    nodes = 0
    for window in grid.windows:
        plans = window.plans
        order = walk_order(plans)
        axes = [tabulate(arithmetic, inputs, base, plans[axis], axis) for axis in order]
        walk = Walk(arithmetic, inputs, base, plans[order[-1]], order)
        centres = centre_intervals(arithmetic, inputs, base, order)
        points = [axis.points for axis in axes]
        for numbers, begin, end in lines_in_balls(points, centres, window.radius):
            state, ratios = walk.start(axes, (*numbers, begin), kernel.logarithm)
            _, totals = kernel.progression(end - begin + 1, state, ratios, totals, shared)
            nodes += end - begin + 1
    return totals, nodes


def walk_order(plans: Sequence[AxisPlan]) -> list[int]:
    """Axes from the outermost to the innermost, which has the most nodes."""
    return sorted(range(len(plans)), key=lambda axis: plans[axis].nodes)


def axis_points(plan: AxisPlan) -> list[float]:
    """Coordinates of an axis's nodes; exact up to `LARGEST`."""
    return [float(k * plan.step) for k in range(plan.first, plan.last + 1)]


def centre_intervals(
    arithmetic: ScalarArithmetic, inputs: Inputs, base: Base, order: Sequence[int]
) -> list[Centre]:
    """Centres of the balls of truncation, axes in the order of the walk."""
    return [
        [(-arithmetic.to_float(-row[axis]), arithmetic.to_float(row[axis])) for axis in order]
        for row in inputs.centres(base, arithmetic.constant(0))
    ]


def lines_in_balls(
    points: Sequence[Sequence[float]], centres: Sequence[Centre], radius: float
) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Pieces of lines in the balls: node numbers on the outer axes, first and last innermost.

    The pieces of one line are disjoint: nodes between balls are left out. An infinite radius takes
    every node.
    """
    for numbers in itertools.product(*(range(len(axis)) for axis in points[:-1])):
        outer = [axis[k] for axis, k in zip(points, numbers, strict=False)]
        for begin, end in _spans(outer, centres, radius, points[-1]):
            yield numbers, begin, end


def _spans(
    outer: Sequence[float], centres: Sequence[Centre], radius: float, points: Sequence[float]
) -> list[tuple[int, int]]:
    """First and last nodes of a line's pieces within the radius of some centre, in order."""
    if math.isinf(radius):
        return [(0, len(points) - 1)]
    pieces = []
    for centre in centres:
        square = radius * radius
        for x, (left, right) in zip(outer, centre, strict=False):
            square -= max(left - x, x - right, 0.0) ** 2
        if square >= 0:
            half = math.sqrt(square)
            pieces.append((centre[-1][0] - half, centre[-1][1] + half))
    step = points[1] - points[0]
    merged: list[tuple[int, int]] = []
    for low, high in sorted(pieces):
        begin = max(math.floor((low - points[0]) / step), 0)
        end = min(math.ceil((high - points[0]) / step), len(points) - 1)
        if merged and begin <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif begin <= end:
            merged.append((begin, end))
    return merged


class Walk:
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
        families = mixtures(inputs)
        self.firsts = [mixture.coordinates[0] for mixture in families]
        inner, step = order[-1], arithmetic.constant(plan.step)
        self.leading = inputs.leading_weight(base, arithmetic.constant(1))
        growths = [step * first[inner] for first in self.firsts]
        self.ratios = [exp(-step * step), growths[0]]
        self.constants, self.logarithms = list[Any](), list[Any]()
        for mixture in families:
            first, leading = mixture.coordinates[0], mixture.weights[0]
            squares = [sum(value * value for value in row) for row in mixture.coordinates]
            self.constants += [
                weight / leading * exp((squares[0] - square) / 2)
                for weight, square in zip(mixture.weights[1:], squares[1:], strict=True)
            ]
            self.ratios += [
                exp(step * (row[inner] - first[inner])) for row in mixture.coordinates[1:]
            ]
            self.logarithms.append(arithmetic.log(leading) - squares[0] / 2)
        self.logarithms[0] = self.logarithms[0] + log_shift(arithmetic, inputs, base)
        self.ratios += growths[1:]

    def at(
        self, axes: Sequence[Axis], numbers: Sequence[int], logarithm: bool
    ) -> tuple[Any, list[Any], list[Any]]:
        """``(weight, t_j/t_0, log t_0)`` at one grid point, or their factors of the first axes."""
        weight, terms = self.leading, self.constants
        for axis, number in zip(axes, numbers, strict=False):
            weight = weight * axis.weights[number]
            factors = axis.factors[number]
            terms = [term * factor for term, factor in zip(terms, factors, strict=True)]
        values = self.logarithms
        if logarithm:
            for axis, k, coordinate in zip(axes, numbers, self.order, strict=False):
                point = self.arithmetic.constant(Fraction(axis.points[k]))
                values = [
                    value + point * first[coordinate]
                    for value, first in zip(values, self.firsts, strict=True)
                ]
        return weight, terms, values

    def start(
        self, axes: Sequence[Axis], numbers: Sequence[int], logarithm: bool
    ) -> tuple[list[Any], list[Any]]:
        """State at one grid point, and the ratios along the innermost axis."""
        weight, terms, values = self.at(axes, numbers, logarithm)
        decay = self._decay(axes[-1], numbers[-1])
        return [weight, decay, values[0], *terms, *values[1:]], self.ratios

    def _decay(self, axis: Axis, number: int) -> Any:
        """Quotient of the weight at the next node and at this one."""
        if number + 1 < len(axis.weights):
            return axis.weights[number + 1] / axis.weights[number]
        return self.arithmetic.constant(0)
