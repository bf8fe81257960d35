"""Certificates that end with Theorem E_n': accepted when true, rejected when forged."""

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

import pytest

from numerics.fates.small_steps import region_kept
from proofs_check.certificates import small_steps
from proofs_check.certificates.checker import RejectedError, check
from proofs_check.certificates.file_format import parse_certificate
from proofs_check.cli import main
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
