"""F4: the scalar gradient on the slice (0, a), with its certified root."""

from __future__ import annotations

from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import ZERO, finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import gradient

_PLACES = [k / 20 for k in range(2, 121)]


def draw(axes: Any, context: Context) -> None:
    """Both slices' scalar gradients, with the enclosed roots."""
    from numerics.stationary.slice_points import stationary_points

    for text, pattern in (("0,a", (0, 1)), ("0,a,-a", (0, 1, -1))):
        values = [gradient("forward", [[sign * a] for sign in pattern])[1][0] for a in _PLACES]
        (root,) = stationary_points("forward", text, digits=max(context.digits, 15)).points
        (line,) = axes.plot(_PLACES, values, label=f"$({text})$")
        proved = f"proved root {root.mid[:9]}"
        axes.plot([float(root.mid)], [0.0], "o", color=line.get_color(), label=proved)
    axes.axhline(0.0, **ZERO)
    finish(
        axes,
        "Each slice has one more stationary point, which is not the truth",
        axis("moving mean"),
        axis("slice gradient"),
    )
