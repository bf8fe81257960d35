"""Mean-value steps: the radius follows the dynamics, and the exact iterate stays inside."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from numerics.descent.mean_value import spectral_bound
from numerics.descent.result import Descent, RunOptions
from numerics.descent.run import descend
from numerics.numbers.balls import precision
from numerics.quadrature import float_sums


def run(means: object, digits: int = 15, steps: int = 60, **options: object) -> Descent:
    arguments = {"step_size": "0.1", "backend": "ball", "steps": steps, **options}
    objective = str(arguments.pop("objective", "forward"))
    return descend(objective, means, digits=digits, **arguments)  # type: ignore[arg-type]


CASES = {
    "escape": {"means": [["6.0000005"], ["5.9999995"]]},
    "plane": {"means": [["5", "1"], ["4.9", "-1"]]},
    "weights": {"means": [[3], ["3.1"]], "weights": ["0.3", "0.7"]},
    "merged": {"means": [["4", "1"], ["4", "1"], ["4.1", "1"]]},
    "symmetric": {"means": [["3"], [0], ["-3"]]},
    "three": {"means": [["3"], ["1"], ["-2"]]},
    "reverse": {"means": [["2"], ["1"]], "objective": "reverse"},
    "kl": {"means": [["2", "1"], ["1", "1"]], "objective": "kl", "time": "1/10"},
}


@pytest.mark.parametrize("name", CASES)
def test_iterates_at_more_digits_are_inside(name: str) -> None:
    """The enclosure at 15 digits contains the one at 40, which is independent of its rounding."""
    arguments = dict(CASES[name])
    means = arguments.pop("means")
    coarse, fine = (run(means, digits, 30, **arguments) for digits in (15, 40))
    for left, right in zip(coarse.means.flat, fine.means.flat, strict=True):
        low, high = coarse.arithmetic.bounds(left)
        inner = fine.arithmetic.bounds(right)
        assert low <= inner[0] <= inner[1] <= high
        assert inner[1] - inner[0] < Fraction(1, 10**39)
        assert high - low < Fraction(1, 10**14)


def test_no_digits_are_lost_beyond_the_dynamics() -> None:
    """200 steps in which the naive evaluation loses more than 30 digits, in one attempt."""
    result = run([["6.0000005"], ["5.9999995"]], steps=200)
    assert result.attempts == ()
    assert result.working_digits <= 35


def test_spread_of_1e_minus_300_needs_no_digits() -> None:
    options = RunOptions(certify=True)
    result = run([["6." + "0" * 299 + "5"], ["6"]], options=options)
    assert result.attempts == ()
    assert result.working_digits == 25
    assert result.stopped == "certified"
    (cluster,) = result.clusters
    spread = cluster.deviations[0, 0] - cluster.deviations[1, 0]
    assert spread > 0  # amplified, and still told apart
    assert Fraction(1, 10**300) < result.arithmetic.bounds(spread)[0] < Fraction(1, 10**280)


@pytest.mark.parametrize("seed", range(5))
def test_spectral_bound(seed: int) -> None:
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(4, 4))
    matrix = matrix + matrix.T
    exact = np.abs(np.linalg.eigvalsh(matrix)).max()
    with precision(64):
        for radius in (0.0, 1e-8, 1e-2):
            balls = np.array(
                [[arb(float(entry), radius) for entry in row] for row in matrix], dtype=object
            )
            bound = float(spectral_bound(balls))
            # the worst of the enclosed matrices adds at most 4 radius to the norm
            assert exact + 0.9 * radius < bound + 1e-12
            assert bound <= exact + 40 * radius + 1e-6


@pytest.mark.parametrize("exponent", [-10000, -320, 0, 153, 300, 308, 10000])
def test_spectral_bound_of_numbers_that_are_no_floats(exponent: int) -> None:
    """The norm of ``[[2, 1], [1, -5]]``, 5.14..., at every scale."""
    with precision(64):
        scale = arb(10) ** exponent
        matrix = np.array([[2 * scale, scale], [scale, -5 * scale]], dtype=object)
        bound = spectral_bound(matrix) / scale
        assert bound.is_finite()
        assert bound > arb("5.14005")


def test_spectral_bound_of_a_useless_enclosure_is_still_a_bound() -> None:
    with precision(64):
        balls = np.array([[arb(1, 5), arb(0, 5)], [arb(0, 5), arb(-1, 5)]], dtype=object)
        assert float(spectral_bound(balls)) >= 11


@pytest.mark.parametrize(("objective", "steps"), [("forward", 2), ("kl", 1)])
def test_steps_in_doubles_contain_those_in_balls(objective: str, steps: int) -> None:
    """Gradient, Hessian over the box and loss of a run that few digits are asked of."""
    means = [["4", "0.5"], ["-1", "2.5"], ["0.3", "-2"]]
    coarse, fine = (run(means, digits, steps, objective=objective) for digits in (6, 13))
    assert coarse.working_digits <= float_sums.MOST_DIGITS < fine.working_digits
    for ball, other in zip(coarse.centred_means.flat, fine.centred_means.flat, strict=True):
        assert ball.contains(other)
        assert ball.rad() > other.rad()
    assert coarse.loss.contains(fine.loss)
