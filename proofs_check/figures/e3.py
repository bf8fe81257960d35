"""E3: how long the trap holds, and the bound of the gradient in it."""

from __future__ import annotations

import math
from typing import Any

from proofs_check.checks.trap import trapped_time
from proofs_check.claim import Context

_DISTANCES = (4, 5, 6, 7, 8, 9, 10)


def draw(axes: Any, context: Context) -> None:
    """Measured times to move by one, and the lower bound of the argument."""
    measured = [math.exp(trapped_time(float(a), 5)) for a in _DISTANCES]
    bound = [2 * math.exp((a - 1) ** 2 / 8) / (a + 1) for a in _DISTANCES]
    squares = [a * a for a in _DISTANCES]
    axes.semilogy(squares, measured, "o-", label="KL flow from (0, a, -a): time to move a by one")
    axes.semilogy(squares, bound, "--", label="lower bound")
    axes.set_xlabel("a squared")
    axes.set_ylabel("time")
    axes.legend()
