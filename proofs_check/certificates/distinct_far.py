r"""The checker's own test of Theorem E_n: one near component, the others distinct and far.

Forward loss, equal weights. For some ``eps <= 1/2`` with ``|v_1| <= eps``, all other ``|v_k| >= 4``
it needs

- ``sum_k bound(|v_k|, eps) <= 2 eps``, the pull of the far components on the near one, and
- ``beta > nu`` for each of them, so that it is pushed outwards whatever the others do

(formulas: ``docs/certificates.md``). Nothing is shared with `numerics.fates.distinct_far`:
the root that ``beta`` needs is bracketed by rationals.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import flint
from flint import arb, fmpq

Bounds = tuple[Fraction, Fraction]

_BITS = 80
_GRID = 200
#: Bounds of the integrals of Lemma V, which ``proofs-check prove V`` confirms.
_C2, _C3 = Fraction(1571, 1000), Fraction(52, 100)


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
        if not all(_pushed(a, radius, components, span, inner) for a in norms):
            return False
        if sum((pull(a, radius) for a in norms), arb(0)) <= 2 * radius:
            return True
    return False


@cache
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
    room, sum_ = a - eps, a + eps
    first = _ball(Fraction(353, 350)) * eps + _ball(_C2) * (1 + eps**2 + eps * room / 2)
    second = _ball(Fraction(369, 1000)) * eps
    third = sum_ * (_ball(_C3) * sum_ / 2 + _ball(Fraction(169, 1000)))
    return (2 / arb.pi()).sqrt() * (-(room**2) / 8).exp() * (first + second + third)


def _ball(value: Fraction | int) -> arb:
    exact = Fraction(value)
    return arb(fmpq(exact.numerator, exact.denominator))
