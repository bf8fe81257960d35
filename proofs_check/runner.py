"""Runs claims in processes of their own: never hangs, and keeps what is finished.

Every claim runs in a fresh process that reports each finished check at once
(`numerics.execution`), here or on the machines of a Dask scheduler; the longest start first, and a
claim that dominates the run is cut into pieces (`proofs_check.run.plan`). A check over its claim's
limit of CPU time is stopped and becomes ``INCONCLUSIVE``; after Ctrl-C, or when the time of the
whole run is up, the same happens to all that still runs. What is finished can be kept in a file
from which a later run goes on (`proofs_check.run.resume`). A claim that cannot be sent to another
process (`proofs_check.run.sending`) runs in this one, when all others are finished, and the run
says so.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Literal

from numerics import markup
from numerics.errors import InputError
from numerics.execution import Executor, SchedulerError, executor
from proofs_check import exit_codes
from proofs_check.claim import Check, Claim, Context, Control
from proofs_check.examine import examine
from proofs_check.loading.find import Found, find
from proofs_check.loading.load import loading
from proofs_check.run.code import UNRECORDED, Recorded
from proofs_check.run.identity import identity
from proofs_check.run.limits import GRACE, Grace
from proofs_check.run.parts import Finished, Outcome, outcomes, unfinished
from proofs_check.run.plan import Plan, Task, plan
from proofs_check.run.resume import Progress
from proofs_check.run.sending import packed
from proofs_check.run.sent import Sent
from proofs_check.verdict import CheckResult, ClaimResult, ControlResult

Report = Callable[[str, str], None]
Stopped = Literal["", "interrupted", "max-seconds", "scheduler"]


@dataclass(frozen=True)
class Run:
    """Outcome of a run.

    Attributes
    ----------
    results : tuple of ClaimResult
        In the order of the claims asked for.
    stopped : {"", "interrupted", "max-seconds", "scheduler"}
        What ended the run before all was finished; ``"scheduler"``: it was lost.
    seconds : float
        Wall time.
    resumed : int
        Number of checks and controls taken from an earlier run.
    found : tuple of Found
        The claims, in the same order, with the files they stand in.
    here : mapping
        Why a claim ran in the process that asked for it, by identifier.
    errors : mapping
        Faults that kept a check or control from any result, by identifier and name.
    problem : str
        What happened to the scheduler.
    recorded : Recorded
        The code that the results are of, as it was before anything ran.
    """

    results: tuple[ClaimResult, ...]
    stopped: Stopped
    seconds: float
    resumed: int = 0
    found: tuple[Found, ...] = ()
    here: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[tuple[str, str], str] = field(default_factory=dict)
    problem: str = ""
    recorded: Recorded = UNRECORDED

    def _repr_html_(self) -> str:
        rows = [
            (each.identifier, each.verdict.value, each.method, f"{refuted} of {len(each.controls)}")
            for each in self.results
            for refuted in [sum(control.refuted for control in each.controls)]
        ]
        title = (
            markup.counted(len(rows), "claim")
            if self.complete
            else f"stopped early: {self.stopped}"
        )
        return markup.html_table(title, ("claim", "verdict", "method", "controls refuted"), rows)

    @property
    def complete(self) -> bool:
        """Whether nothing ended the run early."""
        return not self.stopped

    @property
    def exit_code(self) -> int:
        """What the command line ends with (`proofs_check.exit_codes.of_results`)."""
        return exit_codes.of_results(self.results, errors=bool(self.errors), stopped=self.stopped)


def run_claim(claim: str | Claim, context: Context, modules: Sequence[str] = ()) -> ClaimResult:
    """Run one claim in this process, where something else distributes the work.

    Parameters
    ----------
    claim : str or Claim
        Identifier of the claim, a claim of a claims file (``my_claims.py::T1``), or a claim.
    context : Context
        Budget, digits, seed.
    modules : sequence of str
        Modules to import first, for claims registered outside this package.
    """
    for module in modules:
        import_module(module)
    (found,) = find([claim])
    start = time.monotonic()
    names = [part.name for part in found.claim.parts]
    done = {each.outcome.name: each.outcome for each in outcomes(found.claim, names, context)}
    return _assemble(found.claim, done, time.monotonic() - start, {})


def run(
    claims: str | Claim | Iterable[str | Claim | Found],
    context: Context | None = None,
    *,
    jobs: int | None = None,
    modules: Sequence[str] = (),
    report: Report | None = None,
    announce: Callable[[Plan], None] | None = None,
    grace: Grace = GRACE,
    max_seconds: float | None = None,
    progress: Progress | None = None,
    scheduler: str | None = None,
) -> Run:
    """Run claims in parallel processes; those that cannot be sent to one, in this process.

    Parameters
    ----------
    claims : claims, or names of claims and claims files
        As `proofs_check.loading.find.find` takes them; a single one need not stand in a list.
    context : Context or None
        Budget, digits, seed.
    jobs : int or None
        Number of processes at a time; by default one per core.
    modules : sequence of str
        Modules that register further claims.
    report : callable or None
        Called as ``report(identifier, part)`` whenever a check or control is finished.
    announce : callable or None
        Called with the plan before anything starts.
    grace : Grace
        What is granted beyond the limits of claims.
    max_seconds : float or None
        Time after which what still runs is ended.
    progress : Progress or None
        What an earlier run finished; takes what this one finishes.
    scheduler : str or None
        Address of a Dask scheduler, or ``"local"`` (`numerics.execution.executor`); by default
        processes of this machine. Results do not depend on it.

    Raises
    ------
    InputError
        If there is no such claim, a claim is wrong in itself, two have the same identifier, or a
        claims file runs claims while it is loaded; or if a scheduler cannot be used.

    Examples
    --------
    >>> run("E6").results[0].verdict
    <Verdict.PROVED: 'PROVED'>
    """
    if (file := loading()) is not None:
        guard = 'runs only under if __name__ == "__main__": in a claims file'
        raise InputError("run", f"a run while {file.name} is loaded", guard)
    for module in modules:
        import_module(module)
    found = find([claims] if isinstance(claims, str | Claim) else claims)
    parcels, here = packed(found, modules)
    for each in found:
        if each.source is None:  # those of a file have been, when it was loaded
            examine(each.claim)
    recorded = Recorded.of(found)
    settings = context or Context()
    processes = max(1, jobs or os.cpu_count() or 1)
    kept = _Kept(report or (lambda identifier, part: None), progress, [f.claim for f in found])
    planned = plan(kept.claims, settings.budget, processes, kept.outcomes)
    planned = replace(planned, here=here)
    if announce is not None:
        announce(planned)
    start = time.monotonic()
    deadline = math.inf if max_seconds is None else start + max_seconds
    stopped: Stopped = ""
    try:
        with executor(scheduler, processes, identity) as pool:
            sent = Sent(planned.tasks, parcels, settings, grace)
            stopped = _work_elsewhere(sent, pool, kept, deadline)
        rest = [task for task in planned.tasks if task.claim.identifier in here]
        if not stopped and not _work_here(rest, settings, kept, deadline):
            stopped = "max-seconds"
    except KeyboardInterrupt:
        stopped = "interrupted"
    results = tuple(_result(claim, kept, _REASONS[stopped]) for claim in kept.claims)
    seconds = time.monotonic() - start
    return Run(
        results,
        stopped,
        seconds,
        kept.resumed,
        found,
        here,
        kept.errors,
        kept.problem,
        recorded,
    )


_REASONS: Mapping[Stopped, str] = {
    "": "not run",
    "interrupted": "interrupted",
    "max-seconds": "the time of the run was up",
    "scheduler": "the scheduler was lost",
}


def _work_elsewhere(sent: Sent, pool: Executor, kept: _Kept, deadline: float) -> Stopped:
    """Run what can be sent; returns what ended this before all had an outcome."""
    missing = sent.parts
    try:
        for found in sent.run(pool, lambda: time.monotonic() >= deadline):
            missing -= 1
            kept.receive(*found)
    except KeyboardInterrupt:
        for found in sent.arrived(pool):
            kept.receive(*found)
        raise
    except SchedulerError as error:
        kept.problem = str(error)
        return "scheduler"
    return "max-seconds" if missing else ""


def _work_here(tasks: Sequence[Task], context: Context, kept: _Kept, deadline: float) -> bool:
    """Run tasks in this process; returns whether the deadline was kept.

    Nothing can be killed here: a check is given no more CPU time than is left of the run.
    """
    for task in tasks:
        for name in task.parts:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            start = time.monotonic()
            for finished in outcomes(task.claim, [name], context, most_seconds=left):
                kept.take(task.claim, finished)
            kept.spent(task.claim, time.monotonic() - start)
    return time.monotonic() < deadline


@dataclass
class _Kept:
    """Outcomes by claim and name."""

    report: Report
    progress: Progress | None
    claims: Sequence[Claim]
    outcomes: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    errors: dict[tuple[str, str], str] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)  # why one has none
    seconds: dict[str, float] = field(default_factory=dict)
    resumed: int = 0
    problem: str = ""  # of the scheduler

    def __post_init__(self) -> None:
        for claim in self.claims:
            known = {} if self.progress is None else self.progress.finished(claim.identifier)
            kept = {
                part.name: known[part.name]
                for part in claim.parts
                if isinstance(known.get(part.name), _kind(part))
            }
            self.outcomes[claim.identifier] = kept
            self.resumed += len(kept)
            for name in kept:
                self.report(claim.identifier, name)

    def spent(self, claim: Claim, seconds: float) -> None:
        """Count time for a claim."""
        self.seconds[claim.identifier] = self.seconds.get(claim.identifier, 0.0) + seconds

    def receive(self, claim: Claim, name: str, found: Finished | str, seconds: float) -> None:
        """Take what came from another process."""
        self.spent(claim, seconds)
        if isinstance(found, str):
            self.reasons[claim.identifier, name] = found
        else:
            self.take(claim, found)

    def take(self, claim: Claim, finished: Finished) -> None:
        """Keep an outcome, in the file too."""
        outcome = finished.outcome
        self.outcomes[claim.identifier][outcome.name] = outcome
        if finished.error:
            self.errors[claim.identifier, outcome.name] = finished.error
        if self.progress is not None:
            self.progress.add(claim.identifier, outcome)
        self.report(claim.identifier, outcome.name)


def _kind(part: Check | Control) -> type[Outcome]:
    """What comes of a check or of a control; an outcome of the other kind is not its own."""
    return ControlResult if isinstance(part, Control) else CheckResult


def _result(claim: Claim, kept: _Kept, reason: str) -> ClaimResult:
    """Result of a claim, with what is missing marked as inconclusive."""
    name = claim.identifier
    reasons = {part.name: kept.reasons.get((name, part.name), reason) for part in claim.parts}
    return _assemble(claim, kept.outcomes[name], kept.seconds.get(name, 0.0), reasons)


def _assemble(
    claim: Claim, found: Mapping[str, Outcome], seconds: float, reasons: Mapping[str, str]
) -> ClaimResult:
    """Sort outcomes into checks and controls; what is missing is inconclusive for its reason."""
    complete = [
        found.get(part.name) or unfinished(part, reasons.get(part.name) or "not run")
        for part in claim.parts
    ]
    return ClaimResult(
        claim.identifier,
        tuple(outcome for outcome in complete if isinstance(outcome, CheckResult)),
        tuple(outcome for outcome in complete if isinstance(outcome, ControlResult)),
        seconds,
    )
