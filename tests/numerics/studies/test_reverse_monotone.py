"""Counting what decreases along reverse descent."""

from __future__ import annotations

import numpy as np
import pytest

from numerics import evaluate
from numerics.studies import reverse_monotone as monotone
from numerics.studies.reverse_monotone import monotone_shares


def test_theorem_r_holds_up_to_its_bound_and_not_far_beyond() -> None:
    at_bound, beyond = monotone_shares([1.0, 4.0], starts=30, steps=20)
    assert at_bound.squared_norm == at_bound.nearer == 1.0
    assert beyond.squared_norm < 1.0
    assert beyond.nearer < 1.0


def test_the_covariance_may_grow_within_the_bound() -> None:
    (at_bound,) = monotone_shares([1.0], starts=30, steps=20)
    assert 0.1 < at_bound.covariance < 0.9
    assert at_bound.loss == 1.0


def test_starts_depend_on_the_seed_alone() -> None:
    first, second, other = (
        monotone_shares([3.0], starts=12, steps=8, seed=seed)[0] for seed in (1, 1, 2)
    )
    assert first == second
    assert first != other


def test_a_single_component_far_away_is_counted_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """One component: R = |v|^2, gradient 2 v; |V|^2 shrinks up to eta = 1."""
    generator_free = (np.array([[2.0]]), (1,))
    monkeypatch.setattr(monotone, "_start", lambda generator: generator_free)
    # Theorem R's bound is 1/(2 * 2) = 1/4: multiples 3.9 and 4.1 are on both sides of eta = 1.
    below, above = monotone_shares([3.9, 4.1], starts=1, steps=5)
    assert (below.squared_norm, below.loss, below.nearer) == (1.0, 1.0, 1.0)
    assert (above.squared_norm, above.loss, above.nearer) == (0.0, 0.0, 0.0)
    assert evaluate("reverse", [[2]]).value == pytest.approx(4.0)
