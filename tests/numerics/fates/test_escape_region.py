"""Lemma E: its formulas against the derivation, its error bounds and its cover."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from flint import acb, arb

from derive.algebra.run_program import run
from numerics.evaluation.evaluator import Evaluator
from numerics.fates.escape_kernel import compile_loop, modulus_bound, node_values
from numerics.fates.escape_region import (
    DRIFT,
    FAR,
    NEAR,
    CoverBox,
    CoverError,
    Integrals,
    decide,
    escape_radius,
    prove_escape_region,
)
from numerics.kernels.library import load_escape_kernel
from numerics.numbers.balls import ball, exact_rational, precision

HALF = Fraction(1, 2)


def test_kernels_are_the_derivatives_of_the_loss() -> None:
    """Second route: d/d(alpha), d/da of (alpha + a psi)^2, in t = a (x - alpha) - a^2/2 + l."""
    alpha, a, x, t, log_odds = sympy.symbols("alpha a x t log_odds", real=True)
    sigma = sympy.Symbol("sigma", positive=True)
    eps, kappa = 1 / a, sigma * (1 - sigma)

    def derivative(variable: sympy.Symbol) -> sympy.Expr:
        # chain rule: the logistic function's derivative is kappa
        argument = a * (x - alpha) - a**2 / 2 + log_odds
        outer = 2 * (alpha + a * sigma)
        inner = sympy.diff(alpha + a * sigma, variable)
        chain = a * kappa * sympy.diff(argument, variable)
        return (outer * (inner + chain)).subs(x, alpha + a / 2 + (t - log_odds) / a)

    known = {
        "gamma": alpha * eps, "square": eps**2, "sigma": sigma, "kappa": kappa, "t": t,
        "log_odds": log_odds,
    }  # fmt: skip
    scalars = {head: lambda _, value=value: value for head, value in known.items()}
    for name, expected in (("F", derivative(a)), ("Q", derivative(alpha) - 2 * alpha)):
        kernel = run(load_escape_kernel(name), {"j": 0, "a": 0}, scalars, sympy.Integer(0))[()]
        assert sympy.cancel(expected * eps**3 / 2 - kernel) == 0


def test_kernel_bound_and_loop_agree_with_the_interpreter() -> None:
    program = load_escape_kernel("F")
    values = {"square": 3, "gamma": -2, "sigma": 5, "kappa": -7, "t": 11, "log_odds": 13}
    scalars = {head: lambda _, value=value: Fraction(value) for head, value in values.items()}
    exact = run(program, {"j": 0, "a": 0}, scalars, Fraction(0))[()]
    balls = {head: arb(value) for head, value in values.items()}
    rows = [node_values(program, balls)] * 2
    total = compile_loop(program)([arb(1), arb(2)], rows, balls["square"], balls["gamma"])
    assert total == 3 * ball(exact)
    moduli = {head: abs(value) for head, value in balls.items()}
    assert abs(exact) < exact_rational(modulus_bound(program, moduli))


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
        enclosed = Integrals(log_odds)(1 / a_, alpha_)
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
        enclosed = Integrals(ball(Fraction(log_odds)))(ball(eps), ball(Fraction(alpha)))
        assert enclosed is not None
        for which in (0, 1):
            reference = acb.integral(lambda z, _, w=which: integrand(z, w), -50, 50).real
            assert reference.rad() < 1e-12
            assert enclosed[which].overlaps(reference)
            assert enclosed[which].rad() < 1e-4


def test_the_limit_is_a_beta_function() -> None:
    """At eps = 0: f = -B(3/2, 3/2)/2 = -pi/16."""
    with precision(64):
        enclosed = Integrals(arb(0))(arb(0), arb(0))
        assert enclosed is not None
        assert enclosed[0].contains(-arb.pi() / 16)
        assert enclosed[1].contains(-arb.pi() / 8)


def test_cover_tiles_the_region() -> None:
    cover = prove_escape_region()
    area = sum(
        (box[1] - box[0]) * (box[3] - box[2])
        for box in (CoverBox(path).bounds for path in cover.boxes)
    )
    assert area == 2 * NEAR / (FAR - NEAR)
    assert 0 < cover.largest_drift <= DRIFT
    assert 0 < cover.least_outward < Fraction(1, 10) < cover.largest_pull < 1
    assert prove_escape_region.__wrapped__() == cover  # deterministic


def test_false_regions_are_not_proved() -> None:
    """Inside a = 2.456 the far component is pulled back: no cover may reach there."""
    with precision(64):
        assert decide(CoverBox("1", Fraction(26, 10)), Integrals(arb(0))) is None
    with pytest.raises(CoverError):
        prove_escape_region(HALF, HALF, Fraction(25, 10))
    assert escape_radius(Fraction(1, 10**9), 1 - Fraction(1, 10**9)) is None
    assert escape_radius(Fraction(2, 10), Fraction(8, 10)) == 5


@pytest.mark.parametrize("path", ["0", "1", "111111"])
def test_bounds_hold_inside_boxes(path: str) -> None:
    """The box's enclosure contains the values at points of the box."""
    low, high, left, right = CoverBox(path).bounds
    with precision(64):
        reduced = Integrals(arb(0))
        wide = reduced(ball(low).union(ball(high)), ball(left).union(ball(right)))
        assert wide is not None
        for k in range(5):
            share = Fraction(k, 4)
            point = reduced(ball(low + share * (high - low)), ball(right + share * (left - right)))
            assert point is not None
            assert all(w.overlaps(p) for w, p in zip(wide, point))
