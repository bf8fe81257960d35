"""Numbers for statements: exact rationals at a point x, enclosures for expectations.

Used to check instances of cited results; a statement is evaluated for every value of its labels.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.algebra.calculus import fold, single_teacher, stein
from derive.algebra.index import IndexedFactor, Polynomial, open_dummies
from derive.algebra.mixture_rules import definition
from derive.algebra.program import kind
from derive.losses.lowering import lower
from proofs_check.points.numerics_point import NumericsPoint
from proofs_check.proofs.forms import ProofError
from proofs_check.proofs.quantities import Expression, Glossary, Quantity, Statement
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import as_ball

Labels = Mapping[str, int]
_DIGITS = 20


@dataclass
class Instance:
    """A mixture, with the responsibilities at one point x as an exact probability vector.

    Every positive vector occurs: weights can be chosen so that it does at a given x.
    """

    mixture: Mixture
    psi: tuple[Fraction, ...]
    _values: dict[Any, Any] = field(default_factory=dict, repr=False)

    def factor(self, factor: IndexedFactor, labels: Labels) -> Fraction:
        """Value of an indexed factor."""
        head, indices = factor
        place = tuple(labels[label] for label in indices)
        key = (head, place)
        if key not in self._values:
            self._values[key] = self._factor(head, place)
        value: Fraction = self._values[key]
        return value

    def _factor(self, head: str, place: tuple[int, ...]) -> Fraction:
        mixture = self.mixture
        if head == "psi":
            return self.psi[place[0]]
        if head == "pi":
            return mixture.weights[place[0]]
        if head == "v":
            return mixture.means[place[0]][place[1]]
        if head.startswith("delta_"):
            return Fraction(int(place[0] == place[1]))
        if head in ("components", "dimension"):
            return Fraction(mixture.n if head == "components" else mixture.dimension)
        names = tuple(f"{'j' if head == 'u' and k == 0 else 'a'}{k}" for k in range(len(place)))
        meaning = definition((head, names))
        if meaning is None:
            raise ProofError(f"{head} has no value at a point")
        return self.polynomial(meaning, dict(zip(names, place, strict=True)))

    def polynomial(self, polynomial: Polynomial, labels: Labels) -> Fraction:
        """Value of an index polynomial that is free of x."""
        total = Fraction(0)
        for monomial, coefficient in polynomial.terms.items():
            opened, dummies = open_dummies(monomial)
            for values in itertools.product(*(range(self.size(label)) for label in dummies)):
                every = {**labels, **dict(zip(dummies, values, strict=True))}
                product = coefficient
                for factor in opened:
                    product *= self.factor(factor, every)
                    if not product:
                        break
                total += product
        return total

    def size(self, label: str) -> int:
        """Range of a label."""
        return self.mixture.n if kind(label) == "j" else self.mixture.dimension

    def expectation(self, quantity: Quantity, labels: Labels) -> Any:
        """Enclosure of an expectation."""
        key = ("average", quantity.name)
        if key not in self._values:
            self._values[key] = self._table(quantity)
        value = self._values[key]
        for label in quantity.labels:
            value = value[labels[label]]
        return value

    def _table(self, quantity: Quantity) -> Any:
        assert quantity.polynomial is not None
        assert quantity.base is not None
        free = single_teacher(stein(fold(quantity.polynomial), quantity.base))
        program = lower(fold(free), f"{quantity.name}/single", quantity.base, quantity.labels)
        return NumericsPoint(self.mixture, _DIGITS, "ball").expectation(program)


def value(symbol: Expression, words: Glossary, at: Instance, labels: Labels) -> Any:
    """Value of a symbol at an instance.

    Raises
    ------
    ProofError
        If it is a number without a meaning.
    """
    quantity = words[symbol]
    if quantity.sort == "pointwise":
        assert quantity.polynomial is not None
        return at.polynomial(quantity.polynomial, labels)
    if quantity.sort == "expectation":
        return at.expectation(quantity, labels)
    if quantity.sort in ("total", "largest", "least") and "k" not in quantity.over:
        ranges = [range(at.size(label)) for label in quantity.over]
        members = [
            evaluate(
                quantity.expression,
                words,
                at,
                {**labels, **dict(zip(quantity.over, v, strict=True))},
            )
            for v in itertools.product(*ranges)
        ]
        if quantity.sort == "total":
            return sum(members)
        return _largest(members) if quantity.sort == "largest" else _least(members)
    raise ProofError(f"{symbol} has no value")


def _largest(members: list[Any]) -> Any:
    found = members[0]
    for member in members[1:]:
        found = max(found, member) if isinstance(found, Fraction) else found.max(member)
    return found


def _least(members: list[Any]) -> Any:
    return -_largest([-member for member in members])


def evaluate(expression: Expression, words: Glossary, at: Instance, labels: Labels) -> Any:
    """Value of an expression: a fraction, or a ball if an expectation occurs."""
    import sympy

    symbols = sorted(expression.free_symbols, key=str)
    if not symbols:
        return Fraction(int(expression.p), int(expression.q))
    values = [value(symbol, words, at, labels) for symbol in symbols]
    if not all(isinstance(entry, Fraction) for entry in values):
        values = [as_ball(entry) for entry in values]
    total: Any = Fraction(0) if isinstance(values[0], Fraction) else as_ball(0)
    for powers, coefficient in sympy.Poly(expression, *symbols).terms():
        term: Any = Fraction(int(coefficient.p), int(coefficient.q))
        if not isinstance(values[0], Fraction):
            term = as_ball(term)
        for entry, power in zip(values, powers, strict=True):
            term = term * entry**power
        total = total + term
    return total


def gaps(statement: Statement, words: Glossary, at: Instance) -> Iterator[Any]:
    """Values of ``right - left`` for every value of the labels."""
    expression = statement.expression
    names = sorted({label for s in expression.free_symbols for label in words[s].labels})
    for place in itertools.product(*(range(at.size(label)) for label in names)):
        yield evaluate(expression, words, at, dict(zip(names, place, strict=True)))


def instances(count: int, dimension: int, seed: int) -> Iterator[Instance]:
    """Deterministic exact mixtures with 2 or 3 components, spread from 1/100 to 4."""
    draw = random.Random(seed)

    def rational(size: int) -> Fraction:
        return Fraction(draw.randint(-100, 100), 100) * size

    for number in range(count):
        n = 2 + number % 2
        size = (1, 4, 2)[number % 3]
        means = tuple(tuple(rational(size) for _ in range(dimension)) for _ in range(n))
        yield Instance(Mixture(means, _simplex(draw, n)), _simplex(draw, n))


def _simplex(draw: random.Random, n: int) -> tuple[Fraction, ...]:
    parts = [draw.randint(1, 20) for _ in range(n)]
    return tuple(Fraction(part, sum(parts)) for part in parts)
