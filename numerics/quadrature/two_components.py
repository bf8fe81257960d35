r"""Two components: a kernel is a polynomial in one responsibility.

Let ``psi`` be the responsibility of the second component; the first one's is ``1 - psi``. A kernel
without logarithms is :math:`\sum_p c_p \psi^p` with coefficients that depend on means and weights
only: running the compiled kernel once on polynomials gives them. Its expectation is

.. math:: \sum_p c_p E[\psi^p], \qquad
          E_{N(0,1)}[\psi^p] = I_p = \int \varphi \sigma(Dx + L)^p dx .

Under the student, :math:`p(x) \psi(x) = \pi_1 N(x; s_1)`: :math:`E[\psi^p]` is ``pi_1`` times the
moment of order ``p - 1`` under one Gaussian, and :math:`E[\psi] = \pi_1` exactly. The moments come
from `numerics.quadrature.residues`; the cost of a node depends neither on the dimension nor on the
number of entries. An error of at most ``e`` in every moment is an error of at most
:math:`e \sum_p |c_p|` in the expectation.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any

from flint import arb_poly

from derive.algebra.program import Base, Program
from numerics.errors import NodeLimitError
from numerics.kernels.straight_line import Kernel, compile_kernel
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature import residues
from numerics.quadrature.inputs import Attempt, Inputs
from numerics.quadrature.line import constants
from numerics.quadrature.moments import PackedPolynomial
from numerics.quadrature.product import MAX_LINE_NODES
from numerics.quadrature.residue_plan import plan_pair
from numerics.quadrature.residues import Pair

#: Beyond this size of ``D`` or ``L`` the exponentials leave Arb's range; the plain rule takes over.
LARGEST = 2.0**40
#: In MPFR numbers farther means, or farther from the teacher, take the plain rule, ...
FAR = 1e4
#: ... and nearer ones, where coefficients of the polynomial cancel.
NEAR = 1e-3


class PlainRuleError(ArithmeticError):
    """The rule turns out not to serve."""


def applies(arithmetic: ScalarArithmetic, programs: Sequence[Program], inputs: Inputs) -> bool:
    """Whether the rule covers a request: two distinct components, one Gaussian, no logarithm."""
    if len(inputs.means) != 2 or inputs.rank != 1 or inputs.teacher is not None:
        return False
    if any(program.log_degree or "log_student" in program.inputs for program in programs):
        return False
    (first,), (second,) = inputs.coordinates
    separation = second - first
    if arithmetic.rigorous:
        return bool(separation > 0 or separation < 0)
    size = max(abs(value) for row in inputs.means for value in row)
    return bool(abs(separation) > NEAR * (1 + size) and size < FAR)


def reduced(arithmetic: ScalarArithmetic, inputs: Inputs, base: Base) -> Pair:
    r"""Reduce to one Gaussian at the origin.

    ``t = psi_0/psi_1 = (pi_0/pi_1) exp(-(s_1 - s_0)(x - (s_0 + s_1)/2))``, with the origin moved to
    ``s_1`` for base "student"; ``D`` may be replaced by ``|D|`` because the Gaussian is even.
    """
    (first,), (second,) = inputs.coordinates
    separation, logit = plain_logit(first, second, base)
    share = inputs.weights[1] / inputs.weights[0]
    odds = arithmetic.exp(-logit) / share
    return Pair(arithmetic, abs(separation), odds, logit + arithmetic.log(share))


def plain_logit(first: Any, second: Any, base: Base) -> tuple[Any, Any]:
    """``D`` (perhaps negative), and the part of ``L`` that does not come from the weights."""
    separation = second - first
    middle = (first + second) / 2
    return separation, separation * (second - middle if base == "student" else -middle)


def polynomials(arithmetic: ScalarArithmetic, kernel: Kernel, inputs: Inputs) -> list[list[Any]]:
    """Coefficients of every accumulator of a compiled kernel as a polynomial in ``psi_1``."""
    one, zero = arithmetic.constant(1), arithmetic.constant(0)
    psi = arb_poly([0, 1]) if arithmetic.rigorous else PackedPolynomial({1: one})
    zeros = [zero for _ in kernel.entries]
    totals = kernel.explicit([(one, [1 - psi, psi], None)], zeros, constants(arithmetic, inputs))
    return [_row(total, zero) for total in totals]


def _row(total: Any, zero: Any) -> list[Any]:
    """Coefficients from the constant one on; an accumulator may be a mere number."""
    if isinstance(total, PackedPolynomial):
        return [total.terms.get(k, zero) for k in range(max(total.terms, default=0) + 1)]
    return list(total) if isinstance(total, arb_poly) else [total]


def combine(
    arithmetic: ScalarArithmetic,
    coefficients: Sequence[Sequence[Any]],
    moments: Sequence[Any],
    base: Base,
    weight: Any,
) -> list[Any]:
    """Combine coefficients with the moments ``I_1, I_2, ...`` of the base's Gaussian."""
    one, zero = arithmetic.constant(1), arithmetic.constant(0)
    powers = [one, *moments]
    if base == "student":
        powers = [one, *(weight * value for value in powers)]
    return [sum(map(operator.mul, row, powers), zero) for row in coefficients]


def size(arithmetic: ScalarArithmetic, coefficients: Sequence[Sequence[Any]]) -> Any:
    """Bound ``sum |c|`` of the kernels on ``0 <= psi <= 1`` and of how moments' errors add up."""
    zero = arithmetic.constant(0)
    rows = (sum(map(arithmetic.upper, row), zero) for row in coefficients)
    return arithmetic.upper(reduce(arithmetic.maximum, rows, zero))


def first_bits(arithmetic: ScalarArithmetic, digits: int) -> int:
    """Working precision to begin with: the digits and room for rounding."""
    return math.ceil(digits * math.log2(10)) + (33 if arithmetic.rigorous else 48)


def attempt(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    base: Base,
    inputs: Inputs,
    *,
    digits: int,
    bits: int,
    max_nodes: int | None,
) -> Attempt:
    """Evaluate programs that `applies` accepts at a working precision.

    Raises
    ------
    PlainRuleError
        For boxes, and for distances at which exponentials leave Arb's range.
    NodeLimitError
        If nodes and poles are more than ``max_nodes``.
    """
    if any(arithmetic.wide(entry, bits) for row in inputs.means for entry in row):
        raise PlainRuleError("a box")
    columns = range(len(inputs.means[0]))
    zeros = (a for a in columns if all(arithmetic.is_zero(row[a]) for row in inputs.means))
    kernel = compile_kernel(programs, 2, len(columns), frozenset(zeros))
    coefficients = polynomials(arithmetic, kernel, inputs)
    largest = size(arithmetic, coefficients)
    target = -digits * math.log(10) - _margin(arithmetic, largest)

    power = max(map(len, coefficients), default=0) - (2 if base == "student" else 1)
    if power > 0:
        problem = reduced(arithmetic, inputs, base)
        moments, error, nodes, needed = pair_moments(problem, power, target, bits, max_nodes)
    else:
        moments, error, nodes, needed = [], arithmetic.rounding(2**10, bits), 1, 0
    sums = combine(arithmetic, coefficients, moments, base, inputs.weights[1])
    return Attempt(kernel, sums, (1 + largest) * error, nodes, needed)


def pair_moments(
    problem: Pair, power: int, target: float, bits: int, max_nodes: int | None
) -> tuple[list[Any], Any, int, int]:
    """Moments ``I_1 .. I_power``, accurate to ``exp(target)``, at ``bits`` bits.

    Returns
    -------
    moments : list of numbers
        None where more precision is needed.
    error : number
        0 if they enclose it.
    nodes : int
        Nodes and poles.
    needed : int
        Bits of working precision needed.

    Raises
    ------
    PlainRuleError, NodeLimitError
        As `attempt`.
    """
    arithmetic = problem.arithmetic
    none, needed = arithmetic.constant(0), math.ceil(-target / math.log(2)) + 8
    if needed > bits:
        return [], none, 0, needed
    if arithmetic.rigorous:
        constant = residues.saturated(problem, power, target)
        if constant is not None:
            return constant, none, 1, needed
        if not (problem.separation < LARGEST and abs(problem.logit) < LARGEST):
            raise PlainRuleError("too far")
    cost = residues.pole_cost(arithmetic, power)
    plan = plan_pair(target, problem.floats[0], power, cost)
    nodes = plan.nodes + plan.poles
    limit = MAX_LINE_NODES if max_nodes is None else max_nodes
    if nodes > limit:
        raise NodeLimitError(nodes, limit)
    roundings = residues.amplification(plan, problem)
    needed = math.ceil(-target / math.log(2) + 8 + math.log2(roundings))
    if needed > bits:
        return [], none, nodes, needed
    error = residues.bound(plan, problem, power)
    moments = residues.moments(plan, problem, power, bits, error)
    left = none if arithmetic.rigorous else error + arithmetic.rounding(roundings, bits)
    return moments, left, nodes, needed


def _margin(arithmetic: ScalarArithmetic, largest: Any) -> float:
    """By how much (a logarithm) moments must be better than the digits: half is for rounding."""
    if arithmetic.rigorous:
        zero = arithmetic.is_zero(largest)
        return math.log(2) + (0.0 if zero else max(float(arithmetic.log(largest)), 0.0))
    return math.log(4 * (1 + float(largest)))
