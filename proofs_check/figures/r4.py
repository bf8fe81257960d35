"""R4: how often every student ends near its closest teacher mean, by separation."""

from __future__ import annotations

from typing import Any

from proofs_check.checks.mixture_frequencies import EndsNearClosest, Setting
from proofs_check.claim import Context
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis

_SETTINGS = (Setting(2, 2, 1), Setting(3, 2, 1), Setting(3, 3, 1), Setting(4, 2, 1))
_SEPARATIONS = ("1", "3/2", "2", "5/2", "3", "7/2", "4", "5", "6", "8")


def draw(axes: Any, context: Context) -> None:
    """Shares against separations, with their exact binomial intervals."""
    apart = [1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 8]
    for number, setting in enumerate(_SETTINGS):
        counts = [
            EndsNearClosest("figure", separation, (setting,)).count(setting, context)
            for separation in _SEPARATIONS
        ]
        shares = [count.successes / count.trials for count in counts]
        below = [s - float(c.low) for s, c in zip(shares, counts, strict=True)]
        above = [float(c.high) - s for s, c in zip(shares, counts, strict=True)]
        axes.errorbar(
            apart, shares, yerr=[below, above], color=f"C{number}", marker=".", label=str(setting)
        )
    finish(
        axes,
        "Above a separation of 4 nearly every student ends where it started closest",
        axis("separation"),
        "share of starts, exact intervals",
    )
