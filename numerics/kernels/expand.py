r"""A program's output as one polynomial in responsibilities and means, ready to be summed.

An expectation of a product of node factors and constants is cheapest when the constants are taken
out of the sum: :math:`E[\psi_j \psi_i]\, (v_i \cdot v_j)\, v_i` costs one product of matrices, not
a matrix per node. To see that, statements are substituted into the output, all but the posterior
means (whose powers would multiply the terms), and :math:`\sum_j \psi_j = 1` is used.

Equal in exact arithmetic, but second moments become differences: fit where the integration error is
larger than that (quasi-Monte Carlo).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import count, permutations, product
from math import factorial, prod

from derive.algebra.program import Assignment, Factor, Program, Term, kind
from numerics.kernels.monomials import contract_deltas
from numerics.kernels.shifted import SHIFTED, centred, posterior_mean

#: Programs with more terms are left as they are.
MOST_TERMS = 48
_MOST_FACTORS = 9
#: Terms before equal ones are merged, and orders of summed labels tried for one term.
_MOST_VISITED = 40 * MOST_TERMS
_MOST_ORDERS = 720


class TooLargeError(Exception):
    """The expanded polynomial has too many terms."""


def expanded(program: Program) -> Program | None:
    """Return an equal program with an expanded output, or None if it has too many terms.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> [s.target for s in expanded(load_program("kl", "gradient")).statements]
    ['m_local', 'm', 'output']
    >>> expanded(load_program("forward", "hessian")) is None
    True
    """
    program = centred(program)
    found = {s.target: posterior_mean(s) for s in program.statements[:-1]}
    means = {target for target, head in found.items() if head}
    kept = means.union(s.target for s in program.statements[:-1] if _is_shifted_mean(s, means))
    definitions = {s.target: s for s in program.statements[:-1] if s.target not in kept}
    local = {head: target for target, head in found.items() if head in ("v", "v_shifted")}
    output = program.output
    fresh, visited = count(100), count()
    total: dict[tuple[tuple[Factor, ...], tuple[str, ...]], Fraction] = {}
    try:
        for term in output.terms:
            for whole in _substitute(term, definitions, fresh):
                simple = _simplify(whole, local)
                if next(visited) >= _MOST_VISITED or _orders(simple) > _MOST_ORDERS:
                    raise TooLargeError
                simple = _canonical(simple)
                key = simple.factors, simple.sums
                total[key] = total.get(key, Fraction(0)) + simple.coefficient
                if len(total) > MOST_TERMS or len(simple.factors) > _MOST_FACTORS:
                    raise TooLargeError
    except TooLargeError:
        return None
    terms = tuple(Term(c, factors, sums) for (factors, sums), c in total.items() if c)
    statements = tuple(s for s in program.statements if s.target in kept)
    return replace(program, statements=(*statements, replace(output, terms=terms)))


def _is_shifted_mean(statement: Assignment, means: set[str]) -> bool:
    anchors = {pair[1] for pair in SHIFTED.values()}
    heads = {f.head for term in statement.terms for f in term.factors}
    simple = all(len(t.factors) == 1 and not t.sums for t in statement.terms)
    return simple and len(heads) == 2 and bool(heads & means) and bool(heads & anchors)


def _substitute(
    term: Term, definitions: dict[str, Assignment], fresh: count[int]
) -> Iterator[Term]:
    """Yield the terms of the polynomial that a term stands for."""
    for position, factor in enumerate(term.factors):
        statement = definitions.get(factor.head)
        if statement is None:
            continue
        rest = term.factors[:position] + term.factors[position + 1 :]
        for inner in statement.terms:
            names = dict(zip(statement.indices, factor.indices, strict=True))
            names.update({label: f"{kind(label)}{next(fresh)}" for label in inner.sums})
            factors = tuple(_renamed(f, names) for f in inner.factors)
            whole = Term(
                term.coefficient * inner.coefficient,
                rest + factors,
                (*term.sums, *(names[label] for label in inner.sums)),
            )
            yield from _substitute(whole, definitions, fresh)
        return
    yield term


def _renamed(factor: Factor, names: dict[str, str]) -> Factor:
    return Factor(factor.head, tuple(names.get(label, label) for label in factor.indices))


def _simplify(term: Term, local: dict[str, str]) -> Term:
    """Use ``sum_j psi_j = 1`` and ``sum_j psi_j v_j = m``, and drop Kronecker deltas."""
    term, changed = contract_deltas(term), True
    while changed:
        changed = False
        for label in term.sums:
            own = [f for f in term.factors if label in f.indices]
            heads = sorted(f.head for f in own)
            rest = [f for f in term.factors if label not in f.indices]
            if heads == ["psi"]:
                new: list[Factor] = []
            elif len(own) == 2 and heads[0] == "psi" and heads[1] in local:
                (mean,) = [f for f in own if f.head != "psi"]
                new = [Factor(local[mean.head], mean.indices[1:])]
            else:
                continue
            sums = tuple(x for x in term.sums if x != label)
            term, changed = Term(term.coefficient, (*rest, *new), sums), True
            break
    return term


def _orders(term: Term) -> int:
    """Number of orders of a term's summed labels that `_canonical` tries."""
    return prod(factorial(size) for size in Counter(map(kind, term.sums)).values())


def _canonical(term: Term) -> Term:
    """Sort factors and name the summed labels alike in equal terms."""
    groups: dict[str, list[str]] = {}
    for label in term.sums:
        groups.setdefault(kind(label), []).append(label)
    best: tuple[Factor, ...] | None = None
    for orders in product(*(permutations(labels) for labels in groups.values())):
        names = {
            label: f"{kind(label)}{50 + i}" for order in orders for i, label in enumerate(order)
        }
        factors = tuple(sorted(_renamed(f, names) for f in term.factors))
        if best is None or factors < best:
            best = factors
    sums = tuple(f"{k}{50 + i}" for k, labels in groups.items() for i in range(len(labels)))
    return Term(term.coefficient, best or (), sums)
