"""Normal forms: decide whether an expression in a glossary's symbols vanishes, for all n and d.

Every symbol is unfolded into an index polynomial of ``derive``. An expectation that is multiplied
by nothing that depends on x is brought under one expectation with its factors, where Stein's
identity, ``sum_j psi_j = 1`` and ``E_p[psi_j] = pi_j`` apply. Products of expectations stay
products of names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import sympy

from derive.algebra.calculus import expand, fold, single_teacher, stein
from derive.algebra.index import IndexedFactor, Monomial, Polynomial, atom, constant
from derive.algebra.program import Base
from derive.mixtures.masses import average_of_responsibilities, depends_on_point
from proofs_check.proofs.quantities import Expression, Glossary, Quantity

_AVERAGE = "average:"
_NUMBER = "number:"


class ProofError(ValueError):
    """A step is not of the form its rule takes; the message says why."""


@dataclass(frozen=True)
class Form:
    """``plain + sum over bases of E_base[polynomial]``, free of explicit x under expectations.

    Its truth value says whether it is different from zero: ``False`` is a proof that it vanishes
    for all n and d, ``True`` says that the normal form shows none.

    Examples
    --------
    >>> bool(Form(Polynomial()))
    False
    """

    plain: Polynomial
    averages: Mapping[Base, Polynomial] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self._differs(folded=True) and self._differs(folded=False)

    def _differs(self, *, folded: bool) -> bool:
        """Compare with zero in central moments (fast, may miss), or expanded in psi and v."""
        if folded:
            parts = (self.plain, *self.averages.values())
            return any(bool(fold(single_teacher(part))) for part in parts)
        rest = self.plain
        for base, part in self.averages.items():
            reduced = _reduced(part)
            if base == "student":
                reduced = average_of_responsibilities(reduced)
            fixed = _fixed(reduced)
            if reduced - fixed:
                return True
            rest = rest + fixed
        return bool(_reduced(rest))


def vanishes(expression: Expression, glossary: Glossary) -> bool:
    """Decide whether an expression is zero for all n, d, weights and means (at every x).

    ``True`` is a proof; ``False`` says that no proof was found by this normal form.

    Examples
    --------
    >>> words = Glossary()
    >>> total = (atom("psi", "j0") * atom("u", "j0", "a0")).sum_over("j0")
    >>> vanishes(words.pointwise("s", total, "mean deviation", labels=("a0",)), words)
    True
    """
    return not normalise(unfold(expression, glossary), glossary)


def unfold(expression: Expression, glossary: Glossary) -> Polynomial:
    """Write an expression as an index polynomial; expectations and parameters stay named factors.

    Raises
    ------
    ProofError
        If it is no polynomial with rational coefficients in the glossary's symbols.
    """
    expression = sympy.expand(expression)
    symbols = sorted(expression.free_symbols, key=str)
    unknown = [str(symbol) for symbol in symbols if symbol not in glossary]
    if unknown:
        raise ProofError(f"no meaning is given for {', '.join(unknown)}")
    if not symbols:
        return constant(_rational(expression))
    try:
        terms = sympy.Poly(expression, *symbols).terms()
    except sympy.PolynomialError as error:
        raise ProofError(f"{expression} is not a polynomial") from error
    meanings = [_meaning(glossary[symbol], glossary) for symbol in symbols]
    total = Polynomial()
    for powers, coefficient in terms:
        term = constant(_rational(coefficient))
        for meaning, power in zip(meanings, powers, strict=True):
            for _ in range(power):
                term = term * meaning
        total = total + term
    return total


def normalise(polynomial: Polynomial, glossary: Glossary, base: Base | None = None) -> Form:
    """Form of an unfolded polynomial; with a base, of its expectation under it.

    Raises
    ------
    ProofError
        If an expectation is asked of something that has an expectation and x in one product.
    """
    plain: dict[Monomial, Fraction] = {}
    averages: dict[Base, Polynomial] = {}

    def under(where: Base, part: Polynomial) -> None:
        averages[where] = averages.get(where, Polynomial()) + part

    for monomial, value in polynomial.terms.items():
        inner = [factor for factor in monomial if factor[0].startswith(_AVERAGE)]
        moving = any(depends_on_point(factor) for factor in monomial)
        single = Polynomial.collect([(monomial, value)])
        if len(inner) == 1 and not moving:
            quantity = glossary[inner[0][0].removeprefix(_AVERAGE)]
            assert quantity.base is not None
            under(quantity.base, single.map_factors(lambda f: _opened(f, glossary)))
        elif moving and base is not None:
            if inner:
                raise ProofError("the mean of a product of an expectation and a function of x")
            under(base, single)
        else:
            plain[monomial] = value
    steined = {where: stein(part, where) for where, part in averages.items()}
    return Form(Polynomial.collect(plain.items()), steined)


def difference(first: Form, second: Form) -> Form:
    """``first - second``."""
    bases = {*first.averages, *second.averages}
    zero = Polynomial()
    averages = {
        base: first.averages.get(base, zero) - second.averages.get(base, zero) for base in bases
    }
    return Form(first.plain - second.plain, averages)


def depends_on_means(symbol: Expression, glossary: Glossary) -> bool:
    """Tell whether the value of a symbol changes with the means (parameters and weights do not)."""
    quantity = glossary[symbol]
    if quantity.sort == "parameter" or "k" in quantity.over:  # of a whole run, not of one step
        return False
    if quantity.sort == "functional":
        return True
    if quantity.polynomial is not None:
        return quantity.sort == "expectation" or bool(
            quantity.polynomial.heads() - {"pi", "components", "dimension"}
        )
    inner = quantity.expression.free_symbols
    return any(depends_on_means(other, glossary) for other in inner)


def _reduced(polynomial: Polynomial) -> Polynomial:
    return expand(single_teacher(polynomial))


def _fixed(polynomial: Polynomial) -> Polynomial:
    """The terms that do not depend on x."""
    return Polynomial.collect(
        (monomial, value)
        for monomial, value in polynomial.terms.items()
        if not any(depends_on_point(factor) for factor in monomial)
    )


def _opened(factor: IndexedFactor, glossary: Glossary) -> Polynomial | None:
    """The integrand of an expectation, at the labels of its factor."""
    head, labels = factor
    if not head.startswith(_AVERAGE):
        return None
    quantity = glossary[head.removeprefix(_AVERAGE)]
    assert quantity.polynomial is not None
    return quantity.polynomial.rename(dict(zip(quantity.labels, labels, strict=True)))


def _rational(number: Expression) -> Fraction:
    if not number.is_Rational:
        raise ProofError(f"the coefficient {number} is not rational")
    return Fraction(int(number.p), int(number.q))


def _meaning(quantity: Quantity, glossary: Glossary) -> Polynomial:
    if quantity.sort == "pointwise":
        assert quantity.polynomial is not None
        return quantity.polynomial
    if quantity.sort == "total":
        return unfold(quantity.expression, glossary).sum_over(*quantity.over)
    prefix = _AVERAGE if quantity.sort == "expectation" else _NUMBER
    return atom(prefix + quantity.name, *quantity.labels)
