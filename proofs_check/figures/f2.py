"""F2: the loss under translation, with the teacher and without."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import loss
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.transforms import moved

_START = Mixture.of([["-1"], ["3/2"]], ["1/3", "2/3"])
_SHIFTS = tuple(f"{k}/5" for k in range(-10, 11))


def draw(axes: Any, context: Context) -> None:
    """Forward loss of a mixture moved together with its teacher, and moved alone."""
    for teacher, label in ((True, "teacher moved too"), (False, "teacher left behind")):
        places, values = [], []
        for shift in _SHIFTS:
            at = moved(_START, shift, teacher=teacher)
            behind = at.teacher_means[0] if at.teacher_means else (0,)
            places.append(float(Fraction(shift)))
            values.append(loss("forward", at.means, weights=at.weights, teacher=behind))
        axes.plot(places, values, marker=".", label=label)
    finish(
        axes,
        "The loss does not change when student and teacher move together",
        axis("translation"),
        axis("forward"),
    )
