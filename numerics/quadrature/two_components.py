r"""Two components in balls: a kernel is a polynomial in one responsibility.

Let ``psi`` be the responsibility of the second component; the first one's is ``1 - psi``. A kernel
without logarithms is :math:`\sum_p c_p \psi^p` with coefficients that depend on means and weights
only: running the compiled kernel once on Arb's polynomials gives them. Its expectation is

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
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import flint
from flint import arb, arb_poly

from derive.algebra.program import Base, Program
from numerics.errors import NodeLimitError
from numerics.kernels.straight_line import Kernel, compile_kernel
from numerics.numbers.balls import ball
from numerics.quadrature import residues
from numerics.quadrature.inputs import Inputs
from numerics.quadrature.product import MAX_LINE_NODES
from numerics.quadrature.residue_plan import plan_pair
from numerics.quadrature.residues import Pair

#: Beyond this size of ``D`` or ``L`` the exponentials leave Arb's range; the plain rule takes over.
LARGEST = 2.0**40
#: Attempts at raising the working precision.
ATTEMPTS = 12
#: A ball with so many bits less than the working precision is a box, not a rounded number.
BOX_BITS = 24


def applies(programs: Sequence[Program], inputs: Inputs) -> bool:
    """Whether the rule covers a request: two distinct components, one Gaussian, no logarithm."""
    if len(inputs.means) != 2 or inputs.rank != 1 or inputs.teacher is not None:
        return False
    if any(program.log_degree or "log_student" in program.inputs for program in programs):
        return False
    (first,), (second,) = inputs.coordinates
    separation = second - first
    return bool(separation > 0 or separation < 0)


def reduced(inputs: Inputs, base: Base) -> Pair:
    r"""Reduce to one Gaussian at the origin.

    ``t = psi_0/psi_1 = (pi_0/pi_1) exp(-(s_1 - s_0)(x - (s_0 + s_1)/2))``, with the origin moved to
    ``s_1`` for base "student"; ``D`` may be replaced by ``|D|`` because the Gaussian is even.
    """
    (first,), (second,) = inputs.coordinates
    separation = second - first
    centre = second if base == "student" else arb(0)
    share = inputs.weights[1] / inputs.weights[0]
    logit = separation * (centre - (first + second) / 2)
    return Pair(abs(separation), (-logit).exp() / share, logit + share.log())


def polynomials(kernel: Kernel, inputs: Inputs) -> list[list[arb]]:
    """Coefficients of every accumulator of a compiled kernel as a polynomial in ``psi_1``."""
    one, zero = arb(1), arb(0)
    psi = arb_poly([0, 1])
    shared = (
        one,
        zero,
        None,
        arb(inputs.dimension or len(inputs.means[0])),
        inputs.means,
        inputs.weights,
        lambda numerator, denominator: ball(Fraction(numerator, denominator)),
    )
    zeros = [zero for _ in kernel.entries]
    totals = kernel.explicit([(one, [1 - psi, psi], None)], zeros, shared)
    return [list(t) if isinstance(t, arb_poly) else [t] for t in totals]


def combine(
    coefficients: Sequence[Sequence[arb]], moments: Sequence[arb], base: Base, weight: arb
) -> list[arb]:
    """Combine coefficients with the moments ``I_1, I_2, ...`` of the base's Gaussian."""
    powers = [arb(1), *moments]
    if base == "student":
        powers = [arb(1), *(weight * value for value in powers)]
    return [_dot(row, powers) for row in coefficients]


def _dot(row: Sequence[arb], powers: Sequence[arb]) -> arb:
    """Product of coefficients and moments, as many as there are."""
    return sum(map(operator.mul, row, powers), arb(0))


def size(coefficients: Sequence[Sequence[arb]]) -> arb:
    """Bound ``sum |c|`` of the kernels on ``0 <= psi <= 1`` and of how moments' errors add up."""
    largest = arb(0)
    for row in coefficients:
        largest = largest.max(sum((value.abs_upper() for value in row), arb(0)))
    return largest.abs_upper()


def enclose(
    programs: Sequence[Program],
    base: Base,
    source: Callable[[], Inputs],
    *,
    digits: int,
    max_nodes: int | None,
    collect: Callable[[Kernel, Sequence[arb], arb], list[Any]],
    missing_bits: Callable[[Sequence[Any], int], float],
) -> tuple[list[Any], int] | None:
    """Enclose the expectations of programs that `applies` accepts.

    ``None`` for boxes, and for distances at which exponentials leave Arb's range.

    Parameters
    ----------
    programs, base
        Programs with a common base.
    source : callable
        Makes the inputs at the current precision.
    digits, max_nodes
        As in `numerics.evaluation.ball_backend.expectations`.
    collect, missing_bits : callable
        The ball backend's own: arrays from accumulators, and how far radii miss the goal.

    Returns
    -------
    (arrays, number of nodes and poles), or None
    """
    goal = digits * math.log(10) + math.log(2)
    bits = math.ceil(goal / math.log(2)) + 32
    previous = math.inf
    for _ in range(ATTEMPTS):
        flint.ctx.prec = bits
        inputs = source()
        if any(_box(entry, bits) for row in inputs.means for entry in row):
            return None
        kernel = compile_kernel(programs, 2, len(inputs.means[0]), _zero_columns(inputs))
        coefficients = polynomials(kernel, inputs)
        target = -goal - max(_log(size(coefficients)), 0.0)
        found = _sums(coefficients, inputs, base, target, bits, max_nodes)
        if found is None:
            return None
        sums, nodes, needed = found
        if needed > bits:
            bits = needed
            continue
        results = collect(kernel, sums, arb(0))
        missing = missing_bits(results, digits)
        if missing <= 0 or missing > previous - 8:
            break
        previous = missing
        bits += int(missing) + 16 if math.isfinite(missing) else bits
    return results, nodes


def _sums(
    coefficients: Sequence[Sequence[arb]],
    inputs: Inputs,
    base: Base,
    target: float,
    bits: int,
    max_nodes: int | None,
) -> tuple[list[arb], int, int] | None:
    """Expectations of the polynomials, nodes and poles, and the precision that is needed.

    ``None`` where the exponentials leave Arb's range.
    """
    power = max(map(len, coefficients), default=0) - (2 if base == "student" else 1)
    if power <= 0:
        return combine(coefficients, [], base, inputs.weights[1]), 1, 0
    problem = reduced(inputs, base)
    needed = math.ceil(-target / math.log(2)) + 8
    if needed > bits:
        return [], 0, needed
    constant = residues.saturated(problem, power, target)
    if constant is not None:
        return combine(coefficients, constant, base, inputs.weights[1]), 1, needed
    if not (problem.separation < LARGEST and abs(problem.logit) < LARGEST):
        return None
    plan = plan_pair(target, float(problem.separation.mid()), power, residues.pole_cost(power))
    nodes = plan.nodes + plan.poles
    limit = MAX_LINE_NODES if max_nodes is None else max_nodes
    if nodes > limit:
        raise NodeLimitError(nodes, limit)
    needed = math.ceil(-target / math.log(2) + residues.guard_bits(plan))
    if needed > bits:
        return [], nodes, needed
    error = residues.bound(plan, problem, power)
    moments = residues.moments(plan, problem, power, bits, error)
    return combine(coefficients, moments, base, inputs.weights[1]), nodes, needed


def _box(value: arb, bits: int) -> bool:
    """Whether a radius is much larger than rounding explains."""
    return not value.is_exact() and value.rel_accuracy_bits() < bits - BOX_BITS


def _zero_columns(inputs: Inputs) -> frozenset[int]:
    """Coordinates in which every mean is exactly zero."""
    columns = range(len(inputs.means[0]))
    return frozenset(a for a in columns if all(row[a].is_zero() for row in inputs.means))


def _log(value: arb) -> float:
    """Natural logarithm of a bound, as a float; 0 for 0."""
    return 0.0 if value.is_zero() else float(value.log())
