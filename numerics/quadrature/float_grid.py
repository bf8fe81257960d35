r"""Floating-point expectations: responsibilities at nodes, product grids, weighted sums.

A `Scene` holds the rounded means in frame coordinates and turns points ``x`` of the
``rank``-dimensional span into kernel inputs. Log-weights are taken relative to one component,

.. math:: l_j = \log\pi_j + (v_j - v_k)\cdot\bigl(x - \tfrac12 (v_j + v_k)\bigr),

with the differences ``v_j - v_k`` rounded once from their exact values, and with points and means
counted from an origin ``o`` near the nodes: a cluster far from the teacher loses nothing, and the
softmax cannot overflow because its maximum is subtracted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from derive.algebra.program import Base
from numerics.errors import NodeLimitError
from numerics.kernels.arrays import Array, ArrayKernel, FloatType
from numerics.quadrature.trapezoid import AxisPlan

_LOGARITHMS = frozenset({"log_student", "log_teacher"})
_SWITCH_SPREAD = 30.0  # beyond it, each chunk of nodes takes its own reference component


@dataclass(frozen=True)
class Scene:
    """Rounded student and teacher in frame coordinates.

    Attributes
    ----------
    means, teacher_means : arrays, n x s and k x s
        What the kernel reads; the first ``rank`` coordinates span the differences.
    span, teacher_span : arrays, n x rank and k x rank
        Means in the span, counted from the origin of integration.
    origin : array, rank
        That origin: the teacher's mean, or for base "student" one of the student's means.
    differences : array, n x rank
        ``v_j - v_reference``.
    reference : int
        The reference component ``k`` of the module's docstring.
    log_weights, teacher_log_weights : arrays, n and k
    offset : number
        Mean over the base of ``x_perp . v_perp - |v_perp|^2/2``, the part of ``log_student`` that
        the integral does not see: ``-|v_perp|^2/2`` (base "teacher") or ``+`` (base "student").
    """

    means: Array
    teacher_means: Array
    span: Array
    teacher_span: Array
    origin: Array
    differences: Array
    reference: int
    log_weights: Array
    teacher_log_weights: Array
    offset: Array

    @property
    def rank(self) -> int:
        """Dimension of the integral."""
        return int(self.span.shape[1])

    def base_mixture(self, base: Base) -> tuple[Array, Array]:
        """Centres (``k x rank``) and log-weights of the density of the expectation."""
        if base == "teacher":
            return self.teacher_span, self.teacher_log_weights
        return self.span, self.log_weights

    def inputs(self, points: Array, weights: Array, heads: frozenset[str]) -> dict[str, Array]:
        """Kernel inputs at nodes.

        Parameters
        ----------
        points : array, rank x N
        weights : array, N
            Quadrature weights; the heaviest node picks the reference of a wide problem.
        heads : frozenset of str
            The heads that are read.
        """
        reference, differences = self.reference, self.differences
        if _spread(differences) > _SWITCH_SPREAD:
            heaviest = points[:, int(np.argmax(weights))]
            logits = self.log_weights - ((self.span - heaviest) ** 2).sum(1) / 2
            reference = int(np.argmax(logits))
            differences = differences - differences[reference]
        terms = points, self.span, differences, reference, self.log_weights
        if heads & _LOGARITHMS:
            psi, log_student = responsibilities(*terms)
        else:
            psi = _softmax(*terms)[0]
        result = {"psi": psi, **self._constants(heads)}
        if heads & _LOGARITHMS:
            # Both are relative to N(0, I), whose density differs from N(o, I)'s by this exponent.
            shift = self.origin @ points + (self.origin * self.origin).sum() / 2
            result["log_student"] = log_student + shift + self.offset
        if heads & {"phi", "log_teacher"}:
            teacher = self.teacher_span
            phi, log_teacher = responsibilities(
                points, teacher, teacher - teacher[0], 0, self.teacher_log_weights
            )
            result["phi"] = phi
            if "log_teacher" in heads:
                result["log_teacher"] = log_teacher + shift
        return result

    def single_inputs(
        self, points: Array, students: Array, teachers: Array, heads: frozenset[str]
    ) -> dict[str, Array]:
        """Kernel inputs where one student and one teacher have all the responsibility.

        Parameters
        ----------
        points : array, rank x N
        students, teachers : arrays of int, N
            The component at each point; logarithms are of its weighted density alone.
        heads : frozenset of str
        """
        shift = self.origin @ points + (self.origin * self.origin).sum() / 2

        def alone(means: Array, log_weights: Array, chosen: Array) -> tuple[Array, Array]:
            own = means[chosen]
            logs = log_weights[chosen] + (own * points.T).sum(1) - (own * own).sum(1) / 2
            return np.eye(len(means))[:, chosen], logs + shift

        psi, log_student = alone(self.span, self.log_weights, students)
        phi, log_teacher = alone(self.teacher_span, self.teacher_log_weights, teachers)
        return {
            "psi": psi,
            "phi": phi,
            "log_student": log_student + self.offset,
            "log_teacher": log_teacher,
            **self._constants(heads),
        }

    def _constants(self, heads: frozenset[str]) -> dict[str, Array]:
        """Kernel inputs that do not depend on the point."""
        result = {
            "v": self.means,
            "v_shifted": self.differences,
            "v_anchor": self.means[self.reference],
        }
        if heads & {"theta", "theta_shifted"}:  # the first teacher mean is the origin
            result["theta"] = self.teacher_means
        if "pi" in heads:
            result["pi"] = np.exp(self.log_weights)
        if "rho" in heads:
            result["rho"] = np.exp(self.teacher_log_weights)
        return result


def responsibilities(
    points: Array, means: Array, differences: Array, reference: int, log_weights: Array
) -> tuple[Array, Array]:
    r"""Softmax of the log-weights, and :math:`\log\sum_j \pi_j e^{x\cdot v_j - |v_j|^2/2}`.

    Parameters
    ----------
    points : array, rank x N
    means, differences : arrays, n x rank
        ``v_j`` and ``v_j - v_reference``.
    reference : int
    log_weights : array, n

    Returns
    -------
    psi : array, n x N
        Columns sum to one.
    log_density : array, N
        Logarithm of the mixture density relative to ``N(0, I)``.

    Examples
    --------
    >>> means = np.array([[-1.0], [1.0]])
    >>> psi, _ = responsibilities(np.array([[0.0, 500.0]]), means, means - means[0], 0, np.zeros(2))
    >>> psi.round(3).tolist()
    [[0.5, 0.0], [0.5, 1.0]]
    """
    psi, total, top = _softmax(points, means, differences, reference, log_weights)
    anchor = means[reference]
    log_density = np.log(total) + top + (anchor @ points - (anchor * anchor).sum() / 2)
    return psi, log_density


def _softmax(
    points: Array, means: Array, differences: Array, reference: int, log_weights: Array
) -> tuple[Array, Array, Array]:
    """Softmax of the log-weights, the sum before normalising, and the maximum subtracted."""
    constants = log_weights - (differences * (means + means[reference])).sum(1) / 2
    logits = differences @ points
    logits += constants[:, None]
    top = logits.max(axis=0)
    logits -= top
    psi = np.exp(logits, out=logits)
    total = psi.sum(axis=0)
    psi /= total
    return psi, total, top


def _spread(differences: Array) -> float:
    """Largest range of a coordinate (or the range of all of them, if that is small)."""
    if not differences.size:
        return 0.0
    whole = float(differences.max() - differences.min())
    return whole if whole <= _SWITCH_SPREAD else float(np.ptp(differences, axis=0).max())


@dataclass(frozen=True)
class Sum:
    """A weighted sum ``sum_k w_k f(x_k)``, the same of ``|f|``, and the number of nodes."""

    value: Array
    absolute: Array
    nodes: int


def weighted_sums(
    kernels: Sequence[ArrayKernel], scene: Scene, chunks: Iterable[tuple[Array, Array]]
) -> list[Sum]:
    """Sum kernels over nodes, chunk by chunk (each sum pairwise, so that errors stay near eps).

    Parameters
    ----------
    kernels : sequence of ArrayKernel
        All evaluated at the same nodes, with the same responsibilities.
    scene : Scene
    chunks : iterable of (points, weights)
        As `ProductGrid.chunks` yields them.
    """
    heads = kernels[0].heads.union(*(kernel.heads for kernel in kernels[1:]))
    values: list[list[Array]] = [[] for _ in kernels]
    absolutes: list[list[Array]] = [[] for _ in kernels]
    count = 0
    for points, weights in chunks:
        inputs = scene.inputs(points, weights, heads)
        count += weights.shape[0]
        for kernel, value, absolute in zip(kernels, values, absolutes, strict=True):
            weighted = kernel(inputs) * weights
            value.append(weighted.sum(axis=-1))
            absolute.append(np.abs(weighted, out=weighted).sum(axis=-1))
    return [
        Sum(pairwise_sum(value), pairwise_sum(absolute), count)
        for value, absolute in zip(values, absolutes, strict=True)
    ]


def pairwise_sum(parts: list[Array]) -> Array:
    """Sum arrays with NumPy's pairwise summation (which needs the summed axis contiguous)."""
    if len(parts) == 1:
        return parts[0]
    return np.asarray(np.ascontiguousarray(np.stack(parts, axis=-1)).sum(axis=-1))


@dataclass(frozen=True)
class ProductGrid:
    r"""Product trapezoid rule for a mixture of unit Gaussians in ``r`` dimensions, pruned.

    A node is kept if it lies within ``radius`` of some centre. The dropped nodes' weights sum to at
    most :math:`e^{-T^2/2}` (apart from the discretisation error of a Gaussian of larger variance):
    with :math:`Q` = half the squared radius, Chernoff's bound of the chi-square tail is
    :math:`e^{-Q + r/2} (2Q/r)^{r/2}`, and the radius makes that equal to :math:`e^{-T^2/2}`, where
    ``T`` is the reach of the axis plans.

    Attributes
    ----------
    plans : tuple of AxisPlan
    centres : array, k x r
    log_weights : array, k
        Of the base mixture.
    """

    plans: tuple[AxisPlan, ...]
    centres: Array
    log_weights: Array

    @property
    def half_square(self) -> float:
        """``Q``, half the squared radius."""
        r = len(self.plans)
        reach = 1.0
        for axis, plan in enumerate(self.plans):
            low, high = float(self.centres[:, axis].min()), float(self.centres[:, axis].max())
            right = float(plan.last * plan.step - Fraction(high))
            left = float(Fraction(low) - plan.first * plan.step)
            reach = max(reach, left, right)
        tail = reach * reach / 2
        half_square = tail + r
        for _ in range(20):  # a contraction: the derivative is r/(2Q) < 1/2
            half_square = tail + r / 2 + (r / 2) * math.log(2 * half_square / r)
        return half_square

    def windows(self, axis: int) -> list[tuple[int, int]]:
        """Node numbers near some centre, as disjoint intervals (exact, however far the centre)."""
        plan = self.plans[axis]
        radius = Fraction(math.sqrt(2 * self.half_square))
        merged: list[tuple[int, int]] = []
        for value in np.sort(self.centres[:, axis].astype(np.float64)):
            centre = Fraction(float(value))
            first = max(plan.first, math.ceil((centre - radius) / plan.step))
            last = min(plan.last, math.floor((centre + radius) / plan.step))
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return merged

    def predicted_nodes(self) -> int:
        """Number of nodes, exact in one dimension, else from the volume of the balls kept."""
        r = len(self.plans)
        box = 1
        cell = Fraction(1)
        for axis, plan in enumerate(self.plans):
            box *= sum(last - first + 1 for first, last in self.windows(axis))
            cell *= plan.step
        if r == 1:
            return box
        radius = math.sqrt(2 * self.half_square)
        ball = Fraction(math.pi ** (r / 2) / math.gamma(r / 2 + 1)) * Fraction(radius) ** r
        return min(box, math.ceil(ball / cell) * len(self.centres))

    def check(self, max_nodes: int) -> None:
        """Raise `NodeLimitError` if more nodes than allowed are predicted."""
        predicted = self.predicted_nodes()
        if predicted > max_nodes:
            raise NodeLimitError(predicted, max_nodes)

    def chunks(self, size: int, dtype: FloatType) -> Iterator[tuple[Array, Array]]:
        """Yield ``(points (r, N), weights (N,))`` with ``N`` at most about ``size``."""
        r = len(self.plans)
        centres, log_weights = self.centres.astype(dtype), self.log_weights.astype(dtype)
        cell = dtype(1)
        for plan in self.plans:
            cell = cell * dtype(float(plan.step))
        scale = cell / (_two_pi(dtype)) ** (dtype(r) / 2)
        limit = self.half_square
        rows = np.zeros((0, 1), dtype=dtype)
        squares = np.zeros((len(centres), 1), dtype=dtype)
        for axis in range(r - 1):
            points = np.concatenate(list(self._axis(axis, 1 << 40, dtype)))
            squares = self._extend(squares, points, centres[:, axis])
            keep = squares.min(axis=0) <= limit
            rows = np.concatenate(
                [np.repeat(rows, len(points), axis=1), np.tile(points, rows.shape[1])[None]]
            )[:, keep]
            squares = squares[:, keep]
        size = max(64, size // len(centres))
        for points in self._axis(r - 1, size, dtype):
            block = max(1, size // len(points))
            for start in range(0, rows.shape[1], block):
                part = squares[:, start : start + block]
                exponents = self._extend(part, points, centres[:, r - 1])
                these = np.concatenate(
                    [
                        np.repeat(rows[:, start : start + block], len(points), axis=1),
                        np.tile(points, part.shape[1])[None],
                    ]
                )
                if r > 1:
                    keep = exponents.min(axis=0) <= limit
                    these, exponents = these[:, keep], exponents[:, keep]
                density = np.exp(log_weights[:, None] - exponents).sum(axis=0)
                if density.size:
                    yield these, scale * density

    def _axis(self, axis: int, size: int, dtype: FloatType) -> Iterator[Array]:
        """Yield the coordinates of an axis's nodes, in pieces that do not cross window ends."""
        step = dtype(float(self.plans[axis].step))
        for first, last in self.windows(axis):
            for start in range(first, last + 1, size):
                stop = min(start + size, last + 1)
                yield np.arange(start, stop, dtype=np.int64).astype(dtype) * step

    @staticmethod
    def _extend(squares: Array, points: Array, centres: Array) -> Array:
        """Add an axis of ``N`` points to half squared distances ``(k, R)``: ``(k, R*N)``."""
        own = (points - centres[:, None]) ** 2 / 2
        return (squares[:, :, None] + own[:, None, :]).reshape(len(squares), -1)


@dataclass(frozen=True)
class ProductGrids:
    """Grids about groups of centres that are far from each other, summed one after the other.

    Attributes
    ----------
    parts : tuple of ProductGrid
        Each with the base's Gaussians of its own group.
    """

    parts: tuple[ProductGrid, ...]

    def predicted_nodes(self) -> int:
        """Number of nodes of all grids."""
        return sum(part.predicted_nodes() for part in self.parts)

    def check(self, max_nodes: int) -> None:
        """Raise `NodeLimitError` if more nodes than allowed are predicted."""
        predicted = self.predicted_nodes()
        if predicted > max_nodes:
            raise NodeLimitError(predicted, max_nodes)

    def chunks(self, size: int, dtype: FloatType) -> Iterator[tuple[Array, Array]]:
        """Yield the nodes of all grids."""
        for part in self.parts:
            yield from part.chunks(size, dtype)


def _two_pi(dtype: FloatType) -> Array:
    return np.asarray(dtype(8) * np.arctan(dtype(1)))
