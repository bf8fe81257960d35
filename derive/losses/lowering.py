"""Lowering: from a derived integrand to a kernel that any backend can run.

Shared subexpressions become statements (``m``, ``u``, moments, then pairwise contractions, each
computed once), responsibilities of the free components are pulled out as common factors, and loops
over components and coordinates stay loops: one program serves every n and d.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Literal

from derive.algebra.calculus import fold, single_teacher
from derive.algebra.index import IndexedFactor, Monomial, Polynomial, is_dummy, labels_of
from derive.algebra.mixture_rules import check_quantities
from derive.algebra.program import Assignment, Base, Factor, Program, Term, kind
from derive.losses.gradients import integrand
from derive.losses.objectives import Objective

TeacherKind = Literal["single", "mixture"]
_PREFIX_HEADS = frozenset({"psi", "delta_component", "delta_coordinate"})
_LOG_HEADS = frozenset({"log_student", "log_teacher"})


class _Builder:
    """Collects statements, giving equal subexpressions one name."""

    def __init__(self) -> None:
        self.statements: list[Assignment] = []
        self._names: dict[object, str] = {}
        self._taken: set[str] = set()

    def define(
        self, key: object, stem: str, indices: tuple[str, ...], terms: tuple[Term, ...]
    ) -> str:
        """Name of the statement for ``key``, appended on first use."""
        if key not in self._names:
            name, number = stem, 1
            while name in self._taken:
                number += 1
                # No underscore: a backend may write entry (0, 0) of "inner" as "inner_0_0".
                name = f"{stem}{number}"
            self._taken.add(name)
            self._names[key] = name
            self.statements.append(Assignment(name, indices, terms))
        return self._names[key]

    def head(self, head: str, order: int) -> str:
        """Program name of a derived quantity, defining it and what it needs."""
        student = {"m": "m", "u": "u", "moment": f"moment{order}"}
        teacher = {"m_teacher": "m_teacher", "w": "w", "moment_teacher": f"teacher_moment{order}"}
        name = {**student, **teacher}.get(head)
        if name is None:
            return head
        is_student = head in student
        label, weight, mean = ("j0", "psi", "v") if is_student else ("t0", "phi", "theta")
        centre, centred = ("m", "u") if is_student else ("m_teacher", "w")
        one = Fraction(1)
        if head == centre:
            average = Term(one, (Factor(weight, (label,)), Factor(mean, (label, "a0"))), (label,))
            return self.define(name, name, ("a0",), (average,))
        if head == centred:
            self.head(centre, 1)
            terms = (
                Term(one, (Factor(mean, (label, "a0")),)),
                Term(-one, (Factor(centre, ("a0",)),)),
            )
            return self.define(name, name, (label, "a0"), terms)
        self.head(centred, 2)
        coordinates = tuple(f"a{k}" for k in range(order))
        factors = tuple(Factor(centred, (label, a)) for a in coordinates)
        average = Term(one, (Factor(weight, (label,)), *factors), (label,))
        return self.define(name, name, coordinates, (average,))

    def factor(self, factor: IndexedFactor) -> Factor:
        """A program factor for an indexed factor."""
        head, indices = factor
        return Factor(self.head(head, len(indices)), indices)

    def contract(self, monomial: Monomial) -> list[Factor]:
        """Contract all dummies pairwise; what remains carries free labels only."""
        factors = [self.factor(factor) for factor in monomial]
        while True:
            dummies = sorted({i for f in factors for i in f.indices if is_dummy(i)})
            if not dummies:
                return sorted(factors)
            factors = self._contract_one(factors, dummies)

    def _contract_one(self, factors: list[Factor], dummies: list[str]) -> list[Factor]:
        """Sum over the dummies that only the cheapest group of factors carries."""

        def carriers(label: str) -> list[Factor]:
            return [f for f in factors if label in f.indices]

        def cost(label: str) -> tuple[int, int]:
            group = carriers(label)
            return len({i for f in group for i in f.indices}), len(group)

        chosen = min(dummies, key=cost)
        group = carriers(chosen)
        inside = {i for f in group for i in f.indices}
        closed = sorted(i for i in inside if is_dummy(i) and all(f in group for f in carriers(i)))
        rest = list(factors)
        for factor in group:
            rest.remove(factor)
        outer = sorted(inside - set(closed))
        names = _local_names(outer, closed)
        renamed = tuple(sorted(Factor(f.head, tuple(names[i] for i in f.indices)) for f in group))
        sums = tuple(names[i] for i in closed)
        stem = "_".join(f.head for f in renamed)
        target = self.define(
            (renamed, sums),
            stem,
            tuple(names[i] for i in outer),
            (Term(Fraction(1), renamed, sums),),
        )
        return [*rest, Factor(target, tuple(outer))]


def _local_names(outer: list[str], closed: list[str]) -> dict[str, str]:
    """Labels local to one statement: numbered by kind, outer ones first."""
    counters = {"j": 0, "a": 0, "t": 0}
    names = {}
    for label in [*outer, *closed]:
        letter = kind(label)
        names[label] = f"{letter}{counters[letter]}"
        counters[letter] += 1
    return names


def _split_prefix(monomial: Monomial) -> tuple[Monomial, Monomial]:
    """Factors that carry free labels only and multiply the rest as a common factor."""

    def common(factor: IndexedFactor) -> bool:
        return factor[0] in _PREFIX_HEADS and not any(is_dummy(i) for i in factor[1])

    prefix = tuple(factor for factor in monomial if common(factor))
    return prefix, tuple(factor for factor in monomial if not common(factor))


def lower(polynomial: Polynomial, name: str, base: Base, free: tuple[str, ...]) -> Program:
    """Lower an x-free integrand with the given free labels to a `Program`.

    Raises
    ------
    ValueError
        If explicit ``x`` is left, a free label is not listed, a logarithm enters squared, or a
        quantity does not exist or takes other indices.

    Examples
    --------
    >>> from derive.algebra.index import atom, dot
    >>> program = lower(dot(atom("m", "a9"), atom("m", "a9")), "loss", "teacher", ())
    >>> [statement.target for statement in program.statements]
    ['m', 'm_m', 'output']
    """
    check_quantities(polynomial)
    folded = fold(polynomial)
    if "x" in folded.heads() or not folded.free_labels() <= set(free):
        msg = f"cannot lower {name}: explicit x or unlisted labels in {folded}"
        raise ValueError(msg)
    log_degree = max(
        (sum(head in _LOG_HEADS for head, _ in key) for key in folded.terms), default=0
    )
    if log_degree > 1:
        raise ValueError(f"cannot lower {name}: the logarithm of a density enters above degree 1")
    builder = _Builder()
    groups: dict[Monomial, list[tuple[Monomial, Fraction]]] = {}
    for key, value in sorted(folded.terms.items()):
        prefix, rest = _split_prefix(key)
        groups.setdefault(prefix, []).append((rest, value))
    outputs: list[Term] = []
    for prefix, members in groups.items():
        terms = tuple(Term(value, tuple(builder.contract(rest))) for rest, value in members)
        front = tuple(builder.factor(factor) for factor in prefix)
        if len(terms) == 1 or not front:
            outputs += [Term(t.coefficient, (*front, *t.factors)) for t in terms]
            continue
        labels = {i for rest, _ in members for i in labels_of(rest) if not is_dummy(i)}
        indices = tuple(label for label in free if label in labels)
        inner = builder.define((prefix, "inner"), "inner", indices, terms)
        outputs.append(Term(Fraction(1), (*front, Factor(inner, indices))))
    builder.define("output", "output", free, tuple(outputs))
    return Program(name, base, tuple(builder.statements), log_degree)


FREE_LABELS = {"loss": (), "gradient": ("j0", "a0"), "hessian": ("j0", "a0", "j1", "a1")}


@lru_cache(maxsize=64)
def lower_objective(
    objective: Objective, quantity: str, teacher: TeacherKind = "single"
) -> Program:
    """Kernel of an objective's ``"loss"``, ``"gradient"`` or ``"hessian"``.

    With a single teacher the origin is its mean, so every teacher quantity vanishes.

    Examples
    --------
    >>> from derive.losses.objectives import KL
    >>> lower_objective(KL, "gradient").output.indices
    ('j0', 'a0')
    """
    derived = integrand(objective, quantity)
    if teacher == "single":
        derived = single_teacher(derived)
    return lower(
        derived, f"{objective.name}/{quantity}/{teacher}", objective.base, FREE_LABELS[quantity]
    )
