"""The state of a running descent, and its arrays as the exact text of a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass

from numerics.arithmetic import Arithmetic, Array
from numerics.checkpoint import Checkpoint, Rows
from numerics.descent_problem import DescentProblem
from numerics.errors import InputError

Anchors = tuple[Array | None, Array | None]


@dataclass
class State:
    """The iterate and what travels with it."""

    step: int
    coordinates: Array
    history: list[tuple[int, tuple[float, ...]]]

    @classmethod
    def initial(cls, problem: DescentProblem, arithmetic: Arithmetic) -> State:
        """Return the user's initial means in the coordinates of their span."""
        scale = problem.paper.scale(arithmetic)
        return cls(0, problem.reduction.coordinates(scale, arithmetic), [])

    @classmethod
    def restore(cls, saved: Checkpoint, arithmetic: Arithmetic) -> State:
        """Return the state of a checkpoint; foreign numbers in it are an InputError."""
        try:
            coordinates = load_array(saved.coordinates, arithmetic)
            history = [
                (step, tuple(float.fromhex(norm) for norm in norms))
                for step, norms in saved.history
            ]
        except ValueError as error:
            raise InputError("resume", str(error), "a checkpoint of the same backend") from error
        return cls(saved.step, coordinates, history)


def dump_array(values: Array, arithmetic: Arithmetic) -> Rows:
    """Return an array as exact text."""
    return tuple(tuple(arithmetic.dump(entry) for entry in row) for row in values)


def load_array(rows: Rows, arithmetic: Arithmetic) -> Array:
    """Inverse of `dump_array`; raises ValueError on foreign text."""
    return arithmetic.array([[arithmetic.load(entry) for entry in row] for row in rows])


def dump_anchors(anchors: Anchors, arithmetic: Arithmetic) -> tuple[Rows | None, Rows | None]:
    """Return the anchors of a gradient source as exact text."""
    first, second = (None if a is None else dump_array(a, arithmetic) for a in anchors)
    return first, second


def load_anchors(anchors: tuple[Rows | None, Rows | None], arithmetic: Arithmetic) -> Anchors:
    """Inverse of `dump_anchors`."""
    first, second = (None if a is None else load_array(a, arithmetic) for a in anchors)
    return first, second
