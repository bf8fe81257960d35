"""Windows about far groups of centres: three routes, known products, and every bound removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import evaluate
from numerics.evaluation import float_once as machine
from numerics.evaluation.exact_inputs import frame_inputs
from numerics.mixtures.problem import Problem
from numerics.numbers.balls import BALL, ball, exact_rational, precision
from numerics.numbers.decimal_balls import flatten
from numerics.quadrature import product, windows
from numerics.quadrature.inputs import Inputs
from numerics.quadrature.majorant import secant
from numerics.quadrature.trapezoid import AxisPlan, Bound
from numerics.quadrature.windows import Window

#: ``|f| <= 1``, a centre at the origin.
UNIT = Bound(ball(1), ball(0))

OBJECTIVES = ("forward", "reverse", "kl")
PLANE = [["0", "0"], ["40", "0"], ["0", "40"]]
GROUPS = [["0", "0"], ["1", "1/2"], ["40", "0"], ["41", "1/2"], ["40", "-1"]]
SPACE = [["0", "0", "0"], ["40", "0", "1"], ["1", "40", "0"], ["0", "1", "40"]]
TEACHER = {"means": [["0", "0"], ["39", "1/2"]], "weights": ["1/4", "3/4"]}


def entries(value: Any) -> list[Any]:
    return list(np.asarray(value, dtype=object).ravel())


def enclose(objective: str, means: Any, quantity: str, digits: int = 15, **more: Any) -> list[arb]:
    result = evaluate(objective, means, quantity=quantity, digits=digits, backend="ball", **more)
    assert result.met
    return list(flatten([result.balls]))


def near(value: arb, other: Any, error: Any) -> bool:
    """Whether two enclosures overlap, the other one given by rationals or mpf numbers."""
    with precision(400), mpmath.workdps(100):
        text = [mpmath.nstr(mpmath.mpf(x), 60) for x in (other, error)]
        return bool(value.overlaps(arb(arb(text[0]), arb(text[1]))))


# -- agreement -------------------------------------------------------------------------------------


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("quantity", ["loss", "gradient"])
@pytest.mark.parametrize(
    ("means", "teacher"), [(PLANE, None), (GROUPS, None), (SPACE, None), (GROUPS, TEACHER)]
)
def test_three_routes(objective: str, quantity: str, means: Any, teacher: Any) -> None:
    """Balls, mpmath at more digits and float64, each with windows of its own."""
    digits = 5 if len(means[0]) == 3 else 8
    values = enclose(objective, means, quantity, digits, teacher=teacher)
    exact = evaluate(
        objective, means, quantity=quantity, digits=digits + 3, backend="mpmath", teacher=teacher
    )
    for value, other, error in zip(values, entries(exact.value), entries(exact.error)):
        assert near(value, other, error)
    floats = evaluate(objective, means, quantity=quantity, digits=digits - 2, teacher=teacher)
    for value, other, error in zip(values, entries(floats.value), entries(floats.error)):
        assert near(value, float(other), float(error))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_window_that_does_not_see_the_others(objective: str) -> None:
    """Far groups of components: the loss is a sum over the groups, each by itself, to 1e-20.

    Reverse: the mean over the groups of their own losses. Forward and KL: the teacher sees one
    group only, whose weight adds ``-log`` of itself to KL.
    """
    pair = [["0", "0"], ["1", "1/2"], ["1/3", "-1"]]
    far = [["60", "0"], ["0", "60"]]
    whole = enclose(objective, [*pair, *far], "loss", 20)[0]
    single = enclose(objective, pair, "loss", 24)[0]
    with precision(200):
        if objective == "reverse":  # of a lone component |v|^2
            expected = ball(Fraction(3, 5)) * single + ball(Fraction(2, 5)) * 3600
        elif objective == "kl":
            expected = single - ball(Fraction(3, 5)).log()
        else:
            expected = single
        assert whole.overlaps(arb(expected, arb("1e-20")))


@settings(max_examples=6)
@given(
    st.lists(
        st.tuples(st.integers(-40, 40), st.integers(-40, 40), st.integers(1, 5)),
        min_size=3,
        max_size=5,
        unique_by=lambda row: row[:2],
    ),
    st.sampled_from(OBJECTIVES),
)
def test_windows_agree_with_one_box(mixture: list[tuple[int, int, int]], objective: str) -> None:
    """At few digits the box of all nodes is affordable: the same values, never more nodes."""
    total = sum(share for *_, share in mixture)
    means = [[Fraction(x, 3), Fraction(y, 3)] for x, y, _ in mixture]
    weights = [Fraction(share, total) for *_, share in mixture]
    problem = Problem.from_user(means, weights)
    if problem.rank < 2:
        return
    split = evaluate(objective, means, weights=weights, digits=3, backend="ball")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(product, "FEWEST_NODES", 10**12)
        one = evaluate(objective, means, weights=weights, digits=4, backend="ball")
    assert split.nodes <= one.nodes
    assert split.balls.overlaps(one.balls)


@pytest.mark.parametrize("backend", ["ball", "mpmath", "float64"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_nodes_do_not_grow_with_the_distance(backend: str, objective: str) -> None:
    """Work counted in nodes: what is far costs its own window and no more."""
    counts = []
    for distance in (40, 400, 4000):
        means = [["0", "0"], [distance, "0"], ["0", distance]]
        counts.append(evaluate(objective, means, digits=12, backend=backend).nodes)
    assert max(counts) < 20_000
    assert counts[2] < 2 * counts[0]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_windows_and_one_grid_in_floats(monkeypatch: pytest.MonkeyPatch, objective: str) -> None:
    monkeypatch.setattr(machine, "_WINDOWS_FROM", 0)
    split = evaluate(objective, GROUPS, quantity="gradient", digits=6)
    monkeypatch.setattr(machine, "_WINDOWS_FROM", 10**12)
    one = evaluate(objective, GROUPS, quantity="gradient", digits=6)
    assert 4 * split.nodes < one.nodes
    assert (abs(split.value - one.value) <= split.error + one.error).all()


# -- the bounds ------------------------------------------------------------------------------------


def line_up(means: Sequence[Sequence[str]]) -> Inputs:
    return frame_inputs(Problem.from_user(means), ball, lambda value: value.sqrt())()


def planned(
    monkeypatch: pytest.MonkeyPatch, steps: Fraction, reach: Fraction, strip: float, far: bool
) -> None:
    """Fixed grids about every centre by itself; ``far``: all others are taken for negligible."""

    def plan(
        _a: Any, _p: Any, inputs: Inputs, _s: Any, base: str, _g: Any, _n: Any, grid: Any
    ) -> product.Grid:
        found = []
        rows = inputs.centres(base, ball(0))
        for i, row in enumerate(rows):
            middles = [round(exact_rational(x) / steps) for x in row]
            half = int(reach / steps)
            plans = tuple(AxisPlan(steps, m - half, m + half, strip) for m in middles)
            closest = min(
                range(len(inputs.weights)),
                key=lambda j: sum(float(x - y) ** 2 for x, y in zip(inputs.coordinates[j], row)),
            )
            students = [j for j in range(len(inputs.weights)) if j != closest and not far]
            found.append(Window(plans, float("inf"), (i,), (closest, *students)))
        return product.Grid(found[0].plans, float("inf"), 1, tuple(found))

    monkeypatch.setattr(product, "_in_windows", plan)
    monkeypatch.setattr(product, "FEWEST_NODES", 0)


#: Rank 2; the second pair of components is about as far from the first as windows allow.
CLOSE = [["0", "0"], ["8", "0"], ["0", "8"]]


def broken_value(objective: str) -> arb:
    """A ball at few digits, so that its own radius hides nothing."""
    return evaluate(objective, CLOSE, digits=3, backend="ball", max_nodes=10**9).balls


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(
    ("removed", "steps", "reach", "strip"),
    [
        # Short sides and outside: a window that is much too small.
        (("sides_bound", "outside_bound", "other_windows_bound"), "1/8", "5/4", 0.3),
        # Long sides, too: a step that is much too long.
        (
            (
                "product_discretisation_bound",
                "sides_bound",
                "outside_bound",
                "other_windows_bound",
            ),
            "5/2",
            "15/4",
            0.3,
        ),
    ],
)
def test_a_removed_bound_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
    objective: str,
    removed: tuple[str, ...],
    steps: str,
    reach: str,
    strip: float,
) -> None:
    reference = enclose(objective, CLOSE, "loss", 12)[0]
    planned(monkeypatch, Fraction(steps), Fraction(reach), strip, far=False)
    assert broken_value(objective).contains(reference)
    for name in removed:
        monkeypatch.setattr(windows, name, lambda *_args, **_options: arb(0))
    assert not broken_value(objective).contains(reference)


@pytest.mark.parametrize("name", ["sides_bound", "outside_bound", "other_windows_bound"])
def test_every_part_of_the_tail_is_needed(name: str) -> None:
    """Each bound against what it bounds, by summation and mpmath's integrals, for ``f = 1``.

    A bound that is a thousand times smaller would be below the truth.
    """
    step, reach, strip = Fraction(1, 4), Fraction(3, 2), 1.0
    plan = AxisPlan(step, -6, 6, strip)
    with precision(100), mpmath.workdps(30):
        if name == "outside_bound":
            bound = windows.outside_bound(BALL, 2, ball(reach), UNIT)
            truth = 1 - (1 - mpmath.erfc(mpmath.mpf(1.5) / mpmath.sqrt(2))) ** 2
        elif name == "other_windows_bound":
            bound = windows.other_windows_bound(BALL, [plan, plan], ball(reach), UNIT)
            # The worst window: all nodes of the plane beyond the reach on one axis.
            far = mpmath.fsum(mpmath.npdf(k * 0.25) * 0.25 for k in range(6, 60))
            truth = far * mpmath.fsum(mpmath.npdf(k * 0.25) * 0.25 for k in range(-60, 60))
        else:
            bound = windows.sides_bound(BALL, [plan], 0, ball(reach), UNIT)
            low, high = -1.5, 1.5
            middle = mpmath.fsum(mpmath.npdf(k * 0.25) * 0.25 for k in range(-5, 6))
            ends = (mpmath.npdf(low) + mpmath.npdf(high)) * 0.125
            truth = abs(middle + ends - mpmath.quad(mpmath.npdf, [low, high]))
        assert near(arb(bound.lower()), 0, 0) is False
        assert bound > arb(mpmath.nstr(truth, 25))
        assert bound / 1000 < arb(mpmath.nstr(truth, 25))


@given(
    st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), min_size=2, max_size=5),
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=6),
    st.floats(0.0, 0.95),
)
@settings(max_examples=60)
def test_the_responsibilities_stay_below_the_secant(
    rows: list[tuple[int, int]], points: list[tuple[float, float]], share: float
) -> None:
    """Step 2 at random points of the strip of a window, whatever is taken for near."""
    with precision(80):
        coordinates = [[ball(x), ball(y)] for x, y in rows]
        inputs = Inputs(coordinates, coordinates, [ball(Fraction(1, len(rows)))] * len(rows))
        ends = [(Fraction(x - 4), Fraction(x + 4)) for x in rows[0]]
        chosen = windows._near(BALL, inputs, [(float(a), float(b)) for a, b in ends])
        far = windows.far_share(BALL, inputs, chosen, ends)
        widths = windows._spreads(BALL, inputs, chosen)
        strip = share * 3.14159 / max(1.0, float(widths[0].upper()))
        try:
            largest = secant(BALL, ball(Fraction(strip)), widths[0], far)
        except ValueError:
            return
    middle = rows[0]
    for u, v in points:
        x, y = middle[0] + 4 * u, middle[1] + 4 * v
        for height in (strip, -strip, strip / 2):
            exponents = [complex(x, height) * a + y * b - (a * a + b * b) / 2 for a, b in rows]
            top = max(e.real for e in exponents)
            terms = [np.exp(e - top) for e in exponents]
            size = sum(abs(term) for term in terms) / abs(sum(terms))
            assert size <= float(largest.upper()) * (1 + 1e-9)


def test_a_near_component_cannot_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking a near component for far is refused by its share; without the share a ball errs."""
    means = [["0", "0"], ["4", "0"], ["0", "4"]]
    planned(monkeypatch, Fraction(1, 4), Fraction(9), 6.0, far=True)
    with pytest.raises(ValueError, match="negligible"):
        evaluate("forward", means, digits=6, backend="ball")
    monkeypatch.setattr(windows, "far_share", lambda *_: arb(0))
    planned(monkeypatch, Fraction(1), Fraction(9), 6.0, far=True)
    value = evaluate("forward", means, digits=6, backend="ball").balls
    monkeypatch.undo()
    assert not value.contains(enclose("forward", means, "loss", 12)[0])


def test_windows_must_have_the_properties_of_the_proof() -> None:
    plan = AxisPlan(Fraction(1, 4), -40, 40, 1.0)
    window = Window((plan, plan), float("inf"), (0,), (0,))
    inputs = line_up([["0", "0"], ["1", "0"], ["0", "1"]])
    with pytest.raises(ValueError, match="overlap"):
        windows._check_disjoint([window, window])
    with pytest.raises(ValueError, match="one window"):
        windows.least_reach(BALL, inputs, "student", [window])
    everything = replace(window, centres=(0, 1, 2))
    assert windows.least_reach(BALL, inputs, "student", [everything]) > 8
    with pytest.raises(ValueError, match="poles"):
        secant(BALL, ball(2), ball(2), ball(0))
    wide = AxisPlan(Fraction(2), -4, 4, 8.0)
    with pytest.raises(ValueError, match="too wide"):
        windows.sides_bound(BALL, [wide], 0, ball(8), UNIT)
