"""Starts at the edge of Theorem B's radius, the relation after one step, and claim F10."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.checks.cluster_steps import (
    EdgeCases,
    at_the_edge,
    first_step,
    large_first_step,
    polynomial_radius,
)
from proofs_check.checks.fates import decide
from proofs_check.checks.general import BallCheck
from proofs_check.claim import Context
from proofs_check.claims import f10_large_first_step as f10
from proofs_check.proofs.theorem_b import NORM
from proofs_check.verdict import Verdict


def spread(rows) -> tuple[list[Fraction], Fraction]:
    """Centre and ``D^2``."""
    n = len(rows)
    centre = [sum(column, Fraction(0)) / n for column in zip(*rows, strict=True)]
    square = sum(((x - c) ** 2 for row in rows for x, c in zip(row, centre, strict=True)))
    return centre, Fraction(square)


@given(EdgeCases().strategy())
def test_cases_lie_within_the_radius(mixture):
    centre, square = spread(mixture.means)
    radius = polynomial_radius(centre)
    assert square <= radius**2
    assert len(set(mixture.weights)) == 1


@given(
    st.lists(st.integers(-9, 9).map(Fraction), min_size=2, max_size=2),
    st.lists(
        st.lists(st.integers(-9, 9).map(Fraction), min_size=2, max_size=2), min_size=2, max_size=5
    ),
)
def test_the_edge_is_the_edge(centre, directions):
    rows = at_the_edge(centre, directions)
    found, square = spread(rows)
    assert found == centre
    if len({tuple(row) for row in directions}) > 1:
        radius = polynomial_radius(centre)
        assert (1 - Fraction(1, 10**8)) * radius**2 <= square <= radius**2


def test_one_step_holds_at_the_edge_and_fails_from_twice_the_radius():
    inside = BallCheck("inside", first_step(NORM), f10.EDGES[2:3]).run(Context())
    assert inside.verdict is Verdict.PROVED
    mixture = f10._edge("6", [[Fraction(1)], [Fraction(-1)]], 2)
    outside = BallCheck("outside", first_step(NORM), (mixture,)).run(Context())
    assert outside.verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("share", "fates"),
    [(Fraction(1, 2), ("converged", "converged")), (Fraction(1, 4), ("escaped", "converged"))],
)
def test_a_first_step_of_half_n_decides_the_fate(share, fates):
    start = large_first_step(["12"], [[1], [-1]], share=share)
    assert decide(start).fates == fates


def test_claim_f10_is_proved_for_all_n_and_d_and_its_controls_are_not():
    (claim,) = f10.CLAIMS
    assert {part.name for part in claim.checks} >= {"B", "certified runs from the edge"}
    for control in claim.controls[1:]:
        assert control.run(Context()).result.verdict is Verdict.REFUTED
