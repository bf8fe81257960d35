"""When a long run is saved: so often that a kill costs little, so seldom that saving does not."""

from __future__ import annotations

import time
from collections.abc import Callable

#: A kill costs at most so many seconds of work or, where that is more, this share of all of it.
MOST_SECONDS = 10.0
SHARE_AT_RISK = 0.05
#: Seconds between saves while the work done is small.
LEAST_SECONDS = 1.0


class SaveTimes:
    """Decides, by time and by the share of the steps, whether a run is to be saved.

    Parameters
    ----------
    clock : callable
        Seconds.

    Examples
    --------
    >>> now = [0.0]
    >>> times = SaveTimes(lambda: now[0])
    >>> times.saved(0, 0.0)
    >>> now[0] = 2.0
    >>> times.due(1000), times.due(0)                  # all steps done are at risk; none
    (True, False)
    >>> times.saved(1000, 1.9)                         # saving took 0.1 s
    >>> now[0] = 4.5
    >>> times.due(1040), times.due(1060)               # 3.8% and 5.7% at risk
    (False, True)
    >>> now[0] = 13.0
    >>> times.due(1001)
    True
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._last = clock()
        self._step = 0
        self._cost = 0.0

    def due(self, step: int) -> bool:
        """Whether the run should be saved at this step."""
        done = step - self._step
        share = done > 0 and done >= SHARE_AT_RISK * step
        least = LEAST_SECONDS if share else MOST_SECONDS
        return self.clock() - self._last > max(least, self._cost / SHARE_AT_RISK)

    def saved(self, step: int, began: float) -> None:
        """Count from a save of this step, which was begun at that time."""
        self._step, self._last = step, self.clock()
        self._cost = self._last - began
