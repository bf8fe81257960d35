"""Certificates that end with Theorem E_n: accepted when true, rejected when forged."""

from __future__ import annotations

import ast
import copy
import inspect
import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest

from proofs_check.certificates import distinct_far
from proofs_check.certificates.checker import RejectedError, check
from proofs_check.certificates.file_format import parse_certificate
from proofs_check.cli import main
from tests.proofs_check.certificates.claimed import first_kept
from tests.proofs_check.certificates.test_checker import produce

RUN = ["--objective", "forward", "--means", '[["6.1"], ["6"], ["5.95"]]']


@pytest.fixture(scope="module")
def distinct(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    document, path = produce(tmp_path_factory.mktemp("distinct"), RUN)
    assert document["criterion"]["name"] == "Theorem E_n"
    assert main(["check-certificate", str(path)]) == 0
    certificate: dict[str, Any] = document["certificate"]
    return certificate


def forged_step(d: dict[str, Any]) -> None:
    d["step"] -= 1
    d["checkpoints"] = [c for c in d["checkpoints"] if c["step"] <= d["step"]]
    if d["checkpoints"][-1]["step"] != d["step"]:
        d["checkpoints"].append({**copy.deepcopy(d["checkpoints"][-1]), "step": d["step"]})
        rad = d["checkpoints"][-1]["centred_means"]["rad"]
        rad[:] = [["9"] for _ in rad]  # says nothing


FORGERIES = {
    "fates rotated": lambda d: d.update(fates=[*d["fates"][1:], d["fates"][0]]),
    "two near": lambda d: d.update(fates=["escaped", "converged", "converged"]),
    "none near": lambda d: d.update(fates=["escaped"] * 3),
    "all near": lambda d: d.update(fates=["converged"] * 3),
    "unequal weights": lambda d: d.update(weights=["1/3", "1/4", "5/12"]),
    "a step earlier": forged_step,
    "another theorem": lambda d: d.update(theorem="Theorem F"),
    "a later step above 1/2": lambda d: d["step_size"].append(
        {"from_step": d["step"], "in_mu": "51/100"}
    ),
    "another objective": lambda d: d.update(objective="kl"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_are_rejected(name: str, distinct: dict[str, Any], tmp_path: Path) -> None:
    data = copy.deepcopy(distinct)
    FORGERIES[name](data)
    path = tmp_path / "forged.json"
    path.write_text(json.dumps(data))
    assert main(["check-certificate", str(path)]) == 1


def reference(means: list[Fraction], slack: float) -> bool:
    """The theorem's conditions in mpmath; ``slack`` above 1 asks for more than they do."""
    near, *far = [abs(float(v)) for v in means]
    n = len(means)
    gamma = float(mpmath.lambertw((n - 2) / (2 * mpmath.e)).real)
    ranges = {"behind": (0.42, 0.5), "ahead": (0.5, 0.58)}
    table = {"behind": (0.29837, 0.48763, 0.24040), "ahead": (0.26114, 0.52847, 0.20799)}

    def side(h: float, b: float, a: float, eps: float, name: str) -> float:
        last = ranges[name][1]
        c2 = float(mpmath.pi * last / mpmath.sin(mpmath.pi * last))
        late, c3, c3_late = table[name]
        spread = (h * h + 2 / float(mpmath.pi)) ** 0.5
        inside = 3.243494 * eps / (a - eps) + c2 * (1 + eps * eps)
        inside += eps * (c2 * spread + late / (a - eps)) + b * c3 * (spread + eps) + c3_late
        return 2 * float(mpmath.npdf(h)) * inside

    def pull(a: float, eps: float) -> float:
        ahead = side((a * a - eps * eps) ** 0.5 / 2, a, a, eps, "ahead")
        return max(side((a - eps) / 2, a + eps, a, eps, "behind"), ahead)

    def holds(eps: float) -> bool:
        for a in far:
            beta = (a - eps) ** 2 / 8 - eps**2 / 2 - gamma - 1.5
            nu = 2 * n / (float(mpmath.pi) ** 0.5 * a) * float(mpmath.exp(-a * a / 4))
            if (
                a < 4
                or eps > 0.08 * (a - eps)
                or beta <= slack * nu * (0.5 + 0.5 / a**2 + 3 / a**4)
            ):
                return False
        return slack * sum(pull(a, eps) for a in far) <= 2 * eps

    return any(holds(k / 400) for k in range(1, 201) if k / 400 >= near)


def test_drawn_configurations() -> None:
    draw = random.Random(0)
    accepted = rejected = 0
    while rejected < 100:
        n = draw.randint(2, 5)
        means = [Fraction(draw.randint(0, 600), 1000)]
        means += [
            Fraction(draw.choice([1, -1]) * draw.randint(3900, 7000), 1000) for _ in range(n - 1)
        ]
        text = first_kept("Theorem E_n", means, Fraction(1, 2))
        if reference(means, 1.02):
            assert check(parse_certificate(text)).theorem == "Theorem E_n"
            accepted += 1
        elif not reference(means, 0.98):
            with pytest.raises(RejectedError):
                check(parse_certificate(text))
            rejected += 1
    assert accepted >= 20


def test_the_checker_shares_no_code_with_what_it_checks() -> None:
    tree = ast.parse(inspect.getsource(distinct_far))
    imported = {
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    }
    assert not [name for name in imported if name.startswith(("numerics", "derive"))]
