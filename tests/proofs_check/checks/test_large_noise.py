"""Claim F3's checks: bounds, optimization, descent; what they say of false variants."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from numerics.studies.star_shape import least_radial_slope, radial_slope
from proofs_check.checks.general import BallCheck
from proofs_check.checks.large_noise import (
    STEPS,
    GlobalConvergence,
    Init,
    LargeNoiseTheorem,
    descend,
    exact_constants,
    initial_means,
    initial_weights,
    large_noise_constant,
    sharper_factor,
    theorem_f_step,
)
from proofs_check.checks.star_shape import BOUNDS, EXTREMAL, StarShaped, lemma_s_bound, squared_size
from proofs_check.claim import Context
from proofs_check.claims.f3_large_noise import CLAIMS
from proofs_check.statements.mixture import Mixture
from proofs_check.verdict import Verdict

INIT = Init(3, 2, 5, Fraction(4, 5), Fraction(1), False)


@pytest.mark.parametrize("which", BOUNDS)
def test_lemma_s_is_sharp_at_its_extremal_mixture(which: str) -> None:
    at = (EXTREMAL[which],)
    assert BallCheck("bound", lemma_s_bound(which), at).run(Context()).verdict is Verdict.PROVED
    better = BallCheck("better", lemma_s_bound(which, Fraction(19, 20)), at).run(Context())
    assert better.verdict is Verdict.REFUTED
    assert better.digits == 30


def test_sizes() -> None:
    mixture = Mixture.of([["3", "0"], ["0", "4"]])
    assert [squared_size(mixture, which) for which in BOUNDS] == [16, 25, 25]


def test_one_step_of_theorem_f() -> None:
    assert BallCheck("step", theorem_f_step(), STEPS).run(Context()).verdict is Verdict.PROVED
    faster = BallCheck("faster", theorem_f_step(Fraction(20, 19)), STEPS).run(Context())
    assert faster.verdict is Verdict.REFUTED
    with pytest.raises(ValueError, match="outside"):
        exact_constants(Fraction(3))


def test_star_shaped_radius() -> None:
    inside = StarShaped("2.309", "2.309", quick=((2, 1),)).run(Context())
    assert inside.verdict is Verdict.SUPPORTED
    assert inside.margin is not None
    assert 0 < Fraction(inside.margin) < Fraction(1, 1000)
    beyond = StarShaped("2.31", "2.31", quick=((2, 1),)).run(Context())
    assert beyond.verdict is Verdict.REFUTED
    assert beyond.witness is not None
    assert squared_size(beyond.witness.mixture, "ball") <= Fraction("2.31") ** 2


def test_least_slope_is_reproducible_and_attained() -> None:
    found = least_radial_slope(2.4, 2, 1, starts=1, seed=3, evaluations=120)
    assert found == least_radial_slope(2.4, 2, 1, starts=1, seed=3, evaluations=120)
    means = np.array([[float(x) for x in row] for row in found.means])
    assert radial_slope(found.weights, means) == pytest.approx(found.slope, abs=1e-4)


def test_initializations_have_their_size() -> None:
    means = initial_means(INIT, largest=1.5, by_norm=True)
    assert np.linalg.norm(means) == pytest.approx(1.2)
    means = initial_means(INIT, largest=1.5, by_norm=False)
    assert np.linalg.norm(means, axis=1).max() == pytest.approx(1.2)
    assert sum(initial_weights(INIT)) == 1
    assert initial_weights(replace(INIT, uniform=True)) == (Fraction(1, 3),) * 3


def test_descent_of_one_component() -> None:
    """``v <- (1 - 2 eta) v``, ``L = |v|^2``."""
    init = replace(INIT, n=1)
    means = initial_means(init, largest=1.0, by_norm=True)
    run = descend(init, means, 0.25, 3)
    assert run.squares == pytest.approx([0.64 * 0.25**k for k in range(4)])
    assert run.losses == pytest.approx(run.squares, abs=1e-6)


def test_constants_of_the_large_noise_theorem() -> None:
    """``C^2 = P/(b/eta)``, by the constants of Theorem F."""
    n, d = 4, 3
    p = 1 / (9 * n)
    rate = 2 / (1 + p) / (2 * d) * (np.exp(-p / 2) / n) ** 2
    assert large_noise_constant(n, d) == pytest.approx((p / rate) ** 0.5)
    assert sharper_factor(n, d) == pytest.approx(n**3 * d**2 / large_noise_constant(n, d))


def test_generated_descents() -> None:
    small = GlobalConvergence("small", (1, 3), (1, 2), steps=(5, 5, 5))
    found = small.run(Context())
    assert found.verdict is Verdict.SUPPORTED
    assert found.margin is not None
    assert 0 < Fraction(found.margin) < 1
    expired = LargeNoiseTheorem("expired").run(Context(deadline=0.0))
    assert expired.verdict is Verdict.INCONCLUSIVE


def test_claim_names_its_proofs() -> None:
    (claim,) = CLAIMS
    assert {"S", "F"} <= {check.name for check in claim.checks}
    assert len(claim.controls) >= 8
