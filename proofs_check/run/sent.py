"""The checks and controls of a run as tasks of `numerics.execution`, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from numerics import execution
from numerics.execution import Executor
from proofs_check.claim import Claim, Context
from proofs_check.run.limits import GRACE, Grace
from proofs_check.run.parts import Finished, NotUnpackedError, prepare
from proofs_check.run.plan import Task
from proofs_check.run.sending import Parcel


class Sent:
    """Tasks for other processes.

    Parameters
    ----------
    tasks : sequence of Task
        Those of claims without a parcel are left out.
    parcels : mapping
        How the processes come by each claim, by its identifier.
    context : Context
        Budget, digits, seed.
    grace : Grace
        What is granted beyond limits.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        parcels: Mapping[str, Parcel],
        context: Context,
        grace: Grace = GRACE,
    ) -> None:
        self._context = context
        self._grace = grace
        self._tasks = {
            f"{task.claim.identifier}-{number}": task
            for number, task in enumerate(tasks)
            if task.claim.identifier in parcels
        }
        self._parcels = parcels

    @property
    def parts(self) -> int:
        """Number of checks and controls."""
        return sum(len(task.parts) for task in self._tasks.values())

    def run(
        self, pool: Executor, stop: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[Claim, str, Finished | str, float]]:
        """Yield claim, name, outcome (or why there is none) and seconds, as they come."""
        yield from map(self._read, pool.run(self._orders(), stop))

    def arrived(self, pool: Executor) -> Iterator[tuple[Claim, str, Finished | str, float]]:
        """What had come when a run was interrupted, and was not yielded."""
        yield from map(self._read, pool.arrived())

    def _orders(self) -> list[execution.Task]:
        return [
            execution.Task(
                key,
                prepare,
                (self._parcels[task.claim.identifier], self._context),
                task.parts,
                self._grace.limits(task.claim.seconds[self._context.budget]),
                task.seconds,
                fresh=True,  # it inherits no state, so results do not depend on what ran before
            )
            for key, task in self._tasks.items()
        ]

    def _read(self, outcome: execution.Outcome) -> tuple[Claim, str, Finished | str, float]:
        task = self._tasks[outcome.key]
        found: Any = outcome.value
        if isinstance(outcome.error, NotUnpackedError):
            found = str(outcome.error)
        elif not outcome.done:
            found = self._grace.reason(outcome, task.claim.seconds[self._context.budget])
        return task.claim, task.parts[outcome.part], found, outcome.seconds
