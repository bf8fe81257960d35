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
from tests.proofs_check.certificates.by_quadrature import (
    logistic_integral,
    pull_at,
    three_integrals,
)
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


# -- each bound by itself


EXPONENTS = [Fraction(k, 100) for k in (40, 42, 50, 58, 60)]
SMALL, FAR = (Fraction(0), Fraction(1, 9)), (Fraction(36), Fraction(36))


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("power", [2, 3])
@pytest.mark.parametrize("middle", [-0.5, 0.125, 1.5, 4.0])
@pytest.mark.parametrize("half", [1 / 32, 1 / 8])
def test_a_cell_encloses_its_integral(power: int, middle: float, half: float, late: bool) -> None:
    for theta in EXPONENTS:
        found = distinct_far._cell(theta, power, arb(middle), arb(half), late=late)
        exact = logistic_integral(float(theta), power, middle - half, middle + half, late=late)
        assert found.overlaps(arb(exact, 1e-14))
        assert float(found.rad()) < half**3


@pytest.mark.parametrize("theta", EXPONENTS)
def test_integrals_are_bounded_from_above(theta: Fraction, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = three_integrals(float(theta))
    for found, least in zip(distinct_far.integrals_at(theta), exact, strict=True):
        assert least * (1 - 1e-13) <= float(found.upper()) <= least * (1 + 1e-3)
    for end in (1, 2, 3):  # the part beyond the last cell is bounded, too
        monkeypatch.setattr(distinct_far, "_END", end)
        for found, least, (power, late) in zip(
            distinct_far.integrals_at(theta), exact, ((2, True), (3, False), (3, True)), strict=True
        ):
            rest = logistic_integral(float(theta), power, end, 40, late=late)
            assert least <= float(found.upper()) <= least + 6 * rest


@pytest.mark.parametrize("a", [0.75, 1.5, 4.0, 6.5])
@pytest.mark.parametrize("eps", [1 / 32, 3 / 8])
def test_the_pull_is_what_the_theorem_says(a: float, eps: float) -> None:
    found, exact = distinct_far.pull(arb(a), arb(eps)), pull_at(a, eps)
    assert exact * (1 - 1e-12) <= float(found.upper()) <= exact * (1 + 1e-3)


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
        # eps is at most 1/2, and at most 0.08 (|v_k| - eps)
        ((Fraction(1, 4),) * 2, [(Fraction(49),) * 2], 2, True),
        ((Fraction(2501, 10_000),) * 2, [(Fraction(49),) * 2], 2, False),
        ((Fraction(1, 4),) * 2, [(Fraction(4557, 100),) * 2], 2, True),
        ((Fraction(1, 4),) * 2, [(Fraction(4555, 100),) * 2], 2, False),
        ((Fraction(1, 4),) * 2, [(Fraction(4555, 100),) * 2, (Fraction(49),) * 2], 3, False),
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
        return any(e <= 0.08 * (a - e) and (components - 1) * pull_at(a, e) <= 2 * e for e in radii)

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
