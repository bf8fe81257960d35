"""Float64 gradient descent: steps per second against a hand-written NumPy loop and numba.

Up to rank 3 the loops get the largest of the library's own grids and keep it (the library plans
anew when the spread has changed); above, as many samples as the library has. Rates are those of
further steps: setting a run up and compiling are not counted, and compiling has a column of its
own.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from benchmarks.measure import measure

SIZES = ((2, 1), (3, 2), (8, 4), (32, 16))
#: Steps of the shorter of two runs; the longer has three times as many.
STEPS = {(2, 1): 2000, (3, 2): 300, (8, 4): 60, (32, 16): 20}
#: Of the library's compiled loop, which takes over in runs of 10,000 steps and more.
COMPILED_STEPS = {(2, 1): 40_000, (3, 2): 10_000}
ROUNDS = 3
STEP_SIZE = 0.05

Case = tuple[Callable[[], Any], Callable[[Any], Any]]
Descend = Callable[[int], Any]


def initial_means(n: int, d: int) -> Any:
    """Reproducible means at distance about two from the truth."""
    import numpy as np

    generator = np.random.default_rng(7)
    centre = np.full(d, 2 / d**0.5)
    return centre + 0.3 * generator.standard_normal((n, d))


def library(n: int, d: int) -> Descend:
    """``numerics.descent.run.descend`` on float64, without the extra ``fast``."""
    from numerics.kernels import numba_loop as compiled

    compiled.available = lambda: False
    return library_fast(n, d)


def library_fast(n: int, d: int) -> Descend:
    """``numerics.descent.run.descend`` on float64, compiled where it can be."""
    from numerics.descent.run import descend

    means = initial_means(n, d).tolist()
    return lambda steps: descend("forward", means, step_size=str(STEP_SIZE), steps=steps).means


def nodes_and_weights(n: int, d: int) -> Any:
    """Nodes for the hand-written loops: a grid of the library's (rank <= 3) or normal samples."""
    import numpy as np

    from numerics.evaluation.evaluator import Evaluator
    from numerics.evaluation.float_engine import RANDOM_NODES

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


def numpy_loop(n: int, d: int) -> Descend:
    """A careful user's NumPy loop: matrix products over fixed nodes, no array beyond nodes x n."""
    import numpy as np

    points, weights = nodes_and_weights(n, d)
    start = initial_means(n, d)

    def run(steps: int) -> Any:
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

    return run


def numba_loop(n: int, d: int) -> Descend:  # noqa: C901 - numba wants plain loops
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

    return lambda steps: descend(start.copy(), points, weights, steps, STEP_SIZE)


ENGINES = {
    "library": library,
    "library, extra fast": library_fast,
    "NumPy loop": numpy_loop,
    "numba loop": numba_loop,
}


def rate(engine: str, n: int, d: int, steps: int) -> Case:
    """Seconds of a further step: short and long runs in turn, the best of each."""
    start = time.perf_counter()
    descend = ENGINES[engine](n, d)
    descend(steps)
    first = time.perf_counter() - start
    best = {steps: math.inf, 3 * steps: math.inf}

    def run() -> Any:
        for _ in range(ROUNDS):
            for count in best:
                start = time.perf_counter()
                means = descend(count)
                best[count] = min(best[count], time.perf_counter() - start)
        return means

    def report(means: Any) -> Any:
        each = (best[3 * steps] - best[steps]) / (2 * steps)
        return {
            "seconds_per_step": each,
            "first_run_excess": max(0.0, first - best[steps]),
            "means": means[:2].tolist(),
        }

    return run, report


def table(quick: bool = False) -> list[dict[str, Any]]:
    """Steps per second of each engine and size."""
    rows = []
    for n, d in SIZES[:2] if quick else SIZES:
        for engine in ENGINES:
            steps = STEPS[n, d]
            if engine == "library, extra fast":
                steps = COMPILED_STEPS.get((n, d), 0)
            if steps:
                rows.append({"engine": engine, "n": n, "d": d, **_row(engine, n, d, steps)})
    return rows


def _row(engine: str, n: int, d: int, steps: int) -> dict[str, Any]:
    try:
        found = measure("benchmarks.descent:rate", engine, n, d, steps, limit=180.0)
    except RuntimeError as error:
        if "No module named 'numba'" not in str(error):
            raise
        return {"steps_per_second": None, "missing": "not installed"}
    if found.result is None:
        return {"steps_per_second": None, "missing": "not within 180 s"}
    return {
        "steps_per_second": 1 / found.result["seconds_per_step"],
        "first_run_excess": found.result["first_run_excess"],
        "megabytes": round(found.megabytes, 1),
    }
