"""Sizes of a problem in a scalar number type, and what follows from them: grids and bounds.

Everything here is evaluated at `BOUND_BITS` bits (more for means far away); what enters a bound is
an upper bound in balls, and floats only choose.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import Any

from derive.algebra.program import Base, Program
from numerics.errors import InputError
from numerics.kernels.handle import reads_logarithm
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature.inputs import Inputs, TeacherInputs
from numerics.quadrature.majorant import Sizes, logarithm_envelope, majorant, secant, wider
from numerics.quadrature.trapezoid import AxisPlan, Bound, plan_axis

#: Bits of the arithmetic in which bounds are evaluated.
BOUND_BITS = 64


@dataclass(frozen=True)
class Geometry:
    """What planning and bounds need, in bound precision.

    Attributes
    ----------
    sizes : Sizes
    spreads, teacher_spreads : tuples of numbers
        Range of the student's and of the teacher's coordinates along each axis.
    widest : tuple of numbers
        The larger of the two: it decides where the first pole lies.
    lows, highs, centres
        Range of the base's centres along each axis, and their largest distance from the origin.
    radius, teacher_radius
        Largest distances of the student's and the teacher's coordinates from the origin.
    shift
        As `log_shift`.
    zero_columns : frozenset of int
        Coordinates in which every mean of the student is exactly zero.
    zero_teachers : frozenset of (component, coordinate)
        Exact zeros of the teacher's means.
    """

    sizes: Sizes
    spreads: tuple[Any, ...]
    teacher_spreads: tuple[Any, ...]
    widest: tuple[Any, ...]
    lows: tuple[Any, ...]
    highs: tuple[Any, ...]
    radius: Any
    teacher_radius: Any
    centres: Any
    shift: Any
    zero_columns: frozenset[int]
    zero_teachers: frozenset[tuple[int, int]]

    @property
    def reach(self) -> Any:
        """Bound of both radii."""
        return self.radius + self.teacher_radius


def bound_bits(arithmetic: ScalarArithmetic, inputs: Inputs) -> int:
    """Bits at which differences of the coordinates are known to about ``2^-64``."""
    largest = arithmetic.constant(1)
    for row in [*inputs.coordinates, *(inputs.teacher.coordinates if inputs.teacher else [])]:
        for value in row:
            largest = arithmetic.maximum(largest, arithmetic.upper(value))
    return BOUND_BITS + math.ceil(_log(arithmetic, largest) / math.log(2))


def offsets(
    arithmetic: ScalarArithmetic, programs: Sequence[Program], inputs: Inputs, base: Base
) -> tuple[int, ...]:
    """Integers by which `recentred` moves the coordinates of a student far from the origin.

    The mean of a kernel of responsibilities under the student does not change when all coordinates
    (a mixture teacher's, too) move together; a logarithm's would.
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

    def moved(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
        return [
            [value - arithmetic.constant(shift) for value, shift in zip(row, shifts, strict=True)]
            for row in rows
        ]

    teacher = inputs.teacher
    if teacher is not None:
        teacher = replace(teacher, coordinates=moved(teacher.coordinates))
    return replace(inputs, coordinates=moved(inputs.coordinates), teacher=teacher)


def measure(arithmetic: ScalarArithmetic, inputs: Inputs, base: Base) -> Geometry:
    """Collect bounds of the mixtures' sizes; ``low``/``high`` are the base's centres."""
    zero = arithmetic.constant(0)
    columns = range(len(inputs.means[0]))
    teacher = inputs.teacher or TeacherInputs([], [[zero] * inputs.rank], [])
    spreads, radius = _extent(arithmetic, inputs.coordinates)
    teacher_spreads, teacher_radius = _extent(arithmetic, teacher.coordinates)
    lows, highs = _ranges(arithmetic, inputs.centres(base, zero))
    student = base == "student"
    perpendicular = inputs.perpendicular(zero)
    return Geometry(
        sizes=Sizes(
            len(inputs.means),
            _largest_entries(arithmetic, inputs.means),
            inputs.dimension or len(columns),
            len(teacher.means),
            _largest_entries(arithmetic, teacher.means),
        ),
        spreads=spreads,
        teacher_spreads=teacher_spreads,
        widest=tuple(map(arithmetic.maximum, spreads, teacher_spreads)),
        lows=lows,
        highs=highs,
        radius=radius,
        teacher_radius=teacher_radius,
        centres=radius if student else teacher_radius,
        shift=perpendicular / 2 if student else -perpendicular / 2,
        zero_columns=frozenset(
            a for a in columns if all(arithmetic.is_zero(row[a]) for row in inputs.means)
        ),
        zero_teachers=frozenset(
            (t, a)
            for t, row in enumerate(teacher.means)
            for a in columns
            if arithmetic.is_zero(row[a])
        ),
    )


def _largest_entries(arithmetic: ScalarArithmetic, rows: Sequence[Sequence[Any]]) -> list[Any]:
    """``max |entry|`` of every column."""
    return [
        reduce(arithmetic.maximum, map(arithmetic.upper, column))
        for column in zip(*rows, strict=True)
    ]


def _ranges(
    arithmetic: ScalarArithmetic, rows: Sequence[Sequence[Any]]
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Smallest and largest entry of every column."""
    columns = list(zip(*rows, strict=True))
    highs = [reduce(arithmetic.maximum, column) for column in columns]
    lows = [-reduce(arithmetic.maximum, [-value for value in column]) for column in columns]
    return tuple(lows), tuple(highs)


def _extent(
    arithmetic: ScalarArithmetic, rows: Sequence[Sequence[Any]]
) -> tuple[tuple[Any, ...], Any]:
    """Bounds of the range of every column, and of the rows' distances from the origin."""
    upper, zero = arithmetic.upper, arithmetic.constant(0)
    lows, highs = _ranges(arithmetic, rows)
    spreads = tuple(upper(high - low) for high, low in zip(highs, lows, strict=True))
    sizes = map(arithmetic.maximum, highs, [-low for low in lows])
    square = sum((upper(size) ** 2 for size in sizes), zero)
    return spreads, upper(arithmetic.sqrt(square))


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
    bound = interpolated(arithmetic, programs, shape)
    axes = len(shape.widest)
    share = target_log - math.log(max(axes, 1))
    plans = []
    for axis in range(axes):
        spread = arithmetic.to_float(shape.widest[axis])
        low, high = (arithmetic.to_float(ends[axis]) for ends in (shape.lows, shape.highs))
        growth = log_growth(arithmetic, programs, shape, bound(0.0) - share, [(low, high)])
        plans.append(plan_axis(share, spread, low, high, on_strip(bound, spread, growth)))
    return tuple(plans)


def log_growth(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    shape: Geometry,
    needed: float,
    ends: Sequence[tuple[float, float]],
) -> float:
    """Logarithm of what a logarithm multiplies a bound by, on a grid about the ends (floats)."""
    if not reads_logarithm(programs):
        return 0.0
    largest = max(max(abs(low), abs(high)) for low, high in ends)
    reach = largest + math.sqrt(2 * max(needed, 1.0)) + 2
    radius = arithmetic.to_float(shape.reach)
    constant = abs(arithmetic.to_float(shape.shift))
    return math.log(4 + radius * (2 * reach + radius) + constant)


def on_strip(
    bound: Callable[[float], float], spread: float, growth: float
) -> Callable[[float], float]:
    """``log_majorant(strip)`` from a bound as a function of ``log S``."""
    return lambda strip: growth + bound(-math.log(math.cos(min(strip * spread / 2, 1.5707963))))


_KNOTS = (0.0, 1.5, 5.0, 12.0)


def interpolated(
    arithmetic: ScalarArithmetic, programs: Sequence[Program], shape: Geometry
) -> Callable[[float], float]:
    """Logarithm of the majorant as a function of ``log S``.

    It is convex (the majorant is a maximum of polynomials in ``S`` with nonnegative coefficients),
    so chords between a few knots lie above it; for planning that is all that is needed.
    """
    values = []
    for knot in _KNOTS:
        secant_value = arithmetic.exp(arithmetic.constant(Fraction(knot)))
        secants = (secant_value, secant_value)  # the larger one for both: this only plans
        bounds = (majorant(arithmetic, p, shape.sizes, *secants) for p in programs)
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


def line_bound(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    shape: Geometry,
    strip: Any,
    secants: Sequence[Any],
    thetas: Sequence[Any],
) -> Bound:
    """Majorant ``F``, and the logarithms' envelope, at a height in the strip.

    Parameters
    ----------
    strip : number
        The height; 0 on the real line.
    secants, thetas : pairs of numbers
        ``S`` and ``theta`` of student and teacher; 1 and 0 on the real line.
    """
    values = [majorant(arithmetic, p, shape.sizes, *secants) for p in programs]
    largest = reduce(arithmetic.maximum, values)
    if not reads_logarithm(programs):
        return Bound(largest, shape.centres)
    student, teacher = (
        logarithm_envelope(
            arithmetic,
            strip=strip,
            theta=theta,
            secant_value=secant_value,
            radius=radius,
            constant=constant,
        )
        for secant_value, theta, radius, constant in zip(
            secants,
            thetas,
            (shape.radius, shape.teacher_radius),
            (shape.shift, arithmetic.constant(0)),
            strict=True,
        )
    )
    return Bound(largest, shape.centres, wider(arithmetic, student, teacher))


def real_bound(arithmetic: ScalarArithmetic, programs: Sequence[Program], shape: Geometry) -> Bound:
    """`line_bound` on the real line."""
    one, zero = arithmetic.constant(1), arithmetic.constant(0)
    return line_bound(arithmetic, programs, shape, zero, (one, one), (zero, zero))


def strip_bound(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    shape: Geometry,
    height: float,
    axis: int,
) -> Bound:
    """`line_bound` at the height of an axis's strip, re-evaluated rigorously."""
    strip = arithmetic.constant(Fraction(height))
    spreads = (shape.spreads[axis], shape.teacher_spreads[axis])
    secants = [secant(arithmetic, strip, spread) for spread in spreads]
    thetas = [strip * spread for spread in spreads]
    return line_bound(arithmetic, programs, shape, strip, secants, thetas)


def check_teacher(programs: Sequence[Program], inputs: Inputs) -> None:
    """Refuse a mixture teacher for a kernel that was derived for one Gaussian."""
    singles = [program for program in programs if program.name.endswith("/single")]
    if inputs.teacher is not None and singles:
        raise InputError("teacher", "a mixture", f"one Gaussian for the kernel {singles[0].name}")
