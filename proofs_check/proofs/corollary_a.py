"""What the corollaries of Theorem A share: its hypotheses, and how it is applied to a start."""

from __future__ import annotations

from proofs_check.proofs.cluster_constants import RADIUS, TIME
from proofs_check.proofs.cluster_energy_run import least_so_far
from proofs_check.proofs.cluster_geometry import geometry_steps
from proofs_check.proofs.cluster_growth import P_, decay, growth_hypotheses, growth_steps
from proofs_check.proofs.cluster_potential import SPREAD
from proofs_check.proofs.cluster_product import REST, SMALL_STEPS
from proofs_check.proofs.cluster_run import DELTA_0, LAST
from proofs_check.proofs.cluster_state import MANY, number_steps, width
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import H, centre, centre_square, spread, uniform
from proofs_check.proofs.tactics.bounds import Generalise, RootOf
from proofs_check.proofs.tactics.language import (
    N_,
    V_0,
    A,
    J,
    at_most,
    below,
    count,
    equal,
    every,
    exponential,
    nonnegative,
    term,
    v,
)
from proofs_check.proofs.tactics.score import square
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import Lemma, Square, Squares
from proofs_check.proofs.theorem_a import theorem_a

SUM_0, CENTRE2, WIDTH = spread(V_0), centre_square(V_0), width(V_0)
#: What the words of the statements mean.
NOTATION = (
    (width, "the root of the sum of |v_j - c|^2"),
    (centre_square, "the square of the centre's distance from the truth"),
    (square, "the sum of all |v_j|^2"),
)
#: The end of each remark.
CONVERGENCE = "from the step of entry on Theorem F: every component converges"


def start_hypotheses() -> tuple[Hypothesis, ...]:
    """Theorem A's, without the condition on the start."""
    return (
        uniform(),
        Hypothesis("n >= 2", at_most(2, N_), "more than one component"),
        Hypothesis("h >= 0", nonnegative(H), "the step size is h n"),
        *SMALL_STEPS.hypotheses(),
        Hypothesis(
            "time",
            below(16 * N_ * CENTRE2, 15 * exponential(TIME * H * count(LAST))),
            "K is large enough",
        ),
        Hypothesis(
            "many", at_most(decay(MANY, H), REST), "L is large; it is used for nothing else"
        ),
        *growth_hypotheses(),
    )


def start_steps() -> tuple[Step, ...]:
    """Numbers, ``Lambda_N``, and the spread and centre at the start as roots."""
    return (
        *geometry_steps()[:5],
        *number_steps(SMALL_STEPS.largest),
        *growth_steps(SMALL_STEPS.largest),
        Step(
            "D^2 >= 0",
            "a sum of squares",
            nonnegative(SUM_0),
            Squares((Square(v(V_0, J, A) - centre(V_0, A), (J, A)),)),
        ),
        Step(
            "|c|^2 >= 0", "a square", nonnegative(CENTRE2), Squares((Square(centre(V_0, A), (A,)),))
        ),
        Step("D^2", "the root's square", equal(WIDTH**2, SUM_0), RootOf(SUM_0), ("D^2 >= 0",)),
        Step("D >= 0", "a root", nonnegative(WIDTH), RootOf(SUM_0), ("D^2 >= 0",)),
    )


def entry_steps() -> tuple[Step, ...]:
    """Theorem A, where "start for N" shows its condition for N factors of the growth."""
    return (
        Step(
            "start",
            "for every N",
            every(at_most(SPREAD.with_growth(V_0), RADIUS), P_),
            Generalise((P_,)),
            ("start for N",),
        ),
        shown("same radius", "trivially", at_most(term(RADIUS), RADIUS)),
        Step(
            "entry",
            "Theorem A",
            at_most(least_so_far(LAST), 1),
            Lemma(theorem_a, "entry", {DELTA_0: term(RADIUS)}),
            ("start", "same radius"),
        ),
    )
