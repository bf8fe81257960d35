"""F3: the radial slope along rays from the truth, with Lemma S's bound."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from proofs_check.claim import Context
from proofs_check.figures.style import BOUND, ZERO, finish
from proofs_check.figures.symbols import axis

_SIZES = [k / 50 for k in range(1, 131)]
#: Label, weights, means of a shape with largest norm 1.
_SHAPES = (
    ("worst in the max norm", ("503/2000", "1497/2000"), (0.0793, 1.0)),
    ("equal weights, $(0, a)$", ("1/2", "1/2"), (0.0, 1.0)),
    ("weights 22/25, 3/25, $(a, -a)$", ("22/25", "3/25"), (1.0, -1.0)),
)


def draw(axes: Any, context: Context) -> None:
    """``v.grad L/(2L)`` against the largest norm."""
    from numerics.studies.star_shape import radial_slope
    from proofs_check.proofs.lemma_s import BALL

    for label, weights, shape in _SHAPES:
        shares = tuple(Fraction(weight) for weight in weights)
        means = np.array(shape).reshape(-1, 1)
        axes.plot(_SIZES, [radial_slope(shares, size * means) for size in _SIZES], label=label)
    coefficient = float(sympy.N(BALL))
    bound = [1 - coefficient * size**2 for size in _SIZES]
    axes.plot(_SIZES, bound, label="Lemma S, for all $n$, $d$, weights", **BOUND)
    axes.axhline(0.0, **ZERO)
    axes.set_ylim(-0.6, 1.6)
    finish(
        axes,
        "The loss is star-shaped about the truth where Lemma S says so, and beyond",
        axis("largest norm"),
        axis("radial slope"),
    )
