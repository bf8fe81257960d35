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


def _rule(relation: str, left: Term, right: Term, *hypotheses: Term) -> Sequent:
    return hypotheses, Term(relation, (left, right))


def _at_most(left: Term, right: Term) -> Term:
    return Term("at_most", (left, right))


def _below(left: Term, right: Term) -> Term:
    return Term("below", (left, right))


def _exp(term: Term) -> Term:
    return Term("exponential", (term,))


def before(step: Term, last: Term) -> Term:
    """Of two steps, that one is before the other."""
    return _below(Term("count", (step,)), Term("count", (last,)))


def _member(extreme: Term, index: Term) -> Sequent:
    """A member against the largest or least; of the first N steps, one of them."""
    if extreme.op not in ("largest", "least", "least_steps"):
        raise ProofError("not the largest or least of a family")
    sides = (extreme, opened(extreme.args[-1], (index,)))
    steps = tuple(before(index, last) for last in extreme.args[:-1])
    return steps, _at_most(*(sides[::-1] if extreme.op == "largest" else sides))


def _density(state: Term, component: Term, point: Term) -> Sequent:
    """``psi_j p/q = pi_j exp(x.v_j - |v_j|^2/2)``."""
    a = fresh(COORDINATE, state, component, point)
    v = Term("v", (state, component, a))
    towards = Term("x", (point, a)) * v + Term("multiply", (number(Fraction(-1, 2)), v, v))
    exponent = Term("sum", (closed(towards, a),), COORDINATE)
    left = Term("psi", (state, component, point)) * _exp(Term("log_ratio", (state, point)))
    return _rule("equal", left, Term("pi", (component,)) * _exp(exponent))


#: Each by its name, as a function of the terms it speaks of.
AXIOMS: Final[Mapping[str, Callable[..., Sequent]]] = MappingProxyType({
    "responsibility": lambda s, j, x: _rule("below", number(0), Term("psi", (s, j, x))),
    "weight": lambda j: _rule("below", number(0), Term("pi", (j,))),
    "components": lambda: _rule("at_most", number(1), Term("size", (), COMPONENT)),
    "coordinates": lambda: _rule("at_most", number(1), Term("size", (), COORDINATE)),
    "steps": lambda k: _rule("at_most", number(0), Term("count", (k,))),
    "whole steps": lambda k, n: _rule(
        "at_most", Term("count", (Term("next", (k,)),)), Term("count", (n,)), before(k, n)
    ),
    "inverse": lambda t: _rule("equal", t * Term("inverse", (t,)), number(1), _below(number(0), t)),
    "root": lambda t: _rule("equal", Term("root", (t,)) ** 2, t, _at_most(number(0), t)),
    "root sign": lambda t: _rule("at_most", number(0), Term("root", (t,)), _at_most(number(0), t)),
    "exponential of a sum": lambda s, t: _rule("equal", _exp(s + t), _exp(s) * _exp(t)),
    "logarithm": lambda t: _rule("equal", _exp(Term("logarithm", (t,))), t, _below(number(0), t)),
    "tangent": lambda t: _rule("at_most", 1 + t, _exp(t)),
    "first case": lambda a, b, s, t: _rule("equal", Term("case", (a, b, s, t)), s, _at_most(a, b)),
    "second case": lambda a, b, s, t: _rule("equal", Term("case", (a, b, s, t)), t, _below(b, a)),
    "member": _member,
    "density": _density,
})  # fmt: skip
