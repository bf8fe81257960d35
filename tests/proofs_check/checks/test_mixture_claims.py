"""R4 and R5: what their checks conclude, and that they conclude nothing where they cannot."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_check.checks.mixture_frequencies import EndsNearClosest, Setting
from proofs_check.checks.total_variation import SampledVariation, VariationRun, VariationVanishes
from proofs_check.claim import Context
from proofs_check.claims.r5_total_variation import HALF, MET, UNMET, bounded
from proofs_check.points.witness import Witness, confirm
from proofs_check.sampling.cases import Cases
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Relation
from proofs_check.verdict import Method, Verdict

PAIR = (Setting(2, 2, 1),)


def test_separated_teachers_support_and_close_ones_refute():
    far = EndsNearClosest("far", "8", PAIR, trials=(120, 120)).run(Context())
    assert (far.verdict, far.method, far.cases) == (Verdict.SUPPORTED, Method.STATISTICAL, 120)
    close = EndsNearClosest("close", "2", PAIR, trials=(120, 120)).run(Context())
    assert close.verdict is Verdict.REFUTED
    met = EndsNearClosest("met", "8", PAIR, event="every teacher mean is met", trials=(120, 120))
    assert met.run(Context()).verdict is Verdict.REFUTED


def test_an_interval_that_straddles_concludes_nothing():
    few = EndsNearClosest("few", "8", PAIR, trials=(10, 10)).run(Context())
    assert few.verdict is Verdict.INCONCLUSIVE
    late = EndsNearClosest("late", "8", PAIR).run(Context(deadline=0.0))
    assert late.verdict is Verdict.INCONCLUSIVE
    assert "time ran out" in late.notes


def test_counts_depend_on_the_seed_only():
    check = EndsNearClosest("close", "2", PAIR, trials=(60, 60))
    counts = [check.count(PAIR[0], Context(seed=seed)).successes for seed in (0, 0, 1)]
    assert counts[0] == counts[1]


def test_the_bound_fails_below_the_constant_that_one_student_needs():
    near = Mixture.of([["1/10"]])
    assert isinstance(confirm(bounded(Fraction(39, 100)), near, 10), Witness)
    assert isinstance(confirm(HALF, near, 10), str)


def test_both_points_agree_on_the_bound():
    assert isinstance(HALF, Relation)
    from proofs_check.points.independent_point import IndependentPoint
    from proofs_check.points.interpreter import precision
    from proofs_check.points.numerics_point import NumericsPoint

    mixture = Mixture.of([["-1"], ["2"]], ["1/3", "2/3"])
    with precision(30):
        for point in (NumericsPoint(mixture, 12, "ball"), IndependentPoint(mixture, 12)):
            assert HALF.judge(point).decision == "holds"


def test_samples_support_the_bound_and_suspect_a_false_one():
    cases = Cases(components=(1, 2), dimensions=(2, 2), separation=("1", "3"))
    good = SampledVariation("half", Fraction(1, 2), cases, samples=2000).run(Context())
    assert good.verdict is Verdict.SUPPORTED
    false = SampledVariation("fifth", Fraction(1, 5), cases, samples=2000).run(Context())
    assert false.verdict is Verdict.INCONCLUSIVE  # samples alone confirm nothing
    assert "suspected" in false.notes[0]


@pytest.mark.parametrize(("runs", "verdict"), [(MET[:1], "SUPPORTED"), (UNMET, "REFUTED")])
def test_descents_by_whether_every_mean_is_met(runs, verdict):
    result = VariationVanishes("descent", runs, Fraction(1, 100)).run(Context())
    assert (str(result.verdict), result.method) == (verdict, Method.NUMERICAL)


def test_a_descent_that_stands_on_the_bound_concludes_nothing():
    start = VariationRun(Mixture.of([["1"]]), "1/1000000", 1)
    value = start.ends("float64", 10)
    assert value.means[0][0] != 1
    between = VariationVanishes("edge", (start,), Fraction(38292492, 10**8))
    assert between.run(Context()).verdict is not Verdict.PROVED
