"""Total variation against closed forms, Arb's own integrator, and plain sums."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from numerics.errors import InputError
from numerics.numbers.balls import precision
from numerics.studies.total_variation import enclose_total_variation, sample_total_variation
from proofs_check.points.independent_point import IndependentPoint
from proofs_check.points.numerics_point import NumericsPoint
from proofs_check.statements.mixture import Mixture, coordinates


@pytest.mark.parametrize("mean", ["1e-12", "1/10", "3/2", "9"])
def test_one_gaussian_has_a_closed_form(mean: str) -> None:
    """``TV(N(v, 1), N(0, 1)) = erf(v/sqrt 8)``."""
    value = enclose_total_variation([Fraction(mean)], [Fraction(1)])
    expected = math.erf(float(Fraction(mean)) / math.sqrt(8))
    assert abs(float(value) - expected) < 1e-10
    assert value.rad() < 1e-10


def test_symmetric_pair_by_its_roots() -> None:
    """Means -a, a: ``p - q`` has the sign of ``cosh(ax) - e^{a^2/2}``."""
    a = 1.25
    root = math.acosh(math.exp(a * a / 2)) / a
    phi = lambda x: (1 + math.erf(x / math.sqrt(2))) / 2  # noqa: E731
    outside = 2 * ((1 - phi(root - a) + 1 - phi(root + a)) / 2 - (1 - phi(root)))
    value = enclose_total_variation([Fraction(-5, 4), Fraction(5, 4)], [Fraction(1, 2)] * 2)
    assert abs(float(value) - outside) < 1e-12


def test_enclosures_overlap_the_independent_ones() -> None:
    generator = random.Random(4)
    for _ in range(12):
        n, k = generator.randint(1, 4), generator.randint(0, 3)
        size = generator.choice([Fraction(1, 20), Fraction(1, 3), Fraction(4)])
        means = [[size * Fraction(generator.randint(-30, 30), 10)] for _ in range(n)]
        teacher = [[Fraction(generator.randint(-30, 30), 10)] for _ in range(k)]
        mixture = Mixture.of(means, None, teacher)
        with precision(120):
            ours = NumericsPoint(mixture, 10, "ball").total_variation()
            theirs = IndependentPoint(mixture, 12).total_variation()
            assert ours.overlaps(theirs)
            assert ours.rad() < "1e-9"
            assert theirs.rad() < "1e-4"


@pytest.mark.parametrize("order", [1, 2, 5])
def test_short_expansions_are_wide_and_not_wrong(
    monkeypatch: pytest.MonkeyPatch, order: int
) -> None:
    means, weights = [Fraction(-5, 4), Fraction(2)], [Fraction(1, 3), Fraction(2, 3)]
    expected = enclose_total_variation(means, weights)
    monkeypatch.setattr("numerics.studies.total_variation._ORDER", order)
    value = enclose_total_variation(means, weights, digits=4)
    assert value.overlaps(expected)
    assert value.rad() < 1e-3


def test_it_is_a_distance() -> None:
    """Zero only for equal mixtures, symmetric, at most 1, and the triangle inequality."""
    half, one = [Fraction(1, 2)] * 2, [Fraction(1)]
    p, q, r = [Fraction(-1), Fraction(2)], [Fraction(1, 3)], [Fraction(30)]
    assert enclose_total_variation(p, half, p, half).contains(arb(0))
    assert enclose_total_variation(p, half, p, half).abs_upper() < 1e-9
    pq, qp = (
        enclose_total_variation(p, half, q, one),
        enclose_total_variation(q, one, p, half),
    )
    assert pq.overlaps(qp)
    assert abs(enclose_total_variation(p, half, r, one) - 1) < 1e-9
    assert pq > 0
    middle = enclose_total_variation(q, one) + enclose_total_variation(p, half)
    assert pq < middle


@pytest.mark.parametrize("distance", ["1e-3", "1e-9", "1e-30"])
def test_nearly_equal_mixtures_take_no_longer(distance: str) -> None:
    step = Fraction(distance)
    means = [Fraction(-3), Fraction(3)]
    value = enclose_total_variation(
        [means[0] + step, means[1]], [Fraction(1, 2)] * 2, means, [Fraction(1, 2)] * 2
    )
    assert abs(float(value) - float(step) / 2 / math.sqrt(2 * math.pi)) < 1e-9 + float(step) ** 2


def test_samples_in_space_and_their_interval() -> None:
    means, weights = np.array([[1.0, 1.0, 0.0], [0.0, -2.0, 0.0]]), np.array([0.25, 0.75])
    teacher = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), np.array([0.5, 0.5])
    many, _ = sample_total_variation(means, weights, 400_000, 1, teacher=teacher)
    few, error = sample_total_variation(means, weights, 4000, 2, teacher=teacher)
    assert error == pytest.approx(math.sqrt(math.log(2000) / 8000))
    assert abs(many - few) < error
    line, error = sample_total_variation(np.array([[1.5]]), np.ones(1), 40_000, 0)
    assert abs(line - math.erf(1.5 / math.sqrt(8))) < error


def test_points_in_the_plane_are_refused() -> None:
    with pytest.raises(ValueError, match="one dimension"):
        coordinates(Mixture.of([["1", "2"]]).means)


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numerics.studies.total_variation._MOST_CELLS", 10)
    with pytest.raises(InputError, match="fewer digits"):
        enclose_total_variation([Fraction(1), Fraction(2)], [Fraction(1, 2)] * 2)
