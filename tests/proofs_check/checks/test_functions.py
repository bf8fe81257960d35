"""What a function says of itself supports at most; what it hands over to be checked can prove."""

from __future__ import annotations

import json
from functools import partial

import pytest
from flint import arb

from numerics.errors import InputError
from proofs_check.checks import (
    BallCheck,
    Certified,
    Enclosed,
    FunctionCheck,
    GeneratedCheck,
    IdentityCheck,
)
from proofs_check.claim import CANNOT_FAIL, Claim, Context, Control, run_check, run_part
from proofs_check.verdict import CheckResult, Method, Verdict

CONTEXT = Context()


def says(verdict: Verdict, method: Method, context: Context) -> CheckResult:
    return CheckResult("", verdict, method, "all n, d")


PROVED = partial(says, Verdict.PROVED, Method.BALL)
REFUTED = partial(says, Verdict.REFUTED, Method.NUMERICAL)


def claim(check, changed) -> Claim:
    return Claim("T1", "", "", "", "", (), (check,), (Control("c", "a change", changed),))


def run(check, changed) -> CheckResult:
    judged = claim(check, changed)
    return run_part(judged, judged.checks[0], CONTEXT)


def test_a_function_that_says_proved_supports_beside_its_own_control():
    result = run(FunctionCheck("f", PROVED), FunctionCheck("c", REFUTED))
    assert result.verdict is Verdict.SUPPORTED
    assert "says so of itself" in result.notes[-1]


def test_a_function_without_a_control_of_its_own_cannot_fail():
    for changed in (FunctionCheck("c", lambda context: REFUTED(context)), IdentityCheck("I1")):
        result = run(FunctionCheck("f", lambda context: PROVED(context)), changed)
        assert result.verdict is Verdict.INCONCLUSIVE
        assert result.notes[0] == CANNOT_FAIL


class Mine:
    """A check of a class from outside."""

    def __init__(self, name: str, verdict: Verdict) -> None:
        self.name, self.verdict = name, verdict

    def run(self, context: Context) -> CheckResult:
        method = Method.NUMERICAL if self.verdict is Verdict.REFUTED else Method.SYMBOLIC
        return CheckResult(self.name, self.verdict, method, "all n, d")


class Eager(IdentityCheck):
    """A subclass of one of the package's kinds is another class, too."""

    def run(self, context: Context) -> CheckResult:
        return CheckResult("eager", Verdict.PROVED, Method.SYMBOLIC, "all n, d")


class Posing(Mine):
    """It says that it is one of the package's."""


Posing.__module__ = "proofs_check.checks.general"


@pytest.mark.parametrize("kind", [Mine, Posing])
def test_another_class_supports_at_most_and_only_beside_its_control(kind):
    mine = kind("mine", Verdict.PROVED)
    assert run_check(mine, CONTEXT).verdict is Verdict.SUPPORTED
    assert run(mine, kind("c", Verdict.REFUTED)).verdict is Verdict.SUPPORTED
    assert run(mine, IdentityCheck("I1")).verdict is Verdict.INCONCLUSIVE


def test_a_subclass_of_a_kind_that_proves_does_not():
    assert run_check(Eager("I1"), CONTEXT).verdict is Verdict.SUPPORTED
    assert run_check(IdentityCheck("I1"), CONTEXT).verdict is Verdict.PROVED


def pi(digits: int) -> arb:
    return arb.pi()


def one(digits: int) -> arb:
    return arb(1)


@pytest.mark.parametrize(
    ("left", "sign", "right", "verdict"),
    [
        (pi, "<", "22/7", "PROVED"),
        (pi, ">", "22/7", "REFUTED"),
        (lambda digits: [[arb.pi()]], "<=", [["3.15"]], "PROVED"),
        (lambda digits: [arb.pi(), arb(4)], "<", ["3.15", 4], "REFUTED"),
        (pi, "=", pi, "SUPPORTED"),
        (pi, "<", pi, "INCONCLUSIVE"),
        (one, "<", 2, "SUPPORTED"),  # nothing shows that these were computed
        (1, "<", 2, "INCONCLUSIVE"),  # nor that anything was
        (lambda digits: arb(digits), "<", 100, "INCONCLUSIVE"),  # other numbers at other digits
        (lambda digits: arb(1, arb(1) / 1000**digits), "<", 2, "PROVED"),
    ],
)
def test_enclosures_are_compared_by_the_runner(left, sign, right, verdict):
    check = FunctionCheck("f", lambda context: Enclosed("sides", left, sign, right, "one number"))
    result = check.run(CONTEXT)
    assert result.verdict is Verdict(verdict)
    assert (result.own_word) is (left is one)


@pytest.mark.parametrize(
    ("left", "right"), [(0.5, 1), (pi, 3.5), (lambda digits: [1], 2), ([], []), (pi, None)]
)
def test_floats_and_other_shapes_are_refused(left, right):
    check = FunctionCheck("f", lambda context: Enclosed("sides", left, "<", right, "one number"))
    with pytest.raises(InputError):
        check.run(CONTEXT)


def test_anything_else_is_an_error():
    with pytest.raises(TypeError, match="returned bool, not CheckResult"):
        FunctionCheck("f", lambda context: True).run(CONTEXT)


@pytest.fixture(scope="module")
def certificate() -> str:
    from numerics.descent.certificate import make_certificate
    from numerics.descent.result import RunOptions
    from numerics.descent.run import descend

    found = descend(
        "forward",
        [["1.5"], ["1"]],
        step_size="0.1",
        steps=50,
        digits=12,
        backend="ball",
        options=RunOptions(certify=True),
    )
    return json.dumps(make_certificate(found))


def test_a_certificate_proves_what_it_is_about(certificate):
    both = ("converged", "converged")
    check = FunctionCheck("f", lambda context: Certified(certificate, both))
    assert check.run(CONTEXT).verdict is Verdict.PROVED
    other = FunctionCheck("f", lambda context: Certified(certificate, ("converged", "escaped")))
    assert other.run(CONTEXT).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("change", [("3/2", "5"), ("converged", "escaped"), ("{", "[")])
def test_a_changed_certificate_proves_nothing(certificate, change):
    changed = certificate.replace(*change, 1)
    assert changed != certificate
    check = FunctionCheck("f", lambda context: Certified(changed, ("converged", "converged")))
    result = check.run(CONTEXT)
    assert result.verdict is Verdict.INCONCLUSIVE


def test_the_package_s_own_kinds_keep_their_word():
    for kind in (BallCheck, GeneratedCheck, IdentityCheck):
        assert kind.__module__.startswith("proofs_check.")


def test_two_numbers_written_by_hand_show_nothing():
    empty = FunctionCheck("f", lambda context: Enclosed("anything", 1, "<", 2, "everything"))
    result = empty.run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "cannot fail" in result.notes[0]
