"""Lemma V at every point: the pull on the near component by the odds of the others."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_tactics import Row, shown
from proofs_check.proofs.far_words import HALF, level
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.oracles.odds_integral import Pair, odds_bound
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.near_words import (
    APART,
    B_K,
    EPS,
    FAR2,
    LEAST_FAR,
    NEAR2,
    OTHERS,
    PRODUCT,
    R_K,
    ROOM,
    SHARE,
    G,
    P,
    S,
    Y,
    distance_square,
    inner_near,
    offset,
    offset_near,
    offset_pull,
    offset_square,
    pull,
    pull_at,
    pull_far,
    pull_near,
    pull_square,
)
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import (
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
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import (
    Axiom,
    Combination,
    Derived,
    Instance,
    Specialise,
    Square,
    Squares,
)

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


def root_steps(name: str, square: Term, entry: Term) -> tuple[Step, ...]:
    """The sum of squares of an entry is not negative, its root squared, and the root's sign."""
    sign = f"{name}^2 >= 0"
    return (
        Step(sign, "squares", nonnegative(square), Squares((Square(entry, (A,)),))),
        Step(f"{name} squared", "a root", equal(root(square) ** 2, square), RootOf(square),
             (sign,)),
        Step(f"{name} >= 0", "a root", nonnegative(root(square)), RootOf(square), (sign,)),
    )  # fmt: skip


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


def function_steps(triple: tuple[Fraction, ...]) -> tuple[Step, ...]:
    """``psi_k``, ``psi_i psi_k`` and ``psi_i psi_k (1 - psi_i)`` by the odds."""
    u = P * (1 + ODDS)
    gap = u - Fraction(2, 3)
    return (
        shown("u >= 0", "a product", nonnegative(u), (1, ("psi_i > 0",)),
              (1, ("psi_i > 0", "r >= 0"))),
        *_odds("share", "psi_k <= r/(1 + r)", _ONE, SHARE, (1, ("r >= 0", "room"))),
        *_odds("product", "psi_i psi_k <= r/(1 + r)^2", P, PRODUCT,
               (1, ("r >= 0", "room")), (1, ("r >= 0", "room", "u >= 0"))),
        *_odds("triple", "u^2 (1 - u) <= 4/27", P * OTHERS, triple,
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
        *root_steps("|D|", D2, d(A)),
        *root_steps("b", B2, w(A)),
        *root_steps("|v_k|", FAR2, v(V, K, A)),
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


#: ``sum_k psi_k b_k`` and ``sum_k psi_k b_k^2`` over the others.
SUM_B, SUM_B2 = total(APART * S * B_K, K), total(APART * S * B2, K)


#: The integrand of ``D.D/2``, and what it is at most.
REACH = OTHERS * SUM_B2 + EPS * SUM_B
WHOLE = -OTHERS * DV + P * OFFD - P * ALONG * (DX - DV)
MOST_WHOLE = OTHERS * Y * EPS + P * Y * SUM_B + P * REACH * (G + Y * EPS)


def pull_gradient_step() -> Step:
    """``D_a`` as a mean."""
    integrand = (
        -OTHERS * v(V, I_, A)
        + P * offset(V, X, I_, A)
        - P * total(offset(V, X, I_, B) * m(V, X, B), B) * (entry(X, A) - v(V, I_, A))
    )
    goal = equal(pull(V, I_, A), 2 * mean_q(integrand))
    return Step("gradient", "of the forward loss", goal, Derived())


def offset_square_steps() -> tuple[Step, ...]:
    """``0 <= |Delta|^2 <= (1 - psi_i) sum_k psi_k b_k^2``."""
    w_k, w_j = (v(V, k, A) - v(V, I_, A) for k in (K, J))
    weights = (S, APART, psi(V, J), 1 - delta(I_, J))
    return (
        Step("|Delta|^2", "Cauchy and Schwarz", at_most(OFF2, OTHERS * SUM_B2),
             Squares((Square(w_k - w_j, (A, K, J), HALF, weights),))),
        Step("|Delta|^2 >= 0", "squares", nonnegative(OFF2),
             Squares((Square(offset(V, X, I_, A), (A,)),))),
    )  # fmt: skip


def point_steps() -> tuple[Step, ...]:
    """The integrand of ``D.D`` at every point, from above."""
    near_x, most_x = DX - DV, G + Y * EPS
    return (
        pull_gradient_step(),
        Step("D.D", "times D, summed", equal(D2, 2 * mean_q(WHOLE)),
             Contracted("gradient", pull(V, I_, A), (A,)), ("gradient",)),
        Step("1 - psi_i >= 0", "the others are positive", nonnegative(OTHERS),
             Squares((Square(_ONE, (K,), 1, (S, APART)),))),
        *offset_square_steps(),
        Step("Delta.v_i", "averaged over k", at_most(OFFV, EPS * SUM_B),
             Average((K,), (S, APART)), ("v_i.w",)),
        Step("-Delta.v_i", "averaged over k", at_most(-OFFV, EPS * SUM_B),
             Average((K,), (S, APART)), ("v_i.w negated",)),
        Step("Delta.D", "averaged over k", at_most(OFFD, Y * SUM_B),
             Average((K,), (S, APART)), ("D.w",)),
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
