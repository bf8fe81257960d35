"""Runs claims in processes of their own: never hangs, and keeps what is finished.

Every claim runs in a fresh process that reports each finished check at once
(`proofs_check.run.pool`); the longest start first, and a claim that dominates the run is cut into
pieces (`proofs_check.run.plan`). A check over its claim's limit of CPU time is stopped and becomes
``INCONCLUSIVE``; after Ctrl-C, or when the time of the whole run is up, the same happens to all
that still runs. What is finished can be kept in a file from which a later run goes on
(`proofs_check.run.resume`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Literal

from proofs_check import registry
from proofs_check.claim import Check, Claim, Context, Control
from proofs_check.run.plan import Plan, plan
from proofs_check.run.pool import GRACE, Grace, Outcome, Pool, outcomes, unfinished
from proofs_check.run.resume import Progress
from proofs_check.verdict import CheckResult, ClaimResult, ControlResult

Report = Callable[[str, str], None]
Stopped = Literal["", "interrupted", "max-seconds"]


@dataclass(frozen=True)
class Run:
    """Outcome of a run.

    Attributes
    ----------
    results : tuple of ClaimResult
        In the order of the identifiers asked for.
    stopped : {"", "interrupted", "max-seconds"}
        What ended the run before all was finished.
    seconds : float
        Wall time.
    resumed : int
        Number of checks and controls taken from an earlier run.
    """

    results: tuple[ClaimResult, ...]
    stopped: Stopped
    seconds: float
    resumed: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing ended the run early."""
        return not self.stopped


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
    names = [part.name for part in claim.parts]
    found = dict(zip(names, outcomes(claim, names, context), strict=True))
    return _assemble(claim, found, time.monotonic() - start, {})


def run(
    identifiers: Sequence[str],
    context: Context,
    *,
    jobs: int | None = None,
    modules: Sequence[str] = (),
    report: Report | None = None,
    announce: Callable[[Plan], None] | None = None,
    grace: Grace = GRACE,
    max_seconds: float | None = None,
    progress: Progress | None = None,
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
    announce : callable or None
        Called with the plan before anything starts.
    grace : Grace
        What is granted beyond the limits of claims.
    max_seconds : float or None
        Time after which what still runs is ended.
    progress : Progress or None
        What an earlier run finished; takes what this one finishes.
    """
    claims = [registry.get(identifier) for identifier in dict.fromkeys(identifiers)]
    processes = max(1, jobs or os.cpu_count() or 1)
    found = _Found(report or (lambda identifier, part: None), progress, claims)
    planned = plan(claims, context.budget, processes, found.outcomes)
    if announce is not None:
        announce(planned)
    pool = Pool(context, tuple(modules), found.take, grace)
    start = time.monotonic()
    deadline = None if max_seconds is None else start + max_seconds
    stopped: Stopped = ""
    try:
        if not pool.work(planned.tasks, processes, deadline):
            stopped = "max-seconds"
    except KeyboardInterrupt:
        stopped = "interrupted"
    finally:
        pool.close(_REASONS[stopped])
    results = tuple(_result(claim, found, pool, _REASONS[stopped]) for claim in claims)
    return Run(results, stopped, time.monotonic() - start, found.resumed)


_REASONS: Mapping[Stopped, str] = {
    "": "not run",
    "interrupted": "interrupted",
    "max-seconds": "the time of the run was up",
}


@dataclass
class _Found:
    """Outcomes by claim and name."""

    report: Report
    progress: Progress | None
    claims: Sequence[Claim]
    outcomes: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    resumed: int = 0

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

    def take(self, claim: Claim, outcome: Outcome) -> None:
        """Keep an outcome, in the file too."""
        self.outcomes[claim.identifier][outcome.name] = outcome
        if self.progress is not None:
            self.progress.add(claim.identifier, outcome)
        self.report(claim.identifier, outcome.name)


def _kind(part: Check | Control) -> type[Outcome]:
    """What comes of a check or of a control; an outcome of the other kind is not its own."""
    return ControlResult if isinstance(part, Control) else CheckResult


def _result(claim: Claim, found: _Found, pool: Pool, reason: str) -> ClaimResult:
    """Result of a claim, with what is missing marked as inconclusive."""
    jobs = [job for job in pool.jobs if job.task.claim is claim]
    reasons = dict.fromkeys((part.name for part in claim.parts), f"not started: {reason}")
    for job in jobs:
        reasons.update(dict.fromkeys(job.task.parts, job.ended))
    done = found.outcomes[claim.identifier]
    seconds = sum(job.seconds for job in jobs)
    return _assemble(claim, done, seconds, reasons)


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
