"""A second, independent evaluation of kernels, one entry at a time, on Arb's complex balls.

Used to confirm counterexamples; shares no code with the compiled kernels of ``numerics``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction

from flint import acb, arb, ctx, fmpq

from derive.algebra.program import Program, Term, kind

Entry = tuple[str, tuple[int, ...]]
Product = tuple[acb, tuple[Entry, ...]]
Inputs = Callable[[str, tuple[int, ...]], acb]

#: Input heads whose value depends on the point of integration.
VARYING_HEADS = frozenset({"psi", "phi", "log_student", "log_teacher"})


class NotConfirmedError(ArithmeticError):
    """The independent evaluation gave no usable enclosure; says why."""


@contextmanager
def precision(digits: int, extra_bits: int = 40) -> Iterator[None]:
    """Set Arb's working precision for ``digits`` decimal digits; restored on exit.

    Examples
    --------
    >>> before = ctx.prec
    >>> with precision(100):
    ...     ctx.prec
    373
    >>> ctx.prec == before
    True
    """
    saved = ctx.prec
    ctx.prec = math.ceil(digits * math.log2(10)) + extra_bits
    try:
        yield
    finally:
        ctx.prec = saved


def ball(value: Fraction) -> arb:
    """Enclose an exact rational at the current precision."""
    return arb(fmpq(value.numerator, value.denominator))


class ProductPlan:
    """Which products make up each entry of a program, with its constants folded in.

    Products that vanish identically (a Kronecker delta, a mean at the origin) are dropped here.
    A plan belongs to the precision at which it is built.

    Parameters
    ----------
    program : Program
        The kernel.
    sizes : mapping
        Range of each kind of index: ``j`` components, ``a`` coordinates, ``t`` teacher components.
    constant : callable
        Value of an input head at integer indices, for heads that do not depend on the point.
    """

    def __init__(self, program: Program, sizes: Mapping[str, int], constant: Inputs) -> None:
        self.statements = {statement.target: statement for statement in program.statements}
        self.sizes = sizes
        self.constant = constant
        self._entries: dict[Entry, list[Product]] = {}

    def products(self, entry: Entry) -> list[Product]:
        """Return the products whose sum is an entry of a statement; none for a zero entry."""
        if entry not in self._entries:
            head, indices = entry
            statement = self.statements[head]
            found: list[Product] = []
            for term in statement.terms:
                ranges = [range(self.sizes[kind(label)]) for label in term.sums]
                for values in itertools.product(*ranges):
                    labels = dict(zip(statement.indices, indices, strict=True))
                    labels.update(zip(term.sums, values, strict=True))
                    product = self._product(term, labels)
                    if product is not None:
                        found.append(product)
            self._entries[entry] = found
        return self._entries[entry]

    def _product(self, term: Term, labels: Mapping[str, int]) -> Product | None:
        """Coefficient and varying entries of one product; ``None`` if it vanishes identically."""
        coefficient = acb(ball(term.coefficient))
        varying: list[Entry] = []
        for factor in term.factors:
            entry = (factor.head, tuple(labels[label] for label in factor.indices))
            if factor.head in VARYING_HEADS:
                varying.append(entry)
            elif factor.head in self.statements:
                if not self.products(entry):
                    return None
                varying.append(entry)
            else:
                value = self.constant(*entry)
                if value.is_zero():
                    return None
                coefficient *= value
        return coefficient, tuple(varying)


class Interpreter:
    """Evaluates a plan's entries at one point, each intermediate entry at most once.

    Parameters
    ----------
    plan : ProductPlan
        The kernel.
    inputs : callable
        Values of the heads that depend on the point.
    """

    def __init__(self, plan: ProductPlan, inputs: Inputs) -> None:
        self.plan = plan
        self.inputs = inputs
        self.known: dict[Entry, acb] = {}

    def value(self, entry: Entry) -> acb:
        """Value of one entry of a statement or an input."""
        known = self.known.get(entry)
        if known is None:
            if entry[0] in VARYING_HEADS:
                known = self.inputs(*entry)
            else:
                known = acb(0)
                for coefficient, factors in self.plan.products(entry):
                    product = coefficient
                    for factor in factors:
                        product = product * self.value(factor)
                    known += product
            self.known[entry] = known
        return known
