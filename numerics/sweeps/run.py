"""Running a sweep: what is missing is computed in batches, and kept as it arrives."""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.sweeps.dataset import Dataset
from numerics.sweeps.fates import prepare
from numerics.sweeps.points import Point
from numerics.sweeps.spec import Spec

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

#: Rows are written after so many seconds, or so many rows: what a kill can cost.
FLUSH_SECONDS, FLUSH_ROWS = 2.0, 4096
#: Points are looked up in the dataset so many at a time; batches have at most so many.
_CHUNK = 1024
_MOST_IN_BATCH = 256
#: Seconds that a batch should take, and how many points the first ones have.
_BATCH_SECONDS, _FIRST_BATCH = 2.0, 8


@dataclass
class Progress:
    """How far a sweep is.

    Attributes
    ----------
    known : int
        Points that the dataset had already.
    done : int
        Points computed now.
    failures : list of str
        What became of points that were not computed: out of time, a process lost.
    """

    known: int = 0
    done: int = 0
    failures: list[str] = field(default_factory=list)


def missing(spec: Spec, keys: Any, progress: Progress) -> Iterator[Point]:
    """Yield the points that are not in the dataset; counts those that are."""
    points = spec.points()
    while chunk := list(islice(points, _CHUNK)):
        names = np.array([point.key for point in chunk], dtype=keys.dtype)
        places = np.searchsorted(keys, names)
        inside = places < len(keys)
        inside[inside] = keys[places[inside]] == names[inside]
        progress.known += int(inside.sum())
        for point, there in zip(chunk, inside, strict=True):
            if not there:
                yield point
