"""Where tasks run: in processes of this machine, or by Dask on many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from numerics.execution.processors import usable_processors
from numerics.execution.tasks import Outcome, Task


class Executor(Protocol):
    """Runs tasks; results do not depend on which one.

    Attributes
    ----------
    slots : int
        Number of tasks at a time.
    """

    slots: int

    def run(self, tasks: Iterable[Task], stop: Callable[[], bool] = ...) -> Iterator[Outcome]:
        """Yield one outcome for each part of each task, as they come.

        Of a sequence the longest tasks start first; any other iterable is asked for the next task
        when there is room for it, so that memory does not grow with their number. The parts of a
        task run one after another. None is lost, and none is yielded twice, whatever happens to
        processes and workers.

        Parameters
        ----------
        tasks : iterable of Task
            With keys of their own.
        stop : callable
            Asked several times a second; when true, what runs is ended, what has arrived is still
            yielded, and parts without an outcome are left out.

        Raises
        ------
        SchedulerError
            If the scheduler is lost, or a worker has other versions; what has arrived until then
            has been yielded.
        """

    def arrived(self) -> Iterator[Outcome]:
        """Outcomes that had arrived, and were not yielded, when a run was interrupted (Ctrl-C)."""

    def close(self) -> None:
        """End all processes; connections are closed."""

    def __enter__(self) -> Executor: ...

    def __exit__(self, *error: Any) -> None: ...


def executor(
    scheduler: str | None = None,
    processes: int | None = None,
    identity: Callable[[], Mapping[str, str]] | None = None,
) -> Executor:
    """Return what runs tasks; a context manager.

    Parameters
    ----------
    scheduler : str or None
        None: processes of this machine. ``"tcp://host:port"``: a Dask scheduler and its workers.
        ``"local"``: a Dask scheduler with workers here, for as long as it is needed.
    processes : int or None
        Number of processes at a time, here or with ``"local"``; by default one per processor. A
        scheduler at an address has as many as its workers have threads.
    identity : callable or None
        A function that can be imported by its name; returns what a worker must have in common with
        this process, by name (`numerics.execution.versions.versions` by default).

    Raises
    ------
    InputError
        If the address is none or Dask is not installed.
    SchedulerError
        If the scheduler cannot be reached, has no workers, or one differs in its versions.

    Examples
    --------
    >>> from numerics.execution import call
    >>> with executor(processes=1) as pool:
    ...     [outcome.value for outcome in pool.run([call("a", int, "4"), call("b", abs, -5)])]
    [4, 5]
    """
    count = usable_processors() if processes is None else processes
    if scheduler is None:
        from numerics.execution.local import LocalExecutor

        return LocalExecutor(count)
    from numerics.execution.cluster import DaskExecutor
    from numerics.execution.versions import versions

    return DaskExecutor(scheduler, count, identity or versions)
