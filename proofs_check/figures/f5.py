"""F5: the logarithm of S1's radius against what certified runs need."""

from __future__ import annotations

import math
from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import distances

_DISTANCES = (4, 5, 6)
_STEP = "1/16"


def draw(axes: Any, context: Context) -> None:
    """Largest spread that stays together (bisection, mpmath), beside S1's radius."""
    radius = [(106 * 2 * d**3 + math.log(216)) / math.log(10) for d in _DISTANCES]
    needed = [-math.log10(largest_spread(d)) for d in _DISTANCES]
    axes.semilogy(_DISTANCES, radius, "o-", label="the source's radius ($n = 2$, $d = 1$)")
    axes.semilogy(_DISTANCES, needed, "s-", label=r"largest spread that converges, $\eta = 1/16$")
    axes.set_xticks(_DISTANCES)
    finish(
        axes,
        "The source asks for thousands of digits where fewer than ten are enough",
        axis("truth"),
        axis("spread", log=r"-\log_{10}"),
    )


def largest_spread(distance: int) -> float:
    """Largest spread of two components at a distance that stay together, by bisection."""
    low, high = -12.0, 0.0  # powers of ten: converges, escapes
    while high - low > 0.1:
        middle = (low + high) / 2
        half = 10.0**middle / 2
        means = [[distance + half], [distance - half]]
        ends = [curve[-1] for curve in distances("forward", means, _STEP, 400)]
        low, high = (middle, high) if max(ends) < 1 else (low, middle)
    return float(10.0**low)
