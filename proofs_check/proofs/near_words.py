"""One component near the truth, the others far from it: the words of Lemma V."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.far_words import AXIS, HALF, RUN, TWICE_PHI, norm, norm_square
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.language import (
    I_,
    N_,
    A,
    J,
    K,
    V,
    X,
    at_most,
    define,
    delta,
    entry,
    equal,
    every,
    exponential,
    nonnegative,
    pi,
    psi,
    real,
    root,
    total,
    v,
)
from proofs_check.proofs.tactics.score import m
from proofs_check.proofs.tactics.script import Hypothesis

EPS = real("e")
#: All others are at least this far.
LEAST_FAR = Fraction(4)
#: Coefficients ``c_1, ..., c_q`` of the bounds ``sum_p c_p r^p/(1+r)^q`` of ``psi_k``,
#: ``psi_i psi_k`` and ``psi_i psi_k (1 - psi_i)`` in the odds ``r = psi_k/psi_i``.
SHARE = (Fraction(1),)
PRODUCT = (Fraction(1), Fraction(0))
TRIPLE = (Fraction(4, 27), Fraction(1), Fraction(2), Fraction(1), Fraction(0))
#: What their integrals are at most, and what is added to half the distance.
MOST_SHARE = Fraction(353, 100)
MOST_PRODUCT, BESIDE_PRODUCT = Fraction(1571, 1000), Fraction(369, 1000)
MOST_TRIPLE, BESIDE_TRIPLE = Fraction(52, 100), Fraction(169, 1000)

#: ``D = grad_i L - 2 v_i``, what the others do to the gradient of the near component.
pull = define(
    "D_{1}{2}({0})", RUN.gradient(V, I_, A) - 2 * v(V, I_, A), V, I_, A, latex=r"D_{{{1}{2}}}({0})"
)
pull_square = define(
    "|D_{1}|^2({0})", total(pull(V, I_, A) ** 2, A), V, I_, latex=r"|D_{{{1}}}|^2({0})"
)
pull_at = define("D_{1}.x", total(pull(V, I_, A) * entry(X, A), A), V, I_, X)
pull_near = define("D_{1}.v_{1}", total(pull(V, I_, A) * v(V, I_, A), A), V, I_)
pull_far = define("D_{1}.w_{2}", total(pull(V, I_, A) * (v(V, K, A) - v(V, I_, A)), A), V, I_, K)
#: ``b_k = |v_k - v_i|``.
distance_square = define(
    "|v_{2}-v_{1}|^2({0})",
    total((v(V, K, A) - v(V, I_, A)) ** 2, A),
    V, I_, K,
    latex=r"|v_{{{2}}}-v_{{{1}}}|^2({0})",
)  # fmt: skip
inner_near = define(
    "v_{1}.w_{2}", total(v(V, I_, A) * (v(V, K, A) - v(V, I_, A)), A), V, I_, K
)
offset = define("Delta_{2}{3}", m(V, X, A) - v(V, I_, A), V, X, I_, A)
offset_square = define("|Delta|^2", total(offset(V, X, I_, A) ** 2, A), V, X, I_)
offset_near = define("Delta.v_i", total(offset(V, X, I_, A) * v(V, I_, A), A), V, X, I_)
offset_pull = define("Delta.D", total(offset(V, X, I_, A) * pull(V, I_, A), A), V, X, I_)

APART = 1 - delta(I_, K)
P, S = psi(V, I_), psi(V, K)
OTHERS = 1 - P
Y = root(pull_square(V, I_))
G = root(pull_at(V, I_, X) ** 2)
B_K = root(distance_square(V, I_, K))
R_K, FAR2, NEAR2 = norm(V, K), norm_square(V, K), norm_square(V, I_)
#: ``z = |v_k| - eps``, and ``phi(z/2)``.
ROOM = R_K - EPS
DECAY = exponential(Fraction(-1, 8) * ROOM * ROOM)
DENSITY = HALF * TWICE_PHI * DECAY


def share_at(r: Term) -> Term:
    """``E(r)``: what a component at distance r adds to the bound of ``|D|``."""
    s = real("r")
    z = s - EPS
    return define(
        "E({0})",
        TWICE_PHI * exponential(Fraction(-1, 8) * z * z) * polynomial(z),
        s, EPS, AXIS,
    )(r, EPS, AXIS)  # fmt: skip


def polynomial(z: Term) -> Term:
    """What stands beside ``2 phi(z/2)`` in ``E``."""
    height = HALF * z
    return (
        MOST_SHARE / (LEAST_FAR - HALF) * EPS
        + MOST_PRODUCT * (1 + EPS**2)
        + EPS * (MOST_PRODUCT * height + BESIDE_PRODUCT)
        + (z + 2 * EPS) * (MOST_TRIPLE * height + BESIDE_TRIPLE + MOST_TRIPLE * EPS)
    )


#: The sum over all others.
drift = define(
    "E_{1}({0})", total(APART * share_at(R_K), K), V, I_, EPS, AXIS, latex=r"E_{{{1}}}({0})"
)


def near_hypotheses() -> tuple[Hypothesis, ...]:
    """Uniform weights, ``|v_i| <= eps <= 1/2``, ``|v_k| >= 4`` for all others."""
    far = at_most(LEAST_FAR**2 * APART, FAR2)
    return (
        Hypothesis("uniform", every(equal(N_ * pi(J), 1), J), "uniform weights"),
        Hypothesis("eps >= 0", nonnegative(EPS), "a radius"),
        Hypothesis("eps <= 1/2", at_most(EPS, HALF), "a small one"),
        Hypothesis("near", at_most(NEAR2, EPS**2), "|v_i| is at most eps"),
        Hypothesis("far for all", every(far, K), "every other is at least 4 away"),
    )
