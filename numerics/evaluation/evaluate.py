"""Population losses, gradients and Hessians with an error, at any precision: the public entry.

`evaluate` reads a user's numbers exactly, looks up the integrand, and asks
`numerics.evaluation.expectation` for its expectation.
`numerics.evaluation.evaluator.Evaluator` is the entry for loops (descent, root finding) that
already hold numbers of a backend.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.algebra.program import Program
from numerics.errors import InputError
from numerics.evaluation.alternatives import FEW_NODES, with_alternative
from numerics.evaluation.expectation import expectation
from numerics.evaluation.request import MOST_ROWS, check_settings, is_integer
from numerics.evaluation.result import Evaluation
from numerics.execution import Effort, Progress, usable_processors
from numerics.kernels import load_program
from numerics.kernels.library import TeacherKind
from numerics.mixtures.problem import Problem

if TYPE_CHECKING:
    from derive.losses.objectives import Objective
    from numerics.evaluation.enclosure import Enclosure


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
    check_settings(digits, backend, max_nodes, seed)
    if processes is not None and not (is_integer(processes) and processes >= 1):
        raise InputError("processes", processes, "a positive integer")
    problem = Problem.from_user(means, weights, teacher)
    size = problem.n * problem.dimension
    if quantity == "hessian" and size > MOST_ROWS:
        raise InputError("means", f"{size} numbers", f"at most {MOST_ROWS} numbers for a Hessian")
    kind: TeacherKind = "single" if problem.teacher_kind == "single" else "mixture"
    program = load_program(objective, quantity, kind)
    effort = Effort(usable_processors() if processes is None else processes, progress=progress)
    try:
        result = expectation(
            program, problem, digits, backend, max_nodes=max_nodes, seed=seed, effort=effort
        )
    except InputError as error:
        if backend != "float64" or max_nodes is not None:
            raise
        raise _with_alternative(error, quantity, program, problem, digits) from error
    name = objective if isinstance(objective, str) else objective.name
    numbers = _matrix(result) if quantity == "hessian" else {}
    return replace(result, objective=name, quantity=quantity, **numbers)


def _with_alternative(
    error: InputError, quantity: str, program: Program, problem: Problem, digits: int
) -> InputError:
    """Float64's refusal, with the backend that takes the problem."""

    def attempt(backend: str) -> object:
        if backend == "float64":
            raise error
        return expectation(program, problem, digits, backend, max_nodes=FEW_NODES)

    size = len(problem.means) * problem.frame.dimension
    return with_alternative(error, size**2 if quantity == "hessian" else size, attempt)


def _matrix(result: Evaluation | Enclosure) -> dict[str, Any]:
    """The numbers of a Hessian, ``n x d x n x d``, as ``nd x nd``."""

    def square(numbers: Any) -> Any:
        table = np.array(numbers, dtype=object if result.backend == "ball" else None)
        return table.reshape(table.shape[0] * table.shape[1], -1)

    if isinstance(result, Evaluation):
        return {"value": square(result.value), "error": square(result.error)}
    return {"balls": square(result.balls).tolist()}
