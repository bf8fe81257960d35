"""F11: the radius against the loss, with the known stationary points."""

from __future__ import annotations

from typing import Any

from proofs_check.checks.loss_barrier import known_points, radius
from proofs_check.claim import Context
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis

_LEVELS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
_SIZES = (2, 3, 4)


def draw(axes: Any, context: Context) -> None:
    """One curve and one kind of marker for each number of components."""
    for n, marker in zip(_SIZES, "osd", strict=True):
        curve = [radius(n, 1, str(level)) for level in _LEVELS]
        (line,) = axes.semilogx(_LEVELS, curve, "-", label=rf"$\rho_L$, $n = {n}$")
        found = known_points(n, 1, 40, context.seed)
        losses, norms = zip(*((float(a.mid()), float(b.mid())) for a, b in found), strict=True)
        axes.semilogx(losses, norms, marker, color=line.get_color(), label=rf"critical, $n = {n}$")
    axes.set_ylim(0, None)
    finish(
        axes,
        "Every critical point lies within the radius of its loss",
        axis("forward", "$d = 1$"),
        axis("largest norm"),
    )
