"""F1: the residual between two forms of the gradient, and of a changed form, as digits rise."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.residuals import draw_residuals


def draw(axes: Any, context: Context) -> None:
    """Residual of Lemma 2.2 against the derived gradient at rising digits."""
    draw_residuals(
        axes, "lemma-2.2", "cubic", Fraction(63, 10), "Lemma 2.2 with 3.15 for 3 (control)"
    )
