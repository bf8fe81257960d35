"""Lemma V: what components far from the truth do to the gradient of one that is near it."""

from __future__ import annotations

from fractions import Fraction

import sympy

from proofs_check.proofs.cluster_tactics import Row, shown
from proofs_check.proofs.far_words import AXIS, HALF, TWICE_PHI, level
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.oracles.odds_integral import Pair, odds_bound
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.near_words import (
    APART,
    B_K,
    BESIDE_PRODUCT,
    BESIDE_TRIPLE,
    DECAY,
    DENSITY,
    EPS,
    FAR2,
    LEAST_FAR,
    MOST_PRODUCT,
    MOST_SHARE,
    MOST_TRIPLE,
    NEAR2,
    OTHERS,
    PRODUCT,
    R_K,
    ROOM,
    SHARE,
    TRIPLE,
    G,
    P,
    S,
    Y,
    distance_square,
    drift,
    inner_near,
    near_hypotheses,
    offset,
    offset_near,
    offset_pull,
    offset_square,
    polynomial,
    pull,
    pull_at,
    pull_far,
    pull_near,
    pull_square,
    rows_of,
    share_at,
)
from proofs_check.proofs.tactics.bounds import (
    Asked,
    Contracted,
    Generalise,
    Linear,
    RootOf,
    SquareRoot,
)
from proofs_check.proofs.tactics.exponentials import ExponentialPositive, ExponentialSign
from proofs_check.proofs.tactics.language import (
    I_,
    N_,
    A,
    B,
    J,
    K,
    V,
    X,
    at_most,
    delta,
    entry,
    equal,
    every,
    exponential,
    log_ratio,
    mean_q,
    nonnegative,
    pi,
    positive,
    psi,
    root,
    total,
    v,
)
from proofs_check.proofs.tactics.score import m
from proofs_check.proofs.tactics.score_steps import lagrange
from proofs_check.proofs.tactics.script import Script, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Average,
    Axiom,
    Cancel,
    Combination,
    Derived,
    Instance,
    Specialise,
    Square,
    Squares,
)
from proofs_check.proofs.tactics.vacuity import Proposal

F = log_ratio(V)
L_I, L_K = level(V, X, I_), level(V, X, K)
ODDS = exponential(L_K - L_I)
_ONE = number(1)
D2, B2 = pull_square(V, I_), distance_square(V, I_, K)
DX, DV, DW = pull_at(V, I_, X), pull_near(V, I_), pull_far(V, I_, K)
VW = inner_near(V, I_, K)
OFF2, OFFV, OFFD = offset_square(V, X, I_), offset_near(V, X, I_), offset_pull(V, X, I_)
#: ``Delta.m``.
ALONG = OFF2 + OFFV


def odds_steps() -> tuple[Step, ...]:
    """``psi_k = r psi_i``, and ``psi_i (1 + r) <= 1`` for ``k`` other than ``i``."""
    return (
        Step("density of k", "psi_k p/q by definition",
             equal(S * exponential(F), pi(K) * exponential(L_K)), Axiom("density", (V, K, X))),
        Step("density of i", "for i", equal(P * exponential(F), pi(I_) * exponential(L_I)),
             Instance({K: I_}), ("density of k",)),
        Step("uniform k", "for this k", equal(N_ * pi(K), 1), Specialise((K,)), ("uniform",)),
        Step("uniform i", "for i", equal(N_ * pi(I_), 1), Specialise((I_,)), ("uniform",)),
        Step("exp(l_k)", "of a sum", equal(exponential(L_K), exponential(L_I) * ODDS),
             Axiom("exponential of a sum", (L_I, L_K - L_I))),
        Step("odds times p/q", "both densities",
             equal(N_ * exponential(F) * (S - P * ODDS), 0), Derived(),
             ("density of k", "density of i", "uniform k", "uniform i", "exp(l_k)")),
        Step("p/q > 0", "an exponential", positive(exponential(F)), ExponentialPositive()),
        Step("n >= 1", "a number of components", at_most(1, N_), Axiom("components")),
        shown("n p/q > 0", "a product", positive(N_ * exponential(F)),
              (1, ("n >= 1", "p/q > 0")), (1, ("p/q > 0",))),
        Step("odds", "p/q is divided out", equal(S, P * ODDS),
             Cancel("n p/q > 0", "odds times p/q"), ("n p/q > 0", "odds times p/q")),
        Step("r >= 0", "an exponential", nonnegative(ODDS), ExponentialSign()),
        Step("psi_i > 0", "a responsibility", positive(P), Axiom("responsibility", (V, I_, X))),
        Step("apart >= 0", "its own square", nonnegative(APART), Squares((Square(APART),))),
        Step("others of both", "the others are positive", nonnegative(APART * (1 - P - S)),
             Squares((Square(_ONE, (J,), 1,
                             (psi(V, J), 1 - delta(I_, J), 1 - delta(K, J), APART)),))),
        Step("odds apart", "times 1 - delta", equal(APART * S, APART * P * ODDS),
             Linear(((APART, "odds"),)), ("odds",)),
        shown("room", "psi_i (1 + r) <= 1", nonnegative(APART * (1 - P * (1 + ODDS))),
              (1, ("others of both",)), using=("odds apart",)),
    )  # fmt: skip


def _odds(
    name: str, why: str, beside: Term, coefficients: tuple[Fraction, ...], *rows: Row
) -> tuple[Step, ...]:
    """``(1 - delta) psi_k`` times what is beside it, as a function of the odds, at every point."""
    scale = (1 + ODDS) ** len(coefficients)
    by_odds, function = APART * P * ODDS * beside, APART * S * beside
    most = APART * sum((number(c) * ODDS**p for p, c in enumerate(coefficients, 1)), number(0))
    bound = odds_bound(Pair(V, I_, K, X), function, coefficients)
    return (
        shown(f"{name} by odds", why, at_most(by_odds * scale, most), *rows),
        Step(f"{name} and odds", "psi_k = r psi_i", equal(function * scale, by_odds * scale),
             Linear(((beside * scale, "odds apart"),)), ("odds apart",)),
        Step(name, "together", bound, Combination(((1, (f"{name} by odds",)),)),
             (f"{name} by odds", f"{name} and odds")),
        Step(f"{name} at every x", "for every point", every(bound, X), Generalise((X,)), (name,)),
    )  # fmt: skip


def function_steps() -> tuple[Step, ...]:
    """``psi_k``, ``psi_i psi_k`` and ``psi_i psi_k (1 - psi_i)`` by the odds."""
    u = P * (1 + ODDS)
    gap = u - Fraction(2, 3)
    return (
        shown("u >= 0", "a product", nonnegative(u), (1, ("psi_i > 0",)),
              (1, ("psi_i > 0", "r >= 0"))),
        *_odds("share", "psi_k <= r/(1 + r)", _ONE, SHARE, (1, ("r >= 0", "room"))),
        *_odds("product", "psi_i psi_k <= r/(1 + r)^2", P, PRODUCT,
               (1, ("r >= 0", "room")), (1, ("r >= 0", "room", "u >= 0"))),
        *_odds("triple", "u^2 (1 - u) <= 4/27", P * OTHERS, TRIPLE,
               (1, ("apart >= 0", "r >= 0", "u >= 0"), (gap,)),
               (Fraction(1, 3), ("apart >= 0", "r >= 0"), (gap,)),
               (1, ("room", "room"), (ODDS,)), (2, ("room", "room", "u >= 0"), (ODDS,)),
               (2, ("room", "r >= 0"), (ODDS,)), (1, ("room", "r >= 0", "u >= 0"), (ODDS,)),
               (1, ("room", "room", "r >= 0", "u >= 0"), (ODDS,)),
               (1, ("room",), (ODDS**2,)), (1, ("room", "u >= 0"), (ODDS**2,))),
    )  # fmt: skip


def length_steps() -> tuple[Step, ...]:
    """Roots of squares, and ``|v_k| - eps <= b_k <= |v_k| + eps``."""

    def d(a: Term) -> Term:
        return pull(V, I_, a)

    def near(a: Term) -> Term:
        return v(V, I_, a)

    def w(a: Term) -> Term:
        return v(V, K, a) - v(V, I_, a)

    def length(name: str, of: Term, entry: Term) -> tuple[Step, ...]:
        return (
            Step(f"{name}^2 >= 0", "squares", nonnegative(of), Squares((Square(entry, (A,)),))),
            Step(f"{name} squared", "a root", equal(root(of) ** 2, of), RootOf(of),
                 (f"{name}^2 >= 0",)),
            Step(f"{name} >= 0", "a root", nonnegative(root(of)), RootOf(of), (f"{name}^2 >= 0",)),
        )  # fmt: skip

    def below_both(
        name: str, inner: Term, square: tuple[Step, ...], most: Term, sign: str, *used: str
    ) -> tuple[Step, ...]:
        """``inner`` and ``-inner`` are at most ``most``, by their square."""
        *first, last = square
        return (
            *first, last,
            *(Step(f"{name}{mark}", "its root", at_most(one, most),
                   SquareRoot(last.name, sign), (last.name, sign, *used))
              for mark, one in (("", inner), (" negated", -inner))),
        )  # fmt: skip

    def product(name: str, inner: Term, first: Term, second: Term, pair: Square) -> Step:
        return Step(f"({name})^2", "Cauchy and Schwarz", at_most(inner**2, first * second),
                    Squares((pair,)))  # fmt: skip

    return (
        *length("|D|", D2, d(A)),
        *length("b", B2, w(A)),
        *length("|v_k|", FAR2, v(V, K, A)),
        shown("|D| eps >= 0", "a product", nonnegative(Y * EPS), (1, ("|D| >= 0", "eps >= 0"))),
        shown("|D| b >= 0", "a product", nonnegative(Y * B_K), (1, ("|D| >= 0", "b >= 0"))),
        shown("b eps >= 0", "a product", nonnegative(B_K * EPS), (1, ("b >= 0", "eps >= 0"))),
        product("D.v_i", DV, D2, NEAR2, lagrange(d, near)),
        *below_both("D.v_i", DV, (shown("(D.v_i)^2 and eps", "|v_i| <= eps",
                                        at_most(DV**2, (Y * EPS) ** 2), (1, ("(D.v_i)^2",)),
                                        (1, ("|D|^2 >= 0", "near")), using=("|D| squared",)),),
                    Y * EPS, "|D| eps >= 0"),
        product("D.w", DW, D2, B2, lagrange(d, w)),
        *below_both("D.w", DW, (shown("(D.w)^2 and b", "the same",
                                      at_most(DW**2, (Y * B_K) ** 2), (1, ("(D.w)^2",)),
                                      using=("|D| squared", "b squared")),),
                    Y * B_K, "|D| b >= 0"),
        product("v_i.w", VW, NEAR2, B2, lagrange(near, w)),
        *below_both("v_i.w", VW, (shown("(v_i.w)^2 and b", "|v_i| <= eps",
                                        at_most(VW**2, (B_K * EPS) ** 2), (1, ("(v_i.w)^2",)),
                                        (1, ("b^2 >= 0", "near")), using=("b squared",)),),
                    B_K * EPS, "b eps >= 0"),
        Step("v_k", "v_i + w", equal(FAR2, NEAR2 + 2 * VW + B2), Derived()),
        shown("|v_k|^2 and b", "|v_i| <= eps", at_most(R_K**2, (B_K + EPS) ** 2),
              (1, ("near",)), (2, ("v_i.w",)), using=("v_k", "|v_k| squared", "b squared")),
        shown("b + eps >= 0", "a sum", nonnegative(B_K + EPS), (1, ("b >= 0",)),
              (1, ("eps >= 0",))),
        Step("|v_k| <= b + eps", "its root", at_most(R_K, B_K + EPS),
             SquareRoot("|v_k|^2 and b", "b + eps >= 0"), ("|v_k|^2 and b", "b + eps >= 0")),
        Step("(v_i.v_k)^2", "Cauchy and Schwarz", at_most((VW + NEAR2) ** 2, NEAR2 * FAR2),
             Squares((lagrange(near, lambda a: v(V, K, a)),))),
        shown("(v_i.v_k)^2 and eps", "|v_i| <= eps", at_most((-VW - NEAR2) ** 2, (EPS * R_K) ** 2),
              (1, ("(v_i.v_k)^2",)), (1, ("|v_k|^2 >= 0", "near")), using=("|v_k| squared",)),
        shown("eps |v_k| >= 0", "a product", nonnegative(EPS * R_K),
              (1, ("eps >= 0", "|v_k| >= 0"))),
        Step("v_i.v_k", "its root", at_most(-VW - NEAR2, EPS * R_K),
             SquareRoot("(v_i.v_k)^2 and eps", "eps |v_k| >= 0"),
             ("(v_i.v_k)^2 and eps", "eps |v_k| >= 0")),
        shown("b^2 and |v_k|", "|v_i| <= eps", at_most(B_K**2, (R_K + EPS) ** 2),
              (1, ("near",)), (2, ("v_i.v_k",)), using=("v_k", "|v_k| squared", "b squared")),
        shown("|v_k| + eps >= 0", "a sum", nonnegative(R_K + EPS), (1, ("|v_k| >= 0",)),
              (1, ("eps >= 0",))),
        Step("b <= |v_k| + eps", "its root", at_most(B_K, R_K + EPS),
             SquareRoot("b^2 and |v_k|", "|v_k| + eps >= 0"),
             ("b^2 and |v_k|", "|v_k| + eps >= 0")),
        Step("far", "for this k", at_most(LEAST_FAR**2 * APART, FAR2), Specialise((K,)),
             ("far for all",)),
        shown("4 apart squared", "0 or 1", at_most((LEAST_FAR * APART) ** 2, R_K**2),
              (1, ("far",)), using=("|v_k| squared",)),
        Step("4 apart", "its root", at_most(LEAST_FAR * APART, R_K),
             SquareRoot("4 apart squared", "|v_k| >= 0"), ("4 apart squared", "|v_k| >= 0")),
        shown("z", "|v_k| - eps", nonnegative(APART * (ROOM - (LEAST_FAR - HALF))),
              (1, ("apart >= 0", "4 apart")), (1, ("apart >= 0", "eps <= 1/2"))),
    )  # fmt: skip


MEAN_S = mean_q(APART * S)
MEAN_PS, MEAN_PSG = mean_q(APART * P * S), mean_q(APART * P * S * G)
MEAN_PSO, MEAN_PSOG = mean_q(APART * P * S * OTHERS), mean_q(APART * P * S * OTHERS * G)


def integral_steps() -> tuple[Step, ...]:
    """``b_k`` times the means of the three functions, and of two of them times ``|D.x|``."""
    half = HALF * ROOM

    def asked(
        name: str,
        goal: Term,
        function: Term,
        of: str,
        coefficients: tuple[Fraction, ...],
        most: Fraction,
        *towards: object,
    ) -> Step:
        given = ((V, I_, K, X), function, coefficients, EPS, AXIS, most, *towards)
        return Step(
            name,
            "an integral over the odds",
            goal,
            Asked("odds integral", given, "ball cover", (f"{of} at every x",)),
            (f"{of} at every x", "uniform", "eps >= 0", "eps <= 1/2", "near", "far"),
        )

    def towards(beside: Fraction) -> tuple[Term, Term, Fraction]:
        return pull(V, I_, A), A, beside

    scale = APART * DENSITY
    return (
        asked("mean of the share", at_most(B_K * MEAN_S, MOST_SHARE * scale), APART * S * _ONE,
              "share", SHARE, MOST_SHARE),
        asked("mean of the product", at_most(B_K * MEAN_PS, MOST_PRODUCT * scale), APART * S * P,
              "product", PRODUCT, MOST_PRODUCT),
        asked("mean of the triple", at_most(B_K * MEAN_PSO, MOST_TRIPLE * scale),
              APART * S * (P * OTHERS), "triple", TRIPLE, MOST_TRIPLE),
        asked("product and |D.x|",
              at_most(B_K * MEAN_PSG, Y * scale * (MOST_PRODUCT * half + BESIDE_PRODUCT)),
              APART * S * P, "product", PRODUCT, MOST_PRODUCT, towards(BESIDE_PRODUCT)),
        asked("triple and |D.x|",
              at_most(B_K * MEAN_PSOG, Y * scale * (MOST_TRIPLE * half + BESIDE_TRIPLE)),
              APART * S * (P * OTHERS), "triple", TRIPLE, MOST_TRIPLE, towards(BESIDE_TRIPLE)),
    )  # fmt: skip


#: ``sum_k psi_k b_k`` and ``sum_k psi_k b_k^2`` over the others.
SUM_B, SUM_B2 = total(APART * S * B_K, K), total(APART * S * B2, K)


#: The integrand of ``D.D/2``, and what it is at most.
REACH = OTHERS * SUM_B2 + EPS * SUM_B
WHOLE = -OTHERS * DV + P * OFFD - P * ALONG * (DX - DV)
MOST_WHOLE = OTHERS * Y * EPS + P * Y * SUM_B + P * REACH * (G + Y * EPS)


def point_steps() -> tuple[Step, ...]:
    """The integrand of ``D.D`` at every point, from above."""
    near_x, most_x = DX - DV, G + Y * EPS
    w_k, w_j = (v(V, k, A) - v(V, I_, A) for k in (K, J))
    apart_j = 1 - delta(I_, J)
    integrand = (
        -OTHERS * v(V, I_, A)
        + P * offset(V, X, I_, A)
        - P * total(offset(V, X, I_, B) * m(V, X, B), B) * (entry(X, A) - v(V, I_, A))
    )
    return (
        Step("gradient", "of the forward loss", equal(pull(V, I_, A), 2 * mean_q(integrand)),
             Derived()),
        Step("D.D", "times D, summed", equal(D2, 2 * mean_q(WHOLE)),
             Contracted("gradient", pull(V, I_, A), (A,)), ("gradient",)),
        Step("1 - psi_i >= 0", "the others are positive", nonnegative(OTHERS),
             Squares((Square(_ONE, (K,), 1, (S, APART)),))),
        Step("|Delta|^2", "Cauchy and Schwarz", at_most(OFF2, OTHERS * SUM_B2),
             Squares((Square(w_k - w_j, (A, K, J), HALF,
                             (S, APART, psi(V, J), apart_j)),))),
        Step("Delta.v_i", "averaged over k", at_most(OFFV, EPS * SUM_B),
             Average((K,), (S, APART)), ("v_i.w",)),
        Step("-Delta.v_i", "averaged over k", at_most(-OFFV, EPS * SUM_B),
             Average((K,), (S, APART)), ("v_i.w negated",)),
        Step("Delta.D", "averaged over k", at_most(OFFD, Y * SUM_B),
             Average((K,), (S, APART)), ("D.w",)),
        Step("|Delta|^2 >= 0", "squares", nonnegative(OFF2),
             Squares((Square(offset(V, X, I_, A), (A,)),))),
        shown("Delta.m", "from above", at_most(ALONG, REACH), (1, ("|Delta|^2",)),
              (1, ("Delta.v_i",))),
        shown("-Delta.m", "from below", at_most(-ALONG, REACH), (1, ("|Delta|^2",)),
              (2, ("|Delta|^2 >= 0",)), (1, ("-Delta.v_i",))),
        Step("(D.x)^2 >= 0", "a square", nonnegative(DX**2), Combination((), ((1, DX),))),
        Step("|D.x| squared", "a root", equal(G**2, DX**2), RootOf(DX**2), ("(D.x)^2 >= 0",)),
        Step("|D.x| >= 0", "a root", nonnegative(G), RootOf(DX**2), ("(D.x)^2 >= 0",)),
        shown("(D.x)^2", "the same", at_most(DX**2, G**2), using=("|D.x| squared",)),
        *(Step(f"D.x{mark}", "at most its size", at_most(one, G),
               SquareRoot("(D.x)^2", "|D.x| >= 0"), ("(D.x)^2", "|D.x| >= 0"))
          for mark, one in (("", DX), (" negated", -DX))),
        shown("D.(x - v_i)", "from above", at_most(near_x, most_x), (1, ("D.x",)),
              (1, ("D.v_i negated",))),
        shown("-D.(x - v_i)", "from below", at_most(-near_x, most_x), (1, ("D.x negated",)),
              (1, ("D.v_i",))),
        shown("product of both", "(Delta.m)(D.(x - v_i))",
              at_most(-P * ALONG * near_x, P * REACH * most_x),
              (HALF, ("psi_i > 0", "Delta.m", "D.(x - v_i)")),
              (HALF, ("psi_i > 0", "-Delta.m", "-D.(x - v_i)"))),
        shown("at x", "all three",
              at_most(WHOLE, MOST_WHOLE),
              (1, ("1 - psi_i >= 0", "D.v_i negated")), (1, ("psi_i > 0", "Delta.D")),
              (1, ("product of both",))),
    )  # fmt: skip


def mean_steps() -> tuple[Step, ...]:
    """``|D|^2`` is at most twice a sum of means over the others."""

    def each(square: Term) -> Term:
        return (
            Y * EPS * MEAN_S + Y * (1 + EPS**2) * B_K * MEAN_PS + square * by_square
            + EPS * B_K * MEAN_PSG
        )  # fmt: skip

    by_square = MEAN_PSOG + Y * EPS * MEAN_PSO
    least = LEAST_FAR - HALF
    scale, height = APART * DENSITY, HALF * ROOM
    axis = entry(X, AXIS)
    most_k = Y * scale * polynomial(ROOM)
    far = ("|D| >= 0", "density >= 0", "b <= |v_k| + eps")
    whole = drift(V, I_, EPS, AXIS)
    return (
        Step("averaged", "over x", at_most(mean_q(WHOLE), mean_q(MOST_WHOLE)),
             Average((TEACHER,)), ("at x",)),
        Step("as a sum", "over the others", equal(mean_q(MOST_WHOLE), total(each(B2), K)),
             Derived()),
        shown("|D|^2", "together", at_most(D2, 2 * total(each(B2), K)), (2, ("averaged",)),
              using=("D.D", "as a sum")),
        Step("psi_k > 0", "a responsibility", positive(S), Axiom("responsibility", (V, K, X))),
        shown("share >= 0", "a product", nonnegative(APART * S), (1, ("apart >= 0", "psi_k > 0"))),
        Step("E psi_k >= 0", "a mean", nonnegative(MEAN_S), Average((TEACHER,)), ("share >= 0",)),
        Step("x_b^2 >= 0", "a square", nonnegative(axis**2), Combination((), ((1, axis),))),
        Step("|x_b| >= 0", "a root", nonnegative(root(axis**2)), RootOf(axis**2), ("x_b^2 >= 0",)),
        Step("2 phi(0) >= 0", "2 phi(0) = E_q|x_b|", nonnegative(TWICE_PHI),
             Average((TEACHER,)), ("|x_b| >= 0",)),
        Step("exponential > 0", "a value", positive(DECAY), ExponentialPositive()),
        shown("density >= 0", "a product", nonnegative(DENSITY),
              (HALF, ("2 phi(0) >= 0", "exponential > 0"))),
        shown("E psi_k", "b_k >= 7/2", at_most(least * MEAN_S, MOST_SHARE * scale),
              (1, ("mean of the share",)), (1, ("|v_k| <= b + eps", "E psi_k >= 0")),
              (1, ("z", "E psi_k >= 0"))),
        shown("height >= 0", "positive",
              nonnegative(APART * (MOST_TRIPLE * height + BESIDE_TRIPLE)),
              (MOST_TRIPLE * HALF, ("z",)),
              (MOST_TRIPLE * HALF * least + BESIDE_TRIPLE, ("apart >= 0",))),
        Step("each by b", "b_k^2", equal(each(B2), each(B_K**2)),
             Linear(((-by_square, "b squared"),)), ("b squared",)),
        shown("each by b_k", "all five means", at_most(each(B_K**2), most_k),
              (1 / least, ("|D| >= 0", "eps >= 0", "E psi_k")),
              (1, ("|D| >= 0", "mean of the product")),
              (1, ("|D| >= 0", "eps >= 0", "eps >= 0", "mean of the product")),
              (1, ("b >= 0", "triple and |D.x|")), (1, (*far, "height >= 0")),
              (1, ("|D| >= 0", "eps >= 0", "b >= 0", "mean of the triple")),
              (MOST_TRIPLE, (*far, "eps >= 0", "apart >= 0")),
              (1, ("eps >= 0", "product and |D.x|"))),
        shown("each", "the same", at_most(each(B2), most_k), (1, ("each by b_k",)),
              using=("each by b",)),
        Step("all", "added", at_most(total(each(B2), K), total(most_k, K)), Average((K,)),
             ("each",)),
        Step("E", "by definition", equal(2 * total(most_k, K), Y * whole), Derived()),
        shown("|D|^2 and E", "together", at_most(D2, Y * whole), (1, ("|D|^2",)), (2, ("all",)),
              using=("E",)),
        shown("squared", "(E - |D|)^2 + 2 (|D| E - |D|^2)", at_most(Y**2, whole**2),
              (1, (), (whole - Y,)), (2, ("|D|^2 and E",)), using=("|D| squared",)),
        shown("share of k >= 0", "positive", nonnegative(APART * share_at(R_K)),
              *_polynomial_rows()),
        Step("E >= 0", "a sum", nonnegative(whole), Average((K,)), ("share of k >= 0",)),
        Step("Lemma V", "its root", at_most(Y, whole), SquareRoot("squared", "E >= 0"),
             ("squared", "E >= 0")),
    )  # fmt: skip


def _polynomial_rows() -> tuple[Row, ...]:
    """``(1 - delta)`` times the polynomial of E, as products of what is not negative."""
    rest, eps = sympy.symbols("rest eps")
    value = polynomial(rest + LEAST_FAR - HALF, eps)
    return rows_of(2 * value, {rest: "z", eps: "eps >= 0"}, "density >= 0", "apart >= 0")


def lemma_near() -> Script:
    """Lemma V.

    Examples
    --------
    >>> lemma_near().conclusions
    ('Lemma V',)
    """
    steps = (
        *odds_steps(), *function_steps(), *length_steps(), *integral_steps(), *point_steps(),
        *mean_steps(),
    )  # fmt: skip
    return Script(
        "V",
        "Components far from the truth hardly move the gradient of one that is near",
        "derived for this project (Lemma V)",
        near_hypotheses(),
        steps,
        ("Lemma V",),
        (
            (pull_square, "D_i is the gradient at v_i, less 2 v_i"),
            (drift, "falls like exp(-|v_k|^2/8)"),
        ),
        "all n, d, uniform weights, all far components",
        instances=(
            Proposal(
                (HALF, HALF), 1,
                ((V, ((Fraction(1, 10),), (Fraction(5),))), (I_, 0), (AXIS, 0),
                 (EPS, Fraction(2, 5))),
            ),
        ),
    )  # fmt: skip
