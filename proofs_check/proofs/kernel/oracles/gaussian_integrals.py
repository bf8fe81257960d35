"""Textbook integrals of the standard Gaussian over the half-space beyond a component's mean.

With ``v = v_j``, ``a = |v|``, ``T = v.(v - x)``, ``T+ = max(T, 0)`` and ``T- = max(-T, 0)``:

- ``E_q[exp(v.x - |v|^2/2 - |x|^2/2) T] = 2^(-d/2) exp(-a^2/4) a^2/2``, a mean of ``N(v/2, I/2)``;
- ``a E_q[(T-)^k] <= k! phi(0) exp(-a^2/2)``, as ``phi(a + t) <= phi(0) exp(-a^2/2 - a t)`` for
  ``t >= 0``, and ``2 phi(0) = E_q|x_b|``;
- ``a^2 E_q[T- |x|^2] = E_q[T- (v.x)^2] + (d - 1) a^2 E_q[T-]``: what is across v is independent.

And ``E_q[max(|x|^2 - c, 0) x_a] = 0`` for a constant c: N(0, I) is symmetric about 0.

Exponentials of a point stand under no mean of the kernel's language; so the first integral is given
as a bound of a function that is at least a multiple of the exponential, as a premise shows.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import NamedTuple

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

_HALF = number(Fraction(1, 2))


def _times(*factors: Term) -> Term:
    return Term("multiply", factors)


class _Place(NamedTuple):
    """A component's mean, and the point that the means below bind."""

    state: Term
    component: Term
    point: Term

    def dot(self, towards: str) -> Term:
        """``v.v``, ``v.x`` or ``x.x``, by the letters."""
        a = fresh(COORDINATE, self.state, self.component)
        letters = {
            "v": Term("v", (self.state, self.component, a)),
            "x": Term("x", (self.point, a)),
        }
        body = _times(*(letters[letter] for letter in towards))
        return Term("sum", (closed(body, a),), COORDINATE)

    @property
    def gap(self) -> Term:
        """``T``."""
        return self.dot("vv") - self.dot("vx")

    def part(self, sign: int) -> Term:
        """``T+`` or ``T-``."""
        zero, gap = number(0), self.gap
        chosen = (gap, zero) if sign > 0 else (zero, -gap)
        return Term("case", (zero, gap, *chosen))

    def mean(self, body: Term) -> Term:
        """``E_q``."""
        return Term("mean_teacher", (closed(body, self.point),))


def _place(state: Term, component: Term, *others: Term) -> _Place:
    checked(state, STATE)
    checked(component, COMPONENT)
    return _Place(state, component, fresh(POINT, state, component, *others))


def _exponential(*parts: Term) -> Term:
    return Term("exponential", (Term("add", parts),))


def exponential_bound(
    state: Term, component: Term, function: Term, point: Term, factor: Term
) -> Term:
    """``c exp(v.x - |v|^2/2 - |x|^2/2) <= f`` at a point: for every point what is asked below."""
    at = _Place(state, component, point)
    exponent = (at.dot("vx"), -_HALF * at.dot("vv"), -_HALF * at.dot("xx"))
    return Term("at_most", (_times(factor, _exponential(*exponent)), function))


def near_half_space(
    state: Term,
    component: Term,
    function: Term,
    point: Term,
    factor: Term,
    log_two: Term,
    *,
    premises: tuple[Record, ...] = (),
) -> tuple[Term, str, tuple[Term, ...]]:
    """``c 2^(-d/2) exp(-a^2/4) a^2/2 <= E_q[f T+]``, if ``c exp(v.x - (a^2 + |x|^2)/2) <= f``.

    Raises
    ------
    ProofError
        If the premise is not that bound of the function at every point.
    """
    checked(function, REAL)
    for constant in (factor, log_two):
        checked(constant, REAL)
    at = _Place(checked(state, STATE), checked(component, COMPONENT), checked(point, POINT))
    fixed = (state, component, factor, log_two)
    if point.op != "free" or any(point in term.free for term in fixed):
        raise ProofError("the point is no variable of its own")
    bound = exponential_bound(state, component, function, point, factor)
    wanted = Term("forall", (closed(bound, point),), POINT)
    if [p.conclusion for p in premises] != [wanted]:
        raise ProofError("the premise is not a bound of the function at every point")
    square = at.dot("vv")
    spread = _times(_HALF, Term("size", (), COORDINATE), log_two)
    value = _exponential(number(Fraction(-1, 4)) * square, -spread)
    least = _times(factor, value, _HALF, square)
    conclusion = Term("at_most", (least, at.mean(_times(function, at.part(1)))))
    hypotheses = (
        Term("at_most", (number(0), factor)),
        Term("equal", (Term("exponential", (log_two,)), number(2))),
    )
    return conclusion, "cited: Gaussian integral", hypotheses


def tail_moment(
    state: Term, component: Term, coordinate: Term, power: int
) -> tuple[Term, str, tuple[Term, ...]]:
    """``a E_q[(T-)^k] <= k! phi(0) exp(-a^2/2)``.

    Raises
    ------
    ProofError
        If ``k`` is not 1, 2 or 3.
    """
    if type(power) is not int or power not in (1, 2, 3):
        raise ProofError("the power is not 1, 2 or 3")
    at = _place(state, component, checked(coordinate, COORDINATE))
    entry = Term("x", (at.point, coordinate))
    axis = at.mean(Term("root", (_times(entry, entry),)))  # E_q|x_b| = 2 phi(0)
    square = at.dot("vv")
    left = _times(Term("root", (square,)), at.mean(at.part(-1) ** power))
    decay = _exponential(-_HALF * square)
    right = _times(number(Fraction(factorial(power), 2)), axis, decay)
    return Term("at_most", (left, right)), "cited: Gaussian tail", ()


def across(state: Term, component: Term) -> tuple[Term, str, tuple[Term, ...]]:
    """``a^2 E_q[T- |x|^2] = E_q[T- (v.x)^2] + (d - 1) a^2 E_q[T-]``."""
    at = _place(state, component)
    square, part, along = at.dot("vv"), at.part(-1), at.dot("vx")
    left = _times(square, at.mean(_times(part, at.dot("xx"))))
    others = _times(Term("size", (), COORDINATE) - 1, square, at.mean(part))
    right = at.mean(_times(part, along, along)) + others
    return Term("equal", (left, right)), "cited: independence across a direction", ()


def odd(coordinate: Term, limit: Term) -> tuple[Term, str, tuple[Term, ...]]:
    """``E_q[max(|x|^2 - c, 0) x_a] = 0``, c a constant."""
    checked(limit, REAL)
    x = fresh(POINT, limit, checked(coordinate, COORDINATE))
    b = fresh(COORDINATE, limit, coordinate)
    entry = Term("x", (x, b))
    beyond = Term("sum", (closed(_times(entry, entry), b),), COORDINATE) - limit
    part = Term("case", (number(0), beyond, beyond, number(0)))
    mean = Term("mean_teacher", (closed(_times(part, Term("x", (x, coordinate))), x),))
    return Term("equal", (mean, number(0))), "cited: symmetry of the Gaussian", ()
