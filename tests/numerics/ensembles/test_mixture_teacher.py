"""Batches of descents to a mixture teacher, against the evaluator one by one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from numerics.descent.run import descend
from numerics.ensembles.mixture_teacher import MixtureEnsemble, arrangement, drawn_from
from numerics.errors import InputError
from numerics.evaluation.evaluator import Evaluator
from numerics.evaluation.result import NativeTeacher


@pytest.mark.parametrize(
    ("objective", "error"), [("reverse", 1e-3), ("kl", 1e-4), ("forward", 1e-2)]
)
@pytest.mark.parametrize(
    ("n", "k", "d", "separation"), [(3, 2, 1, 6.0), (2, 3, 2, 4.0), (2, 2, 1, 12.0), (1, 2, 1, 1.0)]
)
def test_gradients_are_the_evaluators(
    objective: str, error: float, n: int, k: int, d: int, separation: float
) -> None:
    teacher = arrangement(k, d, separation)
    starts = drawn_from(teacher, n, 12, [1])
    found = MixtureEnsemble(objective, teacher, n).gradient(starts)
    centred = NativeTeacher(teacher - teacher.mean(axis=0), (Fraction(1, k),) * k)
    one = Evaluator(objective, ("gradient",), n=n, dimension=d, digits=9, teacher=centred)
    wanted = np.array([one(rows - teacher.mean(axis=0))["gradient"] for rows in starts])
    assert np.abs(found - wanted).max() < error * max(1.0, np.abs(wanted).max())


def test_descents_end_where_single_ones_do() -> None:
    teacher = arrangement(2, 1, 5.0)
    starts = np.array([[[-1.0], [2.0]], [[-4.0], [-2.0]], [[0.5], [1.0]]])
    ends = MixtureEnsemble("reverse", teacher, 2).descend(starts, step_size=0.25, steps=40)
    for row, start in enumerate(starts):
        run = descend(
            "reverse", start, teacher={"means": teacher}, step_size="1/4", steps=40, digits=9
        )
        reached = np.asarray(run.means, dtype=float)
        distances = np.abs(reached - teacher[ends.first[row]])[:, 0]
        assert np.abs(distances - ends.distances[row]).max() < 5e-3
    assert ends.first.tolist() == [[0, 1], [0, 0], [1, 1]]


def test_arrangements_and_draws() -> None:
    line = arrangement(3, 1, 4.0)
    assert line.ravel().tolist() == [-4.0, 0.0, 4.0]
    corners = arrangement(4, 2, 2.0)
    gaps = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    assert gaps == pytest.approx([2.0] * 4)
    draws = drawn_from(line, 2, 4000, [0])
    assert abs(draws.mean()) < 0.2
    assert draws.var() == pytest.approx(1 + 32 / 3, rel=0.05)
    assert (drawn_from(line, 2, 5, [7]) == drawn_from(line, 2, 5, [7])).all()


def test_three_dimensions_are_refused() -> None:
    with pytest.raises(InputError, match="one or two"):
        MixtureEnsemble("reverse", np.zeros((2, 3)), 2)
