"""Interval Newton: all roots found, each proved, the rest excluded, nothing dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.numbers.balls import ball as exact_ball
from numerics.numbers.balls import precision
from numerics.validated.interval import Interval, decimal_strings, interval_of
from numerics.validated.roots import find_roots


@dataclass(frozen=True)
class Pair:
    """A function given by two callables on balls."""

    function: Callable[[arb], arb]
    slope: Callable[[arb], arb]

    def value(self, point: arb, digits: int) -> arb:
        return self.function(point)

    def derivative(self, box: arb, digits: int) -> arb:
        return self.slope(box)


COSINE = Pair(lambda x: x.cos(), lambda x: -x.sin())


def test_all_roots_of_cosine() -> None:
    report = find_roots(COSINE, Fraction(0), Fraction(30), digits=60)
    assert report.complete
    assert len(report.roots) == 10
    with precision(300):
        for number, root in enumerate(report.roots):
            exact = arb.pi() * (2 * number + 1) / 2
            found = interval_of(exact)
            assert found is not None
            assert root.enclosure.meet(found) is not None
            assert root.met
            assert root.enclosure.width <= 200 * Fraction(1, 10**60)
            assert root.enclosure.inside(root.isolation)


@pytest.mark.parametrize("digits", [5, 15, 200, 1000])
def test_refinement_reaches_the_digits(digits: int) -> None:
    square = Pair(lambda x: x * x - 2, lambda x: 2 * x)
    (root,) = find_roots(square, Fraction(0), Fraction(2), digits=digits).roots
    assert root.met
    assert root.enclosure.low**2 <= 2 <= root.enclosure.high**2
    middle, radius = decimal_strings(root.enclosure, digits)
    assert abs(Fraction(middle) ** 2 - 2) <= 4 * Fraction(radius)


def test_no_root_is_an_answer() -> None:
    positive = Pair(lambda x: x * x + exact_ball(Fraction(1, 100)), lambda x: 2 * x)
    report = find_roots(positive, Fraction(-1), Fraction(1))
    assert report.complete
    assert not report.roots


def test_double_root_is_undecided_not_dropped() -> None:
    double = Pair(lambda x: (x - 1) * (x - 1), lambda x: 2 * (x - 1))
    report = find_roots(double, Fraction(0), Fraction("2.5"), max_evaluations=1000)
    assert not report.roots
    assert not report.complete
    assert any(item.interval.low <= 1 <= item.interval.high for item in report.undecided)
    assert all(item.interval.width < Fraction(1, 1000) and item.reason for item in report.undecided)


def test_spent_budget_is_reported() -> None:
    report = find_roots(COSINE, Fraction(0), Fraction(30), max_evaluations=6)
    assert not report.complete
    assert "budget" in report.undecided[0].reason
    covered = sum(item.interval.width for item in report.undecided)
    assert covered > 10


@pytest.mark.parametrize("ends", [("1", "2"), ("0", "1"), ("0", "2"), ("1/2", "3/2")])
def test_roots_on_the_edge_are_found_once(ends: tuple[str, str]) -> None:
    line = Pair(lambda x: x * x * x - 1, lambda x: 3 * x * x)
    low, high = map(Fraction, ends)
    report = find_roots(line, low, high, digits=30)
    assert report.complete
    assert len(report.roots) == 1
    assert report.roots[0].enclosure.low <= 1 <= report.roots[0].enclosure.high
    edge = low == 1 or high == 1
    assert (report.roots[0].within_range is None) or not edge


def test_wide_noise_raises_the_digits() -> None:
    """A function below the first precision's error is still resolved."""
    tiny = Fraction(1, 10**60)

    def noisy(x: arb, digits: int, exact: arb) -> arb:
        return exact + exact_ball(Fraction(1, 10**digits)) * arb(0, 1)

    class Noisy:
        def value(self, point: arb, digits: int) -> arb:
            return noisy(point, digits, exact_ball(tiny) * (point * point - 2))

        def derivative(self, box: arb, digits: int) -> arb:
            return noisy(box, digits, exact_ball(tiny) * 2 * box)

    report = find_roots(Noisy(), Fraction(1), Fraction(2), digits=20)
    assert report.complete
    assert len(report.roots) == 1
    assert report.roots[0].met


def test_precision_is_restored() -> None:
    before = ctx.prec
    find_roots(COSINE, Fraction(0), Fraction(2), digits=50)
    assert ctx.prec == before

    class Broken:
        def value(self, point: arb, digits: int) -> arb:
            raise RuntimeError("stop")

        derivative = value

    with pytest.raises(RuntimeError):
        find_roots(Broken(), Fraction(0), Fraction(2), digits=50)
    assert ctx.prec == before


@settings(max_examples=40, deadline=None)
@given(st.sets(st.fractions(-5, 5, max_denominator=20), min_size=1, max_size=4))
def test_polynomials_with_rational_roots(zeros: set[Fraction]) -> None:
    factors = sorted(zeros)

    def value(x: arb) -> arb:
        product = arb(1)
        for zero in factors:
            product *= x - exact_ball(zero)
        return product

    def slope(x: arb) -> arb:
        total = arb(0)
        for skipped in factors:
            product = arb(1)
            for zero in factors:
                if zero != skipped:
                    product *= x - exact_ball(zero)
            total += product
        return total

    report = find_roots(Pair(value, slope), Fraction(-6), Fraction("5.7"), digits=25)
    assert report.complete
    assert len(report.roots) == len(factors)
    for zero, root in zip(factors, report.roots, strict=True):
        assert root.enclosure.low <= zero <= root.enclosure.high


@given(st.fractions(-100, 100), st.fractions(0, 1, max_denominator=10**9), st.integers(1, 30))
def test_printed_ball_contains_the_interval(low: Fraction, width: Fraction, digits: int) -> None:
    middle, radius = decimal_strings(Interval(low, low + width), digits)
    centre, reach = Fraction(middle), Fraction(radius)
    assert centre - reach <= low
    assert low + width <= centre + reach
