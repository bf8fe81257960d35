"""The reverse Fisher divergence bounds KL(student || teacher) and the total variation."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.tactics.arithmetic import BelowRoot
from proofs_check.proofs.tactics.language import (
    A,
    V,
    X,
    at_most,
    define,
    log_ratio,
    mean_p,
    nonnegative,
    root,
)
from proofs_check.proofs.tactics.language import variation as distance
from proofs_check.proofs.tactics.score import m, reverse_loss
from proofs_check.proofs.tactics.script import Script, Step
from proofs_check.proofs.tactics.steps import Combination, Oracle, Square, Squares, student

divergence = define("KL(p||q)({})", mean_p(V, log_ratio(V)), V, latex=r"\mathrm{{KL}}(p\|q)({})")


def total_variation(*, variation: Fraction | int = 4) -> Script:
    """``4 TV^2 <= R``, so ``TV <= sqrt(R)/2``.

    Parameters
    ----------
    variation : number
        ``constant TV^2 <= R``; above four the proof fails.

    Examples
    --------
    >>> from proofs_check.proofs.tactics.script import replay
    >>> replay(total_variation(variation=Fraction(101, 25))).failed[0].step.name
    'total variation'
    """
    R, KL, TV = reverse_loss(V), divergence(V), distance(V)
    constant = Fraction(variation)
    steps = (
        Step(
            "log-Sobolev",
            "Gross's inequality for the teacher, a standard Gaussian; grad log(p/q) = m",
            at_most(2 * KL, R),
            Oracle("log-Sobolev", (V,)),
        ),
        Step(
            "Pinsker",
            "total variation against the divergence",
            at_most(2 * TV**2, KL),
            Oracle("Pinsker", (V,)),
        ),
        Step(
            "total variation",
            "together",
            at_most(constant * TV**2, R),
            Combination(((1, ("log-Sobolev",)), (2, ("Pinsker",))), ((4 - constant, TV),)),
            ("log-Sobolev", "Pinsker"),
        ),
        Step(
            "loss",
            "R is the mean of a square",
            nonnegative(R),
            Squares((Square(m(V, X, A), (A,)),), student(V)),
        ),
        Step(
            "root",
            "so TV is at most half the root of R",
            at_most(2 * TV, root(R)),
            BelowRoot(2 * TV, R, "total variation", "loss"),
            ("total variation", "loss"),
        ),
    )
    return Script(
        "TV",
        "The reverse Fisher divergence bounds the total variation",
        "derived for this project (claim R5)",
        (),
        steps,
        ("log-Sobolev", "total variation", "root"),
        (
            (m, "the score error"),
            (reverse_loss, "the reverse Fisher divergence E_p|m|^2"),
            (divergence, "the divergence of the student p from the teacher q"),
        ),
        "all n, d, weights, means; teacher N(0, I)",
    )
