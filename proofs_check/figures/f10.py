"""F10: initial radii that are enough, against the distance of the truth."""

from __future__ import annotations

import math
from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import certified_spreads
from proofs_check.proofs.cluster_constants import RADIUS

_DISTANCES = (2, 3, 4, 6, 8, 12)
_CERTIFIED = (2, 3, 4, 6, 8)
_STEP = "1/10"
_H = 1 / 20  # the step over n


def draw(axes: Any, context: Context) -> None:
    """Digits below 1 of each radius on the spread ``D_0``, on logarithmic scales."""
    log = math.log(10)
    source = [(212 * d**3 + math.log(216)) / log for d in _DISTANCES]
    small = [(linear_growth(d, _H) - math.log(RADIUS)) / log for d in _DISTANCES]
    step = [math.log10(4 * (1 + 2 * d**2)) for d in _DISTANCES]
    # D_0^2 is half the square of |v_1 - v_2|
    needed = [(math.log(2) / 2 - certified_spreads(d, _STEP)[0]) / log for d in _CERTIFIED]
    axes.loglog(_DISTANCES, source, "o-", label="the source's radius")
    axes.loglog(_DISTANCES, small, "s-", label=r"Theorem A, $\eta = 1/10$")
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


def linear_growth(distance: float, h: float) -> float:
    r"""The sum of ``ln(1 + 4 h |c_i|^2)`` along the linear orbit ``|c_i| = (1 - 2 h)^i |c_0|``.

    Examples
    --------
    >>> round(linear_growth(2, 1e-4), 2)
    4.0
    """
    total, square = 0.0, distance**2
    while square > 1e-12:
        total += math.log1p(4 * h * square)
        square *= (1 - 2 * h) ** 2
    return total
