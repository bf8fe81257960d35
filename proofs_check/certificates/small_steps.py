r"""The checker's own test of Theorem E_n': one near component, smaller steps, larger regions.

Forward loss, equal weights, ``|v_1| <= eps``, all other ``|v_k| >= rho``, steps up to ``eta``. What
Theorem E_n asks of the near component is replaced by: for ``s = |v_1| <= eps`` and each far
component at distance ``b`` from ``v_1``, in a direction of cosine ``p`` with ``v_1``,

    (1 - 2 eta)^2 s^2 + 2 eta (1 - 2 eta) s (n - 1) max R + eta^2 ((n - 1) E)^2 <= eps^2

(``R``, ``E``: ``docs/certificates.md``). Nothing is shared with `numerics.fates.small_steps`: the
boxes are in ``(b, s, p)``, where the exponent is ``1/2 + s p/b`` without a root; the integrals are
sums over cells with a bound of the second derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import flint
from flint import arb, arb_series, fmpq

from proofs_check.certificates.distinct_far import far_enough

Bounds = tuple[Fraction, Fraction]

_BITS = 80
_GRID = Fraction(1, 20)
_RADII = tuple(Fraction(k, 50) for k in range(10, 23))
_LAST = Fraction(9)
_LEAST_WIDTH = Fraction(1, 2048)
_NODE = Fraction(1, 50)
_WIDTH, _END = Fraction(1, 16), 40
_LEFT, _CENTRE, _RIGHT = Fraction(42, 100), Fraction(50, 100), Fraction(58, 100)


def applies(
    near: Bounds, far: Sequence[Bounds], components: int, span: int, step: Bounds
) -> bool | None:
    """Whether the theorem applies for all squared norms and steps in the bounds; None: it may.

    Examples
    --------
    >>> near, far = (Fraction(0), Fraction(1, 9)), (Fraction(22), Fraction(22))
    >>> slow, fast = (Fraction(1, 20),) * 2, (Fraction(1, 4),) * 2
    >>> applies(near, [far, far], 3, 1, slow), applies(near, [far, far], 3, 1, fast)
    (True, False)
    """
    before = flint.ctx.prec
    flint.ctx.prec = _BITS
    try:
        if _holds(near[1], min(low for low, _ in far), components, span, step[1]):
            return True
        best = _holds(near[0], max(high for _, high in far), components, span, step[0])
        return None if best else False
    finally:
        flint.ctx.prec = before


def _holds(near: Fraction, far: Fraction, components: int, span: int, step: Fraction) -> bool:
    rho = _GRID * int(Fraction(_ball(far).sqrt().lower().str(12, radius=False)) / _GRID)
    while rho * rho > far:
        rho -= _GRID
    if rho * rho < max(16, span + 4) or not 0 < step <= Fraction(1, 2):
        return False
    rho = min(rho, _LAST - 1)
    return any(
        radius * radius >= near
        and 100 * radius <= 8 * (rho - radius)
        and far_enough(_ball(rho), _ball(radius), components, span)
        and _stays(components, rho, radius, step)
        for radius in _RADII
    )


@lru_cache(maxsize=64)
def _stays(components: int, rho: Fraction, eps: Fraction, step: Fraction) -> bool:
    """The inequality on every box of ``(b, s, p)`` that meets ``|v_k| >= rho``."""
    others, eta = components - 1, _ball(step)
    whole = others * fine_pull(_ball(rho), _ball(eps))
    goal, drift = _ball(eps) ** 2, (eta * whole) ** 2
    inward = 1 - 2 * eta

    def below(size: arb, share: arb) -> bool:
        kept = (inward * size) ** 2 + 2 * eta * inward * size * others * share + drift
        return bool(kept <= goal)

    # beyond the last box |v_k| is at least _LAST
    if not below(_ball(eps), fine_pull(_ball(_LAST), _ball(eps))):
        return False
    stack = [
        ((rho - eps, _LAST + eps), (Fraction(0), eps), (sign - 1, sign))
        for sign in (Fraction(0), Fraction(1))
    ]
    sizes = [_LAST + 2 * eps - rho, eps, Fraction(1)]
    while stack:
        b, s, p = stack.pop()
        cosine = max(p[0] * s[0], p[0] * s[1], p[1] * s[0], p[1] * s[1])
        if s[1] ** 2 + 2 * b[1] * cosine + b[1] ** 2 < rho * rho:
            continue  # every such |v_k| is below rho
        if below(_ball(s[1]), _share(b, s, p)):
            continue
        widths = [(ends[1] - ends[0]) / size for ends, size in zip((b, s, p), sizes, strict=True)]
        if max(widths) < _LEAST_WIDTH:
            return False
        axis = widths.index(max(widths))
        low, high = (b, s, p)[axis]
        for half in ((low, (low + high) / 2), ((low + high) / 2, high)):
            stack.append((half, s, p) if axis == 0 else (b, half, p) if axis == 1 else (b, s, half))
    return True


def _share(distance: Bounds, size: Bounds, cosine: Bounds) -> arb:
    """Upper bound of ``R`` on a box whose cosines have one sign."""
    b, s, p = (_ball(low).union(_ball(high)) for low, high in (distance, size, cosine))
    h, tilt = b / 2 + s * p, s * p / b
    theta = _ball(Fraction(1, 2)) + tilt
    c1, c2, c2_late, c3, c3_late = _convex(theta)
    outer = max(abs(cosine[0]), abs(cosine[1]))
    inner = min(abs(cosine[0]), abs(cosine[1]))
    across = _ball(1 - outer**2).sqrt().union(_ball(1 - inner**2).sqrt())
    half_normal = across / (2 * arb.pi()).sqrt()
    scale = (2 / arb.pi()).sqrt() * (-(h**2) / 2).exp() / b
    if cosine[1] > 0:
        in_front = half_normal + (p * h - s).max(arb(0))
        inside = s * c1 + b**2 * c3 * in_front + b * p * c3_late
        inside += s * p * (b * c2 * in_front + p * c2_late)
        return arb((scale * inside).upper())
    q = -p
    inside = s * c1 + half_normal * b**2 * c3 + q**2 * s * c2_late
    inside += b * q * c2 * (1 + s**2 + s * half_normal + s * q * h)
    # |v_k|^2 - |v_1|^2 = 2 b h
    return arb((scale * inside + 3 * (-b * h).exp() / 25).upper())


def _convex(theta: arb) -> list[arb]:
    """Bounds of the integrals on a range of exponents: convex, so by chords at its ends."""
    ends = []
    for end, direction in ((theta.lower(), -1), (theta.upper(), 1)):
        outwards = round(10_000 * float(end)) + 2 * direction  # floats round by far less
        place = min(max(Fraction(outwards, 10_000), Fraction(2, 5)), Fraction(3, 5))
        left = min(_NODE * (place // _NODE), Fraction(3, 5) - _NODE)
        share = _ball((place - left) / _NODE)
        pairs = zip(_node(left), _node(left + _NODE), strict=True)
        ends.append([x * (1 - share) + y * share for x, y in pairs])
    return [arb(x.max(y).upper()) for x, y in zip(*ends, strict=True)]


@lru_cache(maxsize=32)
def _node(theta: Fraction) -> tuple[arb, ...]:
    angle = arb.pi() * _ball(theta)
    odds = arb.pi() / angle.sin()
    return (odds, _ball(theta) * odds, *integrals_at(theta))


def _ball(value: Fraction | int) -> arb:
    exact = Fraction(value)
    return arb(fmpq(exact.numerator, exact.denominator))


def fine_pull(a: arb, eps: arb) -> arb:
    """Lemma V with finer integrals: how far a component at distance ``a`` moves the gradient."""
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
