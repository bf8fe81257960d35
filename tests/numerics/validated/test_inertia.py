"""Inertia by balls agrees with exact inertia, and refuses to guess."""

from __future__ import annotations

from fractions import Fraction

from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.numbers.balls import ball as exact_ball
from numerics.validated.inertia import (
    Inertia,
    inertia_across,
    inertia_of_balls,
    inertia_of_fractions,
)

entries = st.fractions(-3, 3, max_denominator=5)


@st.composite
def congruent(draw: st.DrawFn) -> tuple[list[list[Fraction]], list[int]]:
    """A symmetric matrix ``T^t diag(signs) T`` with ``T`` unit triangular (hence invertible)."""
    size = draw(st.integers(1, 5))
    signs = [draw(st.sampled_from([-1, 0, 1])) for _ in range(size)]
    factor = [
        [draw(entries) if i < j else Fraction(int(i == j)) for j in range(size)]
        for i in range(size)
    ]
    order = draw(st.permutations(range(size)))
    matrix = [
        [
            sum(
                (row[i] * sign * row[j] for row, sign in zip(factor, signs, strict=True)),
                Fraction(),
            )
            for j in order
        ]
        for i in order
    ]
    return matrix, signs


@settings(max_examples=200)
@given(congruent())
def test_inertia_is_exact(case: tuple[list[list[Fraction]], list[int]]) -> None:
    matrix, signs = case
    expected = Inertia(signs.count(1), signs.count(-1), signs.count(0), 0)
    assert inertia_of_fractions(matrix) == expected
    balls = inertia_of_balls([[exact_ball(entry) for entry in row] for row in matrix])
    assert balls.positive <= expected.positive
    assert balls.negative <= expected.negative
    assert balls.zero == 0
    if expected.zero == 0:
        assert balls.positive + balls.negative + balls.undecided == len(signs)
    else:
        assert balls.undecided >= expected.zero


def test_a_ball_that_straddles_zero_is_undecided() -> None:
    assert inertia_of_balls([[arb(0, 1)]]) == Inertia(0, 0, 0, 1)
    matrix = [[arb(2), arb(0)], [arb(0), arb(0, 1)]]
    assert inertia_of_balls(matrix) == Inertia(1, 0, 0, 1)


def test_not_finite_is_undecided() -> None:
    assert inertia_of_balls([[arb.nan()]]) == Inertia(0, 0, 0, 1)


def test_zero_mode_is_removed_exactly() -> None:
    # B = diag-like form with null vector (1, 2, 0): B = 3 w w^t - z z^t, w, z perpendicular to it.
    w, z, null = [2, -1, 1], [-2, 1, 4], [1, 2, 0]
    block = [[arb(3 * w[i] * w[j] - z[i] * z[j]) for j in range(3)] for i in range(3)]
    assert inertia_across(block, [arb(k) for k in null]) == Inertia(1, 1, 1, 0)
    assert inertia_across(block, [arb(0, 1)] * 3).undecided > 0
