"""The forward gradient at a small cluster: a linear part, and five parts that are small.

``G_j = n/2 grad_j L = (1 - 2 theta_j) c + E[Phi] + Y_j``, and ``Y_j`` is the sum of the five.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift_words import (
    B2,
    BOUNDS,
    C_MEAN,
    C_SIZE,
    DRIFT,
    MA,
    PARTS,
    PHI,
    PULL,
    PULLED,
    TURNED,
    UNBALANCED,
)
from proofs_check.proofs.cluster_errors import ALPHA
from proofs_check.proofs.cluster_field import PHI_BOUND, PHI_RATE
from proofs_check.proofs.cluster_moments import NU_MOST, PULL_MOST, SECOND_MOST
from proofs_check.proofs.cluster_tactics import Certificate, shown
from proofs_check.proofs.cluster_words import (
    BETA,
    D2,
    ERROR,
    HALF,
    MU,
    MU2,
    NU2,
    S2,
    SECOND,
    SHIFT_MEAN,
    SIGMA2,
    SIZE,
    THETA,
    C,
    P,
    R,
    W,
    deviation,
    slope,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz
from proofs_check.proofs.tactics.language import (
    C_,
    N_,
    A,
    B,
    J,
    V,
    X,
    at_most,
    equal,
    mean_q,
    nonnegative,
    total,
)
from proofs_check.proofs.tactics.score import covariance
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import TEACHER, Derived, Square, Squares

F = Fraction


_K = R * SIGMA2


#: A product of a `Certificate`.
_Product = tuple[Fraction, tuple[str, ...], tuple[Term, ...]]


def left_of_square(bound: tuple[Fraction, ...], of: tuple[Fraction, ...]) -> list[Fraction]:
    """Coefficients of the square of a polynomial, less another polynomial."""
    found = [-c for c in of]
    found += [F(0)] * (2 * len(bound) - 1 - len(found))
    for i, a in enumerate(bound):
        for k, b in enumerate(bound):
            found[i + k] += a * b
    return found


def _unbalanced_completed() -> tuple[_Product, ...]:
    """What the bound of the third part leaves: no coefficient is negative."""
    phi = tuple(3 * (a + b) for a, b in zip((*PHI_RATE, F(0)), (F(0), *PHI_RATE), strict=True))
    return tuple((c, (), (_K * BETA**k,)) for k, c in enumerate(left_of_square(UNBALANCED, phi)))


#: ``(6 b^2 + 1/4)(1 + b^2)``: coefficients, and powers of ``b^2``.
PULLED_RATE = ((F(1, 4), 0), (F(25, 4), 1), (F(6), 2))


def pulled_completed(size: Term) -> tuple[_Product, ...]:
    """The same of the fifth part, times ``size^2``; a square is completed."""
    zero, one, two = left_of_square(PULLED, tuple(5 * c for c, _ in PULLED_RATE))
    bend = -one / (2 * zero)
    return ((zero, (), (size * (1 - bend * B2),)), (two - zero * bend**2, (), (size * B2,)))


def part_steps() -> tuple[Step, ...]:
    """The five parts of ``Y`` and the sum of the squares of each."""
    return (
        *decomposition_steps(),
        *_linear_steps(),
        *_tilted_steps(),
        *_unbalanced_steps(),
        *turned_steps(),
        _turned_square(),
        *pulled_steps(),
        _pulled_square(),
    )


def decomposition_steps() -> tuple[Step, ...]:
    """``Y_j`` is the sum of its parts."""
    one, two, three, four, five = PARTS.values()
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
    )


def _linear_steps() -> tuple[Step, ...]:
    """The first part."""
    one = PARTS["linear"]
    return (
        shown(
            "1 - theta_j",
            "theta_j >= -1/8",
            at_most((1 - THETA) ** 2, F(81, 64)),
            (1, ("theta_j >= -1/8", "theta_j <= 1/8")),
            (2, ("theta_j >= -1/8",)),
        ),
        Step("e_j^2 >= 0", "a square", nonnegative(ERROR**2), Squares((Square(ERROR),))),
        shown(
            "linear part of j",
            "|c| <= b",
            at_most(total(one**2, A), F(81, 64) * B2 * ERROR**2),
            (1, ("centre",), (ERROR * (1 - THETA),)),
            (1, ("1 - theta_j",), (ERROR * BETA,)),
        ),
        Step(
            "linear part",
            "over j",
            at_most(total(one**2, J, A), F(81, 64) * B2 * total(ERROR**2, J)),
            Average((J,)),
            ("linear part of j",),
        ),
        shown(
            "linear square",
            "with the sum of e_j^2",
            at_most(total(one**2, J, A), BOUNDS["linear"] ** 2),
            (1, ("linear part",)),
            (F(81, 64), ("sum of e_j^2",), (BETA,)),
            (F(81, 128), ("spread",), (R * BETA * (2 * ALPHA + PULL_MOST),)),
            (F(16, 25) - F(81, 128), (), (R**2 * BETA * (2 * ALPHA + PULL_MOST),)),
        ),
    )


def _tilted_steps() -> tuple[Step, ...]:
    """The second part."""
    two = PARTS["tilted"]
    return (
        shown(
            "tilted part of j",
            "theta_j^2 <= b^2 s_j^2, s_j <= r",
            at_most(total(two**2, A), B2**3 * R**2 * S2),
            (1, ("centre",), (THETA**2,)),
            (1, ("theta_j^2", "theta^2 >= 0"), (BETA,)),
            (1, ("theta_j^2", "s_j^2 >= 0"), (B2,)),
            (1, ("s_j^2 <= r^2", "s_j^2 >= 0"), (BETA**3,)),
        ),
        Step(
            "tilted part",
            "over j",
            at_most(total(two**2, J, A), B2**3 * R**2 * D2),
            Average((J,)),
            ("tilted part of j",),
        ),
        shown(
            "tilted square",
            "D <= r",
            at_most(total(two**2, J, A), BOUNDS["tilted"] ** 2),
            (1, ("tilted part",)),
            (1, ("spread",), (R * BETA**3,)),
        ),
    )


def unbalanced_entry() -> Step:
    """An entry of the third part."""
    return Step(
        "unbalanced entry",
        "Cauchy and Schwarz",
        at_most(PARTS["unbalanced"] ** 2, mean_q((W - 1) ** 2) * mean_q(PHI**2)),
        CauchySchwarz(W - 1, PHI),
    )


def _unbalanced_steps() -> tuple[Step, ...]:
    """The third part."""
    three = PARTS["unbalanced"]
    unbalanced = total(mean_q((W - 1) ** 2), J)
    return (
        unbalanced_entry(),
        Step(
            "unbalanced part",
            "over j and a",
            at_most(total(three**2, J, A), unbalanced * mean_q(total(PHI**2, A))),
            Average((J, A)),
            ("unbalanced entry",),
        ),
        Step("sum of E (w_j - 1)^2", "n nu^2", equal(unbalanced, N_ * NU2), Derived()),
        shown(
            "n nu^2",
            "with the bound of nu^2",
            at_most(N_ * NU2, NU_MOST * (1 + B2) * R**2),
            (1, ("n > 0", "nu^2")),
            (NU_MOST, ("spread",)),
            (NU_MOST, ("spread",), (BETA,)),
            using=("1/n",),
        ),
        Step(
            "|Phi|^2 >= 0",
            "a mean of squares",
            nonnegative(mean_q(total(PHI**2, A))),
            Squares((Square(PHI, (A,)),), TEACHER),
        ),
        shown(
            "unbalanced before",
            "with both bounds",
            at_most(total(three**2, J, A), NU_MOST * (1 + B2) * R**2 * PHI_BOUND * SIGMA2**2),
            (1, ("unbalanced part",)),
            (1, ("n nu^2", "|Phi|^2 >= 0")),
            (NU_MOST, ("E|Phi|^2",), (R,)),
            (NU_MOST, ("E|Phi|^2",), (R * BETA,)),
            using=("sum of E (w_j - 1)^2",),
        ),
        Step(
            "unbalanced square",
            "a square is completed",
            at_most(total(three**2, J, A), BOUNDS["unbalanced"] ** 2),
            Certificate(((1, ("unbalanced before",), ()), *_unbalanced_completed())),
            ("unbalanced before",),
        ),
    )


def turned_steps() -> tuple[Step, ...]:
    """The fourth part."""
    four = PARTS["turned"]
    return (
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
        shown(
            "turned entry and Q_j",
            "with the bound of Q_j",
            at_most(four**2, SECOND_MOST * mean_q(TURNED**2)),
            (1, ("turned entry",)),
            (1, ("Q_j <= 5/3", "E turned^2 >= 0")),
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
        shown(
            "turned part of j and C",
            "with E|C|^2",
            at_most(total(four**2, A), F(25, 9) * S2 * SIGMA2**2),
            (1, ("turned part of j",)),
            (SECOND_MOST, ("mean turned",)),
            (SECOND_MOST, ("s_j^2 >= 0", "E|C|^2")),
        ),
        Step(
            "turned part",
            "over j",
            at_most(total(four**2, J, A), F(25, 9) * D2 * SIGMA2**2),
            Average((J,)),
            ("turned part of j and C",),
        ),
    )


def _turned_square() -> Step:
    return shown(
        "turned square",
        "D <= r",
        at_most(total(PARTS["turned"] ** 2, J, A), BOUNDS["turned"] ** 2),
        (1, ("turned part",)),
        (F(25, 9), ("spread",), (SIGMA2,)),
    )


def pulled_steps() -> tuple[Step, ...]:
    """The fifth part."""
    five = PARTS["pulled"]
    return (
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
        shown(
            "pulled entry and Q_j",
            "with the bound of Q_j",
            at_most(five**2, SECOND_MOST * mean_q(PULL**2)),
            (1, ("pulled entry",)),
            (1, ("Q_j <= 5/3", "E q^2 >= 0")),
        ),
        Step(
            "pulled at x",
            "(x + y)^2 <= 2 x^2 + 2 y^2",
            at_most(total(PULL**2, A), 2 * SIZE * P**2 + 2 * THETA**2 * MU2),
            Squares((Square(MA * P - THETA * MU, (A,)),)),
        ),
        shown(
            "pulled at x and b",
            "with the bounds of |m|, theta_j and delta_j.mu",
            at_most(total(PULL**2, A), (6 * B2 + 4 * R**2) * S2 * MU2),
            (1, ("pulled at x",)),
            (2, ("|m|^2 >= 0", "delta_j.mu")),
            (2, ("|m|^2 and b", "s_j^2 >= 0", "|mu|^2 >= 0")),
            (2, ("theta_j^2", "|mu|^2 >= 0")),
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
        shown(
            "pulled part of j and nu^2",
            "with E|mu|^2 and 16 r^2 <= 1",
            at_most(
                total(five**2, A),
                SECOND_MOST * (6 * B2 + F(1, 4)) * NU_MOST * (1 + B2) * S2 * SIGMA2**2,
            ),
            (1, ("pulled part of j",)),
            (SECOND_MOST, ("mean pulled",)),
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
    )


def _pulled_square() -> Step:
    return Step(
        "pulled square",
        "D <= r, and a square is completed",
        at_most(total(PARTS["pulled"] ** 2, J, A), BOUNDS["pulled"] ** 2),
        Certificate(
            (
                (1, ("pulled part",), ()),
                *(
                    (SECOND_MOST * NU_MOST * c, ("spread",), (SIGMA2 * BETA**k,))
                    for c, k in PULLED_RATE
                ),
                *pulled_completed(_K),
            )
        ),
        ("pulled part", "spread"),
    )
