"""The tactics of scripts; each names what it uses by the step's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Definition, ProofError, Term, Theorem
from proofs_check.proofs.kernel.rules import Product
from proofs_check.proofs.kernel.terms import number, opened, replaced
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.closing import close
from proofs_check.proofs.tactics.facts import Over
from proofs_check.proofs.tactics.language import A, Descent, J, X, at_most, mean_p, mean_q, total, v

if TYPE_CHECKING:
    from derive.steps.derivation import Derivation
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


@dataclass(frozen=True)
class Member:
    """A member of a family against the largest or least of it.

    Attributes
    ----------
    extreme : Term
        The largest or least (of the largest, or least), or a definition of it.
    indices : tuple of Term
        Which member. Of the first N steps: the step assumes ``index < N``.
    """

    extreme: Term
    indices: tuple[Term, ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Take the axiom for each index, then compare."""
        products: list[Product] = []
        extreme = _meant(self.extreme)
        for index in self.indices:
            products.append((1, (kernel.axiom("member", extreme, index),), ()))
            extreme = _meant(opened(extreme.args[-1], (index,)))
        return close(goal, products)


def _meant(term: Term) -> Term:
    """A term with definitions at its head written out."""
    while term.op == "apply":
        term = opened(term.data.body, term.args)
    return term


@dataclass(frozen=True)
class Bound:
    """What bounds every member of a finite family bounds its largest (least).

    Attributes
    ----------
    variables : tuple of Term
        The last one innermost.
    op : str
        ``largest``, ``least`` or ``least_steps``.
    prefix : tuple of Term
        N, for the least of the first N steps; the step then assumes ``0 < N``.
    """

    variables: tuple[Term, ...]
    op: str = "largest"
    prefix: tuple[Term, ...] = ()
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Apply the rule, then compare."""
        found = _only(premises)
        for variable in reversed(self.variables):
            found = kernel.bound(found, variable, self.op, self.prefix)
        return close(goal, ((1, (found,), ()),), _equations(premises))


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
class FlowBound:
    """``c T loss(V(T)) <= |V_0|^2 - |V(T)|^2`` from ``c loss <= 2 V.grad loss`` at every state.

    Attributes
    ----------
    run : Descent
    state : Term
        The variable state of the premise.
    time : Term
    speed : Fraction or int
    decay, forward : str
        Premises: the decrease, and ``0 <= T``.
    """

    run: Descent
    state: Term
    time: Term
    speed: Fraction | int
    decay: str
    forward: str
    kind: ClassVar[str] = "classical result"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Bring the premise to the oracle's form, then compare."""
        of, objective, speed = self.state, self.run.loss, number(self.speed)
        loss = objective.integrand(of, X)
        mean = mean_q(loss) if objective.base == "teacher" else mean_p(of, loss)
        along = total(v(of, J, A) * self.run.gradient(of, J, A), J, A)
        wanted = at_most(speed * mean, 2 * along)
        decay = close(wanted, ((1, (_named(premises, self.decay),), ()),), _equations(premises))
        found = kernel.oracle(
            "gradient flow", objective, of, self.run.start, self.time, speed, premises=(decay,)
        )
        found = kernel.cut(_named(premises, self.forward), found)
        found = kernel.cut(facts.by_form(speed), found)
        return close(goal, ((1, (found,), ()),), _equations(premises))


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


@dataclass(frozen=True)
class Telescope:
    """A sum over the steps before N: by induction over N, from premises at each step.

    Attributes
    ----------
    last : Term
        N, a variable of the goal.
    at : Term
        The step in the premises.
    products : tuple of (number, tuple of str) or None
        What the goal at N + 1 needs beside the goal at N; by default the only premise once.
    """

    last: Term
    at: Term
    products: tuple[tuple[Fraction | int, tuple[str, ...]], ...] | None = None
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Nothing is summed at N = 0; each step adds the premises."""
        start = close(replaced(goal, {self.last: Term("start")}))
        at_last = {
            name: kernel.substitute(premise, {self.at: self.last})
            for name, premise in premises.items()
        }
        at_next = replaced(goal, {self.last: Term("next", (self.last,))})
        products: list[Product] = [(1, (kernel.assume(goal),), ())]
        for value, names in self.products or ((1, tuple(premises)),):
            products.append((value, tuple(_named(at_last, name) for name in names), ()))
        passage = close(at_next, products)
        return kernel.induction(start, passage, goal, self.last)


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


@dataclass(frozen=True)
class Replayed:
    """A derivation of ``derive`` beside the theorem, every step of it verified again.

    Attributes
    ----------
    derivation : str or callable
    """

    derivation: str | Callable[[], Derivation]
    kind: ClassVar[str] = "symbolic identity"

    def verify(self) -> str:
        """Replay the derivation."""
        from derive.catalogue import derivation

        given = self.derivation
        found = derivation(given) if isinstance(given, str) else given()
        verification = found.verify()
        if not verification:
            raise ProofError(f"{found.name} does not verify: {'; '.join(verification.failed)}")
        return f"{found.name}: {len(verification.holds)} steps, {found.scope}"


@dataclass(frozen=True)
class Calculus:
    """An identity of ordinary calculus, ``left = right``, that SymPy decides; beside the theorem.

    Attributes
    ----------
    left, right : SymPy expression
    """

    left: Any
    right: Any
    kind: ClassVar[str] = "symbolic identity"

    def verify(self) -> str:
        """Simplify ``left - right`` after carrying out derivatives."""
        import sympy

        gap = sympy.simplify(sympy.expand((self.left - self.right).doit()))
        if gap != 0:
            raise ProofError(f"left - right is {gap}")
        return f"{self.left} = {self.right}"
