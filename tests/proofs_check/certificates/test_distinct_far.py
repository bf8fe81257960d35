"""Certificates that end with Theorem E_n: accepted when true, rejected when forged."""

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

import flint
import mpmath
import pytest
from flint import arb

from proofs_check.certificates import distinct_far
from proofs_check.certificates.checker import RejectedError, check, working_precision
from proofs_check.certificates.file_format import parse_certificate
from proofs_check.cli import main
from tests.proofs_check.certificates.by_quadrature import pull_at
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

    def holds(eps: float) -> bool:
        for a in far:
            beta = (a - eps) ** 2 / 8 - eps**2 / 2 - gamma - 1.5
            nu = 2 * n / (float(mpmath.pi) ** 0.5 * a) * float(mpmath.exp(-a * a / 4))
            if a < 4 or beta <= slack * nu * (0.5 + 0.5 / a**2 + 3 / a**4):
                return False
        return slack * sum(pull_at(a, eps) for a in far) <= 2 * eps

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


# -- each bound by itself


SMALL, FAR = (Fraction(0), Fraction(1, 9)), (Fraction(36), Fraction(36))


@pytest.mark.parametrize("a", [0.75, 1.5, 4.0, 6.5])
@pytest.mark.parametrize("eps", [1 / 32, 3 / 8])
def test_the_pull_is_what_the_theorem_says(a: float, eps: float) -> None:
    found, exact = distinct_far.pull(arb(a), arb(eps)), pull_at(a, eps)
    assert exact * (1 - 1e-12) <= float(found.upper()) <= exact * (1 + 1e-12)


def beyond_at(a: float, eps: float, n: int, span: int) -> float:
    """``beta - nu``, with the root that it needs rounded up to a multiple of 1/1000."""
    root = math.ceil(1000 * float(mpmath.lambertw((n - 2) / (2 * mpmath.e)).real)) / 1000
    beta = (a - eps) ** 2 / 8 - eps**2 / 2 - root - (span + 2) / 2
    nu = math.sqrt(2 ** (span + 1) / math.pi) * n / a * math.exp(-a * a / 4)
    return beta - nu * (0.5 + 0.5 / a**2 + 3 / a**4)


@pytest.mark.parametrize("n", [2, 3, 5, 40])
@pytest.mark.parametrize("span", [1, 2, 5])
@pytest.mark.parametrize("eps", [0.0, 0.125, 0.5])
def test_from_which_distance_on_a_component_is_pushed(n: int, span: int, eps: float) -> None:
    low, high = 1.0, 20.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if beyond_at(middle, eps, n, span) > 0 else (middle, high)
    assert distinct_far.far_enough(arb(high + 1e-9), arb(eps), n, span)
    assert not distinct_far.far_enough(arb(low - 1e-9), arb(eps), n, span)


@pytest.mark.parametrize(
    ("near", "far", "components", "answer"),
    [
        (SMALL, [FAR] * 2, 3, True),
        (SMALL, [FAR] * 2, 4, False),
        (SMALL, [FAR] * 2, 2, False),
        (SMALL, [], 1, False),
        (SMALL, [FAR, (Fraction(20), Fraction(36))], 3, None),
        (SMALL, [(Fraction(20), Fraction(36)), FAR], 3, None),
        (SMALL, [FAR, (Fraction(20), Fraction(20))], 3, False),
        ((Fraction(1, 9), Fraction(1)), [FAR] * 2, 3, None),
        ((Fraction(1, 3), Fraction(1)), [FAR] * 2, 3, False),
        # eps is at most 1/2
        ((Fraction(1, 4),) * 2, [(Fraction(49),) * 2], 2, True),
        ((Fraction(2501, 10_000),) * 2, [(Fraction(49),) * 2], 2, False),
        ((Fraction(1, 4),) * 2, [(Fraction(4555, 100),) * 2, (Fraction(49),) * 2], 3, True),
    ],
)
def test_bounds_of_squared_norms(
    near: tuple[Fraction, Fraction],
    far: list[tuple[Fraction, Fraction]],
    components: int,
    answer: bool | None,
) -> None:
    with working_precision(10):
        before = flint.ctx.prec
        assert distinct_far.applies(near, far, components, 1) is answer
        assert flint.ctx.prec == before


@pytest.mark.parametrize("components", [3, 4])
@pytest.mark.parametrize(("span", "answer"), [(1, True), (4, True), (8, False), (30, False)])
def test_in_more_dimensions_far_components_must_be_further(
    components: int, span: int, answer: bool
) -> None:
    """``beta`` falls by half for each."""
    near = (Fraction(1, 9), Fraction(1, 9))
    far = [(Fraction(42),) * 2] * (components - 1)
    assert distinct_far.applies(near, far, components, span) is answer
    mixed = [*far[1:], (Fraction(100),) * 2]
    assert distinct_far.applies(near, mixed, components, span) is answer


@pytest.mark.parametrize("components", [2, 3, 5])
def test_the_pulls_together_are_compared_with_twice_the_radius(components: int) -> None:
    """At the distance from which on they are small enough for some radius of the grid."""
    radii = [k / 200 for k in range(1, 101)]

    def holds(a: float) -> bool:
        return any((components - 1) * pull_at(a, e) <= 2 * e for e in radii)

    low, high = 4.0, 8.0
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    zero = (Fraction(0), Fraction(0))
    for a, answer in ((high + 0.001, True), (low - 0.001, False)):
        square = (Fraction(a) ** 2,) * 2
        far = [square] * (components - 1)
        assert distinct_far.applies(zero, far, components, 1) is answer
        if components > 2:  # one that is nearer spoils it, wherever it stands
            for place in range(components - 1):
                mixed = [(Fraction(100),) * 2] * (components - 1)
                mixed[place] = (Fraction(45, 10) ** 2,) * 2
                assert distinct_far.applies(zero, mixed, components, 1) is False
