"""The truth is the only stationary point of the reverse loss."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.reverse_words import RUN, R, dissipation_signs, spread
from proofs_check.proofs.tactics.arithmetic import Cancel, Vanishes
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz
from proofs_check.proofs.tactics.extremes import Bound, Member
from proofs_check.proofs.tactics.language import (
    D_,
    A,
    B,
    J,
    Operand,
    V,
    X,
    at_most,
    define,
    delta,
    equal,
    least,
    mean_p,
    nonnegative,
    pi,
    positive,
    total,
    v,
)
from proofs_check.proofs.tactics.score import (
    covariance,
    covariance_square,
    gradient_square,
    m,
    radial,
    square,
    trace,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Axiom, Combination, Derived, Square, Squares, student

#: ``E_p tr C``, ``E_p (tr C)^2``, the least weight, ``sum_j pi_j |v_j|^2``.
mean_trace = define("E tr C({})", mean_p(V, trace(V, X)), V, latex=r"E_p\operatorname{{tr}}C({})")
mean_trace_square = define(
    "E (tr C)^2({})", mean_p(V, trace(V, X) ** 2), V, latex=r"E_p(\operatorname{{tr}}C)^2({})"
)
lightest = define("pi_min", least(pi(J), J), latex=r"\pi_{{\min}}")()
weighted = define("W({})", total(pi(J) * v(V, J, A) ** 2, J, A), V, latex=r"\sum_j\pi_j|v_j|^2({})")


def means_steps(dimension: Operand) -> tuple[Step, ...]:
    """``pi_min |V|^2 <= W = R + E tr C`` and ``(E tr C)^2 <= d E|C|^2``."""
    entry = v(V, J, A)
    return (
        Step(
            "lightest",
            "no weight is below the least",
            at_most(lightest, pi(J)),
            Member(lightest, (J,)),
        ),
        Step("squares", "v_ja^2", nonnegative(entry**2), Squares((Square(entry),))),
        Step(
            "one mean",
            "each coordinate of each mean",
            at_most(lightest * entry**2, pi(J) * entry**2),
            Combination(((1, ("lightest", "squares")),)),
            ("lightest", "squares"),
        ),
        Step(
            "all means",
            "summed",
            at_most(lightest * square(V), weighted(V)),
            Average((J, A)),
            ("one mean",),
        ),
        Step(
            "weighted square",
            "E_p[sum_j psi_j |v_j|^2] = E_p[|m|^2 + tr C]",
            equal(weighted(V), R(V) + mean_trace(V)),
            Derived(),
        ),
        Step(
            "trace at x",
            "the trace against the Frobenius norm",
            at_most(trace(V, X) ** 2, D_ * covariance_square(V, X)),
            CauchySchwarz(delta(A, B), covariance(V, X, A, B), over=(A, B)),
        ),
        Step(
            "trace averaged",
            "averaged under the student",
            at_most(mean_trace_square(V), dimension * spread(V)),
            Average((student(V),)),
            ("trace at x",),
        ),
        Step(
            "mean trace",
            "the square of a mean is at most the mean of the square",
            at_most(mean_trace(V) ** 2, mean_trace_square(V)),
            CauchySchwarz(trace(V, X), over=(student(V),)),
        ),
        Step(
            "trace",
            "together",
            at_most(mean_trace(V) ** 2, dimension * spread(V)),
            Combination(((1, ("mean trace",)), (1, ("trace averaged",)))),
            ("mean trace", "trace averaged"),
        ),
        *dissipation_signs(),
    )


def lightest_weight_steps() -> tuple[Step, ...]:
    """``0 < pi_min``."""
    return (
        Step("positive weights", "weights", positive(pi(J)), Axiom("weight", (J,))),
        Step(
            "lightest weight",
            "so is the least of them",
            positive(lightest),
            Bound((J,), "least"),
            ("positive weights",),
        ),
    )


def no_other_stationary_point(*, domination: Fraction | int = 4) -> Script:
    """The truth is the only stationary point of the reverse loss.

    Parameters
    ----------
    domination : number
        ``domination (R + E|C|^2)^2 <= |V|^2 |grad R|^2``; above four the proof fails.
    """
    dissipated = R(V) + spread(V)
    gradient = gradient_square(RUN, V)
    steps = (
        Step("I2", "the radial derivative", equal(radial(RUN, V), 2 * dissipated), Derived()),
        Step(
            "radial",
            "the radial derivative is a scalar product",
            at_most(radial(RUN, V) ** 2, square(V) * gradient),
            CauchySchwarz(v(V, J, A), RUN.gradient(V, J, A), over=(J, A)),
        ),
        Step(
            "domination",
            "the gradient dominates the dissipation",
            at_most(domination * dissipated**2, square(V) * gradient),
            Combination(((1, ("radial",)),), ((4 - Fraction(domination), dissipated),)),
            ("radial", "I2"),
        ),
        Step(
            "square of the dissipation",
            "at a stationary point",
            at_most(dissipated**2, 0),
            Combination(((1 / Fraction(domination), ("domination",)),)),
            ("domination", "stationary"),
        ),
        Step(
            "dissipation",
            "so",
            equal(dissipated, 0),
            Vanishes(dissipated),
            ("square of the dissipation",),
        ),
        *means_steps(D_),
        Step(
            "spread at most zero",
            "R is not negative",
            at_most(spread(V), 0),
            Combination(((1, ("loss",)),)),
            ("loss", "dissipation"),
        ),
        Step(
            "no spread",
            "so E|C|^2 vanishes",
            equal(spread(V), 0),
            Vanishes(spread(V)),
            ("spread at most zero", "spread"),
        ),
        Step(
            "square of the trace",
            "and with it the trace",
            at_most(mean_trace(V) ** 2, 0),
            Combination(((1, ("trace",)),)),
            ("trace", "no spread"),
        ),
        Step(
            "no trace",
            "so",
            equal(mean_trace(V), 0),
            Vanishes(mean_trace(V)),
            ("square of the trace",),
        ),
        *lightest_weight_steps(),
        Step(
            "weighted means",
            "W = R + E tr C = 0",
            nonnegative(lightest * -square(V)),
            Combination(((1, ("all means",)),)),
            ("all means", "weighted square", "no trace", "no spread", "dissipation"),
        ),
        Step(
            "truth",
            "divided by the least weight: every mean is at the truth",
            at_most(square(V), 0),
            Cancel("lightest weight", "weighted means"),
            ("lightest weight", "weighted means"),
        ),
    )
    return Script(
        "R-stationary",
        "The truth is the only stationary point of the reverse loss",
        "derived for this project, from I2",
        (Hypothesis("stationary", equal(gradient, 0), "the gradient vanishes"),),
        steps,
        ("domination", "truth"),
        ((m, "the score error"), (covariance, "the posterior covariance of the means")),
    )
