"""What a Dask worker does: it hands tasks to processes that it can end, and never blocks."""

from __future__ import annotations

import atexit
import pickle
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from numerics.execution.local import Packed, Processes
from numerics.execution.tasks import Outcome

#: Announcements, which go through the scheduler, are no more frequent.
_ANNOUNCE_SECONDS = 0.5
#: Seconds after which a process that waits for a next task is ended.
_KEPT_SECONDS = 30.0


class OtherVersionsError(Exception):
    """A worker has not what the client has."""

    def __init__(self, worker: str, found: Mapping[str, str]) -> None:
        super().__init__(worker, found)
        self.worker = worker
        self.found = found


@lru_cache(maxsize=8)
def versions_here(identity: Callable[[], Mapping[str, str]]) -> dict[str, str]:
    """What this worker has; its sources do not change while it lives."""
    return dict(identity())


def work_on(
    task: Packed,
    identity: Callable[[], Mapping[str, str]],
    expected: Mapping[str, str],
    topic: str,
) -> list[Outcome]:
    """Run a task in a process, and return the outcomes; they are announced as they come.

    Raises
    ------
    OtherVersionsError
        If this worker is another than the client took it for.
    """
    from distributed import get_worker

    worker = get_worker()
    found = versions_here(identity)
    if found != expected:
        raise OtherVersionsError(worker.address, found)
    key = worker.get_current_task()
    outcomes: list[Outcome] = []
    announced, last = 0, 0.0

    def stop() -> bool:
        nonlocal announced, last
        if len(outcomes) > announced and time.monotonic() - last > _ANNOUNCE_SECONDS:
            worker.log_event(topic, pickle.dumps((key, outcomes[announced:])))
            announced, last = len(outcomes), time.monotonic()
        return not _is_wanted(worker, key)

    with _process() as processes:
        for outcome in processes.run([task], stop):
            outcomes.append(outcome)
    return outcomes


def _is_wanted(worker: Any, key: object) -> bool:
    """Whether the task that runs has not been cancelled, and the worker goes on."""
    state = worker.state.tasks.get(key)
    return worker.status.name == "running" and state is not None and state.state == "executing"


class _Kept:
    """Processes that have nothing to do."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.idle: list[tuple[Processes, threading.Timer]] = []

    def take(self) -> Processes:
        with self.lock:
            if not self.idle:
                return Processes(1)
            processes, timer = self.idle.pop()
        timer.cancel()
        return processes

    def put(self, processes: Processes) -> None:
        timer = threading.Timer(_KEPT_SECONDS, self.drop, [processes])
        timer.daemon = True
        with self.lock:
            self.idle.append((processes, timer))
        timer.start()

    def drop(self, processes: Processes) -> None:
        with self.lock:
            known = [pair for pair in self.idle if pair[0] is processes]
            self.idle = [pair for pair in self.idle if pair[0] is not processes]
        if known:  # else it was taken at the last moment
            processes.close()

    def close(self) -> None:
        with self.lock:
            idle, self.idle = self.idle, []
        for processes, timer in idle:
            timer.cancel()
            processes.close()


_kept = _Kept()
atexit.register(_kept.close)


@contextmanager
def _process() -> Iterator[Processes]:
    """Have a process, kept from an earlier task or new."""
    processes = _kept.take()
    try:
        yield processes
    except BaseException:
        processes.close()
        raise
    _kept.put(processes)
