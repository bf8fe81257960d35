"""R6: how fast R tau^2 and L tau^2 approach the same limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from proofs_check.claim import Context
from proofs_check.claims.f9_end_game import EQUAL_PAIR, PAIR, TRIPLE, constant
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis

_TIMES = tuple(f"1e{k}" for k in range(1, 9))


def draw(axes: Any, context: Context) -> None:
    """Relative distances to the sum of ``1/(64 l_k^2)`` for three sets of weights."""
    for number, start in enumerate((EQUAL_PAIR, PAIR, TRIPLE)):
        limit = float(constant(start, 1)())
        for objective, letter, style in (("reverse", "R", "o-"), ("forward", "L", "o--")):
            seen = replace(start, quick=_TIMES, full=_TIMES, objective=objective)
            points = seen.points(context, 5)
            axes.loglog(
                [float(point.tau) for point in points],
                [abs(float(point.loss) * float(point.tau) ** 2 / limit - 1) for point in points],
                style,
                color=f"C{number}",
                label=rf"${letter}\,\tau^2$, weights {', '.join(start.weights or ())}",
            )
    finish(
        axes,
        r"$R\,\tau^2$ tends to the same constants as $L\,\tau^2$",
        axis("time"),
        "relative distance to the limit",
    )
