"""Classical results that may be cited, each as a rule: the step must be an instance of it.

The instance is matched with the result's statement term by term, and evaluated at generated
mixtures: exactly at points x, by enclosures for expectations. The result itself is cited.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from derive.algebra.index import ONE, Polynomial, atom
from derive.algebra.program import Base
from proofs_check.proofs.certificates import is_nonnegative_factor, is_zero
from proofs_check.proofs.evaluation import gaps, instances
from proofs_check.proofs.forms import Form, difference, normalise, unfold
from proofs_check.proofs.proof import Finding, Situation, StepKind
from proofs_check.proofs.quantities import Expression, Glossary, Statement
from proofs_check.proofs.rules import Term, as_polynomial
from proofs_check.statements.relation import exact

#: Nothing else may be cited.
CITABLE = frozenset(
    {
        "Jensen",
        "Cauchy-Schwarz",
        "Popoviciu",
        "Bhatia-Davis",
        "Chebyshev's covariance inequality",
        "Stein",
        "log-Sobolev",
        "Pinsker",
    }
)


def numerically(statement: Statement, words: Glossary) -> Finding:
    """Evaluate a statement at generated mixtures; it must hold, or be undecided, at each.

    Exact at 12 points with d = 1, 2, 3 where it is pointwise; enclosures at 6 mixtures with d = 1
    where expectations occur.
    """
    symbols = statement.expression.free_symbols
    averaged = any(_has_expectation(symbol, words) for symbol in symbols)
    families = [(6, 1)] if averaged else [(4, 1), (4, 2), (4, 3)]
    least: Any = None
    count = 0
    for number, dimension in families:
        for at in instances(number, dimension, seed=dimension):
            count += 1
            for gap in gaps(statement, words, at):
                low = gap if isinstance(gap, Fraction) else exact(gap.upper())
                if low < 0 or (statement.is_equality and _is_nonzero(gap)):
                    return Finding(False, f"it fails at {at.mixture}")
                least = low if least is None else min(least, low)
    return Finding(True, f"checked at {count} mixtures, least gap {float(least):.2g}")


def _is_nonzero(gap: Any) -> bool:
    return bool(gap != 0) if isinstance(gap, Fraction) else not gap.contains(0)


def _has_expectation(symbol: Expression, words: Glossary) -> bool:
    quantity = words[symbol]
    if quantity.expression is not None:
        return any(_has_expectation(other, words) for other in quantity.expression.free_symbols)
    return quantity.sort == "expectation"


def matches(found: Term, wanted: Polynomial, words: Glossary, base: Base | None = None) -> bool:
    """Tell whether a term means the (mean of the) polynomial."""
    left = normalise(as_polynomial(found, words), words)
    return not difference(left, normalise(wanted, words, base))


@dataclass(frozen=True)
class CauchySchwarz:
    """``M[w f g]^2 <= M[w f^2] M[w g^2]``, M a mean under a density, a sum over labels, or both.

    The step's conclusion must be ``product^2 <= first * second``.

    Attributes
    ----------
    product, first, second : expression
        The symbols that mean ``M[w f g]``, ``M[w f^2]``, ``M[w g^2]``.
    f, g : Polynomial or expression
    weight : Polynomial
        Nonnegative by its form.
    base : {"teacher", "student"} or None
    over : tuple of str
    cites : {"Cauchy-Schwarz", "Jensen"}
        Jensen for ``g = 1``: the square of a mean is at most the mean of the square.
    """

    product: Expression
    first: Expression
    second: Expression
    f: Term
    g: Term = ONE
    weight: Polynomial = ONE
    base: Base | None = None
    over: tuple[str, ...] = ()
    cites: str = "Cauchy-Schwarz"
    kind: ClassVar[StepKind] = "classical result"
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Match the three means, then evaluate."""
        words, target = situation.glossary, situation.target
        if self.cites not in ("Cauchy-Schwarz", "Jensen"):
            return Finding(False, f"{self.cites} may not be cited here")
        if target.is_equality or not is_zero(
            target.expression - (self.first * self.second - self.product**2)
        ):
            return Finding(False, "the conclusion is not product^2 <= first * second")
        if not is_nonnegative_factor(self.weight):
            return Finding(False, "the weight is not nonnegative by its form")
        f, g = as_polynomial(self.f, words), as_polynomial(self.g, words)
        parts = ((self.product, f * g), (self.first, f * f), (self.second, g * g))
        for symbol, integrand in parts:
            wanted = (self.weight * integrand).sum_over(*self.over)
            if not matches(symbol, wanted, words, self.base):
                return Finding(False, f"{symbol} is not the mean that the result speaks of")
        return numerically(target, words)


@dataclass(frozen=True)
class Popoviciu:
    """A random variable with values in an interval of length l has variance at most l^2/4.

    Values ``f_j`` with probabilities ``psi_j``; the premise is ``(f_j0 - f_j1)^2 <= bound`` for all
    j0, j1, the conclusion ``4 sum_j psi_j (f_j - mean)^2 <= bound``.

    Attributes
    ----------
    values : Polynomial or expression
        ``f_j0``.
    bound : expression
        Free of j0, j1.
    """

    values: Term
    bound: Expression
    kind: ClassVar[StepKind] = "classical result"
    cites: ClassVar[str] = "Popoviciu"
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Match the premise and the variance, then evaluate."""
        words = situation.glossary
        f, bound = as_polynomial(self.values, words), unfold(self.bound, words)
        if (bound.free_labels() & {"j0", "j1"}) or "j1" in f.free_labels():
            return Finding(False, "the bound depends on the component, or the values on two")
        spread = f - f.rename({"j0": "j1"})
        if not _means(situation.only().expression, bound - spread * spread, words):
            return Finding(False, "the premise does not bound the spread of the values")
        wanted = bound - 4 * variance(f)
        if situation.target.is_equality or not _means(situation.target.expression, wanted, words):
            return Finding(False, "the conclusion is not 4 variance <= bound")
        return numerically(situation.target, words)


@dataclass(frozen=True)
class BhatiaDavis:
    """Values in ``[low, high]`` have variance at most ``(high - mean)(mean - low)``.

    Values ``f_j`` with probabilities ``psi_j``; premises ``low <= f_j0`` and ``f_j0 <= high``, in
    that order.

    Attributes
    ----------
    values : Polynomial or expression
        ``f_j0``.
    low, high : expression
        Free of j0.
    """

    values: Term
    low: Expression
    high: Expression
    kind: ClassVar[StepKind] = "classical result"
    cites: ClassVar[str] = "Bhatia-Davis"
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Match the premises and the variance, then evaluate where all symbols have a value."""
        words = situation.glossary
        f = as_polynomial(self.values, words)
        low, high = unfold(self.low, words), unfold(self.high, words)
        if (low.free_labels() | high.free_labels()) & {"j0"}:
            return Finding(False, "an end of the interval depends on the component")
        given = [situation.statement(name).expression for name in situation.premises]
        wanted = (f - low, high - f)
        if len(given) != 2 or not all(
            _means(g, w, words) for g, w in zip(given, wanted, strict=True)
        ):
            return Finding(False, "the premises do not put the values into the interval")
        mean = _mean(f)
        gap = (high - mean) * (mean - low) - variance(f)
        if situation.target.is_equality or not _means(situation.target.expression, gap, words):
            return Finding(False, "the conclusion is not variance <= (high - mean)(mean - low)")
        return numerically(situation.target, words)


@dataclass(frozen=True)
class Cited:
    """An instance of another citable result, with its own check.

    Attributes
    ----------
    cites : str
        One of `CITABLE`.
    result : str
        The result in words, with its hypotheses.
    check : callable
        Verifies that the step is an instance, and evaluates it.
    """

    cites: str
    result: str
    check: Callable[[Situation], Finding]
    kind: ClassVar[StepKind] = "classical result"
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Run the check, if the result may be cited."""
        if self.cites not in CITABLE:
            return Finding(False, f"{self.cites} may not be cited")
        return self.check(situation)


def _mean(values: Polynomial) -> Polynomial:
    return (atom("psi", "j0") * values).sum_over("j0")


def variance(values: Polynomial) -> Polynomial:
    """``sum_j psi_j (f_j - mean)^2`` of values ``f_j0``."""
    centred = values - _mean(values)
    return (atom("psi", "j0") * centred * centred).sum_over("j0")


def _means(expression: Expression, wanted: Polynomial, words: Glossary) -> bool:
    found: Form = normalise(unfold(expression, words), words)
    return not difference(found, normalise(wanted, words))
