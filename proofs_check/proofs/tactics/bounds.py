"""Tactics about roots, reciprocals, exponentials, and about several claims in one induction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import ProofError, Term, Theorem
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.closing import OPAQUE, close
from proofs_check.proofs.tactics.language import (
    A,
    J,
    Operand,
    at_most,
    below,
    case,
    equal,
    exponential,
    nonnegative,
    positive,
    term,
)
from proofs_check.proofs.tactics.steps import (
    Binder,
    Premises,
    _as,
    _binders,
    _equations,
    _named,
    _only,
)


def square_root_bound(goal: Term, squares: Theorem, sign: Theorem) -> Theorem:
    """``s <= t`` from ``s^2 <= t^2`` and ``0 <= t``."""
    s, t = goal.args
    larger = kernel.assume(below(t, s))
    both = kernel.combine(positive(s + t), ((1, (larger,), ()), (2, (sign,), ())), (), OPAQUE)
    product = kernel.combine(nonnegative((s + t) * (t - s)), ((1, (squares,), ()),), (), OPAQUE)
    return kernel.split(s, t, kernel.assume(goal), facts.cancel(both, product, goal))


@dataclass(frozen=True)
class SquareRoot:
    """``s <= t`` from ``s^2 <= t^2`` and ``0 <= t``.

    Attributes
    ----------
    squares, sign : str
        The two premises.
    """

    squares: str
    sign: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By cases, dividing by ``s + t``."""
        s, t = goal.args
        equations = _equations(premises)
        squares = close(
            at_most(s**2, t**2), ((1, (_named(premises, self.squares),), ()),), equations
        )
        sign = close(nonnegative(t), ((1, (_named(premises, self.sign),), ()),), equations)
        return square_root_bound(goal, squares, sign)


@dataclass(frozen=True)
class RootOf:
    """``root(t)^2 = t``, or ``0 <= root(t)``, where a premise shows ``0 <= t``.

    Attributes
    ----------
    inside : Term
    """

    inside: Term
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Take the axiom."""
        sign = close(nonnegative(self.inside), ((1, (_only(premises),), ()),))
        name = "root" if goal.op == "equal" else "root sign"
        return _as(kernel.cut(sign, kernel.axiom(name, self.inside)), goal)


@dataclass(frozen=True)
class Reciprocal:
    """``c (1/c) = 1`` from ``0 < c``."""

    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Take the axiom."""
        return _as(facts.reciprocal(_only(premises)), goal)


def exponential_sign(t: Term) -> Theorem:
    """``0 <= exp(t)``, the square of ``exp(t/2)``."""
    half = number(facts._HALF) * t
    double = kernel.axiom("exponential of a sum", half, half)
    square = exponential(half)
    return kernel.combine(
        nonnegative(exponential(t)),
        ((1, (), (square,)),),
        ((number(-1), _with_argument(double, t)),),
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
        ((number(1), _with_argument(pair, number(0))),),
        OPAQUE,
    )
    return kernel.split(exponential(t), number(0), absurd, kernel.assume(positive(exponential(t))))


def _with_argument(theorem: Theorem, t: Term) -> Theorem:
    """The same with an exponent of another form."""
    return kernel.combine(
        equal(exponential(t), theorem.conclusion.args[1]), (), ((number(1), theorem),)
    )


def exponential_growth(premise: Theorem) -> Theorem:
    """``exp(s) <= exp(t)`` from ``s <= t``, and with ``<``: ``exp(t) >= exp(s)(1 + t - s)``."""
    s, t = premise.conclusion.args
    rest = t - s
    whole = _with_argument(kernel.axiom("exponential of a sum", s, rest), t)
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
                _with_argument(kernel.axiom("exponential of a sum", third, -third), number(0)),
                NoOdds().prove(equal(exponential(number(0)), 1), {}),
            ],
        )
        two = _with_argument(kernel.axiom("exponential of a sum", -third, -third), -2 * third)
        three = _with_argument(kernel.axiom("exponential of a sum", -2 * third, -third), -t)
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
        squared = kernel.combine(product, (), ((number(-1), _with_argument(square, zero)),), OPAQUE)
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
        whole = _with_argument(kernel.axiom("exponential of a sum", high, rest), low)
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


def largest_of(first: Term, second: Term) -> Term:
    """The larger of two numbers."""
    return case(first, second, second, first)


def _both(first: Theorem, second: Theorem) -> Theorem:
    """``max(s, t) <= 0`` from ``s <= 0`` and ``t <= 0``."""
    s, t = first.conclusion.args[0], second.conclusion.args[0]
    most = largest_of(s, t)
    one = kernel.axiom("first case", s, t, t, s)
    two = kernel.axiom("second case", s, t, t, s)
    goal = at_most(most, 0)
    found = [
        kernel.combine(goal, ((1, (given,), ()),), ((number(1), chosen),), OPAQUE)
        for given, chosen in ((second, one), (first, two))
    ]
    return kernel.split(s, t, *found)


def _each(both: Theorem) -> tuple[Theorem, Theorem]:
    """``s <= 0`` and ``t <= 0`` from ``max(s, t) <= 0``."""
    s, t, *_ = both.conclusion.args[0].args
    one = kernel.axiom("first case", s, t, t, s)
    two = kernel.axiom("second case", s, t, t, s)
    order, other = kernel.assume(at_most(s, t)), kernel.assume(below(t, s))
    found = []
    for goal, in_first, in_second in (
        (at_most(s, 0), (order, both), (both,)),
        (at_most(t, 0), (both,), (other, both)),
    ):
        first = kernel.combine(
            goal, tuple((1, (p,), ()) for p in in_first), ((number(-1), one),), OPAQUE
        )
        second = kernel.combine(
            goal, tuple((1, (p,), ()) for p in in_second), ((number(-1), two),), OPAQUE
        )
        found.append(kernel.split(s, t, first, second))
    return found[0], found[1]


def _signed(theorem: Theorem) -> Theorem:
    """``left - right <= 0``."""
    left, right = theorem.conclusion.args
    return kernel.combine(at_most(left - right, 0), ((1, (theorem,), ()),), (), OPAQUE)


@dataclass(frozen=True)
class Contracted:
    """An equation times a factor, summed over labels; further equations are used to compare.

    Attributes
    ----------
    equation : str
        The premise.
    factor : Term
    over : tuple of Term or Over
    """

    equation: str
    factor: Term
    over: tuple[Binder, ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Multiply, sum, compare."""
        theorem = _named(premises, self.equation)
        left, right = theorem.conclusion.args
        sides = equal(self.factor * left, self.factor * right)
        times = kernel.combine(sides, (), ((self.factor, theorem),), OPAQUE)
        summed = facts.all_over(times, _binders(self.over))
        others = [p for p in _equations(premises) if p is not theorem]
        return close(goal, (), [summed, *others], rewriting=False)


@dataclass(frozen=True)
class Linear:
    """``right - left`` is a sum of premises, all equations, with these factors.

    Attributes
    ----------
    factors : tuple of (Term or number, str)
    """

    factors: tuple[tuple[Operand, str], ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Compare, no definition written out."""
        pairs = tuple((term(f), _named(premises, name)) for f, name in self.factors)
        return kernel.combine(goal, (), pairs, OPAQUE)


@dataclass(frozen=True)
class Instantiated:
    """A premise for particular values; what it then assumes is shown by other premises.

    Attributes
    ----------
    values : mapping of Term to Term
    statement : str
        The premise.
    """

    values: Mapping[Term, Term]
    statement: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Substitute, cut, compare."""
        found = kernel.substitute(_named(premises, self.statement), self.values)
        for name, premise in premises.items():
            if name != self.statement and premise.conclusion in found.hypotheses:
                found = kernel.cut(premise, found)
        return _as(found, goal)


@dataclass(frozen=True)
class Generalise:
    """A premise for every value of variables, the last one innermost.

    Attributes
    ----------
    variables : tuple of Term
    """

    variables: tuple[Term, ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Apply the rule."""
        (found,) = premises.values()
        for variable in reversed(self.variables):
            found = kernel.generalise(found, variable)
        return found


@dataclass(frozen=True)
class Indicator:
    """``g^2 = g`` for ``g = case(a, b, 1, 0)``.

    Attributes
    ----------
    left, right : Term
    """

    left: Term
    right: Term
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By cases."""
        parts = (self.left, self.right, number(1), number(0))
        g = case(*parts)
        found = [
            kernel.combine(
                equal(g * g, g),
                (),
                ((factor, kernel.axiom(name, *parts)),),
                OPAQUE,
            )
            for name, factor in (("first case", g), ("second case", g - 1))
        ]
        return _as(kernel.split(self.left, self.right, *found), goal)


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
            weak = kernel.combine(at_most(*order.conclusion.args), ((1, (order,), ()),), (), OPAQUE)
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
class LargerOf:
    """``s <= max(s, t)``, or ``t <= max(s, t)``.

    Attributes
    ----------
    first, second : Term
    which : int
        0 or 1.
    """

    first: Term
    second: Term
    which: int
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By cases."""
        s, t = self.first, self.second
        one = kernel.axiom("first case", s, t, t, s)
        two = kernel.axiom("second case", s, t, t, s)
        order, other = kernel.assume(at_most(s, t)), kernel.assume(below(t, s))
        wanted = at_most((s, t)[self.which], largest_of(s, t))
        steps = (((1, (order,), ()),), ()) if self.which == 0 else ((), ((1, (other,), ()),))
        found = [
            kernel.combine(wanted, products, ((number(-1), chosen),), OPAQUE)
            for products, chosen in zip(steps, (one, two), strict=True)
        ]
        return _as(kernel.split(s, t, *found), goal)


@dataclass(frozen=True)
class JointInduction:
    """Two inequalities for every number of steps, which pass to the next step together.

    Attributes
    ----------
    variable : Term
        The number of steps.
    claims : pair of Term
        The inequalities at step k; the goal is one of them.
    starts, passages : pair of str
        Premises: at step 0; at step k + 1, assuming the claims at step k.
    """

    variable: Term
    claims: tuple[Term, Term]
    starts: tuple[str, str]
    passages: tuple[str, str]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By induction on the larger of both differences."""
        k = self.variable
        if goal not in self.claims:
            raise ProofError("the goal is none of the claims")
        claim = at_most(
            largest_of(*(left - right for left, right in (c.args for c in self.claims))), 0
        )
        at_start, at_next = (
            replaced(claim, {k: step}) for step in (Term("start"), Term("next", (k,)))
        )
        first = self._at(premises, self.starts, Term("start"))
        assumed = _each(kernel.assume(claim))
        now = [
            kernel.combine(c, ((1, (found,), ()),), (), OPAQUE)
            for c, found in zip(self.claims, assumed, strict=True)
        ]
        following = self._at(premises, self.passages, Term("next", (k,)))
        for shown in now:
            following = kernel.cut(shown, following)
        whole = kernel.induction(_as(first, at_start), _as(following, at_next), claim, k)
        found = _each(whole)[self.claims.index(goal)]
        return kernel.combine(goal, ((1, (found,), ()),), (), OPAQUE)

    def _at(self, premises: Premises, names: tuple[str, str], step: Term) -> Theorem:
        shown = []
        for name, claim in zip(names, self.claims, strict=True):
            wanted = replaced(claim, {self.variable: step})
            shown.append(_signed(_as(_named(premises, name), wanted)))
        return _both(*shown)


@dataclass(frozen=True)
class InductionWhile:
    """The goal after k steps, as long as a condition holds that can only be lost.

    Attributes
    ----------
    variable : Term
        The number of steps.
    condition : Term
        ``s <= b`` at step k; the goal is shown under this hypothesis.
    start, passage, grows : str
        Premises: the goal at step 0; at step k + 1, assuming condition and goal at step k; ``s`` at
        step k is at most ``s`` at step k + 1.
    """

    variable: Term
    condition: Term
    start: str
    passage: str
    grows: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By induction on: the goal's difference if the condition holds, else zero, is <= 0."""
        k = self.variable
        s, b = self.condition.args
        rest = goal.args[0] - goal.args[1]
        claim = at_most(case(s, b, rest, number(0)), 0)
        at_start, at_next = (replaced(claim, {k: to}) for to in (Term("start"), Term("next", (k,))))
        first = self._guarded(
            at_start, _signed(self._as(goal, Term("start"), premises, self.start))
        )
        # the condition at k + 1 gives the condition at k, so the goal at k and at k + 1
        later = kernel.assume(replaced(self.condition, {k: Term("next", (k,))}))
        before = close(
            self.condition, ((1, (_named(premises, self.grows),), ()), (1, (later,), ()))
        )
        here = kernel.cut(before, self._goal(goal, kernel.assume(claim)))
        passage = self._as(goal, Term("next", (k,)), premises, self.passage)
        for shown in (before, here):
            passage = kernel.cut(shown, passage)
        following = self._guarded(at_next, _signed(passage))
        return self._goal(goal, kernel.induction(first, following, claim, k))

    def _as(self, goal: Term, step: Term, premises: Premises, name: str) -> Theorem:
        return _as(_named(premises, name), replaced(goal, {self.variable: step}))

    def _goal(self, goal: Term, claim: Theorem) -> Theorem:
        """The goal from the claim and the condition."""
        chosen = kernel.cut(
            kernel.assume(self.condition),
            kernel.axiom("first case", *claim.conclusion.args[0].args),
        )
        return kernel.combine(goal, ((1, (claim,), ()),), ((number(-1), chosen),), OPAQUE)

    @staticmethod
    def _guarded(claim: Term, given: Theorem) -> Theorem:
        """``case(s, b, t, 0) <= 0`` from ``t <= 0`` where ``s <= b``."""
        parts = claim.args[0].args
        inside = kernel.combine(
            claim, ((1, (given,), ()),), ((number(1), kernel.axiom("first case", *parts)),), OPAQUE
        )
        outside = kernel.combine(
            claim, (), ((number(1), kernel.axiom("second case", *parts)),), OPAQUE
        )
        return kernel.split(parts[0], parts[1], inside, outside)


@dataclass(frozen=True)
class Asked:
    """An oracle of the kernel; what it assumes is shown by premises, or true by form.

    Attributes
    ----------
    name : str
    arguments : tuple
    kind : str
    premises : tuple of str
        What the oracle is given beside its arguments.
    """

    name: str
    arguments: tuple[object, ...]
    kind: str = "ball cover"
    premises: tuple[str, ...] = ()

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Ask, cut what is shown, compare."""
        given = tuple(_named(premises, name) for name in self.premises)
        theorem = kernel.oracle(self.name, *self.arguments, premises=given)
        for hypothesis in sorted(theorem.hypotheses, key=lambda h: h.key):
            theorem = kernel.cut(self._shown(hypothesis, premises), theorem)
        if goal.op == "equal":
            return kernel.combine(goal, (), ((number(1), theorem),))
        return kernel.combine(goal, ((1, (theorem,), ()),))

    def _shown(self, hypothesis: Term, premises: Premises) -> Theorem:
        for premise in premises.values():
            for over in ((), (J,), (A, J)):
                found = premise
                for variable in over:
                    found = kernel.generalise(found, variable)
                if found.conclusion == hypothesis:
                    return found
        inside = hypothesis
        variables: list[Term] = []
        while inside.op == "forall":
            sort = inside.data
            variables.append(Term("free", (), (f"any {len(variables)}", sort)))
            inside = kernel.specialise(kernel.assume(inside), variables[-1]).conclusion
        found = self._relation(inside, premises)
        for variable in reversed(variables):
            found = kernel.generalise(found, variable)
        return found

    @staticmethod
    def _relation(goal: Term, premises: Premises) -> Theorem:
        if goal.op == "equal":
            for premise in _equations(premises):
                try:
                    return kernel.combine(goal, (), ((number(1), premise),))
                except ProofError:
                    continue
            return close(goal, (), _equations(premises), rewriting=False)
        for premise in premises.values():
            if premise.conclusion.op in (goal.op, "below"):
                try:
                    return close(goal, ((1, (premise,), ()),), rewriting=False)
                except ProofError:
                    continue
        raise ProofError("the premises do not show what the oracle assumes")
