"""Axioms: what holds of the operations by definition, each as hypotheses and a conclusion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

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

Sequent = tuple[tuple[Term, ...], Term]
_ZERO, _ONE = number(0), number(1)


def _rule(relation: str, left: Term, right: Term, *hypotheses: Term) -> Sequent:
    return hypotheses, Term(relation, (left, right))


def _times(*factors: Term) -> Term:
    return Term("multiply", factors)


def _plus(*terms: Term) -> Term:
    return Term("add", terms)


def _exp(term: Term) -> Term:
    return Term("exponential", (term,))


def _before(step: Term, last: Term) -> Term:
    return Term("below", (Term("count", (step,)), Term("count", (last,))))


def _root(t: Term) -> Sequent:
    root = Term("root", (t,))
    return _rule("equal", _times(root, root), t, Term("at_most", (_ZERO, t)))


def _case(a: Term, b: Term, s: Term, t: Term) -> Term:
    return Term("case", (a, b, s, t))


def _member(extreme: Term, index: Term) -> Sequent:
    """A member against the largest or least; of the first N steps, one of them."""
    if extreme.op not in ("largest", "least", "least_steps"):
        raise ProofError("not the largest or least of a family")
    member = opened(extreme.args[-1], (index,))
    if extreme.op == "largest":
        return _rule("at_most", member, extreme)
    steps = (_before(index, extreme.args[0]),) if extreme.op == "least_steps" else ()
    return _rule("at_most", extreme, member, *steps)


def _density(state: Term, component: Term, point: Term) -> Sequent:
    """``psi_j p/q = pi_j exp(x.v_j - |v_j|^2/2)``."""
    a = fresh(COORDINATE, state, component, point)
    v = Term("v", (state, component, a))
    towards = _plus(_times(Term("x", (point, a)), v), _times(number(Fraction(-1, 2)), v, v))
    exponent = Term("sum", (closed(towards, a),), COORDINATE)
    ratio = _exp(Term("log_ratio", (state, point)))
    left = _times(Term("psi", (state, component, point)), ratio)
    return _rule("equal", left, _times(Term("pi", (component,)), _exp(exponent)))


AXIOMS: Final[Mapping[str, Callable[..., Sequent]]] = MappingProxyType({
    "responsibility": lambda s, j, x: _rule("below", _ZERO, Term("psi", (s, j, x))),
    "weight": lambda j: _rule("below", _ZERO, Term("pi", (j,))),
    "components": lambda: _rule("at_most", _ONE, Term("size", (), COMPONENT)),
    "coordinates": lambda: _rule("at_most", _ONE, Term("size", (), COORDINATE)),
    "steps": lambda k: _rule("at_most", _ZERO, Term("count", (k,))),
    "whole steps": lambda k, n: _rule(
        "at_most", Term("count", (Term("next", (k,)),)), Term("count", (n,)), _before(k, n)
    ),
    "inverse": lambda t: _rule(
        "equal", _times(t, Term("inverse", (t,))), _ONE, Term("below", (_ZERO, t))
    ),
    "root": _root,
    "root sign": lambda t: _rule("at_most", _ZERO, Term("root", (t,)), Term("at_most", (_ZERO, t))),
    "exponential of a sum": lambda s, t: _rule(
        "equal", _exp(_plus(s, t)), _times(_exp(s), _exp(t))
    ),
    "tangent": lambda t: _rule("at_most", _plus(_ONE, t), _exp(t)),
    "first case": lambda a, b, s, t: _rule("equal", _case(a, b, s, t), s, Term("at_most", (a, b))),
    "second case": lambda a, b, s, t: _rule("equal", _case(a, b, s, t), t, Term("below", (b, a))),
    "member": _member,
    "density": _density,
})  # fmt: skip
