r"""Product rules at the speed of doubles, with a proved bound of every rounding.

All terms of a moment are nonnegative (weights and responsibilities), so that *relative* errors
bound everything, and a sum of ``N`` nonnegative doubles is off by a factor between
:math:`(1-u)^{N}` and :math:`(1+u)^{N}`, ``u = 2^-53``, whatever the order, with fused operations or
without: a product of matrices may be left to BLAS. No exponential of a library is trusted: the
tables of one axis are balls, rounded to doubles and compared with them, and nodes need products,
one sum and one division.

- ``t_j/t_r`` at a node is a product of one table entry for each axis; ``r`` is the component with
  the smallest norm, so that ``tau = sum_j t_j/t_r >= 1``: what underflows is negligible, what
  overflows is seen (`FloatRangeError`).
- For boxes of means the tables belong to the midpoints. As :math:`\partial_{v} (x v - v^2/2) = x -
  v`, every ``log t_j`` differs from its value there by at most :math:`\epsilon = \max_j \sum_a
  \rho_{ja} (|x_a| + |v_{ja}| + \rho_{ja})` plus the weights' part, and a responsibility by a factor
  between :math:`e^{-2\epsilon}` and :math:`e^{2\epsilon}`.
- All moments of the highest degree ``P`` are entries of one product of matrices, of the monomials
  of degree ``ceil(P/2)`` times the weight with those of degree ``floor(P/2)``.

The bounds of truncation and discretisation are those of the grid, as in any other sum over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from flint import arb
from numpy.typing import NDArray

from numerics.kernels.straight_line import Kernel
from numerics.numbers.balls import ball, precision
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature import product, slabs
from numerics.quadrature.float_polynomials import Form, kernel_forms, monomials
from numerics.quadrature.inputs import Inputs
from numerics.quadrature.trapezoid import AxisPlan
from numerics.quadrature.windows import Window

Floats = NDArray[np.float64]

#: Rules for more digits are summed in balls: doubles do not have them.
MOST_DIGITS = 12
#: Smaller grids are walked in balls: the tables cost as much.
FEWEST_NODES = 4096
#: With more components there are too many monomials.
MOST_COMPONENTS = 8
_TABLE_BITS = 128
#: Nodes of one product of matrices: its length is what the bound of rounding grows with.
_PIECE = 256
#: Products of matrices with at most so many multiplications are not shared among threads, which
#: would wait for each other; blocks of nodes are at least so long.
_ALONE = 200_000
_SHORTEST = 16
_UNIT = arb(2) ** -53
#: Table entries are off by at most this factor: checked, entry by entry.
_TABLE_UNITS = 3
#: No partial product of table entries may leave this range, as a logarithm.
_MOST_EXPONENT = 600.0
#: More than all underflows together, flushed to zero or not: each is off by at most ``2^-1022
#: e^600 < 2^-156``, and there are fewer than ``2^60`` of them.
_UNDERFLOW = arb(2) ** -90


class FloatRangeError(Exception):
    """Doubles do not have the range or the digits for these means."""


def serves(kernel: Kernel, inputs: Inputs, digits: int, nodes: int) -> bool:
    """Whether a kernel may be summed in doubles: one Gaussian teacher, no logarithms.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> from numerics.kernels.straight_line import compile_kernel
    >>> means = [[arb(0), arb(1)], [arb(2), arb(0)]]
    >>> kernel = compile_kernel([load_program("forward", "gradient")], 2, 2)
    >>> serves(kernel, Inputs(means, means, [arb(1) / 2] * 2), 6, 10_000)
    True
    """
    if digits > MOST_DIGITS or nodes < FEWEST_NODES or kernel.logarithm:
        return False
    return inputs.rank > 1 and inputs.teacher is None and len(inputs.weights) <= MOST_COMPONENTS


def float_sum(
    arithmetic: ScalarArithmetic,
    kernel: Kernel,
    inputs: Inputs,
    grid: product.Grid,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[arb], int]:
    r"""Enclosures of a kernel's accumulators under the teacher, and the nodes' number.

    Parameters
    ----------
    arithmetic : ScalarArithmetic
        ``BALL``.
    kernel : Kernel
        For which `serves` says yes.
    inputs : Inputs
        Balls; wide ones (boxes) are fine.
    grid : Grid
    progress : callable, optional
        Told the numbers of nodes done and of all.

    Raises
    ------
    FloatRangeError
        If numbers leave the range of doubles.
    """
    forms, tau = kernel_forms(kernel, inputs)
    degree, components = forms[0].degree, len(inputs.weights)
    with precision(_TABLE_BITS):
        centre = _middle(inputs)
        reference = _reference(inputs)
        tables = [_Tables(arithmetic, centre, window, reference) for window in grid.windows]
    powers = _Monomials(components, degree)
    parts = list(slabs.cut(arithmetic, inputs, "teacher", grid, slabs.FEWEST_BITS))
    total, nodes, done = _PairwiseSum(), sum(slab.nodes for slab in parts), 0
    for slab in parts:
        for values, weights in tables[slab.window].pieces(slab):
            total.add(powers.sums(values, weights))
        done += slab.nodes
        if progress is not None:
            progress(done, nodes)
    moments = total.value()
    if not np.isfinite(moments).all():
        raise FloatRangeError
    with precision(_TABLE_BITS):
        relative = _relative_error(components, degree, inputs.rank, total.depth)
        spread = (2 * degree * _spread(inputs, grid)).exp()
        known = [arb(float(moments[place])) for place in powers.places()]
        return [_value(form, known, (1 + relative) * spread - 1, tau) for form in forms], nodes


def _value(form: Form, moments: Sequence[arb], relative: arb, tau: arb) -> arb:
    """The form at moments that are known up to a relative error, and what underflowed."""
    value, size = arb(0), arb(0)
    for coefficient, most, moment in zip(form.values, form.sizes, moments, strict=True):
        if most:
            value += arb(float(coefficient)) * moment
            size += arb(float(most)) * (moment + _UNDERFLOW)
    # sizes are rounded, too
    error = (1 + _UNIT) ** (2 * form.roundings) * (1 + tau) ** form.factors - 1 + relative
    return value + arb(0, arb((2 * error * size).abs_upper()))


def _middle(inputs: Inputs) -> Inputs:
    """The exact midpoints."""

    def rows(table: Sequence[Sequence[arb]]) -> list[list[arb]]:
        return [[value.mid() for value in row] for row in table]

    weights = [weight.mid() for weight in inputs.weights]
    return Inputs(rows(inputs.means), rows(inputs.coordinates), weights)


def _reference(inputs: Inputs) -> int:
    """Number of the component with about the smallest norm."""
    squares = [sum(float(value.mid()) ** 2 for value in row) for row in inputs.coordinates]
    return squares.index(min(squares))


def _relative_error(components: int, degree: int, rank: int, depth: int) -> arb:
    """Relative error of a moment at the midpoints, all roundings together.

    Counted are factors in ``[1 - u, 1 + u]`` or their inverses; ``count`` of them are a factor
    within ``1/(1 - count u) - 1`` of 1. A table entry has `_TABLE_UNITS`; ``t_j`` an entry for
    every axis and one for ``pi_j/pi_r``, and the products between them; ``tau`` adds ``n``, the
    division and the product one each; monomials have ``P`` responsibilities and ``P + 1`` products,
    the weight an entry for every axis; then the sum of a piece and the sums of pieces.
    """
    entry = (rank + 1) * (_TABLE_UNITS + 1)
    responsibility = 2 * entry + components + 2
    count = degree * (responsibility + 1) + entry + 2 + _PIECE + depth
    with precision(_TABLE_BITS):
        return arb((1 / (1 - count * _UNIT) - 1).abs_upper())


def _spread(inputs: Inputs, grid: product.Grid) -> arb:
    r""":math:`\epsilon` of the module's docstring."""
    plans = [window.plans for window in grid.windows]
    ends = [
        max(max(abs(plan[axis].first), abs(plan[axis].last)) * plan[axis].step for plan in plans)
        for axis in range(inputs.rank)
    ]
    worst = arb(0)
    for row, weight in zip(inputs.coordinates, inputs.weights, strict=True):
        total = arb((weight / weight.mid()).log().abs_upper())
        for value, end in zip(row, ends, strict=True):
            total += value.rad() * (ball(end) + arb(value.abs_upper()) + value.rad())
        worst = worst.max(total)
    return worst


class _Tables:
    """Doubles of one window: weights and ``t_j/t_r`` of every axis, outermost first."""

    def __init__(
        self, arithmetic: ScalarArithmetic, centre: Inputs, window: Window, reference: int
    ) -> None:
        order = product.walk_order(window.plans)
        axes = [_axis(arithmetic, centre, window.plans[a], a, reference) for a in order]
        self.weights = [weights for weights, _ in axes]
        self.factors = [factors for _, factors in axes]
        leading = centre.weights[reference]
        shares = _doubles([weight / leading for weight in centre.weights])
        self.factors[0] = self.factors[0] * shares[:, None]
        sizes = [np.abs(np.log(np.maximum(f, 5e-324))).max(axis=1) for f in self.factors]
        if max(size.max() for size in sizes) > _MOST_EXPONENT:
            raise FloatRangeError

    def pieces(self, slab: slabs.Slab) -> Iterator[tuple[Floats, Floats]]:
        """Yield ``(psi (n, N), weights (N,))`` with ``N`` at most `_PIECE`."""
        numbers = np.array(slab.lines, dtype=np.int64).T
        heads, weights = self.factors[0][:, numbers[0]], self.weights[0][numbers[0]]
        for axis in range(1, len(numbers)):
            heads = heads * self.factors[axis][:, numbers[axis]]
            weights = weights * self.weights[axis][numbers[axis]]
        inner = self.factors[-1][:, slab.begin : slab.end + 1]
        density = self.weights[-1][slab.begin : slab.end + 1]
        lines = max(1, _PIECE // inner.shape[1])
        for start in range(0, heads.shape[1], lines):
            chosen = slice(start, start + lines)
            for first in range(0, inner.shape[1], _PIECE):
                part = slice(first, first + _PIECE)
                ratios = heads[:, chosen, None] * inner[:, None, part]
                total = ratios.sum(axis=0)
                if not total.max() < 1e300:
                    raise FloatRangeError
                psi = ratios * (1 / total)
                weight = weights[chosen, None] * density[None, part]
                yield psi.reshape(len(psi), -1), weight.reshape(-1)


def _axis(
    arithmetic: ScalarArithmetic, centre: Inputs, plan: AxisPlan, axis: int, reference: int
) -> tuple[Floats, Floats]:
    """Doubles of ``h phi(x)`` and ``exp(x (v_j - v_r) - (v_j^2 - v_r^2)/2)`` at an axis's nodes."""
    step, start = arithmetic.constant(plan.step), arithmetic.constant(plan.first * plan.step)
    weight = step / arithmetic.sqrt(2 * arithmetic.pi()) * (-start * start / 2).exp()
    decay, ratio = (-(step * start) - step * step / 2).exp(), (-step * step).exp()
    weights = []
    for _ in range(plan.nodes):
        weights.append(weight)
        weight, decay = weight * decay, decay * ratio
    own = centre.coordinates[reference][axis]
    factors = []
    for row in centre.coordinates:
        difference = row[axis] - own
        value = (difference * (start - (row[axis] + own) / 2)).exp()
        growth = (step * difference).exp()
        column = []
        for _ in range(plan.nodes):
            column.append(value)
            value = value * growth
        factors.append(_doubles(column))
    return _doubles(weights), np.array(factors)


def _doubles(values: Sequence[arb]) -> Floats:
    """Doubles within `_TABLE_UNITS` - 1 units of the balls, which is checked."""
    numbers = [float(value) for value in values]
    limit = (_TABLE_UNITS - 1) * arb(2) ** -53
    for value, number in zip(values, numbers, strict=True):
        if not (number > 1e-290 and abs(arb(number) - value) <= limit * value):
            raise FloatRangeError
    return np.array(numbers)


class _Monomials:
    """All monomials of degree ``P`` in the responsibilities: products of two of half degree."""

    def __init__(self, components: int, degree: int) -> None:
        self.components = components
        self.degrees = -(-degree // 2), degree // 2
        self.steps = [self._recipe(power) for power in range(2, self.degrees[0] + 1)]

    def _recipe(self, power: int) -> tuple[list[int], list[int]]:
        """Monomials of a degree from those of one less: number there, and the last factor."""
        lower = {chosen: k for k, chosen in enumerate(monomials(self.components, power - 1))}
        found = monomials(self.components, power)
        return [lower[chosen[:-1]] for chosen in found], [chosen[-1] for chosen in found]

    def sums(self, psi: Floats, weights: Floats) -> Floats:
        """Sums over nodes of the weight times each product of a row and a column."""
        powers = [np.ones((1, psi.shape[1])), psi]
        for lower, last in self.steps:
            powers.append(powers[-1][lower] * psi[last])
        left, right = (powers[part] for part in self.degrees)
        left = left * weights
        count = weights.shape[0]
        width = min(count, max(_SHORTEST, _ALONE // (len(left) * len(right))))
        whole = count // width * width
        # blocks by one call: a strided view of each matrix
        blocks = [
            matrix[:, :whole].reshape(len(matrix), -1, width).transpose(1, 0, 2)
            for matrix in (left, right)
        ]
        result: Floats = (blocks[0] @ blocks[1].transpose(0, 2, 1)).sum(axis=0)
        if whole < count:
            result += left[:, whole:] @ right[:, whole:].T
        return result

    def places(self) -> list[tuple[int, int]]:
        """Row and column of every monomial, in the order of `monomials`."""
        first, second = (
            {chosen: k for k, chosen in enumerate(monomials(self.components, part))}
            for part in self.degrees
        )
        half = self.degrees[0]
        return [
            (first[chosen[:half]], second[chosen[half:]])
            for chosen in monomials(self.components, sum(self.degrees))
        ]


class _PairwiseSum:
    """Sum of arrays in a binary tree: its depth is the number of additions to a term."""

    def __init__(self) -> None:
        self._kept: list[tuple[int, Floats]] = []
        self.depth = 0

    def add(self, value: Floats) -> None:
        """Add an array."""
        level = 0
        while self._kept and self._kept[-1][0] == level:
            value, level = self._kept.pop()[1] + value, level + 1
        self._kept.append((level, value))
        self.depth = max(self.depth, level)

    def value(self) -> Floats:
        """Return the sum; `depth` includes its additions."""
        total = self._kept[-1][1]
        for _, value in reversed(self._kept[:-1]):
            total = value + total
        self.depth += len(self._kept)
        return total
