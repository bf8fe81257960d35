"""F10: initial radii that are enough, against the distance of the truth."""

from __future__ import annotations

import math
from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import certified_spreads
from proofs_check.proofs.theorem_a import RADIUS

_DISTANCES = (2, 3, 4, 6, 8, 12)
_CERTIFIED = (2, 3, 4, 6, 8)
_STEP = "1/10"


def draw(axes: Any, context: Context) -> None:
    """Digits below 1 of each radius on the spread ``D_0``, on logarithmic scales."""
    log = math.log(10)
    source = [(212 * d**3 + math.log(216)) / log for d in _DISTANCES]
    small = [(d**2 - math.log(RADIUS)) / log for d in _DISTANCES]
    step = [math.log10(4 * (1 + 2 * d**2)) for d in _DISTANCES]
    # D_0^2 is half the square of |v_1 - v_2|
    needed = [(math.log(2) / 2 - certified_spreads(d, _STEP)[0]) / log for d in _CERTIFIED]
    axes.loglog(_DISTANCES, source, "o-", label="the source's radius")
    axes.loglog(_DISTANCES, small, "s-", label="Theorem A, small steps")
    axes.loglog(_CERTIFIED, needed, "^-", label=r"certified threshold, $\eta = 1/10$")
    axes.loglog(_DISTANCES, step, "d-", label="Theorem B, first step $n/2$")
    axes.set_xticks(_DISTANCES, [str(d) for d in _DISTANCES])
    axes.set_xticks([], minor=True)
    finish(
        axes,
        "After one long first step a polynomially small radius is enough",
        axis("truth", "$n = 2$, $d = 1$"),
        axis("radius", log=r"-\log_{10}"),
    )
