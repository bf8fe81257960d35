"""Plain descent in many arithmetics, the rounding rule, the study and its advice."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from numerics.descent.run import descend
from numerics.errors import InputError
from numerics.evaluation.evaluator import Evaluator
from numerics.execution import executor
from numerics.studies.precision.advice import advise
from numerics.studies.precision.number_systems import fixed_systems, multiple, native
from numerics.studies.precision.plain_descent import PlainGradient, covered, plain_descent
from numerics.studies.precision.rounding_rule import RoundingRule, rounding_rule
from numerics.studies.precision.study import (
    FAMILIES,
    Case,
    StudyStart,
    Truth,
    certified_truth,
    examine,
    judge,
    make_cases,
    stays_right,
    study,
)

TENTH = Fraction(1, 10)
SYSTEMS = [*fixed_systems(), multiple(70)]


def case(distance: int, spread: str, family: Any = "along", n: int = 2) -> Case:
    (made,) = make_cases([Fraction(distance)], [Fraction(spread)], [n], [family], TENTH, 0)
    return made


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.name)
@pytest.mark.parametrize(
    ("objective", "weights", "means"),
    [
        ("forward", ["1/2", "1/2"], [["3/2", "1/4"], ["-1/2", "1/3"]]),
        ("kl", ["1/4", "3/4"], [["3/2", "1/4"], ["-1/2", "1/3"]]),
        ("forward", ["1/2", "1/4", "1/4"], [["3"], ["0"], ["1/7"]]),
        ("forward", ["1/2", "1/2"], [["-5"], ["12"]]),
    ],
)
def test_plain_gradient_against_the_careful_one(
    system: Any, objective: str, weights: list[str], means: list[list[str]]
) -> None:
    exact = [tuple(map(Fraction, row)) for row in means]
    evaluator = Evaluator(
        objective, ("gradient",), n=len(means), dimension=len(means[0]), weights=weights
    )
    wanted = evaluator(np.array(exact, dtype=float))["gradient"]
    with system.active():
        gradient = PlainGradient(objective, exact, system)
        rows = [[system.round([entry])[0] for entry in row] for row in exact]
        found = gradient(rows, system.round([system.log(Fraction(w)) for w in weights]))
        values = np.array([[system.double(entry) for entry in row] for row in found])
    assert abs(values - wanted).max() < 1e-6 + 3000 * 2.0**-system.bits


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.name)
def test_fates_of_plain_runs(system: Any) -> None:
    start = case(4, "1/10").start
    run = plain_descent("forward", start.means, system, step_size=TENTH, steps=start.steps)
    reference = descend("forward", [["4.1"], ["4"]], step_size="0.1", steps=100)
    assert run.names == tuple(fate.fate for fate in reference.fates)
    assert {"converged", "escaped"} == set(run.names)
    assert run.fates[0].criterion == "Lemma E"
    assert run.fates[0].basis == "numerical"
    assert not run.coincided


def test_plain_runs_say_what_happened() -> None:
    close = case(6, "1e-20").start.means
    run = plain_descent("forward", close, native("float64"), step_size=TENTH, steps=100)
    assert run.coincided
    assert run.names == ("converged", "converged")
    short = plain_descent("forward", close, native("float64"), step_size=TENTH, steps=2)
    assert short.names == ("undecided", "undecided")
    far = ((Fraction(10**30),), (Fraction(10**30) + 3,))
    broken = plain_descent("forward", far, native("float32"), step_size=TENTH, steps=50)
    assert broken.warning
    assert not covered([(Fraction(0), Fraction(0)), (Fraction(9), Fraction(0))])
    with pytest.raises(InputError, match="means"):
        plain_descent(
            "forward", (((Fraction(1),) * 3),), native("float64"), step_size=TENTH, steps=1
        )


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("distance", [4, 9])
def test_rule_against_hand_sums(distance: int, n: int) -> None:
    """``Lambda`` and ``A`` typed in by hand."""
    start = case(distance, "1e-9", n=n).start
    rule = rounding_rule("forward", start.means, TENTH, 10**4)
    centre = math.sqrt(float(sum(row[0] for row in start.means) / n) ** 2)
    c, growth, total, injected = centre, 1.0, 0.0, 1.0
    while c > 1e-3:
        growth *= 1 + 0.4 / n * c * c
        total += math.log(1 + 0.4 / n * c * c)
        injected += ((1 - 0.2 / n) * c + 0.2 / n * c * (1 + 2 * c * c)) / (centre * growth)
        c *= 1 - 0.2 / n
    assert rule.amplification == pytest.approx(total, rel=1e-9)
    assert rule.injection == pytest.approx(injected, rel=1e-9)
    digits = math.log10(2 * centre * injected) + min(9, total / math.log(10))
    assert rule.digits == pytest.approx(digits, abs=1e-3)
    assert 2.0**-rule.bits <= 10**-rule.digits < 2.0 ** (1 - rule.bits)


def test_rule_without_a_spread_and_without_amplification() -> None:
    across = case(6, "1e-3", "across").start
    rule = rounding_rule("forward", across.means, TENTH, 1000)
    assert rule.spread_log is None
    assert not rule.limited_by_spread
    assert rounding_rule("reverse", across.means, TENTH, 1000).amplification == 0
    assert rounding_rule("forward", across.means[:1], TENTH, 1000).amplification == 0


def test_three_components_across_the_centre_are_certified() -> None:
    (one,) = make_cases([Fraction(3)], [Fraction("1e-3")], [3], ["across"], TENTH, 0)
    truth = certified_truth(one.start)
    assert truth.certified
    assert truth.fates == ("converged",) * 3


def test_cases() -> None:
    made = make_cases(
        [Fraction(6), Fraction(9)], [Fraction("1e-4"), Fraction("1e-3")], [2, 3], FAMILIES, TENTH, 5
    )
    assert len(made) == 2 * 2 * 2 + 2 * 2
    across = [one for one in made if one.family == "across"]
    assert {one.spread for one in across} == {Fraction("1e-3")}
    for one in across:
        rows = one.start.means
        assert len(rows) == one.components == len(set(rows))
        centre = [sum(column, Fraction(0)) / len(rows) for column in zip(*rows, strict=True)]
        for row in rows:
            assert sum((a - c) * c for a, c in zip(row, centre, strict=True)) == 0
        ends = [a - b for a, b in zip(rows[0], rows[-1], strict=True)]
        assert sum(entry * entry for entry in ends) == one.spread**2
    again = make_cases([Fraction(9)], [Fraction("1e-3")], [3], ["along"], TENTH, 5)
    assert again[0] in made  # what a case is does not depend on its neighbours
    other = make_cases([Fraction(9)], [Fraction("1e-3")], [3], ["along"], TENTH, 6)
    assert other[0] not in made


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"distances": [Fraction(0)]}, "distance"),
        ({"spreads": [Fraction(-1)]}, "spread"),
        ({"components": [1]}, "components"),
        ({"step_size": Fraction(1)}, "step_size"),
        ({"components": [5], "families": ["across"]}, "components"),
    ],
)
def test_bad_cases(change: dict[str, Any], name: str) -> None:
    arguments: dict[str, Any] = {
        "distances": [Fraction(6)],
        "spreads": [TENTH],
        "components": [2],
        "families": ["along"],
        "step_size": TENTH,
        "seed": 0,
    }
    with pytest.raises(InputError) as caught:
        make_cases(**{**arguments, **change})
    assert caught.value.argument == name


def test_judgement_and_ladder() -> None:
    run = plain_descent(
        "forward", case(4, "1/10").start.means, native("float64"), step_size=TENTH, steps=200
    )
    assert judge(run, Truth(run.names, "Lemma E", True)) == "right"
    assert judge(run, Truth(run.names[::-1], "Lemma E", True)) == "wrong"  # the other one escapes
    assert judge(run, Truth(run.names, "none", False)) == "undecided"
    assert stays_right({10: "wrong", 20: "right", 30: "right"}) == 20
    assert stays_right({10: "right", 20: "right", 30: "undecided"}) is None


def test_spread_that_rounding_swallows() -> None:
    """One component escapes; float64 rounds the means together and says both converge."""
    found = examine(case(18, "1e-17").start, [40, 60, 70, 90])
    assert found is not None
    assert found.truth.certified
    assert sorted(found.truth.fates) == ["converged", "escaped"]
    assert found.fixed["float32"] == found.fixed["float64"] == "wrong"
    assert found.fixed["double-double"] == "right"
    assert found.silent
    assert found.coincided
    assert found.needed_bits in (60, 70)


def test_rounding_that_is_amplified() -> None:
    """All converge, but rounding opens a spread along the centre, and a component escapes."""
    found = examine(case(16, "1e-3", "across").start, [90])
    assert found is not None
    assert found.truth.fates == ("converged", "converged")
    assert found.fixed["float64"] == "wrong"
    assert found.silent
    assert not found.coincided
    assert found.fixed["double-double"] == "right"


@pytest.mark.parametrize(("distance", "spread"), [(6, "1e-4"), (10, "1e-7"), (14, "1e-12")])
def test_rule_bounds_what_is_measured(distance: int, spread: str) -> None:
    """Escapes: the rule's bits are enough, and eight bits fewer are not (on average two are)."""
    one = case(distance, spread)
    bits = one.rule.bits
    found = examine(one.start, [bits - 8, bits + 1, bits + 8])
    assert found is not None
    assert "escaped" in found.truth.fates
    assert dict(found.ladder) == {bits - 8: "wrong", bits + 1: "right", bits + 8: "right"}


def test_study_stops_when_told() -> None:
    cases = [case(4, "1e-2"), case(5, "1e-2")]
    with executor(processes=1) as pool:
        found = dict(study(cases, pool))
        assert [found[case]["distance"] for case in cases] == ["4", "5"]
        rows: list[Any] = []
        for pair in study(cases, pool, lambda: bool(rows)):
            rows.append(pair)
        assert len(rows) == 1


def test_advice_for_a_spread() -> None:
    advice = advise([["6.0000005"], ["5.9999995"]], step_size="0.1")
    assert advice.digits == 8
    assert advice.float64_is_enough
    assert advice.truth == Truth(("escaped", "converged"), "Lemma E", True)
    assert advice.found is not None
    assert advice.found.fixed["float64"] == "right"
    assert "its own digits must survive" in advice.reasons[0]


def test_advice_where_float64_fails() -> None:
    advice = advise([["118"], ["118.00000000000000001"]], step_size="0.1", teacher_mean=[100])
    assert advice.digits is not None
    assert advice.digits > 16
    assert advice.float64_is_enough is False
    assert advice.to_data()["float64_verdict"] == "wrong"
    assert any("rounds distinct means to equal ones" in reason for reason in advice.reasons)


def test_advice_without_a_rule_or_trials() -> None:
    unequal = advise([["3"], ["3.001"]], step_size="0.1", weights=["0.45", "0.55"])
    assert unequal.rule is None
    assert unequal.found is not None
    assert unequal.digits is not None
    assert "unequal weights" in unequal.reasons[0]
    space = advise([[1, 0, 0], [0, "0.1", 0]], step_size="0.1")
    assert space.found is None
    assert "one or two dimensions" in space.reasons[-1]
    short = advise([[6], ["6.1"]], step_size="0.1", steps=3)
    assert not short.truth.certified
    assert "certified no fate" in short.reasons[-1]
    hurried = advise([[6], ["6.1"]], step_size="0.1", stop=lambda: True)
    assert "time is up" in hurried.reasons[-1]
    reverse = advise([[6], ["6.1"]], step_size="0.05", objective="reverse")
    assert reverse.truth.fates == ("converged", "converged")
    assert "next to nothing is amplified" in reverse.reasons[0]
    apart = advise([[0], [40]], step_size="0.1", stop=lambda: True)
    assert "apart along the centre already" in apart.reasons[0]
    mirrored = advise([[6, "0.1"], [6, "-0.1"]], step_size="0.1", stop=lambda: True)
    assert "there is no spread along the centre" in mirrored.reasons[0]
    assert mirrored.digits == 9
    below = advise([[6], ["6.000000000001"]], step_size="0.1", stop=lambda: True)
    assert "stays below one" in below.reasons[0]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"step_size": "0"}, "step_size"),
        ({"steps": 0}, "steps"),
        ({"means": [[]]}, "means[0]"),
        ({"weights": ["1/2", "1/3"]}, "weights"),
    ],
)
def test_bad_advice(change: dict[str, Any], name: str) -> None:
    arguments: dict[str, Any] = {"means": [[6], [7]], "step_size": "0.1"}
    with pytest.raises(InputError) as caught:
        advise(**{**arguments, **change})
    assert caught.value.argument == name


def test_certified_truth_may_be_undecided() -> None:
    start = StudyStart(((Fraction(6),), (Fraction(7),)), TENTH, 2)
    truth = certified_truth(start)
    assert not truth.certified
    assert truth.fates == ("undecided", "undecided")


def test_rule_is_a_plain_value() -> None:
    rule = RoundingRule(10.0, -5.0, 30.0, 2.0)
    assert rule.limited_by_spread
    assert rule.digits == pytest.approx(math.log10(40) + 5)
    assert RoundingRule(0.0, None, 0.0, 1.0).digits == 1
