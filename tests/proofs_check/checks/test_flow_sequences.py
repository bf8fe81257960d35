"""Sequences along flows, and the claims made of them (short flows only)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest

from proofs_check.checks.flow_sequences import (
    FlowStart,
    end_game_level,
    escape_constant,
    escape_level,
    time_exponent,
)
from proofs_check.checks.limits import LimitCheck, geometric
from proofs_check.claim import Context
from proofs_check.claims import f8_lower_bound, f9_end_game
from proofs_check.verdict import Verdict

PAIR = FlowStart((("0",), ("4",)), ("e16", "e20"), ("e16", "e20", "e24"))
CONVERGING = FlowStart((("0.5",), ("-0.4",)), ("1e2", "1e4", "1e6"), (), ("3/10", "7/10"))


def test_exponent_is_the_slope_of_the_loss() -> None:
    """``tau |grad L|^2/L`` against a difference quotient of ``ln L`` in ``ln tau``."""
    near = replace(PAIR, quick=("e16", "e16.001"))
    first, second = near.points(Context(), 8)
    with mpmath.workdps(30):
        quotient = -mpmath.log(second.loss / first.loss) / mpmath.log(second.tau / first.tau)
        found = time_exponent(near)(Context(), 8)[0].value
        assert abs(found - quotient) < 1e-4
        assert 1 < found < 1.1


def test_budget_chooses_the_times() -> None:
    short = escape_level(PAIR)(Context(), 6)
    assert [sample.label for sample in short] == ["ln tau = 16.0", "ln tau = 20.0"]
    assert len(escape_level(PAIR)(Context(budget="full"), 6)) == 3


def test_constant_is_the_level_in_other_words() -> None:
    """``2/(L tau) - X`` and ``L tau X`` determine each other."""
    levels, constants = escape_level(PAIR), escape_constant(PAIR, 1)
    for level, constant in zip(levels(Context(), 6), constants(Context(), 6), strict=True):
        with mpmath.workdps(30):
            x = 1 / level.small
            assert abs(2 * x / level.value - x - constant.value) < 1e-12


@pytest.mark.parametrize(
    ("weights", "factor", "verdict"),
    [
        (("3/10", "7/10"), "1", Verdict.SUPPORTED),
        (("3/10", "7/10"), "1.05", Verdict.REFUTED),
        (("7/10", "3/10"), "1", Verdict.SUPPORTED),
    ],
)
def test_end_game_of_a_pair(weights: tuple[str, str], factor: str, verdict: Verdict) -> None:
    start = replace(CONVERGING, weights=weights)
    first, second = (Fraction(weight) for weight in weights)
    value = (first**2 + second**2) ** 2 / (64 * first**2 * second**2)
    check = LimitCheck(
        "L tau^2",
        end_game_level(start),
        lambda: mpmath.mpf(factor) * value.numerator / value.denominator,
        "",
        digits=(4, 5),
        extrapolate=geometric,
    )
    assert check.run(Context()).verdict is verdict


def test_constants_of_the_claim() -> None:
    """``n = 2``: the formula; uniform weights: ``r n^2/64``; the largest ones are others."""
    pair = f9_end_game.constant(f9_end_game.PAIR, 1)()
    assert abs(pair - mpmath.mpf("0.3364") / (64 * mpmath.mpf("0.0441"))) < 1e-15
    space = f9_end_game.EQUAL_SPACE
    assert f9_end_game.constant(space, 3)() == f9_end_game.uniform_constant(space, 3)() == 0.75
    four = f9_end_game.FOUR
    assert f9_end_game.constant(four, 2)() > 2 * f9_end_game.constant(four, 2, "largest")()


@pytest.mark.parametrize("module", [f8_lower_bound, f9_end_game])
def test_controls_change_one_thing_of_a_check(module: object) -> None:
    (claim,) = module.CLAIMS  # type: ignore[attr-defined]
    checks = {check.name for check in claim.checks}
    for control in claim.controls:
        assert control.check.name not in checks
        assert any(isinstance(control.check, type(check)) for check in claim.checks)
