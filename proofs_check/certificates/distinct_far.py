r"""The checker's own test of Theorem E_n: one near component, the others distinct and far.

Forward loss, equal weights. For some ``eps <= 1/2`` with ``|v_1| <= eps``, all other ``|v_k| >= 4``
and ``eps <= 0.08 (|v_k| - eps)`` it needs

- ``sum_k bound(|v_k|, eps) <= 2 eps``, the pull of the far components on the near one, and
- ``beta > nu`` for each of them, so that it is pushed outwards whatever the others do

(formulas: ``docs/certificates.md``). Nothing is shared with `numerics.fates.distinct_far`:
integrals are sums over cells with a bound of the second derivative, and the root that ``beta``
needs is bracketed by rationals.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import flint
from flint import arb, arb_series, fmpq

Bounds = tuple[Fraction, Fraction]

_BITS = 80
_WIDTH = Fraction(1, 16)
_END = 40
_LEFT, _CENTRE, _RIGHT = Fraction(42, 100), Fraction(50, 100), Fraction(58, 100)
_GRID = 200


def applies(near: Bounds, far: Sequence[Bounds], components: int, span: int) -> bool | None:
    """Whether the theorem applies for all squared norms in the bounds; None where it may.

    Examples
    --------
    >>> six, small = (Fraction(36), Fraction(36)), (Fraction(0), Fraction(1, 9))
    >>> applies(small, [six, six], 3, 1)
    True
    >>> applies(small, [six, (Fraction(20), Fraction(20))], 3, 1)
    False
    """
    before = flint.ctx.prec
    flint.ctx.prec = _BITS
    try:
        if _holds(near[1], [low for low, _ in far], components, span):
            return True
        return None if _holds(near[0], [high for _, high in far], components, span) else False
    finally:
        flint.ctx.prec = before


def _holds(near: Fraction, far: Sequence[Fraction], components: int, span: int) -> bool:
    if len(far) != components - 1 or not far or min(far) < max(16, span + 4):
        return False
    norms = [arb(_ball(square).sqrt().lower()) for square in far]
    inner = _root_above(components)
    for number in range(1, _GRID // 2 + 1):
        eps = Fraction(number, _GRID)
        if eps * eps < near:
            continue
        radius = _ball(eps)
        if not all(100 * radius <= 8 * (a - radius) for a in norms):
            return False
        if not all(_pushed(a, radius, components, span, inner) for a in norms):
            return False
        if sum((pull(a, radius) for a in norms), arb(0)) <= 2 * radius:
            return True
    return False


def _root_above(components: int) -> arb:
    """A number at least ``g`` with ``2 g e^g = (n - 2)/e``."""
    step, size = Fraction(0), Fraction(1, 1000)
    while not 2 * _ball(step) * _ball(step).exp() >= _ball(Fraction(components - 2)) / arb(1).exp():
        step += size
    return _ball(step)


def far_enough(a: arb, eps: arb, components: int, span: int) -> bool:
    """Whether ``beta > nu``: a component that far is pushed outwards."""
    return _pushed(a, eps, components, span, _root_above(components))


def _pushed(a: arb, eps: arb, components: int, span: int, inner: arb) -> bool:
    beta = (a - eps) ** 2 / 8 - eps**2 / 2 - inner - _ball(Fraction(span + 2, 2))
    nu = (arb(2) ** (span + 1) / arb.pi()).sqrt() * components / a * (-(a**2) / 4).exp()
    return bool(beta > nu * (_ball(Fraction(1, 2)) * (1 + a**-2) + 3 * a**-4))


def pull(a: arb, eps: arb) -> arb:
    """Upper bound of how far a component at distance ``a`` moves the gradient at the near one."""
    rest = 2 * (a + eps) * (a + 2 * eps) * ((eps - a) * (eps + a)).exp()
    behind = _side((a - eps) / 2, a + eps, a, eps, _LEFT, _CENTRE)
    ahead = _side(((a - eps) * (a + eps)).sqrt() / 2, a, a, eps, _CENTRE, _RIGHT)
    return arb(behind.max(ahead).upper()) + rest


def _side(h: arb, b: arb, a: arb, eps: arb, first: Fraction, last: Fraction) -> arb:
    spread = (h**2 + 2 / arb.pi()).sqrt()
    sine = (arb.pi() * _ball(_LEFT)).sin()
    c2 = arb.pi() * _ball(last) / (arb.pi() * _ball(last)).sin()
    c2_late, c3, c3_late = _integrals(first, last)
    inside = arb.pi() / sine * eps / (a - eps) + c2 * (1 + eps**2)
    inside += eps * (c2 * spread + c2_late / (a - eps)) + b * c3 * (spread + eps) + c3_late
    return (2 / arb.pi()).sqrt() * (-(h**2) / 2).exp() * inside


@lru_cache(maxsize=4)
def _integrals(first: Fraction, last: Fraction) -> tuple[arb, arb, arb]:
    """Upper bounds of the three integrals for both ends of a range of exponents."""
    found = []
    for theta in (first, last):
        found.append(integrals_at(theta))
    pairs = zip(*found, strict=True)
    first_one, second, third = (
        arb(max(float(x.upper()) for x in pair) * (1 + 1e-9)) for pair in pairs
    )
    return first_one, second, third


def integrals_at(theta: Fraction) -> tuple[arb, arb, arb]:
    """The three integrals at one exponent."""
    below = 4 * _ball(Fraction(1, 2)) ** _ball(1 - theta) / (27 * _ball(1 - theta))
    return (
        _above(theta, 2, Fraction(0), late=True),
        below + _half_line(theta),
        _above(theta, 3, Fraction(0), late=True),
    )


def _half_line(theta: Fraction) -> arb:
    """``int r^2/(1+r)^3 r^-theta dl`` over ``r = e^l >= 1/2``: below 0 in cells of their own."""
    cells, log = 16, arb(2).log()
    total = _above(theta, 3, Fraction(0), late=False)
    for k in range(cells):
        middle, half = _ball(Fraction(2 * k + 1, 2 * cells)), _ball(Fraction(1, 2 * cells))
        total += _cell(theta, 3, -log * middle, log * half, late=False)
    return total


def _above(theta: Fraction, power: int, start: Fraction, *, late: bool) -> arb:
    """``int_start^inf w(l) e^((power-1-theta) l) (1+e^l)^-power dl``, ``w = l`` if late, else 1."""
    total, place = arb(0), start
    while place < _END:
        total += _cell(theta, power, _ball(place + _WIDTH / 2), _ball(_WIDTH / 2), late=late)
        place += _WIDTH
    decay = _ball(1 + theta)
    return total + (-decay * _END).exp() * (_END + 1) / decay**2 * 2


def _cell(theta: Fraction, power: int, middle: arb, half: arb, *, late: bool) -> arb:
    """The integral over one cell: the middle's value, and a bound with the second derivative."""

    def jet(place: arb) -> arb_series:
        log = arb_series([place, 1], 3)
        value = (log * _ball(power - 1 - theta)).exp() * (1 + log.exp()).inv() ** power
        return value * log if late else value

    value = jet(middle)[0]
    second = 2 * jet(middle + arb(0, half.abs_upper()))[2]
    return 2 * half * value + half**3 / 3 * second


def _ball(value: Fraction | int) -> arb:
    exact = Fraction(value)
    return arb(fmpq(exact.numerator, exact.denominator))
