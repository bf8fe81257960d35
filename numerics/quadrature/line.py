"""Trapezoid sums shared by the scalar backends: plan, walk along lines, bound the error.

On a uniform grid everything exponential is a geometric progression: the terms
``t_j(x_k)/t_0(x_k)`` by one multiplication a node, the Gaussian weight by two. A walk starts at the
node nearest to the base's centres and goes outwards in both directions; where the weight has
dropped by ``b`` bits the working precision is ``b`` bits lower.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from derive.algebra.program import Base, Program
from numerics.errors import InputError
from numerics.kernels.straight_line import Kernel
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature.geometry import log_shift
from numerics.quadrature.inputs import Inputs, TeacherInputs
from numerics.quadrature.trapezoid import AxisPlan

#: No precision is saved below this, and no block is shorter than this.
_MIN_BITS = 128
_MIN_BLOCK = 48


def constants(arithmetic: ScalarArithmetic, inputs: Inputs) -> tuple[Any, ...]:
    """What the generated code unpacks first; of a mixture teacher means and weights follow."""
    teacher = inputs.teacher
    return (
        arithmetic.constant(1),
        arithmetic.constant(0),
        arithmetic.log,
        arithmetic.constant(inputs.dimension or len(inputs.means[0])),
        inputs.means,
        inputs.weights,
        lambda numerator, denominator: arithmetic.constant(Fraction(numerator, denominator)),
        *((teacher.means, teacher.weights) if teacher else ()),
    )


def line_state(
    arithmetic: ScalarArithmetic,
    inputs: Inputs,
    base: Base,
    x: Fraction,
    step: Fraction,
) -> tuple[list[Any], list[Any]]:
    """State and ratios of the progressions from ``x`` in steps of ``step`` (r = 1).

    State: weight ``|step| phi(x) t_0(x)`` (``t_0`` the first term of the base's mixture, 1 for one
    Gaussian), its quotient from this node to the next, ``log t_0(x)`` of the student, and
    ``t_j(x)/t_0(x)``; for a mixture teacher also its own ``t_j(x)/t_0(x)`` and ``log t_0(x)``.
    Ratios: what multiplies them (adds to the logarithms) at every step.
    """
    exp = arithmetic.exp
    point, signed = arithmetic.constant(x), arithmetic.constant(step)
    zero, one = arithmetic.constant(0), arithmetic.constant(1)
    centre = inputs.centres(base, zero)[0][0]
    scale = arithmetic.constant(abs(step)) / arithmetic.sqrt(2 * arithmetic.pi())
    offset = point - centre
    weight = scale * exp(-offset * offset / 2) * inputs.leading_weight(base, one)
    square = signed * signed
    logarithm, growth = _leading_logarithm(arithmetic, inputs, point, signed)
    state = [weight, exp(-(signed * offset) - square / 2)]
    state.append(logarithm + log_shift(arithmetic, inputs, base))
    ratios = [exp(-square), growth]
    _append_terms(arithmetic, inputs, point, signed, state, ratios)
    if inputs.teacher is not None:
        _append_terms(arithmetic, inputs.teacher, point, signed, state, ratios)
        logarithm, growth = _leading_logarithm(arithmetic, inputs.teacher, point, signed)
        state.append(logarithm)
        ratios.append(growth)
    return state, ratios


def _leading_logarithm(
    arithmetic: ScalarArithmetic, mixture: Inputs | TeacherInputs, point: Any, step: Any
) -> tuple[Any, Any]:
    """``log t_0`` at a point, and by how much it grows in a step."""
    first = mixture.coordinates[0][0]
    value = arithmetic.log(mixture.weights[0]) + point * first - first * first / 2
    return value, step * first


def _append_terms(
    arithmetic: ScalarArithmetic,
    mixture: Inputs | TeacherInputs,
    point: Any,
    step: Any,
    state: list[Any],
    ratios: list[Any],
) -> None:
    """``t_j/t_0`` at a point, and what multiplies them in a step."""
    first = mixture.coordinates[0][0]
    for (coordinate, *_), share in zip(mixture.coordinates[1:], mixture.weights[1:], strict=True):
        difference = coordinate - first
        middle = (coordinate + first) / 2
        grown = arithmetic.exp(difference * (point - middle))
        state.append(share / mixture.weights[0] * grown)
        ratios.append(arithmetic.exp(step * difference))


def line_sum(
    arithmetic: ScalarArithmetic,
    kernel: Kernel,
    inputs: Inputs,
    base: Base,
    plan: AxisPlan,
    bits: int,
    ends: tuple[float, float],
) -> list[Any]:
    """Sum of ``weight * kernel`` over the grid of one axis (r = 1), outwards from the middle."""
    middle = round(Fraction(sum(ends)) / 2 / plan.step)
    middle = min(max(middle, plan.first), plan.last)
    totals = [arithmetic.constant(0) for _ in kernel.entries]
    shared = constants(arithmetic, inputs)
    for start, count, sign in (
        (middle, plan.last - middle + 1, 1),
        (middle - 1, middle - plan.first, -1),
    ):
        state, ratios = line_state(arithmetic, inputs, base, start * plan.step, sign * plan.step)
        for done, length in _blocks(count, bits):
            x = float((start + sign * done) * plan.step)
            arithmetic.set_precision(_bits_at(x, ends, bits))
            zeros = [arithmetic.constant(0) for _ in totals]
            state, part = kernel.progression(length, state, ratios, zeros, shared)
            arithmetic.set_precision(bits)
            totals = [total + value for total, value in zip(totals, part, strict=True)]
    return totals


def _blocks(count: int, bits: int) -> Iterator[tuple[int, int]]:
    """``(first, length)`` of blocks with one working precision each."""
    length = count if bits <= _MIN_BITS else max(_MIN_BLOCK, count // 64)
    for done in range(0, count, max(length, 1)):
        yield done, min(length, count - done)


def _bits_at(x: float, ends: tuple[float, float], bits: int) -> int:
    """Bits that matter where the weight has dropped to ``exp(-distance^2/2)``."""
    distance = max(ends[0] - x, x - ends[1], 0.0)
    return max(bits - int(distance * distance / (2 * math.log(2))), min(bits, _MIN_BITS // 2))


def coincident_sum(
    arithmetic: ScalarArithmetic,
    kernel: Kernel,
    parts: Sequence[tuple[Any, Inputs]],
    base: Base,
) -> list[Any]:
    """Weighted sum of nodes where no direction is left: the responsibilities are the weights."""
    zeros = [arithmetic.constant(0) for _ in kernel.entries]
    nodes = [
        (share, list(inputs.weights), log_shift(arithmetic, inputs, base))
        + ((list(inputs.teacher.weights), arithmetic.constant(0)) if inputs.teacher else ())
        for share, inputs in parts
    ]
    result: list[Any] = kernel.explicit(nodes, zeros, constants(arithmetic, parts[0][1]))
    return result


def check_request(programs: Sequence[Program], digits: int) -> None:
    """Refuse what no scalar backend can do."""
    if not programs:
        raise InputError("programs", "none", "at least one kernel")
    if digits < 1:
        raise InputError("digits", digits, "an integer of at least 1")
