"""Certificates that end with Theorem E_n': accepted when true, rejected when forged."""

from __future__ import annotations

import ast
import copy
import inspect
import json
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint
import pytest

from numerics.fates import small_steps as producer
from numerics.fates.small_steps import kept_near
from proofs_check.certificates import small_steps
from proofs_check.certificates.checker import RejectedError, check, working_precision
from proofs_check.certificates.file_format import parse_certificate
from proofs_check.certificates.small_steps import REGIONS, Region
from proofs_check.cli import main
from tests.proofs_check.certificates.by_quadrature import pull_at
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


def room(region: Region, near: float, far: Sequence[float], span: int, step: float) -> float:
    """By how much the narrowest of the theorem's conditions holds, relative to its size."""
    n, eps, least = len(far) + 1, float(region.near), min(far)
    gamma = next(k / 1000 for k in range(1000) if 2 * k / 1000 * math.exp(k / 1000 + 1) >= n - 2)
    beta = (least - eps) ** 2 / 8 - eps * eps / 2 - gamma - span / 2 - 1
    nu = n * math.sqrt(2 ** (span + 1) / math.pi) / least * math.exp(-least * least / 4)
    whole = sum(pull_at(a, eps) for a in far)
    along = 4 * (n - 1) * float(region.pull)
    slow = min(
        4 * (1 - eta) * eps * eps - (1 - 2 * eta) * along - eta * whole * whole for eta in (0, step)
    )
    return min(
        eps - near,
        least - float(region.far),
        beta - nu * (0.5 + 0.5 / least**2 + 3 / least**4),
        slow / (4 * eps * eps),
        0.5 - step,
    )


def test_drawn_configurations() -> None:
    """Where an evaluation in doubles has room both sides accept, where none has both refuse."""
    draw = random.Random(2)
    seen = {True: 0, False: 0}
    while min(seen.values()) < 60:
        n, span = draw.randint(2, 7), draw.randint(1, 3)
        step = draw.choice([Fraction(1, 100), Fraction(1, 20), Fraction(1, 5), Fraction(3, 5)])
        near = Fraction(draw.randint(0, 540), 1000)
        norms = [Fraction(draw.randint(3900, 6400), 1000) for _ in range(n - 1)]
        far = [float(a) for a in norms]
        best = max(room(region, float(near), far, span, float(step)) for region in REGIONS)
        if abs(best) < 0.02:
            continue
        kept = best > 0
        squares = [(a * a, a * a) for a in (near, *norms)]
        found = small_steps.applies(squares[0], squares[1:], n, span, (step, step))
        assert found is kept, (near, norms, span, step)
        decided = kept_near(squares, (Fraction(1, n),) * n, span, step)
        assert decided == (0 if kept else None), (near, norms, span, step)
        seen[kept] += 1


def test_drawn_certificates() -> None:
    """Steps to a half, one dimension: accepted exactly where a region holds."""
    draw = random.Random(3)
    seen = {True: 0, False: 0}
    while min(seen.values()) < 15:
        near = Fraction(draw.randint(0, 540), 1000)
        norms = [Fraction(draw.randint(4100, 5600), 1000) for _ in range(draw.randint(2, 4))]
        step = draw.choice([Fraction(1, 100), Fraction(1, 20), Fraction(1, 5)])
        best = max(room(r, float(near), [float(a) for a in norms], 1, float(step)) for r in REGIONS)
        if abs(best) < 0.01:
            continue
        means = [near, *(draw.choice([1, -1]) * norm for norm in norms)]
        certificate = parse_certificate(first_kept("Theorem E_n'", means, step))
        if best > 0:
            assert check(certificate).theorem == "Theorem E_n'"
            assert small_steps.certified_region(certificate) in REGIONS
        else:
            with pytest.raises(RejectedError):
                check(certificate)
            assert small_steps.certified_region(certificate) is None
        seen[best > 0] += 1


def test_the_region_holds_for_all_that_is_enclosed(slow: dict[str, Any]) -> None:
    certificate = parse_certificate(json.dumps(slow))
    region = small_steps.certified_region(certificate)
    assert region is not None
    step, rows = certificate.checkpoints[-1]
    middles = sorted(abs(float(row[0][0])) for row in rows)
    assert middles[0] <= region.near
    assert middles[1] >= region.far
    wide = tuple(tuple((middle, radius + 1) for middle, radius in row) for row in rows)
    widened = replace(certificate, checkpoints=((step, wide),))
    assert small_steps.certified_region(widened) is None
    near = rows[certificate.fates.index("converged")]
    half = tuple(((Fraction(49, 100), Fraction(2, 100)),) if row is near else row for row in rows)
    assert small_steps.certified_region(replace(certificate, checkpoints=((step, half),))) is None
    both = replace(certificate, fates=("converged", "converged", "escaped"))
    assert small_steps.certified_region(both) is None


def test_smaller_steps_are_asked_for_too_and_every_component() -> None:
    """At a step of 1/2 the pull along the mean does not count; at 0 it does."""
    far = [Fraction(81)] * 2
    assert 2 * REGIONS[0].pull > REGIONS[0].near ** 2
    assert not small_steps._holds(REGIONS[0], Fraction(0), far, 3, 1, Fraction(1, 2))
    given = (1, Fraction(1, 20))
    assert small_steps.region_for(Fraction(0), far, 3, *given) is not None
    assert small_steps.region_for(Fraction(0), far, 4, *given) is None
    assert small_steps.region_for(Fraction(0), [], 1, *given) is None


def test_the_square_of_an_enclosure() -> None:
    row = ((Fraction(3), Fraction(1)), (Fraction(-5), Fraction(2)), (Fraction(1), Fraction(4)))
    assert small_steps._square(row) == (4 + 9, 16 + 49 + 25)


@pytest.mark.parametrize("time", ["0", "1/2", "-1", "2"])
def test_the_step_that_counts_is_that_of_the_scaled_means(time: str) -> None:
    """``eta e^(-2 t)``: kept up to the largest step for these places, and no farther."""
    places = [Fraction(0), Fraction(465, 100), Fraction(465, 100)]
    low, high = 0.01, 0.5
    for _ in range(20):
        middle = (low + high) / 2
        fails = max(room(r, 0.0, [4.65, 4.65], 1, middle) for r in REGIONS) < 0
        low, high = (low, middle) if fails else (middle, high)
    assert 0.05 < low < 0.2
    for factor, kept in ((0.999, True), (1.001, False)):
        size = Fraction(factor * low * math.exp(2 * float(Fraction(time))))
        certificate = parse_certificate(first_kept("Theorem E_n'", places, size))
        exact = tuple(tuple((middle, Fraction(0)) for middle, _ in row)
                      for row in certificate.checkpoints[-1][1])  # fmt: skip
        changed = replace(certificate, time=Fraction(time), checkpoints=((0, exact),))
        assert (small_steps.certified_region(changed) is not None) is kept


def test_a_later_step_counts_and_a_dimension_that_the_means_do_not_span(
    slow: dict[str, Any],
) -> None:
    certificate = parse_certificate(json.dumps(slow))
    later = replace(certificate, starts=(0, certificate.step + 5), sizes=(1, Fraction(1, 2)))
    assert small_steps.certified_region(later) is None
    flat = replace(certificate, teacher_mean=(Fraction(0),) * 9)
    assert small_steps.certified_region(flat) is None  # beta is below nu there


def test_nothing_is_shared_with_the_producer_whose_regions_are_the_same() -> None:
    tree = ast.parse(inspect.getsource(small_steps))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any((module or "").startswith("numerics") for module in modules)
    assert tuple(map(tuple, producer.REGIONS)) == tuple(map(tuple, REGIONS))


SMALL = (Fraction(0), Fraction(1, 9))
FAR = (Fraction(22), Fraction(22))
SLOW = (Fraction(1, 20), Fraction(1, 20))
EDGE, TINY = Fraction(465, 100) ** 2, Fraction(1, 10**20)


@pytest.mark.parametrize(
    ("near", "far", "span", "step", "answer"),
    [
        (SMALL, [FAR, FAR], 1, SLOW, True),
        (SMALL, [FAR, (Fraction(25), Fraction(26))], 1, SLOW, True),
        ((Fraction(1, 10), Fraction(1, 3)), [FAR, FAR], 1, SLOW, None),
        ((Fraction(1, 10), Fraction(1)), [FAR, FAR], 1, SLOW, None),
        ((Fraction(1), Fraction(1)), [FAR, FAR], 1, SLOW, False),
        (SMALL, [FAR, (Fraction(17), Fraction(22))], 1, SLOW, None),
        (SMALL, [FAR, (Fraction(17), Fraction(17))], 1, SLOW, False),
        (SMALL, [(Fraction(17), Fraction(17)), FAR], 1, SLOW, False),
        (SMALL, [(Fraction(15), Fraction(15)), FAR], 1, SLOW, False),
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
        # the largest radius, and the least distance from which on it is kept
        ((Fraction(1, 4),) * 2, [(Fraction(25), Fraction(25))] * 2, 1, SLOW, True),
        ((Fraction(1, 4) + TINY,) * 2, [(Fraction(25), Fraction(25))] * 2, 1, SLOW, False),
        (SMALL, [(EDGE, EDGE)] * 2, 1, SLOW, True),
        (SMALL, [(EDGE - TINY, EDGE - TINY)] * 2, 1, SLOW, False),
        (SMALL, [(Fraction(100), Fraction(100))] * 2, 8, SLOW, True),
        (SMALL, [(Fraction(100), Fraction(100))] * 2, 22, SLOW, False),
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
