r"""Theorem E_n for smaller steps: regions that begin nearer to the truth (Theorem E_n').

In `numerics.fates.distinct_far` the whole of :math:`D = \nabla_1 L - 2 v_1` counts. To first order
in the step only its component along ``e = v_1/s``, ``s = |v_1|``, does:

.. math:: |v_1'|^2 \le (1 - 2\eta)^2 s^2 + 2 \eta (1 - 2\eta) s \sum_k R(|v_k|, s, e \cdot u_k)
          + \eta^2 \Bigl(\sum_k \mathcal{E}\Bigr)^2,

``u_k`` the direction from ``v_1`` to ``v_k``. A region ``|v_1| <= eps``, ``|v_k| >= rho``, steps up
to ``eta`` is kept if the right-hand side is at most ``eps^2`` for all ``s <= eps``, ``|v_k| >=
rho`` and directions: a cover by boxes in balls, once for each region. (``|v_1'|^2`` is convex in
the step and at most ``eps^2`` at 0: smaller steps follow.) Derived in ``docs/certificates.md``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from flint import acb, arb

from numerics.fates.distinct_far import (
    LEAST_FAR,
    MOST_NEAR,
    beyond,
)
from numerics.numbers.balls import ball, precision

_BITS = 80
#: To spare, so that whoever checks a run with coarser bounds confirms it.
_SPARE = Fraction(1, 200)
#: From here on the component along ``e`` counts as all of it.
_FAR = Fraction(9)
_MOST_BOXES = 100_000
_NODES = tuple(Fraction(k, 100) for k in range(38, 64, 2))
_FINE = 8000
#: ``eps/(a - eps)`` is at most this: the exponents stay between the nodes.
_TILT = Fraction(8, 100)
_EXPONENTS = (Fraction(42, 100), Fraction(1, 2), Fraction(58, 100))
_CUT = 60  # where integrals to infinity are cut; the tails are below 1e-35

Interval = tuple[Fraction, Fraction]

#: ``(rho, eps, eta)`` by the number of components, in hundredths.
REGIONS = {
    3: ((460, 32, 1), (465, 34, 5), (485, 34, 10), (510, 36, 20)),
    4: ((490, 36, 1), (505, 36, 5), (525, 36, 10)),
    5: ((515, 38, 1), (525, 38, 1), (535, 36, 5), (550, 38, 10)),
}


def kept_near(
    squared_norms: Sequence[Interval],
    weights: Sequence[Fraction],
    span: int,
    largest_step: Fraction,
) -> int | None:
    """The near component of a region of Theorem E_n'; None if none applies.

    Parameters
    ----------
    squared_norms : sequence of (Fraction, Fraction)
        Bounds of ``|v_i|^2``.
    weights : sequence of Fraction
    span : int
        At least the dimension of the means' span.
    largest_step : Fraction
        Of all later steps.

    Examples
    --------
    >>> near, far = (Fraction(0), Fraction(1, 9)), (Fraction(22), Fraction(22))
    >>> kept_near([far, near, far], (Fraction(1, 3),) * 3, 1, Fraction(1, 20))
    1
    >>> kept_near([far, near, far], (Fraction(1, 3),) * 3, 1, Fraction(1, 4))
    """
    near = [i for i, (_, high) in enumerate(squared_norms) if high <= MOST_NEAR**2]
    if len(near) != 1 or len(set(weights)) > 1:
        return None
    count = len(weights)
    least = min(low for i, (low, _) in enumerate(squared_norms) if i != near[0])
    for row in REGIONS.get(count, ()):
        rho, eps, eta = (Fraction(entry, 100) for entry in row)
        inside = squared_norms[near[0]][1] <= eps**2 and least >= max(rho**2, Fraction(span + 4))
        applies = inside and largest_step <= eta and _pushed(rho, eps, count, span)
        if applies and region_kept(count, rho, eps, eta):
            return near[0]
    return None


def _pushed(rho: Fraction, eps: Fraction, components: int, span: int) -> bool:
    with precision(_BITS):
        return bool(beyond(ball(rho), eps, components, span) > ball(_SPARE))


@lru_cache(maxsize=64)
def region_kept(components: int, rho: Fraction, eps: Fraction, eta: Fraction) -> bool:
    """Whether the cover proves that the near component stays within ``eps``.

    Examples
    --------
    >>> eps, eta = Fraction("0.34"), Fraction("0.05")
    >>> region_kept(3, Fraction("4.65"), eps, eta), region_kept(3, Fraction("4.3"), eps, eta)
    (True, False)
    """
    if not 0 < eta <= Fraction(1, 2):
        return False
    if rho < LEAST_FAR or eps > _TILT * (rho - eps):  # exponents between the nodes
        return False
    with precision(_BITS):
        # the room is for what one step changes, which is of the order of the step
        others, step, target = components - 1, ball(eta), ball(eps * eps * (1 - 4 * eta * _SPARE))
        pull = others * arb(fine_drift_bound(ball(rho), eps).upper())
        fixed, slow = step * step * pull * pull, 1 - 2 * step
        sides: tuple[Interval, ...] = ((Fraction(-1), Fraction(0)), (Fraction(0), Fraction(1)))

        def small(a: Interval, s: Interval, p: Interval) -> bool:
            inner, most = _between(s), ball(s[1])
            share = _share(_between(a), inner, p)
            total = (slow * most) ** 2 + 2 * step * slow * most * others * share + fixed
            return bool(total <= target)

        # far beyond every box
        last = arb(fine_drift_bound(ball(_FAR), eps).upper())
        edge = ball(eps)
        if not (slow * edge) ** 2 + 2 * step * slow * edge * others * last + fixed <= target:
            return False
        boxes = [((rho, _FAR), (Fraction(0), eps), side) for side in sides]
        widths = (_FAR - rho, eps, Fraction(1))
        for _ in range(_MOST_BOXES):
            if not boxes:
                return True
            box = boxes.pop()
            if small(*box):
                continue
            relative = [(high - low) / w for (low, high), w in zip(box, widths, strict=True)]
            if max(relative) < Fraction(1, 4096):
                return False
            axis = relative.index(max(relative))
            middle = (box[axis][0] + box[axis][1]) / 2
            for half in ((box[axis][0], middle), (middle, box[axis][1])):
                parts = [*box[:axis], half, *box[axis + 1 :]]
                boxes.append((parts[0], parts[1], parts[2]))
        return False


def _between(ends: Interval) -> arb:
    return ball(ends[0]).union(ball(ends[1]))


def _share(a: arb, s: arb, p: Interval) -> arb:
    """Upper bound of ``R`` over a box on which ``p = e.u`` has one sign."""
    low, high = sorted((abs(p[0]), abs(p[1])))
    along = _between((low, high))  # |p|
    across = ball(1 - high * high).sqrt().union(ball(1 - low * low).sqrt())
    forward = p[1] > 0
    tilt = s * along if forward else -s * along
    root = (a * a - s * s * across * across).sqrt()
    b, h = root - tilt, (root + tilt) / 2
    odds, drift, late_drift, pull, late_pull = _constants(*_range(h / b))
    spread = across / (2 * arb.pi()).sqrt()
    if forward:
        ahead = (along * h - s).max(arb(0)) + spread
        total = s * odds + b * b * (pull * ahead + late_pull * along / b)
        total += s * b * along * (drift * ahead + late_drift * along / b)
        rest = arb(0)
    else:
        total = s * odds + b * along * (drift * (1 + s * (s + spread + along * h)))
        total += s * along * along * late_drift + spread * b * b * pull
        rest = ball(Fraction(12, 100)) * ((s * s - a * a) / 2).exp()
    density = (-h * h / 2).exp() / (2 * arb.pi()).sqrt()
    return arb((2 * density / b * total + rest).upper())


def _range(theta: arb) -> Interval:
    """The ball rounded outwards to multiples of ``1/_FINE``."""
    # one multiple more than the floats say: they round by far less
    low = Fraction(math.floor(float(theta.lower()) * _FINE) - 1, _FINE)
    high = Fraction(math.ceil(float(theta.upper()) * _FINE) + 1, _FINE)
    return max(low, _NODES[0]), min(high, _NODES[-1])


@lru_cache(maxsize=4096)
def _constants(low: Fraction, high: Fraction) -> tuple[arb, arb, arb, arb, arb]:
    """The five integrals, each at most its larger value at the ends: they are convex."""
    ends = [_at(low), _at(high)]
    first, second, third, fourth, fifth = (
        left.max(right) for left, right in zip(*ends, strict=True)
    )
    return first, second, third, fourth, fifth


@lru_cache(maxsize=4096)
def _at(theta: Fraction) -> tuple[arb, ...]:
    """Upper bounds at an exponent, by chords between nodes."""
    for left, right in pairwise(_NODES):
        if left <= theta <= right:
            share = ball((theta - left) / (right - left))
            return tuple(
                arb((x + share * (y - x)).upper())
                for x, y in zip(_node(left), _node(right), strict=True)
            )
    raise ValueError(f"an exponent of {theta}")


@lru_cache(maxsize=32)
def _node(theta: Fraction) -> tuple[arb, ...]:
    value = ball(theta)
    odds = arb.pi() / (arb.pi() * value).sin()
    return tuple(arb(x.upper()) for x in (odds, *odds_integrals(value)))


@dataclass(frozen=True)
class _Integrals:
    """Integrals over ``l = ln r`` of functions of the odds ``r``, times ``exp(-theta l)``.

    ``drift``: of ``r/(1+r)^2``; ``late_drift``: the same with the factor ``max(l, 0)``; ``pull``
    and ``late_pull``: of ``4r/27`` up to 1/2 and ``r^2/(1+r)^3`` beyond. The largest for ``theta``
    in a range; all are convex in ``theta``, so it is one of the ends.
    """

    drift: arb
    late_drift: arb
    pull: arb
    late_pull: arb


def fine_drift_bound(norm: arb, near: Fraction) -> arb:
    r"""Lemma V with finer integrals, shown on paper only; it decreases in ``a >= 4``.

    Examples
    --------
    >>> fine_drift_bound(arb(6), Fraction("0.2")).str(3, radius=False)
    '0.150'
    """
    eps = ball(near)
    odds, behind, ahead = _fine_constants()
    gap, reach = norm - eps, norm + eps
    away = _fine_case(gap / 2, reach, gap, eps, odds, behind)
    towards = _fine_case((norm * norm - eps * eps).sqrt() / 2, norm, gap, eps, odds, ahead)
    last = 2 * (reach * reach + eps * reach) * (eps * eps - norm * norm).exp()
    return away.max(towards) + last


def _fine_case(h: arb, b: arb, gap: arb, eps: arb, odds: arb, c: _Integrals) -> arb:
    density = (-h * h / 2).exp() / (2 * arb.pi()).sqrt()
    across = (h * h + 2 / arb.pi()).sqrt()
    total = odds * eps / gap + c.drift * (1 + eps * eps)
    total += eps * (c.drift * across + c.late_drift / gap)
    total += b * c.pull * (across + eps) + c.late_pull
    return 2 * density * total


@lru_cache(maxsize=1)
def _fine_constants() -> tuple[arb, _Integrals, _Integrals]:
    """``max pi/sin(pi theta)``, and the integrals for ``theta`` below and above 1/2."""
    with precision(_BITS):
        low, middle, high = _EXPONENTS
        odds = arb.pi() / (arb.pi() * ball(low)).sin()
        return odds, _largest(low, middle), _largest(middle, high)


def _largest(low: Fraction, high: Fraction) -> _Integrals:
    found = [odds_integrals(ball(theta)) for theta in (low, high)]
    return _Integrals(*(a.max(b) for a, b in zip(*found, strict=True)))


def odds_integrals(theta: arb) -> tuple[arb, arb, arb, arb]:
    """Integrals over ``l = ln r`` of functions of the odds ``r``, times ``exp(-theta l)``.

    Of ``r/(1+r)^2``, and the same with the factor ``max(l, 0)``; of ``4r/27`` up to 1/2 and
    ``r^2/(1+r)^3`` beyond, and the same with that factor. All are convex in ``theta``.
    """
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
