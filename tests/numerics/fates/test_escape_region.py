"""Lemma E: its formulas against the derivation, its error bounds and its cover."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import sympy
from flint import acb, arb

from derive.algebra.run_program import run
from numerics.evaluation.evaluator import Evaluator
from numerics.fates import escape_region as region
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


def reference(eps: Fraction, alpha: Fraction, log_odds: Fraction) -> list[arb]:
    """``f`` and ``q`` by complex ball integration."""
    e, g, odds = (acb(ball(v)) for v in (eps, alpha * eps, log_odds))
    beta = acb(0.5) + g - odds * e * e

    def integrand(z: acb, which: int) -> acb:
        sigma = 1 / (1 + (-z).exp())
        kappa = sigma * (1 - sigma)
        weight = (-z * beta - e * e * z * z / 2).exp()
        if which:
            return weight * (e * e * sigma - (g + sigma) * kappa)
        return weight * (g + sigma) * (e * e * sigma + (e * e * (z - odds) - acb(0.5)) * kappa)

    return [acb.integral(lambda z, _, w=w: integrand(z, w), -80, 80).real for w in (0, 1)]


#: Steps and last nodes: the module's own, then a large trapezoid error, then a large truncation.
GRIDS = [None, (Fraction(3), 40), (Fraction(4), 30), (Fraction(1, 2), 8), (Fraction(1, 2), 2)]


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("alpha", [Fraction(0), Fraction(-3, 20)])
@pytest.mark.parametrize("log_odds", [Fraction(0), Fraction(7, 10), Fraction(-1)])
def test_error_bound_contains_an_independent_integral(
    monkeypatch: pytest.MonkeyPatch,
    alpha: Fraction,
    log_odds: Fraction,
    grid: tuple[Fraction, int] | None,
) -> None:
    """However coarse the sum: the bound is more than the sum is off by,."""
    if grid is not None:
        monkeypatch.setattr(region, "_STEP", grid[0])
        monkeypatch.setattr(region, "_NODES", grid[1])
    eps = Fraction(1, 4)
    with precision(80):
        enclosed = Integrals(ball(log_odds))(ball(eps), ball(alpha))
        assert enclosed is not None
        for mine, exact in zip(enclosed, reference(eps, alpha, log_odds), strict=True):
            assert exact.rad() < 1e-12
            assert mine.contains(exact)
            assert (mine.rad() < 1e-4) is (grid is None)


@pytest.mark.parametrize("grid", GRIDS[1:])
def test_the_error_is_what_the_moduli_give(
    monkeypatch: pytest.MonkeyPatch, grid: tuple[Fraction, int]
) -> None:
    """``2 M/(e^(2 pi y/h) - 1)``, ``M = 2 A/c + 2 B/c^2``, and the same beyond the last node."""
    monkeypatch.setattr(region, "_STEP", grid[0])
    monkeypatch.setattr(region, "_NODES", grid[1])
    eps, alpha, log_odds = 0.25, 0.15, 0.7
    gamma, y, top = alpha * eps, float(region._HEIGHT), float(grid[0] * grid[1])
    beta = 0.5 + gamma - log_odds * eps**2
    c = min(beta, 1 - beta)

    def moduli(name: str, secant: float, t: float) -> float:
        e2, kappa = eps**2, secant**2
        if name == "Q":
            return e2 * secant + gamma * kappa + secant * kappa
        return (gamma + secant) * (e2 * secant + (e2 * (t + log_odds) + 0.5) * kappa)

    def error(name: str) -> float:
        growth, secant = math.exp(eps**2 * y**2 / 2), 1 / math.cos(y / 2)
        a = growth * moduli(name, secant, y)
        b = growth * moduli(name, secant, y + 1) - a
        grid_part = 2 * (2 * a / c + 2 * b / c**2) / math.expm1(2 * math.pi * y / float(grid[0]))
        a = moduli(name, 1, 0)
        b = moduli(name, 1, 1) - a
        return grid_part + 2 * (a / c + b * (top / c + 1 / c**2)) * math.exp(-c * top)

    with precision(80):
        found = Integrals(ball(Fraction(7, 10)))(ball(Fraction(1, 4)), ball(Fraction(3, 20)))
        assert found is not None
        for name, mine in zip("FQ", found, strict=True):
            assert float(mine.rad()) == pytest.approx(error(name), rel=1e-6)


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
