"""R2: the reverse loss along descents, against the bound of Theorem R."""

from __future__ import annotations

from typing import Any

from proofs_check.checks.descent_steps import reverse_bound
from proofs_check.claim import Context
from proofs_check.figures.style import BOUND, finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import least_losses
from proofs_check.statements.mixture import Mixture

_STARTS = (
    ("(1, 1), weights (.9, .1)", Mixture.of([["1"], ["1"]], ["9/10", "1/10"])),
    ("(1, -1)", Mixture.of([["1"], ["-1"]])),
    ("(3, 4)", Mixture.of([["3"], ["4"]])),
    ("(6, -2, 1)", Mixture.of([["6"], ["-2"], ["1"]])),
    ("(1/2, -3), weights (.9, .1)", Mixture.of([["1/2"], ["-3"]], ["9/10", "1/10"])),
)
_STEPS = 400


def draw(axes: Any, context: Context) -> None:
    """Least loss over ``|V_0|^2`` against ``eta N``, and the bound."""
    for label, start in _STARTS:
        eta = reverse_bound(start)
        losses = least_losses("reverse", "reverse", start, eta, _STEPS)
        axes.loglog([float(eta) * (k + 1) for k in range(_STEPS)], losses, label=label)
    ends = [1e-2, 2e2]
    axes.loglog(ends, [1 / (2 * tau) for tau in ends], label=r"bound $1/(2\eta N)$", **BOUND)
    axes.set_ylim(1e-8, 1e2)
    finish(
        axes,
        "Reverse descent stays below Theorem R's bound from every start",
        axis("time of steps"),
        axis("least reverse"),
    )
