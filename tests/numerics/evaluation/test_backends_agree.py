"""Every quantity of every objective on every backend, from the same exact input."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.algebra.program import Assignment, Program
from numerics import evaluate
from numerics.numbers.exact import rational_of_mpf
from proofs_check.statements.mixture import Mixture
from proofs_check.strategies import mixtures

OBJECTIVES = ("forward", "reverse", "kl")
QUANTITIES = ("loss", "gradient", "hessian")
LADDER = (5, 15, 30, 60)


def entries(value: object) -> list[Fraction]:
    """Flat list of exact numbers: floats, mpf, or decimal strings."""
    array = np.array(value, dtype=object)
    return [exact(entry) for entry in array.ravel()]


def exact(entry: object) -> Fraction:
    if isinstance(entry, str):
        return Fraction(entry)
    if isinstance(entry, float | np.floating):
        return Fraction(float(entry))
    return rational_of_mpf(entry)


def check(mixture: Mixture, objective: str, quantity: str, digits: int) -> None:
    arguments = {"quantity": quantity, "weights": mixture.weights}
    ball = evaluate(objective, mixture.means, digits=digits, backend="ball", **arguments)
    middles, radii = entries(ball.mid), entries(ball.rad)
    bound = Fraction(1, 10**digits)
    for middle, radius in zip(middles, radii, strict=True):
        assert 0 <= radius <= bound * max(1, abs(middle))
    others = [evaluate(objective, mixture.means, digits=digits, backend="mpmath", **arguments)]
    if digits <= 15:
        others.append(evaluate(objective, mixture.means, digits=digits, **arguments))
    for other in others:
        found, errors = entries(other.value), entries(other.error)
        for middle, radius, value, error in zip(middles, radii, found, errors, strict=True):
            assert abs(middle - value) <= radius + error
            assert error <= bound * max(1, abs(value))


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("objective", OBJECTIVES)
@settings(max_examples=12)
@given(
    mixture=mixtures((1, 4), (1, 3), ("1e-3", "6"), on_line=True), digits=st.sampled_from(LADDER)
)
def test_backends_agree_within_their_errors(
    objective: str, quantity: str, mixture: Mixture, digits: int
) -> None:
    check(mixture, objective, quantity, digits)


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("n", [3, 5])
def test_many_components(objective: str, quantity: str, n: int) -> None:
    means = [[f"{(-1) ** k * (k + 1)}/{k + 2}", "1/3"] for k in range(n)]
    weights = [f"{k + 1}/{n * (n + 1) // 2}" for k in range(n)]
    check(Mixture.of(means, weights), objective, quantity, 15)


def test_names_that_look_like_entries_are_refused() -> None:
    """A Hessian was wrong once: "inner_2" at (0, 0) and "inner" at (2, 0, 0) shared a variable."""
    with pytest.raises(ValueError, match="looks like an entry"):
        Program("bad", "teacher", (Assignment("inner_2", (), ()),))
