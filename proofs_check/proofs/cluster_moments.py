"""Moments of the responsibilities of a small cluster, by tangents and Stein's identity alone.

``w_j = n psi_j``. A tangent of the exponential bounds ``w_j`` by ``w_j log w_j`` and back; Stein's
identity turns ``E[w_j log w_j]`` into ``E w_j`` times what is small.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import (
    AJ,
    BETA,
    DELTA,
    HALF,
    MU,
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
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import (
    SquareRoot,
)
from proofs_check.proofs.tactics.exponential_bounds import ExponentialAbove
from proofs_check.proofs.tactics.language import (
    A,
    at_most,
    equal,
    exponential,
    mean_q,
    nonnegative,
    positive,
)
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import TEACHER, Derived, Square, Squares

C1 = Fraction(2, 3)


#: ``-E w_j delta_j.mu <= PULL_MOST sigma^2``.
PULL_MOST = Fraction(9, 16)


def first_moment_steps() -> tuple[Step, ...]:
    """``omega_j (1 - (s_j^2 + sigma^2)/2) + E[w_j delta_j.mu] <= 1 - theta_j + 2/3 theta_j^2``."""
    above = 1 - THETA + C1 * THETA**2
    half = HALF * (S2 + SIGMA2)
    pulled = mean_q(W * P)
    return (
        shown(
            "8 r b <= 1",
            "4 r (1 - b)^2 >= 0",
            at_most(8 * R * BETA, 1),
            (1, ("small",)),
            (4, ("r >= 0",), (1 - BETA,)),
        ),
        shown(
            "4 r <= 1", "r b^2 >= 0", at_most(4 * R, 1), (1, ("small",)), (4, ("r >= 0",), (BETA,))
        ),
        shown(
            "s_j^2 <= r^2",
            "sigma^2 >= 0",
            at_most(S2, R**2),
            (1, ("s_j^2 + sigma^2",)),
            (1, ("sigma^2 >= 0",)),
        ),
        shown(
            "theta_j^2 and r",
            "s_j <= r",
            at_most(THETA**2, (R * BETA) ** 2),
            (1, ("theta_j^2",)),
            (1, ("s_j^2 <= r^2",), (BETA,)),
        ),
        Step("theta^2 >= 0", "a square", nonnegative(THETA**2), Squares((Square(THETA),))),
        Step("b^2 >= 0", "a square", nonnegative(BETA**2), Squares((Square(BETA),))),
        shown("r b >= 0", "a product", nonnegative(R * BETA), (1, ("r >= 0", "b >= 0"))),
        Step(
            "theta_j <= r b",
            "its root",
            at_most(THETA, R * BETA),
            SquareRoot("theta_j^2 and r", "r b >= 0"),
            ("theta_j^2 and r", "r b >= 0"),
        ),
        Step(
            "-theta_j <= r b",
            "the same",
            at_most(-THETA, R * BETA),
            SquareRoot("theta_j^2 and r", "r b >= 0"),
            ("theta_j^2 and r", "r b >= 0"),
        ),
        shown(
            "theta_j >= -1/8",
            "r b <= 1/8",
            at_most(Fraction(-1, 8), THETA),
            (1, ("-theta_j <= r b",)),
            (Fraction(1, 8), ("8 r b <= 1",)),
        ),
        shown(
            "theta_j <= 1/8",
            "r b <= 1/8",
            at_most(THETA, Fraction(1, 8)),
            (1, ("theta_j <= r b",)),
            (Fraction(1, 8), ("8 r b <= 1",)),
        ),
        Step(
            "exp(-theta_j)",
            "for theta_j >= -1/8",
            at_most(exponential(-THETA), above),
            ExponentialAbove(THETA, "theta_j >= -1/8"),
            ("theta_j >= -1/8",),
        ),
        shown(
            "w_j at x",
            "lambda >= -sigma^2/2",
            at_most(W * (1 - THETA - AJ - HALF * SIGMA2), above),
            (1, ("w_j log w_j",)),
            (1, ("exp(-theta_j)",)),
            (1, ("w_j >= 0", "lambda")),
        ),
        Step(
            "mean of w_j a_j",
            "Stein's identity: the gradient of w_j is w_j (delta_j - mu)",
            equal(mean_q(W * AJ), HALF * S2 * OMEGA - pulled - THETA * OMEGA),
            Derived(),
        ),
        Step(
            "mean of w_j at x",
            "averaged under the teacher",
            at_most((1 - THETA - HALF * SIGMA2) * OMEGA - mean_q(W * AJ), above),
            Average((TEACHER,)),
            ("w_j at x",),
        ),
        shown(
            "omega_j",
            "with Stein's identity",
            at_most(OMEGA - half * OMEGA + pulled, above),
            (1, ("mean of w_j at x",)),
            using=("mean of w_j a_j",),
        ),
        Step("omega_j >= 0", "a mean", nonnegative(OMEGA), Average((TEACHER,)), ("w_j >= 0",)),
        Step(
            "delta_j + mu",
            "a sum of squares",
            nonnegative(S2 + 2 * P + MU2),
            Squares((Square(DELTA + MU, (A,)),)),
        ),
        shown(
            "-delta_j.mu",
            "at most (s_j^2 + |mu|^2)/2",
            at_most(-P, R**2 - SIGMA2),
            (HALF, ("delta_j + mu",)),
            (HALF, ("s_j^2 + sigma^2",)),
            (HALF, ("|mu|^2 and r",)),
        ),
        shown(
            "-w_j delta_j.mu",
            "times w_j",
            at_most(-W * P, (R**2 - SIGMA2) * W),
            (1, ("w_j >= 0", "-delta_j.mu")),
        ),
        Step(
            "-E w_j delta_j.mu",
            "averaged",
            at_most(-pulled, (R**2 - SIGMA2) * OMEGA),
            Average((TEACHER,)),
            ("-w_j delta_j.mu",),
        ),
        shown(
            "omega_j and r",
            "with sigma^2 >= 0 and s_j <= r",
            at_most(OMEGA * (1 - Fraction(3, 2) * R**2), 1 + R * BETA + C1 * (R * BETA) ** 2),
            (1, ("omega_j",)),
            (1, ("-E w_j delta_j.mu",)),
            (1, ("-theta_j <= r b",)),
            (C1, ("theta_j^2 and r",)),
            (HALF, ("s_j^2 + sigma^2", "omega_j >= 0")),
            (1, ("sigma^2 >= 0", "omega_j >= 0")),
        ),
    )


#: ``omega_j <= 6/5``, ``Q_j <= 5/3``, ``nu^2 <= 3 (1 + b^2) sigma^2``.
FIRST, SECOND_MOST, NU_MOST = Fraction(6, 5), Fraction(5, 3), Fraction(3)


def second_moment_steps() -> tuple[Step, ...]:
    """``omega_j <= 6/5``, ``Q_j <= 5/3``, ``nu^2 <= 3 (1 + b^2) sigma^2``."""
    above = 1 - THETA + C1 * THETA**2
    line = 1 + R * BETA + C1 * (R * BETA) ** 2
    pulled = mean_q(W**2 * P)
    q, half3 = mean_q(W**2), Fraction(3, 2)
    return (
        shown(
            "room for omega_j",
            "r is small against b",
            at_most(line, FIRST * (1 - half3 * R**2)),
            (Fraction(47, 240), ("small",)),
            (Fraction(1, 240), ()),
            (Fraction(1, 30), ("r >= 0",), (BETA,)),
            (Fraction(9, 20), ("r >= 0", "small")),
            (Fraction(29, 30) + Fraction(5, 6) - C1, (), (R * BETA,)),
            (Fraction(3, 4), ("r >= 0",), (BETA - Fraction(2, 3),)),
        ),
        shown(
            "1 - 3/2 r^2 > 0",
            "r <= 1/4",
            positive(1 - half3 * R**2),
            (Fraction(3, 8), ("r >= 0", "4 r <= 1")),
            (Fraction(3, 32), ("4 r <= 1",)),
            (Fraction(29, 32), ()),
        ),
        shown(
            "(6/5 - omega_j)(1 - 3/2 r^2)",
            "a product",
            at_most(OMEGA * (1 - half3 * R**2), FIRST * (1 - half3 * R**2)),
            (1, ("omega_j and r",)),
            (1, ("room for omega_j",)),
        ),
        Step(
            "omega_j <= 6/5",
            "divided",
            at_most(OMEGA, FIRST),
            Cancel("1 - 3/2 r^2 > 0", "(6/5 - omega_j)(1 - 3/2 r^2)"),
            ("1 - 3/2 r^2 > 0", "(6/5 - omega_j)(1 - 3/2 r^2)"),
        ),
        shown(
            "w_j^2 at x",
            "times w_j",
            at_most(W**2 * (1 - THETA - AJ - HALF * SIGMA2), above * W),
            (1, ("w_j at x", "w_j >= 0")),
        ),
        Step(
            "mean of w_j^2 a_j",
            "Stein's identity",
            equal(mean_q(W**2 * AJ), half3 * S2 * q - 2 * pulled - THETA * q),
            Derived(),
        ),
        Step(
            "mean of w_j^2 at x",
            "averaged under the teacher",
            at_most((1 - THETA - HALF * SIGMA2) * q - mean_q(W**2 * AJ), above * OMEGA),
            Average((TEACHER,)),
            ("w_j^2 at x",),
        ),
        shown(
            "Q_j",
            "with Stein's identity",
            at_most(SECOND * (1 - half3 * S2 - HALF * SIGMA2) + 2 * pulled, above * OMEGA),
            (1, ("mean of w_j^2 at x",)),
            using=("mean of w_j^2 a_j",),
        ),
        Step("w_j^2 >= 0", "a square", nonnegative(W**2), Squares((Square(W),))),
        Step("Q_j >= 0", "a mean", nonnegative(SECOND), Average((TEACHER,)), ("w_j^2 >= 0",)),
        shown(
            "-w_j^2 delta_j.mu",
            "times w_j^2",
            at_most(-(W**2) * P, (R**2 - SIGMA2) * W**2),
            (1, ("w_j^2 >= 0", "-delta_j.mu")),
        ),
        Step(
            "-E w_j^2 delta_j.mu",
            "averaged",
            at_most(-pulled, (R**2 - SIGMA2) * SECOND),
            Average((TEACHER,)),
            ("-w_j^2 delta_j.mu",),
        ),
        shown(
            "factor of omega_j",
            "theta_j is small",
            at_most(above, line),
            (1, ("-theta_j <= r b",)),
            (C1, ("theta_j^2 and r",)),
        ),
        shown(
            "factor >= 0",
            "a sum of squares",
            nonnegative(above),
            (1, (), (1 - HALF * THETA,)),
            (C1 - Fraction(1, 4), (), (THETA,)),
        ),
        shown(
            "Q_j and r",
            "with s_j^2 <= r^2 - sigma^2",
            at_most(SECOND * (1 - Fraction(7, 2) * R**2), FIRST * line),
            (1, ("Q_j",)),
            (2, ("-E w_j^2 delta_j.mu",)),
            (1, ("factor >= 0", "omega_j <= 6/5")),
            (FIRST, ("factor of omega_j",)),
            (half3, ("s_j^2 + sigma^2", "Q_j >= 0")),
            (3, ("sigma^2 >= 0", "Q_j >= 0")),
        ),
        shown(
            "room for Q_j",
            "r is small against b",
            at_most(FIRST * line, SECOND_MOST * (1 - Fraction(7, 2) * R**2)),
            (Fraction(13, 480), ()),
            (Fraction(6, 5), ("r >= 0",), (BETA - HALF,)),
            (Fraction(67, 120), ("r >= 0",), (BETA,)),
            (Fraction(29, 6) + Fraction(6, 5) * (Fraction(5, 6) - C1), (), (R * BETA,)),
            (Fraction(211, 480), ("small",)),
            (Fraction(35, 24), ("r >= 0", "small")),
        ),
        shown(
            "1 - 7/2 r^2 > 0",
            "r <= 1/4",
            positive(1 - Fraction(7, 2) * R**2),
            (Fraction(7, 8), ("r >= 0", "4 r <= 1")),
            (Fraction(7, 32), ("4 r <= 1",)),
            (Fraction(25, 32), ()),
        ),
        shown(
            "(5/3 - Q_j)(1 - 7/2 r^2)",
            "a product",
            at_most(
                SECOND * (1 - Fraction(7, 2) * R**2), SECOND_MOST * (1 - Fraction(7, 2) * R**2)
            ),
            (1, ("Q_j and r",)),
            (1, ("room for Q_j",)),
        ),
        Step(
            "Q_j <= 5/3",
            "divided",
            at_most(SECOND, SECOND_MOST),
            Cancel("1 - 7/2 r^2 > 0", "(5/3 - Q_j)(1 - 7/2 r^2)"),
            ("1 - 7/2 r^2 > 0", "(5/3 - Q_j)(1 - 7/2 r^2)"),
        ),
    )
