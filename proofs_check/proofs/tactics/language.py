"""The language of statements: variables, sums, means, definitions, runs, relations."""

from __future__ import annotations

import copyreg
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import sympy

from derive.losses import objectives
from proofs_check.proofs.kernel.oracles.gradients import kernel_objective
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
    closed,
    number,
)

# copied and sent to other processes as what their constructors check
copyreg.pickle(Term, lambda found: (Term, (found.op, found.args, found.data)))
copyreg.pickle(Definition, lambda d: (Definition, (d.name, d.latex, d.sorts, d.body)))

Number = Fraction | int
Operand = Term | Number

D_: Final = Term("size", (), COORDINATE)
N_: Final = Term("size", (), COMPONENT)
START: Final = Term("start")


def _variable(name: str, sort: Sort) -> Term:
    return Term("free", (), (name, sort))


def component(name: str) -> Term:
    """A variable component."""
    return _variable(name, COMPONENT)


def coordinate(name: str) -> Term:
    """A variable coordinate."""
    return _variable(name, COORDINATE)


def point(name: str) -> Term:
    """A variable point."""
    return _variable(name, POINT)


def state(name: str) -> Term:
    """A variable state: any means of the components."""
    return _variable(name, STATE)


def step(name: str) -> Term:
    """A variable number of steps."""
    return _variable(name, STEP)


def real(name: str) -> Term:
    """A variable real number."""
    return _variable(name, REAL)


_LETTERS: Final = {
    COMPONENT: "jkl", COORDINATE: "abc", POINT: "xyz", STATE: "VWU", STEP: "kN",
    REAL: "tsrqpuwyzgh",
}  # fmt: skip


def variable(sort: Sort, taken: Sequence[Term] = ()) -> Term:
    """A variable of a sort with a letter that is not taken."""
    used = {other.data[0] for other in taken}
    return _variable(next(letter for letter in _LETTERS[sort] if letter not in used), sort)


#: The variables that the proofs use.
I_, J, K = component("i"), component("j"), component("k")
A, B, C_ = coordinate("a"), coordinate("b"), coordinate("c")
X, V, V_0 = point("x"), state("V"), state("V_0")
ETA = real("eta")


def term(value: Operand) -> Term:
    """A number as a term."""
    return value if isinstance(value, Term) else number(value)


def v(of: Term, j: Term, a: Term) -> Term:
    """``v_ja``."""
    return Term("v", (of, j, a))


def psi(of: Term, j: Term, x: Term = X) -> Term:
    """The responsibility ``psi_j(x)``."""
    return Term("psi", (of, j, x))


def pi(j: Term) -> Term:
    """The weight ``pi_j``."""
    return Term("pi", (j,))


def entry(x: Term, a: Term) -> Term:
    """The coordinate ``x_a``."""
    return Term("x", (x, a))


def delta(i: Term, j: Term) -> Term:
    """One where two indices are the same, else zero."""
    return Term("delta", (i, j), i.sort)


def count(k: Term) -> Term:
    """A number of steps as a real number."""
    return Term("count", (k,))


def following(k: Term) -> Term:
    """``k + 1``."""
    return Term("next", (k,))


def total(body: Operand, *over: Term) -> Term:
    """Sum over components or coordinates, the last variable innermost."""
    body = term(body)
    for variable in reversed(over):
        body = Term("sum", (closed(body, variable),), variable.sort)
    return body


def total_steps(body: Operand, k: Term, before: Term) -> Term:
    """Sum over the steps ``k < before``."""
    return Term("sum_steps", (before, closed(term(body), k)))


def least_steps(body: Operand, k: Term, before: Term) -> Term:
    """The least over the steps ``k < before``."""
    return Term("least_steps", (before, closed(term(body), k)))


def largest(body: Operand, over: Term) -> Term:
    """The largest over a component or coordinate."""
    return Term("largest", (closed(term(body), over),), over.sort)


def least(body: Operand, over: Term) -> Term:
    """The least over a component or coordinate."""
    return Term("least", (closed(term(body), over),), over.sort)


def mean_q(body: Operand, x: Term = X) -> Term:
    """``E_q``, the mean under the teacher N(0, I)."""
    return Term("mean_teacher", (closed(term(body), x),))


def mean_p(of: Term, body: Operand, x: Term = X) -> Term:
    """``E_p``, the mean under the student."""
    return Term("mean_student", (of, closed(term(body), x)))


def log_ratio(of: Term, x: Term = X) -> Term:
    """``log p(x) - log q(x)``."""
    return Term("log_ratio", (of, x))


def variation(of: Term) -> Term:
    """The total variation of p and q."""
    return Term("variation", (of,))


def root(t: Operand) -> Term:
    """The square root."""
    return Term("root", (term(t),))


def inverse(t: Operand) -> Term:
    """``1/t``."""
    return Term("inverse", (term(t),))


def exponential(t: Operand) -> Term:
    """``exp(t)``."""
    return Term("exponential", (term(t),))


def logarithm(t: Operand) -> Term:
    """``log(t)``, the natural logarithm."""
    return Term("logarithm", (term(t),))


def case(a: Operand, b: Operand, then: Operand, otherwise: Operand) -> Term:
    """``then`` if ``a <= b``, else ``otherwise``."""
    return Term("case", (term(a), term(b), term(then), term(otherwise)))


def algebraic(value: Any) -> Term:
    """A SymPy number made of rationals and square roots.

    Raises
    ------
    ProofError
        For another number.

    Examples
    --------
    >>> algebraic(2 * sympy.sqrt(3)) == term(2) * root(3)
    True
    """
    found = sympy.expand(sympy.sympify(value))
    if found.is_Rational:
        return number(Fraction(int(found.p), int(found.q)))
    if found.is_Add or found.is_Mul:
        parts = tuple(algebraic(part) for part in found.args)
        return Term("add" if found.is_Add else "multiply", parts)
    if found.is_Pow and found.exp == sympy.Rational(1, 2) and found.base.is_Rational:
        return root(Fraction(int(found.base.p), int(found.base.q)))
    raise ProofError(f"{value} is not made of rationals and square roots")


def equal(left: Operand, right: Operand) -> Term:
    """``left = right``."""
    return Term("equal", (term(left), term(right)))


def at_most(left: Operand, right: Operand) -> Term:
    """``left <= right``."""
    return Term("at_most", (term(left), term(right)))


def below(left: Operand, right: Operand) -> Term:
    """``left < right``."""
    return Term("below", (term(left), term(right)))


def nonnegative(t: Operand) -> Term:
    """``0 <= t``."""
    return at_most(0, t)


def positive(t: Operand) -> Term:
    """``0 < t``."""
    return below(0, t)


def every(formula: Term, *variables: Term) -> Term:
    """The formula for every value of the variables, the last one innermost."""
    for variable in reversed(variables):
        formula = Term("forall", (closed(formula, variable),), variable.sort)
    return formula


def define(name: str, body: Operand, *arguments: Term, latex: str = "") -> Definition:
    """A named function of its arguments; ``{}`` in the name stands for them, in that order.

    Examples
    --------
    >>> square = define("|{}|^2", total(v(V, J, A) ** 2, J, A), V)
    >>> square(V).sort
    <Sort.REAL: 'real'>
    """
    sorts = tuple(argument.sort for argument in arguments)
    return Definition(name, latex or name, sorts, closed(term(body), *arguments))


@dataclass(frozen=True)
class Descent:
    """Gradient descent on an objective of ``derive`` with a step size, and its gradient flow.

    Attributes
    ----------
    objective : Objective
    size : Term
    start : Term
        The state at step 0.
    """

    objective: objectives.Objective
    size: Term = ETA
    start: Term = V_0

    @property
    def loss(self) -> Objective:
        """The objective as data of terms."""
        return kernel_objective(self.objective)

    def gradient(self, of: Term, j: Term, a: Term) -> Term:
        """``d loss / d v_ja``."""
        return Term("gradient", (of, j, a), self.loss)

    def after(self, of: Term) -> Term:
        """The state after one step."""
        return Term("descended", (self.size, of), self.loss)

    def at(self, k: Term) -> Term:
        """The state at step k."""
        return Term("run", (self.size, self.start, k), self.loss)

    def flow(self, time: Term) -> Term:
        """The state of the gradient flow at a time."""
        return Term("flow", (self.start, time), self.loss)


def square_of_means() -> Definition:
    """``|V|^2``, the sum of all squared coordinates of all means."""
    return define("|{}|^2", total(v(V, J, A) ** 2, J, A), V)
