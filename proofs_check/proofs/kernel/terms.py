"""Typed terms with bound variables by position; what a term depends on is read off the term."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

    arguments: tuple[Sort, ...]
    value: Sort
    data: str = ""  # what stands beside the arguments: a sort of a finite index, an objective
    binds: Sort | str | None = None  # the sort that the last argument binds; "data": that sort


#: All operations but the variables, numbers, sums of terms, products and applied definitions.
SHAPES: Final[Mapping[str, Shape]] = MappingProxyType({
    "inverse": Shape((REAL,), REAL),  # 1/t, and some number at 0
    "root": Shape((REAL,), REAL),  # the square root where it exists
    "exponential": Shape((REAL,), REAL),
    "case": Shape((REAL, REAL, REAL, REAL), REAL),  # case(a, b, s, t) = s if a <= b else t
    "count": Shape((STEP,), REAL),  # a number of steps as a real number
    "size": Shape((), REAL, "sort"),  # n, d
    "delta": Shape((), REAL, "sort"),  # two arguments of that sort
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
    "sum": Shape((REAL,), REAL, "sort", "data"),
    "largest": Shape((REAL,), REAL, "sort", "data"),
    "least": Shape((REAL,), REAL, "sort", "data"),
    "sum_steps": Shape((STEP, REAL), REAL, "", STEP),  # over all steps before the first argument
    "least_steps": Shape((STEP, REAL), REAL, "", STEP),
    "mean_teacher": Shape((REAL,), REAL, "", POINT),
    "mean_student": Shape((STATE, REAL), REAL, "", POINT),
    "forall": Shape((FORMULA,), FORMULA, "any sort", "data"),
    "equal": Shape((REAL, REAL), FORMULA),
    "at_most": Shape((REAL, REAL), FORMULA),
    "below": Shape((REAL, REAL), FORMULA),
})  # fmt: skip
RELATIONS: Final = ("equal", "at_most", "below")


class Immutable:
    """An object whose attributes are set once, and which only its own class makes."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: object) -> Any:
        return self


class Term(Immutable):
    """An operation applied to terms; every term that exists has a sort.

    Attributes
    ----------
    op : str
        ``number``, ``free``, ``bound``, ``dummy``, ``add``, ``multiply``, ``apply`` or a key of
        `SHAPES`.
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
        sort, binds = _typed(op, args, data)
        free: frozenset[Term] = frozenset().union(*(a.free for a in args))
        loose = frozenset(pair for a in args[:-1] for pair in a.loose)
        last = args[-1].loose if args else frozenset()
        if binds is not None:
            if any(depth == 0 and found is not binds for depth, found in last):
                raise ProofError(f"{op} binds a {binds.value}")
            last = frozenset((depth - 1, found) for depth, found in last if depth)
        key = f"{op}<{_data_key(data)}>({','.join(a.key for a in args)})"
        known = cls._known.get(key)
        if known is not None:
            return known
        if op.startswith("mean_") and not _tame(args[-1], 0):
            raise ProofError("the mean of a function that may grow too fast")
        self = object.__new__(cls)
        values = (
            ("op", op),
            ("data", data),
            ("args", args),
            ("sort", sort),
            ("key", key),
            ("loose", frozenset({data}) if op == "bound" else loose | last),
            ("free", frozenset({self}) if op in ("free", "dummy") else free),
        )
        for name, value in values:
            object.__setattr__(self, name, value)
        cls._known[key] = self
        return self

    def __init_subclass__(cls) -> None:
        raise TypeError("terms have no subclasses")

    def __repr__(self) -> str:
        return self.key

    def __reduce__(self) -> tuple[Any, ...]:
        return (Term, (self.op, self.args, self.data))

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
    name: str
    latex: str
    sorts: tuple[Sort, ...]
    body: Term
    key: str
    _known: ClassVar[dict[tuple[tuple[Sort, ...], str], str]] = {}

    def __init__(self, name: str, latex: str, sorts: tuple[Sort, ...], body: Term) -> None:
        if hasattr(self, "key"):
            raise AttributeError("a definition is made once")
        sorts = tuple(sorts)
        fits = type(body) is Term and body.sort is REAL and not body.free
        allowed = {(place, sort) for place, sort in enumerate(sorts)}
        if not fits or any(type(s) is not Sort for s in sorts) or not body.loose <= allowed:
            raise ProofError(f"{name} is not defined by a closed real term of its arguments")
        key = self._key(sorts, body)
        names = ("name", "latex", "sorts", "body", "key")
        for attribute, value in zip(names, (name, latex, sorts, body, key), strict=True):
            object.__setattr__(self, attribute, value)

    @classmethod
    def _key(cls, sorts: tuple[Sort, ...], body: Term) -> str:
        """One for each meaning; it does not depend on which definitions were made before."""
        meaning = (sorts, body.key)
        if meaning not in cls._known:
            text = f"{[sort.value for sort in sorts]} {body.key}"
            key = f"D{sha256(text.encode()).hexdigest()[:12]}"
            while key in cls._known.values():
                key += "'"
            cls._known[meaning] = key
        return cls._known[meaning]

    def __init_subclass__(cls) -> None:
        raise TypeError("definitions have no subclasses")

    def __eq__(self, other: object) -> bool:
        return type(other) is Definition and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __call__(self, *args: Term) -> Term:
        """Apply the definition."""
        return Term("apply", args, self)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Definition, (self.name, self.latex, self.sorts, self.body))


class Objective(NamedTuple):
    """A loss: the mean under a base of a function of state and point."""

    base: str  # "teacher" or "student"
    integrand: Definition


def _typed(op: str, args: tuple[Term, ...], data: Any) -> tuple[Sort, Sort | None]:
    """Sort of the value, and the sort that the last argument binds."""
    sorts = tuple(a.sort for a in args)
    if op in ("free", "bound", "dummy"):
        kind = str if op == "free" else int
        fits = type(data) is tuple and len(data) == 2 and type(data[0]) is kind
        if fits and type(data[1]) is Sort and not args and (op == "free" or data[0] >= 0):
            return data[1], None
    elif op == "number":
        if type(data) is Fraction and not args:
            return REAL, None
    elif op in ("add", "multiply"):
        if data is None and all(sort is REAL for sort in sorts):
            return REAL, None
    elif op == "apply":
        if type(data) is Definition and sorts == data.sorts:
            return REAL, None
    elif op in SHAPES:
        shape = SHAPES[op]
        wanted = (data, data) if op == "delta" else shape.arguments
        if sorts == wanted and _data_fits(shape.data, data):
            return shape.value, _bound_sort(shape, data)
    raise ProofError(f"{op} takes no {[sort.value for sort in sorts]} with {data!r}")


def _data_fits(kind: str, data: Any) -> bool:
    if kind == "objective":
        fits = type(data) is Objective and type(data.base) is str
        fits = fits and data.base in ("teacher", "student") and type(data.integrand) is Definition
        return fits and data.integrand.sorts == (STATE, POINT)
    if kind:
        fits = type(data) is Sort and data is not FORMULA
        return fits and (kind == "any sort" or data in FINITE)
    return data is None


def _data_key(data: Any) -> str:
    """A text that determines the data: names are quoted, so that none can look like structure."""
    if isinstance(data, Sort):
        return data.value
    if isinstance(data, Definition):
        return data.key
    if type(data) is Objective:
        return f"{data.base} {data.integrand.key}"
    if type(data) is tuple:
        return f"{data[0]!r} {data[1].value}"
    return "" if data is None else str(data)


def _tame(term: Term, depth: int) -> bool:
    """Whether a term grows at most like a polynomial in the point bound at that depth."""
    if (depth, POINT) not in term.loose or term.op == "bound":
        return True
    if term.op == "apply":
        return _tame(opened(term.data.body, term.args), depth)
    if term.op in ("inverse", "exponential") or term.sort is STATE:
        return False
    inner = depth + (binder_of(term) is not None)
    return all(_tame(a, depth) for a in term.args[:-1]) and _tame(term.args[-1], inner)


def binder_of(term: Term) -> Sort | None:
    """The sort that the term's last argument binds, if any."""
    shape = SHAPES.get(term.op)
    if shape is None:
        return None
    return _bound_sort(shape, term.data)


def _bound_sort(shape: Shape, data: Any) -> Sort | None:
    found = data if shape.binds == "data" else shape.binds
    return found if isinstance(found, Sort) else None


def _rebuilt(term: Term, depth: int, change: Callable[[Term, int], Term]) -> Term:
    """The term with changed arguments; the last one may stand under one more binder."""
    inside = depth + (binder_of(term) is not None)
    *before, last = term.args
    return Term(term.op, (*(change(a, depth) for a in before), change(last, inside)), term.data)


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
    places = {
        variable: Term("bound", (), (place, variable.sort))
        for place, variable in enumerate(variables)
    }
    if any(variable.op not in ("free", "dummy") for variable in variables):
        raise ProofError("only a variable can be bound")
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
