"""What a run will cost, and in which order: the longest first, a dominating claim in pieces."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from numerics.documents import read_document
from numerics.errors import InputError, why
from proofs_check.claim import Budget, Claim
from proofs_check.store.files import write_json

_FILE = "run/typical_seconds.json"
#: Seconds assumed for a check or control that was never timed.
UNKNOWN: Mapping[Budget, float] = {"quick": 3.0, "full": 20.0}
#: A claim is cut into pieces when it takes longer than this, and than its share of the run.
LEAST_TO_SPLIT = 10.0


@dataclass(frozen=True)
class Task:
    """Some checks and controls of a claim, for one process.

    Attributes
    ----------
    claim : Claim
    parts : tuple of str
        Names, in the order of the claim.
    seconds : float
        Typical time.
    """

    claim: Claim
    parts: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Plan:
    """Tasks in the order they start.

    Attributes
    ----------
    tasks : tuple of Task
        The longest first.
    seconds : float
        Estimate of the wall time.
    untimed : int
        Number of checks and controls for which no time is recorded.
    here : mapping
        Why a claim runs in the process that asked for it, by identifier.
    """

    tasks: tuple[Task, ...]
    seconds: float
    untimed: int
    here: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        guess = f"; {self.untimed} of the parts were never timed" if self.untimed else ""
        parts = sum(len(task.parts) for task in self.tasks)
        time = f"about {self.seconds:.0f} s on an idle machine, by recorded times"
        return f"{parts} checks and controls, {time}{guess}"


def plan(
    claims: Sequence[Claim],
    budget: Budget,
    jobs: int,
    finished: Mapping[str, Container[str]] | None = None,
    times: Mapping[str, Mapping[str, float]] | None = None,
) -> Plan:
    """Cut claims into tasks and order them.

    Parameters
    ----------
    claims : sequence of Claim
        What is to run.
    budget : {"quick", "full"}
    jobs : int
        Number of processes at a time.
    finished : mapping
        Names of checks and controls that need not run, by claim.
    times : mapping
        Seconds by claim and name; by default the recorded ones.

    Examples
    --------
    >>> from proofs_check.registry import get
    >>> times = {"F1": {"I3": 30.0, "lemma-2.2": 20.0}}
    >>> [len(task.parts) for task in plan([get("F1")], "quick", 2, times=times).tasks]
    [6, 9]
    >>> plan([get("F1")], "quick", 1, times=times).seconds
    89.0
    """
    known = recorded(budget) if times is None else times
    done = finished or {}
    costs: dict[str, dict[str, float]] = {}
    untimed = 0
    for claim in claims:
        rest = [
            part.name for part in claim.parts if part.name not in done.get(claim.identifier, ())
        ]
        seconds = known.get(claim.identifier, {})
        untimed += sum(name not in seconds for name in rest)
        costs[claim.identifier] = {name: seconds.get(name, UNKNOWN[budget]) for name in rest}
    total = sum(sum(cost.values()) for cost in costs.values())
    tasks = [
        task for claim in claims for task in _pieces(claim, costs[claim.identifier], total, jobs)
    ]
    tasks.sort(key=lambda task: -task.seconds)
    longest = max((task.seconds for task in tasks), default=0.0)
    return Plan(tuple(tasks), max(longest, total / jobs), untimed)


def recorded(budget: Budget) -> Mapping[str, Mapping[str, float]]:
    """Recorded seconds by claim and check or control.

    Examples
    --------
    >>> recorded("quick")["F4"]["slice 0,a"] > 0
    True
    """
    found: Mapping[str, Mapping[str, float]] = _recorded().get(budget, {})
    return found


def record(report: str, target: Path | None = None) -> None:
    """Take the times of a ``verify --json`` report into the recorded ones.

    What was not concluded (stopped, or out of time) has no time of its own and is left out.

    Raises
    ------
    InputError
        If the file is not such a report.
    """
    path = target or Path(str(files("proofs_check").joinpath(_FILE)))
    try:
        document = read_document(Path(report))
        budget = document["environment"]["budget"]
        times = {
            claim["id"]: {
                part["name"]: math.ceil(10 * part["seconds"]) / 10
                for part in (*claim["checks"], *claim["controls"])
                if part["method"] != "none"
            }
            for claim in document["claims"]
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "REPORT", report, f"a report of proofs-check verify ({why(error)})"
        ) from error
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    merged = dict(known.get(budget, {}))
    for name, parts in times.items():
        if parts:
            merged[name] = {**merged.get(name, {}), **parts}
    write_json({**known, budget: dict(sorted(merged.items()))}, str(path), "REPORT")


@lru_cache(maxsize=1)
def _recorded() -> dict[str, Any]:
    text = files("proofs_check").joinpath(_FILE).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _pieces(claim: Claim, costs: Mapping[str, float], total: float, jobs: int) -> list[Task]:
    """One task, or as many as the claim's time fills shares of the run."""
    if not costs:
        return []
    whole = sum(costs.values())
    share = max(LEAST_TO_SPLIT, total / jobs)
    # a claim just over its share would gain nothing from a second process
    count = min(len(costs), jobs, math.ceil(whole / share - 0.1))
    bins: list[list[str]] = [[] for _ in range(max(1, count))]
    filled = [0.0] * len(bins)
    for name in sorted(costs, key=lambda name: -costs[name]):
        emptiest = filled.index(min(filled))
        bins[emptiest].append(name)
        filled[emptiest] += costs[name]
    order = {name: place for place, name in enumerate(costs)}
    return [
        Task(claim, tuple(sorted(names, key=order.__getitem__)), seconds)
        for names, seconds in zip(bins, filled, strict=True)
        if names
    ]


if __name__ == "__main__":  # python -m proofs_check.run.plan report.json
    for given in sys.argv[1:]:
        record(given)
