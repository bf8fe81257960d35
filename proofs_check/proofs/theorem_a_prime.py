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
    RISE,
    distance_run,
    least_over,
    run_hypotheses,
)
from proofs_check.proofs.cluster_state import MANY, distance, number_steps
from proofs_check.proofs.cluster_tactics import Discharged, shown
from proofs_check.proofs.cluster_words import RUN, H
from proofs_check.proofs.reach_energy import reach_approach_steps, reach_energy_steps
from proofs_check.proofs.reach_entry import component_steps, entry_steps, farthest
from proofs_check.proofs.reach_potential import (
    CONTRACTION,
    NEAREST,
    REACH,
    reach,
)
from proofs_check.proofs.reach_run import bounded, energy_run, excess, outside_up_to
from proofs_check.proofs.reach_state import reach_state_hypotheses, reach_state_steps
from proofs_check.proofs.tactics.extremes import Bound, Member
from proofs_check.proofs.tactics.language import (
    V_0,
    V,
    at_most,
    below,
    count,
    every,
    exponential,
    following,
    term,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Discharge, Instance
from proofs_check.proofs.tactics.vacuity import Proposal

F = Fraction


LARGEST, TIME = F(1, 4), CONTRACTION


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
        Hypothesis("condition", outside_up_to(M_), "not entered up to step m", temporary=True),
        Hypothesis("energy at k", bounded(M_), "so far", temporary=True),
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
        *energy_run(radius),
        *distance_run(
            contraction, outside_up_to(M_), ("far along the run", "within along the run")
        ),
        *entry_steps(contraction, time),
        *component_steps(),
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
            outside_up_to(M_),
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
