"""Theorem A: from an exponentially small radius descent with steps to n/4 reaches Theorem F.

``Lambda_N`` is the sum of ``ln(1 + 4 h |c|^2 q^(2 i))`` over ``i < N``, with ``q = 1 - 2 h`` and
steps ``h n``: what the linear law does to the deviations in N steps. While ``|V|^2 >= 1`` the
number ``D exp(Lambda_N) F(|c|)`` stays below its bound for every N; F is bounded, ``|c|`` shrinks
by a factor a step.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_constants import CONTRACTION, RADIUS, TIME
from proofs_check.proofs.cluster_drift import cluster_steps
from proofs_check.proofs.cluster_energy import approach_steps, energy_steps
from proofs_check.proofs.cluster_energy_run import bounded, energy_run, least_so_far, outside_up_to
from proofs_check.proofs.cluster_growth import (
    P_,
    decay,
    growth,
    growth_hypotheses,
    growth_steps,
)
from proofs_check.proofs.cluster_line import line_hypotheses
from proofs_check.proofs.cluster_lower import lower_steps
from proofs_check.proofs.cluster_lower_run import lower_bound, lower_run
from proofs_check.proofs.cluster_outside import state_hypotheses, state_steps
from proofs_check.proofs.cluster_potential import (
    FOR_SMALL_STEPS,
    SPREAD,
    Potential,
)
from proofs_check.proofs.cluster_product import product_hypotheses, product_steps
from proofs_check.proofs.cluster_run import (
    B_0,
    DELTA_0,
    LAST,
    M_,
    RISE,
    distance_run,
    run_hypotheses,
    scaled_distance,
)
from proofs_check.proofs.cluster_state import MANY, distance, number_steps, width
from proofs_check.proofs.cluster_tactics import Absurd, shown
from proofs_check.proofs.cluster_words import (
    RUN,
    H,
    centre_square,
    cluster_hypotheses,
)
from proofs_check.proofs.tactics.bounds import Instantiated
from proofs_check.proofs.tactics.exponentials import ExponentialSign
from proofs_check.proofs.tactics.language import (
    N_,
    V_0,
    V,
    at_most,
    below,
    count,
    equal,
    every,
    exponential,
    following,
    nonnegative,
    term,
)
from proofs_check.proofs.tactics.score import square
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    Axiom,
    Cases,
    Discharge,
    Instance,
)
from proofs_check.proofs.tactics.vacuity import Proposal

F = Fraction


#: What the words of the statement mean.
NOTATION = (
    (width, "the root of the sum of |v_j - c|^2"),
    (distance, "the distance of the centre c, the mean of the v_j, from the truth"),
    (growth, "the logarithm of the growth of deviations in so many steps of the linear law"),
    (decay, "a power of q = 1 - 2 h"),
    (square, "the sum of all |v_j|^2"),
)


def theorem_a(
    *,
    radius: Fraction = RADIUS,
    contraction: Fraction = CONTRACTION,
    of: Potential = FOR_SMALL_STEPS,
    time: Fraction = TIME,
    paid: Fraction | int = 1,
) -> Script:
    """Theorem A, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    radius : Fraction
        ``D_0 exp(Lambda_N(|c_0|^2)) <= radius`` for every N.
    contraction : Fraction
        ``|c+| <= (1 - contraction h) |c|`` while outside.
    of : Potential
        What pays, and for which ``h``: steps are ``h n``.
    time : Fraction
        ``|V|^2 <= 1`` by step k if ``16 n |c_0|^2 exp(-time h k) < 15``.
    paid : Fraction
        The part of the fall of F that pays for what the linear law leaves.

    Examples
    --------
    >>> theorem_a().scope
    'all n >= 2, d, uniform weights, D_0 <= 4/31 exp(-Lambda(|c_0|)), steps to n/4'
    """
    kept = ("uniform", "h >= 0")
    hypotheses = (
        *(
            Hypothesis(h.name, h.formula, h.meaning, temporary=h.name not in kept)
            for h in cluster_hypotheses()
        ),
        *growth_hypotheses(),
        *product_hypotheses(),
        *of.steps.hypotheses(),
        Hypothesis(
            "start",
            every(at_most(SPREAD.with_growth(V_0), DELTA_0), P_),
            "D_0 and the growth that the linear law gives, in any number of steps",
        ),
        Hypothesis("radius", at_most(DELTA_0, radius), "the radius"),
        *state_hypotheses(of),
        *line_hypotheses(),
        Hypothesis("lower at k", lower_bound(M_, of), "so far", temporary=True),
        Hypothesis(
            "F after k >= 0",
            nonnegative(of.f(RUN.at(following(M_)))),
            "a case",
            temporary=True,
        ),
        Hypothesis(
            "F after k < 0",
            below(of.f(RUN.at(following(M_))), term(0)),
            "the other",
            temporary=True,
        ),
        Hypothesis("outside so far", at_most(1, least_so_far(M_)), "|V_i|^2 >= 1 up to step m"),
        Hypothesis("condition", outside_up_to(M_), "the same", temporary=True),
        Hypothesis("energy at k", bounded(M_, of), "so far", temporary=True),
        *run_hypotheses(contraction),
        Hypothesis(
            "time",
            below(16 * N_ * centre_square(V_0), 15 * exponential(time * H * count(LAST))),
            "K is large enough",
        ),
        Hypothesis(
            "not outside", below(term(-1), -least_so_far(LAST)), "the other case", temporary=True
        ),
    )
    proof = (
        *cluster_steps(),
        *number_steps(of.steps.largest),
        *growth_steps(of.steps.largest),
        *product_steps(of.steps),
        *state_steps(of),
        *approach_steps(contraction, of),
        *energy_steps(contraction, of, paid),
        *lower_steps(of),
        *energy_run(radius, of),
        *lower_run(of),
        *distance_run(
            contraction,
            outside_up_to(M_),
            ("outside at k", "within along the run", "loose along the run"),
        ),
        *_entry_steps(contraction, time),
    )
    return Script(
        "A",
        "From an exponentially small radius all components converge",
        "derived for this project (Theorem A)",
        hypotheses,
        proof,
        ("D along the run", "D from below", "c along the run", "entry"),
        NOTATION,
        scope="all n >= 2, d, uniform weights, D_0 <= 4/31 exp(-Lambda(|c_0|)), steps to n/4",
        remarks=(
            "Lambda_N rises with N to Lambda: D_0 exp(Lambda) <= r_0 is the same as the condition "
            "for every N",
            "entry: one of the steps up to k has |V|^2 <= 1; from that step on Theorem F, with any "
            "step size up to 1/4",
        ),
        instances=(two_means(),),
    )


def two_means() -> Proposal:
    """Two components, the truth at a distance of 1."""
    start = ((Fraction(999, 1000),), (Fraction(1001, 1000),))
    numbers = ((H, Fraction(1, 8)), (LAST, 4), (M_, 0), (MANY, 14), (DELTA_0, Fraction(1, 16)))
    return Proposal((Fraction(1, 2), Fraction(1, 2)), 1, (*numbers, (V_0, start)))


def _entry_steps(contraction: Fraction, time: Fraction) -> tuple[Step, ...]:
    """The run enters the region by step K; the conclusions under the condition as stated."""
    now, after, end = RUN.at(M_), RUN.at(following(M_)), RUN.at(LAST)
    double = exponential(2 * contraction * H * count(LAST))
    single = exponential(contraction * H * count(LAST))
    return (
        Step(
            "far at k",
            "outside",
            at_most(15, 16 * N_ * centre_square(now)),
            Instantiated({V: now}, "16 n |c|^2"),
            ("16 n |c|^2", "outside at k", "within along the run", "loose along the run"),
        ),
        Step(
            "far at K",
            "at the last step",
            at_most(15, 16 * N_ * centre_square(end)),
            Instance({M_: LAST}),
            ("far at k",),
        ),
        Step(
            "distance at K",
            "at the last step",
            at_most(scaled_distance(LAST, contraction), B_0),
            Instance({M_: LAST}),
            ("distance along the run",),
        ),
        Step(
            "c at K >= 0", "a root", nonnegative(distance(end)), Instance({V: end}), ("|c| >= 0",)
        ),
        Step(
            "c at K",
            "its square",
            equal(distance(end) ** 2, centre_square(end)),
            Instance({V: end}),
            ("|c|^2",),
        ),
        Step(
            "c at 0",
            "its square",
            equal(B_0**2, centre_square(V_0)),
            Instance({V: V_0}),
            ("|c|^2",),
        ),
        Step("c at 0 >= 0", "a root", nonnegative(B_0), Instance({V: V_0}), ("|c| >= 0",)),
        Step("exp(h K) >= 0", "a square", nonnegative(single), ExponentialSign()),
        Step(
            "exp(2 h K)",
            "exp(2 t) = exp(t)^2",
            equal(double, single**2),
            Axiom(
                "exponential of a sum",
                (contraction * H * count(LAST), contraction * H * count(LAST)),
            ),
        ),
        shown(
            "scaled squares",
            "both are not negative",
            at_most(centre_square(end) * single**2, centre_square(V_0)),
            (1, ("distance at K", "c at 0 >= 0")),
            (1, ("distance at K", "c at K >= 0", "exp(h K) >= 0")),
            using=("c at K", "c at 0"),
        ),
        shown(
            "too far",
            "outside for so long",
            at_most(15 * exponential(time * H * count(LAST)), 16 * N_ * centre_square(V_0)),
            (16, ("n > 0", "scaled squares")),
            (1, ("far at K",), (single,)),
            using=("exp(2 h K)",),
        ),
        Step(
            "entry from outside",
            "this cannot be",
            at_most(least_so_far(LAST), 1),
            Absurd("time", "too far"),
            ("time", "too far"),
        ),
        shown(
            "entry from inside",
            "nothing to show",
            at_most(least_so_far(LAST), 1),
            (1, ("not outside",)),
        ),
        Step(
            "entry",
            "the run enters the region by step K",
            at_most(least_so_far(LAST), 1),
            Cases(-least_so_far(LAST), term(-1), "entry from outside", "entry from inside"),
            ("entry from outside", "entry from inside"),
        ),
        shown("restated", "the same", outside_up_to(M_), (1, ("outside so far",))),
        Step(
            "D along the run",
            "under the condition as stated",
            at_most(SPREAD.with_growth(now), RISE * DELTA_0),
            Discharge("D while outside", ("restated",)),
            ("D while outside", "restated"),
        ),
        Step(
            "D from below",
            "parallel at the start, under the condition as stated",
            at_most(SPREAD.with_growth(V_0), RISE * SPREAD.with_growth(now)),
            Discharge("D from below while outside", ("restated",)),
            ("D from below while outside", "restated"),
        ),
        Step(
            "c along the run",
            "the same",
            at_most(distance(after), (1 - contraction * H) * distance(now)),
            Discharge("c while outside", ("restated",)),
            ("c while outside", "restated"),
        ),
    )
