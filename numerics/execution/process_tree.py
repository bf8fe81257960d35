"""A process with its descendants: the CPU time of all, whether they are idle, and their end."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import psutil

from numerics.execution.cpu_time import sum_of_cpu_seconds

#: States in which a process computes, would if it were given a processor or its memory, or has been
#: stopped by someone: it does not wait for anything that only hanging work waits for.
_NOT_WAITING = frozenset(
    {
        psutil.STATUS_RUNNING,
        psutil.STATUS_WAKING,
        psutil.STATUS_DISK_SLEEP,
        psutil.STATUS_STOPPED,
        psutil.STATUS_TRACING_STOP,
    }
)
#: Seconds that descendants have to end when they are asked to, and when they are killed.
_TO_END = 0.5


class ProcessTree:
    """A process and its descendants, also those that outlive the one that started them.

    Parameters
    ----------
    pid : int
        Of a process that has not been waited for.
    """

    def __init__(self, pid: int) -> None:
        self.root = psutil.Process(pid)
        self._descendants: dict[psutil.Process, None] = {}  # in order: ancestors first
        self._cpu = 0.0

    def descendants(self) -> list[psutil.Process]:
        """Those that run, looked up anew; once seen, a process is kept when its parent ends."""
        with suppress(psutil.Error):  # the root has ended
            self._descendants |= dict.fromkeys(self.root.children(recursive=True))
        self._descendants = {each: None for each in self._descendants if each.is_running()}
        return list(self._descendants)

    def cpu_seconds(self) -> float:
        """CPU time of all so far, those that have ended included; it never decreases."""
        # A child that ends between two readings is missed once rather than counted twice.
        self._cpu = max(self._cpu, sum_of_cpu_seconds([self.root, *self.descendants()]))
        return self._cpu

    def waiting(self) -> bool:
        """Whether none computes, wants to, or is stopped."""
        return not any(_status(each) in _NOT_WAITING for each in [self.root, *self._descendants])

    def end_descendants(self) -> None:
        """Terminate the descendants, and kill those that do not end."""
        descendants = self.descendants()
        _signal(descendants, "terminate")
        _, alive = psutil.wait_procs(descendants, timeout=_TO_END)
        born = {child for each in alive for child in _children(each)}
        _signal({*alive, *born}, "kill")
        psutil.wait_procs({*alive, *born}, timeout=_TO_END)


def _status(process: psutil.Process) -> str:
    try:
        return str(process.status())
    except psutil.Error:
        return ""  # it has just ended


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def _signal(processes: Iterable[psutil.Process], method: str) -> None:
    for process in processes:
        with suppress(psutil.Error):
            getattr(process, method)()
