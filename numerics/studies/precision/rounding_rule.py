r"""How many digits a descent from a far cluster needs: rounding against the amplification law.

Means in one cluster at distance ``C`` from the truth, ``delta`` apart along the cluster's centre
``c``, at unit roundoff ``u``. By the amplification law (`derive.limits.amplification`) a step
multiplies the centre by :math:`1 - \alpha\eta/n` and differences along it by
:math:`1 + (\beta\eta/n)|c_k|^2`. With :math:`G_k = e^{\Lambda_k}` the product of the first ``k``
factors, the amplified difference is :math:`e^\Lambda \delta`, and what decides the fates is whether
it reaches the size of one.

*Rounding.* The start is stored with errors of at most ``u C`` in each mean. A step rounds the new
mean, ``u |c'|``, and evaluates the gradient: at coincident means ``m`` and ``v_j`` agree, so
``v_j - m`` is all rounding, at most ``2 u |c|``, and with :math:`\psi_j = 1/n` the gradient's error
is at most :math:`(2u|c|/n)(1 + 2|c|^2)`. Two components differ by twice that. An error made at step
``k`` is amplified by what is left, :math:`G/G_{k+1}`, so all of them together are worth an initial
difference of at most

.. math:: 2 u C A, \qquad A = 1 + \sum_k \frac{1}{C G_{k+1}}
          \Bigl( |c_{k+1}| + \frac{2\eta |c_k|}{n} (1 + 2|c_k|^2) \Bigr) .

*Rule.* If :math:`\delta > e^{-\Lambda}` the spread itself must survive, ``2 u C A < delta``; below,
the amplified rounding must stay below one, :math:`2 u C A < e^{-\Lambda}`: with ``u = 10^-digits``

.. math:: \mathrm{digits} = \log_{10}(2 C A) + \min(\log_{10}(1/\delta), \Lambda/\ln 10) .

Three things it does not say. Next to the threshold more digits are needed, the logarithm of the
distance from it. It is a bound: means that are rounded to *equal* numbers stay equal, bit for bit,
and such a run is right wherever all components converge, at any precision. And the evaluation must
be one in which equal inputs give equal outputs; otherwise even equal means part.

(Equal weights; with unequal ones a coincident cluster comes apart by itself.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import islice

from numerics.numbers.exact import Vector, dot, log10_fraction, subtract
from numerics.studies.amplification import contraction, growth

#: A centre this close no longer amplifies.
_ARRIVED = 1e-3


@dataclass(frozen=True)
class RoundingRule:
    """Digits that a run needs, and why.

    Attributes
    ----------
    distance : float
        ``C``.
    spread_log : float or None
        Decimal logarithm of ``delta``; None if it is zero.
    amplification : float
        ``Lambda``, over the steps of the run.
    injection : float
        ``A``.
    """

    distance: float
    spread_log: float | None
    amplification: float
    injection: float

    @property
    def spread_digits(self) -> float:
        """Digits that carry the spread: ``log10(1/delta)`` (infinite for none)."""
        return math.inf if self.spread_log is None else -self.spread_log

    @property
    def amplification_digits(self) -> float:
        """Digits that rounding may be amplified by: ``Lambda/ln 10``."""
        return self.amplification / math.log(10)

    @property
    def limited_by_spread(self) -> bool:
        """Whether the spread itself must survive, not only the amplified rounding stay small."""
        return self.spread_digits < self.amplification_digits

    @property
    def digits(self) -> float:
        """Decimal digits of the arithmetic (``-log10`` of its unit roundoff), at least 1."""
        size = math.log10(2 * self.distance * self.injection) if self.distance > 0 else 0.0
        return max(1.0, size + min(self.spread_digits, self.amplification_digits))

    @property
    def bits(self) -> int:
        """The same in bits of the significand, rounded up."""
        return math.ceil(self.digits * math.log2(10))


def rounding_rule(
    objective: str, means: Sequence[Vector], step_size: Fraction, steps: int
) -> RoundingRule:
    """Digits for a run from a cluster of components of equal weight.

    Parameters
    ----------
    objective : str
    means : n x d rationals
        Relative to the teacher's mean.
    step_size : Fraction
    steps : int

    Examples
    --------
    >>> start = ((Fraction(6),), (6 + Fraction(1, 10**6),))
    >>> rule = rounding_rule("forward", start, Fraction(1, 10), 500)
    >>> round(rule.amplification, 2), rule.limited_by_spread, round(rule.digits, 1)
    (17.48, True, 7.4)
    """
    n = len(means)
    centre = tuple(sum(column, Fraction(0)) / n for column in zip(*means, strict=True))
    square = dot(centre, centre)
    distance = math.sqrt(float(square))
    amplification, injection = _amplified(objective, n, distance, step_size, steps)
    along = [abs(dot(subtract(a, b), centre)) for a in means for b in means]
    widest = max(along)
    if not widest or not square:
        return RoundingRule(distance, None, amplification, injection)
    spread = log10_fraction(widest * widest / square) / 2
    return RoundingRule(distance, spread, amplification, injection)


@lru_cache(maxsize=256)
def _amplified(
    objective: str, n: int, distance: float, step_size: Fraction, steps: int
) -> tuple[float, float]:
    """``Lambda`` and ``A`` of the module's docstring."""
    if n == 1:
        return 0.0, 1.0
    shrink, eta = float(contraction(step_size, n, objective)), float(step_size)
    total, injected = 0.0, 1.0
    for centre, term in islice(growth(distance, step_size, n, objective), steps):
        if centre < _ARRIVED:
            break
        total += term
        noise = shrink * centre + eta * (2 * centre / n) * (1 + 2 * centre**2)
        injected += noise / distance * math.exp(-total)
    return total, injected
