"""Expectations of integrands of one's own, on every backend, and what their enclosures are."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

import numerics
from derive.algebra.index import atom
from derive.losses.lowering import lower
from numerics.errors import InputError, NodeLimitError
from numerics.evaluation import enclosure as enclosures
from numerics.evaluation.enclosure import Enclosure
from numerics.execution import Effort
from numerics.kernels import load_program
from numerics.mixtures.problem import EnclosedProblem, Problem, StudentTeacher
from numerics.numbers.balls import ball, precision
from numerics.numbers.decimal_balls import flatten
from numerics.quadrature import product, slabs

#: Two components in space: one dimension of integration, a constant part, one silent direction.
SPACE = Problem.from_user([[0, 0, "1/2"], [3, 4, "1/2"]], ["1/3", "2/3"])
PLANE = Problem.from_user([["1/2", 0], [0, 1], [-1, "1/4"]])


def product_of_errors():
    """``m_a m_b``, whose trace is the forward integrand."""
    return lower(atom("m", "a0") * atom("m", "a1"), "product", "teacher", ("a0", "a1"))


@pytest.mark.parametrize("problem", [SPACE, PLANE], ids=["space", "plane"])
@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
def test_masses_under_the_student_are_its_weights(problem, backend):
    program = lower(atom("psi", "j0"), "mass", "student", ("j0",))
    found = numerics.expectation(program, problem, 12, backend)
    assert found.met
    masses = found.balls if backend == "ball" else found.value
    assert [float(mass) for mass in masses] == pytest.approx(list(map(float, problem.weights)))
    if backend == "ball":
        for mass, weight in zip(masses, problem.weights):
            assert (mass * weight.denominator).contains(arb(weight.numerator))


@pytest.mark.parametrize("problem", [SPACE, PLANE], ids=["space", "plane"])
@pytest.mark.parametrize("backend", ["mpmath", "ball"])
def test_the_trace_of_the_products_of_errors_is_the_loss(problem, backend):
    found = numerics.expectation(product_of_errors(), problem, 15, backend)
    loss = numerics.expectation(load_program("forward", "loss"), problem, 15, "ball").balls
    table = found.balls if backend == "ball" else found.value
    assert np.shape(table) == (problem.dimension,) * 2
    assert abs(float(sum(table[a][a] for a in range(problem.dimension)) - loss)) < 1e-14


def test_float64_refuses_what_it_cannot_turn():
    with pytest.raises(InputError, match=r'"float64" with an output indexed "aa".*mpmath'):
        numerics.expectation(product_of_errors(), SPACE)


@pytest.mark.parametrize("problem", [SPACE, PLANE], ids=["space", "plane"])
@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
@pytest.mark.parametrize("quantity", ["loss", "gradient", "hessian"])
def test_shaped_like_the_integrand_and_valued_like_evaluate(problem, backend, quantity):
    found = numerics.expectation(load_program("forward", quantity), problem, 10, backend)
    means = [list(row) for row in problem.means]
    named = numerics.evaluate(
        "forward", means, quantity=quantity, weights=problem.weights, digits=10, backend=backend
    )
    one, other = ((r.balls if backend == "ball" else r.value) for r in (found, named))
    size = (problem.n, problem.dimension)
    assert np.shape(one) == {"loss": (), "gradient": size, "hessian": size * 2}[quantity]
    assert np.ravel(np.array(one, dtype=object)).astype(str).tolist() == (
        np.ravel(np.array(other, dtype=object)).astype(str).tolist()
    )
    assert (found.objective, named.objective, named.quantity) == ("", "forward", quantity)


def test_means_in_balls():
    """The enclosure over a box contains the values inside; only balls take such means."""

    def means():
        return [[ball(Fraction(0))], [ball(Fraction(5, 2)) + arb(0, "0.01")]]

    half = Fraction(1, 2)
    box, program = EnclosedProblem(means, (half, half), 1), load_program("forward", "loss")
    wide = numerics.expectation(program, box, 10, "ball")
    assert not wide.met
    for place in ("2.49", "2.5", "2.507"):
        inside = numerics.evaluate("forward", [[0], [place]], backend="ball", digits=20)
        assert wide.balls.contains(inside.balls)
    with pytest.raises(InputError, match="known as balls"):
        numerics.expectation(program, box, 10, "mpmath")


#: A triangle, alone, as balls, and (rank 4) with two components far from it and each other.
FAR = [[0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 60, 0], [0, 0, 0, 90]]
WITH_EFFORT = {
    "direct": Problem.from_user([row[:2] for row in FAR[:3]]),
    "balls": EnclosedProblem(
        lambda: [[ball(Fraction(x)) for x in row[:2]] for row in FAR[:3]],
        (Fraction(1, 3),) * 3,
        2,
    ),
    "expanded": Problem.from_user(FAR),
}


@pytest.mark.parametrize("problem", WITH_EFFORT.values(), ids=WITH_EFFORT)
def test_an_effort_reaches_every_sum_in_balls(monkeypatch, problem):
    """Its report is called and its limit of time takes the place of the limit of nodes."""
    monkeypatch.setattr(slabs, "FEWEST_NODES", 1)
    monkeypatch.setattr(product, "MAX_NODES", 10)
    program, reports = load_program("forward", "hessian"), []
    with pytest.raises(NodeLimitError):
        numerics.expectation(program, problem, 4, "ball")
    effort = Effort(progress=lambda done, total: reports.append((done, total)))
    found = numerics.expectation(program, problem, 4, "ball", effort=effort)
    assert found.met
    assert reports[-1][0] == reports[-1][1] > 10
    with pytest.raises(NodeLimitError, match="s of one processor"):
        numerics.expectation(program, problem, 4, "ball", effort=Effort(most_seconds=0.0))


@pytest.fixture
def printed(monkeypatch):
    """Balls that were made decimal."""
    seen = []
    original = enclosures.decimal_ball
    monkeypatch.setattr(
        enclosures, "decimal_ball", lambda b, digits: seen.append(b) or original(b, digits)
    )
    return seen


@pytest.mark.parametrize("quantity", ["loss", "gradient", "hessian"])
def test_decimals_are_made_once_and_only_when_read(printed, quantity):
    found = numerics.evaluate("forward", [[0, 1], [2, 3]], quantity=quantity, backend="ball")
    count = len(flatten(found.balls))
    assert found.met
    assert not printed
    texts = json.dumps([found.mid, found.rad])
    assert len(printed) == count
    with precision(7):
        assert json.dumps([found.mid, found.rad]) == texts  # and whatever the precision is now
        assert repr(found).startswith(f"Enclosure(mid={found.mid!r}, rad={found.rad!r}, balls=")
        assert replace(found, nodes=0).mid == found.mid
    assert len(printed) == 2 * count  # the changed copy's own


def test_enclosures_are_compared_as_values():
    exact = Enclosure.from_balls([arb(3) / 8, arb(2)], 9, nodes=4)
    assert exact == Enclosure.from_balls([arb(3) / 8, arb(2)], 9, nodes=4)
    assert exact != Enclosure.from_balls([arb(3) / 8, arb(1)], 9, nodes=4)
    assert exact != Enclosure.from_balls([arb(3) / 8, arb(2)], 8, nodes=4)
    assert (exact.mid, exact.rad) == (["0.375", "2"], ["0", "0"])
    twin = copy.copy(exact)
    assert (twin, twin.mid) == (exact, exact.mid)


def test_a_ball_that_says_nothing_is_refused_before_it_is_printed():
    with pytest.raises(InputError, match="finite"):
        Enclosure.from_balls([arb(1), arb.nan()], 10)
    assert not Enclosure.from_balls([arb(1), arb.nan()], 10, anything=True).met


def test_one_reading_of_student_and_teacher():
    """Problem, descent and claim hold the same numbers, whatever is done to their origin."""
    from numerics.descent.problem import plan_descent
    from proofs_check.statements.mixture import Mixture

    means, weights = [["1/3", 2], [0.5, "1e-30"]], ["1/4", "3/4"]
    teacher = {"means": [[1, 0], [0, 1], [1, 0]], "weights": ["1/2", "1/4", "1/4"]}
    given = StudentTeacher.from_user(means, weights, teacher)
    mixture = Mixture.of(means, weights, teacher["means"], teacher["weights"])
    assert mixture.given == given
    descent = plan_descent("kl", means, weights=weights, teacher=teacher, step_size=1, steps=1)
    assert (descent.means, descent.weights, descent.teacher) == (
        given.means, given.weights, given.merged().teacher
    )  # fmt: skip
    problem = Problem.from_user(means, weights, teacher)
    assert problem == Problem.centred(given) == Problem.centred(mixture.given)
    assert problem.teacher.weights == (Fraction(3, 4), Fraction(1, 4))
    assert problem.teacher_kind == "mixture"
    for bad in ([["1/0"]], [[1], [2, 3]], []):
        for read in (StudentTeacher.from_user, Problem.from_user, Mixture.of):
            with pytest.raises(InputError, match="means"):
                read(bad)
