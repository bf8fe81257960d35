"""F9: how fast L tau^2 approaches its limit, for ranks 1 to 3, and where another is claimed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from proofs_check.claim import Context
from proofs_check.claims.f9_end_game import (
    EQUAL_SPACE,
    FOUR,
    PAIR,
    TRIPLE,
    constant,
    uniform_constant,
)
from proofs_check.figures.style import CONTROL, finish
from proofs_check.figures.symbols import axis

_RUNS = ((PAIR, 1, 8), (TRIPLE, 1, 8), (FOUR, 2, 8), (EQUAL_SPACE, 3, 4))
_TIMES = ("1e1", "1e2", "1e3", "1e4", "1e5", "1e6", "1e7", "1e8")


def draw(axes: Any, context: Context) -> None:
    """Relative distance of ``L tau^2`` to the sum of ``1/(64 l_k^2)``, or to ``r n^2/64``."""
    right = [(start, rank, count, constant(start, rank)()) for start, rank, count in _RUNS]
    for start, rank, count, limit in (*right, (PAIR, 1, 8, uniform_constant(PAIR, 1)())):
        times = _TIMES[:count]
        seen = replace(start, quick=times, full=times)
        points = seen.points(context, 5 if count > 4 else 4)
        control = limit != constant(start, rank)()
        weights = dict.fromkeys(start.weights or ())
        said = f"weights {', '.join(weights)}" if len(weights) > 1 else "equal weights"
        label = f"$n = {start.components}$, $r = {rank}$, {said}"
        levels = [float(point.loss) * float(point.tau) ** 2 for point in points]
        axes.plot(
            [float(point.tau) for point in points],
            [abs(level / float(limit) - 1) for level in levels],
            **(CONTROL if control else {"marker": "o"}),
            label="to $r n^2/64$ instead (control)" if control else label,
        )
        if count < len(_TIMES):
            last = (float(points[-1].tau), abs(levels[-1] / float(limit) - 1))
            text = rf"$r = {rank}$ to $\tau = 10^{count}$ only"
            axes.annotate(text, last, (-6, -12), textcoords="offset points", ha="right")
    axes.set_xscale("log")
    axes.set_yscale("log")
    finish(
        axes,
        r"$L\,\tau^2$ tends to the constant of its weights and rank, and to no other",
        axis("time"),
        axis("distance of end games"),
    )
