"""Runs claims in processes of their own: never hangs, and keeps what is finished.

Every claim runs in a fresh process that reports each finished check at once. A claim over its time
limit is stopped and its unfinished checks become ``INCONCLUSIVE``; after Ctrl-C the same happens to
all claims that still run.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from numerics.errors import shorten
from proofs_check import registry
from proofs_check.claim import Claim, Context, Control
from proofs_check.verdict import CheckResult, ClaimResult, ControlResult, inconclusive

#: Seconds granted to a claim beyond its limit, for start-up and for the last check to notice.
GRACE = 15.0
Report = Callable[[str, str], None]


@dataclass(frozen=True)
class Run:
    """Outcome of a run.

    Attributes
    ----------
    results : tuple of ClaimResult
        In the order of the identifiers asked for.
    interrupted : bool
        Whether Ctrl-C ended the run early.
    seconds : float
        Wall time.
    """

    results: tuple[ClaimResult, ...]
    interrupted: bool
    seconds: float


def run_claim(identifier: str, context: Context, modules: Sequence[str] = ()) -> ClaimResult:
    """Run one claim in this process; for clusters, where something else distributes the work.

    Parameters
    ----------
    identifier : str
        Identifier of the claim.
    context : Context
        Budget, digits, seed.
    modules : sequence of str
        Modules to import first, for claims registered outside this package.
    """
    for module in modules:
        import_module(module)
    claim = registry.get(identifier)
    start = time.monotonic()
    limited = replace(context, deadline=start + claim.seconds[context.budget])
    outcomes = list(_outcomes(claim, limited))
    return _assemble(claim, outcomes, time.monotonic() - start, "")


def run(
    identifiers: Sequence[str],
    context: Context,
    *,
    jobs: int | None = None,
    modules: Sequence[str] = (),
    report: Report | None = None,
    grace: float = GRACE,
) -> Run:
    """Run claims in parallel processes.

    Parameters
    ----------
    identifiers : sequence of str
        Claims to run.
    context : Context
        Budget, digits, seed.
    jobs : int or None
        Number of processes at a time; by default one per core.
    modules : sequence of str
        Modules that register further claims.
    report : callable or None
        Called as ``report(identifier, part)`` whenever a check or control is finished.
    grace : float
        Seconds beyond its limit after which a claim's process is killed.
    """
    claims = [registry.get(identifier) for identifier in dict.fromkeys(identifiers)]
    pool = _Pool(context, tuple(modules), report or (lambda identifier, part: None), grace)
    start = time.monotonic()
    interrupted = False
    try:
        pool.work(claims, max(1, jobs or os.cpu_count() or 1))
    except KeyboardInterrupt:
        interrupted = True
    finally:
        pool.close()
    results = tuple(pool.result(claim, "interrupted") for claim in claims)
    return Run(results, interrupted, time.monotonic() - start)


@dataclass
class _Job:
    """A claim that runs, or ran, in a process."""

    claim: Claim
    process: BaseProcess
    connection: Connection
    started: float
    outcomes: list[CheckResult | ControlResult] = field(default_factory=list)
    seconds: float = 0.0
    ended: str = ""  # why it did not finish

    def stop(self, reason: str) -> None:
        """End the process if it still runs."""
        self.seconds = self.seconds or time.monotonic() - self.started
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.connection.close()
        if len(self.outcomes) < len(self.claim.parts):
            self.ended = self.ended or reason


class _Pool:
    """The processes of one run."""

    def __init__(
        self, context: Context, modules: tuple[str, ...], report: Report, grace: float
    ) -> None:
        self.context = context
        self.modules = modules
        self.report = report
        self.grace = grace
        self.running: list[_Job] = []
        self.jobs: dict[str, _Job] = {}
        # spawn: no state is inherited, so results do not depend on the number of processes
        self.processes = multiprocessing.get_context("spawn")

    def work(self, claims: Sequence[Claim], jobs: int) -> None:
        """Run all claims, at most ``jobs`` at a time."""
        waiting = list(claims)
        while waiting or self.running:
            while waiting and len(self.running) < jobs:
                self._start(waiting.pop(0))
            nearest = min(self._limit(job) for job in self.running) - time.monotonic()
            ready = wait([job.connection for job in self.running], timeout=max(0.0, nearest))
            for job in list(self.running):
                if job.connection in ready:
                    self._receive(job)
                elif time.monotonic() > self._limit(job):
                    allowed = job.claim.seconds[self.context.budget]
                    self._finish(job, f"stopped after the time limit of {allowed:g} s")

    def close(self) -> None:
        """End what still runs, keeping the outcomes that have arrived."""
        for job in list(self.running):
            while job.connection.poll():
                if not self._receive(job):
                    break
        for job in list(self.running):
            self._finish(job, "interrupted")

    def result(self, claim: Claim, reason: str) -> ClaimResult:
        """Result of a claim, with what is missing marked as inconclusive."""
        job = self.jobs.get(claim.identifier)
        if job is None:
            return _assemble(claim, [], 0.0, f"not started: {reason}")
        return _assemble(claim, job.outcomes, job.seconds, job.ended)

    def _start(self, claim: Claim) -> None:
        here, there = self.processes.Pipe(duplex=False)
        process = self.processes.Process(
            target=_child,
            args=(there, claim.identifier, self.context, self.modules),
            name=f"proofs-check {claim.identifier}",
            daemon=True,
        )
        process.start()
        there.close()  # only the child holds it now: its death ends the stream
        job = _Job(claim, process, here, time.monotonic())
        self.running.append(job)
        self.jobs[claim.identifier] = job

    def _limit(self, job: _Job) -> float:
        return job.started + job.claim.seconds[self.context.budget] + self.grace

    def _receive(self, job: _Job) -> bool:
        """Take one message; returns whether the job goes on."""
        try:
            message = job.connection.recv()
        except (EOFError, OSError):
            job.process.join(1.0)
            self._finish(job, f"its process ended with code {job.process.exitcode}")
            return False
        if isinstance(message, CheckResult | ControlResult):
            job.outcomes.append(message)
            self.report(job.claim.identifier, message.name)
            return True
        job.seconds = message.seconds
        self._finish(job, message.failure)
        return False

    def _finish(self, job: _Job, reason: str) -> None:
        job.stop(reason)
        self.running.remove(job)


@dataclass(frozen=True)
class _Done:
    """Last message of a process."""

    seconds: float
    failure: str = ""


def _child(
    connection: Connection, identifier: str, context: Context, modules: tuple[str, ...]
) -> None:
    """Run one claim and send each outcome as it is there."""
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
            for outcome in _outcomes(claim, limited):
                connection.send(outcome)
        except Exception as error:
            failure = _described(error)
        connection.send(_Done(time.monotonic() - start, failure))
    connection.close()


def _keep_hypothesis_out_of_the_working_directory(directory: str) -> None:
    from hypothesis.configuration import set_hypothesis_home_dir

    set_hypothesis_home_dir(directory)


def _outcomes(claim: Claim, context: Context) -> Iterator[CheckResult | ControlResult]:
    """Run checks and controls one by one; an error in one is its own inconclusive outcome."""
    for part in claim.parts:
        start = time.monotonic()
        outcome: CheckResult | ControlResult
        try:
            outcome = part.run(context)
        except Exception as error:
            outcome = _unfinished(part, _described(error))
        yield _timed(outcome, time.monotonic() - start)


def _timed(outcome: CheckResult | ControlResult, seconds: float) -> CheckResult | ControlResult:
    if isinstance(outcome, ControlResult):
        return replace(outcome, result=replace(outcome.result, seconds=seconds))
    return replace(outcome, seconds=seconds)


def _unfinished(part: Any, reason: str) -> CheckResult | ControlResult:
    result = inconclusive(part.name, reason)
    return ControlResult(part.name, part.change, result) if isinstance(part, Control) else result


def _assemble(
    claim: Claim, outcomes: Sequence[CheckResult | ControlResult], seconds: float, reason: str
) -> ClaimResult:
    """Sort outcomes into checks and controls; what is missing is inconclusive for ``reason``."""
    missing = claim.parts[len(outcomes) :]
    complete = [*outcomes, *(_unfinished(part, reason or "not run") for part in missing)]
    return ClaimResult(
        claim.identifier,
        tuple(outcome for outcome in complete if isinstance(outcome, CheckResult)),
        tuple(outcome for outcome in complete if isinstance(outcome, ControlResult)),
        seconds,
    )


def _described(error: Exception) -> str:
    return shorten(f"{type(error).__name__}: {error}", 300)
