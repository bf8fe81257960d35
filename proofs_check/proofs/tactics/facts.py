"""Derived facts: signs by form, cancellation, Cauchy and Schwarz, Popoviciu; each proved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel.normal import Polynomial, normal
from proofs_check.proofs.kernel.terms import ProofError, Term, closed, number, replaced
from proofs_check.proofs.kernel.theorem import Theorem
from proofs_check.proofs.tactics.closing import OPAQUE, close, gap
from proofs_check.proofs.tactics.language import (
    at_most,
    below,
    exponential,
    inverse,
    largest,
    least,
    nonnegative,
    positive,
    root,
    total,
)

_HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Over:
    """Sum over an index, or take a mean over a point.

    Attributes
    ----------
    variable : Term
    op : str
    prefix : tuple of Term
        The state, for a mean under the student; N, for a sum over the first N steps.
    """

    variable: Term
    op: str = "sum"
    prefix: tuple[Term, ...] = ()

    def of(self, theorem: Theorem) -> Theorem:
        """Both sides of a relation, summed or averaged."""
        return kernel.monotone(theorem, self.variable, self.op, self.prefix)


def all_over(theorem: Theorem, over: Sequence[Over]) -> Theorem:
    """Several sums and means, the last one innermost."""
    for one in reversed(over):
        theorem = one.of(theorem)
    return theorem


def by_form(factor: Term) -> Theorem:
    """``0 <= factor`` for weights, responsibilities, deltas, ``1 - delta``, sizes, numbers.

    Raises
    ------
    ProofError
        For anything else.
    """
    goal = nonnegative(factor)
    if factor.op == "psi":
        return kernel.combine(goal, ((1, (kernel.axiom("responsibility", *factor.args),), ()),))
    if factor.op == "pi":
        return kernel.combine(goal, ((1, (kernel.axiom("weight", *factor.args),), ()),))
    if factor.op == "size":
        name = "components" if factor.data.value == "component" else "coordinates"
        return kernel.combine(goal, ((1, (kernel.axiom(name),), ()), (1, (), ())))
    if factor.op == "count":
        return kernel.axiom("steps", *factor.args)
    if factor.op == "number" and factor.data >= 0:
        return kernel.combine(goal, ((factor.data, (), ()),))
    return kernel.combine(goal, ((1, (), (factor,)),))  # delta and 1 - delta are their own squares


def algebraic_sign(goal: Term) -> Theorem:
    """``l <= r`` where ``r - l = p + q root(c)``, from ``(t - root(c))^2 >= 0`` with ``t = |p/q|``.

    Raises
    ------
    ProofError
        If it is another number, or negative.
    """
    value = normal(gap(goal))
    for _, factors in value.values():
        if any(f.op != "root" or f.args[0].op != "multiply" for f in factors):
            raise ProofError("not a number with one square root")
    roots = {f for _, factors in value.values() for f in factors}
    if not roots:
        return close(goal, ((max(_at(value, ()), Fraction(0)), (), ()),))
    if len(roots) != 1:
        raise ProofError("not a number with one square root")
    (r,) = roots
    c = next(iter(normal(r.args[0]).values()))[0]
    # root(c)^2 = c
    p = q = Fraction(0)
    for number_, factors in value.values():
        scaled = number_ * c ** (len(factors) // 2)
        p, q = (p + scaled, q) if len(factors) % 2 == 0 else (p, q + scaled)
    sign = kernel.combine(nonnegative(r.args[0]), ((c, (), ()),))
    above = kernel.cut(sign, kernel.axiom("root sign", r.args[0]))
    if p >= 0 and q >= 0:
        return close(goal, ((p, (), ()), (q, (above,), ())))
    t = abs(p / q) if q else Fraction(0)
    away = number(t) - r
    if q < 0 <= p and t * t >= c:
        return close(goal, ((-q / (2 * t), (), (away,)), (-q * (t * t - c) / (2 * t), (), ())))
    if p < 0 < q and c >= t * t:
        rest = q / (2 * c)
        return close(goal, ((rest, (above,), (away,)), (rest * (c - t * t), (above,), ())))
    raise ProofError("the number is negative")


def _at(value: Polynomial, key: tuple[str, ...]) -> Fraction:
    return value[key][0] if key in value else Fraction(0)


def square_over(base: Term, weights: Sequence[Term], over: Sequence[Over]) -> Theorem:
    """``0 <=`` sums and means of ``weights base^2``."""
    signs = tuple(by_form(w) for w in weights)
    product = Term("multiply", (*weights, base, base))
    return all_over(kernel.combine(nonnegative(product), ((1, signs, (base,)),), (), OPAQUE), over)


def reciprocal(factor: Theorem) -> Theorem:
    """From ``0 < c``: ``c (1/c) = 1``."""
    c = gap(factor.record.conclusion)
    zero, right = factor.record.conclusion.args
    if factor.record.conclusion.op != "below":
        raise ProofError("the factor is not shown to be positive")
    if zero != number(0):
        factor = kernel.combine(positive(c), ((1, (factor,), ()),))
        right = c
    return kernel.cut(factor, kernel.axiom("inverse", right))


def cancel(factor: Theorem, product: Theorem, goal: Term) -> Theorem:
    """From ``0 < c`` and ``0 <= c e`` to ``0 <= e``; with ``=``, from ``c e = 0`` to ``e = 0``."""
    unit = reciprocal(factor)
    c, e = gap(factor.record.conclusion), gap(goal)
    i = inverse(unit.record.conclusion.args[0].args[0])
    if goal.op == "equal":
        return kernel.combine(goal, (), ((i, product), (e, unit)), OPAQUE)
    multiplier = e * (1 + c * i)
    return kernel.combine(goal, ((1, (factor, product), (i,)),), ((multiplier, unit),), OPAQUE)


def cauchy_schwarz(f: Term, g: Term, weights: Sequence[Term], over: Sequence[Over]) -> Theorem:
    """``M[w f g]^2 <= M[w f^2] M[w g^2]``, M sums and means, ``w >= 0``; proved by cases."""
    w = Term("multiply", tuple(weights))

    def mean(t: Term) -> Term:
        for one in reversed(over):
            data = one.variable.sort if one.op == "sum" else None
            t = Term(one.op, (*one.prefix, closed(t, one.variable)), data)
        return t

    first, second, mixed = mean(w * f * f), mean(w * g * g), mean(w * f * g)
    goal = at_most(mixed**2, first * second)

    def weighted(base: Term, value: Term) -> Theorem:
        found = square_over(base, weights, over)
        return kernel.combine(nonnegative(value), ((1, (found,), ()),), (), OPAQUE)

    rest = first * second - mixed**2
    by_second = weighted(second * f - mixed * g, second * rest)
    by_first = weighted(first * g - mixed * f, first * rest)
    both = weighted(f - mixed * g, first - 2 * mixed**2 + mixed**2 * second)
    signs = (weighted(f, first), weighted(g, second))
    small_first, small_second = (kernel.assume(at_most(t, 0)) for t in (first, second))
    neither = kernel.combine(
        goal,
        (
            (1, signs, ()),
            (_HALF, (both,), ()),
            (_HALF, (small_first,), ()),
            (_HALF, (small_second,), (mixed,)),
        ),
        (),
        OPAQUE,
    )
    large_first, large_second = (kernel.assume(positive(t)) for t in (first, second))
    inner = kernel.split(first, number(0), neither, cancel(large_first, by_first, goal))
    return kernel.split(second, number(0), inner, cancel(large_second, by_second, goal))


def vanishing(theorem: Theorem, term: Term, goal: Term) -> Theorem:
    """From ``t^2 <= 0`` to ``t = 0``."""
    flat = close(at_most(term**2, 0), ((1, (theorem,), ()),))
    sides = []
    for side in (term, -term):
        above = kernel.assume(positive(side))
        product = kernel.combine(nonnegative(side * -side), ((1, (flat,), ()),), (), OPAQUE)
        bounded = at_most(side, 0)
        high = cancel(above, product, bounded)
        sides.append(kernel.split(side, number(0), kernel.assume(bounded), high))
    low = kernel.combine(at_most(0, term), ((1, (sides[1],), ()),), (), OPAQUE)
    return close(goal, (), (kernel.antisymmetry(sides[0], low),))


def popoviciu(
    values: Term, index: Term, other: Term, responsibility: Term, premise: Theorem
) -> Theorem:
    """``4 (sum psi_j f_j^2 - mean^2) <= b`` from ``(f_j - f_k)^2 <= b`` for all j, k.

    With ``f_j`` between its least ``l`` and largest ``h``: ``sum psi_j (f_j - l)(h - f_j) >= 0``
    and ``h - l <= root(b)``.
    """
    second = replaced(values, {index: other})
    b = premise.record.conclusion.args[1]
    square = close(at_most((values - second) ** 2, b), ((1, (premise,), ()),))
    positive_b = close(nonnegative(b), ((1, (square,), ()), (1, (), (values - second,))))
    side = root(b)
    sign = kernel.cut(positive_b, kernel.axiom("root sign", b))
    squared = kernel.cut(positive_b, kernel.axiom("root", b))
    near = below_root(values - second, b, square, positive_b)
    # f_j <= side + f_k for all j, so h <= side + f_k for all k, so h - side <= l
    low, high = least(values, index), largest(values, index)
    over = kernel.combine(at_most(values, side + second), ((1, (near,), ()),), (), OPAQUE)
    top = kernel.bound(over, index, "largest")
    under = kernel.combine(at_most(high - side, second), ((1, (top,), ()),), (), OPAQUE)
    bottom = kernel.bound(under, other, "least")
    above = kernel.axiom("member", high, index)
    beneath = kernel.axiom("member", low, index)
    product = (high - values) * (values - low) * responsibility
    weight = by_form(responsibility)
    each = kernel.combine(nonnegative(product), ((1, (above, beneath, weight), ()),), (), OPAQUE)
    mean = total(responsibility * values, index)
    variance = total(responsibility * values**2, index) - mean**2
    summed = kernel.monotone(each, index)
    range_ = kernel.combine(
        nonnegative(high - low), ((1, (above,), ()), (1, (beneath,), ())), (), OPAQUE
    )
    width = kernel.combine(at_most(high - low, side), ((1, (bottom,), ()),), (), OPAQUE)
    # b - (h - l)^2 = (side - (h - l)) (side + (h - l))
    squares = kernel.combine(
        at_most((high - low) ** 2, b),
        ((1, (width, sign), ()), (1, (width, range_), ())),
        ((number(1), squared),),
        OPAQUE,
    )
    return kernel.combine(
        at_most(4 * variance, b),
        ((4, (summed,), ()), (1, (squares,), ()), (1, (), (high + low - 2 * mean,))),
        (),
        OPAQUE,
    )


def below_root(term: Term, b: Term, square: Theorem, nonnegative_b: Theorem) -> Theorem:
    """``t <= root(b)`` from ``t^2 <= b`` and ``0 <= b``."""
    side = root(b)
    sign = kernel.cut(nonnegative_b, kernel.axiom("root sign", b))
    squared = kernel.cut(nonnegative_b, kernel.axiom("root", b))
    goal = at_most(term, side)
    larger = kernel.assume(below(side, term))
    # (t - side) (t + side) <= 0 with t + side > 0, or t <= side outright
    both = kernel.combine(positive(term + side), ((1, (larger,), ()), (2, (sign,), ())), (), OPAQUE)
    product = kernel.combine(
        nonnegative((term + side) * (side - term)),
        ((1, (square,), ()),),
        ((number(-1), squared),),
        OPAQUE,
    )
    return kernel.split(term, side, kernel.assume(goal), cancel(both, product, goal))


def exponential_sign(t: Term) -> Theorem:
    """``0 <= exp(t)``, the square of ``exp(t/2)``."""
    half = exponential(_HALF * t)
    doubled = kernel.axiom("exponential of a sum", _HALF * t, _HALF * t)
    return kernel.combine(
        nonnegative(exponential(t)), ((1, (), (half,)),), ((number(-1), doubled),), OPAQUE
    )


def exponential_increases(premise: Theorem) -> Theorem:
    """``exp(s) <= exp(t)`` from ``s <= t``: ``exp(t) = exp(s) exp(t - s) >= exp(s)(1 + t - s)``."""
    s, t = premise.record.conclusion.args
    tangent = kernel.axiom("tangent", t - s)
    product = kernel.axiom("exponential of a sum", s, t - s)
    sign = exponential_sign(s)
    return kernel.combine(
        at_most(exponential(s), exponential(t)),
        ((1, (sign, tangent), ()), (1, (sign, premise), ())),
        ((number(-1), product),),
        OPAQUE,
    )
