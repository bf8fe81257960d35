"""Tactics about the exponential: its sign, growth, decay, and bounds of logarithms."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Term, Theorem
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.closing import OPAQUE, close
from proofs_check.proofs.tactics.language import (
    at_most,
    below,
    equal,
    exponential,
    nonnegative,
    positive,
)
from proofs_check.proofs.tactics.steps import (
    Premises,
    _as,
    _equations,
    _named,
    _only,
)


def exponential_sign(t: Term) -> Theorem:
    """``0 <= exp(t)``, the square of ``exp(t/2)``."""
    half = number(facts._HALF) * t
    double = kernel.axiom("exponential of a sum", half, half)
    square = exponential(half)
    return kernel.combine(
        nonnegative(exponential(t)),
        ((1, (), (square,)),),
        ((number(-1), with_argument(double, t)),),
    )


def exponential_positive(t: Term) -> Theorem:
    """``0 < exp(t)``: ``exp(t) exp(-t) = exp(0) >= 1``."""
    pair = kernel.axiom("exponential of a sum", t, -t)
    one = kernel.axiom("tangent", number(0))
    sign, other = exponential_sign(t), exponential_sign(-t)
    # if exp(t) <= 0 then 1 <= exp(0) = exp(t) exp(-t) <= 0
    small = kernel.assume(at_most(exponential(t), 0))
    absurd = kernel.combine(
        positive(exponential(t)),
        ((1, (small, other), ()), (1, (one,), ()), (1, (sign,), ()), (1, (), ())),
        ((number(1), with_argument(pair, number(0))),),
        OPAQUE,
    )
    return kernel.split(exponential(t), number(0), absurd, kernel.assume(positive(exponential(t))))


def with_argument(theorem: Theorem, t: Term) -> Theorem:
    """The same with an exponent of another form."""
    return kernel.combine(
        equal(exponential(t), theorem.record.conclusion.args[1]), (), ((number(1), theorem),)
    )


def exponential_growth(premise: Theorem) -> Theorem:
    """``exp(s) <= exp(t)`` from ``s <= t``, and with ``<``: ``exp(t) >= exp(s)(1 + t - s)``."""
    s, t = premise.record.conclusion.args
    rest = t - s
    whole = with_argument(kernel.axiom("exponential of a sum", s, rest), t)
    tangent = kernel.axiom("tangent", rest)
    sign = exponential_sign(s)
    goal = at_most(exponential(s), exponential(t))
    return kernel.combine(
        goal, ((1, (sign, tangent), ()), (1, (sign, premise), ())), ((number(-1), whole),), OPAQUE
    )


@dataclass(frozen=True)
class ExponentialSign:
    """``0 <= exp(t)``."""

    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """A square."""
        return _as(exponential_sign(goal.args[1].args[0]), goal)


@dataclass(frozen=True)
class ExponentialGrows:
    """``exp(s) <= exp(t)`` from ``s <= t``."""

    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By the tangent."""
        s, t = (side.args[0] for side in goal.args)
        order = close(at_most(s, t), ((1, (_only(premises),), ()),), _equations(premises))
        return _as(exponential_growth(order), goal)


@dataclass(frozen=True)
class ExponentialDecay:
    """``t^3 exp(-t) <= 27`` for ``t >= 0``.

    Attributes
    ----------
    exponent : Term
        ``t``; a premise shows that it is not negative.
    """

    exponent: Term
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """``exp(-t) = exp(-t/3)^3`` and ``exp(-t/3) exp(t/3) = 1``, ``t/3 <= exp(t/3)``."""
        t = self.exponent
        third = Fraction(1, 3) * t
        sign = close(nonnegative(third), ((Fraction(1, 3), (_only(premises),), ()),))
        up, down = exponential(third), exponential(-third)
        unit = close(
            equal(up * down, 1),
            (),
            [
                with_argument(kernel.axiom("exponential of a sum", third, -third), number(0)),
                NoOdds().prove(equal(exponential(number(0)), 1), {}),
            ],
        )
        two = with_argument(kernel.axiom("exponential of a sum", -third, -third), -2 * third)
        three = with_argument(kernel.axiom("exponential of a sum", -2 * third, -third), -t)
        # t/3 exp(-t/3) <= exp(t/3) exp(-t/3) = 1
        tangent, below_one = kernel.axiom("tangent", third), exponential_sign(-third)
        small = kernel.combine(
            at_most(third * down, 1),
            ((1, (tangent, below_one), ()), (1, (below_one,), ())),
            ((number(1), unit),),
            OPAQUE,
        )
        part = kernel.combine(nonnegative(third * down), ((1, (sign, below_one), ()),), (), OPAQUE)
        cube = kernel.combine(
            at_most((third * down) ** 3, 1),
            ((1, (small,), ()), (1, (small, part), ()), (1, (small, part, part), ())),
            (),
            OPAQUE,
        )
        return close(goal, ((27, (cube,), ()),), [two, three])


@dataclass(frozen=True)
class NoOdds:
    """What ``exp(0) = 1`` gives."""

    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """``exp(0)^2 = exp(0)`` and ``1 <= exp(0)``."""
        zero = number(0)
        one, square = exponential(zero), kernel.axiom("exponential of a sum", zero, zero)
        least = kernel.axiom("tangent", zero)
        sign = kernel.combine(positive(one), ((1, (least,), ()), (1, (), ())), (), OPAQUE)
        product = equal(one * (one - 1), 0)
        squared = kernel.combine(product, (), ((number(-1), with_argument(square, zero)),), OPAQUE)
        return close(goal, (), [facts.cancel(sign, squared, equal(one, 1))])


@dataclass(frozen=True)
class LogarithmBound:
    """``s <= t`` from ``exp(s) <= exp(t)``: an equation for one and a bound of the other.

    Attributes
    ----------
    bound : str
        The premise that is an inequality.
    """

    bound: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """If ``t < s`` then ``exp(t)(1 + s - t) <= exp(s) <= exp(t)``, so ``s <= t``."""
        low, high = goal.args
        products = [(1, (_named(premises, self.bound),), ())]
        equations = _equations(premises)
        between = close(at_most(exponential(low), exponential(high)), products, equations)
        larger = kernel.assume(below(high, low))
        rest = low - high
        whole = with_argument(kernel.axiom("exponential of a sum", high, rest), low)
        tangent, sign = kernel.axiom("tangent", rest), exponential_sign(high)
        # exp(high) (low - high) <= exp(low) - exp(high) <= 0, with exp(high) > 0
        product = kernel.combine(
            nonnegative(exponential(high) * (high - low)),
            ((1, (sign, tangent), ()), (1, (between,), ())),
            ((number(-1), whole),),
            OPAQUE,
        )
        above = facts.cancel(exponential_positive(high), product, goal)
        return kernel.split(low, high, kernel.assume(goal), kernel.cut(larger, above))


@dataclass(frozen=True)
class ExponentialOrder:
    """``0 <= (s - t)(exp(s) - exp(t))``.

    Attributes
    ----------
    first, second : Term
    """

    first: Term
    second: Term
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By cases: the exponential grows."""
        s, t = self.first, self.second
        wanted = nonnegative((s - t) * (exponential(s) - exponential(t)))
        found = []
        for order in (kernel.assume(at_most(s, t)), kernel.assume(below(t, s))):
            weak = kernel.combine(
                at_most(*order.record.conclusion.args), ((1, (order,), ()),), (), OPAQUE
            )
            grows = exponential_growth(weak)
            found.append(kernel.combine(wanted, ((1, (weak, grows), ()),), (), OPAQUE))
        return _as(kernel.split(s, t, *found), goal)


@dataclass(frozen=True)
class ExponentialsAgree:
    """``exp(s) = exp(t)`` from ``s = t``."""

    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Both orders."""
        s, t = (side.args[0] for side in goal.args)
        same = _equations(premises)
        sides = [exponential_growth(close(at_most(p, q), (), same)) for p, q in ((s, t), (t, s))]
        return _as(kernel.antisymmetry(*sides), goal)


@dataclass(frozen=True)
class ExponentialPositive:
    """``0 < exp(t)``."""

    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """It is a square and not zero."""
        return _as(exponential_positive(goal.args[1].args[0]), goal)


@dataclass(frozen=True)
class LogarithmsAgree:
    """``log(s) = log(t)`` from ``0 < s``, ``0 < t`` and ``s = t``.

    Attributes
    ----------
    first, second, same : str
    """

    first: str
    second: str
    same: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """The logarithms' exponentials agree, and the exponential grows."""
        s, t = (side.args[0] for side in goal.args)
        known = {
            "s": _logarithm(_named(premises, self.first), s),
            "t": _logarithm(_named(premises, self.second), t),
        }
        same = _named(premises, self.same)
        sides = [
            LogarithmBound("order").prove(
                at_most(*pair), {**known, "order": close(at_most(*values), (), [same])}
            )
            for pair, values in ((goal.args, (s, t)), (goal.args[::-1], (t, s)))
        ]
        return _as(kernel.antisymmetry(*sides), goal)


def _logarithm(sign: Theorem, t: Term) -> Theorem:
    """``exp(log(t)) = t`` from ``0 < t``."""
    shown = close(positive(t), ((1, (sign,), ()),))
    return kernel.cut(shown, kernel.axiom("logarithm", t))


@dataclass(frozen=True)
class LogarithmOf:
    """``exp(log(t)) = t`` from ``0 < t``."""

    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Take the axiom."""
        return _as(_logarithm(_only(premises), goal.args[0].args[0].args[0]), goal)
