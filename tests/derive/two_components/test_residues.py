"""Laurent coefficients and the derivation of the residue-corrected rule."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
import sympy

from derive.algebra import laurent
from derive.catalogue import derivation
from derive.two_components import residues


def test_registered_and_verified() -> None:
    assert derivation("residue-corrected-trapezoid").verify()


@pytest.mark.parametrize("power", range(1, 7))
def test_principal_part_by_the_definition(power: int) -> None:
    """``sum_m c_m y^-m`` against ``(1 - e^-y)^-p`` multiplied by ``(1 - e^-y)^p = O(y^p)``."""
    series = [Fraction(0)] * (power + 1)  # (1 - e^-y)^p / y^p
    one = [Fraction((-1) ** k, _factorial(k + 1)) for k in range(power + 1)]
    series[0] = Fraction(1)
    for _ in range(power):
        series = [_dot(series, one, k) for k in range(power + 1)]
    part = laurent.principal_part(power)[::-1]  # y^-p first
    for k in range(power):  # product is 1 + O(y^p)
        assert _dot(part, series, k) == (1 if k == 0 else 0)


def _dot(left: Sequence[Fraction], right: Sequence[Fraction], order: int) -> Fraction:
    return sum((left[i] * right[order - i] for i in range(order + 1)), Fraction(0))


def _factorial(k: int) -> int:
    return 1 if k < 2 else k * _factorial(k - 1)


def test_simple_pole_has_residue_one_for_every_power() -> None:
    """``s^(p+1) - s^p`` is a derivative, so its residue is 0."""
    assert {laurent.principal_part(power)[0] for power in range(1, 30)} == {1}


def test_powers_below_one_have_no_poles() -> None:
    with pytest.raises(ValueError, match="pole"):
        laurent.principal_part(0)


def test_a_wrong_table_fails_verification(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(power: int) -> tuple[Fraction, ...]:
        first, *rest = laurent.principal_part(power)
        return (first + Fraction(1, 100), *rest)

    monkeypatch.setattr(residues, "principal_part", wrong)
    failed = residues.residue_corrected_trapezoid().verify().failed
    assert any("principal parts" in step for step in failed)


@pytest.mark.parametrize(
    ("name", "wrong", "step"),
    [
        ("responsibility", lambda z: 1 / (1 + sympy.exp(-2 * z)), "periodic"),
        ("pole", lambda q: sympy.pi * sympy.I * q, "near every pole"),
    ],
)
def test_wrong_formulas_fail(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: object, step: str
) -> None:
    monkeypatch.setattr(residues, name, wrong)
    assert any(step in text for text in residues.residue_corrected_trapezoid().verify().failed)
