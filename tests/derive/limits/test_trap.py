"""The bound on one component's KL gradient: its exponent, against quadrature and the gradient."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

from derive.limits.trap import kl_trap, trap_exponent
from numerics import evaluate


def test_the_derivation_verifies() -> None:
    assert kl_trap().verify()


@pytest.mark.parametrize(("first", "second"), [("3", "0"), ("5/2", "-1/3"), ("-2", "1")])
def test_exponent_against_quadrature(first: str, second: str) -> None:
    v, w = (mpmath.mpf(Fraction(e).numerator) / Fraction(e).denominator for e in (first, second))

    def root(x: mpmath.mpf) -> mpmath.mpf:
        difference = (x * v - v**2 / 2) - (x * w - w**2 / 2)
        return mpmath.npdf(x) * mpmath.exp(difference / 2)

    value = mpmath.quad(root, [-mpmath.inf, -1, 1, mpmath.inf])
    exponent = trap_exponent([Fraction(first)], [Fraction(second)])
    assert mpmath.almosteq(value, mpmath.exp(mpmath.mpf(exponent.numerator) / exponent.denominator))


@pytest.mark.parametrize("distance", [2, 5, 8])
def test_the_gradient_is_below_and_close_in_the_exponent(distance: int) -> None:
    gradient = evaluate(
        "kl", [[0], [distance], [-distance]], quantity="gradient", digits=30, backend="mpmath"
    ).value
    exponent = trap_exponent([Fraction(distance)], [Fraction(0)])
    bound = distance / 2 * mpmath.exp(mpmath.mpf(exponent.numerator) / exponent.denominator)
    assert 0 < gradient[1][0] < bound
    assert gradient[1][0] > bound / distance / 4
