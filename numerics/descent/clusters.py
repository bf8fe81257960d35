r"""Near-coincident means as a centre and deviations, so that relative precision is kept.

Components of equal weight (groups of coincident ones, whatever their number) that start much closer
to each other than the accuracy asked for form a *cluster* ``K``: its centre :math:`c_K` is the mean
of its members, :math:`\delta_i = v_i - c_K`. A descent in balls carries both
(`numerics.descent.cluster_step`), each relatively accurate, instead of the means at as many digits
as the spread has.

*Layout of the coordinates.* With ``N`` distinct components and ``B`` clusters, ``N + B`` rows: the
deviation of a clustered component or the coordinates of another one, then the centres. Arrays of
``N`` rows are plain coordinates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.mixtures.reduction import Reduction
from numerics.numbers.exact import log10_fraction

if TYPE_CHECKING:
    from numerics.numbers.arithmetic import Arithmetic, Array

#: Decimal digits by which distances in ``v`` of means that are linked lie below ``10^-digits``:
#: for larger ones plain numbers need no more digits than centre and deviations do.
LINK_DIGITS = 8
_LOG10_E = 0.4342944819032518

Clusters = tuple[tuple[int, ...], ...]


def find_clusters(reduction: Reduction, time: Fraction, digits: int) -> Clusters:
    """Choose clusters of distinct components for which the fewest further digits are needed.

    Single linkage at each distance that occurs; what remains to be held by plain digits is the
    ratio of the largest to the smallest distance in a cluster, and of the means' size to the
    distance of means that are in no common cluster. The choice needs no rigour: any clusters are
    valid.

    Examples
    --------
    >>> from numerics.mixtures.reduction import reduce_problem
    >>> rows = [[Fraction(6)], [6 + Fraction(1, 10**20)], [Fraction(1)]]
    >>> find_clusters(reduce_problem(rows, [Fraction(1, 3)] * 3), Fraction(0), 10)
    ((0, 1),)
    """
    count = len(reduction.weights)
    keys = [
        weight / count
        for weight, count in zip(reduction.weights, reduction.multiplicities, strict=True)
    ]
    shift = -float(time) * _LOG10_E
    logs = {
        (i, k): log10_fraction(distance_squared(reduction, i, k)) / 2 + shift
        for i, k in combinations(range(count), 2)
        if distance_squared(reduction, i, k)
    }
    most = -(digits + LINK_DIGITS)
    links = sorted({round(log, 1) + 0.1 for log in logs.values() if log < most}, reverse=True)
    best: Clusters = ()
    fewest = _digits(logs, best)
    for link in links:
        close = [
            pair
            for pair, log in logs.items()
            if log < min(link, most) and keys[pair[0]] == keys[pair[1]]
        ]
        clusters = _linked(count, close)
        further = _digits(logs, clusters)
        if further < fewest - 1:
            best, fewest = clusters, further
    return best


def distance_squared(reduction: Reduction, i: int, k: int) -> Fraction:
    """Squared distance of two distinct components of a reduction, exactly."""
    return sum(
        (
            (a - b) ** 2 / square
            for a, b, square in zip(
                reduction.products[i], reduction.products[k], reduction.squared_lengths, strict=True
            )
        ),
        Fraction(0),
    )


def _linked(count: int, pairs: Sequence[tuple[int, int]]) -> Clusters:
    """Connected components with at least two members."""
    label = list(range(count))
    for i, k in pairs:
        old, new = label[k], label[i]
        label = [new if entry == old else entry for entry in label]
    groups = [tuple(i for i in range(count) if label[i] == name) for name in sorted(set(label))]
    return tuple(sorted(group for group in groups if len(group) > 1))


def _digits(logs: dict[tuple[int, int], float], clusters: Clusters) -> float:
    """Digits that the spreads still need."""
    home = {i: number for number, members in enumerate(clusters) for i in members}
    widest: dict[int | None, float] = {None: 0.0}
    for (i, k), log in logs.items():
        if i in home and home[i] == home.get(k):
            widest[home[i]] = max(widest.get(home[i], log), log)
    return max(
        (
            widest[home[i] if i in home and home[i] == home.get(k) else None] - log
            for (i, k), log in logs.items()
        ),
        default=0.0,
    )


@dataclass(frozen=True)
class Layout:
    """How arrays of centres and deviations are laid out, and what they stand for.

    Attributes
    ----------
    reduction : Reduction
    clusters : tuple of tuple of int
        Distinct components in each cluster.
    """

    reduction: Reduction
    clusters: Clusters

    @property
    def count(self) -> int:
        """Number ``N`` of distinct components."""
        return len(self.reduction.weights)

    @property
    def blocks(self) -> Clusters:
        """The clusters, then the other components one by one."""
        inside = {i for members in self.clusters for i in members}
        return (*self.clusters, *((i,) for i in range(self.count) if i not in inside))

    def split(self, coordinates: Array) -> bool:
        """Whether coordinates are laid out as centres and deviations."""
        return len(coordinates) > self.count

    def initial(self, scale: Any, arithmetic: Arithmetic) -> Array:
        """Return the initial coordinates as centres and deviations, from exact differences."""
        products = [list(row) for row in self.reduction.products]
        centres = []
        for members in self.clusters:
            shares = self.shares(members)
            columns = zip(*(products[i] for i in members), strict=True)
            centre = [
                sum((w * x for w, x in zip(shares, column, strict=True)), Fraction(0))
                for column in columns
            ]
            centres.append(centre)
            for i in members:
                products[i] = [a - b for a, b in zip(products[i], centre, strict=True)]
        lengths = [arithmetic.sqrt(square) for square in self.reduction.squared_lengths]
        return arithmetic.array(
            [
                [
                    scale * (arithmetic.number(entry) / length)
                    for entry, length in zip(row, lengths, strict=True)
                ]
                for row in [*products, *centres]
            ]
        )

    def shares(self, members: Sequence[int]) -> list[Fraction]:
        """Return the share of each member in its cluster: its multiplicity over their sum."""
        counts = [self.reduction.multiplicities[i] for i in members]
        return [Fraction(count, sum(counts)) for count in counts]

    def centre(self, coordinates: Array, number: int) -> Array:
        """Return the centre of a cluster."""
        centre: Array = coordinates[self.count + number]
        return centre

    def means(self, coordinates: Array) -> Array:
        """Return plain coordinates, ``N x s`` (where the deviations may be lost to rounding)."""
        if not self.split(coordinates):
            return coordinates
        rows: Array = coordinates[: self.count].copy()
        for number, members in enumerate(self.clusters):
            for i in members:
                rows[i] = rows[i] + self.centre(coordinates, number)
        return rows

    def deviations(self, coordinates: Array) -> dict[int, Array]:
        """Return each clustered component's deviation from its cluster's centre."""
        if self.split(coordinates):
            return {i: coordinates[i] for members in self.clusters for i in members}
        found: dict[int, Array] = {}
        for members in self.clusters:
            counts = [self.reduction.multiplicities[i] for i in members]
            total = sum(k * coordinates[i] for k, i in zip(counts, members, strict=True))
            found |= {i: coordinates[i] - total / sum(counts) for i in members}
        return found

    def spanning(self, coordinates: Array) -> Array:
        """Return vectors that span the differences of the means, none of them cancelled."""
        rows: list[Any] = []
        for members in self.clusters:
            rows += [coordinates[i] - coordinates[members[0]] for i in members[1:]]
        first, *others = self.places
        rows += [coordinates[i] - coordinates[first] for i in others]
        return np.array(rows, dtype=object)

    @property
    def places(self) -> tuple[int, ...]:
        """Row of each block's centre (a single component: its own)."""
        clusters = len(self.clusters)
        return tuple(
            self.count + number if number < clusters else members[0]
            for number, members in enumerate(self.blocks)
        )

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield all pairs in a common cluster."""
        for members in self.clusters:
            yield from combinations(members, 2)

    def fixed(self) -> list[tuple[int, tuple[int, ...]]]:
        """Return for every cluster the cluster and the signs that its centre is taken from.

        A sign 0 marks a coordinate that a symmetry forces to vanish (see `Symmetry`).
        """
        symmetry = self.reduction.symmetry
        home = {i: number for number, members in enumerate(self.clusters) for i in members}
        result = []
        for members in self.clusters:
            first = min(members, key=lambda i: symmetry.representative[i])
            source = home[symmetry.representative[first]]
            signs = list(symmetry.signs[first])
            for i, k in [*combinations(members, 2), *((i, i) for i in members)]:
                for a, (left, right) in enumerate(
                    zip(symmetry.signs[i], symmetry.signs[k], strict=True)
                ):
                    same = symmetry.representative[i] == symmetry.representative[k]
                    if same and (left != right or not left):
                        signs[a] = 0
            result.append((source, tuple(signs)))
        return result
