r"""The checker's own test of Theorem E_n': one near component, smaller steps, larger regions.

Forward loss, equal weights, ``|v_1| <= eps``, all other ``|v_k| >= rho``, all steps at most
``eta <= 1/2``. What Theorem E_n asks of the near component is replaced by

    4 (1 - 2 eta) (n - 1) M + eta (sum_k bound(|v_k|, eps))^2 <= 4 (1 - eta) eps^2

for a region ``(rho, eps, M)`` of Lemma V' (``proofs-check prove V-prime``). It is linear in the
step: it holds for all steps between 0 and one if for these two. Nothing is shared with
`numerics.fates.small_steps`; that Lemma V' holds for each region is the kernel's to confirm.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import flint
from flint import arb, fmpq

from proofs_check.certificates.distinct_far import far_enough, pull
from proofs_check.certificates.file_format import Certificate

Bounds = tuple[Fraction, Fraction]

_BITS = 80


class Region(NamedTuple):
    """``|v_1| <= near``, all others ``>= far``: each then adds at most ``pull`` to ``-v_1.D/2``."""

    far: Fraction
    near: Fraction
    pull: Fraction

    def __str__(self) -> str:
        return f"Theorem E_n' for |v_1| <= {self.near} and all others beyond {self.far}"


_ROWS = """
    4.10 0.48 0.12370; 4.25 0.50 0.11810; 4.40 0.50 0.10387; 4.65 0.50 0.08280;
    4.80 0.28 0.03304; 4.85 0.50 0.06828; 4.85 0.46 0.05779; 4.95 0.28 0.02869;
    5.00 0.32 0.03033; 5.10 0.50 0.05291; 5.10 0.40 0.03384; 5.10 0.32 0.02741;
    5.15 0.44 0.03867; 5.15 0.36 0.02841; 5.25 0.50 0.04506; 5.25 0.38 0.02651;
    5.35 0.46 0.03395; 5.35 0.40 0.02561; 5.40 0.46 0.03208; 5.50 0.50 0.03404;
    5.55 0.48 0.02950; 5.60 0.44 0.02316; 5.65 0.40 0.01795; 5.80 0.48 0.02183;
    5.85 0.40 0.01398; 5.95 0.48 0.01808; 6.10 0.42 0.01117; 6.25 0.44 0.01007
"""
REGIONS = tuple(Region(*map(Fraction, row.split())) for row in _ROWS.split(";"))


def applies(
    near: Bounds, far: Sequence[Bounds], components: int, span: int, step: Bounds
) -> bool | None:
    """Whether the theorem applies for all squared norms and steps in the bounds; None: it may.

    Examples
    --------
    >>> near, far = (Fraction(0), Fraction(1, 9)), (Fraction(22), Fraction(22))
    >>> slow, fast = (Fraction(1, 20),) * 2, (Fraction(1, 4),) * 2
    >>> applies(near, [far, far], 3, 1, slow), applies(near, [far, far], 3, 1, fast)
    (True, False)
    """
    if region_for(near[1], [low for low, _ in far], components, span, step[1]):
        return True
    best = region_for(near[0], [high for _, high in far], components, span, step[0])
    return None if best else False


def region_for(
    near: Fraction, far: Sequence[Fraction], components: int, span: int, step: Fraction
) -> Region | None:
    """The first region whose theorem applies at these squared norms, for steps up to that.

    Examples
    --------
    >>> found = region_for(Fraction(1, 9), [Fraction(22)] * 2, 3, 1, Fraction(1, 20))
    >>> str(found)
    "Theorem E_n' for |v_1| <= 1/2 and all others beyond 93/20"
    """
    if len(far) != components - 1 or not far or not 0 < step <= Fraction(1, 2):
        return None
    before = flint.ctx.prec
    flint.ctx.prec = _BITS
    try:
        return next((r for r in REGIONS if _holds(r, near, far, components, span, step)), None)
    finally:
        flint.ctx.prec = before


def _holds(
    region: Region,
    near: Fraction,
    far: Sequence[Fraction],
    components: int,
    span: int,
    step: Fraction,
) -> bool:
    if near > region.near**2 or min(far) < region.far**2:
        return False
    eps = _ball(region.near)
    norms = [arb(_ball(square).sqrt().lower()) for square in far]
    if not all(far_enough(a, eps, components, span) for a in norms):
        return False
    size = sum((pull(a, eps) for a in norms), arb(0))
    return all(
        (1 - 2 * eta) * len(far) * _ball(region.pull) + eta * size**2 / 4 <= (1 - eta) * eps**2
        for eta in (arb(0), _ball(step))
    )


def certified_region(certificate: Certificate) -> Region | None:
    """A region whose theorem applies to everything in the claimed enclosures of the last step.

    The dimension is that of the means.

    Parameters
    ----------
    certificate : Certificate
        Of Theorem E_n'.
    """
    _, rows = certificate.checkpoints[-1]
    squares = [_square(row) for row in rows]
    if certificate.fates.count("converged") != 1:
        return None
    near = squares.pop(certificate.fates.index("converged"))
    time = _ball(certificate.time)
    size = (_ball(certificate.largest_step) * (-2 * time).exp()).upper()
    mantissa, exponent = size.mid().man_exp()
    step = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    far = [low for low, _ in squares]
    return region_for(near[1], far, len(rows), len(certificate.teacher_mean), step)


def _square(row: Sequence[tuple[Fraction, Fraction]]) -> Bounds:
    """Bounds of the squared norm of what a row of balls encloses."""
    low = sum((max(abs(middle) - radius, Fraction(0)) ** 2 for middle, radius in row), Fraction(0))
    return low, sum(((abs(middle) + radius) ** 2 for middle, radius in row), Fraction(0))


def _ball(value: Fraction | int) -> arb:
    exact = Fraction(value)
    return arb(fmpq(exact.numerator, exact.denominator))
