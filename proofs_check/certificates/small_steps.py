r"""The checker's own test of Theorem E_n': one near component, smaller steps, larger regions.

Forward loss, equal weights, ``|v_1| <= eps``, all other ``|v_k| >= rho``, all steps at most
``eta <= 1/2``. What Theorem E_n asks of the near component is replaced by

    4 (1 - 2 eta) (n - 1) M + eta (sum_k bound(|v_k|, eps))^2 <= 4 (1 - eta) eps^2

for a region ``(rho, eps, M)`` of Lemma V' (``proofs-check prove V-prime``). It is linear in the
step: it holds for all steps between 0 and one if for these two. With `numerics.fates.small_steps`
only the list of regions is shared; that Lemma V' holds for each is the kernel's to confirm.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import flint
from flint import arb, fmpq

from numerics.fates.small_steps import REGIONS, Region
from proofs_check.certificates.distinct_far import far_enough, pull
from proofs_check.certificates.file_format import Certificate

Bounds = tuple[Fraction, Fraction]

_BITS = 80


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
    if near > region.near**2 or min(far) < max(region.far**2, Fraction(span + 4)):
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
