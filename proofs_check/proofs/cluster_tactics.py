"""Tactics of the proofs about clusters: certificates, contradictions, and their short forms."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Term, Theorem
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.bounds import largest_of
from proofs_check.proofs.tactics.closing import OPAQUE, close
from proofs_check.proofs.tactics.language import (
    Operand,
    at_most,
    below,
    nonnegative,
    term,
)
from proofs_check.proofs.tactics.script import Step, Tactic
from proofs_check.proofs.tactics.steps import (
    Premises,
    _equations,
    _named,
)


@dataclass(frozen=True)
class Certificate:
    """``right - left`` is a sum of products of premises and of squares, modulo equations.

    Attributes
    ----------
    products : tuple of (number, tuple of str, tuple of Term)
        Nonnegative numbers, names of premises, and what is squared beside them.
    """

    products: tuple[tuple[Fraction | int, tuple[str, ...], tuple[Operand, ...]], ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """The kernel checks the sum."""
        products = [
            (c, tuple(_named(premises, name) for name in names), tuple(term(s) for s in squares))
            for c, names, squares in self.products
        ]
        return close(goal, products, _equations(premises))


@dataclass(frozen=True)
class Weighted:
    """A `Certificate` that is given the multipliers of its equations, where they are hard to find.

    Attributes
    ----------
    products : tuple of (number, tuple of str, tuple of Term)
        As in a `Certificate`.
    factors : tuple of (Term or number, str)
        Multipliers and equations.
    """

    products: tuple[tuple[Fraction | int, tuple[str, ...], tuple[Operand, ...]], ...]
    factors: tuple[tuple[Operand, str], ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """The kernel checks the sum, no definition written out."""
        products = tuple(
            (c, tuple(_named(premises, name) for name in names), tuple(term(s) for s in squares))
            for c, names, squares in self.products
        )
        equations = tuple((term(f), _named(premises, name)) for f, name in self.factors)
        return kernel.combine(goal, products, equations, OPAQUE)


#: A number, names of premises, and, if any, what is squared beside them.
Row = (
    tuple[Fraction | int, tuple[str, ...]]
    | tuple[Fraction | int, tuple[str, ...], tuple[Operand, ...]]
)


def shown(name: str, why: str, goal: Term, *rows: Row, using: tuple[str, ...] = ()) -> Step:
    """A step by a `Certificate`: what it uses is read off its products; equations are named.

    Parameters
    ----------
    name, why : str
    goal : Term
    *rows : tuple
        The products of the certificate.
    using : tuple of str
        Equations.

    Examples
    --------
    >>> from proofs_check.proofs.tactics.language import nonnegative, real
    >>> shown("t >= 0", "2 t - t", nonnegative(real("t")), (1, ("half",))).uses
    ('half',)
    """
    products = tuple((row[0], row[1], row[2] if len(row) == 3 else ()) for row in rows)
    names = dict.fromkeys(used for row in rows for used in row[1])
    return Step(name, why, goal, Certificate(products), tuple(dict.fromkeys((*names, *using))))


@dataclass(frozen=True)
class Discharged:
    """Another tactic, and then a hypothesis that a premise shows is cut.

    Attributes
    ----------
    tactic : Tactic
    shown : str
    """

    tactic: Tactic
    shown: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Prove without the premise, then cut."""
        rest = {name: p for name, p in premises.items() if name != self.shown}
        return kernel.cut(premises[self.shown], self.tactic.prove(goal, rest))


@dataclass(frozen=True)
class Absurd:
    """Any inequality from ``s < t`` and ``t <= s``.

    Attributes
    ----------
    strict, weak : str
    """

    strict: str
    weak: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """``t - s`` is positive and zero: divide by it."""
        strict = _named(premises, self.strict)
        s, t = strict.record.conclusion.args
        gap, rest = t - s, goal.args[1] - goal.args[0]
        factor = kernel.combine(below(0, gap), ((1, (strict,), ()),), (), OPAQUE)
        weak = close(
            at_most(gap, 0), ((1, (_named(premises, self.weak),), ()),), _equations(premises)
        )
        other = kernel.combine(at_most(0, gap), ((1, (strict,), ()),), (), OPAQUE)
        zero = kernel.antisymmetry(weak, other)
        product = kernel.combine(nonnegative(gap * rest), (), ((-rest, zero),), OPAQUE)
        return facts.cancel(factor, product, goal)


@dataclass(frozen=True)
class FirstOfLarger:
    """``0 <= s`` from ``0 <= max(s, t)`` and ``t < 0``.

    Attributes
    ----------
    larger, other : str
        The two premises.
    """

    larger: str
    other: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """By cases: the larger is t, which cannot be, or s."""
        other = _named(premises, self.other)
        t = other.record.conclusion.args[0]
        s = goal.args[1]
        larger = close(nonnegative(largest_of(s, t)), ((1, (_named(premises, self.larger),), ()),))
        one = kernel.axiom("first case", s, t, t, s)
        two = kernel.axiom("second case", s, t, t, s)
        weak = kernel.combine(nonnegative(t), ((1, (larger,), ()),), ((number(1), one),), OPAQUE)
        first = Absurd("strict", "weak").prove(goal, {"strict": other, "weak": weak})
        second = kernel.combine(goal, ((1, (larger,), ()),), ((number(1), two),), OPAQUE)
        return kernel.split(s, t, first, second)


@dataclass(frozen=True)
class AbsoluteBound:
    """``t^2 <= b^2`` from ``-b <= t`` and ``t <= b``.

    Attributes
    ----------
    above, beneath : str
    """

    above: str
    beneath: str
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """``(b - t)(b + t) >= 0``."""
        products = ((1, (_named(premises, self.above), _named(premises, self.beneath)), ()),)
        return close(goal, products, _equations(premises))
