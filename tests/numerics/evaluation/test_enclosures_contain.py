"""Self-tests in FLINT's manner: random cases, random precision, containment and an accuracy floor.

``PROOFS_CHECK_TEST_MULTIPLIER`` scales the number of cases: 0.1 for a quick look, 1 (default) in
CI, 10 before a release (then 10,000 cases).
"""

from __future__ import annotations

import os
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from numerics import evaluate
from numerics.numbers.exact import rational_of_mpf
from proofs_check.points.independent_point import IndependentPoint
from proofs_check.points.interpreter import precision
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import exact, flatten

MULTIPLIER = float(os.environ.get("PROOFS_CHECK_TEST_MULTIPLIER", "1"))
BLOCKS = 10
CASES = max(1, round(100 * MULTIPLIER))  # in each block
INDEPENDENT = max(1, round(2 * MULTIPLIER))  # in each block
QUANTITIES = ("loss", "gradient", "hessian")


def fraction(generator: random.Random, low: float, high: float) -> Fraction:
    """A rational of either sign, log-uniform in size."""
    size = Fraction(generator.randint(100, 999), 100) * Fraction(10) ** round(
        generator.uniform(low, high)
    )
    return generator.choice((1, -1)) * size


def random_mixture(generator: random.Random) -> Mixture:
    """Means on a line in up to three dimensions, separations 1e-300 to 20, weights to 1e-30."""
    n, d = generator.randint(1, 4), generator.randint(1, 3)
    direction = [Fraction(generator.randint(-3, 3)) for _ in range(d)]
    direction[generator.randrange(d)] = Fraction(1)
    offset = [fraction(generator, -3, 0) for _ in range(d)]
    lowest = generator.choice((-300, -20, -3, -1))
    steps = [Fraction(0)] + [fraction(generator, lowest, 0.3) for _ in range(n - 1)]
    means = [[o + s * e for o, e in zip(offset, direction, strict=True)] for s in steps]
    shares = [abs(fraction(generator, generator.choice((-30, -2)), 0)) for _ in range(n)]
    return Mixture.of(means, [share / sum(shares) for share in shares])


def numbers(value: Any) -> list[Fraction]:
    """Exact values of decimal strings or mpf, flat."""
    flat = np.array(value, dtype=object).ravel()
    return [Fraction(x) if isinstance(x, str) else rational_of_mpf(x) for x in flat]


def random_case(generator: random.Random) -> tuple[str, str, Mixture, int]:
    return (
        generator.choice(("forward", "reverse", "kl")),
        generator.choice(QUANTITIES),
        random_mixture(generator),
        generator.randint(15, 60),
    )


@pytest.mark.parametrize("block", range(BLOCKS))
def test_printed_enclosures_contain_a_value_at_twice_the_digits(block: int) -> None:
    generator = random.Random(block)
    for _ in range(CASES):
        objective, quantity, mixture, digits = random_case(generator)
        options: dict[str, Any] = {"quantity": quantity, "weights": mixture.weights}
        ball: Any = evaluate(objective, mixture.means, digits=digits, backend="ball", **options)
        other: Any = evaluate(
            objective, mixture.means, digits=2 * digits, backend="mpmath", **options
        )
        case = (objective, quantity, str(mixture), digits)
        floor = Fraction(1, 10**digits)
        columns = (ball.mid, ball.rad, other.value, other.error)
        for mid, rad, value, error in zip(*map(numbers, columns), strict=True):
            assert abs(mid - value) <= rad + error, case
            assert rad <= floor * max(1, abs(mid)), case


@pytest.mark.parametrize("block", range(BLOCKS))
def test_printed_enclosures_meet_those_of_the_adaptive_integrator(block: int) -> None:
    generator = random.Random(1000 + block)
    for _ in range(INDEPENDENT):
        objective, quantity, mixture, _ = random_case(generator)
        if quantity == "hessian":
            quantity = "gradient"
        digits = generator.randint(15, 20)
        ball: Any = evaluate(
            objective,
            mixture.means,
            quantity=quantity,
            weights=mixture.weights,
            digits=digits,
            backend="ball",
        )
        with precision(digits + 10):
            second = getattr(IndependentPoint(mixture, digits), quantity)(objective)
        for mid, rad, entry in zip(
            numbers(ball.mid), numbers(ball.rad), flatten(second), strict=True
        ):
            apart = abs(mid - exact(entry.mid())) - rad - exact(entry.rad())
            assert apart <= 0, (objective, quantity, str(mixture), digits)
