"""Identity I6: the forward gradient as a mean of distances; its bracket is ``derive``'s."""

from __future__ import annotations

from fractions import Fraction

from derive.identities.by_name import named
from derive.identities.distances import bracket
from derive.losses.objectives import FORWARD
from proofs_check.proofs.kernel import Definition
from proofs_check.proofs.kernel.oracles.gradients import translated
from proofs_check.proofs.tactics.language import (
    A,
    Descent,
    J,
    Operand,
    V,
    X,
    define,
    entry,
    equal,
    mean_q,
    psi,
    v,
)
from proofs_check.proofs.tactics.script import Script, Step
from proofs_check.proofs.tactics.steps import Derived

#: How the terms of the bracket are written.
_NAMES = {
    "distance from the truth": ("|x|^2", "|x|^2"),
    "own distance": ("|x-v_{2}|^2", "|x-v_{2}|^2"),
    "posterior distance": (
        "sum psi_k|x-v_k|^2",
        r"\textstyle\sum_k\psi_k|x-v_k|^2",
    ),
}


def half_gap(coefficients: dict[str, Fraction]) -> Definition:
    """``B_j``, with these coefficients of the terms of ``2 B_j``."""
    total: Operand = 0
    for name, (_, part) in bracket().items():
        shown = translated(part, {"j0": J})
        if name in _NAMES:
            text, latex = _NAMES[name]
            shown = define(text, shown, V, X, J, latex=latex)(V, X, J)
        total = total + coefficients[name] * shown
    return define("B_{2}", Fraction(1, 2) * total, V, X, J)


def i6(altered: tuple[str, Fraction] | None = None) -> Script:
    """I6, or a variant of it with the coefficient of one term changed.

    Examples
    --------
    >>> from proofs_check.proofs.tactics.script import replay
    >>> replay(i6()).verdict, replay(i6(("constant", Fraction(-21, 10)))).verdict
    (<Verdict.PROVED: 'PROVED'>, <Verdict.INCONCLUSIVE: 'INCONCLUSIVE'>)
    """
    identity = named("I6") if altered is None else named("I6").altered(*altered)
    b = half_gap({term.name: term.coefficient for term in identity.terms})
    right = 2 * mean_q(psi(V, J) * (entry(X, A) - v(V, J, A)) * b(V, X, J))
    goal = equal(Descent(FORWARD).gradient(V, J, A), right)
    step = Step("I6", identity.statement, goal, Derived())
    return Script(
        "I6",
        "The forward gradient by distances",
        identity.source,
        (),
        (step,),
        ("I6",),
        ((b, "half the gap of squared distances: positive where v_j is pushed away"),),
    )
