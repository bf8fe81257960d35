"""Signs, quotients, roots and exponentials of single numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import ProofError, Term, Theorem
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.closing import close
from proofs_check.proofs.tactics.language import at_most
from proofs_check.proofs.tactics.steps import Premises, _as, _equations, _named, _only


@dataclass(frozen=True)
class Vanishes:
    """``t = 0`` because ``t^2 <= 0``, or because ``t <= 0`` and ``0 <= t``.

    Attributes
    ----------
    term : Term
    """

    term: Term
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """From the square, or from both signs."""
        rest = [p for p in premises.values() if p.record.conclusion.op != "equal"]
        equations = _equations(premises)
        if len(rest) == 2:
            low, high = (
                Term("at_most", (self.term, number(0))),
                Term("at_most", (number(0), self.term)),
            )
            sides = []
            for side in (low, high):
                for candidate in rest:
                    try:
                        sides.append(close(side, ((1, (candidate,), ()),), equations))
                        break
                    except ProofError:
                        continue
            if len(sides) == 2:
                return close(goal, (), [kernel.antisymmetry(*sides)])
            raise ProofError("the premises do not show both signs")
        return facts.vanishing(_only(premises), self.term, goal)


@dataclass(frozen=True)
class Cancel:
    """A positive factor of an inequality, or a factor of an equation, is divided out.

    Attributes
    ----------
    factor : str
        Premise ``0 < factor``.
    product : str
        Premise whose ``right - left`` is the factor times that of the goal.
    """

    factor: str
    product: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Multiply by the reciprocal."""
        factor, product = _named(premises, self.factor), _named(premises, self.product)
        c = factor.record.conclusion.args[1] - factor.record.conclusion.args[0]
        wanted = Term(goal.op, (number(0), c * (goal.args[1] - goal.args[0])))
        others = [p for p in _equations(premises) if p is not product]
        if goal.op == "equal":
            shown = close(wanted, (), [product, *others])
        else:
            shown = close(wanted, ((1, (product,), ()),), others)
        return facts.cancel(factor, shown, goal)


@dataclass(frozen=True)
class Reciprocal:
    """``t (1/t) = 1`` from the premise ``0 < t``."""

    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Take the axiom, then compare."""
        return _as(facts.reciprocal(_only(premises)), goal)


@dataclass(frozen=True)
class BelowRoot:
    """``t <= root(b)`` from ``t^2 <= b`` and ``0 <= b``.

    Attributes
    ----------
    term, bound : Term
    square, sign : str
        Premises.
    """

    term: Term
    bound: Term
    square: str
    sign: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By cases, then compare."""
        equations = _equations(premises)
        squared = at_most(self.term**2, self.bound)
        sign = at_most(0, self.bound)
        square = close(squared, ((1, (_named(premises, self.square),), ()),), equations)
        shown = close(sign, ((1, (_named(premises, self.sign),), ()),), equations)
        return _as(facts.below_root(self.term, self.bound, square, shown), goal)


@dataclass(frozen=True)
class Exponential:
    """``exp(s) <= exp(t)`` from ``s <= t``."""

    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By the tangent at s."""
        return _as(facts.exponential_increases(_only(premises)), goal)


@dataclass(frozen=True)
class Positive:
    """``0 <=`` a product of exponentials and of factors that premises show not to be negative."""

    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Each exponential is a square."""
        factors = [f for f in (goal.args[1],) for f in (f.args if f.op == "multiply" else (f,))]
        shown = [facts.exponential_sign(f.args[0]) for f in factors if f.op == "exponential"]
        return close(goal, ((1, (*shown, *premises.values()), ()),))


@dataclass(frozen=True)
class Sign:
    """``0 <= a + b sqrt(c)`` (or two such numbers compared), exactly."""

    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """From a square, or from the root's sign."""
        return facts.algebraic_sign(goal)
