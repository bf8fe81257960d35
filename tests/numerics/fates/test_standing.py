"""Stationary points that are not the truth: told from moving, converged and escaping runs."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.descent.run import descend
from numerics.evaluation.evaluate import evaluate
from numerics.fates.standing import across_rotations, reaches_zero, standing

HALF = [Fraction(1, 2)] * 2
TEACHER: dict[str, Any] = {"means": [["-2"], ["3"]], "weights": ["1/2", "1/2"]}
FAR = {"means": [["-6"], ["6"]], "weights": ["1/2", "1/2"]}


@pytest.mark.parametrize("backend", ["float64", "mpmath"])
def test_a_run_that_stands_above_the_least_loss_is_at_a_local_optimum(backend: str) -> None:
    found = descend(
        "reverse", [["1"], ["2"]], teacher=TEACHER, step_size="0.2", steps=420, backend=backend
    )
    assert [fate.fate for fate in found.fates] == ["local optimum"] * 2
    assert {(fate.criterion, fate.basis) for fate in found.fates} == {
        ("local optimum", "numerical")
    }
    assert "above the 0" in found.fates[0].note
    assert float(found.loss) > 0.1


def test_weights_that_cannot_match_are_compared_with_placements() -> None:
    run = descend("reverse", [["1"], ["2"], ["3/2"]], teacher=TEACHER, step_size="0.2", steps=600)
    assert [fate.fate for fate in run.fates] == ["local optimum"] * 3
    assert "components on the teacher's means" in run.fates[0].note


def test_the_best_that_the_weights_allow_is_no_local_optimum() -> None:
    found = standing(
        "kl", [[-5.99], [6.0]], [Fraction(1, 3), Fraction(2, 3)], [[-6.0], [6.0]], HALF
    )
    assert found.kind == "moving"
    run = descend(
        "kl", [["-5"], ["5"]], weights=["1/3", "2/3"], teacher=FAR, step_size="0.5", steps=300
    )
    assert "local optimum" not in {fate.fate for fate in run.fates}


def test_coincident_components_between_the_teachers_stand_at_a_saddle() -> None:
    run = descend("kl", [["1"], ["1"]], teacher=TEACHER, step_size="0.2", steps=300)
    assert [fate.fate for fate in run.fates] == ["undecided"] * 2
    assert "saddle" in run.fates[0].note


def test_the_saddle_of_two_components_is_no_local_optimum_in_any_dimension() -> None:
    for dimension in (1, 2, 3):
        rest = [0.0] * (dimension - 1)
        means = [[0.0, *rest], [2.456282254767975, *rest]]
        assert standing("forward", means, HALF, [[0.0] * dimension], [Fraction(1)]).kind == "saddle"


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_rotations_are_the_only_flat_directions_of_the_saddle(dimension: int) -> None:
    means = np.zeros((2, dimension))
    means[1, 0] = 2.456282254767975
    free = across_rotations(means, np.zeros((1, dimension)))
    hessian = evaluate("forward", means, quantity="hessian").value  # type: ignore[union-attr]
    assert free.shape == (2 * dimension, 2 * dimension - (dimension - 1))
    assert np.abs(np.linalg.eigvalsh(free.T @ hessian @ free)).min() > 1e-2


def test_a_stationary_point_that_is_flat_is_not_called_converged() -> None:
    teacher = {"means": [["-2", 0], ["3", 0]], "weights": ["1/2", "1/2"]}
    run = descend("reverse", [["1", 0], ["2", 0]], teacher=teacher, step_size="0.2", steps=600)
    assert [fate.fate for fate in run.fates] == ["undecided"] * 2
    assert "neither minimum nor saddle" in run.fates[0].note


@given(
    st.sampled_from(["forward", "reverse", "kl"]),
    st.lists(st.floats(7, 40), min_size=1, max_size=2),
    st.sampled_from([1, -1]),
)
def test_far_components_are_not_taken_for_stationary(
    objective: str, far: list[float], side: int
) -> None:
    means = [[0.0], *([side * place] for place in far)]
    weights = [Fraction(1, len(means))] * len(means)
    found = standing(objective, means, weights, [[0.0]], [Fraction(1)]).kind
    assert found in ("moving", "flat", "least loss")


@given(st.sampled_from(["forward", "reverse", "kl"]), st.integers(0, 2**32 - 1))
def test_a_student_like_the_teacher_is_at_no_local_optimum(objective: str, seed: int) -> None:
    places = np.random.default_rng(seed).uniform(-4, 4, (2, 2)).tolist()
    assert standing(objective, places, HALF, places, HALF).kind == "least loss"


@given(st.integers(1, 6), st.integers(1, 3), st.randoms(use_true_random=False))
def test_grouping_of_weights_agrees_with_trying_all(count: int, bins: int, random: Any) -> None:
    def draw(size: int) -> list[Fraction]:
        parts = [random.randint(1, 3) for _ in range(size)]
        return [Fraction(part, sum(parts)) for part in parts]

    weights, teacher = draw(count), draw(bins)
    expected = any(
        all(
            sum((w for w, k in zip(weights, places, strict=True) if k == j), Fraction(0)) == rho
            for j, rho in enumerate(teacher)
        )
        for places in product(range(bins), repeat=count)
    )
    assert reaches_zero(weights, teacher) is expected


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
@pytest.mark.parametrize(
    ("means", "teacher", "closed"),
    [
        ([["-1"], ["-1"]], [["-3"], ["1"]], True),  # coincident for ever
        ([["0"], ["0"], ["0"]], [["-6"], ["6"]], True),
        ([["0", "1e-9"], ["0", "-1e-9"]], [["-6", "0"], ["6", "0"]], True),  # symmetric for ever
        # the same saddle off the symmetry: more steps leave it
        ([["1e-9"], ["0"]], [["-6"], ["6"]], False),
        ([["1e-9", "1e-9"], ["0", "-1e-9"]], [["-6", "0"], ["6", "0"]], False),
    ],
)
def test_only_an_open_saddle_is_left_by_more_steps(
    objective: str, means: list[list[str]], teacher: list[list[str]], closed: bool
) -> None:
    run = descend(objective, means, step_size="1e-6", steps=1, teacher={"means": teacher})
    for fate in run.fates:
        assert "stands at a saddle" in fate.note
        end = "another start decides" if closed else "another start or more steps decide"
        assert fate.note.endswith(end)
