"""Exact input: what is read, what is refused, and linear algebra without tolerances."""

from __future__ import annotations

import decimal
import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.mixtures.problem import Teacher
from numerics.numbers.exact import (
    MAX_EXPONENT,
    dot,
    orthogonal_basis,
    parse_means,
    parse_number,
    parse_vector,
    parse_weights,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.25", Fraction(1, 4)),
        ("-.5", Fraction(-1, 2)),
        ("+3.", Fraction(3)),
        (" 1/3 ", Fraction(1, 3)),
        ("-2/6", Fraction(-1, 3)),
        ("1e-400", Fraction(1, 10**400)),
        ("2.5E+3", Fraction(2500)),
        (7, Fraction(7)),
        (0.1, Fraction(3602879701896397, 2**55)),
        (-0.0, Fraction(0)),
        (5e-324, Fraction(1, 2**1074)),
        (Fraction(2, 3), Fraction(2, 3)),
        (decimal.Decimal("0.1"), Fraction(1, 10)),
        (decimal.Decimal("-1E-5"), Fraction(-1, 10**5)),
        (np.float32(0.5), Fraction(1, 2)),
        (np.int64(-3), Fraction(-3)),
        (mpmath.mpf("0.75"), Fraction(3, 4)),
        (mpmath.mpf("-0.75"), Fraction(-3, 4)),
        (mpmath.mpf(0), Fraction(0)),
    ],
)
def test_numbers_are_read_exactly(value: object, expected: Fraction) -> None:
    assert parse_number(value) == expected


def test_wide_floats_keep_all_their_bits() -> None:
    value = np.longdouble(1) / np.longdouble(3)
    assert parse_number(value) == Fraction(*value.as_integer_ratio())


@pytest.mark.parametrize(
    "value",
    [
        "nan",
        "inf",
        "-Infinity",
        "",
        ".",
        "e5",
        "1e",
        "1_000",
        "0x10",
        "1/0",
        "1/2/3",
        "1.5/2",
        "--1",
        "１",  # a full-width digit
        "1e10001",
        "1e-10001",
        "1e" + "9" * 5000,
        "1" * 20_001,
        math.nan,
        math.inf,
        -math.inf,
        np.float64("nan"),
        decimal.Decimal("NaN"),
        decimal.Decimal("Infinity"),
        decimal.Decimal("1e20000"),
        mpmath.mpf("nan"),
        mpmath.inf,
        mpmath.ldexp(1, 10**6),
        True,
        np.bool_(False),
        1 + 2j,
        None,
        [1],
        {"a": 1},
        pytest.param(10**30_000, id="a huge integer"),
    ],
)
def test_everything_else_is_refused_with_a_short_line(value: object) -> None:
    with pytest.raises(InputError) as caught:
        parse_number(value, "means[0][0]")
    assert caught.value.argument == "means[0][0]"
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_the_limit_on_exponents_is_stated_and_generous() -> None:
    assert parse_number(f"1e{MAX_EXPONENT}") == 10**MAX_EXPONENT
    assert parse_number("0." + "1" * 10_000) > 0  # beyond Python's own limit of 4300 digits
    assert parse_number("1e-00000000000000000000000000000005") == Fraction(1, 10**5)
    with pytest.raises(InputError, match=str(MAX_EXPONENT)):
        parse_number("1e99999")


@given(st.fractions())
def test_rational_text_round_trips(value: Fraction) -> None:
    assert parse_number(str(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_their_binary_value(value: float) -> None:
    assert parse_number(value) == Fraction(value)
    assert float(parse_number(repr(value))) == value  # the decimal text is nearest to it


@pytest.mark.parametrize(
    "value",
    [[], [[]], [1, 2], [[1], [1, 2]], "12", 3.0, None, {0: [1]}, [["a"]], [[True]], [[[1]]]],
)
def test_bad_means_are_refused(value: object) -> None:
    with pytest.raises(InputError, match="means"):
        parse_means(value)


def test_means_from_lists_tuples_and_arrays_agree() -> None:
    expected = parse_means([["0.5", 1], [2, "-3"]])
    assert parse_means(((0.5, 1), (2, -3))) == expected
    assert parse_means(np.array([[0.5, 1], [2, -3]])) == expected


def test_a_bad_entry_is_named_by_position() -> None:
    with pytest.raises(InputError, match=r"means\[1\]\[0\]"):
        parse_means([[1, 2], ["x", 3]])
    with pytest.raises(InputError, match="3 numbers"):
        parse_vector([1, 2], "teacher", length=3)


def test_weights() -> None:
    assert parse_weights(None, 3) == (Fraction(1, 3),) * 3
    assert parse_weights(["1/3", "2/3"], 2) == (Fraction(1, 3), Fraction(2, 3))
    read = parse_weights([0.1, 0.2, 0.7], 3)
    assert sum(read) == 1
    assert abs(read[0] - Fraction(0.1)) < Fraction(1, 2**52)


@pytest.mark.parametrize(
    "value",
    [
        [0.5],
        [0.5, 0.6],
        ["0.333", "0.667001"],
        ["0.33333333333333333", "0.66666666666666666"],
        [1, 0],
        [-0.5, 1.5],
        [0.5, math.nan],
        "ab",
        [["1/2"], ["1/2"]],
    ],
)
def test_bad_weights_are_refused(value: object) -> None:
    with pytest.raises(InputError, match="weights"):
        parse_weights(value, 2)


vectors = st.integers(1, 4).flatmap(
    lambda d: st.lists(
        st.tuples(*[st.fractions(-9, 9, max_denominator=12) for _ in range(d)]),
        min_size=1,
        max_size=5,
    )
)


@given(vectors)
def test_basis_is_orthogonal_and_spans(rows: list[tuple[Fraction, ...]]) -> None:
    basis = orthogonal_basis(rows)
    for i, left in enumerate(basis):
        assert any(left)
        assert all(dot(left, right) == 0 for right in basis[:i])
    for row in rows:  # the row minus its projections vanishes exactly
        rest = row
        for axis in basis:
            factor = dot(row, axis) / dot(axis, axis)
            rest = tuple(a - factor * b for a, b in zip(rest, axis, strict=True))
        assert not any(rest)


def test_rank_has_no_tolerance() -> None:
    tiny = Fraction(1, 10**300)
    one, zero = Fraction(1), Fraction(0)
    assert len(orthogonal_basis([(one, zero), (one, tiny)])) == 2
    assert len(orthogonal_basis([(one, tiny), (3 * one, 3 * tiny)])) == 1
    assert orthogonal_basis([(zero, zero)]) == []


FLOATS = (np.float16, np.float32, np.float64, np.longdouble)


@given(st.sampled_from(FLOATS), st.lists(st.integers(1, 100), min_size=1, max_size=5))
def test_weights_from_arrays_are_exact_up_to_their_sum(dtype: Any, parts: list[int]) -> None:
    rounded = (np.array(parts) / sum(parts)).astype(dtype)
    found = parse_weights(rounded, len(parts))
    exact = [Fraction(*entry.as_integer_ratio()) for entry in rounded]
    assert sum(found) == 1
    assert list(found) == [entry / sum(exact) for entry in exact]
    assert parse_weights(list(rounded), len(parts)) == found


@given(st.sampled_from(FLOATS), st.integers(2, 5))
def test_weights_further_from_one_than_their_rounding_are_refused(dtype: Any, n: int) -> None:
    wrong = np.full(n, 1 / n).astype(dtype) * dtype(1.02)
    with pytest.raises(InputError, match="whose sum is exactly 1"):
        parse_weights(wrong, n)


@given(
    st.sampled_from((*FLOATS, np.int8, np.uint16, np.int64, object)),
    st.lists(st.tuples(*[st.integers(0, 100)] * 2), min_size=1, max_size=4),
)
def test_arrays_of_every_type_hold_means_and_teachers(
    dtype: Any, rows: list[tuple[int, int]]
) -> None:
    array = np.array(rows, dtype=dtype)
    exact = tuple(tuple(map(Fraction, row)) for row in rows)
    assert parse_means(array) == parse_means(np.asfortranarray(array)) == exact
    teacher = Teacher.from_user(array[0], 2)
    assert teacher.means == exact[:1]
    mixture = Teacher.from_user({"means": array, "weights": np.full(len(rows), 1 / len(rows))}, 2)
    assert mixture.means == exact


def test_what_numpy_reads_as_an_array_is_one_but_masked_entries_are_refused() -> None:
    class Frame:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return np.array([[1.0, 0.5]])

    assert parse_means(Frame()) == ((Fraction(1), Fraction(1, 2)),)
    masked = np.ma.array([[1.0, 2.0]], mask=[[False, True]])
    with pytest.raises(InputError, match=r"means\[0\]\[1\]"):
        parse_means(masked)
