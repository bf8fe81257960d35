"""Three components on a line: what the search excludes, keeps and finds."""

from __future__ import annotations

import collections
import itertools
from fractions import Fraction

import numpy as np
import pytest

from numerics import evaluate
from numerics.errors import InputError
from numerics.fates.distinct_far import beyond
from numerics.numbers.balls import ball, precision
from numerics.stationary import triple_bounds, triple_classification
from numerics.stationary.line_sums import UNITS, Integers
from numerics.stationary.line_system import Grouping, LineSystem
from numerics.stationary.triple_bounds import near_and_far
from numerics.stationary.triple_classification import _Search, all_triples, to_be_searched
from numerics.validated.interval import Interval

#: The stationary points of the census, as groups.
KNOWN = {
    (1, 1, 1): (-2.550550988641, 0.0, 2.550550988641),
    (1, 2): (-0.030751949657, 2.414264531944, 2.414264531944),
    (2, 1): (0.017418934212, 0.017418934212, 2.553152687661),
}


def units(place: tuple[float, ...]) -> Integers:
    return np.rint(np.array(place) * UNITS).astype(np.int64)


def pieces(search: _Search, low: Integers, high: Integers, rounds: int) -> tuple[Integers, ...]:
    for _ in range(rounds):
        low, high = search.pass_over(low, high)
    return low, high


@pytest.fixture(scope="module")
def found() -> triple_classification.TripleSearch:
    return all_triples(Fraction(3))


def test_the_points_are_those_of_the_census(found) -> None:
    assert found.complete
    assert [tuple(map(float, zero.centre)) for zero in found.zeros] == [
        pytest.approx(place, abs=1e-9) for place in sorted(KNOWN.values())
    ]
    assert all(side.width < Fraction(1, 10**7) for zero in found.zeros for side in zero.enclosure)


def test_each_is_a_point_of_the_merged_mixture(found) -> None:
    for counts, place in KNOWN.items():
        groups = [place[0], *(b for a, b in itertools.pairwise(place) if a != b)]
        point = [Fraction(x) for x in groups]
        values = LineSystem(Grouping.uniform(counts).weights).value(point)
        assert all(abs(float(value)) < 1e-9 for value in values)


@pytest.mark.parametrize("place", KNOWN.values())
def test_a_box_with_a_point_is_never_excluded(
    place: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its size and wherever the point lies in it, as long as nothing is isolated."""
    monkeypatch.setattr(triple_classification, "_at_most_one", lambda low, high: False)
    draw = np.random.default_rng(int(abs(place[0]) * 100))
    for exponent in range(3, 12):
        half = 2**exponent
        middle = units(place) + draw.integers(-half + 2, half - 1, 3)
        search = _Search(None, 1.0)
        low, high = pieces(search, (middle - half)[None], (middle + half)[None], 3)
        left = [(np.array([s.low for s in box], float), np.array([s.high for s in box], float))
                for box in search.undecided]  # fmt: skip
        left += list(zip(low / UNITS, high / UNITS, strict=True))
        target = np.array(place)
        mirrored = (target, np.sort(-target))
        assert any(
            (first <= at + 1e-9).all() and (at - 1e-9 <= last).all()
            for first, last in left
            for at in mirrored
        )


def test_what_is_not_isolated_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triple_classification, "_at_most_one", lambda low, high: False)
    middle = units(KNOWN[2, 1])
    search = _Search(None, 1.0)
    low, high = (middle - 16)[None], (middle + 16)[None]
    while len(low):
        low, high = search.pass_over(low, high)
    assert search.undecided
    assert not search.zeros


def test_what_is_left_out_is_near_the_truth_or_far_or_a_copy() -> None:
    draw = np.random.default_rng(1)
    low = draw.integers(-8 * UNITS, 8 * UNITS, (12000, 3))
    low[::2] //= 3
    high = low + 2 ** draw.integers(1, 14, (12000, 1))
    kept = to_be_searched(low, high)
    inside = low + (high - low) * draw.random((12000, 3))
    reasons: collections.Counter[str] = collections.Counter()
    for place in inside[~kept] / UNITS:
        size = np.sort(np.abs(place))
        found = {
            "near": size[2] < 1.3661 or np.linalg.norm(place) < 1.6181,
            "together": np.ptp(place) < 2**0.5,
            "copy": (np.diff(place) < 0).any() or place[0] + place[2] < 0,
            "all far": size[0] >= 1.75,
            "one near": any(size[0] <= eps and size[2] >= rho for eps, rho in near_and_far()),
        }
        assert any(found.values())
        if sum(found.values()) == 1:
            reasons.update(name for name, holds in found.items() if holds)
    assert 200 < kept.sum() < 4000
    assert (kept <= to_be_searched(low, high, far=False)).all()
    assert kept.sum() < to_be_searched(low, high, far=False).sum()
    assert all(reasons[name] > 5 for name in ("near", "together", "copy", "all far", "one near"))


def test_means_beyond_the_radius_of_a_near_one_are_pushed_away() -> None:
    """By the gradient itself, at drawn places, not only by the condition of the bound."""
    draw = np.random.default_rng(2)
    with precision(96):
        assert all(bool(beyond(ball(rho), eps, 3, 1) > 0) for eps, rho in near_and_far())
    for eps, rho in near_and_far():
        near, far = draw.uniform(-1, 1) * float(eps), float(rho) + draw.exponential(0.5)
        third = draw.uniform(-far, far)
        means = [[near], [third], [far]]
        _, _, (slope,) = evaluate("forward", means, quantity="gradient").value
        assert slope < 0


def test_the_bounds_leave_out_what_the_search_would_exclude(
    found: triple_classification.TripleSearch,
) -> None:
    """Without those for far means there are more boxes, and the same points."""
    searched = all_triples(Fraction(3), far=False)
    assert searched.complete
    assert searched.boxes > found.boxes
    assert [z.enclosure for z in searched.zeros] == [z.enclosure for z in found.zeros]


def test_unshown_bounds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triple_bounds, "ALL_FAR", Fraction(17, 10))
    with pytest.raises(ArithmeticError, match="17/10"):
        near_and_far.__wrapped__()


@pytest.mark.parametrize("reach", ["0", "41/4", "1/3", "11"])
def test_a_reach_without_a_grid_is_refused(reach: str) -> None:
    with pytest.raises(InputError, match="reach"):
        all_triples(Fraction(reach))


def test_the_parts_decided_are_told() -> None:
    parts: list[float] = []
    all_triples(Fraction(3, 2), parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1)


def test_boxes_of_the_zeros_are_isolated(found) -> None:
    for zero in found.zeros:
        assert all(
            inner.inside(outer) for inner, outer in zip(zero.enclosure, zero.isolation, strict=True)
        )
        assert all(isinstance(side, Interval) and side.width > 0 for side in zero.isolation)
