"""Theorem U's law against numerical integrals; the derivations of Theorem F's floor and Lemma E."""

from __future__ import annotations

import mpmath
import pytest
import sympy

from derive.losses.objectives import FORWARD, KL, REVERSE
from derive.mixtures.responsibilities import log_responsibility
from derive.slices.slice_law import MOMENTS, WEIGHT, S, U, slice_law
from derive.two_components.escape_integrals import escape_integrals


def means(a: float) -> dict[str, mpmath.mpf]:
    """The moments at ``u = 4/a^2`` by quadrature."""
    u = 4 / mpmath.mpf(a) ** 2
    weight = sympy.lambdify(S, WEIGHT.subs(U, u), "mpmath")
    line = [-30, -3, 0, 3, 30]
    total = mpmath.quad(weight, line)
    found = {}
    for name, moment in MOMENTS.items():
        function = sympy.lambdify(S, moment, "mpmath")
        found[name] = mpmath.quad(lambda s, f=function: f(s) * weight(s), line) / total
    return found


@pytest.mark.parametrize("a", [0.5, 2.4563, 8.0])
def test_relations_of_the_law(a: float) -> None:
    u, at = 4 / a**2, means(a)
    assert float(at["t"] + u * at["q"]) == pytest.approx(1, abs=1e-10)
    assert float(2 * at["r"] - 1 - u * at["t"]) == pytest.approx(0, abs=1e-10)
    step = 1e-4
    slope = a * (means(a + step)["r"] - means(a - step)["r"]) / (2 * step)
    assert float(slope - u * (at["z"] - at["q"] * at["r"])) == pytest.approx(0, abs=1e-6)
    assert -at["r"] <= slope <= 0
    assert 0.5 <= at["r"] <= 1


def test_r_is_the_ratio_of_equation_c() -> None:
    a = 2.4563

    def average(power: int) -> mpmath.mpf:
        return mpmath.quad(lambda y: mpmath.sech(a * y / 2) ** power * mpmath.npdf(y), [-12, 0, 12])

    ratio = average(3) / average(1)
    assert float(means(a)["r"] - ratio) == pytest.approx(0, abs=1e-10)
    assert float(a**2 / 4 * ratio) == pytest.approx(1, abs=1e-4)


def test_parts_under_the_law() -> None:
    """``(s w)'/w`` is ``1 - s tanh s - u s^2``, and ``s w`` vanishes at the ends."""
    change = sympy.diff(S * WEIGHT, S) / WEIGHT
    rest = change - (1 - MOMENTS["t"] - U * MOMENTS["q"])
    assert sympy.simplify(rest.rewrite(sympy.exp)) == 0
    assert sympy.simplify((rest - U * MOMENTS["q"]).rewrite(sympy.exp)) != 0
    assert [sympy.limit(S * WEIGHT.subs(U, 1), S, end) for end in (sympy.oo, -sympy.oo)] == [0, 0]


@pytest.mark.parametrize("a", [0.5, 2.4563, 8.0])
def test_false_relations_do_not_hold(a: float) -> None:
    u, at = 4 / a**2, means(a)
    assert abs(float(at["t"] + 2 * u * at["q"] - 1)) > 0.01
    assert at["t"] < at["q"]  # s tanh s >= 0, but no more than s^2


def test_derivations_verify_for_the_forward_loss_only() -> None:
    assert slice_law().verify()
    assert log_responsibility().verify()
    assert escape_integrals(FORWARD).verify()
    assert not escape_integrals(KL).verify()
    assert not escape_integrals(REVERSE).verify()
