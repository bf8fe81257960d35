"""Theorem A': Theorem A in the max norm, with a radius that does not depend on the number n.

While the centre is not within 1/4 of the truth the number ``Delta exp(Lambda_N) F(|c|)`` stays
below its bound for every N, where ``Delta`` is the largest ``|delta_j|``; ``|c|`` shrinks by a
factor a step.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_constants import REACH_RADIUS
from proofs_check.proofs.cluster_growth import P_, decay, growth, growth_hypotheses, growth_steps
from proofs_check.proofs.cluster_product import product_hypotheses, product_steps
from proofs_check.proofs.cluster_reach import reach_hypotheses, reach_steps
from proofs_check.proofs.cluster_run import (
    B_0,
    DELTA_0,
    I_,
    LAST,
    M_,
    distance_run,
    energy_at_start,
    growth_while_outside,
    least_at_step,
    least_falls,
    least_over,
    run_hypotheses,
    scaled_distance,
)
from proofs_check.proofs.cluster_state import B_, MANY, distance, number_steps
from proofs_check.proofs.cluster_tactics import Discharged, FirstOfLarger, shown
from proofs_check.proofs.cluster_words import RUN, H, centre, deviation
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.reach_energy import (
    BOTTOM,
    CONTRACTION,
    NEAREST,
    R_,
    REACH,
    TOP,
    energy,
    reach,
    reach_approach_steps,
    reach_energy_steps,
    reach_state_hypotheses,
    reach_state_steps,
)
from proofs_check.proofs.tactics.bounds import (
    Instantiated,
    LargerOf,
    RootOf,
    SquareRoot,
    largest_of,
)
from proofs_check.proofs.tactics.exponentials import ExponentialPositive
from proofs_check.proofs.tactics.inductions import BothSigned, InductionWhile
from proofs_check.proofs.tactics.language import (
    V_0,
    A,
    J,
    V,
    at_most,
    below,
    count,
    define,
    equal,
    every,
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
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    Bound,
    Cancel,
    Cases,
    Discharge,
    Instance,
    Member,
    Specialise,
    Square,
    Squares,
)
from proofs_check.proofs.tactics.vacuity import Proposal

F = Fraction
LARGEST, TIME = F(1, 4), CONTRACTION
#: ``Delta_m exp(Lambda_N(|c_m|^2))`` is at most this many times the bound of it at the start.
RISE = F(2)
#: Where the growth ends: ``|c| <= 1/4``, ``Delta <= 1/10``.
WITHIN = F(1, 10)
#: Not positive where the growth has ended.
excess = define("g({})", largest_of(1 / NEAREST * distance(V) - 1, 1 / WITHIN * reach(V) - 1), V)
farthest = define("max|v_j|({})", root(largest(total(v(V, J, A) ** 2, A), J)), V)
#: What the words of the statement mean.
NOTATION = (
    (reach, "the largest distance of a component from the centre c"),
    (distance, "the distance of the centre c, the mean of the v_j, from the truth"),
    (growth, "the logarithm of the growth of deviations in so many steps of the linear law"),
    (decay, "a power of q = 1 - 2 h"),
    (excess, "at most 0 where |c| <= 1/4 and Delta <= 1/10"),
    (farthest, "the largest distance of a component from the truth"),
)


def theorem_a_prime(
    *,
    radius: Fraction = REACH_RADIUS,
    contraction: Fraction = CONTRACTION,
    largest_step: Fraction = LARGEST,
    time: Fraction = TIME,
    paid: Fraction | int = 1,
) -> Script:
    """Theorem A', with constants that can be changed to see the proof fail.

    Parameters
    ----------
    radius : Fraction
        ``Delta_0 exp(Lambda_N(|c_0|^2)) <= radius`` for every N.
    contraction : Fraction
        ``|c+| <= (1 - contraction h) |c|`` while the centre is far.
    largest_step : Fraction
        ``h <= largest_step``: steps up to ``n`` times that.
    time : Fraction
        The growth has ended by step K if ``4 |c_0| <= exp(time h K)``.
    paid : Fraction
        The part of the fall of F that pays for what the linear law leaves.

    Examples
    --------
    >>> theorem_a_prime().conclusions
    ('growth', 'approach', 'entry', 'all components at entry')
    """
    kept = ("uniform", "h >= 0")
    hypotheses = (
        *(
            Hypothesis(h.name, h.formula, h.meaning, temporary=h.name not in kept)
            for h in reach_hypotheses()
        ),
        *growth_hypotheses(),
        *product_hypotheses(),
        Hypothesis("largest h", at_most(H, largest_step), "eta = h n <= n/4"),
        Hypothesis(
            "start",
            every(at_most(REACH.with_growth(V_0), DELTA_0), P_),
            "Delta_0 and the growth that the linear law gives, in any number of steps",
        ),
        Hypothesis("radius", at_most(DELTA_0, radius), "the radius"),
        *reach_state_hypotheses(),
        Hypothesis(
            "far so far", at_most(NEAREST, least_over(distance, M_)), "|c_i| >= 1/4 up to step m"
        ),
        Hypothesis("condition", _outside(M_), "not entered up to step m", temporary=True),
        Hypothesis("energy at k", _bounded(M_), "so far", temporary=True),
        *run_hypotheses(contraction),
        Hypothesis(
            "time",
            at_most(B_0, NEAREST * exponential(time * H * count(LAST))),
            "K is large enough",
        ),
        Hypothesis(
            "not outside",
            below(term(0), -least_over(excess, LAST)),
            "the other case",
            temporary=True,
        ),
    )
    steps = (
        *reach_steps(),
        *number_steps(largest_step),
        *growth_steps(largest_step),
        *product_steps(),
        *reach_state_steps(),
        *reach_approach_steps(contraction),
        *reach_energy_steps(contraction, paid),
        *_energy_run(radius),
        *distance_run(contraction, _outside(M_), ("far along the run", "within along the run")),
        *_entry_steps(contraction, time),
        *_component_steps(),
        *_restated_steps(contraction),
    )
    return Script(
        "A-prime",
        "The growth of a cluster ends within a radius that does not depend on its number",
        "derived for this project (Theorem A')",
        hypotheses,
        steps,
        ("growth", "approach", "entry", "all components at entry"),
        NOTATION,
        scope="all n, d, uniform weights, Delta_0 <= exp(-Lambda(|c_0|))/20, steps to n/4",
        remarks=(
            "Lambda_N rises with N to Lambda: Delta_0 exp(Lambda) <= r_0 is the same as the "
            "condition for every N",
            "entry: at one of the steps up to K, |c| <= 1/4 and Delta <= 1/10 together",
        ),
        instances=(_two_means(),),
    )


def _two_means() -> Proposal:
    """Two components, the truth at a distance of 1."""
    start = ((Fraction(999, 1000),), (Fraction(1001, 1000),))
    numbers = ((H, Fraction(1, 8)), (LAST, 6), (M_, 0), (MANY, 14), (DELTA_0, Fraction(1, 20)))
    return Proposal((Fraction(1, 2), Fraction(1, 2)), 1, (*numbers, (V_0, start)))


def _outside(k: Term) -> Term:
    """``-min_(i <= k) g(V_i) <= 0``."""
    return at_most(-least_over(excess, k), term(0))


def _bounded(k: Term) -> Term:
    """``E_N <= F_1 r_0`` at step k, for every N."""
    return every(at_most(energy(P_, H, RUN.at(k)), TOP * DELTA_0), P_)


def _far_steps(when: str, given: str) -> tuple[Step, ...]:
    """At a step that is not outside: Delta is small, so that the centre is far."""
    now = RUN.at(M_)
    return (
        Step(
            f"energy for L {when}",
            "for so many factors",
            at_most(energy(MANY, H, now), TOP * DELTA_0),
            Specialise((MANY,)),
            (given,),
        ),
        shown(
            f"within {when}",
            "the invariant",
            at_most(energy(MANY, H, now), 1),
            (1, (f"energy for L {when}",)),
            (1, ("bound",)),
        ),
        Step(
            f"Delta {when}",
            "F >= F_0",
            at_most(BOTTOM * reach(now), 1),
            Instantiated({V: now}, "Delta <= 1/10"),
            ("Delta <= 1/10", f"within {when}"),
        ),
        shown(
            f"Delta {when}, strictly",
            "F_0 > 10",
            below(1 / WITHIN * reach(now) - 1, 0),
            (1 / WITHIN / BOTTOM, (f"Delta {when}",)),
            (1 - 1 / WITHIN / BOTTOM, ()),
        ),
        Step(
            f"not near {when}",
            "one of both is not small",
            nonnegative(1 / NEAREST * distance(now) - 1),
            FirstOfLarger("outside at k", f"Delta {when}, strictly"),
            ("outside at k", f"Delta {when}, strictly"),
        ),
        shown(
            f"far {when}",
            "the same",
            at_most(NEAREST, distance(now)),
            (NEAREST, (f"not near {when}",)),
        ),
    )


def _energy_run(radius: Fraction) -> tuple[Step, ...]:
    """``E_N <= F_1 r_0`` along the run, as long as it is outside."""
    now, after = RUN.at(M_), RUN.at(following(M_))
    bound = TOP * DELTA_0
    return (
        *energy_at_start(REACH, BOTTOM, TOP),
        shown("bound", "the radius", at_most(bound, 1), (TOP, ("radius",)), (1 - TOP * radius, ())),
        *least_at_step(excess),
        shown(
            "outside at k",
            "outside up to k",
            nonnegative(excess(now)),
            (1, ("least at k",)),
            (1, ("condition",)),
        ),
        *_far_steps("at k", "energy at k"),
        Step(
            "energy for N + 1",
            "for one factor more",
            at_most(energy(following(P_), H, now), bound),
            Specialise((following(P_),)),
            ("energy at k",),
        ),
        Step(
            "energy after k",
            "one step",
            at_most(energy(P_, H, after), energy(following(P_), H, now)),
            Instantiated({V: now}, "energy"),
            ("energy", "far at k", "within at k"),
        ),
        shown(
            "energy at k + 1",
            "together",
            at_most(energy(P_, H, after), bound),
            (1, ("energy after k",)),
            (1, ("energy for N + 1",)),
        ),
        *least_falls(excess),
        Step(
            "energy along the run",
            "by induction, as long as the run is outside",
            _bounded(M_),
            InductionWhile(
                M_, _outside(M_), "E at 0", "energy at k + 1", "outside is lost once", (P_,)
            ),
            ("E at 0", "energy at k + 1", "outside is lost once"),
        ),
        *_far_steps("along the run", "energy along the run"),
        Step(
            "energy for N",
            "for each N",
            at_most(energy(P_, H, now), bound),
            Specialise((P_,)),
            ("energy along the run",),
        ),
        *growth_while_outside(REACH, BOTTOM, TOP, RISE),
    )


def _entry_steps(contraction: Fraction, time: Fraction) -> tuple[Step, ...]:
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


def _component_steps() -> tuple[Step, ...]:
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


def _restated_steps(contraction: Fraction) -> tuple[Step, ...]:
    """The conclusions along the run under the condition as stated: every centre is far."""
    now, after = RUN.at(M_), RUN.at(following(M_))
    least, at_i = least_over(distance, M_), RUN.at(I_)
    return (
        Step(
            "least distance and i",
            "a member",
            at_most(least, distance(at_i)),
            Discharged(Member(least, (I_,)), "i < k + 1"),
            ("i < k + 1",),
        ),
        Step(
            "|c| and the larger at i",
            "at step i",
            at_most(1 / NEAREST * distance(at_i) - 1, excess(at_i)),
            Instance({V: at_i}),
            ("|c| and the larger",),
        ),
        shown(
            "distance and i",
            "together",
            at_most(1 / NEAREST * least - 1, excess(at_i)),
            (1 / NEAREST, ("least distance and i",)),
            (1, ("|c| and the larger at i",)),
        ),
        Step(
            "distance and the least",
            "for each i",
            at_most(1 / NEAREST * least - 1, least_over(excess, M_)),
            Discharged(Bound((I_,), "least_steps", (following(M_),)), "0 < k + 1"),
            ("distance and i", "0 < k + 1"),
        ),
        shown(
            "restated",
            "every centre is far",
            _outside(M_),
            (1, ("distance and the least",)),
            (1 / NEAREST, ("far so far",)),
        ),
        Step(
            "growth",
            "under the condition as stated",
            at_most(REACH.with_growth(now), RISE * DELTA_0),
            Discharge("Delta while outside", ("restated",)),
            ("Delta while outside", "restated"),
        ),
        Step(
            "approach",
            "the same",
            at_most(distance(after), (1 - contraction * H) * distance(now)),
            Discharge("c while outside", ("restated",)),
            ("c while outside", "restated"),
        ),
    )
