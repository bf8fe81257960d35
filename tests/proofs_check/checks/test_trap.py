"""Times in the trap: supported at the measured rate, contradicted elsewhere."""

from __future__ import annotations

from fractions import Fraction

import pytest

from numerics.descent.run import descend
from proofs_check.checks.trap import TrappedTimes, trapped_time
from proofs_check.claim import Context
from proofs_check.verdict import Method, Verdict


@pytest.mark.parametrize(
    ("rate", "verdict"),
    [("1/8", Verdict.SUPPORTED), ("9/64", Verdict.REFUTED), ("7/64", Verdict.REFUTED)],
)
def test_rates(rate: str, verdict: Verdict) -> None:
    result = TrappedTimes("rate", Fraction(rate), (6, 8)).run(Context())
    assert result.verdict is verdict
    assert result.method is Method.NUMERICAL


def test_time_agrees_with_descent_in_small_steps() -> None:
    steps = round(2.718281828459045 ** trapped_time(4.0, 6) * 50)
    run = descend("kl", [[0], [4], [-4]], step_size="1/50", steps=steps)
    assert abs(float(run.centred_means[1][0]) - 3) < 0.02


def test_out_of_time_is_inconclusive() -> None:
    result = TrappedTimes("rate", Fraction(1, 8)).run(Context(deadline=0.0))
    assert result.verdict is Verdict.INCONCLUSIVE


def test_times_that_are_no_numbers_are_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proofs_check.checks.trap.trapped_time", lambda *_: float("nan"))
    result = TrappedTimes("rate", Fraction(1, 8)).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
