r"""Gradients of many small mixtures at once, in float64: for frequencies over random starts.

Uniform weights, teacher ``N(0, I)``, objectives whose expectation is over the teacher. The kernel
is the derived program, written out entry by entry (`numerics.kernels.numba_loop`) and run on arrays
with one row per mixture and one column per node.

Three reductions make far starts cheap:

- a component whose responsibility times the teacher's density is below ``e^-24`` of the density's
  maximum everywhere is left out (*inactive*): its gradient, and its part in the others', is
  invisible at the accuracy of the quadrature;
- differences of the ``m`` active means span at most ``min(m - 1, d)`` dimensions, in coordinates of
  which the integral is taken, whatever ``d`` is;
- nodes follow the largest distance ``D`` between active means: trapezoid spacing
  ``min(1, 1 / D)`` times ``resolution``. Responsibilities have their poles at distance
  ``pi / D`` from the real line, so the quadrature error, relative to the largest entry, is some
  hundred times ``exp(-2 pi^2 / resolution)``: below 1e-4 at 1, 1e-7 at 1/2 (the tests measure).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.errors import InputError
from numerics.kernels import load_program
from numerics.kernels.handle import written
from numerics.kernels.numba_loop import scalar_statements

Array = npt.NDArray[np.float64]

#: Radius of the nodes about the teacher; the Gaussian leaves e^-18 outside 6.
RADIUS = 6.0
#: Minus the logarithm of what is invisible.
INVISIBLE = 24.0
#: Distance from the truth of the hyperplane between two components beyond which one is invisible.
REACH = math.sqrt(2 * INVISIBLE)
_SPACING = 1.0
_WIDEST_SPACING = 1.0
_CHUNK = 1 << 11  # numbers in one array: all arrays of a chunk fit the cache
_EMPTY = 1e-300


class EnsembleGradient:
    """Gradients at a batch of means.

    Parameters
    ----------
    objective : str
        ``"forward"`` or ``"kl"``.
    resolution : float
        Multiplies the spacing of nodes; half of it squares the quadrature error.

    Raises
    ------
    InputError
        For an objective whose expectation is not over the teacher.

    Examples
    --------
    >>> from numerics.evaluation.evaluator import Evaluator
    >>> means = np.array([[[0.5, 0.0], [2.0, 1.0]], [[100.0, 0.0], [0.0, 1.0]]])
    >>> ours = EnsembleGradient("forward")(means)
    >>> one = Evaluator("forward", ("gradient",), n=2, dimension=2)
    >>> bool(max(np.abs(g - one(v)["gradient"]).max() for g, v in zip(ours, means)) < 1e-4)
    True
    """

    def __init__(self, objective: str, resolution: float = 1.0) -> None:
        self.program = load_program(objective, "gradient")
        if self.program.base != "teacher":
            raise InputError("objective", objective, "one whose expectation is over the teacher")
        self.resolution = resolution

    def __call__(self, means: Array) -> Array:
        """Gradient at means of shape ``(B, n, d)``."""
        result = np.zeros_like(means)
        active = active_components(means)
        counts = active.sum(axis=1)
        for count in np.unique(counts):
            rows = np.flatnonzero(counts == count)
            columns = np.nonzero(active[rows])[1].reshape(len(rows), count)
            chosen = means[rows[:, None], columns]
            result[rows[:, None], columns] = self._of_active(chosen)
        return result

    def _of_active(self, means: Array) -> Array:
        """Gradient where all components are active: by classes of like spread."""
        result = np.empty_like(means)
        spreads = _spreads(means)
        # classes within a factor of 1.25 share a grid
        classes = np.ceil(np.log(np.maximum(spreads, 1e-9)) / math.log(1.25)).astype(int)
        for label in np.unique(classes):
            rows = np.flatnonzero(classes == label)
            result[rows] = self._at_spread(means[rows], float(spreads[rows].max()))
        return result

    def _at_spread(self, means: Array, spread: float) -> Array:
        batch, n, dimension = means.shape
        rank = min(n - 1, dimension)
        axes = _axes(means, rank)
        rows = means @ axes.transpose(0, 2, 1)
        points, weights = nodes(rank, spread, self.resolution)
        kernel = batch_kernel(self.program, n, axes.shape[1], rank)
        size = max(1, _CHUNK // len(weights))
        result = np.empty_like(rows)
        for start in range(0, batch, size):
            result[start : start + size] = kernel(rows[start : start + size], points, weights)
        return np.asarray(result @ axes)


def active_components(means: Array) -> npt.NDArray[np.bool_]:
    """Return which components are visible near the teacher, shape ``(B, n)``.

    Beside the nearest mean ``v``, the responsibility at ``x`` of one with ``u = v_k - v`` and
    ``gap = (|v_k|^2 - |v|^2)/2`` is at most ``min(1, exp(x.u - gap))``. Times
    ``exp(-|x|^2/2)`` that is largest on the line along ``u``: ``exp(-(gap/|u|)^2/2)`` if
    ``gap < |u|^2``, else ``exp(|u|^2/2 - gap)``.

    Examples
    --------
    >>> active_components(np.array([[[0.0], [3.0], [60.0]]])).tolist()
    [[True, True, False]]
    """
    squares = np.einsum("bja,bja->bj", means, means)
    nearest = squares.argmin(axis=1)
    rows = np.arange(len(means))
    reference = means[rows, nearest]
    distances = np.linalg.norm(means - reference[:, None], axis=2)
    gap = (squares - squares[rows, nearest][:, None]) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        split = np.where(distances > 0, gap / distances, 0.0)
    exponent = np.where(split < distances, split**2 / 2, gap - distances**2 / 2)
    return np.asarray(exponent <= INVISIBLE)


@lru_cache(maxsize=256)
def nodes(rank: int, spread: float, resolution: float = 1.0) -> tuple[Array, Array]:
    """Nodes ``(N, rank)`` and weights of the standard Gaussian in ``rank`` dimensions.

    Examples
    --------
    >>> points, weights = nodes(2, 3.0)
    >>> round(float(weights.sum()), 6), round(float(weights @ points[:, 0] ** 2), 5)
    (1.0, 1.0)
    """
    if rank == 0:
        return np.zeros((1, 0)), np.ones(1)
    spacing = resolution * min(_WIDEST_SPACING, _SPACING / max(spread, _EMPTY))
    count = math.ceil(RADIUS / spacing)
    line = spacing * np.arange(-count, count + 1)
    points = np.array(list(product(line, repeat=rank)))
    squares = (points**2).sum(axis=1)
    kept = squares <= RADIUS**2
    weights = np.exp(-squares[kept] / 2) * (spacing / math.sqrt(2 * math.pi)) ** rank
    return points[kept], weights


@lru_cache(maxsize=64)
def batch_kernel(
    program: Any, n: int, coordinates: int, rank: int
) -> Callable[[Array, Array, Array], Array]:
    """Compile ``kernel(means (B, n, coordinates), points (N, rank), weights (N,))``."""
    source = "\n".join(_source(program, n, coordinates, rank))
    kernel: Callable[[Array, Array, Array], Array] = written(
        source,
        f"batch kernel {program.name}",
        empty=np.empty,
        exp=np.exp,
        maximum=np.maximum,
        take=np.take_along_axis,
    )["kernel"]
    return kernel


def _source(program: Any, n: int, coordinates: int, rank: int) -> Iterator[str]:
    """Lines of the kernel; every variable is an array (B, N), or (B, 1) for means."""
    components = range(n)
    yield "def kernel(means, points, weights):"
    yield "    squares = (means * means).sum(axis=2)"
    yield "    nearest = squares.argmin(axis=1)[:, None]"
    for a in range(coordinates):
        yield f"    column = means[:, :, {a}]"
        yield f"    v_anchor_{a} = take(column, nearest, 1)"
        for j in components:
            yield f"    v_{j}_{a} = column[:, {j}, None]"
            yield f"    v_shifted_{j}_{a} = v_{j}_{a} - v_anchor_{a}"
    for j in components:
        shifts = [f"v_shifted_{j}_{a}*(v_{j}_{a} + v_anchor_{a})" for a in range(coordinates)]
        yield f"    l_{j} = -({' + '.join(shifts)})/2"
        for a in range(rank):
            yield f"    l_{j} = l_{j} + v_shifted_{j}_{a}*points[:, {a}]"
    yield "    top = l_0"
    for j in components[1:]:
        yield f"    top = maximum(top, l_{j})"
    for j in components:
        yield f"    p_{j} = exp(l_{j} - top)"
    yield f"    total = {' + '.join(f'p_{j}' for j in components)}"
    for j in components:
        yield f"    psi_{j} = p_{j}/total"
    for statement in scalar_statements(program, n, coordinates):
        yield f"    {statement}"
    yield "    result = empty(means.shape)"
    for j, a in product(components, range(coordinates)):
        yield f"    result[:, {j}, {a}] = (output_{j}_{a} * weights).sum(axis=-1)"
    yield "    return result"


def _spreads(means: Array) -> Array:
    """Largest distance between two means of each mixture."""
    differences = means[:, :, None] - means[:, None, :]
    return np.asarray(np.sqrt((differences**2).sum(axis=-1).max(axis=(1, 2))))


def _axes(means: Array, rank: int) -> Array:
    """Axes of the differences, then, if there is room, of what all means have in common."""
    batch, n, dimension = means.shape
    differences = means[:, 1:] - means[:, :1]
    if rank == dimension:
        return np.broadcast_to(np.eye(dimension), (batch, dimension, dimension))
    if n == 1:
        span = np.zeros((batch, 0, dimension))
    else:
        span = np.linalg.svd(differences, full_matrices=False)[2][:, :rank]
    rest = means[:, 0]
    for _ in range(2):
        rest = rest - np.einsum("bra,br->ba", span, np.einsum("bra,ba->br", span, rest))
    length = np.linalg.norm(rest, axis=1, keepdims=True)
    unit = rest / np.maximum(length, _EMPTY)
    return np.concatenate([span, unit[:, None]], axis=1)
