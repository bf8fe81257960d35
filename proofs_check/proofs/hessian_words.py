"""Directions at a state: the words of the bound of the Hessian of the forward loss.

With ``u = |x|^2 - d`` the integrand of identity I3 is affine in u. Its values at ``u = 0`` and
``u = 4`` are bounded apart, ``K_A + c_A G`` and ``K_B + c_B G`` times ``|U|^2``, with
``G = sum psi_k |x - v_k|^2``; beyond 4 it grows by ``Var h - sum psi_k |u_k|^2``, at most
``(G/2 + K_V) |U|^2``, and below 0 by at most ``|U|^2``, for each unit of u.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import log
from types import MappingProxyType
from typing import NamedTuple

from proofs_check.proofs.far_words import level, mean_level, point_square
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.oracles.descent_lemma import hessian
from proofs_check.proofs.level_words import L0, OFFSET, OMEGA, score_at
from proofs_check.proofs.tactics.language import (
    D_,
    I_,
    A,
    J,
    K,
    Number,
    Operand,
    V,
    X,
    at_most,
    below,
    case,
    define,
    entry,
    equal,
    every,
    exponential,
    mean_q,
    nonnegative,
    pi,
    psi,
    real,
    state,
    total,
    v,
)
from proofs_check.proofs.tactics.score import square
from proofs_check.proofs.tactics.script import Hypothesis

U = state("U")
#: At least ``pi_i/pi_k`` for all i and k, and a variable share.
WEIGHT_RATIO, S = real("q"), real("t")
#: At least the weight of the other components over that of any.
OTHERS = exponential(OMEGA) - 1
#: The constants of the bound: see `constant_hypotheses`.
K_A, C_A, C_B, K_B, K_V = (real(name) for name in ("K_A", "c_A", "c_B", "K_B", "K_V"))
DEEP_SUM, LACK_BOUND = real("eps"), real("zeta")


class Split(NamedTuple):
    """``(h - hbar)^2 <= a h^2 + b hbar^2``, as ``(a - 1)(b - 1) = 1``."""

    own: Term
    mean: Term


AT_0, AT_4 = (Split(real(f"a_{name}"), real(f"b_{name}")) for name in "AB")
#: Where the tangents are taken that the five parabolas come from.
TANGENTS = {name: real(f"g_{name}") for name in ("K", "eps", "zeta", "A", "B", "V")}

#: ``delta_j = l_j - lbar``, ``h_j = u_j.(x - v_j)``, and so on, at x.
excess = define("delta_{2}", level(V, X, J) - mean_level(V, X), V, X, J, latex=r"\delta_{2}")
lack = define(
    "delta-_{2}", case(0, excess(V, X, J), 0, -excess(V, X, J)), V, X, J, latex=r"\delta^-_{2}"
)
deep = define(
    "(delta+2)-_{2}",
    case(2, -excess(V, X, J), -excess(V, X, J) - 2, 0),
    V, X, J,
    latex=r"(\delta_{2}+2)^-",
)  # fmt: skip
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

DELTA, LACK, DEEP_J = excess(V, X, J), lack(V, X, J), deep(V, X, J)
H_J, HBAR, VAR = shift(V, U, X, J), mean_shift(V, U, X), variance(V, U, X)
W2, Z_J, MASS, G = size(U, J), distance(V, X, J), mean_size(V, U, X), reach(V, X)
X2, N2 = point_square(X), square(U)
HESSIAN = hessian(V, U)
#: ``u``, ``u+`` and ``(u - 4)+``, the latter as functions of ``|x|^2``.
EXCESS = X2 - D_
SQUARE = real("r")


def beyond(limit: Number, of: Term = X2) -> Term:
    """``(r - d - limit)+``."""
    return case(0, of - D_ - limit, of - D_ - limit, 0)


RISE = define("(|x|^2-d)+", beyond(0), X, latex="(|x|^2-d)^+")(X)
BEYOND = define("(|x|^2-d-4)+", beyond(4), X, latex="(|x|^2-d-4)^+")(X)
#: ``w = min(u+, 4)/4``.
SHARE_4 = Fraction(1, 4) * (RISE - BEYOND)
#: ``G <= LINE``; the last term has mean zero against functions of ``|x|^2``.
ROUND = X2 + 2 * OFFSET
LINE = ROUND - 2 * score_at(V, X)
CONSTANTS = (K_A, C_A, C_B, K_B, K_V)

M_BODY = (
    mean_q(RISE)
    + K_A * (1 - mean_q(SHARE_4))
    + C_A * (D_ + L0)
    + mean_q(SHARE_4 * ((C_B - C_A) * ROUND + K_B))
    + mean_q(BEYOND * (Fraction(1, 2) * ROUND + K_V))
)
curvature = define("M", M_BODY, L0, OMEGA, *CONSTANTS)
M = curvature(L0, OMEGA, *CONSTANTS)


def tangent(name: str) -> Term:
    """``exp(g)`` for one of the numbers g."""
    return exponential(TANGENTS[name])


def jensen(name: str, most: Operand, share: Term) -> Term:
    """``m (1 - s)^2 + e^g (g - 1) s (1 - s)``: at least ``e^g P`` for a group with share s."""
    return most * (1 - share) ** 2 + tangent(name) * (TANGENTS[name] - 1) * share * (1 - share)


def parabola(name: str, share: Term) -> tuple[Term, Term]:
    """One of the conditions on the constants at a share s: left side and right side."""
    e = tangent(name)
    return {
        "K": (2 * share * e + 2 * jensen("K", OTHERS, 1 - share), K_A * e),
        "eps": (jensen("eps", OTHERS, share) - 2 * share * e, DEEP_SUM * e),
        "zeta": (jensen("zeta", OTHERS, share), LACK_BOUND * e),
        "A": (2 * AT_0.own * (jensen("A", WEIGHT_RATIO, share) - 2 * share * e)
              + 2 * AT_0.mean * DEEP_SUM * share * e, C_A * e),
        "B": (2 * AT_4.own * jensen("B", WEIGHT_RATIO, share)
              + 2 * AT_4.mean * LACK_BOUND * share * e, C_B * e),
        "V": (2 * jensen("V", WEIGHT_RATIO, share) - share * e, K_V * e),
    }[name]  # fmt: skip


_WHY = {
    "K": "K_A is at least psi_j (2 + 2 delta_j)",
    "eps": "eps is at least the sum of psi_j (delta_j + 2)-",
    "zeta": "zeta is at least the sum of psi_j delta_j-",
    "A": "c_A, where delta_j < -2",
    "B": "c_B, where delta_j < 0",
    "V": "K_V, where delta_j < 0",
}


#: No condition is weakened.
_ALL: Mapping[str, Number] = MappingProxyType({})


def weight_hypotheses() -> tuple[Hypothesis, ...]:
    """``omega`` and ``q`` of the weights."""
    return (
        Hypothesis("weights", every(at_most(1, exponential(OMEGA) * pi(K)), K),
                   "omega is at least log(1/pi_min)"),
        Hypothesis("ratio", every(every(at_most(pi(I_), WEIGHT_RATIO * pi(K)), K), I_),
                   "q is at least pi_max/pi_min"),
    )  # fmt: skip


def constant_hypotheses(parts: Mapping[str, Number] = _ALL) -> tuple[Hypothesis, ...]:
    """What the constants are above; left sides times `parts`, to see the proof fail."""

    def most(name: str, left: Term, right: Operand, why: str) -> Hypothesis:
        return Hypothesis(name, at_most(parts.get(name, 1) * left, right), why)

    def parabolas(name: str, why: str) -> Hypothesis:
        left, right = parabola(name, S)
        return Hypothesis(name, every(at_most(parts.get(name, 1) * left, right), S), why)

    e, slope = exponential(1) ** 2, exponential(Fraction(17, 10)) ** 2
    return (
        *(Hypothesis(f"split {name}", equal((split.own - 1) * (split.mean - 1), 1),
                     "two numbers above 1")
          for name, split in (("A", AT_0), ("B", AT_4))),
        Hypothesis("a_A > 1", below(1, AT_0.own), "the first of them"),
        Hypothesis("a_B > 1", below(1, AT_4.own), "the first of them"),
        *(parabolas(name, why) for name, why in _WHY.items()),
        most("c_A", 2 * AT_0.mean * DEEP_SUM, C_A, "c_A, elsewhere"),
        Hypothesis("eps >= 0", nonnegative(DEEP_SUM), "a bound of positive parts"),
        Hypothesis("zeta >= 0", nonnegative(LACK_BOUND), "a bound of positive parts"),
        Hypothesis("K_V >= 0", nonnegative(K_V), "the same"),
        most("K_A and a_A", Fraction(400, 21) * AT_0.own * WEIGHT_RATIO, K_A * slope,
             "K_A, where delta_j < -2"),
        most("K_B and a_B", 16 * AT_4.own * WEIGHT_RATIO, K_B * e, "K_B, where delta_j < 0"),
        most("K_B and K_A", K_A, K_B, "K_B, elsewhere"),
        most("K_V and K_A", (K_A - 1) ** 2, 4 * K_V + 2, "K_V, elsewhere"),
        Hypothesis("c_A <= c_B", at_most(C_A, C_B), "as they are"),
    )  # fmt: skip


#: Values for two components of equal weight.
INSTANCE = (
    (OMEGA, log(2) + 1e-6), (WEIGHT_RATIO, Fraction(1)),
    *((value, Fraction(2)) for split in (AT_0, AT_4) for value in split),
    (TANGENTS["K"], Fraction(12, 5)), (TANGENTS["eps"], Fraction(16, 5)),
    (TANGENTS["zeta"], Fraction(3, 2)), (TANGENTS["A"], Fraction(16, 5)),
    (TANGENTS["B"], Fraction(3, 2)), (TANGENTS["V"], Fraction(2)),
    (K_A, Fraction(9, 4)), (DEEP_SUM, Fraction(1, 20)), (LACK_BOUND, Fraction(1, 4)),
    (C_A, Fraction(1, 4)), (C_B, Fraction(6, 5)), (K_B, Fraction(9, 2)), (K_V, Fraction(1, 3)),
)  # fmt: skip
