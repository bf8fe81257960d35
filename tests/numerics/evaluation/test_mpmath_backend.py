"""The mpmath backend: values against `mpmath.quad` of the definitions, errors, ranks, contexts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import gmpy2
import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.algebra.program import Assignment, Factor, Program, Term
from numerics.errors import InputError, NodeLimitError
from numerics.evaluation.scalar_backend import expectations
from numerics.kernels import load_program
from numerics.numbers.mpfr import MP, mpfr_precision, to_mpf, to_mpfr
from numerics.quadrature.inputs import Expectations, Inputs

HALF = [Fraction(1, 2), Fraction(1, 2)]
PAIR = [Fraction(-3, 4), Fraction(17, 8)]


def on_line(means: Sequence[Fraction], weights: Sequence[Fraction]) -> Inputs:
    rows = [[value] for value in means]
    rank = 1 if len(set(means)) > 1 else 0
    return Inputs(rows, [row[:rank] for row in rows], list(weights))


def evaluate(
    objective: str,
    quantity: str,
    means: Sequence[Fraction],
    weights: Sequence[Fraction],
    digits: int,
) -> Expectations:
    program = load_program(objective, quantity)
    return expectations(MP, [program], on_line(means, weights), digits=digits)


def number(value: Fraction) -> Any:
    return mpmath.mpf(value.numerator) / value.denominator


def loss_by_quad(objective: str, means: Sequence[Any], weights: Sequence[Any]) -> Any:
    """Loss from its definition, by mpmath's own integrator at the current precision."""
    reach = mpmath.sqrt(2 * (mpmath.mp.dps + 5) * mpmath.log(10)) + 1

    def integrand(x: Any) -> Any:
        terms = [w * mpmath.npdf(x - v) for v, w in zip(means, weights, strict=True)]
        total = mpmath.fsum(terms)
        score = mpmath.fdot(terms, means) / total
        if objective == "forward":
            return score**2 * mpmath.npdf(x)
        if objective == "reverse":
            return score**2 * total
        return mpmath.npdf(x) * mpmath.log(mpmath.npdf(x) / total)

    low = min([*means, mpmath.mpf(0)]) - reach
    high = max([*means, mpmath.mpf(0)]) + reach
    return mpmath.quad(integrand, mpmath.linspace(low, high, 24))


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
@pytest.mark.parametrize("digits", [5, 15, 40])
def test_losses_against_quad(objective: str, digits: int) -> None:
    weights = [Fraction(1, 3), Fraction(2, 3)]
    result = evaluate(objective, "loss", PAIR, weights, digits)
    with mpmath.workdps(2 * digits + 10):
        reference = loss_by_quad(objective, [number(v) for v in PAIR], [number(w) for w in weights])
        observed = abs(result.values[0].item() - reference)
        assert observed <= result.errors[0].item() <= mpmath.mpf(10) ** -digits


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_gradients_against_differences_of_quad(objective: str) -> None:
    result = evaluate(objective, "gradient", PAIR, HALF, 12)
    with mpmath.workdps(45):
        means, weights = [number(v) for v in PAIR], [number(w) for w in HALF]
        step = mpmath.mpf(10) ** -10
        for j in range(2):
            sides = []
            for sign in (1, -1):
                moved = list(means)
                moved[j] += sign * step
                sides.append(loss_by_quad(objective, moved, weights))
            slope = (sides[0] - sides[1]) / (2 * step)
            assert abs(result.values[0][j, 0] - slope) < 1e-12


@pytest.mark.parametrize("separation", ["1e-300", "1e-20", "1/100", "1", "8", "60"])
@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_digits_are_confirmed_by_more_digits(objective: str, separation: str) -> None:
    means = [Fraction(1, 3), Fraction(1, 3) + Fraction(separation)]
    weights = [Fraction(1, 5), Fraction(4, 5)]
    for quantity in ("loss", "gradient"):
        result = evaluate(objective, quantity, means, weights, 15)
        finer = evaluate(objective, quantity, means, weights, 32)
        with mpmath.workdps(50):
            for value, error, reference in zip(
                result.values[0].flat, result.errors[0].flat, finer.values[0].flat, strict=True
            ):
                assert abs(value - reference) <= error <= mpmath.mpf("1e-15")


RESPONSIBILITY = Program(
    "responsibility",
    "student",
    (Assignment("output", ("j0",), (Term(Fraction(1), (Factor("psi", ("j0",)),)),)),),
)
SCORE = Program(
    "score",
    "student",
    (
        Assignment(
            "output",
            ("a0",),
            (Term(Fraction(1), (Factor("psi", ("j0",)), Factor("v", ("j0", "a0"))), ("j0",)),),
        ),
    ),
)
TRIANGLE = [
    [Fraction(0), Fraction(0)],
    [Fraction(2), Fraction(0)],
    [Fraction(1, 2), Fraction(3, 2)],
]
TETRAHEDRON = [
    [Fraction(1), Fraction(0), Fraction(0)],
    [Fraction(0), Fraction(1), Fraction(0)],
    [Fraction(0), Fraction(0), Fraction(1)],
    [Fraction(-1), Fraction(1, 2), Fraction(1, 3)],
]


@pytest.mark.parametrize(("means", "digits"), [(TRIANGLE, 8), (TRIANGLE, 30), (TETRAHEDRON, 6)])
def test_exact_means_in_two_and_three_dimensions(means: list[list[Fraction]], digits: int) -> None:
    """``E_p psi_j = pi_j`` and ``E_p m = sum pi_j v_j``."""
    n = len(means)
    weights = [Fraction(2 * (k + 1), n * (n + 1)) for k in range(n)]
    result = expectations(MP, [RESPONSIBILITY, SCORE], Inputs(means, means, weights), digits=digits)
    centre = [
        sum(w * row[a] for w, row in zip(weights, means, strict=True)) for a in range(len(means[0]))
    ]
    with mpmath.workdps(digits + 20):
        pairs = [
            *zip(result.values[0], weights, strict=True),
            *zip(result.values[1], centre, strict=True),
        ]
        error = max(*result.errors[0].flat, *result.errors[1].flat)
        assert error <= mpmath.mpf(10) ** -digits
        for value, exact in pairs:
            assert abs(value - number(Fraction(exact))) <= error


def test_product_rule_agrees_with_the_line() -> None:
    """Three collinear points, integrated over a line and (needlessly) over the plane."""
    means = [[Fraction(v), Fraction(0)] for v in (-1, 1, 2)]
    weights = [Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)]
    for objective in ("forward", "reverse", "kl"):
        programs = [load_program(objective, q) for q in ("loss", "gradient")]
        line = expectations(
            MP, programs, Inputs(means, [row[:1] for row in means], weights), digits=12
        )
        plane = expectations(MP, programs, Inputs(means, means, weights), digits=12)
        assert plane.nodes > 10 * line.nodes
        for one, other in zip(line.values, plane.values, strict=True):
            for left, right in zip(one.flat, other.flat, strict=True):
                assert abs(left - right) < 2e-12


@pytest.mark.parametrize("digits", [300, 1000])
def test_many_digits(digits: int) -> None:
    weights = [Fraction(1, 3), Fraction(2, 3)]
    result = expectations(MP, [RESPONSIBILITY], on_line(PAIR, weights), digits=digits)
    with mpmath.workdps(digits + 10):
        for value, error, exact in zip(result.values[0], result.errors[0], weights, strict=True):
            assert abs(value - number(exact)) <= error <= mpmath.mpf(10) ** -digits


@given(st.integers(min_value=-(10**40), max_value=10**40), st.integers(-3000, 3000))
@settings(max_examples=50)
def test_conversion_is_exact(mantissa: int, exponent: int) -> None:
    with mpmath.workprec(200), mpfr_precision(200):
        value = mpmath.ldexp(mpmath.mpf(mantissa), exponent)
        assert to_mpf(to_mpfr(value)) == value


def test_refusals() -> None:
    loss = load_program("forward", "loss")
    rows = [[Fraction(int(a == b)) for a in range(4)] for b in range(5)]
    with pytest.raises(InputError, match="float64"):
        expectations(MP, [loss], Inputs(rows, rows, [Fraction(1, 5)] * 5), digits=5)
    plane = Inputs(TRIANGLE, TRIANGLE, [Fraction(1, 3)] * 3)
    with pytest.raises(NodeLimitError):
        expectations(MP, [loss], plane, digits=15, max_nodes=100)


def test_contexts_are_restored() -> None:
    before = mpmath.mp.prec, gmpy2.get_context().precision, gmpy2.get_context().emax
    evaluate("forward", "gradient", PAIR, HALF, 70)

    def broken() -> Inputs:
        raise RuntimeError("inputs failed")

    with pytest.raises(RuntimeError):
        expectations(MP, [load_program("forward", "loss")], broken, digits=60)
    assert (mpmath.mp.prec, gmpy2.get_context().precision, gmpy2.get_context().emax) == before


def test_student_far_from_the_origin() -> None:
    weights = [Fraction(1, 3), Fraction(2, 3)]
    for far in (10**6, 10**18, 10**200):
        means = [Fraction(far), far + Fraction(3, 2)]
        result = expectations(MP, [RESPONSIBILITY], on_line(means, weights), digits=20)
        with mpmath.workdps(40):
            for value, exact in zip(result.values[0], weights, strict=True):
                assert abs(value - number(exact)) < mpmath.mpf("1e-20")
