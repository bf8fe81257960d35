"""An executor that runs tasks in this process, in any order that a test asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from numerics.execution import Outcome, Task
from numerics.sweeps.points import Point


class Inline:
    """Runs tasks one after another; may stop after some points, or lose some of them."""

    slots = 1

    def __init__(self, most: int | None = None, lost: Callable[[Point], bool] = lambda p: False):
        self.most, self.lost, self.count = most, lost, 0

    def run(
        self, tasks: Iterable[Task], stop: Callable[[], bool] = lambda: False
    ) -> Iterator[Outcome]:
        for task in tasks:
            work = task.prepare(*task.arguments)
            for number, part in enumerate(task.parts):
                if stop() or (self.most is not None and self.count >= self.most):
                    return
                self.count += len(part)
                if any(map(self.lost, part)):
                    yield Outcome(task.key, number, "lost", reason="its process ended")
                else:
                    yield Outcome(task.key, number, "done", work(part), seconds=0.2 * len(part))

    def arrived(self) -> Iterator[Outcome]:
        return iter(())

    def close(self) -> None:
        """Nothing to end."""

    def __enter__(self) -> Inline:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
