"""Exact certificates that a polynomial is nonnegative; nothing here is a float."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy

from derive.algebra.index import ONE, Polynomial
from proofs_check.proofs.quantities import Expression

#: Factors of index polynomials that are nonnegative at every point.
_NONNEGATIVE_HEADS = frozenset(
    {"psi", "phi", "pi", "rho", "delta_component", "delta_coordinate", "components", "dimension"}
)


def is_zero(expression: Expression, equalities: Sequence[Expression] = ()) -> bool:
    """Decide whether a polynomial vanishes wherever the equalities hold, by ideal membership.

    ``False`` says that it is not in the ideal. Coefficients may be algebraic numbers.

    Examples
    --------
    >>> x, y = sympy.symbols("x y")
    >>> is_zero(x**2 - y**2, [x - y]), is_zero(x**2 + y**2 / 3, [x - y])
    (True, False)
    >>> is_zero(x**2 - 2, [x - sympy.sqrt(2)])
    True
    """
    expression = sympy.expand(expression)
    if not all(map(is_exact, (expression, *equalities))):
        return False
    if expression == 0:
        return True
    relations = [relation for relation in map(sympy.expand, equalities) if relation != 0]
    symbols = sorted(
        expression.free_symbols.union(*(relation.free_symbols for relation in relations)), key=str
    )
    if not symbols:
        return bool(sympy.simplify(expression) == 0)
    if not relations:
        return bool(sympy.Poly(expression, *symbols, extension=True).is_zero)
    domain = sympy.QQ
    for polynomial in (expression, *relations):
        own = sympy.Poly(polynomial, *symbols, extension=True).get_domain()
        domain = domain.unify(own)
    basis = sympy.groebner(relations, *symbols, order="grevlex", domain=domain)
    return bool(basis.contains(expression))


def is_sum_of_squares(
    expression: Expression, squares: Sequence[tuple[Expression, Expression]]
) -> bool:
    """Verify ``expression = sum of c_i s_i^2`` with every number ``c_i >= 0``.

    Examples
    --------
    >>> x, y = sympy.symbols("x y")
    >>> is_sum_of_squares(x**2 - 2 * x * y + 2 * y**2, [(1, x - y), (1, y)])
    True
    """
    return all(is_nonnegative_number(c) for c, _ in squares) and is_zero(
        expression - sum(c * s**2 for c, s in squares)
    )


def is_nonnegative_number(value: Expression) -> bool:
    """Decide the sign of an exact real number; a symbol is none, whatever SymPy assumes of it.

    Examples
    --------
    >>> is_nonnegative_number(2 - sympy.sqrt(3)), is_nonnegative_number(-1)
    (True, False)
    >>> is_nonnegative_number(sympy.Symbol("x", nonnegative=True)), is_nonnegative_number(0.1)
    (False, False)
    """
    value = sympy.sympify(value)
    return bool(value.is_number) and is_exact(value) and value.is_nonnegative is True


def is_exact(expression: Expression) -> bool:
    """Tell whether no float and no infinity occurs: rounding could make different things equal."""
    return not sympy.sympify(expression).has(sympy.Float, sympy.oo, -sympy.oo, sympy.zoo, sympy.nan)


def is_real_polynomial(expression: Expression) -> bool:
    """Tell whether an expression is a polynomial in its symbols with exact real coefficients.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> is_real_polynomial(x**2 - sympy.sqrt(2)), is_real_polynomial(sympy.sqrt(x))
    (True, False)
    >>> is_real_polynomial(sympy.I * x), is_real_polynomial(0.5 * x)
    (False, False)
    """
    expression = sympy.expand(expression)
    symbols = sorted(expression.free_symbols, key=str)
    if not is_exact(expression) or not expression.is_polynomial(*symbols):
        return False
    numbers = sympy.Poly(expression, *symbols).coeffs() if symbols else [expression]
    return all(number.is_number and number.is_real is True for number in numbers)


def nonnegative_on_interval(
    expression: Expression, symbol: Expression, low: Expression, high: Expression
) -> bool:
    """Decide ``expression >= 0`` for ``low <= symbol <= high`` (rational; ``oo`` for no bound).

    Sturm's theorem isolates the roots; the sign is taken at a rational point between them.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> nonnegative_on_interval((x - 1) ** 2 * (2 - x), x, 0, 2)
    True
    >>> nonnegative_on_interval((x - 1) ** 2 * (2 - x), x, 0, 3)
    False
    """
    polynomial = sympy.Poly(expression, symbol, domain="QQ")
    low, high = sympy.sympify(low), sympy.sympify(high)
    if polynomial.is_zero:
        return True
    # roots of odd multiplicity are where the sign changes
    changing = sympy.Poly(1, symbol, domain="QQ")
    for factor, multiplicity in polynomial.factor_list()[1]:
        if multiplicity % 2:
            changing *= factor
    for end in (low, high):
        if end.is_finite and changing.degree() > 0:
            while changing.eval(end) == 0:
                changing = changing.quo(sympy.Poly(symbol - end, symbol, domain="QQ"))
    inside = changing.count_roots(low if low.is_finite else None, high if high.is_finite else None)
    if inside:
        return False
    return all(polynomial.eval(point) >= 0 for point in _samples(polynomial, low, high))


def _samples(polynomial: Expression, low: Expression, high: Expression) -> list[Expression]:
    """Rational points of the interval, one of which is no root."""
    start = low if low.is_finite else (high - 1 if high.is_finite else sympy.Integer(0))
    width = high - start if high.is_finite and high > start else sympy.Integer(1)
    if low.is_finite and high.is_finite and low == high:
        return [low]
    parts = polynomial.degree() + 2
    if not low.is_finite and high.is_finite:
        return [high - width * k / parts for k in range(parts + 1)]
    return [start + width * sympy.Rational(k, parts) for k in range(parts + 1)]


def has_nonnegative_coefficients(
    expression: Expression, substitution: Mapping[Expression, Expression]
) -> bool:
    """Verify that a polynomial has nonnegative coefficients after a substitution.

    Then it is nonnegative wherever the new symbols are.

    Examples
    --------
    >>> x, y = sympy.symbols("x y")
    >>> has_nonnegative_coefficients(x**2 - 1, {x: 1 + y})
    True
    """
    replaced = sympy.expand(sympy.expand(expression).subs(substitution, simultaneous=True))
    symbols = sorted(replaced.free_symbols, key=str)
    if not symbols:
        return is_nonnegative_number(replaced)
    return all(is_nonnegative_number(c) for c in sympy.Poly(replaced, *symbols).coeffs())


def is_nonnegative_factor(polynomial: Polynomial) -> bool:
    """Tell whether an index polynomial is nonnegative by its form.

    Sums of products of weights, responsibilities and Kronecker deltas are, and ``1 - delta``.

    Examples
    --------
    >>> from derive.algebra.index import atom
    >>> is_nonnegative_factor(atom("psi", "j0")), is_nonnegative_factor(atom("v", "j0", "a0"))
    (True, False)
    >>> is_nonnegative_factor(1 - atom("delta_component", "j0", "j1"))
    True
    """
    if all(
        value >= 0 and all(head in _NONNEGATIVE_HEADS for head, _ in monomial)
        for monomial, value in polynomial.terms.items()
    ):
        return True
    rest = ONE - polynomial
    if len(rest) != 1:
        return False
    ((monomial, value),) = rest.terms.items()
    return value == 1 and len(monomial) == 1 and monomial[0][0].startswith("delta_")
