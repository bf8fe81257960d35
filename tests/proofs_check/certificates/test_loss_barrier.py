"""Certificates that end with Theorem L: accepted when true, rejected when forged."""

from __future__ import annotations

import ast
import copy
import inspect
import json
import math
import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb

from numerics.fates.curvature import hessian_bound
from proofs_check.certificates import loss_barrier
from proofs_check.certificates.checker import RejectedError, check, working_precision
from proofs_check.certificates.file_format import MalformedError, parse_certificate
from proofs_check.certificates.loss_barrier import Bounds
from proofs_check.cli import main
from tests.proofs_check.certificates.by_quadrature import integral
from tests.proofs_check.certificates.claimed import claimed
from tests.proofs_check.certificates.test_checker import produce

RUN = ["--objective", "forward", "--means", '[["0.2"], ["0.9"], ["5.9"]]']


@pytest.fixture(scope="module")
def barrier(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    document, path = produce(tmp_path_factory.mktemp("barrier"), RUN, 3)
    assert document["criterion"]["name"] == "Theorem L"
    assert document["fates"] == ["undecided", "undecided", "escaped"]
    assert main(["check-certificate", str(path)]) == 0
    certificate: dict[str, Any] = document["certificate"]
    return certificate


FORGERIES = {
    "one that is near escapes, too": lambda d: d.update(fates=["undecided", "escaped", "escaped"]),
    "another one escapes": lambda d: d.update(fates=["escaped", "undecided", "undecided"]),
    "one converges": lambda d: d.update(fates=["converged", "undecided", "escaped"]),
    "nothing is said": lambda d: d.update(fates=["undecided"] * 3),
    "other weights": lambda d: d.update(weights=["1/3", "1/4", "5/12"]),
    "the loss is lower": lambda d: d["loss"].update(mid="0.1724190440887"),
    "the loss is elsewhere": lambda d: d["loss"].update(mid="0.2"),
    "a later step of 2/M and more": lambda d: d["step_size"].append(
        {"from_step": d["step"], "in_mu": "46/100"}
    ),
    "another objective": lambda d: d.update(objective="kl"),
    "another step": lambda d: d["step_size"][0].update(in_mu="11/100"),
    "another start": lambda d: d["means"][1].__setitem__(0, "91/100"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_are_rejected(name: str, barrier: dict[str, Any], tmp_path: Path) -> None:
    data = copy.deepcopy(barrier)
    FORGERIES[name](data)
    path = tmp_path / "forged.json"
    path.write_text(json.dumps(data))
    assert main(["check-certificate", str(path)]) == 1


def test_the_loss_belongs_to_this_theorem_alone(barrier: dict[str, Any]) -> None:
    without = {key: value for key, value in barrier.items() if key != "loss"}
    for forged in (
        without,
        {**barrier, "theorem": "Theorem F"},
        {**barrier, "loss": {"mid": "0.17", "rad": "-1"}},
        {**barrier, "loss": None},
    ):
        with pytest.raises(MalformedError):
            parse_certificate(json.dumps(forged))


def test_only_this_theorem_leaves_fates_open(barrier: dict[str, Any]) -> None:
    forged = {key: value for key, value in barrier.items() if key != "loss"}
    with pytest.raises(RejectedError, match="decides every"):
        check(parse_certificate(json.dumps({**forged, "theorem": "Theorem E_n"})))


# -- conditions in floats, from the theorem's text

GRID = np.linspace(-14, 14, 5601)
NORMAL = np.exp(-(GRID**2) / 2) / math.sqrt(2 * math.pi) * (GRID[1] - GRID[0])


def loss_at(means: Sequence[float], weights: Sequence[float]) -> float:
    """``E |m|^2`` on the line."""
    v = np.array(means)
    exponents = GRID[:, None] * v - v**2 / 2 + np.log(weights)
    psi = np.exp(exponents - exponents.max(axis=1, keepdims=True))
    psi /= psi.sum(axis=1, keepdims=True)
    return float(NORMAL @ (psi @ v) ** 2)


def peak(most: float, slope: float) -> float:
    """``min_g max_t m e^-g (1 - t)^2 + (g - 1) t (1 - t) + b t``, on a grid that is made finer."""
    low, high = 1.0, 30 + math.log(1 + most)
    for _ in range(9):
        g = np.linspace(low, high, 201)
        constant = most * np.exp(-g)
        linear, square = g - 1 - 2 * constant + slope, constant - (g - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            top = constant - linear**2 / (4 * square)
        value = np.where(square < 0, top, np.inf)
        best = int(value.argmin())
        low, high = g[max(best - 2, 0)], g[min(best + 2, 200)]
    return float(value[best])


@cache
def constants(most: float, ratio: float, a: float, b: float) -> tuple[float, ...]:
    """``K_A, c_A, K_B, c_B, K_V`` for two numbers above 1 that split squares."""
    deep, low = peak(most, -2), peak(most, 0)
    k_a = max(2 + 2 * peak(most, -1), 400 / 21 * a * ratio * math.exp(-3.4))
    k_b = max(16 * b * ratio * math.exp(-2), k_a)
    mean_a, mean_b = a / (a - 1), b / (b - 1)
    c_a = max(2 * a * peak(ratio, mean_a * deep / a - 2), 2 * mean_a * deep)
    c_b = max(2 * b * peak(ratio, mean_b * low / b), c_a)
    k_v = max(2 * peak(ratio, -0.5), (k_a - 1) ** 2 / 4 - 0.5)
    return k_a, c_a, k_b, c_b, k_v


SPLITS = (1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 3.0, 4.0)


@cache
def curvature_of(weights: tuple[float, ...], span: int, loss: float) -> float:
    """``M`` in any dimension."""
    a = -math.log(min(weights)) + (loss + math.sqrt(loss * span)) / 2
    whole = integral(lambda r: r ** (span - 1) * np.exp(-(r**2) / 2), 0, 14)

    def mean(value: Callable[[np.ndarray], np.ndarray], start: float) -> float:
        found = integral(lambda r: value(r) * r ** (span - 1) * np.exp(-(r**2) / 2), start, 14)
        return found / whole

    at_d, at_4 = math.sqrt(span), math.sqrt(span + 4)
    rise = mean(lambda r: r**2 - span, at_d)
    steep = mean(lambda r: r**2 - span - 4, at_4)
    share = (rise - steep) / 4
    weighted = mean(lambda r: (r**2 - span) * (r**2 + 2 * a), at_d)
    weighted_steep = mean(lambda r: (r**2 - span - 4) * (r**2 + 2 * a), at_4)

    def bound(k_a: float, c_a: float, k_b: float, c_b: float, k_v: float) -> float:
        found = rise + k_a * (1 - share) + c_a * (span + loss) + k_b * share
        found += (c_b - c_a) * (weighted - weighted_steep) / 4
        return found + weighted_steep / 2 + k_v * steep

    others, ratio = 1 / min(weights) - 1, max(weights) / min(weights)
    return min(bound(*constants(others, ratio, x, y)) for x in SPLITS for y in SPLITS)


@cache
def lack_of(share: float) -> float:
    """``max_t t/2 + pi ((1 - t) e^t - 1)``, on a grid that is made finer."""
    low, high = -2.0, 2 + math.log(1 + 1 / share)
    for _ in range(8):
        t = np.linspace(low, high, 201)
        value = t / 2 + share * ((1 - t) * np.exp(t) - 1)
        best = float(t[int(value.argmax())])
        low, high = best - (high - low) / 50, best + (high - low) / 50
    return float(value.max())


def margin(a: float, share: float, least: float, span: int, loss: float) -> float:
    """``beta - nu``."""
    if a * a < span + 4 or a <= math.sqrt(loss):
        return -1.0
    total = loss + math.sqrt(loss * span)
    beta = (a - math.sqrt(loss)) ** 2 / 8 - (loss + total) / 4 - (span + 2) / 2
    beta += math.log(least) / 2 - lack_of(share)
    nu = math.sqrt(2 ** (span + 1) / math.pi) / share / a * math.exp(-a * a / 4)
    return beta - nu * (0.5 + (0.5 + math.log(share / least)) / a**2 + 3 / a**4)


def test_drawn_claims_are_accepted_or_rejected_as_the_theorem_says() -> None:
    draw = random.Random(1)
    accepted = rejected = 0
    while rejected < 110:
        n = draw.randint(2, 5)
        means = [Fraction(draw.randint(-400, 400), 1000) for _ in range(n)]
        for i in range(draw.randint(1, n - 1)):
            means[i] = Fraction(draw.choice([1, -1]) * draw.randint(4500, 7000), 1000)
        parts = [draw.randint(3, 6) for _ in means] if draw.random() < 0.4 else [1] * n
        weights = [Fraction(part, sum(parts)) for part in parts]
        shares = tuple(float(w) for w in weights)
        loss = loss_at([float(v) for v in means], shares)
        limit = 2 / curvature_of(shares, 1, loss)
        step = Fraction(round(limit * draw.choice([0.5, 0.9, 0.995, 1.005, 1.2]) * 10**6), 10**6)
        fates = [
            draw.choice(["escaped", "undecided"]) if abs(v) > 1 else "undecided" for v in means
        ]
        if "escaped" not in fates:
            continue
        margins = [
            margin(abs(float(v)), share, min(shares), 1, loss)
            for v, share, fate in zip(means, shares, fates, strict=True)
            if fate == "escaped"
        ]
        if min(abs(one) for one in margins) < 1e-3:
            continue
        shift = draw.choice([0.0, 0.0, 0.0, 1e-3, -1e-3])
        level = {"mid": f"{loss + shift:.9f}", "rad": "1e-8"}
        given = [str(w) for w in weights]
        text = claimed("Theorem L", means, step, fates, loss=level, weights=given)
        if min(margins) > 0 and step < limit * 0.999 and not shift:
            assert check(parse_certificate(text)).theorem == "Theorem L"
            accepted += 1
        else:
            with pytest.raises(RejectedError):
                check(parse_certificate(text))
            rejected += 1
    assert accepted >= 15


def test_nothing_is_shared_with_the_producer() -> None:
    tree = ast.parse(inspect.getsource(loss_barrier))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any((module or "").startswith("numerics") for module in modules)


# -- each bound by itself


@pytest.mark.parametrize("span", [1, 2, 3, 6])
@pytest.mark.parametrize("more", [0, 4])
def test_tails_of_the_gaussian(span: int, more: int) -> None:
    """``E |x|^(2k)`` where ``|x|^2`` is above a number."""
    whole = integral(lambda r: r ** (span - 1) * np.exp(-(r**2) / 2), 0, 14)
    edge = math.sqrt(span + more)
    found = loss_barrier._tails(span, span + more)
    assert len(found) == 3
    for k, value in enumerate(found):
        part = integral(lambda r, k=k: r ** (2 * k + span - 1) * np.exp(-(r**2) / 2), edge, 14)
        assert float(value) == pytest.approx(part / whole, rel=1e-10)


@pytest.mark.parametrize("most", [1.0, 2.0, 19.0, 2999.0, 1e6])
@pytest.mark.parametrize("slope", [-2.0, -1.0, -0.5, 0.0, 0.3, 2.0])
def test_the_tangents_are_taken_where_they_are_best(most: float, slope: float) -> None:
    found = loss_barrier.peak(arb(most), arb(slope))
    assert float(found) == pytest.approx(peak(most, slope), rel=1e-8)


@pytest.mark.parametrize(("most", "slope"), [(1.0, -2.0), (1.0, 0.0), (4.0, -1.0), (30.0, 0.2)])
def test_a_peak_is_above_what_it_bounds(most: float, slope: float) -> None:
    """``t (1 - t) log(m (1 - t)/t) + b t``; with b at most 0 they are the same."""
    t = np.linspace(1e-6, 1 - 1e-6, 200_001)
    bounded = float((t * (1 - t) * np.log(most * (1 - t) / t) + slope * t).max())
    found = float(loss_barrier.peak(arb(most), arb(slope)))
    assert found >= bounded - 1e-9
    assert slope > 0 or found == pytest.approx(bounded, rel=1e-7)


GIVEN = [
    (weights, span, loss)
    for weights in ((1, 1), (1, 1, 1), (1,) * 7, (2, 3), (5, 1, 2))
    for span in (1, 2, 5)
    for loss in (0.0, 0.25, 2.0)
]


def exact(parts: Sequence[int]) -> tuple[tuple[Fraction, ...], tuple[float, ...]]:
    """Weights, exact and as floats."""
    weights = tuple(Fraction(part, sum(parts)) for part in parts)
    return weights, tuple(float(w) for w in weights)


@pytest.mark.parametrize("n", [1, 2, 3, 40, 10**6])
def test_what_the_mean_of_the_levels_lacks(n: int) -> None:
    assert float(loss_barrier.lack(arb(1) / n)) == pytest.approx(lack_of(1 / n), rel=1e-9)


@pytest.mark.parametrize(("parts", "span", "loss"), GIVEN)
def test_the_curvature_is_what_the_theorem_says(
    parts: tuple[int, ...], span: int, loss: float
) -> None:
    weights, shares = exact(parts)
    expected = curvature_of(shares, span, loss)
    assert float(loss_barrier.curvature(weights, span, arb(loss))) == pytest.approx(
        expected, rel=1e-8
    )
    assert float(hessian_bound(weights, span, arb(loss))) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("parts", "span", "loss"), GIVEN)
def test_the_hypotheses_at_their_edges(parts: tuple[int, ...], span: int, loss: float) -> None:
    """The step below ``2/M``; each that escapes beyond the distance at which ``beta = nu``."""
    weights, shares = exact(parts)
    least = min(shares)

    def edge(share: float) -> float:
        low, high = max(2.0, math.sqrt(loss)), 30.0
        for _ in range(60):
            middle = (low + high) / 2
            pushed = margin(middle, share, least, span, loss) > 0
            low, high = (low, middle) if pushed else (middle, high)
        return high

    def ends(value: float, more: float = 0.0) -> tuple[Fraction, Fraction]:
        return Fraction(value), Fraction(value + more)

    places = [edge(share) for share in shares]
    beyond, inside = (
        [(ends((a + off) ** 2), w) for a, w in zip(places, weights, strict=True)]
        for off in (1e-6, -1e-6)
    )
    slow, fast = (ends(2 / curvature_of(shares, span, loss) * f) for f in (1 - 1e-6, 1 + 1e-6))
    level = ends(loss)

    def applies(*escaped: tuple[Bounds, Fraction], **changes: Any) -> bool | None:
        given = {"weights": weights, "span": span, "step": slow, "loss": level} | changes
        return loss_barrier.applies(escaped, **given)

    assert applies(*beyond) is True
    for out, within in zip(beyond, inside, strict=True):
        assert applies(out) is True
        assert applies(within) is False
        assert applies(*beyond, within) is False
        assert applies(within, out) is False
        # what is known between bounds may be true
        between = (within[0][0], out[0][1]), out[1]
        assert applies(between, out) is None
        assert applies(out, between) is None
    far = beyond[0]
    assert applies(far, step=fast) is False
    assert applies() is False
    for square in (loss / 2, 1.0, float(span + 3)):  # nearer than any that is pushed
        assert applies((ends(square), weights[0]), far) is False
    assert applies(far, weights=weights[:1]) is False
    assert applies(far, step=(slow[0], fast[1])) is None
    assert applies((ends(10_000.0), weights[0]), loss=(level[0], Fraction(1000))) is None
    assert applies(far, loss=(level[0] - 1, level[1])) is True
    with working_precision(10):
        before = flint.ctx.prec
        assert applies(far, loss=(Fraction(-1, 100), Fraction(1000))) is None
        assert flint.ctx.prec == before


def test_many_components_are_no_error() -> None:
    """Of 4,000 equal weights nearly all in one place."""
    means = [*[Fraction(0)] * 3999, Fraction(9)]
    loss = loss_at([0.0, 9.0], [3999 / 4000, 1 / 4000])
    fates = [*["undecided"] * 3999, "escaped"]
    level = {"mid": f"{loss:.9f}", "rad": "1e-8"}
    text = claimed("Theorem L", means, Fraction(1, 10**6), fates, loss=level)
    assert check(parse_certificate(text)).theorem == "Theorem L"
