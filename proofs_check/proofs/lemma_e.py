"""Lemma E: one of two components escapes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy

from numerics.escape_region import DRIFT, FAR, NEAR
from proofs_check.proofs.escape_rules import (
    AtAllSteps,
    CoverSymbols,
    EscapeCover,
    GaussianFloor,
    JointInduction,
    ReducedProduct,
    SquareRoot,
    VanishingSize,
)
from proofs_check.proofs.proof import Hypothesis, Proof, Rule, Step
from proofs_check.proofs.quantities import (
    Expression,
    Glossary,
    Statement,
    at_most,
    equal,
    nonnegative,
)
from proofs_check.proofs.rules import Combination, Replayed

_NEAR = sympy.Rational(NEAR.numerator, NEAR.denominator)
#: Lower bound of the outward pull, upper bound of the drift, both over G: found by the cover.
OUTWARD = Fraction(1, 100)
PULL = Fraction(1, 2)


@dataclass(frozen=True)
class _Words:
    """Symbols; those with a following one describe step k, whatever k is."""

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

    def product(self, symbol: Expression, first: str, second: str) -> ReducedProduct:
        """Rule for a scalar product."""
        return ReducedProduct(
            symbol, (first, second), self.size, self.outward, self.pull, self.across
        )

    @property
    def cover(self) -> CoverSymbols:
        """What the cover bounds."""
        return CoverSymbols(self.alpha, self.eps, self.size, self.outward, self.pull, self.positive)


def _words(words: Glossary) -> _Words:
    new = words.parameter
    return _Words(
        new("a", "|v_2 - v_1|; v_2 - v_1 = a u"),
        new("alpha", "v_1.u", r"\alpha"),
        new("epsilon", "1/a", r"\varepsilon"),
        new("G", "2 a^2 phi(a/2 + alpha)"),
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
        new("eta", "the step size", r"\eta"),
    )


def lemma_e(
    *,
    far: Fraction = FAR,
    drift: Fraction = DRIFT,
    boxes: tuple[str, ...] | None = None,
    largest_step: Fraction = Fraction(1, 2),
    covariance_term: bool = True,
) -> Proof:
    """Lemma E, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    far : Fraction
        ``|v_2| >= far``.
    drift : Fraction
        Bound of ``|grad_1 L - 2 v_1|``.
    boxes : tuple of str or None
        The boxes of the cover; ``None``: regenerated.
    largest_step : Fraction
    covariance_term : bool
        Whether the part of the means across their difference enters ``v_2 . grad_2 L``.

    Examples
    --------
    >>> lemma_e().scope
    'n = 2, uniform weights, all d'
    """
    words = Glossary()
    w = _words(words)
    first = (
        words.parameter("|v_1(0)|^2", "at the start", "|v_1(0)|^2"),
        words.parameter("|v_2(0)|^2", "at the start", "|v_2(0)|^2"),
    )
    radius = sympy.Rational(far.numerator, far.denominator)
    least = far - NEAR
    hypotheses = (
        Hypothesis("near at 0", at_most(first[0], _NEAR**2), "|v_1(0)| <= 0.15"),
        Hypothesis("far at 0", at_most(radius**2, first[1]), f"|v_2(0)| >= {far}"),
        Hypothesis("near", at_most(w.near, _NEAR**2), "|v_1| <= 0.15", temporary=True),
        Hypothesis("far", at_most(radius**2, w.far), f"|v_2| >= {far}", temporary=True),
        Hypothesis("step size", nonnegative(w.eta), "the step size is not negative"),
        Hypothesis("largest step", at_most(w.eta, largest_step), f"eta <= {largest_step}"),
        *_definitions(w),
    )
    near, far_map = {w.near: w.near_next, w.far: w.far_next}, {w.near: first[0], w.far: first[1]}

    def induction(statement: Statement) -> tuple[Statement, Rule]:
        return statement, JointInduction(
            ("near", "far"), ("near at 0", "far at 0"), ("near next", "far next"), far_map, near
        )

    steps = (
        Step("reduction", "the gradient as two integrals, from the loss", None,
             Replayed("escape-integrals")),
        *_place_steps(w, radius),
        *_gradient_steps(w, far, drift, boxes, covariance_term),
        *_motion_steps(w, radius, drift),
        Step("near for ever", "by induction", *induction(at_most(w.near, _NEAR**2)),
             ("near at 0", "far at 0", "near next", "far next")),
        Step("far for ever", "by induction", *induction(at_most(radius**2, w.far)),
             ("near at 0", "far at 0", "near next", "far next")),
        _everywhere("growth", "|v_2| grows for ever",
                    at_most(w.far + 2 * OUTWARD * w.eta * w.a * w.size, w.far_next),
                    "growth so far"),
        *_infinity_steps(words, w, least, radius, far_map, near),
        *_limit_steps(words, w),
    )  # fmt: skip
    hypotheses = (*hypotheses, *_infinity_hypotheses(words, w, radius))
    return Proof(
        "E",
        "Beyond a certificate one of two components escapes",
        "if |v_1| <= 0.15, |v_2| >= 3.1 and 0 < eta <= 1/2 then at every later step |v_1| <= 0.15 "
        "and |v_2|^2 grows by at least eta a G/50, G = 2 a^2 phi(a/2 + alpha), a = |v_2 - v_1|; as "
        "long as |v_2| <= B at most 50 (B^2 - 3.1^2)/(eta g) steps pass, g = 2 (2.95)^3 phi(B), so "
        "|v_2| tends to infinity; and |v_1| to zero, for once G/2 <= 2 delta the excess of |v_1| "
        "over delta shrinks by the factor 1 - 2 eta",
        r"|v_1|\le0.15,\ |v_2|\ge3.1,\ 0<\eta\le\tfrac12\ \Rightarrow\ |v_1|\le0.15\ "
        r"\text{for ever},\ |v_2|\nearrow\infty",
        "derived for this project (brief, Lemma E)",
        "n = 2, uniform weights, all d",
        words,
        hypotheses,
        steps,
        ("near for ever", "far for ever", "growth", "time below B", "size", "excess"),
        ("a > 0, as |v_2| > |v_1|; eps = 1/a",),
    )


def _definitions(w: _Words) -> tuple[Hypothesis, ...]:
    def define(name: str, statement: Statement, meaning: str) -> Hypothesis:
        return Hypothesis(name, statement, meaning, by_definition=True)

    eta = w.eta
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
            equal(w.far_next, w.far - 2 * eta * w.radial + eta**2 * w.square),
            "|v_2 - eta grad_2 L|^2",
        ),
    )  # fmt: skip


def _place_steps(w: _Words, radius: Expression) -> tuple[Step, ...]:
    """``|alpha| <= 0.15``, ``a >= far - 0.15``, ``eps (far - 0.15) <= 1``."""
    near, far = w.near, w.far
    return (
        Step("|v_1|^2", "the squares of its two parts", equal(near, w.alpha**2 + w.across),
             w.product(near, "v_1", "v_1")),
        Step("|v_2|^2", "v_2 = v_1 + a u", equal(far, (w.alpha + w.a) ** 2 + w.across),
             w.product(far, "v_2", "v_2")),
        Step("alpha^2", "|v_1|^2 less |p|^2", at_most(w.alpha**2, _NEAR**2),
             Combination(((1, ("near",)), (1, ("|p|^2 >= 0",)))),
             ("near", "|p|^2 >= 0", "|v_1|^2")),
        Step("|p|^2 and alpha", "the same", at_most(w.across, _NEAR**2 - w.alpha**2),
             Combination(((1, ("near",)),)), ("near", "|v_1|^2")),
        Step("0.15 >= 0", "a number", nonnegative(_NEAR), Combination(((_NEAR, ()),))),
        Step("alpha from above", "the root", at_most(w.alpha, _NEAR),
             SquareRoot("alpha^2", "0.15 >= 0"), ("alpha^2", "0.15 >= 0")),
        Step("alpha from below", "the root", at_most(-w.alpha, _NEAR),
             SquareRoot("alpha^2", "0.15 >= 0"), ("alpha^2", "0.15 >= 0")),
        Step("far^2 and a", "|v_2| <= |v_1| + a", at_most(radius**2, (w.a + _NEAR) ** 2),
             Combination(((1, ("far",)), (1, ("near",)), (2, ("a >= 0", "alpha from above")))),
             ("far", "near", "a >= 0", "alpha from above", "|v_1|^2", "|v_2|^2")),
        Step("a + 0.15 >= 0", "a sum", nonnegative(w.a + _NEAR),
             Combination(((1, ("a >= 0",)), (_NEAR, ()))), ("a >= 0",)),
        Step("far and a", "the root", at_most(radius, w.a + _NEAR),
             SquareRoot("far^2 and a", "a + 0.15 >= 0"), ("far^2 and a", "a + 0.15 >= 0")),
        Step("eps from above", "1 - eps a0 = eps (a - a0)",
             at_most(w.eps * (radius - _NEAR), 1),
             Combination(((1, ("eps >= 0", "far and a")),)), ("eps >= 0", "far and a", "eps")),
    )  # fmt: skip


def _gradient_steps(
    w: _Words,
    far: Fraction,
    drift: Fraction,
    boxes: tuple[str, ...] | None,
    covariance_term: bool,
) -> tuple[Step, ...]:
    """The two inequalities, by the cover."""
    place = ("eps >= 0", "eps from above", "alpha from above", "alpha from below")
    push = EscapeCover("outward", OUTWARD, w.cover, far, boxes)
    strong = EscapeCover("drift", drift, w.cover, far, boxes)
    weak = EscapeCover("pull", PULL, w.cover, far, boxes)
    radial = (w.alpha + w.a) * w.size * w.outward
    if covariance_term:
        radial += w.eps * w.size * w.pull * w.across
    tug = (w.size * (w.pull - w.outward)) ** 2 + (w.eps * w.size * w.pull) ** 2 * w.across
    return (
        Step("outward", "(1 + alpha eps) f + eps^2 (0.15^2 - alpha^2) q+ is negative",
             push.statement, push, place),
        Step("drift", "G times the pull on v_1", strong.statement, strong, place),
        Step("pull", "the same without G", weak.statement, weak, place),
        Step("v_2.grad_2 L", "from the reduction", equal(w.radial, radial),
             w.product(w.radial, "v_2", "grad_2")),
        Step("|d|^2", "from the reduction", equal(w.drift, tug),
             w.product(w.drift, "drift", "drift")),
        Step("eps^2 >= 0", "a square", nonnegative(w.eps**2), Combination((), ((1, w.eps),))),
        Step("q^2 >= 0", "a square", nonnegative(w.pull**2), Combination((), ((1, w.pull),))),
        Step("G^2 >= 0", "a square", nonnegative(w.size**2), Combination((), ((1, w.size),))),
        Step("inequality (2)", "v_2 is pushed outward", at_most(w.radial, -OUTWARD * w.a * w.size),
             Combination((
                 (1, ("a >= 0", "G >= 0", "outward")),
                 (1, ("a >= 0", "G >= 0", "eps^2 >= 0", "|p|^2 and alpha", "q+ >= 0")),
                 (1, ("a >= 0", "G >= 0", "eps^2 >= 0", "|p|^2 >= 0", "q+ >= q")),
             )),
             ("a >= 0", "G >= 0", "outward", "eps^2 >= 0", "|p|^2 and alpha", "q+ >= 0",
              "|p|^2 >= 0", "q+ >= q", "v_2.grad_2 L", "eps")),
        Step("inequality (1)", "v_1 is pulled to the truth but for a small drift",
             at_most(w.drift, drift**2),
             Combination((
                 (1, ("drift",)),
                 (1, ("G^2 >= 0", "eps^2 >= 0", "q^2 >= 0", "|p|^2 and alpha")),
             )),
             ("drift", "G^2 >= 0", "eps^2 >= 0", "q^2 >= 0", "|p|^2 and alpha", "|d|^2")),
        Step("drift and G", "the same without G", at_most(w.drift, PULL**2 * w.size**2),
             Combination((
                 (1, ("G^2 >= 0", "pull")),
                 (1, ("G^2 >= 0", "eps^2 >= 0", "q^2 >= 0", "|p|^2 and alpha")),
             )),
             ("G^2 >= 0", "pull", "eps^2 >= 0", "q^2 >= 0", "|p|^2 and alpha", "|d|^2")),
    )  # fmt: skip


def _motion_steps(w: _Words, radius: Expression, drift: Fraction) -> tuple[Step, ...]:
    """One step of descent keeps both hypotheses."""
    eta = w.eta
    slack = sympy.expand(4 * _NEAR**2 - sympy.Rational(drift.numerator, drift.denominator) ** 2)
    return (
        Step("1 - 2 eta >= 0", "the step is at most 1/2", nonnegative(1 - 2 * eta),
             Combination(((2, ("largest step",)),)), ("largest step",)),
        Step(
            "near next",
            "|(1 - 2 eta) v_1 - eta d|^2 <= ((1 - 2 eta) 0.15 + eta 0.3)^2 = 0.15^2",
            at_most(w.near_next, _NEAR**2),
            Combination((
                (Fraction(1, 2), ("step size", "1 - 2 eta >= 0", "|2 v_1 + d|^2 >= 0")),
                (1, ("1 - 2 eta >= 0", "near")),
                (Fraction(1, 2), ("step size", "inequality (1)")),
                *(((slack / 2, ("step size",)),) if slack else ()),
            )),
            ("step size", "1 - 2 eta >= 0", "|2 v_1 + d|^2 >= 0", "near", "inequality (1)",
             "step of v_1"),
        ),
        Step("growth so far", "|v_2|^2 grows by at least 2 eta/100 times a G",
                  at_most(w.far + 2 * OUTWARD * eta * w.a * w.size, w.far_next),
                  Combination(((2, ("step size", "inequality (2)")),
                               (1, ("step size", "step size", "|grad_2|^2 >= 0")))),
                  ("step size", "inequality (2)", "|grad_2|^2 >= 0", "step of v_2")),
        Step("far next", "so |v_2| stays beyond", at_most(radius**2, w.far_next),
             Combination(((1, ("far",)), (1, ("growth so far",)),
                          (2 * OUTWARD, ("step size", "a >= 0", "G >= 0")))),
             ("far", "growth so far", "step size", "a >= 0", "G >= 0")),
    )  # fmt: skip


def _everywhere(name: str, description: str, statement: Statement, shown: str) -> Step:
    """A statement without the assumptions of the induction."""
    return Step(
        name,
        description,
        statement,
        AtAllSteps(("near", "far"), shown, ("near for ever", "far for ever")),
        (shown, "near for ever", "far for ever"),
    )


def _infinity_hypotheses(words: Glossary, w: _Words, radius: Expression) -> tuple[Hypothesis, ...]:
    """``|v_2| <= B`` so far; and what is assumed in the induction that counts the steps."""
    bound, floor, k, delta = _late(words)
    size, size_next = _lengths(words)

    def define(name: str, statement: Statement, meaning: str) -> Hypothesis:
        return Hypothesis(name, statement, meaning, by_definition=True)

    return (
        define("B >= 0", nonnegative(bound), "a length"),
        Hypothesis("bounded", at_most(w.far, bound**2), "|v_2| <= B at every step up to k"),
        Hypothesis(
            "count",
            at_most(radius**2 + 2 * OUTWARD * w.eta * floor * k, w.far),
            "growth so far",
            temporary=True,
        ),
        define("|v_1| squared", equal(size**2, w.near), "a length"),
        define("|v_1| >= 0", nonnegative(size), "a length"),
        define("|v_1+| squared", equal(size_next**2, w.near_next), "a length"),
        Hypothesis("late", at_most(PULL * w.size, 2 * delta), "G is small: a is large"),
    )


def _late(words: Glossary) -> tuple[Expression, Expression, Expression, Expression]:
    return (
        words.parameter("B", "any bound", "B"),
        words.parameter("g", "2 (far - 0.15)^3 phi(B)", "g"),
        words.parameter("k", "the number of steps done", "k"),
        words.parameter("delta", "any positive number", r"\delta"),
    )


def _lengths(words: Glossary) -> tuple[Expression, Expression]:
    return (
        words.parameter("|v_1|", "at step k", "|v_1|"),
        words.parameter("|v_1+|", "at step k + 1", "|v_1'|"),
    )


def _infinity_steps(
    words: Glossary,
    w: _Words,
    least: Fraction,
    radius: Expression,
    first: dict[Expression, Expression],
    following: dict[Expression, Expression],
) -> tuple[Step, ...]:
    """As long as ``|v_2| <= B`` it grows by at least a fixed amount a step."""
    bound, floor, k, _ = _late(words)
    place = w.a / 2 + w.alpha
    count = radius**2 + 2 * OUTWARD * w.eta * floor * k
    step = 2 * OUTWARD * w.eta * floor
    return (
        Step("(a + alpha)^2", "|v_2|^2 less |p|^2", at_most((w.a + w.alpha) ** 2, bound**2),
             Combination(((1, ("bounded",)), (1, ("|p|^2 >= 0",)))),
             ("bounded", "|p|^2 >= 0", "|v_2|^2")),
        Step("a + alpha", "the root", at_most(w.a + w.alpha, bound),
             SquareRoot("(a + alpha)^2", "B >= 0"), ("(a + alpha)^2", "B >= 0")),
        Step("a/2 + alpha from above", "a is not negative", at_most(place, bound),
             Combination(((1, ("a + alpha",)), (Fraction(1, 2), ("a >= 0",)))),
             ("a + alpha", "a >= 0")),
        Step("a/2 + alpha from below", "a is large", nonnegative(place),
             Combination(((Fraction(1, 2), ("far and a",)), (1, ("alpha from below",)),
                          ((radius - 3 * _NEAR) / 2, ()))),
             ("far and a", "alpha from below")),
        Step("a from below", "the same", at_most(least, w.a), Combination(((1, ("far and a",)),)),
             ("far and a",)),
        Step("a G from below", "a^3 grows, phi decreases", at_most(floor, w.a * w.size),
             GaussianFloor(floor, w.size, w.a, w.alpha, bound, least),
             ("a from below", "a/2 + alpha from below", "a/2 + alpha from above")),
        Step("growth below B", "so |v_2|^2 grows by a fixed amount",
             at_most(w.far + step, w.far_next),
             Combination(((1, ("growth so far",)),
                          (2 * OUTWARD, ("step size", "a G from below")))),
             ("growth so far", "step size", "a G from below")),
        Step("count next", "added to what was gained before",
             at_most(count + step, w.far_next),
             Combination(((1, ("growth below B",)), (1, ("count",)))), ("growth below B", "count")),
        Step("gained", "by induction", at_most(count, w.far),
             JointInduction(
                 ("near", "far", "count"), ("near at 0", "far at 0", "far at 0"),
                 ("near next", "far next", "count next"), {**first, k: sympy.Integer(0)},
                 {**following, k: k + 1}, ("bounded",)),
             ("near at 0", "far at 0", "near next", "far next", "count next")),
        Step("time below B", "the gain is at most B^2 - far^2: |v_2| exceeds any B",
             at_most(step * k, bound**2 - radius**2),
             Combination(((1, ("gained",)), (1, ("bounded",)))), ("gained", "bounded")),
    )  # fmt: skip


def _limit_steps(words: Glossary, w: _Words) -> tuple[Step, ...]:
    """``|v_1| -> 0``."""
    size, size_next = _lengths(words)
    _, _, _, delta = _late(words)
    eta, pull = w.eta, PULL * w.size
    shrunk = (1 - 2 * eta) * size + eta * pull
    minor = w.eps * w.size * w.pull * w.alpha + w.size * (w.pull - w.outward)
    return (
        Step("v_1.d", "from the reduction",
             equal(w.along, w.alpha * w.size * (w.pull - w.outward)
                   - w.eps * w.size * w.pull * w.across),
             w.product(w.along, "v_1", "drift")),
        Step("minor", "a square", nonnegative(minor**2), Combination((), ((1, minor),))),
        Step("Lagrange", "|v_1|^2 |d|^2 - (v_1.d)^2 = |p|^2 times a square",
             at_most(w.along**2, w.near * w.drift),
             Combination(((1, ("|p|^2 >= 0", "minor")),)),
             ("|p|^2 >= 0", "minor", "|v_1|^2", "|d|^2", "v_1.d")),
        Step("|v_1|^2 >= 0", "a square", nonnegative(w.near), Combination((), ((1, size),)),
             ("|v_1| squared",)),
        Step("(v_1.d)^2", "with |d| <= G/2", at_most(w.along**2, (size * pull) ** 2),
             Combination(((1, ("Lagrange",)), (1, ("|v_1|^2 >= 0", "drift and G")))),
             ("Lagrange", "|v_1|^2 >= 0", "drift and G", "|v_1| squared")),
        Step("|v_1| G >= 0", "a product", nonnegative(size * pull),
             Combination(((PULL, ("|v_1| >= 0", "G >= 0")),)), ("|v_1| >= 0", "G >= 0")),
        Step("-v_1.d", "the root", at_most(-w.along, size * pull),
             SquareRoot("(v_1.d)^2", "|v_1| G >= 0"), ("(v_1.d)^2", "|v_1| G >= 0")),
        Step("|v_1+|^2", "the next square", at_most(size_next**2, shrunk**2),
             Combination(((2, ("step size", "1 - 2 eta >= 0", "-v_1.d")),
                          (1, ("step size", "step size", "drift and G")))),
             ("step size", "1 - 2 eta >= 0", "-v_1.d", "drift and G", "step of v_1",
              "|v_1| squared", "|v_1+| squared")),
        Step("shrunk >= 0", "a sum", nonnegative(shrunk),
             Combination(((1, ("1 - 2 eta >= 0", "|v_1| >= 0")), (PULL, ("step size", "G >= 0")))),
             ("1 - 2 eta >= 0", "|v_1| >= 0", "step size", "G >= 0")),
        Step("size at k", "the root", at_most(size_next, shrunk),
             SquareRoot("|v_1+|^2", "shrunk >= 0"), ("|v_1+|^2", "shrunk >= 0")),
        _everywhere("size", "|v_1| shrinks but for eta G/2", at_most(size_next, shrunk),
                    "size at k"),
        Step("G vanishes", "G tends to zero as |v_2|, and so a, grows", None, VanishingSize()),
        Step("excess", "once G/2 <= 2 delta the excess over delta shrinks",
             at_most(size_next - delta, (1 - 2 * eta) * (size - delta)),
             Combination(((1, ("size",)), (1, ("step size", "late")))),
             ("size", "step size", "late")),
    )  # fmt: skip
