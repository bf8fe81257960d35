"""Normal form of a real term: a polynomial in atoms, with sums over indices kept symbolic.

Sums and means are linear, sums change places with each other and with means, ``delta`` contracts,
``sum_j psi_j = sum_j pi_j = 1``, the mean of ``psi_j`` under the student is ``pi_j``, and a step of
descent is ``v - eta gradient``. Whatever else occurs is an atom. Terms with equal normal forms are
equal for all n, d, weights, states and steps; the converse is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import count, product
from typing import Final

from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    FINITE,
    POINT,
    REAL,
    STEP,
    Definition,
    ProofError,
    Term,
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


def normal(term: Term, unfolded: Unfolded = None) -> Polynomial:
    """Normal form of a term; it is empty only if the term is zero."""
    return _norm(term, unfolded, frozenset())


def polynomial_term(polynomial: Polynomial) -> Term:
    """The term that a normal form stands for."""
    return _as_term(polynomial, frozenset())


def _norm(  # noqa: C901 - one branch for each operation
    term: Term, unfolded: Unfolded, fixed: frozenset[Term]
) -> Polynomial:
    """Normal form where `fixed` dummies are constants."""
    op, args = term.op, term.args
    if op == "number":
        return _constant(term.data)
    if op == "add":
        return added(_norm(a, unfolded, fixed) for a in args)
    if op == "multiply":
        total = _constant(Fraction(1))
        for a in args:
            total = _times(total, _norm(a, unfolded, fixed), unfolded, fixed)
        return total
    if op == "apply" and (unfolded is None or term.data in unfolded):
        return _norm(opened(term.data.body, args), unfolded, fixed)
    if op == "sum":
        return _summed(term, unfolded, fixed)
    if op in _LINEAR:
        return _linear(term, unfolded, fixed)
    if op == "delta" and args[0] == args[1]:
        return _constant(Fraction(1))
    if op == "count" and args[0].op == "start":
        return {}
    if op == "count" and args[0].op == "next":
        return added([_norm(Term("count", args[0].args), unfolded, fixed), _constant(Fraction(1))])
    if op == "v":
        state = _state(args[0], unfolded, fixed)
        if state.op == "descended":
            size, before = state.args
            slope = Term("gradient", (before, *args[1:]), state.data)
            moved = Term("multiply", (number(-1), size, slope))
            return _norm(Term("add", (Term("v", (before, *args[1:])), moved)), unfolded, fixed)
    atom = Term(op, tuple(_argument(a, unfolded, fixed) for a in args), term.data)
    if op == "delta":
        atom = Term(op, tuple(sorted(atom.args, key=lambda a: a.key)), term.data)
    return _canonical(Fraction(1), (atom,), unfolded, fixed)


def _constant(value: Fraction) -> Polynomial:
    return {(): (value, ())} if value else {}


def _argument(term: Term, unfolded: Unfolded, fixed: frozenset[Term]) -> Term:
    """An argument of an atom, in normal form."""
    if term.loose:  # the body of a binder that is not linear
        ((_, sort),) = term.loose
        variable = Term("dummy", (), (next(_fresh), sort))
        return closed(_argument(opened(term, (variable,)), unfolded, fixed | {variable}), variable)
    if term.sort is REAL:
        inside = fixed | _dummies(term.free)
        return _as_term(_norm(term, unfolded, inside), inside)
    return _state(term, unfolded, fixed)


def _state(term: Term, unfolded: Unfolded, fixed: frozenset[Term]) -> Term:
    """A state, step, point or index; no steps change nothing, one more step is the last one."""
    args = tuple(_argument(a, unfolded, fixed) for a in term.args)
    if term.op == "run" and args[2].op == "start":
        return args[1]
    if term.op == "run" and args[2].op == "next":
        size, first, steps = args
        before = _state(Term("run", (size, first, steps.args[0]), term.data), unfolded, fixed)
        return Term("descended", (size, before), term.data)
    return Term(term.op, args, term.data)


def _summed(term: Term, unfolded: Unfolded, fixed: frozenset[Term]) -> Polynomial:
    variable = Term("dummy", (), (next(_fresh), term.data))
    inner = _norm(opened(term.args[0], (variable,)), unfolded, fixed | {variable})
    return _released(inner, (variable,), unfolded, fixed)


def _released(
    inner: Polynomial, variables: Iterable[Term], unfolded: Unfolded, fixed: frozenset[Term]
) -> Polynomial:
    """Sum over variables that were constants until now."""
    terms = []
    for value, factors in inner.values():
        used = frozenset().union(*(f.free for f in factors))
        sizes = tuple(Term("size", (), d.data[1]) for d in variables if d not in used)
        terms.append(_canonical(value, (*factors, *sizes), unfolded, fixed))
    return added(terms)


def _linear(term: Term, unfolded: Unfolded, fixed: frozenset[Term]) -> Polynomial:
    """A mean or a sum over steps: factors that do not vary are taken out."""
    *outside, body = term.args
    prefix = tuple(_argument(a, unfolded, fixed) for a in outside)
    steps = term.op == "sum_steps"
    if steps and prefix[0].op == "start":
        return {}
    if steps and prefix[0].op == "next":
        (before,) = prefix[0].args
        last = opened(body, (before,))
        parts = (Term("sum_steps", (before, body)), last)
        return added(_norm(part, unfolded, fixed) for part in parts)
    variable = Term("dummy", (), (next(_fresh), STEP if steps else POINT))
    total = []
    for value, factors in _norm(opened(body, (variable,)), unfolded, fixed).values():
        inner = sorted(
            (closed(f, variable) for f in factors if variable in f.free), key=lambda f: f.key
        )
        outer = tuple(f for f in factors if variable not in f.free)
        if inner:
            one = inner[0] if len(inner) == 1 else Term("multiply", tuple(inner))
            outer = (*outer, Term(term.op, (*prefix, one)))
        elif steps:
            outer = (*outer, Term("count", prefix))
        total.append(_canonical(value, outer, unfolded, fixed))
    return added(total)


def added(parts: Iterable[Polynomial]) -> Polynomial:
    """The sum, like monomials together."""
    total: Polynomial = {}
    for part in parts:
        for key, (value, factors) in part.items():
            found = value + (total[key][0] if key in total else 0)
            if found:
                total[key] = (found, factors)
            else:
                del total[key]
    return total


def _times(
    left: Polynomial, right: Polynomial, unfolded: Unfolded, fixed: frozenset[Term]
) -> Polynomial:
    parts = []
    for (first, one), (second, two) in product(left.values(), right.values()):
        shared = summed_in(one, fixed) & summed_in(two, fixed)
        apart = {d: Term("dummy", (), (next(_fresh), d.data[1])) for d in shared}
        other = tuple(replaced(f, apart) for f in two)
        parts.append(_canonical(first * second, (*one, *other), unfolded, fixed))
    return added(parts)


def _dummies(free: Iterable[Term]) -> frozenset[Term]:
    return frozenset(d for d in free if d.op == "dummy" and d.data[1] in FINITE)


def summed_in(factors: Factors, fixed: frozenset[Term] = frozenset()) -> frozenset[Term]:
    """The dummies of a monomial that are summed over: those that are not fixed."""
    return _dummies(frozenset().union(*(f.free for f in factors))) - fixed


def _canonical(
    value: Fraction, factors: Factors, unfolded: Unfolded, fixed: frozenset[Term]
) -> Polynomial:
    """A monomial, simplified, with the key under which equal ones meet."""
    summed = summed_in(factors, fixed)
    shorter = _shorter(factors, summed)
    if shorter is not None:
        rest, left = shorter
        body = Term("multiply", (number(value), *rest))
        return _released(_norm(body, unfolded, fixed | left), left, unfolded, fixed)
    key = tuple(sorted(least_names(cluster, summed)[0] for cluster in clusters_of(factors, summed)))
    return {key: (value, factors)}


def _shorter(factors: Factors, summed: frozenset[Term]) -> tuple[Factors, frozenset[Term]] | None:
    """The factors after one simplification, and the dummies that are still summed over."""
    for place, factor in enumerate(factors):
        rest = factors[:place] + factors[place + 1 :]
        if factor.op == "delta":
            first, second = factor.args
            if second in summed or first in summed:
                gone, kept = (second, first) if second in summed else (first, second)
                return tuple(replaced(f, {gone: kept}) for f in rest), summed - {gone}
            gone = max(factor.args, key=lambda a: a.key)
            kept = min(factor.args, key=lambda a: a.key)
            if gone.op in ("free", "dummy") and any(gone in f.free for f in rest):
                return (*(replaced(f, {gone: kept}) for f in rest), factor), summed
        mean = _mean_of_responsibility(factor)
        if mean is not None:
            return (*rest, mean), summed
        for part, others, left in _parts(factor):
            if part.op not in ("psi", "pi"):
                continue
            (index,) = (a for a in part.args if a.sort is COMPONENT)
            elsewhere = (*(a for a in part.args if a is not index), *others, *rest)
            if index in summed and not any(index in f.free for f in elsewhere):
                return (*rest, *left), summed - {index}
    return None


def _mean_of_responsibility(factor: Term) -> Term | None:
    """``E_p psi_j = pi_j``, for the responsibility at the state of the student."""
    if factor.op == "mean_student" and factor.args[1].op == "psi":
        state, index, point = factor.args[1].args
        if state == factor.args[0] and point.op == "bound":
            return Term("pi", (index,))
    return None


def _parts(factor: Term) -> Iterator[tuple[Term, Factors, Factors]]:
    """Each part of a product, what it stands beside, and what is left if it sums to one."""
    yield factor, (), ()
    if factor.op in _LINEAR:
        *prefix, body = factor.args
        parts = body.args if body.op == "multiply" else (body,)
        for place, part in enumerate(parts):
            others = parts[:place] + parts[place + 1 :]
            left = Term(factor.op, (*prefix, Term("multiply", others)))
            yield part, (*prefix, *others), (left,)


def clusters_of(factors: Factors, summed: frozenset[Term]) -> list[Factors]:
    """Factors that share a dummy, together: the monomial is the product of their sums."""
    found: list[tuple[frozenset[Term], Factors]] = []
    for factor in factors:
        labels = factor.free & summed
        joined: Factors = (factor,)
        apart = [pair for pair in found if not pair[0] & labels]
        for other, members in found:
            if other & labels:
                labels, joined = labels | other, (*members, *joined)
        found = [*apart, (labels, joined)]
    return [members for _, members in found]


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


def _as_term(polynomial: Polynomial, fixed: frozenset[Term]) -> Term:
    terms = []
    for key in sorted(polynomial):
        value, factors = polynomial[key]
        summed = summed_in(factors, fixed)
        parts = []
        for cluster in clusters_of(factors, summed):
            name, names = least_names(cluster, summed)
            ordered = tuple(sorted(cluster, key=lambda f: skeleton(f, names)))
            body = ordered[0] if len(ordered) == 1 else Term("multiply", ordered)
            for d in sorted(names, key=lambda d: names[d], reverse=True):
                body = Term("sum", (closed(body, d),), d.data[1])
            parts.append((name, body))
        product_ = (number(value), *(body for _, body in sorted(parts, key=lambda p: p[0])))
        terms.append(Term("multiply", product_))
    return terms[0] if len(terms) == 1 else Term("add", tuple(terms))
