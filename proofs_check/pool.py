"""Processes that run tasks: never hang, report each outcome at once, and can be ended."""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from numerics.errors import shorten
from proofs_check import registry
from proofs_check.claim import Claim, Context, Control
from proofs_check.planning import Task
from proofs_check.verdict import CheckResult, ControlResult, inconclusive

Outcome = CheckResult | ControlResult


@dataclass
class Job:
    """A task that runs, or ran, in a process."""

    task: Task
    process: BaseProcess
    connection: Connection
    started: float
    received: int = 0
    seconds: float = 0.0
    ended: str = ""  # why it did not finish

    def stop(self, reason: str) -> None:
        """End the process if it still runs."""
        self.seconds = self.seconds or time.monotonic() - self.started
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.connection.close()
        if self.received < len(self.task.parts):
            self.ended = self.ended or reason


class Pool:
    """The processes of one run.

    Parameters
    ----------
    context : Context
        Budget, digits, seed.
    modules : tuple of str
        Modules that the processes import first.
    receive : callable
        Called as ``receive(claim, outcome)`` whenever a check or control is finished.
    grace : float
        Seconds beyond its limit after which a claim's process is killed.
    """

    def __init__(
        self,
        context: Context,
        modules: tuple[str, ...],
        receive: Callable[[Claim, Outcome], None],
        grace: float,
    ) -> None:
        self.context = context
        self.modules = modules
        self.receive = receive
        self.grace = grace
        self.running: list[Job] = []
        self.jobs: list[Job] = []
        # spawn: no state is inherited, so results do not depend on the number of processes
        self.processes = multiprocessing.get_context("spawn")

    def work(self, tasks: Sequence[Task], jobs: int, deadline: float | None = None) -> bool:
        """Run all tasks, at most ``jobs`` at a time; returns whether the deadline was kept."""
        waiting = list(tasks)
        while waiting or self.running:
            while waiting and len(self.running) < jobs:
                self._start(waiting.pop(0))
            ends = [self._limit(job) for job in self.running]
            nearest = min(ends if deadline is None else (*ends, deadline)) - time.monotonic()
            ready = wait([job.connection for job in self.running], timeout=max(0.0, nearest))
            for job in list(self.running):
                if job.connection in ready:
                    self._take(job)
                elif time.monotonic() > self._limit(job):
                    allowed = job.task.claim.seconds[self.context.budget]
                    self._finish(job, f"stopped after the time limit of {allowed:g} s")
            if deadline is not None and time.monotonic() >= deadline and (waiting or self.running):
                return False
        return True

    def close(self, reason: str) -> None:
        """End what still runs, keeping the outcomes that have arrived."""
        for job in list(self.running):
            while job.connection.poll():
                if not self._take(job):
                    break
        for job in list(self.running):
            self._finish(job, reason)

    def _start(self, task: Task) -> None:
        here, there = self.processes.Pipe(duplex=False)
        process = self.processes.Process(
            target=_child,
            args=(there, task.claim.identifier, task.parts, self.context, self.modules),
            name=f"proofs-check {task.claim.identifier}",
            daemon=True,
        )
        process.start()
        there.close()  # only the child holds it now: its death ends the stream
        job = Job(task, process, here, time.monotonic())
        self.running.append(job)
        self.jobs.append(job)

    def _limit(self, job: Job) -> float:
        return job.started + job.task.claim.seconds[self.context.budget] + self.grace

    def _take(self, job: Job) -> bool:
        """Take one message; returns whether the job goes on."""
        try:
            message = job.connection.recv()
        except (EOFError, OSError):
            job.process.join(1.0)
            self._finish(job, f"its process ended with code {job.process.exitcode}")
            return False
        if isinstance(message, CheckResult | ControlResult):
            job.received += 1
            self.receive(job.task.claim, message)
            return True
        job.seconds = message.seconds
        self._finish(job, message.failure)
        return False

    def _finish(self, job: Job, reason: str) -> None:
        job.stop(reason)
        self.running.remove(job)


def outcomes(claim: Claim, parts: Sequence[str], context: Context) -> Iterator[Outcome]:
    """Run checks and controls one by one; an error in one is its own inconclusive outcome."""
    for part in claim.parts:
        if part.name not in parts:
            continue
        start = time.monotonic()
        outcome: Outcome
        try:
            outcome = part.run(context)
        except Exception as error:
            outcome = unfinished(part, _described(error))
        yield _labelled(outcome, part.name, time.monotonic() - start)


def unfinished(part: Any, reason: str) -> Outcome:
    """Return the inconclusive outcome of a check or control that did not end by itself."""
    result = inconclusive(part.name, reason)
    return ControlResult(part.name, part.change, result) if isinstance(part, Control) else result


@dataclass(frozen=True)
class _Done:
    """Last message of a process."""

    seconds: float
    failure: str = ""


def _child(
    connection: Connection,
    identifier: str,
    parts: tuple[str, ...],
    context: Context,
    modules: tuple[str, ...],
) -> None:
    """Run one task and send each outcome as it is there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    with tempfile.TemporaryDirectory() as directory:
        _keep_hypothesis_out_of_the_working_directory(directory)
        start = time.monotonic()
        failure = ""
        try:
            for module in modules:
                import_module(module)
            claim = registry.get(identifier)
            limited = replace(context, deadline=start + claim.seconds[context.budget])
            for outcome in outcomes(claim, parts, limited):
                connection.send(outcome)
        except Exception as error:
            failure = _described(error)
        connection.send(_Done(time.monotonic() - start, failure))
    connection.close()


def _keep_hypothesis_out_of_the_working_directory(directory: str) -> None:
    from hypothesis.configuration import set_hypothesis_home_dir

    set_hypothesis_home_dir(directory)


def _labelled(outcome: Outcome, name: str, seconds: float) -> Outcome:
    """Give an outcome its name within the claim, by which it is found again, and its time."""
    if isinstance(outcome, ControlResult):
        return replace(outcome, name=name, result=replace(outcome.result, seconds=seconds))
    return replace(outcome, name=name, seconds=seconds)


def _described(error: Exception) -> str:
    return shorten(f"{type(error).__name__}: {error}", 300)
