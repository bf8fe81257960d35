"""The forward gradient at a small cluster: its linear part, and what is left in the mean square.

``G_j = n/2 grad_j L = (1 - 2 theta_j) c + E[Phi] + Y_j``, where ``Y`` is small: first order in the
deviations is exact.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_moments import (
    ALPHA,
    C1,
    NU_MOST,
    SECOND_MOST,
    first_moment_steps,
    first_order_steps,
    geometry_steps,
    imbalance_steps,
    pointwise_steps,
    second_moment_steps,
)
from proofs_check.proofs.cluster_tactics import Certificate, Minkowski
from proofs_check.proofs.cluster_words import (
    BETA,
    C2,
    D2,
    DELTA,
    ERROR,
    HALF,
    MU,
    MU2,
    NU2,
    OMEGA,
    RUN,
    S2,
    SECOND,
    SHIFT_MEAN,
    SIGMA2,
    SIZE,
    THETA,
    C,
    H,
    P,
    R,
    U,
    W,
    along_score,
    centre,
    deviation,
    image,
    remainder,
    shift,
    slope,
    spread,
    turned,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.bounds import Contracted
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
    define,
    equal,
    mean_q,
    nonnegative,
    psi,
    total,
    v,
)
from proofs_check.proofs.tactics.score import covariance, covariance_square, m, trace
from proofs_check.proofs.tactics.score_steps import lagrange
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Average,
    CauchySchwarz,
    Combination,
    Derived,
    Square,
    Squares,
)

L = component("l")
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
LINEAR = F(4, 5) * BETA * (2 * ALPHA + C1)
BOUNDS = {
    "linear": R**2 * LINEAR,
    "tilted": R**2 * BETA**3,
    "unbalanced": F(29, 4) * R * SIGMA2 * (1 + B2) * (F(4, 3) + 2 * B2),
    "turned": F(5, 3) * R * SIGMA2,
    "pulled": R * SIGMA2 * (F(5, 3) + 17 * B2 + 16 * B2**2),
}
#: ``y``, the bound of ``|Y|``.
TOTAL = Term("add", tuple(BOUNDS.values()))


def cluster_steps() -> tuple[Step, ...]:
    """Everything about one state."""
    return (
        *geometry_steps(),
        *pointwise_steps(),
        *first_moment_steps(),
        *second_moment_steps(),
        *imbalance_steps(),
        *first_order_steps(),
        *field_steps(),
        *part_steps(),
        *drift_steps(),
        *centre_steps(),
    )


def field_steps() -> tuple[Step, ...]:
    """``E|C|^2 <= 5/3 sigma^4`` and the mean square of ``Phi``."""
    spread_at_x = total(psi(V, J) * S2, J)
    second_at_x = total(psi(V, J) ** 2 * S2, J)
    away = lambda j, a: v(V, j, a) - m(V, X, a)  # noqa: E731
    minor = away(K, A) * away(L, B) - away(K, B) * away(L, A)
    field = lambda b: m(V, X, b) + shift(V, X, b)  # noqa: E731
    row = lambda t: covariance(V, X, A, B) * t(C_) - covariance(V, X, A, C_) * t(B)  # noqa: E731
    doubled = total(field(A) ** 2, A)
    straight = MU + ALONG * MA
    size = 2 * B2 + 2 * R**2
    phi = total(PHI**2, A)
    return (
        Step(
            "|m|^2", "m = c + mu", at_most(SIZE, 2 * C2 + 2 * MU2), Squares((Square(C - MU, (A,)),))
        ),
        Step(
            "|m|^2 and b",
            "with |c| <= b and |mu| <= r",
            at_most(SIZE, size),
            Combination(
                ((1, ("|m|^2",)), (2, ("centre",)), (2, ("|mu|^2 and r",)), (2, ("sigma^2 >= 0",)))
            ),
            ("|m|^2", "centre", "|mu|^2 and r", "sigma^2 >= 0"),
        ),
        Step(
            "|m + mu|^2",
            "c + 2 mu",
            at_most(doubled, 2 * C2 + 8 * MU2),
            Squares((Square(C - 2 * MU, (A,)),)),
        ),
        Step(
            "|m + mu|^2 and b",
            "with |c| <= b and |mu| <= r",
            at_most(doubled, 2 * B2 + 8 * R**2),
            Combination(
                (
                    (1, ("|m + mu|^2",)),
                    (2, ("centre",)),
                    (8, ("|mu|^2 and r",)),
                    (8, ("sigma^2 >= 0",)),
                )
            ),
            ("|m + mu|^2", "centre", "|mu|^2 and r", "sigma^2 >= 0"),
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
        Step(
            "(tr C)^2",
            "both are not negative",
            at_most(TRACE**2, spread_at_x**2),
            Combination(((1, ("tr C", "tr C")), (2, ("tr C", "tr C >= 0")))),
            ("tr C", "tr C >= 0"),
        ),
        Step(
            "spread at x squared",
            "Cauchy and Schwarz",
            at_most(spread_at_x**2, second_at_x * D2),
            CauchySchwarz(psi(V, J) * DELTA, DELTA, (), (J, A)),
        ),
        Step(
            "|C|^2 at x",
            "together",
            at_most(C_SIZE, second_at_x * D2),
            Combination(
                ((1, ("|C| and tr C",)), (1, ("(tr C)^2",)), (1, ("spread at x squared",)))
            ),
            ("|C| and tr C", "(tr C)^2", "spread at x squared"),
        ),
        Step(
            "mean |C|^2",
            "averaged",
            at_most(C_MEAN, D2 * total(S2 * mean_q(psi(V, J) ** 2), J)),
            Average((TEACHER,)),
            ("|C|^2 at x",),
        ),
        Step(
            "s_j^2 Q_j",
            "with the bound of Q_j",
            at_most(S2 * mean_q(W**2), SECOND_MOST * S2),
            Combination(((1, ("Q_j <= 5/3", "s_j^2 >= 0")),)),
            ("Q_j <= 5/3", "s_j^2 >= 0"),
        ),
        Step(
            "sum of s_j^2 Q_j",
            "over j",
            at_most(N_**2 * total(S2 * mean_q(psi(V, J) ** 2), J), SECOND_MOST * D2),
            Average((J,)),
            ("s_j^2 Q_j",),
        ),
        Step(
            "E|C|^2",
            "divided by n^2",
            at_most(C_MEAN, SECOND_MOST * SIGMA2**2),
            Combination(((1, ("mean |C|^2",)), (1, ("sum of s_j^2", "sum of s_j^2 Q_j", "u^2")))),
            ("mean |C|^2", "sum of s_j^2", "sum of s_j^2 Q_j", "u^2", "1/n"),
        ),
        Step("E|C|^2 >= 0", "a mean", nonnegative(C_MEAN), Average((TEACHER,)), ("|C|^2 >= 0",)),
        Step(
            "mu.m",
            "Lagrange's identity",
            at_most(ALONG**2, MU2 * SIZE),
            Squares((lagrange(lambda a: shift(V, X, a), lambda a: m(V, X, a)),)),
        ),
        Step("(mu.m)^2 >= 0", "a square", nonnegative(ALONG**2), Squares((Square(ALONG),))),
        Step(
            "|mu + (mu.m) m|^2",
            "with (mu.m)^2 <= |mu|^2 |m|^2",
            at_most(total(straight**2, A), MU2 * (1 + SIZE) ** 2),
            Combination(((2, ("mu.m",)), (1, ("|m|^2 >= 0", "mu.m")))),
            ("|m|^2 >= 0", "mu.m"),
        ),
        Step(
            "|C (m + mu)|^2",
            "Lagrange's identity, row by row",
            at_most(total(IMAGE**2, A), C_SIZE * doubled),
            Squares((Square(row(field), (A, B, C_), HALF),)),
        ),
        Step(
            "|Phi|^2",
            "(x - y)^2 <= 4/3 x^2 + 4 y^2",
            at_most(phi, F(4, 3) * total(straight**2, A) + 4 * total(IMAGE**2, A)),
            Squares((Square(straight + 3 * IMAGE, (A,), F(1, 3)),)),
        ),
        Step(
            "|Phi|^2 at x",
            "with the bounds of |m| and |m + mu|",
            at_most(phi, F(4, 3) * MU2 * (1 + size) ** 2 + 4 * C_SIZE * (2 * B2 + 8 * R**2)),
            Combination(
                (
                    (1, ("|Phi|^2",)),
                    (F(4, 3), ("|mu + (mu.m) m|^2",)),
                    (4, ("|C (m + mu)|^2",)),
                    (4, ("|C|^2 >= 0", "|m + mu|^2 and b")),
                    (F(4, 3), ("|mu|^2 >= 0", "|m|^2 and b", "|m|^2 and b")),
                    (F(8, 3), ("|mu|^2 >= 0", "|m|^2 and b", "|m|^2 >= 0")),
                    (F(8, 3), ("|mu|^2 >= 0", "|m|^2 and b")),
                )
            ),
            (
                "|Phi|^2",
                "|mu + (mu.m) m|^2",
                "|C (m + mu)|^2",
                "|C|^2 >= 0",
                "|m + mu|^2 and b",
                "|mu|^2 >= 0",
                "|m|^2 and b",
                "|m|^2 >= 0",
            ),
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
        Step(
            "r^4 <= 1",
            "its square",
            at_most(16 * R**4, R**2),
            Certificate(((1, ("16 r^2 <= 1",), (R,)),)),
            ("16 r^2 <= 1",),
        ),
        Step(
            "E|Phi|^2",
            "with nu^2, E|C|^2 and 16 r^2 <= 1",
            at_most(mean_q(phi), PHI_BOUND * SIGMA2**2),
            Certificate(
                (
                    (1, ("mean |Phi|^2",), ()),
                    (F(4, 3), ("E|mu|^2",), (1 + size,)),
                    (F(4, 3), ("sigma^2 >= 0", "nu^2"), (1 + size,)),
                    (8, ("E|C|^2",), (BETA,)),
                    (32, ("E|C|^2",), (R,)),
                    # (9/8 + 2 b^2)^2 - (1 + 2 b^2 + 2 r^2)^2
                    (F(25, 3) * F(1, 8) * F(17, 8), ("16 r^2 <= 1",), (SIGMA2,)),
                    (F(25, 3) * F(1, 8) * F(17, 8), ("16 r^2 <= 1",), (SIGMA2 * BETA,)),
                    (F(25, 3) * F(1, 8) * 4, ("16 r^2 <= 1",), (SIGMA2 * BETA,)),
                    (F(25, 3) * F(1, 8) * 4, ("16 r^2 <= 1",), (SIGMA2 * B2,)),
                    (F(25, 3) * F(1, 4), ("16 r^2 <= 1",), (SIGMA2 * R,)),
                    (F(25, 3) * F(1, 4), ("16 r^2 <= 1",), (SIGMA2 * R * BETA,)),
                    (F(10, 3), ("16 r^2 <= 1",), (SIGMA2,)),
                )
            ),
            ("mean |Phi|^2", "E|mu|^2", "sigma^2 >= 0", "nu^2", "E|C|^2", "16 r^2 <= 1"),
        ),
    )


_K = R * SIGMA2
#: What the bounds of the third and the fifth part leave, as sums of squares in ``b``.
SQUARE_COMPLETED: tuple[tuple[Fraction, tuple[str, ...], tuple[Term, ...]], ...] = (
    (F(3635, 2304), (), (_K * (1 - B2),)),
    (F(15421 - 3635, 2304), (), (_K,)),
    (F(87613 - 3635, 2304), (), (_K * B2,)),
    (F(1195, 24), (), (_K * BETA**3,)),
    (F(23, 12), (), (_K * B2**2,)),
)
PULL_COMPLETED: tuple[tuple[Fraction, tuple[str, ...], tuple[Term, ...]], ...] = (
    (F(25, 144), (), (_K * (1 - F(243, 10) * B2),)),
    (F(1679, 6) - F(25, 144) * F(243, 10) ** 2, (), (_K * B2,)),
    (F(544), (), (_K * BETA**3,)),
    (F(256), (), (_K * B2**2,)),
)
#: ``E|Phi|^2 <= PHI_BOUND sigma^4``.
PHI_BOUND = F(25, 3) * (1 + B2) * (F(9, 8) + 2 * B2) ** 2 + F(20, 3) * (2 * B2 + HALF)


def part_steps() -> tuple[Step, ...]:
    """The five parts of ``Y`` and the sum of the squares of each."""
    one, two, three, four, five = PARTS.values()
    unbalanced = total(mean_q((W - 1) ** 2), J)
    return (
        Step(
            "affine",
            "the gradient is affine in delta_j, given the responsibilities (Stein)",
            equal(slope(V, J, A), mean_q(W * (C + PHI + TURNED - MA * (THETA + P)))),
            Derived(),
        ),
        Step(
            "drift",
            "what is left beside the linear part",
            equal(DRIFT, one + two + three + four + five),
            Derived(),
            ("affine",),
        ),
        # the first part
        Step(
            "1 - theta_j",
            "theta_j >= -1/8",
            at_most((1 - THETA) ** 2, F(81, 64)),
            Combination(((1, ("theta_j >= -1/8", "theta_j <= 1/8")), (2, ("theta_j >= -1/8",)))),
            ("theta_j >= -1/8", "theta_j <= 1/8"),
        ),
        Step("e_j^2 >= 0", "a square", nonnegative(ERROR**2), Squares((Square(ERROR),))),
        Step(
            "linear part of j",
            "|c| <= b",
            at_most(total(one**2, A), F(81, 64) * B2 * ERROR**2),
            Certificate(
                (
                    (1, ("centre",), (ERROR * (1 - THETA),)),
                    (1, ("1 - theta_j",), (ERROR * BETA,)),
                )
            ),
            ("centre", "1 - theta_j"),
        ),
        Step(
            "linear part",
            "over j",
            at_most(total(one**2, J, A), F(81, 64) * B2 * total(ERROR**2, J)),
            Average((J,)),
            ("linear part of j",),
        ),
        Step(
            "linear square",
            "with the sum of e_j^2",
            at_most(total(one**2, J, A), BOUNDS["linear"] ** 2),
            Certificate(
                (
                    (1, ("linear part",), ()),
                    (F(81, 64), ("sum of e_j^2",), (BETA,)),
                    (F(81, 128), ("spread",), (R * BETA * (2 * ALPHA + C1),)),
                    (F(16, 25) - F(81, 128), (), (R**2 * BETA * (2 * ALPHA + C1),)),
                )
            ),
            ("linear part", "sum of e_j^2", "spread"),
        ),
        # the second part
        Step(
            "tilted part of j",
            "theta_j^2 <= b^2 s_j^2, s_j <= r",
            at_most(total(two**2, A), B2**3 * R**2 * S2),
            Certificate(
                (
                    (1, ("centre",), (THETA**2,)),
                    (1, ("theta_j^2", "theta^2 >= 0"), (BETA,)),
                    (1, ("theta_j^2", "s_j^2 >= 0"), (B2,)),
                    (1, ("s_j^2 <= r^2", "s_j^2 >= 0"), (BETA**3,)),
                )
            ),
            ("centre", "theta_j^2", "theta^2 >= 0", "s_j^2 >= 0", "s_j^2 <= r^2"),
        ),
        Step(
            "tilted part",
            "over j",
            at_most(total(two**2, J, A), B2**3 * R**2 * D2),
            Average((J,)),
            ("tilted part of j",),
        ),
        Step(
            "tilted square",
            "D <= r",
            at_most(total(two**2, J, A), BOUNDS["tilted"] ** 2),
            Certificate(((1, ("tilted part",), ()), (1, ("spread",), (R * BETA**3,)))),
            ("tilted part", "spread"),
        ),
        # the third part
        Step(
            "unbalanced entry",
            "Cauchy and Schwarz",
            at_most(three**2, mean_q((W - 1) ** 2) * mean_q(PHI**2)),
            CauchySchwarz(W - 1, PHI),
        ),
        Step(
            "unbalanced part",
            "over j and a",
            at_most(total(three**2, J, A), unbalanced * mean_q(total(PHI**2, A))),
            Average((J, A)),
            ("unbalanced entry",),
        ),
        Step("sum of E (w_j - 1)^2", "n nu^2", equal(unbalanced, N_ * NU2), Derived()),
        Step(
            "n nu^2",
            "with the bound of nu^2",
            at_most(N_ * NU2, NU_MOST * (1 + B2) * R**2),
            Certificate(
                (
                    (1, ("n > 0", "nu^2"), ()),
                    (NU_MOST, ("spread",), ()),
                    (NU_MOST, ("spread",), (BETA,)),
                )
            ),
            ("n > 0", "nu^2", "spread", "1/n"),
        ),
        Step(
            "|Phi|^2 >= 0",
            "a mean of squares",
            nonnegative(mean_q(total(PHI**2, A))),
            Squares((Square(PHI, (A,)),), TEACHER),
        ),
        Step(
            "unbalanced before",
            "with both bounds",
            at_most(total(three**2, J, A), NU_MOST * (1 + B2) * R**2 * PHI_BOUND * SIGMA2**2),
            Certificate(
                (
                    (1, ("unbalanced part",), ()),
                    (1, ("n nu^2", "|Phi|^2 >= 0"), ()),
                    (NU_MOST, ("E|Phi|^2",), (R,)),
                    (NU_MOST, ("E|Phi|^2",), (R * BETA,)),
                )
            ),
            ("unbalanced part", "sum of E (w_j - 1)^2", "n nu^2", "|Phi|^2 >= 0", "E|Phi|^2"),
        ),
        Step(
            "unbalanced square",
            "a square is completed",
            at_most(total(three**2, J, A), BOUNDS["unbalanced"] ** 2),
            Certificate(((1, ("unbalanced before",), ()), *SQUARE_COMPLETED)),
            ("unbalanced before",),
        ),
        # the fourth part
        Step(
            "E turned^2 >= 0",
            "a mean of squares",
            nonnegative(mean_q(TURNED**2)),
            Squares((Square(TURNED),), TEACHER),
        ),
        Step(
            "turned entry",
            "Cauchy and Schwarz",
            at_most(four**2, SECOND * mean_q(TURNED**2)),
            CauchySchwarz(W, TURNED),
        ),
        Step(
            "turned entry and Q_j",
            "with the bound of Q_j",
            at_most(four**2, SECOND_MOST * mean_q(TURNED**2)),
            Combination(((1, ("turned entry",)), (1, ("Q_j <= 5/3", "E turned^2 >= 0")))),
            ("turned entry", "Q_j <= 5/3", "E turned^2 >= 0"),
        ),
        Step(
            "turned at x",
            "Lagrange's identity, row by row",
            at_most(total(TURNED**2, A), C_SIZE * S2),
            Squares(
                (
                    Square(
                        covariance(V, X, A, B) * deviation(V, J, C_)
                        - covariance(V, X, A, C_) * deviation(V, J, B),
                        (A, B, C_),
                        HALF,
                    ),
                )
            ),
        ),
        Step(
            "mean turned",
            "averaged",
            at_most(mean_q(total(TURNED**2, A)), S2 * C_MEAN),
            Average((TEACHER,)),
            ("turned at x",),
        ),
        Step(
            "turned part of j",
            "over a",
            at_most(total(four**2, A), SECOND_MOST * mean_q(total(TURNED**2, A))),
            Average((A,)),
            ("turned entry and Q_j",),
        ),
        Step(
            "turned part of j and C",
            "with E|C|^2",
            at_most(total(four**2, A), F(25, 9) * S2 * SIGMA2**2),
            Combination(
                (
                    (1, ("turned part of j",)),
                    (SECOND_MOST, ("mean turned",)),
                    (SECOND_MOST, ("s_j^2 >= 0", "E|C|^2")),
                )
            ),
            ("turned part of j", "mean turned", "s_j^2 >= 0", "E|C|^2"),
        ),
        Step(
            "turned part",
            "over j",
            at_most(total(four**2, J, A), F(25, 9) * D2 * SIGMA2**2),
            Average((J,)),
            ("turned part of j and C",),
        ),
        Step(
            "turned square",
            "D <= r",
            at_most(total(four**2, J, A), BOUNDS["turned"] ** 2),
            Certificate(((1, ("turned part",), ()), (F(25, 9), ("spread",), (SIGMA2,)))),
            ("turned part", "spread"),
        ),
        # the fifth part
        Step(
            "E q^2 >= 0",
            "a mean of squares",
            nonnegative(mean_q(PULL**2)),
            Squares((Square(PULL),), TEACHER),
        ),
        Step(
            "pulled entry",
            "Cauchy and Schwarz",
            at_most(five**2, SECOND * mean_q(PULL**2)),
            CauchySchwarz(W, PULL),
        ),
        Step(
            "pulled entry and Q_j",
            "with the bound of Q_j",
            at_most(five**2, SECOND_MOST * mean_q(PULL**2)),
            Combination(((1, ("pulled entry",)), (1, ("Q_j <= 5/3", "E q^2 >= 0")))),
            ("pulled entry", "Q_j <= 5/3", "E q^2 >= 0"),
        ),
        Step(
            "pulled at x",
            "(x + y)^2 <= 2 x^2 + 2 y^2",
            at_most(total(PULL**2, A), 2 * SIZE * P**2 + 2 * THETA**2 * MU2),
            Squares((Square(MA * P - THETA * MU, (A,)),)),
        ),
        Step(
            "pulled at x and b",
            "with the bounds of |m|, theta_j and delta_j.mu",
            at_most(total(PULL**2, A), (6 * B2 + 4 * R**2) * S2 * MU2),
            Certificate(
                (
                    (1, ("pulled at x",), ()),
                    (2, ("|m|^2 >= 0", "delta_j.mu"), ()),
                    (2, ("|m|^2 and b", "s_j^2 >= 0", "|mu|^2 >= 0"), ()),
                    (2, ("theta_j^2", "|mu|^2 >= 0"), ()),
                )
            ),
            (
                "pulled at x",
                "|m|^2 >= 0",
                "delta_j.mu",
                "|m|^2 and b",
                "s_j^2 >= 0",
                "|mu|^2 >= 0",
                "theta_j^2",
            ),
        ),
        Step(
            "mean pulled",
            "averaged",
            at_most(mean_q(total(PULL**2, A)), (6 * B2 + 4 * R**2) * S2 * SHIFT_MEAN),
            Average((TEACHER,)),
            ("pulled at x and b",),
        ),
        Step(
            "pulled part of j",
            "over a",
            at_most(total(five**2, A), SECOND_MOST * mean_q(total(PULL**2, A))),
            Average((A,)),
            ("pulled entry and Q_j",),
        ),
        Step(
            "pulled part of j and nu^2",
            "with E|mu|^2 and 16 r^2 <= 1",
            at_most(
                total(five**2, A),
                SECOND_MOST * (6 * B2 + F(1, 4)) * NU_MOST * (1 + B2) * S2 * SIGMA2**2,
            ),
            Certificate(
                (
                    (1, ("pulled part of j",), ()),
                    (SECOND_MOST, ("mean pulled",), ()),
                    (6 * SECOND_MOST, ("s_j^2 >= 0", "E|mu|^2"), (BETA,)),
                    (4 * SECOND_MOST, ("s_j^2 >= 0", "E|mu|^2"), (R,)),
                    (6 * SECOND_MOST, ("s_j^2 >= 0", "sigma^2 >= 0", "nu^2"), (BETA,)),
                    (4 * SECOND_MOST, ("s_j^2 >= 0", "sigma^2 >= 0", "nu^2"), (R,)),
                    (F(1, 4) * SECOND_MOST * NU_MOST, ("s_j^2 >= 0", "16 r^2 <= 1"), (SIGMA2,)),
                    (
                        F(1, 4) * SECOND_MOST * NU_MOST,
                        ("s_j^2 >= 0", "16 r^2 <= 1"),
                        (SIGMA2 * BETA,),
                    ),
                )
            ),
            (
                "pulled part of j",
                "mean pulled",
                "s_j^2 >= 0",
                "E|mu|^2",
                "sigma^2 >= 0",
                "nu^2",
                "16 r^2 <= 1",
            ),
        ),
        Step(
            "pulled part",
            "over j",
            at_most(
                total(five**2, J, A),
                SECOND_MOST * (6 * B2 + F(1, 4)) * NU_MOST * (1 + B2) * D2 * SIGMA2**2,
            ),
            Average((J,)),
            ("pulled part of j and nu^2",),
        ),
        Step(
            "pulled square",
            "D <= r, and a square is completed",
            at_most(total(five**2, J, A), BOUNDS["pulled"] ** 2),
            Certificate(
                (
                    (1, ("pulled part",), ()),
                    *(
                        (SECOND_MOST * NU_MOST * c, ("spread",), (SIGMA2 * BETA**k,))
                        for c, k in ((F(1, 4), 0), (F(25, 4), 1), (6, 2))
                    ),
                    *PULL_COMPLETED,
                )
            ),
            ("pulled part", "spread"),
        ),
    )


def drift_steps() -> tuple[Step, ...]:
    """``|Y| <= y``, and the deviations after a step: ``D+ <= (1 + 4 h b^2) r + 2 h y``."""
    parts = Term("add", tuple(PARTS.values()))
    after = RUN.after(V)
    mean_drift = U * total(DRIFT, J)
    turned_by = DELTA + 4 * H * THETA * C
    rest = -2 * H * (DRIFT - mean_drift)
    return (
        Step(
            "r sigma^2 >= 0",
            "a product",
            nonnegative(R * SIGMA2),
            Combination(((1, ("r >= 0", "sigma^2 >= 0")),)),
            ("r >= 0", "sigma^2 >= 0"),
        ),
        Step(
            "linear >= 0",
            "a product",
            nonnegative(BOUNDS["linear"]),
            Certificate(
                ((F(4, 5) * F(61, 30), ("b >= 0",), (R,)), (F(4, 3), ("b >= 0",), (R * BETA,)))
            ),
            ("b >= 0",),
        ),
        Step(
            "tilted >= 0",
            "a product",
            nonnegative(BOUNDS["tilted"]),
            Certificate(((1, ("b >= 0",), (R * BETA,)),)),
            ("b >= 0",),
        ),
        Step(
            "unbalanced >= 0",
            "a product",
            nonnegative(BOUNDS["unbalanced"]),
            Certificate(
                tuple(
                    (F(29, 4) * c, ("r sigma^2 >= 0",), (BETA**k,))
                    for c, k in ((F(4, 3), 0), (F(10, 3), 1), (F(2), 2))
                )
            ),
            ("r sigma^2 >= 0",),
        ),
        Step(
            "turned >= 0",
            "a product",
            nonnegative(BOUNDS["turned"]),
            Combination(((F(5, 3), ("r sigma^2 >= 0",)),)),
            ("r sigma^2 >= 0",),
        ),
        Step(
            "pulled >= 0",
            "a product",
            nonnegative(BOUNDS["pulled"]),
            Certificate(
                tuple(
                    (c, ("r sigma^2 >= 0",), (BETA**k,))
                    for c, k in ((F(5, 3), 0), (F(17), 1), (F(16), 2))
                )
            ),
            ("r sigma^2 >= 0",),
        ),
        Step(
            "y >= 0",
            "a sum",
            nonnegative(TOTAL),
            Combination(tuple((1, (f"{name} >= 0",)) for name in PARTS)),
            tuple(f"{name} >= 0" for name in PARTS),
        ),
        Step(
            "sum of the parts",
            "Minkowski's inequality",
            at_most(total(parts**2, J, A), TOTAL**2),
            Minkowski(
                tuple(
                    (PARTS[name], BOUNDS[name], f"{name} square", f"{name} >= 0") for name in PARTS
                ),
                (J, A),
            ),
            tuple(f"{name} {what}" for name in PARTS for what in ("square", ">= 0")),
        ),
        Step(
            "Y squared",
            "Y is the sum of its parts",
            equal(total(DRIFT**2, J, A), total(parts**2, J, A)),
            Contracted("drift", DRIFT + parts, (J, A)),
            ("drift",),
        ),
        Step(
            "|Y|",
            "so Y is small",
            at_most(total(DRIFT**2, J, A), TOTAL**2),
            Combination(((1, ("sum of the parts",)),)),
            ("sum of the parts", "Y squared"),
        ),
        Step(
            "n mean^2",
            "a sum of squares",
            nonnegative(total(mean_drift**2, J, A)),
            Squares((Square(mean_drift, (J, A)),)),
        ),
        Step(
            "Y - mean",
            "a variance",
            at_most(total((DRIFT - mean_drift) ** 2, J, A), total(DRIFT**2, J, A)),
            Combination(((1, ("n mean^2",)),)),
            ("n mean^2", "1/n"),
        ),
        Step(
            "deviation after",
            "one step of descent",
            equal(deviation(after, J, A), turned_by + rest),
            Derived(),
            ("centred", "1/n"),
        ),
        Step(
            "turned by c",
            "|theta_j| <= b s_j",
            at_most(total(turned_by**2, A), (1 + 4 * H * B2) ** 2 * S2),
            Certificate(
                (
                    (8, ("h >= 0", "theta_j^2"), ()),
                    (16, ("theta^2 >= 0", "centre"), (H,)),
                    (16, ("theta_j^2",), (H * BETA,)),
                )
            ),
            ("h >= 0", "theta_j^2", "theta^2 >= 0", "centre"),
        ),
        Step(
            "turned by c, over j",
            "summed",
            at_most(total(turned_by**2, J, A), (1 + 4 * H * B2) ** 2 * D2),
            Average((J,)),
            ("turned by c",),
        ),
        Step(
            "turned deviations",
            "D <= r",
            at_most(total(turned_by**2, J, A), ((1 + 4 * H * B2) * R) ** 2),
            Certificate(((1, ("turned by c, over j",), ()), (1, ("spread",), (1 + 4 * H * B2,)))),
            ("turned by c, over j", "spread"),
        ),
        Step(
            "(1 + 4 h b^2) r >= 0",
            "a product",
            nonnegative((1 + 4 * H * B2) * R),
            Certificate(((1, ("r >= 0",), ()), (4, ("h >= 0", "r >= 0"), (BETA,)))),
            ("r >= 0", "h >= 0"),
        ),
        Step(
            "moved by Y",
            "times 2 h",
            at_most(total(rest**2, J, A), (2 * H * TOTAL) ** 2),
            Certificate(((4, ("Y - mean",), (H,)), (4, ("|Y|",), (H,)))),
            ("Y - mean", "|Y|"),
        ),
        Step(
            "2 h y >= 0",
            "a product",
            nonnegative(2 * H * TOTAL),
            Combination(((2, ("h >= 0", "y >= 0")),)),
            ("h >= 0", "y >= 0"),
        ),
        Step(
            "both",
            "Minkowski's inequality",
            at_most(
                total((turned_by + rest) ** 2, J, A), ((1 + 4 * H * B2) * R + 2 * H * TOTAL) ** 2
            ),
            Minkowski(
                (
                    (turned_by, (1 + 4 * H * B2) * R, "turned deviations", "(1 + 4 h b^2) r >= 0"),
                    (rest, 2 * H * TOTAL, "moved by Y", "2 h y >= 0"),
                ),
                (J, A),
            ),
            ("turned deviations", "(1 + 4 h b^2) r >= 0", "moved by Y", "2 h y >= 0"),
        ),
        Step(
            "spread after a step",
            "its deviations",
            equal(spread(after), total((turned_by + rest) ** 2, J, A)),
            Contracted("deviation after", deviation(after, J, A) + turned_by + rest, (J, A)),
            ("deviation after",),
        ),
        Step(
            "D after a step",
            "together",
            at_most(spread(after), ((1 + 4 * H * B2) * R + 2 * H * TOTAL) ** 2),
            Combination(((1, ("both",)),)),
            ("both", "spread after a step"),
        ),
    )


def centre_steps() -> tuple[Step, ...]:
    """The centre after a step: ``|c+ - (1 - 2 h) c|^2 <= 4 h^2 sigma^4 (...)``."""
    after = RUN.after(V)
    cm = total(covariance(V, X, A, B) * m(V, X, B), B)
    cm_a = define("(Cm)_{2}", cm, V, X, A)(V, X, A)
    shifted = mean_q(MU)
    pulled = mean_q(cm_a)
    minor = U * ((_OMEGA_K - 1) * deviation(V, L, A) - (_OMEGA_L - 1) * deviation(V, K, A))
    first = (2 * ALPHA + C1) ** 2 * R**2 + 2 * B2
    moved = centre(after, A) - (1 - 2 * H) * C
    square = total((OMEGA - 1) ** 2, J)
    return (
        Step(
            "mean slope",
            "its average over the components (Stein)",
            equal(U * total(slope(V, J, A), J), mean_q(MA) - pulled),
            Derived(),
            ("1/n",),
        ),
        Step(
            "centre after",
            "one step of descent",
            equal(centre(after, A), C - 2 * H * (mean_q(MA) - pulled)),
            Derived(),
            ("mean slope",),
        ),
        Step(
            "E mu",
            "the deviations cancel: Lagrange's identity",
            at_most(total(shifted**2, A), SIGMA2 * U * square),
            Squares((Square(minor, (K, L, A), HALF),)),
            ("1/n",),
        ),
        Step(
            "(omega_j - 1)^2",
            "omega_j - 1 = e_j - theta_j",
            at_most((OMEGA - 1) ** 2, 2 * ERROR**2 + 2 * B2 * S2),
            Certificate(((1, (), (ERROR + THETA,)), (2, ("theta_j^2",), ()))),
            ("theta_j^2",),
        ),
        Step(
            "sum of (omega_j - 1)^2",
            "over j",
            at_most(square, 2 * total(ERROR**2, J) + 2 * B2 * D2),
            Average((J,)),
            ("(omega_j - 1)^2",),
        ),
        Step(
            "E mu and b",
            "with the sum of e_j^2",
            at_most(total(shifted**2, A), first * SIGMA2**2),
            Certificate(
                (
                    (1, ("E mu",), ()),
                    (1, ("sigma^2 >= 0", "u >= 0", "sum of (omega_j - 1)^2"), ()),
                    (2, ("sigma^2 >= 0", "u >= 0", "sum of e_j^2"), ()),
                )
            ),
            ("E mu", "sigma^2 >= 0", "u >= 0", "sum of (omega_j - 1)^2", "sum of e_j^2"),
        ),
        Step(
            "C m at x",
            "Lagrange's identity, row by row",
            at_most(total(cm_a**2, A), C_SIZE * SIZE),
            Squares(
                (
                    Square(
                        covariance(V, X, A, B) * m(V, X, C_) - covariance(V, X, A, C_) * m(V, X, B),
                        (A, B, C_),
                        HALF,
                    ),
                )
            ),
        ),
        Step(
            "C m and b",
            "with the bound of |m|",
            at_most(total(cm_a**2, A), (2 * B2 + 2 * R**2) * C_SIZE),
            Combination(((1, ("C m at x",)), (1, ("|C|^2 >= 0", "|m|^2 and b")))),
            ("C m at x", "|C|^2 >= 0", "|m|^2 and b"),
        ),
        Step(
            "mean |C m|^2",
            "averaged",
            at_most(mean_q(total(cm_a**2, A)), (2 * B2 + 2 * R**2) * C_MEAN),
            Average((TEACHER,)),
            ("C m and b",),
        ),
        Step("E C m entry", "Jensen", at_most(pulled**2, mean_q(cm_a**2)), CauchySchwarz(cm_a)),
        Step(
            "E C m",
            "over a",
            at_most(total(pulled**2, A), mean_q(total(cm_a**2, A))),
            Average((A,)),
            ("E C m entry",),
        ),
        Step(
            "E C m and b",
            "with E|C|^2",
            at_most(total(pulled**2, A), F(10, 3) * (B2 + R**2) * SIGMA2**2),
            Certificate(
                (
                    (1, ("E C m",), ()),
                    (1, ("mean |C m|^2",), ()),
                    (2, ("E|C|^2",), (BETA,)),
                    (2, ("E|C|^2",), (R,)),
                )
            ),
            ("E C m", "mean |C m|^2", "E|C|^2"),
        ),
        Step(
            "(x - y)^2",
            "at most 2 x^2 + 2 y^2",
            at_most(
                total((shifted - pulled) ** 2, A),
                2 * total(shifted**2, A) + 2 * total(pulled**2, A),
            ),
            Squares((Square(shifted + pulled, (A,)),)),
        ),
        Step(
            "centre moved",
            "m = c + mu",
            equal(moved, -2 * H * (shifted - pulled)),
            Derived(),
            ("centre after",),
        ),
        Step(
            "centre moved squared",
            "summed",
            equal(total(moved**2, A), 4 * H**2 * total((shifted - pulled) ** 2, A)),
            Contracted("centre moved", moved - 2 * H * (shifted - pulled), (A,)),
            ("centre moved",),
        ),
        Step(
            "c after a step",
            "together",
            at_most(total(moved**2, A), H**2 * SIGMA2**2 * CENTRE),
            Certificate(
                (
                    (4, ("(x - y)^2",), (H,)),
                    (8, ("E mu and b",), (H,)),
                    (8, ("E C m and b",), (H,)),
                )
            ),
            ("centre moved squared", "(x - y)^2", "E mu and b", "E C m and b"),
        ),
    )


#: ``|c+ - (1 - 2 h) c|^2 <= h^2 sigma^4 CENTRE``.
CENTRE = 8 * ((2 * ALPHA + C1) ** 2 * R**2 + 2 * B2) + F(80, 3) * (B2 + R**2)
_OMEGA_K, _OMEGA_L = (mean_q(N_ * psi(V, j)) for j in (K, L))
