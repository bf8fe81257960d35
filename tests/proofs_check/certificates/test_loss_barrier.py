"""Certificates that end with Theorem L: accepted when true, rejected when forged."""

from __future__ import annotations

import ast
import copy
import inspect
import json
import math
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from proofs_check.certificates import loss_barrier
from proofs_check.certificates.checker import RejectedError, check
from proofs_check.certificates.file_format import MalformedError, parse_certificate
from proofs_check.cli import main
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
    exponents = GRID[:, None] * means - means**2 / 2
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
