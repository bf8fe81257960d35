"""Steps of descent from the escape region: for ever near, for ever far, and to infinity."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from numerics.fates.escape_region import (
    NEAR,
)
from proofs_check.proofs.escape_words import (
    DELTA,
    HALF,
    I_,
    PULL,
    RADIUS,
    EscapeRegion,
    K,
    Quantities,
    far_statement,
    near_statement,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import (
    Instantiated,
    Linear,
    RootOf,
    SquareRoot,
)
from proofs_check.proofs.tactics.exponentials import (
    ExponentialDecay,
    ExponentialGrows,
    LogarithmBound,
)
from proofs_check.proofs.tactics.inductions import (
    InductionWhile,
    JointInduction,
)
from proofs_check.proofs.tactics.language import (
    START,
    A,
    V,
    at_most,
    count,
    equal,
    exponential,
    following,
    nonnegative,
    v,
)
from proofs_check.proofs.tactics.score import k_
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import (
    Combination,
    Derived,
    Instance,
    Oracle,
    Square,
    Squares,
)


def motion_steps(
    of: Quantities, far: Fraction, growth: Fraction, drift: Fraction
) -> tuple[Step, ...]:
    """One step of descent keeps both hypotheses."""
    pair, after = of.pair(V), of.run.after(V)
    eta, eta_2 = of.steps
    near2, along, a, size = of.near(V), of.along(V), of.a(V), of.size(V)
    d = pair.gradient("near", A) - 2 * v(V, I_, A)
    slack = 4 * NEAR**2 - drift**2
    return (
        Step("next v_1", "v_1 - eta_1 grad_1 L = (1 - 2 eta_1) v_1 - eta_1 d",
             equal(v(after, I_, A), (1 - 2 * eta) * v(V, I_, A) - eta * d), Derived(),
             ("member 1",)),
        Step("next v_2", "v_2 - eta_2 grad_2 L",
             equal(v(after, K, A), v(V, K, A) - eta_2 * pair.gradient("far", A)), Derived(),
             ("member 2",)),
        Step("step of v_1", "squared",
             equal(of.near(after), (1 - 2 * eta) ** 2 * near2 - 2 * eta * (1 - 2 * eta) * along
                   + eta**2 * of.drift(V)),
             Average((A,), (v(after, I_, A) + (1 - 2 * eta) * v(V, I_, A) - eta * d,)),
             ("next v_1",)),
        Step("step of v_2", "squared",
             equal(of.far(after), of.far(V) - 2 * eta_2 * of.radial(V)
                   + eta_2**2 * of.square(V)),
             Average((A,), (v(after, K, A) + v(V, K, A) - eta_2 * pair.gradient("far", A),)),
             ("next v_2",)),
        Step("1 - 2 eta >= 0", "the step is at most 1/2", nonnegative(1 - 2 * eta),
             Combination(((2, ("largest step",)),)), ("largest step",)),
        Step("|2 v_1 + d|^2 >= 0", "a sum of squares",
             nonnegative(4 * near2 + 4 * along + of.drift(V)),
             Squares((Square(2 * v(V, I_, A) + d, (A,)),))),
        Step("near next",
             "|(1 - 2 eta) v_1 - eta d|^2 <= ((1 - 2 eta) 0.15 + eta 0.3)^2 = 0.15^2",
             near_statement(of, after),
             Combination((
                 (HALF, ("step size", "1 - 2 eta >= 0", "|2 v_1 + d|^2 >= 0")),
                 (1, ("1 - 2 eta >= 0", "near")),
                 (HALF, ("step size", "inequality (1)")),
                 *(((slack / 2, ("step size",)),) if slack else ()),
             )),
             ("step size", "1 - 2 eta >= 0", "|2 v_1 + d|^2 >= 0", "near", "inequality (1)",
              "step of v_1")),
        Step("|grad_2|^2 >= 0", "a sum of squares", nonnegative(of.square(V)),
             Squares((Square(pair.gradient("far", A), (A,)),))),
        Step("growth so far", "|v_2|^2 grows by at least a multiple of a G",
             at_most(of.far(V) + 2 * growth * eta_2 * a * size, of.far(after)),
             Combination(((2, ("far step", "inequality (2)")),
                          (1, ("far step", "far step", "|grad_2|^2 >= 0")))),
             ("far step", "inequality (2)", "|grad_2|^2 >= 0", "step of v_2")),
        Step("|v_2| at V", "a G is not negative", at_most(of.far(V), of.far(after)),
             Combination(((1, ("growth so far",)),
                          (2 * growth, ("far step", "a >= 0", "G >= 0")))),
             ("growth so far", "far step", "a >= 0", "G >= 0")),
        Step("far next", "so |v_2| stays beyond", far_statement(of, after, far),
             Combination(((1, ("far",)), (1, ("growth so far",)),
                          (2 * growth, ("far step", "a >= 0", "G >= 0")))),
             ("far", "growth so far", "far step", "a >= 0", "G >= 0")),
    )  # fmt: skip


def for_ever_steps(of: Quantities, far: Fraction, growth: Fraction) -> tuple[Step, ...]:
    """Both hypotheses hold after every number of steps."""
    now, then = of.run.at(k_), of.run.at(following(k_))
    claims = (near_statement(of, now), far_statement(of, now, far))
    induction = JointInduction(k_, claims, ("near at 0", "far at 0"), ("near then", "far then"))
    premises = (*induction.starts, *induction.passages)
    _, eta_2 = of.steps
    return (
        Step("near then", "at step k", near_statement(of, then),
             Instantiated({V: now}, "near next"), ("near next", *of.groups.for_ever)),
        Step("far then", "at step k", far_statement(of, then, far),
             Instantiated({V: now}, "far next"), ("far next", *of.groups.for_ever)),
        Step("near for ever", "by induction", claims[0], induction, premises),
        Step("far for ever", "by induction", claims[1], induction, premises),
        _everywhere(
            "growth", "|v_2| grows for ever",
            lambda at, after: at_most(of.far(at) + 2 * growth * eta_2 * of.a(at) * of.size(at),
                                      of.far(after)),
            of, "growth so far"),
    )  # fmt: skip


def _everywhere(
    name: str,
    description: str,
    statement: Callable[[Term, Term], Term],
    of: Quantities,
    shown: str,
) -> Step:
    """A statement at step k of the run: what it assumes is shown for every step."""
    now, then = of.run.at(k_), of.run.at(following(k_))
    uses = (shown, "near for ever", "far for ever", *of.groups.for_ever)
    return Step(name, description, statement(now, then), Instantiated({V: now}, shown), uses)


def infinity_steps(
    of: Quantities, region: EscapeRegion, growth: Fraction, odds_sign: int
) -> tuple[Step, ...]:
    """As long as ``|v_2| <= B`` it grows by at least a fixed amount a step."""
    far, bound, run = region.far, region.odds_bound, of.run
    far2, a, eps, alpha = of.far(V), of.a(V), of.eps(V), of.alpha(V)
    y, size, odds = of.y(V), of.size(V), of.odds
    least = far - NEAR
    slack = bound / least
    widest = RADIUS + slack
    here, there = (Fraction(-1, 2) * place**2 for place in (y, widest))
    floor = of.floor(region)
    _, eta_2 = of.steps
    gain = 2 * growth * eta_2 * floor
    now, then = run.at(k_), run.at(following(k_))
    counted = far**2 + gain * count(k_)
    return (
        Step("v_2 in a and alpha", "v_2 = v_1 + w", equal(far2, (a + alpha) ** 2 + of.across(V)),
             Linear(((1, "|v_2|^2"), (1, "|v_1|^2"), (2, "inner"), (-1, "a^2"))),
             ("|v_2|^2", "|v_1|^2", "inner", "a^2")),
        Step("(a + alpha)^2", "|v_2|^2 less |p|^2", at_most((a + alpha) ** 2, RADIUS**2),
             Combination(((1, ("within",)), (1, ("|p|^2 >= 0",)))),
             ("within", "|p|^2 >= 0", "v_2 in a and alpha")),
        Step("a + alpha", "the root", at_most(a + alpha, RADIUS),
             SquareRoot("(a + alpha)^2", "B >= 0"), ("(a + alpha)^2", "B >= 0")),
        *_odds_steps(odds, region),
        Step("y", "by definition", equal(y, HALF * a + alpha - odds_sign * odds * eps), Derived()),
        Step("y from above", "y <= (a + alpha) - a/2 + |l|/a", at_most(y, widest),
             Combination(((1, ("a + alpha",)), (HALF, ("a >= 0",)),
                          (1, ("eps >= 0", "l from below")), (slack, ("eps from above",)))),
             ("a + alpha", "a >= 0", "eps >= 0", "l from below", "eps from above", "y")),
        Step("y from below", "y >= a/2 + alpha - |l|/a, and a/2 >= 0.15", at_most(-y, widest),
             Combination(((HALF, ("far and a",)), (1, ("alpha from below",)),
                          ((far - 3 * NEAR) / 2, ()), (1, ("B >= 0",)),
                          (1, ("eps >= 0", "l from above")), (slack, ("eps from above",)))),
             ("far and a", "alpha from below", "B >= 0", "eps >= 0", "l from above",
              "eps from above", "y")),
        Step("a from below", "the same", at_most(least, a), Combination(((1, ("far and a",)),)),
             ("far and a",)),
        Step("a^3 from below", "a cube", at_most(least**3, a**3),
             Combination(((1, ("a from below",) * 3), (3 * least, ("a from below",) * 2),
                          (3 * least**2, ("a from below",)))), ("a from below",)),
        Step("y^2", "B^2 - y^2 = (B - y)(B + y)", at_most(there, here),
             Combination(((HALF, ("y from above", "y from below")),)),
             ("y from above", "y from below")),
        Step("phi from below", "phi decreases", at_most(exponential(there), exponential(here)),
             ExponentialGrows(), ("y^2",)),
        Step("a G from below", "a^3 grows, phi decreases", at_most(floor, a * size),
             Combination(((1, ("2 phi(0) >= 0", "phi >= 0", "a^3 from below")),
                          (least**3, ("2 phi(0) >= 0", "phi from below")))),
             ("2 phi(0) >= 0", "phi >= 0", "a^3 from below", "phi from below", "G")),
        Step("growth below B", "so |v_2|^2 grows by a fixed amount",
             at_most(far2 + gain, of.far(run.after(V))),
             Combination(((1, ("growth so far",)),
                          (2 * growth, ("far step", "a G from below")))),
             ("growth so far", "far step", "a G from below")),
        _everywhere(
            "gain", "as long as |v_2| <= B",
            lambda at, after: at_most(of.far(at) + gain, of.far(after)), of, "growth below B"),
        _everywhere(
            "|v_2| grows", "|v_2| never shrinks",
            lambda at, after: at_most(of.far(at), of.far(after)), of, "|v_2| at V"),
        Step("count at 0", "nothing is gained", at_most(far**2 + gain * count(START),
                                                        of.far(run.start)),
             Combination(((1, ("far at 0",)),)), ("far at 0",)),
        Step("count next", "added to what was gained before",
             at_most(far**2 + gain * count(following(k_)), of.far(then)),
             Combination(((1, ("gain",)), (1, ("count",)))), ("gain", "count")),
        Step("gained", "by induction", at_most(counted, of.far(now)),
             InductionWhile(k_, at_most(of.far(now), RADIUS**2), "count at 0", "count next",
                            "|v_2| grows"),
             ("count at 0", "count next", "|v_2| grows")),
        Step("time below B", "the gain is at most B^2 - far^2: |v_2| exceeds any B",
             at_most(gain * count(k_), RADIUS**2 - far**2),
             Combination(((1, ("gained",)), (1, ("bounded",)))), ("gained", "bounded")),
    )  # fmt: skip


def vanishing_steps(of: Quantities, region: EscapeRegion) -> tuple[Step, ...]:
    """``G`` tends to zero as ``a`` grows: it is at most a constant over ``a^4``."""
    least = region.far - NEAR
    slack = region.odds_bound / least
    spent = (NEAR + slack) / least
    part = HALF - spent  # y >= part a
    a, y, size = of.a(V), of.y(V), of.size(V)
    half_square = HALF * y**2
    decay = exponential(-half_square)
    return (
        Step("y and a", "alpha and l/a are small beside a", at_most(part * a, y),
             Combination(((spent, ("a from below",)), (1, ("alpha from below",)),
                          (1, ("eps >= 0", "l from above")), (slack, ("eps from above",)))),
             ("a from below", "alpha from below", "eps >= 0", "l from above", "eps from above",
              "y")),
        Step("y^2 and a^2", "squared", at_most(part**2 * a**2, y**2),
             Combination(((1, ("y and a", "y and a")), (2 * part, ("a >= 0", "y and a")))),
             ("y and a", "a >= 0")),
        Step("y^6 and a^6", "cubed", at_most(part**6 * a**6, y**6),
             Combination(((1, ("y^2 and a^2",) * 3),
                          (3 * part**2, ("a^2 >= 0", "y^2 and a^2", "y^2 and a^2")),
                          (3 * part**4, ("a^2 >= 0", "a^2 >= 0", "y^2 and a^2")))),
             ("y^2 and a^2", "a^2 >= 0")),
        Step("y^2/2 >= 0", "a square", nonnegative(half_square), Combination((), ((HALF, y),))),
        Step("decay", "t^3 exp(-t) <= 27", at_most(half_square**3 * decay, 27),
             ExponentialDecay(half_square), ("y^2/2 >= 0",)),
        Step("G and a", "a^4 G = a^6 2 phi(y)", at_most(part**6 * a**4 * size, 216 * of.axis),
             Combination(((1, ("2 phi(0) >= 0", "phi >= 0", "y^6 and a^6")),
                          (8, ("2 phi(0) >= 0", "decay")))),
             ("2 phi(0) >= 0", "phi >= 0", "y^6 and a^6", "decay", "G")),
        _everywhere("G vanishes", "G is at most a constant over a^4",
                     lambda at, _: at_most(part**6 * of.a(at) ** 4 * of.size(at), 216 * of.axis),
                     of, "G and a"),
    )  # fmt: skip


def _odds_steps(odds: Term, region: EscapeRegion) -> tuple[Step, ...]:
    """``|l| <= bound``."""
    bound = region.odds_bound
    claims = (at_most(odds, bound), at_most(-bound, odds))
    names = ("l from above", "l from below")
    if odds == number(0):
        return tuple(
            Step(name, "l = 0", claim, Combination())
            for name, claim in zip(names, claims, strict=True)
        )
    quotient = (1 - region.near_weight) / region.near_weight
    power = exponential(bound), exponential(-bound)
    return (
        Step("exp from above", "a number", at_most(quotient, power[0]),
             Oracle("exponential", (bound, quotient), kind="ball cover")),
        Step("exp from below", "a number", at_most(power[1], quotient),
             Oracle("exponential", (-bound, quotient), kind="ball cover")),
        Step(names[0], "the exponential grows", claims[0],
             LogarithmBound("exp from above"), ("log odds", "exp from above")),
        Step(names[1], "the exponential grows", claims[1],
             LogarithmBound("exp from below"), ("log odds", "exp from below")),
    )  # fmt: skip


def limit_steps(of: Quantities) -> tuple[Step, ...]:
    """``|v_1| -> 0``."""
    eta, _ = of.steps
    after, now, then = of.run.after(V), of.run.at(k_), of.run.at(following(k_))
    eps, alpha, f, q = of.eps(V), of.alpha(V), of.outward(V), of.pull(V)
    pull = PULL * of.size(V)
    length, next_length = of.length(V), of.length(after)

    def shrunk(at: Term) -> Term:
        return (1 - 2 * eta) * of.length(at) + eta * PULL * of.size(at)

    minor = eps * q * alpha + q - f
    return (
        Step("minor", "a square", nonnegative(minor**2), Combination((), ((1, minor),))),
        Step("Lagrange", "|v_1|^2 |d|^2 - (v_1.d)^2 = |p|^2 times a square",
             at_most(of.along(V) ** 2, of.near(V) * of.drift(V)),
             Combination(((1, ("|p|^2 >= 0", "minor")),)),
             ("|p|^2 >= 0", "minor", "|v_1|^2", "|d|^2", "v_1.d")),
        Step("|v_1|^2 >= 0", "a sum of squares", nonnegative(of.near(V)),
             Squares((Square(v(V, I_, A), (A,)),))),
        Step("|v_1| squared", "a root", equal(length**2, of.near(V)), RootOf(of.near(V)),
             ("|v_1|^2 >= 0",)),
        Step("|v_1| >= 0", "a root", nonnegative(length), RootOf(of.near(V)), ("|v_1|^2 >= 0",)),
        Step("|v_1+| squared", "after the step", equal(next_length**2, of.near(after)),
             Instance({V: after}), ("|v_1| squared",)),
        Step("(v_1.d)^2", "with |d| <= G/2", at_most(of.along(V) ** 2, (length * pull) ** 2),
             Combination(((1, ("Lagrange",)), (1, ("|v_1|^2 >= 0", "drift and G")))),
             ("Lagrange", "|v_1|^2 >= 0", "drift and G", "|v_1| squared")),
        Step("|v_1| G >= 0", "a product", nonnegative(length * pull),
             Combination(((PULL, ("|v_1| >= 0", "G >= 0")),)), ("|v_1| >= 0", "G >= 0")),
        Step("-v_1.d", "the root", at_most(-of.along(V), length * pull),
             SquareRoot("(v_1.d)^2", "|v_1| G >= 0"), ("(v_1.d)^2", "|v_1| G >= 0")),
        Step("|v_1+|^2", "the next square", at_most(next_length**2, shrunk(V) ** 2),
             Combination(((2, ("step size", "1 - 2 eta >= 0", "-v_1.d")),
                          (1, ("step size", "step size", "drift and G")))),
             ("step size", "1 - 2 eta >= 0", "-v_1.d", "drift and G", "step of v_1",
              "|v_1| squared", "|v_1+| squared")),
        Step("shrunk >= 0", "a sum", nonnegative(shrunk(V)),
             Combination(((1, ("1 - 2 eta >= 0", "|v_1| >= 0")), (PULL, ("step size", "G >= 0")))),
             ("1 - 2 eta >= 0", "|v_1| >= 0", "step size", "G >= 0")),
        Step("size at V", "the root", at_most(next_length, shrunk(V)),
             SquareRoot("|v_1+|^2", "shrunk >= 0"), ("|v_1+|^2", "shrunk >= 0")),
        _everywhere("size", "|v_1| shrinks but for eta G/2",
                     lambda at, after: at_most(of.length(after), shrunk(at)), of, "size at V"),
        Step("excess", "once G/2 <= 2 delta the excess over delta shrinks",
             at_most(of.length(then) - DELTA, (1 - 2 * eta) * (of.length(now) - DELTA)),
             Combination(((1, ("size",)), (1, ("step size", "late")))),
             ("size", "step size", "late")),
    )  # fmt: skip
