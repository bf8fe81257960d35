"""Loss and slope on the escape slice: against quadrature, and its bounds at many distances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import pytest
import sympy

import numerics
from derive.catalogue import derivation
from derive.losses.objectives import REVERSE
from derive.slices.slice_derivations import A
from derive.two_components.escape_slice import (
    escape_slice,
    leading,
    loss_ratio,
    moment,
    slope_ratio,
)

PLACES = [mpmath.mpf(k) / 4 for k in (1, 4, 8, 13, 20, 30, 45)]


def integral(power: int, a: Any) -> Any:
    """``int u^power sech(u) exp(-2u^2/a^2) du``."""
    return 2 * mpmath.quad(
        lambda u: u**power * mpmath.sech(u) * mpmath.exp(-2 * u * u / a**2), [0, 2, 8, 40]
    )


def at(expression: Any, a: Any) -> Any:
    return mpmath.mpf(sympy.N(expression.subs(A, sympy.Float(str(a), 30)), 30))


def evaluated(quantity: str, a: Any) -> Any:
    found = numerics.evaluate(
        "forward", [["0"], [str(a)]], quantity=quantity, digits=25, backend="mpmath"
    )
    return found.value


@pytest.mark.parametrize("power", [0, 2, 4, 6])
def test_moments_of_sech(power: int) -> None:
    with mpmath.workdps(25):
        expected = 2 * mpmath.quad(lambda u: u**power * mpmath.sech(u), [0, 5, 20, 80])
        assert abs(mpmath.mpf(sympy.N(moment(power), 25)) - expected) < 1e-18 * expected


@pytest.mark.parametrize("a", PLACES, ids=str)
def test_loss_and_slope_are_the_stated_integrals(a: Any) -> None:
    with mpmath.workdps(25):
        s, t = integral(0, a), integral(2, a)
        loss = a / 2 * mpmath.exp(-a * a / 8) / mpmath.sqrt(2 * mpmath.pi) * s
        slope = -(a / 4) * loss * (1 - 4 / a**2 - 16 / a**4 * t / s)
        assert abs(evaluated("loss", a) - loss) < 1e-18
        assert abs(evaluated("gradient", a)[1, 0] - slope) < 1e-18


@pytest.mark.parametrize("a", PLACES, ids=str)
def test_bounds_hold(a: Any) -> None:
    with mpmath.workdps(25):
        loss, slope = evaluated("loss", a), -evaluated("gradient", a)[1, 0]
        assert at(leading() * loss_ratio(2), a) < loss < at(leading() * loss_ratio(3), a)
        low, high = at(slope_ratio(moment(2) / moment(0)), a), at(slope_ratio(sympy.Integer(0)), a)
        assert low < slope / (a / 4 * loss) < high


def test_derivation_verifies_and_rejects_another_loss() -> None:
    assert derivation("escape-slice").verify()
    assert not escape_slice(REVERSE).verify()


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("moment", lambda power: sympy.Rational(21, 20) * moment(power)),
        ("slope_ratio", lambda second: slope_ratio(second) + 1 / (20 * A**2)),
    ],
)
def test_planted_constant_is_noticed(
    name: str, changed: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"derive.two_components.escape_slice.{name}", changed)
    assert not escape_slice().verify()
