"""Values of many parts in the order of the parts, from processes of this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numerics.execution.local import LocalExecutor
from numerics.execution.tasks import Task, Work


def run_parts(
    prepare: Callable[[Any], Work],
    job: Any,
    parts: Sequence[Any],
    processes: int = 1,
    done: Callable[[int], None] | None = None,
) -> list[Any]:
    """Return ``[work(part) for part in parts]``, ``work = prepare(job)``.

    Parameters
    ----------
    prepare : callable
        Found by its name in its module, like `numerics.execution.Task.prepare`.
    job, parts, results
        Anything that can be pickled.
    processes : int
        Results do not depend on it; with 1, all happens in this process, and so does in the end
        what a process lost.
    done : callable, optional
        Called with the number of each finished part, in any order.

    Raises
    ------
    Exception
        What a part raised.

    Examples
    --------
    >>> from operator import methodcaller
    >>> run_parts(methodcaller, "upper", ["a", "b"])
    ['A', 'B']
    """
    results: dict[int, Any] = {}
    report = done or (lambda number: None)
    if min(processes, len(parts)) > 1:
        tasks = [Task(str(n), prepare, (job,), (part,)) for n, part in enumerate(parts)]
        with LocalExecutor(min(processes, len(parts))) as executor:
            for outcome in executor.run(tasks):
                if outcome.error is not None:
                    raise outcome.error
                if outcome.done:
                    results[int(outcome.key)] = outcome.value
                    report(int(outcome.key))
    missing = [number for number in range(len(parts)) if number not in results]
    if missing:  # all of them without processes; otherwise those that a process lost
        work = prepare(job)
        for number in missing:
            results[number] = work(parts[number])
            report(number)
    return [results[number] for number in range(len(parts))]
