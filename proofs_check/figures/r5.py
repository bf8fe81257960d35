"""R5: total variation along reverse descent, beside half the root of the loss."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from proofs_check.claim import Context
from proofs_check.claims.r5_total_variation import MET, SINGLE, UNMET
from proofs_check.figures.style import CONTROL, finish
from proofs_check.figures.symbols import axis
from proofs_check.points.numerics_point import NumericsPoint

_STEPS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_DIGITS = 10
#: What is smaller would be the error of the integrals, not the quantity.
_LEAST = 10.0**-_DIGITS


def draw(axes: Any, context: Context) -> None:
    """One run of each kind, at powers of two."""
    kinds = (("one Gaussian", SINGLE[0]), ("both means met", MET[0]), ("one unmet", UNMET[0]))
    for number, (label, run) in enumerate(kinds):
        ends = [run.ends("float64", _DIGITS, steps) for steps in _STEPS]
        points = [NumericsPoint(end, _DIGITS, "float64") for end in ends]
        variations = [float(point.total_variation()) for point in points]
        roots = [max(float(point.loss("reverse")), 0.0) ** 0.5 / 2 for point in points]
        axes.loglog(*_resolved(variations), color=f"C{number}", label=label)
        axes.loglog(*_resolved(roots), color=f"C{number}", linestyle="--")
    axes.axhline(_LEAST, **CONTROL, label=f"smallest number resolved, $10^{{-{_DIGITS}}}$")
    finish(
        axes,
        "Total variation goes to 0 exactly where every teacher mean is met",
        axis("step"),
        axis("total variation", r"dashed: $\sqrt{R}/2$"),
        legend=2,
    )


def _resolved(values: Sequence[float]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Steps and values, up to the first value that is not resolved."""
    kept = takewhile(lambda pair: pair[1] >= _LEAST, zip(_STEPS, values, strict=True))
    steps, seen = zip(*kept, strict=True)
    return steps, seen
