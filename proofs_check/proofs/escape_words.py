"""Words and hypotheses of Lemma E."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy

from numerics.fates.escape_region import NEAR
from proofs_check.proofs.escape_cover import CoverSymbols
from proofs_check.proofs.escape_rules import LogOddsBound, ReducedPlace, ReducedProduct
from proofs_check.proofs.proof import Hypothesis
from proofs_check.proofs.quantities import (
    Expression,
    Glossary,
    Statement,
    at_most,
    equal,
    nonnegative,
)

NEAR_RADIUS = sympy.Rational(NEAR.numerator, NEAR.denominator)
#: Upper bound of ``|grad_1 L - 2 v_1|/G``.
PULL = Fraction(1, 2)


@dataclass(frozen=True)
class EscapeWords:
    """Symbols; those with a following one describe step k, whatever k is.

    `growth` is the number in ``v_2.grad_2 L <= -growth a G``, `odds_bound` bounds ``|l|``.
    """

    a: Expression
    alpha: Expression
    eps: Expression
    size: Expression
    outward: Expression
    pull: Expression
    positive: Expression
    across: Expression
    near: Expression
    near_next: Expression
    far: Expression
    far_next: Expression
    drift: Expression
    along: Expression
    radial: Expression
    square: Expression
    eta: Expression
    eta_far: Expression
    log_odds: Expression
    place: Expression
    near_weight: Expression
    far_weight: Expression
    growth: Fraction
    odds_bound: Fraction

    def product(self, symbol: Expression, first: str, second: str) -> ReducedProduct:
        """Rule for a scalar product."""
        return ReducedProduct(
            symbol, (first, second), self.size, self.outward, self.pull, self.across
        )

    @property
    def cover(self) -> CoverSymbols:
        """What the cover bounds."""
        integrals = (self.size, self.outward, self.pull, self.positive)
        return CoverSymbols(self.alpha, self.eps, *integrals, self.near_weight, self.far_weight)

    @property
    def equal_point(self) -> ReducedPlace:
        """Rule for ``y``."""
        return ReducedPlace(self.place, self.a, self.eps, self.alpha, self.log_odds)

    @property
    def odds(self) -> LogOddsBound:
        """Rule for the bounds of ``l``."""
        return LogOddsBound(self.log_odds, self.near_weight, self.far_weight)


def escape_words(words: Glossary, growth: Fraction, odds: Fraction) -> EscapeWords:
    """Introduce the symbols."""
    new = words.parameter
    return EscapeWords(
        new("a", "|v_2 - v_1|; v_2 - v_1 = a u"),
        new("alpha", "v_1.u", r"\alpha"),
        new("epsilon", "1/a", r"\varepsilon"),
        new("G", "2 a^2 phi(y)"),
        new("f", "integral of F, see the derivation escape-integrals"),
        new("q", "integral of Q"),
        new("q+", "max(q, 0)", "q_+"),
        new("|p|^2", "p = v_1 - alpha u", "|p|^2"),
        new("|v_1|^2", "at step k", "|v_1|^2"),
        new("|v_1+|^2", "at step k + 1", "|v_1'|^2"),
        new("|v_2|^2", "at step k", "|v_2|^2"),
        new("|v_2+|^2", "at step k + 1", "|v_2'|^2"),
        new("|d|^2", "d = grad_1 L - 2 v_1", "|d|^2"),
        new("v_1.d", "the product", r"v_1\cdot d"),
        new("v_2.grad_2 L", "the product", r"v_2\cdot\nabla_2L"),
        new("|grad_2 L|^2", "its square", r"|\nabla_2L|^2"),
        new("eta_1", "the step size of the mean near the truth", r"\eta_1"),
        new("eta_2", "the step size of the mean far away", r"\eta_2"),
        new("l", "log(pi_2/pi_1)", r"\ell"),
        new("y", "x(0) of that derivation: both responsibilities are equal there", "y"),
        new("pi_1", "the weight near the truth", r"\pi_1"),
        new("pi_2", "the weight far away", r"\pi_2"),
        growth,
        odds,
    )


def weight_hypotheses(w: EscapeWords, near_weight: Fraction) -> tuple[Hypothesis, ...]:
    """The two weights."""
    far = 1 - near_weight
    return (
        Hypothesis("near weight", equal(w.near_weight, near_weight), f"weight {near_weight}"),
        Hypothesis("far weight", equal(w.far_weight, far), f"weight {far}"),
    )


def definitions(w: EscapeWords) -> tuple[Hypothesis, ...]:
    """What is true by the meaning of the symbols."""

    def define(name: str, statement: Statement, meaning: str) -> Hypothesis:
        return Hypothesis(name, statement, meaning, by_definition=True)

    eta, eta_2 = w.eta, w.eta_far
    return (
        define("eps", equal(w.eps * w.a, 1), "eps = 1/a"),
        define("eps >= 0", nonnegative(w.eps), "eps = 1/a"),
        define("a >= 0", nonnegative(w.a), "a length"),
        define("|p|^2 >= 0", nonnegative(w.across), "a square"),
        define("G >= 0", nonnegative(w.size), "G is positive"),
        define("q+ >= 0", nonnegative(w.positive), "q+ = max(q, 0)"),
        define("q+ >= q", at_most(w.pull, w.positive), "q+ = max(q, 0)"),
        define("|grad_2|^2 >= 0", nonnegative(w.square), "a square"),
        define("|2 v_1 + d|^2 >= 0", nonnegative(4 * w.near + 4 * w.along + w.drift), "a square"),
        define(
            "step of v_1",
            equal(w.near_next, (1 - 2 * eta) ** 2 * w.near - 2 * eta * (1 - 2 * eta) * w.along
                  + eta**2 * w.drift),
            "|v_1 - eta grad_1 L|^2, grad_1 L = 2 v_1 + d",
        ),
        define(
            "step of v_2",
            equal(w.far_next, w.far - 2 * eta_2 * w.radial + eta_2**2 * w.square),
            "|v_2 - eta_2 grad_2 L|^2",
        ),
    )  # fmt: skip


def infinity_hypotheses(
    words: Glossary, w: EscapeWords, radius: Expression
) -> tuple[Hypothesis, ...]:
    """``|v_2| <= B`` so far; and what is assumed in the induction that counts the steps."""
    bound, floor, k, delta = late_words(words)
    size, size_next = lengths(words)

    def define(name: str, statement: Statement, meaning: str) -> Hypothesis:
        return Hypothesis(name, statement, meaning, by_definition=True)

    return (
        define("B >= 0", nonnegative(bound), "a length"),
        Hypothesis("bounded", at_most(w.far, bound**2), "|v_2| <= B at every step up to k"),
        Hypothesis(
            "count",
            at_most(radius**2 + 2 * w.growth * w.eta_far * floor * k, w.far),
            "growth so far",
            temporary=True,
        ),
        define("|v_1| squared", equal(size**2, w.near), "a length"),
        define("|v_1| >= 0", nonnegative(size), "a length"),
        define("|v_1+| squared", equal(size_next**2, w.near_next), "a length"),
        Hypothesis("late", at_most(PULL * w.size, 2 * delta), "G is small: a is large"),
    )


def late_words(words: Glossary) -> tuple[Expression, Expression, Expression, Expression]:
    """``B``, ``g``, ``k`` and ``delta``."""
    return (
        words.parameter("B", "any bound", "B"),
        words.parameter("g", "2 a0^3 phi(B + |l|/a0), a0 = far - 0.15", "g"),
        words.parameter("k", "the number of steps done", "k"),
        words.parameter("delta", "any positive number", r"\delta"),
    )


def lengths(words: Glossary) -> tuple[Expression, Expression]:
    """``|v_1|`` at steps k and k + 1."""
    return (
        words.parameter("|v_1|", "at step k", "|v_1|"),
        words.parameter("|v_1+|", "at step k + 1", "|v_1'|"),
    )
