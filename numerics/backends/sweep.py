"""Trapezoid sums shared by the scalar backends: plan, walk along lines, bound the error.

On a uniform grid everything exponential is a geometric progression: the terms
``t_j(x_k)/t_0(x_k)`` by one multiplication a node, the Gaussian weight by two. A walk starts at the
node nearest to the base's centres and goes outwards in both directions; where the weight has
dropped by ``b`` bits the working precision is ``b`` bits lower.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import Any, Protocol

from derive.program import Base, Program
from numerics.backends.base import Inputs
from numerics.backends.emit import Kernel
from numerics.errors import InputError
from numerics.majorant import Sizes, logarithm_envelope, majorant, reads_logarithm, secant
from numerics.quadrature import AxisPlan, BoundArithmetic, Envelope, plan_axis

#: Bits of the arithmetic in which bounds are evaluated.
BOUND_BITS = 64
#: No precision is saved below this, and no block is shorter than this.
_MIN_BITS = 128
_MIN_BLOCK = 48


class ScalarArithmetic(BoundArithmetic, Protocol):
    """A number type for sweeps: the bounds' operations and the working precision."""

    def set_precision(self, bits: int) -> None:
        """Set the working precision; the backend restores the caller's on exit."""

    def to_float(self, value: Any) -> float:
        """Return a float near an upper bound of the value (it only ever chooses)."""

    def nearest_integer(self, value: Any) -> int:
        """Return an integer near the value (it only ever chooses)."""

    def is_zero(self, value: Any) -> bool:
        """Whether the value is exactly zero."""

    def wide(self, value: Any, bits: int) -> bool:
        """Whether the value is a ball much wider than the working precision explains."""


@dataclass(frozen=True)
class Geometry:
    """What planning and bounds need, in bound precision."""

    sizes: Sizes
    spreads: tuple[Any, ...]
    lows: tuple[Any, ...]
    highs: tuple[Any, ...]
    radius: Any
    centres: Any
    shift: Any
    zero_columns: frozenset[int]


def bound_bits(arithmetic: ScalarArithmetic, inputs: Inputs) -> int:
    """Bits at which differences of the coordinates are known to about ``2^-64``."""
    largest = arithmetic.constant(1)
    for row in inputs.coordinates:
        for value in row:
            largest = arithmetic.maximum(largest, arithmetic.upper(value))
    return BOUND_BITS + math.ceil(_log(arithmetic, largest) / math.log(2))


def offsets(
    arithmetic: ScalarArithmetic, programs: Sequence[Program], inputs: Inputs, base: Base
) -> tuple[int, ...]:
    """Integers by which `recentred` moves the coordinates of a student far from the origin.

    The mean of a kernel of responsibilities under the student does not change when all coordinates
    move together; a logarithm's would.
    """
    result = []
    for axis in range(inputs.rank if base == "student" else 0):
        column = [row[axis] for row in inputs.coordinates]
        middle = (
            reduce(arithmetic.maximum, column) - reduce(arithmetic.maximum, [-v for v in column])
        ) / 2
        size = abs(arithmetic.to_float(middle))
        if reads_logarithm(programs) and size > 1e9:
            raise InputError("means", f"a coordinate of about {size:g}", "numbers below 1e9")
        far = size > 16 and not reads_logarithm(programs)
        result.append(arithmetic.nearest_integer(middle) if far else 0)
    return tuple(result)


def recentred(arithmetic: ScalarArithmetic, inputs: Inputs, shifts: Sequence[int]) -> Inputs:
    """Inputs with ``shifts`` subtracted from the coordinates (the means stay)."""
    if not any(shifts):
        return inputs
    moved = [
        [value - arithmetic.constant(shift) for value, shift in zip(row, shifts, strict=True)]
        for row in inputs.coordinates
    ]
    return replace(inputs, coordinates=moved)


def geometry(arithmetic: ScalarArithmetic, inputs: Inputs, base: Base) -> Geometry:
    """Collect bounds of the mixture's sizes; ``low``/``high`` are the base's centres."""
    upper, largest = arithmetic.upper, arithmetic.maximum
    coordinates = range(len(inputs.means[0]))
    sizes = [reduce(largest, [upper(row[a]) for row in inputs.means]) for a in coordinates]
    zero = arithmetic.constant(0)
    columns = [[row[axis] for row in inputs.coordinates] for axis in range(inputs.rank)]
    highs = [reduce(largest, column) for column in columns]
    lows = [-reduce(largest, [-value for value in column]) for column in columns]
    spreads = tuple(upper(high - low) for high, low in zip(highs, lows, strict=True))
    square = sum((upper(c) ** 2 for c in map(largest, highs, [-low for low in lows])), zero)
    radius = upper(arithmetic.sqrt(square))
    perpendicular = inputs.perpendicular(zero)
    student = base == "student"
    return Geometry(
        sizes=Sizes(len(inputs.means), sizes, inputs.dimension or len(sizes)),
        spreads=spreads,
        lows=tuple(lows) if student else tuple(zero for _ in lows),
        highs=tuple(highs) if student else tuple(zero for _ in highs),
        radius=radius,
        centres=radius if student else zero,
        shift=perpendicular / 2 if student else -perpendicular / 2,
        zero_columns=frozenset(
            a for a in coordinates if all(arithmetic.is_zero(row[a]) for row in inputs.means)
        ),
    )


def log_shift(arithmetic: ScalarArithmetic, inputs: Inputs, base: Base) -> Any:
    r"""Return what ``log_student`` has besides ``log sum_j pi_j exp(x.s_j - |s_j|^2/2)``.

    ``log_student = log sum_j pi_j exp(x.v_j - |v_j|^2/2)``; with ``v_j = s_j + p`` this is the sum
    above plus ``x.p - |p|^2/2``, and ``x.p`` has mean 0 under the teacher, ``|p|^2`` under the
    student, independently of everything else (the kernel has degree 1 in the logarithm).
    """
    half = inputs.perpendicular(arithmetic.constant(0)) / 2
    return half if base == "student" else -half


def plan_grid(
    arithmetic: ScalarArithmetic, programs: Sequence[Program], shape: Geometry, target_log: float
) -> tuple[AxisPlan, ...]:
    """Plan every axis so that the sum of the errors is below ``exp(target_log)``."""
    logarithmic = reads_logarithm(programs)
    bound = _interpolated(arithmetic, programs, shape)
    axes = len(shape.spreads)
    share = target_log - math.log(max(axes, 1))
    plans = []
    for axis in range(axes):
        spread = arithmetic.to_float(shape.spreads[axis])
        low, high = (arithmetic.to_float(ends[axis]) for ends in (shape.lows, shape.highs))
        growth = 0.0
        if logarithmic:
            reach = max(abs(low), abs(high)) + math.sqrt(2 * max(bound(0.0) - share, 1.0)) + 2
            radius = arithmetic.to_float(shape.radius)
            constant = abs(arithmetic.to_float(shape.shift))
            growth = math.log(4 + radius * (2 * reach + radius) + constant)
        plans.append(plan_axis(share, spread, low, high, _on_strip(bound, spread, growth)))
    return tuple(plans)


def _on_strip(
    bound: Callable[[float], float], spread: float, growth: float
) -> Callable[[float], float]:
    """``log_majorant(strip)`` from a bound as a function of ``log S``."""
    return lambda strip: growth + bound(-math.log(math.cos(min(strip * spread / 2, 1.5707963))))


_KNOTS = (0.0, 1.5, 5.0, 12.0)


def _interpolated(
    arithmetic: ScalarArithmetic, programs: Sequence[Program], shape: Geometry
) -> Callable[[float], float]:
    """Logarithm of the majorant as a function of ``log S``.

    It is convex (the majorant is a maximum of polynomials in ``S`` with nonnegative coefficients),
    so chords between a few knots lie above it; for planning that is all that is needed.
    """
    values = []
    for knot in _KNOTS:
        secant_value = arithmetic.exp(arithmetic.constant(Fraction(knot)))
        bounds = (majorant(arithmetic, p, shape.sizes, secant_value) for p in programs)
        value = arithmetic.upper(reduce(arithmetic.maximum, bounds))
        values.append(-700.0 if arithmetic.is_zero(value) else _log(arithmetic, value))

    def at(log_secant: float) -> float:
        index = 0
        while index < len(_KNOTS) - 2 and log_secant > _KNOTS[index + 1]:
            index += 1
        slope = (values[index + 1] - values[index]) / (_KNOTS[index + 1] - _KNOTS[index])
        return values[index] + slope * (log_secant - _KNOTS[index])

    return at


def _log(arithmetic: ScalarArithmetic, value: Any) -> float:
    """Logarithm of a positive number as a float."""
    return arithmetic.to_float(arithmetic.log(value))


def strip_bounds(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    shape: Geometry,
    plan: AxisPlan,
    axis: int,
) -> tuple[Any, Any, Envelope | None, Envelope | None]:
    """``(F, F on the real line, envelope, envelope on the real line)``, re-evaluated rigorously."""
    strip = arithmetic.constant(Fraction(plan.strip))
    spread = shape.spreads[axis]
    sec = secant(arithmetic, strip, spread)
    one, zero = arithmetic.constant(1), arithmetic.constant(0)
    bounds = [
        reduce(arithmetic.maximum, [majorant(arithmetic, p, shape.sizes, s) for p in programs])
        for s in (sec, one)
    ]
    if not reads_logarithm(programs):
        return bounds[0], bounds[1], None, None
    envelopes = [
        logarithm_envelope(
            arithmetic,
            strip=a,
            theta=a * spread,
            secant_value=s,
            radius=shape.radius,
            constant=shape.shift,
        )
        for a, s in ((strip, sec), (zero, one))
    ]
    return bounds[0], bounds[1], envelopes[0], envelopes[1]


def constants(arithmetic: ScalarArithmetic, inputs: Inputs) -> tuple[Any, ...]:
    """What the generated code unpacks first."""
    return (
        arithmetic.constant(1),
        arithmetic.constant(0),
        arithmetic.log,
        arithmetic.constant(inputs.dimension or len(inputs.means[0])),
        inputs.means,
        inputs.weights,
        lambda numerator, denominator: arithmetic.constant(Fraction(numerator, denominator)),
    )


def line_state(
    arithmetic: ScalarArithmetic,
    inputs: Inputs,
    base: Base,
    x: Fraction,
    step: Fraction,
) -> tuple[list[Any], list[Any]]:
    """State and ratios of the progressions from ``x`` in steps of ``step`` (r = 1).

    State: weight ``|step| phi(x) t_0(x)`` (base "student") or ``|step| phi(x)``, its quotient from
    this node to the next, ``log t_0(x)``, and ``t_j(x)/t_0(x)``. Ratios: what multiplies them (adds
    to the logarithm) at every step.
    """
    exp = arithmetic.exp
    point, signed = arithmetic.constant(x), arithmetic.constant(step)
    first = inputs.coordinates[0][0]
    centre = first if base == "student" else arithmetic.constant(0)
    scale = arithmetic.constant(abs(step)) / arithmetic.sqrt(2 * arithmetic.pi())
    offset = point - centre
    weight = scale * exp(-offset * offset / 2)
    if base == "student":
        weight = weight * inputs.weights[0]
    square = signed * signed
    state = [weight, exp(-(signed * offset) - square / 2), None]
    ratios = [exp(-square), signed * first]
    state[2] = arithmetic.log(inputs.weights[0]) + point * first - first * first / 2
    state[2] = state[2] + log_shift(arithmetic, inputs, base)
    for (coordinate, *_), share in zip(inputs.coordinates[1:], inputs.weights[1:], strict=True):
        difference = coordinate - first
        middle = (coordinate + first) / 2
        state.append(share / inputs.weights[0] * exp(difference * (point - middle)))
        ratios.append(exp(signed * difference))
    return state, ratios


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


def explicit_sum(
    arithmetic: ScalarArithmetic, kernel: Kernel, inputs: Inputs, base: Base, plan: AxisPlan
) -> list[Any]:
    """Like `line_sum`, for wide boxes: responsibilities from their logarithms' differences.

    ``psi_j = 1/(1 + sum_{k != j} (pi_k/pi_j) exp(((x - s_j)^2 - (x - s_k)^2)/2))``: for two
    components every coordinate occurs once, so that the enclosure is the range.
    """
    nodes = _box_nodes(arithmetic, kernel, inputs, base, plan)
    zeros = [arithmetic.constant(0) for _ in kernel.entries]
    result: list[Any] = kernel.explicit(nodes, zeros, constants(arithmetic, inputs))
    return result


def _box_nodes(
    arithmetic: ScalarArithmetic, kernel: Kernel, inputs: Inputs, base: Base, plan: AxisPlan
) -> Iterator[tuple[Any, list[Any], Any]]:
    """``(weight, responsibilities, log_student)`` at every node."""
    exp, one = arithmetic.exp, arithmetic.constant(1)
    scale = arithmetic.constant(plan.step) / arithmetic.sqrt(2 * arithmetic.pi())
    shift = log_shift(arithmetic, inputs, base)
    count = range(len(inputs.weights))
    odds = [[pk / pj for pk in inputs.weights] for pj in inputs.weights]
    for k in range(plan.first, plan.last + 1):
        x = arithmetic.constant(k * plan.step)
        gaps = [x - row[0] for row in inputs.coordinates]
        halves = [gap * gap / 2 for gap in gaps]  # Arb: (0 +- r) ** 2 is not finite
        ratio = [[one for _ in count] for _ in count]
        for i in count:
            for j in range(i):
                grown = exp(halves[i] - halves[j])
                ratio[i][j], ratio[j][i] = grown * odds[i][j], odds[j][i] / grown
        psi = [one / reduce(lambda a, b: a + b, row) for row in ratio]
        density = arithmetic.constant(0)
        if base == "student" or kernel.logarithm:
            for share, half in zip(inputs.weights, halves, strict=True):
                density = density + share * exp(-half)
        weight = scale * (density if base == "student" else exp(-x * x / 2))
        log_student = arithmetic.log(density) + x * x / 2 + shift if kernel.logarithm else None
        yield weight, psi, log_student


def single_node(
    arithmetic: ScalarArithmetic, kernel: Kernel, inputs: Inputs, base: Base
) -> list[Any]:
    """All means coincide (r = 0): the responsibilities are the weights."""
    zeros = [arithmetic.constant(0) for _ in kernel.entries]
    node = (arithmetic.constant(1), list(inputs.weights), log_shift(arithmetic, inputs, base))
    result: list[Any] = kernel.explicit([node], zeros, constants(arithmetic, inputs))
    return result


def check_request(programs: Sequence[Program], digits: int) -> None:
    """Refuse what no scalar backend can do."""
    if not programs:
        raise InputError("programs", "none", "at least one kernel")
    if digits < 1:
        raise InputError("digits", digits, "an integer of at least 1")
