"""Rows of points: the same fates, steps and enclosures as descend --certify, and honest marks."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.descent.certificate import make_certificate
from numerics.descent.problem import DescentProblem, plan_descent
from numerics.descent.result import Descent, RunOptions
from numerics.descent.run import descend
from numerics.sweeps.fates import enclosed, prepare, that_holds
from numerics.sweeps.points import Point
from numerics.sweeps.two_groups import applies, certified_descent
from proofs_check.certificates.checker import RejectedError, check
from proofs_check.certificates.file_format import parse_certificate

WORK = prepare({})
THIRD = Fraction(1, 3)


def row(**values: Any) -> dict[str, Any]:
    (found,) = WORK([Point.of({"steps": 600, **values})])
    return found


def arguments(point: Point) -> dict[str, Any]:
    names = ("step_size", "steps", "time", "digits")
    return {"weights": point.weights, **{name: point.values[name] for name in names}}


def planned(point: Point) -> DescentProblem:
    return plan_descent(point.values["objective"], point.means, backend="ball", **arguments(point))


def by_descend(point: Point) -> Descent:
    return descend(
        point.values["objective"],
        point.means,
        backend="ball",
        options=RunOptions(certify=True),
        **arguments(point),
    )


def same(left: Descent, right: Descent) -> None:
    assert left.steps == right.steps
    assert [f.fate for f in left.fates] == [f.fate for f in right.fates]
    assert left.fates[0].criterion == right.fates[0].criterion
    assert left.fates[0].basis == right.fates[0].basis == "enclosure"
    assert left.loss.overlaps(right.loss)
    assert [step for step, _ in left.trail] == [step for step, _ in right.trail]
    for (_, one), (_, other) in zip(left.trail, right.trail, strict=True):
        assert all(a.overlaps(b) for a, b in zip(one.flat, other.flat, strict=True))
    limit = Fraction(1, 10**left.problem.digits)
    assert all(left.arithmetic.radius(entry) <= limit for entry in left.means.flat)


#: Starts of all kinds that the quick way takes: near and far, close and apart, groups, weights.
CASES = (
    {},
    {"spread": Fraction("1e-2"), "step_size": "3/10"},
    {"spread": Fraction("1e-6")},
    {"spread": Fraction("1e-12"), "digits": 20},
    {"spread": Fraction("1e-25"), "distance": Fraction(4)},
    {"spread": Fraction("1e-9"), "components": 4, "distance": Fraction(5), "step_size": "1/5"},
    {"weights": (THIRD, 2 * THIRD), "distance": Fraction(9)},
    {"weights": (2 * THIRD, THIRD), "spread": Fraction(2), "step_size": "0:0.2,7:0.1"},
    {"objective": "reverse", "step_size": "3/10"},
    {"objective": "reverse", "components": 3, "spread": Fraction("1e-4"), "step_size": "1/5"},
    {"time": Fraction(1, 4), "spread": Fraction("1e-2")},
    {"distance": Fraction(14), "spread": Fraction(3), "step_size": "1/5"},
)


@pytest.mark.parametrize("values", CASES, ids=str)
def test_the_quick_way_is_descend(values: dict[str, Any]) -> None:
    point = Point.of({"steps": 600, **values})
    problem = planned(point)
    assert applies(problem)
    found = certified_descent(problem)
    assert found is not None
    same(found[0], by_descend(point))


@settings(max_examples=12)
@given(
    st.fractions(Fraction(1, 2), Fraction(8), max_denominator=7),
    st.integers(-10, 1),
    st.sampled_from(["1/10", "1/4"]),
    st.sampled_from(["forward", "reverse"]),
    st.integers(2, 4),
)
def test_the_quick_way_is_descend_for_drawn_starts(
    distance: Fraction, exponent: int, step: str, objective: str, components: int
) -> None:
    point = Point.of(
        {
            "distance": distance,
            "spread": 3 * Fraction(10) ** exponent / 7,
            "step_size": step,
            "objective": objective,
            "components": components,
            "steps": 80,
        }
    )
    problem = planned(point)
    if not applies(problem):  # a start that a reflection maps to itself
        return
    found, other = certified_descent(problem), by_descend(point)
    if found is None:
        assert other.stopped == "completed"
    else:
        same(found[0], other)


def test_radii_contain_the_iterates_at_many_more_digits() -> None:
    values = {"spread": Fraction("1e-3"), "weights": (THIRD, 2 * THIRD), "steps": 300}
    coarse = certified_descent(planned(Point.of({**values, "digits": 6})))
    fine = certified_descent(planned(Point.of({**values, "digits": 40})))
    assert coarse is not None
    assert fine is not None
    for (_, wide), (_, narrow) in zip(coarse[0].trail, fine[0].trail, strict=True):
        assert all(a.contains(b) for a, b in zip(wide.flat, narrow.flat, strict=True))


@pytest.mark.parametrize("values", [CASES[2], CASES[5], CASES[8], CASES[10]], ids=str)
def test_certificates_are_accepted_and_forgeries_are_not(values: dict[str, Any]) -> None:
    found = row(**values, certificate="full")
    text = found["certificate"]
    assert found["certificate_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    accepted = check(parse_certificate(text))
    assert (accepted.theorem, accepted.step) == (found["theorem"], found["steps"])
    forged = json.loads(text)
    forged["checkpoints"][-1]["centred_means"]["mid"][0][0] = "0.0625"
    with pytest.raises(RejectedError):
        check(parse_certificate(json.dumps(forged)))


def test_rate_is_that_of_the_other_way() -> None:
    """The quick way has it from enclosures, the others from float64."""
    quick = row(spread=Fraction("1e-2"), weights=(THIRD, 2 * THIRD))
    means = Point.of({"spread": Fraction("1e-2"), "weights": (THIRD, 2 * THIRD)})
    run = by_descend(means)
    from numerics.evaluation.evaluate import evaluate

    at = [[str(entry.mid().str(30, radius=False)) for entry in row] for row in run.centred_means]
    loss = evaluate("forward", at, weights=["1/3", "2/3"]).value
    gradient = evaluate("forward", at, weights=["1/3", "2/3"], quantity="gradient").value
    assert quick["rate"] == pytest.approx(float((gradient**2).sum() / loss), rel=1e-6)
    three = row(components=3, start="spaced", distance=Fraction(1, 4), spread=Fraction(1, 10))
    assert three["status"] == "certified"
    assert three["rate"] > 0


def test_what_no_theorem_decides_is_numerical() -> None:
    short = row(spread=Fraction("1e-6"), steps=60)
    assert (short["status"], short["fate"], short["theorem"]) == ("numerical", "undecided", "none")
    assert short["backend"] == "float64"
    assert short["certificate_sha256"] == short["certificate"] == ""
    assert "more steps" in short["note"]


def test_never_certified_is_what_descend_says_without_balls() -> None:
    values = {"spread": Fraction("1e-2"), "certify": "never", "steps": 300}
    found = row(**values)
    run = descend("forward", Point.of(values).means, step_size="0.1", steps=300, digits=10)
    assert found["status"] == "numerical"
    assert found["fates"] == [fate.fate for fate in run.fates]
    assert (found["steps"], found["theorem"]) == (300, run.fates[0].criterion)
    assert found["loss"] == float(f"{run.loss:.10g}")
    assert abs(found["loss"] - float(run.loss)) + run.loss_error <= found["loss_error"] < 1e-11


def test_near_means_in_floats_take_more_digits() -> None:
    found = row(spread=Fraction("1e-20"), certify="never", steps=40)
    assert (found["status"], found["backend"]) == ("numerical", "mpmath")


def test_planes_are_certified_only_when_asked() -> None:
    values: dict[str, Any] = {
        "start": "means",
        "means": ((Fraction(1, 4), Fraction(0)), (Fraction(0), Fraction(1, 4)), (Fraction(0),) * 2),
        "steps": 30,
    }
    assert row(**values)["status"] == "numerical"
    always = row(**values, certify="always")
    assert (always["status"], always["theorem"]) == ("certified", "Theorem F")


def test_three_distinct_components_are_as_by_descend() -> None:
    values = {"start": "means", "means": ((Fraction(1),), (Fraction(1, 2),), (Fraction(-1, 3),))}
    found = row(**values)
    run = by_descend(Point.of({"steps": 600, **values}))
    assert (found["status"], found["steps"]) == ("certified", run.steps)
    certificate = make_certificate(run)
    assert certificate is not None
    assert found["theorem"] == certificate["theorem"]


def test_points_that_cannot_be_run_are_failed_rows() -> None:
    found = row(objective="reverse", step_size="100", certify="never")
    assert (found["status"], found["fate"]) == ("failed", "failed")
    assert "nodes predicted; allowed: at most" in found["note"]


def test_notes_do_not_advise_what_a_sweep_has_not() -> None:
    from numerics.errors import NodeLimitError
    from numerics.sweeps.fates import _note

    for hint in ("", " (or fewer digits)", ", or backend='mpmath'"):
        said = _note(NodeLimitError(10**9, 10**6, hint))
        assert said.endswith("at most 1000000 quadrature nodes")


@given(st.fractions(), st.fractions(0, 1))
def test_bounds_of_errors_take_the_rounding_in(low: Fraction, width: Fraction) -> None:
    value, error = enclosed(low, low + width)
    assert Fraction(value) - Fraction(error) <= low
    assert low + width <= Fraction(value) + Fraction(error)


@given(st.floats(1e-200, 1e200), st.floats(1e-16, 1e-3), st.floats(-1, 1))
def test_last_digits_do_not_stand_in_a_row(value: float, relative: float, part: float) -> None:
    kept, error = that_holds(value, value * relative)
    assert abs(kept - value) <= error * (1 + 1e-9)
    assert float(f"{kept:.10g}") == kept
