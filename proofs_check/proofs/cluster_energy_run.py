"""The energy of a cluster along its run, as long as it is outside ``|V|^2 < 1``."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_growth import (
    P_,
    growth,
)
from proofs_check.proofs.cluster_potential import (
    BOTTOM,
    TOP,
    Potential,
)
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
from proofs_check.proofs.cluster_state import MANY, width
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import (
    RUN,
    H,
    centre_square,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import opened
from proofs_check.proofs.tactics.bounds import Instantiated, largest_of
from proofs_check.proofs.tactics.inductions import BothSigned, InductionWhile, OneSigned
from proofs_check.proofs.tactics.language import (
    START,
    V_0,
    V,
    at_most,
    every,
    exponential,
    following,
    term,
)
from proofs_check.proofs.tactics.score import square
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import (
    Specialise,
)

F = Fraction


def least_so_far(k: Term) -> Term:
    """``min_(i <= k) |V_i|^2``."""
    return least_over(square, k)


def outside_up_to(k: Term) -> Term:
    """``-min_(i <= k) |V_i|^2 <= -1``."""
    return at_most(-least_so_far(k), term(-1))


def bounded(k: Term, of: Potential) -> Term:
    """``E_N <= F_1 r_0`` at step k, for every N, and ``20 D <= 7``."""
    now = RUN.at(k)
    rests = (of.energy(P_, H, now) - TOP * DELTA_0, 20 * width(now) - 7)
    return every(at_most(largest_of(*rests), 0), P_)


def _invariant(
    k: Term, factors: Term, name: str, given: str, parts: tuple[str, str], of: Potential
) -> tuple[Step, ...]:
    """Both parts of the invariant at step k, for so many factors."""
    both = opened(bounded(k, of).args[0], (factors,))
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


def energy_run(radius: Fraction, of: Potential) -> tuple[Step, ...]:
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
            opened(bounded(START, of).args[0], (P_,)),
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
            opened(bounded(following(M_), of).args[0], (P_,)),
            BothSigned("energy at k + 1", "D after k"),
            ("energy at k + 1", "D after k"),
        ),
        *least_falls(square),
        Step(
            "energy along the run",
            "by induction, as long as the run is outside",
            bounded(M_, of),
            InductionWhile(
                M_, outside_up_to(M_), "both at 0", "both at k + 1", "outside is lost once", (P_,)
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
