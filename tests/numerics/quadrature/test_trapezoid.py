"""The trapezoid rule: plans are optimal enough, bounds dominate errors that can be observed."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.numbers.mpfr import MP, mpfr_precision
from numerics.quadrature.trapezoid import (
    AxisPlan,
    Bound,
    Envelope,
    discretisation_bound,
    plan_axis,
    product_factor,
    radial_truncation_bound,
    truncation_bound,
    truncation_radius,
)


def error_of(plan: AxisPlan, log_majorant: Any, spread: float, low: float, high: float) -> float:
    """Logarithm of the planned error, recomputed from the proved bounds."""
    with mpfr_precision(80):
        inside, real = (
            Bound(MP.exp(MP.constant(Fraction(log_majorant(height)))), 0)
            for height in (plan.strip, 0.0)
        )
        strip = discretisation_bound(MP, plan, inside)
        ends = truncation_bound(
            MP,
            left=MP.constant(Fraction(low) - plan.first * plan.step),
            right=MP.constant(plan.last * plan.step - Fraction(high)),
            bound=real,
        )
        assert plan.strip * spread < math.pi
        return float(MP.log(strip + ends))


@given(
    st.floats(min_value=1, max_value=1200),
    st.sampled_from([0.0, 1e-300, 1e-3, 0.7, 3.0, 60.0, 1e4]),
    st.floats(min_value=-50, max_value=50),
    st.floats(min_value=0, max_value=100),
    st.floats(min_value=0, max_value=30),
)
def test_plan_meets_its_target(
    digits: float, spread: float, low: float, width: float, size: float
) -> None:
    def log_majorant(strip: float) -> float:
        return size - 4 * math.log(math.cos(min(strip * spread / 2, 1.57)))

    target = -digits * math.log(10)
    plan = plan_axis(target, spread, low, low + width, log_majorant)
    mantissa = plan.step.numerator
    assert plan.step.denominator & (plan.step.denominator - 1) == 0
    assert mantissa.bit_length() <= 20 + max(0, mantissa.bit_length() - 20)
    reached = error_of(plan, log_majorant, spread, low, low + width)
    assert reached <= target + 1e-3
    assert reached >= target - 3  # not wasteful


def test_node_counts_of_the_reference_problem() -> None:
    """Means -0.75 and 2.125: about 169 and 693 nodes at 15 and 50 digits with a plain rule."""

    def log_majorant(strip: float) -> float:
        return math.log(40.0) - 4 * math.log(math.cos(min(strip * 2.875 / 2, 1.57)))

    for digits, most in ((15, 169), (50, 693), (1000, 50_000)):
        assert plan_axis(-digits * math.log(10), 2.875, 0, 0, log_majorant).nodes <= most


def test_entire_integrands_need_few_nodes() -> None:
    plan = plan_axis(-1000 * math.log(10), 0.0, 0.0, 0.0, lambda strip: 0.0)
    assert plan.nodes < 1600


@pytest.mark.parametrize("spread", [math.inf, math.nan])
def test_infinite_spread_is_refused(spread: float) -> None:
    with pytest.raises(InputError, match="means"):
        plan_axis(-30.0, spread, 0.0, 0.0, lambda strip: 0.0)


@pytest.mark.parametrize("step", ["1", "1/2", "1/4", "1/8"])
@pytest.mark.parametrize("spread", [2, 4])
def test_discretisation_bound_dominates_the_error(step: str, spread: int) -> None:
    """``f = 1/(1 + e^{Dx})^2`` under N(0, 1) on coarse grids: the error shows, the bound holds."""
    h = Fraction(step)
    strip = 0.97 * math.pi / spread
    plan = AxisPlan(h, -int(20 / h), int(20 / h), strip)
    with mpmath.workdps(60):

        def f(x: Any) -> Any:
            return mpmath.npdf(x) / (1 + mpmath.exp(spread * x)) ** 2

        total = (
            h.numerator
            * mpmath.fsum(
                f(mpmath.mpf(k) / h.denominator) for k in range(plan.first, plan.last + 1)
            )
            / h.denominator
        )
        exact = mpmath.quad(f, mpmath.linspace(-16, 16, 33))
        observed = abs(total - exact)
    with mpfr_precision(100):
        theta = strip * spread
        size = MP.constant(1) / MP.cos(MP.constant(Fraction(theta / 2))) ** 2
        bound = discretisation_bound(MP, plan, Bound(size, 0))
    assert 1e-40 < observed <= float(bound)
    assert float(bound) < 1e5 * observed  # a bound that is no use would pass everything


@pytest.mark.parametrize("last", [1, 2, 4, 7])
@pytest.mark.parametrize("slope", [0, 3])
def test_truncation_bound_dominates_the_omitted_sum(last: int, slope: int) -> None:
    h = Fraction(1, 64)
    envelope = Envelope(MP.constant(slope), MP.constant(2)) if slope else None
    omitted = math.fsum(
        float(h)
        * math.exp(-((k * float(h)) ** 2) / 2)
        / math.sqrt(2 * math.pi)
        * ((1 + 2 + slope * k * float(h)) if slope else 1)
        for k in range(int(last / h) + 1, int(40 / h))
    )
    with mpfr_precision(60):
        bound = truncation_bound(
            MP,
            left=MP.constant(30),
            right=MP.constant(last),
            bound=Bound(MP.constant(1), MP.constant(0), envelope),
        )
    assert omitted <= float(bound) <= 1.6 * omitted


def test_short_grids_are_refused() -> None:
    with mpfr_precision(60), pytest.raises(ValueError, match="centres"):
        truncation_bound(
            MP, left=MP.constant(3), right=MP.constant(-1), bound=Bound(MP.constant(1), 0)
        )


@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("radius", [3, 5])
def test_radial_bound_dominates_the_omitted_sum(rank: int, radius: int) -> None:
    h = Fraction(1, 2)
    plan = AxisPlan(h, -20, 20, 1.0)
    weights = {
        k: float(h) * math.exp(-(float(k * h) ** 2) / 2) / math.sqrt(2 * math.pi)
        for k in range(-20, 21)
    }
    inside, everything = 0.0, sum(weights.values()) ** rank
    axis = list(weights)
    points = [(k,) for k in axis]
    for _ in range(rank - 1):
        points = [(*point, k) for point in points for k in axis]
    for point in points:
        if sum(float(k * h) ** 2 for k in point) <= radius**2:
            inside += math.prod(weights[k] for k in point)
    with mpfr_precision(60):
        bound = radial_truncation_bound(
            MP, [plan] * rank, radius=MP.constant(radius), bound=Bound(MP.constant(1), 0)
        )
        assert everything <= float(product_factor(MP, [plan] * rank))
    assert 0 < everything - inside <= float(bound) < 100 * (everything - inside)


@given(st.floats(min_value=1, max_value=500), st.integers(min_value=2, max_value=3))
def test_truncation_radius_solves_its_equation(needed: float, rank: int) -> None:
    square = truncation_radius(needed, rank) ** 2
    assert square >= 2 * rank
    assert (rank - square) / 2 + rank / 2 * math.log(square / rank) <= -needed + 1e-3 or (
        square < 2 * rank + 1e-3
    )
