"""Groups, census, planar points, classification and the branch in the weights."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

import numerics
from numerics.errors import InputError
from numerics.numbers.balls import ball as exact_ball
from numerics.stationary import pair_classification
from numerics.stationary.census import census
from numerics.stationary.line_system import Grouping, LineSystem, line_inertia
from numerics.stationary.pair_branch import follow
from numerics.stationary.pair_classification import NEAR_GAP, classify
from numerics.stationary.pair_system import PairSystem
from numerics.stationary.pair_weights import PiecewiseSystem, beside, undecided_piece
from numerics.stationary.plane_system import PlanarSystem
from numerics.stationary.slice_points import stationary_points
from numerics.stationary.weight_branch import (
    branch_of_pair,
    log_odds,
    means_at,
    refined_point,
)
from numerics.validated.inertia import Inertia
from numerics.validated.interval import Interval, box_around
from numerics.validated.krawczyk import all_zeros, prove_zero

A = Fraction("2.45628225477967493110")
TRIANGLE = ((0.0, 0.0), (-1.379239, -2.388912023), (-1.379239, 2.388912023), (2.758478, 0.0))


def float_signs(means: list[list[float]]) -> Inertia:
    hessian = numerics.evaluate("forward", means, quantity="hessian", digits=8).value
    values = np.linalg.eigvalsh(np.array(hessian, dtype=float))
    near = [0 if abs(x) < 1e-5 else int(np.sign(x)) for x in values]
    return Inertia(near.count(1), near.count(-1), near.count(0), 0)


def line_box(*places: Fraction) -> tuple[Interval, ...]:
    slack = Fraction(1, 10**20)
    return tuple(Interval(x - slack, x + slack) for x in places)


@pytest.mark.parametrize("counts", [(1, 1), (2, 2), (3, 3)])
@pytest.mark.parametrize("dimension", [1, 2])
def test_signs_with_groups_are_those_of_all_components(
    counts: tuple[int, int], dimension: int
) -> None:
    found = line_inertia(Grouping.uniform(counts), line_box(Fraction(0), A))
    rest = [0.0] * (dimension - 1)
    means = [[0.0, *rest]] * counts[0] + [[float(A), *rest]] * counts[1]
    assert found.inertia(dimension) == float_signs(means)


@pytest.mark.parametrize("n", [4, 5, 7])
def test_the_family_has_index_two_on_a_line(n: int) -> None:
    share = Fraction(1, n)
    weights = (share, share, 1 - 2 * share)
    (point,) = stationary_points(
        "forward", "a,-a,0", weights=list(weights), search_range=("2", "4"), digits=20
    ).points
    s = Fraction(point.mid)
    signs = line_inertia(Grouping((1, 1, n - 2), weights), line_box(s, -s, Fraction(0)))
    assert signs.along == Inertia(n - 2, 2, 0, 0)
    assert signs.across == Inertia(1, 1, n - 2, 0)
    means = [[float(s)], [-float(s)], *([[0.0]] * (n - 2))]
    assert signs.along == float_signs(means)


def test_the_family_grows_like_the_root_of_a_logarithm() -> None:
    excess = []
    for power, ends in ((2, ("3", "4")), (4, ("9/2", "5")), (8, ("6", "13/2"))):
        n = 10**power
        share = Fraction(1, n)
        (point,) = stationary_points(
            "forward", "a,-a,0", weights=[share, share, 1 - 2 * share], search_range=ends
        ).points
        excess.append(float(point.mid) ** 2 - 2 * math.log(n - 2) - 2)
    assert excess[0] > excess[1] > excess[2] > 0
    assert excess[2] == pytest.approx(excess[1] / 2, rel=0.1)  # O(1/log n)


def test_census_of_three() -> None:
    found = census(3, 1, starts=60)
    listed = [(point.multiplicities, point.index) for point in found.points]
    assert listed == [((2, 1), 1), ((1, 2), 2), ((1, 1, 1), 2)]
    assert not found.unproved
    assert not found.ambiguous
    assert found.truth + found.lost + sum(point.hits for point in found.points) == 60
    for point in found.points:
        places = [float(side.middle) for side in point.places]
        means = np.repeat(places, point.multiplicities)
        gradient = numerics.evaluate("forward", means[:, None].tolist(), quantity="gradient").value
        assert np.abs(np.array(gradient)).max() < 1e-9
        assert point.square.low <= float((means**2).sum()) + 1e-9
        assert float((means**2).sum()) - 1e-9 <= point.square.high
        assert point.inertia == float_signs(means[:, None].tolist())


def test_census_in_the_plane_has_the_points_on_lines() -> None:
    found = census(3, 2, starts=25)
    assert found.points
    for point in found.points:
        assert point.rank == 1
        assert point.inertia.zero == 1 + 3 - len(point.multiplicities)


@pytest.mark.parametrize(
    ("components", "dimension", "starts"), [(1, 1, 10), (7, 1, 10), (3, 3, 10), (3, 1, 0)]
)
def test_census_refuses_bad_input(components: int, dimension: int, starts: int) -> None:
    with pytest.raises(InputError):
        census(components, dimension, starts=starts)


def test_three_around_one_in_the_plane() -> None:
    rows = tuple((Fraction(str(x)), Fraction(str(y))) for x, y in TRIANGLE)
    system = PlanarSystem((Fraction(1, 4),) * 4, rows)
    flat = [entry for row in rows for entry in row]
    values = system.value([*flat, Fraction(0)])
    assert max(abs(float(value.mid())) for value in values) < 1e-6
    means = tuple(Interval(x, x) for x in flat)
    assert system.inertia(means) == Inertia(2, 5, 1, 0)
    assert float_signs([list(row) for row in TRIANGLE]) == Inertia(2, 5, 1, 0)


def test_bordered_jacobian_is_the_derivative_of_the_values() -> None:
    rows = (
        (Fraction(1, 5), Fraction(0)),
        (Fraction(2), Fraction(1, 3)),
        (Fraction(-1), Fraction(2)),
    )
    system = PlanarSystem((Fraction(1, 3),) * 3, rows, box_digits=8)
    place = [*(entry for row in rows for entry in row), Fraction(1, 7)]
    jacobian = system.jacobian(tuple(Interval(x, x) for x in place))
    step = Fraction(1, 1000)
    for column in (0, 3, 6):
        ends = []
        for sign in (1, -1):
            moved = list(place)
            moved[column] += sign * step
            ends.append(system.value(moved))
        for row, (up, down) in enumerate(zip(*ends, strict=True)):
            quotient = float((up - down).mid()) / float(2 * step)
            assert float(jacobian[row][column].mid()) == pytest.approx(quotient, abs=1e-4)


def test_two_equal_components_are_classified() -> None:
    found = classify()
    assert found.complete
    assert found.between.holds
    (zero,) = found.search.zeros
    place = (A / 2, A)
    for side, whole, x in zip(zero.enclosure, zero.isolation, place, strict=True):
        assert side.low <= x <= side.high
        assert whole.low < x < whole.high


@pytest.mark.parametrize(
    ("gap", "low", "high"),
    [("4", "1/5", "4/5"), ("8", "3/20", "4/5"), ("8", "1/5", "9/10"), ("8", "1/10", "4/5")],
)
def test_a_cone_that_is_too_wide_is_not_decided(gap: str, low: str, high: str) -> None:
    """Further in, or for smaller c/a, L_v2 is positive; beyond c/a = 7/8 nothing is proved."""
    found = pair_classification.between(arb(0), Fraction(gap), Fraction(low), Fraction(high))
    assert not found.holds


@pytest.mark.parametrize("seed", range(4))
def test_a_piece_of_odds_encloses_its_ends(seed: int) -> None:
    """Also where the point that stands for the middle is not the midpoint."""
    draw = np.random.default_rng(seed)
    low = Fraction(int(draw.integers(-2000, 2000)), 977)
    piece = Interval(low, low + Fraction(int(draw.integers(1, 90)), 991))
    point = (Fraction(int(draw.integers(0, 30)), 10), Fraction(int(draw.integers(20, 60)), 10))
    whole = PiecewiseSystem(piece).value(point)
    for end in (piece.low, piece.high):
        for ball, value in zip(whole, PairSystem(exact_ball(end)).value(point), strict=True):
            assert ball.overlaps(value)
            assert ball.lower() <= value.mid() <= ball.upper()


@pytest.mark.parametrize("seed", range(4))
def test_the_boxes_beside_one_cover_the_region(seed: int) -> None:
    draw = np.random.default_rng(seed)
    region = (Interval(Fraction(0), Fraction(10)), Interval(Fraction(1), Fraction(8)))
    left = (Interval(Fraction(2), Fraction(4)), Interval(Fraction(3), Fraction(5)))
    parts = (left, *beside(left, region))
    for _ in range(200):
        point = (Fraction(draw.uniform(0, 10)), Fraction(draw.uniform(1, 8)))
        assert any(
            all(side.low <= x <= side.high for side, x in zip(part, point, strict=True))
            for part in parts
        )


def test_at_most_one_point_is_refused_where_it_is_not_isolated() -> None:
    """Edges that leave no room for the point."""
    low, high = Fraction(0), Fraction(1, 100)
    assert undecided_piece(low, high, Fraction(2), Fraction(1)) is not None


def test_unequal_weights_have_two_points_in_the_compact_part() -> None:
    odds, edge = log_odds(Fraction(3, 4)), Fraction(4)
    found = all_zeros(PairSystem(odds), (Interval(-edge, edge), Interval(NEAR_GAP, edge)))
    assert found.complete
    assert len(found.zeros) == 2


def test_branch_against_newton_at_exact_weights() -> None:
    branch = branch_of_pair(Fraction(2, 5), Fraction(3, 5))
    assert branch.complete
    assert branch.saddle
    for weight in (Fraction(2, 5), Fraction(1, 2), Fraction(11, 20), Fraction(3, 5)):
        rough, fine = means_at(branch, weight), refined_point(branch, weight)
        assert rough is not None
        assert fine is not None
        for wide, narrow in zip(rough, fine.means, strict=True):
            assert wide.low <= narrow.low <= narrow.high <= wide.high
        assert fine.along == Inertia(1, 1, 0, 0)
        assert fine.across == Inertia(1, 0, 1, 0)
    assert means_at(branch, Fraction(9, 10)) is None


def test_tubes_join() -> None:
    branch = branch_of_pair(Fraction(2, 5), Fraction(3, 5))
    for first, second in zip(branch.tubes, branch.tubes[1:], strict=False):
        assert first.odds.high == second.odds.low
        edge = first.odds.high
        left, right = first.at(edge, first.image), second.at(edge, second.image)
        assert all(a.meet(b) is not None for a, b in zip(left, right, strict=True))


def test_no_branch_from_elsewhere() -> None:
    with pytest.raises(ArithmeticError):
        follow(box_around([Fraction(3), Fraction(3)], Fraction(1, 50)), Fraction(0), Fraction(1))


@pytest.mark.parametrize("ends", [("0", "1/2"), ("3/5", "4/5"), ("1/2", "1")])
def test_weights_out_of_range(ends: tuple[str, str]) -> None:
    with pytest.raises(InputError):
        branch_of_pair(Fraction(ends[0]), Fraction(ends[1]))


def test_two_components_far_and_three_near() -> None:
    system = LineSystem((Fraction(3, 5), Fraction(2, 5)))
    branch = branch_of_pair(Fraction(2, 5), Fraction(3, 5))
    point = refined_point(branch, Fraction(2, 5))
    assert point is not None
    zero = prove_zero(system, box_around([side.middle for side in point.means], Fraction(1, 10**6)))
    assert zero is not None
    assert all(value.contains(arb(0)) or abs(value) < 1e-9 for value in system.value(zero.centre))
