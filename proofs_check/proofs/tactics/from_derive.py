"""Index polynomials of ``derive`` in the words of the proofs, to state identities with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from derive.algebra.index import IndexedFactor, Polynomial, open_dummies
from proofs_check.proofs.kernel import ProofError, Term
from proofs_check.proofs.kernel.terms import COMPONENT, COORDINATE, number
from proofs_check.proofs.tactics import language as say
from proofs_check.proofs.tactics.score import covariance, m

_HEADS: Mapping[str, Callable[..., Term]] = {
    "psi": lambda j: say.psi(say.V, j),
    "v": lambda j, a: say.v(say.V, j, a),
    "u": lambda j, a: say.v(say.V, j, a) - m(say.V, say.X, a),
    "m": lambda a: m(say.V, say.X, a),
    "moment": lambda a, b: covariance(say.V, say.X, a, b),
    "x": lambda a: say.entry(say.X, a),
    "delta_component": say.delta,
    "delta_coordinate": say.delta,
}


def spoken(polynomial: Polynomial, labels: Mapping[str, Term]) -> Term:
    """A polynomial in score error, covariance, responsibilities and means, at ``V`` and ``x``.

    Raises
    ------
    ProofError
        If it has other quantities.
    """
    terms = []
    for monomial, value in polynomial.terms.items():
        factors, summed = open_dummies(monomial)
        bound = {label: _variable(label) for label in summed}
        names = {**labels, **bound}
        term = number(value)
        for factor in factors:
            term = term * _factor(factor, names)
        terms.append(say.total(term, *bound.values()))
    return Term("add", tuple(terms)) if len(terms) != 1 else terms[0]


def _variable(label: str) -> Term:
    sort = COMPONENT if label.startswith("j") else COORDINATE
    return Term("free", (), (f"{label} summed", sort))


def _factor(factor: IndexedFactor, names: Mapping[str, Term]) -> Term:
    head, indices = factor
    if head not in _HEADS:
        raise ProofError(f"{head} has no word here")
    return _HEADS[head](*(names[index] for index in indices))
