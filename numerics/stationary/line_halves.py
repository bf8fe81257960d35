r"""Components on a line that are all far from the truth: moving both halves apart raises the loss.

Forward loss, any weights, ``s_j`` the sign of ``v_j``, all ``|v_j| >= a > 0``, and

.. math:: G = \tfrac12 \sum_j s_j\,\partial_j L = E\Bigl[m \sum_j s_j\,\partial_{v_j} m\Bigr].

`least_push` is a lower bound of ``G``; where it is positive no such point is stationary. It
increases with ``a``.

*Notation.* ``P`` are the components with ``v_j > 0``, ``N`` the others; ``p, q`` the
responsibilities of the halves, ``p mu`` and ``-q nu`` their parts of ``m``, ``V_P, V_N`` the
variances of ``v_j`` within them, ``pi_P, pi_N`` their weights, ``sigma = p - q``, ``phi(0) =
1/sqrt(2 pi)``. So ``p' = p q (mu + nu)``, ``m = (mu + nu)(p - b)`` with ``b = nu/(mu + nu)``; in x,
``p`` and ``mu`` increase, ``nu`` and ``b`` decrease. In the identities of
`derive.mixtures.line_halves` stand ``T_ik = log(psi_i/pi_i) - log(psi_k/pi_k)``; their mean over
both halves is ``log(p/q) + e_P - e_N``, ``e_P`` the sum of ``r_i log(r_i/pi_i)`` over ``P``,
``r_i = psi_i/p``. Hence

.. math:: G = E[m\sigma] + E[2 m p q \log\tfrac pq] + E[2 m p q\,(e_P - e_N)]
              - E[m p^2 V_P] + E[m q^2 V_N] .

*Means over x.* For ``f >= 0``, ``E[f(p) p'] <= phi(0)`` times the integral of ``f`` over p.

1. ``m sigma = p mu + q nu - sigma'`` and ``E[sigma'] = E[x sigma] <= E|x| = 2 phi(0)``: the first
   term is at least ``a - 2 phi(0)``, and at least ``a`` if all means have one sign (``sigma`` is
   constant).
2. ``2 m p q log(p/q) = 2 (p - b) log(p/q) p'`` is negative only between the zeros of ``p - b`` and
   ``p - 1/2``, which is on one side of the latter: there ``|p - b|`` is at most the lesser of ``p``
   and ``q``. The integral of ``2 q log(p/q)`` over ``p > 1/2`` is ``log 2 - 1/2``.
3. ``-log pi_P <= e_P <= -log min_P pi`` (Gibbs), so that the third term is at least ``-2 p p' h_P``
   where ``m > 0`` and ``-2 q p' h_N`` where ``m < 0``, ``h_P = max(0, log(pi_P/min_N pi))``: in the
   mean at least ``-phi(0)(h_P + h_N)``.
4. Where ``m > 0``, ``m p^2 V_P <= mu V_P``. Let ``v_i`` be the least of ``P``, ``d_k = v_k - v_i``:
   ``mu = v_i + sum r_k d_k`` and ``V_P <= sum r_k d_k^2``, hence ``mu V_P <= sum r_k (v_i d_k^2 +
   d_k^3)`` (Chebyshev's inequality for sums). As ``r_k <= (pi_k/pi_i) exp(d_k (x - v_i - d_k/2))``,
   ``E r_k <= (pi_k/pi_i) exp(-v_i d_k)``, and ``u^k e^{-u} <= (k/e)^k``: at most ``(pi_P/min_P pi -
   1) c(a)``, ``c(a) = 4/(e^2 a) + 27/(e^3 a^3)``. The same for ``N`` where ``m < 0``.

*Dimension.* Means on a line through the truth in ``R^d`` have the gradient of ``d = 1``, along it;
on another line they are not stationary (proof ``P-critical``).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from flint import arb

from numerics.errors import InputError
from numerics.numbers.balls import ball, precision

_BITS = 96


class Half(NamedTuple):
    """The weights of the components on one side of the truth.

    Attributes
    ----------
    whole, least : Fraction
        Their sum, and the least of them; 0 and 1 if there is none.
    """

    whole: Fraction = Fraction(0)
    least: Fraction = Fraction(1)

    def and_also(self, weight: Fraction) -> Half:
        """With a further component."""
        return Half(self.whole + weight, min(self.least, weight))

    def spread_loss(self, radius: arb) -> arb:
        """What the variance within this half takes from ``G``: 0 for one component.

        Examples
        --------
        >>> third = Fraction(1, 3)
        >>> Half(2 * third, third).spread_loss(arb(2)).str(4, radius=False)
        '0.4387'
        """
        e = arb(1).exp()
        share = 4 / (e**2 * radius) + 27 / (e * radius) ** 3
        return (ball(self.whole / self.least) - 1) * share


def least_push(radius: arb, weights: Sequence[Fraction]) -> arb:
    """A lower bound of ``G`` for all means at least a radius from the truth, on a line.

    Parameters
    ----------
    radius : arb
        ``a``, positive.
    weights : sequence of Fraction
        Positive, with sum 1. (Twice the work for each weight that differs from all others.)

    Raises
    ------
    InputError
        For a radius that may not be positive, or other weights.

    Examples
    --------
    >>> third = Fraction(1, 3)
    >>> bool(least_push(arb("1.75"), (third,) * 3) > 0)
    True
    >>> bool(least_push(arb("1.7"), (third,) * 3) > 0)
    False
    """
    if not radius > 0:
        raise InputError("radius", radius.str(5), "a positive radius")
    if sum(weights) != 1 or min(weights) <= 0:
        raise InputError("weights", [str(w) for w in weights], "positive numbers with sum 1")
    with precision(_BITS):
        least = arb("inf")
        for right, left in halvings(weights):
            least = least.min(push(radius, right, left))
        return least


def halvings(weights: Sequence[Fraction]) -> set[tuple[Half, Half]]:
    """What the two halves can weigh; as many for equal weights as there are counts.

    Examples
    --------
    >>> len(halvings((Fraction(1, 3),) * 3))
    4
    """
    found = {(Half(), Half())}
    for weight in weights:
        found = {
            pair
            for right, left in found
            for pair in ((right.and_also(weight), left), (right, left.and_also(weight)))
        }
    return found


def push(radius: arb, right: Half, left: Half) -> arb:
    """The bound for given halves.

    Examples
    --------
    >>> one = Half(Fraction(1, 2), Fraction(1, 2))
    >>> push(arb(1), one, one).str(3, radius=False)
    '0.125'
    """
    if not right.whole or not left.whole:
        return radius - (right if right.whole else left).spread_loss(radius)
    loss = crossing_loss(right, left) + right.spread_loss(radius) + left.spread_loss(radius)
    return radius - loss


def crossing_loss(right: Half, left: Half) -> arb:
    """What is taken from ``G`` where the responsibilities of the halves cross: 1. to 3. above.

    Examples
    --------
    >>> one = Half(Fraction(1, 2), Fraction(1, 2))
    >>> crossing_loss(one, one).str(4, radius=False)
    '0.8749'
    """
    odds = arb(0)
    for one, other in ((right, left), (left, right)):
        odds += arb(0).max(ball(one.whole / other.least).log())
    between = arb(2).log() - ball(Fraction(1, 2))
    return (2 + between + odds) / (2 * arb.pi()).sqrt()
