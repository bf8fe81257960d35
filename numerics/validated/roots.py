"""All roots of a scalar function in an interval, with proofs: an interval Newton method in balls.

Every subinterval ends in one of three ways: *excluded* (proved free of roots), *root* (Newton's
operator maps an interval into its own interior, so exactly one root lies there) or *undecided*,
which is reported with its reason and never dropped. End points are exact fractions, so the
pieces cover the whole range without gaps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from flint import arb

from numerics.numbers.balls import ball as exact_ball
from numerics.numbers.balls import precision
from numerics.validated.interval import Box, Interval, halves, interval_of, log10_size
from numerics.validated.subdivision import Undecided, Zero, find_zeros, locate

#: Digits at which a search starts.
START_DIGITS = 15
#: Digits above which an unresolved value is reported as undecided instead of refined further.
GUARD_DIGITS = 400
_NOT_TOLD = (
    "not told from 0 at {} digits, the most that are tried: a multiple root, or two close ones"
)
_LEAST_WIDTH = "no narrower interval is tried: a multiple root, or two close ones"


class NoEnclosureError(ArithmeticError):
    """No useful enclosure on a box; boxes wider than ``width`` are split, others given up."""

    def __init__(self, reason: str, width: Fraction) -> None:
        super().__init__(reason)
        self.width = width


class ScalarFunction(Protocol):
    """A continuously differentiable function with enclosures of its values and derivative.

    Both methods must return a ball that contains the result for *every* point of the argument;
    ``digits`` asks for an absolute error near ``10**-digits`` at an exact argument.
    """

    def value(self, point: arb, digits: int) -> arb:
        """Enclose ``f(point)``."""
        ...

    def derivative(self, box: arb, digits: int) -> arb:
        """Enclose ``f'(x)`` for all ``x`` in ``box``; may raise `NoEnclosureError`."""
        ...


@dataclass(frozen=True)
class Root:
    """One root: ``enclosure`` contains it, and ``isolation`` contains no other.

    Attributes
    ----------
    enclosure, isolation : Interval
        Newton's operator maps ``isolation`` into its interior: existence and uniqueness proved.
    met : bool
        Whether the requested radius was reached.
    within_range : bool or None
        Whether the root lies in the searched range; ``None`` when it is on its very edge.
    """

    enclosure: Interval
    isolation: Interval
    met: bool = False
    within_range: bool | None = True


@dataclass(frozen=True)
class RootReport:
    """Outcome of `find_roots` on ``interval``.

    Examples
    --------
    >>> RootReport(Interval(Fraction(0), Fraction(1)), (), (), 0).complete
    True
    """

    interval: Interval
    roots: tuple[Root, ...]
    undecided: tuple[Undecided, ...]
    evaluations: int

    @property
    def complete(self) -> bool:
        """Whether all roots in the range are listed: nothing is left undecided."""
        return not self.undecided


def _bits(digits: int) -> int:
    return math.ceil((digits + 10) * 3.33) + 32


def find_roots(
    function: ScalarFunction,
    low: Fraction,
    high: Fraction,
    *,
    digits: int = 15,
    max_evaluations: int = 4000,
) -> RootReport:
    """Isolate all roots of a function in ``[low, high]`` and refine them.

    Newton's operator ``N(X) = c - f(c)/f'(X)``, ``c`` the middle of ``X``: a root in ``X`` lies in
    ``N(X)``; ``N(X)`` in the interior of ``X`` proves that exactly one exists (Moore; Krawczyk).

    Parameters
    ----------
    function : ScalarFunction
        Enclosures of the value and of the derivative.
    low, high : Fraction
        The range, exact.
    digits : int
        Each root is refined to a radius of at most ``10**-digits * max(1, |root|)``.
    max_evaluations : int
        Budget of evaluations of the isolation phase; what is left then is reported as undecided.

    Examples
    --------
    >>> class Square:
    ...     def value(self, point, digits):
    ...         return point * point - 2
    ...     def derivative(self, box, digits):
    ...         return 2 * box
    >>> from numerics.validated.interval import decimal_strings
    >>> report = find_roots(Square(), Fraction(0), Fraction(2), digits=20)
    >>> report.complete, decimal_strings(report.roots[0].enclosure, 20)[0]
    (True, '1.41421356237309504880')
    """
    whole = Interval(low, high)
    newton = _Newton(function, max_evaluations, whole.width / 2**50)
    # Breadth first: a cluster around a multiple root must not starve the rest of the range.
    zeros, undecided = find_zeros(
        (whole, START_DIGITS),
        newton.decide,
        refine=lambda zero: refine(function, zero, digits),
        order=lambda zero: zero.enclosure[0].low,
        breadth_first=True,
    )
    roots = (_root(zero, whole) for zero in zeros)
    inside = tuple(root for root in roots if root.within_range is not False)
    return RootReport(whole, inside, _merged(undecided), newton.evaluations)


#: An interval, and the digits at which it is looked at.
_Piece = tuple[Interval, int]


@dataclass
class _Newton:
    """Decides intervals by Newton's operator, raising the digits where they limit the outcome."""

    function: ScalarFunction
    budget: int
    least: Fraction
    evaluations: int = 0

    def decide(self, piece: _Piece) -> list[_Piece] | tuple[Zero | Undecided, ...]:
        """Decide one piece, or return what is left of it."""
        side, digits = piece
        if side.width < self.least:
            return _given_up(side, _LEAST_WIDTH)
        if self.evaluations >= self.budget:
            return _given_up(
                side, f"budget of {self.budget} evaluations spent: a narrower range may decide"
            )
        try:
            slope = self.derivative(side, digits)
        except NoEnclosureError as error:
            wide = side.width > error.width
            return _halves(side, digits) if wide else _given_up(side, str(error))
        value, digits, resolved = self.resolve(side, slope, digits)
        with precision(_bits(digits)):
            whole = value + slope * (side.ball() - exact_ball(side.middle))
            if whole.is_finite() and not whole.contains(0):
                return ()
        if slope.contains(0) or not slope.is_finite():
            noisy = _too_coarse(slope, digits)
            if noisy and digits < GUARD_DIGITS:
                return [(side, 2 * digits)]
            if noisy and not resolved:
                reason = f"value and derivative {_NOT_TOLD.format(digits)}"
                return _given_up(side, reason)
            return _halves(side, digits)
        image = newton_image(side.middle, value, slope, digits)
        found = locate(
            (side,), image, lambda wider: self.image(side.middle, value, wider[0], digits)
        )
        if found is not None:
            return found
        left = side if image is None else side.meet(image[0]) or side
        if 2 * left.width <= side.width:
            return [(left, digits)]
        if not resolved:
            return _given_up(left, f"value {_NOT_TOLD.format(digits)}")
        return _halves(left, digits)

    def image(self, middle: Fraction, value: arb, around: Interval, digits: int) -> Box | None:
        """Newton's operator with the derivative over a larger interval."""
        try:
            return newton_image(middle, value, self.derivative(around, digits), digits)
        except NoEnclosureError:
            return None

    def resolve(self, piece: Interval, slope: arb, digits: int) -> tuple[arb, int, bool]:
        """Value at the middle, digits raised until it is told from 0 or small beside the slope."""
        while True:
            self.evaluations += 1
            with precision(_bits(digits)):
                value = self.function.value(exact_ball(piece.middle), digits)
                reach = slope.abs_upper() * exact_ball(piece.width) / 100
                if not value.contains(0) or bool(value.rad() < reach):
                    return value, digits, True
            if 2 * digits > GUARD_DIGITS:
                return value, digits, False
            digits *= 2

    def derivative(self, piece: Interval, digits: int) -> arb:
        self.evaluations += 1
        with precision(_bits(digits)):
            return self.function.derivative(piece.ball(), digits)


def _halves(side: Interval, digits: int) -> list[_Piece]:
    return [(half, digits) for half in halves(side)]


def _given_up(side: Interval, reason: str) -> tuple[Undecided]:
    return (Undecided((side,), reason),)


def _too_coarse(slope: arb, digits: int) -> bool:
    """Whether a derivative's radius is of the order of the quadrature error, not of the box."""
    return bool(slope.is_finite()) and bool(slope.rad() < arb(1000) * arb(10) ** -digits)


def newton_image(centre: Fraction, value: arb, slope: arb, digits: int) -> Box | None:
    """``centre - value/slope`` as an exact interval, ``None`` when it is unbounded."""
    with precision(_bits(digits)):
        side = interval_of(exact_ball(centre) - value / slope)
    return None if side is None else (side,)


def refine(function: ScalarFunction, zero: Zero, digits: int) -> Zero:
    """Contract a root's enclosure by Newton's operator to radius ``10**-digits * max(1, |root|)``.

    The number of correct digits doubles in each round; value and derivative are asked only for
    the digits that the round can use.
    """
    (enclosure,), extra, stalled = zero.enclosure, 5, 0
    size = max(Fraction(1), abs(enclosure.low), abs(enclosure.high))
    target = 2 * size / Fraction(10) ** digits
    while enclosure.width > target and stalled < 8:
        known = max(2, math.ceil(-log10_size(enclosure.width)))
        smallness, slope_digits = 0, known + extra
        with precision(_bits(slope_digits)):
            slope = function.derivative(enclosure.ball(), slope_digits)
        if slope.contains(0) or not slope.is_finite():
            stalled, extra = stalled + 1, 2 * extra
            continue
        around = interval_of(slope)
        if around is not None:
            smallness = max(0, math.ceil(-log10_size(max(abs(around.low), abs(around.high)))))
        value_digits = min(2 * known, digits + 2) + smallness + extra
        centre = _rounded(enclosure.middle, value_digits + 5)
        with precision(_bits(value_digits)):
            value = function.value(exact_ball(centre), value_digits)
        newton = newton_image(centre, value, slope, value_digits)
        smaller = enclosure if newton is None else enclosure.meet(newton[0])
        if smaller is None:
            raise ArithmeticError("two enclosures of one root are disjoint")
        if 2 * smaller.width > enclosure.width:
            stalled, extra = stalled + 1, 2 * extra
        enclosure = smaller
    return replace(zero, enclosure=(enclosure,), met=enclosure.width <= target)


def _rounded(number: Fraction, digits: int) -> Fraction:
    scale = 2 ** math.ceil(3.33 * digits)
    return Fraction(round(number * scale), scale)


def _root(zero: Zero, whole: Interval) -> Root:
    (enclosure,), (isolation,) = zero.enclosure, zero.isolation
    shared = enclosure.meet(whole)
    place = False if shared is None else True if shared == enclosure else None
    return Root(enclosure, isolation, zero.met, place)


def _merged(pieces: Sequence[Undecided]) -> tuple[Undecided, ...]:
    """Join adjacent undecided pieces that share a reason."""
    joined: list[Undecided] = []
    for piece in sorted(pieces, key=lambda item: item.interval.low):
        last = joined[-1] if joined else None
        if last and last.reason == piece.reason and last.interval.high >= piece.interval.low:
            high = max(last.interval.high, piece.interval.high)
            joined[-1] = Undecided((Interval(last.interval.low, high),), piece.reason)
        else:
            joined.append(piece)
    return tuple(joined)
