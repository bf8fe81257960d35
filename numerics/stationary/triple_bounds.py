r"""Where three equal components on a line cannot be stationary: bounds that need no search.

- *Near the truth or together* (Lemma S): all ``|v_j| < 1.366``, ``|V| < 1.618``, or all distances
  below ``sqrt 2``.
- *All far* (`numerics.stationary.line_halves`): all ``|v_j| >= 7/4``.
- *Near and far* (``N-critical``): a mean within ``eps`` of the truth and another beyond
  ``rho(eps)``, for ``eps`` up to ``7/4``. So no stationary point has a mean beyond ``rho(7/4)``.

The conditions of the last two are confirmed in balls when they are first used.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from derive.mixtures.line_derivatives import COMPONENTS
from numerics.fates.distinct_far import beyond
from numerics.numbers.balls import ball, precision
from numerics.stationary.line_halves import least_push
from numerics.stationary.line_sums import UNITS, Integers

Booleans = NDArray[np.bool_]

#: Below the radii of Lemma S: of all means, of their norm, of their distances.
_EACH, _NORM, _SPREAD = Fraction(1366, 1000), Fraction(1618, 1000), Fraction(1414, 1000)
#: No stationary point has all means at least that far.
ALL_FAR = Fraction(7, 4)
_BITS = 96
#: Steps of ``eps``, and of ``rho``, which is looked for from a distance on.
_NEARER, _FARTHER, _FIRST = Fraction(1, 8), Fraction(1, 16), Fraction(3)


@lru_cache(maxsize=1)
def near_and_far() -> tuple[tuple[Fraction, Fraction], ...]:
    """``eps`` and ``rho``: where a mean is within the first, all are within the second.

    Raises
    ------
    ArithmeticError
        If balls do not confirm the bound of means that are all far.

    Examples
    --------
    >>> near_and_far()[1], near_and_far()[-1]
    ((Fraction(1, 4), Fraction(63, 16)), (Fraction(7, 4), Fraction(109, 16)))
    """
    with precision(_BITS):
        if not least_push(ball(ALL_FAR), (Fraction(1, COMPONENTS),) * COMPONENTS) > 0:
            raise ArithmeticError(f"all means at least {ALL_FAR} from the truth: not excluded")
        pairs, eps, rho = [], _NEARER, _FIRST
        while eps <= ALL_FAR:
            while not beyond(ball(rho), eps, COMPONENTS, 1) > 0:
                rho += _FARTHER
            pairs.append((eps, rho))
            eps += _NEARER
        return tuple(pairs)


def none_beyond(reach: Fraction) -> bool:
    """Whether every stationary point has all means in reach.

    Examples
    --------
    >>> none_beyond(Fraction(7)), none_beyond(Fraction(13, 2))
    (True, False)
    """
    return reach >= near_and_far()[-1][1]


def possible(low: Integers, high: Integers, *, far: bool = True) -> Booleans:
    """Boxes that these bounds do not exclude.

    Parameters
    ----------
    low, high : ndarray of int, shape (N, 3)
        Ends in units of `numerics.stationary.line_sums.UNIT`.
    far : bool
        Whether the bounds of far means are used, or Lemma S alone.

    Examples
    --------
    >>> corners = np.array([[0, 0, 0], [0, 1, 5], [2, 2, 2], [0, 1, 2]]) * UNITS
    >>> possible(corners, corners + UNITS // 4)
    array([False, False, False,  True])
    """
    most = np.maximum(np.abs(low), np.abs(high))
    left: Booleans = most.max(axis=1) > int(_EACH * UNITS)
    left &= (most * most).sum(axis=1) > int((_NORM * UNITS) ** 2)
    left &= high.max(axis=1) - low.min(axis=1) > int(_SPREAD * UNITS)
    if not far:
        return left
    least = np.where((low <= 0) & (high >= 0), 0, np.minimum(np.abs(low), np.abs(high)))
    left &= least.min(axis=1) < int(ALL_FAR * UNITS)
    for eps, rho in near_and_far():
        within, beside = int(eps * UNITS), int(rho * UNITS)  # both are integers
        left &= (most.min(axis=1) > within) | (least.max(axis=1) < beside)
    return left
