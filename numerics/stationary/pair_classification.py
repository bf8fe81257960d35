r"""All stationary points of the forward loss of two equally weighted components on a line, proved.

Coordinates of `derive.two_components.crossing` with ``l = 0``: ``v = c -+ a/2``, ``a > 0``; by
reflection ``c >= 0``. With ``bell = 1 - tau^2``, ``tau = tanh(t/2)``, ``t = a (x - c)``:

- ``a <= sqrt 2``: the integrand of I3 is positive (`derive.two_components.crossing_bounds`).
- *Compact part* ``NEAR_GAP <= a <= EDGE``, ``0 <= c <= EDGE``: branch and bound.
- *Far up*, ``c >= EDGE`` there, or ``a >= EDGE`` and ``c >= 3a/4``: ``L_c/2 = E[m (1 - a^2
  bell/4)]``, and ``m`` lies between ``c - a/2 > 0`` and ``c + a/2``, ``E bell <= 4 e^{a^2/2 - a
  c}``; positive if ``(c + a/2) a^2 e^{a^2/2 - ac} < c - a/2``.
- *Far right*, ``a >= EDGE`` and ``c <= a/4``: with ``phi_0`` the largest normal density, ``L_a =
  E[(c + a tau/2)(tau + t bell/2)] >= a/2 - c - 2 phi_0 - 4 ln 2 phi_0 c/a``, since ``tau t >= 0``,
  ``tau^2 = 1 - bell``, ``E bell <= 4 phi_0/a`` and ``E |t| bell <= 8 ln 2 phi_0/a``; positive.
- *Far between*, ``a >= EDGE`` and ``a/4 <= c <= 3a/4``: ``L_{v_2}`` has the sign of Lemma E's
  integral ``F``, a function of ``1/a^2`` and ``c/a`` that is smooth down to ``1/a = 0``: negative
  on a cover of boxes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache, reduce

from flint import arb

from numerics.fates.escape_region import Integrals
from numerics.numbers.balls import ball, precision
from numerics.stationary.pair_system import PairSystem
from numerics.validated.interval import Box, Interval, halves
from numerics.validated.krawczyk import Search, all_zeros, refine
from numerics.validated.subdivision import subdivide

#: ``NEAR_GAP^2 < 2``, and the edge of the compact part.
NEAR_GAP, EDGE = Fraction(141, 100), Fraction(6)
_BITS = 64
_LEAST = Fraction(1, 2**12)


@dataclass(frozen=True)
class RegionBound:
    """One region outside the compact part.

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
    """All stationary points but the truth, up to exchange and reflection.

    Attributes
    ----------
    search : Search
        Branch and bound on the compact part.
    bounds : tuple of RegionBound
        The regions outside it.
    """

    search: Search
    bounds: tuple[RegionBound, ...]

    @property
    def complete(self) -> bool:
        """Whether the list is proved to be complete everywhere."""
        return self.search.complete and all(bound.holds for bound in self.bounds)


@lru_cache(maxsize=1)
def classify() -> Classification:
    """Prove the list of stationary points of two equally weighted components.

    Examples
    --------
    >>> found = classify()
    >>> found.complete, [round(float(x), 5) for x in found.search.zeros[0].centre]
    (True, [1.22814, 2.45628])
    """
    system = PairSystem(arb(0))
    search = all_zeros(system, (Interval(Fraction(0), EDGE), Interval(NEAR_GAP, EDGE)))
    narrow = tuple(refine(system, zero, Fraction(1, 10**8)) for zero in search.zeros)
    search = replace(search, zeros=narrow)
    with precision(_BITS):
        bounds = (far_up(), far_up_and_right(), far_right(), far_between())
    return Classification(search, bounds)


def far_up() -> RegionBound:
    """``c >= EDGE``, ``NEAR_GAP <= a <= EDGE``: the worst ``c`` is ``EDGE``, all ``a`` by boxes."""

    def decide(piece: Interval) -> list[Interval] | arb:
        a, c = piece.ball(), ball(EDGE)
        room = c - a / 2 - (c + a / 2) * a * a * (a * a / 2 - a * c).exp()
        return room if room > 0 or piece.width <= _LEAST else halves(piece)

    rooms = subdivide([Interval(NEAR_GAP, EDGE)], decide)
    return _bound("c >= 6, 1.41 <= a <= 6", "L_c > 0", rooms)


def far_up_and_right() -> RegionBound:
    """``a >= EDGE``, ``c >= 3a/4``: ``1 - 5 a^2 e^{-a^2/4}``, increasing for ``a > 2``."""
    a = ball(EDGE)
    room = 1 - 5 * a * a * (-a * a / 4).exp()
    return _bound("a >= 6, c >= 3a/4", "L_c > 0", [room])


def far_right() -> RegionBound:
    """``a >= EDGE``, ``c <= a/4``: ``a/4 - (2 + ln 2) phi_0``, increasing, at ``EDGE``."""
    density = 1 / (2 * arb.pi()).sqrt()
    room = ball(EDGE) / 4 - (2 + arb(2).log()) * density
    return _bound("a >= 6, 0 <= c <= a/4", "L_a > 0", [room])


def far_between() -> RegionBound:
    """``a >= EDGE``, ``a/4 <= c <= 3a/4``: ``-F`` on boxes of ``1/a^2`` and ``c/a - 1/2``."""
    integrals = Integrals(arb(0))
    quarter = Fraction(1, 4)

    def decide(box: Box) -> list[Box] | arb:
        square, gamma = box
        found = integrals.at(square.ball(), gamma.ball())
        room = arb("nan") if found is None else -found[0]
        if room > 0 or gamma.width <= _LEAST:
            return room
        # F depends on gamma more than on the square, whose range is short.
        return [(s, g) for s in halves(square) for g in halves(gamma)]

    whole: Box = (Interval(Fraction(0), 1 / EDGE**2), Interval(-quarter, quarter))
    return _bound("a >= 6, a/4 <= c <= 3a/4", "L_v2 < 0", subdivide([whole], decide))


def _bound(region: str, statement: str, rooms: Iterable[arb]) -> RegionBound:
    room = reduce(lambda all_rooms, one: all_rooms.union(one), rooms)
    return RegionBound(region, statement, bool(room > 0), arb(room.lower()).str(3, radius=False))
