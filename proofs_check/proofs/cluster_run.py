"""Along the run of a cluster: what has held so far is lost once, and the centre approaches."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_exponent import Measure
from proofs_check.proofs.cluster_growth import P_
from proofs_check.proofs.cluster_state import distance
from proofs_check.proofs.cluster_tactics import Discharged, shown
from proofs_check.proofs.cluster_words import RUN, H
from proofs_check.proofs.kernel import Definition, Term
from proofs_check.proofs.tactics.bounds import Instantiated
from proofs_check.proofs.tactics.exponentials import ExponentialSign
from proofs_check.proofs.tactics.extremes import Bound, Member
from proofs_check.proofs.tactics.inductions import InductionWhile
from proofs_check.proofs.tactics.language import (
    START,
    V_0,
    V,
    at_most,
    below,
    count,
    equal,
    exponential,
    following,
    least_steps,
    nonnegative,
    positive,
    real,
    step,
)
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import Axiom, Instance, Specialise

#: Steps: an earlier one, any, the last one.
I_, M_, LAST = step("i"), step("m"), step("K")
#: The bound of the size at the start times ``exp(Lambda_N(|c_0|^2))`` for all N.
DELTA_0 = real("r_0")
#: The size times ``exp(Lambda_N(|c_m|^2))`` is at most this many times that bound.
RISE = Fraction(2)
B_0 = distance(V_0)


def least_over(of: Definition, k: Term) -> Term:
    """The least of a quantity over the steps up to k."""
    return least_steps(of(RUN.at(I_)), I_, following(k))


def run_hypotheses(contraction: Fraction) -> tuple[Hypothesis, ...]:
    """What the inductions assume."""
    return (
        Hypothesis(
            "distance at k",
            at_most(scaled_distance(M_, contraction), B_0),
            "so far",
            temporary=True,
        ),
        Hypothesis(
            "i < k + 1", below(count(I_), count(following(M_))), "an earlier step", temporary=True
        ),
    )


def least_at_step(of: Definition) -> tuple[Step, ...]:
    """The least up to step k is at most the quantity at step k."""
    least = least_over(of, M_)
    return (
        shown("k < k + 1", "one more step", below(count(M_), count(following(M_))), (1, ())),
        Step(
            "least at k",
            "a member",
            at_most(least, of(RUN.at(M_))),
            Discharged(Member(least, (M_,)), "k < k + 1"),
            ("k < k + 1",),
        ),
    )


def least_falls(of: Definition) -> tuple[Step, ...]:
    """That the run is outside up to a step can only be lost."""
    now, later = least_over(of, M_), least_over(of, following(M_))
    return (
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
            at_most(later, of(RUN.at(I_))),
            Discharged(Member(later, (I_,)), "i < k + 2"),
            ("i < k + 2",),
        ),
        Step("0 <= k", "a number of steps", nonnegative(count(M_)), Axiom("steps", (M_,))),
        shown("0 < k + 1", "one more", positive(count(following(M_))), (1, ("0 <= k",)), (1, ())),
        Step(
            "least falls",
            "the least of more",
            at_most(later, now),
            Discharged(Bound((I_,), "least_steps", (following(M_),)), "0 < k + 1"),
            ("member i", "0 < k + 1"),
        ),
        shown(
            "outside is lost once",
            "the least falls",
            at_most(-now, -later),
            (1, ("least falls",)),
        ),
    )


def energy_at_start(of: Measure, lowest: Fraction, highest: Fraction) -> tuple[Step, ...]:
    """``E_N <= F_1 r_0`` at the start, where ``F_0 <= F <= F_1``."""
    grown = of.with_growth(V)
    return (
        shown(
            f"{of.symbol} exp(Lambda) >= 0",
            "a product",
            nonnegative(grown),
            (1, (f"{of.symbol} >= 0", "exp(Lambda) >= 0")),
        ),
        shown(
            "E from above",
            "F <= F_1",
            at_most(of.energy(P_, H, V), highest * grown),
            (1, (f"{of.symbol} exp(Lambda) >= 0", "F <= F_1")),
        ),
        shown(
            "E from below",
            "F >= F_0",
            at_most(lowest * grown, of.energy(P_, H, V)),
            (1, (f"{of.symbol} exp(Lambda) >= 0", "F_0")),
        ),
        Step(
            "start for N",
            "for each N",
            at_most(of.with_growth(V_0), DELTA_0),
            Specialise((P_,)),
            ("start",),
        ),
        Step(
            "E at 0 from above",
            "at the start",
            at_most(of.energy(P_, H, V_0), highest * of.with_growth(V_0)),
            Instance({V: V_0}),
            ("E from above",),
        ),
        shown(
            "E at 0",
            "the radius",
            at_most(of.energy(P_, H, V_0), highest * DELTA_0),
            (1, ("E at 0 from above",)),
            (highest, ("start for N",)),
        ),
    )


def growth_while_outside(
    of: Measure, lowest: Fraction, highest: Fraction, rise: Fraction, given: tuple[str, ...] = ()
) -> tuple[Step, ...]:
    """``size exp(Lambda_N) <= rise r_0`` at a step with ``E_N <= F_1 r_0``, as F_1 <= rise F_0.

    The premises `given` show the hypotheses of ``F >= F_0`` there.
    """
    now = RUN.at(M_)
    return (
        Step(
            "E at k from below",
            "at step k",
            at_most(lowest * of.with_growth(now), of.energy(P_, H, now)),
            Instantiated({V: now}, "E from below"),
            ("E from below", *given),
        ),
        Step(
            f"{of.symbol} exp(Lambda) at k >= 0",
            "at step k",
            nonnegative(of.with_growth(now)),
            Instance({V: now}),
            (f"{of.symbol} exp(Lambda) >= 0",),
        ),
        shown(
            f"{of.symbol} while outside",
            "F_1 <= 2 F_0",
            at_most(of.with_growth(now), rise * DELTA_0),
            (rise / highest, ("E at k from below",)),
            (rise / highest, ("energy for N",)),
            (rise / highest * lowest - 1, (f"{of.symbol} exp(Lambda) at k >= 0",)),
        ),
    )


def scaled_distance(k: Term, contraction: Fraction) -> Term:
    """``|c_k| exp(contraction h k)``."""
    return distance(RUN.at(k)) * exponential(contraction * H * count(k))


def distance_run(contraction: Fraction, outside: Term, given: tuple[str, ...]) -> tuple[Step, ...]:
    """``|c_k| exp(contraction h k) <= |c_0|`` along the run, as long as it is outside."""
    now, after = RUN.at(M_), RUN.at(following(M_))
    rise = contraction * H
    growing = exponential(rise * count(M_))
    approach = at_most(distance(after), (1 - rise) * distance(now))
    return (
        Step(
            "c while outside",
            "the centre approaches the truth",
            approach,
            Instantiated({V: now}, "contraction"),
            ("contraction", *given),
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
        Step("exp(h k) >= 0", "a square", nonnegative(growing), ExponentialSign()),
        Step(
            "exp(t) exp(-t)",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(rise - rise), exponential(rise) * exponential(-rise)),
            Axiom("exponential of a sum", (rise, -rise)),
        ),
        Step(
            "exp at k + 1",
            "exp(s + t) = exp(s) exp(t)",
            equal(exponential(rise * count(M_) + rise), growing * exponential(rise)),
            Axiom("exponential of a sum", (rise * count(M_), rise)),
        ),
        shown(
            "distance at k + 1",
            "(1 - t) exp(t) <= 1",
            at_most(scaled_distance(following(M_), contraction), B_0),
            (1, ("exp(h k) >= 0", "exp(t) >= 0", "c while outside")),
            (1, ("exp(h k) >= 0", "exp(t) >= 0", "c at k >= 0", "tangent of the rise")),
            (1, ("distance at k",)),
            using=("exp at k + 1", "exp(t) exp(-t)", "exp(0) = 1"),
        ),
        shown(
            "distance at step 0",
            "the start",
            at_most(scaled_distance(START, contraction), B_0),
            using=("exp(0) = 1",),
        ),
        Step(
            "distance along the run",
            "by induction, as long as the run is outside",
            at_most(scaled_distance(M_, contraction), B_0),
            InductionWhile(
                M_, outside, "distance at step 0", "distance at k + 1", "outside is lost once"
            ),
            ("distance at step 0", "distance at k + 1", "outside is lost once"),
        ),
    )
