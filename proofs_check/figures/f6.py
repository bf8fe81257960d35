"""F6: both components' distances from the truth, from spreads on both sides of the threshold."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import distances

_STEPS = 80
_SPREADS = ("1e-6", "1e-7", "1e-9")


def draw(axes: Any, context: Context) -> None:
    """Distances |v_i| against steps, centre 6, step 1/10."""
    for spread in _SPREADS:
        half = Fraction(spread) / 2
        means = [[6 + half], [6 - half]]
        curves = distances("forward", means, "1/10", _STEPS, digits=15, backend="mpmath")
        for i, curve in enumerate(curves):
            label = f"spread $10^{{{spread[2:]}}}$" if i == 0 else None
            axes.plot(
                range(len(curve)),
                curve,
                color=f"C{_SPREADS.index(spread)}",
                linestyle="-" if i == 0 else "--",
                label=label,
            )
    finish(
        axes,
        "One tenth of the spread decides whether the outer component escapes",
        axis("step", r"$\eta = 1/10$, $M_0 = 6$"),
        axis("norm"),
        legend=3,
    )
