r"""Proof that a component escapes from anywhere in a region (Lemma E), by a cover of balls.

Two components with weights :math:`\pi_1, \pi_2`, forward loss; :math:`v_1 = p + \alpha u`,
:math:`v_2 - v_1 = a u`, :math:`|u| = 1`, :math:`p \perp u`.
`derive.two_components.escape_integrals` derives from the gradient, with :math:`\varepsilon = 1/a`,
:math:`\gamma = \alpha \varepsilon`, :math:`\ell = \ln(\pi_2/\pi_1)`, :math:`\beta = 1/2 + \gamma -
\ell \varepsilon^2`, :math:`G = 2 a^2 \varphi(a \beta)`,

.. math::
    u \cdot \nabla_2 L = G f, \quad
    u \cdot \nabla_1 L - 2 \alpha = G (q - f), \quad
    \nabla_1^\perp L - 2 p = -\varepsilon G q\, p, \quad
    \nabla_2^\perp L = \varepsilon G q\, p,

``f`` and ``q`` the integrals of its two kernels against :math:`e^{-\beta t - \varepsilon^2 t^2/2}`.
The region ``a >= far - NEAR``, ``|alpha| <= NEAR`` is the compact rectangle ``0 <= eps <= 1/(far -
NEAR)``, so a single cover includes the tail: at ``eps = 0`` the integrals are Beta functions, and
nothing is special about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from flint import arb

from derive.algebra.program import Program
from numerics.fates.escape_kernel import compile_loop, modulus_bound, node_values
from numerics.kernels.library import ESCAPE_KERNELS, load_escape_kernel
from numerics.numbers.balls import ball, exact_rational, precision
from numerics.validated.subdivision import subdivide

#: Radii of Lemma E: ``|v_1| <= NEAR``, ``|v_2| >= FAR``.
NEAR = Fraction(3, 20)
FAR = Fraction(31, 10)
#: Radii tried, in order, for weights that are not equal.
FAR_RADII = (FAR, Fraction(4), Fraction(5), Fraction(6), Fraction(8))
#: Bound of ``|grad_1 L - 2 v_1|``: what keeps ``|v_1| <= NEAR`` invariant.
DRIFT = 2 * NEAR

_BITS = 64
_DEEPEST = 20
_STEP = Fraction(3, 4)
_NODES = 80  # on either side: |t| <= 60
_HEIGHT = Fraction(5, 2)  # half-width of the strip; the poles of sigma are at +- i pi
_LEAST_DECAY = Fraction(1, 8)  # of min(beta, 1 - beta)


class CoverError(ArithmeticError):
    """A box of the cover could not be decided: the inequalities are not proved."""


@dataclass(frozen=True)
class CoverBox:
    """A rectangle of ``eps = 1/a`` and ``alpha``, reached from the root by halvings.

    Attributes
    ----------
    path : str
        Of ``0`` (lower half) and ``1`` (upper half); ``eps`` and ``alpha`` are halved in turn.
    far : Fraction
        ``a >= |v_2| - |v_1| >= far - NEAR``.
    """

    path: str
    far: Fraction = FAR

    @property
    def bounds(self) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        """``(eps_low, eps_high, alpha_low, alpha_high)``.

        Examples
        --------
        >>> [str(bound) for bound in CoverBox("10").bounds]
        ['10/59', '20/59', '-3/20', '0']
        """
        ends = [Fraction(0), 1 / (self.far - NEAR), -NEAR, NEAR]
        for depth, half in enumerate(self.path):
            low, high = 2 * (depth % 2), 2 * (depth % 2) + 1
            middle = (ends[low] + ends[high]) / 2
            ends[low if half == "1" else high] = middle
        return ends[0], ends[1], ends[2], ends[3]


@dataclass(frozen=True)
class Cover:
    """A proof of the inequalities: leaves of a binary subdivision, each decided.

    Attributes
    ----------
    boxes : tuple of str
        Paths of the leaves, in order.
    largest_drift : Fraction
        Upper bound found for ``|grad_1 L - 2 v_1|`` (at most `DRIFT`).
    least_outward : Fraction
        Positive lower bound of ``-v_2 . grad_2 L/(a G)``, for every ``a``.
    largest_pull : Fraction
        Upper bound of ``|grad_1 L - 2 v_1|/G``, for every ``a``.
    """

    boxes: tuple[str, ...]
    largest_drift: Fraction
    least_outward: Fraction
    largest_pull: Fraction


@lru_cache(maxsize=64)
def prove_escape_region(
    near_weight: Fraction = Fraction(1, 2),
    far_weight: Fraction = Fraction(1, 2),
    far: Fraction = FAR,
) -> Cover:
    """Prove both inequalities of Lemma E for ``|v_1| <= NEAR``, ``|v_2| >= far``.

    The subdivision is deterministic: halve until the ball arithmetic decides.

    Parameters
    ----------
    near_weight, far_weight : Fraction
        ``pi_1`` of the component within `NEAR`, ``pi_2`` of that beyond ``far``.
    far : Fraction

    Raises
    ------
    CoverError
        If a small box remains undecided (for some weights the inequalities are false).

    Examples
    --------
    >>> cover = prove_escape_region()
    >>> len(cover.boxes) < 1000, cover.largest_drift <= DRIFT
    (True, True)
    """
    return _cover(("",), near_weight, far_weight, far, _DEEPEST)


def _cover(
    boxes: Sequence[str], near_weight: Fraction, far_weight: Fraction, far: Fraction, deepest: int
) -> Cover:
    """Halve the boxes until each is decided, to paths of at most some length."""
    with precision(_BITS):
        reduced = Integrals(ball(far_weight / near_weight).log())

        def examine(path: str) -> list[str] | tuple[str, Decision]:
            decision = decide(CoverBox(path, far), reduced)
            if decision is not None:
                return path, decision
            if len(path) >= deepest:
                raise CoverError(f"undecided at {[str(end) for end in CoverBox(path, far).bounds]}")
            return [path + "1", path + "0"]

        leaves = list(subdivide(reversed(boxes), examine))
    return Cover(
        tuple(path for path, _ in leaves),
        max(decision.drift for _, decision in leaves),
        min(decision.outward for _, decision in leaves),
        max(decision.pull for _, decision in leaves),
    )


def tile(paths: Sequence[str]) -> bool:
    """Whether boxes cover the rectangle: their paths are the leaves of a full binary tree.

    Examples
    --------
    >>> tile(("0", "10", "11")), tile(("0", "10")), tile(("0", "1", "11")), tile(("0", "2"))
    (True, False, False, False)
    """
    ordered = sorted(paths)
    if any(set(path) - {"0", "1"} for path in ordered):
        return False
    apart = all(not after.startswith(before) for before, after in pairwise(ordered))
    return apart and sum(Fraction(1, 2 ** len(path)) for path in ordered) == 1


def decide_boxes(
    paths: Sequence[str],
    near_weight: Fraction = Fraction(1, 2),
    far_weight: Fraction = Fraction(1, 2),
    far: Fraction = FAR,
) -> Cover:
    """Decide given boxes; they need not cover the rectangle (see `tile`).

    Raises
    ------
    CoverError
        If a box remains undecided.

    Examples
    --------
    >>> decide_boxes(("00",)).boxes
    ('00',)
    """
    return _cover(paths, near_weight, far_weight, far, 0)


@lru_cache(maxsize=64)
def escape_radius(near_weight: Fraction, far_weight: Fraction) -> Fraction | None:
    """Smallest of `FAR_RADII` for which `prove_escape_region` succeeds; None if none does.

    Examples
    --------
    >>> escape_radius(Fraction(1, 3), Fraction(2, 3))
    Fraction(31, 10)
    """
    for far in FAR_RADII:
        try:
            prove_escape_region(near_weight, far_weight, far)
        except CoverError:
            continue
        return far
    return None


@dataclass(frozen=True)
class Decision:
    """What holds on a box: bounds as in `Cover`, of this box."""

    drift: Fraction
    outward: Fraction
    pull: Fraction


def decide(box: CoverBox, reduced: Integrals) -> Decision | None:
    """Bounds on a box where both inequalities of Lemma E hold, else None."""
    eps_low, eps_high, alpha_low, alpha_high = box.bounds
    eps = ball(eps_low).union(ball(eps_high))
    alpha = ball(alpha_low).union(ball(alpha_high))
    enclosed = reduced(eps, alpha)
    if enclosed is None:
        return None
    f, q = enclosed
    # |p|^2 <= NEAR^2 - alpha^2
    perpendicular = arb(0).max(ball(NEAR**2) - _square(alpha)) * _square(eps)
    outward = (1 + alpha * eps) * f + perpendicular * arb(0).max(q)
    if not outward < 0:
        return None
    pull = (_square(q - f) + perpendicular * _square(q)).abs_upper().sqrt()
    size = 2 * amplitude(eps_low, eps_high, alpha, reduced.log_odds)
    drift = (pull * size).abs_upper()
    if not drift <= ball(DRIFT):
        return None
    return Decision(
        exact_rational(drift), -exact_rational(outward.upper()), exact_rational(pull.upper())
    )


def _square(value: arb) -> arb:
    """The range of the square: for a ball around 0, ``value * value`` reaches below 0."""
    low, high = arb(value.abs_lower()), arb(value.abs_upper())
    return (low * low).union(high * high)


def amplitude(eps_low: Fraction, eps_high: Fraction, alpha: arb, log_odds: arb) -> arb:
    r"""Enclose :math:`a^2 \varphi(\alpha + a/2 - \ell/a)`.

    Where ``a`` is unbounded: with ``c = NEAR + max(l, 0)/a_0`` at most ``a^2 phi(a/2 - c)`` for ``a
    >= a_0``, which decreases from ``a_0`` on if its logarithmic derivative ``2/a - (a/2 - c)/2`` is
    negative there (it decreases, too).
    """
    scale = 1 / (2 * arb.pi()).sqrt()
    if eps_low > 0:
        eps = ball(eps_low).union(ball(eps_high))
        centre = alpha + 1 / (2 * eps) - log_odds * eps
        return scale / (eps * eps) * (-_square(centre) / 2).exp()
    least = 1 / ball(eps_high)
    reach = least / 2 - ball(NEAR) - arb(0).max(log_odds) / least
    if not 2 / least < reach / 2:
        return arb("inf")
    return arb(0).union(least * least * scale * (-(reach * reach) / 2).exp())


class Integrals:
    """Enclosures of ``f`` and ``q`` for one ratio of weights, by the trapezoid rule in ``t``.

    Parameters
    ----------
    log_odds : arb
        ``l``; the values at the nodes are computed at the current precision.

    Examples
    --------
    >>> with precision(64):
    ...     limit, _ = Integrals(arb(0))(arb(0), arb(0))
    ...     limit.contains(-arb.pi() / 16)  # a Beta function
    True
    """

    def __init__(self, log_odds: arb) -> None:
        self.log_odds = log_odds
        self._programs = [load_escape_kernel(name) for name in ESCAPE_KERNELS]
        self._loops = [compile_loop(program) for program in self._programs]
        self._places = [ball(k * _STEP) for k in range(-_NODES, _NODES + 1)]
        inputs = [_node_inputs(t, log_odds) for t in self._places]
        self._rows = [[node_values(program, at) for at in inputs] for program in self._programs]

    def __call__(self, eps: arb, alpha: arb) -> tuple[arb, arb] | None:
        """``(f, q)`` for all parameters in the balls.

        None if the parameters leave the region for which the error bound is proved.
        """
        return self.at(_square(eps), alpha * eps)

    def at(self, square: arb, gamma: arb) -> tuple[arb, arb] | None:
        """The same at ``eps^2`` and ``gamma = alpha eps``, for ``alpha`` that grow like ``a``."""
        beta = arb(1) / 2 + gamma - self.log_odds * square
        decay = beta.min(1 - beta).lower()
        if not decay >= ball(_LEAST_DECAY):
            return None
        weights = [(-t * (beta + square * t / 2)).exp() for t in self._places]
        step = ball(_STEP)
        f, q = (
            step * loop(weights, rows, square, gamma)
            + arb(0, self._error_bound(program, square, gamma, arb(decay)))
            for program, loop, rows in zip(self._programs, self._loops, self._rows, strict=True)
        )
        return f, q

    def _error_bound(self, program: Program, square: arb, gamma: arb, decay: arb) -> arb:
        r"""Bound of discretisation plus truncation of one integral.

        For ``|Im z| <= y < pi``: ``|sigma(z)| <= S sigma(Re z)``, the same for ``1 - sigma``, ``S =
        sec(y/2)``; ``sigma e^{-beta t}`` and ``kappa e^{-beta t}`` are at most ``e^{-c|t|}``, ``c =
        min(beta, 1 - beta)``; the Gaussian factor grows by ``e^{eps^2 y^2/2}``. Every term of a
        kernel contains ``sigma`` or ``kappa`` and at most one ``t``, so the integrand is at most
        ``(A + B|t|) e^{-c|t|}``, where ``A + B|t|`` is the kernel with every coefficient and every
        quantity replaced by its modulus, and the discretisation error is at most ``2 M/(e^{2 pi
        y/h} - 1)``, ``M = 2A/c + 2B/c^2``. The nodes left out, where the bound decreases (``T >
        1/c``), add at most ``2 (A/c + B (T/c + 1/c^2)) e^{-cT}`` with ``A``, ``B`` of ``y = 0``.
        """
        y, h, top = ball(_HEIGHT), ball(_STEP), ball(_NODES * _STEP)
        fixed = {
            "log_odds": arb(self.log_odds.abs_upper()),
            "square": arb(square.abs_upper()),
            "gamma": arb(gamma.abs_upper()),
        }

        def envelope(secant: arb, height: arb) -> tuple[arb, arb]:
            inputs = {**fixed, "sigma": secant, "kappa": secant * secant}
            growth = (fixed["square"] * height * height / 2).exp()
            constant = growth * modulus_bound(program, {**inputs, "t": height})
            return constant, growth * modulus_bound(program, {**inputs, "t": height + 1}) - constant

        constant, slope = envelope(1 / (y / 2).cos(), y)
        mass = 2 * constant / decay + 2 * slope / (decay * decay)
        discretisation = 2 * mass / ((2 * arb.pi() * y / h).exp() - 1)
        constant, slope = envelope(arb(1), arb(0))
        tail = constant / decay + slope * (top / decay + 1 / (decay * decay))
        return arb((discretisation + 2 * tail * (-decay * top).exp()).abs_upper())


def _node_inputs(t: arb, log_odds: arb) -> dict[str, arb]:
    sigma, other = 1 / (1 + (-t).exp()), 1 / (1 + t.exp())
    return {"t": t, "sigma": sigma, "kappa": sigma * other, "log_odds": log_odds}
