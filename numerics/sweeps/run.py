"""Running a sweep: what is missing is computed in batches, and kept as it arrives."""

from __future__ import annotations

import time as clock
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.execution import Executor, Limits, Outcome, Task
from numerics.sweeps.dataset import Dataset
from numerics.sweeps.fates import prepare
from numerics.sweeps.points import Point
from numerics.sweeps.spec import Spec

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

#: Rows are written after so many seconds, or so many rows: what a kill can cost.
FLUSH_SECONDS, FLUSH_ROWS = 2.0, 4096
#: Seconds without any work of its process after which a point is given up.
WAITING_SECONDS = 120.0
#: Points are looked up in the dataset so many at a time; batches have at most so many.
_CHUNK = 1024
_MOST_IN_BATCH = 256
#: Seconds that a batch should take, and how many points the first ones have.
_BATCH_SECONDS, _FIRST_BATCH = 2.0, 8


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
    """

    points: int = 0
    known: int = 0
    done: int = 0
    failures: list[str] = field(default_factory=list)


def missing(spec: Spec, keys: Any, progress: Progress) -> Iterator[Point]:
    """Yield the points that are not in the dataset; counts those that are."""
    points, found = spec.points(), 0
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
    progress.points = found


@dataclass
class Pace:
    """How many points make a batch of about `_BATCH_SECONDS`, from how long the last ones took."""

    points: int = _FIRST_BATCH
    seconds: float = 0.0  # a moving average of a point's

    def took(self, seconds: float) -> None:
        """Take note of how long a point has taken."""
        self.seconds = seconds if not self.seconds else 0.95 * self.seconds + 0.05 * seconds
        wanted = _BATCH_SECONDS / max(self.seconds, 1e-9)
        self.points = max(1, min(int(wanted), 2 * self.points, _MOST_IN_BATCH))


def tasks(
    points: Iterator[Point],
    objectives: Mapping[str, Objective],
    seconds_per_point: float,
    pace: Pace,
    waiting: dict[str, tuple[Point, ...]],
) -> Iterator[Task]:
    """Yield batches of points as tasks; ``waiting`` is told which points each has."""
    limits = Limits(seconds_per_point, WAITING_SECONDS)
    for number in count():
        batch = tuple(islice(points, pace.points))
        if not batch:
            return
        key = f"batch {number}"
        waiting[key] = batch
        yield Task(key, prepare, (dict(objectives),), batch, limits)


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
    waiting: dict[str, tuple[Point, ...]] = {}
    pace = Pace()
    work = tasks(
        missing(spec, dataset.keys(), progress),
        objectives or {},
        spec.seconds_per_point,
        pace,
        waiting,
    )
    left: Counter[str] = Counter()

    def take(outcome: Outcome) -> None:
        point = waiting[outcome.key][outcome.part]
        left[outcome.key] += 1
        if left[outcome.key] == len(waiting[outcome.key]):
            del waiting[outcome.key], left[outcome.key]
        if outcome.done:
            keeper.keep(outcome.value)
            progress.done += 1
            pace.took(outcome.seconds)
        else:
            progress.failures.append(f"{point.content}: {outcome.reason or outcome.error}")
        report(progress)

    try:
        for outcome in pool.run(work, stop):
            take(outcome)
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

    def keep(self, row: dict[str, Any]) -> None:
        self.rows.append(row)
        late = clock.monotonic() - self.flushed > FLUSH_SECONDS
        if late or len(self.rows) >= FLUSH_ROWS:
            self.flush()

    def flush(self) -> None:
        rows, self.rows = self.rows, []
        self.dataset.append(rows)
        self.flushed = clock.monotonic()
