"""Sums and means of premises: averages, Cauchy and Schwarz, Popoviciu."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Term, Theorem
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.closing import close
from proofs_check.proofs.tactics.steps import TEACHER, Binder, Premises, _binders, _equations, _only


@dataclass(frozen=True)
class Average:
    """Sum the premise over labels with nonnegative weights, and take its mean.

    Attributes
    ----------
    over : tuple of Term or Over
        The last one innermost.
    weights : tuple of Term
    """

    over: tuple[Binder, ...]
    weights: tuple[Term, ...] = ()
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Multiply, sum, compare."""
        theorem = _only(premises)
        left, right = theorem.record.conclusion.args
        others = [p for p in _equations(premises) if p is not theorem]
        weight = Term("multiply", self.weights)
        sides = Term(theorem.record.conclusion.op, (weight * left, weight * right))
        if theorem.record.conclusion.op == "equal":
            theorem = kernel.combine(sides, (), ((weight, theorem),), frozenset())
            summed = facts.all_over(theorem, _binders(self.over))
            return close(goal, (), [summed, *others])
        if self.weights:
            signs = tuple(facts.by_form(w) for w in self.weights)
            sides = Term("at_most", sides.args)
            theorem = kernel.combine(sides, ((1, (*signs, theorem), ()),), (), frozenset())
        return close(goal, ((1, (facts.all_over(theorem, _binders(self.over)),), ()),), others)


@dataclass(frozen=True)
class CauchySchwarz:
    """``M[w f g]^2 <= M[w f^2] M[w g^2]``, M sums and means; Jensen for squares if ``g = 1``.

    Attributes
    ----------
    f, g : Term
    weights : tuple of Term
    over : tuple of Term or Over
    """

    f: Term
    g: Term = field(default_factory=lambda: number(1))
    weights: tuple[Term, ...] = ()
    over: tuple[Binder, ...] = (TEACHER,)
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Prove the instance by cases, then compare."""
        found = facts.cauchy_schwarz(self.f, self.g, self.weights, _binders(self.over))
        return close(goal, ((1, (found,), ()),), _equations(premises))


@dataclass(frozen=True)
class Popoviciu:
    """``4 sum_j psi_j (f_j - mean)^2 <= b`` if ``(f_j - f_k)^2 <= b`` for all j, k; proved.

    Attributes
    ----------
    values : Term
        ``f_j``.
    index, other : Term
        ``j`` and ``k``.
    responsibility : Term
        ``psi_j``.
    """

    values: Term
    index: Term
    other: Term
    responsibility: Term
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Prove the instance, then compare."""
        found = facts.popoviciu(
            self.values, self.index, self.other, self.responsibility, _only(premises)
        )
        return close(goal, ((1, (found,), ()),), _equations(premises))
