"""The score's error at x: the mean squares of ``|C|`` and of ``Phi``."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift_words import ALONG, B2, C_MEAN, C_SIZE, IMAGE, MA, PHI, TRACE
from proofs_check.proofs.cluster_moments import SECOND_MOST
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import (
    BETA,
    C2,
    D2,
    DELTA,
    HALF,
    MU,
    MU2,
    S2,
    SHIFT_MEAN,
    SIGMA2,
    SIZE,
    C,
    R,
    W,
    shift,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz
from proofs_check.proofs.tactics.language import (
    C_,
    N_,
    A,
    B,
    J,
    K,
    V,
    X,
    at_most,
    component,
    mean_q,
    nonnegative,
    psi,
    total,
    v,
)
from proofs_check.proofs.tactics.score import covariance, m
from proofs_check.proofs.tactics.score_steps import lagrange
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import TEACHER, Square, Squares

F = Fraction

L = component("l")


def field_steps() -> tuple[Step, ...]:
    """``E|C|^2 <= 5/3 sigma^4`` and the mean square of ``Phi``."""
    spread_at_x = total(psi(V, J) * S2, J)
    second_at_x = total(psi(V, J) ** 2 * S2, J)

    def away(j: Term, a: Term) -> Term:
        return v(V, j, a) - m(V, X, a)

    def field(b: Term) -> Term:
        return m(V, X, b) + shift(V, X, b)

    minor = away(K, A) * away(L, B) - away(K, B) * away(L, A)
    minors = covariance(V, X, A, B) * field(C_) - covariance(V, X, A, C_) * field(B)
    doubled = total(field(A) ** 2, A)
    straight = MU + ALONG * MA
    size = 2 * B2 + 2 * R**2
    phi = total(PHI**2, A)
    return (
        Step(
            "|m|^2", "m = c + mu", at_most(SIZE, 2 * C2 + 2 * MU2), Squares((Square(C - MU, (A,)),))
        ),
        shown(
            "|m|^2 and b",
            "with |c| <= b and |mu| <= r",
            at_most(SIZE, size),
            (1, ("|m|^2",)),
            (2, ("centre",)),
            (2, ("|mu|^2 and r",)),
            (2, ("sigma^2 >= 0",)),
        ),
        Step(
            "|m + mu|^2",
            "c + 2 mu",
            at_most(doubled, 2 * C2 + 8 * MU2),
            Squares((Square(C - 2 * MU, (A,)),)),
        ),
        shown(
            "|m + mu|^2 and b",
            "with |c| <= b and |mu| <= r",
            at_most(doubled, 2 * B2 + 8 * R**2),
            (1, ("|m + mu|^2",)),
            (2, ("centre",)),
            (8, ("|mu|^2 and r",)),
            (8, ("sigma^2 >= 0",)),
        ),
        Step("|m|^2 >= 0", "a square", nonnegative(SIZE), Squares((Square(MA, (A,)),))),
        Step(
            "|C|^2 >= 0",
            "a sum of squares",
            nonnegative(C_SIZE),
            Squares((Square(covariance(V, X, A, B), (A, B)),)),
        ),
        Step(
            "|C| and tr C",
            "Lagrange's identity for each pair",
            at_most(C_SIZE, TRACE**2),
            Squares((Square(minor, (K, L, A, B), HALF, (psi(V, K), psi(V, L))),)),
        ),
        Step(
            "tr C >= 0",
            "a variance",
            nonnegative(TRACE),
            Squares((Square(away(J, A), (J, A), 1, (psi(V, J),)),)),
        ),
        Step(
            "tr C",
            "less than the second moment",
            at_most(TRACE, spread_at_x),
            Squares((Square(MU, (A,)),)),
        ),
        shown(
            "(tr C)^2",
            "both are not negative",
            at_most(TRACE**2, spread_at_x**2),
            (1, ("tr C", "tr C")),
            (2, ("tr C", "tr C >= 0")),
        ),
        Step(
            "spread at x squared",
            "Cauchy and Schwarz",
            at_most(spread_at_x**2, second_at_x * D2),
            CauchySchwarz(psi(V, J) * DELTA, DELTA, (), (J, A)),
        ),
        shown(
            "|C|^2 at x",
            "together",
            at_most(C_SIZE, second_at_x * D2),
            (1, ("|C| and tr C",)),
            (1, ("(tr C)^2",)),
            (1, ("spread at x squared",)),
        ),
        Step(
            "mean |C|^2",
            "averaged",
            at_most(C_MEAN, D2 * total(S2 * mean_q(psi(V, J) ** 2), J)),
            Average((TEACHER,)),
            ("|C|^2 at x",),
        ),
        shown(
            "s_j^2 Q_j",
            "with the bound of Q_j",
            at_most(S2 * mean_q(W**2), SECOND_MOST * S2),
            (1, ("Q_j <= 5/3", "s_j^2 >= 0")),
        ),
        Step(
            "sum of s_j^2 Q_j",
            "over j",
            at_most(N_**2 * total(S2 * mean_q(psi(V, J) ** 2), J), SECOND_MOST * D2),
            Average((J,)),
            ("s_j^2 Q_j",),
        ),
        shown(
            "E|C|^2",
            "divided by n^2",
            at_most(C_MEAN, SECOND_MOST * SIGMA2**2),
            (1, ("mean |C|^2",)),
            (1, ("sum of s_j^2", "sum of s_j^2 Q_j", "u^2")),
            using=("1/n",),
        ),
        Step("E|C|^2 >= 0", "a mean", nonnegative(C_MEAN), Average((TEACHER,)), ("|C|^2 >= 0",)),
        Step(
            "mu.m",
            "Lagrange's identity",
            at_most(ALONG**2, MU2 * SIZE),
            Squares((lagrange(lambda a: shift(V, X, a), lambda a: m(V, X, a)),)),
        ),
        Step("(mu.m)^2 >= 0", "a square", nonnegative(ALONG**2), Squares((Square(ALONG),))),
        shown(
            "|mu + (mu.m) m|^2",
            "with (mu.m)^2 <= |mu|^2 |m|^2",
            at_most(total(straight**2, A), MU2 * (1 + SIZE) ** 2),
            (2, ("mu.m",)),
            (1, ("|m|^2 >= 0", "mu.m")),
        ),
        Step(
            "|C (m + mu)|^2",
            "Lagrange's identity, row by row",
            at_most(total(IMAGE**2, A), C_SIZE * doubled),
            Squares((Square(minors, (A, B, C_), HALF),)),
        ),
        Step(
            "|Phi|^2",
            "(x - y)^2 <= 4/3 x^2 + 4 y^2",
            at_most(phi, F(4, 3) * total(straight**2, A) + 4 * total(IMAGE**2, A)),
            Squares((Square(straight + 3 * IMAGE, (A,), F(1, 3)),)),
        ),
        shown(
            "|Phi|^2 at x",
            "with the bounds of |m| and |m + mu|",
            at_most(phi, F(4, 3) * MU2 * (1 + size) ** 2 + 4 * C_SIZE * (2 * B2 + 8 * R**2)),
            (1, ("|Phi|^2",)),
            (F(4, 3), ("|mu + (mu.m) m|^2",)),
            (4, ("|C (m + mu)|^2",)),
            (4, ("|C|^2 >= 0", "|m + mu|^2 and b")),
            (F(4, 3), ("|mu|^2 >= 0", "|m|^2 and b", "|m|^2 and b")),
            (F(8, 3), ("|mu|^2 >= 0", "|m|^2 and b", "|m|^2 >= 0")),
            (F(8, 3), ("|mu|^2 >= 0", "|m|^2 and b")),
        ),
        Step(
            "mean |Phi|^2",
            "averaged",
            at_most(
                mean_q(phi),
                F(4, 3) * SHIFT_MEAN * (1 + size) ** 2 + 4 * C_MEAN * (2 * B2 + 8 * R**2),
            ),
            Average((TEACHER,)),
            ("|Phi|^2 at x",),
        ),
        shown("r^4 <= 1", "its square", at_most(16 * R**4, R**2), (1, ("16 r^2 <= 1",), (R,))),
        shown(
            "E|Phi|^2",
            "with nu^2, E|C|^2 and 16 r^2 <= 1",
            at_most(mean_q(phi), PHI_BOUND * SIGMA2**2),
            (1, ("mean |Phi|^2",)),
            (F(4, 3), ("E|mu|^2",), (1 + size,)),
            (F(4, 3), ("sigma^2 >= 0", "nu^2"), (1 + size,)),
            (8, ("E|C|^2",), (BETA,)),
            (32, ("E|C|^2",), (R,)),
            (F(17, 16), ("16 r^2 <= 1",), (SIGMA2,)),
            (F(17, 16), ("16 r^2 <= 1",), (SIGMA2 * BETA,)),
            (F(2), ("16 r^2 <= 1",), (SIGMA2 * BETA,)),
            (F(2), ("16 r^2 <= 1",), (SIGMA2 * B2,)),
            (F(1), ("16 r^2 <= 1",), (SIGMA2 * R,)),
            (F(1), ("16 r^2 <= 1",), (SIGMA2 * R * BETA,)),
            (F(10, 3), ("16 r^2 <= 1",), (SIGMA2,)),
        ),
    )


#: ``E|Phi|^2 <= PHI_BOUND sigma^4``.
PHI_BOUND = 4 * (1 + B2) * (F(9, 8) + 2 * B2) ** 2 + F(20, 3) * (2 * B2 + HALF)


#: Its coefficients by powers of ``b^2``.
PHI_RATE = (F(403, 48), F(1747, 48), F(34), F(16))
