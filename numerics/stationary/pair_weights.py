"""One stationary point of two components for each quotient of weights, in the compact part.

As `numerics.stationary.pair_classification`, for all ``l = log(pi_2/pi_1)`` of a range: on wide
pieces of it boxes away from the point are excluded, on narrow ones Krawczyk's operator shows that
the box left around the point has exactly one zero, for every ``l`` of the piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from numerics.numbers.balls import ball
from numerics.stationary.pair_classification import NEAR_GAP
from numerics.stationary.pair_system import PairSystem
from numerics.validated.interval import Box, Interval, box_around, halves, meet
from numerics.validated.krawczyk import (
    Balls,
    Matrix,
    all_zeros,
    apply,
    approximate_inverse,
    prove_zero_near,
)
from numerics.validated.subdivision import subdivide

#: Widths of the pieces of ``l``: where boxes are excluded, and where the point is isolated, at most
#: and at least.
_WIDE, _NARROW, _NARROWEST = Fraction(1, 10), Fraction(1, 75), Fraction(1, 1000)
#: Half the width of the box left around the point on a wide piece, and of boxes that isolate it.
_LEFT = Fraction(1, 8)
_RADII = (Fraction(1, 20), Fraction(1, 30), Fraction(1, 50))
_LEAST = Fraction(1, 1000)
_NEWTON_STEPS = 6
#: Near the point of equal weights, where Newton's method starts.
_START: tuple[Fraction, ...] = (Fraction("1.228"), Fraction("2.456"))


@dataclass(frozen=True)
class PiecewiseSystem:
    """`PairSystem` for all ``l`` of a piece, its values by the mean value form in ``l``.

    Attributes
    ----------
    piece : Interval
    """

    piece: Interval

    @property
    def _whole(self) -> PairSystem:
        return PairSystem(self.piece.ball())

    def value(self, point: Sequence[Fraction]) -> Balls:
        """Enclose the system at a point for every ``l``."""
        middle = self.piece.middle  # not the midpoint exactly
        place = tuple(Interval(x, x) for x in point)
        moved = self._whole.by_odds(place)
        offset = ball(self.piece.low - middle).union(ball(self.piece.high - middle))
        values = PairSystem(ball(middle)).value(point)
        return [value + rate * offset for value, rate in zip(values, moved, strict=True)]

    def jacobian(self, box: Box) -> Matrix:
        """Enclose the Jacobian over a box for every ``l``."""
        return self._whole.jacobian(box)


def undecided_piece(low: Fraction, high: Fraction, gap: Fraction, up: Fraction) -> Interval | None:
    """The first piece of ``low <= l <= high`` for which more than one point is not excluded.

    None if for every ``l`` at most one stationary point has ``NEAR_GAP <= a <= gap`` and ``0 <= c
    <= up``.

    Examples
    --------
    >>> edges = Fraction(3), Fraction(2)
    >>> undecided_piece(Fraction(0), Fraction(1, 50), *edges) is None
    True
    """
    region: Box = (Interval(Fraction(0), up), Interval(NEAR_GAP, gap))
    point = continued(low)
    for wide in pieces(low, high, _WIDE):
        point = newton(wide.middle, point)
        left = meet(box_around(point, _LEFT), region)
        if left is None or not all(_empty(wide, part) for part in beside(left, region)):
            return wide
        for failed in subdivide([wide], partial(_not_isolated, left, point)):
            if failed is not None:
                return failed
    return None


def pieces(low: Fraction, high: Fraction, width: Fraction) -> Iterator[Interval]:
    """Equal pieces of a range, at most that wide.

    Examples
    --------
    >>> [str(piece.high) for piece in pieces(Fraction(0), Fraction(1), Fraction(2, 5))]
    ['1/3', '2/3', '1']
    """
    count = max(1, -((low - high) // width))
    for k in range(count):
        yield Interval(low + k * (high - low) / count, low + (k + 1) * (high - low) / count)


def beside(left: Box, region: Box) -> tuple[Box, ...]:
    """Boxes that cover a region together with one in it.

    Examples
    --------
    >>> whole = Interval(Fraction(0), Fraction(3)), Interval(Fraction(0), Fraction(3))
    >>> inner = Interval(Fraction(1), Fraction(2)), Interval(Fraction(1), Fraction(2))
    >>> len(beside(inner, whole))
    4
    """
    (c, a), (places, gaps) = left, region
    return (
        (Interval(places.low, c.low), gaps),
        (Interval(c.high, places.high), gaps),
        (c, Interval(gaps.low, a.low)),
        (c, Interval(a.high, gaps.high)),
    )


def newton(odds: Fraction, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Approximate the stationary point near another one: a proposal."""
    system, found = PairSystem(ball(odds)), tuple(point)
    for _ in range(_NEWTON_STEPS):
        inverse = approximate_inverse(system.jacobian(box_around(found, Fraction(0))))
        if inverse is None:
            break
        step = apply(inverse, system.value(found))
        found = tuple(Fraction(float(x) - float(s.mid())) for x, s in zip(found, step, strict=True))
    return found


def continued(odds: Fraction) -> tuple[Fraction, ...]:
    """Approximate the point at some odds, from that of equal weights by small changes."""
    point, count = _START, max(1, round(abs(odds) / _WIDE))
    for k in range(1, count + 1):
        point = newton(odds * k / count, point)
    return point


def _empty(piece: Interval, part: Box) -> bool:
    """Whether a part of the region has no stationary point for any ``l`` of a piece."""
    found = all_zeros(PiecewiseSystem(piece), part, least=_LEAST)
    return found.complete and not found.zeros


def _not_isolated(
    left: Box, near: Sequence[Fraction], piece: Interval
) -> list[Interval] | Interval | None:
    """None if the box has one point at most, halves of the piece, or a piece that is too small."""
    if piece.width <= _NARROW and _at_most_one(piece, left, newton(piece.middle, near)):
        return None
    return piece if piece.width < _NARROWEST else halves(piece)


def _at_most_one(piece: Interval, left: Box, point: Sequence[Fraction]) -> bool:
    """Whether a box has at most one stationary point for every ``l`` of a piece."""
    system = PiecewiseSystem(piece)
    zero = prove_zero_near(system, point, _RADII)
    if zero is None:
        return False
    found = all_zeros(system, left, least=_LEAST, known=(zero,))
    return found.complete and len(found.zeros) == 1
