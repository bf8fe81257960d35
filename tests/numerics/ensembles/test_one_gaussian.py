"""Ensembles of starts: gradients against the single evaluator, fates against single runs."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.descent.run import descend
from numerics.ensembles.fates import EnsembleFlow, descent_fates, flow_fates
from numerics.ensembles.one_gaussian import EnsembleGradient, active_components, nodes
from numerics.errors import InputError
from numerics.evaluation.evaluator import Evaluator
from numerics.gradient_flow.integrate import flow


def starts(n, d, distance, sigma, count, seed=0):
    means = sigma * np.random.default_rng(seed).standard_normal((count, n, d))
    means[:, :, 0] += distance
    return means


def relative_errors(objective, means, resolution):
    n, d = means.shape[1:]
    one = Evaluator(objective, ("gradient",), n=n, dimension=d, digits=11)
    exact = np.array([one(each)["gradient"] for each in means])
    error = np.abs(EnsembleGradient(objective, resolution)(means) - exact)
    return error.max(axis=(1, 2)) / np.abs(exact).max(axis=(1, 2))


@pytest.mark.parametrize("objective", ["forward", "kl"])
@pytest.mark.parametrize(
    ("n", "d", "distance", "sigma"),
    [(1, 2, 3, 1), (2, 1, 3, 1), (2, 5, 3, 1), (3, 1, 100, 1), (3, 2, 3, 1), (3, 3, 5, 2),
     (4, 2, 3, 0.1), (2, 3, 300, 1)],
)  # fmt: skip
def test_gradients_are_those_of_the_evaluator(objective, n, d, distance, sigma):
    means = starts(n, d, distance, sigma, 8)
    assert relative_errors(objective, means, 1.0).max() < 1e-4
    assert relative_errors(objective, means, 0.5).max() < 1e-7


def test_components_are_dropped_only_where_they_cannot_be_seen():
    means = starts(3, 2, 12, 4, 60, seed=3)
    active = active_components(means)
    assert 0 < active.mean() < 1
    one = Evaluator("forward", ("gradient",), n=3, dimension=2, digits=11)
    for each, kept in zip(means, active, strict=True):
        gradient = one(each)["gradient"]
        assert np.abs(gradient[~kept]).max(initial=0.0) < 1e-6 * np.abs(gradient).max()


def test_nodes_integrate_the_gaussian():
    points, weights = nodes(3, 1.5)
    assert weights.sum() == pytest.approx(1.0, abs=1e-6)
    assert weights @ (points[:, 0] ** 2 * points[:, 1] ** 2) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(("n", "distance"), [(2, 2.5), (3, 3.0)])
def test_fates_are_those_of_single_descents(n, distance):
    means = starts(n, 1, distance, 1, 8, seed=2)
    found = descent_fates(means, step_size=0.05, steps=20_000)
    assert found.undecided == 0
    assert len(set(found.converged.tolist())) > 1  # the sample tells outcomes apart
    for each, converged in zip(means, found.converged, strict=True):
        text = [[repr(float(entry)) for entry in row] for row in each]
        run = descend("forward", text, step_size="0.05", steps=3000, digits=10)
        assert [fate.fate for fate in run.fates].count("converged") == converged


def test_flow_is_the_limit_of_small_steps():
    means = starts(3, 1, 3, 1, 30)
    found = flow_fates(means)
    assert found.undecided == 0
    small = descent_fates(means, step_size=0.01, steps=40_000)
    assert (found.converged == small.converged).mean() > 0.9
    finer = flow_fates(means, tolerance=3e-5, resolution=0.6)
    assert (found.converged == finer.converged).all()


def test_the_flow_is_followed_to_the_right_time():
    means = starts(2, 1, 2.5, 1, 3, seed=4)
    ours = EnsembleFlow(means, EnsembleGradient("forward", 0.5), 1e-5)
    while ours.times.min() < 1.0:
        ours.advance(1e9)
        assert ours.rows.size == 3, "none may be decided that early"
    for each, end, time in zip(means, ours.means, ours.times, strict=True):
        text = [[repr(float(entry)) for entry in row] for row in each]
        exact = flow("forward", text, tau_end=repr(float(time)), digits=8).points[-1]
        assert np.abs(end - np.array(exact.means, dtype=float)).max() < 1e-4


def test_far_apart_components_are_decided_without_a_step():
    means = np.array([[[1000.0, 0.0], [1000.0, 400.0]], [[0.2, 0.1], [50.0, 0.0]]])
    found = flow_fates(means)
    assert found.converged.tolist() == [1, 1]
    assert found.steps <= 1


def test_equal_distances_compete():
    """Mirror images split or stay together by symmetry: neither may win."""
    means = np.array([[[3.0, 0.5], [3.0, -0.5]]])
    found = flow_fates(means, last_time=30.0)
    assert found.converged.tolist() in ([2], [-1])


def test_what_is_open_when_time_is_up_is_undecided():
    means = starts(3, 1, 3, 1, 5)
    assert flow_fates(means, expired=lambda: True).undecided == 5
    assert descent_fates(means, step_size=0.1, steps=1).undecided == 5


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda means: descent_fates(means, step_size=0.3, steps=1), "step_size"),
        (lambda means: flow_fates(means, objective="reverse"), "objective"),
    ],
)
def test_what_the_criteria_do_not_cover_is_refused(call, argument):
    with pytest.raises(InputError) as caught:
        call(starts(2, 1, 3, 1, 1))
    assert caught.value.argument == argument
