"""A cluster that starts in a ball: its spread and centre by the ball's radius and distance."""

from __future__ import annotations

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import centre, centre_square
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.language import (
    N_,
    V_0,
    A,
    J,
    X,
    at_most,
    entry,
    every,
    nonnegative,
    real,
    total,
    v,
)
from proofs_check.proofs.tactics.minkowski import Minkowski
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import Specialise, Square, Squares

#: ``rho``, the radius of the ball, and ``M``, the distance of its centre ``x`` from the truth.
RHO, FAR = real("rho"), real("M")
#: The centre of the means as seen from that of the ball.
SHIFT = centre(V_0, A) - entry(X, A)
AWAY = v(V_0, J, A) - entry(X, A)
_BALL = at_most(total(AWAY**2, A), RHO**2)


def ball_hypotheses() -> tuple[Hypothesis, ...]:
    """All means lie within rho of x, the truth within M."""
    return (
        Hypothesis("rho >= 0", nonnegative(RHO), "a radius"),
        Hypothesis("M >= 0", nonnegative(FAR), "a distance"),
        Hypothesis("ball", every(_BALL, J), "all means are within rho of x"),
        Hypothesis(
            "far", at_most(total(entry(X, A) ** 2, A), FAR**2), "the truth is within M of x"
        ),
    )


def ball_steps() -> tuple[Step, ...]:
    """The sum of the squares over the ball."""
    return (
        Step("in the ball", "each mean", _BALL, Specialise((J,)), ("ball",)),
        Step(
            "sum in the ball",
            "over j",
            at_most(total(AWAY**2, J, A), N_ * RHO**2),
            Average((J,)),
            ("in the ball",),
        ),
        Step(
            "|c - x|^2 >= 0",
            "a square",
            nonnegative(total(SHIFT**2, A)),
            Squares((Square(SHIFT, (A,)),)),
        ),
    )


def centre_steps(bound: Term, sign: str) -> tuple[Step, ...]:
    """``|c|^2 <= (M + bound)^2`` where "c - x" says that ``|c - x|^2 <= bound^2``."""
    return (
        Step(
            "c from x",
            "Minkowski's inequality",
            at_most(total((entry(X, A) + SHIFT) ** 2, A), (FAR + bound) ** 2),
            Minkowski(((entry(X, A), FAR, "far", "M >= 0"), (SHIFT, bound, "c - x", sign)), (A,)),
            ("far", "M >= 0", "c - x", sign),
        ),
        shown(
            "c and M",
            "so the centre is near",
            at_most(centre_square(V_0), (FAR + bound) ** 2),
            (1, ("c from x",)),
        ),
    )
