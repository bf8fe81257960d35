"""Terms as text and LaTeX, read back from the terms themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import count
from string import Formatter

from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    POINT,
    REAL,
    STATE,
    STEP,
    Definition,
    Objective,
    Sort,
    Term,
    binder,
    closed,
    opened,
)
from proofs_check.proofs.kernel.theorem import Theorem

_NAMES = {
    COMPONENT: "jkli",
    COORDINATE: "abcd",
    POINT: "xyz",
    STEP: "ki",
    STATE: "VW",
    REAL: "tsr",
}
_GREEK = {"eps": r"\varepsilon"} | {
    name: rf"\{name}"
    for name in (
        *("alpha", "beta", "gamma", "delta", "zeta", "eta", "theta"),
        *("kappa", "lambda", "mu", "rho", "sigma", "tau", "omega"),
    )
}
_SIGNS = {"equal": ("=", "="), "at_most": ("<=", r"\le"), "below": ("<", "<")}


class Printer:
    """Writes terms; bound variables get names that are not in use.

    Parameters
    ----------
    latex : bool
        LaTeX instead of plain text.
    """

    def __init__(self, *, latex: bool = False) -> None:
        self.latex = latex

    def write(self, term: Term) -> str:
        """A term or formula."""
        return self._written(term, 0)

    def _written(self, term: Term, level: int) -> str:
        """Level 0: a sum may stand alone; 1: a factor; 2: the base of a power."""
        if term.op == "add":
            return self._sum(term, level)
        if term.op == "multiply":
            return self._product(term, level)
        if term.op == "number":
            text = self._number(term.data)
            return f"({text})" if level and (term.data < 0 or "/" in text) else text
        if term.op in _SIGNS:
            left, right = (self._written(a, 0) for a in term.args)
            return f"{left} {_SIGNS[term.op][self.latex]} {right}"
        if binder(term.op, term.data) is not None:
            return self._binder(term, level)
        return self._applied(term)

    def _number(self, value: Fraction) -> str:
        if self.latex and value.denominator != 1:
            sign = "-" if value < 0 else ""
            return rf"{sign}\tfrac{{{abs(value.numerator)}}}{{{value.denominator}}}"
        return str(value)

    def _sum(self, term: Term, level: int) -> str:
        parts: list[str] = []
        for a in _flat(term, "add"):
            value, factors = _coefficient(a)
            shown = self._monomial(abs(value), factors)
            if parts:
                parts.append(f"{'-' if value < 0 else '+'} {shown}")
            else:
                parts.append(f"-{shown}" if value < 0 else shown)
        text = " ".join(parts) or "0"
        return f"({text})" if level and len(parts) > 1 else text

    def _product(self, term: Term, level: int) -> str:
        value, factors = _coefficient(term)
        if level > 1 and len(factors) + (value != 1) != 1:
            return f"({self._product(term, 0)})"
        text = ("-" if value < 0 else "") + self._monomial(abs(value), factors)
        return f"({text})" if level and value < 0 else text

    def _monomial(self, value: Fraction, factors: Sequence[Term]) -> str:
        powers: dict[Term, int] = {}
        for factor in factors:
            powers[factor] = powers.get(factor, 0) + 1
        shown = [self._written(f, 1) if p == 1 else self._power(f, p) for f, p in powers.items()]
        if value != 1 or not shown:
            shown.insert(0, self._number(value))
        return (r"\," if self.latex else " ").join(shown)

    def _power(self, factor: Term, power: int) -> str:
        base = self._written(factor, 2)
        if "^" in base or " " in base:
            base = base if base.startswith("(") and base.endswith(")") else f"({base})"
        return f"{base}^{{{power}}}" if self.latex else f"{base}^{power}"

    def _binder(self, term: Term, level: int) -> str:
        *prefix, body = term.args
        sort = binder(term.op, term.data)
        assert sort is not None
        name = self._fresh(sort, term)
        inside = self._written(opened(body, (Term("free", (), (name, sort)),)), 1)
        outside = [self._written(p, 0) for p in prefix]
        if term.op == "forall":
            shown = self.write(opened(body, (Term("free", (), (name, sort)),)))
            return rf"\forall {name}:\ {shown}" if self.latex else f"for all {name}: {shown}"
        if term.op.startswith("mean"):
            base = "q" if term.op == "mean_teacher" else "p"
            if outside and outside[0] != "V":
                base = f"p({outside[0]})"
            inside = self._written(opened(body, (Term("free", (), (name, sort)),)), 0)
            return rf"E_{{{base}}}\left[{inside}\right]" if self.latex else f"E_{base}[{inside}]"
        word = {"sum": "sum", "largest": "max", "least": "min"}[term.op.split("_")[0]]
        label = f"{name}<{outside[0]}" if outside else name
        if self.latex:
            text = rf"\{word}_{{{label}}} {inside}"
        else:
            text = f"{word}_{label} {inside}" if not outside else f"{word}_({label}) {inside}"
        return f"({text})" if level else text

    def _fresh(self, sort: Sort, term: Term) -> str:
        taken = {variable.data[0] for variable in term.free if variable.op == "free"}
        names = (f"{letter}{n if n else ''}" for n in count() for letter in _NAMES[sort])
        return next(name for name in names if name not in taken)

    def _applied(self, term: Term) -> str:
        args = [self._written(a, 0) for a in term.args]
        if term.op == "free":
            name = str(term.data[0])
            return _GREEK.get(name, name) if self.latex else name
        if term.op == "apply":
            template = term.data.latex if self.latex else term.data.name
            return template.format(*args) if "{" in template else _call(template, args)
        state = self._state(term, args)
        if state is not None:
            return state
        data = term.data.integrand.name if term.op == "gradient" else ""
        templates = {
            "v": ("v_{1}{2}({0})", "v_{{{1}{2}}}({0})"),
            "psi": ("psi_{1}({0},{2})", r"\psi_{{{1}}}({0},{2})"),
            "pi": ("pi_{0}", r"\pi_{{{0}}}"),
            "x": ("{0}_{1}", "{0}_{{{1}}}"),
            "delta": ("delta_{0}{1}", r"\delta_{{{0}{1}}}"),
            "log_ratio": ("log(p/q)({0},{1})", r"\log\tfrac pq({0},{1})"),
            "variation": ("TV({0})", r"\mathrm{{TV}}({0})"),
            "gradient": (
                f"d {data}/dv_{{1}}{{2}}({{0}})",
                rf"\partial_{{{{v_{{{{{{1}}{{2}}}}}}}}}} \mathrm{{{{{data}}}}}({{0}})",
            ),
            "count": ("{0}", "{0}"),
            "inverse": ("1/({0})", r"\frac1{{{0}}}"),
            "root": ("sqrt({0})", r"\sqrt{{{0}}}"),
            "exponential": ("exp({0})", r"e^{{{0}}}"),
            "logarithm": ("ln({0})", r"\ln({0})"),
            "case": (
                "({2} if {0} <= {1} else {3})",
                r"({2}\text{{ if }}{0}\le {1}\text{{, else }}{3})",
            ),
            "size": ("n" if term.data is COMPONENT else "d",) * 2,
            "next": ("{0}+1", "{0}+1"),
            "start": ("0", "0"),
        }
        return templates[term.op][self.latex].format(*args)

    def _state(self, term: Term, args: list[str]) -> str | None:
        if term.op == "descended":
            return f"{args[1]}^+" if self.latex else f"{args[1]}+"
        if term.op == "run":
            start = term.args[1]
            name = args[1].removesuffix("_0")
            label = f"_{{{args[2]}}}" if self.latex else f"_{args[2]}"
            if not self.latex and "+" in args[2]:
                label = f"_({args[2]})"
            return f"{name}{label}" if start.op == "free" else f"({args[1]}){label}"
        if term.op == "flow":
            return f"{args[0].removesuffix('_0')}({args[1]})"
        return None


def _call(name: str, args: list[str]) -> str:
    return f"{name}({','.join(args)})" if args else name


def _flat(term: Term, op: str) -> list[Term]:
    if term.op != op:
        return [term]
    return [part for a in term.args for part in _flat(a, op)]


def _coefficient(term: Term) -> tuple[Fraction, list[Term]]:
    value, factors = Fraction(1), []
    for factor in _flat(term, "multiply"):
        if factor.op == "number":
            value *= factor.data
        else:
            factors.append(factor)
    return value, factors


def text(term: Term) -> str:
    """A term in plain text."""
    return Printer().write(term)


def latex(term: Term) -> str:
    """A term in LaTeX."""
    return Printer(latex=True).write(term)


_KINDS = {
    COMPONENT: "component",
    COORDINATE: "coordinate",
    POINT: "point",
    STATE: "state",
    STEP: "number of steps",
    REAL: "real",
}


def quantifiers(theorem: Theorem) -> str:
    """For what a theorem is stated, from its free variables."""
    record = theorem.record
    free = record.conclusion.free.union(*(h.free for h in record.hypotheses))
    by_sort: dict[Sort, list[str]] = {}
    for variable in sorted(free, key=lambda f: (f.data[1].value, f.data[0])):
        by_sort.setdefault(variable.data[1], []).append(variable.data[0])
    parts = [f"every {_KINDS[sort]} {', '.join(names)}" for sort, names in by_sort.items()]
    return "; ".join(["all n, d >= 1, all positive weights with sum 1", *parts])


def statement(theorem: Theorem) -> str:
    """A theorem as it was proved: quantifiers, hypotheses, conclusion, the runs it is about."""
    record = theorem.record
    given = sorted(text(h) for h in record.hypotheses)
    under = f" if {' and '.join(given)}" if given else ""
    where = "".join(f"; {run}" for run in runs(theorem))
    return f"for {quantifiers(theorem)}{under}: {text(record.conclusion)}{where}"


def formulas(theorem: Theorem) -> tuple[Term, ...]:
    """The hypotheses and the conclusion."""
    return (*sorted(theorem.record.hypotheses, key=text), theorem.record.conclusion)


def subterms(term: Term) -> Iterator[Term]:
    """A term and all terms in it, those in the definitions it uses too."""
    yield term
    for inner in term.args:
        yield from subterms(inner)
    if term.op == "apply":
        yield from subterms(term.data.body)


def definitions(
    terms: Iterable[Term], *, inside: bool = True
) -> dict[Definition, set[tuple[Term, ...]]]:
    """All definitions that terms use, in the order they are met, each with what it is applied to.

    A definition that stands inside of another one is applied to what that one passes on.
    """
    found: dict[Definition, set[tuple[Term, ...]]] = {}
    seen: set[Term] = set()

    def visit(term: Term) -> None:
        if term in seen:
            return
        seen.add(term)
        if term.op == "apply":
            found.setdefault(term.data, set()).add(term.args)
        for inner in term.args:
            visit(inner)
        if inside and term.op == "apply":
            visit(opened(term.data.body, term.args))

    for term in terms:
        visit(term)
    return found


def hidden(definition: Definition) -> tuple[int, ...]:
    """The arguments that a definition's name does not show.

    Examples
    --------
    >>> from proofs_check.proofs.kernel.terms import number
    >>> hidden(Definition("q^{0}", "q^{0}", (STEP, REAL), number(0)))
    (1,)
    """
    shown = [_places(name) for name in (definition.name, definition.latex)]
    return tuple(
        place
        for place in range(len(definition.sorts))
        if not all(places is None or place in places for places in shown)
    )


def _places(template: str) -> set[int] | None:
    """The arguments in a template; None: all, as of a function."""
    fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
    if not fields:
        return None
    return {int(field) if field else number for number, field in enumerate(fields)}


def runs(theorem: Theorem) -> tuple[str, ...]:
    """The recursions that a theorem is about, with the loss in full."""
    printer = Printer()
    found: dict[str, None] = {}
    for part in (part for formula in formulas(theorem) for part in subterms(formula)):
        if part.op == "gradient":
            found[f"{part.data.integrand.name} is {text(loss_of(part.data))}"] = None
        if part.op in ("run", "descended", "flow") and not part.loose - _loose_steps(part):
            found[_run(part, printer)] = None
    return tuple(found)


def unclear_names(theorems: Iterable[Theorem]) -> tuple[str, ...]:
    """Names in statements that a reader could take for something else."""
    terms = [formula for theorem in theorems for formula in formulas(theorem)]
    variables = {variable for term in terms for variable in term.free}
    names = [variable.data[0] for variable in variables]
    used = definitions(terms)
    labels = [definition.name for definition in used]
    losses = {p.data for t in terms for p in subterms(t) if isinstance(p.data, Objective)}
    titles = [objective.integrand.name for objective in losses]
    found = [f"{n!r} does not look like a variable" for n in names if not _VARIABLE.fullmatch(n)]
    found += [f"{n!r} does not look like a name" for n in labels if not re.search("[A-Za-z|]", n)]
    for kind, every in (("variables", names), ("definitions", labels), ("losses", titles)):
        found += [f"two {kind} are called {n!r}" for n in set(every) if every.count(n) > 1]
    found += [f"{name!r} stands for more than one thing" for name in _ambiguous(terms)]
    return tuple(sorted(found))


def _ambiguous(terms: Sequence[Term]) -> set[str]:
    """Names that do not show in which number, index or state two uses differ.

    Inside of a definition its own state and point are meant, and bound points everywhere.
    """
    found = set()
    for inside in (True, False):
        for definition, uses in definitions(terms, inside=inside).items():
            for place in hidden(definition):
                sort, values = definition.sorts[place], {args[place] for args in uses}
                meant = sort is POINT or (sort is STATE and inside)
                if not meant and (len(values) > 1 or any(value.loose for value in values)):
                    found.add(definition.name)
    return found


_VARIABLE = re.compile(r"[A-Za-z]\w*")


def _loose_steps(term: Term) -> frozenset[tuple[int, Sort]]:
    """What may be loose in the number of steps."""
    return term.args[2].loose if term.op == "run" else frozenset()


def _run(term: Term, printer: Printer) -> str:
    loss = text(loss_of(term.data))
    if term.op == "flow":
        start, time = (printer.write(a) for a in term.args)
        name = start.removesuffix("_0")
        return f"{name}({time}) is where the gradient flow of {loss} from {start} is at {time}"
    size, start = (printer.write(a) for a in term.args[:2])
    if term.op == "descended":
        return f"{start}+ is {start} after a step {size} of gradient descent on {loss}"
    name = start.removesuffix("_0") if term.args[1].op == "free" else f"({start})"
    return f"{name}_k is {start} after k steps {size} of gradient descent on {loss}"


def loss_of(objective: Objective) -> Term:
    """An objective as a term in the state ``V``."""
    state, x = Term("free", (), ("V", STATE)), Term("free", (), ("x", POINT))
    body = closed(opened(objective.integrand.body, (state, x)), x)
    prefix = (state,) if objective.base == "student" else ()
    return Term(f"mean_{objective.base}", (*prefix, body))
