"""Rates, limits and fates of one's own iterations, and claims about them that are false."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.descent.own_map import (
    Place,
    em_step,
    gradient_step,
    momentum_step,
    polyak_step,
)
from numerics.errors import InputError
from proofs_check.checks import DecayCheck, OwnFates, OwnRun, own_sequence
from proofs_check.checks.limits import LimitCheck
from proofs_check.claim import Context
from proofs_check.cpu_time import cpu_seconds
from proofs_check.statements import Mixture
from proofs_check.verdict import Verdict

BALANCED = Mixture.of([["1"], ["-1"]])
PAIR = Mixture.of([["1/2"], ["-1/2"]], None, [["1"], ["-1"]])
EM = gradient_step("kl", 2)  # by symmetry: each component has mass 1/2


def first(at: Place) -> Any:
    return abs(at.means[0, 0])


def from_teacher(at: Place) -> Any:
    return abs(at.means[0, 0] - at.constant(1))


def test_fitting_one_gaussian_by_a_balanced_pair_is_like_a_root() -> None:
    run = OwnRun(EM, BALANCED, 400)
    check = DecayCheck("root", run, first, "polynomial", (0.45, 0.55))
    assert check.run(Context()).verdict is Verdict.SUPPORTED
    wrong = DecayCheck("other power", run, first, "polynomial", (0.8, 1.2))
    assert wrong.run(Context()).verdict is Verdict.REFUTED
    other = DecayCheck("other kind", run, first, "geometric")
    assert other.run(Context()).verdict is Verdict.REFUTED


def test_unbalanced_weights_are_geometric() -> None:

    def tied(at: Place) -> Place:
        """EM for the one parameter of the means ``(theta, -theta)``."""
        (gradient,), (other,) = at.gradient("kl")
        theta = at.means[0, 0] - gradient + other
        return at.moved([[theta], [-theta]])

    run = OwnRun(tied, Mixture.of([["1"], ["-1"]], ["1/5", "4/5"]), 60)
    assert DecayCheck("g", run, first, "geometric").run(Context()).verdict is Verdict.SUPPORTED
    assert DecayCheck("p", run, first, "polynomial").run(Context()).verdict is Verdict.REFUTED


@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
def test_mixture_teachers_on_every_backend(backend: str) -> None:
    run = OwnRun(EM, PAIR, 16, backend=backend)
    check = DecayCheck("pair", run, from_teacher, "geometric", (0.2, 0.4), digits=14)
    result = check.run(Context())
    assert result.verdict is Verdict.SUPPORTED
    assert backend in result.notes[-1]
    wrong = DecayCheck("pair", run, from_teacher, "geometric", (0.5, 0.9), digits=14)
    assert wrong.run(Context()).verdict is Verdict.REFUTED


@settings(max_examples=10)
@given(st.fractions(Fraction(1, 10), Fraction(4, 5), max_denominator=20), st.integers(1, 6))
def test_drawn_rates_are_found(rate: Fraction, start: int) -> None:
    """One component: ``v' = (1 - step) v`` exactly."""
    run = OwnRun(gradient_step("kl", 1 - rate), Mixture.of([[str(start)]]), 24)
    q = float(rate)
    right = DecayCheck("right", run, first, "geometric", (0.98 * q, 1.02 * q))
    assert right.run(Context()).verdict is Verdict.SUPPORTED
    for low, high in ((0.5 * q, 0.95 * q), (1.05 * q, 1.5 * q)):
        wrong = DecayCheck("wrong", run, first, "geometric", (low, high))
        assert wrong.run(Context()).verdict is Verdict.REFUTED


def test_a_schedule_of_steps_gives_a_power() -> None:
    """``v_{k+1} = v_k (1 - p/(k + 2))``: decay like ``k^-p``."""
    step = gradient_step("kl", 0, lambda k: Fraction(3, 2 * (k + 2)))
    run = OwnRun(step, Mixture.of([["1"]]), 400)
    check = DecayCheck("power", run, first, "polynomial", (1.4, 1.6))
    assert check.run(Context()).verdict is Verdict.SUPPORTED


def test_the_root_law_of_the_balanced_pair_is_a_limit() -> None:
    def term(at: Place) -> Any:
        return at.means[0, 0] * (2 * at.index) ** 0.5

    def small(k: int) -> float:
        return mpmath.log(k) / k

    sequence = own_sequence(OwnRun(EM, BALANCED, 1000), term, small, samples=2)
    check = LimitCheck("root", sequence, lambda: mpmath.mpf(1), "theta_t sqrt(2t)")
    assert check.run(Context()).verdict is Verdict.SUPPORTED
    wrong = LimitCheck("root", sequence, lambda: mpmath.mpf("1.05"), "theta_t sqrt(2t)")
    assert wrong.run(Context()).verdict is Verdict.REFUTED


def test_fates() -> None:
    near = OwnRun(em_step, PAIR, 30)
    right = OwnFates("near", near, ("converged", "converged"))
    assert right.run(Context()).verdict is Verdict.SUPPORTED
    wrong = OwnFates("near", near, ("converged", "escaped"))
    assert wrong.run(Context()).verdict is Verdict.REFUTED
    early = OwnFates("early", OwnRun(em_step, PAIR, 8), ("converged",) * 2, near=1e-9)
    assert early.run(Context()).verdict is Verdict.INCONCLUSIVE


def test_polyak_and_momentum_converge_where_plain_steps_are_slow() -> None:
    polyak = OwnRun(polyak_step("kl"), BALANCED, 16, backend="mpmath")
    fast = DecayCheck("polyak", polyak, first, "geometric", digits=25).run(Context())
    assert fast.verdict is Verdict.SUPPORTED
    heavy = OwnRun(momentum_step("kl", 1, "1/5"), PAIR, 40)
    assert DecayCheck("heavy", heavy, from_teacher, "geometric").run(Context()).verdict in (
        Verdict.SUPPORTED,
        Verdict.INCONCLUSIVE,
    )


def test_what_stands_still_or_has_no_time_decides_nothing() -> None:
    still = OwnRun(lambda at: at.moved(at.means), BALANCED, 12)
    check = DecayCheck("still", still, first, "geometric")
    assert check.run(Context()).verdict is Verdict.INCONCLUSIVE
    late = Context(deadline=cpu_seconds() - 1)
    assert check.run(late).verdict is Verdict.INCONCLUSIVE
    at_once = OwnRun(gradient_step("kl", 1), Mixture.of([["1"]]), 12)
    found = DecayCheck("at once", at_once, first, "geometric").run(Context())
    assert found.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: OwnRun(1, BALANCED, 10), "step"),  # type: ignore[arg-type]
        (lambda: OwnRun(EM, [["1"]], 10), "a Mixture"),  # type: ignore[arg-type]
        (lambda: OwnRun(EM, BALANCED, 2), "at least 8"),
        (lambda: OwnRun(EM, BALANCED, 10, backend="double"), "backend"),
        (lambda: DecayCheck("x", OwnRun(EM, BALANCED, 10), first, "slow"), "kind"),  # type: ignore[arg-type]
        (lambda: DecayCheck("x", OwnRun(EM, BALANCED, 10), first, "geometric", (1, 0)), "between"),
        (lambda: OwnFates("x", OwnRun(EM, BALANCED, 10), ("converged",)), "fates"),
        (lambda: Place.of([["1"]], backend="double"), "backend"),
        (lambda: Place.of([["1"]]).moved([[1.0, 2.0]]), "shape"),
    ],
)
def test_bad_options_are_named(make: Any, named: str) -> None:
    with pytest.raises(InputError, match=named):
        make()


def test_a_cycle_does_not_converge_and_what_falls_does_not_escape() -> None:
    def mirrored(at: Place) -> Place:
        return at.moved(at.constant(5) - at.means)

    cycle = OwnFates("cycle", OwnRun(mirrored, Mixture.of([["0"], ["0"]]), 20), ("converged",) * 2)
    assert cycle.run(Context()).verdict is Verdict.INCONCLUSIVE
    falling = OwnRun(EM, BALANCED, 20)
    near = OwnFates("falls", falling, ("escaped",) * 2, near=1e-3, far=0.01)
    assert near.run(Context()).verdict is Verdict.INCONCLUSIVE
