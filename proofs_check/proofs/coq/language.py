"""Terms of the kernel in Coq's words; their meaning stands in ``prelude.v``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    POINT,
    REAL,
    STATE,
    STEP,
    Definition,
    Objective,
    ProofError,
    Sort,
    Term,
    binder,
)

TYPES = {
    COMPONENT: "Component", COORDINATE: "Coordinate", POINT: "point", STATE: "state",
    REAL: "R", STEP: "nat",
}  # fmt: skip
#: Some value of each sort.
SOME = {
    COMPONENT: "a_component", COORDINATE: "a_coordinate", POINT: "((fun _ => 0) : point)",
    STATE: "((fun _ _ => 0) : state)", REAL: "0", STEP: "0%nat",
}  # fmt: skip
LISTS = {COMPONENT: "components", COORDINATE: "coordinates"}
_SIZES = {COMPONENT: "n", COORDINATE: "d"}
_SAME = {COMPONENT: "same_component", COORDINATE: "same_coordinate"}
_LETTERS = {COMPONENT: "j", COORDINATE: "a", POINT: "x", STEP: "k", STATE: "V", REAL: "t"}
_RELATIONS = {"equal": "=", "at_most": "<=", "below": "<"}
#: Operations that are functions in Coq, applied to their arguments in order.
_FUNCTIONS = {
    "inverse": "inverse", "root": "sqrt", "exponential": "exp", "logarithm": "ln",
    "case": "case", "count": "INR", "pi": "weight", "psi": "psi", "log_ratio": "log_ratio",
    "variation": "variation", "next": "S",
}  # fmt: skip
_OF_OBJECTIVE = ("gradient", "descended", "run", "flow")
_FOLDS = {
    "sum": "Sum", "largest": "Largest", "least": "Least", "sum_steps": "Steps",
    "least_steps": "LeastSteps",
}  # fmt: skip


class Names:
    """Names of variables, definitions and objectives, all different; writes terms with them."""

    def __init__(self) -> None:
        self._variables: dict[Term, str] = {}
        self._taken: set[str] = set()
        self.definitions: dict[Definition, str] = {}
        self.objectives: dict[Objective, str] = {}
        self._written: dict[Term, str] = {}

    def variable(self, term: Term) -> str:
        """The name of a free variable or dummy."""
        if term not in self._variables:
            label, sort = term.data
            if term.op == "dummy":
                name = f"{_LETTERS[sort]}_{label}"
            else:
                name = self._new(re.sub(r"\W", "_", label, flags=re.ASCII).strip("_") + "_")
            self._variables[term] = name
        return self._variables[term]

    def _new(self, wanted: str) -> str:
        wanted = wanted if wanted[0].isalpha() else f"v{wanted}"
        name, tries = wanted, 1
        while name in self._taken:
            tries += 1
            name = f"{wanted}{tries}"
        self._taken.add(name)
        return name

    def definition(self, found: Definition) -> str:
        """The name of a definition."""
        if found not in self.definitions:
            shown = re.sub(r"_*\{\d*\}|\W", "", found.name, flags=re.ASCII).strip("_")
            number = len(self.definitions)
            self.definitions[found] = f"D{number}_{shown}" if shown else f"D{number}"
        return self.definitions[found]

    def objective(self, found: Objective) -> str:
        """The name of an objective."""
        if found not in self.objectives:
            shown = re.sub(r"\W", "_", found.integrand.name, flags=re.ASCII)
            taken = shown in self.objectives.values()
            self.objectives[found] = f"{shown}_{len(self.objectives)}" if taken else shown
        return self.objectives[found]

    def binders(self, variables: Sequence[Term]) -> str:
        """Variables with their types, for ``forall`` or ``fun``."""
        return " ".join(f"({self.variable(v)} : {TYPES[v.data[1]]})" for v in variables)

    def show(self, term: Term) -> str:
        """A term, formula, state, step or index without loose variables."""
        if term not in self._written:
            self._written[term] = self._show(term, ())
        return self._written[term]

    def body(self, term: Term, arguments: Sequence[str]) -> str:
        """The body of a definition, its arguments named."""
        return self._show(term, tuple(arguments))

    def _show(self, term: Term, stack: tuple[str, ...]) -> str:
        op = term.op
        if op in ("free", "dummy"):
            return self.variable(term)
        if op == "bound":
            place: int = term.data[0]
            return stack[place]
        if op == "number":
            return shown_number(term.data)
        if binder(term.op, term.data) is not None:
            return self._binder(term, stack)
        args = [self._show(a, stack) for a in term.args]
        if op in ("add", "multiply"):
            return _nested(args, "+" if op == "add" else "*")
        if op in _RELATIONS:
            return f"({args[0]} {_RELATIONS[op]} {args[1]})"
        if op == "size":
            return _SIZES[term.data]
        if op == "start":
            return "0%nat"
        if op in ("v", "x"):
            return _call(args[0], args[1:])
        return _call(self.head(term), args)

    def head(self, term: Term) -> str:
        """The function that an operation applies to its arguments."""
        if term.op == "apply":
            return self.definition(term.data)
        if term.op == "delta":
            return f"delta {_SAME[term.data]}"
        if term.op in _OF_OBJECTIVE:
            return f"{term.op}_{self.objective(term.data)}"
        if term.op not in _FUNCTIONS:
            raise ProofError(f"{term.op} has no meaning in Coq")
        return _FUNCTIONS[term.op]

    def _binder(self, term: Term, stack: tuple[str, ...]) -> str:
        *prefix, body = term.args
        sort = binder(term.op, term.data)
        assert sort is not None
        name = f"{_LETTERS[sort]}{len(stack)}"
        inside = self._show(body, (name, *stack))
        if term.op == "forall":
            return f"(forall {name} : {TYPES[sort]}, {inside})"
        if term.op == "mean_teacher":
            head = "teacher"
        elif term.op == "mean_student":
            head = f"student {self._show(prefix[0], stack)}"
        else:
            over = self._show(prefix[0], stack) if prefix else LISTS[sort]
            head = f"{_FOLDS[term.op]} {over}"
        return f"({head} (fun {name} => {inside}))"


def shown_number(value: Fraction | int) -> str:
    """A rational number."""
    value = Fraction(value)
    above = str(value.numerator) if value >= 0 else f"({value.numerator})"
    return above if value.denominator == 1 else f"({above} / {value.denominator})"


def _nested(args: Sequence[str], sign: str) -> str:
    if not args:
        return "0" if sign == "+" else "1"
    shown = args[-1]
    for a in reversed(args[:-1]):
        shown = f"({a} {sign} {shown})"
    return shown


def _call(head: str, args: Sequence[str]) -> str:
    return f"({head} {' '.join(args)})" if args else head


def ordered(variables: frozenset[Term] | set[Term]) -> list[Term]:
    """Variables in the order in which lemmas take them."""
    return sorted(variables, key=lambda v: (v.op, v.data[1].value, str(v.data[0]), v.key))


def sort_of(term: Term) -> Sort:
    """Sort of a variable."""
    sort: Sort = term.data[1]
    return sort
