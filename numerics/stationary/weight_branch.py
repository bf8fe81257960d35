"""The stationary point of two components as a function of the far one's weight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from flint import arb

from numerics.errors import InputError
from numerics.numbers.balls import ball, exact_rational, precision
from numerics.stationary.line_system import Grouping, LineSystem, line_inertia
from numerics.stationary.pair_branch import Branch, Tube, follow
from numerics.validated.inertia import Inertia
from numerics.validated.interval import Box, Interval, box_around, interval_of
from numerics.validated.krawczyk import apply, approximate_inverse, prove_zero_near, refine

#: Near the point (0, a) of equal weights, in the coordinates ``(c, a)``.
_START = (Fraction("1.228"), Fraction("2.456"))
_START_RADIUS = Fraction(1, 50)
LEAST_WEIGHT = Fraction(1, 1000)
_BITS = 96
_RADII = tuple(Fraction(1, 10**k) for k in (6, 7, 8))
_SCALE = 2**20


def log_odds(far_weight: Fraction) -> arb:
    """``log(pi_2/pi_1)`` for the far component's weight ``pi_2``."""
    return ball(far_weight / (1 - far_weight)).log()


def branch_of_pair(
    low: Fraction, high: Fraction, report: Callable[[Fraction], None] = lambda odds: None
) -> Branch:
    """Follow the point (0, a) of equal weights over weights of the far component.

    Parameters
    ----------
    low, high : Fraction
        Weights of the far component, ``1/1000 <= low <= 1/2 <= high <= 999/1000``.
    report : callable
        Called with the logarithms of the odds reached.

    Raises
    ------
    InputError
        For weights out of range.

    Examples
    --------
    >>> branch = branch_of_pair(Fraction(49, 100), Fraction(51, 100))
    >>> branch.complete, branch.saddle
    (True, True)
    """
    half = Fraction(1, 2)
    if not LEAST_WEIGHT <= low <= half <= high <= 1 - LEAST_WEIGHT:
        allowed = f"weights LO <= 1/2 <= HI from {LEAST_WEIGHT} to {1 - LEAST_WEIGHT}"
        raise InputError("range", f"{low},{high}", allowed)
    with precision(_BITS):
        first = exact_rational(log_odds(low).lower())
        last = exact_rational(log_odds(high).upper())
    # Short ends: outwards, so that the weights are covered.
    first = Fraction((first * _SCALE).__floor__(), _SCALE)
    last = Fraction((last * _SCALE).__ceil__(), _SCALE)
    return _followed(first, last, report)


@lru_cache(maxsize=4)
def _followed(first: Fraction, last: Fraction, report: Callable[[Fraction], None]) -> Branch:
    return follow(box_around(_START, _START_RADIUS), first, last, report)


def means_at(branch: Branch, far_weight: Fraction) -> Box | None:
    """Enclose ``(v_1, v_2)`` on the branch; None outside it."""
    with precision(_BITS):
        odds = log_odds(far_weight)
        tube = branch.tube(odds)
        if tube is None:
            return None
        c, a = (side.ball() for side in _moved(tube, odds, tube.image))
        shift = odds / a
        ends = (c + shift - a / 2, c + shift + a / 2)
        return tuple(
            Interval(exact_rational(end.lower()), exact_rational(end.upper())) for end in ends
        )


@dataclass(frozen=True)
class BranchPoint:
    """The point at one weight, refined.

    Attributes
    ----------
    far_weight : Fraction
    means : Box
        ``v_1``, ``v_2``.
    along, across : Inertia
        Signs of the Hessian in ``d = 1``, and what each further dimension adds.
    """

    far_weight: Fraction
    means: Box
    along: Inertia
    across: Inertia


def refined_point(branch: Branch, far_weight: Fraction, digits: int = 12) -> BranchPoint | None:
    """Prove the branch's point anew at one weight, to more digits; None if that fails.

    It is the branch's, because it lies in the box in which the branch's is unique.

    Examples
    --------
    >>> branch = branch_of_pair(Fraction(49, 100), Fraction(51, 100))
    >>> point = refined_point(branch, Fraction(1, 2))
    >>> round(float(point.means[1].middle), 9), str(point.along)
    (2.456282255, '1 positive, 1 negative, 0 zero')
    """
    rough = means_at(branch, far_weight)
    if rough is None:
        return None
    grouping = Grouping((1, 1), (1 - far_weight, far_weight))
    system = LineSystem(grouping.weights, digits + 3)
    place = _newton(system, [side.middle for side in rough])
    zero = prove_zero_near(system, place, _RADII)
    if zero is None:
        return None
    zero = refine(system, zero, Fraction(1, 10**digits))
    if not _on_branch(branch, far_weight, zero.enclosure):
        return None
    signs = line_inertia(grouping, zero.enclosure, digits)
    return BranchPoint(far_weight, zero.enclosure, signs.along, signs.across)


def _moved(tube: Tube, odds: arb, part: Box) -> Box:
    """``box`` or ``image`` of a tube at odds that are known up to rounding."""
    ends = [tube.at(exact_rational(end), part) for end in (odds.lower(), odds.upper())]
    return tuple(
        Interval(min(a.low, b.low), max(a.high, b.high)) for a, b in zip(*ends, strict=True)
    )


def _on_branch(branch: Branch, far_weight: Fraction, means: Box) -> bool:
    """Whether means lie in the box in which the branch's point is the only one."""
    with precision(_BITS):
        odds = log_odds(far_weight)
        tube = branch.tube(odds)
        if tube is None:
            return False
        near, far = (side.ball() for side in means)
        gap = far - near
        place = ((near + far) / 2 - odds / gap, gap)
        box = tube.at(exact_rational(odds.mid()), tube.box)
        # The odds' rounding moves the box by far less than this.
        room = [ball(Fraction(1, 2**60)).union(ball(-Fraction(1, 2**60))) for _ in place]
        sides = [interval_of(x + r) for x, r in zip(place, room, strict=True)]
    return all(s is not None and s.inside(b) for s, b in zip(sides, box, strict=True))


def _newton(system: LineSystem, place: list[Fraction]) -> list[Fraction]:
    """A few steps at exact points; nothing is proved."""
    for _ in range(3):
        with precision(_BITS):
            inverse = approximate_inverse(system.jacobian(box_around(place, Fraction(0))))
            if inverse is None:
                break
            step = apply(inverse, system.value(place))
        place = [
            x - Fraction(round(float(s.mid()) * 2**50), 2**50)
            for x, s in zip(place, step, strict=True)
        ]
    return place
