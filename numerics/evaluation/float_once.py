"""Float64 expectations of one kernel: rounding of the exact problem, rule, and error estimate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from derive.algebra.program import Base, Program
from numerics.kernels.arrays import (
    Array,
    ArrayKernel,
    FloatType,
    log_array,
    lower_dtype,
    to_array,
    wide_dtype,
)
from numerics.kernels.handle import reads_logarithm
from numerics.mixtures.problem import Frame, Problem
from numerics.numbers.exact import Vector, dot, subtract
from numerics.quadrature.float_grid import ProductGrid, ProductGrids, Scene, Sum, weighted_sums
from numerics.quadrature.float_plan import Extent, StripBound, plan_grid
from numerics.quadrature.qmc import Estimate, randomized_expectation

#: Default limits on nodes: of product rules, and of quasi-Monte Carlo (rank above three).
MAX_NODES = 20_000_000
MAX_RANDOM_NODES = 1 << 20
#: Highest rank integrated by a product rule.
PRODUCT_RANK = 3
# Numbers computed: up to the first limit the wide type is used at once (it takes a second at most),
# up to the second one if double precision misses the tolerance (half a minute at most).
_WIDE_AT_ONCE = 1e7
_WIDE_AT_MOST = 5e8
_DISCRETISATION_SHARE = 1 / 16  # of the tolerance
_WINDOWS_FROM = 100_000  # nodes; smaller grids are summed before windows are planned
_SAFETY = 8.0  # on the measured rounding error


def axes_array(frame: Frame, dtype: FloatType) -> Array:
    """Return the orthonormal axes, ``s x d``.

    Examples
    --------
    >>> from fractions import Fraction
    >>> axes_array(Frame(((Fraction(1), Fraction(1)),), 1, 2), np.float64).round(3)
    array([[0.707, 0.707]])
    """
    if not frame.axes:
        return np.zeros((0, frame.dimension), dtype=dtype)
    rows = to_array(frame.axes, dtype)
    lengths = np.sqrt(to_array(frame.squared_lengths, dtype))
    return np.asarray(rows / lengths[:, None])


def _coordinates(rows: Sequence[Vector], frame: Frame, dtype: FloatType) -> Array:
    """Orthonormal frame coordinates of exact vectors, each rounded (almost) once."""
    if not frame.axes:
        return np.zeros((len(rows), 0), dtype=dtype)
    coefficients = to_array([frame.project(row) for row in rows], dtype)
    return np.asarray(coefficients * np.sqrt(to_array(frame.squared_lengths, dtype)))


def build_scene(problem: Problem, base: Base, dtype: FloatType) -> Scene:
    """Round an exact problem to frame coordinates.

    Raises
    ------
    InputError
        If a mean is too large for floats.

    Examples
    --------
    >>> scene = build_scene(Problem.from_user([[0, 1], [3, 1]]), "teacher", np.float64)
    >>> scene.means.tolist(), scene.rank, float(scene.offset)
    ([[0.0, 1.0], [3.0, 1.0]], 1, -0.5)
    """
    frame = problem.frame
    to_array(problem.means, np.float64)  # refuses means beyond the range
    to_array(problem.teacher.means, np.float64, "teacher")
    nearest = min(range(problem.n), key=lambda j: dot(problem.means[j], problem.means[j]))
    origin = problem.teacher.means[0] if base == "teacher" else problem.means[nearest]
    rank = frame.rank

    def span(rows: Sequence[Vector], start: Vector) -> Array:
        differences = [subtract(row, start) for row in rows]
        return _coordinates(differences, frame, dtype)[:, :rank]

    means = _coordinates(problem.means, frame, dtype)
    perpendicular = means[0, rank:]
    offset = (perpendicular * perpendicular).sum() / 2
    return Scene(
        means=means,
        teacher_means=_coordinates(problem.teacher.means, frame, dtype),
        span=span(problem.means, origin),
        teacher_span=span(problem.teacher.means, origin),
        origin=_coordinates([origin], frame, dtype)[0, :rank],
        differences=span(problem.means, problem.means[nearest]),
        reference=nearest,
        log_weights=log_array(problem.weights, dtype),
        teacher_log_weights=log_array(problem.teacher.weights, dtype),
        offset=np.asarray(-offset if base == "teacher" else offset, dtype=dtype),
    )


def frame_expectation(
    program: Program, problem: Problem, digits: int, max_nodes: int | None, seed: int
) -> Estimate:
    """Expectation of a kernel in frame coordinates (plus a silent axis if there is one).

    Raises
    ------
    NodeLimitError
        If the product rule needs more than ``max_nodes`` nodes.
    InputError
        If a mean is too large for floats.
    """
    tolerance = 10.0**-digits
    if problem.rank > PRODUCT_RANK:
        return _randomized(program, problem, tolerance, max_nodes or MAX_RANDOM_NODES, seed)
    if problem.rank == 0:
        return _at_a_point(program, problem)
    target = tolerance * _DISCRETISATION_SHARE
    scene = build_scene(problem, program.base, wide_dtype())
    grid = _grid(program, problem, scene, target)
    grid.check(MAX_NODES if max_nodes is None else max_nodes)
    return _measured(program, problem, grid, target, tolerance)


def _at_a_point(program: Program, problem: Problem) -> Estimate:
    """Value where all means coincide: the integrand is constant, rounding is the only error."""
    runs = []
    for dtype in (wide_dtype(), lower_dtype(wide_dtype())):
        point = [(np.zeros((0, 1), dtype=dtype), np.ones(1, dtype=dtype))]
        scene = build_scene(problem, program.base, dtype)
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            runs.append(weighted_sums([make_kernel(program, problem, dtype)], scene, point)[0])
    high, low = runs
    eps = np.finfo(wide_dtype()).eps
    error = rounding_error(high, low, wide_dtype()) + 32 * eps * high.absolute
    if reads_logarithm([program]):
        # The logarithm of the sum of the weights is 0, and their logarithms are not.
        logs = 1 + abs(log_array(problem.weights, wide_dtype())).max()
        error = error + 32 * eps * logs
    return Estimate(high.value, error, 1)


def _measured(
    program: Program,
    problem: Problem,
    grid: ProductGrid | ProductGrids,
    target: float,
    tolerance: float,
) -> Estimate:
    """Sum in the cheapest type that meets the tolerance, and in the next narrower one."""
    wide = wide_dtype()
    work = grid.predicted_nodes() * make_kernel(program, problem, wide).cost
    double = _run(program, problem, grid, np.float64)
    if wide is np.float64 or work > _WIDE_AT_ONCE:
        error = target + rounding_error(
            double, _run(program, problem, grid, np.float32), np.float64
        )
        # Rotating to the user's axes adds up the errors of up to as many entries as there are axes.
        share = 0.8 * tolerance / max(1, len(problem.frame.axes))
        met = (error <= share * np.maximum(1.0, np.abs(double.value))).all()
        if met or wide is np.float64 or work > _WIDE_AT_MOST:
            return Estimate(double.value, error, double.nodes)
    high = _run(program, problem, grid, wide)
    return Estimate(high.value, target + rounding_error(high, double, wide), high.nodes)


def make_kernel(program: Program, problem: Problem, dtype: FloatType) -> ArrayKernel:
    """Compile a kernel for a problem's sizes."""
    frame = problem.frame
    coordinates = len(frame.axes)
    if len(program.output.indices) == 4 or coordinates == 0:
        coordinates += int(frame.silent)
    return ArrayKernel(
        program, problem.n, coordinates, len(problem.teacher.means), problem.dimension, dtype
    )


def rounding_error(high: Sum, low: Sum, dtype: FloatType) -> Array:
    """Estimate the rounding error of a sum from the same sum in the next narrower type.

    Rounding errors scale with the unit roundoff, so the difference of the two sums, scaled, is a
    measured realisation of the error; a multiple of ``eps sum |w f|`` is added.
    """
    eps, coarse = float(np.finfo(dtype).eps), float(np.finfo(lower_dtype(dtype)).eps)
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(high.value - low.value.astype(high.value.dtype))
    # A narrow sum that overflowed measures nothing: fall back on all digits of the narrow type.
    measured = np.where(np.isfinite(difference), difference, high.absolute)
    # One entry's difference may be small by luck, so each is at least typical of all entries.
    typical = measured.sum() / max(float(high.absolute.sum()), float(np.finfo(np.float32).tiny))
    measured = np.maximum(measured, typical * high.absolute)
    return np.asarray(_SAFETY * (eps / coarse) * measured + 2 * eps * high.absolute)


def _grid(
    program: Program, problem: Problem, scene: Scene, target: float
) -> ProductGrid | ProductGrids:
    kernel = make_kernel(program, problem, np.float64)
    bound = StripBound(
        [program], [kernel.sizes["a"]], problem.n, len(problem.teacher.means), problem.dimension
    )
    centres, log_weights = scene.base_mixture(program.base)
    extent = Extent.of(scene, centres)
    grid = plan_grid(bound, extent, centres, log_weights, target)
    if problem.rank < 2 or grid.predicted_nodes() <= _WINDOWS_FROM:
        return grid
    from numerics.evaluation.separated_grids import separated

    return separated(program, problem, scene, grid, target) or grid


def _run(
    program: Program, problem: Problem, grid: ProductGrid | ProductGrids, dtype: FloatType
) -> Sum:
    kernel = make_kernel(program, problem, dtype)
    scene = build_scene(problem, program.base, dtype)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        return weighted_sums([kernel], scene, grid.chunks(kernel.chunk, dtype))[0]


def _randomized(
    program: Program, problem: Problem, tolerance: float, max_nodes: int, seed: int
) -> Estimate:
    kernel = make_kernel(program, problem, np.float64)
    scene = build_scene(problem, program.base, np.float64)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        return randomized_expectation(
            kernel,
            scene,
            program,
            tolerance=tolerance,
            max_nodes=max_nodes,
            seed=seed,
        )
