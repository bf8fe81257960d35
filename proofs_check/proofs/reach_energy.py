"""One step of descent of a cluster whose centre is not within 1/4 of the truth, in the max norm.

``Delta`` is the largest ``|delta_j|``. The centre approaches the truth, and
``Delta exp(Lambda_N(|c|^2)) F(|c|)`` passes to at most its value with one factor more in
``Lambda``, whatever the number of components: ``F`` falls by what the linear law leaves.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_exponent import exponent_steps, spread_steps
from proofs_check.proofs.cluster_product import SMALL_STEPS, polynomial
from proofs_check.proofs.cluster_pull import (
    centre_falls,
    contraction_step,
    pull_steps,
)
from proofs_check.proofs.cluster_search import PolynomialCertificate
from proofs_check.proofs.cluster_state import (
    AFTER,
    B_,
    BEND,
    cube_rises,
    near,
    rise_steps,
    share,
)
from proofs_check.proofs.cluster_tactics import Weighted, shown
from proofs_check.proofs.cluster_words import (
    C2,
    SIGMA2,
    H,
)
from proofs_check.proofs.reach_potential import (
    ALONG,
    COST,
    PLACE,
    R_,
    REACH,
    RF,
    SQUARED,
    STRAIGHT,
    U_,
    V_,
    WIDE,
    Z_,
    far,
    potential,
)
from proofs_check.proofs.reach_words import DRIFT_RATE, LINEAR, SMALL
from proofs_check.proofs.tactics.language import (
    V,
    at_most,
    equal,
)
from proofs_check.proofs.tactics.script import Step

F = Fraction


def reach_approach_steps(contraction: Fraction) -> tuple[Step, ...]:
    """``|c+| <= (1 - 19/10 h) |c|``."""
    spare = 2 - contraction
    return (
        *pull_steps(WIDE, "r at V >= 0"),
        Step(
            "pull of Delta",
            "a polynomial in Delta and |c|",
            at_most(R_**2 * REACH.pull, spare * B_),
            PolynomialCertificate(
                {"Delta U": 2, "Delta >= 0": 3, "far": 1, "|c| >= 0": 8},
                {R_: 3, B_: 9},
                {B_: tuple(F(k, 8) for k in range(1, 16))},
            ),
            ("Delta U", "Delta >= 0", "far", "|c| >= 0"),
        ),
        shown(
            "sigma^2 S",
            "so the centre is hardly pulled",
            at_most(SIGMA2 * REACH.pull, spare * B_),
            (1, ("sigma^2 at V", "S >= 0")),
            (1, ("pull of Delta",)),
        ),
        contraction_step(contraction),
    )


def reach_energy_steps(contraction: Fraction, paid: Fraction | int = 1) -> tuple[Step, ...]:
    """``E_N+ <= E_(N+1)``; ``paid`` is the part of the fall of F that is used."""
    return (
        *_fall_steps(contraction),
        *_cost_steps(),
        *_paid_steps(contraction, paid),
        *spread_steps(REACH),
        *exponent_steps(
            REACH,
            contraction,
            (
                (2, ("h >= 0", "paid")),
                (2, ("h >= 0", "Z >= 0", "cost of Delta^2")),
                (2, ("h >= 0", "cost of the centre")),
            ),
        ),
    )


def _fall_steps(contraction: Fraction) -> tuple[Step, ...]:
    """``F - F+ >= h (4 A' |c|^2/(p + |c|^2)^5 + 3 B' |c|/(q + |c|)^4)``."""
    rate = contraction * (2 - contraction / 4)
    near_after, gap = near(AFTER), near(AFTER) - U_
    bend = "1/(p + |c|^2)"
    return (
        *centre_falls(contraction, SMALL_STEPS.largest),
        *rise_steps(bend, U_, near_after, C2, rate, ("|c|^2 does not rise", "|c|^2 falls")),
        shown(
            f"{bend} to the fourth",
            "a tangent",
            at_most(4 * rate * H * C2 * U_**5, near_after**4 - U_**4),
            (4, (f"{bend} by how much", f"{bend} >= 0"), (U_,)),
            (1, (), (gap * near_after,)),
            (2, (f"{bend} after >= 0", f"{bend} >= 0"), (gap,)),
            (3, (), (gap * U_,)),
        ),
        *cube_rises("1/(q + |c|)", V_, far(AFTER), B_, contraction, ("|c| falls", "contraction")),
        shown(
            "fall of F",
            "both",
            at_most(
                4 * SQUARED * rate * H * C2 * U_**5 + 3 * STRAIGHT * contraction * H * B_ * V_**4,
                potential(V) - potential(AFTER),
            ),
            (SQUARED, (f"{bend} to the fourth",)),
            (STRAIGHT, ("1/(q + |c|) cubed",)),
        ),
    )


def _cost_steps() -> tuple[Step, ...]:
    """What is of the order of ``Delta^2``, and what the centre's pull costs."""
    second, along = (polynomial(c, B_**2) for c in (DRIFT_RATE, ALONG))
    pull = REACH.pull
    return (
        shown(
            "14 r |c| <= 1",
            "7 r (1 - |c|)^2 >= 0",
            at_most(2 * SMALL * WIDE * B_, 1),
            (1, ("smaller at V",)),
            (SMALL, ("r at V >= 0",), (1 - B_,)),
        ),
        shown(
            "|c| S",
            "14 r |c| <= 1",
            at_most(B_ * pull, along),
            (F(39, 70), ("14 r |c| <= 1",)),
            (F(12, 35), ("14 r |c| <= 1",), (B_,)),
        ),
        Step(
            "cost of Delta^2",
            "a polynomial in Delta and |c|",
            at_most(R_ * (second + (1 + B_**2) * along), polynomial(COST, B_)),
            PolynomialCertificate(
                {"Delta U": 1, "Delta >= 0": 1, "|c| >= 0": 8, "far": 1},
                {R_: 1, B_: 9},
                {B_: tuple(F(k, 8) for k in range(1, 32))},
            ),
            ("Delta U", "Delta >= 0", "|c| >= 0", "far"),
        ),
        shown(
            "Delta F by the share",
            "1 + 4 h |c|^2 times its reciprocal",
            equal(RF, (1 + 4 * H * C2) * Z_),
            using=("share",),
        ),
        shown(
            "cost of the centre",
            "sigma <= Delta, 4 h <= 1",
            at_most(potential(V) * B_ * SIGMA2 * pull, Z_ * R_ * (1 + B_**2) * along),
            (1, ("sigma^2 at V", "|c| >= 0", "S >= 0", "F >= 0")),
            (1, ("Delta F >= 0", "Delta >= 0", "|c| S")),
            *(
                (4 * c, ("Z >= 0", "Delta >= 0", "largest h"), (B_ ** (m + 1),))
                for m, c in enumerate(ALONG)
            ),
            using=("Delta F by the share", "|c|^2"),
        ),
    )


def _paid_steps(contraction: Fraction, paid: Fraction | int) -> tuple[Step, ...]:
    """The fall of F pays for it."""
    straight = F(3, 2) * paid * STRAIGHT * contraction
    bent = 2 * paid * SQUARED * contraction * (2 - contraction / 4)
    whole = B_ * polynomial(LINEAR, B_**2) + polynomial(COST, B_)
    bend, place = (BEND + B_**2) ** 5, (PLACE + B_) ** 4
    cost = Z_ * whole
    each = {"|c| >= 0": 17, "far": 1, "Z T": 1, "Z >= 0": 1}
    return (
        Step(
            "polynomial of the cost",
            "a polynomial in Z and |c|",
            at_most(cost * bend * place, straight * B_ * bend + bent * B_**2 * place),
            PolynomialCertificate(
                each,
                {R_: 1, potential(V): 1, share(H, V): 1, B_: 18},
                {B_: tuple(F(k, 6) for k in range(1, 30))},
            ),
            tuple(each),
        ),
        shown(
            "(p + |c|^2)^5 by |c|",
            "its reciprocal",
            equal(bend * U_**5, 1),
            using=("1/(p + |c|^2)", "|c|^2"),
        ),
        shown("(q + |c|)^4", "its reciprocal", equal(place * V_**4, 1), using=("1/(q + |c|)",)),
        Step(
            "paid",
            "divided",
            at_most(cost, straight * B_ * V_**4 + bent * B_**2 * U_**5),
            Weighted(
                ((1, ("polynomial of the cost", "1/(p + |c|^2) >= 0"), (U_**2, V_**2)),),
                (
                    (straight * B_ * V_**4 - cost, "(p + |c|^2)^5 by |c|"),
                    (bent * B_**2 * U_**5 - cost * bend * U_**5, "(q + |c|)^4"),
                ),
            ),
            (
                *("polynomial of the cost", "1/(p + |c|^2) >= 0"),
                *("(p + |c|^2)^5 by |c|", "(q + |c|)^4"),
            ),
        ),
    )
