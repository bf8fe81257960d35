"""The processors that a computation may use, and what it tells of its progress."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass

#: ``progress(done, total)`` in units of work.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Effort:
    """What a long evaluation may use, and whom it tells how far it is.

    Attributes
    ----------
    processes : int
        Worker processes; 1: everything happens in this one.
    most_seconds : float
        Work predicted to take more CPU seconds on the machine of docs/performance.md is refused.
    progress : callable, optional
        Called as ``progress(nodes done, nodes in all)``.
    """

    processes: int = 1
    most_seconds: float = 600.0
    progress: Progress | None = None


#: Whether this process is one of several that share the processors, as its caller has said.
_shares = False


def share_processors() -> None:
    """Say that this is a worker process: others use the processors as well."""
    global _shares
    _shares = True


def usable_processors() -> int:
    """Processors that this process may use; 1 within a worker process of any pool.

    Examples
    --------
    >>> usable_processors() >= 1
    True
    """
    if _shares or multiprocessing.parent_process() is not None:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
