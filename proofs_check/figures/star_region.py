"""Where the forward loss of two components is star-shaped about the truth."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_check.claim import Context
from proofs_check.figures.style import BLACK, BLUE, GREEN, ORANGE, finish, plane
from proofs_check.figures.symbols import axis

_REACH, _PLACES = 5.0, 51
_HALF = (Fraction(1, 2), Fraction(1, 2))


def draw(axes: Any, context: Context) -> None:
    """Sign of ``v.grad L`` over the plane of both means, Lemma S's square and circle."""
    import sympy

    from numerics.studies.star_shape import radial_slope
    from proofs_check.proofs.lemma_s import BALL

    places = np.linspace(-_REACH, _REACH, _PLACES)
    slopes = np.ones((_PLACES, _PLACES))
    for row, up in enumerate(places):
        for column, across in enumerate(places):
            if up or across:
                slopes[row, column] = radial_slope(_HALF, np.array([[across], [up]]))
    axes.contourf(places, places, slopes, levels=[-100, 0], colors=[ORANGE], alpha=0.35)
    axes.contour(places, places, slopes, levels=[0], colors=[BLACK], linewidths=[1.0])
    side = 1 / math.sqrt(float(sympy.N(BALL)))
    around = [-side, side, side, -side, -side]
    axes.plot(around, [-side, -side, side, side, -side], color=GREEN, label="Lemma S, max norm")
    turns = np.linspace(0, 2 * math.pi, 200)
    radius = (1 + math.sqrt(5)) / 2  # |V|^2 = v_1^2 + v_2^2, below the golden ratio's square
    label = r"Lemma S, in $|V|$"
    axes.plot(radius * np.cos(turns), radius * np.sin(turns), color=BLUE, label=label)
    axes.fill_between([], [], [], color=ORANGE, alpha=0.35, label=r"$v\cdot\nabla L < 0$")
    plane(axes, _REACH)
    finish(
        axes,
        "The loss is star-shaped about the truth, but for four tongues",
        axis("first mean"),
        axis("second mean"),
        legend=1,
        beside=True,
    )
