"""The gradient over many boxes in doubles: every bound against balls, from the derived gradient."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from numerics.errors import InputError
from numerics.numbers.balls import ball
from numerics.stationary import line_sums
from numerics.stationary.line_sums import UNIT, UNITS, Integers, _bounds, _inputs, expand
from numerics.stationary.line_system import LineSystem
from numerics.stationary.triple_classification import _remainder
from numerics.validated.interval import Interval

THIRD = Fraction(1, 3)
SYSTEM = LineSystem((THIRD,) * 3, digits=20)
#: Largest coordinates of drawn means.
SIZES = (1, 3, 6, 9)


def means(draw: random.Random, size: int) -> list[int]:
    return sorted(draw.randint(-size * UNITS, size * UNITS) for _ in range(3))


def exact(place: Integers) -> list[Fraction]:
    return [int(x) * UNIT for x in place]


def gradient(place: list[Fraction]) -> list[arb]:
    """Half of it."""
    return [entry / 2 for entry in SYSTEM.value(place)]


def hessian(place: list[Fraction]) -> list[list[arb]]:
    rows = SYSTEM.jacobian(tuple(Interval(x, x) for x in place))
    return [[entry / 2 for entry in row] for row in rows]


@pytest.mark.parametrize("size", SIZES)
def test_values_and_slopes_at_points(size: int) -> None:
    draw = random.Random(size)
    places = np.array([means(draw, size) for _ in range(6)])
    found = expand(places - 1, places + 1)
    for row, place in enumerate(places):
        for j, entry in enumerate(gradient(exact(place))):
            error = abs(entry - float(found.value[j, row]))
            assert error < float(found.value_error[j, row])
        for j, entries in enumerate(hessian(exact(place))):
            for k, entry in enumerate(entries):
                error = abs(entry - float(found.slope[j, k, row]))
                assert error < float(found.slope_error[j, k, row])


@pytest.mark.parametrize("size", SIZES)
def test_boxes_contain_their_points(size: int) -> None:
    draw = random.Random(10 + size)
    for _ in range(6):
        centre = np.array(means(draw, size))
        half = np.array([2 ** draw.randint(3, 11) for _ in range(3)])
        found = expand((centre - half)[None], (centre + half)[None])
        side = np.array([draw.choice((-1, 1)) for _ in range(3)])
        place = exact(centre + side * half)
        reach = half / UNITS
        rest = np.einsum("jkl,k,l->j", found.bend[..., 0], reach, reach) / 2
        for j, entry in enumerate(gradient(place)):
            linear = arb(float(found.value[j, 0]))
            for k in range(3):
                linear += arb(float(found.slope[j, k, 0])) * ball(int(side[k] * half[k]) * UNIT)
            assert abs(entry - linear) < float(rest[j] + found.value_error[j, 0]) + 1e-9


FARTHEST = line_sums.FARTHEST * UNITS


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (3, 6), (4, 2), (-FARTHEST - 2, 0), (0, FARTHEST + 2)]
)
@pytest.mark.parametrize("axis", range(3))
def test_other_boxes_are_refused(low: int, high: int, axis: int) -> None:
    """Their middle is not what is evaluated, or no rule is meant for them."""
    first, last = np.zeros((4, 3), dtype=np.int64), np.full((4, 3), 8)
    first[2, axis], last[2, axis] = low, high
    with pytest.raises(InputError, match="integer middles"):
        expand(first, last)


@pytest.mark.parametrize("sign", [-1, 1])
def test_the_farthest_boxes_are_not(sign: int) -> None:
    ends = np.sort(sign * np.array([[FARTHEST - 64, FARTHEST]] * 3).T, axis=0)
    opposite = np.array([[-FARTHEST, 0, FARTHEST - 8], [8 - FARTHEST, 8, FARTHEST]])
    found = expand(*(np.stack(both) for both in zip(ends, opposite, strict=True)))
    assert all(np.isfinite(part).all() for part in (found.value, found.slope, found.bend))


def test_no_second_derivative_exceeds_its_bound() -> None:
    """Some are close to it: a bound that lacks a factor 2 would be noticed."""
    draw = np.random.default_rng(0)
    places = np.sort(draw.integers(-4 * UNITS, 4 * UNITS, (600, 3)), axis=1)
    bend = expand(places - 1, places + 1).bend
    for axis in range(3):
        shift = 8 * np.eye(3, dtype=np.int64)[axis]
        ends = [expand(moved - 1, moved + 1).slope for moved in (places + shift, places - shift)]
        quotient = np.abs(ends[0] - ends[1]) / (16 / UNITS)
        assert (quotient <= bend[:, :, axis] * 1.02 + 1e-3).all()
        closest = (quotient / bend[:, :, axis]).max(axis=-1)
        assert closest.min() > 0.4
        assert closest.max() > 0.9


@pytest.mark.parametrize(("size", "closest"), [(2**9, 0.2), (2**5, 0.4)])
def test_the_remainder_covers_corners_of_boxes(size: int, closest: float) -> None:
    """And is close to what is needed in some small ones."""
    draw = np.random.default_rng(1)
    centre = np.sort(draw.integers(-4 * UNITS, 4 * UNITS, (600, 3)), axis=1)
    half = np.full(3, size)
    side = draw.choice((-1, 1), (600, 3))
    found = expand(centre - half, centre + half)
    corner = centre + side * half
    there = expand(corner - 1, corner + 1).value
    linear = found.value + np.einsum("jkn,nk->jn", found.slope, side * half / UNITS)
    rest = _remainder(found, np.tile(half[:, None] / UNITS, (1, 600)))
    assert (np.abs(there - linear) <= rest).all()
    assert (np.abs(there - linear) / rest).max() > closest


def test_symbols_stay_within_their_bounds() -> None:
    """At drawn points of drawn boxes, and close to the bounds somewhere."""
    draw, nodes = np.random.default_rng(4), np.arange(-5, 6) * UNITS
    middle = np.sort(draw.integers(-4 * UNITS, 4 * UNITS, (200, 3)), axis=1).T
    half = 2 ** draw.integers(5, 12, (3, 200))
    bounds = np.array(_bounds(nodes, middle, half, _inputs(nodes, middle)[0]))
    closest = np.zeros(len(bounds))
    for _ in range(20):
        place = middle + np.rint(half * draw.choice((-1, 1, 0.3), (3, 200))).astype(np.int64)
        sizes = np.abs(np.array(_inputs(nodes, place)[0]))
        assert (sizes <= bounds * (1 + 1e-12)).all()
        closest = np.maximum(closest, (sizes / bounds).max(axis=(1, 2)))
    assert (closest > 0.95).all()


def test_bounds_grow_with_the_box() -> None:
    draw = np.random.default_rng(3)
    places = np.sort(draw.integers(-5 * UNITS, 5 * UNITS, (60, 3)), axis=1)
    narrow, wide = expand(places - 16, places + 16), expand(places - 512, places + 512)
    for shift in (-400, 0, 300):
        inner = expand(places + shift - 16, places + shift + 16)
        assert (inner.bend <= wide.bend * (1 + 1e-9)).all()
    assert (narrow.bend < wide.bend).all()


@pytest.fixture
def coarse_rule(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A third of the nodes."""
    monkeypatch.setattr(line_sums, "_DENSITY", Fraction(3, 5))
    line_sums._nodes.cache_clear()
    line_sums._errors.cache_clear()
    yield
    line_sums._nodes.cache_clear()
    line_sums._errors.cache_clear()


@pytest.mark.usefixtures("coarse_rule")
def test_errors_of_a_coarse_rule_are_covered() -> None:
    draw, errors = random.Random(5), []
    pairs = [[-UNITS * 2, -UNITS * 2, UNITS * 2], [-UNITS * 3, UNITS * 2, UNITS * 2]]
    places = np.array([*pairs, *(means(draw, 2) for _ in range(4))])
    places[:, 2] -= 2
    found = expand(places - 1, places + 1)
    for row, place in enumerate(places):
        for j, entry in enumerate(gradient(exact(place))):
            errors.append(float(abs(entry - float(found.value[j, row]))))
            assert errors[-1] < found.value_error[j, row]
    assert max(errors) > 1e-4


def test_a_double_that_is_not_near_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert line_sums._double(arb(1) / 3) == 1 / 3
    with pytest.raises(ArithmeticError, match="near enough"):
        line_sums._double(arb(1, 1e-12))
