"""What is to be done in another process, and what comes of it.

A task is prepared once and then goes through its parts: ``work = prepare(*arguments)``, then
``work(part)`` for each part. Every part has an outcome and limits of its own; what ends one part
costs no other.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from numerics.errors import InputError

Work = Callable[[Any], Any]
Ended = Literal["done", "error", "out-of-time", "hangs", "lost"]


class SchedulerError(InputError):
    """The scheduler cannot be used: not reached, no workers, other versions, or lost on the way."""

    def __init__(self, address: str, allowed: str) -> None:
        super().__init__("--scheduler", address, allowed)


class PartLostError(InputError):
    """A part was ended, or its process died; says which and why."""

    def __init__(self, text: str) -> None:
        super().__init__("a process", text, "one that comes to its end")


@dataclass(frozen=True)
class Limits:
    """After what a part is ended, from outside; preparing counts for the first one.

    Attributes
    ----------
    cpu_seconds : float
        CPU time of its process and all descendants.
    waiting_seconds : float
        Wall time in which no process of the tree computes, wants to, or is stopped.
    """

    cpu_seconds: float = math.inf
    waiting_seconds: float = math.inf


@dataclass(frozen=True)
class Task:
    """Some parts that are prepared together, for one process.

    Attributes
    ----------
    key : str
        Its name, once in a run.
    prepare : callable
        A function that can be imported by its name; ``prepare(*arguments)`` returns a function of a
        part. A process that goes from one task to another with the same ``prepare`` and
        ``arguments`` does not prepare again.
    arguments, parts : tuple
        Anything that can be pickled; so must be what comes of the parts.
    limits : Limits
        Of each part.
    seconds : float
        Estimate of what all parts take; of a sequence of tasks the longest start first.
    fresh : bool
        Whether it gets a process that has done nothing else.
    """

    key: str
    prepare: Callable[..., Work]
    arguments: tuple[Any, ...]
    parts: tuple[Any, ...]
    limits: Limits = Limits()
    seconds: float = 0.0
    fresh: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a part.

    Attributes
    ----------
    key : str
        The task's.
    part : int
        Place among the task's parts.
    ended : {"done", "error", "out-of-time", "hangs", "lost"}
        How: with a value, an exception, by one of its limits, or with its process.
    value : object
        What it returned, if it is done.
    error : Exception or None
        What it raised; of a kind that cannot be pickled the text.
    reason : str
        Why there is no value, in words; else empty.
    seconds : float
        Wall time since it began.
    """

    key: str
    part: int
    ended: Ended
    value: Any = None
    error: Exception | None = None
    reason: str = ""
    seconds: float = 0.0

    @property
    def done(self) -> bool:
        """Whether the value counts."""
        return self.ended == "done"

    def result(self) -> Any:
        """Return the value, for a caller who can do nothing without it.

        Raises
        ------
        Exception
            What the part raised; `PartLostError` if it was ended otherwise.
        """
        if self.done:
            return self.value
        raise self.error or PartLostError(f"{self.key}: {self.reason}")


def call(
    key: str,
    function: Callable[..., Any],
    *arguments: Any,
    limits: Limits = Limits(),
    seconds: float = 0.0,
) -> Task:
    """Return the task of one call, ``function(*arguments)``.

    Examples
    --------
    >>> call("two", int, "2").parts
    (('2',),)
    """
    return Task(key, partial(_calls, function), (), (arguments,), limits, seconds)


def _calls(function: Callable[..., Any]) -> Work:
    return lambda arguments: function(*arguments)
