r"""A quadrature grid of its own for every group of Gaussians that is far from the others.

Where the centres of the base lie far apart, a box about all of them is mostly empty, and the poles
of the responsibilities, which limit the strip, lie far from every centre. So the centres are
grouped, and each group has a box (a *window*) whose sides are at least ``T`` from its own centres;
the windows are disjoint. The base's Gaussian about the centre ``s_i`` of a group ``A`` is
:math:`\varphi_i`, and the rule is :math:`\sum_B S_B[\rho f]`, ``S_B`` the product trapezoid sum
over the nodes of the window ``B``. For every ``i``

.. math:: \Big|\int\varphi_i f - \sum_B S_B[\varphi_i f]\Big|
          \le \Big|\int_A \varphi_i f - S_A[\varphi_i f]\Big|
          + \int_{\text{outside } A} \varphi_i |f| + \sum_{B \ne A} S_B[\varphi_i |f|] ,

and the weights of the Gaussians sum to one. The steps below have numbers in
docs/concepts/quadrature-windows.md.

*1. A finite interval.* Let ``l = (first - 1/2) h``, ``u = (last + 1/2) h`` and ``g`` be analytic on
the rectangle ``[l, u] x [-a, a]``. With :math:`m(z) = 1/(e^{-2\pi iz/h} - 1)`, which has a simple
pole at each node, ``sum h g(kh) - int_l^u g`` is the integral of ``g m`` over the upper three sides
and of ``g (1 + m)`` over the lower three. On the long sides these factors are at most
:math:`1/(e^{2\pi a/h} - 1)` in modulus; on the short ones, where
:math:`e^{-2\pi iz/h} = -e^{2\pi y/h}`, at most :math:`e^{-2\pi|y|/h}`. For :math:`g = \varphi_i f`
the long sides give what `numerics.quadrature.trapezoid` has for the whole line. On the short ones
:math:`|\varphi(x - s + iy)| = \varphi(x - s) e^{y^2/2}` and :math:`|x - s| \ge T`, and as
:math:`y^2/2 - 2\pi y/h \le -(2\pi/h - a/2) y` for :math:`0 \le y \le a`, all four give at most
:math:`4 F (c + A T)\,\varphi(T)/(2\pi/h - a/2)`. The axes are replaced one after the other as in
`numerics.quadrature.trapezoid`, integrals and sums over the windows only.

*2. The strip of a window.* Let ``N`` be components that are *near*, ``k`` one of them, and

.. math:: \delta = \sum_{j \notin N} \max_{x \in A} t_j(x)/t_k(x) ,

each maximum that of an exponential of a linear function on a box. On the strip
:math:`|t_j(z)| = t_j(x)`; so with ``theta`` from the spread of ``N`` alone and its own middle

.. math:: \Big|\sum_j t_j(z)\Big| \ge (\cos(\theta/2) - \delta) \sum_N t_j(x), \qquad
          \sum_j |t_j(z)| \le (1 + \delta) \sum_N t_j(x) ,

and the responsibilities are bounded as in `numerics.quadrature.majorant` with
:math:`S = (1 + \delta)/(\cos(\theta/2) - \delta)`. The real part in the first inequality stays
positive, so that ``W`` of the logarithm has :math:`1/S \le |W| \le 1` and
:math:`|\arg W| \le \pi/2`.

*3. Outside.* Outside its window ``|u_b| >= T`` on some axis ``b``, ``u = x - s_i``; with
:math:`c' = c + 5A(r-1)/4` (the mean of ``|u|`` on the other axes is below 5/4)

.. math:: \int_{\text{outside}} \varphi_i |f|
          \le r F (c'\,\mathrm{erfc}(T/\sqrt2) + 2A\,\varphi(T)) .

*4. In other windows.* Disjoint boxes are separated along an axis, so the nodes of ``B`` are all on
one side of ``s_i`` on it, at least ``T`` away; :math:`\varphi(u)(c' + Au)` decreases there. A sum
is at most its first term and the integral from there on:

.. math:: S_B[\varphi_i|f|] \le F \prod (1 + h/\sqrt{2\pi})
          \big(h\,\varphi(T)(c' + AT) + c'\,\mathrm{erfc}(T/\sqrt2)/2 + A\,\varphi(T)\big) .
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

from derive.algebra.program import Base, Program
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature import geometry
from numerics.quadrature.geometry import Geometry
from numerics.quadrature.inputs import Inputs, TeacherInputs
from numerics.quadrature.majorant import secant
from numerics.quadrature.trapezoid import (
    AxisPlan,
    Bound,
    gauss,
    plan_axis,
    product_discretisation_bound,
    product_factor,
    tail_reach,
)

#: Longest step, and by how much a box is planned larger than it turns out to be.
_LONGEST = Fraction(1, 2)
_MARGIN = 1.0
#: Components are far if their terms are below ``exp`` of this, times a near one's.
_NEGLIGIBLE = -40.0

Ends = tuple[Fraction, Fraction]
Rows = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Window:
    """A product grid of which the nodes within ``radius`` of some centre count.

    Attributes
    ----------
    plans : tuple of AxisPlan
    radius : float
        Infinite if every node counts.
    centres : tuple of int
        The base's Gaussians of this window (empty: all).
    near, teacher_near : tuples of int
        Components that limit the strip; the first one is compared with the others.
    """

    plans: tuple[AxisPlan, ...]
    radius: float = math.inf
    centres: tuple[int, ...] = ()
    near: tuple[int, ...] = ()
    teacher_near: tuple[int, ...] = ()

    @property
    def ends(self) -> tuple[Ends, ...]:
        """The box: half a step beyond the first and the last nodes."""
        half = Fraction(1, 2)
        return tuple(((p.first - half) * p.step, (p.last + half) * p.step) for p in self.plans)


# -- choice, in floats


def plan_windows(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    inputs: Inputs,
    shape: Geometry,
    base: Base,
    target_log: float,
    needed: float,
) -> tuple[Window, ...]:
    """Plan windows whose errors together are about ``exp(target_log)``.

    Parameters
    ----------
    target_log : float
        Logarithm of the discretisation error wanted.
    needed : float
        Negative logarithm of a Gaussian's mass outside its window.
    """
    zero = arithmetic.constant(0)
    reach = tail_reach(needed + math.log(4 * len(shape.spreads) * len(inputs.weights)))
    lows, highs = (
        [[sign * arithmetic.to_float(sign * value) for value in row] for row in centres]
        for centres, sign in ((inputs.centres(base, zero), -1), (inputs.centres(base, zero), 1))
    )
    bound = geometry.interpolated(arithmetic, programs, shape)
    windows = []
    for group in _groups(lows, highs, reach + _MARGIN):
        ends = [
            (min(lows[i][a] for i in group), max(highs[i][a] for i in group))
            for a in range(len(shape.spreads))
        ]
        box = [(low - reach - _MARGIN, high + reach + _MARGIN) for low, high in ends]
        families: list[Inputs | TeacherInputs] = [inputs]
        families += [inputs.teacher] if inputs.teacher else []
        near = [_near(arithmetic, family, box) for family in families]
        spreads = [
            _spread(arithmetic, family, chosen)
            for family, chosen in zip(families, near, strict=True)
        ]
        share = target_log - math.log(len(ends))
        growth = geometry.log_growth(arithmetic, programs, shape, bound(0.0) - share, ends)
        plans = []
        for axis, (low, high) in enumerate(ends):
            spread = max(values[axis] for values in spreads)
            plan = plan_axis(share, spread, low, high, geometry.on_strip(bound, spread, growth))
            step = min(plan.step, _LONGEST)
            first = math.floor((Fraction(low) - Fraction(reach)) / step)
            last = math.ceil((Fraction(high) + Fraction(reach)) / step)
            plans.append(AxisPlan(step, first, last, plan.strip))
        teachers = near[1] if len(near) > 1 else ()
        windows.append(Window(tuple(plans), math.inf, group, near[0], teachers))
    return tuple(windows)


def _groups(lows: Rows, highs: Rows, reach: float) -> list[tuple[int, ...]]:
    """Groups of centres whose boxes (the hull, ``reach`` larger on all sides) are disjoint."""
    groups: list[tuple[int, ...]] = [(i,) for i in range(len(lows))]

    def apart(one: Sequence[int], other: Sequence[int]) -> bool:
        return any(
            min(lows[i][axis] for i in right) - max(highs[i][axis] for i in left) > 2 * reach
            for left, right in ((one, other), (other, one))
            for axis in range(len(lows[0]))
        )

    merged = True
    while merged:
        merged = False
        for one, other in itertools.combinations(groups, 2):
            if not apart(one, other):
                groups = [g for g in groups if g not in (one, other)] + [(*one, *other)]
                merged = True
                break
    return groups


def _near(
    arithmetic: ScalarArithmetic,
    family: Inputs | TeacherInputs,
    box: Sequence[tuple[float, float]],
) -> tuple[int, ...]:
    """Components that are not negligible everywhere in a box, the largest at its middle first."""
    rows = [[arithmetic.to_float(value) for value in row] for row in family.coordinates]
    logs = [arithmetic.to_float(arithmetic.log(weight)) for weight in family.weights]
    heights = [
        log + sum(x * ((low + high) - x) / 2 for x, (low, high) in zip(row, box, strict=True))
        for row, log in zip(rows, logs, strict=True)
    ]
    first = max(range(len(rows)), key=heights.__getitem__)

    def excess(j: int) -> float:
        total = logs[j] - logs[first]
        for x, y, (low, high) in zip(rows[j], rows[first], box, strict=True):
            middle = (x + y) / 2
            total += max((x - y) * (low - middle), (x - y) * (high - middle))
        return total

    others = [j for j in range(len(rows)) if j != first and not excess(j) < _NEGLIGIBLE]
    return (first, *others)


def _spread(
    arithmetic: ScalarArithmetic, family: Inputs | TeacherInputs, chosen: Sequence[int]
) -> list[float]:
    """Upper bounds of the range of the chosen components along every axis."""
    return [arithmetic.to_float(value) for value in _spreads(arithmetic, family, chosen)]


# -- bounds, in any arithmetic


def _spreads(
    arithmetic: ScalarArithmetic, family: Inputs | TeacherInputs, chosen: Sequence[int]
) -> list[Any]:
    return [
        reduce(arithmetic.maximum, [arithmetic.upper(x - y) for x in column for y in column])
        for column in zip(*(family.coordinates[j] for j in chosen), strict=True)
    ]


def far_share(
    arithmetic: ScalarArithmetic,
    family: Inputs | TeacherInputs,
    near: Sequence[int],
    ends: Sequence[Ends],
) -> Any:
    r"""Bound ``sum t_j/t_k`` over the far components ``j``, ``k`` the first near one, on a box."""
    base, total = near[0], arithmetic.constant(0)
    for j in range(len(family.weights)):
        if j in near:
            continue
        exponent = arithmetic.log(family.weights[j] / family.weights[base])
        pairs = zip(family.coordinates[j], family.coordinates[base], ends, strict=True)
        for x, y, (low, high) in pairs:
            middle, gap = (x + y) / 2, x - y
            exponent = exponent + arithmetic.maximum(
                gap * (arithmetic.constant(low) - middle),
                gap * (arithmetic.constant(high) - middle),
            )
        total = total + arithmetic.exp(exponent)
    return arithmetic.upper(total)


def windows_bound(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    inputs: Inputs,
    shape: Geometry,
    base: Base,
    windows: Sequence[Window],
) -> Any:
    """Bound the error of the sums over all windows; the proof is in the module's docstring.

    Raises
    ------
    ValueError
        If the windows do not have the properties that the proof needs.
    """
    _check_disjoint(windows)
    reach = least_reach(arithmetic, inputs, base, windows)
    if not reach >= 1:
        raise ValueError("a window does not reach beyond its centres")
    real = geometry.real_bound(arithmetic, programs, shape)
    largest = arithmetic.constant(0)
    for window in windows:
        error = _window_bound(arithmetic, programs, inputs, shape, window, reach)
        largest = arithmetic.maximum(largest, error)
    tail = outside_bound(arithmetic, len(shape.spreads), reach, real)
    for window in windows if len(windows) > 1 else ():
        tail = tail + other_windows_bound(arithmetic, window.plans, reach, real)
    return largest + tail


def _check_disjoint(windows: Sequence[Window]) -> None:
    for one, other in itertools.combinations(windows, 2):
        pairs = zip(one.ends, other.ends, strict=True)
        if not any(a[1] <= b[0] or b[1] <= a[0] for a, b in pairs):
            raise ValueError("windows overlap")


def least_reach(
    arithmetic: ScalarArithmetic, inputs: Inputs, base: Base, windows: Sequence[Window]
) -> Any:
    """Return ``T``: at most the distance of a centre from a side of its window.

    Raises
    ------
    ValueError
        If a centre belongs to no window.
    """
    centres = inputs.centres(base, arithmetic.constant(0))
    if sorted(i for window in windows for i in window.centres) != list(range(len(centres))):
        raise ValueError("every centre must belong to one window")
    negated = [
        arithmetic.maximum(arithmetic.constant(low) - x, x - arithmetic.constant(high))
        for window in windows
        for i in window.centres
        for x, (low, high) in zip(centres[i], window.ends, strict=True)
    ]
    return -reduce(arithmetic.maximum, negated)


def _window_bound(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    inputs: Inputs,
    shape: Geometry,
    window: Window,
    reach: Any,
) -> Any:
    """Discretisation in one window, for a density of mass one."""
    families: list[tuple[Inputs | TeacherInputs, tuple[int, ...]]] = [(inputs, window.near)]
    families += [(inputs.teacher, window.teacher_near)] if inputs.teacher else []
    shares = [far_share(arithmetic, family, near, window.ends) for family, near in families]
    spreads = [_spreads(arithmetic, family, near) for family, near in families]
    thetas, bounds = (arithmetic.pi(), arithmetic.pi()), []
    for axis, plan in enumerate(window.plans):
        strip = arithmetic.constant(Fraction(plan.strip))
        secants = [
            secant(arithmetic, strip, widths[axis], share)
            for widths, share in zip(spreads, shares, strict=True)
        ]
        both = (secants[0], secants[-1])
        bounds.append(geometry.line_bound(arithmetic, programs, shape, strip, both, thetas))
    total = product_discretisation_bound(arithmetic, window.plans, bounds)
    for axis, bound in enumerate(bounds):
        total = total + sides_bound(arithmetic, window.plans, axis, reach, bound)
    return total


def _constant(arithmetic: ScalarArithmetic, rank: int, bound: Bound) -> Any:
    """``c'``: ``|f| <= F (c' + A |u_b|)`` in the mean over the other axes."""
    return bound.growth(arithmetic.constant(Fraction(5 * (rank - 1), 4)))


def sides_bound(
    arithmetic: ScalarArithmetic, plans: Sequence[AxisPlan], axis: int, reach: Any, bound: Bound
) -> Any:
    """Step 1: the short sides of the rectangles of one axis."""
    plan = plans[axis]
    strip, step = arithmetic.constant(Fraction(plan.strip)), arithmetic.constant(plan.step)
    rate = 2 * arithmetic.pi() / step - strip / 2
    if not rate > 0:
        raise ValueError("the strip is too wide for the step")
    height = _constant(arithmetic, len(plans), bound) + bound.slope * reach
    others = product_factor(arithmetic, [p for a, p in enumerate(plans) if a != axis])
    return bound.size * (4 * height * gauss(arithmetic, reach) / rate * others)


def outside_bound(arithmetic: ScalarArithmetic, rank: int, reach: Any, bound: Bound) -> Any:
    """Step 3: the integral outside the window of a Gaussian."""
    tail = arithmetic.erfc(reach / arithmetic.sqrt(arithmetic.constant(2)))
    more = 2 * bound.slope * gauss(arithmetic, reach)
    return bound.size * (rank * (_constant(arithmetic, rank, bound) * tail + more))


def other_windows_bound(
    arithmetic: ScalarArithmetic, plans: Sequence[AxisPlan], reach: Any, bound: Bound
) -> Any:
    """Step 4: the sum over one window of a Gaussian that belongs to another."""
    constant, slope = _constant(arithmetic, len(plans), bound), bound.slope
    step, density = arithmetic.constant(max(plan.step for plan in plans)), gauss(arithmetic, reach)
    tail = arithmetic.erfc(reach / arithmetic.sqrt(arithmetic.constant(2))) / 2
    total = step * density * (constant + slope * reach) + constant * tail + slope * density
    return bound.size * (total * product_factor(arithmetic, plans))
