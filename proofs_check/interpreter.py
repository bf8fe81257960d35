"""A second reading of kernels: one entry at a time, on Arb's complex balls.

Used to confirm counterexamples; shares no code with the compiled kernels of ``numerics``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction

from flint import acb, arb, ctx, fmpq

from derive.program import Factor, Program, kind

Inputs = Callable[[str, tuple[int, ...]], acb]


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


class Interpreter:
    """Evaluates a program's entries one at a time, each intermediate entry at most once.

    Parameters
    ----------
    program : Program
        The kernel.
    sizes : mapping
        Range of each kind of index: ``j`` components, ``a`` coordinates, ``t`` teacher components.
    inputs : callable
        Value of an input head at integer indices.
    """

    def __init__(self, program: Program, sizes: Mapping[str, int], inputs: Inputs) -> None:
        self.statements = {statement.target: statement for statement in program.statements}
        self.sizes = sizes
        self.inputs = inputs
        self.known: dict[tuple[str, tuple[int, ...]], acb] = {}

    def value(self, head: str, indices: tuple[int, ...]) -> acb:
        """Value of one entry of a statement or an input."""
        key = (head, indices)
        if key not in self.known:
            if head in self.statements:
                self.known[key] = self._statement(head, indices)
            else:
                self.known[key] = self.inputs(head, indices)
        return self.known[key]

    def _statement(self, head: str, indices: tuple[int, ...]) -> acb:
        statement = self.statements[head]
        total = acb(0)
        for term in statement.terms:
            ranges = [range(self.sizes[kind(label)]) for label in term.sums]
            for values in itertools.product(*ranges):
                labels = dict(zip(statement.indices, indices, strict=True))
                labels.update(zip(term.sums, values, strict=True))
                total += self._product(term.factors, labels) * ball(term.coefficient)
        return total

    def _product(self, factors: Sequence[Factor], labels: Mapping[str, int]) -> acb:
        result = acb(1)
        for factor in factors:
            result *= self.value(factor.head, tuple(labels[label] for label in factor.indices))
        return result
