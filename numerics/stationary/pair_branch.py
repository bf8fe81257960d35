r"""The stationary point of two components followed in the weights, with a proved branch.

The unknowns ``z = (c, a)`` of `numerics.stationary.pair_system`, the parameter ``l =
log(pi_2/pi_1)``. A *tube* covers ``|l - l_0| <= h`` by the moving box ``z_0 + s (l - l_0) + U``.
Over the whole tube

.. math::
    K = -Y \bigl[F(z_0, l_0) + (F_z s + F_l)(\Lambda - l_0)\bigr] + (I - Y F_z) U,

and ``K`` in the interior of ``U`` proves: for every ``l`` there is exactly one stationary point in
the moving box, the Jacobian is regular there, and so the points form one smooth curve. Consecutive
tubes belong to one curve when the first one's ``K``, moved to the common ``l``, lies inside the
second one's ``U``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from flint import arb

from numerics.numbers.balls import ball, precision
from numerics.stationary.pair_system import PairSystem
from numerics.validated.interval import Box, Interval, box_around, centre, inside, interval_of
from numerics.validated.krawczyk import (
    Balls,
    apply,
    approximate_inverse,
    defect,
    prove_zero,
    refine,
)

_BITS = 96
_FIRST_REACH = Fraction(1, 256)
_LONGEST_REACH = Fraction(1, 4)
_SHORTEST_REACH = Fraction(1, 2**16)
#: Half-width of the moving box over the half-width of the tube.
_SHARES = tuple(Fraction(k, 4) for k in (2, 1, 4, 8))
_ROUNDING = 2**24


@dataclass(frozen=True)
class Tube:
    """One stationary point for every ``l`` in an interval.

    Attributes
    ----------
    odds : Interval
        The interval of ``l``.
    middle : (Fraction, Fraction)
        ``z_0 = (c, a)``.
    slope : (Fraction, Fraction)
        ``s``.
    box, image : Box
        ``U``, in which the point is unique, and ``K``, in which it lies.
    saddle : bool
        Whether the Hessian's determinant is proved negative in the tube: one negative and one
        positive eigenvalue (``d = 1``).
    """

    odds: Interval
    middle: tuple[Fraction, Fraction]
    slope: tuple[Fraction, Fraction]
    box: Box
    image: Box
    saddle: bool

    def at(self, odds: Fraction, part: Box) -> Box:
        """Move ``box`` or ``image`` to a value of ``l``."""
        step = odds - (self.odds.low + self.odds.high) / 2
        places = (z + s * step for z, s in zip(self.middle, self.slope, strict=True))
        return tuple(
            Interval(place + side.low, place + side.high)
            for place, side in zip(places, part, strict=True)
        )


@dataclass(frozen=True)
class Branch:
    """A proved curve of stationary points.

    Attributes
    ----------
    wanted : Interval
        The ``l`` that were asked for.
    tubes : tuple of Tube
        In the order of increasing ``l``, each joined to the next.
    reason : str
        Why the curve ends before the wanted range does; empty if it does not.
    """

    wanted: Interval
    tubes: tuple[Tube, ...]
    reason: str = ""

    @property
    def covered(self) -> Interval:
        """The ``l`` for which the point is proved to exist."""
        return Interval(self.tubes[0].odds.low, self.tubes[-1].odds.high)

    @property
    def complete(self) -> bool:
        """Whether the wanted range is covered."""
        covered = self.covered
        return covered.low <= self.wanted.low and self.wanted.high <= covered.high

    @property
    def saddle(self) -> bool:
        """Whether the index is proved to be one all along."""
        return all(tube.saddle for tube in self.tubes)

    def tube(self, odds: arb) -> Tube | None:
        """Return a tube that covers ``l``, known up to rounding; None outside the range."""
        wanted = interval_of(odds)
        for tube in self.tubes:
            if wanted is not None and tube.odds.meet(wanted) == wanted:
                return tube
        return None


Report = Callable[[Fraction], None]


def follow(start: Box, low: Fraction, high: Fraction, report: Report = lambda odds: None) -> Branch:
    """Follow the stationary point in a box at ``l = 0`` over ``low <= l <= high``.

    Parameters
    ----------
    start : Box
        Of ``(c, a)``, in which Krawczyk's operator shows a point at ``l = 0``.
    low, high : Fraction
        ``low <= 0 <= high``.
    report : callable
        Called with every end of the curve so far.

    Raises
    ------
    ArithmeticError
        If there is no proof at the start.

    Examples
    --------
    >>> near = box_around([Fraction("1.228"), Fraction("2.456")], Fraction(1, 50))
    >>> branch = follow(near, Fraction(-1, 20), Fraction(1, 20))
    >>> branch.complete, branch.saddle
    (True, True)
    """
    zero = prove_zero(PairSystem(arb(0)), start)
    if zero is None:
        raise ArithmeticError("no stationary point is proved in the box at equal weights")
    first = refine(PairSystem(arb(0)), zero, Fraction(1, 10**9)).centre
    point = (first[0], first[1])
    seed = next(_tubes(point, Fraction(0), _FIRST_REACH), None)
    if seed is None:
        raise ArithmeticError("no tube around equal weights")
    if not inside(seed.at(Fraction(0), seed.image), zero.isolation):
        raise ArithmeticError("the tube around equal weights may hold another point")
    tubes = [seed]
    reasons = []
    for direction, end in ((1, high), (-1, low)):
        last = seed
        for tube in _onwards(seed, direction, end):
            if isinstance(tube, str):
                reasons.append(tube)
                break
            tubes.append(tube)
            last = tube
            report(_end(last, direction))
    tubes.sort(key=lambda tube: tube.odds.low)
    return Branch(Interval(low, high), tuple(tubes), "; ".join(reasons))


def _end(tube: Tube, direction: int) -> Fraction:
    return tube.odds.high if direction > 0 else tube.odds.low


def _onwards(seed: Tube, direction: int, end: Fraction) -> Iterator[Tube | str]:
    """Yield joined tubes until the end is covered, or say why that fails."""
    last, reach, steady = seed, _FIRST_REACH, 0
    while direction * _end(last, direction) < direction * end:
        edge = _end(last, direction)
        tube, tried = None, reach
        while tube is None and reach >= _SHORTEST_REACH:
            tube = _joined(last, edge, direction * reach)
            if tube is None:
                reach /= 2
        if tube is None:
            yield f"no tube of half-width {_SHORTEST_REACH} beyond l = {float(edge):.6f}"
            return
        last = tube
        yield tube
        steady = steady + 1 if reach == tried else 0
        if steady >= 2:  # a longer tube is tried after two successes
            reach, steady = min(2 * reach, _LONGEST_REACH), 0


def _joined(last: Tube, edge: Fraction, reach: Fraction) -> Tube | None:
    """Tube beyond an edge whose box holds the last one's point at the edge."""
    middle = edge + reach
    point = last.at(edge, last.image)
    for tube in _tubes(centre(last.at(middle, last.image)), middle, abs(reach)):
        if inside(point, tube.at(edge, tube.box)):
            return tube
    return None


def _tubes(guess: Sequence[Fraction], odds: Fraction, reach: Fraction) -> Iterator[Tube]:
    """Yield the tubes around ``l = odds`` that are proved, with boxes of several widths."""
    with precision(_BITS):
        found = _corrected((guess[0], guess[1]), odds)
    if found is None:
        return
    middle, slope = found
    interval = Interval(odds - reach, odds + reach)
    for share in _SHARES:
        tube = _attempt(middle, slope, interval, reach * share)
        if tube is not None:
            tube = _tightened(tube)
            # The next tube, perhaps half as long, must hold the point where this one ends.
            if all(
                2 * side.width <= space.width
                for side, space in zip(tube.image, tube.box, strict=True)
            ):
                yield tube


def _tightened(tube: Tube) -> Tube:
    """Apply the operator once more, to the smallest cube that holds the image."""
    radius = max(max(-side.low, side.high) for side in tube.image)
    units = 2 ** (8 + max(0, radius.denominator.bit_length() - radius.numerator.bit_length()))
    radius = Fraction(-(-radius.numerator * units // radius.denominator), units)
    again = _attempt(tube.middle, tube.slope, tube.odds, radius)
    return tube if again is None else replace(tube, image=again.image)


def _corrected(
    guess: tuple[Fraction, Fraction], odds: Fraction
) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]] | None:
    """Newton's method at fixed ``l``, and the direction ``dz/dl``; rounded, nothing is proved."""
    system = PairSystem(ball(odds))
    point = guess
    slope = (Fraction(0), Fraction(0))
    for _ in range(4):
        box = box_around(point, Fraction(0))
        if box[1].low <= 1:
            return None
        inverse = approximate_inverse(system.jacobian(box))
        if inverse is None:
            return None
        step = _rounded(apply(inverse, system.value(point)))
        tangent = _rounded(apply(inverse, system.by_odds(box)))
        point = (point[0] - step[0], point[1] - step[1])
        slope = (-tangent[0], -tangent[1])
    return point, slope


def _rounded(vector: Balls) -> tuple[Fraction, Fraction]:
    first, second = (Fraction(round(float(x.mid()) * _ROUNDING), _ROUNDING) for x in vector)
    return first, second


def _attempt(
    middle: tuple[Fraction, Fraction],
    slope: tuple[Fraction, Fraction],
    odds: Interval,
    radius: Fraction,
) -> Tube | None:
    """Krawczyk's operator over the whole tube."""
    reach = odds.width / 2
    axis = tuple(
        Interval(z - abs(s) * reach, z + abs(s) * reach) for z, s in zip(middle, slope, strict=True)
    )
    whole = tuple(Interval(side.low - radius, side.high + radius) for side in axis)
    with precision(_BITS):
        values = odds.ball()
        fixed = PairSystem(ball((odds.low + odds.high) / 2))
        moving = PairSystem(values)
        jacobian = moving.jacobian(whole)
        inverse = approximate_inverse(fixed.jacobian(box_around(middle, Fraction(0))))
        if inverse is None:
            return None
        drift = [
            along + by
            for along, by in zip(
                apply(moving.jacobian(axis), [ball(s) for s in slope]),
                moving.by_odds(axis),
                strict=True,
            )
        ]
        spread = arb(0, ball(reach))
        change = [v + d * spread for v, d in zip(fixed.value(middle), drift, strict=True)]
        offset = arb(0, ball(radius))
        kept = apply(defect(inverse, jacobian), [offset, offset])
        sides = [interval_of(k - m) for k, m in zip(kept, apply(inverse, change), strict=True)]
        determinant = jacobian[0][0] * jacobian[1][1] - jacobian[0][1] * jacobian[1][0]
        saddle = bool(determinant < 0)
    box = box_around([Fraction(0), Fraction(0)], radius)
    image = tuple(side for side in sides if side is not None)
    if len(image) < 2 or not inside(image, box):
        return None
    return Tube(odds, middle, slope, box, image, saddle)
