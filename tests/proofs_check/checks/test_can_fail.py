"""What cannot fail is no evidence: found by arbitrary numbers, by 5%, and by counting."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from flint import arb

from proofs_check.checks import BallCheck, GeneratedCheck
from proofs_check.checks.can_fail import written_alike
from proofs_check.claim import Context
from proofs_check.sampling import Cases
from proofs_check.statements import Mixture, Relation, dot, scaled
from proofs_check.verdict import Verdict

LINE = Cases(components=(1, 2), dimensions=(1, 1), separation=("1e-1", "5"))
TWO = Mixture.of([["0"], ["2"]])


def loss(at):
    return at.loss("forward")


def kl(at):
    return at.loss("kl")


def square(at):
    return dot(at.gradient("kl"), at.gradient("kl"))


CANNOT = [
    ("L = L", loss, "=", lambda at: at.loss("forward")),
    ("L <= L", loss, "<=", loss),
    ("L <= L + 1", loss, "<=", lambda at: loss(at) + 1),
    ("L - L = 0", lambda at: loss(at) - loss(at), "=", lambda at: 0),
    ("|g|^2 >= 0", square, ">=", lambda at: 0),
    ("|g|^2 + 1 > 0", lambda at: square(at) + 1, ">", lambda at: 0),
    ("2 L = L + L", lambda at: 2 * loss(at), "=", lambda at: loss(at) + loss(at)),
    ("0 <= 0 L", lambda at: 0, "<=", lambda at: 0 * loss(at)),
    ("g = g", lambda at: at.gradient("kl"), "=", lambda at: at.gradient("kl")),
    ("H_01 = H_10", lambda at: [row[0] for row in at.hessian("kl")], "=",
     lambda at: at.hessian("kl")[0]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "left", "sign", "right"), CANNOT, ids=lambda part: str(part))
def test_a_tautology_is_no_evidence(text, left, sign, right):
    result = BallCheck("itself", Relation(text, left, sign, right), (TWO,)).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "cannot fail" in result.notes[0] or "touch" in result.notes[0]


@pytest.mark.parametrize("case", [CANNOT[2], CANNOT[4]], ids=lambda case: case[0])
def test_a_tautology_at_generated_mixtures_is_no_evidence(case):
    result = GeneratedCheck("itself", Relation(*case), LINE).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "cannot fail" in result.notes[0]


def test_statements_that_could_fail_keep_their_verdict():
    de_bruijn = Relation("v.g = L", lambda at: dot(at.means, at.gradient("kl")), "=", loss)
    assert GeneratedCheck("I1", de_bruijn, LINE).run(Context()).verdict is Verdict.SUPPORTED
    bound = Relation("|g|^2 <= L", square, "<=", loss)
    assert GeneratedCheck("K", bound, LINE).run(Context()).verdict is Verdict.SUPPORTED
    positive = Relation("0 < L", lambda at: 0, "<", loss)
    assert BallCheck("positive", positive, (TWO,)).run(Context()).verdict is Verdict.PROVED


@pytest.mark.parametrize("factor", ["1.04", "1.1", "3"])
def test_a_bound_with_more_than_5_percent_left_must_say_so(factor):
    """At one mean |g|^2 = L: the bound is tight to the given factor."""
    relation = Relation(
        f"|g|^2 <= {factor} L", square, "<=", lambda at: scaled(factor, at.loss("forward"))
    )
    result = GeneratedCheck("bound", relation, LINE).run(Context())
    loose = GeneratedCheck("bound", replace(relation, tight=False), LINE).run(Context())
    assert loose.verdict is Verdict.SUPPORTED
    if factor == "1.04":
        assert result.verdict is Verdict.SUPPORTED
    else:
        assert result.verdict is Verdict.INCONCLUSIVE
        assert "tight=False" in result.notes[0]


def test_a_loose_bound_must_tell_its_sides_apart():
    relation = Relation("|g|^2 <= L", square, "<=", lambda at: square(at) + arb(0, 1) / 10**12)
    result = GeneratedCheck("bound", replace(relation, tight=False), LINE).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("sign", ["=", "<="])
def test_a_condition_inside_a_relation_is_counted(sign):
    """Where the condition fails, both sides are the same number."""

    def near(at):
        return abs(at.mixture.means[0][0]) <= Fraction(1, 10)

    silent = Relation(
        "v.g = L for |v_1| <= 1/10",
        lambda at: dot(at.means, at.gradient("kl")) if near(at) else 0,
        sign,
        lambda at: at.loss("forward") if near(at) else 0,
    )
    result = GeneratedCheck("silent", silent, LINE).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "the relation says nothing" in result.notes[0]
    said = Relation(
        "v.g = L for |v_1| <= 1/10",
        lambda at: dot(at.means, at.gradient("kl")),
        sign,
        lambda at: at.loss("forward"),
        given=near,
    )
    result = GeneratedCheck("said", said, LINE).run(Context())
    assert result.verdict is Verdict.SUPPORTED
    assert "by the relation's condition" in result.notes[0]


def test_a_condition_that_never_holds_leaves_nothing():
    relation = Relation("K <= L", kl, "<=", loss, given=lambda at: at.mixture.n == 7)
    for check in (GeneratedCheck("none", relation, LINE), BallCheck("none", relation, (TWO,))):
        assert check.run(Context()).verdict is Verdict.INCONCLUSIVE


def test_code_is_compared_without_its_place():
    assert written_alike(lambda at: at.loss("kl"), lambda at: at.loss("kl"))
    assert not written_alike(lambda at: at.loss("kl"), lambda at: at.loss("forward"))
    assert not written_alike(lambda at: 1, lambda at: 2)
