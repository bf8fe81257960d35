"""Randomized quasi-Monte Carlo for more than three integration dimensions (float64 only).

Scrambled Sobol points, mapped to the base density, give unbiased estimates; independent scramblings
give an honest error bar. The result is a statistical estimate, never a bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from numerics.backends.float64 import Array, ArrayKernel
from numerics.nodes import Scene, weighted_sums

#: Independent randomizations, from whose scatter the error bar is computed.
RANDOMIZATIONS = 16
#: Two-sided confidence of the error bar.
CONFIDENCE = 0.999
_PILOT = 10  # log2 of the points of one randomization in the first attempt
_EDGE = 2.0**-53  # keeps the inverse normal distribution finite


@dataclass(frozen=True)
class RandomizedEstimate:
    """Mean over randomizations, half-width of its confidence interval, nodes used."""

    value: Array
    error: Array
    nodes: int


def sobol_normal(rank: int, log2_points: int, generator: np.random.Generator) -> Array:
    """Scrambled Sobol points with standard normal margins, shape ``rank x 2**log2_points``.

    Examples
    --------
    >>> points = sobol_normal(4, 10, np.random.default_rng(0))
    >>> points.shape, bool(abs((points**2).mean() - 1) < 0.01)
    ((4, 1024), True)
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    # SciPy renamed the argument `seed` to `rng`; by position it is the fourth in all versions.
    sequence = qmc.Sobol(rank, scramble=True, bits=32, **_seeded(qmc.Sobol, generator))
    uniform = sequence.random_base2(log2_points).T
    return np.asarray(ndtri(np.clip(uniform, _EDGE, 1 - _EDGE)))


def _seeded(factory: object, generator: np.random.Generator) -> dict[str, np.random.Generator]:
    import inspect

    names = inspect.signature(factory).parameters  # type: ignore[arg-type]
    return {"rng" if "rng" in names else "seed": generator}


def base_nodes(
    points: Array, centres: Array, log_weights: Array, size: int
) -> Iterator[tuple[Array, Array]]:
    """Nodes of the base mixture: the same normal points around every centre, in chunks."""
    count = points.shape[1]
    for centre, log_weight in zip(centres, log_weights, strict=True):
        weight = float(np.exp(log_weight)) / count
        for start in range(0, count, size):
            part = points[:, start : start + size] + centre[:, None]
            yield part, np.full(part.shape[1], weight)


def randomized_expectation(
    kernel: ArrayKernel,
    scene: Scene,
    centres: Array,
    log_weights: Array,
    *,
    tolerance: float,
    max_nodes: int,
    seed: int,
) -> RandomizedEstimate:
    """Estimate an expectation with a pilot run and, if that misses the tolerance, a full run.

    Parameters
    ----------
    kernel, scene
        What is integrated.
    centres, log_weights : arrays
        The base mixture in the span's coordinates.
    tolerance : float
        Absolute error wanted, relative to ``max(1, |value|)``.
    max_nodes : int
        Most nodes of the full run.
    seed : int
        Of the scramblings.

    Returns
    -------
    RandomizedEstimate
        Its error bar has confidence `CONFIDENCE` for each entry.
    """
    generator = np.random.default_rng(seed)
    per_run = max(1, max_nodes // (RANDOMIZATIONS * len(centres)))
    largest = max(2, per_run.bit_length() - 1)
    estimate = _estimate(kernel, scene, centres, log_weights, min(_PILOT, largest), generator)
    met = bool((estimate.error <= tolerance * np.maximum(1, np.abs(estimate.value))).all())
    if met or largest <= _PILOT:
        return estimate
    return _estimate(kernel, scene, centres, log_weights, largest, generator)


def _estimate(
    kernel: ArrayKernel,
    scene: Scene,
    centres: Array,
    log_weights: Array,
    log2_points: int,
    generator: np.random.Generator,
) -> RandomizedEstimate:
    from scipy.special import stdtrit

    runs: list[Array] = []
    nodes = 0
    for _ in range(RANDOMIZATIONS):
        points = sobol_normal(scene.rank, log2_points, generator)
        chunks = base_nodes(points, centres, log_weights, kernel.chunk)
        total = weighted_sums([kernel], scene, chunks)[0]
        runs.append(total.value)
        nodes += total.nodes
    values = np.stack(runs)
    quantile = float(stdtrit(RANDOMIZATIONS - 1, 0.5 + CONFIDENCE / 2))
    error = quantile * values.std(axis=0, ddof=1) / np.sqrt(RANDOMIZATIONS)
    return RandomizedEstimate(values.mean(axis=0), np.asarray(error), nodes)


def fixed_nodes(
    rank: int, centres: int, max_nodes: int, seed: int, randomizations: int
) -> Sequence[Array]:
    """Normal points of a few randomizations, drawn once for a whole descent."""
    per_run = max(4, max_nodes // (randomizations * centres))
    generator = np.random.default_rng(seed)
    log2_points = per_run.bit_length() - 1
    return [sobol_normal(rank, log2_points, generator) for _ in range(randomizations)]
