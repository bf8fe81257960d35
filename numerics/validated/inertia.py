"""Inertia of symmetric matrices given by balls or by fractions, by Sylvester's law.

At a collinear configuration ``v_i = t_i u`` the Hessian splits into the ``n x n`` block along
``u`` and one ``n x n`` block ``B`` for every direction perpendicular to it. A rotation tilts the
line, so at a stationary point ``B t = 0`` exactly. In a basis with ``t`` in place of ``e_k``
(``t_k != 0``) the form is ``B`` without row and column ``k``, plus a zero: that zero is proved by
symmetry and the other signs by balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb


@dataclass(frozen=True)
class Inertia:
    """Numbers of positive, negative, zero and undecided eigenvalues.

    Examples
    --------
    >>> str(Inertia(1, 1, 0, 0) + Inertia(1, 0, 1, 0))
    '2 positive, 1 negative, 1 zero'
    """

    positive: int
    negative: int
    zero: int
    undecided: int

    @property
    def decided(self) -> bool:
        """Whether every sign is proved."""
        return self.undecided == 0

    def __add__(self, other: Inertia) -> Inertia:
        return Inertia(
            self.positive + other.positive,
            self.negative + other.negative,
            self.zero + other.zero,
            self.undecided + other.undecided,
        )

    def __mul__(self, times: int) -> Inertia:
        return Inertia(
            self.positive * times, self.negative * times, self.zero * times, self.undecided * times
        )

    def __str__(self) -> str:
        text = f"{self.positive} positive, {self.negative} negative, {self.zero} zero"
        return text + (f", {self.undecided} undecided" if self.undecided else "")


Matrix = list[list[arb]]


def inertia_of_balls(matrix: Sequence[Sequence[arb]]) -> Inertia:
    """Inertia shared by all symmetric matrices in a matrix of balls.

    Elimination by congruence with symmetric pivots of size one or two: a pivot whose sign (for
    size two: whose negative determinant) is proved counts by Sylvester's law; what cannot be
    pivoted is counted as undecided. Zero eigenvalues are never found here.

    Examples
    --------
    >>> str(inertia_of_balls([[arb(0), arb(2)], [arb(2), arb(0)]]))
    '1 positive, 1 negative, 0 zero'
    >>> inertia_of_balls([[arb(1), arb(1)], [arb(1), arb(1)]]).undecided
    1
    """
    rest = [list(row) for row in matrix]
    found = Inertia(0, 0, 0, 0)
    while rest:
        single = _largest(
            [(abs(row[k]).lower(), (k,)) for k, row in enumerate(rest) if not row[k].contains(0)]
        )
        pair = _largest(
            [
                (-_determinant(rest, i, k).upper(), (i, k))
                for i in range(len(rest))
                for k in range(i)
                if bool(_determinant(rest, i, k) < 0)
            ]
        )
        if single is not None:
            (k,) = single
            found += Inertia(1, 0, 0, 0) if bool(rest[k][k] > 0) else Inertia(0, 1, 0, 0)
            rest = _eliminate_single(rest, k)
        elif pair is not None:
            found += Inertia(1, 1, 0, 0)
            rest = _eliminate_pair(rest, *pair)
        else:
            return found + Inertia(0, 0, 0, len(rest))
    return found


def _largest(candidates: Sequence[tuple[arb, tuple[int, ...]]]) -> tuple[int, ...] | None:
    if not candidates:
        return None
    return max(candidates, key=lambda item: item[0].mid() if item[0].is_finite() else arb(0))[1]


def _determinant(matrix: Matrix, i: int, k: int) -> arb:
    return matrix[i][i] * matrix[k][k] - matrix[i][k] * matrix[i][k]


def _eliminate_single(matrix: Matrix, k: int) -> Matrix:
    keep = [i for i in range(len(matrix)) if i != k]
    return [[matrix[i][j] - matrix[i][k] * matrix[k][j] / matrix[k][k] for j in keep] for i in keep]


def _eliminate_pair(matrix: Matrix, p: int, q: int) -> Matrix:
    keep = [i for i in range(len(matrix)) if i not in (p, q)]
    determinant = _determinant(matrix, p, q)

    def correction(i: int, j: int) -> arb:
        first = matrix[i][p] * matrix[q][q] - matrix[i][q] * matrix[p][q]
        second = matrix[i][q] * matrix[p][p] - matrix[i][p] * matrix[p][q]
        return (first * matrix[p][j] + second * matrix[q][j]) / determinant

    return [[matrix[i][j] - correction(i, j) for j in keep] for i in keep]


def inertia_across(block: Sequence[Sequence[arb]], null: Sequence[arb]) -> Inertia:
    """Inertia of a perpendicular block ``B`` with ``B null = 0`` exactly (rotation of the line).

    Falls back to `inertia_of_balls` when no entry of ``null`` is proved to be different from 0.

    Examples
    --------
    >>> ones = [[arb(1), arb(-1)], [arb(-1), arb(1)]]
    >>> str(inertia_across(ones, [arb(1), arb(1)]))
    '1 positive, 0 negative, 1 zero'
    """
    usable = [(abs(entry).lower(), (k,)) for k, entry in enumerate(null) if not entry.contains(0)]
    chosen = _largest(usable)
    if chosen is None:
        return inertia_of_balls(block)
    keep = [i for i in range(len(block)) if i != chosen[0]]
    reduced = inertia_of_balls([[block[i][j] for j in keep] for i in keep])
    return reduced + Inertia(0, 0, 1, 0)


def inertia_of_fractions(matrix: Sequence[Sequence[Fraction]]) -> Inertia:
    """Exact inertia of a rational symmetric matrix, zeros included.

    Examples
    --------
    >>> ones = [[Fraction(1)] * 3 for _ in range(3)]
    >>> str(inertia_of_fractions(ones))
    '1 positive, 0 negative, 2 zero'
    """
    rest = [[Fraction(entry) for entry in row] for row in matrix]
    found = Inertia(0, 0, 0, 0)
    while rest:
        size = range(len(rest))
        k = next((i for i in size if rest[i][i]), None)
        if k is None:
            pair = next(((i, j) for i in size for j in size if rest[i][j]), None)
            if pair is None:
                return found + Inertia(0, 0, len(rest), 0)
            k, other = pair
            # e_k -> e_k + e_other is a congruence that makes the diagonal entry non-zero.
            rest[k] = [a + b for a, b in zip(rest[k], rest[other], strict=True)]
            for row in rest:
                row[k] += row[other]
        found += Inertia(1, 0, 0, 0) if rest[k][k] > 0 else Inertia(0, 1, 0, 0)
        keep = [i for i in size if i != k]
        rest = [[rest[i][j] - rest[i][k] * rest[k][j] / rest[k][k] for j in keep] for i in keep]
    return found
