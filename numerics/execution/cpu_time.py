"""CPU time of this process and of others, with their children."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil


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
    return without_running_children() + sum_of_cpu_seconds(
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


def without_running_children() -> float:
    """CPU time of this process and of its children that it has waited for; quickly found.

    Examples
    --------
    >>> without_running_children() <= cpu_seconds()
    True
    """
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
