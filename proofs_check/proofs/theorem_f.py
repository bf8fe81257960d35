"""Theorem F: gradient descent on the forward loss converges to the truth from a region."""

from __future__ import annotations

import sympy

from derive.losses.objectives import FORWARD
from proofs_check.proofs.descent import (
    DescentWords,
    descent_hypotheses,
    descent_words,
    differentiation_step,
    expansion_step,
)
from proofs_check.proofs.dynamics import AtEveryStep, Induction, SumOverSteps
from proofs_check.proofs.forward_limit import limit_steps, limit_words
from proofs_check.proofs.forward_region import (
    RegionWords,
    coercivity_steps,
    gradient_bound_steps,
    region_words,
)
from proofs_check.proofs.proof import Hypothesis, Proof, Step
from proofs_check.proofs.quantities import Expression, Glossary, at_most, equal, nonnegative
from proofs_check.proofs.rules import Combination, Member, Replayed

#: The square of the golden ratio: where ``kappa`` vanishes.
EDGE = (3 + sympy.sqrt(5)) / 2


def theorem_f(
    *,
    gradient: Expression = 4,
    descent: Expression = 2,
    edge: Expression = EDGE,
    kappa_at_one: Expression = 1,
    covariance_pull: bool = True,
    floor_power: int = 2,
) -> Proof:
    """Theorem F, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    gradient : number
        The constant in ``|grad L|^2 <= constant M S``.
    descent : number
        The constant in ``|V+|^2 <= |V|^2 - constant eta kappa S``.
    edge : number
        ``P <= edge``, where ``kappa >= 0``.
    kappa_at_one : number
        ``kappa = constant/(1 + P)`` for ``P <= 1``.
    covariance_pull : bool
        Whether the gradient's bound includes the term of the covariance.
    floor_power : int
        Power of the floor in the rate of convergence.

    Examples
    --------
    >>> theorem_f().conclusions[-1]
    'limit'
    """
    words = Glossary()
    one = descent_words(words, FORWARD, "L")
    region = region_words(words, sympy.sympify(edge))
    limit = limit_words(words, one, region, floor_power)
    p, kappa, w = region.bound, region.kappa, region.inverse
    hypotheses = (
        *descent_hypotheses(one),
        Hypothesis("start", at_most(one.first, p), "|V_0|^2 <= P"),
        Hypothesis("edge", at_most(p, region.edge), "P is at most the square of phi"),
        Hypothesis("first square", nonnegative(one.first), "a square", by_definition=True),
        Hypothesis("M >= 1", at_most(1, region.larger), "M = max(1, P/2)", by_definition=True),
        Hypothesis("M >= P/2", at_most(p / 2, region.larger), "the same", by_definition=True),
        Hypothesis(
            "largest step",
            at_most(2 * region.larger * one.step_size, kappa),
            "eta <= kappa/(2 max(1, P/2))",
        ),
        Hypothesis("P <= 1", at_most(p, 1), "first case", temporary=True),
        Hypothesis(
            "kappa for P <= 1",
            equal(kappa * (1 + p), sympy.sympify(kappa_at_one)),
            "kappa = 1/(1 + P)",
            temporary=True,
        ),
        Hypothesis("P >= 1", at_most(1, p), "second case", temporary=True),
        Hypothesis("w for P >= 1", equal(w * (3 * p - 1), 1), "w = 1/(3P - 1)", temporary=True),
        Hypothesis(
            "kappa for P >= 1", equal(kappa, 1 - p**2 * w), "kappa = 1 - P^2/(3P - 1)",
            temporary=True,
        ),
        Hypothesis("norm at k", at_most(one.square, p), "|V_k|^2 <= P", temporary=True),
        *limit.hypotheses,
    )  # fmt: skip
    steps = (
        differentiation_step(),
        Step(
            "original variables",
            "v_i = e^-t (mu_i - mu*), and a step eta in mu is a step eta e^-2t in v",
            None,
            Replayed("time-rescaling"),
        ),
        *coercivity_steps(words, one, region),
        *gradient_bound_steps(words, one, region, sympy.sympify(gradient), covariance_pull),
        expansion_step(one),
        *_descent_steps(one, region, sympy.sympify(descent), sympy.sympify(gradient)),
        *limit_steps(words, one, region, limit),
    )
    return Proof(
        "F",
        "At large noise gradient descent on the forward loss converges to the truth",
        "if |V_0|^2 <= P < phi^2, kappa = 1/(1 + P) for P <= 1, else 1 - P^2/(3P - 1), and 0 < eta "
        "<= kappa/(2 max(1, P/2)): |grad L|^2 <= 4 max(1, P/2) S, |V_{k+1}|^2 <= |V_k|^2 - 2 eta "
        "kappa S_k, S = E[|m|^2 + |C - m m^T|^2] >= L; min_{k<N} L_k <= P/(2 eta kappa N); and "
        "|V_k|^2 <= 1/(b k), b = 2 eta kappa y e^2, y = min(1/(2d), 1/(8P)), e = min_j pi_j "
        "exp(-P/2), so V_k tends to the truth, L_k <= |V_k|^2 and L_k <= (P/(b k))^(1/2). In the "
        "original variables: e^-t (sum |mu_i - "
        "mu*|^2)^(1/2) < phi, step eta e^-2t",
        r"|V_{k+1}|^2\le|V_k|^2-2\eta\kappa S_k,\quad \min_{k<N}L_k\le\frac{P}{2\eta\kappa N},\quad"
        r"|V_k|^2\le\frac1{2\eta\kappa y e^2k}",
        "derived for this project (brief, Theorem F); the rate towards the truth is added here",
        "all n, d, weights",
        words,
        hypotheses,
        steps,
        (
            "gradient bound at every k",
            "one step at every k",
            "rate",
            "loss and norm",
            "last loss",
            "last loss squared",
            "limit",
        ),
        ("kappa > 0 needs P < phi^2 = 2.618; the largest P is not claimed (claim F3)",),
    )


def _descent_steps(
    one: DescentWords, region: RegionWords, descent: Expression, gradient: Expression
) -> tuple[Step, ...]:
    eta, p, s, kappa = one.step_size, region.bound, region.dissipation, region.kappa
    decrease = descent * eta * kappa
    kept = at_most(one.following, one.square - decrease * s)
    least = region.least
    return (
        Step(
            "one step",
            "2 eta (V.grad L - 2 kappa S) + eta^2 (4 M S - |grad L|^2) + 2 eta S (kappa - 2 M eta)",
            kept,
            Combination(
                (
                    (2, ("step size", "radial bound")),
                    (1, ("step size", "step size", "gradient bound")),
                    (2, ("step size", "S >= 0", "largest step")),
                )
            ),
            ("step size", "radial bound", "gradient bound", "S >= 0", "largest step", "expansion"),
        ),
        Step(
            "norm at k + 1",
            "the norm stays below P",
            at_most(one.following, p),
            Combination(
                (
                    (1, ("one step",)),
                    (descent, ("step size", "kappa >= 0", "S >= 0")),
                    (1, ("norm at k",)),
                )
            ),
            ("one step", "step size", "kappa >= 0", "S >= 0", "norm at k"),
        ),
        Step(
            "norm at every k",
            "by induction",
            at_most(one.square, p),
            Induction("norm at k", "start", "norm at k + 1", one.update),
            ("start", "norm at k + 1"),
        ),
        Step(
            "one step at every k",
            "the step's inequality no longer rests on an assumption",
            kept,
            AtEveryStep("norm at k", "one step", "norm at every k"),
            ("one step", "norm at every k"),
        ),
        Step(
            "gradient bound at every k",
            "nor does the gradient's",
            at_most(one.gradient_square, gradient * region.larger * s),
            AtEveryStep("norm at k", "gradient bound", "norm at every k"),
            ("gradient bound", "norm at every k"),
        ),
        Step(
            "telescope",
            "added over the steps",
            at_most(decrease * region.dissipations, one.first - one.last),
            SumOverSteps(one.count, one.update, one.last),
            ("one step at every k",),
        ),
        Step("least", "the least is below each", at_most(least, region.loss), Member()),
        Step(
            "least and S",
            "L <= S, as S - L is the mean of a square",
            at_most(least, s),
            Combination(((1, ("least",)), (1, ("L <= S",)))),
            ("least", "L <= S"),
        ),
        Step(
            "least of N",
            "N times the least is below the sum",
            at_most(one.count * least, region.dissipations),
            SumOverSteps(one.count),
            ("least and S",),
        ),
        Step(
            "rate",
            "the least loss of N steps",
            at_most(decrease * one.count * least, p),
            Combination(
                (
                    (1, ("telescope",)),
                    (1, ("last square",)),
                    (1, ("start",)),
                    (descent, ("step size", "kappa >= 0", "least of N")),
                )
            ),
            ("telescope", "last square", "start", "step size", "kappa >= 0", "least of N"),
        ),
    )
