"""Derivatives in x, for Stein's identity."""

from __future__ import annotations

from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    ProofError,
    Term,
    closed,
    fresh,
    number,
    opened,
)


def posterior_mean(state: Term, coordinate: Term, point: Term) -> Term:
    """``m_a = sum_k psi_k v_ka``."""
    k = fresh(COMPONENT, state, coordinate, point)
    parts = (Term("psi", (state, k, point)), Term("v", (state, k, coordinate)))
    return Term("sum", (closed(Term("multiply", parts), k),), COMPONENT)


def derivative(term: Term, point: Term, coordinate: Term) -> Term:
    """``d term/d x_a`` of a polynomial in ``x``, the responsibilities and ``log(p/q)``."""
    if point not in term.free:
        return number(0)
    if term.op == "apply":
        return derivative(opened(term.data.body, term.args), point, coordinate)
    if term.op == "add":
        return Term("add", tuple(derivative(a, point, coordinate) for a in term.args))
    if term.op == "multiply":
        products = []
        for position, factor in enumerate(term.args):
            change = derivative(factor, point, coordinate)
            products.append((*term.args[:position], change, *term.args[position + 1 :]))
        return Term("add", tuple(Term("multiply", factors) for factors in products))
    if term.op == "sum":
        label = Term("dummy", (), (_depth(term.args[0]), term.data))
        inner = derivative(opened(term.args[0], (label,)), point, coordinate)
        return Term("sum", (closed(inner, label),), term.data)
    if term.args and point not in frozenset().union(*(a.free for a in term.args if a != point)):
        if term.op == "x":
            return Term("delta", (coordinate, term.args[1]), COORDINATE)
        if term.op == "log_ratio":
            return posterior_mean(term.args[0], coordinate, point)
        if term.op == "psi":
            away = Term("multiply", (number(-1), posterior_mean(term.args[0], coordinate, point)))
            place = Term("v", (term.args[0], term.args[1], coordinate))
            return Term("multiply", (term, Term("add", (place, away))))
    raise ProofError(f"{term.op} is not differentiated")


def _depth(term: Term) -> int:
    """A number that no dummy within has."""
    return 1 + max((v.data[0] for v in term.free if v.op == "dummy"), default=0)
