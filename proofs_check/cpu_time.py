"""Limits in CPU time: what a check may compute does not depend on what else the machine does."""

from __future__ import annotations

import os


class OutOfTimeError(Exception):
    """The CPU time of a check is up; what was computed so far decides nothing."""

    def __init__(self) -> None:
        super().__init__("time ran out")


def cpu_seconds() -> float:
    """CPU time of this process, of all its threads, and of its finished children.

    Examples
    --------
    >>> before = cpu_seconds()
    >>> before <= cpu_seconds()
    True
    """
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def passed(deadline: float | None) -> bool:
    """Whether a value of `cpu_seconds` has been passed; None is never.

    Examples
    --------
    >>> passed(None), passed(cpu_seconds() + 60)
    (False, False)
    """
    return deadline is not None and cpu_seconds() > deadline
