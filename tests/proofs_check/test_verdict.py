"""Verdicts: weakest of, and what a result may not claim."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check import verdict
from proofs_check.mixture import Mixture
from proofs_check.verdict import (
    CheckResult,
    ClaimResult,
    ControlResult,
    Method,
    Verdict,
    inconclusive,
    weakest,
)
from proofs_check.witness import Witness

WITNESS = Witness(Mixture.of([["1"]]), "1 = 2", "1", "2", 30)


@given(st.lists(st.sampled_from(Verdict), min_size=1))
def test_any_refuted_wins_and_proved_needs_all(verdicts):
    result = weakest(verdicts)
    assert result in verdicts
    assert (result is Verdict.REFUTED) == (Verdict.REFUTED in verdicts)
    assert (result is Verdict.PROVED) == (set(verdicts) == {Verdict.PROVED})


def test_nothing_checked_is_inconclusive():
    assert weakest([]) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("method", [Method.GENERATED, Method.NUMERICAL, Method.STATISTICAL])
def test_floating_point_and_samples_do_not_prove(method):
    with pytest.raises(ValueError, match="cannot prove"):
        CheckResult("x", Verdict.PROVED, method, "")


@pytest.mark.parametrize("method", [Method.SYMBOLIC, Method.BALL, Method.GENERATED])
def test_refuted_needs_a_witness(method):
    with pytest.raises(ValueError, match="witness"):
        CheckResult("x", Verdict.REFUTED, method, "")
    assert CheckResult("x", Verdict.REFUTED, method, "", witness=WITNESS).witness is WITNESS


def test_weakened_names_the_reason_and_never_strengthens():
    proved = CheckResult("x", Verdict.PROVED, Method.SYMBOLIC, "all n, d")
    assert proved.weakened("step 2").verdict is Verdict.SUPPORTED
    assert proved.weakened("step 2").notes == ("step 2",)
    assert inconclusive("x", "why").weakened("step 2").verdict is Verdict.INCONCLUSIVE


def test_a_claims_method_is_that_of_the_deciding_checks():
    checks = (
        CheckResult("a", Verdict.PROVED, Method.SYMBOLIC, ""),
        CheckResult("b", Verdict.PROVED, Method.BALL, ""),
    )
    control = ControlResult("c", "one sign", inconclusive("c", "too hard"))
    result = ClaimResult("X", checks, (control,), 0.0)
    assert result.verdict is Verdict.PROVED  # controls do not count towards the verdict
    assert result.method == "symbolic+ball"
    assert not control.refuted


def test_every_check_that_cannot_conclude_says_what_would_decide() -> None:
    folder = Path(verdict.__file__).parent
    calls = 0
    for path in (*folder.glob("*_checks.py"), folder / "checks.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "inconclusive":
                calls += 1
                assert "decide" in {word.arg for word in node.keywords}, f"{path}:{node.lineno}"
    assert calls > 40
