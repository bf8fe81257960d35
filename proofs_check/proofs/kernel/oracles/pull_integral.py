r"""What a far component adds to the pull on a near one along the near one's mean: one integral.

``|v_i| <= eps <= 1/2``, ``|v_k| >= rho >= 4``, ``w = v_k - v_i``, ``b = |w|``, ``r`` the odds of k
and i (`odds_integral`), ``Z = v_i.x - |v_i|^2``, ``U = v_i.w (Z - 1)``. If at every x

    f_1 <= r/(1+r),  f_2 <= r/(1+r)^2,  f_3 <= G(r) = sum_p c_p r^p/(1+r)^q,  c_p >= 0, p <= q,

then ``E_q[|v_i|^2 f_1 + max(U, 0) f_2 + b^2 max(Z, 0) f_3] <= M``, if M is at least the right side
below for every t in [-eps, eps].

Proof. ``u = w/b``, ``t = v_i.u``, ``o = |v_i - t u|``: ``g = u.x`` and, if ``o > 0``,
``y = (v_i - t u).x/o`` are independent standard Gaussian, ``v_i.x = t g + o y``,
``E max(y, 0) = phi(0)``; ``r = e^l``, ``l = b (g - h)``, ``h = b/2 + t``. As in `odds_integral`,
for ``theta = h/b = 1/2 + t/b``: ``E G(r) <= phi(h) K(theta)/b`` and
``E max(l, 0) G(r) <= phi(h) K'/b``, where K' is the late integral at 0.35, as ``b >= 7/2``; the
same for the other two, with ``K_1``, ``K_2``, ``K_2'``. And ``l+ = max(l, 0)``,
``(b + t)^2 + o^2 = |v_k|^2``, ``t^2 + o^2 = |v_i|^2``.

(1) ``t >= 0``: ``Z = t b/2 - o^2 + t l/b + o y``, so ``max(Z, 0) <= t b/2 + t l+/b + o max(y, 0)``,
and ``max(U, 0) <= b t max(Z, 0)``. The mean is at most

    phi(h)/b [eps^2 K_1 + b t (K_2 s + K_2' t/b) + b^2 (K s + K' t/b)],  s = t b/2 + o phi(0).

(2) ``t < 0``: ``1 - Z = 1 + |v_i|^2 + |t| h + |t| l/b - o y``, ``|t| h = |t| b/2 - t^2``, so
``max(U, 0) <= b |t| (1 + eps^2 - t^2 + |t| b/2 + |t| l+/b + o max(-y, 0))``; and
``max(Z, 0) <= o max(y, 0) + |t| max(-g, 0)``, where for ``g < 0`` ``G <= c r``, ``c = sum_p c_p``,
``int max(-g, 0) e^(b (g - h)) phi(g) dg <= phi(0) e^(-b h)/b^2``. The mean is at most

    phi(h)/b [eps^2 K_1 + b |t| (K_2 (1 + eps^2 - t^2 + |t| b/2 + o phi(0)) + K_2' |t|/b)
              + b^2 K o phi(0)] + c |t| phi(0) e^(-b h).

For a given t both grow with o, and ``o^2 <= eps^2 - t^2``, so
``b >= sqrt(rho^2 - eps^2 + t^2) - t``, which falls in t. For given ``K`` both fall in b from
``b >= 3.46`` on: they are ``b^m phi(h)``, ``m <= 2``, times constants that are not negative, and
``b h >= 4``, as ``t >= -1/2``. ``K_1``, ``K_2``, ``K`` are convex in theta: at most the larger of
the values at the ends of a range. So t runs over intervals, and for each b over two, the second
without an end.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from proofs_check.proofs.kernel.oracles.odds_integral import (
    Coefficients,
    Pair,
    late_integral,
    odds_bound,
    whole_integral,
)
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

_SHARE: Coefficients = (Fraction(1),)
_PRODUCT: Coefficients = (Fraction(1), Fraction(0))
_PIECE = Fraction(17, 16)
_LEAST_WIDTH = Fraction(1, 1024)


def pull_bound(
    coefficients: Coefficients, near: Fraction, far: Fraction, low: Fraction, high: Fraction
) -> arb:
    """The right side for all t between two numbers of one sign, ``eps`` and ``rho``."""
    from flint import arb

    from numerics.numbers.balls import ball

    half, eps = ball(Fraction(1, 2)), ball(near)
    small, large = sorted((abs(low), abs(high)))
    along, flat = ball(large), 1 / (2 * arb.pi()).sqrt()
    across = ball(near * near - small * small).sqrt() * flat
    first = ball(far * far - near * near + high * high).sqrt() - ball(high)
    late = {c: late_integral(c) for c in (_PRODUCT, coefficients)}

    def value(b: arb, exponents: tuple[arb, arb]) -> arb:
        def most(c: Coefficients) -> arb:
            return whole_integral(c, exponents[0]).max(whole_integral(c, exponents[1]))

        h = b / 2 + ball(low)
        begun = along * b / 2 + across
        if low >= 0:
            inside = b * b * (most(coefficients) * begun + late[coefficients] * along / b)
            rest = arb(0)
        else:
            begun += 1 + eps * eps - ball(small * small)
            inside = b * b * most(coefficients) * across
            rest = ball(sum(coefficients, Fraction(0))) * along * flat * (-b * h).exp()
        inside += eps * eps * most(_SHARE)
        inside += b * along * (most(_PRODUCT) * begun + late[_PRODUCT] * along / b)
        return flat * (-h * h / 2).exp() / b * inside + rest

    def exponent(t: Fraction, b: arb) -> arb:
        return half + ball(t) / b

    second = first * ball(_PIECE)
    outer, inner = (high, low) if low >= 0 else (low, high)
    return value(first, (exponent(outer, first), exponent(inner, second))).max(
        value(second, (exponent(outer, second), half))
    )


def confirmed_pull(
    coefficients: Coefficients, near: Fraction, far: Fraction, most: Fraction
) -> None:
    """Raise unless balls confirm that M is at least the right side for every t."""
    from numerics.numbers.balls import ball, precision

    given = (*coefficients, near, far, most)
    if not coefficients or any(type(c) is not Fraction or c < 0 for c in given):
        raise ProofError("the coefficients and radii are no exact numbers from 0 on")
    if not (0 < near <= Fraction(1, 2) and far >= 4):
        raise ProofError("the radii are not those of the argument")
    with precision(128):
        intervals = [(-near, Fraction(0)), (Fraction(0), near)]
        while intervals:
            low, high = intervals.pop()
            if pull_bound(coefficients, near, far, low, high) <= ball(most):
                continue
            if high - low < _LEAST_WIDTH:
                raise ProofError("M is not what balls confirm")
            middle = (low + high) / 2
            intervals += [(low, middle), (middle, high)]


def pull_integral(
    pair: tuple[Term, Term, Term, Term],
    functions: tuple[Term, Term, Term],
    coefficients: Coefficients,
    near: Fraction,
    far: Fraction,
    most: Fraction,
    *,
    premises: tuple[Record, ...] = (),
) -> tuple[Term, str, tuple[Term, ...]]:
    """``E_q[|v_i|^2 f_1 + max(U, 0) f_2 + b^2 max(Z, 0) f_3] <= (1 - delta_ik) M``.

    Parameters
    ----------
    pair : tuple of Term
        State, near and far component, and the point that the premises are about.
    functions : tuple of Term
    coefficients : tuple of Fraction
        ``c_1, ..., c_q``.
    near, far, most : Fraction
        ``eps``, ``rho`` and ``M``.

    Raises
    ------
    ProofError
        If the premises are not the bounds at every point, or the numbers are not confirmed.
    """
    at = Pair(*pair)
    checked(at.state, STATE)
    checked(at.near, COMPONENT)
    checked(at.far, COMPONENT)
    checked(at.point, POINT)
    if type(coefficients) is not tuple or type(functions) is not tuple:
        raise ProofError("the coefficients or functions are no tuple")
    first, second, third = (checked(f, REAL) for f in functions)
    confirmed_pull(coefficients, near, far, most)
    if at.point.op != "free" or at.point in at.state.free:
        raise ProofError("the point is no variable of its own")
    bounds = (
        odds_bound(at, f, c)
        for f, c in ((first, _SHARE), (second, _PRODUCT), (third, coefficients))
    )
    wanted = [Term("forall", (closed(bound, at.point),), POINT) for bound in bounds]
    if [p.conclusion for p in premises] != wanted:
        raise ProofError("the premises are not bounds of the functions at every point")
    b = fresh(COORDINATE, at.state, at.near, at.far)

    def summed(body: Term) -> Term:
        return Term("sum", (closed(body, b),), COORDINATE)

    def positive_part(term: Term) -> Term:
        return Term("case", (number(0), term, term, number(0)))

    inner, outer = (Term("v", (at.state, j, b)) for j in (at.near, at.far))
    square, distant = at.place(at.near).dot("vv"), at.place(at.far).dot("vv")
    ahead = at.place(at.near).dot("vx") - square
    push = summed(inner * (outer - inner)) * (ahead - 1)
    whole = (
        square * first
        + positive_part(push) * second
        + summed((outer - inner) ** 2) * positive_part(ahead) * third
    )
    conclusion = Term("at_most", (at.place(at.near).mean(whole), at.apart * number(most)))
    return (
        conclusion,
        "cover: the pull of a far component along a near one's mean (reduction: the oracle's "
        "argument)",
        (
            Term("at_most", (square, number(near * near))),
            Term("at_most", (number(far * far) * at.apart, distant)),
        ),
    )
