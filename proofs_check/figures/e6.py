"""E6: the slope of K along a ray is L(sv)/s."""

from __future__ import annotations

from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import CONTROL, finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import gradient, loss

_MEANS = (-1.0, 2.0, 3.0)
_SCALES = [k / 10 for k in range(1, 21)]


def draw(axes: Any, context: Context) -> None:
    """K's derivative in the scale (its gradient along the means) against L(sv)/s."""
    slopes, losses = [], []
    for s in _SCALES:
        at = [[s * v] for v in _MEANS]
        rows = gradient("kl", at)
        slopes.append(sum(v * row[0] for v, row in zip(_MEANS, rows, strict=True)))
        losses.append(loss("forward", at) / s)
    axes.plot(_SCALES, slopes, label=r"$\frac{d}{ds}\,K(sv)$")
    axes.plot(_SCALES, losses, "x", label="$L(sv)/s$")
    axes.plot(
        _SCALES, [1.05 * value for value in losses], label="$1.05\\,L(sv)/s$ (control)", **CONTROL
    )
    finish(
        axes,
        "The slope of $K$ along a ray is $L(sv)/s$, and not 5% more",
        axis("scale", r"means $s\,(-1, 2, 3)$"),
        "slope",
        legend=3,
    )
