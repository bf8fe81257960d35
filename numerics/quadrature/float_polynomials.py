r"""A kernel as forms in the responsibilities, with coefficients in doubles and their errors.

A kernel without logarithms is a polynomial in :math:`\psi_0, \dots, \psi_{n-1}`, and as
:math:`\sum_j \psi_j = 1` a form (a homogeneous polynomial) of any degree that is high enough. The
compiled kernel is run once on forms. Beside every coefficient stands its *size*: the same
computation with absolute values, which bounds what all errors together can do. If ``v`` is known up
to :math:`\tau` times its size, a coefficient that is the result of at most ``K`` roundings in a
row and a product of at most ``p`` means is off by at most

.. math:: ((1 + u)^K (1 + \tau)^p - 1)\; \text{size}, \qquad u = 2^{-53}.

Nothing is eliminated (no :math:`\psi_0 = 1 - \dots`): where components are far, their moments are
tiny, and so is what their large coefficients contribute to the error.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from numerics.kernels.straight_line import Kernel
from numerics.quadrature.inputs import Inputs

Floats = NDArray[np.float64]
#: Means are known up to a multiple of their modulus plus this.
_SIZE = 0.125


class Form:
    """A form in ``n`` responsibilities.

    Attributes
    ----------
    components, degree : int
    values, sizes : arrays
        Over the monomials in the order of `monomials`.
    roundings, factors : int
        ``K`` and ``p`` of the module's docstring.
    """

    __array_ufunc__ = None
    __slots__ = ("components", "degree", "factors", "roundings", "sizes", "values")

    def __init__(
        self,
        components: int,
        degree: int,
        values: Floats,
        sizes: Floats,
        roundings: int = 0,
        factors: int = 0,
    ) -> None:
        self.components, self.degree = components, degree
        self.values, self.sizes = values, sizes
        self.roundings, self.factors = roundings, factors

    def raised(self, degree: int) -> Form:
        """The same times a power of the sum of all responsibilities, which is 1."""
        if degree == self.degree:
            return self
        if not self.degree and not self.sizes.any():
            zero = np.zeros(len(monomials(self.components, degree)))
            return Form(self.components, degree, zero, zero)
        return self * _power_of_one(self.components, degree - self.degree)

    def __add__(self, other: Form) -> Form:
        degree = max(self.degree, other.degree)
        left, right = self.raised(degree), other.raised(degree)
        return Form(
            self.components,
            degree,
            left.values + right.values,
            left.sizes + right.sizes,
            max(left.roundings, right.roundings) + 1,
            max(left.factors, right.factors),
        )

    def __neg__(self) -> Form:
        return Form(
            self.components, self.degree, -self.values, self.sizes, self.roundings, self.factors
        )

    def __sub__(self, other: Form) -> Form:
        return self + -other

    def __mul__(self, other: Form) -> Form:
        places, most = _products(self.components, self.degree, other.degree)
        count = len(monomials(self.components, self.degree + other.degree))

        def product(left: Floats, right: Floats) -> Floats:
            return np.asarray(
                np.bincount(places, np.outer(left, right).ravel(), count), dtype=np.float64
            )

        return Form(
            self.components,
            self.degree + other.degree,
            product(self.values, other.values),
            product(self.sizes, other.sizes),
            self.roundings + other.roundings + 1 + most,
            self.factors + other.factors,
        )


@lru_cache(maxsize=256)
def monomials(components: int, degree: int) -> tuple[tuple[int, ...], ...]:
    """Components that occur, each as often as its exponent says.

    Examples
    --------
    >>> monomials(2, 2)
    ((0, 0), (0, 1), (1, 1))
    """
    return tuple(itertools.combinations_with_replacement(range(components), degree))


@lru_cache(maxsize=256)
def _products(components: int, left: int, right: int) -> tuple[NDArray[np.int64], int]:
    """Numbers of all products of two monomials, and how many are equal at most."""
    number = {chosen: k for k, chosen in enumerate(monomials(components, left + right))}
    places = np.array(
        [
            number[tuple(sorted((*one, *two)))]
            for one in monomials(components, left)
            for two in monomials(components, right)
        ],
        dtype=np.int64,
    )
    return places, int(np.bincount(places).max())


@lru_cache(maxsize=64)
def _power_of_one(components: int, power: int) -> Form:
    total = np.ones(components)
    result = Form(components, 0, np.ones(1), np.ones(1))
    for _ in range(power):
        result = result * Form(components, 1, total, total)
    result.roundings = 0  # small integers are exact
    return result


def kernel_forms(kernel: Kernel, inputs: Inputs) -> tuple[list[Form], arb]:
    r"""Every accumulator of a kernel as a form, all of one degree, and :math:`\tau`.

    Parameters
    ----------
    kernel : Kernel
        Without logarithms; one Gaussian teacher.
    inputs : Inputs
        Balls.
    """
    count = len(inputs.weights)
    worst = arb(0)

    def constant(value: float, size: float, roundings: int = 0, factors: int = 0) -> Form:
        return Form(count, 0, np.array([value]), np.array([size]), roundings, factors)

    def known(value: arb, extra: float) -> Form:
        nonlocal worst
        number = float(value.mid())
        size = abs(number) + extra
        worst = worst.max(arb((value - arb(number)).abs_upper()) / size)
        return constant(number, size, 1, 1)

    def fraction(numerator: int, denominator: int) -> Form:
        number = float(Fraction(numerator, denominator))
        return constant(number, abs(number), 2)

    one, zero = constant(1.0, 1.0), constant(0.0, 0.0)
    shared = (
        one,
        zero,
        None,
        fraction(inputs.dimension or len(inputs.means[0]), 1),
        [[known(value, _SIZE) for value in row] for row in inputs.means],
        [known(weight, 0.0) for weight in inputs.weights],
        fraction,
    )
    units = np.eye(count)
    psi = [Form(count, 1, unit, unit) for unit in units]
    outputs: Sequence[Any] = kernel.explicit(
        [(one, psi, zero)], [zero for _ in kernel.entries], shared
    )
    degree = max(output.degree for output in outputs)
    return [output.raised(degree) for output in outputs], arb(worst.abs_upper())
