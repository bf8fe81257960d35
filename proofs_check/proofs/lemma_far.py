"""Lemma F': a far component is pushed away, whatever the others do."""

from __future__ import annotations

from fractions import Fraction
from math import log

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.far_words import (
    AXIS,
    B_J,
    BETA,
    FLOOR,
    HALF,
    KAPPA,
    LOG_TWO,
    NU,
    RUN,
    T_IN,
    T_OUT,
    TWICE_PHI,
    T,
    along,
    bracket,
    far_hypotheses,
    level,
    mean_level,
    norm,
    norm_square,
    point_square,
    radial,
    rate_parts,
)
from proofs_check.proofs.identity_i6 import i6
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.oracles.gaussian_integrals import exponential_bound
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics.arithmetic import Cancel, Reciprocal
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import (
    Asked,
    Contracted,
    Generalise,
    Linear,
    RootOf,
    SquareRoot,
)
from proofs_check.proofs.tactics.exponentials import (
    ExponentialGrows,
    ExponentialPositive,
    ExponentialsAgree,
    ExponentialSign,
    LogarithmBound,
    NoOdds,
)
from proofs_check.proofs.tactics.language import (
    D_,
    I_,
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
    inverse,
    log_ratio,
    mean_q,
    nonnegative,
    pi,
    positive,
    psi,
    total,
    v,
)
from proofs_check.proofs.tactics.score_steps import lagrange
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Axiom,
    Cases,
    Combination,
    Derived,
    Instance,
    Lemma,
    Specialise,
    Square,
    Squares,
)
from proofs_check.proofs.tactics.vacuity import Proposal

A2, X2, VX = norm_square(V, J), point_square(X), along(V, J, X)
R = norm(V, J)
LJ, LK, LBAR = level(V, X, J), level(V, X, K), mean_level(V, X)
PSI, PSI_K = psi(V, J), psi(V, K)
#: ``Q = |x|^2/2 - d/2 - 1 + kappa``, what ``psi_j B_j`` is at most beyond ``v_j``.
Q = HALF * X2 - HALF * D_ - 1 + KAPPA
DECAY = exponential(-HALF * A2)
_ZERO, _ONE = number(0), number(1)


def density_steps() -> tuple[Step, ...]:
    """``psi_j (1 + lbar - l_j - kappa) <= 1``: the weights bound the entropy."""
    f = log_ratio(V)
    between = LK - LJ
    tilted = exponential(between)
    rest = exponential(between - KAPPA)
    return (
        Step("density", "psi_j p/q by definition",
             equal(PSI * exponential(f), pi(J) * exponential(LJ)), Axiom("density", (V, J, X))),
        Step("density of k", "the same for k",
             equal(PSI_K * exponential(f), pi(K) * exponential(LK)), Axiom("density", (V, K, X))),
        Step("p/q > 0", "an exponential", positive(exponential(f)), ExponentialPositive()),
        Step("exp(l_k)", "of a sum", equal(exponential(LK), exponential(LJ) * tilted),
             Axiom("exponential of a sum", (LJ, between))),
        Step("odds times p/q", "both densities",
             equal(exponential(f) * (PSI * pi(K) * tilted - PSI_K * pi(J)), 0),
             Derived(), ("density", "density of k", "exp(l_k)")),
        Step("odds", "p/q is divided out", equal(PSI * pi(K) * tilted, PSI_K * pi(J)),
             Cancel("p/q > 0", "odds times p/q"), ("p/q > 0", "odds times p/q")),
        Step("pi_k > 0", "a weight", positive(pi(K)), Axiom("weight", (K,))),
        Step("psi_k > 0", "a responsibility", positive(PSI_K), Axiom("responsibility", (V, K, X))),
        Step("psi_j > 0", "a responsibility", positive(PSI), Axiom("responsibility", (V, J, X))),
        Step("pi_j and pi_k", "for this k", at_most(pi(J), exponential(KAPPA) * pi(K)),
             Specialise((K,)), ("kappa",)),
        Step("exp(kappa) > 0", "an exponential", positive(exponential(KAPPA)),
             ExponentialPositive()),
        Step("exp(l_k - l_j)", "of a sum", equal(tilted, exponential(KAPPA) * rest),
             Axiom("exponential of a sum", (KAPPA, between - KAPPA))),
        shown("odds and kappa", "pi_j <= exp(kappa) pi_k",
              nonnegative(exponential(KAPPA) * pi(K) * (PSI_K - PSI * rest)),
              (1, ("psi_k > 0", "pi_j and pi_k")), using=("odds", "exp(l_k - l_j)")),
        shown("positive factor", "a product", positive(exponential(KAPPA) * pi(K)),
              (1, ("exp(kappa) > 0", "pi_k > 0"))),
        Step("responsibilities", "divided", at_most(PSI * rest, PSI_K),
             Cancel("positive factor", "odds and kappa"), ("positive factor", "odds and kappa")),
        Step("tangent", "of the exponential", at_most(1 + between - KAPPA, rest),
             Axiom("tangent", (between - KAPPA,))),
        Step("psi_k <= 1", "the others are positive", at_most(PSI_K, 1),
             Squares((Square(_ONE, (I_,), 1, (psi(V, I_), 1 - delta(I_, K))),))),
        Step("psi_j <= 1", "the same", at_most(PSI, 1), Instance({K: J}), ("psi_k <= 1",)),
        shown("entropy at k", "log(psi_k/psi_j)", at_most(PSI * (1 + between - KAPPA), 1),
              (1, ("psi_j > 0", "tangent")), (1, ("responsibilities",)), (1, ("psi_k <= 1",))),
        Step("entropy", "averaged over k", at_most(PSI * (1 + LBAR - LJ - KAPPA), 1),
             Average((K,), (PSI_K,)), ("entropy at k",)),
        Step("kappa of j", "for k = j", at_most(pi(J), exponential(KAPPA) * pi(J)),
             Specialise((J,)), ("kappa",)),
        Step("pi_j > 0", "a weight", positive(pi(J)), Axiom("weight", (J,))),
        Step("1 <= exp(kappa)", "divided", at_most(1, exponential(KAPPA)),
             Cancel("pi_j > 0", "kappa of j"), ("pi_j > 0", "kappa of j")),
        Step("exp(0)", "a number", equal(exponential(_ZERO), 1), NoOdds()),
        Step("kappa >= 0", "the logarithm", nonnegative(KAPPA), LogarithmBound("1 <= exp(kappa)"),
             ("1 <= exp(kappa)", "exp(0)")),
    )  # fmt: skip


def ceiling_steps() -> tuple[Step, ...]:
    """``psi_j >= pi_j exp(l_j - |x|^2/2)``, as ``log(p/q) <= |x|^2/2``."""
    f, top = log_ratio(V), exponential(HALF * X2)
    inside = LJ - HALF * X2
    tall = exponential(f)
    return (
        Step("l_j <= |x|^2/2", "|x - v_j|^2 >= 0", at_most(LJ, HALF * X2),
             Squares((Square(entry(X, A) - v(V, J, A), (A,), HALF),))),
        Step("exp(l_j) <= exp(|x|^2/2)", "it grows", at_most(exponential(LJ), top),
             ExponentialGrows(), ("l_j <= |x|^2/2",)),
        shown("psi_j p/q", "times pi_j", at_most(PSI * tall, pi(J) * top),
              (1, ("pi_j > 0", "exp(l_j) <= exp(|x|^2/2)")), using=("density",)),
        Step("p/q", "added over j", at_most(tall, top), Average((J,)), ("psi_j p/q",)),
        Step("exp(l_j - |x|^2/2) >= 0", "an exponential", nonnegative(exponential(inside)),
             ExponentialSign()),
        Step("exp(l_j)", "of a sum", equal(exponential(LJ), top * exponential(inside)),
             Axiom("exponential of a sum", (HALF * X2, inside))),
        shown("psi_j and the ceiling", "times p/q",
              nonnegative(tall * (PSI - pi(J) * exponential(inside))),
              (1, ("pi_j > 0", "exp(l_j - |x|^2/2) >= 0", "p/q")),
              using=("density", "exp(l_j)")),
        Step("psi_j from below", "p/q is divided out", at_most(pi(J) * exponential(inside), PSI),
             Cancel("p/q > 0", "psi_j and the ceiling"), ("p/q > 0", "psi_j and the ceiling")),
    )  # fmt: skip


def side_steps(room: Number = 4) -> tuple[Step, ...]:
    """``T = T+ - T-``, both ``>= 0``; ``T- psi_j B_j <= T- Q`` as beyond ``v_j`` ``Q >= 1``."""
    zero = _ZERO
    near, beyond = ("T+ near", "T- near"), ("T+ beyond", "T- beyond")
    taken = T_OUT * PSI * B_J

    def by_cases(name: str, why: str, goal: Term, first: Step, second: Step) -> tuple[Step, ...]:
        whole = Step(name, why, goal, Cases(zero, T, first.name, second.name),
                     (first.name, second.name))  # fmt: skip
        return first, second, whole

    def both(name: str, why: str, goal: Term, sign: str) -> tuple[Step, ...]:
        sides = []
        for where, premise, used in (("near", "near side", near), ("beyond", "far side", beyond)):
            rows = ((1, (premise,)),) if where == sign else ()
            sides.append(shown(f"{name} {where}", why, goal, *rows, using=used))
        return by_cases(name, why, goal, *sides)

    def same(name: str, why: str, goal: Term) -> tuple[Step, ...]:
        sides = [
            Step(f"{name} {where}", why, goal, Derived(), used)
            for where, used in (("near", near), ("beyond", beyond))
        ]
        return by_cases(name, why, goal, *sides)

    return (
        Step("T+ near", "v_j.x <= |v_j|^2", equal(T_IN, T),
             Axiom("first case", (zero, T, T, zero)), ("near side",)),
        Step("T- near", "the same", equal(T_OUT, 0),
             Axiom("first case", (zero, T, zero, -T)), ("near side",)),
        Step("T+ beyond", "v_j.x > |v_j|^2", equal(T_IN, 0),
             Axiom("second case", (zero, T, T, zero)), ("far side",)),
        Step("T- beyond", "the same", equal(T_OUT, -T),
             Axiom("second case", (zero, T, zero, -T)), ("far side",)),
        *both("T+ >= 0", "a positive part", nonnegative(T_IN), "near"),
        *both("T- >= 0", "a negative part", nonnegative(T_OUT), "beyond"),
        *same("T", "T+ - T-", equal(T, T_IN - T_OUT)),
        *same("T- T", "-(T-)^2", equal(T_OUT * T, -(T_OUT**2))),
        Step("B_j", "|x - v_j|^2 = |x|^2 - 2 l_j, and its mean",
             equal(B_J, HALF * X2 - LJ + LBAR - HALF * D_ - 1), Derived()),
        Step("(v_j.x)^2", "Cauchy and Schwarz", at_most(VX**2, A2 * X2),
             Squares((lagrange(lambda a: v(V, J, a), lambda a: entry(X, a)),))),
        Step("v_j.x", "by definition", equal(VX, A2 - T), Derived()),
        Step("d >= 1", "a dimension", at_most(1, D_), Axiom("coordinates")),
        shown("|v_j|^2 > 0", "v_j is far", positive(A2),
              (1, ("far",)), (1, ("d >= 1",)), (1 + Fraction(room), ())),
        shown("|v_j|^2 (|x|^2 - |v_j|^2)", "(v_j.x)^2 >= |v_j|^4",
              nonnegative(A2 * (X2 - A2)),
              (1, ("(v_j.x)^2",)), (2, ("|v_j|^2 > 0", "far side")), (1, (), (T,)),
              using=("v_j.x",)),
        Step("|x| beyond v_j", "divided", at_most(A2, X2),
             Cancel("|v_j|^2 > 0", "|v_j|^2 (|x|^2 - |v_j|^2)"),
             ("|v_j|^2 > 0", "|v_j|^2 (|x|^2 - |v_j|^2)")),
        shown("Q >= 1", "|x|^2 >= d + 4", at_most(1, Q),
              (HALF, ("|x| beyond v_j",)), (HALF, ("far",)), (1, ("kappa >= 0",)),
              (HALF * Fraction(room) - 2, ())),
        shown("T- psi_j B_j beyond", "Q - 1 >= 0 and psi_j <= 1", at_most(taken, T_OUT * Q),
              (1, ("T- >= 0", "entropy")), (1, ("T- >= 0", "Q >= 1", "psi_j <= 1")),
              using=("B_j",)),
        Step("T- psi_j B_j near", "0 = 0", at_most(taken, T_OUT * Q),
             Combination(), ("T- near",)),
        Step("T- psi_j B_j", "by cases", at_most(taken, T_OUT * Q),
             Cases(zero, T, "T- psi_j B_j near", "T- psi_j B_j beyond"),
             ("T- psi_j B_j near", "T- psi_j B_j beyond")),
    )  # fmt: skip


def integral_steps(room: Number, moments: tuple[Number, Number, Number]) -> tuple[Step, ...]:
    """Means of ``T+`` and of ``T- Q``: Gaussian integrals."""
    bound = exponential_bound(V, J, PSI, X, pi(J))
    tails = [mean_q(T_OUT**power) for power in (1, 2, 3)]
    flat = [HALF * Fraction(most) * TWICE_PHI * DECAY for most in moments]
    coefficient = HALF * A2**2 + (KAPPA - Fraction(3, 2)) * A2
    polynomial = HALF * A2**2 + (KAPPA + HALF) * A2 + 3
    return (
        Step("psi_j at x", "written out", bound, Combination(((1, ("psi_j from below",)),)),
             ("psi_j from below",)),
        Step("psi_j at every x", "for every point", every(bound, X), Generalise((X,)),
             ("psi_j at x",)),
        Step("near integral", "a Gaussian integral, halfway between 0 and v_j",
             at_most(HALF * pi(J) * A2 * FLOOR, mean_q(PSI * T_IN)),
             Asked("near half-space", (V, J, PSI, X, pi(J), LOG_TWO), "classical result",
                   ("psi_j at every x",)),
             ("psi_j at every x", "pi_j > 0", "log 2")),
        *(Step(f"tail {power}", "a Gaussian tail", at_most(R * tails[power - 1], flat[power - 1]),
               Asked("tail moment", (V, J, AXIS, power), "classical result"))
          for power in (1, 2, 3)),
        Step("across", "what is across v_j is independent",
             equal(A2 * mean_q(T_OUT * X2), mean_q(T_OUT * VX**2) + (D_ - 1) * A2 * tails[0]),
             Asked("across", (V, J), "classical result")),
        Step("T- (v_j.x)^2", "v_j.x = |v_j|^2 + T- where T- is not 0",
             equal(T_OUT * VX**2, A2**2 * T_OUT + 2 * A2 * T_OUT**2 + T_OUT**3),
             Derived(), ("T- T", "v_j.x")),
        Step("its mean", "averaged",
             equal(mean_q(T_OUT * VX**2), A2**2 * tails[0] + 2 * A2 * tails[1] + tails[2]),
             Average((TEACHER,)), ("T- (v_j.x)^2",)),
        shown("|v_j|^2 >= 0", "positive", nonnegative(A2), (1, ("|v_j|^2 > 0",))),
        Step("|v_j| and its square", "a root", equal(R**2, A2), RootOf(A2), ("|v_j|^2 >= 0",)),
        Step("|v_j| >= 0", "a root", nonnegative(R), RootOf(A2), ("|v_j|^2 >= 0",)),
        Step("mean of T- Q", "the mean, times |v_j|^2",
             equal(A2 * mean_q(T_OUT * Q),
                   coefficient * tails[0] + A2 * tails[1] + HALF * tails[2]),
             Derived(), ("across", "its mean")),
        shown("coefficient", "|v_j|^2 >= d + 4", nonnegative(coefficient),
              (HALF, ("|v_j|^2 > 0", "far")), (HALF, ("|v_j|^2 > 0", "d >= 1")),
              (1, ("|v_j|^2 > 0", "kappa >= 0")),
              (HALF * Fraction(room) - 1, ("|v_j|^2 > 0",))),
        shown("far integral", "all three tails",
              at_most(R * A2 * mean_q(T_OUT * Q), HALF * TWICE_PHI * DECAY * polynomial),
              (1, ("coefficient", "tail 1")), (1, ("|v_j|^2 >= 0", "tail 2")), (HALF, ("tail 3",)),
              using=("mean of T- Q",)),
    )  # fmt: skip


def lemma_steps(room: Number = 4) -> tuple[Step, ...]:
    """``pi_j |v_j|^2 2^(-d/2) exp(-|v_j|^2/4) (beta - nu) <= -v_j.grad_j L``."""
    one, weight = inverse(R), inverse(pi(J))
    pulled, pushed = mean_q(PSI * T_IN * B_J), mean_q(PSI * T_OUT * B_J)
    taken = mean_q(T_OUT * Q)
    growth = exponential(HALF * D_ * LOG_TWO - Fraction(1, 4) * A2)
    rise, terms = rate_parts(R, KAPPA)
    lost = TWICE_PHI * DECAY * A2 * terms
    return (
        Step("I6", "the gradient by distances",
             equal(RUN.gradient(V, J, A),
                   2 * mean_q(PSI * (entry(X, A) - v(V, J, A)) * B_J)), Lemma(i6, "I6")),
        Step("summed", "times v_j",
             equal(total(v(V, J, A) * RUN.gradient(V, J, A), A), -2 * mean_q(PSI * T * B_J)),
             Contracted("I6", v(V, J, A), (A,)), ("I6",)),
        Step("v_j.grad_j L", "by definition", equal(radial(V, J), -2 * mean_q(PSI * T * B_J)),
             Derived(), ("summed",)),
        Step("parts at x", "T = T+ - T-",
             equal(PSI * T * B_J, PSI * T_IN * B_J - PSI * T_OUT * B_J), Derived(), ("T",)),
        Step("parts", "averaged", equal(mean_q(PSI * T * B_J), pulled - pushed),
             Average((TEACHER,)), ("parts at x",)),
        Step("beta at x", "at this point", at_most(BETA, B_J), Specialise((X,)), ("beta",)),
        shown("psi_j T+ B_j", "B_j >= beta", at_most(BETA * PSI * T_IN, PSI * T_IN * B_J),
              (1, ("psi_j > 0", "T+ >= 0", "beta at x"))),
        Step("its mean near", "averaged", at_most(BETA * mean_q(PSI * T_IN), pulled),
             Average((TEACHER,)), ("psi_j T+ B_j",)),
        Step("its mean beyond", "averaged", at_most(pushed, taken), Average((TEACHER,)),
             ("T- psi_j B_j",)),
        shown("1 <= |v_j|^2", "v_j is far", at_most(1, A2),
              (1, ("far",)), (1, ("d >= 1",)), (Fraction(room), ())),
        Step("1 <= |v_j|", "its root", at_most(1, R), SquareRoot("1 <= |v_j|^2", "|v_j| >= 0"),
             ("1 <= |v_j|^2", "|v_j| >= 0", "|v_j| and its square")),
        shown("|v_j| > 0", "positive", positive(R), (1, ("1 <= |v_j|",)), (1, ())),
        Step("1/|v_j|", "the reciprocal", equal(R * one, 1), Reciprocal(), ("|v_j| > 0",)),
        shown("1/|v_j| >= 0", "positive", nonnegative(one), (1, ("|v_j| >= 0",), (one,)),
              using=("1/|v_j|",)),
        shown("far mean", "divided by |v_j|^3", at_most(taken, HALF * lost),
              (1, ("1/|v_j| >= 0", "far integral"), (one,)),
              using=("1/|v_j|", "|v_j| and its square")),
        shown("pushed", "the near side and the far side",
              at_most(pi(J) * A2 * FLOOR * BETA - lost, -radial(V, J)),
              (2, ("its mean near",)), (2, ("its mean beyond",)),
              (2, ("beta >= 0", "near integral")), (2, ("far mean",)),
              using=("v_j.grad_j L", "parts")),
        Step("growth", "the same exponent", equal(rise, growth), ExponentialsAgree(),
             ("|v_j| and its square",)),
        Step("floor and decay", "of a sum", equal(DECAY, FLOOR * growth),
             Axiom("exponential of a sum", (HALF * -HALF * A2 - HALF * D_ * LOG_TWO,
                                            HALF * D_ * LOG_TWO - HALF * HALF * A2))),
        Step("1/pi_j", "the reciprocal", equal(pi(J) * weight, 1), Reciprocal(), ("pi_j > 0",)),
        Step("nu_j", "by definition", equal(NU, TWICE_PHI * rise * weight * terms), Derived()),
        Step("what is lost", "2^(-d/2) exp(-|v_j|^2/4) times nu_j",
             equal(pi(J) * A2 * FLOOR * NU, lost),
             Linear(((pi(J) * A2 * FLOOR, "nu_j"),
                     (pi(J) * A2 * FLOOR * TWICE_PHI * weight * terms, "growth"),
                     (-pi(J) * A2 * TWICE_PHI * weight * terms, "floor and decay"),
                     (A2 * TWICE_PHI * DECAY * terms, "1/pi_j"))),
             ("nu_j", "growth", "floor and decay", "1/pi_j")),
        shown("lemma", "together", at_most(pi(J) * A2 * FLOOR * (BETA - NU), -radial(V, J)),
              (1, ("pushed",)), using=("what is lost",)),
    )  # fmt: skip


def lemma_far(
    *,
    room: Number = 4,
    moments: tuple[Number, Number, Number] = (1, 2, 6),
) -> Script:
    """Lemma F', with constants that can be changed to see the proof fail.

    Parameters
    ----------
    room : number
        ``|v_j|^2 >= d + room``.
    moments : tuple of number
        ``k!``, of the Gaussian tails.

    Examples
    --------
    >>> lemma_far().scope
    'all n, d, weights, all other components'
    """
    pointwise = every(at_most(BETA, B_J), X)
    hypotheses = (
        *far_hypotheses(room),
        Hypothesis("beta >= 0", nonnegative(BETA), "a bound from below"),
        Hypothesis("beta", pointwise, "B_j is at least beta"),
        Hypothesis("near side", at_most(0, T), "where v_j.x <= |v_j|^2", temporary=True),
        Hypothesis("far side", below(T, 0), "beyond v_j", temporary=True),
    )
    steps = (
        *density_steps(),
        *ceiling_steps(),
        *side_steps(room),
        *integral_steps(room, moments),
        *lemma_steps(room),
    )
    return Script(
        "F-far",
        "A component far from the truth is pushed away, wherever the others are",
        "derived for this project (Lemma F')",
        hypotheses,
        steps,
        ("lemma",),
        (
            (bracket, "half the gap of squared distances: positive where v_j is pushed away"),
            (radial, "negative where the component moves away from the truth"),
        ),
        "all n, d, weights, all other components",
        ("beta: Lemma L bounds B_j from below by the loss alone",),
        (
            Proposal(
                (HALF, HALF),
                1,
                ((V, ((Fraction(0),), (Fraction(6),))), (J, 1), (AXIS, 0), (BETA, Fraction(2)),
                 (KAPPA, Fraction(1, 10)), (LOG_TWO, log(2))),
                1e-9,
            ),
        ),
    )  # fmt: skip
