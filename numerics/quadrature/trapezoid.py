r"""The trapezoid rule for Gaussian expectations: planned in floats, bounds proved.

Let ``rho`` be a density :math:`\sum_i \pi_i \varphi(x - s_i)` on an axis (``phi`` the standard
normal density; one centre ``0`` for the base "teacher", the students' coordinates for the base
"student") and ``f`` analytic in the strip :math:`|\mathrm{Im}\, z| < b` for some ``b > a``, with

.. math:: |f(x + iy)| \le F (1 + A|x| + B), \qquad |y| \le a,\ x \in \mathbb{R}

(``A = B = 0`` for kernels without logarithms). Then the error of the truncated rule
``sum_{k=first}^{last} h rho(kh) f(kh)`` is at most `discretisation_bound` + `truncation_bound`.

*Discretisation.* :math:`|\varphi(x + iy)| = \varphi(x) e^{y^2/2}`, hence on every horizontal line
in the strip :math:`\int |\rho f|\, dx \le M := e^{a^2/2} F (1 + A\,E|x| + B)`, and the full
(infinite) trapezoid sum is off by at most :math:`2M/(e^{2\pi a/h} - 1)` (Trefethen and Weideman,
*The Exponentially Convergent Trapezoidal Rule*, SIAM Review 2014, Theorem 5.1).
:math:`E|x| \le \max_i |s_i| + \sqrt{2/\pi}`.

*Truncation.* On the real line and to the right of every centre by ``T >= 0`` (``T >= 1`` if
``A > 0``), with ``u = x - s_i``, ``|x| <= u + |s_i|`` and ``c = 1 + B + A max|s_i|``, the function
:math:`\varphi(u)(c + A u)` decreases: its derivative is :math:`\varphi(u)(A - cu - Au^2)`. So
the sum over the omitted nodes is at most the integral from the last node on:
:math:`\sum_{k > last} h \varphi(u_k)(c + A u_k) \le \int_T^\infty \varphi(u)(c + Au)\,du
= c\,\mathrm{erfc}(T/\sqrt2)/2 + A\,\varphi(T)`. The left end is the mirror image.

*Products.* In ``r >= 2`` dimensions the integrals :math:`I_a` along the axes are replaced by
infinite sums :math:`T_a` one after the other:

.. math:: I_1 \cdots I_r - T_1 \cdots T_r
          = \sum_a T_1 \cdots T_{a-1} (I_a - T_a) I_{a+1} \cdots I_r .

Everything converges absolutely (Gaussian times polynomial), so the order does not matter: for any
real values of the other coordinates :math:`I_a - T_a` is a one-dimensional error, of a function
analytic in the strip of axis ``a`` alone, at most :math:`2 e^{a^2/2} F_a/(e^{2\pi a/h} - 1)`
times the integral of :math:`\rho (1 + A|x| + B)` along the axis; the others are then
integrated or summed over, with no complex number left. A sum over an axis has
:math:`\sum_k h \varphi(x_k - s) \le 1 + h/\sqrt{2\pi}` (a unimodal function: integral plus ``h``
times the maximum). With :math:`P_a = \prod_{b<a} (1 + h_b/\sqrt{2\pi})` and ``u = x - s_i``, the
integral and sum of :math:`\rho` is at most :math:`P_a`, of :math:`\rho|x|` at most
:math:`P_a (\max|s_i| + 5r/4)`: :math:`|u| \le \sum_b |u_b|`, and on every axis
:math:`\sum_k h |u_k| \varphi(u_k) \le 2\varphi(0) + 2h\varphi(1)` (unimodal on each side of 0, with
maximum :math:`\varphi(1)`), which is below :math:`\tfrac54 (1 + h\varphi(0))`. The total is
`product_discretisation_bound`; truncation: `radial_truncation_bound`.

Floats appear only in `plan_axis`, which *chooses* the step, the strip and the nodes; the bounds are
functions of a `ScalarArithmetic` and are re-evaluated by the ball backend in balls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from numerics.errors import InputError
from numerics.numbers.protocols import ScalarArithmetic

#: Bits kept of the step size: a longer step would not save a node in a million.
STEP_BITS = 20
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class AxisPlan:
    """A uniform grid ``x_k = k * step``, ``k = first..last``, and the strip that justifies it.

    Attributes
    ----------
    step : Fraction
        A dyadic number.
    first, last : int
        First and last node number, inclusive.
    strip : float
        Half-width ``a`` of the strip (an exact binary number where a bound uses it).
    """

    step: Fraction
    first: int
    last: int
    strip: float

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Envelope:
    r"""Growth of the integrand: ``|f| <= F (1 + slope |x| + offset)``; zeros without logarithms."""

    slope: Any = 0
    offset: Any = 0


@dataclass(frozen=True)
class Bound:
    r"""What bounds an integrand on a line of the strip: ``|f| <= F (1 + A |x| + B)``.

    Attributes
    ----------
    size : number
        ``F``, a bound of the kernel apart from the envelope.
    centres : number
        At least ``max |s_i|`` (lengths in ``r`` dimensions).
    envelope : Envelope or None
        ``A`` and ``B``; None without logarithms.
    """

    size: Any
    centres: Any
    envelope: Envelope | None = None

    @property
    def slope(self) -> Any:
        """``A``."""
        return 0 if self.envelope is None else self.envelope.slope

    def growth(self, distance: Any) -> Any:
        """``1 + B + A (|s| + distance)``."""
        if self.envelope is None:
            return 1
        return 1 + self.envelope.offset + self.envelope.slope * (self.centres + distance)

    def moved(self, distance: Any) -> Bound:
        """The same about centres that are farther away."""
        return replace(self, centres=self.centres + distance)


def check_range(size: float, most: float) -> None:
    """Refuse sizes that floats cannot plan with.

    Examples
    --------
    >>> check_range(math.inf, math.inf)
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: means: got a separation beyond the range of floats; ...
    """
    if not size < most:
        allowed = f"separations below about {min(most, 1e150):.0e}"
        raise InputError("means", "a separation beyond the range of floats", allowed)


def plan_axis(
    target_log: float,
    spread: float,
    low: float,
    high: float,
    log_majorant: Callable[[float], float],
) -> AxisPlan:
    r"""Choose the grid with the fewest nodes for an absolute error of ``exp(target_log)``.

    Half of the error goes to the discretisation, half to the truncation. With
    :math:`N(a) = \ln 4 + a^2/2 + \ln F(a) - \ln\epsilon` the largest step is
    :math:`h = \max_a 2\pi a/N(a)`; ``N`` is convex, so the quotient has one maximum, and it lies
    at :math:`a \le \sqrt{2 N(0)}` (from ``N = a N'`` and convexity) and below ``pi/spread``.

    Parameters
    ----------
    target_log : float
        Natural logarithm of the absolute error wanted.
    spread : float
        ``max |(v_i - v_k).e|`` along this axis: the integrand has poles at height ``pi/spread``.
    low, high : float
        Range of the centres of the base Gaussians on this axis (0 and 0 for base "teacher").
    log_majorant : callable
        ``log_majorant(strip)`` = logarithm of a bound of ``|f|`` on ``|Im z| <= strip``
        (logarithmic kernels: of its mean over the base, on the grid's range), a non-decreasing
        convex function for ``strip * spread < pi``.

    Returns
    -------
    AxisPlan
        Chosen by floats; the error it really has follows from the proved bounds of this module.

    Raises
    ------
    InputError
        If the spread or the range is not finite (as a float).

    Examples
    --------
    >>> plan = plan_axis(math.log(1e-15), 2.875, 0.0, 0.0, lambda strip: 3.0)
    >>> 80 < plan.nodes < 140, plan.first == -plan.last
    (True, True)
    """
    base = log_majorant(0.0) - target_log
    check_range(sum(map(abs, (spread, low, high, base))), math.inf)
    needed = max(base + math.log(4.0), 1.0)
    ceiling = math.sqrt(2.0 * needed)
    if spread * ceiling > math.pi * (1 - 1e-6):
        ceiling = math.pi * (1 - 1e-6) / spread

    def quotient(strip: float) -> float:
        exponent = math.log(4.0) + strip * strip / 2 + log_majorant(strip) - target_log
        return strip / max(exponent, 1.0)

    strip = _maximise(quotient, ceiling)
    step = _dyadic_below(2.0 * math.pi * quotient(strip))
    reach = Fraction(tail_reach(max(base + math.log(2.0), 0.0)))
    first = math.floor((Fraction(low) - reach) / step)
    last = math.ceil((Fraction(high) + reach) / step)
    return AxisPlan(step, first, last, strip)


def _maximise(function: Callable[[float], float], ceiling: float) -> float:
    """Golden-section search on ``(0, ceiling]`` for the maximum of a unimodal function."""
    left, right = 0.0, ceiling
    one, two = right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)
    at_one, at_two = function(one), function(two)
    while right - left > 0.01 * ceiling:  # the maximum is flat: 1e-4 of the step at most
        if at_one > at_two:
            right, two, at_two = two, one, at_one
            one = right - _GOLDEN * (right - left)
            at_one = function(one)
        else:
            left, one, at_one = one, two, at_two
            two = left + _GOLDEN * (right - left)
            at_two = function(two)
    return one if at_one > at_two else two


def tail_reach(needed: float) -> float:
    """Solve ``erfc(T/sqrt 2) = exp(-needed)`` for ``T >= 1`` (from above, nearly)."""
    reach = math.sqrt(2.0 * needed + 2.0)
    for _ in range(4):  # erfc(T/sqrt 2) <= exp(-T^2/2) sqrt(2/pi)/T
        reach = math.sqrt(max(2.0 * (needed - math.log(reach) - 0.2257), 1.0))
    return max(reach, 1.0) + 1e-9


def _dyadic_below(value: float) -> Fraction:
    """Return the largest ``k 2^e`` with `STEP_BITS` bits not above ``value``."""
    mantissa, exponent = math.frexp(value)
    return Fraction(math.floor(mantissa * 2**STEP_BITS)) * Fraction(2) ** (exponent - STEP_BITS)


def discretisation_bound(arithmetic: ScalarArithmetic, plan: AxisPlan, bound: Bound) -> Any:
    r"""Bound of ``|infinite trapezoid sum - integral|``: :math:`2M/(e^{2\pi a/h} - 1)`.

    The plan gives the strip ``a`` and the step ``h``, both exact, and `bound` holds on the strip.
    The proof is in the module's docstring, as those of the other bounds.
    """
    strip = arithmetic.constant(Fraction(plan.strip))
    mean = bound.growth(arithmetic.sqrt(2 / arithmetic.pi()))
    line_integral = arithmetic.exp(strip * strip / 2) * bound.size * mean
    ratio = 2 * arithmetic.pi() * strip / arithmetic.constant(plan.step)
    return 2 * line_integral / arithmetic.expm1(ratio)


def truncation_bound(arithmetic: ScalarArithmetic, *, left: Any, right: Any, bound: Bound) -> Any:
    r"""Bound of the omitted nodes' sum: ``F (c erfc(T/sqrt 2)/2 + A phi(T))`` at both ends.

    Parameters
    ----------
    arithmetic : ScalarArithmetic
        The number type.
    left, right : number
        Distances ``T`` from the outermost centres to the first and last node; certainly
        non-negative (at least 1 with an envelope), as `plan_axis` makes them.
    bound : Bound
        On the real line.

    Raises
    ------
    ValueError
        If a distance is not certainly large enough for the proof.
    """
    smallest = 0 if bound.envelope is None else 1
    if not (left >= smallest and right >= smallest):
        raise ValueError("the grid does not reach beyond the centres of the base")
    total = arithmetic.constant(0)
    for distance in (left, right):
        tail = arithmetic.erfc(distance / arithmetic.sqrt(arithmetic.constant(2))) / 2
        total = total + bound.growth(0) * tail + bound.slope * gauss(arithmetic, distance)
    return bound.size * total


def gauss(arithmetic: ScalarArithmetic, place: Any) -> Any:
    """Density of the standard normal law."""
    return arithmetic.exp(-place * place / 2) / arithmetic.sqrt(2 * arithmetic.pi())


def product_discretisation_bound(
    arithmetic: ScalarArithmetic, plans: Sequence[AxisPlan], bounds: Sequence[Bound]
) -> Any:
    """Bound of ``|infinite product trapezoid sum - integral|``, one axis at a time.

    The bounds hold on the strip of each axis.
    """
    total = arithmetic.constant(0)
    others = arithmetic.constant(Fraction(5 * len(plans), 4))
    for axis, (plan, bound) in enumerate(zip(plans, bounds, strict=True)):
        error = discretisation_bound(arithmetic, plan, bound.moved(others))
        total = total + error * product_factor(arithmetic, plans[:axis])
    return total


def product_factor(arithmetic: ScalarArithmetic, plans: Sequence[AxisPlan]) -> Any:
    r"""Bound of the sums of Gaussian weights over whole axes: ``prod (1 + h/sqrt(2 pi))``."""
    factor = arithmetic.constant(1)
    root = arithmetic.sqrt(2 * arithmetic.pi())
    for plan in plans:
        factor = factor * (1 + arithmetic.constant(plan.step) / root)
    return factor


def radial_truncation_bound(
    arithmetic: ScalarArithmetic,
    plans: Sequence[AxisPlan],
    *,
    radius: Any,
    bound: Bound,
) -> Any:
    r"""Bound the sum over all grid points farther than ``R`` from every centre, ``R^2 >= 2r``.

    With :math:`\kappa = r/R^2 \le 1/2` and ``u = x - s_i``, :math:`|u| > R`, the function
    :math:`(c + A|u|) e^{-(1-\kappa)|u|^2/2}` decreases in ``|u|`` (its derivative has the sign of
    :math:`A - (c + A|u|)(1-\kappa)|u|`, and :math:`(1-\kappa)|u|^2 \ge r \ge 1`), so

    .. math:: \sum_{|u| > R} h^r \varphi(u) (c + A|u|)
              \le (c + AR) e^{-(1-\kappa)R^2/2} \kappa^{-r/2}
                  \sum h^r \kappa^{r/2} (2\pi)^{-r/2} e^{-\kappa|u|^2/2},

    and the last sum is at most :math:`\prod(1 + h/\sqrt{2\pi})`. As
    :math:`\kappa R^2 = r`, the bound is
    :math:`F (c + AR) e^{(r-R^2)/2} (R^2/r)^{r/2} \prod (1 + h/\sqrt{2\pi})`.

    Raises
    ------
    ValueError
        If ``R^2 >= 2r`` is not certain.
    """
    rank = len(plans)
    square = radius * radius
    if not square >= 2 * rank:
        raise ValueError("the truncation radius is too small for the proof")
    tail = arithmetic.exp((rank - square) / 2) * arithmetic.sqrt((square / rank) ** rank)
    return bound.size * bound.growth(radius) * tail * product_factor(arithmetic, plans)


def truncation_radius(needed: float, rank: int) -> float:
    """Solve ``exp((r - R^2)/2) (R^2/r)^(r/2) = exp(-needed)`` for ``R``, ``R^2 >= 2r`` (floats).

    Examples
    --------
    >>> 8.5 < truncation_radius(math.log(1e15), 2) < 9.5
    True
    """
    square = max(2.0 * needed, 2.0 * rank)
    for _ in range(12):
        square = max(2.0 * needed + rank + rank * math.log(square / rank), 2.0 * rank)
    return math.sqrt(square) + 1e-6
