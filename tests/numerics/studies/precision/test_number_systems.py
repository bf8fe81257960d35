"""Floating-point arithmetics: rounding, double-doubles against exact rationals and mpmath."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import gmpy2
import mpmath
import numpy as np
import pytest

from numerics.errors import InputError
from numerics.numbers.exact import rational_of_mpf
from numerics.studies.precision.double_double import DoubleDouble, maximum
from numerics.studies.precision.number_systems import (
    double_double,
    fixed_systems,
    long_double,
    multiple,
    native,
)

UNIT = Fraction(1, 2**104)


def wide(generator: random.Random) -> Fraction:
    """A number of 110 bits of a moderate size."""
    return Fraction(generator.randrange(-(2**110), 2**110) | 1, 2 ** generator.randrange(90, 130))


@pytest.mark.parametrize("seed", range(5))
def test_double_double_operations(seed: int) -> None:
    generator = random.Random(seed)
    for _ in range(100):
        left, right = (DoubleDouble.of(wide(generator)) for _ in range(2))
        a, b = left.fraction(), right.fraction()
        cases = [(left + right, a + b), (left - right, a - b), (left * right, a * b)]
        cases += [(left / right, a / b), (2.0 - left, 2 - a), (3.0 * left, 3 * a), (-left, -a)]
        for found, exact in cases:
            assert abs(found.fraction() - exact) <= UNIT * abs(exact)


def test_double_double_exponential() -> None:
    generator = random.Random(1)
    values = [Fraction(generator.uniform(-60, 3)) for _ in range(200)] + [Fraction(0)]
    found = DoubleDouble.of(values).exp()
    with mpmath.workprec(300):
        for i, value in enumerate(values):
            exact = mpmath.exp(mpmath.mpf(value.numerator) / value.denominator)
            error = mpmath.mpf(float(found.high[i])) + mpmath.mpf(float(found.low[i])) - exact
            assert abs(error) <= 16 * exact / 2**104
    assert found[len(values) - 1].fraction() == 1


def test_double_double_arrays() -> None:
    values = [Fraction(k, 7) for k in range(-5, 8)]
    array = DoubleDouble.of(values)
    assert abs(array.sum().fraction() - sum(values)) < 20 * UNIT
    other = DoubleDouble.of(values[::-1])
    assert [float(v) for v in maximum(array, other).high] == [
        float(max(a, b)) for a, b in zip(values, values[::-1], strict=True)
    ]
    nearly = DoubleDouble.of([1 + Fraction(1, 2**80)])
    assert maximum(DoubleDouble.of([1]), nearly)[0].fraction() == 1 + Fraction(1, 2**80)
    weights = np.array([2.0, 0.5, 1.0])
    product = weights * DoubleDouble.of(values[:3])  # an array on the left is ours as well
    assert isinstance(product, DoubleDouble)
    assert abs(product[0].fraction() - 2 * values[0]) < UNIT


@pytest.mark.parametrize("system", fixed_systems()[:-1], ids=lambda s: s.name)
def test_native_numbers_are_the_nearest(system: Any) -> None:
    generator = random.Random(3)
    for _ in range(300):
        value = Fraction(generator.randrange(-(10**40), 10**40), generator.randrange(1, 10**41))
        with gmpy2.context(gmpy2.get_context(), precision=system.bits):
            nearest = Fraction(*map(int, gmpy2.mpfr(gmpy2.mpq(value)).as_integer_ratio()))
        assert system.exact(system.round([value])[0]) == nearest


@pytest.mark.parametrize(
    "system", [*fixed_systems(), multiple(30), multiple(200)], ids=lambda s: s.name
)
def test_bits_are_the_unit_roundoff(system: Any) -> None:
    """``1 + 2^-(bits - 1)`` is a number, sums and exponentials round to ``2^-bits``."""
    with system.active():
        tiny = Fraction(1, 2 ** (system.bits - 1))
        assert system.exact(system.round([1 + tiny])[0]) == 1 + tiny
        third = system.round([Fraction(1, 3), Fraction(2, 3)])
        assert abs(system.exact(third[0]) - Fraction(1, 3)) <= Fraction(1, 3 * 2**system.bits)
        assert abs(system.exact(third.sum()) - 1) <= 4 * tiny
        with mpmath.workprec(system.bits + 40):
            exact = mpmath.exp(mpmath.mpf(1) / 2)
        truth = rational_of_mpf(exact)
        found = system.exact(system.exp(system.round([Fraction(1, 2)]))[0])
        assert abs(found - truth) <= 32 * tiny
        logarithm = Fraction(10986122886681098, 10**16)
        assert abs(system.log(Fraction(1, 3)) + logarithm) < 4 * tiny + Fraction(1, 10**15)
        assert system.double(third[1]) == pytest.approx(2 / 3, rel=1e-6)
        assert system.exact(system.maximum(third, third[::-1])[0]) == system.exact(third[1])


def test_precision_is_restored() -> None:
    before = gmpy2.get_context().precision
    with multiple(333).active():
        assert gmpy2.get_context().precision == 333
    assert gmpy2.get_context().precision == before


def test_long_double_is_wider_or_absent() -> None:
    found = long_double()
    if np.finfo(np.longdouble).nmant == np.finfo(np.float64).nmant:
        assert found is None
    elif found is not None:
        assert found.bits > 53
    names = [system.name for system in fixed_systems()]
    assert names[:2] == ["float32", "float64"]
    assert names[-1] == double_double().name
    assert ("long double" in names) == (found is not None)


def test_refusals() -> None:
    with pytest.raises(InputError, match="number system"):
        native("float16")
    with pytest.raises(InputError, match="bits"):
        multiple(1)
