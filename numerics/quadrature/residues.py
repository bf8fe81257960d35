r"""Moments of a responsibility of two components by the residue-corrected trapezoid rule, in balls.

.. math:: I_p = h \sum_k \varphi(kh) \sigma(Dkh + L)^p + 4\pi \sum_{q < k} \mathrm{Im}
          \sum_{m=1}^p \frac{c_{p,m}}{D^m} g_{q,m-1} + E,

``c_{p,m}`` the principal part of :math:`\sigma^p` (`derive.algebra.laurent`) and :math:`g_{q,m}`
the Taylor coefficients at the pole :math:`z_q` of :math:`g(z) = \varphi(z)/(e^{-2\pi iz/h} - 1)`,

.. math:: g(z_q + w) = \frac{P_q\, e^{(\kappa - z_q) w - w^2/2}}{1 - U_q e^{\kappa w}}, \qquad
          \kappa = \frac{2\pi i}{h},\ U_q = e^{\kappa z_q},\ P_q = \varphi(z_q) U_q .

The poles are equally spaced, so ``U_q`` is a geometric progression and the quotients of the ``P_q``
are another. The rule and the bound of ``E`` are proved in `derive.two_components.residues` and
`numerics.quadrature.residue_plan`. Everything is evaluated in balls; ``D`` and ``L`` may be
(narrow) balls.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, repeat

import flint
from flint import acb, acb_series, arb

from derive.algebra.laurent import principal_part
from numerics.numbers.balls import precision
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
    separation : arb
        ``D > 0``.
    odds : arb
        ``e^{-L}``.
    logit : arb
        ``L``.
    """

    separation: arb
    odds: arb
    logit: arb


def bound(plan: PairPlan, problem: Pair, power: int) -> arb:
    """Proved bound of discretisation and truncation of every moment up to ``power``.

    Raises
    ------
    ValueError
        If the line does not certainly run between the right poles.
    """
    with precision(BOUND_BITS):
        height, step = arb(plan.height), arb(plan.step)  # exact floats
        angle = abs(problem.separation * height - 2 * plan.poles * arb.pi())
        if not angle < arb.pi():
            raise ValueError("the line does not run between the poles it should")
        growth = arb(1) if angle <= arb.pi() / 2 else (1 / angle.sin()).max(arb(1)) ** power
        ratio = (2 * arb.pi() * height / step).expm1()
        discretisation = 2 * (height * height / 2).exp() * growth / ratio
        truncation = (plan.last * step * arb(0.5).sqrt()).erfc()
        return arb((discretisation + truncation).abs_upper())


def moments(plan: PairPlan, problem: Pair, power: int, bits: int, error: arb) -> list[arb]:
    r"""Enclose ``I_1 .. I_power``; ``error`` is the plan's `bound`.

    Parameters
    ----------
    plan : PairPlan
    problem : Pair
        At ``bits`` bits, the current precision.
    power : int
    bits : int
    error : arb

    Examples
    --------
    >>> from numerics.quadrature.residue_plan import plan_pair
    >>> problem = Pair(arb(3), arb(1), arb(0))
    >>> plan = plan_pair(math.log(1e-14), 3.0, 2, 6.0)
    >>> print(moments(plan, problem, 1, 53, bound(plan, problem, 1))[0].str(10, radius=False))
    0.5000000000
    """
    sums = _node_sums(plan, problem, power, bits)
    widening = arb(0, error)
    if plan.poles:
        corrections = _corrections(plan, problem, power, bits, error)
        return [s + c + widening for s, c in zip(sums, corrections, strict=True)]
    return [value + widening for value in sums]


def saturated(problem: Pair, power: int, target_log: float) -> list[arb] | None:
    r"""Enclose the moments without quadrature where the responsibility is 0 or 1, if it is.

    Let ``L < 0`` and :math:`x_0 = -L/D`. For :math:`x \le x_0 - s`,
    :math:`\sigma(Dx + L) \le e^{D(x - x_0)} \le e^{-Ds}`, so
    :math:`0 < I_p \le b = e^{-Ds} + \mathrm{erfc}((x_0 - s)/\sqrt2)/2` for :math:`0 < s < x_0`. For
    ``L > 0`` the same bounds :math:`E[1 - \sigma]`, and :math:`1 - \sigma^p \le p(1 - \sigma)`.

    Returns
    -------
    list of arb, or None if the bound is above ``exp(target_log)``
    """
    with precision(BOUND_BITS):
        distance = (problem.logit / problem.separation).abs_lower()
        margin = (distance / 2).min((2 - target_log) / problem.separation).mid()
        if not (margin > 0 and distance > margin):
            return None
        tail = (-problem.separation * margin).exp()
        tail = power * (tail + ((distance - margin) / arb(2).sqrt()).erfc() / 2).abs_upper()
        if not tail.log() < target_log:
            return None
    small = tail.union(arb(0))
    return [1 - small if problem.logit > 0 else small for _ in range(power)]


# -- nodes -----------------------------------------------------------------------------------------


def _node_sums(plan: PairPlan, problem: Pair, power: int, bits: int) -> list[arb]:
    """``sum h phi(kh) psi^p`` over all nodes, ``p = 1 .. power``."""
    table = _weights(plan.step, -(-(plan.last + 1) // 16) * 16, -(-bits // 16) * 16)
    step = arb(plan.step)
    ratio = (-problem.separation * step).exp()
    totals = [arb(0) for _ in range(power)]
    for start in (0, 1):  # to the right from node 0, to the left from node -1
        if start:
            ratio = 1 / ratio
        first = problem.odds * ratio if start else problem.odds
        left = plan.last + 1 - start
        for working, weights in table:
            count = min(len(weights) - start, left)
            if count <= 0:
                continue
            flint.ctx.prec = min(working, bits)
            first, parts = _block(weights[start : start + count], first, ratio, power)
            flint.ctx.prec = bits
            totals = list(map(operator.add, totals, parts))
            start, left = 0, left - count
    return totals


def _block(weights: list[arb], first: arb, ratio: arb, power: int) -> tuple[arb, list[arb]]:
    """Consecutive nodes at one precision: next odds, and the sums of ``weight psi^p``."""
    one, zero = arb(1), arb(0)
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


@lru_cache(maxsize=8)
def _weights(step: float, count: int, bits: int) -> tuple[tuple[int, list[arb]], ...]:
    r"""``h phi(kh)`` for ``k = 0 .. count - 1`` in blocks ``(working precision, weights)``.

    Where the weight has dropped by ``b`` bits the working precision is ``b`` bits lower.
    """
    blocks = []
    length = count if bits <= _MIN_BITS else max(count // 16, _BLOCK)
    with precision(bits + 2 * count.bit_length()):
        exact = arb(step)
        square = exact * exact
        weight, decay, ratio = (
            exact / (2 * arb.pi()).sqrt(),
            (-square / 2).exp(),
            (-square).exp(),
        )
        for begin in range(0, count, length):
            x = begin * step
            working = max(bits - int(x * x / (2 * _LOG2)), min(bits, _MIN_BITS // 2))
            flint.ctx.prec = working + 2 * count.bit_length()
            weights = []
            for _ in range(min(length, count - begin)):
                weights.append(weight)
                weight, decay = weight * decay, decay * ratio
            flint.ctx.prec = working
            blocks.append((working, [+value for value in weights]))
    return tuple(blocks)


# -- poles -----------------------------------------------------------------------------------------


def _corrections(plan: PairPlan, problem: Pair, power: int, bits: int, error: arb) -> list[arb]:
    """``4 pi sum Im Res`` for every power, or a ball around 0 where that is below the error."""
    if _seems_small(plan, problem, error):
        small = _pole_bound(plan, problem, power)
        if small <= error:
            return [arb(0, small) for _ in range(power)]
    imaginary = _taylor_sums(plan, problem, power, bits)
    scale = 4 * arb.pi()
    scaled = []
    for value in imaginary:
        scale = scale / problem.separation
        scaled.append(scale * value)
    return [sum(map(operator.mul, _principal_part(p), scaled), arb(0)) for p in range(1, power + 1)]


@lru_cache(maxsize=64)
def _principal_part(power: int) -> tuple[flint.fmpq, ...]:
    """`derive.algebra.laurent.principal_part` in FLINT's rationals."""
    return tuple(flint.fmpq(c.numerator, c.denominator) for c in principal_part(power))


def _seems_small(plan: PairPlan, problem: Pair, error: arb) -> bool:
    """Whether all poles look negligible (in floats: it only decides what to try)."""
    separation = float(problem.separation.mid())
    centre, first = float(problem.logit.mid()) / separation, math.pi / separation
    exponent = (first * first - centre * centre) / 2 - 2 * math.pi * first / plan.step
    return exponent < float(error.log())


def _pole_bound(plan: PairPlan, problem: Pair, power: int) -> arb:
    r"""Bound of the whole correction of any moment: Cauchy's estimate on circles of radius ``r``.

    On :math:`|z - z_q| \le r`, with :math:`\lambda = |\kappa| = 2\pi/h`:
    :math:`|\varphi U| \le (2\pi)^{-1/2} e^{-x_0^2/2 + E(y_q)}` with
    :math:`E(y) = y^2/2 + (|x_0| + y) r + r^2/2 - \lambda(y - r)`. ``E`` is convex, so its maximum
    over the poles is at the first or the last. As :math:`|U e^{\kappa w}| \le e^{-\lambda(y_0 - r)}
    =: u < 1` for :math:`r < y_0`, the Taylor coefficients are at most
    :math:`|g_{q,m}| \le r^{-m} (2\pi)^{-1/2} e^{-x_0^2/2 + \max E}/(1 - u)`.
    """
    with precision(BOUND_BITS):
        rate = 2 * arb.pi() / arb(plan.step)
        first, last = ((2 * q + 1) * arb.pi() / problem.separation for q in (0, plan.poles - 1))
        radius = arb(min(float((1 / rate).mid()), float(first.mid()) / 2))
        centre = abs(problem.logit / problem.separation)
        exponents = [
            y * y / 2 + (centre + y) * radius + radius * radius / 2 - rate * (y - radius)
            for y in (first, last)
        ]
        largest = exponents[0].max(exponents[1]) - centre * centre / 2
        geometric = (rate * (radius - first)).exp()
        taylor = largest.exp() / (2 * arb.pi()).sqrt() / (1 - geometric)
        ratio = 1 / (radius * problem.separation)  # |c_{p,m} D^-m g_{q,m-1}| ~ c_{p,m} ratio^(m-1)
        total = arb(0)
        for p in range(1, power + 1):
            part = sum((ratio**m * c for m, c in enumerate(_principal_part(p))), arb(0))
            total = total.max(part)
        result = 4 * arb.pi() * plan.poles * taylor * total / problem.separation
        return arb(result.abs_upper()) if geometric < 1 else arb("inf")


def _taylor_sums(plan: PairPlan, problem: Pair, power: int, bits: int) -> list[arb]:
    """``sum_q Im g_{q,m}`` for ``m = 0 .. power - 1``; the precision follows the terms' size."""
    cap = flint.ctx.cap
    flint.ctx.cap = power
    try:
        return _summed(plan, problem, power, bits)
    finally:
        flint.ctx.cap = cap
        flint.ctx.prec = bits


def _summed(plan: PairPlan, problem: Pair, power: int, bits: int) -> list[arb]:
    """`_taylor_sums` proper."""
    levels = list(_pole_bits(plan, problem, power, bits))
    flint.ctx.prec = levels[0]
    rate = 2 * arb.pi() / arb(plan.step)
    gap = 2 * arb.pi() / problem.separation
    kappa = acb(0, rate)
    pole = acb(-problem.logit / problem.separation, gap / 2)
    shift = acb(0, gap)
    unit = (kappa * pole).exp()  # U_q
    product = (-pole * pole / 2).exp() * unit / (2 * arb.pi()).sqrt()  # P_q
    unit_ratio = (-rate * gap).exp()
    growth = (gap * gap).exp()
    # P_{q+1}/P_q = exp(gap^2/2 - i gap z_q - rate gap), and that quotient grows by exp(gap^2).
    product_ratio = (-shift * pole + gap * gap / 2).exp() * unit_ratio
    wave = acb_series([0, kappa], power).exp() if power > 1 else acb_series([1], power)
    total = [arb(0) for _ in range(power)]
    for level in levels:
        flint.ctx.prec = level
        denominator = 1 - wave * unit
        series = acb_series([0, kappa - pole, -0.5], power).exp() if power > 1 else wave
        series = series / denominator * product
        flint.ctx.prec = bits
        total = [value + series[m].imag for m, value in enumerate(total)]
        flint.ctx.prec = level
        product, product_ratio = product * product_ratio, product_ratio * growth
        unit, pole = unit * unit_ratio, pole + shift
    return total


def _pole_bits(plan: PairPlan, problem: Pair, power: int, bits: int) -> Iterator[int]:
    """Working precision for every pole: the moments' bits and the size of its terms."""
    separation, logit = float(problem.separation.mid()), float(problem.logit.mid())
    rate = 2 * math.pi / plan.step
    extra = power * math.log2(1 + rate / separation) + 2 * math.log2(plan.poles) + 10
    centre = logit / separation
    for number in range(plan.poles):
        y = (2 * number + 1) * math.pi / separation
        exponent = (y * y - centre * centre) / 2 - rate * y
        yield max(bits + int(exponent / _LOG2 + extra), 32)


def guard_bits(plan: PairPlan) -> float:
    """Bits that rounding in the progressions of a plan may cost."""
    return 8 + 2 * math.log2(2 + 1 / plan.step)


def pole_cost(power: int) -> float:
    """Cost of a pole in nodes, as measured at 15 to 1000 digits (it only chooses)."""
    return 2.0 + 1.5 * power
