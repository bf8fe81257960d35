"""Where a claim's part was written: what an error of the claim names."""

from __future__ import annotations

import os
import sys
from dataclasses import field
from functools import lru_cache
from types import FrameType
from typing import Any

#: Rooms of this package whose frames are not the author's.
_OURS = ("claim.py", "checks", "statements", "sampling")


def written_at() -> str:
    """``file:line`` of the innermost call that was not made by this package's own kinds.

    Examples
    --------
    >>> written_at() != ""
    True
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_ours(frame.f_code.co_filename, frame.f_code.co_name):
        frame = frame.f_back
    if frame is None:
        return ""
    return f"{_shortened(frame.f_code.co_filename)}:{frame.f_lineno}"


def origin_field() -> Any:
    """Return a field of a dataclass that records where an object was made, and no more.

    It is no argument, and objects that differ in nothing else are equal.
    """
    return field(init=False, default_factory=written_at, repr=False, compare=False)


@lru_cache(maxsize=256)
def _is_ours(path: str, function: str) -> bool:
    generated = path == "<string>" and function == "__init__"  # of a dataclass
    library = os.path.basename(path) == "dataclasses.py"
    room = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return generated or library or path.startswith(tuple(os.path.join(room, o) for o in _OURS))


def _shortened(path: str) -> str:
    """A path relative to the working directory where it lies in it."""
    here = os.getcwd() + os.sep
    return path.removeprefix(here)
