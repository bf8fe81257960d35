"""Directions at a state: the words of the bound of the Hessian of the forward loss."""

from __future__ import annotations

from proofs_check.proofs.far_words import level, mean_level, point_square
from proofs_check.proofs.kernel.oracles.descent_lemma import hessian
from proofs_check.proofs.level_words import L0, OFFSET, OMEGA, ROOT
from proofs_check.proofs.tactics.language import (
    D_,
    N_,
    A,
    J,
    Number,
    V,
    X,
    at_most,
    case,
    define,
    entry,
    equal,
    every,
    exponential,
    mean_q,
    nonnegative,
    pi,
    positive,
    psi,
    real,
    root,
    state,
    total,
    v,
)
from proofs_check.proofs.tactics.score import square
from proofs_check.proofs.tactics.script import Hypothesis

U = state("U")
#: ``zeta_1``, ``zeta_2``, ``zeta_3``, ``log(n - 1)``, ``log 2``, and a variable number.
Z1, Z2, Z3, LOG_M, LOG_TWO, T = (real(name) for name in ("z_1", "z_2", "z_3", "l", "s", "t"))
M_ = N_ - 1

#: ``delta_j = l_j - lbar``, ``h_j = u_j.(x - v_j)``, and so on, at x.
excess = define("delta_{2}", level(V, X, J) - mean_level(V, X), V, X, J, latex=r"\delta_{2}")
lack = define(
    "delta-_{2}", case(0, excess(V, X, J), 0, -excess(V, X, J)), V, X, J, latex=r"\delta^-_{2}"
)
shift = define(
    "h_{3}", total(v(U, J, A) * (entry(X, A) - v(V, J, A)), A), V, U, X, J, latex="h_{3}"
)
size = define("|u_{1}|^2", total(v(U, J, A) ** 2, A), U, J, latex=r"|u_{1}|^2")
distance = define(
    "|x-v_{2}|^2", total((entry(X, A) - v(V, J, A)) ** 2, A), V, X, J, latex=r"|x-v_{2}|^2"
)
mean_shift = define("hbar", total(psi(V, J) * shift(V, U, X, J), J), V, U, X, latex=r"\bar h")
variance = define(
    "Var h",
    total(psi(V, J) * (shift(V, U, X, J) - mean_shift(V, U, X)) ** 2, J),
    V, U, X,
    latex=r"\operatorname{{Var}}h",
)  # fmt: skip
mean_size = define(
    "sum psi_k|u_k|^2",
    total(psi(V, J) * size(U, J), J),
    V, U, X,
    latex=r"\textstyle\sum_k\psi_k|u_k|^2",
)  # fmt: skip
reach = define("G", total(psi(V, J) * distance(V, X, J), J), V, X)

DELTA, LACK = excess(V, X, J), lack(V, X, J)
H_J, HBAR, VAR = shift(V, U, X, J), mean_shift(V, U, X), variance(V, U, X)
W2, Z_J, MASS, G = size(U, J), distance(V, X, J), mean_size(V, U, X), reach(V, X)
X2, N2 = point_square(X), square(U)
#: ``(|x|^2 - d - 4)+`` and ``(d + 2 - |x|^2)+``.
FAR, CLOSE = X2 - D_ - 4, D_ + 2 - X2
BEYOND = define("(|x|^2-d-4)+", case(0, FAR, FAR, 0), X, latex="(|x|^2-d-4)^+")(X)
INSIDE = define("(d+2-|x|^2)+", case(0, CLOSE, CLOSE, 0), X, latex="(d+2-|x|^2)^+")(X)
LENGTH = define("|x|", root(X2), X)(X)
#: ``p = sqrt(zeta_1 (d + L_0) + 2 zeta_2)``, ``t = sqrt(zeta_3 (d + L_0))``.
P2, T2 = Z1 * (D_ + L0) + 2 * Z2, Z3 * (D_ + L0)
P, T_ROOT = root(P2), root(T2)
HESSIAN = hessian(V, U)
TALL = X2 + 2 * OFFSET + 2 * ROOT * LENGTH

M_BODY = 2 * Z3 + mean_q(INSIDE) + mean_q(BEYOND * TALL) + 2 * (P + T_ROOT) ** 2
curvature = define("M", M_BODY, L0, OMEGA, Z1, Z2, Z3)
M = curvature(L0, OMEGA, Z1, Z2, Z3)


def constant_hypotheses(
    shares: tuple[Number, Number, Number] = (1, 1, 1),
) -> tuple[Hypothesis, ...]:
    """Uniform weights, their logarithms, and what the three zeta are above."""
    e = exponential(T)
    return (
        Hypothesis("uniform", every(equal(N_ * pi(J), 1), J), "uniform weights"),
        Hypothesis("log n", equal(exponential(OMEGA), N_), "omega = log n"),
        Hypothesis("log(n - 1)", equal(exponential(LOG_M), M_), "l = log(n - 1), so n >= 2"),
        Hypothesis("log 2", equal(exponential(LOG_TWO), 2), "s = log 2"),
        Hypothesis("zeta_1", every(at_most(shares[0] * T * e, Z1 * (1 + e) ** 2), T),
                   "z_1 is at least the largest s (1 - s) log((1 - s)/s)"),
        Hypothesis("zeta_2", every(at_most(shares[1] * T**2 * e**2, Z2 * (1 + e) ** 3), T),
                   "z_2 is at least the largest s ((1 - s) log((1 - s)/s))^2"),
        Hypothesis("zeta_3", every(at_most(shares[2] * T * M_ * e, Z3 * (M_ + e) ** 2), T),
                   "z_3 is at least the largest s (1 - s) (log(n - 1) + log((1 - s)/s))"),
        Hypothesis("zeta_1 >= 0", nonnegative(Z1), "as they are"),
        Hypothesis("zeta_2 > 0", positive(Z2), "as they are"),
        Hypothesis("zeta_3 > 0", positive(Z3), "as they are"),
    )  # fmt: skip
