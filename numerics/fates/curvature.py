r"""How curved the forward loss is at most where it is at most ``L``: ``M`` of Theorem L.

With ``m = 1/pi_min - 1``, ``q = pi_max/pi_min``, :math:`A = \log(1+m) + (L + \sqrt{dL})/2`,
:math:`R = (|x|^2-d)^+` and :math:`B = (|x|^2-d-4)^+`, ``x`` standard normal in d dimensions,

.. math:: M = E[R] + K_A \Bigl(1 - \tfrac14 E[R-B]\Bigr) + c_A (d+L)
          + \tfrac14 E[(R-B)((c_B-c_A)(|x|^2+2A) + K_B)]
          + E[B(\tfrac12|x|^2 + A + K_V)].

The constants bound what one component adds to the Hessian's integrand at :math:`|x|^2=d` (``K_A``,
``c_A``), at :math:`|x|^2=d+4` (``K_B``, ``c_B``) and beyond (``K_V``). All come from

.. math:: \Pi(m,b) = \min_g\max_t\ m e^{-g}(1-t)^2 + (g-1)\,t(1-t) + b\,t

and from two numbers that split a square; any are right, and the best of a few are taken.
Derived in ``docs/certificates.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import exp, log
from typing import NamedTuple

from flint import arb

from numerics.numbers.balls import ball

_SPLITS = tuple(Fraction(s) for s in ("5/4", "3/2", "7/4", "2", "9/4", "5/2", "3", "4"))
_THIRDINGS = 100


class _Constants(NamedTuple):
    """``K_A, c_A, K_B, c_B, K_V``."""

    flat_near: arb
    near: arb
    flat_far: arb
    far: arb
    flat_beyond: arb


def hessian_bound(weights: Sequence[Fraction], span: int, loss: arb) -> arb:
    """``M``: an upper bound of the Hessian where the loss is at most ``loss``; increases with it.

    Parameters
    ----------
    weights : sequence of Fraction
        At least two.
    span : int
        At least the dimension of the means' span.
    loss : arb

    Examples
    --------
    >>> third = (Fraction(1, 3),) * 3
    >>> hessian_bound(third, 1, arb("0.2")).str(3, radius=False)
    '4.37'
    >>> hessian_bound((Fraction(1, 4), Fraction(3, 4)), 1, arb("0.2")).str(3, radius=False)
    '6.57'
    """
    least, most = min(weights), max(weights)
    offset = log_offset(least, span, loss)
    rise, steep = (_beyond(span, 0, span + cut) for cut in (0, 4))
    rise_square, steep_square = (_beyond(span, 2, span + cut) for cut in (0, 4))
    share = (rise - steep) / 4
    reach = (rise_square - steep_square) / 4 + 2 * offset * share
    tail = steep_square / 2 + offset * steep

    def bound(c: _Constants) -> arb:
        near = c.flat_near * (1 - share) + c.near * (span + loss)
        far = (c.far - c.near) * reach + c.flat_far * share
        return rise + near + far + tail + c.flat_beyond * steep

    found = [bound(c) for c in _constants(1 / least - 1, most / least)]
    return min(found, key=lambda value: float(value.mid()))


def log_offset(least: Fraction, span: int, loss: arb) -> arb:
    """``A``: the log-density is at least ``-A`` plus a linear function."""
    return (loss + (span * loss).sqrt()) / 2 - ball(least).log()


def _beyond(span: int, power: int, start: int) -> arb:
    """``E (|x|^2 - start)^+ |x|^power``."""
    return _tail(span, power + 2, start) - start * _tail(span, power, start)


def _tail(span: int, power: int, start: int) -> arb:
    """``E |x|^power`` over ``|x|^2 > start``, ``x`` standard normal in ``span`` dimensions."""
    order, half = ball(Fraction(span + power, 2)), ball(Fraction(span, 2))
    share = ball(Fraction(start, 2)).gamma_upper(order) / half.gamma()
    return arb(2) ** ball(Fraction(power, 2)) * share


@lru_cache(maxsize=16)
def _constants(others: Fraction, ratio: Fraction) -> tuple[_Constants, ...]:
    """The constants for each pair of splits."""
    most, q = ball(others), ball(ratio)
    minus = arb(-1)
    flat = 2 + 2 * _peak(most, minus)
    deep, low = _peak(most, 2 * minus), _peak(most, arb(0))
    spread = 2 * _peak(q, minus / 2)
    near, far = [], []
    for own in map(ball, _SPLITS):
        mean = own / (own - 1)
        edge = 2 * own * _peak(q, mean * deep / own - 2)
        near.append((flat.max(own * q * ball(Fraction(400, 21)) * ball(Fraction(-17, 5)).exp()),
                     edge.max(2 * mean * deep)))  # fmt: skip
        far.append((16 * own * q * arb(-2).exp(), 2 * own * _peak(q, mean * low / own)))
    return tuple(
        _Constants(
            flat_near=k_a,
            near=c_a,
            flat_far=k_b.max(k_a),
            far=c_b.max(c_a),
            flat_beyond=spread.max(((k_a - 1) ** 2 - 2) / 4),
        )
        for (k_a, c_a), (k_b, c_b) in product(near, far)
    )


def _peak(most: arb, slope: arb) -> arb:
    """An upper bound of ``Pi(most, slope)``: convex in g, so that thirds of an interval find it."""
    m, b = float(most.mid()), float(slope.mid())

    def top(g: float) -> float:
        u, v = m * exp(-g), g - 1
        return u + (v - 2 * u + b) ** 2 / (4 * (v - u)) if v > u else float("inf")

    low, high = 1.0, 40 + log(1 + m)
    for _ in range(_THIRDINGS):
        third = (high - low) / 3
        if top(low + third) > top(high - third):
            low += third
        else:
            high -= third
    g = ball(Fraction(high))
    u, v = most * (-g).exp(), g - 1
    if not v > u:
        raise ArithmeticError("no tangent bounds a group of components")
    return u + (v - 2 * u + slope) ** 2 / (4 * (v - u))
