"""LaTeX and SymPy forms of index polynomials; their plain text is `derive.algebra.index.text`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from derive.algebra.index import Polynomial, shown_head, shown_names

if TYPE_CHECKING:
    import sympy

_LATEX = {
    "psi": r"\psi",
    "phi": r"\varphi",
    "theta": r"\theta",
    "pi": r"\pi",
    "rho": r"\rho",
    "m_teacher": "m^{T}",
    "log_student": r"\log\frac{p(x)}{\phi(x)}",
    "log_teacher": r"\log\frac{T(x)}{\phi(x)}",
    "delta_component": r"\delta",
    "delta_coordinate": r"\delta",
    "dimension": "d",
    "components": "n",
    "moment_teacher": "C^{T}",
}


def latex(polynomial: Polynomial) -> str:
    r"""LaTeX, sums written out.

    Examples
    --------
    >>> from derive.algebra.index import atom
    >>> latex(atom("psi", "j0") * atom("v", "j0", "a0"))
    '\\psi_{j_{0}} v_{j_{0} a_{0}}'
    """
    parts = []
    for monomial, coefficient in sorted(polynomial.terms.items()):
        names, sums = shown_names(monomial)
        factors = []
        for factor in monomial:
            head, indices = factor
            shown = _LATEX.get(head, shown_head(factor) if len(shown_head(factor)) == 1 else head)
            labels = " ".join(_latex_label(names.get(i, i)) for i in indices)
            factors.append(f"{shown}_{{{labels}}}" if labels else shown)
        size = abs(coefficient)
        number = [_latex_fraction(size)] if size != 1 or not factors else []
        body = " ".join(([rf"\sum_{{{', '.join(sums)}}}"] if sums else []) + number + factors)
        parts.append((coefficient < 0, body))
    if not parts:
        return "0"
    first = ("-" if parts[0][0] else "") + parts[0][1]
    return first + "".join((" - " if negative else " + ") + body for negative, body in parts[1:])


def _latex_label(label: str) -> str:
    return label if len(label) == 1 else f"{label[0]}_{{{label[1:]}}}"


def _latex_fraction(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return rf"\tfrac{{{value.numerator}}}{{{value.denominator}}}"


def to_sympy(polynomial: Polynomial) -> sympy.Expr:
    """The polynomial as a SymPy expression in `Indexed` quantities with explicit `Sum`.

    Components run over ``1..n``, coordinates over ``1..d``, teacher components over ``1..K``.

    Examples
    --------
    >>> from derive.algebra.index import atom
    >>> to_sympy((atom("psi", "j0") * atom("v", "j0", "a0")).sum_over("j0"))
    Sum(psi[j]*v[j, a0], (j, 1, n))
    """
    import sympy

    sizes = {
        "j": sympy.Symbol("n", integer=True, positive=True),
        "a": sympy.Symbol("d", integer=True, positive=True),
        "t": sympy.Symbol("K", integer=True, positive=True),
    }
    scalars = {"components": sizes["j"], "dimension": sizes["a"], "teacher_components": sizes["t"]}
    total: sympy.Expr = sympy.Integer(0)
    for monomial, coefficient in sorted(polynomial.terms.items()):
        names, _ = shown_names(monomial)

        def symbol(label: str, names: dict[str, str] = names) -> sympy.Symbol:
            return sympy.Symbol(names.get(label, label), integer=True)

        term: sympy.Expr = sympy.Rational(coefficient.numerator, coefficient.denominator)
        for factor in monomial:
            head, indices = factor
            if head.startswith("delta"):
                term *= sympy.KroneckerDelta(*(symbol(i) for i in indices))
            elif indices:
                term *= sympy.IndexedBase(shown_head(factor))[tuple(symbol(i) for i in indices)]
            else:
                term *= scalars.get(head, sympy.Symbol(head))
        ranges = [(symbol(label), 1, sizes[label[0]]) for label in names]
        total += sympy.Sum(term, *ranges) if ranges else term
    return total
