"""F9: how L tau^2 approaches its limit, for ranks 1 to 3."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from proofs_check.claim import Context
from proofs_check.claims.f9_end_game import EQUAL_SPACE, FOUR, PAIR, TRIPLE, constant

_TIMES = ("1e1", "1e2", "1e3", "1e4", "1e5", "1e6", "1e7", "1e8")


def draw(axes: Any, context: Context) -> None:
    """``L tau^2`` divided by the sum of ``1/(64 l_k^2)``."""
    runs = ((PAIR, 1, 8), (TRIPLE, 1, 8), (FOUR, 2, 8), (EQUAL_SPACE, 3, 4))
    for start, rank, count in runs:
        times = _TIMES[:count]
        seen = replace(start, quick=times, full=times)
        limit = float(constant(start, rank)())
        points = seen.points(context, 4)
        axes.plot(
            [float(point.tau) for point in points],
            [float(point.loss) * float(point.tau) ** 2 / limit for point in points],
            marker=".",
            label=f"n = {start.components}, r = {rank}, weights {', '.join(start.weights or ())}",
        )
    axes.axhline(1.0, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xlabel("tau")
    axes.set_ylabel("L tau² / limit")
    axes.legend()
