"""Theorem E_n': its bound of the pull along the near mean at configurations, and its regions."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np

from numerics.evaluation.evaluator import Evaluator
from numerics.fates import small_steps
from numerics.fates.criteria import FateInputs, decide_fates


def pull_along(means: np.ndarray) -> float:
    """``-e.(grad_1 L - 2 v_1)`` in the plane, by a grid of its own."""
    axis = np.linspace(-8, 8, 241)
    x, y = np.meshgrid(axis, axis)
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    weights = np.exp(-(points**2).sum(1) / 2) / (2 * math.pi) * (axis[1] - axis[0]) ** 2
    exponents = points @ means.T - (means**2).sum(1) / 2
    psi = np.exp(exponents - exponents.max(axis=1, keepdims=True))
    psi /= psi.sum(axis=1, keepdims=True)
    near = means[0]
    shift = psi @ means - near
    product = (shift * (psi @ means)).sum(1)
    drift = -(1 - psi[:, :1]) * near + psi[:, :1] * (shift - product[:, None] * (points - near))
    return float(-2 * (weights @ drift) @ near / np.linalg.norm(near))


def test_the_pull_along_the_near_mean_is_bounded() -> None:
    """In places that are drawn in a region, many of them at its edge."""
    draw = random.Random(4)
    closest = 0.0
    for _ in range(24):
        region = draw.choice(small_steps.REGIONS)
        n, eps, rho = draw.choice([2, 2, 3, 4]), float(region.near), float(region.far)
        size = eps * draw.choice([1, 1, draw.random()])
        means = [(size, 0.0)]
        for _ in range(n - 1):
            angle = draw.choice([0, math.pi, draw.uniform(0, 2 * math.pi)])
            norm = rho + draw.choice([0, 0, draw.uniform(0, 2)])
            means.append((norm * math.cos(angle), norm * math.sin(angle)))
        true = size * pull_along(np.array(means))
        most = 2 * (n - 1) * float(region.pull)
        assert true <= most, (region, means)
        closest = max(closest, true / most)
    assert closest > 0.4  # the bound says something


def test_runs_stay_in_a_region() -> None:
    """Random starts in a region: the near component stays within eps, far norms grow."""
    generator = np.random.default_rng(2)
    gradient = Evaluator("forward", ("gradient",), n=3, dimension=1)
    rho, eps, eta = 4.65, 0.5, 0.05
    for _ in range(6):
        far = generator.choice([-1, 1], 2) * generator.uniform(rho, 5.5, 2)
        means = np.array([[generator.uniform(-eps, eps)], *[[v] for v in far]])
        for _ in range(25):
            moved = means - eta * gradient(means)["gradient"]
            assert abs(moved[0, 0]) <= eps
            assert (np.abs(moved[1:]) > np.abs(means[1:])).all()
            means = moved


def test_it_decides_where_theorem_e_n_does_not() -> None:
    near, far = (Fraction(0), Fraction(1, 100)), (Fraction(27), Fraction(27))
    fifth = (Fraction(1, 5),) * 5

    def criteria(step: Fraction, span: int) -> set[str]:
        situation = FateInputs(
            "forward", fifth, (far, far, near, far, far), step, "enclosure", [], 0, span=span
        )
        return {fate.criterion for fate in decide_fates(situation, theorems_only=True)}

    assert criteria(Fraction(1, 100), 1) == {"Theorem E_n'"}
    assert criteria(Fraction(1, 10), 1) == {"none"}
    assert criteria(Fraction(1, 100), 4) == {"none"}  # beta is below nu there
