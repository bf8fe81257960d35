r"""Two components in MPFR numbers: the rule of `numerics.quadrature.residues`, estimated.

The same plan, moments and principal parts as in the ball backend; Taylor coefficients at the poles
by recurrence. Truncation and discretisation are bounded by the same formula, rounding is estimated.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from itertools import accumulate, repeat
from typing import Any

import gmpy2

from derive.algebra.laurent import principal_part
from derive.algebra.program import Base, Program
from numerics.errors import NodeLimitError
from numerics.kernels.straight_line import Kernel, compile_kernel
from numerics.quadrature.inputs import Inputs
from numerics.quadrature.moments import PackedPolynomial
from numerics.quadrature.product import MAX_LINE_NODES
from numerics.quadrature.residue_plan import PairPlan, plan_pair

#: Means farther apart, or farther from the teacher, take the plain rule.
LARGEST = 1e4
#: Nearer means, where coefficients of the polynomial cancel, take it too.
SMALLEST = 1e-3
#: Cost of a pole in nodes: complex arithmetic in the interpreter.
POLE_COST = 12.0

#: ``(kernel, accumulators, error estimate, nodes and poles)``.
Outcome = tuple[Kernel, list[Any], Any, int]


def applies(programs: Sequence[Program], inputs: Inputs) -> bool:
    """Two components on a line, at a moderate distance, no logarithm."""
    if len(inputs.means) != 2 or inputs.rank != 1 or inputs.teacher is not None:
        return False
    if any(program.log_degree or "log_student" in program.inputs for program in programs):
        return False
    (first,), (second,) = inputs.coordinates
    size = max(abs(value) for row in inputs.means for value in row)
    return bool(abs(second - first) > SMALLEST * (1 + size) and size < LARGEST)


def evaluate(
    programs: Sequence[Program],
    base: Base,
    source: Callable[[int], Inputs],
    digits: int,
    max_nodes: int | None,
) -> Outcome:
    """Expectations of programs that `applies` accepts.

    Parameters
    ----------
    programs, base
        Programs with a common base.
    source : callable
        Sets the precision to the given number of bits and makes the inputs.
    digits, max_nodes
        As in `numerics.evaluation.mpmath_backend.expectations`.
    """
    bits = math.ceil(digits * math.log2(10)) + 48
    while True:
        inputs = source(bits)
        columns = range(len(inputs.means[0]))
        zeros = frozenset(a for a in columns if all(row[a] == 0 for row in inputs.means))
        kernel = compile_kernel(programs, 2, len(columns), zeros)
        rows = _coefficients(kernel, inputs)
        sizes = (sum(abs(value) for value in row) for row in rows)
        size = float(max(sizes, default=0)) + 1  # no rows: a kernel that vanishes identically
        target = -digits * math.log(10) - math.log(4 * size)
        shift = 1 if base == "student" else 0
        power = max(map(len, rows), default=0) - 1 - shift
        if power <= 0:
            sums = [row[0] + (inputs.weights[1] * row[1] if len(row) > 1 else 0) for row in rows]
            return kernel, sums, gmpy2.mpfr(size) / 2 ** (bits - 10), 1
        separation, logit = _reduced(inputs, base)
        plan = plan_pair(target, float(separation), power, POLE_COST)
        _check(plan, max_nodes)
        # Rounding of the exponents: those of the odds are at most |L| + D T.
        exponent = 1 + abs(float(logit)) + float(separation) * plan.last * plan.step
        amplification = exponent * (plan.nodes + 40) * (2 + 1 / plan.step)
        needed = math.ceil(-target / math.log(2) + 8 + math.log2(amplification))
        if needed <= bits:
            break
        bits = needed
    moments = [gmpy2.mpfr(1), *_moments(plan, separation, logit, power)]
    if shift:
        moments = [gmpy2.mpfr(1), *(inputs.weights[1] * value for value in moments)]
    sums = [sum(map(operator.mul, row, moments), gmpy2.mpfr(0)) for row in rows]
    rounding = gmpy2.mpfr(size) * amplification / gmpy2.mpfr(2) ** bits
    error = size * _bound(plan, separation, power) + rounding
    return kernel, sums, error, plan.nodes + plan.poles


def _check(plan: PairPlan, max_nodes: int | None) -> None:
    """Refuse plans that need too many nodes."""
    limit = MAX_LINE_NODES if max_nodes is None else max_nodes
    if plan.nodes + plan.poles > limit:
        raise NodeLimitError(plan.nodes + plan.poles, limit)


def _coefficients(kernel: Kernel, inputs: Inputs) -> list[list[Any]]:
    """Every accumulator as a polynomial in the second responsibility."""
    one, zero = gmpy2.mpfr(1), gmpy2.mpfr(0)
    psi = PackedPolynomial({1: one})
    shared = (
        one,
        zero,
        None,
        gmpy2.mpfr(inputs.dimension or len(inputs.means[0])),
        inputs.means,
        inputs.weights,
        lambda numerator, denominator: gmpy2.mpfr(gmpy2.mpq(numerator, denominator)),
    )
    node = (one, [1 - psi, psi], None)
    outputs = kernel.explicit([node], [zero for _ in kernel.entries], shared)
    terms = [o.terms if isinstance(o, PackedPolynomial) else {0: o} for o in outputs]
    return [[t.get(k, zero) for k in range(max(t, default=0) + 1)] for t in terms]


def _reduced(inputs: Inputs, base: Base) -> tuple[Any, Any]:
    """``D`` and ``L``, see `numerics.quadrature.two_components.reduced`."""
    (first,), (second,) = inputs.coordinates
    separation = second - first
    centre = second if base == "student" else 0
    share = gmpy2.log(inputs.weights[1] / inputs.weights[0])
    return abs(separation), separation * (centre - (first + second) / 2) + share


def _bound(plan: PairPlan, separation: Any, power: int) -> Any:
    """Discretisation and truncation of a moment, see `numerics.quadrature.residue_plan`."""
    pi, height = gmpy2.const_pi(), gmpy2.mpfr(plan.height)
    angle = abs(separation * height - 2 * plan.poles * pi)
    growth = 1 if angle <= pi / 2 else gmpy2.sin(angle) ** -power
    line = 2 * gmpy2.exp(height * height / 2) * growth
    truncation = gmpy2.erfc(plan.last * plan.step / gmpy2.sqrt(gmpy2.mpfr(2)))
    return line / gmpy2.expm1(2 * pi * height / plan.step) + truncation


def _moments(plan: PairPlan, separation: Any, logit: Any, power: int) -> list[Any]:
    """``I_1 .. I_power``."""
    sums = _node_sums(plan, separation, logit, power)
    if not plan.poles:
        return sums
    scale, scaled = 4 * gmpy2.const_pi(), []
    for value in _taylor_sums(plan, separation, logit, power):
        scale = scale / separation
        scaled.append(scale * value)
    return [
        total
        + sum(value * c.numerator / c.denominator for value, c in zip(scaled, part, strict=False))
        for total, part in zip(sums, map(principal_part, range(1, power + 1)), strict=True)
    ]


def _node_sums(plan: PairPlan, separation: Any, logit: Any, power: int) -> list[Any]:
    """Sum ``h phi(kh) psi^p`` over the nodes, outwards from the middle."""
    zero, step, mul = gmpy2.mpfr(0), gmpy2.mpfr(plan.step), operator.mul
    square = step * step
    start = step / gmpy2.sqrt(2 * gmpy2.const_pi())
    factors = accumulate(repeat(gmpy2.exp(-square), plan.last), mul, initial=gmpy2.exp(-square / 2))
    weights = list(accumulate(factors, mul, initial=start))[: plan.last + 1]
    odds, totals = gmpy2.exp(-logit), [zero] * power
    for first in (0, 1):
        ratio = gmpy2.exp((2 * first - 1) * separation * step)
        powers = list(accumulate(repeat(ratio, plan.last), mul, initial=odds))
        psi = [1 / (1 + value) for value in powers[first:]]
        products = weights[first:]
        for p in range(power):
            products = list(map(mul, products, psi))
            totals[p] = totals[p] + sum(products, zero)
    return totals


def _taylor_sums(plan: PairPlan, separation: Any, logit: Any, power: int) -> list[Any]:
    """``sum_q Im g_{q,m}``: the Taylor coefficients at the poles, in closed form."""
    pi, step = gmpy2.const_pi(), gmpy2.mpfr(plan.step)
    kappa = gmpy2.mpc(0, 2 * pi / step)
    totals = [gmpy2.mpfr(0)] * power
    for number in range(plan.poles):
        pole = gmpy2.mpc(-logit, (2 * number + 1) * pi) / separation
        unit = gmpy2.exp(kappa * pole)
        factor = gmpy2.exp(-pole * pole / 2) * unit / gmpy2.sqrt(2 * pi)
        upper, lower, quotient = [gmpy2.mpc(1)], [1 - unit], [1 / (1 - unit)]
        rate = -unit
        for m in range(1, power):
            before = upper[m - 2] if m > 1 else 0
            upper.append(((kappa - pole) * upper[m - 1] - before) / m)
            rate = rate * kappa / m
            lower.append(rate)
            rest = sum(lower[i] * quotient[m - i] for i in range(1, m + 1))
            quotient.append((upper[m] - rest) / lower[0])
        totals = [t + (factor * q).imag for t, q in zip(totals, quotient, strict=True)]
    return totals
