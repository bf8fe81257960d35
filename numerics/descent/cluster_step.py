r"""Gradient steps in balls for near-coincident means, held as a centre and deviations.

Notation of `numerics.descent.clusters`; :math:`g` the gradient, :math:`H` its derivative, both for
all components (coincident ones, which stay together, one by one).

*Exact difference form.* A permutation ``P`` that swaps two members ``i, k`` of a cluster leaves the
loss as it is, so :math:`g_k(V) = g_i(PV)`, and :math:`V - PV` is :math:`v_i - v_k` in block ``i``
and its negative in block ``k``. With :math:`\bar H` the average of ``H`` over the segment from
``PV`` to ``V``,

.. math:: g_i(V) - g_k(V) = A_{ik} (v_i - v_k), \qquad A_{ik} = \bar H_{ii} - \bar H_{ik},

an identity without cancellation. The segment is mapped to itself by ``P``, which turns
:math:`H_{ik}` into :math:`H_{ki} = H_{ik}^T`: so :math:`A_{ik}` is symmetric. Averaged over ``k``,

.. math:: \delta_i' = \frac1m \sum_k (I - \eta A_{ik})(\delta_i - \delta_k) .

Merged components count with their multiplicities: of the Hessian for distinct components, whose
entries are sums over members, :math:`H_{ii} - H_{ik}` is recovered from
:math:`H_{GG} = k_G A + k_G^2 H_{ik}` and :math:`H_{GG'} = k_G k_{G'} H_{ik}`.

*Evaluation.* Gradient and Hessian are evaluated at one exact point ``C``: every cluster collapsed
at the midpoint of its centre. There :math:`H_{ii} - H_{ik}` is the same for all pairs in a cluster,
and the integral has the dimension of the centres' differences: none for a single cluster. Elsewhere
``H`` differs, entry by entry, by at most :math:`\kappa = \Sigma |V - C|_1`, :math:`\Sigma` the
bound of `numerics.quadrature.slopes`; with deviations of ``1e-300`` that is far below rounding. So
neither the digits nor the nodes of a step depend on how small the deviations are.

*Errors.* ``rho_0`` bounds the norm of the errors of centres and single components, ``rho_K`` that
of the deviations in ``K`` (norms of all ``n d`` coordinates). At ``C`` the Hessian does not couple
centres and deviations, by symmetry; so with ``P_0`` the projection onto centres

.. math:: \rho_0' = \|P_0 (I - \eta H) P_0\| \rho_0 + O(\kappa) (\rho_0 + |\delta|), \qquad
          \rho_K' = (\|I - \eta A\| + O(\kappa)) \rho_K .

They are stored as the radii of the balls, each divided by the root of the multiplicity.

*Handing over.* When :math:`\eta \kappa` exceeds about the root of the working accuracy, all means
become plain numbers (`numerics.descent.mean_value`); `numerics.descent.working_digits` chose the
working digits so that the differences are still relatively accurate then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb

from numerics.descent.clusters import Layout
from numerics.descent.mean_value import MeanValueStep, spectral_bound
from numerics.numbers.arithmetic import Arithmetic, Array

if TYPE_CHECKING:
    from numerics.descent.problem import DescentProblem
    from numerics.descent.result import GradientSource


@dataclass(frozen=True)
class _Iterate:
    """Midpoints and errors of centres and deviations, read off an array of balls."""

    places: list[Array]  # exact midpoint of each block's centre (a single component: its own)
    deviations: list[list[Array]]  # exact midpoints, by cluster
    error: Any  # bound of the errors of all places
    errors: list[Any]  # of each cluster's deviations
    sizes: list[Any]  # bounds of the norm of each cluster's deviations, errors included

    @property
    def reach(self) -> Any:
        """Bound of the distance to the point where all clusters are collapsed."""
        return arb((self.error + sum(self.sizes, start=arb(0))).abs_upper())


class ClusterStep:
    """Steps of a descent in which some components may start near-coincident, in balls.

    Parameters
    ----------
    problem : DescentProblem
    source : GradientSource
    arithmetic : Arithmetic
        Rigorous; its context must be entered in every call.
    """

    def __init__(
        self, problem: DescentProblem, source: GradientSource, arithmetic: Arithmetic
    ) -> None:
        self.layout = Layout(problem.reduction, problem.clusters)
        self._problem, self._source, self._arithmetic = problem, source, arithmetic
        self._plain = MeanValueStep(problem, source, arithmetic)
        self._clusters, self._blocks = problem.clusters, self.layout.blocks
        counts = problem.reduction.multiplicities
        self._counts = [[counts[i] for i in members] for members in self._blocks]
        self._totals = [sum(block) for block in self._counts]
        self._roots = [arb(total).sqrt() for total in self._totals]
        self._own_roots = [[arb(count).sqrt() for count in block] for block in self._counts]
        self._steps = [
            problem.paper.centred_step(value, arithmetic) for value in problem.schedule.values
        ]
        self._fixed = self.layout.fixed()
        # At the handover the deviations are about this small: what is neglected until then and
        # what rounding is relative to them afterwards are about equal.
        places = max(problem.digits + 2, arithmetic.digits // 2 - 3)
        self._allowed = arb(10) ** -places

    def start(self) -> Array:
        """Return the initial coordinates: centres and deviations if there are clusters."""
        scale = self._problem.paper.scale(self._arithmetic)
        if not self._clusters:
            return self._plain.start(self._problem.reduction.coordinates(scale, self._arithmetic))
        values = self.layout.initial(scale, self._arithmetic)
        return self._enclose(values, arb(0), [arb(0) for _ in self._clusters])

    def means(self, coordinates: Array) -> Array:
        """Return enclosures of the distinct components' coordinates."""
        return self.layout.means(coordinates)

    def loss(self, coordinates: Array) -> Any:
        """Return an enclosure of the loss."""
        if not self.layout.split(coordinates):
            return self._plain.loss(coordinates)
        return self._source.loss(self.means(coordinates), self.layout.spanning(coordinates))

    def advance(self, coordinates: Array, factor: Array, stretch: int) -> Array | None:
        """Return the coordinates one step later; None if the enclosure has become too wide."""
        if not self.layout.split(coordinates):
            return self._plain.advance(coordinates, factor, stretch)
        now, step = self._read(coordinates), self._steps[stretch]
        uncertainty = self._uncertainty(now)
        if not step * uncertainty < self._allowed:
            merged = self._merged(now)
            return None if merged is None else self._plain.advance(merged, factor, stretch)
        return self._moved(now, uncertainty, step)

    def _merged(self, now: _Iterate) -> Array | None:
        """Plain coordinates; None if the differences would not be accurate to the digits asked."""
        rounded = self.layout.means(self._middle_array(now))
        error = now.error + sum(now.errors, start=arb(0))
        merged = self._plain.merge(rounded, error)
        return merged if self._resolved(merged) else None

    def _resolved(self, coordinates: Array) -> bool:
        """Whether the differences in clusters are relatively accurate to the digits asked for."""
        worst = self._relative_error(coordinates)
        return bool(worst < arb(10) ** -self._problem.digits)

    def relative_error(self, coordinates: Array) -> Any:
        """Largest error of a difference in a cluster, relative to that difference (upper bound)."""
        return self._relative_error(coordinates) if self.layout.split(coordinates) else arb(0)

    def _relative_error(self, coordinates: Array) -> Any:
        worst = arb(0)
        for i, k in self.layout.pairs():
            gap = coordinates[i] - coordinates[k]
            error = _norm(np.array([entry.rad() for entry in gap], dtype=object))
            square = sum((entry.mid() * entry.mid() for entry in gap), start=arb(0))
            least = square.sqrt() - error
            if not least > 0:
                return arb(1)
            worst = worst.max(error / least)
        return arb(worst.abs_upper())

    def _read(self, coordinates: Array) -> _Iterate:
        """Split an array into exact midpoints and the norms its radii stand for."""
        error = arb(0)
        places = []
        for root, i in zip(self._roots, self.layout.places, strict=True):
            for entry in coordinates[i]:
                error = error.max(root * entry.rad())
            places.append(_middle(coordinates[i]))
        errors, sizes, deviations = [], [], []
        for number, members in enumerate(self._clusters):
            own, square = arb(0), arb(0)
            for root, i in zip(self._own_roots[number], members, strict=True):
                for entry in coordinates[i]:
                    own = own.max(root * entry.rad())
                    square += root * root * entry.mid() * entry.mid()
            errors.append(arb(own.abs_upper()))
            sizes.append(arb((square.sqrt() + own).abs_upper()))
            deviations.append([_middle(coordinates[i]) for i in members])
        return _Iterate(places, deviations, arb(error.abs_upper()), errors, sizes)

    def _middle_array(self, now: _Iterate) -> Array:
        """Midpoints in the layout of the coordinates."""
        result = np.empty((self.layout.count + len(self._clusters), len(now.places[0])), object)
        for i, place in zip(self.layout.places, now.places, strict=True):
            result[i] = place
        for members, rows in zip(self._clusters, now.deviations, strict=True):
            for i, row in zip(members, rows, strict=True):
                result[i] = row
        return result

    def _uncertainty(self, now: _Iterate) -> Any:
        """Bound ``kappa`` of how an entry of the Hessian differs from that at the collapsed point.

        Everything within the norm ``reach`` of that point counts: the iterate, its images under
        swaps, and the segments between them.
        """
        largest = []
        for column in zip(*now.places, strict=True):
            size = arb(0)
            for entry in column:
                size = size.max(arb(entry.abs_upper()))
            largest.append(size + now.reach)
        bound = self._source.hessian_derivative_bound(largest)
        return arb((bound * now.reach * arb(self._entries).sqrt()).abs_upper())

    @property
    def _entries(self) -> int:
        """Number of coordinates of all components."""
        return self._problem.n * self._problem.reduction.span

    def _moved(self, now: _Iterate, uncertainty: Any, step: Any) -> Array | None:
        """Centres and deviations one step later."""
        point = np.empty((self.layout.count, len(now.places[0])), dtype=object)
        for place, members in zip(now.places, self._blocks, strict=True):
            for i in members:
                point[i] = place
        gradient, hessian = self._source.collapsed(point, *self._span(now))
        values = self._middle_array(now)
        for number, members in enumerate(self._blocks):
            share = step / self._totals[number]
            values[self.layout.places[number]] -= share * sum(gradient[i] for i in members)
        coupling = step * uncertainty * self._entries  # of centres and deviations, in norm
        reduced = self._reduced(hessian, step)
        error = (spectral_bound(reduced) + coupling) * now.error
        errors = []
        for number, members in enumerate(self._clusters):
            error += coupling * now.sizes[number]
            (i, k), (own, other) = members[:2], self._counts[number][:2]
            exact: Any = hessian[i, :, i, :] / own - hessian[i, :, k, :] / other
            difference = exact + arb(0, (2 * uncertainty).abs_upper())
            rows = self._stretched(number, now.deviations[number], difference, step)
            for i, row in zip(members, rows, strict=True):
                values[i] = row
            errors.append(_expansion(difference, step) * now.errors[number])
        finite = all(entry.is_finite() for entry in [*values.flat, error, *errors])
        return self._enclose(values, error, errors) if finite else None

    def _span(self, now: _Iterate) -> tuple[int, Array | None]:
        """Dimension that the differences of the centres span, and vectors for it if not obvious."""
        if len(self._blocks) <= 2:
            return len(self._blocks) - 1, None
        rows = [row - rows[0] for rows in now.deviations for row in rows[1:]]
        rows += [place - now.places[0] for place in now.places[1:]]
        return self._problem.reduction.rank, np.array(rows, dtype=object)

    def _stretched(
        self, number: int, deviations: Sequence[Array], difference: Array, step: Any
    ) -> list[Array]:
        """``sum_k (I - eta A)(delta_i - delta_k)/m``."""
        moved = []
        for row in deviations:
            total = np.array([arb(0)] * len(row))
            for count, other in zip(self._counts[number], deviations, strict=True):
                gap = row - other
                total = total + count * (gap - step * difference.dot(gap))
            moved.append(total / self._totals[number])
        return moved

    def _reduced(self, hessian: Array, step: Any) -> Array:
        """``P_0 (I - eta H) P_0`` in the orthonormal coordinates of centres."""
        blocks, size = self._blocks, self._problem.reduction.span
        matrix = np.empty((len(blocks), size, len(blocks), size), dtype=object)
        for p, left in enumerate(blocks):
            for q, right in enumerate(blocks):
                total = sum(hessian[i, :, k, :] for i in left for k in right)
                unit = int(p == q) * np.eye(size, dtype=int)
                matrix[p, :, q, :] = unit - step / (self._roots[p] * self._roots[q]) * total
        return matrix.reshape(len(blocks) * size, len(blocks) * size)

    def _enclose(self, values: Array, error: Any, errors: Sequence[Any]) -> Array:
        """Round to midpoints that have the problem's symmetry; store the norms of all errors."""
        middles = self._middles(values)
        result = np.empty(values.shape, dtype=object)
        groups = [(self._roots, self.layout.places, error)]
        for number, members in enumerate(self._clusters):
            groups.append((self._own_roots[number], members, errors[number]))
        for roots, rows, more in groups:
            square = arb(0)
            for root, i in zip(roots, rows, strict=True):
                size = root * _norm(values[i] - middles[i])
                square += size * size
            total = arb(square.abs_upper()).sqrt() + more
            for root, i in zip(roots, rows, strict=True):
                own = arb((total / root).abs_upper())
                result[i] = [arb(middle, own) for middle in middles[i]]
        return result

    def _middles(self, values: Array) -> Array:
        """Exact midpoints that have the problem's symmetry exactly."""
        symmetry, count = self._problem.reduction.symmetry, self.layout.count
        result = np.empty(values.shape, dtype=object)
        for i, signs in enumerate(symmetry.signs):
            row = values[symmetry.representative[i]]
            result[i] = [entry.mid() * sign for entry, sign in zip(row, signs, strict=True)]
        for number, (source, signs) in enumerate(self._fixed):
            own = self._fixed[source][1]  # what vanishes in the source vanishes here
            row = values[count + source]
            result[count + number] = [
                entry.mid() * (sign * abs(kept))
                for entry, sign, kept in zip(row, signs, own, strict=True)
            ]
        return result


def _expansion(difference: Array, step: Any) -> Any:
    """Bound of ``|I - eta A|`` for errors of deviations, whatever ``A`` each pair has."""
    widths = np.array([arb(entry.rad()) for entry in difference.flat], dtype=object)
    bound = spectral_bound(np.eye(len(difference), dtype=int) - step * difference)
    return arb((bound + 4 * step * _norm(widths)).abs_upper())


def _middle(row: Array) -> Array:
    """Exact midpoints."""
    return np.array([entry.mid() for entry in row], dtype=object)


def _norm(row: Array) -> Any:
    """Upper bound of the Euclidean norm of a vector."""
    square = arb(0)
    for entry in row:
        size = arb(entry.abs_upper())
        square += size * size
    return arb(arb(square.abs_upper()).sqrt().abs_upper())
