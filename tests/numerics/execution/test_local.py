"""Processes of this machine: one outcome for each part, whatever becomes of the processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.execution import Executor, Limits, Outcome, Task, call, executor
from tests.numerics.execution import jobs

LIMITS = Limits(cpu_seconds=0.5, waiting_seconds=1.0)
#: How a part of each kind ends, and a word of the reason.
ENDS = {
    "value": ("done", ""),
    "loud": ("done", ""),
    "error": ("error", "OwnError: "),
    "unsendable": ("error", "pickle"),
    "exit": ("lost", "code 9"),
    "killed": ("lost", "code -9"),
    "leaves": ("lost", "code 3"),
    "spins": ("out-of-time", "0.5 s of CPU time"),
    "sleeps": ("hangs", "1 s in which it did nothing"),
}


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with executor(processes=2) as pool:
        yield pool


def as_they_should(outcomes: list[Outcome], tasks: list[Task]) -> None:
    """One outcome for each part, of the kind and with the value that the part asks for."""
    found = {(outcome.key, outcome.part): outcome for outcome in outcomes}
    wanted = {(task.key, n): (task, part) for task in tasks for n, part in enumerate(task.parts)}
    assert len(outcomes) == len(found)
    assert set(found) == set(wanted)
    for place, (task, (kind, number)) in wanted.items():
        outcome = found[place]
        ended, word = ENDS[kind]
        assert (outcome.ended, outcome.done) == (ended, ended == "done"), outcome
        assert word in outcome.reason
        if outcome.done:
            assert outcome.value == outcome.result() == task.arguments[0] * number
        else:
            with pytest.raises(jobs.OwnError if kind == "error" else Exception):
                outcome.result()


cheap = st.sampled_from(["value", "value", "loud", "error", "unsendable", "exit", "killed"])
batches = st.lists(
    st.lists(st.tuples(cheap, st.integers(-9, 9)), max_size=5).map(tuple), min_size=1, max_size=4
)


@settings(max_examples=8)
@given(batches, st.booleans(), st.integers(1, 3))
def test_every_part_has_one_outcome(
    pool: Executor, parts: list[Any], fresh: bool, factor: int
) -> None:
    tasks = [
        Task(f"task {n}", jobs.prepared, (factor,), each, LIMITS, fresh=fresh)
        for n, each in enumerate(parts)
    ]
    as_they_should(list(pool.run(tasks)), tasks)


def test_what_does_not_end_costs_itself_only(pool: Executor) -> None:
    parts = tuple((kind, 1) for kind in ("value", "spins", "value", "sleeps", "leaves", "value"))
    tasks = [Task("batch", jobs.prepared, (2,), parts, LIMITS), call("one", abs, -5)]
    outcomes = list(pool.run(tasks))
    (other,) = (outcome for outcome in outcomes if outcome.key == "one")
    assert other.value == 5
    batch = [outcome for outcome in outcomes if outcome.key == "batch"]
    as_they_should(batch, tasks[:1])
    assert [outcome.part for outcome in batch] == list(range(len(parts)))


def test_what_cannot_be_prepared_is_an_error_of_every_part(pool: Executor) -> None:
    outcomes = list(pool.run([Task("broken", jobs.broken, (1,), (("value", 1), ("value", 2)))]))
    assert [outcome.reason for outcome in outcomes] == ["OwnError: not today"] * 2
    assert all(isinstance(outcome.error, jobs.OwnError) for outcome in outcomes)


def test_a_warm_process_prepares_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with executor(processes=1) as pool:
        tasks = [Task(str(n), jobs.prepared, (1, str(log)), (("value", n),)) for n in range(4)]
        assert [outcome.value for outcome in pool.run(tasks)] == [0, 1, 2, 3]
        assert len(log.read_text().split()) == 1
        fresh = [Task("fresh", jobs.prepared, (1, str(log)), (("value", 7),), fresh=True)]
        assert [outcome.value for outcome in pool.run(fresh)] == [7]
        first, second = log.read_text().split()
        assert first != second


def test_a_process_that_dies_while_it_waits_is_replaced(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with executor(processes=1) as pool:
        for n in range(2):
            task = Task(str(n), jobs.prepared, (1, str(log)), (("value", n),))
            assert [outcome.value for outcome in pool.run([task])] == [n]
            psutil.Process(int(log.read_text().split()[-1])).kill()
    assert len(log.read_text().split()) == 2


def test_the_longest_of_a_sequence_start_first_and_others_as_they_come() -> None:
    with executor(processes=1) as pool:
        tasks = [call(str(n), int, str(n), seconds=n) for n in range(4)]
        assert [outcome.value for outcome in pool.run(tasks)] == [3, 2, 1, 0]
        assert [outcome.value for outcome in pool.run(iter(tasks))] == [0, 1, 2, 3]


def test_an_iterable_is_asked_when_there_is_room(pool: Executor) -> None:
    given = 0

    def tasks() -> Iterator[Task]:
        nonlocal given
        for given in range(1, 31):
            yield call(str(given), int, given)

    for done, _ in enumerate(pool.run(tasks()), start=1):
        assert given <= done + 2 * pool.slots


def test_stop_ends_what_runs_and_keeps_what_came() -> None:
    began = psutil.Process().children(recursive=True)
    with executor(processes=2) as pool:
        tasks = [Task("a", jobs.prepared, (1,), (("value", 1), ("sleeps", 1), ("value", 2)))]
        outcomes: list[Outcome] = []
        for outcome in pool.run(tasks, lambda: bool(outcomes)):
            outcomes.append(outcome)
        assert [outcome.value for outcome in outcomes] == [1]
        assert psutil.Process().children(recursive=True) == began
        assert [outcome.value for outcome in pool.run([call("b", abs, -2)])] == [2]


def test_what_came_before_an_interruption_is_not_lost() -> None:
    with executor(processes=1) as pool:
        tasks = [call(str(n), int, n) for n in range(3)] + [call("long", time.sleep, 600)]
        found = []

        def stop() -> bool:
            if found:
                raise KeyboardInterrupt
            return False

        def work() -> None:
            for outcome in pool.run(iter(tasks), stop):
                found.append(outcome.value)
                time.sleep(0.2)

        with pytest.raises(KeyboardInterrupt):
            work()
        found += [outcome.value for outcome in pool.arrived()]
        assert found == sorted(set(found))
        assert not list(pool.arrived())


def test_what_work_prints_is_not_output() -> None:
    script = (
        "from numerics.execution import Task, executor\n"
        "from tests.numerics.execution.jobs import prepared\n"
        "with executor(processes=1) as pool:\n"
        "    for outcome in pool.run([Task('a', prepared, (1,), (('loud', 4),))]):\n"
        "        print(outcome.value)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "4\n"
    assert "more noise" in done.stderr
