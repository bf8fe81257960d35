"""How many digits a descent needs, by distance and spread of the cluster."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_check.claim import Context
from proofs_check.figures.style import BOUND, finish
from proofs_check.figures.symbols import axis

_DISTANCES = [Fraction(k, 2) for k in range(3, 57)]
_SPREADS = range(1, 61, 2)
_STEP, _STEPS = Fraction(1, 10), 500
#: Digits of number systems: float32, float64, two float64 together.
_LEVELS = (7.2, 16.0, 31.9)
_NAMES = ("float32", "float64", "double-double")


def draw(axes: Any, context: Context) -> None:
    """The rule's digits over distance and spread, where number systems end, the critical spread."""
    from numerics.studies.amplification import log_amplification
    from numerics.studies.precision.rounding_rule import rounding_rule

    digits = np.array(
        [
            [
                rounding_rule(
                    "forward", ((m,), (m + Fraction(1, 10**s),)), _STEP, _STEPS
                ).digits
                for m in _DISTANCES
            ]
            for s in _SPREADS
        ]
    )  # fmt: skip
    across = [float(m) for m in _DISTANCES]
    filled = axes.contourf(across, list(_SPREADS), digits, levels=range(0, 51, 5), cmap="cividis_r")
    axes.figure.colorbar(filled, ax=axes, label="decimal digits needed")
    lines = axes.contour(
        across, list(_SPREADS), digits, levels=_LEVELS, colors="black", linewidths=1.4
    )
    axes.clabel(lines, fmt=dict(zip(_LEVELS, _NAMES, strict=True)), fontsize=8)
    critical = [log_amplification(m, _STEP, 2) / math.log(10) for m in across]
    axes.plot(across, critical, label=r"spread $e^{-\Lambda}$, near the critical one", **BOUND)
    axes.set_ylim(min(_SPREADS), max(_SPREADS))
    axes.grid(visible=False)
    finish(
        axes,
        "Digits must carry the spread, or what descent amplifies it by, whichever is less",
        axis("truth", r"$n = 2$, $\eta = 1/10$"),
        axis("spread", log=r"-\log_{10}"),
        legend=1,
    )
