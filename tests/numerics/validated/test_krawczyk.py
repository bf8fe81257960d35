"""Krawczyk's operator, branch and bound: existence, uniqueness, exclusion, nothing dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from numerics.numbers.balls import ball
from numerics.validated.interval import Box, Interval, box_around, inside
from numerics.validated.krawczyk import (
    Balls,
    Matrix,
    all_zeros,
    approximate_inverse,
    prove_zero,
    refine,
)


@dataclass(frozen=True)
class Circles:
    """``x^2 + y^2 = r`` and ``x y = product``."""

    square: Fraction = Fraction(5)
    product: Fraction = Fraction(2)

    def value(self, point: Sequence[Fraction]) -> Balls:
        x, y = (ball(entry) for entry in point)
        return [x * x + y * y - ball(self.square), x * y - ball(self.product)]

    def jacobian(self, box: Box) -> Matrix:
        x, y = (side.ball() for side in box)
        return [[2 * x, 2 * y], [y, x]]


def test_a_zero_is_proved_and_refined() -> None:
    start = box_around([Fraction(101, 100), Fraction(199, 100)], Fraction(1, 20))
    zero = prove_zero(Circles(), start)
    assert zero is not None
    assert inside(zero.enclosure, zero.isolation)
    fine = refine(Circles(), zero, Fraction(1, 10**20))
    for side, expected in zip(fine.enclosure, (1, 2), strict=True):
        assert side.low <= expected <= side.high
        assert side.width < Fraction(1, 10**18)


def test_nothing_is_proved_where_there_is_no_zero() -> None:
    for place in ((3, 3), (0, 0), (1, 1)):
        assert (
            prove_zero(Circles(), box_around([Fraction(x) for x in place], Fraction(1, 4))) is None
        )


def test_a_zero_on_a_side_of_a_box_is_not_proved_there() -> None:
    sides = (Interval(Fraction(1), Fraction(11, 10)), Interval(Fraction(19, 10), Fraction(21, 10)))
    assert prove_zero(Circles(), sides) is None


def test_two_zeros_in_a_box_are_not_one() -> None:
    assert prove_zero(Circles(), box_around([Fraction(0), Fraction(0)], Fraction(3))) is None


def test_all_four_zeros_are_found() -> None:
    region = (Interval(Fraction(-3), Fraction(3)), Interval(Fraction(-3), Fraction(3)))
    found = all_zeros(Circles(), region)
    assert found.complete
    assert [tuple(round(x) for x in zero.centre) for zero in found.zeros] == [
        (-2, -1),
        (-1, -2),
        (1, 2),
        (2, 1),
    ]


def test_a_zero_on_the_sides_of_boxes_is_found_once() -> None:
    # The first halvings cut exactly through (1, 2).
    region = (Interval(Fraction(0), Fraction(2)), Interval(Fraction(1), Fraction(3)))
    found = all_zeros(Circles(), region)
    assert found.complete
    assert any(
        all(side.low <= x <= side.high for side, x in zip(zero.enclosure, (1, 2), strict=True))
        for zero in found.zeros
    )


def test_a_double_zero_stays_undecided() -> None:
    # The circle touches the hyperbola in (1, 1).
    region = (Interval(Fraction(1, 2), Fraction(3, 2)), Interval(Fraction(1, 2), Fraction(3, 2)))
    found = all_zeros(Circles(Fraction(2), Fraction(1)), region, least=Fraction(1, 64))
    assert not found.complete
    assert any(all(side.low <= 1 <= side.high for side in box) for box in found.undecided)


def test_a_spent_budget_is_reported() -> None:
    region = (Interval(Fraction(-3), Fraction(3)), Interval(Fraction(-3), Fraction(3)))
    found = all_zeros(Circles(), region, max_boxes=10)
    assert not found.complete
    assert found.boxes == 10


def test_no_inverse_of_a_matrix_that_is_not_finite() -> None:
    assert approximate_inverse([[arb("nan")]]) is None


def test_no_inverse_of_a_singular_matrix() -> None:
    assert approximate_inverse([[arb(1), arb(1)], [arb(1), arb(1)]]) is None


def test_an_overflow_excludes_nothing() -> None:
    class Overflow:
        def value(self, point: Sequence[Fraction]) -> list[arb]:
            return [arb("inf")]

        def jacobian(self, box: Sequence[Interval]) -> list[list[arb]]:
            return [[arb(1)]]

    near = (Interval(Fraction(-1, 100), Fraction(1, 100)),)
    assert not all_zeros(Overflow(), near, least=Fraction(1, 100)).complete
