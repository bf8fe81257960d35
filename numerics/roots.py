"""All roots of a scalar function in an interval, with proofs: an interval Newton method in balls.

Every subinterval ends in one of three ways: *excluded* (proved free of roots), *root* (Newton's
operator maps an interval into its own interior, so exactly one root lies there) or *undecided*,
which is reported with its reason and never dropped. End points are exact fractions, so the
pieces cover the whole range without gaps.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from flint import arb

from numerics.flint_context import ball as exact_ball
from numerics.flint_context import precision

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
class Undecided:
    """A subinterval about which nothing is proved, and why."""

    interval: Interval
    reason: str


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


def interval_of(ball: arb) -> Interval | None:
    """Exact interval containing a ball, ``None`` when the ball is not finite.

    Examples
    --------
    >>> interval_of(arb(3)) == Interval(Fraction(3), Fraction(3))
    True
    """
    if not ball.is_finite():
        return None
    return Interval(_dyadic(ball.lower()), _dyadic(ball.upper()))


def _dyadic(endpoint: arb) -> Fraction:
    mantissa, exponent = (int(part) for part in endpoint.mid().man_exp())
    return Fraction(mantissa * 2**exponent) if exponent >= 0 else Fraction(mantissa, 2**-exponent)


def log10_size(number: Fraction) -> float:
    """Rough decimal logarithm of ``|number|``, used to choose precisions only."""
    if number == 0:
        return -math.inf
    return (abs(number.numerator).bit_length() - number.denominator.bit_length()) * math.log10(2)


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
    >>> report = find_roots(Square(), Fraction(0), Fraction(2), digits=20)
    >>> report.complete, decimal_strings(report.roots[0].enclosure, 20)[0]
    (True, '1.41421356237309504880')
    """
    search = _Search(function, max_evaluations)
    whole = Interval(low, high)
    search.run(whole)
    refined = [refine(function, root, digits) for root in search.roots]
    roots = tuple(
        placed
        for root in _distinct(refined)
        if (placed := _placed(root, whole)).within_range is not False
    )
    return RootReport(whole, roots, tuple(_merged(search.undecided)), search.evaluations)


@dataclass
class _Search:
    """Working state of the isolation phase."""

    function: ScalarFunction
    budget: int
    evaluations: int = 0
    roots: list[Root] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)

    def run(self, whole: Interval) -> None:
        # Breadth first: a cluster around a multiple root must not starve the rest of the range.
        queue = deque([(whole, START_DIGITS)])
        least = whole.width / 2**50
        while queue:
            piece, digits = queue.popleft()
            if self.evaluations >= self.budget:
                reason = f"budget of {self.budget} evaluations spent: a narrower range may decide"
                self.undecided.append(Undecided(piece, reason))
                continue
            rest, digits, reason = self.step(piece, digits)
            for part in rest:
                if part.width < least or reason:
                    self.undecided.append(Undecided(part, reason or _LEAST_WIDTH))
                else:
                    queue.append((part, digits))

    def step(self, piece: Interval, digits: int) -> tuple[list[Interval], int, str]:
        """Decide one piece or return what is left of it, the digits to use and why it must stop."""
        try:
            slope = self.derivative(piece, digits)
        except NoEnclosureError as error:
            wide = piece.width > error.width
            return (halves(piece), digits, "") if wide else ([piece], digits, str(error))
        value, digits, resolved = self.resolve(piece, slope, digits)
        with precision(_bits(digits)):
            whole = value + slope * (piece.ball() - exact_ball(piece.middle))
            if whole.is_finite() and not whole.contains(0):
                return [], digits, ""
        if slope.contains(0) or not slope.is_finite():
            slope_noise = _too_coarse(slope, digits)
            if slope_noise and digits < GUARD_DIGITS:
                return [piece], 2 * digits, ""
            if not resolved and slope_noise:
                return [piece], digits, f"value and derivative {_NOT_TOLD.format(digits)}"
            return halves(piece), digits, ""
        newton = newton_image(piece.middle, value, slope, digits)
        if newton is not None and newton.inside(piece):
            self.roots.append(Root(newton, piece))
            return [], digits, ""
        left = piece.meet(newton) if newton is not None else piece
        if left is None or self.on_the_edge(piece, value, digits):
            return [], digits, ""
        if not resolved and 2 * left.width > piece.width:
            return [left], digits, f"value {_NOT_TOLD.format(digits)}"
        return ([left] if 2 * left.width <= piece.width else halves(left)), digits, ""

    def on_the_edge(self, piece: Interval, value: arb, digits: int) -> bool:
        """Decide a piece whose root may sit on its edge, by Newton's operator on a wider piece."""
        wider = piece.inflated()
        try:
            slope = self.derivative(wider, digits)
        except NoEnclosureError:
            return False
        if slope.contains(0) or not slope.is_finite():
            return False
        newton = newton_image(piece.middle, value, slope, digits)
        if newton is None or not newton.inside(wider):
            return False
        if piece.meet(newton) is not None:
            self.roots.append(Root(newton, wider))
        return True

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


def _too_coarse(slope: arb, digits: int) -> bool:
    """Whether a derivative's radius is of the order of the quadrature error, not of the box."""
    return bool(slope.is_finite()) and bool(slope.rad() < arb(1000) * arb(10) ** -digits)


def halves(piece: Interval) -> list[Interval]:
    """Both halves of an interval, the lower one first."""
    return [Interval(piece.low, piece.middle), Interval(piece.middle, piece.high)]


def newton_image(centre: Fraction, value: arb, slope: arb, digits: int) -> Interval | None:
    """``centre - value/slope`` as an exact interval, ``None`` when it is unbounded."""
    with precision(_bits(digits)):
        return interval_of(exact_ball(centre) - value / slope)


def refine(function: ScalarFunction, root: Root, digits: int) -> Root:
    """Contract a root's enclosure by Newton's operator to radius ``10**-digits * max(1, |root|)``.

    The number of correct digits doubles in each round; value and derivative are asked only for
    the digits that the round can use.
    """
    enclosure, extra, stalled = root.enclosure, 5, 0
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
        smaller = enclosure.meet(newton) if newton is not None else enclosure
        if smaller is None:
            raise ArithmeticError("two enclosures of one root are disjoint")
        if 2 * smaller.width > enclosure.width:
            stalled, extra = stalled + 1, 2 * extra
        enclosure = smaller
    return replace(root, enclosure=enclosure, met=enclosure.width <= target)


def _rounded(number: Fraction, digits: int) -> Fraction:
    scale = 2 ** math.ceil(3.33 * digits)
    return Fraction(round(number * scale), scale)


def _distinct(roots: list[Root]) -> list[Root]:
    """Drop repetitions: a root whose enclosure lies where another one is the only root."""
    kept: list[Root] = []
    for root in sorted(roots, key=lambda item: item.enclosure.low):
        if not any(_same(root, other) for other in kept):
            kept.append(root)
    return kept


def _same(first: Root, second: Root) -> bool:
    return first.enclosure.inside(second.isolation) or second.enclosure.inside(first.isolation)


def _placed(root: Root, whole: Interval) -> Root:
    shared = root.enclosure.meet(whole)
    if shared is None:
        return replace(root, within_range=False)
    return replace(root, within_range=True if shared == root.enclosure else None)


def _merged(pieces: list[Undecided]) -> list[Undecided]:
    """Join adjacent undecided pieces that share a reason."""
    joined: list[Undecided] = []
    for piece in sorted(pieces, key=lambda item: item.interval.low):
        last = joined[-1] if joined else None
        if last and last.reason == piece.reason and last.interval.high >= piece.interval.low:
            high = max(last.interval.high, piece.interval.high)
            joined[-1] = Undecided(Interval(last.interval.low, high), piece.reason)
        else:
            joined.append(piece)
    return joined


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
    exponent = math.floor(log10_size(radius)) - 3
    steps = math.ceil(radius / Fraction(10) ** exponent)
    while steps >= 1000:
        steps, exponent = -(-steps // 10), exponent + 1
    return str(Decimal((0, tuple(int(digit) for digit in str(steps)), exponent))).lower()
