"""Gradient descent: the loop, recording, interruption and resume, and known outcomes."""

from __future__ import annotations

import csv
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from numerics.descent.checkpoint import checkpoint_path
from numerics.descent.problem import DescentProblem, plan_descent
from numerics.descent.recording import part_path
from numerics.descent.result import RunOptions
from numerics.descent.run import descend, run_descent
from numerics.errors import InputError
from numerics.numbers.arithmetic import Arithmetic, Array, make_arithmetic


class Quadratic:
    """Closed form of one component: loss |v|^2, gradient 2 v (several: their independent sum)."""

    def __init__(self, problem: DescentProblem, arithmetic: Arithmetic) -> None:
        self.evaluations = 0

    def gradient(self, coordinates: Array) -> Array:
        self.evaluations += 1
        return 2 * coordinates

    def loss(self, coordinates: Array) -> Any:
        return sum(entry * entry for entry in coordinates.flat)

    def hessian(self, coordinates: Array) -> Array:
        return 2 * np.vectorize(arb, otypes=[object])(np.eye(coordinates.size, dtype=int))

    def nodes(self) -> int:
        return 1

    def errors(self) -> tuple[float, float]:
        return 0.0, 0.0

    def anchors(self) -> tuple[Array | None, Array | None]:
        return None, None

    def restore(self, anchors: tuple[Array | None, Array | None]) -> None:
        assert anchors == (None, None)


def quadratic_problem(**changes: Any) -> DescentProblem:
    arguments = {"step_size": "0.1", "steps": 50, **changes}
    return plan_descent("forward", [["3", "4"]], **arguments)


@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
def test_closed_form(backend: str) -> None:
    run = run_descent(quadratic_problem(backend=backend, digits=12), Quadratic, RunOptions())
    with run.arithmetic.context():
        for entry, start in zip(run.means.flat, (3, 4), strict=True):
            exact = start * Fraction(8, 10) ** 50
            low, high = run.arithmetic.bounds(entry)
            if backend == "ball":
                assert low <= exact <= high
            assert abs((low + high) / 2 - exact) < Fraction(1, 10**12)
    assert run.tau == 5
    assert [fate.fate for fate in run.fates] == ["converged"]


def test_paper_coordinates() -> None:
    """GD on mu at time t is GD on v with step eta e^-2t."""
    run = run_descent(
        quadratic_problem(backend="mpmath", digits=30, time="1/2", teacher=[1, "1/3"]),
        Quadratic,
        RunOptions(),
    )
    with mpmath.workdps(40):
        factor = (1 - mpmath.mpf(2) / 10 * mpmath.exp(-1)) ** 50
        third = mpmath.mpf(1) / 3
        expected = [1 + factor * 2, third + factor * (4 - third)]
        for entry, value in zip(run.means.flat, expected, strict=True):
            assert abs(entry - value) < mpmath.mpf(10) ** -30


def test_schedule_and_tau() -> None:
    run = run_descent(quadratic_problem(step_size="0:0.1,20:0.25"), Quadratic, RunOptions())
    assert run.tau == 2 + 30 * Fraction(1, 4)
    assert float(run.means[0, 0]) == pytest.approx(3 * 0.8**20 * 0.5**30, rel=1e-12)


def rows_of(path: Path) -> list[list[str]]:
    with path.open() as stream:
        return list(csv.reader(stream))


@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
@pytest.mark.parametrize("suffix", [".csv", ".npz", ".parquet"])
def test_resume_continues_bit_for_bit(tmp_path: Path, backend: str, suffix: str) -> None:
    problem = quadratic_problem(backend=backend, digits=15, step_size="0:0.1,20:0.05")
    whole, parts = tmp_path / f"whole{suffix}", tmp_path / f"parts{suffix}"
    run_descent(problem, Quadratic, RunOptions(out=whole, every=7))
    counter = iter(range(10**6))
    interrupted = run_descent(
        problem, Quadratic, RunOptions(out=parts, every=7, stop=lambda: next(counter) == 12)
    )
    assert (interrupted.stopped, interrupted.steps) == ("interrupted", 13)
    assert interrupted.checkpoint == checkpoint_path(parts)
    assert not parts.exists()
    again = iter(range(10**6))
    second = run_descent(
        problem,
        Quadratic,
        RunOptions(out=parts, every=7, resume=True, stop=lambda: next(again) == 14),
    )
    assert (second.stopped, second.steps) == ("interrupted", 28)
    final = run_descent(problem, Quadratic, RunOptions(out=parts, every=7, resume=True))
    assert final.stopped == "completed"
    if suffix == ".npz":
        with np.load(whole) as a, np.load(parts) as b:
            assert sorted(a.files) == sorted(b.files)
            assert all(np.array_equal(a[name], b[name]) for name in a.files)
    elif suffix == ".csv":
        assert whole.read_bytes() == parts.read_bytes()
    else:
        import pyarrow.parquet as parquet

        assert parquet.read_table(whole).equals(parquet.read_table(parts))
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([whole.name, parts.name])


@pytest.mark.parametrize(
    ("objective", "means", "backend", "steps"),
    [
        ("forward", [["0.1"], ["2.2"]], "float64", 300),
        ("reverse", [["0.1", "1"], ["5", "0"]], "float64", 300),
        ("kl", [["0.1", "1"], ["3", "0"], ["2", "-2"]], "float64", 60),
        ("forward", [["6.0000000000001"], ["6"]], "mpmath", 30),
        ("forward", [["0.1"], ["2.2"]], "ball", 20),
    ],
)
def test_resume_with_population_gradients(
    tmp_path: Path, objective: str, means: Any, backend: str, steps: int
) -> None:
    """The float64 grid in use depends on the past of the run: it must be restored as well."""

    def run(out: Path, **more: Any) -> Any:
        options = RunOptions(out=out, every=max(1, steps // 20), **more)
        arguments = {"step_size": "0.05", "steps": steps, "backend": backend}
        return descend(objective, means, **arguments, options=options)

    whole, parts = tmp_path / "whole.csv", tmp_path / "parts.csv"
    run(whole)
    resume = False
    while not parts.exists():
        counter = iter(range(10**9))
        stop_after = steps // 7
        run(parts, resume=resume, stop=lambda c=counter, k=stop_after: next(c) == k)
        resume = True
    assert whole.read_bytes() == parts.read_bytes()


def test_csv_rows_hold_full_digits(tmp_path: Path) -> None:
    out = tmp_path / "run.csv"
    problem = quadratic_problem(backend="mpmath", digits=40)
    run = run_descent(problem, Quadratic, RunOptions(out=out, every=20))
    rows = rows_of(out)
    assert rows[0] == ["step", "tau", "loss", "mean_0_0", "mean_0_1"]
    assert [row[0] for row in rows[1:]] == ["0", "20", "40", "50"]
    assert [Fraction(row[1]) for row in rows[1:]] == [0, 2, 4, 5]
    exact = 4 * Fraction(8, 10) ** 50
    assert abs(Fraction(rows[-1][4]) - exact) < exact / 10**40
    assert run.working_digits >= 50


@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
def test_an_observer_sees_the_rows_that_a_file_gets(tmp_path: Path, backend: str) -> None:
    """Numbers of the backend, no text; and one gradient source for a run at one precision."""
    made, seen = [], []

    def source(problem: DescentProblem, arithmetic: Arithmetic) -> Quadratic:
        made.append(arithmetic.digits)
        return Quadratic(problem, arithmetic)

    def observe(step: int, means: Array) -> None:
        seen.append((step, [float(entry) for entry in means.flat]))

    problem, out = quadratic_problem(backend=backend), tmp_path / "run.csv"
    run = run_descent(problem, source, RunOptions(out=out, every=7, observe=observe))
    with out.open(newline="") as stream:
        table = list(csv.DictReader(stream))
    names = [f"mean_{i}_{a}" for i in range(problem.n) for a in range(problem.dimension)]
    assert [step for step, _ in seen] == [int(row["step"]) for row in table]
    assert seen[-1][0] == run.steps
    for (_, means), row in zip(seen, table, strict=True):
        assert means == pytest.approx([float(row[name]) for name in names], rel=1e-12)
    assert made == [run.working_digits]


def test_ball_rows_enclose(tmp_path: Path) -> None:
    out = tmp_path / "run.csv"
    run_descent(quadratic_problem(backend="ball"), Quadratic, RunOptions(out=out, every=1))
    for row in rows_of(out)[1:]:
        exact = 3 * Fraction(8, 10) ** int(row[0])
        assert abs(Fraction(row[3]) - exact) <= Fraction(row[6])


def test_npz_arrays(tmp_path: Path) -> None:
    out = tmp_path / "run.npz"
    run_descent(quadratic_problem(), Quadratic, RunOptions(out=out, every=10))
    with np.load(out) as data:
        assert data["step"].tolist() == [0, 10, 20, 30, 40, 50]
        assert data["means"].shape == (6, 1, 2)
        assert data["means"][:, 0, 1] == pytest.approx(4 * 0.8 ** data["step"], rel=1e-12)
        assert data["loss"] == pytest.approx(25 * 0.64 ** data["step"], rel=1e-12)


def test_an_error_leaves_nothing_behind(tmp_path: Path) -> None:
    class Broken(Quadratic):
        def gradient(self, coordinates: Array) -> Array:
            if self.evaluations == 10:
                raise RuntimeError("broken")
            return super().gradient(coordinates)

    out = tmp_path / "run.csv"
    out.write_text("precious")
    with pytest.raises(RuntimeError, match="broken"):
        run_descent(quadratic_problem(), Broken, RunOptions(out=out))
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.csv"]
    assert out.read_text() == "precious"


def test_overflow_is_an_input_error(tmp_path: Path) -> None:
    problem = quadratic_problem(step_size=10**200)
    with pytest.raises(InputError, match=r"step_size.*overflow at step 1"):
        run_descent(problem, Quadratic, RunOptions(out=tmp_path / "run.csv"))
    assert list(tmp_path.iterdir()) == []


def test_ball_restarts_with_more_digits() -> None:
    class Lossy(Quadratic):
        """Loses a decimal digit per step."""

        def gradient(self, coordinates: Array) -> Array:
            gradient = 2 * coordinates
            wide = [
                [g + (c - c) * 2 for g, c in zip(*pair, strict=True)]
                for pair in zip(gradient, coordinates, strict=True)
            ]
            return np.array(wide, dtype=object)

    before = flint.ctx.prec
    problem = plan_descent("forward", [["1/3"]], step_size="2", steps=60, backend="ball")
    run = run_descent(problem, Lossy, RunOptions())
    assert run.attempts
    assert run.working_digits > run.attempts[0]
    low, high = run.arithmetic.bounds(run.means[0, 0])
    assert low <= Fraction(1, 3) * 3**60 <= high
    assert high - low <= 2 * Fraction(1, 10**15)
    assert flint.ctx.prec == before


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"steps": 0}, "steps"),
        ({"steps": True}, "steps"),
        ({"step_size": 0}, "step_size"),
        ({"step_size": "-0.1"}, "step_size"),
        ({"step_size": math.nan}, "step_size"),
        ({"step_size": "inf"}, "step_size"),
        ({"step_size": "0:0.1,5:0"}, "step_size"),
        ({"step_size": "1:0.1"}, "step_size"),
        ({"step_size": "0:0.1,0:0.2"}, "step_size"),
        ({"step_size": ":,"}, "step_size"),
        ({"digits": 0}, "digits"),
        ({"digits": 16}, "digits"),
        ({"digits": 10**9, "backend": "mpmath"}, "digits"),
        ({"backend": "float32"}, "backend"),
        ({"time": -1}, "time"),
        ({"time": "nan"}, "time"),
        ({"teacher": [1]}, "teacher"),
        ({"teacher": {"means": [[1, 2], [1]]}}, "teacher.means"),
        ({"weights": ["1/2", "1/2"]}, "weights"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_input(changes: dict[str, Any], argument: str) -> None:
    with pytest.raises(InputError) as caught:
        quadratic_problem(**changes)
    assert caught.value.argument.startswith(argument)


def test_bad_options(tmp_path: Path) -> None:
    problem = quadratic_problem()
    (tmp_path / "folder.csv").mkdir()
    for options, argument in [
        (RunOptions(out=tmp_path / "run.txt"), "out"),
        (RunOptions(out=tmp_path / "absent" / "run.csv"), "out"),
        (RunOptions(out=tmp_path / "folder.csv"), "out"),
        (RunOptions(out=tmp_path / "run.csv", resume=True), "resume"),
        (RunOptions(resume=True), "resume"),
        (RunOptions(every=0), "every"),
        (RunOptions(max_seconds=0), "max_seconds"),
        (RunOptions(max_seconds=math.nan), "max_seconds"),
    ]:
        with pytest.raises(InputError) as caught:
            run_descent(problem, Quadratic, options)
        assert caught.value.argument == argument
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder.csv"]


def test_resume_refuses_another_problem_and_keeps_the_files(tmp_path: Path) -> None:
    out = tmp_path / "run.csv"
    run_descent(quadratic_problem(), Quadratic, RunOptions(out=out, stop=lambda: True))
    before = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()}
    assert set(before) == {checkpoint_path(out).name, part_path(out).name}
    with pytest.raises(InputError, match="same step_size"):
        run_descent(quadratic_problem(step_size="0.2"), Quadratic, RunOptions(out=out, resume=True))
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == before
    part_path(out).write_bytes(b"step")
    with pytest.raises(InputError, match="resume"):
        run_descent(quadratic_problem(), Quadratic, RunOptions(out=out, resume=True))
    assert checkpoint_path(out).exists()


def test_exact_reduction() -> None:
    def reduction(means: Any, **more: Any) -> Any:
        return plan_descent("forward", means, step_size="0.1", steps=1, **more).reduction

    merged = reduction([[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]])
    assert (merged.multiplicities, merged.rank, merged.span) == ((1, 3), 1, 1)
    kept = reduction([[1], [1]], weights=["1/3", "2/3"])
    assert kept.multiplicities == (1, 1)  # unequal weights do not stay together
    tiny = reduction([[5, 0], [5, "1e-300"]], backend="mpmath")
    assert (tiny.rank, tiny.span) == (1, 2)
    odd = reduction([[0], [2], [-2]])
    assert odd.symmetry.representative == (0, 1, 1)
    assert odd.symmetry.signs == ((0,), (1,), (-1,))
    tilted = reduction([[3, 4], [4, 3]])  # mirror images about their centre
    assert tilted.symmetry.representative == (0, 0)
    truth = reduction([[0, 0], [0, 0]])
    assert (truth.rank, truth.span) == (0, 1)


def test_float64_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(InputError, match=r"mpmath with about 3\d working digits"):
        plan_descent("forward", [[6], ["5.999999999999"]], step_size="0.1", steps=10)
    with pytest.raises(InputError, match="mpmath"):
        # The spread is visible, but its part along the centre, which is what grows, is not.
        plan_descent("forward", [[20, 0], ["20", "1e-9"]], step_size="0.001", steps=10**5)
    plan_descent("forward", [[6], ["5.999999999"]], step_size="0.1", steps=10)


def test_structural_zeros_and_symmetry_stay_exact() -> None:
    run = descend("forward", [[0, 0], [2, 1], [-2, -1]], step_size="0.2", steps=30)
    assert run.means[0].tolist() == [0, 0]
    assert run.means[1].tolist() == (-run.means[2]).tolist()
    run = descend("forward", [[3, 0, 1], [1, 0, 2]], step_size="0.2", steps=5)
    assert run.means[:, 1].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("spread", "backend", "fates"),
    [
        ("0.000001", "float64", {"converged", "escaped"}),
        ("0.000000001", "float64", {"converged"}),
        ("0.000000000001", "mpmath", {"converged"}),
    ],
)
def test_threshold(spread: str, backend: str, fates: set[str]) -> None:
    half = Fraction(spread) / 2
    run = descend("forward", [[6 + half], [6 - half]], step_size="0.1", steps=400, backend=backend)
    assert {fate.fate for fate in run.fates} == fates
    assert {fate.criterion for fate in run.fates} <= {"Theorem F", "Lemma E"}


def test_forward_escapes_where_reverse_and_kl_converge() -> None:
    start = [["0.1"], [5]]
    forward = descend("forward", start, step_size="0.1", steps=50)
    assert [fate.fate for fate in forward.fates] == ["converged", "escaped"]
    for objective, step_size in (("reverse", "0.05"), ("kl", "0.5")):
        run = descend(objective, start, step_size=step_size, steps=600)
        assert [fate.fate for fate in run.fates] == ["converged"] * 2
        assert abs(float(run.means[1, 0])) < 1.5
        losses = [
            float(descend(objective, start, step_size=step_size, steps=k).loss)
            for k in (1, 50, 600)
        ]
        assert losses == sorted(losses, reverse=True)


def reference_loss(objective: str, means: list[Any], weights: list[Any]) -> Any:
    """The loss by mpmath's adaptive quadrature, from its definition (d = 1)."""

    def student(x: Any) -> Any:
        return sum(w * mpmath.npdf(x, v, 1) for w, v in zip(weights, means, strict=True))

    def score_error(x: Any) -> Any:
        parts = [w * mpmath.npdf(x, v, 1) for w, v in zip(weights, means, strict=True)]
        return sum(p * v for p, v in zip(parts, means, strict=True)) / sum(parts)

    def integrand(x: Any) -> Any:
        if objective == "forward":
            return mpmath.npdf(x) * score_error(x) ** 2
        if objective == "reverse":
            return student(x) * score_error(x) ** 2
        return mpmath.npdf(x) * mpmath.log(mpmath.npdf(x) / student(x))

    return mpmath.quad(integrand, range(-12, 13, 3))


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_steps_agree_with_differentiated_quadrature(objective: str) -> None:
    weights = ["0.3", "0.7"]
    with mpmath.workdps(30):
        exact_weights = [mpmath.mpf(w) for w in weights]
        means = [mpmath.mpf("-0.4"), mpmath.mpf("1.1")]
        width = mpmath.mpf(10) ** -8
        for _ in range(2):
            slopes = []
            for j in range(2):
                shifted = [
                    reference_loss(
                        objective,
                        [v + sign * width * (i == j) for i, v in enumerate(means)],
                        exact_weights,
                    )
                    for sign in (1, -1)
                ]
                slopes.append((shifted[0] - shifted[1]) / (2 * width))
            means = [v - slope / 4 for v, slope in zip(means, slopes, strict=True)]
    for backend in ("float64", "mpmath", "ball"):
        run = descend(
            objective,
            [["-0.4"], ["1.1"]],
            weights=weights,
            step_size="1/4",
            steps=2,
            backend=backend,
        )
        for entry, expected in zip(run.means.flat, means, strict=True):
            low, high = run.arithmetic.bounds(entry)
            assert float((low + high) / 2) == pytest.approx(float(expected), abs=2e-13)


def test_backends_agree_along_a_rank_two_run() -> None:
    start = [["0.5", 0], [2, 1], [-1, "1.5"]]
    runs = {
        backend: descend("reverse", start, step_size="0.1", steps=8, backend=backend)
        for backend in ("float64", "mpmath")
    }
    difference = np.abs(runs["float64"].means - runs["mpmath"].means.astype(float)).max()
    assert difference < 1e-13


def test_a_merged_component_moves_like_its_members() -> None:
    """Three coincident components as one of their summed weight, and perturbed apart."""
    merged = descend("forward", [[2]] * 3 + [[1]], step_size="0.3", steps=10)
    assert merged.problem.reduction.multiplicities == (3, 1)
    apart = descend("forward", [[2], ["2.000001"], ["1.999999"], [1]], step_size="0.3", steps=10)
    assert np.abs(merged.means - apart.means).max() < 1e-4


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 9)), min_size=3, max_size=3),
    st.booleans(),
)
def test_bounds_of_squared_distances_hold_and_are_not_negative(
    balls: list[tuple[int, int]], mixture: bool
) -> None:
    teacher = {"means": [["-2"], ["3"]], "weights": ["1/2", "1/2"]} if mixture else None
    problem = plan_descent(
        "forward", [["1"], ["2"], ["4"]], step_size="0.1", steps=1, backend="ball", teacher=teacher
    )
    arithmetic = make_arithmetic("ball", 30)
    with arithmetic.context():
        rows = np.array([[arb(middle, radius)] for middle, radius in balls], dtype=object)
        found = problem.squared_distances(rows, arithmetic)
        centres = problem.squared_distances(np.array([[row[0].mid()] for row in rows]), arithmetic)
    for (low, high), (_, inside) in zip(found, centres, strict=True):
        assert 0 <= low <= inside <= high
