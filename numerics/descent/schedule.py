"""Step sizes of gradient descent: a constant, or constant on stretches of steps, held exactly."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from numerics.errors import InputError
from numerics.numbers.exact import rational_text

_ALLOWED = (
    'a positive number such as 0.1 or "1/3", or stretches "0:0.1,1000:0.05" '
    "(first step:step size, from step 0 on, increasing)"
)


@dataclass(frozen=True)
class StepSchedule:
    """Step sizes ``values[i]`` for steps ``starts[i] <= k < starts[i + 1]``, the last one for ever.

    Because the last value lasts for ever, the sum of all steps diverges, as the convergence
    theorems need.

    Examples
    --------
    >>> schedule = StepSchedule((0, 100), (Fraction(1, 10), Fraction(1, 20)))
    >>> schedule.at(99), schedule.at(100), schedule.largest_from(0), schedule.total(101)
    (Fraction(1, 10), Fraction(1, 20), Fraction(1, 10), Fraction(201, 20))
    """

    starts: tuple[int, ...]
    values: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        increasing = all(a < b for a, b in pairwise(self.starts))
        if not self.starts or self.starts[0] != 0 or not increasing:
            raise InputError("step_size", self._shown(), _ALLOWED)
        if min(self.values) <= 0:
            raise InputError("step_size", self._shown(), _ALLOWED)

    def _shown(self) -> str:
        stretches = zip(self.starts, self.values, strict=True)
        return ",".join(f"{start}:{rational_text(value)}" for start, value in stretches)

    @property
    def constant(self) -> bool:
        """Whether one step size serves all steps."""
        return len(self.values) == 1

    def stretch(self, step: int) -> int:
        """Return the index of the stretch that holds ``step``."""
        return bisect_right(self.starts, step) - 1

    def at(self, step: int) -> Fraction:
        """Return the step size of step number ``step`` (from iterate ``step`` to ``step + 1``)."""
        return self.values[self.stretch(step)]

    def largest_from(self, step: int) -> Fraction:
        """Return the largest step size from ``step`` on."""
        return max(self.values[self.stretch(step) :])

    def total(self, steps: int) -> Fraction:
        """Return the sum of the first ``steps`` step sizes."""
        ends = (*self.starts[1:], steps)
        return sum(
            (
                value * max(0, min(end, steps) - start)
                for start, end, value in zip(self.starts, ends, self.values, strict=True)
            ),
            start=Fraction(0),
        )

    def text(self) -> str:
        """Return the text that `parse_schedule` reads back."""
        if self.constant:
            return rational_text(self.values[0])
        return self._shown()


def parse_schedule(value: object, parse_number: Callable[[object, str], Fraction]) -> StepSchedule:
    """Read a step size or a schedule given as a number, a text or a `StepSchedule`.

    Parameters
    ----------
    value : object
        A number, decimal or rational text, or stretches ``"0:0.1,1000:0.05"``.
    parse_number : callable
        ``parse_number(value, argument) -> Fraction`` for a single number.

    Raises
    ------
    InputError
        If a step size is not a positive finite number or the stretches do not increase from 0.

    Examples
    --------
    >>> parse_schedule("0:0.1,1000:0.05", lambda text, _: Fraction(str(text))).at(1000)
    Fraction(1, 20)
    """
    if isinstance(value, StepSchedule):
        return value
    if not isinstance(value, str) or ":" not in value:
        number = parse_number(value, "step_size")
        if number <= 0:
            raise InputError("step_size", value, _ALLOWED)
        return StepSchedule((0,), (number,))
    starts: list[int] = []
    values: list[Fraction] = []
    for stretch in value.split(","):
        start, separator, size = stretch.partition(":")
        if not separator or not start.strip().isdecimal() or len(start.strip()) > 18:
            raise InputError("step_size", value, _ALLOWED)
        starts.append(int(start))
        values.append(parse_number(size.strip(), "step_size"))
    return StepSchedule(tuple(starts), tuple(values))
