r"""All stationary points of the forward loss of two components on a line, where inequalities fail.

Coordinates of `derive.two_components.crossing`: ``v = c + l/a -+ a/2``, ``a > 0``, ``l`` the
logarithm of the quotient of the weights, ``c >= 0`` (the other points are these with the components
exchanged). Elementary inequalities, which the proof ``F-stationary`` has, exclude ``a <= sqrt 2``,
``c >= max(UP, UP_SLOPE a)``, and ``c <= RIGHT_SLOPE a`` with ``a >= GAP``. What they leave:

- *Compact part* ``NEAR_GAP <= a <= GAP``, ``0 <= c <= UP``: branch and bound.
- *Between*, ``a >= GAP`` and ``RIGHT_SLOPE a <= c <= UP_SLOPE a``: ``L_{v_2}`` has the sign of
  Lemma E's integral ``F``, a function of ``1/a^2`` and ``c/a`` that is smooth down to ``1/a = 0``:
  negative on a cover of boxes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from flint import arb

from numerics.fates.escape_region import Integrals
from numerics.numbers.balls import ball, precision
from numerics.stationary.pair_system import PairSystem
from numerics.validated.interval import Box, Interval, halves
from numerics.validated.krawczyk import Search, all_zeros, refine
from numerics.validated.subdivision import subdivide

#: ``NEAR_GAP^2 < 2``.
NEAR_GAP = Fraction(141, 100)
#: Edges of the compact part, and of the cone beyond it; ``UP = UP_SLOPE GAP``.
GAP, UP = Fraction(8), Fraction(32, 5)
RIGHT_SLOPE, UP_SLOPE = Fraction(1, 5), Fraction(4, 5)
#: Precision of the covers.
BITS = 64
_LEAST = Fraction(1, 2**12)
_HALF = Fraction(1, 2)


@dataclass(frozen=True)
class RegionBound:
    """What is shown beyond the compact part.

    Attributes
    ----------
    region, statement : str
    holds : bool
        Whether balls show it.
    margin : str
        The bound as a ball: positive where it holds.
    """

    region: str
    statement: str
    holds: bool
    margin: str


@dataclass(frozen=True)
class Classification:
    """All stationary points but the truth, up to exchange, reflection and rotation.

    Attributes
    ----------
    search : Search
        Branch and bound on the compact part.
    between : RegionBound
        The cone beyond it.
    """

    search: Search
    between: RegionBound

    @property
    def complete(self) -> bool:
        """Whether every point that the inequalities leave is listed."""
        return self.search.complete and self.between.holds


@lru_cache(maxsize=1)
def classify() -> Classification:
    """Prove the list of stationary points of two equally weighted components.

    Examples
    --------
    >>> found = classify()
    >>> found.complete, [round(float(x), 5) for x in found.search.zeros[0].centre]
    (True, [1.22814, 2.45628])
    """
    system, search = PairSystem(arb(0)), compact_part(arb(0), GAP, UP)
    narrow = tuple(refine(system, zero, Fraction(1, 10**8)) for zero in search.zeros)
    cone = between(arb(0), GAP, RIGHT_SLOPE, UP_SLOPE)
    return Classification(replace(search, zeros=narrow), cone)


def compact_part(odds: arb, gap: Fraction, up: Fraction) -> Search:
    """All stationary points with ``NEAR_GAP <= a <= gap``, ``0 <= c <= up``, at given odds.

    Parameters
    ----------
    odds : arb
        ``l``; a ball stands for all values in it.
    gap, up : Fraction

    Examples
    --------
    >>> compact_part(arb(0), Fraction(2), Fraction(1)).zeros
    ()
    """
    return all_zeros(PairSystem(odds), (Interval(Fraction(0), up), Interval(NEAR_GAP, gap)))


def between(odds: arb, gap: Fraction, low: Fraction, high: Fraction) -> RegionBound:
    """``-F`` where ``a >= gap``, ``low a <= c <= high a``, on boxes of ``1/a^2`` and ``c/a``.

    Examples
    --------
    >>> between(arb(0), GAP, RIGHT_SLOPE, UP_SLOPE).holds
    True
    >>> between(arb(0), Fraction(4), RIGHT_SLOPE, UP_SLOPE).holds
    False
    """
    with precision(BITS):
        integrals = Integrals(odds)

        def decide(box: Box) -> list[Box] | arb:
            square, slope = box
            gamma = slope.ball() - ball(_HALF) + odds * square.ball()
            found = integrals.at(square.ball(), gamma)
            room = arb("nan") if found is None else -found[0]
            if room > 0 or room < 0 or slope.width <= _LEAST:
                return room
            # F depends on c/a more than on the square, whose range is short.
            return [(s, g) for s in halves(square) for g in halves(slope)]

        whole: Box = (Interval(Fraction(0), 1 / gap**2), Interval(low, high))
        least, holds = arb("inf"), True
        for room in subdivide([whole], decide):
            least, holds = least.min(arb(room.lower())), bool(room > 0)
            if not holds:
                break
    region = f"a >= {gap}, {low} <= c/a <= {high}"
    return RegionBound(region, "L_v2 < 0", holds, least.str(3, radius=False))
