"""Definitions that the proofs share: score error, covariance, losses, and the run's hypotheses."""

from __future__ import annotations

from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.language import (
    A,
    B,
    Descent,
    J,
    V,
    X,
    define,
    equal,
    mean_p,
    mean_q,
    nonnegative,
    psi,
    square_of_means,
    step,
    total,
    v,
)
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import Derived

#: ``m_a``, the score error; ``C_ab``, the posterior covariance of the means.
m = define("m_{2}", total(psi(V, J) * v(V, J, A), J), V, X, A, latex="m_{{{2}}}")
covariance = define(
    "C_{2}{3}",
    total(psi(V, J) * v(V, J, A) * v(V, J, B), J) - m(V, X, A) * m(V, X, B),
    V, X, A, B,
    latex="C_{{{2}{3}}}",
)  # fmt: skip
#: ``|m|^2``, ``|C|^2``, ``m.Cm``, ``tr C``.
error_square = define("|m|^2", total(m(V, X, A) ** 2, A), V, X)
covariance_square = define("|C|^2", total(covariance(V, X, A, B) ** 2, A, B), V, X)
error_variance = define(
    "m.Cm",
    total(m(V, X, A) * covariance(V, X, A, B) * m(V, X, B), A, B),
    V, X,
    latex=r"m\cdot Cm",
)  # fmt: skip
trace = define("tr C", total(covariance(V, X, A, A), A), V, X, latex=r"\operatorname{{tr}}C")
#: ``L = E_q|m|^2``, ``R = E_p|m|^2``, ``|V|^2``.
forward_loss = define("L({0})", mean_q(error_square(V, X)), V)
reverse_loss = define("R({0})", mean_p(V, error_square(V, X)), V)
square = square_of_means()

k_, N = step("k"), step("N")


def gradient_square(run: Descent, of: Term) -> Term:
    """``|grad|^2``, the sum of the squared derivatives."""
    letter = run.objective.name
    found = define(
        f"|grad {letter}({{}})|^2",
        total(run.gradient(V, J, A) ** 2, J, A),
        V,
        latex=rf"|\nabla \mathrm{{{{{letter}}}}}({{}})|^2",
    )
    return found(of)


def radial(run: Descent, of: Term) -> Term:
    """``sum_j v_j . grad_j``."""
    letter = run.objective.name
    found = define(
        f"V.grad {letter}({{}})",
        total(v(V, J, A) * run.gradient(V, J, A), J, A),
        V,
        latex=rf"V\cdot\nabla \mathrm{{{{{letter}}}}}({{}})",
    )
    return found(of)


def step_size(run: Descent) -> Hypothesis:
    """``0 <= eta``."""
    return Hypothesis("step size", nonnegative(run.size), "the step size is not negative")


def expansion(run: Descent) -> Step:
    """``|V+|^2 = |V|^2 - 2 eta V.grad + eta^2 |grad|^2``."""
    eta = run.size
    right = square(V) - 2 * eta * radial(run, V) + eta**2 * gradient_square(run, V)
    return Step(
        "expansion",
        "one step of descent moves |V|^2 by the radial derivative and the squared gradient",
        equal(square(run.after(V)), right),
        Derived(),
    )
