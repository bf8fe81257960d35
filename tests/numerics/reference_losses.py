"""Losses typed from their definitions, integrated over all d coordinates without any reduction.

Scores come from the densities (``s = sum_j psi_j (mu_j - x)``), points are in the user's
coordinates, and the rule is composite Gauss-Legendre, so nothing here is shared with the production
code. The means may be complex: the losses are analytic in them, and the complex step gives
derivatives without cancellation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def density_and_score(x: Array, means: Array, weights: Array) -> tuple[Array, Array]:
    """Density and score of a mixture at points ``(N, d)``; means ``(n, d)`` may be complex."""
    gaps = means[:, None, :] - x[None, :, :]
    logs = np.log(weights)[:, None] - (gaps**2).sum(-1) / 2
    top = logs.real.max(axis=0)
    terms = np.exp(logs - top)
    total = terms.sum(axis=0)
    density = np.exp(top) * total / (2 * np.pi) ** (x.shape[1] / 2)
    return density, np.einsum("jn,jna->na", terms / total, gaps)


def log_density(x: Array, means: Array, weights: Array) -> Array:
    gaps = means[:, None, :] - x[None, :, :]
    logs = np.log(weights)[:, None] - (gaps**2).sum(-1) / 2
    top = logs.real.max(axis=0)
    total = np.exp(logs - top).sum(axis=0)
    return np.asarray(top + np.log(total) - x.shape[1] / 2 * np.log(2 * np.pi))


def integrand(
    objective: str, x: Array, means: Array, weights: Array, theta: Array, rho: Array
) -> Array:
    p, student = density_and_score(x, means, weights)
    t, teacher = density_and_score(x, theta, rho)
    if objective == "kl":
        return np.asarray(t * (log_density(x, theta, rho) - log_density(x, means, weights)))
    square = ((student - teacher) ** 2).sum(-1)
    return np.asarray(square * (t if objective == "forward" else p))


def panel_rule(low: float, high: float, panels: int, order: int = 16) -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(order)
    edges = np.linspace(low, high, panels + 1)
    half = (edges[1] - edges[0]) / 2
    centres = (edges[:-1] + edges[1:]) / 2
    return (centres[:, None] + half * nodes).ravel(), np.tile(half * weights, panels)


def loss(
    objective: str,
    means: Any,
    weights: Sequence[float] | None = None,
    theta: Any = None,
    rho: Sequence[float] | None = None,
    panels: int = 12,
) -> complex:
    """The loss by a product rule over all coordinates."""
    v = np.atleast_2d(np.asarray(means))
    n, d = v.shape
    w = np.full(n, 1 / n) if weights is None else np.asarray(weights)
    t = np.zeros((1, d)) if theta is None else np.atleast_2d(np.asarray(theta, dtype=float))
    r = np.full(len(t), 1 / len(t)) if rho is None else np.asarray(rho)
    everything = np.concatenate([v.real, t])
    axes = [
        panel_rule(everything[:, a].min() - 9, everything[:, a].max() + 9, panels) for a in range(d)
    ]
    grids = np.meshgrid(*[nodes for nodes, _ in axes], indexing="ij")
    x = np.stack([grid.ravel() for grid in grids], axis=1)
    weight = np.ones(1)
    for _, own in axes:
        weight = np.multiply.outer(weight, own).ravel()
    total = sum(
        (integrand(objective, x[part], v, w, t, r) * weight[part]).sum()
        for part in np.array_split(np.arange(len(x)), max(1, len(x) // 20_000))
    )
    return complex(total)


def partial(objective: str, means: Any, index: tuple[int, int], *args: Any, **kwargs: Any) -> float:
    """One entry of the gradient by the complex step (exact to rounding)."""
    step = 1e-30
    shifted = np.asarray(means, dtype=complex).copy()
    shifted[index] += 1j * step
    return loss(objective, shifted, *args, **kwargs).imag / step


def gradient(objective: str, means: Any, *args: Any, **kwargs: Any) -> Array:
    """Gradient by the complex step."""
    result = np.zeros(np.shape(means))
    for index in np.ndindex(*result.shape):
        result[index] = partial(objective, means, index, *args, **kwargs)
    return result


def second(
    objective: str,
    means: Any,
    left: tuple[int, int],
    right: tuple[int, int],
    *args: Any,
    **kwargs: Any,
) -> float:
    """One entry of the Hessian: fourth-order differences of a complex-step derivative."""
    h = 2e-3
    total = 0.0
    for factor, coefficient in ((1, 8.0), (-1, -8.0), (2, -1.0), (-2, 1.0)):
        shifted = np.array(means, dtype=float)
        shifted[left] += factor * h
        total += coefficient * partial(objective, shifted, right, *args, **kwargs)
    return total / (12 * h)


def hessian(objective: str, means: Any, *args: Any, **kwargs: Any) -> Array:
    """Hessian, entry by entry (symmetric by construction)."""
    indices = list(np.ndindex(*np.shape(means)))
    result = np.zeros((len(indices), len(indices)))
    for i, left in enumerate(indices):
        for k in range(i + 1):
            result[i, k] = result[k, i] = second(
                objective, means, left, indices[k], *args, **kwargs
            )
    return result


def loss_mp(objective: str, means: Any, weights: Any, theta: Any, rho: Any) -> Any:
    """One-dimensional loss with `mpmath.quad`, at the current precision."""
    v, w = [mpmath.mpf(x) for x in means], [mpmath.mpf(x) for x in weights]
    t, r = [mpmath.mpf(x) for x in theta], [mpmath.mpf(x) for x in rho]

    def density(x: Any, centres: Any, shares: Any) -> Any:
        return sum(s * mpmath.npdf(x, c, 1) for c, s in zip(centres, shares, strict=True))

    def score(x: Any, centres: Any, shares: Any) -> Any:
        slope = sum(
            s * (c - x) * mpmath.npdf(x, c, 1) for c, s in zip(centres, shares, strict=True)
        )
        return slope / density(x, centres, shares)

    def function(x: Any) -> Any:
        if objective == "kl":
            return density(x, t, r) * mpmath.log(density(x, t, r) / density(x, v, w))
        base = density(x, t, r) if objective == "forward" else density(x, v, w)
        return base * (score(x, v, w) - score(x, t, r)) ** 2

    reach = mpmath.sqrt(2 * mpmath.log(10) * (mpmath.mp.dps + 5)) + 1
    low, high = min([*v, *t]) - reach, max([*v, *t]) + reach
    points = mpmath.linspace(low, high, 7)
    return mpmath.quad(function, points)


def gradient_mp(objective: str, means: Any, weights: Any, theta: Any, rho: Any) -> list[Any]:
    """Gradient of `loss_mp` by `mpmath.diff`."""

    def derivative(index: int) -> Any:
        def along(value: Any) -> Any:
            moved = [value if k == index else mpmath.mpf(m) for k, m in enumerate(means)]
            return loss_mp(objective, moved, weights, theta, rho)

        return mpmath.diff(along, mpmath.mpf(means[index]))

    return [derivative(index) for index in range(len(means))]


def monte_carlo(
    objective: str, means: Any, weights: Any, theta: Any, rho: Any, samples: int, seed: int
) -> tuple[float, float]:
    """Mean and standard error of the loss's integrand, sampled from its base in d dimensions."""
    generator = np.random.default_rng(seed)
    v, t = np.asarray(means, dtype=float), np.asarray(theta, dtype=float)
    w, r = np.asarray(weights, dtype=float), np.asarray(rho, dtype=float)
    centres, shares = (v, w) if objective == "reverse" else (t, r)
    picked = generator.choice(len(shares), size=samples, p=shares)
    x = centres[picked] + generator.standard_normal((samples, v.shape[1]))
    if objective == "kl":
        values = log_density(x, t, r) - log_density(x, v, w)
    else:
        student, teacher = density_and_score(x, v, w)[1], density_and_score(x, t, r)[1]
        values = ((student - teacher) ** 2).sum(-1)
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(samples))
