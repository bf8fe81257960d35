"""Intervals and boxes with exact ends, so that pieces cover a region without gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flint import arb

from numerics.numbers.balls import ball as exact_ball
from numerics.numbers.balls import exact_rational
from numerics.numbers.exact import rounded


@dataclass(frozen=True)
class Interval:
    """A closed interval with exact end points."""

    low: Fraction
    high: Fraction

    @property
    def width(self) -> Fraction:
        """Length of the interval."""
        return self.high - self.low

    @property
    def middle(self) -> Fraction:
        """A dyadic point near the midpoint: short and exact in binary arithmetic."""
        exact = (self.low + self.high) / 2
        if self.width == 0:
            return exact
        shift = 10 + self.width.denominator.bit_length() - self.width.numerator.bit_length()
        unit = Fraction(2) ** -shift
        return round(exact / unit) * unit

    def inside(self, other: Interval) -> bool:
        """Whether this interval lies in the interior of the other."""
        return other.low < self.low and self.high < other.high

    def meet(self, other: Interval) -> Interval | None:
        """Return the intersection, ``None`` when it is empty."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Interval(low, high) if low <= high else None

    def inflated(self) -> Interval:
        """Return the interval widened by half its width on either side."""
        return Interval(self.low - self.width / 2, self.high + self.width / 2)

    def ball(self) -> arb:
        """Return a ball that contains the interval, at the current precision."""
        return exact_ball(self.low).union(exact_ball(self.high))


Box = tuple[Interval, ...]


def interval_of(ball: arb) -> Interval | None:
    """Exact interval containing a ball, ``None`` when the ball is not finite.

    Examples
    --------
    >>> interval_of(arb(3)) == Interval(Fraction(3), Fraction(3))
    True
    """
    if not ball.is_finite():
        return None
    return Interval(exact_rational(ball.lower()), exact_rational(ball.upper()))


def centre(box: Box) -> tuple[Fraction, ...]:
    """Dyadic points near the middles of the sides."""
    return tuple(side.middle for side in box)


def box_around(point: Sequence[Fraction], radius: Fraction) -> Box:
    """Cube around a point.

    Examples
    --------
    >>> box_around([Fraction(1)], Fraction(1, 2)) == (Interval(Fraction(1, 2), Fraction(3, 2)),)
    True
    """
    return tuple(Interval(x - radius, x + radius) for x in point)


def inside(inner: Box, outer: Box) -> bool:
    """Whether a box lies in the interior of another."""
    return all(a.inside(b) for a, b in zip(inner, outer, strict=True))


def meet(first: Box, second: Box) -> Box | None:
    """Intersection of two boxes, None when it is empty."""
    sides = []
    for a, b in zip(first, second, strict=True):
        shared = a.meet(b)
        if shared is None:
            return None
        sides.append(shared)
    return tuple(sides)


def halves(piece: Interval) -> list[Interval]:
    """Both halves of an interval, the lower one first."""
    return [Interval(piece.low, piece.middle), Interval(piece.middle, piece.high)]


def split(box: Box) -> list[Box]:
    """Both halves of a box across its widest side, the upper one first."""
    widest = max(range(len(box)), key=lambda k: box[k].width)
    return [(*box[:widest], half, *box[widest + 1 :]) for half in reversed(halves(box[widest]))]


def log10_size(number: Fraction) -> float:
    """Rough decimal logarithm of ``|number|``, used to choose precisions only."""
    if number == 0:
        return -math.inf
    return (abs(number.numerator).bit_length() - number.denominator.bit_length()) * math.log10(2)


def decimal_strings(interval: Interval, digits: int) -> tuple[str, str]:
    """Decimal midpoint and radius such that ``mid +- rad`` as printed contains the interval.

    Examples
    --------
    >>> decimal_strings(Interval(Fraction(1, 3), Fraction(1, 3)), 5)
    ('0.33333', '0.00000334')
    """
    scale = 10**digits
    shown = round((interval.low + interval.high) / 2 * scale)
    middle = Fraction(shown, scale)
    radius = max(middle - interval.low, interval.high - middle)
    sign, whole = ("-" if shown < 0 else ""), abs(shown)
    return f"{sign}{whole // scale}.{whole % scale:0{digits}d}", _radius_text(radius)


def _radius_text(radius: Fraction) -> str:
    """Three significant digits, rounded up."""
    if radius == 0:
        return "0"
    mantissa, exponent = rounded(radius, 3, up=True)
    return str(Decimal(f"{mantissa}e{exponent}")).lower()
