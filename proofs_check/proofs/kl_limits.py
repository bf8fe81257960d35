"""The truth is the only stationary point of the KL loss."""

from __future__ import annotations

from fractions import Fraction

from derive.losses.objectives import KL
from proofs_check.proofs.tactics.arithmetic import Cancel, Vanishes
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz
from proofs_check.proofs.tactics.extremes import Bound, Member
from proofs_check.proofs.tactics.language import (
    D_,
    A,
    Descent,
    J,
    V,
    X,
    at_most,
    define,
    entry,
    equal,
    least,
    mean_q,
    nonnegative,
    positive,
    psi,
    total,
    v,
)
from proofs_check.proofs.tactics.score import (
    covariance,
    forward_loss,
    gradient_square,
    m,
    radial,
    square,
    trace,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import TEACHER, Axiom, Combination, Derived, Square, Squares


def no_other_stationary_point(*, domination: Fraction | int = 1) -> Script:
    """``L^2 <= |V|^2 |grad K|^2``, so that grad K = 0 at the truth only.

    Parameters
    ----------
    domination : number
        ``domination L^2 <= |V|^2 |grad K|^2``; above one the proof fails.

    Examples
    --------
    >>> from proofs_check.proofs.tactics.script import replay
    >>> replay(no_other_stationary_point(domination=Fraction(101, 100))).failed[0].step.name
    'domination'
    """
    run = Descent(KL)
    L, gradient = forward_loss(V), gradient_square(run, V)
    mean_trace = define("E tr C({})", mean_q(trace(V, X)), V, latex=r"E_q\operatorname{{tr}}C({})")(
        V
    )
    mass = define("c_{1}({0})", mean_q(psi(V, J)), V, J)
    lightest = define("c_min({})", least(mass(V, J), J), V, latex=r"c_{{\min}}({})")(V)
    weighted = define("W({})", total(mass(V, J) * v(V, J, A) ** 2, J, A), V)(V)
    one = v(V, J, A)
    steps = (
        Step("I1", "de Bruijn's identity", equal(radial(run, V), L), Derived()),
        Step(
            "radial",
            "the radial derivative is a scalar product",
            at_most(radial(run, V) ** 2, square(V) * gradient),
            CauchySchwarz(one, run.gradient(V, J, A), over=(J, A)),
        ),
        Step(
            "domination",
            "the gradient dominates the score error",
            at_most(domination * L**2, square(V) * gradient),
            Combination(((1, ("radial",)),), ((1 - Fraction(domination), L),)),
            ("radial", "I1"),
        ),
        Step(
            "square of the loss",
            "at a stationary point",
            at_most(L**2, 0),
            Combination(((1 / Fraction(domination), ("domination",)),)),
            ("domination", "stationary"),
        ),
        Step("no loss", "so", equal(L, 0), Vanishes(L), ("square of the loss",)),
        Step(
            "trace",
            "E_q tr C = E_q[x.m] by Stein's identity, and E_q|x|^2 = d",
            at_most(mean_trace**2, D_ * L),
            CauchySchwarz(entry(X, A), m(V, X, A), over=(TEACHER, A)),
        ),
        Step(
            "square of the trace",
            "with L = 0",
            at_most(mean_trace**2, 0),
            Combination(((1, ("trace",)),)),
            ("trace", "no loss"),
        ),
        Step(
            "no trace", "so", equal(mean_trace, 0), Vanishes(mean_trace), ("square of the trace",)
        ),
        Step(
            "weighted square",
            "E_q[sum_j psi_j |v_j|^2] = E_q[|m|^2 + tr C]",
            equal(weighted, L + mean_trace),
            Derived(),
        ),
        Step("squares", "v_ja^2", nonnegative(one**2), Squares((Square(one),))),
        Step(
            "lightest",
            "no mass is below the least",
            at_most(lightest, mass(V, J)),
            Member(lightest, (J,)),
        ),
        Step(
            "one mean",
            "each coordinate of each mean",
            at_most(lightest * one**2, mass(V, J) * one**2),
            Combination(((1, ("lightest", "squares")),)),
            ("lightest", "squares"),
        ),
        Step(
            "all means",
            "summed",
            at_most(lightest * square(V), weighted),
            Average((J, A)),
            ("one mean",),
        ),
        Step(
            "weighted means",
            "W = L + E tr C = 0",
            nonnegative(lightest * -square(V)),
            Combination(((1, ("all means",)),)),
            ("all means", "weighted square", "no trace", "no loss"),
        ),
        Step(
            "responsibilities",
            "responsibilities are positive",
            positive(psi(V, J)),
            Axiom("responsibility", (V, J, X)),
        ),
        Step(
            "masses",
            "so are their means",
            positive(mass(V, J)),
            Average((TEACHER,)),
            ("responsibilities",),
        ),
        Step(
            "least mass",
            "and the least of these",
            positive(lightest),
            Bound((J,), "least"),
            ("masses",),
        ),
        Step(
            "truth",
            "divided by the least mass: every mean is at the truth",
            at_most(square(V), 0),
            Cancel("least mass", "weighted means"),
            ("least mass", "weighted means"),
        ),
    )
    return Script(
        "K-stationary",
        "The truth is the only stationary point of the KL loss",
        "derived for this project, from I1",
        (Hypothesis("stationary", equal(gradient, 0), "the gradient vanishes"),),
        steps,
        ("domination", "truth"),
        ((m, "the score error"), (covariance, "the posterior covariance of the means")),
    )
