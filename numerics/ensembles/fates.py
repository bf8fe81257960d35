r"""Fates of many random starts under gradient flow or gradient descent, in float64.

Gradient flow ``dv/dtau = -grad loss(v)`` is followed by the Bogacki-Shampine pair of orders 3 and
2, with a step of its own for every start. A start is left alone as soon as its fate is decided:

- *all converge* once ``|V|^2 <= 1`` (Theorem F, for descent with steps at most 1/4);
- *some converge, the others escape* once every mean is within 0.15 of the truth or beyond 3.1 and
  moving outwards, at least one is within, and this has lasted for ``LASTING`` units of ``tau``
  (at once for two components, where Lemma E makes it a theorem, and if the others are beyond 8;
  for three and more components it is a numerical criterion);
- *one converges, the others escape* also once a single component is active on its whole way to the
  truth (see `numerics.ensembles.one_gaussian`): it goes there along a straight line, the others do
  not move, and at the end they are more than 13.8 away from the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.ensembles.one_gaussian import (
    INVISIBLE,
    REACH,
    Array,
    EnsembleGradient,
    active_components,
)
from numerics.errors import InputError

#: Distance from the truth within which a component counts as there, and beyond which it has left.
NEAR, FAR = 0.15, 3.1
#: Distance beyond which a mean will not come back, whatever the weights of what is near and far
#: (Lemma E is proved to there for two groups of coincident components, see
#: `numerics.fates.criteria`).
VERY_FAR = 8.0
#: Time for which a pattern of near and far must last, for three and more components.
LASTING = 5.0
#: Largest step of the flow: stable for the rate 2 with which a single component returns.
_LARGEST_STEP = 1.0
#: Speed towards the truth below which a far mean counts as moving outwards: the gradient there is
#: exponentially small, below the error of the quadrature.
_STILL = 1e-4
_UNDECIDED = -1
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class EnsembleFates:
    """What became of each start.

    Attributes
    ----------
    converged : array of int
        Number of components that converge; the others escape. -1: undecided at the last time.
    steps : int
        Steps taken.
    """

    converged: Ints
    steps: int

    def count(self, converged: int) -> int:
        """Return the number of starts from which exactly so many components converge."""
        return int((self.converged == converged).sum())

    @property
    def undecided(self) -> int:
        """Number of starts that were not decided."""
        return self.count(_UNDECIDED)


def flow_fates(
    means: Array,
    *,
    objective: str = "forward",
    tolerance: float = 3e-4,
    resolution: float = 1.0,
    last_time: float | None = None,
    expired: Callable[[], bool] = lambda: False,
) -> EnsembleFates:
    """Follow gradient flow from starts ``(B, n, d)`` until their fates are decided.

    Parameters
    ----------
    means : array
        Centred means ``v``.
    objective : str
    tolerance : float
        Local error of a step relative to the largest distance of active means plus 0.1.
    resolution : float
        Of the quadrature, see `numerics.ensembles.one_gaussian`.
    last_time : float or None
        ``tau`` at which what is open counts as undecided; by default ``200 n``.
    expired : callable
        Says when to give up; what is open then is undecided.

    Examples
    --------
    >>> starts = np.array([[[3.0], [3.5]], [[3.0], [3.0001]], [[0.5], [0.4]], [[100.0], [101.0]]])
    >>> flow_fates(starts).converged.tolist()
    [1, 2, 2, 1]
    """
    flow = EnsembleFlow(means, EnsembleGradient(objective, resolution), tolerance)
    limit = 200.0 * means.shape[1] if last_time is None else last_time
    while flow.rows.size and not expired():
        flow.advance(limit)
    return EnsembleFates(flow.converged, flow.steps)


def descent_fates(
    means: Array,
    *,
    step_size: float,
    steps: int,
    objective: str = "forward",
    resolution: float = 1.0,
    expired: Callable[[], bool] = lambda: False,
) -> EnsembleFates:
    """Take gradient steps of a fixed size from starts ``(B, n, d)`` until fates are decided.

    Raises
    ------
    InputError
        For a step above 1/4, for which the criteria do not hold.

    Examples
    --------
    >>> starts = np.array([[[3.0], [3.5]], [[3.0], [3.0001]]])
    >>> descent_fates(starts, step_size=0.05, steps=2000).converged.tolist()
    [1, 2]
    """
    if not 0 < step_size <= 0.25:
        raise InputError("step_size", step_size, "a positive number, at most 1/4")
    gradient = EnsembleGradient(objective, resolution)
    open_starts = _Open(means)
    taken = 0
    while open_starts.rows.size and taken <= steps and not expired():
        slope = gradient(open_starts.means)
        kept = open_starts.decide(slope, np.full(len(open_starts.rows), taken * step_size))
        open_starts.means = open_starts.means - step_size * slope[kept]
        taken += 1
    return EnsembleFates(open_starts.converged, taken)


class _Open:
    """Starts that are not decided yet, and the fates of those that are."""

    def __init__(self, means: Array) -> None:
        self.means = np.array(means, dtype=np.float64)
        self.rows = np.arange(len(means))
        self.since = np.full(len(means), np.inf)  # time at which the pattern was first met
        self.converged: Ints = np.full(len(means), _UNDECIDED, dtype=np.int64)

    def decide(self, gradient: Array, times: Array) -> npt.NDArray[np.bool_]:
        """Decide what can be decided; returns which of the open starts stay open."""
        norms = np.linalg.norm(self.means, axis=2)
        n = norms.shape[1]
        near = norms <= NEAR
        outwards = np.einsum("bja,bja->bj", self.means, gradient) <= _STILL * norms
        pattern = (near | ((norms >= FAR) & outwards)).all(axis=1) & near.any(axis=1)
        self.since = np.where(pattern, np.minimum(self.since, times), np.inf)
        at_once = (near | (norms >= VERY_FAR)).all(axis=1) | (n == 2)
        lasted = (times - self.since >= LASTING) | at_once
        alone = _alone(self.means, norms)
        together = (norms**2).sum(axis=1) <= 1.0
        found = np.full(len(self.rows), _UNDECIDED)
        found[pattern & lasted] = near.sum(axis=1)[pattern & lasted]
        found[alone] = 1
        found[together] = n
        self.converged[self.rows] = found
        kept = found == _UNDECIDED
        self.drop(~kept)
        return np.asarray(kept)

    def drop(self, gone: npt.NDArray[np.bool_]) -> None:
        """Leave starts alone."""
        self.means, self.rows, self.since = self.means[~gone], self.rows[~gone], self.since[~gone]


def _alone(means: Array, norms: Array) -> npt.NDArray[np.bool_]:
    """Whether only the nearest component is active, now and on the segment to the truth.

    On the segment ``s v_i``, ``gap = (|v_k|^2 - s^2 |v_i|^2)/2`` is smallest at ``s = 1`` and
    ``|v_k - s v_i|`` largest at an end.
    """
    nearest = norms.argmin(axis=1)
    rows = np.arange(len(means))
    distances = np.linalg.norm(means - means[rows, nearest][:, None], axis=2)
    gap = (norms**2 - (norms[rows, nearest] ** 2)[:, None]) / 2
    alone = (gap >= REACH * np.maximum(distances, norms)) & (gap >= 2 * INVISIBLE)
    alone[rows, nearest] = True
    return np.asarray(alone.all(axis=1))


class EnsembleFlow(_Open):
    """Gradient flow by Bogacki-Shampine steps, one size per start.

    ``means``, ``times`` and ``rows`` are those of the starts that are still open.
    """

    def __init__(self, means: Array, gradient: EnsembleGradient, tolerance: float) -> None:
        super().__init__(means)
        self.gradient = gradient
        self.tolerance = tolerance
        self.times = np.zeros(len(means))
        self.sizes = np.full(len(means), 1e-2)
        self.slope = gradient(self.means)
        self.steps = 0

    def advance(self, last_time: float) -> None:
        """Decide, then try one step for every open start."""
        kept = self.decide(self.slope, self.times)
        self.times, self.sizes, self.slope = self.times[kept], self.sizes[kept], self.slope[kept]
        late = self.times >= last_time
        if late.any():
            self.drop(late)
            self.times, self.sizes = self.times[~late], self.sizes[~late]
            self.slope = self.slope[~late]
        if not self.rows.size:
            return
        h = self.sizes[:, None, None]
        one = self.slope
        two = self.gradient(self.means - h / 2 * one)
        three = self.gradient(self.means - 3 * h / 4 * two)
        moved = self.means - h * (2 * one + 3 * two + 4 * three) / 9
        four = self.gradient(moved)
        error = h * (-5 * one / 72 + two / 12 + three / 9 - four / 8)
        size = np.abs(error).max(axis=(1, 2)) / (self.tolerance * self._scale())
        accepted = np.isfinite(size) & (size <= 1)
        self.means = np.where(accepted[:, None, None], moved, self.means)
        self.slope = np.where(accepted[:, None, None], four, self.slope)
        self.times = np.where(accepted, self.times + self.sizes, self.times)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.clip(np.nan_to_num(0.9 * size ** (-1 / 3), nan=0.2, posinf=5), 0.2, 5.0)
        self.sizes = np.minimum(_LARGEST_STEP, self.sizes * factor)
        self.steps += 1

    def _scale(self) -> Array:
        """Largest distance of an active mean from the nearest one, plus 0.1."""
        active = active_components(self.means)
        norms = np.linalg.norm(self.means, axis=2)
        nearest = self.means[np.arange(len(self.means)), norms.argmin(axis=1)]
        distances = np.linalg.norm(self.means - nearest[:, None], axis=2)
        return np.asarray(np.where(active, distances, 0.0).max(axis=1) + 0.1)
