"""Theorems: values that only the primitive rules make."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, Protocol
from weakref import WeakKeyDictionary

from proofs_check.proofs.kernel.terms import FORMULA, Immutable, ProofError, Sort, Term


class Record(NamedTuple):
    """What a theorem holds, and how it was derived.

    Attributes
    ----------
    hypotheses : frozenset of Term
        Formulas. Free variables of hypotheses and conclusion stand for every value.
    conclusion : Term
    tags : frozenset of str
        Oracles the theorem rests on.
    rule : str
    parameters : tuple
        What the rule was given beside theorems.
    premises : tuple of Theorem
    """

    hypotheses: frozenset[Term]
    conclusion: Term
    tags: frozenset[str]
    rule: str
    parameters: tuple[Any, ...]
    premises: tuple[Theorem, ...]


class Theorem(Immutable):
    """``hypotheses |- conclusion``, for every value of the free variables.

    There is no constructor: what a theorem holds is kept by the module that holds the rules.

    Raises
    ------
    TypeError
        On every attempt to make, subclass or unpickle one.
    """

    __slots__ = ("__weakref__",)

    def __new__(cls, *args: object, **named: object) -> Theorem:  # noqa: D102
        raise TypeError("theorems are made by the rules")

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("theorems are not pickled")

    @property
    def record(self) -> Record:
        """All of it."""
        return read(self)


_P = ParamSpec("_P")


class _Primitive(Protocol):
    def __call__(self, rule: Callable[_P, Record]) -> Callable[_P, Theorem]: ...


def _vault() -> tuple[Callable[[Theorem], Record], _Primitive, Callable[[], None]]:
    """The only place where theorems are made: nothing outside these functions sees the table."""
    records: WeakKeyDictionary[Theorem, Record] = WeakKeyDictionary()
    sealed = False

    def read(theorem: Theorem) -> Record:
        found = records.get(theorem) if type(theorem) is Theorem else None
        if found is None:
            raise ProofError("not a theorem")
        return found

    def primitive(rule: Callable[_P, Record]) -> Callable[_P, Theorem]:
        if sealed:
            raise TypeError("the primitive rules are complete")

        @functools.wraps(rule)
        def derive(*args: _P.args, **named: _P.kwargs) -> Theorem:
            record = rule(*args, **named)._replace(rule=rule.__name__)
            for formula in (*record.hypotheses, record.conclusion):
                checked(formula, FORMULA)
            theorem: Theorem = object.__new__(Theorem)
            records[theorem] = record
            return theorem

        return derive

    def seal() -> None:
        nonlocal sealed
        sealed = True

    return read, primitive, seal


def checked(term: Term, sort: Sort | None = None) -> Term:
    """Return a term, of a sort, whose variables are free ones or bound by itself.

    Raises
    ------
    ProofError
        If it is anything else.
    """
    if type(term) is not Term or term.loose or any(variable.op != "free" for variable in term.free):
        raise ProofError("a term with loose variables")
    if sort is not None and term.sort is not sort:
        raise ProofError(f"a {term.sort.value} for a {sort.value}")
    return term


read, primitive, seal = _vault()
