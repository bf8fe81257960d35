"""Intervals, and checks of probabilities that cannot say more than their counts."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binomtest

from numerics.ensembles.fates import EnsembleFates
from proofs_check.checks import frequencies as frequency_checks
from proofs_check.checks.frequencies import LEVEL, Family, Frequency, SameFates, families
from proofs_check.claim import Context
from proofs_check.sampling.confidence import GRAIN, clopper_pearson, upper_tail
from proofs_check.verdict import MORE_TIME, Method, Verdict


@pytest.mark.parametrize(
    ("successes", "trials"), [(0, 7), (7, 7), (3, 20), (199, 200), (450, 1000)]
)
@pytest.mark.parametrize("level", ["0.95", "0.999"])
def test_intervals_are_those_of_scipy_rounded_outwards(successes, trials, level):
    low, high = clopper_pearson(successes, trials, Fraction(level))
    theirs = binomtest(successes, trials).proportion_ci(float(level), method="exact")
    assert 0 <= theirs.low - float(low) < 1.001 / GRAIN
    assert 0 <= float(high) - theirs.high < 1.001 / GRAIN


def test_the_tail_is_exact():
    p = Fraction(2, 7)
    total = sum(upper_tail(k, 9, p) - upper_tail(k + 1, 9, p) for k in range(9))
    assert total + upper_tail(9, 9, p) == 1
    assert upper_tail(9, 9, p) == p**9
    low = clopper_pearson(5, 9, Fraction(9, 10))[0]
    assert upper_tail(5, 9, low) <= Fraction(1, 20) < upper_tail(5, 9, low + Fraction(1, GRAIN))


@pytest.mark.parametrize("bad", [(-1, 3, LEVEL), (4, 3, LEVEL), (0, 0, LEVEL), (1, 3, Fraction(1))])
def test_impossible_counts_are_refused(bad):
    with pytest.raises(ValueError, match="no interval"):
        clopper_pearson(*bad)


def with_counts(monkeypatch, one, all_of_them, open_starts):
    outcomes = [1] * one + [2] * all_of_them + [-1] * open_starts
    found = EnsembleFates(np.array(outcomes), 1)
    monkeypatch.setattr(frequency_checks, "fates", lambda family, context: found)
    return Frequency("f", (Family(2, 1, Fraction(1), Fraction(5)),), "0.9").run(Context())


@pytest.mark.parametrize(
    ("one", "all_of_them", "open_starts", "verdict"),
    [
        (200, 0, 0, Verdict.SUPPORTED),
        (100, 100, 0, Verdict.REFUTED),
        (180, 20, 0, Verdict.INCONCLUSIVE),
        (100, 0, 100, Verdict.INCONCLUSIVE),  # undecided starts refute nothing
        (170, 0, 30, Verdict.INCONCLUSIVE),  # ... and support nothing
    ],
)
def test_a_count_says_no_more_than_its_interval(
    monkeypatch, one, all_of_them, open_starts, verdict
):
    result = with_counts(monkeypatch, one, all_of_them, open_starts)
    assert result.verdict is verdict
    if verdict is not Verdict.INCONCLUSIVE:
        assert result.method is Method.STATISTICAL
        low, high = clopper_pearson(one, 200, LEVEL)
        bound = Fraction(9, 10)
        gap = low - bound if verdict is Verdict.SUPPORTED else bound - high
        assert float(result.margin) == pytest.approx(float(gap), rel=0.01)
        assert result.cases == 200


def test_draws_depend_on_seed_and_family_only():
    one, other = families([(2, 1), (3, 1)], ["1"], [5])
    assert (one.starts(Context()) == one.starts(Context(digits=30))).all()
    assert not (one.starts(Context()) == one.starts(Context(seed=1))).all()
    assert one.starts(Context(budget="full")).shape == (1000, 2, 1)
    assert other.starts(Context()).shape == (200, 3, 1)
    drawn = Family(2, 3, Fraction(1, 4), Fraction(10)).starts(Context(budget="full"))
    assert drawn[..., 0].mean() == pytest.approx(10.0, abs=0.05)
    assert drawn.std(axis=0) == pytest.approx(0.25, abs=0.03)


def test_far_starts_support_and_near_ones_refute():
    far = Frequency("far", families([(2, 1)], ["1"], [10], 60), "0.85").run(Context())
    near = Frequency("near", families([(2, 1)], ["1/1000"], [3], 40), "0.85").run(Context())
    assert (far.verdict, near.verdict) == (Verdict.SUPPORTED, Verdict.REFUTED)
    both = families([(2, 1)], ["1"], [5], 20)
    assert SameFates("finer", both).run(Context()).verdict is Verdict.SUPPORTED


def test_fates_left_open_for_lack_of_time_are_no_fates():
    """Nor are they kept: the next check follows the same starts to the end."""
    first, second = (families([(2, 1)], ["1"], [5], draws) for draws in (23, 24))
    for check in (SameFates("late", first), Frequency("late", second, "1/100")):
        late = check.run(Context(deadline=0.0))
        assert late.verdict is Verdict.INCONCLUSIVE
        assert late.notes == ("time ran out", f"to decide: {MORE_TIME}")
        assert check.run(Context()).verdict is Verdict.SUPPORTED


def test_no_time_is_inconclusive():
    expired = Context(deadline=0.0)
    check = Frequency("late", families([(2, 1)], ["1"], [10], 20), "0.85")
    assert check.run(expired).verdict is Verdict.INCONCLUSIVE
