"""The mpmath and ball engine of `numerics.Evaluator`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from numerics.evaluation.exact_inputs import scalar_backend
from numerics.evaluation.request import SCALAR_RANK
from numerics.evaluation.result import FloatValues, Setting

if TYPE_CHECKING:
    from numerics.quadrature.inputs import Inputs


class ScalarEngine:
    """Scalar backends: kernels run in the caller's coordinates, integration along the span."""

    def __init__(self, setting: Setting, digits: int, backend: str, max_nodes: int | None) -> None:
        if setting.rank > SCALAR_RANK:
            raise InputError("rank", setting.rank, f'at most {SCALAR_RANK} with "{backend}"')
        self.programs, self.weights, self.rank = setting.programs, setting.weights, setting.rank
        self.digits = digits
        self.limit = {} if max_nodes is None else {"max_nodes": max_nodes}
        self.ball = backend == "ball"
        self.teacher = setting.teacher

    def __call__(self, means: Any, spanning: Any = None) -> FloatValues:
        """Evaluate at centred means, ``n x d``; vectors ``spanning`` their differences if given."""
        from numerics.quadrature.inputs import Inputs, TeacherInputs

        number, root, compute = scalar_backend("ball" if self.ball else "mpmath")
        rows = [list(row) for row in means]
        spanned = None if spanning is None else [list(row) for row in spanning]
        thetas = [list(row) for row in self.teacher.means] if self.teacher else []
        dimension = len(rows[0])

        def inputs() -> Inputs:
            zero = number(Fraction(0))
            coordinates, perpendicular = self._project([*rows, *thetas], zero, root, spanned)
            teacher = None
            if self.teacher is not None:
                weights = [number(weight) for weight in self.teacher.weights]
                teacher = TeacherInputs(thetas, coordinates[len(rows) :], weights)
            return Inputs(
                means=rows if dimension else [[zero] for _ in rows],
                coordinates=coordinates[: len(rows)],
                weights=[number(weight) for weight in self.weights],
                perpendicular_square=perpendicular,
                dimension=dimension,
                teacher=teacher,
            )

        result = compute(self.programs, inputs, digits=self.digits, **self.limit)
        values = []
        for value in result.values:
            if value.ndim == 2:
                value = value[:, :dimension]
            elif value.ndim == 4:
                value = value[:, :dimension, :, :dimension]
                value = value.reshape(len(rows) * dimension, len(rows) * dimension)
            values.append(value if value.ndim else value.item())
        error = max((entry for errors in result.errors for entry in errors.flat), default=0)
        return FloatValues(tuple(values), error, result.nodes)

    def _project(
        self,
        rows: list[list[Any]],
        zero: Any,
        root: Callable[[Any], Any],
        spanning: list[list[Any]] | None,
    ) -> tuple[list[list[Any]], Any]:
        """Coordinates along the span of the differences, and ``|p|^2`` of what is left."""
        if self.rank == len(rows[0]):
            return rows, zero
        count = len(self.weights)  # the teacher's means, if it is a mixture, follow the student's
        differences = spanning or [
            [a - b for a, b in zip(row, first, strict=True)]
            for first, *others in (rows[:count], rows[count:] or [[]])
            for row in others
        ]
        axes: list[list[Any]] = []
        for _ in range(self.rank):
            axes.append(self._longest(differences, axes, zero, root))
            differences = [_reject(row, axes[-1]) for row in differences]
        rest = rows[0]
        for axis in axes:
            rest = _reject(rest, axis)
        coordinates = [[_dot(row, axis) for axis in axes] for row in rows]
        return coordinates, sum((value * value for value in rest), zero)

    def _longest(
        self,
        vectors: list[list[Any]],
        axes: list[list[Any]],
        zero: Any,
        root: Callable[[Any], Any],
    ) -> list[Any]:
        """Direction of the longest vector; any direction orthogonal to ``axes`` if all vanish."""
        squares = [_dot(vector, vector) for vector in vectors]
        lowers = [square.lower() if self.ball else square for square in squares]
        best = 0
        for index, lower in enumerate(lowers):
            if lower > lowers[best]:
                best = index
        if lowers[best] > 0:
            length = root(squares[best])
            return [entry / length for entry in vectors[best]]
        if self.ball and not all(square.is_zero() for square in squares):
            raise InputError(
                "means",
                "a box in which means may coincide",
                "boxes in which the longest difference has no zero (or one coordinate)",
            )
        units = [
            [zero + (1 if a == b else 0) for b in range(len(vectors[0]))]
            for a in range(len(vectors[0]))
        ]
        for axis in axes:
            units = [_reject(unit, axis) for unit in units]
        unit = max(units, key=lambda u: float(_dot(u, u)))
        length = root(_dot(unit, unit))
        return [entry / length for entry in unit]


def _dot(left: Sequence[Any], right: Sequence[Any]) -> Any:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _reject(vector: Sequence[Any], axis: Sequence[Any]) -> list[Any]:
    """Remove the part along a unit vector."""
    factor = _dot(vector, axis)
    return [a - factor * b for a, b in zip(vector, axis, strict=True)]
