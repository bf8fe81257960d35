"""The integrands by which one of two components escapes, on a grid of nodes, in balls.

A kernel is a product of factors, each a polynomial in the parameters whose coefficients (the
statements ``node...``) depend on the node alone. Those are evaluated once; what is left for every
choice of parameters is compiled into one loop over the nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from flint import arb

from derive.algebra.program import Assignment, Program, Term
from numerics.kernels.handle import written
from numerics.numbers.balls import ball

#: Parameters that a compiled loop takes: ``eps^2`` and ``alpha eps``.
PARAMETERS = ("square", "gamma")
#: ``(weights, rows, square, gamma) -> sum of weight * kernel``.
Loop = Callable[[Sequence[arb], Sequence[tuple[arb, ...]], arb, arb], arb]


def _is_node(statement: Assignment) -> bool:
    return statement.target.startswith("node")


def _is_one(statement: Assignment) -> bool:
    return statement.terms == (Term(Fraction(1), ()),)


def node_values(program: Program, inputs: Mapping[str, arb]) -> tuple[arb, ...]:
    """Values of the node statements, in order, without those that are the constant 1.

    Examples
    --------
    >>> from numerics.kernels.library import load_escape_kernel
    >>> half = arb(1) / 2
    >>> inputs = {"t": arb(0), "sigma": half, "kappa": half / 2, "log_odds": arb(0)}
    >>> print(*node_values(load_escape_kernel("Q"), inputs))
    0.500000000000000 -0.250000000000000 -0.125000000000000
    """
    chosen = (s for s in program.statements if _is_node(s) and not _is_one(s))
    return tuple(_sum(statement, inputs) for statement in chosen)


def _sum(
    statement: Assignment,
    inputs: Mapping[str, arb],
    read: Callable[[Fraction], Fraction] = Fraction,
) -> arb:
    total = arb(0)
    for term in statement.terms:
        product = ball(read(term.coefficient))
        for factor in term.factors:
            product *= inputs[factor.head]
        total += product
    return total


def compile_loop(program: Program) -> Loop:
    """Compile ``sum over nodes of weight * kernel`` for given node values.

    Examples
    --------
    >>> from numerics.kernels.library import load_escape_kernel
    >>> loop = compile_loop(load_escape_kernel("Q"))
    >>> print(loop([arb(2)], [(arb(1), arb(-2), arb(3))], arb(5), arb(7)))
    -12.0000000000000
    """
    nodes = [s.target for s in program.statements if _is_node(s) and not _is_one(s)]
    ones = {s.target for s in program.statements if _is_node(s) and _is_one(s)}
    bodies = {
        statement.target: _text(statement, ones)
        for statement in program.statements
        if not _is_node(statement)
    }
    product = "*".join(f"({bodies[f.head]})" for f in program.output.terms[0].factors)
    source = (
        "def loop(weights, rows, square, gamma):\n"
        "    total = zero()\n"
        f"    for weight, ({', '.join(nodes)},) in zip(weights, rows):\n"
        f"        total += weight*{product}\n"
        "    return total\n"
    )
    loop: Loop = written(source, program.name, zero=arb)["loop"]
    return loop


def _text(statement: Assignment, ones: set[str]) -> str:
    """Source of one factor; coefficients other than 1 sit in the node statements."""
    pieces = []
    for term in statement.terms:
        heads = [factor.head for factor in term.factors if factor.head not in ones]
        if term.coefficient != 1 or not heads:
            raise ValueError(f"{statement.target} is not a polynomial with node coefficients")
        pieces.append("*".join(heads))
    return " + ".join(pieces)


def modulus_bound(program: Program, inputs: Mapping[str, arb]) -> arb:
    """Bound of ``|kernel|``: every coefficient and every input by its modulus.

    Parameters
    ----------
    program : Program
    inputs : mapping
        Bounds of the moduli of ``t``, ``sigma``, ``kappa``, ``log_odds`` and the parameters.

    Examples
    --------
    >>> from numerics.kernels.library import load_escape_kernel
    >>> names = ("t", "sigma", "kappa", "log_odds", "square", "gamma")
    >>> print(modulus_bound(load_escape_kernel("Q"), dict.fromkeys(names, arb(2))))
    12.0000000000000
    """
    known = dict(inputs)
    for statement in program.statements:
        known[statement.target] = _sum(statement, known, abs)
    return known[program.output.target]
