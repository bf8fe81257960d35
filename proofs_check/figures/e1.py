"""E1: on the slice (0, a) the gradient of K keeps its sign; half the gradient of L does not."""

from __future__ import annotations

from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import ZERO, finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import gradient

_PLACES = [k / 20 for k in range(1, 101)]


def draw(axes: Any, context: Context) -> None:
    """Gradient of K and half of L's in the moving component, on (0, a)."""
    for objective, factor, label in (("kl", 1.0, r"$K$"), ("forward", 0.5, r"$L/2$")):
        values = [factor * gradient(objective, [[0], [a]])[1][0] for a in _PLACES]
        axes.plot(_PLACES, values, label=f"gradient of {label}")
    axes.axhline(0.0, **ZERO)
    finish(
        axes,
        "The gradient of $K$ keeps its sign; that of $L$ turns at $a = 2.456$",
        axis("moving mean", "means $(0, a)$"),
        "gradient in the moving component",
    )
