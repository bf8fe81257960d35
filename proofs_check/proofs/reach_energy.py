"""One step of descent of a cluster whose centre is not within 1/4 of the truth, in the max norm.

``Delta`` is the largest ``|delta_j|``. The centre approaches the truth, and
``Delta exp(Lambda_N(|c|^2)) F(|c|)`` passes to at most its value with one factor more in
``Lambda``, whatever the number of components: ``F`` falls by what the linear law leaves.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_constants import REACH_CONTRACTION
from proofs_check.proofs.cluster_drift import CENTRE
from proofs_check.proofs.cluster_exponent import Measure, exponent_steps, spread_steps
from proofs_check.proofs.cluster_growth import P_, decay, growth
from proofs_check.proofs.cluster_product import REST, SMALL_STEPS, polynomial
from proofs_check.proofs.cluster_pull import (
    centre_falls,
    contraction_step,
    moved_centre,
    pull_steps,
    pulled,
)
from proofs_check.proofs.cluster_reach import DRIFT_RATE, LINEAR, RHO, SMALL, TOTAL
from proofs_check.proofs.cluster_search import PolynomialCertificate
from proofs_check.proofs.cluster_state import (
    AFTER,
    B_,
    BEND,
    MANY,
    centre_root,
    cube_rises,
    distance,
    near,
    product_at_state,
    reciprocal_steps,
    rise_steps,
    share,
)
from proofs_check.proofs.cluster_tactics import Weighted, shown
from proofs_check.proofs.cluster_words import (
    BETA,
    C2,
    SIGMA2,
    H,
    R,
    centre_square,
    deviation,
    deviation_square,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.bounds import Generalise, Instantiated, RootOf
from proofs_check.proofs.tactics.exponentials import ExponentialSign
from proofs_check.proofs.tactics.language import (
    A,
    J,
    V,
    at_most,
    below,
    define,
    equal,
    every,
    exponential,
    inverse,
    largest,
    nonnegative,
    root,
    term,
)
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import Member, Square, Squares

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
_AT = {R: WIDE, RHO: R_, BETA: B_}
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
    _AT,
    (
        *("r at V >= 0", "|c| >= 0", "Delta >= 0", "reach at V", "2 Delta^2", "|c|^2 within"),
        *("smaller at V", "h >= 0"),
    ),
    replaced(TOTAL, _AT),
    R_ * B_ * polynomial(LINEAR, C2) + R_**2 * polynomial(DRIFT_RATE, C2),
    pulled(WIDE),
    ("|c|^2",),
)
RF, Z_ = R_ * potential(V), R_ * potential(V) * share(H, V)
U_, V_ = near(V), far(V)


def reach_state_hypotheses() -> tuple[Hypothesis, ...]:
    """Of a state within the invariant, its centre not within 1/4 of the truth; the cases."""
    after = potential(AFTER)
    return (
        Hypothesis(
            "many", at_most(decay(MANY, H), REST), "L is large; it is used for nothing else"
        ),
        Hypothesis("far", at_most(NEAREST, B_), "the centre is not near yet", temporary=True),
        Hypothesis("within", at_most(energy(MANY, H, V), 1), "the invariant", temporary=True),
        Hypothesis("F+ >= 0", nonnegative(after), "a case", temporary=True),
        Hypothesis("F+ < 0", below(after, term(0)), "the other", temporary=True),
    )


def reach_state_steps() -> tuple[Step, ...]:
    """At such a state the Key Lemma applies."""
    return (
        *_roots(V, ""),
        *_roots(AFTER, " after"),
        Step(
            "exp(Lambda) >= 0",
            "a square",
            nonnegative(exponential(growth(P_, H, C2))),
            ExponentialSign(),
        ),
        *_least_steps(),
        shown("F >= 0", "F_0 > 0", nonnegative(potential(V)), (1, ("F_0",)), (BOTTOM, ())),
        shown("Delta F >= 0", "a product", nonnegative(RF), (1, ("Delta >= 0", "F >= 0"))),
        *product_at_state(),
        *_small_steps(),
        *_lemma_steps(),
    )


def _roots(of: Term, name: str) -> tuple[Step, ...]:
    """``|c|`` and ``Delta`` of a state as roots, and F."""
    most = largest(deviation_square(of, J), J)
    return (
        *centre_root(of, name),
        Step(
            f"a member{name}",
            "the largest of all",
            at_most(deviation_square(of, J), most),
            Member(most, (J,)),
        ),
        Step(
            f"|delta_j|^2 >= 0{name}",
            "a sum of squares",
            nonnegative(deviation_square(of, J)),
            Squares((Square(deviation(of, J, A), (A,)),)),
        ),
        shown(
            f"Delta^2 >= 0{name}",
            "as large as a square",
            nonnegative(most),
            (1, (f"|delta_j|^2 >= 0{name}",)),
            (1, (f"a member{name}",)),
        ),
        Step(
            f"Delta^2{name}",
            "the root's square",
            equal(reach(of) ** 2, most),
            RootOf(most),
            (f"Delta^2 >= 0{name}",),
        ),
        Step(
            f"Delta >= 0{name}",
            "a root",
            nonnegative(reach(of)),
            RootOf(most),
            (f"Delta^2 >= 0{name}",),
        ),
        *reciprocal_steps(
            f"1/(p + |c|^2){name}", BEND + centre_square(of), near(of), f"|c|^2 >= 0{name}", BEND
        ),
        *reciprocal_steps(
            f"1/(q + |c|){name}", PLACE + distance(of), far(of), f"|c| >= 0{name}", PLACE
        ),
        shown(
            f"F <= F_1{name}",
            "all powers are positive",
            at_most(potential(of), TOP),
            (SQUARED, (), (near(of) ** 2,)),
            (STRAIGHT, (f"1/(q + |c|){name} >= 0",), (far(of),)),
        ),
    )


def _least_steps() -> tuple[Step, ...]:
    """``F >= F_0``: the reciprocals are largest at 0."""

    def at_place(name: str, of: Term, place: Fraction, sign: str) -> Step:
        return shown(
            f"{name} and its place",
            "what is added is not negative",
            at_most(place * of, 1),
            (1, (sign, f"{name} >= 0")),
            using=(name,),
        )

    def power(name: str, of: Term, place: Fraction, exponent: int) -> Step:
        own, sign = f"{name} and its place", f"{name} >= 0"
        return shown(
            f"{name} to the power {exponent}",
            "1 - t^k = (1 - t)(1 + t + ...)",
            at_most((place * of) ** exponent, 1),
            *((place**k, (own, *(sign,) * (k % 2)), (of ** (k // 2),)) for k in range(exponent)),
        )

    return (
        at_place("1/(p + |c|^2)", U_, BEND, "|c|^2 >= 0"),
        at_place("1/(q + |c|)", V_, PLACE, "|c| >= 0"),
        power("1/(p + |c|^2)", U_, BEND, 4),
        power("1/(q + |c|)", V_, PLACE, 3),
        shown(
            "F_0",
            "both reciprocals are largest where c = 0",
            at_most(BOTTOM, potential(V)),
            (SQUARED / BEND**4, ("1/(p + |c|^2) to the power 4",)),
            (STRAIGHT / PLACE**3, ("1/(q + |c|) to the power 3",)),
            (TOP - BOTTOM - SQUARED / BEND**4 - STRAIGHT / PLACE**3, ()),
        ),
    )


def _small_steps() -> tuple[Step, ...]:
    """``Delta F U <= 1``, ``Delta F T/(1 + 4 h |c|^2) <= 1`` from the invariant; Delta is small."""
    product = polynomial(SMALL_STEPS.product, B_**2)
    narrow = SMALL * SCALE
    return (
        shown(
            "Delta F U",
            "the invariant",
            at_most(RF * polynomial(SMALL_STEPS.product, C2), 1),
            (1, ("within",)),
            (1, ("Delta F >= 0", "U at V")),
        ),
        shown("Z >= 0", "a product", nonnegative(Z_), (1, ("Delta F >= 0", "share >= 0"))),
        shown(
            "Z T",
            "the invariant",
            at_most(Z_ * polynomial(SMALL_STEPS.grown, B_**2), 1),
            (1, ("within",)),
            (1, ("Z >= 0", "T at V")),
            using=("share", "|c|^2"),
        ),
        shown(
            "Delta U",
            "F >= F_0",
            at_most(BOTTOM * R_ * product, 1),
            (1, ("Delta F U",)),
            *((c, ("Delta >= 0", "F_0"), (B_**m,)) for m, c in enumerate(SMALL_STEPS.product)),
            using=("|c|^2",),
        ),
        shown(
            "smaller at V",
            "the Key Lemma's condition",
            at_most(SMALL * WIDE * (1 + B_**2), 1),
            (1, ("Delta U",)),
            (BOTTOM - narrow, ("Delta >= 0",)),
            *(
                (BOTTOM * c - (narrow if m == 1 else 0), ("Delta >= 0",), (B_**m,))
                for m, c in enumerate(SMALL_STEPS.product)
                if m
            ),
        ),
        shown(
            "Delta <= 1/10",
            "F_0 > 10",
            at_most(BOTTOM * R_, 1),
            (1, ("Delta U",)),
            *(
                (BOTTOM * c, ("Delta >= 0",), (B_**m,))
                for m, c in enumerate(SMALL_STEPS.product)
                if m
            ),
        ),
    )


def _lemma_steps() -> tuple[Step, ...]:
    """The Key Lemma at the state."""
    y = replaced(TOTAL, _AT)
    after = largest(deviation_square(AFTER, J), J)
    return (
        shown("|c|^2 within", "trivially", at_most(C2, B_**2), using=("|c|^2",)),
        shown(
            "s_j within",
            "the largest of all",
            at_most(deviation_square(V, J), R_**2),
            (1, ("a member",)),
            using=("Delta^2",),
        ),
        Step(
            "reach at V",
            "for each j",
            every(at_most(deviation_square(V, J), R_**2), J),
            Generalise((J,)),
            ("s_j within",),
        ),
        shown("r at V >= 0", "a multiple", nonnegative(WIDE), (SCALE, ("Delta >= 0",))),
        shown(
            "2 Delta^2", "2 <= (17/12)^2", at_most(2 * R_**2, WIDE**2), (SCALE**2 - 2, (), (R_,))
        ),
        Step(
            "spread after",
            "the Key Lemma",
            at_most(after, ((1 + 4 * H * B_**2) * R_ + 2 * H * y) ** 2),
            Instantiated(_AT, "largest after a step"),
            ("largest after a step", *REACH.given),
        ),
        Step(
            "moved after",
            "the Key Lemma",
            replaced(at_most(moved_centre(), H**2 * SIGMA2**2 * CENTRE), _AT),
            Instantiated(_AT, "c after a step"),
            ("c after a step", *REACH.given),
        ),
        Step(
            "sigma^2 at V",
            "the mean of all",
            at_most(SIGMA2, R_**2),
            Instantiated(_AT, "sigma^2 <= rho^2"),
            ("sigma^2 <= rho^2", *REACH.given),
        ),
    )


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
