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
Both theorem and lemma are replayed: ``proofs-check prove E-n``, ``V``; the constants of Lemma V
are bounds of integrals, which balls confirm there.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb

from numerics.numbers.balls import ball, precision

_BITS = 96
LEAST_FAR = Fraction(4)
MOST_NEAR = Fraction(1, 2)
#: To spare in both conditions, so that whoever checks a run with coarser bounds confirms it.
_SPARE = Fraction(1, 100)
_RADII = tuple(Fraction(k, 100) for k in range(1, 51))
#: The constants of Lemma V: bounds of integrals over the odds, and of what grows beside them.
_SHARE = Fraction(353, 350)
_PRODUCT, _PRODUCT_LATE = Fraction(1571, 1000), Fraction(369, 1000)
_TRIPLE, _TRIPLE_LATE = Fraction(52, 100), Fraction(169, 1000)


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
            if radius**2 < start:
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

    .. math:: \mathcal{E} = \sqrt{2/\pi}\,e^{-z^2/8} \bigl(c_1 \varepsilon
              + c_2 (1 + \varepsilon^2) + \varepsilon (c_2 z/2 + c_2')
              + (z + 2 \varepsilon)(c_3 (z/2 + \varepsilon) + c_3')\bigr), \quad z = a - \varepsilon

    Examples
    --------
    >>> drift_bound(arb(6), Fraction("0.2")).str(3, radius=False)
    '0.165'
    """
    eps = ball(near)
    gap = norm - eps
    share, product, triple = (ball(c) for c in (_SHARE, _PRODUCT, _TRIPLE))
    inside = share * eps + product * (1 + eps * eps)
    inside += eps * (product * gap / 2 + ball(_PRODUCT_LATE))
    inside += (gap + 2 * eps) * (triple * (gap / 2 + eps) + ball(_TRIPLE_LATE))
    return (2 / arb.pi()).sqrt() * (-gap * gap / 8).exp() * inside
