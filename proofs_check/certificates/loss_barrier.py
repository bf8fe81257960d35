r"""The checker's own test of Theorem L: a low loss, and who then escapes.

Forward loss, equal weights, means in ``d`` dimensions, loss at most ``L``. All later steps must be
below ``2/M``, and every component that is said to escape needs ``|v| > sqrt L``, ``|v|^2 >= d + 4``
and ``beta > nu`` (formulas: ``docs/certificates.md``). Nothing is shared with
`numerics.fates.loss_barrier`: with ``s = 1/(1 + e^y)`` the functions whose maxima ``M`` needs are
log-concave in ``y``, so that a bracket of the root of the logarithmic derivative holds the maximum;
Gaussian tails follow from a recursion by parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache

import flint
from flint import arb, fmpq

Bounds = tuple[Fraction, Fraction]

_BITS = 80
_HALVINGS = 40


def applies(
    escaped: Sequence[Bounds], components: int, span: int, step: Bounds, loss: Bounds
) -> bool | None:
    """Whether the theorem lets all of these squared norms escape; None where it may.

    Examples
    --------
    >>> far, slow, level = (Fraction(28),) * 2, (Fraction(1, 5),) * 2, (Fraction(1, 5),) * 2
    >>> applies([far], 3, 1, slow, level)
    True
    >>> applies([far, (Fraction(26),) * 2], 3, 1, slow, level)
    False
    """
    before = flint.ctx.prec
    flint.ctx.prec = _BITS
    try:
        if _holds([low for low, _ in escaped], components, span, step[1], loss[1]):
            return True
        best = _holds([high for _, high in escaped], components, span, step[0], loss[0])
        return None if best else False
    finally:
        flint.ctx.prec = before


def _holds(
    squares: Sequence[Fraction], components: int, span: int, step: Fraction, loss: Fraction
) -> bool:
    level = _ball(max(loss, Fraction(0)))
    if not squares or components < 2 or not _ball(step) * curvature(components, span, level) < 2:
        return False
    return all(_outwards(square, components, span, level) for square in squares)


def _outwards(square: Fraction, components: int, span: int, level: arb) -> bool:
    if square < span + 4 or not _ball(square) > level:
        return False
    a = _ball(square).sqrt()
    total = level + (level * span).sqrt()
    beta = (a - level.sqrt()) ** 2 / 8 - (level + total) / 4 - arb(components).log()
    beta -= _ball(Fraction(span + 2, 2))
    nu = (arb(2) ** (span + 1) / arb.pi()).sqrt() * components / a * (-(a**2) / 4).exp()
    return bool(beta > nu * (_ball(Fraction(1, 2)) * (1 + a**-2) + 3 * a**-4))


def curvature(components: int, span: int, level: arb) -> arb:
    """``M``: no direction of unit length has a second derivative above it, at loss up to ``level``.

    Examples
    --------
    >>> bool(abs(curvature(3, 1, arb("0.2")) - arb("9.06")) < arb("0.01"))
    True
    """
    z1, z2, z3 = _peaks(components)
    a = arb(components).log() + (level + (level * span).sqrt()) / 2
    t, root = span + 4, level.sqrt()
    rest = _ball(2)
    low = _tails(span, span + 2)
    rest += low[2] - (span + 2) * low[0]
    tail = _tails(span, t)
    weights = (-2 * a * t, -2 * root * t, 2 * a - t, 2 * root, arb(1))
    rest += sum((w * value for w, value in zip(weights, tail, strict=True)), arb(0))
    pair = (z1 * (span + level) + 2 * z2).sqrt() + (z3 * (span + level)).sqrt()
    return 2 * z3 + rest + 2 * pair**2


def _tails(span: int, start: int) -> list[arb]:
    """``E |x|^k`` over ``|x|^2 > start`` for ``k = 0 ... 4``: ``int r^(k+d-1) e^(-r^2/2) dr``."""
    edge = _ball(start).sqrt()
    density = (-_ball(Fraction(start, 2))).exp()
    found = [(arb.pi() / 2).sqrt() * (edge / arb(2).sqrt()).erfc(), density]
    whole = [(arb.pi() / 2).sqrt(), arb(1)]
    for k in range(2, span + 4):
        found.append(edge ** (k - 1) * density + (k - 1) * found[k - 2])
        whole.append((k - 1) * whole[k - 2])
    return [found[k + span - 1] / whole[span - 1] for k in range(5)]


@lru_cache(maxsize=8)
def _peaks(components: int) -> tuple[arb, arb, arb]:
    """Upper bounds of the three maxima over ``y``, each of a log-concave function."""

    def share(y: arb) -> arb:
        return 1 / (1 + y.exp())

    def plain(extra: arb) -> arb:
        # (extra + y) s (1 - s): the logarithm's derivative is 1/(extra + y) - (1 - 2s)
        return _peak(
            lambda y: (extra + y) * share(y) * (1 - share(y)),
            lambda y: 1 - (extra + y) * (1 - 2 * share(y)),
            -extra,
        )

    # y^2 s (1 - s)^2: 2/y - (1 - s) + 2s
    square = _peak(
        lambda y: y**2 * share(y) * (1 - share(y)) ** 2,
        lambda y: 2 - y * (1 - 3 * share(y)),
        arb(0),
    )
    return plain(arb(0)), square, plain(arb(components - 1).log())


def _peak(value: Callable[[arb], arb], slope: Callable[[arb], arb], start: arb) -> arb:
    """The largest value from ``start <= 0`` to 8, where the slope has the sign of ``slope``."""
    low, high = start.mid(), arb(8)
    if not (slope(high) < 0 and slope(low) > 0):
        raise ValueError("no bracket of a maximum")
    for _ in range(_HALVINGS):
        middle = ((low + high) / 2).mid()
        if slope(middle) > 0:
            low = middle
        elif slope(middle) < 0:
            high = middle
        else:
            break
    return arb(value(low.union(high)).upper())


def _ball(value: Fraction | int) -> arb:
    exact = Fraction(value)
    return arb(fmpq(exact.numerator, exact.denominator))
