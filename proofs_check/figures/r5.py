"""R5: total variation along reverse descent, beside half the root of the loss."""

from __future__ import annotations

from typing import Any

from proofs_check.claim import Context
from proofs_check.claims.r5_total_variation import MET, SINGLE, UNMET
from proofs_check.figures.style import finish
from proofs_check.points.numerics_point import NumericsPoint

_STEPS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


def draw(axes: Any, context: Context) -> None:
    """One run of each kind, at powers of two."""
    kinds = (("one Gaussian", SINGLE[0]), ("both means met", MET[0]), ("one unmet", UNMET[0]))
    for number, (label, run) in enumerate(kinds):
        points = [NumericsPoint(run.ends("float64", 10, steps), 10, "float64") for steps in _STEPS]
        variations = [float(point.total_variation()) for point in points]
        roots = [max(float(point.loss("reverse")), 0.0) ** 0.5 / 2 for point in points]
        axes.loglog(_STEPS, variations, color=f"C{number}", label=f"$TV$, {label}")
        axes.loglog(_STEPS, roots, color=f"C{number}", linestyle="--")
    finish(
        axes,
        "Total variation goes to 0 exactly where every teacher mean is met",
        "step $k$",
        r"$TV(p, q)$; dashed: $\sqrt{R}/2$",
        legend=3,
    )
