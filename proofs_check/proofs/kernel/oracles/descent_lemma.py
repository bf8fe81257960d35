"""The descent lemma: one step on the forward loss where its Hessian is bounded below a level.

If ``d^2 L(W)[U, U] <= M |U|^2`` for all states W with ``L(W) <= L_0`` and all directions U, and
``L(V) <= L_0``, then for ``0 <= eta`` and ``eta M <= 2`` the step ``V+ = V - eta grad L`` has

    ``L(V+) + eta (1 - M eta/2) |grad L|^2 <= L(V)``:

with ``phi(s) = L(V - s grad L)``, ``phi'' <= M |grad L|^2`` as long as ``phi <= L_0``, so
``phi(s) <= phi(0) - s (1 - M s/2) |grad L|^2`` until then, which is at most ``L_0``.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from proofs_check.proofs.kernel.oracles.gradients import kernel_objective, translated
from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    POINT,
    REAL,
    STATE,
    Definition,
    Objective,
    ProofError,
    Term,
    closed,
    fresh,
    number,
)
from proofs_check.proofs.kernel.theorem import Record, checked

_J, _K = (Term("free", (), (name, COMPONENT)) for name in "jk")
_A, _B = (Term("free", (), (name, COORDINATE)) for name in "ab")
_V, _X = Term("free", (), ("V", STATE)), Term("free", (), ("x", POINT))
_U = Term("free", (), ("U", STATE))


def _times(*factors: Term) -> Term:
    return Term("multiply", factors)


def _total(body: Term, *over: Term) -> Term:
    for index in over:
        body = Term("sum", (closed(body, index),), index.sort)
    return body


@cache
def _forward() -> Objective:
    from derive.losses.objectives import FORWARD

    return kernel_objective(FORWARD)


@cache
def _form() -> Definition:
    """``d^2 L(V)[U, U]`` of V and U: identity I6, differentiated under the mean in ``derive``.

    Raises
    ------
    ProofError
        If I6 or the rules of differentiation do not hold in ``derive``.
    """
    from derive.algebra.calculus import gradient_v
    from derive.algebra.index import ZERO
    from derive.catalogue import derivation
    from derive.identities.by_name import named

    identity = named("I6")
    if not identity.holds() or not derivation("density-rules").verify():
        raise ProofError("derive: the gradient by distances does not hold")
    gradient = sum((term.coefficient * term.polynomial for term in identity.terms), ZERO)
    second = translated(gradient_v(gradient, "j1", "a1"), {"j0": _J, "a0": _A, "j1": _K, "a1": _B})
    moved = (Term("v", (_U, j, a)) for j, a in ((_J, _A), (_K, _B)))
    along = _total(_times(second, *moved), _A, _B, _J, _K)
    body = closed(Term("mean_teacher", (closed(along, _X),)), _V, _U)
    return Definition("d^2L({0})[{1},{1}]", "d^2L({0})[{1},{1}]", (STATE, STATE), body)


def hessian(state: Term, direction: Term) -> Term:
    """``d^2 L(V)[U, U]``."""
    return _form()(state, direction)


def loss(state: Term) -> Term:
    """``L(V)``."""
    x = fresh(POINT, state)
    return Term("mean_teacher", (closed(_forward().integrand(state, x), x),))


def _square(entry: Term, j: Term, a: Term) -> Term:
    return _total(_times(entry, entry), a, j)


def bounded(state: Term, direction: Term, level: Term, most: Term) -> Term:
    """``d^2 L(W)[U, U] <= M |U|^2`` if ``L(W) <= L_0``, as one relation."""
    j, a = fresh(COMPONENT, direction), fresh(COORDINATE, direction)
    right = _times(most, _square(Term("v", (direction, j, a)), j, a))
    return Term(
        "at_most",
        (Term("case", (loss(state), level, hessian(state, direction), right)), right),
    )


def descent_step(
    state: Term,
    size: Term,
    level: Term,
    most: Term,
    other: Term,
    direction: Term,
    *,
    premises: tuple[Record, ...] = (),
) -> tuple[Term, str, tuple[Term, ...]]:
    """``L(V+) + eta (1 - M eta/2) |grad L|^2 <= L(V)``; the premise is `bounded` at ``W, U``.

    Raises
    ------
    ProofError
        If the premise is not that bound for every state and direction.
    """
    checked(state, STATE)
    for value in (size, level, most):
        checked(value, REAL)
    variables = (checked(other, STATE), checked(direction, STATE))
    fixed = (level, most, *(h for p in premises for h in p.hypotheses))
    free = all(w.op == "free" and w not in t.free for w in variables for t in fixed)
    if not free or other == direction:
        raise ProofError("the premise is not about every state and direction")
    if [p.conclusion for p in premises] != [bounded(other, direction, level, most)]:
        raise ProofError("the premise is not the bound of the Hessian")
    j, a = fresh(COMPONENT, state), fresh(COORDINATE, state)
    square = _square(Term("gradient", (state, j, a), _forward()), j, a)
    rate = _times(size, 1 - _times(number(Fraction(1, 2)), most, size), square)
    after = Term("descended", (size, state), _forward())
    conclusion = Term("at_most", (loss(after) + rate, loss(state)))
    hypotheses = (
        Term("at_most", (loss(state), level)),
        Term("at_most", (number(0), size)),
        Term("at_most", (_times(size, most), number(2))),
    )
    tag = "cited: Taylor's formula along a step (derive: Hessian of forward)"
    return conclusion, tag, hypotheses
