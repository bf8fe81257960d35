r"""How far the forward loss is star-shaped: the least radial slope at a given size.

The loss is star-shaped around the truth as far as :math:`\sum_j v_j \cdot \nabla_j L > 0`. The
slope :math:`\sum_j v_j \cdot \nabla_j L/(2L)` is 1 at the truth; its least value over all
weights and all means with :math:`\max_j |v_j| = R` changes sign at the star-shaped radius. By
optimization in floating point: what is found here is a candidate, to be confirmed at exact numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.optimize import minimize

from numerics.evaluation.evaluator import Evaluator

_DIGITS = 10
_DENOMINATOR = 10_000


@dataclass(frozen=True)
class LeastSlope:
    """Outcome of a search.

    Attributes
    ----------
    slope : float
        The least ``v.grad L/(2L)`` found.
    weights : tuple of Fraction
    means : tuple of tuple of Fraction
        Where it was found, rounded so that no norm exceeds the radius.
    evaluations : int
    """

    slope: float
    weights: tuple[Fraction, ...]
    means: tuple[tuple[Fraction, ...], ...]
    evaluations: int


def radial_slope(weights: tuple[Fraction, ...], means: np.ndarray[Any, Any]) -> float:
    """``sum v_j . grad_j L / (2L)`` in float64.

    Examples
    --------
    >>> half = Fraction(1, 2)
    >>> round(radial_slope((half, half), np.array([[0.1], [0.1]])), 12)
    1.0
    """
    n, dimension = means.shape
    evaluate = Evaluator(
        "forward", ("loss", "gradient"), n=n, dimension=dimension, weights=weights, digits=_DIGITS
    )
    found = evaluate(means)
    return float((means * found["gradient"]).sum() / (2 * found["loss"]))


def least_radial_slope(
    radius: float, n: int, dimension: int, *, starts: int, seed: int, evaluations: int = 300
) -> LeastSlope:
    """Minimise the radial slope over weights and means with largest norm `radius`.

    Nelder-Mead from the best of some random points, `starts` times.

    Parameters
    ----------
    radius : float
    n, dimension : int
    starts : int
    seed : int
    evaluations : int
        Of each start.

    Examples
    --------
    >>> least_radial_slope(2.5, 2, 1, starts=1, seed=0).slope < 0
    True
    """
    draw = np.random.default_rng(seed)
    total = 0
    best: tuple[float, np.ndarray[Any, Any]] | None = None

    def slope(parameters: np.ndarray[Any, Any]) -> float:
        nonlocal total
        total += 1
        weights, shape = _unpack(parameters, n, dimension)
        if min(weights) <= 0:
            return 2.0
        return radial_slope(weights, radius * shape)

    for _ in range(starts):
        points = [_random(draw, n, dimension) for _ in range(max(8, evaluations // 6))]
        values = [slope(point) for point in points]
        options = {"maxfev": evaluations - len(points), "xatol": 1e-5, "fatol": 1e-9}
        first = points[int(np.argmin(values))]
        found = minimize(slope, first, method="Nelder-Mead", options=options)
        if best is None or found.fun < best[0]:
            best = (float(found.fun), found.x)
    if best is None:
        raise ValueError("at least one start is needed")
    weights, shape = _unpack(best[1], n, dimension)
    means = tuple(
        tuple(Fraction(int(x * radius * 10**6), 10**6) for x in row) for row in shape.tolist()
    )
    return LeastSlope(best[0], weights, means, total)


def _random(draw: np.random.Generator, n: int, dimension: int) -> np.ndarray[Any, Any]:
    """One component at distance 1, the others nearer to the truth; any weights."""
    shape = draw.normal(size=(n, dimension))
    shape /= np.linalg.norm(shape, axis=1, keepdims=True)
    shape *= draw.uniform(0, 1, size=(n, 1))
    shape[-1] = np.eye(dimension)[0]
    return np.concatenate([draw.normal(size=n - 1), shape.ravel()])


def _unpack(
    parameters: np.ndarray[Any, Any], n: int, dimension: int
) -> tuple[tuple[Fraction, ...], np.ndarray[Any, Any]]:
    """Weights by a softmax, rounded; means with largest norm 1."""
    shares = np.exp(np.append(np.clip(parameters[: n - 1], -9, 9), 0.0))
    shares /= shares.sum()
    rounded = [Fraction(round(float(x) * _DENOMINATOR), _DENOMINATOR) for x in shares[:-1]]
    shape = parameters[n - 1 :].reshape(n, dimension)
    largest = float(np.linalg.norm(shape, axis=1).max())
    return (*rounded, 1 - sum(rounded, Fraction(0))), shape / max(largest, 1e-12)
