"""Close a goal: find the multipliers of equations, Stein's identities and derivatives it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from typing import Any

import sympy

from derive.losses import objectives
from proofs_check.proofs import kernel
from proofs_check.proofs.kernel.normal import (
    Polynomial,
    Unfolded,
    clusters_of,
    normal,
    polynomial_term,
    summed_in,
)
from proofs_check.proofs.kernel.oracles.gradients import kernel_objective
from proofs_check.proofs.kernel.rules import Product
from proofs_check.proofs.kernel.terms import (
    Definition,
    Objective,
    ProofError,
    Term,
    number,
    opened,
    replaced,
)
from proofs_check.proofs.kernel.theorem import Theorem
from proofs_check.proofs.tactics.language import component, coordinate, equal, nonnegative, point

#: No definition is written out.
OPAQUE: frozenset[Definition] = frozenset()
_KNOWN: dict[Objective, objectives.Objective] = {}


def introduce(objective: objectives.Objective) -> None:
    """Make the gradient of an objective known to the tactics."""
    _KNOWN[kernel_objective(objective)] = objective


for _objective in objectives.OBJECTIVES.values():
    introduce(_objective)


def gap(formula: Term) -> Term:
    """``right - left``."""
    left, right = formula.args
    return right - left


def close(
    goal: Term,
    products: Sequence[Product] = (),
    equations: Iterable[Theorem] = (),
    *,
    rewriting: bool = True,
    kept: Iterable[Definition] = (),
) -> Theorem:
    """Prove a relation from products of premises, with multiples of equations as needed.

    First with definitions as they stand, then written out (except those to be kept), then with
    gradients and Stein's identity.

    Raises
    ------
    ProofError
        If no combination is found.
    """
    products, equations = tuple(products), [*equations]
    if goal.op not in ("equal", "at_most", "below"):
        raise ProofError("the goal is no equation or inequality")
    total = gap(goal)
    for value, theorems, squared in products:
        part = number(-Fraction(value))
        for factor in (*(gap(t.record.conclusion) for t in theorems), *(s * s for s in squared)):
            part = part * factor
        total = total + part
    for unfolded in stages(total, frozenset(kept)):
        found = _with_equations(goal, products, equations, normal(total, unfolded), unfolded, [])
        if found is not None:
            return found
    if rewriting:
        rewritten, rest = rewrite(normal(total))
        if rewritten:
            found = _with_equations(goal, products, equations, rest, None, rewritten)
            if found is not None:
                return found
    raise ProofError("the combination of the premises is not the conclusion")


def stages(total: Term, kept: frozenset[Definition]) -> Iterator[Unfolded]:
    """Write out no definitions, those that rest on most others, more and more, all."""
    yield OPAQUE
    heights: dict[Definition, int] = {}

    def height(term: Term) -> int:
        inner = max((height(a) for a in term.args), default=0)
        if term.op != "apply":
            return inner
        if term.data not in heights:
            heights[term.data] = 1 + height(term.data.body)
        return max(inner, heights[term.data])

    for least in range(height(total), 1, -1):
        yield frozenset(found for found, rank in heights.items() if rank >= least) - kept
    if heights:
        yield frozenset(heights) - kept if kept else None


def _with_equations(
    goal: Term,
    products: tuple[Product, ...],
    equations: list[Theorem],
    rest: Polynomial,
    unfolded: Unfolded,
    rewritten: list[Theorem],
) -> Theorem | None:
    # a rewritten equation says mono = other, and the rest was reduced by mono - other
    pairs = [(number(-1), theorem) for theorem in rewritten]
    if rest:
        given = [*equations, *_roots(rest)]
        multipliers = cofactors(rest, given, unfolded) if given else None
        if multipliers is None:
            return None
        pairs += [(t, e) for t, e in zip(multipliers, given, strict=True) if normal(t, unfolded)]
    return kernel.combine(goal, products, tuple(pairs), unfolded)


def _roots(rest: Polynomial) -> list[Theorem]:
    """``root(c) root(c) = c`` for the numbers whose roots occur."""
    found = {f for _, factors in rest.values() for f in factors if f.op == "root"}
    theorems = []
    for factor in sorted(found, key=lambda f: f.key):
        (inside,) = factor.args
        value = inside.args[0] if inside.op == "multiply" and len(inside.args) == 1 else inside
        if value.op == "number" and value.data >= 0:
            sign = kernel.combine(nonnegative(inside), ((value.data, (), ()),))
            theorems.append(kernel.cut(sign, kernel.axiom("root", inside)))
    return theorems


class Symbols:
    """Monomials as SymPy polynomials: factors that share a dummy make one symbol."""

    def __init__(self) -> None:
        self.terms: dict[Any, Term] = {}
        self._symbols: dict[tuple[str, ...], Any] = {}

    def expression(self, polynomial: Polynomial) -> Any:
        """The polynomial in symbols; new ones are made as needed."""
        total: Any = sympy.Integer(0)
        for value, factors in polynomial.values():
            term: Any = sympy.Rational(value.numerator, value.denominator)
            for cluster in clusters_of(factors, summed_in(factors)):
                term *= self._symbol(cluster)
            total += term
        return total

    def _symbol(self, cluster: tuple[Term, ...]) -> Any:
        shown = polynomial_term({("",): (Fraction(1), cluster)})
        (key,) = normal(shown, OPAQUE)
        if key not in self._symbols:
            symbol = sympy.Symbol(f"y{len(self._symbols)}")
            self._symbols[key] = symbol
            self.terms[symbol] = shown
        return self._symbols[key]

    def term(self, expression: Any) -> Term:
        """The term that a polynomial in these symbols stands for."""
        gens = sorted(expression.free_symbols, key=str)
        if not gens:
            return number(Fraction(int(expression.p), int(expression.q)))
        parts = []
        for powers, value in sympy.Poly(expression, *gens).terms():
            factors = [self.terms[g] for g, p in zip(gens, powers, strict=True) for _ in range(p)]
            parts.append(Term("multiply", (number(Fraction(int(value.p), int(value.q))), *factors)))
        return Term("add", tuple(parts))


def cofactors(
    rest: Polynomial, equations: Sequence[Theorem], unfolded: Unfolded
) -> list[Term] | None:
    """Multipliers ``t_i`` with ``rest = sum t_i (right_i - left_i)``, or none that is found."""
    table = Symbols()
    wanted = table.expression(rest)
    gaps = [table.expression(normal(gap(e.record.conclusion), unfolded)) for e in equations]
    useful = [place for place, g in enumerate(gaps) if g != 0]
    if not useful:
        return None
    symbols = sorted(table.terms, key=str)
    leaders = [_leaders(gaps[place]) for place in useful]
    for order in _orders(leaders, symbols):
        quotients, remainder = sympy.reduced(
            wanted, [gaps[place] for place in useful], *order, order="lex"
        )
        if remainder == 0:
            terms = [number(0)] * len(equations)
            for place, quotient in zip(useful, quotients, strict=True):
                terms[place] = table.term(sympy.expand(quotient))
            return terms
    return None


def _leaders(expression: Any) -> list[Any]:
    """Symbols that an equation could be solved for, those in few terms first."""
    terms = sympy.Add.make_args(sympy.expand(expression))
    found = sorted(expression.free_symbols, key=str)
    return sorted(found, key=lambda s: (sum(t.has(s) for t in terms), str(s)))


def _orders(leaders: list[list[Any]], symbols: list[Any]) -> Iterable[list[Any]]:
    """Orders of the symbols in which each equation is led by one of its own."""
    tried = set()
    for depth in range(4):
        first = [names[min(depth, len(names) - 1)] for names in leaders]
        for chosen in list(permutations(dict.fromkeys(first)))[:24]:
            if chosen not in tried:
                tried.add(chosen)
                yield [*chosen, *(s for s in symbols if s not in chosen)]
    yield symbols
    yield symbols[::-1]


def rewrite(rest: Polynomial) -> tuple[list[Theorem], Polynomial]:
    """Replace gradients by expectations and remove x under means, term by term.

    Returns equations ``term = other``, and what is left after putting `other` for each term.
    """
    theorems: list[Theorem] = []
    pending, done = dict(rest), {}
    while pending:
        key, (value, factors) = pending.popitem()
        found = _rewritten(value, factors)
        if found is None:
            done[key] = (value, factors)
            continue
        theorems.append(found)
        for other, (number_, parts) in normal(found.record.conclusion.args[1]).items():
            for table in (pending, done):
                if other in table:
                    number_ += table.pop(other)[0]
            if number_:
                pending[other] = (number_, parts)
    return theorems, done


def _rewritten(value: Fraction, factors: tuple[Term, ...]) -> Theorem | None:
    for place, factor in enumerate(factors):
        if factor.op != "gradient" and not (factor.op.startswith("mean_") and _steinable(factor)):
            continue
        names: dict[Term, Term] = {}
        for f in factors:
            for d in sorted(f.free, key=lambda d: d.key):
                if d.op == "dummy" and d not in names:
                    make = component if d.data[1].value == "component" else coordinate
                    names[d] = make(f"'{len(names)}")
        apart = [replaced(f, names) for f in factors]
        equation = _equation(apart[place])
        if equation is None:
            continue
        rest = Term("multiply", (number(value), *apart[:place], *apart[place + 1 :]))
        left, right = equation.record.conclusion.args
        theorem = kernel.combine(equal(rest * left, rest * right), (), ((rest, equation),))
        for variable in names.values():
            theorem = kernel.monotone(theorem, variable)
        return theorem
    return None


def _steinable(factor: Term) -> bool:
    body = factor.args[-1]
    parts = body.args if body.op == "multiply" else (body,)
    return any(part.op == "x" for part in parts)


def _equation(factor: Term) -> Theorem | None:
    if factor.op == "gradient":
        if factor.data not in _KNOWN:
            return None
        equation = kernel.oracle("gradient", _KNOWN[factor.data])
        left = equation.record.conclusion.args[0]
        values = dict(zip(left.args, factor.args, strict=True))
        return kernel.substitute(equation, values)
    where = point("x'")
    body = opened(factor.args[-1], (where,))
    parts = body.args if body.op == "multiply" else (body,)
    place = next(p for p, part in enumerate(parts) if part.op == "x")
    function = Term("multiply", (*parts[:place], *parts[place + 1 :]))
    return kernel.stein(function, where, parts[place].args[1], *factor.args[:-1])


def instance(theorem: Theorem, values: Mapping[Term, Term]) -> Theorem:
    """Put terms for free variables."""
    return kernel.substitute(theorem, values) if values else theorem
