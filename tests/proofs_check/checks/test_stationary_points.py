"""Checks about stationary points: what they prove, and what they refute with a witness."""

from __future__ import annotations

from fractions import Fraction

import pytest

from numerics.stationary import triple_classification
from numerics.stationary.triple_bounds import ALL_FAR
from numerics.stationary.triple_classification import TripleSearch
from numerics.validated.interval import Interval
from proofs_check.checks.stationary_lists import CensusPoints, PairClassification
from proofs_check.checks.stationary_points import PlanarPoint, PointNear, WeightBranch
from proofs_check.checks.triple_points import CUBE, AllFar, TripleClassification
from proofs_check.claim import Context
from proofs_check.claims.f4_stationary_point import family_inertia, family_root
from proofs_check.verdict import Verdict

THREE = (((2, 1), 1), ((1, 2), 2), ((1, 1, 1), 2))


def test_the_list_for_two_components() -> None:
    result = PairClassification((("0", "2.4563"),)).run(Context())
    assert result.verdict is Verdict.PROVED
    assert "1.41 <= a <= 8" in result.scope


@pytest.mark.parametrize("points", [(), (("0", "2.4564"),), (("0.001", "2.4563"),)])
def test_a_list_without_the_point_is_refuted(points: tuple[tuple[str, str], ...]) -> None:
    result = PairClassification(points).run(Context())
    assert result.verdict is Verdict.REFUTED
    assert result.witness is not None


def test_a_list_with_a_further_point_is_not_proved() -> None:
    result = PairClassification((("0", "2.4563"), ("1", "4"))).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("means", "weights"),
    [
        (("0", "2.46"), ("1/2", "1/2")),
        (("0", "2.456"), ("9/20", "11/20")),
        (("0.05", "2.4563"), ("1/2", "1/2")),
    ],
)
def test_a_place_without_a_point_is_refuted(
    means: tuple[str, ...], weights: tuple[str, ...]
) -> None:
    result = PointNear(means, weights, "1/10000").run(Context())
    assert result.verdict is Verdict.REFUTED
    assert result.witness is not None


def test_a_box_too_large_for_the_operator_decides_nothing() -> None:
    result = PointNear(("0", "2.456"), ("1/2", "1/2"), "1").run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE


def test_the_family() -> None:
    assert family_root(6, ("2.73", "2.74")).run(Context()).verdict is Verdict.PROVED
    assert family_inertia(6).run(Context()).verdict is Verdict.PROVED


@pytest.mark.parametrize("negatives", [1, 3])
def test_the_index_of_the_family_off_by_one(negatives: int) -> None:
    assert family_inertia(4, negatives).run(Context()).verdict is Verdict.REFUTED


@pytest.mark.parametrize("near", [("2.66", "2.67"), ("2.68", "2.69")])
def test_the_root_of_the_family_elsewhere(near: tuple[str, str]) -> None:
    assert family_root(5, near).run(Context()).verdict is Verdict.REFUTED


def test_the_branch() -> None:
    result = WeightBranch(("9/20", "11/20"), ("9/20", "11/20")).run(Context())
    assert result.verdict is Verdict.PROVED
    assert "all saddles" in result.notes[0]


def test_census_points() -> None:
    assert CensusPoints(3, 1, THREE, (60, 60)).run(Context()).verdict is Verdict.PROVED


@pytest.mark.parametrize("which", [0, 1])
def test_census_with_an_index_off_by_one(which: int) -> None:
    listed = list(THREE)
    listed[which] = (listed[which][0], listed[which][1] + 1)
    result = CensusPoints(3, 1, tuple(listed), (60, 60)).run(Context())
    assert result.verdict is Verdict.REFUTED


def test_census_without_enough_starts_is_inconclusive() -> None:
    result = CensusPoints(3, 1, THREE, (1, 1)).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE


def test_no_planar_point_at_another_radius() -> None:
    square = (("2.75", "0"), ("0", "2.75"), ("0", "0"))
    assert PlanarPoint(square, "1/100000", 3).run(Context()).verdict is Verdict.INCONCLUSIVE


SPURIOUS = ("-1.01431305248414903e-11", "19.9999859156905961", "20.0000140842691696")


@pytest.mark.parametrize(
    ("means", "verdict"),
    [
        (SPURIOUS, Verdict.PROVED),
        (("0", "20", "20"), Verdict.REFUTED),  # the pair is split, by 2.8e-5
        ((*SPURIOUS[:2], "20.0000150842691696"), Verdict.REFUTED),
    ],
)
def test_spurious_local_minimum_of_the_likelihood(means: tuple[str, ...], verdict: Verdict) -> None:
    third = ("1/3", "1/3", "1/3")
    check = PointNear(means, third, "1e-14", "kl", ("-3", "3", "20"), minimum=True, digits=40)
    result = check.run(Context())
    assert result.verdict is verdict
    assert (result.witness is not None) == (verdict is Verdict.REFUTED)


def test_a_saddle_is_no_minimum() -> None:
    check = PointNear(("0", "2.45628"), ("1/2", "1/2"), "1/10000", minimum=True)
    result = check.run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "1 negative" in result.notes[0]


def test_three_far_components_are_pushed_apart() -> None:
    assert AllFar().run(Context()).verdict is Verdict.PROVED
    assert AllFar().radius == ALL_FAR
    several = AllFar(Fraction(18, 5), (2, 10))
    assert several.run(Context()).verdict is Verdict.PROVED
    further = AllFar(Fraction(18, 5), (2, 11)).run(Context())
    assert further.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("radius", "verdict"), [("1/4", "REFUTED"), ("17/10", "INCONCLUSIVE")])
def test_means_nearer_than_that_are_not_shown_to_be(radius: str, verdict: str) -> None:
    result = AllFar(Fraction(radius)).run(Context())
    assert result.verdict is Verdict(verdict)
    assert (result.witness is not None) == (verdict == "REFUTED")


@pytest.mark.parametrize("found", [
    TripleSearch(CUBE - Fraction(1, 2), (), (), 7),
    TripleSearch(CUBE, (), ((Interval(Fraction(0), Fraction(1)),) * 3,), 7),
    TripleSearch(CUBE, (), (), 7),
])  # fmt: skip
def test_a_search_that_leaves_something_proves_no_list(
    found: TripleSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A smaller cube, a box undecided, a point that is not found."""
    monkeypatch.setattr(triple_classification, "all_triples", lambda reach, far: found)
    listed = TripleClassification((("-2.5506", "0", "2.5506"),))
    assert listed.run(Context()).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("budget", ["quick", "full"])
def test_at_full_the_search_does_without_the_bounds_of_far_means(
    budget: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def search(reach: Fraction, far: bool) -> TripleSearch:
        asked.append(far)
        return TripleSearch(reach, (), (), 7)

    monkeypatch.setattr(triple_classification, "all_triples", search)
    TripleClassification((("-2.5506", "0", "2.5506"),)).run(Context(budget=budget))
    assert asked == [budget == "quick"]


def test_the_list_for_three_components_on_the_whole_line() -> None:
    points = (
        ("-2.5506", "0", "2.5506"),
        ("-0.0308", "2.4143", "2.4143"),
        ("0.0174", "0.0174", "2.5532"),
    )
    result = TripleClassification(points).run(Context())
    assert result.verdict is Verdict.PROVED
    assert result.scope == "n = 3, d = 1, equal weights, all stationary points"
    moved = TripleClassification((*points[:2], ("0.0174", "0.0174", "2.5534")))
    assert moved.run(Context()).verdict is Verdict.INCONCLUSIVE
