"""Stationary points on slices: roots, proofs, labels and signatures."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest

import numerics
from numerics.errors import InputError
from numerics.stationary.slice_points import stationary_points
from numerics.validated.inertia import Inertia
from tests.numerics.stationary.test_slice_function import equation_c


def float_inertia(objective: str, means: list[list[float]]) -> list[int]:
    """Signs of the eigenvalues of the float64 Hessian."""
    hessian = numerics.evaluate(objective, means, quantity="hessian").value
    return [0 if abs(e) < 1e-9 else int(np.sign(e)) for e in np.linalg.eigvalsh(np.array(hessian))]


def check_inertia(point: object, objective: str, places: list[float], dimension: int) -> None:
    means = [[t] + [0.0] * (dimension - 1) for t in places]
    signs = float_inertia(objective, means)
    expected = Inertia(signs.count(1), signs.count(-1), signs.count(0), 0)
    assert point.inertia(dimension) == expected  # type: ignore[attr-defined]


def test_two_components() -> None:
    report = stationary_points("forward", "0,a", digits=60)
    assert report.complete
    (point,) = report.points
    assert point.met
    assert not point.truth
    with mpmath.workdps(40):
        reference = mpmath.findroot(equation_c, mpmath.mpf("2.456"))
        assert abs(mpmath.mpf(point.mid) - reference) < 1e-28
    assert Fraction(point.rad) <= 3 * Fraction(1, 10**60)
    a = float(point.mid)
    for dimension in (1, 2, 3):
        check_inertia(point, "forward", [0.0, a], dimension)
    assert point.inertia(1) == Inertia(1, 1, 0, 0)
    assert point.inertia(2) == Inertia(2, 1, 1, 0)


def test_three_components() -> None:
    report = stationary_points("forward", "0,a,-a", digits=40)
    assert report.complete
    (point,) = report.points
    assert point.mid.startswith("2.5505509886")
    a = float(point.mid)
    for dimension in (1, 2, 3):
        check_inertia(point, "forward", [0.0, a, -a], dimension)
    assert point.along.negative == 2
    assert point.inertia(2).negative == 3


def test_the_truth_is_labelled() -> None:
    report = stationary_points("forward", "0,a", search_range=(-4, 4))
    assert report.complete
    left, middle, right = report.points
    assert middle.truth
    assert (middle.mid, middle.rad) == ("0", "0")
    assert middle.along == Inertia(1, 0, 1, 0)
    assert left.mid == f"-{right.mid}"
    assert not left.truth


@pytest.mark.parametrize(
    ("objective", "text"),
    [("reverse", "0,a,-a"), ("reverse", "a,-a"), ("kl", "0,a"), ("kl", "a,-a")],
)
def test_no_other_root_for_the_other_losses(objective: str, text: str) -> None:
    report = stationary_points(objective, text)
    assert report.complete
    assert report.points == ()
    report = stationary_points(objective, text, search_range=(-50, 50))
    assert report.complete
    assert [point.truth for point in report.points] == [True]


def test_two_opposite_components_have_only_the_truth() -> None:
    report = stationary_points("forward", "a,-a", search_range=(-6, 6))
    assert report.complete
    assert [point.truth for point in report.points] == [True]


def test_coincident_components() -> None:
    report = stationary_points("forward", "a,a", search_range=(-3, 5))
    assert report.complete
    assert [point.truth for point in report.points] == [True]
    moved = stationary_points("forward", "a-1,1-a", search_range=(0, 3))
    assert [(point.mid, point.truth) for point in moved.points] == [("1", True)]


def test_rational_ends_and_weights() -> None:
    weights = ["1/2", "1/4", "1/4"]
    report = stationary_points("forward", "0,a,a", weights=weights, search_range=("1/3", "9/2"))
    assert report.complete
    (point,) = report.points
    plain = stationary_points("forward", "0,a", search_range=("1/3", "9/2")).points[0]
    assert point.mid == plain.mid


def test_a_root_on_the_edge_of_the_range_is_reported() -> None:
    inside = stationary_points("forward", "0,a", search_range=("2.45", "2.46"), digits=10)
    assert len(inside.points) == 1
    assert inside.complete
    end = inside.points[0].mid
    for ends in ((end, "3"), ("2", end)):
        report = stationary_points("forward", "0,a", search_range=ends, digits=10)
        assert report.complete
        assert len(report.points) <= 1


@pytest.mark.parametrize("ends", [("2.5", "4"), ("1.5", "2.4"), ("0.01", "0.1"), ("6", "9")])
def test_ranges_without_root(ends: tuple[str, str]) -> None:
    report = stationary_points("forward", "0,a", search_range=ends)
    assert report.complete
    assert report.points == ()


def test_what_is_too_far_is_undecided() -> None:
    report = stationary_points("forward", "0,a", search_range=(60, 61))
    assert not report.complete
    assert "too far" in report.undecided[0].reason


@pytest.mark.parametrize(
    ("objective", "text", "rest", "argument"),
    [
        ("forward", "0,a", {"weights": ["1/4", "3/4"]}, "slice"),
        ("reverse", "0,a", {}, "slice"),
        ("forward", "0,1", {}, "slice"),
        ("forward", "", {}, "slice"),
        ("forward", "0,a", {"search_range": (3, 2)}, "range"),
        ("forward", "0,a", {"search_range": (2, 2)}, "range"),
        ("forward", "0,a", {"search_range": ("1", "inf")}, "range"),
        ("forward", "0,a", {"search_range": ("1",)}, "range"),
        ("forward", "0,a", {"digits": 0}, "digits"),
        ("forward", "0,a", {"digits": 10**9}, "digits"),
        ("sideways", "0,a", {}, "objective"),
        ("forward", "0,a", {"weights": ["1/4", "1/4"]}, "weights"),
        ("forward", "0,a", {"weights": ["1"]}, "weights"),
    ],
)
def test_bad_input(objective: str, text: str, rest: dict[str, object], argument: str) -> None:
    with pytest.raises(InputError) as caught:
        stationary_points(objective, text, **rest)  # type: ignore[arg-type]
    assert caught.value.argument == argument
    assert "\n" not in str(caught.value)
