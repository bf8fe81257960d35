"""The lower bound of what moves both halves of a mixture on a line apart, against quadrature."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from numerics import evaluate
from numerics.errors import InputError
from numerics.numbers.balls import ball
from numerics.stationary.line_halves import Half, crossing_loss, halvings, least_push, push

NODES = np.linspace(-11, 11, 2201)
DENSITY = np.exp(-(NODES**2) / 2) / np.sqrt(2 * np.pi) * (NODES[1] - NODES[0])


def responsibilities(means: np.ndarray, weights: np.ndarray) -> np.ndarray:
    exponents = np.outer(means, NODES) - means[:, None] ** 2 / 2 + np.log(weights)[:, None]
    terms = np.exp(exponents - exponents.max(axis=0))
    return terms / terms.sum(axis=0)


def apart(means: np.ndarray, weights: np.ndarray) -> float:
    """Half of ``sum_j s_j dL/dv_j``, from the gradient's first form."""
    shares = responsibilities(means, weights)
    score = means @ shares
    slopes = shares * (1 + (NODES - means[:, None]) * (means[:, None] - score))
    return float((score * (np.sign(means) @ slopes)) @ DENSITY)


def halves(means: Iterable[float], weights: list[Fraction]) -> tuple[Half, Half]:
    right, left = Half(), Half()
    for mean, weight in zip(means, weights, strict=True):
        right, left = (right.and_also(weight), left) if mean > 0 else (right, left.and_also(weight))
    return right, left


def drawn(
    draw: np.random.Generator, equal: bool, least: float
) -> tuple[np.ndarray, list[Fraction]]:
    n = int(draw.integers(2, 6))
    beside = draw.exponential(draw.choice([0.05, 1, 3]), n) * (draw.random(n) < 0.6)
    means = (least + beside) * draw.choice([-1, 1], n)
    counts = [1] * n if equal else [int(c) for c in draw.integers(1, 12, n)]
    return means, [Fraction(c, sum(counts)) for c in counts]


@pytest.mark.parametrize("equal", [True, False])
def test_the_bound_is_below_the_derivative(equal: bool) -> None:
    draw = np.random.default_rng(int(equal))
    for _ in range(1000):
        means, weights = drawn(draw, equal, draw.uniform(0.7, 4))
        radius = arb(float(np.abs(means).min()))
        value = apart(means, np.array(weights, float))
        for bound in (push(radius, *halves(means, weights)), least_push(radius, weights)):
            assert value > float(bound) - 1e-9


def extremes(weights: list[float]) -> tuple[float, float]:
    """Of ``sum r log(r/pi)`` over a half: where r is proportional to pi, and at a corner."""
    return float(-np.log(sum(weights))), float(-np.log(min(weights)))


@pytest.mark.parametrize(
    ("right", "left"), [((1,), (1,)), ((1, 1), (1,)), ((1, 2), (5, 3, 1)), ((1, 2), (9,))]
)
def test_the_loss_at_the_crossing_is_the_sum_of_its_parts(
    right: tuple[int, ...], left: tuple[int, ...]
) -> None:
    whole = sum(right) + sum(left)
    density = 1 / np.sqrt(2 * np.pi)
    p = (np.arange(200_000) + 0.5) / 400_000 + 0.5
    between = (2 * (1 - p) * np.log(p / (1 - p))).sum() / 400_000
    (low_r, high_r), (low_l, high_l) = (
        extremes([c / whole for c in half]) for half in (right, left)
    )
    odds = max(0, high_l - low_r) + max(0, high_r - low_l)
    wanted = np.abs(NODES) @ DENSITY + density * (between + odds)
    sides = (Half(Fraction(sum(half), whole), Fraction(min(half), whole)) for half in (right, left))
    assert float(crossing_loss(*sides)) == pytest.approx(wanted, abs=1e-4)


def test_the_parts_at_the_crossing_are_bounded_one_by_one() -> None:
    """The three means over x that have bounds of their own, in the order of the module."""
    draw, density = np.random.default_rng(3), 1 / np.sqrt(2 * np.pi)
    for _ in range(600):
        means, weights = drawn(draw, False, draw.uniform(0.2, 4))
        if np.all(means > 0) or np.all(means < 0):
            continue
        shares = responsibilities(means, np.array(weights, float))
        score, signs, right = means @ shares, np.sign(means), means > 0
        p, q = shares[right].sum(axis=0), shares[~right].sum(axis=0)
        first = (score * (p - q)) @ DENSITY
        assert first > np.abs(means).min() - 2 * density - 1e-9
        assert first == pytest.approx(np.abs(means) @ shares @ DENSITY - NODES * (p - q) @ DENSITY)
        odds = np.log(p) - np.log(q)
        assert (2 * score * p * q * odds) @ DENSITY > -density * (np.log(2) - 0.5) - 1e-9
        logs = np.log(shares / np.array(weights, float)[:, None])
        beside = (shares * logs)[right].sum(axis=0) / p - np.log(p)
        beside -= (shares * logs)[~right].sum(axis=0) / q - np.log(q)
        low = [extremes([float(w) for w, s in zip(weights, signs, strict=True) if s == side])
               for side in (1, -1)]  # fmt: skip
        most = max(0, low[1][1] - low[0][0]) + max(0, low[0][1] - low[1][0])
        assert (2 * score * p * q * beside) @ DENSITY > -density * most - 1e-9


def test_the_derivative_is_that_of_the_evaluator() -> None:
    means = [Fraction(9, 4), Fraction(3), Fraction(-5, 2)]
    weights = [Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)]
    found = evaluate("forward", [[v] for v in means], quantity="gradient", weights=weights)
    signed = sum(s * float(slope) for s, (slope,) in zip((1, 1, -1), found.value, strict=True))
    assert apart(np.array(means, float), np.array(weights, float)) == pytest.approx(signed / 2)


def test_the_loss_by_spread_is_that_of_the_worst_distance() -> None:
    """Of ``(a d^2 + d^3) exp(-a d)``, whose two parts are bounded by themselves."""
    distances = np.linspace(0, 8, 4001)
    for radius in (1.0, 1.75, 3.0, 6.0):
        loss = float(Half(Fraction(2, 3), Fraction(1, 3)).spread_loss(arb(radius)))
        worst = (radius * distances**2 + distances**3) * np.exp(-radius * distances)
        assert 0.9 * loss < worst.max() < loss


def test_the_variance_of_a_half_is_below_its_bound() -> None:
    draw = np.random.default_rng(5)
    for _ in range(300):
        n = int(draw.integers(2, 5))
        means = draw.uniform(0.8, 3) + draw.exponential(1, n)
        counts = [int(c) for c in draw.integers(1, 9, n)]
        weights = [Fraction(c, sum(counts)) for c in counts]
        shares = responsibilities(means, np.array(weights, float))
        mean, square = means @ shares, means**2 @ shares
        taken = float((mean * (square - mean**2)) @ DENSITY)
        half = Half(Fraction(1), min(weights))
        assert taken < float(half.spread_loss(arb(float(means.min()))))


def test_it_increases_with_the_radius() -> None:
    for count in (2, 3, 7):
        weights = (Fraction(1, count),) * count
        values = [least_push(ball(Fraction(k, 4)), weights) for k in range(2, 24)]
        assert all(bool(a < b) for a, b in itertools.pairwise(values))


def test_each_half_pays_for_its_own_spread() -> None:
    right, left = Half(Fraction(1, 2), Fraction(1, 8)), Half(Fraction(1, 2), Fraction(1, 6))
    radius = arb(3)
    spreads = [half.spread_loss(radius) for half in (right, left)]
    assert all(spread > 0 for spread in spreads)
    for one, other in ((right, left), (left, right)):
        paid = radius - crossing_loss(one, other) - push(radius, one, other)
        assert paid.overlaps(spreads[0] + spreads[1])
    assert push(radius, right, Half()).overlaps(radius - spreads[0])
    assert push(radius, Half(), left).overlaps(radius - spreads[1])


def test_halves_of_unequal_weights() -> None:
    weights = (Fraction(1, 6), Fraction(1, 3), Fraction(1, 2))
    assert len(halvings(weights)) == 8
    assert all(right.whole + left.whole == 1 for right, left in halvings(weights))
    assert all(half.least in (*weights, 1) for pair in halvings(weights) for half in pair)


def test_a_line_beside_the_truth_adds_the_square_of_its_distance() -> None:
    weights = [Fraction(1, 3)] * 3
    places, off = [Fraction(-2), Fraction(1), Fraction(5, 2)], Fraction(3, 4)
    on = evaluate("forward", [[v, 0] for v in places], weights=weights).value
    beside = evaluate("forward", [[v, off] for v in places], weights=weights).value
    assert float(beside) == pytest.approx(float(on) + float(off) ** 2, rel=1e-12)


@pytest.mark.parametrize("radius", ["0", "-1"])
def test_a_radius_that_is_not_positive_is_refused(radius: str) -> None:
    with pytest.raises(InputError, match="radius"):
        least_push(arb(radius), (Fraction(1, 2),) * 2)


@pytest.mark.parametrize("weights", [("1/2", "1/3"), ("3/2", "-1/2"), ("1", "0")])
def test_other_weights_are_refused(weights: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="weights"):
        least_push(arb(2), [Fraction(w) for w in weights])
