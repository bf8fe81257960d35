"""Steps of Lemma E: from the reduction and the cover to infinity."""

from __future__ import annotations

from fractions import Fraction

import sympy

from proofs_check.proofs.escape_cover import EscapeCover, EscapeRegion
from proofs_check.proofs.escape_rules import (
    AtAllSteps,
    GaussianFloor,
    JointInduction,
    SquareRoot,
    VanishingSize,
)
from proofs_check.proofs.escape_words import NEAR_RADIUS, PULL, EscapeWords, late_words, lengths
from proofs_check.proofs.proof import Step
from proofs_check.proofs.quantities import (
    Expression,
    Glossary,
    Statement,
    at_most,
    equal,
    nonnegative,
)
from proofs_check.proofs.rules import Combination

#: Names of the hypotheses that say what the weights are.
WEIGHTS = ("near weight", "far weight")


def place_steps(w: EscapeWords, radius: Expression) -> tuple[Step, ...]:
    """``|alpha| <= 0.15``, ``a >= far - 0.15``, ``eps (far - 0.15) <= 1``."""
    near, far = w.near, w.far
    return (
        Step("|v_1|^2", "the squares of its two parts", equal(near, w.alpha**2 + w.across),
             w.product(near, "v_1", "v_1")),
        Step("|v_2|^2", "v_2 = v_1 + a u", equal(far, (w.alpha + w.a) ** 2 + w.across),
             w.product(far, "v_2", "v_2")),
        Step("alpha^2", "|v_1|^2 less |p|^2", at_most(w.alpha**2, NEAR_RADIUS**2),
             Combination(((1, ("near",)), (1, ("|p|^2 >= 0",)))),
             ("near", "|p|^2 >= 0", "|v_1|^2")),
        Step("|p|^2 and alpha", "the same", at_most(w.across, NEAR_RADIUS**2 - w.alpha**2),
             Combination(((1, ("near",)),)), ("near", "|v_1|^2")),
        Step("0.15 >= 0", "a number", nonnegative(NEAR_RADIUS), Combination(((NEAR_RADIUS, ()),))),
        Step("alpha from above", "the root", at_most(w.alpha, NEAR_RADIUS),
             SquareRoot("alpha^2", "0.15 >= 0"), ("alpha^2", "0.15 >= 0")),
        Step("alpha from below", "the root", at_most(-w.alpha, NEAR_RADIUS),
             SquareRoot("alpha^2", "0.15 >= 0"), ("alpha^2", "0.15 >= 0")),
        Step("far^2 and a", "|v_2| <= |v_1| + a", at_most(radius**2, (w.a + NEAR_RADIUS) ** 2),
             Combination(((1, ("far",)), (1, ("near",)), (2, ("a >= 0", "alpha from above")))),
             ("far", "near", "a >= 0", "alpha from above", "|v_1|^2", "|v_2|^2")),
        Step("a + 0.15 >= 0", "a sum", nonnegative(w.a + NEAR_RADIUS),
             Combination(((1, ("a >= 0",)), (NEAR_RADIUS, ()))), ("a >= 0",)),
        Step("far and a", "the root", at_most(radius, w.a + NEAR_RADIUS),
             SquareRoot("far^2 and a", "a + 0.15 >= 0"), ("far^2 and a", "a + 0.15 >= 0")),
        Step("eps from above", "1 - eps a0 = eps (a - a0)",
             at_most(w.eps * (radius - NEAR_RADIUS), 1),
             Combination(((1, ("eps >= 0", "far and a")),)), ("eps >= 0", "far and a", "eps")),
    )  # fmt: skip


def gradient_steps(
    w: EscapeWords, region: EscapeRegion, drift: Fraction, covariance_term: bool
) -> tuple[Step, ...]:
    """The two inequalities, by the cover."""
    place = ("eps >= 0", "eps from above", "alpha from above", "alpha from below", *WEIGHTS)
    push = EscapeCover("outward", w.growth, w.cover, region)
    strong = EscapeCover("drift", drift, w.cover, region)
    weak = EscapeCover("pull", PULL, w.cover, region)
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
        Step("inequality (2)", "v_2 is pushed outward", at_most(w.radial, -w.growth * w.a * w.size),
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


def motion_steps(w: EscapeWords, radius: Expression, drift: Fraction) -> tuple[Step, ...]:
    """One step of descent keeps both hypotheses."""
    eta, eta_2, growth = w.eta, w.eta_far, w.growth
    slack = sympy.expand(
        4 * NEAR_RADIUS**2 - sympy.Rational(drift.numerator, drift.denominator) ** 2
    )
    return (
        Step("1 - 2 eta >= 0", "the step is at most 1/2", nonnegative(1 - 2 * eta),
             Combination(((2, ("largest step",)),)), ("largest step",)),
        Step(
            "near next",
            "|(1 - 2 eta) v_1 - eta d|^2 <= ((1 - 2 eta) 0.15 + eta 0.3)^2 = 0.15^2",
            at_most(w.near_next, NEAR_RADIUS**2),
            Combination((
                (Fraction(1, 2), ("step size", "1 - 2 eta >= 0", "|2 v_1 + d|^2 >= 0")),
                (1, ("1 - 2 eta >= 0", "near")),
                (Fraction(1, 2), ("step size", "inequality (1)")),
                *(((slack / 2, ("step size",)),) if slack else ()),
            )),
            ("step size", "1 - 2 eta >= 0", "|2 v_1 + d|^2 >= 0", "near", "inequality (1)",
             "step of v_1"),
        ),
        Step("growth so far", "|v_2|^2 grows by at least a multiple of a G",
             at_most(w.far + 2 * growth * eta_2 * w.a * w.size, w.far_next),
             Combination(((2, ("far step", "inequality (2)")),
                          (1, ("far step", "far step", "|grad_2|^2 >= 0")))),
             ("far step", "inequality (2)", "|grad_2|^2 >= 0", "step of v_2")),
        Step("far next", "so |v_2| stays beyond", at_most(radius**2, w.far_next),
             Combination(((1, ("far",)), (1, ("growth so far",)),
                          (2 * growth, ("far step", "a >= 0", "G >= 0")))),
             ("far", "growth so far", "far step", "a >= 0", "G >= 0")),
    )  # fmt: skip


def everywhere(name: str, description: str, statement: Statement, shown: str) -> Step:
    """A statement without the assumptions of the induction."""
    return Step(
        name,
        description,
        statement,
        AtAllSteps(("near", "far"), shown, ("near for ever", "far for ever")),
        (shown, "near for ever", "far for ever"),
    )


def infinity_steps(
    words: Glossary,
    w: EscapeWords,
    least: Fraction,
    radius: Expression,
    first: dict[Expression, Expression],
    following: dict[Expression, Expression],
    odds_sign: int = 1,
) -> tuple[Step, ...]:
    """As long as ``|v_2| <= B`` it grows by at least a fixed amount a step."""
    bound, floor, k, _ = late_words(words)
    place, odds = w.place, sympy.sympify(w.odds_bound) / sympy.sympify(least)
    step = 2 * w.growth * w.eta_far * floor
    count = radius**2 + step * k
    return (
        Step("(a + alpha)^2", "|v_2|^2 less |p|^2", at_most((w.a + w.alpha) ** 2, bound**2),
             Combination(((1, ("bounded",)), (1, ("|p|^2 >= 0",)))),
             ("bounded", "|p|^2 >= 0", "|v_2|^2")),
        Step("a + alpha", "the root", at_most(w.a + w.alpha, bound),
             SquareRoot("(a + alpha)^2", "B >= 0"), ("(a + alpha)^2", "B >= 0")),
        Step("l from above", "a number", at_most(w.log_odds, w.odds_bound),
             w.odds, WEIGHTS),
        Step("l from below", "a number", at_most(-w.log_odds, w.odds_bound),
             w.odds, WEIGHTS),
        Step("y", "from the reduction",
             equal(place, w.a / 2 + w.alpha - odds_sign * w.log_odds * w.eps), w.equal_point,
             ("eps",)),
        Step("y from above", "y <= (a + alpha) - a/2 + |l|/a", at_most(place, bound + odds),
             Combination(((1, ("a + alpha",)), (Fraction(1, 2), ("a >= 0",)),
                          (1, ("eps >= 0", "l from below")), (odds, ("eps from above",)))),
             ("a + alpha", "a >= 0", "eps >= 0", "l from below", "eps from above", "y")),
        Step("y from below", "y >= a/2 + alpha - |l|/a, and a/2 >= 0.15",
             at_most(-place, bound + odds),
             Combination(((Fraction(1, 2), ("far and a",)), (1, ("alpha from below",)),
                          ((radius - 3 * NEAR_RADIUS) / 2, ()), (1, ("B >= 0",)),
                          (1, ("eps >= 0", "l from above")), (odds, ("eps from above",)))),
             ("far and a", "alpha from below", "B >= 0", "eps >= 0", "l from above",
              "eps from above", "y")),
        Step("a from below", "the same", at_most(least, w.a), Combination(((1, ("far and a",)),)),
             ("far and a",)),
        Step("a G from below", "a^3 grows, phi decreases", at_most(floor, w.a * w.size),
             GaussianFloor(floor, w.size, w.a, place, bound + odds, least),
             ("a from below", "y from below", "y from above")),
        Step("growth below B", "so |v_2|^2 grows by a fixed amount",
             at_most(w.far + step, w.far_next),
             Combination(((1, ("growth so far",)),
                          (2 * w.growth, ("far step", "a G from below")))),
             ("growth so far", "far step", "a G from below")),
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


def limit_steps(words: Glossary, w: EscapeWords) -> tuple[Step, ...]:
    """``|v_1| -> 0``."""
    size, size_next = lengths(words)
    _, _, _, delta = late_words(words)
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
        everywhere("size", "|v_1| shrinks but for eta G/2", at_most(size_next, shrunk),
                    "size at k"),
        Step("G vanishes", "G tends to zero as |v_2|, and so a, grows", None,
             VanishingSize(odds=w.odds_bound)),
        Step("excess", "once G/2 <= 2 delta the excess over delta shrinks",
             at_most(size_next - delta, (1 - 2 * eta) * (size - delta)),
             Combination(((1, ("size",)), (1, ("step size", "late")))),
             ("size", "step size", "late")),
    )  # fmt: skip
