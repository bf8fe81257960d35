r"""Expectations from moments of the responsibilities: sum monomials at the nodes, combine once.

A kernel is a polynomial in :math:`\psi_1, \dots, \psi_{n-1}` (as
:math:`\psi_0 = 1 - \sum_j \psi_j`), with the logarithm as one more variable. Its coefficients
depend on the means alone, so that a node needs one multiplication and one addition for each
monomial, however many entries and coordinates there are. The polynomial is found by running the
compiled kernel once on polynomials.

The price is cancellation. With :math:`\|p\|` the sum of the coefficients' moduli,
:math:`\|pq\| \le \|p\| \|q\|`, :math:`\|\psi_0\| = n` and :math:`\|\psi_j\| = 1`; so
:math:`\sum_j \|\psi_j\| = 2n - 1`, and `numerics.quadrature.majorant.majorant` at ``S = 2n - 1``
bounds the kernel's coefficients by its rules for sums. That is what the working precision allows
for. For a mixture teacher the :math:`\phi_t`, ``t > 0``, are variables too, with norms of their
own. Wide boxes keep the kernel as it is: their width would be amplified in the same way.

Which coefficients vanish identically is found at a random point modulo a prime and not relied on: a
monomial without logarithm that was not summed has a sum between 0 and that of the weights, as
:math:`0 \le \psi_j \le 1`, and its coefficient (a ball around 0) is multiplied by that range.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from flint import nmod

from numerics.kernels.straight_line import Kernel, compile_moments, moment_variables
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature.inputs import Inputs
from numerics.quadrature.line import constants

#: Kernels with more monomials are summed as they are.
MOST_MONOMIALS = 400
#: No polynomial with more terms is formed. (Terms cancel: a step on the way may have more than the
#: result, by a degree.)
MOST_FORMED = 4 * MOST_MONOMIALS
#: Bits of one exponent in a packed monomial.
_FIELD = 8
_PRIME = 2**61 - 1


class TooManyMonomialsError(Exception):
    """A polynomial has more than `MOST_FORMED` terms: expanding it is given up."""


@dataclass(frozen=True)
class MomentRule:
    """A kernel of monomials, and how other kernels follow from it.

    Attributes
    ----------
    kernel : Kernel
        Accumulates ``weight * monomial``.
    monomials : tuple of int
        Packed exponents, in the order of the accumulators.
    exponents : tuple of tuples of int
        The same, of `moment_variables`.
    components, teachers : int
    """

    kernel: Kernel
    monomials: tuple[int, ...]
    exponents: tuple[tuple[int, ...], ...]
    components: int
    teachers: int = 0

    @property
    def norms(self) -> tuple[int, int]:
        """``sum_j |psi_j|`` and ``sum_t |phi_t|`` in the norm of the module's docstring."""
        return 2 * self.components - 1, max(2 * self.teachers - 1, 1)

    def combine(
        self,
        arithmetic: ScalarArithmetic,
        kernel: Kernel,
        inputs: Inputs,
        moments: Sequence[Any],
    ) -> list[Any]:
        """Accumulators of ``kernel`` from the sums of the monomials."""
        zero = arithmetic.constant(0)
        shared = constants(arithmetic, inputs)
        outputs = _polynomials(kernel, self.components, self.teachers, shared)
        known = dict(zip(self.monomials, moments, strict=True))
        sums = []
        for output in outputs:
            total = zero
            for key, value in output.items():
                if key in known:
                    total = total + value * known[key]
                else:
                    total = total + arithmetic.symmetric(value * known[0])
            sums.append(total)
        return sums


def _polynomials(
    kernel: Kernel, components: int, teachers: int, shared: tuple[Any, ...]
) -> list[dict[int, Any]]:
    """Every accumulator of a kernel as a polynomial; ``shared`` as `sweep.constants`."""
    one, zero = shared[:2]
    keys = iter(range(len(moment_variables(components, teachers))))

    def variables(count: int) -> list[PackedPolynomial]:
        return [PackedPolynomial({_variable(key): one}) for key in islice(keys, count)]

    def family(count: int) -> list[PackedPolynomial]:
        others = variables(count - 1)
        rest = PackedPolynomial({0: one, **{key: -one for other in others for key in other.terms}})
        return [rest, *others]

    psi = family(components)
    phi = family(teachers) if teachers else []
    node = (one, psi, *variables(1), *((phi, *variables(1)) if teachers else ()))
    outputs = kernel.explicit([node], [zero for _ in kernel.entries], shared)
    return [o.terms if isinstance(o, PackedPolynomial) else {0: o} for o in outputs]


def moment_rule(
    kernel: Kernel,
    components: int,
    coordinates: int,
    student: bool,
    nodes: int,
    teachers: int = 0,
    always: bool = False,
) -> MomentRule | None:
    """Return the moments that a kernel needs, or None where summing them would not pay.

    With ``always`` that does not matter; None then says that there are too many.

    Examples
    --------
    >>> from numerics.kernels.straight_line import compile_kernel
    >>> from numerics.kernels import load_program
    >>> kernel = compile_kernel([load_program("forward", "gradient")], 3, 2)
    >>> rule = moment_rule(kernel, 3, 2, False, 10_000)
    >>> kernel.operations, len(rule.monomials), rule.kernel.operations
    (139, 15, 40)
    """
    least = 2 * (components + teachers) + 6
    # Finding the polynomial costs as much as some nodes: estimated with a dozen monomials.
    worthwhile = always or nodes * (kernel.operations - least) >= 50 * kernel.operations
    if max(components, teachers) < 2 or not worthwhile:
        return None
    exponents = _needed(kernel, components, teachers, coordinates)
    if exponents is None:
        return None
    count = len(exponents)
    gain = kernel.operations - 2 * count - 2 * (components + teachers) - 4
    if not always and nodes * gain < 4 * kernel.operations * count:
        return None
    packed = tuple(sum(e << (_FIELD * i) for i, e in enumerate(alpha)) for alpha in exponents)
    moments = compile_moments(exponents, student, components, teachers)
    return MomentRule(moments, packed, exponents, components, teachers)


@lru_cache(maxsize=256)
def _needed(
    kernel: Kernel, components: int, teachers: int, coordinates: int
) -> tuple[tuple[int, ...], ...] | None:
    """Exponents of the monomials to be summed, closed under lowering, by degree.

    None where there are more than `MOST_MONOMIALS`, or the first step of the expansion that has
    more than `MOST_FORMED` is met.
    """
    generator = random.Random(0)

    def number() -> nmod:
        return nmod(generator.randrange(1, _PRIME), _PRIME)

    def table(rows: int) -> list[list[nmod]]:
        return [[number() for _ in range(coordinates)] for _ in range(rows)]

    shared = (
        nmod(1, _PRIME),
        nmod(0, _PRIME),
        None,
        number(),
        table(components),
        [number() for _ in range(components)],
        lambda top, bottom: nmod(top, _PRIME) / nmod(bottom, _PRIME),
        *((table(teachers), [number() for _ in range(teachers)]) if teachers else ()),
    )
    variables = moment_variables(components, teachers)
    logarithms = _variable(variables.index("log_student"))
    keys = {0}
    try:
        outputs = _polynomials(kernel, components, teachers, shared)
    except TooManyMonomialsError:
        return None
    for output in outputs:
        for key, value in output.items():
            if value != 0 or key >= logarithms:  # with logarithms: all
                keys.add(key)
    exponents = {tuple(key >> (_FIELD * i) & 255 for i in range(len(variables))) for key in keys}
    for alpha in list(exponents):
        while any(alpha):
            last = max(i for i, power in enumerate(alpha) if power)
            alpha = (*alpha[:last], alpha[last] - 1, *alpha[last + 1 :])
            exponents.add(alpha)
    if len(exponents) > MOST_MONOMIALS:
        return None
    return tuple(sorted(exponents, key=lambda alpha: (sum(alpha), alpha)))


def _variable(number: int) -> int:
    """Packed monomial of one variable, numbered as in `moment_variables`."""
    return 1 << (_FIELD * number)


class PackedPolynomial:
    """A polynomial with coefficients of any number type; monomials are packed exponents.

    Raises
    ------
    TooManyMonomialsError
        By any operation, as soon as its result has more than `MOST_FORMED` terms.

    Examples
    --------
    >>> line = 1 - PackedPolynomial({1: 2})
    >>> dict(sorted((line * line).terms.items()))
    {0: 1, 1: -4, 2: 4}
    """

    __slots__ = ("terms",)

    def __init__(self, terms: dict[int, Any]) -> None:
        if len(terms) > MOST_FORMED:
            raise TooManyMonomialsError
        self.terms = terms

    def __add__(self, other: Any) -> PackedPolynomial:
        total = dict(self.terms)
        for key, value in (
            other.terms.items() if isinstance(other, PackedPolynomial) else [(0, other)]
        ):
            total[key] = total[key] + value if key in total else value
        return PackedPolynomial(total)

    def __neg__(self) -> PackedPolynomial:
        return PackedPolynomial({key: -value for key, value in self.terms.items()})

    def __sub__(self, other: Any) -> PackedPolynomial:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> PackedPolynomial:
        return self.__neg__().__add__(other)

    def __mul__(self, other: Any) -> PackedPolynomial:
        if not isinstance(other, PackedPolynomial):
            return PackedPolynomial({key: value * other for key, value in self.terms.items()})
        total: dict[int, Any] = {}
        for left, one in self.terms.items():
            for right, two in other.terms.items():
                key = left + right
                total[key] = total[key] + one * two if key in total else one * two
            if len(total) > MOST_FORMED:
                raise TooManyMonomialsError
        return PackedPolynomial(total)

    def __radd__(self, other: Any) -> PackedPolynomial:
        return self.__add__(other)

    def __rmul__(self, other: Any) -> PackedPolynomial:
        return self.__mul__(other)
