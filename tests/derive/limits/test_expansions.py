"""Small-v expansions: against the loss itself at two scales, and planted errors."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import numerics
from derive.algebra.graphs import centred, graphs, name, value
from derive.limits import expansions
from derive.limits.expansions import (
    expansion,
    line_matches,
    plane_matches,
    small_v_expansion,
)
from numerics.numbers.exact import parse_number

MEANS = [["0.3", "1"], ["-1", "0.2"], ["0.5", "-0.7"], ["0.25", "0.125"]]
WEIGHTS = ["0.1", "0.2", "0.3", "0.4"]


def test_all_derivations_verify() -> None:
    for derivation in (small_v_expansion(4), small_v_expansion(6)):
        outcome = derivation.verify()
        assert outcome, outcome.failed


def test_known_terms() -> None:
    assert str(expansion("forward", 4)) == "|c|^2 - 2*c.Cov c + |Cov|_F^2 + O(6)"
    assert str(expansion("kl", 4)) == "1/2*|c|^2 - 1/2*c.Cov c + 1/4*|Cov|_F^2 + O(6)"
    assert str(expansion("reverse", 4)) == "|c|^2 + |Cov|_F^2 + O(6)"


@pytest.mark.parametrize(
    ("objective", "order"), [("sideways", 4), ("kl", 3), ("kl", 10), ("kl", 0)]
)
def test_unknown_requests_are_refused(objective: str, order: int) -> None:
    with pytest.raises(ValueError, match="known are"):
        expansion(objective, order)


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
@pytest.mark.parametrize("order", [2, 4, 6, 8])
def test_the_remainder_is_two_orders_smaller(objective: str, order: int) -> None:
    """(loss - expansion)/s^(order+2) tends to a constant as the means shrink."""
    terms = expansion(objective, order)
    remainders = []
    for scale in (Fraction(1, 64), Fraction(1, 128)):
        means = [[Fraction(entry) * scale for entry in row] for row in MEANS]
        weights = [Fraction(w) for w in WEIGHTS]
        shown = [[str(entry) for entry in row] for row in means]
        loss = numerics.evaluate(
            objective, shown, weights=WEIGHTS, digits=34, backend="mpmath"
        ).value
        predicted = sum(terms.part(k, means, weights) for k in range(2, order + 1, 2))
        exact = parse_number(loss)
        remainders.append(float((exact - predicted) / scale ** (order + 2)))
    assert remainders[0] == pytest.approx(remainders[1], rel=0.05)
    assert abs(remainders[0]) > 1e-6


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_second_routes_to_order_8(objective: str) -> None:
    assert line_matches(objective, 8)
    assert plane_matches(objective, 6)


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_a_wrong_series_coefficient_is_noticed(monkeypatch, objective: str) -> None:
    coefficient, radial = expansions._SERIES[objective]
    wrong = (lambda r: coefficient(r) * (Fraction(21, 20) if r == 3 else 1), radial)
    monkeypatch.setitem(expansions._SERIES, objective, wrong)
    outcome = small_v_expansion(4).verify()
    assert not outcome
    assert any(objective in description for description in outcome.failed)


def test_a_missing_graph_is_noticed(monkeypatch) -> None:
    complete = expansions.graphs
    monkeypatch.setattr(
        expansions, "graphs", lambda edges: complete(edges)[: max(1, edges * 2 - 2)]
    )
    assert not expansions._count_step(4).verify()


def test_a_missing_automorphism_is_noticed(monkeypatch) -> None:
    monkeypatch.setattr(expansions, "symmetries", lambda graph: 1)
    assert not expansions._count_step(4).verify()
    assert not line_matches("kl", 4)


def test_graph_values_are_invariant_under_rotation() -> None:
    points = [[Fraction(3, 5), Fraction(1)], [Fraction(-1), Fraction(2)], [Fraction(1, 2)] * 2]
    turned = [
        [Fraction(3, 5) * x - Fraction(4, 5) * y, Fraction(4, 5) * x + Fraction(3, 5) * y]
        for x, y in points
    ]
    weights = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]
    for raw in graphs(3):
        for graph in centred(raw):
            assert value(graph, points, weights) == value(graph, turned, weights), name(graph)


def test_named_invariants_are_what_they_say() -> None:
    rng = np.random.default_rng(1)
    weights = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]
    means = [[Fraction(int(k), 7) for k in row] for row in rng.integers(-9, 9, (3, 2))]
    v, p = np.array(means, dtype=float), np.array(weights, dtype=float)
    c = p @ v
    covariance = (p[:, None] * (v - c)).T @ (v - c)
    third = np.einsum("i,ia,ib,ic->abc", p, v - c, v - c, v - c)
    expected = {
        "|c|^2": c @ c,
        "c.Cov c": c @ covariance @ c,
        "|Cov|_F^2": (covariance**2).sum(),
        "|Cov c|^2": ((covariance @ c) ** 2).sum(),
        "tr Cov^3": np.trace(covariance @ covariance @ covariance),
        "|T3|^2": (third**2).sum(),
        "T3[c,c,c]": np.einsum("abc,a,b,c->", third, c, c, c),
        "Cov[i,j] T3[c,i,j]": np.einsum("ij,cij,c->", covariance, third, c),
    }
    found = {name(graph): graph for _, graph, _ in expansion("forward", 6).terms}
    assert set(expected) == set(found)
    for text, number in expected.items():
        assert float(value(found[text], means, weights)) == pytest.approx(number)
