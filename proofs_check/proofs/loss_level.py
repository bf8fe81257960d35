"""Lemma F2: where the loss is at most ``L_0``, ``B_j >= beta_j(|v_j|)`` at every x."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.far_words import B_J, HALF, along, level, mean_level, norm, norm_square
from proofs_check.proofs.far_words import point_square as squared
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.level_words import (
    GAMMA_J,
    L0,
    OFFSET,
    OMEGA,
    ROOT,
    ROOT_D,
    Y,
    beta_at,
    chord,
    mean_score,
    outer,
    posterior_square,
    score_along,
    score_at,
    score_square,
)
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz
from proofs_check.proofs.tactics.bounds import RootOf, SquareRoot
from proofs_check.proofs.tactics.exponentials import (
    ExponentialPositive,
    ExponentialSign,
    LogarithmBound,
)
from proofs_check.proofs.tactics.facts import Over
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
    delta,
    entry,
    equal,
    exponential,
    log_ratio,
    mean_q,
    nonnegative,
    pi,
    positive,
    psi,
    v,
)
from proofs_check.proofs.tactics.score import forward_loss, m
from proofs_check.proofs.tactics.score_steps import lagrange
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Axiom,
    Combination,
    Derived,
    Instance,
    Specialise,
    Square,
    Squares,
)

LJ, LK, LBAR = level(V, X, J), level(V, X, K), mean_level(V, X)
F, F_Y = log_ratio(V), log_ratio(V, Y)
A2, R, X2 = norm_square(V, J), norm(V, J), squared(X)
LOSS = forward_loss(V)
MHAT2, MHAT_V, MHAT_X = score_square(V), score_along(V, J), score_at(V, X)
_ONE = number(1)
_OVER_Y = Over(Y, "mean_teacher")


def entropy_steps() -> tuple[Step, ...]:
    """``f <= lbar <= f + omega``, ``f = log(p/q)``."""
    above, beneath = LK - F, F - LK
    return (
        Step("density at x", "psi_k p/q by definition",
             equal(psi(V, K) * exponential(F), pi(K) * exponential(LK)),
             Axiom("density", (V, K, X))),
        Step("density of j", "for k = j",
             equal(psi(V, J) * exponential(F), pi(J) * exponential(LJ)),
             Instance({K: J}), ("density at x",)),
        Step("p/q > 0", "an exponential", positive(exponential(F)), ExponentialPositive()),
        Step("pi_k > 0", "a weight", positive(pi(K)), Axiom("weight", (K,))),
        Step("psi_k > 0", "a responsibility", positive(psi(V, K)),
             Axiom("responsibility", (V, K, X))),
        Step("psi_k <= 1", "the others are positive", at_most(psi(V, K), 1),
             Squares((Square(_ONE, (I_,), 1, (psi(V, I_), 1 - delta(I_, K))),))),
        Step("psi_j <= 1", "for k = j", at_most(psi(V, J), 1), Instance({K: J}), ("psi_k <= 1",)),
        Step("pi_k and omega", "for this k", at_most(1, exponential(OMEGA) * pi(K)),
             Specialise((K,)), ("weights",)),
        Step("exp(l_k)", "of a sum", equal(exponential(LK), exponential(F) * exponential(above)),
             Axiom("exponential of a sum", (F, above))),
        Step("psi_k/pi_k times p/q", "from the density",
             equal(exponential(F) * (psi(V, K) - pi(K) * exponential(above)), 0),
             Derived(), ("density at x", "exp(l_k)")),
        Step("psi_k/pi_k", "divided", equal(psi(V, K), pi(K) * exponential(above)),
             Cancel("p/q > 0", "psi_k/pi_k times p/q"), ("p/q > 0", "psi_k/pi_k times p/q")),
        Step("exp(l_k - f) >= 0", "an exponential", nonnegative(exponential(above)),
             ExponentialSign()),
        Step("exp(omega) >= 0", "an exponential", nonnegative(exponential(OMEGA)),
             ExponentialSign()),
        shown("exp(l_k - f)", "at most 1/pi_k", at_most(exponential(above), exponential(OMEGA)),
              (1, ("exp(l_k - f) >= 0", "pi_k and omega")), (1, ("exp(omega) >= 0", "psi_k <= 1")),
              using=("psi_k/pi_k",)),
        Step("l_k - f", "its logarithm", at_most(above, OMEGA), LogarithmBound("exp(l_k - f)"),
             ("exp(l_k - f)",)),
        Step("lbar from above", "averaged over k", at_most(LBAR - F, OMEGA),
             Average((K,), (psi(V, K),)), ("l_k - f",)),
        Step("exp(f)", "of a sum", equal(exponential(F), exponential(LK) * exponential(beneath)),
             Axiom("exponential of a sum", (LK, beneath))),
        Step("exp(l_k) > 0", "an exponential", positive(exponential(LK)), ExponentialPositive()),
        Step("pi_k/psi_k times", "from the density",
             equal(exponential(LK) * (psi(V, K) * exponential(beneath) - pi(K)), 0),
             Derived(), ("density at x", "exp(f)")),
        Step("pi_k/psi_k", "divided", equal(psi(V, K) * exponential(beneath), pi(K)),
             Cancel("exp(l_k) > 0", "pi_k/psi_k times"), ("exp(l_k) > 0", "pi_k/psi_k times")),
        Step("tangent at f", "of the exponential", at_most(1 + beneath, exponential(beneath)),
             Axiom("tangent", (beneath,))),
        shown("psi_k and pi_k", "times psi_k", at_most(psi(V, K) * (1 + beneath), pi(K)),
              (1, ("psi_k > 0", "tangent at f")), using=("pi_k/psi_k",)),
        Step("lbar from below", "added over k: Gibbs' inequality", at_most(F, LBAR),
             Average((K,)), ("psi_k and pi_k",)),
    )  # fmt: skip


def own_density_steps() -> tuple[Step, ...]:
    """``(f + l_j)/2 - gamma <= lbar``: Gibbs' inequality over all but j."""
    excess, other = LJ - F, 1 - delta(J, K)
    own = exponential(excess)
    return (
        shown("psi_k and pi_k, not j", "all but j",
              at_most(other * psi(V, K) * (1 + F - LK), other * pi(K)),
              (1, ("psi_k and pi_k",), (other,))),
        Step("lbar and psi_j", "added over k",
             at_most(F + psi(V, J) * excess + pi(J) - psi(V, J), LBAR), Average((K,)),
             ("psi_k and pi_k, not j",)),
        Step("psi_j/pi_j", "for k = j", equal(psi(V, J), pi(J) * own), Instance({K: J}),
             ("psi_k/pi_k",)),
        Step("gamma at l_j - f", "at this number",
             at_most(HALF * excess + pi(J) * (1 - excess) * own - pi(J), GAMMA_J),
             Specialise((excess,)), ("gamma",)),
        shown("lbar and l_j", "psi_j = pi_j exp(l_j - f)",
              at_most(HALF * (F + LJ) - GAMMA_J, LBAR), (1, ("lbar and psi_j",)),
              (1, ("gamma at l_j - f",)), using=("psi_j/pi_j",)),
    )  # fmt: skip


def gamma_steps() -> tuple[Step, ...]:
    """``gamma >= 0``."""
    zero = number(0)
    least = HALF * zero + pi(J) * (1 - zero) * exponential(zero) - pi(J)
    return (
        Step("gamma at 0", "at the number 0", at_most(least, GAMMA_J), Specialise((zero,)),
             ("gamma",)),
        shown("gamma >= 0", "exp(0) = 1", nonnegative(GAMMA_J), (1, ("gamma at 0",)),
              using=("exp(0)",)),
    )  # fmt: skip


def convexity_steps() -> tuple[Step, ...]:
    """``f(y) + m(y).(x - y) <= f(x)``: the logarithm of a sum of exponentials is convex."""
    there, g = level(V, Y, K), chord(V, X, Y)
    apart = LK - there
    weight = psi(V, K, Y)
    return (
        Step("density at y", "psi_k p/q by definition",
             equal(weight * exponential(F_Y), pi(K) * exponential(there)),
             Axiom("density", (V, K, Y))),
        Step("p/q at y > 0", "an exponential", positive(exponential(F_Y)), ExponentialPositive()),
        Step("psi_k at y > 0", "a responsibility", positive(weight),
             Axiom("responsibility", (V, K, Y))),
        Step("from y to x", "of a sum",
             equal(exponential(LK), exponential(there) * exponential(apart)),
             Axiom("exponential of a sum", (there, apart))),
        Step("densities", "at x and y",
             equal(psi(V, K) * exponential(F), weight * exponential(F_Y) * exponential(apart)),
             Derived(), ("density at x", "density at y", "from y to x")),
        Step("exp of the chord", "of a sum",
             equal(exponential(apart), exponential(g) * exponential(apart - g)),
             Axiom("exponential of a sum", (g, apart - g))),
        Step("tangent at g", "of the exponential", at_most(1 + apart - g, exponential(apart - g)),
             Axiom("tangent", (apart - g,))),
        Step("exp(g) > 0", "an exponential", positive(exponential(g)), ExponentialPositive()),
        shown("member of the sum", "a tangent, times psi_k p/q",
              at_most(weight * exponential(F_Y) * exponential(g) * (1 + apart - g),
                      psi(V, K) * exponential(F)),
              (1, ("psi_k at y > 0", "p/q at y > 0", "exp(g) > 0", "tangent at g")),
              using=("densities", "exp of the chord")),
        Step("sum", "over k", at_most(exponential(F_Y) * exponential(g), exponential(F)),
             Average((K,)), ("member of the sum",)),
        Step("exp(f(y) + g)", "of a sum",
             equal(exponential(F_Y + g), exponential(F_Y) * exponential(g)),
             Axiom("exponential of a sum", (F_Y, g))),
        Step("convex", "the logarithm", at_most(F_Y + g, F), LogarithmBound("sum"),
             ("sum", "exp(f(y) + g)")),
    )  # fmt: skip


def line_steps() -> tuple[Step, ...]:
    """``-A + mhat.x <= f(x)``."""
    mass = posterior_square(V, X)
    return (
        Step("mean of the chords", "averaged over y under the teacher",
             at_most(mean_q(F) + MHAT_X - mean_q(outer(V, X)), F),
             Average((_OVER_Y,)), ("convex",)),
        Step("x.m - f", "lbar - f + sum psi|v|^2/2", at_most(outer(V, X) - F, OMEGA + HALF * mass),
             Combination(((1, ("lbar from above",)),)), ("lbar from above",)),
        Step("mean of x.m - f", "averaged",
             at_most(mean_q(outer(V, X)) - mean_q(F), OMEGA + HALF * mean_q(mass)),
             Average((TEACHER,)), ("x.m - f",)),
        Step("I2", "Stein's identity: E x.m = E tr C",
             equal(mean_q(mass), LOSS + mean_q(outer(V, X))), Derived()),
        Step("d", "the mean of |x|^2", equal(mean_q(X2), D_), Derived()),
        Step("E x.m squared", "Cauchy and Schwarz", at_most(mean_q(outer(V, X)) ** 2, D_ * LOSS),
             CauchySchwarz(entry(X, A), m(V, X, A), (), (TEACHER, Over(A))), ("d",)),
        Step("L >= 0", "a mean of squares", nonnegative(LOSS),
             Squares((Square(m(V, X, A), (A,)),), TEACHER)),
        shown("L_0 >= 0", "L <= L_0", nonnegative(L0), (1, ("L >= 0",)), (1, ("level",))),
        Step("d >= 1", "a dimension", at_most(1, D_), Axiom("coordinates")),
        shown("d L_0 >= 0", "a product", nonnegative(D_ * L0), (1, ("d >= 1", "L_0 >= 0")),
              (1, ("L_0 >= 0",))),
        Step("sqrt(d L_0)^2", "a root", equal(ROOT_D**2, D_ * L0), RootOf(D_ * L0),
             ("d L_0 >= 0",)),
        Step("sqrt(d L_0) >= 0", "a root", nonnegative(ROOT_D), RootOf(D_ * L0), ("d L_0 >= 0",)),
        shown("E x.m and d L_0", "L <= L_0", at_most(mean_q(outer(V, X)) ** 2, ROOT_D**2),
              (1, ("E x.m squared",)), (1, ("d >= 1", "level")), (1, ("level",)),
              using=("sqrt(d L_0)^2",)),
        Step("E x.m", "its root", at_most(mean_q(outer(V, X)), ROOT_D),
             SquareRoot("E x.m and d L_0", "sqrt(d L_0) >= 0"),
             ("E x.m and d L_0", "sqrt(d L_0) >= 0")),
        shown("line", "f is above a linear function", at_most(MHAT_X - OFFSET, F),
              (1, ("mean of the chords",)), (1, ("mean of x.m - f",)), (HALF, ("level",)),
              (HALF, ("E x.m",)), using=("I2",)),
    )  # fmt: skip


def score_steps() -> tuple[Step, ...]:
    """``|mhat|^2 <= L_0``."""
    return (
        Step("mhat_a squared", "Jensen", at_most(mean_score(V, A) ** 2, mean_q(m(V, X, A) ** 2)),
             CauchySchwarz(m(V, X, A))),
        Step("|mhat|^2 <= L", "added", at_most(MHAT2, LOSS), Average((A,)), ("mhat_a squared",)),
        shown("|mhat|^2", "L <= L_0", at_most(MHAT2, L0), (1, ("|mhat|^2 <= L",)), (1, ("level",))),
        Step("sqrt(L_0)^2", "a root", equal(ROOT**2, L0), RootOf(L0), ("L_0 >= 0",)),
        Step("sqrt(L_0) >= 0", "a root", nonnegative(ROOT), RootOf(L0), ("L_0 >= 0",)),
    )  # fmt: skip


def bracket_steps(share: Number = Fraction(1, 8)) -> tuple[Step, ...]:
    """``beta_j(|v_j|) <= B_j(x)``."""
    quarter = Fraction(1, 4)
    shifted = entry(X, A) - HALF * v(V, J, A) + HALF * mean_score(V, A)
    return (
        Step("(mhat.v_j)^2", "Cauchy and Schwarz", at_most(MHAT_V**2, MHAT2 * A2),
             Squares((lagrange(lambda a: mean_score(V, a), lambda a: v(V, J, a)),))),
        Step("|v_j|^2 >= 0", "a square", nonnegative(A2), Squares((Square(v(V, J, A), (A,)),))),
        Step("|v_j| and its square", "a root", equal(R**2, A2), RootOf(A2), ("|v_j|^2 >= 0",)),
        Step("|v_j| >= 0", "a root", nonnegative(R), RootOf(A2), ("|v_j|^2 >= 0",)),
        shown("(mhat.v_j)^2 and L_0", "together", at_most((-MHAT_V) ** 2, (R * ROOT) ** 2),
              (1, ("(mhat.v_j)^2",)), (1, ("|v_j|^2 >= 0", "|mhat|^2")),
              using=("|v_j| and its square", "sqrt(L_0)^2")),
        shown("|v_j| sqrt(L_0) >= 0", "a product", nonnegative(R * ROOT),
              (1, ("|v_j| >= 0", "sqrt(L_0) >= 0"))),
        Step("mhat.v_j", "its root", at_most(-MHAT_V, R * ROOT),
             SquareRoot("(mhat.v_j)^2 and L_0", "|v_j| sqrt(L_0) >= 0"),
             ("(mhat.v_j)^2 and L_0", "|v_j| sqrt(L_0) >= 0")),
        Step("B_j", "|x - v_j|^2 = |x|^2 - 2 l_j, and its mean",
             equal(B_J, HALF * X2 - LJ + LBAR - HALF * D_ - 1), Derived()),
        Step("|x - v_j/2 + mhat/2|^2", "a square",
             nonnegative(X2 + quarter * A2 + quarter * MHAT2 - along(V, J, X) + MHAT_X
                         - HALF * MHAT_V),
             Squares((Square(shifted, (A,)),))),
        Step("l_j", "by definition", equal(LJ, along(V, J, X) - HALF * A2), Derived()),
        shown("bracket", "lbar from below by v_j's own density and the line",
              at_most(beta_at(R, share), B_J), (1, ("lbar and l_j",)), (HALF, ("line",)),
              (HALF, ("|x - v_j/2 + mhat/2|^2",)), (quarter, ("mhat.v_j",)),
              (Fraction(1, 8), ("|mhat|^2",)),
              using=("B_j", "l_j", "|v_j| and its square", "sqrt(L_0)^2")),
    )  # fmt: skip
