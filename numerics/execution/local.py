"""Processes of this machine that run tasks: never hang, report each part at once, can be ended.

Limits count CPU time, so that nothing depends on what else the machine does. A part beyond one of
its limits is killed with its descendants; what was to follow it in its task runs in a new process.
Time in which a process computes, is stopped or gets no processor is no time of waiting.
"""

from __future__ import annotations

import pickle
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from numerics.execution.child import Message, Order, start
from numerics.execution.process_tree import ProcessTree
from numerics.execution.tasks import Ended, Limits, Outcome, Task
from numerics.locks import temporary_folder

Stop = Callable[[], bool]

#: Seconds between looks at the processes' CPU time, and between questions whether to stop.
_LOOK, _ASK = 1.0, 0.2
#: Of a longer time between looks no more counts as waiting: this process was stopped as well.
_LONGEST_LOOK = 2.0
#: Seconds that a process has to end when it is asked to.
_TO_END = 0.5


@dataclass(frozen=True)
class Packed:
    """A task as it is sent: everything that is the user's is pickled.

    Attributes
    ----------
    key : str
    prepared : bytes
    parts : tuple of (int, bytes)
        Those still to be done, each with its place in the task.
    limits : Limits
    fresh : bool
    """

    key: str
    prepared: bytes
    parts: tuple[tuple[int, bytes], ...]
    limits: Limits
    fresh: bool


def packed(task: Task) -> Packed:
    """Pickle a task.

    Raises
    ------
    pickle.PicklingError, AttributeError, TypeError
        If it holds what belongs to this process alone.
    """
    prepared = pickle.dumps((task.prepare, task.arguments))
    parts = tuple((number, pickle.dumps(part)) for number, part in enumerate(task.parts))
    return Packed(task.key, prepared, parts, task.limits, task.fresh)


def unpacked(outcome: Outcome) -> Outcome:
    """Outcome of `Processes` with its value, or its exception, for use."""
    if outcome.value is None:
        return outcome
    try:
        value = pickle.loads(outcome.value)
    except Exception as error:
        return replace(outcome, ended="error", value=None, error=error, reason=str(error))
    if outcome.done:
        return replace(outcome, value=value)
    return replace(outcome, value=None, error=value)


@dataclass
class _Job:
    """A process with the task it runs, if it has one."""

    process: subprocess.Popen[bytes]
    connection: Connection
    task: Packed | None = None
    used: bool = False  # it has worked before
    begun: bool = False  # it has taken up its task
    received: int = 0
    began: float = 0.0  # the part that runs, wall time
    cpu_before: float = 0.0  # CPU time of the tree at the first look at the part that runs
    cpu: float = 0.0  # the same, and
    looked: float = 0.0  # wall time, at the last look
    seen: bool = False  # whether there was a look at the part that runs
    waited: float = 0.0  # wall time of the part in which no process of the tree did anything
    tree: ProcessTree = field(init=False)

    def __post_init__(self) -> None:
        self.tree = ProcessTree(self.process.pid)

    def take_up(self, task: Packed) -> None:
        self.task, self.begun, self.received = task, False, 0
        self.begin_part()
        with suppress(OSError):  # it has ended, which is noticed when it is listened to
            self.connection.send(Order(task.prepared, [part for _, part in task.parts]))

    def begin_part(self) -> None:
        """Count for the next part, its CPU time from the first look at it: parts may be short."""
        self.began = self.looked = time.monotonic()
        self.waited, self.seen = 0.0, False

    def look(self) -> None:
        """Bring the CPU time and the time of waiting up to date, at most once a second."""
        now = time.monotonic()
        if now - self.looked < _LOOK:
            return
        cpu = self.tree.cpu_seconds()
        if not self.seen:
            self.seen, self.cpu_before = True, cpu
        elif cpu <= self.cpu and self.tree.waiting():
            self.waited += min(now - self.looked, _LONGEST_LOOK)
        self.looked, self.cpu = now, cpu

    def stop(self) -> None:
        """End the process if it still runs, and its descendants."""
        self.tree.descendants()  # while their ancestor lives
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_TO_END)
            self.process.kill()
        self.process.wait()
        self.tree.end_descendants()
        self.connection.close()


class Processes:
    """Processes that run packed tasks, and give packed outcomes.

    Parameters
    ----------
    count : int
        Number of processes at a time.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._running: list[_Job] = []
        self._idle: list[_Job] = []
        self._waiting: deque[Packed] = deque()
        self._arrived: deque[Outcome] = deque()
        self._room = ExitStack()
        self._folder = str(self._room.enter_context(temporary_folder()))

    def run(self, tasks: Iterable[Packed], stop: Stop) -> Iterator[Outcome]:
        """Yield the outcomes of all parts as they come; fewer if it is told to stop."""
        source = iter(tasks)
        self._arrived.clear()  # of a run that was left
        try:
            while self._fill(source):
                self._listen()
                while self._arrived:
                    yield self._arrived.popleft()
                if stop():
                    break
        finally:
            self._end_running()
        yield from self.arrived()

    def arrived(self) -> Iterator[Outcome]:
        """Outcomes that had come, but were not yielded when the run was interrupted."""
        while self._arrived:
            yield self._arrived.popleft()

    def close(self) -> None:
        """End all processes."""
        self._end_running()
        for job in self._idle:
            job.stop()
        self._idle.clear()
        self._room.close()

    def _fill(self, source: Iterator[Packed]) -> bool:
        """Give every process something to do; returns whether anything runs."""
        while len(self._running) < self.count:
            task = self._waiting.popleft() if self._waiting else next(source, None)
            if task is None:
                break
            if task.parts:
                self._start(task)
        return bool(self._running)

    def _start(self, task: Packed) -> None:
        # a new process inherits no state, so results do not depend on the number of processes
        job = self._idle.pop() if self._idle and not task.fresh else _Job(*start(self._folder))
        self._running.append(job)
        job.take_up(task)

    def _listen(self) -> None:
        ready = wait([job.connection for job in self._running], timeout=_ASK)
        for job in list(self._running):
            if job.connection in ready:
                self._take(job)
            else:
                job.look()
                if (ended := _overdue(job)) is not None:
                    self._lose(job, *ended)

    def _take(self, job: _Job) -> bool:
        """Take one message; returns whether the job goes on."""
        assert job.task is not None
        try:
            message: Message = job.connection.recv()
        except (EOFError, OSError):
            with suppress(subprocess.TimeoutExpired):
                job.process.wait(_TO_END)
            if job.used and not job.begun:  # it ended while it was idle
                self._waiting.appendleft(job.task)
                self._drop(job)
            else:
                self._lose(job, "lost", f"its process ended with code {job.process.returncode}")
            return False
        if message.kind == "begun":
            job.begun = True
        elif message.kind == "through":
            self._running.remove(job)
            if job.task.fresh:
                job.stop()
            else:
                job.used = True
                self._idle.append(job)
            return False
        else:
            number, _ = job.task.parts[job.received]
            job.received += 1
            job.begin_part()
            self._arrived.append(
                Outcome(
                    job.task.key,
                    number,
                    message.kind,
                    message.pickled,
                    reason=message.reason,
                    seconds=message.seconds,
                )
            )
        return True

    def _lose(self, job: _Job, ended: Ended, reason: str) -> None:
        """End a job for the fault of the part that runs; those after it start anew, at once."""
        assert job.task is not None
        parts = job.task.parts[job.received :]
        self._drop(job)
        if parts:
            number, _ = parts[0]
            seconds = time.monotonic() - job.began
            self._arrived.append(
                Outcome(job.task.key, number, ended, reason=reason, seconds=seconds)
            )
        if parts[1:]:
            self._waiting.appendleft(replace(job.task, parts=parts[1:]))

    def _drop(self, job: _Job) -> None:
        self._running.remove(job)
        job.stop()

    def _end_running(self) -> None:
        """End what runs, keeping what has arrived."""
        for job in list(self._running):
            with suppress(OSError):
                while job.connection.poll():
                    if not self._take(job):
                        break
        for job in self._running:  # all at once, then one by one what does not react
            job.tree.descendants()
            job.process.terminate()
        while self._running:
            self._running.pop().stop()
        self._waiting.clear()


def _overdue(job: _Job) -> tuple[Ended, str] | None:
    """How the part that runs must be ended; None if it may go on."""
    assert job.task is not None
    limits = job.task.limits
    if not job.seen:
        return None
    if job.cpu - job.cpu_before > limits.cpu_seconds:
        return "out-of-time", f"stopped after {limits.cpu_seconds:g} s of CPU time"
    if job.waited > limits.waiting_seconds:
        return "hangs", f"stopped after {limits.waiting_seconds:g} s in which it did nothing"
    return None


class LocalExecutor:
    """Runs tasks in processes of this machine (`numerics.execution.executor` makes one).

    Parameters
    ----------
    processes : int
        Number of processes at a time.
    """

    def __init__(self, processes: int) -> None:
        self.slots = processes
        self._processes = Processes(processes)

    def run(self, tasks: Iterable[Task], stop: Stop = lambda: False) -> Iterator[Outcome]:
        """Yield outcomes (`numerics.execution.Executor`)."""
        for outcome in self._processes.run(map(packed, in_order(tasks)), stop):
            yield unpacked(outcome)

    def arrived(self) -> Iterator[Outcome]:
        """Outcomes not yet yielded when a run was interrupted (`numerics.execution.Executor`)."""
        return map(unpacked, self._processes.arrived())

    def close(self) -> None:
        """End the processes."""
        self._processes.close()

    def __enter__(self) -> LocalExecutor:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


def in_order(tasks: Iterable[Task]) -> Iterable[Task]:
    """Of a sequence the longest first; anything else as it comes."""
    if isinstance(tasks, Sequence):
        return sorted(tasks, key=lambda task: -task.seconds)
    return tasks
