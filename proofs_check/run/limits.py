"""Limits of checks and controls as the pool enforces them, and what is said where one was met.

Limits count CPU time, so that no word depends on what else the machine does. A check watches its
claim's limit itself; one that does not is ended somewhat beyond it or, if it hangs, when it has
waited far longer.
"""

from __future__ import annotations

from dataclasses import dataclass

from numerics.execution import Limits, Outcome

#: A part that has waited for so many times its limit in wall time hangs.
PATIENCE = 10.0


@dataclass(frozen=True)
class Grace:
    """What is granted beyond limits.

    Attributes
    ----------
    cpu_seconds : float
        CPU time beyond the limit after which a check is killed: for start-up, and for the check to
        notice.
    wall_seconds : float
        Least wall time of waiting before a check counts as hanging.
    """

    cpu_seconds: float = 15.0
    wall_seconds: float = 120.0

    def limits(self, seconds: float) -> Limits:
        """When a check with this limit of CPU time is ended.

        Examples
        --------
        >>> GRACE.limits(60.0)
        Limits(cpu_seconds=75.0, waiting_seconds=600.0)
        """
        return Limits(seconds + self.cpu_seconds, max(self.wall_seconds, PATIENCE * seconds))

    def reason(self, outcome: Outcome, seconds: float) -> str:
        """Say why a check with this limit has no result."""
        if outcome.ended == "out-of-time":
            return f"time ran out: stopped after the limit of {seconds:g} s of CPU time"
        if outcome.ended == "hangs":
            allowed = self.limits(seconds).waiting_seconds
            return f"hangs: stopped after {allowed:g} s, its limit is {seconds:g} s of CPU time"
        return outcome.reason


GRACE = Grace()
