"""Exact transformations of mixtures, for statements about symmetries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from numerics.numbers.exact import Vector
from proofs_check.statements.mixture import Mixture


def moved(mixture: Mixture, distance: str, *, teacher: bool) -> Mixture:
    """Add ``distance`` to every coordinate of the means, and of the teacher's unless told not to.

    Examples
    --------
    >>> print(moved(Mixture.of([["1"]]), "1/2", teacher=True))
    means ((3/2)), weights (1), teacher means ((1/2)), teacher weights (1)
    """
    by = Fraction(distance)
    result = replace(mixture, means=_shift(mixture.means, by))
    if not teacher:
        return result
    means, weights = mixture.teacher
    return replace(result, teacher_means=_shift(means, by), teacher_weights=weights)


def _shift(means: tuple[Vector, ...], by: Fraction) -> tuple[Vector, ...]:
    return tuple(tuple(entry + by for entry in mean) for mean in means)


def turned(mixture: Mixture, matrix: Sequence[Sequence[str]]) -> Mixture:
    """Apply a matrix to the means of student and teacher.

    Examples
    --------
    >>> print(turned(Mixture.of([["1", "0"]]), (("0", "-1"), ("1", "0"))))
    means ((0, 1)), weights (1)
    """
    rows = [[Fraction(entry) for entry in row] for row in matrix]

    def image(mean: Vector) -> Vector:
        return tuple(
            sum((q * x for q, x in zip(row, mean, strict=True)), Fraction(0)) for row in rows
        )

    return replace(
        mixture,
        means=tuple(image(mean) for mean in mixture.means),
        teacher_means=tuple(image(mean) for mean in mixture.teacher_means),
    )


def permuted(mixture: Mixture, *, weights: bool) -> Mixture:
    """Pass every component's mean (and weight) on to the next component.

    Examples
    --------
    >>> print(permuted(Mixture.of([["0"], ["1"]], ["1/3", "2/3"]), weights=False))
    means ((1), (0)), weights (1/3, 2/3)
    """
    means = mixture.means[1:] + mixture.means[:1]
    moved_weights = mixture.weights[1:] + mixture.weights[:1]
    return replace(mixture, means=means, weights=moved_weights if weights else mixture.weights)


def subtract(left: Any, right: Any) -> Any:
    """Entrywise difference of two nested lists.

    Examples
    --------
    >>> subtract([[3, 2]], [[1, 1]])
    [[2, 1]]
    """
    if isinstance(left, list | tuple):
        return [subtract(a, b) for a, b in zip(left, right, strict=True)]
    return left - right
