"""Assylbekov, Legg, Pak 2025: means at the vertices of a simplex; which weights make EM fast."""

from fractions import Fraction
from typing import Any

import numpy as np

from numerics.descent.own_map import Place, em_step
from proofs_check.checks import BallCheck, DecayCheck, OwnRun
from proofs_check.claim import Claim, Control
from proofs_check.statements import Mixture, Point, Relation, dot

#: A regular simplex in the plane would need square roots: its affine image is as good here.
VERTICES = ((2, 0), (-1, 2), (-1, -2))
UNEQUAL = ("1/2", "1/3", "1/6")
EQUAL = ("1/3", "1/3", "1/3")


def tied(at: Place) -> Place:
    """EM for the scale of means ``s a_j``: ``s' = sum a_j . E[psi_j x] / sum E[psi_j] |a_j|^2``."""
    shape = np.array(VERTICES)
    moved = at.means * at.masses() - at.gradient("kl")  # E[psi_j x]
    size = (at.masses()[:, 0] * (shape**2).sum(axis=1)).sum()
    return at.moved(((moved * shape).sum() / size) * shape)


def loss(at: Place) -> Any:
    """The KL divergence."""
    return at.loss("kl")


def decay(name: str, step: Any, weights: Any, steps: int, kind: Any, between: Any) -> DecayCheck:
    """How fast KL falls from the simplex of size 1/2."""
    start = [[Fraction(x, 2) for x in row] for row in VERTICES]
    run = OwnRun(step, Mixture.of(start, weights), steps)
    return DecayCheck(name, run, loss, kind, between)


def curvature(factor: Fraction) -> Relation:
    """At coincident means the Hessian of KL along ``(w_j)`` is ``|sum_j pi_j w_j|^2``."""

    def along(at: Point) -> Any:
        direction = [x for row in VERTICES for x in row]
        rows = at.hessian("kl")
        images = [dot(row, direction) for row in rows]
        return dot(direction, images)

    def square(at: Point) -> Any:
        sums = [dot(at.weights, column) for column in zip(*VERTICES, strict=True)]
        return factor * dot(sums, sums)

    return Relation("d^2 K[a, a] = |sum_j pi_j a_j|^2 at v = 0", along, "=", square)


ZERO = Mixture.of([[0, 0]] * 3, UNEQUAL)
GEOMETRIC, SQUARE = "geometric", "polynomial"

CLAIMS = (
    Claim(
        "SIMPLEX",
        "A simplex of means: EM is fast for unequal weights, if the shape is kept",
        "means $sa_j$, $a_j$ the vertices of a simplex around 0: the curvature of KL in $s$ at 0 "
        r"is $|\sum_j\pi_ja_j|^2$, which vanishes for equal weights only; EM for $s$ makes KL "
        "fall geometrically for unequal weights, like $t^{-2}$ for equal ones, and EM for free "
        "means like $t^{-2}$ for both",
        r"K(s a) = \tfrac12 s^2 \bigl|\sum_j \pi_j a_j\bigr|^2 + O(s^4)",
        "arXiv:2506.11850 (Assylbekov, Legg, Pak), as its abstract has it; the condition and the "
        "rates are found here",
        ("d = 2, three components", "teacher N(0, I)"),
        (
            BallCheck("curvature", curvature(Fraction(1)), (ZERO,)),
            decay("scale, unequal weights", tied, UNEQUAL, 80, GEOMETRIC, None),
            decay("scale, equal weights", tied, EQUAL, 400, SQUARE, (1.7, 2.3)),
            decay("free means, unequal weights", em_step, UNEQUAL, 400, SQUARE, (1.7, 2.3)),
        ),
        (
            Control(
                "free means are fast",
                "the tie between the means dropped",
                decay("free means, geometric", em_step, UNEQUAL, 400, GEOMETRIC, None),
            ),
            Control(
                "equal weights are fast",
                "the condition on the weights dropped",
                decay("scale, equal, geometric", tied, EQUAL, 400, GEOMETRIC, None),
            ),
        ),
        argument="E5 (the bridge) has KL tau^2 -> const for free means: there is no contradiction, "
        "since free means can leave the slope that the tie keeps.",
        limits="Rates along single runs support the statement.",
    ),
)
