"""Lemma V: what far components do to the gradient of one that is near the truth; equal weights.

If ``|v_i| <= eps`` and every other ``|v_k| >= rho``, then ``|grad_i L - 2 v_i| <= (n - 1) E`` with
``E`` at least ``numerics.fates.distinct_far.drift_bound(rho, eps)``, which falls in ``rho >= 4``.
The formula is shown on paper and evaluated in balls here: its tag leaves a theorem `SUPPORTED`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from proofs_check.proofs.kernel.oracles.gradients import kernel_objective
from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    STATE,
    Objective,
    ProofError,
    Term,
    closed,
    fresh,
    number,
)
from proofs_check.proofs.kernel.theorem import checked


@cache
def _forward() -> Objective:
    from derive.losses.objectives import FORWARD

    return kernel_objective(FORWARD)


def _total(body: Term, index: Term) -> Term:
    return Term("sum", (closed(body, index),), index.sort)


def near_drift(
    state: Term, near: Term, eps: Fraction, rho: Fraction, drift: Fraction
) -> tuple[Term, str, tuple[Term, ...]]:
    """``|grad_i L - 2 v_i|^2 <= ((n - 1) E)^2``, its tag and hypotheses.

    Raises
    ------
    ProofError
        If eps, rho are not those of the lemma, or E is not what balls confirm.
    """
    from numerics.fates.distinct_far import LEAST_FAR, MOST_NEAR, TILT, drift_bound
    from numerics.numbers.balls import ball, precision

    checked(state, STATE)
    checked(near, COMPONENT)
    if any(type(value) is not Fraction for value in (eps, rho, drift)):
        raise ProofError("eps, rho and E are no exact numbers")
    if not (0 < eps <= MOST_NEAR and rho >= LEAST_FAR and eps <= TILT * (rho - eps)):
        raise ProofError("eps and rho are not those of Lemma V")
    with precision(128):
        if not drift_bound(ball(rho), eps) <= ball(drift):
            raise ProofError("E is not what balls confirm")
    k, a = fresh(COMPONENT, state, near), fresh(COORDINATE, state, near)

    def v(j: Term) -> Term:
        return Term("v", (state, j, a))

    def square(j: Term) -> Term:
        return _total(v(j) * v(j), a)

    n = Term("size", (), COMPONENT)
    pull = Term("gradient", (state, near, a), _forward()) - 2 * v(near)
    other = 1 - Term("delta", (near, k), COMPONENT)
    each = (
        Term("equal", (n * Term("pi", (k,)), number(1))),
        Term("at_most", (number(rho**2) * other, square(k))),
    )
    most = (n - 1) * number(drift)
    return (
        Term("at_most", (_total(pull * pull, a), most * most)),
        f"on paper: Lemma V (eps {eps}, rho {rho}: at most {drift} each, by balls)",
        (
            *(Term("forall", (closed(e, k),), COMPONENT) for e in each),
            Term("at_most", (square(near), number(eps**2))),
        ),
    )
