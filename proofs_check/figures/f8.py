"""F8: the constant of the escape law, against the variable in which it is a power series."""

from __future__ import annotations

from typing import Any

from proofs_check.checks.flow_sequences import escape_constant
from proofs_check.claim import Context
from proofs_check.claims.f8_lower_bound import DIGITS, PAIR, TRIPLE
from proofs_check.figures.style import ZERO, finish
from proofs_check.figures.symbols import axis


def draw(axes: Any, context: Context) -> None:
    """``2 k/(L tau) - X`` for two components, for three, and with a changed ``X``."""
    runs = (
        ("$n = 2$", "o", escape_constant(PAIR, 1), DIGITS[1]),
        ("$n = 3$", "x", escape_constant(TRIPLE, 2), 5),
        ("$n = 2$, 1.575 for 1.5 (control)", ":", escape_constant(PAIR, 1, "1.575"), DIGITS[1]),
    )
    for label, style, samples, digits in runs:
        found = samples(context, digits)
        places = [float(sample.small) for sample in found]
        axes.plot(places, [float(sample.value) for sample in found], style, label=label)
    axes.axhline(-2.0, label="limit $-2$", **ZERO)
    axes.set_xlim(left=0.0)
    axes.set_ylim(top=-1.95)
    finish(
        axes,
        r"The escape law's constant is $-2$ for two components and for three",
        axis("late time"),
        axis("escape law"),
        legend=4,
    )
