"""Critical points of the forward loss lie within a radius that only their loss decides."""

from __future__ import annotations

from fractions import Fraction
from math import log

from proofs_check.proofs.cluster_tactics import Absurd, shown
from proofs_check.proofs.far_radius import (
    growing_steps,
    level_bracket,
    log_weight_steps,
    outward_steps,
    radius_hypotheses,
)
from proofs_check.proofs.far_words import AXIS, HALF, LOG_TWO, RUN, bracket, norm, radial
from proofs_check.proofs.level_words import (
    GAMMA_J,
    L0,
    LOG_J,
    OMEGA,
    RHO,
    gamma_hypothesis,
    level_hypotheses,
    mean_score,
)
from proofs_check.proofs.loss_level import (
    bracket_steps,
    convexity_steps,
    entropy_steps,
    gamma_steps,
    line_steps,
    own_density_steps,
    score_steps,
)
from proofs_check.proofs.tactics.bounds import Contracted
from proofs_check.proofs.tactics.language import (
    A,
    J,
    Number,
    V,
    at_most,
    below,
    equal,
    every,
    total,
    v,
)
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import Cases, Combination, Derived, Specialise
from proofs_check.proofs.tactics.vacuity import Proposal

_R = norm(V, J)
_SHARE = Fraction(1, 8)


def critical_points(*, share: Number = _SHARE, part: Number = 1, stationary: bool = True) -> Script:
    """The a-priori bound, with what can be changed to see the proof fail.

    Parameters
    ----------
    share : number
        The factor of ``(rho - sqrt L_0)^2`` in beta.
    part : number
        Gamma is at least that multiple of its function.
    stationary : bool
        Whether the gradient is assumed to vanish.

    Examples
    --------
    >>> critical_points().scope
    'all n, d, weights, every critical point'
    """
    hypotheses = (
        *level_hypotheses(),
        *radius_hypotheses(share),
        gamma_hypothesis(part),
        *stationary_hypotheses(stationary),
    )
    steps = (
        *entropy_steps(),
        *own_density_steps(),
        *convexity_steps(),
        *line_steps(),
        *score_steps(),
        *bracket_steps(share),
        *log_weight_steps(),
        *gamma_steps(),
        *growing_steps(level_bracket(share)),
        *outward_steps(level_bracket(share)),
        *inside_steps(),
    )
    return Script(
        "L-critical",
        "A component of a critical point with loss at most L_0 lies within rho",
        "derived for this project (corollary of Lemmas F' and F2)",
        hypotheses,
        steps,
        ("radius",),
        (
            (bracket, "half the gap of squared distances"),
            (mean_score, "the mean of the score error"),
        ),
        "all n, d, weights, every critical point",
        ("only the gradient in v_j is assumed to vanish",),
        (
            Proposal(
                (HALF, HALF),
                1,
                ((V, ((Fraction(0),), (Fraction(0),))), (J, 1), (A, 0), (AXIS, 0),
                 (L0, Fraction(1, 5)), (RHO, Fraction(6)), (OMEGA, log(2) + 1e-6),
                 (LOG_J, log(2)), (GAMMA_J, Fraction(1, 5)), (LOG_TWO, log(2))),
                1e-6,
            ),
        ),
    )  # fmt: skip


def stationary_hypotheses(stationary: bool = True) -> tuple[Hypothesis, ...]:
    """``grad_j L = 0`` (or, to see the proof fail, nothing), and the cases of ``|v_j|``."""
    slope = RUN.gradient(V, J, A)
    zero = equal(slope, 0) if stationary else equal(slope, slope)
    return (
        Hypothesis("stationary", every(zero, A), "the gradient in v_j vanishes"),
        Hypothesis("beyond", at_most(RHO, _R), "v_j lies beyond rho", temporary=True),
        Hypothesis("within", below(_R, RHO), "or within", temporary=True),
    )


def inside_steps() -> tuple[Step, ...]:
    """``|v_j| < rho``: beyond it v_j would move."""
    slope = RUN.gradient(V, J, A)
    return (
        Step("grad_j L", "at this coordinate", equal(slope, 0), Specialise((A,)), ("stationary",)),
        Step("summed", "times v_j", equal(total(v(V, J, A) * slope, A), 0),
             Contracted("grad_j L", v(V, J, A), (A,)), ("grad_j L",)),
        Step("v_j.grad_j L", "by definition", equal(radial(V, J), 0), Derived(), ("summed",)),
        shown("no push", "no motion", at_most(0, radial(V, J)), using=("v_j.grad_j L",)),
        Step("absurd", "it would move", at_most(1, 0), Absurd("outward", "no push"),
             ("outward", "no push")),
        shown("not beyond", "so it is not beyond rho", below(_R, RHO),
              (1, ("absurd", "beyond")), (1, ("absurd",)), (1, ())),
        Step("inside", "the other case", below(_R, RHO), Combination(((1, ("within",)),)),
             ("within",)),
        Step("radius", "every critical point lies within", below(_R, RHO),
             Cases(RHO, _R, "not beyond", "inside"), ("not beyond", "inside")),
    )  # fmt: skip
