"""E3: how long the trap holds, and the bound of the gradient in it."""

from __future__ import annotations

import math
from typing import Any

from proofs_check.checks.trap import trapped_time
from proofs_check.claim import Context
from proofs_check.figures.style import BOUND, finish
from proofs_check.figures.symbols import axis

_DISTANCES = (4, 5, 6, 7, 8, 9, 10)


def draw(axes: Any, context: Context) -> None:
    """Measured times to move by one, and the lower bound of the argument."""
    measured = [math.exp(trapped_time(float(a), 5)) for a in _DISTANCES]
    bound = [2 * math.exp((a - 1) ** 2 / 8) / (a + 1) for a in _DISTANCES]
    squares = [a * a for a in _DISTANCES]
    axes.semilogy(squares, measured, "o-", label="KL flow, measured")
    axes.semilogy(squares, bound, label=r"proved lower bound, $2\,e^{(a-1)^2/8}/(a+1)$", **BOUND)
    finish(
        axes,
        "From $(0, a, -a)$ gradient EM is trapped for a time like $e^{a^2/8}$",
        axis("moving mean squared"),
        axis("time", "in which $a$ moves by 1"),
    )
