"""Parts of the search over triples: none loses a point that it has not proved, on drawn boxes."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from numerics.stationary import triple_classification
from numerics.stationary.line_sums import UNITS, Expansion, Floats, Integers, expand
from numerics.stationary.triple_bounds import ALL_FAR, near_and_far
from numerics.stationary.triple_classification import (
    _at_most_one,
    _beyond,
    _cells,
    _halves,
    _image,
    _moves,
    _Search,
    to_be_searched,
)
from numerics.validated.interval import Interval
from numerics.validated.subdivision import Zero


def linear(slope: Floats, zero: Floats, rest: Floats) -> Expansion:
    """A gradient that is linear but for a remainder, with a zero there."""
    value = -np.einsum("jkn,kn->jn", slope, zero) - rest
    return Expansion(value, np.zeros_like(value), slope, 0 * slope, np.zeros((3, 3, *value.shape)))


@pytest.mark.parametrize("shrink", [1.0, 0.999999])
def test_a_box_with_a_zero_is_kept_whatever_the_remainder(shrink: float) -> None:
    """With a zero anywhere, at the corners above all, and a remainder up to its bound."""
    draw, count = np.random.default_rng(8), 4000
    slope = draw.normal(size=(3, 3, count)) * 10.0 ** draw.integers(-4, 4, count)
    half = 2.0 ** draw.integers(-12, 0, (3, count))
    zero = half * draw.choice([-1, 1, 1, -1, 0.5, 0], (3, count)) * shrink
    rest = np.abs(np.einsum("jkn,kn->jn", slope, half)) * 10.0 ** draw.integers(-9, 2, count)
    rest += 1e-12
    found = linear(slope, zero, rest * draw.choice([-1, 1, 0], (3, count)) * shrink)
    assert not _moves(found, half, rest).any()
    image, spread = _image(found, half, rest)
    assert (np.abs(image) <= half + spread).all()


def test_a_box_without_a_zero_is_excluded() -> None:
    """If the zero of the linear part lies farther out than the remainder can take it."""
    draw, count = np.random.default_rng(9), 2000
    slope = np.eye(3)[..., None] + draw.normal(size=(3, 3, count)) * 0.1
    half = np.full((3, count), 0.25)
    rest = np.full((3, count), 1e-6)
    zero = half * 1.01 * draw.choice([-1, 1], (3, count))
    found = linear(slope, zero, rest * draw.choice([-1, 1], (3, count)))
    image, spread = _image(found, half, rest)
    assert (np.abs(image) > half + spread).any(axis=0).all()
    pushed = linear(slope, 4 * zero, rest)
    assert _moves(pushed, half, rest).mean() > 0.9
    alone = linear(np.ones((3, 3, 1)), np.full((3, 1), 2.0), np.zeros((3, 1)))
    assert _moves(alone, np.ones((3, 1)), np.zeros((3, 1))).all()


def test_only_the_sum_of_the_gradient_moves_some() -> None:
    """Each component may vanish in the box, their sum may not."""
    slope = np.array([[1.0, -1, 0], [-1, 1, 0], [0, 0, 1e-3]])[..., None]
    found = linear(slope, np.zeros((3, 1)), -np.full((3, 1), 0.1))
    rest = np.full((3, 1), 0.15)
    half = np.ones((3, 1))
    assert not _moves(found, half, rest).any()
    assert _moves(found, half, rest / 3).all()


def boxes(draw: np.random.Generator, count: int) -> tuple[Integers, Integers]:
    low = 4 * draw.integers(-3000, 3000, (count, 3))
    return low, low + 2 ** draw.integers(2, 12, (count, 3))


def test_halves_tile_their_box() -> None:
    draw, count = np.random.default_rng(2), 500
    low, high = boxes(draw, count)
    rows = np.flatnonzero((high - low).max(axis=1) > 4)
    lower, upper = _halves(low, high, rows, draw.integers(0, 3, count))
    volume = np.prod(upper - lower, axis=1)
    for place, row in enumerate(rows):
        both = [place, place + len(rows)]
        assert (lower[both].min(axis=0) == low[row]).all()
        assert (upper[both].max(axis=0) == high[row]).all()
        assert volume[both].sum() == np.prod(high[row] - low[row])
        assert (np.abs(lower[both[0]] - lower[both[1]]) > 0).sum() == 1
    assert ((upper + lower) % 2 == 0).all()


@pytest.mark.parametrize("reach", [1, 3, 8])
def test_every_place_in_order_lies_in_a_cell(reach: int) -> None:
    """On sides and edges, too; such cells are searched if the place itself may be a point."""
    draw = np.random.default_rng(reach)
    low, high = _cells(reach * UNITS)
    ends = draw.choice([-reach, reach, 0, 1 / 4, -1 / 2], (40, 3))
    drawn = draw.uniform(-reach, reach, (60, 3))
    pairs = draw.uniform(-reach, reach, (60, 1)) * [1, 1, 0] + draw.uniform(0, reach, (60, 1))
    places = np.sort(np.clip(np.concatenate([ends, drawn, pairs]), -reach, reach), axis=1)
    places = np.rint(places * UNITS).astype(np.int64)
    kept, searched = to_be_searched(low, high), to_be_searched(places, places)
    for place, wanted in zip(places, searched, strict=True):
        holds = ((low <= place) & (place <= high)).all(axis=1)
        assert holds.any()
        assert kept[holds].all() or not wanted
        exact = place / UNITS
        size = np.sort(np.abs(exact))
        near = size[2] < 1.366 or np.linalg.norm(exact) < 1.618 or np.ptp(exact) < 1.414
        far = size[0] >= ALL_FAR
        far |= any(size[0] <= eps and size[2] >= rho for eps, rho in near_and_far())
        if not near and not far and place[0] + place[2] >= 0:
            assert kept[holds].all()


def test_what_is_isolated_lies_within_a_cube() -> None:
    draw = np.random.default_rng(3)
    search = _Search(None, 1.0)
    search.cubes = [(middle - 64, middle + 64) for middle in draw.integers(-999, 999, (5, 3))]
    low, high = boxes(draw, 400)
    for first, last in search.cubes:
        inner = draw.integers(0, 65, (200, 2, 3))
        low = np.concatenate([low, first + inner[:, 0] - draw.integers(0, 2, (200, 1)) * 40])
        high = np.concatenate([high, last - inner[:, 1] + draw.integers(0, 2, (200, 1)) * 40])
    order = (low <= high).all(axis=1)
    low, high = low[order], high[order]
    found = search._isolated(low, high)
    for row in range(len(low)):
        corners = (low[row], high[row])
        assert found[row] == any(
            all(((first <= corner) & (corner <= last)).all() for corner in corners)
            for first, last in search.cubes
        )
    assert 50 < found.sum() < len(low) - 50


def test_a_cube_with_a_singular_hessian_is_not_said_to_isolate() -> None:
    """Where the determinant changes its sign between corners, two zeros are not excluded."""
    draw, checked = np.random.default_rng(4), 0
    middles = np.sort(draw.integers(-4 * UNITS, 4 * UNITS, (60, 3)), axis=1)
    for middle, radius in itertools.product(middles, (64, 256, 1024)):
        low, high = middle - radius, middle + radius
        places = np.array(list(itertools.product(*zip(low, high, strict=True))))
        determinants = np.linalg.det(np.moveaxis(expand(places - 1, places + 1).slope, -1, 0))
        if determinants.min() < 0 < determinants.max():
            checked += 1
            assert not _at_most_one(low[None], high[None])
    assert checked > 10


def test_a_cube_around_a_point_isolates_it_if_it_is_small() -> None:
    middle = np.rint(np.array([-2.550550988641, 0, 2.550550988641]) * UNITS).astype(np.int64)
    found = [_at_most_one((middle - r)[None], (middle + r)[None]) for r in (32, 128, 8192)]
    assert found == [True, True, False]


@pytest.mark.parametrize("shift", [0, 4, -4])
def test_a_zero_beside_the_cube_isolates_nothing(
    shift: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = np.array([-2.550550988641, 0, 2.550550988641])
    proved = triple_classification.prove_zero_near

    def moved(*given: object) -> Zero:
        zero = proved(*given)
        assert zero is not None
        sides = tuple(Interval(s.low + shift, s.high + shift) for s in zero.enclosure)
        return Zero(sides, zero.isolation)

    monkeypatch.setattr(triple_classification, "prove_zero_near", moved)
    monkeypatch.setattr(triple_classification, "refine", lambda system, zero, radius: zero)
    search = _Search(None, 1.0)
    search._isolate(place)
    assert len(search.cubes) == len(search.zeros) == (shift == 0)


def test_a_zero_that_is_not_proved_isolates_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triple_classification, "prove_zero_near", lambda *given: None)
    search = _Search(None, 1.0)
    search._isolate(np.array([-2.550550988641, 0, 2.550550988641]))
    assert search.cubes == search.zeros == []


def test_only_what_lies_beyond_the_reach_as_a_whole_is_left_out() -> None:
    two = Fraction(2)
    inner, across, outer = (
        Interval(low, low + Fraction(1, 10)) for low in map(Fraction, ("1", "19/10", "21/10"))
    )
    for place in range(3):
        for side, far in ((inner, False), (across, False), (outer, True)):
            box = [inner] * 3
            box[place] = side
            mirrored = [Interval(-s.high, -s.low) for s in box]
            assert _beyond(tuple(box), two) == _beyond(tuple(mirrored), two) == far
