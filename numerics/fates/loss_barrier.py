r"""Which components escape because the loss is low: Theorem L, whatever the others do.

Forward loss, ``n`` components of equal weight, means that span ``d`` dimensions. Once the loss is
at most ``L`` and every later step is below ``2/M(n, d, L)``, the loss never rises again, and every
component with :math:`\beta(|v_j|) > \nu(|v_j|)`, :math:`|v_j| > \sqrt L`, :math:`|v_j|^2 \ge d+4`
escapes to infinity:

.. math:: \beta(a) = \frac{(a - \sqrt L)^2}8 - \frac L4 - \log n - \frac{L + \sqrt{dL}}4
          - \frac d2 - 1,

``nu`` as in `numerics.fates.distinct_far`. ``M`` bounds the Hessian from above where the loss is at
most ``L``; with :math:`A = \log n + (L + \sqrt{dL})/2`

.. math:: M = 2 \zeta_3 + E(d+2-|x|^2)^+ + E[(|x|^2-d-4)^+ (|x|^2 + 2A + 2 \sqrt L |x|)]
          + 2 \Bigl(\sqrt{\zeta_1 (d+L) + 2 \zeta_2} + \sqrt{\zeta_3 (d+L)}\Bigr)^2 .

Of the other components nothing is said (they stay within that radius or escape). The constants
:math:`\zeta` are maxima of functions of one responsibility; the means are incomplete Gamma
functions. Derived in ``docs/certificates.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache

from flint import arb

from numerics.fates.distinct_far import outward_loss
from numerics.numbers.balls import ball, precision

_BITS = 96
#: To spare in both conditions, so that whoever checks a run with coarser bounds confirms it.
_SPARE = Fraction(1, 100)
#: Cells of a responsibility's range in which its functions are bounded.
_CELLS = 8000


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
    >>> escaping(bounds, third, 1, Fraction(1, 5), Fraction(1, 5))
    (2,)
    >>> escaping(bounds, third, 1, Fraction(1, 4), Fraction(1, 5))
    ()
    """
    count = len(weights)
    if count < 2 or len(set(weights)) > 1 or loss < 0:
        return ()
    with precision(_BITS):
        level = ball(loss)
        if not (1 + ball(_SPARE)) * ball(largest_step) * hessian_bound(count, span, level) < 2:
            return ()
        return tuple(
            number
            for number, (low, _) in enumerate(squared_norms)
            if low > 0 and low >= span + 4 and low > loss
            if outwards(arb(ball(low).sqrt().lower()), count, span, level) > ball(_SPARE)
        )


def outwards(norm: arb, components: int, span: int, loss: arb) -> arb:
    """``beta - nu``: positive where a component is pushed outwards; increases with its norm.

    Examples
    --------
    >>> bool(outwards(arb("5.20"), 3, 1, arb("0.2")) > 0)
    True
    >>> bool(outwards(arb("5.17"), 3, 1, arb("0.2")) < 0)
    True
    """
    gap = norm - loss.sqrt()
    most = _offset(components, span, loss) + arb(components).log()
    beta = gap * gap / 8 - loss / 4 - most / 2 - ball(Fraction(span, 2)) - 1
    return beta - outward_loss(norm, components, span)


def _offset(components: int, span: int, loss: arb) -> arb:
    """``A``: the log-density is at least ``-A`` plus a linear function."""
    return arb(components).log() + (loss + (span * loss).sqrt()) / 2


def hessian_bound(components: int, span: int, loss: arb) -> arb:
    """``M``: an upper bound of the Hessian where the loss is at most ``loss``; increases with it.

    Examples
    --------
    >>> [hessian_bound(n, d, arb("0.2")).str(3, radius=False) for n, d in ((3, 1), (5, 3))]
    ['9.06', '18.4']
    """
    one, two, three = _maxima(components)
    cut, root, offset = span + 4, loss.sqrt(), _offset(components, span, loss)

    def tail(power: int, start: int) -> arb:
        return _tail(span, power, start)

    late = tail(4, cut) + 2 * root * tail(3, cut) + (2 * offset - cut) * tail(2, cut)
    late -= 2 * root * cut * tail(1, cut) + 2 * offset * cut * tail(0, cut)
    # E(d + 2 - |x|^2)^+ = 2 + E(|x|^2 - d - 2)^+
    early = 2 + tail(2, span + 2) - (span + 2) * tail(0, span + 2)
    reach = span + loss
    cross = (one * reach + 2 * two).sqrt() + (three * reach).sqrt()
    return 2 * three + early + late + 2 * cross * cross


def _tail(span: int, power: int, start: int) -> arb:
    """``E |x|^power`` over ``|x|^2 > start``, ``x`` standard normal in ``span`` dimensions."""
    order, half = ball(Fraction(span + power, 2)), ball(Fraction(span, 2))
    share = ball(Fraction(start, 2)).gamma_upper(order) / half.gamma()
    return arb(2) ** ball(Fraction(power, 2)) * share


@lru_cache(maxsize=16)
def _maxima(components: int) -> tuple[arb, arb, arb]:
    """Upper bounds of the three ``zeta``, of functions of a responsibility ``s``.

    ``s(1-s) log((1-s)/s)``, ``s ((1-s) log((1-s)/s))^2`` up to 1/2, and ``s(1-s) (log(n-1) +
    log((1-s)/s))``. Every factor is monotone: on a cell each is bounded at one of its ends.
    """
    extra = arb(components - 1).log()

    def odds(s: arb) -> arb:
        return ((1 - s) / s).log()

    def first(low: arb, high: arb) -> arb:
        return high * (1 - high) * odds(low)

    def second(low: arb, high: arb) -> arb:
        rest = (1 - low) * odds(low)
        return high * rest * rest

    def third(low: arb, high: arb) -> arb:
        return high * (1 - high) * (extra + odds(low))

    def beyond_half(low: arb, high: arb) -> arb:
        return low * (1 - low) * (extra + odds(low)).max(arb(0))

    def largest(bound: Callable[[arb, arb], arb], first_cell: arb, start: int, end: int) -> arb:
        most = first_cell
        for k in range(start, end):
            low, high = (arb(place) / (2 * _CELLS) for place in (k, k + 1))
            most = most.max(bound(low, high))
        return arb(most.upper())

    edge = arb(1) / (2 * _CELLS)
    near_zero = -edge.log()  # at least log((1-s)/s) times s/edge, as s log(1/s) increases there
    one = largest(first, edge * near_zero, 1, _CELLS)
    two = largest(second, edge * near_zero * near_zero, 1, _CELLS)
    three = largest(third, edge * (extra + near_zero), 1, _CELLS)
    three = three.max(largest(beyond_half, arb(0), _CELLS, 2 * _CELLS - 1))
    last = edge * (extra + odds(1 - edge)).max(arb(0))
    return one, two, arb(three.max(last).upper())
