"""Where the growth has ended: the centre, the largest deviation and each mean."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_run import (
    B_0,
    I_,
    LAST,
    M_,
    least_over,
    scaled_distance,
)
from proofs_check.proofs.cluster_state import B_, distance
from proofs_check.proofs.cluster_tactics import Discharged, shown
from proofs_check.proofs.cluster_words import RUN, H, centre, deviation
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.reach_potential import (
    BOTTOM,
    NEAREST,
    R_,
    reach,
)
from proofs_check.proofs.reach_run import WITHIN, excess
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.bounds import (
    LargerOf,
    RootOf,
    SquareRoot,
)
from proofs_check.proofs.tactics.exponentials import ExponentialPositive
from proofs_check.proofs.tactics.extremes import Bound, Member
from proofs_check.proofs.tactics.inductions import BothSigned
from proofs_check.proofs.tactics.language import (
    A,
    J,
    V,
    at_most,
    count,
    define,
    equal,
    exponential,
    following,
    largest,
    nonnegative,
    positive,
    root,
    term,
    total,
    v,
)
from proofs_check.proofs.tactics.minkowski import Minkowski
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import Cases, Instance, Square, Squares

farthest = define("max|v_j|({})", root(largest(total(v(V, J, A) ** 2, A), J)), V)


def entry_steps(contraction: Fraction, time: Fraction) -> tuple[Step, ...]:
    """One of the steps up to K has ``|c| <= 1/4`` and ``Delta <= 1/10``."""
    end = RUN.at(LAST)
    growing = exponential(contraction * H * count(LAST))
    goal = at_most(least_over(excess, LAST), 0)
    return (
        Step(
            "distance at K",
            "at the last step",
            at_most(scaled_distance(LAST, contraction), B_0),
            Instance({M_: LAST}),
            ("distance along the run",),
        ),
        Step("exp(h K) > 0", "an exponential", positive(growing), ExponentialPositive()),
        shown(
            "product at K",
            "K is large enough",
            nonnegative(growing * (1 - 1 / NEAREST * distance(end))),
            (1 / NEAREST, ("distance at K",)),
            (1 / NEAREST, ("time",)),
        ),
        Step(
            "near at K",
            "divided",
            at_most(1 / NEAREST * distance(end), 1),
            Cancel("exp(h K) > 0", "product at K"),
            ("exp(h K) > 0", "product at K"),
        ),
        shown(
            "c at K",
            "the same",
            at_most(1 / NEAREST * distance(end) - 1, 0),
            (1, ("near at K",)),
        ),
        Step(
            "small at K",
            "at the last step",
            at_most(BOTTOM * reach(end), 1),
            Instance({M_: LAST}),
            ("Delta along the run",),
        ),
        shown(
            "Delta at K",
            "F_0 > 10",
            at_most(1 / WITHIN * reach(end) - 1, 0),
            (1 / WITHIN / BOTTOM, ("small at K",)),
            (1 - 1 / WITHIN / BOTTOM, ()),
        ),
        Step(
            "entered at K",
            "both",
            at_most(excess(end), 0),
            BothSigned("c at K", "Delta at K"),
            ("c at K", "Delta at K"),
        ),
        Step(
            "least at K",
            "a member",
            at_most(least_over(excess, LAST), excess(end)),
            Instance({M_: LAST}),
            ("least at k",),
        ),
        shown(
            "entry from outside",
            "it enters now",
            goal,
            (1, ("least at K",)),
            (1, ("entered at K",)),
        ),
        shown("entry from inside", "nothing to show", goal, (1, ("not outside",))),
        Step(
            "entry",
            "the growth ends by step K",
            goal,
            Cases(-least_over(excess, LAST), term(0), "entry from outside", "entry from inside"),
            ("entry from outside", "entry from inside"),
        ),
    )


def component_steps() -> tuple[Step, ...]:
    """``|v_j| <= |c| + Delta``, so that all components are within 7/20 of the truth at entry."""
    own = total(v(V, J, A) ** 2, A)
    most = largest(own, J)
    sum_of_both = NEAREST + WITHIN
    now = RUN.at(I_)
    sides = (1 / NEAREST * B_ - 1, 1 / WITHIN * R_ - 1)
    least = least_over(farthest, LAST)
    return (
        shown(
            "c within", "trivially", at_most(total(centre(V, A) ** 2, A), B_**2), using=("|c|^2",)
        ),
        Step(
            "v_j by Minkowski",
            "the centre and the deviation",
            at_most(total((centre(V, A) + deviation(V, J, A)) ** 2, A), (B_ + R_) ** 2),
            Minkowski(
                (
                    (centre(V, A), B_, "c within", "|c| >= 0"),
                    (deviation(V, J, A), R_, "s_j within", "Delta >= 0"),
                ),
                (A,),
            ),
            ("c within", "|c| >= 0", "s_j within", "Delta >= 0"),
        ),
        shown("|v_j|^2", "the same", at_most(own, (B_ + R_) ** 2), (1, ("v_j by Minkowski",))),
        Step(
            "largest |v_j|^2",
            "for each j",
            at_most(most, (B_ + R_) ** 2),
            Bound((J,)),
            ("|v_j|^2",),
        ),
        Step("a component", "the largest of all", at_most(own, most), Member(most, (J,))),
        Step("|v_j|^2 >= 0", "a square", nonnegative(own), Squares((Square(v(V, J, A), (A,)),))),
        shown(
            "max|v_j|^2 >= 0",
            "as large as a square",
            nonnegative(most),
            (1, ("|v_j|^2 >= 0",)),
            (1, ("a component",)),
        ),
        Step(
            "max|v_j|^2",
            "the root's square",
            equal(farthest(V) ** 2, most),
            RootOf(most),
            ("max|v_j|^2 >= 0",),
        ),
        shown(
            "max|v_j| squared",
            "together",
            at_most(farthest(V) ** 2, (B_ + R_) ** 2),
            (1, ("largest |v_j|^2",)),
            using=("max|v_j|^2",),
        ),
        shown(
            "|c| + Delta >= 0",
            "a sum",
            nonnegative(B_ + R_),
            (1, ("|c| >= 0",)),
            (1, ("Delta >= 0",)),
        ),
        Step(
            "max|v_j|",
            "the root",
            at_most(farthest(V), B_ + R_),
            SquareRoot("max|v_j| squared", "|c| + Delta >= 0"),
            ("max|v_j| squared", "|c| + Delta >= 0"),
        ),
        *(
            Step(
                f"{name} and the larger",
                "the larger of two",
                at_most(side, excess(V)),
                LargerOf(*sides, which),
            )
            for which, (name, side) in enumerate(zip(("|c|", "Delta"), sides, strict=True))
        ),
        shown(
            "max|v_j| and the larger",
            "1/4 + 1/10",
            at_most(farthest(V), sum_of_both * (1 + excess(V))),
            (1, ("max|v_j|",)),
            (NEAREST, ("|c| and the larger",)),
            (WITHIN, ("Delta and the larger",)),
        ),
        Step(
            "max|v_j| at i",
            "at step i",
            at_most(farthest(now), sum_of_both * (1 + excess(now))),
            Instance({V: now}),
            ("max|v_j| and the larger",),
        ),
        Step(
            "least of max|v_j|",
            "a member",
            replaced(at_most(least, farthest(now)), {LAST: M_}),
            Discharged(Member(least_over(farthest, M_), (I_,)), "i < k + 1"),
            ("i < k + 1",),
        ),
        shown(
            "least and i",
            "together",
            replaced(at_most(1 / sum_of_both * least - 1, excess(now)), {LAST: M_}),
            (1 / sum_of_both, ("least of max|v_j|",)),
            (1 / sum_of_both, ("max|v_j| at i",)),
        ),
        Step(
            "least of both",
            "for each i",
            replaced(at_most(1 / sum_of_both * least - 1, least_over(excess, LAST)), {LAST: M_}),
            Discharged(Bound((I_,), "least_steps", (following(M_),)), "0 < k + 1"),
            ("least and i", "0 < k + 1"),
        ),
        Step(
            "least of both at K",
            "at the last step",
            at_most(1 / sum_of_both * least - 1, least_over(excess, LAST)),
            Instance({M_: LAST}),
            ("least of both",),
        ),
        shown(
            "all components at entry",
            "1/4 + 1/10 = 7/20",
            at_most(least, sum_of_both),
            (sum_of_both, ("least of both at K",)),
            (sum_of_both, ("entry",)),
        ),
    )
