"""Tasks in processes of their own, on this machine or on many: one interface, one pool."""

from __future__ import annotations

from numerics.execution.backends import Executor, executor
from numerics.execution.processors import Effort, Progress, share_processors, usable_processors
from numerics.execution.tasks import Limits, Outcome, SchedulerError, Task, call

__all__ = [
    "Effort",
    "Executor",
    "Limits",
    "Outcome",
    "Progress",
    "SchedulerError",
    "Task",
    "call",
    "executor",
    "share_processors",
    "usable_processors",
]
