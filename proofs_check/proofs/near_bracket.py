"""Lemma F1: ``B_j`` from below where one component is near the truth, with equal weights.

With ``mid = (l_i + l_j)/2`` and ``2 gamma exp(gamma + 1) >= n - 2``: ``lbar >= mid - gamma``, as
``sum_k exp(l_k)(l_k - mid + gamma)`` is at least what the two have, less
``exp(mid - gamma - 1)`` for each of the others; and
``|x - v_j|^2/2 + mid >= (|v_j| - eps)^2/8 - eps^2/2``.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.far_radius import Bracket
from proofs_check.proofs.far_words import B_J, HALF, along, level
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.loss_level import A2, LBAR, LJ, X2, F, R
from proofs_check.proofs.near_words import EPS, NEAR2
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import RootOf, SquareRoot
from proofs_check.proofs.tactics.exponentials import (
    ExponentialOrder,
    ExponentialPositive,
)
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
    define,
    delta,
    entry,
    equal,
    exponential,
    nonnegative,
    positive,
    psi,
    real,
    total,
    v,
)
from proofs_check.proofs.tactics.score_steps import lagrange
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import Axiom, Derived, Square, Squares

GAMMA = real("gamma")
L_I, L_K = level(V, X, I_), level(V, X, K)
MID, S = HALF * (L_I + LJ), HALF * (L_I - LJ)
BASE = MID - GAMMA
INNER = define("v_{1}.v_{2}", total(v(V, I_, A) * v(V, J, A), A), V, I_, J)(V, I_, J)


def beta_near(r: Term, share: Number = Fraction(1, 8)) -> Term:
    """``(r - eps)^2/8 - eps^2/2 - gamma - d/2 - 1``."""
    s = real("r")
    value = share * (s - EPS) ** 2 - HALF * EPS**2 - GAMMA - HALF * D_ - 1
    return define("beta({0})", value, s, GAMMA, EPS, latex=r"\beta({0})")(r, GAMMA, EPS)


def near_bracket(share: Number = Fraction(1, 8)) -> Bracket:
    """The bound by the near component."""
    return Bracket(
        lambda r: beta_near(r, share),
        share,
        "rho >= eps",
        ((3, (), (EPS,)), (8, ("gamma >= 0",)), (2, ("eps >= 0", "rho > 0"))),
    )


def entropy_at_pair_steps() -> tuple[Step, ...]:
    """``(l_i + l_j)/2 - gamma <= lbar``."""
    last = BASE - 1 - L_K
    small, middle = exponential(BASE - 1), exponential(MID)
    up, down = exponential(S), exponential(-S)
    each = exponential(L_K) * (L_K - BASE)
    pair = exponential(L_I) * (L_I - BASE) + exponential(LJ) * (LJ - BASE)
    apart = (1 - delta(I_, K)) * (1 - delta(J, K))
    whole = total(exponential(L_K) * (L_K - BASE), K)
    return (
        Step("exp of another", "of a sum", equal(small, exponential(L_K) * exponential(last)),
             Axiom("exponential of a sum", (L_K, last))),
        Step("tangent there", "of the exponential", at_most(1 + last, exponential(last)),
             Axiom("tangent", (last,))),
        shown("another", "s exp(s) >= -1/e", nonnegative(each + small),
              (1, ("exp(l_k) > 0", "tangent there")), using=("exp of another",)),
        shown("another apart", "neither i nor j", nonnegative(apart * (each + small)),
              (1, ("another",), (apart,))),
        Step("others", "added", nonnegative(whole - pair + (N_ - 2) * small),
             Average((K,)), ("another apart", "apart")),
        Step("exp(l_i)", "of a sum", equal(exponential(L_I), middle * up),
             Axiom("exponential of a sum", (MID, S))),
        Step("exp(l_j)", "of a sum", equal(exponential(LJ), middle * down),
             Axiom("exponential of a sum", (MID, -S))),
        Step("tangent at s", "of the exponential", at_most(1 + S, up), Axiom("tangent", (S,))),
        Step("tangent at -s", "of the exponential", at_most(1 - S, down), Axiom("tangent", (-S,))),
        Step("s sinh s", "the exponential grows", nonnegative(2 * S * (up - down)),
             ExponentialOrder(S, -S)),
        Step("exp(mid) > 0", "an exponential", positive(middle), ExponentialPositive()),
        shown("pair", "2 gamma cosh s + 2 s sinh s", at_most(2 * GAMMA * middle, pair),
              (1, ("exp(mid) > 0", "gamma >= 0", "tangent at s")),
              (1, ("exp(mid) > 0", "gamma >= 0", "tangent at -s")),
              (HALF, ("exp(mid) > 0", "s sinh s")), using=("exp(l_i)", "exp(l_j)")),
        Step("exp(mid)", "of a sum", equal(middle, small * exponential(GAMMA + 1)),
             Axiom("exponential of a sum", (BASE - 1, GAMMA + 1))),
        Step("exp(base) > 0", "an exponential", positive(small), ExponentialPositive()),
        shown("sum over k", "2 gamma exp(gamma + 1) >= n - 2", nonnegative(whole),
              (1, ("others",)), (1, ("pair",)), (1, ("exp(base) > 0", "gamma")),
              using=("exp(mid)",)),
        Step("n psi_k p/q", "the density",
             equal(N_ * psi(V, K) * exponential(F), exponential(L_K)), Derived(),
             ("density at x", "uniform k")),
        Step("weighted", "times l_k - base",
             equal(N_ * exponential(F) * psi(V, K) * (L_K - BASE), each),
             Derived(), ("n psi_k p/q",)),
        Step("weighted sum", "over k",
             equal(N_ * exponential(F) * (LBAR - BASE), whole), Average((K,)), ("weighted",)),
        Step("n >= 1", "a number of components", at_most(1, N_), Axiom("components")),
        shown("n p/q > 0", "a product", positive(N_ * exponential(F)),
              (1, ("n >= 1", "p/q > 0")), (1, ("p/q > 0",))),
        shown("times n p/q", "not negative", nonnegative(N_ * exponential(F) * (LBAR - BASE)),
              (1, ("sum over k",)), using=("weighted sum",)),
        Step("lbar and the pair", "divided", at_most(BASE, LBAR),
             Cancel("n p/q > 0", "times n p/q"), ("n p/q > 0", "times n p/q")),
    )  # fmt: skip


def near_bracket_steps(share: Number = Fraction(1, 8)) -> tuple[Step, ...]:
    """``beta(|v_j|) <= B_j(x)``."""
    quarter, eighth = Fraction(1, 4), Fraction(1, 8)
    shifted = entry(X, A) + HALF * (v(V, I_, A) - v(V, J, A))
    return (
        Step("|v_j|^2 >= 0", "a square", nonnegative(A2), Squares((Square(v(V, J, A), (A,)),))),
        Step("|v_j| and its square", "a root", equal(R**2, A2), RootOf(A2), ("|v_j|^2 >= 0",)),
        Step("|v_j| >= 0", "a root", nonnegative(R), RootOf(A2), ("|v_j|^2 >= 0",)),
        Step("(v_i.v_j)^2", "Cauchy and Schwarz", at_most(INNER**2, NEAR2 * A2),
             Squares((lagrange(lambda a: v(V, I_, a), lambda a: v(V, J, a)),))),
        shown("(v_i.v_j)^2 and eps", "|v_i| <= eps", at_most((-INNER) ** 2, (EPS * R) ** 2),
              (1, ("(v_i.v_j)^2",)), (1, ("|v_j|^2 >= 0", "near")),
              using=("|v_j| and its square",)),
        shown("eps |v_j| >= 0", "a product", nonnegative(EPS * R),
              (1, ("eps >= 0", "|v_j| >= 0"))),
        Step("v_i.v_j", "its root", at_most(-INNER, EPS * R),
             SquareRoot("(v_i.v_j)^2 and eps", "eps |v_j| >= 0"),
             ("(v_i.v_j)^2 and eps", "eps |v_j| >= 0")),
        Step("B_j", "|x - v_j|^2 = |x|^2 - 2 l_j, and its mean",
             equal(B_J, HALF * X2 - LJ + LBAR - HALF * D_ - 1), Derived()),
        Step("l_j", "by definition", equal(LJ, along(V, J, X) - HALF * A2), Derived()),
        Step("l_i", "by definition", equal(L_I, along(V, I_, X) - HALF * NEAR2), Derived()),
        Step("|x + (v_i - v_j)/2|^2", "a square",
             nonnegative(X2 + quarter * (NEAR2 + A2 - 2 * INNER)
                         + along(V, I_, X) - along(V, J, X)),
             Squares((Square(shifted, (A,)),))),
        shown("bracket", "|x - v_j|^2/2 + mid is least at (v_j - v_i)/2",
              at_most(beta_near(R, share), B_J),
              (1, ("lbar and the pair",)), (HALF, ("|x + (v_i - v_j)/2|^2",)),
              (quarter, ("v_i.v_j",)), (3 * eighth, ("near",)),
              using=("B_j", "l_j", "l_i", "|v_j| and its square")),
    )  # fmt: skip
