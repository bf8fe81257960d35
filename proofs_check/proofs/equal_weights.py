"""Equal weights, as hypotheses and as what they say of the least weight."""

from __future__ import annotations

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.far_words import LOG_TWO
from proofs_check.proofs.level_words import OMEGA
from proofs_check.proofs.tactics.bounds import Generalise
from proofs_check.proofs.tactics.language import (
    N_,
    J,
    K,
    at_most,
    equal,
    every,
    exponential,
    pi,
)
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import Specialise


def equal_weights() -> tuple[Hypothesis, ...]:
    """Uniform weights, and the logarithms of n and 2."""
    return (
        Hypothesis("uniform", every(equal(N_ * pi(J), 1), J), "uniform weights"),
        Hypothesis("log n", equal(exponential(OMEGA), N_), "omega = log n"),
        Hypothesis("log 2", equal(exponential(LOG_TWO), 2), "s = log 2"),
    )


def uniform_steps() -> tuple[Step, ...]:
    """``1 <= exp(omega) pi_k``."""
    return (
        Step("uniform k", "for this k", equal(N_ * pi(K), 1), Specialise((K,)), ("uniform",)),
        shown("n pi_k", "exp(omega) = n", at_most(1, exponential(OMEGA) * pi(K)),
              using=("uniform k", "log n")),
        Step("weights", "for every k", every(at_most(1, exponential(OMEGA) * pi(K)), K),
             Generalise((K,)), ("n pi_k",)),
    )  # fmt: skip
