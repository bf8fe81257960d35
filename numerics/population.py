"""Population losses, gradients and Hessians with an error, at any precision: the public entry.

`evaluate` reads a user's numbers exactly, integrates over the exact span of the differences on the
chosen backend, and returns coordinates in the user's axes. `Evaluator` is the entry for loops
(descent, root finding) that already hold numbers of a backend.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.program import Program
from numerics.errors import InputError
from numerics.kernels import TeacherKind, load_program
from numerics.problem import Frame, Problem

if TYPE_CHECKING:
    from derive.objectives import Objective
    from numerics.backends.base import Expectations, Inputs
    from numerics.enclosure import Enclosure
    from numerics.evaluator import Evaluator

__all__ = ["Enclosure", "Evaluation", "Evaluator", "evaluate"]

QUANTITIES = ("loss", "gradient", "hessian")
BACKENDS = ("float64", "mpmath", "ball")
#: Most digits of the float64 backend and of the others.
FLOAT_DIGITS = 15
MOST_DIGITS = 10_000
#: Highest rank of an integral on the scalar backends.
SCALAR_RANK = {"mpmath": 3, "ball": 1}

Array = Any


def __getattr__(name: str) -> Any:
    # Loaded on use: the enclosure needs python-flint, which a float64 evaluation does not.
    if name == "Enclosure":
        from numerics.enclosure import Enclosure

        return Enclosure
    if name == "Evaluator":
        from numerics.evaluator import Evaluator

        return Evaluator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@dataclass(frozen=True)
class Evaluation:
    """A value with its error estimate.

    Attributes
    ----------
    value : float, array, mpf or object array of mpf
        Loss (scalar), gradient (``n x d``) or Hessian (``nd x nd``, rows and columns ordered by
        component, then coordinate).
    error : like value
        Absolute error. Rank at most 3: bound of discretisation and truncation plus an estimate of
        rounding. Higher rank: half-width of a 99.9% confidence interval over randomizations.
    digits : int
        What was asked for: ``error <= 10^-digits * max(1, |value|)``.
    met : bool
        Whether every entry's error is that small.
    backend : str
    nodes : int
        Quadrature nodes used.
    rank : int
        Dimension of the integral.
    objective, quantity : str
    """

    value: Any
    error: Any
    digits: int
    met: bool
    backend: str
    nodes: int
    rank: int
    objective: str
    quantity: str


def evaluate(
    objective: str | Objective,
    means: object,
    *,
    quantity: str = "loss",
    weights: object = None,
    teacher: object = None,
    digits: int = 15,
    backend: str = "float64",
    max_nodes: int | None = None,
    seed: int = 0,
) -> Evaluation | Enclosure:
    r"""Evaluate a population loss, its gradient or its Hessian.

    The forward loss is :math:`E_T |m|^2`, the reverse loss :math:`E_p |m|^2` (``m`` the score
    error, ``T`` the teacher, ``p`` the student), and ``kl`` is :math:`KL(T \| p)`; all components
    have unit covariance. The expectation runs over the ``rank``-dimensional span of the differences of
    the means, by a trapezoid rule whose step follows from a proved bound (Trefethen and Weideman,
    SIAM Review 2014), or above rank 3 by randomized quasi-Monte Carlo.

    Parameters
    ----------
    objective : str or Objective
        ``"forward"``, ``"reverse"``, ``"kl"``, or an objective of the user's own
        (`derive.objectives.Objective`).
    means : n x d nested list or array
        Numbers or strings; strings such as ``"1/3"`` or ``"1e-400"`` are exact, floats count with
        their exact binary value.
    quantity : {"loss", "gradient", "hessian"}
        Shapes ``()``, ``n x d`` and ``nd x nd``.
    weights : list, optional
        Positive, with sum 1; default uniform.
    teacher : optional
        None for ``N(0, I)``, a vector for the mean of one Gaussian, or a mixture
        ``{"means": ..., "weights": ...}`` (float64 only).
    digits : int
        Absolute error at most ``10^-digits * max(1, |value|)`` in each entry; 1 to 15 for float64,
        to 10000 otherwise.
    backend : {"float64", "mpmath", "ball"}
        ``ball`` is rigorous and needs means on a line (rank at most 1).
    max_nodes : int, optional
        Refuse more quadrature nodes (float64: 20 million; quasi-Monte Carlo: ``2^20``; the other
        backends as their modules say).
    seed : int
        Of the randomizations above rank 3.

    Returns
    -------
    Evaluation or Enclosure
        The latter for ``backend="ball"``.

    Raises
    ------
    InputError
        Naming argument, value and what is allowed; `NodeLimitError` if too many nodes are needed.

    Examples
    --------
    >>> result = evaluate("forward", [["-0.75"], ["2.125"]], quantity="gradient")
    >>> result.value.round(6).tolist(), result.rank, result.met
    ([[-1.032001], [0.422021]], 1, True)
    """
    check_digits(digits, backend)
    if max_nodes is not None and not (_is_integer(max_nodes) and max_nodes >= 1):
        raise InputError("max_nodes", max_nodes, "a positive integer")
    if not (_is_integer(seed) and seed >= 0):
        raise InputError("seed", seed, "a non-negative integer")
    problem = Problem.from_user(means, weights, teacher)
    kind: TeacherKind = "single" if problem.teacher_kind == "single" else "mixture"
    program = load_program(objective, quantity, kind)
    name = objective if isinstance(objective, str) else objective.name
    compute = _evaluate_float if backend == "float64" else _evaluate_scalar
    return compute(name, quantity, program, problem, digits, backend, max_nodes, seed)


def check_digits(digits: object, backend: object) -> None:
    """Refuse an unknown backend, or digits that it does not have."""
    if backend not in BACKENDS:
        raise InputError("backend", backend, "one of " + ", ".join(BACKENDS))
    if not _is_integer(digits) or not 1 <= digits <= MOST_DIGITS:  # type: ignore[operator]
        raise InputError("digits", digits, f"an integer from 1 to {MOST_DIGITS}")
    if backend == "float64" and digits > FLOAT_DIGITS:  # type: ignore[operator]
        raise InputError(
            "digits",
            digits,
            f'1 to {FLOAT_DIGITS} with backend "float64"; '
            'use backend "mpmath" or "ball" for more digits',
        )


def _is_integer(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_)


def to_ambient(value: Array, axes: Array, *, silent: bool) -> Array:
    """Rotate a result from frame coordinates to the user's.

    Parameters
    ----------
    value : array
        ``()``, ``n x s`` or ``n x s' x n x s'``, where ``s' = s + 1`` with a silent axis, whose
        block is the same for every direction perpendicular to the frame.
    axes : array, s x d
        Orthonormal rows.
    silent : bool
        Whether ``s < d``.

    Returns
    -------
    array
        ``()``, ``n x d`` or ``nd x nd``.

    Examples
    --------
    >>> to_ambient(np.array([[2.0]]), np.array([[0.0, 1.0]]), silent=True)
    array([[0., 2.]])
    """
    count, dimension = axes.shape
    if value.ndim == 0:
        return value
    if value.ndim == 2:
        return np.tensordot(value[:, :count], axes, axes=(1, 0))
    block = np.tensordot(value[:, :count, :, :count], axes, axes=(3, 0))
    block = np.moveaxis(np.tensordot(block, axes, axes=(1, 0)), 3, 1)
    if silent:
        complement = np.eye(dimension, dtype=int) - np.tensordot(axes, axes, axes=(0, 0))
        block = block + np.einsum("jk,ab->jakb", value[:, count, :, count], complement)
    n = value.shape[0]
    return block.reshape(n * dimension, n * dimension)


def ambient_error(error: Array, axes: Array, *, silent: bool) -> Array:
    """Rotate absolute errors: absolute values everywhere."""
    count, dimension = axes.shape
    if error.ndim < 4 or not silent:
        return to_ambient(error, abs(axes), silent=False)
    n = error.shape[0]
    block = to_ambient(error[:, :count, :, :count], abs(axes), silent=False)
    complement = abs(np.eye(dimension, dtype=int) - np.tensordot(axes, axes, axes=(0, 0)))
    quiet = np.einsum("jk,ab->jakb", error[:, count, :, count], complement)
    return block + quiet.reshape(n * dimension, n * dimension)


def _evaluate_float(
    name: str,
    quantity: str,
    program: Program,
    problem: Problem,
    digits: int,
    backend: str,
    max_nodes: int | None,
    seed: int,
) -> Evaluation:
    from numerics.machine import axes_array, expectation

    result = expectation(program, problem, digits, max_nodes, seed)
    axes = axes_array(problem.frame, result.value.dtype.type)
    silent = problem.frame.silent
    wide = to_ambient(result.value, axes, silent=silent)
    value = np.asarray(wide, dtype=np.float64)
    error = ambient_error(result.error, axes, silent=silent) + abs(wide - value)
    error = np.asarray(error, dtype=np.float64)
    if not np.isfinite(value).all():
        raise InputError(
            "means", "means whose result overflows", 'smaller means, or backend "mpmath"'
        )
    return Evaluation(
        value=float(value) if value.ndim == 0 else value,
        error=float(error) if value.ndim == 0 else error,
        digits=digits,
        met=bool((error <= 10.0**-digits * np.maximum(1.0, np.abs(value))).all()),
        backend=backend,
        nodes=result.nodes,
        rank=problem.rank,
        objective=name,
        quantity=quantity,
    )


def _evaluate_scalar(
    name: str,
    quantity: str,
    program: Program,
    problem: Problem,
    digits: int,
    backend: str,
    max_nodes: int | None,
    seed: int,
) -> Evaluation | Enclosure:
    """Evaluate with mpmath or in balls."""
    if problem.teacher_kind == "mixture":
        raise InputError(
            "teacher", "a mixture", f'one Gaussian with backend "{backend}", or float64'
        )
    if problem.rank > SCALAR_RANK[backend]:
        raise InputError(
            "means",
            f"differences that span {problem.rank} dimensions",
            f'at most {SCALAR_RANK[backend]} with backend "{backend}"'
            + (' (backends "float64" and "mpmath" take more)' if backend == "ball" else ""),
        )
    # One digit more than asked for: rotating to the user's axes adds up several entries' errors.
    arguments = (program, problem, digits + 1, max_nodes)
    if backend == "ball":
        return _enclose(name, quantity, *arguments)
    import mpmath

    from numerics.backends.mp import expectations

    def number(value: Fraction) -> Any:
        return mpmath.mpf(value.numerator) / value.denominator

    result = _expectations(expectations, number, mpmath.sqrt, *arguments)
    frame = problem.frame
    with mpmath.workdps(digits + 20 + _decimal_size(result.values[0])):
        axes = scalar_axes(frame, number, mpmath.sqrt)
        value = to_ambient(result.values[0], axes, silent=frame.silent)
        error = ambient_error(result.errors[0], axes, silent=frame.silent)
        goal = mpmath.mpf(10) ** -digits
        met = all(e <= goal * max(1, abs(v)) for v, e in zip(value.flat, error.flat, strict=True))
    return Evaluation(
        value=value.item() if value.ndim == 0 else value,
        error=error.item() if error.ndim == 0 else error,
        digits=digits,
        met=bool(met),
        backend=backend,
        nodes=result.nodes,
        rank=problem.rank,
        objective=name,
        quantity=quantity,
    )


def _enclose(
    name: str,
    quantity: str,
    program: Program,
    problem: Problem,
    digits: int,
    max_nodes: int | None,
) -> Enclosure:
    import flint

    from numerics.backends import ball as backend
    from numerics.enclosure import Enclosure
    from numerics.flint_context import ball, precision

    def root(value: Any) -> Any:
        return value.sqrt()

    result = _expectations(backend.expectations, ball, root, program, problem, digits, max_nodes)
    size = _decimal_size([flint.arb(entry.mid()) for entry in result.values[0].flat])
    with precision(int(3.4 * (digits + 20 + size))):
        axes = scalar_axes(problem.frame, ball, root)
        balls = to_ambient(result.values[0], axes, silent=problem.frame.silent)
        return Enclosure.from_balls(
            balls.item() if balls.ndim == 0 else balls,
            digits - 1,
            nodes=result.nodes,
            rank=problem.rank,
            objective=name,
            quantity=quantity,
        )


def _decimal_size(values: Any) -> int:
    """Decimal digits before the point of the largest entry, at least 0; only picks a precision."""
    largest = max((abs(entry) for entry in np.asarray(values, dtype=object).flat), default=0)
    size = 0
    while largest > 1:
        largest, size = largest / 10**16, size + 16
    return size


def scalar_axes(
    frame: Frame, number: Callable[[Fraction], Any], root: Callable[[Any], Any]
) -> Array:
    """Orthonormal axes ``s x d`` in a scalar number type, at its current precision."""
    axes = np.empty((len(frame.axes), frame.dimension), dtype=object)
    for row, (axis, square) in enumerate(zip(frame.axes, frame.squared_lengths, strict=True)):
        length = root(number(square))
        for column, entry in enumerate(axis):
            axes[row, column] = number(entry) / length
    return axes


def _expectations(
    compute: Callable[..., Expectations],
    number: Callable[[Fraction], Any],
    root: Callable[[Any], Any],
    program: Program,
    problem: Problem,
    digits: int,
    max_nodes: int | None,
) -> Expectations:
    """Run a scalar backend in frame coordinates, rebuilt at whatever precision it chooses."""
    from numerics.backends.base import Inputs

    frame = problem.frame
    padded = frame.silent and (len(program.output.indices) == 4 or not frame.axes)

    def inputs() -> Inputs:
        lengths = [root(number(square)) for square in frame.squared_lengths]
        rows = [
            [number(c) * length for c, length in zip(frame.project(row), lengths, strict=True)]
            for row in problem.means
        ]
        zeros = [number(Fraction(0))] if padded else []
        perpendicular = sum((c * c for c in rows[0][frame.rank :]), number(Fraction(0)))
        return Inputs(
            means=[row + zeros for row in rows],
            coordinates=[row[: frame.rank] for row in rows],
            weights=[number(weight) for weight in problem.weights],
            perpendicular_square=perpendicular,
            dimension=problem.dimension,
        )

    limit = {} if max_nodes is None else {"max_nodes": max_nodes}
    return compute([program], inputs, digits=digits, **limit)
