"""Several claims in one induction over the steps, and an induction while a condition holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import ProofError, Term, Theorem
from proofs_check.proofs.kernel.terms import number, opened, replaced
from proofs_check.proofs.tactics.bounds import largest_of
from proofs_check.proofs.tactics.closing import OPAQUE, close
from proofs_check.proofs.tactics.language import (
    at_most,
    below,
    case,
    every,
)
from proofs_check.proofs.tactics.steps import (
    Premises,
    _as,
    _named,
    _only,
)


def _both(first: Theorem, second: Theorem) -> Theorem:
    """``max(s, t) <= 0`` from ``s <= 0`` and ``t <= 0``."""
    s, t = first.record.conclusion.args[0], second.record.conclusion.args[0]
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
    s, t, *_ = both.record.conclusion.args[0].args
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
    left, right = theorem.record.conclusion.args
    return kernel.combine(at_most(left - right, 0), ((1, (theorem,), ()),), (), OPAQUE)


@dataclass(frozen=True)
class BothSigned:
    """``max(s, t) <= 0`` from ``s <= 0`` and ``t <= 0``.

    Attributes
    ----------
    first, second : str
    """

    first: str
    second: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By cases."""
        sides = (_signed(_named(premises, name)) for name in (self.first, self.second))
        return _as(_both(*sides), goal)


@dataclass(frozen=True)
class OneSigned:
    """``s <= 0`` or ``t <= 0`` from ``max(s, t) <= 0``.

    Attributes
    ----------
    which : int
        0 or 1.
    """

    which: int
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By cases."""
        return _as(_each(_only(premises))[self.which], goal)


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
    every : tuple of Term
        The goal is an inequality for every value of these variables, which the premises have free;
        the passage assumes the goal at step k for every value.
    """

    variable: Term
    condition: Term
    start: str
    passage: str
    grows: str
    every: tuple[Term, ...] = ()
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By induction on: the goal's difference if the condition holds, else zero, is <= 0."""
        k = self.variable
        inside = goal
        for variable in self.every:
            inside = opened(inside.args[0], (variable,))
        s, b = self.condition.args
        rest = inside.args[0] - inside.args[1]
        claim = at_most(case(s, b, rest, number(0)), 0)
        at_start, at_next = (replaced(claim, {k: to}) for to in (Term("start"), Term("next", (k,))))
        first = self._guarded(
            at_start, _signed(self._as(inside, Term("start"), premises, self.start))
        )
        # the condition at k + 1 gives the condition at k, so the goal at k and at k + 1
        later = kernel.assume(replaced(self.condition, {k: Term("next", (k,))}))
        before = close(
            self.condition, ((1, (_named(premises, self.grows),), ()), (1, (later,), ()))
        )
        whole = every(claim, *self.every)
        here = kernel.cut(before, self._goal(inside, self._each(kernel.assume(whole))))
        passage = self._as(inside, Term("next", (k,)), premises, self.passage)
        for shown in (before, self._all(here)):
            passage = kernel.cut(shown, passage)
        following = self._guarded(at_next, _signed(passage))
        found = kernel.induction(self._all(first), self._all(following), whole, k)
        return self._all(self._goal(inside, self._each(found)))

    def _each(self, theorem: Theorem) -> Theorem:
        for variable in self.every:
            theorem = kernel.specialise(theorem, variable)
        return theorem

    def _all(self, theorem: Theorem) -> Theorem:
        for variable in reversed(self.every):
            theorem = kernel.generalise(theorem, variable)
        return theorem

    def _as(self, goal: Term, step: Term, premises: Premises, name: str) -> Theorem:
        return _as(_named(premises, name), replaced(goal, {self.variable: step}))

    def _goal(self, goal: Term, claim: Theorem) -> Theorem:
        """The goal from the claim and the condition."""
        chosen = kernel.cut(
            kernel.assume(self.condition),
            kernel.axiom("first case", *claim.record.conclusion.args[0].args),
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
