"""Certificates that end with Theorem E_n': accepted when true, rejected when forged."""

from __future__ import annotations

import ast
import copy
import inspect
import json
import math
import random
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb

from numerics.fates.small_steps import region_kept
from proofs_check.certificates import small_steps
from proofs_check.certificates.checker import RejectedError, check, working_precision
from proofs_check.certificates.file_format import parse_certificate
from proofs_check.cli import main
from tests.proofs_check.certificates.by_quadrature import (
    fine_pull_at,
    logistic_integral,
    three_integrals,
)
from tests.proofs_check.certificates.claimed import first_kept
from tests.proofs_check.certificates.test_checker import produce

RUN = [
    *("--objective", "forward", "--means", '[["0.6"], ["4.7"], ["-4.9"]]'),
    *("--step-size", "0.04"),
]


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    document, path = produce(tmp_path_factory.mktemp("slow"), RUN)
    assert document["criterion"]["name"] == "Theorem E_n'"
    assert document["fates"] == ["converged", "escaped", "escaped"]
    assert main(["check-certificate", str(path)]) == 0
    certificate: dict[str, Any] = document["certificate"]
    return certificate


FORGERIES = {
    "fates rotated": lambda d: d.update(fates=[*d["fates"][1:], d["fates"][0]]),
    "two near": lambda d: d.update(fates=["converged", "converged", "escaped"]),
    "one left open": lambda d: d.update(fates=["converged", "undecided", "escaped"]),
    "unequal weights": lambda d: d.update(weights=["1/3", "1/4", "5/12"]),
    "the theorem for steps to 1/2": lambda d: d.update(theorem="Theorem E_n"),
    "a later step that is too large": lambda d: d["step_size"].append(
        {"from_step": d["step"], "in_mu": "1/4"}
    ),
    "another objective": lambda d: d.update(objective="reverse"),
    "another start": lambda d: d["means"][1].__setitem__(0, "23/5"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_are_rejected(name: str, slow: dict[str, Any], tmp_path: Path) -> None:
    data = copy.deepcopy(slow)
    FORGERIES[name](data)
    path = tmp_path / "forged.json"
    path.write_text(json.dumps(data))
    assert main(["check-certificate", str(path)]) == 1


def test_drawn_configurations() -> None:
    """Where the producer's cover holds with room it is accepted, where it fails widely rejected."""
    draw = random.Random(2)
    radii = [Fraction(k, 50) for k in range(10, 23)]
    accepted = rejected = 0

    def kept(n: int, rho: Fraction, near: Fraction, step: Fraction) -> bool:
        return any(near <= eps and region_kept(n, rho, eps, step) for eps in radii)

    while rejected < 100:
        n = draw.randint(3, 5)
        step = draw.choice([Fraction(1, 100), Fraction(1, 20), Fraction(1, 5), Fraction(3, 5)])
        near = Fraction(draw.randint(0, 500), 1000)
        norms = [Fraction(draw.randint(3900, 6000), 1000) for _ in range(n - 1)]
        means = [near, *(draw.choice([1, -1]) * norm for norm in norms)]
        text = first_kept("Theorem E_n'", means, step)
        grid = Fraction(math.floor((min(norms) - Fraction(1, 1000)) * 20), 20)
        pushed = grid > Fraction(9, 2)  # at all radii here beta is above nu from there on
        if pushed and kept(n, grid, near, step):
            assert check(parse_certificate(text)).theorem == "Theorem E_n'", (means, step)
            accepted += 1
        elif not kept(n, grid + Fraction(1, 10), near, step):
            with pytest.raises(RejectedError):
                check(parse_certificate(text))
            rejected += 1
    assert accepted >= 10


def test_nothing_is_shared_with_the_producer() -> None:
    tree = ast.parse(inspect.getsource(small_steps))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any((module or "").startswith("numerics") for module in modules)


# -- each bound by itself


def share_at(b: float, s: float, p: float, theta: float, kinds: tuple[float, ...]) -> float:
    """``R`` at distance ``b`` from ``v_1``, ``|v_1| = s``, cosine ``p`` (docs/certificates.md)."""
    c1, c2, c2_late, c3, c3_late = kinds
    h = b / 2 + s * p
    assert theta == pytest.approx(0.5 + s * p / b)
    half_normal = math.sqrt(1 - p * p) / math.sqrt(2 * math.pi)
    scale = math.sqrt(2 / math.pi) * math.exp(-h * h / 2) / b
    if p > 0:
        front = half_normal + max(p * h - s, 0)
        inside = s * c1 + b * b * c3 * front + b * p * c3_late
        return scale * (inside + s * p * (b * c2 * front + p * c2_late))
    q = -p
    inside = s * c1 + half_normal * b * b * c3 + q * q * s * c2_late
    inside += b * q * c2 * (1 + s * s + s * half_normal + s * q * h)
    return scale * inside + 3 / 25 * math.exp(-b * h)


@cache
def kinds_at(theta: float) -> tuple[float, ...]:
    """The five integrals at an exponent."""
    odds = math.pi / math.sin(math.pi * theta)
    return (odds, theta * odds, *three_integrals(theta))


def exact_share(b: float, s: float, p: float) -> float:
    theta = 0.5 + s * p / b
    return share_at(b, s, p, theta, kinds_at(theta))


PLACES = [
    (b, s, p)
    for b in (0.5, 2.0, 4.5)
    for s in (0.0, 0.03, 0.3)
    for p in (-1.0, -0.6, -0.05, 0.0, 0.1, 0.7, 1.0)
    if abs(s * p / b) <= 0.1
]


@pytest.mark.parametrize("place", PLACES)
def test_the_share_of_the_pull_is_bounded(place: tuple[float, float, float]) -> None:
    b, s, p = (Fraction(x) for x in place)
    with working_precision(24):
        found = float(small_steps._share((b, b), (s, s), (p, p)))
    exact = exact_share(*place)
    assert exact * (1 - 1e-12) <= found <= exact * 1.004


def test_the_share_on_a_box_is_at_least_that_in_it() -> None:
    draw = random.Random(3)
    for _ in range(60):
        sign = draw.choice([1, -1])
        b, s, p = (
            sorted(Fraction(draw.randint(low, high), 1000) for _ in "ab")
            for low, high in ((4000, 6000), (0, 350), (0, 1000))
        )
        p = [sign * x for x in p][::sign]
        with working_precision(24):
            found = float(small_steps._share((b[0], b[1]), (s[0], s[1]), (p[0], p[1])))
        inner = [exact_share(*map(float, place)) for place in product(b, s, p)]
        inner.append(exact_share(*(float(sum(ends)) / 2 for ends in (b, s, p))))
        assert found >= max(inner)


@pytest.mark.parametrize("b", [4, 5, 8])
@pytest.mark.parametrize("s", ["1/10000", "1/10", "1/3"])
@pytest.mark.parametrize("p", [("0", "1/50"), ("0", "1/2"), ("-1/50", "0"), ("-1", "0")])
def test_the_share_on_cosines_from_zero(b: int, s: str, p: tuple[str, str]) -> None:
    ends = Fraction(p[0]), Fraction(p[1])
    with working_precision(24):
        found = float(small_steps._share((Fraction(b),) * 2, (Fraction(s),) * 2, ends))
    inner = [float(ends[0] + (ends[1] - ends[0]) * k / 8) for k in range(9)]
    assert found >= max(exact_share(float(b), float(Fraction(s)), x) for x in inner)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("width", [1, 3, 10])
def test_the_share_on_cosines_near_one_is_at_least_that_in_between(sign: int, width: int) -> None:
    """There ``sqrt(1 - p^2)`` changes most."""
    for b, s in ((Fraction(4), Fraction(3, 10)), (Fraction(5), Fraction(1, 100))):
        p = sorted((Fraction(sign), sign * (1 - Fraction(width, 1000))))
        with working_precision(24):
            found = float(small_steps._share((b, b), (s, s), (p[0], p[1])))
        assert found >= max(exact_share(float(b), float(s), float(x)) for x in p)


@pytest.mark.parametrize("theta", [0.4, 0.401, 0.45, 0.47996, 0.5, 0.52004, 0.5371, 0.6])
def test_chords_are_above_the_integrals(theta: float) -> None:
    with working_precision(24):
        point = small_steps._convex(arb(theta))
        ball = small_steps._convex(arb(theta, 1 / 64))
    inside = [t for t in (theta - 1 / 64, theta, theta + 1 / 64) if 0.4 <= t <= 0.6]
    for number, (narrow, wide) in enumerate(zip(point, ball, strict=True)):
        least = kinds_at(theta)[number]
        assert least <= float(narrow.upper()) <= least * 1.004
        highest = max(kinds_at(t)[number] for t in inside)
        assert highest <= float(wide.upper()) <= highest * 1.004


@pytest.fixture(scope="module")
def largest_share() -> Callable[[int, float, float, float], float]:
    """By how much the inequality fails for a step, on a grid: at most 0 if not."""
    t, s, p = np.meshgrid(np.linspace(1, 1.8, 11), np.linspace(0, 1, 26), np.linspace(-1, 1, 81))

    def excess(n: int, rho: float, eps: float, eta: float) -> float:
        size = s * eps
        b = np.sqrt((t * rho) ** 2 - size**2 * (1 - p**2)) - size * p  # |v_k| = t rho
        theta = np.clip(0.5 + size * p / b, 0.4, 0.6)
        grid = np.linspace(0.4, 0.6, 21)
        kinds = [np.interp(theta, grid, [kinds_at(t)[k] for t in grid]) for k in range(5)]
        c1, c2, c2_late, c3, c3_late = kinds
        h, half_normal = b / 2 + size * p, np.sqrt(1 - p * p) / math.sqrt(2 * math.pi)
        scale = math.sqrt(2 / math.pi) * np.exp(-h * h / 2) / b
        front = half_normal + np.maximum(p * h - size, 0)
        right = size * c1 + b * b * c3 * front + b * p * c3_late
        right += size * p * (b * c2 * front + p * c2_late)
        left = size * c1 + half_normal * b * b * c3 + p * p * size * c2_late
        left -= b * p * c2 * (1 + size**2 + size * half_normal - size * p * h)
        share = scale * np.where(p > 0, right, left) + np.where(p > 0, 0, 3 / 25 * np.exp(-b * h))
        whole = (n - 1) * fine_pull_at(rho, eps)
        kept = ((1 - 2 * eta) * size) ** 2 + 2 * eta * (1 - 2 * eta) * size * (n - 1) * share
        kept += (eta * whole) ** 2
        return float(kept.max()) - eps**2

    return excess


@pytest.mark.parametrize(
    ("n", "rho", "eps"),
    [(3, "4.65", "0.34"), (3, "4.85", "0.34"), (4, "5.25", "0.36"), (5, "5.5", "0.38")],
)
def test_the_largest_step_of_a_region(
    n: int, rho: str, eps: str, largest_share: Callable[[int, float, float, float], float]
) -> None:
    low, high = 0.0, 0.5
    for _ in range(12):
        middle = (low + high) / 2
        fails = largest_share(n, float(rho), float(eps), middle) > 0
        low, high = (low, middle) if fails else (middle, high)
    assert low > 0.01
    with working_precision(24):
        region = n, Fraction(rho), Fraction(eps)
        assert small_steps._stays(*region, Fraction(low) * Fraction(96, 100))
        assert not small_steps._stays(*region, Fraction(high) * Fraction(102, 100))


@pytest.mark.parametrize("gap", ["0", "1/500", "1/3", "7/2", "-1/50", "-1/5"])
def test_every_place_of_a_far_component_counts(gap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inequality fails at one place only: that is seen if ``|v_k| >= rho`` there."""
    draw = random.Random(gap)
    rho, eps, step = Fraction("4.85"), Fraction("0.34"), Fraction(1, 20)
    for _ in range(12):
        size, cosine = eps * draw.randint(1, 100) / 100, Fraction(draw.randint(-100, 100), 100)
        norm = rho + Fraction(gap)
        bound = Fraction(math.sqrt(norm**2 - size**2 * (1 - cosine**2))) - size * cosine
        place = (bound + Fraction(1, 10**9), size, cosine)

        def share(*box: tuple[Fraction, Fraction], at: tuple[Fraction, ...] = place) -> arb:
            inside = all(low <= x <= high for x, (low, high) in zip(at, box, strict=True))
            return arb(100 if inside else -100)

        monkeypatch.setattr(small_steps, "_share", share)
        with working_precision(24):
            kept = small_steps._stays.__wrapped__(3, rho, eps, step)
        assert kept == (norm < rho)


@pytest.mark.parametrize("sign", [1, -1])
def test_no_box_is_left_out_whose_farthest_corner_is_far_enough(
    sign: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inequality fails in the farthest corner of a smallest box, hardly beyond ``rho``."""
    draw = random.Random(sign)
    rho, eps, step = Fraction("4.85"), Fraction("0.34"), Fraction(1, 20)
    first, width, cells = rho - eps, 9 + 2 * eps - rho, 2048
    found = 0
    while found < 20:
        size = eps * draw.randint(1, cells) / cells
        cosine = Fraction(sign * draw.randint(1, cells), cells)
        bound = math.sqrt(rho**2 - size**2 * (1 - cosine**2)) - size * cosine
        distance = first + width * math.ceil((bound - first) / width * cells) / cells
        if distance - Fraction(bound) > Fraction(1, 10**6):
            continue  # too far beyond rho to be missed
        found += 1
        inside_of = Fraction(1, 10**12)
        place = distance - inside_of, size - inside_of, cosine - inside_of
        if sign < 0:  # |v_k| falls where the size grows
            place = distance - inside_of, size + inside_of, cosine - inside_of

        def share(*box: tuple[Fraction, Fraction], at: tuple[Fraction, ...] = place) -> arb:
            inside = all(low <= x <= high for x, (low, high) in zip(at, box, strict=True))
            return arb(100 if inside else -100)

        monkeypatch.setattr(small_steps, "_share", share)
        norm = place[1] ** 2 + 2 * place[0] * place[1] * place[2] + place[0] ** 2
        with working_precision(24):
            kept = small_steps._stays.__wrapped__(3, rho, eps, step)
        assert kept == (norm < rho**2)


SMALL = (Fraction(0), Fraction(1, 9))
FAR = (Fraction(22), Fraction(22))
SLOW = (Fraction(1, 20), Fraction(1, 20))
NEARLY_A_THIRD = Fraction(33, 100)
JUST_BELOW = Fraction(465, 100) ** 2 - Fraction(1, 10**20)


@pytest.mark.parametrize(
    ("near", "far", "span", "step", "answer"),
    [
        (SMALL, [FAR, FAR], 1, SLOW, True),
        (SMALL, [FAR, (Fraction(25), Fraction(26))], 1, SLOW, True),
        ((Fraction(1, 10), Fraction(1, 8)), [FAR, FAR], 1, SLOW, None),
        ((Fraction(1, 10), Fraction(1)), [FAR, FAR], 1, SLOW, None),
        ((Fraction(1), Fraction(1)), [FAR, FAR], 1, SLOW, False),
        (SMALL, [FAR, (Fraction(17), Fraction(22))], 1, SLOW, None),
        (SMALL, [FAR, (Fraction(17), Fraction(17))], 1, SLOW, None),
        (SMALL, [(Fraction(17), Fraction(17)), FAR], 1, SLOW, None),
        (SMALL, [(Fraction(15), Fraction(15)), FAR], 1, SLOW, None),
        (SMALL, [FAR, FAR], 1, (Fraction(1, 20), Fraction(1, 4)), None),
        (SMALL, [FAR, FAR], 1, (Fraction(1, 4), Fraction(1, 4)), False),
        (SMALL, [FAR, FAR], 1, (Fraction(3, 5), Fraction(3, 5)), False),
        (SMALL, [FAR, FAR], 1, (Fraction(0), Fraction(0)), False),
        (SMALL, [FAR, FAR], 1, (Fraction(-1, 20), Fraction(-1, 20)), False),
        (SMALL, [FAR, FAR], 3, SLOW, False),
        (SMALL, [(Fraction(100), Fraction(100))] * 2, 1, (Fraction(1, 2), Fraction(1, 2)), True),
        (SMALL, [(Fraction(17), Fraction(17))] * 2, 1, SLOW, False),
        (SMALL, [(Fraction(15), Fraction(15))] * 2, 1, SLOW, False),
        (SMALL, [(Fraction(100), Fraction(100))] * 2, 1, (Fraction(3, 5), Fraction(3, 5)), False),
        (SMALL, [(Fraction(100), Fraction(100))] * 2, 1, (Fraction(1), Fraction(1)), False),
        # eps is at most 0.08 (rho - eps), and of the radii up to 0.44
        ((Fraction(43, 100) ** 2,) * 2, [(Fraction(596, 100) ** 2,) * 2] * 2, 1, SLOW, True),
        ((Fraction(43, 100) ** 2,) * 2, [(Fraction(593, 100) ** 2,) * 2] * 2, 1, SLOW, False),
        ((Fraction(45, 100) ** 2,) * 2, [(Fraction(49), Fraction(49))] * 2, 1, SLOW, False),
        # the radius of the region is not above the far ones' by a digit that is not printed
        ((NEARLY_A_THIRD**2,) * 2, [(Fraction(4651, 1000) ** 2,) * 2] * 2, 1, SLOW, True),
        ((NEARLY_A_THIRD**2,) * 2, [(JUST_BELOW, JUST_BELOW)] * 2, 1, SLOW, False),
        (SMALL, [(Fraction(100), Fraction(100))] * 2, 8, SLOW, True),
        (SMALL, [(Fraction(100), Fraction(100))] * 2, 18, SLOW, False),
    ],
)
def test_bounds_of_squared_norms_and_steps(
    near: tuple[Fraction, Fraction],
    far: list[tuple[Fraction, Fraction]],
    span: int,
    step: tuple[Fraction, Fraction],
    answer: bool | None,
) -> None:
    with working_precision(10):
        before = flint.ctx.prec
        assert small_steps.applies(near, far, len(far) + 1, span, step) is answer
        assert flint.ctx.prec == before


# -- the integrals


EXPONENTS = [Fraction(k, 100) for k in (40, 42, 50, 58, 60)]


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("power", [2, 3])
@pytest.mark.parametrize("middle", [-0.5, 0.125, 1.5, 4.0])
@pytest.mark.parametrize("half", [1 / 32, 1 / 8])
def test_a_cell_encloses_its_integral(power: int, middle: float, half: float, late: bool) -> None:
    for theta in EXPONENTS:
        found = small_steps._cell(theta, power, arb(middle), arb(half), late=late)
        exact = logistic_integral(float(theta), power, middle - half, middle + half, late=late)
        assert found.overlaps(arb(exact, 1e-14))
        assert float(found.rad()) < half**3


@pytest.mark.parametrize("theta", EXPONENTS)
def test_integrals_are_bounded_from_above(theta: Fraction, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = three_integrals(float(theta))
    for found, least in zip(small_steps.integrals_at(theta), exact, strict=True):
        assert least * (1 - 1e-13) <= float(found.upper()) <= least * (1 + 1e-3)
    for end in (1, 2, 3):  # the part beyond the last cell is bounded, too
        monkeypatch.setattr(small_steps, "_END", end)
        for found, least, (power, late) in zip(
            small_steps.integrals_at(theta), exact, ((2, True), (3, False), (3, True)), strict=True
        ):
            rest = logistic_integral(float(theta), power, end, 40, late=late)
            assert least <= float(found.upper()) <= least + 6 * rest


@pytest.mark.parametrize("a", [0.75, 1.5, 4.0, 6.5])
@pytest.mark.parametrize("eps", [1 / 32, 3 / 8])
def test_the_finer_pull_is_what_the_theorem_says(a: float, eps: float) -> None:
    found, exact = small_steps.fine_pull(arb(a), arb(eps)), fine_pull_at(a, eps)
    assert exact * (1 - 1e-12) <= float(found.upper()) <= exact * (1 + 1e-3)
