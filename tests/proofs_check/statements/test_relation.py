"""Relations: what each sign means, what touches, and what is refused by name."""

from __future__ import annotations

import operator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import get_args

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.kernels import load_program
from proofs_check.checks.general import BallCheck, GeneratedCheck
from proofs_check.claim import Context
from proofs_check.points import numerics_point as points
from proofs_check.points.independent_point import IndependentPoint
from proofs_check.points.interpreter import precision
from proofs_check.points.numerics_point import NumericsPoint
from proofs_check.points.witness import confirm
from proofs_check.proofs.kernel import ProofError, Term
from proofs_check.sampling.cases import Cases
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Relation, as_ball, dot, exact, scaled
from proofs_check.statements.sign import Sign, SignText
from proofs_check.statements.transforms import moved
from proofs_check.verdict import MORE_DIGITS, Verdict

ONE = Mixture.of([["1"]])  # L = 1, and the enclosure is exact
TWO = Mixture.of([["0"], ["2"]])
LINE = Cases(components=(1, 2), dimensions=(1, 1), separation=("1e-2", "5"))
MEANING = {
    "=": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}
SIGNS = tuple(MEANING)


def test_the_signs_are_those_that_the_type_names():
    assert get_args(SignText) == SIGNS == tuple(sign.value for sign in Sign)


@pytest.mark.parametrize(
    "sign",
    [
        "==",
        "≤",
        "≥",
        "!=",
        "",
        " <=",
        "<= ",
        ">= ",
        "=<",
        "=>",
        "<>",
        "lt",
        None,
        0,
        Sign.LESS,
        b"<",
    ],
)
def test_anything_else_is_refused_by_name(sign):
    relation = Relation("L < 2", lambda at: at.loss("forward"), "<", lambda at: 2)
    for build in (
        lambda: Relation("L ? 2", relation.left, sign, relation.right),
        lambda: replace(relation, sign=sign),
        lambda: Sign.read(sign),
    ):
        with pytest.raises(InputError, match="sign") as caught:
            build()
        assert repr(sign) in str(caught.value)


@pytest.mark.parametrize(
    "sign", ["=", "==", "<=", ">=", ">", "<", "equal ", "at most", None, Sign.LESS]
)
def test_a_formula_of_the_kernel_has_its_own_three_relations(sign):
    two = Term("number", (), Fraction(2))
    with pytest.raises(ProofError):
        Term(sign, (two, two))


numbers = st.integers(-3, 3).map(lambda k: Fraction(k, 2))


@given(st.sampled_from(SIGNS), numbers, numbers)
def test_exact_numbers_compare_as_in_python(sign, left, right):
    read, holds = Sign.read(sign), MEANING[sign](left, right)
    assert read.decide(left, right) == ("holds" if holds else "fails")
    assert read.flipped.decide(right, left) == read.decide(left, right)
    if sign != "=":
        assert (read.negated.decide(left, right) == "holds") is not holds
        assert (read.gap(left, right) > 0) is (holds and left != right)


def _ball(middle: int, radius: int):
    """A ball whose ends are multiples of half the same unit: many pairs touch exactly."""
    unit = arb(0, 1).rad()
    return unit * middle / 2 + (arb(0, 1) * radius / 2 if radius else 0)


balls = st.builds(_ball, st.integers(-3, 3), st.sampled_from((0, 1, 2)))


@given(st.sampled_from(SIGNS), balls, balls)
def test_balls_decide_only_what_all_their_members_agree_on(sign, left, right):
    """By the four ends and the middles: the comparisons are monotone."""
    pairs = product(
        *([exact(b.mid()) + side * exact(b.rad()) for side in (-1, 0, 1)] for b in (left, right))
    )
    answers = {MEANING[sign](a, b) for a, b in pairs}
    if sign == "=" and left.overlaps(right) and exact(left.rad()) + exact(right.rad()) > 0:
        answers = {True, False}  # where two intervals meet need not be at an end or a middle
    expected = {(True,): "holds", (False,): "fails"}.get(tuple(answers), "undecided")
    assert Sign.read(sign).decide(left, right) == expected


def against(sign: str, number) -> Relation:
    return Relation(
        f"L {sign} {number}", lambda at: at.loss("forward"), sign, lambda at: as_ball(number)
    )


@pytest.mark.parametrize(
    ("sign", "below", "above"),
    [("<=", "REFUTED", "PROVED"), ("<", "REFUTED", "PROVED"), (">=", "PROVED", "REFUTED"),
     (">", "PROVED", "REFUTED"), ("=", "REFUTED", "REFUTED")],
)  # fmt: skip
def test_the_verdict_of_an_order_is_its_meaning(sign, below, above):
    """The loss at one mean of size 1 is 1, compared with 0 and with 1000."""
    for number, expected in ((0, below), (1000, above)):
        result = BallCheck("order", against(sign, number), (ONE, TWO)).run(Context())
        assert result.verdict is Verdict(expected)
    loose = replace(against(sign, 1000), tight=False)
    generated = GeneratedCheck("order", loose, LINE).run(Context())
    assert generated.verdict is Verdict("SUPPORTED" if above == "PROVED" else "REFUTED")


@pytest.mark.parametrize("sign", SIGNS)
def test_enclosures_that_overlap_prove_nothing(sign):
    """Both sides of de Bruijn's identity, which are equal."""
    sides = replace(
        against("=", 1),
        left=lambda at: dot(at.means, at.gradient("kl")),
        sign=sign,
        right=lambda at: at.loss("forward"),
    )
    result = BallCheck("touching", sides, (TWO,)).run(Context())
    if sign == "=":
        assert result.verdict is Verdict.SUPPORTED
    else:
        assert result.verdict is Verdict.INCONCLUSIVE
        reason = "1 of 1 points touch to 60 digits: undecided"
        assert result.notes == (reason, f"to decide: {MORE_DIGITS}")


@pytest.mark.parametrize("sign", SIGNS)
def test_equal_exact_numbers_are_decided(sign):
    size = Relation("|v|^2", lambda at: dot(at.means, at.means), sign, lambda at: 1)
    result = BallCheck("size", size, (ONE,)).run(Context())
    assert result.verdict is (Verdict.REFUTED if sign in "<>" else Verdict.PROVED)


@pytest.mark.parametrize(
    ("sign", "backend"),
    [("=", "float64"), ("<=", "float64"), (">=", "ball"), ("<", "float64"), (">", "ball")],
)
def test_a_side_against_itself_is_no_evidence(sign, backend):
    loss = Relation(
        f"L {sign} L", lambda at: at.loss("forward"), sign, lambda at: at.loss("forward")
    )
    result = GeneratedCheck("itself", loss, LINE, backend=backend).run(Context())
    if sign in "<>":
        assert result.verdict is Verdict.INCONCLUSIVE
        count = result.scope.split()[0]
        assert result.notes[0].startswith(f"{count} of {count} cases touch: undecided; the first")
    else:
        assert result.verdict is Verdict.INCONCLUSIVE
        assert result.notes[0] == "cannot fail: both sides are the same function"


@pytest.mark.parametrize("radius", ["0.4", "1e-300"])
def test_overlap_of_any_radius_is_undecided_for_a_strict_order(radius):
    """Some cases touch among many that hold: that is enough."""

    def right(at):
        size = dot(at.means, at.means)
        return size + (0 if at.mixture.n == 1 else 10) + arb(0, arb(radius))

    mixed = Relation("|v|^2 < itself", lambda at: dot(at.means, at.means), "<", right)
    result = GeneratedCheck("mixed", mixed, LINE, resolution="1").run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    touching, _, count = result.notes[0].split()[:3]
    assert 0 < int(touching) < int(count)


def test_more_digits_are_asked_before_a_case_counts_as_touching():
    """K and K + 1e-25 L: equal to float64's error, and for the enclosures at twice the digits."""
    tiny = Fraction(1, 10**25)
    relation = Relation(
        "K < K + 1e-25 L",
        lambda at: at.loss("kl"),
        "<",
        lambda at: at.loss("kl") + scaled(tiny, at.loss("forward")),
    )
    apart = Cases(components=(1, 1), dimensions=(1, 1))
    apart = replace(apart, components=(2, 2), separation=("1", "5"))
    assert GeneratedCheck("tiny", relation, apart).run(Context()).verdict is Verdict.SUPPORTED


@pytest.mark.parametrize("sign", ["<", ">"])
def test_a_violation_that_only_more_digits_show_is_confirmed_at_twice_those(sign):
    tiny = Fraction(-1 if sign == "<" else 1, 10**25)
    relation = Relation(
        f"K {sign} (1 + tiny) K",
        lambda at: at.loss("kl"),
        sign,
        lambda at: scaled(1 + tiny, at.loss("kl")),
    )
    result = GeneratedCheck("tiny", relation, LINE).run(Context())
    assert result.verdict is Verdict.REFUTED
    assert result.witness.digits == 60
    assert BallCheck("tiny", relation, (ONE,)).run(Context()).verdict is Verdict.REFUTED


def test_witnesses_are_confirmed_in_the_direction_of_the_sign():
    assert "not violated" in confirm(against(">=", 0), ONE, 10)
    assert confirm(against(">=", 2), ONE, 10).digits == 20


@pytest.fixture
def counted(monkeypatch):
    """Evaluations of numerics and of the independent code, by what was asked for."""
    asked = []

    def counting(module, name):
        original = getattr(module, name)

        def call(*arguments, **options):
            asked.append((name, options.get("quantity", "")))
            return original(*arguments, **options)

        return call

    monkeypatch.setattr(points, "evaluate", counting(points, "evaluate"))
    monkeypatch.setattr(points, "expectation", counting(points, "expectation"))
    whole = IndependentPoint._expectation

    def expectation(at, program):
        asked.append(("independent", program.name))
        return whole(at, program)

    monkeypatch.setattr(IndependentPoint, "_expectation", expectation)
    return asked


@pytest.mark.parametrize("kind", ["numerics", "independent"])
def test_what_is_asked_twice_at_a_mixture_is_evaluated_once(counted, kind):
    start = Mixture.of([["0"], ["2"]])
    other = moved(start, "1/2", teacher=False)

    def side(at):
        there = at.elsewhere(other)
        back = there.elsewhere(start)
        parts = [p.gradient("forward") for p in (at, there, at, at.elsewhere(other), back)]
        assert [entry for row in parts[0] for entry in row] == [e for r in parts[2] for e in r]
        parts[0][0][0] = as_ball(7)  # a side's own copy
        return [dot(part, part) for part in parts[1:]]

    relation = Relation("itself", side, "=", side)
    with precision(20):
        at = (
            NumericsPoint(start, 15, "float64")
            if kind == "numerics"
            else IndependentPoint(start, 15)
        )
        relation.judge(at)
    assert len(counted) == 2  # one gradient at each of two mixtures


def test_different_questions_are_different(counted):
    at = NumericsPoint(ONE, 15, "float64")
    for _ in range(2):
        for objective, quantity in product(("forward", "kl"), ("loss", "gradient", "hessian")):
            getattr(at, quantity)(objective)
    assert len(counted) == 6
    program = load_program("forward", "loss", "single")
    assert at.expectation(program).overlaps(at.expectation(program))
    assert len(counted) == 7
