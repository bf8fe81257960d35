r"""The amplification law in numbers: how much descent spreads a far coincident cluster.

To first order in the deviations (`derive.limits.amplification`), uniform weights:
:math:`c_{k+1} = (1 - \alpha \eta/n) c_k` and the part of the deviations along ``c`` grows by
:math:`1 + (\beta \eta/n) |c_k|^2`. Until the cluster has reached the truth the total is
:math:`e^\Lambda`,

.. math:: \Lambda = \sum_{k \ge 0} \ln(1 + (\beta \eta/n) |c_k|^2),

``beta/(2 alpha) |c_0|^2`` in the limit of small steps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from derive.limits.amplification import amplification_law
from numerics.descent.iteration import iterate
from numerics.errors import InputError

#: Terms smaller than this share of the first are left to the geometric tail.
_NEGLIGIBLE = 1e-18


def contraction(step_size: Fraction, components: int, objective: str = "forward") -> Fraction:
    """``1 - alpha eta/n``: what a step does to the centre of a coincident cluster.

    Raises
    ------
    InputError
        If the step is not positive, or so large that the centre would not shrink.

    Examples
    --------
    >>> contraction(Fraction(1, 10), 2)
    Fraction(9, 10)
    """
    rate = amplification_law(objective).drift * step_size / components
    if not 0 < rate < 1:
        raise InputError("step_size", step_size, "a positive step below n/alpha")
    return 1 - rate


def growth(
    distance: float, step_size: Fraction, components: int, objective: str = "forward"
) -> Iterator[tuple[float, float]]:
    """Yield ``(|c_k|, ln(1 + (beta eta/n)|c_k|^2))`` for ``k = 0, 1, ...``, without end.

    Examples
    --------
    >>> next(growth(6.0, Fraction(1, 10), 2))[1] == math.log1p(0.2 * 36)
    True
    """
    shrink = float(contraction(step_size, components, objective))
    gain = float(amplification_law(objective).gain * step_size / components)
    for centre in iterate(lambda before: before * shrink, distance):
        yield centre, math.log1p(gain * centre * centre)


def log_amplification(
    distance: float, step_size: Fraction, components: int, objective: str = "forward"
) -> float:
    """``Lambda``, in float64 (its relative error is below 1e-12).

    Examples
    --------
    >>> round(log_amplification(40.0, Fraction(1, 10), 2), 1)
    89.6
    >>> 15.99 < log_amplification(4.0, Fraction(1, 10**5), 2) < 16.01
    True
    """
    square = float(contraction(step_size, components, objective)) ** 2
    terms: list[float] = []
    for _, term in growth(distance, step_size, components, objective):
        terms.append(term)
        if term <= _NEGLIGIBLE * (1 + terms[0]):
            break
    return math.fsum([*terms, terms[-1] * square / (1 - square)])
