"""Runs from the edge of Theorems A and A', and what the corollaries' radii mean in numbers."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from proofs_check.checks.cluster_entry import THEOREM_A, THEOREM_A_PRIME, EdgeStart, EntryCheck
from proofs_check.claim import Context
from proofs_check.proofs.cluster_constants import BALL_FACTOR, LARGE_STEP_FACTOR, RADIUS
from proofs_check.verdict import Verdict

QUARTER = Fraction(1, 4)


def exponent(square: float, h: float) -> float:
    """``Lambda`` by its sum."""
    return sum(math.log1p(4 * h * square * (1 - 2 * h) ** (2 * i)) for i in range(2000))


@pytest.mark.parametrize("entry", [THEOREM_A, THEOREM_A_PRIME], ids=lambda entry: entry.name)
@pytest.mark.parametrize("share", [Fraction(1, 10), QUARTER, Fraction(9, 20)])
@pytest.mark.parametrize("directions", [(1, -1), (2, -1, -1)])
def test_starts_are_at_the_edge(entry, share, directions):
    start = EdgeStart(Fraction(3), share, directions)
    means = np.array([float(row[0]) for row in start.means(entry)])
    deviations = means - 3
    assert abs(deviations.sum()) < 1e-12
    root, most = np.sqrt((deviations**2).sum()), np.abs(deviations).max()
    size = root if entry is THEOREM_A else most
    assert size * math.exp(exponent(9, float(share))) == pytest.approx(float(entry.radius), 1e-9)


def test_a_run_from_the_edge_arrives_and_one_from_three_times_the_radius_does_not():
    start = EdgeStart(Fraction(4), QUARTER)
    check = EntryCheck("runs", THEOREM_A_PRIME, (start,))
    assert check.run(Context()).verdict is Verdict.PROVED
    beyond = replace(check, starts=(start, replace(start, factor=Fraction(3))))
    found = beyond.run(Context(digits=15))
    assert found.verdict is Verdict.REFUTED
    assert found.witness.digits == 30


@pytest.mark.parametrize("times", [Fraction(4, 5), Fraction(7, 5)])
def test_the_deadline_matters(times):
    """A run that must have arrived much earlier has not."""
    start = EdgeStart(Fraction(12), Fraction(1, 10))
    faster = replace(THEOREM_A, rate=THEOREM_A.rate * times)
    expected = Verdict.PROVED if times < 1 else Verdict.REFUTED
    assert EntryCheck("sooner", faster, (start,)).run(Context()).verdict is expected


def test_a_radius_for_each_mean_is_within_theorem_a():
    """A-radius: the ball's radius satisfies Theorem A's condition, and hardly more does."""
    draw = np.random.default_rng(3)
    worst = 0.0
    for _ in range(300):
        n, d = int(draw.integers(2, 9)), int(draw.integers(1, 4))
        h, far = draw.uniform(0.01, 0.25), draw.uniform(0, 6)
        rho = math.exp(-exponent(far**2, h)) / (BALL_FACTOR * math.sqrt(n))
        to = draw.normal(size=d)
        middle = far * to / np.linalg.norm(to)
        rows = draw.normal(size=(n, d)) + draw.choice([0, 3]) * to
        rows *= rho / np.linalg.norm(rows, axis=1, keepdims=True)
        means = middle + rows
        centre = means.mean(axis=0)
        size = math.sqrt(((means - centre) ** 2).sum())
        worst = max(worst, size * math.exp(exponent(float(centre @ centre), h)))
    assert 0.95 / BALL_FACTOR < worst <= RADIUS


def test_the_radius_for_large_steps_is_within_theorem_a():
    draw = random.Random(7)
    for _ in range(300):
        h, far = draw.uniform(0.02, 0.25), draw.uniform(0.1, 40)
        m = max(0, math.ceil(-math.log(far) / math.log(1 - 2 * h)))
        size = (1 + 4 * h * far**2) ** -m / LARGE_STEP_FACTOR
        assert size * math.exp(exponent(far**2, h)) <= RADIUS
