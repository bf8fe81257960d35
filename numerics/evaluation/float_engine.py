"""Float64 engines of `numerics.Evaluator`: frames, cached grids, fixed random points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from derive.algebra.program import Program
from numerics.errors import InputError
from numerics.evaluation.float_once import MAX_NODES
from numerics.evaluation.result import FloatValues, Setting
from numerics.kernels.arrays import Array, ArrayKernel, log_array
from numerics.kernels.contraction import SummedKernel
from numerics.kernels.expand import expanded
from numerics.kernels.numba_loop import compiled_loop
from numerics.mixtures.frame import to_ambient
from numerics.quadrature.float_grid import ProductGrid, Scene, Sum, pairwise_sum, weighted_sums
from numerics.quadrature.float_plan import Extent, StripBound, plan_grid
from numerics.quadrature.proposals import outlooks
from numerics.quadrature.qmc import (
    Sampler,
    Strata,
    bound_of_unseen,
    fixed_points,
    scatter_factor,
    stratify,
)

#: Nodes per evaluation above rank 3, and the randomizations they are divided among.
RANDOM_NODES = 1 << 14
RANDOMIZATIONS = 8
_MARGIN = 0.1  # by which a plan's box exceeds the means it is made for
_FLOOR = 0.05  # smallest box; below it a plan hardly depends on the means
_CACHED_NODES = 1 << 17
_LEAP_NODES = 1 << 20  # evaluated in one compiled call; some 0.05 s, after which runs may stop
_SUMMED_NODES = 1 << 11  # per chunk of matrix products; more do not run faster
_SUMMED_NUMBERS = 1 << 19  # in one array of a chunk
_EPS = float(np.finfo(np.float64).eps)


class FloatEngine:
    """What the float64 engines share: frame, kernels, scene."""

    def __init__(self, setting: Setting) -> None:
        programs, dimension, rank = setting.programs, setting.dimension, setting.rank
        self.programs = programs
        self.n, self.dimension, self.rank = len(setting.weights), dimension, rank
        self.base = programs[0].base
        self.count = min(rank + 1, dimension)  # axes of the frame
        self.silent = self.count < dimension
        self.rotated = not (rank == dimension or (rank == 0 and dimension == 1))
        self.mixture = setting.teacher is not None
        self.teacher = np.zeros((1, dimension)), np.zeros(1)
        if setting.teacher is not None:
            rows = np.asarray(setting.teacher.means, dtype=np.float64)
            self.teacher = rows, log_array(setting.teacher.weights, np.float64)
        self.columns = [
            self.count + int(self.silent and len(p.output.indices) == 4) for p in programs
        ]
        self.kernels = [
            ArrayKernel(p, self.n, columns, len(self.teacher[0]), dimension, np.float64)
            for p, columns in zip(programs, self.columns, strict=True)
        ]
        self.chunk = min(kernel.chunk for kernel in self.kernels)
        self.heads = frozenset().union(*(kernel.heads for kernel in self.kernels))
        self.log_weights = log_array(setting.weights, np.float64)
        # Whether the base's centres stay where they are from call to call.
        self.fixed = self.base == "teacher" and not (self.mixture and self.rotated)

    def frame(self, means: Array) -> Array:
        """Orthonormal axes: ``rank`` that span the differences, then the constant part."""
        differences = means[1:] - means[0]
        if self.mixture:
            differences = np.concatenate([differences, self.teacher[0][1:] - self.teacher[0][0]])
        if len(differences) == 1:
            axes = _unit(differences[0])[None]
        elif self.rank:
            axes = np.asarray(np.linalg.svd(differences, full_matrices=True)[2])[: self.rank]
        else:
            axes = np.zeros((0, self.dimension))
        if self.count > self.rank:
            rest = means[0] - (means[0] @ axes.T) @ axes
            rest = rest - (rest @ axes.T) @ axes  # twice is enough
            axes = np.concatenate([axes, _orthogonal_unit(rest, axes)[None]])
        return axes

    def scene(self, means: Array) -> tuple[Scene, Array | None]:
        """Round nothing, rotate: the scene and its axes (None: the coordinate axes)."""
        axes = self.frame(means) if self.rotated else None
        rows = means if axes is None else means @ axes.T
        reference = int(np.einsum("ja,ja->j", means, means).argmin())
        differences = means - means[reference]
        if axes is not None:
            differences = differences @ axes[: self.rank].T
        rank = self.rank
        half = 0.0
        if self.count > rank:
            perpendicular = rows[reference, rank:]
            half = float(perpendicular @ perpendicular) / 2
        student = self.base == "student"
        offset = half if student else -half
        differences = differences[:, :rank]
        teacher_means, teacher_log_weights = self.teacher
        teacher_means = teacher_means[:, : self.count] if axes is None else teacher_means @ axes.T
        teacher_span = teacher_means[:, :rank]
        origin = rows[reference, :rank] if student else np.zeros(rank)
        scene = Scene(
            means=rows,
            teacher_means=teacher_means,
            span=differences if student else rows[:, :rank],
            teacher_span=teacher_span - origin,
            origin=origin,
            differences=differences,
            reference=reference,
            log_weights=self.log_weights,
            teacher_log_weights=teacher_log_weights,
            offset=np.asarray(offset),
        )
        return scene, axes

    def finish(
        self, sums: Sequence[Array], axes: Array | None, nodes: int, error: Callable[[], float]
    ) -> FloatValues:
        """Rotate back; the error grows by at most the number of axes."""
        values = []
        for value in sums:
            if axes is not None:
                value = to_ambient(value, axes, silent=self.silent)
            if value.ndim == 4:
                value = value.reshape(self.n * self.dimension, -1)
            values.append(value if value.ndim else value[()])
        scale = self.count if axes is not None else 1
        return FloatValues(tuple(values), lambda: error() * scale, nodes)


def _unit(vector: Array) -> Array:
    """Direction of a vector without underflow; a coordinate axis for the zero vector."""
    largest = np.abs(vector).max(initial=0.0)
    if largest == 0.0:
        return np.asarray(np.eye(len(vector))[0])
    scaled = vector / largest
    return np.asarray(scaled / np.sqrt(scaled @ scaled))


def _orthogonal_unit(vector: Array, axes: Array) -> Array:
    """Direction of a vector orthogonal to the axes; any such direction if it (nearly) vanishes."""
    unit = _unit(vector)
    if np.abs(axes @ unit).max(initial=0.0) < 1e-8 and vector.any():
        return unit
    candidates = np.eye(axes.shape[1]) - axes.T @ axes
    best = candidates[int(np.argmax(np.diag(candidates)))]
    best = best - (best @ axes.T) @ axes
    return _unit(best)


class GridEngine(FloatEngine):
    """Product rule with a grid that is kept while it serves."""

    def __init__(self, setting: Setting, target: float, max_nodes: int | None) -> None:
        super().__init__(setting)
        self.target = target
        self.max_nodes = MAX_NODES if max_nodes is None else max_nodes
        teachers = len(self.teacher[0])
        self.bound = StripBound(self.programs, self.columns, self.n, teachers, self.dimension)
        self.grid: ProductGrid | None = None
        # Lower bounds of: smallest and minus largest coordinates, spreads and minus spreads.
        self.box: Array | None = None
        self.cached: list[tuple[Array, Array]] | None = None
        self.joined: tuple[Array, Array] | None = None  # all cached nodes and weights
        # Range of a mixture teacher's means along the axes of the frame.
        self.expected = np.zeros(self.rank), np.zeros(self.rank)

    def __call__(self, means: Any) -> FloatValues:
        """Evaluate at centred means, ``n x d``."""
        means = np.asarray(means, dtype=np.float64)
        scene, axes = self.scene(means)
        chunks = self.nodes(scene)
        target = self.target
        if self.cached is not None:
            kept = self.cached
            sums, nodes = self._sums(scene, kept), sum(weights.size for _, weights in kept)

            def absolutes() -> list[Array]:
                return [total.absolute for total in weighted_sums(self.kernels, scene, kept)]

        else:
            totals = weighted_sums(self.kernels, scene, chunks)

            def absolutes() -> list[Array]:
                return [total.absolute for total in totals]

            sums, nodes = [total.value for total in totals], totals[0].nodes

        def error() -> float:
            return target + 16 * _EPS * max(float(each.max(initial=0.0)) for each in absolutes())

        return self.finish(sums, axes, nodes, error)

    def descend(self, means: Array, factors: Array, rows: Array, count: int) -> tuple[Array, int]:
        """Take at most ``count`` steps ``means[j] -= factors[j] * gradient[rows[j]]``, compiled.

        None are taken where there is no compiled code (see `numerics.kernels.numba_loop`) or where
        the grid at hand does not serve: an ordinary evaluation then plans the next one.
        """
        covered = self.rank == self.dimension and len(self.programs) == 1 and not self.mixture
        if not covered or self.cached is None:
            return means, 0
        loop = compiled_loop(self.programs[0], self.n, self.dimension)
        if loop is None:
            return means, 0
        if self.joined is None:
            points, weights = zip(*self.cached, strict=True)
            self.joined = np.concatenate(points, axis=1), np.concatenate(weights)
        moved = np.array(means, dtype=np.float64)
        count = min(count, max(1, _LEAP_NODES // self.joined[1].size))
        done = loop(moved, self.box, *self.joined, self.log_weights, factors, rows, count)
        return moved, int(done)

    def _sums(self, scene: Scene, chunks: list[tuple[Array, Array]]) -> list[Array]:
        """Values alone: what a descent needs."""
        parts: list[list[Array]] = [[] for _ in self.kernels]
        for points, weights in chunks:
            inputs = scene.inputs(points, weights, self.heads)
            for part, kernel in zip(parts, self.kernels, strict=True):
                part.append((kernel(inputs) * weights).sum(axis=-1))
        return [pairwise_sum(part) for part in parts]

    def nodes(self, scene: Scene) -> Any:
        """Chunks of nodes; planned anew only if the means have left the box."""
        if self.rank == 0:
            return [(np.zeros((0, 1)), np.ones(1))]
        if not (self.serves(scene.means) and self.covers(scene)):
            self.plan(scene)
        if self.cached is not None:
            return self.cached
        assert self.grid is not None
        grid = self.grid
        if not self.fixed:
            grid = ProductGrid(grid.plans, *scene.base_mixture(self.base))
        return grid.chunks(self.chunk, np.float64)

    def serves(self, rows: Array) -> bool:
        """Whether the grid at hand is valid for these means and not wastefully fine."""
        if self.box is None:
            return False
        smallest, largest = rows.min(axis=0), rows.max(axis=0)
        own = (largest - smallest)[: self.rank]
        return bool((np.concatenate((smallest, -largest, own, -own)) >= self.box).all())

    def covers(self, scene: Scene) -> bool:
        """Whether the teacher's means, in the frame at hand, are where the grid expects them."""
        if not (self.mixture and self.rotated):
            return True
        rows = scene.teacher_means[:, : self.rank]
        low, high = self.expected
        return bool((rows >= low).all() and (rows <= high).all())

    def plan(self, scene: Scene) -> None:
        """Plan for all means of about this size and spread."""
        smallest, largest = scene.means.min(axis=0), scene.means.max(axis=0)
        if not np.isfinite(largest - smallest).all():
            raise InputError("means", "means that are not finite", "finite means")
        size = np.maximum(np.abs(smallest), np.abs(largest))
        r = self.rank
        spread = (largest - smallest)[:r] * (1 + _MARGIN) + _FLOOR
        bound = size * (1 + _MARGIN) + _FLOOR
        # Base "student": points count from one of the means, so centres lie within the spread.
        student = self.base == "student"
        low, high = self.expected = self.teacher_range(scene)
        teacher_radius = float(np.sqrt((self.teacher[0] ** 2).sum(axis=1)).max())
        centres = (-spread, spread) if student else (low, high)
        norm = np.linalg.norm
        extent = Extent(
            means=bound,
            teacher_means=np.full_like(bound, teacher_radius),
            student_spreads=tuple(map(float, spread)),
            teacher_spreads=tuple(map(float, high - low)),
            student_radius=float(norm(spread if student else bound[:r])),
            teacher_radius=teacher_radius + (float(norm(bound[:r])) if student else 0.0),
            centre_radius=float(norm(spread)) if student else teacher_radius,
            origin_radius=float(norm(bound[:r])) if student else 0.0,
            offset=float(bound[r:] @ bound[r:]) / 2,
            low=tuple(map(float, centres[0])),
            high=tuple(map(float, centres[1])),
        )
        grid = plan_grid(self.bound, extent, *scene.base_mixture(self.base), self.target)
        grid.check(self.max_nodes)
        # The plan depends on the means' size (weakly), not on where they are.
        self.box = np.concatenate((-bound, -bound, spread / 2 - _FLOOR, -spread))
        self.grid, self.cached, self.joined = grid, None, None
        if self.fixed and grid.predicted_nodes() <= _CACHED_NODES:
            self.cached = list(grid.chunks(self.chunk, np.float64))

    def teacher_range(self, scene: Scene) -> tuple[Array, Array]:
        """Range of the teacher's means along the axes; with a margin where a frame may turn."""
        rows = scene.teacher_means[:, : self.rank]
        low, high = rows.min(axis=0), rows.max(axis=0)
        margin = (_MARGIN * (high - low) + _FLOOR) if self.mixture and self.rotated else 0.0
        return low - margin, high + margin


class RandomEngine(FloatEngine):
    """Quasi-Monte Carlo with points drawn once (common random numbers along a descent)."""

    def __init__(self, setting: Setting, max_nodes: int | None, seed: int) -> None:
        super().__init__(setting)
        total = RANDOM_NODES if max_nodes is None else max_nodes
        self.points = fixed_points(self.rank, total, seed, RANDOMIZATIONS)
        # Second moments as differences cost some rounding, far below the sampling error.
        self.summed = [
            SummedKernel(program, self.n, self.count, self.dimension)
            if not self.mixture and expanded(program)
            else None
            for program in self.programs
        ]
        if all(self.summed):
            self.chunk = max(256, min(_SUMMED_NODES, _SUMMED_NUMBERS // self.n))
        self.factor = scatter_factor(RANDOMIZATIONS)

    def __call__(self, means: Any) -> FloatValues:
        """Evaluate at centred means, ``n x d``."""
        scene, axes = self.scene(np.asarray(means, dtype=np.float64))
        strata = self._strata(scene, self.programs[0])
        sampler = Sampler(self.kernels, scene, strata, self.chunk)
        nodes = 0
        runs: list[list[Array]] = []
        for points in self.points:
            totals = self._run(scene, sampler.nodes(points))
            runs.append(sampler.finish([total.value for total in totals]))
            nodes += totals[0].nodes
        each = [np.stack(values) for values in zip(*runs, strict=True)]

        def error() -> float:
            worst = 0.0
            for program, kernel, values in zip(self.programs, self.kernels, each, strict=True):
                scatter = self.factor * values.std(axis=0, ddof=1)
                # The same blocks again, now with the bounds of this kernel.
                own = self._strata(scene, program, kernel)
                unseen = bound_of_unseen(own, kernel.shape, RANDOMIZATIONS)
                worst = max(worst, float((scatter + unseen).max(initial=0.0)))
            return worst

        return self.finish([values.mean(axis=0) for values in each], axes, nodes, error)

    def _strata(
        self, scene: Scene, program: Program, kernel: ArrayKernel | None = None
    ) -> list[Strata]:
        """Blocks of equal size, the same for all kernels of the engine."""
        logarithm = any(each.log_degree for each in self.programs)
        views = outlooks(program, scene, kernel, logarithm=logarithm)
        return stratify(views, self.points[0].shape[1], even=True)

    def _run(self, scene: Scene, chunks: list[tuple[Array, Array]]) -> list[Sum]:
        """One randomization: matrix products where a kernel allows them."""
        if not all(self.summed):
            return weighted_sums(self.kernels, scene, chunks)
        heads = frozenset().union(*(kernel.heads for kernel in self.summed if kernel))
        totals: list[Array] = [np.zeros(()) for _ in self.summed]
        for points, weights in chunks:
            inputs = scene.inputs(points, weights, heads)
            for i, kernel in enumerate(self.summed):
                assert kernel is not None
                totals[i] = totals[i] + kernel(inputs, weights)
        nodes = sum(weights.size for _, weights in chunks)
        return [Sum(total, np.abs(total), nodes) for total in totals]
