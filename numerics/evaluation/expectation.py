"""Expectations of a lowered integrand with an error, on every backend.

Integration and kernel run in the frame of the means' differences, results come out in the user's
axes. `numerics.evaluation.evaluate` looks up the integrand of an objective and asks here; whoever
has an integrand of their own (`derive.losses.lowering.lower`) does so directly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from derive.algebra.program import Program
from numerics.errors import InputError, NodeLimitError
from numerics.evaluation.exact_inputs import frame_inputs, scalar_axes, scalar_backend
from numerics.evaluation.float_once import (
    MAX_RANDOM_NODES,
    PRODUCT_RANK,
    axes_array,
    frame_expectation,
)
from numerics.evaluation.request import (
    FLOAT_DIGITS,
    PART_DIGITS,
    SCALAR_RANK,
    check_settings,
    log_share,
)
from numerics.evaluation.result import Evaluation
from numerics.kernels.arrays import log_array
from numerics.mixtures.frame import output_kinds, to_ambient, turns
from numerics.mixtures.problem import EnclosedProblem, Problem

if TYPE_CHECKING:
    from numerics.evaluation.enclosure import Enclosure
    from numerics.evaluation.far_components import FarExpansion
    from numerics.execution import Effort
    from numerics.numbers.protocols import ScalarArithmetic
    from numerics.quadrature.inputs import Expectations

_SLACK = 1e-12  # on a bound evaluated with rounding; a thousandth of it on parts added in floats


@overload
def expectation(
    program: Program,
    problem: Problem | EnclosedProblem,
    digits: int,
    backend: Literal["ball"],
    *,
    max_nodes: int | None = ...,
    seed: int = ...,
    effort: Effort | None = ...,
) -> Enclosure: ...


@overload
def expectation(
    program: Program,
    problem: Problem | EnclosedProblem,
    digits: int = ...,
    backend: str = ...,
    *,
    max_nodes: int | None = ...,
    seed: int = ...,
    effort: Effort | None = ...,
) -> Evaluation | Enclosure: ...


def expectation(
    program: Program,
    problem: Problem | EnclosedProblem,
    digits: int = 15,
    backend: str = "float64",
    *,
    max_nodes: int | None = None,
    seed: int = 0,
    effort: Effort | None = None,
) -> Evaluation | Enclosure:
    r"""Expectation :math:`E\,f(x)` of a lowered integrand under its own base density.

    Parameters
    ----------
    program : Program
        The integrand ``f`` and its base, the teacher ``T`` or the student ``p``.
    problem : Problem or EnclosedProblem
        Student and teacher; the latter with ``backend="ball"`` only.
    digits, backend, max_nodes, seed
        As for `numerics.evaluate`.
    effort : Effort, optional
        Processes and a report for large sums in balls.

    Returns
    -------
    Evaluation or Enclosure
        Shaped like the program's output (``()``, ``n x d``, ...), coordinates in the axes of the
        problem's means. The latter for ``backend="ball"``.

    Raises
    ------
    InputError
        Naming argument, value and what is allowed; `NodeLimitError` if too many nodes are needed.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> two = Problem.from_user([["-0.75"], ["2.125"]])
    >>> result = expectation(load_program("forward", "gradient"), two, 10, "ball")
    >>> result.mid[0][0][:12], result.met
    ('-1.032000635', True)
    """
    check_settings(digits, backend, max_nodes, seed)
    if isinstance(problem, EnclosedProblem):
        if backend != "ball":
            raise InputError("backend", backend, '"ball" where means are known as balls')
        return _over_balls(program, problem, digits, max_nodes, effort)
    if backend == "float64":
        return _float(program, problem, digits, max_nodes, seed)
    if problem.rank > SCALAR_RANK:
        return _expanded(program, problem, digits, backend, max_nodes, effort)
    if backend == "ball":
        return _enclose(program, problem, digits, max_nodes, effort)
    return _multiprecision(program, problem, digits, max_nodes)


def _float(
    program: Program, problem: Problem, digits: int, max_nodes: int | None, seed: int
) -> Evaluation:
    kinds = output_kinds(program)
    if "a" in kinds and not turns(program):
        given = f'"float64" with an output indexed "{kinds}"'
        raise InputError("backend", given, '"mpmath" or "ball" for other outputs than ja and jaja')
    if problem.rank > PRODUCT_RANK:
        split = _expanded_float(program, problem, digits, max_nodes, seed)
        if split is not None:
            return split
    result = frame_expectation(program, problem, digits, max_nodes, seed)
    wide, error = result.value, result.error
    if turns(program):
        axes, silent = axes_array(problem.frame, wide.dtype.type), problem.frame.silent
        wide = to_ambient(wide, axes, silent=silent)
        error = to_ambient(error, axes, silent=silent, errors=True)
    value = np.asarray(wide, dtype=np.float64)
    error = np.asarray(error + abs(wide - value), dtype=np.float64)
    if not np.isfinite(value).all():
        raise InputError("means", "means whose result overflows", "means whose result is a float")
    return _evaluation(value, error, digits, 10.0**-digits, "float64", result.nodes, problem)


def _evaluation(
    value: Any, error: Any, digits: int, goal: Any, backend: str, nodes: int, problem: Problem
) -> Evaluation:
    """Arrays of values and errors (of dimension 0: numbers) as a result."""
    met = np.all(error <= goal * np.maximum(1, np.abs(value)))
    return Evaluation(
        value=value if value.ndim else value.item(),
        error=error if value.ndim else error.item(),
        digits=digits,
        met=bool(met),
        backend=backend,
        nodes=nodes,
        rank=problem.rank,
    )


def _expanded_float(
    program: Program, problem: Problem, digits: int, max_nodes: int | None, seed: int
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
        try:
            part = _float(program, split.sub_problem(chosen), finer, limit, seed)
        except NodeLimitError:
            return None
        factor, weight = split.logarithm(chosen)
        constant = float(factor) * float(log_array([weight], np.float64)[0]) if factor else 0.0
        own = np.asarray(part.value) + constant
        value = value + count * split.place(own, chosen)
        error = error + abs(count) * split.place(np.asarray(part.error), chosen)
        error = error + abs(count) * _SLACK * 1e-3 * split.place(np.abs(own), chosen)
        nodes += part.nodes
    value, error = np.asarray(value), np.asarray(error)
    return _evaluation(value, error, digits, 10.0**-digits, "float64", nodes, problem)


def _expanded(
    program: Program,
    problem: Problem,
    digits: int,
    backend: str,
    max_nodes: int | None,
    effort: Effort | None,
) -> Evaluation | Enclosure:
    """Evaluate as a sum of parts of rank at most 3; far components only (else refused).

    In balls the bound of what the sum leaves out is evaluated in balls and joins the radius.
    """
    from numerics.evaluation.far_components import expansion

    split = expansion(program, problem, log_share(digits))
    if split is None:
        raise InputError(
            "means",
            f"differences that span {problem.rank} dimensions",
            f'at most {SCALAR_RANK} with backend "{backend}", or components far enough apart for '
            'the integral to split (backend "float64" takes more)',
        )
    parts = [
        expectation(
            program,
            split.sub_problem(chosen),
            digits + PART_DIGITS,
            backend,
            max_nodes=max_nodes,
            effort=effort,
        )
        for _, chosen in split.parts
    ]
    joined = _joined_balls if backend == "ball" else _joined_numbers
    return joined(split, parts, digits, sum(part.nodes for part in parts))


def _sum(split: FarExpansion, arithmetic: ScalarArithmetic, values: Sequence[Any]) -> Any:
    """Add up the parts' values, balls or mpf numbers."""
    total: Any = None
    for (count, chosen), value in zip(split.parts, values, strict=True):
        factor, weight = split.logarithm(chosen)
        own = np.array(value, dtype=object)
        if factor and weight != 1:
            logarithm = arithmetic.log(arithmetic.constant(weight))
            own = np.asarray(own + arithmetic.constant(factor) * logarithm, dtype=object)
        own = count * split.place(own, chosen)
        total = own if total is None else total + own
    return np.asarray(total, dtype=object)


def _joined_balls(split: FarExpansion, parts: Sequence[Any], digits: int, nodes: int) -> Enclosure:
    """Add up enclosures, and the bound of the rest as a radius."""
    import flint

    from numerics.evaluation.enclosure import Enclosure
    from numerics.numbers.balls import BALL, precision
    from numerics.numbers.decimal_balls import flatten

    size = max(_decimal_size(flatten(part.balls)) for part in parts)
    with precision(int(3.4 * (digits + 20 + size)) + 100):
        rest = flint.arb(0, split.bound(BALL).abs_upper())
        total = np.asarray(_sum(split, BALL, [part.balls for part in parts]) + rest, dtype=object)
        return Enclosure.from_balls(total, digits, nodes=nodes, rank=split.problem.rank)


def _joined_numbers(
    split: FarExpansion, parts: Sequence[Any], digits: int, nodes: int
) -> Evaluation:
    """Add up values and errors, and the bound of the rest."""
    import mpmath

    from numerics.numbers.mpfr import MP

    size = max(_decimal_size(part.value) for part in parts)
    with mpmath.workdps(digits + 20 + size):
        value = _sum(split, MP, [part.value for part in parts])
        error: Any = split.bound(MP)
        for (count, chosen), part in zip(split.parts, parts, strict=True):
            error = error + abs(count) * split.place(np.array(part.error, dtype=object), chosen)
        error, goal = np.asarray(error, dtype=object), mpmath.mpf(10) ** -digits
        return _evaluation(value, error, digits, goal, "mpmath", nodes, split.problem)


def _multiprecision(
    program: Program, problem: Problem, digits: int, max_nodes: int | None
) -> Evaluation:
    import mpmath

    number, root, compute = scalar_backend("mpmath")
    result = _in_frame(compute, number, root, program, problem, digits, max_nodes)
    frame = problem.frame
    with mpmath.workdps(digits + 20 + _decimal_size(result.values[0])):
        value, error = result.values[0], result.errors[0]
        if turns(program):
            axes = scalar_axes(frame, number, root)
            value = to_ambient(value, axes, silent=frame.silent)
            error = to_ambient(error, axes, silent=frame.silent, errors=True)
        goal = mpmath.mpf(10) ** -digits
        return _evaluation(value, error, digits, goal, "mpmath", result.nodes, problem)


def _enclose(
    program: Program,
    problem: Problem,
    digits: int,
    max_nodes: int | None,
    effort: Effort | None,
) -> Enclosure:
    import flint

    from numerics.evaluation.enclosure import Enclosure
    from numerics.numbers.balls import precision

    number, root, enclose = scalar_backend("ball")
    compute = partial(enclose, effort=effort)
    result = _in_frame(compute, number, root, program, problem, digits, max_nodes)
    balls = result.values[0]
    size = _decimal_size([flint.arb(entry.mid()) for entry in balls.flat])
    with precision(int(3.4 * (digits + 21 + size))):
        if turns(program):
            axes = scalar_axes(problem.frame, number, root)
            balls = to_ambient(balls, axes, silent=problem.frame.silent)
        return Enclosure.from_balls(balls, digits, nodes=result.nodes, rank=problem.rank)


def _over_balls(
    program: Program,
    problem: EnclosedProblem,
    digits: int,
    max_nodes: int | None,
    effort: Effort | None,
) -> Enclosure:
    """Enclose the expectations at all points of the balls."""
    from numerics.evaluation.enclosure import Enclosure
    from numerics.quadrature.inputs import Inputs, TeacherInputs

    number, _, enclose = scalar_backend("ball")

    def inputs() -> Inputs:
        means = problem.means()
        teacher = None
        if problem.teacher is not None:
            rows = problem.teacher()
            shares = [number(weight) for weight in problem.teacher_weights]
            teacher = TeacherInputs(rows, [row[: problem.rank] for row in rows], shares)
        coordinates = [row[: problem.rank] for row in means]
        weights = [number(weight) for weight in problem.weights]
        return Inputs(means, coordinates, weights, teacher=teacher)

    result = enclose([program], inputs, digits=digits, max_nodes=max_nodes, effort=effort)
    balls = result.values[0]
    return Enclosure.from_balls(balls, digits, nodes=result.nodes, rank=problem.rank, anything=True)


def _decimal_size(values: Any) -> int:
    """Decimal digits before the point of the largest entry, at least 0; only picks a precision."""
    largest = max((abs(entry) for entry in np.asarray(values, dtype=object).flat), default=0)
    size = 0
    while largest > 1:
        largest, size = largest / 10**16, size + 16
    return size


def _in_frame(
    compute: Callable[..., Expectations],
    number: Callable[[Fraction], Any],
    root: Callable[[Any], Any],
    program: Program,
    problem: Problem,
    digits: int,
    max_nodes: int | None,
) -> Expectations:
    """Run a scalar backend on a problem rebuilt at whatever precision it chooses.

    One digit more than asked for: rotating to the user's axes adds up several entries' errors.
    Outputs that are not turned have their kernel run in the user's axes at once.
    """
    padded = problem.frame.silent and (output_kinds(program) == "jaja" or not problem.frame.axes)
    inputs = frame_inputs(problem, number, root, padded=padded, own_axes=not turns(program))
    return compute([program], inputs, digits=digits + 1, max_nodes=max_nodes)
