r"""The checker's own test of Theorem L: a low loss, and who then escapes.

Forward loss, means in ``d`` dimensions, loss at most ``L``. All later steps must be below ``2/M``,
and every component that is said to escape needs ``|v| > sqrt L``, ``|v|^2 >= d + 4`` and
``beta > nu`` (formulas: ``docs/certificates.md``). Nothing is shared with `numerics.fates`: where
the tangents are best is found by the sign of a derivative; Gaussian tails follow from a recursion
by parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import flint
from flint import arb, fmpq

Bounds = tuple[Fraction, Fraction]

_BITS = 80
_HALVINGS = 60
#: What splits a square in two, above 1: any will do.
_OWN = ("5/4", "3/2", "7/4", "2", "9/4", "5/2", "3", "4")


def applies(
    escaped: Sequence[tuple[Bounds, Fraction]],
    weights: Sequence[Fraction],
    span: int,
    step: Bounds,
    loss: Bounds,
) -> bool | None:
    """Whether the theorem lets all of these squared norms escape; None where it may.

    Each squared norm stands with the weight of its component.

    Examples
    --------
    >>> third = Fraction(1, 3)
    >>> far, nearer = (((square,) * 2, third) for square in (Fraction(28), Fraction(26)))
    >>> slow, level = (Fraction(2, 5),) * 2, (Fraction(1, 5),) * 2
    >>> applies([far], (third,) * 3, 1, slow, level)
    True
    >>> applies([far, nearer], (third,) * 3, 1, slow, level)
    False
    """
    before = flint.ctx.prec
    flint.ctx.prec = _BITS
    try:
        low, high = ([(bounds[end], share) for bounds, share in escaped] for end in (0, 1))
        if _holds(low, weights, span, step[1], loss[1]):
            return True
        return None if _holds(high, weights, span, step[0], loss[0]) else False
    finally:
        flint.ctx.prec = before


def _holds(
    squares: Sequence[tuple[Fraction, Fraction]],
    weights: Sequence[Fraction],
    span: int,
    step: Fraction,
    loss: Fraction,
) -> bool:
    level = _ball(max(loss, Fraction(0)))
    if not squares or len(weights) < 2 or not _ball(step) * curvature(weights, span, level) < 2:
        return False
    return all(_outwards(square, share, min(weights), span, level) for square, share in squares)


def _outwards(square: Fraction, share: Fraction, least: Fraction, span: int, level: arb) -> bool:
    if square < span + 4 or not _ball(square) > level:
        return False
    a = _ball(square).sqrt()
    total = level + (level * span).sqrt()
    beta = (a - level.sqrt()) ** 2 / 8 - (level + total) / 4 + _ball(least).log() / 2
    beta -= _ball(Fraction(span + 2, 2)) + lack(_ball(share))
    nu = (arb(2) ** (span + 1) / arb.pi()).sqrt() / _ball(share) / a * (-(a**2) / 4).exp()
    half = _ball(Fraction(1, 2))
    return bool(beta > nu * (half + (half + _ball(share / least).log()) * a**-2 + 3 * a**-4))


def lack(share: arb) -> arb:
    """``max_t t/2 + pi ((1 - t) e^t - 1)``: concave for ``t > -1``, the largest between 0 and 1/pi.

    Examples
    --------
    >>> bool(abs(lack(arb(1) / 2) - arb("0.16518")) < arb("0.00001"))
    True
    """
    low, high = arb(0), arb((1 / share).mid())
    for _ in range(_HALVINGS):
        middle = arb(((low + high) / 2).mid())
        low, high = (middle, high) if 2 * share * middle * middle.exp() < 1 else (low, middle)
    t = low.union(high)
    # t e^t = 1/(2 pi) there
    return t / 2 + share * ((1 - t) * t.exp() - 1)


def curvature(weights: Sequence[Fraction], span: int, level: arb) -> arb:
    """``M``: no direction of unit length has a second derivative above it, at loss up to ``level``.

    Examples
    --------
    >>> bool(abs(curvature((Fraction(1, 3),) * 3, 1, arb("0.2")) - arb("4.394")) < arb("0.001"))
    True
    """
    least, most = min(weights), max(weights)
    twice_a = level + (level * span).sqrt() - 2 * _ball(least).log()
    zeroth, second = [], []
    for start in (span, span + 4):
        tail = _tails(span, start)
        zeroth.append(tail[1] - start * tail[0])
        second.append(tail[2] - start * tail[1])
    (rise, steep), between = zeroth, zeroth[0] - zeroth[1]
    rest = rise + (second[1] + twice_a * steep) / 2
    reach = second[0] - second[1] + twice_a * between
    sides = _constants(1 / least - 1, most / least)
    bounds = [
        rest
        + k_a * (1 - between / 4)
        + c_a * (span + level)
        + k_v * steep
        + ((c_b.max(c_a) - c_a) * reach + k_b.max(k_a) * between) / 4
        for k_a, c_a, k_v in sides[0]
        for k_b, c_b in sides[1]
    ]
    return min(bounds, key=lambda bound: float(bound.mid()))  # each is right


def _tails(span: int, start: int) -> list[arb]:
    """``E |x|^(2k)`` over ``|x|^2 > start``, ``k = 0, 1, 2``: ``int r^(2k+d-1) e^(-r^2/2) dr``."""
    edge = _ball(start).sqrt()
    density = (-_ball(Fraction(start, 2))).exp()
    found = [(arb.pi() / 2).sqrt() * (edge / arb(2).sqrt()).erfc(), density]
    whole = [(arb.pi() / 2).sqrt(), arb(1)]
    for k in range(2, span + 4):
        found.append(edge ** (k - 1) * density + (k - 1) * found[k - 2])
        whole.append((k - 1) * whole[k - 2])
    return [found[2 * k + span - 1] / whole[span - 1] for k in range(3)]


@lru_cache(maxsize=8)
def _constants(
    others: Fraction, ratio: Fraction
) -> tuple[list[tuple[arb, arb, arb]], list[tuple[arb, arb]]]:
    """``(K_A, c_A, K_V)`` and ``(K_B, c_B)``, each for every way to split a square."""
    m, q = _ball(others), _ball(ratio)
    deep, low = peak(m, arb(-2)), peak(m, arb(0))
    near, far = [], []
    for own in (_ball(Fraction(text)) for text in _OWN):
        mean = 1 + 1 / (own - 1)
        k_a = (2 + 2 * peak(m, arb(-1))).max(400 * own * q / 21 / _ball(Fraction(17, 5)).exp())
        c_a = (2 * own * peak(q, mean * deep / own - 2)).max(2 * mean * deep)
        k_v = (2 * peak(q, _ball(Fraction(-1, 2)))).max((k_a - 1) ** 2 / 4 - arb(1) / 2)
        near.append((k_a, c_a, k_v))
        far.append((16 * own * q / arb(2).exp(), 2 * own * peak(q, mean * low / own)))
    return near, far


def peak(m: arb, b: arb) -> arb:
    """``max_t m e^(-g) (1 - t)^2 + (g - 1) t (1 - t) + b t`` over real t, for the best g.

    With ``u = m e^(-g)`` and ``D = g - 1 - u > 0`` it is ``u + w^2/(4 D)``, ``w = D - u + b``,
    which is convex in g: its derivative ``-u + w (1 + 2 u)/(2 D) - w^2 (1 + u)/(4 D^2)`` changes
    its sign once.
    """

    def parts(g: arb) -> tuple[arb, arb, arb]:
        u = m * (-g).exp()
        d = g - 1 - u
        return u, d, d - u + b

    def falls(g: arb) -> bool:
        u, d, w = parts(g)
        if not d > 0:
            return True
        return bool(-u + w * (1 + 2 * u) / (2 * d) < w**2 * (1 + u) / (4 * d**2))

    low, high = arb(1), arb((2 + m + abs(b)).mid())
    for _ in range(_HALVINGS):
        middle = arb(((low + high) / 2).mid())
        low, high = (middle, high) if falls(middle) else (low, middle)
    u, d, w = parts(high)
    if not d > 0:
        raise ValueError("no tangent bounds a group of components")
    return u + w**2 / (4 * d)


def _ball(value: Fraction | int) -> arb:
    exact = Fraction(value)
    return arb(fmpq(exact.numerator, exact.denominator))
