"""Fates at the end of a descent, with what is missing where they are undecided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numerics.descent.problem import DescentProblem
from numerics.fates.criteria import Fate, FateInputs, decide_fates
from numerics.fates.reasons import with_reasons
from numerics.fates.standing import Kind, Standing, standing
from numerics.numbers.arithmetic import Arithmetic, Array
from numerics.numbers.exact import to_float


def final_fates(
    situation: FateInputs,
    look: Callable[[], Standing],
    *,
    certify: bool,
    finished: bool,
    loss: str = "",
) -> tuple[Fate, ...]:
    """Decide the fates, or say why not; a stopped run is not looked at for local optima.

    Parameters
    ----------
    situation : FateInputs
        At the last iterate.
    look : callable
        Says where the run stands; asked only where no theorem decides.
    certify : bool
        Whether theorems alone may decide.
    finished : bool
        Whether the run took all its steps.
    loss : str
        At the last iterate, for the note on teacher components without a student.
    """
    found: list[Standing] = []

    def stands() -> Kind | None:
        if not finished:
            return None
        found.append(look())
        return found[0].kind

    fates = decide_fates(situation, theorems_only=certify, stands=stands)
    return with_reasons(
        situation,
        fates,
        theorems_only=certify,
        stands=found[0] if found else None,
        stopped=not finished,
        loss=loss,
    )


def stands_at(problem: DescentProblem, centred: Array, arithmetic: Arithmetic) -> Standing:
    """Where a run stands, by its means ``v`` (n x d) in float64."""
    scale = problem.paper.scale(arithmetic)

    def double(value: Any) -> float:
        low, high = arithmetic.bounds(value)
        return to_float((low + high) / 2)

    teacher = [
        [double(scale * arithmetic.number(entry)) for entry in row]
        for row in problem.centred_teacher
    ]
    means = [[double(entry) for entry in row] for row in centred]
    return standing(
        problem.objective,
        means,
        problem.weights,
        teacher,
        problem.teacher.weights,
        problem.reduction.moves(),
    )
