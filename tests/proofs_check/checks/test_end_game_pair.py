"""The end game of two equal components: the check, its Bernstein coefficients, a flow."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.gradient_flow.integrate import flow
from proofs_check.checks import end_game_pair
from proofs_check.checks.end_game_pair import PairEndGame, bernstein
from proofs_check.claim import Context
from proofs_check.verdict import Verdict

X, Y = sympy.symbols("x y")
SMALL = st.integers(-5, 5)


@settings(max_examples=25)
@given(st.lists(SMALL, min_size=6, max_size=6), st.fractions(0, 1), st.fractions(0, 1))
def test_a_value_lies_between_the_coefficients(
    values: list[int], first: Fraction, second: Fraction
) -> None:
    terms = (1, X, X**2, Y, X * Y, X**2 * Y)
    polynomial = sum(value * term for value, term in zip(values, terms, strict=True)) + 0 * X
    found = bernstein(polynomial, (X, Y))
    at = sympy.sympify(polynomial).subs({X: sympy.Rational(first), Y: sympy.Rational(second)})
    assert min(found) <= Fraction(int(at.p), int(at.q)) <= max(found)


@pytest.mark.parametrize(
    "changed",
    [
        {"pace": Fraction(399, 100)},
        {"pace": Fraction(401, 100)},
        {"decay": Fraction(5, 2)},
        {"excess": Fraction(999, 1000)},
    ],
)
def test_a_sharper_constant_is_refuted_by_a_place(changed: dict[str, Fraction]) -> None:
    result = PairEndGame(**changed).run(Context())
    assert result.verdict is Verdict.REFUTED
    assert "means" in str(result.witness)


def test_a_larger_region_is_not_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(end_game_pair, "RADIUS", Fraction(1, 2))
    assert PairEndGame().run(Context()).verdict is not Verdict.PROVED


def test_a_faster_fall_of_the_square_sum_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(end_game_pair, "INWARDS", Fraction(5, 2))
    result = PairEndGame().run(Context())
    assert result.verdict is Verdict.REFUTED
    assert "(|c|^2 + q)' <= -5/2 |c|^2" in str(result)


@settings(max_examples=25)
@given(
    st.integers(1, 3),
    st.lists(st.integers(-100, 100), min_size=6, max_size=6),
    st.floats(0.0, 1.0),
)
def test_the_square_sum_falls_where_the_flow_has_to_stay(
    dimension: int, entries: list[int], share: float
) -> None:
    """By a quadrature of our own in the plane of the means, up to the region's edge."""
    half, centre = np.array(entries[:dimension], float), np.array(entries[3 : 3 + dimension], float)
    size = half @ half + centre @ centre
    if not size:
        return
    scale = np.sqrt(share * float(end_game_pair.RADIUS) / size)
    half, centre = half * scale, centre * scale
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    q, s, c2 = half @ half, centre @ half, centre @ centre
    u = np.sqrt(q) * nodes - s
    wave = np.tanh(u)
    slope = 1 - wave**2
    q_speed = -2 * weights @ ((s + q * wave) * (wave + u * slope))
    c2_speed = -2 * c2 - 2 * s * weights @ (wave - s * slope - q * wave * slope)
    least = float(end_game_pair.INWARDS) * c2 + q**2
    assert q_speed + c2_speed <= -least + 1e-14


def test_what_follows_for_all_times_holds_along_a_flow() -> None:
    """``1/q`` between its bounds, with the integral of the lower one's last term bounded."""
    start = [["0.35", "0.1"], ["-0.1", "0.4"]]
    run = flow("forward", start, tau_end="1e4", digits=8)
    first, *later = [np.array(point.means, dtype=float) for point in run.points]
    half, centre = (first[1] - first[0]) / 2, first.mean(axis=0)
    before, q_first = float(centre @ centre), float(half @ half)
    lost = 5 * before * (1 / q_first + 4)
    assert before + q_first <= end_game_pair.RADIUS
    for point, means in zip(run.points[1:], later, strict=True):
        half, centre = (means[1] - means[0]) / 2, means.mean(axis=0)
        q, c2 = float(half @ half), float(centre @ centre)
        assert 1 / q <= 1 / q_first + 4 * point.tau
        assert 1 / q >= 1 / q_first + 1.6 * point.tau - lost
        assert c2 <= before * np.exp(-point.tau) + 1e-12
        assert q**2 * (1 - 2 * q) <= point.loss <= q**2 + c2
