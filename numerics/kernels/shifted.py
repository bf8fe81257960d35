"""A program rewritten so that means far from the teacher lose no accuracy in floats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from derive.algebra.program import Assignment, Factor, Program, Term

#: Differences of means from a reference, and the reference itself, by the head they replace.
SHIFTED = {"v": ("v_shifted", "v_anchor"), "theta": ("theta_shifted", "theta_anchor")}
_WEIGHTS = {"v": "psi", "v_shifted": "psi", "theta": "phi", "theta_shifted": "phi"}


def centred(program: Program) -> Program:
    r"""Rewrite posterior means and deviations from them so that no common shift is subtracted.

    With ``v_j = c + delta_j`` and :math:`\sum_j \psi_j = 1`, the statements ``m = sum psi_j v_j``
    and ``u_j = v_j - m`` become ``m = c + m'`` and ``u_j = delta_j - m'`` with
    :math:`m' = \sum_j \psi_j \delta_j`. Equal in exact arithmetic; in floats, deviations of a tight
    cluster far from the teacher keep their relative accuracy. Likewise for ``theta``.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> before = load_program("forward", "gradient")
    >>> len(centred(before).statements) - len(before.statements)
    1
    """
    means: dict[str, str] = {}
    statements: list[Assignment] = []
    for statement in program.statements:
        head = posterior_mean(statement)
        if head in SHIFTED and statement is not program.output:
            shifted, anchor = SHIFTED[head]
            (label,) = statement.indices
            local = f"{statement.target}_local"
            (term,) = statement.terms
            factors = tuple(
                Factor(shifted, f.indices) if f.head == head else f for f in term.factors
            )
            statements.append(
                replace(statement, target=local, terms=(replace(term, factors=factors),))
            )
            one = Fraction(1)
            terms = (Term(one, (Factor(local, (label,)),)), Term(one, (Factor(anchor, (label,)),)))
            statements.append(replace(statement, terms=terms))
            means[statement.target] = head
        else:
            statements.append(_shift_deviation(statement, means))
    return replace(program, statements=tuple(statements))


def posterior_mean(statement: Assignment) -> str | None:
    """Name of the head whose responsibility-weighted mean a statement is, if it is one."""
    if len(statement.terms) != 1 or len(statement.indices) != 1:
        return None
    (term,) = statement.terms
    if len(term.sums) != 1 or len(term.factors) != 2 or term.coefficient != 1:
        return None
    for head, weight in _WEIGHTS.items():
        mean = Factor(head, (*term.sums, *statement.indices))
        if set(term.factors) == {Factor(weight, term.sums), mean}:
            return head
    return None


def _shift_deviation(statement: Assignment, means: Mapping[str, str]) -> Assignment:
    """Rewrite ``v[j, a] - m[a]`` if that is what a statement is."""
    if len(statement.terms) != 2 or any(len(t.factors) != 1 or t.sums for t in statement.terms):
        return statement
    by_head = {term.factors[0].head: term for term in statement.terms}
    for mean, head in means.items():
        if set(by_head) == {head, mean} and len(statement.indices) == 2:
            same = by_head[head].factors[0].indices == statement.indices
            opposite = by_head[head].coefficient == 1 and by_head[mean].coefficient == -1
            if same and opposite and by_head[mean].factors[0].indices == statement.indices[1:]:
                renamed = {head: SHIFTED[head][0], mean: f"{mean}_local"}
                terms = tuple(
                    replace(t, factors=(Factor(renamed[t.factors[0].head], t.factors[0].indices),))
                    for t in statement.terms
                )
                return replace(statement, terms=terms)
    return statement
