"""Slabs and worker processes: the walk's sums, any number of processes, interruption."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from operator import attrgetter, methodcaller
from typing import Any

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import evaluate
from numerics.errors import InputError, NodeLimitError
from numerics.evaluation.scalar_backend import expectations
from numerics.execution import Effort, child, usable_processors
from numerics.execution.ordered import run_parts
from numerics.numbers.balls import BALL, ball
from numerics.numbers.decimal_balls import flatten
from numerics.quadrature import product, slabs, windows
from numerics.quadrature.inputs import Inputs
from numerics.quadrature.trapezoid import AxisPlan

SIMPLEX = [["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"], ["-1", "-1", "-1"]]
TRIANGLE = [["1", "0"], ["0", "1/2"], ["-1", "-1"]]
TEACHER = {"means": [["0", "0"], ["2", "1"]], "weights": ["2/5", "3/5"]}


def values(objective: str, means: Any, quantity: str, digits: int, **more: Any) -> list[arb]:
    result = evaluate(objective, means, quantity=quantity, digits=digits, backend="ball", **more)
    assert result.met
    return list(flatten([result.balls]))


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
@pytest.mark.parametrize("quantity", ["loss", "gradient", "hessian"])
@pytest.mark.parametrize("teacher", [None, TEACHER])
def test_slabs_sum_what_the_walk_sums(
    monkeypatch: pytest.MonkeyPatch, objective: str, quantity: str, teacher: Any
) -> None:
    """Every kernel in the plane, one Gaussian and a mixture as the teacher: the radii stay, too."""
    monkeypatch.setattr(slabs, "FEWEST_NODES", 10**12)
    walked = values(objective, TRIANGLE, quantity, 12, teacher=teacher)
    monkeypatch.setattr(slabs, "FEWEST_NODES", 0)
    summed = values(objective, TRIANGLE, quantity, 12, teacher=teacher)
    for one, other in zip(walked, summed):
        assert one.overlaps(other)
        assert other.rad() < 2 * one.rad() + arb("1e-30")


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_slabs_in_space(monkeypatch: pytest.MonkeyPatch, objective: str) -> None:
    summed = values(objective, SIMPLEX, "loss", 8)
    monkeypatch.setattr(slabs, "FEWEST_NODES", 10**12)
    for one, other in zip(values(objective, SIMPLEX, "loss", 5), summed):
        assert one.contains(other)


@pytest.mark.parametrize("fault", ["degree", "weight", "row"])
def test_a_wrong_slab_is_noticed(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Controls: a power, a coefficient or a line's factor that is wrong gives other balls."""
    truth = values("forward", TRIANGLE, "loss", 14)
    monkeypatch.setattr(slabs, "FEWEST_NODES", 0)
    if fault == "degree":
        powers = slabs._Powers.__call__
        monkeypatch.setattr(slabs._Powers, "__call__", lambda self, e: powers(self, e + 1))
    elif fault == "weight":
        terms = slabs._homogeneous
        monkeypatch.setattr(slabs, "_homogeneous", lambda *a: ((b, 1) for b, _ in terms(*a)))
    else:
        columns = slabs._Recipe.columns
        monkeypatch.setattr(
            slabs._Recipe, "columns", lambda self, *a: [columns(self, *a)[0]] * len(self.chosen)
        )
    result = evaluate("forward", TRIANGLE, digits=10, backend="ball")
    assert not result.balls.overlaps(truth[0])


def test_the_same_balls_with_any_number_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slabs, "_ALONE", 0.0)
    monkeypatch.setattr(slabs, "_TASK_NODES", 10_000)
    seen: list[tuple[int, int]] = []
    texts = []
    for processes in (1, 2, 3):
        result = evaluate(
            "forward",
            SIMPLEX,
            digits=11,  # doubles do not have so many
            backend="ball",
            processes=processes,
            progress=lambda done, total: seen.append((done, total)),
        )
        value = result.balls
        texts.append((value.mid().man_exp(), value.rad().man_exp(), result.nodes))
        assert seen[-1] == (result.nodes, result.nodes)
        assert [done for done, _ in seen] == sorted(done for done, _ in seen)
        seen.clear()
    assert texts[0] == texts[1] == texts[2]


def test_lost_processes_cost_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that end at once: their tasks are done here."""
    monkeypatch.setattr(child, "_CODE", "raise SystemExit({number})")
    assert run_parts(methodcaller, "upper", ["a", "b", "c"], 2) == ["A", "B", "C"]


def test_an_error_in_a_process_is_raised_here() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        run_parts(attrgetter, "nothing", ["a", "b"], 2)


def test_what_a_worker_prints_is_not_a_result() -> None:
    numbers = run_parts(loud, 3, [1, 2], 2)
    assert numbers == [4, 5]


def loud(job: int) -> Any:
    def work(task: int) -> int:
        print("noise")
        os.write(1, b"more noise")
        return job + task

    return work


@given(
    st.lists(st.tuples(*[st.floats(-12, 12)] * 3), min_size=1, max_size=4),
    st.floats(min_value=1, max_value=6),
)
@settings(max_examples=20)
def test_slabs_count_every_node_of_the_balls_once(
    centres: list[tuple[float, float, float]], radius: float
) -> None:
    """Two balls may cut one line twice: no node is in two slabs, and none in a ball is in none."""
    plan = AxisPlan(Fraction(3, 4), -26, 26, 1.0)
    grid = product.Grid((plan, plan, plan), radius, 0)
    rows = [[ball(Fraction(x)) for x in centre] for centre in centres]
    inputs = Inputs(rows, rows, [ball(Fraction(1, len(rows)))] * len(rows))
    seen: set[tuple[int, ...]] = set()
    total = 0
    for slab in slabs.cut(BALL, inputs, "student", grid, 100):
        total += slab.nodes
        seen.update((*line, k) for line in slab.lines for k in range(slab.begin, slab.end + 1))
    assert total == len(seen)
    points = product.axis_points(plan)
    order = product.walk_order(grid.plans)
    near = [[i for i, x in enumerate(points)] for _ in order]
    for centre in centres:
        close = [[i for i in axis if abs(points[i] - c) <= radius] for axis, c in zip(near, centre)]
        for node in itertools.product(*close):
            square = sum((points[i] - c) ** 2 for i, c in zip(node, centre))
            if square <= (radius - float(product.SLACK)) ** 2:
                assert node in seen


SCRIPT = """
import sys
from numerics import evaluate
means = [["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"], ["-1", "-1", "-1"]]
def progress(done, total):
    print(done, flush=True)
try:
    evaluate("forward", means, quantity="gradient", digits=36, backend="ball",
             processes=2, progress=progress)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_sum_leaves_no_process(sent: signal.Signals) -> None:
    """From a script on standard input, without a main guard; in a session of its own."""
    process = subprocess.Popen(
        [sys.executable, "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(SCRIPT)
    process.stdin.close()
    assert int(process.stdout.readline()) > 0
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)  # as a terminal does
    else:
        process.send_signal(sent)
    process.stdout.close()
    assert process.wait(300) == (130 if sent == signal.SIGINT else -sent)
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.2)
    raise AssertionError("a worker process lives on")


def test_what_would_take_far_longer_is_refused_with_the_time() -> None:
    with pytest.raises(NodeLimitError, match=r"nodes predicted.*predicted: \d.* s of one"):
        evaluate("forward", SIMPLEX, digits=300, backend="ball")
    with pytest.raises(NodeLimitError, match="5000000"):  # without an effort: as a loop needs it
        expectations(BALL, [backend_program()], inputs_of(SIMPLEX), digits=60)
    with pytest.raises(InputError, match="processes"):
        evaluate("forward", SIMPLEX, backend="ball", processes=0)
    assert usable_processors() >= 1
    assert Effort().processes == 1


def backend_program() -> Any:
    from numerics.kernels import load_program

    return load_program("forward", "loss")


def inputs_of(means: Any) -> Any:
    from numerics.evaluation.exact_inputs import frame_inputs
    from numerics.mixtures.problem import Problem

    return frame_inputs(Problem.from_user(means), ball, lambda value: value.sqrt())


def test_windows_are_summed_by_slabs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    means = [["0", "0"], ["40", "0"], ["0", "40"]]
    monkeypatch.setattr(slabs, "FEWEST_NODES", 0)
    summed = values("reverse", means, "gradient", 10)
    monkeypatch.setattr(slabs, "FEWEST_NODES", 10**12)
    for one, other in zip(summed, values("reverse", means, "gradient", 10)):
        assert one.overlaps(other)
    assert windows.Window((), 1.0).centres == ()
