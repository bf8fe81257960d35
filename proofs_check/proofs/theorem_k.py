"""Theorem K: gradient descent on the KL loss (gradient EM) converges from everywhere."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derive.algebra.index import ONE, atom, dot
from derive.algebra.vocabulary import mean
from derive.losses.objectives import KL
from proofs_check.proofs.classical import CauchySchwarz
from proofs_check.proofs.descent import (
    COMPONENTS_AND_COORDINATES,
    descent_hypotheses,
    descent_words,
    differentiation_step,
    expansion_step,
)
from proofs_check.proofs.dynamics import SumOverSteps
from proofs_check.proofs.proof import Hypothesis, Proof, Step
from proofs_check.proofs.quantities import Glossary, at_most, equal, nonnegative
from proofs_check.proofs.rules import Average, Combination, Derived, Member, Square, Squares


def theorem_k(
    *,
    gradient: Fraction | int = 1,
    largest_step: Fraction | int = 2,
    weights_at_most_one: bool = True,
) -> Proof:
    """Theorem K, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    gradient : number
        The constant in ``|grad K|^2 <= constant L``.
    largest_step : number
        The step's bound: ``|V+|^2 <= |V|^2 - eta (largest_step - eta) L``.
    weights_at_most_one : bool
        Whether ``psi_j <= 1`` is used.

    Examples
    --------
    >>> from proofs_check.proofs.proof import replay
    >>> replay(theorem_k()).verdict
    <Verdict.PROVED: 'PROVED'>
    >>> replay(theorem_k(gradient=Fraction(99, 100))).failed[0].step.name
    'gradient bound'
    """
    both = COMPONENTS_AND_COORDINATES
    psi, m = atom("psi", "j0"), mean("a0")
    words = Glossary()
    one = descent_words(words, KL, "K")
    eta, count = one.step_size, one.count
    constant, edge = sympy.sympify(gradient), sympy.sympify(largest_step)
    loss = words.expectation(
        "L", "teacher", dot(mean(), mean()), "the forward Fisher divergence E_q|m|^2", "L"
    )
    f = words.expectation("f_ja", "teacher", psi * m, "E_q[psi_j m_a]", "f_{ja}", both)
    s = words.expectation("s_ja", "teacher", psi * m * m, "E_q[psi_j m_a^2]", "s_{ja}", both)
    c = words.expectation("c_j", "teacher", psi, "E_q[psi_j]", "c_j", ("j0",))
    losses = words.series(
        "sum L", loss, "the sum of L over the first N steps", r"\textstyle\sum_k L_k"
    )
    least = words.least("min L", loss, ("k",), "the least L of the first N steps", r"\min_k L_k")
    square = one.gradient_square
    others = ONE - atom("delta_component", "j0", "j1")
    hypotheses = (
        *descent_hypotheses(one),
        Hypothesis("largest step", at_most(eta, edge), f"the step size is at most {edge}"),
    )
    steps = (
        differentiation_step(),
        Step(
            "gradient",
            "the gradient in Stein's form",
            equal(one.gradient, f),
            Derived(),
            ("differentiation",),
        ),
        Step(
            "mean of the square",
            "the square of a mean under the weight psi_j is at most the mean of the square",
            at_most(f**2, c * s),
            CauchySchwarz(f, s, c, m, ONE, psi, "teacher", cites="Jensen"),
        ),
        Step(
            "responsibilities",
            "1 - psi_j is the sum of the other responsibilities",
            at_most(c, 1),
            Squares((Square(ONE, ("j1",), 1, (atom("psi", "j1"), others)),), "teacher"),
        ),
        Step(
            "second moments",
            "s_ja is the mean of a square",
            nonnegative(s),
            Squares((Square(m, (), 1, (psi,)),), "teacher"),
        ),
        Step(
            "entry",
            "each entry of the gradient",
            at_most(one.gradient**2, s),
            Combination(
                ((1, ("mean of the square",)), (1, ("responsibilities", "second moments")))
                if weights_at_most_one
                else ((1, ("mean of the square",)),)
            ),
            ("gradient", "mean of the square", "responsibilities", "second moments")
            if weights_at_most_one
            else ("gradient", "mean of the square"),
        ),
        Step(
            "gradient by moments",
            "summed over components and coordinates, with sum_j psi_j = 1",
            at_most(square, loss),
            Average(both),
            ("entry",),
        ),
        Step(
            "loss",
            "the loss is the mean of a square",
            nonnegative(loss),
            Squares((Square(mean("a0"), ("a0",)),), "teacher"),
        ),
        Step(
            "gradient bound",
            "the squared gradient against the loss",
            at_most(square, constant * loss),
            Combination(((1, ("gradient by moments",)), (constant - 1, ("loss",)))),
            ("gradient by moments", "loss"),
        ),
        Step(
            "I1", "de Bruijn's identity", equal(one.radial, loss), Derived(), ("differentiation",)
        ),
        expansion_step(one),
        Step(
            "one step",
            "the step decreases |V|^2",
            at_most(one.following, one.square - eta * (edge - eta) * loss),
            Combination(
                (
                    (1, ("step size", "step size", "gradient by moments")),
                    (2 - edge, ("step size", "loss")),
                )
            ),
            ("step size", "gradient by moments", "loss", "I1", "expansion"),
        ),
        Step(
            "telescope",
            "added over the steps",
            at_most(eta * (edge - eta) * losses, one.first - one.last),
            SumOverSteps(count, one.update, one.last),
            ("one step",),
        ),
        Step("least", "the least is below each", at_most(least, loss), Member()),
        Step(
            "least of N",
            "N times the least is below the sum",
            at_most(count * least, losses),
            SumOverSteps(count),
            ("least",),
        ),
        Step(
            "rate",
            "the least loss of N steps",
            at_most(eta * (edge - eta) * count * least, one.first),
            Combination(
                (
                    (1, ("telescope",)),
                    (1, ("last square",)),
                    (1, ("step size", "largest step", "least of N")),
                )
            ),
            ("telescope", "last square", "step size", "largest step", "least of N"),
        ),
    )
    return Proof(
        "K",
        "Gradient descent on the KL loss (gradient EM) converges from every initialization",
        "|grad K|^2 <= L; for 0 <= eta <= 2: |V_{k+1}|^2 <= |V_k|^2 - eta (2 - eta) L_k, and "
        "min_{k<N} L_k <= |V_0|^2 / (eta (2 - eta) N)",
        r"|\nabla K|^2\le L,\quad |V_{k+1}|^2\le|V_k|^2-\eta(2-\eta)L_k,\quad "
        r"\min_{k<N}L_k\le\frac{|V_0|^2}{\eta(2-\eta)N}",
        "derived for this project (brief, Theorem K)",
        "all n, d, weights, initializations",
        words,
        hypotheses,
        steps,
        ("gradient bound", "one step", "rate"),
    )
