"""Two components in crossing coordinates: against the derived gradient, and over boxes."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
from flint import arb

import numerics
from numerics.numbers.balls import ball, precision
from numerics.stationary import pair_system as crossing
from numerics.stationary.pair_system import PairSystem, enclose
from numerics.validated.interval import Interval, box_around

PLACES = [("0", "2.5", "0"), ("1.3", "1.5", "0.7"), ("-2", "3", "-1.2"), ("4", "5.5", "2")]


def point(text: str) -> Interval:
    return Interval(Fraction(text), Fraction(text))


@pytest.mark.parametrize(("c", "a", "odds"), PLACES)
def test_half_the_derived_gradient(c: str, a: str, odds: str) -> None:
    values = enclose(("F1", "F2"), point(c), point(a), ball(Fraction(odds)))
    near = float(c) + float(odds) / float(a) - float(a) / 2
    far_weight = 1 / (1 + math.exp(-float(odds)))
    expected = numerics.evaluate(
        "forward",
        [[near], [near + float(a)]],
        quantity="gradient",
        weights=[1 - far_weight, far_weight],
    ).value
    for value, row in zip(values, expected, strict=True):
        assert float(value.mid()) == pytest.approx(row[0] / 2, abs=1e-9)
        assert value.rad() < 1e-8


@pytest.mark.parametrize(("c", "a", "odds"), PLACES)
@pytest.mark.parametrize(("letter", "place"), [("c", 0), ("a", 1), ("l", 2)])
def test_derivatives_are_those_of_the_values(
    c: str, a: str, odds: str, letter: str, place: int
) -> None:
    step = Fraction(1, 10**4)
    centre = [Fraction(c), Fraction(a), Fraction(odds)]

    def values(shift: Fraction) -> list[arb]:
        moved = list(centre)
        moved[place] += shift
        sides = [Interval(x, x) for x in moved]
        return enclose(("F1", "F2"), sides[0], sides[1], ball(moved[2]))

    up, down = values(step), values(-step)
    found = enclose((f"F1{letter}", f"F2{letter}"), point(c), point(a), ball(Fraction(odds)))
    for high, low, derivative in zip(up, down, found, strict=True):
        quotient = float(((high - low) / (2 * ball(step))).mid())
        assert float(derivative.mid()) == pytest.approx(quotient, abs=1e-5)


def test_boxes_contain_their_points() -> None:
    draw = random.Random(1)
    for _ in range(20):
        c, a = Fraction(draw.randint(-30, 30), 10), Fraction(draw.randint(15, 50), 10)
        radius = Fraction(draw.randint(1, 20), 100)
        low, high = Fraction(draw.randint(-20, 20), 10), Fraction(1, 10)
        with precision(64):
            odds = ball(low).union(ball(low + high))
        box = box_around([c, a], radius)
        wide = enclose(("F1", "F2", "F1c", "F2a", "F2l"), *box, odds)
        inner = [side.low + side.width * Fraction(draw.randint(0, 8), 8) for side in box]
        sides = [Interval(x, x) for x in inner]
        inside = enclose(
            ("F1", "F2", "F1c", "F2a", "F2l"), *sides, ball(low + high * Fraction(3, 7))
        )
        for outer, value in zip(wide, inside, strict=True):
            assert outer.contains(value.mid())


def test_error_bound_covers_a_coarse_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    # With step 2 the discretisation error is visible; it must stay inside the radius.
    fine = enclose(("F1", "F2", "F1c", "F2a"), point("1"), point("2.5"), ball(Fraction(1, 2)))
    crossing._compiled.cache_clear()
    monkeypatch.setattr(crossing, "_STEP", Fraction(2))
    coarse = enclose(("F1", "F2", "F1c", "F2a"), point("1"), point("2.5"), ball(Fraction(1, 2)))
    crossing._compiled.cache_clear()
    moved = 0
    for narrow, wide in zip(fine, coarse, strict=True):
        assert wide.contains(narrow)
        assert wide.rad() > 1e-4
        moved += abs(float(narrow.mid()) - float(wide.mid())) > 1e-6
    assert moved


def test_determinant_is_that_of_half_the_hessian() -> None:
    a = 2.4562822547796749
    box = box_around([Fraction(a) / 2, Fraction(a)], Fraction(0))
    rows = PairSystem(arb(0)).jacobian(box)
    found = float((rows[0][0] * rows[1][1] - rows[0][1] * rows[1][0]).mid())
    hessian = numerics.evaluate("forward", [[0], [a]], quantity="hessian").value
    expected = hessian[0][0] * hessian[1][1] - hessian[0][1] * hessian[1][0]
    assert found == pytest.approx(float(expected) / 4, abs=1e-8)
