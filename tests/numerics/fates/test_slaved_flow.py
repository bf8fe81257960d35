"""The flow of two components, one escaping: enclosures against evaluations, edges, paces."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

import numerics
from numerics.fates.slaved_flow import (
    Enclosed,
    FlowRegion,
    bounds_on,
    edges,
    enclose,
    escape_law,
    rooms,
)
from numerics.numbers.balls import precision
from numerics.validated.interval import Interval

REGION = FlowRegion(Fraction(6), Fraction(3, 20))
OFF_A_LINE = FlowRegion(Fraction(6), Fraction(3, 20), Fraction(1, 25))


def size(alpha: float, gap: float) -> float:
    return 2 * gap**2 * math.exp(-((gap / 2 + alpha) ** 2) / 2) / math.sqrt(2 * math.pi)


def place(far: float, share: float) -> tuple[float, float]:
    """``alpha`` with ``alpha = share G``, and ``a``, by iteration."""
    alpha = 0.0
    for _ in range(60):
        alpha = share * size(alpha, far - alpha)
    return alpha, far - alpha


def narrow(gap: float) -> Interval:
    width = Fraction(1, 10**6)
    return Interval(Fraction(1 / gap) - width, Fraction(1 / gap) + width)


def around(gap: float) -> Enclosed:
    with precision(64):
        found = enclose(REGION, narrow(gap))
    assert found is not None
    return found


def evaluated(alpha: float, gap: float) -> tuple[float, float, float]:
    """Loss and both gradients."""
    means = [[alpha], [alpha + gap]]
    loss = numerics.evaluate("forward", means, quantity="loss", digits=12).value
    gradient = numerics.evaluate("forward", means, quantity="gradient", digits=12).value
    return float(loss), float(gradient[0][0]), float(gradient[1][0])


@pytest.mark.parametrize("far", [6.0, 7.3, 9.1])
@pytest.mark.parametrize("share", [0.0, 0.07, 0.15])
def test_the_integrals_are_loss_and_gradients(far: float, share: float) -> None:
    alpha, gap = place(far, share)
    loss, near, outer = evaluated(alpha, gap)
    found, unit = around(gap), size(alpha, gap)
    slack = 1e-7
    for ball, value in (
        (found.alpha, alpha),
        (found.size, unit),
        (found.long, gap * unit),
        (found.f, outer / unit),
        (found.q, (near + outer - 2 * alpha) / unit),
        (found.rho, 2 * gap * loss / unit),
    ):
        assert float(ball.lower()) - slack <= value <= float(ball.upper()) + slack


@pytest.mark.parametrize("far", [7.0, 8.5])
def test_the_flow_points_inwards(far: float) -> None:
    """By differences along a short step of the flow; on the outer edge as fast as is stated."""
    for share, sign in ((0.0, 1), (0.15, -1)):
        alpha, gap = place(far, share)
        _, near, outer = evaluated(alpha, gap)
        step = 1e-3
        moved, apart = alpha - step * near, gap + step * (near - outer)
        change = moved / size(moved, apart) - alpha / size(alpha, gap)
        assert sign * change > 0
        assert outer < 0
        if sign < 0:
            piece = narrow(gap)
            with precision(64):
                found = bounds_on(REGION, piece, Fraction(2), Fraction(1, 4))
            assert found is not None
            assert abs(float(found.stays.mid()) + change / step) < float(found.stays.rad()) + 1e-3


@pytest.mark.parametrize("far", [6.0, 7.3])
def test_off_a_line(far: float) -> None:
    """In the plane, ``p`` on the region's edge: loss, gradient, and a short step of the flow."""
    share, across, step = 0.1, Fraction(1, 25), 1e-6
    alpha, gap = place(far, share)
    unit = size(alpha, gap)
    means = np.array([[alpha, unit / 25], [alpha + gap, unit / 25]])
    loss = float(numerics.evaluate("forward", means, quantity="loss", digits=12).value)
    found = numerics.evaluate("forward", means, quantity="gradient", digits=12).value
    gradient = np.array(found, dtype=float)
    piece, region = narrow(gap), FlowRegion(Fraction(6), Fraction(3, 20), across)
    with precision(64):
        enclosed = enclose(region, piece)
        assert enclosed is not None
        rest, turned = enclosed.turning(piece)
        rates = bounds_on(region, piece, Fraction(2), Fraction(1, 4))
    assert rates is not None
    assert float(enclosed.rho.lower()) <= 2 * gap * loss / unit <= float(enclosed.rho.upper())
    pull = (gradient[0, 0] + gradient[1, 0] - 2 * alpha) / unit
    across_far = unit / gap * pull * unit / 25
    assert gradient[1, 1] == pytest.approx(across_far, rel=1e-7)
    assert gradient[0, 1] == pytest.approx(2 * unit / 25 - across_far, rel=1e-7)

    def along(places: np.ndarray) -> tuple[float, float]:
        """``alpha`` and ``|p|^2/G^2``."""
        apart = places[1] - places[0]
        length = float(np.linalg.norm(apart))
        inner = float(places[0] @ apart) / length
        return inner, (float(places[0] @ places[0]) - inner**2) / size(inner, length) ** 2

    before, after = along(means), along(means - step * gradient)
    # on a line, alpha' is minus the gradient's part along u
    turned_by = ((after[0] - before[0]) / step + gradient[0, 0]) / unit
    assert turned_by == pytest.approx(2 / gap * unit / 625 * (1 - unit * pull / gap), rel=1e-3)
    assert float(rest.lower()) <= 1 - unit * pull / gap <= float(rest.upper())
    assert turned_by <= float(turned.upper()) * (1 + 1e-3)
    assert (after[1] / before[1] - 1) / step < -2


@pytest.mark.parametrize("far", [6.0, 7.3])
def test_rates_and_rooms_are_those_of_the_flow(far: float) -> None:
    """At a place where nothing is small: ``alpha = (3/20) G``, ``|p| = G``; no room for slack."""
    share, step = 0.15, 1e-4
    alpha, gap = place(far, share)
    unit = size(alpha, gap)
    means = np.array([[alpha, unit], [alpha + gap, unit]])
    loss = float(numerics.evaluate("forward", means, quantity="loss", digits=12).value)
    value = numerics.evaluate("forward", means, quantity="gradient", digits=12).value
    gradient = np.array(value, dtype=float)
    f, q = gradient[1, 0] / unit, (gradient[0, 0] + gradient[1, 0] - 2 * alpha) / unit
    rho = 2 * gap * loss / unit
    numbers = (alpha, unit, gap * unit, f, q, rho, 1.0)
    at = Enclosed(*(arb(number) for number in numbers))
    piece, region = narrow(gap), FlowRegion(Fraction(6), Fraction(3, 20), Fraction(1))

    def along(time: float) -> np.ndarray:
        """``alpha + a``, ``alpha/G`` and the logarithms of ``G`` and ``|p|/G``."""
        first, second = means - time * gradient
        apart = second - first
        length = float(np.linalg.norm(apart))
        inner = float(first @ apart) / length
        whole = size(inner, length)
        beside = math.sqrt(float(first @ first) - inner**2)
        return np.array([inner + length, inner, math.log(whole), math.log(beside / whole)])

    outer, inner, growth, beside = (along(step) - along(-step)) / (2 * step)
    pace, slow, fast = float((gradient**2).sum()) / loss**2, 2.0, 0.25
    with precision(64):
        wide = enclose(region, piece)
        assert wide is not None
        assert float(wide.rho.lower()) <= rho <= float(wide.rho.upper())
        rates = edges(region, piece, at)
        spare = rooms(piece, at, arb(share), Fraction(2), Fraction(1, 4))
    height = (alpha / gap + (alpha / gap) ** 2) / 2
    expected = (
        outer / unit,
        inner / unit + 2 * share,  # alpha' where alpha is 0 but f, q and w are the same
        (share * unit * growth - inner) / unit,
        -2 * beside,
        (-math.log(loss) - pace / slow + 1 - math.log(pace)) / gap**2 - height,
        (pace / fast - 1 + math.log(pace - fast) + math.log(loss)) / gap**2,
    )
    # the last edge is bounded for all shares: its upper end is at the largest
    shown = (*rates[:3], rates[3].upper(), *spare)
    for found, number in zip(shown, expected, strict=True):
        assert float(found.mid()) == pytest.approx(number, abs=1e-5)


def test_constants_that_are_too_good_are_not_shown() -> None:
    """The limit of both is 1/2; on the slice, where both gradients are equal, it is 1."""
    assert escape_law(REGION, Fraction(2), Fraction(1, 4)).holds
    assert escape_law(OFF_A_LINE, Fraction(2), Fraction(1, 4)).holds
    assert not escape_law(OFF_A_LINE, slow=Fraction(19, 10)).holds
    assert not escape_law(REGION, slow=Fraction(19, 40)).holds
    assert not escape_law(FlowRegion(Fraction(40), Fraction(3, 20)), slow=Fraction(4, 5)).holds
    assert not escape_law(REGION, fast=Fraction(21, 40)).holds


@pytest.mark.parametrize(
    "region",
    [
        FlowRegion(Fraction(6), Fraction(1, 20)),
        FlowRegion(Fraction(6), Fraction(1)),
        FlowRegion(Fraction(7, 2), Fraction(3, 20)),
        FlowRegion(Fraction(6), Fraction(3, 20), Fraction(2)),
    ],
    ids=["slaved too closely", "not near", "not far", "far off the line"],
)
def test_regions_that_are_not_kept(region: FlowRegion) -> None:
    assert not escape_law(region).holds
