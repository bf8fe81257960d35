"""A loss at most ``L_0``: the words of Lemma F2 and Theorem L."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.far_words import HALF, level
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.language import (
    D_,
    A,
    J,
    K,
    Number,
    V,
    X,
    at_most,
    define,
    entry,
    equal,
    every,
    exponential,
    mean_q,
    pi,
    point,
    psi,
    real,
    root,
    total,
    v,
)
from proofs_check.proofs.tactics.score import forward_loss, m
from proofs_check.proofs.tactics.script import Hypothesis

Y = point("y")
#: The level, ``log(1/pi_min)``, ``log(1/pi_j)``, the radius, and a variable number.
L0, OMEGA, LOG_J, RHO, T = (real(name) for name in ("L_0", "omega", "u", "rho", "t"))
#: What ``lbar`` may lack to the mean of ``f`` and ``l_j``.
GAMMA_J = real("gamma")
#: ``log(pi_j/pi_min)``.
RATIO = OMEGA - LOG_J
ROOT, ROOT_D = root(L0), root(D_ * L0)
#: ``A = log(1/pi_min) + (L_0 + sqrt(d L_0))/2``.
OFFSET = OMEGA + HALF * (L0 + ROOT_D)

mean_score = define("mhat_{1}({0})", mean_q(m(V, X, A)), V, A, latex=r"\hat m_{{{1}}}({0})")
score_square = define("|mhat|^2({})", total(mean_score(V, A) ** 2, A), V, latex=r"|\hat m|^2({})")
score_along = define(
    "mhat.v_{1}", total(mean_score(V, A) * v(V, J, A), A), V, J, latex=r"\hat m\cdot v_{{{1}}}"
)
score_at = define("mhat.x", total(mean_score(V, A) * entry(X, A), A), V, X, latex=r"\hat m\cdot x")
outer = define("x.m", total(entry(X, A) * m(V, X, A), A), V, X, latex=r"x\cdot m")
posterior_square = define(
    "sum psi_k|v_k|^2",
    total(psi(V, J) * v(V, J, A) ** 2, J, A),
    V, X,
    latex=r"\textstyle\sum_k\psi_k|v_k|^2",
)  # fmt: skip
#: ``sum_k psi_k(y) (l_k(x) - l_k(y)) = m(y).(x - y)``.
chord = define(
    "m(y).(x-y)",
    total(psi(V, K, Y) * (level(V, X, K) - level(V, Y, K)), K),
    V, X, Y,
    latex=r"m(y)\cdot(x-y)",
)  # fmt: skip


def beta_at(r: Term, share: Number = Fraction(1, 8)) -> Term:
    """``(r - sqrt L_0)^2/8 - L_0/4 - A/2 - gamma - d/2 - 1``."""
    s = real("r")
    value = share * (s - ROOT) ** 2 - Fraction(1, 4) * L0 - HALF * OFFSET - GAMMA_J
    beta = define(
        "beta_j({0})", value - HALF * D_ - 1, s, L0, OMEGA, GAMMA_J, latex=r"\beta_j({0})"
    )
    return beta(r, L0, OMEGA, GAMMA_J)


def gamma_hypothesis(part: Number = 1) -> Hypothesis:
    """What gamma is above; `part` of the left side, to see the proof fail."""
    least = HALF * T + pi(J) * (1 - T) * exponential(T) - pi(J)
    return Hypothesis("gamma", every(at_most(part * least, GAMMA_J), T),
                      "gamma is at least the largest t/2 + pi_j ((1 - t) e^t - 1)")  # fmt: skip


def level_hypotheses() -> tuple[Hypothesis, ...]:
    """The weights and ``L(V) <= L_0``."""
    return (
        Hypothesis("weights", every(at_most(1, exponential(OMEGA) * pi(K)), K),
                   "omega is at least log(1/pi_min)"),
        Hypothesis("u", equal(exponential(LOG_J) * pi(J), 1), "u = log(1/pi_j)"),
        Hypothesis("level", at_most(forward_loss(V), L0), "the loss is at most L_0"),
    )  # fmt: skip
