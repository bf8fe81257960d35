"""Rigorous product rules: two and three dimensions, boxes, bounds broken on purpose."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import mpmath
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import Evaluator, evaluate
from numerics.errors import InputError, NodeLimitError
from numerics.evaluation import scalar_backend
from numerics.evaluation.scalar_backend import expectations
from numerics.kernels import load_program
from numerics.numbers.balls import BALL, ball, precision
from numerics.numbers.decimal_balls import flatten, meets
from numerics.numbers.exact import rational_of_mpf
from numerics.numbers.mpfr import MP
from numerics.quadrature import geometry, product
from numerics.quadrature.inputs import Inputs, InputSource
from numerics.quadrature.trapezoid import AxisPlan
from tests.numerics.evaluation.test_mpmath_backend import (
    RESPONSIBILITY,
    SCORE,
    TETRAHEDRON,
    TRIANGLE,
)
from tests.numerics.reference_integrals import contains

Rows = Sequence[Sequence[Fraction]]

CASES = [(o, q) for o in ("forward", "reverse", "kl") for q in ("loss", "gradient")]
UNEQUAL = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]


def balls(means: Rows, weights: Sequence[Fraction], rank: int | None = None) -> InputSource:
    """Balls at any precision; the first ``rank`` coordinates (default: all) are integrated over."""

    def make() -> Inputs:
        rows = [[ball(value) for value in row] for row in means]
        coordinates = rows if rank is None else [row[:rank] for row in rows]
        return Inputs(rows, coordinates, [ball(weight) for weight in weights])

    return make


def enclose(
    case: tuple[str, str], means: Rows, weights: Sequence[Fraction], digits: int, rank: int = 2
) -> list[Any]:
    result = expectations(BALL, [load_program(*case)], balls(means, weights, rank), digits=digits)
    return list(result.values[0].flat)


def by_mpmath(
    case: tuple[str, str], means: Rows, weights: Sequence[Fraction], digits: int
) -> list[arb]:
    """The mpmath backend's values, kernel by kernel, with their error estimates as radii."""
    inputs = Inputs(means, means, weights)
    with patch.object(scalar_backend, "moment_rule", lambda *_: None):
        result = expectations(MP, [load_program(*case)], inputs, digits=digits)
    with precision(4 * digits + 64):
        return [
            arb(ball(rational_of_mpf(value)), ball(rational_of_mpf(error)))
            for value, error in zip(result.values[0].flat, result.errors[0].flat, strict=True)
        ]


def check(values: Sequence[arb], references: Sequence[arb], digits: int) -> None:
    for value, reference in zip(values, references, strict=True):
        assert contains(value, reference)
        assert meets(value, digits)


# -- points ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("digits", [5, 15])
def test_contains_mpmath_at_more_digits(case: tuple[str, str], digits: int) -> None:
    references = by_mpmath(case, TRIANGLE, UNEQUAL, digits + 8)
    check(enclose(case, TRIANGLE, UNEQUAL, digits), references, digits)


@pytest.mark.parametrize("case", [("kl", "gradient"), ("forward", "loss")])
def test_fifty_digits(case: tuple[str, str]) -> None:
    means = [[value / 2 for value in row] for row in TRIANGLE]
    check(enclose(case, means, UNEQUAL, 50), by_mpmath(case, means, UNEQUAL, 56), 50)


def loss_by_quad(objective: str, means: Rows, weights: Sequence[Fraction]) -> Any:
    """The loss from its definition, by mpmath's own integrator in two dimensions."""
    number = mpmath.mpf
    v = [[number(x.numerator) / x.denominator for x in row] for row in means]
    pi = [number(w.numerator) / w.denominator for w in weights]

    def integrand(x: Any, y: Any) -> Any:
        gauss = mpmath.exp(-(x * x + y * y) / 2) / (2 * mpmath.pi)
        terms = [
            w * mpmath.exp(-((x - a) ** 2 + (y - b) ** 2) / 2) / (2 * mpmath.pi)
            for w, (a, b) in zip(pi, v, strict=True)
        ]
        density = mpmath.fsum(terms)
        if objective == "kl":
            return gauss * mpmath.log(gauss / density)
        score = [mpmath.fdot(terms, [row[a] for row in v]) / density for a in range(2)]
        return (score[0] ** 2 + score[1] ** 2) * (gauss if objective == "forward" else density)

    centre = 0 if objective == "forward" else 1
    ends = mpmath.linspace(centre - 8, centre + 8, 9)
    return mpmath.quad(integrand, ends, ends, method="gauss-legendre", maxdegree=3)


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_contains_two_dimensional_quad(objective: str) -> None:
    """An independent integrator of an integrand typed from the definition: 8 digits of it."""
    value = enclose((objective, "loss"), TRIANGLE, UNEQUAL, 12)[0]
    with mpmath.workdps(18):
        reference = ball(rational_of_mpf(loss_by_quad(objective, TRIANGLE, UNEQUAL)))
    with precision(100):
        assert value.overlaps(arb(reference, "1e-8"))


@pytest.mark.parametrize("case", [*CASES, ("forward", "hessian")])
def test_collinear_means_over_the_plane(case: tuple[str, str]) -> None:
    """A configuration on a line, needlessly integrated over the plane: both rules enclose it."""
    means = [[Fraction(v), Fraction(0)] for v in (-1, 1, 2)]
    digits = 8 if case[1] == "hessian" else 12
    line = enclose(case, means, UNEQUAL, digits + 8, rank=1)
    plane = enclose(case, means, UNEQUAL, digits)
    for narrow, wide in zip(line, plane, strict=True):
        assert (narrow.is_zero() and wide.contains(0)) or contains(wide, narrow)
        assert meets(wide, digits)


def test_plane_over_space() -> None:
    means = [[*row, Fraction(0)] for row in TRIANGLE]
    plane = enclose(("forward", "loss"), means, UNEQUAL, 15)
    check(enclose(("forward", "loss"), means, UNEQUAL, 7, rank=3), plane, 7)


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_rotation_changes_the_grid_but_not_the_value(objective: str) -> None:
    turned = [[(3 * x - 4 * y) / 5, (4 * x + 3 * y) / 5] for x, y in TRIANGLE]
    here = enclose((objective, "loss"), TRIANGLE, UNEQUAL, 12)[0]
    there = enclose((objective, "loss"), turned, UNEQUAL, 25)[0]
    assert contains(here, there)


@pytest.mark.parametrize(
    ("means", "digits"), [(TRIANGLE, 40), (TETRAHEDRON, 12), (TETRAHEDRON[1:], 10)]
)
def test_exact_means(means: Rows, digits: int) -> None:
    """``E_p psi_j = pi_j`` and ``E_p m = sum pi_j v_j``, in two and three dimensions."""
    n = len(means)
    weights = [Fraction(1, 10**30), *[(1 - Fraction(1, 10**30)) / (n - 1)] * (n - 1)]
    rank = len(means[0])
    result = expectations(BALL, [RESPONSIBILITY, SCORE], balls(means, weights), digits=digits)
    centre = [sum(w * row[a] for w, row in zip(weights, means, strict=True)) for a in range(rank)]
    with precision(400):
        exact = [ball(Fraction(value)) for value in (*weights, *centre)]
        for value, reference in zip(
            [*result.values[0].flat, *result.values[1].flat], exact, strict=True
        ):
            assert value.overlaps(reference)
            assert meets(value, digits)


@pytest.mark.parametrize("length", ["1e-300", "1e-1000"])
@pytest.mark.parametrize("case", [("forward", "gradient"), ("reverse", "loss"), ("kl", "loss")])
def test_short_direction(length: str, case: tuple[str, str]) -> None:
    """A second dimension of length 1e-300 is integrated over; the value is the line's."""
    means = [[0, 0], [2, 0], ["1/2", length]]
    value = evaluate(case[0], means, quantity=case[1], digits=20, backend="ball")
    flat = [[0, 0], [2, 0], ["1/2", 0]]
    line = evaluate(case[0], flat, quantity=case[1], digits=28, backend="ball")
    assert (value.rank, line.rank) == (2, 1)
    for one, other in zip(flatten([value.balls]), flatten([line.balls]), strict=True):
        assert meets(one, 20)
        with precision(200):
            assert contains(one, other)


def test_space_with_a_short_direction_and_a_small_weight() -> None:
    """Rank 3 at 12 digits: directions of length 2, 1 and 1e-300, weights down to 1e-30."""
    means = [[0, 0, 0], [2, 0, 0], ["1/2", 1, 0], [1, "1/3", "1e-300"]]
    weights = ["1e-30", "1/2", "1/3", Fraction(1, 6) - Fraction(1, 10**30)]
    value = evaluate("forward", means, weights=weights, digits=12, backend="ball")
    finer = evaluate("forward", means, weights=weights, digits=14, backend="mpmath")
    assert value.rank == 3
    assert value.met
    with precision(200):
        assert value.balls.contains(ball(rational_of_mpf(finer.value)))


@pytest.mark.parametrize("far", [0, 10**30])
def test_student_far_from_the_origin(far: int) -> None:
    means = [[x + far, y - far] for x, y in TRIANGLE]
    result = expectations(BALL, [RESPONSIBILITY], balls(means, UNEQUAL), digits=10)
    for value, weight in zip(result.values[0], UNEQUAL, strict=True):
        assert value.overlaps(ball(weight))
        assert meets(value, 10)


coordinates = st.fractions(min_value=-2, max_value=2, max_denominator=20)
mixtures = st.lists(
    st.tuples(coordinates, coordinates, st.integers(min_value=1, max_value=9)),
    min_size=2,
    max_size=4,
)


@settings(max_examples=10)
@given(mixtures, st.sampled_from(CASES), st.integers(min_value=2, max_value=9))
def test_any_mixture(
    mixture: list[tuple[Fraction, Fraction, int]], case: tuple[str, str], digits: int
) -> None:
    total = sum(share for _, _, share in mixture)
    means, weights = [[x, y] for x, y, _ in mixture], [Fraction(s, total) for _, _, s in mixture]
    values = enclose(case, means, weights, digits)
    for value, reference in zip(values, by_mpmath(case, means, weights, digits + 6), strict=True):
        assert value.is_zero() or contains(value, reference)
        assert meets(value, digits)


# -- boxes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [*CASES, ("kl", "hessian")])
@pytest.mark.parametrize("radius", ["1e-2", "1e-9"])
def test_boxes_contain_all_points(case: tuple[str, str], radius: str) -> None:
    generator, width = random.Random(3), Fraction(radius)
    with precision(200):
        rows = [[arb(ball(value), ball(width)) for value in row] for row in TRIANGLE]
        box = Inputs(rows, rows, [ball(w) for w in UNEQUAL])
        enclosed = list(expectations(BALL, [load_program(*case)], box, digits=6).values[0].flat)
    for corner in (True, False):
        point = [
            [
                value
                + width * (generator.choice((-1, 1)) if corner else generator.randint(-9, 9)) / 9
                for value in row
            ]
            for row in TRIANGLE
        ]
        inner = enclose(case, point, UNEQUAL, 12)
        assert all(contains(outer, value) for outer, value in zip(enclosed, inner, strict=True))
    assert all(float(value.rad()) < 1e-6 + 30 * float(width) for value in enclosed)


def test_boxes_through_the_evaluator() -> None:
    """Three components in space: the plane of the differences moves with the box."""
    gradient = Evaluator("forward", ("gradient",), n=3, dimension=3, digits=6, backend="ball")
    with precision(100):
        width = ball("1e-12")
        rows = [[arb(ball(v), width) for v in (*row, Fraction(1, 3))] for row in TRIANGLE]
        box = gradient(rows)["gradient"]
    point = evaluate(
        "forward",
        [[*row, Fraction(1, 3)] for row in TRIANGLE],
        quantity="gradient",
        digits=14,
        backend="ball",
    )
    for outer, inner in zip(box.flat, flatten(point.balls), strict=True):
        assert contains(outer, inner)
        assert meets(outer, 6)


# -- broken bounds ---------------------------------------------------------------------------------


def fixed_plans(monkeypatch: pytest.MonkeyPatch, steps: Sequence[str], radius: float) -> None:
    plans = tuple(AxisPlan(Fraction(step), -1, 1, 0.9) for step in steps)
    monkeypatch.setattr(geometry, "plan_grid", lambda *_: plans)
    monkeypatch.setattr(product, "_radius", lambda *_: radius)


@pytest.mark.parametrize("broken", ["product_discretisation_bound", "radial_truncation_bound"])
@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_a_broken_bound_is_noticed(
    monkeypatch: pytest.MonkeyPatch, broken: str, objective: str
) -> None:
    """Without its bound, a coarse or small grid gives a ball that misses the true value."""
    case = (objective, "loss")
    reference = enclose(case, TRIANGLE, UNEQUAL, 20)[0]
    discretisation = broken == "product_discretisation_bound"
    steps, radius = (["5/4", "5/4"], 8.0) if discretisation else (["1/8", "1/8"], 2.5)
    fixed_plans(monkeypatch, steps, radius)
    assert contains(enclose(case, TRIANGLE, UNEQUAL, 10)[0], reference)
    monkeypatch.setattr(product, broken, lambda *_args, **_kwargs: arb(0))
    assert not contains(enclose(case, TRIANGLE, UNEQUAL, 10)[0], reference)


@pytest.mark.parametrize("axis", [0, 1])
def test_every_axis_counts(monkeypatch: pytest.MonkeyPatch, axis: int) -> None:
    """A bound that forgets the one coarse axis is noticed."""
    reference = enclose(("forward", "loss"), TRIANGLE, UNEQUAL, 20)[0]
    steps = ["1/8", "1/8"]
    steps[axis] = "5/4"
    fixed_plans(monkeypatch, steps, 8.0)
    assert contains(enclose(("forward", "loss"), TRIANGLE, UNEQUAL, 10)[0], reference)
    complete = product.product_discretisation_bound
    kept = slice(1 - axis, 2 - axis)

    def forgetful(arithmetic: Any, plans: Any, bounds: Any) -> Any:
        return complete(arithmetic, plans[kept], bounds[kept])

    monkeypatch.setattr(product, "product_discretisation_bound", forgetful)
    assert not contains(enclose(("forward", "loss"), TRIANGLE, UNEQUAL, 10)[0], reference)


def test_strip_beyond_the_poles_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    plans = (AxisPlan(Fraction(1, 4), -1, 1, 0.9), AxisPlan(Fraction(1, 4), -1, 1, 2.5))
    monkeypatch.setattr(geometry, "plan_grid", lambda *_: plans)
    with pytest.raises(ValueError, match="poles"):
        enclose(("forward", "loss"), TRIANGLE, UNEQUAL, 10)


@given(
    st.lists(st.tuples(*[st.floats(-50, 50)] * 3), min_size=1, max_size=4),
    st.floats(min_value=2, max_value=6),
)
@settings(max_examples=20)
def test_every_node_in_a_ball_is_walked(
    centres: list[tuple[float, float, float]], radius: float
) -> None:
    """The proved radius, checked exactly on a grid about the centres."""
    step = Fraction(3, 4)
    low, high = min(min(c) for c in centres) - radius, max(max(c) for c in centres) + radius
    numbers = range(int(low / step) - 1, int(high / step) + 2)
    points = [[float(k * step) for k in numbers]] * 3
    walked: dict[tuple[int, ...], set[int]] = {}
    intervals = [[(x, x) for x in centre] for centre in centres]
    for outer, begin, end in product.lines_in_balls(points, intervals, radius):
        piece = set(range(begin, end + 1))
        assert piece.isdisjoint(walked.setdefault(outer, set()))
        walked[outer] |= piece
    proved = (Fraction(radius) - product.SLACK) ** 2
    for centre in centres:
        near = [
            [i for i, k in enumerate(numbers) if abs(k * step - Fraction(c)) <= radius]
            for c in centre
        ]
        for i, j, k in itertools.product(*near):
            square = sum((numbers[n] * step - Fraction(c)) ** 2 for n, c in zip((i, j, k), centre))
            if square <= proved:
                assert k in walked[i, j]


def test_far_components_in_space_are_their_own_windows() -> None:
    """At 1000 times the distance ``m`` is the mean of the component at hand: ``E_p |v_J|^2``."""
    far = [[1000 * value for value in row] for row in TETRAHEDRON]
    value = evaluate("reverse", far, digits=10, backend="ball")
    exact = sum(x * x for row in far for x in row) / Fraction(len(far))
    with precision(200):
        assert value.balls.overlaps(ball(Fraction(exact)))
    assert value.met


# -- refusals --------------------------------------------------------------------------------------


def test_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    loss = load_program("forward", "loss")
    with pytest.raises(NodeLimitError, match="nodes predicted"):
        expectations(BALL, [loss], balls(TRIANGLE, UNEQUAL), digits=15, max_nodes=1000)
    with pytest.raises(NodeLimitError, match=str(product.MAX_NODES)):
        expectations(BALL, [loss], balls(TRIANGLE, UNEQUAL), digits=500)
    with pytest.raises(NodeLimitError):
        evaluate("reverse", TETRAHEDRON, digits=300, backend="ball")
    simplex = [[int(a == b) for a in range(4)] for b in range(5)]
    with pytest.raises(InputError, match="float64"):
        evaluate("forward", simplex, backend="ball")
    rows = [[ball(value) for value in row] for row in simplex]
    with pytest.raises(InputError, match="float64"):
        expectations(BALL, [loss], Inputs(rows, rows, [ball("1/5")] * 5), digits=5)
