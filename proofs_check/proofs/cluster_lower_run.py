"""The deviations along the run from below: a half of what the linear law makes of them."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_energy_run import least_so_far, outside_up_to
from proofs_check.proofs.cluster_growth import (
    GAMMA,
    P_,
    S,
    decay,
    growth,
)
from proofs_check.proofs.cluster_line import line_run
from proofs_check.proofs.cluster_potential import (
    BOTTOM,
    SPREAD,
    TOP,
    Potential,
)
from proofs_check.proofs.cluster_product import Z
from proofs_check.proofs.cluster_run import B_0, M_, RISE
from proofs_check.proofs.cluster_tactics import Discharged, shown
from proofs_check.proofs.cluster_words import (
    RUN,
    H,
    U,
    centre_square,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.bounds import Instantiated
from proofs_check.proofs.tactics.extremes import Member
from proofs_check.proofs.tactics.inductions import InductionWhile
from proofs_check.proofs.tactics.language import (
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
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import Cases, Instance, Specialise

F = Fraction


def lower_bound(k: Term, of: Potential) -> Term:
    """``D_0 exp(Lambda_N(|c_0|^2)) F_k <= F_1 D_k exp(Lambda_N(|c_k|^2))`` for every N."""
    now = RUN.at(k)
    sides = (SPREAD.with_growth(V_0) * of.f(now), TOP * SPREAD.with_growth(now))
    return every(at_most(*sides), P_)


def lower_run(of: Potential) -> tuple[Step, ...]:
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
            lower_bound(M_, of),
            InductionWhile(
                M_, outside_up_to(M_), "lower at 0", "lower at k + 1", "outside is lost once", (P_,)
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
