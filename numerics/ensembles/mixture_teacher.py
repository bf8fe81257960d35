r"""Descents to one mixture teacher from many starts at once, in float64: for frequencies.

The kernel is the derived program, compiled entry by entry (`numerics.kernels.straight_line`) and
run on arrays with one row per start and one column per node. Under the student the nodes lie about
every component; they are the points of a trapezoid rule in ``d`` dimensions of spacing
``h = min(3/4, 3/(2D))``, ``D`` the largest distance of two means: the responsibilities' poles are
``pi/D`` from the real axis, which leaves a relative error of some ten times ``exp(-2 pi^2/(h D))``
(below 1e-3 for the reverse and 1e-2 for the forward gradient, measured in the tests). A step of
descent is off by that much: far less than the distances that are counted, to means units apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.errors import InputError
from numerics.kernels import load_program
from numerics.kernels.straight_line import compile_kernel

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Distance from a centre beyond which its nodes are left out: the Gaussian leaves e^-14.
RADIUS = 5.3
_COARSEST = 0.75
_CHUNK = 1 << 13  # numbers in one array: larger ones are mapped and unmapped at every operation


@dataclass(frozen=True)
class Ends:
    """Where students end.

    Attributes
    ----------
    first : array of int, B x n
        Teacher mean nearest to each student at the start.
    last : array of int, B x n
        The same at the end.
    distances : array, B x n
        At the end, to the teacher mean nearest *at the start*.
    nearest : array, B x n
        At the end, to the nearest teacher mean.
    """

    first: Ints
    last: Ints
    distances: Array
    nearest: Array


class MixtureEnsemble:
    """Gradients and descents of a batch of students, for one teacher.

    Parameters
    ----------
    objective : {"forward", "reverse", "kl"}
    teacher : array, k x d
        Means; equal weights.
    components : int
        Students; equal weights.

    Examples
    --------
    >>> teacher = np.array([[-3.0], [3.0]])
    >>> ensemble = MixtureEnsemble("reverse", teacher, 2)
    >>> starts = np.array([[[-1.5], [2.0]], [[1.0], [4.0]]])
    >>> ends = ensemble.descend(starts, step_size=0.5, steps=60)
    >>> ends.first.tolist(), (ends.distances < 0.5).all()
    ([[0, 1], [1, 1]], np.True_)
    """

    def __init__(self, objective: str, teacher: Array, components: int) -> None:
        self.teacher, self.n = teacher, components
        self.k, self.d = teacher.shape
        if self.d > 2:
            raise InputError("teacher", f"means in {self.d} dimensions", "one or two dimensions")
        self.program = load_program(objective, "gradient", "mixture")
        self.kernel = compile_kernel([self.program], components, self.d, teachers=self.k)

    def gradient(self, means: Array) -> Array:
        """Gradient at means of shape ``(B, n, d)``."""
        points, weights = self._rule(means)
        centres = means if self.program.base == "student" else self.teacher[None]
        count = centres.shape[1] * len(weights)
        size = max(1, _CHUNK // count)
        result = np.empty_like(means)
        for start in range(0, len(means), size):
            chunk = means[start : start + size]
            own = centres[start : start + size] if len(centres) > 1 else centres
            x = (own[:, :, None, :] + points).reshape(len(own), count, self.d)
            w = np.tile(weights, centres.shape[1]) / centres.shape[1]
            result[start : start + size] = self._sum(chunk, x, w)
        return result

    def descend(
        self,
        means: Array,
        *,
        step_size: float,
        steps: int,
        expired: Callable[[], bool] = lambda: False,
    ) -> Ends:
        """Take gradient steps from starts ``(B, n, d)``; stops early if time has run out."""
        first, _ = self._nearest(means)
        moved = means.copy()
        for _ in range(steps):
            if expired():
                break
            moved -= step_size * self.gradient(moved)
        last, nearest = self._nearest(moved)
        distances = np.linalg.norm(moved - self.teacher[first], axis=2)
        return Ends(first, last, distances, nearest)

    def _nearest(self, means: Array) -> tuple[Ints, Array]:
        gaps = np.linalg.norm(means[:, :, None, :] - self.teacher, axis=3)
        return gaps.argmin(axis=2), gaps.min(axis=2)

    def _rule(self, means: Array) -> tuple[Array, Array]:
        """Nodes and weights of the standard Gaussian, fine enough for the widest student."""
        spans = [np.ptp(means, axis=1).max(initial=0.0), np.ptp(self.teacher, axis=0).max()]
        step = min(_COARSEST, 1.5 / max(*spans, 1e-9))
        count = math.ceil(RADIUS / step)
        line = np.arange(-count, count + 1) * step
        grid = np.stack(np.meshgrid(*[line] * self.d, indexing="ij"), axis=-1).reshape(-1, self.d)
        grid = grid[(grid * grid).sum(axis=1) <= (RADIUS + step) ** 2]
        weights = np.exp(-(grid * grid).sum(axis=1) / 2)
        return grid, weights / weights.sum()

    def _sum(self, means: Array, x: Array, weights: Array) -> Array:
        """Sum the kernel over nodes ``x`` of shape ``(B or 1, N, d)``."""
        psi = _responsibilities(x, means)
        phi = _responsibilities(x, np.broadcast_to(self.teacher, (len(x), *self.teacher.shape)))
        batch = (len(means), x.shape[1])
        v = [[means[:, j, a, None] for a in range(self.d)] for j in range(self.n)]
        shared: tuple[Any, ...] = (
            1.0,
            0.0,
            None,
            float(self.d),
            v,
            [1.0 / self.n] * self.n,
            _ratio,
        )
        shared += (self.teacher.tolist(), [1.0 / self.k] * self.k)
        node = (np.broadcast_to(weights, batch), psi, None, phi, None)
        sums = self.kernel.explicit([node], [0.0 for _ in self.kernel.entries], shared)
        result = np.zeros_like(means)
        for (_, (j, a), coefficient), value in zip(self.kernel.entries, sums, strict=True):
            result[:, j, a] = float(coefficient) * np.broadcast_to(value, batch).sum(axis=1)
        return result


def _ratio(numerator: int, denominator: int) -> float:
    return float(Fraction(numerator, denominator))


def _responsibilities(x: Array, means: Array) -> list[Any]:
    """Softmax of ``-|x - v_j|^2/2``, one array for each component."""
    squares = ((x[:, None, :, :] - means[:, :, None, :]) ** 2).sum(axis=3)
    logits = squares.min(axis=1, keepdims=True) - squares
    terms = np.exp(logits / 2)
    return list(np.moveaxis(terms / terms.sum(axis=1, keepdims=True), 1, 0))


def arrangement(components: int, dimension: int, separation: float) -> Array:
    """Teacher means with neighbours ``separation`` apart: on a line, or a regular polygon.

    Examples
    --------
    >>> arrangement(2, 1, 6.0).tolist()
    [[-3.0], [3.0]]
    >>> corners = arrangement(3, 2, 5.0)
    >>> bool(abs(np.linalg.norm(corners[0] - corners[1]) - 5.0) < 1e-12)
    True
    """
    if dimension == 1 or components == 2:
        line = separation * (np.arange(components) - (components - 1) / 2)
        return np.concatenate([line[:, None], np.zeros((components, dimension - 1))], axis=1)
    angles = 2 * np.pi * np.arange(components) / components
    radius = separation / (2 * np.sin(np.pi / components))
    return np.asarray(radius * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def drawn_from(teacher: Array, components: int, batch: int, seed: Sequence[int]) -> Array:
    """Starts ``(batch, components, d)``: every student an independent draw from the teacher.

    Examples
    --------
    >>> drawn_from(arrangement(2, 1, 6.0), 3, 5, [0]).shape
    (5, 3, 1)
    """
    generator = np.random.default_rng(list(seed))
    picked = generator.integers(len(teacher), size=(batch, components))
    return np.asarray(
        teacher[picked] + generator.standard_normal((batch, components, teacher.shape[1]))
    )
