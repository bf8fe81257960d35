"""The energy along the run, in the max norm, as long as the centre is far or the cluster wide."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_growth import P_
from proofs_check.proofs.cluster_run import (
    DELTA_0,
    M_,
    RISE,
    energy_at_start,
    growth_while_outside,
    least_at_step,
    least_falls,
    least_over,
)
from proofs_check.proofs.cluster_state import MANY, distance
from proofs_check.proofs.cluster_tactics import FirstOfLarger, shown
from proofs_check.proofs.cluster_words import RUN, H
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.reach_potential import (
    BOTTOM,
    NEAREST,
    REACH,
    TOP,
    energy,
    reach,
)
from proofs_check.proofs.tactics.bounds import (
    Instantiated,
    largest_of,
)
from proofs_check.proofs.tactics.inductions import InductionWhile
from proofs_check.proofs.tactics.language import (
    V,
    at_most,
    below,
    define,
    every,
    following,
    nonnegative,
    term,
)
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import (
    Specialise,
)

F = Fraction

#: Where the growth ends: ``|c| <= 1/4``, ``Delta <= 1/10``.
WITHIN = F(1, 10)


#: Not positive where the growth has ended.
excess = define("g({})", largest_of(1 / NEAREST * distance(V) - 1, 1 / WITHIN * reach(V) - 1), V)


def outside_up_to(k: Term) -> Term:
    """``-min_(i <= k) g(V_i) <= 0``."""
    return at_most(-least_over(excess, k), term(0))


def bounded(k: Term) -> Term:
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


def energy_run(radius: Fraction) -> tuple[Step, ...]:
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
            bounded(M_),
            InductionWhile(
                M_, outside_up_to(M_), "E at 0", "energy at k + 1", "outside is lost once", (P_,)
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
