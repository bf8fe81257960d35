"""Rules that Theorem F needs: cases, instances, induction that counts, the least responsibility."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import sympy

from derive.algebra.index import IndexedFactor, Polynomial
from derive.mixtures.masses import depends_on_point
from proofs_check.proofs.certificates import is_zero
from proofs_check.proofs.dynamics import Update, passes_on
from proofs_check.proofs.forms import ProofError, depends_on_means, difference, normalise, unfold
from proofs_check.proofs.proof import Finding, Hypothesis, Situation, StepKind
from proofs_check.proofs.quantities import Expression, Glossary, Statement
from proofs_check.statements.relation import exact


@dataclass(frozen=True)
class Cases:
    """A statement shown in two cases that exhaust everything.

    Each case is a temporary hypothesis ``left <= right``, the second with the sides exchanged;
    a parameter may be defined by cases, by further temporary hypotheses that are equalities.

    Attributes
    ----------
    first, second : str
        Premises: the statement in each case.
    first_case, second_case : tuple of str
        Temporary hypotheses: the case, then the definitions that go with it.
    parameters : tuple of symbol
        What those define; each definition must be linear in one of them, with a factor that is a
        number, or at least 1 by a premise.
    """

    first: str
    second: str
    first_case: tuple[str, ...]
    second_case: tuple[str, ...]
    parameters: tuple[Expression, ...]
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""

    @property
    def discharges(self) -> tuple[str, ...]:
        """The temporary hypotheses."""
        return (*self.first_case, *self.second_case)

    def verify(self, situation: Situation) -> Finding:
        """Check that the cases are complementary and both statements are the conclusion."""
        hypotheses = situation.hypotheses
        cases = [hypotheses[names[0]] for names in (self.first_case, self.second_case)]
        if not all(case.temporary and not case.statement.is_equality for case in cases):
            return Finding(False, "a case is not a temporary inequality")
        if not is_zero(sum(case.statement.expression for case in cases)):
            return Finding(False, "the cases are not complementary")
        decided = cases[0].statement.expression.free_symbols
        if any(_varies(symbol, situation.glossary) for symbol in decided):
            return Finding(False, "the cases may differ from one x or label to another")
        for names in (self.first_case, self.second_case):
            defined: set[Expression] = set()
            for name in names[1:]:
                symbol = self._defines(hypotheses[name], defined, names[0], situation)
                if symbol is None:
                    return Finding(False, f"{name!r} does not define a parameter")
                defined.add(symbol)
        pairs = ((self.first, self.second_case), (self.second, self.first_case))
        for name, other in pairs:
            known = situation.premises.get(name)
            if known is None or known.statement is None:
                return Finding(False, f"{name!r} is not at hand")
            same = known.statement.sign == situation.target.sign
            if not same or not is_zero(known.statement.expression - situation.target.expression):
                return Finding(False, f"{name!r} is not the conclusion")
            if known.rests_on & set(other):
                return Finding(False, f"{name!r} rests on the other case")
        return Finding(True)

    def _defines(
        self, hypothesis: Hypothesis, known: set[Expression], case: str, situation: Situation
    ) -> Expression | None:
        """The parameter that an equality determines from the others, which are known numbers."""
        words = situation.glossary
        if not hypothesis.temporary or not hypothesis.statement.is_equality:
            return None
        expression = hypothesis.statement.expression
        used = expression.free_symbols
        if any(depends_on_means(symbol, words) or words[symbol].labels for symbol in used):
            return None
        outside = {*self.first_case, *self.second_case} - {case}
        for symbol in self.parameters:
            if symbol in known or sympy.degree(expression, symbol) != 1:
                continue
            if words[symbol].sort != "parameter" or used & set(self.parameters) - {symbol} - known:
                continue
            factor = expression.coeff(symbol)
            shown = (
                premise.statement
                for premise in situation.premises.values()
                if not premise.rests_on & outside
            )
            if factor.is_nonzero or any(
                given is not None and is_zero(given.expression - (sign * factor - 1))
                for given in shown
                for sign in (1, -1)
            ):
                return symbol
        return None


@dataclass(frozen=True)
class ForVector:
    """A statement about every vector ``w``, for a particular one; summed over labels.

    Attributes
    ----------
    vector : symbol
        The parameter ``w_a`` (label ``a0``) that the premise speaks of.
    value : Polynomial
        What takes its place, with the free label ``a0``.
    over : tuple of str
        Labels of the value that are summed.
    """

    vector: Expression
    value: Polynomial
    over: tuple[str, ...] = ()
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Substitute and compare normal forms."""
        words = situation.glossary
        ((name, known),) = situation.premises.items()
        if known.statement is None or known.statement.is_equality:
            return Finding(False, f"{name!r} is not an inequality")
        for hypothesis in known.rests_on:
            if _mentions(situation.hypotheses[hypothesis].statement, self.vector, words):
                return Finding(False, f"{name!r} does not hold for every vector")
        head = f"number:{words[self.vector].name}"
        averaged = (words[s] for s in known.statement.expression.free_symbols if _average(s, words))
        if any(q.polynomial is not None and head in q.polynomial.heads() for q in averaged):
            return Finding(False, "the vector occurs under a mean")

        def replace(factor: IndexedFactor) -> Polynomial | None:
            if factor[0] != head:
                return None
            return self.value.rename({"a0": factor[1][0]})

        found = unfold(known.statement.expression, words).map_factors(replace)
        wanted = normalise(unfold(situation.target.expression, words), words)
        form = normalise(found.sum_over(*self.over), words)
        if situation.target.is_equality or difference(wanted, form):
            return Finding(False, "it is not the premise for that vector")
        return Finding(True)


def _inner(symbol: Expression, words: Glossary) -> frozenset[Expression]:
    """A symbol and all symbols in its meaning."""
    expression = words[symbol].expression
    inner = expression.free_symbols if expression is not None else ()
    return frozenset({symbol}).union(*(_inner(other, words) for other in inner))


def _average(symbol: Expression, words: Glossary) -> bool:
    return any(words[other].sort == "expectation" for other in _inner(symbol, words))


def _mentions(statement: Statement, parameter: Expression, words: Glossary) -> bool:
    """Whether a parameter occurs in a statement or in the meaning of one of its symbols."""
    inner = (_inner(symbol, words) for symbol in statement.expression.free_symbols)
    symbols: frozenset[Expression] = frozenset().union(*inner)
    polynomials = (words[symbol].polynomial for symbol in symbols)
    head = f"number:{words[parameter].name}"
    return parameter in symbols or any(p is not None and head in p.heads() for p in polynomials)


def _varies(symbol: Expression, words: Glossary) -> bool:
    """Whether a symbol has different values at different x or labels."""
    if words[symbol].labels:
        return True
    meanings = (words[other] for other in _inner(symbol, words))
    polynomials = (meaning.polynomial for meaning in meanings if meaning.sort == "pointwise")
    terms = (monomial for p in polynomials if p is not None for monomial in p.terms)
    return any(depends_on_point(factor) for monomial in terms for factor in monomial)


@dataclass(frozen=True)
class CountedInduction:
    """Induction over the steps for a statement that names the step's number.

    Attributes
    ----------
    assumption : str
        The temporary hypothesis: the statement at step k.
    start, passage : str
        Premises: the statement at step 0 (with ``k = 0``), and at step k + 1.
    update : Update
    counter : symbol
        The functional ``k``: it changes from step to step.
    """

    assumption: str
    start: str
    passage: str
    update: Update
    counter: Expression
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""

    @property
    def discharges(self) -> tuple[str, ...]:
        """The temporary hypothesis."""
        return (self.assumption,)

    def verify(self, situation: Situation) -> Finding:
        """Compare the three statements; the other hypotheses must not change with k."""
        update, words = self.update, situation.glossary
        update.check(words)
        hypothesis = situation.hypotheses[self.assumption]
        if not hypothesis.temporary:
            return Finding(False, f"{self.assumption!r} is no temporary hypothesis")
        claimed = hypothesis.statement.expression
        moving = {s for s in claimed.free_symbols if depends_on_means(s, words)}
        if words[self.counter].sort != "functional" or not moving <= {update.value, self.counter}:
            return Finding(False, f"{self.assumption!r} is not about {update.value} and the step")
        for name in situation.premises[self.passage].rests_on - {self.assumption}:
            other = situation.hypotheses[name]
            if _mentions(other.statement, self.counter, words) and not other.by_definition:
                return Finding(False, f"{name!r} names the step")
        at_start: Mapping[Expression, Expression] = {update.value: update.first, self.counter: 0}
        after = {update.value: update.following, self.counter: self.counter + 1}
        return passes_on(situation, self, at_start, after)


@dataclass(frozen=True)
class ResponsibilityFloor:
    """``E_q[psi_j] >= pi_j exp(-|v_j|^2/2)``, by Jensen's inequality, twice.

    ``E exp(Y) >= exp(E Y)`` for ``Y = log psi_j``, and ``E log(p/q) <= log E(p/q) = 0``; the
    equalities are those of the derivation ``log-responsibility``. The conclusion is ``floor <=
    E_q[psi_j]`` with ``floor = min_j pi_j exp(-P/2)``; the premise bounds ``|V|^2`` by ``P``.

    Attributes
    ----------
    floor, mean, square, bound : symbol
        ``floor``, ``E_q[psi_j]``, ``|V|^2``, ``P``.
    """

    floor: Expression
    mean: Expression
    square: Expression
    bound: Expression
    kind: ClassVar[StepKind] = "classical result"
    cites: ClassVar[str] = "Jensen"
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Replay the equalities, match the statements, evaluate at generated mixtures."""
        from derive.algebra.index import atom
        from derive.catalogue import derivation
        from proofs_check.proofs.classical import matches

        words, target = situation.glossary, situation.target
        if target.is_equality or not is_zero(target.expression - (self.mean - self.floor)):
            return Finding(False, "the conclusion is not floor <= mean")
        premise: Statement = situation.only()
        if not is_zero(premise.expression - (self.bound - self.square)):
            return Finding(False, "the premise does not bound |V|^2")
        every = (atom("v", "j0", "a0") * atom("v", "j0", "a0")).sum_over("j0", "a0")
        if not matches(self.square, every, words):
            return Finding(False, f"{self.square} is not |V|^2")
        if not matches(self.mean, atom("psi", "j0"), words, "teacher"):
            return Finding(False, f"{self.mean} is not the mean of a responsibility")
        if words[self.floor].sort != "parameter":
            raise ProofError(f"{self.floor} is not a number")
        verification = derivation("log-responsibility").verify()
        if not verification:
            return Finding(False, "; ".join(verification.failed))
        return self._numerically(situation)

    def _numerically(self, situation: Situation) -> Finding:
        from numerics.numbers.balls import ball
        from proofs_check.proofs.evaluation import instances, value

        least = None
        for at in instances(6, 1, seed=1):
            squares = [sum(x * x for x in mean) for mean in at.mixture.means]
            for j, square in enumerate(squares):
                mean = value(self.mean, situation.glossary, at, {"j0": j})
                gap = mean - ball(at.mixture.weights[j]) * (-ball(square) / 2).exp()
                low = exact(gap.lower())
                if low < 0:
                    return Finding(False, f"it fails at {at.mixture}")
                least = low if least is None else min(low, least)
        return Finding(True, f"checked at 6 mixtures, least gap {float(least or 0):.2g}")
