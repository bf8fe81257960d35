"""The reverse Fisher divergence bounds KL(student || teacher) and the total variation."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy

from derive.algebra.calculus import equal as same_polynomial
from derive.algebra.calculus import gradient_x, single_teacher
from derive.algebra.index import dot
from derive.algebra.vocabulary import mean
from derive.identities.radial import KL_STUDENT_TEACHER
from numerics.studies.total_variation import enclose_total_variation
from proofs_check.proofs.certificates import is_zero
from proofs_check.proofs.classical import Cited, numerically
from proofs_check.proofs.evaluation import evaluate, instances
from proofs_check.proofs.proof import Finding, Proof, Situation, Step
from proofs_check.proofs.quantities import Expression, Glossary, Quantity, at_most
from proofs_check.proofs.rules import Combination
from proofs_check.statements.relation import as_ball, exact

_KL, _TV, _LOSS = sympy.symbols("KL(p||q) TV R")


def _is_divergence(quantity: Quantity) -> bool:
    return (
        quantity.base == "student"
        and quantity.polynomial is not None
        and same_polynomial(
            single_teacher(quantity.polynomial), single_teacher(KL_STUDENT_TEACHER.integrand)
        )
    )


def _log_sobolev(situation: Situation) -> Finding:
    """``2 KL(p||q) <= E_p|grad log(p/q)|^2`` for the standard Gaussian ``q``."""
    words, target = situation.glossary, situation.target
    if target.is_equality or not is_zero(target.expression - (_LOSS - 2 * _KL)):
        return Finding(False, "the conclusion is not 2 KL <= R")
    score = single_teacher(gradient_x(KL_STUDENT_TEACHER.integrand, "a9"))
    loss = words[_LOSS]
    fisher = loss.base == "student" and loss.polynomial is not None
    if not (fisher and same_polynomial(loss.polynomial, dot(score, score))):  # type: ignore[arg-type]
        return Finding(False, "R is not the mean of |grad log(p/q)|^2 under the student")
    if not _is_divergence(words[_KL]):
        return Finding(False, "the left side is not the divergence of student from teacher")
    return numerically(target, words)


def _pinsker(situation: Situation) -> Finding:
    """``2 TV^2 <= KL(p||q)``; total variation and divergence enclosed at generated mixtures."""
    words, target = situation.glossary, situation.target
    if target.is_equality or not is_zero(target.expression - (_KL - 2 * _TV**2)):
        return Finding(False, "the conclusion is not 2 TV^2 <= KL")
    if not _is_divergence(words[_KL]) or words[_TV].sort != "functional":
        return Finding(False, "the two sides are not total variation and divergence")
    least: Any = None
    count = 0
    for at in instances(6, 1, seed=1):
        count += 1
        distance = enclose_total_variation([v for (v,) in at.mixture.means], at.mixture.weights)
        gap = as_ball(evaluate(_KL, words, at, {})) - 2 * distance * distance
        low = exact(gap.lower())
        if low < 0:
            return Finding(False, f"it is not shown at {at.mixture}")
        least = low if least is None else min(least, low)
    return Finding(True, f"checked at {count} mixtures, least gap {float(least):.2g}")


def total_variation(*, variation: Fraction | int = 4) -> Proof:
    """``4 TV^2 <= R``.

    Parameters
    ----------
    variation : number
        ``variation TV^2 <= R``; above four the proof fails.

    Examples
    --------
    >>> from proofs_check.proofs.proof import replay
    >>> replay(total_variation(variation=Fraction(101, 25))).failed[0].step.name
    'total variation'
    """
    words = Glossary()
    constant: Expression = sympy.sympify(variation)
    words.expectation("R", "student", dot(mean(), mean()), "the reverse Fisher divergence E_p|m|^2")
    words.expectation(
        "KL(p||q)",
        "student",
        KL_STUDENT_TEACHER.integrand,
        "the divergence of the student p from the teacher q",
        r"\mathrm{KL}(p\|q)",
    )
    words.functional("TV", "the total variation of p and q", r"\mathrm{TV}")
    steps = (
        Step(
            "log-Sobolev",
            "Gross's inequality for the teacher, a standard Gaussian; grad log(p/q) = m",
            at_most(2 * _KL, _LOSS),
            Cited("log-Sobolev", "2 KL(p||q) <= E_p|grad log(p/q)|^2", _log_sobolev),
        ),
        Step(
            "Pinsker",
            "total variation against the divergence",
            at_most(2 * _TV**2, _KL),
            Cited("Pinsker", "2 TV(p, q)^2 <= KL(p||q)", _pinsker),
        ),
        Step(
            "total variation",
            "together",
            at_most(constant * _TV**2, _LOSS),
            Combination(((1, ("log-Sobolev",)), (2, ("Pinsker",))), ((4 - constant, _TV),)),
            ("log-Sobolev", "Pinsker"),
        ),
    )
    return Proof(
        "TV",
        "The reverse Fisher divergence bounds the total variation",
        "TV(p, q) <= sqrt(R)/2, and 2 KL(p||q) <= R",
        r"\mathrm{TV}(p,q)\le\tfrac12\sqrt R,\quad 2\,\mathrm{KL}(p\|q)\le R",
        "derived for this project (brief, claim R5)",
        "all n, d, weights, means; teacher N(0, I)",
        words,
        (),
        steps,
        ("log-Sobolev", "total variation"),
    )
