"""Theorem A: from an exponentially small radius descent with steps to n/4 reaches Theorem F.

With ``g = 1/(1 - h)``, ``h`` the step over n, the number ``D exp(g |c|^2 + p(|c|))`` does not
increase while ``|V|^2 >= 1``; ``p`` is bounded, ``|c|`` shrinks by a factor a step.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift import (
    cluster_steps,
)
from proofs_check.proofs.cluster_energy import (
    GAMMA,
    POTENTIAL_MOST,
    W_,
    F,
    approach_steps,
    distance,
    energy,
    energy_steps,
    number_steps,
    potential,
    state_steps,
    weight,
    width,
)
from proofs_check.proofs.cluster_tactics import (
    Absurd,
    Discharged,
    ExponentialOfNumber,
    shown,
)
from proofs_check.proofs.cluster_words import (
    RUN,
    H,
    centre_square,
    cluster_hypotheses,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.bounds import (
    Instantiated,
)
from proofs_check.proofs.tactics.exponentials import (
    ExponentialGrows,
    ExponentialSign,
    NoOdds,
)
from proofs_check.proofs.tactics.inductions import (
    InductionWhile,
)
from proofs_check.proofs.tactics.language import (
    N_,
    START,
    V_0,
    V,
    at_most,
    below,
    count,
    equal,
    exponential,
    following,
    inverse,
    least_steps,
    nonnegative,
    positive,
    step,
    term,
)
from proofs_check.proofs.tactics.score import square
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    Axiom,
    Bound,
    Cases,
    Discharge,
    Instance,
    Member,
)
from proofs_check.proofs.tactics.vacuity import Proposal

RADIUS, CONTRACTION, LARGEST, TIME = F(1, 40), F(9, 5), F(1, 4), F(18, 5)
#: Steps: an earlier one, any, the last one.
I_, M_, LAST = step("i"), step("m"), step("K")
E_K, E_0, B_0 = energy(H, RUN.at(M_)), energy(H, V_0), distance(V_0)


def theorem_a(
    *,
    radius: Fraction = RADIUS,
    contraction: Fraction = CONTRACTION,
    largest: Fraction = LARGEST,
    time: Fraction = TIME,
) -> Script:
    """Theorem A, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    radius : Fraction
        ``D_0 exp(|c_0|^2/(1 - h)) <= radius``.
    contraction : Fraction
        ``|c+| <= (1 - contraction h) |c|`` while outside.
    largest : Fraction
        ``h <= largest``: steps up to ``n`` times that.
    time : Fraction
        ``|V|^2 <= 1`` by step k if ``16 n |c_0|^2 exp(-time h k) < 15``.

    Examples
    --------
    >>> theorem_a().scope
    'all n, d, uniform weights, D_0 <= exp(-|c_0|^2/(1 - eta/n))/40, steps to n/4'
    """
    invariant = 2 * radius
    kept = ("uniform", "h >= 0")
    hypotheses = (
        *(
            Hypothesis(h.name, h.formula, h.meaning, temporary=h.name not in kept)
            for h in cluster_hypotheses()
        ),
        Hypothesis("largest h", at_most(H, largest), "eta = h n <= n/4"),
        Hypothesis(
            "radius",
            at_most(width(V_0) * exponential(inverse(1 - H) * centre_square(V_0)), radius),
            "the radius: the exponent is that of the linear growth",
        ),
        Hypothesis("outside", at_most(1, square(V)), "not yet in the region", temporary=True),
        Hypothesis("within", at_most(energy(H, V), invariant), "the invariant", temporary=True),
        Hypothesis("outside so far", at_most(1, least_so_far(M_)), "|V_i|^2 >= 1 up to step m"),
        Hypothesis("condition", _outside(M_), "the same", temporary=True),
        Hypothesis("energy at k", at_most(E_K, energy(H, V_0)), "so far", temporary=True),
        Hypothesis(
            "distance at k", at_most(_scaled(M_, contraction), B_0), "so far", temporary=True
        ),
        Hypothesis(
            "time",
            below(16 * N_ * centre_square(V_0), 15 * exponential(time * H * count(LAST))),
            "K is large enough",
        ),
        Hypothesis(
            "not outside", below(term(-1), -least_so_far(LAST)), "the other case", temporary=True
        ),
        Hypothesis(
            "i < k + 1", below(count(I_), count(following(M_))), "an earlier step", temporary=True
        ),
    )
    steps = (
        *cluster_steps(),
        *number_steps(largest),
        *state_steps(invariant),
        *approach_steps(contraction),
        *energy_steps(contraction),
        *_run_steps(radius, contraction, time),
    )
    return Script(
        "A",
        "From an exponentially small radius all components converge",
        "derived for this project (Theorem A, with the exponent |c|^2/(1 - h))",
        hypotheses,
        steps,
        ("D along the run", "c along the run", "entry"),
        (
            (width, "the root of the sum of |v_j - c|^2"),
            (distance, "the distance of the centre c, the mean of the v_j, from the truth"),
            (square, "the sum of all |v_j|^2"),
        ),
        scope="all n, d, uniform weights, D_0 <= exp(-|c_0|^2/(1 - eta/n))/40, steps to n/4",
        remarks=(
            "entry: one of the steps up to k has |V|^2 <= 1; from that step on Theorem F, with any "
            "step size up to 1/4",
        ),
        instances=(_two_means(),),
    )


def _two_means() -> Proposal:
    """Two components, the truth at a distance of 1."""
    start = ((Fraction(399, 400),), (Fraction(401, 400),))
    numbers = ((H, Fraction(1, 8)), (LAST, 4), (M_, 0))
    return Proposal((Fraction(1, 2), Fraction(1, 2)), 1, (*numbers, (V_0, start)))


def least_so_far(k: Term) -> Term:
    """``min_(i <= k) |V_i|^2``."""
    return least_steps(square(RUN.at(I_)), I_, following(k))


def _outside(k: Term) -> Term:
    """``-min_(i <= k) |V_i|^2 <= -1``."""
    return at_most(-least_so_far(k), term(-1))


def _scaled(k: Term, contraction: Fraction) -> Term:
    """``|c_k| exp(contraction h k)``."""
    return distance(RUN.at(k)) * exponential(contraction * H * count(k))


def _run_steps(radius: Fraction, contraction: Fraction, time: Fraction) -> tuple[Step, ...]:
    """Along the run: as long as it is outside, and until it enters."""
    now, after = RUN.at(M_), RUN.at(following(M_))
    rise = contraction * H
    growth = exponential(rise * count(M_))
    linear = exponential(GAMMA * centre_square(V))
    pot = potential(V)
    outside = at_most(1, square(now))
    double = exponential(2 * contraction * H * count(LAST))
    single = exponential(contraction * H * count(LAST))
    end = RUN.at(LAST)
    linear_growth = at_most(
        width(now) * exponential(GAMMA * centre_square(now)),
        2 * width(V_0) * exponential(GAMMA * centre_square(V_0)),
    )
    approach = at_most(distance(after), (1 - rise) * distance(now))
    return (
        shown(
            "p <= 5/8",
            "4 b < 5 + 4 b",
            at_most(pot, POTENTIAL_MOST),
            (F(25, 8), ("slack >= 0",)),
            using=("1/(5 + 4 |c|)",),
        ),
        Step(
            "exp(p)",
            "the exponential grows",
            at_most(exponential(pot), exponential(POTENTIAL_MOST)),
            ExponentialGrows(),
            ("p <= 5/8",),
        ),
        Step(
            "exp(5/8)",
            "a number",
            at_most(exponential(POTENTIAL_MOST), 2),
            ExponentialOfNumber(POTENTIAL_MOST),
        ),
        Step(
            "exp(w)",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(weight(H, V)), linear * exponential(pot)),
            Axiom("exponential of a sum", (GAMMA * centre_square(V), pot)),
        ),
        Step("exp(g |c|^2) >= 0", "a square", nonnegative(linear), ExponentialSign()),
        shown(
            "E from above",
            "p is bounded",
            at_most(energy(H, V), 2 * W_ * linear),
            (1, ("D >= 0", "exp(g |c|^2) >= 0", "exp(p)")),
            (1, ("D >= 0", "exp(g |c|^2) >= 0", "exp(5/8)")),
            using=("exp(w)",),
        ),
        Step(
            "1 <= exp(p)",
            "1 + p <= exp(p)",
            at_most(1 + pot, exponential(pot)),
            Axiom("tangent", (pot,)),
        ),
        shown(
            "E from below",
            "p >= 0",
            at_most(W_ * linear, energy(H, V)),
            (1, ("D >= 0", "exp(g |c|^2) >= 0", "1 <= exp(p)")),
            (1, ("D >= 0", "exp(g |c|^2) >= 0", "p >= 0")),
            using=("exp(w)",),
        ),
        Step(
            "E at 0 from above",
            "at the start",
            replaced(at_most(energy(H, V), 2 * W_ * linear), {V: V_0}),
            Instance({V: V_0}),
            ("E from above",),
        ),
        shown(
            "E at 0",
            "the radius",
            at_most(E_0, 2 * radius),
            (1, ("E at 0 from above",)),
            (2, ("radius",)),
        ),
        shown("k < k + 1", "one more step", below(count(M_), count(following(M_))), (1, ())),
        Step(
            "least at k",
            "a member",
            at_most(least_so_far(M_), square(now)),
            Discharged(Member(least_so_far(M_), (M_,)), "k < k + 1"),
            ("k < k + 1",),
        ),
        shown(
            "outside at k",
            "outside up to k",
            outside,
            (1, ("least at k",)),
            (1, ("condition",)),
        ),
        shown(
            "within at k",
            "the invariant",
            at_most(E_K, 2 * radius),
            (1, ("energy at k",)),
            (1, ("E at 0",)),
        ),
        Step(
            "energy after k",
            "one step",
            at_most(energy(H, after), E_K),
            Instantiated({V: now}, "energy"),
            ("energy", "outside at k", "within at k"),
        ),
        shown(
            "energy at k + 1",
            "together",
            at_most(energy(H, after), E_0),
            (1, ("energy after k",)),
            (1, ("energy at k",)),
        ),
        shown("energy at step 0", "the start", at_most(energy(H, RUN.at(START)), E_0)),
        shown(
            "i < k + 2",
            "i < k + 1",
            below(count(I_), count(following(following(M_)))),
            (1, ("i < k + 1",)),
            (1, ()),
        ),
        Step(
            "member i",
            "a member",
            at_most(least_so_far(following(M_)), square(RUN.at(I_))),
            Discharged(Member(least_so_far(following(M_)), (I_,)), "i < k + 2"),
            ("i < k + 2",),
        ),
        Step("0 <= k", "a number of steps", nonnegative(count(M_)), Axiom("steps", (M_,))),
        shown("0 < k + 1", "one more", positive(count(following(M_))), (1, ("0 <= k",)), (1, ())),
        Step(
            "least falls",
            "the least of more",
            at_most(least_so_far(following(M_)), least_so_far(M_)),
            Discharged(Bound((I_,), "least_steps", (following(M_),)), "0 < k + 1"),
            ("member i", "0 < k + 1"),
        ),
        shown(
            "outside is lost once",
            "the least falls",
            at_most(-least_so_far(M_), -least_so_far(following(M_))),
            (1, ("least falls",)),
        ),
        Step(
            "energy along the run",
            "by induction, as long as the run is outside",
            at_most(E_K, E_0),
            InductionWhile(
                M_, _outside(M_), "energy at step 0", "energy at k + 1", "outside is lost once"
            ),
            ("energy at step 0", "energy at k + 1", "outside is lost once"),
        ),
        Step(
            "E at k from below",
            "at step k",
            replaced(at_most(W_ * linear, energy(H, V)), {V: now}),
            Instance({V: now}),
            ("E from below",),
        ),
        shown(
            "D while outside",
            "the linear growth, up to the factor 2",
            linear_growth,
            (1, ("E at k from below",)),
            (1, ("energy along the run",)),
            (1, ("E at 0 from above",)),
        ),
        shown(
            "within along the run",
            "the invariant",
            at_most(E_K, 2 * radius),
            (1, ("energy along the run",)),
            (1, ("E at 0",)),
        ),
        Step(
            "c while outside",
            "the centre approaches the truth",
            approach,
            Instantiated({V: now}, "contraction"),
            ("contraction", "outside at k", "within along the run"),
        ),
        Step(
            "c at k >= 0", "a root", nonnegative(distance(now)), Instance({V: now}), ("|c| >= 0",)
        ),
        Step(
            "tangent of the rise",
            "1 - t <= exp(-t)",
            at_most(1 - rise, exponential(-rise)),
            Axiom("tangent", (-rise,)),
        ),
        Step("exp(t) >= 0", "a square", nonnegative(exponential(rise)), ExponentialSign()),
        Step("exp(h k) >= 0", "a square", nonnegative(growth), ExponentialSign()),
        Step(
            "exp(t) exp(-t)",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(rise - rise), exponential(rise) * exponential(-rise)),
            Axiom("exponential of a sum", (rise, -rise)),
        ),
        Step("exp(0)", "exp(0) = 1", equal(exponential(term(0)), 1), NoOdds()),
        Step(
            "exp at k + 1",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(rise * count(M_) + rise), growth * exponential(rise)),
            Axiom("exponential of a sum", (rise * count(M_), rise)),
        ),
        shown(
            "distance at k + 1",
            "(1 - t) exp(t) <= 1",
            at_most(_scaled(following(M_), contraction), B_0),
            (1, ("exp(h k) >= 0", "exp(t) >= 0", "c while outside")),
            (1, ("exp(h k) >= 0", "exp(t) >= 0", "c at k >= 0", "tangent of the rise")),
            (1, ("distance at k",)),
            using=("exp at k + 1", "exp(t) exp(-t)", "exp(0)"),
        ),
        shown(
            "distance at step 0",
            "the start",
            at_most(_scaled(START, contraction), B_0),
            using=("exp(0)",),
        ),
        Step(
            "distance along the run",
            "by induction, as long as the run is outside",
            at_most(_scaled(M_, contraction), B_0),
            InductionWhile(
                M_, _outside(M_), "distance at step 0", "distance at k + 1", "outside is lost once"
            ),
            ("distance at step 0", "distance at k + 1", "outside is lost once"),
        ),
        Step(
            "far at k",
            "outside",
            at_most(15, 16 * N_ * centre_square(now)),
            Instantiated({V: now}, "16 n |c|^2"),
            ("16 n |c|^2", "outside at k", "within along the run"),
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
            at_most(_scaled(LAST, contraction), B_0),
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
            linear_growth,
            Discharge("D while outside", ("restated",)),
            ("D while outside", "restated"),
        ),
        Step(
            "c along the run",
            "the same",
            approach,
            Discharge("c while outside", ("restated",)),
            ("c while outside", "restated"),
        ),
    )
