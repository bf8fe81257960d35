"""Derivatives of the score error on a line: against quotients of the definition, and planting."""

from __future__ import annotations

import math

import pytest
import sympy

from derive.mixtures import line_derivatives
from derive.mixtures.line_derivatives import COMPONENTS, SYMBOLS, Z, forms, slopes

PLACES = [(0.3, (-1.0, 0.4, 2.0)), (-2.0, (-2.5, -2.4, 1.0)), (1.0, (0.0, 3.0, -3.0))]
STEP = 1e-5


def score(x: float, means: tuple[float, ...]) -> float:
    terms = [math.exp(x * v - v * v / 2) for v in means]
    return sum(t * v for t, v in zip(terms, means, strict=True)) / sum(terms)


def value(indices: tuple[int, ...], x: float, means: tuple[float, ...]) -> float:
    """A form at a node, or m itself."""
    if not indices:
        return score(x, means)
    terms = [math.exp(x * v - v * v / 2) for v in means]
    p = [t / sum(terms) for t in terms]
    u, z = [v - score(x, means) for v in means], [x - v for v in means]
    w = [1 + a * b for a, b in zip(u, z, strict=True)]
    symbols = [*p, *(1 - a for a in p), *u, *w, *z]
    return sum(
        c * math.prod(s**n for s, n in zip(symbols, powers, strict=True))
        for c, powers in forms()[indices]
    )


@pytest.mark.parametrize(("x", "means"), PLACES)
def test_each_form_is_the_derivative_of_one_before(x: float, means: tuple[float, ...]) -> None:
    for indices in forms():
        ends = []
        for sign in (1, -1):
            moved = list(means)
            moved[indices[-1]] += sign * STEP
            ends.append(value(indices[:-1], x, tuple(moved)))
        quotient = (ends[0] - ends[1]) / (2 * STEP)
        assert value(indices, x, means) == pytest.approx(quotient, abs=1e-6, rel=1e-6)


def test_orders_and_symbols() -> None:
    assert sorted({len(k) for k in forms()}) == [1, 2, 3]
    assert len(SYMBOLS) == 5 * COMPONENTS


def test_every_step_verifies() -> None:
    assert line_derivatives.line_derivatives().verify()


def test_a_changed_slope_does_not_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(k: int) -> dict:
        return {**slopes(k), Z[1]: sympy.Integer(1 if k == 1 else 0)}

    monkeypatch.setattr(line_derivatives, "slopes", changed)
    verification = line_derivatives.line_derivatives().verify()
    assert len(verification.failed) == 1
