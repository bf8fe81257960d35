"""Tactics about roots, reciprocals and extremes, and about instances of theorems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import ProofError, Term, Theorem
from proofs_check.proofs.kernel.terms import number
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


def largest_of(first: Term, second: Term) -> Term:
    """The larger of two numbers."""
    return case(first, second, second, first)


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
        left, right = theorem.record.conclusion.args
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
            if name != self.statement and premise.record.conclusion in found.record.hypotheses:
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
        for hypothesis in sorted(theorem.record.hypotheses, key=lambda h: h.key):
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
                if found.record.conclusion == hypothesis:
                    return found
        inside = hypothesis
        variables: list[Term] = []
        while inside.op == "forall":
            sort = inside.data
            variables.append(Term("free", (), (f"any {len(variables)}", sort)))
            inside = kernel.specialise(kernel.assume(inside), variables[-1]).record.conclusion
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
            if premise.record.conclusion.op in (goal.op, "below"):
                try:
                    return close(goal, ((1, (premise,), ()),), rewriting=False)
                except ProofError:
                    continue
        raise ProofError("the premises do not show what the oracle assumes")
