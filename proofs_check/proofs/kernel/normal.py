"""Normal form of a real term: a polynomial in atoms, with sums over indices kept symbolic.

Sums and means are linear, sums change places with each other and with means, ``delta`` contracts,
``sum_j psi_j = sum_j pi_j = 1``, the mean of ``psi_j`` under the student is ``pi_j``, and a step of
descent is ``v - eta gradient``. Whatever else occurs is an atom. Terms with equal normal forms are
equal for all n, d, weights, states and steps; the converse is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import chain, count, product
from typing import Final, NamedTuple

from proofs_check.proofs.kernel.terms import (
    FINITE,
    REAL,
    STEP,
    Definition,
    ProofError,
    Sort,
    Term,
    binder,
    closed,
    number,
    opened,
    replaced,
)
from proofs_check.proofs.naming import proposed_order

Factors = tuple[Term, ...]
#: Coefficient and factors by what determines the monomial; dummies in the factors are summed over.
Polynomial = dict[tuple[str, ...], tuple[Fraction, Factors]]
#: Definitions that are written out; ``None``: all.
Unfolded = frozenset[Definition] | None

_LINEAR: Final = ("mean_teacher", "mean_student", "sum_steps")
#: All of one length, so that the order of keys does not depend on how many there were before.
_fresh = count(10**12)


class _Scope(NamedTuple):
    """Which definitions are written out, and which dummies are constants."""

    unfolded: Unfolded
    fixed: frozenset[Term] = frozenset()

    def fixing(self, *dummies: Term) -> _Scope:
        return self._replace(fixed=self.fixed | {*dummies})


def normal(term: Term, unfolded: Unfolded = None) -> Polynomial:
    """Normal form of a term; it is empty only if the term is zero."""
    return _norm(term, _Scope(unfolded))


def _norm(term: Term, scope: _Scope) -> Polynomial:
    op, args = term.op, term.args
    meaning = _meaning(term, scope)
    if meaning is not None:
        return _norm(meaning, scope)
    if op == "number":
        return {(): (term.data, ())} if term.data else {}
    if op == "add":
        return added(_norm(a, scope) for a in args)
    if op == "multiply":
        total = _norm(number(1), scope)
        for a in args:  # no index is in both: each sum was given a new one
            pairs = product(total.values(), _norm(a, scope).values())
            total = added(_canonical(x * y, (*one, *two), scope) for (x, one), (y, two) in pairs)
        return total
    if op == "sum":
        variable = _dummy(term.data)
        inner = _norm(opened(args[0], (variable,)), scope.fixing(variable))
        return _released(inner, (variable,), scope)
    if op in _LINEAR:
        return _linear(term, scope)
    arguments = [_argument(a, scope) for a in args]
    if op == "delta":
        arguments.sort(key=lambda a: a.key)
    return _canonical(Fraction(1), (Term(op, tuple(arguments), term.data),), scope)


def _meaning(term: Term, scope: _Scope) -> Term | None:
    """The right side of the equation that defines the term, if there is one."""
    op, args = term.op, term.args
    if op == "apply" and (scope.unfolded is None or term.data in scope.unfolded):
        return opened(term.data.body, args)
    if op == "delta" and args[0] == args[1]:
        return number(1)
    if op == "v" and (state := _argument(args[0], scope)).op == "descended":
        size, before = state.args
        place = (before, *args[1:])
        return Term("v", place) - size * Term("gradient", place, state.data)
    if op in ("count", "sum_steps", "run"):
        (steps,) = (a for a in args if a.sort is STEP)
        if steps.op == "start":
            return args[1] if op == "run" else number(0)
        if steps.op == "next" and op == "count":
            return Term(op, steps.args) + 1
        if steps.op == "next" and op == "sum_steps":
            return Term(op, (*steps.args, args[1])) + opened(args[1], steps.args)
        if steps.op == "next":
            before = Term(op, (*args[:2], *steps.args), term.data)
            return Term("descended", (args[0], before), term.data)
    return None


def _dummy(sort: Sort | None) -> Term:
    """A new variable for one that a term binds."""
    return Term("dummy", (), (next(_fresh), sort))


def _argument(term: Term, scope: _Scope) -> Term:
    """An argument of an atom, in normal form."""
    if term.loose:  # the body of a binder that is not linear
        ((_, sort),) = term.loose
        variable = _dummy(sort)
        return closed(_argument(opened(term, (variable,)), scope.fixing(variable)), variable)
    if term.sort is REAL:
        inside = scope.fixing(*_dummies(term.free))
        return polynomial_term(_norm(term, inside), inside.fixed)
    meaning = _meaning(term, scope)
    if meaning is not None:
        return _argument(meaning, scope)
    return Term(term.op, tuple(_argument(a, scope) for a in term.args), term.data)


def _released(inner: Polynomial, variables: Iterable[Term], scope: _Scope) -> Polynomial:
    """Sum over variables that were constants until now."""
    terms = []
    for value, factors in inner.values():
        used = frozenset().union(*(f.free for f in factors))
        sizes = tuple(Term("size", (), d.data[1]) for d in variables if d not in used)
        terms.append(_canonical(value, (*factors, *sizes), scope))
    return added(terms)


def _linear(term: Term, scope: _Scope) -> Polynomial:
    """A mean or a sum over steps: factors that do not vary are taken out."""
    *outside, body = term.args
    prefix = tuple(_argument(a, scope) for a in outside)
    variable = _dummy(binder(term.op, term.data))
    total = []
    for value, factors in _norm(opened(body, (variable,)), scope).values():
        inner = [closed(f, variable) for f in factors if variable in f.free]
        outer = tuple(f for f in factors if variable not in f.free)
        if inner:
            outer = (*outer, Term(term.op, (*prefix, _product(sorted(inner, key=lambda f: f.key)))))
        elif term.op == "sum_steps":
            outer = (*outer, Term("count", prefix))
        total.append(_canonical(value, outer, scope))
    return added(total)


def _product(factors: Sequence[Term]) -> Term:
    return factors[0] if len(factors) == 1 else Term("multiply", tuple(factors))


def added(parts: Iterable[Polynomial]) -> Polynomial:
    """The sum, like monomials together."""
    total: Polynomial = {}
    for part in parts:
        for key, (value, factors) in part.items():
            total[key] = (value + (total[key][0] if key in total else 0), factors)
    return {key: monomial for key, monomial in total.items() if monomial[0]}


def _dummies(free: Iterable[Term]) -> frozenset[Term]:
    return frozenset(d for d in free if d.op == "dummy" and d.data[1] in FINITE)


def summed_in(factors: Factors, fixed: frozenset[Term] = frozenset()) -> frozenset[Term]:
    """The dummies of a monomial that are summed over: those that are not fixed."""
    return _dummies(frozenset().union(*(f.free for f in factors))) - fixed


def _canonical(value: Fraction, factors: Factors, scope: _Scope) -> Polynomial:
    """A monomial, simplified, with the key under which equal ones meet."""
    summed = summed_in(factors, scope.fixed)
    shorter = _shorter(factors, summed)
    if shorter is not None:
        rest, left = shorter
        body = Term("multiply", (number(value), *rest))
        return _released(_norm(body, scope.fixing(*left)), left, scope)
    key = tuple(sorted(least_names(cluster, summed)[0] for cluster in clusters_of(factors, summed)))
    return {key: (value, factors)}


def _shorter(factors: Factors, summed: frozenset[Term]) -> tuple[Factors, frozenset[Term]] | None:
    """The factors after one simplification, and the dummies that are still summed over."""
    for place, factor in enumerate(factors):
        rest = factors[:place] + factors[place + 1 :]
        if factor.op == "delta":
            kept, gone = sorted(factor.args, key=lambda a: (a in summed, a.key))
            same = tuple(replaced(f, {gone: kept}) for f in rest)
            if gone in summed:
                return same, summed - {gone}
            if same != rest:
                return (*same, factor), summed
        *prefix, body = factor.args if factor.op in _LINEAR else (factor,)
        if factor.op == "mean_student" and body.op == "psi":
            state, index, point = body.args
            if state == prefix[0] and point.op == "bound":  # E_p psi_j = pi_j
                return (*rest, Term("pi", (index,))), summed
        parts = body.args if body.op == "multiply" else (body,)
        for at, part in enumerate(parts):
            others = parts[:at] + parts[at + 1 :]
            for index in summed.intersection(part.args if part.op in ("psi", "pi") else ()):
                own = (a for a in part.args if a is not index)
                if not any(index in a.free for a in (*own, *prefix, *others, *rest)):
                    left = Term("multiply", others)  # the sum over the index is 1
                    if factor.op in _LINEAR:
                        left = Term(factor.op, (*prefix, left))
                    return (*rest, left), summed - {index}
    return None


def clusters_of(factors: Factors, summed: frozenset[Term]) -> list[Factors]:
    """Factors that share a dummy, together: the monomial is the product of their sums."""
    found: list[Factors] = []
    for factor in factors:
        labels = factor.free & summed
        met = [c for c in found if any(not labels.isdisjoint(f.free) for f in c)]
        found = [*(c for c in found if c not in met), (*chain.from_iterable(met), factor)]
    return found


def least_names(cluster: Factors, summed: frozenset[Term]) -> tuple[str, dict[Term, str]]:
    """A key of the sum over the dummies of a cluster, and the names they have in it.

    Under any order of the dummies the key determines the sum; that equal sums get equal keys is up
    to the order that is proposed.
    """
    summed = summed & frozenset().union(*(f.free for f in cluster))
    kinds = {d: d.data[1].value for d in sorted(summed, key=lambda d: d.data[0])}
    order = proposed_order(cluster, kinds, skeleton)
    if len(order) != len(summed) or set(order) != summed:
        raise ProofError("no order of the dummies")
    # no other term has such a key
    names = {d: f"summed<{place} {d.data[1].value}>()" for place, d in enumerate(order)}
    return ";".join(sorted(skeleton(f, names) for f in cluster)), names


def skeleton(term: Term, names: Mapping[Term, str]) -> str:
    """The key of a term after renaming, the arguments of commutative operations in order."""
    if term.free.isdisjoint(names):
        return term.key
    if term in names:
        return names[term]
    parts = [skeleton(a, names) for a in term.args]
    if term.op in ("multiply", "add", "delta"):
        parts.sort()
    return f"{term.key[: term.key.index('(')]}({','.join(parts)})"


def polynomial_term(polynomial: Polynomial, fixed: frozenset[Term] = frozenset()) -> Term:
    """The term that a normal form stands for."""
    terms = []
    for _, (value, factors) in sorted(polynomial.items()):
        summed = summed_in(factors, fixed)
        parts = []
        for cluster in clusters_of(factors, summed):
            name, names = least_names(cluster, summed)
            body = _product(sorted(cluster, key=lambda f: skeleton(f, names)))
            for d in sorted(names, key=lambda d: names[d], reverse=True):
                body = Term("sum", (closed(body, d),), d.data[1])
            parts.append((name, body))
        bodies = (body for _, body in sorted(parts, key=lambda part: part[0]))
        terms.append(Term("multiply", (number(value), *bodies)))
    return terms[0] if len(terms) == 1 else Term("add", tuple(terms))
