"""The forward gradient at a small cluster: its linear part, and what is left in the mean square.

``G_j = n/2 grad_j L = (1 - 2 theta_j) c + E[Phi] + Y_j``, where ``Y`` is small: first order in the
deviations is exact.
"""

from __future__ import annotations

from proofs_check.proofs.cluster_drift_words import (
    B2,
    BOUNDS,
    C_MEAN,
    C_SIZE,
    DRIFT,
    MA,
    PARTS,
    PULLED,
    TOTAL,
    UNBALANCED,
)
from proofs_check.proofs.cluster_errors import ALPHA, first_order_steps, imbalance_steps
from proofs_check.proofs.cluster_field import L, field_steps
from proofs_check.proofs.cluster_geometry import geometry_steps, pointwise_steps
from proofs_check.proofs.cluster_moments import (
    C1,
    PULL_MOST,
    first_moment_steps,
    second_moment_steps,
)
from proofs_check.proofs.cluster_parts import F, part_steps
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import (
    BETA,
    D2,
    DELTA,
    ERROR,
    HALF,
    MU,
    OMEGA,
    RUN,
    S2,
    SIGMA2,
    SIZE,
    THETA,
    C,
    H,
    R,
    U,
    centre,
    deviation,
    slope,
    spread,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz
from proofs_check.proofs.tactics.bounds import (
    Contracted,
)
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
    define,
    equal,
    mean_q,
    nonnegative,
    psi,
    total,
)
from proofs_check.proofs.tactics.minkowski import Minkowski
from proofs_check.proofs.tactics.score import covariance, m
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import TEACHER, Combination, Derived, Square, Squares

#: What the linear law makes of a deviation, the mean of ``Y``, and what Y adds in a step.
TURNED_BY_C = DELTA + 4 * H * THETA * C
MEAN_DRIFT = U * total(DRIFT, J)
MOVED_BY_Y = -2 * H * (DRIFT - MEAN_DRIFT)


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


def drift_steps() -> tuple[Step, ...]:
    """``|Y| <= y``, and the deviations after a step: ``D+ <= (1 + 4 h b^2) r + 2 h y``."""
    parts = Term("add", tuple(PARTS.values()))
    after = RUN.after(V)
    turned_by, rest = TURNED_BY_C, MOVED_BY_Y
    return (
        shown(
            "r sigma^2 >= 0", "a product", nonnegative(R * SIGMA2), (1, ("r >= 0", "sigma^2 >= 0"))
        ),
        shown(
            "linear >= 0",
            "a product",
            nonnegative(BOUNDS["linear"]),
            (F(4, 5) * (F(6, 5) + PULL_MOST), ("b >= 0",), (R,)),
            (F(8, 5) * C1, ("b >= 0",), (R * BETA,)),
        ),
        shown(
            "tilted >= 0", "a product", nonnegative(BOUNDS["tilted"]), (1, ("b >= 0",), (R * BETA,))
        ),
        shown(
            "unbalanced >= 0",
            "a product",
            nonnegative(BOUNDS["unbalanced"]),
            *((c, ("r sigma^2 >= 0",), (BETA**k,)) for k, c in enumerate(UNBALANCED)),
        ),
        shown(
            "turned >= 0",
            "a product",
            nonnegative(BOUNDS["turned"]),
            (F(5, 3), ("r sigma^2 >= 0",)),
        ),
        shown(
            "pulled >= 0",
            "a product",
            nonnegative(BOUNDS["pulled"]),
            *((c, ("r sigma^2 >= 0",), (BETA**k,)) for k, c in enumerate(PULLED)),
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
        shown(
            "|Y|",
            "so Y is small",
            at_most(total(DRIFT**2, J, A), TOTAL**2),
            (1, ("sum of the parts",)),
            using=("Y squared",),
        ),
        Step(
            "n mean^2",
            "a sum of squares",
            nonnegative(total(MEAN_DRIFT**2, J, A)),
            Squares((Square(MEAN_DRIFT, (J, A)),)),
        ),
        shown(
            "Y - mean",
            "a variance",
            at_most(total((DRIFT - MEAN_DRIFT) ** 2, J, A), total(DRIFT**2, J, A)),
            (1, ("n mean^2",)),
            using=("1/n",),
        ),
        *deviation_steps(),
        Step(
            "turned by c, over j",
            "summed",
            at_most(total(turned_by**2, J, A), (1 + 4 * H * B2) ** 2 * D2),
            Average((J,)),
            ("turned by c",),
        ),
        shown(
            "turned deviations",
            "D <= r",
            at_most(total(turned_by**2, J, A), ((1 + 4 * H * B2) * R) ** 2),
            (1, ("turned by c, over j",)),
            (1, ("spread",), (1 + 4 * H * B2,)),
        ),
        shown(
            "(1 + 4 h b^2) r >= 0",
            "a product",
            nonnegative((1 + 4 * H * B2) * R),
            (1, ("r >= 0",)),
            (4, ("h >= 0", "r >= 0"), (BETA,)),
        ),
        shown(
            "moved by Y",
            "times 2 h",
            at_most(total(rest**2, J, A), (2 * H * TOTAL) ** 2),
            (4, ("Y - mean",), (H,)),
            (4, ("|Y|",), (H,)),
        ),
        shown("2 h y >= 0", "a product", nonnegative(2 * H * TOTAL), (2, ("h >= 0", "y >= 0"))),
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
        shown(
            "D after a step",
            "together",
            at_most(spread(after), ((1 + 4 * H * B2) * R + 2 * H * TOTAL) ** 2),
            (1, ("both",)),
            using=("spread after a step",),
        ),
    )


def deviation_steps() -> tuple[Step, ...]:
    """A deviation after a step: turned by c, and moved by Y less its mean."""
    return (
        Step(
            "deviation after",
            "one step of descent",
            equal(deviation(RUN.after(V), J, A), TURNED_BY_C + MOVED_BY_Y),
            Derived(),
            ("centred", "1/n"),
        ),
        shown(
            "turned by c",
            "|theta_j| <= b s_j",
            at_most(total(TURNED_BY_C**2, A), (1 + 4 * H * B2) ** 2 * S2),
            (8, ("h >= 0", "theta_j^2")),
            (16, ("theta^2 >= 0", "centre"), (H,)),
            (16, ("theta_j^2",), (H * BETA,)),
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
    first = (2 * ALPHA + PULL_MOST) ** 2 * R**2 + 2 * B2
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
        shown(
            "(omega_j - 1)^2",
            "omega_j - 1 = e_j - theta_j",
            at_most((OMEGA - 1) ** 2, 2 * ERROR**2 + 2 * B2 * S2),
            (1, (), (ERROR + THETA,)),
            (2, ("theta_j^2",)),
        ),
        Step(
            "sum of (omega_j - 1)^2",
            "over j",
            at_most(square, 2 * total(ERROR**2, J) + 2 * B2 * D2),
            Average((J,)),
            ("(omega_j - 1)^2",),
        ),
        shown(
            "E mu and b",
            "with the sum of e_j^2",
            at_most(total(shifted**2, A), first * SIGMA2**2),
            (1, ("E mu",)),
            (1, ("sigma^2 >= 0", "u >= 0", "sum of (omega_j - 1)^2")),
            (2, ("sigma^2 >= 0", "u >= 0", "sum of e_j^2")),
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
        shown(
            "C m and b",
            "with the bound of |m|",
            at_most(total(cm_a**2, A), (2 * B2 + 2 * R**2) * C_SIZE),
            (1, ("C m at x",)),
            (1, ("|C|^2 >= 0", "|m|^2 and b")),
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
        shown(
            "E C m and b",
            "with E|C|^2",
            at_most(total(pulled**2, A), F(10, 3) * (B2 + R**2) * SIGMA2**2),
            (1, ("E C m",)),
            (1, ("mean |C m|^2",)),
            (2, ("E|C|^2",), (BETA,)),
            (2, ("E|C|^2",), (R,)),
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
        shown(
            "c after a step",
            "together",
            at_most(total(moved**2, A), H**2 * SIGMA2**2 * CENTRE),
            (4, ("(x - y)^2",), (H,)),
            (8, ("E mu and b",), (H,)),
            (8, ("E C m and b",), (H,)),
            using=("centre moved squared",),
        ),
    )


#: ``|c+ - (1 - 2 h) c|^2 <= h^2 sigma^4 CENTRE``.
CENTRE = 8 * ((2 * ALPHA + PULL_MOST) ** 2 * R**2 + 2 * B2) + F(80, 3) * (B2 + R**2)
_OMEGA_K, _OMEGA_L = (mean_q(N_ * psi(V, j)) for j in (K, L))
