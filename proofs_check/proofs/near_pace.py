"""The pull of the others falls as they go away, and the near component comes nearer."""

from __future__ import annotations

from fractions import Fraction

import sympy

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.far_words import AXIS, HALF, RUN, TWICE_PHI, norm, norm_square
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.lemma_near import lemma_near
from proofs_check.proofs.level_words import RHO
from proofs_check.proofs.near_point import root_steps
from proofs_check.proofs.near_words import (
    APART,
    EPS,
    LEAST_FAR,
    NEAR2,
    Y,
    clear_of,
    clearance,
    close_to,
    drift,
    growth,
    polynomial,
    pull_near,
    pull_square,
    rows_of,
    share_at,
)
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import (
    Generalise,
    Instantiated,
    Linear,
    SquareRoot,
)
from proofs_check.proofs.tactics.exponentials import ExponentialPositive
from proofs_check.proofs.tactics.extremes import Bound, Member
from proofs_check.proofs.tactics.language import (
    ETA,
    I_,
    N_,
    START,
    V_0,
    A,
    K,
    V,
    at_most,
    below,
    count,
    delta,
    equal,
    every,
    exponential,
    following,
    nonnegative,
    positive,
    real,
    root,
    step,
    v,
)
from proofs_check.proofs.tactics.score import k_
from proofs_check.proofs.tactics.score_steps import lagrange
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import (
    Axiom,
    Cases,
    Derived,
    Induction,
    Instance,
    Lemma,
    Square,
    Squares,
)

#: Two radii, and the number of steps before the pace is counted.
#: and any radius.
RADIUS = real("R")
NEARER, FARTHER, M_STEP = real("r_0"), real("r_1"), step("m")
_LEAST = LEAST_FAR - HALF
FIRST = drift(V_0, I_, EPS, AXIS)
D2 = pull_square(V, I_)
AFTER = RUN.after(V)
NOW, THEN = RUN.at(k_), RUN.at(following(k_))


def falling_hypotheses() -> tuple[Hypothesis, ...]:
    """Two radii of one of the others."""
    return (
        Hypothesis("rise", nonnegative(APART * (FARTHER - NEARER)), "one is larger",
                   temporary=True),
        Hypothesis("beyond 4", nonnegative(APART * (NEARER - LEAST_FAR)), "both are from 4 on",
                   temporary=True),
    )  # fmt: skip


def falling_steps() -> tuple[Step, ...]:
    """``E(r_1) <= E(r_0)`` for ``4 <= r_0 <= r_1``."""
    eighth = Fraction(1, 8)
    z, far = NEARER - EPS, FARTHER - EPS
    rest = eighth * (far * far - z * z)
    early, late = exponential(-eighth * z * z), exponential(-eighth * far * far)
    ratio = exponential(rest)
    scale = TWICE_PHI * APART * polynomial(z)
    above, more, eps = sympy.symbols("above more eps")
    names = {above: "z at r_0", more: "rise", eps: "eps >= 0"}
    near, away = above + _LEAST, above + _LEAST + more
    gained = (1 + (away**2 - near**2) / 8) * polynomial(near, eps) - polynomial(away, eps)
    return (
        shown("z at r_0", "r_0 - eps", nonnegative(APART * (z - _LEAST)),
              (1, ("beyond 4",)), (1, ("apart >= 0", "eps <= 1/2"))),
        Step("exponents of E", "of a sum",
             equal(early, late * ratio),
             Axiom("exponential of a sum", (-eighth * far * far, rest))),
        Step("exponents of E scaled", "times what stands beside",
             equal(scale * early, scale * late * ratio),
             Linear(((scale, "exponents of E"),)), ("exponents of E",)),
        Step("tangent at rest", "of the exponential", at_most(1 + rest, ratio),
             Axiom("tangent", (rest,))),
        Step("late > 0", "an exponential", positive(late), ExponentialPositive()),
        shown("E's polynomial >= 0", "positive", nonnegative(APART * polynomial(z)),
              *rows_of(polynomial(near, eps), names, "apart >= 0")),
        Step("early > 0", "an exponential", positive(early), ExponentialPositive()),
        shown("E >= 0", "all factors", nonnegative(APART * share_at(NEARER)),
              (1, ("2 phi(0) >= 0", "early > 0", "E's polynomial >= 0"))),
        shown("E's polynomial", "grows less", nonnegative(
            APART * ((1 + rest) * polynomial(z) - polynomial(far))),
              *rows_of(gained, names, "apart >= 0")),
        shown("E falls", "the exponential falls faster",
              at_most(APART * share_at(FARTHER), APART * share_at(NEARER)),
              (1, ("2 phi(0) >= 0", "late > 0", "tangent at rest", "E's polynomial >= 0")),
              (1, ("2 phi(0) >= 0", "late > 0", "E's polynomial")),
              using=("exponents of E scaled",)),
    )  # fmt: skip


def drift_steps() -> tuple[Step, ...]:
    """``E_i(V) <= E_i(V_0)`` if no other is nearer than at step 0."""
    here, there = norm(V, K), norm(V_0, K)
    values = {NEARER: there, FARTHER: here}

    def apart(name: str, square: Term) -> tuple[Step, ...]:
        return (
            Step(f"{name} apart", "times 1 - delta",
                 equal(APART * root(square) ** 2, APART * square),
                 Linear(((APART, f"{name} squared"),)), (f"{name} squared",)),
            shown(f"{name} apart >= 0", "a product", nonnegative(APART * root(square)),
                  (1, ("apart >= 0", f"{name} >= 0"))),
        )  # fmt: skip

    return (
        *root_steps("|v_k| at 0", norm_square(V_0, K), v(V_0, K, A)),
        *apart("|v_k|", norm_square(V, K)),
        *apart("|v_k| at 0", norm_square(V_0, K)),
        shown("squares rise", "of the radii", at_most((APART * there) ** 2, (APART * here) ** 2),
              (1, ("grown k",)), using=("|v_k| apart", "|v_k| at 0 apart")),
        Step("radii rise", "the roots", at_most(APART * there, APART * here),
             SquareRoot("squares rise", "|v_k| apart >= 0"), ("squares rise", "|v_k| apart >= 0")),
        shown("rise of k", "the difference", nonnegative(APART * (here - there)),
              (1, ("radii rise",))),
        shown("4 at 0 squared", "beyond rho",
              at_most((LEAST_FAR * APART) ** 2, (APART * there) ** 2),
              (1, ("others are far at 0",), (APART,)), (1, ("far squared", "apart >= 0")),
              using=("|v_k| at 0 apart",)),
        Step("4 at 0", "the roots", at_most(LEAST_FAR * APART, APART * there),
             SquareRoot("4 at 0 squared", "|v_k| at 0 apart >= 0"),
             ("4 at 0 squared", "|v_k| at 0 apart >= 0")),
        shown("k beyond 4", "the difference", nonnegative(APART * (there - LEAST_FAR)),
              (1, ("4 at 0",))),
        Step("E of k at 0 >= 0", "positive", nonnegative(APART * share_at(there)),
             Instantiated(values, "E >= 0"), ("E >= 0", "k beyond 4")),
        Step("E at 0 >= 0", "a sum", nonnegative(FIRST), Average((K,)), ("E of k at 0 >= 0",)),
        Step("E of k", "no nearer", replaced(at_most(APART * share_at(FARTHER),
                                                     APART * share_at(NEARER)), values),
             Instantiated(values, "E falls"), ("E falls", "rise of k", "k beyond 4")),
        Step("E falls for all", "added", at_most(drift(V, I_, EPS, AXIS), FIRST),
             Average((K,)), ("E of k",)),
    )  # fmt: skip


def pull_steps() -> tuple[Step, ...]:
    """``|D_i| <= E_i(V_0)``, and what a step does to ``|v_i|``."""
    near, near_after = root(NEAR2), root(norm_square(AFTER, I_))
    dv = pull_near(V, I_)
    far = at_most(LEAST_FAR**2 * APART, norm_square(V, K))
    line = (1 - 2 * ETA) * near + ETA * Y

    def d(a: Term) -> Term:
        return RUN.gradient(V, I_, a) - 2 * v(V, I_, a)

    return (
        shown("far k", "for every other", far, (1, ("others are far",)),
              (1, ("far squared", "apart >= 0"))),
        Step("far for all", "for every k", every(far, K), Generalise((K,)), ("far k",)),
        Step("Lemma V", "the pull of the others", at_most(Y, drift(V, I_, EPS, AXIS)),
             Lemma(lemma_near, "Lemma V"),
             ("uniform", "eps >= 0", "eps <= 1/2", "near", "far for all")),
        shown("pull", "no larger than at step 0", at_most(Y, FIRST), (1, ("Lemma V",)),
              (1, ("E falls for all",))),
        *root_steps("|D|", D2, d(A)),
        *root_steps("|v_i|", NEAR2, v(V, I_, A)),
        Step("(D.v_i)^2", "Cauchy and Schwarz", at_most(dv**2, D2 * NEAR2),
             Squares((lagrange(d, lambda a: v(V, I_, a)),))),
        shown("(-D.v_i)^2", "the same", at_most((-dv) ** 2, (Y * near) ** 2), (1, ("(D.v_i)^2",)),
              using=("|D| squared", "|v_i| squared")),
        shown("|D||v_i| >= 0", "a product", nonnegative(Y * near), (1, ("|D| >= 0", "|v_i| >= 0"))),
        Step("-D.v_i", "its root", at_most(-dv, Y * near),
             SquareRoot("(-D.v_i)^2", "|D||v_i| >= 0"), ("(-D.v_i)^2", "|D||v_i| >= 0")),
        Step("next v_i", "(1 - 2 eta) v_i - eta D",
             equal(norm_square(AFTER, I_),
                   (1 - 2 * ETA) ** 2 * NEAR2 - 2 * ETA * (1 - 2 * ETA) * dv + ETA**2 * D2),
             Derived()),
        shown("1 - 2 eta >= 0", "the step is at most 1/2", nonnegative(1 - 2 * ETA),
              (2, ("largest step",))),
        *root_steps("|v_i| next", norm_square(AFTER, I_), v(AFTER, I_, A)),
        shown("square of the next", "the triangle", at_most(near_after**2, line**2),
              (2, ("step size", "1 - 2 eta >= 0", "-D.v_i")),
              using=("next v_i", "|D| squared", "|v_i| squared", "|v_i| next squared")),
        shown("line >= 0", "a sum", nonnegative(line), (1, ("1 - 2 eta >= 0", "|v_i| >= 0")),
              (1, ("step size", "|D| >= 0"))),
        Step("triangle", "its root", at_most(near_after, line),
             SquareRoot("square of the next", "line >= 0"), ("square of the next", "line >= 0")),
        shown("pace", "towards half the pull",
              at_most(near_after, (1 - 2 * ETA) * near + ETA * FIRST),
              (1, ("triangle",)), (1, ("step size", "pull"))),
    )  # fmt: skip


def keeping_steps() -> tuple[Step, ...]:
    """``|v_i|`` stays at most eps, as the pull is at most twice that."""
    near, near_after = root(NEAR2), root(norm_square(AFTER, I_))
    return (
        shown("|v_i| and eps", "squares", at_most(near**2, EPS**2), (1, ("near",)),
              using=("|v_i| squared",)),
        Step("|v_i| <= eps", "the root", at_most(near, EPS),
             SquareRoot("|v_i| and eps", "eps >= 0"), ("|v_i| and eps", "eps >= 0")),
        shown("|v_i| next <= eps", "(1 - 2 eta) eps + 2 eta eps", at_most(near_after, EPS),
              (1, ("pace",)), (1, ("1 - 2 eta >= 0", "|v_i| <= eps")), (1, ("step size", "few"))),
        shown("near next", "squared", at_most(norm_square(AFTER, I_), EPS**2),
              (1, ("|v_i| next <= eps", "|v_i| next <= eps")),
              (2, ("|v_i| next <= eps", "|v_i| next >= 0")), using=("|v_i| next squared",)),
    )  # fmt: skip


def place_steps() -> tuple[Step, ...]:
    """The others are at least rho away, and no nearer than at step 0."""
    square, first = norm_square(V, K), norm_square(V_0, K)
    gained = APART * (square - first)
    return (
        Step("apart >= 0", "its own square", nonnegative(APART), Squares((Square(APART),))),
        shown("far squared", "rho is at least 4", at_most(LEAST_FAR**2, RHO**2),
              (1, ("rho is far", "rho is far")), (2 * LEAST_FAR, ("rho is far",))),
        Step("least of all", "a member",
             at_most(clearance(V_0, I_, RHO), first - APART * RHO**2),
             Member(clearance(V_0, I_, RHO), (K,))),
        shown("others are far at 0", "the least is not negative", at_most(APART * RHO**2, first),
              (1, ("least of all",)), (1, ("clear at 0",))),
        Step("least gain", "a member", at_most(growth(V, V_0, I_), gained),
             Member(growth(V, V_0, I_), (K,))),
        shown("grown k", "the least is not negative", nonnegative(gained),
              (1, ("least gain",)), (1, ("grown",))),
        *root_steps("|v_k|", square, v(V, K, A)),
        shown("others are far", "no nearer", at_most(APART * RHO**2, square), (1, ("grown k",)),
              (1, ("others are far at 0",), (APART,)), (1, ("|v_k|^2 >= 0",), (delta(I_, K),))),
        shown("gap at V", "the difference", nonnegative(square - APART * RHO**2),
              (1, ("others are far",))),
        Step("clear at V", "the least of them", clear_of(V), Bound((K,), "least"), ("gap at V",)),
    )  # fmt: skip


#: ``|v_i|`` after k steps, and the statement about it.
_NEAR_NOW, _NEAR_THEN = norm(NOW, I_), norm(THEN, I_)


def _paced(near: Term, k: Term, first: Term = FIRST) -> Term:
    return at_most((near - HALF * first) * (1 + 2 * ETA * count(k)), EPS)


PACED = _paced(_NEAR_NOW, k_)


def _later(most: Term) -> tuple[tuple[str, Term], ...]:
    """What holds for ever; so every step can be taken for the first."""
    return (
        ("near for ever", close_to(NOW)),
        ("clear for ever", clear_of(NOW)),
        ("few for ever", at_most(drift(NOW, I_, EPS, AXIS), most)),
    )


def pace_hypotheses() -> tuple[Hypothesis, ...]:
    """The pace until the induction, and its cases."""
    half = HALF * FIRST
    return (
        Hypothesis("paced", PACED, "until the induction", temporary=True),
        Hypothesis("above", at_most(half, _NEAR_NOW), "farther than half the pull",
                   temporary=True),
        Hypothesis("below", below(_NEAR_NOW, half), "nearer", temporary=True),
    )  # fmt: skip


def pace_steps(most: Term) -> tuple[Step, ...]:
    """``(|v_i| - E_i(V_0)/2)(1 + 2 eta k) <= eps`` after k steps, and so from any step on.

    Parameters
    ----------
    most : Term
        Of the pull of all others at step 0.
    """
    held, always = ("near for ever", "grown for ever"), _later(most)
    start = norm(V_0, I_)
    then = _paced(_NEAR_THEN, following(k_))
    later = {V_0: RUN.at(M_STEP)}
    ahead = count(following(k_))
    line = (1 - 2 * ETA) * _NEAR_NOW + ETA * FIRST
    return (
        Step("pace at k", "at step k", at_most(_NEAR_THEN, line),
             Instantiated({V: NOW}, "pace"), ("pace", *held)),
        Step("k >= 0", "a number of steps", nonnegative(count(k_)), Axiom("steps", (k_,))),
        shown("k + 1 >= 0", "a number of steps", nonnegative(ahead), (1, ("k >= 0",)), (1, ())),
        shown("1 + 2 eta (k + 1) >= 0", "a sum", nonnegative(1 + 2 * ETA * ahead),
              (2, ("step size", "k + 1 >= 0")), (1, ())),
        shown("paced above", "(1 - 2 eta)(1 + 2 eta (k + 1)) <= 1 + 2 eta k", then,
              (1, ("1 + 2 eta (k + 1) >= 0", "pace at k")), (1, ("paced",)),
              (4, ("step size", "step size", "k + 1 >= 0", "above"))),
        shown("paced below", "it stays there", then,
              (1, ("1 + 2 eta (k + 1) >= 0", "pace at k")), (1, ("eps >= 0",)),
              (1, ("1 + 2 eta (k + 1) >= 0", "1 - 2 eta >= 0", "below"))),
        Step("paced next", "by cases", then,
             Cases(HALF * FIRST, _NEAR_NOW, "paced above", "paced below"),
             ("paced above", "paced below")),
        *root_steps("|v_i| at 0", norm_square(V_0, I_), v(V_0, I_, A)),
        shown("start and eps", "squares", at_most(start**2, EPS**2), (1, ("near at 0",)),
              using=("|v_i| at 0 squared",)),
        Step("start near", "the root", at_most(start, EPS), SquareRoot("start and eps", "eps >= 0"),
             ("start and eps", "eps >= 0")),
        shown("paced at 0", "no step yet", _paced(start, START), (1, ("start near",)),
              (HALF, ("E at 0 >= 0",))),
        Step("approach", "by induction", PACED, Induction(k_, "paced at 0", "paced next"),
             ("paced at 0", "paced next")),
        shown("few at V", "no more than at step 0", at_most(drift(V, I_, EPS, AXIS), most),
              (1, ("E falls for all",)), (1, ("few",))),
        *(Step(name, "at every step", goal, Instantiated({V: NOW}, of), (of, *held))
          for (name, goal), of in zip(always[1:], ("clear at V", "few at V"), strict=True)),
        *(Step(f"{name} at m", "at step m", replaced(goal, {k_: M_STEP}), Instance({k_: M_STEP}),
               (name,))
          for name, goal in always),
        Step("approach from m on", "the same from step m on", replaced(PACED, later),
             Instantiated(later, "approach"),
             ("approach", *(f"{name} at m" for name, _ in always))),
    )  # fmt: skip


def limit_steps() -> tuple[Step, ...]:
    """The same with ``(n - 1) E(R)`` once all others are beyond R, any number from 4 on."""
    later = RUN.at(M_STEP)
    values = {NEARER: RADIUS, FARTHER: norm(V, K)}
    most = (N_ - 1) * share_at(RADIUS)
    near = norm(replaced(NOW, {V_0: later}), I_)
    goal = at_most((near - HALF * most) * (1 + 2 * ETA * count(k_)), EPS)
    return (
        Step("least beyond R", "a member",
             at_most(clearance(V, I_, RADIUS), norm_square(V, K) - APART * RADIUS**2),
             Member(clearance(V, I_, RADIUS), (K,))),
        shown("beyond R squared", "the least is not negative",
              at_most((APART * RADIUS) ** 2, (APART * norm(V, K)) ** 2),
              (1, ("least beyond R",), (APART,)), (1, ("all beyond R at V",), (APART,)),
              using=("|v_k| apart",)),
        Step("others beyond R", "the roots", at_most(APART * RADIUS, APART * norm(V, K)),
             SquareRoot("beyond R squared", "|v_k| apart >= 0"),
             ("beyond R squared", "|v_k| apart >= 0")),
        shown("rise from R", "the difference", nonnegative(APART * (norm(V, K) - RADIUS)),
              (1, ("others beyond R",))),
        shown("R beyond 4", "a product", nonnegative(APART * (RADIUS - LEAST_FAR)),
              (1, ("apart >= 0", "R >= 4"))),
        Step("E of k and R", "no nearer", replaced(at_most(APART * share_at(FARTHER),
                                                           APART * share_at(NEARER)), values),
             Instantiated(values, "E falls"), ("E falls", "rise from R", "R beyond 4")),
        Step("E and R", "added", at_most(drift(V, I_, EPS, AXIS), most), Average((K,)),
             ("E of k and R",)),
        Step("E at m", "at step m", at_most(drift(later, I_, EPS, AXIS), most),
             Instantiated({V: later}, "E and R"), ("E and R", "all beyond R")),
        shown("1 + 2 eta k >= 0", "a sum", nonnegative(1 + 2 * ETA * count(k_)),
              (2, ("step size", "k >= 0")), (1, ())),
        shown("limit", "so v_i tends to the truth", goal, (1, ("approach from m on",)),
              (HALF, ("1 + 2 eta k >= 0", "E at m"))),
    )  # fmt: skip


def limit_hypotheses() -> tuple[Hypothesis, ...]:
    """All others are beyond R at step m."""
    return (
        Hypothesis("R >= 4", at_most(LEAST_FAR, RADIUS), "any radius"),
        Hypothesis("all beyond R", clear_of(RUN.at(M_STEP), RADIUS), "all others, after m steps"),
        Hypothesis("all beyond R at V", clear_of(V, RADIUS), "at V", temporary=True),
    )
