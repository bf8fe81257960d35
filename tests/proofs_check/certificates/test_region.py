"""The checker's own integrals: enclosures that hold however coarse the sum is."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import flint
import numpy as np
import pytest
from flint import acb, arb, fmpq

from numerics.fates.escape_region import prove_escape_region
from proofs_check.certificates import region as certificate_region
from proofs_check.certificates.file_format import Region
from proofs_check.certificates.region import escape_region_proved

HALF = Fraction(1, 2)
NEAR, FAR = Fraction(3, 20), Fraction(31, 10)


def ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


@contextmanager
def bits(number: int) -> Iterator[None]:
    before = flint.ctx.prec
    flint.ctx.prec = number
    try:
        yield
    finally:
        flint.ctx.prec = before


def integrands(t: acb, eps: Fraction, alpha: Fraction, odds: Fraction) -> tuple[acb, acb]:
    """Those of ``f`` and ``q``: docs/certificates.md, section 4."""
    e, g = acb(ball(eps)), acb(ball(alpha * eps))
    log_odds = acb(ball(odds).log())
    beta = acb(ball(HALF)) + g - log_odds * e * e
    sigma = 1 / (1 + (-t).exp())
    kappa = sigma * (1 - sigma)
    weight = (-t * beta - e * e * t * t / 2).exp()
    f = (g + sigma) * (e * e * (sigma + (t - log_odds) * kappa) - kappa / 2)
    q = e * e * sigma - g * kappa - sigma * kappa
    return weight * f, weight * q


def integrals(*point: Fraction) -> tuple[arb, arb]:
    """``f`` and ``q - f``."""

    def integrand(t: acb, _: bool, which: int) -> acb:
        f, q = integrands(t, *point)
        return q - f if which else f

    found = [acb.integral(lambda t, a, w=w: integrand(t, a, w), -150, 150).real for w in (0, 1)]
    return found[0], found[1]


def envelope(y: float, eps: float, alpha: float, odds: float) -> tuple[float, float]:
    """``A`` and ``B`` of ``(A + B |t|) e^(-c |t|)``, which bounds both where ``|Im| <= y``."""
    secant = 1 / math.cos(y / 2)
    common = secant**2 * (abs(alpha * eps) + secant) * math.exp(eps**2 * y**2 / 2)
    return common * (eps**2 * (y + abs(math.log(odds)) + 1) + 1), common * eps**2


def shortest_decay(eps: float, alpha: float, odds: float) -> float:
    beta = 0.5 + alpha * eps - math.log(odds) * eps**2
    return min(beta, 1 - beta)


#: Width of the steps and number of the last node: trapezoid error and truncation in turn.
GRIDS = [(Fraction(1, 2), 128), (Fraction(3), 40), (Fraction(5), 20), (HALF, 6), (HALF, 2)]
POINTS = [
    (Fraction(1, 3), Fraction(0), Fraction(1)),
    (Fraction(1, 3), Fraction(-3, 20), Fraction(2)),
    (Fraction(1, 4), Fraction(3, 20), Fraction(1, 3)),
    (Fraction(1, 100), Fraction(1, 10), Fraction(3)),
]


@pytest.mark.parametrize(("step", "last"), GRIDS)
@pytest.mark.parametrize(("eps", "alpha", "odds"), POINTS)
def test_coarse_sums_enclose_the_integrals(
    monkeypatch: pytest.MonkeyPatch,
    step: Fraction,
    last: int,
    eps: Fraction,
    alpha: Fraction,
    odds: Fraction,
) -> None:
    monkeypatch.setattr(certificate_region, "_STEP", step)
    monkeypatch.setattr(certificate_region, "_LAST", last)
    with bits(96):
        for mine, reference in zip(
            sums(eps, alpha, odds), integrals(eps, alpha, odds), strict=True
        ):
            assert reference.rad() < 1e-12
            assert mine.contains(reference)
            assert (mine.rad() < 1e-6) is (last == 128)


def sums(eps: Fraction, alpha: Fraction, odds: Fraction) -> tuple[arb, arb]:
    """The checker's at a point."""
    proof = certificate_region._RegionProof(Region(NEAR, FAR, ("",)), odds)
    e, a = ball(eps), ball(alpha)
    beta = arb(1) / 2 + a * e - proof.log_odds * e * e
    return proof._sums(e, a, beta, arb(beta.min(1 - beta).lower()))


@pytest.mark.parametrize(("step", "last"), GRIDS)
@pytest.mark.parametrize("point", POINTS)
def test_the_sum_goes_over_all_nodes(
    monkeypatch: pytest.MonkeyPatch, step: Fraction, last: int, point: tuple[Fraction, ...]
) -> None:
    monkeypatch.setattr(certificate_region, "_STEP", step)
    monkeypatch.setattr(certificate_region, "_LAST", last)
    with bits(96):
        f = drift = arb(0)
        for k in range(-last, last + 1):
            one, two = integrands(acb(ball(k * step)), *point)
            f, drift = f + one.real, drift + (two - one).real
        for mine, total in zip(sums(*point), (f, drift), strict=True):
            assert abs(float((mine.mid() - total * ball(step)).mid())) < 1e-20


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("height", [0.0, 1.0, 2.0, -2.0])
def test_the_envelope_bounds_the_integrands_in_the_strip(
    point: tuple[Fraction, ...], height: float
) -> None:
    constant, slope = envelope(abs(height), *map(float, point))
    for t in (-30, -9, -2, -0.5, 0, 0.3, 1, 4, 17, 40):
        decay = math.exp(-shortest_decay(*map(float, point)) * abs(t))
        most = (constant + slope * abs(t)) * decay
        for value in integrands(acb(t, height), *point):
            assert abs(complex(value)) <= most


@pytest.mark.parametrize(("step", "last"), GRIDS)
@pytest.mark.parametrize("point", POINTS)
def test_the_error_is_what_the_envelope_gives(
    monkeypatch: pytest.MonkeyPatch, step: Fraction, last: int, point: tuple[Fraction, ...]
) -> None:
    """``2 M/(e^(2 pi y/h) - 1)``, ``M = 2 (A/c + B/c^2)``, and twice the integral past the end."""
    monkeypatch.setattr(certificate_region, "_STEP", step)
    monkeypatch.setattr(certificate_region, "_LAST", last)
    c, top = shortest_decay(*map(float, point)), float(last * step)
    constant, slope = envelope(2.0, *map(float, point))
    grid = 2 * 2 * (constant / c + slope / c**2) / math.expm1(2 * math.pi * 2 / float(step))
    constant, slope = envelope(0.0, *map(float, point))
    tail = 2 * (constant / c + slope * (top / c + 1 / c**2)) * math.exp(-c * top)
    with bits(96):
        f, drift = sums(*point)
        assert float(f.rad()) == pytest.approx(grid + tail, rel=1e-6)
        assert float(drift.rad()) == pytest.approx(2 * (grid + tail), rel=1e-6)


# The region.


def boxes(near_weight: Fraction = HALF, far: Fraction = FAR) -> tuple[str, ...]:
    return prove_escape_region(near_weight, 1 - near_weight, far).boxes


@pytest.mark.parametrize(
    ("near_weight", "far"), [(HALF, FAR), (Fraction(1, 3), FAR), (Fraction(1, 5), Fraction(5))]
)
def test_a_region_holds_for_its_own_odds(near_weight: Fraction, far: Fraction) -> None:
    region = Region(NEAR, far, boxes(near_weight, far))
    odds = (1 - near_weight) / near_weight
    assert escape_region_proved(region, odds) == ""
    assert "not proved" in escape_region_proved(region, 100 * odds)


@pytest.mark.parametrize("far", [Fraction(24, 10), Fraction(26, 10), Fraction(27, 10)])
def test_no_region_reaches_where_the_far_component_is_pulled_back(far: Fraction) -> None:
    assert "not proved" in escape_region_proved(Region(NEAR, far, ("",)), Fraction(1))


@pytest.mark.parametrize("near", [Fraction(1), Fraction(1, 100)])
def test_the_drift_is_compared_with_the_near_radius(near: Fraction) -> None:
    """``|grad_1 - 2 v_1| <= 2 near`` fails for a small radius at this distance."""
    region = Region(near, FAR, boxes())
    assert "not proved" in escape_region_proved(region, Fraction(1))


@pytest.mark.parametrize("number", [53, 200])
def test_the_precision_is_restored(number: int) -> None:
    for given in (Region(NEAR, FAR, boxes()), Region(NEAR, Fraction(26, 10), ("",))):
        with bits(number):
            escape_region_proved(given, Fraction(1))
            assert flint.ctx.prec == number


def test_boxes_must_tile() -> None:
    whole = boxes()
    for broken in (
        whole[1:],
        (*whole, whole[0]),
        ("0",),
        ("0", "0"),
        ("", "0", "1"),
        ("0", "10"),
        ("0", "2"),
    ):
        assert "tile" in escape_region_proved(Region(NEAR, FAR, broken), Fraction(1))


@pytest.mark.parametrize("path", ["0", "1", "01", "0000", "1111"])
@pytest.mark.parametrize("odds", [Fraction(1), Fraction(2), HALF])
def test_the_density_is_enclosed(path: str, odds: Fraction) -> None:
    """``2 a^2 phi(a/2 + alpha - l/a)`` at points of a box."""
    with bits(96):
        proof = certificate_region._RegionProof(Region(NEAR, FAR, ("",)), odds)
        (low, high), (left, right) = proof._rectangle(path)
        found = proof._density(low, high, ball(left).union(ball(right)))
        for k in range(1, 6):
            a = 1 / (low + (high - low) * Fraction(k, 5))
            for alpha in (left, (left + right) / 2, right):
                x = float(a / 2 + alpha) - math.log(odds) / float(a)
                value = 2 * float(a) ** 2 * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
                assert float(found.lower()) <= value * (1 + 1e-12)
                assert value <= float(found.upper()) * (1 + 1e-12)


def test_the_boxes_are_halves() -> None:
    with bits(96):
        proof = certificate_region._RegionProof(Region(NEAR, FAR, ("",)), Fraction(1))
        most = 1 / (FAR - NEAR)
        assert proof._rectangle("") == ((0, most), (-NEAR, NEAR))
        assert proof._rectangle("0") == ((0, most / 2), (-NEAR, NEAR))
        assert proof._rectangle("1") == ((most / 2, most), (-NEAR, NEAR))
        assert proof._rectangle("10") == ((most / 2, most), (-NEAR, 0))
        assert proof._rectangle("011") == ((most / 4, most / 2), (0, NEAR))


@pytest.mark.parametrize("odds", [1, 3, Fraction(1, 3)])
@pytest.mark.parametrize("near", [Fraction(0), NEAR, Fraction(1)])
def test_the_density_far_out_is_bounded_by_that_at_the_nearest_point(
    near: Fraction, odds: Fraction
) -> None:
    """Where ``a^2 phi`` decreases: ``a x > 4`` at the point x that is nearest to 0."""
    with bits(96):
        proof = certificate_region._RegionProof(Region(near, near + 3, ("",)), Fraction(odds))
        log_odds = max(math.log(odds), 0.0)
        edge = float(near) + math.sqrt(float(near) ** 2 + 8 + 2 * log_odds)
        for a in (edge - 1e-9, edge + 1e-9, edge + 1):
            found = proof._density(Fraction(0), 1 / Fraction(a), arb(0))
            x = a / 2 - float(near) - log_odds / a
            value = 2 * a**2 * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
            assert found.is_nan() is (a < edge)
            if a > edge:
                assert float(found.upper()) == pytest.approx(value, rel=1e-8)
                assert float(found.lower()) == pytest.approx(0, abs=1e-6)


T = np.arange(-240, 241) / 2


def margins(eps: float, alpha: float, near: float, odds: float) -> tuple[float, float]:
    """Outward push over its size, and drift over what is allowed (less 1): at most 0 if proved."""
    beta = 0.5 + alpha * eps - math.log(odds) * eps**2
    decay = min(beta, 1 - beta)
    if decay < 0.25:  # where errors count, too: not told
        return (1.0, 1.0) if decay < 0.1 else (0.0, 0.0)
    sigma = 1 / (1 + np.exp(-T))
    kappa = sigma * (1 - sigma)
    weight = np.exp(-T * beta - eps**2 * T**2 / 2) / 2
    f = (alpha * eps + sigma) * (eps**2 * (sigma + (T - math.log(odds)) * kappa) - kappa / 2)
    f, q = (
        float((weight * part).sum())
        for part in (f, eps**2 * sigma - alpha * eps * kappa - sigma * kappa)
    )
    across = (near**2 - alpha**2) * eps**2
    push = (1 + alpha * eps) * f + across * max(q, 0)
    x = 1 / (2 * eps) + alpha - math.log(odds) * eps
    density = 2 / eps**2 * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    drift = density * math.sqrt((q - f) ** 2 + across * q**2)
    return push / abs(f), drift / (2 * near) - 1


def test_drawn_boxes_are_proved_where_both_inequalities_hold() -> None:
    """Boxes that are almost points, where one of the two holds or fails by a few percent."""
    draw = random.Random(5)
    wanted = {"push": 14, "drift": 14, "neither": 14, "decay": 6}
    while any(wanted.values()):
        near, gap = draw.randint(2, 150) / 100, draw.randint(90, 400) / 100
        odds = draw.randint(1, 100 if wanted["decay"] else 40) / 4
        place = draw.random(), draw.random()
        push, drift = margins(place[0] / gap, near * (2 * place[1] - 1), near, odds)
        kind = "decay" if push == drift == 1 else "push" if push > 0 else "drift"
        kind = "neither" if push < 0 and drift < 0 else kind
        nearest = 0.05 if kind == "decay" else min(abs(push), abs(drift))
        if not wanted[kind] or not 0.005 < nearest < 0.1:
            continue  # too close to tell, or told too easily
        wanted[kind] -= 1
        assert proved(near, gap, odds, *place) is (kind == "neither"), (near, gap, odds, place)


def proved(near: float, gap: float, odds: float, *place: float) -> bool:
    """On a box that is almost a point, in parts of the sides."""
    path = "".join(str(int(x * 2**k) % 2) for k in range(1, 29) for x in place)
    radius = Fraction(near)
    with bits(96):
        region = Region(radius, radius + Fraction(gap), ("",))
        return certificate_region._RegionProof(region, Fraction(odds)).holds(path)


def test_a_push_inwards_is_not_made_good_by_the_pull_across() -> None:
    """Just beyond the distance at which the push changes sign, where the pull may be negative."""
    draw = random.Random(8)
    told = 0
    for _ in range(40):
        near, odds, share = draw.uniform(0.5, 2), draw.uniform(0.4, 2.5), draw.uniform(0.05, 0.5)
        alpha = near * (2 * share - 1)
        low, high = 0.02, 1.0
        for _ in range(25):
            eps = (low + high) / 2
            low, high = (low, eps) if margins(eps, alpha, near, odds)[0] > 0 else (eps, high)
        eps = high * (1 + 1e-4)
        push, drift = margins(eps, alpha, near, odds)
        if push > 0 and drift < -0.01:
            assert not proved(near, 0.7 / eps, odds, 0.7, share), (near, odds, share, eps)
            told += 1
    assert told >= 5


def test_nothing_is_proved_where_the_error_bound_says_nothing() -> None:
    """Its exponent, the lesser of beta and ``1 - beta``, must be positive."""
    draw = random.Random(9)
    told = 0
    while told < 12:
        near, gap, place = draw.uniform(0.5, 2), draw.uniform(1, 4), (draw.random(), draw.random())
        odds = math.exp(draw.choice([1, -1]) * draw.uniform(2, 12))
        eps, alpha = place[0] / gap, near * (2 * place[1] - 1)
        beta = 0.5 + alpha * eps - math.log(odds) * eps**2
        if eps > 0.2 and (-0.3 < beta < 0.05 or 0.95 < beta < 1.3):
            assert not proved(near, gap, odds, *place), (near, gap, odds, place)
            told += 1


@pytest.mark.parametrize(
    ("which", "radii", "close"), [(0, (0.5, 2.0), 0.02), (1, (0.02, 0.25), 0.0001)]
)
def test_boxes_at_the_edge_of_an_inequality(
    which: int, radii: tuple[float, float], close: float
) -> None:
    """Where the distance is such that one of the two just holds, with every term of it at work."""
    draw = random.Random(7)
    told = [0, 0]
    for _ in range(25):
        near, odds, share = draw.uniform(*radii), draw.uniform(0.4, 2.5), draw.uniform(0.1, 0.9)
        alpha = near * (2 * share - 1)
        for holds in (False, True):
            low, high, target = 0.02, 1.0, -close if holds else close
            for _ in range(30):
                eps = (low + high) / 2
                above = margins(eps, alpha, near, odds)[which] > target
                low, high = (low, eps) if above else (eps, high)
            found = margins(eps, alpha, near, odds)
            if abs(found[which] - target) < close / 10 and found[1 - which] < -close:
                assert proved(near, 0.7 / eps, odds, 0.7, share) is holds, (near, odds, share, eps)
                told[holds] += 1
    assert min(told) >= 5
