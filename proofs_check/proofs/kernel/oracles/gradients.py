"""The gradient of a loss as ``derive`` gives it, as a formula of the kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    POINT,
    STATE,
    Definition,
    Objective,
    ProofError,
    Sort,
    Term,
    closed,
    number,
)

if TYPE_CHECKING:
    from derive.algebra.index import IndexedFactor, Polynomial
    from derive.losses import objectives

_J, _A = Term("free", (), ("j", COMPONENT)), Term("free", (), ("a", COORDINATE))
_V, _X = Term("free", (), ("V", STATE)), Term("free", (), ("x", POINT))

_HEADS: Mapping[str, Callable[..., Term]] = {
    "psi": lambda j: Term("psi", (_V, j, _X)),
    "v": lambda j, a: Term("v", (_V, j, a)),
    "x": lambda a: Term("x", (_X, a)),
    "pi": lambda j: Term("pi", (j,)),
    "log_student": lambda: Term("log_ratio", (_V, _X)),
    "delta_component": lambda j, k: Term("delta", (j, k), COMPONENT),
    "delta_coordinate": lambda a, b: Term("delta", (a, b), COORDINATE),
    "components": lambda: Term("size", (), COMPONENT),
    "dimension": lambda: Term("size", (), COORDINATE),
}


def translated(polynomial: Polynomial, labels: Mapping[str, Term]) -> Term:
    """An index polynomial of ``derive`` for one Gaussian teacher, as a term in ``V`` and ``x``."""
    from derive.algebra.calculus import expand, single_teacher
    from derive.algebra.index import open_dummies

    terms = []
    for monomial, value in expand(single_teacher(polynomial)).terms.items():
        factors, summed = open_dummies(monomial)
        bound = {label: Term("free", (), (f"dummy {label}", _sort(label))) for label in summed}
        product = [number(value), *(_factor(f, {**labels, **bound}) for f in factors)]
        term = Term("multiply", tuple(product))
        for variable in bound.values():
            term = Term("sum", (closed(term, variable),), variable.sort)
        terms.append(term)
    return Term("add", tuple(terms))


def _sort(label: str) -> Sort:
    return {"j": COMPONENT, "a": COORDINATE}[label[0]]


def _factor(factor: IndexedFactor, labels: Mapping[str, Term]) -> Term:
    head, indices = factor
    if head not in _HEADS:
        raise ProofError(f"{head} has no meaning here")
    return _HEADS[head](*(labels[index] for index in indices))


@cache
def kernel_objective(objective: objectives.Objective) -> Objective:
    """An objective of ``derive`` as data of a term."""
    body = translated(objective.integrand, {})
    integrand = Definition(objective.name, objective.name, (STATE, POINT), closed(body, _V, _X))
    return Objective(objective.base, integrand)


@cache
def gradient(objective: objectives.Objective) -> tuple[Term, str]:
    """``gradient(V, j, a) = E[integrand]``, by differentiation, and the tag.

    Raises
    ------
    ProofError
        If the rules of differentiation do not follow from the density.
    """
    from derive.catalogue import derivation
    from derive.losses.gradients import gradient_with_x
    from derive.losses.objectives import Objective as Known

    if type(objective) is not Known:
        raise ProofError("not an objective of derive")

    verification = derivation("density-rules").verify()
    if not verification:
        raise ProofError(f"derive: {'; '.join(verification.failed)}")
    found = kernel_objective(objective)
    integrand = translated(gradient_with_x(objective), {"j0": _J, "a0": _A})
    prefix = (_V,) if found.base == "student" else ()
    right = Term(f"mean_{found.base}", (*prefix, closed(integrand, _X)))
    left = Term("gradient", (_V, _J, _A), found)
    return Term("equal", (left, right)), f"derive: gradient of {objective.name}"
