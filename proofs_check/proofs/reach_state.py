"""A state whose centre is not within 1/4 of the truth, in the max norm: the Key Lemma applies."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift import CENTRE
from proofs_check.proofs.cluster_growth import P_, decay, growth
from proofs_check.proofs.cluster_product import REST, SMALL_STEPS, polynomial
from proofs_check.proofs.cluster_pull import (
    moved_centre,
)
from proofs_check.proofs.cluster_state import (
    AFTER,
    B_,
    BEND,
    MANY,
    centre_root,
    distance,
    near,
    product_at_state,
    reciprocal_steps,
)
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import (
    C2,
    SIGMA2,
    H,
    centre_square,
    deviation,
    deviation_square,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.reach_potential import (
    AT,
    BOTTOM,
    NEAREST,
    PLACE,
    R_,
    REACH,
    RF,
    SCALE,
    SQUARED,
    STRAIGHT,
    TOP,
    U_,
    V_,
    WIDE,
    Z_,
    energy,
    far,
    potential,
    reach,
)
from proofs_check.proofs.reach_words import SMALL, TOTAL
from proofs_check.proofs.tactics.bounds import Generalise, Instantiated, RootOf
from proofs_check.proofs.tactics.exponentials import ExponentialSign
from proofs_check.proofs.tactics.extremes import Member
from proofs_check.proofs.tactics.language import (
    A,
    J,
    V,
    at_most,
    below,
    equal,
    every,
    exponential,
    largest,
    nonnegative,
    term,
)
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import Square, Squares

F = Fraction


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
    y = replaced(TOTAL, AT)
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
            Instantiated(AT, "largest after a step"),
            ("largest after a step", *REACH.given),
        ),
        Step(
            "moved after",
            "the Key Lemma",
            replaced(at_most(moved_centre(), H**2 * SIGMA2**2 * CENTRE), AT),
            Instantiated(AT, "c after a step"),
            ("c after a step", *REACH.given),
        ),
        Step(
            "sigma^2 at V",
            "the mean of all",
            at_most(SIGMA2, R_**2),
            Instantiated(AT, "sigma^2 <= rho^2"),
            ("sigma^2 <= rho^2", *REACH.given),
        ),
    )
