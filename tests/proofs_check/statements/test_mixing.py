"""Balls of a point mix with exact numbers; a binary float is refused by name."""

from __future__ import annotations

import operator
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from proofs_check.checks import BallCheck
from proofs_check.claim import Context
from proofs_check.points.interpreter import precision
from proofs_check.statements import Mixture, Relation, scaled
from proofs_check.statements.mixing import mixed, mixing
from proofs_check.statements.relation import exact
from proofs_check.verdict import Verdict

ONE = Mixture.of([["1"]])
FLOATS = [0.5, 0.5j, np.float64(0.5), np.float32(0.5), np.float16(2), mpmath.mpf("0.5"),
          mpmath.mpc(1, 1), float("nan")]  # fmt: skip
OPERATIONS = [
    *(operator.add, operator.sub, operator.mul, operator.truediv, operator.pow),
    *(operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne),
]


def ways(value: Fraction):
    """The same number, written in every way that is exact."""
    yield value
    yield str(value)
    yield mixing(value)
    yield arb(value.numerator) / value.denominator
    if value.denominator == 1:
        yield value.numerator
        yield np.int64(value.numerator)
        yield Decimal(value.numerator)


@given(
    st.fractions(-5, 5, max_denominator=8),
    st.fractions(-5, 5, max_denominator=8),
    st.sampled_from(OPERATIONS[:3]),
)
def test_exact_numbers_mix_from_both_sides(left, right, operation):
    expected = operation(left, right)
    with precision(30):
        for other in ways(right):
            assert operation(mixing(left), other).overlaps(mixing(expected))
        for other in ways(left):
            assert operation(other, mixing(right)).overlaps(mixing(expected))


@pytest.mark.parametrize("number", FLOATS, ids=lambda number: type(number).__name__)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_a_binary_float_is_refused_by_name(number, operation):
    for left, right in ((mixing(1), number), (number, mixing(1))):
        # mpmath itself refuses to order its complex numbers, before anything else is asked
        refusal = r"binary (float|complex|mpf|mpc)|no ordering relation is defined for complex"
        with pytest.raises((InputError, TypeError), match=refusal):
            operation(left, right)


@pytest.mark.parametrize("number", FLOATS, ids=lambda number: type(number).__name__)
def test_no_float_gets_into_a_relation(number):
    """As a side, as a factor, by `scaled`, in a method, and after a root."""
    sides = (
        lambda at: number,
        lambda at: number * at.loss("forward"),
        lambda at: scaled(number, at.gradient("forward"))[0][0],
        lambda at: at.loss("forward").max(number),
        lambda at: at.loss("forward").sqrt() + number,
        lambda at: at.means[0][0] * number,
    )
    for side in sides:
        relation = Relation("a float", lambda at: at.loss("forward"), "<=", side)
        with pytest.raises(InputError, match=r"test_mixing\.py:\d+.*|binary"):
            BallCheck("a float", relation, (ONE,)).run(Context())


@pytest.mark.parametrize("number", [None, True, object(), "one", Decimal("nan"), b"1", "1/0"])
def test_what_is_no_number_is_refused(number):
    with pytest.raises(InputError, match="number"):
        mixing(number)


def test_a_ball_keeps_its_value_at_any_precision():
    with precision(100):
        fine = arb(1) / 3
    assert exact(mixing(fine).mid()) == exact(fine.mid())
    assert exact(mixed([[fine]])[0][0].rad()) == exact(fine.rad())
    assert ctx.prec == 53


def test_an_exact_statement_in_texts_is_proved():
    bound = Relation("L <= 1.5", lambda at: "2/3" * at.loss("forward"), "<=", lambda at: "1")
    assert BallCheck("bound", bound, (ONE,)).run(Context()).verdict is Verdict.PROVED
