"""Limits in CPU time: what a check may compute does not depend on what else the machine does."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from numerics.execution.cpu_time import cpu_seconds, without_running_children

__all__ = ["OutOfTimeError", "cpu_seconds", "passed"]

#: Seconds between looks for running children, which cost a walk through all processes.
_LOOK = 0.5


class OutOfTimeError(Exception):
    """The CPU time of a check is up; what was computed so far decides nothing."""

    def __init__(self) -> None:
        super().__init__("time ran out")


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
    return max(_seen.seconds, without_running_children()) > deadline
