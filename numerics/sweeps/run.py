"""Running a sweep: what is missing is computed in batches, and kept as it arrives."""

from __future__ import annotations

import time as clock
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.execution import Executor, Limits, Outcome, Task
from numerics.sweeps.dataset import Dataset
from numerics.sweeps.points import Point
from numerics.sweeps.spec import Spec

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

#: Rows are written after so many seconds, or so many rows: what a kill can cost.
FLUSH_SECONDS, FLUSH_ROWS = 2.0, 4096
#: Seconds without any work of its process after which a point is given up.
WAITING_SECONDS = 120.0
#: Points are looked up in the dataset so many at a time.
_CHUNK = 1024
#: Seconds that a group of points should take, groups of a task, and points of a group at most.
_GROUP_SECONDS, _GROUPS, _MOST_IN_GROUP = 0.5, 4, 512


def prepare(own: Mapping[str, Objective]) -> Callable[[Sequence[Point]], list[dict[str, Any]]]:
    """`numerics.sweeps.fates.prepare`, imported where points are computed and not by the client."""
    from numerics.sweeps import fates

    return fates.prepare(own)


@dataclass
class Progress:
    """How far a sweep is.

    Attributes
    ----------
    points : int
        Points found in the spec; 0 until all are.
    known : int
        Points that the dataset had already.
    done : int
        Points computed now.
    failures : list of str
        What became of points that were not computed: out of time, a process lost.
    failed_rows : int
        Points computed now whose row says ``failed``.
    """

    points: int = 0
    known: int = 0
    done: int = 0
    failures: list[str] = field(default_factory=list)
    failed_rows: int = 0


def missing(
    spec: Spec, keys: Any, progress: Progress, stop: Callable[[], bool] = lambda: False
) -> Iterator[Point]:
    """Yield the points that are not in the dataset; counts those that are."""
    points, found = spec.points(stop), 0
    while chunk := list(islice(points, _CHUNK)):
        found += len(chunk)
        names = np.array([point.key for point in chunk], dtype=keys.dtype)
        places = np.searchsorted(keys, names)
        inside = places < len(keys)
        inside[inside] = keys[places[inside]] == names[inside]
        progress.known += int(inside.sum())
        for point, there in zip(chunk, inside, strict=True):
            if not there:
                yield point
    if not stop():
        progress.points = found


class _Work:
    """Points on their way to processes and back: groups, which are the parts of tasks.

    A group whose process is lost, or is out of time, is tried again point by point, so that one
    point costs no other.
    """

    def __init__(
        self, points: Iterator[Point], objectives: Mapping[str, Objective], seconds: float
    ) -> None:
        self.points = points
        self.arguments = (dict(objectives),)
        self.limits = Limits(seconds, WAITING_SECONDS)
        self.again: deque[Point] = deque()
        self.size = 1  # points of a group
        self.seconds = 0.0  # what a point takes, a moving average
        self._sent: dict[str, dict[int, tuple[Point, ...]]] = {}
        self._number = 0

    def tasks(self) -> Iterator[Task]:
        """Yield what is to be done, as long as there is something."""
        while groups := self._groups():
            self._number += 1
            key = f"task {self._number}"
            self._sent[key] = dict(enumerate(groups))
            yield Task(key, prepare, self.arguments, groups, self.limits)

    def _groups(self) -> tuple[tuple[Point, ...], ...]:
        if self.again:
            count = min(len(self.again), _GROUPS)
            return tuple((self.again.popleft(),) for _ in range(count))
        groups = (tuple(islice(self.points, self.size)) for _ in range(_GROUPS))
        return tuple(group for group in groups if group)

    def back(self, outcome: Outcome) -> tuple[Point, ...]:
        """The points of an outcome."""
        groups = self._sent[outcome.key]
        points = groups.pop(outcome.part)
        if not groups:
            del self._sent[outcome.key]
        if outcome.done:
            self._pace(outcome.seconds / len(points))
        return points

    def _pace(self, seconds: float) -> None:
        self.seconds = 0.8 * self.seconds + 0.2 * seconds if self.seconds else seconds
        wanted = int(_GROUP_SECONDS / max(self.seconds, 1e-9))
        self.size = max(1, min(wanted, 2 * self.size, _MOST_IN_GROUP))


def run_sweep(
    spec: Spec,
    dataset: Dataset,
    pool: Executor,
    *,
    objectives: Mapping[str, Objective] | None = None,
    stop: Callable[[], bool] = lambda: False,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Compute the points of a spec that a dataset lacks, and compact it at the end.

    Parameters
    ----------
    spec : Spec
    dataset : Dataset
        Its lock is the caller's.
    pool : Executor
    objectives : mapping, optional
        The user's own, by name.
    stop : callable
        Asked several times a second; when true the sweep ends with what has arrived.
    report : callable
        Told how far it is.

    Raises
    ------
    InputError
        If results cannot be written, or the scheduler is lost; what was written stays.
    """
    dataset.recover()
    progress = Progress()
    keeper = _Keeper(dataset)
    points = missing(spec, dataset.keys(), progress, stop)
    work = _Work(points, objectives or {}, spec.seconds_per_point)

    def take(outcome: Outcome) -> None:
        group = work.back(outcome)
        if outcome.done:
            keeper.keep(outcome.value)
            progress.done += len(group)
            progress.failed_rows += sum(row["status"] == "failed" for row in outcome.value)
        elif len(group) > 1:
            work.again.extend(group)
        else:
            said = outcome.reason or str(outcome.error)
            progress.failures.append(f"{group[0].content}: {said}")
        report(progress)

    try:
        while True:
            for outcome in pool.run(work.tasks(), stop):
                take(outcome)
            if not work.again or stop():
                break
    finally:
        for outcome in pool.arrived():
            take(outcome)
        keeper.flush()
    dataset.compact()
    return progress


class _Keeper:
    """Rows on their way to the dataset."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.rows: list[dict[str, Any]] = []
        self.flushed = clock.monotonic()

    def keep(self, rows: Sequence[dict[str, Any]]) -> None:
        self.rows.extend(rows)
        late = clock.monotonic() - self.flushed > FLUSH_SECONDS
        if late or len(self.rows) >= FLUSH_ROWS:
            self.flush()

    def flush(self) -> None:
        rows, self.rows = self.rows, []
        self.dataset.append(rows)
        self.flushed = clock.monotonic()
