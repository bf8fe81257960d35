"""Minkowski's inequality for sums and means, with words for what is added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Definition, Term, Theorem
from proofs_check.proofs.tactics import facts
from proofs_check.proofs.tactics.bounds import square_root_bound
from proofs_check.proofs.tactics.closing import OPAQUE, close
from proofs_check.proofs.tactics.language import (
    Operand,
    at_most,
    define,
    nonnegative,
    term,
)
from proofs_check.proofs.tactics.steps import (
    Binder,
    Premises,
    _binders,
    _equations,
    _named,
)


@dataclass(frozen=True)
class Minkowski:
    """``|sum of f_i|^2 <= (sum of b_i)^2`` from ``|f_i|^2 <= b_i^2`` and ``0 <= b_i``.

    Attributes
    ----------
    parts : tuple of (Term, Term, str, str)
        ``f_i``, ``b_i``, and the premises with its square and its sign.
    over : tuple of Term or Over
        The sums that ``|f|^2`` is.
    """

    parts: tuple[tuple[Term, Operand, str, str], ...]
    over: tuple[Binder, ...]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """``f_i.f_k <= b_i b_k`` by Cauchy and Schwarz, the parts and bounds as words."""
        binders = _binders(self.over)
        mean = _mean_over(binders)
        equations = _equations(premises)
        products = []
        known: list[_Part] = []
        for f, b, square, sign in self.parts:
            bound = term(b)
            small = close(
                at_most(mean(f**2), bound**2), ((1, (_named(premises, square),), ()),), equations
            )
            positive = close(nonnegative(bound), ((1, (_named(premises, sign),), ()),), equations)
            known.append(_Part(f, bound, _word(f), _word(bound), small, positive))
            products.append((1, (small,), ()))
        for one, two in combinations(known, 2):
            words = one.words | two.words
            schwarz = facts.cauchy_schwarz(one.word, two.word, (), binders)
            (small, above), (least, over) = one.in_words(mean), two.in_words(mean)
            size = square_over_zero(one.word, binders)
            b, c = one.size, two.size
            # (f.g)^2 <= |f|^2 |g|^2 <= |f|^2 c^2 <= b^2 c^2
            squares = kernel.combine(
                at_most(mean(one.word * two.word) ** 2, (b * c) ** 2),
                (
                    (1, (schwarz,), ()),
                    (1, (size, least), ()),
                    (1, (small,), (c,)),
                ),
                (),
                OPAQUE,
            )
            both = kernel.combine(nonnegative(b * c), ((1, (above, over), ()),), (), OPAQUE)
            inner = square_root_bound(at_most(mean(one.word * two.word), b * c), squares, both)
            written = at_most(mean(one.vector * two.vector), one.bound * two.bound)
            products.append((2, (kernel.combine(written, ((1, (inner,), ()),), (), words),), ()))
        return close(goal, products, equations)


@dataclass(frozen=True)
class _Part:
    """One part of a sum, its bound, words for both, and the two premises."""

    vector: Term
    bound: Term
    word: Term
    size: Term
    small: Theorem
    positive: Theorem

    @property
    def words(self) -> frozenset[Definition]:
        return frozenset({self.word.data, self.size.data})

    def in_words(self, mean: Callable[[Term], Term]) -> tuple[Theorem, Theorem]:
        """The premises, of the words."""
        small = at_most(mean(self.word**2), self.size**2)
        return (
            kernel.combine(small, ((1, (self.small,), ()),), (), self.words),
            kernel.combine(nonnegative(self.size), ((1, (self.positive,), ()),), (), self.words),
        )


def _word(meaning: Term) -> Term:
    """A word for a term, of all its variables: what it consists of need not be looked at."""
    variables = tuple(sorted(meaning.free, key=lambda variable: variable.key))
    return define("word", meaning, *variables)(*variables)


def square_over_zero(f: Term, over: tuple[facts.Over, ...]) -> Theorem:
    """``0 <=`` sums of ``f^2``."""
    found = facts.square_over(f, (), over)
    mean = _mean_over(over)
    return kernel.combine(nonnegative(mean(f**2)), ((1, (found,), ()),), (), OPAQUE)


def _mean_over(over: tuple[facts.Over, ...]) -> Callable[[Term], Term]:
    from proofs_check.proofs.kernel.terms import closed

    def mean(t: Term) -> Term:
        for one in reversed(over):
            data = one.variable.sort if one.op == "sum" else None
            t = Term(one.op, (*one.prefix, closed(t, one.variable)), data)
        return t

    return mean
