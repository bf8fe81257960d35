"""What is wrong with a claim is an error of the claim, by name, file and line; before it runs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial

import pytest

from numerics.errors import InputError
from proofs_check.checks import (
    BallCheck,
    DerivationCheck,
    FunctionCheck,
    GeneratedCheck,
    IdentityCheck,
)
from proofs_check.claim import Claim, Control, FurtherEvidence, Hypothesis
from proofs_check.examine import examine
from proofs_check.proofs.check import ProofCheck
from proofs_check.registry import all_claims
from proofs_check.sampling import Cases
from proofs_check.statements import Mixture, Relation, dot

ONE = Mixture.of([["1"]])
LINE = Cases((1, 2), (1, 1), ("1e-2", "5"))


def against(factor, left=None, **options) -> Relation:
    return Relation(
        f"K <= {factor} L",
        left or (lambda at: at.loss("kl")),
        "<=",
        lambda at: factor * at.loss("forward"),
        **options,
    )


CHECK = BallCheck("bound", against(1), (ONE,))
CONTROL = Control("c", "the constant", BallCheck("c", against(Fraction(1, 4)), (ONE,)))


def claim(*checks, control=CONTROL, hypotheses=(), **options) -> Claim:
    checks = checks or (CHECK,)
    return Claim("T1", "t", "s", "", "", hypotheses, checks, (control,), **options)


def refused(wrong: Claim) -> str:
    with pytest.raises(InputError) as caught:
        examine(wrong)
    return str(caught.value)


def test_a_claim_that_can_be_judged_passes():
    examine(claim())
    examine(claim(CHECK, FurtherEvidence(GeneratedCheck("numbers", against(1), LINE))))


@pytest.mark.parametrize("identifier", ["E2", "E5", "F2", "R2", "R5"])
def test_built_in_claims_pass(identifier):
    """Those with relations; tests/test_gallery and the runs see the others."""
    (found,) = (known for known in all_claims() if known.identifier == identifier)
    examine(found)


SIDES = [
    (lambda at: at.losss("kl"), "losss"),
    (lambda at: at.loss("kll"), "one of forward, kl, reverse"),
    (lambda at: at.gradient("klr")[0][0], "one of forward, kl, reverse"),
    (lambda at: undefined * at.loss("kl"), "undefined"),  # noqa: F821
    (lambda at: at.gradient("kl")[5][0], "IndexError"),
    (lambda at: at.loss(), "1 required positional"),
    (lambda at: [[at.loss("kl")]], r"shapes (1, 1) against a number"),
    (lambda at: at.gradient("kl"), "sides of shapes"),
    (lambda at: at.means[0], "sides of shapes"),
    (lambda at: 0.5, "0.5, a binary float"),
    (lambda at: 0.5 * at.loss("kl"), "0.5, a binary float"),
    (lambda at: float(at.mixture.means[0][0]), "a binary float"),
    (lambda at: None, "None"),
    (lambda at: "K", "got K;"),
    (lambda at: at.elsewhere([["1"]]).loss("kl"), "a Mixture"),
]


@pytest.mark.parametrize(("side", "expected"), SIDES)
@pytest.mark.parametrize("kind", ["ball", "generated", "control", "attack"])
def test_a_side_that_cannot_be_evaluated_is_named_with_its_line(kind, side, expected):
    relation = against(1, side)
    ball = BallCheck("wrong", relation, (ONE,))
    wrong = {
        "ball": lambda: claim(ball),
        "generated": lambda: claim(GeneratedCheck("wrong", relation, LINE)),
        "control": lambda: claim(control=Control("wrong", "a change", ball)),
        "attack": lambda: claim(ProofCheck("K", attacks=(ball,)), CHECK),
    }[kind]()
    message = refused(wrong)
    assert expected in message
    assert "test_examine.py:" in message
    assert "claim T1" in message


OTHERS = [
    (DerivationCheck("I99"), "I99"),
    (IdentityCheck("I99"), "I99"),
    (IdentityCheck("I1", ("losss", Fraction(2))), "losss"),
    (IdentityCheck("I1", ("loss", 1.05)), "1.05"),  # type: ignore[arg-type]
    (ProofCheck("Q"), "Q"),
    (BallCheck("none", against(1), ()), "at least one Mixture"),
    (BallCheck("no mixture", against(1), ([["1"]],)), "a Mixture"),  # type: ignore[arg-type]
    (GeneratedCheck("backend", against(1), LINE, backend="float"), "float64, mpmath, ball"),
    (GeneratedCheck("resolution", against(1), LINE, resolution="tiny"), "resolution"),
    (FunctionCheck("no function", 7), "a function"),  # type: ignore[arg-type]
    (FunctionCheck("arguments", lambda: None), "one argument"),  # type: ignore[arg-type, misc]
    (BallCheck("loose", Relation("=", lambda at: 1, "=", lambda at: 1, tight=False), (ONE,)),
     "True for ="),
]  # fmt: skip


@pytest.mark.parametrize(("check", "expected"), OTHERS, ids=lambda part: str(part)[:40])
def test_unknown_names_and_wrong_values_are_named(check, expected):
    message = refused(claim(check))
    assert expected in message
    assert "test_examine.py:" in message
    assert f"check {check.name!r}" in message


@pytest.mark.parametrize("sign", ["==", "≤", "=<"])
def test_an_unknown_sign_is_refused_where_it_is_written(sign):
    with pytest.raises(InputError, match="sign"):
        Relation("K ? L", lambda at: 0, sign, lambda at: 1)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"seconds": {"quick": 1.0}}, "seconds['full']"),
        ({"seconds": {"quick": "1", "full": 2.0}}, "seconds['quick']"),
        ({"hypotheses": (7,)}, "hypotheses"),
        ({"hypotheses": (Hypothesis("rho", "small"),)}, "rho"),  # type: ignore[arg-type]
        ({"hypotheses": (Hypothesis("rho", lambda at: at.rho),)}, "rho"),
        ({"hypotheses": (Hypothesis("small", lambda at: at.mixture.means[0][0] < 1),)}, "small"),
    ],
)
def test_fields_and_hypotheses_of_a_claim(options, expected):
    message = refused(claim(**options))
    assert expected in message
    assert "test_examine.py:" in message


def less(context):
    """A function of `test_an_unrelated_control_is_refused`."""


UNRELATED = [
    BallCheck("1 < 0", Relation("1 < 0", lambda at: 1, "<", lambda at: 0), (ONE,)),
    BallCheck("R", Relation("R < 0", lambda at: at.loss("reverse"), "<", lambda at: 0), (ONE,)),
    IdentityCheck("I1", ("loss", Fraction(2))),
    FunctionCheck("f", less),
    CHECK,
    replace(CHECK, name="the same"),
]


@pytest.mark.parametrize("check", UNRELATED, ids=lambda check: check.name)
def test_an_unrelated_control_is_refused(check):
    message = refused(claim(control=Control("stray", "everything", check)))
    assert "control 'stray'" in message
    assert "one change" in message or "one small change" in message


def test_a_control_of_a_function_has_the_same_code():
    def judge(factor, context): ...

    check = FunctionCheck("f", partial(judge, 1))
    examine(claim(check, control=Control("c", "factor 2", FunctionCheck("c", partial(judge, 2)))))
    assert "unrelated" in refused(claim(check, control=Control("c", "x", FunctionCheck("c", less))))


def test_a_control_says_its_change_and_drops_what_is_there():
    assert "the change in words" in refused(claim(control=replace(CONTROL, change=" ")))
    assert "drops" in refused(claim(control=replace(CONTROL, drops=("rho",))))
    near = Hypothesis("rho <= 1", lambda at: abs(at.mixture.means[0][0]) <= 1)
    far = BallCheck("far", against(1), (Mixture.of([["2"]]),))
    examine(claim(control=Control("c", "far", far, drops=("rho <= 1",)), hypotheses=(near,)))
    assert "rho <= 1" in refused(claim(control=Control("c", "far", far), hypotheses=(near,)))


def test_a_check_s_own_examination_is_asked():
    class Own:
        name = "own"

        def examine(self):
            raise InputError("box", "empty", "ends in order")

        def run(self, context): ...

    assert "check 'own', box: got empty" in refused(claim(Own(), control=Control("c", "x", Own())))


def test_the_sum_over_components_has_the_shape_of_the_loss():
    relation = Relation("v.g", lambda at: dot(at.means, at.gradient("kl")), "<=", lambda at: "9")
    examine(claim(BallCheck("sum", relation, (ONE,)), CHECK))


@pytest.mark.parametrize(
    "error", [SystemExit(0), RuntimeError("mine"), AssertionError(), RecursionError(), OSError("x")]
)
def test_whatever_a_relation_raises_is_an_error_of_the_claim(error):
    def side(at):
        raise error

    wrong = claim(BallCheck("bound", against(1, side), (ONE,)))
    assert type(error).__name__ in refused(wrong)

    def family(t):
        raise error

    cases = Cases(family=family, parameters={"t": ("1", "2")})
    assert type(error).__name__ in refused(claim(GeneratedCheck("bound", against(1), cases)))


def test_a_control_that_does_not_depend_on_what_it_asks_for():
    alien = Relation("1 < 0", lambda at: 0 * at.loss("kl") + 1, "<", lambda at: 0)
    control = Control("c", "the constant", BallCheck("c", alien, (ONE,)))
    assert "the same whatever the losses" in refused(claim(control=control))
