"""The reduced equation of the end game: eigenvalues by a second route, its flow, planted errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.integrate
import sympy

from derive.limits.end_game import (
    compressed_eigenvalues,
    compressed_polynomial,
    end_game,
    limit_constant,
)

WEIGHTS = [(1, 1), (3, 7), (2, 5, 3), (1, 2, 3, 4), (1, 1, 1, 1), (1, 1, 2, 4)]


def shares(parts: tuple[int, ...]) -> list[Any]:
    return [sympy.Rational(part, sum(parts)) for part in parts]


def compression(parts: tuple[int, ...]) -> Any:
    """``B^T diag(pi) B`` with an orthonormal basis ``B`` of the complement, by SVD."""
    pi = np.array(parts, dtype=float) / sum(parts)
    basis = np.linalg.svd(pi[None])[2][1:]
    return basis @ np.diag(pi) @ basis.T


@pytest.mark.parametrize("parts", WEIGHTS, ids=str)
def test_eigenvalues_against_linear_algebra(parts: tuple[int, ...]) -> None:
    found = [float(value) for value in compressed_eigenvalues(shares(parts))]
    assert np.allclose(found, np.linalg.eigvalsh(compression(parts)), atol=1e-12, rtol=0)


@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("parts", [(3, 7, 5), (1, 2, 3, 4)], ids=str)
def test_reduced_flow_tends_to_the_smallest_eigenvalues(
    parts: tuple[int, ...], dimension: int
) -> None:
    matrix = compression(parts)
    size = len(matrix)

    def velocity(s: float, flat: Any) -> Any:
        y = flat.reshape(size, dimension)
        return (-4 * np.exp(s) * matrix @ y @ (y.T @ matrix @ y)).ravel()

    start = np.random.default_rng(3).normal(size=size * dimension)
    end = scipy.integrate.solve_ivp(
        velocity, (0, 30), start, method="Radau", rtol=1e-9, atol=1e-14
    ).y[:, -1]
    y = end.reshape(size, dimension)
    covariance = y.T @ matrix @ y
    level = float((covariance * covariance).sum() * np.exp(60.0))
    rank = min(dimension, size)
    expected = float(limit_constant(compressed_eigenvalues(shares(parts))[:rank]))
    assert abs(level / expected - 1) < 1e-3


def test_derivation_verifies() -> None:
    assert end_game().verify()


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        (
            "compressed_polynomial",
            lambda weights: compressed_polynomial(weights) + sympy.Rational(1, 50),
        ),
        ("limit_constant", lambda values: sympy.Rational(21, 20) * limit_constant(values)),
    ],
)
def test_planted_constant_is_noticed(
    name: str, changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"derive.limits.end_game.{name}", changed)
    assert not end_game().verify()
