"""The largest and least of a family: its members, and what bounds them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Term, Theorem
from proofs_check.proofs.kernel.rules import Product
from proofs_check.proofs.kernel.terms import opened
from proofs_check.proofs.tactics.closing import close
from proofs_check.proofs.tactics.steps import Premises, _equations, _only


@dataclass(frozen=True)
class Member:
    """A member of a family against the largest or least of it.

    Attributes
    ----------
    extreme : Term
        The largest or least (of the largest, or least), or a definition of it.
    indices : tuple of Term
        Which member. Of the first N steps: the step assumes ``index < N``.
    """

    extreme: Term
    indices: tuple[Term, ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Take the axiom for each index, then compare."""
        products: list[Product] = []
        extreme = _meant(self.extreme)
        for index in self.indices:
            products.append((1, (kernel.axiom("member", extreme, index),), ()))
            extreme = _meant(opened(extreme.args[-1], (index,)))
        return close(goal, products)


def _meant(term: Term) -> Term:
    """A term with definitions at its head written out."""
    while term.op == "apply":
        term = opened(term.data.body, term.args)
    return term


@dataclass(frozen=True)
class Bound:
    """What bounds every member of a finite family bounds its largest (least).

    Attributes
    ----------
    variables : tuple of Term
        The last one innermost.
    op : str
        ``largest``, ``least`` or ``least_steps``.
    prefix : tuple of Term
        N, for the least of the first N steps; the step then assumes ``0 < N``.
    """

    variables: tuple[Term, ...]
    op: str = "largest"
    prefix: tuple[Term, ...] = ()
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Apply the rule, then compare."""
        found = _only(premises)
        for variable in reversed(self.variables):
            found = kernel.bound(found, variable, self.op, self.prefix)
        return close(goal, ((1, (found,), ()),), _equations(premises))
