"""Theorem K: gradient descent on the KL loss (gradient EM) converges from everywhere."""

from __future__ import annotations

from fractions import Fraction

from derive.losses.objectives import KL
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz
from proofs_check.proofs.tactics.extremes import Member
from proofs_check.proofs.tactics.language import (
    A,
    Descent,
    J,
    K,
    V,
    X,
    at_most,
    count,
    define,
    delta,
    equal,
    following,
    least_steps,
    mean_q,
    nonnegative,
    psi,
    total_steps,
)
from proofs_check.proofs.tactics.runs import Telescope
from proofs_check.proofs.tactics.score import (
    N,
    error_square,
    expansion,
    forward_loss,
    gradient_square,
    k_,
    m,
    radial,
    square,
    step_size,
)
from proofs_check.proofs.tactics.score_steps import norm_is_square
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Combination,
    Derived,
    Instance,
    Square,
    Squares,
    steps_before,
)


def theorem_k(
    *,
    gradient: Fraction | int = 1,
    largest_step: Fraction | int = 2,
    weights_at_most_one: bool = True,
) -> Script:
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
    >>> from proofs_check.proofs.tactics.script import replay
    >>> replay(theorem_k()).verdict
    <Verdict.PROVED: 'PROVED'>
    >>> replay(theorem_k(gradient=Fraction(99, 100))).failed[0].step.name
    'gradient bound'
    """
    run, L = Descent(KL), forward_loss
    eta = run.size
    f = define("f_{1}{2}({0})", mean_q(psi(V, J) * m(V, X, A)), V, J, A, latex="f_{{{1}{2}}}({0})")
    s = define(
        "s_{1}{2}({0})", mean_q(psi(V, J) * m(V, X, A) ** 2), V, J, A, latex="s_{{{1}{2}}}({0})"
    )
    c = define("c_{1}({0})", mean_q(psi(V, J)), V, J)
    rate = eta * (largest_step - eta)
    losses = total_steps(L(run.at(k_)), k_, N)
    least = least_steps(L(run.at(k_)), k_, N)
    bounded = ("responsibilities", "second moments") if weights_at_most_one else ()
    hypotheses = (
        step_size(run),
        Hypothesis("largest step", at_most(eta, largest_step), "the step size is at most 2"),
    )
    steps = (
        Step(
            "gradient",
            "the gradient in Stein's form",
            equal(run.gradient(V, J, A), f(V, J, A)),
            Derived(),
        ),
        Step(
            "mean of the square",
            "the square of a mean under the weight psi_j is at most the mean of the square",
            at_most(f(V, J, A) ** 2, c(V, J) * s(V, J, A)),
            CauchySchwarz(m(V, X, A), weights=(psi(V, J),)),
        ),
        Step(
            "responsibilities",
            "1 - psi_j is the sum of the other responsibilities",
            at_most(c(V, J), 1),
            Squares((Square(1 - delta(J, K), (K,), weights=(psi(V, K),)),), TEACHER),
        ),
        Step(
            "second moments",
            "s_ja is the mean of a square",
            nonnegative(s(V, J, A)),
            Squares((Square(m(V, X, A), weights=(psi(V, J),)),), TEACHER),
        ),
        Step(
            "entry",
            "each entry of the gradient",
            at_most(run.gradient(V, J, A) ** 2, s(V, J, A)),
            Combination(((1, ("mean of the square",)), *(((1, bounded),) if bounded else ()))),
            ("gradient", "mean of the square", *bounded),
        ),
        Step(
            "gradient by moments",
            "summed over components and coordinates, with sum_j psi_j = 1",
            at_most(gradient_square(run, V), L(V)),
            Average((J, A)),
            ("entry",),
        ),
        Step(
            "loss",
            "the loss is the mean of a square",
            nonnegative(L(V)),
            Squares((Square(m(V, X, A), (A,)),), TEACHER),
        ),
        Step(
            "gradient bound",
            "the squared gradient against the loss",
            at_most(gradient_square(run, V), gradient * L(V)),
            Combination(((1, ("gradient by moments",)), (gradient - 1, ("loss",)))),
            ("gradient by moments", "loss"),
        ),
        Step("I1", "de Bruijn's identity", equal(radial(run, V), L(V)), Derived()),
        expansion(run),
        Step(
            "one step",
            "the step decreases |V|^2",
            at_most(square(run.after(V)), square(V) - rate * L(V)),
            Combination(
                (
                    (1, ("step size", "step size", "gradient by moments")),
                    (2 - largest_step, ("step size", "loss")),
                )
            ),
            ("step size", "gradient by moments", "loss", "I1", "expansion"),
        ),
        Step(
            "each step",
            "so along the run",
            at_most(square(run.at(following(k_))), square(run.at(k_)) - rate * L(run.at(k_))),
            Instance({V: run.at(k_)}),
            ("one step",),
        ),
        Step(
            "telescope",
            "added over the steps",
            at_most(rate * losses, square(run.start) - square(run.at(N))),
            Telescope(N, k_),
            ("each step",),
        ),
        norm_is_square("last square", run.at(N)),
        Step(
            "least",
            "the least is below each",
            at_most(least, L(run.at(k_))),
            Member(least, (k_,)),
        ),
        Step(
            "least of N",
            "N times the least is below the sum",
            at_most(count(N) * least, losses),
            Average((steps_before(k_, N),)),
            ("least",),
        ),
        Step(
            "rate",
            "the least loss of N steps",
            at_most(rate * count(N) * least, square(run.start)),
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
    return Script(
        "K",
        "Gradient descent on the KL loss (gradient EM) converges from every initialization",
        "derived for this project (Theorem K)",
        hypotheses,
        steps,
        ("gradient bound", "each step", "rate"),
        (
            (m, "the score error"),
            (error_square, "its square"),
            (L, "the forward Fisher divergence E_q|m|^2"),
            (square, "the sum of all |v_j|^2"),
        ),
        "all n, d, weights, initializations",
    )
