"""R3: the same start under the forward and the reverse loss."""

from __future__ import annotations

from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import distances

_MEANS = [["3"], ["4"]]
_STEP = "1/40"
_STEPS = 800


def draw(axes: Any, context: Context) -> None:
    """Distances from the truth against steps, from means 3 and 4 with step 1/40."""
    for number, objective in enumerate(("forward", "reverse")):
        for i, curve in enumerate(distances(objective, _MEANS, _STEP, _STEPS)):
            axes.plot(
                range(len(curve)),
                curve,
                color=f"C{number}",
                linestyle="-" if i == 0 else "--",
                label=f"{objective}, from {_MEANS[i][0]}",
            )
    finish(
        axes,
        "Forward descent loses the outer component, reverse descent does not",
        axis("step", r"$\eta = 1/40$"),
        axis("norm"),
    )
