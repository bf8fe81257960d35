"""Rigorous expectations in Arb balls: rounding, truncation and discretisation are enclosed.

Floats choose the grid and the precision (`numerics.quadrature.trapezoid.plan_axis`); every number
that enters a result or a bound is a ball. Up to three dimensions (`product` above one).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import flint
from flint import arb

from derive.algebra.program import Base, Program
from numerics.errors import InputError, NodeLimitError
from numerics.kernels.straight_line import Kernel, compile_kernel
from numerics.numbers.balls import BALL, ball, precision
from numerics.quadrature import boxes, geometry, product, slabs
from numerics.quadrature import line as sweep
from numerics.quadrature import two_components as pair
from numerics.quadrature.inputs import (
    Expectations,
    Inputs,
    InputSource,
    TeacherInputs,
    filled,
    provide,
)
from numerics.quadrature.majorant import majorant
from numerics.quadrature.moments import MomentRule, moment_rule
from numerics.quadrature.trapezoid import discretisation_bound, truncation_bound
from numerics.workers import Effort

#: Attempts at raising the working precision before the radius is taken as it is.
ATTEMPTS = 12


@dataclass(frozen=True)
class _Task:
    """Programs with a common base, and where their results go."""

    base: Base
    programs: tuple[Program, ...]
    positions: tuple[int, ...]


def expectations(
    programs: Sequence[Program],
    inputs: InputSource,
    *,
    digits: int,
    max_nodes: int | None = None,
    effort: Effort | None = None,
) -> Expectations:
    r"""Enclose the expectations of all programs.

    Parameters
    ----------
    programs : sequence of Program
    inputs : Inputs or callable
        Balls; a callable is asked again whenever the working precision (``flint.ctx.prec``) has
        been raised. Wide balls (boxes) are fine: the results enclose the values at every point.
    digits : int
        The working precision is raised until every radius is at most
        :math:`10^{-digits} \max(1, |value|)`, or more precision no longer helps (boxes).
    max_nodes : int, optional
        Refuse larger grids; default `product.MAX_NODES`, on a line `product.MAX_LINE_NODES`.
    effort : Effort, optional
        Processes and a report for product rules; without ``max_nodes`` its limit of time then takes
        the place of `product.MAX_NODES`.

    Returns
    -------
    Expectations
        ``values`` are arrays of balls that include all errors, ``errors`` their radii.

    Raises
    ------
    InputError
        If the rank exceeds 3, or a float is offered where a ball is needed.
    NodeLimitError
        If the grid needs more nodes than that.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> means = [[arb(-3) / 4], [arb(17) / 8]]
    >>> problem = Inputs(means, means, [arb(1) / 2, arb(1) / 2])
    >>> loss = load_program("forward", "loss", "single")
    >>> result = expectations([loss], problem, digits=12)
    >>> print(result.values[0].item().str(10, radius=False), result.nodes < 120)
    0.8416298715 True
    """
    sweep.check_request(programs, digits)
    values: list[Any] = [None] * len(programs)
    nodes = 0
    for task in _tasks(programs):
        with precision(geometry.BOUND_BITS):
            results, used = _enclose(task, inputs, digits, max_nodes, effort)
        nodes += used
        for position, value in zip(task.positions, results, strict=True):
            values[position] = value
    errors = []
    for value in values:
        error = filled(value.shape, arb(0))
        for index in range(value.size):
            error.flat[index] = value.flat[index].rad()
        errors.append(error)
    return Expectations(tuple(values), tuple(errors), nodes)


def _tasks(programs: Sequence[Program]) -> Iterable[_Task]:
    """Group programs by base."""
    for base in ("teacher", "student"):
        positions = tuple(i for i, program in enumerate(programs) if program.base == base)
        if positions:
            yield _Task(base, tuple(programs[i] for i in positions), positions)


def _enclose(
    task: _Task,
    source: InputSource,
    digits: int,
    max_nodes: int | None,
    effort: Effort | None,
) -> tuple[list[Any], int]:
    """Raise the precision until the radii are small enough."""
    goal = digits * math.log(10)
    inputs = _balls(source)
    geometry.check_teacher(task.programs, inputs)
    if inputs.rank > product.MAX_RANK:
        raise InputError(
            "backend",
            f"ball with an integral over {inputs.rank} dimensions",
            f"at most {product.MAX_RANK} dimensions; float64 above",
        )
    if pair.applies(task.programs, inputs):
        enclosed = pair.enclose(
            task.programs,
            task.base,
            lambda: _balls(source),
            digits=digits,
            max_nodes=max_nodes,
            collect=_collect,
            missing_bits=_missing_bits,
        )
        if enclosed is not None:
            return enclosed
    flint.ctx.prec = geometry.bound_bits(BALL, inputs)
    inputs = _balls(source)
    shifts = geometry.offsets(BALL, task.programs, inputs, task.base)
    moved = geometry.recentred(BALL, inputs, shifts)
    shape = geometry.measure(BALL, moved, task.base)
    counts = (len(inputs.means), len(inputs.means[0]))
    teachers = shape.sizes.teachers
    kernel = compile_kernel(
        task.programs, *counts, shape.zero_columns, teachers, shape.zero_teachers
    )
    grid = _grid(task, moved, shape, kernel, digits, max_nodes, effort)
    error = _bound(task, moved, shape, grid)
    slabbed = inputs.rank > 1 and grid.nodes >= slabs.FEWEST_NODES
    rule = moment_rule(kernel, *counts, task.base == "student", grid.nodes, teachers, slabbed)
    norms = rule.norms if rule else (1, 1)
    bits = _first_precision(task, shape, goal, grid.nodes, kernel, norms)
    bits += max((abs(shift).bit_length() for shift in shifts), default=0)
    previous = math.inf
    for _ in range(ATTEMPTS):
        flint.ctx.prec = bits
        inputs = geometry.recentred(BALL, _balls(source), shifts)
        sums, nodes = _sum(kernel, rule, inputs, task.base, grid, shape, bits, effort)
        results = _collect(kernel, sums, error)
        missing = _missing_bits(results, digits)
        boxes = any(BALL.wide(entry, bits) for row in inputs.means for entry in row)
        if missing <= 0 or boxes or missing > previous - 8:  # reached, or precision does not help
            break
        previous = missing
        bits += int(missing) + 16 if math.isfinite(missing) else bits
    return results, nodes


def _grid(
    task: _Task,
    inputs: Inputs,
    shape: geometry.Geometry,
    kernel: Kernel,
    digits: int,
    max_nodes: int | None,
    effort: Effort | None,
) -> product.Grid:
    """Plan the grid; in two and three dimensions an effort says how many nodes there may be."""
    goal, arguments = digits * math.log(10), (BALL, task.programs, inputs, shape)
    if inputs.rank < 2:
        return product.product_grid(*arguments, goal, task.base, max_nodes)
    counts, teachers = (len(inputs.means), len(inputs.means[0])), shape.sizes.teachers
    rule = moment_rule(kernel, *counts, task.base == "student", 1, teachers, True)
    seconds = _seconds_per_node(kernel, rule, digits)
    limit = max_nodes
    if limit is None and effort is not None:
        limit = max(product.MAX_NODES, int(effort.most_seconds / seconds))
    try:
        return product.product_grid(*arguments, goal, task.base, limit)
    except NodeLimitError as refused:
        hint = (
            f"; predicted: {Decimal(refused.predicted) * Decimal(seconds):.3g} s of one processor"
        )
        raise NodeLimitError(refused.predicted, refused.limit, hint) from None


def _seconds_per_node(kernel: Kernel, rule: MomentRule | None, digits: int) -> float:
    """Predicted CPU seconds for a node of a product rule (it only chooses)."""
    bits = 4 * digits + 32
    if rule is not None:
        return slabs.seconds_per_node(len(rule.monomials), bits)
    return 1e-7 * kernel.operations * (1 + bits / 500)


def _balls(source: InputSource) -> Inputs:
    """Inputs at the current precision; anything but balls is refused."""
    inputs = provide(source)
    extra = [] if inputs.perpendicular_square is None else [inputs.perpendicular_square]
    teacher = inputs.teacher or TeacherInputs([], [], [])
    rows = [*inputs.means, *inputs.coordinates, inputs.weights, extra]
    for row in [*rows, *teacher.means, *teacher.coordinates, teacher.weights]:
        for value in row:
            if not isinstance(value, arb) or not value.is_finite():
                raise InputError("inputs", value, "finite balls (numerics.numbers.balls.ball)")
    return inputs


def _first_precision(
    task: _Task,
    shape: geometry.Geometry,
    goal: float,
    nodes: int,
    kernel: Kernel,
    norms: tuple[int, int],
) -> int:
    """Guess the precision: digits, size of the terms, accumulated rounding."""
    secants = BALL.constant(norms[0]), BALL.constant(norms[1])
    sizes = [majorant(BALL, p, shape.sizes, *secants) for p in task.programs]
    size = max((_log2(value) for value in sizes), default=0.0)
    exponent = _log2(1 + shape.reach * shape.reach)
    rounding = math.log2(nodes + kernel.operations)
    return max(math.ceil(goal / math.log(2) + max(size, 0.0) + exponent + rounding) + 4, 40)


def _log2(value: arb) -> float:
    """Binary logarithm of the upper end, as a float."""
    top = value.abs_upper()
    return 0.0 if top.is_zero() else float(top.log()) / math.log(2)


def _bound(task: _Task, inputs: Inputs, shape: geometry.Geometry, grid: product.Grid) -> arb:
    """Proved bound of truncation and discretisation, in balls."""
    programs = task.programs
    if not grid.plans:
        return arb(0)
    if len(grid.plans) > 1:
        return arb(product.error_bound(BALL, programs, inputs, shape, task.base, grid).abs_upper())
    plan = grid.plans[0]
    strip, real, envelope, real_envelope = geometry.strip_bounds(BALL, programs, shape, plan, 0)
    discretisation = discretisation_bound(
        BALL, plan, majorant=strip, centres=shape.centres, envelope=envelope
    )
    truncation = truncation_bound(
        BALL,
        left=shape.lows[0] - BALL.constant(plan.first * plan.step),
        right=BALL.constant(plan.last * plan.step) - shape.highs[0],
        majorant=real,
        centres=shape.centres,
        envelope=real_envelope,
    )
    return arb((discretisation + truncation).abs_upper())


def _sum(
    kernel: Kernel,
    rule: MomentRule | None,
    inputs: Inputs,
    base: Base,
    grid: product.Grid,
    shape: geometry.Geometry,
    bits: int,
    effort: Effort | None,
) -> tuple[list[arb], int]:
    """Trapezoid sum by the method that suits the inputs, and its number of nodes."""
    if not grid.plans:
        return sweep.single_node(BALL, kernel, inputs, base), 1
    # Progressions and moments amplify a width; the explicit rules do not, but take longer. What
    # matters is the absolute accuracy of coordinates.
    rows = [*inputs.coordinates, *inputs.means]
    rows += [*inputs.teacher.coordinates, *inputs.teacher.means] if inputs.teacher else []
    entries = [value for row in rows for value in row]
    if any(BALL.wide(1 + abs(value), bits + 14) for value in entries):
        if len(grid.plans) > 1:
            return boxes.box_sum(BALL, kernel, inputs, base, grid)
        plan = grid.plans[0]
        return boxes.line_box_sum(BALL, kernel, inputs, base, plan), plan.nodes
    summed = rule.kernel if rule else kernel
    if rule and len(grid.plans) > 1 and grid.nodes >= slabs.FEWEST_NODES:
        sums, nodes = slabs.slab_sum(
            BALL, rule.exponents, inputs, base, grid, bits, effort or Effort()
        )
    elif len(grid.plans) > 1:
        sums, nodes = product.product_sum(BALL, summed, inputs, base, grid)
    else:
        plan = grid.plans[0]
        ends = (BALL.to_float(shape.lows[0]), BALL.to_float(shape.highs[0]))
        sums = sweep.line_sum(BALL, summed, inputs, base, plan, bits, ends)
        nodes = plan.nodes
    return (rule.combine(BALL, kernel, inputs, sums) if rule else sums), nodes


def _collect(kernel: Kernel, sums: Sequence[arb], error: arb) -> list[Any]:
    """Arrays of enclosures; entries that vanish structurally are exactly zero."""
    results = [filled(shape, arb(0)) for shape in kernel.shapes]
    widening = arb(0, error)
    for (number, index, coefficient), total in zip(kernel.entries, sums, strict=True):
        results[number][index] = total * ball(coefficient) + widening
    kernel.mirror(results)
    return results


def _missing_bits(results: Sequence[Any], digits: int) -> float:
    """Bits by which the worst radius misses its goal (at most 0 if none does)."""
    worst = 0.0
    with precision(geometry.BOUND_BITS):
        goal = arb(10) ** (-digits)
        for array in results:
            for value in array.flat:
                if not value.is_finite():
                    return math.inf
                radius = value.rad()
                if radius <= goal or radius <= goal * value.abs_lower():
                    continue
                worst = max(worst, float((radius / goal).log()) / math.log(2), 1.0)
    return worst
