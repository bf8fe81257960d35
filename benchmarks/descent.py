"""Float64 gradient descent: steps per second against a hand-written NumPy loop and numba.

Up to rank 3 the loops get the largest of the library's own grids and keep it (the library plans
anew when the spread has changed); above, as many samples as the library has. Rates are those of
further steps: setting a run up is not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.measure import measure

SIZES = ((2, 1), (3, 2), (8, 4), (32, 16))
STEPS = {(2, 1): 2000, (3, 2): 100, (8, 4): 40, (32, 16): 10}
STEP_SIZE = 0.05

Case = tuple[Callable[[], Any], Callable[[Any], Any]]


def initial_means(n: int, d: int) -> Any:
    """Reproducible means at distance about two from the truth."""
    import numpy as np

    generator = np.random.default_rng(7)
    centre = np.full(d, 2 / d**0.5)
    return centre + 0.3 * generator.standard_normal((n, d))


def library(n: int, d: int, steps: int) -> Case:
    """``numerics.dynamics.descend`` on float64."""
    from numerics.dynamics import descend

    means = initial_means(n, d).tolist()

    def run() -> Any:
        return descend("forward", means, step_size=str(STEP_SIZE), steps=steps)

    return run, lambda result: {"steps": steps, "means": result.means[:2].tolist()}


def nodes_and_weights(n: int, d: int) -> Any:
    """Nodes for the hand-written loops: a grid of the library's (rank <= 3) or normal samples."""
    import numpy as np

    from numerics.evaluator import Evaluator
    from numerics.float_engine import RANDOM_NODES

    if min(n - 1, d) <= 3:
        evaluator = Evaluator("forward", ("gradient",), n=n, dimension=d)
        means, grids = initial_means(n, d), []
        for _ in range(400):
            means = means - STEP_SIZE * evaluator(means)["gradient"]
            grids.append((evaluator.nodes, evaluator.grid))
        grid = max(grids, key=lambda item: item[0])[1]
        assert grid is not None
        chunks = list(grid.chunks(1 << 20, np.float64))
        points = np.concatenate([points for points, _ in chunks], axis=1)
        return np.ascontiguousarray(points.T), np.concatenate([weights for _, weights in chunks])
    points = np.random.default_rng(1).standard_normal((RANDOM_NODES, d))
    return points, np.full(len(points), 1 / len(points))


def numpy_loop(n: int, d: int, steps: int) -> Case:
    """A careful user's NumPy loop: matrix products over fixed nodes, no array beyond nodes x n."""
    import numpy as np

    points, weights = nodes_and_weights(n, d)
    start = initial_means(n, d)

    def run() -> Any:
        v = start.copy()
        for _ in range(steps):
            psi = points @ v.T
            psi -= (v * v).sum(1) / 2
            psi -= psi.max(axis=1, keepdims=True)
            np.exp(psi, out=psi)
            psi /= psi.sum(axis=1, keepdims=True)
            m = psi @ v
            own = m @ v.T  # v_j . m
            square = (m * m).sum(axis=1, keepdims=True)
            weighted = weights[:, None] * psi
            # C w = sum_i psi_i v_i (v_i . w) - m (m . w); sums over nodes before products with v
            second = ((weighted.T @ psi) * (v @ v.T)) @ v
            mixed = (weighted.T @ (psi * own)) @ v
            rest = (weighted * (1 - 2 * own + 3 * square)).T @ m
            v = v - STEP_SIZE * 2 * (rest + second - 2 * mixed)
        return v

    return run, lambda result: {"steps": steps, "means": result[:2].tolist(), "nodes": len(points)}


def numba_loop(n: int, d: int, steps: int) -> Case:  # noqa: C901 - numba wants plain loops
    """The same step compiled by numba, if it is installed."""
    import numba
    import numpy as np

    points, weights = nodes_and_weights(n, d)
    start = initial_means(n, d)

    @numba.njit(cache=False, fastmath=False)
    def descend(v: Any, points: Any, weights: Any, steps: int, eta: float) -> Any:  # noqa: C901
        n, d = v.shape
        psi, own = np.empty(n), np.empty(n)
        m, image = np.empty(d), np.empty(d)
        for _ in range(steps):
            gradient = np.zeros((n, d))
            half = np.empty(n)
            for j in range(n):
                half[j] = (v[j] * v[j]).sum() / 2
            for z in range(points.shape[0]):
                top = -1e300
                for j in range(n):
                    s = -half[j]
                    for a in range(d):
                        s += points[z, a] * v[j, a]
                    psi[j] = s
                    top = max(top, s)
                total = 0.0
                for j in range(n):
                    psi[j] = np.exp(psi[j] - top)
                    total += psi[j]
                m[:] = 0.0
                for j in range(n):
                    psi[j] /= total
                    for a in range(d):
                        m[a] += psi[j] * v[j, a]
                square = 0.0
                for a in range(d):
                    square += m[a] * m[a]
                for j in range(n):
                    own[j] = 0.0
                    for a in range(d):
                        own[j] += v[j, a] * m[a]
                for j in range(n):
                    image[:] = 0.0  # C (v_j - 2 m)
                    for i in range(n):
                        s = -2 * own[i]
                        for a in range(d):
                            s += v[i, a] * v[j, a]
                        for a in range(d):
                            image[a] += psi[i] * s * v[i, a]
                    factor = 2 * weights[z] * psi[j]
                    for a in range(d):
                        image[a] -= m[a] * (own[j] - 2 * square)
                        gradient[j, a] += factor * ((1 - own[j] + square) * m[a] + image[a])
            v -= eta * gradient
        return v

    descend(start.copy(), points, weights, 1, STEP_SIZE)

    def run() -> Any:
        return descend(start.copy(), points, weights, steps, STEP_SIZE)

    return run, lambda result: {"steps": steps, "means": result[:2].tolist()}


def table(quick: bool = False) -> list[dict[str, Any]]:
    """Steps per second of each engine and size."""
    rows = []
    for n, d in SIZES[:2] if quick else SIZES:
        steps = STEPS[n, d]
        for engine in ("library", "numpy_loop", "numba_loop"):
            try:
                case = f"benchmarks.descent:{engine}"
                found = measure(case, n, d, 3 * steps, limit=120.0)
                base = measure(case, n, d, steps, limit=120.0)
            except RuntimeError as error:
                if "No module named 'numba'" not in str(error):
                    raise
                rows.append({"engine": engine, "n": n, "d": d, "steps_per_second": None})
                continue
            rate = None
            if found.seconds and base.seconds:
                rate = 2 * steps / max(found.seconds - base.seconds, 1e-9)
            rows.append(
                {
                    "engine": engine,
                    "n": n,
                    "d": d,
                    "steps_per_second": rate,
                    "megabytes": round(found.megabytes, 1),
                }
            )
    return rows
