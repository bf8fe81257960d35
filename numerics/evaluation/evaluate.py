"""Population losses, gradients and Hessians with an error, at any precision: the public entry.

`evaluate` reads a user's numbers exactly, integrates over the exact span of the differences on the
chosen backend, and returns coordinates in the user's axes.
`numerics.evaluation.evaluator.Evaluator` is the entry for loops (descent, root finding) that
already hold numbers of a backend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from derive.algebra.program import Program
from numerics.errors import InputError, NodeLimitError
from numerics.evaluation.alternatives import FEW_NODES, with_alternative
from numerics.evaluation.float_once import MAX_RANDOM_NODES, PRODUCT_RANK, axes_array, expectation
from numerics.evaluation.request import (
    FLOAT_DIGITS,
    PART_DIGITS,
    check_digits,
    is_integer,
    log_share,
)
from numerics.evaluation.result import Evaluation
from numerics.evaluation.scalar_once import evaluate_scalar
from numerics.kernels import load_program
from numerics.kernels.arrays import log_array
from numerics.kernels.library import TeacherKind
from numerics.mixtures.frame import ambient_error, to_ambient
from numerics.mixtures.problem import Problem
from numerics.workers import Effort, Progress, usable_processors

if TYPE_CHECKING:
    from derive.losses.objectives import Objective
    from numerics.evaluation.enclosure import Enclosure

_SLACK = 1e-12  # on a bound evaluated with rounding; a thousandth of it on parts added in floats


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
    processes: int | None = None,
    progress: Progress | None = None,
) -> Evaluation | Enclosure:
    r"""Evaluate a population loss, its gradient or its Hessian.

    The forward loss is :math:`E_T |m|^2`, the reverse loss :math:`E_p |m|^2` (``m`` the score
    error, ``T`` the teacher, ``p`` the student), and ``kl`` is :math:`KL(T \| p)`; all components
    have unit covariance. The expectation runs over the ``rank``-dimensional span of the differences
    of the means, by a trapezoid rule whose step follows from a proved bound (Trefethen and
    Weideman, SIAM Review 2014). Above rank 3 it is a sum of integrals of lower rank where
    components are far apart (`numerics.evaluation.far_components`), else randomized quasi-Monte
    Carlo.

    Parameters
    ----------
    objective : str or Objective
        ``"forward"``, ``"reverse"``, ``"kl"``, or an objective of the user's own
        (`derive.losses.objectives.Objective`).
    means : n x d nested list or array
        Numbers or strings; strings such as ``"1/3"`` or ``"1e-400"`` are exact, floats count with
        their exact binary value.
    quantity : {"loss", "gradient", "hessian"}
        Shapes ``()``, ``n x d`` and ``nd x nd``.
    weights : list, optional
        Positive, with sum 1; default uniform.
    teacher : optional
        None for ``N(0, I)``, a vector for the mean of one Gaussian, or a mixture
        ``{"means": ..., "weights": ...}``; repeated means count as one.
    digits : int
        Absolute error at most ``10^-digits * max(1, |value|)`` in each entry; 1 to 15 for float64,
        to 10000 otherwise.
    backend : {"float64", "mpmath", "ball"}
        ``ball`` is rigorous. It and ``mpmath`` take differences of rank at most 3, and above that
        components far enough apart.
    max_nodes : int, optional
        Refuse more quadrature nodes (float64: 20 million; quasi-Monte Carlo: ``2^20``; the other
        backends as their modules say).
    seed : int
        Of the randomizations above rank 3.
    processes : int, optional
        Worker processes for large sums in balls; default: one for each processor, in a worker
        process of any pool none. The result does not depend on it.
    progress : callable, optional
        Called as ``progress(nodes done, nodes in all)`` while such a sum is formed.

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
    if max_nodes is not None and not (is_integer(max_nodes) and max_nodes >= 1):
        raise InputError("max_nodes", max_nodes, "a positive integer")
    if not (is_integer(seed) and seed >= 0):
        raise InputError("seed", seed, "a non-negative integer")
    if processes is not None and not (is_integer(processes) and processes >= 1):
        raise InputError("processes", processes, "a positive integer")
    problem = Problem.from_user(means, weights, teacher)
    kind: TeacherKind = "single" if problem.teacher_kind == "single" else "mixture"
    program = load_program(objective, quantity, kind)
    name = objective if isinstance(objective, str) else objective.name
    if backend == "float64":
        try:
            return _evaluate_float(name, quantity, program, problem, digits, max_nodes, seed)
        except InputError as error:
            if max_nodes is not None:
                raise
            raise _with_alternative(error, name, quantity, program, problem, digits) from error
    effort = Effort(usable_processors() if processes is None else processes, progress=progress)
    return evaluate_scalar(name, quantity, program, problem, digits, backend, max_nodes, effort)


def _with_alternative(
    error: InputError, name: str, quantity: str, program: Program, problem: Problem, digits: int
) -> InputError:
    """Float64's refusal, with the backend that takes the problem."""

    def attempt(backend: str) -> object:
        if backend == "float64":
            raise error
        return evaluate_scalar(name, quantity, program, problem, digits, backend, FEW_NODES)

    size = len(problem.means) * problem.frame.dimension
    return with_alternative(error, size**2 if quantity == "hessian" else size, attempt)


def _evaluate_float(
    name: str,
    quantity: str,
    program: Program,
    problem: Problem,
    digits: int,
    max_nodes: int | None,
    seed: int,
) -> Evaluation:
    if problem.rank > PRODUCT_RANK:
        split = _expanded_float(name, quantity, program, problem, digits, max_nodes, seed)
        if split is not None:
            return split
    result = expectation(program, problem, digits, max_nodes, seed)
    axes = axes_array(problem.frame, result.value.dtype.type)
    silent = problem.frame.silent
    wide = to_ambient(result.value, axes, silent=silent)
    value = np.asarray(wide, dtype=np.float64)
    error = ambient_error(result.error, axes, silent=silent) + abs(wide - value)
    error = np.asarray(error, dtype=np.float64)
    if not np.isfinite(value).all():
        raise InputError("means", "means whose result overflows", "means whose result is a float")
    return Evaluation(
        value=float(value) if value.ndim == 0 else value,
        error=float(error) if value.ndim == 0 else error,
        digits=digits,
        met=bool((error <= 10.0**-digits * np.maximum(1.0, np.abs(value))).all()),
        backend="float64",
        nodes=result.nodes,
        rank=problem.rank,
        objective=name,
        quantity=quantity,
    )


def _expanded_float(
    name: str,
    quantity: str,
    program: Program,
    problem: Problem,
    digits: int,
    max_nodes: int | None,
    seed: int,
) -> Evaluation | None:
    """Evaluate as a sum of parts of rank at most 3, if there is one and it is cheap enough."""
    from numerics.evaluation.far_components import expansion
    from numerics.numbers.mpfr import MP

    split = expansion(program, problem, log_share(digits))
    if split is None:
        return None
    limit = MAX_RANDOM_NODES if max_nodes is None else max_nodes
    value: Any = 0.0
    error: Any = float(split.bound(MP)) * (1 + _SLACK)
    nodes, finer = 0, min(FLOAT_DIGITS, digits + PART_DIGITS)
    for count, chosen in split.parts:
        sub = split.sub_problem(chosen)
        try:
            part = _evaluate_float(name, quantity, program, sub, finer, limit, seed)
        except NodeLimitError:
            return None
        factor, weight = split.logarithm(chosen)
        constant = float(factor) * float(log_array([weight], np.float64)[0]) if factor else 0.0
        own = np.asarray(part.value) + constant
        value = value + count * split.place(own, chosen)
        error = error + abs(count) * split.place(np.asarray(part.error), chosen)
        error = error + abs(count) * _SLACK * 1e-3 * split.place(np.abs(own), chosen)
        nodes += part.nodes
    return Evaluation(
        value=float(value) if value.ndim == 0 else value,
        error=float(error) if value.ndim == 0 else error,
        digits=digits,
        met=bool((error <= 10.0**-digits * np.maximum(1.0, np.abs(value))).all()),
        backend="float64",
        nodes=nodes,
        rank=problem.rank,
        objective=name,
        quantity=quantity,
    )
