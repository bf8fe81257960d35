"""A cluster of components with equal weights: its centre, deviations, and what they do at x."""

from __future__ import annotations

from fractions import Fraction

from derive.losses.objectives import FORWARD
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.language import (
    N_,
    A,
    B,
    Descent,
    J,
    K,
    V,
    X,
    at_most,
    define,
    entry,
    equal,
    every,
    inverse,
    log_ratio,
    mean_q,
    nonnegative,
    pi,
    psi,
    real,
    total,
    v,
)
from proofs_check.proofs.tactics.score import covariance, error_square, m
from proofs_check.proofs.tactics.script import Hypothesis

HALF = Fraction(1, 2)
#: ``b`` and ``r``: bounds of ``|c|`` and of ``D``; ``u = 1/n``; ``w_j = n psi_j``.
BETA, R = real("b"), real("r")
U = inverse(N_)
W = N_ * psi(V, J)
WK = N_ * psi(V, K)

centre = define("c_{1}", U * total(v(V, J, A), J), V, A, latex="c_{{{1}}}")
deviation = define("delta_{1}{2}", v(V, J, A) - centre(V, A), V, J, A, latex=r"\delta_{{{1}{2}}}")
centre_square = define("|c({})|^2", total(centre(V, A) ** 2, A), V)
deviation_square = define(
    "|delta_{1}|^2", total(deviation(V, J, A) ** 2, A), V, J, latex=r"|\delta_{1}|^2"
)
spread = define("D^2({})", total(deviation_square(V, J), J), V)
variance = define("sigma^2({})", U * spread(V), V, latex=r"\sigma^2({})")
tilt = define("theta_{1}", total(deviation(V, J, A) * centre(V, A), A), V, J, latex=r"\theta_{1}")
shift = define("mu_{2}", m(V, X, A) - centre(V, A), V, X, A, latex=r"\mu_{2}")
shift_square = define("|mu|^2", total(shift(V, X, A) ** 2, A), V, X, latex=r"|\mu|^2")
along_shift = define(
    "delta_{2}.mu",
    total(deviation(V, J, A) * shift(V, X, A), A),
    V, X, J,
    latex=r"\delta_{2}\cdot\mu",
)  # fmt: skip
#: ``a_j = delta_j.(x - c) - |delta_j|^2/2``; ``log w_j = a_j - lambda``.
exponent = define(
    "a_{2}",
    total(deviation(V, J, A) * (entry(X, A) - centre(V, A)), A) - HALF * deviation_square(V, J),
    V, X, J,
)  # fmt: skip
normaliser = define(
    "lambda",
    log_ratio(V) - total(entry(X, A) * centre(V, A), A) + HALF * centre_square(V),
    V, X,
    latex=r"\lambda",
)  # fmt: skip
#: ``chi``, the mean over j of ``(w_j - 1)^2``.
imbalance = define("chi", N_ * total(psi(V, J) ** 2, J) - 1, V, X, latex=r"\chi")
#: ``F_a - c_a``, where ``G_j = E[w_j F] + E[w_j (C - m m^T)] delta_j``.
along_score = define("mu.m", total(shift(V, X, A) * m(V, X, A), A), V, X, latex=r"\mu\cdot m")
image = define(
    "(C(m+mu))_{2}",
    total(covariance(V, X, A, B) * (m(V, X, B) + shift(V, X, B)), B),
    V, X, A,
    latex=r"(C(m+\mu))_{2}",
)  # fmt: skip
remainder = define(
    "Phi_{2}",
    shift(V, X, A) + along_score(V, X) * m(V, X, A) - image(V, X, A),
    V, X, A,
    latex=r"\Phi_{2}",
)  # fmt: skip
turned = define(
    "(C delta_{2})_{3}",
    total(covariance(V, X, A, B) * deviation(V, J, B), B),
    V, X, J, A,
    latex=r"(C\delta_{2})_{3}",
)  # fmt: skip
#: Descent on the forward loss with step ``h n``, and ``G_ja = n/2 dL/dv_ja``.
H = real("h")
RUN = Descent(FORWARD, H * N_)
slope = define("G_{1}{2}", HALF * N_ * RUN.gradient(V, J, A), V, J, A, latex="G_{{{1}{2}}}")

#: At the state and the point: the terms that the steps speak of.
C, DELTA, THETA = centre(V, A), deviation(V, J, A), tilt(V, J)
S2, D2, SIGMA2, C2 = deviation_square(V, J), spread(V), variance(V), centre_square(V)
MU, MU2, P = shift(V, X, A), shift_square(V, X), along_shift(V, X, J)
AJ, LAMBDA, CHI = exponent(V, X, J), normaliser(V, X), imbalance(V, X)
SIZE = error_square(V, X)
#: ``omega_j = E w_j``, ``Q_j = E w_j^2``, ``nu^2 = E chi``, ``e_j = omega_j - 1 + theta_j``.
OMEGA = define("omega_{1}", mean_q(W), V, J, latex=r"\omega_{1}")(V, J)
SECOND = define("Q_{1}", mean_q(W**2), V, J)(V, J)
NU2 = define("nu^2({})", mean_q(CHI), V, latex=r"\nu^2({})")(V)
ERROR = define("e_{1}", OMEGA - 1 + THETA, V, J)(V, J)
SHIFT_MEAN = define("E|mu|^2({})", mean_q(MU2), V, latex=r"E|\mu|^2({})")(V)


def uniform() -> Hypothesis:
    """``n pi_j = 1`` for every j."""
    return Hypothesis("uniform", every(equal(N_ * pi(J), 1), J), "uniform weights")


def cluster_hypotheses() -> tuple[Hypothesis, ...]:
    """Uniform weights, ``D <= r``, ``|c| <= b``, ``4 r (1 + b^2) <= 1``."""
    return (
        uniform(),
        Hypothesis("r >= 0", nonnegative(R), "r is a radius"),
        Hypothesis("b >= 0", nonnegative(BETA), "b is a distance"),
        Hypothesis("spread", at_most(D2, R**2), "the deviations lie within r"),
        Hypothesis("centre", at_most(C2, BETA**2), "the centre lies within b"),
        Hypothesis("small", at_most(4 * R * (1 + BETA**2), 1), "r is small against b"),
        Hypothesis("h >= 0", nonnegative(H), "the step size is h n"),
    )


def square_sum(of: Term, *over: Term) -> Term:
    """The sum of the squares of a family."""
    return total(of**2, *over)
