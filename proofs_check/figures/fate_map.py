"""Fates of two components on the line, with the regions in which theorems decide them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from proofs_check.claim import Context
from proofs_check.figures.style import BLACK, BLUE, ORANGE, RED, finish, plane
from proofs_check.figures.symbols import axis

_REACH, _PLACES, _STEP, _STEPS = 6.0, 97, 0.1, 20_000
#: Lemma E: ``|v_1| <= NEAR``, ``|v_2| >= FAR``.
_NEAR, _FAR = 0.15, 3.1


def draw(axes: Any, context: Context) -> None:
    """Descents from a grid of starts (float64), and Theorem F's and Lemma E's regions."""
    from numerics.ensembles.fates import descent_fates

    places = np.linspace(-_REACH, _REACH, _PLACES)
    starts = np.array([[[across], [up]] for up in places for across in places])
    found = descent_fates(starts, step_size=_STEP, steps=_STEPS).converged
    assert found.min() > 0, "a start is undecided"
    fates = found.reshape(_PLACES, _PLACES)
    # equal and opposite means are lines of their own, not neighbourhoods
    rows = np.arange(1, _PLACES)
    fates[rows, rows] = fates[rows, rows - 1]
    fates[rows, -1 - rows] = fates[rows - 1, -1 - rows]
    axes.contourf(places, places, fates, levels=[0.5, 1.5, 2.5], colors=[ORANGE, BLUE], alpha=0.35)
    turns = np.linspace(0, 2 * math.pi, 200)
    radius = math.sqrt(2)  # of |V|; at this step 2 eta max(1, P/2) <= kappa(P) up to P = 2
    label = "Theorem F: both converge"
    axes.plot(radius * np.cos(turns), radius * np.sin(turns), color=BLUE, label=label)
    for away in ([_FAR, _REACH], [-_REACH, -_FAR]):
        label = "Lemma E: far one escapes" if away[0] > 0 else "_"
        axes.fill_between(away, -_NEAR, _NEAR, color=RED, linewidth=0, label=label)
        axes.fill_betweenx(away, -_NEAR, _NEAR, color=RED, linewidth=0)
    ends = np.array([-_REACH, _REACH])
    lines = {"color": BLACK, "linestyle": ":", "linewidth": 1.2}
    axes.plot(ends, ends, label=r"$v_1 = \pm v_2$: both converge", **lines)
    axes.plot(ends, -ends, label="_", **lines)
    axes.fill_between([], [], [], color=BLUE, alpha=0.35, label="both converge")
    axes.fill_between([], [], [], color=ORANGE, alpha=0.35, label="exactly one converges")
    plane(axes, _REACH)
    finish(
        axes,
        "From most far starts exactly one of two components converges",
        axis("first mean", r"at the start, $\eta = 1/10$"),
        axis("second mean", "at the start"),
        legend=1,
        beside=True,
    )
