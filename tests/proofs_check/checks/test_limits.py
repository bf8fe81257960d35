"""Limits: supported, refuted and left open as the samples allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from proofs_check.checks.escape import RestrictedLaw, SliceBound
from proofs_check.checks.flow_sequences import resummed_logarithm
from proofs_check.checks.limits import LimitCheck, RangeCheck, Sample, geometric, power_series
from proofs_check.claim import Context
from proofs_check.verdict import Method, Verdict

PLACES = (20, 30, 40, 60, 80)


def series(limit: str, error: str = "0") -> Callable[[Context, int], Sequence[Sample]]:
    """``limit + 3/k - 5/k^2 + 40/k^3 + 300/k^5``, the coarser precision off by ``error``."""

    def samples(context: Context, digits: int) -> Sequence[Sample]:
        result = []
        for k in PLACES:
            z = mpmath.mpf(1) / k
            value = mpmath.mpf(limit) + 3 * z - 5 * z**2 + 40 * z**3 + 300 * z**5
            if digits == 8:
                value += mpmath.mpf(error)
            result.append(Sample(z, value, f"k = {k}"))
        return result

    return samples


def check(samples: Any, limit: str, **options: Any) -> Any:
    claimed = LimitCheck("limit", samples, lambda: mpmath.mpf(limit), "extrapolated", **options)
    return claimed.run(Context())


def test_true_limit_is_supported_with_margin_and_digits() -> None:
    result = check(series("2"), "2")
    assert result.verdict is Verdict.SUPPORTED
    assert result.method is Method.NUMERICAL
    assert (result.digits, result.cases) == (10, 5)
    assert 0 < float(result.margin) < 1e-4
    assert "k = 20 to k = 80" in result.scope


@pytest.mark.parametrize("limit", ["2.1", "1.9", "2.001"])
def test_other_limits_are_refuted(limit: str) -> None:
    result = check(series("2"), limit)
    assert result.verdict is Verdict.REFUTED
    assert float(result.margin.split()[0]) > 10


def test_nearby_limit_is_left_open() -> None:
    uncertainty = float(check(series("2"), "2").margin)
    assert check(series("2"), str(2 + 4 * uncertainty)).verdict is Verdict.INCONCLUSIVE


def test_difference_of_the_precisions_counts() -> None:
    """An error of 0.2 at one precision hides a limit 5% off, and exceeds the resolution."""
    assert check(series("2", "0.2"), "2.1").verdict is Verdict.INCONCLUSIVE
    assert check(series("2", "0.2"), "2").verdict is Verdict.INCONCLUSIVE


def test_unsettled_extrapolation_supports_nothing() -> None:
    assert check(series("2"), "2", resolution="1e-9").verdict is Verdict.INCONCLUSIVE


def test_extrapolations() -> None:
    points = [Sample(mpmath.mpf(10) ** -k, 1 + mpmath.mpf(10) ** (-k / 2), "") for k in range(4, 8)]
    found = geometric(points)
    assert abs(found.value - 1) < found.uncertainty
    assert found.uncertainty < 1e-3
    unsettled = geometric([Sample(mpmath.mpf(1), mpmath.mpf(v), "") for v in (1, 2, 1)])
    assert unsettled.uncertainty == 2
    cubic = [Sample(mpmath.mpf(k), 7 - mpmath.mpf(k) ** 3, "") for k in (5, 4, 3, 2, 1)]
    assert abs(power_series(cubic).value - 7) < 1e-12


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        ("2", "2.2", Verdict.SUPPORTED),
        ("2.05", "2.2", Verdict.REFUTED),
        ("2", "2.1", Verdict.REFUTED),
    ],
)
def test_range(low: str, high: str, verdict: Verdict) -> None:
    assert RangeCheck("range", "all", series("2"), low, high).run(Context()).verdict is verdict


def test_range_within_the_error_is_left_open() -> None:
    unclear = RangeCheck("range", "all", series("2", "0.02"), "2", "2.2")
    assert unclear.run(Context()).verdict is Verdict.INCONCLUSIVE


def test_resummed_logarithm_solves_its_equation() -> None:
    with mpmath.workdps(30):
        x = resummed_logarithm(mpmath.exp(200))
        right = 200 + mpmath.log(mpmath.pi) / 2 - mpmath.log(2)
        assert abs(x - 1.5 * mpmath.log(x) - right) < 1e-25


@pytest.mark.parametrize(
    ("quantity", "side", "bound", "verdict"),
    [
        ("loss", "lower", "1 - pi**2/(2*a**2)", Verdict.PROVED),
        ("loss", "lower", "1 - 5/a**2", Verdict.PROVED),  # weaker: pi^2/2 = 4.93
        ("loss", "upper", "1", Verdict.INCONCLUSIVE),  # true; the derived bound exceeds it near 0
        ("loss", "upper", "1 - 21*pi**2/(40*a**2)", Verdict.REFUTED),
        ("slope", "upper", "1 - 39/(10*a**2)", Verdict.PROVED),
        ("slope", "lower", "1 - 4/a**2", Verdict.REFUTED),
    ],
)
def test_slice_bounds(quantity: Any, side: Any, bound: str, verdict: Verdict) -> None:
    result = SliceBound(quantity, side, bound).run(Context())
    assert result.verdict is verdict
    assert (result.witness is not None) is (verdict is Verdict.REFUTED)


@pytest.mark.parametrize(
    ("side", "constant", "start", "verdict"),
    [
        ("at most", "1", "6", Verdict.PROVED),
        ("at most", "3/5", "40", Verdict.PROVED),  # towards 1/2 far out
        ("at least", "1/4", "6", Verdict.PROVED),
        ("at least", "9/20", "40", Verdict.PROVED),
        ("at most", "19/40", "6", Verdict.REFUTED),
        ("at least", "21/40", "6", Verdict.REFUTED),
        ("at least", "1/4", "4", Verdict.INCONCLUSIVE),  # the slope's bound is too weak there
    ],
)
def test_restricted_law(side: Any, constant: str, start: str, verdict: Verdict) -> None:
    law = RestrictedLaw(side, Fraction(constant), Fraction(start))
    assert law.run(Context()).verdict is verdict


def test_terms_that_are_no_numbers_decide_nothing() -> None:
    def samples(context: Context, digits: int) -> Sequence[Sample]:
        values = (mpmath.mpf(1), mpmath.nan, mpmath.mpf(1))
        return [Sample(mpmath.mpf(1) / k, v, f"k={k}") for k, v in enumerate(values, 3)]

    assert RangeCheck("r", "at these k", samples, "0", "2").run(Context()).verdict is (
        Verdict.INCONCLUSIVE
    )
    assert check(samples, "1").verdict is Verdict.INCONCLUSIVE
