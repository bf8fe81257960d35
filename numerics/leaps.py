"""Plain descent steps, many at a time where nobody looks at the iterates in between."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from numerics.arithmetic import Array
from numerics.descent import GradientSource
from numerics.schedule import StepSchedule


@runtime_checkable
class Leaper(Protocol):
    """A gradient source that can take several steps in one call."""

    def descend(
        self, coordinates: Array, factors: Array, rows: Array, count: int
    ) -> tuple[Array, int]:
        """Take at most ``count`` steps ``v[j] -= factors[j] * gradient[rows[j]]``.

        Returns the last iterate and the number of steps: fewer, even none, where single steps are
        needed, and no more after an overflow.
        """


def unseen(step: int, schedule: StepSchedule, every: int | None) -> int:
    """Steps from iterate ``step`` to the next that may be recorded, monitored or resized.

    Parameters
    ----------
    step : int
    schedule : StepSchedule
    every : int or None
        Interval of recording.

    Examples
    --------
    >>> from fractions import Fraction
    >>> schedule = StepSchedule((0, 1001), (Fraction(1), Fraction(2)))
    >>> unseen(1000, schedule, None), unseen(1001, schedule, None), unseen(1001, schedule, 3)
    (1, 7, 1)
    """
    unit = 1 << max(0, step.bit_length() - 7)  # as in `numerics.fates.monitored`
    ahead = unit - step % unit
    if every is not None:
        ahead = min(ahead, every - step % every)
    for start in schedule.starts:
        if start > step:
            ahead = min(ahead, start - step)
    return ahead


def plain_steps(
    source: GradientSource,
    coordinates: Array,
    factor: Array,
    representative: list[int] | None,
    most: int,
) -> tuple[Array, int]:
    """Take between one and ``most`` steps; return the last iterate and their number."""
    if most > 1 and isinstance(source, Leaper):
        rows = np.arange(len(coordinates)) if representative is None else np.array(representative)
        moved, done = source.descend(coordinates, factor, rows, most)
        if done:
            return moved, done
    gradient = source.gradient(coordinates)
    if representative is not None:
        gradient = gradient[representative]
    return np.asarray(coordinates - factor * gradient), 1
