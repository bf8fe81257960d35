"""E2: the forward loss along gradient EM, against the bound of Theorem K."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import BOUND, finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import least_losses
from proofs_check.statements.mixture import Mixture

_STARTS = (
    ("(1, 1), weights (.9, .1)", Mixture.of([["1"], ["1"]], ["9/10", "1/10"])),
    ("(1, -1)", Mixture.of([["1"], ["-1"]])),
    ("(3, 4)", Mixture.of([["3"], ["4"]])),
    ("(5, -2, 1)", Mixture.of([["5"], ["-2"], ["1"]])),
    ("(1/2, -3), weights (.9, .1)", Mixture.of([["1/2"], ["-3"]], ["9/10", "1/10"])),
)
_STEPS = 400


def draw(axes: Any, context: Context) -> None:
    """Least loss over ``|V_0|^2`` against the number of steps, and the bound."""
    numbers = list(range(1, _STEPS + 1))
    for label, start in _STARTS:
        losses = least_losses("kl", "forward", start, Fraction(1), _STEPS)
        axes.loglog(numbers, losses, label=label)
    axes.loglog(numbers, [1 / number for number in numbers], label=r"bound $1/N$", **BOUND)
    axes.set_ylim(1e-8, 3)
    finish(
        axes,
        "Gradient EM stays below Theorem K's bound from every start",
        axis("steps", r"$\eta = 1$"),
        axis("least forward"),
    )
