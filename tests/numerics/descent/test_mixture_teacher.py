"""Descent to a mixture teacher: steps, backends, symmetries, fates, checkpoints."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from numerics import evaluate
from numerics.descent.result import Descent, RunOptions
from numerics.descent.run import descend
from numerics.errors import InputError
from numerics.evaluation.evaluator import Evaluator
from numerics.evaluation.result import NativeTeacher
from numerics.fates.criteria import FateInputs, decide_fates, settled
from numerics.gradient_flow.integrate import flow
from numerics.mixtures.reduction import reduce_problem

HALF = Fraction(1, 2)
TEACHER = {"means": [["-2"], ["3"]], "weights": ["1/3", "2/3"]}
SPACE = [["1", "0", "0"], ["0", "1", "1/2"]]
SPACE_TEACHER = {"means": [["-1", "0", "1"], ["1", "1", "0"]], "weights": ["1/4", "3/4"]}


def values(run: Descent) -> np.ndarray[Any, Any]:
    return np.array([[float(run.arithmetic.text(x, 15)) for x in row] for row in run.means])


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
@pytest.mark.parametrize(
    ("means", "teacher"), [([["1"], ["2"]], TEACHER), (SPACE, SPACE_TEACHER)], ids=["line", "space"]
)
def test_a_step_is_the_gradient(objective: str, means: Any, teacher: Any) -> None:
    weights = ["1/5", "4/5"]
    run = descend(
        objective, means, weights=weights, teacher=teacher, step_size="0.3", steps=1, digits=10
    )
    gradient = evaluate(
        objective, means, quantity="gradient", weights=weights, teacher=teacher, digits=12
    )
    start = np.array([[float(Fraction(x)) for x in row] for row in means])
    assert np.abs(values(run) - (start - 0.3 * gradient.value)).max() < 1e-9


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
@pytest.mark.parametrize(
    ("means", "teacher", "digits"),
    [([["1"], ["2"]], TEACHER, 20), (SPACE, SPACE_TEACHER, 6)],
    ids=["line", "space"],
)
def test_backends_agree(objective: str, means: Any, teacher: Any, digits: int) -> None:
    steps = 12 if digits > 15 else 2
    runs = {
        backend: descend(
            objective,
            means,
            teacher=teacher,
            step_size="0.1",
            steps=steps,
            backend=backend,
            digits=min(digits, 15) if backend == "float64" else digits,
        )
        for backend in ("float64", "mpmath", "ball")
    }
    ball = runs["ball"]
    assert np.abs(values(runs["float64"]) - values(ball)).max() < 10.0 ** -min(digits - 1, 12)
    with mpmath.workdps(60):
        for row, enclosures in zip(runs["mpmath"].means, ball.means, strict=True):
            for value, enclosure in zip(row, enclosures, strict=True):
                middle = mpmath.mpf(ball.arithmetic.text(enclosure, 40))
                radius = mpmath.mpf(ball.arithmetic.radius_text(enclosure, 40))
                assert radius < mpmath.mpf(10) ** -digits
                assert abs(value - middle) < radius + mpmath.mpf(10) ** -digits


def test_noise_shrinks_the_teacher_too() -> None:
    """At time t: e^-t of all means, and a step in mu is a step e^-2t in them."""
    time, scale = "1/2", float(np.exp(-0.5))
    run = descend(
        "kl", [["1"], ["2"]], teacher=TEACHER, step_size="0.4", steps=1, time=time, digits=10
    )
    scaled = {"means": [[-2 * scale], [3 * scale]], "weights": ["1/3", "2/3"]}
    gradient = evaluate("kl", [[scale], [2 * scale]], quantity="gradient", teacher=scaled)
    expected = np.array([[1.0], [2.0]]) - 0.4 * scale * gradient.value
    assert np.abs(values(run) - expected).max() < 1e-9


def test_moving_everything_moves_the_run() -> None:
    shift = Fraction(7, 3)
    moved = {
        "means": [[str(Fraction(row[0]) + shift)] for row in TEACHER["means"]],
        "weights": TEACHER["weights"],
    }
    here = descend("reverse", [["1"], ["2"]], teacher=TEACHER, step_size="0.2", steps=30)
    there = descend("reverse", [[1 + shift], [2 + shift]], teacher=moved, step_size="0.2", steps=30)
    assert np.abs(values(here) + float(shift) - values(there)).max() < 1e-12
    assert abs(here.loss - there.loss) < 1e-13


def test_a_symmetric_run_stays_symmetric_and_the_teacher_decides_what_is() -> None:
    one, means = Fraction(1), ((Fraction(1),), (Fraction(-1),))
    even = reduce_problem(means, (HALF, HALF), ((2 * one,), (-2 * one,)), (HALF, HALF))
    assert even.symmetry.representative == (0, 0)
    skew = reduce_problem(means, (HALF, HALF), ((one,), (-2 * one,)), (2 * one / 3, one / 3))
    assert skew.symmetry.representative == (0, 1)
    run = descend(
        "forward", [[1], [-1]], teacher={"means": [[2], [-2]]}, step_size="0.2", steps=200
    )
    assert run.means[0, 0] == -run.means[1, 0]


def test_rank_of_a_reduction_counts_both_mixtures() -> None:
    one, zero = Fraction(1), Fraction(0)
    rows = ((one, zero, zero), (zero, one, zero))
    teacher = ((zero, zero, one), (zero, zero, -one))
    reduction = reduce_problem(rows, (HALF, HALF), teacher, (HALF, HALF))
    assert (reduction.rank, reduction.span) == (2, 3)
    assert reduce_problem(rows, (HALF, HALF)).rank == 1


@pytest.mark.parametrize("backend", ["float64", "ball"])
def test_at_the_teacher_nothing_moves(backend: str) -> None:
    run = descend(
        "reverse",
        TEACHER["means"],
        weights=TEACHER["weights"],
        teacher=TEACHER,
        step_size="0.2",
        steps=20,
        backend=backend,
        digits=12,
    )
    assert np.abs(values(run) - np.array([[-2.0], [3.0]])).max() < 1e-11
    coordinates = run.centred_means
    nearest = run.problem.nearest(coordinates, run.arithmetic)
    assert [index for index, _ in nearest] == [0, 1]
    assert all(upper < Fraction(1, 10**20) for _, (_, upper) in nearest)


def test_fates_name_the_nearest_teacher_mean() -> None:
    run = descend(
        "reverse", [["-4"], ["5"]], weights=["1/3", "2/3"], teacher=TEACHER,
        step_size="0.2", steps=400,
    )  # fmt: skip
    assert [(fate.fate, fate.criterion, fate.reached) for fate in run.fates] == [
        ("converged", "optimum", True),
        ("converged", "optimum", True),
    ]
    assert np.abs(values(run) - np.array([[-2.0], [3.0]])).max() < 1e-3


def situation(*last: str, first: str = "1", **changes: Any) -> FateInputs:
    squares = tuple((Fraction(x) ** 2, Fraction(x) ** 2) for x in last)
    history = [(step, (float(Fraction(first)),) * len(last)) for step in range(50, 99, 4)]
    history.append((100, tuple(float(Fraction(x)) for x in last)))
    there = FateInputs(
        "kl", (HALF,) * len(last), squares, HALF, "numerical", history, 100, mixture=True
    )
    return replace(there, **changes)


def test_the_criterion_looks_at_each_component_by_itself() -> None:
    fates = decide_fates(situation("0.14", "0.16", "0"))
    assert [fate.fate for fate in fates] == ["converged", "undecided", "converged"]
    assert [fate.criterion for fate in fates] == ["nearest", "none", "nearest"]
    moving_away = decide_fates(situation("0.14", first="0.1"))
    assert moving_away[0].fate == "undecided"
    assert decide_fates(situation("0.1", history=[(100, (0.1,))]))[0].fate == "undecided"
    assert decide_fates(situation("0.1"), theorems_only=True)[0].fate == "undecided"
    assert decide_fates(situation("0.1", basis="enclosure"))[0].basis == "numerical"


def test_no_theorem_is_applied_to_a_mixture_teacher() -> None:
    assert not settled(situation("0.1"))
    assert settled(situation("0.1", mixture=False))


def test_a_mixture_of_one_is_a_single_teacher() -> None:
    for teacher in ({"means": [["1/3"]]}, {"means": [["1/3"], ["1/3"]]}, ["1/3"]):
        run = descend("kl", [["2"], ["-1"]], teacher=teacher, step_size="0.5", steps=5)
        assert run.fates[0].criterion == "Theorem K"
        assert not run.problem.mixture


def test_resumed_runs_agree_bit_for_bit_and_other_teachers_are_refused(tmp_path: Path) -> None:
    def run(name: str, teacher: Any = SPACE_TEACHER, **options: Any) -> Descent:
        return descend(
            "reverse", SPACE, teacher=teacher, step_size="0.1", steps=40, digits=6,
            options=RunOptions(out=tmp_path / name, every=10, **options),
        )  # fmt: skip

    whole = run("whole.csv")
    calls = iter(range(100))
    stopped = run("part.csv", stop=lambda: next(calls) >= 17)
    assert not stopped.finished
    other = {**SPACE_TEACHER, "weights": ["1/2", "1/2"]}
    with pytest.raises(InputError, match="teacher_weights"):
        run("part.csv", teacher=other, resume=True)
    resumed = run("part.csv", resume=True)
    assert (resumed.means == whole.means).all()
    assert (tmp_path / "part.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_what_is_refused() -> None:
    with pytest.raises(InputError, match="one Gaussian"):
        descend(
            "kl", [["1"]], teacher=TEACHER, step_size="0.1", steps=3, backend="ball",
            options=RunOptions(certify=True),
        )  # fmt: skip
    with pytest.raises(InputError, match="one Gaussian"):
        flow("forward", [["4"], ["2.5"]], teacher_mean=TEACHER, tau_end=1)


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_frames_that_turn_get_nodes_where_the_teacher_is(objective: str) -> None:
    """One evaluator along a path on which the frame turns, against fresh evaluations."""
    theta = np.array([[0.5, -0.5, 0.0], [-0.5, 0.5, 0.0]])
    evaluator = Evaluator(
        objective, ("gradient",), n=1, dimension=3, digits=9,
        teacher=NativeTeacher(theta, (HALF, HALF)),
    )  # fmt: skip
    two = Evaluator(
        objective, ("gradient",), n=2, dimension=3, digits=6,
        teacher=NativeTeacher(theta, (HALF, HALF)),
    )  # fmt: skip
    for angle in (0.0, 0.01, 0.3, 1.2, 2.5):  # a little, and enough to leave the plan
        row = np.array([[np.cos(angle), np.sin(angle), 0.5]])
        other = np.array([[0.25, 0.0, np.sin(angle)]])
        for run, means, digits in ((evaluator, row, 9), (two, np.vstack([row, other]), 6)):
            expected = evaluate(
                objective, means, quantity="gradient", teacher={"means": theta}, digits=digits
            )
            assert np.abs(run(means)["gradient"] - expected.value).max() < 10.0**-digits


def test_sampled_gradients_above_rank_three() -> None:
    theta = np.array([[1.0, 0, 0, 0, 0], [0, -1.0, 0, 0, 0], [-1.0, 1.0, 0, 0, 0]])
    rho = (Fraction(1, 3),) * 3
    means = np.eye(5)[1:4] * 1.5
    evaluator = Evaluator(
        "kl", ("gradient",), n=3, dimension=5, digits=5, teacher=NativeTeacher(theta, rho)
    )
    found = evaluator(means)["gradient"]
    expected = evaluate(
        "kl", means, quantity="gradient", teacher={"means": theta}, digits=5, max_nodes=1 << 16
    )
    assert evaluator.rank == 4
    assert (np.abs(found - expected.value) < evaluator.error + expected.error).all()
    assert evaluator.error < 0.1
