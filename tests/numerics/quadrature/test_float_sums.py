"""Product rules in doubles: they enclose what balls say, over boxes too, or refuse."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

from numerics.evaluation.scalar_backend import NotInDoublesError, expectations
from numerics.kernels import load_program
from numerics.kernels.straight_line import compile_kernel
from numerics.numbers.balls import BALL, precision
from numerics.quadrature import float_sums
from numerics.quadrature.float_polynomials import Form, kernel_forms, monomials
from numerics.quadrature.inputs import Inputs

Rows = list[list[Fraction]]


def drawn(count: int, rank: int, size: float, seed: int) -> Rows:
    """Rational means of about a size."""
    values = np.random.default_rng(seed).normal(size=(count, rank)) * size
    return [[Fraction(round(float(x) * 1000), 1000) for x in row] for row in values]


def inputs(means: Rows, radius: float = 0.0) -> Inputs:
    """Balls of a radius about means, equal weights."""
    rows = [[BALL.constant(x) + arb(0, radius) for x in row] for row in means]
    return Inputs(rows, rows, [BALL.constant(Fraction(1, len(means)))] * len(means))


def evaluate(name: str, means: Rows, digits: int, radius: float = 0.0) -> Any:
    """Balls of a forward program."""
    with precision(120):
        program = load_program("forward", name)
        return expectations(BALL, [program], inputs(means, radius), digits=digits).values[0]


@pytest.fixture
def summed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of nodes that were summed in doubles; every grid is large enough."""
    calls: list[int] = []
    original = float_sums.float_sum

    def counted(*arguments: Any) -> Any:
        found = original(*arguments)
        calls.append(found[1])
        return found

    monkeypatch.setattr(float_sums, "float_sum", counted)
    monkeypatch.setattr(float_sums, "FEWEST_NODES", 1)
    return calls


@pytest.mark.parametrize(
    ("count", "rank", "size", "names"),
    [
        (3, 2, 2.0, ("loss", "gradient", "hessian")),
        (4, 2, 1.0, ("gradient",)),
        (3, 3, 0.5, ("gradient",)),
    ],
)
def test_doubles_enclose_what_more_digits_say(
    summed: list[int], count: int, rank: int, size: float, names: tuple[str, ...]
) -> None:
    means = drawn(count, rank, size, count + rank)
    for name in names:
        found = np.ravel(evaluate(name, means, 6))
        assert len(summed) == 1
        summed.clear()
        exact = np.ravel(evaluate(name, means, float_sums.MOST_DIGITS + 1))
        assert not summed  # more digits than doubles have to spare
        assert all(one.overlaps(two) for one, two in zip(found, exact, strict=True))
        assert all(one.rad() < 1e-6 * max(1, abs(float(one.mid()))) for one in found)


def test_without_the_grids_own_bounds_rounding_alone_is_proved(
    summed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same grid summed in balls lies within the bound of rounding, and that is not void."""
    from numerics.evaluation import scalar_backend

    monkeypatch.setattr(scalar_backend._Task, "_bound", lambda *_: arb(0))
    means = drawn(3, 2, 2.5, 5)
    quick = np.ravel(evaluate("gradient", means, 6))
    assert summed
    monkeypatch.setattr(float_sums, "serves", lambda *_: False)
    slow = np.ravel(evaluate("gradient", means, 6))
    for one, two in zip(quick, slow, strict=True):
        assert one.overlaps(two)
        # slabs round their ends outwards alike: the nodes are the same up to far ones
        assert abs(float(one.mid()) - float(two.mid())) < float(one.rad()) < 1e-9


def test_boxes_enclose_the_value_at_every_point_drawn(summed: list[int]) -> None:
    means, radius = drawn(3, 2, 1.5, 9), 1e-6
    box = np.ravel(evaluate("gradient", means, 2, radius))
    assert summed
    generator = np.random.default_rng(3)
    for _ in range(4):
        moved = [
            [x + Fraction(int(s), 10**6) for x, s in zip(row, signs, strict=True)]
            for row, signs in zip(means, generator.choice([-1, 1], (3, 2)), strict=True)
        ]
        inside = np.ravel(evaluate("gradient", moved, 8))
        assert all(outer.contains(inner) for outer, inner in zip(box, inside, strict=True))


def test_a_box_that_is_forgotten_is_missed(
    summed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the spread of responsibilities a box does not hold its corners."""
    means, radius = drawn(3, 2, 1.5, 9), 1e-2
    monkeypatch.setattr(float_sums, "_spread", lambda *_: arb(0))
    monkeypatch.setattr(float_sums, "kernel_forms", _with_no_width)
    box = np.ravel(evaluate("gradient", means, 4, radius))
    moved = [[x + Fraction(1, 100) for x in row] for row in means]
    inside = np.ravel(evaluate("gradient", moved, 8))
    assert summed
    assert not all(outer.contains(inner) for outer, inner in zip(box, inside, strict=True))


def _with_no_width(kernel: Any, given: Inputs) -> Any:
    forms, _ = kernel_forms(kernel, given)
    return forms, arb(0)


def test_means_beyond_the_range_of_doubles_are_left_to_balls() -> None:
    rows = [[arb(0), arb(0)], [arb(90), arb(0)], [arb(0), arb(-90)]]
    given = Inputs(rows, rows, [arb(1) / 3] * 3)
    with precision(100):
        centre = float_sums._middle(given)
        plan = float_sums.AxisPlan(Fraction(1, 10), -90, 90, 0.1)
        window = float_sums.Window((plan, plan), math.inf)
        with pytest.raises(float_sums.FloatRangeError):
            float_sums._Tables(BALL, centre, window, 0)


def test_table_entries_are_compared_with_their_balls() -> None:
    with precision(128):
        third = arb(1) / 3
        assert float_sums._doubles([third])[0] == 1 / 3
        with pytest.raises(float_sums.FloatRangeError):
            float_sums._doubles([arb(third.mid(), arb(2) ** -50)])


def test_pairwise_sums_count_their_additions() -> None:
    total = float_sums._PairwiseSum()
    for _ in range(1000):
        total.add(np.array([0.1]))
    assert abs(total.value()[0] - 100) < total.depth * 100 * 2.0**-53
    assert total.depth <= 20


def test_forms_are_the_kernel_at_responsibilities() -> None:
    means = drawn(3, 2, 3.0, 1)
    kernel = compile_kernel([load_program("forward", "gradient")], 3, 2)
    with precision(100):
        forms, _ = kernel_forms(kernel, inputs(means))
        psi = [arb(1) / 2, arb(1) / 3, arb(1) / 6]
        shared = (
            arb(1),
            arb(0),
            None,
            arb(2),
            inputs(means).means,
            inputs(means).weights,
            lambda top, bottom: arb(top) / bottom,
        )
        direct = kernel.explicit([(arb(1), psi, arb(0))], [arb(0) for _ in kernel.entries], shared)
        for form, value in zip(forms, direct, strict=True):
            total = sum(
                (
                    arb(float(c)) * math.prod((psi[j] for j in chosen), start=arb(1))
                    for c, chosen in zip(form.values, monomials(3, form.degree), strict=True)
                ),
                arb(0),
            )
            assert abs(float(total - value)) < 1e-12


def test_sizes_bound_values() -> None:
    one = Form(2, 1, np.array([1.0, -2.0]), np.array([1.0, 2.0]))
    product = (one - one) * one
    assert (product.values == 0).all()
    assert product.sizes.tolist() == [2.0, 8.0, 8.0]


def test_what_doubles_cannot_sum_is_refused_where_only_they_may() -> None:
    few = [[BALL.constant(Fraction(k, 9)), BALL.constant(Fraction(k * k, 9))] for k in range(3)]
    thirds = [BALL.constant(Fraction(1, 3))] * 3
    loss = load_program("forward", "loss")
    for programs, digits in (([loss], 6), ([loss], 30), ([load_program("reverse", "loss")], 6)):
        with pytest.raises(NotInDoublesError):
            expectations(BALL, programs, Inputs(few, few, thirds), digits=digits, only_doubles=True)
    far = [[7 * x for x in row] for row in few]
    only = expectations(BALL, [loss], Inputs(far, far, thirds), digits=12, only_doubles=True)
    with precision(120):
        exact = expectations(BALL, [loss], Inputs(far, far, thirds), digits=20)
    assert only.values[0].item().contains(exact.values[0].item())
