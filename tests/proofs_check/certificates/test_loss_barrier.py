"""Certificates that end with Theorem L: accepted when true, rejected when forged."""

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
from pathlib import Path
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb

from proofs_check.certificates import loss_barrier
from proofs_check.certificates.checker import RejectedError, check, working_precision
from proofs_check.certificates.file_format import MalformedError, parse_certificate
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
    "unequal weights": lambda d: d.update(weights=["1/3", "1/4", "5/12"]),
    "the loss is lower": lambda d: d["loss"].update(mid="0.1724190440887"),
    "the loss is elsewhere": lambda d: d["loss"].update(mid="0.2"),
    "a later step of 2/M and more": lambda d: d["step_size"].append(
        {"from_step": d["step"], "in_mu": "23/100"}
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


def loss_at(means: np.ndarray) -> float:
    """``E |m|^2`` on the line."""
    return loss_at_places(means, np.ones(len(means)))


def loss_at_places(means: np.ndarray, counts: np.ndarray) -> float:
    """The same with so many components in each place."""
    exponents = GRID[:, None] * means - means**2 / 2 + np.log(counts)
    psi = np.exp(exponents - exponents.max(axis=1, keepdims=True))
    psi /= psi.sum(axis=1, keepdims=True)
    return float(NORMAL @ (psi @ means) ** 2)


def curvature_at(n: int, loss: float) -> float:
    """``M`` in one dimension."""
    s = np.linspace(1e-6, 1 - 1e-6, 40_001)
    odds = np.log((1 - s) / s)
    z1 = (s * (1 - s) * np.maximum(odds, 0)).max()
    z2 = (s * ((1 - s) * np.maximum(odds, 0)) ** 2).max()
    z3 = (s * (1 - s) * np.maximum(math.log(n - 1) + odds, 0)).max()
    a = math.log(n) + (loss + math.sqrt(loss)) / 2
    size = np.abs(GRID)
    early = NORMAL @ np.maximum(3 - size**2, 0)
    late = NORMAL @ (np.maximum(size**2 - 5, 0) * (size**2 + 2 * a + 2 * math.sqrt(loss) * size))
    pair = math.sqrt(z1 * (1 + loss) + 2 * z2) + math.sqrt(z3 * (1 + loss))
    return float(2 * z3 + early + late + 2 * pair**2)


def outwards_at(a: float, n: int, loss: float) -> float:
    """``beta - nu`` in one dimension."""
    if a * a < 5 or a <= math.sqrt(loss):
        return -1.0
    beta = (a - math.sqrt(loss)) ** 2 / 8 - loss / 4
    beta -= math.log(n) + (loss + math.sqrt(loss)) / 4 + 1.5
    bracket = 0.5 + 0.5 / a**2 + 3 / a**4
    return beta - 2 * n / (math.sqrt(math.pi) * a) * math.exp(-a * a / 4) * bracket


def test_drawn_claims_are_accepted_or_rejected_as_the_theorem_says() -> None:
    draw = random.Random(1)
    accepted = rejected = 0
    while rejected < 110:
        n = draw.randint(2, 5)
        means = [Fraction(draw.randint(-400, 400), 1000) for _ in range(n)]
        for i in range(draw.randint(1, n - 1)):
            means[i] = Fraction(draw.choice([1, -1]) * draw.randint(4800, 7000), 1000)
        loss = loss_at(np.array([float(v) for v in means]))
        limit = 2 / curvature_at(n, loss)
        step = Fraction(round(limit * draw.choice([0.5, 0.9, 0.995, 1.005, 1.2]) * 10**6), 10**6)
        fates = [
            draw.choice(["escaped", "undecided"]) if abs(v) > 1 else "undecided" for v in means
        ]
        if "escaped" not in fates:
            continue
        margins = [
            outwards_at(abs(float(v)), n, loss)
            for v, fate in zip(means, fates, strict=True)
            if fate == "escaped"
        ]
        if min(abs(margin) for margin in margins) < 1e-3:
            continue
        shift = draw.choice([0.0, 0.0, 0.0, 1e-3, -1e-3])
        level = {"mid": f"{loss + shift:.9f}", "rad": "1e-8"}
        text = claimed("Theorem L", means, step, fates, loss=level)
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
@pytest.mark.parametrize("more", [2, 4])
def test_tails_of_the_gaussian(span: int, more: int) -> None:
    """``E |x|^k`` where ``|x|^2`` is above a number."""
    whole = integral(lambda r: r ** (span - 1) * np.exp(-(r**2) / 2), 0, 14)
    edge = math.sqrt(span + more)
    found = loss_barrier._tails(span, span + more)
    assert len(found) == 5
    for k, value in enumerate(found):
        part = integral(lambda r, k=k: r ** (k + span - 1) * np.exp(-(r**2) / 2), edge, 14)
        assert float(value) == pytest.approx(part / whole, rel=1e-10)


@cache
def largest(n: int) -> tuple[float, float, float]:
    """The three maxima, on a grid that is made finer around the largest value."""

    def peak(value: Callable[[np.ndarray], np.ndarray]) -> float:
        low, high = -20.0, 20.0
        for _ in range(8):
            grid = np.linspace(low, high, 201)
            top = grid[int(value(grid).argmax())]
            low, high = top - (high - low) / 100, top + (high - low) / 100
        return float(value(grid).max())

    def share(y: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(y))

    extra = math.log(n - 1)
    return (
        peak(lambda y: share(y) * (1 - share(y)) * np.maximum(y, 0)),
        peak(lambda y: share(y) * ((1 - share(y)) * np.maximum(y, 0)) ** 2),
        peak(lambda y: share(y) * (1 - share(y)) * np.maximum(extra + y, 0)),
    )


@cache
def curvature_of(n: int, span: int, loss: float) -> float:
    """``M`` in any dimension."""

    def density(r: np.ndarray) -> np.ndarray:
        return r ** (span - 1) * np.exp(-(r**2) / 2)

    z1, z2, z3 = largest(n)
    a = math.log(n) + (loss + math.sqrt(loss * span)) / 2
    early = integral(lambda r: (span + 2 - r**2) * density(r), 0, math.sqrt(span + 2))
    edge = math.sqrt(span + 4)
    late = integral(
        lambda r: (r**2 - edge**2) * (r**2 + 2 * a + 2 * math.sqrt(loss) * r) * density(r), edge, 14
    )
    rest = (early + late) / integral(density, 0, 14)
    pair = math.sqrt(z1 * (span + loss) + 2 * z2) + math.sqrt(z3 * (span + loss))
    return 2 * z3 + rest + 2 * pair**2


GIVEN = [(n, span, loss) for n in (2, 3, 7) for span in (1, 2, 5) for loss in (0.0, 0.25, 2.0)]


@pytest.mark.parametrize("n", [2, 3, 20, 3000, 10**6])
def test_the_maxima_are_the_largest_values(n: int) -> None:
    for found, exact in zip(loss_barrier._peaks(n), largest(n), strict=True):
        assert float(found) == pytest.approx(exact, rel=1e-8)


@pytest.mark.parametrize(("n", "span", "loss"), GIVEN)
def test_the_curvature_is_what_the_theorem_says(n: int, span: int, loss: float) -> None:
    found = loss_barrier.curvature(n, span, arb(loss))
    assert float(found) == pytest.approx(curvature_of(n, span, loss), rel=1e-8)


def margin(a: float, n: int, span: int, loss: float) -> float:
    """``beta - nu``."""
    total = loss + math.sqrt(loss * span)
    beta = (a - math.sqrt(loss)) ** 2 / 8 - (loss + total) / 4 - math.log(n) - (span + 2) / 2
    nu = math.sqrt(2 ** (span + 1) / math.pi) * n / a * math.exp(-a * a / 4)
    return beta - nu * (0.5 + 0.5 / a**2 + 3 / a**4)


@pytest.mark.parametrize(("n", "span", "loss"), GIVEN)
def test_the_hypotheses_at_their_edges(n: int, span: int, loss: float) -> None:
    """The step below ``2/M``; each that escapes beyond the distance at which ``beta = nu``."""
    low, high = max(2.0, math.sqrt(loss)), 30.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if margin(middle, n, span, loss) > 0 else (middle, high)

    def ends(value: float, more: float = 0.0) -> tuple[Fraction, Fraction]:
        return Fraction(value), Fraction(value + more)

    beyond, inside = (ends(a * a) for a in (high + 1e-6, low - 1e-6))
    slow, fast = (ends(2 / curvature_of(n, span, loss) * f) for f in (1 - 1e-6, 1 + 1e-6))
    level = ends(loss)

    def applies(*escaped: tuple[Fraction, Fraction], **changes: Any) -> bool | None:
        given = {"components": n, "span": span, "step": slow, "loss": level} | changes
        return loss_barrier.applies(escaped, **given)

    assert applies(beyond) is True
    assert applies(beyond, beyond) is True
    assert applies(inside) is False
    assert applies(beyond, inside) is False
    assert applies(inside, beyond) is False
    assert applies(beyond, step=fast) is False
    assert applies() is False
    for square in (loss / 2, 1.0, float(span + 3)):  # nearer than any that is pushed
        assert applies(ends(square), beyond) is False
    assert applies(beyond, components=1) is False
    # what is known between bounds may be true
    assert applies((inside[0], beyond[1]), beyond) is None
    assert applies(beyond, (inside[0], beyond[1])) is None
    assert applies(beyond, step=(slow[0], fast[1])) is None
    assert applies(ends(10_000.0), loss=(level[0], Fraction(1000))) is None
    assert applies(beyond, loss=(level[0] - 1, level[1])) is True
    with working_precision(10):
        before = flint.ctx.prec
        assert applies(beyond, loss=(Fraction(-1, 100), Fraction(1000))) is None
        assert flint.ctx.prec == before


def test_many_components_are_no_error() -> None:
    """Of 4,000 equal weights nearly all in one place."""
    means = [*[Fraction(0)] * 3999, Fraction(9)]
    loss = loss_at_places(np.array([0.0, 9.0]), np.array([3999, 1]))
    fates = [*["undecided"] * 3999, "escaped"]
    level = {"mid": f"{loss:.9f}", "rad": "1e-8"}
    text = claimed("Theorem L", means, Fraction(1, 10**6), fates, loss=level)
    assert check(parse_certificate(text)).theorem == "Theorem L"
