"""Checks of the escape law of the flow itself."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.checks.escape_flow import FlowLaw, FlowStays
from proofs_check.claim import Context
from proofs_check.verdict import Method, Verdict


def test_the_law_is_proved_and_limited() -> None:
    for check in (
        FlowStays(),
        FlowLaw("at most", Fraction(2)),
        FlowLaw("at least", Fraction(1, 4)),
    ):
        result = check.run(Context())
        assert result.verdict is Verdict.PROVED
        assert result.method is Method.BALL
        assert "any d" in result.scope
        assert "|p| <= 1/25 G" in result.scope


def test_constants_beyond_the_limit_are_refuted() -> None:
    for check in (FlowLaw("at most", Fraction(19, 40)), FlowLaw("at least", Fraction(21, 40))):
        result = check.run(Context())
        assert result.verdict is Verdict.REFUTED
        assert result.witness is not None


def test_what_is_not_shown_is_inconclusive() -> None:
    assert FlowStays(slaved=Fraction(1, 20)).run(Context()).verdict is Verdict.INCONCLUSIVE
    assert FlowLaw("at least", Fraction(9, 20)).run(Context()).verdict is Verdict.INCONCLUSIVE
