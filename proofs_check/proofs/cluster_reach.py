"""The Key Lemma for each deviation: a cluster whose components are all within rho of its centre.

``|Y_j - mean Y| <= y`` for every j, where ``y`` is of the order of ``rho^2``, whatever n is; the
moments are those of `cluster_moments`, for ``r^2 = 2 rho^2 >= |delta_j|^2 + sigma^2``.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift import (
    MEAN_DRIFT,
    MOVED_BY_Y,
    TURNED_BY_C,
    centre_steps,
    deviation_steps,
)
from proofs_check.proofs.cluster_drift_words import B2, DRIFT, PULLED
from proofs_check.proofs.cluster_errors import first_order_steps, imbalance_steps
from proofs_check.proofs.cluster_field import field_steps
from proofs_check.proofs.cluster_geometry import centred_steps, pointwise_steps, tilt_steps
from proofs_check.proofs.cluster_moments import (
    first_moment_steps,
    second_moment_steps,
)
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import (
    BETA,
    C2,
    RUN,
    S2,
    H,
    R,
    deviation,
    deviation_square,
    uniform,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.reach_imbalance import (
    error_steps,
    own_imbalance_steps,
    small_steps,
    within_steps,
)
from proofs_check.proofs.reach_parts import own_part_steps
from proofs_check.proofs.reach_words import (
    BOUNDS,
    OWN,
    RHO,
    SMALL,
    TILTED_RATE,
    TOTAL,
    TURNED_BY,
    UNBALANCED,
)
from proofs_check.proofs.tactics.bounds import Contracted
from proofs_check.proofs.tactics.extremes import Bound
from proofs_check.proofs.tactics.language import (
    A,
    J,
    V,
    at_most,
    equal,
    every,
    largest,
    nonnegative,
    total,
)
from proofs_check.proofs.tactics.minkowski import Minkowski
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import Combination, Derived

F = Fraction


def reach_hypotheses() -> tuple[Hypothesis, ...]:
    """Uniform weights, ``|delta_j| <= rho`` for all j, ``|c| <= b``, ``7 r (1 + b^2) <= 1``."""
    return (
        uniform(),
        Hypothesis("r >= 0", nonnegative(R), "r is a radius"),
        Hypothesis("b >= 0", nonnegative(BETA), "b is a distance"),
        Hypothesis("rho >= 0", nonnegative(RHO), "rho is a radius"),
        Hypothesis("reach", every(at_most(S2, RHO**2), J), "every component is within rho"),
        Hypothesis("r and rho", at_most(2 * RHO**2, R**2), "r is large enough"),
        Hypothesis("centre", at_most(C2, BETA**2), "the centre lies within b"),
        Hypothesis("smaller", at_most(SMALL * R * (1 + B2), 1), "r is small against b"),
        Hypothesis("h >= 0", nonnegative(H), "the step size is h n"),
    )


def reach_steps() -> tuple[Step, ...]:
    """Everything about one state."""
    return (
        *centred_steps(),
        *within_steps(),
        *tilt_steps(),
        *small_steps(),
        *pointwise_steps(),
        *first_moment_steps(),
        *second_moment_steps(),
        *imbalance_steps(),
        *first_order_steps(),
        *field_steps(),
        *error_steps(),
        *own_imbalance_steps(),
        *own_part_steps(),
        *_own_drift_steps(),
        *centre_steps(),
    )


def _own_drift_steps() -> tuple[Step, ...]:
    """``|Y_j - mean Y| <= y``, and a deviation after a step."""
    parts = Term("add", tuple(OWN.values()))
    after = RUN.after(V)
    less = DRIFT - MEAN_DRIFT
    return (
        shown("rho^3 >= 0", "a product", nonnegative(RHO**3), (1, ("rho >= 0",), (RHO,))),
        shown(
            "linear >= 0",
            "a product",
            nonnegative(BOUNDS["linear"]),
            *((c, ("b >= 0",), (RHO * BETA**k,)) for k, c in enumerate(TILTED_RATE)),
        ),
        shown(
            "tilted >= 0",
            "a product",
            nonnegative(BOUNDS["tilted"]),
            (1, ("b >= 0",), (RHO * BETA,)),
        ),
        *(
            shown(
                f"{name} >= 0",
                "a product",
                nonnegative(BOUNDS[name]),
                *((c, ("rho^3 >= 0",), (BETA**k,)) for k, c in enumerate(rates)),
            )
            for name, rates in (
                ("unbalanced", UNBALANCED),
                ("turned", (TURNED_BY,)),
                ("pulled", tuple(2 * c for c in PULLED)),
            )
        ),
        Step(
            "y >= 0",
            "a sum",
            nonnegative(TOTAL),
            Combination(tuple((1, (f"{name} >= 0",)) for name in OWN)),
            tuple(f"{name} >= 0" for name in OWN),
        ),
        Step(
            "sum of the parts",
            "Minkowski's inequality",
            at_most(total(parts**2, A), TOTAL**2),
            Minkowski(
                tuple((OWN[name], BOUNDS[name], f"{name} square", f"{name} >= 0") for name in OWN),
                (A,),
            ),
            tuple(f"{name} {what}" for name in OWN for what in ("square", ">= 0")),
        ),
        Step(
            "Y_j less its mean",
            "the means of e_j and of w_j - 1 are zero",
            equal(less, parts),
            Derived(),
            ("drift", "1/n"),
        ),
        Step(
            "|Y_j - mean|^2",
            "the sum of its parts",
            equal(total(less**2, A), total(parts**2, A)),
            Contracted("Y_j less its mean", less + parts, (A,)),
            ("Y_j less its mean",),
        ),
        shown(
            "|Y_j - mean|",
            "so Y_j is near its mean",
            at_most(total(less**2, A), TOTAL**2),
            (1, ("sum of the parts",)),
            using=("|Y_j - mean|^2",),
        ),
        *deviation_steps(),
        shown(
            "turned deviation",
            "s_j <= rho",
            at_most(total(TURNED_BY_C**2, A), ((1 + 4 * H * B2) * RHO) ** 2),
            (1, ("turned by c",)),
            (1, ("s_j^2 <= rho^2",), (1 + 4 * H * B2,)),
        ),
        shown(
            "(1 + 4 h b^2) rho >= 0",
            "a product",
            nonnegative((1 + 4 * H * B2) * RHO),
            (1, ("rho >= 0",)),
            (4, ("h >= 0", "rho >= 0"), (BETA,)),
        ),
        shown(
            "moved by Y",
            "times 2 h",
            at_most(total(MOVED_BY_Y**2, A), (2 * H * TOTAL) ** 2),
            (4, ("|Y_j - mean|",), (H,)),
        ),
        shown("2 h y >= 0", "a product", nonnegative(2 * H * TOTAL), (2, ("h >= 0", "y >= 0"))),
        Step(
            "both",
            "Minkowski's inequality",
            at_most(
                total((TURNED_BY_C + MOVED_BY_Y) ** 2, A),
                ((1 + 4 * H * B2) * RHO + 2 * H * TOTAL) ** 2,
            ),
            Minkowski(
                (
                    (
                        TURNED_BY_C,
                        (1 + 4 * H * B2) * RHO,
                        "turned deviation",
                        "(1 + 4 h b^2) rho >= 0",
                    ),
                    (MOVED_BY_Y, 2 * H * TOTAL, "moved by Y", "2 h y >= 0"),
                ),
                (A,),
            ),
            ("turned deviation", "(1 + 4 h b^2) rho >= 0", "moved by Y", "2 h y >= 0"),
        ),
        Step(
            "s_j^2 after a step",
            "its deviation",
            equal(deviation_square(after, J), total((TURNED_BY_C + MOVED_BY_Y) ** 2, A)),
            Contracted("deviation after", deviation(after, J, A) + TURNED_BY_C + MOVED_BY_Y, (A,)),
            ("deviation after",),
        ),
        shown(
            "s_j after a step",
            "together",
            at_most(deviation_square(after, J), ((1 + 4 * H * B2) * RHO + 2 * H * TOTAL) ** 2),
            (1, ("both",)),
            using=("s_j^2 after a step",),
        ),
        Step(
            "largest after a step",
            "for each j",
            at_most(
                largest(deviation_square(after, J), J),
                ((1 + 4 * H * B2) * RHO + 2 * H * TOTAL) ** 2,
            ),
            Bound((J,)),
            ("s_j after a step",),
        ),
    )
