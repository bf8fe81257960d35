"""Integrals in doubles by Gauss-Legendre panels, for what the checker bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(30)
Values = np.ndarray


def integral(function: Callable[[Values], Values], low: float, high: float) -> float:
    """Over an interval, to about 1e-14 for what varies on a scale of 1."""
    edges = np.linspace(low, high, 41)
    half = (high - low) / 80
    places = ((edges[1:] + edges[:-1]) / 2)[:, None] + half * _NODES
    return float((half * _WEIGHTS * function(places)).sum())


def logistic_integral(theta: float, power: int, low: float, high: float, *, late: bool) -> float:
    """``int w e^((power - 1 - theta) l) (1 + e^l)^-power dl``, ``w = l`` if late, else 1."""

    def value(l: Values) -> Values:  # noqa: E741
        return np.exp((power - 1 - theta) * l) * (1 + np.exp(l)) ** -power * (l if late else 1)

    return integral(value, low, high)


@cache
def three_integrals(theta: float) -> tuple[float, float, float]:
    """What Theorem E_n' needs at one exponent (docs/certificates.md, section 6)."""
    below = 4 * 0.5 ** (1 - theta) / (27 * (1 - theta))  # r/(1 + r)^3 <= 4/27
    return (
        logistic_integral(theta, 2, 0, 40, late=True),
        below + logistic_integral(theta, 3, float(np.log(0.5)), 40, late=False),
        logistic_integral(theta, 3, 0, 40, late=True),
    )


def pull_at(a: float, eps: float) -> float:
    """The bound of how far a component at a distance moves the near one's gradient."""
    z = a - eps
    inside = 3.53 / 3.5 * eps + 1.571 * (1 + eps * eps) + eps * (1.571 * z / 2 + 0.369)
    inside += (z + 2 * eps) * (0.52 * z / 2 + 0.169 + 0.52 * eps)
    return math.sqrt(2 / math.pi) * math.exp(-z * z / 8) * inside


@cache
def fine_pull_at(a: float, eps: float) -> float:
    """The same with finer integrals, as Theorem E_n' takes it."""

    def side(h: float, b: float, first: float, last: float) -> float:
        late, c3, c3_late = map(max, *map(three_integrals, (first, last)))
        c2 = math.pi * last / math.sin(math.pi * last)
        spread = math.sqrt(h * h + 2 / math.pi)
        inside = math.pi / math.sin(math.pi * 0.42) * eps / (a - eps) + c2 * (1 + eps * eps)
        inside += eps * (c2 * spread + late / (a - eps)) + b * c3 * (spread + eps) + c3_late
        return math.sqrt(2 / math.pi) * math.exp(-h * h / 2) * inside

    sides = (
        side((a - eps) / 2, a + eps, 0.42, 0.5),
        side(math.sqrt(a * a - eps * eps) / 2, a, 0.5, 0.58),
    )
    return max(sides) + 2 * (a + eps) * (a + 2 * eps) * math.exp(eps * eps - a * a)
