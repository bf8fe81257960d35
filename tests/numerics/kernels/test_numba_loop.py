"""Compiled descent: the scalar loop against the array engine, with numba and without."""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.algebra.program import Assignment, Factor, Program, Term
from numerics.descent import gradient_source as descent_source
from numerics.descent.gradient_source import unseen
from numerics.descent.result import RunOptions
from numerics.descent.run import descend
from numerics.descent.schedule import StepSchedule
from numerics.evaluation.evaluator import Evaluator
from numerics.fates.criteria import monitored
from numerics.kernels import load_program
from numerics.kernels import numba_loop as compiled
from numerics.kernels.handle import written

SIZES = [(2, 1), (3, 1), (3, 2), (5, 2)]
ETA = 0.01


def start(n: int, d: int) -> Any:
    return 2 / d**0.5 + 0.4 * np.random.default_rng(n + 10 * d).standard_normal((n, d))


def weights(n: int) -> list[str]:
    return [str(Fraction(2 * (i + 1), n * (n + 1))) for i in range(n)]


def array_steps(evaluator: Evaluator, means: Any, steps: int) -> Any:
    for _ in range(steps):
        means = means - ETA * evaluator(means)["gradient"]
    return means


def interpreted_loop(program: Program, components: int, coordinates: int) -> Any:
    """The same loop without numba: slow, for comparison."""
    found = compiled.scalar_loop(program, components, coordinates)
    return None if found is None else written(found[0], "scalar loop", exp=math.exp)["loop"]


@pytest.fixture(params=["interpreted", "compiled"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The loop as Python runs it, and as numba does (the extra ``test`` installs it)."""
    if request.param == "interpreted" or not compiled.available():
        monkeypatch.setattr("numerics.evaluation.float_engine.compiled_loop", interpreted_loop)
        return "interpreted"
    return "compiled"


@pytest.mark.parametrize(("n", "d"), SIZES)
@pytest.mark.parametrize("objective", ["forward", "kl"])
def test_same_iterates_as_the_array_engine(objective: str, n: int, d: int, engine: str) -> None:
    if engine == "interpreted" and d > 1:
        n = 3  # Python is slow
    one, other = (
        Evaluator(objective, ("gradient",), n=n, dimension=d, weights=weights(n)) for _ in range(2)
    )
    means = start(n, d)
    other(means)  # plans
    moved, done = other.descend(means, np.full((n, d), ETA), np.arange(n), 3)
    assert done == 3
    assert abs(moved - array_steps(one, means, 3)).max() < 2e-15


def test_rows_and_factors(engine: str) -> None:
    """Symmetric components move with one component's gradient, signs and multiplicities."""
    evaluator = Evaluator("forward", ("gradient",), n=2, dimension=1)
    means = np.array([[1.0], [-0.5]])
    gradient = evaluator(means)["gradient"]
    factors = np.array([[0.1], [-0.2]])
    moved, done = evaluator.descend(means, factors, np.array([0, 0]), 1)
    assert done == 1
    assert abs(moved - (means - factors * gradient[[0, 0]])).max() < 1e-16
    assert means.tolist() == [[1.0], [-0.5]]  # not in place


def test_rounding_of_many_nodes_stays_within_the_stated_error(engine: str) -> None:
    """The gradient read off one step, against extended precision."""
    from numerics import evaluate

    evaluator = Evaluator("forward", ("gradient",), n=3, dimension=2)
    means = start(3, 2)
    evaluator(means)
    moved, _ = evaluator.descend(means, np.ones((3, 2)), np.arange(3), 1)
    reference = evaluate("forward", means.tolist(), quantity="gradient", digits=15)
    assert evaluator.nodes > 500
    assert (abs(means - moved - reference.value) <= evaluator.error + reference.error).all()


def test_stops_where_the_array_engine_plans_anew(engine: str) -> None:
    evaluator = Evaluator("kl", ("gradient",), n=2, dimension=1)
    means = np.array([[3.0], [2.0]])
    evaluator(means)
    ones = np.full((2, 1), 0.1)
    moved, done = evaluator.descend(means, ones, np.arange(2), 200)
    assert 0 < done < 200
    assert evaluator.descend(moved, ones, np.arange(2), 200)[1] == 0  # outside the box
    evaluator(moved)
    assert evaluator.descend(moved, ones, np.arange(2), 1)[1] == 1
    assert evaluator.descend(np.full((2, 1), np.nan), ones, np.arange(2), 1)[1] == 0


def test_overflow_ends_the_loop(engine: str) -> None:
    evaluator = Evaluator("kl", ("gradient",), n=2, dimension=1)
    means = np.array([[3.0], [2.0]])
    evaluator(means)
    moved, done = evaluator.descend(means, np.full((2, 1), 1e200), np.arange(2), 9)
    assert done == 1
    assert not (abs(moved) < 1e150).all()


@pytest.mark.parametrize(
    ("objective", "n", "dimension", "rank"),
    [("reverse", 2, 1, None), ("forward", 2, 2, None), ("forward", 6, 5, None)],
)
def test_what_is_not_compiled_takes_no_steps(
    objective: str, n: int, dimension: int, rank: int | None
) -> None:
    evaluator = Evaluator(objective, ("gradient",), n=n, dimension=dimension, rank=rank)
    means = start(n, dimension)
    evaluator(means)
    same, done = evaluator.descend(means, np.ones_like(means), np.arange(n), 5)
    assert done == 0
    assert same is means


def test_programs_that_are_not_covered() -> None:
    assert compiled.scalar_loop(load_program("forward", "gradient", "mixture"), 2, 1) is None
    assert compiled.scalar_loop(load_program("kl", "loss"), 2, 1) is None
    assert compiled.compiled_loop(load_program("reverse", "gradient"), 2, 1) is None


def test_without_numba_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "available", lambda: False)
    assert compiled.compiled_loop(load_program("forward", "gradient"), 2, 1) is None
    run = descend("forward", [["1"], ["-2"]], step_size="0.05", steps=10_000)
    assert [fate.fate for fate in run.fates] == ["converged", "converged"]


def test_a_numba_that_does_not_load_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "available", lambda: True)
    monkeypatch.setitem(sys.modules, "numba", None)  # importing it is an ImportError
    assert compiled.compiled_loop(load_program("kl", "gradient"), 4, 1) is None
    compiled._compiled.cache_clear()


def test_deltas_and_repeated_sums() -> None:
    """Terms that the shipped gradients do not have: a Kronecker delta, a sum without its label."""
    one = Fraction(1)
    terms = (
        Term(Fraction(2, 3), (Factor("delta_component", ("j0", "j1")), Factor("v", ("j1", "a0"))),
             ("j1",)),
        Term(one, (Factor("psi", ("j0",)),), ("j1",)),
    )  # fmt: skip
    program = Program("demo", "teacher", (Assignment("output", ("j0", "a0"), terms),))
    loop = interpreted_loop(program, 2, 1)
    assert loop is not None
    means = np.array([[3.0], [-3.0]])
    box, nodes = np.full(4, -99.0), np.zeros((1, 1))
    loop(means, box, nodes, np.ones(1), np.log([0.5, 0.5]), np.ones((2, 1)), np.arange(2), 1)
    assert means[:, 0] == pytest.approx([3 - (2 + 1), -3 - (-2 + 1)])  # psi = 1/2, twice


def test_unseen_steps_are_neither_monitored_nor_recorded_nor_resized() -> None:
    schedule = StepSchedule((0, 700, 20_001), (Fraction(1), Fraction(2), Fraction(3)))
    for step in [*range(1500), *range(19_900, 20_100)]:
        ahead = unseen(step, schedule, 130)
        assert ahead >= 1
        for between in range(step + 1, step + ahead):
            assert not monitored(between)
            assert between % 130
            assert between not in schedule.starts


@pytest.mark.parametrize("every", [1000, 7])
def test_long_run_with_leaps_and_interruptions(
    tmp_path: Path, every: int, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leaps change nothing but rounding; interruptions nothing at all."""
    steps = 600
    monkeypatch.setattr(descent_source, "FEWEST_STEPS", steps)

    def run(name: str, **more: Any) -> Any:
        options = RunOptions(out=tmp_path / name, every=every, **more)
        means = [["0.1"], ["2.2"], ["2.2"]]
        return descend("forward", means, step_size="0:0.05,300:0.1", steps=steps, options=options)

    whole = run("whole.csv")
    resume = False
    while not (tmp_path / "parts.csv").exists():
        counter = iter(range(10**9))
        run("parts.csv", resume=resume, stop=lambda c=counter: next(c) == 20)
        resume = True
    assert (tmp_path / "whole.csv").read_bytes() == (tmp_path / "parts.csv").read_bytes()
    monkeypatch.setattr(descent_source, "FEWEST_STEPS", steps + 1)
    plain = run("plain.csv")
    assert abs(plain.means - whole.means).max() < 1e-14
    assert plain.fates == whole.fates
    assert plain.nodes == whole.nodes


@pytest.mark.parametrize(("n", "d"), [(2, 1), (3, 2), (8, 4), (16, 8)])
@pytest.mark.parametrize("objective", ["forward", "kl"])
def test_operations_are_bounded_before_they_are_written(objective: str, n: int, d: int) -> None:
    program = load_program(objective, "gradient")
    found = compiled.scalar_loop(program, n, d)
    assert found is not None
    assert 0 < compiled._least_operations(program, n, d) <= found[1]


def test_a_loop_too_long_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    monkeypatch.setattr(compiled, "available", lambda: True)
    monkeypatch.setattr(compiled, "scalar_loop", lambda *sizes: written.append(sizes))
    assert compiled.compiled_loop(load_program("forward", "gradient"), 33, 17) is None
    assert not written
