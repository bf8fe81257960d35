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
    part = Term("psi", (state, k, point)) * Term("v", (state, k, coordinate))
    return Term("sum", (closed(part, k),), COMPONENT)


def derivative(term: Term, point: Term, coordinate: Term) -> Term:
    """``d term/d x_a`` of a polynomial in ``x``, the responsibilities and ``log(p/q)``."""
    if point not in term.free:
        return number(0)
    if term.op == "apply":
        return derivative(opened(term.data.body, term.args), point, coordinate)
    if term.op == "add":
        return Term("add", tuple(derivative(a, point, coordinate) for a in term.args))
    if term.op == "multiply":
        changes = [derivative(factor, point, coordinate) for factor in term.args]
        products = (
            Term("multiply", (*term.args[:place], change, *term.args[place + 1 :]))
            for place, change in enumerate(changes)
        )
        return Term("add", tuple(products))
    if term.op == "sum":
        label = fresh(term.data, term, point, coordinate)
        inner = derivative(opened(term.args[0], (label,)), point, coordinate)
        return Term("sum", (closed(inner, label),), term.data)
    if term.args and point not in frozenset().union(*(a.free for a in term.args if a != point)):
        if term.op == "x":
            return Term("delta", (coordinate, term.args[1]), COORDINATE)
        if term.op == "log_ratio":
            return posterior_mean(term.args[0], coordinate, point)
        if term.op == "psi":
            mean = posterior_mean(term.args[0], coordinate, point)
            return term * (Term("v", (*term.args[:2], coordinate)) - mean)
    raise ProofError(f"{term.op} is not differentiated")
