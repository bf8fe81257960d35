r"""Gradient flow of two equal components, one escaping: where it stays, and its pace.

In the words of `numerics.fates.escape_region` with equal weights: ``v_1 = alpha u + p``, ``v_2 =
v_1 + a u``, ``p`` perpendicular to ``u``, :math:`G = 2 a^2 \varphi(a/2 + \alpha)`, ``alpha = kappa
G``, ``|p|^2 = lambda G^2``. With ``J_k`` the integral of :math:`\sigma^k` against :math:`e^{-\beta
t - \varepsilon^2 t^2/2}` (`derive escape-loss`, `escape-across`),

.. math::
    \nabla_2 L = G f u + \varepsilon G q p, \quad \nabla_1 L = G (2\kappa + q - f) u + (2 -
    \varepsilon G q) p, \quad L = \frac{G}{2a} \rho, \quad \rho = J_2 + 2 \gamma J_1 + 2 a
    (\kappa^2 + \lambda) G,

and the turning of ``u`` adds ``G w``, :math:`w = 2 \varepsilon\lambda G (1 - \varepsilon G q)`, to
``alpha'``.

*Region.* ``alpha + a >= far``, ``0 <= alpha <= slaved G``, ``|p| <= across G``. The flow stays in
it: ``alpha + a`` grows where ``w > f``; where ``kappa = 0``, ``alpha' = G (f - q + w)`` is
positive; where ``kappa = slaved``,

.. math::
    (\alpha - \kappa G)'/G = f - q - 2 \kappa + w - \kappa G'/G, \quad G'/G = G \, (\tfrac2a
    (2\kappa + q - 2f) + (\tfrac a2 + \alpha)(\kappa + \tfrac q2 - w))

is negative, and so is

.. math::
    (|p|^2/G^2)' \, G^2/|p|^2 = -4 + 2\varepsilon G q - 4 \varepsilon\alpha (1 - \varepsilon G q)
    - 2 G'/G .

*Pace.* With

.. math::
    r = (f^2 + (2 \kappa + q - f)^2 + \lambda ((2 - \varepsilon G q)^2 + (\varepsilon G q)^2))
    /\rho^2

and ``1/L = c s ln s``, ``x = ln s``: :math:`(1/L)' = |\nabla L|^2/L^2 = 4 a^2 r`, ``x + ln x + ln c
= ln(1/L)`` and ``s' = 4 a^2 r/(c (x + 1))``, which is at most 1 (at least 1) where ``4 a^2 r/c -
1`` is at most (at least) ``x``: divided by ``a^2``, inequalities that hold down to ``1/a = 0``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from flint import arb

from numerics.fates.escape_region import NEAR, Integrals, amplitude
from numerics.numbers.balls import ball, precision
from numerics.validated.interval import Interval, halves
from numerics.validated.subdivision import subdivide

_BITS = 64
_STEP, _NODES = Fraction(3, 4), 80
_HEIGHT = Fraction(5, 2)
_LEAST = Fraction(1, 2**14)
#: Constants for the side that is not asked for.
_ANY_SLOW, _ANY_FAST = Fraction(10), Fraction(1, 100)


@dataclass(frozen=True)
class FlowRegion:
    """``alpha + a >= far``, ``0 <= alpha <= slaved G``, ``|p| <= across G``.

    Attributes
    ----------
    far, slaved, across : Fraction
        ``across`` 0: both means on a line through the truth.
    """

    far: Fraction
    slaved: Fraction
    across: Fraction = Fraction(0)


@dataclass(frozen=True)
class Bounds:
    """What holds on a piece of ``1/a``: positive balls where it is shown.

    Attributes
    ----------
    stays : arb
        The least of the four rates on the region's edges, inwards.
    slow, fast : arb
        Room in ``s' <= 1`` and in ``s' >= 1``, divided by ``a^2``.
    """

    stays: arb
    slow: arb
    fast: arb


class _Masses:
    """``J_1`` and ``J_2`` by the trapezoid rule; the error as in `Integrals`, without ``t``."""

    def __init__(self) -> None:
        self._places = [ball(k * _STEP) for k in range(-_NODES, _NODES + 1)]
        self._shares = [1 / (1 + (-t).exp()) for t in self._places]

    def at(self, square: arb, beta: arb) -> tuple[arb, arb]:
        weights = [(-t * (beta + square * t / 2)).exp() for t in self._places]
        pairs = list(zip(weights, self._shares, strict=True))
        first = sum((w * s for w, s in pairs), arb(0))
        second = sum((w * s * s for w, s in pairs), arb(0))
        decay = arb(beta.min(1 - beta).lower())
        y, h, top = ball(_HEIGHT), ball(_STEP), ball(_NODES * _STEP)
        secant = 1 / (y / 2).cos()
        growth = (arb(square.abs_upper()) * y * y / 2).exp()
        tail = 2 * (-decay * top).exp() / decay
        found = []
        for power, total in ((1, first), (2, second)):
            mass = 2 * growth * secant**power / decay
            error = 2 * mass / ((2 * arb.pi() * y / h).exp() - 1) + tail
            found.append(h * total + arb(0, error.abs_upper()))
        return found[0], found[1]


@lru_cache(maxsize=8)
def _integrals() -> tuple[Integrals, _Masses]:
    return Integrals(arb(0)), _Masses()


@dataclass(frozen=True)
class Enclosed:
    """Balls for everything in the region with ``1/a`` in a piece.

    Attributes
    ----------
    alpha, size, long : arb
        ``alpha``, ``G`` and ``a G``.
    f, q, rho : arb
    across : arb
        ``lambda``.
    """

    alpha: arb
    size: arb
    long: arb
    f: arb
    q: arb
    rho: arb
    across: arb

    def turning(self, piece: Interval) -> tuple[arb, arb]:
        """``1 - eps G q``, and ``w``, for ``1/a`` in the piece."""
        rest = 1 - piece.ball() * self.size * self.q
        return rest, 2 * piece.ball() * self.across * self.size * rest


def enclose(region: FlowRegion, piece: Interval) -> Enclosed | None:
    """Enclose it; None where the integrals are not bounded.

    Examples
    --------
    >>> with precision(64):
    ...     piece = Interval(Fraction(0), Fraction(1, 100))
    ...     found = enclose(FlowRegion(Fraction(6), Fraction(3, 20)), piece)
    >>> found.rho.overlaps(arb.pi() / 2), found.f.overlaps(-arb.pi() / 16)
    (True, True)
    """
    eps, within = piece.ball(), arb(0).union(ball(NEAR))
    # G is largest at alpha = 0
    largest = 2 * amplitude(piece.low, piece.high, within, arb(0)).abs_upper()
    share = arb(0).union(ball(region.slaved))
    alpha = share * largest
    if not alpha <= ball(NEAR):
        return None
    square, gamma = _square(eps), alpha * eps
    integrals, masses = _integrals()
    found = integrals.at(square, gamma)
    if found is None:
        return None
    first, second = masses.at(square, arb(1) / 2 + gamma)
    size, long = 2 * amplitude(piece.low, piece.high, alpha, arb(0)), _times_distance(piece, alpha)
    across = arb(0).union(ball(region.across**2))
    rho = second + 2 * gamma * first + 2 * (share * share + across) * long
    return Enclosed(alpha, size, long, *found, rho, across)


def bounds_on(region: FlowRegion, piece: Interval, slow: Fraction, fast: Fraction) -> Bounds | None:
    """What holds for ``1/a`` in a piece; None where the integrals are not bounded.

    Parameters
    ----------
    region : FlowRegion
    piece : Interval
        Of ``1/a``.
    slow, fast : Fraction
        The constants ``c`` with ``s' <= 1`` and with ``s' >= 1``.
    """
    found = enclose(region, piece)
    if found is None:
        return None
    stays = arb("inf")
    for edge in edges(region, piece, found):
        stays = stays.min(edge)
    return Bounds(stays, *rooms(piece, found, arb(0).union(ball(region.slaved)), slow, fast))


def rooms(
    piece: Interval, found: Enclosed, share: arb, slow: Fraction, fast: Fraction
) -> tuple[arb, arb]:
    """Room in ``s' <= 1`` and in ``s' >= 1``, divided by ``a^2``, where ``alpha = share G``."""
    rest, _ = found.turning(piece)
    beside = found.across * (_square(1 + rest) + _square(1 - rest))
    rate = _square(found.f) + _square(2 * share + found.q - found.f) + beside
    r = rate / (found.rho * found.rho)
    if not (found.rho > 0 and r > 0):
        return arb("nan"), arb("nan")
    eps, top = piece.ball(), ball(piece.high)
    square = _square(eps)
    # eps^2 ln(1/eps), which falls to 0 with eps
    small = arb(0).union(-top * top * top.log()) if piece.low == 0 else -square * eps.log()
    half_log = (2 * arb.pi()).log() / 2
    steady = 3 * small + square * ((4 * r * found.rho).log() - half_log - 1)
    slow_room = arb(1) / 8 - 4 * r / ball(slow) - steady
    rest = 1 - ball(fast) * square / (4 * r)
    if not rest > 0:
        return slow_room, arb("nan")
    gamma = found.alpha * eps
    beyond = (gamma + gamma * gamma) / 2
    fast_room = 4 * r / ball(fast) + steady + square * rest.log() - arb(1) / 8 - beyond
    return slow_room, fast_room


def edges(region: FlowRegion, piece: Interval, found: Enclosed) -> tuple[arb, arb, arb, arb]:
    """The rates on the four edges, inwards: three by ``G``, and that of ``|p|^2/G^2`` by itself."""
    f, q, slaved = found.f, found.q, ball(region.slaved)
    rest, turned = found.turning(piece)

    def growth(share: arb) -> arb:
        """``G'/G`` where ``alpha = share G``."""
        pulled = share + q / 2 - turned
        outwards = 2 * piece.ball() * (2 * share + q - 2 * f) + found.alpha * pulled
        return found.long / 2 * pulled + found.size * outwards

    decay = 4 - 2 * (1 - rest) + 4 * piece.ball() * found.alpha * rest
    return (
        turned - f,
        f - q + turned,
        q - f + 2 * slaved - turned + slaved * growth(slaved),
        decay + 2 * growth(arb(0).union(slaved)),
    )


def _square(value: arb) -> arb:
    """The range of the square."""
    low, high = arb(value.abs_lower()), arb(value.abs_upper())
    return (low * low).union(high * high)


def _times_distance(piece: Interval, alpha: arb) -> arb:
    """``a G``: enclosed, or for unbounded ``a`` below its value at the least ``a``, if it falls."""
    if piece.low > 0:
        return 2 * amplitude(piece.low, piece.high, alpha, arb(0)) / piece.ball()
    least = 1 / ball(piece.high)
    # a^3 phi(a/2) has the logarithmic derivative 3/a - a/4
    if not 3 / least < least / 4:
        return arb("inf")
    scale = 2 / (2 * arb.pi()).sqrt()
    return arb(0).union(scale * least**3 * (-least * least / 8).exp())


@dataclass(frozen=True)
class Law:
    """What is shown of a region.

    Attributes
    ----------
    holds : bool
        Whether the flow stays, at the paces that were asked for.
    pieces : int
        Of ``1/a``, down to 0; up to the first undecided one.
    """

    holds: bool
    pieces: int


def _is_near(region: FlowRegion) -> bool:
    """Whether ``alpha <= slaved G <= NEAR``: ``G <= 2 v_2^2 phi(v_2/2)``, which falls from 4 on."""
    far = ball(region.far)
    largest = 2 * far * far / (2 * arb.pi()).sqrt() * (-far * far / 8).exp()
    return bool(region.far >= 4) and bool(ball(region.slaved) * largest <= ball(NEAR))


@lru_cache(maxsize=16)
def escape_law(
    region: FlowRegion, slow: Fraction | None = None, fast: Fraction | None = None
) -> Law:
    """Cover all ``a >= far - NEAR``.

    Parameters
    ----------
    region : FlowRegion
    slow, fast : Fraction, optional
        Constants for which ``s' <= 1``, and for which ``s' >= 1``, is to be shown.

    Examples
    --------
    >>> region = FlowRegion(Fraction(6), Fraction(3, 20))
    >>> escape_law(region, Fraction(2), Fraction(1, 4)).holds
    True
    >>> escape_law(region, Fraction(1, 3)).holds
    False
    """

    def decide(piece: Interval) -> list[Interval] | bool:
        found = bounds_on(region, piece, slow or _ANY_SLOW, fast or _ANY_FAST)
        if found is not None:
            rooms = (found.stays, *((found.slow,) * bool(slow)), *((found.fast,) * bool(fast)))
            if all(room > 0 for room in rooms):
                return True
        return False if piece.width <= _LEAST else halves(piece)

    pieces = 0
    with precision(_BITS):
        if not _is_near(region):
            return Law(False, pieces)
        for shown in subdivide([Interval(Fraction(0), 1 / (region.far - NEAR))], decide):
            pieces += 1
            if not shown:
                return Law(False, pieces)
    return Law(True, pieces)
