"""Slices: what is accepted, what is refused, and that wrong steps are noticed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.algebra.exponentials import Exponential, solve
from derive.losses.objectives import FORWARD, KL, REVERSE
from derive.slices import slice_derivations
from derive.slices.slice_derivations import (
    slice_zero_a,
    slice_zero_a_minus_a,
    truth_isolated,
)
from derive.slices.slices import RadialForm, Slice, SliceError, radial_form, reduce_slice
from tests.derive.planting import steps_that_notice

THIRDS = [Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0,a", "0,a"),
        (" 0 , a , - a ", "0,a,-a"),
        ("1/2,a", "1/2,a"),
        ("2a,-3/2*a,a/4", "2*a,-3/2*a,1/4*a"),
        ("1-a,a-1,0.5+2*a", "1-a,-1+a,1/2+2*a"),
        ("a", "a"),
    ],
)
def test_slices_are_read(text: str, expected: str) -> None:
    assert str(Slice.parse(text)) == expected
    assert str(Slice.parse(expected)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "0", "0,1", "b,0", "a,,0", "a*a,0", "1/0,a", "a/0", "aa", "--a", "a b", "0,a+", "1e3,a",
     "0;a", "2(a),0", "a" * 500, "a," * 9 + "a", "nan,a", "½,a"],
)  # fmt: skip
def test_bad_slices_are_refused(text: str) -> None:
    with pytest.raises(SliceError):
        Slice.parse(text)


def loss_gradient(objective: str, means: list[mpmath.mpf], weights: list[Fraction]) -> list:
    """Gradient by mpmath's differentiation of the loss's definition, in one dimension."""
    shares = [mpmath.mpf(w.numerator) / w.denominator for w in weights]

    def ratio(x, v):
        return mpmath.fsum(p * mpmath.exp(x * m - m * m / 2) for p, m in zip(shares, v))

    def score(x, v):
        terms = [p * mpmath.exp(x * m - m * m / 2) for p, m in zip(shares, v)]
        return mpmath.fsum(t * m for t, m in zip(terms, v)) / mpmath.fsum(terms)

    def integrand(x, v):
        if objective == "kl":
            return -mpmath.log(ratio(x, v))
        return score(x, v) ** 2 * (ratio(x, v) if objective == "reverse" else 1)

    # the trapezoid rule: the integrands are smooth, and decay like a Gaussian
    step = mpmath.mpf(1) / 8
    points = [step * k for k in range(-88, 89)]

    def loss(*v):
        return step * mpmath.fsum(integrand(x, v) * mpmath.npdf(x) for x in points)

    size = len(means)
    return [mpmath.diff(loss, means, tuple(int(i == k) for k in range(size))) for i in range(size)]


SLICES = [
    ("forward", "0,a", None),
    ("forward", "0,a,-a", None),
    ("forward", "0,a,a", [Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)]),
    ("forward", "a,-a", None),
    ("reverse", "a,-a,0", None),
    ("kl", "0,a", None),
    ("forward", "0,a", [Fraction(1, 3), Fraction(2, 3)]),
    ("forward", "0,a,-a", THIRDS),
    ("reverse", "0,a", None),
    ("forward", "1/2,a", None),
    ("kl", "1/2,a", None),
    ("reverse", "a,-a", [Fraction(1, 3), Fraction(2, 3)]),
]


@pytest.mark.parametrize(("objective", "text", "weights"), SLICES)
def test_acceptance_agrees_with_the_loss_itself(objective, text, weights) -> None:
    """Accepted: the ratios hold for the differentiated loss; refused: they change with a."""
    slice_ = Slice.parse(text, weights)
    found = []
    for a in (mpmath.mpf("0.9"), mpmath.mpf("1.7")):
        means = [mpmath.mpf(str(float(p))) + float(q) * a for p, q in slice_.components]
        found.append(loss_gradient(objective, means, list(slice_.weights)))
    try:
        reduction = reduce_slice(objective, slice_)
    except SliceError:
        first, second = found
        lead = max(range(len(first)), key=lambda i: abs(first[i]))
        shift = [abs(p / first[lead] - q / second[lead]) for p, q in zip(first, second)]
        assert max(shift) > 1e-3
        return
    for gradient in found:
        scalar = gradient[reduction.representative]
        assert abs(scalar) > 1e-4
        for entry, ratio in zip(gradient, reduction.ratios, strict=True):
            assert abs(entry - scalar * float(ratio)) < 1e-8


def test_refusal_names_slice_and_weights() -> None:
    with pytest.raises(SliceError, match=r'"0,a" with weights 1/3, 2/3'):
        reduce_slice("forward", Slice.parse("0,a", [Fraction(1, 3), Fraction(2, 3)]))


@given(st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20))
def test_unequal_weights_are_refused(weight: Fraction) -> None:
    slice_ = Slice.parse("0,a", [weight, 1 - weight])
    if weight == Fraction(1, 2):
        assert reduce_slice("forward", slice_).ratios == (1, 1)
    else:
        with pytest.raises(SliceError):
            reduce_slice("forward", slice_)


def test_radial_forms() -> None:
    slice_ = Slice.parse("0,a,-a")
    expected = {FORWARD: (2, -4, 2), REVERSE: (2, 0, 2), KL: (1, 0, 0)}
    for objective, numbers in expected.items():
        form = radial_form(objective, slice_)
        assert form == RadialForm(*map(Fraction, numbers))
    assert radial_form(FORWARD, Slice.parse("1,a")) is None
    assert radial_form(FORWARD, Slice.parse("1-a,a-1")) == RadialForm(
        Fraction(2), Fraction(-4), Fraction(2)
    )
    assert RadialForm(Fraction(-1), Fraction(0), Fraction(0)).squared_radius(Fraction(1)) == 0


def test_all_derivations_verify() -> None:
    for derivation in (slice_zero_a(), slice_zero_a_minus_a(), truth_isolated()):
        outcome = derivation.verify()
        assert outcome, outcome.failed
        assert derivation.name in derivation.text()
        assert "align" in derivation.to_latex()


@pytest.mark.parametrize("build", [slice_zero_a, slice_zero_a_minus_a, truth_isolated])
def test_planted_errors_are_noticed(monkeypatch, build) -> None:
    planted, noticed = steps_that_notice(monkeypatch, slice_derivations, build)
    assert planted >= 2
    assert noticed == planted


@pytest.mark.parametrize("objective", [KL, REVERSE])
def test_another_objective_does_not_satisfy_equation_c(objective) -> None:
    outcome = slice_zero_a(objective).verify()
    assert len(outcome.failed) >= 2
    assert not slice_zero_a_minus_a(KL).verify()
    assert not truth_isolated(objective).verify()


def test_a_changed_integrand_breaks_equation_c() -> None:
    doubled = replace(FORWARD, name="doubled", integrand=FORWARD.integrand * 2)
    assert not slice_zero_a(doubled).verify()
    assert reduce_slice(doubled, Slice.parse("0,a")).ratios == (1, 1)


def test_equation_c_is_the_gradient_of_the_loss() -> None:
    for a in (mpmath.mpf("0.7"), mpmath.mpf("2.5"), mpmath.mpf(4)):
        expected = loss_gradient("forward", [mpmath.mpf(0), a], [Fraction(1, 2)] * 2)[1]

        def even(y, a=a):
            bump = mpmath.sech(a * y / 2)
            return bump * (1 - a * a / 4 * bump**2) * mpmath.npdf(y)

        value = a / 2 * mpmath.exp(-a * a / 8) * mpmath.quad(even, mpmath.linspace(-11, 11, 12))
        assert abs(value - expected) < 1e-9


exponents = st.fractions(-2, 2, max_denominator=3)


@given(
    st.lists(st.tuples(st.integers(0, 2), exponents, exponents, exponents), max_size=4),
    st.lists(st.tuples(st.integers(0, 2), exponents, exponents, exponents), max_size=4),
)
def test_exponential_polynomials_multiply_as_functions(first, second) -> None:
    def make(terms):
        return Exponential(
            ((k, p, q, r, Fraction(0), Fraction(0)), Fraction(n + 1))
            for n, (k, p, q, r) in enumerate(terms)
        )

    def value(polynomial, y, a):
        return sum(
            float(c) * a ** k[0] * mpmath.exp(k[1] * y + k[2] * a * y + k[3] * a * a)
            for k, c in polynomial.terms.items()
        )

    left, right = make(first), make(second)
    for y, a in ((0.3, 0.7), (-1.1, 0.4)):
        product = value(left * right, y, a)
        assert mpmath.almosteq(product, value(left, y, a) * value(right, y, a), 1e-9, 1e-12)
        total = value(left + right, y, a)
        assert mpmath.almosteq(total, value(left, y, a) + value(right, y, a), 1e-9, 1e-12)
        assert mpmath.almosteq(value(left.reflected(), y, a), value(left, -y, a), 1e-9, 1e-12)


def test_solve_reports_inconsistency() -> None:
    one, a = Exponential.number(1), Exponential.linear((Fraction(0), Fraction(1)))
    assert solve([one], a) is None
    assert solve([one, one], one) == [1, 0]
