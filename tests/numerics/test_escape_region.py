"""Lemma E: its formulas against the derivation, its error bounds and its cover."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from flint import acb, arb

from numerics.escape_region import (
    DRIFT,
    FAR,
    NEAR,
    Box,
    CoverError,
    decide,
    escape_radius,
    integrals,
    prove_escape_region,
)
from numerics.evaluator import Evaluator
from numerics.flint_context import ball, precision

HALF = Fraction(1, 2)


def test_integrands_follow_from_the_loss() -> None:
    """d/d(alpha), d/da of (alpha + a psi)^2, in t = a (x - alpha) - a^2/2 + l."""
    alpha, a, x, t, log_odds = sympy.symbols("alpha a x t l", real=True)
    sigma, eps = sympy.symbols("sigma epsilon")
    kappa, gamma = sigma * (1 - sigma), alpha * eps

    def derivative(variable: sympy.Symbol) -> sympy.Expr:
        # chain rule: the logistic function's derivative is kappa
        argument = a * (x - alpha) - a**2 / 2 + log_odds
        outer = 2 * (alpha + a * sigma)
        inner = sympy.diff(alpha + a * sigma, variable)
        chain = a * kappa * sympy.diff(argument, variable)
        return (outer * (inner + chain)).subs(x, alpha + a / 2 + (t - log_odds) / a)

    # phi(x) dx = G eps^3/2 dnu, G = 2 a^2 phi(a beta)
    weight = eps**3
    f = (gamma + sigma) * (
        eps**2 * sigma + (eps**2 * (t - log_odds) - sympy.Rational(1, 2)) * kappa
    )
    q = eps**2 * sigma - (gamma + sigma) * kappa
    outward = derivative(a) / 2 * weight
    drift = (derivative(alpha) - 2 * alpha) / 2 * weight
    assert sympy.simplify((outward - f).subs(a, 1 / eps)) == 0
    assert sympy.simplify((drift - q).subs(a, 1 / eps)) == 0
    x_of_t = alpha + a / 2 + (t - log_odds) / a
    beta = sympy.Rational(1, 2) + alpha / a - log_odds / a**2
    exponent = x_of_t**2 / 2 - (a * beta) ** 2 / 2 - beta * t - t**2 / (2 * a**2)
    assert sympy.simplify(exponent) == 0


@pytest.mark.parametrize("near_weight", [HALF, Fraction(3, 10), Fraction(9, 10)])
@pytest.mark.parametrize(
    ("a", "alpha", "p"), [("2.95", "-0.15", "0"), ("3", "0.1", "0.05"), ("8", "0.1", "0.1")]
)
def test_against_the_derived_gradient(near_weight: Fraction, a: str, alpha: str, p: str) -> None:
    gradient = Evaluator(
        "forward", ("gradient",), n=2, dimension=2, digits=10, backend="ball",
        weights=[near_weight, 1 - near_weight],
    )  # fmt: skip
    with precision(80):
        a_, alpha_, p_ = ball(a), ball(alpha), ball(p)
        log_odds = ball((1 - near_weight) / near_weight).log()
        value = gradient([[alpha_, p_], [alpha_ + a_, p_]])["gradient"]
        enclosed = integrals(1 / a_, alpha_, log_odds)
        assert enclosed is not None
        f, q = enclosed
        centre = alpha_ + a_ / 2 - log_odds / a_
        size = 2 * a_ * a_ / (2 * arb.pi()).sqrt() * (-centre * centre / 2).exp()
        pairs = [
            (value[1, 0], size * f),
            (value[0, 0] - 2 * alpha_, size * (q - f)),
            (value[0, 1] - 2 * p_, -size * q * p_ / a_),
            (value[1, 1], size * q * p_ / a_),
        ]
        for derived, formula in pairs:
            assert derived.overlaps(formula)
            assert formula.rad() < 1e-3


@pytest.mark.parametrize("alpha", [0, Fraction(-3, 20)])
@pytest.mark.parametrize("log_odds", [0, Fraction(7, 10)])
def test_error_bound_contains_an_independent_integral(alpha: Fraction, log_odds: Fraction) -> None:
    eps = Fraction(1, 4)

    def integrand(z: acb, which: int) -> acb:
        sigma = 1 / (1 + (-z).exp())
        kappa = sigma * (1 - sigma)
        e, g, odds = (acb(ball(v)) for v in (eps, alpha * eps, Fraction(log_odds)))
        beta = acb(0.5) + g - odds * e * e
        weight = (-z * beta - e * e * z * z / 2).exp()
        if which:
            return weight * (e * e * sigma - (g + sigma) * kappa)
        return weight * (g + sigma) * (e * e * sigma + (e * e * (z - odds) - acb(0.5)) * kappa)

    with precision(80):
        enclosed = integrals(ball(eps), ball(Fraction(alpha)), ball(Fraction(log_odds)))
        assert enclosed is not None
        for which in (0, 1):
            reference = acb.integral(lambda z, _, w=which: integrand(z, w), -50, 50).real
            assert reference.rad() < 1e-12
            assert enclosed[which].overlaps(reference)
            assert enclosed[which].rad() < 1e-4


def test_the_limit_is_a_beta_function() -> None:
    """At eps = 0: f = -B(3/2, 3/2)/2 = -pi/16."""
    with precision(64):
        enclosed = integrals(arb(0), arb(0), arb(0))
        assert enclosed is not None
        assert enclosed[0].contains(-arb.pi() / 16)
        assert enclosed[1].contains(-arb.pi() / 8)


def test_cover_tiles_the_region() -> None:
    cover = prove_escape_region()
    area = sum(
        (box[1] - box[0]) * (box[3] - box[2]) for box in (Box(path).bounds for path in cover.boxes)
    )
    assert area == 2 * NEAR / (FAR - NEAR)
    assert 0 < cover.largest_drift <= DRIFT
    assert prove_escape_region.__wrapped__() == cover  # deterministic


def test_false_regions_are_not_proved() -> None:
    """Inside a = 2.456 the far component is pulled back: no cover may reach there."""
    with precision(64):
        assert decide(Box("1", Fraction(26, 10)), arb(0)) is None
    with pytest.raises(CoverError):
        prove_escape_region(HALF, HALF, Fraction(25, 10))
    assert escape_radius(Fraction(1, 10**9), 1 - Fraction(1, 10**9)) is None
    assert escape_radius(Fraction(2, 10), Fraction(8, 10)) == 5


@pytest.mark.parametrize("path", ["0", "1", "111111"])
def test_bounds_hold_inside_boxes(path: str) -> None:
    """The box's enclosure contains the values at points of the box."""
    low, high, left, right = Box(path).bounds
    with precision(64):
        wide = integrals(ball(low).union(ball(high)), ball(left).union(ball(right)), arb(0))
        assert wide is not None
        for k in range(5):
            share = Fraction(k, 4)
            point = integrals(
                ball(low + share * (high - low)), ball(right + share * (left - right)), arb(0)
            )
            assert point is not None
            assert all(w.overlaps(p) for w, p in zip(wide, point))
