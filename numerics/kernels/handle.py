"""Helpers of the kernel compilers: programs as cache keys, generated source as functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from derive.algebra.program import Program


@dataclass(frozen=True, eq=False)
class Handle:
    """A program as a cache key by identity: hashing its contents costs as much as evaluating it."""

    program: Program

    def __hash__(self) -> int:
        return id(self.program)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and self.program is other.program


def written(source: str, name: str, **given: Any) -> dict[str, Any]:
    """Run generated source; return the names that it defines (beside those it is given).

    Examples
    --------
    >>> written("double = two*factor", "demo", two=2, factor=4)["double"]
    8
    """
    exec(compile(source, f"<{name}>", "exec"), given)
    return given


_LOGARITHMS = frozenset({"log_student", "log_teacher"})


def reads_logarithm(programs: Sequence[Program]) -> bool:
    """Whether a program reads ``log_student`` or ``log_teacher``."""
    return any(not _LOGARITHMS.isdisjoint(program.inputs) for program in programs)
