"""Problems and frames: centring, exact rank, coordinates that reproduce all inner products."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.mixtures.problem import Problem, Teacher
from numerics.numbers.exact import dot, subtract

entries = st.fractions(-5, 5, max_denominator=6)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    d = draw(st.integers(1, 4))
    row = st.tuples(*[entries] * d)
    means = draw(st.lists(row, min_size=1, max_size=4))
    teacher = draw(st.lists(row, min_size=1, max_size=3))
    return Problem.from_user(means, None, {"means": teacher})


@given(problems())
def test_frame_reproduces_inner_products_and_integrates_only_differences(problem: Problem) -> None:
    frame = problem.frame
    lengths = frame.squared_lengths
    rows = [*problem.means, *problem.teacher.means]
    coordinates = [frame.project(row) for row in rows]

    def product(a: tuple[Fraction, ...], b: tuple[Fraction, ...]) -> Fraction:
        return sum((x * y * s for x, y, s in zip(a, b, lengths, strict=True)), Fraction(0))

    for i, row in enumerate(rows):
        for k, other in enumerate(rows):
            assert product(coordinates[i], coordinates[k]) == dot(row, other)
    # Beyond the rank all students share one coordinate and the teachers have none.
    assert len({c[frame.rank :] for c in coordinates[: problem.n]}) == 1
    assert all(not any(c[frame.rank :]) for c in coordinates[problem.n :])
    assert len(frame.axes) - frame.rank in (0, 1)


@given(problems())
def test_rank_is_that_of_the_differences(problem: Problem) -> None:
    differences = [subtract(row, problem.means[0]) for row in problem.means]
    differences += list(problem.teacher.means)
    rank = np.linalg.matrix_rank(np.array(differences, dtype=float))
    assert problem.rank == rank
    assert problem.rank <= min(problem.n + len(problem.teacher.means) - 2, problem.dimension)


def test_centring_puts_the_first_teacher_mean_at_the_origin() -> None:
    problem = Problem.from_user([["1/2", 1]], None, {"means": [[1, 1], [3, 0]]})
    assert problem.means == ((Fraction(-1, 2), Fraction(0)),)
    assert [list(map(int, row)) for row in problem.teacher.means] == [[0, 0], [2, -1]]
    assert problem.teacher_kind == "mixture"
    assert Problem.from_user([[1]], None, ["1/3"]).means == ((Fraction(2, 3),),)


def test_rank_counts_directions_of_any_length() -> None:
    assert Problem.from_user([[0, 0], [1, 0], [2, "1e-300"]]).rank == 2
    assert Problem.from_user([[0, 0], [1, "1e-300"], [2, "2e-300"]]).rank == 1
    assert Problem.from_user([[4, 1], [4, 1]]).rank == 0


def test_coordinate_axes_stay_coordinate_axes() -> None:
    frame = Problem.from_user([[0, 0, 3], [0, -5, 3]]).frame
    assert [list(map(int, axis)) for axis in frame.axes] == [[0, 1, 0], [0, 0, 1]]
    assert frame.silent


@pytest.mark.parametrize(
    "teacher",
    [
        [1],
        [1, 2, 3],
        "ab",
        5,
        {"mean": [1, 2]},
        {"means": [[1]]},
        {"means": [[1, 2]], "weights": [0.5]},
        {"means": [[1, 2]], "weight": [1]},
        {"means": [[1, 2], [0, 0]], "weights": ["1/2", "1/3"]},
        Teacher(((Fraction(0),),), (Fraction(1),)),
        [float("nan"), 1],
    ],
)
def test_bad_teachers_are_refused(teacher: object) -> None:
    with pytest.raises(InputError, match="teacher"):
        Problem.from_user([[0, 0], [1, 1]], None, teacher)
