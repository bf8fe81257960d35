"""The scalar function of a slice: values, derivative models and their bounds."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from flint import arb

from derive.slices.slices import Slice, reduce_slice
from numerics.kernels import load_program
from numerics.numbers.balls import ball, precision
from numerics.stationary.slice_function import SliceFunction
from numerics.validated.chebyshev import build, tail
from numerics.validated.roots import NoEnclosureError


def make(objective: str, text: str) -> SliceFunction:
    reduction = reduce_slice(objective, Slice.parse(text))
    return SliceFunction(
        load_program(objective, "gradient"),
        load_program(objective, "hessian"),
        reduction.slice.components,
        reduction.slice.weights,
        reduction.representative,
        reduction.slice.truth,
    )


def equation_c(a: mpmath.mpf) -> mpmath.mpf:
    def even(y: mpmath.mpf) -> mpmath.mpf:
        bump = mpmath.sech(a * y / 2)
        return bump * (1 - a * a / 4 * bump**2) * mpmath.npdf(y)

    points = mpmath.linspace(-16, 16, 65)
    return a / 2 * mpmath.exp(-a * a / 8) * mpmath.quad(even, points)


@pytest.mark.parametrize("a", ["0.3", "1.7", "2.4562822547796749311", "6", "-2"])
def test_values_agree_with_equation_c(a: str) -> None:
    with mpmath.workdps(40), precision(200):
        found = make("forward", "0,a").value(ball(a), 30)
        assert (
            abs(mpmath.mpf(found.mid().str(40, radius=False)) - equation_c(mpmath.mpf(a))) < 1e-29
        )


@pytest.mark.parametrize(
    ("objective", "text"),
    [
        ("forward", "0,a"),
        ("forward", "0,a,-a"),
        ("reverse", "0,a,-a"),
        ("forward", "1-a,a-1"),
    ],
)
@pytest.mark.parametrize("box", [("1.6", "1.9"), ("2.3", "3.4"), ("4.99", "5.01"), ("-3", "-2.5")])
def test_models_contain_the_slope(objective: str, text: str, box: tuple[str, str]) -> None:
    """Mean slopes between exact points of the box lie in the enclosure, and it is tight."""
    function = make(objective, text)
    low, high = map(Fraction, box)
    with precision(200):
        slope = function.derivative(ball(low).union(ball(high)), 15)
        quotients = []
        for k in range(8):
            left = low + (high - low) * k / 8
            right = left + (high - low) / 8
            difference = function.value(ball(right), 30) - function.value(ball(left), 30)
            quotients.append(difference / ball(right - left))
        for quotient in quotients:
            assert slope.contains(quotient.mid())
        spread = max(float(q) for q in quotients) - min(float(q) for q in quotients)
        assert float(slope.rad()) < 2 * spread + 0.02 * max(abs(float(q)) for q in quotients)


def test_narrow_boxes_use_the_hessian() -> None:
    function = make("forward", "0,a,-a")
    with precision(200):
        step = Fraction(1, 10**9)
        at = Fraction("2.55")
        slope = function.derivative(ball(at).union(ball(at + step)), 30)
        quotient = (function.value(ball(at + step), 40) - function.value(ball(at), 40)) / ball(step)
        assert slope.contains(quotient.mid())
        assert float(slope.rad()) < 1e-5


def test_far_from_the_truth_is_said_so() -> None:
    function = make("forward", "0,a")
    with pytest.raises(NoEnclosureError, match="too far"):
        function.derivative(ball(Fraction(80)).union(ball(Fraction(81))), 15)


@pytest.mark.parametrize("degree", [4, 11, 30])
def test_the_tail_bounds_the_geometric_series(degree: int) -> None:
    value, slope = tail(arb(3), arb(3) / 2, degree)
    terms = range(degree + 1, 400)
    assert abs(float(value) - sum(12 * 1.5**-k for k in terms)) < 1e-9 * float(value)
    assert abs(float(slope) - sum(12 * k * k * 1.5**-k for k in terms)) < 1e-9 * float(slope)


def test_a_model_of_a_function_with_a_pole() -> None:
    """1/(x - 2) on [-1, 1]: the ellipse must stop before the pole; then the bound holds."""
    rho = Fraction(7, 2)  # the pole lies at rho = 2 + sqrt(3)
    far = (ball(rho) + 1 / ball(rho)) / 2
    bound = 1 / (2 - far)
    model = build(
        lambda x, d: 1 / (x() - 2), Fraction(0), Fraction(1), bound=bound, rho=rho, tolerance=1e-12
    )
    for k in range(-8, 9):
        x = Fraction(k, 8)
        assert model.slope(x, x).contains(-1 / (ball(x) - 2) ** 2)
    assert float(model.slope_error) < 1e-11
