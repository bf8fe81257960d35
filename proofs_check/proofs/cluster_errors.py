"""The mean square of ``w_j - 1``, and the errors ``e_j = E w_j - 1 + theta_j``."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_moments import C1, NU_MOST, PULL_MOST, SECOND_MOST
from proofs_check.proofs.cluster_tactics import AbsoluteBound, shown
from proofs_check.proofs.cluster_words import (
    AJ,
    BETA,
    CHI,
    D2,
    ERROR,
    HALF,
    LAMBDA,
    MU2,
    NU2,
    OMEGA,
    S2,
    SECOND,
    SHIFT_MEAN,
    SIGMA2,
    THETA,
    P,
    R,
    W,
    deviation,
    shift,
)
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz
from proofs_check.proofs.tactics.bounds import (
    SquareRoot,
)
from proofs_check.proofs.tactics.language import (
    N_,
    J,
    V,
    X,
    at_most,
    equal,
    mean_q,
    nonnegative,
    total,
)
from proofs_check.proofs.tactics.responsibilities import ResponsibilityChord
from proofs_check.proofs.tactics.score_steps import lagrange
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import TEACHER, Derived, Square, Squares


def imbalance_steps() -> tuple[Step, ...]:
    """``nu^2 <= 3 (1 + b^2) sigma^2``, from ``8 (w - 1)^2 <= 5 (w^2 - 1) log w``."""
    q, one = mean_q(W**2), mean_q((W - 1) ** 2)
    pulled, along, log = mean_q(W**2 * P), mean_q(W * P), AJ - LAMBDA
    logs = mean_q((W**2 - 1) * LAMBDA)
    stein = Fraction(3, 2) * S2 * q - 2 * pulled - THETA * q + THETA + HALF * S2
    sides = Fraction(11, 24) * one + 3 * THETA**2
    return (
        Step("mean of a_j", "Stein's identity", equal(mean_q(AJ), -THETA - HALF * S2), Derived()),
        Step(
            "chord of w_j",
            "tanh(t/2) is less than t/2",
            at_most(8 * (W - 1) ** 2, 5 * (W**2 - 1) * log),
            ResponsibilityChord(),
            ("uniform",),
        ),
        Step(
            "mean of the chord",
            "averaged under the teacher",
            at_most(8 * one, 5 * (mean_q(W**2 * AJ) - mean_q(AJ)) - 5 * logs),
            Average((TEACHER,)),
            ("chord of w_j",),
        ),
        shown(
            "E (w_j - 1)^2",
            "with Stein's identity",
            at_most(8 * one, 5 * stein - 5 * logs),
            (1, ("mean of the chord",)),
            using=("mean of w_j^2 a_j", "mean of a_j"),
        ),
        Step("(w_j - 1)^2 >= 0", "a square", nonnegative((W - 1) ** 2), Squares((Square(W - 1),))),
        shown(
            "-(w_j - 1)^2 delta_j.mu",
            "times (w_j - 1)^2",
            at_most(-((W - 1) ** 2) * P, R**2 * (W - 1) ** 2),
            (1, ("(w_j - 1)^2 >= 0", "-delta_j.mu")),
            (1, ("(w_j - 1)^2 >= 0", "sigma^2 >= 0")),
        ),
        Step(
            "-E w_j^2 delta_j.mu by squares",
            "averaged",
            at_most(-pulled + 2 * along - mean_q(P), R**2 * one),
            Average((TEACHER,)),
            ("-(w_j - 1)^2 delta_j.mu",),
        ),
        shown(
            "-theta_j (w_j^2 - 1)",
            "3 theta^2 + 2 theta (w - 1) + (w - 1)^2/3 is a square",
            at_most(-THETA * (W**2 - 1), Fraction(11, 24) * (W - 1) ** 2 + 3 * THETA**2),
            (1, ("theta_j >= -1/8", "(w_j - 1)^2 >= 0")),
            (Fraction(1, 3), (), (W - 1 + 3 * THETA,)),
        ),
        Step(
            "-theta_j (Q_j - 1)",
            "averaged",
            at_most(-THETA * (q - 1), sides),
            Average((TEACHER,)),
            ("-theta_j (w_j^2 - 1)",),
        ),
        shown(
            "E (w_j - 1)^2 term by term",
            "each term by s_j^2 and the rest",
            at_most(
                8 * one,
                15 * (1 + BETA**2) * S2
                + (10 * R**2 + Fraction(55, 24)) * one
                + 10 * mean_q(P)
                - 20 * along
                - 5 * logs,
            ),
            (1, ("E (w_j - 1)^2",)),
            (10, ("-E w_j^2 delta_j.mu by squares",)),
            (5, ("-theta_j (Q_j - 1)",)),
            (15, ("theta_j^2",)),
            (Fraction(15, 2), ("Q_j <= 5/3", "s_j^2 >= 0")),
        ),
        Step(
            "sum of E (w_j - 1)^2 by terms",
            "over j",
            at_most(
                8 * N_ * NU2,
                15 * (1 + BETA**2) * D2
                + (10 * R**2 + Fraction(55, 24)) * N_ * NU2
                - 20 * N_ * SHIFT_MEAN
                - 5 * N_ * mean_q(CHI * LAMBDA),
            ),
            Average((J,)),
            ("E (w_j - 1)^2 term by term", "centred", "1/n"),
        ),
        shown(
            "-chi lambda",
            "lambda >= -sigma^2/2",
            at_most(-CHI * LAMBDA, HALF * SIGMA2 * CHI),
            (1, ("chi >= 0", "lambda")),
        ),
        Step(
            "-E chi lambda",
            "averaged",
            at_most(-mean_q(CHI * LAMBDA), HALF * SIGMA2 * NU2),
            Average((TEACHER,)),
            ("-chi lambda",),
        ),
        Step(
            "E|mu|^2",
            "averaged",
            at_most(SHIFT_MEAN, SIGMA2 * NU2),
            Average((TEACHER,)),
            ("|mu|^2 and chi",),
        ),
        Step("nu^2 >= 0", "a mean", nonnegative(NU2), Average((TEACHER,)), ("chi >= 0",)),
        Step(
            "E|mu|^2 >= 0", "a mean", nonnegative(SHIFT_MEAN), Average((TEACHER,)), ("|mu|^2 >= 0",)
        ),
        shown(
            "nu^2 before",
            "divided by n",
            at_most(
                NU2 * (Fraction(137, 24) - 10 * R**2 - Fraction(5, 2) * SIGMA2),
                15 * (1 + BETA**2) * SIGMA2,
            ),
            (1, ("u >= 0", "sum of E (w_j - 1)^2 by terms")),
            (20, ("E|mu|^2 >= 0",)),
            (5, ("-E chi lambda",)),
            using=("1/n",),
        ),
        shown(
            "16 r^2 <= 1",
            "r <= 1/4",
            at_most(16 * R**2, 1),
            (4, ("r >= 0", "4 r <= 1")),
            (1, ("4 r <= 1",)),
        ),
        shown(
            "nu^2",
            "10 r^2 + 5/2 sigma^2 <= 45/64",
            at_most(NU2, NU_MOST * (1 + BETA**2) * SIGMA2),
            (Fraction(1, 5), ("nu^2 before",)),
            (Fraction(1, 4), ("2 sigma^2", "nu^2 >= 0")),
            (Fraction(9, 64), ("16 r^2 <= 1", "nu^2 >= 0")),
            (Fraction(1, 960), ("nu^2 >= 0",)),
        ),
    )


def first_order_steps() -> tuple[Step, ...]:
    """``e_j^2 <= (alpha s_j^2 + beta sigma^2)^2`` for ``e_j = omega_j - 1 + theta_j``."""
    squared = (mean_q(W * P)) ** 2
    pulled = mean_q(W * P)
    alpha, beta = ALPHA, ALPHA + PULL_MOST
    bound = alpha * S2 + beta * SIGMA2
    mean_lambda = mean_q(LAMBDA)
    return (
        Step(
            "delta_j.mu",
            "Lagrange's identity",
            at_most(P**2, S2 * MU2),
            Squares((lagrange(lambda a: deviation(V, J, a), lambda a: shift(V, X, a)),)),
        ),
        Step(
            "mean of (delta_j.mu)^2",
            "averaged",
            at_most(mean_q(P**2), S2 * SHIFT_MEAN),
            Average((TEACHER,)),
            ("delta_j.mu",),
        ),
        Step(
            "(E w_j delta_j.mu)^2",
            "Cauchy and Schwarz",
            at_most(squared, SECOND * mean_q(P**2)),
            CauchySchwarz(W, P),
        ),
        shown(
            "r^2 (1 + b^2)",
            "r is small against b",
            at_most(16 * R**2 * (1 + BETA**2), 1),
            (4, ("r >= 0", "small")),
            (1, ("4 r <= 1",)),
        ),
        shown(
            "E w_j delta_j.mu squared",
            "with the bounds of Q_j, nu^2 and s_j",
            at_most(squared, (PULL_MOST * SIGMA2) ** 2),
            (1, ("(E w_j delta_j.mu)^2",)),
            (1, ("Q_j >= 0", "mean of (delta_j.mu)^2")),
            (1, ("Q_j <= 5/3", "s_j^2 >= 0", "E|mu|^2 >= 0")),
            (SECOND_MOST, ("s_j^2 >= 0", "E|mu|^2")),
            (SECOND_MOST, ("s_j^2 >= 0", "sigma^2 >= 0", "nu^2")),
            (SECOND_MOST * NU_MOST, ("s_j^2 <= r^2",), (SIGMA2,)),
            (SECOND_MOST * NU_MOST, ("s_j^2 <= r^2",), (SIGMA2 * BETA,)),
            (SECOND_MOST * NU_MOST / 16, ("r^2 (1 + b^2)",), (SIGMA2,)),
            (PULL_MOST**2 - SECOND_MOST * NU_MOST / 16, (), (SIGMA2,)),
        ),
        shown(
            "9/16 sigma^2 >= 0",
            "its sign",
            nonnegative(PULL_MOST * SIGMA2),
            (PULL_MOST, ("sigma^2 >= 0",)),
        ),
        Step(
            "pull on w_j",
            "the root",
            at_most(-pulled, PULL_MOST * SIGMA2),
            SquareRoot("E w_j delta_j.mu squared", "9/16 sigma^2 >= 0"),
            ("E w_j delta_j.mu squared", "9/16 sigma^2 >= 0"),
        ),
        shown(
            "e_j from above",
            "from the bound of omega_j",
            at_most(ERROR, bound),
            (1, ("omega_j",)),
            (1, ("pull on w_j",)),
            (C1, ("theta_j^2",)),
            (HALF, ("omega_j <= 6/5", "s_j^2 >= 0")),
            (HALF, ("omega_j <= 6/5", "sigma^2 >= 0")),
            (C1, ("sigma^2 >= 0", "b^2 >= 0")),
        ),
        shown(
            "normaliser at x",
            "both tangents",
            at_most(W * (1 - THETA - AJ + LAMBDA), 1 - THETA + C1 * THETA**2),
            (1, ("w_j log w_j",)),
            (1, ("exp(-theta_j)",)),
        ),
        Step(
            "normaliser in the mean",
            "averaged under the teacher",
            at_most(
                (1 - THETA) * OMEGA - mean_q(W * AJ) + mean_q(W * LAMBDA), 1 - THETA + C1 * THETA**2
            ),
            Average((TEACHER,)),
            ("normaliser at x",),
        ),
        shown(
            "normaliser by Stein",
            "with the mean of w_j a_j",
            at_most(
                OMEGA + pulled + mean_q(W * LAMBDA),
                1 - THETA + C1 * BETA**2 * S2 + Fraction(3, 5) * S2,
            ),
            (1, ("normaliser in the mean",)),
            (C1, ("theta_j^2",)),
            (HALF, ("omega_j <= 6/5", "s_j^2 >= 0")),
            using=("mean of w_j a_j",),
        ),
        Step(
            "sum of normalisers",
            "over j: the weights sum to n",
            at_most(
                N_ + N_ * SHIFT_MEAN + N_ * mean_lambda, N_ + (Fraction(3, 5) + C1 * BETA**2) * D2
            ),
            Average((J,)),
            ("normaliser by Stein", "centred", "1/n"),
        ),
        shown(
            "mean of lambda",
            "divided by n",
            at_most(mean_lambda, ALPHA * SIGMA2),
            (1, ("u >= 0", "sum of normalisers")),
            (1, ("E|mu|^2 >= 0",)),
            using=("1/n",),
        ),
        Step(
            "mean tangent",
            "averaged under the teacher",
            at_most(1 + mean_q(AJ) - mean_lambda, OMEGA),
            Average((TEACHER,)),
            ("log w_j <= w_j - 1",),
        ),
        shown(
            "e_j from below",
            "from the tangent at 0",
            at_most(-ERROR, bound),
            (1, ("mean tangent",)),
            (1, ("mean of lambda",)),
            (Fraction(1, 10), ("s_j^2 >= 0",)),
            (C1, ("s_j^2 >= 0", "b^2 >= 0")),
            (PULL_MOST, ("sigma^2 >= 0",)),
            using=("mean of a_j",),
        ),
        Step(
            "e_j^2",
            "from both sides",
            at_most(ERROR**2, bound**2),
            AbsoluteBound("e_j from above", "e_j from below"),
            ("e_j from above", "e_j from below"),
        ),
        shown(
            "e_j^2 linear",
            "s_j^4 <= (r^2 - sigma^2) s_j^2",
            at_most(
                ERROR**2,
                alpha**2 * (R**2 - SIGMA2) * S2
                + 2 * alpha * beta * SIGMA2 * S2
                + beta**2 * SIGMA2**2,
            ),
            (1, ("e_j^2",)),
            (1, ("s_j^2 + sigma^2", "s_j^2 >= 0"), (alpha,)),
        ),
        Step(
            "summed e_j^2",
            "over j",
            at_most(
                total(ERROR**2, J),
                (alpha**2 * (R**2 - SIGMA2) + 2 * alpha * beta * SIGMA2) * D2
                + beta**2 * N_ * SIGMA2**2,
            ),
            Average((J,)),
            ("e_j^2 linear",),
        ),
        shown(
            "sum of e_j^2",
            "2 sigma^2 <= r^2",
            at_most(total(ERROR**2, J), HALF * (alpha + beta) ** 2 * R**2 * D2),
            (1, ("summed e_j^2",)),
            (PULL_MOST**2 / 2, ("2 sigma^2", "sum of s_j^2")),
            (2 * Fraction(3, 5) * PULL_MOST, ("2 sigma^2", "sum of s_j^2")),
            (2 * C1 * PULL_MOST, ("2 sigma^2", "sum of s_j^2"), (BETA,)),
            (1, ("2 sigma^2", "sum of s_j^2"), (alpha,)),
            using=("1/n",),
        ),
    )


#: ``alpha``, of ``s_j^2`` in the bound of ``e_j``; of ``sigma^2`` it is ``alpha + 9/16``.
ALPHA = Fraction(3, 5) + C1 * BETA**2
