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
from proofs_check.proofs.cluster_energy import (
    approach_steps,
    energy_steps,
    state_hypotheses,
    state_steps,
)
from proofs_check.proofs.cluster_growth import (
    GAMMA,
    P_,
    S,
    decay,
    growth,
    growth_hypotheses,
    growth_steps,
)
from proofs_check.proofs.cluster_line import line_hypotheses, line_run
from proofs_check.proofs.cluster_lower import lower_steps
from proofs_check.proofs.cluster_potential import (
    BOTTOM,
    FOR_SMALL_STEPS,
    SPREAD,
    TOP,
    Potential,
)
from proofs_check.proofs.cluster_product import Z, product_hypotheses, product_steps
from proofs_check.proofs.cluster_run import (
    B_0,
    DELTA_0,
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
from proofs_check.proofs.cluster_state import MANY, distance, number_steps, width
from proofs_check.proofs.cluster_tactics import Absurd, Discharged, shown
from proofs_check.proofs.cluster_words import (
    RUN,
    H,
    U,
    centre_square,
    cluster_hypotheses,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import opened, replaced
from proofs_check.proofs.tactics.bounds import Instantiated, largest_of
from proofs_check.proofs.tactics.exponentials import ExponentialSign
from proofs_check.proofs.tactics.inductions import BothSigned, InductionWhile, OneSigned
from proofs_check.proofs.tactics.language import (
    N_,
    START,
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
    positive,
    term,
)
from proofs_check.proofs.tactics.score import square
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    Axiom,
    Cancel,
    Cases,
    Discharge,
    Instance,
    Member,
    Specialise,
)
from proofs_check.proofs.tactics.vacuity import Proposal

F = Fraction
#: ``D_m exp(Lambda_N(|c_m|^2))`` is at most this many times the bound of it at the start.
RISE = F(2)
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
        Hypothesis("lower at k", _lower(M_, of), "so far", temporary=True),
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
        Hypothesis("condition", _outside(M_), "the same", temporary=True),
        Hypothesis("energy at k", _bounded(M_, of), "so far", temporary=True),
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
        *_energy_run(radius, of),
        *_lower_run(of),
        *distance_run(
            contraction,
            _outside(M_),
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


def least_so_far(k: Term) -> Term:
    """``min_(i <= k) |V_i|^2``."""
    return least_over(square, k)


def _outside(k: Term) -> Term:
    """``-min_(i <= k) |V_i|^2 <= -1``."""
    return at_most(-least_so_far(k), term(-1))


def _bounded(k: Term, of: Potential) -> Term:
    """``E_N <= F_1 r_0`` at step k, for every N, and ``20 D <= 7``."""
    now = RUN.at(k)
    rests = (of.energy(P_, H, now) - TOP * DELTA_0, 20 * width(now) - 7)
    return every(at_most(largest_of(*rests), 0), P_)


def _invariant(
    k: Term, factors: Term, name: str, given: str, parts: tuple[str, str], of: Potential
) -> tuple[Step, ...]:
    """Both parts of the invariant at step k, for so many factors."""
    both = opened(_bounded(k, of).args[0], (factors,))
    now = RUN.at(k)
    return (
        Step(f"both {name}", "for these factors", both, Specialise((factors,)), (given,)),
        Step(
            parts[0],
            "the first part",
            at_most(of.energy(factors, H, now), TOP * DELTA_0),
            OneSigned(0),
            (f"both {name}",),
        ),
        Step(
            parts[1],
            "the second part",
            at_most(20 * width(now), 7),
            OneSigned(1),
            (f"both {name}",),
        ),
    )


def _lower(k: Term, of: Potential) -> Term:
    """``D_0 exp(Lambda_N(|c_0|^2)) F_k <= F_1 D_k exp(Lambda_N(|c_k|^2))`` for every N."""
    now = RUN.at(k)
    sides = (SPREAD.with_growth(V_0) * of.f(now), TOP * SPREAD.with_growth(now))
    return every(at_most(*sides), P_)


def _lower_run(of: Potential) -> tuple[Step, ...]:
    """``D_0 exp(Lambda_N(|c_0|^2)) <= 2 D_k exp(Lambda_N(|c_k|^2))`` as long as it is outside."""
    now, after, more = RUN.at(M_), RUN.at(following(M_)), following(P_)
    start, later = SPREAD.with_growth(V_0), SPREAD.with_growth(after)
    before, at_more = (replaced(SPREAD.with_growth(at), {P_: more}) for at in (V_0, now))
    f, f_after = of.f(now), of.f(after)
    goal = at_most(start * f_after, TOP * later)
    state = ("outside at k", "within along the run", "loose along the run")
    at_start = {S: centre_square(V_0), Z: GAMMA * centre_square(V_0)}
    return (
        *line_run(),
        *_line_steps(),
        Step(
            "|c_0|^2 >= 0",
            "a square",
            nonnegative(centre_square(V_0)),
            Instance({V: V_0}),
            ("|c|^2 >= 0",),
        ),
        Step(
            "g |c_0|^2 >= 0",
            "a product",
            nonnegative(GAMMA * centre_square(V_0)),
            Instance({V: V_0}),
            ("g |c|^2 >= 0",),
        ),
        Step(
            "s and z at 0",
            "g (1 - h) = 1",
            equal((1 - H) * (GAMMA * centre_square(V_0)), centre_square(V_0)),
            Instance({V: V_0}),
            ("s and z at V",),
        ),
        Step(
            "one factor more at 0",
            "at least one",
            positive(1 + 4 * H * centre_square(V_0) * decay(P_, H)),
            Instantiated(at_start, "factor p > 0"),
            ("factor p > 0", "g |c_0|^2 >= 0", "s and z at 0"),
        ),
        Step(
            "product after at 0",
            "one factor more",
            replaced(
                equal(
                    exponential(growth(more, H, S)),
                    exponential(growth(P_, H, S)) * (1 + 4 * H * S * decay(P_, H)),
                ),
                {S: centre_square(V_0)},
            ),
            Instantiated(at_start, "product after"),
            ("product after", "g |c_0|^2 >= 0", "s and z at 0"),
        ),
        Step(
            "D exp(Lambda) at 0 >= 0",
            "at the start",
            nonnegative(SPREAD.with_growth(V_0)),
            Instance({V: V_0}),
            ("D exp(Lambda) >= 0",),
        ),
        shown(
            "no factor is lost",
            "every factor is at least one",
            at_most(start, before),
            (4, ("h >= 0", "|c_0|^2 >= 0", "power p >= 0", "D exp(Lambda) at 0 >= 0")),
            using=("product after at 0",),
        ),
        Step(
            "F <= F_1 at 0",
            "at the start",
            at_most(of.f(V_0), TOP),
            Instance({V: V_0}),
            ("F <= F_1",),
        ),
        shown(
            "lower at 0",
            "F <= F_1",
            at_most(start * of.f(V_0), TOP * start),
            (1, ("D exp(Lambda) at 0 >= 0", "F <= F_1 at 0")),
        ),
        Step(
            "lower for N + 1",
            "for one factor more",
            at_most(before * f, TOP * at_more),
            Specialise((more,)),
            ("lower at k",),
        ),
        Step(
            "lower step at k",
            "one step",
            at_most(at_more * f_after, later * f),
            Instantiated({V: now}, "lower step"),
            ("lower step", *state, "line along the run", "c_0 > 0 while outside"),
        ),
        Step(
            "F at k > 0",
            "outside",
            positive(f),
            Instantiated({V: now}, "F > 0"),
            ("F > 0", "outside at k", "loose along the run"),
        ),
        shown(
            "lower by F",
            "together",
            nonnegative(f * (TOP * later - before * f_after)),
            (1, ("F after k >= 0", "lower for N + 1")),
            (TOP, ("lower step at k",)),
        ),
        Step(
            "lower divided",
            "divided",
            at_most(before * f_after, TOP * later),
            Cancel("F at k > 0", "lower by F"),
            ("F at k > 0", "lower by F"),
        ),
        shown(
            "lower where F+ >= 0",
            "no factor is lost",
            goal,
            (1, ("lower divided",)),
            (1, ("F after k >= 0", "no factor is lost")),
        ),
        Step(
            "D exp(Lambda) after k >= 0",
            "at step k + 1",
            nonnegative(later),
            Instance({V: after}),
            ("D exp(Lambda) >= 0",),
        ),
        shown(
            "lower where F+ < 0",
            "one side is negative",
            goal,
            (1, ("D exp(Lambda) at 0 >= 0", "F after k < 0")),
            (TOP, ("D exp(Lambda) after k >= 0",)),
        ),
        Step(
            "lower at k + 1",
            "in both cases",
            goal,
            Cases(term(0), f_after, "lower where F+ >= 0", "lower where F+ < 0"),
            ("lower where F+ >= 0", "lower where F+ < 0"),
        ),
        Step(
            "lower along the run",
            "by induction, as long as the run is outside",
            _lower(M_, of),
            InductionWhile(
                M_, _outside(M_), "lower at 0", "lower at k + 1", "outside is lost once", (P_,)
            ),
            ("lower at 0", "lower at k + 1", "outside is lost once"),
        ),
        Step(
            "lower for N",
            "for each N",
            at_most(start * f, TOP * SPREAD.with_growth(now)),
            Specialise((P_,)),
            ("lower along the run",),
        ),
        Step(
            "F_0 at k",
            "outside",
            at_most(BOTTOM, f),
            Instantiated({V: now}, "F_0"),
            ("F_0", "outside at k", "loose along the run"),
        ),
        shown(
            "D from below while outside",
            "F_1 <= 2 F_0",
            at_most(start, RISE * SPREAD.with_growth(now)),
            (RISE / TOP, ("lower for N",)),
            (RISE / TOP, ("D exp(Lambda) at 0 >= 0", "F_0 at k")),
            (RISE / TOP * BOTTOM - 1, ("D exp(Lambda) at 0 >= 0",)),
        ),
    )


def _line_steps() -> tuple[Step, ...]:
    """``0 < |c_0|^2``, as the run is outside at the start."""
    least = least_so_far(M_)
    return (
        shown(
            "0 < k + 1 at 0",
            "the same",
            below(count(START), count(following(M_))),
            (1, ("0 < k + 1",)),
        ),
        Step(
            "least at 0",
            "a member",
            at_most(least, square(V_0)),
            Discharged(Member(least, (START,)), "0 < k + 1 at 0"),
            ("0 < k + 1 at 0",),
        ),
        shown(
            "outside at 0",
            "outside up to k",
            at_most(1, square(V_0)),
            (1, ("least at 0",)),
            (1, ("condition",)),
        ),
        Step(
            "7/n at 0",
            "the centre is far",
            at_most(7 * U, 8 * B_0**2),
            Instantiated({V: V_0}, "7/n"),
            ("7/n", "outside at 0", "D at 0"),
        ),
        Step(
            "|c_0|^2 at 0",
            "its square",
            equal(B_0**2, centre_square(V_0)),
            Instance({V: V_0}),
            ("|c|^2",),
        ),
        shown(
            "c_0 > 0 while outside",
            "so it is not the truth",
            positive(centre_square(V_0)),
            (F(1, 8), ("7/n at 0",)),
            (F(7, 8), ("u > 0",)),
            using=("|c_0|^2 at 0",),
        ),
    )


def _energy_run(radius: Fraction, of: Potential) -> tuple[Step, ...]:
    """``E_N <= F_1 r_0`` along the run, as long as it is outside."""
    now, after = RUN.at(M_), RUN.at(following(M_))
    bound = TOP * DELTA_0
    return (
        *energy_at_start(of.spread, BOTTOM, TOP),
        Step(
            "start for none",
            "N = 0",
            at_most(width(V_0) * exponential(growth(START, H, centre_square(V_0))), DELTA_0),
            Specialise((START,)),
            ("start",),
        ),
        shown(
            "D at 0",
            "no factor",
            at_most(20 * width(V_0), 7),
            (20, ("start for none",)),
            (20, ("radius",)),
            (7 - 20 * radius, ()),
            using=("exp(0) = 1",),
        ),
        Step(
            "both at 0",
            "together",
            opened(_bounded(START, of).args[0], (P_,)),
            BothSigned("E at 0", "D at 0"),
            ("E at 0", "D at 0"),
        ),
        shown("bound", "the radius", at_most(bound, 1), (TOP, ("radius",)), (1 - TOP * radius, ())),
        *least_at_step(square),
        shown(
            "outside at k",
            "outside up to k",
            at_most(1, square(now)),
            (1, ("least at k",)),
            (1, ("condition",)),
        ),
        *_invariant(M_, MANY, "for L", "energy at k", ("many at k", "loose at k"), of),
        shown(
            "within at k",
            "the invariant",
            at_most(of.energy(MANY, H, now), 1),
            (1, ("many at k",)),
            (1, ("bound",)),
        ),
        *_invariant(M_, following(P_), "for N + 1", "energy at k", ("one more at k", "D at k"), of),
        Step(
            "energy after k",
            "one step",
            at_most(of.energy(P_, H, after), of.energy(following(P_), H, now)),
            Instantiated({V: now}, "energy"),
            ("energy", "outside at k", "within at k", "loose at k"),
        ),
        shown(
            "energy at k + 1",
            "together",
            at_most(of.energy(P_, H, after), bound),
            (1, ("energy after k",)),
            (1, ("one more at k",)),
        ),
        Step(
            "D after k",
            "one step",
            at_most(20 * width(after), 7),
            Instantiated({V: now}, "D after, loosely"),
            ("D after, loosely", "outside at k", "within at k", "loose at k"),
        ),
        Step(
            "both at k + 1",
            "together",
            opened(_bounded(following(M_), of).args[0], (P_,)),
            BothSigned("energy at k + 1", "D after k"),
            ("energy at k + 1", "D after k"),
        ),
        *least_falls(square),
        Step(
            "energy along the run",
            "by induction, as long as the run is outside",
            _bounded(M_, of),
            InductionWhile(
                M_, _outside(M_), "both at 0", "both at k + 1", "outside is lost once", (P_,)
            ),
            ("both at 0", "both at k + 1", "outside is lost once"),
        ),
        *_invariant(
            M_,
            MANY,
            "along the run for L",
            "energy along the run",
            ("many along the run", "loose along the run"),
            of,
        ),
        shown(
            "within along the run",
            "the invariant",
            at_most(of.energy(MANY, H, now), 1),
            (1, ("many along the run",)),
            (1, ("bound",)),
        ),
        *_invariant(
            M_, P_, "along the run for N", "energy along the run", ("energy for N", "D for N"), of
        ),
        *growth_while_outside(
            of.spread, BOTTOM, TOP, RISE, ("outside at k", "loose along the run")
        ),
    )


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
        shown("restated", "the same", _outside(M_), (1, ("outside so far",))),
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
