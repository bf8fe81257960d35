r"""Which components escape because the loss is low: Theorem L, whatever the others do.

Forward loss, any weights, means that span ``d`` dimensions. Once the loss is at most ``L`` and
every later step is below ``2/M`` (`numerics.fates.curvature`), the loss never rises again, and
every component with :math:`\beta_j(|v_j|) > \nu_j(|v_j|)`, :math:`|v_j| > \sqrt L`,
:math:`|v_j|^2 \ge d+4` escapes to infinity:

.. math:: \beta_j(a) = \frac{(a - \sqrt L)^2}8 - \frac L4
          - \frac{\log(1/\pi_{\min})}2 - \frac{L + \sqrt{dL}}4 - \gamma_j - \frac d2 - 1,
          \qquad \gamma_j = \max_t\ \frac t2 + \pi_j((1-t)e^t - 1),

``nu_j`` as in `numerics.fates.distinct_far`. Of the other components nothing is said (they stay
within that radius or escape). Derived in ``docs/certificates.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb

from numerics.fates.curvature import hessian_bound, log_offset
from numerics.fates.distinct_far import outward_loss
from numerics.numbers.balls import ball, precision

_BITS = 96
#: To spare in both conditions, so that whoever checks a run with coarser bounds confirms it.
_SPARE = Fraction(1, 100)


def escaping(
    squared_norms: Sequence[tuple[Fraction, Fraction]],
    weights: Sequence[Fraction],
    span: int,
    largest_step: Fraction,
    loss: Fraction,
) -> tuple[int, ...]:
    """Components that Theorem L makes escape; none where it does not apply.

    Parameters
    ----------
    squared_norms : sequence of (Fraction, Fraction)
        Bounds of ``|v_i|^2``.
    weights : sequence of Fraction
    span : int
        At least the dimension of the means' span.
    largest_step : Fraction
        Of all later steps.
    loss : Fraction
        Upper bound.

    Examples
    --------
    >>> third = (Fraction(1, 3),) * 3
    >>> bounds = [(Fraction(r) ** 2,) * 2 for r in ("0.3", "2", "5.3")]
    >>> escaping(bounds, third, 1, Fraction(2, 5), Fraction(1, 5))
    (2,)
    >>> escaping(bounds, third, 1, Fraction(1, 2), Fraction(1, 5))
    ()
    """
    if len(weights) < 2 or loss < 0:
        return ()
    least = min(weights)
    with precision(_BITS):
        level = ball(loss)
        if not (1 + ball(_SPARE)) * ball(largest_step) * hessian_bound(weights, span, level) < 2:
            return ()
        return tuple(
            number
            for number, ((low, _), share) in enumerate(zip(squared_norms, weights, strict=True))
            if low > 0 and low >= span + 4 and low > loss
            if push(arb(ball(low).sqrt().lower()), share, least, span, level) > ball(_SPARE)
        )


def outwards(norm: arb, components: int, span: int, loss: arb) -> arb:
    """``beta - nu`` of equal weights: positive where a component is pushed outwards.

    Examples
    --------
    >>> bool(outwards(arb("4.93"), 3, 1, arb("0.2")) > 0)
    True
    >>> bool(outwards(arb("4.90"), 3, 1, arb("0.2")) < 0)
    True
    """
    share = Fraction(1, components)
    return push(norm, share, share, span, loss)


def push(norm: arb, share: Fraction, least: Fraction, span: int, loss: arb) -> arb:
    """``beta_j - nu_j`` of a component with weight `share`; increases with its norm.

    Examples
    --------
    >>> quarter = Fraction(1, 4)
    >>> bool(push(arb("5"), 3 * quarter, quarter, 1, arb("0.2")) > 0)
    True
    >>> bool(push(arb("5"), quarter, quarter, 1, arb("0.2")) < 0)
    True
    """
    gap = norm - loss.sqrt()
    most = log_offset(least, span, loss) / 2 + entropy_lack(share)
    beta = gap * gap / 8 - loss / 4 - most - ball(Fraction(span, 2)) - 1
    return beta - outward_loss(norm, share, span, least)


def entropy_lack(share: Fraction) -> arb:
    """``gamma``: at most that is the mean of f and ``l_j`` above the mean of all ``l_k``.

    The largest ``t/2 + pi ((1 - t) e^t - 1)``, where ``2 pi t e^t = 1``.

    Examples
    --------
    >>> entropy_lack(Fraction(1, 3)).str(3, radius=False)
    '0.218'
    """
    pi = ball(share)
    t = (1 / (2 * pi)).lambertw()
    return t / 2 + pi * ((1 - t) * t.exp() - 1)
