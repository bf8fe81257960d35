"""Gradient flow: power laws at very long times, and the small-step limit of gradient descent."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.integrate

import numerics
from numerics import flow
from numerics.descent.run import descend
from numerics.errors import InputError
from numerics.evaluation.evaluator import Evaluator


def end_game_limit(weights: list[float], factor: float) -> float:
    """``sum 1/(factor l_k^2)``: the compression of ``diag(pi)`` to the complement of ``pi``."""
    pi = np.array(weights)
    basis = np.linalg.svd(pi[None])[2][1:]
    eigenvalues = np.linalg.eigvalsh(basis @ np.diag(pi) @ basis.T)
    return float(1 / (factor * eigenvalues[0] ** 2))  # d = 1: the smallest one


@pytest.mark.parametrize(
    ("objective", "factor"), [("forward", 64.0), ("reverse", 64.0), ("kl", 16.0)]
)
def test_end_game_of_two_components(objective: str, factor: float) -> None:
    run = flow(objective, [["1.5"], ["-1"]], tau_end="1e8", digits=7, record=["1e4", "1e8"])
    early, late = (point.loss * point.tau**2 for point in run.points)
    limit = end_game_limit([0.5, 0.5], factor)
    assert limit == pytest.approx(4 / factor)
    assert abs(late - limit) < 1e-6
    assert abs(late - limit) < abs(early - limit) / 100
    assert all(point.loss_error < 1e-5 * point.loss for point in run.points)


def test_end_game_of_unequal_weights() -> None:
    """Plain descent at tau = 8e4 gives 0.27 and 0.32 from two starts; the flow gets to 0.3233."""
    limit = end_game_limit([0.2, 0.5, 0.3], 64.0)
    assert round(limit, 3) == 0.323
    for start in (["1", "-1", "0.5"], ["0.5", "1", "-1.2"]):
        run = flow(
            "forward",
            [[entry] for entry in start],
            weights=["0.2", "0.5", "0.3"],
            tau_end="1e10",
            digits=6,
            record=["1e10"],
        )
        assert abs(run.points[0].loss * run.points[0].tau ** 2 - limit) < 1e-3 * limit


def test_escape_law() -> None:
    """``L tau (l + 1.5 ln l + 0.5 ln pi - ln 2 - 2) -> 2`` at ``l = ln tau`` (theory, F8)."""
    logs = (20.0, 40.0)
    taus = [math.exp(log) for log in logs]
    run = flow("forward", [["0"], ["3.1"]], tau_end=taus[-1], record=taus, digits=6)
    measured = []
    for log, point in zip(logs, run.points):
        assert point.loss_error < 1e-4 * point.loss
        law = log + 1.5 * math.log(log) + 0.5 * math.log(math.pi) - math.log(2) - 2
        measured.append(point.loss * point.tau * law)
    assert [round(value, 4) for value in measured] == [1.9925, 1.9964]
    assert run.gradient_error < 1e-6


def test_flow_is_the_small_step_limit_of_descent() -> None:
    means, tau = [["1.5", "0"], ["-0.5", "1"]], 3
    limit = flow("forward", means, tau_end=tau, digits=11, record=[tau]).points[0]
    errors = []
    for steps in (300, 600):
        run = descend("forward", means, step_size=f"{tau}/{steps}", steps=steps)
        errors.append(np.abs(run.means - limit.means).max())
    assert errors[0] < 0.02
    assert 1.9 < errors[0] / errors[1] < 2.1  # first order in the step


def test_flow_against_an_explicit_method() -> None:
    """Same gradients, but in ``tau`` and by an explicit Runge-Kutta method of order 8."""
    weights = ["0.3", "0.7"]
    gradient = Evaluator("kl", ("gradient",), n=2, dimension=1, weights=weights)

    def velocity(_: float, v: Any) -> Any:
        return -gradient(v.reshape(2, 1))["gradient"].ravel()

    expected = scipy.integrate.solve_ivp(
        velocity, (0, 20), [2.0, -1.0], method="DOP853", rtol=1e-12, atol=1e-13
    ).y[:, -1]
    run = flow("kl", [[2], [-1]], weights=weights, tau_end=20, digits=11, record=[20])
    assert np.abs(run.points[0].means.ravel() - expected).max() < 1e-9


def test_coincident_means_and_symmetries_are_kept() -> None:
    merged = flow("forward", [["3"], ["1"], ["1"]], tau_end=100, digits=9).points[-1]
    assert merged.means[1] == merged.means[2]
    mirrored = flow("forward", [["0"], ["2"], ["-2"]], tau_end=1000, digits=9).points[-1]
    assert mirrored.means[0] == 0
    assert mirrored.means[1] == -mirrored.means[2]


def test_teacher_mean_and_default_times() -> None:
    centred = flow("forward", [["1"], ["-0.5"]], tau_end=50, digits=9)
    moved = flow("forward", [["4"], ["2.5"]], teacher_mean=["3"], tau_end=50, digits=9)
    assert centred.taus.tolist() == [0, 1, 10, 50]
    assert np.allclose(moved.points[-1].means - 3, centred.points[-1].means, atol=1e-14, rtol=0)
    assert np.array_equal(moved.losses, centred.losses)
    assert centred.losses[0] == pytest.approx(numerics.evaluate("forward", [[1], ["-0.5"]]).value)


def test_tiny_gradients_keep_their_relative_accuracy() -> None:
    """At ``a = 25`` the gradient is 1e-32, yet relatively exact once the quadrature follows."""
    means = np.array([[1e-36], [25.0]])
    fine = Evaluator("forward", ("gradient",), n=2, dimension=1, goal=1e-46)
    found = fine(means)["gradient"]
    exact = Evaluator("forward", ("gradient",), n=2, dimension=1, digits=52, backend="mpmath")
    with mpmath.workdps(80):
        expected = exact([[mpmath.mpf(float(entry)) for entry in row] for row in means])
        for value, reference in zip(found.flat, expected["gradient"].flat):
            assert abs(mpmath.mpf(float(value)) / reference - 1) < 1e-13
    assert fine.error < 1e-12 * np.abs(found).max()


@pytest.mark.filterwarnings("ignore::scipy.linalg.LinAlgWarning")
def test_float64_refuses_an_end_game_lost_in_rounding() -> None:
    with pytest.raises(InputError, match=r"beyond tau = .*float64") as caught:
        flow("forward", [["1.5"], ["-1"]], tau_end="1e60", digits=4)
    assert caught.value.argument == "tau_end"


@pytest.mark.parametrize(
    ("argument", "changes"),
    [
        ("tau_end", {"tau_end": 0}),
        ("tau_end", {"tau_end": "1e200"}),
        ("record", {"record": [2, 1]}),
        ("record", {"record": [11]}),
        ("digits", {"digits": 13}),
        ("digits", {"means": np.eye(5).tolist()}),
    ],
)
def test_bad_input(argument: str, changes: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"means": [[1], [2]], "tau_end": 10, **changes}
    with pytest.raises(InputError) as caught:
        flow("forward", arguments.pop("means"), **arguments)
    assert caught.value.argument == argument


def test_rank_above_three_has_the_error_of_its_samples() -> None:
    """Against descent with eight times the points, extrapolated to step 0."""
    means = [["1", "0", "0", "0"], ["0", "0.7", "0", "0"], ["0", "0", "-0.5", "0"],
             ["0", "0", "0", "0.8"], ["-0.6", "0", "0.3", "0"]]  # fmt: skip
    point = flow("forward", means, tau_end=2, record=[2], digits=3, max_nodes=2048).points[0]
    run = descend("forward", means, step_size="1/50", steps=100, max_nodes=16384, seed=5)
    other = descend("forward", means, step_size="1/25", steps=50, max_nodes=16384, seed=5)
    limit = 2 * run.loss - other.loss
    assert 1e-7 < point.loss_error < 0.02 * point.loss
    assert abs(point.loss - limit) < 2 * point.loss_error


def test_goal_needs_a_product_rule() -> None:
    with pytest.raises(InputError, match="goal"):
        Evaluator("forward", ("loss",), n=6, dimension=5, goal=1e-20)
    with pytest.raises(InputError, match="goal"):
        Evaluator("forward", ("loss",), n=2, dimension=1, goal=0.0)
