"""Limits in CPU time: what a check may compute does not depend on what else the machine does."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

#: Seconds between looks for running children, which cost a walk through all processes.
_LOOK = 0.5


class OutOfTimeError(Exception):
    """The CPU time of a check is up; what was computed so far decides nothing."""

    def __init__(self) -> None:
        super().__init__("time ran out")


def cpu_seconds() -> float:
    """CPU time of this process, of all its threads, and of its children, running or finished.

    Examples
    --------
    >>> before = cpu_seconds()
    >>> before <= cpu_seconds()
    True
    """
    import psutil

    # This process first: a child that ends meanwhile is missed once rather than counted twice.
    return _without_running_children() + sum_of_cpu_seconds(
        psutil.Process().children(recursive=True)
    )


def sum_of_cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Sum of the CPU time of each process and of its finished children.

    Give ancestors before descendants; those that have ended meanwhile count nothing, for their
    time has gone to their parents.

    Examples
    --------
    >>> import psutil
    >>> sum_of_cpu_seconds([psutil.Process()]) > 0, sum_of_cpu_seconds([])
    (True, 0.0)
    """
    import psutil

    total = 0.0
    for process in processes:
        try:
            spent = process.cpu_times()
        except psutil.Error:
            continue
        total += spent.user + spent.system + spent.children_user + spent.children_system
    return total


def _without_running_children() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


@dataclass
class _Seen:
    """The CPU time with running children when they were last looked for, by this process."""

    process: int = 0
    looked: float = 0.0
    seconds: float = 0.0


_seen = _Seen()


def passed(deadline: float | None) -> bool:
    """Whether a value of `cpu_seconds` has been passed; None is never.

    Running children are looked for twice a second, so that a loop may ask at every turn.

    Examples
    --------
    >>> passed(None), passed(cpu_seconds() + 60)
    (False, False)
    """
    if deadline is None:
        return False
    now, this = time.monotonic(), os.getpid()
    if _seen.process != this or now - _seen.looked >= _LOOK:  # another one: this was forked
        before = _seen.seconds if _seen.process == this else 0.0
        _seen.process, _seen.looked, _seen.seconds = this, now, max(before, cpu_seconds())
    return max(_seen.seconds, _without_running_children()) > deadline
