"""The end game: loss times squared time of four flows, with the constants that they tend to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from proofs_check.claim import Context
from proofs_check.claims.f9_end_game import EQUAL_SPACE, FOUR, PAIR, TRIPLE, constant
from proofs_check.figures.style import CYCLE, finish
from proofs_check.figures.symbols import axis

_TIMES = ("1e0", "1e1", "1e2", "1e3", "1e4", "1e5", "1e6")
#: Start, rank, number of times, digits.
_RUNS = ((PAIR, 1, 7, 5), (TRIPLE, 1, 7, 5), (FOUR, 2, 7, 5), (EQUAL_SPACE, 3, 5, 4))


def draw(axes: Any, context: Context) -> None:
    """``L tau^2`` against ``tau``, and the sum of ``1/(64 l_k^2)`` as a dashed line."""
    for color, (start, rank, count, digits) in zip(CYCLE, _RUNS, strict=False):
        times = _TIMES[:count]
        points = replace(start, quick=times, full=times).points(context, digits)
        axes.plot(
            [float(point.tau) for point in points],
            [float(point.loss) * float(point.tau) ** 2 for point in points],
            "o-",
            color=color,
            label=f"$n = {start.components}$, rank {rank}" + _until(times),
        )
        axes.axhline(float(constant(start, rank)()), color=color, linestyle="--", linewidth=1.2)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0.0)
    finish(
        axes,
        r"$L\,\tau^2$ settles at a constant that weights and rank determine (dashed)",
        axis("time"),
        axis("end game"),
    )


def _until(times: Sequence[str]) -> str:
    """Where a flow ends that is not followed as far as the others."""
    return "" if times == _TIMES else rf", to $\tau = 10^{int(times[-1][2:])}$ only"
