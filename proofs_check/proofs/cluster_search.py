"""Polynomial inequalities in a few real variables: certificates found by linear programming.

``right - left`` is sought as a nonnegative combination of products of premises and of squares
``(x - c)^2``. The program decides in floating point which products are used; their multipliers are
solved for in rationals, and the kernel checks the sum: nothing here is trusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import product
from typing import ClassVar

import numpy as np
from scipy.optimize import linprog
from sympy import QQ
from sympy.polys.matrices import DomainMatrix

from proofs_check.proofs.cluster_tactics import Certificate
from proofs_check.proofs.kernel import ProofError, Term, Theorem
from proofs_check.proofs.kernel.normal import normal
from proofs_check.proofs.tactics.closing import OPAQUE, gap
from proofs_check.proofs.tactics.language import term
from proofs_check.proofs.tactics.steps import Premises, _named

Powers = tuple[int, ...]
Polynomial = dict[Powers, Fraction]
#: Numbers, names of premises, what is squared: as in `Certificate`.
Generator = tuple[tuple[str, ...], tuple[Term, ...]]
_ZERO = 1e-9


@dataclass(frozen=True)
class PolynomialCertificate:
    """A polynomial inequality in real variables from premises; the multipliers are found.

    Attributes
    ----------
    powers : mapping of str to int
        Premises, and how often each is a factor of a product at most.
    degrees : mapping of Term to int
        The variables, and the largest power of each in a product.
    places : mapping of Term to tuple of numbers
        ``(x - c)^2`` may be a factor.
    """

    powers: Mapping[str, int]
    degrees: Mapping[Term, int]
    places: Mapping[Term, tuple[Fraction | int, ...]]
    kind: ClassVar[str] = "inference"

    def prove(self, goal: Term, premises: Premises) -> Theorem:
        """Search, solve in rationals, let the kernel check."""
        variables = tuple(self.degrees)
        wanted = _polynomial(gap(goal), variables)
        factors = {
            name: _polynomial(gap(_named(premises, name).record.conclusion), variables)
            for name in self.powers
        }
        generators: list[Generator] = []
        columns: list[Polynomial] = []
        for names, squares, column in self._products(factors, variables):
            if all(
                p <= d for key in column for p, d in zip(key, self.degrees.values(), strict=True)
            ):
                generators.append((names, squares))
                columns.append(column)
        multipliers = _solve(wanted, columns)
        products = tuple(
            (value, *generators[place]) for place, value in sorted(multipliers.items())
        )
        return Certificate(products).prove(goal, premises)

    def _products(
        self, factors: Mapping[str, Polynomial], variables: tuple[Term, ...]
    ) -> Iterator[tuple[tuple[str, ...], tuple[Term, ...], Polynomial]]:
        one: Polynomial = {(0,) * len(variables): Fraction(1)}
        squares: list[tuple[tuple[Term, ...], Polynomial]] = [((), one)]
        for variable, places in self.places.items():
            for place in places:
                base = variable - term(place)
                side = _polynomial(base, variables)
                squares.append(((base,), _times(side, side)))
        for counts in product(*(range(most + 1) for most in self.powers.values())):
            names = tuple(
                name for name, count in zip(self.powers, counts, strict=True) for _ in range(count)
            )
            whole = reduce(_times, (factors[name] for name in names), one)
            for based, square in squares:
                yield names, based, _times(whole, square)


def _polynomial(expression: Term, variables: tuple[Term, ...]) -> Polynomial:
    """Coefficients by powers of the variables."""
    found: Polynomial = {}
    # a variable may be a quantity, whose arguments the normal form writes in its own way
    places = [normal(variable, OPAQUE).keys() for variable in variables]
    for value, factors in normal(expression, OPAQUE).values():
        own = [normal(factor, OPAQUE).keys() for factor in factors]
        if any(one not in places for one in own):
            raise ProofError("not a polynomial in the variables")
        key = tuple(own.count(place) for place in places)
        found[key] = found.get(key, Fraction(0)) + value
    return found


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    found: Polynomial = {}
    for (first, one), (second, two) in product(left.items(), right.items()):
        key = tuple(a + b for a, b in zip(first, second, strict=True))
        found[key] = found.get(key, Fraction(0)) + one * two
    return found


def _solve(wanted: Polynomial, columns: list[Polynomial]) -> dict[int, Fraction]:
    """Nonnegative multipliers of the columns, by place.

    Raises
    ------
    ProofError
        If none are found.
    """
    keys = sorted(set(wanted).union(*columns))
    matrix = np.array([[float(column.get(key, 0)) for column in columns] for key in keys])
    right = np.array([float(wanted.get(key, 0)) for key in keys])
    cost = np.array([1.0 + 0.1 * max(sum(key) for key in column) for column in columns])
    found = linprog(cost, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs-ds")
    if found.status != 0:
        raise ProofError("no certificate among these products")
    used = [place for place, value in enumerate(found.x) if value > _ZERO]
    rows = [
        [QQ(*_ratio(columns[place].get(key, Fraction(0)))) for place in used]
        + [QQ(*_ratio(wanted.get(key, Fraction(0))))]
        for key in keys
    ]
    reduced, pivots = DomainMatrix(rows, (len(keys), len(used) + 1), QQ).rref()
    if len(used) in pivots:
        raise ProofError("the certificate is not exact")
    values = dict.fromkeys(used, Fraction(0))
    for row, pivot in enumerate(pivots):
        entry = reduced[row, len(used)].element
        values[used[pivot]] = Fraction(int(entry.numerator), int(entry.denominator))
    if any(value < 0 for value in values.values()):
        raise ProofError("the certificate has a negative multiplier")
    return {place: value for place, value in values.items() if value}


def _ratio(value: Fraction) -> tuple[int, int]:
    return value.numerator, value.denominator
