"""What cannot fail is no evidence: found by arbitrary numbers, by 5%, and by counting."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from proofs_check.checks import BallCheck, GeneratedCheck
from proofs_check.checks.can_fail import Judged, why_not, written_alike
from proofs_check.claim import Context
from proofs_check.points.numerics_point import NumericsPoint
from proofs_check.sampling import Cases
from proofs_check.statements import Mixture, Relation, dot
from proofs_check.verdict import Verdict

LINE = Cases(components=(1, 2), dimensions=(1, 1), separation=("1e-2", "5"))
ONE = Mixture.of([["1"]])
TWO = Mixture.of([["0"], ["2"]])
THREE = Mixture.of([["1/2"], ["2"], ["-1"]], ["1/2", "1/3", "1/6"])


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


@pytest.mark.parametrize(
    ("text", "left", "sign", "right"), CANNOT, ids=[case[0] for case in CANNOT]
)
def test_a_tautology_is_no_evidence(text, left, sign, right):
    result = BallCheck("itself", Relation(text, left, sign, right), (TWO,)).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "cannot fail" in result.notes[0] or "touch" in result.notes[0]


def test_a_tautology_at_generated_mixtures_is_no_evidence():
    result = GeneratedCheck("itself", Relation(*CANNOT[2]), LINE).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "cannot fail" in result.notes[0]


def why(relation: Relation) -> str:
    """What is said of a relation that holds at three mixtures."""
    points = [NumericsPoint(mixture, 15, "float64") for mixture in (ONE, TWO, THREE)]
    return why_not(relation, [Judged.at(at, relation.judge(at)) for at in points])


def test_statements_that_could_fail_keep_their_verdict():
    assert why(Relation("v.g = L", lambda at: dot(at.means, at.gradient("kl")), "=", loss)) == ""
    assert why(Relation("|g|^2 <= L", square, "<=", loss)) == ""
    positive = Relation("0 < L", lambda at: 0, "<", loss)
    assert why(positive) == ""
    assert BallCheck("positive", positive, (TWO,)).run(Context()).verdict is Verdict.PROVED


@pytest.mark.parametrize("factor", ["1.04", "1.1", "3"])
@pytest.mark.parametrize("sign", ["<=", "<"])
def test_a_bound_with_more_than_5_percent_left_must_say_so(factor, sign):
    """At one mean |g|^2 = L: the bound is tight to the given factor."""
    relation = Relation(f"|g|^2 {sign} {factor} L", square, sign, lambda at: factor * loss(at))
    flipped = Relation("the same", relation.right, relation.comparison.flipped.value, square)
    assert why(replace(relation, tight=False)) == ""
    for written in (relation, flipped):
        assert ("tight=False" in why(written)) is (factor != "1.04")


def test_a_loose_bound_must_tell_its_sides_apart():
    """Both sides of de Bruijn's identity."""
    equal = Relation("v.g <= L", lambda at: dot(at.means, at.gradient("kl")), "<=", loss)
    assert "not told apart" in why(replace(equal, tight=False))


def near(at):
    """A condition for `test_a_condition_inside_a_relation_is_counted`."""
    return abs(at.mixture.means[0][0]) <= Fraction(1, 10)


def test_a_condition_inside_a_relation_is_counted():
    """Where the condition fails, both sides are the same number."""
    silent = Relation(
        "v.g = L for |v_1| <= 1/10",
        lambda at: dot(at.means, at.gradient("kl")) if near(at) else 0,
        "=",
        lambda at: at.loss("forward") if near(at) else 0,
    )
    result = GeneratedCheck("silent", silent, LINE).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "the relation says nothing" in result.notes[0]


def test_a_stated_condition_leaves_draws_out_and_counts_them():
    said = Relation(
        "v.g = L for |v_1| <= 1/10",
        lambda at: dot(at.means, at.gradient("kl")),
        "=",
        loss,
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


def test_cases_in_which_five_percent_would_not_be_seen_are_no_evidence():
    """L < 4 K everywhere, by less than float64 can see of such small numbers."""
    cases = Cases(family=lambda t: [[t], [-t]], parameters={"t": ("1/1000000000", "1/1000")})
    for sign in (">=", "="):
        relation = Relation("false", loss, sign, lambda at: 4 * at.loss("kl"))
        result = GeneratedCheck("small", relation, cases).run(Context())
        assert result.verdict is Verdict.INCONCLUSIVE
        assert "would not be seen" in result.notes[0]
