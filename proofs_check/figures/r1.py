"""R1: along a ray, R(sv)/s^2 does not decrease (I2); L(sv)/s^2 does."""

from __future__ import annotations

from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import loss

_MEANS = (0.0, 3.0)
_SCALES = [k / 20 for k in range(2, 41)]


def draw(axes: Any, context: Context) -> None:
    """Reverse and forward loss along a ray, divided by the square of the scale."""
    for objective, label in (("reverse", "$R(sv)/s^2$"), ("forward", "$L(sv)/s^2$")):
        values = [loss(objective, [[s * v] for v in _MEANS]) / s**2 for s in _SCALES]
        axes.plot(_SCALES, values, label=label)
    finish(
        axes,
        "Along a ray $R/s^2$ never falls; $L/s^2$ does",
        axis("scale", r"means $s\,(0, 3)$"),
        "loss over the square of the scale",
    )
