"""The amplification law on certified descents, and starts of the threshold law."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from proofs_check.checks.amplification import AmplificationCheck, Cluster, spread_at
from proofs_check.claim import Context
from proofs_check.verdict import Verdict

TENTH = Fraction(1, 10)
TINY = Cluster(6, TENTH, Fraction(1, 10**40), 20)


def test_the_law_holds_for_a_tiny_spread() -> None:
    result = AmplificationCheck("law", (TINY,), tolerance=Fraction(1, 10**9)).run(Context())
    assert result.verdict is Verdict.PROVED


@pytest.mark.parametrize("gain", [Fraction(101, 100), Fraction(99, 100), Fraction(0)])
def test_another_gain_is_refuted_at_twice_the_digits(gain: Fraction) -> None:
    result = AmplificationCheck("law", (TINY,), gain=gain).run(Context(digits=15))
    assert result.verdict is Verdict.REFUTED
    assert result.witness is not None
    assert result.witness.digits == 30
    assert result.witness.mixture.means[0] != result.witness.mixture.means[1]


def test_a_spread_that_is_not_small_breaks_the_first_order() -> None:
    wide = Cluster(3, TENTH, Fraction(1, 4), 20)
    result = AmplificationCheck("law", (wide,)).run(Context())
    assert result.verdict is Verdict.REFUTED


def test_the_law_is_the_product_of_the_factors() -> None:
    centre, product = 6.0, 1.0
    for _ in range(20):
        product *= 1 + 4 * 0.1 / 2 * centre**2
        centre *= 1 - 2 * 0.1 / 2
    assert float(TINY.law(Fraction(1))) == pytest.approx(product)


def test_starts_of_the_threshold_law_have_the_spread() -> None:
    start = spread_at(Fraction(5, 2), 6, TENTH, ("converged", "converged"))
    first, second = (Fraction(row[0]) for row in start.means)
    assert (first + second) / 2 == 6
    lambda_ = sum(math.log1p(0.2 * 36 * 0.81**k) for k in range(400))
    assert math.log(abs(first - second) / 2) + lambda_ == pytest.approx(2.5)
