r"""The checker's own proof of an escape region, from the boxes of a certificate.

Needed for all ``a >= far - near``, ``|alpha| <= near`` (notation and formulas:
``docs/certificates.md``): ``|grad_1 L - 2 v_1| <= 2 near`` and ``v_2 . grad_2 L < 0``. The boxes
must tile the rectangle of ``(1/a, alpha)`` exactly; on each, the two integrals are enclosed by a
trapezoid sum with an explicit error bound. Nothing is shared with `numerics.fates.escape_region`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import flint
from flint import arb, fmpq

from proofs_check.certificates.file_format import Region

_BITS = 96
_STEP = Fraction(1, 2)
_LAST = 128
_STRIP = Fraction(2)
_EXTRA_HALVINGS = 4
_SHORTEST_DECAY = Fraction(1, 10)


def escape_region_proved(region: Region, odds: Fraction) -> str:
    """Empty text if the boxes prove the region for this ratio of weights (far over near).

    Otherwise the reason.
    """
    if not _tiles(region.boxes):
        return "the boxes of the escape region do not tile it"
    before = flint.ctx.prec
    flint.ctx.prec = _BITS
    try:
        proof = _RegionProof(region, odds)
        for box in region.boxes:
            if not proof.holds_on_parts(box, _EXTRA_HALVINGS):
                return f"the inequalities of the escape region are not proved on box {box!r}"
    finally:
        flint.ctx.prec = before
    return ""


def _tiles(paths: tuple[str, ...]) -> bool:
    """Whether the paths are the leaves of a full binary tree.

    Examples
    --------
    >>> _tiles(("0", "10", "11")), _tiles(("0", "10")), _tiles(("0", "1", "11")), _tiles(("",))
    (True, False, False, True)
    """
    ordered = sorted(paths)
    if any(set(path) - {"0", "1"} for path in ordered):
        return False
    prefix_free = all(not b.startswith(a) for a, b in pairwise(ordered))
    return prefix_free and sum(Fraction(1, 2 ** len(path)) for path in ordered) == 1


@dataclass(frozen=True)
class _QuadratureNode:
    t: arb
    sigma: arb
    kappa: arb


class _RegionProof:
    """The inequalities for one region and one ratio of weights."""

    def __init__(self, region: Region, odds: Fraction) -> None:
        self.region = region
        self.log_odds = _ball(odds).log()
        self.nodes = []
        for k in range(-_LAST, _LAST + 1):
            t = _ball(k * _STEP)
            grown = t.exp()
            sigma = grown / (1 + grown)
            self.nodes.append(_QuadratureNode(t, sigma, sigma / (1 + grown)))

    def holds_on_parts(self, path: str, halvings: int) -> bool:
        """`holds`, after more halvings where these bounds are coarser than the certificate's."""
        if self.holds(path):
            return True
        return halvings > 0 and all(self.holds_on_parts(path + half, halvings - 1) for half in "01")

    def holds(self, path: str) -> bool:
        """Whether both inequalities hold on a box."""
        (low, high), (left, right) = self._rectangle(path)
        eps, alpha = _ball(low).union(_ball(high)), _ball(left).union(_ball(right))
        near = _ball(self.region.near)
        beta = arb(1) / 2 + alpha * eps - self.log_odds * _squared(eps)
        decay = beta.min(1 - beta)
        if not decay > _ball(_SHORTEST_DECAY):
            return False
        outer, inner = self._sums(eps, alpha, beta, arb(decay.lower()))
        # the part of the means across their difference: |p|^2 <= near^2 - alpha^2
        across = (_squared(near) - _squared(alpha)).max(arb(0)) * _squared(eps)
        if not (1 + alpha * eps) * outer + across * (inner + outer).max(arb(0)) < 0:
            return False
        factor = self._density(low, high, alpha)
        size = _squared(factor) * (_squared(inner) + across * _squared(inner + outer))
        return bool(size <= _squared(2 * near))

    def _rectangle(self, path: str) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
        near, far = self.region.near, self.region.far
        sides = [(Fraction(0), 1 / (far - near)), (-near, near)]
        for depth, digit in enumerate(path):
            low, high = sides[depth % 2]
            middle = (low + high) / 2
            sides[depth % 2] = (middle, high) if digit == "1" else (low, middle)
        return sides[0], sides[1]

    def _density(self, low: Fraction, high: Fraction, alpha: arb) -> arb:
        """``2 a^2 phi(x)`` at the point ``x`` of equal responsibilities; an upper bound at 0."""
        normal = (2 / arb.pi()).sqrt()
        if low > 0:
            eps = _ball(low).union(_ball(high))
            point = alpha + 1 / (2 * eps) - self.log_odds * eps
            return normal / _squared(eps) * (-_squared(point) / 2).exp()
        a = 1 / _ball(high)
        point = a / 2 - _ball(self.region.near) - self.log_odds.max(arb(0)) / a
        # beyond a the exponential wins: d/da log(a^2 phi(point)) <= 2/a - point/2 < 0
        if not a * point > 4:
            return arb("nan")
        return arb(0).union(normal * a * a * (-_squared(point) / 2).exp())

    def _sums(self, eps: arb, alpha: arb, beta: arb, decay: arb) -> tuple[arb, arb]:
        """Enclose ``f`` (outward pull on the far component) and ``q - f`` (drift of the near)."""
        shift, square = alpha * eps, _squared(eps)
        outer, inner = arb(0), arb(0)
        for node in self.nodes:
            weight = (-node.t * (beta + square * node.t / 2)).exp()
            pull = square * node.sigma + (square * (node.t - self.log_odds) - _HALF) * node.kappa
            mean = shift + node.sigma
            outer += weight * (mean * pull)
            inner += weight * (square * node.sigma - mean * (node.kappa + pull))
        error = arb(0, self._error(shift, square, decay))
        return outer * _ball(_STEP) + error, inner * _ball(_STEP) + 2 * error

    def _error(self, shift: arb, square: arb, decay: arb) -> arb:
        """Trapezoid and truncation error of ``f`` and of ``q``.

        In the strip both integrands are at most ``S^2 (s + S) g e^(-c|t|) (eps^2 (|t| + y + |l| +
        1) + 1)``, with ``S = sec(y/2)``, ``g = exp(eps^2 y^2/2)``, ``s = |alpha eps|``.
        """

        def envelope(height: arb) -> tuple[arb, arb]:
            secant = 1 / (height / 2).cos()
            common = secant * secant * (abs(shift) + secant) * (square * height * height / 2).exp()
            return common * (square * (height + abs(self.log_odds) + 1) + 1), common * square

        height, top = _ball(_STRIP), _ball(_LAST * _STEP)
        constant, slope = envelope(height)
        mass = 2 * (constant / decay + slope / (decay * decay))
        grid = 2 * mass / ((2 * arb.pi() * height / _ball(_STEP)).exp() - 1)
        constant, slope = envelope(arb(0))
        tail = constant / decay + slope * (top / decay + 1 / (decay * decay))
        return arb((grid + 2 * tail * (-decay * top).exp()).abs_upper())


_HALF = arb(1) / 2


def _squared(value: arb) -> arb:
    """The square's range (python-flint's ``**`` gives nan for a ball around 0)."""
    ends = arb(value.abs_lower()), arb(value.abs_upper())
    return (ends[0] * ends[0]).union(ends[1] * ends[1])


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))
