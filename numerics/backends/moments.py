r"""Expectations from moments of the responsibilities: sum monomials at the nodes, combine once.

A kernel is a polynomial in :math:`\psi_1, \dots, \psi_{n-1}` (as
:math:`\psi_0 = 1 - \sum_j \psi_j`), with the logarithm as one more variable. Its coefficients
depend on the means alone, so that a node needs one multiplication and one addition for each
monomial, however many entries and coordinates there are. The polynomial is found by running the
compiled kernel once on polynomials.

The price is cancellation. With :math:`\|p\|` the sum of the coefficients' moduli,
:math:`\|pq\| \le \|p\| \|q\|`, :math:`\|\psi_0\| = n` and :math:`\|\psi_j\| = 1`; so
:math:`\sum_j \|\psi_j\| = 2n - 1`, and `numerics.majorant.majorant` at ``S = 2n - 1`` bounds the
kernel's coefficients by its rules for sums. That is what the working precision allows for. Wide
boxes keep the kernel as it is: their width would be amplified in the same way.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from derive.program import Program
from numerics.backends.base import Inputs
from numerics.backends.emit import Kernel, compile_moments
from numerics.backends.sweep import ScalarArithmetic, constants
from numerics.majorant import reads_logarithm

#: Kernels with more monomials are summed as they are.
MOST_MONOMIALS = 400
#: Bits of one exponent in a packed monomial.
_FIELD = 8


@dataclass(frozen=True)
class MomentRule:
    """A kernel of monomials, and how other kernels follow from it.

    Attributes
    ----------
    kernel : Kernel
        Accumulates ``weight * monomial``.
    monomials : tuple of int
        Packed exponents, in the order of the accumulators.
    components : int
    """

    kernel: Kernel
    monomials: tuple[int, ...]
    components: int

    @property
    def norm(self) -> int:
        """``sum_j |psi_j|`` in the norm of the module's docstring."""
        return 2 * self.components - 1

    def combine(
        self,
        arithmetic: ScalarArithmetic,
        kernel: Kernel,
        inputs: Inputs,
        moments: Sequence[Any],
    ) -> list[Any]:
        """Accumulators of ``kernel`` from the sums of the monomials."""
        zero, one = arithmetic.constant(0), arithmetic.constant(1)
        others = range(1, self.components)
        psi = [Polynomial({_variable(j): one}) for j in others]
        rest = Polynomial({0: one, **{_variable(j): -one for j in others}})
        node = (one, [rest, *psi], Polynomial({_variable(self.components): one}))
        zeros = [zero for _ in kernel.entries]
        outputs = kernel.explicit([node], zeros, constants(arithmetic, inputs))
        known = dict(zip(self.monomials, moments, strict=True))
        sums = []
        for output in outputs:
            terms = output.terms if isinstance(output, Polynomial) else {0: output}
            sums.append(sum((value * known[key] for key, value in terms.items()), zero))
        return sums


def moment_rule(
    programs: Sequence[Program], kernel: Kernel, components: int, nodes: int
) -> MomentRule | None:
    """Return the moments that the programs need, or None where summing them would not pay.

    Examples
    --------
    >>> from numerics.backends.emit import compile_kernel
    >>> from numerics.kernels import load_program
    >>> gradient = [load_program("forward", "gradient")]
    >>> kernel = compile_kernel(gradient, 3, 2)
    >>> len(moment_rule(gradient, kernel, 3, 10_000).monomials), kernel.operations
    (21, 139)
    """
    degree = max(psi_degree(program) for program in programs)
    logarithm = reads_logarithm(programs)
    count = math.comb(components - 1 + degree, degree) * (1 + logarithm)
    if components < 2 or count > MOST_MONOMIALS:
        return None
    gain = kernel.operations - 2 * count - 2 * components - 4
    if nodes * gain < 4 * kernel.operations * count:
        return None
    exponents = [
        (*alpha, power)
        for power in range(1 + logarithm)
        for alpha in itertools.product(range(degree + 1), repeat=components - 1)
        if sum(alpha) <= degree
    ]
    exponents.sort(key=lambda e: (sum(e), e))
    student = programs[0].base == "student"
    packed = tuple(sum(e << (_FIELD * i) for i, e in enumerate(alpha)) for alpha in exponents)
    return MomentRule(compile_moments(tuple(exponents), student), packed, components)


def psi_degree(program: Program) -> int:
    """Degree of a program's output in the responsibilities, before terms cancel.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> [psi_degree(load_program("forward", q)) for q in ("loss", "gradient", "hessian")]
    [2, 5, 8]
    """
    degrees = {"psi": 1}
    for statement in program.statements:
        degrees[statement.target] = max(
            (sum(degrees.get(f.head, 0) for f in term.factors) for term in statement.terms),
            default=0,
        )
    return degrees[program.output.target]


def _variable(number: int) -> int:
    """Packed monomial of one variable: ``psi_number``, or the logarithm at ``n``."""
    return 1 << (_FIELD * (number - 1))


class Polynomial:
    """A polynomial with coefficients of any number type; monomials are packed exponents.

    Examples
    --------
    >>> line = 1 - Polynomial({1: 2})
    >>> dict(sorted((line * line).terms.items()))
    {0: 1, 1: -4, 2: 4}
    """

    __slots__ = ("terms",)

    def __init__(self, terms: dict[int, Any]) -> None:
        self.terms = terms

    def __add__(self, other: Any) -> Polynomial:
        total = dict(self.terms)
        for key, value in other.terms.items() if isinstance(other, Polynomial) else [(0, other)]:
            total[key] = total[key] + value if key in total else value
        return Polynomial(total)

    def __neg__(self) -> Polynomial:
        return Polynomial({key: -value for key, value in self.terms.items()})

    def __sub__(self, other: Any) -> Polynomial:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Polynomial:
        return self.__neg__().__add__(other)

    def __mul__(self, other: Any) -> Polynomial:
        if not isinstance(other, Polynomial):
            return Polynomial({key: value * other for key, value in self.terms.items()})
        total: dict[int, Any] = {}
        for left, one in self.terms.items():
            for right, two in other.terms.items():
                key = left + right
                total[key] = total[key] + one * two if key in total else one * two
        return Polynomial(total)

    def __radd__(self, other: Any) -> Polynomial:
        return self.__add__(other)

    def __rmul__(self, other: Any) -> Polynomial:
        return self.__mul__(other)
