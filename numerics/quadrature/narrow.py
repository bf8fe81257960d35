r"""Gauss-Hermite rules along the axes on which all means are close to each other.

Along an axis ``y`` the integrand has its first pole at height :math:`\pi/D`, ``D`` the range of the
means there. If ``D`` is small it is nearly a polynomial, and a few nodes take the place of a grid.

*One axis.* Let ``f`` be real and analytic in ``y``, :math:`|f| \le F` for :math:`|\mathrm{Im}\, y|
\le a` (`numerics.quadrature.majorant`: any :math:`a < \pi/D`). With ``y_k`` the zeros of the
Hermite polynomial :math:`He_m` and :math:`w_k = m!/(m\,He_{m-1}(y_k))^2` there is a real
:math:`\xi` such that

.. math:: E f(y) - \sum_k w_k f(y_k) = \frac{m!}{(2m)!} f^{(2m)}(\xi), \qquad y \sim N(0, 1),

and by Cauchy's estimate on discs of radius ``a`` the modulus is at most :math:`m!\, F/a^{2m}`.

*Several axes.* The ``w_k`` are positive and sum to 1. So with ``E_b`` the mean and ``Q_b`` the rule
on axis ``b``, narrow axes first, :math:`E_1 E_2 \cdots - Q_1 Q_2 \cdots = (E_1 - Q_1) E_2 \cdots +
Q_1 (E_2 - Q_2) \cdots + \dots` is at most the sum of the bounds, each for means over the others: a
mean of functions that are real and bounded by ``F`` is one. What follows the narrow axes is any
rule for the others, with its own bound.

*What is left.* With ``r_j`` the coordinate of a mean along the axis, :math:`\pi_j e^{x \cdot s_j -
|s_j|^2/2}\, e^{y r_j - r_j^2/2}` at ``y_k`` is the term of a component at ``s_j`` whose weight is
:math:`\pi_j e^{(r_j - r_0)(y_k - (r_j + r_0)/2)}`, up to a common factor. The kernels read weights
in responsibilities alone, and the bounds of the other rules hold for any positive weights.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from typing import Any

from flint import arb, fmpz_poly

from derive.algebra.program import Base, Program
from numerics.numbers.balls import precision
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature.geometry import (
    Geometry,
    interpolated,
    on_strip,
    plan_grid,
    strip_bound,
)
from numerics.quadrature.inputs import Inputs

#: Weight and what is left to integrate, for every node of the rules.
Parts = Sequence[tuple[Any, Inputs]]

#: No rule has more nodes.
MOST_NODES = 24
#: A node of a rule costs as much as so many of a grid on the same axis, which is walked along.
_COST = 3
#: Where all means are farther apart no rule of so few nodes is accurate.
_WIDEST = 2.0
#: The kernels must read nothing but responsibilities, means and constants.
_READ = frozenset({"psi", "v", "delta_component", "delta_coordinate", "dimension"})
#: Heights of the strip that are tried, in units of ``1/D`` (below pi), and the highest one.
_HEIGHTS = (0.5, 1.0, 1.5, 2.0, 2.3, 2.6, 2.8, 3.0)
_HIGHEST = 1e30


@dataclass(frozen=True)
class NarrowAxis:
    """An axis with a Gauss-Hermite rule.

    Attributes
    ----------
    axis : int
    nodes : int
        ``m``.
    strip : float
        ``a``, an exact binary number.
    """

    axis: int
    nodes: int
    strip: float


def applies(
    arithmetic: ScalarArithmetic, programs: Sequence[Program], inputs: Inputs, base: Base
) -> bool:
    """Whether axes may be narrow: balls, one Gaussian teacher, no explicit weights or logarithms.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> from numerics.numbers.balls import BALL
    >>> rows = [[arb(0)], [arb(1)]]
    >>> inputs = Inputs(rows, rows, [arb(1) / 2] * 2)
    >>> losses = [[load_program(name, "loss")] for name in ("forward", "kl")]
    >>> [applies(BALL, programs, inputs, "teacher") for programs in losses]
    [True, False]
    """
    read = frozenset[str]().union(*(program.inputs for program in programs))
    single = base == "teacher" and inputs.teacher is None
    return arithmetic.rigorous and single and read <= _READ


def narrow_axes(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    shape: Geometry,
    goal: float,
) -> tuple[NarrowAxis, ...]:
    """Choose rules with an error of about ``exp(-goal)/8`` where they are shorter than a grid.

    Parameters
    ----------
    arithmetic : ScalarArithmetic
    programs : sequence of Program
    shape : Geometry
    goal : float
    """
    spreads = [arithmetic.to_float(spread) for spread in shape.spreads]
    if min(spreads, default=math.inf) > _WIDEST:
        return ()
    plans = plan_grid(arithmetic, programs, shape, -goal)
    bound = interpolated(arithmetic, programs, shape)
    target = -goal - math.log(8 * len(plans))
    found = []
    for axis, (plan, spread) in enumerate(zip(plans, spreads, strict=True)):
        most = min(MOST_NODES, plan.nodes // _COST)
        for nodes in range(1, most + 1):
            strip = _strip(nodes, spread, bound, target)
            if strip:
                found.append(NarrowAxis(axis, nodes, strip))
                break
    return tuple(found)


def _strip(nodes: int, spread: float, bound: Any, target: float) -> float:
    """A height at which so many nodes are enough by floats; 0 if there is none."""
    for height in _HEIGHTS:
        strip = min(height / spread if spread else math.inf, _HIGHEST)
        size = on_strip(bound, spread, 0.0)(strip)
        if math.lgamma(nodes + 1) + size - 2 * nodes * math.log(strip) < target:
            return strip
    return 0.0


def narrow_bound(
    arithmetic: ScalarArithmetic,
    programs: Sequence[Program],
    shape: Geometry,
    axes: Sequence[NarrowAxis],
) -> Any:
    r"""Proved bound of the error of all rules: the sum of :math:`m!\, F/a^{2m}`."""
    total = arithmetic.constant(0)
    for rule in axes:
        size = strip_bound(arithmetic, programs, shape, rule.strip, rule.axis).size
        height = arithmetic.exact(rule.strip)
        total += arithmetic.constant(math.factorial(rule.nodes)) * size / height ** (2 * rule.nodes)
    return total


def wide_part(inputs: Inputs, axes: Sequence[NarrowAxis]) -> Inputs:
    """The inputs without the narrow coordinates of integration (the means stay)."""
    narrow = {rule.axis for rule in axes}
    rows = [
        [value for axis, value in enumerate(row) if axis not in narrow]
        for row in inputs.coordinates
    ]
    return replace(inputs, coordinates=rows)


def at_nodes(
    arithmetic: ScalarArithmetic, inputs: Inputs, axes: Sequence[NarrowAxis], bits: int
) -> Parts:
    """Weight and what is left to integrate at every node of the rules; weights sum to 1."""
    wide = wide_part(inputs, axes)
    if not axes:
        return [(arithmetic.constant(1), wide)]
    tables = []
    for rule in axes:
        column = [row[rule.axis] for row in inputs.coordinates]
        gaps = [(value - column[0], (value + column[0]) / 2) for value in column]
        tables.append(
            [
                (share, [arithmetic.exp(gap * (place - middle)) for gap, middle in gaps])
                for place, share in hermite_rule(rule.nodes, bits)
            ]
        )
    found = []
    for chosen in itertools.product(*tables):
        terms = list(inputs.weights)
        for _, factors in chosen:
            terms = [term * factor for term, factor in zip(terms, factors, strict=True)]
        total = reduce(lambda a, b: a + b, terms)
        weights = [term / total for term in terms]
        share = reduce(lambda a, b: a * b, (share for share, _ in chosen))
        found.append((share, replace(wide, weights=weights)))
    return found


def total(
    parts: Parts, integrate: Callable[[Inputs], tuple[list[Any], int]]
) -> tuple[list[Any], int]:
    """Weighted sums of what ``integrate`` finds in all parts, and the nodes' number."""
    sums: list[Any] = []
    nodes = 0
    for share, inputs in parts:
        found, used = integrate(inputs)
        shared = [share * value for value in found]
        sums = [a + b for a, b in zip(sums, shared, strict=True)] if sums else shared
        nodes += used
    return sums, nodes


@lru_cache(maxsize=256)
def hermite_rule(nodes: int, bits: int) -> tuple[tuple[arb, arb], ...]:
    """Nodes and weights of the Gauss-Hermite rule for a standard normal variable, in balls.

    Examples
    --------
    >>> rule = hermite_rule(3, 64)
    >>> [(round(float(place), 6), round(float(share), 6)) for place, share in rule]
    [(-1.732051, 0.166667), (0.0, 0.666667), (1.732051, 0.166667)]
    """
    before, now = fmpz_poly([1]), fmpz_poly([0, 1])
    for degree in range(1, nodes):
        before, now = now, fmpz_poly([0, 1]) * now - degree * before
    with precision(bits + 32):
        roots: Any = now.complex_roots()  # pairs: a simple root in a ball, and 1
        places = [root.real for root, _ in roots]
        factor = arb(math.factorial(nodes)) / nodes**2
        values = [before(place) for place in places]
        rule = [(y, factor / (value * value)) for y, value in zip(places, values, strict=True)]
    assert len(rule) == nodes
    return tuple(sorted(rule, key=lambda pair: float(pair[0])))
