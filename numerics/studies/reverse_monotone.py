r"""Which quantities decrease along reverse descent, for which multiples of Theorem R's step.

Theorem R makes :math:`|V|^2` decrease for steps up to its bound. Whether the loss R itself, or
:math:`E_p |C|_F^2`, decreases is another matter; here it is counted over random starts. By I2
:math:`E_p |C|_F^2 = \frac12 \sum_j v_j \cdot \nabla_j R - R`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import numpy as np

from numerics.descent.iteration import descent
from numerics.evaluation.evaluator import Evaluator
from numerics.fates.criteria import theorem_r_step
from numerics.numbers.arithmetic import Array

#: Increases below this share of the quantity's first value are rounding.
_ROUNDING = 1e-11
_LOST = 10.0


@dataclass(frozen=True)
class Shares:
    """Shares of descents, at one multiple of Theorem R's bound on the step.

    Attributes
    ----------
    multiple : float
    squared_norm, loss, covariance : float
        Shares along which ``|V|^2``, ``R``, ``E_p |C|^2`` never increase.
    nearer : float
        Share with a smaller ``|V|^2`` at the end than at the start.
    """

    multiple: float
    squared_norm: float
    loss: float
    covariance: float
    nearer: float


def monotone_shares(
    multiples: Sequence[float], *, starts: int = 100, steps: int = 60, seed: int = 0
) -> tuple[Shares, ...]:
    """Count, over random starts with 2 to 4 components on a line, what never increases.

    Means are ``s z``, z standard normal, ln s uniform from ln(1/10) to ln 6; weights from the flat
    Dirichlet distribution. All multiples see the same starts; float64.

    Parameters
    ----------
    multiples : sequence of float
        Of ``1/(2 pi_max max(1, |V_0|^2/2))``.
    starts, steps, seed : int

    Examples
    --------
    >>> (bound,) = monotone_shares([1.0], starts=10, steps=10)
    >>> bound.squared_norm, bound.nearer
    (1.0, 1.0)
    """
    generator = np.random.default_rng(seed)
    drawn = [_start(generator) for _ in range(starts)]
    found = []
    for multiple in multiples:
        counts = np.zeros(4)
        for means, weights in drawn:
            counts += _descend(means, weights, multiple, steps)
        found.append(Shares(multiple, *(counts / starts).tolist()))
    return tuple(found)


def _start(generator: np.random.Generator) -> tuple[Array, tuple[Fraction, ...]]:
    n = int(generator.integers(2, 5))
    scale = np.exp(generator.uniform(np.log(0.1), np.log(6.0)))
    shares = np.maximum(1, np.round(1000 * generator.dirichlet(np.ones(n)))).astype(int)
    total = int(shares.sum())
    weights = tuple(Fraction(int(share), total) for share in shares)
    return scale * generator.standard_normal((n, 1)), weights


def _descend(means: Array, weights: tuple[Fraction, ...], multiple: float, steps: int) -> Array:
    """Return whether ``|V|^2``, R, ``E_p|C|^2`` never increased, and whether ``|V|^2`` shrank.

    A run whose ``|V|^2`` has become ten times as large counts as none of these and ends.
    """
    square = Fraction(float((means**2).sum()))
    step = multiple * float(theorem_r_step(square, max(weights)))
    evaluator = Evaluator(
        "reverse", ("loss", "gradient"), n=len(means), dimension=1, weights=weights
    )
    rows: list[tuple[float, float, float]] = []
    for place, value in islice(descent(evaluator, means, step), steps + 1):
        loss = float(value["loss"])
        covariance = float((place * value["gradient"]).sum()) / 2 - loss
        rows.append((float((place**2).sum()), loss, covariance))
        if len(rows) <= steps and rows[-1][0] > _LOST * (1 + rows[0][0]):
            return np.zeros(4)
    table = np.array(rows)
    rises = np.diff(table, axis=0) > _ROUNDING * np.maximum(1e-3, np.abs(table[0]))
    return np.append(~rises.any(axis=0), table[-1, 0] < table[0, 0]).astype(float)
