"""Near-coincident means as centre and deviations: relative precision, whatever the spread."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from flint import arb

from derive.algebra.index import atom, dot
from derive.algebra.program import Assignment, Factor, Program, Term
from derive.losses.objectives import Objective, score_error
from numerics.descent.certificate import make_certificate
from numerics.descent.clusters import find_clusters
from numerics.descent.gradient_source import evaluator_source
from numerics.descent.problem import DescentProblem, plan_descent
from numerics.descent.result import Descent, RunOptions
from numerics.descent.run import descend, run_descent
from numerics.descent.working_digits import plan_digits
from numerics.errors import InputError
from numerics.evaluation.evaluator import Evaluator
from numerics.kernels import load_program
from numerics.kernels.handle import reads_logarithm
from numerics.mixtures.reduction import reduce_problem
from numerics.numbers.balls import ball, precision
from numerics.quadrature.slopes import derivative_bound
from proofs_check.certificates.checker import check
from proofs_check.certificates.file_format import parse_certificate

Rows = list[list[Fraction]]
Family = Callable[[Fraction], Rows]


def plan(means: object, digits: int = 20, steps: int = 15, **options: object) -> DescentProblem:
    arguments = {"step_size": "0.1", **options}
    objective = str(arguments.pop("objective", "forward"))
    return plan_descent(
        objective,
        means,
        steps=steps,
        backend="ball",
        digits=digits,
        **arguments,  # type: ignore[arg-type]
    )


def full_digits(problem: DescentProblem) -> DescentProblem:
    """The same problem with every mean a plain number."""
    digits = plan_digits(
        problem.reduction,
        problem.objective_name,
        problem.schedule,
        problem.steps,
        problem.paper.time,
        "ball",
        problem.digits,
    )
    return replace(problem, clusters=(), working_digits=digits)


def run(problem: DescentProblem, **options: object) -> Descent:
    return run_descent(problem, evaluator_source, RunOptions(**options))  # type: ignore[arg-type]


def assert_agree(clustered: Descent, plain: Descent, digits: int) -> None:
    """Differences in clusters overlap, and both are that accurate relative to their norm."""
    assert clustered.clusters
    assert not plain.clusters
    with precision(8000):
        for cluster in clustered.clusters:
            for x, i in enumerate(cluster.components):
                for y, k in enumerate(cluster.components[:x]):
                    mine = cluster.deviations[x] - cluster.deviations[y]
                    other = plain.centred_means[i] - plain.centred_means[k]
                    if clustered.problem.means[i] == clustered.problem.means[k]:
                        assert all(entry.contains(0) for entry in mine)
                        continue
                    size = sum((entry * entry for entry in other), start=arb(0)).sqrt()
                    for left, right in zip(mine, other, strict=True):
                        assert left.overlaps(right)
                        assert abs(left - right) < size * arb(10) ** -digits
        for left, right in zip(clustered.centred_means.flat, plain.centred_means.flat, strict=True):
            assert left.overlaps(right)
            assert left.rad() < arb(10) ** -digits


FAMILIES: dict[str, Family] = {
    "two on a line": lambda s: [[6 + s], [6 - 3 * s]],
    "two in the plane": lambda s: [[5 + s, 1 + 2 * s], [Fraction(5), Fraction(1)]],
    "three on a line": lambda s: [[6 + s], [6 - 3 * s], [Fraction(6)]],
    "three in the plane": lambda s: [
        [4 + s, 1 + s],
        [4 - 3 * s, Fraction(1)],
        [4 * (1 + s), 1 + s],
    ],
}


@pytest.mark.parametrize("exponent", [60, 300, 1000])
@pytest.mark.parametrize("name", ["two on a line", "two in the plane", "three on a line"])
def test_differences_agree_with_full_digits(name: str, exponent: int) -> None:
    """64 bits (20 digits) relative to every difference, and 20 digits of every mean."""
    problem = plan(FAMILIES[name](Fraction(1, 10**exponent)))
    clustered, plain = run(problem), run(full_digits(problem))
    assert clustered.working_digits <= 31
    assert plain.working_digits >= exponent
    assert_agree(clustered, plain, 20)


@pytest.mark.parametrize("name", ["two on a line", "two in the plane", "three on a line"])
def test_spreads_above_the_clusters_keep_their_digits_as_plain_numbers(name: str) -> None:
    """1e-20 at 20 digits: direct, with the spread's digits, and as accurate relative to it."""
    problem = plan(FAMILIES[name](Fraction(1, 10**20)))
    assert problem.clusters == ()
    assert problem.working_digits.total <= 60
    coarse = run(problem)
    fine = run(plan(FAMILIES[name](Fraction(1, 10**20)), digits=60))
    with precision(400):
        for i in range(1, len(coarse.means)):
            mine = coarse.centred_means[i] - coarse.centred_means[0]
            other = fine.centred_means[i] - fine.centred_means[0]
            size = sum((entry * entry for entry in other), start=arb(0)).sqrt()
            for left, right in zip(mine, other, strict=True):
                assert left.overlaps(right)
                assert abs(left - right) < size * arb(10) ** -20


def test_three_in_the_plane_agree_with_full_digits() -> None:
    problem = plan(FAMILIES["three in the plane"](Fraction(1, 10**30)), digits=8, steps=4)
    assert_agree(run(problem), run(full_digits(problem)), 8)


@pytest.mark.parametrize("name", FAMILIES)
def test_cost_does_not_depend_on_the_spread(name: str) -> None:
    """The same digits and nodes, and the same relative result, from 1e-60 to 1e-5000."""
    results = []
    for exponent in (60, 1000, 5000):
        result = run(plan(FAMILIES[name](Fraction(1, 10**exponent)), steps=12))
        (cluster,) = result.clusters
        scaled = cluster.deviations * (arb(10) ** exponent)
        results.append((result.working_digits, result.nodes, result.attempts, scaled))
    assert len({entry[:3] for entry in results}) == 1
    assert results[0][1] == 1  # one cluster: the dimension of the integral is 0
    for left, right in zip(results[0][3].flat, results[2][3].flat, strict=True):
        # the law is linear up to the square of the larger spread
        assert left.overlaps(right)


def test_equal_weights_in_a_cluster_only() -> None:
    means = [[Fraction(6)], [6 + Fraction(1, 10**40)]]
    unequal = plan(means, weights=["0.3", "0.7"])
    assert unequal.clusters == ()
    assert unequal.working_digits.total >= 60  # the direct way
    equal = plan([*means, [Fraction(1)]], weights=["0.3", "0.3", "0.4"])
    assert equal.clusters == ((0, 1),)


def test_coincident_components_in_a_cluster() -> None:
    """Means that coincide exactly are one row of the state, and count by their number."""
    near = 6 + Fraction(1, 10**60)
    single = plan([[6], [6], [near]], steps=8)
    assert single.clusters == ((0, 1),)
    result = run(single)
    assert [cluster.components for cluster in result.clusters] == [(0, 1, 2)]
    assert_agree(result, run(full_digits(single)), 20)
    (cluster,) = result.clusters
    with result.arithmetic.context():
        assert sum(cluster.deviations[:, 0]).contains(0)
    doubled = plan([[6], [6], [near], [near]], steps=8)
    assert doubled.clusters == ((0, 1),)
    result = run(doubled)
    assert [cluster.components for cluster in result.clusters] == [(0, 1, 2, 3)]
    assert_agree(result, run(full_digits(doubled)), 20)


def test_a_cluster_beside_other_components_keeps_its_symmetry() -> None:
    small = Fraction(1, 10**60)
    symmetric = plan([[3 + small], [3 - small], [-3 - small], [-3 + small]], steps=4, digits=8)
    assert symmetric.clusters == ((0, 1), (2, 3))
    result = run(symmetric)
    first, second = result.clusters
    with result.arithmetic.context():
        assert (first.centre[0].mid() + second.centre[0].mid()).is_zero()
        assert (first.deviations[0, 0].mid() + second.deviations[0, 0].mid()).is_zero()
    assert_agree(result, run(full_digits(symmetric)), 8)


def test_a_cluster_around_the_truth_has_its_centre_there() -> None:
    small = Fraction(1, 10**400)
    problem = plan([[small, small], [-small, small]])
    assert problem.working_digits.total > 400  # the centre is 1e-400, a plain number
    problem = plan([[small], [-small]])
    assert problem.working_digits.total == 30
    (cluster,) = run(problem).clusters
    assert cluster.centre[0].mid().is_zero()
    with precision(200):
        assert abs(cluster.deviations[0, 0] - ball(small)) < ball(small) * arb(10) ** -20


@pytest.mark.parametrize("objective", ["reverse", "kl"])
def test_other_objectives(objective: str) -> None:
    problem = plan(FAMILIES["two on a line"](Fraction(1, 10**80)), objective=objective, steps=8)
    assert_agree(run(problem), run(full_digits(problem)), 20)


def test_a_user_s_objective() -> None:
    quartic = Objective("quartic", "teacher", dot(score_error(), score_error()) ** 2, "", "")
    means = FAMILIES["two on a line"](Fraction(1, 10**60))
    problem = plan_descent(quartic, means, step_size="1/100", steps=4, backend="ball", digits=10)
    assert problem.clusters
    assert_agree(run(problem), run(full_digits(problem)), 10)
    logarithmic = Objective(
        "logarithmic", "teacher", atom("log_student") * dot(score_error(), score_error()), "", ""
    )
    assert reads_logarithm([load_program(logarithmic, "hessian")])
    problem = plan_descent(logarithmic, means, step_size="1/100", steps=4, backend="ball")
    assert problem.clusters == ()  # no bound of derivatives: the direct way


def test_noise_time_and_teacher() -> None:
    problem = plan([["7", "1"], ["7." + "0" * 70 + "1", "1"]], time="1/3", teacher=[1, -1])
    assert problem.clusters == ((0, 1),)
    assert_agree(run(problem), run(full_digits(problem)), 20)


def test_amplified_cluster_is_handed_over_and_escapes() -> None:
    """exp(Lambda) is about 4e23 at |c_0| = 20: 1e-17 comes apart, with differences resolved."""
    problem = plan([[20 + Fraction(1, 10**17)], [20]], digits=4, steps=400)
    assert problem.clusters
    assert problem.working_digits.handover_digits > 0
    result = run(problem, certify=True)
    assert result.attempts == ()
    assert sorted(fate.fate for fate in result.fates) == ["converged", "escaped"]
    other = run(full_digits(problem), certify=True)
    assert result.steps == other.steps
    assert result.fates == other.fates
    for left, right in zip(result.means.flat, other.means.flat, strict=True):
        assert left.overlaps(right)


def test_a_pair_in_a_pair() -> None:
    """Distances 1e-40 and 1e-400: the closest pair is the cluster, the rest is plain digits."""
    far, near = Fraction(1, 10**40), Fraction(1, 10**400)
    rows = ((Fraction(6),), (6 + near,), (6 + far,))
    reduction = reduce_problem(rows, [Fraction(1, 3)] * 3)
    assert find_clusters(reduction, Fraction(0), 15) == ((0, 1),)
    assert find_clusters(reduction, Fraction(0), 395) == ()


def test_resumed_run_ends_with_the_same_bits(tmp_path: Path) -> None:
    out = tmp_path / "run.csv"
    problem = plan(FAMILIES["two in the plane"](Fraction(1, 10**90)), steps=10)
    whole = run(problem, out=tmp_path / "whole.csv")
    calls = []

    def stop() -> bool:
        calls.append(1)
        return len(calls) == 5

    assert run(problem, out=out, stop=stop).stopped == "interrupted"
    resumed = run(problem, out=out, resume=True)
    dump = whole.arithmetic.dump
    for left, right in zip(
        whole.clusters[0].deviations.flat, resumed.clusters[0].deviations.flat, strict=True
    ):
        assert dump(left) == dump(right)
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert Fraction(rows[0]["deviation_0_0"]) == Fraction(1, 2 * 10**90)


def test_spanning_vectors_are_for_scalar_backends() -> None:
    evaluator = Evaluator("forward", ("loss",), n=2, dimension=1)
    with pytest.raises(InputError, match="spanning"):
        evaluator(np.array([[0.0], [1.0]]), [[1.0]])


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
@pytest.mark.parametrize("quantity", ["gradient", "hessian"])
def test_derivative_bound_holds_for_what_the_expectation_does(
    objective: str, quantity: str
) -> None:
    """Difference quotients of enclosures stay below the bound, in every entry and coordinate."""
    generator = np.random.default_rng(7)
    program = load_program(objective, quantity)
    evaluator = Evaluator(objective, (quantity,), n=2, dimension=2, digits=20, backend="ball")
    with precision(120):
        step = ball(Fraction(1, 1000))
        largest = arb(0)
        for scale in (Fraction(1, 2), Fraction(2)):
            rows = [
                [ball(Fraction(int(entry), 1000) * scale) for entry in row]
                for row in generator.integers(-1000, 1000, size=(2, 2))
            ]
            radii = [max(abs(row[a]) for row in rows) + step for a in range(2)]
            bound = derivative_bound(program, 2, radii, 2)
            base = evaluator(rows)[quantity]
            for i in range(2):
                for a in range(2):
                    moved = [list(row) for row in rows]
                    moved[i][a] += step
                    for left, right in zip(evaluator(moved)[quantity].flat, base.flat, strict=True):
                        quotient = abs(left - right) / step
                        assert quotient < bound
                        largest = largest.max(quotient / bound)
        assert largest > 1e-4  # crude, not absurd


def test_derivative_bound_of_a_responsibility() -> None:
    """At ``v_1 = v_2 = 3``: ``d E[psi_1]/d v_1 = E[psi_1 (1 - psi_1)(x - 3)] = -3/4``."""
    term = Term(Fraction(1), (Factor("psi", ("j0",)),))
    program = Program("demo", "teacher", (Assignment("share", ("j0",), (term,)),))
    bound = derivative_bound(program, 2, [arb(3)], 1)
    assert 0.75 <= bound < 2


def test_derivative_bound_refuses_logarithms() -> None:
    with pytest.raises(InputError, match="logarithms"):
        derivative_bound(load_program("kl", "loss"), 2, [arb(1)], 1)


def test_certificate_of_a_clustered_run() -> None:
    means = [["6"], ["6." + "0" * 999 + "1"]]
    result = descend(
        "forward",
        means,
        step_size="0.1",
        steps=60,
        backend="ball",
        options=RunOptions(certify=True),
    )
    assert result.clusters
    assert result.stopped == "certified"
    assert check(parse_certificate(json.dumps(make_certificate(result)))).theorem == "Theorem F"
