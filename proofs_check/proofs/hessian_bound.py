"""The Hessian of the forward loss is at most M where the loss is at most ``L_0``; equal weights."""

from __future__ import annotations

from fractions import Fraction
from math import log

from proofs_check.proofs.cluster_tactics import Row, shown
from proofs_check.proofs.far_words import HALF
from proofs_check.proofs.hessian_groups import (
    LOW,
    MARK,
    PSI,
    SINGLE,
    low_steps,
    odds_steps,
    positive_steps,
    single_steps,
)
from proofs_check.proofs.hessian_words import (
    BEYOND,
    CLOSE,
    DELTA,
    FAR,
    H_J,
    HBAR,
    HESSIAN,
    INSIDE,
    LACK,
    LENGTH,
    LOG_M,
    LOG_TWO,
    M_,
    MASS,
    N2,
    P2,
    T2,
    T_ROOT,
    TALL,
    VAR,
    W2,
    X2,
    Z1,
    Z2,
    Z3,
    Z_J,
    G,
    M,
    P,
    U,
    constant_hypotheses,
    curvature,
    distance,
    excess,
    lack,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.oracles.descent_lemma import bounded, hessian, loss
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.level_words import L0, OMEGA, ROOT, mean_score, outer
from proofs_check.proofs.loss_level import (
    LBAR,
    LOSS,
    MHAT2,
    MHAT_X,
    convexity_steps,
    entropy_steps,
    line_steps,
    score_steps,
)
from proofs_check.proofs.tactics.bounds import Generalise, LargerOf, RootOf, SquareRoot
from proofs_check.proofs.tactics.language import (
    D_,
    I_,
    N_,
    A,
    J,
    K,
    Number,
    V,
    X,
    at_most,
    below,
    delta,
    entry,
    equal,
    every,
    exponential,
    mean_q,
    nonnegative,
    pi,
    positive,
    psi,
    total,
    v,
)
from proofs_check.proofs.tactics.score import m
from proofs_check.proofs.tactics.score_steps import lagrange
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Average,
    Axiom,
    Cancel,
    Cases,
    Combination,
    Derived,
    Instance,
    Specialise,
    Square,
    Squares,
)
from proofs_check.proofs.tactics.vacuity import Proposal

_ZERO = number(0)
_MARK = replaced(MARK, {K: J})
LACK_SUM = total(psi(V, J) * LACK, J)
SECOND = total(PSI * H_J**2, J)
CROSS = total(PSI * (H_J - HBAR) ** 2 * DELTA, J)
PULLED = total(PSI * W2 * DELTA, J)
FORM = FAR * VAR - 2 * CROSS + CLOSE * MASS + 2 * PULLED
SUM = P + T_ROOT
MIXED = 2 * SUM * (T_ROOT * (Z1 * G + 2 * Z2) + P * Z3 * G)


def uniform_steps() -> tuple[Step, ...]:
    """``1 <= exp(omega) pi_k``."""
    return (
        Step("uniform k", "for this k", equal(N_ * pi(K), 1), Specialise((K,)), ("uniform",)),
        shown("n pi_k", "exp(omega) = n", at_most(1, exponential(OMEGA) * pi(K)),
              using=("uniform k", "log n")),
        Step("weights", "for every k", every(at_most(1, exponential(OMEGA) * pi(K)), K),
             Generalise((K,)), ("n pi_k",)),
    )  # fmt: skip


def lack_steps() -> tuple[Step, ...]:
    """``psi_j delta_j^- <= zeta_1`` and so on, for every j."""
    cases = (("high", "delta_j >= 0"), ("low", "delta_j < 0"))

    def by_cases(
        name: str, goal: Term, *used: tuple[str, ...], rows: tuple[tuple[Row, ...], ...] = ()
    ) -> list[Step]:
        steps = []
        for place, ((label, _), names) in enumerate(zip(cases, used, strict=True)):
            row = rows[place] if rows else ()
            steps.append(shown(f"{name}: {label}", "a case", goal, *row, using=names)
                         if goal.op != "equal" else
                         Step(f"{name}: {label}", "a case", goal, Derived(), names))  # fmt: skip
        names = tuple(step.name for step in steps)
        return [*steps, Step(name, "by cases", goal, Cases(_ZERO, DELTA, *names), names)]

    none, some = ("no lack", "mark 1"), ("lack", "mark 0")
    one, zero = number(1), _ZERO
    return (
        Step("no lack", "delta_j >= 0", equal(LACK, 0),
             Axiom("first case", (zero, DELTA, zero, -DELTA)), ("delta_j >= 0",)),
        Step("mark 1", "delta_j >= 0", equal(_MARK, 1),
             Axiom("first case", (zero, DELTA, one, zero)), ("delta_j >= 0",)),
        Step("lack", "delta_j < 0", equal(LACK, -DELTA),
             Axiom("second case", (zero, DELTA, zero, -DELTA)), ("delta_j < 0",)),
        Step("mark 0", "delta_j < 0", equal(_MARK, 0),
             Axiom("second case", (zero, DELTA, one, zero)), ("delta_j < 0",)),
        *by_cases("lack >= 0", nonnegative(LACK), none[:1], some[:1],
                  rows=((), ((1, ("delta_j < 0",)),))),
        *by_cases("-delta_j", at_most(-DELTA, LACK), none[:1], some[:1],
                  rows=(((1, ("delta_j >= 0",)),), ())),
        *by_cases("lack and mark", equal((1 - _MARK) * -DELTA, LACK), none, some),
        *by_cases("lack and delta", equal(LACK * DELTA, -(LACK**2)), none[:1], some[:1]),
        *by_cases("psi lack", at_most(PSI * LACK, Z1), none[:1], some[:1],
                  rows=(((1, ("zeta_1 >= 0",)),), ((1, ("j: P <= zeta",)),))),
        *by_cases("psi lack^2", at_most(PSI * LACK**2, Z2), none[:1], some[:1],
                  rows=(((1, ("zeta_2 > 0",)),), ((1, ("j: square",)),))),
        Step("marked sum", "averaged", equal(LOW.pulled, LACK_SUM), Average((J,), (PSI,)),
             ("lack and mark",)),
        shown("sum of lacks", "the group of all with delta < 0", at_most(LACK_SUM, Z3),
              (1, ("low: sum",)), using=("marked sum",)),
        Step("-delta_i", "for i", at_most(-excess(V, X, I_), lack(V, X, I_)), Instance({J: I_}),
             ("-delta_j",)),
        shown("other surplus", "positive parts",
              nonnegative(psi(V, I_) * (excess(V, X, I_) + lack(V, X, I_)) * (1 - delta(I_, J))),
              (1, ("psi_i > 0", "-delta_i"), (1 - delta(I_, J),))),
        Step("surplus", "a member of a sum", at_most(PSI * (DELTA + LACK), LACK_SUM),
             Average((I_,)), ("other surplus",)),
        shown("psi delta", "what some have, others lack", at_most(PSI * DELTA, Z3),
              (1, ("surplus",)), (1, ("psi_j > 0", "lack >= 0")), (1, ("sum of lacks",))),
    )  # fmt: skip


def spread_steps() -> tuple[Step, ...]:
    """``G``, ``Var h``, ``sum psi |u|^2`` against ``|U|^2``."""
    other = psi(V, I_) * distance(V, X, I_)
    return (
        Step("|x - v_j|^2", "by definition", equal(Z_J, G - 2 * DELTA), Derived()),
        Step("|x - v_i|^2 >= 0", "a square", nonnegative(distance(V, X, I_)),
             Squares((Square(entry(X, A) - v(V, I_, A), (A,)),))),
        shown("other distance", "positive", nonnegative(other * (1 - delta(I_, J))),
              (1, ("psi_i > 0", "|x - v_i|^2 >= 0"), (1 - delta(I_, J),))),
        Step("psi_j |x - v_j|^2", "a member of a sum", at_most(PSI * Z_J, G), Average((I_,)),
             ("other distance",)),
        shown("distance i", "positive", nonnegative(other), (1, ("psi_i > 0", "|x - v_i|^2 >= 0"))),
        Step("G >= 0", "a sum", nonnegative(G), Average((I_,)), ("distance i",)),
        Step("h_j^2", "Cauchy and Schwarz", at_most(H_J**2, W2 * Z_J),
             Squares((lagrange(lambda a: v(U, J, a), lambda a: entry(X, a) - v(V, J, a)),))),
        Step("|u_j|^2 >= 0", "a square", nonnegative(W2), Squares((Square(v(U, J, A), (A,)),))),
        shown("psi_j h_j^2", "psi_j |x - v_j|^2 <= G", at_most(PSI * H_J**2, W2 * G),
              (1, ("psi_j > 0", "h_j^2")), (1, ("|u_j|^2 >= 0", "psi_j |x - v_j|^2"))),
        Step("second moment", "added", at_most(SECOND, N2 * G), Average((J,)), ("psi_j h_j^2",)),
        Step("Var h", "by definition", equal(VAR, SECOND - HBAR**2), Derived()),
        Step("Var h >= 0", "squares", nonnegative(VAR),
             Squares((Square(H_J - HBAR, (J,), 1, (PSI,)),))),
        shown("Var h <= G", "the square of the mean", at_most(VAR, N2 * G),
              (1, ("second moment",)), (1, (), (HBAR,)), using=("Var h",)),
        shown("hbar^2", "Var h >= 0", at_most(HBAR**2, N2 * G),
              (1, ("second moment",)), (1, ("Var h >= 0",)), using=("Var h",)),
        shown("psi_j |u_j|^2", "psi_j <= 1", at_most(PSI * W2, W2),
              (1, ("psi_j <= 1", "|u_j|^2 >= 0"))),
        Step("mass", "added", at_most(MASS, N2), Average((J,)), ("psi_j |u_j|^2",)),
        shown("member of mass", "positive", nonnegative(PSI * W2),
              (1, ("psi_j > 0", "|u_j|^2 >= 0"))),
        Step("mass >= 0", "added", nonnegative(MASS), Average((J,)), ("member of mass",)),
        Step("|U|^2 >= 0", "a square", nonnegative(N2), Squares((Square(v(U, J, A), (J, A)),))),
    )  # fmt: skip


def tall_steps() -> tuple[Step, ...]:
    """``G <= |x|^2 + 2 A + 2 sqrt(L_0) |x|``."""
    return (
        Step("G", "by definition", equal(G, X2 - 2 * LBAR), Derived()),
        Step("(mhat.x)^2", "Cauchy and Schwarz", at_most(MHAT_X**2, MHAT2 * X2),
             Squares((lagrange(lambda a: mean_score(V, a), lambda a: entry(X, a)),))),
        Step("|x|^2 >= 0", "a square", nonnegative(X2), Squares((Square(entry(X, A), (A,)),))),
        Step("|x| and its square", "a root", equal(LENGTH**2, X2), RootOf(X2), ("|x|^2 >= 0",)),
        Step("|x| >= 0", "a root", nonnegative(LENGTH), RootOf(X2), ("|x|^2 >= 0",)),
        shown("(mhat.x)^2 and L_0", "|mhat|^2 <= L_0",
              at_most((-MHAT_X) ** 2, (ROOT * LENGTH) ** 2),
              (1, ("(mhat.x)^2",)), (1, ("|x|^2 >= 0", "|mhat|^2")),
              using=("|x| and its square", "sqrt(L_0)^2")),
        shown("sqrt(L_0) |x| >= 0", "a product", nonnegative(ROOT * LENGTH),
              (1, ("sqrt(L_0) >= 0", "|x| >= 0"))),
        Step("mhat.x", "its root", at_most(-MHAT_X, ROOT * LENGTH),
             SquareRoot("(mhat.x)^2 and L_0", "sqrt(L_0) |x| >= 0"),
             ("(mhat.x)^2 and L_0", "sqrt(L_0) |x| >= 0")),
        shown("G from above", "lbar >= f, and the line", at_most(G, TALL),
              (2, ("lbar from below",)), (2, ("line",)), (2, ("mhat.x",)), using=("G",)),
        Step("E G", "Stein's identity", equal(mean_q(G), D_ + LOSS - mean_q(outer(V, X))),
             Derived()),
        Step("E x.m >= 0", "the mean of tr C", nonnegative(mean_q(outer(V, X))),
             Squares((Square(v(V, J, A) - m(V, X, A), (J, A), 1, (PSI,)),), TEACHER)),
        shown("E G and d + L_0", "L <= L_0", at_most(mean_q(G), D_ + L0),
              (1, ("E x.m >= 0",)), (1, ("level",)), using=("E G",)),
    )  # fmt: skip


def root_steps() -> tuple[Step, ...]:
    """``p, t > 0`` and their squares."""
    steps = [
        shown("p^2 > 0", "zeta_2 > 0", positive(P2), (2, ("zeta_2 > 0",)),
              (1, ("zeta_1 >= 0", "d >= 1")), (1, ("zeta_1 >= 0",)),
              (1, ("zeta_1 >= 0", "L_0 >= 0"))),
        shown("t^2 > 0", "zeta_3 > 0", positive(T2), (1, ("zeta_3 > 0",)),
              (1, ("zeta_3 > 0", "d >= 1")), (1, ("zeta_3 > 0", "L_0 >= 0"))),
    ]  # fmt: skip
    for name, value, side in (("p", P2, P), ("t", T2, T_ROOT)):
        steps += [
            shown(f"{name}^2 >= 0", "positive", nonnegative(value), (1, (f"{name}^2 > 0",))),
            Step(f"{name}^2", "a root", equal(side**2, value), RootOf(value),
                 (f"{name}^2 >= 0",)),
            Step(f"{name} >= 0", "a root", nonnegative(side), RootOf(value),
                 (f"{name}^2 >= 0",)),
        ]  # fmt: skip
    return (
        *steps,
        shown("(p t)^2 > 0", "a product", positive((P * T_ROOT) ** 2), (1, ("p^2 > 0", "t^2 > 0")),
              using=("p^2", "t^2")),
        shown("p t >= 0", "a product", nonnegative(P * T_ROOT), (1, ("p >= 0", "t >= 0"))),
    )  # fmt: skip


def part_steps() -> tuple[Step, ...]:
    """The four terms of the Hessian's integrand, at x."""
    larger = (("beyond", FAR, BEYOND), ("inside", CLOSE, INSIDE))
    tilted = PSI * LACK * H_J**2
    return (
        *(step for name, value, part in larger for step in (
            Step(f"{name} >= 0", "a positive part", nonnegative(part),
                 LargerOf(_ZERO, value, 0)),
            Step(f"{name} and its part", "a positive part", at_most(value, part),
                 LargerOf(_ZERO, value, 1)))),
        shown("first term", "Var h <= G", at_most(FAR * VAR, BEYOND * TALL * N2),
              (1, ("beyond and its part", "Var h >= 0")), (1, ("beyond >= 0", "Var h <= G")),
              (1, ("beyond >= 0", "|U|^2 >= 0", "G from above"))),
        shown("third term", "sum psi |u|^2 <= |U|^2", at_most(CLOSE * MASS, INSIDE * N2),
              (1, ("inside and its part", "mass >= 0")), (1, ("inside >= 0", "mass"))),
        shown("u_j and delta_j", "psi_j delta_j <= zeta_3", at_most(PSI * W2 * DELTA, Z3 * W2),
              (1, ("|u_j|^2 >= 0", "psi delta"))),
        Step("fourth term", "added", at_most(PULLED, Z3 * N2), Average((J,)),
             ("u_j and delta_j",)),
        shown("square of j", "(t h_j + p hbar)^2 >= 0",
              at_most(-P * T_ROOT * PSI * (H_J - HBAR) ** 2 * DELTA,
                      SUM * (T_ROOT * tilted + P * HBAR**2 * PSI * LACK)),
              (1, ("p >= 0", "t >= 0", "psi_j > 0", "-delta_j"), (H_J - HBAR,)),
              (1, ("psi_j > 0", "lack >= 0"), (T_ROOT * H_J + P * HBAR,))),
        shown("lack of h_j", "|x - v_j|^2 = G - 2 delta_j",
              at_most(tilted, W2 * (Z1 * G + 2 * Z2)),
              (1, ("psi_j > 0", "lack >= 0", "h_j^2")), (1, ("|u_j|^2 >= 0", "psi lack", "G >= 0")),
              (2, ("|u_j|^2 >= 0", "psi lack^2")), using=("lack and delta", "|x - v_j|^2")),
        Step("squares", "added",
             at_most(-P * T_ROOT * CROSS,
                     SUM * (T_ROOT * total(tilted, J) + P * HBAR**2 * LACK_SUM)),
             Average((J,)), ("square of j",)),
        Step("lacks of h", "added", at_most(total(tilted, J), N2 * (Z1 * G + 2 * Z2)),
             Average((J,)), ("lack of h_j",)),
        Step("hbar^2 >= 0", "a square", nonnegative(HBAR**2), Combination((), ((1, HBAR),))),
        shown("p + t >= 0", "a sum", nonnegative(SUM), (1, ("p >= 0",)), (1, ("t >= 0",))),
        shown("second term", "the constants", at_most(-2 * P * T_ROOT * CROSS, MIXED * N2),
              (2, ("squares",)), (2, ("p + t >= 0", "t >= 0", "lacks of h")),
              (2, ("p + t >= 0", "p >= 0", "hbar^2 >= 0", "sum of lacks")),
              (2, ("p + t >= 0", "p >= 0", "zeta_3 > 0", "hbar^2"))),
        shown("integrand", "together",
              at_most(P * T_ROOT * FORM,
                      (P * T_ROOT * (BEYOND * TALL + INSIDE + 2 * Z3) + MIXED) * N2),
              (1, ("p t >= 0", "first term")), (1, ("p t >= 0", "third term")),
              (2, ("p t >= 0", "fourth term")), (1, ("second term",))),
    )  # fmt: skip


def mean_steps() -> tuple[Step, ...]:
    """``d^2 L[U, U] <= M |U|^2``."""
    flat = 2 * Z3 + mean_q(INSIDE) + mean_q(BEYOND * TALL)
    reach = mean_q(G)
    raw = hessian(V, U)
    goal = bounded(V, U, L0, M)
    held, _ = goal.args
    return (
        Step("mean of the integrand", "averaged",
             at_most(P * T_ROOT * mean_q(FORM),
                     (P * T_ROOT * flat
                      + 2 * SUM * (T_ROOT * (Z1 * reach + 2 * Z2) + P * Z3 * reach)) * N2),
             Average((TEACHER,)), ("integrand",)),
        shown("times p t", "E G <= d + L_0",
              nonnegative((P * T_ROOT) ** 2 * (M * N2 - mean_q(FORM))),
              (1, ("p t >= 0", "mean of the integrand")),
              (2, ("p t >= 0", "p + t >= 0", "t >= 0", "zeta_1 >= 0", "|U|^2 >= 0",
                   "E G and d + L_0")),
              (2, ("p t >= 0", "p + t >= 0", "p >= 0", "zeta_3 > 0", "|U|^2 >= 0",
                   "E G and d + L_0")),
              using=("p^2", "t^2")),
        Step("mean", "divided", at_most(mean_q(FORM), M * N2), Cancel("(p t)^2 > 0", "times p t"),
             ("(p t)^2 > 0", "times p t")),
        Step("I3", "the Hessian by distances", equal(HESSIAN, mean_q(FORM)), Derived()),
        shown("Hessian", "together", at_most(HESSIAN, M * N2), (1, ("mean",)), using=("I3",)),
        shown("Hessian and M", "written out", at_most(raw, goal.args[1]), (1, ("Hessian",))),
        Step("below the level", "this case", equal(held, raw),
             Axiom("first case", held.args), ("level",)),
        Step("above the level", "this case", equal(held, goal.args[1]),
             Axiom("second case", held.args), ("above",)),
        shown("bound below", "the Hessian", goal, (1, ("Hessian and M",)),
              using=("below the level",)),
        shown("bound above", "nothing is said", goal, using=("above the level",)),
        Step("bound", "where the loss is at most L_0", goal,
             Cases(loss(V), L0, "bound below", "bound above"), ("bound below", "bound above")),
    )  # fmt: skip


def hessian_bound(*, shares: tuple[Number, Number, Number] = (1, 1, 1)) -> Script:
    """The bound, with what can be changed to see the proof fail.

    Parameters
    ----------
    shares : tuple of number
        The three ``zeta`` are at least those multiples of their functions.

    Examples
    --------
    >>> hessian_bound().scope
    'all n >= 2, d, uniform weights'
    """
    groups = (*SINGLE.hypotheses(), *LOW.hypotheses())
    single, low = exponential(SINGLE.slope), exponential(LOW.slope)
    hypotheses = (
        *constant_hypotheses(shares),
        Hypothesis("level", at_most(loss(V), L0), "the loss is at most L_0", temporary=True),
        Hypothesis("above", below(L0, loss(V)), "or not", temporary=True),
        Hypothesis("delta_j >= 0", at_most(0, DELTA), "a case", temporary=True),
        Hypothesis("delta_j < 0", below(DELTA, 0), "a case", temporary=True),
        *groups,
        Hypothesis("2 <= exp(g)", at_most(2, single), "a case", temporary=True),
        Hypothesis("exp(g) < 2", below(single, 2), "a case", temporary=True),
        Hypothesis("low: P <= 0", at_most(LOW.pulled, 0), "a case", temporary=True),
        Hypothesis("low: P > 0", below(0, LOW.pulled), "a case", temporary=True),
        Hypothesis("m <= exp(g)", at_most(M_, low), "a case", temporary=True),
        Hypothesis("exp(g) < m", below(low, M_), "a case", temporary=True),
    )
    steps = (
        *uniform_steps(),
        *entropy_steps(),
        *convexity_steps(),
        *line_steps(),
        *score_steps(),
        *positive_steps(),
        *odds_steps(),
        Step("psi_j > 0", "a responsibility", positive(PSI), Instance({K: J}), ("psi_k > 0",)),
        *single_steps(),
        *low_steps(),
        *lack_steps(),
        *spread_steps(),
        *tall_steps(),
        *root_steps(),
        *part_steps(),
        *mean_steps(),
    )
    return Script(
        "L-hessian",
        "The Hessian of the forward loss is bounded where the loss is",
        "derived for this project (Theorem L, step 1)",
        hypotheses,
        steps,
        ("bound",),
        ((curvature, "the bound of the Hessian"),),
        "all n >= 2, d, uniform weights",
        (),
        (
            Proposal(
                (HALF, HALF),
                1,
                ((V, ((Fraction(0),), (Fraction(0),))), (U, ((Fraction(1),), (Fraction(0),))),
                 (L0, Fraction(1, 5)), (OMEGA, log(2)), (LOG_M, Fraction(0)), (LOG_TWO, log(2)),
                 (Z1, Fraction(1, 4)), (Z2, Fraction(1, 2)), (Z3, Fraction(1, 4))),
                1e-9,
            ),
        ),
    )  # fmt: skip
