"""Theorem F: gradient descent on the forward loss converges to the truth from a region."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy

from derive.losses.objectives import FORWARD
from proofs_check.proofs.forward_limit import along_the_run, limit_hypotheses, limit_steps, rate
from proofs_check.proofs.forward_region import (
    ETA,
    RUN,
    M,
    P,
    S,
    coercivity_steps,
    dissipation,
    excess,
    gradient_bound_steps,
    kappa,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import (
    Linear,
)
from proofs_check.proofs.tactics.extremes import Member
from proofs_check.proofs.tactics.language import (
    START,
    A,
    Descent,
    J,
    V,
    X,
    algebraic,
    at_most,
    below,
    count,
    entry,
    equal,
    following,
    least_steps,
    real,
    state,
    total_steps,
    v,
)
from proofs_check.proofs.tactics.runs import Telescope
from proofs_check.proofs.tactics.score import (
    N,
    covariance,
    expansion,
    forward_loss,
    gradient_square,
    k_,
    m,
    square,
    step_size,
)
from proofs_check.proofs.tactics.score_steps import norm_is_square
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Combination, Induction, Instance, steps_before

#: The square of the golden ratio: where ``kappa`` vanishes.
EDGE = (3 + sympy.sqrt(5)) / 2

_AT_K = RUN.at(k_)
_L = forward_loss

#: The means before they are scaled, and the coordinates of ``mu*`` as those of a point.
_MU, _SCALE = state("mu"), real("s")
_RESCALED = Descent(FORWARD, ETA * _SCALE**2)
_moved = _SCALE * RUN.gradient(V, J, A)


def _scaled(mean: Term) -> Term:
    """``s (mu - mu*)``."""
    return _SCALE * (mean - entry(X, A))


def theorem_f(
    *,
    gradient: Fraction | int = 4,
    descent: Fraction | int = 2,
    edge: Any = EDGE,
    kappa_at_one: Fraction | int = 1,
    covariance_pull: bool = True,
    floor_power: int = 2,
) -> Script:
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
    k, last = kappa(kappa_at_one), algebraic(edge)
    b = rate(k, floor_power)
    hypotheses = (
        step_size(RUN),
        Hypothesis("start", at_most(square(RUN.start), P), "|V_0|^2 <= P"),
        Hypothesis("edge", at_most(P, last), "P is at most the square of phi"),
        Hypothesis("M >= 1", at_most(1, M), "M = max(1, P/2), or larger"),
        Hypothesis("M >= P/2", at_most(Fraction(1, 2) * P, M), "the same"),
        Hypothesis("largest step", at_most(2 * M * ETA, k), "eta <= kappa/(2 max(1, P/2))"),
        Hypothesis("P <= 1", at_most(P, 1), "first case", temporary=True),
        Hypothesis("P > 1", below(1, P), "second case", temporary=True),
        Hypothesis(
            "rescaled",
            equal(v(V, J, A), _scaled(v(_MU, J, A))),
            "v = s (mu - mu*), for the first step only",
            temporary=True,
        ),
        Hypothesis("norm at k", at_most(square(V), P), "|V|^2 <= P", temporary=True),
        *limit_hypotheses(b),
    )
    steps = (
        Step(
            "original variables",
            "with grad_mu = s grad a step eta in mu is a step eta s^2 in v, s = e^-t",
            equal(v(_RESCALED.after(V), J, A), _scaled(v(_MU, J, A) - ETA * _moved)),
            Linear(((1, "rescaled"),)),
            ("rescaled",),
        ),
        *coercivity_steps(kappa_at_one, last),
        *gradient_bound_steps(Fraction(gradient), covariance_pull),
        expansion(RUN),
        *_descent_steps(k, Fraction(descent), Fraction(gradient)),
        *limit_steps(k, b),
    )
    return Script(
        "F",
        "At large noise gradient descent on the forward loss converges to the truth",
        "derived for this project (Theorem F); the rate towards the truth is added here",
        hypotheses,
        steps,
        (
            "gradient bound at k",
            "one step at k",
            "rate",
            "loss and norm",
            "last loss",
            "last loss squared",
            "decay",
            "limit",
        ),
        (
            (m, "the score error"),
            (covariance, "the posterior covariance of the means"),
            (excess, "its excess over m m^T"),
            (forward_loss, "the forward loss E_q|m|^2"),
            (dissipation, "at least L"),
            (square, "the sum of all |v_j|^2"),
        ),
        remarks=(
            "that the loss in mu is the loss in v, and its gradient s times the other: "
            "proofs-check derive time-rescaling",
            "kappa > 0 needs P < phi^2 = 2.618; the largest P is not claimed (claim F3)",
            "in the original variables: e^-t (sum |mu_i - mu*|^2)^(1/2) < phi, step eta e^-2t",
        ),
    )


def _descent_steps(k: Term, descent: Fraction, gradient: Fraction) -> tuple[Step, ...]:
    decrease = descent * ETA * k
    after, start = square(RUN.at(following(k_))), square(RUN.start)
    s_k = dissipation(_AT_K)
    losses, least = total_steps(s_k, k_, N), least_steps(_L(_AT_K), k_, N)
    return (
        Step(
            "one step",
            "2 eta (V.grad L - 2 kappa S) + eta^2 (4 M S - |grad L|^2) + 2 eta S (kappa - 2 M eta)",
            at_most(square(RUN.after(V)), square(V) - decrease * S),
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
            "norm after a step",
            "the norm stays below P",
            at_most(square(RUN.after(V)), P),
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
            "norm at k + 1",
            "from step k to k + 1",
            at_most(after, P),
            Instance({V: _AT_K}),
            ("norm after a step",),
        ),
        Step(
            "norm at 0",
            "at step 0",
            at_most(square(RUN.at(START)), P),
            Combination(((1, ("start",)),)),
            ("start",),
        ),
        Step(
            "norm at every k",
            "by induction",
            at_most(square(_AT_K), P),
            Induction(k_, "norm at 0", "norm at k + 1"),
            ("norm at 0", "norm at k + 1"),
        ),
        *along_the_run(
            ("one step", at_most(after, square(_AT_K) - decrease * s_k)),
            ("gradient bound", at_most(gradient_square(RUN, _AT_K), gradient * M * s_k)),
        ),
        Step(
            "telescope",
            "added over the steps",
            at_most(decrease * losses, start - square(RUN.at(N))),
            Telescope(N, k_),
            ("one step at k",),
        ),
        Step(
            "least L",
            "the least is below each",
            at_most(least, _L(_AT_K)),
            Member(least, (k_,)),
        ),
        Step("L_k <= S_k", "at step k", at_most(_L(_AT_K), s_k), Instance({V: _AT_K}), ("L <= S",)),
        Step(
            "least and S",
            "L <= S, as S - L is the mean of a square",
            at_most(least, s_k),
            Combination(((1, ("least L",)), (1, ("L_k <= S_k",)))),
            ("least L", "L_k <= S_k"),
        ),
        Step(
            "least of N",
            "N times the least is below the sum",
            at_most(count(N) * least, losses),
            Average((steps_before(k_, N),)),
            ("least and S",),
        ),
        norm_is_square("last square", RUN.at(N)),
        Step(
            "rate",
            "the least loss of N steps",
            at_most(decrease * count(N) * least, P),
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
