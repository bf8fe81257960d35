r"""Radau IIA collocation of any order, in mpmath numbers.

For ``y' = f(t, y)`` on ``[t, t + h]`` the method finds the polynomial ``u`` of degree ``s`` with
``u(t) = y`` and ``u' = f(u)`` at the ``s`` Radau nodes ``0 < c_1 < ... < c_s = 1``; its end has
order ``2s - 1`` and it is stiffly accurate (Hairer and Wanner, *Solving Ordinary Differential
Equations II*, IV.5). With increments ``Z_i = u(t + c_i h) - y`` the equations read

.. math:: \sum_j D_{ij} Z_j = h f(t + c_i h,\, y + Z_i),

``D = A^{-1}`` the differentiation matrix of polynomials that vanish at 0. They are solved by
Newton's method with the Jacobian at every stage, so that digits double.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import flint
import mpmath
import numpy as np

from numerics.numbers.arithmetic import Array
from numerics.numbers.balls import precision

#: ``(time, values) -> (f, df/dy, size)``: ``size`` is what one unit of error in the underlying
#: evaluation may change each entry of ``f`` by.
System = Callable[[Any, Array], tuple[Array, Array, Array]]


@dataclass(frozen=True)
class Collocation:
    """Nodes and differentiation matrix.

    Attributes
    ----------
    nodes : tuple of mpf
        ``c_1 < ... < c_s = 1``.
    derivative : s x s array of mpf
        ``D``: values at the nodes of a polynomial of degree ``s`` that vanishes at 0, to the values
        of its derivative there.
    barycentric : tuple of mpf
        Weights of the interpolation at ``0, c_1, ..., c_s``.

    Examples
    --------
    >>> rule = radau(2, 60)
    >>> [mpmath.nstr(node, 6) for node in rule.nodes]                    # 1/3 and 1
    ['0.333333', '1.0']
    """

    nodes: tuple[Any, ...]
    derivative: Array
    barycentric: tuple[Any, ...]

    @property
    def stages(self) -> int:
        """Number ``s`` of nodes."""
        return len(self.nodes)

    def interpolate(self, increments: Array, place: Any) -> Array:
        """Value at ``place`` (1 is the end of the step) of the polynomial with given increments."""
        places = (mpmath.mpf(0), *self.nodes)
        for index, node in enumerate(places):
            if place == node:
                return np.asarray(increments[index - 1] if index else 0 * increments[0])
        factors = [w / (place - node) for w, node in zip(self.barycentric, places, strict=True)]
        total = sum(factors)
        return np.asarray(
            sum(f * row for f, row in zip(factors[1:], increments, strict=True)) / total
        )


@lru_cache(maxsize=16)
def radau(stages: int, bits: int) -> Collocation:
    """Return the Radau IIA rule with ``stages`` nodes, to ``bits`` bits.

    Differences of nodes lose about a bit per stage; they are computed with as many more.
    """
    with mpmath.workprec(bits + 4 * stages + 20):
        nodes = (*_interior_nodes(stages), mpmath.mpf(1))
        places = (mpmath.mpf(0), *nodes)
        weights = []
        for i, place in enumerate(places):
            others = (place - other for k, other in enumerate(places) if k != i)
            weights.append(1 / mpmath.fprod(others))
        derivative = np.empty((stages, stages), dtype=object)
        for i in range(1, stages + 1):
            row = [
                weights[k] / weights[i] / (places[i] - places[k]) if k != i else mpmath.mpf(0)
                for k in range(stages + 1)
            ]
            row[i] = -sum(row)
            derivative[i - 1] = row[1:]
        return Collocation(nodes, derivative, tuple(weights))


def _interior_nodes(stages: int) -> list[Any]:
    """Zeros below 1 of ``P_s - P_{s-1}`` on ``[0, 1]``: Newton from double precision."""
    if stages == 1:
        return []
    from scipy.special import roots_jacobi

    nodes = []
    for guess in sorted(roots_jacobi(stages - 1, 1, 0)[0]):
        x, correct = mpmath.mpf(float(guess)), 40
        while correct < 2 * mpmath.mp.prec:
            value, slope = _radau_polynomial(stages, x)
            x -= value / slope
            correct *= 2
        nodes.append((1 + x) / 2)
    return nodes


def _radau_polynomial(stages: int, x: Any) -> tuple[Any, Any]:
    """``P_s - P_{s-1}`` and its derivative at ``-1 < x < 1``."""
    before, last = mpmath.mpf(1), x
    for k in range(2, stages + 1):
        before, last = last, ((2 * k - 1) * x * last - (k - 1) * before) / k
    # P_k' = k (P_{k-1} - x P_k)/(1 - x^2); P_{s-2} from the recurrence, backwards
    s = stages
    earlier = ((2 * s - 1) * x * before - s * last) / (s - 1) if s > 1 else mpmath.mpf(0)
    slope = s * (before - x * last) - (s - 1) * (earlier - x * before)
    return last - before, slope / (1 - x * x)


@dataclass(frozen=True)
class Correction:
    """One Newton iteration.

    Attributes
    ----------
    increments : s x N array
        Corrected increments.
    change : s x N array
        What the iteration added.
    influence : s x N array
        Change of the increments under an error of about one unit in all evaluations.
    """

    increments: Array
    change: Array
    influence: Array


def newton(
    rule: Collocation, system: System, start: Any, step: Any, values: Array, increments: Array
) -> Correction:
    """Apply one Newton iteration to the collocation equations.

    Parameters
    ----------
    start, step : mpf
        ``t`` and ``h``.
    values : array of N mpf
        ``y``.
    increments : s x N array
        Present approximation of ``Z``.

    Raises
    ------
    ZeroDivisionError
        If the linear system is singular at the working precision.

    Examples
    --------
    >>> decay = lambda t, y: (-y, np.array([[mpmath.mpf(-1)]]), np.array([mpmath.mpf(1)]))
    >>> rule, zero = radau(3, 60), np.zeros((3, 1), dtype=object)
    >>> found = newton(rule, decay, 0, mpmath.mpf("0.1"), np.array([mpmath.mpf(1)]), zero)
    >>> mpmath.nstr(1 + found.increments[-1, 0], 9)                          # exp(-0.1)
    '0.904837418'
    """
    count, size = increments.shape
    # Any direction with a part in every mode; errors of a quadrature change slowly with time.
    direction = np.array([(-1) ** k * (1 + mpmath.mpf(k) / size) for k in range(size)])
    residual = -(rule.derivative @ increments)
    units = np.empty_like(residual)
    matrix = np.empty((count, size, count, size), dtype=object)
    matrix[...] = mpmath.mpf(0)
    for i, node in enumerate(rule.nodes):
        velocity, jacobian, unit = system(start + node * step, values + increments[i])
        residual[i] += step * velocity
        units[i] = step * unit * direction
        for k in range(size):
            matrix[i, k, :, k] = rule.derivative[i]
        matrix[i, :, i, :] = matrix[i, :, i, :] - step * jacobian
    right = np.stack([residual.ravel(), units.ravel()], axis=1)
    solution = solve(matrix.reshape(count * size, count * size), right)
    change = solution[:, 0].reshape(count, size)
    return Correction(increments + change, change, solution[:, 1].reshape(count, size))


def solve(matrix: Array, right: Array) -> Array:
    """Solve a linear system at the working precision, by FLINT's approximate elimination.

    Examples
    --------
    >>> one = mpmath.mpf(1)
    >>> solve(np.array([[2 * one]], dtype=object), np.array([[one]], dtype=object))[0, 0]
    mpf('0.5')
    """
    with precision(mpmath.mp.prec):
        found = flint.arb_mat(_rows(matrix)).solve(flint.arb_mat(_rows(right)), algorithm="approx")
        entries = [_to_mpf(entry) for entry in found.entries()]
    return np.array(entries, dtype=object).reshape(right.shape)


def _rows(matrix: Array) -> list[Sequence[Any]]:
    return [list(row) for row in matrix]


def _to_mpf(value: Any) -> Any:
    mantissa, exponent = value.mid().man_exp()
    raw = mpmath.libmp.from_man_exp(mpmath.libmp.MPZ(int(mantissa)), int(exponent))
    return mpmath.mp.make_mpf(raw)
