"""Typed terms with bound variables by position; what a term depends on is read off the term."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from itertools import count
from numbers import Rational
from types import MappingProxyType
from typing import Any, ClassVar, Final, NamedTuple
from weakref import WeakValueDictionary


class ProofError(ValueError):
    """A term, a formula or an inference that is not of the form asked for; the message says why."""


class Sort(Enum):
    """What a term denotes."""

    REAL = "real"
    COMPONENT = "component"
    COORDINATE = "coordinate"
    POINT = "point"
    STATE = "state"
    STEP = "step"
    FORMULA = "formula"


REAL, COMPONENT, COORDINATE, POINT, STATE, STEP, FORMULA = Sort
FINITE: Final = (COMPONENT, COORDINATE)


class Shape(NamedTuple):
    """Sorts of an operation's arguments and value; the last argument may bind a variable."""

    arguments: tuple[Sort, ...]  # of a sum or product, a definition, a delta: see `_fitted`
    value: Sort  # of a variable: see there
    data: str = ""  # what stands beside the arguments: see `_data_key`
    binds: Sort | str | None = None  # the sort that the last argument binds; "data": that sort


RELATIONS: Final = ("equal", "at_most", "below")
#: All operations; ``bound`` variables have a binder, ``dummy`` ones are bound by `normal`.
SHAPES: Final[Mapping[str, Shape]] = MappingProxyType({
    "free": Shape((), REAL, "name"),
    **dict.fromkeys(("bound", "dummy"), Shape((), REAL, "place")),
    "number": Shape((), REAL, "number"),
    **dict.fromkeys(("add", "multiply"), Shape((), REAL)),
    "apply": Shape((), REAL, "definition"),
    # some number where there is none
    **dict.fromkeys(("inverse", "root", "exponential", "logarithm"), Shape((REAL,), REAL)),
    "case": Shape((REAL, REAL, REAL, REAL), REAL),  # case(a, b, s, t) = s if a <= b else t
    "count": Shape((STEP,), REAL),  # a number of steps as a real number
    **dict.fromkeys(("size", "delta"), Shape((), REAL, "finite sort")),  # n, d; of two indices
    "pi": Shape((COMPONENT,), REAL),
    "v": Shape((STATE, COMPONENT, COORDINATE), REAL),
    "psi": Shape((STATE, COMPONENT, POINT), REAL),
    "x": Shape((POINT, COORDINATE), REAL),
    "log_ratio": Shape((STATE, POINT), REAL),  # log p(x) - log q(x)
    "variation": Shape((STATE,), REAL),  # the total variation of p and q
    "gradient": Shape((STATE, COMPONENT, COORDINATE), REAL, "objective"),
    "start": Shape((), STEP),
    "next": Shape((STEP,), STEP),
    "descended": Shape((REAL, STATE), STATE, "objective"),  # one step of that size
    "run": Shape((REAL, STATE, STEP), STATE, "objective"),  # so many steps
    "flow": Shape((STATE, REAL), STATE, "objective"),  # the gradient flow after that time
    **dict.fromkeys(("sum", "largest", "least"), Shape((REAL,), REAL, "finite sort", "data")),
    # over all steps before the first argument
    **dict.fromkeys(("sum_steps", "least_steps"), Shape((STEP, REAL), REAL, "", STEP)),
    "mean_teacher": Shape((REAL,), REAL, "", POINT),
    "mean_student": Shape((STATE, REAL), REAL, "", POINT),
    "forall": Shape((FORMULA,), FORMULA, "sort", "data"),
    **dict.fromkeys(RELATIONS, Shape((REAL, REAL), FORMULA)),
})  # fmt: skip


class Immutable:
    """An object whose attributes are set once, and which only its own class makes."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        if cls.__base__ is not Immutable:
            raise TypeError("terms, definitions and theorems have no subclasses")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")


def _made(kind: type[Any], **attributes: object) -> Any:
    """The only way to an immutable object with attributes."""
    made = object.__new__(kind)
    for name, value in attributes.items():
        object.__setattr__(made, name, value)
    return made


class Term(Immutable):
    """An operation applied to terms; every term that exists has a sort.

    Attributes
    ----------
    op : str
        A key of `SHAPES`.
    data : object
        The number; name and sort of a free variable; position and sort of a bound one; a sort, a
        `Definition` or an `Objective`.
    args : tuple of Term
    sort : Sort
    key : str
        Determines the term; there is one object for each key.
    free : frozenset of Term
        Free variables (and the dummies of `normal`).
    loose : frozenset of (int, Sort)
        Bound variables without a binder; none in a statement.

    Raises
    ------
    ProofError
        If the arguments do not fit the operation.
    """

    __slots__ = ("__weakref__", "args", "data", "free", "key", "loose", "op", "sort")
    _known: ClassVar[WeakValueDictionary[str, Term]] = WeakValueDictionary()
    op: str
    data: Any
    args: tuple[Term, ...]
    sort: Sort
    key: str
    free: frozenset[Term]
    loose: frozenset[tuple[int, Sort]]

    def __new__(cls, op: str, args: tuple[Term, ...] = (), data: Any = None) -> Term:  # noqa: D102
        if type(op) is not str or type(args) is not tuple or any(type(a) is not Term for a in args):
            raise ProofError(f"the arguments of {op!r} are no terms")
        sort, binds, text = _fitted(op, args, data)
        key = f"{op}<{text}>({','.join(a.key for a in args)})"
        known = cls._known.get(key)
        if known is not None:
            return known
        last = args[-1].loose if args else frozenset()
        if binds is not None:
            if any(depth == 0 and found is not binds for depth, found in last):
                raise ProofError(f"{op} binds a {binds.value}")
            last = frozenset((depth - 1, found) for depth, found in last if depth)
        if op.startswith("mean_") and not _tame(args[-1], 0):
            raise ProofError("the mean of a function that may grow too fast")
        loose = frozenset({data}) if op == "bound" else last.union(*(a.loose for a in args[:-1]))
        self: Term = _made(cls, op=op, args=args, data=data, sort=sort, key=key, loose=loose)
        variables = (a.free for a in args)
        own = frozenset({self}) if op in ("free", "dummy") else frozenset().union(*variables)
        object.__setattr__(self, "free", own)
        cls._known[key] = self
        return self

    def __repr__(self) -> str:
        return self.key

    def __add__(self, other: Term | Fraction | int) -> Term:
        return Term("add", (self, _lift(other)))

    def __radd__(self, other: Fraction | int) -> Term:
        return Term("add", (_lift(other), self))

    def __mul__(self, other: Term | Fraction | int) -> Term:
        return Term("multiply", (self, _lift(other)))

    def __rmul__(self, other: Fraction | int) -> Term:
        return Term("multiply", (_lift(other), self))

    def __neg__(self) -> Term:
        return -1 * self

    def __sub__(self, other: Term | Fraction | int) -> Term:
        return self + (-_lift(other))

    def __rsub__(self, other: Fraction | int) -> Term:
        return other + (-self)

    def __pow__(self, exponent: int) -> Term:
        if type(exponent) is not int or exponent < 0:
            raise ProofError(f"the exponent {exponent!r} is no natural number")
        return Term("multiply", (self,) * exponent)


class Definition(Immutable):
    """A closed function of some arguments; the name is for readers, equality looks at the meaning.

    Attributes
    ----------
    name, latex : str
    sorts : tuple of Sort
        Of the arguments; argument i is the bound variable i of `body`.
    body : Term
    """

    __slots__ = ("body", "key", "latex", "name", "sorts")
    _meanings: ClassVar[dict[str, str]] = {}
    name: str
    latex: str
    sorts: tuple[Sort, ...]
    body: Term
    key: str

    def __new__(cls, name: str, latex: str, sorts: tuple[Sort, ...], body: Term) -> Definition:
        """Make one, if the body is a closed real term of arguments of those sorts."""
        sorts = tuple(sorts)
        places = set(enumerate(sorts))
        fits = type(body) is Term and body.sort is REAL and not body.free and body.loose <= places
        if not fits or any(type(sort) is not Sort for sort in sorts):
            raise ProofError(f"{name} is not defined by a closed real term of its arguments")
        meaning = f"{[sort.value for sort in sorts]} {body.key}"
        key = f"D{sha256(meaning.encode()).hexdigest()[:12]}"
        if cls._meanings.setdefault(key, meaning) != meaning:
            raise ProofError(f"{name} has the key of another definition")
        made: Definition = _made(cls, name=name, latex=latex, sorts=sorts, body=body, key=key)
        return made

    def __eq__(self, other: object) -> bool:
        return type(other) is Definition and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __call__(self, *args: Term) -> Term:
        """Apply the definition."""
        return Term("apply", args, self)


class Objective(NamedTuple):
    """A loss: the mean under a base of a function of state and point."""

    base: str  # "teacher" or "student"
    integrand: Definition


def _fitted(op: str, args: tuple[Term, ...], data: Any) -> tuple[Sort, Sort | None, str]:
    """Sort of the value, the sort that the last argument binds, what determines the data."""
    shape = SHAPES.get(op)
    text = None if shape is None else _data_key(shape.data, data)
    if shape is not None and text is not None:
        sorts, wanted = tuple(a.sort for a in args), shape.arguments
        if op in ("add", "multiply"):
            wanted = (REAL,) * len(args)
        elif op == "apply":
            wanted = data.sorts
        elif op == "delta":
            wanted = (data, data)
        if sorts == wanted:
            value = data[1] if shape.data in ("name", "place") else shape.value
            return value, binder(op, data), text
    raise ProofError(f"{op} takes no {[a.sort.value for a in args]} with {data!r}")


def _data_key(kind: str, data: Any) -> str | None:
    """A text that determines the data, if it is of that kind.

    Names are quoted, so that none can look like structure.
    """
    if type(data) is Sort and (data in FINITE or (kind == "sort" and data is not FORMULA)):
        return data.value if kind in ("sort", "finite sort") else None
    if kind == "number" and type(data) is Fraction:
        return str(data)
    if kind == "definition" and type(data) is Definition:
        return data.key
    if kind in ("name", "place") and type(data) is tuple and len(data) == 2:
        first, sort = data
        fits = type(first) is str if kind == "name" else type(first) is int and first >= 0
        return f"{first!r} {sort.value}" if fits and type(sort) is Sort else None
    if kind == "objective" and type(data) is Objective and type(data.base) is str:
        fits = data.base in ("teacher", "student") and type(data.integrand) is Definition
        fits = fits and data.integrand.sorts == (STATE, POINT)
        return f"{data.base} {data.integrand.key}" if fits else None
    return "" if kind == "" and data is None else None


def binder(op: str, data: Any) -> Sort | None:
    """The sort that an operation's last argument binds, if any."""
    binds = SHAPES[op].binds
    return binds if isinstance(binds, Sort) or binds is None else data


def _inside(term: Term, depth: int) -> Iterator[tuple[Term, int]]:
    """Arguments, and their depth: the last one may stand under one more binder."""
    binds = binder(term.op, term.data) is not None
    for place, argument in enumerate(term.args, 1):
        yield argument, depth + (binds and place == len(term.args))


def _tame(term: Term, depth: int) -> bool:
    """Whether a term grows at most like a polynomial in the point bound at that depth."""
    if (depth, POINT) not in term.loose or term.op == "bound":
        return True
    if term.op == "apply":
        return _tame(opened(term.data.body, term.args), depth)
    if term.op in ("inverse", "exponential", "logarithm") or term.sort is STATE:
        return False
    return all(_tame(argument, at) for argument, at in _inside(term, depth))


def _rebuilt(term: Term, depth: int, change: Callable[[Term, int], Term]) -> Term:
    """The term with changed arguments."""
    return Term(term.op, tuple(change(a, at) for a, at in _inside(term, depth)), term.data)


@lru_cache(maxsize=200_000)
def opened(body: Term, args: tuple[Term, ...], depth: int = 0) -> Term:
    """Put terms for the bound variables ``depth, depth + 1, ...`` of a body.

    Raises
    ------
    ProofError
        If one of them has another sort.
    """
    if all(place < depth for place, _ in body.loose):
        return body
    if body.op == "bound":
        place, sort = body.data
        if place - depth >= len(args):
            raise ProofError("a variable without a binder")
        chosen = args[place - depth]
        if chosen.sort is not sort:
            raise ProofError(f"a {chosen.sort.value} for a {sort.value}")
        return lifted(chosen, depth)
    return _rebuilt(body, depth, lambda a, inside: opened(a, args, inside))


def lifted(term: Term, by: int, depth: int = 0) -> Term:
    """Move the loose variables of a term under `by` further binders."""
    if not by or all(place < depth for place, _ in term.loose):
        return term
    if term.op == "bound":
        return Term("bound", (), (term.data[0] + by, term.data[1]))
    return _rebuilt(term, depth, lambda a, inside: lifted(a, by, inside))


def replaced(term: Term, values: Mapping[Term, Term], depth: int = 0) -> Term:
    """Put closed terms, or ``bound`` variables counted from outside, for free variables."""
    if term.free.isdisjoint(values):
        return term
    if term in values:
        return lifted(values[term], depth)
    return _rebuilt(term, depth, lambda a, inside: replaced(a, values, inside))


def closed(body: Term, *variables: Term) -> Term:
    """Turn free variables into the bound variables ``0, 1, ...``."""
    if any(variable.op not in ("free", "dummy") for variable in variables):
        raise ProofError("only a variable can be bound")
    places = {v: Term("bound", (), (place, v.sort)) for place, v in enumerate(variables)}
    return replaced(lifted(body, len(variables)), places)


def fresh(sort: Sort, *terms: Term) -> Term:
    """A variable of that sort that occurs in none of the terms."""
    taken = frozenset().union(*(term.free for term in terms))
    names = (Term("free", (), (f"{sort.value}{place}", sort)) for place in count())
    return next(variable for variable in names if variable not in taken)


def number(value: Fraction | int) -> Term:
    """A rational number.

    Raises
    ------
    ProofError
        For anything else, such as a binary float.
    """
    if not isinstance(value, Rational):
        raise ProofError(f"{value!r} is no exact number")
    return Term("number", (), Fraction(value))


def _lift(value: Term | Fraction | int) -> Term:
    return value if isinstance(value, Term) else number(value)
