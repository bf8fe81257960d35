"""Critical points with a mean near the truth lie within a radius that only its distance decides."""

from __future__ import annotations

from fractions import Fraction
from math import log

from proofs_check.proofs.critical_points import inside_steps, stationary_hypotheses
from proofs_check.proofs.equal_weights import equal_weights, uniform_steps
from proofs_check.proofs.far_radius import (
    NU_AT,
    growing_steps,
    log_weight_steps,
    outward_steps,
)
from proofs_check.proofs.far_words import AXIS, HALF, LOG_TWO, bracket
from proofs_check.proofs.level_words import LOG_J, OMEGA, RHO
from proofs_check.proofs.loss_level import entropy_steps
from proofs_check.proofs.near_bracket import (
    GAMMA,
    beta_near,
    entropy_at_pair_steps,
    near_bracket,
    near_bracket_steps,
)
from proofs_check.proofs.near_words import EPS, close_to
from proofs_check.proofs.tactics.language import (
    D_,
    I_,
    N_,
    A,
    J,
    Number,
    V,
    at_most,
    below,
    delta,
    equal,
    exponential,
    nonnegative,
    pi,
    positive,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Axiom
from proofs_check.proofs.tactics.vacuity import Proposal


def critical_near(
    *, share: Number = Fraction(1, 8), others: Number = 2, stationary: bool = True
) -> Script:
    """The a-priori bound by a near mean, with what can be changed to see the proof fail.

    Parameters
    ----------
    share : number
        The factor of ``(rho - eps)^2`` in beta.
    others : number
        ``2 gamma e^(gamma + 1)`` is at least n less that.
    stationary : bool
        Whether the gradient is assumed to vanish.

    Examples
    --------
    >>> critical_near().scope
    'all n, d, uniform weights, every critical point'
    """
    of = near_bracket(share)
    hypotheses = (
        *equal_weights(),
        Hypothesis("u", equal(exponential(LOG_J) * pi(J), 1), "u = log(1/pi_j)"),
        Hypothesis("eps >= 0", nonnegative(EPS), "a radius"),
        Hypothesis("near", close_to(V), "|v_i| is at most eps"),
        Hypothesis("apart", equal(delta(I_, J), 0), "j is another than i"),
        Hypothesis("gamma >= 0", nonnegative(GAMMA), "a number"),
        Hypothesis("gamma", at_most(N_ - others, 2 * GAMMA * exponential(GAMMA + 1)),
                   "2 gamma e^gamma is at least (n - 2)/e"),
        Hypothesis("rho > 0", positive(RHO), "a radius"),
        Hypothesis("rho >= eps", at_most(EPS, RHO), "beyond the near mean"),
        Hypothesis("rho", below(NU_AT[RHO], beta_near(RHO, share)), "nu_j < beta at rho"),
        *stationary_hypotheses(stationary),
    )  # fmt: skip
    steps = (
        Step("d >= 1", "a dimension", at_most(1, D_), Axiom("coordinates")),
        *uniform_steps(),
        *entropy_steps(),
        *entropy_at_pair_steps(),
        *near_bracket_steps(share),
        *log_weight_steps(),
        *growing_steps(of),
        *outward_steps(of),
        *inside_steps(),
    )
    return Script(
        "N-critical",
        "A component of a critical point with a mean near the truth lies within rho",
        "derived for this project (corollary of Lemmas F' and F1)",
        hypotheses,
        steps,
        ("radius",),
        ((bracket, "half the gap of squared distances"),),
        "all n, d, uniform weights, every critical point",
        ("only the gradient in v_j is assumed to vanish",),
        (
            Proposal(
                (HALF, HALF),
                1,
                ((V, ((Fraction(0),), (Fraction(0),))), (I_, 0), (J, 1), (A, 0), (AXIS, 0),
                 (EPS, Fraction(1, 5)), (RHO, Fraction(6)), (GAMMA, Fraction(1, 10)),
                 (OMEGA, log(2)), (LOG_J, log(2)), (LOG_TWO, log(2))),
                1e-6,
            ),
        ),
    )  # fmt: skip
