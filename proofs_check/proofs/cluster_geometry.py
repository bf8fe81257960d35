"""A small cluster at one point: deviations, their posterior mean, tangents of the weights.

The deviations cancel, and ``s_j^2 + sigma^2 <= D^2``; ``w_j = n psi_j`` lies above the tangent of
its logarithm, and below ``w_j log w_j``.
"""

from __future__ import annotations

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import (
    AJ,
    BETA,
    C2,
    CHI,
    D2,
    DELTA,
    HALF,
    LAMBDA,
    MU,
    MU2,
    S2,
    SIGMA2,
    THETA,
    R,
    U,
    W,
    centre,
    deviation,
)
from proofs_check.proofs.tactics.arithmetic import Reciprocal
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.language import (
    N_,
    A,
    J,
    K,
    V,
    X,
    at_most,
    component,
    delta,
    equal,
    exponential,
    nonnegative,
    positive,
    psi,
    total,
)
from proofs_check.proofs.tactics.responsibilities import ResponsibilityTangent
from proofs_check.proofs.tactics.score_steps import lagrange
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import Axiom, Derived, Square, Squares

L = component("l")
_DK, _DL = deviation(V, K, A), deviation(V, L, A)


def geometry_steps() -> tuple[Step, ...]:
    """Deviations: they cancel, ``s_j^2 + sigma^2 <= r^2``, ``theta_j^2 <= b^2 s_j^2``."""
    return (*centred_steps(), *_spread_steps(), *tilt_steps())


def centred_steps() -> tuple[Step, ...]:
    """``1/n``; the deviations cancel."""
    return (
        Step("n >= 1", "there is a component", at_most(1, N_), Axiom("components")),
        shown("n > 0", "n >= 1", positive(N_), (1, ("n >= 1",)), (1, ())),
        Step("1/n", "its reciprocal", equal(N_ * U, 1), Reciprocal(), ("n > 0",)),
        Step("u^2", "a square", nonnegative(U**2), Squares((Square(U),))),
        shown("u >= 0", "1/n = n (1/n)^2", nonnegative(U), (1, ("n > 0", "u^2")), using=("1/n",)),
        Step("centred", "the deviations cancel", equal(total(DELTA, J), 0), Derived(), ("1/n",)),
        Step("s_j^2 >= 0", "a sum of squares", nonnegative(S2), Squares((Square(DELTA, (A,)),))),
    )


def _spread_steps() -> tuple[Step, ...]:
    """``s_j^2 + sigma^2 <= r^2`` from ``D <= r``."""
    apart = (1 - delta(J, K), 1 - delta(J, L))
    return (
        Step(
            "n s_j^2",
            "delta_j is minus the sum of the others",
            at_most(N_ * S2, (N_ - 1) * D2),
            Squares((Square(_DK - _DL, (K, L, A), HALF, apart),)),
            ("1/n",),
        ),
        shown(
            "s_j^2 + sigma^2 <= D^2",
            "divided by n",
            at_most(S2 + SIGMA2, D2),
            (1, ("u >= 0", "n s_j^2")),
            using=("1/n",),
        ),
        shown(
            "s_j^2 + sigma^2",
            "with D <= r",
            at_most(S2 + SIGMA2, R**2),
            (1, ("s_j^2 + sigma^2 <= D^2",)),
            (1, ("spread",)),
        ),
        Step(
            "sum of s_j^2 + sigma^2",
            "summed over j",
            at_most(D2 + N_ * SIGMA2, N_ * D2),
            Average((J,)),
            ("s_j^2 + sigma^2 <= D^2",),
        ),
        shown(
            "2 sigma^2",
            "divided by n",
            at_most(2 * SIGMA2, R**2),
            (1, ("u >= 0", "sum of s_j^2 + sigma^2")),
            (1, ("spread",)),
            using=("1/n",),
        ),
    )


def tilt_steps() -> tuple[Step, ...]:
    """``0 <= sigma^2``, ``theta_j^2 <= b^2 s_j^2``."""
    return (
        Step(
            "sum of s_j^2",
            "summed over j",
            nonnegative(D2),
            Average((J,)),
            ("s_j^2 >= 0",),
        ),
        shown("sigma^2 >= 0", "divided by n", nonnegative(SIGMA2), (1, ("u >= 0", "sum of s_j^2"))),
        Step(
            "theta_j and c",
            "Lagrange's identity",
            at_most(THETA**2, S2 * C2),
            Squares((lagrange(lambda a: deviation(V, J, a), lambda a: centre(V, a)),)),
        ),
        shown(
            "theta_j^2",
            "with |c| <= b",
            at_most(THETA**2, BETA**2 * S2),
            (1, ("theta_j and c",)),
            (1, ("s_j^2 >= 0", "centre")),
        ),
    )


def pointwise_steps() -> tuple[Step, ...]:
    """At x: ``|mu|^2 <= r^2 - sigma^2``, ``|mu|^2 <= sigma^2 chi``, tangents of ``w_j``."""
    spread_at_x = total(psi(V, J) * S2, J)
    base = U * ((N_ * psi(V, J) - 1) * _DK - (N_ * psi(V, K) - 1) * DELTA)
    return (
        Step(
            "psi_j >= 0",
            "a probability",
            nonnegative(psi(V, J)),
            Axiom("responsibility", (V, J, X)),
        ),
        shown("w_j >= 0", "n psi_j", nonnegative(W), (1, ("n > 0", "psi_j >= 0"))),
        Step("|mu|^2 >= 0", "a square", nonnegative(MU2), Squares((Square(MU, (A,)),))),
        Step(
            "variance at x",
            "the mean of |delta_j - mu|^2",
            at_most(MU2, spread_at_x),
            Squares((Square(DELTA - MU, (J, A), 1, (psi(V, J),)),)),
        ),
        Step(
            "spread at x",
            "averaged",
            at_most(spread_at_x, R**2 - SIGMA2),
            Average((J,), (psi(V, J),)),
            ("s_j^2 + sigma^2",),
        ),
        shown(
            "|mu|^2 and r",
            "so mu is small at every x",
            at_most(MU2, R**2 - SIGMA2),
            (1, ("variance at x",)),
            (1, ("spread at x",)),
        ),
        Step(
            "(w_j - 1)^2",
            "a sum of squares",
            nonnegative(total((W - 1) ** 2, J)),
            Squares((Square(W - 1, (J,)),)),
        ),
        shown(
            "chi >= 0",
            "the mean of (w_j - 1)^2",
            nonnegative(CHI),
            (1, ("u >= 0", "(w_j - 1)^2")),
            using=("1/n",),
        ),
        Step(
            "|mu|^2 and chi",
            "mu is the mean of (w_j - 1) delta_j: Lagrange's identity",
            at_most(MU2, SIGMA2 * CHI),
            Squares((Square(base, (J, K, A), HALF),)),
            ("1/n",),
        ),
        Step(
            "log w_j <= w_j - 1",
            "the exponential is above its tangent at 0",
            at_most(1 + AJ - LAMBDA, W),
            ResponsibilityTangent(),
            ("uniform",),
        ),
        Step(
            "summed tangents",
            "over j",
            at_most(N_ - HALF * D2 - N_ * LAMBDA, N_),
            Average((J,)),
            ("log w_j <= w_j - 1", "centred", "1/n"),
        ),
        shown(
            "lambda",
            "Jensen: the deviations cancel",
            at_most(-HALF * SIGMA2, LAMBDA),
            (1, ("u >= 0", "summed tangents")),
            using=("1/n",),
        ),
        Step(
            "w_j log w_j",
            "the exponential is above its tangent at -theta_j",
            at_most(W * (1 - THETA - AJ + LAMBDA), exponential(-THETA)),
            ResponsibilityTangent(-THETA),
            ("uniform",),
        ),
    )
