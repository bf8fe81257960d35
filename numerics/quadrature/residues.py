r"""Moments of a responsibility of two components by the residue-corrected trapezoid rule.

.. math:: I_p = h \sum_k \varphi(kh) \sigma(Dkh + L)^p + 4\pi \sum_{q < k} \mathrm{Im}
          \sum_{m=1}^p \frac{c_{p,m}}{D^m} g_{q,m-1} + E,

``c_{p,m}`` the principal part of :math:`\sigma^p` (`derive.algebra.laurent`) and :math:`g_{q,m}`
the Taylor coefficients at the pole :math:`z_q` of :math:`g(z) = \varphi(z)/(e^{-2\pi iz/h} - 1)`,

.. math:: g(z_q + w) = \frac{P_q\, e^{(\kappa - z_q) w - w^2/2}}{1 - U_q e^{\kappa w}}, \qquad
          \kappa = \frac{2\pi i}{h},\ U_q = e^{\kappa z_q},\ P_q = \varphi(z_q) U_q .

The poles are equally spaced, so ``U_q`` is a geometric progression and the quotients of the ``P_q``
are another. The rule and the bound of ``E`` are proved in `derive.two_components.residues` and
`numerics.quadrature.residue_plan`. In balls ``D`` and ``L`` may be (narrow) balls; in MPFR numbers
rounding is left to an estimate (`amplification`).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import accumulate, repeat
from typing import Any

from derive.algebra.laurent import principal_part
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature.residue_plan import PairPlan

#: Precision of bounds.
BOUND_BITS = 64
#: No precision is saved below this.
_MIN_BITS = 128
#: Nodes that share a working precision, at least: changing it takes as long as a few nodes.
_BLOCK = 32
_LOG2 = math.log(2)


@dataclass(frozen=True)
class Pair:
    r"""The reduced problem: ``psi = 1/(1 + odds e^{-Dx})`` under ``N(0, 1)``.

    Attributes
    ----------
    arithmetic : ScalarArithmetic
        The number type of the others.
    separation : number
        ``D > 0``.
    odds : number
        ``e^{-L}``.
    logit : number
        ``L``.
    """

    arithmetic: ScalarArithmetic
    separation: Any
    odds: Any
    logit: Any

    @property
    def floats(self) -> tuple[float, float]:
        """``D`` and ``L`` in floats, to choose by."""
        return self.arithmetic.to_float(self.separation), self.arithmetic.to_float(self.logit)


def bound(plan: PairPlan, problem: Pair, power: int) -> Any:
    """Proved bound of discretisation and truncation of every moment up to ``power``.

    Raises
    ------
    ValueError
        If the line does not certainly run between the right poles.
    """
    a = problem.arithmetic
    with a.precision(BOUND_BITS):
        one, pi = a.constant(1), a.pi()
        angle = abs(problem.separation * a.exact(plan.height) - 2 * plan.poles * pi)
        if not angle < pi:
            raise ValueError("the line does not run between the poles it should")
        discretisation, truncation = _bound_parts(a, plan)
        if not angle <= pi / 2:
            discretisation *= a.maximum(1 / a.sin(angle), one) ** power
        return a.upper(discretisation + truncation)


@lru_cache(maxsize=1024)
def _bound_parts(a: ScalarArithmetic, plan: PairPlan) -> tuple[Any, Any]:
    """Discretisation where the majorant is 1, and truncation."""
    height, step = a.exact(plan.height), a.exact(plan.step)
    ratio = a.expm1(2 * a.pi() * height / step)
    discretisation = 2 * a.exp(height * height / 2) / ratio
    return discretisation, a.erfc(plan.last * step * a.sqrt(a.constant(1) / 2))


def moments(plan: PairPlan, problem: Pair, power: int, bits: int, error: Any) -> list[Any]:
    r"""Evaluate ``I_1 .. I_power``; balls enclose them if ``error`` is the plan's `bound`.

    Parameters
    ----------
    plan : PairPlan
    problem : Pair
        At ``bits`` bits, the current precision.
    power : int
    bits : int
    error : number

    Examples
    --------
    >>> from flint import arb
    >>> from numerics.numbers.balls import BALL
    >>> from numerics.quadrature.residue_plan import plan_pair
    >>> problem = Pair(BALL, arb(3), arb(1), arb(0))
    >>> plan = plan_pair(math.log(1e-14), 3.0, 2, 6.0)
    >>> print(moments(plan, problem, 1, 53, bound(plan, problem, 1))[0].str(10, radius=False))
    0.5000000000
    """
    sums = _node_sums(plan, problem, power, bits)
    widening = problem.arithmetic.symmetric(error)
    if plan.poles:
        corrections = _corrections(plan, problem, power, bits, error)
        return [s + c + widening for s, c in zip(sums, corrections, strict=True)]
    return [value + widening for value in sums]


def saturated(problem: Pair, power: int, target_log: float) -> list[Any] | None:
    r"""Enclose the moments without quadrature where the responsibility is 0 or 1, if it is.

    Let ``L < 0`` and :math:`x_0 = -L/D`. For :math:`x \le x_0 - s`,
    :math:`\sigma(Dx + L) \le e^{D(x - x_0)} \le e^{-Ds}`, so
    :math:`0 < I_p \le b = e^{-Ds} + \mathrm{erfc}((x_0 - s)/\sqrt2)/2` for :math:`0 < s < x_0`. For
    ``L > 0`` the same bounds :math:`E[1 - \sigma]`, and :math:`1 - \sigma^p \le p(1 - \sigma)`.

    Returns
    -------
    list of arb, or None if the bound is above ``exp(target_log)``
    """
    if abs(problem.floats[1]) < -target_log:  # D s < D x_0: the bound cannot be small enough
        return None
    a = problem.arithmetic
    with a.precision(BOUND_BITS):
        distance = (problem.logit / problem.separation).abs_lower()
        margin = (distance / 2).min((2 - target_log) / problem.separation).mid()
        if not (margin > 0 and distance > margin):
            return None
        tail = (-problem.separation * margin).exp()
        tail = power * (tail + ((distance - margin) / a.constant(2).sqrt()).erfc() / 2).abs_upper()
        if not tail.log() < target_log:
            return None
    small = tail.union(a.constant(0))
    return [1 - small if problem.logit > 0 else small for _ in range(power)]


# -- nodes -----------------------------------------------------------------------------------------


def _node_sums(plan: PairPlan, problem: Pair, power: int, bits: int) -> list[Any]:
    """``sum h phi(kh) psi^p`` over all nodes, ``p = 1 .. power``."""
    a = problem.arithmetic
    table = _weights(a, plan.step, -(-(plan.last + 1) // 16) * 16, -(-bits // 16) * 16)
    one, zero = a.constant(1), a.constant(0)
    ratio = a.exp(-problem.separation * a.exact(plan.step))
    totals = [zero for _ in range(power)]
    for start in (0, 1):  # to the right from node 0, to the left from node -1
        if start:
            ratio = 1 / ratio
        first = problem.odds * ratio if start else problem.odds
        left = plan.last + 1 - start
        for working, weights in table:
            count = min(len(weights) - start, left)
            if count <= 0:
                continue
            a.set_precision(min(working, bits))
            first, parts = _block(weights[start : start + count], first, ratio, power, one, zero)
            a.set_precision(bits)
            totals = list(map(operator.add, totals, parts))
            start, left = 0, left - count
    return totals


def _block(
    weights: list[Any], first: Any, ratio: Any, power: int, one: Any, zero: Any
) -> tuple[Any, list[Any]]:
    """Consecutive nodes at one precision: next odds, and the sums of ``weight psi^p``."""
    ratio = ratio * one  # rounds to the working precision
    # Few lists alive at a time: allocating new numbers takes a good part of the time.
    odds = list(accumulate(repeat(ratio, len(weights)), operator.mul, initial=first * one))
    last = odds.pop()
    psi = list(map(operator.truediv, repeat(one), map(operator.add, odds, repeat(one))))
    del odds
    products, parts = weights, []
    for _ in range(power - 1):
        products = list(map(operator.mul, products, psi))
        parts.append(sum(products, zero))
    parts.append(sum(map(operator.mul, products, psi), zero))
    return last, parts


@lru_cache(maxsize=256)
def _weights(
    a: ScalarArithmetic, step: float, count: int, bits: int
) -> tuple[tuple[int, list[Any]], ...]:
    r"""``h phi(kh)`` for ``k = 0 .. count - 1`` in blocks ``(working precision, weights)``.

    Where the weight has dropped by ``b`` bits the working precision is ``b`` bits lower.
    """
    blocks = []
    length = count if bits <= _MIN_BITS else max(count // 16, _BLOCK)
    with a.precision(bits + 2 * count.bit_length()):
        exact = a.exact(step)
        square = exact * exact
        weight, decay, ratio = exact / a.sqrt(2 * a.pi()), a.exp(-square / 2), a.exp(-square)
        for begin in range(0, count, length):
            x = begin * step
            working = max(bits - int(x * x / (2 * _LOG2)), min(bits, _MIN_BITS // 2))
            a.set_precision(working + 2 * count.bit_length())
            weights = []
            for _ in range(min(length, count - begin)):
                weights.append(weight)
                weight, decay = weight * decay, decay * ratio
            a.set_precision(working)
            blocks.append((working, [+value for value in weights]))
    return tuple(blocks)


# -- poles -----------------------------------------------------------------------------------------


def _corrections(plan: PairPlan, problem: Pair, power: int, bits: int, error: Any) -> list[Any]:
    """``4 pi sum Im Res`` for every power, or a ball around 0 where that is below the error."""
    a = problem.arithmetic
    if a.rigorous and _seems_small(plan, problem, error):
        small = _pole_bound(plan, problem, power)
        if small <= error:
            return [a.symmetric(small) for _ in range(power)]
    scale, scaled = 4 * a.pi(), []
    for value in _taylor_sums(plan, problem, power, bits):
        scale = scale / problem.separation
        scaled.append(scale * value)
    zero, parts = a.constant(0), (_principal_part(a, p, bits) for p in range(1, power + 1))
    return [sum(map(operator.mul, part, scaled), zero) for part in parts]


@lru_cache(maxsize=64)
def _principal_part(a: ScalarArithmetic, power: int, bits: int) -> tuple[Any, ...]:
    """`derive.algebra.laurent.principal_part` at ``bits`` bits, the current precision."""
    return tuple(map(a.constant, principal_part(power)))


def _seems_small(plan: PairPlan, problem: Pair, error: Any) -> bool:
    """Whether all poles look negligible (in floats: it only decides what to try)."""
    separation, logit = problem.floats
    centre, first = logit / separation, math.pi / separation
    exponent = (first * first - centre * centre) / 2 - 2 * math.pi * first / plan.step
    return exponent < problem.arithmetic.to_float(problem.arithmetic.log(error))


def _pole_bound(plan: PairPlan, problem: Pair, power: int) -> Any:
    r"""Bound of the whole correction of any moment: Cauchy's estimate on circles of radius ``r``.

    On :math:`|z - z_q| \le r`, with :math:`\lambda = |\kappa| = 2\pi/h`:
    :math:`|\varphi U| \le (2\pi)^{-1/2} e^{-x_0^2/2 + E(y_q)}` with
    :math:`E(y) = y^2/2 + (|x_0| + y) r + r^2/2 - \lambda(y - r)`. ``E`` is convex, so its maximum
    over the poles is at the first or the last. As :math:`|U e^{\kappa w}| \le e^{-\lambda(y_0 - r)}
    =: u < 1` for :math:`r < y_0`, the Taylor coefficients are at most
    :math:`|g_{q,m}| \le r^{-m} (2\pi)^{-1/2} e^{-x_0^2/2 + \max E}/(1 - u)`.
    """
    a = problem.arithmetic
    with a.precision(BOUND_BITS):
        one = a.constant(1)
        rate = 2 * a.pi() / a.exact(plan.step)
        first, last = ((2 * q + 1) * a.pi() / problem.separation for q in (0, plan.poles - 1))
        radius = a.exact(min(a.to_float(1 / rate), a.to_float(first) / 2))
        centre = abs(problem.logit / problem.separation)
        exponents = [
            y * y / 2 + (centre + y) * radius + radius * radius / 2 - rate * (y - radius)
            for y in (first, last)
        ]
        largest = a.maximum(*exponents) - centre * centre / 2
        geometric = a.exp(rate * (radius - first))
        taylor = a.exp(largest) / a.sqrt(2 * a.pi()) / (1 - geometric)
        ratio = 1 / (radius * problem.separation)  # |c_{p,m} D^-m g_{q,m-1}| ~ c_{p,m} ratio^(m-1)
        powers = list(accumulate(repeat(ratio, power - 1), operator.mul, initial=one))
        parts = (_principal_part(a, p, BOUND_BITS) for p in range(1, power + 1))
        sums = (sum(map(operator.mul, part, powers), one - 1) for part in parts)
        result = 4 * a.pi() * plan.poles * taylor * reduce(a.maximum, sums) / problem.separation
        return a.upper(result) if geometric < 1 else one / 0  # not a number: no bound


def _taylor_sums(plan: PairPlan, problem: Pair, power: int, bits: int) -> list[Any]:
    """``sum_q Im g_{q,m}`` for ``m = 0 .. power - 1``; the precision follows the terms' size."""
    a = problem.arithmetic
    levels = list(_pole_bits(plan, problem, power, bits))
    a.set_precision(levels[0])
    zero, pi = a.constant(0), a.pi()
    rate = 2 * pi / a.exact(plan.step)
    gap = 2 * pi / problem.separation
    kappa, shift = a.complex(zero, rate), a.complex(zero, gap)
    pole = a.complex(-problem.logit / problem.separation, gap / 2)
    unit = a.exp(kappa * pole)  # U_q
    product = a.exp(-pole * pole / 2) * unit / a.sqrt(2 * pi)  # P_q
    unit_ratio = a.exp(-rate * gap)
    growth = a.exp(gap * gap)
    # P_{q+1}/P_q = exp(gap^2/2 - i gap z_q - rate gap), and that quotient grows by exp(gap^2).
    product_ratio = a.exp(-shift * pole + gap * gap / 2) * unit_ratio
    total = [zero for _ in range(power)]
    with a.pole_series(kappa, power) as series:
        for level in levels:
            a.set_precision(level)
            coefficients = series(pole, unit, product)
            a.set_precision(bits)
            total = [value + coefficients[m].imag for m, value in enumerate(total)]
            a.set_precision(level)
            product, product_ratio = product * product_ratio, product_ratio * growth
            unit, pole = unit * unit_ratio, pole + shift
    a.set_precision(bits)
    return total


def _pole_bits(plan: PairPlan, problem: Pair, power: int, bits: int) -> Iterator[int]:
    """Working precision for every pole: the moments' bits and the size of its terms."""
    separation, logit = problem.floats
    rate = 2 * math.pi / plan.step
    extra = power * math.log2(1 + rate / separation) + 2 * math.log2(plan.poles) + 10
    centre = logit / separation
    for number in range(plan.poles):
        y = (2 * number + 1) * math.pi / separation
        exponent = (y * y - centre * centre) / 2 - rate * y
        yield max(bits + int(exponent / _LOG2 + extra), 32)


def amplification(plan: PairPlan, problem: Pair) -> float:
    """How many units of rounding the sums may be off by; balls need room for progressions only."""
    progressions = 2 + 1 / plan.step
    if problem.arithmetic.rigorous:
        return progressions**2
    separation, logit = problem.floats
    exponent = 1 + abs(logit) + separation * plan.last * plan.step  # of the odds
    return exponent * (plan.nodes + 40) * progressions


def pole_cost(a: ScalarArithmetic, power: int) -> float:
    """Cost of a pole in nodes, as measured at 15 to 1000 digits (it only chooses)."""
    return 2.0 + 1.5 * power if a.rigorous else 12.0
