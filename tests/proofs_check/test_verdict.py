"""Verdicts: weakest of, and what a result may not claim."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check import verdict
from proofs_check.points.witness import Witness
from proofs_check.statements.mixture import Mixture
from proofs_check.store.results import check_from_data, check_to_data
from proofs_check.verdict import (
    CheckResult,
    ClaimResult,
    ControlResult,
    Method,
    Verdict,
    inconclusive,
    weakest,
)

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


@pytest.mark.parametrize(
    ("verdict", "method", "witness", "message"),
    [
        ("PROVED", Method.GENERATED, None, "no Verdict"),
        ("REFUTED", Method.BALL, None, "no Verdict"),
        (Verdict.PROVED, "ball", None, "no Method"),
        (None, Method.BALL, None, "no Verdict"),
        (Verdict.REFUTED, Method.BALL, True, "no Witness"),
        (Verdict.REFUTED, Method.BALL, "at 1", "no Witness"),
        (Verdict.PROVED, Method.NONE, None, "without a method|cannot prove"),
        (Verdict.SUPPORTED, Method.NONE, None, "without a method"),
        (Verdict.REFUTED, Method.NONE, WITNESS, "without a method"),
    ],
)
def test_what_only_looks_like_a_verdict_is_refused(verdict, method, witness, message):
    with pytest.raises(ValueError, match=message):
        CheckResult("x", verdict, method, "", witness=witness)


@pytest.mark.parametrize("result", [None, "REFUTED", Verdict.REFUTED])
def test_a_control_holds_the_result_of_a_check(result):
    with pytest.raises(ValueError, match="CheckResult"):
        ControlResult("x", "one sign", result)
    inner = ControlResult("x", "one sign", inconclusive("x", "why"))
    with pytest.raises(ValueError, match="CheckResult"):
        ControlResult("x", "one sign", inner)


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "proved"},
        {"verdict": "HELD"},
        {"verdict": None},
        {"method": "balls"},
        {"method": "none"},
        {"method": "generated"},
        {"digits": "30"},
        {"cases": 1.5},
        {"cases": True},
        {"margin": 1e-9},
    ],
)
def test_a_report_is_read_to_the_letter(change):
    data = check_to_data(CheckResult("x", Verdict.PROVED, Method.BALL, "a < 1", "1e-9", 15, 3))
    assert check_from_data(data).verdict is Verdict.PROVED
    with pytest.raises((ValueError, TypeError)):
        check_from_data({**data, **change})


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
    folder = Path(verdict.__file__).parent / "checks"
    calls = 0
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "inconclusive":
                calls += 1
                assert "decide" in {word.arg for word in node.keywords}, f"{path}:{node.lineno}"
    assert calls > 40
