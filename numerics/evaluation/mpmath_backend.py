"""Expectations at any precision for mpmath users, with an error estimate.

Numbers come in and go out as ``mpmath.mpf``; the loops run in gmpy2's MPFR numbers, which are
mpmath's arithmetic without its overhead. Truncation and discretisation are bounded by the same
formulas as in the ball backend, rounding is estimated from the number of operations and the size of
the terms: honest, but not a proof.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gmpy2
import mpmath

from derive.algebra.program import Base, Program
from numerics.errors import InputError
from numerics.kernels.straight_line import Kernel, compile_kernel
from numerics.numbers.mpfr import MP, mpfr_precision, to_mpf, to_mpfr
from numerics.quadrature import geometry, product
from numerics.quadrature import line as sweep
from numerics.quadrature import two_components_mpfr as mp_pair
from numerics.quadrature.inputs import (
    Expectations,
    Inputs,
    InputSource,
    TeacherInputs,
    filled,
    provide,
)
from numerics.quadrature.majorant import majorant
from numerics.quadrature.moments import moment_rule
from numerics.quadrature.trapezoid import AxisPlan, discretisation_bound, truncation_bound


def expectations(
    programs: Sequence[Program],
    inputs: InputSource,
    *,
    digits: int,
    max_nodes: int | None = None,
) -> Expectations:
    r"""Evaluate the expectations of all programs.

    Parameters
    ----------
    programs : sequence of Program
    inputs : Inputs or callable
        mpf numbers (or exact rationals); a callable is asked under the working precision.
    digits : int
        Absolute error :math:`10^{-digits} \max(1, |value|)`.
    max_nodes : int, optional
        Refuse larger grids; default `product.MAX_NODES`, on a line `product.MAX_LINE_NODES`.

    Returns
    -------
    Expectations
        mpf values at working precision (above ``digits``) and error estimates.

    Raises
    ------
    InputError
        If the rank exceeds 3.
    NodeLimitError
        If the grid needs more nodes than that.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from numerics.kernels import load_program
    >>> means = [[Fraction(-3, 4)], [Fraction(17, 8)]]
    >>> problem = Inputs(means, means, [Fraction(1, 2), Fraction(1, 2)])
    >>> loss = load_program("forward", "loss", "single")
    >>> result = expectations([loss], problem, digits=12)
    >>> mpmath.nstr(result.values[0].item(), 10), result.errors[0].item() < 1e-12
    ('0.8416298715', True)
    """
    sweep.check_request(programs, digits)
    values: list[Any] = [None] * len(programs)
    errors: list[Any] = [None] * len(programs)
    nodes = 0
    for base in ("teacher", "student"):
        positions = [i for i, program in enumerate(programs) if program.base == base]
        if positions:
            task = _Task(base, [programs[i] for i in positions], inputs, digits)
            with mpfr_precision(geometry.BOUND_BITS):
                results, bounds, used = task.run(max_nodes)
            nodes += used
            for position, value, error in zip(positions, results, bounds, strict=True):
                values[position], errors[position] = value, error
    return Expectations(tuple(values), tuple(errors), nodes)


@dataclass(frozen=True)
class _Task:
    """Programs with a common base."""

    base: Base
    programs: Sequence[Program]
    source: InputSource
    digits: int

    def run(self, max_nodes: int | None) -> tuple[list[Any], list[Any], int]:
        """``(values, errors, nodes)``."""
        goal = self.digits * math.log(10)
        inputs = self._inputs(geometry.BOUND_BITS)
        rank = inputs.rank
        geometry.check_teacher(self.programs, inputs)
        if rank > product.MAX_RANK:
            raise InputError(
                "backend", f"mpmath with an integral over {rank} dimensions", "float64 above 3"
            )
        if mp_pair.applies(self.programs, inputs):
            kernel, sums, error, used = mp_pair.evaluate(
                self.programs, self.base, self._inputs, self.digits, max_nodes
            )
            values, errors = _collect(kernel, sums, error)
            return values, errors, used
        inputs = self._inputs(geometry.bound_bits(MP, inputs))
        shifts = geometry.offsets(MP, self.programs, inputs, self.base)
        moved = geometry.recentred(MP, inputs, shifts)
        shape = geometry.measure(MP, moved, self.base)
        grid = product.product_grid(MP, self.programs, moved, shape, goal, self.base, max_nodes)
        plans = [plan for window in grid.windows for plan in window.plans]
        counts, teachers = (len(inputs.means), len(inputs.means[0])), shape.sizes.teachers
        kernel = compile_kernel(
            self.programs, *counts, shape.zero_columns, teachers, shape.zero_teachers
        )
        bound = self._bound(moved, shape, grid)
        rule = moment_rule(kernel, *counts, self.base == "student", grid.nodes, teachers)
        bits, rounding = self._precision(shape, plans, kernel, rule.norms if rule else (1, 1))
        bits += max((abs(shift).bit_length() for shift in shifts), default=0)
        MP.set_precision(bits)
        inputs = geometry.recentred(MP, self._inputs(bits), shifts)
        sums, used = self._sum(rule.kernel if rule else kernel, inputs, grid, shape, bits)
        if rule:
            sums = rule.combine(MP, kernel, inputs, sums)
        values, errors = _collect(kernel, sums, bound + rounding)
        return values, errors, used

    def _inputs(self, bits: int) -> Inputs:
        """Set the precision, and return the inputs as MPFR numbers."""
        MP.set_precision(bits)
        with mpmath.workprec(bits):
            inputs = provide(self.source)
            convert: Callable[[Any], list[list[Any]]] = lambda rows: [  # noqa: E731
                [to_mpfr(value) for value in row] for row in rows
            ]
            square, teacher = inputs.perpendicular_square, inputs.teacher
            if teacher is not None:
                teacher = TeacherInputs(
                    convert(teacher.means),
                    convert(teacher.coordinates),
                    [to_mpfr(weight) for weight in teacher.weights],
                )
            return replace(
                inputs,
                means=convert(inputs.means),
                coordinates=convert(inputs.coordinates),
                weights=[to_mpfr(weight) for weight in inputs.weights],
                perpendicular_square=None if square is None else to_mpfr(square),
                teacher=teacher,
            )

    def _bound(self, inputs: Inputs, shape: geometry.Geometry, grid: product.Grid) -> Any:
        """Truncation and discretisation, the formulas of the ball backend."""
        if not grid.plans:
            return MP.constant(0)
        if len(grid.plans) > 1:
            return product.error_bound(MP, self.programs, inputs, shape, self.base, grid)
        plan = grid.plans[0]
        strip, real, envelope, real_envelope = geometry.strip_bounds(
            MP, self.programs, shape, plan, 0
        )
        discretisation = discretisation_bound(
            MP, plan, majorant=strip, centres=shape.centres, envelope=envelope
        )
        return discretisation + truncation_bound(
            MP,
            left=shape.lows[0] - MP.constant(plan.first * plan.step),
            right=MP.constant(plan.last * plan.step) - shape.highs[0],
            majorant=real,
            centres=shape.centres,
            envelope=real_envelope,
        )

    def _precision(
        self,
        shape: geometry.Geometry,
        plans: Sequence[AxisPlan],
        kernel: Kernel,
        norms: tuple[int, int],
    ) -> tuple[int, Any]:
        """Working precision, and the rounding error estimated for it."""
        secants = tuple(map(MP.constant, norms))
        size = max(majorant(MP, program, shape.sizes, *secants) for program in self.programs)
        if kernel.logarithm:
            reach = shape.reach + max((max(-p.first, p.last) * p.step for p in plans), default=0)
            size = size * (1 + shape.reach * (reach + shape.reach) + abs(shape.shift))
        longest = max((plan.nodes for plan in plans), default=1)
        operations = kernel.operations + 4 * longest + 4 * (1 + shape.reach**2)
        amplification = operations * (size + 1)
        bits = max(
            math.ceil(self.digits * math.log2(10) + float(gmpy2.log2(amplification))) + 8, 53
        )
        return bits, gmpy2.div_2exp(amplification, bits)

    def _sum(
        self,
        kernel: Kernel,
        inputs: Inputs,
        grid: product.Grid,
        shape: geometry.Geometry,
        bits: int,
    ) -> tuple[list[Any], int]:
        """Trapezoid sum and the nodes it used."""
        plans = grid.plans
        if not plans:
            return sweep.single_node(MP, kernel, inputs, self.base), 1
        if len(plans) == 1:
            ends = (MP.to_float(shape.lows[0]), MP.to_float(shape.highs[0]))
            total = sweep.line_sum(MP, kernel, inputs, self.base, plans[0], bits, ends)
            return total, plans[0].nodes
        return product.product_sum(MP, kernel, inputs, self.base, grid)


def _collect(kernel: Kernel, sums: Sequence[Any], error: Any) -> tuple[list[Any], list[Any]]:
    """Arrays of values and errors; entries that vanish structurally are exactly zero."""
    zero, estimate = mpmath.mpf(0), to_mpf(error)
    values = [filled(shape, zero) for shape in kernel.shapes]
    errors = [filled(shape, zero) for shape in kernel.shapes]
    for (number, index, coefficient), total in zip(kernel.entries, sums, strict=True):
        values[number][index] = to_mpf(total * MP.constant(coefficient))
        errors[number][index] = estimate
    kernel.mirror(values)
    kernel.mirror(errors)
    return values, errors
