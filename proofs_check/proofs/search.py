"""Find the multipliers of a combination, and the best constant, by linear programming.

``right - left = sum c_i p_i`` is sought with ``c_i >= 0``, ``p_i`` the products of the premises'
``right - left``, modulo the equations among the premises. The program is solved in floating point;
only the products that it uses are kept, and their multipliers are solved for again in rationals.
Nothing of this is trusted: what counts as found is a theorem of the kernel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import sympy
from scipy.optimize import linprog
from sympy.polys.matrices import DomainMatrix

from proofs_check.proofs.kernel import ProofError, Term, Theorem
from proofs_check.proofs.kernel.normal import Unfolded, normal
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.tactics.closing import OPAQUE, Symbols, close, gap, stages
from proofs_check.proofs.tactics.script import Script, Step, replay
from proofs_check.proofs.tactics.steps import Combination

#: Factors of a product at most, unless told otherwise.
DEGREE = 3
#: Multipliers that the floating-point program leaves below this are zero.
_ZERO = 1e-9
#: Largest denominator of a multiplier that the equations leave free.
_DENOMINATOR = 1000

Vector = dict[Any, Fraction]
Names = tuple[str, ...]


class NotFoundError(ProofError):
    """No combination of the products gives the goal, or none that the kernel accepts."""


@dataclass(frozen=True)
class Found:
    """A combination that the kernel accepts.

    Attributes
    ----------
    theorem : Theorem
        Its conclusion is the goal, with the constant put in if one was unknown.
    products : tuple of (Fraction, tuple of str)
        Positive multipliers, and names of the premises whose ``right - left`` are multiplied; no
        names stand for the number 1.
    constant : Fraction or None
        The unknown.
    """

    theorem: Theorem
    products: tuple[tuple[Fraction, Names], ...]
    constant: Fraction | None = None


@dataclass(frozen=True)
class Range:
    """The least and the largest constant for which a combination was found, None: no end."""

    least: Found | None
    largest: Found | None


def combination(goal: Term, premises: Mapping[str, Theorem], degree: int = DEGREE) -> Found:
    """Find nonnegative multipliers of products of premises, those of few factors first.

    Parameters
    ----------
    goal : Term
        A relation.
    premises : mapping of str to Theorem
    degree : int
        Factors of a product at most.

    Raises
    ------
    NotFoundError
        If there are none, or none that the kernel accepts.

    Examples
    --------
    >>> from proofs_check.proofs import kernel
    >>> from proofs_check.proofs.tactics.language import nonnegative, real
    >>> s, t = real("s"), real("t")
    >>> signs = {name: kernel.assume(nonnegative(x)) for name, x in (("s", s), ("t", t))}
    >>> combination(nonnegative(3 * s * t + t), signs).products
    ((Fraction(1, 1), ('t',)), (Fraction(3, 1), ('s', 't')))
    """
    for most in range(1, degree + 1):
        for unfolded in _ways(goal, premises):
            program = _Program(goal, None, premises, most, unfolded)
            found = program.solution(0)
            if isinstance(found, Found):
                return found
    raise NotFoundError(f"not found among products of up to {degree} premises")


def best(goal: Term, unknown: Term, premises: Mapping[str, Theorem], degree: int = DEGREE) -> Range:
    """Find the least and the largest value of a constant for which there is a combination.

    Best among the combinations of these products, for this choice of premises; whether a better
    constant is true is another question.

    Parameters
    ----------
    goal : Term
        A relation in which `unknown` stands linearly.
    unknown : Term
        A real variable.
    premises : mapping of str to Theorem
    degree : int
        Factors of a product at most.

    Raises
    ------
    NotFoundError
        If there is no combination for any value.
    ProofError
        If the unknown does not stand in the goal, or not linearly, or stands in a premise.

    Examples
    --------
    >>> from proofs_check.proofs import kernel
    >>> from proofs_check.proofs.tactics.language import at_most, real
    >>> s, t, c = real("s"), real("t"), real("c")
    >>> given = {"s": kernel.assume(at_most(3 * s, t)), "t": kernel.assume(at_most(0, t))}
    >>> found = best(at_most(s, c * t), c, given)
    >>> found.least.constant, found.largest
    (Fraction(1, 3), None)
    """
    check_linear(goal, unknown)
    if any(
        unknown in f.free
        for p in premises.values()
        for f in (p.record.conclusion, *p.record.hypotheses)
    ):
        raise ProofError("the unknown stands in a premise")
    for unfolded in _ways(goal, premises):
        program = _Program(goal, unknown, premises, degree, unfolded)
        ends = [program.solution(sign) for sign in (1, -1)]
        if any(isinstance(end, Found) for end in ends):
            least, largest = (end if isinstance(end, Found) else None for end in ends)
            return Range(least, largest)
    raise NotFoundError(f"not found for any constant, among products of up to {degree} premises")


def check_linear(goal: Term, unknown: Term) -> None:
    """Refuse a goal in which a variable does not stand, or not linearly.

    Raises
    ------
    ProofError

    Examples
    --------
    >>> from proofs_check.proofs.tactics.language import nonnegative, real
    >>> check_linear(nonnegative(2 - 3 * real("c")), real("c"))
    """
    if unknown not in goal.free:
        raise ProofError("the unknown does not stand in the goal")
    values = [number(Fraction(value)) for value in range(2)]
    ends = [gap(replaced(goal, {unknown: value})) for value in values]
    straight = ends[0] + unknown * (ends[1] - ends[0])
    if normal(gap(goal) - straight, OPAQUE) and normal(gap(goal) - straight):
        raise ProofError("the unknown does not stand linearly")


def _ways(goal: Term, premises: Mapping[str, Theorem]) -> list[Unfolded]:
    """Definitions to write out: none first, all in the end."""
    every = Term(
        "add", tuple(gap(f) for f in (goal, *(p.record.conclusion for p in premises.values())))
    )
    return list(dict.fromkeys(stages(every, OPAQUE)))


class _Program:
    """The linear program: one row for each monomial, one column for each product."""

    def __init__(
        self,
        goal: Term,
        unknown: Term | None,
        premises: Mapping[str, Theorem],
        degree: int,
        unfolded: Unfolded,
    ) -> None:
        self.goal, self.unknown = goal, unknown
        self.equations = [p for p in premises.values() if p.record.conclusion.op == "equal"]
        self.given = {
            n: p for n, p in premises.items() if p.record.conclusion.op in ("at_most", "below")
        }
        self.names = self._products(degree)
        table = Symbols()
        gaps = {
            n: table.expression(normal(gap(p.record.conclusion), unfolded))
            for n, p in self.given.items()
        }
        equations = [
            table.expression(normal(gap(e.record.conclusion), unfolded)) for e in self.equations
        ]
        ends = [table.expression(normal(side, unfolded)) for side in self._sides()]
        symbols = sorted(table.terms, key=str) or [sympy.Symbol("y")]
        ideal = [e for e in equations if e != 0]
        basis = sympy.groebner(ideal, *symbols, order="grevlex", domain="QQ") if ideal else None

        def vector(expression: Any) -> Vector:
            rest = expression if basis is None else basis.reduce(expression)[1]
            return {
                powers: Fraction(int(value.p), int(value.q))
                for powers, value in sympy.Poly(rest, *symbols).terms()
                if value != 0
            }

        self.columns = [
            vector(sympy.Mul(*(gaps[n] for n in names), evaluate=True)) for names in self.names
        ]
        self.wanted = vector(ends[0])
        if unknown is not None:
            # the goal is ends[0] + unknown (ends[1] - ends[0])
            self.columns.append(vector(ends[0] - ends[1]))

    def _products(self, degree: int) -> list[Names]:
        if self.goal.op == "equal":
            return []
        choices = (combinations_with_replacement(self.given, size) for size in range(degree + 1))
        return [names for chosen in choices for names in chosen]

    def _sides(self) -> list[Term]:
        """``right - left``, for two values of the unknown."""
        if self.unknown is None:
            return [gap(self.goal)]
        return [gap(self._goal_at(Fraction(value))) for value in range(2)]

    def _goal_at(self, value: Fraction) -> Term:
        return replaced(self.goal, {self.unknown: number(value)}) if self.unknown else self.goal

    def solution(self, sign: int) -> Found | None:
        """Minimise the unknown (sign 1), its negative (-1), or the size of the combination (0)."""
        multipliers = self._optimum(sign)
        exact = None if multipliers is None else self._exact(multipliers)
        if exact is None:
            return None
        *values, constant = exact if self.unknown is not None else (*exact, Fraction(0))
        used = [(value, n) for value, n in zip(values, self.names, strict=True) if value]
        products = [(value, tuple(self.given[n] for n in names), ()) for value, names in used]
        try:
            theorem = close(self._goal_at(constant), products, self.equations)
        except ProofError:
            return None
        return Found(theorem, tuple(used), constant if self.unknown is not None else None)

    def _optimum(self, sign: int) -> Sequence[float] | None:
        """A vertex of the program in floating point."""
        if not self.columns:
            return []
        rows = sorted({key for column in (self.wanted, *self.columns) for key in column})
        matrix = np.array([[float(c.get(key, 0)) for c in self.columns] for key in rows])
        right = np.array([float(self.wanted.get(key, 0)) for key in rows])
        # strictness comes from products of strict premises: free of charge where it is needed
        strict = self.goal.op == "below"
        costs = [
            0.0 if strict and self._strict(names) else 1.0 + len(names) for names in self.names
        ]
        bounds: list[tuple[float | None, float | None]] = [(0, None)] * len(self.names)
        if self.unknown is not None:
            costs = [0.0] * len(self.names) + [float(sign)]
            bounds.append((None, None))
        if not rows:
            return [0.0] * len(self.columns)
        found = linprog(costs, A_eq=matrix, b_eq=right, bounds=bounds, method="highs-ds")
        return [float(value) for value in found.x] if found.status == 0 else None

    def _strict(self, names: Names) -> bool:
        return all(self.given[n].record.conclusion.op == "below" for n in names)

    def _exact(self, multipliers: Sequence[float]) -> list[Fraction] | None:
        """Rationals near the multipliers that solve the equalities exactly, on their support."""
        free = len(self.names)
        support = [i for i, c in enumerate(multipliers) if c > _ZERO or i == free]
        # the largest are solved for, the others are rounded
        support.sort(key=lambda i: -abs(multipliers[i]))
        rows = sorted({key for c in (self.wanted, *self.columns) for key in c})
        system = [
            [
                *(self.columns[i].get(key, Fraction(0)) for i in support),
                self.wanted.get(key, Fraction(0)),
            ]
            for key in rows
        ]
        near = [Fraction(multipliers[i]).limit_denominator(_DENOMINATOR) for i in support]
        solved = solve(system, near)
        if solved is None:
            return None
        exact = [Fraction(0)] * len(self.columns)
        for i, value in zip(support, solved, strict=True):
            exact[i] = value
        return exact if all(value >= 0 for value in exact[:free]) else None


def solve(system: Sequence[Sequence[Fraction]], near: Sequence[Fraction]) -> list[Fraction] | None:
    """Solve linear equations in rationals; unknowns that they leave free take the values given.

    Parameters
    ----------
    system : sequence of rows
        Coefficients, and the right-hand side as the last entry.
    near : sequence of Fraction

    Returns
    -------
    list of Fraction or None
        None if there is no solution.

    Examples
    --------
    >>> solve([[Fraction(2), Fraction(1), Fraction(3)]], [Fraction(9), Fraction(1)])
    [Fraction(1, 1), Fraction(1, 1)]
    """
    if not system:
        return list(near)
    entries = [[sympy.QQ(value.numerator, value.denominator) for value in row] for row in system]
    matrix = DomainMatrix(entries, (len(entries), len(near) + 1), sympy.QQ)
    reduced, pivots = matrix.rref()
    if len(near) in pivots:
        return None
    free = [i for i in range(len(near)) if i not in pivots]
    solution = list(near)
    for entry_row, column in zip(reduced.to_list(), pivots, strict=False):
        row = [Fraction(int(value.numerator), int(value.denominator)) for value in entry_row]
        solution[column] = row[-1] - sum((row[i] * near[i] for i in free), Fraction(0))
    return solution


def combination_steps(script: Script) -> tuple[Step, ...]:
    """The steps of a script that are nonnegative combinations of premises, without squares."""
    return tuple(
        step
        for step in script.steps
        if isinstance(step.tactic, Combination) and not step.tactic.squares
    )


def premises_of(script: Script, steps: Sequence[Step]) -> dict[str, dict[str, Theorem]]:
    """What each of these steps uses, proved afresh; a step is left out if a premise fails.

    The multipliers that the script stores for these steps serve only the premises of later ones.
    """
    from proofs_check.proofs import kernel

    known = {h.name: kernel.assume(h.formula) for h in script.hypotheses}
    outcomes = replay(script).outcomes
    known |= {o.step.name: o.theorem for o in outcomes if o.theorem is not None}
    return {
        step.name: {name: known[name] for name in step.uses}
        for step in steps
        if all(name in known for name in step.uses)
    }


def with_unknown(goal: Term, value: Fraction, unknown: Term) -> Term:
    """The goal with a variable for each place where a number stands in it.

    Examples
    --------
    >>> from proofs_check.proofs.tactics.language import at_most, real
    >>> s, c = real("s"), real("c")
    >>> with_unknown(at_most(s, 2 * s), Fraction(2), c) == at_most(s, c * s)
    True
    """
    if goal.op == "number":
        return unknown if goal.data == value else goal
    return Term(goal.op, tuple(with_unknown(a, value, unknown) for a in goal.args), goal.data)
