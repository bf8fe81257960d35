"""All zeros of a system in a box: exclusion by the mean value form, uniqueness by Krawczyk.

Every sub-box ends in one of three ways: *excluded* (some function has no zero in it, or Krawczyk's
image misses it), *zero* (Krawczyk's operator shows exactly one on a somewhat larger box) or
*undecided*, which is reported and never dropped. Sub-boxes have exact ends and share sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from numerics.flint_context import precision
from numerics.krawczyk import (
    Box,
    System,
    Zero,
    centre,
    image,
    inside,
    mean_value_form,
    meet,
    offsets,
    prove_zero,
)
from numerics.roots import halves

_BITS = 96
#: Boxes wider than this are halved without being looked at.
_WIDEST = Fraction(1, 2)


@dataclass(frozen=True)
class Search:
    """Outcome of `all_zeros`.

    Attributes
    ----------
    region : Box
    zeros : tuple of Zero
        All zeros in the region; some may lie just outside, within their isolation.
    undecided : tuple of Box
        Sub-boxes about which nothing is proved.
    boxes : int
        Sub-boxes looked at.
    """

    region: Box
    zeros: tuple[Zero, ...]
    undecided: tuple[Box, ...]
    boxes: int

    @property
    def complete(self) -> bool:
        """Whether every zero in the region is listed."""
        return not self.undecided


def all_zeros(
    system: System,
    region: Box,
    *,
    least: Fraction = Fraction(1, 10**4),
    max_boxes: int = 100_000,
) -> Search:
    """Find all zeros of a system in a box, with proof.

    Parameters
    ----------
    system : System
    region : Box
    least : Fraction
        Boxes narrower than this are given up.
    max_boxes : int
        Boxes to look at; what is left is reported as undecided.

    Examples
    --------
    >>> from numerics.flint_context import ball
    >>> from numerics.roots import Interval
    >>> class Square:
    ...     def value(self, point):
    ...         return [ball(point[0]) ** 2 - 2]
    ...     def jacobian(self, box):
    ...         return [[2 * box[0].ball()]]
    >>> found = all_zeros(Square(), (Interval(Fraction(-3), Fraction(3)),))
    >>> found.complete, [round(float(zero.centre[0]), 2) for zero in found.zeros]
    (True, [-1.42, 1.42])
    """
    zeros: list[Zero] = []
    undecided: list[Box] = []
    pending, looked = [region], 0
    while pending:
        box = pending.pop()
        width = max(side.width for side in box)
        if width <= _WIDEST:
            if looked >= max_boxes:
                undecided.append(box)
                continue
            looked += 1
            if _decided(system, box, zeros):
                continue
            if width < least:
                undecided.append(box)
                continue
        pending += _split(box)
    return Search(region, tuple(_distinct(zeros)), tuple(undecided), looked)


def _decided(system: System, box: Box, zeros: list[Zero]) -> bool:
    """Exclude a box or find its only zero."""
    if any(inside(box, known.isolation) and meet(box, known.enclosure) is None for known in zeros):
        return True
    with precision(_BITS):
        middle = centre(box)
        reach = offsets(box, middle)
        value, jacobian = system.value(middle), system.jacobian(box)
        form = mean_value_form(value, jacobian, reach)
        if any(entry.is_finite() and not entry.contains(0) for entry in form):
            return True
        found = image(middle, value, jacobian, reach)
    if found is None:
        return False
    if meet(found, box) is None:
        return True
    if inside(found, box):
        zeros.append(Zero(found, box))
        return True
    # A zero on the side of a box shows on a larger one only.
    zero = prove_zero(system, tuple(side.inflated() for side in box))
    if zero is not None:
        if meet(zero.enclosure, box) is not None:
            zeros.append(zero)
        return True
    return False


def _split(box: Box) -> list[Box]:
    """Halve the widest side."""
    widest = max(range(len(box)), key=lambda k: box[k].width)
    return [(*box[:widest], half, *box[widest + 1 :]) for half in reversed(halves(box[widest]))]


def _distinct(zeros: Sequence[Zero]) -> list[Zero]:
    """Drop repetitions: a zero whose enclosure lies where another one is the only zero."""
    kept: list[Zero] = []
    for zero in sorted(zeros, key=lambda item: item.centre):
        if not any(
            inside(zero.enclosure, other.isolation) or inside(other.enclosure, zero.isolation)
            for other in kept
        ):
            kept.append(zero)
    return kept
