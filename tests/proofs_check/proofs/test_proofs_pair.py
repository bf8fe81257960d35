"""Two equal components: the list of stationary points is proved, and no edge of it is idle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from proofs_check.checks.stationary_lists import PairWeights
from proofs_check.proofs import kernel
from proofs_check.proofs.escape_words import AXIS, I_, K
from proofs_check.proofs.kernel import ProofError, Term
from proofs_check.proofs.pair_points import pair_points
from proofs_check.proofs.pair_regions import PairRegion
from proofs_check.proofs.pair_score import PAIR
from proofs_check.proofs.pair_weights import SMALL, WHOLE, pair_weights
from proofs_check.proofs.tactics.language import V, real, state
from proofs_check.proofs.tactics.printing import statements
from proofs_check.proofs.tactics.script import Script, Step
from proofs_check.proofs.tactics.semantics import Model
from proofs_check.verdict import Verdict
from tests.proofs_check.proofs.changed import fails_without, notices
from tests.proofs_check.proofs.replays import replayed, replayed_changed

NAME = "F-stationary"
NAMES = (NAME, "F-weights")
REGION = PairRegion()
ROOT = 2.45628225477967493110
HALF = Fraction(1, 2)


def test_the_list_is_proved_in_every_dimension() -> None:
    found = replayed(NAME)
    assert found.verdict is Verdict.PROVED, [(o.step.name, o.detail) for o in found.failed]
    assert not found.cites
    together, first, distance = statements(found)
    assert "pi_" not in together.split(" if ")[1]
    assert together.split(": v_ia(W)")[1].startswith(" = 0")
    for shown in (first, distance):
        assert "for all n, d >= 1" in shown
        assert "|v_i(V)|^2 <= |v_l(V)|^2" in shown
        assert "<= 8" not in shown
    assert "all hold for n = 2" in found.instance()


PLANTED: dict[str, tuple[Callable[[], Script], str]] = {
    "closer than sqrt 2.02": (lambda: _with(least=Fraction(101, 50)), "radial at x"),
    "up from 5": (lambda: _with(up=Fraction(5)), "medium case"),
    "steeper than 7/10": (lambda: _with(up_slope=Fraction(7, 10)), "long case of v_1.w"),
    "flatter than 1/4": (lambda: _with(right_slope=Fraction(1, 4)), "large"),
    "beyond 13/2": (lambda: _with(gap=Fraction(13, 2)), "large"),
    "cone from 3/20": (lambda: _with(right_slope=Fraction(3, 20)), "F < 0"),
    "a gap above the compact part": (lambda: _with(gap=Fraction(17, 2)), "high: absurd: steep"),
    "a gap below the cone": (lambda: _with(gap=Fraction(15, 2)), "beyond the cone: absurd: up"),
    "not stationary": (lambda: pair_points(stationary=False), "no gradient"),
    "v_1 farther": (lambda: pair_points(nearer=False), "a c >= 0"),
}


def _with(**edges: Fraction) -> Script:
    return pair_points(region=replace(REGION, **edges))


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_error_fails(what: str) -> None:
    build, step = PLANTED[what]
    found = replayed_changed(build())
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.failed[0].step.name == step


def test_other_edges_replay() -> None:
    """The failures above are not failures of any change."""
    other = replayed_changed(_with(least=Fraction(199, 100), right_slope=Fraction(39, 200)))
    assert other.verdict is Verdict.PROVED


BAD: dict[str, tuple[Any, ...]] = {
    "no groups": ("pair points", tuple(PAIR), "7/5", 8, 6),
    "unequal weights": ("pair points", PAIR._replace(log_odds=real("l")), Fraction(3, 2), 8, 6),
    "a float": ("pair points", PAIR, 1.5, 8, 6),
    "a region not searched": ("pair points", PAIR, Fraction(7, 5), 8, 6),
    "an empty region": ("pair points", PAIR, 8, 8, 6),
    "no height": ("pair points", PAIR, Fraction(3, 2), 8, 0),
    "a region without the point": ("pair points", PAIR, Fraction(3, 2), Fraction(12, 5), 6),
    "a cone from nowhere": ("pair cone", PAIR, 0, 0, Fraction(1, 5), Fraction(4, 5)),
    "an empty cone": ("pair cone", PAIR, 0, 8, Fraction(4, 5), Fraction(1, 5)),
    "a cone to the middle": ("pair cone", PAIR, 0, 8, Fraction(0), Fraction(4, 5)),
    "a cone that is too long": ("pair cone", PAIR, 0, 4, Fraction(1, 5), Fraction(4, 5)),
    "a cone of negative odds": ("pair cone", PAIR, -1, 8, Fraction(1, 5), Fraction(4, 5)),
    "a cone of all odds": ("pair cone", PAIR, 9, 8, Fraction(1, 5), Fraction(4, 5)),
    "a state for a component": (
        "pair cone", PAIR._replace(near=V), 0, 8, Fraction(1, 5), Fraction(4, 5)),
}  # fmt: skip


@pytest.mark.parametrize("given", BAD.values(), ids=BAD)
def test_refused(given: tuple[Any, ...]) -> None:
    with pytest.raises(ProofError):
        kernel.oracle(*given)


def _values(means: np.ndarray[Any, Any]) -> dict[Term, Any]:
    return {V: means, I_: 0, K: len(means) - 1, AXIS: 0}


@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("slope", [0.21, 0.5, 0.79])
def test_in_the_cone_the_outer_mean_is_pushed_away(slope: float, dimension: int) -> None:
    """Also off lines through the truth."""
    found = kernel.oracle("pair cone", PAIR, 0, 8, Fraction(1, 5), Fraction(4, 5))
    turned = np.array([1.0, 2.0][:dimension]) / np.sqrt([1, 5][dimension - 1])
    aside = np.array([0.0]) if dimension == 1 else 0.1 * np.array([-2.0, 1.0])
    far = 8.1
    ends = [(slope - 0.5) * far * turned + aside, (slope + 0.5) * far * turned + aside]
    model = Model(np.array([0.5, 0.5]), dimension, 80)
    values = _values(np.array(ends))
    assert all(model.holds(h, values, lambda _: iter(()), 0.0) for h in found.record.hypotheses)
    assert model.gap(found.record.conclusion, values) > 0
    steeper = _values(np.array([0.35 * far * turned, 1.35 * far * turned]))
    held = [model.holds(h, steeper, lambda _: iter(()), 0.0) for h in found.record.hypotheses]
    assert held.count(False) == 1


def test_the_hypotheses_hold_at_the_point_and_not_beside_it() -> None:
    found = kernel.oracle("pair points", PAIR, Fraction(3, 2), 8, Fraction(32, 5))
    # three of the groups, the weights, 0 <= 0, F, Q, and two ends each of a and c
    assert len(found.record.hypotheses) == 11
    model = Model(np.array([0.5, 0.5]), 1, 120)
    at = _values(np.array([[0.0], [ROOT]]))
    assert all(model.holds(h, at, lambda _: iter(()), 1e-6) for h in found.record.hypotheses)
    assert abs(model.gap(found.record.conclusion, at)) < 1e-9
    moved = _values(np.array([[0.01], [ROOT]]))
    assert not all(model.holds(h, moved, lambda _: iter(()), 1e-6) for h in found.record.hypotheses)


def test_for_other_weights_there_is_at_most_one_point() -> None:
    """Along the line without any condition on the weights."""
    found = replayed("F-weights")
    assert found.verdict is Verdict.PROVED, [(o.step.name, o.detail) for o in found.failed]
    line, distance, place = statements(found)
    assert "pi_" not in line.split(" if ")[1]
    assert "lambda" not in line
    assert ": a(V) = a(W);" in distance
    assert ": alpha(V) = alpha(W);" in place
    for shown in (distance, place):
        assert "exp(lambda) pi_i = pi_l" in shown
        assert "|v_i(V)|^2 + 2 lambda <= |v_l(V)|^2" in shown
        assert "-1/20 <= lambda" in shown
        assert "lambda <= 1/20" in shown
    assert "all hold for n = 2" in found.instance()


FOR_WEIGHTS: dict[str, tuple[dict[str, Any], str]] = {
    "the wrong one far": ({"signed": False}, "a c >= 0"),
    "wider odds": ({"region": replace(SMALL, odds=HALF)}, "large"),
    "wider odds near": ({"region": replace(SMALL, odds=Fraction(9))}, "v_2.w >= 0"),
    "cone from 3/20": ({"region": replace(SMALL, right_slope=Fraction(3, 20))}, "F < 0"),
}


@pytest.mark.parametrize("what", FOR_WEIGHTS)
def test_a_planted_error_about_weights_fails(what: str) -> None:
    changes, step = FOR_WEIGHTS[what]
    found = replayed_changed(pair_weights(**({"region": SMALL} | changes)))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert step in [outcome.step.name for outcome in found.failed]
    assert {"same distance", "same place"} <= {outcome.step.name for outcome in found.failed}


@dataclass(frozen=True)
class _Granted:
    """In the place of a cover."""

    kind: str

    def prove(self, goal: Term, premises: object) -> kernel.Theorem:
        return kernel.assume(goal)


def _assumed(step: Step) -> Step:
    covers = ("F < 0", "same distance", "same place")
    return replace(step, tactic=_Granted(step.kind)) if step.name in covers else step


def test_the_edges_of_the_whole_range_are_right() -> None:
    """All but its covers, which take minutes: every step that is no cover holds."""
    script = pair_weights(region=WHOLE)
    shown = replace(script, steps=tuple(_assumed(step) for step in script.steps))
    found = replayed_changed(shown)
    assert [outcome.step.name for outcome in found.failed] == []


UNIQUE = (PAIR._replace(log_odds=real("l")), state("W"), "alpha", Fraction(1, 20))
EDGES = (Fraction(3, 2), Fraction(2), Fraction(1))
UNIQUE_REFUSED: dict[str, tuple[Any, ...]] = {
    "no groups": (tuple(PAIR), *UNIQUE[1:], *EDGES),
    "no state": (UNIQUE[0], K, *UNIQUE[2:], *EDGES),
    "another value": (*UNIQUE[:2], "middle", UNIQUE[3], *EDGES),
    "negative odds": (*UNIQUE[:3], Fraction(-1, 20), *EDGES),
    "a float": (*UNIQUE[:3], 0.05, *EDGES),
    "edges without the point": (*UNIQUE, *EDGES),
    "a region not searched": (*UNIQUE, Fraction(7, 5), *EDGES[1:]),
}


@pytest.mark.parametrize("given", UNIQUE_REFUSED.values(), ids=UNIQUE_REFUSED)
def test_uniqueness_is_refused(given: tuple[Any, ...]) -> None:
    with pytest.raises(ProofError):
        kernel.oracle("pair unique", *given)


LEFT_OUT = {
    ("F-stationary", "two components"): "belongs",
    ("F-stationary", "weight"): "log odds",
    ("F-stationary", "apart"): "|w|^2 >= 0",
    ("F-stationary", "nearer"): "a c >= 0",
    ("F-weights", "log odds"): "odds times p/q",
    ("F-weights", "odds low"): "v_2.w >= 0",
    ("F-weights", "odds high"): "approach at x",
    ("F-weights", "stationary in W"): "F in W",
}


@pytest.mark.parametrize(("name", "hypothesis"), LEFT_OUT)
def test_no_hypothesis_is_idle(name: str, hypothesis: str) -> None:
    found = replayed(name)
    if hypothesis.endswith(" in W"):
        conclusion = found.theorems["same place"].record
        (given,) = [h for h in found.proof.hypotheses if h.name == hypothesis]
        assert given.formula in conclusion.hypotheses
    else:
        assert fails_without(name, hypothesis) == LEFT_OUT[name, hypothesis]


@pytest.mark.parametrize("step", ["C", "s exp(-s)", "a^6", "mean z p", "small", "Q"])
def test_a_step_notices_a_changed_conclusion(step: str) -> None:
    assert notices("F-stationary", step)


def test_the_check_says_which_weights_it_covers():
    assert f"<= {SMALL.odds} ({WHOLE.odds} at full)" in PairWeights().name
