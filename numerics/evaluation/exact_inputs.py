"""A problem's inputs in its frame's coordinates, rebuilt from exact numbers at any precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.mixtures.problem import Frame, Problem
from numerics.numbers.exact import Vector

if TYPE_CHECKING:
    from numerics.quadrature.inputs import Expectations, Inputs


Array = Any


def scalar_backend(
    backend: str,
) -> tuple[Callable[[Fraction], Any], Callable[[Any], Any], Callable[..., Expectations]]:
    """Conversion of a rational, square root and expectations of ``"ball"`` or ``"mpmath"``."""
    from numerics.evaluation.scalar_backend import expectations

    if backend == "ball":
        from numerics.numbers.balls import BALL, ball

        return ball, BALL.sqrt, partial(expectations, BALL)
    import mpmath

    from numerics.numbers.mpfr import MP

    compute = partial(expectations, MP)
    return lambda x: mpmath.mpf(x.numerator) / x.denominator, mpmath.sqrt, compute


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


def frame_inputs(
    problem: Problem,
    number: Callable[[Fraction], Any],
    root: Callable[[Any], Any],
    *,
    padded: bool = False,
    own_axes: bool = False,
) -> Callable[[], Inputs]:
    """Return what makes a problem's inputs, in its frame's coordinates, at any precision.

    Parameters
    ----------
    problem : Problem
    number, root : callables
        Conversion of a rational, and square root, in the number type.
    padded : bool
        Whether a coordinate in which everything vanishes joins (the silent directions).
    own_axes : bool
        Whether the kernel reads the means in the user's axes; integration runs in the frame.
    """
    from numerics.quadrature.inputs import Inputs, TeacherInputs

    frame, rank = problem.frame, problem.rank
    students = [frame.project(row) for row in problem.means]  # exact, once for all precisions
    mixture = problem.teacher_kind == "mixture"
    teachers = [frame.project(row) for row in problem.teacher.means] if mixture else []

    def inputs() -> Inputs:
        lengths = [root(number(square)) for square in frame.squared_lengths]
        zeros = [number(Fraction(0))] if padded else []

        def turned(rows: Sequence[Vector]) -> list[list[Any]]:
            return [
                [number(c) * length for c, length in zip(row, lengths, strict=True)] + zeros
                for row in rows
            ]

        def read(rows: Sequence[Vector], framed: list[list[Any]]) -> list[list[Any]]:
            return [[number(c) for c in row] for row in rows] if own_axes else framed

        means, thetas = turned(students), turned(teachers)
        teacher = TeacherInputs(
            read(problem.teacher.means, thetas),
            [row[:rank] for row in thetas],
            [number(w) for w in problem.teacher.weights],
        )
        perpendicular = sum((c * c for c in means[0][rank:]), number(Fraction(0)))
        return Inputs(
            means=read(problem.means, means),
            coordinates=[row[:rank] for row in means],
            weights=[number(weight) for weight in problem.weights],
            perpendicular_square=perpendicular,
            dimension=problem.dimension,
            teacher=teacher if mixture else None,
        )

    return inputs
