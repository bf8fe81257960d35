"""The critical spread of a far pair, certified from both sides, against the amplification law."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import BOUND, finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import certified_spreads

_DISTANCES = (2, 3, 4, 5, 6, 8, 10)
_STEP = "1/10"


def draw(axes: Any, context: Context) -> None:
    """Largest certified converging and smallest certified escaping spread, and ``2 e^(k - L)``."""
    from numerics.studies.amplification import log_amplification

    pairs = [certified_spreads(distance, _STEP) for distance in _DISTANCES]
    digits = math.log(10)
    amplified = {m: log_amplification(m, Fraction(_STEP), 2) for m in _DISTANCES}
    constant = sum(pairs[-1]) / 2 - math.log(2) + amplified[_DISTANCES[-1]]
    law = [(math.log(2) + constant - amplified[m]) / digits for m in _DISTANCES]
    label = rf"amplification law, $\ln(s/2) = {constant:.2f} - \Lambda$"
    axes.plot(_DISTANCES, law, label=label, **BOUND)
    for side, marker, text in (
        (1, "^", "one escapes (certified)"),
        (0, "v", "both converge (certified)"),
    ):
        ends = [pair[side] / digits for pair in pairs]
        axes.plot(_DISTANCES, ends, marker, fillstyle="none", markersize=9, label=text)
    finish(
        axes,
        "The spread that decides falls as the amplification law says",
        axis("truth", r"$n = 2$, $\eta = 1/10$"),
        axis("spread", log=r"\log_{10}"),
    )
