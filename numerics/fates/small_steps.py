r"""Theorem E_n for smaller steps: regions that begin nearer to the truth (Theorem E_n').

In `numerics.fates.distinct_far` the whole of :math:`D = \nabla_1 L - 2 v_1` counts. To first order
in the step only its component along ``v_1`` does:

.. math:: |v_1'|^2 = (1 - 2\eta)^2 |v_1|^2 - 2 \eta (1 - 2\eta) v_1 \cdot D + \eta^2 |D|^2.

If :math:`|v_1| \le \varepsilon` and the ``n - 1`` others are beyond :math:`\rho`,
:math:`-v_1 \cdot D \le 2 (n - 1) M` (Lemma V', ``proofs-check prove V-prime``) and
:math:`|D| \le c = \sum_k \mathcal{E}(|v_k|)` (Lemma V); so ``v_1`` stays within
:math:`\varepsilon` if

.. math:: 4 (1 - 2\eta) (n - 1) M + \eta c^2 \le 4 (1 - \eta) \varepsilon^2.

The theorem is replayed for a region: ``proofs-check prove E-n-prime``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from flint import arb

from numerics.fates.distinct_far import beyond, drift_bound
from numerics.numbers.balls import ball, precision

_BITS = 80
#: To spare, so that whoever checks a run with coarser bounds confirms it.
_SPARE = Fraction(1, 200)

Interval = tuple[Fraction, Fraction]


class Region(NamedTuple):
    """``|v_1| <= near``, all others ``>= far``: each then adds at most ``pull`` to ``-v_1.D/2``."""

    far: Fraction
    near: Fraction
    pull: Fraction


#: ``far`` and ``near`` in hundredths, ``pull`` in hundred thousandths.
REGIONS = tuple(
    Region(Fraction(far, 100), Fraction(near, 100), Fraction(pull, 100_000))
    for far, near, pull in (
        (410, 48, 12370), (425, 50, 11810), (440, 50, 10387), (465, 50, 8280), (480, 28, 3304),
        (485, 50, 6828), (485, 46, 5779), (495, 28, 2869), (500, 32, 3033), (510, 50, 5291),
        (510, 40, 3384), (510, 32, 2741), (515, 44, 3867), (515, 36, 2841), (525, 50, 4506),
        (525, 38, 2651), (535, 46, 3395), (535, 40, 2561), (540, 46, 3208), (550, 50, 3404),
        (555, 48, 2950), (560, 44, 2316), (565, 40, 1795), (580, 48, 2183), (585, 40, 1398),
        (595, 48, 1808), (610, 42, 1117), (625, 44, 1007),
    )
)  # fmt: skip


def kept_near(
    squared_norms: Sequence[Interval],
    weights: Sequence[Fraction],
    span: int,
    largest_step: Fraction,
) -> int | None:
    """The near component of a region of Theorem E_n'; None if none applies.

    Parameters
    ----------
    squared_norms : sequence of (Fraction, Fraction)
        Bounds of ``|v_i|^2``.
    weights : sequence of Fraction
    span : int
        At least the dimension of the means' span.
    largest_step : Fraction
        Of all later steps.

    Examples
    --------
    >>> near, far = (Fraction(0), Fraction(1, 9)), (Fraction(22), Fraction(22))
    >>> kept_near([far, near, far], (Fraction(1, 3),) * 3, 1, Fraction(1, 20))
    1
    >>> kept_near([far, near, far], (Fraction(1, 3),) * 3, 1, Fraction(1, 4))
    """
    most_near = max(region.near for region in REGIONS)
    near = [i for i, (_, high) in enumerate(squared_norms) if high <= most_near**2]
    if len(near) != 1 or len(set(weights)) > 1 or not 0 < largest_step <= Fraction(1, 2):
        return None
    far = [low for i, (low, _) in enumerate(squared_norms) if i != near[0]]
    if not far:
        return None
    start = squared_norms[near[0]][1]
    with precision(_BITS):
        norms = [arb(ball(low).sqrt().lower()) for low in far]
        least = min(norms, key=float)
        for region in REGIONS:
            inside = start <= region.near**2 and min(far) >= region.far**2
            if (
                inside
                and beyond(least, region.near, len(weights), span) > ball(_SPARE)
                and _slow(region, norms, largest_step)
            ):
                return near[0]
    return None


def _slow(region: Region, norms: Sequence[arb], largest_step: Fraction) -> bool:
    """Whether ``v_1`` stays within the radius for all steps up to that: linear in the step."""
    pull = sum((drift_bound(a, region.near) for a in norms), arb(0))
    along, room = 4 * len(norms) * ball(region.pull), 4 * ball(region.near) ** 2
    return all(
        (1 + ball(_SPARE)) * ((1 - 2 * eta) * along + eta * pull * pull) <= (1 - eta) * room
        for eta in (arb(0), ball(largest_step))
    )
