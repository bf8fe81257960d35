"""The bridge between the forward loss and KL near the truth."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.limits import bridge
from derive.limits.bridge import (
    difference,
    forward_kl_bridge,
    slaved_velocities,
    slaved_velocity_ratio,
)
from numerics import evaluate
from numerics.numbers.exact import parse_number

MEANS = [["3/1000", "1/1000"], ["-2/1000", "1/1000"], ["1/1000", "-4/1000"]]
WEIGHTS = ["1/2", "1/3", "1/6"]


def test_second_order_agrees_and_the_fourth_does_not() -> None:
    assert difference(2) == {}
    assert difference(4) == {"|Cov|_F^2": Fraction(1, 2), "c.Cov c": Fraction(-1)}
    assert slaved_velocity_ratio() == 4
    assert forward_kl_bridge().verify()
    assert slaved_velocities().verify()


def test_the_fourth_order_is_what_the_losses_differ_by() -> None:
    means = [[parse_number(e, "means") for e in row] for row in MEANS]
    weights = [parse_number(w, "weights") for w in WEIGHTS]
    centre = [sum(w * v[a] for w, v in zip(weights, means)) for a in range(2)]
    covariance = [
        [
            sum(w * (v[a] - centre[a]) * (v[b] - centre[b]) for w, v in zip(weights, means))
            for b in range(2)
        ]
        for a in range(2)
    ]
    square = sum(entry**2 for row in covariance for entry in row)
    bent = sum(centre[a] * covariance[a][b] * centre[b] for a in range(2) for b in range(2))
    expected = square / 2 - bent
    losses = [
        evaluate(name, MEANS, weights=WEIGHTS, digits=30, backend="mpmath").value
        for name in ("forward", "kl")
    ]
    gap = losses[0] - 2 * losses[1]
    assert abs(float(gap) / float(expected) - 1) < 1e-3  # the next order is 1e-5 smaller


@pytest.mark.parametrize("planted", [Fraction(1, 2), Fraction(-1, 4)])
def test_a_wrong_coefficient_is_noticed(planted: Fraction, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = bridge._coefficients

    def altered(objective: str, order: int) -> dict[str, Fraction]:
        found = dict(honest(objective, order))
        if objective == "kl" and order == 4:
            found["|Cov|_F^2"] = planted
        return found

    monkeypatch.setattr(bridge, "_coefficients", altered)
    assert not forward_kl_bridge().verify()
    assert not slaved_velocities().verify()
