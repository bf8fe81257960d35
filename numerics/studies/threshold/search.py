r"""Float64 search for the critical spread of a far cluster: an estimate, no proof.

The cluster's centre starts at distance ``|c_0|`` from the truth; one of ``n`` components of equal
weight is by the spread nearer to the truth than the others, which coincide (``n = 2``: two
components ``s`` apart, whichever is nearer). Everything happens on the line through both.

As long as the spread is below `LINEAR` the amplification law moves it (its logarithm, so that
``e^-1000`` is no problem), beyond that gradient descent in float64, whose relative error in the
spread is below 1e-10.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from numerics.descent.iteration import descent
from numerics.errors import InputError
from numerics.evaluation.evaluator import Evaluator
from numerics.fates.criteria import theorem_f_step
from numerics.fates.escape_region import NEAR, escape_radius
from numerics.studies.amplification import growth, log_amplification

Array = NDArray[Any]
FloatFate = Literal["converged", "escaped"]

#: Logarithm of the spread up to which the amplification law is used.
LINEAR = math.log(1e-5)
#: Half the spread is about ``exp(TYPICAL - Lambda)`` at the threshold.
TYPICAL = 2.8
_MOST_DOUBLINGS = 12


class SearchStoppedError(Exception):
    """The search was asked to stop."""


@dataclass(frozen=True)
class ClusterStart:
    """One component apart from ``n - 1`` coincident ones, far from the truth.

    Attributes
    ----------
    distance : Fraction
        ``|c_0|``.
    step_size : Fraction
    components : int
    """

    distance: Fraction
    step_size: Fraction
    components: int = 2

    def means(self, spread: Fraction) -> list[list[Fraction]]:
        """Return the means, ``n x 1``, for a spread ``|v_1 - v_2|``; their mean is ``c_0``.

        Examples
        --------
        >>> ClusterStart(Fraction(6), Fraction(1, 10)).means(Fraction(1, 2))
        [[Fraction(23, 4)], [Fraction(25, 4)]]
        """
        n = self.components
        rest = self.distance + spread / n
        return [[rest - spread], *([rest] for _ in range(n - 1))]

    @property
    def amplification(self) -> float:
        """``Lambda`` of the amplification law."""
        return log_amplification(float(self.distance), self.step_size, self.components)


def fate_of(
    start: ClusterStart,
    log_spread: float,
    most_steps: int,
    stop: Callable[[], bool] | None = None,
) -> tuple[FloatFate | None, int]:
    """Run descent in float64 until a theorem's region is reached; the fate and the steps.

    Parameters
    ----------
    start : ClusterStart
    log_spread : float
        Natural logarithm of ``|v_1 - v_2|``.
    most_steps : int
        Undecided (None) beyond that.

    Examples
    --------
    >>> start = ClusterStart(Fraction(6), Fraction(1, 10))
    >>> fate_of(start, math.log(1e-6), 500), fate_of(start, math.log(1e-9), 500)[0]
    (('escaped', 68), 'converged')
    """
    n, eta = start.components, float(start.step_size)
    steps = 0
    law = growth(float(start.distance), start.step_size, n)
    centre, term = next(law)
    while log_spread <= LINEAR:
        if n * centre * centre < 1:
            return "converged", steps
        log_spread += term
        centre, term = next(law)
        steps += 1
    spread = math.exp(log_spread)
    start_means = np.array([[centre - spread * (n - 1) / n], [centre + spread / n]])
    gradient = Evaluator(
        "forward",
        ("gradient",),
        n=2,
        dimension=1,
        weights=[Fraction(1, n), Fraction(n - 1, n)],
    )
    factor = np.array([[eta], [eta / (n - 1)]])
    counts = np.array([1, n - 1])
    path = descent(gradient, start_means, factor)
    for done, (means, _) in zip(range(steps, most_steps), path, strict=False):
        fate = _decided(start, means[:, 0], counts)
        if fate is not None:
            return fate, done
        if stop is not None and done % 64 == 0 and stop():
            raise SearchStoppedError
    return None, max(steps, most_steps)


def _decided(start: ClusterStart, places: Array, counts: Array) -> FloatFate | None:
    squares = places * places
    total = float((counts * squares).sum())
    if total < 2.6:
        largest = theorem_f_step(Fraction(total))
        if largest is not None and start.step_size <= largest:
            return "converged"
    near = int(squares[1] < squares[0])
    if squares[near] > (0.99 * float(NEAR)) ** 2:
        return None
    radius = _radius(start.components, near)
    return "escaped" if squares[1 - near] >= (1.001 * radius) ** 2 else None


@lru_cache(maxsize=32)
def _radius(components: int, near: int) -> float:
    """Radius from which the other group provably escapes."""
    weights = (Fraction(1, components), Fraction(components - 1, components))
    found = escape_radius(weights[near], weights[1 - near])
    if found is None:
        raise InputError("components", components, "groups for which Region E is proved")
    return float(found)


def predicted_steps(start: ClusterStart) -> int:
    """Estimate the steps of a run near the threshold: to the truth, and away from the saddle.

    Examples
    --------
    >>> 50 < predicted_steps(ClusterStart(Fraction(6), Fraction(1, 10))) < 1000
    True
    """
    eta = float(start.step_size)
    approach = start.components * max(0.0, math.log(float(start.distance))) / 2
    return math.ceil((approach + 12 * start.components) / eta) + 10


def estimate(
    start: ClusterStart, tolerance: float = 0.004, stop: Callable[[], bool] | None = None
) -> tuple[float, float, int]:
    """Bracket the logarithm of the critical spread: ``(low, high, steps of the longest run)``.

    Converged at ``low``, escaped at ``high``, in float64.

    Raises
    ------
    ArithmeticError
        If no bracket is found.
    SearchStoppedError
        If ``stop`` asked for it.

    Examples
    --------
    >>> low, high, _ = estimate(ClusterStart(Fraction(6), Fraction(1, 10)))
    >>> math.log(1e-9) < low < high < math.log(1e-6), high - low < 0.005
    (True, True)
    """
    most = 20 * predicted_steps(start)
    longest = 0

    def escapes(log_spread: float) -> bool:
        nonlocal longest
        fate, steps = fate_of(start, log_spread, most, stop)
        longest = max(longest, steps)
        return fate != "converged"

    low = high = math.log(2) + TYPICAL - start.amplification
    width = 0.25
    for _ in range(_MOST_DOUBLINGS):
        if escapes(high):
            break
        low, high, width = high, high + width, 2 * width
    width = 0.25
    if low == high:
        low = high - width
    for _ in range(_MOST_DOUBLINGS):
        if not escapes(low):
            break
        low, high, width = low - width, low, 2 * width
    else:
        raise ArithmeticError("no spread found from which all components converge")
    while high - low > tolerance:
        middle = (low + high) / 2
        low, high = (low, middle) if escapes(middle) else (middle, high)
    return low, high, longest


def threshold_constant(start: ClusterStart, tolerance: float = 1e-4) -> float:
    """``k = ln(s/2) + Lambda`` at the critical spread ``s``, estimated in float64.

    Examples
    --------
    >>> round(threshold_constant(ClusterStart(Fraction(6), Fraction(1, 10)), 1e-3), 2)
    2.54
    """
    low, high, _ = estimate(start, tolerance)
    return (low + high) / 2 - math.log(2) + start.amplification
