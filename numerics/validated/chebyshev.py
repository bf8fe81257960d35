r"""Chebyshev models: an analytic function and its derivative enclosed on an interval.

The interpolant at the ``n + 1`` zeros of :math:`T_{n+1}` has coefficients
:math:`a_k + \sum (\pm) a_{2m(n+1) \pm k}`, and a function bounded by ``M`` in the Bernstein
ellipse with parameter ``rho`` has :math:`|a_k| \le 2 M \rho^{-k}` (Trefethen, *Approximation Theory
and Approximation Practice*, chapters 4 and 8). With :math:`|T_k| \le 1` and
:math:`|T_k'| \le k^2` on ``[-1, 1]``, the interpolant errs by at most
:math:`2 \sum_{k > n} 2 M \rho^{-k}` and its derivative by at most
:math:`2 \sum_{k > n} 2 M k^2 \rho^{-k}`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from flint import arb, arb_poly, fmpz_poly

from numerics.numbers.balls import ball, precision

#: A point as a function of the working precision in force when it is called.
Point = Callable[[], arb]


@dataclass(frozen=True)
class ChebyshevModel:
    """``f(middle + half t) = polynomial(t) +- value_error`` for ``t`` in ``[-1, 1]``.

    Attributes
    ----------
    middle, half : Fraction
        Centre and half-width of the interval.
    polynomial : arb_poly
        Exact coefficients.
    value_error, slope_error : arb
        Proved bounds for the value and for the derivative with respect to the function's argument.
    bits : int
        Precision at which the polynomial is evaluated.
    """

    middle: Fraction
    half: Fraction
    polynomial: arb_poly
    value_error: arb
    slope_error: arb
    bits: int

    def slope(self, low: Fraction, high: Fraction) -> arb:
        """Enclose the derivative on ``[low, high]``, a part of the interval."""
        with precision(self.bits):
            half = ball(self.half)
            centre = ball((low + high) / 2 - self.middle) / half
            reach = ball((high - low) / 2) / half
            shifted = self.polynomial(arb_poly([centre, 1])).derivative()
            total = arb(0)
            for power, coefficient in enumerate(shifted.coeffs()):
                wide = arb(0, (reach**power).abs_upper()) if power else arb(1)
                total += coefficient * wide
            return total / half + arb(0, self.slope_error)


def tail(bound: arb, rho: arb, degree: int) -> tuple[arb, arb]:
    r"""Bounds of value and derivative (in ``t``) of the interpolation error.

    ``sum_{k>n} k^2 r^k``, ``r = 1/rho``, is ``r^{n+1} ((n+1)^2/(1-r) + 2(n+1) r/(1-r)^2 +
    r(1+r)/(1-r)^3)``.

    Examples
    --------
    >>> value, slope = tail(arb(1), arb(2), 10)
    >>> value.str(3, radius=False), bool(slope > value)
    ('0.00391', True)
    """
    r, k = 1 / rho, degree + 1
    front = 4 * bound * r**k
    value = front / (1 - r)
    slope = front * (k * k / (1 - r) + 2 * k * r / (1 - r) ** 2 + r * (1 + r) / (1 - r) ** 3)
    return value, slope


@lru_cache(maxsize=1024)
def _chebyshev(degree: int) -> fmpz_poly:
    return fmpz_poly.chebyshev_t(degree)


def node(middle: Fraction, half: Fraction, number: int, count: int) -> Point:
    """Zero ``number`` of ``T_count`` on the interval, at whatever precision it is asked.

    Examples
    --------
    >>> float(node(Fraction(0), Fraction(1), 0, 1)())
    0.0
    """
    angle = Fraction(2 * number + 1, 2 * count)
    if 2 * angle == 1:
        return lambda: ball(middle)
    return lambda: ball(middle) + ball(half) * (arb.pi() * ball(angle)).cos()


def build(
    function: Callable[[Point, int], arb],
    middle: Fraction,
    half: Fraction,
    *,
    bound: arb,
    rho: Fraction,
    tolerance: float,
) -> ChebyshevModel:
    """Interpolate until the proved derivative error is near ``tolerance``.

    Parameters
    ----------
    function : callable
        ``function(point, digits)`` encloses the value at an exact point.
    middle, half : Fraction
        The interval.
    bound : arb
        Bound of ``|f|`` in the Bernstein ellipse of parameter ``rho`` around the interval.
    rho : Fraction
        Above 1.
    tolerance : float
        Wanted bound of the derivative's error; a choice, the returned bounds are proved.

    Examples
    --------
    >>> model = build(lambda x, d: x().exp(), Fraction(1), Fraction(1), bound=arb(30),
    ...               rho=Fraction(3), tolerance=1e-9)
    >>> model.slope(Fraction(1), Fraction(1)).contains(arb(1).exp())
    True
    """
    degree = needed_degree(float(bound.abs_upper()), float(rho), float(half), tolerance)
    count = degree + 1
    digits = math.ceil(-math.log10(tolerance)) + 2 * math.ceil(math.log10(count + 1)) + 2
    bits = math.ceil(3.33 * digits) + 3 * count + 64
    values = [function(node(middle, half, k, count), digits) for k in range(count)]
    with precision(bits):
        cosines = [(arb.pi() * ball(Fraction(m, 2 * count))).cos() for m in range(4 * count)]
        coefficients = [_coefficient(values, cosines, k) for k in range(count)]
        polynomial = arb_poly([0])
        for k, coefficient in enumerate(coefficients):
            polynomial += arb_poly(_chebyshev(k)) * coefficient.mid()
        value_error, slope_error = tail(bound, ball(rho), degree)
        value_error += sum((c.rad() for c in coefficients), arb(0))
        slope_error += sum((k * k * c.rad() for k, c in enumerate(coefficients)), arb(0))
        # Rounding of the conversion to powers of t is carried by the coefficients' radii.
        return ChebyshevModel(
            middle,
            half,
            polynomial,
            arb(value_error.abs_upper()),
            arb((slope_error / ball(half)).abs_upper()),
            bits,
        )


def needed_degree(bound: float, rho: float, half: float, tolerance: float) -> int:
    """Smallest degree whose derivative tail is about half the tolerance (at most 2000).

    Examples
    --------
    >>> needed_degree(1.0, 2.0, 1.0, 1e-6)
    34
    """
    degree = 2
    while degree < 2000:
        size = math.log(4 * max(bound, 1e-300)) - (degree + 1) * math.log(rho)
        size += 2 * math.log(degree + 1) - math.log(half * (1 - 1 / rho))
        if size < math.log(tolerance / 2):
            break
        degree += 2
    return degree


def _coefficient(values: list[arb], cosines: list[arb], k: int) -> arb:
    """``(2/count) sum f(t_i) cos(k (2i+1) pi/(2 count))``, halved for ``k = 0``."""
    count = len(values)
    total = arb(0)
    for i, value in enumerate(values):
        total += value * cosines[k * (2 * i + 1) % (4 * count)]
    return total * (1 if k == 0 else 2) / count
