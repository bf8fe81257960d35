"""Gauss-Hermite rules on narrow axes: their balls contain what grids say, whatever the spread."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

from numerics.evaluation.scalar_backend import expectations
from numerics.kernels import load_program
from numerics.numbers.balls import BALL, precision
from numerics.quadrature import narrow
from numerics.quadrature.geometry import measure
from numerics.quadrature.inputs import Inputs

Rows = list[list[Fraction]]


def near_a_line(count: int, sizes: list[float], centre: list[float], seed: int) -> Rows:
    """Means about a centre, with a spread of its own on every axis; exact."""
    drawn = np.random.default_rng(seed).normal(size=(count, len(sizes)))
    return [
        [
            Fraction(c) + Fraction(float(z)) * Fraction(size)
            for z, size, c in zip(row, sizes, centre)
        ]
        for row in drawn
    ]


def evaluate(
    name: str, means: Rows, digits: int, radius: float = 0.0, objective: str = "forward"
) -> Any:
    """Balls of a program and the number of nodes."""
    with precision(400):
        rows = [[BALL.constant(x) + arb(0, radius) for x in row] for row in means]
        weights = [BALL.constant(Fraction(k + 1)) for k in range(len(means))]
        total = sum(weights, start=arb(0))
        inputs = Inputs(rows, rows, [weight / total for weight in weights])
        program = load_program(objective, name)
        return expectations(BALL, [program], inputs, digits=digits)


def grids_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No axis is narrow."""
    monkeypatch.setattr(narrow, "narrow_axes", lambda *arguments: ())


@pytest.mark.parametrize("nodes", [1, 2, 7, 24])
def test_a_rule_is_exact_for_the_moments_it_must_have(nodes: int) -> None:
    rule = narrow.hermite_rule(nodes, 200)
    with precision(200):
        for power in range(2 * nodes):
            moment = math.prod(range(1, power, 2)) if power % 2 == 0 else 0
            found = arb(0)
            for place, share in rule:
                term = share
                for _ in range(power):
                    term = term * place
                found += term
            assert found.contains(moment)
            assert float(found.rad()) < 1e-20
    assert all(share > 0 for _, share in rule)


@pytest.mark.parametrize(
    ("sizes", "centre", "seed"),
    [
        ([1e-7, 1e-7, 1e-7], [6.0, 0.0, 0.0], 0),
        ([2.0, 1e-7, 1e-7], [1.0, 0.0, 0.0], 1),
        ([1e-300, 1e-200], [3.0, -2.0], 2),
        ([3.0, 1e-4], [0.0, 20.0], 3),
        ([0.03, 0.02], [1.0, 0.5], 4),
        ([0.5, 1e-3], [1e-9, 40.0], 5),
        ([0.01], [-5.0], 6),
    ],
)
def test_balls_agree_with_those_of_grids(
    monkeypatch: pytest.MonkeyPatch, sizes: list[float], centre: list[float], seed: int
) -> None:
    means = near_a_line(4, sizes, centre, seed)
    cases = [("loss", 30), ("gradient", 14), ("hessian", 4)]
    found = [evaluate(name, means, digits) for name, digits in cases]
    grids_only(monkeypatch)
    exact = [evaluate(name, means, digits) for name, digits in cases]
    for (_, digits), narrowed, whole in zip(cases, found, exact, strict=True):
        assert narrowed.nodes < whole.nodes
        for ball, other in zip(narrowed.values[0].flat, whole.values[0].flat, strict=True):
            assert ball.overlaps(other)
            assert ball.rad() <= arb(10) ** -digits * max(arb(1), abs(ball))


@pytest.mark.parametrize("seed", range(6))
def test_boxes_contain_the_values_at_their_points(seed: int) -> None:
    generator = np.random.default_rng(seed)
    radius = 10.0 ** generator.uniform(-12, -4)
    sizes = [float(10.0 ** generator.uniform(-4, 0.3)), float(10.0 ** generator.uniform(-9, -1))]
    means = near_a_line(3, sizes, [float(generator.normal()) * 3, 0.0], seed)
    boxes = evaluate("gradient", means, 8, radius).values[0]
    for _ in range(3):
        shifts = generator.uniform(-radius, radius, size=(3, 2))
        moved = [
            [x + Fraction(float(s)) for x, s in zip(row, shift, strict=True)]
            for row, shift in zip(means, shifts, strict=True)
        ]
        inside = evaluate("gradient", moved, 20).values[0]
        for box, value in zip(boxes.flat, inside.flat, strict=True):
            assert box.contains(value)


@pytest.mark.parametrize("nodes", [1, 2, 3])
def test_without_its_bound_a_short_rule_would_miss(
    monkeypatch: pytest.MonkeyPatch, nodes: int
) -> None:
    means = near_a_line(3, [1.0, 0.4], [0.5, 1.0], 7)
    true = evaluate("gradient", means, 25).values[0]
    height = 2.0 / float(max(row[1] for row in means) - min(row[1] for row in means))
    short = (narrow.NarrowAxis(1, nodes, height),)
    monkeypatch.setattr(narrow, "narrow_axes", lambda *arguments: short)
    bounded = evaluate("gradient", means, 12).values[0]
    assert all(a.contains(b) for a, b in zip(bounded.flat, true.flat, strict=True))
    monkeypatch.setattr(narrow, "narrow_bound", lambda *arguments: arb(0))
    naive = evaluate("gradient", means, 12).values[0]
    assert not any(a.overlaps(b) for a, b in zip(naive.flat, true.flat, strict=True))


@pytest.mark.parametrize("objective", ["reverse", "kl"])
def test_means_under_the_student_and_logarithms_keep_their_grids(
    monkeypatch: pytest.MonkeyPatch, objective: str
) -> None:
    means = near_a_line(3, [0.5, 1e-6], [1.0, 0.0], 8)
    found = evaluate("loss", means, 8, objective=objective)
    grids_only(monkeypatch)
    assert found.nodes == evaluate("loss", means, 8, objective=objective).nodes


def test_the_bound_is_the_one_of_the_proof() -> None:
    rows = [[arb(0)], [arb(1)]]
    with precision(64):
        shape = measure(BALL, Inputs(rows, rows, [arb(1) / 2] * 2), "teacher")
        height = 2 * math.pi / 3  # theta = 2 pi/3 and S = 2, so that |m|^2 <= 4
        axes = [narrow.NarrowAxis(0, 3, height)]
        found = narrow.narrow_bound(BALL, [load_program("forward", "loss")], shape, axes)
    assert float(found) == pytest.approx(math.factorial(3) * 4 / height**6, rel=1e-6)
