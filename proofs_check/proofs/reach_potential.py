"""The potential of the energy in the max norm, and the size of a cluster there."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_constants import REACH_CONTRACTION
from proofs_check.proofs.cluster_exponent import Measure
from proofs_check.proofs.cluster_growth import P_, growth
from proofs_check.proofs.cluster_product import polynomial
from proofs_check.proofs.cluster_pull import (
    pulled,
)
from proofs_check.proofs.cluster_state import (
    AFTER,
    B_,
    near,
    share,
)
from proofs_check.proofs.cluster_words import (
    BETA,
    C2,
    H,
    R,
    deviation_square,
)
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.reach_words import DRIFT_RATE, LINEAR, RHO, TOTAL
from proofs_check.proofs.tactics.language import (
    J,
    V,
    define,
    exponential,
    inverse,
    largest,
    root,
)

F = Fraction

#: ``Delta``, the largest ``|delta_j|`` of a state.
reach = define("Delta({})", root(largest(deviation_square(V, J), J)), V, latex=r"\Delta({})")


R_, R_AFTER = reach(V), reach(AFTER)


#: ``F = F_1 - A/(p + b^2)^4 - B/(q + b)^3``, b = ``|c|``: at least ``F_0``, wherever the centre is.
BOTTOM, TOP = F(1001, 100), F(20)


PLACE = F(7, 4)


SQUARED, STRAIGHT = F(376), F(47)


far = define("1/(q+|c|)({})", inverse(PLACE + B_), V, latex=r"(q+|c|({}))^{{-1}}")


potential = define("F({})", TOP - SQUARED * near(V) ** 4 - STRAIGHT * far(V) ** 3, V)


energy = define(
    "E_{0}({2})",
    R_ * exponential(growth(P_, H, C2)) * potential(V),
    P_, H, V,
    latex=r"\mathcal{{E}}_{{{0}}}({2})",
)  # fmt: skip


#: r of the Key Lemma is so many times ``Delta``: its square is at least twice that of Delta.
SCALE = F(17, 12)


WIDE = SCALE * R_


AT = {R: WIDE, RHO: R_, BETA: B_}


#: The centre is farther than 1/4 from the truth, and ``|c+| <= (1 - contraction h) |c|``.
NEAREST, CONTRACTION = F(1, 4), REACH_CONTRACTION


#: ``|c| S <= ALONG``; ``Delta (y_2 + (1 + |c|^2) ALONG) <= COST``, by powers of ``|c|``.
ALONG = (F(39, 70), F(243, 35))


COST = (F(13, 10), F(7, 4))


#: The state measured by Delta.
REACH = Measure(
    "Delta",
    reach,
    potential,
    energy,
    AT,
    (
        *("r at V >= 0", "|c| >= 0", "Delta >= 0", "reach at V", "2 Delta^2", "|c|^2 within"),
        *("smaller at V", "h >= 0"),
    ),
    replaced(TOTAL, AT),
    R_ * B_ * polynomial(LINEAR, C2) + R_**2 * polynomial(DRIFT_RATE, C2),
    pulled(WIDE),
    ("|c|^2",),
)


RF, Z_ = R_ * potential(V), R_ * potential(V) * share(H, V)


U_, V_ = near(V), far(V)
