"""Unknowns of the gradient flow: one component per orbit of the exact symmetries."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.mixtures.reduction import Reduction
from numerics.numbers.arithmetic import Array


@dataclass(frozen=True)
class Unknowns:
    """The free coordinates of a reduction, and the way back to all of them.

    Attributes
    ----------
    shape : tuple of int
        Distinct components and coordinates.
    free : array of int
        Positions of the unknowns among all coordinates.
    expansion : array of int, coordinates x unknowns
        All coordinates from the unknowns (entries -1, 0, 1).
    rates : tuple of Fraction
        What each unknown's gradient entry is multiplied by (one over the multiplicity).

    Examples
    --------
    >>> from numerics.mixtures.reduction import reduce_problem
    >>> means = tuple((Fraction(entry),) for entry in (0, 2, -2))
    >>> found = Unknowns.of(reduce_problem(means, [Fraction(1, 3)] * 3))
    >>> found.free.tolist(), found.expansion.ravel().tolist()
    ([1], [0, 1, -1])
    """

    shape: tuple[int, int]
    free: Array
    expansion: Array
    rates: tuple[Fraction, ...]

    @classmethod
    def of(cls, reduction: Reduction) -> Unknowns:
        """Find the unknowns of a reduction."""
        rows, signs = reduction.symmetry.representative, np.array(reduction.symmetry.signs)
        shape = (len(rows), reduction.span)
        own = (signs != 0) & (np.array(rows) == np.arange(len(rows)))[:, None]
        free = np.flatnonzero(own.ravel())
        position = np.zeros(signs.size, dtype=int)
        position[free] = np.arange(free.size)
        source = position.reshape(shape)[list(rows)].ravel()
        expansion = np.zeros((signs.size, free.size), dtype=int)
        expansion[np.arange(signs.size), source] = signs.ravel()
        multiplicities = np.repeat(reduction.multiplicities, shape[1])
        rates = tuple(Fraction(1, int(multiplicities[index])) for index in free)
        return cls(shape, free, expansion, rates)

    def coordinates(self, unknowns: Array) -> Array:
        """Return the coordinates of all distinct components."""
        return np.asarray((self.expansion @ unknowns).reshape(self.shape))

    def of_gradient(self, gradient: Array) -> Array:
        """Return the gradient's entries that drive the unknowns."""
        return np.asarray(gradient.ravel()[self.free])

    def of_hessian(self, hessian: Array) -> Any:
        """Return the derivative of `of_gradient` with respect to the unknowns."""
        return hessian[self.free] @ self.expansion
