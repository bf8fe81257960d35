"""A kernel program run in any commutative ring, at given numbers of components and coordinates.

Symbolic instances (rational functions of exponentials, SymPy expressions, fractions) of a derived
integrand come from here, so that they share the single source with the numerical backends.
Nothing but the standard library is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from derive.algebra.program import Assignment, Program, Term, kind

#: Value of an input head at given index values.
Input = Callable[[tuple[int, ...]], Any]
Table = dict[tuple[int, ...], Any]


def run(
    program: Program, sizes: Mapping[str, int], inputs: Mapping[str, Input], zero: Any
) -> Table:
    """Evaluate every entry of a program's output.

    Parameters
    ----------
    program : Program
        A lowered integrand.
    sizes : mapping
        Size of each kind of index, ``{"j": n, "a": d}``.
    inputs : mapping
        Functions of the index values for the heads the program reads; Kronecker deltas and
        ``dimension`` need not be given.
    zero : ring element
        The ring's zero; ring elements add, multiply, and multiply with fractions.

    Returns
    -------
    dict
        Output entries by index values, in the order of the output statement's labels.

    Examples
    --------
    >>> from derive.losses.lowering import lower_objective
    >>> from derive.losses.objectives import KL
    >>> means = {(0, 0): Fraction(1), (1, 0): Fraction(-2)}
    >>> half = Fraction(1, 2)
    >>> inputs = {"psi": lambda k: half, "v": means.__getitem__}
    >>> run(lower_objective(KL, "gradient"), {"j": 2, "a": 1}, inputs, Fraction(0))
    {(0, 0): Fraction(-1, 4), (1, 0): Fraction(-1, 4)}
    """
    known: dict[str, Input] = {
        "delta_component": lambda pair: Fraction(int(pair[0] == pair[1])),
        "delta_coordinate": lambda pair: Fraction(int(pair[0] == pair[1])),
        "dimension": lambda _: Fraction(sizes["a"]),
        **inputs,
    }
    table: Table = {}
    for statement in program.statements:
        table = _table(statement, sizes, known, zero)
        known[statement.target] = table.__getitem__
    return table


def _table(
    statement: Assignment, sizes: Mapping[str, int], known: Mapping[str, Input], zero: Any
) -> Table:
    ranges = [range(sizes[kind(label)]) for label in statement.indices]
    table: Table = {}
    for values in product(*ranges):
        total = zero
        for term in statement.terms:
            total = total + _term(
                term, dict(zip(statement.indices, values, strict=True)), sizes, known, zero
            )
        table[values] = total
    return table


def _term(
    term: Term,
    labels: dict[str, int],
    sizes: Mapping[str, int],
    known: Mapping[str, Input],
    zero: Any,
) -> Any:
    total = zero
    for values in product(*(range(sizes[kind(label)]) for label in term.sums)):
        labels.update(zip(term.sums, values, strict=True))
        piece: Any = term.coefficient
        for factor in term.factors:
            piece = known[factor.head](tuple(labels[i] for i in factor.indices)) * piece
        total = total + piece
    return total
