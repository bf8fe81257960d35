"""Reduction to one dimension and the Hessian at collinear means."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import numerics
from derive.algebra.index import atom
from derive.losses.objectives import OBJECTIVES, Objective
from derive.slices import collinear
from derive.two_components import reduction as reductions
from derive.two_components.reduction import two_component_reduction
from tests.derive.planting import steps_that_notice


def test_all_derivations_verify() -> None:
    hessians = [collinear.collinear_hessian(name) for name in OBJECTIVES]
    for derivation in (two_component_reduction(), *hessians):
        outcome = derivation.verify()
        assert outcome, outcome.failed


def test_planted_errors_are_noticed(monkeypatch) -> None:
    planted, noticed = steps_that_notice(monkeypatch, reductions, two_component_reduction)
    assert planted >= 2
    assert noticed == planted


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize(
    ("planted", "failing"),
    [
        (atom("m", "a0") * atom("g", "a1"), (0,)),  # g: a vector off the line
        (atom("g", "a0") * atom("g", "a1"), (0, 1)),
        (atom("delta_component", "j0", "j1") * atom("delta_coordinate", "a0", "a1"), (2,)),
    ],
    ids=["mixed", "across", "delta"],
)
def test_a_planted_term_of_the_hessian_is_noticed(
    monkeypatch, name: str, planted, failing: tuple[int, ...]
) -> None:
    original = collinear.hessian_integrand

    def wrong(objective: Objective):
        shares = atom("psi", "j0") * atom("psi", "j1")
        return original(objective) + planted * shares * Fraction(1, 1000)

    monkeypatch.setattr(collinear, "hessian_integrand", wrong)
    holds = collinear.collinear_hessian(name).verify().holds
    assert tuple(k for k, held in enumerate(holds) if not held) == failing


@pytest.mark.parametrize(("objective", "share"), [("forward", 1), ("reverse", 1), ("kl", 0.5)])
def test_two_components_in_the_plane(objective: str, share: float) -> None:
    first, second = np.array([0.3, -0.8, 0.4]), np.array([1.1, 0.9, -0.2])
    difference = second - first
    a = float(np.linalg.norm(difference))
    alpha = float(first @ difference / a)
    rest = float(first @ first - alpha**2)
    weights = ["0.25", "0.75"]
    full = numerics.evaluate(objective, [list(first), list(second)], weights=weights).value
    flat = numerics.evaluate(objective, [[alpha], [alpha + a]], weights=weights).value
    assert full == pytest.approx(share * rest + flat, abs=1e-12)


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_the_collinear_hessian_splits_and_tilts(objective: str) -> None:
    places = [0.2, 1.5, -1.0]
    means = [[t, 0.0, 0.0] for t in places]
    weights = ["0.2", "0.3", "0.5"]
    hessian = numerics.evaluate(objective, means, quantity="hessian", weights=weights).value
    gradient = numerics.evaluate(objective, means, quantity="gradient", weights=weights).value
    table = np.array(hessian).reshape(3, 3, 3, 3)
    for a in range(3):
        for b in range(3):
            if a != b:
                assert np.abs(table[:, a, :, b]).max() < 1e-12
    assert table[:, 1, :, 1] == pytest.approx(table[:, 2, :, 2], abs=1e-12)
    assert table[:, 1, :, 1] @ np.array(places) == pytest.approx(
        np.array(gradient)[:, 0], abs=1e-12
    )
