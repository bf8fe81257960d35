"""What a scalar backend receives and returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.algebra.program import Base
from numerics.kernels.straight_line import Kernel


@dataclass(frozen=True)
class TeacherInputs:
    """A mixture teacher in a backend's own numbers; the origin lies in its means' affine hull.

    Attributes
    ----------
    means : k x s numbers
        The kernel's ``theta[t, a]``, in the coordinates of the student's means.
    coordinates : k x r numbers
        Along the directions of integration, which span the teacher's differences, too.
    weights : k numbers
    """

    means: Sequence[Sequence[Any]]
    coordinates: Sequence[Sequence[Any]]
    weights: Sequence[Any]


@dataclass(frozen=True)
class Inputs:
    """A student and its teacher in a backend's own numbers.

    Attributes
    ----------
    means : n x s numbers
        The kernel's ``v[j, a]`` (any orthonormal coordinates).
    coordinates : n x r numbers
        Coordinates along an orthonormal basis of ``span{v_i - v_k}``, the directions of
        integration; normally the first ``r`` columns of the means.
    weights : n numbers
    perpendicular_square : number, optional
        ``|p|^2``, ``p`` the constant part of the means perpendicular to the differences. Default:
        the squared columns of the means after the first ``r``.
    dimension : int, optional
        Ambient dimension ``d``; default ``s``.
    teacher : TeacherInputs, optional
        Default: one Gaussian at the origin.
    """

    means: Sequence[Sequence[Any]]
    coordinates: Sequence[Sequence[Any]]
    weights: Sequence[Any]
    perpendicular_square: Any = None
    dimension: int | None = None
    teacher: TeacherInputs | None = None

    @property
    def rank(self) -> int:
        """Dimension of the integral."""
        return len(self.coordinates[0])

    def perpendicular(self, zero: Any) -> Any:
        """``|p|^2`` (``zero`` is the number type's own: ``0/2`` of Python would be a float)."""
        if self.perpendicular_square is not None:
            return self.perpendicular_square
        return sum((value * value for value in self.means[0][self.rank :]), zero)

    def centres(self, base: Base, zero: Any) -> Sequence[Sequence[Any]]:
        """Coordinates of the Gaussians whose mixture is the density of the expectation."""
        if base == "student":
            return self.coordinates
        return self.teacher.coordinates if self.teacher else [[zero] * self.rank]

    def leading_weight(self, base: Base, one: Any) -> Any:
        """Weight of the first of these Gaussians."""
        if base == "student":
            return self.weights[0]
        return self.teacher.weights[0] if self.teacher else one


#: Inputs, or a function that makes them at the backend's current working precision.
InputSource = Inputs | Callable[[], Inputs]


@dataclass(frozen=True)
class Expectations:
    """Values and absolute errors, one object array for each program.

    Attributes
    ----------
    values, errors : tuple of object arrays
        Shaped like the programs' outputs. The ball backend's values include all errors; its
        ``errors`` are the radii.
    nodes : int
        Quadrature nodes used.
    """

    values: tuple[NDArray[Any], ...]
    errors: tuple[NDArray[Any], ...]
    nodes: int


@dataclass(frozen=True)
class Attempt:
    """What a rule gives at one working precision.

    Attributes
    ----------
    kernel : Kernel
    sums : sequence of numbers
        Its accumulators.
    error : number
        Absolute error of each.
    nodes : int
    needed : int
        Working precision that the rule asks for; where it is higher the sums do not count.
    """

    kernel: Kernel
    sums: Sequence[Any]
    error: Any
    nodes: int
    needed: int = 0


def provide(inputs: InputSource) -> Inputs:
    """Inputs at the current precision."""
    return inputs() if callable(inputs) else inputs


def converted(inputs: Inputs, number: Callable[[Any], Any]) -> Inputs:
    """Inputs with every number converted."""
    square, teacher = inputs.perpendicular_square, inputs.teacher
    if teacher is not None:
        teacher = TeacherInputs(
            [[number(value) for value in row] for row in teacher.means],
            [[number(value) for value in row] for row in teacher.coordinates],
            [number(weight) for weight in teacher.weights],
        )
    return Inputs(
        [[number(value) for value in row] for row in inputs.means],
        [[number(value) for value in row] for row in inputs.coordinates],
        [number(weight) for weight in inputs.weights],
        None if square is None else number(square),
        inputs.dimension,
        teacher,
    )


def filled(shape: tuple[int, ...], value: Any) -> NDArray[Any]:
    """Object array with one value everywhere.

    Examples
    --------
    >>> filled((2,), 0).tolist()
    [0, 0]
    """
    array = np.empty(shape, dtype=object)
    array[...] = value
    return array
