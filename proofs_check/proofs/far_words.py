"""A component far from the truth, the others anywhere: the words of Lemma F' and Theorem L."""

from __future__ import annotations

from fractions import Fraction

from derive.identities.by_name import named
from derive.losses.objectives import FORWARD
from proofs_check.proofs.identity_i6 import half_gap
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.language import (
    D_,
    A,
    Descent,
    J,
    K,
    Number,
    V,
    X,
    at_most,
    case,
    coordinate,
    define,
    entry,
    equal,
    every,
    exponential,
    inverse,
    mean_q,
    pi,
    psi,
    real,
    root,
    total,
    v,
)
from proofs_check.proofs.tactics.script import Hypothesis

HALF = Fraction(1, 2)
AXIS = coordinate("b")
#: A bound of ``B_j`` from below, of ``log(pi_j/pi_k)`` from above, and ``log 2``.
BETA, KAPPA, LOG_TWO = real("beta"), real("kappa"), real("s")
RUN = Descent(FORWARD)

norm_square = define("|v_{1}|^2({0})", total(v(V, J, A) ** 2, A), V, J, latex=r"|v_{{{1}}}|^2({0})")
point_square = define("|x|^2", total(entry(X, A) ** 2, A), X)
along = define("v_{1}.x", total(v(V, J, A) * entry(X, A), A), V, J, X, latex=r"v_{{{1}}}\cdot x")
#: ``l_j = v_j.x - |v_j|^2/2`` and its mean under the responsibilities.
level = define("l_{2}", along(V, J, X) - HALF * norm_square(V, J), V, X, J)
mean_level = define("lbar", total(psi(V, J) * level(V, X, J), J), V, X, latex=r"\bar l")
#: ``T_j = v_j.(v_j - x)``, its positive and negative part.
gap = define("T_{2}", norm_square(V, J) - along(V, J, X), V, X, J)
inward = define("T+_{2}", case(0, gap(V, X, J), gap(V, X, J), 0), V, X, J, latex="T^+_{2}")
outward = define("T-_{2}", case(0, gap(V, X, J), 0, -gap(V, X, J)), V, X, J, latex="T^-_{2}")
bracket = half_gap({term.name: term.coefficient for term in named("I6").terms})
#: ``v_j.grad_j L`` and ``|v_j|``.
radial = define(
    "v_{1}.grad_{1} L({0})",
    total(v(V, J, A) * RUN.gradient(V, J, A), A),
    V, J,
    latex=r"v_{{{1}}}\cdot\nabla_{{{1}}} L({0})",
)  # fmt: skip
norm = define("|v_{1}|({0})", root(norm_square(V, J)), V, J, latex=r"|v_{{{1}}}|({0})")
#: ``2 phi(0) = E_q|x_b|``.
TWICE_PHI = define("2phi(0)", mean_q(root(entry(X, AXIS) ** 2)), AXIS, latex=r"2\phi(0)")(AXIS)


def rate_parts(r: Term, kappa: Term) -> tuple[Term, Term]:
    """The exponential and the polynomial in ``1/r`` of ``nu_j(r)``."""
    one = inverse(r)
    decay = exponential(HALF * D_ * LOG_TWO - Fraction(1, 4) * r**2)
    return decay, HALF * one + (kappa + HALF) * one**3 + 3 * one**5


def nu_at(r: Term, kappa: Term) -> Term:
    """``nu_j(r)``: what the far side of a component at distance r takes away."""
    s = real("r")
    decay, terms = rate_parts(s, KAPPA)
    nu = define(
        "nu_{1}({0})",
        TWICE_PHI * decay * inverse(pi(J)) * terms,
        s, J, KAPPA, LOG_TWO, AXIS,
        latex=r"\nu_{{{1}}}({0})",
    )  # fmt: skip
    return nu(r, J, kappa, LOG_TWO, AXIS)


#: ``nu_j(|v_j|)``.
NU = nu_at(norm(V, J), KAPPA)
#: ``2^(-d/2) exp(-|v_j|^2/4)``.
FLOOR = exponential(Fraction(-1, 4) * norm_square(V, J) - HALF * D_ * LOG_TWO)
T, T_IN, T_OUT = (one(V, X, J) for one in (gap, inward, outward))
B_J = bracket(V, X, J)


def weights_hypothesis() -> Hypothesis:
    """``pi_j <= exp(kappa) pi_k`` for every k."""
    bound = every(at_most(pi(J), exponential(KAPPA) * pi(K)), K)
    return Hypothesis("kappa", bound, "kappa is at least the logarithm of pi_j/pi_min")


def far_hypotheses(room: Number = 4) -> tuple[Hypothesis, ...]:
    """``log 2``, the weights, ``|v_j|^2 >= d + 4``."""
    return (
        Hypothesis("log 2", equal(exponential(LOG_TWO), 2), "s = log 2"),
        weights_hypothesis(),
        Hypothesis("far", at_most(D_ + room, norm_square(V, J)), "v_j is far from the truth"),
    )
