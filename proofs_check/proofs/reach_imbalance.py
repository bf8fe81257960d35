"""Each deviation by itself: ``e_j`` and ``E (w_j - 1)^2`` by the largest of all."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift_words import B2
from proofs_check.proofs.cluster_moments import (
    PULL_MOST,
    SECOND_MOST,
)
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import (
    BETA,
    D2,
    ERROR,
    HALF,
    MU2,
    OMEGA,
    S2,
    SECOND,
    SIGMA2,
    THETA,
    P,
    R,
    W,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.reach_words import (
    ERROR_RATE,
    FIRST_ORDER,
    IMBALANCE,
    IMBALANCE_RATE,
    RHO,
    SMALL,
    TILT,
    TILT_RATE,
)
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.language import (
    N_,
    J,
    V,
    at_most,
    equal,
    mean_q,
    nonnegative,
    psi,
    total,
)
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import TEACHER, Derived, Specialise

F = Fraction


def within_steps() -> tuple[Step, ...]:
    """``s_j <= rho``, ``sigma <= rho``, ``s_j^2 + sigma^2 <= r^2``."""
    return (
        Step("s_j^2 <= rho^2", "each j", at_most(S2, RHO**2), Specialise((J,)), ("reach",)),
        Step(
            "sum of s_j^2 and rho",
            "over j",
            at_most(D2, N_ * RHO**2),
            Average((J,)),
            ("s_j^2 <= rho^2",),
        ),
        shown(
            "sigma^2 <= rho^2",
            "divided by n",
            at_most(SIGMA2, RHO**2),
            (1, ("u >= 0", "sum of s_j^2 and rho")),
            using=("1/n",),
        ),
        shown(
            "s_j^2 + sigma^2",
            "with 2 rho^2 <= r^2",
            at_most(S2 + SIGMA2, R**2),
            (1, ("s_j^2 <= rho^2",)),
            (1, ("sigma^2 <= rho^2",)),
            (1, ("r and rho",)),
        ),
        shown(
            "2 sigma^2",
            "with 2 rho^2 <= r^2",
            at_most(2 * SIGMA2, R**2),
            (2, ("sigma^2 <= rho^2",)),
            (1, ("r and rho",)),
        ),
    )


def small_steps() -> tuple[Step, ...]:
    """``4 r (1 + b^2) <= 1`` and ``14 r b <= 1``."""
    return (
        shown(
            "small",
            "4 <= 7",
            at_most(4 * R * (1 + B2), 1),
            (F(4) / SMALL, ("smaller",)),
            (1 - F(4) / SMALL, ()),
        ),
        shown(
            "14 r b <= 1",
            "7 r (1 - b)^2 >= 0",
            at_most(2 * SMALL * R * BETA, 1),
            (1, ("smaller",)),
            (SMALL, ("r >= 0",), (1 - BETA,)),
        ),
    )


def error_steps() -> tuple[Step, ...]:
    """``|theta_j| <= 1/14``, ``|e_j| <= rho^2 FIRST_ORDER``, powers of sigma."""
    bound = RHO**2 * FIRST_ORDER

    def by_rho(name: str, side: Term) -> Step:
        return shown(
            f"{name} and rho",
            "s_j, sigma <= rho",
            at_most(side, bound),
            (1, (name,)),
            (F(3, 5), ("s_j^2 <= rho^2",)),
            (F(2, 3), ("s_j^2 <= rho^2",), (BETA,)),
            (F(3, 5) + PULL_MOST, ("sigma^2 <= rho^2",)),
            (F(2, 3), ("sigma^2 <= rho^2",), (BETA,)),
        )

    return (
        shown(
            "theta_j >= -1/14",
            "r b <= 1/14",
            at_most(-TILT, THETA),
            (1, ("-theta_j <= r b",)),
            (TILT, ("14 r b <= 1",)),
        ),
        shown(
            "theta_j <= 1/14",
            "r b <= 1/14",
            at_most(THETA, TILT),
            (1, ("theta_j <= r b",)),
            (TILT, ("14 r b <= 1",)),
        ),
        by_rho("e_j from above", ERROR),
        by_rho("e_j from below", -ERROR),
        shown(
            "sigma^4 <= rho^4",
            "its square",
            at_most(SIGMA2**2, RHO**4),
            (1, ("sigma^2 <= rho^2",), (RHO,)),
            (1, ("sigma^2 <= rho^2", "sigma^2 >= 0")),
        ),
    )


def own_imbalance_steps() -> tuple[Step, ...]:
    """``E (w_j - 1)^2 <= rho^2 IMBALANCE``."""
    one = mean_q((W - 1) ** 2)
    positive_part = 1 + THETA - F(2, 3) * THETA**2
    spread_at_x = total(psi(V, J) * S2, J)
    return (
        Step(
            "spread at x and rho",
            "averaged",
            at_most(spread_at_x, RHO**2),
            Average((J,), (psi(V, J),)),
            ("s_j^2 <= rho^2",),
        ),
        shown(
            "|mu|^2 <= rho^2",
            "a mean of the deviations",
            at_most(MU2, RHO**2),
            (1, ("variance at x",)),
            (1, ("spread at x and rho",)),
        ),
        shown(
            "-delta_j.mu and rho",
            "at most (s_j^2 + |mu|^2)/2",
            at_most(-P, RHO**2),
            (HALF, ("delta_j + mu",)),
            (HALF, ("s_j^2 <= rho^2",)),
            (HALF, ("|mu|^2 <= rho^2",)),
        ),
        shown(
            "-w_j^2 delta_j.mu and rho",
            "times w_j^2",
            at_most(-(W**2) * P, RHO**2 * W**2),
            (1, ("w_j^2 >= 0", "-delta_j.mu and rho")),
        ),
        Step(
            "-E w_j^2 delta_j.mu and rho",
            "averaged",
            at_most(-mean_q(W**2 * P), RHO**2 * SECOND),
            Average((TEACHER,)),
            ("-w_j^2 delta_j.mu and rho",),
        ),
        shown(
            "1 + theta_j - 2/3 theta_j^2 >= 0",
            "theta_j is small",
            nonnegative(positive_part),
            (F(2, 3), ("theta_j >= -1/14", "theta_j <= 1/14")),
            (1, ("theta_j >= -1/14",)),
            (1 - TILT - F(2, 3) * TILT**2, ()),
        ),
        Step(
            "E (w_j - 1)^2 by moments",
            "Q_j - 2 omega_j + 1",
            equal(one, SECOND - 2 * OMEGA + 1),
            Derived(),
        ),
        shown(
            "E (w_j - 1)^2 and rho",
            "with Q_j, and omega_j = 1 - theta_j + e_j",
            at_most(one, IMBALANCE * RHO**2),
            (1, ("Q_j",)),
            (2, ("-E w_j^2 delta_j.mu and rho",)),
            (F(3, 2), ("s_j^2 <= rho^2", "Q_j >= 0")),
            (HALF, ("sigma^2 <= rho^2", "Q_j >= 0")),
            (4, ("Q_j <= 5/3",), (RHO,)),
            (1, ("e_j from below and rho", "1 + theta_j - 2/3 theta_j^2 >= 0")),
            *((c, ("theta_j <= 1/14",), (RHO * BETA**k,)) for k, c in enumerate(ERROR_RATE)),
            *((F(2, 3) * c, (), (RHO * THETA * BETA**k,)) for k, c in enumerate(ERROR_RATE)),
            (F(2, 3), ("theta_j >= -1/14", "theta^2 >= 0")),
            (TILT_RATE, ("theta_j^2",)),
            (TILT_RATE, ("s_j^2 <= rho^2",), (BETA,)),
            *((c, (), (RHO * BETA**k,)) for k, c in enumerate(_left_of_imbalance())),
            using=("E (w_j - 1)^2 by moments",),
        ),
    )


def _left_of_imbalance() -> tuple[Fraction, Fraction]:
    """What ``IMBALANCE`` has beyond what is used."""
    used = (
        4 * SECOND_MOST + (1 + TILT) * ERROR_RATE[0],
        (1 + TILT) * ERROR_RATE[1] + TILT_RATE,
    )
    return IMBALANCE_RATE[0] - used[0], IMBALANCE_RATE[1] - used[1]
