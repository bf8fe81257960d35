"""Processes that run tasks: never hang, report each outcome at once, and can be ended.

Limits count CPU time, so that no word depends on what else the machine does. Every check and
control has its claim's limit for itself: neither does it matter which others share its process. One
that does not end is killed with its descendants: at some CPU time beyond its limit or, if it hangs,
when it has waited far longer. Time in which it computes, is stopped or gets no processor is no time
of waiting. What was to follow it in the process runs in a new one.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait

from numerics.locks import temporary_folder
from proofs_check.claim import Claim, Context
from proofs_check.run.child import Finished, Order, start
from proofs_check.run.plan import Task
from proofs_check.run.process_tree import ProcessTree
from proofs_check.run.sending import Parcel

#: A part that has waited for so many times its limit in wall time hangs.
PATIENCE = 10.0
#: Seconds between looks at the processes' CPU time.
_LOOK = 1.0
#: Of a longer time between looks no more counts as waiting: this process was stopped as well.
_LONGEST_LOOK = 2.0
#: Seconds that a process has to end when it is asked to.
_TO_END = 0.5


@dataclass(frozen=True)
class Grace:
    """What is granted beyond limits.

    Attributes
    ----------
    cpu_seconds : float
        CPU time beyond the limit after which a check is killed: for start-up, and for the check to
        notice.
    wall_seconds : float
        Least wall time of waiting before a check counts as hanging.
    """

    cpu_seconds: float = 15.0
    wall_seconds: float = 120.0


GRACE = Grace()


@dataclass
class Job:
    """A task that runs, or ran, in a process."""

    task: Task
    process: subprocess.Popen[bytes]
    connection: Connection
    started: float
    received: int = 0
    seconds: float = 0.0
    ended: str = ""  # why it did not finish
    cpu_before: float = 0.0  # CPU time of the tree when the part that runs began
    cpu: float = 0.0  # the same, and
    looked: float = 0.0  # wall time, at the last look
    waited: float = 0.0  # wall time of the part in which no process of the tree did anything

    def __post_init__(self) -> None:
        self.tree = ProcessTree(self.process.pid)
        self.begin_part()

    def begin_part(self) -> None:
        """Count from now on for the next check or control."""
        self.looked, self.waited = time.monotonic(), 0.0
        self.cpu = self.cpu_before = self.tree.cpu_seconds()

    def look(self) -> None:
        """Bring the CPU time and the time of waiting up to date, at most once a second."""
        now = time.monotonic()
        if now - self.looked < _LOOK:
            return
        cpu = self.tree.cpu_seconds()
        if cpu <= self.cpu and self.tree.waiting():
            self.waited += min(now - self.looked, _LONGEST_LOOK)
        self.looked, self.cpu = now, cpu

    @property
    def rest(self) -> tuple[str, ...]:
        """Parts that it has not come to: after those received, and the one that was running."""
        return self.task.parts[self.received + 1 :]

    def stop(self, reason: str) -> None:
        """End the process if it still runs, and its descendants."""
        self.seconds = self.seconds or time.monotonic() - self.started
        self.tree.descendants()  # while their ancestor lives
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_TO_END)
            self.process.kill()
        self.process.wait()
        self.tree.end_descendants()
        self.connection.close()
        if self.received < len(self.task.parts):
            self.ended = self.ended or reason


class Pool:
    """The processes of one run.

    Parameters
    ----------
    context : Context
        Budget, digits, seed.
    parcels : mapping
        How the processes come by each claim, by its identifier.
    receive : callable
        Called as ``receive(claim, finished)`` whenever a check or control is finished.
    grace : Grace
        What is granted beyond limits.
    """

    def __init__(
        self,
        context: Context,
        parcels: Mapping[str, Parcel],
        receive: Callable[[Claim, Finished], None],
        grace: Grace,
    ) -> None:
        self.context = context
        self.parcels = parcels
        self.receive = receive
        self.grace = grace
        self.running: list[Job] = []
        self.jobs: list[Job] = []
        self.waiting: list[Task] = []
        self._room = ExitStack()
        self._folder = str(self._room.enter_context(temporary_folder()))

    def work(self, tasks: Sequence[Task], jobs: int, deadline: float | None = None) -> bool:
        """Run all tasks, at most ``jobs`` at a time; returns whether the deadline was kept.

        The deadline, of the whole run, is a value of `time.monotonic`.
        """
        self.waiting = list(tasks)
        while self.waiting or self.running:
            while self.waiting and len(self.running) < jobs:
                self._start(self.waiting.pop(0))
            left = _LOOK if deadline is None else min(_LOOK, deadline - time.monotonic())
            ready = wait([job.connection for job in self.running], timeout=max(0.0, left))
            for job in list(self.running):
                if job.connection in ready:
                    self._take(job)
                elif reason := self._overdue(job):
                    self._lose(job, reason)
            unfinished = self.waiting or self.running
            if deadline is not None and time.monotonic() >= deadline and unfinished:
                return False
        return True

    def close(self, reason: str) -> None:
        """End what still runs, keeping the outcomes that have arrived."""
        self.waiting.clear()
        for job in list(self.running):
            while job.connection.poll():
                if not self._take(job):
                    break
        for job in self.running:  # all at once, then one by one what does not react
            job.tree.descendants()
            job.process.terminate()
        for job in list(self.running):
            self._finish(job, reason)
        self._room.close()

    def _start(self, task: Task) -> None:
        # a new process inherits no state, so results do not depend on the number of processes
        parcel = self.parcels[task.claim.identifier]
        process, connection = start(Order(parcel, task.parts, self.context, self._folder))
        job = Job(task, process, connection, time.monotonic())
        self.running.append(job)
        self.jobs.append(job)

    def _overdue(self, job: Job) -> str:
        """Why the part that runs must be ended; empty if it may go on."""
        limit = job.task.claim.seconds[self.context.budget]
        job.look()
        if job.cpu - job.cpu_before > limit + self.grace.cpu_seconds:
            return f"time ran out: stopped after the limit of {limit:g} s of CPU time"
        allowed = max(self.grace.wall_seconds, PATIENCE * limit)
        if job.waited > allowed:
            return f"hangs: stopped after {allowed:g} s, its limit is {limit:g} s of CPU time"
        return ""

    def _take(self, job: Job) -> bool:
        """Take one message; returns whether the job goes on."""
        try:
            message = job.connection.recv()
        except (EOFError, OSError):
            with suppress(subprocess.TimeoutExpired):
                job.process.wait(_TO_END)
            self._lose(job, f"its process ended with code {job.process.returncode}")
            return False
        if isinstance(message, Finished):
            job.received += 1
            job.begin_part()
            self.receive(job.task.claim, message)
            return True
        job.seconds = message.seconds
        self._finish(job, message.failure)
        return False

    def _lose(self, job: Job, reason: str) -> None:
        """End a job for the fault of the part that ran; those after it start anew, at once."""
        self._finish(job, reason)
        if job.rest:
            self.waiting.insert(0, replace(job.task, parts=job.rest))

    def _finish(self, job: Job, reason: str) -> None:
        job.stop(reason)
        self.running.remove(job)
