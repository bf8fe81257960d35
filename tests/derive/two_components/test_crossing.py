"""Two components in crossing coordinates, and S1's family: typed formulas, quadrature, planting."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest

from derive.catalogue import derivation
from derive.two_components import crossing, escape_loss
from derive.two_components.crossing import FormTerm, forms
from derive.two_components.family_limit import family_limit


def score_error(x: float, near: float, far: float, odds: float) -> float:
    """``m(x)`` from the definition, with weights in proportion ``1 : e^odds``."""
    gap = odds + x * (far - near) - (far**2 - near**2) / 2
    share = 1 / (1 + math.exp(-gap))
    return near + (far - near) * share


def value(name: str, c: float, a: float, odds: float, t: float) -> float:
    tau = math.tanh(t / 2)
    total = 0.0
    for term in forms()[name]:
        i, j, k = term.powers
        node = sum(float(v) * t**p * tau**q * (1 - tau**2) ** r for v, (p, q, r) in term.node)
        total += c**i * a**j * odds**k * node
    return total


def means(c: float, a: float, odds: float) -> tuple[float, float]:
    return c + odds / a - a / 2, c + odds / a + a / 2


PLACES = [(0.3, 2.0, 0.5, -1.0), (-1.0, 3.0, -0.7, 2.5), (2.0, 1.5, 1.1, 0.2)]


@pytest.mark.parametrize(("c", "a", "odds", "t"), PLACES)
def test_score_error_in_the_coordinates(c: float, a: float, odds: float, t: float) -> None:
    expected = score_error(c + t / a, *means(c, a, odds), odds)
    assert value("m", c, a, odds, t) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("c", "a", "odds", "t"), PLACES)
@pytest.mark.parametrize("which", [1, 2])
def test_derivatives_in_the_means(c: float, a: float, odds: float, t: float, which: int) -> None:
    x, step = c + t / a, 1e-6
    ends = []
    for sign in (1, -1):
        near, far = means(c, a, odds)
        moved = (near + sign * step, far) if which == 1 else (near, far + sign * step)
        ends.append(score_error(x, *moved, odds))
    quotient = (ends[0] - ends[1]) / (2 * step)
    assert value(f"m_{which}", c, a, odds, t) == pytest.approx(quotient, abs=1e-7)


@pytest.mark.parametrize(("c", "a", "odds", "t"), PLACES)
@pytest.mark.parametrize("name", ["m_2c", "m_2a", "m_2l", "m_1a"])
def test_second_derivatives_at_fixed_x(
    c: float, a: float, odds: float, t: float, name: str
) -> None:
    x, step, base = c + t / a, 1e-6, name[:3]
    ends = []
    for sign in (1, -1):
        at = {"c": c, "a": a, "l": odds}
        at[name[3]] += sign * step
        place = at["a"] * (x - at["c"])
        ends.append(value(base, at["c"], at["a"], at["l"], place))
    assert value(name, c, a, odds, t) == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-6)


def test_a_changed_form_does_not_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = dict(forms())
    first, *rest = changed["m_2"]
    scaled = tuple((v * Fraction(101, 100), p) for v, p in first.node)
    changed["m_2"] = (FormTerm(first.powers, scaled), *rest)
    monkeypatch.setattr(crossing, "forms", lambda: changed)
    verification = crossing.crossing().verify()
    assert not verification
    assert len(verification.failed) == 1


@pytest.mark.parametrize(
    ("name", "least"),
    [("family-limit", 5), ("forward-crossing", 5), ("escape-loss", 3), ("escape-across", 6)],
)
def test_every_step_verifies(name: str, least: int) -> None:
    found = derivation(name)
    assert len(found.steps) >= least
    assert found.verify()


def test_a_wrong_turning_breaks_the_derivation(monkeypatch: pytest.MonkeyPatch) -> None:
    turning = escape_loss.turning
    monkeypatch.setattr(escape_loss, "turning", lambda: -turning())
    assert not escape_loss.escape_across().verify()


def test_the_familys_integrals() -> None:
    def sigma(t: mpmath.mpf) -> mpmath.mpf:
        return 1 / (1 + mpmath.exp(-t))

    def leading(t: mpmath.mpf) -> mpmath.mpf:
        return sigma(t) ** 2 * (1 - sigma(t)) * mpmath.exp(-t)

    def correction(t: mpmath.mpf) -> mpmath.mpf:
        s = sigma(t)
        return (s**2 + t * s**2 * (1 - s)) * mpmath.exp(-t)

    ends = [-60, -5, 0, 5, 60]
    assert mpmath.quad(leading, ends) == pytest.approx(0.5, abs=1e-10)
    assert mpmath.quad(correction, ends) == pytest.approx(0.5, abs=1e-10)
    assert family_limit().verify()


def test_bounds_of_the_bell() -> None:
    def bell(t: mpmath.mpf) -> mpmath.mpf:
        return 1 / mpmath.cosh(t / 2) ** 2

    ends = [0, 2, 10, 80]
    assert 2 * mpmath.quad(bell, ends) == pytest.approx(4, abs=1e-10)
    assert 2 * mpmath.quad(lambda t: t * bell(t), ends) == pytest.approx(8 * math.log(2), abs=1e-9)
    assert all(bell(t) <= 4 * mpmath.exp(t) for t in (-30, -3, 0, 3))
