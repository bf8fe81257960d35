"""The identities I1 to I5: gradients by ``derive``, everything else by the kernel."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derive.identities.by_name import named
from derive.identities.radial import KL_STUDENT_TEACHER
from derive.limits.expansions import small_v_expansion
from derive.losses.objectives import FORWARD, KL, REVERSE, Objective
from derive.steps.identity import Identity
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.beside import Calculus, Replayed
from proofs_check.proofs.tactics.closing import introduce
from proofs_check.proofs.tactics.from_derive import spoken
from proofs_check.proofs.tactics.language import (
    A,
    B,
    Descent,
    J,
    V,
    X,
    at_most,
    equal,
    mean_p,
    mean_q,
    nonnegative,
    total,
    v,
)
from proofs_check.proofs.tactics.score import covariance, m, radial
from proofs_check.proofs.tactics.script import Script, Step
from proofs_check.proofs.tactics.steps import Combination, Derived, Square, Squares, student

introduce(KL_STUDENT_TEACHER)

_SOURCE = "derived for this project"
_WORDS = ((m, "the score error"), (covariance, "the posterior covariance of the means"))

#: A term of an identity and a changed coefficient.
Altered = tuple[str, Fraction]

_OBJECTIVES: dict[str, Objective] = {
    "I1": KL,
    "I1-student": KL_STUDENT_TEACHER,
    "I2": REVERSE,
    "I3": FORWARD,
    "I4-kl": KL,
    "I4-reverse": REVERSE,
    "I4-forward": FORWARD,
}


def _left(name: str) -> Term:
    """``sum_j v_j . grad_j``, or the matrix ``sum_j grad_j v_j^T``."""
    run = Descent(_OBJECTIVES[name])
    if name.startswith("I4"):
        return total(run.gradient(V, J, A) * v(V, J, B), J)
    return radial(run, V)


def _mean(identity: Identity, body: Term) -> Term:
    return mean_q(body) if identity.base == "teacher" else mean_p(V, body)


def _terms(identity: Identity) -> dict[str, tuple[Fraction, Term]]:
    """Coefficients and means of the right side."""
    labels = {"a0": A, "a1": B}
    return {
        term.name: (term.coefficient, _mean(identity, spoken(term.polynomial, labels)))
        for term in identity.terms
    }


def _identity_step(name: str, altered: Altered | None) -> Step:
    identity = named(name)
    if altered is not None:
        identity = identity.altered(*altered)
    right = Term("add", tuple(value * mean for value, mean in _terms(identity).values()))
    return Step(name, identity.statement, equal(_left(name), right), Derived())


def _script(
    name: str,
    title: str,
    parts: tuple[str, ...],
    altered: Altered | None,
    remarks: tuple[str, ...] = (),
) -> Script:
    steps = []
    for part in parts:
        has = altered is not None and any(t.name == altered[0] for t in named(part).terms)
        steps.append(_identity_step(part, altered if has else None))
        # with several matrix forms, the first that has the term is altered
        altered = None if has and name == "I4" else altered
    return Script(name, title, _SOURCE, (), tuple(steps), parts, _WORDS, remarks=remarks)


def i1(altered: Altered | None = None) -> Script:
    """De Bruijn's identity along the means.

    Examples
    --------
    >>> from proofs_check.proofs.tactics.script import replay
    >>> replay(i1()).verdict, replay(i1(("loss", Fraction(101, 100)))).verdict
    (<Verdict.PROVED: 'PROVED'>, <Verdict.INCONCLUSIVE: 'INCONCLUSIVE'>)
    """
    return _script(
        "I1",
        "De Bruijn's identity along the means",
        ("I1", "I1-student"),
        altered,
        (
            "Along the ray s v this reads d/ds K(sv) = L(sv)/s; with K = 0 at the truth, "
            "K(v) is the integral of L(sv)/s over s in (0, 1) (not replayed).",
        ),
    )


def i2(altered: Altered | None = None) -> Script:
    """Radial derivative of the reverse loss; ``R(sv)/s^2`` does not decrease."""
    terms = _terms(named("I2"))
    (_, loss), (_, spread) = terms["loss"], terms["covariance"]
    s = sympy.Symbol("s", positive=True)
    ray = sympy.Function("R")(s)
    steps = (
        _identity_step("I2", altered),
        Step(
            "spread",
            "a mean of squares",
            nonnegative(spread),
            Squares((Square(covariance(V, X, A, B), (A, B)),), student(V)),
        ),
        Step(
            "excess",
            "the radial derivative is at least 2R",
            at_most(2 * loss, _left("I2")),
            Combination(((2, ("spread",)),)),
            ("I2", "spread"),
        ),
        Step(
            "ray",
            "with R(s) = R(sv) and s R'(s) the radial derivative at sv: the derivative of "
            "R(sv)/s^2 is (radial - 2R)/s^3, hence not negative",
            None,
            Calculus(
                sympy.Derivative(ray / s**2, s), (s * sympy.Derivative(ray, s) - 2 * ray) / s**3
            ),
            ("excess",),
        ),
    )
    title = "Radial derivative of the reverse loss"
    return Script("I2", title, _SOURCE, (), steps, ("I2", "excess", "ray"), _WORDS)


def i3(altered: Altered | None = None) -> Script:
    """Radial derivative of the forward loss."""
    return _script("I3", "Radial derivative of the forward loss", ("I3",), altered)


def i4(altered: Altered | None = None) -> Script:
    """The matrix forms of I1 to I3; with `altered`, of the first that has the term."""
    parts = ("I4-kl", "I4-reverse", "I4-forward")
    return _script("I4", "Matrix forms of the radial identities", parts, altered)


def i5() -> Script:
    """The expansion of the losses in small means: a derivation of ``derive``, replayed."""
    derivation = small_v_expansion(4)
    steps = (
        _identity_step("I1", None),
        _identity_step("I1-student", None),
        Step(
            "expansion",
            derivation.statement,
            None,
            Replayed(derivation.name),
            ("I1", "I1-student"),
        ),
    )
    return Script(
        "I5",
        derivation.title,
        _SOURCE,
        (),
        steps,
        ("I1", "I1-student", "expansion"),
        _WORDS,
        remarks=(
            "O(6) collects terms of order six and more in the means.",
            "The kernel has no expansions: the derivation is verified by SymPy.",
        ),
    )
