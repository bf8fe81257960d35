r"""Gradient steps that enclose the exact iterate by a midpoint and one radius (mean-value form).

Evaluating a gradient on a ball costs 0.1 to 0.2 digits a step, whatever the dynamics do. Here the
gradient is evaluated at the exact midpoint :math:`c` only. For the exact iterate :math:`c + e`,
:math:`|e| \le \rho`, the mean value theorem gives

.. math:: e' = (I - \eta H) e + \text{rounding and quadrature errors at } c,

with :math:`H` some average of Hessians over the box of the iterate, hence
:math:`\rho' = \|I - \eta H(\text{box})\|_2\, \rho + \text{errors}`: the radius grows as the
dynamics expand, and no faster.

Norms are those of all ``n d`` coordinates: a component that stands for ``k`` merged ones counts
``k`` times, which also makes the Jacobian symmetric. Between steps the iterate is an array of balls
whose radii are all :math:`\rho/\sqrt{k}`; the *promise* that goes with them is the bound on the
norm, which is stronger than the box.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb

from numerics.numbers.arithmetic import Arithmetic, Array
from numerics.numbers.balls import precision

if TYPE_CHECKING:
    from numerics.descent.problem import DescentProblem
    from numerics.descent.result import GradientSource

_NORM_BITS = 80
#: Objectives without logarithms, whose Hessian has a bound of its slope
#: (`numerics.quadrature.slopes`).
WITHOUT_LOGARITHM = ("forward", "reverse")


class MeanValueStep:
    """Steps of a descent on the distinct components' coordinates, in balls.

    Parameters
    ----------
    problem : DescentProblem
    source : GradientSource
        Of gradients at exact points and Hessians over boxes.
    arithmetic : Arithmetic
        Rigorous; its context must be entered in every call.
    """

    def __init__(
        self, problem: DescentProblem, source: GradientSource, arithmetic: Arithmetic
    ) -> None:
        reduction = problem.reduction
        self._source = source
        self._symmetry = reduction.symmetry
        self._rank_below_span = reduction.rank < reduction.span
        # boxes cost hundreds of points in a product rule, which has no end for a logarithm's slope
        self._above_a_line = reduction.rank > 1
        self._by_slope = self._above_a_line and problem.objective_name in WITHOUT_LOGARITHM
        self._steps = [
            problem.paper.centred_step(value, arithmetic) for value in problem.schedule.values
        ]
        roots = [arb(count).sqrt() for count in reduction.multiplicities]
        self._roots = roots
        self._flat = [root for root in roots for _ in range(reduction.span)]

    def start(self, coordinates: Array) -> Array:
        """Return initial coordinates as midpoints and one radius."""
        return self._uniform(self._middles(coordinates), coordinates)

    def merge(self, values: Array, error: Any) -> Array:
        """Return coordinates around values that are off by a vector of a norm up to ``error``."""
        return self._uniform(self._middles(values), values, error)

    def advance(self, coordinates: Array, factor: Array, stretch: int) -> Array | None:
        """Return the coordinates one step later; None if the enclosure has become too wide.

        Parameters
        ----------
        coordinates : array of arb
            From `start` or an earlier step.
        factor : array of arb
            Step times sign over multiplicity (`DescentProblem.step_factors`).
        stretch : int
            Stretch of the step size's schedule.
        """
        if self._rank_below_span and self._may_coincide(coordinates):
            return None
        middles = np.vectorize(lambda entry: entry.mid(), otypes=[object])(coordinates)
        gradient = self._source.gradient(middles)[list(self._symmetry.representative)]
        moved = middles - factor * gradient
        expansion = self._expansion(coordinates, self._steps[stretch])
        if expansion is None:
            return None
        spread = arb((expansion * self._radius(coordinates)).abs_upper())
        return self._uniform(self._middles(moved), moved, spread)

    def loss(self, coordinates: Array) -> Any:
        r"""Enclose the loss on the box.

        Above one dimension of integration :math:`|L(c + e) - L(c)| \le \sum_i |g_i(c)| |e_i| +
        \tfrac12 B (\sum_i |e_i|)^2`, ``B`` a bound of the second derivatives: the quadrature is at
        the midpoint alone.
        """
        if not self._by_slope:
            return self._source.loss(coordinates)
        middles = np.vectorize(lambda entry: entry.mid(), otypes=[object])(coordinates)
        gradient = self._source.gradient(middles)
        error = total = arb(0)
        for root, row, slopes in zip(self._roots, coordinates, gradient, strict=True):
            for entry, slope in zip(row, slopes, strict=True):
                error += entry.rad() * arb(slope.abs_upper())
                total += root * root * entry.rad()
        second = self._source.gradient_derivative_bound(_largest(coordinates))
        error += second * total * total / 2
        return self._source.loss(middles) + arb(0, arb(error.abs_upper()))

    def _middles(self, values: Array) -> Array:
        """Exact midpoints that have the problem's symmetry exactly."""
        result = np.empty(values.shape, dtype=object)
        for i, signs in enumerate(self._symmetry.signs):
            row = values[self._symmetry.representative[i]]
            for a, sign in enumerate(signs):
                result[i, a] = row[a].mid() * sign
        return result

    def _uniform(self, middles: Array, values: Array, spread: Any = None) -> Array:
        """Balls around midpoints: the norm of ``values - middles``, plus ``spread``."""
        square = arb(0)
        for i, root in enumerate(self._roots):
            for value, middle in zip(values[i], middles[i], strict=True):
                size = root * arb((value - middle).abs_upper())
                square += size * size
        radius = arb(square.abs_upper()).sqrt()
        if spread is not None:
            radius += spread
        result = np.empty(middles.shape, dtype=object)
        for i, root in enumerate(self._roots):
            own = arb((radius / root).abs_upper())
            result[i] = [arb(middle, own) for middle in middles[i]]
        return result

    def _radius(self, coordinates: Array) -> Any:
        """Bound of the error's norm that uniform balls stand for."""
        largest = arb(0)
        for root, row in zip(self._roots, coordinates, strict=True):
            for entry in row:
                largest = largest.max(root * entry.rad())
        return arb(largest.abs_upper())

    def _expansion(self, coordinates: Array, step: Any) -> Any:
        """Bound of ``|I - step H|`` over the box, in the norm of all components."""
        with precision(_NORM_BITS):
            size = len(self._flat)
            hessian = self._hessian(coordinates)
            jacobian = np.empty((size, size), dtype=object)
            for i in range(size):
                for k in range(size):
                    share = step / (self._flat[i] * self._flat[k])
                    jacobian[i, k] = arb(int(i == k)) - share * hessian[i, k]
                    if not jacobian[i, k].is_finite():
                        return None
            return spectral_bound(jacobian)

    def _hessian(self, coordinates: Array) -> Array:
        """Enclose the Hessian over the box."""
        if self._above_a_line:
            whole = self._source.box_hessian(coordinates)
            if whole is not None:
                return whole
        if self._by_slope:
            return self._around_middle(coordinates)
        return self._source.hessian(coordinates)

    def _around_middle(self, coordinates: Array) -> Array:
        """Hessian at the midpoint, with a bound of its slope times the distance."""
        middles = np.vectorize(lambda entry: entry.mid(), otypes=[object])(coordinates)
        hessian = self._source.hessian(middles)
        distance = sum((entry.rad() for entry in coordinates.flat), start=arb(0))
        slack = self._source.hessian_derivative_bound(_largest(coordinates)) * distance
        return np.asarray(hessian + arb(0, arb(slack.abs_upper())))

    def _may_coincide(self, coordinates: Array) -> bool:
        """Whether the box contains coincident means (no direction of integration in it)."""
        first = coordinates[0]
        for row in coordinates[1:]:
            square = sum(((a - b) * (a - b) for a, b in zip(row, first, strict=True)), start=arb(0))
            if square.lower() > 0:
                return False
        return len(coordinates) > 1


def _largest(coordinates: Array) -> list[Any]:
    """Bound of the entries of every column, over the box."""
    radii = []
    for column in coordinates.T:
        largest = arb(0)
        for entry in column:
            largest = largest.max(arb(entry.abs_upper()))
        radii.append(largest)
    return radii


def spectral_bound(matrix: Array) -> Any:
    """Upper bound of the spectral norm of all symmetric matrices in a ball matrix.

    A float guesses the norm ``s``; Gaussian elimination in balls proves that ``s I - A`` and
    ``s I + A`` are positive definite. The Frobenius norm where that fails, or floats do not reach.

    Examples
    --------
    >>> with precision(64):
    ...     bound = spectral_bound(np.array([[arb(2), arb(1)], [arb(1), arb(2)]]))
    >>> 3 <= float(bound) < 3.0001
    True
    """
    size = len(matrix)
    guess = _guessed_norm(np.array([[float(entry.mid()) for entry in row] for row in matrix]))
    slack = size * max(float(entry.rad()) for entry in matrix.flat) + 1e-12 * (1 + guess)
    identity = np.array([[int(i == k) for k in range(size)] for i in range(size)], dtype=object)
    for factor in (2.0, 16.0, 256.0) if math.isfinite(guess + slack) else ():
        bound = arb(guess + factor * slack)
        if _positive(bound * identity - matrix) and _positive(bound * identity + matrix):
            return bound
    sizes = [arb(entry.abs_upper()) for entry in matrix.flat]
    frobenius = sum((size * size for size in sizes), start=arb(0))
    return arb(frobenius.sqrt().abs_upper())


def _guessed_norm(middles: Array) -> float:
    """Spectral norm of the symmetric part in floats; infinite where they overflow."""
    symmetric = middles / 2 + middles.T / 2
    if not np.isfinite(symmetric).all():
        return math.inf
    try:
        return float(np.abs(np.linalg.eigvalsh(symmetric)).max())
    except np.linalg.LinAlgError:  # entries near the end of the range
        return math.inf


def _positive(matrix: Array) -> bool:
    """Whether elimination without pivoting proves positive definiteness."""
    rows = [list(row) for row in matrix]
    size = len(rows)
    for k in range(size):
        pivot = rows[k][k]
        if not pivot > 0:
            return False
        for i in range(k + 1, size):
            share = rows[i][k] / pivot
            for j in range(k + 1, size):
                rows[i][j] = rows[i][j] - share * rows[k][j]
    return True
