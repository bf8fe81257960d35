"""The tactics of scripts; each names what it uses by the step's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Definition, ProofError, Term, Theorem
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.closing import close
from proofs_check.proofs.tactics.facts import Over
from proofs_check.proofs.tactics.language import X

if TYPE_CHECKING:
    from proofs_check.proofs.tactics.script import Script


Premises = Mapping[str, Theorem]


#: A variable that is summed over, or a mean.
Binder = Term | Over


#: The mean over x under the teacher.
TEACHER = Over(X, "mean_teacher")


def student(of: Term) -> Over:
    """The mean over x under the student in a state."""
    return Over(X, "mean_student", (of,))


def steps_before(k: Term, last: Term) -> Over:
    """The sum over the steps ``k < last``."""
    return Over(k, "sum_steps", (last,))


def _binders(over: tuple[Binder, ...]) -> tuple[Over, ...]:
    return tuple(one if isinstance(one, Over) else Over(one) for one in over)


def _equations(premises: Premises) -> list[Theorem]:
    return [p for p in premises.values() if p.record.conclusion.op == "equal"]


def _only(premises: Premises) -> Theorem:
    rest = [p for p in premises.values() if p.record.conclusion.op != "equal"] or list(
        premises.values()
    )
    if len(rest) != 1:
        raise ProofError(f"one premise is needed, {len(rest)} are given")
    return rest[0]


def _named(premises: Premises, name: str) -> Theorem:
    if name not in premises:
        raise ProofError(f"premise {name!r} is not at hand")
    return premises[name]


@dataclass(frozen=True)
class Combination:
    """``right - left`` is a sum of products of premises and squares, modulo equations among them.

    Attributes
    ----------
    products : tuple of (number, tuple of str)
        Nonnegative numbers, and names of premises whose ``right - left`` are multiplied.
    squares : tuple of (number, Term)
        Nonnegative numbers and what is squared.
    """

    products: tuple[tuple[Fraction | int, tuple[str, ...]], ...] = ()
    squares: tuple[tuple[Fraction | int, Term], ...] = ()
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Find the multipliers of the equations; the kernel checks the sum."""
        products = [
            (c, tuple(_named(premises, n) for n in names), ()) for c, names in self.products
        ]
        squares = [(c, (), (s,)) for c, s in self.squares]
        return close(goal, (*products, *squares), _equations(premises))


@dataclass(frozen=True)
class Derived:
    """An equation by definitions, linearity, Stein's identity and the gradients of ``derive``."""

    kind: ClassVar[str] = "symbolic identity"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Rewrite until both sides agree."""
        return close(goal, (), _equations(premises))


@dataclass(frozen=True)
class Square:
    """``coefficient * sums and means of weights * base^2``.

    Attributes
    ----------
    base : Term
    over : tuple of Term or Over
    coefficient : number
    weights : tuple of Term
        Weights, responsibilities, deltas, ``1 - delta``.
    """

    base: Term
    over: tuple[Binder, ...] = ()
    coefficient: Fraction | int = 1
    weights: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Squares:
    """``right - left`` is a sum of squares with nonnegative weights, or the mean of one.

    Attributes
    ----------
    squares : tuple of Square
    mean : Over or None
        Taken of all of them.
    kept : tuple of Definition
        Not to be written out.
    """

    squares: tuple[Square, ...]
    mean: Over | None = None
    kept: tuple[Definition, ...] = ()
    kind: ClassVar[str] = "pointwise inequality"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Show each not to be negative, then compare."""
        outer = () if self.mean is None else (self.mean,)
        products = [
            (
                s.coefficient,
                (facts.square_over(s.base, s.weights, (*outer, *_binders(s.over))),),
                (),
            )
            for s in self.squares
        ]
        return close(goal, products, _equations(premises), kept=self.kept)


@dataclass(frozen=True)
class Specialise:
    """A premise ``for all ...`` for particular values, the outermost first.

    Attributes
    ----------
    values : tuple of Term
    """

    values: tuple[Term, ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Apply the rule, then compare."""
        found = next(iter(premises.values()))
        for value in self.values:
            found = kernel.specialise(found, value)
        return _as(found, goal)


@dataclass(frozen=True)
class Instance:
    """The premise for particular values of its variables.

    Attributes
    ----------
    values : mapping of Term to Term
    """

    values: Mapping[Term, Term]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Substitute, then compare."""
        found = kernel.substitute(_only(premises), self.values)
        if found.record.conclusion == goal:
            return found
        if found.record.conclusion.op == "equal":
            return close(goal, (), [found])
        return close(
            goal, ((1, (found,), ()),), [p for p in _equations(premises) if p is not found]
        )


@dataclass(frozen=True)
class Induction:
    """The goal for every number of steps, from the goal at 0 and from k to k + 1.

    Attributes
    ----------
    variable : Term
        The number of steps in the goal.
    start, passage : str
        Premises. What the passage assumes of the step must be the goal.
    """

    variable: Term
    start: str
    passage: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Apply the rule."""
        at_start = replaced(goal, {self.variable: Term("start")})
        at_next = replaced(goal, {self.variable: Term("next", (self.variable,))})
        first = _as(_named(premises, self.start), at_start)
        following = _as(_named(premises, self.passage), at_next)
        return kernel.induction(first, following, goal, self.variable)


def _as(theorem: Theorem, goal: Term) -> Theorem:
    """A relation in another form with the same normal form."""
    if theorem.record.conclusion == goal:
        return theorem
    if theorem.record.conclusion.op == "equal":
        return close(goal, (), [theorem], rewriting=False)
    return close(goal, ((1, (theorem,), ()),), rewriting=False)


@dataclass(frozen=True)
class Discharge:
    """A statement without a hypothesis that is shown meanwhile.

    Attributes
    ----------
    statement : str
        The premise that rests on it.
    shown : tuple of str
        Premises that show what it rests on.
    """

    statement: str
    shown: tuple[str, ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Cut."""
        theorem = _named(premises, self.statement)
        for name in self.shown:
            theorem = kernel.cut(_named(premises, name), theorem)
        return _as(theorem, goal)


@dataclass(frozen=True)
class Cases:
    """The goal from both cases ``left <= right`` and ``right < left``.

    Attributes
    ----------
    left, right : Term
    first, second : str
        Premises that show the goal, under the hypotheses of the cases.
    """

    left: Term
    right: Term
    first: str
    second: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Apply the rule."""
        first, second = (_as(_named(premises, n), goal) for n in (self.first, self.second))
        return kernel.split(self.left, self.right, first, second)


@dataclass(frozen=True)
class Axiom:
    """An axiom of the kernel, closed to the goal.

    Attributes
    ----------
    name : str
    arguments : tuple of Term
    """

    name: str
    arguments: tuple[Term, ...] = ()
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Take the axiom; premises cut what it assumes."""
        theorem = kernel.axiom(self.name, *self.arguments)
        for premise in premises.values():
            theorem = kernel.cut(premise, theorem)
        return _as(theorem, goal)


@dataclass(frozen=True)
class Oracle:
    """An oracle of the kernel: a cited result or a computation, which leaves its tag.

    Attributes
    ----------
    name : str
    arguments : tuple
    premises : tuple of str
    kind : {"classical result", "ball cover", "pointwise inequality"}
    """

    name: str
    arguments: tuple[object, ...] = ()
    premises: tuple[str, ...] = ()
    kind: str = "classical result"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Ask the oracle, then compare."""
        given = tuple(_named(premises, name) for name in self.premises)
        return _as(kernel.oracle(self.name, *self.arguments, premises=given), goal)


@dataclass(frozen=True)
class Lemma:
    """A conclusion or a step of another script, which is replayed; its hypotheses stay hypotheses.

    Attributes
    ----------
    build : callable
    conclusion : str
        Its name.
    values : mapping of Term to Term
    """

    build: Callable[[], Script]
    conclusion: str
    values: Mapping[Term, Term] = field(default_factory=dict)
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Replay, take the theorem, cut what the premises show."""
        from proofs_check.proofs.tactics.script import replay_once

        found = replay_once(self.build)
        shown = {o.step.name: o.theorem for o in found.outcomes if o.theorem is not None}
        shown.update(found.theorems)
        if self.conclusion not in shown:
            raise ProofError(f"{found.proof.name} does not show {self.conclusion!r}")
        theorem = shown[self.conclusion]
        if self.values:
            theorem = kernel.substitute(theorem, self.values)
        for premise in premises.values():
            if premise.record.conclusion in theorem.record.hypotheses:
                theorem = kernel.cut(premise, theorem)
        return _as(theorem, goal)
