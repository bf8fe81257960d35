r"""Exact reduction of a descent: distinct components, their span, and the symmetries kept exactly.

Gradient descent is equivariant under permutations and rotations, so from the initial means alone:

* components with equal means *and* equal weights stay together for ever; they are merged into one
  component with the sum of their weights (its gradient is the sum of theirs, so it takes the step
  divided by their number);
* all iterates stay in the span of the centred means, of exact dimension ``s``; descent runs in
  orthonormal coordinates of that span, and the differences span at most
  ``r = min(distinct - 1, s)`` dimensions;
* a sign pattern of those coordinates that permutes the components is a symmetry of every iterate.
  Rounding would break it and an unstable direction would amplify the defect, so the gradient of
  one component per orbit is used for the whole orbit. Other reflections and rotations that permute
  the components are not detected.

A mixture teacher's means, counted like the student's from its mean, belong to the span, their
differences to what is integrated over, and a symmetry must leave the teacher as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.mixtures.noise import ExactMeans
from numerics.numbers.arithmetic import Arithmetic, Array, make_arithmetic
from numerics.numbers.exact import Vector, dot, orthogonal_basis

_MOST_SIGN_PATTERNS = 4  # all 2^s sign patterns are tried up to this s, beyond it only -1


@dataclass(frozen=True)
class Symmetry:
    """``gradient[i] = signs[i] * gradient[representative[i]]``, signs in {-1, 0, 1}."""

    representative: tuple[int, ...]
    signs: tuple[tuple[int, ...], ...]

    @property
    def order(self) -> int:
        """Number of components or coordinates that are tied to others."""
        moved = sum(i != r for i, r in enumerate(self.representative))
        return moved + sum(sign == 0 for row in self.signs for sign in row)


@dataclass(frozen=True)
class Reduction:
    """Exact description of the problem in orthonormal coordinates of the span of the means.

    Attributes
    ----------
    class_of : tuple of int
        Distinct component to which each component belongs.
    multiplicities : tuple of int
        Number of components in each distinct one.
    weights : tuple of Fraction
        Weight of each distinct component (sum over its members).
    basis : s x d rationals
        Orthogonal directions; `squared_lengths` are their squared norms.
    products : distinct x s rationals
        Inner products of means and basis directions.
    rank : int
        Dimension of the integration, ``min(distinct - 1 + t, s)``, ``t`` the dimension that the
        teacher's differences span (0 for one Gaussian).
    symmetry : Symmetry
    teacher_products : k x s rationals
        Inner products of a mixture teacher's means and basis directions; empty for one Gaussian.
    teacher_weights : tuple of Fraction
    """

    class_of: tuple[int, ...]
    multiplicities: tuple[int, ...]
    weights: tuple[Fraction, ...]
    basis: ExactMeans
    squared_lengths: tuple[Fraction, ...]
    products: ExactMeans
    rank: int
    symmetry: Symmetry
    teacher_products: ExactMeans = ()
    teacher_weights: tuple[Fraction, ...] = ()

    @property
    def span(self) -> int:
        """Dimension ``s`` of the coordinates."""
        return len(self.basis)

    def coordinates(self, scale: Any, arithmetic: Arithmetic) -> Array:
        """Return the initial coordinates (distinct x s) times ``scale`` = e^-t."""
        return self._scaled(self.products, scale, arithmetic)

    def teacher_coordinates(self, scale: Any, arithmetic: Arithmetic) -> Array:
        """Return a mixture teacher's coordinates (k x s) times ``scale`` = e^-t."""
        return self._scaled(self.teacher_products, scale, arithmetic)

    def _scaled(self, products: ExactMeans, scale: Any, arithmetic: Arithmetic) -> Array:
        lengths = [arithmetic.sqrt(square) for square in self.squared_lengths]
        rows = [
            [
                scale * (arithmetic.number(entry) / length)
                for entry, length in zip(row, lengths, strict=True)
            ]
            for row in products
        ]
        return arithmetic.array(rows)

    def directions(self, arithmetic: Arithmetic) -> Array:
        """Return the orthonormal directions of the coordinates (s x d)."""
        return arithmetic.array(
            [
                [arithmetic.number(entry) / arithmetic.sqrt(square) for entry in direction]
                for direction, square in zip(self.basis, self.squared_lengths, strict=True)
            ]
        )

    def moves(self) -> NDArray[np.float64]:
        """Return what steps can do to all means: orthonormal directions, the columns of nd x m.

        Coincident components move together, symmetric ones as images of each other, and none
        leaves the span of student and teacher.

        Examples
        --------
        >>> one = Fraction(1)
        >>> reduce_problem(((one,), (one,)), [one / 2] * 2).moves().T.round(3).tolist()
        [[0.707, 0.707]]
        """
        directions = self.directions(make_arithmetic("float64", 15))
        columns = []
        for orbit in sorted(set(self.symmetry.representative)):
            for axis, direction in enumerate(directions):
                rows = [
                    (representative == orbit) * signs[axis] * direction
                    for representative, signs in zip(
                        self.symmetry.representative, self.symmetry.signs, strict=True
                    )
                ]
                column = np.array([rows[index] for index in self.class_of], dtype=float).ravel()
                if column.any():
                    columns.append(column / np.linalg.norm(column))
        size = len(self.class_of) * len(self.basis[0])
        return np.array(columns).reshape(-1, size).T


def reduce_problem(
    means: ExactMeans,
    weights: Sequence[Fraction],
    teacher: ExactMeans = (),
    teacher_weights: Sequence[Fraction] = (),
) -> Reduction:
    """Reduce centred means (n x d) and weights exactly.

    Parameters
    ----------
    means, weights
        The student.
    teacher, teacher_weights
        A mixture teacher, its mean at the origin; empty: one Gaussian at the origin.

    Examples
    --------
    >>> one = Fraction(1)
    >>> reduction = reduce_problem(((one,), (0 * one,), (0 * one,)), [one / 3] * 3)
    >>> reduction.multiplicities, reduction.rank, reduction.weights
    ((1, 2), 1, (Fraction(1, 3), Fraction(2, 3)))
    """
    distinct: dict[tuple[tuple[Fraction, ...], Fraction], int] = {}
    class_of = tuple(
        distinct.setdefault((tuple(row), weight), len(distinct))
        for row, weight in zip(means, weights, strict=True)
    )
    multiplicities = tuple(class_of.count(index) for index in range(len(distinct)))
    rows = tuple(row for row, _ in distinct)
    total = tuple(
        weight * count for (_, weight), count in zip(distinct, multiplicities, strict=True)
    )
    keys = tuple(zip(total, multiplicities, strict=True))
    fixed = frozenset(zip(teacher, teacher_weights, strict=True))
    basis, products, symmetry = _choose_basis(rows, total, keys, fixed)
    spread = len(orthogonal_basis(teacher))  # the origin lies in the teacher's affine hull
    return Reduction(
        class_of,
        multiplicities,
        total,
        basis,
        tuple(dot(direction, direction) for direction in basis),
        products,
        min(len(rows) - 1 + spread, len(basis)),
        symmetry,
        _products(teacher, basis),
        tuple(teacher_weights),
    )


def _products(rows: ExactMeans, basis: ExactMeans) -> ExactMeans:
    return tuple(tuple(dot(row, direction) for direction in basis) for row in rows)


def _choose_basis(
    rows: ExactMeans,
    weights: Sequence[Fraction],
    keys: Sequence[object],
    teacher: frozenset[tuple[Vector, Fraction]],
) -> tuple[ExactMeans, ExactMeans, Symmetry]:
    """Choose between the user's axes (if the span is everything) and one starting at the centre.

    The first keeps the input exactly (no square roots), the second sees the reflections about the
    centre's direction; the one that shows more symmetry wins, the user's axes on a tie.
    """
    dimension = len(rows[0])
    centre = tuple(
        sum((w * row[a] for w, row in zip(weights, rows, strict=True)), Fraction(0))
        for a in range(dimension)
    )
    candidates: list[ExactMeans] = []
    aligned = _aligned_basis(centre, (*rows, *(mean for mean, _ in sorted(teacher))))
    axes = tuple(tuple(Fraction(a == b) for b in range(dimension)) for a in range(dimension))
    if len(aligned) == dimension:
        candidates.append(axes)
    if aligned:
        candidates.append(aligned)
    else:
        candidates.append(axes[:1])  # all means at the truth: one idle coordinate
    described = []
    for basis in candidates:
        products = _products(rows, basis)
        fixed = {(_products((mean,), basis)[0], weight) for mean, weight in teacher}
        described.append((basis, products, _find_symmetry(products, keys, fixed)))
    return max(described, key=lambda item: item[2].order)


def _find_symmetry(
    products: ExactMeans, keys: Sequence[object], teacher: set[tuple[Vector, Fraction]]
) -> Symmetry:
    """Find the sign patterns that permute the components, and one representative per orbit."""
    span = len(products[0])
    index = {row: i for i, row in enumerate(zip(products, keys, strict=True))}
    patterns = (
        product((1, -1), repeat=span)
        if span <= _MOST_SIGN_PATTERNS
        else iter([(1,) * span, (-1,) * span])
    )
    symmetries: list[tuple[tuple[int, ...], list[int]]] = []
    for pattern in patterns:
        images = [
            index.get((_reflected(row, pattern), key), -1)
            for row, key in zip(products, keys, strict=True)
        ]
        kept = all((_reflected(row, pattern), weight) in teacher for row, weight in teacher)
        if kept and -1 not in images:
            symmetries.append((pattern, images))
    representative: list[int] = []
    signs: list[tuple[int, ...]] = []
    for i in range(len(products)):
        pattern, images = min(symmetries, key=lambda item: item[1][i])
        fixed = [other for other, image in symmetries if image[i] == i]
        representative.append(images[i])
        signs.append(
            tuple(0 if any(other[a] < 0 for other in fixed) else pattern[a] for a in range(span))
        )
    return Symmetry(tuple(representative), tuple(signs))


def _reflected(row: Vector, pattern: Sequence[int]) -> Vector:
    return tuple(sign * entry for sign, entry in zip(pattern, row, strict=True))


def _aligned_basis(centre: Vector, rows: ExactMeans) -> ExactMeans:
    """Orthogonal basis of the span of the means, the centre's direction first (if not zero)."""
    first = orthogonal_basis([centre])
    if not first:
        return tuple(orthogonal_basis(rows))
    axis = first[0]
    norm = dot(axis, axis)
    rest = [
        tuple(entry - dot(row, axis) / norm * a for entry, a in zip(row, axis, strict=True))
        for row in rows
    ]
    return (axis, *orthogonal_basis(rest))
