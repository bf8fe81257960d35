r"""A census of stationary points of the forward loss: found by Newton's method, then proved.

Uniform weights. From many starts a damped Newton method on ``|grad L|^2`` (Levenberg-Marquardt)
looks for zeros of the gradient in float64; coincident components are merged, symmetric copies
dropped, and each candidate is proved to exist near the float by Krawczyk's operator: on a line in
the places of the groups, in a plane with the rotation fixed (`numerics.stationary.plane_system`).
Points are proved different by disjoint enclosures of ``|V|^2``, which no symmetry changes. *That
there are no others is not proved* (but see `numerics.stationary.pair_classification` for two
components).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.errors import check_integer
from numerics.evaluation.evaluator import Evaluator
from numerics.stationary.line_system import Grouping, LineSystem, line_inertia
from numerics.stationary.plane_system import PlanarSystem
from numerics.validated.inertia import Inertia
from numerics.validated.interval import Box, Interval
from numerics.validated.krawczyk import prove_zero_near, refine

Array = npt.NDArray[np.float64]
Report = Callable[[int, int], None]

MAX_COMPONENTS, MAX_DIMENSION = 6, 2
_FARTHEST = 7.0  # beyond it the gradient is small without a stationary point
_TRUTH = 0.05  # |V|^2 below which the limit is the truth
_SAME = 0.02  # distance of components that are merged
_FLAT = 1e-3  # second singular value of points on a line
_RADII = tuple(Fraction(1, 10**k) for k in (4, 5, 6, 7))
#: Bound asked of the quadrature: the true error is far smaller, and candidates are proved later.
_SEARCH_GOALS = {1: 1e-3, 2: 100.0}
_POLISH_GOAL = 1e-4


@dataclass(frozen=True)
class CensusPoint:
    """A proved stationary point.

    Attributes
    ----------
    multiplicities : tuple of int
        Components in each group of coincident ones.
    places : tuple of Interval
        On a line: one per group. In a plane: ``x`` and ``y`` of each group.
    rank : int
        1 on a line through the truth, 2 in a plane.
    isolation : Box
        Contains no other one (in a plane: with the rotation fixed).
    square : Interval
        ``|V|^2``.
    inertia : Inertia
        Of the Hessian of all components in the census's dimension.
    hits : int
        Starts that ended there.
    """

    multiplicities: tuple[int, ...]
    places: Box
    rank: int
    isolation: Box
    square: Interval
    inertia: Inertia
    hits: int

    @property
    def index(self) -> int:
        """Number of negative eigenvalues."""
        return self.inertia.negative


@dataclass(frozen=True)
class Census:
    """Outcome of `census`.

    Attributes
    ----------
    components, dimension, starts, seed : int
    points : tuple of CensusPoint
        Proved, and proved to differ by more than a symmetry, by increasing ``|V|^2``.
    unproved : tuple of (multiplicities, places)
        Candidates whose existence was not proved.
    ambiguous : tuple of (int, int)
        Pairs of points not proved to be different.
    truth, lost : int
        Starts that ended at the truth, and that ended nowhere (far away, or too slowly).
    """

    components: int
    dimension: int
    starts: int
    seed: int
    points: tuple[CensusPoint, ...]
    unproved: tuple[tuple[tuple[int, ...], tuple[float, ...]], ...]
    ambiguous: tuple[tuple[int, int], ...]
    truth: int
    lost: int


@dataclass
class _Candidate:
    grouping: Grouping
    places: Array  # groups x rank
    hits: int = 0


def census(
    components: int,
    dimension: int,
    *,
    starts: int = 200,
    seed: int = 0,
    report: Report = lambda done, total: None,
) -> Census:
    """Find and prove stationary points other than the truth; uniform weights, forward loss.

    Parameters
    ----------
    components : int
        2 to 6.
    dimension : int
        1 or 2. Points on lines exist in every dimension; 2 adds those that span a plane.
    starts, seed : int
        Of the search; half of the starts are Gaussian, in the others every component is near the
        truth or at a distance near 2.5.
    report : callable
        Called with the number of finished starts and their total.

    Raises
    ------
    InputError
        For numbers out of range.

    Examples
    --------
    >>> found = census(2, 1, starts=20)
    >>> [(point.multiplicities, point.index) for point in found.points]
    [((1, 1), 1)]
    """
    check_integer("components", components, 2, MAX_COMPONENTS)
    check_integer("dimension", dimension, 1, MAX_DIMENSION)
    check_integer("starts", starts, 1, 10**6)
    search = _CensusSearch(components, dimension, seed)
    for number in range(starts):
        search.start()
        report(number + 1, starts)
    points, unproved = [], []
    for candidate in search.candidates:
        point = _proved(candidate, dimension)
        if point is None:
            places = tuple(float(x) for x in candidate.places.ravel())
            unproved.append((candidate.grouping.multiplicities, places))
        else:
            points.append(point)
    points.sort(key=lambda point: point.square.low)
    ambiguous = tuple(
        (i, k)
        for k in range(len(points))
        for i in range(k)
        if points[i].square.meet(points[k].square) is not None
    )
    return Census(
        components,
        dimension,
        starts,
        seed,
        tuple(points),
        tuple(unproved),
        ambiguous,
        search.truth,
        search.lost,
    )


class _CensusSearch:
    """Candidates, distinct up to symmetry."""

    def __init__(self, components: int, dimension: int, seed: int) -> None:
        self.shape = (components, dimension)
        self.random = np.random.default_rng(seed)
        self.evaluator = _evaluator(components, dimension, None, _SEARCH_GOALS[dimension])
        self.candidates: list[_Candidate] = []
        self.truth = self.lost = 0

    def start(self) -> None:
        """Run from one start."""
        tolerance = 1e-11 if self.shape[1] == 1 else 1e-7
        means = descend_gradient(self.evaluator, self._draw(), tolerance)
        if means is None:
            self.lost += 1
        elif float((means**2).sum()) < _TRUTH:
            self.truth += 1
        else:
            candidate = _merged(means)
            known = None if candidate is None else self._known(candidate)
            if candidate is None:
                self.lost += 1
            elif known is None:
                candidate.hits = 1
                self.candidates.append(candidate)
            else:
                known.hits += 1

    def _draw(self) -> Array:
        draw = self.random.normal(size=self.shape)
        if self.random.random() < 0.5:
            return np.asarray(draw * self.random.uniform(0.5, 3.0))
        far = self.random.random(self.shape[0]) < 0.5
        lengths = np.where(far, self.random.normal(2.5, 0.2, self.shape[0]), 0.1)
        return np.asarray(draw / np.linalg.norm(draw, axis=1, keepdims=True) * lengths[:, None])

    def _known(self, candidate: _Candidate) -> _Candidate | None:
        key = _invariants(candidate)
        for other in self.candidates:
            theirs = _invariants(other)
            if len(key) == len(theirs) and np.abs(key - theirs).max() < 1e-4:
                return other
        return None


def _evaluator(components: int, dimension: int, weights: object, goal: float) -> Evaluator:
    return Evaluator(
        "forward",
        ("gradient", "hessian"),
        n=components,
        dimension=dimension,
        weights=weights,
        digits=10,
        goal=goal,
    )


def descend_gradient(evaluator: Evaluator, means: Array, tolerance: float) -> Array | None:
    """Levenberg-Marquardt on ``|grad L|^2``; None where it leaves the region or stalls."""
    found = evaluator(means)
    gradient, hessian = found["gradient"].ravel().copy(), found["hessian"].copy()
    size, damping = float(gradient @ gradient), 1e-2
    for _ in range(100):
        if size < tolerance**2:
            return means
        normal = hessian.T @ hessian + damping * np.eye(len(gradient))
        moved = means - np.linalg.solve(normal, hessian.T @ gradient).reshape(means.shape)
        if np.abs(moved).max() > _FARTHEST:
            return None
        found = evaluator(moved)
        trial = found["gradient"].ravel()
        if trial @ trial < size:
            means, gradient, hessian = moved, trial.copy(), found["hessian"].copy()
            size, damping = float(gradient @ gradient), max(damping / 5, 1e-14)
        else:
            damping *= 4
            if damping > 1e6:
                return None
    return None


def _merged(means: Array) -> _Candidate | None:
    """Merge coincident components, reduce to a line where possible, and polish."""
    groups: list[list[int]] = []
    for i, row in enumerate(means):
        near = [g for g in groups if np.linalg.norm(means[g[0]] - row) < _SAME]
        if near:
            near[0].append(i)
        else:
            groups.append([i])
    centres = np.array([means[group].mean(axis=0) for group in groups])
    counts = [len(group) for group in groups]
    if means.shape[1] > 1:
        _, singular, axes = np.linalg.svd(centres, full_matrices=False)
        if len(singular) < 2 or singular[1] < 10 * _FLAT:
            centres = centres @ axes[:1].T
    polished = _polished(centres, counts)
    if polished is None:
        return None
    if polished.shape[1] == 1:
        return _oriented(polished, counts)
    return _turned_to_axis(polished, counts)


def _polished(centres: Array, counts: Sequence[int]) -> Array | None:
    grouping = Grouping.uniform(counts)
    dimension = centres.shape[1]
    evaluator = _evaluator(len(counts), dimension, grouping.weights, _POLISH_GOAL**dimension)
    for _ in range(12):
        found = evaluator(centres)
        step = np.linalg.lstsq(found["hessian"], found["gradient"].ravel(), rcond=1e-7)[0]
        centres = centres - step.reshape(centres.shape)
        if np.abs(centres).max() > _FARTHEST:
            return None
        if np.abs(step).max() < 1e-10:
            break
    return centres


def _oriented(centres: Array, counts: Sequence[int]) -> _Candidate:
    """Order the groups by place; the far side with more components, or farther out, is positive."""
    both = []
    for sign in (1.0, -1.0):
        order = sorted(range(len(counts)), key=lambda k: sign * float(centres[k, 0]))
        places = [sign * float(centres[k, 0]) for k in order]
        pulled = sum(c * x for c, x in zip((counts[k] for k in order), places, strict=True))
        both.append((round(pulled, 6), [counts[k] for k in order], places))
    _, multiplicities, chosen = max(both)
    return _Candidate(Grouping.uniform(multiplicities), np.array(chosen)[:, None])


def _turned_to_axis(centres: Array, counts: Sequence[int]) -> _Candidate:
    """Turn the farthest group to the positive axis and order by distance from the truth."""
    order = sorted(range(len(counts)), key=lambda k: float(np.linalg.norm(centres[k])))
    rows = centres[order]
    x, y = rows[-1] / np.linalg.norm(rows[-1])
    turned = rows @ np.array([[x, -y], [y, x]])
    return _Candidate(Grouping.uniform([counts[k] for k in order]), turned)


def _invariants(candidate: _Candidate) -> Array:
    """Rank, and sorted norms and distances with multiplicities: the same for symmetric copies."""
    rows = np.repeat(candidate.places, candidate.grouping.multiplicities, axis=0)
    norms = np.sort(np.linalg.norm(rows, axis=1))
    gaps = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    return np.concatenate([[candidate.places.shape[1]], norms, np.sort(gaps, axis=None)])


def _proved(candidate: _Candidate, dimension: int) -> CensusPoint | None:
    """Prove a candidate by Krawczyk's operator on boxes of several sizes."""
    rank = candidate.places.shape[1]
    flat = [Fraction(round(float(x) * 2**40), 2**40) for x in candidate.places.ravel()]
    system: Any
    if rank == 1:
        system, point = LineSystem(candidate.grouping.weights), flat
    else:
        reference = tuple((flat[k], flat[k + 1]) for k in range(0, len(flat), 2))
        system = PlanarSystem(candidate.grouping.weights, reference)
        point = [*flat, Fraction(0)]
    zero = prove_zero_near(system, point, _RADII)
    if zero is None:
        return None
    zero = refine(system, zero, Fraction(1, 10**9), rounds=4 if rank == 1 else 1)
    places = zero.enclosure[: len(flat)]
    if rank == 1:
        inertia = line_inertia(candidate.grouping, places).inertia(dimension)
    else:
        inertia = system.inertia(places)
    square = _square(places, candidate.grouping.multiplicities, rank)
    isolation = zero.isolation[: len(flat)]
    counts = candidate.grouping.multiplicities
    return CensusPoint(counts, places, rank, isolation, square, inertia, candidate.hits)


def _square(places: Box, multiplicities: Sequence[int], rank: int) -> Interval:
    """Enclose ``|V|^2`` in exact arithmetic."""
    low = high = Fraction(0)
    for number, side in enumerate(places):
        count = multiplicities[number // rank]
        ends = (side.low**2, side.high**2)
        low += count * (Fraction(0) if side.low <= 0 <= side.high else min(ends))
        high += count * max(ends)
    return Interval(low, high)
