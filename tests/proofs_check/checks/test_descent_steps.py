"""Relations about one step of descent, against numbers worked out by hand; rates of runs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from proofs_check.checks.descent_steps import (
    after,
    constant_step,
    dissipation,
    dissipation_by_gradient,
    largest_mean_decreases,
    reverse_bound,
    reverse_bound_by_mean_weight,
    reverse_decrease,
    squared_norm,
    times,
    weighted_square_decreases,
)
from proofs_check.checks.rates import RateCheck, run
from proofs_check.claim import Context
from proofs_check.points.interpreter import precision
from proofs_check.points.numerics_point import NumericsPoint
from proofs_check.registry import get
from proofs_check.sampling.cases import Cases
from proofs_check.statements.mixture import Mixture
from proofs_check.verdict import Verdict
from tests.numerics import reference_losses

SINGLE = Mixture.of([["3/2"]])
PAIR = Mixture.of([["-1/2"], ["2"]], ["1/4", "3/4"])
PLANE = Mixture.of([["1", "0"], ["0", "1/2"]])


def at(mixture: Mixture) -> NumericsPoint:
    return NumericsPoint(mixture, 15, "ball")


def test_bounds_on_the_step():
    assert squared_norm(PAIR) == Fraction(17, 4)
    assert reverse_bound(PAIR) == 1 / (2 * Fraction(3, 4) * Fraction(17, 8))
    assert reverse_bound_by_mean_weight(PAIR) == reverse_bound(PAIR) * Fraction(3, 2)
    assert reverse_bound(Mixture.of([["1/100"]])) == Fraction(1, 2)
    assert times(Fraction(2), constant_step(Fraction(3)))(PAIR) == 6


def test_one_component_moves_by_a_known_factor():
    # R = |v|^2 and K = |v|^2/2 for one component
    with precision(30):
        reverse = after(at(SINGLE), "reverse", constant_step(Fraction(1, 5)))
        kl = after(at(SINGLE), "kl", constant_step(Fraction(1, 5)))
        assert abs(reverse[0][0] - "0.9") < "1e-14"
        assert abs(kl[0][0] - "1.2") < "1e-14"


@pytest.mark.parametrize("mixture", [PAIR, PLANE])
def test_the_dissipation_two_ways(mixture):
    with precision(30):
        assert abs(dissipation(at(mixture)) - dissipation_by_gradient(at(mixture))) < "1e-13"


@pytest.mark.parametrize("step", [Fraction(1), Fraction(2)])
def test_the_decrease_is_attained_by_one_component_up_to_its_bound(step):
    mixture = Mixture.of([["1"]])
    with precision(30):
        sharp = reverse_decrease(step=times(step, reverse_bound)).judge(at(mixture))
    assert (sharp.violated is None) is (step == 1)


def test_false_statements_fail_where_they_should():
    unequal = Mixture.of([["1/100"], ["-1/10"]], ["9/10", "1/10"])
    spread = Mixture.of([["-1/10"], ["9/100"], ["9/100"]])
    cases = (
        (weighted_square_decreases("reverse", reverse_bound, ""), unequal),
        (largest_mean_decreases("reverse", reverse_bound, ""), spread),
    )
    for relation, mixture in cases:
        with precision(30):
            assert relation.judge(at(mixture)).violated is not None
            assert reverse_decrease().judge(at(mixture)).decision == "holds"


def test_runs_follow_the_loss():
    losses = [loss for loss, _ in run("kl", "forward", PAIR, Fraction(1, 2), 2)]
    expected = reference_losses.loss("forward", [[-0.5], [2.0]], [0.25, 0.75]).real
    assert losses[0] == pytest.approx(expected, rel=1e-10)
    assert losses[1] < losses[0]


@pytest.mark.parametrize("start", [PAIR, PLANE, Mixture.of([["3"], ["4"]])])
@pytest.mark.parametrize("steps", [1, 10, 100])
def test_the_means_converge_as_fast_as_theorem_r_says(start, steps):
    eta = float(reverse_bound(start))
    *_, (_, last) = run("reverse", "reverse", start, reverse_bound(start), steps)
    rate = float(squared_norm(start)) / (2 * eta * steps)
    bound = rate + (start.dimension * rate) ** 0.5
    assert float(min(start.weights)) * last <= bound


def test_a_rate_that_is_too_good_is_not_supported():
    good = RateCheck(
        "rate",
        "kl",
        "forward",
        constant_step(Fraction(1)),
        lambda eta: eta * (2 - eta),
        Cases((1, 1), (1, 1), ("1e-2", "3")),
        (2, 2),
    )
    fast = replace(good, speed=lambda eta: Fraction(21, 20) * eta * (2 - eta))
    long = replace(good, step=constant_step(Fraction(21, 10)))
    assert good.closest(PAIR, 20)[0] < 1
    assert good.closest(SINGLE, 2) == (pytest.approx(1), False)
    assert fast.closest(SINGLE, 2)[0] > 1.04
    assert long.closest(SINGLE, 2)[1]
    assert good.run(Context()).verdict is Verdict.SUPPORTED
    assert fast.run(Context()).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("identifier", ["R2", "E2"])
def test_controls_are_refuted_by_exact_witnesses(identifier):
    for control in get(identifier).controls:
        result = control.run(Context())
        assert result.refuted, control.name
        assert result.result.witness is not None
