"""Far components below a level of the loss or beside a near one, and claims F11 and F6."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from flint import arb

from numerics.fates.loss_barrier import outwards
from proofs_check.checks.fates import OPEN, ClaimedStart, decide
from proofs_check.checks.general import BallCheck
from proofs_check.checks.loss_barrier import (
    CriticalPointsWithin,
    beyond,
    curved_at_most,
    known_points,
    pushed_beside_one,
    pushed_outwards,
    radius,
    room,
)
from proofs_check.claim import Context
from proofs_check.claims import f6_escape as f6
from proofs_check.claims import f11_loss_barrier as f11
from proofs_check.points.numerics_point import NumericsPoint
from proofs_check.statements.mixture import Mixture
from proofs_check.verdict import Verdict

#: Radii by the formula in floats (`margin` of the tests of certificates), rounded upwards.
TABLE = {(2, 1, "0.2"): 4.67, (3, 1, "0.2"): 4.91, (5, 1, "0.1"): 5.00, (3, 2, "0.5"): 5.83}


@pytest.mark.parametrize(("size", "expected"), TABLE.items())
def test_the_radius_is_that_of_the_table(size, expected):
    found = radius(*size)
    assert expected - 0.015 < found <= expected
    n, span, level = size
    assert outwards(arb(str(found)), n, span, arb(level)) > 0
    assert room(arb(str(found)) - arb("0.002"), n, span, arb(level)) < 0


@pytest.mark.parametrize("norm", ["0", "1", "2.2", "0.5"])
def test_no_radius_below_its_conditions(norm):
    assert room(arb(norm), 2, 1, arb("0.1")) < 0  # beta - nu itself is negative or not defined


def test_who_is_beyond_depends_on_the_loss():
    near = NumericsPoint(Mixture.of([["0"], ["5.2"]]), 15, "ball")
    high = NumericsPoint(Mixture.of([["2"], ["5.2"]]), 15, "ball")
    assert [j for j, _ in beyond(near)] == [1]
    assert beyond(high) == []  # the loss is far higher there
    assert beyond(NumericsPoint(Mixture.of([["0"], ["0"]]), 15, "ball")) == []


def test_the_push_holds_and_fails_from_less_than_half_the_radius():
    held = BallCheck("edges", pushed_outwards(), f11.EDGES).run(Context())
    assert held.verdict is Verdict.PROVED
    assert held.cases == len(f11.EDGES)
    low = BallCheck("low", pushed_outwards(Fraction(11, 5), "half"), (f11._KNOWN,)).run(Context())
    assert low.verdict is Verdict.REFUTED
    assert low.witness is not None
    assert low.witness.digits >= 30


@pytest.mark.parametrize(("share", "verdict"), [(1, Verdict.PROVED), (2, Verdict.REFUTED)])
def test_curvature_is_at_most_m_and_not_at_most_half_of_it(share, verdict):
    relation = curved_at_most(Fraction(1, share))
    points = f11.CURVED[: 1 if share == 2 else None]
    assert BallCheck("curved", relation, points).run(Context()).verdict is verdict


def test_known_stationary_points_lie_within():
    check = CriticalPointsWithin("pairs", ((2, 1, 20),))
    assert check.run(Context()).verdict is Verdict.PROVED
    assert replace(check, factor=Fraction(11, 5)).run(Context()).verdict is Verdict.REFUTED
    (loss, norm), *_ = known_points(2, 1, 20, 0)
    assert abs(float(loss.mid()) - 0.479516) < 1e-5
    assert abs(float(norm.mid()) - 2.456282) < 1e-5
    none = CriticalPointsWithin("none", ()).run(Context())
    assert none.verdict is Verdict.INCONCLUSIVE  # no point is no evidence


def test_a_far_component_escapes_whatever_the_others_do():
    start = f11.start("two near", [["0.3"], ["-0.5"], ["5.6"]], "ooe", 1)
    found = decide(start)
    assert (found.theorem, found.fates[2]) == ("Theorem L", "escaped")
    assert start.met_by(found.fates)


def test_a_claimed_fate_may_not_stay_open():
    start = f11.start("two near", [["0.3"], ["-0.5"], ["5.6"]], "eoe", 1)
    assert "no theorem decides" in str(decide(start))
    wrong = ClaimedStart("arrive", (("1.5",), ("1",)), "0.1", (OPEN, "escaped"))
    assert not wrong.met_by(decide(wrong).fates)


def test_far_enough_beside_one_near_component():
    radii = {n: r for n, r in f6._PUSHED.items() if n > 2}
    held = BallCheck("far", pushed_beside_one(radii, "the table"), f6._FAR[1:]).run(Context())
    assert held.verdict is Verdict.PROVED
    relation = pushed_beside_one({5: Fraction("2.8")}, "2.8")
    low = BallCheck("2.8", relation, (f6._AT_2_8,)).run(Context())
    assert low.verdict is Verdict.REFUTED
    assert BallCheck("none", relation, (f6._FAR[4],)).run(Context()).verdict is Verdict.PROVED


def test_the_statement_beside_one_near_says_nothing_of_others():
    relation = pushed_beside_one({3: Fraction(4)}, "4")
    between = NumericsPoint(Mixture.of([["0.1"], ["2"], ["5"]]), 15, "ball")
    two_near = NumericsPoint(Mixture.of([["0.1"], ["0"], ["5"]]), 15, "ball")
    far = NumericsPoint(Mixture.of([["0.1"], ["-4"], ["5"]]), 15, "ball")
    assert [relation.applies(at) for at in (between, two_near, far)] == [False, False, True]


def test_the_radius_belongs_to_the_weight():
    """Of two at one distance only the heavier is beyond its radius."""
    at = NumericsPoint(Mixture.of([["0"], ["5.3"], ["-5.3"]], ["1/2", "2/5", "1/10"]), 15, "ball")
    assert [j for j, _ in beyond(at)] == [1]


@pytest.mark.parametrize(
    ("relation", "at"),
    [
        (pushed_outwards(), Mixture.of([["0"], ["5.2"]], ["999/1000", "1/1000"])),
        (curved_at_most(), Mixture.of([["0"], ["0"]])),
        (curved_at_most(), Mixture.of([["3"]])),
    ],
)
def test_components_within_and_stationary_points_are_no_cases(relation, at):
    found = BallCheck("not what it is about", relation, (at,)).run(Context())
    assert found.verdict is Verdict.INCONCLUSIVE
