"""The words of a proof: named quantities with a meaning in ``derive``, and statements about them.

A proof speaks in SymPy symbols. Its `Glossary` says what each symbol means: a function of the
point ``x`` or an expectation (both as index polynomials of ``derive``), a finite sum, the largest
or least of a family, or a parameter. A symbol may carry labels (``j0``, ``a0``): a statement that
contains it holds for every value of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import sympy

from derive.algebra.index import Polynomial
from derive.algebra.program import Base
from proofs_check.statements.sign import Sign

Expression = Any  # a SymPy expression; SymPy has no types of its own
Sort = Literal[
    "pointwise", "expectation", "total", "largest", "least", "series", "parameter", "functional"
]


@dataclass(frozen=True)
class Quantity:
    """One symbol of a proof and what it stands for.

    Attributes
    ----------
    name : str
        The symbol, as printed in text.
    sort : str
        ``pointwise``: `polynomial` at every x. ``expectation``: of `polynomial` under `base`.
        ``total``, ``largest``, ``least``: of `expression` over the labels `over`. ``series``: the
        sum of `expression` over the first N steps. ``parameter``: a number, no more.
        ``functional``: a number that depends on the means or on the step, given in words only.
    meaning : str
        In words.
    latex : str
        The symbol in LaTeX.
    labels : tuple of str
        Free labels.
    polynomial : Polynomial or None
    base : {"teacher", "student"} or None
    expression : SymPy expression or None
    over : tuple of str
    """

    name: str
    sort: Sort
    meaning: str
    latex: str
    labels: tuple[str, ...] = ()
    polynomial: Polynomial | None = None
    base: Base | None = None
    expression: Expression = None
    over: tuple[str, ...] = ()

    @property
    def symbol(self) -> Expression:
        """The SymPy symbol."""
        return sympy.Symbol(self.name)


class Glossary:
    """The quantities of one proof, in the order they were introduced.

    Raises
    ------
    ValueError
        If a name is given two meanings, or its labels are not those of its meaning.

    Examples
    --------
    >>> from derive.algebra.index import atom, dot
    >>> words = Glossary()
    >>> L = words.expectation("L", "teacher", dot(atom("m", "a9"), atom("m", "a9")), "loss")
    >>> print(L, words[L].base)
    L teacher
    """

    def __init__(self) -> None:
        self._quantities: dict[str, Quantity] = {}

    def __iter__(self) -> Iterator[Quantity]:
        return iter(self._quantities.values())

    def __getitem__(self, symbol: Expression) -> Quantity:
        return self._quantities[str(symbol)]

    def __contains__(self, symbol: Expression) -> bool:
        return str(symbol) in self._quantities

    def add(self, quantity: Quantity) -> Expression:
        """Introduce a quantity; returns its symbol."""
        named = quantity.sort in ("parameter", "functional")
        if not named and self._labels(quantity) != set(quantity.labels):
            raise ValueError(f"{quantity.name}: the labels are {sorted(self._labels(quantity))}")
        if self._quantities.setdefault(quantity.name, quantity) != quantity:
            raise ValueError(f"{quantity.name} has a meaning already")
        return quantity.symbol

    def _labels(self, quantity: Quantity) -> set[str]:
        """Free labels of a quantity's meaning."""
        if quantity.polynomial is not None:
            return quantity.polynomial.free_labels()
        symbols = sympy.sympify(quantity.expression).free_symbols
        free = {label for symbol in symbols for label in self[symbol].labels}
        return free - set(quantity.over)

    def parameter(
        self, name: str, meaning: str, latex: str = "", labels: tuple[str, ...] = ()
    ) -> Expression:
        """Introduce a number."""
        return self.add(Quantity(name, "parameter", meaning, latex or name, labels))

    def functional(self, name: str, meaning: str, latex: str = "") -> Expression:
        """Introduce a number that depends on the means, given in words only."""
        return self.add(Quantity(name, "functional", meaning, latex or name))

    def pointwise(
        self,
        name: str,
        polynomial: Polynomial,
        meaning: str,
        latex: str = "",
        labels: tuple[str, ...] = (),
    ) -> Expression:
        """Introduce a function of x (or of the means alone)."""
        return self.add(
            Quantity(name, "pointwise", meaning, latex or name, labels, polynomial=polynomial)
        )

    def expectation(
        self,
        name: str,
        base: Base,
        polynomial: Polynomial,
        meaning: str,
        latex: str = "",
        labels: tuple[str, ...] = (),
    ) -> Expression:
        """Introduce an expectation under the teacher's or the student's density."""
        return self.add(
            Quantity(name, "expectation", meaning, latex or name, labels, polynomial, base)
        )

    def total(
        self,
        name: str,
        expression: Expression,
        over: tuple[str, ...],
        meaning: str,
        latex: str = "",
        labels: tuple[str, ...] = (),
    ) -> Expression:
        """Introduce the sum of an expression in earlier symbols over labels."""
        return self._family("total", name, expression, over, meaning, latex, labels)

    def largest(
        self,
        name: str,
        expression: Expression,
        over: tuple[str, ...],
        meaning: str,
        latex: str = "",
    ) -> Expression:
        """Introduce the largest value of an expression over labels."""
        return self._family("largest", name, expression, over, meaning, latex, ())

    def least(
        self,
        name: str,
        expression: Expression,
        over: tuple[str, ...],
        meaning: str,
        latex: str = "",
    ) -> Expression:
        """Introduce the least value of an expression over labels (``"k"``: the first N steps)."""
        return self._family("least", name, expression, over, meaning, latex, ())

    def series(
        self, name: str, expression: Expression, meaning: str, latex: str = ""
    ) -> Expression:
        """Introduce the sum of an expression over the steps ``k < N``."""
        return self._family("series", name, expression, ("k",), meaning, latex, ())

    def _family(
        self,
        sort: Sort,
        name: str,
        expression: Expression,
        over: tuple[str, ...],
        meaning: str,
        latex: str,
        labels: tuple[str, ...],
    ) -> Expression:
        return self.add(
            Quantity(name, sort, meaning, latex or name, labels, expression=expression, over=over)
        )

    def latex(self, expression: Expression) -> str:
        """LaTeX of an expression in the glossary's symbols."""
        names = {quantity.symbol: quantity.latex for quantity in self}
        return str(sympy.latex(expression, symbol_names=names))


@dataclass(frozen=True)
class Statement:
    """``left = right``, ``<=`` or ``<``, for every value of the labels and at every x.

    Raises
    ------
    InputError
        For another sign: the rules of proofs know these. Exchange the sides of ``>=`` and ``>``.

    Examples
    --------
    >>> x, y = sympy.symbols("x y")
    >>> print(at_most(x, 2 * y), "|", at_most(x, 2 * y).expression)
    x <= 2*y | -x + 2*y
    """

    left: Expression
    sign: Literal["=", "<=", "<"]
    right: Expression

    def __post_init__(self) -> None:
        Sign.read(self.sign, (Sign.EQUAL, Sign.AT_MOST, Sign.LESS))

    @property
    def expression(self) -> Expression:
        """``right - left``: zero, nonnegative, or positive."""
        return sympy.expand(self.right - self.left)

    @property
    def is_equality(self) -> bool:
        """Whether both sides are equal."""
        return Sign.read(self.sign).is_equality

    def __str__(self) -> str:
        return f"{self.left} {self.sign} {self.right}"

    def to_latex(self, glossary: Glossary) -> str:
        """The statement in LaTeX, without delimiters."""
        sign = Sign.read(self.sign)
        return f"{glossary.latex(self.left)} {sign.latex} {glossary.latex(self.right)}"


def equal(left: Expression, right: Expression) -> Statement:
    """``left = right``."""
    return Statement(sympy.sympify(left), "=", sympy.sympify(right))


def at_most(left: Expression, right: Expression) -> Statement:
    """``left <= right``."""
    return Statement(sympy.sympify(left), "<=", sympy.sympify(right))


def positive(expression: Expression) -> Statement:
    """``0 < expression``."""
    return Statement(sympy.Integer(0), "<", sympy.sympify(expression))


def nonnegative(expression: Expression) -> Statement:
    """``0 <= expression``."""
    return at_most(0, expression)
