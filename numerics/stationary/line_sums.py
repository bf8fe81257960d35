r"""Three components on a line: the gradient over many boxes at once, in doubles with proved bounds.

Equal weights; half the gradient of the forward loss is ``E[m m_j]``, ``m_j`` the derivative of the
score error in ``v_j`` (`derive.mixtures.line_derivatives`). With nodes ``x_i`` of a trapezoid rule
let ``S_j(V) = sum_i w_i m(x_i) m_j(x_i)``. For every ``V = c + delta`` in a box with centre ``c``
and half-widths ``h``

.. math:: |E[m m_j] - S_j(c) - \sum_k \partial_k S_j(c)\, \delta_k|
          \le \tfrac12 \sum_{kl} h_k h_l \sup |\partial_{kl} S_j| + e .

*Second derivatives* are sums over nodes of products of derivatives of ``m``: polynomials in ``p, q,
u, w, z``, bounded monomial by monomial by the largest moduli over the box. ``p_j = E_j/sum_k E_k``,
``E_k = exp(-(x - v_k)^2/2)``, is largest where ``E_j`` is and the others are least; each of them is
monotone in ``|x - v_k|``. Everything in these bounds is nonnegative.

*Rule.* ``e`` bounds ``S_j - E[m m_j]`` (`rule_errors`): for ``|y| <= theta/D``, ``D`` the largest
distance of two means, responsibilities grow by at most ``S = 1/cos(theta/2)`` on the lines ``Im x =
y`` (`numerics.quadrature.majorant`), so the polynomials have a majorant there.

*Rounding.* Means and nodes are multiples of `UNIT`, hence ``x - v``, differences of means and half
widths are exact. ``E`` and the weights are looked up in tables made by balls, with relative errors
below ``2^-50``; so inputs are off by at most ``2^-47`` of their moduli, or of the sum of moduli
that ``u`` and ``w`` are. A sum of ``N <= 2^11`` products of at most 20 of them, evaluated in
whatever order, is off by at most ``(1+2^-47)^20 (1+2^-53)^N' - 1 < 2^-40`` times the same sum of
*moduli*, ``N' <= 2^12`` the number of operations on the way of a term (Higham, *Accuracy and
Stability of Numerical Algorithms*, section 3.1). The latter is at most that of the majorant on the
line, one number for all boxes. Bounds are sums and products of nonnegative numbers: they have
relative errors below ``2^-40``, too, and are raised by that. What underflows is below ``10^-280``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import permutations
from math import comb
from typing import Any

import numpy as np
from flint import arb, arb_poly
from numpy.typing import NDArray

from derive.mixtures.line_derivatives import COMPONENTS, SYMBOLS, Form, forms
from numerics.errors import InputError
from numerics.numbers.balls import ball, precision

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Means are integers in this unit.
UNITS = 2**13
UNIT = Fraction(1, UNITS)
#: Of rounding, relative to the sum of moduli; and what is added to bounds.
ROUNDING = 2.0**-40
_TINY = 1e-280
#: Nodes lie within.
_REACH = 7
#: Means lie within.
FARTHEST = 10
_BITS = 80
#: Boxes times nodes in one array: it should fit in a cache.
_CACHED = 12_000
#: ``theta`` of the strip, below pi.
_ANGLE = Fraction(26, 10)
#: Largest distances of the means for which there is a rule, and its nodes per unit and distance.
_DISTANCES = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20)
_DENSITY = Fraction(9, 5)
_PAIRS = tuple((j, k) for j in range(COMPONENTS) for k in range(j, COMPONENTS))
_TRIPLES = tuple((j, k, i) for j, k in _PAIRS for i in range(k, COMPONENTS))


@dataclass(frozen=True)
class Expansion:
    """Half the gradient over boxes: value and slopes at the centres, and bounds.

    Attributes
    ----------
    value, value_error : ndarray, shape (3, N)
        ``S_j`` at the centres, and a bound of its distance from ``E[m m_j]``.
    slope, slope_error : ndarray, shape (3, 3, N)
        The same for the derivatives (half the Hessian).
    bend : ndarray, shape (3, 3, 3, N)
        Bounds of the second derivatives of ``S_j`` in the boxes.
    """

    value: Floats
    value_error: Floats
    slope: Floats
    slope_error: Floats
    bend: Floats


def expand(low: Integers, high: Integers) -> Expansion:
    """Expand half the gradient over boxes.

    Parameters
    ----------
    low, high : ndarray of int, shape (N, 3)
        Ends in units of `UNIT`, with integer middles, at most `FARTHEST` from 0.

    Raises
    ------
    InputError
        For other boxes: the bounds would be those of a smaller one.

    Examples
    --------
    >>> middle = np.array([[-20894, 0, 20894]])
    >>> found = expand(middle - 2, middle + 2)
    >>> bool(np.abs(found.value).max() < 1e-4), bool(found.value_error.max() < 1e-7)
    (True, True)
    """
    _check(low, high)
    result = _empty(len(low))
    distances = (high.max(axis=1) - low.min(axis=1)) / UNITS
    least = 0.0
    for distance in _DISTANCES:
        rows = np.flatnonzero((distances > least) & (distances <= distance))
        least = float(distance)
        together = _CACHED // len(_nodes(distance)[0]) if len(rows) else 1
        for start in range(0, len(rows), together):
            piece = rows[start : start + together]
            _into(result, piece, _expand(low[piece], high[piece], distance))
    return result


def _check(low: Integers, high: Integers) -> None:
    farthest = FARTHEST * UNITS
    fits = (-farthest <= low) & (low <= high) & (high <= farthest) & ((low + high) % 2 == 0)
    if not fits.all():
        row = np.flatnonzero(~fits.all(axis=1))[0]
        allowed = f"ends in order, {-farthest} to {farthest}, with integer middles"
        raise InputError("low, high", (low[row].tolist(), high[row].tolist()), allowed)


def _empty(count: int) -> Expansion:
    shapes = ((3,), (3,), (3, 3), (3, 3), (3, 3, 3))
    return Expansion(*(np.full((*shape, count), np.nan) for shape in shapes))


def _into(result: Expansion, rows: Integers, part: Expansion) -> None:
    for name in ("value", "value_error", "slope", "slope_error", "bend"):
        getattr(result, name)[..., rows] = getattr(part, name)


def _expand(low: Integers, high: Integers, distance: int) -> Expansion:
    nodes, weights = _nodes(distance)
    middle, half = (low + high).T // 2, (high - low).T // 2
    centre, score = _inputs(nodes, middle)
    values, bounds = _evaluators()
    first, second, _ = _grouped(values(*centre))
    value_error, slope_error = _errors(distance)
    result = _empty(low.shape[0])
    result.value_error[...], result.slope_error[...] = value_error, slope_error
    for j in range(COMPONENTS):
        result.value[j] = (score * first[j,]) @ weights
    for j, k in _PAIRS:
        slope = (first[j,] * first[k,] + score * second[j, k]) @ weights
        result.slope[j, k] = result.slope[k, j] = slope
    one, two, three = _grouped(bounds(*_bounds(nodes, middle, half, centre)))
    radius = half[:, :, None] / UNITS
    moved = np.abs(score) + ROUNDING * FARTHEST
    moved += sum(one[j,] * radius[j] for j in range(COMPONENTS))
    for j, k, i in _TRIPLES:
        total = two[j, k] * one[i,] + two[j, i] * one[k,] + two[k, i] * one[j,]
        size = ((total + moved * three[j, k, i]) @ weights) * (1 + ROUNDING) + _TINY
        for order in permutations((j, k, i)):
            result.bend[order] = size
    return result


def _others(j: int) -> tuple[int, int]:
    first, second = (k for k in range(COMPONENTS) if k != j)
    return first, second


def _inputs(nodes: Integers, middle: Integers) -> tuple[tuple[Floats, ...], Floats]:
    """The symbols at the centres, and m."""
    offset = nodes - middle[:, :, None]  # (3, N, nodes)
    terms = _table()[np.abs(offset)]
    places = middle[:, :, None] / UNITS
    p = terms / terms.sum(axis=0)
    q, u = np.empty_like(p), np.empty_like(p)
    for j in range(COMPONENTS):
        a, b = _others(j)
        q[j] = p[a] + p[b]
        u[j] = p[a] * (places[j] - places[a]) + p[b] * (places[j] - places[b])
    z = offset / UNITS
    return (*p, *q, *u, *(1 + u * z), *z), np.asarray((p * places).sum(axis=0))


def _bounds(
    nodes: Integers, middle: Integers, half: Integers, centre: tuple[Floats, ...]
) -> tuple[Floats, ...]:
    """Bounds of the symbols' moduli over the boxes.

    Where ``u = v_j - m`` and ``w = 1 + u z`` change sign their sums of moduli are too large; from
    the centre they move by at most ``r = sum_k h_k sup |du_j/dv_k|``, and ``r |z| + h_j |u|``.
    """
    offset, radius = np.abs(nodes - middle[:, :, None]), half[:, :, None]
    largest, least = _table()[np.maximum(offset - radius, 0)], _table()[offset + radius]
    z, h = (offset + radius) / UNITS, radius / UNITS
    p, q, u = (np.empty_like(z) for _ in range(3))
    for j in range(COMPONENTS):
        a, b = _others(j)
        rest = largest[a] + largest[b]
        p[j] = largest[j] / (largest[j] + (least[a] + least[b]))
        q[j] = rest / (rest + least[j])
    for j in range(COMPONENTS):
        far = ((np.abs(middle[j] - middle[k]) + half[j] + half[k]) / UNITS for k in _others(j))
        u[j] = sum(p[k] * gap[:, None] for k, gap in zip(_others(j), far, strict=True))
    w = 1 + u * z
    moves, drift = h * p * w, h * (q + p * u * z)
    for j in range(COMPONENTS):
        a, b = _others(j)
        drift[j] += moves[a] + moves[b]
    slack = 1 + ROUNDING
    values, waves = (np.abs(np.array(centre[k : k + COMPONENTS])) for k in (6, 9))
    tight = (waves + drift * z + values * h) * slack + ROUNDING * (1 + u * z)
    u = np.minimum(u, (values + drift) * slack + ROUNDING * u)
    w = np.minimum(w, tight)
    return (*p, *q, *u, *w, *z)


def _grouped(values: list[Floats]) -> tuple[dict[Any, Floats], ...]:
    """By order of the derivative."""
    named = dict(zip(forms(), values, strict=False))
    return tuple({k: v for k, v in named.items() if len(k) == order} for order in (1, 2, 3))


@lru_cache(maxsize=16)
def _nodes(distance: int) -> tuple[Integers, Floats]:
    """Nodes in units of `UNIT`, and weights."""
    stride = _stride(distance)
    count = _REACH * UNITS // stride
    nodes = stride * np.arange(-count, count + 1)
    with precision(_BITS):
        scale = ball(stride * UNIT) / (2 * arb.pi()).sqrt()
        squares = (ball((int(node) * UNIT) ** 2) for node in nodes)
        weights = [_double(scale * (-square / 2).exp()) for square in squares]
    return nodes, np.array(weights)


def _stride(distance: int) -> int:
    return int(UNITS / (distance * _DENSITY))


@lru_cache(maxsize=1)
def _table() -> Floats:
    """``exp(-t^2/2)`` at the multiples of `UNIT` up to the largest distance of node and mean."""
    with precision(_BITS):
        half = arb(1) / (2 * UNITS * UNITS)
        size = (_REACH + FARTHEST + 1) * UNITS
        return np.array([_double((-half * (k * k)).exp()) for k in range(size)])


def _double(value: arb) -> float:
    """Nearest double; it is checked that the relative error is below ``2^-50``."""
    found = float(value)
    if not abs(arb(found) - value) < arb(2) ** -50 * value:
        raise ArithmeticError(f"{value} has no double near enough")
    return found


@lru_cache(maxsize=1)
def _evaluators() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Values of the forms of the first two orders, and bounds of all."""
    low = {k: form for k, form in forms().items() if len(k) < COMPONENTS}
    moduli = {k: tuple((abs(c), p) for c, p in form) for k, form in forms().items()}
    return _compiled(low), _compiled(moduli)


def _compiled(which: dict[tuple[int, ...], Form]) -> Callable[..., Any]:
    """A function of the symbols; products are shared, sums are not rearranged."""
    lines: list[str] = []
    known: dict[tuple[str, ...], str] = {(str(s),): str(s) for s in SYMBOLS}

    def product(factors: tuple[str, ...]) -> str:
        if factors not in known:
            front = product(factors[:-1])
            known[factors] = f"y{len(known)}"
            lines.append(f"    {known[factors]} = {front}*{factors[-1]}")
        return known[factors]

    sums = []
    for form in which.values():
        terms = []
        for coefficient, powers in form:
            factors = tuple(str(s) for s, n in zip(SYMBOLS, powers, strict=True) for _ in range(n))
            terms.append(f"{coefficient}*{product(factors)}" if coefficient != 1
                         else product(factors))  # fmt: skip
        sums.append(" + ".join(terms))
    source = [f"def run({', '.join(str(s) for s in SYMBOLS)}):", *lines,
              f"    return [{', '.join(sums)}]"]  # fmt: skip
    scope: dict[str, Any] = {}
    exec(compile("\n".join(source), "<line sums>", "exec"), scope)
    found: Callable[..., Any] = scope["run"]
    return found


def rule_errors(distance: int, stride: int) -> tuple[arb, arb]:
    r"""Bounds of ``|S_j - E[m m_j]|`` and of the derivatives' differences, for all means in reach.

    Discretisation: ``2 M/(e^{2 pi y/s} - 1)`` with ``s`` the step, ``y = theta/D`` and ``M`` a
    bound of the integral of the modulus along ``Im x = const``. On these lines ``|p|, |q| <= S``,
    ``|u| <= S D``, ``|m| <= S A`` and ``|z| <= t = |x| + y + A``, ``|w| <= 1 + S D t``, ``A`` the
    reach of the means; so it is a polynomial in ``t``. Nodes left out: beyond ``X``, less than a
    step within the reach of the rule, ``t^k`` times the density falls faster than
    ``e^{-(X - k/(X + A)) (|x| - X)}``.

    Parameters
    ----------
    distance : int
        ``D``: of two means, at most.
    stride : int
        The step in units of `UNIT`.

    Examples
    --------
    >>> all(error < 1e-5 for error in rule_errors(8, UNITS // 15))
    True
    >>> bool(rule_errors(8, UNITS // 8)[0] < 1e-5)
    False
    """
    with precision(_BITS):
        height, step = ball(_ANGLE) / distance, ball(stride * UNIT)
        growth = 1 / (ball(_ANGLE) / 2).cos()
        falls = 2 / ((2 * arb.pi() * height / step).exp() - 1)
        errors = []
        for on_strip, on_line in zip(
            _majorants(growth, distance), _majorants(arb(1), distance), strict=True
        ):
            mass = (height * height / 2).exp() * _mean(on_strip, height + FARTHEST)
            errors.append(arb((falls * mass + _tail(on_line, _REACH - step)).upper()))
    return errors[0], errors[1]


@lru_cache(maxsize=16)
def _errors(distance: int) -> tuple[float, float]:
    """Errors of the rule and of rounding: of values and of slopes.

    The sums of moduli are at most those of the majorants on the line.
    """
    nodes, weights = _nodes(distance)
    with precision(_BITS):
        errors = []
        rules = rule_errors(distance, _stride(distance))
        for rule, majorant in zip(rules, _majorants(arb(1), distance), strict=True):
            places = (ball(abs(int(node)) * UNIT) + FARTHEST for node in nodes)
            sizes = (arb(float(w)) * majorant(t) for w, t in zip(weights, places, strict=True))
            rounding = arb(ROUNDING) * sum(sizes, arb(0))
            errors.append(float((2 * (rule + rounding)).upper()) + _TINY)
    return errors[0], errors[1]


def _majorants(growth: arb, distance: int) -> tuple[arb_poly, arb_poly]:
    """Of ``m m_j`` and of its derivatives, as polynomials in ``t``."""
    t = arb_poly([0, 1])
    spread = growth * distance
    values = {"p": arb_poly([growth]), "q": arb_poly([growth]), "u": arb_poly([spread]), "z": t,
              "w": 1 + spread * t}  # fmt: skip
    score = growth * FARTHEST

    def majorant(form: Form) -> arb_poly:
        total = arb_poly([0])
        for coefficient, powers in form:
            term = arb_poly([abs(coefficient)])
            for symbol, power in zip(SYMBOLS, powers, strict=True):
                for _ in range(power):
                    term *= values[str(symbol)[0]]
            total += term
        return total

    first = majorant(forms()[0,])
    seconds = [majorant(forms()[pair]) for pair in ((0, 0), (0, 1))]
    slope = first * first + score * _larger(*seconds)
    return score * first, slope


def _larger(first: arb_poly, second: arb_poly) -> arb_poly:
    """Coefficients that bound both."""
    size = max(len(first.coeffs()), len(second.coeffs()))
    return arb_poly([first[k].max(second[k]) for k in range(size)])


def _mean(polynomial: arb_poly, shift: arb) -> arb:
    """Bound of ``E f(|x| + shift)``: ``E |x|^i`` is at most the root of ``E x^(2 i)``."""
    total = arb(0)
    for k, coefficient in enumerate(polynomial.coeffs()):
        powers = (comb(k, i) * shift ** (k - i) * _absolute_moment(i) for i in range(k + 1))
        total += coefficient * sum(powers, arb(0))
    return total


def _absolute_moment(order: int) -> arb:
    product = 1
    for factor in range(1, 2 * order, 2):
        product *= factor
    return arb(product).sqrt()


def _tail(polynomial: arb_poly, reach: arb) -> arb:
    """Bound of the terms ``f(|x| + A)`` of the rule beyond its nodes."""
    edge = reach + FARTHEST
    density = (-reach * reach / 2).exp() / (2 * arb.pi()).sqrt()
    return sum(
        (2 * coefficient * edge**k * density / (reach - k / edge)
         for k, coefficient in enumerate(polynomial.coeffs())),
        arb(0),
    )  # fmt: skip
