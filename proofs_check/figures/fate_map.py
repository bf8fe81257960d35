"""Fates of two components on the line, with the regions in which theorems decide them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from proofs_check.claim import Context
from proofs_check.figures.style import BLACK, BLUE, ORANGE, RED, ZERO, finish

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
    between = np.arange(1, _PLACES)  # equal means are a line of their own, not a neighbourhood
    fates[between, between] = fates[between, between - 1]
    axes.contourf(places, places, fates, levels=[0.5, 1.5, 2.5], colors=[ORANGE, BLUE], alpha=0.35)
    golden = (1 + math.sqrt(5)) / 2
    turns = np.linspace(0, 2 * math.pi, 200)
    radius = math.sqrt(2) * golden  # (v_1^2 + v_2^2)/2 = phi^2
    label = "Theorem F: both converge"
    axes.plot(radius * np.cos(turns), radius * np.sin(turns), color=BLUE, label=label)
    for away in ([_FAR, _REACH], [-_REACH, -_FAR]):
        label = "Lemma E: far one escapes" if away[0] > 0 else "_"
        axes.fill_between(away, -_NEAR, _NEAR, color=RED, linewidth=0, label=label)
        axes.fill_betweenx(away, -_NEAR, _NEAR, color=RED, linewidth=0)
    axes.plot([-_REACH, _REACH], [-_REACH, _REACH], color=BLACK, linestyle=":", linewidth=1.2,
              label="$v_1 = v_2$: both converge")  # fmt: skip
    axes.fill_between([], [], [], color=BLUE, alpha=0.35, label="both converge")
    axes.fill_between([], [], [], color=ORANGE, alpha=0.35, label="exactly one converges")
    axes.axhline(0.0, **ZERO)
    axes.axvline(0.0, **ZERO)
    axes.set_aspect("equal")
    axes.set_xlim(-_REACH, _REACH)
    axes.set_ylim(-_REACH, _REACH)
    finish(
        axes,
        "From most far starts exactly one of two components converges",
        r"$v_1$ at the start ($\eta = 1/10$)",
        "$v_2$ at the start",
        legend=1,
        beside=True,
    )
