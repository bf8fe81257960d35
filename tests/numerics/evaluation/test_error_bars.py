"""Error bars above rank 3: the inequalities behind them, known values, a study in small."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.error_bars import study
from numerics import evaluate
from numerics.descent.run import descend
from numerics.errors import InputError
from numerics.evaluation.evaluator import Evaluator
from numerics.evaluation.far_components import expansion
from numerics.evaluation.float_once import build_scene, frame_expectation, make_kernel
from numerics.evaluation.request import log_share
from numerics.kernels import load_program
from numerics.kernels.library import TeacherKind
from numerics.mixtures.problem import Problem
from numerics.numbers.balls import BALL, precision
from numerics.quadrature.bernstein import coefficients
from numerics.quadrature.float_grid import Scene
from numerics.quadrature.proposals import crossings, outlooks
from numerics.quadrature.qmc import BASE, sobol_normal, stratify

SEEDS = st.integers(0, 2**32 - 1)


def star(distance: float, dimension: int = 4) -> list[list[float]]:
    """One mean at the teacher and one at a distance along every axis."""
    return [[0.0] * dimension, *(distance * np.eye(dimension)).tolist()]


def pair_sum(distance: float, components: int = 5) -> float:
    """Forward loss of a star up to crossings of three: one-dimensional sums, typed here."""
    x = np.arange(-12, 25, 0.001)
    density = 0.001 * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    psi = 1 / (1 + np.exp(-distance * (x - distance / 2)))
    return float((components - 1) * ((distance * psi) ** 2 @ density))


def drawn(seed: int, n: int, rank: int, scale: float, teachers: int = 1) -> Problem:
    """Means on a scale, weights down to 1e-6, a teacher of one or more components."""
    generator = np.random.default_rng(seed)
    weights = 10.0 ** generator.uniform(-6 * (seed % 2), 0, size=n)
    means = np.round(generator.normal(size=(n, rank)) * scale, 3)
    theta = np.round(generator.normal(size=(teachers, rank)) * scale, 3)
    if teachers == 1:
        theta[:] = 0
    return Problem.from_user(
        means.tolist(), (weights / weights.sum()).tolist(), {"means": theta.tolist()}
    )


def log_terms(x: Any, means: Any, log_weights: Any) -> Any:
    return log_weights[:, None] - ((means[:, :, None] - x) ** 2).sum(axis=1) / 2


# --------------------------------------------------------------------------- inequalities


@given(SEEDS, st.integers(2, 8), st.sampled_from((0.3, 2.0, 8.0, 40.0)), st.booleans())
def test_weights_times_responsibilities_are_bounded(
    seed: int, n: int, scale: float, logarithm: bool
) -> None:
    """``N(c) psi_j <= C_j N(c + shift)``; with logarithms the increments of ``log sum t``."""
    generator = np.random.default_rng(seed)
    means, log_weights = generator.normal(size=(n, 4)) * scale, -3 * generator.random(n)
    centre = generator.normal(size=4) * scale * generator.integers(2)
    seen = crossings(centre, means, log_weights, logarithm=logarithm)
    assert np.all(np.diff(seen.log_factors[seen.order[1:]]) <= 1e-9)
    around = np.concatenate([seen.shifts, means - centre, means / 2])
    x = (centre + around[generator.integers(len(around), size=400)]).T
    x = x + generator.normal(size=(4, 400)) * generator.choice([0.1, 1, 5], size=400)
    logs = log_terms(x, means, log_weights)
    log_base = -((x - centre[:, None]) ** 2).sum(axis=0) / 2
    total = logs[seen.order[0]]
    for j in seen.order[1:]:
        before, total = total, np.logaddexp(total, logs[j])
        size = logs[j] - total
        if logarithm:  # log(1 + r), without the cancellation of total - before
            ratio = logs[j] - before
            size = np.where(ratio < -30, ratio, np.log(np.logaddexp(0, np.maximum(ratio, -30))))
        proposal = -((x - (centre + seen.shifts[j])[:, None]) ** 2).sum(axis=0) / 2
        bound = seen.log_factors[j] + proposal
        slack = 1e-10 * (1 + np.abs(log_base) + np.abs(bound))
        assert np.all(log_base + size <= bound + slack)


CASES: list[tuple[str, str, int]] = [
    (objective, quantity, teachers)
    for objective in ("forward", "reverse", "kl")
    for quantity in ("loss", "gradient", "hessian")
    for teachers in (1, 2)
    if (objective, quantity) != ("kl", "loss")
]


def compiled(objective: str, quantity: str, problem: Problem) -> tuple[Any, Any, Scene]:
    kind: TeacherKind = "single" if len(problem.teacher.means) == 1 else "mixture"
    program = load_program(objective, quantity, kind)
    scene = build_scene(problem, program.base, np.float64)
    return program, make_kernel(program, problem, np.float64), scene


@pytest.mark.parametrize(("objective", "quantity", "teachers"), CASES)
def test_kernels_move_no_farther_than_their_coefficients(
    objective: str, quantity: str, teachers: int
) -> None:
    for seed in range(4):
        problem = drawn(seed, 3, 2, 3.0, teachers)
        program, kernel, scene = compiled(objective, quantity, problem)
        found = coefficients(program, kernel, scene)
        assert found is not None
        generator = np.random.default_rng(seed)
        orders = generator.permutation(3 + teachers - 2)
        students, thetas = np.array([-1, *orders[:2]]), np.array([-1, *orders[2:]])
        distances = found.distances((0, 0), students, thetas)
        points = 300
        inputs = scene.single_inputs(
            np.zeros((2, points)), np.zeros(points, int), np.zeros(points, int), kernel.heads
        )
        at_vertex = kernel(inputs).reshape(-1, points)
        alpha = 10.0 ** generator.uniform(-2, 1)
        inputs["psi"] = generator.dirichlet([alpha] * 3, size=points).T
        inputs["phi"] = generator.dirichlet([alpha] * teachers, size=points).T
        moved = np.abs(kernel(inputs).reshape(-1, points) - at_vertex)
        for s in (0.0, 0.4, 1.0):
            bound = np.zeros_like(moved)
            for shares, places in ((inputs["psi"], students), (inputs["phi"], thetas)):
                for share, place in zip(shares, places, strict=True):
                    if place >= 0:
                        bound += distances[place][:, None] * (found.degree * share) ** s
            assert np.all(moved <= bound + 1e-9 * (1 + np.abs(at_vertex) + bound))


#: Hessians of many components cost too much here; their bounds are found as the gradients' are.
BOUNDED = [
    (*case, many)
    for case in [*CASES, ("kl", "loss", 1), ("kl", "loss", 2)]
    for many in (False, True)
    if not (many and case[1] == "hessian")
]


@pytest.mark.parametrize(("objective", "quantity", "teachers", "many"), BOUNDED)
def test_sampled_values_are_bounded(
    objective: str, quantity: str, teachers: int, many: bool
) -> None:
    """Every weight times integrand, without its exact part, is below the largest bound.

    With more components the slopes come from majorants, not from coefficients.
    """
    n = 24 if many else 5
    generator = np.random.default_rng(n)
    means = generator.normal(size=(n, 4))
    means *= (generator.uniform(9, 14, size=n) / np.linalg.norm(means, axis=1))[:, None]
    means[0] = 0
    theta = [[0.0] * 4, [0.0, 0.0, 0.0, 9.0]][:teachers]
    problem = Problem.from_user(means.round(3).tolist(), None, {"means": theta})
    program, kernel, scene = compiled(objective, quantity, problem)
    views = outlooks(program, scene, kernel)
    for each in stratify(views, 512):
        if not each.outlook.far.all() or (each.items == BASE).all():
            continue
        own = each.items != BASE
        sizes = np.exp(each.outlook.log_sizes[each.items[own]]) / each.counts[own, None]
        largest = sizes.max(axis=0, initial=0.0) + each.dropped()
        for points, weights in each.nodes(sobol_normal(4, 9, generator), 512):
            size = points.shape[1]
            student = np.full(size, each.outlook.student)
            teacher = np.full(size, each.outlook.teacher)
            exact = kernel(scene.single_inputs(points, student, teacher, kernel.heads))
            value = (kernel(scene.inputs(points, weights, kernel.heads)) - exact) * weights
            worst = np.abs(value).reshape(-1, size).max(axis=1)
            noise = 1e-12 * np.abs(exact * weights).reshape(-1, size).max(axis=1)
            assert np.all(worst <= largest * (1 + 1e-9) + noise)
            assert float(weights.sum()) > 0


# --------------------------------------------------------------------------- far components


@settings(max_examples=12, deadline=None)
@given(
    SEEDS,
    st.integers(3, 5),
    st.sampled_from(("forward", "kl")),
    st.sampled_from(("loss", "gradient", "hessian")),
)
def test_an_expansion_leaves_out_no_more_than_its_bound(
    seed: int, n: int, objective: str, quantity: str
) -> None:
    """Against the direct rule, in a plane, with loose goals so that the rest is not tiny."""
    generator = np.random.default_rng(seed)
    means = np.round(generator.normal(size=(n, 2)) * generator.choice([3.0, 6.0]), 2)
    means[0] = np.round(generator.normal(size=2), 2)
    problem = Problem.from_user(means.tolist())
    program = load_program(objective, quantity)
    goal = float(generator.uniform(-12, 2))
    split = expansion(program, problem, goal)
    assert split is not None
    with precision(100):
        bound = float(split.bound(BALL).abs_upper())
    assert bound <= np.exp(goal) * (1 + 1e-6)
    total: Any = 0.0
    for count, chosen in split.parts:
        sub = split.sub_problem(chosen)
        part: Any = evaluate(
            objective,
            [[str(x) for x in row] for row in sub.means],
            weights=[str(w) for w in sub.weights],
            quantity=quantity,
            digits=10,
        )
        factor, weight = split.logarithm(chosen)
        own = np.asarray(part.value) + float(factor) * np.log(float(weight))
        shape = {"loss": (), "gradient": (sub.n, 2), "hessian": (sub.n, 2) * 2}[quantity]
        total = total + count * split.place(np.reshape(own, shape), chosen)
    direct: Any = evaluate(objective, means.tolist(), quantity=quantity, digits=10)
    total = np.reshape(total, np.shape(direct.value))
    assert np.all(np.abs(total - direct.value) <= bound + 1e-8 * (1 + np.abs(direct.value)))


def test_backends_agree_on_far_components_of_rank_four() -> None:
    for objective, quantity in (("forward", "loss"), ("forward", "gradient"), ("kl", "hessian")):
        results: list[Any] = [
            evaluate(objective, star(16), quantity=quantity, digits=10, backend=backend)
            for backend in ("float64", "mpmath", "ball")
        ]
        machine, multiple, enclosure = results
        assert machine.rank == multiple.rank == enclosure.rank == 4
        assert machine.met
        assert multiple.met
        assert enclosure.met
        balls = np.array(enclosure.balls, dtype=object).ravel()
        for value, error, number, slack, ball in zip(
            np.ravel(machine.value),
            np.ravel(machine.error),
            np.ravel(multiple.value),
            np.ravel(multiple.error),
            balls,
            strict=True,
        ):
            mid, rad = float(ball.mid()), float(ball.rad())
            assert abs(value - mid) <= error + rad
            assert abs(float(number) - mid) <= float(slack) + rad


def test_the_logarithm_of_a_part_counts_its_own_weights() -> None:
    result: Any = evaluate("kl", star(40), digits=30, backend="ball")
    with precision(150):
        assert abs(result.balls - arb(5).log()) < arb("1e-30")


@pytest.mark.parametrize("backend", ["mpmath", "ball"])
def test_near_components_of_rank_four_are_refused_by_name(backend: str) -> None:
    with pytest.raises(InputError, match="float64"):
        evaluate("forward", star(2), backend=backend)
    with pytest.raises(InputError, match="float64"):
        evaluate("reverse", star(20), backend=backend)


# --------------------------------------------------------------------------- known values


def test_four_far_components_in_space() -> None:
    """Each contributes what a pair of rank 1 does; crossings of three are below 1e-9."""
    result: Any = evaluate("forward", star(10), digits=6)
    assert result.met
    assert abs(result.value - pair_sum(10)) <= result.error + 1e-9
    assert abs(result.value - 8.928e-5) < 5e-8
    enclosure: Any = evaluate("forward", star(10), digits=6, backend="ball")
    assert enclosure.met
    assert abs(float(enclosure.balls.mid()) - pair_sum(10)) <= float(enclosure.balls.rad()) + 1e-9
    gradient: Any = evaluate("forward", star(10), digits=6, quantity="gradient")
    assert gradient.value[2, 1] + gradient.error[2, 1] < 0
    pair: Any = evaluate("forward", [[0.0], [10.0]], weights=[0.5, 0.5], quantity="gradient")
    assert abs(gradient.value[2, 1] - pair.value[1, 0]) <= gradient.error[2, 1] + 1e-9


@pytest.mark.parametrize("distance", [6.0, 9.0, 12.0, 20.0])
@pytest.mark.parametrize("digits", [2, 9])
def test_samples_reach_the_crossings_for_every_seed(distance: float, digits: int) -> None:
    """The sampled route by itself: also where the value is left out, the error says so."""
    program, problem = load_program("forward", "loss"), Problem.from_user(star(distance))
    truth = pair_sum(distance)
    rest = 4e3 * np.exp(-(distance**2) / 4)  # crossings of three
    for seed in range(6):
        result = frame_expectation(program, problem, digits, 1 << 14, seed)
        assert abs(float(result.value) - truth) <= float(result.error) + rest
        if digits == 9 and distance < 15:
            assert float(result.error) < 0.2 * truth + rest


def test_descents_move_far_components_outward() -> None:
    run = descend("forward", star(9), step_size="0.1", steps=20)
    moved = np.array(run.means, dtype=float)
    assert np.all(np.diag(moved[1:]) > 9)
    gradient = Evaluator("forward", ("gradient",), n=5, dimension=4)(np.array(star(9)))["gradient"]
    assert np.allclose(np.diag(gradient[1:]), -4.5515e-4, rtol=5e-3)


def test_an_evaluator_says_how_far_its_samples_are_off() -> None:
    for objective in ("forward", "reverse", "kl"):
        evaluator = Evaluator(objective, ("loss", "gradient"), n=5, dimension=4)
        for distance in (1.0, 6.0, 11.0):
            values = evaluator(np.array(star(distance)))
            for quantity, value in values.items():
                best: Any = evaluate(objective, star(distance), quantity=quantity, digits=5)
                distance_to_best = np.abs(value - best.value) - best.error
                assert np.all(distance_to_best <= evaluator.error)


def test_a_sample_of_the_study() -> None:
    """No interval of 99.9% misses, and nothing is met that is not."""
    counts = {"product": 12, "plane": 12, "star": 9, "generic": 1}
    outcomes = list(study(counts, seed=11, log2_nodes=(13,)))
    assert len(outcomes) == 34
    assert {each.rank for each in outcomes} >= {4, 5, 6, 7, 8}
    assert sum(each.outside for each in outcomes) == 0
    assert not any(each.wrong for each in outcomes)
    assert sum(each.met for each in outcomes) > 10


def test_half_the_asked_error_is_not_called_met() -> None:
    for digits in (2, 4, 6, 8):
        result: Any = evaluate("forward", star(4), digits=digits, max_nodes=1 << 13)
        assert result.met == (result.error <= 10.0**-digits * max(1.0, abs(result.value)))
        assert log_share(digits) < np.log(10.0**-digits)


def test_blocks_that_are_too_many_are_left_out_from_the_smallest() -> None:
    program, problem = load_program("reverse", "loss"), Problem.from_user(star(7, 8))
    scene = build_scene(problem, program.base, np.float64)
    views = outlooks(program, scene)
    for even in (False, True):
        full, few = (stratify(views, points, even=even) for points in (1 << 12, 1 << 7))
        assert sum(len(each.items) for each in full) == 9 * 9
        assert sum(len(each.items) for each in few) <= (1 << 7) // 4 + 9
        for whole, part in zip(full, few, strict=True):
            assert BASE in part.items
            assert int(part.counts.sum()) >= 1
            assert np.all(np.diff(part.counts) <= 0)
            left = np.setdiff1d(whole.items, part.items)
            kept = part.items[part.items != BASE]
            if left.size and kept.size:
                sizes = whole.outlook.log_sizes[:, 0]
                assert sizes[left].max() <= sizes[kept].min()
            assert whole.dropped().sum() == 0
            assert (part.dropped().sum() > 0) == bool(left.size)
