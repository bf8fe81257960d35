"""Polynomials in clusters, the lemmas that are written about them, and chains of equal terms.

A polynomial is a sum of rational numbers times *clusters*: closed terms ``sum ... sum product`` of
atoms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from proofs_check.proofs.coq.language import Names, ordered, sort_of
from proofs_check.proofs.kernel.normal import Unfolded, added, skeleton
from proofs_check.proofs.kernel.terms import REAL, Term, closed, number, opened

Terms = tuple[Term, ...]
#: Coefficient and clusters by the clusters' keys.
Polynomial = dict[tuple[str, ...], tuple[Fraction, Terms]]
#: Tactics of the prelude.
RING, SAME = "identity", "same"


@dataclass
class Script:
    """The lines of a file, and the lemmas in it."""

    lines: list[str] = field(default_factory=list)
    lemmas: int = 0


@dataclass(frozen=True)
class Normal:
    """A polynomial, and a proof that a term is equal to it."""

    polynomial: Polynomial
    proof: str


@dataclass
class Chain:
    """Equal terms, each with the tactic that leads to it from the one before."""

    names: Names
    first: Term
    tactics: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.last = self.first

    def to(self, term: Term, tactic: str) -> None:
        """Go on to an equal term, by a tactic."""
        if term != self.last:
            self.tactics.append(f"transitivity {self.names.show(term)}; [{tactic}|].")
            self.last = term


class Writer:
    """Writes lemmas about terms to a script.

    Parameters
    ----------
    names : Names
    script : Script
    """

    def __init__(self, names: Names, script: Script) -> None:
        self.names, self.script = names, script
        self._count = 0
        self._unfolded: Unfolded = None

    def polynomial(self, polynomial: Polynomial) -> Term:
        """A polynomial as a term, as it is written."""
        parts = []
        for key in sorted(polynomial):
            value, found = polynomial[key]
            factors = found if value == 1 and found else (number(value), *found)
            parts.append(factors[0] if len(factors) == 1 else Term("multiply", factors))
        return parts[0] if len(parts) == 1 else Term("add", tuple(parts))

    def _shown(self, polynomial: Polynomial) -> str:
        return self.names.show(self.polynomial(polynomial))

    def _under(self, dummies: Sequence[Term], tactic: str) -> str:
        """A tactic for what stands under sums."""
        intro = "".join(f"apply Sum_ext; intros {self.names.variable(d)}; " for d in dummies)
        return intro + ("cbv beta; " if dummies else "") + tactic

    def _lemma(self, term: Term, found: Polynomial, tactics: list[str]) -> Normal:
        statement = f"{self.names.show(term)} = {self._shown(found)}"
        return Normal(found, self._proved(term, statement, tactics))

    def _proved(self, term: Term, statement: str, tactics: list[str]) -> str:
        """Write a lemma about a term, and return it for its variables."""
        self._count += 1
        self.script.lemmas += 1
        name = f"n{self._count}"
        variables = ordered(term.free)
        binders = self.names.binders(variables)
        forall = f"forall {binders}, " if binders else ""
        taken = " ".join(self.names.variable(v) for v in variables)
        self.script.lines.append(f"Lemma {name} : {forall}{statement}.")
        self.script.lines.append(f"Proof. intros {taken}.".replace(" .", "."))
        self.script.lines += [*tactics, "Qed."]
        return f"({name} {taken})" if taken else name


def reals(state: Term) -> Iterable[Term]:
    """Step sizes and times in a state."""
    for a in state.args:
        if a.sort is REAL:
            yield a
        else:
            yield from reals(a)


def with_sizes(term: Term, values: dict[Term, Term]) -> Term:
    """A state with other step sizes and times."""
    if term in values:
        return values[term]
    return Term(term.op, tuple(with_sizes(a, values) for a in term.args), term.data)


def times(left: Polynomial, right: Polynomial) -> Polynomial:
    """The product."""
    parts: list[Polynomial] = []
    for first, one in left.values():
        for second, two in right.values():
            factors = tuple(sorted((*one, *two), key=lambda f: f.key))
            parts.append({tuple(f.key for f in factors): (first * second, factors)})
    return added(parts)


def product(factors: Sequence[Term]) -> Term:
    """A product as a term; of one factor, that factor."""
    return factors[0] if len(factors) == 1 else Term("multiply", tuple(factors))


def nested(dummies: Sequence[Term], body: Term) -> Term:
    """The sum of a term over dummies, the last one innermost."""
    for d in reversed(dummies):
        body = Term("sum", (closed(body, d),), sort_of(d))
    return body


def fresh(sort: object, free: Iterable[Term]) -> Term:
    """A dummy with a number that none of the variables has."""
    last = max((v.data[0] for v in free if v.op == "dummy"), default=-1)
    return Term("dummy", (), (last + 1, sort))


def prenex(factors: Terms, taken: Iterable[Term]) -> tuple[Terms, Terms]:
    """Dummies and atoms of a product of clusters, in the order they are met."""
    free: set[Term] = set().union(*(f.free for f in factors), *(t.free for t in taken))
    dummies: list[Term] = []
    atoms: list[Term] = []
    for factor in factors:
        term = factor
        while term.op == "sum":
            d = fresh(term.data, free)
            free.add(d)
            dummies.append(d)
            term = opened(term.args[0], (d,))
        atoms += term.args if term.op == "multiply" else (term,)
    return tuple(dummies), tuple(atoms)


def index_of(factor: Term) -> tuple[Term, Terms]:
    """The component of a weight or responsibility, and its other arguments."""
    if factor.op == "pi":
        return factor.args[0], ()
    state, index, point = factor.args
    return index, (state, point)


def fixed_delta(factors: Terms, summed: frozenset[Term]) -> Term | None:
    """A delta of labels that are not summed over, one of which occurs elsewhere."""
    for place, factor in enumerate(factors):
        if factor.op == "delta" and not summed & set(factor.args):
            gone = max(factor.args, key=lambda a: a.key)
            rest = factors[:place] + factors[place + 1 :]
            if gone.op in ("free", "dummy") and any(gone in f.free for f in rest):
                return factor
    return None


def in_order(term: Term, names: dict[Term, str]) -> Term:
    """The arguments of commutative operations in the order of their keys after renaming."""
    if term.free.isdisjoint(names):
        return term
    args = tuple(in_order(a, names) for a in term.args)
    if term.op in ("multiply", "add", "delta"):
        args = tuple(sorted(args, key=lambda a: skeleton(a, names)))
    return Term(term.op, args, term.data)


def in_place(term: Term, names: dict[Term, str]) -> Term:
    """The same within the terms of sums, which stay where they are: one step towards `in_order`."""
    if term.free.isdisjoint(names) or term.op in ("sum", "multiply", "delta"):
        return in_order(term, names)
    change = in_order if term.op == "add" else in_place
    return Term(term.op, tuple(change(a, names) for a in term.args), term.data)


def in_sums(term: Term, names: dict[Term, str]) -> Term:
    """The same within sums alone: a step before `in_place`, where that also turns products."""
    if term.free.isdisjoint(names) or term.op == "sum":
        return in_order(term, names)
    return Term(term.op, tuple(in_sums(a, names) for a in term.args), term.data)


def turns_what_changes(term: Term, names: dict[Term, str]) -> bool:
    """Whether factors outside sums change places and change themselves."""
    if term.free.isdisjoint(names) or term.op == "sum":
        return False
    if term.op == "multiply" and in_order(term, names) != term:
        kept = tuple(in_order(a, names) for a in term.args)
        if kept != term.args and in_order(term, names).args != kept:
            return True
    return any(turns_what_changes(a, names) for a in term.args)


def towards_order(term: Term, names: dict[Term, str]) -> tuple[Term, ...]:
    """Terms from this one to `in_order`, one kind of change at a time."""
    first = (in_sums(term, names),) if turns_what_changes(term, names) else ()
    # terms of sums change places only after what is in them is the same
    return (term, *first, in_place(term, names), in_order(term, names))
