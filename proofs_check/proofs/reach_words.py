"""Each deviation by itself: the parts of ``Y_j - mean Y`` and what bounds each, in the max norm."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift_words import B2, PARTS, PULLED
from proofs_check.proofs.cluster_errors import ALPHA
from proofs_check.proofs.cluster_moments import (
    PULL_MOST,
)
from proofs_check.proofs.cluster_words import (
    BETA,
    ERROR,
    THETA,
    C,
    U,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.language import (
    A,
    J,
    V,
    define,
    real,
    total,
)

F = Fraction

#: ``rho``, a bound of every ``|delta_j|``; ``r`` is at least the root of 2 times it.
RHO = real("rho")


#: ``7 r (1 + b^2) <= 1``, so that every ``|theta_j|`` is at most ``TILT``.
SMALL, TILT = F(7), F(1, 14)


#: ``|e_j| <= rho^2 FIRST_ORDER``, and ``E (w_j - 1)^2 <= rho^2 IMBALANCE``.
FIRST_ORDER = 2 * ALPHA + PULL_MOST


ERROR_RATE = F(6, 5) + PULL_MOST, F(4, 3)


IMBALANCE_RATE = (F(214, 25), F(22, 7))


IMBALANCE = IMBALANCE_RATE[0] + IMBALANCE_RATE[1] * B2


#: Of ``theta_j^2`` in ``E (w_j - 1)^2``.
TILT_RATE = F(5, 3) + F(2, 3) * TILT


#: Coefficients of ``rho^3`` by powers of ``b^2``.
UNBALANCED, TURNED_BY = (F(17, 2), F(199, 10), F(71, 10)), F(10, 3)


TILTED_RATE = tuple((1 + 2 * TILT) * c for c in ERROR_RATE)


#: ``y = rho^2 b LINEAR + rho^3 SECOND``.
LINEAR = (TILTED_RATE[0], TILTED_RATE[1] + 1)


DRIFT_RATE = (
    UNBALANCED[0] + TURNED_BY + 2 * PULLED[0],
    UNBALANCED[1] + 2 * PULLED[1],
    UNBALANCED[2],
)


#: The parts of ``Y_ja`` less its mean. The means of the errors and of the ``w_j - 1`` are zero.
TILTED_ERROR = ERROR * (1 - THETA) + U * total(ERROR * THETA, J)


TILT_SQUARE = THETA**2 - U * total(THETA**2, J)


MEANS = {name: U * total(PARTS[name], J) for name in ("turned", "pulled")}


OWN = {
    "linear": define("Z1_{1}{2}", TILTED_ERROR * C, V, J, A)(V, J, A),
    "tilted": define("Z2_{1}{2}", TILT_SQUARE * C, V, J, A)(V, J, A),
    "unbalanced": PARTS["unbalanced"],
    "turned": define("Z4_{1}{2}", PARTS["turned"] - MEANS["turned"], V, J, A)(V, J, A),
    "pulled": define("Z5_{1}{2}", PARTS["pulled"] - MEANS["pulled"], V, J, A)(V, J, A),
}


def _by_b(coefficients: tuple[Fraction, ...]) -> Term:
    return Term("add", tuple(c * B2**k for k, c in enumerate(coefficients)))


BOUNDS = {
    "linear": RHO**2 * BETA * _by_b(TILTED_RATE),
    "tilted": RHO**2 * BETA**3,
    "unbalanced": RHO**3 * _by_b(UNBALANCED),
    "turned": TURNED_BY * RHO**3,
    "pulled": 2 * RHO**3 * _by_b(PULLED),
}


#: ``y``, the bound of every ``|Y_j - mean Y|``.
TOTAL = Term("add", tuple(BOUNDS.values()))
