"""`numerics.evaluate` on the scalar backends: frame coordinates in, the user's axes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.algebra.program import Program
from numerics.errors import InputError
from numerics.evaluation.exact_inputs import frame_inputs, scalar_axes
from numerics.evaluation.request import PART_DIGITS, SCALAR_RANK, log_share
from numerics.evaluation.result import Evaluation
from numerics.mixtures.frame import ambient_error, to_ambient
from numerics.mixtures.problem import Problem

if TYPE_CHECKING:
    from numerics.evaluation.enclosure import Enclosure
    from numerics.evaluation.far_components import Expansion
    from numerics.quadrature.inputs import Expectations
    from numerics.workers import Effort


def evaluate_scalar(
    name: str,
    quantity: str,
    program: Program,
    problem: Problem,
    digits: int,
    backend: str,
    max_nodes: int | None,
    effort: Effort | None = None,
) -> Evaluation | Enclosure:
    """Evaluate with mpmath or in balls; the latter may make an effort."""
    if problem.rank > SCALAR_RANK:
        return _expanded(name, quantity, program, problem, digits, backend, max_nodes)
    # One digit more than asked for: rotating to the user's axes adds up several entries' errors.
    arguments = (program, problem, digits + 1, max_nodes)
    if backend == "ball":
        return _enclose(name, quantity, *arguments, effort)
    import mpmath

    from numerics.evaluation.mpmath_backend import expectations

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


def _expanded(
    name: str,
    quantity: str,
    program: Program,
    problem: Problem,
    digits: int,
    backend: str,
    max_nodes: int | None,
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
        evaluate_scalar(
            name,
            quantity,
            program,
            split.sub_problem(chosen),
            digits + PART_DIGITS,
            backend,
            max_nodes,
        )
        for _, chosen in split.parts
    ]
    nodes = sum(part.nodes for part in parts)
    labels = {"nodes": nodes, "rank": problem.rank, "objective": name, "quantity": quantity}
    if backend == "ball":
        return _joined_balls(split, parts, digits, labels)
    return _joined_numbers(split, parts, digits, labels)


def _joined_balls(
    split: Expansion, parts: Sequence[Any], digits: int, labels: dict[str, Any]
) -> Enclosure:
    """Add up enclosures, and the bound of the rest as a radius."""
    import flint

    from numerics.evaluation.enclosure import Enclosure
    from numerics.numbers.balls import BALL, ball, precision
    from numerics.numbers.decimal_balls import flatten

    size = max(_decimal_size(flatten(part.balls)) for part in parts)
    with precision(int(3.4 * (digits + 20 + size)) + 100):
        rest = split.bound(BALL).abs_upper()
        total: Any = None
        for (count, chosen), part in zip(split.parts, parts, strict=True):
            factor, weight = split.logarithm(chosen)
            own = np.array(part.balls, dtype=object)
            if factor and weight != 1:
                own = own + ball(factor) * ball(weight).log()
            own = count * split.place(np.asarray(own, dtype=object), chosen)
            total = own if total is None else total + own
        total = np.asarray(total, dtype=object) + flint.arb(0, rest)
        total = np.asarray(total, dtype=object)
        return Enclosure.from_balls(total.item() if total.ndim == 0 else total, digits, **labels)


def _joined_numbers(
    split: Expansion, parts: Sequence[Any], digits: int, labels: dict[str, Any]
) -> Evaluation:
    """Add up values and errors, and the bound of the rest."""
    import mpmath

    from numerics.numbers.mpfr import MP

    size = max(_decimal_size(part.value) for part in parts)
    with mpmath.workdps(digits + 20 + size):
        goal = mpmath.mpf(10) ** -digits
        value: Any = mpmath.mpf(0)
        error: Any = split.bound(MP)
        for (count, chosen), part in zip(split.parts, parts, strict=True):
            factor, weight = split.logarithm(chosen)
            own = np.array(part.value, dtype=object)
            if factor and weight != 1:
                own = own + MP.constant(factor) * MP.log(MP.constant(weight))
            value = value + count * split.place(np.asarray(own, dtype=object), chosen)
            own_error = np.array(part.error, dtype=object)
            error = error + abs(count) * split.place(own_error, chosen)
        value, error = np.asarray(value, dtype=object), np.asarray(error, dtype=object)
        met = all(e <= goal * max(1, abs(v)) for v, e in zip(value.flat, error.flat, strict=True))
    return Evaluation(
        value=value.item() if value.ndim == 0 else value,
        error=error.item() if error.ndim == 0 else error,
        digits=digits,
        met=bool(met),
        backend="mpmath",
        **labels,
    )


def _enclose(
    name: str,
    quantity: str,
    program: Program,
    problem: Problem,
    digits: int,
    max_nodes: int | None,
    effort: Effort | None,
) -> Enclosure:
    import flint

    from numerics.evaluation import ball_backend as backend
    from numerics.evaluation.enclosure import Enclosure
    from numerics.numbers.balls import ball, precision

    def root(value: Any) -> Any:
        return value.sqrt()

    compute = partial(backend.expectations, effort=effort)
    result = _expectations(compute, ball, root, program, problem, digits, max_nodes)
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
    padded = problem.frame.silent and (len(program.output.indices) == 4 or not problem.frame.axes)
    limit = {} if max_nodes is None else {"max_nodes": max_nodes}
    return compute(
        [program], frame_inputs(problem, number, root, padded=padded), digits=digits, **limit
    )
