"""Expectations in balls or in MPFR numbers: one plan, one bound, one sum for both.

Floats choose the grid and the precision (`numerics.quadrature.trapezoid.plan_axis`); bounds of
truncation and discretisation are evaluated in the arithmetic itself. What rounding does is read off
a ball's radius, and the precision raised until it is small enough; in MPFR numbers it is estimated
from the number of operations and the size of the terms. Up to three dimensions (`product` above
one).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from itertools import chain
from typing import Any

from derive.algebra.program import Base, Program
from numerics.errors import InputError, NodeLimitError
from numerics.execution import Effort
from numerics.kernels.straight_line import Kernel, compile_kernel
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature import boxes, float_sums, geometry, narrow, product, slabs
from numerics.quadrature import line as sweep
from numerics.quadrature import two_components as pair
from numerics.quadrature.inputs import (
    Attempt,
    Expectations,
    Inputs,
    InputSource,
    converted,
    filled,
    provide,
)
from numerics.quadrature.majorant import majorant
from numerics.quadrature.moments import MomentRule, moment_rule
from numerics.quadrature.trapezoid import discretisation_bound, truncation_bound

#: Attempts at raising the working precision before the radius is taken as it is.
ATTEMPTS = 12


class NotInDoublesError(Exception):
    """Doubles do not serve, and nothing else was to be tried."""


#: Values, errors and number of nodes.
Found = tuple[list[Any], list[Any], int]


def expectations(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    source: InputSource,
    *,
    digits: int,
    max_nodes: int | None = None,
    effort: Effort | None = None,
    only_doubles: bool = False,
) -> Expectations:
    r"""Expectations of all programs, with their errors.

    Parameters
    ----------
    arithmetic : ScalarArithmetic
        ``BALL`` encloses; ``MP`` (MPFR numbers) bounds truncation and discretisation by the same
        formulas, and estimates rounding: honest, but not a proof.
    programs : sequence of Program
    source : Inputs or callable
        Balls; for ``MP`` mpf numbers or exact rationals. A callable is asked again whenever the
        working precision has been raised. Wide balls (boxes) are fine: the results enclose the
        values at every point.
    digits : int
        Absolute error :math:`10^{-digits} \max(1, |value|)`: for balls the working precision is
        raised until every radius is that small, or more precision no longer helps (boxes).
    max_nodes : int, optional
        Refuse larger grids; default `product.MAX_NODES`, on a line `product.MAX_LINE_NODES`.
    effort : Effort, optional
        Processes and a report for product rules in balls; without ``max_nodes`` its limit of time
        then takes the place of `product.MAX_NODES`.
    only_doubles : bool
        Sums by `numerics.quadrature.float_sums` alone, as accurate as they happen to be.

    Returns
    -------
    Expectations
        Balls that include all errors, and their radii; for ``MP`` mpf values at working precision
        (above ``digits``) and error estimates.

    Raises
    ------
    InputError
        If the rank exceeds 3, or a float is offered where a ball is needed.
    NodeLimitError
        If the grid needs more nodes than that.
    NotInDoublesError
        With ``only_doubles``.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from numerics.kernels import load_program
    >>> from numerics.numbers.balls import BALL
    >>> from numerics.numbers.mpfr import MP
    >>> loss, halves = load_program("forward", "loss"), [Fraction(1, 2)] * 2
    >>> means = [[Fraction(-3, 4)], [Fraction(17, 8)]]
    >>> result = expectations(MP, [loss], Inputs(means, means, halves), digits=12)
    >>> print(f"{float(result.values[0].item()):.10f}", result.errors[0].item() < 1e-12)
    0.8416298715 True
    >>> balls = converted(Inputs(means, means, halves), BALL.constant)
    >>> result = expectations(BALL, [loss], balls, digits=12)
    >>> print(result.values[0].item().str(10, radius=False), result.nodes < 120)
    0.8416298715 True
    """
    sweep.check_request(programs, digits)
    values: list[Any] = [None] * len(programs)
    errors: list[Any] = [None] * len(programs)
    nodes = 0
    bases: tuple[Base, ...] = ("teacher", "student")
    for base in bases:
        positions = [i for i, program in enumerate(programs) if program.base == base]
        if positions:
            chosen = [programs[i] for i in positions]
            task = _Task(arithmetic, base, chosen, source, digits, max_nodes, effort, only_doubles)
            with arithmetic.precision(geometry.BOUND_BITS):
                found, bounds, used = task.run()
            nodes += used
            for position, value, error in zip(positions, found, bounds, strict=True):
                values[position], errors[position] = value, error
    return Expectations(tuple(values), tuple(errors), nodes)


@dataclass(frozen=True)
class _Task:
    """Programs with a common base."""

    arithmetic: ScalarArithmetic
    base: Base
    programs: Sequence[Program]
    source: InputSource
    digits: int
    max_nodes: int | None
    effort: Effort | None
    only_doubles: bool

    def run(self) -> Found:
        """By the rule for two components where it serves, and by the trapezoid rule."""
        inputs = self._inputs(geometry.BOUND_BITS)
        if self.only_doubles:
            bits, attempt = self._plain(inputs)
            tried = attempt(self._inputs(bits), bits)
            return (*self._collect(tried), tried.nodes)
        geometry.check_teacher(self.programs, inputs)
        if inputs.rank > product.MAX_RANK:
            raise InputError(
                "backend",
                f"{self.arithmetic.name} with an integral over {inputs.rank} dimensions",
                f"at most {product.MAX_RANK} dimensions; float64 above",
            )
        if pair.applies(self.arithmetic, self.programs, inputs):
            try:
                return self._accurate(pair.first_bits(self.arithmetic, self.digits), self._pair)
            except pair.PlainRuleError:
                pass
        return self._accurate(*self._plain(inputs))

    def _inputs(self, bits: int) -> Inputs:
        """Set the precision, and read the inputs."""
        self.arithmetic.set_precision(bits)
        return converted(provide(self.source), self.arithmetic.number)

    def _accurate(self, bits: int, attempt: Callable[[Inputs, int], Attempt]) -> Found:
        """Raise the precision until the radii are small enough."""
        previous = math.inf
        for _ in range(ATTEMPTS):
            inputs = self._inputs(bits)
            tried = attempt(inputs, bits)
            while tried.needed > bits:
                bits = tried.needed
                inputs = self._inputs(bits)
                tried = attempt(inputs, bits)
            values, errors = self._collect(tried)
            entries = chain.from_iterable(array.flat for array in values)
            missing = self.arithmetic.missing_bits(entries, self.digits)
            if missing <= 0 or missing > previous - 8:  # reached, or precision does not help
                break
            if any(self.arithmetic.wide(value, bits) for row in inputs.means for value in row):
                break
            previous = missing
            bits += int(missing) + 16 if math.isfinite(missing) else bits
        return values, errors, tried.nodes

    def _collect(self, tried: Attempt) -> tuple[list[Any], list[Any]]:
        """Arrays of values and errors; entries that vanish structurally are exactly zero."""
        a, kernel = self.arithmetic, tried.kernel
        zero, none = a.result(a.constant(0), a.constant(0))
        values = [filled(shape, zero) for shape in kernel.shapes]
        errors = [filled(shape, none) for shape in kernel.shapes]
        widening = a.symmetric(tried.error)
        for (number, index, coefficient), total in zip(kernel.entries, tried.sums, strict=True):
            value = total * a.constant(coefficient) + widening
            values[number][index], errors[number][index] = a.result(value, tried.error)
        kernel.mirror(values)
        kernel.mirror(errors)
        return values, errors

    def _pair(self, inputs: Inputs, bits: int) -> Attempt:
        """The rule for two components."""
        return pair.attempt(
            self.arithmetic,
            self.programs,
            self.base,
            inputs,
            digits=self.digits,
            bits=bits,
            max_nodes=self.max_nodes,
        )

    def _plain(self, inputs: Inputs) -> tuple[int, Callable[[Inputs, int], Attempt]]:
        """Plan the trapezoid rule: the precision to begin with, and its sum at any precision."""
        a = self.arithmetic
        inputs = self._inputs(geometry.bound_bits(a, inputs))
        shifts = geometry.offsets(a, self.programs, inputs, self.base)
        moved = geometry.recentred(a, inputs, shifts)
        whole = geometry.measure(a, moved, self.base)
        axes = self._narrow(moved, whole)
        moved = narrow.wide_part(moved, axes)
        shape = geometry.measure(a, moved, self.base) if axes else whole
        counts, teachers = (len(inputs.means), len(inputs.means[0])), shape.sizes.teachers
        kernel = compile_kernel(
            self.programs, *counts, shape.zero_columns, teachers, shape.zero_teachers
        )
        lines = math.prod(axis.nodes for axis in axes)
        grid = self._grid(moved, shape, kernel, lines)
        bound = self._bound(moved, shape, grid)
        if axes:
            bound = bound + a.upper(narrow.narrow_bound(a, self.programs, whole, axes))
        slabbed = a.rigorous and moved.rank > 1 and grid.nodes >= slabs.FEWEST_NODES
        student = self.base == "student"
        rule = moment_rule(kernel, *counts, student, lines * grid.nodes, teachers, slabbed)
        amplification = self._amplification(shape, grid, kernel, rule.norms if rule else (1, 1))
        least, guard = (40, 4) if a.rigorous else (53, 8)
        needed = self.digits * math.log2(10) + a.to_float(a.log(amplification)) / math.log(2)
        bits = max(math.ceil(needed) + guard, least)
        error = bound + a.rounding(amplification, bits)
        bits += max((abs(shift).bit_length() for shift in shifts), default=0)

        def attempt(inputs: Inputs, bits: int) -> Attempt:
            moved = geometry.recentred(a, inputs, shifts)
            parts = narrow.at_nodes(a, moved, axes, bits)
            quick = self._in_doubles(kernel, parts, grid, error)
            if quick is None and self.only_doubles:
                raise NotInDoublesError
            sums, nodes = quick or self._sum(kernel, rule, parts, grid, shape, bits)
            return Attempt(kernel, sums, error, nodes)

        return bits, attempt

    def _narrow(self, inputs: Inputs, shape: geometry.Geometry) -> tuple[narrow.NarrowAxis, ...]:
        """Axes with a Gauss-Hermite rule instead of a grid."""
        a = self.arithmetic
        if not narrow.applies(a, self.programs, inputs, self.base):
            return ()
        return narrow.narrow_axes(a, self.programs, shape, self.digits * math.log(10))

    def _in_doubles(
        self, kernel: Kernel, parts: narrow.Parts, grid: product.Grid, error: Any
    ) -> tuple[list[Any], int] | None:
        """Sums in doubles with proved errors; None where they are not accurate enough."""
        a = self.arithmetic
        if not a.rigorous or self.base != "teacher":
            return None
        if not float_sums.serves(kernel, parts[0][1], self.digits, grid.nodes):
            return None
        progress = self.effort.progress if self.effort else None
        try:
            sums, nodes = narrow.total(
                parts, lambda inputs: float_sums.float_sum(a, kernel, inputs, grid, progress)
            )
        except float_sums.FloatRangeError:
            return None
        widening = a.symmetric(error)
        values = [
            total * a.constant(coefficient) + widening
            for (_, _, coefficient), total in zip(kernel.entries, sums, strict=True)
        ]
        accurate = self.only_doubles or a.missing_bits(values, self.digits) <= 0
        return (sums, nodes) if accurate else None

    def _grid(
        self, inputs: Inputs, shape: geometry.Geometry, kernel: Kernel, lines: int
    ) -> product.Grid:
        """Plan the grid, which is used so many times; an effort may allow more nodes in balls."""
        a, goal, limit = self.arithmetic, self.digits * math.log(10), self.max_nodes
        arguments = (a, self.programs, inputs, shape, goal, self.base)
        if inputs.rank < 2 or not a.rigorous:
            return product.product_grid(*arguments, limit, lines)
        counts, teachers = (len(inputs.means), len(inputs.means[0])), shape.sizes.teachers
        rule = moment_rule(kernel, *counts, self.base == "student", 1, teachers, True)
        seconds = _seconds_per_node(kernel, rule, self.digits)
        if limit is None and self.effort is not None:
            limit = max(product.MAX_NODES, int(self.effort.most_seconds / seconds))
        try:
            return product.product_grid(*arguments, limit, lines)
        except NodeLimitError as refused:
            total = Decimal(refused.predicted) * Decimal(seconds)
            hint = f"; predicted: {total:.3g} s of one processor"
            raise NodeLimitError(refused.predicted, refused.limit, hint) from None

    def _bound(self, inputs: Inputs, shape: geometry.Geometry, grid: product.Grid) -> Any:
        """Bound of truncation and discretisation, proved in balls."""
        a = self.arithmetic
        if not grid.plans:
            return a.constant(0)
        if len(grid.plans) > 1:
            return a.upper(product.error_bound(a, self.programs, inputs, shape, self.base, grid))
        plan = grid.plans[0]
        strip = geometry.strip_bound(a, self.programs, shape, plan.strip, 0)
        discretisation = discretisation_bound(a, plan, strip)
        truncation = truncation_bound(
            a,
            left=shape.lows[0] - a.constant(plan.first * plan.step),
            right=a.constant(plan.last * plan.step) - shape.highs[0],
            bound=geometry.real_bound(a, self.programs, shape),
        )
        return a.upper(discretisation + truncation)

    def _amplification(
        self,
        shape: geometry.Geometry,
        grid: product.Grid,
        kernel: Kernel,
        norms: tuple[int, int],
    ) -> Any:
        """Units of rounding in the sums: a guess in balls, from above in MPFR numbers."""
        a, reach = self.arithmetic, shape.reach
        secants = a.constant(norms[0]), a.constant(norms[1])
        size = reduce(a.maximum, [majorant(a, p, shape.sizes, *secants) for p in self.programs])
        if a.rigorous:
            terms = a.maximum(size, a.constant(1)) * (1 + reach * reach)
            return terms * (grid.nodes + kernel.operations)
        plans = [plan for window in grid.windows for plan in window.plans]
        if kernel.logarithm:
            ends = reach + max((max(-p.first, p.last) * p.step for p in plans), default=0)
            size = size * (1 + reach * (ends + reach) + abs(shape.shift))
        longest = max((plan.nodes for plan in plans), default=1)
        return (kernel.operations + 4 * longest + 4 * (1 + reach**2)) * (size + 1)

    def _sum(
        self,
        kernel: Kernel,
        rule: MomentRule | None,
        parts: narrow.Parts,
        grid: product.Grid,
        shape: geometry.Geometry,
        bits: int,
    ) -> tuple[list[Any], int]:
        """Sum over all parts by the method that suits the inputs, and its number of nodes."""
        a, base, inputs = self.arithmetic, self.base, parts[0][1]
        # Progressions and moments amplify a width; the explicit rules do not, but take longer. What
        # matters is the absolute accuracy of coordinates.
        rows = [*inputs.coordinates, *inputs.means]
        rows += [*inputs.teacher.coordinates, *inputs.teacher.means] if inputs.teacher else []
        wide = any(a.wide(1 + abs(value), bits + 14) for row in rows for value in row)
        summed = rule.kernel if rule and not wide else kernel
        if not grid.plans:
            sums, nodes = sweep.coincident_sum(a, summed, parts, base), len(parts)
        else:

            def one(inputs: Inputs) -> tuple[list[Any], int]:
                if wide:
                    return boxes.box_sum(a, kernel, inputs, base, grid)
                return self._grid_sum(summed, rule, inputs, grid, shape, bits)

            sums, nodes = narrow.total(parts, one)
        return (rule.combine(a, kernel, inputs, sums) if rule and not wide else sums), nodes

    def _grid_sum(
        self,
        summed: Kernel,
        rule: MomentRule | None,
        inputs: Inputs,
        grid: product.Grid,
        shape: geometry.Geometry,
        bits: int,
    ) -> tuple[list[Any], int]:
        """Trapezoid sum of a kernel or of a rule's monomials."""
        a, base, plan = self.arithmetic, self.base, grid.plans[0]
        if len(grid.plans) == 1:
            ends = (a.to_float(shape.lows[0]), a.to_float(shape.highs[0]))
            return sweep.line_sum(a, summed, inputs, base, plan, bits, ends), plan.nodes
        if rule and a.rigorous and grid.nodes >= slabs.FEWEST_NODES:
            effort = self.effort or Effort()
            return slabs.slab_sum(a, rule.exponents, inputs, base, grid, bits, effort)
        return product.product_sum(a, summed, inputs, base, grid)


def _seconds_per_node(kernel: Kernel, rule: MomentRule | None, digits: int) -> float:
    """Predicted CPU seconds for a node of a product rule (it only chooses)."""
    bits = 4 * digits + 32
    if rule is not None:
        return slabs.seconds_per_node(len(rule.monomials), bits)
    return 1e-7 * kernel.operations * (1 + bits / 500)
