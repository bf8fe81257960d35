"""Mixture teachers on every backend: independent integrals, special cases, boxes, broken bounds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import acb, arb
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.losses.objectives import Objective, score_error
from numerics import evaluate
from numerics.errors import InputError, NodeLimitError
from numerics.evaluation import scalar_backend
from numerics.evaluation.exact_inputs import frame_inputs
from numerics.evaluation.scalar_backend import expectations
from numerics.kernels import load_program
from numerics.mixtures.problem import Problem
from numerics.numbers.balls import BALL, ball, precision
from numerics.numbers.mpfr import MP
from numerics.quadrature import geometry
from numerics.quadrature.inputs import Expectations, Inputs, TeacherInputs
from numerics.quadrature.trapezoid import AxisPlan
from proofs_check.statements.mixture import Mixture
from proofs_check.strategies import mixtures, teachers
from tests.numerics import reference_losses as reference
from tests.numerics.evaluation.test_backends_agree import entries
from tests.numerics.reference_integrals import contains

OBJECTIVES = ("forward", "reverse", "kl")
QUANTITIES = ("loss", "gradient", "hessian")
CASES = [(objective, quantity) for objective in OBJECTIVES for quantity in QUANTITIES]

LINE = [["-3/4"], ["17/8"]]
SHARES = ["1/3", "2/3"]
TEACHER = {"means": [["-1"], ["2"]], "weights": ["1/4", "3/4"]}
PLANE = [["1/2", "1"], ["-1", "1/4"], ["3/2", "-1/2"]]
PLANE_TEACHER = {"means": [["0", "0"], ["2", "1"]], "weights": ["2/5", "3/5"]}


def exact(rows: Sequence[Any]) -> list[Fraction]:
    return [Fraction(row[0] if isinstance(row, list) else row) for row in rows]


@pytest.mark.parametrize("backend", ["ball", "mpmath"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_fifty_digits_agree_with_mpmath_quad(objective: str, backend: str) -> None:
    """The loss typed from densities and scores, integrated by an adaptive rule."""
    result = evaluate(objective, LINE, weights=SHARES, teacher=TEACHER, digits=50, backend=backend)
    with mpmath.workdps(65):
        arguments = (exact(TEACHER["means"]), exact(TEACHER["weights"]))
        fractions = [
            [mpmath.mpf(x.numerator) / x.denominator for x in row]
            for row in (exact(LINE), exact(SHARES), *arguments)
        ]
        wanted = reference.loss_mp(objective, *fractions)
        value = mpmath.mpf(result.mid) if backend == "ball" else result.value
        error = mpmath.mpf(result.rad) if backend == "ball" else result.error
        assert 0 < error < mpmath.mpf(10) ** -50
        assert abs(value - wanted) < error + mpmath.mpf(10) ** -52


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_gradient_is_the_derivative_of_the_typed_loss(objective: str) -> None:
    result = evaluate(
        objective, LINE, quantity="gradient", weights=SHARES, teacher=TEACHER, digits=20,
        backend="ball",
    )  # fmt: skip
    with mpmath.workdps(20):
        rows = (exact(LINE), exact(SHARES), exact(TEACHER["means"]), exact(TEACHER["weights"]))
        fractions = [[mpmath.mpf(x.numerator) / x.denominator for x in row] for row in rows]
        wanted = reference.gradient_mp(objective, *fractions)
        for (middle,), value in zip(result.mid, wanted, strict=True):
            assert abs(mpmath.mpf(middle) - value) < mpmath.mpf(10) ** -15


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_derivatives_in_the_plane(objective: str) -> None:
    """Gradient by the complex step and Hessian by differences of the typed loss."""
    rows = (
        np.array([[float(Fraction(x)) for x in row] for row in PLANE]),
        None,
        np.array([[float(Fraction(x)) for x in row] for row in PLANE_TEACHER["means"]]),
        [0.4, 0.6],
    )
    gradient, hessian = (
        evaluate(objective, PLANE, quantity=quantity, teacher=PLANE_TEACHER, digits=12, backend=b)
        for quantity, b in (("gradient", "ball"), ("hessian", "mpmath"))
    )
    found = np.array(gradient.mid, dtype=float)
    assert np.abs(found - reference.gradient(objective, *rows)).max() < 1e-10
    matrix = hessian.value.astype(float)
    for left, right in (((0, 0), (0, 1)), ((1, 0), (2, 1)), ((2, 1), (2, 1))):
        second = reference.second(objective, rows[0], left, right, *rows[1:])
        at = matrix[2 * left[0] + left[1], 2 * right[0] + right[1]]
        assert abs(at - second) < 1e-7


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_loss_in_space_agrees_with_monte_carlo(objective: str) -> None:
    """Three dimensions of integration; four standard errors, fixed seed."""
    means = [[0.5, 1.0, -0.5], [1.5, -0.5, 1.0], [0.0, 0.5, 0.25]]
    teacher = {"means": [[0.0, 0.0, 0.0], [1.0, 2.0, 0.5]], "weights": [0.25, 0.75]}
    result = evaluate(objective, means, teacher=teacher, digits=4, backend="ball")
    value, error = reference.monte_carlo(
        objective, means, [1 / 3] * 3, teacher["means"], teacher["weights"], 200_000, 1
    )
    assert result.rank == 3
    assert abs(float(result.mid) - value) < 4 * error


@pytest.mark.parametrize("component", [0, 1])
def test_first_order_identity(component: int) -> None:
    """``E_T[psi_j (v_j - x)] = E_T[psi_j M]``: the left side typed, by Arb's own integrator."""
    with precision(200):
        v, w = ([acb(ball(x)) for x in exact(row)] for row in (LINE, SHARES))
        theta, rho = ([acb(ball(x)) for x in exact(TEACHER[k])] for k in ("means", "weights"))

        def left(z: acb, _: bool) -> acb:
            terms = [s * (-((z - c) ** 2) / 2).exp() for c, s in zip(v, w, strict=True)]
            density = sum((s * (-((z - c) ** 2) / 2).exp() for c, s in zip(theta, rho)), acb(0))
            psi = terms[component] / sum(terms, acb(0))
            return psi * (v[component] - z) * density / (2 * acb.pi()).sqrt()

        goal = arb(10) ** -40
        wanted = acb.integral(left, -17, 18, abs_tol=goal, rel_tol=goal).real
        result = evaluate(
            "kl", LINE, quantity="gradient", weights=SHARES, teacher=TEACHER, digits=30,
            backend="ball",
        )  # fmt: skip
        assert wanted.rad() < arb(10) ** -35
        assert result.balls[component][0].contains(wanted.mid())


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("objective", OBJECTIVES)
@settings(max_examples=6)
@given(data=st.data(), digits=st.sampled_from((5, 15, 30)))
def test_backends_agree_within_their_errors(
    objective: str, quantity: str, data: st.DataObject, digits: int
) -> None:
    student = data.draw(mixtures((1, 3), (1, 1), ("1e-3", "5"), on_line=True))
    mixture = data.draw(teachers(student, components=(2, 3), separation=("1e-2", "5")))
    agree(mixture, objective, quantity, digits)


def agree(mixture: Mixture, objective: str, quantity: str, digits: int) -> None:
    arguments = {
        "quantity": quantity,
        "weights": mixture.weights,
        "teacher": {"means": mixture.teacher_means, "weights": mixture.teacher_weights},
        "digits": digits,
    }
    enclosed = evaluate(objective, mixture.means, backend="ball", **arguments)
    assert enclosed.met
    for backend in ("mpmath", "float64") if digits <= 15 else ("mpmath",):
        other = evaluate(objective, mixture.means, backend=backend, **arguments)
        pairs = zip(
            *map(entries, (enclosed.mid, enclosed.rad, other.value, other.error)), strict=True
        )
        for middle, radius, value, error in pairs:
            assert abs(middle - value) <= radius + error


@pytest.mark.parametrize("case", CASES)
def test_backends_agree_in_three_dimensions(case: tuple[str, str]) -> None:
    mixture = Mixture.of(
        [["1/2", 0, "1/3"], [0, "-1/2", 0]],
        None,
        [[0, 0, 0], ["1/2", "1/2", "1/2"], [0, "1/3", 0]],
        ["1/2", "1/4", "1/4"],
    )
    agree(mixture, *case, 4)


@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
@pytest.mark.parametrize("case", CASES)
def test_one_component_is_the_single_teacher(case: tuple[str, str], backend: str) -> None:
    objective, quantity = case
    mean, mixture = ["1/3", "-1"], {"means": [["1/3", "-1"]], "weights": ["1"]}
    single, one = (
        evaluate(objective, PLANE, quantity=quantity, teacher=teacher, digits=9, backend=backend)
        for teacher in (mean, mixture)
    )
    field = "mid" if backend == "ball" else "value"
    assert entries(getattr(single, field)) == entries(getattr(one, field))


@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_teacher_equal_to_the_student(objective: str, backend: str) -> None:
    for quantity in ("loss", "gradient"):
        result = evaluate(
            objective,
            PLANE_TEACHER["means"],
            weights=PLANE_TEACHER["weights"],
            quantity=quantity,
            teacher=PLANE_TEACHER,
            digits=12,
            backend=backend,
        )
        values, errors = (
            (result.mid, result.rad) if backend == "ball" else (result.value, result.error)
        )
        for value, error in zip(entries(values), entries(errors), strict=True):
            assert abs(value) <= error < Fraction(1, 10**12)


def from_problem(means: Any, weights: Any, teacher: Any) -> Inputs:
    problem = Problem.from_user(means, weights, teacher)
    return frame_inputs(problem, ball, lambda value: value.sqrt())()


def split(inputs: Inputs) -> Inputs:
    """The teacher's first component as two with a third and two thirds of its weight."""
    teacher = inputs.teacher
    assert teacher is not None
    weight = teacher.weights[0]
    return replace(
        inputs,
        teacher=TeacherInputs(
            [teacher.means[0], *teacher.means],
            [teacher.coordinates[0], *teacher.coordinates],
            [weight / 3, 2 * weight / 3, *teacher.weights[1:]],
        ),
    )


@pytest.mark.parametrize("case", CASES)
def test_splitting_a_component_changes_nothing(case: tuple[str, str]) -> None:
    """`numerics.evaluate` merges repeated means; here the backend gets them as they are."""
    program = load_program(*case, "mixture")
    for means, teacher, digits in ((LINE, TEACHER, 25), (PLANE, PLANE_TEACHER, 8)):
        with precision(200):
            inputs = from_problem(means, None, teacher)
        whole, parts = (
            expectations(BALL, [program], each, digits=digits).values[0]
            for each in (inputs, split(inputs))
        )
        for one, two in zip(whole.flat, parts.flat, strict=True):
            assert one.overlaps(two)
            assert two.rad() < 1e-8


def test_repeated_teacher_means_are_merged_exactly() -> None:
    repeated = {"means": [[2, 0], [0, 0], [2, 0]], "weights": ["1/4", "1/2", "1/4"]}
    problem = Problem.from_user(PLANE, None, repeated)
    assert problem.teacher.weights == (Fraction(1, 2), Fraction(1, 2))
    twice = Problem.from_user(PLANE, None, {"means": [[1, 1], [1, 1]]})
    assert twice.teacher_kind == "single"


@pytest.mark.parametrize(
    ("n", "k", "d", "rank"), [(1, 2, 3, 1), (2, 2, 3, 2), (3, 2, 4, 3), (2, 3, 2, 2)]
)
def test_rank_is_bounded_by_both_mixtures(n: int, k: int, d: int, rank: int) -> None:
    generator = random.Random(n + 10 * k)
    rows = [[generator.randint(-9, 9) for _ in range(d)] for _ in range(n + k)]
    problem = Problem.from_user(rows[:n], None, {"means": rows[n:]})
    assert problem.rank == rank == min(n + k - 2, d)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_origin_of_the_input_does_not_matter(quantity: str) -> None:
    """Far from it, coordinates are counted from near the student's."""
    far, near = (
        evaluate(
            "reverse",
            [[str(origin)], [str(origin + 2)]],
            quantity=quantity,
            teacher={"means": [["0"], [str(origin + 1)]], "weights": ["1/2", "1/2"]},
            digits=10,
            backend=backend,
        )
        for origin, backend in ((40, "ball"), (40, "mpmath"))
    )
    moved = evaluate(
        "reverse",
        [["0"], ["2"]],
        quantity=quantity,
        teacher={"means": [["1"], ["-40"]], "weights": ["1/2", "1/2"]},
        digits=10,
        backend="ball",
    )
    for one, two, three in zip(*map(entries, (far.mid, near.value, moved.mid)), strict=True):
        assert abs(one - two) + abs(one - three) < Fraction(1, 10**9) * max(1, abs(one))


def wide(inputs: Inputs, width: Fraction) -> Inputs:
    rows = [[arb(entry, ball(width)) for entry in row] for row in inputs.means]
    return replace(inputs, means=rows, coordinates=[row[: inputs.rank] for row in rows])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("plane", [False, True])
def test_boxes_contain_all_points(case: tuple[str, str], plane: bool) -> None:
    program = load_program(*case, "mixture")
    means, teacher = (PLANE[:2], PLANE_TEACHER) if plane else (LINE, TEACHER)
    digits, width = (5, Fraction(1, 50)) if plane else (9, Fraction(1, 100))
    generator = random.Random(3)
    with precision(120):
        centre = from_problem(means, SHARES, teacher)
        box = expectations(BALL, [program], wide(centre, width), digits=digits).values[0]
        for corner in (-1, 1, 0):
            rows = [
                [
                    entry + ball(width * (corner or Fraction(generator.randint(-99, 99), 100)))
                    for entry in row
                ]
                for row in centre.means
            ]
            point = replace(centre, means=rows, coordinates=[row[: centre.rank] for row in rows])
            inside = expectations(BALL, [program], point, digits=digits + 5).values[0]
            for outer, inner in zip(box.flat, inside.flat, strict=True):
                assert outer.is_finite()
                assert contains(outer, inner)


@pytest.mark.parametrize("broken", ["discretisation_bound", "truncation_bound"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_coarse_grid_is_enclosed_and_a_broken_bound_detected(
    monkeypatch: pytest.MonkeyPatch, objective: str, broken: str
) -> None:
    program, problem = load_program(objective, "loss", "mixture"), (LINE, SHARES, TEACHER)

    def enclose() -> arb:
        source = lambda: from_problem(*problem)  # noqa: E731
        return expectations(BALL, [program], source, digits=10).values[0].item()

    fine = enclose()
    plan = AxisPlan(Fraction(1), -14, 15, 0.7)
    if broken == "truncation_bound":
        plan = AxisPlan(Fraction(1, 16), -24, 72, 0.7)
    monkeypatch.setattr(geometry, "plan_axis", lambda *_: plan)
    assert contains(enclose(), fine)
    monkeypatch.setattr(scalar_backend, broken, lambda *_args, **_kwargs: arb(0))
    assert not enclose().overlaps(fine)


def test_the_teachers_poles_limit_the_strip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Students 1/8 apart, teachers 3: a strip of 1.1 is free of the student's poles only."""
    monkeypatch.setattr(geometry, "plan_axis", lambda *_: AxisPlan(Fraction(1, 8), -90, 120, 1.1))
    with pytest.raises(ValueError, match="poles"):
        evaluate("forward", [["1"], ["9/8"]], teacher=TEACHER, digits=10, backend="ball")


def test_too_many_nodes_are_refused_with_their_number() -> None:
    means = [[0, 0, 0], [2, 1, 0]]
    teacher = {"means": [[0, 1, 0], [1, 0, 2], [0, 0, 3]]}
    for backend, digits in (("ball", 200), ("mpmath", 40)):
        with pytest.raises(NodeLimitError, match="nodes predicted"):
            evaluate("forward", means, teacher=teacher, digits=digits, backend=backend)


def test_a_kernel_of_the_wrong_teacher_is_refused() -> None:
    inputs = from_problem(LINE, None, TEACHER)
    for arithmetic in (BALL, MP):
        run: Any = partial(expectations, arithmetic)
        with pytest.raises(InputError, match="one Gaussian for the kernel forward/loss/single"):
            run([load_program("forward", "loss")], inputs, digits=9)


def test_floats_are_refused_in_a_teacher_of_balls() -> None:
    inputs = from_problem(LINE, None, TEACHER)
    assert inputs.teacher is not None
    broken = replace(inputs, teacher=replace(inputs.teacher, weights=[0.5, 0.5]))
    with pytest.raises(InputError, match="finite balls"):
        expectations(BALL, [load_program("kl", "loss", "mixture")], broken, digits=9)


def test_programs_share_a_sweep() -> None:
    programs = [load_program(o, q, "mixture") for o, q in CASES if o != "reverse"]
    result: Expectations = expectations(
        BALL, programs, lambda: from_problem(LINE, SHARES, TEACHER), digits=15
    )
    for program, value in zip(programs, result.values, strict=True):
        alone = expectations(
            BALL, [program], lambda: from_problem(LINE, SHARES, TEACHER), digits=15
        )
        assert all(a.overlaps(b) for a, b in zip(value.flat, alone.values[0].flat, strict=True))


@pytest.mark.parametrize("teacher", [None, TEACHER])
@pytest.mark.parametrize("base", ["teacher", "student"])
@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
def test_an_integrand_that_vanishes_identically_gives_zeros(
    backend: str, base: Any, teacher: Any
) -> None:
    error = score_error("a0")
    nothing = Objective("nothing", base, error - error, "", "")
    for quantity, shape in (("loss", ()), ("gradient", (2, 1)), ("hessian", (2, 2))):
        result = evaluate(nothing, LINE, quantity=quantity, teacher=teacher, backend=backend)
        value = np.array(result.mid if backend == "ball" else result.value)
        assert value.shape == shape
        assert result.met
        assert not any(entries(value))
