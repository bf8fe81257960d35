"""Integrals in doubles by Gauss-Legendre panels, for what the checker bounds."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(30)
Values = np.ndarray


def integral(function: Callable[[Values], Values], low: float, high: float) -> float:
    """Over an interval, to about 1e-14 for what varies on a scale of 1."""
    edges = np.linspace(low, high, 41)
    half = (high - low) / 80
    places = ((edges[1:] + edges[:-1]) / 2)[:, None] + half * _NODES
    return float((half * _WEIGHTS * function(places)).sum())


def pull_at(a: float, eps: float) -> float:
    """The bound of how far a component at a distance moves the near one's gradient."""
    z = a - eps
    inside = 3.53 / 3.5 * eps + 1.571 * (1 + eps * eps) + eps * (1.571 * z / 2 + 0.369)
    inside += (z + 2 * eps) * (0.52 * z / 2 + 0.169 + 0.52 * eps)
    return math.sqrt(2 / math.pi) * math.exp(-z * z / 8) * inside
