r"""All stationary points of the forward loss of three equal components on a line, in a large cube.

Branch and bound over boxes of ``(v_1, v_2, v_3)`` with ``v_1 <= v_2 <= v_3`` and ``v_1 + v_3 >= 0``
(the other points are permutations and reflections of these), by the expansions of
`numerics.stationary.line_sums`: a box has no stationary point if a component of the gradient, or
their sum, cannot vanish in it, or if

.. math:: \delta = -Y g + (I - Y H)\,\delta - Y r

has no solution ``|delta_k| <= h_k``, for a float matrix ``Y``, value ``g``, slopes ``H`` and the
bounds of what is left, ``r``. What lies near the truth, close together, or far is excluded before
(`numerics.stationary.triple_bounds`), so that from a cube on the whole line is searched.

A zero is isolated in a cube in which the Jacobian of that map is smaller than 1 (at most one), and
proved to exist by Krawczyk's operator in balls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

import numpy as np

from derive.mixtures.line_derivatives import COMPONENTS
from numerics.errors import InputError
from numerics.stationary.line_sums import (
    FARTHEST,
    ROUNDING,
    UNITS,
    Expansion,
    Floats,
    Integers,
    expand,
)
from numerics.stationary.line_system import LineSystem
from numerics.stationary.triple_bounds import Booleans, none_beyond, possible
from numerics.validated.interval import Box, Interval, inside
from numerics.validated.krawczyk import prove_zero_near, refine
from numerics.validated.subdivision import Zero

Report = Callable[[float], None]

#: First boxes; they are halved to the least width.
_CELL = UNITS // 4
_LEAST = 4
#: Boxes in one call.
_TOGETHER = 1024
_THIRD = Fraction(1, 3)
#: Radii of the cubes in which zeros are isolated, the largest first.
_CUBES = tuple(UNITS // 2**k for k in range(4, 9))
_NEAR = tuple(Fraction(1, 10**k) for k in (4, 5, 6))
#: Of Newton's method, from the middle of a box.
_STEPS = 3
#: Radius to which zeros are refined.
_FINE = Fraction(1, 10**8)
#: An image that far from a box, in its widths, is not followed.
_BESIDE = 2.0


@dataclass(frozen=True)
class TripleSearch:
    """Outcome of `all_triples`.

    Attributes
    ----------
    reach : Fraction
        ``|v_j| <= reach`` was searched.
    zeros : tuple of Zero
        All stationary points there but the truth, up to permutations and reflection.
    undecided : tuple of Box
        Boxes about which nothing is proved.
    boxes : int
        Looked at.
    """

    reach: Fraction
    zeros: tuple[Zero, ...]
    undecided: tuple[Box, ...]
    boxes: int

    @property
    def complete(self) -> bool:
        """Whether every stationary point in reach is listed."""
        return not self.undecided

    @property
    def none_beyond(self) -> bool:
        """Whether no stationary point is out of reach."""
        return none_beyond(self.reach)


@lru_cache(maxsize=4)
def all_triples(reach: Fraction, report: Report | None = None, *, far: bool = True) -> TripleSearch:
    """Find all stationary points with means in reach, with proof.

    Parameters
    ----------
    reach : Fraction
        A multiple of 1/2, at most 10.
    report : callable, optional
        Told which part of the region's volume is decided.
    far : bool
        Whether bounds exclude far means (`numerics.stationary.triple_bounds`), or the search has
        to, which takes ten times as long.

    Raises
    ------
    InputError
        For another reach.

    Examples
    --------
    >>> found = all_triples(Fraction(2))
    >>> found.complete, found.zeros
    (True, ())
    """
    if not 0 < reach <= FARTHEST or (2 * reach).denominator != 1:
        raise InputError("reach", str(reach), f"a multiple of 1/2 from 1/2 to {FARTHEST}")
    low, high = _cells(int(reach * UNITS))
    search = _Search(report, _volume(low, high), far)
    while len(low):
        low, high = search.pass_over(low, high)
    inside_reach = (zero for zero in search.zeros if not _beyond(zero.enclosure, reach))
    zeros = sorted(inside_reach, key=lambda zero: zero.centre)
    return TripleSearch(reach, tuple(zeros), tuple(search.undecided), search.boxes)


def _cells(reach: int) -> tuple[Integers, Integers]:
    ends = np.arange(-reach, reach, _CELL, dtype=np.int64)
    low = np.stack(np.meshgrid(ends, ends, ends, indexing="ij"), axis=-1).reshape(-1, 3)
    low = low[(low[:, 0] <= low[:, 1]) & (low[:, 1] <= low[:, 2])]
    return low, low + _CELL


def _beyond(box: Box, reach: Fraction) -> bool:
    """A zero may be found from a box beside it, and lie outside the cube."""
    return any(side.low > reach or side.high < -reach for side in box)


def to_be_searched(low: Integers, high: Integers, *, far: bool = True) -> Booleans:
    """Boxes that order, reflection and the bounds without a search leave.

    Examples
    --------
    >>> cell = np.array([[0, 0, 0]])
    >>> to_be_searched(cell, cell + UNITS), to_be_searched(cell, cell + 2 * UNITS)
    (array([False]), array([ True]))
    """
    kept: Booleans = (low[:, 0] <= high[:, 1]) & (low[:, 1] <= high[:, 2])
    kept &= high[:, 0] + high[:, 2] >= 0
    return kept & possible(low, high, far=far)


@dataclass
class _Search:
    """What is found, while boxes get smaller."""

    report: Report | None
    volume: float
    far: bool = True
    zeros: list[Zero] = field(default_factory=list)
    cubes: list[tuple[Integers, Integers]] = field(default_factory=list)
    undecided: list[Box] = field(default_factory=list)
    boxes: int = 0

    def pass_over(self, low: Integers, high: Integers) -> tuple[Integers, Integers]:
        """Decide boxes, and return the halves of those that are not decided."""
        kept = to_be_searched(low, high, far=self.far)
        low, high = low[kept], high[kept]
        halves = [(low[:0], high[:0])]
        rest, later = _volume(low, high), 0.0
        for start in range(0, len(low), _TOGETHER):
            part = slice(start, start + _TOGETHER)
            halves.append(self._decide(low[part], high[part]))
            rest -= _volume(low[part], high[part])
            later += _volume(*halves[-1])
            if self.report is not None:
                self.report(1 - (rest + later) / self.volume)
        lower, upper = zip(*halves, strict=True)
        return np.concatenate(lower), np.concatenate(upper)

    def _decide(self, low: Integers, high: Integers) -> tuple[Integers, Integers]:
        free = ~self._isolated(low, high)
        low, high = low[free], high[free]
        self.boxes += len(low)
        found = expand(low, high)
        half = (high - low).T / (2 * UNITS)
        rest = _remainder(found, half)
        image, spread = _image(found, half, rest)
        left = np.flatnonzero(~(_moves(found, half, rest) | (np.abs(image) > half + spread).any(0)))
        for row in left:
            if (np.abs(image[:, row]) <= _BESIDE * half[:, row]).all():
                self._isolate((low[row] + high[row]) / (2 * UNITS) + image[:, row])
        left = left[~self._isolated(low[left], high[left])]
        narrow = (high[left] - low[left]).max(axis=1) <= _LEAST
        self.undecided += [_box(low[row], high[row]) for row in left[narrow]]
        return _halves(low, high, left[~narrow], _widest(found, half, rest))

    def _isolated(self, low: Integers, high: Integers) -> Booleans:
        """Whether boxes lie in a cube around a proved zero."""
        within = np.zeros(len(low), dtype=bool)
        for first, last in self.cubes:
            within |= ((first <= low) & (high <= last)).all(axis=1)
        return within

    def _isolate(self, place: Floats) -> None:
        """Prove a zero near a place, and that there is no other in a cube."""
        place = _newton(place)
        if not (np.abs(place) < FARTHEST - 1).all():
            return
        middle = np.rint(place * UNITS).astype(np.int64)
        if self._isolated(middle[None, :], middle[None, :]).any():
            return
        system = LineSystem((_THIRD,) * COMPONENTS)
        for radius in _CUBES:
            low, high = middle - radius, middle + radius
            if not _at_most_one(low[None, :], high[None, :]):
                continue
            point = [Fraction(round(float(x) * 10**9), 10**9) for x in place]
            zero = prove_zero_near(system, point, _NEAR)
            cube = _box(low, high)
            if zero is not None and inside(zero.enclosure, cube):
                self.cubes.append((low, high))
                self.zeros.append(Zero(refine(system, zero, _FINE).enclosure, cube))
            return


def _newton(place: Floats) -> Floats:
    """The place after a few steps, not a number where they lead out of reach."""
    for _ in range(_STEPS):
        if not (np.abs(place) < FARTHEST - 1).all():
            return np.full(COMPONENTS, np.nan)
        middle = np.rint(place * UNITS).astype(np.int64)[None, :]
        found = expand(middle - 1, middle + 1)
        step = np.einsum("ij,j->i", _inverse(found.slope)[..., 0], found.value[:, 0])
        place = middle[0] / UNITS - step
    return place


def _remainder(found: Expansion, half: Floats) -> Floats:
    """Bounds of gradient less its linear part at the computed centre values."""
    bend = np.einsum("jkln,kn,ln->jn", found.bend, half, half) / 2
    # The slopes are those of the sums, so that the rule's error enters the value alone.
    rounded = np.einsum("jkn,kn->jn", found.slope_error, half)
    return np.asarray((bend + rounded + found.value_error) * (1 + ROUNDING))


def _moves(found: Expansion, half: Floats, rest: Floats) -> Booleans:
    """Whether a component of the gradient, or their sum, keeps its sign."""
    reach = np.einsum("jkn,kn->jn", np.abs(found.slope), half)
    single = np.abs(found.value) > (reach + rest) * (1 + ROUNDING)
    whole = np.abs(found.slope).sum(axis=0) * ROUNDING + np.abs(found.slope.sum(axis=0))
    limit = (whole * half).sum(axis=0) + rest.sum(axis=0)
    limit += ROUNDING * np.abs(found.value).sum(axis=0)
    moved = np.abs(found.value.sum(axis=0)) > limit * (1 + ROUNDING)
    return np.asarray(single.any(axis=0) | moved)


def _inverse(slope: Floats) -> Floats:
    """Approximate inverses, any matrix where there is none."""
    matrices = np.moveaxis(slope, -1, 0)
    regular = np.abs(np.linalg.det(matrices)) > 1e-200
    safe = np.where(regular[:, None, None], matrices, np.eye(3))
    inverse = np.moveaxis(np.linalg.inv(safe), 0, -1)
    return np.asarray(np.where(np.isfinite(inverse), inverse, 0.0))


def _preconditioned(found: Expansion) -> tuple[Floats, Floats, Floats]:
    """``Y``, ``|Y|`` and a bound of ``|I - Y H|``."""
    inverse = _inverse(found.slope)
    moduli = np.abs(inverse)
    defect = np.abs(np.eye(3)[..., None] - np.einsum("ijn,jkn->ikn", inverse, found.slope))
    defect += ROUNDING * (1 + np.einsum("ijn,jkn->ikn", moduli, np.abs(found.slope)))
    return inverse, moduli, np.asarray(defect)


def _image(found: Expansion, half: Floats, rest: Floats) -> tuple[Floats, Floats]:
    """``-Y g``, and a bound of ``(I - Y H) delta - Y r``."""
    inverse, moduli, defect = _preconditioned(found)
    image = -np.einsum("ijn,jn->in", inverse, found.value)
    spread = np.einsum("ikn,kn->in", defect, half)
    spread += np.einsum("ijn,jn->in", moduli, rest + ROUNDING * np.abs(found.value))
    return image, np.asarray(spread * (1 + ROUNDING))


def _at_most_one(low: Integers, high: Integers) -> bool:
    """Whether ``I - Y J`` is a contraction for every Jacobian ``J`` in a box."""
    found = expand(low, high)
    half = (high - low).T / (2 * UNITS)
    _, moduli, defect = _preconditioned(found)
    change = np.einsum("jkln,ln->jkn", found.bend, half) + found.slope_error
    defect += np.einsum("ijn,jkn->ikn", moduli, change)
    return bool((np.einsum("ikn,kn->in", defect, half) * (1 + ROUNDING) < half).all())


def _widest(found: Expansion, half: Floats, rest: Floats) -> Integers:
    """The axis along which halving helps most."""
    bend = np.einsum("jkln,kn,ln->jkn", found.bend, half, half)
    part = np.abs(found.slope) * half + bend
    whole = part.sum(axis=1, keepdims=True) + rest[:, None, :]
    return np.asarray((part / whole).sum(axis=0).argmax(axis=0))


def _halves(
    low: Integers, high: Integers, rows: Integers, axes: Integers
) -> tuple[Integers, Integers]:
    low, high, axes = low[rows], high[rows], axes[rows]
    every = np.arange(len(rows))
    narrow = (high - low)[every, axes] <= _LEAST
    axes = np.where(narrow, (high - low).argmax(axis=1), axes)
    middle = (low[every, axes] + high[every, axes]) // 2
    upper, lower = low.copy(), high.copy()
    upper[every, axes], lower[every, axes] = middle, middle
    return np.concatenate([low, upper]), np.concatenate([lower, high])


def _volume(low: Integers, high: Integers) -> float:
    return float(np.prod((high - low) / UNITS, axis=1).sum())


def _box(low: Integers, high: Integers) -> Box:
    return tuple(
        Interval(Fraction(int(a), UNITS), Fraction(int(b), UNITS))
        for a, b in zip(low, high, strict=True)
    )
