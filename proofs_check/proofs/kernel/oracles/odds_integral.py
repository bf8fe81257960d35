r"""Means of functions of the odds of a far and a near component, as integrals over one direction.

``|v_i| <= eps <= 1/2``, ``R = |v_k| >= 4``, ``w = v_k - v_i``, ``b = |w|``; the odds are
``r = exp(l_k - l_i) = exp(w.x - (R^2 - |v_i|^2)/2)``, ``l_j = v_j.x - |v_j|^2/2``. If
``f <= G(r)`` at every x, ``G(r) = sum_p c_p r^p/(1+r)^q`` with ``c_p >= 0``, ``1 <= p <= q``, then

- ``b E_q[f] <= K phi(h_0)`` and, for a vector y that does not depend on x,
- ``b E_q[f |y.x|] <= |y| phi(h_0) (K h_0 + K')``, where ``h_0 = (R - eps)/2 >= 7/4``.

Proof. ``g = w.x/b`` is standard Gaussian, ``r = e^l`` with ``l = b (g - h)``,
``h = (R^2 - |v_i|^2)/(2b)``; and ``phi(g) <= phi(h) e^(-theta l)`` with ``theta = h/b``. So
``b E_q[f] <= phi(h) K(theta)``, ``K(theta) = int G(e^l) e^(-theta l) dl``: convex, a sum of
``c_p B(p - theta, q - p + theta)``. With ``s = w.v_i/b``, ``|s| <= eps``: ``h = b/2 + s``,
``theta = 1/2 + s/b``, ``b >= R - eps >= 7/2``, so ``theta`` is in [0.35, 0.65].
(1) ``s <= 0``: ``h >= h_0``, as ``b <= R + |v_i|``; ``K(theta) <= K`` if K is at least ``K(0.35)``
and ``K(0.5)``. (2) ``s > 0``: ``b >= R - eps``, so ``h >= h_0 + s`` and
``phi(h) <= phi(h_0) e^(-h_0 s)``; ``K(theta) <= K (1 + 4 s/b) <= K e^(4s/b)`` if also
``1.6 K >= K(0.65)``; and ``4/b < h_0``.

What is across w is independent of g: ``E[|y.x| | g] <= |y| A(g)``, ``A(g) = sqrt(g^2 + 2/pi)``,
and ``A(g) <= A(h) + max(g - h, 0) + max(-g - h, 0)``. The first part is as before: ``phi A`` falls,
in (2) it falls by at least ``e^(-(1 - 1/A(h_0)^2) h_0 s)``, and ``4/b < 0.729 h_0``;
``A(h_0) <= h_0 + A(7/4) - 7/4``. The second is ``phi(h) K_1(theta)/b``,
``K_1(theta) = int_0^inf l G(e^l) e^(-theta l) dl <= K_1(0.35)``. In the third ``G <= c r``,
``c = sum_p c_p``: it is at most ``c phi(h) e^(-2 h b)/b``, ``2 h b = R^2 - |v_i|^2 > 15``. So it is
enough that ``K'`` is at least ``K (A(7/4) - 7/4) + (K_1(0.35) + c e^(-15)) 2/7``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from proofs_check.proofs.kernel.oracles.gaussian_integrals import _exponential, _Place, _times
from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    POINT,
    REAL,
    STATE,
    ProofError,
    Term,
    closed,
    fresh,
    number,
)
from proofs_check.proofs.kernel.theorem import Record, checked

if TYPE_CHECKING:
    from flint import arb

_LOW, _MIDDLE, _HIGH = Fraction(35, 100), Fraction(1, 2), Fraction(65, 100)
_CUT = 100
_HALF = Fraction(1, 2)
Coefficients = tuple[Fraction, ...]


class Pair(NamedTuple):
    """A near and a far component at a point."""

    state: Term
    near: Term
    far: Term
    point: Term

    @property
    def apart(self) -> Term:
        """``1 - delta_ik``: all is 0 for one component."""
        return 1 - Term("delta", (self.near, self.far), COMPONENT)

    @property
    def odds(self) -> Term:
        """``r``."""
        near, far = self.place(self.near), self.place(self.far)
        half = number(_HALF)
        parts = (far.dot("vx"), -near.dot("vx"), -half * far.dot("vv"), half * near.dot("vv"))
        return _exponential(*parts)

    def place(self, component: Term) -> _Place:
        """One of them."""
        return _Place(self.state, component, self.point)


def odds_bound(pair: Pair, function: Term, coefficients: Coefficients) -> Term:
    """``f (1 + r)^q <= (1 - delta_ik) sum_p c_p r^p``, with as many coefficients as q."""
    r = pair.odds
    most = Term("add", tuple(number(c) * r**p for p, c in enumerate(coefficients, 1)))
    return Term("at_most", (function * (1 + r) ** len(coefficients), pair.apart * most))


def whole_integral(coefficients: Coefficients, theta: arb) -> arb:
    """``K(theta)``, by the beta function."""
    from flint import arb

    from numerics.numbers.balls import ball

    power = len(coefficients)
    parts = (
        ball(c) * (p - theta).gamma() * (power - p + theta).gamma()
        for p, c in enumerate(coefficients, 1)
    )
    return sum(parts, arb(0)) / arb(power).gamma()


@cache
def late_integral(coefficients: Coefficients) -> arb:
    """``K_1(0.35)``."""
    from flint import acb

    from numerics.numbers.balls import ball

    theta, power = ball(_LOW), len(coefficients)

    def late(log: acb, _: bool) -> acb:
        rise = sum((acb(ball(c)) * (p * log).exp() for p, c in enumerate(coefficients, 1)), acb(0))
        value: acb = log * rise / (1 + log.exp()) ** power * (-theta * log).exp()
        return value

    share = ball(sum(coefficients, Fraction(0)))
    body: arb = acb.integral(late, acb(0), acb(_CUT)).real
    return body + share * (-theta * _CUT).exp() * (_CUT / theta + 1 / (theta * theta))


@cache
def least_numbers(coefficients: Coefficients) -> tuple[arb, arb]:
    """Numbers that K must reach, and ``K_1(0.35) + c e^(-15)``, in balls."""
    from flint import arb

    from numerics.numbers.balls import ball

    low, middle, high = (whole_integral(coefficients, ball(t)) for t in (_LOW, _MIDDLE, _HIGH))
    least = low.max(middle).max(high * ball(Fraction(5, 8)))
    share = ball(sum(coefficients, Fraction(0)))
    return least, late_integral(coefficients) + share * arb(-15).exp()


def confirmed(coefficients: Sequence[Fraction], most: Fraction, beside: Fraction | None) -> None:
    """Raise unless ``K`` and, if there is one, ``K'`` are what balls confirm."""
    from flint import arb

    from numerics.numbers.balls import ball, precision

    given = (*coefficients, most, *(() if beside is None else (beside,)))
    if not coefficients or any(type(c) is not Fraction or c < 0 for c in given):
        raise ProofError("the coefficients are no exact numbers from 0 on")
    with precision(128):
        least, late = least_numbers(tuple(coefficients))
        fits = bool(least <= ball(most))
        if fits and beside is not None:
            edge = ball(Fraction(7, 4))
            spread = (edge * edge + 2 / arb.pi()).sqrt() - edge
            fits = bool(ball(most) * spread + late * 2 / 7 <= ball(beside))
    if not fits:
        raise ProofError("K or K' is not what balls confirm")


def odds_integral(
    pair: tuple[Term, Term, Term, Term],
    function: Term,
    coefficients: Coefficients,
    eps: Term,
    axis: Term,
    most: Fraction,
    towards: tuple[Term, Term, Fraction] | None = None,
    *,
    premises: tuple[Record, ...] = (),
) -> tuple[Term, str, tuple[Term, ...]]:
    """``b E_q[f] <= (1 - delta_ik) K phi(h_0)``, or ``b E_q[f |y.x|]`` where y is given.

    Parameters
    ----------
    pair : tuple of Term
        State, near and far component, and the point that the premise is about.
    function : Term
        ``f``.
    coefficients : tuple of Fraction
        ``c_1, ..., c_q``.
    eps, axis : Term
        ``phi(0) = E_q|x_b|/2`` for any axis b.
    most : Fraction
        ``K``.
    towards : tuple or None
        ``y_a``, its a, and ``K'``.

    Raises
    ------
    ProofError
        If the premise is not the bound of f at every point, or the numbers are not confirmed.
    """
    at = Pair(*pair)
    checked(at.state, STATE)
    checked(at.near, COMPONENT)
    checked(at.far, COMPONENT)
    checked(at.point, POINT)
    checked(axis, COORDINATE)
    for real in (function, eps):
        checked(real, REAL)
    if type(coefficients) is not tuple:
        raise ProofError("the coefficients are no tuple")
    confirmed(coefficients, most, None if towards is None else towards[2])
    fixed = (at.state, at.near, at.far, eps, axis, *(towards or ())[:2])
    if at.point.op != "free" or any(at.point in term.free for term in fixed):
        raise ProofError("the point is no variable of its own")
    bound = odds_bound(at, function, coefficients)
    if [p.conclusion for p in premises] != [Term("forall", (closed(bound, at.point),), POINT)]:
        raise ProofError("the premise is not a bound of the function at every point")
    b = fresh(COORDINATE, *fixed, function)

    def entry(j: Term) -> Term:
        return Term("v", (at.state, j, b))

    def root_of_sum(body: Term, index: Term) -> Term:
        return Term("root", (Term("sum", (closed(body, index),), COORDINATE),))

    gap = entry(at.far) - entry(at.near)
    distance = root_of_sum(gap * gap, b)
    near, far = at.place(at.near).dot("vv"), at.place(at.far).dot("vv")
    room = Term("root", (far,)) - eps
    along = Term("x", (at.point, axis))
    density = _times(
        number(_HALF),
        at.place(at.near).mean(Term("root", (along * along,))),
        _exponential(_times(number(Fraction(-1, 8)), room, room)),
    )
    if towards is None:
        left, right = function, number(most) * density
    else:
        vector, index, beside = towards
        checked(vector, REAL)
        if checked(index, COORDINATE).op != "free":
            raise ProofError("the vector's coordinate is no variable")
        inner = vector * Term("x", (at.point, index))
        across = Term("sum", (closed(inner, index),), COORDINATE)
        left = function * Term("root", (across * across,))
        height = number(most * _HALF) * room + number(beside)
        right = root_of_sum(vector * vector, index) * density * height
    conclusion = Term("at_most", (distance * at.place(at.near).mean(left), at.apart * right))
    least_far = number(16) * at.apart
    return (
        conclusion,
        "cover: integrals over the odds of two components (reduction: the oracle's argument)",
        (
            Term("at_most", (number(0), eps)),
            Term("at_most", (eps, number(_HALF))),
            Term("at_most", (near, eps * eps)),
            Term("at_most", (least_far, far)),
        ),
    )
