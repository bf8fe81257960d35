"""Strategies: exact, in range, log-uniform, and shrinking to readable values."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from proofs_check.points.interpreter import NotConfirmedError
from proofs_check.points.line import Line
from proofs_check.sampling.evidence import Trial, gather
from proofs_check.strategies import Cases, log_uniform, mixtures, weights


@given(mixtures(components=(1, 5), dimensions=(1, 4)))
def test_mixtures_are_exact_and_normalized(mixture):
    assert sum(mixture.weights) == 1
    assert all(weight > 0 for weight in mixture.weights)
    assert all(isinstance(entry, Fraction) for mean in mixture.means for entry in mean)


@given(mixtures(components=(2, 4), dimensions=(1, 3)))
def test_separations_stay_in_range(mixture):
    for mean in mixture.means[1:]:
        distance = max(abs(a - b) for a, b in zip(mean, mixture.means[0], strict=True))
        assert Fraction("1e-12") <= distance <= 20


@given(mixtures(components=(2, 4), dimensions=(2, 3), on_line=True))
def test_lines_are_lines(mixture):
    try:
        Line(mixture)
    except NotConfirmedError as error:
        pytest.fail(str(error))


@given(Cases(teacher=(2, 3)).strategy())
def test_teachers_have_their_first_mean_at_the_origin(mixture):
    assert not any(mixture.teacher_means[0])
    assert sum(mixture.teacher_weights) == 1


@given(st.integers(1, 6).flatmap(lambda n: weights(n, "1e-6")))
def test_weights_are_positive_and_sum_to_one(drawn):
    assert sum(drawn) == 1
    assert min(drawn) > 0


def test_draws_are_spread_over_the_decades():
    seen = set()

    def note(value):
        seen.add(math.floor(math.log10(value)))
        return Trial(held=True)

    gather(note, log_uniform("1e-12", "20"), cases=300)
    assert len(seen) >= 10


@pytest.mark.parametrize(("low", "high"), [("0", "1"), ("2", "1"), ("-1", "1")])
def test_bad_bounds_are_refused(low, high):
    with pytest.raises(ValueError, match="positive and in order"):
        log_uniform(low, high)


def test_shrinking_gives_readable_values():
    smallest = find(
        mixtures(components=(2, 4), dimensions=(1, 3)),
        lambda mixture: mixture.n >= 2,
        settings=settings(database=None, max_examples=200),
    )
    assert str(smallest) == "means ((1), (2)), weights (1/2, 1/2)"


def test_evidence_is_reproducible_and_counts_rejected_draws():
    def trial(value):
        return Trial(held=value < 15, margin=value, rejected=value < 1)

    first = gather(trial, log_uniform("1e-2", "10"), cases=200, seed_value=3)
    again = gather(trial, log_uniform("1e-2", "10"), cases=200, seed_value=3)
    other = gather(trial, log_uniform("1e-2", "10"), cases=50, seed_value=4)
    assert first == again
    assert first != other
    assert first.rejected > 0
    assert first.worst_margin <= 10


def test_a_family_too_small_is_not_enough():
    evidence = gather(lambda value: Trial(held=True), log_uniform("1", "1"), cases=200)
    assert evidence.cases == 1
    assert evidence.shortfall.startswith("too few cases")
