"""The bound of the Hessian of Theorem L: above what is found, for any weights."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from numerics.fates.curvature import hessian_bound

NODES = np.linspace(-9, 9, 721)
NORMAL = np.exp(-(NODES**2) / 2)
NORMAL /= NORMAL.sum()


def loss_and_top(means: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """The loss in one dimension and the largest eigenvalue of its Hessian, by differences."""
    n, step = len(means), 1e-3
    moves = step * np.eye(n)
    pairs = [(i, j, a, b) for i in range(n) for j in range(n) for a in (1, -1) for b in (1, -1)]
    at = np.array([means, *(means + a * moves[i] + b * moves[j] for i, j, a, b in pairs)])
    exponents = NODES[:, None] * at[:, None, :] - at[:, None, :] ** 2 / 2 + np.log(weights)
    psi = np.exp(exponents - exponents.max(axis=-1, keepdims=True))
    score = (psi * at[:, None, :]).sum(-1) / psi.sum(-1)
    losses = (score**2) @ NORMAL
    hessian = np.zeros((n, n))
    for (i, j, a, b), value in zip(pairs, losses[1:], strict=True):
        hessian[i, j] += a * b * value / (4 * step**2)
    return float(losses[0]), float(np.linalg.eigvalsh(hessian)[-1])


def test_no_hessian_is_above_its_bound() -> None:
    """Means near, far and between; the largest share of the bound that is found is above a half."""
    random = np.random.default_rng(3)
    most = 0.0
    starts = [([0.022, 5.7], [1, 1]), ([0.326, -5.77, 7.568], [1, 1, 1])]
    for _ in range(60):
        n = int(random.integers(2, 5))
        parts = [int(p) for p in random.integers(1, 8 if random.random() < 0.5 else 2, n)]
        starts.append((list(random.normal(size=n) * random.choice([0.3, 1, 3, 6])), parts))
    for means, parts in starts:
        weights = [Fraction(part, sum(parts)) for part in parts]
        loss, top = loss_and_top(np.array(means), np.array([float(w) for w in weights]))
        bound = float(hessian_bound(weights, 1, arb(loss)))
        assert top < bound
        most = max(most, top / bound)
    assert most > 0.5


@pytest.mark.parametrize("parts", [(1, 1), (1, 2, 3)])
def test_the_bound_grows_with_the_loss_and_the_dimension(parts: tuple[int, ...]) -> None:
    weights = [Fraction(part, sum(parts)) for part in parts]
    values = [float(hessian_bound(weights, 1, arb(level))) for level in (0, 0.1, 0.2, 1, 5)]
    assert values == sorted(values)
    spans = [float(hessian_bound(weights, span, arb("0.2"))) for span in (1, 2, 3, 7)]
    assert spans == sorted(spans)


def test_the_order_of_weights_does_not_matter() -> None:
    third, half = Fraction(1, 3), Fraction(1, 2)
    first = hessian_bound((half, third, third / 2), 2, arb("0.2"))
    assert first.overlaps(hessian_bound((third / 2, half, third), 2, arb("0.2")))
