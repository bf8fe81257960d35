"""F10: initial radii that are enough, against the distance of the truth."""

from __future__ import annotations

import math
from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.f5 import largest_spread
from proofs_check.proofs.theorem_a import RADIUS

_DISTANCES = (2, 3, 4, 6, 8, 12)
_SEARCHED = (2, 3, 4, 6)


def draw(axes: Any, context: Context) -> None:
    """Digits below 1, on logarithmic scales."""
    log = math.log(10)
    source = [(212 * d**3 + math.log(216)) / log for d in _DISTANCES]
    small = [(d**2 - math.log(RADIUS)) / log for d in _DISTANCES]
    step = [math.log10(4 * (1 + 2 * d**2)) for d in _DISTANCES]
    needed = [-math.log10(largest_spread(d)) for d in _SEARCHED]
    axes.loglog(_DISTANCES, source, "o-", label="S1's radius")
    axes.loglog(_DISTANCES, small, "s-", label="Theorem A, small steps")
    axes.loglog(_SEARCHED, needed, "^-", label="largest spread that converges, step 1/16")
    axes.loglog(_DISTANCES, step, "d-", label="Theorem B, first step n/2")
    axes.set_xlabel("distance of the truth")
    axes.set_ylabel("digits below 1")
    axes.legend()
