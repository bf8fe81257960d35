"""The identities I1 to I5 as proofs: the derivations of ``derive``, replayed."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derive.algebra.index import text
from derive.algebra.vocabulary import covariance
from derive.identities.by_name import named
from derive.limits.expansions import small_v_expansion
from derive.steps.identity import Identity, NamedTerm
from proofs_check.proofs.descent import differentiation_step
from proofs_check.proofs.proof import Proof, Step
from proofs_check.proofs.quantities import Expression, Glossary, Statement, at_most, equal
from proofs_check.proofs.rules import Calculus, Combination, Derived, Replayed, Square, Squares

_SCOPE = "all n, d, weights"
_LETTER = {"teacher": "E_q", "student": "E_p"}

#: A term of an identity and a changed coefficient.
Altered = tuple[str, Fraction]


def _stated(identity: Identity, words: Glossary) -> Statement:
    """The identity in words of its own: one expectation per term."""
    labels, base = identity.free, identity.base
    name = identity.statement.split("=")[0].strip()
    left = words.expectation(
        name,
        base,
        identity.left,
        "derived by differentiation",
        rf"\left({identity.latex.split('=')[0].strip()}\right)",
        labels,
    )
    right: Expression = sympy.Integer(0)
    for term in identity.terms:
        coefficient = sympy.Rational(term.coefficient.numerator, term.coefficient.denominator)
        right += coefficient * _term(term, identity, words)
    return equal(left, right)


def _term(term: NamedTerm, identity: Identity, words: Glossary) -> Expression:
    mean = _LETTER[identity.base]
    return words.expectation(
        f"{mean}[{term.name}]",
        identity.base,
        term.polynomial,
        f"{mean}[{text(term.polynomial)}]",
        rf"{mean}[\text{{{term.name}}}]",
        identity.free,
    )


def _identity_step(name: str, words: Glossary, altered: Altered | None) -> Step:
    identity = named(name)
    if altered is not None:
        identity = identity.altered(*altered)
    statement = _stated(identity, words)
    uses = ("differentiation",)
    return Step(name, identity.statement, statement, Derived(), uses, identity.latex)


def _proof(
    name: str,
    title: str,
    statement: str,
    parts: tuple[str, ...],
    altered: Altered | None,
    remarks: tuple[str, ...] = (),
) -> Proof:
    words = Glossary()
    steps = tuple(_identity_step(part, words, altered) for part in parts)
    return Proof(
        name,
        title,
        statement,
        r",\quad ".join(named(part).latex for part in parts),
        "derived for this project (brief, section 4)",
        _SCOPE,
        words,
        (),
        (differentiation_step(), *steps),
        parts,
        remarks,
    )


def i1(altered: Altered | None = None) -> Proof:
    """De Bruijn's identity along the means.

    Examples
    --------
    >>> from proofs_check.proofs.proof import replay
    >>> replay(i1()).verdict, replay(i1(("loss", Fraction(101, 100)))).verdict
    (<Verdict.PROVED: 'PROVED'>, <Verdict.INCONCLUSIVE: 'INCONCLUSIVE'>)
    """
    return _proof(
        "I1",
        "De Bruijn's identity along the means",
        "sum_j v_j.grad_j K = L, and sum_j v_j.grad_j KL(student || teacher) = R",
        ("I1", "I1-student"),
        altered,
        (
            "Along the ray s v this reads d/ds K(sv) = L(sv)/s; with K = 0 at the truth, "
            "K(v) is the integral of L(sv)/s over s in (0, 1) (not replayed).",
        ),
    )


def i2(altered: Altered | None = None) -> Proof:
    """Radial derivative of the reverse loss; ``R(sv)/s^2`` does not decrease."""
    words = Glossary()
    identity = named("I2")
    step = _identity_step("I2", words, altered)
    assert step.conclusion is not None
    left = step.conclusion.left
    loss, spread = (_term(term, identity, words) for term in identity.terms)
    s = sympy.Symbol("s", positive=True)
    ray = sympy.Function("R")(s)
    squares = Squares((Square(covariance("a0", "a1"), ("a0", "a1")),), "student")
    steps = (
        differentiation_step(),
        step,
        Step("spread", "a mean of squares", at_most(0, spread), squares),
        Step(
            "excess",
            "the radial derivative is at least 2R",
            at_most(2 * loss, left),
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
    return Proof(
        "I2",
        "Radial derivative of the reverse loss",
        "sum_j v_j.grad_j R = 2R + 2 E_p|C|_F^2 >= 2R, so R(sv)/s^2 does not decrease in s > 0",
        identity.latex,
        "derived for this project (brief, section 4)",
        _SCOPE,
        words,
        (),
        steps,
        ("I2", "excess", "ray"),
    )


def i3(altered: Altered | None = None) -> Proof:
    """Radial derivative of the forward loss."""
    return _proof(
        "I3",
        "Radial derivative of the forward loss",
        "sum_j v_j.grad_j L = 2 E_q[|m|^2 - 2 m.C m + |C|_F^2]",
        ("I3",),
        altered,
    )


def i4(altered: Altered | None = None) -> Proof:
    """The matrix forms of I1 to I3; with `altered`, of the first that has the term."""
    parts = ("I4-kl", "I4-reverse", "I4-forward")
    words = Glossary()
    steps = []
    for part in parts:
        has = altered is not None and any(t.name == altered[0] for t in named(part).terms)
        steps.append(_identity_step(part, words, altered if has else None))
        altered = None if has else altered
    return Proof(
        "I4",
        "Matrix forms of the radial identities",
        "sum_j grad_j K v_j^T = E_q[m m^T], sum_j grad_j R v_j^T = 2 E_p[m m^T + C^2], "
        "sum_j grad_j L v_j^T = 2 E_q[X^2 + (1 - |m|^2) m m^T], X = C - m m^T",
        r",\quad ".join(named(part).latex for part in parts),
        "derived for this project (brief, section 4)",
        _SCOPE,
        words,
        (),
        (differentiation_step(), *steps),
        parts,
    )


def i5() -> Proof:
    """The expansion of the losses in small means."""
    derivation = small_v_expansion(4)
    return Proof(
        "I5",
        derivation.title,
        derivation.statement,
        derivation.latex,
        "derived for this project (brief, section 4)",
        _SCOPE,
        Glossary(),
        (),
        (
            differentiation_step(),
            Step(
                "I1",
                "L and R are the radial derivatives of the two divergences",
                None,
                Replayed("I1"),
            ),
            Step("I1-student", "the same for R", None, Replayed("I1-student")),
            Step(
                "expansion",
                derivation.title,
                None,
                Replayed(derivation.name),
                ("I1", "I1-student"),
                derivation.latex,
            ),
        ),
        ("expansion",),
        ("O(6) collects terms of order six and more in the means.",),
    )
