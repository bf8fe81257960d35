"""F7: where exactly one component converges with high probability."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_check.checks.frequencies import LEVEL, families, fates
from proofs_check.claim import Context
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis
from proofs_check.sampling.confidence import clopper_pearson

_DISTANCES = (1, 2, 3, 4, 5, 10, 30, 100, 300, 1000)
_CURVES = ((2, 1, "1"), (2, 10, "1"), (3, 1, "1"), (5, 1, "1"), (2, 1, "1/100"), (2, 1, "4"))


def draw(axes: Any, context: Context) -> None:
    """Frequencies over the distance, for some n, d and sigma."""
    quick = Context("quick", context.digits, context.seed)
    for n, d, sigma in _CURVES:
        places, middle, below, above = [], [], [], []
        for family in families([(n, d)], [sigma], _DISTANCES):
            found = fates(family, quick)
            count, total = found.count(1), len(found.converged)
            low, high = clopper_pearson(count, total, LEVEL)
            share = Fraction(count, total)
            places.append(float(family.distance))
            middle.append(float(share))
            below.append(float(share - low))
            above.append(float(high - share))
        label = f"$n = {n}$, $d = {d}$" + ("" if sigma == "1" else rf", $\sigma = {sigma}$")
        axes.errorbar(places, middle, yerr=[below, above], label=label, capsize=2, marker=".")
    axes.set_xscale("log")
    finish(
        axes,
        "From far random starts exactly one component converges",
        axis("truth"),
        "share of starts, 99.9% intervals",
        legend=3,
    )
