"""The drift ``Y_j``, its five parts, and what bounds each: the words of the Key Lemma."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_errors import ALPHA
from proofs_check.proofs.cluster_moments import PULL_MOST
from proofs_check.proofs.cluster_words import (
    BETA,
    ERROR,
    MU,
    SIGMA2,
    THETA,
    C,
    P,
    R,
    W,
    along_score,
    image,
    remainder,
    slope,
    turned,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.language import (
    A,
    J,
    V,
    X,
    define,
    mean_q,
)
from proofs_check.proofs.tactics.score import covariance_square, m, trace

F = Fraction

MA, PHI, TURNED, IMAGE = m(V, X, A), remainder(V, X, A), turned(V, X, J, A), image(V, X, A)


C_SIZE, TRACE, ALONG = covariance_square(V, X), trace(V, X), along_score(V, X)


PULL = define("q_{2}{3}", MA * P + THETA * MU, V, X, J, A, latex="q_{{{2}{3}}}")(V, X, J, A)


C_MEAN = define("E|C|^2({})", mean_q(C_SIZE), V, latex="E|C|^2({})")(V)


#: The five parts of ``Y_ja``.
PARTS = {
    "linear": define("Y1_{1}{2}", ERROR * (1 - THETA) * C, V, J, A)(V, J, A),
    "tilted": define("Y2_{1}{2}", THETA**2 * C, V, J, A)(V, J, A),
    "unbalanced": define("Y3_{1}{2}", mean_q((W - 1) * PHI), V, J, A)(V, J, A),
    "turned": define("Y4_{1}{2}", mean_q(W * TURNED), V, J, A)(V, J, A),
    "pulled": define("Y5_{1}{2}", -mean_q(W * PULL), V, J, A)(V, J, A),
}


drift = define("Y_{1}{2}", slope(V, J, A) - (1 - 2 * THETA) * C - mean_q(PHI), V, J, A)


DRIFT = drift(V, J, A)


B2 = BETA**2


#: Bounds of the parts: of order ``r^2``, and of order ``r sigma^2``.
LINEAR = F(4, 5) * BETA * (2 * ALPHA + PULL_MOST)


#: Coefficients of ``r sigma^2`` by powers of ``b^2``, and what ``y`` has of them altogether.
UNBALANCED, TURNED_BY, PULLED = (F(101, 20), F(267, 20), F(7)), F(5, 3), (F(33, 20), F(67, 10))


DRIFT_RATE = (UNBALANCED[0] + TURNED_BY + PULLED[0], UNBALANCED[1] + PULLED[1], UNBALANCED[2])


BOUNDS = {
    "linear": R**2 * LINEAR,
    "tilted": R**2 * BETA**3,
    "unbalanced": R * SIGMA2 * Term("add", tuple(c * B2**k for k, c in enumerate(UNBALANCED))),
    "turned": TURNED_BY * R * SIGMA2,
    "pulled": R * SIGMA2 * Term("add", tuple(c * B2**k for k, c in enumerate(PULLED))),
}


#: ``y``, the bound of ``|Y|``.
TOTAL = Term("add", tuple(BOUNDS.values()))
