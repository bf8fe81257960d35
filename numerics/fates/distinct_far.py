r"""Where one component is near the truth and all others, distinct and far, escape (Theorem E_n).

Forward loss, equal weights, steps up to 1/2. With :math:`|v_1| \le \varepsilon` and
:math:`a_k = |v_k| \ge 4` for the others:

- the gradient at ``v_1`` is ``2 v_1`` up to :math:`\sum_k \mathcal{E}(a_k, \varepsilon)`
  (Lemma V), so that ``v_1`` stays within :math:`\varepsilon` if the sum is at most
  :math:`2\varepsilon`;
- a far component is pushed away whatever the others do (Lemma F'), if
  :math:`\beta = (a-\varepsilon)^2/8 - \varepsilon^2/2 - \gamma - d/2 - 1` is above

  .. math:: \nu = \frac{n\,2^{(d+1)/2}}{\sqrt\pi\,a} e^{-a^2/4}
                  \Bigl(\frac12 + \frac1{2a^2} + \frac3{a^4}\Bigr),

  with ``d`` the dimension of the means' span and
  :math:`2 \gamma e^\gamma = (n-2)/e`.

Both get easier as ``a_k`` grows, hence induction: ``v_1`` converges, the others go to infinity.
Derived here; the constants of Lemma V are integrals, enclosed by Arb.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from flint import acb, arb

from numerics.numbers.balls import ball, precision

_BITS = 96
LEAST_FAR = Fraction(4)
MOST_NEAR = Fraction(1, 2)
#: ``eps/(a - eps)`` is at most this: the exponents below stay in [0.42, 0.58].
TILT = Fraction(8, 100)
_EXPONENTS = (Fraction(42, 100), Fraction(1, 2), Fraction(58, 100))
#: To spare in both conditions, so that whoever checks a run with coarser bounds confirms it.
_SPARE = Fraction(1, 100)
_RADII = tuple(Fraction(k, 100) for k in range(1, 51))
_CUT = 60  # where integrals to infinity are cut; the tails are below 1e-35


@dataclass(frozen=True)
class _Constants:
    """Integrals over ``l = ln r`` of functions of the odds ``r``, times ``exp(-theta l)``.

    ``drift``: of ``r/(1+r)^2``; ``late_drift``: the same with the factor ``max(l, 0)``; ``pull``
    and ``late_pull``: of ``4r/27`` up to 1/2 and ``r^2/(1+r)^3`` beyond. The largest for ``theta``
    in a range; all are convex in ``theta``, so it is one of the ends.
    """

    drift: arb
    late_drift: arb
    pull: arb
    late_pull: arb


def near_radius(
    squared_norms: Sequence[tuple[Fraction, Fraction]],
    weights: Sequence[Fraction],
    span: int,
) -> tuple[int, Fraction] | None:
    """The near component and a radius in which Theorem E_n keeps it; None if it does not apply.

    Parameters
    ----------
    squared_norms : sequence of (Fraction, Fraction)
        Bounds of ``|v_i|^2``.
    weights : sequence of Fraction
    span : int
        At least the dimension of the means' span.

    Examples
    --------
    >>> third = (Fraction(1, 3),) * 3
    >>> near, far = (Fraction(0), Fraction(1, 9)), (Fraction(36), Fraction(36))
    >>> near_radius([near, far, far], third, 1)
    (0, Fraction(17, 50))
    >>> near_radius([near, far, (Fraction(20), Fraction(20))], third, 1)
    """
    near = [i for i, (_, high) in enumerate(squared_norms) if high <= MOST_NEAR**2]
    far = [low for low, _ in squared_norms if low >= LEAST_FAR**2]
    if len(near) != 1 or len(far) != len(weights) - 1 or not far or len(set(weights)) > 1:
        return None
    if min(far) < span + 4:  # Lemma F' needs it
        return None
    start = squared_norms[near[0]][1]
    with precision(_BITS):
        norms = [arb(ball(low).sqrt().lower()) for low in far]
        least = min(norms, key=float)
        for radius in _RADII:
            if radius**2 < start or not ball(radius / TILT + radius) <= least:
                continue
            if not beyond(least, radius, len(weights), span) > ball(_SPARE):
                return None  # nor for a larger radius
            inward = sum((drift_bound(a, radius) for a in norms), arb(0))
            if (1 + ball(_SPARE)) * inward <= 2 * ball(radius):
                return near[0], radius
    return None


def beyond(norm: arb, near: Fraction, components: int, span: int) -> arb:
    """``beta - nu``: positive where a far component is pushed away; increases with its norm.

    Examples
    --------
    >>> bool(beyond(arb("3.82"), Fraction("0.15"), 3, 1) > 0)
    True
    >>> bool(beyond(arb("3.80"), Fraction("0.15"), 3, 1) < 0)
    True
    """
    eps, n = ball(near), components
    gamma = (arb(n - 2) / (2 * arb(1).exp())).lambertw() if n > 2 else arb(0)
    gap = norm - eps
    beta = gap * gap / 8 - eps * eps / 2 - gamma - ball(Fraction(span, 2)) - 1
    return beta - outward_loss(norm, Fraction(1, n), span)


def outward_loss(norm: arb, share: Fraction, span: int, least: Fraction | None = None) -> arb:
    """``nu``: what the half space behind a far component takes from ``beta``; it decreases.

    Parameters
    ----------
    norm : arb
    share : Fraction
        The component's weight.
    span : int
    least : Fraction, optional
        The least weight; default: equal weights.

    Examples
    --------
    >>> outward_loss(arb(4), Fraction(1, 3), 1).str(3, radius=False)
    '0.00842'
    """
    square = norm * norm
    kappa = ball(share / (least or share)).log()
    bracket = arb(1) / 2 + (kappa + arb(1) / 2) / square + 3 / (square * square)
    scale = ball(1 / share) * arb(2) ** ball(Fraction(span + 1, 2)) / (arb.pi().sqrt() * norm)
    return scale * (-square / 4).exp() * bracket


def drift_bound(norm: arb, near: Fraction) -> arb:
    r"""Lemma V's :math:`\mathcal{E}(a, \varepsilon)`, which decreases in ``a >= 4``.

    Examples
    --------
    >>> drift_bound(arb(6), Fraction("0.2")).str(3, radius=False)
    '0.150'
    """
    eps = ball(near)
    odds, behind, ahead = _constants()
    gap, reach = norm - eps, norm + eps
    away = _case(gap / 2, reach, gap, eps, odds, behind)
    towards = _case((norm * norm - eps * eps).sqrt() / 2, norm, gap, eps, odds, ahead)
    last = 2 * (reach * reach + eps * reach) * (eps * eps - norm * norm).exp()
    return away.max(towards) + last


def _case(h: arb, b: arb, gap: arb, eps: arb, odds: arb, c: _Constants) -> arb:
    density = (-h * h / 2).exp() / (2 * arb.pi()).sqrt()
    across = (h * h + 2 / arb.pi()).sqrt()
    total = odds * eps / gap + c.drift * (1 + eps * eps)
    total += eps * (c.drift * across + c.late_drift / gap)
    total += b * c.pull * (across + eps) + c.late_pull
    return 2 * density * total


@lru_cache(maxsize=1)
def _constants() -> tuple[arb, _Constants, _Constants]:
    """``max pi/sin(pi theta)``, and the integrals for ``theta`` below and above 1/2."""
    with precision(_BITS):
        low, middle, high = _EXPONENTS
        odds = arb.pi() / (arb.pi() * ball(low)).sin()
        return odds, _largest(low, middle), _largest(middle, high)


def _largest(low: Fraction, high: Fraction) -> _Constants:
    found = [odds_integrals(ball(theta)) for theta in (low, high)]
    return _Constants(*(a.max(b) for a, b in zip(*found, strict=True)))


def odds_integrals(theta: arb) -> tuple[arb, arb, arb, arb]:
    """Lemma V's integrals at one exponent, in the order of `_Constants`."""
    drift = arb.pi() * theta / (arb.pi() * theta).sin()
    early = ball(Fraction(4, 27)) * (arb(2).log() * (theta - 1)).exp() / (1 - theta)

    def late(weight: Callable[[acb], acb], power: int, start: arb) -> arb:
        """``int_start^inf weight(l) e^((power - 1 - theta) l)/(1 + e^l)^power dl``."""

        def integrand(log: acb, _: bool) -> acb:
            value: acb = (log * (power - 1 - theta)).exp() / (1 + log.exp()) ** power
            return weight(log) * value

        body = acb.integral(integrand, acb(start), acb(_CUT)).real
        # beyond the cut: e^(-(1 + theta) l) times at most l
        decay = 1 + theta
        tail = (-decay * _CUT).exp() * (_CUT / decay + 1 / (decay * decay))
        return body + arb(0).union(tail)

    def whole(log: acb) -> acb:
        return acb(1)

    def length(log: acb) -> acb:
        return log

    pull = early + late(whole, 3, -arb(2).log())
    return drift, late(length, 2, arb(0)), pull, late(length, 3, arb(0))
